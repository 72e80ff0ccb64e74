"""A scenario folder: its texts, and the figures that its story derives from the messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from _messages import Message, Series


@dataclass(frozen=True)
class Verdict:
    """What planning the folder answers; a test holds it against the plan.

    `kind` is one of BURN, NO_BURN, BLOCKED, CANNOT and NONE; `option` is the recommended one's
    name.
    """

    kind: str
    exit_code: int = 0
    option: str = ""
    dv_cm_s: tuple[float, float] | None = None

    def __str__(self) -> str:
        said = [self.option] if self.option else []
        if self.dv_cm_s:
            said.append("{:g} to {:g} cm/s".format(*self.dv_cm_s))
        said.append(f"exit code {self.exit_code}")
        return f"**{self.kind}** ({', '.join(said)})"


BURN = "Burn recommended"
NO_BURN = "No burn needed"
BLOCKED = "No feasible maneuver"
CANNOT = "Cannot maneuver"
NONE = "No recommendation"


@dataclass(frozen=True)
class Scenario:
    """What a folder contains; `story` has {placeholders} for derived figures and the verdict.

    `encounters` are further ones of the same pair, each in a folder inside.
    """

    folder: str
    series: Series
    verdict: Verdict
    spacecraft: str
    operations: str
    policy: str
    story: str
    extra: dict[str, object] = field(default_factory=dict)
    encounters: Mapping[str, Series] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        """File name to content."""
        told = {**figures(self.series.messages()), "verdict": self.verdict, **self.extra}
        made = self._event(self.series)
        for folder, series in self.encounters.items():
            made |= {f"{folder}/{name}": text for name, text in self._event(series).items()}
        return {**made, "story.md": self.story.format(**told)}

    def _event(self, series: Series) -> dict[str, str]:
        """What is needed to plan one encounter."""
        return {
            **{f"cdm_{m.update + 1:02d}.cdm": m.kvn() for m in series.messages()},
            "spacecraft.toml": self.spacecraft,
            "operations.toml": self.operations,
            "policy.toml": self.policy,
        }


def figures(messages: list[Message]) -> dict[str, object]:
    """Derived figures of the last message, and the table of all."""
    last = messages[-1]
    return {
        "tca": utc(last.tca_utc),
        "miss_m": last.miss_m,
        "speed_m_s": last.speed_m_s,
        "speed_km_s": last.speed_m_s / 1e3,
        "pc": last.pc(),
        "table": "\n".join([*_TABLE_HEAD, *(_row(message) for message in messages)]),
    }


_TABLE_HEAD = (
    "| file | created | before TCA | TCA | miss | σ R, T, N of object 1 | of object 2 | Pc |",
    "|---|---|---|---|---|---|---|---|",
)


def _row(message: Message) -> str:
    created = message.series.created_utc[message.update]
    hours = (message.tca_utc - created).total_seconds() / 3600
    sigmas = [_sigmas(message, index) for index in (0, 1)]
    cells = [
        f"cdm_{message.update + 1:02d}.cdm",
        f"{created:%Y-%m-%d %H:%M}",
        f"{hours:.1f} h",
        utc(message.tca_utc)[11:],
        f"{message.miss_m:.0f} m",
        *sigmas,
        f"{message.pc():.1e}",
    ]
    return "| " + " | ".join(cells) + " |"


def _sigmas(message: Message, index: int) -> str:
    covariance = message.series.tracks[index].covariance(message.update)
    return ", ".join(f"{covariance[i, i] ** 0.5:.0f}" for i in range(3)) + " m"


def utc(instant: datetime) -> str:
    """ISO 8601 with milliseconds and Z."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def stamp(instant: datetime) -> datetime:
    """The instant cut to whole seconds."""
    return instant.replace(microsecond=0)


def window(table: str, start: datetime, end: datetime, label: str) -> str:
    """A TOML entry of a window."""
    return (
        f"[[{table}]]\n"
        f"start_utc = {stamp(start):%Y-%m-%dT%H:%M:%SZ}\n"
        f"end_utc = {stamp(end):%Y-%m-%dT%H:%M:%SZ}\n"
        f'label = "{label}"\n'
    )


def activity(start: datetime, end: datetime, label: str, weight: float) -> str:
    """A TOML entry of a payload activity."""
    return window("payload", start, end, label) + f"weight = {weight}\n"

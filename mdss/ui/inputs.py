"""From what the user chose or dropped to what `plan` takes; a bad file does not stop the others."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from mdss.conjunction import ConjunctionEvent, Told, grouped
from mdss.errors import ConfigError, MdssError
from mdss.loading import load_event, load_scenario, read_told, scenario_names
from mdss.operations import Operations
from mdss.policy import Policy
from mdss.spacecraft import Spacecraft

SCENARIO_VARIABLE = "MDSS_SCENARIO"
"""Environment variable: name or folder of the scenario, or CDM file, that is shown first."""
_SHOWCASE = "observer7"  # the one in which every option differs

File = tuple[str, bytes]
_Config = Spacecraft | Operations | Policy
_KINDS: dict[str, type[_Config]] = {
    "spacecraft": Spacecraft,
    "operations": Operations,
    "policy": Policy,
}
_SHORTHANDS = {"spacecraft": {"minimum_impulse_bit_n_s"}, "operations": set(), "policy": {"base"}}


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """What there is to plan, and what could not be read.

    Parameters
    ----------
    title, summary : str
        Of a scenario; empty for files.
    events : tuple of ConjunctionEvent
        Empty when no message could be read.
    spacecraft, operations, policy : optional
    problems : tuple of str
        One for each file that could not be used, with place and remedy.
    read : int
        How many files were read.
    """

    title: str = ""
    summary: str = ""
    events: tuple[ConjunctionEvent, ...] = ()
    spacecraft: Spacecraft | None = None
    operations: Operations | None = None
    policy: Policy | None = None
    problems: tuple[str, ...] = ()
    read: int = 0


def choices() -> tuple[str, ...]:
    """Bundled scenarios, the one that the environment asks for first, even when it is a path."""
    names = sorted(scenario_names(), key=lambda name: not name.startswith(_SHOWCASE))
    asked = os.environ.get(SCENARIO_VARIABLE, "").strip()
    return (asked, *(name for name in names if name != asked)) if asked else tuple(names)


def from_scenario(name: str) -> Material:
    """A bundled scenario, a folder, or a CDM file; an error becomes a problem."""
    try:
        if Path(name).is_file():
            return Material(title=Path(name).name, events=(load_event(name),), read=1)
        found = load_scenario(name)
    except MdssError as problem:
        return Material(title=name, problems=(str(problem),))
    return Material(
        title=found.title,
        summary=found.summary,
        events=(found.event,),
        spacecraft=found.spacecraft,
        operations=found.operations,
        policy=found.policy,
        read=len(found.event.conjunctions) + len(found.event.reported),
    )


def from_files(files: Iterable[File]) -> Material:
    """Dropped messages and TOML files, sorted out by their content.

    Parameters
    ----------
    files : iterable of (name, bytes)
    """
    told: list[Told] = []
    configs: dict[str, _Config] = {}
    problems: list[str] = []
    read = 0
    for name, data in files:
        try:
            if name.lower().endswith(".toml"):
                kind = kind_of(name, data)
                if kind in configs:
                    raise ConfigError(f"{name}: a second {kind} file; keep one of them")
                configs[kind] = _config(kind, name, data)
            else:
                told += read_told(data, name)
            read += 1
        except MdssError as problem:
            problems.append(str(problem))
    return Material(
        events=_events(told, problems),
        problems=tuple(problems),
        read=read,
        **configs,  # type: ignore[arg-type]
    )


def _events(told: Sequence[Told], problems: list[str]) -> tuple[ConjunctionEvent, ...]:
    try:
        return grouped(told)
    except MdssError as problem:
        problems.append(str(problem))
        return ()


def kind_of(name: str, data: bytes) -> str:
    """Which of spacecraft, operations and policy a TOML file is: by its name, else by its keys.

    Raises
    ------
    ConfigError
        If neither tells.
    """
    for kind in _KINDS:
        if kind in name.lower():
            return kind
    try:
        keys = set(tomllib.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigError(f"{name}: is not TOML: {problem}") from None
    known = {
        kind: len(keys & ({f.name for f in fields(cls)} | _SHORTHANDS[kind]))
        for kind, cls in _KINDS.items()
    }
    best = max(known, key=lambda kind: known[kind])
    if not known[best]:
        raise ConfigError(
            f"{name}: neither its name nor its keys say what it describes; name it "
            "spacecraft.toml, operations.toml or policy.toml"
        )
    return best


def _config(kind: str, name: str, data: bytes) -> _Config:
    """The configuration in a file's bytes; errors call the file by its own name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(data)
        try:
            return _KINDS[kind].from_toml(path)
        except ConfigError as problem:
            raise type(problem)(str(problem).replace(f"{folder}{os.sep}", "")) from None

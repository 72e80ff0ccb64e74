"""Who speaks: which messages of an event may replace each other, and which stand side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mdss.conjunction import Conjunction, ObjectState
from mdss.notices import Notice, NoticeCode
from mdss.reported import plain_designator
from mdss.units import iso

_MOST_DATES_OF_AN_ID = 2
"""An identifier with more creation dates than this names the event, not a message."""


@dataclass(frozen=True)
class Stream:
    """A series of messages in which each one supersedes those before it.

    Parameters
    ----------
    originator : str
        Who made them.
    ephemerides : tuple of (str, str)
        Designator and EPHEMERIS_NAME of both objects, sorted; an empty name where the state is
        from the provider's own orbit determination.
    """

    originator: str
    ephemerides: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, message: Conjunction) -> Stream:
        """The stream that a message belongs to, whatever the order of its objects."""
        named = (
            (plain_designator(one.designator), _ephemeris_name(one)) for one in message.objects
        )
        return cls(message.originator.strip().upper(), tuple(sorted(named)))

    @property
    def label(self) -> str:
        """Originator, and the ephemerides where there are any."""
        told = [f"{name} of {designator}" for designator, name in self.ephemerides if name]
        return ", ".join([self.originator or "unnamed originator", *told])


def _ephemeris_name(thing: ObjectState) -> str:
    return thing.observations.ephemeris_name if thing.observations else ""


def by_stream(messages: Iterable[Conjunction]) -> dict[Stream, tuple[Conjunction, ...]]:
    """Messages by their stream, in the order in which the streams appear."""
    found: dict[Stream, tuple[Conjunction, ...]] = {}
    for one in messages:
        stream = Stream.of(one)
        found[stream] = (*found.get(stream, ()), one)
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Settled:
    """The messages of one stream without those that say nothing more.

    Parameters
    ----------
    messages : tuple of Conjunction
        That count, oldest first.
    corrected : tuple of Conjunction
        Replaced by a later text of the same message.
    notices : tuple of Notice
        What was left out.
    """

    messages: tuple[Conjunction, ...]
    corrected: tuple[Conjunction, ...] = ()
    notices: tuple[Notice, ...] = ()


def settled(messages: Sequence[Conjunction]) -> Settled:
    """Messages of one stream without copies, corrections in the place of what they correct.

    Parameters
    ----------
    messages : sequence of Conjunction
        Oldest first; of two with one creation date the last one counts.

    Notes
    -----
    A copy says the same, to the last digit, whatever its file. A correction has the creation date
    or the identifier of another message, and other content.
    """
    kept: list[Conjunction] = []
    corrected: list[Conjunction] = []
    notices: list[Notice] = []
    event_wide = _ids_of_many_dates(messages)
    for one in messages:
        if any(_same_content(one, other) for other in (*kept, *corrected)):
            notices.append(_left_out(one, "is a copy of another and is left out"))
            continue
        for other in [k for k in kept if _one_message(k, one, event_wide)]:
            kept.remove(other)
            corrected.append(other)
            notices.append(_left_out(other, f"is corrected by {_name(one)} and is left out"))
        kept.append(one)
    return Settled(messages=tuple(kept), corrected=tuple(corrected), notices=tuple(notices))


def _ids_of_many_dates(messages: Sequence[Conjunction]) -> set[str]:
    dates: dict[str, set[datetime | None]] = {}
    for one in messages:
        dates.setdefault(one.message_id, set()).add(one.created_utc)
    return {name for name, when in dates.items() if len(when) > _MOST_DATES_OF_AN_ID}


def _one_message(first: Conjunction, second: Conjunction, event_wide: set[str]) -> bool:
    if first.created_utc is not None and first.created_utc == second.created_utc:
        return True
    name = first.message_id
    return bool(name) and name == second.message_id and name not in event_wide


def _same_content(first: Conjunction, second: Conjunction) -> bool:
    return _head(first) == _head(second) and all(
        _same_state(one, other) for one, other in zip(first.objects, second.objects, strict=True)
    )


def _head(message: Conjunction) -> tuple[object, ...]:
    return (
        message.tca_utc,
        message.created_utc,
        message.message_id,
        message.hard_body_radius_m,
        message.reported_pc,
    )


def _same_state(first: ObjectState, second: ObjectState) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("position_m", "velocity_m_s", "cov_rtn_m2")
    )


def _left_out(message: Conjunction, what: str) -> Notice:
    return Notice(
        code=NoticeCode.MESSAGE_LEFT_OUT,
        message=f"the message {_name(message)} {what} of the history",
        file=message.source or None,
    )


def _name(message: Conjunction) -> str:
    made = "" if message.created_utc is None else f"of {iso(message.created_utc)}"
    return f"{message.message_id} {made}".strip() or message.source or "without a name"

"""What is asked for beyond the risk of each message: every method, all sides, all events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mdss.inbox import Entry, events_of, newest_entries
from mdss.policy import Policy
from mdss.risk.aggregate import TotalRisk, total_risk
from mdss.risk.evolution import History, history
from mdss.risk.methods import Effort
from mdss.risk.picture import Picture, picture, with_every_method
from mdss.spacecraft import Spacecraft


@dataclass(frozen=True, kw_only=True, eq=False)
class Details:
    """Messages with what was asked for.

    Parameters
    ----------
    entries : tuple of Entry
        Every message.
    newest : tuple of Entry
        Those that details were asked for: the newest of each event.
    pictures : mapping of Entry to Picture
        Of the newest.
    histories : tuple of History
        One for each event.
    total : TotalRisk or None
        Of all events together.
    """

    entries: tuple[Entry, ...]
    newest: tuple[Entry, ...] = ()
    pictures: Mapping[Entry, Picture] = field(default_factory=dict)
    histories: tuple[History, ...] = ()
    total: TotalRisk | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for beyond the risk of each message.

    Parameters
    ----------
    full : bool
        All sides of the newest message of each event.
    methods : bool
        Every method for the newest message of each event, Monte Carlo included.
    history : bool
        Every event from its first message to its newest, and what may come.
    together : bool
        The probability that at least one of the events ends in a collision.
    """

    full: bool = False
    methods: bool = False
    history: bool = False
    together: bool = False


def detailed(
    entries: Sequence[Entry],
    wanted: Wanted,
    *,
    hard_body_radius_m: float | None = None,
    policy: Policy | None = None,
    spacecraft: Spacecraft | None = None,
    maneuvering: str | None = None,
    now_utc: datetime | None = None,
    effort: Effort | None = None,
) -> Details:
    """The details of what `mdss.inbox.assess_files` found.

    Parameters
    ----------
    entries : sequence of Entry
    wanted : Wanted
    hard_body_radius_m, policy, spacecraft, maneuvering, effort : optional
        As for `assess_files`.
    now_utc : datetime, optional
        Ages are judged at it; see `mdss.risk.verdict.judged_at`.

    Raises
    ------
    ConjunctionError
        If a history cannot be told: a spacecraft that is neither object.
    """
    newest = newest_entries(entries)
    if wanted.methods:
        computed = {one: _with_methods(one, effort) for one in newest}
        entries = [computed.get(one, one) for one in entries]
        newest = tuple(computed.values())
    seen = {
        one: picture(one.risk, policy=policy, spacecraft=spacecraft, now_utc=now_utc)
        for one in newest
        if wanted.full and one.risk is not None
    }
    told = tuple(
        history(
            event,
            hard_body_radius_m=hard_body_radius_m,
            policy=policy,
            spacecraft=spacecraft,
            maneuvering=maneuvering,
            effort=effort,
        )
        for event in (events_of(entries) if wanted.history else ())
    )
    return Details(
        entries=tuple(entries),
        newest=newest if wanted.full or wanted.methods else (),
        pictures=seen,
        histories=told,
        total=total_risk(one.risk for one in entries if one.risk) if wanted.together else None,
    )


def _with_methods(entry: Entry, effort: Effort | None) -> Entry:
    return (
        entry if entry.risk is None else replace(entry, risk=with_every_method(entry.risk, effort))
    )

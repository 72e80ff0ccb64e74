"""Many files at once: good CDMs are assessed, the others say why they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from mdss.conjunction import Conjunction, ConjunctionEvent, Told, grouped, same_encounter
from mdss.errors import CovarianceError, MdssError, PropagationError
from mdss.loading import left_aside, message_files, place_of, read_told
from mdss.policy import Policy
from mdss.reported import ReportedApproach
from mdss.risk.assess import Risk, assess
from mdss.risk.methods import Effort
from mdss.spacecraft import Spacecraft

if TYPE_CHECKING:
    from mdss.orbit_difference import Replacement
    from mdss.orbit_files import OrbitFile


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One message of an inbox: its risk, or why there is none.

    Parameters
    ----------
    file : str
        The file as it was given, or its path inside the folder that was given.
    event_id : str or None
        The same for all messages of one event in one call; None for a file that is not read.
    risk : Risk or None
    reported : ReportedApproach or None
        A public record: it has a Pc, but nothing to compute one from.
    aside : str
        Why a good file is of no use here: an orbit tells of no conjunction.
    problem : MdssError or None
        Exactly one of `risk`, `reported`, `aside` and `problem` is there.
    told : Conjunction, ReportedApproach or None
        The message as it was read; None for a file that was not.
    before : Risk or None
        Of the message as it is, where objects were replaced by ephemerides.
    replacements : tuple of Replacement
        What the ephemerides changed.
    """

    file: str
    event_id: str | None = None
    risk: Risk | None = None
    reported: ReportedApproach | None = None
    aside: str = ""
    problem: MdssError | None = None
    told: Told | None = None
    before: Risk | None = None
    replacements: tuple[Replacement, ...] = ()


def assess_files(
    paths: Iterable[str | Path],
    *,
    hard_body_radius_m: float | None = None,
    spacecraft: Spacecraft | None = None,
    policy: Policy | None = None,
    maneuvering: str | None = None,
    orbits: Mapping[str, OrbitFile] | None = None,
    effort: Effort | None = None,
) -> tuple[Entry, ...]:
    """The risk of every CDM in files and folders; a bad one does not stop the others.

    Public records (Space-Track cdm_public) are listed among them.

    Parameters
    ----------
    paths : iterable of str or Path
        Message files, folders of them, and names of bundled scenarios.
    hard_body_radius_m : float, optional
        Overrides every other source [m].
    spacecraft : Spacecraft, optional
        Each conjunction is turned so that this one is primary.
    policy : Policy, optional
        NASA robotic when not given.
    maneuvering : str, optional
        Designator, OBJECT1 or OBJECT2 of the primary; overrides the spacecraft's designator.
    orbits : mapping of str to OrbitFile, optional
        By designator, OBJECT1 or OBJECT2: orbits that replace those of the messages.
    effort : Effort, optional
        What Monte Carlo may cost where no other method holds.

    Returns
    -------
    tuple of Entry
        In the order given; a file with several messages has several entries.
    """
    read = [one for path in paths for one in _read(path)]
    events = _event_ids(one for _, one in read if isinstance(one, Told))
    primary = maneuvering or (spacecraft.designator if spacecraft else None)

    def judged(conjunction: Conjunction) -> Risk:
        return assess(
            conjunction.oriented(primary) if primary else conjunction,
            hard_body_radius_m=hard_body_radius_m,
            spacecraft=spacecraft,
            policy=policy,
            effort=effort,
        )

    def entry(file: str, found: Told | MdssError | str) -> Entry:
        if isinstance(found, str):
            return Entry(file=file, aside=found)
        if isinstance(found, MdssError):
            return Entry(file=file, problem=found)
        read = Entry(file=file, event_id=events[found], told=found)
        if isinstance(found, ReportedApproach):
            return replace(read, reported=found)
        try:
            if orbits:
                return _on_orbits(read, found, orbits, judged)
            return replace(read, risk=judged(found))
        except MdssError as problem:
            return replace(read, problem=problem)

    return tuple(entry(file, found) for file, found in read)


def newest_entries(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The newest assessed message of each event, in the order in which events are told first.

    Parameters
    ----------
    entries : iterable of Entry
        Of one call of `assess_files`. Messages that do not say when they were made count as oldest;
        of two equally new ones the later entry counts.
    """
    newest: dict[str, Entry] = {}
    for one in entries:
        if one.risk is None or one.event_id is None:
            continue
        known = newest.setdefault(one.event_id, one)
        if _made_s(one) >= _made_s(known):
            newest[one.event_id] = one
    return tuple(newest.values())


def events_of(entries: Iterable[Entry]) -> tuple[ConjunctionEvent, ...]:
    """The events that messages tell of, as they were read; those without an orbit left out."""
    return grouped(one.told for one in entries if one.told and _can_be_grouped(one.told))


def _made_s(entry: Entry) -> float:
    made = entry.risk.conjunction.created_utc if entry.risk else None
    return -inf if made is None else made.timestamp()


def _on_orbits(
    entry: Entry,
    conjunction: Conjunction,
    orbits: Mapping[str, OrbitFile],
    judged: Callable[[Conjunction], Risk],
) -> Entry:
    """The message with objects moved to other orbits, and as it is where that has a risk."""
    from mdss.replacement import with_orbits

    changed, replacements = with_orbits(conjunction, orbits)
    try:
        before = judged(conjunction)
    except CovarianceError:  # the ephemeris may bring the covariance that is missing
        before = None
    return replace(entry, risk=judged(changed), before=before, replacements=replacements)


def _read(path: str | Path) -> Iterator[tuple[str, Told | MdssError | str]]:
    """What a file or folder tells, each with the file's name: or the error, or why not."""
    place = place_of(path)
    folder = place.is_dir()
    try:
        files = message_files(place) if folder else [path]
    except MdssError as problem:
        yield str(path), problem
        return
    for file in files:
        if folder and (why := left_aside(Path(file))):
            yield str(file), why
            continue
        try:
            told = read_told(file)
        except MdssError as problem:
            yield str(file), problem
            continue
        for one in told:
            yield str(file), one


def _event_ids(told: Iterable[Told]) -> dict[Told, str]:
    """The name of each one's event."""
    listed = list(told)
    names = {one: one.event_id for one in listed}
    for event in grouped(one for one in listed if _can_be_grouped(one)):
        names |= dict.fromkeys((*event.conjunctions, *event.reported), event.event_id)
    return names


def _can_be_grouped(told: Told) -> bool:
    try:
        return same_encounter(told, told)
    except PropagationError:  # an orbit that is not bound has no period to compare with
        return False

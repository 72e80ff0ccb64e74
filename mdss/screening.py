"""Two orbit files and a window: their close approaches, each with its risk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mdss.approaches import Approach, find_approaches, same_object_notices, window
from mdss.conjunction import Conjunction
from mdss.ephemeris import Ephemeris
from mdss.errors import ConjunctionError, MdssError
from mdss.messages.cdm import Cdm
from mdss.messages.cdm_states import CdmSide, cdm_from_states
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.orbit_files import Assumed, OrbitFile, read_orbit
from mdss.policy import Policy
from mdss.risk.assess import Risk, assess
from mdss.units import as_utc, iso

CLOSEST_LISTED = 10
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(min|m|h|d)", re.IGNORECASE)
_UNIT = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=400)


@dataclass(frozen=True, kw_only=True, eq=False)
class AssessedApproach:
    """One approach with its risk, or why there is none.

    Parameters
    ----------
    approach : Approach
    risk : Risk or None
    problem : MdssError or None
        Why no probability follows; both are None where an object has no covariance and at an
        edge of the window.
    """

    approach: Approach
    risk: Risk | None = None
    problem: MdssError | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Screening:
    """What a search found.

    Parameters
    ----------
    first, second : Ephemeris
    start_utc, end_utc : datetime
        The window.
    max_distance_m : float or None
        Approaches beyond it were left out [m].
    count : int
        How many approaches there are.
    listed : tuple of AssessedApproach
        All where a largest distance was asked for, else the ten closest; by time. An end of
        the window is among the closest only where nothing inside is closer.
    """

    first: Ephemeris
    second: Ephemeris
    start_utc: datetime
    end_utc: datetime
    max_distance_m: float | None
    count: int
    listed: tuple[AssessedApproach, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What both orbits rest on."""
        both = self.first, self.second
        return without_repeats(
            (*same_object_notices(*both), *(notice for one in both for notice in one.notices))
        )


def screen(
    first: str | Path,
    second: str | Path,
    *,
    window_text: str | None = None,
    max_distance_m: float | None = None,
    hard_body_radius_m: float | None = None,
    assumed: Assumed | None = None,
    policy: Policy | None = None,
) -> Screening:
    """The close approaches of the objects of two files.

    Parameters
    ----------
    first, second : str or Path
        OEM, OPM, TLE or OMM; FILE#DESIGNATOR where a file has several objects.
    window_text : str, optional
        As `parsed_window` reads it; all that both cover when not given, a week from the
        newer epoch where only states or elements are given.
    max_distance_m : float, optional
        Approaches beyond it are left out [m].
    hard_body_radius_m : float, optional
        [m].
    assumed : three floats, "usual" or "series", optional
        Covariance of an object that has none.
    policy : Policy, optional
        For the default radius; NASA robotic when not given.

    Raises
    ------
    MdssError
        If a file cannot be read or an orbit does not cover the window; the error's class and
        text say which.
    """
    files = read_orbit(first), read_orbit(second)
    start, end = parsed_window(window_text, files)
    one, other = (file.ephemeris(start, end, assumed=assumed) for file in files)
    start, end = window(one, other, start, end)
    approaches = find_approaches(
        one,
        other,
        start,
        end,
        max_distance_m=max_distance_m,
        hard_body_radius_m=hard_body_radius_m,
    )
    return Screening(
        first=one,
        second=other,
        start_utc=start,
        end_utc=end,
        max_distance_m=max_distance_m,
        count=len(approaches),
        listed=tuple(
            _assessed(each, hard_body_radius_m, policy)
            for each in _listed(approaches, max_distance_m)
        ),
    )


def parsed_window(
    text: str | None, files: Sequence[OrbitFile]
) -> tuple[datetime | None, datetime | None]:
    """The window of a command line.

    Parameters
    ----------
    text : str or None
        "START/END" in ISO 8601, or a length ("24h", "7d", "90min") from the later of both
        files' first epochs.
    files : sequence of OrbitFile

    Returns
    -------
    start_utc, end_utc : datetime or None
        None where an OEM's own span shall decide.

    Raises
    ------
    ConjunctionError
        If the text is neither, or the window is empty or longer than 400 days.
    """
    common = max(one.reference_utc for one in files)
    if text is None:
        return (None, None) if any(one.has_span for one in files) else (common, common + _week())
    if "/" in text:
        first, _, last = text.partition("/")
        start, end = as_utc(first), as_utc(last)
    else:
        start, end = common, common + _length(text)
    if not timedelta(0) < end - start <= _LONGEST:
        raise ConjunctionError(
            f"the window {iso(start)} to {iso(end)} is empty or longer than {_LONGEST.days} days"
        )
    return start, end


def _week() -> timedelta:
    return timedelta(days=7)


def _length(text: str) -> timedelta:
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ConjunctionError(
            f"{text!r} is no window; write START/END (2026-03-01T00:00:00Z/2026-03-08T00:00:00Z) "
            "or a length (24h, 7d, 90min)"
        )
    try:
        return timedelta(**{_UNIT[match[2].lower()]: float(match[1])})
    except OverflowError:
        raise ConjunctionError(f"the window {text!r} is too long") from None


def _listed(approaches: tuple[Approach, ...], max_distance_m: float | None) -> tuple[Approach, ...]:
    if max_distance_m is not None:
        return approaches
    true = [one for one in approaches if not one.edge]
    closest = min((one.miss_distance_m for one in true), default=float("inf"))
    edges = [one for one in approaches if one.edge and one.miss_distance_m < closest]
    nearest = sorted([*true, *edges], key=lambda one: one.miss_distance_m)[:CLOSEST_LISTED]
    return tuple(sorted(nearest, key=lambda one: one.tca_utc))


def _assessed(
    approach: Approach, hard_body_radius_m: float | None, policy: Policy | None
) -> AssessedApproach:
    if approach.conjunction is None:
        return AssessedApproach(approach=approach)
    try:
        risk = assess(approach.conjunction, hard_body_radius_m=hard_body_radius_m, policy=policy)
    except MdssError as problem:
        return AssessedApproach(approach=approach, problem=problem)
    return AssessedApproach(approach=approach, risk=risk)


# --- messages out -------------------------------------------------------------------------


def cdms(screening: Screening, created_utc: datetime) -> dict[str, Cdm]:
    """The listed approaches as CDMs, by file name.

    Parameters
    ----------
    screening : Screening
    created_utc : datetime
        CREATION_DATE.

    Raises
    ------
    ConjunctionError
        If there is an approach and an object without covariance, or both objects have one
        designator, which no reader of a CDM accepts.

    Notes
    -----
    An object without a designator is identified by its name, else as OBJECT1 or OBJECT2.
    """
    made = {}
    for one in screening.listed:
        if one.approach.conjunction is not None:
            cdm = _cdm(screening, one.approach, created_utc)
            made[f"{cdm.message_id}.cdm"] = cdm
    if not made and any(not one.approach.edge for one in screening.listed):
        raise ConjunctionError(
            "no CDM can be written: an object has no covariance. Assume one with --sigma"
        )
    return made


def _cdm(screening: Screening, approach: Approach, created_utc: datetime) -> Cdm:
    conjunction = approach.conjunction
    assert conjunction is not None
    sides = []
    designators = _designators(conjunction)
    for thing, ephemeris, designator in zip(
        conjunction.objects, (screening.first, screening.second), designators, strict=True
    ):
        assumed = any(n.code is NoticeCode.COVARIANCE_ASSUMED for n in ephemeris.notices)
        sides.append(
            CdmSide(
                designator=designator,
                name=thing.name,
                position_m=thing.position_m,
                velocity_m_s=thing.velocity_m_s,
                cov_rtn_m2=thing.cov_rtn_m2,
                ephemeris_name=ephemeris.source,
                assumed_covariance=ephemeris.covariance_origin if assumed else "",
            )
        )
    names = [re.sub(r"[^A-Za-z0-9-]", "-", one) for one in designators]
    return cdm_from_states(
        approach.tca_utc,
        (sides[0], sides[1]),
        created_utc=created_utc,
        message_id="_".join([*names, f"{approach.tca_utc:%Y%m%dT%H%M%S}"]),
        hard_body_radius_m=conjunction.hard_body_radius_m,
        central_body=conjunction.central_body,
        comments=(f"Found by mdss between the orbits of {conjunction.source}",),
    )


def _designators(conjunction: Conjunction) -> list[str]:
    said = [
        thing.designator or thing.name or f"OBJECT{k}"
        for k, thing in enumerate(conjunction.objects, start=1)
    ]
    if said[0] == said[1]:
        raise ConjunctionError(
            f"no CDM can be written: both objects have the designator {said[0]!r}. Give each file "
            "its own OBJECT_ID"
        )
    return said

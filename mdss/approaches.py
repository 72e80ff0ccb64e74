"""Close approaches of two orbits over a window of time, from any two ephemerides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import body
from mdss.astro.closest import Minima, closest_approaches
from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import Conjunction, ObjectState
from mdss.ephemeris import Ephemeris
from mdss.errors import ConjunctionError
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.orbit_difference import Replacement
from mdss.replacement import with_ephemerides, with_ephemeris
from mdss.reported import plain_designator
from mdss.units import as_utc, iso

__all__ = [
    "Approach",
    "Replacement",
    "find_approaches",
    "same_object_notices",
    "window",
    "with_ephemerides",
    "with_ephemeris",
]

FloatArray = NDArray[np.float64]
Edge = Literal["", "start", "end"]

_SAME_ORBIT_M, _SAME_ORBIT_M_S = 1.0, 0.01  # what coarse rounding makes of one orbit


@dataclass(frozen=True, kw_only=True, eq=False)
class Approach:
    """A local minimum of the distance between two objects.

    Parameters
    ----------
    tca_utc : datetime
        To the microsecond.
    miss_distance_m : float
        [m].
    miss_rtn_m, relative_velocity_rtn_m_s : array, shape (3,)
        Second minus first, in RTN of the first (CCSDS convention) [m], [m/s].
    interpolation_error_m : float
        How far interpolation of both orbits may be off there [m].
    edge : {"", "start", "end"}
        Not empty: the window begins or ends here, or a gap in an ephemeris does, while the
        objects come closer outside it, so that this is no closest approach.
    conjunction : Conjunction or None
        Both states with their covariances, the first object as primary; None where one has no
        covariance, and at an edge.
    """

    tca_utc: datetime
    miss_distance_m: float
    miss_rtn_m: FloatArray
    relative_velocity_rtn_m_s: FloatArray
    interpolation_error_m: float
    edge: Edge = ""
    conjunction: Conjunction | None = None

    @property
    def relative_speed_m_s(self) -> float:
        """[m/s]."""
        return float(np.linalg.norm(self.relative_velocity_rtn_m_s))


def find_approaches(
    first: Ephemeris,
    second: Ephemeris,
    start_utc: datetime | str | None = None,
    end_utc: datetime | str | None = None,
    *,
    max_distance_m: float | None = None,
    hard_body_radius_m: float | None = None,
) -> tuple[Approach, ...]:
    """Every close approach of two objects in a window.

    Parameters
    ----------
    first, second : Ephemeris
        At one central body. Where both have covariances, each approach is a conjunction that
        `mdss.assess` takes.
    start_utc, end_utc : datetime or str, optional
        The window; by default all that both cover.
    max_distance_m : float, optional
        Approaches beyond it are left out [m].
    hard_body_radius_m : float, optional
        Of the conjunctions, the sum of both radii [m].

    Returns
    -------
    tuple of Approach
        In the order of time, none missing: see `mdss.astro.closest`. At the ends of the window
        with their `edge`.

    Raises
    ------
    ConjunctionError
        If the objects are about different bodies, their spans do not overlap, the window is
        empty or in a gap, or both are one orbit.
    PropagationError
        If the window is not covered by both; the span that is covered is named.

    Examples
    --------
    >>> ours = mdss.read_orbit("ours.oem").ephemeris()                      # doctest: +SKIP
    >>> theirs = mdss.read_orbit("catalogue.tle#22675").ephemeris()         # doctest: +SKIP
    >>> found = find_approaches(ours, theirs, max_distance_m=5e3)           # doctest: +SKIP
    """
    start, end = window(first, second, start_utc, end_utc)
    _refuse_distance(max_distance_m)
    away_s = second.seconds_at(first.reference_utc)
    found: list[tuple[datetime, Edge]] = []
    parts = _covered_by_both(first, second, (start, end), away_s)
    starts_s, ends_s = np.array(parts).T
    _refuse_one_orbit(first, second, np.linspace(starts_s, ends_s, 5).ravel(), away_s)
    for start_s, end_s in parts:
        minima = closest_approaches(
            first.states,
            lambda t_s: second.states(t_s + away_s),
            start_s,
            end_s,
            body(first.central_body).gm_m3_s2,
            farthest_m=max_distance_m,
        )
        found += [(first.instant_at(float(t_s)), edge) for t_s, edge in _with_edges(minima)]
    if not found:
        return ()
    instants = [tca_utc for tca_utc, _ in found]
    pair = _Seen.at(first, instants), _Seen.at(second, instants)
    return tuple(
        _approach(pair, k, tca_utc, edge, hard_body_radius_m)
        for k, (tca_utc, edge) in enumerate(found)
    )


def _covered_by_both(
    first: Ephemeris, second: Ephemeris, window_utc: tuple[datetime, datetime], away_s: float
) -> list[tuple[float, float]]:
    """The parts of a window without gaps, in seconds from the first one's reference."""
    start_s, end_s = first.inside_span([first.seconds_at(one) for one in window_utc])
    second.inside_span([start_s + away_s, end_s + away_s])
    parts = [
        (later_s - away_s, sooner_s - away_s)
        for one_s, other_s in first.covered_s(start_s, end_s)
        for later_s, sooner_s in second.covered_s(one_s + away_s, other_s + away_s)
    ]
    if not parts:
        raise ConjunctionError(
            f"the window {iso(window_utc[0])} to {iso(window_utc[1])} lies in gaps of "
            f"{first.label} and {second.label}; ask for another window or complete ephemerides"
        )
    return parts


def _with_edges(minima: Minima) -> Iterator[tuple[float, Edge]]:
    for t_s, early, late in zip(minima.t_s, minima.at_start, minima.at_end, strict=True):
        yield float(t_s), "start" if early else "end" if late else ""


def window(
    first: Ephemeris,
    second: Ephemeris,
    start_utc: datetime | str | None = None,
    end_utc: datetime | str | None = None,
) -> tuple[datetime, datetime]:
    """The window asked for, or what both ephemerides cover.

    Parameters
    ----------
    first, second : Ephemeris
    start_utc, end_utc : datetime or str, optional

    Raises
    ------
    ConjunctionError
        If the ephemerides have nothing in common or the window is empty.
    """
    if first.central_body != second.central_body:
        raise ConjunctionError(
            f"{first.label} orbits {first.central_body}, {second.label} {second.central_body}; "
            "approaches are found about one body"
        )
    start = max(first.start_utc, second.start_utc) if start_utc is None else as_utc(start_utc)
    end = min(first.end_utc, second.end_utc) if end_utc is None else as_utc(end_utc)
    if not start < end:
        spans = "; ".join(
            f"{one.label} covers {iso(one.start_utc)} to {iso(one.end_utc)}"
            for one in (first, second)
        )
        raise ConjunctionError(f"the window {iso(start)} to {iso(end)} is empty: {spans}")
    return start, end


def _refuse_distance(max_distance_m: float | None) -> None:
    if max_distance_m is not None and not max_distance_m > 0:
        raise ConjunctionError(f"the largest distance must be above 0 m, got {max_distance_m:g}")


def _refuse_one_orbit(first: Ephemeris, second: Ephemeris, t_s: FloatArray, away_s: float) -> None:
    apart = first.states(t_s) - second.states(t_s + away_s)
    farthest_m, fastest_m_s = (
        float(np.linalg.norm(half, axis=1).max()) for half in (apart[:, :3], apart[:, 3:])
    )
    if farthest_m < _SAME_ORBIT_M and fastest_m_s < _SAME_ORBIT_M_S:
        raise ConjunctionError(
            f"{first.label} and {second.label} are one orbit: they are nowhere further apart than "
            f"{_SAME_ORBIT_M:g} m; give two objects"
        )


def same_object_notices(first: Ephemeris, second: Ephemeris) -> tuple[Notice, ...]:
    """Says that two orbits of one object do not approach each other, but differ.

    Parameters
    ----------
    first, second : Ephemeris

    Returns
    -------
    tuple of Notice
        Empty unless both have one designator.
    """
    designators = {plain_designator(one.designator) for one in (first, second)}
    if len(designators) > 1 or designators & {"", "UNKNOWN"}:
        return ()
    message = (
        f"both orbits are of {first.designator} ({first.label}): what is found is how two orbits "
        "of one object differ, no close approach. Give two objects"
    )
    return (Notice(code=NoticeCode.UNEXPECTED_VALUE, message=message, field="OBJECT_ID"),)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seen:
    """One object at all approaches."""

    ephemeris: Ephemeris
    states: FloatArray
    error_m: FloatArray
    cov_rtn: FloatArray | None

    @classmethod
    def at(cls, ephemeris: Ephemeris, instants_utc: Sequence[datetime]) -> _Seen:
        t_s = np.array([ephemeris.seconds_at(one) for one in instants_utc])
        return cls(
            ephemeris=ephemeris,
            states=ephemeris.states(t_s),
            error_m=ephemeris.error_m(t_s),
            cov_rtn=ephemeris.cov_rtn(t_s),
        )

    def object(self, k: int) -> ObjectState | None:
        """The object at the k-th approach; None without a covariance."""
        if self.cov_rtn is None:
            return None
        return ObjectState(
            self.states[k, :3],
            self.states[k, 3:],
            cov_rtn_m2=self.cov_rtn[k],
            designator=self.ephemeris.designator,
            name=self.ephemeris.name,
        )


def _approach(
    pair: tuple[_Seen, _Seen],
    k: int,
    tca_utc: datetime,
    edge: Edge,
    hard_body_radius_m: float | None,
) -> Approach:
    one, other = (seen.states[k] for seen in pair)
    to_rtn = eci_from_rtn(one[:3], one[3:]).T
    apart = other - one
    return Approach(
        tca_utc=tca_utc,
        miss_distance_m=float(np.linalg.norm(apart[:3])),
        miss_rtn_m=to_rtn @ apart[:3],
        relative_velocity_rtn_m_s=to_rtn @ apart[3:],
        interpolation_error_m=float(sum(seen.error_m[k] for seen in pair)),
        edge=edge,
        conjunction=None if edge else _conjunction(pair, k, tca_utc, hard_body_radius_m),
    )


def _conjunction(
    pair: tuple[_Seen, _Seen], k: int, tca_utc: datetime, hard_body_radius_m: float | None
) -> Conjunction | None:
    """The first object is the primary; None where one has no covariance."""
    primary, secondary = (seen.object(k) for seen in pair)
    if primary is None or secondary is None:
        return None
    both = [seen.ephemeris for seen in pair]
    return Conjunction(
        tca_utc=tca_utc,
        primary=primary,
        secondary=secondary,
        hard_body_radius_m=hard_body_radius_m,
        central_body=both[0].central_body,
        source=" and ".join(dict.fromkeys(one.source or one.label for one in both)),
        notices=without_repeats(
            (*same_object_notices(*both), *(notice for one in both for notice in one.notices))
        ),
    )

"""An object of a conjunction message moved to a better orbit: our own, or the other side's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import body
from mdss.astro.closest import Curve, closest_approaches
from mdss.astro.interpolation import Interpolant
from mdss.astro.numerical import propagate
from mdss.astro.time_scales import elapsed_s, instant_after
from mdss.astro.twobody import orbital_period_s
from mdss.conjunction import Conjunction, ObjectState
from mdss.ephemeris import Ephemeris
from mdss.errors import ConjunctionError
from mdss.forces import force_model
from mdss.notices import NoticeCode, without_repeats
from mdss.orbit_difference import OBJECT_NAMES, Replacement, compared
from mdss.reported import plain_designator
from mdss.units import iso

if TYPE_CHECKING:
    from mdss.orbit_files import OrbitFile

FloatArray = NDArray[np.float64]

FARTHEST_M = 100e3
"""Positions further apart than this are not one object's, or not at one time."""
_NO_COVARIANCE = NoticeCode.NO_COVARIANCE  # the message's is kept, and that is told
_FASTEST = 0.05  # of the speed; an orbit 100 km away differs by 2 % at most in low orbit
_SAMPLES = 64
_NOBODY = frozenset({"", "UNKNOWN"})  # no name of one object
_ABOUT_TCA = timedelta(hours=12)  # a quarter of any period below a day and a half, and more


def with_ephemeris(
    conjunction: Conjunction, which: str, ephemeris: Ephemeris
) -> tuple[Conjunction, Replacement]:
    """A conjunction with one object's state and covariance taken from an ephemeris.

    Parameters
    ----------
    conjunction : Conjunction
    which : str
        Designator of the object, which the ephemeris must have too; or OBJECT1 or OBJECT2,
        whatever designator the ephemeris has.
    ephemeris : Ephemeris
        It must cover the message's TCA.

    Returns
    -------
    Conjunction
        At a TCA found again, within a quarter of a revolution of the message's. The other
        object is flown there by all forces, with its RTN covariance held. Its `reported_pc`
        is gone, since that was about the other orbit.
    Replacement
        What changed.

    Raises
    ------
    ConjunctionError
        If there is no such object, the ephemeris is another object's, it is more than 100 km
        from the message's state, or no closest approach is near.
    PropagationError
        If the ephemeris does not cover the epoch, or the other object cannot be propagated.
    """
    changed, (replacement,) = with_ephemerides(conjunction, {which: ephemeris})
    return changed, replacement


def with_ephemerides(
    conjunction: Conjunction, ephemerides: Mapping[str, Ephemeris]
) -> tuple[Conjunction, tuple[Replacement, ...]]:
    """A conjunction with one or both objects taken from ephemerides.

    Parameters
    ----------
    conjunction : Conjunction
    ephemerides : mapping of str to Ephemeris
        By designator, OBJECT1 or OBJECT2, as for `with_ephemeris`.

    Returns
    -------
    Conjunction
    tuple of Replacement
        One for each ephemeris, object 1 first.

    Raises
    ------
    ConjunctionError, PropagationError
        As for `with_ephemeris`; also if two ephemerides are for one object.
    """
    chosen = _by_object(conjunction, ephemerides)
    if not chosen:
        return conjunction, ()
    for index, ephemeris in chosen.items():
        _refuse_stranger(conjunction, index, ephemeris)
    tca_utc = _tca_again(conjunction, chosen)
    states = _states_at(conjunction, chosen, tca_utc)
    objects = [_moved(conjunction.objects[k], states[k], chosen.get(k), tca_utc) for k in range(2)]
    changed = _changed(conjunction, objects, tca_utc)
    replacements = tuple(
        compared(conjunction, changed, index, ephemeris)
        for index, ephemeris in sorted(chosen.items())
    )
    notices = without_repeats(
        (
            *conjunction.notices,
            *(n for one in chosen.values() for n in one.notices if n.code is not _NO_COVARIANCE),
            *(one.notice for one in replacements),
        )
    )
    return replace(changed, notices=notices), replacements


def with_orbits(
    conjunction: Conjunction, orbits: Mapping[str, OrbitFile]
) -> tuple[Conjunction, tuple[Replacement, ...]]:
    """A conjunction with objects taken from orbit files.

    Parameters
    ----------
    conjunction : Conjunction
    orbits : mapping of str to OrbitFile
        By designator, OBJECT1 or OBJECT2. States and elements are brought to the message's
        TCA; an OEM must cover it.

    Raises
    ------
    MdssError
        As for `with_ephemeris`, and where a file gives no orbit there.
    """
    tca = conjunction.tca_utc
    return with_ephemerides(
        conjunction,
        {which: one.ephemeris(tca - _ABOUT_TCA, tca + _ABOUT_TCA) for which, one in orbits.items()},
    )


# --- which object -------------------------------------------------------------------------


def _by_object(
    conjunction: Conjunction, ephemerides: Mapping[str, Ephemeris]
) -> dict[int, Ephemeris]:
    chosen: dict[int, Ephemeris] = {}
    for which, ephemeris in ephemerides.items():
        index = _index(conjunction, which)
        if index in chosen:
            raise ConjunctionError(
                f"two ephemerides are given for {conjunction.objects[index].label}; give one"
            )
        if which.strip().upper() not in OBJECT_NAMES:
            _refuse_other_designator(conjunction.objects[index], ephemeris, index)
        chosen[index] = ephemeris
    return chosen


def _index(conjunction: Conjunction, which: str) -> int:
    """0 for object 1, 1 for object 2; ConjunctionError when it is neither."""
    return 0 if conjunction.oriented(which).primary is conjunction.objects[0] else 1


def _refuse_other_designator(thing: ObjectState, ephemeris: Ephemeris, index: int) -> None:
    known = (thing.designators | {plain_designator(thing.name)}) - _NOBODY
    named = (ephemeris.designator, ephemeris.name)
    given = {plain_designator(one) for one in named if one.strip()}
    if given and not known & given:
        other = f", {thing.international_designator}" if thing.international_designator else ""
        raise ConjunctionError(
            f"{ephemeris.source or 'the ephemeris'} is of {ephemeris.designator} "
            f"({ephemeris.label}), not of {thing.designator} ({thing.label}{other}). If it is "
            f"the same object under another designator, name it as {OBJECT_NAMES[index]}"
        )


def _refuse_stranger(conjunction: Conjunction, index: int, ephemeris: Ephemeris) -> None:
    """Refuse what cannot be the object at that time."""
    thing = conjunction.objects[index]
    if ephemeris.central_body != conjunction.central_body:
        raise ConjunctionError(
            f"the ephemeris of {ephemeris.label} is about {ephemeris.central_body}, the message "
            f"about {conjunction.central_body}"
        )
    state = ephemeris.states(ephemeris.seconds_at(conjunction.tca_utc))[0]
    apart = state[:3] - thing.position_m
    if np.linalg.norm(apart) > FARTHEST_M:
        speed = float(np.linalg.norm(thing.velocity_m_s))
        along_s = float(apart @ thing.velocity_m_s) / speed**2
        raise ConjunctionError(
            f"the ephemeris of {ephemeris.label} is {np.linalg.norm(apart) / 1e3:,.0f} km from "
            f"{thing.label} of the message at {iso(conjunction.tca_utc)}, {along_s:+.1f} s along "
            "the orbit: not the same object, or not the same time system (18 s GPS-UTC is 137 "
            "km, 37 s TAI-UTC 280 km) or frame. Check OBJECT_ID, TIME_SYSTEM and REF_FRAME"
        )
    faster_m_s = float(np.linalg.norm(state[3:] - thing.velocity_m_s))
    if faster_m_s > _FASTEST * np.linalg.norm(thing.velocity_m_s):
        raise ConjunctionError(
            f"the ephemeris of {ephemeris.label} passes {thing.label} of the message at "
            f"{faster_m_s:,.0f} m/s: another object, or velocities that are not inertial. Check "
            "OBJECT_ID and REF_FRAME"
        )


# --- where they meet now ------------------------------------------------------------------


def _tca_again(conjunction: Conjunction, chosen: Mapping[int, Ephemeris]) -> datetime:
    """The closest approach nearest to the message's TCA."""
    reach_s = 0.25 * min(
        orbital_period_s(one.position_m, one.velocity_m_s, body(conjunction.central_body).gm_m3_s2)
        for one in conjunction.objects
    )
    start_s, end_s = _searched(conjunction, chosen, reach_s)
    minima = closest_approaches(
        _curve(conjunction, 0, chosen, start_s, end_s),
        _curve(conjunction, 1, chosen, start_s, end_s),
        start_s,
        end_s,
        body(conjunction.central_body).gm_m3_s2,
    )
    found_s = minima.t_s[~minima.at_start & ~minima.at_end]
    if not found_s.size:
        raise ConjunctionError(
            f"with the new orbit there is no closest approach from {start_s:.0f} s to "
            f"{end_s:+.0f} s about {iso(conjunction.tca_utc)}: the objects do not meet there, or "
            "the ephemeris ends too near to that time. Look for approaches with mdss find"
        )
    return instant_after(conjunction.tca_utc, float(found_s[np.argmin(np.abs(found_s))]))


def _searched(
    conjunction: Conjunction, chosen: Mapping[int, Ephemeris], reach_s: float
) -> tuple[float, float]:
    """The span about the message's TCA that the ephemerides cover [s]."""
    start_s, end_s = -reach_s, reach_s
    for ephemeris in chosen.values():
        tca_s = ephemeris.seconds_at(conjunction.tca_utc)
        parts = ephemeris.covered_s(tca_s + start_s, tca_s + end_s)
        about = [(one, other) for one, other in parts if one <= tca_s <= other]
        first_s, last_s = about[0] if about else (tca_s, tca_s)
        start_s, end_s = max(start_s, first_s - tca_s), min(end_s, last_s - tca_s)
    if not end_s > start_s:
        raise ConjunctionError(
            f"the ephemeris has {iso(conjunction.tca_utc)} as its only instant, so the closest "
            "approach cannot be found again; ask for one that reaches to both sides"
        )
    return start_s, end_s


def _curve(
    conjunction: Conjunction,
    index: int,
    chosen: Mapping[int, Ephemeris],
    start_s: float,
    end_s: float,
) -> Curve:
    """States of an object by seconds from the message's TCA."""
    if index in chosen:
        ephemeris = chosen[index]
        tca_s = ephemeris.seconds_at(conjunction.tca_utc)
        return lambda t_s: ephemeris.states(t_s + tca_s)
    thing = conjunction.objects[index]
    # TCA itself is a sample, so that the message's state is met there
    t_s = np.unique(np.append(np.linspace(start_s, end_s, _SAMPLES), 0.0))
    return Interpolant(
        t_s=t_s,
        states=_flown(conjunction, thing, t_s),
        mu_m3_s2=body(conjunction.central_body).gm_m3_s2,
    )


def _flown(conjunction: Conjunction, thing: ObjectState, t_s: FloatArray) -> FloatArray:
    forces = force_model(conjunction, 0 if thing is conjunction.primary else 1)
    return propagate(thing.position_m, thing.velocity_m_s, conjunction.tca_utc, t_s, forces)


def _states_at(
    conjunction: Conjunction, chosen: Mapping[int, Ephemeris], instant_utc: datetime
) -> list[FloatArray]:
    away_s = np.array([elapsed_s(conjunction.tca_utc, instant_utc)])
    return [
        chosen[k].states(chosen[k].seconds_at(instant_utc))[0]
        if k in chosen
        else _flown(conjunction, conjunction.objects[k], away_s)[0]
        for k in range(2)
    ]


# --- the new conjunction ------------------------------------------------------------------


def _moved(
    thing: ObjectState, state: FloatArray, ephemeris: Ephemeris | None, tca_utc: datetime
) -> ObjectState:
    """The object with its new state, and the covariance of the ephemeris where it has one."""
    moved = replace(thing, position_m=state[:3], velocity_m_s=state[3:])
    if ephemeris is None:
        return moved
    moved = replace(moved, observations=None)  # they are behind the message's solution
    covariance = ephemeris.cov_rtn(ephemeris.seconds_at(tca_utc))
    if covariance is None:
        return moved
    # the shared density error belongs to the covariance that is gone
    return replace(moved, cov_rtn_m2=covariance[0], density_error=None)


def _changed(
    conjunction: Conjunction, objects: list[ObjectState], tca_utc: datetime
) -> Conjunction:
    primary, secondary = objects if conjunction.primary_is_object1 else objects[::-1]
    return replace(
        conjunction, tca_utc=tca_utc, primary=primary, secondary=secondary, reported_pc=None
    )

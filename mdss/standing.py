"""Burns that are planned already: the encounter as it will be after them, and what they keep back.

A message knows the orbit that its maker knew. A standing maneuver that was not in it moves the
spacecraft before the encounter: everything else is to be asked of the moved one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.closest import closest_approaches, perigee_rate_rad_s
from mdss.astro.frames import eci_from_rtn
from mdss.astro.interpolation import Interpolant
from mdss.astro.numerical import propagate, propagate_with_burns, propagate_with_stm
from mdss.astro.twobody import fastest_turn_s, orbital_period_s
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import OperationsError, PropagationError
from mdss.forces import force_model
from mdss.maneuver import Burn
from mdss.operations import StandingManeuver
from mdss.spacecraft import ExecutionError, Spacecraft
from mdss.units import DAY_S, seconds_between, shifted

FloatArray = NDArray[np.float64]

_STEP_RAD = 0.06  # at the perigee's angular rate, between samples of the orbits
_LONGEST_D = 30.0  # days: no orbit of a message is good for longer
_SEARCHED = 0.25  # of a revolution each way: the same passage


def after_standing(
    conjunction: Conjunction,
    standing: Iterable[StandingManeuver],
    execution_error: ExecutionError | None = None,
) -> Conjunction:
    """The conjunction as it is after the standing maneuvers that its message does not hold.

    Parameters
    ----------
    conjunction : Conjunction
        The primary burns.
    standing : iterable of StandingManeuver
        Those in the message, and those that start after TCA, change nothing.
    execution_error : ExecutionError, optional
        Of each burn; its effect at the new TCA is added to the primary's covariance.

    Returns
    -------
    Conjunction
        Both states at the new closest approach, within a quarter of a revolution of the old TCA;
        covariances of the message held in RTN. The same object where nothing changes.

    Raises
    ------
    OperationsError
        If a maneuver is more than a month before TCA, or the orbit with them cannot be flown.

    Notes
    -----
    The burned orbit is anchored at the message's state at TCA, as a verified burn is: the
    displacement is good to 1e-5 of itself.
    """
    burns = _burns_before(conjunction, standing)
    if not burns:
        return conjunction
    try:
        t_s, (ours, theirs) = _approach(conjunction, burns)
        orbital_period_s(ours[:3], ours[3:], conjunction.body.gm_m3_s2)  # refuses an open orbit
    except PropagationError as problem:
        raise OperationsError(
            f"standing: the orbit with the maneuvers cannot be flown to TCA ({problem});"
            " check their epoch_utc and dv_rtn_m_s"
        ) from None
    primary = _at(conjunction.primary, ours)
    if execution_error is not None:
        primary = primary.with_added_cov(_execution_cov(conjunction, burns, execution_error, t_s))
    return replace(
        conjunction,
        tca_utc=shifted(conjunction.tca_utc, t_s),
        primary=primary,
        secondary=_at(conjunction.secondary, theirs),
        reported_pc=None,
    )


def kept_for_standing(
    spacecraft: Spacecraft, standing: Iterable[StandingManeuver], now_utc: datetime
) -> Spacecraft:
    """The spacecraft with the propellant of standing maneuvers still to come in its reserve."""
    kept_kg = sum(_propellant_kg(spacecraft, one) for one in standing if one.start_utc >= now_utc)
    if not kept_kg:
        return spacecraft
    reserve_kg = min(spacecraft.propellant_reserve_kg + kept_kg, spacecraft.propellant_kg)
    return replace(spacecraft, propellant_reserve_kg=reserve_kg)


def _propellant_kg(spacecraft: Spacecraft, one: StandingManeuver) -> float:
    if not spacecraft.thrusters:
        return 0.0
    place = spacecraft.thruster_places(np.array([one.dv_rtn_m_s]))[0]
    exhaust_m_s = spacecraft.thrusters[int(place)].exhaust_m_s
    return -spacecraft.mass_kg * math.expm1(-one.dv_m_s / exhaust_m_s)


def _burns_before(
    conjunction: Conjunction, standing: Iterable[StandingManeuver]
) -> tuple[Burn, ...]:
    """What the message does not hold and starts before TCA."""
    tca = conjunction.tca_utc
    missing = [one for one in standing if not one.in_message and one.start_utc < tca]
    for one in missing:
        before_d = seconds_between(one.start_utc, tca) / DAY_S
        if before_d > _LONGEST_D:
            raise OperationsError(
                f"standing: {one} is {before_d:,.0f} days before TCA; it must be within"
                f" {_LONGEST_D:g} days of it, or in the message (in_message = true)"
            )
    return tuple(
        Burn.before(tca, seconds_between(one.epoch_utc, tca), one.dv_rtn_m_s, one.duration_s)
        for one in missing
    )


def _at(thing: ObjectState, state: FloatArray) -> ObjectState:
    return replace(thing, position_m=state[:3], velocity_m_s=state[3:])


def _approach(
    conjunction: Conjunction, burns: Sequence[Burn]
) -> tuple[float, tuple[FloatArray, FloatArray]]:
    """Seconds from the old TCA to the new one, and both states there."""
    gm, primary = conjunction.body.gm_m3_s2, conjunction.primary
    period_s = orbital_period_s(primary.position_m, primary.velocity_m_s, gm)
    turn_s = fastest_turn_s(primary.position_m, primary.velocity_m_s, gm)
    reach_s = _SEARCHED * period_s
    grid = _samples(conjunction, reach_s)
    pulses = [one for burn in burns for one in burn.pulses(turn_s)]
    ours = propagate_with_burns(
        primary.position_m,
        primary.velocity_m_s,
        conjunction.tca_utc,
        [t_s for t_s, _ in pulses],
        np.array([dv_rtn for _, dv_rtn in pulses]),
        grid,
        force_model(conjunction, 0),
    )
    other = conjunction.secondary
    theirs = propagate(
        other.position_m,
        other.velocity_m_s,
        conjunction.tca_utc,
        grid,
        force_model(conjunction, 1),
    )
    first = Interpolant(t_s=grid, states=ours, mu_m3_s2=gm)
    second = Interpolant(t_s=grid, states=theirs, mu_m3_s2=gm)
    minima = closest_approaches(first, second, float(grid[0]), float(grid[-1]), gm)
    inner = minima.t_s[~(minima.at_start | minima.at_end)]
    found = inner if inner.size else minima.t_s[[np.argmin(minima.distance_m)]]
    t_s = float(found[np.argmin(np.abs(found))])
    here = np.array([t_s])
    return t_s, (first(here)[0], second(here)[0])


def _samples(conjunction: Conjunction, reach_s: float) -> FloatArray:
    """Times about TCA close enough to interpolate both orbits to a millimetre."""
    things = (conjunction.primary, conjunction.secondary)
    states = np.array([np.concatenate([one.position_m, one.velocity_m_s]) for one in things])
    rate = float(np.max(perigee_rate_rad_s(states, conjunction.body.gm_m3_s2)))
    return np.linspace(-reach_s, reach_s, 9 + 2 * math.ceil(reach_s * rate / _STEP_RAD))


def _execution_cov(
    conjunction: Conjunction, burns: Sequence[Burn], error: ExecutionError, t_s: float
) -> FloatArray:
    """Covariance (6, 6) that the burns' errors make at seconds from TCA, inertial."""
    primary = conjunction.primary
    states, transition = propagate_with_stm(
        primary.position_m,
        primary.velocity_m_s,
        conjunction.tca_utc,
        [t_s, *(-burn.t_before_tca_s for burn in burns)],
        force_model(conjunction, 0),
    )
    total = np.zeros((6, 6))
    for burn, state, phi in zip(burns, states[1:], transition[1:], strict=True):
        turned = np.linalg.inv(phi)[:, 3:] @ eci_from_rtn(state[:3], state[3:])
        effect = transition[0] @ turned
        total += effect @ error.covariance_rtn_m2_s2(burn.dv_rtn_m_s) @ effect.T
    return total

"""How large a burn may be and where it may point: thrusters, propellant, attitude, policy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from mdss.planner.relaxation import phrases as say
from mdss.planner.relaxation.field import A_HAIR, LARGEST, ON_TIME, PROPELLANT, SIZE, Field
from mdss.planner.relaxation.knob import (
    BoolArray,
    FloatArray,
    Knob,
    changed,
    knob_of,
    where,
)
from mdss.planner.setting import SLEW_LIMIT, Setting

_HALF_TURN_DEG = 180.0
_THINNED = 4  # every so many burn times are looked at first, where each look is slow


def knobs_of_size(field: Field) -> Iterator[Knob]:
    """All that could give for a burn to be larger, its direction as it is."""
    yield from _largest_burn(field)
    yield from _reserve(field)
    yield from _on_time(field)
    yield from _limits(field)


def knobs_of_direction(field: Field) -> Iterator[Knob]:
    """All that could give for a burn to point elsewhere: each by as little as opens some time."""
    thrusters = field.setting.spacecraft.thrusters
    if all(one.directions_rtn is not None for one in thrusters):
        given = min(one.cone_half_angle_deg or 0.0 for one in thrusters)
        yield _turning(field, "thruster directions", given, _with_cones, say.cone)
    slew = field.setting.spacecraft.maximum_slew_deg
    if slew is not None:
        yield _turning(field, SLEW_LIMIT, slew, _with_slew, say.slew)


# --- size ---------------------------------------------------------------------------------


def _largest_burn(field: Field) -> Iterator[Knob]:
    given = field.setting.spacecraft.maximum_dv_m_s
    if math.isfinite(given):
        yield knob_of(
            ("spacecraft", "maximum_dv_m_s"),
            constraint=LARGEST,
            mask=LARGEST,
            unit="m/s",
            given=given,
            needed=where(np.isfinite(field.dv_m_s), field.dv_m_s * (1 + A_HAIR)),
            how=say.largest_burn,
        )


def _reserve(field: Field) -> Iterator[Knob]:
    """As much of the reserve as the burn needs, with the least efficient thruster."""
    craft = field.setting.spacecraft
    given = craft.propellant_reserve_kg
    exhaust_m_s = min(one.exhaust_m_s for one in craft.thrusters)
    usable = -craft.mass_kg * np.expm1(-field.dv_m_s * (1 + A_HAIR) / exhaust_m_s)
    left = craft.propellant_kg - usable

    def applied(setting: Setting, i: int) -> Setting:
        taken = given - float(left[i])  # off whatever reserve, that for standing maneuvers or not
        reserve = max(setting.spacecraft.propellant_reserve_kg - taken, 0.0)
        return changed(setting, "spacecraft", propellant_reserve_kg=reserve)

    if given > 0:
        yield Knob(
            constraint="propellant reserve",
            opens=frozenset({PROPELLANT}),
            unit="kg",
            given=given,
            needed=where(left >= 0, left),
            whole=given,
            applied=applied,
            how=lambda i: say.reserve(given, float(left[i])),
        )


def _on_time(field: Field) -> Iterator[Knob]:
    """A thruster that fires longer without a break."""
    given = float(np.max(field.longest_s, initial=0.0, where=np.isfinite(field.longest_s)))
    needed = where(np.isfinite(field.dv_m_s), field.durations_s(field.dv_m_s) * (1 + A_HAIR))

    def applied(setting: Setting, i: int) -> Setting:
        longer = tuple(
            replace(one, maximum_on_s=max(one.maximum_on_s, float(needed[i])))
            for one in setting.spacecraft.thrusters
        )
        return changed(setting, "spacecraft", thrusters=longer)

    if given > 0:
        yield Knob(
            constraint=ON_TIME,
            opens=frozenset({ON_TIME}),
            unit="s",
            given=given,
            needed=needed,
            whole=given,
            applied=applied,
            how=lambda i: say.firing(given, float(needed[i])),
        )


# --- hard limits of the policy ------------------------------------------------------------


def _limits(field: Field) -> Iterator[Knob]:
    for name, cost, limit in field.limits:
        yield _limit(name, cost * (1 + A_HAIR), limit)


def _limit(name: str, needed: FloatArray, given: float) -> Knob:
    def applied(setting: Setting, i: int) -> Setting:
        limits = replace(setting.policy.limits, **{name: float(needed[i])})
        return changed(setting, "policy", limits=limits)

    return Knob(
        constraint=say.limit_name(name),
        opens=frozenset({name}),
        unit=say.limit_unit(name),
        given=given,
        needed=where(np.isfinite(needed), needed),
        whole=given or 1.0,
        applied=applied,
        how=lambda i: say.limit(name, given, float(needed[i])),
    )


# --- directions ---------------------------------------------------------------------------


def _turning(
    field: Field,
    constraint: str,
    given: float,
    turned: Callable[[Setting, float], Setting],
    how: Callable[[float, float], str],
) -> Knob:
    """An angle, by as little as opens some burn time; NaN at the others."""

    def open_at(value: float, times_s: FloatArray) -> BoolArray:
        return Field.at(turned(field.setting, value), times_s, field.scale).open_but()

    needed = _least_turn(open_at, given, field.times_s)
    return Knob(
        constraint=constraint,
        opens=SIZE | {SLEW_LIMIT},
        unit="deg",
        given=given,
        needed=needed,
        whole=_HALF_TURN_DEG,
        applied=lambda setting, i: turned(setting, float(needed[i])),
        how=lambda i: how(given, float(needed[i])),
        turns=True,
    )


def _least_turn(
    open_at: Callable[[float, FloatArray], BoolArray], given: float, times_s: FloatArray
) -> FloatArray:
    """`least_value` up to a half turn: on some of the times first, then on their neighbours."""
    rough = least_value(open_at, given, _HALF_TURN_DEG, times_s[::_THINNED])
    if not np.any(np.isfinite(rough)):
        return least_value(open_at, given, _HALF_TURN_DEG, times_s)
    best = _THINNED * int(np.nanargmin(rough))
    near = slice(max(best - _THINNED, 0), best + _THINNED + 1)
    needed = np.full(times_s.shape, np.nan)
    needed[near] = least_value(open_at, given, float(np.nanmin(rough)), times_s[near])
    return needed


def _with_cones(setting: Setting, half_angle_deg: float) -> Setting:
    """All cones at least so wide; without axes where that is every direction."""
    every = half_angle_deg >= _HALF_TURN_DEG
    wider = tuple(
        replace(one, directions_rtn=None, cone_half_angle_deg=None)
        if every
        else replace(one, cone_half_angle_deg=max(one.cone_half_angle_deg or 0.0, half_angle_deg))
        for one in setting.spacecraft.thrusters
    )
    return changed(setting, "spacecraft", thrusters=wider)


def _with_slew(setting: Setting, largest_deg: float) -> Setting:
    return changed(setting, "spacecraft", maximum_slew_deg=largest_deg)


def least_value(
    open_at: Callable[[float, FloatArray], BoolArray],
    given: float,
    most: float,
    times_s: FloatArray,
    *,
    tolerance: float = 1e-3,
) -> FloatArray:
    """The least value at which some burn time opens, at the times that it opens; else NaN.

    Parameters
    ----------
    open_at : callable
        Which of some burn times are open at a value: more of them the further it is from `given`.
    given, most : float
        Where none is open, and as far as the value may go.
    times_s : array, shape (n,)
    tolerance : float
        Of the distance between the two.
    """
    left = np.flatnonzero(open_at(most, times_s)) if times_s.size else np.arange(0)
    low, high = given, most
    for _ in range(math.ceil(-math.log2(tolerance)) if left.size else 0):
        middle = 0.5 * (low + high)
        open_ = open_at(middle, times_s[left])
        if np.any(open_):
            left, high = left[open_], middle
        else:
            low = middle
    needed = np.full(times_s.shape, np.nan)
    needed[left] = high
    return needed

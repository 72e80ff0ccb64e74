"""What forbids a burn as it is flown: the constraint that it breaks, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mdss.maneuver import Burn, as_fired
from mdss.planner.setting import (
    CONFIRMATION,
    ECLIPSE,
    NO_BURN_WINDOWS,
    SLEW_LIMIT,
    STANDING,
    Setting,
    schedule_between,
)
from mdss.units import shifted

FloatArray = NDArray[np.float64]

LONGEST_BURN, LARGEST_BURN = "longest burn", "maximum delta-v"
TURNS, DUTY_CYCLE = "slew and settle times", "duty cycle"
_A_HAIR, _A_LITTLE_S = 1e-9, 0.1
_STEERED_RAD = math.radians(20.0)  # both within 10° of one direction: steered to without a break


def burn_obstacle(setting: Setting, burn: Burn) -> tuple[str, str] | None:
    """What forbids one burn of a plan, as a constraint and in words; None: nothing.

    Whether it can still be commanded is a question to the plan's first burn and not asked here.
    """
    start, end = _span_s(burn)
    dv_rtn = burn.dv_rtn_m_s[None]
    found = schedule_between(setting, np.array([start]), np.array([end]), dv_rtn)
    for name, forbids in found.closures:
        if forbids[0]:
            return name, _WORDS[name](setting, burn)
    largest = setting.spacecraft.maximum_dv_m_s
    if burn.dv_m_s > largest * (1 + _A_HAIR):
        return LARGEST_BURN, f"is {burn.dv_m_s:.3g} m/s, {largest:.3g} m/s at most in one burn"
    longest_s = setting.spacecraft.thruster_for(burn.dv_rtn_m_s).maximum_on_s
    if burn.duration_s > longest_s * (1 + _A_HAIR):
        lasts = f"lasts {burn.duration_s:.0f} s and its thruster fires for {longest_s:g} s at most"
        return LONGEST_BURN, lasts
    if found.too_slow[0]:
        return "thrust", "still burns at closest approach"
    return None


def room_obstacle(setting: Setting, burns: Sequence[Burn]) -> tuple[str, str] | None:
    """What leaves too little time between the burns of a plan; None: there is enough.

    To turn, where they point more than 20° apart, and to rest, where the same thruster may not
    fire all the time.
    """
    craft = setting.spacecraft
    firing, _ = as_fired(craft, burns)
    for first, then, fired in zip(burns, burns[1:], firing, strict=False):
        gap_s = then.start_t_s - first.end_t_s + _A_LITTLE_S
        apart = _apart_rad(first.dv_rtn_m_s, then.dv_rtn_m_s)
        turn_s = float(craft.lead_in_s(then.dv_rtn_m_s)) if apart > _STEERED_RAD else 0.0
        if gap_s < turn_s:
            return TURNS, f"leaves {gap_s:.0f} s of {turn_s:.0f} s to turn to the next one"
        thruster = craft.thruster_for(first.dv_rtn_m_s)
        rest_s = fired.duration_s / thruster.duty_cycle - first.duration_s
        if thruster is craft.thruster_for(then.dv_rtn_m_s) and gap_s < rest_s:
            return DUTY_CYCLE, f"leaves its thruster {gap_s:.0f} s of {rest_s:.0f} s to rest"
    return None


def _apart_rad(first: FloatArray, other: FloatArray) -> float:
    """Angle between two directions."""
    return math.atan2(float(np.linalg.norm(np.cross(first, other))), float(first @ other))


def _span_s(burn: Burn) -> tuple[float, float]:
    """Start and end, seconds from TCA."""
    half = 0.5 * burn.duration_s
    return -burn.t_before_tca_s - half, -burn.t_before_tca_s + half


def _window(setting: Setting, burn: Burn) -> str:
    start, end = (shifted(setting.tca_utc, t_s) for t_s in _span_s(burn))
    return f"touches {setting.operations.blocked_by(start, end)}"


def _shadow(setting: Setting, burn: Burn) -> str:
    start, end = (shifted(setting.tca_utc, t_s) for t_s in _span_s(burn))
    return f"burns in the {setting.operations.shadow_touched(start, end)}"


def _standing(setting: Setting, burn: Burn) -> str:
    start, end = _span_s(burn)
    slew = start - float(setting.spacecraft.lead_in_s(burn.dv_rtn_m_s))
    back = end + float(setting.spacecraft.lead_out_s(burn.dv_rtn_m_s))
    spans = setting.standing_t_s
    touched = np.flatnonzero((slew <= spans[:, 1]) & (back >= spans[:, 0]))
    return f"overlaps {setting.operations.standing[int(touched[0])]}, slews included"


def _unconfirmed(setting: Setting, burn: Burn) -> str:
    operations = setting.operations
    within, before = operations.confirm_within_s, operations.confirm_before_tca
    soon = f" within {within / 60:.0f} min of its end" if within is not None else " after it"
    early = " and before closest approach" if before and burn.t_before_tca_s > 0 else ""
    return f"has no downlink{soon}{early}"


def _slew(setting: Setting, burn: Burn) -> str:
    craft = setting.spacecraft
    angle = math.degrees(float(craft.slew_angle_rad(burn.dv_rtn_m_s)))
    return f"turns {angle:.0f}° away from the normal attitude, {craft.maximum_slew_deg:g}° at most"


_WORDS: dict[str, Callable[[Setting, Burn], str]] = {
    NO_BURN_WINDOWS: _window,
    ECLIPSE: _shadow,
    STANDING: _standing,
    CONFIRMATION: _unconfirmed,
    SLEW_LIMIT: _slew,
}

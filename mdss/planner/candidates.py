"""From the sweep over burn times to the one burn that each option stands for."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.probability import pc_2d
from mdss.operations import Operations
from mdss.planner.certificate import Certificate
from mdss.planner.demands import with_demands
from mdss.planner.execution import inflated_plane
from mdss.planner.linear_pc import LONG_SHARE, linear_pc
from mdss.planner.obstacles import LONGEST_BURN
from mdss.planner.optimum import Allowed, MinimumDv, minimum_dv_in_plane
from mdss.planner.robustness.sweep import robust_sweep
from mdss.planner.setting import Schedule, Setting, burn_durations_s, schedule
from mdss.units import HOUR_S

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_FINE_STEPS = 12
_SIZE_MARGIN = 1.3  # execution error and verification, in the burn's duration only
_EXECUTION_PASSES = 3
_ARC_PASSES, _ARC_SETTLED = 12, 1e-3  # relative; flight sets the size


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """The exact optimum over burn times with what each burn means for the mission.

    Parameters
    ----------
    setting : Setting
    allowed : AnyDirection, Cones or Rays
    displacement : array, shape (n, 2, 3)
        M of each burn [s]: of an impulse, or the mean over the arc of a burn that lasts.
    optimum : MinimumDv
    schedule : Schedule
    impulses : array of bool, shape (n,)
        Where the burn is short enough to count as one.
    """

    setting: Setting
    allowed: Allowed
    displacement: FloatArray
    optimum: MinimumDv
    schedule: Schedule
    impulses: BoolArray

    @property
    def too_large(self) -> BoolArray:
        """More than propellant or the largest burn allow."""
        spacecraft = self.setting.spacecraft
        if not spacecraft.minimum_dv_m_s <= spacecraft.available_dv_m_s:
            return np.ones(self.optimum.dv_m_s.shape, dtype=bool)
        return ~(self.optimum.dv_m_s <= spacecraft.available_dv_m_s)

    @cached_property
    def lasts_s(self) -> FloatArray:
        """How long each burn lasts, at least the smallest impulse [s]."""
        craft, found = self.setting.spacecraft, self.optimum
        fired = np.maximum(found.dv_m_s, craft.minimum_dv_m_s)
        return burn_durations_s(craft, fired, found.dv_rtn_m_s)

    @property
    def too_long(self) -> BoolArray:
        """Longer than their thruster may fire without a break."""
        craft = self.setting.spacecraft
        longest_s = np.array([one.maximum_on_s for one in craft.thrusters])
        places = craft.thruster_places(self.optimum.dv_rtn_m_s)
        return np.asarray(self.lasts_s > longest_s[places], dtype=bool)

    @property
    def too_early(self) -> BoolArray:
        """Burning before the planning horizon, by more than the step of the grid."""
        first, second = self.setting.times_s[:2]
        start_s = self.optimum.t_before_tca_s + 0.5 * self.lasts_s
        return np.asarray(start_s > first + (first - second))

    @property
    def possible(self) -> BoolArray:
        """Burns that nothing forbids."""
        return ~(self.too_large | self.too_long | self.too_early | self.schedule.forbidden)


def sweep(setting: Setting, allowed: Allowed, times_s: FloatArray | None = None) -> Sweep:
    """Minimum delta-v and schedule at burn times (the setting's own, when not given).

    Burns that last more than 2 % of a revolution move the encounter as their arc does: sizes and
    directions follow from the mean of the map over the arc, and the arc from the size, in turn.
    """
    grid = times_s is None
    times = setting.times_s if times_s is None else times_s
    impulsive = setting.grid_displacement if grid else setting.displacement(times)
    displacement, optimum = _settled(setting, allowed, times, impulsive)
    # what will be fired is at least the smallest impulse, and flight may correct it upward
    fired = np.maximum(_SIZE_MARGIN * optimum.dv_m_s, setting.spacecraft.minimum_dv_m_s)
    return Sweep(
        setting=setting,
        allowed=allowed,
        displacement=displacement,
        optimum=optimum,
        schedule=schedule(setting, times, fired, optimum.dv_rtn_m_s),
        impulses=np.asarray(np.all(displacement == impulsive, axis=(1, 2))),
    )


def _least(
    setting: Setting, allowed: Allowed, times: FloatArray, displacement: FloatArray
) -> MinimumDv:
    """Least burns for Pc and for what else the policy asks of the miss."""
    if setting.robust is not None:
        optimum = robust_sweep(setting, setting.robust, allowed, times, displacement).optimum
    else:
        optimum = minimum_dv_in_plane(
            setting.plane,
            setting.risk.hbr.radius_m,
            times,
            displacement,
            setting.linear_target,
            allowed,
        )
    return with_demands(
        optimum, setting.demands, setting.conjunction, setting.plane, displacement, allowed
    )


def _settled(
    setting: Setting, allowed: Allowed, times: FloatArray, impulsive: FloatArray
) -> tuple[FloatArray, MinimumDv]:
    """M and the least burns, of long burns with the mean of M over the arc that they need."""
    displacement, optimum = impulsive.copy(), _least(setting, allowed, times, impulsive)
    unsettled = np.ones(times.shape, dtype=bool)
    for _ in range(_ARC_PASSES):
        arc_s, spent = _arcs(setting, optimum)
        redo = unsettled & (arc_s > 0)
        if not np.any(redo):
            break
        averaged = setting.arc_map.averaged(times[redo], arc_s[redo], spent[redo])
        again = _least(setting, allowed, times[redo], averaged)
        unsettled[redo] = ~np.isclose(again.dv_m_s, optimum.dv_m_s[redo], rtol=_ARC_SETTLED, atol=0)
        displacement[redo] = averaged
        optimum = _replaced(optimum, redo, again)
    return displacement, optimum


def _arcs(setting: Setting, optimum: MinimumDv) -> tuple[FloatArray, FloatArray]:
    """Durations [s] of burns that count as arcs, 0 for others, and delta-v over exhaust speed.

    A burn from before the horizon, or up to TCA, keeps the map that it has: it is ruled out.
    """
    craft, times = setting.spacecraft, optimum.t_before_tca_s
    fired = np.clip(optimum.dv_m_s, craft.minimum_dv_m_s, craft.available_dv_m_s)
    duration = burn_durations_s(craft, fired, optimum.dv_rtn_m_s)
    inside = np.minimum(times, 2 * setting.times_s[0] - setting.times_s[1] - times)
    lasting = (duration > LONG_SHARE * setting.fastest_turn_s) & (0.5 * duration <= inside)
    exhaust_m_s = np.array([one.exhaust_m_s for one in craft.thrusters])
    spent = fired / exhaust_m_s[craft.thruster_places(optimum.dv_rtn_m_s)]
    return np.where(lasting, duration, 0.0), spent


def _replaced(optimum: MinimumDv, where: BoolArray, new: MinimumDv) -> MinimumDv:
    changed = {one.name: getattr(optimum, one.name).copy() for one in fields(optimum)}
    for name, values in changed.items():
        values[where] = getattr(new, name)
    return MinimumDv(**changed)


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One burn time with its best direction and size.

    Parameters
    ----------
    t_before_tca_s : float
    unit_rtn : array, shape (3,)
    dv_m_s : float
        Linear optimum with the execution error, at least the minimum impulse [m/s].
    pc_linear : float
        Pc that the linear map gives, execution error included where that raises it.
    binds : str
        Which constraint holds the burn where it is.
    certificate : Certificate
        Of the linear optimum at this burn time, before execution error and minimum impulse.
    """

    t_before_tca_s: float
    unit_rtn: FloatArray
    dv_m_s: float
    pc_linear: float
    binds: str
    certificate: Certificate


def refined(coarse: Sweep, best: int) -> tuple[Sweep, int]:
    """The sweep repeated between the neighbours of a grid time, and the index of its least burn."""
    times = coarse.optimum.t_before_tca_s
    earlier, later = times[max(best - 1, 0)], times[min(best + 1, times.size - 1)]
    fine = sweep(coarse.setting, coarse.allowed, np.linspace(earlier, later, 2 * _FINE_STEPS + 1))
    fine_dv = np.where(fine.possible, fine.optimum.dv_m_s, np.inf)
    index = int(np.argmin(fine_dv))
    if fine_dv[index] < coarse.optimum.dv_m_s[best] * (1 - 1e-6):
        return fine, index
    return coarse, best


def candidate(chosen: Sweep, index: int, binds: str) -> Candidate:
    """The burn of one sweep entry, with execution error and minimum impulse."""
    setting = chosen.setting
    t = float(chosen.optimum.t_before_tca_s[index])
    displacement = chosen.displacement[index]
    dv_rtn = chosen.optimum.dv_rtn_m_s[index]
    dv_rtn = _with_execution_error(setting, chosen.allowed, t, displacement, dv_rtn)
    size = float(np.linalg.norm(dv_rtn))
    unit = dv_rtn / size
    fired = max(size, setting.spacecraft.minimum_dv_m_s)
    return Candidate(
        t_before_tca_s=t,
        unit_rtn=unit,
        dv_m_s=fired,
        pc_linear=linear_pc(setting, displacement[None], fired * unit[None]),
        binds="minimum impulse" if fired > size else binds,
        certificate=_certificate(chosen, index),
    )


def _certificate(chosen: Sweep, index: int) -> Certificate:
    optimum, setting = chosen.optimum, chosen.setting
    before_h = optimum.t_before_tca_s[index] / HOUR_S
    length = "impulse" if chosen.impulses[index] else "burn of this length"
    return Certificate(
        value=float(optimum.dv_m_s[index]),
        lower_bound=float(optimum.lower_bound_m_s[index]),
        model=(
            f"one {length} {before_h:.2f} h before TCA, linear map, {_asked(setting)}, "
            "covariance as in the message"
        ),
    )


def _asked(setting: Setting) -> str:
    """What a burn was found for; of several things each alone, the one that needs most."""
    cases = f" in all cases of {setting.robust.name!r}" if setting.robust else ""
    target = f"2D Pc at most {setting.linear_target:.3g}{cases}"
    if not setting.demands:
        return target
    names = ", ".join(one.name for one in setting.demands)
    return f"{target} or {names}, whichever alone needs more"


def reversed_candidate(setting: Setting, burn: Candidate) -> Candidate | None:
    """The burn the other way, where a thruster can push that way."""
    unit = -burn.unit_rtn
    if not setting.spacecraft.can_push(unit):
        return None
    return replace(burn, unit_rtn=unit)


def _with_execution_error(
    setting: Setting, allowed: Allowed, t: float, displacement: FloatArray, dv_rtn: FloatArray
) -> FloatArray:
    """The optimum when the burn's own error adds to the covariance; never a smaller burn."""
    best = dv_rtn
    for _ in range(_EXECUTION_PASSES if setting.spacecraft.execution_error else 0):
        error = setting.spacecraft.execution_error
        inflated = inflated_plane(setting.plane, displacement[None], best[None], error)
        again = minimum_dv_in_plane(
            inflated,
            setting.risk.hbr.radius_m,
            np.array([t]),
            displacement[None],
            setting.linear_target,
            allowed,
            vertices=64,
        ).dv_rtn_m_s[0]
        if not np.all(np.isfinite(again)) or np.linalg.norm(again) <= np.linalg.norm(dv_rtn):
            break
        best = again
    return best


def _why_too_late(operations: Operations) -> str:
    if operations.uplinks or not operations.contacts_known:
        return "last contact and lead times (too late to command)"
    if operations.stations:
        return "contacts (no uplink is given, and no station sees the spacecraft long enough)"
    return "contacts (none has an uplink)"


def _what_closes(timing: Schedule) -> str:
    """The constraints that forbid every burn time together, those without which one would open."""
    names, masks = zip(("last contact", timing.too_late), *timing.closures, strict=True)
    needed = [
        name
        for k, name in enumerate(names)
        if not np.all(np.any([*masks[:k], *masks[k + 1 :]], axis=0))
    ]
    widest = names[int(np.argmax([np.count_nonzero(mask) for mask in masks]))]
    return " and ".join(needed) or str(widest)


def why_not(one: Sweep) -> str:
    """Which constraint leaves no burn time at all."""
    closed = one.schedule.too_late
    if np.all(closed):
        return _why_too_late(one.setting.operations)
    closed = closed | one.schedule.closed
    if np.all(closed):
        return _what_closes(one.schedule)
    spacecraft = one.setting.spacecraft
    if spacecraft.minimum_dv_m_s > spacecraft.available_dv_m_s:
        return "minimum impulse (larger than the delta-v left)"
    closed = closed | ~np.isfinite(one.optimum.dv_m_s)
    if np.all(closed):
        return "thruster directions"
    if np.all(closed | one.schedule.too_slow):
        return "thrust (still burning at closest approach)"
    closed = closed | one.schedule.too_slow
    if np.all(closed | one.too_early):
        return "thrust (would burn from before the planning horizon)"
    if np.all(closed | one.too_early | one.too_long):
        return LONGEST_BURN
    return "maximum delta-v"


def binding(one: Sweep, index: int) -> str:
    """What keeps the least delta-v from being smaller than at a grid index."""
    cheaper = one.optimum.dv_m_s < one.optimum.dv_m_s[index] * (1 - 1e-3)
    for name, forbids in one.schedule.closures:
        if np.any(cheaper & forbids & ~one.schedule.too_late):
            return name
    if np.any(cheaper & one.schedule.too_late):
        return "command lead"
    if index == 0 or np.any(cheaper & one.too_early):
        return "planning horizon"
    return "nothing: the optimum over burn time"


def best_reachable_pc(one: Sweep) -> float:
    """Lowest linear Pc of the largest burn at any time that can be commanded."""
    setting = one.setting
    craft, found = setting.spacecraft, one.optimum
    open_ = ~(one.schedule.forbidden | one.too_early) & np.isfinite(found.dv_m_s)
    if not np.any(open_) or craft.minimum_dv_m_s > craft.available_dv_m_s:
        return setting.risk.pc
    step = found.dv_rtn_m_s[open_]
    largest = np.minimum(craft.longest_burns_m_s(step), craft.available_dv_m_s)
    step = step / np.linalg.norm(step, axis=1, keepdims=True) * largest[:, None]
    displacement = one.displacement[open_]
    miss = setting.plane.miss_m + np.einsum("nij,nj->ni", displacement, step)
    pcs = pc_2d(miss, setting.plane.cov_m2, setting.risk.hbr.radius_m)
    return float(min(np.min(pcs) * setting.risk.encounter.plane_factor, setting.risk.pc))

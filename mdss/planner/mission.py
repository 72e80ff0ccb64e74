"""What plans mean for the mission: deadlines, payload, propellant, deviation, what forbids them.

`outcomes_of` answers for all single burns of a sweep by the linear map, `outcome_of` for one plan
as it is flown: both fill the same `Outcome`, so the cost that chose a burn is the one reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.probability import pc_2d
from mdss.maneuver import Burn, as_fired
from mdss.planner.box.deviation import (
    deviation_boxes,
    return_propellant,
    single_burn_deviations,
    single_burn_return_propellant,
)
from mdss.planner.candidates import Sweep
from mdss.planner.costs import Deviation, Fuel, Interruption, Lateness
from mdss.planner.obstacles import burn_obstacle, room_obstacle
from mdss.planner.outcome import Outcome
from mdss.planner.setting import Setting, schedule
from mdss.policy import Policy
from mdss.units import HOUR_S, seconds_between, shifted

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

POLICY_LIMIT = "policy limit"
_A_HAIR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Busy:
    """When a burn keeps the spacecraft busy, seconds from TCA.

    Parameters
    ----------
    slew_s, start_s, end_s, back_s : float
        Slew start, burn start, burn end, end of the slew back.
    """

    slew_s: float
    start_s: float
    end_s: float
    back_s: float


def busy(setting: Setting, burn: Burn) -> Busy:
    """The times of one burn with its slews."""
    craft, half = setting.spacecraft, 0.5 * burn.duration_s
    lead_in, lead_out = craft.lead_in_s(burn.dv_rtn_m_s), craft.lead_out_s(burn.dv_rtn_m_s)
    start, end = -burn.t_before_tca_s - half, -burn.t_before_tca_s + half
    return Busy(
        slew_s=start - float(lead_in),
        start_s=start,
        end_s=end,
        back_s=end + float(lead_out),
    )


def commit_utc(setting: Setting, burns: Sequence[Burn]) -> datetime | None:
    """When a plan must be decided; None without burns or without a contact left for it."""
    if not burns:
        return None
    slew = shifted(setting.tca_utc, busy(setting, burns[0]).slew_s)
    return setting.operations.commit_by_utc(slew)


def cancel_utc(setting: Setting, burns: Sequence[Burn]) -> datetime | None:
    """When the first burn can be cancelled for the last time."""
    if not burns:
        return None
    start = shifted(setting.tca_utc, busy(setting, burns[0]).start_s)
    return setting.operations.cancel_by_utc(start)


# --- one plan -----------------------------------------------------------------------------


def outcome_of(setting: Setting, burns: Sequence[Burn], pc: float) -> Outcome:
    """What one plan means; `pc` is that of the event after it, as flown."""
    commit = commit_utc(setting, burns)
    lead_s = 0.0 if not burns else np.inf
    if commit is not None:
        lead_s = seconds_between(commit, setting.tca_utc)
    return Outcome(
        propellant_kg=propellant_kg(setting, burns),
        interruption_min=interruption_min(setting, burns),
        return_propellant_kg=return_propellant(setting, burns),
        pc=pc,
        deviation_boxes=deviation_boxes(setting, burns),
        decision_lead_h=lead_s / HOUR_S,
    )


def propellant_kg(setting: Setting, burns: Sequence[Burn]) -> float:
    """Propellant of all burns, each from the mass that the ones before it leave [kg]."""
    return as_fired(setting.spacecraft, burns)[1]


def interruption_min(setting: Setting, burns: Sequence[Burn]) -> float:
    """Weighted payload minutes lost, overlaps counted once [min]."""
    spans = [(times.slew_s, times.back_s) for times in (busy(setting, one) for one in burns)]
    return setting.operations.interruption_of_union(setting.tca_utc, spans)


# --- all single burns of a sweep ----------------------------------------------------------


def outcomes_of(found: Sweep) -> Outcome:
    """What the burns of a sweep mean, arrays of shape (n,); inf or NaN where there is no burn."""
    setting = found.setting
    fired = np.maximum(found.optimum.dv_m_s, setting.spacecraft.minimum_dv_m_s)
    times, dv_rtn = found.optimum.t_before_tca_s, _fired(found, fired)
    timing = schedule(setting, times, fired, found.optimum.dv_rtn_m_s)  # without a margin
    return Outcome(
        propellant_kg=_propellants_kg(setting, fired, dv_rtn),
        interruption_min=timing.interruption_min,
        return_propellant_kg=single_burn_return_propellant(setting, times, dv_rtn),
        pc=_linear_pcs(found, dv_rtn),
        deviation_boxes=single_burn_deviations(setting, times, dv_rtn),
        decision_lead_h=-timing.commit_t_s / HOUR_S,
    )


def _propellants_kg(setting: Setting, dv_m_s: FloatArray, dv_rtn: FloatArray) -> FloatArray:
    craft, known = setting.spacecraft, np.isfinite(dv_m_s)
    kilos = np.full(dv_m_s.shape, np.inf)
    kilos[known] = [
        craft.propellant_used_kg(float(size), way)
        for size, way in zip(dv_m_s[known], dv_rtn[known], strict=True)
    ]
    return kilos


def _fired(found: Sweep, fired_m_s: FloatArray) -> FloatArray:
    """The burns at the sizes that are fired, shape (n, 3); NaN where there is none."""
    optimum = found.optimum
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((fired_m_s / optimum.dv_m_s)[:, None] * optimum.dv_rtn_m_s)


def _linear_pcs(found: Sweep, dv_rtn: FloatArray) -> FloatArray:
    """Pc by the linear map, shape (n,); what it is without a burn where there is none."""
    setting, known = found.setting, np.all(np.isfinite(dv_rtn), axis=1)
    miss = setting.plane.miss_m + np.einsum("nij,nj->ni", found.displacement[known], dv_rtn[known])
    pcs = np.full(len(dv_rtn), setting.risk.pc)
    plane_pc = pc_2d(miss, setting.plane.cov_m2, setting.risk.hbr.radius_m)
    pcs[known] = np.minimum(plane_pc * setting.risk.encounter.plane_factor, 1.0)
    return pcs


# --- what forbids a plan ------------------------------------------------------------------


def obstacle(setting: Setting, burns: Sequence[Burn]) -> tuple[str, str] | None:
    """What forbids a plan at its flown size, as a constraint and in words; None: nothing."""
    for one in burns:
        found = burn_obstacle(setting, one)
        if found is not None:
            return found
    tight = room_obstacle(setting, burns)
    if tight is not None:
        return tight
    used, usable = propellant_kg(setting, burns), setting.spacecraft.usable_propellant_kg
    if used > usable * (1 + _A_HAIR):
        return "propellant", f"takes {used:.3g} kg of the {usable:.3g} kg above the reserve"
    commit = commit_utc(setting, burns)
    if burns and (commit is None or commit < setting.now_utc):
        return "command lead", "starts too early to be commanded any more"
    return None


# --- what the policy forbids --------------------------------------------------------------


def within_limits(policy: Policy, outcome: Outcome) -> BoolArray:
    """Whether plans keep to the hard limits of a policy, shape of the outcome."""
    good = [cost <= limit for cost, limit, _ in _limited(policy, outcome)]
    return np.asarray(np.all(np.broadcast_arrays(True, *good), axis=0))


def broken_limits(policy: Policy, outcome: Outcome) -> list[str]:
    """The hard limits that one plan breaks, in words."""
    return [
        f"{label.lower()} {float(cost):.3g} {unit} is above {limit:g} {unit}"
        for cost, limit, (label, unit) in _limited(policy, outcome)
        if not cost <= limit
    ]


def _limited(policy: Policy, outcome: Outcome) -> list[tuple[FloatArray, float, tuple[str, str]]]:
    limits = policy.limits
    pairs = (
        (Fuel(), limits.propellant_g),
        (Interruption(), limits.interruption_min),
        (Deviation(), limits.deviation_boxes),
        (Lateness(), limits.decision_lead_h),
    )
    return [
        (cost.of(outcome), limit, (cost.label, cost.unit))
        for cost, limit in pairs
        if limit is not None
    ]

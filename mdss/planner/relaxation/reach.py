"""How close the largest burn comes to the target, and the target that it does reach."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mdss.planner.candidates import candidate
from mdss.planner.pilot import Pilot, single_burn
from mdss.planner.relaxation import phrases as say
from mdss.planner.relaxation.answer import BestReach, Relaxation, Step, relaxation_of
from mdss.planner.relaxation.field import POLICY_LIMITS, SIZE, Field
from mdss.planner.relaxation.flights import MAXIMUM_DV, option_of
from mdss.planner.relaxation.knob import BoolArray, FloatArray
from mdss.planner.relaxation.knobs_of_size import least_value
from mdss.planner.setting import Setting
from mdss.planner.sizing import Sized

_HARDLY_LESS = 0.98  # of Pc without a burn: the most that is asked of the largest burn
_TOLERANCE = 2e-3  # of the distance in ln Pc: 1 % of Pc at most
_JUST_ABOVE = 1 + 1e-6


def best_reach(setting: Setting, pilot: Pilot, field: Field) -> BestReach | None:
    """The largest burn that is allowed, at the time and in the direction that leave the least Pc.

    None where no burn time is open whatever the size, or no burn lowers Pc.
    """
    times = field.times_s[field.open_but(SIZE | POLICY_LIMITS)]
    given, worst = setting.policy.pc_target, _HARDLY_LESS * setting.risk.pc
    if not times.size or worst <= given:
        return None

    def open_at(log_pc: float, some_s: FloatArray) -> BoolArray:
        return Field.at(_asking(setting, log_pc), some_s, field.scale).open_but()

    least = least_value(open_at, math.log(given), math.log(worst), times, tolerance=_TOLERANCE)
    if not np.any(np.isfinite(least)):
        return None
    asked = _asking(setting, float(np.nanmin(least)))
    return _flown(setting, pilot, asked, float(times[np.nanargmin(least)]))


def _asking(setting: Setting, log_pc: float) -> Setting:
    """The setting with another target, whatever the thresholds of the policy are."""
    pc = math.exp(log_pc)
    act = max(pc, setting.policy.pc_act)
    policy = replace(setting.policy, pc_target=pc, pc_act=act, pc_watch=None, pc_act_always=None)
    return replace(setting, policy=policy)


def _flown(setting: Setting, pilot: Pilot, asked: Setting, t_s: float) -> BestReach:
    field, craft = Field.at(asked, np.array([t_s])), setting.spacecraft
    burn = candidate(field.found, 0, "")
    largest = min(craft.available_dv_m_s, craft.longest_burn_m_s(burn.unit_rtn))
    if field.limits:  # which may forbid the largest
        largest = min(largest, float(field.dv_m_s[0]))
    verified = pilot.verifier.fly(single_burn(setting, burn, largest))
    return BestReach(
        sized=Sized(size_m_s=largest, verified=verified, reached=False, limit=MAXIMUM_DV),
        pc_linear=asked.policy.pc_target,
    )


def other_target(setting: Setting, pilot: Pilot, reach: BestReach | None) -> Relaxation | None:
    """The best burn at the target that it reaches; None where that is no longer safe enough.

    "Safe enough" is below the threshold to act.
    """
    policy = setting.policy
    if reach is None:
        return None
    needed = _JUST_ABOVE * max(reach.pc, reach.pc_linear)
    if not policy.pc_target < needed < policy.pc_act:
        return None
    relaxed = replace(setting, policy=replace(policy, pc_target=needed))
    option = option_of(pilot, relaxed, replace(reach.sized, reached=True), reach.pc_linear)
    if not option.feasible:
        return None
    step = Step(
        constraint="Pc target",
        given=policy.pc_target,
        needed=needed,
        unit="",
        share=needed / policy.pc_target - 1,
        how=say.target(policy.pc_target, needed, policy.pc_act),
    )
    return relaxation_of((step,), option, relaxed)

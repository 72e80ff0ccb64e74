"""Costs of the options, and the one to take."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from mdss.planner.costs import objective_of
from mdss.planner.options import Option, OptionName
from mdss.planner.setting import Setting
from mdss.policy import Level, Policy
from mdss.risk.assess import Risk
from mdss.risk.verdict import judge
from mdss.units import iso

SAME_COST = 0.005  # sizes are set to Pc within 1 %, which moves fuel and risk by less than this


def with_costs(setting: Setting, options: Iterable[Option]) -> tuple[Option, ...]:
    """Policy cost of every feasible option, from what each means for the mission."""
    objective = objective_of(setting.policy)
    return tuple(
        replace(one, cost=float(objective.of(one.outcome)) if one.feasible else math.inf)
        for one in options
    )


def recommend(
    setting: Setting,
    options: tuple[Option, ...],
    burn_would_help: bool,
    best_reachable_pc: float,
    way_out: str = "",
) -> tuple[OptionName | None, str]:
    """The option to take and why, or None and why not.

    Parameters
    ----------
    setting : Setting
    options : tuple of Option
        "No burn" first.
    burn_would_help : bool
        Whether the message's encounter calls for one at all.
    best_reachable_pc : float
        Lowest Pc that any burn reaches.
    way_out : str
        What would have to give for a burn to be feasible, as a sentence.
    """
    no_burn, *burns = options
    feasible = [one for one in burns if one.feasible]
    sound = [one for one in feasible if one.method_valid]
    if no_burn.feasible:
        answer: OptionName | None = no_burn.name
        said = (
            f"No burn: Pc {no_burn.pc_verified:.1e} is below the threshold to act of policy "
            f"{setting.policy.name!r}, {setting.policy.pc_act:.1e}."
        )
        if any(one.burns and one.cost < no_burn.cost for one in sound):
            said += " A burn would cost less by the policy's weights, but none is called for."
    elif sound:
        best = _cheapest(sound)
        answer = best.name
        told_apart = best.cost <= min(one.cost for one in sound)
        said = (
            f"{answer.label}: lowest policy cost{'' if told_apart else ', within 0.5 %,'} of the "
            f"{len(sound)} burns that are safe when flown{_left_out(feasible, sound)}."
        )
    else:
        answer, said = (
            None,
            _why_nothing(setting, options, burn_would_help, best_reachable_pc, way_out),
        )
    return answer, said + _density_doubt(setting.risk, setting.policy) + _unless_impact(
        setting, answer
    )


def _cheapest(burns: list[Option]) -> Option:
    """Of least policy cost; of those that cost as much, the first, which has the plainest name."""
    least = min(one.cost for one in burns)
    return next(one for one in burns if one.cost <= least + SAME_COST * abs(least))


def _why_nothing(
    setting: Setting,
    options: tuple[Option, ...],
    burn_would_help: bool,
    best_reachable_pc: float,
    way_out: str,
) -> str:
    risk, (no_burn, *burns) = setting.risk, options
    ask = "Ask for full covariances, or for a Pc from the provider."
    if any(one.feasible for one in burns):
        return (
            "Nothing can be recommended: no Pc method is known to hold before or after the burns. "
            + ask
        )
    if not burn_would_help and not no_burn.method_valid:
        return (
            f"Nothing can be recommended: no Pc method is known to hold here, so "
            f"{risk.pc_method.label} {risk.pc:.1e} neither sizes a burn nor says that none is "
            f"needed. {ask}"
        )
    if not burn_would_help and no_burn.tca_after_utc is not None:
        return (
            f"The message's encounter needs no burn, Pc {risk.pc:.1e}; the one at "
            f"{iso(no_burn.tca_after_utc)} has Pc {no_burn.pc_largest:.1e} and is planned with a "
            "message about it."
        )
    if not setting.spacecraft.can_maneuver:
        return (
            f"No feasible maneuver: the spacecraft cannot maneuver; Pc stays at "
            f"{risk.pc:.1e}, the target is {setting.policy.pc_target:.1e}."
        )
    binds = next((one.binds for one in burns), "")
    return (
        f"No feasible maneuver because of {binds}; the best reachable Pc is "
        f"{best_reachable_pc:.1e}, "
        f"the target {setting.policy.pc_target:.1e}. {way_out}"
    ).rstrip()


def _density_doubt(risk: Risk, policy: Policy) -> str:
    """Said where the shared density error moves Pc across the threshold to act."""
    shared = risk.pc_2d_density
    if shared is None or (shared < policy.pc_act) == (risk.pc_2d < policy.pc_act):
        return ""
    side = "below" if shared < policy.pc_act else "above"
    return f" With the shared density error 2D Pc is {shared:.1e}, {side} the threshold to act."


def _unless_impact(setting: Setting, recommended: OptionName | None) -> str:
    """Said where the policy wants the burn only if the mission does not suffer."""
    burns = recommended not in (None, OptionName.NO_BURN)
    level = judge(setting.risk, setting.policy, setting.now_utc).level
    if not burns or level != Level.BURN_UNLESS_IMPACT:
        return ""
    return f" Policy {setting.policy.name!r} asks for it unless it harms the mission."


def _left_out(burns: list[Option], sound: list[Option]) -> str:
    doubtful = [one.name.label for one in burns if one not in sound]
    if not doubtful:
        return ""
    return f" ({', '.join(doubtful)} left out: Pc method not valid after the burn)"

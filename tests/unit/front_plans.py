"""Plans made of costs alone, for tests of fronts that need no orbit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from mdss.maneuver import Burn
from mdss.planner.costs import objective_of
from mdss.planner.draft import PlanStyle
from mdss.planner.front.data import Front
from mdss.planner.front.dominance import Rounding
from mdss.planner.front.points import front_of
from mdss.planner.options import Option, OptionName
from mdss.planner.outcome import Outcome
from mdss.policy import Policy
from mdss.prices import Weights

TCA_UTC = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRICES = Weights(
    fuel_per_gram=0.5,
    interruption_per_min=1.0,
    residual_pc_per_target=5.0,
    deviation_per_box=5.0,
    lateness_per_hour=1.0,
)
POLICY = replace(Policy.preset("nasa"), weights=PRICES)


def a_plan(
    name: OptionName = OptionName.TRADE,
    *,
    fuel_g: float,
    lost_min: float = 30.0,
    targets: float = 0.995,
    boxes: float = 0.2,
    lead_h: float = 6.0,
    feasible: bool = True,
    trusted: bool = True,
) -> Option:
    """An option with these costs; no fuel, no burn."""
    burns = (Burn.before(TCA_UTC, 3600 * lead_h, [0, 1e-3 * fuel_g, 0]),) if fuel_g else ()
    outcome = Outcome(
        propellant_kg=1e-3 * fuel_g,
        interruption_min=lost_min,
        pc=targets * POLICY.pc_target,
        deviation_boxes=boxes,
        decision_lead_h=lead_h,
    )
    return Option(
        name=name,
        style=PlanStyle.SINGLE if burns else PlanStyle.NO_BURN,
        burns=burns,
        outcome=outcome,
        burn_duration_s=0.0,
        pc_before=1e-4,
        pc_linear=outcome.pc,
        pc_verified=outcome.pc,
        pc_largest=outcome.pc,
        miss_before_m=100.0,
        miss_after_m=200.0,
        miss_rtn_before_m=np.zeros(3),
        miss_rtn_after_m=np.zeros(3),
        tca_after_utc=TCA_UTC,
        commit_by_utc=None,
        cancel_by_utc=None,
        feasible=feasible,
        method_valid=trusted,
        binds="",
        reason=f"As {name}.",
        cost=float(objective_of(POLICY).of(outcome)),
    )


def no_burn(*, targets: float = 20.0, feasible: bool = True) -> Option:
    """Letting things be."""
    return a_plan(
        OptionName.NO_BURN,
        fuel_g=0.0,
        lost_min=0.0,
        targets=targets,
        boxes=0.0,
        lead_h=0.0,
        feasible=feasible,
    )


def a_front(*options: Option) -> Front:
    """The front of named options and trades."""
    trades = [one for one in options if one.name == OptionName.TRADE]
    named = [one for one in options if one.name != OptionName.TRADE]
    return front_of(POLICY, named, trades, Rounding(), compared=1000)

"""The Pareto front of a plan as plain JSON values."""

from __future__ import annotations

from typing import Any

from mdss.planner.costs import objective_of
from mdss.planner.front.data import Front, FrontPoint
from mdss.planner.front.words import explain
from mdss.planner.options import Plan
from mdss.planner.view import point_of
from mdss.report.option_json import cost_key, option_json

Json = dict[str, Any]


def front_json(plan: Plan) -> Json | None:
    """As `front` of schema "plan" says; None where none was asked for.

    Parameters
    ----------
    plan : Plan
    """
    front = plan.front
    if front is None:
        return None
    best = point_of(front, plan.recommended)
    objective = objective_of(plan.policy)
    return {
        "costs": [
            {
                "name": cost.name,
                "label": cost.label,
                "unit": cost.unit,
                "key": cost_key(cost),
                "weight": weight,
            }
            for weight, cost in objective.terms
        ],
        "points": [_point(plan, front, one) for one in front.points],
        "ties": [
            {"name": str(one.name), "label": one.label, "reason": one.reason} for one in front.ties
        ],
        "recommended": None if best is None else best.label,
        "explanation": explain(front, objective),
        "compared": front.compared,
        "largest_gap": front.largest_gap,
    }


def _point(plan: Plan, front: Front, point: FrontPoint) -> Json:
    pairs = zip(front.costs, point.values, strict=True)
    return {
        "label": point.label,
        "represents": point.represents,
        "knee": point.knee,
        "also": [str(one) for one in point.also],
        "values": {cost_key(cost): float(value) for cost, value in pairs},
        "cost": float(objective_of(plan.policy).of(point.option.outcome)),
        "option": option_json(plan, point.option),
    }

"""One option as plain JSON values: its burns, its costs and how good it is proven to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mdss.maneuver import Burn
from mdss.notices import Notice
from mdss.planner.certificate import Certificate
from mdss.planner.costs import Cost, costs_of
from mdss.planner.options import Option, Plan
from mdss.planner.robustness.flight import WorstCase
from mdss.units import iso

Json = dict[str, Any]


def option_json(plan: Plan, option: Option) -> Json:
    """As an option of schema "plan".

    Parameters
    ----------
    plan : Plan
        That the option is of: its period and policy are the scales.
    option : Option
    """
    return {
        "name": str(option.name),
        "letter": option.letter,
        "title": option.name.label,
        "style": str(option.style),
        "burns": [burn_json(one, plan.period_s) for one in option.burns],
        "dv_total_m_s": option.dv_total_m_s,
        "propellant_kg": option.propellant_kg,
        "burn_duration_s": option.burn_duration_s,
        "pc_before": option.pc_before,
        "pc_linear": option.pc_linear,
        "pc_verified": option.pc_verified,
        "pc_largest": option.pc_largest,
        "method_valid": option.method_valid,
        "miss_before_m": option.miss_before_m,
        "miss_after_m": option.miss_after_m,
        "miss_rtn_before_m": option.miss_rtn_before_m,
        "miss_rtn_after_m": option.miss_rtn_after_m,
        "tca_after_utc": instant(option.tca_after_utc),
        "interruption_min": option.interruption_min,
        "commit_by_utc": instant(option.commit_by_utc),
        "cancel_by_utc": instant(option.cancel_by_utc),
        "feasible": option.feasible,
        "binds": option.binds,
        "unmet": list(option.unmet),
        "reason": option.reason,
        "costs": costs_json(plan, option),
        "cost": option.cost,
        "certificate": certificate_json(option.certificate),
        "worst_case": worst_case_json(option.worst_case),
        "warnings": warnings_json(option.notices),
    }


def burn_json(burn: Burn, period_s: float) -> Json:
    """A burn of an option."""
    return {
        "epoch_utc": iso(burn.epoch_utc),
        "t_before_tca_s": burn.t_before_tca_s,
        "orbits_before_tca": burn.t_before_tca_s / period_s,
        "dv_rtn_m_s": burn.dv_rtn_m_s,
        "dv_m_s": burn.dv_m_s,
        "duration_s": burn.duration_s,
        "role": burn.role,
    }


def cost_key(cost: Cost) -> str:
    """What a cost is called in JSON: its name and unit, "fuel_g"."""
    return f"{cost.name}_{cost.unit}"


def costs_json(plan: Plan, option: Option) -> Json | None:
    """The five costs, and what two of them are made of; None where no plan was found to cost."""
    if option.pc_verified is None:
        return None
    outcome = option.outcome
    return {
        **{cost_key(one): float(one.of(outcome)) for one in costs_of(plan.policy)},
        "return_propellant_kg": outcome.return_propellant_kg,
        "pc_this_event": outcome.pc,
        "pc_other_events": outcome.pc_other_events,
        "pc_new_events": outcome.pc_new_events,
    }


def certificate_json(certificate: Certificate | None) -> Json | None:
    """The proven bound of an optimum; None where there is no proof."""
    if certificate is None:
        return None
    return {
        "value": certificate.value,
        "lower_bound": certificate.lower_bound,
        "gap": certificate.gap,
        "relative_gap": certificate.relative_gap,
        "unit": certificate.unit,
        "model": certificate.model,
        "by": certificate.by,
    }


def worst_case_json(worst: WorstCase | None) -> Json | None:
    """The case that set the size of a robust plan; None of any other."""
    return None if worst is None else asdict(worst)


def instant(instant_utc: datetime | None) -> str | None:
    """ISO 8601, where it is known."""
    return None if instant_utc is None else iso(instant_utc)


def warnings_json(notices: Iterable[Notice]) -> list[Json]:
    """Each notice with its code and place."""
    return [notice.as_dict() for notice in notices]

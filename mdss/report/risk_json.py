"""All sides of a risk as plain JSON values; docs/json.md describes them."""

from __future__ import annotations

from typing import Any

from mdss.report.quality_tables import consequence_json, quality_json
from mdss.risk.aggregate import TotalRisk
from mdss.risk.encounter_pc import EncounterPc
from mdss.risk.family import FamilyValue, spread
from mdss.risk.frisbee import FrisbeeMaximum
from mdss.risk.maximum import MaximumPc, Peak
from mdss.risk.methods import Choice, MethodResult
from mdss.risk.picture import Picture
from mdss.risk.requirements import Requirement

Json = dict[str, Any]


def methods_json(choice: Choice) -> Json:
    """The recommended method, and every one that was tried."""
    return {
        "recommended": str(choice.recommended.method),
        "trusted": choice.trusted,
        "reason": choice.reason,
        "tried": [_result(one) for one in choice.tried],
    }


def _result(one: MethodResult) -> Json:
    return {
        "method": str(one.method),
        "pc": one.pc,
        "valid": one.valid,
        "code": one.code,
        "reason": one.reason,
        "interval_95": None if one.lower != one.lower else [one.lower, one.upper],
        "trials": one.trials,
        "hits": one.hits,
        "detail": one.detail,
        "time_s": one.seconds,
    }


def picture_json(seen: Picture) -> Json:
    """The groups of `--full`."""
    return {
        "family": family_json(seen.family),
        "maximum": maximum_json(seen.maximum, seen.frisbee),
        "density": None
        if seen.density is None
        else density_json(seen.risk.encounter, seen.density),
        "sensitivity": sensitivity_json(seen),
        "quality": quality_json(seen.quality),
        "consequence": consequence_json(seen.consequence, seen.risk),
    }


def family_json(values: tuple[FamilyValue, ...]) -> Json:
    """2D Pc in every way."""
    return {
        "spread": spread(values),
        "values": [
            {
                "name": one.name,
                "pc": one.pc,
                "relative_difference": one.relative_difference,
                "source": one.source,
                "assumption": one.assumption,
                "not_for": one.not_for,
            }
            for one in values
        ],
    }


def maximum_json(found: MaximumPc, frisbee: FrisbeeMaximum) -> Json:
    """Maximum Pc and dilution."""
    return {
        "pc_max": found.pc_max,
        "sigma_scale": found.scale,
        "diluted": found.diluted,
        "code": found.code,
        "code_separate": found.code_separate,
        "both": _peak(found.joint),
        "primary": _peak(found.primary),
        "secondary": _peak(found.secondary),
        "closed_form": found.closed_form,
        "closed_form_sigma_scale": found.closed_form_scale,
        "unknown_covariance": {"unknown": str(frisbee.unknown), "pc": frisbee.pc},
        "valid": found.valid,
    }


def _peak(one: Peak) -> Json:
    return {"pc_max": one.pc_max, "sigma_scale": one.scale, "diluted": one.diluted}


def density_json(used: EncounterPc, other: EncounterPc) -> Json:
    """Pc with and without the shared density error, and which one decides."""
    counted, left_out = (used, other) if used.conjunction.density_correlated else (other, used)
    return {
        "decides": "counted" if used is counted else "left-out",
        "counted": _encounter(counted),
        "left_out": _encounter(left_out),
    }


def _encounter(one: EncounterPc) -> Json:
    return {
        "pc": one.pc,
        "pc_method": str(one.choice.recommended.method),
        "pc_2d": one.pc_2d,
        "trusted": one.trusted,
    }


def sensitivity_json(seen: Picture) -> Json:
    """How Pc answers to its inputs, what they would have to be, and what a spread of them does."""
    found, spread_ = seen.sensitivity, seen.distribution
    return {
        "basis": {
            "method": str(found.basis.method),
            "factor": found.basis.factor,
            "sound": found.basis.sound,
            "note": found.basis.note,
        },
        "influences": [
            {
                "name": one.name,
                "input": str(one.input),
                "axis": one.axis,
                "elasticity": one.elasticity,
                "change_for_10_percent": one.change,
            }
            for one in found.influences
        ],
        "density_ratio": found.density_ratio,
        "requirements": [_requirement(one) for one in seen.requirements.requirements],
        "distribution": {
            "sigma_factor": spread_.spread.scale_primary,
            "source": spread_.spread.source,
            "pc_05": spread_.p05,
            "pc_median": spread_.median,
            "pc_95": spread_.p95,
            "pc_mean": spread_.mean,
            "doubts": list(spread_.doubts),
        },
    }


def _requirement(one: Requirement) -> Json:
    return {
        "goal": str(one.goal),
        "threshold": one.threshold,
        "input": str(one.input),
        "reachable": one.reachable,
        "factor": one.factor,
        "shift_rtn_m": one.shift_rtn_m,
        "extreme_pc": one.extreme_pc,
        "sentence": one.sentence,
    }


def together_json(total: TotalRisk) -> Json:
    """The collision risk of several events, the largest first."""
    return {
        "pc": total.pc,
        "trusted": total.trusted,
        "events": [
            {
                "event_id": one.conjunction.event_id,
                "message_id": one.conjunction.message_id or None,
                "pc": one.pc,
                "pc_method": str(one.pc_method),
                "trusted": one.trusted,
                "share": share,
            }
            for one, share in zip(total.risks, total.shares, strict=True)
        ],
        "superseded": len(total.superseded),
    }

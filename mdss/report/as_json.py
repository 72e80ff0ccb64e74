"""Risks and plans as plain JSON values; `mdss/schemas/` and docs/json.md describe them.

Keys keep their order and their meaning from version to version; a new one may come. Numbers
are SI and complete. What is unknown or infinite is None.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import numpy as np

from mdss.conjunction import Conjunction, ObjectState
from mdss.details import Details
from mdss.errors import MdssError, MessageError
from mdss.inbox import Entry
from mdss.planner.options import Plan
from mdss.report.front_json import front_json
from mdss.report.history_tables import history_json
from mdss.report.option_json import instant, option_json, warnings_json
from mdss.report.policy_json import policy_json, verdict_json
from mdss.report.relaxation_words import reach_json, relaxation_rows
from mdss.report.replacements import replacement_json
from mdss.report.risk_json import methods_json, picture_json, together_json
from mdss.report.robustness_tables import robustness_json
from mdss.report.second_opinion import second_opinion_json
from mdss.reported import NOT_COMPUTED_REASON, ReportedApproach
from mdss.risk.assess import Risk
from mdss.units import iso

Json = dict[str, Any]
SCHEMA_NAMES = ("risk", "plan", "find", "policy", "policy-compare")


def risk_json(entries: Iterable[Entry]) -> list[Json]:
    """The entries of an inbox, one dict each; a bad one has `error` instead of a risk.

    Parameters
    ----------
    entries : iterable of Entry

    Returns
    -------
    list of dict
        As schema "risk" says.
    """
    return [_clean(_entry(one)) for one in entries]


def details_json(found: Details) -> list[Json]:
    """As `risk_json`, with what was asked for beyond the risks.

    Parameters
    ----------
    found : Details
        The sides of a risk go into the dict of its message.

    Returns
    -------
    list of dict
        As schema "risk" says. Histories of events, then the risk of all events together, stand
        after the messages.
    """
    told = [{**_entry(one), **_sides(found, one)} for one in found.entries]
    told += [
        {"event_id": one.event.event_id, "history": history_json(one)} for one in found.histories
    ]
    if found.total is not None:
        told.append({"together": together_json(found.total)})
    return [_clean(one) for one in told]


def plan_json(plan: Plan) -> Json:
    """A plan with all its options.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict
        As schema "plan" says.
    """
    cleaned: Json = _clean(_plan(plan))
    return cleaned


def dumps(value: object) -> str:
    """JSON text for standard output: indented, UTF-8 as it is, never NaN."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def schema(name: str) -> Json:
    """The JSON Schema that the output of a command keeps to.

    Parameters
    ----------
    name : str
        One of `SCHEMA_NAMES`.

    Raises
    ------
    MdssError
        If there is no such schema.
    """
    if name not in SCHEMA_NAMES:
        raise MdssError(f"no schema {name!r}; there are {', '.join(SCHEMA_NAMES)}")
    text = (files("mdss") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


# --- risk ---------------------------------------------------------------------------------


def _entry(entry: Entry) -> Json:
    where = {"file": entry.file, "event_id": entry.event_id}
    if entry.reported is not None:
        return {**where, "reported": _reported(entry.reported)}
    if entry.aside:
        return {**where, "aside": entry.aside}
    if entry.risk is None:
        assert entry.problem is not None
        return {**where, "error": error_json(entry.problem)}
    replaced = {"replaced": replacement_json(entry)} if entry.replacements else {}
    return {**where, **_risk(entry.risk), **replaced}


def _sides(found: Details, entry: Entry) -> Json:
    seen = found.pictures.get(entry)
    return {} if seen is None else picture_json(seen)


def _reported(told: ReportedApproach) -> Json:
    """A public record: what it reports, and why nothing is computed from it."""
    pairs = zip(told.designators, told.names, strict=True)
    return {
        "message_id": told.message_id or None,
        "created_utc": instant(told.created_utc),
        "tca_utc": iso(told.tca_utc),
        "originator": told.originator,
        "objects": [{"designator": number, "name": name} for number, name in pairs],
        "miss_distance_m": told.miss_distance_m,
        "pc": told.pc,
        "not_computed": NOT_COMPUTED_REASON,
        "warnings": warnings_json(told.notices),
    }


def _risk(risk: Risk) -> Json:
    conjunction = risk.conjunction
    sigma1_m, sigma2_m = risk.sigma_plane_m
    return {
        "message_id": conjunction.message_id or None,
        "created_utc": instant(conjunction.created_utc),
        "central_body": conjunction.central_body,
        "tca_utc": iso(conjunction.tca_utc),
        "tca_shift_s": risk.plane.tca_shift_s,
        "primary": _object(conjunction.primary),
        "secondary": _object(conjunction.secondary),
        "miss_distance_m": risk.plane.miss_distance_m,
        "miss_rtn_m": conjunction.miss_rtn_m,
        "relative_speed_m_s": risk.plane.relative_speed_m_s,
        "sigma_plane_m": [sigma1_m, sigma2_m],
        "hard_body_radius_m": risk.hbr.radius_m,
        "hbr_source": str(risk.hbr.source),
        "pc": risk.pc,
        "pc_method": str(risk.pc_method),
        "pc_2d": risk.pc_2d,
        "pc_2d_density": risk.pc_2d_density,
        "pc_reported": conjunction.reported_pc,
        "pc_at_other_hbr": [
            {"hard_body_radius_m": hbr.radius_m, "hbr_source": str(hbr.source), "pc_2d": pc}
            for hbr, pc in risk.pc_at_other_hbr
        ],
        "validity": _validity(risk),
        "warnings": warnings_json(risk.notices),
        "methods": methods_json(risk.choice),
    }


def _object(thing: ObjectState) -> Json:
    return {"designator": thing.designator, "name": thing.name}


def _validity(risk: Risk) -> Json:
    validity = risk.validity
    return {
        "valid": validity.valid,
        "tested": validity.tested,
        "code": validity.code,
        "extended": validity.extended,
        "offset": validity.offset,
        "inaccurate": validity.inaccurate,
        "not_positive_definite": validity.npd,
        "reason": validity.reason,
    }


def error_json(problem: MdssError) -> Json:
    """An error by its parts: class, sentence, and for messages line, field, value, remedy."""
    parts = problem if isinstance(problem, MessageError) else None
    return {
        "type": type(problem).__name__,
        "message": str(problem),
        "line": parts and parts.line,
        "field": parts and parts.field,
        "value": parts and parts.value,
        "remedy": parts and parts.remedy,
    }


# --- plan ---------------------------------------------------------------------------------


def _plan(plan: Plan) -> Json:
    return {
        "event": _event(plan),
        "now_utc": iso(plan.now_utc),
        "now_source": plan.now_source,
        "policy": policy_json(plan.policy),
        "robust": None if plan.robust is None else plan.robust.name,
        "spacecraft": {
            "designator": plan.spacecraft.designator,
            "name": plan.spacecraft.name,
            "can_maneuver": plan.spacecraft.can_maneuver,
        },
        "orbital_period_s": plan.period_s,
        "risk": _risk(plan.risk),
        "verdict": verdict_json(plan.verdict),
        "burn_needed": plan.burn_needed,
        "maneuver_feasible": plan.maneuver_feasible,
        "options": [option_json(plan, one) for one in plan.options],
        "recommended": None if plan.recommended is None else str(plan.recommended),
        "recommendation": plan.recommendation,
        "best_reachable_pc": plan.best_reachable_pc,
        "best_reachable_burn": reach_json(plan),
        "relaxations": relaxation_rows(plan),
        "assumed": list(plan.assumed),
        "front": front_json(plan),
        "robustness": plan.robustness and [robustness_json(one) for one in plan.robustness],
        "second_opinion": second_opinion_json(plan.second_opinion),
        "warnings": warnings_json(plan.notices),
    }


def _event(plan: Plan) -> Json:
    conjunction = plan.conjunction
    return {
        "event_id": plan.event.event_id,
        "tca_utc": iso(conjunction.tca_utc),
        "primary": _object(conjunction.primary),
        "secondary": _object(conjunction.secondary),
        "messages": [_message(one) for one in plan.event.conjunctions],
        "reported": [{"file": one.source, **_reported(one)} for one in plan.event.reported],
    }


def _message(conjunction: Conjunction) -> Json:
    return {
        "file": conjunction.source,
        "message_id": conjunction.message_id or None,
        "created_utc": instant(conjunction.created_utc),
        "tca_utc": iso(conjunction.tca_utc),
    }


# --- values -------------------------------------------------------------------------------


def _clean(value: Any) -> Any:
    """Plain Python values: arrays as lists, numpy scalars as numbers, not finite as None.

    There is one zero: -0.0 is 0.0.
    """
    if isinstance(value, Mapping):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return _clean(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_clean(one) for one in value]
    if isinstance(value, np.generic):
        return _clean(value.item())
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None
    return value

"""Policies and verdicts as plain JSON values; schemas "policy" and "policy-compare"."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mdss.conjunction import Conjunction, ObjectState
from mdss.policy import Criterion, Policy
from mdss.report.verdict_words import sentence
from mdss.risk.verdict import Reason, Verdict, miss_rtn_of_primary_m, regime_of
from mdss.units import iso

Json = dict[str, Any]


def policy_json(policy: Policy) -> Json:
    """Every value of a policy, with its sources.

    Parameters
    ----------
    policy : Policy

    Returns
    -------
    dict
        As schema "policy" says.
    """
    plain = {one.name: getattr(policy, one.name) for one in dataclasses.fields(policy)}
    return {
        **plain,
        "criteria": [_criterion(one) for one in policy.criteria],
        "weights": dataclasses.asdict(policy.weights),
        "limits": dataclasses.asdict(policy.limits),
        "quality": dataclasses.asdict(policy.quality),
        "sources": dict(policy.sources),
    }


def _criterion(criterion: Criterion) -> Json:
    box = criterion.box_half_rtn_m
    return {
        **dataclasses.asdict(criterion),
        "level": str(criterion.level),
        "box_half_rtn_m": None if box is None else list(box),
        "regime": str(criterion.regime),
    }


def verdict_json(verdict: Verdict) -> Json:
    """What a policy asks for, the sentence, and every rule with its numbers."""
    return {
        "level": str(verdict.level),
        "sentence": sentence(verdict),
        "pc": verdict.pc,
        "pc_reliable": verdict.pc_reliable,
        "doubt": verdict.doubt,
        "hours_to_tca": verdict.hours_to_tca,
        "reasons": [_reason(one) for one in verdict.reasons],
    }


def _reason(reason: Reason) -> Json:
    return {
        "rule": reason.rule,
        "level": str(reason.level),
        "applies": reason.applies,
        "conditions": [dataclasses.asdict(one) for one in reason.conditions],
        "source": reason.source,
    }


def comparison_json(
    event_id: str,
    conjunction: Conjunction,
    verdicts: Sequence[Verdict],
    now_utc: datetime | None,
    now_source: str,
) -> Json:
    """One event under several policies.

    Parameters
    ----------
    event_id : str
    conjunction : Conjunction
        The message that was judged, the maneuvering object as primary.
    verdicts : sequence of Verdict
    now_utc : datetime or None
        The instant of judging; None when it is unknown.
    now_source : str

    Returns
    -------
    dict
        As schema "policy-compare" says.
    """
    return {
        "event": {
            "event_id": event_id,
            "tca_utc": iso(conjunction.tca_utc),
            "primary": _object(conjunction.primary),
            "secondary": _object(conjunction.secondary),
            "miss_rtn_primary_m": miss_rtn_of_primary_m(conjunction).tolist(),
            "regime": str(regime_of(conjunction)),
        },
        "now_utc": None if now_utc is None else iso(now_utc),
        "now_source": now_source,
        "verdicts": [
            {
                "policy": one.policy.name,
                "title": one.policy.title,
                **verdict_json(one),
                "by_pc": one.policy.by_pc,
                "pc_target": one.policy.pc_target,
            }
            for one in verdicts
        ],
    }


def _object(thing: ObjectState) -> Json:
    return {"designator": thing.designator, "name": thing.name}

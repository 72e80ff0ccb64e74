"""Verdicts in words: one sentence that a manager understands, and the rules behind it."""

from __future__ import annotations

import math

from mdss.policy import Level
from mdss.report import words
from mdss.risk.verdict import Condition, Reason, Verdict

LEVEL_WORDS = {
    Level.NONE: "No action",
    Level.MONITOR: "Monitor",
    Level.NOTIFY: "Notify",
    Level.PREPARE: "Prepare a burn",
    Level.UNDECIDED: "Undecided",
    Level.BURN_UNLESS_IMPACT: "Burn unless it harms the mission",
    Level.BURN: "Burn",
}
"""What people read; a colour never stands alone."""

_BURNS = (Level.BURN_UNLESS_IMPACT, Level.BURN)


def sentence(verdict: Verdict) -> str:
    """The verdict and what it rests on.

    Examples
    --------
    >>> sentence(verdict)  # doctest: +SKIP
    'Burn: the collision probability is 4.4e-4 (1 in 2,300), at or above the limit of 1e-4.'
    """
    said = f"{LEVEL_WORDS[verdict.level]}: {_why(verdict)}."
    if verdict.policy.by_pc and not verdict.pc_reliable and verdict.level in _BURNS:
        said += f" Pc itself is not to be relied on here ({_brief(verdict.doubt)})."
    if verdict.hours_to_tca is not None and verdict.hours_to_tca < 0:
        said += " TCA is past."
    return said


def _why(verdict: Verdict) -> str:
    if verdict.level == Level.UNDECIDED:
        return _undecided(verdict)
    if not verdict.applying:
        return _nothing(verdict)
    top = verdict.applying[0]
    if not top.by_pc:
        return f"the other object comes inside the limits of the {top.rule} ({limits(top)})"
    return _by_pc(verdict, top)


def _undecided(verdict: Verdict) -> str:
    shown = "" if verdict.pc is None else f", {words.pc(verdict.pc)},"
    return (
        f"the collision probability{shown} is not to be relied on here ({_brief(verdict.doubt)});"
        " get another one before deciding"
    )


def _brief(doubt: str) -> str:
    """The first sentence; the rest is in the risk and in JSON."""
    first = doubt.split(". ")[0]
    return first[:1].lower() + first[1:] if first[1:2].islower() else first


def _nothing(verdict: Verdict) -> str:
    if not verdict.policy.by_pc:
        return "no distance limit of the policy is met; probability plays no part in it"
    lowest = verdict.policy.pc_watch or verdict.policy.pc_act
    return f"{_probability(verdict)}, below the limit of {words.threshold(lowest)}"


def _by_pc(verdict: Verdict, top: Reason) -> str:
    policy, limit = verdict.policy, top.conditions[0].limit
    if top.rule == "max_pc_prepare":
        return (
            f"{_probability(verdict)} because the errors are large; with smaller ones it would "
            f"reach {words.pc(top.conditions[0].seen)}, at or above the limit of "
            f"{words.threshold(limit)}: ask for tracking"
        )
    said = f"{_probability(verdict)}, at or above the limit of {words.threshold(limit)}"
    if top.level == Level.PREPARE:
        left = verdict.hours_to_tca
        return f"{said}; the policy decides {policy.act_within_h:g} h before TCA, {left:.0f} h left"
    if top.level == Level.MONITOR:
        return f"{said} and below {words.threshold(policy.pc_act)}, where a burn is called for"
    if top.level == Level.BURN_UNLESS_IMPACT and policy.pc_act_always is not None:
        always = words.threshold(policy.pc_act_always)
        return f"{said} and below {always}, from which it is unconditional"
    return said


def _probability(verdict: Verdict) -> str:
    return f"the collision probability is {words.pc(verdict.pc)}{odds(verdict.pc)}"


def odds(pc: float | None) -> str:
    """A probability as odds, two digits: " (1 in 2,300)"; nothing below one in a billion.

    Examples
    --------
    >>> odds(4.4e-4)
    ' (1 in 2,300)'
    """
    if pc is None or not 1e-9 <= pc < 0.5:
        return ""
    digits = 1 - math.floor(math.log10(1 / pc))
    return f" (1 in {round(1 / pc, digits):,.0f})"


def limits(reason: Reason) -> str:
    """Every number of a rule against its limit: "miss 361 m under 1,000 m".

    Times and probabilities are worded alike.
    """
    return ", ".join(_against(one) for one in reason.conditions)


def _against(one: Condition) -> str:
    if one.quantity == "pc":
        side = "at or above" if one.holds else "below"
        return f"Pc {words.pc(one.seen)} {side} {words.threshold(one.limit)}"
    if one.quantity == "maximum pc":
        if one.seen is None:
            return "Pc is not diluted, or 2D Pc does not hold"
        side = "at or above" if one.holds else "below"
        return f"largest Pc with smaller errors {words.pc(one.seen)} {side} " + words.threshold(
            one.limit
        )
    if one.quantity == "time to TCA":
        seen = "unknown" if one.seen is None else f"{one.seen:.0f} h"
        return f"{one.quantity} {seen} {'within' if one.holds else 'beyond'} {one.limit:g} h"
    seen = words.NOTHING if one.seen is None else words.length(one.seen)
    return f"{one.quantity} {seen} {'under' if one.holds else 'over'} {words.length(one.limit)}"

"""Policies and verdicts for a terminal, 100 columns wide. What is shown is computed elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mdss.conjunction import Conjunction
from mdss.policy import Criterion, Level, Policy, sourced_fields
from mdss.quality_limits import QualityLimits
from mdss.report import words
from mdss.report.verdict_words import LEVEL_WORDS, limits, sentence
from mdss.risk.verdict import Verdict, miss_rtn_of_primary_m

LEVEL_STYLES = {
    Level.NONE: (words.GOOD, "green"),
    Level.MONITOR: (words.INFO, ""),
    Level.NOTIFY: (words.INFO, "bold"),
    Level.PREPARE: (words.CAUTION, "yellow"),
    Level.UNDECIDED: (words.CAUTION, "bold yellow"),
    Level.BURN_UNLESS_IMPACT: (words.ACT, "red"),
    Level.BURN: (words.ACT, "bold red"),
}
_UNITS = {
    "act_within_h": "h",
    "min_miss_m": "m",
    "min_radial_m": "m",
    "hard_body_radius_m": "m",
}


def policies_table(policies: Iterable[Policy]) -> RenderableType:
    """Name, one line, thresholds and criteria of each policy."""
    table = _table("policy", "about", "act at Pc", "target", "criteria beside Pc")
    table.columns[0].no_wrap = True
    for one in policies:
        table.add_row(
            one.name,
            Text(one.title),
            act_words(one),
            words.threshold(one.pc_target),
            Text("\n".join(criterion_words(it) for it in one.criteria) or words.NOTHING),
        )
    return table


def act_words(policy: Policy) -> str:
    """From which Pc a policy calls for a burn, in a few words."""
    if not policy.by_pc:
        return "not by Pc"
    said = words.threshold(policy.pc_act)
    if policy.pc_act_always is not None:
        said += f" unless it harms the mission, {words.threshold(policy.pc_act_always)} always"
    if policy.act_within_h is not None:
        said += f" within {policy.act_within_h:g} h"
    return said


def criterion_words(criterion: Criterion) -> str:
    """A criterion as a condition: "notify: radial < 200 m and within 72 h, LEO"."""
    parts = []
    if criterion.miss_m is not None:
        parts.append(f"miss < {words.length(criterion.miss_m)}")
    if criterion.radial_m is not None:
        parts.append(f"radial < {words.length(criterion.radial_m)}")
    if criterion.box_half_rtn_m is not None:
        halves = " × ".join(f"±{words.length(half)}" for half in criterion.box_half_rtn_m)
        parts.append(f"inside {halves} (RTN)")
    if criterion.within_h is not None:
        parts.append(f"within {criterion.within_h:g} h")
    regime = "" if criterion.regime == "any" else f", {criterion.regime.upper()}"
    return f"{LEVEL_WORDS[criterion.level].lower()}: {' and '.join(parts)}{regime}"


def policy_table(policy: Policy) -> RenderableType:
    """Every value of a policy with its source."""
    table = _table(policy.name, "value", "source")
    table.columns[0].no_wrap = True
    for name, value, source in policy_rows(policy):
        table.add_row(name, Text(value), Text(source))
    title = [Text(policy.title, style="bold")] if policy.title else []
    unused = ", ".join(name for name in sourced_fields() if not policy.uses(name))
    return Group(*title, table, *([Text(f"\nnot used: {unused}")] if unused else []))


def policy_rows(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Field, value and source of everything that a policy says, in words."""
    for name in filter(policy.uses, sourced_fields()):
        source = policy.sources[name]
        if name == "criteria":
            for one in policy.criteria:
                yield f"criterion: {one.name}", criterion_words(one), one.source or source
        elif name == "weights":
            for key, value in dataclasses.asdict(policy.weights).items():
                yield f"weights.{key}", f"{value:g}", source
        elif name == "limits":
            for key, value in dataclasses.asdict(policy.limits).items():
                if value is not None:
                    yield f"limits.{key}", f"{value:g}", source
        elif name == "quality":
            yield name, quality_words(policy.quality), source
        else:
            yield name, _value_words(name, getattr(policy, name)), source


def quality_words(limits: QualityLimits) -> str:
    """The limits that are not the default ones."""
    usual = dataclasses.asdict(QualityLimits())
    given = dataclasses.asdict(limits).items()
    changed = [f"{key} {one:g}" for key, one in given if one != usual[key]]
    return ", ".join(changed) or "default limits"


def _value_words(name: str, value: float | bool | str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.startswith("pc_"):
        return words.threshold(value)
    return f"{value:g} {_UNITS[name]}"


# --- verdicts -----------------------------------------------------------------------------


def comparison_table(
    conjunction: Conjunction,
    verdicts: Sequence[Verdict],
    now_utc: datetime | None,
    now_source: str,
) -> RenderableType:
    """The event, one row a policy, and below each sentence with those that say it."""
    table = _table("policy", "verdict", "limit crossed", "burn would aim at Pc")
    table.columns[0].no_wrap = True
    for one in verdicts:
        glyph, style = LEVEL_STYLES[one.level]
        verdict = Text(f"{glyph} {LEVEL_WORDS[one.level]}", style=style)
        table.add_row(one.policy.name, verdict, Text(_crossed(one)), _target(one.policy))
    lines = [Text.assemble((f"{who}: ", "bold"), said) for said, who in _sentences(verdicts)]
    head = Text("\nIn a sentence", style="bold underline")
    return Group(_event(conjunction, now_utc, now_source), table, head, *lines)


def _sentences(verdicts: Iterable[Verdict]) -> Iterator[tuple[str, str]]:
    """Each sentence once, with the names of the policies that say it."""
    said: dict[str, list[str]] = {}
    for one in verdicts:
        said.setdefault(sentence(one), []).append(one.policy.name)
    yield from ((text, ", ".join(names)) for text, names in said.items())


def _event(conjunction: Conjunction, now_utc: datetime | None, now_source: str) -> RenderableType:
    ours, theirs = conjunction.primary, conjunction.secondary
    miss = words.rtn(miss_rtn_of_primary_m(conjunction))
    now = "unknown, so time limits count as reached"
    if now_utc is not None:
        now = f"{now_utc:%Y-%m-%d %H:%M:%S} UTC ({now_source})"
    return Text.assemble(
        (f"{ours.label} ({ours.designator}) and {theirs.label} ({theirs.designator})\n", "bold"),
        f"TCA {conjunction.tca_utc:%Y-%m-%d %H:%M:%S} UTC, miss {miss} m from {ours.label}\n",
        f"judged at {now}\n",
    )


def _crossed(verdict: Verdict) -> str:
    """The highest probability threshold and the criteria that apply."""
    by_pc = [one for one in verdict.applying if one.by_pc]
    criteria = [one for one in verdict.applying if not one.by_pc]
    lines = [f"{one.rule}: {limits(one)}" for one in (*by_pc[:1], *criteria)]
    if verdict.policy.by_pc and not verdict.pc_reliable:
        lines.insert(0, f"Pc {words.pc(verdict.pc)} is not to be relied on")
    return "\n".join(lines) or words.NOTHING


def _target(policy: Policy) -> str:
    said = words.threshold(policy.pc_target)
    return said if policy.by_pc else f"{said} (not of the rule)"


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for head in heads:
        table.add_column(Text(head), overflow="fold")
    return table

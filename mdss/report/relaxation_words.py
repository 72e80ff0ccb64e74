"""What would have to give, as sentences, JSON values and terminal output."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mdss.maneuver import Burn
from mdss.planner.options import Plan
from mdss.planner.relaxation import Relaxation, Step
from mdss.planner.relaxation.phrases import clock
from mdss.report import words
from mdss.report.pieces import plain_table
from mdss.units import iso

Json = dict[str, Any]

_HEAD = "What would have to give"
_MINUTE_S = 60.0
_SHOWN: dict[str, tuple[float, str]] = {
    "s": (1 / _MINUTE_S, "min"),
    "m/s": (100.0, "cm/s"),
    "kg": (1.0, "kg"),
    "deg": (1.0, "°"),
}


def relaxation_sentences(plan: Plan) -> list[str]:
    """One sentence for each, the smallest change first; empty where a plan is feasible."""
    return [words.sentence(one.sentence) for one in plan.relaxations]


def relaxation_rows(plan: Plan) -> list[Json]:
    """As `relaxations` of schema "plan" says."""
    return [_row(one) for one in plan.relaxations]


def reach_json(plan: Plan) -> Json | None:
    """As `best_reachable_burn` of schema "plan" says."""
    burn = plan.best_reachable_burn
    return None if burn is None else _burn(burn)


def relaxation_table(plan: Plan) -> list[RenderableType]:
    """The closest burn, then the constraints that could give; empty where a plan is feasible."""
    lines: list[RenderableType] = []
    if plan.best_reachable_burn is not None:
        text = (
            f"Closest to the target: {_burn_words(plan.best_reachable_burn)}, "
            f"Pc {words.pc(plan.best_reachable_pc)}."
        )
        lines.append(Padding(Text(text), (0, 0, 1, 2)))
    if plan.relaxations:
        lines += [Padding(_table(plan), (0, 0, 1, 2))]
    return [Text(f"\n{_HEAD}", style="bold underline"), *lines] if lines else []


def _table(plan: Plan) -> Table:
    table = plain_table(
        "what gives", "instead of", "needed", "burn (UTC)", "Δv\n[cm/s]", "Pc flown"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for one in plan.relaxations:
        table.add_row(
            "\nand ".join(step.constraint for step in one.steps),
            "\n".join(_value(step.given, step.unit) for step in one.steps),
            "\n".join(_needed(step) for step in one.steps),
            clock(one.burn.epoch_utc),
            words.cm_s(one.burn.dv_m_s),
            words.pc(one.pc),
        )
    return table


def _needed(step: Step) -> str:
    if step.unit == "" and step.needed == 0:
        return "lifted"
    return _value(step.needed, step.unit)


def _value(value: float, unit: str) -> str:
    """A constraint's value in the unit in which people give it."""
    if unit == "":
        return "holds" if value == 1 else words.threshold(value)
    factor, shown = _SHOWN.get(unit, (1.0, unit))
    return f"{factor * value:.4g} {shown}"


def _burn_words(burn: Burn) -> str:
    return f"{words.speed(burn.dv_m_s)} at {clock(burn.epoch_utc)}"


def _row(one: Relaxation) -> Json:
    return {
        "constraint": one.constraint,
        "share": one.share,
        "sentence": one.sentence,
        "steps": [_step(step) for step in one.steps],
        "burn": _burn(one.burn),
        "pc_verified": one.pc,
    }


def _step(step: Step) -> Json:
    return {
        "constraint": step.constraint,
        "given": step.given,
        "needed": step.needed,
        "unit": step.unit,
        "share": step.share,
        "how": step.how,
    }


def _burn(burn: Burn) -> Json:
    return {
        "epoch_utc": iso(burn.epoch_utc),
        "t_before_tca_s": burn.t_before_tca_s,
        "dv_rtn_m_s": burn.dv_rtn_m_s.tolist(),
        "dv_m_s": burn.dv_m_s,
    }

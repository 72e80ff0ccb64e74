"""The options of a plan for a terminal: side by side, and every burn of those with several."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mdss.planner.options import Option, Plan
from mdss.planner.view import columns
from mdss.report import words
from mdss.report.pieces import bullet, clock, date, metres_signed, plain_table
from mdss.report.side_by_side import BURN_HEADS, brief, burn_cells, burns_span
from mdss.units import HOUR_S


def options_table(plan: Plan) -> RenderableType:
    """As many options side by side as there is room for; one line for each of the others."""
    places = columns(plan)
    shown = [plan.options[at] for at in places]
    table = plain_table("")
    table.columns[0].no_wrap = True
    for option in shown:
        table.add_column(_head(plan, option), justify="right", overflow="fold", min_width=12)
    for label, cell in _ROWS:
        texts = [cell(plan, option) for option in shown]
        if any(text != words.NOTHING for text in texts):
            pairs = zip(shown, texts, strict=True)
            table.add_row(Text(label), *(_cell(label, option, text) for option, text in pairs))
    others = [one for at, one in enumerate(plan.options) if at not in places]
    return Group(table, *_in_brief(others))


def burns_tables(options: Iterable[Option]) -> list[RenderableType]:
    """Every burn of each option that has more than one."""
    return [_burns_table(one) for one in options if len(one.burns) > 1]


def reasons(plan: Plan) -> RenderableType:
    """One sentence for each option."""
    lines = [bullet(one.letter, words.sentence(one.reason)) for one in plan.options]
    head = Text("\nWhy each is on the list", style="bold underline")
    return Group(head, *lines, Text())


def _in_brief(others: list[Option]) -> list[RenderableType]:
    if not others:
        return []
    head = Text("\nOther options", style="bold underline")
    return [head, *(bullet(one.letter, brief(one)) for one in others)]


def _burns_table(option: Option) -> RenderableType:
    table = plain_table(*BURN_HEADS)
    for column in table.columns[1:-1]:
        column.justify = "right"
    for burn in option.burns:
        table.add_row(*(f"{text} " for text in burn_cells(burn)))
    head = Text(f"\nBurns of {option.letter}, {burns_span(option)}", style="bold underline")
    return Group(head, Padding(table, (0, 0, 0, 2)))


# --- cells --------------------------------------------------------------------------------


def _head(plan: Plan, option: Option) -> Text:
    star = f"{words.STAR} " if option.name == plan.recommended else ""
    style = "bold green" if star else "bold"
    return Text(f"{star}{option.letter}\n{option.name.label}", style=style)


def _cell(label: str, option: Option, text: str) -> Text:
    bad = not option.feasible and label in ("feasible", "Pc verified")
    return Text(text, style="red" if bad else "")


def _of_burns(make: Callable[[Plan, Option], str]) -> Callable[[Plan, Option], str]:
    return lambda plan, option: make(plan, option) if option.burns else words.NOTHING


def _burn_epoch(plan: Plan, option: Option) -> str:
    first = two_lines(option.burns[0].epoch_utc)
    count = len(option.burns)
    return first if count == 1 else f"{first}\n{count} burns"


def _before_h(plan: Plan, option: Option) -> str:
    return f"{option.burns[0].t_before_tca_s / HOUR_S:.2f}"


def _before_orbits(plan: Plan, option: Option) -> str:
    return f"{option.burns[0].t_before_tca_s / plan.period_s:.2f}"


def _dv_part(axis: int) -> Callable[[Plan, Option], str]:
    """Of a single burn: the parts of several at different times add up to nothing of use."""

    def text(plan: Plan, option: Option) -> str:
        if len(option.burns) != 1:
            return words.NOTHING
        return words.signed(100 * option.burns[0].dv_rtn_m_s[axis], 3)

    return text


def _miss_part(axis: int) -> Callable[[Plan, Option], str]:
    return lambda plan, option: metres_signed(option.miss_rtn_after_m[axis])


def _feasible(plan: Plan, option: Option) -> str:
    if not option.feasible:
        return f"{words.ACT} no"
    return "yes" if option.method_valid else f"{words.CAUTION} Pc invalid"


def _duration(plan: Plan, option: Option) -> str:
    return f"{option.burn_duration_s:.1f}"


def _return_fuel(plan: Plan, option: Option) -> str:
    later_kg = float(option.outcome.return_propellant_kg)
    return words.grams(later_kg) if later_kg > 0 else words.NOTHING


def _deviation(plan: Plan, option: Option) -> str:
    boxes = float(option.outcome.deviation_boxes)
    return words.boxes(boxes) if boxes > 0 else words.NOTHING


def _gap(plan: Plan, option: Option) -> str:
    proof = option.certificate
    return words.NOTHING if proof is None else words.gap(proof.relative_gap)


def _worst_pc(plan: Plan, option: Option) -> str:
    return words.pc(option.worst_case.pc) if option.worst_case else words.NOTHING


def _worst_case(plan: Plan, option: Option) -> str:
    return option.worst_case.name if option.worst_case else words.NOTHING


def _cost(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else words.NOTHING


def two_lines(instant_utc: datetime | None, digits: int = 0) -> str:
    """Date over time of day."""
    if instant_utc is None:
        return words.NOTHING
    return f"{date(instant_utc)}\n{clock(instant_utc, digits)}"


_ROWS: tuple[tuple[str, Callable[[Plan, Option], str]], ...] = (
    ("burn (UTC)", _of_burns(_burn_epoch)),
    ("before TCA [h]", _of_burns(_before_h)),
    ("before TCA [orbits]", _of_burns(_before_orbits)),
    ("Δv R [cm/s]", _dv_part(0)),
    ("Δv T [cm/s]", _dv_part(1)),
    ("Δv N [cm/s]", _dv_part(2)),
    ("Δv size [cm/s]", lambda plan, option: f"{100 * option.dv_total_m_s:.3f}"),
    ("proven gap [%]", _gap),
    ("propellant [g]", lambda plan, option: f"{1e3 * option.propellant_kg:.1f}"),
    ("return later [g]", _return_fuel),
    ("burn duration [s]", _of_burns(_duration)),
    ("Pc before", lambda plan, option: words.pc(option.pc_before)),
    ("Pc linear", lambda plan, option: words.pc(option.pc_linear)),
    ("Pc verified", lambda plan, option: words.pc(option.pc_verified)),
    ("Pc worst case", _worst_pc),
    ("worst case", _worst_case),
    ("miss before [m]", lambda plan, option: words.metres(option.miss_before_m)),
    ("miss after [m]", lambda plan, option: words.metres(option.miss_after_m)),
    ("miss after R [m]", _miss_part(0)),
    ("miss after T [m]", _miss_part(1)),
    ("miss after N [m]", _miss_part(2)),
    ("new TCA (UTC)", lambda plan, option: two_lines(option.tca_after_utc, 3)),
    ("interruption [min]", lambda plan, option: f"{option.interruption_min:.1f}"),
    ("deviation [boxes]", _deviation),
    ("commit by (UTC)", lambda plan, option: two_lines(option.commit_by_utc)),
    ("cancel by (UTC)", lambda plan, option: two_lines(option.cancel_by_utc)),
    ("policy cost", lambda plan, option: _cost(option.cost)),
    ("feasible", _feasible),
    ("policy distance", lambda plan, option: ", ".join(option.unmet) or words.NOTHING),
    ("binds", lambda plan, option: option.binds or words.NOTHING),
)

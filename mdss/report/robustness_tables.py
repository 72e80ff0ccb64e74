"""The robustness of an option as JSON values and as a table."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from mdss.planner.robustness_data import Robustness, RobustnessRow
from mdss.report import words
from mdss.report.pieces import bullet, plain_table


def robustness_json(found: Robustness | None) -> dict[str, Any] | None:
    """The table as plain values; None where none was asked for."""
    if found is None:
        return None
    return {
        "option": found.option,
        "pc_target": found.pc_target,
        "pc_act": found.pc_act,
        "conclusion": found.conclusion,
        "worst": found.worst.what,
        "worst_fired": found.worst_fired.what,
        "linear_error": found.linear_error,
        "notes": list(found.notes),
        "rows": [_row_json(row) for row in found.rows],
    }


def _row_json(row: RobustnessRow) -> dict[str, Any]:
    return {
        "change": str(row.change),
        "what": row.what,
        "detail": row.detail,
        "pc": row.pc,
        "below_target": row.below_target,
        "below_act": row.below_act,
        "flown": row.flown,
        "trusted": row.trusted,
    }


def robustness_table(found: Robustness | None) -> list[RenderableType]:
    """Every case with its Pc, how it stands to target and threshold, and how it was computed."""
    if found is None:
        return []
    table = plain_table("Case", "", "Pc", "to planned", "", "")
    for column in table.columns[2:4]:
        column.justify = "right"
    for column in table.columns:
        column.header_style = "bold"
    for row in found.rows:
        table.add_row(*_cells(found, row))
    said = [bullet(words.INFO, note) for note in (words.sentence(found.conclusion), *found.notes)]
    return [
        Text(f"Robustness of option {found.option}", style="bold underline"),
        Padding(table, (0, 0, 0, 2)),
        Padding(Text(_LEGEND), (0, 0, 0, 2)),
        *said,
    ]


_LEGEND = (
    "One thing changed at a time; burns keep their execution error on top. ~ by the linear map "
    "around the flight, the others on flown approaches."
)


_JUST = 1.1  # of the target: the Pc shown may read the same


def _cells(found: Robustness, row: RobustnessRow) -> tuple[Text, ...]:
    glyph, verdict, style = _verdict(found, row)
    worst = words.STAR + " worst" if row is found.worst else ""
    return (
        Text(f"{row.what}  "),
        Text(f"{row.detail}  "),
        Text(f"  {'' if row.flown else '~'}{words.pc(row.pc)}"),
        Text(f"  {words.ratio(row.pc, found.nominal.pc)}  "),
        Text(f"{glyph} {verdict}  ", style=style),
        Text(worst, style="bold"),
    )


def _verdict(found: Robustness, row: RobustnessRow) -> tuple[str, str, str]:
    """Glyph, words and style of how a row stands."""
    if not row.trusted:
        return words.CAUTION, "Pc not valid", "yellow"
    if not row.below_act:
        return words.ACT, "above act", "red"
    if not row.below_target:
        just = "just " if row.pc <= _JUST * found.pc_target else ""
        return words.CAUTION, f"{just}above target", "yellow"
    return words.GOOD, "holds", "green"

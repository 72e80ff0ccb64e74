"""The robustness of an option as JSON values and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from mdss.planner.options import OptionName
from mdss.planner.robustness.data import Robustness, RobustnessRow
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


def robustness_tables(
    tables: Sequence[Robustness], recommended: str | None
) -> list[RenderableType]:
    """Every case of the recommended option, of the others what they come to.

    Where nothing is recommended the first stands for it.
    """
    if not tables:
        return []
    full = next((one for one in tables if one.option == recommended), tables[0])
    others = [one for one in tables if one is not full]
    head = [Text("Of the other options; every case of each is in --json")] if others else []
    brief = [bullet(_letter(one), words.sentence(one.conclusion)) for one in others]
    return [*robustness_table(full), *head, *brief, Text()]


def _letter(found: Robustness) -> str:
    return OptionName(found.option).letter


def _title(found: Robustness) -> str:
    if found.option not in list(OptionName):  # burns outside a plan
        return f"Robustness {found.option}".strip()
    return f"Robustness of {_letter(found)}, {OptionName(found.option).label}"


def robustness_table(found: Robustness | None) -> list[RenderableType]:
    """Every case with its Pc, how it stands to target and threshold, and how it was computed."""
    if found is None:
        return []
    table = plain_table("Case", "", "Pc", "to planned", "", "")
    for column in table.columns[2:4]:
        column.justify = "right"
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for column in table.columns:
        column.header_style = "bold"
    for row in found.rows:
        table.add_row(*_cells(found, row))
    said = [bullet(words.INFO, note) for note in (words.sentence(found.conclusion), *found.notes)]
    return [
        Text(_title(found), style="bold underline"),
        Padding(table, (0, 0, 0, 2)),
        Padding(Text(_LEGEND), (0, 0, 0, 2)),
        *said,
    ]


_LEGEND = (
    "One thing changed at a time; burns keep their execution error on top. ~ by the linear map "
    "around the flight, the others on flown approaches."
)


_TOLD = 1e-4  # of the Pc as planned: below, digits say nothing
_JUST = 1.1  # of the target: the Pc shown may read the same


def _cells(found: Robustness, row: RobustnessRow) -> tuple[Text, ...]:
    glyph, verdict, style = _verdict(found, row)
    worst = words.STAR + " worst" if row is found.worst else ""
    return (
        Text(f"{row.what}  "),
        Text(f"{row.detail}  "),
        Text(f"  {'' if row.flown else '~'}{words.pc(row.pc)}"),
        Text(f"  {_to_planned(row, found)}  "),
        Text(f"{glyph} {verdict}  ", style=style),
        Text(worst, style="bold"),
    )


def _to_planned(row: RobustnessRow, found: Robustness) -> str:
    planned = found.nominal.pc
    return words.ratio(row.pc, planned) if row.pc >= _TOLD * planned else f"×<{_TOLD:g}"


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

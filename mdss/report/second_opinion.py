"""A second opinion as JSON values and as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mdss.planner.second_opinion import FlownTwice, SecondOpinion
from mdss.report import words


def second_opinion_json(opinion: SecondOpinion | None) -> dict[str, Any] | None:
    """As `second_opinion` of schema "plan" says; None where none was asked for."""
    if opinion is None:
        return None
    return {
        "first_model": opinion.first_model,
        "second_model": opinion.second_model,
        "differences": opinion.differences,
        "conclusion": opinion.conclusion,
        "flights": [_flight_json(one) for one in opinion.flights],
    }


def _flight_json(flight: FlownTwice) -> dict[str, Any]:
    return {
        "option": str(flight.option),
        "displacement_m": flight.displacement_m,
        "position_difference_m": flight.position_difference_m,
        "coast_difference_m": flight.coast_difference_m,
        "miss_first_m": flight.miss_m[0],
        "miss_second_m": flight.miss_m[1],
        "tca_difference_s": flight.tca_difference_s,
        "pc_first": flight.pc[0],
        "pc_second": flight.pc[1],
    }


def second_opinion_table(opinion: SecondOpinion | None) -> list[RenderableType]:
    """What both models say about each option, and in what they differ; empty without one."""
    if opinion is None:
        return []
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    table.add_column("")
    for flight in opinion.flights:
        head = f"{flight.option.letter}\n{flight.option.label}"
        table.add_column(Text(head), justify="right", min_width=14)
    for label, cell in _ROWS:
        table.add_row(Text(label), *(cell(flight) for flight in opinion.flights))
    return [
        Text("Second opinion", style="bold underline"),
        Padding(Text(opinion.conclusion), (0, 0, 1, 2)),
        Padding(table, (0, 0, 0, 2)),
        Padding(Text(f"First: {opinion.first_model}."), (1, 0, 0, 2)),
        Padding(Text(f"Second: {opinion.second_model}. {opinion.differences}"), (0, 0, 1, 2)),
    ]


def _fine_metres(value_m: float) -> str:
    return f"{value_m:.3f}" if abs(value_m) < 100 else words.metres(value_m)


_ROWS: tuple[tuple[str, Callable[[FlownTwice], str]], ...] = (
    ("moved by the burn [m]", lambda one: words.metres(one.displacement_m)),
    ("models apart at TCA [m]", lambda one: _fine_metres(one.position_difference_m)),
    ("models apart at the burn [m]", lambda one: _fine_metres(one.coast_difference_m)),
    ("miss, first [m]", lambda one: f"{one.miss_m[0]:.2f}"),
    ("miss, second [m]", lambda one: f"{one.miss_m[1]:.2f}"),
    ("Pc verified, first", lambda one: f"{one.pc[0]:.3e}"),
    ("Pc verified, second", lambda one: f"{one.pc[1]:.3e}"),
    ("Pc change", lambda one: f"{100 * (one.pc_ratio - 1):+.2f} %"),
)

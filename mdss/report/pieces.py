"""Pieces of terminal output that several tables share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from mdss.notices import Notice
from mdss.report import words


def plain_table(*heads: str) -> Table:
    """A table with a line under its heads and no frame."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    for head in heads:
        table.add_column(Text(head), overflow="fold")
    return table


def bullet(mark: str, text: str, style: str = "") -> RenderableType:
    """A paragraph that hangs on its mark."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, style=style or "bold")
    grid.add_column(overflow="fold")
    grid.add_row(f"  {mark}", Text(text))
    return grid


def notice_lines(notices: Iterable[Notice], before: str = "") -> list[RenderableType]:
    """A bullet for each notice, its code at the end."""
    return [
        bullet(words.CAUTION, f"{before}{notice} [{notice.code}]", style="yellow")
        for notice in notices
    ]


def date(instant_utc: datetime) -> str:
    """Year, month, day."""
    return f"{instant_utc:%Y-%m-%d}"


def clock(instant_utc: datetime, digits: int = 0) -> str:
    """Time of day, cut (not rounded) after so many digits of a second."""
    text = f"{instant_utc:%H:%M:%S}"
    return f"{text}.{instant_utc:%f}"[: len(text) + 1 + digits] if digits else text


def metres_signed(value_m: float) -> str:
    """A signed distance in metres without its unit, a decimal under 10 m."""
    return words.signed(value_m, 1 if abs(value_m) < 10 else 0)

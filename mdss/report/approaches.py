"""Found approaches for a terminal and as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mdss.ephemeris import Ephemeris
from mdss.report import words
from mdss.report.pieces import clock, date, notice_lines, plain_table
from mdss.screening import AssessedApproach, Screening
from mdss.units import iso

Json = dict[str, Any]

_EDGE_WORDS = {"start": "window starts: closer before", "end": "window ends: closer after"}


# --- find ---------------------------------------------------------------------------------


def find_tables(screening: Screening) -> RenderableType:
    """The orbits and the window, a row an approach, what it rests on."""
    return Group(_head(screening), _approaches(screening), *_below(screening))


def _head(screening: Screening) -> RenderableType:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True, style="dim")
    rows.add_column(overflow="fold")
    for word, one in (("object 1", screening.first), ("object 2", screening.second)):
        rows.add_row(word, Text(_orbit_words(one)))
    rows.add_row("window", f"{iso(screening.start_utc)} to {iso(screening.end_utc)}")
    rows.add_row("approaches", _count_words(screening))
    return Group(rows, Text())


def _orbit_words(one: Ephemeris) -> str:
    covariance = one.covariance_origin or "no covariance"
    return f"{one.label} ({one.designator}), {one.source}; {covariance}"


def _count_words(screening: Screening) -> str:
    if screening.max_distance_m is not None:
        return f"{screening.count} within {words.length(screening.max_distance_m)}"
    shown, count = len(screening.listed), screening.count
    closest = f"; the {shown} closest are listed (--max-distance lists others)"
    return f"{count}{closest if shown < count else ''}"


def _approaches(screening: Screening) -> RenderableType:
    if not screening.listed:
        return Text("No approach in this window.")
    table = plain_table("TCA (UTC)", "miss\n[m]", "R\n[m]", "T\n[m]", "N\n[m]", "speed\n[m/s]")
    table.add_column(Text("HBR\n[m]"))
    table.add_column(Text("Pc"))
    table.add_column(Text("remark"), overflow="fold")
    table.columns[0].no_wrap = True
    for column in table.columns[1:8]:
        column.justify = "right"
    for one in screening.listed:
        table.add_row(*_cells(one))
    return table


def _cells(one: AssessedApproach) -> Sequence[RenderableType]:
    approach, risk = one.approach, one.risk
    doubt = "" if risk is None or risk.trusted else f" {words.CAUTION}"
    return [
        f"{date(approach.tca_utc)} {clock(approach.tca_utc, 3)}",
        words.metres(approach.miss_distance_m),
        *(words.number(part) for part in approach.miss_rtn_m),
        f"{approach.relative_speed_m_s:.0f}",
        words.NOTHING if risk is None else f"{risk.hbr.radius_m:g}",
        words.NOTHING if risk is None else f"{words.pc(risk.pc)}{doubt}",
        Text(_remark(one)),
    ]


def _remark(one: AssessedApproach) -> str:
    if one.approach.edge:
        return _EDGE_WORDS[one.approach.edge]
    if one.problem is not None:
        return str(one.problem)
    return "" if one.risk is not None else "no covariance: no Pc"


def _below(screening: Screening) -> list[RenderableType]:
    """What the orbits rest on; of the risks each kind of warning once, the closest first."""
    said = list(screening.notices)
    codes = {notice.code for notice in said}
    for one in sorted(screening.listed, key=lambda one: one.approach.miss_distance_m):
        new = [n for n in (one.risk.notices if one.risk else ()) if n.code not in codes]
        said += new
        codes |= {notice.code for notice in new}
    if not said:
        return []
    return [Text("\nWarnings", style="bold underline"), *notice_lines(said)]


def find_json(screening: Screening) -> Json:
    """A search with its approaches, as schema "find" says."""
    return {
        "objects": [_orbit(one) for one in (screening.first, screening.second)],
        "window": {"start_utc": iso(screening.start_utc), "end_utc": iso(screening.end_utc)},
        "max_distance_m": screening.max_distance_m,
        "count": screening.count,
        "approaches": [_approach(one) for one in screening.listed],
        "warnings": [notice.as_dict() for notice in screening.notices],
    }


def _orbit(one: Ephemeris) -> Json:
    return {
        "designator": one.designator,
        "name": one.name,
        "file": one.source,
        "central_body": one.central_body,
        "covariance": one.covariance_origin or None,
    }


def _approach(one: AssessedApproach) -> Json:
    approach, risk = one.approach, one.risk
    return {
        "tca_utc": approach.tca_utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z",
        "edge": approach.edge or None,
        "miss_distance_m": approach.miss_distance_m,
        "miss_rtn_m": approach.miss_rtn_m.tolist(),
        "relative_speed_m_s": approach.relative_speed_m_s,
        "relative_velocity_rtn_m_s": approach.relative_velocity_rtn_m_s.tolist(),
        "interpolation_error_m": approach.interpolation_error_m,
        "pc": None if risk is None else risk.pc,
        "pc_method": None if risk is None else str(risk.pc_method),
        "pc_trusted": None if risk is None else risk.trusted,
        "hard_body_radius_m": None if risk is None else risk.hbr.radius_m,
        "hbr_source": None if risk is None else str(risk.hbr.source),
        "sigma_plane_m": None if risk is None else list(risk.sigma_plane_m),
        "no_pc_because": _remark(one) or None if risk is None else None,
    }

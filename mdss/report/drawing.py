"""What all figures share: axes, lines, option letters that keep apart, ticks before TCA."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdss.planner.options import Option, Plan
from mdss.report import words
from mdss.report.palette import Palette
from mdss.report.side_by_side import burns_span
from mdss.units import HOUR_S, shifted

FloatArray = NDArray[np.float64]
Point = tuple[float, float]
Box = tuple[Point, Point]
"""Ranges of both axes, data units."""

OPTIONS_TRACE = "options"
"""Name of the letters; each carries itself as customdata."""
SQUARE_PX = 20
"""Side of a letter's square."""

_FONT = "Source Sans, Source Sans Pro, DejaVu Sans, sans-serif"
_STEPS_H = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96)


def new_figure(colors: Palette, height: int, margin: dict[str, int]) -> Any:
    """An empty figure of fixed height [px], transparent, without legend and motion."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        margin=margin,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": _FONT, "size": 13, "color": colors.text},
        hoverlabel={
            "font": {"family": _FONT, "size": 13, "color": colors.text},
            "bgcolor": colors.panel,
            "bordercolor": colors.border,
            "align": "left",
        },
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        transition={"duration": 0},
    )
    return figure


def axis(colors: Palette, title: str = "", **more: Any) -> dict[str, Any]:
    """Settings of an axis that nobody can zoom; `more` adds to them or replaces them."""
    return {
        "title": {"text": title, "font": {"size": 12.5, "color": colors.muted}, "standoff": 6},
        "tickfont": {"size": 12, "color": colors.muted},
        "gridcolor": colors.grid,
        "linecolor": colors.border,
        "showline": True,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": colors.border,
        "fixedrange": True,
        **more,
    }


def line(x: Any, y: Any, color: str, width: float, **more: Any) -> Any:
    """A line without hover; `dash` and any other setting of a scatter may be given."""
    import plotly.graph_objects as go

    dash = more.pop("dash", "solid")
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": color, "width": width, "dash": dash},
        hoverinfo="skip",
        **more,
    )


def haloed(figure: Any, x: Any, y: Any, colors: Palette, dash: str) -> None:
    """Add a line that stays visible on any colour: over a wider one in the page colour."""
    figure.add_trace(line(x, y, colors.halo, 4.5))
    figure.add_trace(line(x, y, colors.line, 2, dash=dash))


def spread(points: Sequence[Point], size: float, bounds: Box) -> list[Point]:
    """Places for square labels near their points so that none covers another label or point.

    Parameters
    ----------
    points : sequence of (x, y)
        In pixels.
    size : float
        Side of a label [px].
    bounds : ((x, x), (y, y))
        Centres stay inside, where there is room [px].

    Returns
    -------
    list of (x, y)
        Centres, in the order of the points; the point itself where nothing is in the way.
    """
    placed: list[Point] = []
    for at, point in enumerate(points):
        others = [other for index, other in enumerate(points) if index != at]
        best = next(
            (
                place
                for place in _around(point, size)
                if inside(place, bounds)
                and all(apart(place, other, size + 2) for other in placed)
                and (place == point or apart(place, point, 0.5 * size + 5))
                and all(apart(place, other, 0.5 * size + 4) for other in others)
            ),
            point,
        )
        placed.append(best)
    return placed


def _around(point: Point, size: float) -> list[Point]:
    rings = [point]
    for step in range(1, 12):
        radius = (0.75 + 0.4 * step) * size
        rings += [
            (point[0] + radius * math.cos(angle), point[1] + radius * math.sin(angle))
            for angle in np.linspace(0.25 * math.pi, 2.25 * math.pi, 16, endpoint=False)
        ]
    return rings


def inside(place: Point, bounds: Box) -> bool:
    """Whether a place lies within ranges, edges included."""
    return all(low <= value <= high for value, (low, high) in zip(place, bounds, strict=True))


def apart(one: Point, other: Point, distance: float) -> bool:
    """Whether two places are so far apart along one of the axes."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= distance


def add_letters(
    figure: Any,
    places: dict[str, Point],
    hover: dict[str, str],
    selected: str,
    colors: Palette,
    box: Box,
    px: Point,
    off: Collection[str] = (),
) -> dict[str, Point]:
    """Option letters in squares at data positions, moved apart, each joined to its point.

    Those that are `off` are drawn in the colour of what is not applicable. Returns where the
    letters ended up, in data units.
    """
    letters = sorted(places)  # fixed, so that a selection moves nothing
    scale = [size / (high - low) for size, (low, high) in zip(px, box, strict=True)]
    pixels = [pixels_of(places[one], box, px) for one in letters]
    half = 0.5 * SQUARE_PX + 1
    moved = spread(pixels, SQUARE_PX, ((half, px[0] - half), (half, px[1] - half)))
    (x_low, _), (y_low, _) = box
    at = [(x_low + x / scale[0], y_low + y / scale[1]) for x, y in moved]
    _leaders(figure, [places[one] for one in letters], at, colors)
    add_squares(figure, letters, at, hover, selected, colors, off)
    return dict(zip(letters, at, strict=True))


def pixels_of(point: Point, box: Box, px: Point) -> Point:
    """A data position in pixels from the lower left corner, on the narrowest screen."""
    (x_low, x_high), (y_low, y_high) = box
    return (
        (point[0] - x_low) * px[0] / (x_high - x_low),
        (point[1] - y_low) * px[1] / (y_high - y_low),
    )


def _leaders(figure: Any, points: Sequence[Point], labels: Sequence[Any], colors: Palette) -> None:
    import plotly.graph_objects as go

    x = [v for p, q in zip(points, labels, strict=True) for v in (p[0], q[0], None)]
    y = [v for p, q in zip(points, labels, strict=True) for v in (p[1], q[1], None)]
    figure.add_trace(line(x, y, colors.halo, 3))
    figure.add_trace(line(x, y, colors.line, 1))
    figure.add_trace(
        go.Scatter(
            x=[p[0] for p in points],
            y=[p[1] for p in points],
            mode="markers",
            marker={
                "size": 7,
                "color": colors.line,
                "line": {"color": colors.halo, "width": 1.5},
            },
            hoverinfo="skip",
            name="option points",
            unselected={"marker": {"opacity": 1}},
        )
    )


def add_squares(
    figure: Any,
    letters: Sequence[str],
    at: Sequence[Any],
    hover: dict[str, str],
    selected: str,
    colors: Palette,
    off: Collection[str] = (),
) -> None:
    """Add option letters in squares; clicks on them carry the letter."""
    import plotly.graph_objects as go

    styles = {
        "chosen": (colors.page, colors.selection, colors.line),
        "plain": (colors.text, colors.page, colors.line),
        "off": (colors.off, colors.page, colors.off),
    }
    kinds = ["chosen" if one == selected else "off" if one in off else "plain" for one in letters]
    for kind, (color, inside_color, edge) in styles.items():
        here = [at for at, one in enumerate(kinds) if one == kind]
        figure.add_trace(
            go.Scatter(
                x=[at[index][0] for index in here],
                y=[at[index][1] for index in here],
                mode="markers+text",
                text=[f"<b>{letters[index]}</b>" for index in here],
                textfont={
                    "size": 13 if max(map(len, letters), default=1) == 1 else 12,
                    "color": color,
                },
                marker={
                    "symbol": "square",
                    "size": [SQUARE_PX + 5 * (len(letters[at]) > 2) for at in here],
                    "opacity": 1,
                    "color": inside_color,
                    "line": {"color": edge, "width": 1.5},
                },
                customdata=[[letters[index]] for index in here],
                hovertext=[hover[letters[index]] for index in here],
                hovertemplate="%{hovertext}<extra></extra>",
                name=OPTIONS_TRACE,
                unselected={"marker": {"opacity": 1}, "textfont": {"color": color}},
                selected={"marker": {"opacity": 1}, "textfont": {"color": color}},
            )
        )


def option_hover(plan: Plan, one: Option, last: str) -> str:
    """What an option is, when it burns, its Pc, and a last line."""
    lines = [f"<b>{one.letter} {one.name.label}</b>", *_burn_lines(one)]
    mark = "" if one.method_valid else f" {words.ACT} Pc not valid"
    lines.append(f"Pc {words.pc(one.pc_verified)} verified{mark}")
    return "<br>".join([*lines, f"<i>{last}</i>"])


def _burn_lines(one: Option) -> list[str]:
    if not one.burns:
        return []
    total = words.speed(one.dv_total_m_s)
    if len(one.burns) > 1:
        return [burns_span(one), f"Δv {total} in all"]
    (burn,) = one.burns
    return [
        f"{words.clock(burn.epoch_utc, seconds=True)} UTC, {words.before_tca(burn.t_before_tca_s)}",
        f"Δv {total}: {words.rtn(burn.dv_rtn_m_s, 2, 100)} cm/s",
    ]


def time_ticks(plan: Plan, first_h: float, last_h: float) -> tuple[list[float], list[str]]:
    """Whole steps before TCA, each with its clock: about eight of them."""
    step = next((one for one in _STEPS_H if (last_h - first_h) / one <= 8), 168)
    values = np.arange(math.ceil(first_h / step), math.floor(last_h / step) + 1) * step
    return [float(v) for v in values], [_tick(plan, float(v)) for v in values]


def _tick(plan: Plan, hours: float) -> str:
    at = shifted(plan.conjunction.tca_utc, hours * HOUR_S)
    name = "TCA" if hours == 0 else f"T{words.MINUS if hours < 0 else '+'}{abs(hours):g} h"
    return f"{name}<br>{words.clock(at, date=False)}"


def translucent(color: str, opacity: float) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"

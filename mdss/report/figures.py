"""The figures of a plan, in Plotly: trade space, encounter plane, timeline, Pc history.

Each function takes a plan and gives a figure whose numbers are the plan's; the formulas are in
`mdss.planner.view`. Sizes are fixed so that nothing moves when the data do; letters of options
that lie close together are moved apart and joined to their points by a line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.view import (
    HistoryPoint,
    PlaneView,
    Span,
    clipped,
    threshold_lines,
    too_late_spans,
    window_spans,
)
from mdss.report import words
from mdss.report.palette import Palette
from mdss.units import DAY_S, HOUR_S, seconds_between, shifted

FloatArray = NDArray[np.float64]
Point = tuple[float, float]

TRADE_HEIGHT, PLANE_HEIGHT, TIMELINE_HEIGHT, HISTORY_HEIGHT = 372, 248, 248, 248
TRADE_GRID = "trade grid"
"""Name of the invisible points of the trade space; customdata begins with their two indices."""
TRADE_OPTIONS = "options"
"""Name of the letters; each carries its option's name as customdata."""

_FONT = "Source Sans, Source Sans Pro, DejaVu Sans, sans-serif"
_SQUARE_PX = 20
_TRADE_PX = (430.0, 326.0)  # the plot area on the narrowest screen, for moving letters apart
_PLANE_PX = (430.0, 196.0)
_PC_RANGE = (1e-9, 1e-3)
_GRID_POINTS = (57, 25)
_LANES = 4


# --- shared -------------------------------------------------------------------------------


def _figure(colors: Palette, height: int, margin: dict[str, int]) -> Any:
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


def _axis(colors: Palette, title: str = "", **more: Any) -> dict[str, Any]:
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


def _line(x: Any, y: Any, color: str, width: float, **more: Any) -> Any:
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


def _haloed(figure: Any, x: Any, y: Any, colors: Palette, dash: str) -> None:
    figure.add_trace(_line(x, y, colors.halo, 4.5))
    figure.add_trace(_line(x, y, colors.line, 2, dash=dash))


def spread(points: Sequence[Point], size: float, bounds: tuple[Point, Point]) -> list[Point]:
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
                if _inside(place, bounds)
                and all(_apart(place, other, size + 2) for other in placed)
                and (place == point or _apart(place, point, 0.5 * size + 5))
                and all(_apart(place, other, 0.5 * size + 4) for other in others)
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


def _inside(place: Point, bounds: tuple[Point, Point]) -> bool:
    return all(low <= value <= high for value, (low, high) in zip(place, bounds, strict=True))


def _apart(one: Point, other: Point, distance: float) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= distance


def _letters(
    figure: Any,
    places: dict[OptionName, Point],
    hover: dict[OptionName, str],
    selected: OptionName,
    colors: Palette,
    box: tuple[Point, Point],
    px: Point,
) -> list[Point]:
    """Option letters in squares at data positions, moved apart, each joined to its point.

    Returns where the letters ended up, in data units.
    """
    names = sorted(places, key=lambda name: name.letter)  # fixed, so that a selection moves nothing
    scale = [size / (high - low) for size, (low, high) in zip(px, box, strict=True)]
    pixels = [_pixels(places[name], box, px) for name in names]
    half = 0.5 * _SQUARE_PX + 1
    moved = spread(pixels, _SQUARE_PX, ((half, px[0] - half), (half, px[1] - half)))
    (x_low, _), (y_low, _) = box
    at = [(x_low + x / scale[0], y_low + y / scale[1]) for x, y in moved]
    _leaders(figure, [places[name] for name in names], at, colors)
    _squares(figure, names, at, hover, selected, colors)
    return at


def _pixels(point: Point, box: tuple[Point, Point], px: Point) -> Point:
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
    figure.add_trace(_line(x, y, colors.halo, 3))
    figure.add_trace(_line(x, y, colors.line, 1))
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


def _squares(
    figure: Any,
    names: Sequence[OptionName],
    at: Sequence[Any],
    hover: dict[OptionName, str],
    selected: OptionName,
    colors: Palette,
) -> None:
    import plotly.graph_objects as go

    for chosen in (False, True):
        here = [at for at, name in enumerate(names) if (name == selected) == chosen]
        color = colors.page if chosen else colors.text
        figure.add_trace(
            go.Scatter(
                x=[at[index][0] for index in here],
                y=[at[index][1] for index in here],
                mode="markers+text",
                text=[f"<b>{names[index].letter}</b>" for index in here],
                textfont={"size": 13, "color": color},
                marker={
                    "symbol": "square",
                    "size": _SQUARE_PX,
                    "opacity": 1,
                    "color": colors.selection if chosen else colors.page,
                    "line": {"color": colors.line, "width": 1.5},
                },
                customdata=[[names[index].value] for index in here],
                hovertext=[hover[names[index]] for index in here],
                hovertemplate="%{hovertext}<extra></extra>",
                name=TRADE_OPTIONS,
                unselected={"marker": {"opacity": 1}, "textfont": {"color": color}},
                selected={"marker": {"opacity": 1}, "textfont": {"color": color}},
            )
        )


def _option_hover(plan: Plan, one: Option, last: str) -> str:
    lines = [f"<b>{one.name.letter} {one.name.title}</b>"]
    for burn in one.burns:
        lines.append(
            f"{words.clock(burn.epoch_utc, seconds=True)} UTC, "
            f"{words.before_tca(burn.t_before_tca_s)}"
        )
        lines.append(
            f"Δv {words.speed(one.dv_total_m_s)}: {words.rtn(burn.dv_rtn_m_s, 2, 100)} cm/s"
        )
    mark = "" if one.method_valid else f" {words.ACT} 2D not valid"
    lines.append(f"Pc {words.pc(one.pc_verified)} verified{mark}")
    return "<br>".join([*lines, f"<i>{last}</i>"])


# --- trade space --------------------------------------------------------------------------


def trade_space_figure(plan: Plan, colors: Palette, selected: OptionName) -> Any:
    """Burn time by in-track delta-v, colour log10 of linear 2D Pc.

    Parameters
    ----------
    plan : Plan
    colors : Palette
    selected : OptionName
        Its letter is drawn in the selection colour.

    Returns
    -------
    plotly.graph_objects.Figure
        x: hours from TCA (negative before it); y: cm/s.
    """
    trade = plan.trade_space
    hours, dv = -trade.t_before_tca_s / HOUR_S, 100 * trade.dv_m_s
    box = ((float(hours[0]), float(hours[-1])), (float(dv[0]), float(dv[-1])))
    figure = _figure(colors, TRADE_HEIGHT, {"l": 52, "r": 52, "t": 6, "b": 40})
    figure.add_trace(_heat(plan, colors, hours, dv))
    for threshold, dash in ((plan.policy.pc_act, "solid"), (plan.policy.pc_target, "8px,5px")):
        for edge in threshold_lines(trade, threshold):
            _haloed(figure, hours, 100 * edge, colors, dash)
    _trade_windows(figure, plan, colors, box)
    burning = {one.name: one for one in plan.options if one.burns}
    taken: list[Point] = []
    if burning:
        places = {
            name: (-one.burns[0].t_before_tca_s / HOUR_S, 100 * float(one.burns[0].dv_rtn_m_s[1]))
            for name, one in burning.items()
        }
        hover = {n: _option_hover(plan, o, "click: select") for n, o in burning.items()}
        taken = _letters(figure, places, hover, selected, colors, box, _TRADE_PX)
    figure.add_trace(_click_grid(plan, hours, dv, box, taken))
    values, texts = _time_ticks(plan, *box[0])
    figure.update_xaxes(
        **_axis(colors, showgrid=False, range=box[0], tickvals=values, ticktext=texts)
    )
    figure.update_yaxes(
        **_axis(colors, "In-track Δv, cm/s", showgrid=False, range=box[1], tickformat="+~g")
    )
    figure.update_layout(hoverdistance=60, uirevision=plan.event.event_id)
    return figure


def pc_range(plan: Plan) -> tuple[float, float]:
    """Ends of the colour scale: 1e-9 to 1e-3, wider where the thresholds need it."""
    return (
        min(_PC_RANGE[0], 1e-2 * plan.policy.pc_target),
        max(_PC_RANGE[1], min(1.0, 10 * plan.policy.pc_act)),
    )


def _heat(plan: Plan, colors: Palette, hours: FloatArray, dv: FloatArray) -> Any:
    import plotly.graph_objects as go

    low, high = pc_range(plan)
    z = np.log10(np.clip(plan.trade_space.pc, low, high)).T.astype(np.float32)
    ticks = sorted({low, plan.policy.pc_target, plan.policy.pc_act, high} | _decades(plan))
    labels = {low: f"≤{words.threshold(low)}", high: f"≥{words.threshold(high)}"}
    return go.Heatmap(
        x=hours,
        y=dv,
        z=z,
        zmin=math.log10(low),
        zmax=math.log10(high),
        zsmooth="fast",
        colorscale=_colorscale(plan, colors),
        hoverinfo="skip",
        colorbar={
            "thickness": 10,
            "len": 1.0,
            "x": 1.01,
            "xpad": 2,
            "ypad": 0,
            "outlinewidth": 0,
            "tickvals": [math.log10(one) for one in ticks],
            "ticktext": [labels.get(one, words.threshold(one)) for one in ticks],
            "tickfont": {"size": 12, "color": colors.muted},
            "ticks": "",
        },
        name="Pc",
    )


def _decades(plan: Plan) -> set[float]:
    """Powers of ten that keep half a decade from the other ticks of the colour bar."""
    low, high = pc_range(plan)
    fixed = [low, high, plan.policy.pc_target, plan.policy.pc_act]
    tens = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    return {10.0**n for n in tens if all(abs(n - math.log10(one)) > 0.45 for one in fixed)}


def _colorscale(plan: Plan, colors: Palette) -> list[list[float | str]]:
    """Three bands: the thresholds are edges, not shades."""
    low, high = (math.log10(one) for one in pc_range(plan))
    target, act = (
        (math.log10(one) - low) / (high - low)
        for one in (plan.policy.pc_target, plan.policy.pc_act)
    )
    return [
        [0.0, colors.below[0]],
        [0.5 * target, colors.below[1]],
        [target, colors.below[2]],
        [target, colors.between],
        [act, colors.between],
        [act, colors.above[0]],
        [act + 0.5 * (1 - act), colors.above[1]],
        [1.0, colors.above[2]],
    ]


def _trade_windows(figure: Any, plan: Plan, colors: Palette, box: tuple[Point, Point]) -> None:
    """No-burn windows and what cannot be commanded any more hatched, contacts at the base."""
    (first, last), (low, high) = box
    operations = plan.operations
    start, end = first * HOUR_S, last * HOUR_S
    for span in clipped(window_spans(plan, operations.no_burn), start, end):
        figure.add_trace(_hatched(span, low, high, "/", colors, "no-burn"))
    for span in too_late_spans(plan):
        figure.add_trace(_hatched(span, low, high, "x", colors, "too late to command"))
    for span in clipped(window_spans(plan, operations.contacts), start, end):
        figure.add_shape(
            type="rect",
            x0=span.start_t_s / HOUR_S,
            x1=span.end_t_s / HOUR_S,
            yref="paper",
            y0=0,
            y1=0.03,
            fillcolor=colors.info,
            line={"color": colors.halo, "width": 1},
            name="contact",
        )


def _hatched(span: Span, low: float, high: float, shape: str, colors: Palette, name: str) -> Any:
    import plotly.graph_objects as go

    left, right = span.start_t_s / HOUR_S, span.end_t_s / HOUR_S
    return go.Scatter(
        x=[left, right, right, left, left],
        y=[low, low, high, high, low],
        mode="lines",
        line={"color": colors.line, "width": 0.6},
        fill="toself",
        fillpattern={
            "shape": shape,
            "size": 7,
            "solidity": 0.16,
            "fgcolor": colors.line,
            "bgcolor": "rgba(128,128,128,0.12)",
        },
        hoverinfo="skip",
        name=name,
    )


def _click_grid(
    plan: Plan, hours: FloatArray, dv: FloatArray, box: tuple[Point, Point], taken: Sequence[Point]
) -> Any:
    """Invisible points that take hover and click, but not where a letter is.

    A heat map itself gives no points to Streamlit.
    """
    import plotly.graph_objects as go

    letters = [_pixels(one, box, _TRADE_PX) for one in taken]

    i_t = np.unique(np.linspace(0, hours.size - 1, _GRID_POINTS[0]).round().astype(int))
    i_dv = np.unique(np.linspace(0, dv.size - 1, _GRID_POINTS[1]).round().astype(int))
    at_t, at_dv = (grid.ravel() for grid in np.meshgrid(i_t, i_dv))
    free = [
        all(
            _apart(_pixels((hours[i], dv[j]), box, _TRADE_PX), one, 0.8 * _SQUARE_PX)
            for one in letters
        )
        for i, j in zip(at_t, at_dv, strict=True)
    ]
    at_t, at_dv = at_t[free], at_dv[free]
    tca = plan.conjunction.tca_utc
    words_at = {
        int(i): (
            words.clock(shifted(tca, HOUR_S * float(hours[i]))),
            words.before_tca(-HOUR_S * float(hours[i])),
        )
        for i in i_t
    }
    return go.Scatter(
        x=hours[at_t],
        y=dv[at_dv],
        mode="markers",
        marker={"size": 9, "opacity": 0},
        customdata=[[int(i), int(j), *words_at[int(i)]] for i, j in zip(at_t, at_dv, strict=True)],
        hovertext=[words.pc(float(one)) for one in plan.trade_space.pc[at_t, at_dv]],
        hovertemplate=(
            "<b>Burn at %{customdata[2]} UTC</b>, %{customdata[3]}<br>in-track %{y:+.2f} cm/s"
            "<br>Pc %{hovertext}, 2D, linear<br><i>click: keep this point</i><extra></extra>"
        ),
        name=TRADE_GRID,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )


_STEPS_H = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96)


def _time_ticks(plan: Plan, first_h: float, last_h: float) -> tuple[list[float], list[str]]:
    """Whole steps before TCA, each with its clock: about eight of them."""
    step = next((one for one in _STEPS_H if (last_h - first_h) / one <= 8), 168)
    values = np.arange(math.ceil(first_h / step), math.floor(last_h / step) + 1) * step
    return [float(v) for v in values], [_tick(plan, float(v)) for v in values]


def _tick(plan: Plan, hours: float) -> str:
    at = shifted(plan.conjunction.tca_utc, hours * HOUR_S)
    name = "TCA" if hours == 0 else f"T{words.MINUS if hours < 0 else '+'}{abs(hours):g} h"
    return f"{name}<br>{words.clock(at, date=False)}"


# --- encounter plane ----------------------------------------------------------------------


def plane_figure(plan: Plan, view: PlaneView, colors: Palette, selected: OptionName) -> Any:
    """The encounter plane: covariance, where Pc is too high, and where each option passes.

    Parameters
    ----------
    plan : Plan
    view : PlaneView
    colors : Palette
    selected : OptionName
        An arrow leads from "no burn" to this one.

    Returns
    -------
    plotly.graph_objects.Figure
        Axes in m, equal scales, the other object at the origin.
    """
    figure = _figure(colors, PLANE_HEIGHT, {"l": 58, "r": 12, "t": 8, "b": 44})
    _outlines(figure, view, colors)
    box = _plane_box(view)
    figure.add_trace(_origin(view, colors))
    _plane_labels(figure, view, colors, box)
    places = {name: (float(at[0]), float(at[1])) for name, at in view.positions_m.items()}
    if selected in places and selected != OptionName.NO_BURN:
        _arrow(figure, places[OptionName.NO_BURN], places[selected], colors)
    hover = {
        name: _option_hover(
            plan, plan.option(name), f"{words.rtn(plan.option(name).miss_rtn_after_m)} m"
        )
        for name in places
    }
    _letters(figure, places, hover, selected, colors, box, _PLANE_PX)
    same = {"range": box[0], "tickformat": ",~r", "nticks": 6}
    figure.update_xaxes(**_axis(colors, "horizontal side, m", **same))
    figure.update_yaxes(
        **_axis(
            colors,
            "radial side, m",
            range=box[1],
            tickformat=",~r",
            nticks=7,
            scaleanchor="x",
            scaleratio=1,
        )
    )
    figure.update_layout(uirevision=plan.event.event_id)
    return figure


def _outlines(figure: Any, view: PlaneView, colors: Palette) -> None:
    outer = view.three_sigma_m
    figure.add_trace(_line(outer[:, 0], outer[:, 1], colors.muted, 1, dash="2px,3px", name="3σ"))
    if view.target_m is not None:
        edge = view.target_m
        figure.add_trace(
            _line(edge[:, 0], edge[:, 1], colors.info, 1.5, dash="8px,5px", name="Pc target")
        )
    if view.act_m is not None:
        edge = view.act_m
        figure.add_trace(
            _line(
                edge[:, 0],
                edge[:, 1],
                colors.above[1],
                2,
                fill="toself",
                fillcolor=_translucent(colors.above[1], 0.16),
                name="Pc act",
            )
        )
    inner = view.one_sigma_m
    figure.add_trace(_line(inner[:, 0], inner[:, 1], colors.text, 1, name="1σ"))


def _translucent(color: str, opacity: float) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _plane_box(view: PlaneView) -> tuple[Point, Point]:
    """Ranges of equal scale that hold the outlines, the 1σ ellipse and every position."""
    outlines = [view.one_sigma_m, view.act_m, view.target_m]
    points = np.concatenate(
        [one for one in outlines if one is not None]
        + [np.array(list(view.positions_m.values())), np.zeros((1, 2))]
    )
    low, high = points.min(axis=0), points.max(axis=0)
    middle = 0.5 * (low + high)
    half = 0.58 * (high - low) + 1e-3
    per_px = float(np.max(2 * half / np.array(_PLANE_PX)))
    reach = 0.5 * per_px * np.array(_PLANE_PX)
    return (
        (float(middle[0] - reach[0]), float(middle[0] + reach[0])),
        (float(middle[1] - reach[1]), float(middle[1] + reach[1])),
    )


def _origin(view: PlaneView, colors: Palette) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=[0],
        y=[0],
        mode="markers",
        marker={"symbol": "circle-open-dot", "size": 10, "color": colors.text},
        hovertemplate=(
            "<b>other object</b><br>hard-body radius "
            f"{words.number(view.hard_body_radius_m, 1)} m, not to scale<extra></extra>"
        ),
        name="other object",
    )


def _plane_labels(figure: Any, view: PlaneView, colors: Palette, box: tuple[Point, Point]) -> None:
    """σ labels on their ellipses, on the side that faces away from the options."""
    positions = np.array(list(view.positions_m.values()))
    away = -np.sign(positions.mean(axis=0) + 1e-9)
    for ellipse, text in ((view.one_sigma_m, "1σ"), (view.three_sigma_m, "3σ")):
        x, y = ellipse[int(np.argmax(ellipse @ away))]
        if _inside((float(x), float(y)), box):
            figure.add_annotation(
                x=float(x),
                y=float(y),
                text=text,
                showarrow=False,
                font={"size": 12, "color": colors.muted},
                bgcolor=colors.page,
                borderpad=1,
            )


def _arrow(figure: Any, start: Point, end: Point, colors: Palette) -> None:
    figure.add_annotation(
        x=end[0],
        y=end[1],
        ax=start[0],
        ay=start[1],
        xref="x",
        yref="y",
        axref="x",
        ayref="y",
        showarrow=True,
        text="",
        arrowhead=2,
        arrowsize=1.1,
        arrowwidth=1.6,
        arrowcolor=colors.selection,
    )


# --- timeline -----------------------------------------------------------------------------


def timeline_figure(plan: Plan, colors: Palette, selected: OptionName) -> Any:
    """Burns, payload, no-burn windows and contacts up to TCA, with the selected deadlines.

    Parameters
    ----------
    plan : Plan
    colors : Palette
    selected : OptionName
        Its commit and cancel are flagged.

    Returns
    -------
    plotly.graph_objects.Figure
        x: hours from TCA.
    """
    first, last = timeline_range_h(plan)
    figure = _figure(colors, TIMELINE_HEIGHT, {"l": 66, "r": 12, "t": 52, "b": 40})
    rows = {
        "Payload": (plan.operations.payload, colors.ok, ""),
        "No-burn": (plan.operations.no_burn, colors.caution, "/"),
        "Contacts": (plan.operations.contacts, colors.info, ""),
    }
    level = {name: -0.95 - 0.85 * at for at, name in enumerate(rows)}
    for name, (windows, color, shape) in rows.items():
        spans = clipped(window_spans(plan, windows), first * HOUR_S, last * HOUR_S)
        if spans:
            figure.add_trace(_bars(plan, spans, level[name], color, shape, name))
        else:
            text = "none in this time" if windows else "none given"
            _empty_row(figure, level[name], first, text, colors)
    lanes = _burn_lanes(figure, plan, colors, selected, (first, last))
    _flags(figure, plan, plan.option(selected), colors, (first, last))
    values, texts = _time_ticks(plan, first, last)
    figure.update_xaxes(**_axis(colors, range=[first, last], tickvals=values, ticktext=texts))
    figure.update_yaxes(
        **_axis(
            colors,
            showgrid=False,
            range=[-3.1, lanes - 0.45],
            tickvals=[0.5 * (lanes - 1), *level.values()],
            ticktext=["Burns", *level],
            ticks="",
            showline=False,
        )
    )
    figure.update_layout(uirevision=plan.event.event_id)
    return figure


def timeline_range_h(plan: Plan) -> Point:
    """From shortly before the first burn or commit (or from now, when later) to TCA [h]."""
    tca = plan.conjunction.tca_utc
    deadlines = [
        seconds_between(tca, instant) / HOUR_S
        for one in plan.options
        for instant in (one.commit_by_utc, one.cancel_by_utc)
        if instant is not None
    ]
    first = min([-float(plan.trade_space.t_before_tca_s[0]) / HOUR_S, *deadlines])
    now = seconds_between(tca, plan.now_utc) / HOUR_S
    first = 1.06 * first if not 1.12 * first < now < 0 else now
    return first, -0.015 * first


def _bars(plan: Plan, spans: tuple[Span, ...], y: float, color: str, shape: str, row: str) -> Any:
    import plotly.graph_objects as go

    tca = plan.conjunction.tca_utc
    return go.Bar(
        x=[(one.end_t_s - one.start_t_s) / HOUR_S for one in spans],
        base=[one.start_t_s / HOUR_S for one in spans],
        y=[y] * len(spans),
        orientation="h",
        width=0.5,
        marker={
            "color": color,
            "line": {"width": 0},
            "pattern": {
                "shape": shape,
                "fillmode": "overlay",
                "fgcolor": "rgba(0,0,0,0.55)",
                "size": 6,
                "solidity": 0.35,
            },
        },
        hovertext=[
            f"<b>{row}</b> {one.label}<br>{words.clock(shifted(tca, one.start_t_s))} to "
            f"{words.clock(shifted(tca, one.end_t_s), date=False)} UTC"
            for one in spans
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        name=row,
    )


def _empty_row(figure: Any, y: float, first: float, text: str, colors: Palette) -> None:
    figure.add_annotation(
        x=first,
        y=y,
        text=f"{words.OFF} {text}",
        showarrow=False,
        xanchor="left",
        xshift=6,
        bgcolor=colors.page,
        borderpad=1,
        font={"size": 12, "color": colors.muted},
    )


def _burn_lanes(figure: Any, plan: Plan, colors: Palette, selected: OptionName, ends: Point) -> int:
    """Letters of the burns, those that would cover each other on lanes above; how many lanes."""
    burning = sorted(
        (one for one in plan.options if one.burns), key=lambda one: -one.burns[0].t_before_tca_s
    )
    if not burning:
        _empty_row(figure, 0.0, ends[0], "no burn", colors)
        return 1
    width_h = 26 / 380 * (ends[1] - ends[0])  # a letter on the narrowest timeline
    free_from = [-math.inf] * _LANES
    at: list[Point] = []
    for one in burning:
        x = -one.burns[0].t_before_tca_s / HOUR_S
        lane = next((n for n, free in enumerate(free_from) if x >= free), len(free_from) - 1)
        x = max(x, free_from[lane])
        free_from[lane] = x + width_h
        at.append((x, float(lane)))
    names = [one.name for one in burning]
    hover = {one.name: _option_hover(plan, one, "mid-burn") for one in burning}
    figure.add_trace(_stems(burning, at, colors))
    _squares(figure, names, at, hover, selected, colors)
    return 1 + int(max(lane for _, lane in at))


def _stems(burning: Sequence[Option], at: Sequence[Point], colors: Palette) -> Any:
    """A line from each letter down to its instant on the base of the row."""
    x: list[float | None] = []
    y: list[float | None] = []
    for one, (shown, lane) in zip(burning, at, strict=True):
        true = -one.burns[0].t_before_tca_s / HOUR_S
        x += [shown, true, true, None]
        y += [lane, lane, -0.55, None]
    return _line(x, y, colors.muted, 1)


def _flags(figure: Any, plan: Plan, one: Option, colors: Palette, ends: Point) -> None:
    """Now and TCA on the upper line, commit and cancel of the selected option on lines below."""
    letter = one.name.letter
    _flag(figure, plan, "now", plan.now_utc, colors.text, 36, ends, "solid")
    tca_name = f"{words.ACT} TCA" if plan.burn_needed else "TCA"
    color = colors.act if plan.burn_needed else colors.text
    _flag(figure, plan, tca_name, plan.conjunction.tca_utc, color, 36, ends, "solid")
    for name, instant, height in (
        (f"{words.CAUTION} commit {letter}", one.commit_by_utc, 19),
        (f"cancel {letter}", one.cancel_by_utc, 2),
    ):
        if instant is not None:
            _flag(figure, plan, name, instant, colors.caution, height, ends, "2px,2px")


def _flag(
    figure: Any,
    plan: Plan,
    name: str,
    instant: Any,
    color: str,
    height: int,
    ends: Point,
    dash: str,
) -> None:
    x = seconds_between(plan.conjunction.tca_utc, instant) / HOUR_S
    early = x < ends[0]
    arrow = f"← {words.before_tca(-x * HOUR_S)}, " if early else ""
    x = min(max(x, ends[0]), ends[1])
    figure.add_annotation(
        x=x,
        y=1,
        yref="paper",
        yshift=height,
        yanchor="bottom",
        xanchor="left" if x < 0.5 * (ends[0] + ends[1]) else "right",
        text=f"{name} {arrow}{words.clock(instant, date=early)}",
        showarrow=False,
        font={"size": 12, "color": color},
    )
    if not early:
        figure.add_shape(
            type="line",
            x0=x,
            x1=x,
            yref="paper",
            y0=0,
            layer="between",
            y1=1 + height / (TIMELINE_HEIGHT - 92),
            line={"color": color, "width": 1.5, "dash": dash},
            name=name,
        )


# --- Pc history ---------------------------------------------------------------------------


def history_figure(
    plan: Plan, points: tuple[HistoryPoint, ...], colors: Palette, selected: OptionName
) -> Any:
    """2D Pc of every message of the event against time, with both thresholds.

    Parameters
    ----------
    plan : Plan
    points : tuple of HistoryPoint
        From `mdss.planner.view.history`.
    colors : Palette
    selected : OptionName
        Its commit is marked.

    Returns
    -------
    plotly.graph_objects.Figure
        x: days from TCA; y: log10 axis of Pc. A message holds until the next one.
    """
    known = [one for one in points if one.pc is not None and one.t_before_tca_s is not None]
    figure = _figure(colors, HISTORY_HEIGHT, {"l": 52, "r": 14, "t": 10, "b": 34})
    if not known:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        figure.add_annotation(text="No message with a creation date and a Pc", showarrow=False)
        return figure
    low, high = _history_range(plan, known)
    days = [-(one.t_before_tca_s or 0.0) / DAY_S for one in known]
    first = min(days)
    box = (1.16 * first, -0.02 * first) if first < 0 else (-1.0, 0.02)
    shown = [max(one.pc or 0.0, low) for one in known]
    _history_thresholds(figure, plan, colors, box, (low, high))
    figure.add_trace(
        _line([*days, 0.0], [*shown, shown[-1]], colors.selection, 2, line_shape="hv", name="held")
    )
    figure.add_trace(_history_points(known, days, shown, colors))
    figure.add_annotation(
        x=days[-1],
        y=math.log10(shown[-1]),
        text=f"<b>{words.pc(known[-1].pc)}</b>",
        showarrow=False,
        yshift=16 if math.log10(shown[-1]) < math.log10(high) - 0.4 else -16,
        xshift=4,
        bgcolor=colors.page,
        borderpad=1,
    )
    _history_commit(figure, plan, plan.option(selected), colors, box)
    values, texts = _day_ticks(box[0])
    figure.update_xaxes(**_axis(colors, range=box, tickvals=values, ticktext=texts))
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    every = max(1, math.ceil(len(decades) / 7))
    figure.update_yaxes(
        **_axis(
            colors,
            type="log",
            range=[math.log10(low), math.log10(high)],
            tickvals=[10.0**n for n in decades[::every]],
            ticktext=[f"1e{n}" if n else "1" for n in decades[::every]],
        )
    )
    figure.update_layout(uirevision=plan.event.event_id)
    return figure


def _history_range(plan: Plan, known: Sequence[HistoryPoint]) -> Point:
    values = [one.pc or 0.0 for one in known] + [plan.policy.pc_target, plan.policy.pc_act]
    low = max(1e-15, min(values))
    return 10.0 ** (math.floor(math.log10(low)) - 0.4), min(
        1.0, 10.0 ** (math.ceil(math.log10(max(values))) + 0.4)
    )


def _history_thresholds(figure: Any, plan: Plan, colors: Palette, box: Point, ends: Point) -> None:
    for name, value, color, dash in (
        ("act", plan.policy.pc_act, colors.act, "solid"),
        ("target", plan.policy.pc_target, colors.ok, "8px,5px"),
    ):
        figure.add_trace(_line(box, [value, value], color, 1.5, dash=dash, name=name))
        figure.add_annotation(
            x=box[0],
            y=math.log10(value),
            text=f"{name} {words.threshold(value)}",
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            font={"size": 12, "color": color},
        )


def _history_commit(figure: Any, plan: Plan, one: Option, colors: Palette, box: Point) -> None:
    if one.commit_by_utc is None:
        return
    x = seconds_between(plan.conjunction.tca_utc, one.commit_by_utc) / DAY_S
    if not box[0] <= x <= box[1]:
        return
    line = {"color": colors.caution, "width": 1.5, "dash": "2px,2px"}
    figure.add_shape(type="line", x0=x, x1=x, yref="paper", y0=0, y1=1, line=line, name="commit")
    figure.add_annotation(
        x=x,
        y=0,
        yref="paper",
        yanchor="bottom",
        xanchor="right",
        text=f"{words.CAUTION} commit {one.name.letter}",
        showarrow=False,
        font={"size": 12, "color": colors.caution},
    )


def _history_points(
    known: Sequence[HistoryPoint], days: list[float], shown: list[float], colors: Palette
) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=days,
        y=shown,
        mode="markers",
        marker={
            "size": 8,
            "color": colors.selection,
            "symbol": ["circle" if one.pc_valid else "x" for one in known],
            "line": {"color": colors.page, "width": 1},
        },
        hovertext=[_history_hover(one) for one in known],
        hovertemplate="%{hovertext}<extra></extra>",
        name="messages",
    )


def _history_hover(one: HistoryPoint) -> str:
    sigma = "" if one.sigma_m is None else " × ".join(words.length(s) for s in one.sigma_m)
    valid = "" if one.pc_valid else f" {words.ACT} 2D not valid"
    return (
        f"<b>Message of {words.clock(one.created_utc)} UTC</b>, "
        f"{words.before_tca(one.t_before_tca_s or 0.0)}"
        f"<br>Pc {words.pc(one.pc)}, 2D{valid}<br>miss {words.length(one.miss_m)}, 1σ {sigma}"
    )


def _day_ticks(first: float) -> tuple[list[float], list[str]]:
    step = next((one for one in (0.25, 0.5, 1, 2, 5, 10) if -first / one <= 7), 30)
    values = [float(-n * step) for n in range(int(-first / step), -1, -1)]
    return values, ["TCA" if v == 0 else f"T{words.MINUS}{-v:g} d" for v in values]

"""The trade space: burn time by in-track delta-v, colour log10 of Pc, options as letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.view import (
    Span,
    clipped,
    closed_spans,
    threshold_lines,
    too_late_spans,
    window_spans,
)
from mdss.report import words
from mdss.report.drawing import (
    SQUARE_PX,
    Box,
    FloatArray,
    Point,
    add_letters,
    apart,
    axis,
    haloed,
    new_figure,
    option_hover,
    pixels_of,
    time_ticks,
)
from mdss.report.palette import Palette
from mdss.report.pc_scale import heat_settings, pc_ends
from mdss.units import HOUR_S, shifted

GRID_TRACE = "trade grid"
"""Name of the invisible points that take clicks; customdata begins with their two indices."""

_HEIGHT = 372
_PX = (430.0, 326.0)  # the plot area on the narrowest screen, for moving letters apart
_GRID_POINTS = (57, 25)


def trade_space_figure(plan: Plan, colors: Palette, selected: OptionName) -> Any:
    """Burn time by in-track delta-v, colour log10 of linear Pc.

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
    figure = new_figure(colors, _HEIGHT, {"l": 52, "r": 52, "t": 6, "b": 40})
    figure.add_trace(_heat(plan, colors, hours, dv))
    for threshold, dash in ((plan.policy.pc_act, "solid"), (plan.policy.pc_target, "8px,5px")):
        for edge in threshold_lines(trade, threshold):
            haloed(figure, hours, 100 * edge, colors, dash)
    _trade_windows(figure, plan, colors, box)
    burning = {one.letter: one for one in plan.options if one.burns}
    taken: list[Point] = []
    if burning:
        places = {letter: _place(one, box) for letter, one in burning.items()}
        hover = {a: option_hover(plan, one, "click: select") for a, one in burning.items()}
        letter = plan.option(selected).letter
        taken = [*add_letters(figure, places, hover, letter, colors, box, _PX).values()]
    figure.add_trace(_click_grid(plan, hours, dv, box, taken))
    values, texts = time_ticks(plan, *box[0])
    figure.update_xaxes(
        **axis(colors, showgrid=False, range=box[0], tickvals=values, ticktext=texts)
    )
    figure.update_yaxes(
        **axis(colors, "In-track Δv, cm/s", showgrid=False, range=box[1], tickformat="+~g")
    )
    figure.update_layout(hoverdistance=60, uirevision=plan.event.event_id)
    return figure


def _place(one: Option, box: Box) -> Point:
    """The first burn at its in-track part; what lies beyond an edge is drawn at the edge."""
    burn = one.burns[0]
    ends = ((-burn.t_before_tca_s / HOUR_S, 100 * float(burn.dv_rtn_m_s[1])), box)
    x, y = (min(max(value, low), high) for value, (low, high) in zip(*ends, strict=True))
    return x, y


def pc_range(plan: Plan) -> tuple[float, float]:
    """Ends of the colour scale: 1e-9 to 1e-3, wider where the thresholds need it."""
    return pc_ends(plan.policy)


def _heat(plan: Plan, colors: Palette, hours: FloatArray, dv: FloatArray) -> Any:
    import plotly.graph_objects as go

    return go.Heatmap(
        x=hours,
        y=dv,
        z=np.log10(np.clip(plan.trade_space.pc, *pc_range(plan))).T.astype(np.float32),
        zsmooth="fast",
        hoverinfo="skip",
        name="Pc",
        **heat_settings(plan.policy, colors),
    )


def _trade_windows(figure: Any, plan: Plan, colors: Palette, box: Box) -> None:
    """No-burn windows and what cannot be commanded any more hatched, contacts at the base."""
    (first, last), (low, high) = box
    operations = plan.operations
    start, end = first * HOUR_S, last * HOUR_S
    for span in clipped(closed_spans(plan), start, end):
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
    plan: Plan, hours: FloatArray, dv: FloatArray, box: Box, taken: Sequence[Point]
) -> Any:
    """Invisible points that take hover and click, but not where a letter is.

    A heat map itself gives no points to Streamlit.
    """
    import plotly.graph_objects as go

    letters = [pixels_of(one, box, _PX) for one in taken]

    i_t = np.unique(np.linspace(0, hours.size - 1, _GRID_POINTS[0]).round().astype(int))
    i_dv = np.unique(np.linspace(0, dv.size - 1, _GRID_POINTS[1]).round().astype(int))
    at_t, at_dv = (grid.ravel() for grid in np.meshgrid(i_t, i_dv))
    free = [
        all(apart(pixels_of((hours[i], dv[j]), box, _PX), one, 0.8 * SQUARE_PX) for one in letters)
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
            "<br>Pc %{hovertext}, linear<br><i>click: keep this point</i><extra></extra>"
        ),
        name=GRID_TRACE,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )

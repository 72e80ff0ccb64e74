"""The encounter plane: covariance, where Pc is too high, where each option passes."""

from __future__ import annotations

from typing import Any

import numpy as np

from mdss.planner.options import OptionName, Plan
from mdss.planner.view import PlaneView
from mdss.report import words
from mdss.report.drawing import (
    Box,
    Point,
    add_letters,
    axis,
    inside,
    line,
    new_figure,
    option_hover,
    translucent,
)
from mdss.report.palette import Palette

_HEIGHT = 248
_PX = (430.0, 196.0)  # the plot area on the narrowest screen, for moving letters apart


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
    figure = new_figure(colors, _HEIGHT, {"l": 58, "r": 12, "t": 8, "b": 44})
    _outlines(figure, view, colors)
    box = _plane_box(view)
    figure.add_trace(_origin(view, colors))
    _plane_labels(figure, view, colors, box)
    places = {name: (float(at[0]), float(at[1])) for name, at in view.positions_m.items()}
    if selected in places and selected != OptionName.NO_BURN:
        _arrow(figure, places[OptionName.NO_BURN], places[selected], colors)
    shown = {name: plan.option(name) for name in places}
    hover = {
        one.letter: option_hover(plan, one, f"{words.rtn(one.miss_rtn_after_m)} m")
        for one in shown.values()
    }
    at = {shown[name].letter: place for name, place in places.items()}
    add_letters(figure, at, hover, plan.option(selected).letter, colors, box, _PX)
    same = {"range": box[0], "tickformat": ",~r", "nticks": 6}
    figure.update_xaxes(**axis(colors, "horizontal side, m", **same))
    figure.update_yaxes(
        **axis(
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
    figure.add_trace(line(outer[:, 0], outer[:, 1], colors.muted, 1, dash="2px,3px", name="3σ"))
    if view.target_m is not None:
        edge = view.target_m
        figure.add_trace(
            line(edge[:, 0], edge[:, 1], colors.info, 1.5, dash="8px,5px", name="Pc target")
        )
    if view.act_m is not None:
        edge = view.act_m
        figure.add_trace(
            line(
                edge[:, 0],
                edge[:, 1],
                colors.above[1],
                2,
                fill="toself",
                fillcolor=translucent(colors.above[1], 0.16),
                name="Pc act",
            )
        )
    inner = view.one_sigma_m
    figure.add_trace(line(inner[:, 0], inner[:, 1], colors.text, 1, name="1σ"))


def _plane_box(view: PlaneView) -> Box:
    """Ranges of equal scale that hold the outlines, the 1σ ellipse and every position."""
    outlines = [view.one_sigma_m, view.act_m, view.target_m]
    points = np.concatenate(
        [one for one in outlines if one is not None]
        + [np.array(list(view.positions_m.values())), np.zeros((1, 2))]
    )
    low, high = points.min(axis=0), points.max(axis=0)
    middle = 0.5 * (low + high)
    half = 0.58 * (high - low) + 1e-3
    per_px = float(np.max(2 * half / np.array(_PX)))
    reach = 0.5 * per_px * np.array(_PX)
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


def _plane_labels(figure: Any, view: PlaneView, colors: Palette, box: Box) -> None:
    """σ labels on their ellipses, on the side that faces away from the options."""
    positions = np.array(list(view.positions_m.values()))
    away = -np.sign(positions.mean(axis=0) + 1e-9)
    for ellipse, text in ((view.one_sigma_m, "1σ"), (view.three_sigma_m, "3σ")):
        x, y = ellipse[int(np.argmax(ellipse @ away))]
        if inside((float(x), float(y)), box):
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

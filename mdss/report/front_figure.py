"""The Pareto front in two views: fuel against payload time, decision lead against Pc.

Both show the same plans under the same letters, so that four of the five costs are read as
places; deviation, and all five as numbers, are on hover and in the table beside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mdss.planner.front.data import Front
from mdss.planner.options import Option, Plan
from mdss.report import words
from mdss.report.drawing import Box, Point, add_letters, axis, line, new_figure
from mdss.report.palette import Palette

View = Literal["fuel", "lead"]

_HEIGHT = 270
_MARGIN = {"l": 58, "r": 44, "t": 8, "b": 44}
_RING_PX = 34
_PX = (330.0, 218.0)  # the plot area on the narrowest screen, for moving letters apart
_ROOM = 0.1  # of the range, left free at each end
_LEAST_PC = 1e-30


@dataclass(frozen=True, kw_only=True)
class _Axis:
    """What one axis of a view shows of an option, and how it is labelled."""

    title: str
    log: bool = False


_AXES: dict[View, tuple[_Axis, _Axis]] = {
    "fuel": (_Axis(title="Fuel, g"), _Axis(title="Payload lost, min")),
    "lead": (_Axis(title="Decision lead before TCA, h"), _Axis(title="Pc after", log=True)),
}


def front_figure(
    plan: Plan, front: Front, colors: Palette, selected: str, best: str, view: View
) -> Any:
    """The plans of a front, and the options that they beat, in two of their costs.

    Parameters
    ----------
    plan : Plan
    front : Front
        Of the plan.
    colors : Palette
    selected : str
        Label of a point or letter of an option, drawn in the selection colour.
    best : str
        Label of the point to take, which has a star; "" where there is none.
    view : {"fuel", "lead"}
        Fuel [g] by payload time lost [min], or decision lead [h] by Pc.

    Returns
    -------
    plotly.graph_objects.Figure
        Less is better along both axes; Pc is logarithmic.
    """
    figure = new_figure(colors, _HEIGHT, _MARGIN)
    beaten = {tie.name: tie.label for tie in front.ties}
    shown = {one.label: one.option for one in front.points}
    shown |= {one.letter: one for one in plan.options if one.name in beaten}
    places = {letter: _place(one, view) for letter, one in shown.items()}
    box = _box(list(places.values()), view)
    if view == "lead":
        _thresholds(figure, plan, colors, box)
    hover = {letter: _hover(front, letter, one) for letter, one in shown.items()}
    off = [one.letter for one in plan.options if one.name in beaten]
    at = add_letters(figure, places, hover, selected, colors, box, _PX, off)
    if front.knee is not None:
        _ring(figure, at[front.knee.label], colors)
    if best in at:
        _star(figure, at[best], colors)
    _axes(figure, colors, box, view)
    figure.update_layout(uirevision=plan.event.event_id)
    return figure


def _place(one: Option, view: View) -> Point:
    outcome = one.outcome
    if view == "fuel":
        grams = 1e3 * float(outcome.propellant_kg + outcome.return_propellant_kg)
        return grams, float(outcome.interruption_min)
    return float(outcome.decision_lead_h), math.log10(max(float(outcome.residual_pc), _LEAST_PC))


def _box(places: Sequence[Point], view: View) -> Box:
    """Ranges that hold every point with room for its letter; a whole decade where Pc is one."""
    spans = []
    for values, log in zip(zip(*places, strict=True), (False, view == "lead"), strict=True):
        low, high = min(values), max(values)
        least = 1.0 if log else max(0.1 * abs(high), 1.0)
        grow = 0.5 * max(least - (high - low), 0.0) + _ROOM * max(high - low, least)
        spans.append((low - grow, high + grow))
    return spans[0], spans[1]


def _axes(figure: Any, colors: Palette, box: Box, view: View) -> None:
    across, up = _AXES[view]
    figure.update_xaxes(**axis(colors, across.title, range=box[0], nticks=7, tickformat=",~r"))
    more: dict[str, Any] = {"nticks": 6, "tickformat": ",~r"}
    if up.log:
        decades = np.arange(math.ceil(box[1][0]), math.floor(box[1][1]) + 1)
        decades = decades[:: max(1, math.ceil(decades.size / 7))]
        texts = [words.threshold(10.0**one) for one in decades]
        more = {"tickvals": decades, "ticktext": texts}
    figure.update_yaxes(**axis(colors, up.title, range=box[1], **more))


def _thresholds(figure: Any, plan: Plan, colors: Palette, box: Box) -> None:
    """Where the policy acts and what it aims at, as far as they are in sight."""
    levels = (("act", plan.policy.pc_act, "solid"), ("target", plan.policy.pc_target, "8px,5px"))
    for name, pc, dash in levels:
        at = math.log10(pc)
        if not box[1][0] < at < box[1][1]:
            continue
        figure.add_trace(line(box[0], [at, at], colors.above[1], 1.5, dash=dash, name=name))
        figure.add_annotation(
            x=box[0][1],
            y=at,
            text=name,
            showarrow=False,
            xanchor="left",
            xshift=3,
            font={"size": 12, "color": colors.muted},
        )


def _ring(figure: Any, place: Point, colors: Palette) -> None:
    """A ring round the letter of the knee."""
    import plotly.graph_objects as go

    figure.add_trace(
        go.Scatter(
            x=[place[0]],
            y=[place[1]],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": _RING_PX,
                "color": colors.caution,
                "line": {"width": 2},
            },
            hoverinfo="skip",
            name="knee",
            unselected={"marker": {"opacity": 1}},
        )
    )


def _star(figure: Any, place: Point, colors: Palette) -> None:
    """A star at the corner of the letter of the plan to take."""
    figure.add_annotation(
        x=place[0],
        y=place[1],
        text=words.STAR,
        showarrow=False,
        xshift=15,
        yshift=11,
        font={"size": 15, "color": colors.selection},
        name="best",
    )


def _hover(front: Front, letter: str, one: Option) -> str:
    """What a plan stands for, when it burns, its five costs, and what a click does."""
    costs = [
        f"{cost.label} {_amount(cost.name, float(cost.of(one.outcome)), one)}"
        for cost in front.costs
    ]
    title = f"<b>{letter}</b> {_stands_for(front, letter, one)}"
    return "<br>".join([title, *_when(one), *costs, "<i>click: select</i>"])


def _stands_for(front: Front, letter: str, one: Option) -> str:
    for point in front.points:
        if point.label == letter:
            return point.represents
    tie = next((tie for tie in front.ties if tie.name == one.name), None)
    return one.name.label if tie is None else f"{one.name.label}, beaten by {tie.label}"


def _when(one: Option) -> list[str]:
    if not one.burns:
        return []
    first = words.clock(one.burns[0].epoch_utc, seconds=True)
    count = f", {len(one.burns)} burns" if len(one.burns) > 1 else ""
    return [
        f"{first} UTC, {words.speed(one.dv_total_m_s)}{count}, "
        f"commit by {words.clock(one.commit_by_utc)}"
    ]


def _amount(name: str, value: float, one: Option) -> str:
    """A cost with its unit; residual risk as the probability that it is."""
    texts = {
        "fuel": f"{words.number(value, 1)} g",
        "interruption": f"{words.number(value, 1)} min",
        "residual_risk": f"Pc {words.pc(float(one.outcome.residual_pc))}",
        "deviation": f"{words.boxes(value)} boxes",
        "lateness": f"{words.number(value, 1)} h",
    }
    return texts[name]

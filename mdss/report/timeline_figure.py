"""The timeline: burns, payload, no-burn windows, contacts, and the selected deadlines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.view import Span, busy_spans, clipped, closed_spans, window_spans
from mdss.report import words
from mdss.report.drawing import (
    Point,
    add_squares,
    axis,
    line,
    new_figure,
    option_hover,
    time_ticks,
    translucent,
)
from mdss.report.palette import Palette
from mdss.report.side_by_side import burn_cells
from mdss.units import HOUR_S, seconds_between, shifted

_HEIGHT = 248
_MARGIN = {"l": 66, "r": 12, "t": 52, "b": 40}
_LANES = 4
_BURN_LEVEL = -0.5


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
    figure = new_figure(colors, _HEIGHT, _MARGIN)
    rows = {
        "Payload": (window_spans(plan, plan.operations.payload), colors.ok, ""),
        "No-burn": (closed_spans(plan), colors.caution, "/"),
        "Contacts": (window_spans(plan, plan.operations.contacts), colors.info, ""),
    }
    level = {name: -0.95 - 0.85 * at for at, name in enumerate(rows)}
    for name, (known, color, shape) in rows.items():
        spans = clipped(known, first * HOUR_S, last * HOUR_S)
        if spans:
            figure.add_trace(_bars(plan, spans, level[name], color, shape, name))
        else:
            text = "none in this time" if known else "none given"
            _empty_row(figure, level[name], first, text, colors)
    _burns_of(figure, plan, plan.option(selected), colors)
    lanes = _burn_lanes(figure, plan, colors, selected, (first, last))
    _flags(figure, plan, plan.option(selected), colors, (first, last))
    values, texts = time_ticks(plan, first, last)
    figure.update_xaxes(**axis(colors, range=[first, last], tickvals=values, ticktext=texts))
    figure.update_yaxes(
        **axis(
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
    """From shortly before the first burn or commit (or from now, when later) to TCA [h].

    Burns after TCA are shown, too.
    """
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
    ends = [burn.end_t_s / HOUR_S for one in plan.options for burn in one.burns]
    return first, max([-0.015 * first, *(1.03 * end for end in ends if end > 0)])


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


def _burns_of(figure: Any, plan: Plan, one: Option, colors: Palette) -> None:
    """Every burn of an option, with its slews as a bar."""
    import plotly.graph_objects as go

    if not one.burns:
        return
    spans = busy_spans(plan, one)
    figure.add_trace(
        go.Bar(
            x=[(span.end_t_s - span.start_t_s) / HOUR_S for span in spans],
            base=[span.start_t_s / HOUR_S for span in spans],
            y=[_BURN_LEVEL] * len(spans),
            orientation="h",
            width=0.22,
            marker={"color": translucent(colors.selection, 0.45), "line": {"width": 0}},
            hoverinfo="skip",
            name="slews",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[-burn.t_before_tca_s / HOUR_S for burn in one.burns],
            y=[_BURN_LEVEL] * len(one.burns),
            mode="markers",
            marker={
                "symbol": "line-ns",
                "size": 9,
                "line": {"color": colors.selection, "width": 2},
            },
            hovertext=[_burn_hover(one, at) for at in range(len(one.burns))],
            hovertemplate="%{hovertext}<extra></extra>",
            name="burns",
        )
    )


def _burn_hover(one: Option, at: int) -> str:
    when, before, dv_rtn, _, lasts, role = burn_cells(one.burns[at])
    count = f" {at + 1} of {len(one.burns)}" if len(one.burns) > 1 else ""
    what = f"<b>{one.letter} burn{count}</b>, to {role}"
    return f"{what}<br>{when} UTC, {before}<br>{dv_rtn} cm/s, {lasts} s"


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
    letters = [one.letter for one in burning]
    hover = {one.letter: option_hover(plan, one, "mid-burn") for one in burning}
    figure.add_trace(_stems(burning, at, colors))
    add_squares(figure, letters, at, hover, plan.option(selected).letter, colors)
    return 1 + int(max(lane for _, lane in at))


def _stems(burning: Sequence[Option], at: Sequence[Point], colors: Palette) -> Any:
    """A line from each letter down to its instant on the base of the row."""
    x: list[float | None] = []
    y: list[float | None] = []
    for one, (shown, lane) in zip(burning, at, strict=True):
        true = -one.burns[0].t_before_tca_s / HOUR_S
        x += [shown, true, true, None]
        y += [lane, lane, -0.55, None]
    return line(x, y, colors.muted, 1)


def _flags(figure: Any, plan: Plan, one: Option, colors: Palette, ends: Point) -> None:
    """Now and TCA on the upper line, commit and cancel of the selected option on lines below."""
    letter = one.letter
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
    instant: datetime,
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
            y1=1 + height / (_HEIGHT - _MARGIN["t"] - _MARGIN["b"]),
            line={"color": color, "width": 1.5, "dash": dash},
            name=name,
        )

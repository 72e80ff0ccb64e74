"""The history of Pc: what each message of the event said, and the thresholds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.view import HistoryPoint
from mdss.report import words
from mdss.report.drawing import Point, axis, line, new_figure
from mdss.report.palette import Palette
from mdss.reported import NOT_COMPUTED
from mdss.units import DAY_S, seconds_between

_HEIGHT = 248


def history_figure(
    plan: Plan, points: tuple[HistoryPoint, ...], colors: Palette, selected: OptionName
) -> Any:
    """Pc of every message of the event against time, with both thresholds.

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
        x: days from TCA; y: log10 axis of Pc. A message holds until the next one; public
        records stand beside the line with the Pc that they report.
    """
    told = [one for one in points if one.pc is not None and one.t_before_tca_s is not None]
    known = [one for one in told if not one.reported]
    figure = new_figure(colors, _HEIGHT, {"l": 52, "r": 14, "t": 10, "b": 34})
    if not known:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        figure.add_annotation(text="No message with a creation date and a Pc", showarrow=False)
        return figure
    low, high = _history_range(plan, told)
    days = _days(known)
    first = min(_days(told))
    box = (1.16 * first, -0.02 * first) if first < 0 else (-1.0, 0.02)
    shown = _values(known, low)
    _history_thresholds(figure, plan, colors, box, (low, high))
    figure.add_trace(
        line([*days, 0.0], [*shown, shown[-1]], colors.selection, 2, line_shape="hv", name="held")
    )
    figure.add_trace(_history_points(known, low, colors))
    public = [one for one in told if one.reported]
    if public:
        figure.add_trace(_public_points(public, low, colors))
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
    figure.update_xaxes(**axis(colors, range=box, tickvals=values, ticktext=texts))
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    every = max(1, math.ceil(len(decades) / 7))
    figure.update_yaxes(
        **axis(
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
        figure.add_trace(line(box, [value, value], color, 1.5, dash=dash, name=name))
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
    stroke = {"color": colors.caution, "width": 1.5, "dash": "2px,2px"}
    figure.add_shape(type="line", x0=x, x1=x, yref="paper", y0=0, y1=1, line=stroke, name="commit")
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


def _days(points: Sequence[HistoryPoint]) -> list[float]:
    """Creation, days from TCA."""
    return [-(one.t_before_tca_s or 0.0) / DAY_S for one in points]


def _values(points: Sequence[HistoryPoint], low: float) -> list[float]:
    """Pc, at least the axis's lower end."""
    return [max(one.pc or 0.0, low) for one in points]


def _history_points(known: Sequence[HistoryPoint], low: float, colors: Palette) -> Any:
    symbols = ["circle" if one.pc_valid else "x" for one in known]
    marker = {"symbol": symbols, "line": {"color": colors.page, "width": 1}}
    return _markers(known, low, {"color": colors.selection, **marker}, "messages")


def _public_points(public: Sequence[HistoryPoint], low: float, colors: Palette) -> Any:
    marker = {"symbol": "diamond-open", "color": colors.muted, "line": {"width": 1.5}}
    return _markers(public, low, marker, "public records")


def _markers(points: Sequence[HistoryPoint], low: float, marker: dict[str, Any], name: str) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=_days(points),
        y=_values(points, low),
        mode="markers",
        marker={"size": 8, **marker},
        hovertext=[_history_hover(one) for one in points],
        hovertemplate="%{hovertext}<extra></extra>",
        name=name,
    )


def _history_hover(one: HistoryPoint) -> str:
    what = "Public record" if one.reported else "Message"
    sigma = "" if one.sigma_m is None else " × ".join(words.length(s) for s in one.sigma_m)
    valid = "" if one.pc_valid else f" {words.ACT} no method holds"
    method = "as reported" if one.reported else f"recomputed{valid}"
    miss = "miss not told" if one.miss_m is None else f"miss {words.length(one.miss_m)}"
    return (
        f"<b>{what} of {words.clock(one.created_utc)} UTC</b>, "
        f"{words.before_tca(one.t_before_tca_s or 0.0)}<br>Pc {words.pc(one.pc)}, {method}"
        f"<br>{miss}, {f'1σ {sigma}' if sigma else NOT_COMPUTED}"
    )


def _day_ticks(first: float) -> tuple[list[float], list[str]]:
    step = next((one for one in (0.25, 0.5, 1, 2, 5, 10) if -first / one <= 7), 30)
    values = [float(-n * step) for n in range(int(-first / step), -1, -1)]
    return values, ["TCA" if v == 0 else f"T{words.MINUS}{-v:g} d" for v in values]

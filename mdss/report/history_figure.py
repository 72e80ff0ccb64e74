"""The history of Pc: what each message of the event said, and the thresholds."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdss.planner.options import Option, OptionName, Plan
from mdss.report import words
from mdss.report.drawing import Point, axis, line, new_figure, translucent
from mdss.report.palette import Palette
from mdss.reported import NOT_COMPUTED
from mdss.risk.evolution import History
from mdss.risk.forecast import Forecast
from mdss.risk.history_row import HistoryRow
from mdss.units import DAY_S, seconds_between

FloatArray = NDArray[np.float64]

_HEIGHT = 248
_DEEPEST_BAND = 1e-10  # the axis does not follow the band below this


def history_figure(plan: Plan, told: History, colors: Palette, selected: OptionName) -> Any:
    """Pc of every message of the event against time, what may come, and both thresholds.

    Parameters
    ----------
    plan : Plan
    told : History
        From `mdss.planner.view.history`.
    colors : Palette
    selected : OptionName
        Its commit is marked.

    Returns
    -------
    plotly.graph_objects.Figure
        x: days from TCA; y: log10 axis of Pc. A message holds until the next one of its stream;
        the band is where nine of ten later messages of the newest one's stream are expected. Other
        streams and public records stand beside the line.
    """
    figure = new_figure(colors, _HEIGHT, {"l": 52, "r": 14, "t": 10, "b": 34})
    current = told.current
    known = _drawable(current.rows) if current else []
    if current is None or not known:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        figure.add_annotation(text="No message with a creation date and a Pc", showarrow=False)
        return figure
    everything = _drawable(told.rows)
    low, high = _history_range(plan, everything, current.forecast)
    first = min(_days(everything))
    box = (1.16 * first, -0.02 * first) if first < 0 else (-1.0, 0.02)
    if current.forecast:
        _forecast_band(figure, current.forecast, known[-1], (low, high), colors)
    _history_thresholds(figure, plan, colors, box, (low, high))
    _held(figure, known, low, colors.selection, 2, "held")
    figure.add_trace(_history_points(known, low, colors))
    for other in told.streams:
        if other is not current and (rows := _drawable(other.rows)):
            _held(figure, rows, low, colors.info, 1.5, f"held, {other.label}", dash="4px,3px")
            figure.add_trace(_other_points(rows, low, colors, other.label))
    if public := _drawable(told.reported):
        figure.add_trace(_public_points(public, low, colors))
    _last_value(figure, known[-1], low, high, colors)
    _history_commit(figure, plan, plan.option(selected), colors, box)
    _axes(figure, colors, box, (low, high))
    figure.update_layout(uirevision=plan.event.event_id)
    return figure


def _drawable(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    return [one for one in rows if one.pc is not None and one.t_before_tca_s is not None]


def _held(
    figure: Any,
    rows: Sequence[HistoryRow],
    low: float,
    color: str,
    width: float,
    name: str,
    dash: str = "solid",
) -> None:
    """Steps: a message holds until the next one, the last until TCA."""
    days, shown = _days(rows), _values(rows, low)
    x, y = [*days, max(0.0, days[-1])], [*shown, shown[-1]]
    figure.add_trace(line(x, y, color, width, dash=dash, line_shape="hv", name=name))


def _last_value(figure: Any, last: HistoryRow, low: float, high: float, colors: Palette) -> None:
    shown = max(last.pc or 0.0, low)
    figure.add_annotation(
        x=_days([last])[0],
        y=math.log10(shown),
        text=f"<b>{words.pc(last.pc)}</b>",
        showarrow=False,
        yshift=16 if math.log10(shown) < math.log10(high) - 0.4 else -16,
        xshift=4,
        bgcolor=colors.page,
        borderpad=1,
    )


def _axes(figure: Any, colors: Palette, box: Point, ends: Point) -> None:
    low, high = ends
    values, texts = day_ticks(box[0])
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


def _forecast_band(
    figure: Any, coming: Forecast, newest: HistoryRow, ends: Point, colors: Palette
) -> None:
    """Where nine of ten later messages lie, and their middle."""
    pc = newest.pc or 0.0
    x = [*_days([newest]), *(-one.t_before_tca_s / DAY_S for one in coming.points)]
    above, middle, below = (
        np.clip([pc, *(getattr(one, name) for one in coming.points)], *ends)
        for name in ("pc_95", "pc_median", "pc_05")
    )
    figure.add_trace(
        line(
            [*x, *x[::-1]],
            [*above, *below[::-1]],
            colors.selection,
            0,
            fill="toself",
            fillcolor=translucent(colors.selection, 0.16),
            name="forecast band",
        )
    )
    figure.add_trace(line(x, middle, colors.selection, 1.5, dash="dot", name="forecast middle"))
    figure.add_trace(_forecast_hover(coming, x[1:], middle[1:], colors))


def _forecast_hover(coming: Forecast, x: Sequence[float], y: FloatArray, colors: Palette) -> Any:
    import plotly.graph_objects as go

    texts = [
        f"<b>Forecast</b>, {words.before_tca(one.t_before_tca_s)}<br>Pc {words.pc(one.pc_median)}, "
        f"nine of ten {words.pc(one.pc_05)} to {words.pc(one.pc_95)}<br>"
        f"{one.p_above_act:.0%} above {words.threshold(coming.pc_act)}, "
        f"{one.p_below_target:.0%} below {words.threshold(coming.pc_target)}<br>"
        f"<i>sigma {'fitted' if coming.model.fitted else 'shrinks by default rates'}</i>"
        for one in coming.points
    ]
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"size": 12, "color": colors.selection, "opacity": 0},
        hovertext=texts,
        hovertemplate="%{hovertext}<extra></extra>",
        name="forecast",
    )


def _history_range(plan: Plan, known: Sequence[HistoryRow], coming: Forecast | None) -> Point:
    values = [one.pc or 0.0 for one in known] + [plan.policy.pc_target, plan.policy.pc_act]
    low = max(1e-15, min(values))
    if coming:
        low = min(low, max(_DEEPEST_BAND, min(one.pc_05 for one in coming.points)))
        values += [one.pc_95 for one in coming.points]
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
        text=f"{words.CAUTION} commit {one.letter}",
        showarrow=False,
        font={"size": 12, "color": colors.caution},
    )


def _days(points: Sequence[HistoryRow]) -> list[float]:
    """Creation, days from TCA."""
    return [-(one.t_before_tca_s or 0.0) / DAY_S for one in points]


def _values(points: Sequence[HistoryRow], low: float) -> list[float]:
    """Pc, at least the axis's lower end."""
    return [max(one.pc or 0.0, low) for one in points]


def _history_points(known: Sequence[HistoryRow], low: float, colors: Palette) -> Any:
    symbols = ["circle" if one.pc_valid else "x" for one in known]
    marker = {"symbol": symbols, "line": {"color": colors.page, "width": 1}}
    return _markers(known, low, {"color": colors.selection, **marker}, "messages")


def _other_points(rows: Sequence[HistoryRow], low: float, colors: Palette, name: str) -> Any:
    symbols = ["square" if one.pc_valid else "x" for one in rows]
    marker = {"symbol": symbols, "line": {"color": colors.page, "width": 1}}
    return _markers(rows, low, {"color": colors.info, **marker}, name)


def _public_points(public: Sequence[HistoryRow], low: float, colors: Palette) -> Any:
    marker = {"symbol": "diamond-open", "color": colors.muted, "line": {"width": 1.5}}
    return _markers(public, low, marker, "public records")


def _markers(points: Sequence[HistoryRow], low: float, marker: dict[str, Any], name: str) -> Any:
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


def _history_hover(one: HistoryRow) -> str:
    what = "Public record" if one.reported else "Message"
    by = f" by {html.escape(one.stream)}" if one.stream else ""
    sigma = "" if one.sigma_m is None else " × ".join(words.length(s) for s in one.sigma_m)
    valid = "" if one.pc_valid else f" {words.ACT} no method holds"
    method = "as reported" if one.reported else f"recomputed{valid}"
    miss = "miss not told" if one.miss_m is None else f"miss {words.length(one.miss_m)}"
    return (
        f"<b>{what}{by} of {words.clock(one.created_utc)} UTC</b>, "
        f"{words.before_tca(one.t_before_tca_s or 0.0)}<br>Pc {words.pc(one.pc)}, {method}"
        f"<br>{miss}, {f'1σ {sigma}' if sigma else NOT_COMPUTED}"
    )


def day_ticks(first: float) -> tuple[list[float], list[str]]:
    """About seven whole steps before TCA on an axis of days."""
    step = next((one for one in (0.25, 0.5, 1, 2, 5, 10) if -first / one <= 7), 30)
    values = [float(-n * step) for n in range(int(-first / step), -1, -1)]
    return values, ["TCA" if v == 0 else f"T{words.MINUS}{-v:g} d" for v in values]

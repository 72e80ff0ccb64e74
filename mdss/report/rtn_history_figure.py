"""The miss of every message in R, T and N, with what each one was sure of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdss.report import words
from mdss.report.drawing import axis, new_figure
from mdss.report.history_figure import day_ticks
from mdss.report.palette import Palette
from mdss.risk.evolution import History
from mdss.risk.history_row import HistoryRow
from mdss.units import DAY_S, iso

FloatArray = NDArray[np.float64]

_HEIGHT = 420
_NAMES = ("Radial", "In-track", "Cross-track")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up")


def rtn_history_figure(told: History, colors: Palette) -> Any:
    """Radial, in-track and cross-track miss of every message, with 1 sigma.

    Parameters
    ----------
    told : History
        From `mdss.risk.evolution.history`.
    colors : Palette

    Returns
    -------
    plotly.graph_objects.Figure
        Three panels over one time axis, days from TCA: secondary minus primary in RTN of the
        primary [m], bars of 1 sigma of both covariances together. Each stream has a
        colour and a symbol; no line joins two of them.
    """
    figure = new_figure(colors, _HEIGHT, {"l": 74, "r": 14, "t": 30, "b": 44})
    shown = [(one.label, _drawable(one.rows)) for one in told.streams]
    shown = [(label, rows) for label, rows in shown if rows]
    if not shown:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        figure.add_annotation(text="No message with a creation date and states", showarrow=False)
        return figure
    inks = (colors.selection, colors.info, colors.caution, colors.muted)
    for at, (label, rows) in enumerate(shown):
        for panel in range(3):
            ink, symbol = inks[at % len(inks)], _SYMBOLS[at % len(_SYMBOLS)]
            figure.add_trace(_component(rows, panel, ink, symbol, label))
    _panels(figure, min(x for _, rows in shown for x in _days(rows)), colors)
    _source_line(figure, told, [label for label, _ in shown], colors)
    figure.update_layout(uirevision=told.event.event_id)
    return figure


def _drawable(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    return [one for one in rows if one.miss_rtn_m is not None and one.t_before_tca_s is not None]


def _days(rows: Sequence[HistoryRow]) -> list[float]:
    return [-(one.t_before_tca_s or 0.0) / DAY_S for one in rows]


def _component(rows: Sequence[HistoryRow], panel: int, color: str, symbol: str, label: str) -> Any:
    import plotly.graph_objects as go

    miss = [float(_of(one.miss_rtn_m)[panel]) for one in rows]
    sigma = [float(_of(one.miss_sigma_rtn_m)[panel]) for one in rows]
    return go.Scatter(
        x=_days(rows),
        y=miss,
        error_y={"type": "data", "array": sigma, "color": color, "thickness": 1.5, "width": 4},
        mode="lines+markers",
        line={"color": color, "width": 1.5},
        marker={"size": 8, "symbol": symbol, "color": color},
        hovertext=[
            f"<b>Message of {words.clock(one.created_utc)} UTC</b>, "
            f"{words.before_tca(one.t_before_tca_s or 0.0)}<br>{_NAMES[panel]} "
            f"{words.signed(m)} m, 1σ {words.length(s)}"
            for one, m, s in zip(rows, miss, sigma, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        xaxis=f"x{panel + 1 if panel else ''}",
        yaxis=f"y{panel + 1 if panel else ''}",
        name=f"{'RTN'[panel]}, {label}",
    )


def _of(vector: FloatArray | None) -> FloatArray:
    return np.full(3, np.nan) if vector is None else vector


def _panels(figure: Any, first: float, colors: Palette) -> None:
    """Three panels, one above the other; the time axis is written once."""
    values, texts = day_ticks(first)
    box = (1.08 * first, -0.03 * first) if first < 0 else (-1.0, 0.02)
    for panel in range(3):
        top = 1.0 - panel * 0.345
        number = str(panel + 1) if panel else ""
        lowest = panel == 2
        figure.update_layout(
            {
                f"yaxis{number}": axis(
                    colors,
                    f"{_NAMES[panel]} [m]",
                    domain=(top - 0.31, top),
                    zeroline=True,
                    zerolinecolor=colors.muted,
                    tickformat=",~r",
                    nticks=5,
                ),
                f"xaxis{number}": axis(
                    colors,
                    "Creation of the message, days from TCA" if lowest else "",
                    range=box,
                    anchor=f"y{number}",
                    tickvals=values,
                    ticktext=texts,
                    showticklabels=lowest,
                ),
            }
        )


def _source_line(figure: Any, told: History, labels: Sequence[str], colors: Palette) -> None:
    text = f"Secondary from primary, 1σ bars · TCA {iso(told.tca_utc)[:19]}Z"
    if len(labels) > 1:
        text += f" · {len(labels)} streams, not joined"
    figure.add_annotation(
        text=text,
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=8,
        showarrow=False,
        font={"size": 12.5, "color": colors.muted},
    )

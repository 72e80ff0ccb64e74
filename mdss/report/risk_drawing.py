"""What the figures of a risk share: captions, thresholds, lines and axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mdss.policy import Policy
from mdss.report import words
from mdss.report.drawing import axis, line
from mdss.report.palette import Palette
from mdss.risk.assess import Risk
from mdss.risk.maximum import Scaled
from mdss.risk.plane_parts import Basis
from mdss.units import iso

HEIGHT = 290
MARGIN = {"l": 64, "r": 14, "t": 30, "b": 62}


def whose(risk: Risk, which: Scaled) -> str:
    names = {
        Scaled.BOTH: "both",
        Scaled.PRIMARY: risk.conjunction.primary.name or "primary",
        Scaled.SECONDARY: risk.conjunction.secondary.name or "secondary",
    }
    return names[which]


def captions(figure: Any, above: str, below: str, colors: Palette) -> None:
    """What is shown, over the plot, and where it comes from, under it."""
    common = {"x": 0, "xref": "paper", "xanchor": "left", "yref": "paper", "showarrow": False}
    ink = {"size": 12.5, "color": colors.text}
    figure.add_annotation(text=above, y=1, yanchor="bottom", yshift=8, font=ink, **common)
    ink = {"size": 12, "color": colors.muted}
    left = 8 - figure.layout.margin.l  # the whole width is needed
    figure.add_annotation(
        text=below, y=0, yanchor="top", yshift=-42, xshift=left, font=ink, **common
    )


def source_of(risk: Risk, method: str) -> str:
    conjunction = risk.conjunction
    said = [
        method,
        f"HBR {risk.hbr.radius_m:g} m ({risk.hbr.source})",
        f"TCA {iso(conjunction.tca_utc)[:19]}Z",
        f"message of {words.clock(conjunction.created_utc)}" if conjunction.created_utc else "",
    ]
    return " · ".join(one for one in said if one)


def basis_words(basis: Basis, doubtful: bool = False) -> str:
    said = basis.method.label
    return said if basis.sound and not doubtful else f"{words.CAUTION} {said}, indicative"


def limits(policy: Policy, colors: Palette) -> list[tuple[str, float, str, str]]:
    return [
        ("act", policy.pc_act, colors.act, "solid"),
        ("target", policy.pc_target, colors.ok, "8px,5px"),
    ]


def thresholds(
    figure: Any,
    policy: Policy,
    colors: Palette,
    box: tuple[float, float],
    ends: tuple[float, float],
) -> None:
    for name, value, ink, dash in limits(policy, colors):
        if ends[0] < value < ends[1]:
            figure.add_trace(line(box, [value, value], ink, 1.5, dash=dash, name=name))
            figure.add_annotation(
                x=0,
                xref="paper",
                y=math.log10(value),
                text=f"{name} {words.threshold(value)}",
                showarrow=False,
                xanchor="left",
                yanchor="bottom",
                xshift=3,
                font={"size": 12, "color": ink},
            )


def curve_line(
    x: Any, y: Any, low: float, ink: str, dash: str, hover: Sequence[str], name: str
) -> Any:
    """A line with hover; what lies below the axis is cut just under it."""
    import plotly.graph_objects as go

    return go.Scatter(
        x=x,
        y=np.maximum(y, low / 10),
        mode="lines",
        line={"color": ink, "width": 2, "dash": dash},
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
        name=name,
    )


def mark(x: float, y: float, ink: str, symbol: str, name: str, size: int = 9) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=[x],
        y=[y],
        mode="markers",
        marker={"symbol": symbol, "size": size, "color": ink},
        hoverinfo="skip",
        name=name,
    )


def decades(values: Iterable[float], policy: Policy, lowest: float = 1e-15) -> tuple[float, float]:
    """Whole decades that hold the values and the thresholds."""
    held = [*(float(one) for one in values), policy.pc_target, policy.pc_act]
    low = max(lowest, min(held))
    high = min(1.0, max(held))
    return 10.0 ** (math.floor(math.log10(low)) - 0.4), 10.0 ** (math.ceil(math.log10(high)) + 0.4)


def pc_axis(colors: Palette, low: float, high: float) -> dict[str, Any]:
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    every = max(1, math.ceil(len(decades) / 7))
    return axis(
        colors,
        "Pc",
        type="log",
        range=[math.log10(low), math.log10(high)],
        tickvals=[10.0**n for n in decades[::every]],
        ticktext=[f"1e{n}" if n else "1" for n in decades[::every]],
    )


def factor_axis(colors: Palette, title: str, box: tuple[float, float]) -> dict[str, Any]:
    ticks = [t for t in (0.01, 0.1, 0.5, 1.0, 2.0, 10.0, 100.0) if box[0] <= t <= box[1]]
    return axis(
        colors,
        title,
        type="log",
        range=[math.log10(one) for one in box],
        tickvals=ticks,
        ticktext=[f"×{t:g}" for t in ticks],
    )


def length_axis(colors: Palette, title: str, box: tuple[float, float]) -> dict[str, Any]:
    start, end = math.floor(math.log10(box[0])), math.ceil(math.log10(box[1]))
    ticks = [m * 10.0**n for n in range(start, end) for m in (1, 2, 5)]
    inside = [t for t in ticks if box[0] <= t <= box[1]]
    return axis(
        colors,
        title,
        type="log",
        range=[math.log10(one) for one in box],
        tickvals=inside,
        ticktext=[f"{t:,g}" for t in inside],
    )

"""What a probability rests on, in Plotly: dilution, radius, miss, scale map, sensitivity, spread.

Each function takes a risk, one result of `mdss.risk`, the policy whose thresholds are drawn, and
the colours. The upper line of a figure says what it shows, the lower one where it comes from:
method, radius, TCA in UTC, message. Sizes are fixed so that nothing moves when the data do.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mdss.policy import Policy
from mdss.report import words
from mdss.report.curve_figures import (
    dilution_figure,
    distribution_figure,
    miss_figure,
    radius_figure,
)
from mdss.report.drawing import axis, new_figure
from mdss.report.palette import Palette
from mdss.report.pc_scale import heat_settings, pc_ends
from mdss.report.risk_drawing import HEIGHT, MARGIN, basis_words, captions, mark, source_of, whose
from mdss.risk.assess import Risk
from mdss.risk.maximum import Scaled
from mdss.risk.sensitivity import Influence, Sensitivity
from mdss.risk.uncertainty import ScaleMap

__all__ = [
    "dilution_figure",
    "distribution_figure",
    "miss_figure",
    "radius_figure",
    "scale_map_figure",
    "sensitivity_figure",
]

_MOST_BARS = 12
_FACTOR_TICKS = (0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 100.0)
_LARGEST_CHANGE = 10.0


# --- scale map ----------------------------------------------------------------------------


def scale_map_figure(risk: Risk, found: ScaleMap, policy: Policy, colors: Palette) -> Any:
    """Pc over factors on the sigmas of both objects.

    Parameters
    ----------
    risk : Risk
    found : ScaleMap
        From `mdss.risk.uncertainty.covariance_scale_map`.
    policy : Policy
        Its target and threshold are the edges of the colour bands.
    colors : Palette

    Returns
    -------
    plotly.graph_objects.Figure
        x: factor of the primary, y: of the secondary, both logarithmic. Corners where the methods
        computed anew disagree carry a diamond.
    """
    import plotly.graph_objects as go

    figure = new_figure(colors, HEIGHT, {**MARGIN, "r": 56})
    x, y = np.log10(found.scale_primary), np.log10(found.scale_secondary)
    names = (whose(risk, Scaled.PRIMARY), whose(risk, Scaled.SECONDARY))
    figure.add_trace(
        go.Heatmap(
            x=x,
            y=y,
            z=np.log10(np.clip(found.pc, *pc_ends(policy))).T,
            hovertext=_map_hover(found, names),
            hovertemplate="%{hovertext}<extra></extra>",
            zsmooth="best",
            name="Pc",
            **heat_settings(policy, colors),
        )
    )
    _map_marks(figure, found, colors)
    largest, one, two = found.largest
    captions(
        figure,
        f"Pc by sigma of each object: highest {words.pc(largest)} at ×{one:.2g}, ×{two:.2g}",
        source_of(risk, basis_words(found.basis, bool(found.doubts))),
        colors,
    )
    for values, name, update in (
        (x, names[0], figure.update_xaxes),
        (y, names[1], figure.update_yaxes),
    ):
        ticks = [t for t in _FACTOR_TICKS if values[0] - 1e-9 <= math.log10(t) <= values[-1] + 1e-9]
        update(
            **axis(
                colors,
                f"Factor on sigma, {name}",
                showgrid=False,
                tickvals=[math.log10(t) for t in ticks],
                ticktext=[f"×{t:g}" for t in ticks],
            )
        )
    return figure


def _map_hover(found: ScaleMap, names: tuple[str, str]) -> list[list[str]]:
    return [
        [
            f"<b>{names[0]} × {one:.2f}, {names[1]} × {two:.2f}</b><br>Pc {words.pc(float(pc))} "
            f"({words.ratio(float(pc), found.nominal)} of the message's)"
            for one, pc in zip(found.scale_primary, row, strict=True)
        ]
        for two, row in zip(found.scale_secondary, found.pc.T, strict=True)
    ]


def _map_marks(figure: Any, found: ScaleMap, colors: Palette) -> None:
    for color, size in ((colors.halo, 13), (colors.line, 8)):
        figure.add_trace(mark(0.0, 0.0, color, "circle", "message", size))
    for one in found.checks:
        if not one.agrees:
            at = math.log10(one.scale_primary), math.log10(one.scale_secondary)
            for color, size in ((colors.halo, 16), (colors.caution, 11)):
                figure.add_trace(mark(*at, color, "diamond", "differs when computed anew", size))


# --- sensitivity --------------------------------------------------------------------------


def sensitivity_figure(risk: Risk, found: Sensitivity, colors: Palette) -> Any:
    """How Pc answers when one input grows by a tenth, the strongest on top.

    Parameters
    ----------
    risk : Risk
    found : Sensitivity
        From `mdss.risk.sensitivity.sensitivity`.
    colors : Palette

    Returns
    -------
    plotly.graph_objects.Figure
        Bars to the right raise Pc, to the left lower it: factor on Pc, logarithmic, cut at ten.
    """
    import plotly.graph_objects as go

    told = [one for one in found.influences if math.isfinite(one.change)][:_MOST_BARS]
    margin = {**MARGIN, "l": 250}
    figure = new_figure(colors, 120 + 22 * max(len(told), 1), margin)
    if not told:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        figure.add_annotation(text="Pc vanishes: nothing can be said", showarrow=False)
        return figure
    shown = [_shown(one) for one in told]
    figure.add_trace(
        go.Bar(
            x=shown,
            y=[one.name for one in told],
            orientation="h",
            marker={"color": [colors.above[1] if x > 0 else colors.below[2] for x in shown]},
            hovertext=[_bar_hover(one) for one in told],
            hovertemplate="%{hovertext}<extra></extra>",
            name="change of Pc",
        )
    )
    captions(
        figure,
        "Change of Pc when one input grows by 10 %",
        source_of(risk, basis_words(found.basis)),
        colors,
    )
    for one, x in zip(told, shown, strict=True):
        figure.add_annotation(
            x=max(x, 0.0),
            y=one.name,
            text=words.sentence(one.change_words),
            showarrow=False,
            xanchor="left",
            xshift=3,
            font={"size": 12, "color": colors.text},
        )
    figure.update_xaxes(**_ratio_axis(colors, 1.1 * max(0.02, *(abs(x) for x in shown))))
    figure.update_yaxes(**axis(colors, autorange="reversed", showgrid=False, ticks=""))
    return figure


def _shown(one: Influence) -> float:
    """log10 of the factor on Pc, cut at the ends of the axis."""
    end = math.log10(_LARGEST_CHANGE)
    return max(-end, min(end, math.log10(max(1 + one.change, 1e-300))))


def _bar_hover(one: Influence) -> str:
    return f"<b>{words.sentence(one.sentence)}</b><br>{words.signed(one.elasticity, 2)} % for 1 %"


def _ratio_axis(colors: Palette, reach: float) -> dict[str, Any]:
    factors = [f for f in (1.02, 1.05, 1.1, 1.2, 1.5, 2, 5, 10) if math.log10(f) <= reach]
    kept = factors[-2:] or [1.02]
    values = [1 / f for f in reversed(kept)] + [1.0, *kept]
    texts = [f"÷{f:g}" for f in reversed(kept)] + ["Pc", *(f"×{f:g}" for f in kept)]
    return axis(
        colors,
        "Factor on Pc",
        range=(-reach, 2 * reach),  # words stand to the right of the bars
        zeroline=True,
        zerolinecolor=colors.muted,
        tickvals=[math.log10(v) for v in values],
        ticktext=texts,
    )

"""Pc as a curve over one input: dilution, radius, miss, and its distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mdss.policy import Policy
from mdss.report import words
from mdss.report.drawing import axis, line, new_figure, translucent
from mdss.report.palette import Palette
from mdss.report.risk_drawing import (
    HEIGHT,
    MARGIN,
    basis_words,
    captions,
    curve_line,
    decades,
    factor_axis,
    length_axis,
    limits,
    mark,
    pc_axis,
    source_of,
    thresholds,
    whose,
)
from mdss.risk.assess import Risk
from mdss.risk.distribution import PcDistribution
from mdss.risk.maximum import DilutionCurve, MaximumPc, Scaled
from mdss.risk.uncertainty import MissCurve, RadiusCurve


def dilution_figure(
    risk: Risk,
    curves: Sequence[DilutionCurve],
    maximum: MaximumPc,
    policy: Policy,
    colors: Palette,
) -> Any:
    """2D Pc against the size of the errors: of both objects, and of each alone.

    Parameters
    ----------
    risk : Risk
    curves : sequence of DilutionCurve
        Any of the three; from `mdss.risk.maximum.dilution_curve`.
    maximum : MaximumPc
        Its tops are marked.
    policy : Policy
        Whose thresholds are drawn.
    colors : Palette

    Returns
    -------
    plotly.graph_objects.Figure
        x: factor on the sigmas, logarithmic; y: Pc, logarithmic.
    """
    figure = new_figure(colors, HEIGHT, MARGIN)
    low, high = decades([risk.pc_2d, maximum.pc_max], policy)
    box = (float(curves[0].scales[0]), float(curves[0].scales[-1])) if curves else (0.01, 100.0)
    thresholds(figure, policy, colors, box, (low, high))
    tops = {one.which: one for one in (maximum.joint, maximum.primary, maximum.secondary)}
    for one in curves:
        ink, dash = _dilution_style(one.which, colors)
        hover = [
            f"<b>{whose(risk, one.which)} × {x:.3g}</b><br>2D Pc {words.pc(p)}"
            for x, p in zip(one.scales, one.pc, strict=True)
        ]
        figure.add_trace(curve_line(one.scales, one.pc, low, ink, dash, hover, str(one.which)))
        _end_label(figure, one, whose(risk, one.which), colors, box, (low, high))
        top = tops[one.which]
        if box[0] <= top.scale <= box[1] and top.scale != 1 and top.pc_max >= low:
            figure.add_trace(mark(top.scale, top.pc_max, ink, "triangle-up", f"top, {one.which}"))
    figure.add_trace(mark(1.0, max(risk.pc_2d, low), colors.text, "circle", "message"))
    state = "diluted" if maximum.diluted else "robust"
    captions(
        figure,
        f"2D Pc by size of the errors: {state}, highest {words.pc(maximum.pc_max)} "
        f"at ×{maximum.scale:.2g}",
        source_of(risk, "2D Pc" if maximum.valid else f"{words.CAUTION} 2D Pc does not hold here"),
        colors,
    )
    figure.update_xaxes(**factor_axis(colors, "Factor on sigma", box))
    figure.update_yaxes(**pc_axis(colors, low, high))
    return figure


def _dilution_style(which: Scaled, colors: Palette) -> tuple[str, str]:
    return {
        Scaled.BOTH: (colors.selection, "solid"),
        Scaled.PRIMARY: (colors.info, "8px,5px"),
        Scaled.SECONDARY: (colors.caution, "2px,3px"),
    }[which]


def _end_label(
    figure: Any,
    one: DilutionCurve,
    text: str,
    colors: Palette,
    box: tuple[float, float],
    ends: tuple[float, float],
) -> None:
    """The name of a curve beside a place where the three are apart and visible."""
    place = {Scaled.BOTH: 0.72, Scaled.PRIMARY: 0.93, Scaled.SECONDARY: 0.83}[one.which]
    x = math.log10(box[0]) + place * math.log10(box[1] / box[0])
    y = float(np.interp(x, np.log10(one.scales), np.log10(np.maximum(one.pc, 1e-300))))
    if math.log10(ends[0]) < y < math.log10(ends[1]):
        font = {"size": 12, "color": _dilution_style(one.which, colors)[0]}
        figure.add_annotation(
            x=x,
            y=y,
            text=text,
            showarrow=False,
            font=font,
            bgcolor=colors.page,
            borderpad=1,
        )


def radius_figure(risk: Risk, curve: RadiusCurve, policy: Policy, colors: Palette) -> Any:
    """Pc against the combined hard-body radius, with the radii of all sources.

    Parameters
    ----------
    risk : Risk
    curve : RadiusCurve
        From `mdss.risk.uncertainty.pc_against_radius`.
    policy : Policy
        Whose thresholds are drawn.
    colors : Palette

    Returns
    -------
    plotly.graph_objects.Figure
        x: radius [m]; y: Pc; both logarithmic.
    """
    figure = new_figure(colors, HEIGHT, MARGIN)
    low, high = decades([curve.nominal, *curve.pc], policy)
    box = float(curve.radius_m[0]), float(curve.radius_m[-1])
    thresholds(figure, policy, colors, box, (low, high))
    hover = [
        f"<b>radius {words.number(r, 1)} m</b><br>Pc {words.pc(p)}"
        for r, p in zip(curve.radius_m, curve.pc, strict=True)
    ]
    figure.add_trace(
        curve_line(curve.radius_m, curve.pc, low, colors.selection, "solid", hover, "Pc")
    )
    for source, radius in curve.others_m:
        pc = float(np.interp(radius, curve.radius_m, curve.pc))
        figure.add_trace(mark(radius, max(pc, low), colors.muted, "diamond-open", source))
    figure.add_trace(mark(curve.nominal_m, max(curve.nominal, low), colors.text, "circle", "used"))
    captions(
        figure,
        f"Pc by hard-body radius: {words.pc(curve.nominal)} at {curve.nominal_m:g} m",
        source_of(risk, basis_words(curve.basis)),
        colors,
    )
    figure.update_xaxes(**length_axis(colors, "Combined hard-body radius, m", box))
    figure.update_yaxes(**pc_axis(colors, low, high))
    return figure


def miss_figure(risk: Risk, curve: MissCurve, policy: Policy, colors: Palette) -> Any:
    """Pc against the miss distance, along its direction and over all directions.

    Parameters
    ----------
    risk : Risk
    curve : MissCurve
        From `mdss.risk.uncertainty.pc_against_miss`.
    policy : Policy
        Whose thresholds are drawn.
    colors : Palette

    Returns
    -------
    plotly.graph_objects.Figure
        x: distance in the encounter plane [m], its 1 sigma shaded; y: Pc, logarithmic.
    """
    figure = new_figure(colors, HEIGHT, MARGIN)
    low, high = decades([curve.nominal, *curve.pc], policy)
    box = float(curve.miss_m[0]), float(curve.miss_m[-1])
    _one_sigma(figure, curve, box, colors)
    thresholds(figure, policy, colors, box, (low, high))
    for pc, name in ((curve.pc_highest, "worst direction"), (curve.pc_lowest, "best direction")):
        figure.add_trace(
            line(curve.miss_m, np.maximum(pc, low / 10), colors.muted, 1, dash="2px,3px", name=name)
        )
    hover = [
        f"<b>miss {words.length(m)}</b><br>Pc {words.pc(p)}, {words.pc(a)} to {words.pc(b)} "
        "over all directions"
        for m, p, a, b in zip(
            curve.miss_m, curve.pc, curve.pc_lowest, curve.pc_highest, strict=True
        )
    ]
    figure.add_trace(
        curve_line(curve.miss_m, curve.pc, low, colors.selection, "solid", hover, "Pc")
    )
    figure.add_trace(
        mark(curve.nominal_m, max(curve.nominal, low), colors.text, "circle", "message")
    )
    captions(
        figure,
        f"Pc by miss distance: {words.pc(curve.nominal)} at {words.length(curve.nominal_m)}, "
        f"1σ {words.length(curve.sigma_m)}; dotted: any direction",
        source_of(risk, basis_words(curve.basis)),
        colors,
    )
    figure.update_xaxes(
        **axis(colors, "Miss in the encounter plane, m", range=box, tickformat=",~r", nticks=6)
    )
    figure.update_yaxes(**pc_axis(colors, low, high))
    return figure


def _one_sigma(figure: Any, curve: MissCurve, box: tuple[float, float], colors: Palette) -> None:
    start = max(box[0], curve.nominal_m - curve.sigma_m)
    end = min(box[1], curve.nominal_m + curve.sigma_m)
    if start < end:
        figure.add_shape(
            type="rect",
            x0=start,
            x1=end,
            yref="paper",
            y0=0,
            y1=1,
            line={"width": 0},
            fillcolor=translucent(colors.selection, 0.12),
            layer="below",
            name="1σ",
        )


def distribution_figure(risk: Risk, spread: PcDistribution, policy: Policy, colors: Palette) -> Any:
    """How much of the stated spread of the inputs gives a Pc below a value.

    Parameters
    ----------
    risk : Risk
    spread : PcDistribution
        From `mdss.risk.distribution.pc_distribution`.
    policy : Policy
        Whose thresholds are drawn.
    colors : Palette

    Returns
    -------
    plotly.graph_objects.Figure
        x: Pc, logarithmic; y: share [%].
    """
    figure = new_figure(colors, HEIGHT, MARGIN)
    low, high = decades([spread.nominal, spread.p05, spread.p95], policy, lowest=1e-12)
    shares = np.linspace(0, 1, 201)
    values = np.quantile(spread.pc, shares)
    for name, value, ink, dash in limits(policy, colors):
        figure.add_trace(line([value, value], [0, 100], ink, 1.5, dash=dash, name=name))
        figure.add_annotation(
            x=math.log10(value),
            y=101,
            text=f"{name} {words.threshold(value)}",
            showarrow=False,
            yanchor="bottom",
            font={"size": 12, "color": ink},
        )
    hover = [
        f"<b>{100 * s:.0f} % give less than</b><br>Pc {words.pc(p)}"
        for s, p in zip(shares, values, strict=True)
    ]
    figure.add_trace(
        curve_line(
            np.maximum(values, low), 100 * shares, 0.0, colors.selection, "solid", hover, "Pc"
        )
    )
    marks = [(spread.p05, 5.0), (spread.median, 50.0), (spread.p95, 95.0)]
    for value, share in marks:
        figure.add_trace(mark(max(value, low), share, colors.text, "circle", f"{share:g} %"))
    above = spread.share_above(policy.pc_act)
    captions(
        figure,
        f"Pc for uncertain inputs: 5–95 % {words.pc(spread.p05)} to {words.pc(spread.p95)}, "
        f"{100 * above:.0f} % above act",
        source_of(risk, basis_words(spread.basis)),
        colors,
    )
    figure.update_xaxes(**pc_axis(colors, low, high))
    figure.update_yaxes(
        **axis(colors, "Share of the spread, %", range=(-3, 114), tickvals=[0, 25, 50, 75, 100])
    )
    return figure

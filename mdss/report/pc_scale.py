"""The colours of a heat map of Pc: three bands, so that the thresholds are edges, not shades."""

from __future__ import annotations

import math
from typing import Any

from mdss.policy import Policy
from mdss.report import words
from mdss.report.palette import Palette

_ENDS = (1e-9, 1e-3)


def pc_ends(policy: Policy) -> tuple[float, float]:
    """Ends of the colour scale: 1e-9 to 1e-3, wider where the thresholds need it."""
    return (
        min(_ENDS[0], 1e-2 * policy.pc_target),
        max(_ENDS[1], min(1.0, 10 * policy.pc_act)),
    )


def heat_settings(policy: Policy, colors: Palette) -> dict[str, Any]:
    """Range, colours and colour bar of a heat map of log10 Pc."""
    low, high = pc_ends(policy)
    ticks = sorted({low, policy.pc_target, policy.pc_act, high} | _decades(policy))
    labels = {low: f"≤{words.threshold(low)}", high: f"≥{words.threshold(high)}"}
    return {
        "zmin": math.log10(low),
        "zmax": math.log10(high),
        "colorscale": _bands(policy, colors),
        "colorbar": {
            "thickness": 10,
            "len": 1.0,
            "x": 1.01,
            "xpad": 2,
            "ypad": 0,
            "outlinewidth": 0,
            "tickvals": [math.log10(one) for one in ticks],
            "ticktext": [labels.get(one, words.threshold(one)) for one in ticks],
            "tickfont": {"size": 12, "color": colors.muted},
            "ticks": "",
        },
    }


def _decades(policy: Policy) -> set[float]:
    """Powers of ten that keep half a decade from the other ticks of the colour bar."""
    low, high = pc_ends(policy)
    fixed = [low, high, policy.pc_target, policy.pc_act]
    tens = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    return {10.0**n for n in tens if all(abs(n - math.log10(one)) > 0.45 for one in fixed)}


def _bands(policy: Policy, colors: Palette) -> list[list[float | str]]:
    low, high = (math.log10(one) for one in pc_ends(policy))
    target, act = (
        (math.log10(one) - low) / (high - low) for one in (policy.pc_target, policy.pc_act)
    )
    return [
        [0.0, colors.below[0]],
        [0.5 * target, colors.below[1]],
        [target, colors.below[2]],
        [target, colors.between],
        [act, colors.between],
        [act, colors.above[0]],
        [act + 0.5 * (1 - act), colors.above[1]],
        [1.0, colors.above[2]],
    ]

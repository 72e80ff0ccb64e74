"""Colours can be read, and told apart by colour-blind people."""

from itertools import combinations

import numpy as np
import pytest

from mdss.report.palette import DARK, LIGHT, Palette

STATES = ("act", "caution", "ok", "info", "off")
PALETTES = pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])

# Machado, Oliveira & Fernandes 2009, severity 1, linear RGB
BLINDNESS = {
    "none": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear_rgb(color: str) -> np.ndarray:
    value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light = sorted(float(linear_rgb(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ) @ np.clip(rgb, 0, 1)
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@PALETTES
def test_words_reach_the_contrast_of_wcag_aa(colors: Palette) -> None:
    pairs = [
        (getattr(colors, word), getattr(colors, ground))
        for word in ("text", "muted", "act", "caution", "ok", "info", "off", "selection")
        for ground in ("page", "panel")
    ]
    pairs += [(getattr(colors, s), getattr(colors, f"tint_{s}")) for s in ("act", "caution", "ok")]
    pairs += [(colors.text, colors.tint_selection), (colors.muted, colors.tint_selection)]
    pairs += [(colors.page, colors.selection)]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


@PALETTES
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_states_stay_apart_for_colour_blind_eyes(colors: Palette, blindness: str) -> None:
    seen = [lab(BLINDNESS[blindness] @ linear_rgb(getattr(colors, state))) for state in STATES]
    # 15 in CIE76 is several times the just noticeable 2.3
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 15

"""Colours with a meaning, one set for dark and one for light screens.

Contrast and colour-blind distance of these values are tested; change them together with the
test. A colour never stands alone: `mdss.report.words` has the glyph that goes with each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["dark", "light"]


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Roles and their colours (hex).

    Parameters
    ----------
    text, muted : str
        Words.
    act, caution, ok, info, off, selection : str
        States: above threshold or refused, doubtful, good, informative, not applicable, chosen.
    page, panel, border, grid : str
        Surfaces and lines.
    tint_act, tint_caution, tint_ok, tint_info, tint_selection : str
        Backgrounds of cells in a state.
    below, between, above : tuple of str
        Heat map: under the target, between target and threshold, above the threshold.
    halo : str
        Wider line under lines that cross the heat map.
    line : str
        Lines over the heat map.
    """

    text: str
    muted: str
    act: str
    caution: str
    ok: str
    info: str
    off: str
    selection: str
    page: str
    panel: str
    border: str
    grid: str
    tint_act: str
    tint_caution: str
    tint_ok: str
    tint_info: str
    tint_selection: str
    below: tuple[str, str, str]
    between: str
    above: tuple[str, str, str]
    halo: str
    line: str


DARK = Palette(
    text="#E8EDF4",
    muted="#A9B6C7",
    act="#FF6F61",
    caution="#FFC845",
    ok="#3EE0A8",
    info="#7C9DFF",
    off="#788698",
    selection="#4DA3FF",
    page="#0B111B",
    panel="#141D2B",
    border="#2E3C51",
    grid="#223045",
    tint_act="#3A1715",
    tint_caution="#33270A",
    tint_ok="#0C2B26",
    tint_info="#172346",
    tint_selection="#14263F",
    below=("#0C1C33", "#14365F", "#2A5F95"),
    between="#59616D",
    above=("#B4561A", "#E98A33", "#FFD08A"),
    halo="#0B111B",
    line="#FFFFFF",
)

LIGHT = Palette(
    text="#131C28",
    muted="#465466",
    act="#A3002B",
    caution="#946200",
    ok="#007A5E",
    info="#1D4ED8",
    off="#4A5564",
    selection="#0B5CAD",
    page="#FFFFFF",
    panel="#F1F4F8",
    border="#C6D0DC",
    grid="#E3E8EE",
    tint_act="#FCE9E7",
    tint_caution="#FFF3D1",
    tint_ok="#DDF4EF",
    tint_info="#E6ECFD",
    tint_selection="#E2ECF7",
    below=("#E9F1FA", "#B9D4EE", "#7FAFDA"),
    between="#D9DCE1",
    above=("#F6B26B", "#DB7A22", "#8F3F08"),
    halo="#FFFFFF",
    line="#131C28",
)


def palette(theme: str | None) -> Palette:
    """The palette of a theme; dark when it is not known."""
    return LIGHT if theme == "light" else DARK

"""What ephemerides changed in a conjunction, in plain words and as JSON values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from mdss.report import words
from mdss.report.pieces import bullet
from mdss.units import iso

if TYPE_CHECKING:
    from mdss.inbox import Entry
    from mdss.orbit_difference import Replacement

Json = dict[str, Any]


def replacement_lines(entries: Iterable[Entry]) -> list[RenderableType]:
    """What the ephemerides changed, in plain words, below the table of risks."""
    lines: list[RenderableType] = []
    for entry in entries:
        if entry.replacements:
            lines.append(Text(entry.file, style="bold"))
            lines += [bullet("•", said) for said in _change_words(entry)]
    return [Text("\nWith the given orbits", style="bold underline"), *lines] if lines else []


def _change_words(entry: Entry) -> list[str]:
    first = entry.replacements[0]
    said = [line for one in entry.replacements for line in _replaced_words(one)]
    said.append(
        f"TCA {iso(first.tca_before_utc)} → {iso(first.tca_after_utc)} "
        f"({words.signed(first.tca_change_s, 3)} s)"
    )
    said.append(
        f"miss {words.length(first.miss_before_m)} ({words.rtn(first.miss_rtn_before_m)}) → "
        f"{words.length(first.miss_after_m)} ({words.rtn(first.miss_rtn_after_m)})"
    )
    before = "no Pc" if entry.before is None else words.pc(entry.before.pc)
    after = words.NOTHING if entry.risk is None else words.pc(entry.risk.pc)
    said.append(f"Pc {before} → {after}")
    return said


def _replaced_words(one: Replacement) -> list[str]:
    covariance = (
        "no covariance in it: that of the message is kept in RTN"
        if one.covariance_kept
        else f"sigma {_by_axis('×', one.sigma_ratio)} of the message's ({one.covariance_origin})"
    )
    return [
        f"{one.which} {one.label} ({one.designator}) from {one.source or 'an ephemeris'}: "
        f"{words.rtn(one.difference_rtn_m)} m from the message, {_factor(one.distance_sigmas)} "
        f"sigma of it ({_by_axis('', one.difference_sigmas)})",
        covariance,
    ]


def _by_axis(sign: str, values: Iterable[float]) -> str:
    return " ".join(f"{axis} {sign}{_factor(x)}" for axis, x in zip("RTN", values, strict=True))


def _factor(value: float) -> str:
    """Two digits; whole numbers from a hundred on."""
    if not math.isfinite(value):
        return words.NOTHING
    return f"{value:.2g}" if value < 99.5 else f"{value:,.0f}"


def replacement_json(entry: Entry) -> Json:
    """What the ephemerides changed, as schema "risk" says under `replaced`."""
    return {
        "pc_before": None if entry.before is None else entry.before.pc,
        "objects": [_replacement(one) for one in entry.replacements],
    }


def _replacement(one: Replacement) -> Json:
    return {
        "object": one.which,
        "designator": one.designator,
        "name": one.name,
        "file": one.source,
        "covariance_kept": one.covariance_kept,
        "covariance": one.covariance_origin,
        "tca_before_utc": iso(one.tca_before_utc),
        "tca_change_s": one.tca_change_s,
        "miss_before_m": one.miss_before_m,
        "miss_after_m": one.miss_after_m,
        "miss_rtn_before_m": one.miss_rtn_before_m,
        "miss_rtn_after_m": one.miss_rtn_after_m,
        "difference_rtn_m": one.difference_rtn_m,
        "velocity_difference_rtn_m_s": one.velocity_difference_rtn_m_s,
        "difference_sigmas": one.difference_sigmas,
        "distance_sigmas": one.distance_sigmas,
        "sigma_before_m": one.sigma_before_m,
        "sigma_after_m": one.sigma_after_m,
        "sigma_ratio": one.sigma_ratio,
        "interpolation_error_m": one.interpolation_error_m,
    }

"""Data quality and consequence for a terminal and as JSON. What is shown is computed elsewhere."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mdss.report import words
from mdss.report.pieces import bullet, notice_lines, plain_table
from mdss.risk.assess import Risk
from mdss.risk.consequence import Consequence, risk_times_consequence
from mdss.risk.findings import Finding, Severity
from mdss.risk.mass_estimate import Band, MassEstimate, MassSource
from mdss.risk.quality import ACTIONABLE, NOT_ACTIONABLE, DataQuality
from mdss.units import iso

Json = dict[str, Any]

MARKS = {
    Severity.GOOD: (words.GOOD, "green"),
    Severity.NOTE: (words.INFO, ""),
    Severity.NOT_STATED: (words.OFF, "dim"),
    Severity.CAUTION: (words.CAUTION, "yellow"),
    Severity.STOP: (words.ACT, "bold red"),
}
"""Glyph and style of each severity."""
VERDICT_MARKS = {ACTIONABLE: Severity.GOOD, NOT_ACTIONABLE: Severity.STOP}


def verdict_mark(quality: DataQuality) -> tuple[str, str]:
    """Glyph and style of a verdict."""
    return MARKS[VERDICT_MARKS.get(quality.verdict, Severity.CAUTION)]


# --- data quality -------------------------------------------------------------------------


def quality_table(quality: DataQuality) -> RenderableType:
    """The verdict, every check with its number, and what to do where something is wrong."""
    glyph, style = verdict_mark(quality)
    table = plain_table("check", "primary", "secondary", "limit")
    for row in _by_check(quality).values():
        table.add_row(*_row(row))
    return Group(
        Text(f"{glyph} Data quality: {quality.headline}", style=style),
        Padding(table, (1, 0, 0, 2)),
        *[bullet(*_said(one)) for one in quality.reasons if one.text],
    )


def _by_check(quality: DataQuality) -> dict[str, dict[str, Finding]]:
    """The findings about the objects, by check and object, in their order."""
    rows: dict[str, dict[str, Finding]] = {}
    for one in quality.findings:
        if one.object and one.what not in _ONLY_SAID:
            rows.setdefault(one.what, {})[one.object] = one
    return rows


_ONLY_SAID = ("covariance", "orbit-determination", "velocity-covariance")
"""Checks without a number: when there is something to say, a sentence says it."""


def _row(row: dict[str, Finding]) -> list[RenderableType]:
    """A check of both objects; the limit once where both have the same."""
    limits = dict.fromkeys(_limit(one) for one in row.values())
    return [
        Text(next(iter(row.values())).name),
        *(_value(row.get(role)) for role in ("primary", "secondary")),
        Text(", ".join(filter(None, limits))),
    ]


def _value(finding: Finding | None) -> Text:
    if finding is None:
        return Text(words.NOTHING, style="dim")
    glyph, style = MARKS[finding.severity]
    return Text(f"{glyph} {_value_words(finding)}", style=style)


def _value_words(finding: Finding) -> str:
    if finding.what == "positive-definite":
        return "yes" if finding.severity is Severity.GOOD else "no"
    return _number(finding.value, finding.limit.unit)


def _number(value: float | str | None, unit: str) -> str:
    if value is None or isinstance(value, str):
        return value or words.NOTHING
    if unit == "m":
        return words.length(value)
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g} {unit}".strip()


def _limit(finding: Finding) -> str:
    limit = finding.limit
    if limit.value is None or finding.what == "positive-definite":
        return ""
    return f"{'<' if limit.at_most else '≥'} {_number(limit.value, limit.unit)}"


def _said(finding: Finding) -> tuple[str, str, str]:
    glyph, style = MARKS[finding.severity]
    return glyph, finding.text, style


def quality_json(quality: DataQuality) -> Json:
    """A verdict on the data with every check, as `data_quality` of schema "risk" says."""
    return {
        "verdict": quality.verdict,
        "headline": quality.headline,
        "now_utc": None if quality.now_utc is None else iso(quality.now_utc),
        "findings": [_finding_json(one) for one in quality.findings],
    }


def _finding_json(finding: Finding) -> Json:
    return {
        "check": finding.what,
        "object": finding.object or None,
        "severity": str(finding.severity),
        "value": finding.value,
        "limit": finding.limit.value,
        "at_most": finding.limit.at_most,
        "unit": finding.limit.unit,
        "message": finding.text,
        "source": finding.limit.source,
    }


# --- consequence --------------------------------------------------------------------------

_CATASTROPHIC_WORDS = {
    "yes": "both objects break up (more than 40 J/g)",
    "no": "the heavier object is damaged, not broken up (less than 40 J/g)",
    "possible": "a break-up of both objects is possible (about 40 J/g)",
    "unknown": "whether both objects break up is not known",
}
_MASS_WORDS = {
    MassSource.GIVEN: "given",
    MassSource.SPACECRAFT_FILE: "spacecraft file",
    MassSource.MESSAGE: "message",
    MassSource.RADAR: "estimated from radar cross section and drag",
    MassSource.AREA: "estimated from area and drag",
    MassSource.RADIUS: "estimated from hard-body radius and drag",
}


def consequence_headline(outcome: Consequence) -> str:
    """Whether both objects would break up."""
    return f"If they collide: {_CATASTROPHIC_WORDS[outcome.catastrophic]}{_share(outcome)}."


def consequence_facts(outcome: Consequence, risk: Risk) -> tuple[tuple[str, str], ...]:
    """Names and values of what a collision would leave, as text."""
    return (
        ("collision speed", words.speed(outcome.speed_m_s)),
        ("mass, primary", _mass(outcome.primary_mass)),
        ("mass, secondary", _mass(outcome.secondary_mass)),
        ("energy / heavier mass", _band(outcome.specific_energy_j_kg, " J/g", 1e-3)),
        (f"fragments ≥ {_centimetres(outcome)}", _band(outcome.fragments)),
        ("Pc × fragments", _band(risk_times_consequence(risk, outcome))),
    )


def consequence_table(outcome: Consequence, risk: Risk) -> RenderableType:
    """What a collision would leave, by the masses known and over assumed ones."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True, style="dim")
    rows.add_column(overflow="fold")
    for name, value in consequence_facts(outcome, risk):
        rows.add_row(name, Text(value))
    return Group(
        Text(consequence_headline(outcome)),
        Padding(rows, (1, 0, 1, 2)),
        *_if_mass(outcome),
        *notice_lines(outcome.notices),
    )


def _share(outcome: Consequence) -> str:
    share = outcome.catastrophic_share
    known = share is None or outcome.catastrophic != "possible"
    return "" if known else f", with {100 * (share or 0):.0f} % of the possible masses"


def _mass(mass: MassEstimate | None) -> str:
    if mass is None:
        return words.NOTHING
    return f"{_band(mass.band_kg, ' kg')}, {_MASS_WORDS[mass.source]}"


def _band(band: Band | None, unit: str = "", factor: float = 1.0) -> str:
    """The median, and the 5 % and 95 % quantiles where they differ from it."""
    if band is None:
        return words.NOTHING
    low, median, high = (_figures(factor * one) for one in (band.low, band.median, band.high))
    if low == high:
        return f"{median}{unit}"
    return f"{median}{unit} ({low} to {high}, 90 %)"


def _figures(value: float) -> str:
    """Two digits, grouped thousands, powers of ten below a thousandth."""
    if value == 0 or abs(value) >= 1e-3:
        rounded = float(f"{value:.2g}")
        return f"{rounded:,.0f}" if abs(rounded) >= 10 else f"{rounded:g}"
    return words.pc(value)


def _centimetres(outcome: Consequence) -> str:
    return f"{100 * outcome.smallest_m:g} cm"


def _if_mass(outcome: Consequence) -> list[RenderableType]:
    """Over assumed masses, where that of the secondary is not stated."""
    secondary = outcome.secondary_mass
    if not outcome.if_secondary_mass or (secondary and not secondary.source.is_estimate):
        return []
    table = plain_table("if the secondary has", "fragments", "")
    for one in outcome.if_secondary_mass:
        table.add_row(
            f"{one.mass_kg:,g} kg",
            _figures(one.fragments),
            "both break up" if one.catastrophic else "",
        )
    return [Padding(table, (0, 0, 1, 2))]


def consequence_json(outcome: Consequence, risk: Risk) -> Json:
    """What a collision would leave, as `consequence` of schema "risk" says."""
    return {
        "collision_speed_m_s": outcome.speed_m_s,
        "smallest_fragment_m": outcome.smallest_m,
        "primary_mass": _mass_json(outcome.primary_mass),
        "secondary_mass": _mass_json(outcome.secondary_mass),
        "specific_energy_j_kg": _band_json(outcome.specific_energy_j_kg),
        "catastrophic": outcome.catastrophic,
        "catastrophic_share": outcome.catastrophic_share,
        "fragments": _band_json(outcome.fragments),
        "fragments_exponent_1": _band_json(outcome.fragments_printed),
        "expected_fragments": _band_json(risk_times_consequence(risk, outcome)),
        "if_secondary_mass": [
            {
                "mass_kg": one.mass_kg,
                "fragments": one.fragments,
                "catastrophic": one.catastrophic,
            }
            for one in outcome.if_secondary_mass
        ],
        "warnings": [one.as_dict() for one in outcome.notices],
    }


def _mass_json(mass: MassEstimate | None) -> Json | None:
    if mass is None:
        return None
    return {"source": str(mass.source), "kg": _band_json(mass.band_kg)}


def _band_json(band: Band | None) -> Json | None:
    if band is None:
        return None
    return {"low": band.low, "median": band.median, "high": band.high}

"""Everything about a risk for a terminal, 100 columns wide: methods, maximum, quality, events."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from mdss.details import Details
from mdss.inbox import Entry
from mdss.report import words
from mdss.report.history_tables import history_tables
from mdss.report.pieces import bullet, plain_table
from mdss.report.quality_tables import consequence_table, quality_table
from mdss.report.tables import risk_table
from mdss.risk.aggregate import TotalRisk
from mdss.risk.assess import Risk
from mdss.risk.distribution import PcDistribution
from mdss.risk.family import FamilyValue, spread
from mdss.risk.frisbee import FrisbeeMaximum
from mdss.risk.maximum import MaximumPc, Peak, Scaled
from mdss.risk.methods import Choice, MethodResult
from mdss.risk.picture import Picture
from mdss.risk.requirements import Requirements

_SHOWN_DIFFERENCE = 1e-6


def title(text: str) -> Text:
    """Head of a section."""
    return Text(f"\n{text}", style="bold underline")


def about(entry: Entry) -> Text:
    """Which message the following is about."""
    assert entry.risk is not None
    ours, theirs = entry.risk.conjunction.objects
    head = Text(f"\n{ours.label} and {theirs.label}", style="bold")
    return head.append(f"  {entry.file}", style="dim")


def risk_tables(found: Details) -> RenderableType:
    """All messages in a table, then what was asked for about the newest of each event."""
    parts = [risk_table(found.entries)]
    for one in found.newest:
        seen = found.pictures.get(one)
        parts.append(methods_tables(one) if seen is None else picture_tables(one, seen))
    parts += [history_tables(one) for one in found.histories]
    if found.total is not None:
        parts.append(together_table(found.total))
    return Group(*parts)


# --- methods ------------------------------------------------------------------------------


def recommended_lines(risk: Risk) -> list[RenderableType]:
    """The recommended probability, its interval, and why this method."""
    used = risk.choice.recommended
    mark = words.GOOD if risk.trusted else words.CAUTION
    value = f"Pc {words.pc(used.pc)} by {used.method.label}{_interval_words(used)}"
    return [
        title("Recommended"),
        bullet(mark, value),
        bullet(" ", words.sentence(risk.choice.reason)),
    ]


def interval(result: MethodResult) -> str:
    """The 95 % interval: "4.3e-4 to 4.5e-4"; nothing where there is none."""
    if math.isnan(result.lower):
        return ""
    return f"{words.pc(result.lower)} to {words.pc(result.upper)}"


def _interval_words(result: MethodResult) -> str:
    said = interval(result)
    return f", 95 % interval {said} ({result.trials:,} trials)" if said else ""


def methods_lines(choice: Choice) -> list[RenderableType]:
    """Every method that was tried, the recommended one marked."""
    table = plain_table("method", "Pc", "valid", "code", "95 % interval", "trials", "time\n[s]")
    for column in (*table.columns[1:2], *table.columns[3:4], *table.columns[5:]):
        column.justify = "right"
    for one in choice.tried:
        star = words.STAR if one is choice.recommended else " "
        table.add_row(
            f"{star} {one.method.label}",
            words.pc(one.pc),
            "yes" if one.valid else f"{words.CAUTION} no",
            f"{one.code:03d}",
            interval(one) or words.NOTHING,
            f"{one.trials:,}" if one.trials else words.NOTHING,
            words.NOTHING if math.isnan(one.seconds) else f"{one.seconds:.2f}",
        )
    notes = [
        bullet(" ", f"{one.method.label}: {words.sentence(text)}")
        for one in choice.tried
        for text in (one.reason, one.detail)
        if text
    ]
    return [title("Methods"), table, *notes]


# --- the 2D family, maximum, dilution -----------------------------------------------------


def family_lines(values: Sequence[FamilyValue], valid: bool) -> list[RenderableType]:
    """2D Pc in every published way, with how far each is from the exact integral."""
    table = plain_table("2D Pc", "", "off by", "holds for")
    table.columns[1].justify = table.columns[2].justify = "right"
    for one in values:
        table.add_row(one.label, words.pc(one.pc), _off_by(one), one.assumption)
    said = f"Largest difference from the exact integral: {_percent(spread(tuple(values)))}."
    doubt = "" if valid else " None of them holds here: the passage is not short and straight."
    return [title("2D Pc in every way"), table, bullet(" ", said + doubt)]


def _off_by(value: FamilyValue) -> str:
    if value.name == "exact":
        return words.NOTHING
    return _percent(value.relative_difference)


def _percent(share: float) -> str:
    if not math.isfinite(share):
        return "all of it"
    if abs(share) < _SHOWN_DIFFERENCE:
        return "<1e-4 %"
    return f"{words.number(100 * share, max(0, 1 - math.floor(math.log10(abs(100 * share)))))} %"


_WHOSE = {Scaled.BOTH: "both", Scaled.PRIMARY: "primary", Scaled.SECONDARY: "secondary"}


def maximum_lines(found: MaximumPc, frisbee: FrisbeeMaximum) -> list[RenderableType]:
    """The largest 2D Pc that other covariances give, and on which side of it we are."""
    table = plain_table("sigmas scaled", "largest 2D Pc", "at sigma ×", "Pc now is")
    table.columns[1].justify = table.columns[2].justify = "right"
    for peak in (found.joint, found.primary, found.secondary):
        table.add_row(
            _WHOSE[peak.which],
            words.pc(peak.pc_max),
            f"{peak.scale:.3g}",
            f"{words.CAUTION} diluted" if peak.diluted else f"{words.GOOD} robust",
        )
    lines: list[RenderableType] = [title("Maximum Pc and dilution"), table]
    said = [
        dilution_sentence(found.joint),
        f"Closed form for a small radius: {words.pc(found.closed_form)} at sigma "
        f"×{found.closed_form_scale:.3g}.",
        f"With the {frisbee.unknown}'s covariance unknown Pc would be at most about "
        f"{words.pc(frisbee.pc)} (Frisbee).",
    ]
    if not found.valid:
        said.append("These are 2D values, and 2D Pc does not hold here: do not rely on them.")
    return [*lines, *(bullet(" ", one) for one in said)]


def dilution_sentence(joint: Peak) -> str:
    """What better tracking would do to 2D Pc."""
    if joint.diluted:
        return (
            f"Diluted: 2D Pc {words.pc(joint.pc)} is small because the errors are large; with "
            f"sigmas ×{joint.scale:.2g} it would be {words.pc(joint.pc_max)}. Better tracking may "
            "raise Pc before it lowers it."
        )
    return "Robust: better tracking alone can only lower 2D Pc."


# --- shared density error -----------------------------------------------------------------


def density_lines(picture: Picture) -> list[RenderableType]:
    """Pc with and without the shared density error; nothing where there is none."""
    other = picture.density
    if other is None:
        return []
    used = picture.risk.encounter
    counted = used.conjunction.density_correlated
    table = plain_table("shared density error", "Pc", "method", "2D Pc", "decides")
    table.columns[1].justify = table.columns[3].justify = "right"
    for one in (used, other) if not counted else (other, used):
        table.add_row(
            "counted" if one.conjunction.density_correlated else "left out",
            words.pc(one.pc),
            one.choice.recommended.method.label,
            words.pc(one.pc_2d),
            words.STAR if one is used else "",
        )
    return [title("Shared density error"), table]


# --- sensitivity --------------------------------------------------------------------------


def sensitivity_lines(picture: Picture) -> list[RenderableType]:
    """What carries Pc, the strongest first, what the spread of the inputs makes of it."""
    found, spread_ = picture.sensitivity, picture.distribution
    said = [one for one in found.sentences if not one.endswith("does not change.")]
    basis = words.sentence(found.basis.note)
    return [
        title("What carries Pc"),
        *(bullet("•", words.sentence(one)) for one in said),
        bullet(
            words.INFO if found.basis.sound else words.CAUTION, f"Computed with {_lower(basis)}"
        ),
        bullet("•", distribution_words(spread_)),
        *(bullet(words.CAUTION, words.sentence(one)) for one in spread_.doubts),
    ]


def _lower(text: str) -> str:
    """For the middle of a sentence; acronyms stay."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def distribution_words(found: PcDistribution) -> str:
    """What sigmas that are off make of Pc."""
    low, high = found.spread.scale_primary
    return (
        f"With the sigmas of each object off by a factor {low:g} to {high:g}: Pc "
        f"{words.pc(found.p05)} (5 %), {words.pc(found.median)} (median), {words.pc(found.p95)} "
        f"(95 %); mean {words.pc(found.mean)}."
    )


def requirement_lines(found: Requirements) -> list[RenderableType]:
    """What would have to be true for the event to be harmless, or red."""
    sentences = [bullet("•", words.sentence(one)) for one in found.sentences]
    return [title("What would have to be true"), *sentences]


# --- all of one message, several messages -------------------------------------------------


def picture_tables(entry: Entry, picture: Picture) -> RenderableType:
    """Everything about one message.

    Parameters
    ----------
    entry : Entry
        The message.
    picture : Picture
        Of its risk.
    """
    risk = picture.risk
    return Group(
        about(entry),
        *recommended_lines(risk),
        *methods_lines(risk.choice),
        *family_lines(picture.family, risk.validity.valid),
        *maximum_lines(picture.maximum, picture.frisbee),
        *density_lines(picture),
        *sensitivity_lines(picture),
        *requirement_lines(picture.requirements),
        title("Data quality"),
        quality_table(picture.quality),
        title("Consequence"),
        consequence_table(picture.consequence, risk),
    )


def methods_tables(entry: Entry) -> RenderableType:
    """The methods alone of one message."""
    assert entry.risk is not None
    return Group(about(entry), *recommended_lines(entry.risk), *methods_lines(entry.risk.choice))


def together_table(total: TotalRisk) -> RenderableType:
    """The collision risk of several events, and what each one adds."""
    if not total.risks:
        return Group(title("Together"), bullet(words.OFF, "No event has a Pc to add up."))
    table = plain_table("event", "TCA (UTC)", "Pc", "method", "share")
    table.columns[2].justify = table.columns[4].justify = "right"
    for one, share in zip(total.risks, total.shares, strict=True):
        ours, theirs = one.conjunction.objects
        mark = "" if one.trusted else f" {words.CAUTION}"
        table.add_row(
            f"{ours.label} and {theirs.label}",
            f"{one.conjunction.tca_utc:%Y-%m-%d %H:%M}",
            f"{words.pc(one.pc)}{mark}",
            one.pc_method.label,
            f"{100 * share:.1f} %",
        )
    count = len(total.risks)
    lines: list[RenderableType] = [
        bullet(
            words.GOOD if total.trusted else words.CAUTION,
            f"Pc {words.pc(total.pc)} that at least one of {count} event"
            f"{'' if count == 1 else 's'} ends in a collision, 1 − Π(1 − Pc).",
        )
    ]
    if total.superseded:
        older = len(total.superseded)
        lines.append(
            bullet(
                " ",
                f"{older} older message{'' if older == 1 else 's'} about the same events "
                f"{'does' if older == 1 else 'do'} not count.",
            )
        )
    if not total.trusted:
        lines.append(bullet(" ", "At least one Pc rests on a method that does not hold."))
    return Group(title("Together"), table, *lines)

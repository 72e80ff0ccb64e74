"""Risks and plans for a terminal, 100 columns wide. What is shown is computed elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mdss.conjunction import Conjunction
from mdss.inbox import Entry
from mdss.loading import Scenario
from mdss.notices import Notice, NoticeCode
from mdss.planner.options import Plan
from mdss.policy import Policy
from mdss.report import words
from mdss.report.front_tables import front_tables
from mdss.report.option_tables import burns_tables, options_table, reasons
from mdss.report.pieces import bullet, clock, date, metres_signed, notice_lines, plain_table
from mdss.report.relaxation_words import relaxation_table
from mdss.report.replacements import replacement_lines
from mdss.report.robustness_tables import robustness_tables
from mdss.report.second_opinion import second_opinion_table
from mdss.reported import NOT_COMPUTED, NOT_COMPUTED_REASON, ReportedApproach
from mdss.risk.assess import HbrSource, Risk
from mdss.risk.methods import PcMethod
from mdss.units import HOUR_S, KM

WIDTH = 100


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal, and of 100 columns where there is none."""
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        made = Console(stderr=stderr, highlight=False, width=WIDTH)
    return made


# --- risk ---------------------------------------------------------------------------------


def risk_table(entries: Sequence[Entry]) -> RenderableType:
    """One row a message, bad ones among them, and the warnings below."""
    table = plain_table(
        "file / event",
        "TCA (UTC)",
        "miss\n[m]",
        "speed\n[m/s]",
        "HBR\n[m]",
        "Pc",
        "σ plane\n[m]",
    )
    for column in table.columns[2:]:
        column.justify = "right"
    table.columns[0].overflow = "fold"
    for entry in entries:
        table.add_row(*_risk_cells(entry))
    return Group(
        table, *replacement_lines(entries), *_entry_warnings(entries), *_left_aside(entries)
    )


def _risk_cells(entry: Entry) -> Sequence[RenderableType]:
    if entry.reported is not None:
        return _reported_cells(entry, entry.reported)
    if entry.aside:
        return [Text(_file_name(entry.file)), Text("left aside", style="dim")]
    if entry.risk is None:
        what = "not assessed" if entry.event_id else "not read"
        return [Text(_file_name(entry.file)), Text(f"{words.ACT} {what}", style="red")]
    risk = entry.risk
    name = _entry_name(entry)
    doubt = "" if risk.trusted else f" {words.CAUTION}"
    sigma1_m, sigma2_m = risk.sigma_plane_m
    return [
        name,
        f"{date(risk.conjunction.tca_utc)}\n{clock(risk.conjunction.tca_utc, 3)}",
        words.metres(risk.plane.miss_distance_m),
        _speed(risk),
        f"{risk.hbr.radius_m:g}\n{risk.hbr.source}",
        f"{words.pc(risk.pc)}{doubt}\n{_method_lines(risk)}",
        f"{words.metres(sigma1_m)}\n{words.metres(sigma2_m)}",
    ]


def _speed(risk: Risk) -> str:
    """Relative speed [m/s]: whole, but two digits for slow pairs."""
    speed = risk.plane.relative_speed_m_s
    return f"{speed:.2g}" if speed < 10 else f"{speed:.0f}"


def _pc_head(risk: Risk) -> str:
    used = risk.pc_method
    return "Pc (2D)" if used == PcMethod.PC_2D else f"Pc ({used.label})"


def _method_lines(risk: Risk) -> str:
    return risk.pc_method.label.replace(", ", "\n")


def _entry_name(entry: Entry) -> Text:
    name = Text(f"{_file_name(entry.file)}\n")
    return name.append(entry.event_id or "", style="dim")


def _reported_cells(entry: Entry, told: ReportedApproach) -> Sequence[RenderableType]:
    miss = words.NOTHING if told.miss_distance_m is None else words.metres(told.miss_distance_m)
    return [
        _entry_name(entry),
        f"{date(told.tca_utc)}\n{clock(told.tca_utc, 3)}",
        miss,
        words.NOTHING,
        words.NOTHING,
        f"{words.pc(told.pc)}\nreported",
        NOT_COMPUTED.replace(" ", "\n"),
    ]


def _left_aside(entries: Sequence[Entry]) -> list[RenderableType]:
    """What is not assessed although nothing is wrong with it."""
    lines: list[RenderableType] = [
        Text(f"{_file_name(one.file)} {one.aside}") for one in entries if one.aside
    ]
    count = sum(one.reported is not None for one in entries)
    if count:
        subject = "1 row is" if count == 1 else f"{count} rows are"
        lines.append(Text(f"{subject} as reported, miss in metres: {NOT_COMPUTED_REASON}."))
    return [Text("\nNot assessed", style="bold underline"), *lines] if lines else []


def _entry_warnings(entries: Iterable[Entry]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for entry in entries:
        notices = _entry_notices(entry)
        if notices:
            lines += [Text(entry.file, style="bold"), *notice_lines(notices)]
    return [Text("\nWarnings", style="bold underline"), *lines] if lines else []


def _entry_notices(entry: Entry) -> Sequence[Notice]:
    """Of an assessed message all, of a public record what is not the same for every record."""
    if entry.reported is None:
        return entry.risk.notices if entry.risk else ()
    notices = entry.reported.notices
    return [n for n in notices if n.code != NoticeCode.SUMMARY_ONLY and not n.code.is_remark]


def _file_name(file: str) -> str:
    return file.replace("\\", "/").rsplit("/", 1)[-1]


# --- plan ---------------------------------------------------------------------------------


def plan_tables(plan: Plan) -> RenderableType:
    """The answer first, then risk, options, reasons, assumed values, warnings."""
    return Group(
        _headline(plan),
        _risk_summary(plan),
        *relaxation_table(plan),
        options_table(plan),
        *burns_tables(plan.options),
        reasons(plan),
        *front_tables(plan),
        *robustness_tables(plan.robustness or (), plan.recommended),
        *second_opinion_table(plan.second_opinion),
        *_assumed(plan),
        *_plan_warnings(plan),
    )


def _headline(plan: Plan) -> RenderableType:
    ours, theirs = plan.conjunction.primary, plan.conjunction.secondary
    title = Text.assemble(
        (f"{ours.label} ({ours.designator}) and {theirs.label} ({theirs.designator})", "bold"),
        f"  event {plan.event.event_id}\n",
    )
    said = words.sentence(plan.recommendation)
    if plan.recommended is None:
        answer = Text(f"{words.ACT} {said}", style="bold red")
    else:
        letter = plan.recommended.letter
        answer = Text(f"{words.STAR} Recommended: {letter}. {said}", style="bold green")
    return Group(title, Padding(answer, (0, 0, 1, 0)))


def _risk_summary(plan: Plan) -> RenderableType:
    risk, conjunction = plan.risk, plan.conjunction
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True, style="dim")
    rows.add_column(overflow="fold")
    sigma1_m, sigma2_m = risk.sigma_plane_m
    doubt = "" if risk.trusted else f" {words.CAUTION} no Pc method holds here"
    for name, value in (
        ("now", f"{_instant(plan.now_utc)} UTC ({plan.now_source})"),
        ("TCA", f"{_instant(conjunction.tca_utc, 3)} UTC, {_until_tca(plan)}"),
        *_body_row(conjunction),
        (_pc_head(risk), f"{words.pc(risk.pc)}{doubt}"),
        *_density_row(risk),
        ("hard-body radius", f"{risk.hbr.radius_m:g} m, from {_HBR_WORDS[risk.hbr.source]}"),
        *_other_radius_rows(risk),
        ("miss", _miss(conjunction, risk)),
        ("relative speed", f"{_speed(risk)} m/s"),
        ("σ in the plane", f"{words.metres(sigma1_m)} × {words.metres(sigma2_m)} m"),
        ("policy", _policy_words(plan.policy)),
        *_robust_row(plan),
        ("messages", f"{len(plan.event.conjunctions)}, newest {_created(conjunction)}"),
        *_reported_row(plan),
    ):
        rows.add_row(name, Text(value))
    return rows


_HBR_WORDS = {
    HbrSource.COMMAND_LINE: "the command line",
    HbrSource.SPACECRAFT_FILE: "the spacecraft file",
    HbrSource.MESSAGE: "the message",
    HbrSource.RADII: "the radii of both objects",
    HbrSource.POLICY: f"the policy {words.CAUTION} assumed",
}


def _body_row(conjunction: Conjunction) -> list[tuple[str, str]]:
    """Said where it is not the Earth."""
    central, height_km = conjunction.body, conjunction.altitude_m / KM
    if central.name == "earth":
        return []
    return [("central body", f"{central.label}; {height_km:.0f} km above its equatorial radius")]


def _density_row(risk: Risk) -> list[tuple[str, str]]:
    pc = risk.pc_2d_density
    if pc is None:
        return []
    doubt = "" if risk.validity.valid else f" {words.CAUTION} 2D Pc does not hold here"
    return [("", f"2D Pc {words.pc(pc)} with the shared density error{doubt}")]


def _other_radius_rows(risk: Risk) -> list[tuple[str, str]]:
    return [
        ("", f"{hbr.radius_m:g} m, from {_HBR_WORDS[hbr.source]}: 2D Pc {words.pc(pc)}")
        for hbr, pc in risk.pc_at_other_hbr
    ]


def _miss(conjunction: Conjunction, risk: Risk) -> str:
    radial, transverse, normal = (metres_signed(part) for part in conjunction.miss_rtn_m)
    return f"{words.metres(risk.plane.miss_distance_m)} m; R {radial}, T {transverse}, N {normal} m"


def _policy_words(policy: Policy) -> str:
    return (
        f"{policy.name}: act at Pc {words.threshold(policy.pc_act)}, "
        f"target {words.threshold(policy.pc_target)}"
    )


def _robust_row(plan: Plan) -> list[tuple[str, str]]:
    """Said where burns are sized for more than the plan as it is."""
    if plan.robust is None:
        return []
    return [("robust", f"burns reach the target in every case of {plan.robust.name!r}")]


def _created(conjunction: Conjunction) -> str:
    made = conjunction.created_utc
    return f"created {_instant(made)} UTC" if made else "without a creation date"


def _reported_row(plan: Plan) -> list[tuple[str, str]]:
    """The newest public record beside the messages."""
    if not plan.event.reported:
        return []
    count, newest = len(plan.event.reported), plan.event.reported[-1]
    made = newest.created_utc
    when = f"of {_instant(made)} UTC" if made else "without a date"
    text = f"{count}, newest {when}: Pc {words.pc(newest.pc)} as reported, {NOT_COMPUTED}"
    return [("public records", text)]


def _until_tca(plan: Plan) -> str:
    left_s = (plan.conjunction.tca_utc - plan.now_utc).total_seconds()
    return f"{abs(left_s) / HOUR_S:.1f} h {'from' if left_s >= 0 else 'before'} now"


def _assumed(plan: Plan) -> list[RenderableType]:
    if not plan.assumed:
        return []
    head = Text(f"{words.CAUTION} Assumed, since nobody gave them", style="bold underline yellow")
    return [head, *(bullet("•", one) for one in plan.assumed), Text()]


def _plan_warnings(plan: Plan) -> list[RenderableType]:
    lines = notice_lines(plan.notices)
    for option in plan.options:
        lines += notice_lines(option.notices, f"{option.letter}: ")
    return [Text("Warnings", style="bold underline"), *lines] if lines else []


# --- the rest -----------------------------------------------------------------------------


def scenarios_table(scenarios: Iterable[Scenario]) -> RenderableType:
    """Name, story and verdict of each scenario."""
    table = plain_table("scenario", "what happened", "verdict")
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for one in scenarios:
        table.add_row(one.name, escape(one.title), escape(one.verdict))
    return table


# --- pieces -------------------------------------------------------------------------------


def _instant(instant_utc: datetime, digits: int = 0) -> str:
    return f"{date(instant_utc)} {clock(instant_utc, digits)}"

"""A plan as HTML: title, strip, recommendation, table, lists. Text in, text out; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from mdss.notices import Notice
from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.view import Probe, closed_spans, too_late_spans
from mdss.policy import Level
from mdss.report import words
from mdss.report.quality_tables import MARKS, verdict_mark
from mdss.report.risk_tables import interval
from mdss.report.side_by_side import (
    BURN_HEADS,
    Cell,
    Row,
    brief,
    burn_cells,
    burns_span,
    certificate_words,
    option_details,
)
from mdss.report.verdict_words import LEVEL_WORDS, sentence
from mdss.risk.assess import HbrSource
from mdss.risk.findings import Finding, Severity
from mdss.risk.history_row import HistoryRow
from mdss.risk.methods import MethodResult, PcMethod
from mdss.risk.quality import ACTIONABLE, NOT_ACTIONABLE, DataQuality

_SOON_S = 7200.0  # a deadline so near is shown in the caution colour

_OFF_TRACK_SHARE = 0.05

_HBR_SOURCES = {
    HbrSource.COMMAND_LINE: "given by hand",
    HbrSource.SPACECRAFT_FILE: "spacecraft file",
    HbrSource.MESSAGE: "from the CDM",
    HbrSource.RADII: "sum of both radii",
    HbrSource.POLICY: "policy default; set it",
}


def block(*parts: str) -> str:
    """The parts in one element that carries the style."""
    return f'<div class="mdss">{"".join(parts)}</div>'


def note(text: str, state: str = "info") -> str:
    """A paragraph with a coloured edge; `text` is HTML."""
    return f'<div class="m-note {state}">{text}</div>'


def heading(title: str, key: str = "") -> str:
    """Title of a figure or list; `key` (HTML) says how to read it."""
    return block(
        f'<div class="m-head"><h2>{escape(title)}</h2><span class="key">{key}</span></div>'
    )


def paragraph(text: str) -> str:
    """Plain text as a paragraph."""
    return block(f'<p class="m-said">{escape(text)}</p>')


def sentences(texts: Iterable[str]) -> str:
    """A list of sentences."""
    return block(f'<ul class="m-list">{"".join(f"<li>{escape(one)}</li>" for one in texts)}</ul>')


def plain_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain text, its first column naming the rows."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        f"{''.join(f'<td>{escape(one)}</td>' for one in others)}</tr>"
        for first, *others in rows
    )
    return block(
        f'<div class="m-table plain"><table><thead><tr>{head}</tr></thead>',
        f"<tbody>{body}</tbody></table></div>",
    )


# --- data quality -------------------------------------------------------------------------

_VERDICT_STATES = {ACTIONABLE: "ok", NOT_ACTIONABLE: "act"}
_SEVERITY_STATES = {Severity.STOP: "act", Severity.CAUTION: "caution"}


def quality(found: DataQuality) -> str:
    """The verdict on the data, then its reasons, the gravest first."""
    state = _VERDICT_STATES.get(found.verdict, "caution")
    glyph, _ = verdict_mark(found)
    said = f'<b class="{state}">{glyph} {escape(found.verdict.capitalize())}.</b>'
    items = "".join(_finding(one) for one in found.reasons if one.text)
    return block(f'{said}<ul class="m-list">{items}</ul>')


def _finding(one: Finding) -> str:
    glyph, _ = MARKS[one.severity]
    state = _SEVERITY_STATES.get(one.severity, "muted")
    return f'<li><span class="{state}">{glyph}</span> {escape(one.text)}</li>'


# --- title and strip ----------------------------------------------------------------------


def title_line(plan: Plan, now_utc: datetime) -> str:
    """Who meets whom, the event, the message with its age, and the worst state."""
    ours, theirs = plan.conjunction.primary, plan.conjunction.secondary
    count = len(plan.event.conjunctions)
    ids = " / ".join(one.designator for one in (ours, theirs) if one.designator)
    about = [ids, f"event {plan.event.event_id}", f"CDM {count} of {count}{_age(plan, now_utc)}"]
    state, text = _worst(plan)
    return block(
        '<div class="m-title">',
        f"<h1>{escape(ours.label)} × {escape(theirs.label)}</h1>",
        f'<span class="muted">{escape(" · ".join(part for part in about if part))}</span>',
        f'<span class="m-pill {state}">{escape(text)}</span>',
        "</div>",
    )


def _age(plan: Plan, now_utc: datetime) -> str:
    created = plan.conjunction.created_utc
    if created is None:
        return ", no creation date"
    old_s = (now_utc - created).total_seconds()
    age = f" ({words.span(old_s)} ago)" if old_s >= 60 else ""
    return f", created {words.clock(created)} UTC{age}"


def _worst(plan: Plan) -> tuple[str, str]:
    act = words.threshold(plan.policy.pc_act)
    if not plan.risk.trusted:
        return "caution", f"{words.CAUTION} No Pc method holds here"
    if plan.verdict.level == Level.BURN_UNLESS_IMPACT:
        return "act", f"{words.ACT} {LEVEL_WORDS[plan.verdict.level]}"
    if plan.option(OptionName.NO_BURN).unmet:
        return "act", f"{words.ACT} Inside a distance of the policy"
    if plan.risk.pc >= plan.policy.pc_act:
        return "act", f"{words.ACT} Above act threshold {act}"
    if plan.burn_needed:
        return "caution", f"{words.CAUTION} Pc below act {act}, not settled"
    return "ok", f"{words.GOOD} Below act threshold {act}"


@dataclass(frozen=True, kw_only=True)
class StripCell:
    """One of the headline figures."""

    label: str
    value: str
    note: str
    state: str = ""


def strip_cells(
    plan: Plan, points: Sequence[HistoryRow], data: DataQuality, now_utc: datetime
) -> tuple[StripCell, ...]:
    """The eight headline figures, time left first."""
    return (
        _commit_cell(plan, now_utc),
        _tca_cell(plan, now_utc),
        _pc_cell(plan, points),
        _method_cell(plan),
        StripCell(
            label="Miss distance",
            value=words.length(plan.risk.plane.miss_distance_m),
            note=words.rtn(plan.conjunction.miss_rtn_m),
        ),
        StripCell(
            label="Sigma in plane",
            value=_sigma(plan),
            note=f"1σ, at {words.speed(plan.risk.plane.relative_speed_m_s)}",
        ),
        _hbr_cell(plan),
        _data_cell(plan, data),
    )


def strip(cells: Sequence[StripCell]) -> str:
    """The headline figures as a row."""
    return block('<div class="m-strip">', *(_strip_cell(one) for one in cells), "</div>")


def _strip_cell(cell: StripCell) -> str:
    glyph = {"act": words.ACT, "caution": words.CAUTION}.get(cell.state, "")
    mark = f"<b>{glyph}</b> " if glyph else ""
    size = "value long" if len(cell.value) > 11 else "value"
    return (
        f'<div class="{cell.state}"><div class="label">{mark}{escape(cell.label)}</div>'
        f'<div class="{size}">{escape(cell.value)}</div>'
        f'<div class="note" title="{escape(cell.note)}">{escape(cell.note)}</div></div>'
    )


def next_commit(plan: Plan, now_utc: datetime) -> Option | None:
    """The option whose commit counts: the recommended one, else the latest that can be flown."""
    if plan.recommended is not None:
        best = plan.option(plan.recommended)
        return best if best.commit_by_utc else None
    open_ones = [one for one in plan.options if one.feasible and one.commit_by_utc]
    return max(open_ones, key=lambda one: one.commit_by_utc or now_utc, default=None)


def _commit_cell(plan: Plan, now_utc: datetime) -> StripCell:
    one = next_commit(plan, now_utc)
    if one is None or one.commit_by_utc is None:
        reason = "nothing to command" if plan.recommended else "no option can be flown"
        return StripCell(label="Next commit", value=words.NOTHING, note=reason)
    left_s = (one.commit_by_utc - now_utc).total_seconds()
    state = "act" if left_s < 0 else "caution" if left_s < _SOON_S else ""
    return StripCell(
        label=f"Commit {one.name.letter} in" if left_s >= 0 else f"Commit {one.name.letter}",
        value=words.countdown(now_utc, one.commit_by_utc),
        note=f"{words.clock(one.commit_by_utc)} UTC",
        state=state,
    )


def _tca_cell(plan: Plan, now_utc: datetime) -> StripCell:
    tca = plan.conjunction.tca_utc
    ahead = tca >= now_utc
    return StripCell(
        label="TCA in" if ahead else "TCA",
        value=words.countdown(now_utc, tca),
        note=f"{words.clock(tca, seconds=True)} UTC{_away(plan)}",
        state="" if ahead else "act",
    )


def _away(plan: Plan) -> str:
    """The central body where it is not the Earth."""
    central = plan.conjunction.body
    return "" if central.name == "earth" else f", {central.label}"


def _pc_cell(plan: Plan, points: Sequence[HistoryRow]) -> StripCell:
    used = plan.risk.choice.recommended
    above = used.pc >= plan.policy.pc_act
    share = words.ratio(used.pc, plan.policy.pc_act)
    trend = _trend(points)
    state = "act" if above else ""
    return StripCell(
        label="Pc, 2D" if used.method == PcMethod.PC_2D else f"Pc, {used.method.label}",
        value=words.pc(used.pc),
        note=_interval_note(used) or f"{share} act{', ' + trend if trend else ''}",
        state=state if plan.risk.trusted else "caution",
    )


def _interval_note(used: MethodResult) -> str:
    """The interval of a Monte Carlo estimate, short enough for the strip."""
    said = interval(used)
    return f"95 %: {said}" if said else ""


def _trend(points: Sequence[HistoryRow]) -> str:
    values = [one.pc for one in points if one.pc is not None and not one.reported]
    if len(values) < 2 or values[-1] == values[-2]:
        return ""
    return "rising ↗" if values[-1] > values[-2] else "falling ↘"


def _method_cell(plan: Plan) -> StripCell:
    risk = plan.risk
    label = risk.pc_method.label
    if not risk.trusted:
        return StripCell(label="Pc method", value=label, note="does not hold", state="caution")
    if risk.pc_method != PcMethod.PC_2D:
        return StripCell(label="Pc method", value=label, note="2D does not hold")
    how = "all checks passed" if risk.validity.tested else "velocity cov. assumed"
    return StripCell(label="Pc method", value=label, note=how)


def _sigma(plan: Plan) -> str:
    large, small = plan.risk.sigma_plane_m
    if large >= 10_000:
        return f"{words.length(small)} × {words.length(large)}"
    return f"{words.metres(small)} × {words.metres(large)} m"


def _hbr_cell(plan: Plan) -> StripCell:
    hbr = plan.risk.hbr
    assumed = hbr.source == HbrSource.POLICY
    return StripCell(
        label="Hard-body radius",
        value=f"{hbr.radius_m:g} m",
        note=_HBR_SOURCES[hbr.source],
        state="caution" if assumed else "",
    )


def _data_cell(plan: Plan, data: DataQuality) -> StripCell:
    doubts = len(doubtful(plan.notices))
    assumed = len(plan.assumed)
    warned = f"{doubts} warning{'' if doubts == 1 else 's'}" if doubts else "no warning"
    note = f"{warned}, {assumed} assumed" if assumed else warned
    state = _VERDICT_STATES.get(data.verdict, "caution")
    return StripCell(
        label="Data quality",
        value=data.verdict.capitalize(),
        note=note,
        state="" if state == "ok" else state,
    )


# --- recommendation -----------------------------------------------------------------------


def recommendation(plan: Plan, now_utc: datetime) -> str:
    """What to do, in one or two sentences, with the figures that carry it."""
    if plan.recommended is None:
        state = "act" if plan.risk.trusted else "caution"
        said = escape(words.sentence(plan.recommendation))
        return block(note(f"<b>No recommendation.</b> {said} {_policy_says(plan)}", state))
    one = plan.option(plan.recommended)
    text = f"<b>Recommended: {one.name.letter}.</b> {escape(words.sentence(plan.recommendation))}"
    if one.burns:
        text += f" {_burn_sentence(one, now_utc)}"
    return block(note(f"{text} {_policy_says(plan)}", "info" if one.burns else "ok"))


def _policy_says(plan: Plan) -> str:
    """The verdict, where the recommendation alone does not tell what the policy asks for."""
    if plan.verdict.level in (Level.BURN, Level.NONE, Level.UNDECIDED):
        return ""
    said = f"Policy {plan.policy.name}: {sentence(plan.verdict)}"
    return f'<span class="muted">{escape(said)}</span>'


def _burn_sentence(one: Option, now_utc: datetime) -> str:
    first = words.clock(one.burns[0].epoch_utc, seconds=True)
    when = f"at {first} UTC" if len(one.burns) == 1 else f"in {burns_span(one)}"
    figures = (
        f'<span class="n">{words.speed(one.dv_total_m_s)}</span> '
        f'<span class="n">{when}</span> takes Pc from '
        f'<span class="n">{words.pc(one.pc_before)}</span> to '
        f'<span class="n">{words.pc(one.pc_verified)}</span>'
    )
    if one.commit_by_utc is None:
        return figures + "."
    by = f'<span class="n">{words.clock(one.commit_by_utc)} UTC</span>'
    return f"{figures}; commit by {by}."


# --- table --------------------------------------------------------------------------------


def options_table(options: Sequence[Option], rows: Sequence[Row], selected: OptionName) -> str:
    """Options as columns, a cell of each row for each; the selected one tinted."""
    chosen = [one.name == selected for one in options]
    return block(
        '<div class="m-table"><table aria-label="Options side by side"><colgroup>',
        '<col class="q">',
        "<col>" * len(options),
        '</colgroup><thead><tr><th scope="col">Quantity</th>',
        *(_column_head(one, here) for one, here in zip(options, chosen, strict=True)),
        "</tr></thead><tbody>",
        *(_table_row(row, chosen) for row in rows),
        "</tbody></table></div>",
    )


def _column_head(one: Option, chosen: bool) -> str:
    kind = ' class="chosen"' if chosen else ""
    letter = f'<span class="m-letter">{one.letter}</span>'
    return f'<th scope="col"{kind}>{letter}<br>{escape(one.name.label)}</th>'


def in_brief(options: Iterable[Option]) -> str:
    """Options that have no column, in one line each; nothing where all have one."""
    items = "".join(
        f'<li><span class="m-letter">{one.letter}</span> {escape(words.sentence(brief(one)))}</li>'
        for one in options
    )
    return block(f'<ul class="m-list">{items}</ul>') if items else ""


def _table_row(row: Row, chosen: Sequence[bool]) -> str:
    unit = f"<small>{escape(row.unit)}</small>" if row.unit else ""
    mark = ""
    if row.assumed:
        said = escape("Assumed: " + "; ".join(row.assumed))
        mark = f' <span class="caution" title="{said}">{words.CAUTION}</span>'
    kind = ' class="wrap"' if row.quantity == "Binds" else ""
    cells = "".join(_table_cell(cell, here) for cell, here in zip(row.cells, chosen, strict=True))
    return f'<tr{kind}><th scope="row">{escape(row.quantity)}{unit}{mark}</th>{cells}</tr>'


def _table_cell(cell: Cell, chosen: bool) -> str:
    classes = [name for name, on in (("chosen", chosen), ("best", cell.best)) if on]
    kind = f' class="{" ".join(classes)}"' if classes else ""
    text = escape(cell.text)
    if cell.struck:
        text = f"<del>{text}</del>"
    star = f'<span class="star">{words.STAR}</span>' if cell.best else ""
    state = "" if cell.state == "plain" else f" {cell.state}"
    loud = state.strip() if cell.struck or cell.second.startswith("passed") else ""
    second = f'<small class="{loud}">{escape(cell.second)}</small>' if cell.second else ""
    return f'<td{kind}>{star}<span class="v{state}">{text}</span>{second}</td>'


def selected_facts(plan: Plan, selected: OptionName) -> str:
    """Every other figure of the selected option, its burns, and how good it is proven to be."""
    one, facts = plan.option(selected), option_details(plan, selected)
    items = "".join(
        f"<div><dt>{escape(label)}</dt><dd><span>{escape(text)}</span></dd></div>"
        for label, text in facts
    )
    parts = [block(f'<dl class="m-facts">{items}</dl>')] if items else []
    if len(one.burns) > 1:
        parts.append(plain_table(BURN_HEADS, [burn_cells(burn) for burn in one.burns]))
    if one.certificate is not None:
        said = escape(certificate_words(one.certificate))
        parts.append(block(f'<div class="m-key">{one.letter}: {said}.</div>'))
    return "".join(parts)


def probe_line(found: Probe) -> str:
    """The point of the trade space that was clicked."""
    doubts = []
    if found.blocked_by:
        doubts.append(f"inside {found.blocked_by}")
    if found.too_late:
        doubts.append("too late to command")
    commit = (
        f", commit by {words.clock(found.commit_by_utc)} UTC"
        if found.commit_by_utc and not found.too_late
        else ""
    )
    text = (
        f"<b>Your point.</b> {words.clock(found.epoch_utc, seconds=True)} UTC "
        f"({words.before_tca(found.t_before_tca_s)}), in-track "
        f"{words.signed(100 * found.dv_in_track_m_s, 2)} cm/s: Pc {words.pc(found.pc_linear)} "
        f"(linear, not flown), {words.mass(found.propellant_kg)}{escape(commit)}."
    )
    if doubts:
        text += f' <span class="act">{words.ACT} {escape("; ".join(doubts))}.</span>'
    return block(note(text, "info"))


# --- lists --------------------------------------------------------------------------------


def reasons(plan: Plan, selected: OptionName) -> str:
    """One sentence for each option, with its notices."""
    items = "".join(_reason(one, one.name == selected) for one in plan.options)
    return block(f'<ul class="m-why">{items}</ul>')


def _reason(one: Option, chosen: bool) -> str:
    kind = "m-letter chosen" if chosen else "m-letter"
    doubts = "".join(
        f'<br><span class="caution">{words.CAUTION}</span> {escape(words.sentence(notice.message))}'
        for notice in one.notices
    )
    muted = "" if one.feasible or one.name == OptionName.NO_BURN else ' class="muted"'
    title = escape(one.name.label)
    return (
        f'<li><span><span class="{kind}">{one.letter}</span></span>'
        f"<span{muted}><b>{title}.</b> {escape(words.sentence(one.reason))}{doubts}</span></li>"
    )


def doubtful(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices that put the answer in doubt."""
    return tuple(one for one in notices if not one.code.is_remark)


def warnings_list(plan: Plan) -> str:
    """Doubts first, each in full; where values come from folded away."""
    doubts = doubtful(plan.notices)
    quiet = [one for one in plan.notices if one.code.is_remark]
    items = [_doubt(one) for one in doubts]
    if not items:
        items = [f'<li><span class="ok">{words.GOOD}</span> No warnings.</li>']
    if quiet:
        said = "".join(f"<li>{escape(str(one))}</li>" for one in quiet)
        count = f"{len(quiet)} remark{'' if len(quiet) == 1 else 's'} on how messages were read"
        items.append(
            f'<li><details><summary>{count}</summary><ul class="m-list">{said}</ul></details></li>'
        )
    return block(f'<ul class="m-list">{"".join(items)}</ul>')


def _doubt(notice: Notice) -> str:
    return (
        f'<li><span class="caution">{words.CAUTION}</span> {escape(words.sentence(str(notice)))} '
        f'<span class="muted n">[{notice.code}]</span></li>'
    )


def assumed_list(plan: Plan) -> str:
    """Every value that nobody gave."""
    if not plan.assumed:
        return block(f'<span class="ok">{words.GOOD}</span> None: every value was given.')
    items = "".join(
        f'<li><span class="caution">{words.CAUTION}</span> <code>{escape(said)}</code></li>'
        for said in plan.assumed
    )
    return block(f'<ul class="m-list two">{items}</ul>')


def problems_note(problems: Sequence[str], read: int) -> str:
    """Files that could not be used, and what still works."""
    items = "".join(f"<li>{escape(one)}</li>" for one in problems)
    total = read + len(problems)
    still = f"{read} of {total} files read." if total > 1 else "Nothing else was given."
    many = "files" if len(problems) > 1 else "file"
    head = f"<b>{words.ACT} {len(problems)} {many} not used.</b> {still}"
    return block(note(f"{head}<ul>{items}</ul>", "act"))


def refusal(problem: Exception) -> str:
    """Why an event cannot be planned."""
    return block(
        note(f"<b>{words.ACT} This event cannot be planned.</b> {escape(str(problem))}", "act")
    )


def trade_key(plan: Plan) -> str:
    """How to read the trade space: the lines, and the marks that occur."""
    act, target = words.threshold(plan.policy.pc_act), words.threshold(plan.policy.pc_target)
    operations = plan.operations
    marks = (
        ("solid", f"Pc {act} act", True),
        ("dashed", f"{target} target", True),
        ("hatch", "no-burn", bool(closed_spans(plan))),
        ("cross", "too late to command", bool(too_late_spans(plan))),
        ("tick", "contact", bool(operations.contacts)),
    )
    items = "".join(f'<span><i class="{kind}"></i>{text}</span>' for kind, text, on in marks if on)
    return block(f'<div class="m-key">{items}</div>')


def trade_note(plan: Plan) -> str:
    """What the colours of the trade space leave out."""
    doubts = []
    if not plan.risk.trusted:
        doubts.append(
            "No Pc method is known to hold here: the colours can be wrong by orders of magnitude."
        )
    if not plan.spacecraft.can_maneuver:
        doubts.append("The spacecraft cannot maneuver: for information only.")
    if doubts:
        said = escape(" ".join(doubts))
        return block(f'<span class="caution">{words.CAUTION} {said}</span>')
    off_track = any(_is_off_track(one) for one in plan.options)
    stand = " Options with a radial or normal part stand at their in-track part."
    first = " Those with several burns stand at their first."
    several = any(len(one.burns) > 1 for one in plan.options)
    said = f"Colour: linear Pc of an in-track burn.{stand * off_track}{first * several}"
    return block(f'<div class="m-key">{said}</div>')


def _is_off_track(one: Option) -> bool:
    """Whether the burn has a radial or normal part worth the name."""
    return any(
        abs(float(burn.dv_rtn_m_s[axis])) > _OFF_TRACK_SHARE * burn.dv_m_s
        for burn in one.burns
        for axis in (0, 2)
    )

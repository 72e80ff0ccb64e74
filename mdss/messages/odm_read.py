"""From keywords to the parts of an orbit data message: the same for OPM and OMM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mdss.errors import MessageError
from mdss.messages import kvn, xml
from mdss.messages.assemble import keep_value, split_messages
from mdss.messages.odm import (
    OPTIONAL_PARTS,
    USER_PREFIX,
    Layout,
    OdmField,
    OdmPart,
    Part,
)
from mdss.messages.source import decoded, file_content, is_xml, source_name
from mdss.messages.values import Entry, Findings, Value
from mdss.notices import NoticeCode

_STRUCTURE = frozenset(map(str, Part))
_EMPTY = OdmPart()
_ASK_AGAIN = "The file may be cut short; ask the originator for the complete message."


@dataclass
class Block:
    """One part under construction, with the line of everything in it."""

    values: dict[str, Value] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    extras: list[tuple[str, str]] = field(default_factory=list)

    def finished(self) -> OdmPart:
        """The part as it goes into the message."""
        return OdmPart(fields=self.values, comments=tuple(self.comments), extras=tuple(self.extras))

    def number(self, keyword: str) -> float:
        """A value that has been read as a number."""
        return float(self.values[keyword])


@dataclass
class OdmDraft:
    """A message under construction."""

    layout: Layout
    findings: Findings
    blocks: dict[Part, Block] = field(default_factory=lambda: defaultdict(Block))
    maneuvers: list[Block] = field(default_factory=list)
    last_line: int = 1

    def block(self, part: Part) -> Block:
        """A part other than a maneuver, made when it is not there."""
        return self.blocks[part]

    def entry(self, keyword: str) -> Entry:
        """Where a keyword stands that the message has."""
        return self.block(self.layout.rows[keyword].part).entries[keyword]

    def value(self, keyword: str) -> Value | None:
        """A value, None when absent."""
        block = self.blocks.get(self.layout.rows[keyword].part)
        return None if block is None else block.values.get(keyword)

    def text(self, keyword: str) -> str:
        """A value as text in upper case, "" when absent."""
        value = self.value(keyword)
        return "" if value is None else str(value).upper()

    def finished_parts(self) -> dict[Part, OdmPart]:
        """The parts that have something in them, in the order of the standard."""
        made = {part: one.finished() for part, one in self.blocks.items()}
        return {part: made[part] for part in self.layout.parts if made.get(part, _EMPTY) != _EMPTY}


def read_parts(
    source: Path | str | bytes, name: str | None, layout: Layout, limit_bytes: int
) -> tuple[str, list[list[Entry]], Findings]:
    """The entries of each message in a KVN or XML source.

    Returns
    -------
    str
        What errors call the source.
    list of list of Entry
        One list a message.
    Findings
        With notices about the file as a whole.

    Raises
    ------
    MessageError
        If it cannot be read, or is not of that kind.
    """
    file = source_name(source, name)
    findings = Findings(file)
    data = file_content(source, name, limit_bytes)
    if is_xml(data):
        entries = xml.read_entries(data, findings, layout.kind.lower(), _STRUCTURE)
    else:
        entries = kvn.read_entries(decoded(data, findings), findings)
    return file, split_messages(entries, file, layout.kind), findings


def assemble(
    entries: Iterable[Entry], layout: Layout, findings: Findings, *, catalogue: bool = False
) -> OdmDraft:
    """Sort the entries of one message into parts, and demand what must be there.

    Parameters
    ----------
    entries : iterable of Entry
        From one version line to the next.
    layout : Layout
        Of the kind of message.
    findings : Findings
        Receives notices.
    catalogue : bool
        From a table that leaves out what the standard demands but nobody needs: no notices.

    Raises
    ------
    MessageError
        For values that cannot be used, contradicting repeats, and what is missing.

    Notes
    -----
    A comment belongs to the part of the keyword after it, the last ones to the last part.
    An unknown keyword stays in the part of the known one before it.
    """
    draft = OdmDraft(layout, findings)
    place = draft.block(Part.HEADER)
    waiting: list[str] = []
    for entry in entries:
        draft.last_line = entry.line
        if entry.keyword == "COMMENT":
            waiting.append(entry.text)
            continue
        place = _take(entry, draft, place)
        # a version line or a keyword without a value makes no part that could hold comments
        if entry.text and entry.keyword != layout.version_keyword:
            place.comments += waiting
            waiting = []
    place.comments += waiting
    _notice_cut(entry, findings)
    _demand_needed(draft, catalogue)
    return draft


def _take(entry: Entry, draft: OdmDraft, place: Block) -> Block:
    row = draft.layout.rows.get(entry.keyword)
    if row is None:
        return _take_other(entry, draft, place)
    if not entry.text and not row.standard:  # what is standard will be noticed as missing
        draft.findings.at(entry, NoticeCode.UNEXPECTED_VALUE, "has no value; taken as absent")
    if not entry.text and row.part is not Part.MANEUVER:
        return place
    home = _home(entry, row, draft)
    if entry.text:
        keep_value(entry, row, home, draft.findings)
    return home


def _take_other(entry: Entry, draft: OdmDraft, place: Block) -> Block:
    if entry.keyword.startswith(USER_PREFIX):
        place = draft.block(Part.USER)
    else:
        draft.findings.at(
            entry,
            NoticeCode.UNKNOWN_KEYWORD,
            f"is no keyword of an {draft.layout.kind}; kept as text, not used",
        )
    place.extras.append((entry.keyword, entry.text))
    return place


def _home(entry: Entry, row: OdmField, draft: OdmDraft) -> Block:
    if row.part is not Part.MANEUVER:
        return draft.block(row.part)
    if row.keyword == "MAN_EPOCH_IGNITION":
        draft.maneuvers.append(Block())
    if not draft.maneuvers:
        draft.findings.refuse(
            entry,
            "belongs to a maneuver, but no MAN_EPOCH_IGNITION stands before it",
            "Begin each maneuver with MAN_EPOCH_IGNITION, or ask for the message again.",
        )
    return draft.maneuvers[-1]


def _notice_cut(last: Entry, findings: Findings) -> None:
    if last.unterminated and not last.text.endswith("]"):
        findings.at(
            last,
            NoticeCode.MALFORMED_LINE,
            "the file ends without a line end; make sure that this value is complete",
        )


def _demand_needed(draft: OdmDraft, catalogue: bool) -> None:
    for part in draft.layout.parts:
        if part is Part.MANEUVER:
            continue
        if part not in OPTIONAL_PARTS or draft.block(part).values:
            _demand(draft, part, draft.block(part), catalogue)
    for number, maneuver in enumerate(draft.maneuvers, start=1):
        _demand(draft, Part.MANEUVER, maneuver, catalogue, f" of maneuver {number}")


def _demand(draft: OdmDraft, part: Part, block: Block, catalogue: bool, whose: str = "") -> None:
    lines = [entry.line for entry in block.entries.values()]
    for row in draft.layout.rows_of(part):
        if row.keyword in block.values:
            continue
        if row.needed:
            raise MessageError(
                f"{row.keyword}{whose} is missing",
                file=draft.findings.file,
                line=lines[-1] if lines else draft.last_line,
                field=row.keyword,
                remedy=_ASK_AGAIN,
            )
        if row.standard and not catalogue:
            draft.findings.notice(
                NoticeCode.MISSING_KEYWORD,
                f"obligatory {row.keyword}{whose} is missing",
                lines[0] if lines else None,
                row.keyword,
            )

"""From a stream of keywords to a message: what belongs where, and what is there twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mdss.errors import MessageError
from mdss.messages.cdm import Cdm, CdmObject, Comments, Extra
from mdss.messages.fields import MESSAGE_FIELDS, OBJECT_FIELDS, Field, Quantity, Section
from mdss.messages.values import Entry, Findings, Value, epoch_utc, read_value
from mdss.notices import NoticeCode

_OBJECTS = ("OBJECT1", "OBJECT2")
_VERSION = "CCSDS_CDM_VERS"
_NAMES = {
    "CDM": "CCSDS conjunction data message",
    "OPM": "CCSDS orbit parameter message",
    "OMM": "CCSDS orbit mean-elements message",
}


class Keeper(Protocol):
    """What keeps values read, each with the entry that it came from."""

    @property
    def values(self) -> dict[str, Value]:
        """Values by keyword."""

    @property
    def entries(self) -> dict[str, Entry]:
        """Entries by keyword."""


@dataclass
class Draft:
    """A part of the message under construction, with the line of everything in it."""

    label: str = ""
    opened: Entry | None = None
    values: dict[str, Value] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    comments: dict[Section, list[Entry]] = field(default_factory=dict)
    extras: list[tuple[Section, Entry]] = field(default_factory=list)

    def line(self, keyword: str) -> int | None:
        """Line of a keyword, where it was seen."""
        entry = self.entries.get(keyword)
        return entry.line if entry else None

    @property
    def finished_comments(self) -> Comments:
        return {section: tuple(e.text for e in es) for section, es in self.comments.items()}

    @property
    def finished_extras(self) -> tuple[Extra, ...]:
        order = list(Section)
        ranked = sorted(self.extras, key=lambda extra: order.index(extra[0]))
        return tuple(Extra(section, entry.keyword, entry.text) for section, entry in ranked)


@dataclass
class MessageDraft:
    """The message part and the objects in the order in which they came."""

    findings: Findings
    message: Draft = field(default_factory=Draft)
    objects: list[Draft] = field(default_factory=list)
    last_line: int = 1

    @property
    def current(self) -> Draft:
        return self.objects[-1] if self.objects else self.message

    @property
    def ordered(self) -> list[Draft]:
        """OBJECT1 before OBJECT2."""
        return sorted(self.objects, key=lambda draft: draft.label)


def split_messages(entries: Iterable[Entry], file: str, kind: str = "CDM") -> list[list[Entry]]:
    """The entries of each message; comments before a version line belong to its message.

    Parameters
    ----------
    entries : iterable of Entry
        Of the whole file.
    file : str
        What errors call it.
    kind : str
        "CDM", "OPM" or "OMM".

    Raises
    ------
    MessageError
        If something stands before the first CCSDS_<kind>_VERS, or there is none.
    """
    version = f"CCSDS_{kind}_VERS"
    messages: list[list[Entry]] = []
    waiting: list[Entry] = []
    for entry in entries:
        if entry.keyword == "COMMENT":
            waiting.append(entry)
            continue
        if entry.keyword == version:
            messages.append([])
        elif not messages:
            raise _other_kind(entry, file, kind)
        messages[-1] += [*waiting, entry]
        waiting = []
    if not messages:
        raise _other_kind(None, file, kind)
    messages[-1] += waiting
    return messages


def _other_kind(entry: Entry | None, file: str, kind: str) -> MessageError:
    article = "an" if kind.startswith("O") else "a"
    return MessageError(
        f"is not {article} {kind}: it does not begin with CCSDS_{kind}_VERS",
        file=file,
        line=entry.line if entry else None,
        field=entry.keyword if entry else None,
        value=entry.text if entry else None,
        remedy=f"Give {article} {_NAMES[kind]} ({kind}) in KVN or XML.",
    )


def assemble(entries: Iterable[Entry], findings: Findings) -> MessageDraft:
    """Sort the entries of one message into header, relative part and objects.

    Parameters
    ----------
    entries : iterable of Entry
        From one CCSDS_CDM_VERS to the next.
    findings : Findings
        Receives notices.

    Returns
    -------
    MessageDraft
        Values read, not yet checked against each other.

    Raises
    ------
    MessageError
        For values that cannot be used, contradicting repeats, or objects that are not
        OBJECT1 and OBJECT2.

    Notes
    -----
    As in the standard, a comment belongs to the section of the keyword after it. An unknown
    keyword stays in the section of the known one before it.
    """
    draft = MessageDraft(findings)
    waiting: list[Entry] = []
    place = (draft.message, Section.HEADER)
    for entry in entries:
        draft.last_line = entry.line
        if entry.keyword == "COMMENT":
            waiting.append(entry)
            continue
        place = _take(entry, draft, place)
        # the version line alone does not make a section that could hold comments
        if entry.keyword != _VERSION:
            _attach(waiting, place)
            waiting = []
    _attach(waiting, place)
    return draft


def _attach(comments: Iterable[Entry], place: tuple[Draft, Section]) -> None:
    draft, section = place
    for comment in comments:
        draft.comments.setdefault(section, []).append(comment)


def _take(entry: Entry, draft: MessageDraft, place: tuple[Draft, Section]) -> tuple[Draft, Section]:
    if entry.keyword == "OBJECT":
        _open_object(entry, draft)
    target, row = _home(entry, draft)
    if row is None:
        return _keep_unknown(entry, draft, place)
    if not entry.text:
        draft.findings.at(entry, NoticeCode.UNEXPECTED_VALUE, "has no value; taken as absent")
        return place
    keep_value(entry, row, target, draft.findings)
    return target, row.section


def keep_value(entry: Entry, row: Quantity, target: Keeper, findings: Findings) -> None:
    """Read a value and keep it; a repeat is noticed, a contradiction that matters refused."""
    value = read_value(entry, row, findings)
    if row.keyword in target.values:
        _repeated(entry, row, target, value, findings)
    else:
        target.values[row.keyword] = value
        target.entries[row.keyword] = entry


def _open_object(entry: Entry, draft: MessageDraft) -> None:
    label = entry.text.upper()
    remedy = "A CDM has one OBJECT = OBJECT1 and one OBJECT = OBJECT2."
    if label not in _OBJECTS:
        draft.findings.refuse(entry, "is neither OBJECT1 nor OBJECT2", remedy)
    if any(other.label == label for other in draft.objects):
        draft.findings.refuse(entry, f"{label} is there twice", remedy)
    draft.objects.append(Draft(label, entry))


def _home(entry: Entry, draft: MessageDraft) -> tuple[Draft, Field | None]:
    of_object = OBJECT_FIELDS.get(entry.keyword)
    of_message = MESSAGE_FIELDS.get(entry.keyword)
    if draft.objects:
        if of_object is not None:
            return draft.current, of_object
        if of_message is not None:
            draft.findings.at(
                entry, NoticeCode.MALFORMED_LINE, "stands among the objects; read all the same"
            )
        return draft.message, of_message
    if of_message is None and of_object is not None:
        draft.findings.refuse(
            entry,
            "belongs to an object, but no OBJECT = OBJECT1 stands before it",
            "Add the missing OBJECT line, or ask for the message again.",
        )
    return draft.message, of_message


def _keep_unknown(
    entry: Entry, draft: MessageDraft, place: tuple[Draft, Section]
) -> tuple[Draft, Section]:
    if entry.keyword == "TIME_SYSTEM" and entry.text.upper() != "UTC":
        draft.findings.refuse(
            entry, "is not UTC, the time of every CDM", "Convert all dates to UTC, or ask for that."
        )
    draft.findings.at(
        entry, NoticeCode.UNKNOWN_KEYWORD, "is no keyword of a CDM; kept as text, not used"
    )
    target, section = place
    target.extras.append((section, entry))
    return place


def _repeated(
    entry: Entry, row: Quantity, target: Keeper, value: Value, findings: Findings
) -> None:
    first = target.entries[row.keyword]
    kept = target.values[row.keyword]
    if _same(kept, value):
        findings.at(
            entry, NoticeCode.DUPLICATE_KEYWORD, f"repeats line {first.line} with the same value"
        )
    elif row.needed or row.care != "free":
        findings.refuse(
            entry,
            f"contradicts line {first.line}, which says {first.text!r}",
            "Keep the right one of the two, or ask for the message again.",
        )
    else:
        findings.at(
            entry,
            NoticeCode.DUPLICATE_KEYWORD,
            f"differs from line {first.line}; the first, {first.text!r}, is used",
        )


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def finish(draft: MessageDraft) -> Cdm:
    """The message object of a checked draft, still without its notices."""
    tca_utc = epoch_utc(str(draft.message.values["TCA"]))
    first, second = draft.ordered
    return Cdm(
        fields=draft.message.values,
        objects=(_finish_object(first, tca_utc), _finish_object(second, tca_utc)),
        comments=draft.message.finished_comments,
        extras=draft.message.finished_extras,
        source=draft.findings.file,
    )


def _finish_object(draft: Draft, tca_utc: datetime) -> CdmObject:
    return CdmObject(
        fields=draft.values,
        comments=draft.finished_comments,
        extras=draft.finished_extras,
        tca_utc=tca_utc,
    )


def drafts(draft: MessageDraft) -> Iterator[Draft]:
    """Message part and objects in turn."""
    yield draft.message
    yield from draft.ordered

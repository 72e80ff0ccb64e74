"""OEM as XML: each distinct layout of a `stateVector` or `covarianceMatrix` is read once.

The layout, a sequence of tags, says at which places epoch and numbers stand; the numbers of all
elements that have it are then taken from there in bulk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mdss.messages.oem_draft import (
    TRIANGLE_SIZE,
    CovarianceRows,
    FloatArray,
    LineOf,
    OemDraft,
    SegmentDraft,
    StateRows,
)
from mdss.messages.oem_numbers import bulk_numbers, careful_number
from mdss.messages.oem_xml_layout import (
    Layout,
    layout_of,
)
from mdss.messages.oem_xml_tags import TaggedText, tagged_text
from mdss.messages.values import Entry, Findings
from mdss.notices import NoticeCode

_VERSION = "CCSDS_OEM_VERS"
_RECORDS = ("stateVector", "covarianceMatrix")
_STRUCTURE = frozenset({"ndm", "oem", "header", "body", "segment", "metadata", "data", *_RECORDS})


def read_oem_xml(data: bytes, findings: Findings) -> list[OemDraft]:
    """The messages of an XML document: an `oem`, or an `ndm` with one or several.

    Parameters
    ----------
    data : bytes
        The document.
    findings : Findings
        Receives notices.

    Raises
    ------
    MessageError
        If it is not well-formed, contains a DTD, or a state or covariance lacks a value, has
        one twice, in another unit, or one that is no finite number.
    """
    document = tagged_text(data, findings)
    structure = {tag for tag, known in document.known.items() if known.name in _STRUCTURE}
    marks = [i for i, tag in enumerate(document.tags) if tag in structure]
    reading = _Reading(document, findings)
    for mark, following in zip(marks, [*marks[1:], len(document.tags)], strict=True):
        reading.mark(mark, following)
    return reading.finish()


@dataclass
class _Record:
    """A `stateVector` or `covarianceMatrix`: its first tag inside, and its layout."""

    start: int
    layout: Layout


@dataclass
class _Segment:
    """A segment on its way."""

    draft: SegmentDraft
    records: dict[str, list[_Record]] = field(default_factory=lambda: {n: [] for n in _RECORDS})


class _Reading:
    """Where in the document we are, and what the next tags mean there."""

    def __init__(self, document: TaggedText, findings: Findings) -> None:
        self.document = document
        self.findings = findings
        self.messages: list[OemDraft] = []
        self.segments: list[_Segment] = []
        self.path: list[str] = []
        self.layouts: dict[tuple[str, ...], Layout] = {}
        self.latest: tuple[list[str], Layout | None] = ([], None)

    def mark(self, index: int, following: int) -> None:
        """A structural tag, and the leaves between it and the next."""
        tag = self.document.known[self.document.tags[index]]
        if tag.opens:
            self.path.append(tag.name)
            if tag.name == "oem":
                version = tag.attributes.get("version", "").strip()
                self.messages.append(OemDraft(Entry(_VERSION, version, self._line(index))))
            elif "oem" in self.path:
                self._open(tag.name, index, following)
        if tag.closes:
            self.path.pop()
        if "oem" in self.path and self.path[-1] not in _RECORDS:
            self._leaves(index + 1, following)

    def _open(self, name: str, index: int, following: int) -> None:
        if name == "segment":
            self.segments.append(_Segment(SegmentDraft(self._line(index))))
            self.messages[-1].segments.append(self.segments[-1].draft)
        elif name in _RECORDS:
            self._record(name, index, following)

    def _record(self, name: str, index: int, stop: int) -> None:
        if self.path[-3:] != ["segment", "data", name]:
            self.findings.refuse(
                Entry(name, "", self._line(index)),
                "stands outside the data of a segment",
                "The file is not to the standard; ask for it again.",
            )
        layout = self._layout(name, index, stop)
        self.segments[-1].records[name].append(_Record(index + 1, layout))

    def _layout(self, name: str, index: int, stop: int) -> Layout:
        tags = self.document.tags[index:stop]
        latest, layout = self.latest
        if tags != latest:  # faster than a look-up, and nearly never the case
            key = tuple(tags)
            if key not in self.layouts:
                found = layout_of(self.document, name, index, stop, self.findings)
                self.layouts[key] = found
            layout = self.layouts[key]
            self.latest = tags, layout
        assert layout is not None
        return layout

    def _leaves(self, start: int, stop: int) -> None:
        for index in range(start, stop):
            if self.document.is_leaf(index):
                self._leaf(index)

    def _leaf(self, index: int) -> None:
        name = self.document.known[self.document.tags[index]].name.upper()
        text = self.document.text(index)
        comments, entries = self._home()
        if name == "COMMENT" and comments is not None:
            comments.append(text)
        elif entries is not None:
            entries.append(Entry(name, text, self._line(index)))
        else:
            self.findings.notice(
                NoticeCode.UNKNOWN_KEYWORD, "has no place here; left out", self._line(index), name
            )

    def _home(self) -> tuple[list[str] | None, list[Entry] | None]:
        """Where comments and where keywords go that stand here."""
        place = self.path[-1]
        if place == "header":
            return self.messages[-1].comments, self.messages[-1].header
        if place in ("metadata", "data") and "segment" in self.path:
            draft = self.segments[-1].draft
            if place == "metadata":
                return draft.comments, draft.metadata
            return draft.data_comments, None
        return None, None

    def _line(self, index: int) -> int:
        return self.document.line_of(index)

    def finish(self) -> list[OemDraft]:
        """The drafts, with their numbers."""
        for segment in self.segments:
            states, matrices = (segment.records[name] for name in _RECORDS)
            segment.draft.states = self._states(states) if states else None
            segment.draft.covariances = self._covariances(matrices) if matrices else None
        return self.messages

    def _states(self, records: list[_Record]) -> StateRows:
        width = min(len(one.layout.numbers) for one in records)
        if any(len(one.layout.numbers) > width for one in records):
            self.findings.notice(
                NoticeCode.UNEXPECTED_VALUE,
                "not every state has an acceleration; those that are there are left out",
                self._line(records[0].start),
            )
        return StateRows(
            self._epochs(records), self._numbers(records, width), _lines(self, records)
        )

    def _covariances(self, records: list[_Record]) -> CovarianceRows:
        text = self.document.text
        return CovarianceRows(
            self._epochs(records),
            [
                "" if one.layout.frame is None else text(one.start + one.layout.frame).upper()
                for one in records
            ],
            [tuple(text(one.start + place) for place in one.layout.comments) for one in records],
            self._numbers(records, TRIANGLE_SIZE),
            _lines(self, records),
        )

    def _epochs(self, records: list[_Record]) -> list[str]:
        texts = self.document.texts
        return [texts[one.start + one.layout.epoch].strip() for one in records]

    def _numbers(self, records: list[_Record], width: int) -> FloatArray:
        texts = self.document.texts
        tokens = [
            texts[one.start + place] for one in records for place in one.layout.numbers[:width]
        ]
        numbers = bulk_numbers(tokens)
        if numbers is None:
            numbers = np.array([self._number(r, i) for r in records for i in range(width)])
        return numbers.reshape(len(records), width)

    def _number(self, record: _Record, which: int) -> float:
        index = record.start + record.layout.numbers[which]
        text = self.document.text(index)

        def entry() -> Entry:
            return Entry(record.layout.keywords[which], text, self._line(index))

        return careful_number(text, entry, self.findings)


def _lines(reading: _Reading, records: Sequence[_Record]) -> LineOf:
    return lambda i: reading.document.line_of(records[i].start - 1)

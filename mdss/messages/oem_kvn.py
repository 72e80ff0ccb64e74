"""OEM as keyword = value lines and bare lines of numbers.

Numbers are converted in bulk. Where a bulk conversion fails, the same lines are gone through
one by one, which finds the line to name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from mdss.errors import MessageError
from mdss.messages.oem_draft import (
    TRIANGLE_SIZE,
    CovarianceRows,
    FloatArray,
    OemDraft,
    SegmentDraft,
    StateRows,
)
from mdss.messages.oem_numbers import bulk_numbers, careful_number
from mdss.messages.values import Entry, Findings
from mdss.notices import NoticeCode

_VERSION = "CCSDS_OEM_VERS"
_MARKS = ("META_START", "META_STOP", "COVARIANCE_START", "COVARIANCE_STOP")
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BEGINS_NUMBER = frozenset("0123456789+-.")
_STATE_WIDTHS = (7, 10)
_CUT = "The file may be cut short or damaged; ask for it again."

Run = tuple[int, int]
"""First index and index after the last of lines that hold numbers."""


def read_oem_kvn(text: str, findings: Findings) -> list[OemDraft]:
    """The messages of a KVN text.

    Parameters
    ----------
    text : str
        Decoded text; any line ends.
    findings : Findings
        Receives notices about single lines.

    Raises
    ------
    MessageError
        If a line has no place in an OEM, a number cannot be read, or a block does not end.
    """
    lines = [line.strip() for line in _lines(text)]
    reading = _Reading(lines, findings, whole_last_line=text.endswith(("\n", "\r")))
    start = 0
    for index, line in enumerate(lines):
        if line and line[0] not in _BEGINS_NUMBER:
            reading.numbers(start, index)
            reading.line(index, line)
            start = index + 1
    reading.numbers(start, len(lines))
    return reading.finish()


def _lines(text: str) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


@dataclass
class _Matrix:
    """A covariance on its way: where its EPOCH stands, and which lines hold its numbers."""

    index: int
    epoch: str
    frame: str = ""
    comments: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


@dataclass
class _Segment:
    """A segment on its way."""

    draft: SegmentDraft
    runs: list[Run] = field(default_factory=list)
    matrices: list[_Matrix] = field(default_factory=list)


class _Reading:
    """Where in the file we are, and what the next line means there."""

    def __init__(self, lines: list[str], findings: Findings, *, whole_last_line: bool) -> None:
        self.lines = lines
        self.findings = findings
        self.whole_last_line = whole_last_line
        self.messages: list[OemDraft] = []
        self.segments: list[_Segment] = []
        self.place = ""  # "header", "META", "data", "COVARIANCE"
        self.waiting: list[str] = []  # comments before what they belong to
        self.lower_case: list[int] = []

    def line(self, index: int, line: str) -> None:
        name, equals, value = line.partition("=")
        name = name.rstrip()
        if not equals or line[:7].upper() == "COMMENT":
            self._bare(index, line)
            return
        if not _KEYWORD.fullmatch(name):
            self._refuse(index, "is no KEYWORD = value line", _CUT)
        if name != name.upper():
            self.lower_case.append(index)
        self._keyword(Entry(name.upper(), value.strip(), index + 1))

    def _bare(self, index: int, line: str) -> None:
        words = line.split(None, 1)
        word = words[0].upper()
        if word == "COMMENT":
            self._comment(words[1] if len(words) > 1 else "")
        elif word in _MARKS and len(words) == 1:
            self._mark(index, *word.split("_"))
        else:
            self._refuse(index, "is neither KEYWORD = value, COMMENT, nor a line of numbers", _CUT)

    def _comment(self, text: str) -> None:
        if self.place == "header":
            self.messages[-1].comments.append(text)
        elif self.place == "META":
            self.segments[-1].draft.comments.append(text)
        elif self.place == "data":
            self.segments[-1].draft.data_comments.append(text)
        else:
            self.waiting.append(text)

    def _mark(self, index: int, block: str, end: str) -> None:
        inside = self.place in ("META", "COVARIANCE")
        fits = self.place == block if end == "STOP" else not inside
        if block == "COVARIANCE" and end == "START":
            fits = self.place == "data"
        if not fits or not self.messages:
            where = f"inside {self.place}_START" if inside else "here"
            self._refuse(index, f"has no meaning {where}", _CUT)
        if end == "STOP":
            self._settle_comments()
            self.place = "data"
            return
        if block == "META":
            self.segments.append(_Segment(SegmentDraft(line=index + 1)))
            self.messages[-1].segments.append(self.segments[-1].draft)
        self.place = block

    def _settle_comments(self) -> None:
        """Comments after the last matrix stay with it."""
        matrices = self.segments[-1].matrices
        if self.waiting and matrices:
            matrices[-1].comments += self.waiting
        elif self.waiting:
            self.segments[-1].draft.data_comments += self.waiting
        self.waiting = []

    def _keyword(self, entry: Entry) -> None:
        if entry.keyword == _VERSION and self.place in ("", "header", "data"):
            self.messages.append(OemDraft(entry, comments=self.waiting))
            self.place, self.waiting = "header", []
        elif self.place == "COVARIANCE":
            self._of_covariance(entry)
        elif self.place == "META":
            self.segments[-1].draft.metadata.append(entry)
        elif self.place == "header":
            self.messages[-1].header.append(entry)
        elif self.place == "data":
            self.findings.refuse(
                entry, "stands among the data", "Keywords belong between META_START and META_STOP."
            )
        else:
            self.findings.refuse(
                entry, f"is not an OEM: it does not begin with {_VERSION}", "Give an OEM."
            )

    def _of_covariance(self, entry: Entry) -> None:
        matrices = self.segments[-1].matrices
        if entry.keyword == "EPOCH":
            matrix = _Matrix(entry.line - 1, entry.text, comments=self.waiting)
            matrices.append(matrix)
            self.waiting = []
        elif entry.keyword == "COV_REF_FRAME" and matrices and not matrices[-1].runs:
            matrices[-1].frame = entry.text.upper()
        elif entry.keyword == "COV_REF_FRAME":
            self.findings.refuse(entry, "stands before no EPOCH", "Put it after its EPOCH line.")
        else:
            self.findings.at(
                entry, NoticeCode.UNKNOWN_KEYWORD, "is no keyword of a covariance; left out"
            )

    def numbers(self, start: int, stop: int) -> None:
        """Lines that hold numbers, or nothing."""
        if start == stop:
            return
        while start < stop and not self.lines[start]:
            start += 1
        if start == stop:
            return
        if self.place == "data":
            self.segments[-1].runs.append((start, stop))
        elif self.place == "COVARIANCE" and self.segments[-1].matrices:
            self._settle_comments()
            self.segments[-1].matrices[-1].runs.append((start, stop))
        else:
            where = {"": "before the header", "META": "before META_STOP"}.get(
                self.place, f"in the {self.place.lower()}, where no numbers belong"
            )
            self._refuse(start, f"stands {where}", _CUT)

    def finish(self) -> list[OemDraft]:
        """The drafts, when the last block has ended."""
        if self.place in ("META", "COVARIANCE"):
            raise MessageError(
                f"the file ends before {self.place}_STOP",
                file=self.findings.file,
                line=len(self.lines),
                field=f"{self.place}_STOP",
                remedy=_CUT,
            )
        if self.lower_case:
            self.findings.notice(
                NoticeCode.MALFORMED_LINE,
                f"keyword in lower case on {len(self.lower_case)} lines; read as upper case",
                self.lower_case[0] + 1,
            )
        for segment in self.segments:
            segment.draft.states = self._states(segment)
            segment.draft.covariances = self._covariances(segment.matrices)
        return self.messages

    def _refuse(self, index: int, problem: str, remedy: str) -> NoReturn:
        line = self.lines[index]
        raise MessageError(
            problem,
            file=self.findings.file,
            line=index + 1,
            field=line.split()[0][:40],
            value=line[:80],
            remedy=remedy,
        )

    # --- states -----------------------------------------------------------------------

    def _states(self, segment: _Segment) -> StateRows | None:
        rows = [i for start, stop in segment.runs for i in range(start, stop) if self.lines[i]]
        if not rows:
            return None
        self._refuse_cut_number(rows)
        tokens = " ".join(self.lines[i] for i in rows).split()
        width = len(self.lines[rows[0]].split())
        if width not in _STATE_WIDTHS or len(tokens) != len(rows) * width:
            return self._states_by_line(rows)
        epochs = tokens[0::width]
        del tokens[0::width]
        numbers = bulk_numbers(tokens)
        if numbers is None:
            return self._states_by_line(rows)
        return StateRows(epochs, numbers.reshape(len(rows), width - 1), lambda i: rows[i] + 1)

    def _states_by_line(self, rows: list[int]) -> StateRows:
        epochs, numbers = [], []
        for index in rows:
            tokens = self._state_tokens(index)
            epochs.append(tokens[0])
            numbers.append([self._number(index, token) for token in tokens[1:]])
        widths = {len(row) for row in numbers}
        if len(widths) > 1:
            odd = next(i for i, row in zip(rows, numbers, strict=True) if len(row) == 6)
            self.findings.notice(
                NoticeCode.UNEXPECTED_VALUE,
                "not every line has an acceleration; those that are there are left out",
                odd + 1,
            )
        table = np.array([row[: min(widths)] for row in numbers])
        return StateRows(epochs, table, lambda i: rows[i] + 1)

    def _state_tokens(self, index: int) -> list[str]:
        tokens = self.lines[index].split()
        if len(tokens) in (8, 11) and re.fullmatch(r"\d{4}-[\d-]+", tokens[0]):
            self.findings.notice(
                NoticeCode.MALFORMED_LINE, "blank instead of T between date and time", index + 1
            )
            tokens[:2] = [f"{tokens[0]}T{tokens[1]}"]
        if len(tokens) not in _STATE_WIDTHS:
            self._refuse(
                index,
                f"has {len(tokens)} parts; a state has an epoch and 6 numbers, or 9 with "
                "accelerations",
                _CUT,
            )
        return tokens

    def _number(self, index: int, token: str) -> float:
        def entry() -> Entry:
            return Entry(self.lines[index].split()[0][:40], token, index + 1)

        return careful_number(token, entry, self.findings)

    def _refuse_cut_number(self, rows: Sequence[int]) -> None:
        """Without a line end the last number may have lost digits."""
        last = len(self.lines) - 1
        if self.whole_last_line or rows[-1] != last:
            return
        shortest = min((_decimals(self.lines[i]) for i in rows[:-1]), default=0)
        if _decimals(self.lines[last]) < shortest:
            self._refuse(last, "the file ends in the middle of this line", _CUT)
        self.findings.notice(
            NoticeCode.MALFORMED_LINE,
            "the last line has no line end; its last number is taken as complete",
            last + 1,
        )

    # --- covariances ------------------------------------------------------------------

    def _covariances(self, matrices: list[_Matrix]) -> CovarianceRows | None:
        if not matrices:
            return None
        tokens: list[str] = []
        for matrix in matrices:
            tokens += self._triangle(matrix)
        numbers = bulk_numbers(tokens)
        return CovarianceRows(
            [matrix.epoch for matrix in matrices],
            [matrix.frame for matrix in matrices],
            [tuple(matrix.comments) for matrix in matrices],
            (self._by_line(matrices) if numbers is None else numbers).reshape(-1, TRIANGLE_SIZE),
            lambda i: matrices[i].index + 1,
        )

    def _triangle(self, matrix: _Matrix) -> list[str]:
        tokens = [
            token
            for start, stop in matrix.runs
            for token in " ".join(self.lines[start:stop]).split()
        ]
        if len(tokens) != TRIANGLE_SIZE:
            self._refuse(
                matrix.index,
                f"the covariance has {len(tokens)} numbers; its lower triangle needs 21",
                _CUT,
            )
        return tokens

    def _by_line(self, matrices: list[_Matrix]) -> FloatArray:
        return np.array(
            [
                self._number(index, token)
                for matrix in matrices
                for start, stop in matrix.runs
                for index in range(start, stop)
                for token in self.lines[index].split()
            ]
        )


def _decimals(line: str) -> int:
    return len(line.split()[-1].partition(".")[2])

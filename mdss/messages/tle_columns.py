"""The columns of a two-line element set, and what each may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from mdss.messages.sgp4_elements import ELEMENT_RANGES
from mdss.messages.values import Entry, Findings, number_of
from mdss.notices import NoticeCode

LINE_LENGTH = 69
FIRST_YEAR_OF_1900 = 57
ALPHA5 = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and no O

_BLANKS = {1: (2, 9, 18, 33, 44, 53, 62, 64), 2: (2, 8, 17, 26, 34, 43, 52)}
_IMPLIED = re.compile(r"([ +-])([ \d]{5})([ +-]\d)", re.ASCII)
_EPOCH = re.compile(r"([ \d]\d)([ \d]{2}\d)(?:\.(\d*) *)?", re.ASCII)
_WHOLE = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True)
class Columns:
    """A field of one of the lines: columns counted from 1, both ends included."""

    keyword: str
    line: int
    first: int
    last: int


FIELDS = {
    one.keyword: one
    for one in (
        Columns("NORAD_CAT_ID", 1, 3, 7),
        Columns("CLASSIFICATION_TYPE", 1, 8, 8),
        Columns("OBJECT_ID", 1, 10, 17),
        Columns("EPOCH", 1, 19, 32),
        Columns("MEAN_MOTION_DOT", 1, 34, 43),
        Columns("MEAN_MOTION_DDOT", 1, 45, 52),
        Columns("BSTAR", 1, 54, 61),
        Columns("EPHEMERIS_TYPE", 1, 63, 63),
        Columns("ELEMENT_SET_NO", 1, 65, 68),
        Columns("INCLINATION", 2, 9, 16),
        Columns("RA_OF_ASC_NODE", 2, 18, 25),
        Columns("ECCENTRICITY", 2, 27, 33),
        Columns("ARG_OF_PERICENTER", 2, 35, 42),
        Columns("MEAN_ANOMALY", 2, 44, 51),
        Columns("MEAN_MOTION", 2, 53, 63),
        Columns("REV_AT_EPOCH", 2, 64, 68),
    )
}


@dataclass(frozen=True)
class TleLine:
    """One element line and where it stands."""

    text: str
    number: int
    line: int

    def entry(self, keyword: str, where: str) -> Entry:
        """The line as an entry, for refusals."""
        return Entry(f"{keyword}, {where}", self.text, self.line)


class TleFields:
    """Reads the fields of both lines of a set; what cannot be read is refused with its columns.

    Parameters
    ----------
    line1, line2 : TleLine
        Checked by `check_line`.
    findings : Findings
        Receives notices.
    """

    def __init__(self, line1: TleLine, line2: TleLine, findings: Findings) -> None:
        self.lines = {1: line1, 2: line2}
        self.findings = findings

    def text(self, keyword: str) -> str:
        """A field without the blanks around it."""
        return self._entry(keyword).text

    def decimal(self, keyword: str) -> float:
        """A number with a printed decimal point."""
        entry = self._entry(keyword)
        value = number_of(entry.text)
        if value is None or not entry.text.isascii() or "e" in entry.text.lower():
            self._no_number(entry, "51.6400")
        self._check_range(keyword, entry, value)
        return value

    def eccentricity(self) -> float:
        """Seven digits behind an implied point."""
        entry = self._entry("ECCENTRICITY")
        if not _WHOLE.fullmatch(entry.text):
            self._no_number(entry, "0006703 for 0.0006703")
        return int(entry.text) / 1e7

    def implied(self, keyword: str) -> float:
        """A mantissa behind an implied point, and a power of ten: `-11606-4`."""
        entry = self._entry(keyword)
        if not entry.text:
            self.findings.at(entry, NoticeCode.MISSING_KEYWORD, "is blank; taken as 0")
            return 0.0
        match = _IMPLIED.fullmatch(self._raw(keyword))
        if match is None:
            self._no_number(entry, "-11606-4 for -0.11606e-4")
        sign, mantissa, power = (part.replace(" ", "0") for part in match.groups())
        value = float(f"{sign.replace('0', '+')}0.{mantissa}e{power}")
        self._check_range(keyword, entry, value)
        return value

    def count(self, keyword: str) -> int | None:
        """A whole number; None when the columns are blank or hold something else."""
        entry = self._entry(keyword)
        if _WHOLE.fullmatch(entry.text):
            return int(entry.text)
        if entry.text:
            self.findings.at(
                entry, NoticeCode.UNEXPECTED_VALUE, f"{entry.text!r} is no whole number; left out"
            )
        return None

    def epoch_utc(self) -> datetime:
        """Two-digit year (57 to 99: 1957 to 1999) and day with fraction, exact to 1 µs."""
        entry = self._entry("EPOCH")
        match = _EPOCH.fullmatch(self._raw("EPOCH"))
        if match is None:
            self._no_number(entry, "26060.50000000 for noon of 1 March 2026")
        two_digits, day = int(match[1]), int(match[2])
        year = two_digits + (1900 if two_digits >= FIRST_YEAR_OF_1900 else 2000)
        start = datetime(year, 1, 1, tzinfo=UTC)
        days = (datetime(year + 1, 1, 1, tzinfo=UTC) - start).days
        if not 1 <= day <= days:
            self.findings.refuse(
                entry,
                f"{year} has no day {day}",
                "A blank or digit may be missing; get the element set again.",
            )
        part_us = int((match[3] or "").ljust(12, "0")) * 86_400_000_000 // 10**12
        return start + timedelta(days=day - 1, microseconds=part_us)

    def catalog_number(self) -> int:
        """The catalogue number of both lines, Alpha-5 decoded."""
        numbers = [self._catalog_number(line) for line in self.lines.values()]
        if numbers[0] != numbers[1]:
            self.findings.refuse(
                Entry("NORAD_CAT_ID, columns 3-7", self.lines[2].text[2:7], self.lines[2].line),
                f"line 1 of the set is of object {numbers[0]}, line 2 of {numbers[1]}",
                "Lines of different objects are mixed; get the element set again.",
            )
        return numbers[0]

    def _catalog_number(self, line: TleLine) -> int:
        text = line.text[2:7]
        number = alpha5_number(text)
        if number is None:
            self.findings.refuse(
                Entry("NORAD_CAT_ID, columns 3-7", text, line.line),
                "is no catalogue number",
                "Give five digits, or Alpha-5: a letter but I and O, and four digits "
                "(A0000 is 100000).",
            )
        return number

    def _entry(self, keyword: str) -> Entry:
        place = FIELDS[keyword]
        line = self.lines[place.line]
        columns = f"columns {place.first}-{place.last}"
        if place.first == place.last:
            columns = f"column {place.first}"
        return Entry(f"{keyword}, {columns}", self._raw(keyword).strip(), line.line)

    def _raw(self, keyword: str) -> str:
        place = FIELDS[keyword]
        return self.lines[place.line].text[place.first - 1 : place.last]

    def _check_range(self, keyword: str, entry: Entry, value: float) -> None:
        low, high, needs = ELEMENT_RANGES.get(keyword, (-1e9, 1e9, "finite"))
        if keyword in ("RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "MEAN_ANOMALY"):
            low, needs = 0.0, "between 0 and 360 degrees"
        if not low <= value <= high:
            self.findings.refuse(
                entry, f"must be {needs}", "Columns may have shifted; get the element set again."
            )

    def _no_number(self, entry: Entry, example: str) -> NoReturn:
        self.findings.refuse(
            entry,
            "cannot be read as a number",
            f"These columns hold, for example, {example}; get the element set again.",
        )


def alpha5_number(text: str) -> int | None:
    """The catalogue number that five columns hold, or None.

    Examples
    --------
    >>> alpha5_number("25544"), alpha5_number("A0000"), alpha5_number("Z9999")
    (25544, 100000, 339999)
    >>> alpha5_number("    5"), alpha5_number("I0000")
    (5, None)
    """
    head, rest = text[:1], text[1:]
    if head in ALPHA5 and head and _WHOLE.fullmatch(rest) and len(rest) == 4:
        return (10 + ALPHA5.index(head)) * 10_000 + int(rest)
    return int(text) if _WHOLE.fullmatch(text.strip()) else None


def checksum(text: str) -> int:
    """Sum of the digits in columns 1 to 68, each minus sign counting 1, modulo 10.

    Examples
    --------
    >>> checksum("1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  292")
    7
    """
    return sum(int(c) if c in "0123456789" else c == "-" for c in text[: LINE_LENGTH - 1]) % 10


def check_line(line: TleLine, findings: Findings) -> TleLine:
    """The line at its 69 columns, its length, blanks and checksum checked.

    Raises
    ------
    MessageError
        If it is cut short, shifted, or its checksum is wrong.
    """
    if len(line.text) < LINE_LENGTH:
        findings.refuse(
            line.entry(f"line {line.number} of the set", f"{len(line.text)} columns"),
            f"is cut short: it has {len(line.text)} of {LINE_LENGTH} columns",
            "A blank may be missing or the end cut off; get the element set again.",
        )
    _check_blanks(line, findings)
    needed, seen = str(checksum(line.text)), line.text[LINE_LENGTH - 1]
    if seen != needed:
        findings.refuse(
            Entry("checksum, column 69", seen, line.line),
            f"the checksum of line {line.number} is {seen!r}, its digits give {needed}",
            "A digit is damaged; get the element set again.",
        )
    if len(line.text) > LINE_LENGTH:
        findings.at(
            Entry("columns from 70", line.text[LINE_LENGTH:], line.line),
            NoticeCode.MALFORMED_LINE,
            "text after column 69 is left out",
        )
    return TleLine(line.text[:LINE_LENGTH], line.number, line.line)


def _check_blanks(line: TleLine, findings: Findings) -> None:
    for column in _BLANKS[line.number]:
        if line.text[column - 1] != " ":
            findings.refuse(
                line.entry(f"line {line.number} of the set", f"column {column}"),
                f"column {column} must be blank, it holds {line.text[column - 1]!r}",
                "Columns have shifted; get the element set again.",
            )
    if len(line.text) > LINE_LENGTH and line.text[LINE_LENGTH] != " ":
        findings.refuse(
            line.entry(f"line {line.number} of the set", "column 70"),
            f"the line goes on after its {LINE_LENGTH} columns",
            "A character too many has shifted the columns; get the element set again.",
        )

"""Text to value: numbers with a unit, dates, choices. Odd is noticed, dangerous is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NoReturn

from mdss.errors import MessageError
from mdss.messages.fields import Quantity
from mdss.notices import Notice, NoticeCode

Value = str | int | float

FIRST_YEAR = 1957
LAST_YEAR = 2200
UNKNOWN_TEXTS = frozenset({"", "N/A", "NA", "NONE", "NULL", "UNKNOWN", "NAN"})

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER_AND_REST = re.compile(r"([^\s\[]*)\s*(.*)", re.DOTALL)
_DATE = re.compile(
    r"(?P<year>\d{4})-(?:(?P<month>\d{2})-(?P<day>\d{2})|(?P<doy>\d{3}))"
    r"(?P<separator>[T ])(?P<hour>\d{2}):(?P<minute>\d{2})"
    r":(?P<second>\d{2})(?:\.(?P<fraction>\d*))?Z?",
    re.ASCII,
)


@dataclass(frozen=True)
class Entry:
    """One keyword with its text, as KVN line or XML element.

    Parameters
    ----------
    keyword : str
        Upper case; "COMMENT" for a comment.
    text : str
        Value without surrounding blanks; a unit follows in brackets: "7000.1 [km]".
    line : int
        Line number, from 1.
    unterminated : bool
        The file ends here without a line end.
    """

    keyword: str
    text: str
    line: int
    unterminated: bool = False


@dataclass
class Findings:
    """What reading one message came across: notices are collected, refusals are raised."""

    file: str
    notices: list[Notice] = field(default_factory=list)
    units_seen: int = 0

    def notice(
        self, code: NoticeCode, message: str, line: int | None = None, keyword: str | None = None
    ) -> None:
        """Keep a notice with its place."""
        self.notices.append(
            Notice(code=code, message=message, file=self.file, line=line, field=keyword)
        )

    def at(self, entry: Entry, code: NoticeCode, message: str) -> None:
        """Keep a notice about an entry."""
        self.notice(code, message, entry.line, entry.keyword)

    def refuse(self, entry: Entry, problem: str, remedy: str) -> NoReturn:
        """Raise a `MessageError` about an entry."""
        raise MessageError(
            problem,
            file=self.file,
            line=entry.line,
            field=entry.keyword,
            value=entry.text,
            remedy=remedy,
        )


def read_value(entry: Entry, row: Quantity, findings: Findings) -> Value:
    """The entry's value in the message's own unit.

    Parameters
    ----------
    entry : Entry
        Where and what.
    row : Quantity
        Its row of the field table.
    findings : Findings
        Receives notices.

    Returns
    -------
    float, int or str
        Numbers as `float`, counts as `int` (NaN as `float`), the rest as text. An optional
        number that cannot be read, or has another unit, stays text, unit included.

    Raises
    ------
    MessageError
        If a value that the computation rests on is unreadable, infinite, in another unit,
        or cut short.
    """
    if row.kind in ("number", "count"):
        return _read_number(entry, row, findings)
    if row.kind == "date":
        return _read_date(entry, row, findings)
    if row.kind == "choice":
        _check_choice(entry, row, findings)
    elif entry.text.upper() == "NAN":
        findings.at(entry, NoticeCode.NAN_VALUE, "text is 'NaN'; kept as it is")
    return entry.text


def _read_number(entry: Entry, row: Quantity, findings: Findings) -> Value:
    match = _NUMBER_AND_REST.fullmatch(entry.text)
    token, rest = (match[1], match[2]) if match else (entry.text, "")
    if "[" in rest:
        findings.units_seen += 1
    _refuse_cut(entry, row, rest, findings)
    number = number_of(token)
    if number is None:
        return _unreadable(entry, row, findings)
    if not _unit_is_right(entry, row, rest, findings):
        return entry.text
    if not math.isfinite(number):
        return _not_finite(entry, row, number, findings)
    if row.kind == "count":
        return _count(entry, token, number, findings)
    return number


def number_of(token: str) -> float | None:
    """The number that a token spells (Fortran's D exponent too), or None.

    Examples
    --------
    >>> number_of("-1.5D+02"), number_of("1_000"), number_of("7,0")
    (-150.0, None, None)
    """
    if _NUMBER.fullmatch(token):
        return float(token.replace("d", "e").replace("D", "E"))
    if _NOT_FINITE.fullmatch(token):
        return float(token)
    return None


def _refuse_cut(entry: Entry, row: Quantity, rest: str, findings: Findings) -> None:
    unit_ends_line = rest.endswith("]")
    if entry.unterminated and row.unit and findings.units_seen and not unit_ends_line:
        findings.refuse(
            entry,
            "the file ends in the middle of this line",
            "Ask for the complete message: a cut number is a wrong number.",
        )


def _unreadable(entry: Entry, row: Quantity, findings: Findings) -> str:
    if row.care != "free" and not (row.care == "unit" and entry.text.upper() in UNKNOWN_TEXTS):
        unit = f" [{row.unit}]" if row.unit else ""
        findings.refuse(
            entry,
            "is not a number",
            f"Write it as 1234.5{unit}, or ask for the message again.",
        )
    findings.at(
        entry,
        NoticeCode.UNEXPECTED_VALUE,
        f"{entry.text!r} is not a number; kept as text, not used",
    )
    return entry.text


def _not_finite(entry: Entry, row: Quantity, number: float, findings: Findings) -> float:
    if row.care == "exact" or (row.care == "unit" and math.isinf(number)):
        findings.refuse(
            entry,
            "is not a finite number",
            "Ask the originator for a message with a complete state and covariance.",
        )
    findings.at(entry, NoticeCode.NAN_VALUE, f"{entry.text!r} is taken as not known")
    return math.nan if math.isnan(number) else number


def _count(entry: Entry, token: str, number: float, findings: Findings) -> int | float:
    if _INTEGER.fullmatch(token) and len(token) < 19:
        return int(token)
    findings.at(entry, NoticeCode.UNEXPECTED_VALUE, f"{token} is not a whole number; kept")
    return number


@lru_cache(maxsize=256)
def normal_unit(unit: str) -> str:
    """A unit in one spelling: lower case, no blanks, `**`, `s`.

    Examples
    --------
    >>> normal_unit("KM/sec"), normal_unit("m^2 / s^2")
    ('km/s', 'm**2/s**2')
    """
    text = re.sub(r"\s+", "", unit).lower().replace("^", "**").replace("sec", "s")
    return text.replace("²", "**2").replace("³", "**3")


def _unit_is_right(entry: Entry, row: Quantity, rest: str, findings: Findings) -> bool:
    wanted = row.unit
    if not rest:
        if wanted and not row.unit_optional:
            findings.at(entry, NoticeCode.MISSING_UNIT, f"no unit; taken as [{wanted}]")
        return True
    if not rest.startswith("["):
        return _wrong_unit(entry, row, rest, findings)
    if not rest.endswith("]"):
        return _truncated_unit(entry, row, rest, findings)
    unit = normal_unit(rest[1:-1])
    if unit == normal_unit(wanted or "") or (wanted is None and unit in ("n/a", "-")):
        return True
    if unit == "" and wanted:
        findings.at(entry, NoticeCode.MISSING_UNIT, f"empty unit; taken as [{wanted}]")
        return True
    if row.tolerated is not None and unit == row.tolerated:
        findings.at(
            entry,
            NoticeCode.WRONG_UNIT_LABEL,
            f"labelled {rest}; the value is taken as [{wanted}]",
        )
        return True
    return _wrong_unit(entry, row, rest, findings)


def _truncated_unit(entry: Entry, row: Quantity, rest: str, findings: Findings) -> bool:
    begun = normal_unit(rest[1:])
    if row.care == "free" and normal_unit(row.unit or "").startswith(begun):
        findings.at(
            entry,
            NoticeCode.TRUNCATED_UNIT,
            f"the unit is cut short ({rest!r}); taken as [{row.unit}]",
        )
        return True
    return _wrong_unit(entry, row, rest, findings)


def _wrong_unit(entry: Entry, row: Quantity, rest: str, findings: Findings) -> bool:
    wanted = f"[{row.unit}]" if row.unit else "no unit"
    if row.care != "free":
        findings.refuse(
            entry,
            f"has unit {rest!r}, needs {wanted}",
            f"Convert the value to {wanted}, or ask the originator for a conforming message.",
        )
    findings.at(
        entry,
        NoticeCode.WRONG_UNIT_LABEL,
        f"unit {rest!r} instead of {wanted}; kept as text, not used",
    )
    return False


def _check_choice(entry: Entry, row: Quantity, findings: Findings) -> None:
    if entry.text.upper() not in row.choices:
        findings.at(
            entry,
            NoticeCode.UNEXPECTED_VALUE,
            f"{entry.text!r} is none of {', '.join(row.choices)}; kept, taken as not known",
        )


def notice_barycenter(entry: Entry, findings: Findings) -> None:
    """Say that states are read about a planet's centre where they are about its barycentre."""
    from mdss.astro.bodies import is_mars_barycenter

    if is_mars_barycenter(entry.text):
        findings.at(
            entry,
            NoticeCode.UNEXPECTED_VALUE,
            "the barycentre of Mars and its moons is taken as the planet's centre, at most 0.2 m "
            "from it",
        )


def chosen(values: Mapping[str, Value], keyword: str) -> str:
    """A text in upper case, "" when it is absent."""
    return str(values.get(keyword, "")).upper()


def _read_date(entry: Entry, row: Quantity, findings: Findings) -> str:
    if row.care == "free" and entry.text.upper() in UNKNOWN_TEXTS:
        findings.at(entry, NoticeCode.UNEXPECTED_VALUE, f"{entry.text!r} is no date; kept as text")
        return entry.text
    try:
        epoch_utc(entry.text)
    except ValueError as problem:
        findings.refuse(
            entry,
            f"is not a possible UTC date: {problem}",
            "Write it as 2026-03-01T12:00:00.000 (UTC), or ask for the message again.",
        )
    _notice_odd_date(entry, findings)
    return entry.text


def _notice_odd_date(entry: Entry, findings: Findings) -> None:
    match = _DATE.fullmatch(entry.text)
    assert match is not None  # epoch_utc has accepted it
    if match["doy"]:
        findings.at(
            entry,
            NoticeCode.DAY_OF_YEAR_DATE,
            f"day-of-year date; read as {epoch_utc(entry.text):%Y-%m-%dT%H:%M:%S}",
        )
    if match["separator"] == " ":
        findings.at(entry, NoticeCode.MALFORMED_LINE, "blank instead of T between date and time")
    if match["second"] == "60":
        findings.at(
            entry,
            NoticeCode.UNEXPECTED_VALUE,
            "leap second; taken as the first second of the next day, up to 1 s off",
        )


def epoch_utc(text: str) -> datetime:
    """A CCSDS date (calendar or day of year, UTC) as `datetime`, to the microsecond below.

    Parameters
    ----------
    text : str
        `2026-03-01T12:00:00.000` or `2026-060T12:00:00.000`, with or without a Z.

    Raises
    ------
    ValueError
        If it is no such date, or an impossible one. A leap second (23:59:60 on the last day
        of June or December) is possible and becomes the next day's first second.

    Examples
    --------
    >>> epoch_utc("2026-060T12:00:00.1234567").isoformat()
    '2026-03-01T12:00:00.123456+00:00'
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("it needs date and time, as 2026-03-01T12:00:00.000")
    day = _day(match)
    seconds = _seconds_of_day(match, day)
    fraction = (match["fraction"] or "")[:6].ljust(6, "0")
    return day + timedelta(seconds=seconds, microseconds=int(fraction))


def _day(match: re.Match[str]) -> datetime:
    year = int(match["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"year {year} is not between {FIRST_YEAR} and {LAST_YEAR}")
    if match["doy"] is None:
        return datetime(year, int(match["month"]), int(match["day"]), tzinfo=UTC)
    day = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=int(match["doy"]) - 1)
    if day.year != year:
        raise ValueError(f"year {year} has no day {match['doy']}")
    return day


def _seconds_of_day(match: re.Match[str], day: datetime) -> int:
    hour, minute, second = (int(match[part]) for part in ("hour", "minute", "second"))
    leap = (hour, minute, second) == (23, 59, 60) and (day.month, day.day) in ((6, 30), (12, 31))
    if hour > 23 or minute > 59 or (second > 59 and not leap):
        raise ValueError(f"there is no {hour:02d}:{minute:02d}:{second:02d} on that day")
    return 3600 * hour + 60 * minute + second

"""Many ISO 8601 texts at once, to and from nanoseconds on a clock with days of 86,400 s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.errors import EpochError

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
_Chars = NDArray[np.uint8]

CLOCK_ZERO = datetime(2000, 1, 1)  # what the clock reads at 0 ns
SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
FIRST_YEAR, LAST_YEAR = 1957, 2200

_LONGEST_TEXT = 48
_FORM = "is not a date and time as 2026-03-01T12:00:00.000 or 2026-060T12:00:00.000"
_ZERO, _DASH, _DOT, _COLON, _T, _BLANK, _END = (*b"0-.:T ", 0)
_MONTH_ZERO = np.datetime64("2000-01", "M").astype(np.int64)
_DAY_ZERO = np.datetime64("2000-01-01", "D").astype(np.int64)


def clock_from_texts(texts: Sequence[str]) -> tuple[IntArray, BoolArray]:
    """What a clock shows that reads the texts, and where it reads second 60.

    Parameters
    ----------
    texts : sequence of str
        `2026-03-01T12:00:00.000` or, with the day of the year, `2026-060T12:00:00.000`; a
        blank for the T and a Z at the end are accepted. Digits beyond the ninth of a
        fraction are dropped.

    Returns
    -------
    clock_ns : int64 array, shape (n,)
        Nanoseconds since 2000-01-01T00:00 on that clock; 23:59:60 is the next day's 00:00.
    in_leap_second : bool array, shape (n,)
        True where the text says 23:59:60.

    Raises
    ------
    EpochError
        If a text is no date, or an impossible one; it tells which.

    Examples
    --------
    >>> clock_ns, _ = clock_from_texts(["2000-01-01T00:00:01.5", "2000-002T00:00:00Z"])
    >>> (clock_ns / 1e9).tolist()
    [1.5, 86400.0]
    """
    chars = _characters(texts)
    by_day_of_year = (chars[:, 8] == _T) | (chars[:, 8] == _BLANK)
    clock_ns = np.zeros(len(texts), dtype=np.int64)
    in_leap_second = np.zeros(len(texts), dtype=np.bool_)
    for rows, date_length in ((~by_day_of_year, 10), (by_day_of_year, 8)):
        if rows.any():
            parts = chars[rows]
            where = np.flatnonzero(rows)
            days = _days(parts[:, :date_length], texts, where)
            clock = _time_of_day(parts[:, date_length:], texts, where)
            clock_ns[rows] = days * DAY_NS + clock[0]
            in_leap_second[rows] = clock[1]
    return clock_ns, in_leap_second


def texts_from_clock(clock_ns: IntArray, in_leap_second: BoolArray, digits: int = 6) -> list[str]:
    """Calendar texts of clock readings, the inverse of `clock_from_texts`.

    Parameters
    ----------
    clock_ns : int64 array, shape (n,)
        Nanoseconds since 2000-01-01T00:00 on the clock.
    in_leap_second : bool array, shape (n,)
        Where second 60 is written instead of the next day's second 0.
    digits : int
        Digits of the fraction, 0 to 9; rounded to the nearest, never into another second
        60 (a leap second is cut, not rounded).

    Examples
    --------
    >>> texts_from_clock(np.array([1_500_000_000]), np.array([False]), digits=3)
    ['2000-01-01T00:00:01.500']
    """
    unit_ns = 10 ** (9 - digits)
    half = np.where(in_leap_second, 0, unit_ns // 2)
    rounded = (clock_ns + half) // unit_ns * unit_ns
    seconds, fraction = np.divmod(rounded - np.where(in_leap_second, SECOND_NS, 0), SECOND_NS)
    stamps = np.datetime_as_string(np.datetime64("2000-01-01T00:00:00", "s") + seconds)
    tails = [f".{part:09d}"[: digits + 1] for part in fraction] if digits else [""] * len(stamps)
    leaps = in_leap_second.tolist()
    return [
        (f"{stamp[:-2]}60" if leap else str(stamp)) + tail
        for stamp, tail, leap in zip(stamps, tails, leaps, strict=True)
    ]


def _characters(texts: Sequence[str]) -> _Chars:
    """The texts, without a Z at the end, as a matrix of characters; zeros on the right."""
    for index, text in enumerate(texts):
        if len(text) > _LONGEST_TEXT or not text.isascii():
            raise refusal(texts, index, _FORM)
    cut = [text.removesuffix("Z") for text in texts]
    matrix = np.array(cut, dtype=f"S{_LONGEST_TEXT}")
    return matrix.view(np.uint8).reshape(len(texts), _LONGEST_TEXT)


def _days(date: _Chars, texts: Sequence[str], where: IntArray) -> IntArray:
    """Days since 2000-01-01 of `YYYY-MM-DD` or `YYYY-DDD`."""
    year, year_ok = _number(date[:, :4])
    dashes = date[:, 4] == _DASH
    if date.shape[1] == 8:
        day, day_ok = _number(date[:, 5:8])
        _demand(dashes & year_ok & day_ok, texts, where, _FORM)
        months, span = 12 * (year - 2000), 12
    else:
        month, month_ok = _number(date[:, 5:7])
        day, day_ok = _number(date[:, 8:10])
        dashes &= date[:, 7] == _DASH
        _demand(dashes & year_ok & month_ok & day_ok, texts, where, _FORM)
        _demand((month >= 1) & (month <= 12), texts, where, "has no such month")
        months, span = 12 * (year - 2000) + month - 1, 1
    start, end = _first_day(months), _first_day(months + span)
    in_range = (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    _demand(in_range, texts, where, f"has a year that is not between {FIRST_YEAR} and {LAST_YEAR}")
    _demand((day >= 1) & (day <= end - start), texts, where, "has no such day")
    return start + day - 1


def _first_day(months: IntArray) -> IntArray:
    """Days since 2000-01-01 of the first day of a month, counted from January 2000."""
    month = (months + _MONTH_ZERO).astype("datetime64[M]")
    days: IntArray = month.astype("datetime64[D]").astype(np.int64) - _DAY_ZERO
    return days


def _time_of_day(time: _Chars, texts: Sequence[str], where: IntArray) -> tuple[IntArray, BoolArray]:
    """Nanoseconds of the day of `Thh:mm:ss.fff`, and where the second is 60."""
    hour, hour_ok = _number(time[:, 1:3])
    minute, minute_ok = _number(time[:, 4:6])
    second, second_ok = _number(time[:, 7:9])
    fraction_ns, fraction_ok = _fraction_ns(time[:, 9:])
    form = (time[:, 0] == _T) | (time[:, 0] == _BLANK)
    form &= (time[:, 3] == _COLON) & (time[:, 6] == _COLON)
    form &= hour_ok & minute_ok & second_ok & fraction_ok
    _demand(form, texts, where, _FORM)
    leap = (hour == 23) & (minute == 59) & (second == 60)
    possible = (hour < 24) & (minute < 60) & ((second < 60) | leap)
    _demand(possible, texts, where, "has no such time of day")
    return (3600 * hour + 60 * minute + second) * SECOND_NS + fraction_ns, leap


def _fraction_ns(tail: _Chars) -> tuple[IntArray, BoolArray]:
    """Nanoseconds of `.fff` or of nothing, and where the text is nothing else."""
    head, digits = tail[:, :1], tail[:, 1:] - _ZERO  # wraps round for what is no digit
    run = np.logical_and.accumulate(digits <= 9, axis=1) & (head == _DOT)
    kept = np.where(run, digits, 0)[:, :9].astype(np.int64)
    ends = (run | (tail[:, 1:] == _END)).all(axis=1)
    fine = ends & ((head == _DOT) | (head == _END))[:, 0]
    return kept @ _powers_of_ten(9), np.asarray(fine)


def _number(chars: _Chars) -> tuple[IntArray, BoolArray]:
    """The number that columns of digits spell, and where they all are digits."""
    digits = chars - _ZERO
    fine = (digits <= 9).all(axis=1)
    return digits.astype(np.int64) @ _powers_of_ten(chars.shape[1]), np.asarray(fine)


def _powers_of_ten(count: int) -> IntArray:
    return 10 ** np.arange(count - 1, -1, -1, dtype=np.int64)


def _demand(holds: BoolArray, texts: Sequence[str], where: IntArray, problem: str) -> None:
    if not holds.all():
        raise refusal(texts, int(where[np.argmin(holds)]), problem)


def refusal(texts: Sequence[str], index: int, problem: str) -> EpochError:
    """The error about one of several texts."""
    return EpochError(f"{texts[index][:_LONGEST_TEXT]!r} {problem}", index=index)

"""UTC, TAI, TT, GPS, TDB and UT1: one instant on several clocks, leap seconds counted.

Every conversion goes through TAI, as whole nanoseconds since TAI read 2000-01-01T00:00:00.

    UTC ── leap seconds ──┐
    GPS ── 19 s ──────────┤
    TT ─── 32.184 s ──────┼── TAI
    TDB ── TT, periodic ──┤
    UT1 ── observed ──────┘

UTC is a timezone-aware `datetime` and has no second 60: an instant within a leap second is
written as the same fraction of the second that follows. The functions on arrays keep it apart.

Before 1972, when the seconds of UTC were not SI seconds, TAI - UTC is taken as 10 s: UTC is
then up to 8.6 s from what clocks showed in 1960, and no reading is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.epoch_texts import (
    CLOCK_ZERO,
    DAY_NS,
    SECOND_NS,
    BoolArray,
    IntArray,
    clock_from_texts,
    refusal,
    texts_from_clock,
)
from mdss.errors import EpochError
from mdss.units import as_utc

FloatArray = NDArray[np.float64]

TIME_SYSTEMS = ("UTC", "TAI", "TT", "GPS", "TDB", "UT1")

_UTC_ZERO = CLOCK_ZERO.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TT_MINUS_TAI_NS = 32_184_000_000
_GPS_MINUS_TAI_NS = -19 * SECOND_NS
_J2000_JD = 2_451_545.0
_J2000_CLOCK_NS = DAY_NS // 2
_MOST_YEARS = 245  # nanoseconds in 64 bits are 292 years
LONGEST_S = 40 * 366 * 86_400.0
"""Spans of 40 years and more are a damaged or forgotten date, not an orbit's [s]."""
_TDB_NODES_A_DAY = 4  # linear between them: 4e-9 s


def tai_minus_utc_s(epoch_utc: datetime) -> float:
    """TAI - UTC at an instant [s]; 10 before 1972.

    Examples
    --------
    >>> tai_minus_utc_s(datetime(2026, 3, 1, tzinfo=UTC))
    37.0
    """
    clock_ns = np.array([_clock_of(as_utc(epoch_utc))])
    return float(_leap_ns(clock_ns, of_tai=False)[0] / SECOND_NS)


def elapsed_s(start_utc: datetime, end_utc: datetime) -> float:
    """SI seconds from one instant to another, leap seconds counted.

    Examples
    --------
    >>> elapsed_s(datetime(2016, 12, 31, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC))
    86401.0
    """
    return (tai_ns(end_utc) - tai_ns(start_utc)) / SECOND_NS


def instant_after(start_utc: datetime, t_s: float) -> datetime:
    """The instant so many SI seconds after another, UTC, to the microsecond.

    Raises
    ------
    EpochError
        If the time is not finite or more than 40 years.
    """
    return _utc_from_tai_ns(int(tai_ns_after(start_utc, t_s)[0]))


def utc_from(instant: str | datetime, system: str = "UTC") -> datetime:
    """The UTC instant at which a clock of some time scale shows a reading.

    Parameters
    ----------
    instant : str or datetime
        ISO 8601 text, calendar or day of year, or a `datetime`, with or without a timezone.
    system : str
        One of `TIME_SYSTEMS`, any case.

    Returns
    -------
    datetime
        Timezone-aware UTC, to the nearest microsecond.

    Raises
    ------
    EpochError
        If the text is no instant or the time scale is not known.

    Examples
    --------
    >>> utc_from("2026-060T12:00:18.000", "GPS").isoformat()
    '2026-03-01T12:00:00+00:00'
    """
    if isinstance(instant, str):
        return _utc_from_tai_ns(int(tai_ns_from_texts([instant], system)[0]))
    reading = instant.replace(tzinfo=UTC) if instant.tzinfo is None else as_utc(instant)
    clock_ns = np.array([_clock_of(reading)])
    return _utc_from_tai_ns(int(_tai_from_clock(clock_ns, np.array([False]), system)[0]))


def reading_of(epoch_utc: datetime, system: str) -> datetime:
    """What a clock of a time scale shows at an instant, the inverse of `utc_from`.

    Returns
    -------
    datetime
        Without a timezone, to the nearest microsecond.

    Raises
    ------
    EpochError
        If the time scale is not known.

    Examples
    --------
    >>> reading_of(datetime(2026, 3, 1, 12, tzinfo=UTC), "TT").isoformat()
    '2026-03-01T12:01:09.184000'
    """
    clock_ns, _ = _clock_from_tai(np.array([tai_ns(epoch_utc)]), system)
    return CLOCK_ZERO + _MICROSECOND * round(int(clock_ns[0]) / 1000)


def epochs_from_texts(texts: Sequence[str], system: str = "UTC") -> tuple[datetime, FloatArray]:
    """Many epochs of a message as seconds after the first.

    Parameters
    ----------
    texts : sequence of str
        At least one; ISO 8601, calendar or day of year, in any order.
    system : str
        One of `TIME_SYSTEMS`, any case.

    Returns
    -------
    reference_utc : datetime
        The first epoch, timezone-aware UTC, to the nearest microsecond.
    t_s : array, shape (n,)
        SI seconds since `reference_utc`; the first is what the microsecond leaves over.

    Raises
    ------
    EpochError
        If a text is no instant (`index` tells which) or the time scale is not known.

    Examples
    --------
    >>> reference, t_s = epochs_from_texts(["2016-12-31T23:59:59", "2017-01-01T00:00:00"])
    >>> t_s.tolist()
    [0.0, 2.0]
    """
    if not len(texts):
        raise EpochError("there is no epoch in an empty list")
    instants_ns = tai_ns_from_texts(texts, system)
    reference_utc = _utc_from_tai_ns(int(instants_ns[0]))
    return reference_utc, (instants_ns - tai_ns(reference_utc)) / SECOND_NS


def texts_of(
    reference_utc: datetime, t_s: ArrayLike, system: str = "UTC", digits: int = 6
) -> list[str]:
    """Calendar texts of many epochs, the inverse of `epochs_from_texts`.

    Parameters
    ----------
    reference_utc : datetime
        Timezone-aware.
    t_s : array_like, shape (n,)
        SI seconds since `reference_utc`.
    system : str
        One of `TIME_SYSTEMS`, any case.
    digits : int
        Digits of the fraction of a second, 0 to 9.

    Raises
    ------
    EpochError
        If the time scale is not known.
    """
    return texts_from_clock(*_clock_from_tai(tai_ns_after(reference_utc, t_s), system), digits)


def tai_ns(epoch_utc: datetime) -> int:
    """TAI at an instant, in nanoseconds since 2000-01-01T00:00 TAI."""
    clock_ns = np.array([_clock_of(as_utc(epoch_utc))])
    return int(_tai_from_clock(clock_ns, np.array([False]), "UTC")[0])


def tai_ns_after(reference_utc: datetime, t_s: ArrayLike) -> IntArray:
    """TAI so many SI seconds after an instant, shape (n,) [ns since 2000-01-01T00:00 TAI].

    Raises
    ------
    EpochError
        If a time is not finite or more than 40 years.
    """
    seconds = np.atleast_1d(np.asarray(t_s, dtype=float))
    if not (np.abs(seconds) < LONGEST_S).all():
        raise EpochError(
            f"a time is not finite or more than 40 years from {reference_utc:%Y-%m-%d}: "
            f"{seconds[~(np.abs(seconds) < LONGEST_S)][0]:g} s; correct the date"
        )
    elapsed_ns: IntArray = np.rint(seconds * SECOND_NS).astype(np.int64)
    return tai_ns(reference_utc) + elapsed_ns


def tai_ns_from_texts(texts: Sequence[str], system: str = "UTC") -> IntArray:
    """TAI of many texts, exact to the nanosecond [ns since 2000-01-01T00:00 TAI].

    Parameters
    ----------
    texts : sequence of str
        ISO 8601, calendar or day of year.
    system : str
        One of `TIME_SYSTEMS`, any case.

    Raises
    ------
    EpochError
        If a text is no instant (`index` tells which), if second 60 is used where there can
        be no leap second, or if the time scale is not known.
    """
    clock_ns, in_leap_second = clock_from_texts(texts)
    _refuse_impossible_leaps(clock_ns, texts, np.flatnonzero(in_leap_second), system)
    return _tai_from_clock(clock_ns, in_leap_second, system)


def known_system(system: str) -> str:
    """The time scale's name in upper case.

    Raises
    ------
    EpochError
        If it is none of `TIME_SYSTEMS`.
    """
    name = system.strip().upper()
    if name not in TIME_SYSTEMS:
        raise EpochError(
            f"the time scale {system!r} cannot be converted to UTC; known are "
            f"{', '.join(TIME_SYSTEMS)}. Ask for the message in UTC"
        )
    return name


def days_tt(instants_ns: IntArray) -> FloatArray:
    """Days of TT since 2000-01-01 12:00 TT, good to a microsecond, from TAI [ns]."""
    return (instants_ns + _TT_MINUS_TAI_NS - _J2000_CLOCK_NS) / DAY_NS


def utc_clock_ns(instants_ns: IntArray) -> IntArray:
    """UTC in nanoseconds since 2000-01-01 on a clock with days of 86,400 s, from TAI [ns]."""
    return _clock_from_tai(instants_ns, "UTC")[0]


def _tai_from_clock(clock_ns: IntArray, in_leap_second: BoolArray, system: str) -> IntArray:
    name = known_system(system)
    if name == "UTC":
        day_ns = clock_ns - np.where(in_leap_second, SECOND_NS, 0)
        return clock_ns + _leap_ns(day_ns, of_tai=False)
    if name in ("TAI", "TT", "GPS"):
        return clock_ns - _FIXED_NS[name]
    first = clock_ns - _VARYING_NS[name](clock_ns)
    return clock_ns - _VARYING_NS[name](first)


def _clock_from_tai(instants_ns: IntArray, system: str) -> tuple[IntArray, BoolArray]:
    """Reading of the clock, and where it is within a leap second."""
    name = known_system(system)
    none = np.zeros(len(instants_ns), dtype=np.bool_)
    if name == "UTC":
        return _utc_clock(instants_ns)
    if name in ("TAI", "TT", "GPS"):
        return instants_ns + _FIXED_NS[name], none
    return instants_ns + _VARYING_NS[name](instants_ns), none


def _utc_clock(instants_ns: IntArray) -> tuple[IntArray, BoolArray]:
    clock_ns = instants_ns - _leap_ns(instants_ns, of_tai=True)
    back_ns = clock_ns + _leap_ns(clock_ns, of_tai=False)
    return clock_ns, back_ns != instants_ns


def _tdb_minus_tai_ns(instants_ns: IntArray) -> IntArray:
    """TDB - TAI at the geocentre, from TAI (or a clock within a second of TT)."""
    import erfa

    position = days_tt(instants_ns) * _TDB_NODES_A_DAY
    below = np.floor(position)
    nodes, index = np.unique(np.concatenate([below, below + 1.0]), return_inverse=True)
    values = erfa.dtdb(_J2000_JD, nodes / _TDB_NODES_A_DAY, 0.0, 0.0, 0.0, 0.0)
    low, high = np.split(values[index], 2)
    periodic_s = low + (position - below) * (high - low)
    periodic_ns: IntArray = np.rint(periodic_s * SECOND_NS).astype(np.int64)
    return periodic_ns + _TT_MINUS_TAI_NS


def _ut1_minus_tai_ns(instants_ns: IntArray) -> IntArray:
    from mdss.astro.earth_orientation import earth_orientation

    ut1_tai_s = np.asarray(earth_orientation(instants_ns).ut1_minus_tai_s)
    ut1_tai_ns: IntArray = np.rint(ut1_tai_s * SECOND_NS).astype(np.int64)
    return ut1_tai_ns


_FIXED_NS = {"TAI": 0, "TT": _TT_MINUS_TAI_NS, "GPS": _GPS_MINUS_TAI_NS}
_VARYING_NS: dict[str, Callable[[IntArray], IntArray]] = {
    "TDB": _tdb_minus_tai_ns,
    "UT1": _ut1_minus_tai_ns,
}


@lru_cache(maxsize=1)
def _leap_steps() -> tuple[IntArray, IntArray]:
    """Readings of UTC at which TAI - UTC steps, and its value from there on [ns]."""
    import erfa

    rows = [row for row in erfa.leap_seconds.get() if row["year"] >= 1972]
    days = [datetime(int(row["year"]), int(row["month"]), 1) - CLOCK_ZERO for row in rows]
    offsets = [round(float(row["tai_utc"])) * SECOND_NS for row in rows]
    return np.array([day.days * DAY_NS for day in days]), np.array(offsets)


def _leap_ns(readings_ns: IntArray, *, of_tai: bool) -> IntArray:
    """TAI - UTC [ns] at readings of UTC, or of TAI."""
    steps, offsets = _leap_steps()
    starts = steps + offsets if of_tai else steps
    return offsets[np.maximum(np.searchsorted(starts, readings_ns, side="right") - 1, 0)]


def _refuse_impossible_leaps(
    clock_ns: IntArray, texts: Sequence[str], rows: IntArray, system: str
) -> None:
    """Second 60 is of UTC, at the end of June or December; later leap seconds are unknown."""
    for row in rows.tolist():
        next_day = CLOCK_ZERO + timedelta(days=int(clock_ns[row] // DAY_NS))
        ends = (next_day.month, next_day.day) in ((1, 1), (7, 1))
        if known_system(system) != "UTC" or not ends:
            raise refusal(texts, row, f"has a second 60, which {system} does not have then")


def _clock_of(epoch_utc: datetime) -> int:
    if abs(epoch_utc.year - CLOCK_ZERO.year) > _MOST_YEARS:
        raise EpochError(f"the year of {epoch_utc} is not within {_MOST_YEARS} of 2000")
    return (epoch_utc - _UTC_ZERO) // _MICROSECOND * 1000


def _utc_from_tai_ns(instant_ns: int) -> datetime:
    clock_ns = int(_utc_clock(np.array([instant_ns]))[0][0])
    return _UTC_ZERO + _MICROSECOND * round(clock_ns / 1000)

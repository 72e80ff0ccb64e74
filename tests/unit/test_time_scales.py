"""Clocks: texts, leap seconds and time scales, against ERFA and by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdss.astro.time_scales import (
    TIME_SYSTEMS,
    elapsed_s,
    epochs_from_texts,
    instant_after,
    reading_of,
    tai_minus_utc_s,
    texts_of,
    utc_from,
)
from mdss.errors import EpochError, MdssError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# UT1 is known from 2 January 1973 on; a reading within a second of that falls off its slope (29 ns)
INSTANTS = st.datetimes(datetime(1973, 1, 3), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("system", "reading"),
    [
        ("UTC", "2026-03-01T12:00:00"),
        ("TAI", "2026-03-01T12:00:37"),
        ("TT", "2026-03-01T12:01:09.184"),
        ("GPS", "2026-03-01T12:00:18"),
        ("gps", "2026-060T12:00:18Z"),
    ],
)
def test_each_clock_shows_its_own_reading_at_noon(system: str, reading: str) -> None:
    assert utc_from(reading, system) == NOON
    assert reading_of(NOON, system).isoformat()[:19] == utc_from(reading).isoformat()[:19]


@pytest.mark.parametrize("system", ["TT", "TAI", "TDB", "UT1"])
@pytest.mark.parametrize("year", [1975, 1999, 2017, 2026])
def test_clocks_agree_with_astropy(system: str, year: int) -> None:
    import astropy_iers_data
    from astropy.time import Time
    from astropy.utils import iers

    epoch = datetime(year, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
    table = iers.IERS_A.open(astropy_iers_data.IERS_A_FILE)
    with iers.conf.set_temp("auto_download", False), iers.earth_orientation_table.set(table):
        theirs = Time(epoch.replace(tzinfo=None), scale="utc")
        expected = getattr(theirs, system.lower()).to_datetime()
    # both are written to the microsecond
    assert abs(reading_of(epoch, system) - expected) <= timedelta(microseconds=1)


@given(INSTANTS, st.sampled_from(TIME_SYSTEMS))
def test_a_reading_leads_back_to_its_instant(epoch: datetime, system: str) -> None:
    there_and_back = utc_from(reading_of(epoch, system), system)
    # rounded to the microsecond twice
    assert abs(there_and_back - epoch) <= timedelta(microseconds=1)


@given(
    INSTANTS,
    st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20),
    st.sampled_from(TIME_SYSTEMS),
)
def test_texts_lead_back_to_their_seconds(epoch: datetime, t_ns: list[int], system: str) -> None:
    t_s = np.array(t_ns) / 1e9
    texts = texts_of(epoch, t_s, system, digits=9)
    reference, again_s = epochs_from_texts(texts, system)
    # a million seconds resolve to 1.2e-10 s; texts to 1e-9 s, the varying clocks round twice
    np.testing.assert_allclose(again_s + elapsed_s(epoch, reference), t_s, rtol=0, atol=3e-9)


def test_a_leap_second_is_counted() -> None:
    assert (
        elapsed_s(datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC))
        == 2.0
    )
    assert instant_after(datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC), 2.0) == datetime(
        2017, 1, 1, tzinfo=UTC
    )


def test_epochs_within_a_leap_second_keep_their_place() -> None:
    texts = ["2016-12-31T23:59:59.5", "2016-366T23:59:60.25", "2017-01-01T00:00:00.25"]
    reference, t_s = epochs_from_texts(texts)
    assert t_s.tolist() == [0.0, 0.75, 1.75]
    assert texts_of(reference, t_s, digits=2)[1] == "2016-12-31T23:59:60.25"
    assert texts_of(reference, t_s, "TAI", digits=2)[1] == "2017-01-01T00:00:36.25"


def test_a_series_that_begins_within_a_leap_second_keeps_its_place() -> None:
    reference, t_s = epochs_from_texts(["2016-12-31T23:59:60.75", "2017-01-01T00:00:01"])
    # a datetime has no second 60: the reference is one second late, and t_s says so
    assert reference == datetime(2017, 1, 1, 0, 0, 0, 750_000, tzinfo=UTC)
    assert t_s.tolist() == [-1.0, 0.25]


@pytest.mark.parametrize(
    ("day", "seconds"), [("1965-07-01", 10.0), ("1971-12-31", 10.0), ("1972-01-01", 10.0),
                         ("1972-07-01", 11.0), ("2016-12-31", 36.0), ("2017-01-01", 37.0)]
)  # fmt: skip
def test_atomic_time_is_ahead_by_the_published_seconds(day: str, seconds: float) -> None:
    assert tai_minus_utc_s(datetime.fromisoformat(day).replace(tzinfo=UTC)) == seconds


def test_digits_below_a_microsecond_are_kept_in_the_seconds() -> None:
    reference, t_s = epochs_from_texts(["2026-03-01T12:00:00.123456789", "2026-03-01T12:00:01"])
    assert reference.microsecond == 123_457
    # 211 ns below the reference; float64 seconds near 1 resolve 1e-16
    np.testing.assert_allclose(t_s, [-211e-9, 0.876543], rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "tomorrow",
        "2026-03-01",
        "2026-13-01T00:00:00",
        "2026-02-29T00:00:00",
        "2025-366T00:00:00",
        "2026-000T00:00:00",
        "2026-03-01T24:00:00",
        "2026-03-01T12:60:00",
        "2026-03-01T23:59:60",
        "2026-03-01T12:00:00,5",
        "2026-03-01T12:00:00.1Z2",
        "2026-03-01T12:00:00ZZ",
        "2026-03-01T12:00:00+01:00",
        "2026-03-01T12:00:0٣",
        "1900-01-01T00:00:00",
        "2" * 1000,
    ],
)
def test_what_is_no_instant_is_refused_by_its_place(bad: str) -> None:
    with pytest.raises(EpochError) as refused:
        epochs_from_texts(["2026-03-01T12:00:00", bad])
    assert refused.value.index == 1
    assert repr(bad[:20])[:-1] in str(refused.value)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_ends_in_seconds_or_a_refusal(texts: list[str]) -> None:
    try:
        _, t_s = epochs_from_texts(texts)
    except EpochError:
        return
    assert np.isfinite(t_s).all()


@pytest.mark.parametrize("system", ["TAI", "GPS", "TDB"])
def test_only_utc_has_leap_seconds(system: str) -> None:
    with pytest.raises(EpochError, match="second 60"):
        utc_from("2016-12-31T23:59:60", system)


@pytest.mark.parametrize("system", ["MET", "SCLK", "TCB", "", "LOCAL"])
def test_an_unknown_time_scale_is_named_with_the_known_ones(system: str) -> None:
    with pytest.raises(EpochError, match="UTC, TAI, TT, GPS, TDB, UT1"):
        utc_from("2026-03-01T12:00:00", system)


def test_an_empty_list_has_no_epoch() -> None:
    with pytest.raises(EpochError, match="empty"):
        epochs_from_texts([])


@pytest.mark.parametrize("t_s", [np.nan, np.inf, 1e12])
def test_seconds_that_lead_nowhere_are_refused(t_s: float) -> None:
    with pytest.raises(EpochError, match="not finite or more than 40 years"):
        instant_after(NOON, t_s)


@pytest.mark.parametrize("year", [1, 9999])
def test_years_beyond_the_clock_are_refused(year: int) -> None:
    with pytest.raises(EpochError, match="within"):
        elapsed_s(NOON, datetime(year, 1, 1, tzinfo=UTC))


def test_an_instant_without_a_timezone_is_refused() -> None:
    with pytest.raises(MdssError, match="timezone"):
        elapsed_s(NOON, datetime(2026, 3, 1))


@pytest.mark.parametrize("pattern", ["%Y-%m-%dT%H:%M:%S.%f", "%Y-%jT%H:%M:%S.%fZ"])
def test_a_thousand_epochs_are_read_in_milliseconds(pattern: str) -> None:
    texts = [(NOON + timedelta(seconds=57.6 * i)).strftime(pattern) for i in range(1000)]
    fastest_s = min(_seconds_to_read(texts) for _ in range(5))
    # 1 ms on a quiet machine; parsing one by one takes 5 ms and more
    assert fastest_s < 0.02
    _, t_s = epochs_from_texts(texts)
    np.testing.assert_allclose(t_s, 57.6 * np.arange(1000), rtol=0, atol=1e-9)


def _seconds_to_read(texts: list[str]) -> float:
    begun = perf_counter()
    epochs_from_texts(texts)
    return perf_counter() - begun

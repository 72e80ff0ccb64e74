"""How the Earth is turned at an instant: UT1, polar motion, celestial pole, read offline.

The table is IERS `finals2000A.all` as bundled in `astropy-iers-data`: one line a day since
1973-01-02, observed values first, then a year of predictions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files

import numpy as np

from mdss.errors import FrameError
from mdss.notices import Notice, NoticeCode
from mdss.units import DAY_S, as_utc

ARCSEC_RAD = np.pi / 648_000.0
EARTH_SPIN_RAD_S = 7.292115146706979e-5  # d(ERA)/dUT1, IAU 2000 definition

_MJD_EPOCH_UTC = datetime(1858, 11, 17, tzinfo=UTC)
_J2000_MJD = 51_544.5
_TT_MINUS_TAI_S = 32.184

# What a held or missing table can cost an Earth-fixed position at 7000 km, where a second
# of UT1 is 510 m. The length of day has exceeded 86,400 s by 0 to 4 ms since 1973, and its
# slow part is never predicted better than about 1.5 ms a day over months.
_UT1_DRIFT_S_PER_DAY = 1.5e-3
_UT1_BOUND_S = 0.9
_METRES_PER_UT1_SECOND = EARTH_SPIN_RAD_S * 7.0e6


@dataclass(frozen=True, kw_only=True)
class EarthOrientation:
    """Earth orientation parameters at one instant.

    Parameters
    ----------
    ut1_minus_utc_s : float
        UT1 - UTC [s].
    ut1_rate : float
        d(UT1)/d(UTC) - 1, the excess of the Earth's spin (dimensionless).
    pole_x_rad, pole_y_rad : float
        Polar motion [rad].
    cip_dx_rad, cip_dy_rad : float
        Offsets of the celestial pole from IAU 2006/2000A [rad].
    """

    ut1_minus_utc_s: float = 0.0
    ut1_rate: float = 0.0
    pole_x_rad: float = 0.0
    pole_y_rad: float = 0.0
    cip_dx_rad: float = 0.0
    cip_dy_rad: float = 0.0


def earth_orientation(epoch_utc: datetime) -> EarthOrientation:
    """Earth orientation at an instant, linear between the table's days.

    Parameters
    ----------
    epoch_utc : datetime
        Timezone-aware.

    Returns
    -------
    EarthOrientation
        After the table's end its last day is held; before its start all values are zero
        (UT1 = UTC). `eop_notices` says so in words.

    Raises
    ------
    FrameError
        If the bundled table cannot be read.
    """
    day, fraction = utc_mjd(epoch_utc)
    first, last = _table_span()
    if day < first:
        return EarthOrientation()
    if day >= last:
        return _orientation(_row(last), _row(last), 0.0)
    return _orientation(_row(day), _row(day + 1), fraction)


def eop_coverage() -> tuple[datetime, datetime]:
    """First and last epoch for which the table has Earth orientation parameters."""
    first, last = _table_span()
    return _utc_from_mjd(first), _utc_from_mjd(last)


def eop_notices(start_utc: datetime, end_utc: datetime) -> tuple[Notice, ...]:
    """Says when the Earth orientation table does not reach the epochs.

    Parameters
    ----------
    start_utc, end_utc : datetime
        The span of interest, timezone-aware, in either order.

    Returns
    -------
    tuple of Notice
        Empty when the span is covered; else with the metres that it may cost.
    """
    early, late = sorted((as_utc(start_utc), as_utc(end_utc)))
    first, last = eop_coverage()
    notices = []
    if early < first:
        notices.append(_before_table(early, first))
    if late > last:
        notices.append(_after_table(late, last))
    return tuple(notices)


def utc_mjd(epoch_utc: datetime) -> tuple[int, float]:
    """Modified Julian Date, UTC: day and fraction (in one number, a microsecond is lost)."""
    elapsed = as_utc(epoch_utc) - _MJD_EPOCH_UTC
    return elapsed.days, (elapsed - timedelta(days=elapsed.days)) / timedelta(days=1)


def j2000_days_tt(epoch_utc: datetime) -> float:
    """Days of Terrestrial Time since 2000-01-01 12:00 TT, good to a microsecond.

    Before 1972, when UTC ran at another rate, the first whole offset (10 s) is used: a
    millisecond of TT turns nothing by more than 1e-14 rad.
    """
    offset_s = _tai_minus_utc_s(as_utc(epoch_utc)) + _TT_MINUS_TAI_S
    day, fraction = utc_mjd(epoch_utc)
    return day - _J2000_MJD + fraction + offset_s / DAY_S


def _before_table(epoch: datetime, first: datetime) -> Notice:
    metres = _UT1_BOUND_S * _METRES_PER_UT1_SECOND
    return Notice(
        code=NoticeCode.EOP_NOT_COVERED,
        message=(
            f"the Earth orientation table begins on {first:%Y-%m-%d}, after {epoch:%Y-%m-%d}: "
            f"UT1 = UTC is assumed, which may cost up to {metres:.0f} m in an Earth-fixed position "
            "at 7000 km; give the states in GCRF or EME2000"
        ),
    )


def _after_table(epoch: datetime, last: datetime) -> Notice:
    days = (epoch - last) / timedelta(days=1)
    metres = min(_UT1_DRIFT_S_PER_DAY * days, _UT1_BOUND_S) * _METRES_PER_UT1_SECOND
    return Notice(
        code=NoticeCode.EOP_NOT_COVERED,
        message=(
            f"the Earth orientation table ends on {last:%Y-%m-%d}, {days:.1f} days before "
            f"{epoch:%Y-%m-%d}: UT1 is held, which may cost {metres:.1f} m in an Earth-fixed "
            "position at 7000 km; update astropy-iers-data"
        ),
    )


# One line of finals2000A.all: columns (from 0) of the Bulletin A value and of the later,
# better Bulletin B value, and the unit of both.
_COLUMNS = {
    "pole_x": (slice(18, 27), slice(134, 144), ARCSEC_RAD),
    "pole_y": (slice(37, 46), slice(144, 154), ARCSEC_RAD),
    "ut1_utc": (slice(58, 68), slice(154, 165), 1.0),
    "cip_dx": (slice(97, 106), slice(165, 175), 1e-3 * ARCSEC_RAD),
    "cip_dy": (slice(116, 125), slice(175, 185), 1e-3 * ARCSEC_RAD),
}


@lru_cache(maxsize=1)
def _table_lines() -> list[str]:
    try:
        path = files("astropy_iers_data") / "data" / "finals2000A.all"
        return path.read_text(encoding="ascii").splitlines()
    except (ImportError, OSError) as problem:
        raise FrameError(
            f"the Earth orientation table finals2000A.all cannot be read ({problem}); "
            "install astropy-iers-data"
        ) from problem


def _line_mjd(line: str) -> int:
    return round(float(line[7:15]))


@lru_cache(maxsize=1)
def _table_span() -> tuple[int, int]:
    lines = _table_lines()
    filled = [line for line in lines[-800:] if line[58:68].strip()]
    first, last = _line_mjd(lines[0]), _line_mjd(filled[-1])
    if _line_mjd(lines[last - first]) != last:
        raise FrameError("finals2000A.all skips days; reinstall astropy-iers-data")
    return first, last


@lru_cache(maxsize=64)
def _row(mjd: int) -> dict[str, float]:
    line = _table_lines()[mjd - _table_span()[0]]
    row = {
        name: float(line[later].strip() or line[early].strip() or 0.0) * unit
        for name, (early, later, unit) in _COLUMNS.items()
    }
    row["ut1_tai"] = row["ut1_utc"] - _tai_minus_utc_s(_utc_from_mjd(mjd))
    return row


def _orientation(
    today: dict[str, float], tomorrow: dict[str, float], fraction: float
) -> EarthOrientation:
    """Linear interpolation; UT1 through TAI, which has no leap seconds."""

    def between(name: str) -> float:
        return today[name] + fraction * (tomorrow[name] - today[name])

    drift_s = tomorrow["ut1_tai"] - today["ut1_tai"]
    return EarthOrientation(
        ut1_minus_utc_s=today["ut1_utc"] + fraction * drift_s,
        ut1_rate=drift_s / DAY_S,
        pole_x_rad=between("pole_x"),
        pole_y_rad=between("pole_y"),
        cip_dx_rad=between("cip_dx"),
        cip_dy_rad=between("cip_dy"),
    )


@lru_cache(maxsize=1)
def _leap_seconds() -> tuple[tuple[datetime, float], ...]:
    import erfa

    table = erfa.leap_seconds.get()
    return tuple(
        (datetime(int(row["year"]), int(row["month"]), 1, tzinfo=UTC), float(row["tai_utc"]))
        for row in table
        if row["year"] >= 1972
    )


def _tai_minus_utc_s(epoch_utc: datetime) -> float:
    steps = _leap_seconds()
    known = [offset for start, offset in steps if start <= epoch_utc]
    return known[-1] if known else steps[0][1]


def _utc_from_mjd(mjd: int) -> datetime:
    return _MJD_EPOCH_UTC + timedelta(days=mjd)

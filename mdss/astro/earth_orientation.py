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
from numpy.typing import NDArray

from mdss.astro.epoch_texts import DAY_NS, SECOND_NS, IntArray
from mdss.astro.time_scales import tai_minus_utc_s, utc_clock_ns
from mdss.errors import FrameError
from mdss.notices import Notice, NoticeCode
from mdss.units import DAY_S, as_utc

FloatArray = NDArray[np.float64]

ARCSEC_RAD = np.pi / 648_000.0
EARTH_SPIN_RAD_S = 7.292115146706979e-5  # d(ERA)/dUT1, IAU 2000 definition

_MJD_EPOCH_UTC = datetime(1858, 11, 17, tzinfo=UTC)
_MJD_2000 = 51_544  # 2000-01-01

# What a held or missing table costs an Earth-fixed position at 7000 km, where a second of
# UT1 is 510 m. Since 2000 UT1 - UTC has changed by at most 2.5 ms a day (over one day; 2.1 ms
# a day over a month), and by convention it stays within 0.9 s.
_UT1_DRIFT_S_PER_DAY = 2.5e-3
_UT1_BOUND_S = 0.9
_RADIUS_M = 7.0e6
_METRES_PER_UT1_SECOND = EARTH_SPIN_RAD_S * _RADIUS_M
PREDICTION_WORTH_SAYING_M = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class EarthOrientation:
    """Earth orientation parameters at instants; each an array of shape (n,), or one number.

    Parameters
    ----------
    ut1_minus_tai_s : array
        UT1 - TAI, which has no leap seconds [s].
    ut1_rate : array
        d(UT1)/d(TAI) - 1, the excess of the Earth's spin (dimensionless).
    pole_x_rad, pole_y_rad : array
        Polar motion [rad].
    cip_dx_rad, cip_dy_rad : array
        Offsets of the celestial pole from IAU 2006/2000A [rad].
    """

    ut1_minus_tai_s: FloatArray | float
    ut1_rate: FloatArray | float = 0.0
    pole_x_rad: FloatArray | float = 0.0
    pole_y_rad: FloatArray | float = 0.0
    cip_dx_rad: FloatArray | float = 0.0
    cip_dy_rad: FloatArray | float = 0.0


def earth_orientation(instants_ns: IntArray) -> EarthOrientation:
    """Earth orientation at instants, linear between the table's days.

    Parameters
    ----------
    instants_ns : int64 array, shape (n,)
        TAI, nanoseconds since 2000-01-01 (`time_scales.tai_ns_after`).

    Returns
    -------
    EarthOrientation
        After the table's end its last day is held; before its start all values are zero
        and UT1 = UTC. `eop_notices` says so in words.

    Raises
    ------
    FrameError
        If the bundled table cannot be read.

    Notes
    -----
    Tides within a day (30 microseconds of UT1, 0.5 mas of the pole: 2 cm at 7000 km) are
    left out. Offsets of the celestial pole are predicted for two months only and zero after
    that, which costs another 2 cm.
    """
    utc_ns = utc_clock_ns(instants_ns)
    day, into_day_ns = np.divmod(utc_ns, DAY_NS)
    first, last = _table_span()
    mjd = day + _MJD_2000
    held = np.clip(mjd, first, last)
    today, tomorrow = _rows(held), _rows(np.minimum(held + 1, last))
    fraction = np.where(mjd < last, into_day_ns / DAY_NS, 0.0)
    values = today + fraction * (tomorrow - today)
    rate = (tomorrow[0] - today[0]) / DAY_S
    before = mjd < first
    values[:, before] = rate[before] = 0.0
    values[0, before] = (utc_ns - instants_ns)[before] / SECOND_NS
    return EarthOrientation(
        ut1_minus_tai_s=values[0],
        ut1_rate=rate,
        pole_x_rad=values[1],
        pole_y_rad=values[2],
        cip_dx_rad=values[3],
        cip_dy_rad=values[4],
    )


def eop_coverage() -> tuple[datetime, datetime]:
    """First and last epoch for which the table has Earth orientation parameters."""
    first, last = _table_span()
    return _utc_from_mjd(first), _utc_from_mjd(last)


def eop_predicted_from() -> datetime:
    """First day of the table that is a prediction of UT1, not an observation."""
    return _utc_from_mjd(_first_predicted())


def eop_notices(
    start_utc: datetime, end_utc: datetime, *, predictions: bool = True
) -> tuple[Notice, ...]:
    """Says when Earth orientation is not known at the epochs, and what that may cost.

    Parameters
    ----------
    start_utc, end_utc : datetime
        The span of interest, timezone-aware, in either order.
    predictions : bool
        Whether predicted values that are less sure are worth saying: for Earth-fixed states
        they are, for a gravity field they are not.

    Returns
    -------
    tuple of Notice
        Empty when the span is covered by observations, or by predictions that are good to
        `PREDICTION_WORTH_SAYING_M`; else with metres in an Earth-fixed position at 7000 km.
    """
    early, late = sorted((as_utc(start_utc), as_utc(end_utc)))
    first, last = eop_coverage()
    notices = []
    if early < first:
        notices.append(_before_table(early, first))
    if late > last:
        notices.append(_after_table(late, last))
    elif predictions and predicted_error_m(late) > PREDICTION_WORTH_SAYING_M:
        notices.append(_predicted(late))
    return tuple(notices)


def predicted_error_m(epoch_utc: datetime) -> float:
    """The table's own 1-sigma error of UT1 and pole, as metres at 7000 km.

    The published errors of that day's line (columns of `_ERRORS`), taken together: a
    millimetre where they are observed, some 13 m at the end of a year of predictions. Zero
    outside the table.
    """
    first, last = _table_span()
    mjd = (as_utc(epoch_utc) - _MJD_EPOCH_UTC).days
    if not first <= mjd <= last:
        return 0.0
    line = _table_lines()[mjd - first]
    ut1_s, pole_x, pole_y = (float(line[columns].strip() or 0.0) for columns in _ERRORS)
    angles_rad = EARTH_SPIN_RAD_S * ut1_s, ARCSEC_RAD * pole_x, ARCSEC_RAD * pole_y
    return float(np.hypot.reduce(angles_rad)) * _RADIUS_M


def _before_table(epoch: datetime, first: datetime) -> Notice:
    return _notice(
        f"the Earth orientation table begins on {first:%Y-%m-%d}, after {epoch:%Y-%m-%d}: "
        f"UT1 = UTC is assumed, which may cost up to {_UT1_BOUND_S * _METRES_PER_UT1_SECOND:.0f} m "
        "in an Earth-fixed position at 7000 km; give the states in GCRF or EME2000"
    )


def _after_table(epoch: datetime, last: datetime) -> Notice:
    days = (epoch - last) / timedelta(days=1)
    held_s = min(_UT1_DRIFT_S_PER_DAY * days, 2.0 * _UT1_BOUND_S)
    metres = predicted_error_m(last) + held_s * _METRES_PER_UT1_SECOND
    return _notice(
        f"the Earth orientation table ends on {last:%Y-%m-%d}, {days:.1f} days before "
        f"{epoch:%Y-%m-%d}: UT1 is held, which may cost {metres:.1f} m in an Earth-fixed "
        f"position at 7000 km ({predicted_error_m(last):.1f} m of it is the error of the last "
        "prediction); update astropy-iers-data"
    )


def _predicted(epoch: datetime) -> Notice:
    return _notice(
        f"Earth orientation is a prediction from {eop_predicted_from():%Y-%m-%d} on: at "
        f"{epoch:%Y-%m-%d} its published error (1 sigma) is {predicted_error_m(epoch):.1f} m in an "
        "Earth-fixed position at 7000 km; update astropy-iers-data",
        NoticeCode.EOP_PREDICTED,
    )


def _notice(message: str, code: NoticeCode = NoticeCode.EOP_NOT_COVERED) -> Notice:
    return Notice(code=code, message=message)


# One line of finals2000A.all: columns (from 0) of the Bulletin A value and of the later,
# better Bulletin B value, and the unit of both.
_COLUMNS = (
    (slice(58, 68), slice(154, 165), 1.0),  # UT1 - UTC
    (slice(18, 27), slice(134, 144), ARCSEC_RAD),  # pole x
    (slice(37, 46), slice(144, 154), ARCSEC_RAD),  # pole y
    (slice(97, 106), slice(165, 175), 1e-3 * ARCSEC_RAD),  # celestial pole dX
    (slice(116, 125), slice(175, 185), 1e-3 * ARCSEC_RAD),  # celestial pole dY
)


_OBSERVED_FLAG = slice(57, 58)  # of UT1: "I" observed, "P" predicted
_ERRORS = (slice(68, 78), slice(27, 36), slice(46, 55))  # UT1 [s], pole x and y [arcsec]


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


@lru_cache(maxsize=1)
def _first_predicted() -> int:
    predicted = (line for line in _table_lines()[-800:] if line[_OBSERVED_FLAG] == "P")
    line = next(predicted, None)
    return _line_mjd(line) if line else _table_span()[1] + 1


def _rows(mjd: IntArray) -> FloatArray:
    """UT1 - TAI, pole and celestial pole of days in the table, shape (5, n)."""
    days, where = np.unique(mjd, return_inverse=True)
    return np.array([_row(int(day)) for day in days]).reshape(-1, 5).T[:, where]


@lru_cache(maxsize=4096)
def _row(mjd: int) -> tuple[float, ...]:
    line = _table_lines()[mjd - _table_span()[0]]
    ut1_utc_s, *angles = (
        float(line[later].strip() or line[early].strip() or 0.0) * unit
        for early, later, unit in _COLUMNS
    )
    return (ut1_utc_s - tai_minus_utc_s(_utc_from_mjd(mjd)), *angles)


def _utc_from_mjd(mjd: int) -> datetime:
    return _MJD_EPOCH_UTC + timedelta(days=mjd)

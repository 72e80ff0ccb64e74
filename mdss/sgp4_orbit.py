"""From mean elements (TLE or OMM) to an orbit: SGP4, TEME to GCRF, and how old it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import gcrf_state_from
from mdss.astro.time_scales import LONGEST_S, elapsed_s, instant_after
from mdss.ephemeris import Ephemeris
from mdss.errors import PropagationError
from mdss.notices import Notice, NoticeCode
from mdss.units import DAY_S, KM, as_utc, iso

if TYPE_CHECKING:
    from mdss.messages.sgp4_elements import MeanElementSet
    from mdss.sgp4_covariance import CovarianceAssumption

FloatArray = NDArray[np.float64]

DEFAULT_SPAN_S = 30 * DAY_S
"""How far from their epoch elements answer where no window is asked for."""

_DEEP_SPACE_REV_DAY = 1440.0 / 225.0  # SGP4 itself calls periods above 225 min deep space
_OLD_DAYS_LOW, _OLD_DAYS_DEEP = 3.0, 7.0
_GROWTH_KM_DAY = (1.0, 3.0)

_SGP4_ERRORS = {
    1: "the mean eccentricity leaves the range from 0 to 1",
    2: "the mean motion falls below zero",
    3: "the perturbed eccentricity leaves the range from 0 to 1",
    4: "the semi-latus rectum falls below zero",
    5: "the elements describe no orbit above ground",
    6: "the object has decayed: the orbit meets the ground",
}


def from_elements(
    elements: MeanElementSet,
    *,
    start_utc: datetime | None = None,
    end_utc: datetime | None = None,
    covariance: CovarianceAssumption | None = None,
) -> Ephemeris:
    """The orbit of a TLE or OMM.

    Parameters
    ----------
    elements : MeanElementSet
        A `Tle` or an `Omm` of SGP4 elements.
    start_utc, end_utc : datetime, optional
        The span in which it shall answer, timezone-aware; 30 days to both sides of the
        epoch by default. The age of the elements is told for the span that is given.
    covariance : CovarianceAssumption, optional
        Mean elements have no covariance: without an assumption the orbit has none either.
        The matrix that an OMM may hold for its epoch is not used.

    Returns
    -------
    Ephemeris
        GCRF; `reference_utc` is the epoch of the elements. Nothing is interpolated. It says in
        its notices that the covariance is assumed, or that there is none.

    Raises
    ------
    PropagationError
        If SGP4 cannot start from the elements, the span ends before it begins, or it is
        more than 40 years from their epoch; later,
        when it is asked, where the elements give no orbit (the object has decayed).

    Notes
    -----
    SGP4 in its improved mode with the constants of WGS-72, on which published elements rest
    [1]_. Time is counted in SI seconds from the epoch. The axes are turned with observed
    Earth orientation, but spin and pole cancel: a missing table costs nothing here.

    References
    ----------
    .. [1] D. A. Vallado et al., Revisiting Spacetrack Report #3, AIAA 2006-6753.
    """
    epoch = elements.epoch_utc
    start = instant_after(epoch, -DEFAULT_SPAN_S) if start_utc is None else as_utc(start_utc)
    end = instant_after(epoch, DEFAULT_SPAN_S) if end_utc is None else as_utc(end_utc)
    if end < start:
        raise PropagationError(f"the span ends ({iso(end)}) before it begins ({iso(start)})")
    _refuse_far(elements, start, end)
    orbit = Sgp4Orbit(elements)
    asked = [one for one in (start_utc, end_utc) if one is not None]
    return Ephemeris(
        designator=elements.designator,
        name=elements.name,
        reference_utc=epoch,
        start_utc=start,
        end_utc=end,
        states_at=orbit.states,
        cov_rtn_at=None if covariance is None else covariance.cov_rtn_m2,
        covariance_origin="" if covariance is None else covariance.words,
        source=elements.source,
        notices=(
            *elements.notices,
            *age_notices(elements, asked),
            _covariance_notice(elements, covariance),
        ),
    )


def _refuse_far(elements: MeanElementSet, start_utc: datetime, end_utc: datetime) -> None:
    """Decades from their epoch elements tell nothing, and a date is wrong."""
    away_s = [abs(elapsed_s(elements.epoch_utc, one)) for one in (start_utc, end_utc)]
    if max(away_s) >= LONGEST_S:
        place = f"{elements.source}: " if elements.source else ""
        raise PropagationError(
            f"{place}the elements of {_label(elements)} are of {iso(elements.epoch_utc)}, more "
            f"than 40 years from the window {iso(start_utc)} to {iso(end_utc)}. Correct the "
            "window, or use a set of its time"
        )


def age_notices(elements: MeanElementSet, instants_utc: Sequence[datetime]) -> tuple[Notice, ...]:
    """Says when elements are old at one of some instants, and what that may cost.

    Parameters
    ----------
    elements : MeanElementSet
        A `Tle` or `Omm`.
    instants_utc : sequence of datetime
        Timezone-aware, before or after the epoch.

    Returns
    -------
    tuple of Notice
        Empty within 3 days of the epoch (7 days for periods above 225 minutes).

    Notes
    -----
    Errors along the track of a low orbit typically grow by 1 to 3 km a day [1]_, faster
    under strong drag and after any maneuver.

    References
    ----------
    .. [1] T. S. Kelso, Validation of SGP4 and IS-GPS-200D against GPS precision ephemerides,
       AAS 07-127, and the accuracy that CelesTrak states for element sets.
    """
    ages_s = [elapsed_s(elements.epoch_utc, as_utc(one)) for one in instants_utc]
    oldest_s = max(ages_s, key=abs, default=0.0)
    days = abs(oldest_s) / DAY_S
    deep = elements.elements.mean_motion_rev_day < _DEEP_SPACE_REV_DAY
    allowed = _OLD_DAYS_DEEP if deep else _OLD_DAYS_LOW
    if days <= allowed:
        return ()
    low, high = (rate * days for rate in _GROWTH_KM_DAY)
    cost = (
        "they are not made for that long"
        if deep
        else f"along the track that typically costs {low:.0f} to {high:.0f} km"
    )
    side = "old" if oldest_s > 0 else "ahead"
    return (
        Notice(
            code=NoticeCode.ELEMENTS_OLD,
            message=(
                f"the elements of {_label(elements)} ({iso(elements.epoch_utc)}) are {days:.1f} "
                f"days {side} at {iso(instant_after(elements.epoch_utc, oldest_s))}, more than "
                f"{allowed:.0f}: {cost}; use a newer set"
            ),
            file=elements.source or None,
        ),
    )


class Sgp4Orbit:
    """States of one element set at seconds from its epoch.

    Parameters
    ----------
    elements : MeanElementSet
        A `Tle` or `Omm`.

    Raises
    ------
    PropagationError
        If SGP4 cannot start from the elements.
    """

    def __init__(self, elements: MeanElementSet) -> None:
        self._elements = elements
        self._satrec: Any = elements.satrec()

    def states(self, t_s: FloatArray) -> FloatArray:
        """GCRF states at seconds from the epoch, shape (n, 6) [m, m/s].

        Raises
        ------
        PropagationError
            If the elements give no orbit at one of them, with the reason.
        """
        codes, position_km, velocity_km_s = self._teme(np.asarray(t_s, dtype=float))
        if np.any(codes):
            self._refuse(float(t_s[np.argmax(codes != 0)]), int(codes[np.argmax(codes != 0)]))
        epoch = self._elements.epoch_utc
        return np.hstack(gcrf_state_from("TEME", KM * position_km, KM * velocity_km_s, epoch, t_s))

    def _teme(self, t_s: FloatArray) -> tuple[NDArray[np.uint8], FloatArray, FloatArray]:
        """The epoch's own Julian date and days after it: no digit of the date is lost."""
        day = np.full(t_s.shape, self._satrec.jdsatepoch)
        codes, position, velocity = self._satrec.sgp4_array(
            day, self._satrec.jdsatepochF + t_s / DAY_S
        )
        return codes, position, velocity

    def _refuse(self, t_s: float, code: int) -> NoReturn:
        one = self._elements
        raise PropagationError(
            f"SGP4 finds no orbit of {_label(one)} at {iso(instant_after(one.epoch_utc, t_s))} "
            f"from the elements of {iso(one.epoch_utc)}: "
            f"{_SGP4_ERRORS.get(code, f'error {code}')}. Use a set nearer to that time"
        )


def _covariance_notice(elements: MeanElementSet, covariance: CovarianceAssumption | None) -> Notice:
    if covariance is None:
        code, rest = NoticeCode.NO_COVARIANCE, "no probability can be computed without assuming one"
    else:
        code, rest = NoticeCode.COVARIANCE_ASSUMED, f"assumed is {covariance.words}"
    text = f"{_label(elements)}: mean elements (TLE, OMM) carry no covariance in time; {rest}"
    return Notice(code=code, message=text, file=elements.source or None)


def _label(elements: MeanElementSet) -> str:
    return elements.name or elements.designator or "unnamed object"

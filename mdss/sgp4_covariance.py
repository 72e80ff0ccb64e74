"""Covariances for mean elements, which have none: assumed constant, or grown from a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.astro.time_scales import elapsed_s
from mdss.errors import CovarianceError
from mdss.sgp4_orbit import Sgp4Orbit
from mdss.units import DAY_S, KM

if TYPE_CHECKING:
    from mdss.messages.sgp4_elements import MeanElementSet

FloatArray = NDArray[np.float64]

FEWEST_SETS = 3
LONGEST_AGE_DAYS = 10.0
"""Pairs of sets further apart than this say nothing about the errors of use."""

_MU_EARTH_M3_S2 = 3.986008e14  # WGS-72, on which mean elements rest
_EARTH_RADIUS_M = 6.378135e6
_ROUNDS = 4  # of reweighting: the fourth changes the third by less than 1e-3

# Standard deviations R, T, N [m] at the epoch of elements with eccentricity below 0.1:
# largest perigee height [km], then by inclination up to 30, 60 and 180 degrees. Beyond
# 25,000 km only the lowest inclinations were found to have a class.
_SIGMA_RTN_M: tuple[tuple[float, tuple[tuple[float, float, float], ...]], ...] = (
    (800.0, ((67.0, 118.0, 75.0), (107.0, 308.0, 169.0), (115.0, 517.0, 137.0))),
    (25_000.0, ((191.0, 256.0, 203.0), (71.0, 228.0, 95.0), (91.0, 428.0, 114.0))),
    (np.inf, ((357.0, 432.0, 83.0),) * 3),
)
_INCLINATION_LIMITS_DEG = (30.0, 60.0)
_LARGEST_ECCENTRICITY = 0.1


class CovarianceAssumption(Protocol):
    """A covariance that somebody assumes for elements that come without one."""

    @property
    def words(self) -> str:
        """The assumption, for notices and reports."""

    def cov_rtn_m2(self, age_s: FloatArray) -> FloatArray:
        """Covariance in the object's own RTN axes, shape (n, 3, 3) or (n, 6, 6) [m², ...].

        Parameters
        ----------
        age_s : array, shape (n,)
            Seconds from the epoch of the elements, either sign.
        """


@dataclass(frozen=True, kw_only=True)
class ConstantCovariance:
    """The same position covariance at any age: right at the epoch, too small days after it.

    Parameters
    ----------
    sigma_rtn_m : tuple of float
        Standard deviations radial, transverse, normal [m]; positive.
    source : str
        Whose assumption it is.

    Raises
    ------
    CovarianceError
        If a deviation is not a positive number.
    """

    sigma_rtn_m: tuple[float, float, float]
    source: str = "given"

    def __post_init__(self) -> None:
        if len(self.sigma_rtn_m) != 3 or not all(0 < s < np.inf for s in self.sigma_rtn_m):
            raise CovarianceError(
                f"sigma_rtn_m needs three positive numbers of metres, got {self.sigma_rtn_m}"
            )

    @property
    def words(self) -> str:
        """The assumption in words."""
        sigmas = ", ".join(f"{sigma:g}" for sigma in self.sigma_rtn_m)
        return f"a constant sigma of {sigmas} m (R, T, N; {self.source})"

    def cov_rtn_m2(self, age_s: FloatArray) -> FloatArray:
        """Diagonal and constant, shape (n, 3, 3) [m²]."""
        return np.tile(np.diag(np.square(self.sigma_rtn_m)), (len(age_s), 1, 1))


def usual_covariance(elements: MeanElementSet) -> ConstantCovariance:
    """What published comparisons found for orbits of that kind, at the epoch of elements.

    Parameters
    ----------
    elements : MeanElementSet
        A `Tle` or `Omm`.

    Raises
    ------
    CovarianceError
        If the eccentricity is 0.1 or more: such orbits differ too much from one another.

    Notes
    -----
    Residuals of an orbit determination from element sets of the whole catalogue, in classes
    of perigee height and inclination [1]_. They hold near the epoch: errors grow with age.

    References
    ----------
    .. [1] T. Flohrer, H. Krag, H. Klinkrad, Assessment and Categorization of TLE Orbit
       Errors for the US SSN Catalogue, AMOS 2008.
    """
    mean = elements.elements
    if mean.eccentricity >= _LARGEST_ECCENTRICITY:
        raise CovarianceError(
            f"there is no usual covariance for an eccentricity of {mean.eccentricity:.2f}; give "
            "sigma_rtn_m, or a series of element sets to grow one from"
        )
    height_km = _perigee_height_km(mean.mean_motion_rev_day, mean.eccentricity)
    by_inclination = next(rows for limit, rows in _SIGMA_RTN_M if height_km <= limit)
    band = int(np.searchsorted(_INCLINATION_LIMITS_DEG, mean.inclination_deg))
    return ConstantCovariance(
        sigma_rtn_m=by_inclination[band], source="Flohrer et al. 2008, at the epoch of the elements"
    )


def _perigee_height_km(mean_motion_rev_day: float, eccentricity: float) -> float:
    axis_m = np.cbrt(_MU_EARTH_M3_S2 / _rate_rad_s(mean_motion_rev_day) ** 2)
    return float(axis_m * (1.0 - eccentricity) - _EARTH_RADIUS_M) / KM


@dataclass(frozen=True, kw_only=True, eq=False)
class GrownCovariance:
    """A covariance that grows with age as the sets of a series disagree with one another.

    Parameters
    ----------
    variance_0 : array, shape (6,)
        Of position [m²] and velocity [m²/s²], R, T, N, at the epoch.
    growth : array, shape (2, 6)
        Added per day² and per day⁴ of age.
    correlation : array, shape (6, 6)
        The same at any age.
    sets, pairs : int
        How many were compared.
    longest_days : float
        The largest difference of age among them; beyond it the growth is continued.
    """

    variance_0: FloatArray
    growth: FloatArray
    correlation: FloatArray
    sets: int
    pairs: int
    longest_days: float

    @property
    def words(self) -> str:
        """The assumption in words."""
        now, later = (self._sigma(np.array([days * DAY_S]))[0, :3] for days in (0.0, 1.0))
        return (
            f"a covariance grown from {self.pairs} differences of {self.sets} element sets up to "
            f"{self.longest_days:.1f} days apart: sigma R, T, N of {_listed(now)} m at the epoch "
            f"and {_listed(later)} m a day later"
        )

    def cov_rtn_m2(self, age_s: FloatArray) -> FloatArray:
        """Covariance of position and velocity, shape (n, 6, 6) [m², m²/s, m²/s²]."""
        sigma = self._sigma(age_s)
        return np.asarray(sigma[:, :, None] * self.correlation * sigma[:, None, :])

    def _sigma(self, age_s: FloatArray) -> FloatArray:
        days2 = np.square(np.asarray(age_s, dtype=float) / DAY_S)[:, None]
        variance = self.variance_0 + days2 * self.growth[0] + days2**2 * self.growth[1]
        return np.asarray(np.sqrt(variance))


def _listed(sigmas_m: FloatArray) -> str:
    return ", ".join(f"{sigma:.0f}" for sigma in sigmas_m)


def grown_covariance(series: Sequence[MeanElementSet]) -> GrownCovariance:
    """A covariance from the differences within a series of element sets of one object.

    Parameters
    ----------
    series : sequence of MeanElementSet
        At least three, with different epochs, in any order.

    Raises
    ------
    CovarianceError
        If there are too few sets, or they are of different objects.
    PropagationError
        If a set cannot be propagated to the epoch of another.

    Notes
    -----
    Each set is propagated to the epoch of every newer one within 10 days and compared in
    the RTN axes of the newer [1]_. Mean squares, not variances, are fitted by age with a
    constant and terms in the second and fourth power (error of mean motion and of drag), none
    of them negative: a bias counts as error. What a set is worth at its own epoch does not
    show in such differences, so it does not fall below `usual_covariance` where there is
    one. A maneuver within the series is taken for an error and makes the covariance
    larger. Correlations are drawn towards zero when there are few pairs.

    References
    ----------
    .. [1] V. P. Osweiler, Covariance Estimation and Autocorrelation of NORAD Two-Line Element
       Sets, AFIT/GSS/ENY/06-M09, 2006.
    """
    ordered = _one_object(series)
    ages_days, residuals = _differences(ordered)
    if len(ages_days) < FEWEST_SETS:
        raise CovarianceError(
            f"only {len(ages_days)} pairs of element sets are less than {LONGEST_AGE_DAYS:g} days "
            f"apart; {FEWEST_SETS} are needed. Add sets in between"
        )
    fits = np.array([_fit(ages_days, residuals[:, k] ** 2) for k in range(6)]).T
    sigma = np.sqrt(np.maximum(_terms(ages_days) @ fits, np.finfo(float).tiny))
    return GrownCovariance(
        variance_0=np.maximum(fits[0], _least_variance(ordered[-1])),
        growth=fits[1:],
        correlation=_correlation(residuals / sigma),
        sets=len(ordered),
        pairs=len(ages_days),
        longest_days=float(ages_days.max()),
    )


def _one_object(series: Sequence[MeanElementSet]) -> list[MeanElementSet]:
    """The sets in the order of their epochs, one an epoch."""
    names = sorted({one.designator for one in series})
    if len(names) > 1:
        raise CovarianceError(f"the element sets are of different objects: {', '.join(names)}")
    by_epoch = {one.epoch_utc: one for one in series}
    if len(by_epoch) < FEWEST_SETS:
        raise CovarianceError(
            f"a covariance needs at least {FEWEST_SETS} element sets of different epochs, got "
            f"{len(by_epoch)}; add older sets of the object, or assume constant sigmas"
        )
    return [by_epoch[epoch] for epoch in sorted(by_epoch)]


def _differences(ordered: list[MeanElementSet]) -> tuple[FloatArray, FloatArray]:
    """Ages [days], shape (m,), and older less newer state in RTN, shape (m, 6) [m, m/s]."""
    orbits = [Sgp4Orbit(one) for one in ordered]
    ages, residuals = [], []
    for older, newer in combinations(range(len(ordered)), 2):
        age_s = elapsed_s(ordered[older].epoch_utc, ordered[newer].epoch_utc)
        if age_s <= LONGEST_AGE_DAYS * DAY_S:
            state = orbits[newer].states(np.zeros(1))[0]
            apart = orbits[older].states(np.array([age_s]))[0] - state
            rtn = eci_from_rtn(state[:3], state[3:]).T
            ages.append(age_s / DAY_S)
            residuals.append(np.concatenate([rtn @ apart[:3], rtn @ apart[3:]]))
    return np.array(ages), np.array(residuals)


def _terms(ages_days: FloatArray) -> FloatArray:
    return np.asarray(ages_days[:, None] ** np.array([0.0, 2.0, 4.0]))


def _fit(ages_days: FloatArray, squares: FloatArray) -> FloatArray:
    """Non-negative constant and growth whose relative misfit of the squares is least."""
    from scipy.optimize import nnls

    expected = np.full(len(squares), max(float(squares.mean()), np.finfo(float).tiny))
    least = 1e-6 * expected[0]
    for _ in range(_ROUNDS):
        weights = 1.0 / np.maximum(expected, least)
        fit: FloatArray = nnls(_terms(ages_days) * weights[:, None], squares * weights)[0]
        expected = _terms(ages_days) @ fit
    return fit


def _correlation(scaled: FloatArray) -> FloatArray:
    """Positive definite correlation of scaled residuals, drawn to zero when they are few."""
    moment = scaled.T @ scaled / len(scaled)
    size = np.sqrt(np.maximum(np.diag(moment), np.finfo(float).tiny))
    kept = len(scaled) / (len(scaled) + 6.0)
    correlation: FloatArray = kept * moment / np.outer(size, size)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _least_variance(elements: MeanElementSet) -> FloatArray:
    """Of `usual_covariance`, with velocities that go with its positions; zero without one."""
    try:
        radial_m, transverse_m, normal_m = usual_covariance(elements).sigma_rtn_m
    except CovarianceError:
        return np.zeros(6)
    rate_rad_s = _rate_rad_s(elements.elements.mean_motion_rev_day)
    speeds = [rate_rad_s * sigma_m for sigma_m in (transverse_m, radial_m, normal_m)]
    return np.square([radial_m, transverse_m, normal_m, *speeds])


def _rate_rad_s(mean_motion_rev_day: float) -> float:
    return 2.0 * np.pi * mean_motion_rev_day / DAY_S

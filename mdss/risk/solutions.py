"""Two solutions of one object: how far apart they are, and how far they could be by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import ObjectState
from mdss.errors import CovarianceError

FloatArray = NDArray[np.float64]

JUMP_P = 1e-3
"""A difference that chance gives more seldom than this is a jump (3.3 sigma)."""
_FLOOR = 0.01
"""Share of a variance below which it counts as unchanged: a step of a tenth of sigma is no news."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """A difference, what was expected of it, and how probable it is.

    Parameters
    ----------
    step_m : array, shape (n,)
        Later minus earlier [m]: R, T, N of an object, or two axes of the encounter plane.
    expected_sigma_m : array, shape (n,)
        1 sigma of each component, as the covariances promise it [m].
    chi2 : float
        Squared Mahalanobis distance.
    dof : int
        Its degrees of freedom; 0 where nothing new was said.
    bounded : int
        In how many of n directions the covariance grew, so that only a bound is known: that of
        independent solutions, which finds fewer jumps.
    """

    step_m: FloatArray
    expected_sigma_m: FloatArray
    chi2: float
    dof: int
    bounded: int = 0

    @property
    def p_value(self) -> float:
        """How often chance gives a difference as improbable as this one, or more so."""
        return chi2_above(self.chi2, self.dof)

    @property
    def sigmas(self) -> float:
        """How many sigma a single number would be off to be as improbable."""
        return equivalent_sigmas(self.chi2, self.dof)

    @property
    def is_jump(self) -> bool:
        """Whether chance does not explain it."""
        return self.p_value < JUMP_P


def chi2_above(chi2: float, dof: int) -> float:
    """Probability that chi-square is above a value; 1 without degrees of freedom."""
    from scipy.special import chdtrc

    return float(chdtrc(dof, chi2)) if dof else 1.0


def equivalent_sigmas(chi2: float, dof: int) -> float:
    """Two-sided sigmas of one normal number with the probability of `chi2_above`.

    Examples
    --------
    >>> f"{equivalent_sigmas(9.0, 1):.3f} {equivalent_sigmas(16.27, 3):.3f}"
    '3.000 3.291'
    """
    from scipy.special import ndtri

    if not dof:
        return 0.0
    p = chi2_above(chi2, dof)
    return abs(float(ndtri(0.5 * p))) if p > 1e-300 else math.sqrt(chi2)  # there p is lost


def step_of_update(step_m: FloatArray, before_m2: FloatArray, after_m2: FloatArray) -> Step:
    """A step from one solution to the next, which has more data.

    Parameters
    ----------
    step_m : array, shape (n,)
        Later minus earlier [m].
    before_m2, after_m2 : array, shape (n, n)
        Covariances of both, on the same axes [m²].

    Raises
    ------
    CovarianceError
        If one is not positive definite.

    Notes
    -----
    Where data are only added, the step has covariance C_before − C_after, whatever the process
    noise: an estimate that uses its data well is a martingale. Along each principal direction
    of C_before⁻¹ C_after the variance of the step is that difference, or a hundredth of
    C_before where it is less. Where the covariance grew by more than that, data were not only
    added (another span, another model of drag), and C_before + C_after, that of independent
    solutions, is a bound.
    """
    whiten, unwhiten = _whitening(before_m2)
    _whitening(after_m2)
    shrunk, axes = np.linalg.eigh(np.eye(len(step_m)) - whiten @ after_m2 @ whiten.T)
    variance = np.where(shrunk < -_FLOOR, 2.0 - shrunk, np.maximum(shrunk, _FLOOR))
    along = axes.T @ whiten @ step_m
    spread = unwhiten @ axes
    told_nothing = bool(np.all(np.abs(shrunk) < _FLOOR) and np.all(along**2 < _FLOOR * variance))
    return Step(
        step_m=step_m,
        expected_sigma_m=np.sqrt((spread**2) @ variance),
        chi2=0.0 if told_nothing else float(np.sum(along**2 / variance)),
        dof=0 if told_nothing else len(step_m),
        bounded=int(np.sum(shrunk < -_FLOOR)),
    )


def step_between_independent(step_m: FloatArray, cov_m2: FloatArray) -> Step:
    """A difference whose covariance is known, shape (n,) and (n, n) [m], [m²].

    Raises
    ------
    CovarianceError
        If the covariance is not positive definite.
    """
    whiten, _ = _whitening(cov_m2)
    along = whiten @ step_m
    return Step(
        step_m=step_m,
        expected_sigma_m=np.sqrt(np.diag(cov_m2)),
        chi2=float(along @ along),
        dof=len(step_m),
    )


def _whitening(cov_m2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """W with W C Wᵀ = 1, and its inverse."""
    values, vectors = np.linalg.eigh(0.5 * (cov_m2 + cov_m2.T))
    if not values[0] > 1e-12 * values[-1]:
        raise CovarianceError(
            f"the covariance is not positive definite (variance {values[0]:.3g} m² along one axis)"
        )
    size = np.sqrt(values)
    return vectors.T / size[:, None], vectors * size


def displacement_rtn_m(reference: FloatArray, other: FloatArray) -> FloatArray:
    """From one state to another in RTN of the first, T measured along the arc.

    Parameters
    ----------
    reference, other : array, shape (6,)
        Inertial states at one epoch [m], [m/s].

    Returns
    -------
    array, shape (3,)
        [m]. The arc matters: 20 km along the track are 29 m below the tangent at 7000 km.
    """
    to_rtn = eci_from_rtn(reference[:3], reference[3:]).T
    r, t, n = to_rtn @ other[:3]
    size = float(np.linalg.norm(reference[:3]))
    in_plane = math.hypot(r, t)
    # √(a² + n²) − s, without the cancellation
    higher = (r - size) * (r + size) + t * t + n * n
    higher /= math.hypot(in_plane, n) + size
    return np.array([higher, size * math.atan2(t, r), size * math.atan2(n, in_plane)])


@dataclass(frozen=True, kw_only=True, eq=False)
class SolutionDifference:
    """Two solutions of one object at one epoch.

    Parameters
    ----------
    labels : (str, str)
        What the solutions are called.
    difference_rtn_m : array, shape (3,)
        Second minus first in RTN of the first, T along the arc [m].
    velocity_difference_rtn_m_s : array, shape (3,)
        The same of the inertial velocities [m/s].
    sigma_rtn_m : (array, array)
        RTN sigmas of each, shape (3,) [m].
    against_first : Step or None
        Judged by the first one's covariance alone: the second one taken as the truth. None
        where that covariance is singular.
    against_both : Step or None
        Judged by the sum of both covariances, as of independent solutions.
    """

    labels: tuple[str, str]
    difference_rtn_m: FloatArray
    velocity_difference_rtn_m_s: FloatArray
    sigma_rtn_m: tuple[FloatArray, FloatArray]
    against_first: Step | None
    against_both: Step | None

    @property
    def distance_sigmas(self) -> float:
        """Mahalanobis distance with the first one's covariance; NaN where that is singular."""
        return math.nan if self.against_first is None else math.sqrt(self.against_first.chi2)

    @property
    def difference_sigmas(self) -> FloatArray:
        """Each component over the first one's sigma; infinite where that is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.abs(self.difference_rtn_m) / self.sigma_rtn_m[0])

    @property
    def sigma_ratio(self) -> FloatArray:
        """Sigma of the second over that of the first, RTN; infinite where that is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.sigma_rtn_m[1] / self.sigma_rtn_m[0])

    @property
    def inconsistent(self) -> bool:
        """Whether chance does not explain the difference, even of independent solutions."""
        return self.against_both is not None and self.against_both.is_jump

    @property
    def sentence(self) -> str:
        """The difference in plain words."""
        first, second = self.labels
        r, t, n = self.difference_rtn_m
        apart = f"{second} is R {r:+,.0f}, T {t:+,.0f}, N {n:+,.0f} m from {first}"
        if self.against_both is None:
            return f"{apart}; the covariances do not tell how much of it chance explains."
        chance = (
            f"{self.against_both.sigmas:.1f} sigma of both, p = {self.against_both.p_value:.1g}"
        )
        if self.inconsistent:
            return (
                f"{apart} ({chance}): one of the two is wrong, or a covariance is too small. "
                "Do not mix them; ask both sides before relying on either."
            )
        return f"{apart} ({chance}): they agree."


def compare_solutions(
    first: ObjectState, second: ObjectState, labels: tuple[str, str] = ("the first", "the second")
) -> SolutionDifference:
    """The difference of two solutions of one object, and whether chance explains it.

    Parameters
    ----------
    first, second : ObjectState
        At one epoch: an operator's ephemeris against a CDM, one provider against another.
    labels : (str, str)
        What to call them.

    Notes
    -----
    The solutions are taken as independent. Where they share observations the true spread is less,
    so that a flag is right and some disagreement may go unseen.
    """
    states = [np.concatenate([one.position_m, one.velocity_m_s]) for one in (first, second)]
    turns = [eci_from_rtn(one.position_m, one.velocity_m_s) for one in (first, second)]
    difference = displacement_rtn_m(*states)
    own = first.position_cov_rtn_m2
    # each covariance stays in its own RTN axes: the arc between the two is followed
    return SolutionDifference(
        labels=labels,
        difference_rtn_m=difference,
        velocity_difference_rtn_m_s=turns[0].T @ (states[1] - states[0])[3:],
        sigma_rtn_m=(_sigmas_m(first), _sigmas_m(second)),
        against_first=_step_or_none(difference, own),
        against_both=_step_or_none(difference, own + second.position_cov_rtn_m2),
    )


def _sigmas_m(thing: ObjectState) -> FloatArray:
    return np.sqrt(np.maximum(np.diag(thing.position_cov_rtn_m2), 0.0))


def _step_or_none(step_m: FloatArray, cov_m2: FloatArray) -> Step | None:
    try:
        return step_between_independent(step_m, cov_m2)
    except CovarianceError:
        return None

"""Where two uncertain objects are most likely to be together at a given time.

Two long, bent error clouds may overlap far from both mean positions. Linearising each orbit
there, not at its mean, keeps a Gaussian description right while the clouds follow their orbits.

References
----------
.. [1] D. T. Hall, "Expected collision rates for tracked satellites", Journal of Spacecraft
   and Rockets 58(3), 2021.
.. [2] D. T. Hall, L. G. Baars and S. J. Casali, AAS 23-398, 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log, sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mdss.astro.equinoctial import (
    Elements,
    at_time,
    difference,
    elements_from_state,
    jacobian,
    state_from_elements,
)
from mdss.astro.twobody import MU_EARTH_M3_S2
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]

_MAX_PASSES = 100
_TOLERANCE = 1e-12  # squared Mahalanobis step
_ACCEPT_CYCLE_FROM = 16
_RELAX_AFTER, _RELAX_UNTIL, _RELAXED_TOLERANCE = 25, 35, 1e-6
_MAX_ENERGY_CHANGE = 0.1


@dataclass(frozen=True, eq=False)
class UncertainOrbit:
    """A two-body orbit and its covariance in equinoctial elements at epoch.

    Parameters
    ----------
    elements : six floats
        Mean elements at epoch.
    cov_elements : array, shape (6, 6)
        Covariance of the elements (rad/s for n, rad for lM).
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].
    shared : array, shape (6,), optional
        Change of the elements for one sigma of an error that the other object has as well; its
        effect is part of `cov_elements`. It counts where both orbits have one.
    """

    elements: Elements
    cov_elements: FloatArray
    mu_m3_s2: float = MU_EARTH_M3_S2
    shared: FloatArray | None = None

    @classmethod
    def from_state(
        cls,
        state: FloatArray,
        cov_eci: FloatArray,
        mu_m3_s2: float = MU_EARTH_M3_S2,
        shared_eci: FloatArray | None = None,
    ) -> UncertainOrbit:
        """The orbit through an inertial state with a Cartesian covariance.

        Parameters
        ----------
        state : array, shape (6,)
            Inertial position [m] and velocity [m/s].
        cov_eci : array, shape (6, 6)
            Covariance in the same axes [m², m²/s, m²/s²]; it need not be positive definite.
        mu_m3_s2 : float
            Gravitational parameter [m³/s²].
        shared_eci : array, shape (6,), optional
            Change of the state for one sigma of the shared error [m, m/s].

        Raises
        ------
        PropagationError
            If the orbit is not an ellipse or is equatorial and retrograde.
        """
        numbers = state.tolist()
        elements = elements_from_state(numbers, mu_m3_s2)
        elements_from_eci = np.linalg.inv(jacobian(elements, numbers, 0.0, mu_m3_s2))
        cov = elements_from_eci @ cov_eci @ elements_from_eci.T
        shared = None if shared_eci is None else elements_from_eci @ shared_eci
        return cls(elements, (cov + cov.T) / 2, mu_m3_s2, shared)


_Orbits: TypeAlias = tuple[UncertainOrbit, UncertainOrbit]


@dataclass(frozen=True, kw_only=True, eq=False)
class PeakOverlap:
    """The overlap of two error clouds at one time.

    Attributes
    ----------
    t_s : float
        Time since epoch [s].
    position_m : array, shape (3,)
        Peak overlap position, inertial [m].
    relative_state : array, shape (6,)
        Second minus first, as linearised there [m, m/s]: the effective mean.
    cov_eci : array, shape (6, 6)
        Covariance of `relative_state` linearised there, without what both errors share.
    mahalanobis2 : float
        Squared distance of the relative position in sigmas.
    q : float
        `mahalanobis2` plus the log of the determinant of the position covariance [m⁶]:
        smallest when the collision rate is greatest.
    passes : int
        Iterations used after the first.
    jacobians : array, shape (2, 6, 6)
        Derivatives of both states with respect to their elements at epoch, there.
    """

    t_s: float
    position_m: FloatArray
    relative_state: FloatArray
    cov_eci: FloatArray
    mahalanobis2: float
    q: float
    passes: int
    jacobians: FloatArray

    @property
    def relative_speed_m_s(self) -> float:
        """Effective relative speed [m/s]."""
        return float(np.linalg.norm(self.relative_state[3:]))


def clipped_eigh(cov_m2: FloatArray, floor_m2: float) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues raised to a floor, and eigenvectors, of symmetric matrices (..., n, n)."""
    values, vectors = np.linalg.eigh(cov_m2)
    return np.maximum(values, floor_m2), vectors


def eigenvalue_floor_m2(hard_body_radius_m: float) -> float:
    """Smallest variance that matters to a body of this size: (1e-4 radius)², above zero [m²].

    References
    ----------
    .. [1] D. T. Hall, M. D. Hejduk and L. C. Johnson, AAS 17-567, 2017.
    """
    return max((1e-4 * hard_body_radius_m) ** 2, 1e-14)


def peak_overlap(
    first: UncertainOrbit, second: UncertainOrbit, t_s: float, hard_body_radius_m: float
) -> PeakOverlap:
    """The position where both objects are most likely to be at time `t_s`.

    Parameters
    ----------
    first, second : UncertainOrbit
        The two objects at one epoch.
    t_s : float
        Time since that epoch [s].
    hard_body_radius_m : float
        Combined radius [m]: sets the smallest variance and the convergence tolerance.

    Returns
    -------
    PeakOverlap

    Raises
    ------
    PropagationError
        If the iteration does not converge or leaves the ellipses.

    Notes
    -----
    Each pass moves both linearisation points to the best common position, on the orbit that
    makes it most likely. Typically 3 to 6 passes; damping and a looser tolerance are for
    clouds stretched round much of an orbit.

    References
    ----------
    .. [1] D. T. Hall, Journal of Spacecraft and Rockets 58(3), 2021.
    """
    try:
        return _iterate((first, second), t_s, hard_body_radius_m)
    except (np.linalg.LinAlgError, OverflowError, ZeroDivisionError) as problem:
        raise PropagationError(f"no peak overlap position at {t_s:.6g} s: {problem}") from problem


def _iterate(orbits: _Orbits, t_s: float, radius_m: float) -> PeakOverlap:
    floor_m2 = eigenvalue_floor_m2(radius_m)
    covs = np.array([orbit.cov_elements for orbit in orbits])
    points = _Points.at_means(orbits, t_s)
    peaks: list[FloatArray] = []
    for passes in range(_MAX_PASSES):
        means = points.linear_means(orbits)
        cov_eci = points.jacobians @ covs @ points.jacobians.transpose(0, 2, 1)
        cov_eci = (cov_eci + cov_eci.transpose(0, 2, 1)) / 2
        if not np.isfinite(cov_eci).all():
            raise PropagationError(f"covariance overflows at {t_s:.6g} s")
        values, vectors = clipped_eigh(cov_eci[:, :3, :3], floor_m2)
        transposed = vectors.transpose(0, 2, 1)
        position_covs = (vectors * values[:, None, :]) @ transposed
        peak, overlap_m2 = _product_of_gaussians(means[:, :3], position_covs)
        if passes > _RELAX_UNTIL:
            peak = (peak + peaks[-1]) / 2
        gains = cov_eci[:, 3:, :3] @ (vectors / values[:, None, :]) @ transposed
        points, limited = _moved(points, orbits, means, gains, peak, t_s)
        if not limited and _settled(peak, peaks, overlap_m2, radius_m, passes):
            combined = cov_eci[0] + cov_eci[1] - _shared_covariance(orbits, points.jacobians)
            return _result(orbits, points, combined, peak, t_s, floor_m2, passes)
        peaks.append(peak)
    raise PropagationError(f"no peak overlap position at {t_s:.6g} s after {_MAX_PASSES} passes")


def _shared_covariance(orbits: _Orbits, jacobians: FloatArray) -> FloatArray | float:
    """What a shared error takes from the sum of both covariances, (6, 6); 0 without one.

    Mapped through the epoch's elements, it is right at any time (Hall 2021, equation 57).
    """
    first, second = (orbit.shared for orbit in orbits)
    if first is None or second is None:
        return 0.0
    cross = np.outer(jacobians[0] @ first, jacobians[1] @ second)
    return np.asarray(cross + cross.T)


def _product_of_gaussians(
    means_m: FloatArray, covs_m2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of the product of two Gaussians in space.

    Written without inverses of either covariance and with differences of means: the textbook
    form leaves decimetres of rounding along a long error cloud.
    """
    share = np.linalg.solve(covs_m2[0] + covs_m2[1], covs_m2[0]).T
    mean: FloatArray = means_m[0] + share @ (means_m[1] - means_m[0])
    return mean, share @ covs_m2[1]


@dataclass(frozen=True, eq=False)
class _Points:
    """Where both orbits are linearised: states at t, elements at epoch, derivatives."""

    states: FloatArray
    elements: tuple[Elements, ...]
    jacobians: FloatArray

    @classmethod
    def at_means(cls, orbits: _Orbits, t_s: float) -> _Points:
        states = [state_from_elements(at_time(o.elements, t_s), o.mu_m3_s2) for o in orbits]
        return cls._of([orbit.elements for orbit in orbits], states, orbits, t_s)

    @classmethod
    def through(cls, states: list[list[float]], orbits: _Orbits, t_s: float) -> _Points:
        elements = [
            at_time(elements_from_state(state, orbit.mu_m3_s2), -t_s)
            for state, orbit in zip(states, orbits, strict=True)
        ]
        return cls._of(elements, states, orbits, t_s)

    @classmethod
    def _of(
        cls,
        elements: Sequence[Elements],
        states: Sequence[Sequence[float]],
        orbits: _Orbits,
        t_s: float,
    ) -> _Points:
        derivatives = [
            jacobian(e, state, t_s, orbit.mu_m3_s2)
            for e, state, orbit in zip(elements, states, orbits, strict=True)
        ]
        return cls(np.array(states), tuple(elements), np.array(derivatives))

    def linear_means(self, orbits: _Orbits) -> FloatArray:
        """Mean states (2, 6) as seen from here: exact elements, linear map."""
        changes = [
            difference(orbit.elements, e) for orbit, e in zip(orbits, self.elements, strict=True)
        ]
        means: FloatArray = self.states + (self.jacobians @ np.array(changes)[..., None])[..., 0]
        return means


def _moved(
    points: _Points,
    orbits: _Orbits,
    means: FloatArray,
    gains: FloatArray,
    target_m: FloatArray,
    t_s: float,
) -> tuple[_Points, bool]:
    """Linearisation points on the likeliest orbits through the target, and if held back."""
    starts = _likeliest_states(points.states[:, :3], means, gains).tolist()
    ends = _likeliest_states(np.array([target_m, target_m]), means, gains).tolist()
    fractions = [
        _energy_fraction(start, end, orbit.mu_m3_s2)
        for start, end, orbit in zip(starts, ends, orbits, strict=True)
    ]
    states = [_between(*triple) for triple in zip(starts, ends, fractions, strict=True)]
    return _Points.through(states, orbits, t_s), min(fractions) < 1


def _likeliest_states(positions_m: FloatArray, means: FloatArray, gains: FloatArray) -> FloatArray:
    """Each object's state (2, 6) at a position, with the velocity that this position implies."""
    away = positions_m - means[:, :3]
    velocities = means[:, 3:] + (gains @ away[..., None])[..., 0]
    return np.concatenate([positions_m, velocities], axis=1)


def _between(start: list[float], end: list[float], fraction: float) -> list[float]:
    if fraction == 1:
        return end
    return [p + fraction * (q - p) for p, q in zip(start, end, strict=True)]


def _energy_fraction(start: list[float], end: list[float], mu: float) -> float:
    """How far to go from start to end so that energy changes by no more than a tenth."""
    reference = _energy(start, mu)
    if not reference < 0:
        raise PropagationError("the overlap lies on an escape orbit")

    def too_far(fraction: float) -> bool:
        energy = _energy(_between(start, end, fraction), mu)
        return not abs(energy / reference - 1) <= _MAX_ENERGY_CHANGE

    if not too_far(1.0):
        return 1.0
    first = next(step for step in range(1, 201) if too_far(step / 200))
    low, high = (first - 1) / 200, first / 200
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if too_far(middle) else (middle, high)
    return low


def _energy(state: list[float], mu: float) -> float:
    x, y, z, vx, vy, vz = state
    return (vx * vx + vy * vy + vz * vz) / 2 - mu / sqrt(x * x + y * y + z * z)


def _settled(
    peak: FloatArray,
    earlier: list[FloatArray],
    overlap_m2: FloatArray,
    radius_m: float,
    passes: int,
) -> bool:
    metric = overlap_m2 + radius_m**2 * np.eye(3)
    candidates = earlier[-2:] if passes >= _ACCEPT_CYCLE_FROM else earlier[-1:]
    return any(
        float((peak - old) @ np.linalg.solve(metric, peak - old)) <= _tolerance(passes)
        for old in candidates
    )


def _tolerance(passes: int) -> float:
    share = (passes - _RELAX_AFTER) / (_RELAX_UNTIL - _RELAX_AFTER)
    return float(_TOLERANCE * (_RELAXED_TOLERANCE / _TOLERANCE) ** min(1.0, max(0.0, share)))


def _result(
    orbits: _Orbits,
    points: _Points,
    cov_eci: FloatArray,
    peak: FloatArray,
    t_s: float,
    floor_m2: float,
    passes: int,
) -> PeakOverlap:
    means = points.linear_means(orbits)
    relative = means[1] - means[0]
    values, vectors = clipped_eigh(cov_eci[:3, :3], floor_m2)
    mahalanobis2 = float(np.sum((vectors.T @ relative[:3]) ** 2 / values))
    q = mahalanobis2 + sum(log(value) for value in values.tolist())
    if not isfinite(q):
        raise PropagationError(f"the overlap at {t_s:.6g} s is not a finite number")
    return PeakOverlap(
        t_s=t_s,
        position_m=peak,
        relative_state=relative,
        cov_eci=cov_eci,
        mahalanobis2=mahalanobis2,
        q=q,
        passes=passes,
        jacobians=points.jacobians,
    )

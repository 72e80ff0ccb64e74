"""Two uncertain orbits at one epoch: what every method beyond the plane works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from mdss.astro.equinoctial import regular_axes
from mdss.astro.frames import eci_from_rtn
from mdss.astro.peak_overlap import PeakOverlap, UncertainOrbit, peak_overlap
from mdss.astro.twobody import MU_EARTH_M3_S2
from mdss.conjunction import ObjectState
from mdss.risk.density import cross_covariance, density_effects_eci

FloatArray = NDArray[np.float64]
_Two = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """Both objects as 6-vectors and 6×6 covariances, inertial, on axes that suit both.

    Parameters
    ----------
    states : two arrays, shape (6,)
        [m], [m/s]; the axes may be permuted (`regular_axes`).
    covs_eci : two arrays, shape (6, 6)
        Same axes.
    radius_m : float
        Combined radius [m].
    velocity_known : bool
        Both objects have a velocity covariance that is correlated with position.
    in_track_sigma_m : float
        The larger of both [m].
    npd : bool
        A position covariance (either object's or their sum) is not positive definite.
    mu_m3_s2 : float
        Gravitational parameter of the body [m³/s²].
    axes : three int
        Axis i here is axis `axes[i]` of the message.
    shared_eci : two arrays, shape (6,), optional
        Change of both states for one sigma of an error that both have, same axes [m, m/s].
    """

    states: tuple[FloatArray, FloatArray]
    covs_eci: tuple[FloatArray, FloatArray]
    radius_m: float
    velocity_known: bool
    in_track_sigma_m: float
    npd: bool
    mu_m3_s2: float = MU_EARTH_M3_S2
    axes: tuple[int, ...] = (0, 1, 2)
    shared_eci: tuple[FloatArray, FloatArray] | None = None

    @classmethod
    def of(
        cls,
        primary: ObjectState,
        secondary: ObjectState,
        radius_m: float,
        mu_m3_s2: float = MU_EARTH_M3_S2,
        *,
        density_correlated: bool = False,
    ) -> Pair:
        """The pair of two objects of a message, their density error shared when asked for.

        Raises
        ------
        FrameError, PropagationError
            If an object has no orbit plane.
        """
        objects = (primary, secondary)
        states = [np.concatenate([thing.position_m, thing.velocity_m_s]) for thing in objects]
        order = regular_axes(*(state.tolist() for state in states))
        both = np.array([*order, *(axis + 3 for axis in order)])
        first, second = (
            full_covariance_eci(thing, mu_m3_s2)[np.ix_(both, both)] for thing in objects
        )
        effects = density_effects_eci(*objects) if density_correlated else None
        shared = None if effects is None else (effects[0][both], effects[1][both])
        variance_m2 = max(float(thing.cov_rtn_m2[1, 1]) for thing in objects)
        return cls(
            states=(states[0][both], states[1][both]),
            covs_eci=(first, second),
            radius_m=radius_m,
            velocity_known=all(has_usable_velocity_covariance(thing) for thing in objects),
            in_track_sigma_m=sqrt(max(variance_m2, 0.0)),
            npd=_not_positive_definite((first, second), shared),
            mu_m3_s2=mu_m3_s2,
            axes=tuple(order),
            shared_eci=shared,
        )

    @property
    def relative_state(self) -> FloatArray:
        """Second minus first [m], [m/s]."""
        return self.states[1] - self.states[0]

    @property
    def position_cov_eci_m2(self) -> FloatArray:
        """Combined position covariance, without what both errors share [m²]."""
        return _combined_m2(self.covs_eci, self.shared_eci)

    @cached_property
    def touching(self) -> float:
        """Lower bound of the probability that the objects are within the radius at the epoch."""
        from scipy.special import gammainc

        gap_m = self.radius_m - float(np.linalg.norm(self.relative_state[:3]))
        widest_m2 = float(np.linalg.eigvalsh(self.position_cov_eci_m2)[-1])
        if not gap_m > 0:
            return 0.0
        return float(gammainc(1.5, gap_m**2 / (2 * widest_m2))) if widest_m2 > 0 else 1.0

    @property
    def periods_s(self) -> tuple[float, float]:
        """Osculating periods; infinite for an escape orbit [s]."""
        one, two = (_period_s(state, self.mu_m3_s2) for state in self.states)
        return one, two

    @cached_property
    def orbits(self) -> tuple[UncertainOrbit, UncertainOrbit]:
        """Both in equinoctial elements.

        Raises
        ------
        PropagationError
            If an orbit is no ellipse.
        """
        one, two = (
            UncertainOrbit.from_state(state, cov, self.mu_m3_s2, shared)
            for state, cov, shared in zip(
                self.states, self.covs_eci, self.shared_eci or (None, None), strict=True
            )
        )
        return one, two

    def overlap(self, t_s: float) -> PeakOverlap:
        """Where both are most likely to be together at a time; asked once, remembered.

        Raises
        ------
        PropagationError
            If there is no such place.
        """
        return self._remembered(t_s)

    @cached_property
    def _remembered(self) -> _Overlap:
        return _Overlap(self)


class _Overlap:
    """Peak overlaps by time."""

    def __init__(self, pair: Pair) -> None:
        first, second = pair.orbits
        self._at = lru_cache(maxsize=None)(
            lambda t_s: peak_overlap(first, second, t_s, pair.radius_m)
        )

    def __call__(self, t_s: float) -> PeakOverlap:
        return self._at(t_s)


def _combined_m2(covs: _Two, shared: _Two | None) -> FloatArray:
    """Position block of the sum, less what both errors share."""
    total: FloatArray = covs[0][:3, :3] + covs[1][:3, :3]
    return total if shared is None else total - cross_covariance(shared[0][:3], shared[1][:3])


def _not_positive_definite(covs: _Two, shared: _Two | None) -> bool:
    """Whether either position block or the combined one has an eigenvalue not above zero."""
    blocks = np.stack([covs[0][:3, :3], covs[1][:3, :3], _combined_m2(covs, shared)])
    return not bool(np.all(np.linalg.eigvalsh(blocks) > 0))


def _period_s(state: FloatArray, mu: float) -> float:
    """Osculating period; infinite for an escape orbit."""
    energy2 = 2 * mu / float(np.linalg.norm(state[:3])) - float(state[3:] @ state[3:])
    return 2 * pi * mu * energy2**-1.5 if energy2 > 0 else inf


def has_usable_velocity_covariance(thing: ObjectState) -> bool:
    """Whether velocity errors are given and correlated with position, as real ones are."""
    return thing.has_velocity_covariance and bool(np.any(thing.cov_rtn_m2[3:, :3]))


def full_covariance_eci(thing: ObjectState, mu_m3_s2: float = MU_EARTH_M3_S2) -> FloatArray:
    """The 6×6 covariance in inertial axes, its velocity part assumed where it is missing.

    RTN velocities in a message are inertial velocities resolved on RTN axes, so the
    rotation is the same for both halves.

    Raises
    ------
    FrameError
        If the object has no orbit plane.
    """
    rotation = eci_from_rtn(thing.position_m, thing.velocity_m_s)
    if not has_usable_velocity_covariance(thing):
        return steady_velocity_covariance(
            thing.position_m, thing.velocity_m_s, thing.position_cov_eci_m2, mu_m3_s2
        )
    both = np.zeros((6, 6))
    both[:3, :3] = both[3:, 3:] = rotation
    rotated: FloatArray = both @ thing.cov_rtn_m2 @ both.T
    return (rotated + rotated.T) / 2


def steady_velocity_covariance(
    position_m: FloatArray,
    velocity_m_s: FloatArray,
    cov_eci_m2: FloatArray,
    mu_m3_s2: float = MU_EARTH_M3_S2,
) -> FloatArray:
    """A 6×6 covariance from the position block, for an orbit of well-known energy.

    Parameters
    ----------
    position_m, velocity_m_s : array, shape (3,)
        Inertial state [m], [m/s].
    cov_eci_m2 : array, shape (3, 3)
        Position covariance, inertial axes [m²].
    mu_m3_s2 : float
        Gravitational parameter of the body [m³/s²].

    Returns
    -------
    array, shape (6, 6)
        Inertial covariance of position and velocity [m², m²/s, m²/s²].

    Notes
    -----
    **An assumption, not knowledge.** The velocity error is taken as F times the position error
    with F = (g vᵀ + v gᵀ)/v² − (v·g) v vᵀ/v⁴, g the gravity. Then an in-track error is a
    shift in time along the orbit (F v = g), and no error changes the energy
    (v·F δr = g·δr, as F is symmetric). So it is with real orbit determination, where
    days of tracking fix the period far better than the position.
    """
    gravity = -mu_m3_s2 * position_m / float(np.linalg.norm(position_m)) ** 3
    speed2 = float(velocity_m_s @ velocity_m_s)
    mixed = np.outer(gravity, velocity_m_s)
    along = float(velocity_m_s @ gravity) * np.outer(velocity_m_s, velocity_m_s)
    velocity_from_position = (mixed + mixed.T) / speed2 - along / speed2**2
    stacked = np.vstack([np.eye(3), velocity_from_position])
    full: FloatArray = stacked @ cov_eci_m2 @ stacked.T
    return full

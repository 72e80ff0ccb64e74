"""2D-Nc: the expected number of collisions in one short passage on curved orbits.

At each direction of the collision sphere the exponent of the flux is a parabola in time; its
integral over time is closed, and what remains is an integral over the sphere. Curvature, velocity
errors and their correlation with position count to second order in time.

The integrand has a near-kink where the direction is normal to the relative velocity. A product
rule split there settles to 1e-8 with 576 directions; published values, made with Lebedev's 5,810,
are up to 4.5e-5 off for that reason.

References
----------
.. [1] D. T. Hall, L. G. Baars and S. J. Casali, AAS 23-398, 2023.
.. [2] D. T. Hall, Journal of Spacecraft and Rockets 58(3), 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import plane_axes
from mdss.astro.peak_overlap import PeakOverlap, clipped_eigh, eigenvalue_floor_m2
from mdss.astro.probability import pc_2d
from mdss.astro.unit_sphere import inward_flux, split_directions
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]
Overlap = Callable[[float], PeakOverlap]

_TIME_TOLERANCE = 1e-3  # sigmas
_NODES = (12, 18, 36, 72, 144, 288)  # on each half of the sphere
_SETTLED = 1e-7
_MOST_PASSES = 20
_MOST_STEPS_OUT = 100
_BRACKET_SHARE = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class Effective:
    """Two error clouds as they look where and when they overlap most: straight motion again.

    Attributes
    ----------
    t_s : float
        When they are closest, seconds from the epoch.
    overlap_s : float
        When the clouds were linearised, seconds from the epoch.
    relative_position_m, relative_velocity_m_s : array, shape (3,)
        Second minus first, at closest approach; the velocity is that of zero separation.
    cov_m2 : array, shape (3, 3)
        Combined position covariance, clipped.
    """

    t_s: float
    overlap_s: float
    relative_position_m: FloatArray
    relative_velocity_m_s: FloatArray
    cov_m2: FloatArray

    def plane_pc(self, radius_m: float) -> float:
        """The ordinary 2D integral with these quantities."""
        axes = plane_axes(self.relative_position_m, self.relative_velocity_m_s)
        miss, cov = axes @ self.relative_position_m, axes @ self.cov_m2 @ axes.T
        return float(pc_2d(miss, cov, radius_m))

    def on_axes(self, order: Sequence[int]) -> Effective:
        """The same where axis `order[i]` of the result is axis i here."""
        back = np.argsort(order)
        return Effective(
            t_s=self.t_s,
            overlap_s=self.overlap_s,
            relative_position_m=self.relative_position_m[back],
            relative_velocity_m_s=self.relative_velocity_m_s[back],
            cov_m2=self.cov_m2[np.ix_(back, back)],
        )


def effective_encounter(overlap: PeakOverlap, hard_body_radius_m: float) -> Effective:
    """The straight passage that one overlap stands for."""
    inverse, cov, _ = _inverse(overlap, hard_body_radius_m)
    r, v = overlap.relative_state[:3], overlap.relative_state[3:]
    velocity = v - overlap.cov_eci[3:, :3] @ inverse @ r
    shift = -float(r @ velocity) / float(velocity @ velocity)
    return Effective(
        t_s=overlap.t_s + shift,
        overlap_s=overlap.t_s,
        relative_position_m=r + velocity * shift,
        relative_velocity_m_s=velocity,
        cov_m2=cov,
    )


@dataclass(frozen=True, kw_only=True)
class Count2D:
    """Expected number of collisions of one passage.

    Attributes
    ----------
    nc : float
        The value to report, at most 1.
    plane : float
        The ordinary 2D integral with the effective miss, velocity and covariance: the same
        quantity a second time, for the check of accuracy.
    t_mean_s, t_sigma_s : float
        Mean and standard deviation of the collision rate in time, seconds from the epoch.
    peak_s : float
        Where Q is smallest, seconds from the epoch.
    """

    nc: float
    plane: float
    t_mean_s: float
    t_sigma_s: float
    peak_s: float


def count_2d(
    overlap: Overlap,
    t_s: float,
    sigma_s: float,
    hard_body_radius_m: float,
) -> Count2D:
    """2D-Nc around the minimum of Q near `t_s`.

    Parameters
    ----------
    overlap : callable
        Peak overlap of the two error clouds at a time, seconds from the epoch.
    t_s, sigma_s : float
        Estimate of when the collision rate peaks, and of its duration (1 sigma) [s].
    hard_body_radius_m : float
        Combined radius [m].

    Raises
    ------
    PropagationError
        If the collision rate has no peak there.
    CovarianceError
        If the effective covariance has no probability.
    """
    three, sigma_s = _refined(overlap, t_s, sigma_s)
    return _counted(_Middle.of(three, sigma_s, hard_body_radius_m), hard_body_radius_m)


def _refined(overlap: Overlap, t_s: float, sigma_s: float) -> tuple[Sequence[PeakOverlap], float]:
    """Overlaps a sigma before, at and after the minimum of Q, and that sigma."""
    try:
        return _newton(overlap, t_s, sigma_s)
    except PropagationError:  # far from a parabola: walk down to the lowest point first
        return _newton(overlap, _lowest(overlap, t_s, sigma_s), sigma_s, time_fixed=True)


def _newton(
    overlap: Overlap, t_s: float, sigma_s: float, time_fixed: bool = False
) -> tuple[Sequence[PeakOverlap], float]:
    for _ in range(_MOST_PASSES):
        three = [overlap(t_s - sigma_s), overlap(t_s), overlap(t_s + sigma_s)]
        slope, curvature = _derivatives([one.q for one in three], sigma_s)
        if not curvature > 0:
            raise PropagationError("the collision rate has no peak near TCA")
        step, new_sigma = 0.0 if time_fixed else -slope / curvature, sqrt(2 / curvature)
        if max(abs(step), abs(new_sigma - sigma_s)) < _TIME_TOLERANCE * sigma_s:
            return three, sigma_s
        t_s, sigma_s = t_s + float(np.clip(step, -5 * new_sigma, 5 * new_sigma)), new_sigma
    raise PropagationError("the time of the highest collision rate does not settle")


def _lowest(overlap: Overlap, t_s: float, sigma_s: float) -> float:
    """Time of a minimum of Q: down the slope from `t_s`, then halving the interval."""
    step = 0.5 * sigma_s
    points = [(overlap(t_s + k * step).q, t_s + k * step) for k in range(-2, 3)]
    while (best := min(points)) in (points[0], points[-1]):
        if len(points) > _MOST_STEPS_OUT:
            raise PropagationError("the collision rate has no peak near TCA")
        where = best[1] + (step if best is points[-1] else -step)
        points = sorted([*points, (overlap(where).q, where)], key=lambda point: point[1])
    while step > _BRACKET_SHARE * sigma_s:
        step /= 2
        around = [(overlap(best[1] + way * step).q, best[1] + way * step) for way in (-1, 1)]
        best = min(best, *around)
    return best[1]


def _derivatives(values: Sequence[Any], d: float) -> tuple[Any, Any]:
    before, at, after = values
    return (after - before) / (2 * d), (after - 2 * at + before) / d**2


@dataclass(frozen=True, kw_only=True, eq=False)
class _Middle:
    """Effective quantities at the minimum of Q and their derivatives in time.

    Triples are (value, first derivative, second derivative) with respect to time.
    """

    overlap: PeakOverlap
    q: tuple[float, float, float]
    log_det: float
    r: tuple[FloatArray, FloatArray, FloatArray]
    inverse: tuple[FloatArray, FloatArray, FloatArray]
    velocity: FloatArray
    gain: FloatArray
    velocity_cov: FloatArray

    @classmethod
    def of(cls, three: Sequence[PeakOverlap], sigma_s: float, radius_m: float) -> _Middle:
        inverses, _, log_dets = zip(*(_inverse(one, radius_m) for one in three), strict=True)
        state, cov = three[1].relative_state, three[1].cov_eci
        gain = cov[3:, :3] @ inverses[1]
        return cls(
            overlap=three[1],
            q=(three[1].q, *_derivatives([one.q for one in three], sigma_s)),
            log_det=log_dets[1],
            r=(state[:3], *_derivatives([one.relative_state[:3] for one in three], sigma_s)),
            inverse=(inverses[1], *_derivatives(inverses, sigma_s)),
            velocity=state[3:],
            gain=gain,
            velocity_cov=cov[3:, 3:] - gain @ cov[3:, :3].T,
        )

    def integrand(
        self, units: FloatArray, radius_m: float
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Contribution of each direction, and the time and variance of its parabola."""
        q, d1, d2 = self._parabolas(units, radius_m)
        with np.errstate(all="ignore"):
            lowest = np.maximum(q - d1**2 / (2 * d2), self.log_det)
            sigma = np.sqrt(2 / d2)
            along = units @ self.velocity + np.einsum(
                "ij,ij->i", units, (radius_m * units - self.r[0]) @ self.gain.T
            )
            variance = np.einsum("ij,jk,ik->i", units, self.velocity_cov, units)
            # inward_flux carries 1/√2π, which the prefactor of the count below leaves out
            values = np.exp(-lowest / 2) * inward_flux(along, variance) * sigma
            return np.where(d2 > 0, values, np.nan), self.overlap.t_s - d1 / d2, sigma**2

    def _parabolas(self, units: FloatArray, radius_m: float) -> tuple[FloatArray, ...]:
        """Q on the sphere and its two derivatives in time, each of shape (n,)."""
        (a, a1, a2), (r, r1, r2) = self.inverse, self.r
        linear = (a @ r, a1 @ r + a @ r1, a2 @ r + 2 * a1 @ r1 + a @ r2)
        return tuple(
            q
            - 2 * radius_m * units @ line
            + radius_m**2 * np.einsum("ij,jk,ik->i", units, m, units)
            for q, line, m in zip(self.q, linear, (a, a1, a2), strict=True)
        )


def _inverse(one: PeakOverlap, radius_m: float) -> tuple[FloatArray, FloatArray, float]:
    """Inverse, matrix and log determinant of the clipped position covariance."""
    values, vectors = clipped_eigh(one.cov_eci[:3, :3], eigenvalue_floor_m2(radius_m))
    return (
        (vectors / values) @ vectors.T,
        (vectors * values) @ vectors.T,
        float(np.sum(np.log(values))),
    )


def _counted(middle: _Middle, radius_m: float) -> Count2D:
    encounter = effective_encounter(middle.overlap, radius_m)
    plane = encounter.plane_pc(radius_m)
    scale = radius_m**2 / (2 * pi)
    nc = inf
    for n in _NODES:  # the first few do, unless the sphere is large against an error
        rule = split_directions(encounter.relative_velocity_m_s, n, 2 * n)
        values, times, variances = middle.integrand(rule.units, radius_m)
        weights = values * rule.solid_angles
        before, nc = nc, scale * float(np.sum(weights))
        if abs(nc - before) <= _SETTLED * nc:
            break
    mean, spread = _moments(weights, times, variances)
    return Count2D(
        nc=nc if nc <= 1 else min(plane, 1.0),
        plane=plane,
        t_mean_s=mean,
        t_sigma_s=spread,
        peak_s=middle.overlap.t_s,
    )


def _moments(weights: FloatArray, times: FloatArray, variances: FloatArray) -> tuple[float, float]:
    total = float(np.sum(weights))
    if not total > 0:
        return float(np.mean(times)), float(np.sqrt(np.mean(variances)))
    mean = float(np.sum(weights * times)) / total
    second = float(np.sum(weights * (times**2 + variances))) / total
    return mean, sqrt(max(second - mean**2, 0.0))

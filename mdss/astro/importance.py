"""Monte Carlo that looks where collisions are: importance sampling of two-body motion.

Plain Monte Carlo needs some 400 / Pc trials for a tenth. Here the errors are drawn so that the two
objects come near each other at a time of the collision-rate profile, and each trial carries the
ratio of its true density to the density that it was drawn with. That ratio is exact: it involves
the relative position at those times as linear functions of the elements, whose law is Gaussian
under both. The flights themselves are not linearised, so the estimate has no bias from curvature,
only statistical error, as long as the times cover all collisions.

References
----------
.. [1] R. Y. Rubinstein and D. P. Kroese, Simulation and the Monte Carlo Method, 3rd ed., 2016,
   chapter 5 (importance sampling with mixtures).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.many_orbits import ManyOrbits, Pair, dot, joint_roots, relative
from mdss.astro.monte_carlo import Segment
from mdss.astro.peak_overlap import PeakOverlap, UncertainOrbit

FloatArray = NDArray[np.float64]

_PILOT = 64  # trials of each time, to see how far straight sensitivities are off
_BATCH = 8192
_REFINEMENTS = 4
_ENOUGH_HITS = 200  # for a standard error that can itself be believed
_WIDENINGS = ((1.0, 0.7), (6.0, 0.2), (36.0, 0.1))  # of the aims' covariance, and how often


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """An importance-sampled probability.

    Attributes
    ----------
    pc : float
    standard_error : float
    trials, hits : int
    effective_trials : float
        (Σw)²/Σw² over the hits: how many equal trials they are worth.
    """

    pc: float
    standard_error: float
    trials: int
    hits: int
    effective_trials: float


def sample(
    first: UncertainOrbit,
    second: UncertainOrbit,
    overlaps: Sequence[PeakOverlap],
    shares: FloatArray,
    hard_body_radius_m: float,
    window_s: Segment,
    *,
    most_trials: int = 200_000,
    precision: float = 0.01,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Sampled:
    """Collision probability of two uncertain orbits, by importance sampling.

    Parameters
    ----------
    first, second : UncertainOrbit
        At one epoch; their errors are independent, or share one draw where both orbits have a
        shared error.
    overlaps : sequence of PeakOverlap
        At times that cover every passage that matters, no farther apart than the collision rate
        changes.
    shares : array
        How often each time is drawn; any positive numbers.
    hard_body_radius_m : float
        Combined radius [m].
    window_s : (float, float)
        Approaches outside do not count, seconds from the epoch.
    most_trials : int
        Cap.
    precision : float
        Stop when the standard error is below this share of the probability.
    seed : int
        The same seed gives the same answer.
    progress : callable, optional
        Called with trials done and the cap.
    """
    rng = np.random.default_rng(seed)
    proposal = _Proposal((first, second), overlaps, shares, hard_body_radius_m, rng)
    total = total2 = 0.0
    trials = hits = 0
    while trials < most_trials:
        n = min(_BATCH, most_trials - trials)
        weights = proposal.hit_weights(rng, n, window_s)
        total, total2 = total + float(np.sum(weights)), total2 + float(np.sum(weights**2))
        trials, hits = trials + n, hits + int(np.count_nonzero(weights))
        error = _standard_error(total, total2, trials)
        if progress is not None:
            progress(trials, most_trials)
        if hits > _ENOUGH_HITS and error <= precision * total / trials:
            break
    return Sampled(
        pc=total / trials,
        standard_error=_standard_error(total, total2, trials),
        trials=trials,
        hits=hits,
        effective_trials=total**2 / total2 if total2 > 0 else 0.0,
    )


def _standard_error(total: float, total2: float, trials: int) -> float:
    mean = total / trials
    return float(np.sqrt(max(total2 / trials - mean**2, 0.0) / trials))


class _Proposal:
    """A mixture over times of errors that bring the objects together at each."""

    def __init__(
        self,
        orbits: tuple[UncertainOrbit, UncertainOrbit],
        overlaps: Sequence[PeakOverlap],
        shares: FloatArray,
        radius_m: float,
        rng: np.random.Generator,
    ) -> None:
        self.orbits, self.radius_m = orbits, radius_m
        self.roots = joint_roots(*orbits)
        self.t = np.array([one.t_s for one in overlaps])
        self.shares = np.asarray(shares, dtype=float) / np.sum(shares)
        self.maps = np.stack([self._map(one) for one in overlaps])  # (K, 3, m)
        self.means = np.stack([one.relative_state[:3] for one in overlaps])
        self.covs = self.maps @ self.maps.transpose(0, 2, 1)
        self.to_target = self.maps.transpose(0, 2, 1) @ np.linalg.inv(self.covs)  # (K, m, 3)
        self.aims = np.zeros_like(self.means)
        self.aim_covs = np.broadcast_to(0.5 * radius_m**2 * np.eye(3), self.covs.shape).copy()
        self.reach_s = float(np.max(np.diff(self.t), initial=0.0))  # from a time to its neighbours
        self._learn(rng, np.stack([one.relative_state[3:] for one in overlaps]))
        self._widen()

    def _map(self, one: PeakOverlap) -> FloatArray:
        """Relative position at the overlap's time from the standard normal numbers."""
        first, second = (j[:3] @ root for j, root in zip(one.jacobians, self.roots, strict=True))
        return np.asarray(second - first)

    def _learn(self, rng: np.random.Generator, velocities: FloatArray) -> None:
        """Aim so that the flown positions, not the linear ones, meet."""
        gaps = np.gradient(self.t) if self.t.size > 1 else np.zeros(1)
        for _ in range(2):
            which = np.repeat(np.arange(self.t.size), _PILOT)
            z = self._drawn(rng, which)
            flown = relative(self._pair(z), self.t[which])[0].T
            off = (flown - self._linear(z, which)).reshape(self.t.size, _PILOT, 3)
            self.aims = -np.mean(off, axis=1)
            spread = off - np.mean(off, axis=1, keepdims=True)
            self.aim_covs = (
                0.5 * self.radius_m**2 * np.eye(3)
                + 2 * np.einsum("kni,knj->kij", spread, spread) / _PILOT
            )
            along = velocities * gaps[:, None]
            self.aim_covs += along[:, :, None] * along[:, None, :]

    def _widen(self) -> None:
        """Each time also with wider aims: the tails of what the pilot saw."""
        n = len(_WIDENINGS)
        self.t = np.tile(self.t, n)
        self.shares = np.concatenate([share * self.shares for _, share in _WIDENINGS])
        self.aim_covs = np.concatenate([factor * self.aim_covs for factor, _ in _WIDENINGS])
        for name in ("maps", "means", "covs", "to_target", "aims"):
            setattr(self, name, np.concatenate([getattr(self, name)] * n))

    def _drawn(self, rng: np.random.Generator, which: NDArray[np.intp]) -> FloatArray:
        """Standard normals (m, n) bent so that the objects meet at the chosen times."""
        z = rng.standard_normal((self.maps.shape[2], which.size))
        roots = np.linalg.cholesky(self.aim_covs)
        targets = self.aims[which] + np.einsum(
            "nij,nj->ni", roots[which], rng.standard_normal((which.size, 3))
        )
        step = targets - self._linear(z, which)
        return np.asarray(z + np.einsum("nij,nj->in", self.to_target[which], step))

    def _linear(self, z: FloatArray, which: NDArray[np.intp]) -> FloatArray:
        """Linear relative positions at the chosen times, shape (n, 3)."""
        return np.asarray(self.means[which] + np.einsum("nij,jn->ni", self.maps[which], z))

    def _pair(self, z: FloatArray) -> Pair:
        one, two = (
            ManyOrbits.drawn(orbit, root, z)
            for orbit, root in zip(self.orbits, self.roots, strict=True)
        )
        return one, two

    def hit_weights(self, rng: np.random.Generator, n: int, window_s: Segment) -> FloatArray:
        """True over drawn density of the trials, zero where they miss."""
        which = rng.choice(self.t.size, size=n, p=self.shares)
        z = self._drawn(rng, which)
        log_ratio = self._log_ratios(z)
        likeliest = np.argmax(log_ratio, axis=0)
        top = np.max(log_ratio, axis=0)
        weights = np.exp(-top) / np.sum(np.exp(log_ratio - top), axis=0)
        hit = self._hits(self._pair(z), self.t[likeliest], window_s)
        return np.asarray(np.where(hit, weights, 0.0))

    def _log_ratios(self, z: FloatArray) -> FloatArray:
        """Log of share times drawn over true density for each time, shape (K, n)."""
        x = self.means[:, :, None] + (self.maps.reshape(-1, z.shape[0]) @ z).reshape(
            *self.means.shape, -1
        )
        drawn = _log_normal(x - self.aims[:, :, None], self.aim_covs)
        true = _log_normal(x - self.means[:, :, None], self.covs)
        return np.asarray(np.log(self.shares)[:, None] + drawn - true)

    def _hits(self, pair: Pair, t_s: FloatArray, window_s: Segment) -> NDArray[np.bool_]:
        """Which trials collide: near their likeliest time first, then near every other one."""
        hit = self._comes_close(pair, t_s, window_s)
        for k in range(self.t.size // len(_WIDENINGS)):  # the wider aims repeat the same times
            rest = np.flatnonzero(~hit)
            near = rest[self._may_be_close(_chosen(pair, rest), self.t[k], window_s)]
            times = np.full(near.size, self.t[k])
            hit[near] = self._comes_close(_chosen(pair, near), times, window_s)
        return hit

    def _may_be_close(self, pair: Pair, t_s: float, window_s: Segment) -> NDArray[np.bool_]:
        """Whether a straight line from a time passes within a radius, its bend allowed for."""
        r, v, radius = relative(pair, t_s)
        distance2 = dot(r, r)
        shift = np.clip(-dot(r, v) / np.maximum(dot(v, v), 1e-300), *(np.array(window_s) - t_s))
        shift = np.clip(shift, -self.reach_s, self.reach_s)
        bend = pair[0].mu / radius**3 * np.sqrt(distance2) * shift**2
        straight = r + v * shift
        return np.asarray(dot(straight, straight) < (self.radius_m + 2 * bend) ** 2)

    def _comes_close(self, pair: Pair, t_s: FloatArray, window_s: Segment) -> NDArray[np.bool_]:
        """Whether the way to the closest approach near each time leads through a collision."""
        nearest2 = np.full(t_s.shape, np.inf)
        for _ in range(_REFINEMENTS + 1):
            r, v, _ = relative(pair, t_s)
            nearest2 = np.minimum(nearest2, dot(r, r))
            t_s = np.clip(t_s - dot(r, v) / np.maximum(dot(v, v), 1e-300), *window_s)
        return np.asarray(nearest2 < self.radius_m**2)


def _chosen(pair: Pair, which: NDArray[np.intp]) -> Pair:
    return pair[0].chosen(which), pair[1].chosen(which)


def _log_normal(x: FloatArray, covs: FloatArray) -> FloatArray:
    """Log density of centred normals (K, 3, n) without the constant, shape (K, n)."""
    roots = np.linalg.cholesky(covs)
    white = np.linalg.solve(roots, x)
    log_det = np.sum(np.log(np.diagonal(roots, axis1=1, axis2=2)), axis=1)
    return np.asarray(-0.5 * np.sum(white**2, axis=1) - log_det[:, None])

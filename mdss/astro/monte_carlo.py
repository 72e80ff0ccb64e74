"""Monte Carlo collision probability: each trial flies its own two orbits to their closest approach.

Errors are drawn in equinoctial elements, where a long orbit error stays Gaussian; motion is
two-body. Nothing is assumed about the shape or the speed of the passage.

References
----------
.. [1] D. T. Hall, S. J. Casali, L. C. Johnson, B. B. Skrehart and L. G. Baars, AAS 18-244, 2018.
.. [2] C. J. Clopper and E. S. Pearson, Biometrika 26, 404 (1934).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.many_orbits import ManyOrbits, Pair, dot, joint_roots, relative
from mdss.astro.peak_overlap import UncertainOrbit
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Segment = tuple[float, float]

CONFIDENCE = 0.95
_BATCH = 16_384
_LARGEST_UNUSABLE_SHARE = 1e-3
_REFINEMENTS = 3
_SHORTEST_STEP_S = 5.0  # between looks at a slow pair, straight lines in between
_MARGIN_M = 1.0


@dataclass(frozen=True, kw_only=True)
class MonteCarlo:
    """Hits among trials.

    Attributes
    ----------
    hits, trials : int
    lower, upper : float
        Clopper-Pearson interval of the probability, 95 %.
    near_ends : int
        Hits within a twentieth of the window from its ends: the window may be too short.
    """

    hits: int
    trials: int
    lower: float
    upper: float
    near_ends: int

    @property
    def pc(self) -> float:
        """Share of hits."""
        return self.hits / self.trials


def clopper_pearson(hits: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Exact confidence interval of a probability.

    Parameters
    ----------
    hits, trials : int
        0 ≤ hits ≤ trials, at least one trial.
    confidence : float
        Of the two-sided interval.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 1000)
    >>> low, f"{high:.4f}"
    (0.0, '0.0037')
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return low, high


def simulate(
    first: UncertainOrbit,
    second: UncertainOrbit,
    hard_body_radius_m: float,
    window_s: Segment,
    *,
    isolated_at_s: float | None = None,
    most_trials: int = 1_000_000,
    precision: float = 0.1,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> MonteCarlo:
    """Probability that two uncertain orbits come closer than a radius within a window.

    Parameters
    ----------
    first, second : UncertainOrbit
        At one epoch; their errors are independent, or share one draw where both orbits have a
        shared error.
    hard_body_radius_m : float
        Combined radius [m].
    window_s : (float, float)
        Searched for approaches, seconds from the epoch.
    isolated_at_s : float, optional
        When the one fast passage of the window happens: each trial then needs few evaluations.
        None searches the whole window.
    most_trials : int
        Cap.
    precision : float
        Stop when both sides of the interval are within this share of the probability.
    seed : int
        The same seed gives the same hits.
    progress : callable, optional
        Called with trials done and the cap.

    Raises
    ------
    PropagationError
        If more than 0.1 % of the trials are no ellipses.
    """
    rng = np.random.default_rng(seed)
    roots = joint_roots(first, second)
    hits = trials = near_ends = unusable = 0
    lower, upper = 0.0, 1.0
    while trials < most_trials:
        n = min(_BATCH, most_trials - trials)
        normals = rng.standard_normal((roots[0].shape[1], n))
        orbits = [
            ManyOrbits.drawn(orbit, root, normals)
            for orbit, root in zip((first, second), roots, strict=True)
        ]
        usable = orbits[0].usable & orbits[1].usable
        unusable += n - int(np.count_nonzero(usable))
        if unusable > max(_LARGEST_UNUSABLE_SHARE * (trials + n), 10):
            raise PropagationError(
                f"{unusable} of {trials + n} trials are no ellipses: the covariance is too wide "
                "for two-body motion"
            )
        both = tuple(orbit.chosen(usable) for orbit in orbits)
        times = hit_times((both[0], both[1]), hard_body_radius_m, window_s, isolated_at_s)
        hits, trials = hits + times.size, trials + n
        near_ends += int(np.count_nonzero(_near_ends(times, window_s)))
        lower, upper = clopper_pearson(hits, trials)
        if progress is not None:
            progress(trials, most_trials)
        if hits and max(upper * trials / hits - 1, 1 - lower * trials / hits) <= precision:
            break
    return MonteCarlo(hits=hits, trials=trials, lower=lower, upper=upper, near_ends=near_ends)


def _near_ends(times: FloatArray, window_s: Segment) -> BoolArray:
    low, high = window_s
    edge = 0.05 * (high - low)
    return np.asarray((times < low + edge) | (times > high - edge))


def hit_times(
    pair: Pair, radius_m: float, window_s: Segment, isolated_at_s: float | None
) -> FloatArray:
    """Times of the first hit of the trials that hit.

    Parameters
    ----------
    pair : two ManyOrbits
        Trial by trial, at one epoch.
    radius_m, window_s, isolated_at_s
        As for `simulate`.
    """
    if isolated_at_s is None:
        return _traced(pair, radius_m, window_s)
    return _one_passage(pair, radius_m, window_s, isolated_at_s)


def _one_passage(pair: Pair, radius_m: float, window_s: Segment, t_s: float) -> FloatArray:
    """Closest approach of one fast passage: straight lines, corrected until they stay."""
    r, v, radius = relative(pair, t_s)
    speed2 = dot(v, v)
    shift = -dot(r, v) / speed2
    distance2 = dot(r, r)
    # relative gravity is at most the gravity gradient times the distance, so the curved miss
    # differs from the straight one by less than `bend`; twice that leaves the minimum's own shift
    bend = pair[0].mu / radius**3 * np.sqrt(distance2) * shift**2
    straight2 = distance2 - speed2 * shift**2
    near = np.flatnonzero(straight2 < (radius_m + 2 * bend + _MARGIN_M) ** 2)
    both = (pair[0].chosen(near), pair[1].chosen(near))
    times = t_s + shift[near]
    for _ in range(_REFINEMENTS):
        times = np.clip(times, *window_s)
        r, v, _ = relative(both, times)
        times = times - dot(r, v) / dot(v, v)
    times = np.clip(times, *window_s)
    r, _, _ = relative(both, times)
    return np.asarray(times[dot(r, r) < radius_m**2])


def _traced(pair: Pair, radius_m: float, window_s: Segment) -> FloatArray:
    """March through the window with steps in which no trial can cover the distance left."""
    start, end = window_s
    times = np.full(pair[0].elements.shape[1], start)
    found = []
    while times.size:
        r, v, radius = relative(pair, times)
        distance, speed = np.sqrt(dot(r, r)), np.sqrt(dot(v, v))
        step = np.maximum(
            _safe_step(distance - radius_m, distance, speed, pair[0].mu / radius**3),
            _SHORTEST_STEP_S,
        )
        step = np.minimum(step, end - times)
        ahead = np.clip(-dot(r, v) / np.maximum(speed**2, 1e-300), 0.0, step)
        hit = np.sqrt(dot(r + v * ahead, r + v * ahead)) < radius_m
        found.append(times[hit] + ahead[hit])
        times = times + step
        go_on = np.flatnonzero(~hit & (times < end))
        times = times[go_on]
        pair = (pair[0].chosen(go_on), pair[1].chosen(go_on))
    return np.concatenate(found)


def _safe_step(
    gap_m: FloatArray, distance_m: FloatArray, speed_m_s: FloatArray, gradient: FloatArray
) -> FloatArray:
    """A time in which the distance cannot shrink by the gap.

    The relative acceleration is at most twice the gravity gradient times the distance, which
    itself may double on the way.
    """
    acceleration = 4 * gradient * distance_m
    gap = np.maximum(gap_m, 0.0)
    return np.asarray(
        2 * gap / (speed_m_s + np.sqrt(speed_m_s**2 + 2 * acceleration * gap) + 1e-12)
    )

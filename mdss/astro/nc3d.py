"""3D-Nc: the expected number of collisions over a span of time, passage by passage or blended.

At each time the two error clouds are linearised where they overlap most; the flux of probability
through the collision sphere there is the collision rate, and its integral the expected number of
collisions. Over several passages that number may exceed the probability.

References
----------
.. [1] D. T. Hall, Journal of Spacecraft and Rockets 58(3), 2021.
.. [2] V. T. Coppola, AAS 12-247 and AAS 12-248, 2012.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from mdss.astro.peak_overlap import PeakOverlap, clipped_eigh, eigenvalue_floor_m2
from mdss.astro.twobody import orbital_period_s, propagate
from mdss.astro.unit_sphere import inward_flux, lebedev_directions, lebedev_squares
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]
Overlap = Callable[[float], PeakOverlap]
Segment = tuple[float, float]

_SIGNIFICANT = 1e-3  # of the largest integrand on the sphere
_NOTHING = 1491.0  # squared sigmas, from which exp underflows
_EDGE_SHARE = 2.5e-6  # of the peak rate: where the passage ends
_FIRST_POINTS = 101
_SEGMENT_POINTS = 51
_MOST_ROUNDS = 250
_MOST_PEAKS = 4
_STEEPEST_DROP = 0.2  # of a peak, between neighbours
_LARGEST_SHARE = 0.02  # of the count, in one interval
_FINEST_SPAN_SHARE = 51
_ERFCINV_1E_16 = 5.872370092


@dataclass(frozen=True, kw_only=True)
class Count3D:
    """Expected number of collisions over a segment of time.

    Attributes
    ----------
    nc : float
        The count; above 1 where several passages add up.
    nc_trapezoid : float
        The same by the trapezoidal rule on the refined grid, which is 7e-4 to 9e-4 higher: it
        equals published values.
    segment_s : (float, float)
        Where it was sought, seconds from the epoch.
    duration_s : (float, float)
        Where the rate matters.
    converged : bool
        No time that matters failed.
    active_directions : float
        Rate-weighted number of sphere directions that carry the flux.
    t_s, rate_hz : array
        Times and collision rate [1/s].
    """

    nc: float
    nc_trapezoid: float
    segment_s: Segment
    duration_s: Segment
    converged: bool
    active_directions: float
    t_s: FloatArray
    rate_hz: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Part of the count that each time stands for."""
        return self.rate_hz * _widths(self.t_s)


def time_bounds(
    relative_state: FloatArray, position_cov_m2: FloatArray, hard_body_radius_m: float
) -> Segment:
    """Coppola's bounds of a short encounter: outside, nothing is left in double precision.

    Parameters
    ----------
    relative_state : array, shape (6,)
        [m], [m/s].
    position_cov_m2 : array, shape (3, 3)
        Combined, same axes.
    hard_body_radius_m : float
        [m].

    References
    ----------
    .. [1] V. T. Coppola, AAS 12-248, 2012, equations 4 to 16.
    """
    position, velocity = relative_state[:3], relative_state[3:]
    speed = float(np.linalg.norm(velocity))
    if speed < 2e-14:
        return -inf, inf
    axes = _encounter_axes(position, velocity)
    r, cov = axes @ position, axes @ position_cov_m2 @ axes.T
    b = np.linalg.solve(cov[1:, 1:], cov[1:, 0])
    sigma = sqrt(max(0.0, 2 * (cov[0, 0] - float(b @ cov[1:, 0]))))
    q0, slope = float(b @ r[1:]), float(np.linalg.norm(b))
    reach = _ERFCINV_1E_16 * sigma
    high = hard_body_radius_m * sqrt(1 + slope**2)
    return (-reach + q0 - high) / speed, (reach + q0 + hard_body_radius_m * slope) / speed


def encounter_segment(
    states: tuple[FloatArray, FloatArray],
    mu_m3_s2: float,
    bounds_s: Segment,
) -> Segment:
    """From the farthest separation before to the one after an encounter.

    Parameters
    ----------
    states : two arrays, shape (6,)
        [m], [m/s].
    mu_m3_s2 : float
        [m³/s²].
    bounds_s : (float, float)
        Bounds of the encounter, as `time_bounds` gives them.

    Returns
    -------
    (float, float)
        Seconds from the epoch; half the shorter period each way where the separation has no such
        maxima.

    Raises
    ------
    PropagationError
        If an orbit is not bound.
    """
    periods = [orbital_period_s(state[:3], state[3:], mu_m3_s2) for state in states]
    reach = min(1.1 * max(periods), 2.2 * min(periods))
    middle = 0.5 * (bounds_s[0] + bounds_s[1])
    around = (min(0.0, middle), max(0.0, middle)) if np.isfinite(middle) else (0.0, 0.0)
    t = np.linspace(-reach, reach, _SEGMENT_POINTS)
    separation2 = _separation2(states, t, mu_m3_s2)
    maxima = _local_maxima(separation2)
    inner = maxima[(maxima > 0) & (maxima < t.size - 1)]
    before, after = inner[t[inner] < around[0]], inner[t[inner] > around[1]]
    if not (before.size and after.size):
        return -0.5 * min(periods), 0.5 * min(periods)
    low, high = (
        _maximum(states, t[i - 1], t[i + 1], mu_m3_s2) for i in (int(before[-1]), int(after[0]))
    )
    return low, high


def _separation2(
    states: tuple[FloatArray, FloatArray], t_s: FloatArray, mu_m3_s2: float
) -> FloatArray:
    one, two = (propagate(state[:3], state[3:], t_s, mu_m3_s2)[:, :3] for state in states)
    return np.asarray(np.sum((one - two) ** 2, axis=1))


def _maximum(
    states: tuple[FloatArray, FloatArray], low: float, high: float, mu_m3_s2: float
) -> float:
    """Time of the largest separation between two times: finer grids, then a parabola's top."""
    for _ in range(2):
        t = np.linspace(low, high, 41)
        i = int(np.clip(np.argmax(_separation2(states, t, mu_m3_s2)), 1, t.size - 2))
        low, high = t[i - 1], t[i + 1]
    return float(0.5 * (low + high))


def _local_maxima(height: FloatArray) -> NDArray[np.intp]:
    padded = np.concatenate([[-inf], height, [-inf]])
    return np.flatnonzero((padded[1:-1] >= padded[:-2]) & (padded[1:-1] > padded[2:]))


def _encounter_axes(position: FloatArray, velocity: FloatArray) -> FloatArray:
    """Rows: along the velocity, along the miss, and normal to both."""
    x = velocity / np.linalg.norm(velocity)
    across = position - x * float(x @ position)
    if not np.linalg.norm(across) > 0:
        across = np.cross(x, np.eye(3)[int(np.argmin(np.abs(x)))])
    y = across / np.linalg.norm(across)
    return np.stack([x, y, np.cross(x, y)])


def count_3d(
    overlap: Overlap,
    segment_s: Segment,
    start_s: Segment,
    hard_body_radius_m: float,
) -> Count3D:
    """3D-Nc over a segment.

    Parameters
    ----------
    overlap : callable
        Peak overlap of the two error clouds at a time, seconds from the epoch.
    segment_s : (float, float)
        Limits of time.
    start_s : (float, float)
        Where the first points go; clipped to the segment, grown as needed.
    hard_body_radius_m : float
        Combined radius [m].

    Raises
    ------
    PropagationError
        If no time of the segment can be evaluated.
    """
    profile = _Profile(overlap, hard_body_radius_m, segment_s)
    profile.add(np.linspace(*_clipped(start_s, segment_s), _FIRST_POINTS))
    for _ in range(_MOST_ROUNDS):
        new = profile.wanted()
        if not new:
            break
        profile.add(new)
    return profile.count()


def _clipped(inner: Segment, outer: Segment) -> Segment:
    low, high = max(inner[0], outer[0]), min(inner[1], outer[1])
    return (low, high) if low < high else outer


class _Profile:
    """The collision rate at times that are added where they are wanted."""

    def __init__(self, overlap: Overlap, radius_m: float, segment_s: Segment) -> None:
        self._overlap, self._radius_m, self.segment_s = overlap, radius_m, segment_s
        self.t = np.zeros(0)
        self.rate = np.zeros(0)
        self.distance2 = np.zeros(0)  # squared sigmas; NaN where the overlap failed
        self.active = np.zeros(0)
        self._first_span = 0.0

    def add(self, times: FloatArray | list[float]) -> None:
        rows = np.array([self._evaluated(float(t)) for t in times])
        if not self.t.size:
            self._first_span = float(times[-1] - times[0])
        t = np.concatenate([self.t, np.asarray(times, dtype=float)])
        order = np.argsort(t)
        self.t = t[order]
        for name, column in zip(("rate", "distance2", "active"), rows.T, strict=True):
            setattr(self, name, np.concatenate([getattr(self, name), column])[order])

    def _evaluated(self, t_s: float) -> tuple[float, float, float]:
        try:
            return _rate(self._overlap(t_s), self._radius_m)
        except PropagationError:
            return 0.0, np.nan, 0.0

    # --- where more points are needed, first rule that applies --------------------------------

    def wanted(self) -> list[float]:
        """New times; empty when the grid is fine enough."""
        if not np.any(np.isfinite(self.distance2)):
            raise PropagationError("no time of the segment has an overlap of the two error clouds")
        height = self.rate if np.any(self.rate > 0) else -np.nan_to_num(self.distance2, nan=inf)
        for rule in (self._beyond_ends, self._beside_peaks, self._large_shares, self._coarse):
            if new := self._between_known(rule(height)):
                return new
        return []

    def _between_known(self, times: list[float]) -> list[float]:
        """Without those that doubles cannot tell from existing ones."""
        gap = 1e-12 * max(abs(self.segment_s[0]), abs(self.segment_s[1]))
        return [t for t in sorted(set(times)) if np.min(np.abs(self.t - t)) > gap]

    def _beyond_ends(self, height: FloatArray) -> list[float]:
        low, high = self.segment_s
        t, peak = self.t, int(np.argmax(height))
        step = max(0.5 * (t[-1] - t[0]), abs(low) / 83.3, abs(high) / 83.3)
        level = _EDGE_SHARE * height[peak] if height[peak] > 0 else inf
        new = []
        if t[0] > low and (peak == 0 or height[0] > level):
            new.append(max(low, float(t[0] - step)))
        if t[-1] < high and (peak == t.size - 1 or height[-1] > level):
            new.append(min(high, float(t[-1] + step)))
        return new

    def _beside_peaks(self, height: FloatArray) -> list[float]:
        new: list[float] = []
        for i in _peaks(height):
            new += self._uneven(height, i)
        return new

    def _uneven(self, height: FloatArray, i: int) -> list[float]:
        gaps = {
            side: abs(self.t[i + side] - self.t[i])
            for side in (-1, 1)
            if 0 <= i + side < self.t.size
        }
        new = []
        for side, gap in gaps.items():
            drop = height[i] - height[i + side]
            steep = height[i] > 0 and drop > _STEEPEST_DROP * height[i]
            if steep or gap >= 2 * gaps.get(-side, inf) * (1 - 1e-9):
                new.append(float(self.t[i] + 0.5 * side * gap))
        return new

    def _large_shares(self, height: FloatArray) -> list[float]:
        shares = self.rate * _widths(self.t)
        nodes = np.flatnonzero(shares > _LARGEST_SHARE * np.sum(shares)).tolist()
        return self._halves({*nodes, *(i - 1 for i in nodes)})

    def _coarse(self, height: FloatArray) -> list[float]:
        first, last = self._significant()
        longest = (self.t[last] - self.t[first]) / _FINEST_SPAN_SHARE
        return self._halves({i for i in range(first, last) if self.t[i + 1] - self.t[i] > longest})

    def _significant(self) -> tuple[int, int]:
        """First and last node that matters, with a neighbour on each side."""
        if not np.any(self.rate > 0):
            return 0, 0
        inside = np.flatnonzero(self.rate >= _EDGE_SHARE * np.max(self.rate))
        return max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 1, self.t.size - 1)

    def _halves(self, intervals: set[int]) -> list[float]:
        return [
            float(0.5 * (self.t[i] + self.t[i + 1])) for i in intervals if 0 <= i < self.t.size - 1
        ]

    # --- the answer -----------------------------------------------------------------------------

    def count(self) -> Count3D:
        """What the profile adds up to."""
        total = float(np.sum(self.rate))
        return Count3D(
            nc=_smooth_integral(self.t, self.rate),
            nc_trapezoid=float(np.sum(self.rate * _widths(self.t))),
            segment_s=self.segment_s,
            duration_s=self._duration(),
            converged=self._converged(),
            active_directions=float(np.sum(self.rate * self.active)) / total if total > 0 else 0.0,
            t_s=self.t,
            rate_hz=self.rate,
        )

    def _duration(self) -> Segment:
        """Nodes that matter by their rate, joined with those between the tails of the sum."""
        if not np.any(self.rate > 0):
            return 0.0, 0.0
        inside = np.flatnonzero(self.rate >= _EDGE_SHARE * np.max(self.rate))
        share = np.cumsum(self.rate * _widths(self.t))
        share /= share[-1]
        body = np.flatnonzero((share >= 1e-6) & (share <= 1 - 1e-6))
        ends = [inside[0], inside[-1]]
        if body.size:
            ends += [max(body[0] - 1, 0), min(body[-1] + 1, self.t.size - 1)]
        return float(self.t[min(ends)]), float(self.t[max(ends)])

    def _converged(self) -> bool:
        """No time beside one that matters failed, and something was found or nothing is there."""
        matters = self.rate >= _EDGE_SHARE * np.max(self.rate)
        if not np.any(self.rate > 0):
            return bool(np.all(np.isfinite(self.distance2)))
        near = matters | np.roll(matters, 1) | np.roll(matters, -1)
        return not bool(np.any(near & np.isnan(self.distance2)))


def _widths(t_s: FloatArray) -> FloatArray:
    """Trapezoidal weights of the nodes."""
    gaps = np.concatenate([[0.0], np.diff(t_s), [0.0]])
    widths: FloatArray = 0.5 * (gaps[:-1] + gaps[1:])
    return widths


def _smooth_integral(t_s: FloatArray, rate_hz: FloatArray) -> float:
    """Integral of the exponential of a spline through ln(rate).

    A passage is nearly a Gaussian in time, so that ln(rate) is nearly a parabola, which the spline
    follows exactly; the trapezoidal rule on an uneven grid does not.
    """
    from scipy.interpolate import CubicSpline

    total = 0.0
    positive = np.flatnonzero(rate_hz > 0)
    for run in np.split(positive, np.flatnonzero(np.diff(positive) > 1) + 1):
        t, rate = t_s[run], rate_hz[run]
        if run.size < 4:
            total += float(np.sum(rate * _widths(t)))
            continue
        spline = CubicSpline(t, np.log(rate))
        nodes, weights = np.polynomial.legendre.leggauss(4)
        half, middle = 0.5 * np.diff(t), 0.5 * (t[1:] + t[:-1])
        values = np.exp(spline(middle[:, None] + half[:, None] * nodes))
        total += float(np.sum(half[:, None] * weights * values))
    return total


def _peaks(height: FloatArray) -> list[int]:
    """The highest local maxima."""
    return sorted(_local_maxima(height).tolist(), key=lambda i: -height[i])[:_MOST_PEAKS]


def _rate(one: PeakOverlap, radius_m: float) -> tuple[float, float, float]:
    """Collision rate [1/s], squared sigmas, and number of directions that carry the flux."""
    values, vectors = clipped_eigh(one.cov_eci[:3, :3], eigenvalue_floor_m2(radius_m))
    inverse = (vectors / values) @ vectors.T
    r, v = one.relative_state[:3], one.relative_state[3:]
    line = inverse @ r
    if one.mahalanobis2 - 2 * radius_m * float(np.linalg.norm(line)) > _NOTHING:
        return 0.0, one.mahalanobis2, 0.0
    gain = one.cov_eci[3:, :3] @ inverse
    velocity_cov = one.cov_eci[3:, 3:] - gain @ one.cov_eci[3:, :3].T
    units, solid_angles = lebedev_directions()
    forms = lebedev_squares() @ np.stack([inverse, gain, velocity_cov]).reshape(3, 9).T
    lines = units @ np.stack([line, v - gain @ r], axis=1)
    q = one.mahalanobis2 - 2 * radius_m * lines[:, 0] + radius_m**2 * forms[:, 0]
    along, variance = lines[:, 1] + radius_m * forms[:, 1], forms[:, 2]
    flux = np.exp(-q / 2) * inward_flux(along, variance)
    density = (2 * pi) ** -1.5 / sqrt(float(np.prod(values)))
    active = float(np.count_nonzero(flux > _SIGNIFICANT * np.max(flux)))
    rate = radius_m**2 * density * float(np.sum(flux * solid_angles))
    return (rate if rate > 1e-300 else 0.0), one.mahalanobis2, active

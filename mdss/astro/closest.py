"""All closest approaches of two curves over a span of time.

The distance is least where g = Δr·Δv, half the rate of its square, rises through zero. Unlike
the distance itself, g is smooth at the fastest encounter: it varies with the orbits, so that a
grid of a hundred points a revolution follows it. On each interval the cubic that meets g and
its derivative at both ends says where g turns; with these points added, g runs one way between
neighbours, and two minima close together or a grazing one are not stepped over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]
Curve = Callable[[FloatArray], FloatArray]

_STEP_RAD = 0.06  # at the perigee's angular rate: 105 points a revolution of a circle
_RATE_SAMPLES = 64
_TOLERANCE_S = 1e-7  # 1.5 mm at 15 km/s
_MOST_POINTS = 4_000_000
_REFINEMENTS = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class Minima:
    """Where the distance of two curves is least.

    Parameters
    ----------
    t_s : array, shape (n,)
        Rising [s].
    distance_m : array, shape (n,)
        [m].
    at_start, at_end : array of bool, shape (n,)
        The least distance is at an end of the span: there is a smaller one outside it.
    """

    t_s: FloatArray
    distance_m: FloatArray
    at_start: NDArray[np.bool_]
    at_end: NDArray[np.bool_]


def closest_approaches(
    first: Curve,
    second: Curve,
    start_s: float,
    end_s: float,
    mu_m3_s2: float,
    *,
    farthest_m: float | None = None,
) -> Minima:
    """Every local minimum of the distance between two orbits.

    Parameters
    ----------
    first, second : callable
        From times, shape (n,) [s], to inertial states, shape (n, 6) [m], [m/s].
    start_s, end_s : float
        The span that is searched, its ends included.
    mu_m3_s2 : float
        Gravitational parameter of the body in the middle [m³/s²].
    farthest_m : float, optional
        Minima beyond it are left out [m].

    Returns
    -------
    Minima
        Times good to 0.1 µs on smooth curves.

    Raises
    ------
    PropagationError
        If the span is empty, not finite, or needs more than four million points.
    """
    if not (np.isfinite(start_s) and np.isfinite(end_s) and end_s > start_s):
        raise PropagationError(f"an approach is searched in a span, not {start_s} s to {end_s} s")
    pair = _Pair(first=first, second=second, mu_m3_s2=mu_m3_s2)
    grid = pair.grid(start_s, end_s)
    g, slope, _ = pair.rate(grid)
    times, rates = _with_turns(pair, grid, g, slope)
    low, high = _brackets(times, rates)
    found = _refined(pair, low, high)
    return _minima(pair, found, times, rates, farthest_m)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pair:
    first: Curve
    second: Curve
    mu_m3_s2: float

    def rate(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """g, its derivative (two-body accelerations), and the distance."""
        one, other = self.first(t_s), self.second(t_s)
        apart = one - other
        position, velocity = apart[:, :3], apart[:, 3:]
        pull = _gravity(one[:, :3], self.mu_m3_s2) - _gravity(other[:, :3], self.mu_m3_s2)
        g = np.sum(position * velocity, axis=1)
        slope = np.sum(velocity**2 + position * pull, axis=1)
        return g, slope, np.linalg.norm(position, axis=1)

    def grid(self, start_s: float, end_s: float) -> FloatArray:
        """Times so dense that g is nearly a cubic between neighbours."""
        some = np.linspace(start_s, end_s, _RATE_SAMPLES)
        fastest = max(
            float(np.max(perigee_rate_rad_s(curve(some), self.mu_m3_s2)))
            for curve in (self.first, self.second)
        )
        size = (end_s - start_s) * fastest / _STEP_RAD
        if not size < _MOST_POINTS:
            raise PropagationError(
                f"a search over {(end_s - start_s) / 86_400:.0f} days needs {size:.0f} points; "
                "shorten the window"
            )
        return np.linspace(start_s, end_s, 3 + int(size))


def _gravity(position_m: FloatArray, mu: float) -> FloatArray:
    return np.asarray(-mu * position_m / np.linalg.norm(position_m, axis=1, keepdims=True) ** 3)


def perigee_rate_rad_s(states: FloatArray, mu: float) -> FloatArray:
    """The largest angular rate on each state's osculating conic, shape (n,) [rad/s].

    Parameters
    ----------
    states : array, shape (n, 6)
        Inertial [m], [m/s].
    mu : float
        Gravitational parameter [m³/s²].
    """
    position, velocity = states[:, :3], states[:, 3:]
    momentum = np.cross(position, velocity)
    radius = np.linalg.norm(position, axis=1, keepdims=True)
    eccentricity = np.linalg.norm(np.cross(velocity, momentum) / mu - position / radius, axis=1)
    size = np.linalg.norm(momentum, axis=1)
    return np.asarray((mu * (1.0 + eccentricity)) ** 2 / size**3)


def _with_turns(
    pair: _Pair, t_s: FloatArray, g: FloatArray, slope: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The grid with the points where g turns, and g at all of them."""
    for _ in range(2):  # the second pass stands on the first one's points
        turns = _turning_points(t_s, g, slope)
        more_g, more_slope, _ = pair.rate(turns)
        order = np.argsort(np.concatenate([t_s, turns]), kind="stable")
        t_s = np.concatenate([t_s, turns])[order]
        g = np.concatenate([g, more_g])[order]
        slope = np.concatenate([slope, more_slope])[order]
    return t_s, g


def _turning_points(t_s: FloatArray, g: FloatArray, slope: FloatArray) -> FloatArray:
    """Inside the intervals, where the cubic that meets g and its derivative is level."""
    h = np.diff(t_s)
    rise, early, late = np.diff(g), h * slope[:-1], h * slope[1:]
    a, b = 3.0 * (early + late - 2.0 * rise), 2.0 * (3.0 * rise - 2.0 * early - late)
    root = np.sqrt(np.maximum(b**2 - 4.0 * a * early, 0.0))
    q = -0.5 * (b + np.where(b < 0, -root, root))
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.stack([q / a, early / q])
    real = b**2 >= 4.0 * a * early
    inside = real & (shares > 1e-3) & (shares < 1.0 - 1e-3)
    return np.asarray((t_s[:-1] + np.where(inside, shares, 0.0) * h)[inside])


def _brackets(t_s: FloatArray, g: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Neighbours between which g rises through zero."""
    rises = np.flatnonzero((g[:-1] < 0) & (g[1:] >= 0))
    return t_s[rises], t_s[rises + 1]


def _refined(pair: _Pair, low: FloatArray, high: FloatArray) -> FloatArray:
    """The zeros of g inside brackets: Newton, and halving where that leaves the bracket."""
    t_s = 0.5 * (low + high)
    for _ in range(_REFINEMENTS):
        if not t_s.size:
            break
        g, slope, _ = pair.rate(t_s)
        low, high = np.where(g < 0, t_s, low), np.where(g < 0, high, t_s)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = t_s - g / slope
        inside = (newton >= low) & (newton <= high)
        moved = np.where(inside, newton, 0.5 * (low + high))
        step, t_s = np.abs(moved - t_s), moved
        if np.all(step < _TOLERANCE_S):
            break
    return t_s


def _minima(
    pair: _Pair,
    found: FloatArray,
    t_s: FloatArray,
    g: FloatArray,
    farthest_m: float | None,
) -> Minima:
    """The minima with those at the ends of the span, where the distance is still less outside."""
    before = t_s[:1] if g[0] > 0 else t_s[:0]
    after = t_s[-1:] if g[-1] < 0 else t_s[:0]
    times = np.concatenate([before, found, after])
    distance_m = pair.rate(times)[2] if times.size else times
    place = np.arange(times.size)
    at_start, at_end = place < before.size, place >= times.size - after.size
    kept = distance_m <= (np.inf if farthest_m is None else farthest_m)
    return Minima(
        t_s=times[kept],
        distance_m=distance_m[kept],
        at_start=at_start[kept],
        at_end=at_end[kept],
    )

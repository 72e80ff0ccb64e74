"""States and covariances between the sampled ones of an orbit, with an estimate of the error.

What is interpolated is the deviation from two-body motion, which takes away most of what a
polynomial cannot follow: four samples do what eight do without it, and do it also near the
ends, where the window of samples cannot be centred on the instant. Hermite's polynomial meets
positions and velocities of k samples (degree 2k − 1); Lagrange's meets each of the six numbers
by itself (degree k − 1).

References
----------
.. [1] CCSDS 502.0-B-3, Orbit Data Messages, 2023: INTERPOLATION and INTERPOLATION_DEGREE.
.. [2] J. Stoer and R. Bulirsch, Introduction to Numerical Analysis, 3rd edition, 2002,
   section 2.1.5, Hermite's interpolation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mdss.astro.transition import are_bound, carried_cov_rtn, two_body
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HERMITE_SAMPLES = 4
"""Degree 7. At 100 samples a revolution of a low orbit it is off by 0.6 mm; more samples gain
inside, but lose where the window is shifted, and follow the rounding of the samples."""
_MOST_SAMPLES = 16  # beyond it, evenly spaced samples make a polynomial swing at the ends
_AT_ONCE = 20_000  # instants, to bound the memory


@dataclass(frozen=True, kw_only=True, eq=False)
class Interpolant:
    """A curve through sampled states.

    Parameters
    ----------
    t_s : array, shape (n,)
        Times of the samples, rising, at least two [s].
    states : array, shape (n, 6)
        Position [m] and velocity [m/s], inertial axes.
    mu_m3_s2 : float
        Gravitational parameter of the body in the middle [m³/s²].
    samples : int
        How many samples a polynomial meets, 2 to 16; as many as there are at most.
    hermite : bool
        True: position and velocity together. False: Lagrange, each number by itself.
    bound : bool
        Whether every state is on an ellipse; if not, the states themselves are interpolated.

    Raises
    ------
    PropagationError
        If there are fewer than two samples, their times do not rise, or a number is not finite.
    """

    t_s: FloatArray
    states: FloatArray
    mu_m3_s2: float
    samples: int = HERMITE_SAMPLES
    hermite: bool = True
    bound: bool = field(init=False)

    def __post_init__(self) -> None:
        t_s, states = np.asarray(self.t_s, dtype=float), np.asarray(self.states, dtype=float)
        if t_s.ndim != 1 or states.shape != (t_s.size, 6):
            raise PropagationError(f"{t_s.shape} times need as many states, got {states.shape}")
        if t_s.size < 2:
            raise PropagationError("an orbit cannot be interpolated from one state; give two")
        if not (np.all(np.isfinite(t_s)) and np.all(np.isfinite(states))):
            raise PropagationError("an ephemeris holds a number that is not finite")
        if not np.all(np.diff(t_s) > 0):
            raise PropagationError("the epochs of an ephemeris must rise, each once")
        object.__setattr__(self, "t_s", t_s)
        object.__setattr__(self, "states", states)
        object.__setattr__(self, "samples", min(max(self.samples, 2), _MOST_SAMPLES, t_s.size))
        object.__setattr__(self, "bound", are_bound(states, self.mu_m3_s2))

    def __call__(self, t_s: FloatArray) -> FloatArray:
        """States at instants between the first and the last sample, shape (n, 6)."""
        return self._with(self.samples, t_s)

    def error_m(self, t_s: FloatArray) -> FloatArray:
        """Estimate of the position's error, shape (n,) [m].

        The distance to the curve through fewer samples (two fewer; one fewer of two or three)
        in the middle of the interval. It is about the error of that lower curve, and so on the
        safe side where more samples help; where they do not (a burn between samples, noise,
        too few of them) it has the size of what is wrong.
        """
        fewer = self.samples - 2 if self.samples > 3 else self.samples - 1
        intervals, place = np.unique(_before(self.t_s, t_s), return_inverse=True)
        middle = 0.5 * (self.t_s[intervals] + self.t_s[intervals + 1])
        apart = self._with(self.samples, middle) - self._with(fewer, middle)
        return np.asarray(np.linalg.norm(apart[:, :3], axis=1)[place])

    def misfit_m(self, t_s: FloatArray) -> FloatArray:
        """Distance to the curve through the positions alone, shape (n,) [m].

        Large where velocities are not those of the positions: in another frame than stated, or
        on both sides of a burn, where every curve that meets both is wrong in the same way.
        """
        positions_only = replace(self, hermite=False)
        return np.asarray(np.linalg.norm((self(t_s) - positions_only(t_s))[:, :3], axis=1))

    def _with(self, samples: int, t_s: FloatArray) -> FloatArray:
        found = np.empty((t_s.size, 6))
        for some in _pieces(t_s.size):
            found[some] = self._curve(samples, t_s[some])
        return found

    def _curve(self, samples: int, t_s: FloatArray) -> FloatArray:
        before = _before(self.t_s, t_s)
        needed, place = np.unique(before, return_inverse=True)
        first = np.clip(needed - samples // 2 + 1, 0, self.t_s.size - samples)
        window = first[:, None] + np.arange(samples)
        deviations = self.states[window] - self._kepler(needed[:, None], self.t_s[window])
        met = _hermite if self.hermite else _lagrange
        found = met(self.t_s[window][place], deviations[place], t_s)
        return found + self._kepler(before, t_s)

    def _kepler(self, which: IntArray, t_s: FloatArray) -> FloatArray:
        """Two-body motion of the samples `which` at other times; zeros unless all are bound."""
        which = np.broadcast_to(which, t_s.shape)
        if not self.bound:
            return np.zeros((*t_s.shape, 6))
        away_s = t_s - self.t_s[which]
        moved = two_body(self.states[which].reshape(-1, 6), away_s.ravel(), self.mu_m3_s2)
        return moved.reshape(*t_s.shape, 6)


def _before(samples_s: FloatArray, t_s: FloatArray) -> IntArray:
    """The sample at which the interval of each instant begins."""
    found = np.searchsorted(samples_s, t_s, side="right") - 1
    return np.clip(found, 0, samples_s.size - 2).astype(np.int64)


def _pieces(size: int) -> Iterator[slice]:
    for start in range(0, size, _AT_ONCE):
        yield slice(start, start + _AT_ONCE)


def _hermite(nodes_s: FloatArray, states: FloatArray, t_s: FloatArray) -> FloatArray:
    """The polynomial that meets position and velocity at the nodes, and its derivative."""
    away, basis, slope, own_slope, unit_s = _basis(nodes_s, t_s)
    tilt = 1.0 - 2.0 * away * own_slope
    square, square_slope = basis**2, 2.0 * basis * slope
    for_position = tilt * square
    for_velocity = away * square * unit_s
    position_rate = (tilt * square_slope - 2.0 * own_slope * square) / unit_s
    velocity_rate = square + away * square_slope
    position, velocity = states[:, :, :3], states[:, :, 3:]
    return np.hstack(
        [
            _sum(for_position, position) + _sum(for_velocity, velocity),
            _sum(position_rate, position) + _sum(velocity_rate, velocity),
        ]
    )


def _lagrange(nodes_s: FloatArray, states: FloatArray, t_s: FloatArray) -> FloatArray:
    return _sum(_basis(nodes_s, t_s)[1], states)


_Basis = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


def _basis(nodes_s: FloatArray, t_s: FloatArray) -> _Basis:
    """Lagrange's basis at each instant, its slope there, and each one's slope at its own node.

    In units of the window's length; the first and the last answer are the instants' distances
    from the nodes and that unit. Products of what stands left and right of a node need no
    division, so that an instant may fall on one.
    """
    unit_s = nodes_s[:, -1:] - nodes_s[:, :1]
    if nodes_s.shape[1] == 1:
        unit_s = np.ones_like(unit_s)
    away = (t_s[:, None] - nodes_s) / unit_s
    gaps = (nodes_s[:, :, None] - nodes_s[:, None, :]) / unit_s[:, :, None]
    each = np.arange(nodes_s.shape[1])
    gaps[:, each, each] = 1.0
    left, left_slope = _running_product(away)
    right, right_slope = (one[:, ::-1] for one in _running_product(away[:, ::-1]))
    scale = 1.0 / np.prod(gaps, axis=2)
    basis = scale * left * right
    slope = scale * (left_slope * right + left * right_slope)
    own_slope = np.sum(1.0 / gaps, axis=2) - 1.0
    return away, basis, slope, own_slope, unit_s


def _running_product(factors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Product of the factors before each one, and its derivative when every factor's is one."""
    product, slope = np.ones_like(factors), np.zeros_like(factors)
    for j in range(1, factors.shape[1]):
        product[:, j] = product[:, j - 1] * factors[:, j - 1]
        slope[:, j] = slope[:, j - 1] * factors[:, j - 1] + product[:, j - 1]
    return product, slope


def _sum(weights: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("nk,nkc->nc", weights, values))


@dataclass(frozen=True, kw_only=True, eq=False)
class CovarianceInterpolant:
    """Covariances between given ones, which stay positive definite.

    Both neighbours are carried to the instant by the state transition of two-body motion and
    blended in RTN axes with weights that fall linearly to zero at the other one. A sum of
    positive definite matrices with positive weights is one, at a neighbour only that one counts,
    and the growth along the orbit, which makes element by element interpolation fail, is in the
    transition. Before the first and after the last one, that one alone is carried.

    Parameters
    ----------
    t_s : array, shape (m,)
        Epochs, rising, at least one [s].
    covariances_rtn : array, shape (m, 6, 6)
        In the object's own RTN axes, velocities relative to inertial axes [m², m²/s, m²/s²].
    states : array, shape (m, 6)
        The object's inertial states at those epochs [m], [m/s].
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    References
    ----------
    .. [1] S. Alfano, Orbital Covariance Interpolation, AAS 04-223, 2004: propagating both
       neighbours and blending them keeps the matrix positive definite.
    """

    t_s: FloatArray
    covariances_rtn: FloatArray
    states: FloatArray
    mu_m3_s2: float

    def __call__(self, t_s: FloatArray) -> FloatArray:
        """Covariances in RTN axes at the instants, shape (n, 6, 6)."""
        blended = np.empty((t_s.size, 6, 6))
        for some in _pieces(t_s.size):
            blended[some] = self._blended(t_s[some])
        return blended

    def _blended(self, t_s: FloatArray) -> FloatArray:
        last = self.t_s.size - 1
        before = np.clip(np.searchsorted(self.t_s, t_s, side="right") - 1, 0, last)
        after = np.minimum(before + 1, last)
        gap_s = np.where(after > before, self.t_s[after] - self.t_s[before], 1.0)
        late = np.clip((t_s - self.t_s[before]) / gap_s, 0.0, 1.0) * (after > before)
        found = (1.0 - late)[:, None, None] * self._carried(before, t_s)
        needed = late > 0.0
        found[needed] += late[needed, None, None] * self._carried(after[needed], t_s[needed])
        return np.asarray(0.5 * (found + np.swapaxes(found, 1, 2)))

    def _carried(self, which: IntArray, t_s: FloatArray) -> FloatArray:
        """The covariances of the samples `which`, carried to the instants."""
        dt_s = t_s - self.t_s[which]
        return carried_cov_rtn(self.covariances_rtn[which], self.states[which], dt_s, self.mu_m3_s2)

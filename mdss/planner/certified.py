"""Global minima over directions of the encounter plane, each with its proof.

Two questions of planning come down to one angle. What is least that has to be paid to leave
the convex unsafe set? Leaving it means to cross one of its supporting lines. And how far down
can Pc be brought where means do not suffice? The farthest points that can be reached lie on
supporting lines of what is reachable. An angle is searched by branch and bound: values at
angles are upper bounds, what no angle between two neighbours can beat is a lower bound, and
arcs that leave a gap are halved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mdss.astro.levelset import UnsafeSet, facet_lines
from mdss.planner.certificate import ABSOLUTE_GAP_M_S, RELATIVE_GAP

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
CostOfLines = Callable[[FloatArray, FloatArray], FloatArray]

FIRST_ANGLES = 16
_PROMISE_KEPT = 0.5  # of the promised gap, so that rounding cannot break it
_SHARP_RELATIVE, _SHARP_ABSOLUTE = 1e-9, 1e-13
_SHARPENED_ARCS = 256  # more than these open at once: the minimum is flat, the promise will do
_NARROWEST_RAD = 1e-7  # below, facets are made of rounding
_PIECES = 4  # of each arc that is cut: calls cost more than points


class CircleProblem(Protocol):
    """A function of an angle whose infimum over any arc can be bounded."""

    def at(self, angle_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """State, shape (v, k), and value, shape (v,), at angles; states are what `below` sees."""

    def below(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """What no angle between neighbouring states, counterclockwise, can beat, shape (v,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CircleMinimum:
    """The least value over all angles.

    Parameters
    ----------
    value : float
        At the best angle that was looked at; inf where no angle has a finite value.
    lower_bound : float
        Nothing on the circle is below.
    state : array, shape (k,)
        The problem's state at that angle.
    """

    value: float
    lower_bound: float
    state: FloatArray


def least_on_circle(
    problem: CircleProblem,
    first_angles: int = FIRST_ANGLES,
    *,
    relative_gap: float = _SHARP_RELATIVE,
) -> CircleMinimum:
    """Global minimum by cutting up every arc whose bound is not yet close to the best value.

    The gap comes down to 1e-9 of the value where few arcs are in question, and keeps 1e-4 of
    it or 1e-9 in any case that rounding does not decide.

    Parameters
    ----------
    problem : CircleProblem
    first_angles : int
        Evenly spaced angles of the first look.
    relative_gap : float
        Where to stop; above 1e-9 for problems that are dear to evaluate.
    """
    angle = np.linspace(0, 2 * np.pi, first_angles, endpoint=False)
    width = 2 * np.pi / first_angles
    left, value = problem.at(angle)
    right = np.roll(left, -1, axis=0)
    best = int(np.argmin(value))
    upper, state = float(value[best]), left[best]
    lower, closed = problem.below(left, right), np.inf
    while True:  # arcs that are too narrow are not cut up any further
        open_ = _open(lower, upper, relative_gap) & (width > _NARROWEST_RAD)
        closed = float(np.min(lower[~open_], initial=closed))
        if not np.any(open_):
            break
        width /= _PIECES
        cuts = angle[open_, None] + width * np.arange(_PIECES)
        inner, value = problem.at(np.ravel(cuts[:, 1:]))
        best = int(np.argmin(value))
        if value[best] < upper:
            upper, state = float(value[best]), inner[best]
        ends = _with_ends(left[open_], inner, right[open_])
        angle, left, right = np.ravel(cuts), _rows(ends[:, :-1]), _rows(ends[:, 1:])
        lower = np.maximum(np.repeat(lower[open_], _PIECES), problem.below(left, right))
    return CircleMinimum(value=upper, lower_bound=min(closed, upper), state=state)


def _with_ends(left: FloatArray, inner: FloatArray, right: FloatArray) -> FloatArray:
    """States along each arc that is cut, its ends included, shape (arcs, pieces + 1, k)."""
    between = inner.reshape(len(left), _PIECES - 1, -1)
    return np.concatenate([left[:, None], between, right[:, None]], axis=1)


def _rows(states: FloatArray) -> FloatArray:
    return states.reshape(-1, states.shape[-1])


def _open(lower: FloatArray, upper: float, relative_gap: float) -> BoolArray:
    """Arcs to cut: to the last digits where these are few, else until the promise is kept."""
    if not np.isfinite(upper):
        return np.asarray(lower < upper)
    sharp = lower < upper - max(relative_gap * abs(upper), _SHARP_ABSOLUTE)
    if np.count_nonzero(sharp) <= _SHARPENED_ARCS:
        return np.asarray(sharp)
    return np.asarray(
        lower < upper - _PROMISE_KEPT * max(RELATIVE_GAP * abs(upper), ABSOLUTE_GAP_M_S)
    )


# --- leaving the unsafe set -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class BestLine:
    """The supporting line of the unsafe set that costs least to cross.

    Parameters
    ----------
    cost : float
        inf where no line can be crossed.
    lower_bound : float
        No way out of the unsafe set costs less; same unit.
    normal : array, shape (2,)
        Outward unit normal, coordinates scaled by the set's half-widths.
    room : float
        Distance of the line from the start along `normal`, same coordinates.
    """

    cost: float
    lower_bound: float
    normal: FloatArray
    room: float


def least_over_normals(
    unsafe: UnsafeSet,
    start: FloatArray,
    cost_of_lines: CostOfLines,
    first_angles: int = FIRST_ANGLES,
) -> BestLine:
    """The cheapest line to cross, over all supporting lines of the unsafe set K.

    Lines through neighbouring boundary points bound a polygon inside K, and who leaves K
    leaves that polygon: the cheapest of its sides is a lower bound.

    Parameters
    ----------
    unsafe : UnsafeSet
    start : array, shape (2,)
        Where b is without a burn, inside K, in its scaled coordinates.
    cost_of_lines : callable
        Least cost of moving b by `room` along `normal`, for unit normals (v, 2) and rooms
        (v,) ≥ 0 in scaled coordinates: shape (v,), inf where it cannot be done. Must not fall
        as room rises.
    first_angles : int
        Boundary points of the first look.
    """
    found = least_on_circle(_Crossing(unsafe, start, cost_of_lines), first_angles)
    normal, point = found.state[2:], found.state[:2]
    return BestLine(
        cost=found.value,
        lower_bound=found.lower_bound,
        normal=normal,
        room=max(float(normal @ (point - start)), 0.0),
    )


@dataclass(frozen=True, eq=False)
class _Crossing:
    """Cost of the line through a boundary point; a state is the point and its normal."""

    unsafe: UnsafeSet
    start: FloatArray
    cost_of_lines: CostOfLines

    def at(self, angle_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        here = self.unsafe.boundary(angle_rad % (2 * np.pi))
        return np.hstack([here.point, here.normal]), self._cost(here.normal, here.support)

    def below(self, left: FloatArray, right: FloatArray) -> FloatArray:
        return self._cost(*facet_lines(left[:, :2], right[:, :2]))

    def _cost(self, normal: FloatArray, support: FloatArray) -> FloatArray:
        return self.cost_of_lines(normal, np.maximum(support - normal @ self.start, 0.0))


# --- the farthest that can be reached -------------------------------------------------------


class LogPc(Protocol):
    """ln Pc at points of the plane, shape (v, 2) to (v,)."""

    def __call__(self, point: FloatArray, /) -> FloatArray: ...


class Farthest(Protocol):
    """The reachable point that lies farthest along each unit normal, shape (v, 2) to (v, 2)."""

    def __call__(self, normal: FloatArray, /) -> FloatArray: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class LeastPc:
    """The least Pc over all points that can be reached.

    Parameters
    ----------
    log_pc : float
        ln Pc at the best point.
    lower_bound : float
        No reachable point has a smaller ln Pc.
    normal : array, shape (2,)
        The point is the farthest along this normal.
    """

    log_pc: float
    lower_bound: float
    normal: FloatArray


def least_pc_reachable(
    log_pc: LogPc, farthest: Farthest, first_angles: int = FIRST_ANGLES
) -> LeastPc:
    """Least Pc over a bounded set of points that is known by how far it extends.

    Where Pc is high is convex, so the least of it over a convex set is taken at an extreme
    point, and over a polygon around the set at a corner: that is the lower bound. (Points
    between extreme ones need not be reachable: the least is not taken there.)

    Parameters
    ----------
    log_pc, farthest : callable
    first_angles : int
        Normals of the first look.
    """
    found = least_on_circle(_Reaching(log_pc, farthest), first_angles)
    return LeastPc(log_pc=found.value, lower_bound=found.lower_bound, normal=found.state[2:])


@dataclass(frozen=True, eq=False)
class _Reaching:
    """ln Pc at the farthest point along a normal; a state is that point and the normal."""

    log_pc: LogPc
    farthest: Farthest

    def at(self, angle_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        normal = np.stack([np.cos(angle_rad), np.sin(angle_rad)], axis=1)
        point = self.farthest(normal)
        return np.hstack([point, normal]), self.log_pc(point)

    def below(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """At the corner where the lines of both normals meet."""
        (x, m), (y, n) = np.hsplit(left, 2), np.hsplit(right, 2)
        along = np.stack([-m[:, 1], m[:, 0]], axis=1)
        turn = np.sum(along * n, axis=1)
        step = np.sum((y - x) * n, axis=1) / turn
        return self.log_pc(x + step[:, None] * along)

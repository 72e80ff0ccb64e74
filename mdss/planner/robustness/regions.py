"""Where rays from one point run through convex unsafe sets, exactly and for many rays at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.levelset import UnsafeSet, unsafe_set

FloatArray = NDArray[np.float64]

_GOLDEN = 0.5 * (5**0.5 - 1)
_GOLDEN_STEPS = 45  # narrows to 4e-10 of the ray's way through the box around the set
_EDGE = 1e-12  # ln Pc above the threshold by less is rounding


@dataclass(frozen=True, eq=False)
class Region:
    """An unsafe set as seen from where the encounter is without a burn.

    Parameters
    ----------
    unsafe : UnsafeSet
    miss_m : array, shape (2,)
        Miss without a burn, plane [m].
    """

    unsafe: UnsafeSet
    miss_m: FloatArray

    @classmethod
    def of(
        cls, miss_m: FloatArray, cov_m2: FloatArray, radius_m: float, pc_threshold: float
    ) -> Region | None:
        """None where no miss reaches the threshold.

        Raises
        ------
        CovarianceError
            If the covariance is not positive definite.
        """
        unsafe = unsafe_set(cov_m2, radius_m, pc_threshold)
        return None if unsafe is None else cls(unsafe, np.asarray(miss_m, dtype=float))

    @property
    def start(self) -> FloatArray:
        """The miss, scaled by the set's half-widths."""
        return np.asarray(self.unsafe.scaled_from_plane @ self.miss_m)

    @property
    def holds_start(self) -> bool:
        """Whether no burn leaves the encounter inside."""
        excess, _ = self.unsafe.log_excess(self.start[None])
        return bool(excess[0] > _EDGE)

    def crossings(self, steps_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """First and last multiple of each step inside the set, counted from the miss.

        Parameters
        ----------
        steps_m : array, shape (n, 2)
            In the plane [m].

        Returns
        -------
        first, last : array, shape (n,)
            0 and the exit where the miss is inside (inf for a step of zero); inf and 0 where a ray
            misses the set.
        """
        steps = steps_m @ self.unsafe.scaled_from_plane.T
        if self.holds_start:
            size = np.linalg.norm(steps, axis=1)
            guess = 1 / np.where(size > 0, size, 1.0)
            start = np.broadcast_to(self.start, steps.shape)
            return np.zeros(len(steps)), self.unsafe.exit(start, steps, guess)
        return self._through(steps)

    def _through(self, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
        """For a start outside: from the highest Pc on the ray, both ways to the boundary."""
        first, last = np.full(len(steps), np.inf), np.zeros(len(steps))
        near, far = _through_box(self.start, steps)
        meets = np.flatnonzero(far > near)
        middle = self._highest(steps[meets], near[meets], far[meets])
        point = self.start + middle[:, None] * steps[meets]
        inside = self.unsafe.log_excess(point)[0] > _EDGE if meets.size else meets > 0
        meets, middle, point = meets[inside], middle[inside], point[inside]
        half = np.maximum(0.5 * (far - near)[meets], 1e-12)
        first[meets] = middle - self.unsafe.exit(point, -steps[meets], half)
        last[meets] = middle + self.unsafe.exit(point, steps[meets], half)
        return first, last

    def _highest(self, steps: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        """Where ln Pc is highest on each ray: it is concave there."""
        if not len(steps):
            return low
        width = high - low
        left, right = high - _GOLDEN * width, low + _GOLDEN * width
        at_left, at_right = self._height(steps, left), self._height(steps, right)
        for _ in range(_GOLDEN_STEPS):
            falls = at_left >= at_right
            low, high = np.where(falls, low, left), np.where(falls, right, high)
            width = high - low
            fresh = np.where(falls, high - _GOLDEN * width, low + _GOLDEN * width)
            height = self._height(steps, fresh)
            left, right = np.where(falls, fresh, right), np.where(falls, left, fresh)
            at_left, at_right = (
                np.where(falls, height, at_right),
                np.where(falls, at_left, height),
            )
        return 0.5 * (low + high)

    def _height(self, steps: FloatArray, count: FloatArray) -> FloatArray:
        return self.unsafe.log_excess(self.start + count[:, None] * steps)[0]


def _through_box(start: FloatArray, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where rays enter and leave the square of half-width 1, which holds the scaled set."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (-1.0 - start) / steps, (1.0 - start) / steps
    flat = steps == 0
    outside = flat & (np.abs(start) > 1)
    near = np.where(outside, np.inf, np.where(flat, -np.inf, np.minimum(one, two)))
    far = np.where(outside, -np.inf, np.where(flat, np.inf, np.maximum(one, two)))
    return np.maximum(np.max(near, axis=1), 0.0), np.min(far, axis=1)


def first_gap(first: FloatArray, last: FloatArray) -> FloatArray:
    """The least number, 0 or above, that lies in none of several intervals.

    Parameters
    ----------
    first, last : array, shape (..., k)
        Ends of the intervals; empty where last is below first.

    Returns
    -------
    array, shape (...)
    """
    reach = np.zeros(np.broadcast_shapes(first.shape, last.shape)[:-1])
    for _ in range(first.shape[-1] + 1):
        # an interval that begins exactly where another ends leaves the point between them free
        covers = (first < reach[..., None]) | (first == 0)
        further = np.max(np.where(covers, last, 0.0), axis=-1, initial=0.0)
        if not np.any(further > reach):
            break
        reach = np.maximum(reach, further)
    return reach

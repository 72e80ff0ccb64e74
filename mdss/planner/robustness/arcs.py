"""The least way out of a union of convex sets, proven arc by arc.

Rays from the miss in all directions of the plane cross each set exactly. Between two neighbouring
rays a set holds the chords of their entries and exits, which says what sizes of burn it makes
unsafe in every direction between: where these hang together from zero on, nothing smaller gets
out. Arcs whose bound lies below the best ray are halved.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mdss.planner.optimum import ABSOLUTE_GAP_M_S, RELATIVE_GAP
from mdss.planner.robustness.cases import SizeLaw
from mdss.planner.robustness.regions import Region, first_gap

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_FIRST_RAYS = 96
_ROUNDS = 40
_MOST_PAIRS = 40_000  # looked at in one go
_MOST_OPEN = 200  # arcs for each burn time
_PROMISE_KEPT = 0.5
_SINGULAR = 1e-24  # of the larger eigenvalue of M Mᵀ


def least_over_arcs(
    regions: Sequence[Region], laws: Sequence[SizeLaw], displacement: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Least commanded sizes that leave every region, any direction allowed.

    Parameters
    ----------
    regions : sequence of Region
        All from the same miss; at least one holds it.
    laws : sequence of SizeLaw
        One for each region.
    displacement : array, shape (n, 2, 3)
        M of each burn time [s].

    Returns
    -------
    size, unit, bound : array, shape (n,), (n, 3), (n,)
        Sizes [m/s], unit burns in RTN, lower bounds of the sizes [m/s].
    """
    search = _Arcs(regions, laws, displacement)
    search.split_until_tight()
    return search.answer()


class _Arcs:
    """Rays, and for each burn time what it costs to get out along them."""

    def __init__(
        self, regions: Sequence[Region], laws: Sequence[SizeLaw], displacement: FloatArray
    ) -> None:
        self.regions, self.laws, self.displacement = regions, laws, displacement
        widest = max(regions, key=lambda one: float(np.prod(one.unsafe.half_width_m)))
        self.plane_from_scaled = np.linalg.inv(widest.unsafe.scaled_from_plane)
        self.white = _whitening(displacement)
        self.angle = np.empty(0)
        self.step = np.empty((0, 2))
        self.first = self.last = np.empty((0, len(regions)))
        n = len(displacement)
        self.upper, self.best = np.full(n, np.inf), np.zeros(n, dtype=np.intp)
        self.lower = np.full(n, np.inf)

    def split_until_tight(self) -> None:
        rays = self._add(np.linspace(0, 2 * np.pi, _FIRST_RAYS, endpoint=False))
        n = len(self.displacement)
        burn = np.repeat(np.arange(n), rays.size)
        self._try(burn, np.tile(rays, n))
        left, right = np.tile(rays, n), np.tile(np.roll(rays, -1), n)
        bound = self._bounds(burn, left, right)
        for _ in range(_ROUNDS):
            open_ = bound < self._slack()[burn]
            np.minimum.at(self.lower, burn[~open_], bound[~open_])
            burn, left, right, before = burn[open_], left[open_], right[open_], bound[open_]
            if not burn.size:
                return
            if burn.size > _MOST_OPEN * n:  # what keeps them open does not shrink with them
                np.minimum.at(self.lower, burn, before)
                return
            middle = self._between(left, right)
            self._try(burn, middle)
            burn = np.concatenate([burn, burn])
            left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
            bound = np.maximum(np.tile(before, 2), self._bounds(burn, left, right))
        np.minimum.at(self.lower, burn, bound)

    def answer(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Sizes, unit burns and bounds."""
        target = self.step[self.best]
        white = np.einsum("nij,nj->ni", self.white, target)
        # least burn that moves the miss along the target: Mᵀ (M Mᵀ)⁻¹ d
        burn = np.einsum("nji,nkj,nk->ni", self.displacement, self.white, white)
        with np.errstate(invalid="ignore"):
            unit = burn / np.linalg.norm(burn, axis=1, keepdims=True)
        return self.upper, unit, np.minimum(self.lower, self.upper)

    def _slack(self) -> FloatArray:
        gap = _PROMISE_KEPT * np.maximum(RELATIVE_GAP * self.upper, ABSOLUTE_GAP_M_S)
        with np.errstate(invalid="ignore"):
            return np.where(np.isfinite(self.upper), self.upper - gap, -np.inf)

    def _add(self, angle: FloatArray) -> IntArray:
        """New rays; their numbers."""
        step = np.stack([np.cos(angle), np.sin(angle)], axis=1) @ self.plane_from_scaled.T
        ends = [region.crossings(step) for region in self.regions]
        first, last = (np.stack(column, axis=1) for column in zip(*ends, strict=True))
        number = np.arange(len(self.angle), len(self.angle) + len(angle))
        self.angle = np.concatenate([self.angle, angle])
        self.step = np.concatenate([self.step, step])
        self.first = np.concatenate([self.first, first])
        self.last = np.concatenate([self.last, last])
        return number

    def _between(self, left: IntArray, right: IntArray) -> IntArray:
        """The ray in the middle of each arc, one for each distinct arc."""
        arcs, which = np.unique(np.stack([left, right]), axis=1, return_inverse=True)
        start = self.angle[arcs[0]]
        turn = (self.angle[arcs[1]] - start) % (2 * np.pi)
        return self._add((start + 0.5 * turn) % (2 * np.pi))[np.ravel(which)]

    def _try(self, burn: IntArray, ray: IntArray) -> None:
        for start in range(0, burn.size, _MOST_PAIRS):
            self._try_some(burn[start : start + _MOST_PAIRS], ray[start : start + _MOST_PAIRS])

    def _try_some(self, burn: IntArray, ray: IntArray) -> None:
        per_step = np.linalg.norm(self._whitened(burn, self.step[ray]), axis=1)
        first, last = (
            np.stack(
                [law.commanded(ends[:, k] * per_step) for k, law in enumerate(self.laws)], axis=1
            )
            for ends in (self.first[ray], self.last[ray])
        )
        size = first_gap(np.where(self.first[ray] > 0, first, 0.0), last)
        order = np.argsort(-size, kind="stable")  # the least is written last
        better = size[order] < self.upper[burn[order]]
        self.upper[burn[order][better]] = size[order][better]
        self.best[burn[order][better]] = ray[order][better]

    def _bounds(self, burn: IntArray, left: IntArray, right: IntArray) -> FloatArray:
        bounds = np.zeros(burn.size)
        for start in range(0, burn.size, _MOST_PAIRS):
            part = slice(start, start + _MOST_PAIRS)
            bounds[part] = self._some_bounds(burn[part], left[part], right[part])
        return bounds

    def _some_bounds(self, burn: IntArray, left: IntArray, right: IntArray) -> FloatArray:
        """Below which every commanded size is unsafe in some case, anywhere between two rays.

        A set that both rays cross holds the chord of both entries and that of both exits. It
        covers, in all directions between, the sizes from the larger entry to the nearest point of
        the far chord.
        """
        a, b = self._whitened(burn, self.step[left]), self._whitened(burn, self.step[right])
        aa, ab, bb = (np.einsum("ni,ni->n", x, y) for x, y in ((a, a), (a, b), (b, b)))
        firsts, lasts = [], []
        for k, law in enumerate(self.laws):
            p, q = self.last[left, k], self.last[right, k]
            lasts.append(law.commanded(_nearest(p * p * aa, p * q * ab, q * q * bb)))
            entry = np.maximum(
                self.first[left, k] * np.sqrt(aa), self.first[right, k] * np.sqrt(bb)
            )
            firsts.append(np.where(entry > 0, law.commanded(entry), 0.0))
        return first_gap(np.stack(firsts, axis=1), np.stack(lasts, axis=1))

    def _whitened(self, burn: IntArray, step: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("nij,nj->ni", self.white[burn], step))


def _nearest(aa: FloatArray, ab: FloatArray, bb: FloatArray) -> FloatArray:
    """Distance from the origin of the segment between two points, from their products."""
    length2 = aa - 2 * ab + bb
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(np.nan_to_num((aa - ab) / length2), 0.0, 1.0)
    square = aa - 2 * share * (aa - ab) + share**2 * length2
    return np.asarray(np.sqrt(np.maximum(square, 0.0)))


def _whitening(displacement: FloatArray) -> FloatArray:
    """W with |W d| the least burn that moves the miss by d, shape (n, 2, 2)."""
    gram = displacement @ displacement.swapaxes(1, 2)
    values, vectors = np.linalg.eigh(gram)
    values = np.maximum(values, np.maximum(_SINGULAR * values[:, 1:], 1e-300))
    return np.asarray((vectors / np.sqrt(values)[:, None, :]).swapaxes(1, 2))

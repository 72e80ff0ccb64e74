"""Directions of a burn that leave several unsafe sets, searched all round and then finely.

For cones of directions, and for cases whose maps differ. No proof: the answer is an upper bound.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mdss.planner.optimum import Reach
from mdss.planner.robustness.cases import SizeLaw
from mdss.planner.robustness.regions import Region, first_gap

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_NORMALS = 64
_SPHERE, _SPHERE_STARTS = 480, 6
_TABLE_RAYS = 720
_REFINEMENTS = 20
_MOST_ROWS = 64  # burn times looked at in one go


def least_over_directions(
    regions: Sequence[Region],
    laws: Sequence[SizeLaw],
    maps: Sequence[FloatArray],
    reach: Reach,
    seeds: FloatArray,
) -> FloatArray:
    """The best direction for each burn time among those that get far along some normal.

    Parameters
    ----------
    regions : sequence of Region
    laws : sequence of SizeLaw
        One for each region.
    maps : sequence of array, shape (n, 2, 3)
        M of each region's case [s].
    reach : AnyDirection or Cones
    seeds : array, shape (n, k, 3)
        Directions that are tried too; NaN for none.

    Returns
    -------
    array, shape (n, 3)
        Unit burns, RTN.
    """
    search = _Scan(regions, laws, maps, reach)
    n = len(seeds)
    parts = [
        search.best(np.arange(start, min(start + _MOST_ROWS, n)), seeds)
        for start in range(0, n, _MOST_ROWS)
    ]
    return np.concatenate(parts)


class _Scan:
    """Sizes along any directions by tables of each set's exits, finely interpolated."""

    def __init__(
        self,
        regions: Sequence[Region],
        laws: Sequence[SizeLaw],
        maps: Sequence[FloatArray],
        reach: Reach,
    ) -> None:
        self.regions, self.laws, self.maps, self.reach = regions, laws, maps, reach
        angle = np.arange(_TABLE_RAYS) * 2 * np.pi / _TABLE_RAYS
        ray = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        self.tables = [
            np.stack(region.crossings(ray @ np.linalg.inv(region.unsafe.scaled_from_plane).T))
            for region in regions
        ]

    def best(self, rows: IntArray, seeds: FloatArray) -> FloatArray:
        """Every group's best direction, refined by halving steps around it; the least of them."""
        groups = [*self._normals(rows), *self._sphere(rows), seeds[rows]]
        starts = [self._least(rows, group) for group in groups]
        unit, size = (np.concatenate(column) for column in zip(*starts, strict=True))
        again = np.tile(rows, len(groups))
        unit, size = self._refined(again, unit, size)
        choice = np.argmin(np.nan_to_num(size, nan=np.inf).reshape(len(groups), -1), axis=0)
        unit = unit.reshape(len(groups), -1, 3)[choice, np.arange(len(rows))]
        start = self._exact(rows, unit[:, None])[:, 0]
        return self._refined(rows, unit, start, exact=True)[0]

    def _refined(
        self, rows: IntArray, unit: FloatArray, size: FloatArray, *, exact: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        turn = np.full(len(rows), 2 * np.pi / (_TABLE_RAYS if exact else _NORMALS))
        for _ in range(_REFINEMENTS):
            around = self.reach.best(_neighbours(unit, turn))
            tried, again = self._least(
                rows, np.concatenate([unit[:, None], around], axis=1), exact=exact
            )
            turn = np.where(again < size, turn, 0.5 * turn)
            unit, size = tried, again
        return unit, size

    def _exact(self, rows: IntArray, unit: FloatArray) -> FloatArray:
        """Sizes along directions (n, d, 3) without the tables."""
        firsts, lasts = [], []
        for region, law, matrix in zip(self.regions, self.laws, self.maps, strict=True):
            step = (unit @ matrix[rows].swapaxes(1, 2)).reshape(-1, 2)
            first, last = (ends.reshape(unit.shape[:2]) for ends in region.crossings(step))
            firsts.append(np.where(first > 0, law.commanded(first), 0.0))
            lasts.append(law.commanded(last))
        return first_gap(np.stack(firsts, axis=-1), np.stack(lasts, axis=-1))

    def _sphere(self, rows: IntArray) -> list[FloatArray]:
        """Directions all round, in a few groups of which each gets a start of its own."""
        place = np.arange(_SPHERE) + 0.5
        height, turn = 1 - 2 * place / _SPHERE, place * np.pi * (1 + 5**0.5)
        flat = np.sqrt(1 - height**2)
        every = self.reach.best(
            np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
        )
        parts = np.array_split(every, _SPHERE_STARTS)
        return [np.broadcast_to(one, (len(rows), *one.shape)) for one in parts]

    def _normals(self, rows: IntArray) -> list[FloatArray]:
        """Burns that get farthest along evenly spread normals of the first set, for each map."""
        angle = np.arange(_NORMALS) * 2 * np.pi / _NORMALS
        normal = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        plane = normal @ self.regions[0].unsafe.scaled_from_plane
        distinct = {id(one): one for one in self.maps}.values()
        return [self.reach.best(plane @ one[rows]) for one in distinct]

    def _least(
        self, rows: IntArray, unit: FloatArray, *, exact: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        """Of directions (n, d, 3) the best for each burn time, and its size."""
        sizes = self._exact(rows, unit) if exact else self._sizes(rows, unit)
        at = np.argmin(np.nan_to_num(sizes, nan=np.inf), axis=1)
        each = np.arange(len(rows))
        return unit[each, at], sizes[each, at]

    def _sizes(self, rows: IntArray, unit: FloatArray) -> FloatArray:
        firsts, lasts = [], []
        for region, law, table, matrix in zip(
            self.regions, self.laws, self.tables, self.maps, strict=True
        ):
            step = unit @ (region.unsafe.scaled_from_plane @ matrix[rows]).swapaxes(1, 2)
            first, last = _looked_up(table, step)
            firsts.append(np.where(first > 0, law.commanded(first), 0.0))
            lasts.append(law.commanded(last))
        size = first_gap(np.stack(firsts, axis=-1), np.stack(lasts, axis=-1))
        return np.where(np.all(np.isfinite(unit), axis=-1), size, np.nan)


def _looked_up(table: FloatArray, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First and last multiple of scaled steps inside the set, between neighbours of the table.

    A set without the miss is taken as large as at either neighbour: past its edge, where only one
    of them meets it, a way out stays one.
    """
    place = np.nan_to_num(np.arctan2(step[..., 1], step[..., 0])) / (2 * np.pi) % 1.0 * _TABLE_RAYS
    low = place.astype(int) % _TABLE_RAYS
    share, high = place - np.floor(place), (low + 1) % _TABLE_RAYS
    first, last = table
    if np.any(first > 0):
        first, last = np.minimum(first[low], first[high]), np.maximum(last[low], last[high])
    else:
        first, last = first[low], (1 - share) * last[low] + share * last[high]
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.linalg.norm(step, axis=-1)
        return np.where(first > 0, first / size, 0.0), np.where(last > 0, last / size, 0.0)


def _neighbours(unit: FloatArray, turn: FloatArray) -> FloatArray:
    """Eight directions around each, so many radians away, shape (n, 8, 3)."""
    turns = turn[:, None, None]
    least = np.eye(3)[np.argmin(np.abs(unit), axis=1)]
    first = np.cross(unit, least)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(unit, first)
    angle = np.arange(8) * np.pi / 4
    side = np.cos(angle)[:, None] * first[:, None] + np.sin(angle)[:, None] * second[:, None]
    return np.asarray(np.cos(turns) * unit[:, None] + np.sin(turns) * side)

"""How several burns share what one line of the encounter plane asks of them.

A burn at node k brings gauge_k along the line's normal n for each m/s: the largest w·u over
its allowed unit vectors u, w = M_kᵀn. With caps, the least total is a fractional knapsack,
the least energy a level to which all nodes are filled in proportion to their gauges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mdss.planner.optimum import Allowed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


# --- what each node brings ------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Nodes:
    """What burns at each node bring along a normal.

    Parameters
    ----------
    map : array, shape (n, 2, 3)
        Displacement per delta-v, in the coordinates of the plane that normals are given in.
    allowed : AnyDirection, Cones or Rays
    """

    map: FloatArray
    allowed: Allowed

    def w(self, normal: FloatArray) -> FloatArray:
        """M_kᵀn for each normal and node, shape (v, n, 3)."""
        flat = np.swapaxes(self.map, 0, 1).reshape(2, -1)
        return np.asarray((normal @ flat).reshape(len(normal), len(self.map), 3))

    def gauge(self, normal: FloatArray) -> FloatArray:
        """What a m/s at each node brings along each normal, at least 0, shape (v, n)."""
        return np.maximum(self.allowed.gauge(self.w(normal)), 0.0)

    def units(self, normal: FloatArray) -> FloatArray:
        """The unit burn of each node that brings it; zero where none does, shape (v, n, 3)."""
        w = self.w(normal)
        useful = self.allowed.gauge(w) > 0
        return np.where(useful[..., None], self.allowed.best(w), 0.0)

    def full(self, normal: FloatArray, cap_m_s: FloatArray) -> FloatArray:
        """All nodes at their caps, shape (v, n, 3)."""
        return self.units(normal) * cap_m_s[:, None]

    @property
    def idle(self) -> BoolArray:
        """Nodes whose burns move nothing, in any of the allowed directions."""
        return np.asarray(~np.any(self.map, axis=(1, 2)))


# --- filling nodes for one line -------------------------------------------------------------


class Filling(Protocol):
    """The cheapest sizes that together bring an amount.

    Rows are lines, columns nodes. `weight` is what a m/s of a node adds to the amount: its
    gauge for room along the normal, 1 for a total delta-v.
    """

    @property
    def cap(self) -> FloatArray:
        """Largest size of each node, shape (n,) [m/s]."""

    def sizes(self, amount: FloatArray, gauge: FloatArray, weight: FloatArray) -> FloatArray:
        """Shape (v, n); all caps where these do not suffice."""

    def cost(self, size: FloatArray) -> FloatArray:
        """What such sizes cost, shape (v,)."""


@dataclass(frozen=True, eq=False)
class Knapsack:
    """Least priced sum of sizes: nodes filled in falling order of gauge over price.

    Parameters
    ----------
    cap, price : array, shape (n,)
        Largest size [m/s] and price of a m/s of each node.
    """

    cap: FloatArray
    price: FloatArray

    def sizes(self, amount: FloatArray, gauge: FloatArray, weight: FloatArray) -> FloatArray:
        order = np.argsort(-gauge / self.price, axis=1, kind="stable")
        size = np.empty_like(gauge)
        np.put_along_axis(size, order, self._in_order(order, amount, gauge, weight), axis=1)
        return size

    def _in_order(
        self, order: IntArray, amount: FloatArray, gauge: FloatArray, weight: FloatArray
    ) -> FloatArray:
        """Each node gets what those before it leave of the amount, up to its cap."""
        useful = np.take_along_axis(gauge, order, axis=1) > 0
        weight, cap = np.take_along_axis(weight, order, axis=1), self.cap[order]
        brought = np.where(useful, weight, 0.0) * np.where(useful, cap, 0.0)
        before = np.zeros_like(brought)
        np.cumsum(brought[:, :-1], axis=1, out=before[:, 1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = np.where(useful, (amount[:, None] - before) / weight, 0.0)
        return np.clip(wanted, 0.0, cap)

    def cost(self, size: FloatArray) -> FloatArray:
        return np.asarray(size @ self.price)


@dataclass(frozen=True, eq=False)
class WaterLevel:
    """Least root of the sum of squares: min(cap, level · gauge), one level for all nodes.

    Parameters
    ----------
    cap : array, shape (n,)
        Largest size of each node [m/s].
    """

    cap: FloatArray

    def sizes(self, amount: FloatArray, gauge: FloatArray, weight: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            full_at = np.where(gauge > 0, self.cap / gauge, np.inf)
            order = np.argsort(full_at, axis=1, kind="stable")
            rising = np.take_along_axis(np.where(gauge > 0, weight * gauge, 0.0), order, axis=1)
            full_at = np.take_along_axis(full_at, order, axis=1)
            full = np.where(np.isfinite(full_at), full_at, 0.0) * rising
            before = np.zeros_like(full)
            np.cumsum(full[:, :-1], axis=1, out=before[:, 1:])
            rest = np.cumsum(rising[:, ::-1], axis=1)[:, ::-1]
            reached = np.where(rest > 0, before + full_at * rest, np.inf) >= amount[:, None]
            row, at = np.arange(len(amount)), np.argmax(reached, axis=1)
            level = (amount - before[row, at]) / rest[row, at]
        level = np.where(np.any(reached, axis=1) & (rest[row, at] > 0), level, np.inf)
        with np.errstate(invalid="ignore"):
            return np.where(gauge > 0, np.minimum(self.cap, level[:, None] * gauge), 0.0)

    def cost(self, size: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt(np.sum(size * size, axis=1)))


def cost_of_room(filling: Filling, room: FloatArray, gauge: FloatArray) -> FloatArray:
    """Least cost of moving so far along each normal, shape (v,); inf where caps do not suffice."""
    if isinstance(filling, Knapsack) and np.all(np.isinf(filling.cap)):
        return _cost_of_best_node(room, gauge / filling.price)
    with np.errstate(invalid="ignore"):
        most = np.sum(np.where(gauge > 0, gauge * filling.cap, 0.0), axis=1)
    enough = most >= room
    cost = np.full(len(room), np.inf)
    cost[enough] = filling.cost(filling.sizes(room[enough], gauge[enough], gauge[enough]))
    return cost


def _cost_of_best_node(room: FloatArray, worth: FloatArray) -> FloatArray:
    """Without caps one node does it all: nothing to sort."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room > 0, room / np.max(worth, axis=1), 0.0)


@dataclass(frozen=True, eq=False)
class Knob:
    """Burns at one normal, in one filling order, as a function of their total.

    Parameters
    ----------
    filling : Knapsack or WaterLevel
    gauge : array, shape (n,)
        What a m/s at each node brings along the normal.
    unit : array, shape (n, 3)
        The direction that does, RTN.
    bit_m_s : array, shape (n,)
        Smallest burn of each node [m/s].
    """

    filling: Filling
    gauge: FloatArray
    unit: FloatArray
    bit_m_s: FloatArray

    @property
    def maximum_m_s(self) -> float:
        """Sum of the caps of all nodes that help [m/s]."""
        return float(np.sum(self.filling.cap[self.gauge > 0]))

    def burns(self, total_m_s: float) -> FloatArray:
        """The burns of a total, shape (n, 3) [m/s]."""
        total = np.clip([total_m_s], 0.0, self.maximum_m_s)
        return self.burns_of(self._sizes(total, np.ones_like(self.gauge)))

    def sizes_for(self, room: float) -> FloatArray:
        """Sizes that move b so far along the normal, shape (n,) [m/s]."""
        return self._sizes(np.array([room]), self.gauge)

    def burns_of(self, size: FloatArray) -> FloatArray:
        """Burns of given sizes, those below the bit raised to it, shape (n, 3) [m/s]."""
        fired = np.where(size > 0, np.maximum(size, self.bit_m_s), 0.0)
        return np.asarray(fired[:, None] * self.unit)

    def _sizes(self, amount: FloatArray, weight: FloatArray) -> FloatArray:
        return np.asarray(self.filling.sizes(amount, self.gauge[None], weight[None])[0])

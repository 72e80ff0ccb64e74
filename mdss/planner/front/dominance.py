"""Which plans no other beats: exact and fast, on costs rounded to what matters to a mission.

Costs are rows of five numbers, less is better: fuel [g], interruption [min], residual risk
[targets], deviation [boxes], decision lead [h], as `mdss.planner.costs.costs_of` orders them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FUEL, INTERRUPTION, RISK, DEVIATION, LEAD = range(5)

_LEAST_RISK = 1e-12  # of the target: below, plans are equally safe
_LEAST_WIDTH = np.array([0.05, 1.0, 0.1, 0.05, 0.25])
"""Ranges that are not blown up to 1: 5 % of the least burn, a minute, a tenth of a decade, 5 % of
a box, a quarter of an hour."""
_WORTH_A_NAME = 10  # steps
_FUEL_SHARE = 2e-3  # of the least fuel: what 1 % of Pc is worth, and a little more


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """The smallest differences that a mission cares about: below them plans cost the same.

    Residual risk is told apart by its logarithm, in steps twice as wide as Pc is resolved; the
    steps divide half a decade, and one is centred on where a plan comes to lie that is sized to
    the target. So no two plans sized to one Pc differ in it.

    Parameters
    ----------
    fuel_g : float
    interruption_min : float
    risk_resolution : float
        Relative; sizes are set to Pc within it.
    deviation_boxes : float
    lead_h : float
    """

    fuel_g: float = 0.01
    interruption_min: float = 0.1
    risk_resolution: float = 0.01
    deviation_boxes: float = 0.01
    lead_h: float = 1 / 60

    @classmethod
    def for_burns_of(cls, least_fuel_g: float, risk_resolution: float) -> Self:
        """Large burns in coarser steps: 0.2 % of the least fuel, since Pc is sized to 1 %."""
        fuel = max(cls.fuel_g, _FUEL_SHARE * least_fuel_g)
        return cls(fuel_g=fuel, risk_resolution=risk_resolution)

    @property
    def risk_steps_per_decade(self) -> int:
        """How finely residual risk is told apart."""
        width = -2 * math.log10(1 - self.risk_resolution)
        return 2 * max(int(0.5 / width), 1)

    def in_steps(self, costs: ArrayLike) -> FloatArray:
        """Costs, shape (n, 5) or (5,), in steps: what differs by less than 1 is the same."""
        costs = np.array(costs, dtype=float, ndmin=2)
        centre = math.sqrt(1 - self.risk_resolution)
        steps = np.empty(costs.shape)
        steps[:, FUEL] = costs[:, FUEL] / self.fuel_g
        steps[:, INTERRUPTION] = costs[:, INTERRUPTION] / self.interruption_min
        steps[:, RISK] = self.risk_steps_per_decade * (log_risk(costs) - math.log10(centre))
        steps[:, DEVIATION] = costs[:, DEVIATION] / self.deviation_boxes
        steps[:, LEAD] = costs[:, LEAD] / self.lead_h
        return steps

    def __call__(self, costs: ArrayLike) -> IntArray:
        """Costs, shape (n, 5), as whole numbers of steps: what is compared."""
        return np.rint(self.in_steps(costs)).astype(np.int64)

    def has_ends(self, costs: FloatArray) -> BoolArray:
        """Whether plans, shape (n, 5), differ in each cost by enough to name the least, (5,)."""
        return np.asarray(np.ptp(self.in_steps(costs), axis=0) >= _WORTH_A_NAME)


def log_risk(costs: FloatArray) -> FloatArray:
    """Decimal logarithm of the residual risk [targets], shape (n,)."""
    return np.asarray(np.log10(np.maximum(costs[:, RISK], _LEAST_RISK)))


def unbeaten(steps: IntArray, prefer: FloatArray) -> IntArray:
    """Rows that no other row beats: as good in every cost and better in one.

    Parameters
    ----------
    steps : array of int, shape (n, k)
        Rounded costs.
    prefer : array, shape (n,)
        Of rows that cost the same, the one where this is least stays.

    Returns
    -------
    array of int, shape (m,)
        Places of the rows that stay, rising.

    Notes
    -----
    A row can be beaten only by one with a smaller sum. Rows are taken by rising sum; each that
    is still there stays, and everything that it beats goes: n operations for each that stays.
    """
    if not len(steps):
        return np.array([], dtype=np.int64)
    ranked = np.argsort(prefer, kind="stable")
    different, first = np.unique(steps[ranked], axis=0, return_index=True)
    weight = 1.0 / np.maximum(np.ptp(different, axis=0), 1)
    by_sum = np.argsort(different @ weight, kind="stable")
    rest, places = different[by_sum].T.copy(), ranked[first][by_sum]
    kept: list[int] = []
    while places.size:
        kept.append(int(places[0]))
        better_in_one = np.zeros(places.size, dtype=bool)
        for ours, cost in zip(rest[:, 0], rest, strict=True):
            better_in_one |= cost < ours
        rest, places = rest[:, better_in_one], places[better_in_one]
    return np.array(sorted(kept), dtype=np.int64)


def beats(one: IntArray, other: IntArray) -> bool:
    """Whether rounded costs are as good in every cost and better in one."""
    return bool(np.all(one <= other) and np.any(one < other))


def scaled(costs: FloatArray) -> FloatArray:
    """Costs of plans over their range, 0 the best and 1 the worst of each; shape (n, 5).

    Risk counts by its logarithm, fuel by that of 1 + multiples of the least burn, deviation by
    that of 1 + boxes: a plan of a hundred times the fuel would press all others into a corner. A
    cost that is about the same for all stays close to 0.
    """
    values = costs.copy()
    burns = costs[:, FUEL] > 0
    if np.any(burns):
        values[:, FUEL] = np.log1p(costs[:, FUEL] / np.min(costs[burns, FUEL]))
    values[:, RISK] = log_risk(costs)
    values[:, DEVIATION] = np.log1p(costs[:, DEVIATION])
    width = np.maximum(np.ptp(values, axis=0), _LEAST_WIDTH)
    return np.asarray((values - values.min(axis=0)) / width)


def knee(costs: FloatArray) -> int | None:
    """The row closest to the point that is best in every cost, after `scaled`.

    None for fewer than three rows: on one or two there is nothing in between.

    References
    ----------
    .. [1] P. L. Yu, "A class of solutions for group decision problems", Management Science
       19(8), 1973, 936-946: the compromise solution, here by Euclidean distance.
    """
    if len(costs) < 3:
        return None
    return int(np.argmin(np.linalg.norm(scaled(costs), axis=1)))


def farthest(places: FloatArray, taken: FloatArray) -> tuple[int, float]:
    """The row of `places`, (n, k), farthest from the closest of `taken`, (m, k), and how far."""
    apart = np.full(len(places), np.inf)
    for one in taken:
        apart = np.minimum(apart, np.linalg.norm(places - one, axis=1))
    row = int(np.argmax(apart))
    return row, float(apart[row])

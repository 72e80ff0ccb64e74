"""Intervals of time in which a smooth function is above zero: ground contacts, eclipses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Margin = Callable[[FloatArray], FloatArray]

_MOST_STEPS = 60
_TURN_SHARE = 0.005  # of the space between neighbours: how well a turn is found
_GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)


def intervals_above_zero(
    margin: Margin, grid_s: FloatArray, tolerance_s: float = 1e-3
) -> FloatArray:
    """When a function of time is above zero.

    Parameters
    ----------
    margin : callable
        From times, shape (n,) [s], to values, shape (n,); smooth, turning at most once between
        two neighbours of the grid.
    grid_s : array, shape (n,)
        Rising; its ends are those of the search [s].
    tolerance_s : float
        How well the edges are found [s].

    Returns
    -------
    array, shape (k, 2)
        Starts and ends, rising [s]. An interval that is open at an end of the grid is cut there.

    Examples
    --------
    >>> grid = np.linspace(0.0, 12.0, 13)
    >>> intervals_above_zero(np.sin, grid, 1e-9).round(6).tolist()
    [[0.0, 3.141593], [6.283185, 9.424778]]
    """
    grid = np.asarray(grid_s, dtype=float)
    times, values = _with_turns(margin, grid, margin(grid))
    above = values > 0
    change = np.flatnonzero(above[:-1] != above[1:])
    ends = (times[change], times[change + 1], values[change], values[change + 1])
    edges = _zeros(margin, *ends, tolerance_s)
    inside = np.concatenate([times[:1][above[:1]], edges, times[-1:][above[-1:]]])
    return np.asarray(inside.reshape(-1, 2))


def _with_turns(
    margin: Margin, grid: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The grid with the points where the function may cross zero between neighbours and return."""
    at = _shy_turns(values)
    if not at.size:
        return grid, values
    sign = -np.sign(values[at])
    turns = _extremes(margin, sign, grid[at - 1], grid[at + 1])
    times = np.concatenate([grid, turns])
    order = np.argsort(times, kind="stable")
    return times[order], np.concatenate([values, margin(turns)])[order]


def _shy_turns(values: FloatArray) -> IntArray:
    """Places of extremes that do not cross zero on the grid, but may beside it."""
    before, here, after = values[:-2], values[1:-1], values[2:]
    toward = -np.sign(here)
    rise, fall = toward * (here - before), toward * (here - after)
    turns = (rise >= 0) & (fall >= 0) & (np.abs(here) <= np.maximum(rise, fall))
    return np.flatnonzero(turns) + 1


def _extremes(margin: Margin, sign: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Where sign times the function is largest in each bracket, by golden section."""
    width = high - low
    tolerance = _TURN_SHARE * width
    one, other = high - _GOLDEN * width, low + _GOLDEN * width
    at_one, at_other = sign * margin(one), sign * margin(other)
    while np.any(high - low > tolerance):
        left = at_one >= at_other
        low, high = np.where(left, low, one), np.where(left, other, high)
        fresh = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        at_fresh = sign * margin(fresh)
        one, other = np.where(left, fresh, other), np.where(left, one, fresh)
        at_one, at_other = np.where(left, at_fresh, at_other), np.where(left, at_one, at_fresh)
    return np.asarray(np.where(at_one >= at_other, one, other))


def _zeros(
    margin: Margin,
    low: FloatArray,
    high: FloatArray,
    at_low: FloatArray,
    at_high: FloatArray,
    tolerance_s: float,
) -> FloatArray:
    """The zero in each bracket, by false position (Illinois: an end that stays counts half)."""
    found = 0.5 * (low + high)
    for _ in range(_MOST_STEPS if low.size else 0):
        before, found = found, low + (high - low) * at_low / (at_low - at_high)
        value = margin(found)
        same = np.sign(value) == np.sign(at_low)
        at_low, at_high = (
            np.where(same, value, 0.5 * at_low),
            np.where(same, 0.5 * at_high, value),
        )
        low, high = np.where(same, found, low), np.where(same, high, found)
        if np.all(np.minimum(np.abs(found - before), high - low) < tolerance_s):
            break
    return np.asarray(found)

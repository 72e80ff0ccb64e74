"""The Pareto front of one event as data, and how weights rank it; see `mdss.planner.pareto`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.planner.costs import Cost, Objective
from mdss.planner.options import Option, OptionName

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class FrontPoint:
    """One plan that no other beats in every cost.

    Parameters
    ----------
    label : str
        The letter of the named option that it is, else "P1", "P2", …
    option : Option
        As flown.
    values : array, shape (5,)
        Its costs, in the order and units of `Front.costs`.
    represents : str
        The trade that it stands for: "least fuel", "knee", "latest decision", …
    knee : bool
        Whether it is the knee: from there every gain in one cost is dear in another.
    also : tuple of OptionName
        Further named options with the same plan.
    """

    label: str
    option: Option
    values: FloatArray
    represents: str
    knee: bool = False
    also: tuple[OptionName, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A named option that is not on the front, and the point that beats it.

    Parameters
    ----------
    name : OptionName
    label : str
        Of the point.
    reason : str
        By how much, in one sentence.
    """

    name: OptionName
    label: str
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Front:
    """Plans of one event of which none beats another in every cost.

    Parameters
    ----------
    costs : tuple of Cost
        Fuel, interruption, residual risk, deviation, decision lead.
    points : tuple of FrontPoint
        By rising fuel; "no burn" first where it is allowed.
    ties : tuple of Tie
        Named options that some point beats.
    compared : int
        How many plans of the linear map were compared.
    largest_gap : float
        The largest relative gap of the points' certificates.
    """

    costs: tuple[Cost, ...]
    points: tuple[FrontPoint, ...]
    ties: tuple[Tie, ...] = ()
    compared: int
    largest_gap: float

    def point(self, label: str) -> FrontPoint:
        """The point of a label."""
        return next(one for one in self.points if one.label == label)

    @property
    def knee(self) -> FrontPoint | None:
        """The knee; None on a front of one point."""
        return next((one for one in self.points if one.knee), None)

    def ranked(self, objective: Objective) -> tuple[FrontPoint, ...]:
        """The points by rising cost of an objective: nothing is computed anew."""
        return tuple(sorted(self.points, key=lambda one: float(objective.of(one.option.outcome))))

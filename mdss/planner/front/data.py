"""The Pareto front of one event as data, and how weights rank it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mdss.planner.costs import Cost, Objective
from mdss.planner.front.dominance import Rounding
from mdss.planner.options import Option, OptionName
from mdss.planner.recommendation import SAME_COST

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
        Whether it is the knee: of all burns the closest to one that is best in every cost
        (`mdss.planner.front.dominance.knee`).
    also : tuple of OptionName
        Further named options that cost the same, as far as costs are told apart.
    """

    label: str
    option: Option
    values: FloatArray
    represents: str
    knee: bool = False
    also: tuple[OptionName, ...] = ()

    def plainness(self) -> int:
        """Place of its plainest name in the order of options; trades come last."""
        return min(list(OptionName).index(name) for name in (self.option.name, *self.also))


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

    "No burn" is a point where the policy lets it stand. Where no burn would help, because Pc is
    at the target or below already, it is the only one: nothing is sized to be safer than asked.

    Parameters
    ----------
    costs : tuple of Cost
        Fuel, interruption, residual risk, deviation, decision lead.
    points : tuple of FrontPoint
        By rising fuel; "no burn" first where it is allowed. Empty where nothing can be taken.
    ties : tuple of Tie
        Named options that some point beats.
    compared : int
        How many plans of the linear map were compared.
    largest_gap : float
        The largest relative gap of the points' certificates.
    rounding : Rounding
        What costs are told apart by.
    reason : str
        Why there are no points; "" where there are.
    """

    costs: tuple[Cost, ...]
    points: tuple[FrontPoint, ...]
    ties: tuple[Tie, ...] = ()
    compared: int
    largest_gap: float
    rounding: Rounding = field(default_factory=Rounding)
    reason: str = ""

    def point(self, label: str) -> FrontPoint:
        """The point of a label."""
        return next(one for one in self.points if one.label == label)

    @property
    def knee(self) -> FrontPoint | None:
        """The knee; None on a front of fewer than three burns."""
        return next((one for one in self.points if one.knee), None)

    def ranked(self, objective: Objective) -> tuple[FrontPoint, ...]:
        """The points by rising cost of an objective: nothing is computed anew."""
        return tuple(sorted(self.points, key=lambda one: float(objective.of(one.option.outcome))))

    def recommended(self, objective: Objective) -> FrontPoint | None:
        """What a plan recommends by an objective: "no burn" where it may stand, else the cheapest.

        Of those that cost as much, the one with the plainest name. None where there is nothing to
        take.
        """
        ranked = self.ranked(objective)
        no_burn = [one for one in ranked if one.option.name == OptionName.NO_BURN]
        if no_burn or not ranked:
            return next(iter(no_burn), None)
        least = float(objective.of(ranked[0].option.outcome))
        as_cheap = [
            one
            for one in ranked
            if float(objective.of(one.option.outcome)) <= least + SAME_COST * abs(least)
        ]
        return min(as_cheap, key=FrontPoint.plainness)

"""Costs as objects: the one that is minimised is the one that is reported.

>>> from mdss.planner.outcome import Outcome
>>> objective = 0.5 * Fuel() + 1.0 * Interruption()
>>> outcome = Outcome(
...     propellant_kg=0.012,
...     interruption_min=20.0,
...     pc=3e-6,
...     deviation_boxes=0.1,
...     decision_lead_h=9.0,
... )
>>> float(objective.of(outcome))
26.0
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mdss.planner.outcome import Outcome
from mdss.policy import Policy

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Cost(ABC):
    """One thing that a mission would rather have less of.

    `0.5 * Fuel() + Interruption()` is an `Objective`.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    unit: ClassVar[str]

    @abstractmethod
    def of(self, outcome: Outcome) -> FloatArray:
        """Its amount, in `unit`, for each plan of an outcome."""

    def __rmul__(self, weight: float) -> Objective:
        return Objective(((float(weight), self),))

    def __add__(self, other: Cost | Objective) -> Objective:
        return 1.0 * self + other


@dataclass(frozen=True)
class Fuel(Cost):
    """Propellant of every burn, the way back included."""

    name, label, unit = "fuel", "Fuel", "g"

    def of(self, outcome: Outcome) -> FloatArray:
        return np.asarray(1e3 * (outcome.propellant_kg + outcome.return_propellant_kg))


@dataclass(frozen=True)
class Interruption(Cost):
    """Payload minutes lost, weighted by the schedule."""

    name, label, unit = "interruption", "Interruption", "min"

    def of(self, outcome: Outcome) -> FloatArray:
        return np.asarray(outcome.interruption_min, dtype=float)


@dataclass(frozen=True)
class ResidualRisk(Cost):
    """Collision probability that stays, of this event and of all others that are known.

    Parameters
    ----------
    pc_target : float
        What it is measured in: 1 is the target of the policy.
    """

    pc_target: float = 1.0

    name, label, unit = "residual_risk", "Residual risk", "targets"

    def of(self, outcome: Outcome) -> FloatArray:
        return np.asarray(outcome.residual_pc / self.pc_target)


@dataclass(frozen=True)
class Deviation(Cost):
    """The largest share of the station-keeping box that is taken up."""

    name, label, unit = "deviation", "Deviation", "boxes"

    def of(self, outcome: Outcome) -> FloatArray:
        return np.asarray(outcome.deviation_boxes, dtype=float)


@dataclass(frozen=True)
class Lateness(Cost):
    """How long before TCA the team has to decide: an hour earlier is an hour less of tracking."""

    name, label, unit = "lateness", "Decision lead", "h"

    def of(self, outcome: Outcome) -> FloatArray:
        return np.asarray(outcome.decision_lead_h, dtype=float)


@dataclass(frozen=True)
class Objective:
    """A weighted sum of costs.

    Parameters
    ----------
    terms : tuple of (float, Cost)
    """

    terms: tuple[tuple[float, Cost], ...]

    def of(self, outcome: Outcome) -> FloatArray:
        """The sum, for each plan of an outcome."""
        return np.asarray(sum(weight * cost.of(outcome) for weight, cost in self.terms))

    def parts(self, outcome: Outcome) -> Iterator[tuple[Cost, FloatArray]]:
        """What each cost adds."""
        for weight, cost in self.terms:
            yield cost, np.asarray(weight * cost.of(outcome))

    def __add__(self, other: Cost | Objective) -> Objective:
        more = other if isinstance(other, Objective) else 1.0 * other
        return Objective((*self.terms, *more.terms))


def costs_of(policy: Policy) -> tuple[Cost, ...]:
    """The five axes of the front, in their order."""
    return (Fuel(), Interruption(), ResidualRisk(policy.pc_target), Deviation(), Lateness())


def objective_of(policy: Policy) -> Objective:
    """What the policy's weights add up, in minutes of payload."""
    return Objective(tuple(zip(policy.weights.in_order, costs_of(policy), strict=True)))

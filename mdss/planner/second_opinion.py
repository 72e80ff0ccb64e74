"""The second opinion: the recommended burn flown again with a model that shares nothing.

A plan about the Earth is verified with satkit. Here no burn and the recommended option are flown
once more with boinor's dynamics, through the same search for close approaches, and what comes out
is compared in metres and in Pc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.numerical import ZonalModel
from mdss.errors import PlanningError
from mdss.maneuver import Burn
from mdss.planner.options import OptionName, Plan
from mdss.planner.verification import Verifier
from mdss.units import seconds_between

FloatArray = NDArray[np.float64]

FIRST_MODEL = "satkit: gravity field 20 × 20, Sun, Moon, tides, drag, radiation pressure"
SECOND_MODEL = "boinor: two-body, J2, J3, Sun, Moon"
DIFFERENCES = (
    "The second model has no gravity beyond J3, no drag (boinor's exponential atmosphere has no "
    "effect in low orbit), no radiation pressure and no tides, and its own Sun and Moon. Both are "
    "anchored at the message's states at TCA, so without a burn they agree there by construction; "
    "with one they differ by what the missing forces do to its effect, more for earlier burns."
)


@dataclass(frozen=True, kw_only=True)
class FlownTwice:
    """One option by both models, the first one first.

    Parameters
    ----------
    option : OptionName
    displacement_m : float
        How far the burn moves its object by TCA, first model [m]; 0 without a burn.
    position_difference_m : float
        Distance of that object between the models at the first model's TCA [m].
    coast_difference_m : float
        The same at the first burn's instant, before it: what the models do to the orbit itself
        over that span; 0 without a burn [m].
    miss_m : (float, float)
        Closest approach of the main one [m].
    tca_difference_s : float
        Second minus first, of the main approach [s].
    pc : (float, float)
        Verified Pc.
    """

    option: OptionName
    displacement_m: float
    position_difference_m: float
    coast_difference_m: float
    miss_m: tuple[float, float]
    tca_difference_s: float
    pc: tuple[float, float]

    @property
    def miss_difference_m(self) -> float:
        """Second minus first [m]."""
        return self.miss_m[1] - self.miss_m[0]

    @property
    def pc_ratio(self) -> float:
        """Second over first; 1 where both are zero."""
        first, second = self.pc
        if first == second:
            return 1.0
        return second / first if first > 0 else np.inf


@dataclass(frozen=True, kw_only=True)
class SecondOpinion:
    """What another model says about a plan.

    Parameters
    ----------
    flights : tuple of FlownTwice
        No burn, and the recommended option where that is a burn.
    conclusion : str
        One sentence.
    first_model, second_model, differences : str
        In words.
    """

    flights: tuple[FlownTwice, ...]
    conclusion: str
    first_model: str = FIRST_MODEL
    second_model: str = SECOND_MODEL
    differences: str = DIFFERENCES


def second_opinion(plan: Plan) -> SecondOpinion:
    """Verify no burn and the recommended option again with boinor's dynamics.

    Parameters
    ----------
    plan : Plan
        About the Earth.

    Returns
    -------
    SecondOpinion

    Raises
    ------
    PlanningError
        If the plan is about another body: there boinor flew it the first time.
    PropagationError
        If an orbit cannot be propagated.
    """
    if plan.conjunction.central_body != "earth":
        raise PlanningError(
            f"a plan about {plan.conjunction.body.label} is verified with boinor's dynamics "
            "already, and there is no second model; leave out the second opinion"
        )
    names = [OptionName.NO_BURN]
    if plan.recommended is not None and plan.option(plan.recommended).burns:
        names.append(plan.recommended)
    verifiers = _verifiers(plan, [plan.option(name).burns for name in names])
    flights = tuple(_flown_twice(name, plan.option(name).burns, verifiers) for name in names)
    return SecondOpinion(flights=flights, conclusion=_conclusion(plan, flights[-1]))


def _verifiers(plan: Plan, burns: Sequence[tuple[Burn, ...]]) -> tuple[Verifier, Verifier]:
    other = ZonalModel(central_body="earth")
    first, second = (
        Verifier(
            plan.conjunction,
            plan.risk.hbr.radius_m,
            plan.spacecraft.execution_error,
            earliest_burn_s=max((burn.t_before_tca_s for one in burns for burn in one), default=0),
            now_s=seconds_between(plan.conjunction.tca_utc, plan.now_utc),
            forces=forces,
        )
        for forces in (None, (other, other))
    )
    return first, second


def _flown_twice(
    name: OptionName, burns: tuple[Burn, ...], verifiers: tuple[Verifier, Verifier]
) -> FlownTwice:
    first, second = (verifier.fly(burns) for verifier in verifiers)
    burn_s = min((-burn.t_before_tca_s for burn in burns), default=0.0)
    burned = [_position_m(verifier, burns, first.main.t_s) for verifier in verifiers]
    coasting = [_position_m(verifier, (), burn_s) for verifier in verifiers]
    idle = _position_m(verifiers[0], (), first.main.t_s)
    return FlownTwice(
        option=name,
        displacement_m=float(np.linalg.norm(burned[0] - idle)),
        position_difference_m=float(np.linalg.norm(burned[1] - burned[0])),
        coast_difference_m=float(np.linalg.norm(coasting[1] - coasting[0])),
        miss_m=(first.main.miss_distance_m, second.main.miss_distance_m),
        tca_difference_s=second.main.t_s - first.main.t_s,
        pc=(first.pc, second.pc),
    )


def _position_m(verifier: Verifier, burns: tuple[Burn, ...], t_s: float) -> FloatArray:
    """Of the maneuvering object, so many seconds from the message's TCA."""
    return np.asarray(verifier.states(burns, np.array([t_s]))[0][0, :3])


def _conclusion(plan: Plan, flown: FlownTwice) -> str:
    if flown.option == OptionName.NO_BURN:
        limit, what = plan.policy.pc_act, "the threshold to act"
    else:
        limit, what = plan.policy.pc_target, "the target"
    sides = ["at or below" if pc <= limit else "above" for pc in flown.pc]
    verb = "agree" if sides[0] == sides[1] else "disagree"
    return (
        f"The models {verb}: {flown.option.label} leaves Pc {flown.pc[0]:.3e} by the first, "
        f"{sides[0]} {what} of {limit:.1e}, and {flown.pc[1]:.3e} by the second, {sides[1]} it."
    )

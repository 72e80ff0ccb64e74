"""The Pareto front of one event: all burn times at a ladder of Pc by the linear map, some flown.

Nothing is drawn at random: the same question has the same front.

1. Single burns at every time of the grid and every level of Pc are priced by the linear map
   (`mdss.planner.front.ladder`).
2. Those that another beats go (`mdss.planner.front.dominance`, after rounding).
3. The ends, the cheapest by the policy's weights and the knee are flown, then whatever lies
   farthest from all that was flown. Flown values replace linear ones.
4. Flown plans and named options that another beats go; what stays is the front.

The effort of flights is counted, not timed: where another approach sizes the burns, so that a plan
takes about six flights, or where the Pc of each takes long, the front has few trades beside the
named options and its ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mdss.errors import MdssError, PlanningError
from mdss.planner.candidates import Sweep, sweep
from mdss.planner.costs import Fuel, objective_of
from mdss.planner.draft import PlanStyle
from mdss.planner.front.data import Front
from mdss.planner.front.dominance import (
    DEVIATION,
    FUEL,
    INTERRUPTION,
    LEAD,
    RISK,
    Rounding,
    farthest,
    knee,
    scaled,
    unbeaten,
)
from mdss.planner.front.ladder import LEVELS, costs_of_options, linear_plans, quick_candidate
from mdss.planner.front.points import ALIKE, front_of
from mdss.planner.option_writer import OptionWriter
from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.pilot import Pilot
from mdss.planner.recommendation import SAME_COST
from mdss.planner.setting import Setting
from mdss.planner.verification import Verified
from mdss.policy import Policy
from mdss.risk.methods import PcMethod

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

TRADE_OFF = "trade-off"
POINTS = 12

_NAMED_ENDS = {
    FUEL: OptionName.MINIMUM_FUEL,
    INTERRUPTION: OptionName.MINIMUM_INTERRUPTION,
    LEAD: OptionName.LATEST_SAFE,
}
_TRIES = 3  # of one end, and of the cheapest plan
_EFFORT = 40.0  # of all flights: half a second; the unit is 2D Pc of one approach
_ONCE_OR_TWICE, _BOTH_WAYS = 1.3, 6  # flights of a plan: until its size is right
_EFFORT_OF = {
    PcMethod.PC_2D: 1.0,
    PcMethod.NC_2D: 2.0,
    PcMethod.NC_2D_UPPER: 2.0,
    PcMethod.NC_3D: 10.0,
    PcMethod.MONTE_CARLO: 20.0,
}
_WORTH_A_FLIGHT = 0.02  # of the range of a cost: plans that differ by less in all are flown once
_CLOSE = 0.06  # of the range: nothing is flown that close to what was


def pareto_front(plan: Plan, *, points: int = POINTS) -> Front:
    """The front of a plan, its named options as they are.

    `mdss.plan(..., front=True)` does the same for less, since nothing is flown twice, and lets
    the option "Balanced" follow where a plan of the front costs less by the policy's weights.

    Parameters
    ----------
    plan : Plan
    points : int
        How many plans to look for; named options that no plan beats are kept above it.

    Returns
    -------
    Front
        Without points, and with the reason, where nothing can be taken.

    Raises
    ------
    PlanningError
        If no point is asked for.
    PropagationError
        If the orbits cannot be propagated without a burn.

    Notes
    -----
    The linear map is the numerical one, whatever the plan was made with.
    """
    if points < 1:
        raise PlanningError(f"points = {points}: a front has at least 1")
    setting = Setting(
        risk=plan.risk,
        spacecraft=plan.spacecraft,
        operations=plan.operations,
        policy=plan.policy,
        now_utc=plan.now_utc,
        robust=plan.robust,
    )
    writer = OptionWriter(Pilot(setting))
    helps = plan.risk.pc > plan.policy.pc_target or bool(setting.calling)
    found = sweep(setting, setting.directions) if helps and plan.spacecraft.can_maneuver else None
    return with_front(writer, found, plan.options, points=points, keep_balanced=True)[0]


def with_front(
    writer: OptionWriter,
    found: Sweep | None,
    options: tuple[Option, ...],
    *,
    points: int = POINTS,
    keep_balanced: bool = False,
) -> tuple[Front, tuple[Option, ...]]:
    """The front, and the options with "Balanced" as the point that costs least.

    Parameters
    ----------
    writer : OptionWriter
    found : Sweep or None
        At the target, all directions; None where no burn is sized.
    options : tuple of Option
        Named ones, costs filled in.
    points : int
    keep_balanced : bool
        Leave the options as they are.
    """
    search = _Search(writer, found, options)
    search.run(points)
    front = front_of(
        writer.setting.policy, options, search.trades, search.rounding, search.compared
    )
    if keep_balanced:
        return front, options
    cheaper = _cheaper_balanced(writer.setting.policy, front, options)
    if cheaper is None:
        return front, options
    return _renamed(writer.setting.policy, search, options, cheaper)


# --- what is flown ------------------------------------------------------------------------


class _Search:
    """Picks plans of the linear map, and flies them.

    Parameters
    ----------
    writer : OptionWriter
    found : Sweep or None
    options : tuple of Option
    """

    def __init__(
        self, writer: OptionWriter, found: Sweep | None, options: tuple[Option, ...]
    ) -> None:
        self.writer, self.policy = writer, writer.setting.policy
        self.objective = objective_of(self.policy)
        self.named = [one for one in options if can_be_taken(one)]
        self.trades: list[Option] = []
        everything = linear_plans(found)
        self.compared = len(everything)
        prices = self._prices(everything.costs)
        self.plans = everything.only(unbeaten(self.rounding(everything.costs), prices))
        self.tried = np.zeros(len(self.plans), dtype=bool)
        self.growth = np.full(len(LEVELS), np.nan)
        self.effort = 0.0

    @property
    def flown(self) -> list[Option]:
        """All that can be taken so far."""
        return [*self.named, *self.trades]

    @property
    def rounding(self) -> Rounding:
        """By the least fuel of a burn."""
        fuel = [float(Fuel().of(one.outcome)) for one in self.flown if one.burns]
        resolution = self.writer.pilot.no_burn.resolution
        return Rounding.for_burns_of(min(fuel, default=0.0), resolution)

    def _prices(self, costs: FloatArray) -> FloatArray:
        return np.asarray(costs @ np.array(self.policy.weights.in_order))

    def run(self, points: int) -> None:
        """The cheapest, ends, the knee, then the farthest, as long as flights are left."""
        if not len(self.plans):
            return
        self._learn_growth_at_target()
        self._fly_cheapest(1)
        self._fly_ends()
        self._fly_cheapest(_TRIES - 1)
        self._fly_knee()
        self._fill(points)

    # one flight

    def _fly(self, place: int) -> bool:
        """Fly a plan at its level, those much like it with it; whether it can be taken."""
        level, row = int(self.plans.level[place]), int(self.plans.row[place])
        self._leave_out_alike(place)
        if self.effort >= _EFFORT:
            return False
        try:
            option = self._flown(level, row)
        except MdssError:  # a plan that cannot be flown is none; the others stand
            self.effort += _BOTH_WAYS * _effort_of(self.writer.pilot.no_burn)
            return False
        if not can_be_taken(option):
            return False
        self.growth[level] = float(Fuel().of(option.outcome)) / self.plans.costs[place, FUEL]
        self.trades.append(replace(option, cost=float(self.objective.of(option.outcome))))
        return True

    def _flown(self, level: int, row: int) -> Option:
        """A plan of the linear map, corrected by flight until it reaches its level."""
        burn = quick_candidate(self.plans.sweeps[level], row, TRADE_OFF)
        burn, sized = self.writer.pilot.candidate_to(burn, LEVELS[level] * self.policy.pc_target)
        simple = sized.reached and sized.verified.main is sized.verified.message_approach
        flights = _ONCE_OR_TWICE if simple else _BOTH_WAYS
        self.effort += flights * _effort_of(sized.verified)
        return self.writer.flown(
            OptionName.TRADE,
            PlanStyle.SINGLE,
            sized,
            pc_linear=burn.pc_linear,
            binds=burn.binds,
            why_listed="",
            certificate=burn.certificate,
        )

    def _leave_out_alike(self, place: int) -> None:
        """Plans that differ by next to nothing from the one that is flown."""
        steps = self.rounding.in_steps(self.plans.costs)
        self.tried |= np.all(np.abs(steps - steps[place]) < ALIKE, axis=1)

    # what flight does to the linear prices

    def _learn_growth_at_target(self) -> None:
        at_target = self.plans.costs[self.plans.level == 0, FUEL]
        single = [one for one in self.named if one.style == PlanStyle.SINGLE and one.burns]
        if at_target.size and single:
            least = min(float(Fuel().of(one.outcome)) for one in single)
            self.growth[0] = least / np.min(at_target)

    def _costs(self) -> FloatArray:
        """Linear costs, fuel grown as flight made it grow at the closest level (burn errors)."""
        known = np.flatnonzero(np.isfinite(self.growth))
        costs = self.plans.costs.copy()
        if known.size:
            growth = np.interp(np.arange(len(LEVELS)), known, self.growth[known])
            costs[:, FUEL] *= growth[self.plans.level]
        return costs

    # which ones

    def _fly_ends(self) -> None:
        """Ends that no named option stands for."""
        named = {one.name for one in self.named}
        steps, prices = self.rounding(self.plans.costs), self._prices(self._costs())
        has_end = self.rounding.has_ends(self.plans.costs)
        for axis in (RISK, DEVIATION, FUEL, INTERRUPTION, LEAD):
            if _NAMED_ENDS.get(axis) in named or not has_end[axis]:
                continue
            order = np.lexsort((prices, steps[:, axis]))
            firsts = order[np.unique(steps[order, axis], return_index=True)[1]]
            any(self._fly(int(place)) for place in firsts[:_TRIES] if not self.tried[place])

    def _fly_cheapest(self, tries: int) -> None:
        """By the policy's weights; flight corrects the prices, so again until one is confirmed."""
        for _ in range(tries):
            prices = np.where(self.tried, np.inf, self._prices(self._costs()))
            place = int(np.argmin(prices))
            flown = [float(self.objective.of(one.outcome)) for one in self.flown if one.burns]
            if not prices[place] < (1 - SAME_COST) * min(flown, default=np.inf):
                return
            self._fly(place)

    def _fly_knee(self) -> None:
        costs, flown = self._costs(), self._flown_costs()
        place = knee(np.vstack([costs, flown[flown[:, FUEL] > 0]]))
        if place is not None and place < len(costs) and not self.tried[place]:
            self._fly(place)

    def _fill(self, points: int) -> None:
        """The plan farthest from all that was flown or tried, again and again."""
        costs = self._costs()
        places = scaled(costs)
        worth = unbeaten(np.rint(places / _WORTH_A_FLIGHT).astype(np.int64), self._prices(costs))
        while len(self._kept()) < points and self.effort < _EFFORT:
            everything = scaled(np.vstack([self._costs(), self._flown_costs()]))
            places, taken = everything[: len(costs)], everything[len(costs) :]
            row, apart = farthest(places[worth], np.vstack([taken, places[self.tried]]))
            if apart < _CLOSE:
                return
            self._fly(int(worth[row]))

    def _flown_costs(self) -> FloatArray:
        return costs_of_options(self.policy, self.flown)

    def _kept(self) -> IntArray:
        return unbeaten(self.rounding(self._flown_costs()), np.arange(float(len(self.flown))))


def _effort_of(flown: Verified) -> float:
    """Of one flight: its path, and Pc of every approach that is looked at."""
    found = [one.encounter for one in flown.approaches if one.encounter is not None]
    return 1.0 + sum(_EFFORT_OF.get(one.choice.recommended.method, 1.0) for one in found)


def can_be_taken(option: Option) -> bool:
    """Whether an option may stand on the front: it holds when flown, and its Pc can be believed."""
    return option.feasible and option.method_valid


# --- balanced -----------------------------------------------------------------------------


def _cheaper_balanced(policy: Policy, front: Front, options: Sequence[Option]) -> Option | None:
    """The plan of the front that "Balanced" should be; None where it is that already."""
    burns = [one.option for one in front.points if one.option.burns]
    best = min(burns, key=lambda one: one.cost, default=None)
    balanced = next((one for one in options if one.name == OptionName.BALANCED), None)
    if best is None or balanced is None or not best.cost < (1 - SAME_COST) * balanced.cost:
        return None
    own_name = best.name != OptionName.TRADE
    if own_name and (best.style != PlanStyle.SINGLE or not can_be_taken(balanced)):
        return None  # the plan has a name to be recommended by
    reason = (
        f"Lowest policy cost of {len(front.points)} plans of the front: fuel, payload minutes, "
        f"residual risk, deviation and decision lead, weighted as in policy {policy.name!r}."
    )
    return replace(best, name=OptionName.BALANCED, tag="", reason=reason)


def _renamed(
    policy: Policy, search: _Search, options: tuple[Option, ...], balanced: Option
) -> tuple[Front, tuple[Option, ...]]:
    """The front once more with another "Balanced"; the old one is a trade where it differs."""
    before = next(one for one in options if one.name == OptionName.BALANCED)
    trades = [one for one in search.trades if one.burns is not balanced.burns]
    after = tuple(balanced if one is before else one for one in options)
    if can_be_taken(before) and before.burns:
        others = [one for one in (*after, *trades) if can_be_taken(one)]
        places = scaled(costs_of_options(policy, [before, *others]))
        if farthest(places[:1], places[1:])[1] > _CLOSE:
            trades.append(replace(before, name=OptionName.TRADE))
    return front_of(policy, after, trades, search.rounding, search.compared), after

"""What always holds for a front, on a scenario with windows and contacts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mdss.loading import load_scenario
from mdss.planner.costs import Objective, costs_of
from mdss.planner.front.dominance import Rounding, unbeaten
from mdss.planner.front.ladder import linear_plans
from mdss.planner.front.pareto import with_front
from mdss.planner.option_maker import OptionMaker
from mdss.planner.setting import Setting
from mdss.risk.assess import assess

FEW, MANY = 8, 14
ROUNDING = Rounding()


class Fronts:
    """Fronts of one setting, nothing flown twice."""

    def __init__(self, **operations) -> None:
        scenario = load_scenario("observer7_fragment49863")
        given = replace(scenario.operations, **operations)
        ours = scenario.event.latest.oriented(scenario.spacecraft.designator)
        self.setting = Setting(
            risk=assess(ours, spacecraft=scenario.spacecraft, policy=scenario.policy),
            spacecraft=scenario.spacecraft,
            operations=given,
            policy=scenario.policy,
            now_utc=ours.created_utc,
        )
        self.maker = OptionMaker(self.setting)
        self.options = self.maker.options()

    def of(self, points):
        return with_front(self.maker.writer, self.maker.any, self.options, points=points)[0]


@pytest.fixture(scope="module")
def fronts():
    return Fronts()


@pytest.fixture(scope="module")
def many(fronts):
    return fronts.of(MANY)


def test_no_point_beats_another(many):
    """Cost by cost, without the code that made the front; a tie in all would be two of one kind."""
    for one in many.points:
        for other in many.points:
            if one is not other:
                assert any(a > b for a, b in zip(one.values, other.values, strict=True))


def test_every_plan_of_the_linear_map_is_matched_or_beaten_by_one_that_stays(fronts):
    plans = linear_plans(fronts.maker.any)
    steps = ROUNDING(plans.costs)
    kept = steps[unbeaten(steps, np.arange(float(len(steps))))]
    assert 10 < len(kept) < len(steps)
    for one in steps:
        assert np.any(np.all(kept <= one, axis=1))


def test_plans_that_nothing_beats_all_stay(fronts):
    """Exact: no plan that stays is beaten by any other of them all."""
    steps = ROUNDING(linear_plans(fronts.maker.any).costs)
    kept = unbeaten(steps, np.arange(float(len(steps))))
    for row in kept:
        as_good = np.all(steps <= steps[row], axis=1)
        assert np.all(steps[as_good] == steps[row])


@pytest.mark.parametrize("axis", range(5))
def test_weights_on_one_cost_alone_recommend_its_end(many, fronts, axis):
    weights = np.zeros(5)
    weights[axis] = 1.0
    objective = Objective(tuple(zip(weights, costs_of(fronts.setting.policy), strict=True)))
    least = min(one.values[axis] for one in many.points)
    assert many.ranked(objective)[0].values[axis] == least
    # what is recommended may cost half a percent more, if it has a plainer name
    assert many.recommended(objective).values[axis] <= 1.005 * least


def test_the_cheapest_by_any_weights_is_a_point_that_ranks_first(many, fronts):
    costs = costs_of(fronts.setting.policy)
    for weights in np.random.default_rng(1).uniform(0, 1, (40, 5)):
        ranked = many.ranked(Objective(tuple(zip(weights, costs, strict=True))))
        totals = [float(weights @ one.values) for one in ranked]
        assert all(a <= b + 1e-12 for a, b in pairwise(totals))


def test_the_same_question_has_the_same_front(many):
    again = Fronts().of(MANY)
    assert [one.label for one in again.points] == [one.label for one in many.points]
    assert [one.represents for one in again.points] == [one.represents for one in many.points]
    for one, other in zip(again.points, many.points, strict=True):
        assert np.array_equal(one.values, other.values)
    assert again.ties == many.ties


def test_more_points_keep_the_ends_of_fewer(fronts, many):
    few = fronts.of(FEW)
    assert len(few.points) < len(many.points)
    for axis in range(5):
        assert min(one.values[axis] for one in many.points) <= min(
            one.values[axis] for one in few.points
        )


def test_more_burn_times_are_never_worse_in_anything(fronts):
    """An hour earlier on the same grid; windows that close it take burns away from both."""
    earlier = fronts.setting.operations.planning_horizon_s - 3600.0
    fewer = Fronts(planning_horizon_s=earlier)
    assert set(fewer.setting.times_s) <= set(fronts.setting.times_s)
    wide, narrow = (linear_plans(one.maker.any).costs for one in (fronts, fewer))
    assert len(wide) > len(narrow)
    # the optimum is certified to 1e-4, so that one burn may come out that much differently
    assert np.all(wide.min(axis=0) <= narrow.min(axis=0) * (1 + 1e-4) + 1e-12)
    flown = [one.of(FEW) for one in (fronts, fewer)]
    best, before = (np.min([p.values for p in one.points], axis=0) for one in flown)
    # flown sizes are set to Pc within 1 %, worth a few thousandths of the fuel
    assert np.all(best <= before * np.array([1.005, 1, 1.01, 1.005, 1]) + 0.02)

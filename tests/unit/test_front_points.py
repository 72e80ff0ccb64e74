"""Labels, ties and ends of fronts, on plans made of costs alone."""

from __future__ import annotations

import numpy as np
import pytest
from front_plans import POLICY, a_front, a_plan, no_burn

from mdss.planner.costs import costs_of, objective_of
from mdss.planner.options import OptionName

FUEL = a_plan(OptionName.MINIMUM_FUEL, fuel_g=10.0, lost_min=50.0)
PAYLOAD = a_plan(OptionName.MINIMUM_INTERRUPTION, fuel_g=14.0, lost_min=3.0)


def test_named_options_keep_their_letters_and_trades_are_numbered_by_fuel():
    front = a_front(
        PAYLOAD,
        a_plan(fuel_g=13.0, lost_min=5.0),
        a_plan(fuel_g=11.0, lost_min=20.0),
        FUEL,
    )
    assert [one.label for one in front.points] == ["B", "P1", "P2", "D"]
    assert [one.option.letter for one in front.points] == ["B", "P1", "P2", "D"]
    fuel = [one.values[0] for one in front.points]
    assert fuel == sorted(fuel)


def test_a_single_burn_is_called_the_only_one():
    assert [one.represents for one in a_front(no_burn(), FUEL).points] == ["no burn", "only burn"]


def test_no_burn_comes_first():
    assert [one.label for one in a_front(FUEL, no_burn()).points] == ["A", "B"]


def test_a_beaten_option_is_told_by_how_much():
    in_track = a_plan(OptionName.IN_TRACK, fuel_g=10.4, lost_min=50.0, lead_h=8.0)
    (tie,) = a_front(FUEL, in_track).ties
    assert (tie.name, tie.label) == (OptionName.IN_TRACK, "B")
    assert tie.reason == (
        "C takes a decision 2.0 h earlier and 0.40 g more fuel than B and is better in nothing."
    )


def test_the_cheapest_of_those_that_beat_an_option_is_named():
    beaten = a_plan(OptionName.IN_TRACK, fuel_g=16.0, lost_min=50.0)
    (tie,) = a_front(FUEL, PAYLOAD, beaten).ties
    assert tie.label == "D"  # 47 min are worth more than 4 g by these weights


def test_options_that_cost_the_same_share_a_point():
    balanced = a_plan(OptionName.BALANCED, fuel_g=10.003, lost_min=50.0)
    front = a_front(FUEL, balanced)
    (point,) = front.points
    assert {point.option.name, *point.also} == {OptionName.MINIMUM_FUEL, OptionName.BALANCED}
    assert front.ties == ()


def test_a_trade_that_costs_the_same_as_a_named_option_is_dropped():
    twin = a_plan(fuel_g=9.998, lost_min=50.0)
    assert [one.label for one in a_front(twin, FUEL).points] == ["B"]


def test_a_third_of_a_percent_of_pc_does_not_decide():
    """Sizes are set to Pc within 1 %: which of two lies lower is chance."""
    one = a_plan(OptionName.MINIMUM_FUEL, fuel_g=10.0, targets=0.999)
    other = a_plan(OptionName.IN_TRACK, fuel_g=11.0, targets=0.991)
    assert [tie.name for tie in a_front(one, other).ties] == [OptionName.IN_TRACK]


@pytest.mark.parametrize("flaw", ["feasible", "trusted"])
def test_plans_that_cannot_be_taken_are_not_on_the_front(flaw):
    front = a_front(FUEL, a_plan(OptionName.IN_TRACK, fuel_g=5.0, **{flaw: False}))
    assert [one.label for one in front.points] == ["B"]
    assert front.ties == ()


def test_a_constant_cost_has_no_end():
    said = "; ".join(one.represents for one in a_front(FUEL, PAYLOAD).points)
    assert "least fuel" in said
    assert "deviation" not in said
    assert "latest decision" not in said


def test_the_knee_is_marked_once_and_only_where_there_is_a_between():
    middle = a_plan(fuel_g=10.5, lost_min=8.0)
    front = a_front(FUEL, PAYLOAD, middle)
    assert [one.label for one in front.points if one.knee] == ["P1"]
    assert front.knee is front.point("P1")
    assert "knee" in front.point("P1").represents
    assert a_front(FUEL, PAYLOAD).knee is None


def test_no_burn_is_not_a_knee():
    """It is best in all costs but one; what is asked is where burns bend."""
    front = a_front(no_burn(), FUEL, PAYLOAD, a_plan(fuel_g=10.5, lost_min=8.0))
    assert front.knee is front.point("P1")
    assert a_front(no_burn(), FUEL, PAYLOAD).knee is None


def test_a_trade_much_like_a_plan_that_is_there_is_left_out():
    """Two steps of fuel and of minutes are not worth a line."""
    front = a_front(FUEL, a_plan(fuel_g=10.02, lost_min=49.8))
    assert [one.label for one in front.points] == ["B"]


def test_values_are_the_costs_of_the_outcome_in_order():
    front = a_front(FUEL, PAYLOAD)
    for point in front.points:
        expected = [float(cost.of(point.option.outcome)) for cost in costs_of(POLICY)]
        assert np.array_equal(point.values, expected)


def test_no_burn_is_recommended_wherever_it_may_stand():
    objective = objective_of(POLICY)
    assert a_front(no_burn(targets=30.0), FUEL).recommended(objective).label == "A"
    ranked = a_front(FUEL, PAYLOAD).ranked(objective)
    assert a_front(FUEL, PAYLOAD).recommended(objective).label == ranked[0].label

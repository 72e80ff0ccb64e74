"""What the front says about its plans, on plans made of costs alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from front_plans import POLICY, a_front, a_plan, no_burn

from mdss.planner.costs import objective_of
from mdss.planner.front.words import exchange, explain, moved
from mdss.planner.options import OptionName

OBJECTIVE = objective_of(POLICY)
FUEL = a_plan(OptionName.MINIMUM_FUEL, fuel_g=10.0, lost_min=50.0)
PAYLOAD = a_plan(OptionName.MINIMUM_INTERRUPTION, fuel_g=10.8, lost_min=3.0)


def weighted(**weights):
    return objective_of(replace(POLICY, weights=replace(POLICY.weights, **weights)))


def test_the_exchange_is_said_in_the_units_of_the_costs():
    front = a_front(FUEL, PAYLOAD)
    dear, cheap = front.point("D").values, front.point("B").values
    assert (
        exchange(front, OBJECTIVE, dear, cheap).sentence
        == "0.80 g more fuel saves 47 min of payload"
    )
    assert (
        exchange(front, OBJECTIVE, cheap, dear).sentence
        == "47 min more payload lost saves 0.80 g of fuel"
    )


def test_what_weighs_most_is_said_first():
    front = a_front(FUEL, a_plan(fuel_g=14.0, lost_min=49.0, lead_h=2.0, targets=0.0995))
    taken, left = front.point("P1").values, front.point("B").values
    assert exchange(front, weighted(lateness_per_hour=100.0), taken, left).sentence == (
        "4.0 g more fuel leaves 4.0 h more to decide, lowers Pc by a factor of 10 and saves "
        "1.0 min of payload"
    )
    assert exchange(front, weighted(residual_pc_per_target=1e4), taken, left).sentence.startswith(
        "4.0 g more fuel lowers Pc"
    )


def test_two_things_paid_take_a_plural():
    front = a_front(FUEL, a_plan(fuel_g=11.0, lost_min=3.0, lead_h=7.5))
    taken, left = front.point("P1").values, front.point("B").values
    said = exchange(front, OBJECTIVE, taken, left).sentence
    assert said == "a decision 1.5 h earlier and 1.0 g more fuel save 47 min of payload"


def test_differences_below_the_rounding_are_not_said():
    """0.005 boxes may lie on two sides of a step; it is still nothing."""
    front = a_front(FUEL, a_plan(fuel_g=10.8, lost_min=3.0, boxes=0.206))
    said = exchange(front, OBJECTIVE, front.point("P1").values, front.point("B").values).sentence
    assert "boxes" not in said


@pytest.mark.parametrize(("targets", "factor"), [(0.09953, "10"), (0.3147, "3.2"), (0.001, "995")])
def test_pc_is_compared_by_a_factor(targets, factor):
    front = a_front(FUEL, a_plan(fuel_g=12.0, lost_min=50.0, targets=targets))
    said = exchange(front, OBJECTIVE, front.point("P1").values, front.point("B").values).sentence
    assert said == f"2.0 g more fuel lowers Pc by a factor of {factor}"


def test_the_explanation_names_the_next_best_and_the_ends():
    front = a_front(FUEL, PAYLOAD, a_plan(fuel_g=10.4, lost_min=8.0))
    said = explain(front, OBJECTIVE)
    assert said.startswith("D costs least of 3 plans by these weights, ")
    assert "It has the least interruption of all burns." in said
    assert "Moving to P1, the next best: 5.0 min more payload lost saves 0.40 g of fuel." in said
    assert "Moving to B, the least fuel: 47 min more payload lost saves 0.80 g of fuel." in said


def test_a_plan_taken_for_its_name_is_not_said_to_cost_least():
    """The plainest of those within 0.5 %, which is less than sizes are told apart by."""
    front = a_front(FUEL, a_plan(fuel_g=12.0, lost_min=48.9))
    best = front.recommended(OBJECTIVE)
    assert best is not None
    assert best.label == "B"
    said = explain(front, OBJECTIVE)
    assert said.startswith("B costs no more than the cheapest of 2 plans")
    assert "costs least" not in said


def test_less_than_an_hour_is_told_in_minutes():
    front = a_front(FUEL, a_plan(fuel_g=12.0, lost_min=50.0, lead_h=5.75))
    said = exchange(front, OBJECTIVE, front.point("P1").values, front.point("B").values).sentence
    assert said == "2.0 g more fuel leaves 15 min more to decide"


def test_weights_that_move_the_recommendation_say_by_how_much():
    front = a_front(FUEL, PAYLOAD)
    thrifty = weighted(fuel_per_gram=1000.0)
    assert moved(front, OBJECTIVE, thrifty) == (
        "B instead of D: 47 min more payload lost saves 0.80 g of fuel."
    )
    assert moved(front, OBJECTIVE, weighted(fuel_per_gram=0.51)) == "D stays recommended."


def test_no_burn_is_explained_by_the_policy_and_not_by_weights():
    front = a_front(no_burn(), FUEL, PAYLOAD)
    said = explain(front, weighted(residual_pc_per_target=1e6))
    assert said.startswith("A, no burn: the policy calls for none.")
    assert "the cheapest burn" in said


def test_a_single_plan_is_said_to_be_the_only_one():
    assert explain(a_front(FUEL), OBJECTIVE).startswith("B is the only plan on the front")


def test_an_empty_front_says_why():
    front = a_front(no_burn(feasible=False), replace(FUEL, feasible=False, reason="Too late."))
    assert front.points == ()
    assert front.recommended(OBJECTIVE) is None
    assert explain(front, OBJECTIVE) == "No plan can be taken. Too late."
    assert moved(front, OBJECTIVE, OBJECTIVE) == front.reason


def test_a_front_of_plans_that_cannot_be_believed_says_so():
    doubtful = a_plan(OptionName.MINIMUM_FUEL, fuel_g=10.0, trusted=False)
    front = a_front(no_burn(feasible=False), doubtful)
    assert front.reason.startswith("No plan can be recommended")


@pytest.mark.parametrize("letter", ["B", "D"])
def test_every_end_is_told_apart(letter):
    point = a_front(FUEL, PAYLOAD).point(letter)
    wanted = {"B": "least fuel", "D": "least interruption"}[letter]
    assert wanted in point.represents

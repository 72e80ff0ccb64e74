"""Plans whose burns hold in every case of a set, flown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdss.errors import PlanningError
from mdss.loading import Scenario, load_scenario
from mdss.planner.options import OptionName, Plan
from mdss.planner.plan import plan
from mdss.planner.robustness.cases import Case, CaseSet
from mdss.planner.verification import Verifier


@pytest.fixture(scope="module")
def observer() -> Scenario:
    return load_scenario("observer7_fragment49863")


def planned(scenario: Scenario, robust: str | CaseSet | None) -> Plan:
    return plan(
        scenario.event, scenario.spacecraft, scenario.operations, scenario.policy, robust=robust
    )


@pytest.fixture(scope="module")
def hot_cold(observer: Scenario) -> Plan:
    return planned(observer, "hot-cold")


def test_a_robust_plan_reaches_the_target_in_its_worst_case_and_not_far_below(
    hot_cold: Plan,
) -> None:
    target = hot_cold.policy.pc_target
    for one in hot_cold.options[1:]:
        assert one.feasible
        assert one.worst_case is not None
        # sizes are set to Pc within 1 %
        assert 0.985 * target <= one.worst_case.pc <= target
        assert one.pc_verified is not None
        assert one.pc_verified < one.worst_case.pc


def test_the_worst_case_is_what_a_flight_of_the_changed_burn_gives(hot_cold: Plan) -> None:
    one = hot_cold.option(OptionName.MINIMUM_FUEL)
    error = hot_cold.spacecraft.execution_error
    assert error is not None
    (burn,) = one.burns
    sigma = (
        error.magnitude_fixed_m_s**2 + (error.magnitude_proportional * burn.dv_m_s) ** 2
    ) ** 0.5
    cold = (burn.dv_m_s - 3 * sigma) / burn.dv_m_s
    verifier = Verifier(
        hot_cold.conjunction,
        hot_cold.risk.hbr.radius_m,
        error,
        earliest_burn_s=hot_cold.operations.planning_horizon_s,
    )
    flown = verifier.fly(
        [replace(burn, dv_rtn_m_s=cold * burn.dv_rtn_m_s, duration_s=cold * burn.duration_s)]
    )
    assert one.worst_case is not None
    assert one.worst_case.name == "cold burn, −3 sigma"
    # the search for approaches begins at other times, which moves nothing but the last digits
    assert flown.pc == pytest.approx(one.worst_case.pc, rel=1e-4)


def test_robust_burns_are_never_smaller(observer: Scenario, hot_cold: Plan) -> None:
    nominal = planned(observer, None)
    for one in nominal.options[1:]:
        robust = hot_cold.option(one.name)
        if one.name in (OptionName.MINIMUM_FUEL, OptionName.IN_TRACK):
            assert robust.dv_total_m_s > one.dv_total_m_s


def test_a_set_of_nothing_but_the_plan_changes_nothing(observer: Scenario) -> None:
    nominal = planned(observer, None).option(OptionName.MINIMUM_FUEL)
    same = planned(observer, CaseSet(name="as planned", cases=())).option(OptionName.MINIMUM_FUEL)
    # sizes are set to Pc within 1 %, which is 0.1 % of delta-v
    assert same.dv_total_m_s == pytest.approx(nominal.dv_total_m_s, rel=1e-3)
    assert same.worst_case is not None
    assert same.worst_case.name == "as planned"


def test_a_burn_cut_at_half_asks_for_twice_the_burn(observer: Scenario) -> None:
    half = CaseSet(name="half", cases=(Case(name="cut at half", size_factor=0.5),))
    nominal = planned(observer, None).option(OptionName.MINIMUM_FUEL)
    doubled = planned(observer, half).option(OptionName.MINIMUM_FUEL)
    # the share of the execution error is the same, so its fixed part makes the difference
    assert doubled.dv_total_m_s == pytest.approx(2 * nominal.dv_total_m_s, rel=0.02)


def test_a_set_of_no_such_name_is_refused(observer: Scenario) -> None:
    with pytest.raises(PlanningError, match="hot-cold"):
        planned(observer, "luke-warm")

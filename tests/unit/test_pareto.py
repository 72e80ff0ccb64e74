"""Fronts of the bundled scenarios, flown, and of plans bent so that little or nothing is left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mdss.errors import PlanningError, PropagationError
from mdss.loading import Scenario, load_scenario
from mdss.planner.candidates import candidate, sweep
from mdss.planner.costs import objective_of
from mdss.planner.front.ladder import LEVELS, quick_candidate
from mdss.planner.front.pareto import pareto_front
from mdss.planner.options import OptionName, Plan
from mdss.planner.pilot import Pilot
from mdss.planner.plan import plan
from mdss.planner.setting import Setting
from mdss.policy import Policy
from mdss.prices import Limits, Weights
from mdss.units import shifted

STEPS = (0.01, 0.1, 0.0, 0.01, 1 / 60)  # g, min, targets (all levels differ), boxes, h


def planned(scenario: Scenario, **changes) -> Plan:
    given = {
        "spacecraft": scenario.spacecraft,
        "operations": scenario.operations,
        "policy": scenario.policy,
        **changes,
    }
    return plan(scenario.event, front=True, **given)


def setting_of(plan: Plan) -> Setting:
    return Setting(
        risk=plan.risk,
        spacecraft=plan.spacecraft,
        operations=plan.operations,
        policy=plan.policy,
        now_utc=plan.now_utc,
    )


def known_names(plan: Plan) -> set[OptionName]:
    """Named options that are a point, share one, or are told to be beaten by one."""
    front = plan.front
    points = {name for one in front.points for name in (one.option.name, *one.also)}
    return points | {tie.name for tie in front.ties}


@pytest.fixture(scope="module")
def observer() -> Scenario:
    return load_scenario("observer7_fragment49863")


@pytest.fixture(scope="module")
def observer_plan(observer: Scenario) -> Plan:
    return planned(observer)


def test_named_options_are_points_or_tied(observer_plan: Plan) -> None:
    can_be_taken = {one.name for one in observer_plan.options if one.feasible and one.method_valid}
    assert can_be_taken <= known_names(observer_plan)


def test_no_point_is_as_good_as_another_everywhere_and_clearly_better_somewhere(
    observer_plan: Plan,
) -> None:
    points = observer_plan.front.points
    for one in points:
        for other in points:
            pairs = list(zip(one.values, other.values, STEPS, strict=True))
            as_good = all(a <= b for a, b, _ in pairs)
            clearly = any(a < b - 2 * step for a, b, step in pairs if step)
            assert not (one is not other and as_good and clearly)


def test_every_point_can_be_flown_and_keeps_to_the_target(observer_plan: Plan) -> None:
    for one in observer_plan.front.points:
        assert one.option.feasible
        assert one.option.method_valid
        assert one.option.pc_verified <= observer_plan.policy.pc_target


def test_trades_lie_on_a_rung_of_the_ladder_as_flown(observer_plan: Plan) -> None:
    """Sizes are corrected until Pc is within 1 % below the level."""
    for one in observer_plan.front.points:
        if one.option.name == OptionName.TRADE:
            shares = one.values[2] / np.array(LEVELS)
            assert np.any((shares >= 0.99) & (shares <= 1))


def test_trades_are_told_by_tag_and_reason(observer_plan: Plan) -> None:
    trades = [one for one in observer_plan.front.points if one.option.name == OptionName.TRADE]
    assert trades
    assert [one.label for one in trades] == [f"P{k}" for k in range(1, len(trades) + 1)]
    for one in trades:
        assert one.option.letter == one.label
        assert one.represents.split("; ")[0] in one.option.reason


def test_the_whole_range_of_residual_risk_is_offered(observer_plan: Plan) -> None:
    """The lowest rung can be reached, so that its end is on the front."""
    risk = [one.values[2] for one in observer_plan.front.points]
    assert min(risk) == pytest.approx(LEVELS[-1], rel=0.01)
    assert max(risk) == pytest.approx(1, rel=0.01)


def test_points_carry_proofs(observer_plan: Plan) -> None:
    assert all(one.option.certificate.tight for one in observer_plan.front.points)
    assert observer_plan.front.largest_gap <= 1e-4


def test_the_plan_recommends_what_its_front_does(observer_plan: Plan) -> None:
    best = observer_plan.front.recommended(objective_of(observer_plan.policy))
    assert observer_plan.recommended in (best.option.name, *best.also)


def test_a_front_after_the_plan_is_the_front_of_the_plan(observer_plan: Plan) -> None:
    again = pareto_front(observer_plan)
    before = observer_plan.front
    assert [one.label for one in again.points] == [one.label for one in before.points]
    for one, other in zip(again.points, before.points, strict=True):
        assert one.values == pytest.approx(other.values, rel=0.01)


def test_balanced_follows_a_front_that_costs_less(observer: Scenario) -> None:
    """Where residual risk is dear, sizing to the target is not what costs least."""
    policy = replace(observer.policy, weights=Weights(residual_pc_per_target=300.0))
    found = planned(observer, policy=policy)
    balanced = found.option(OptionName.BALANCED)
    assert balanced.pc_verified < 0.5 * policy.pc_target
    assert found.recommended == OptionName.BALANCED
    assert balanced.cost == min(one.option.cost for one in found.front.points)
    best = found.front.recommended(objective_of(policy))
    assert OptionName.BALANCED in (best.option.name, *best.also)


def test_hard_limits_hold_on_the_whole_front(observer: Scenario, observer_plan: Plan) -> None:
    """Half of the points cost more fuel than the limit that is set here."""
    fuel = [one.values[0] for one in observer_plan.front.points]
    limit = float(np.median(fuel))
    policy = replace(observer.policy, limits=Limits(propellant_g=limit))
    found = planned(observer, policy=policy)
    assert found.front.points
    assert all(one.values[0] <= limit for one in found.front.points)


def test_nothing_to_take_is_an_empty_front_with_a_reason(observer: Scenario) -> None:
    ten_minutes_before = shifted(observer.event.latest.tca_utc, -600)
    front = planned(observer, now_utc=ten_minutes_before).front
    assert front.points == ()
    assert front.knee is None
    assert "too late to command" in front.reason


def test_a_spacecraft_that_cannot_maneuver_has_an_empty_front(observer: Scenario) -> None:
    front = planned(observer, spacecraft=replace(observer.spacecraft, can_maneuver=False)).front
    assert front.points == ()
    assert "cannot maneuver" in front.reason


def test_plans_of_several_burns_stand_on_the_front_where_no_single_burn_does(
    observer: Scenario,
) -> None:
    """A tenth of the impulse that is needed at least, so that no single burn is enough."""
    weak = replace(observer.spacecraft, maximum_dv_m_s=0.003)
    found = planned(observer, spacecraft=weak)
    several = {OptionName.SEVERAL_BURNS, OptionName.THRUST_ARCS}
    assert found.front.points
    assert {one.option.name for one in found.front.points} <= several
    assert found.recommended in several


def test_where_no_burn_would_help_it_is_the_only_point(observer: Scenario) -> None:
    """4.4e-4 is below both thresholds here: nothing is sized to be safer than asked."""
    calm = Policy(name="calm", pc_act=2e-3, pc_target=1e-3)
    found = planned(observer, policy=calm)
    assert [one.label for one in found.front.points] == ["A"]
    assert found.front.points[0].represents == "no burn"
    assert found.recommended == OptionName.NO_BURN


def test_where_no_burn_is_called_for_burns_below_the_target_are_offered_beside_it(
    observer: Scenario,
) -> None:
    """4.4e-4 lies between the target and the threshold to act."""
    patient = Policy(name="patient", pc_act=1e-3, pc_target=1e-5)
    found = planned(observer, policy=patient)
    first, *burns = found.front.points
    assert first.label == "A"
    assert len(burns) > 3
    assert found.recommended == OptionName.NO_BURN
    assert found.front.recommended(objective_of(patient)) is first


def test_a_trade_that_cannot_be_flown_costs_only_itself(
    observer: Scenario, observer_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named options are flown already; of the trades every second one fails here."""
    calls = iter(range(100))
    flown = Pilot.candidate_to

    def fails_now_and_then(pilot, burn, pc_target):
        if next(calls) % 2:
            raise PropagationError("the orbit meets the ground")
        return flown(pilot, burn, pc_target)

    monkeypatch.setattr(Pilot, "candidate_to", fails_now_and_then)
    labels = {one.label for one in pareto_front(observer_plan).points}
    assert {"B", "D", "E"} <= labels
    assert any(one.startswith("P") for one in labels)


def test_the_quick_size_is_that_of_the_full_optimum(observer_plan: Plan) -> None:
    """Execution error turns the best direction by hundredths of a degree: nothing in size."""
    setting = setting_of(observer_plan)
    found = sweep(setting, setting.directions)
    for row in np.flatnonzero(found.possible)[::100]:
        quick, full = (one(found, int(row), "") for one in (quick_candidate, candidate))
        assert quick.dv_m_s == pytest.approx(full.dv_m_s, rel=1e-4)
        assert quick.pc_linear == pytest.approx(full.pc_linear, rel=2e-3)
        assert quick.dv_m_s > found.optimum.dv_m_s[row]
        assert quick.certificate == full.certificate


def test_no_points_at_all_are_refused(observer_plan: Plan) -> None:
    with pytest.raises(PlanningError, match="points = 0"):
        pareto_front(observer_plan, points=0)

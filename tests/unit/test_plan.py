"""Plans of the bundled scenarios and of conjunctions bent to make one constraint bind."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from mdss.astro.twobody import propagate
from mdss.conjunction import ConjunctionEvent
from mdss.errors import ConjunctionError
from mdss.loading import Scenario, load_scenario
from mdss.notices import NoticeCode
from mdss.operations import Operations, StandingManeuver, Station, TimeWindow
from mdss.planner.options import OptionName, Plan
from mdss.planner.plan import plan
from mdss.policy import Policy
from mdss.prices import Limits
from mdss.risk.methods import PcMethod
from mdss.spacecraft import Thruster
from mdss.units import shifted

BURNS = list(OptionName)[1:6]


@pytest.fixture(scope="module")
def observer() -> Scenario:
    return load_scenario("observer7_fragment49863")


@pytest.fixture(scope="module")
def observer_plan(observer: Scenario) -> Plan:
    return plan(observer.event, observer.spacecraft, observer.operations, observer.policy)


def test_every_option_is_there_in_order(observer_plan: Plan) -> None:
    assert [one.name for one in observer_plan.options] == list(OptionName)[:6]
    assert "".join(one.name.letter for one in observer_plan.options) == "ABCDEF"


def test_every_option_of_the_operational_scenario_differs(observer_plan: Plan) -> None:
    burns = [observer_plan.option(name).burns[0] for name in BURNS]
    for i, one in enumerate(burns):
        for other in burns[:i]:
            apart = abs(one.t_before_tca_s - other.t_before_tca_s)
            assert apart > 60 or np.linalg.norm(one.dv_rtn_m_s - other.dv_rtn_m_s) > 1e-4


def test_verified_pc_is_at_the_target_from_below(observer_plan: Plan) -> None:
    target = observer_plan.policy.pc_target
    for name in BURNS:
        verified = observer_plan.option(name).pc_verified
        assert verified is not None
        assert 0.99 * target <= verified <= target


def test_linear_and_verified_pc_agree(observer_plan: Plan) -> None:
    """Both numbers are shown; on a well-behaved conjunction they differ by less than 1 %."""
    for name in BURNS:
        one = observer_plan.option(name)
        assert one.pc_linear == pytest.approx(one.pc_verified, rel=1e-2)


def test_each_option_is_best_at_what_its_name_says(observer_plan: Plan) -> None:
    burns = [observer_plan.option(name) for name in BURNS]
    by_name = {one.name: one for one in burns}
    least_fuel = min(one.dv_total_m_s for one in burns)
    # the sizes are corrected to Pc within 1 %, worth well under 1 % of delta-v
    assert by_name[OptionName.MINIMUM_FUEL].dv_total_m_s <= least_fuel * 1.005
    least_lost = min(one.interruption_min for one in burns)
    assert by_name[OptionName.MINIMUM_INTERRUPTION].interruption_min <= least_lost + 0.1
    latest = max(one.commit_by_utc for one in burns if one.commit_by_utc)
    assert by_name[OptionName.LATEST_SAFE].commit_by_utc == latest
    assert by_name[OptionName.BALANCED].cost <= min(one.cost for one in burns) + 0.5
    _, transverse, _ = np.abs(by_name[OptionName.IN_TRACK].burns[0].dv_rtn_m_s)
    assert transverse == pytest.approx(by_name[OptionName.IN_TRACK].dv_total_m_s)


def test_burns_keep_windows_contacts_and_leads(observer: Scenario, observer_plan: Plan) -> None:
    spacecraft, operations = observer.spacecraft, observer.operations
    assert spacecraft is not None
    assert operations is not None
    for name in BURNS:
        one = observer_plan.option(name)
        half = 0.5 * one.burn_duration_s
        start, end = (shifted(one.burns[0].epoch_utc, s) for s in (-half, half))
        assert operations.blocked_by(start, end) is None
        slew = shifted(start, -spacecraft.slew_s - spacecraft.settle_s)
        assert one.commit_by_utc == operations.commit_by_utc(slew)
        assert one.cancel_by_utc == operations.cancel_by_utc(start)
        assert observer_plan.now_utc <= one.commit_by_utc <= one.cancel_by_utc < start


def test_recommended_burn_has_the_lowest_policy_cost(observer_plan: Plan) -> None:
    assert observer_plan.recommended is not None
    cost = observer_plan.option(observer_plan.recommended).cost
    assert cost == min(one.cost for one in observer_plan.options)
    assert observer_plan.option(OptionName.NO_BURN).cost == math.inf


def test_swapping_the_objects_gives_the_same_burns(observer: Scenario) -> None:
    event = ConjunctionEvent(conjunctions=(observer.event.latest,))
    swapped = ConjunctionEvent(conjunctions=(_objects_exchanged(event.latest),))
    plans = [
        plan(one, observer.spacecraft, observer.operations, observer.policy)
        for one in (event, swapped)
    ]
    for name in BURNS:
        ours, theirs = (one.option(name) for one in plans)
        assert ours.burns[0].t_before_tca_s == theirs.burns[0].t_before_tca_s
        np.testing.assert_allclose(
            ours.burns[0].dv_rtn_m_s, theirs.burns[0].dv_rtn_m_s, rtol=1e-9, atol=1e-12
        )
    # the reported miss follows the message: object 2 minus object 1, in RTN of object 1
    assert not np.allclose(
        plans[0].options[0].miss_rtn_before_m, plans[1].options[0].miss_rtn_before_m
    )


def _objects_exchanged(conjunction):  # type: ignore[no-untyped-def]
    return replace(conjunction, primary=conjunction.secondary, secondary=conjunction.primary)


def test_a_spacecraft_that_is_not_in_the_message_is_an_error(observer: Scenario) -> None:
    assert observer.spacecraft is not None
    stranger = replace(observer.spacecraft, designator="12345")
    with pytest.raises(ConjunctionError, match=r"12345.*99907"):
        plan(observer.event, stranger, observer.operations, observer.policy)


def test_the_other_object_can_be_named_as_maneuvering(observer: Scenario) -> None:
    other = plan(observer.event, maneuvering="OBJECT2", policy=observer.policy)
    assert other.conjunction.primary.designator == observer.event.latest.secondary.designator
    assert other.option(OptionName.MINIMUM_FUEL).feasible


def test_without_files_every_assumed_value_is_listed(observer: Scenario) -> None:
    bare = plan(observer.event)
    for name in ("spacecraft.mass_kg", "spacecraft.thrusters", "operations.contacts"):
        assert any(one.startswith(name) for one in bare.assumed)


def test_a_station_that_never_sees_the_spacecraft_binds_and_kept_propellant_is_not_assumed(
    observer: Scenario,
) -> None:
    """What the standing maneuver keeps back is not the reserve that nobody gave."""
    blind = Station(name="blind", latitude_deg=0, longitude_deg=0, elevation_mask_deg=89.9)
    keeping = StandingManeuver(
        epoch_utc=observer.event.latest.tca_utc - timedelta(hours=3),
        dv_rtn_m_s=(0.0, 0.01, 0.0),
        in_message=True,
    )
    operations = Operations(stations=(blind,), standing=(keeping,), minimum_contact_s=60.0)
    answer = plan(observer.event, operations=operations)
    assert "no station sees the spacecraft" in answer.recommendation
    assert "one more contact" in answer.recommendation
    assert "spacecraft.propellant_reserve_kg = 5" in answer.assumed


def test_it_is_too_late_when_the_last_contact_has_passed(observer: Scenario) -> None:
    late = plan(
        observer.event,
        observer.spacecraft,
        observer.operations,
        observer.policy,
        now_utc=observer.event.latest.tca_utc - timedelta(minutes=20),
    )
    assert late.recommended is None
    assert not late.maneuver_feasible
    assert late.burn_needed
    assert "too late to command" in late.option(OptionName.MINIMUM_FUEL).binds
    assert late.best_reachable_pc == pytest.approx(late.risk.pc_2d)


def test_no_burn_windows_over_all_times_bind(observer: Scenario) -> None:
    tca = observer.event.latest.tca_utc
    closed = Operations(
        no_burn=(TimeWindow(start_utc=tca - timedelta(days=3), end_utc=tca, label="closed"),)
    )
    answer = plan(observer.event, observer.spacecraft, closed, observer.policy)
    assert answer.option(OptionName.BALANCED).binds == "no-burn windows"
    assert answer.recommended is None


def test_what_closes_all_times_together_is_named_together(observer: Scenario) -> None:
    """Windows leave five minutes about a standing maneuver: either alone would leave a time."""
    tca = observer.event.latest.tca_utc
    gap = shifted(tca, -4 * 3600.0)
    windows = (
        TimeWindow(start_utc=shifted(tca, -30 * 3600.0), end_utc=shifted(gap, -150.0)),
        TimeWindow(start_utc=shifted(gap, 150.0), end_utc=tca),
    )
    keeping = StandingManeuver(epoch_utc=gap, dv_rtn_m_s=(0.0, 0.01, 0.0), in_message=True)
    operations = Operations(no_burn=windows, standing=(keeping,))
    answer = plan(observer.event, observer.spacecraft, operations, observer.policy)
    binds = {one.binds for one in answer.options[1:]}
    assert binds == {"no-burn windows and standing maneuver"}
    assert answer.relaxations


def test_a_limit_of_the_policy_that_no_burn_keeps_is_named_with_its_value(
    observer: Scenario,
) -> None:
    assert observer.policy is not None
    strict = replace(observer.policy, limits=Limits(propellant_g=5.0))
    answer = plan(observer.event, observer.spacecraft, observer.operations, strict)
    assert "is above 5 g" in answer.option(OptionName.MINIMUM_FUEL).reason
    assert answer.best_reachable_pc is not None
    assert strict.pc_target < answer.best_reachable_pc < answer.risk.pc
    assert OptionName.SEVERAL_BURNS not in [one.name for one in answer.options]


def test_a_small_cap_binds_and_the_best_reachable_pc_is_said(observer: Scenario) -> None:
    assert observer.spacecraft is not None
    # so small that even a burn at every time that slews leave does not add up
    weak = replace(observer.spacecraft, maximum_dv_m_s=0.0005, minimum_dv_m_s=0.0)
    answer = plan(observer.event, weak, observer.operations, observer.policy)
    assert answer.option(OptionName.MINIMUM_FUEL).binds == "maximum delta-v"
    assert answer.best_reachable_pc is not None
    assert observer.policy is not None
    assert observer.policy.pc_target < answer.best_reachable_pc < answer.risk.pc_2d
    assert f"{answer.best_reachable_pc:.1e}" in answer.recommendation


def test_thrusters_that_push_only_sideways_give_no_in_track_option(observer: Scenario) -> None:
    assert observer.spacecraft is not None
    sideways = replace(
        observer.spacecraft,
        maximum_dv_m_s=5.0,
        thrusters=(
            Thruster(name="normal", isp_s=220, thrust_n=10, directions_rtn=((0, 0, 1), (0, 0, -1))),
        ),
    )
    answer = plan(observer.event, sideways, observer.operations, observer.policy)
    assert answer.option(OptionName.IN_TRACK).binds == "thruster directions"
    fuel = answer.option(OptionName.MINIMUM_FUEL)
    assert fuel.burns
    assert np.all(fuel.burns[0].dv_rtn_m_s[:2] == 0)


def test_a_large_minimum_impulse_is_fired_and_said(observer: Scenario) -> None:
    assert observer.spacecraft is not None
    coarse = replace(observer.spacecraft, minimum_dv_m_s=0.2, maximum_dv_m_s=5.0)
    answer = plan(observer.event, coarse, observer.operations, observer.policy)
    fuel = answer.option(OptionName.MINIMUM_FUEL)
    assert fuel.dv_total_m_s == pytest.approx(0.2, rel=1e-9)
    assert fuel.binds == "minimum impulse"
    assert NoticeCode.MINIMUM_IMPULSE in [one.code for one in fuel.notices]


def test_below_the_threshold_to_act_no_burn_wins(observer: Scenario) -> None:
    relaxed = Policy(name="relaxed", pc_act=1e-2, pc_target=1e-5)
    answer = plan(observer.event, observer.spacecraft, observer.operations, relaxed)
    assert answer.recommended == OptionName.NO_BURN
    assert not answer.burn_needed
    assert answer.option(OptionName.MINIMUM_FUEL).burns


def test_below_the_target_no_burn_is_sized(observer: Scenario) -> None:
    relaxed = Policy(name="relaxed", pc_act=1e-2, pc_target=5e-3)
    answer = plan(observer.event, observer.spacecraft, observer.operations, relaxed)
    assert all(one.feasible and not one.burns for one in answer.options)


def late_secondary(position_only: bool) -> Plan:
    """A secondary 75 km late on its track, and known to 40 km there: its orbit bends over that."""
    scenario = load_scenario("iridium33_cosmos2251")
    latest = scenario.event.latest
    cov = np.array(latest.secondary.cov_rtn_m2)
    grow = np.ones(len(cov))
    grow[[1, 3]] = 40e3 / math.sqrt(cov[1, 1])
    state = propagate(latest.secondary.position_m, latest.secondary.velocity_m_s, [-10.0])[0]
    late = replace(
        latest.secondary,
        position_m=state[:3],
        velocity_m_s=state[3:],
        cov_rtn_m2=grow[:, None] * cov * grow,
    )
    if position_only:
        late = replace(late, cov_rtn_m2=late.position_cov_rtn_m2)
    long = replace(latest, secondary=late)
    return plan(long, scenario.spacecraft, scenario.operations, scenario.policy)


def test_where_2d_pc_is_not_valid_the_curved_count_decides() -> None:
    answer = late_secondary(position_only=False)
    assert not answer.risk.validity.valid
    assert answer.risk.pc_method == PcMethod.NC_2D
    assert answer.risk.pc == pytest.approx(3.4 * answer.risk.pc_2d, rel=0.05)
    assert answer.recommended == OptionName.NO_BURN
    no_burn = answer.option(OptionName.NO_BURN)
    assert no_burn.method_valid
    # the approach a revolution earlier counts too
    assert no_burn.pc_verified is not None
    assert no_burn.pc_verified > answer.risk.pc


def test_where_2d_pc_is_not_valid_and_no_other_method_can_be_fed_nothing_is_recommended() -> None:
    answer = late_secondary(position_only=True)
    assert not answer.risk.trusted
    assert "6×6" in answer.risk.choice.reason
    assert answer.recommended is None
    assert not answer.option(OptionName.NO_BURN).feasible
    assert all(not one.method_valid for one in answer.options)
    assert NoticeCode.PC_2D_NOT_VALID in [one.code for one in answer.notices]

"""Distances that a policy asks for: the least burn that reaches them, and that plans do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn
from mdss.loading import Scenario, load_scenario
from mdss.planner.candidates import candidate, sweep
from mdss.planner.demands import Demand, with_demands
from mdss.planner.optimum import AnyDirection, minimum_dv_in_plane
from mdss.planner.options import OptionName, Plan
from mdss.planner.plan import plan
from mdss.planner.setting import Setting
from mdss.policy import Criterion, Level, Policy
from mdss.risk.assess import assess
from mdss.spacecraft import Spacecraft
from mdss.units import shifted

FAR = Policy(name="far", pc_act=1e-4, pc_target=3e-6, min_miss_m=600.0, min_radial_m=300.0)


@pytest.fixture(scope="module")
def observer() -> Scenario:
    return load_scenario("observer7_fragment49863")


@pytest.fixture(scope="module")
def setting(observer: Scenario) -> Setting:
    risk = assess(observer.event.latest.oriented("99907"))
    now = shifted(risk.conjunction.tca_utc, -86400.0)
    craft, operations = observer.spacecraft, observer.operations
    assert craft is not None
    assert operations is not None
    return Setting(
        risk=risk,
        spacecraft=craft,
        operations=operations,
        policy=FAR,
        now_utc=now,
        dynamics="two_body",
    )


def least_dv(setting: Setting, demand: Demand, times_s: np.ndarray) -> np.ndarray:
    """By the planner, Pc made not to matter."""
    displacement = setting.displacement(times_s)
    plane, allowed = setting.risk.plane, AnyDirection()
    free = minimum_dv_in_plane(plane, 12.0, times_s, displacement, 0.5, allowed)
    assert np.all(free.dv_m_s == 0)
    found = with_demands(free, [demand], setting.conjunction, plane, displacement, allowed)
    moved = plane.miss_m + np.einsum("nij,nj->ni", displacement, found.dv_rtn_m_s)
    assert np.linalg.norm(found.dv_rtn_m_s, axis=1) == pytest.approx(found.dv_m_s, rel=1e-12)
    assert np.all(np.isfinite(moved))
    return found.dv_m_s


def test_least_burn_to_a_distance_is_the_least_over_all_directions(setting: Setting) -> None:
    times = np.array([1500.0, 2950.0, 6000.0, 20000.0])
    found = least_dv(setting, Demand(name="d", limits=(("miss", 900.0),), calls=False), times)
    angle = np.linspace(0, 2 * np.pi, 20001)
    normal = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    gain = np.linalg.norm(np.einsum("ki,nij->nkj", normal, setting.displacement(times)), axis=2)
    least = np.min((900.0 - normal @ setting.risk.plane.miss_m) / gain, axis=1)
    # the planner's own certificate is 1e-4; 20,001 normals are closer than that
    assert found == pytest.approx(least, rel=2e-4)


def test_least_burn_to_a_radial_distance_leaves_the_strip_on_the_nearer_side(
    setting: Setting,
) -> None:
    times = np.array([2950.0, 9000.0, 20000.0])
    found = least_dv(setting, Demand(name="r", limits=(("radial", 500.0),), calls=False), times)
    ours, plane = setting.conjunction.primary, setting.risk.plane
    radial = plane.axes @ eci_from_rtn(ours.position_m, ours.velocity_m_s)[:, 0]
    gain = np.linalg.norm(np.einsum("i,nij->nj", radial, setting.displacement(times)), axis=1)
    least = (500.0 - abs(radial @ plane.miss_m)) / gain
    assert found == pytest.approx(least, rel=2e-4)


def test_of_several_limits_the_easiest_counts(setting: Setting) -> None:
    times = np.array([2950.0, 20000.0])
    limits = (("miss", 900.0), ("radial", 500.0))
    both = least_dv(setting, Demand(name="either", limits=limits, calls=True), times)
    each = [least_dv(setting, Demand(name="x", limits=(one,), calls=True), times) for one in limits]
    assert both == pytest.approx(np.minimum(*each), rel=1e-12)


# --- plans --------------------------------------------------------------------------------


def planned(observer: Scenario, policy: Policy) -> Plan:
    return plan(observer.event, observer.spacecraft, observer.operations, policy)


def test_every_burn_that_is_offered_reaches_the_distances_when_flown(observer: Scenario) -> None:
    made = planned(observer, FAR)
    burns = [one for one in made.options if one.burns and one.feasible]
    assert burns
    for one in burns:
        assert one.unmet == ()
        assert one.pc_verified is not None
        assert one.pc_verified <= FAR.pc_target
        assert one.miss_after_m >= 600.0
        assert abs(one.miss_rtn_after_m[0]) >= 300.0
        # made no larger than needed: within the factor that flights overshoot by
        tight = (one.miss_after_m / 600.0, abs(one.miss_rtn_after_m[0]) / 300.0)
        assert min(tight) < 1.01
    assert made.option(OptionName.NO_BURN).unmet == ()  # they bind burns only


def test_a_criterion_calls_for_a_burn_where_pc_does_not(observer: Scenario) -> None:
    criterion = Criterion(name="keep out", level=Level.BURN, miss_m=800.0, radial_m=250.0)
    calm = Policy(name="calm", pc_act=0.1, pc_target=0.05, criteria=(criterion,))
    made = planned(observer, calm)
    nothing = made.option(OptionName.NO_BURN)
    assert made.verdict.level == Level.BURN
    assert made.burn_needed
    assert not nothing.feasible
    assert nothing.unmet == ("keep out",)
    assert "keep out" in nothing.reason
    assert made.recommended not in (None, OptionName.NO_BURN)
    best = made.option(made.recommended)
    assert best.miss_after_m >= 800.0 or abs(best.miss_rtn_after_m[0]) >= 250.0


def test_a_certificate_says_that_a_distance_may_ask_for_more_than_pc(setting: Setting) -> None:
    """Else it would claim that Pc alone needs a burn that is larger than the least for it."""
    by_pc_alone = replace(setting, policy=replace(FAR, min_miss_m=None, min_radial_m=None))
    proofs = []
    for asked in (setting, by_pc_alone):
        found = sweep(asked, AnyDirection(), setting.times_s[::200])
        proofs.append(candidate(found, int(np.argmin(found.optimum.dv_m_s)), "").certificate)
    assert proofs[0].lower_bound > 1.1 * proofs[1].value
    assert "or min_miss_m, min_radial_m, whichever alone needs more" in proofs[0].model
    assert "whichever" not in proofs[1].model


def test_a_distance_out_of_reach_leaves_no_feasible_burn(observer: Scenario) -> None:
    made = planned(observer, replace(FAR, min_miss_m=50e3))
    assert not made.maneuver_feasible
    assert made.recommended is None
    assert "No feasible maneuver" in made.recommendation


def test_a_policy_without_probability_says_what_burns_are_sized_by(observer: Scenario) -> None:
    made = planned(observer, Policy.preset("emergency-2010"))
    said = [str(one) for one in made.notices if "has no probability" in str(one)]
    assert len(said) == 1
    assert "3e-06" in said[0]


def test_the_middle_verdict_of_a_crewed_station_is_said_with_the_recommendation(
    observer: Scenario,
) -> None:
    crewed = replace(Policy.preset("crewed"), pc_act_always=1e-2)
    assert "unless it harms the mission" in planned(observer, crewed).recommendation
    assert "unless" not in planned(observer, Policy.preset("crewed")).recommendation


def test_a_spacecraft_without_thrust_can_meet_nothing(observer: Scenario) -> None:
    assert isinstance(observer.spacecraft, Spacecraft)
    still = replace(observer.spacecraft, can_maneuver=False)
    made = plan(observer.event, still, observer.operations, FAR)
    assert made.recommended is None

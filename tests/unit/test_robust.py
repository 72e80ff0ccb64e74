"""Cases, unsafe sets seen along rays, and the least burn that holds in every case."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from mdss.astro.encounter import EncounterPlane
from mdss.astro.probability import pc_2d
from mdss.errors import PlanningError
from mdss.loading import load_scenario
from mdss.maneuver import Burn
from mdss.planner.linear_pc import linear_pc
from mdss.planner.optimum import allowed_directions, minimum_dv_in_plane
from mdss.planner.robustness.cases import NOMINAL, Case, CaseSet, SizeLaw, case_set_names
from mdss.planner.robustness.least import PlaneCase, robust_dv
from mdss.planner.robustness.regions import Region, first_gap
from mdss.planner.robustness.sweep import plane_cases, robust_pc, robust_sweep
from mdss.planner.setting import Setting
from mdss.risk.assess import assess
from mdss.spacecraft import ExecutionError

THRESHOLD = 1e-6
RADIUS_M = 10.0
COV_M2 = np.array([[9e4, 4.5e3], [4.5e3, 2.5e3]])
ERROR = ExecutionError(magnitude_fixed_m_s=0.001, magnitude_proportional=0.02)
FREE = allowed_directions("free")
MAP_S = np.random.default_rng(7).normal(size=(5, 2, 3)) * 2e4
TIMES_S = np.linspace(9e3, 3e3, 5)


def plane(miss_m=(30.0, -20.0)) -> EncounterPlane:
    return EncounterPlane(
        axes=np.eye(3)[:2],
        miss_m=np.array(miss_m),
        cov_m2=COV_M2,
        tca_shift_s=0.0,
        relative_speed_m_s=1e4,
    )


def case(name="as planned", scale=1.0, radius_m=RADIUS_M, maps=MAP_S, **law) -> PlaneCase:
    return PlaneCase(
        name=name,
        cov_m2=scale**2 * COV_M2,
        radius_m=radius_m,
        displacement=maps,
        law=SizeLaw(**law),
    )


# --- cases --------------------------------------------------------------------------------


def test_a_missed_burn_is_no_case_to_size_a_burn_for():
    with pytest.raises(PlanningError, match="no size of a burn helps"):
        Case(name="missed", size_factor=0.0)


@pytest.mark.parametrize("field", ["size_factor", "our_sigmas", "their_sigmas", "radius"])
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_cases_that_mean_nothing_are_refused(field, value):
    with pytest.raises(PlanningError, match=field):
        Case(name="x", **{field: value})


def test_sets_have_names_and_begin_with_the_plan():
    for name in case_set_names():
        cases = list(CaseSet.named(name))
        assert cases[0] == NOMINAL
        assert len(cases) > 1
        assert len({one.name for one in cases}) == len(cases)
    assert (
        len(list(CaseSet.named("all")))
        == sum(len(list(CaseSet.named(name))) - 1 for name in case_set_names() if name != "all") + 1
    )
    with pytest.raises(PlanningError, match="hot-cold"):
        CaseSet.named("luck")


@pytest.mark.parametrize("factor", [0.5, 1.0])
@pytest.mark.parametrize("sigmas", [-3.0, -1.0, 0.0, 2.0])
def test_commanding_what_gives_a_size_gives_it(factor, sigmas):
    law = SizeLaw(factor=factor, sigmas=sigmas, fixed_m_s=0.001, proportional=0.02)
    fired = np.array([0.01, 0.1, 3.0])
    assert law.fired(law.commanded(fired)) == pytest.approx(fired, rel=1e-12)
    assert law.commanded(np.array([np.inf]))[0] == np.inf


def test_an_error_that_may_leave_nothing_of_a_burn_is_refused():
    coarse = ExecutionError(magnitude_proportional=0.4)
    with pytest.raises(PlanningError, match="leaves nothing"):
        Case(name="cold", size_sigmas=-3.0).size_law(coarse)


def test_without_an_execution_error_a_cold_burn_is_as_planned():
    assert Case(name="cold", size_sigmas=-3.0).size_law(None).fired(np.array(0.1)) == 0.1


# --- sets along rays ----------------------------------------------------------------------


@pytest.mark.parametrize("miss", [(30.0, -20.0), (2_500.0, 300.0)], ids=["inside", "outside"])
def test_rays_cross_a_set_where_pc_is_the_threshold(miss):
    region = Region.of(np.array(miss), COV_M2, RADIUS_M, THRESHOLD)
    assert region is not None
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    steps = 100.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    first, last = region.crossings(steps)
    hit = last > 0
    assert np.any(hit)
    ends = [np.array(miss) + count[hit, None] * steps[hit] for count in (first, last)]
    assert pc_2d(ends[1], COV_M2, RADIUS_M) == pytest.approx(THRESHOLD, rel=1e-7)
    if region.holds_start:
        assert np.all(first == 0)
        return
    assert pc_2d(ends[0], COV_M2, RADIUS_M) == pytest.approx(THRESHOLD, rel=1e-7)
    # rays that miss stay below the threshold all the way
    assert not np.all(hit)
    along = np.linspace(0, 60, 600)
    for step in steps[~hit]:
        assert np.max(pc_2d(miss + along[:, None] * step, COV_M2, RADIUS_M)) <= THRESHOLD


def test_a_step_of_zero_never_leaves_a_set():
    region = Region.of(np.array([30.0, -20.0]), COV_M2, RADIUS_M, THRESHOLD)
    assert region is not None
    first, last = region.crossings(np.zeros((1, 2)))
    assert first[0] == 0
    assert last[0] == np.inf


def test_the_first_gap_is_behind_all_intervals_that_hang_together():
    first = np.array([[0.0, 2.0, 9.0], [0.0, 4.0, 9.0], [1.0, 2.0, np.inf], [0.0, 2.9, 1.0]])
    last = np.array([[3.0, 5.0, 11.0], [3.0, 5.0, 11.0], [3.0, 5.0, 0.0], [3.0, 5.0, 12.0]])
    assert first_gap(first, last) == pytest.approx([5.0, 3.0, 0.0, 12.0])


# --- least burns --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["free", "in_track", "cones"])
def test_the_plan_alone_costs_what_the_optimum_costs(kind):
    allowed = (
        allowed_directions([[0.3, 1.0, 0.2]], 0.5)
        if kind == "cones"
        else (allowed_directions(kind))
    )
    alone = robust_dv(plane(), [case()], TIMES_S, THRESHOLD, allowed)
    least = minimum_dv_in_plane(plane(), RADIUS_M, TIMES_S, MAP_S, THRESHOLD, allowed)
    assert alone.optimum.dv_m_s == pytest.approx(least.dv_m_s, rel=1e-9)
    assert alone.optimum.pc == pytest.approx(least.pc, rel=1e-6)
    assert set(alone.worst) == {"as planned"}


def test_half_a_burn_takes_twice_the_burn():
    least = robust_dv(plane(), [case()], TIMES_S, THRESHOLD, FREE).optimum.dv_m_s
    halved = robust_dv(plane(), [case(), case("half", factor=0.5)], TIMES_S, THRESHOLD, FREE)
    assert halved.optimum.dv_m_s == pytest.approx(2 * least, rel=1e-9)
    assert set(halved.worst) == {"half"}


def test_a_cold_burn_is_made_up_for_exactly():
    least = robust_dv(plane(), [case()], TIMES_S, THRESHOLD, FREE).optimum.dv_m_s
    cold = SizeLaw(sigmas=-3.0, fixed_m_s=0.001, proportional=0.02)
    found = robust_dv(
        plane(),
        [case(), case("cold", sigmas=-3.0, fixed_m_s=0.001, proportional=0.02)],
        TIMES_S,
        THRESHOLD,
        FREE,
    )
    assert found.optimum.dv_m_s == pytest.approx(cold.commanded(least), rel=1e-9)


def two_shapes() -> list[PlaneCase]:
    """Two long sets that cross at a right angle: the way out lies in the notch between them."""
    long = np.diag([400.0**2, 40.0**2])
    return [
        PlaneCase(name=name, cov_m2=cov, radius_m=RADIUS_M, displacement=MAP_S, law=SizeLaw())
        for name, cov in (("along", long), ("across", long[::-1, ::-1]))
    ]


def test_in_the_notch_between_two_sets_the_answer_is_proven():
    cases = two_shapes()
    found = robust_dv(plane((5.0, 3.0)), cases, TIMES_S, THRESHOLD, FREE)
    single = [
        robust_dv(plane((5.0, 3.0)), [one], TIMES_S, THRESHOLD, FREE).optimum.dv_m_s
        for one in cases
    ]
    # at some burn times the best way out of one set leads into the other
    assert np.max(found.optimum.dv_m_s / np.max(single, axis=0)) > 1.02
    assert np.all(found.relative_gap <= 1e-4)
    assert found.certainty == "least burns, proven to 1e-4"
    # brute force: 10,000 directions of the plane, Pc checked at both
    angle = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    ray = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    exits = np.max([_reach_m(one, ray) for one in cases], axis=0)
    for k in range(len(TIMES_S)):
        cost = exits * np.linalg.norm(ray @ np.linalg.pinv(MAP_S[k]).T, axis=1)
        # directions 6e-4 rad apart: up to that share of the size is missed at a corner
        assert np.min(cost) * (1 - 1e-3) <= found.optimum.dv_m_s[k] <= np.min(cost) * (1 + 1e-4)


def _reach_m(one: PlaneCase, ray: np.ndarray) -> np.ndarray:
    """How far rays from the miss run inside a set, by bisection on Pc: no code in common."""
    low, high = np.zeros(len(ray)), np.full(len(ray), 5e3)
    for _ in range(32):
        middle = 0.5 * (low + high)
        unsafe = pc_2d(
            np.array([5.0, 3.0]) + middle[:, None] * ray, one.cov_m2, RADIUS_M, fast=True
        )
        low, high = (
            np.where(unsafe > THRESHOLD, middle, low),
            np.where(unsafe > THRESHOLD, high, middle),
        )
    return high


def test_a_way_out_that_runs_into_another_set_is_not_taken():
    """In one case Pc is low where the miss is and high where the cheapest burn would end."""
    narrow = PlaneCase(
        name="narrow",
        cov_m2=np.diag([60.0**2, 60.0**2]),
        radius_m=RADIUS_M,
        displacement=MAP_S[:1],
        law=SizeLaw(factor=3.0),
    )
    wide = case(maps=MAP_S[:1])
    start = plane((-600.0, 0.0))
    assert pc_2d(start.miss_m, narrow.cov_m2, RADIUS_M) < THRESHOLD
    ray = allowed_directions(np.linalg.pinv(MAP_S[0])[:, 0][None])  # along +x of the plane
    alone = robust_dv(start, [wide], TIMES_S[:1], THRESHOLD, ray)
    both = robust_dv(start, [wide, narrow], TIMES_S[:1], THRESHOLD, ray)
    for found in (alone, both):
        assert found.pc_worst[0] <= THRESHOLD * (1 + 1e-9)
    # three times the way: far behind the narrow set by then
    assert both.optimum.dv_m_s[0] == pytest.approx(alone.optimum.dv_m_s[0])
    mild = PlaneCase(**{**vars(narrow), "law": SizeLaw(factor=0.4)})
    blocked = robust_dv(start, [wide, mild], TIMES_S[:1], THRESHOLD, ray)
    assert blocked.optimum.dv_m_s[0] > 1.1 * alone.optimum.dv_m_s[0]
    assert blocked.worst == ("narrow",)


def test_where_no_case_is_unsafe_no_burn_is_needed():
    found = robust_dv(plane((0.0, 2_000.0)), [case(), case("x", 2.0)], TIMES_S, THRESHOLD, FREE)
    assert np.all(found.optimum.dv_m_s == 0)
    assert np.all(found.pc_worst < THRESHOLD)


def test_maps_that_do_not_fit_the_times_are_refused():
    for cases in ([], [case(maps=MAP_S[:2])]):
        with pytest.raises(PlanningError, match="map of shape"):
            robust_dv(plane(), cases, TIMES_S, THRESHOLD, FREE)


def test_a_case_that_no_burn_can_mend_is_an_answer():
    still = case("after TCA", maps=np.zeros_like(MAP_S))
    for allowed in (FREE, allowed_directions("in_track"), allowed_directions([[0, 1, 0]], 0.3)):
        found = robust_dv(plane(), [case(), still], TIMES_S, THRESHOLD, allowed)
        assert np.all(found.optimum.dv_m_s == np.inf)
        assert np.all(np.isnan(found.optimum.dv_rtn_m_s))
        assert set(found.worst) == {""}


# --- on a scenario ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def setting() -> Setting:
    scenario = load_scenario("observer7_fragment49863")
    craft, policy = scenario.spacecraft, scenario.policy
    assert craft is not None
    assert policy is not None
    assert scenario.operations is not None
    conjunction = scenario.event.latest.oriented(craft.designator)
    return Setting(
        risk=assess(conjunction, spacecraft=craft, policy=policy),
        spacecraft=craft,
        operations=scenario.operations,
        policy=policy,
        now_utc=conjunction.tca_utc - timedelta(days=2),
    )


SOME_S = np.array([30_000.0, 22_000.0, 9_000.0, 3_000.0])


def test_the_map_of_a_late_burn_is_that_of_the_later_time(setting: Setting):
    late = Case(name="late", late_s=600.0)
    (found,) = plane_cases(setting, [late], SOME_S)
    assert found.displacement == pytest.approx(setting.displacement(SOME_S - 600.0), rel=1e-9)
    (gone,) = plane_cases(setting, [late], np.array([500.0]))
    assert np.all(gone.displacement == 0)
    arcs = 0.9 * setting.displacement(SOME_S)
    (moved,) = plane_cases(setting, [late], SOME_S, arcs)
    assert moved.displacement - found.displacement == pytest.approx(
        arcs - setting.displacement(SOME_S)
    )


def test_sigmas_and_radii_of_cases_are_those_of_the_objects(setting: Setting):
    cases = [
        NOMINAL,
        *(Case(name=name, **{name: 2.0}) for name in ("our_sigmas", "their_sigmas", "radius")),
        Case(name="both", our_sigmas=2.0, their_sigmas=2.0),
    ]
    plain, ours, theirs, large, both = plane_cases(setting, cases, SOME_S)
    assert plain.cov_m2 is setting.plane.cov_m2
    assert ours.cov_m2 + theirs.cov_m2 == pytest.approx(5 * plain.cov_m2, rel=1e-6)
    assert both.cov_m2 == pytest.approx(4 * plain.cov_m2, rel=1e-6)
    assert large.radius_m == 2 * plain.radius_m


@pytest.mark.parametrize("name", [*case_set_names()])
def test_robust_burns_hold_in_every_case_of_a_scenario(setting: Setting, name: str):
    cases = CaseSet.named(name)
    found = robust_sweep(setting, cases, setting.directions, SOME_S)
    for t, dv in zip(SOME_S, found.optimum.dv_rtn_m_s, strict=True):
        pcs = robust_pc(setting, [Burn.before(setting.tca_utc, float(t), dv)], cases)
        # the plane's covariance with factors of 1 and scaled parts differ in rounding
        assert max(pc for _, pc in pcs) <= setting.policy.pc_target * (1 + 1e-6)
        assert max(pc for _, pc in pcs) > 0.99 * setting.policy.pc_target


def test_without_burns_cases_have_the_pc_of_the_message(setting: Setting):
    named = dict(robust_pc(setting, [], CaseSet.named("hbr")))
    assert named["as planned"] == pytest.approx(setting.risk.pc, rel=1e-9)
    assert named["hard-body radius × 2"] > named["as planned"]


def test_of_the_options_own_error_enough_is_kept_with_and_without(setting: Setting):
    """The candidate that is flown first, at coarse errors: Pc at the target, never above it."""
    from dataclasses import replace

    from mdss.planner.candidates import candidate, sweep

    coarse = ExecutionError(
        magnitude_fixed_m_s=0.001, magnitude_proportional=0.05, pointing_proportional_rad=0.05
    )
    rough = replace(setting, spacecraft=replace(setting.spacecraft, execution_error=coarse))
    found = sweep(rough, rough.directions, SOME_S)
    for index, t in enumerate(SOME_S):
        burn = candidate(found, index, "")
        pc = linear_pc(
            rough, rough.displacement(np.array([t])), (burn.dv_m_s * burn.unit_rtn)[None]
        )
        aim = rough.linear_target * rough.risk.encounter.plane_factor
        # three rounds of the fixed point: 1e-3 of the target at errors of 5 %
        assert 0.99 * aim < pc <= aim * (1 + 1e-3)

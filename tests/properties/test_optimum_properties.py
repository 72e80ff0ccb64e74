"""What always holds for the least delta-v."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mdss.astro.encounter import EncounterPlane
from mdss.astro.levelset import unsafe_set
from mdss.astro.probability import pc_2d
from mdss.astro.twobody import MU_EARTH_M3_S2
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import ConjunctionError, PlanningError
from mdss.planner import minimum_dv, trade_space
from mdss.planner.optimum import allowed_directions, minimum_dv_in_plane

TCA_UTC = datetime(2026, 3, 1, 12, tzinfo=UTC)
RADIUS_M = 10.0
TIMES_S = np.array([600.0, 2_900.0, 5_800.0, 20_000.0])
THRESHOLD = 1e-6
COV_RTN_M2 = np.diag([25.0**2, 200.0**2, 20.0**2])


def encounter(miss_m=(30.0, 40.0, -20.0), position_m=7e6, eccentricity=0.001, crossing_deg=80.0):
    """A satellite at perigee on the x axis, and an object that crosses its track."""
    speed = np.sqrt(MU_EARTH_M3_S2 / position_m * (1 + eccentricity))
    turn = np.radians(crossing_deg)
    primary = ObjectState([position_m, 0, 0], [0, speed, 0], cov_rtn_m2=COV_RTN_M2, designator="1")
    secondary = ObjectState(
        primary.position_m - miss_m,
        [20.0, speed * np.cos(turn), speed * np.sin(turn)],
        cov_rtn_m2=3 * COV_RTN_M2,
        designator="2",
    )
    return Conjunction.from_states(TCA_UTC, primary, secondary, RADIUS_M)


def certified(result, threshold=THRESHOLD):
    assert np.all(result.lower_bound_m_s <= result.dv_m_s)
    gap = result.dv_m_s - result.lower_bound_m_s
    assert np.all(gap <= np.maximum(1e-4 * result.dv_m_s, 1e-9))
    assert result.pc == pytest.approx(np.full(result.pc.shape, threshold), rel=1e-6)
    return result


def a_rotation(seed):
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return matrix * np.sign(np.linalg.det(matrix))


def turned(thing, rotation):
    return replace(
        thing, position_m=rotation @ thing.position_m, velocity_m_s=rotation @ thing.velocity_m_s
    )


misses = st.tuples(*[st.floats(-60.0, 60.0)] * 3)


@settings(deadline=None, max_examples=25)
@given(misses, st.integers(0, 10**6))
def test_turning_the_whole_scene_keeps_the_burn(miss, seed):
    conjunction = encounter(miss)
    rotation = a_rotation(seed)
    again = replace(
        conjunction,
        primary=turned(conjunction.primary, rotation),
        secondary=turned(conjunction.secondary, rotation),
    )
    plain = certified(minimum_dv(conjunction, TIMES_S, THRESHOLD))
    moved = certified(minimum_dv(again, TIMES_S, THRESHOLD))
    # positions of 7e6 m are rounded by 1e-9 m, a mean of 20 m by 1e-10 of itself
    assert moved.dv_m_s == pytest.approx(plain.dv_m_s, rel=1e-7)


@settings(deadline=None, max_examples=20)
@given(misses, st.floats(0.2, 5.0))
def test_scaling_plane_and_radius_scales_the_burn(miss, factor):
    """All lengths of the plane by one factor, the map unchanged: delta-v by that factor."""
    rng = np.random.default_rng(4)
    plane = EncounterPlane(
        axes=np.eye(3)[:2],
        miss_m=np.array(miss[:2]),
        cov_m2=np.array([[90_000.0, 4_500.0], [4_500.0, 2_500.0]]),
        tca_shift_s=0.0,
        relative_speed_m_s=1e4,
    )
    larger = replace(plane, miss_m=factor * plane.miss_m, cov_m2=factor**2 * plane.cov_m2)
    displacement = rng.normal(size=(4, 2, 3)) * 1e3
    free = allowed_directions("free")
    plain = minimum_dv_in_plane(plane, RADIUS_M, TIMES_S, displacement, THRESHOLD, free)
    scaled = minimum_dv_in_plane(larger, factor * RADIUS_M, TIMES_S, displacement, THRESHOLD, free)
    assert scaled.dv_m_s == pytest.approx(factor * plain.dv_m_s, rel=1e-8)
    halved = minimum_dv_in_plane(plane, RADIUS_M, TIMES_S, 2 * displacement, THRESHOLD, free)
    assert halved.dv_m_s == pytest.approx(0.5 * plain.dv_m_s, rel=1e-8)


@settings(deadline=None, max_examples=15)
@given(misses, st.integers(0, 10**6))
def test_fewer_directions_never_cost_less(miss, seed):
    """Rays ≥ narrow cones ≥ wide cones ≥ free."""
    axes = np.random.default_rng(seed).normal(size=(3, 3))
    conjunction = encounter(miss)

    def cost(half_angle):
        return minimum_dv(conjunction, TIMES_S, THRESHOLD, axes, half_angle).dv_m_s

    costs = np.stack([cost(angle) for angle in (None, 1e-6, 0.2, 1.0, 2.5, np.pi)])
    free = minimum_dv(conjunction, TIMES_S, THRESHOLD).dv_m_s
    assert np.all(costs[1:] <= costs[:-1] * (1 + 1e-6))
    assert costs[-1] == pytest.approx(free, rel=1e-7)


def test_a_cone_of_angle_zero_is_its_axis():
    axes = np.array([[0.3, 1.0, 0.2], [0.0, -1.0, 0.5]])
    rays = minimum_dv(encounter(), TIMES_S, THRESHOLD, axes)
    cones = minimum_dv(encounter(), TIMES_S, THRESHOLD, axes, 0.0)
    assert cones.dv_m_s == pytest.approx(rays.dv_m_s, rel=1e-12)
    thin = minimum_dv(encounter(), TIMES_S, THRESHOLD, axes, 1e-5)
    # a cone of 1e-5 rad can save up to about 1e-5 of a burn that is not grazing
    assert thin.dv_m_s == pytest.approx(rays.dv_m_s, rel=1e-3)


def test_in_track_is_both_transverse_directions():
    named = minimum_dv(encounter(), TIMES_S, THRESHOLD, "in_track")
    given_ = minimum_dv(encounter(), TIMES_S, THRESHOLD, [[0, 2, 0], [0, -5, 0]])
    assert named.dv_rtn_m_s == pytest.approx(given_.dv_rtn_m_s, rel=1e-12)
    assert np.all(named.dv_rtn_m_s[:, [0, 2]] == 0)


@pytest.mark.parametrize("directions", ["free", "in_track"])
def test_a_conjunction_below_the_threshold_needs_no_burn(directions):
    calm = encounter((900.0, 0.0, 300.0))
    result = minimum_dv(calm, TIMES_S, THRESHOLD, directions)
    assert np.all(result.dv_m_s == 0)
    assert np.all(result.lower_bound_m_s == 0)
    assert np.all(result.pc < THRESHOLD)
    assert result.dv_rtn_m_s.shape == (4, 3)


def test_a_threshold_above_the_largest_possible_pc_needs_no_burn():
    assert np.all(minimum_dv(encounter((0, 0, 0)), TIMES_S, 0.9).dv_m_s == 0)


@pytest.mark.parametrize("half_angle", [None, 0.0])
def test_a_direction_that_cannot_move_the_encounter_never_gets_there(half_angle):
    plane = EncounterPlane(
        axes=np.eye(3)[:2],
        miss_m=np.array([30.0, 10.0]),
        cov_m2=np.diag([9e4, 2.5e3]),
        tca_shift_s=0.0,
        relative_speed_m_s=1e4,
    )
    displacement = np.zeros((2, 2, 3))
    displacement[:, :, 0] = [[100.0, 20.0], [0.0, 0.0]]
    normal = allowed_directions([[0.0, 0.0, 1.0]], half_angle)
    radial = allowed_directions([[1.0, 0.0, 0.0]], half_angle)
    times = np.array([1000.0, 2000.0])
    stuck = minimum_dv_in_plane(plane, RADIUS_M, times, displacement, THRESHOLD, normal)
    assert np.all(stuck.dv_m_s == np.inf)
    assert np.all(np.isnan(stuck.dv_rtn_m_s))
    assert np.all(stuck.pc > THRESHOLD)
    moved = minimum_dv_in_plane(plane, RADIUS_M, times, displacement, THRESHOLD, radial)
    assert np.isfinite(moved.dv_m_s[0])
    assert moved.dv_m_s[1] == np.inf


@pytest.mark.parametrize("kind", ["free", "in_track", "cone"])
def test_order_and_repetition_of_times_do_not_matter(kind):
    arguments = {
        "free": ("free",),
        "in_track": ("in_track",),
        "cone": ([[0.0, 1.0, 0.3]], 0.5),
    }[kind]
    times = np.array([9_000.0, 600.0, 2_900.0, 600.0])
    together = minimum_dv(encounter(), times, THRESHOLD, *arguments)
    for i, t in enumerate(times):
        alone = minimum_dv(encounter(), t, THRESHOLD, *arguments)
        assert alone.dv_m_s.shape == (1,)
        assert together.dv_m_s[i] == pytest.approx(alone.dv_m_s[0], rel=1e-7)
    assert np.all(together.t_before_tca_s == times)
    assert together.dv_m_s[1] == together.dv_m_s[3]


@pytest.mark.parametrize(
    ("position_m", "eccentricity"),
    [(7e6, 0.001), (42.164e6, 0.0001), (6.7e6, 0.7)],
    ids=["low", "geostationary", "eccentric"],
)
@pytest.mark.parametrize("crossing_deg", [15.0, 90.0, 180.0])
def test_answers_are_certified_from_one_second_to_seven_days(
    position_m, eccentricity, crossing_deg
):
    conjunction = encounter(
        position_m=position_m, eccentricity=eccentricity, crossing_deg=crossing_deg
    )
    times = np.array([1.0, 60.0, 3_600.0, 86_400.0, 7 * 86_400.0])
    for directions in ("free", "in_track"):
        certified(minimum_dv(conjunction, times, THRESHOLD, directions))


@pytest.mark.parametrize("threshold", [1e-15, 1e-12, 1e-4, 1e-3])
def test_answers_are_certified_for_every_threshold(threshold):
    certified(minimum_dv(encounter(), TIMES_S, threshold), threshold)


@pytest.mark.parametrize("radius", [1e-3, 1.0, 300.0, 3e3, 3e4])
def test_answers_are_certified_for_small_and_huge_objects(radius):
    conjunction = replace(encounter(), hard_body_radius_m=radius)
    threshold = 1e-11 if radius < 1 else 1e-6
    certified(minimum_dv(conjunction, TIMES_S, threshold), threshold)
    certified(minimum_dv(conjunction, TIMES_S, threshold, "in_track"), threshold)


def test_a_singular_covariance_is_repaired_and_planned_for():
    flat = np.diag([0.0, 200.0**2, 0.0])
    conjunction = encounter((1.0, 2.0, 0.0), crossing_deg=180.0)
    conjunction = replace(
        conjunction,
        primary=replace(conjunction.primary, cov_rtn_m2=flat),
        secondary=replace(conjunction.secondary, cov_rtn_m2=flat + np.diag([0.0, 0.0, 100.0])),
    )
    certified(minimum_dv(conjunction, TIMES_S, THRESHOLD))


@settings(deadline=None, max_examples=25)
@given(st.floats(-9, -1), st.floats(0, 2 * np.pi), st.floats(0, 4), st.integers(0, 10**6))
def test_no_supporting_line_beats_the_optimum(log_inside, angle, log_ratio, seed):
    """Brute force over 4,000 normals, starts from the middle to 1e-9 of the boundary."""
    cov = np.diag([100.0 * 100.0 ** (0.5 * log_ratio), 100.0])
    unsafe = unsafe_set(cov, RADIUS_M, THRESHOLD)
    assert unsafe is not None
    inside = unsafe.boundary(np.array([angle])).point[0] * (1 - 10**log_inside)
    miss = np.linalg.solve(unsafe.scaled_from_plane, inside)
    # closer than this the rounding of Pc, 1e-15, is more than 1e-7 of the way
    assume(pc_2d(miss, cov, RADIUS_M) > THRESHOLD * (1 + 1e-8))
    displacement = np.random.default_rng(seed).normal(size=(3, 2, 3)) * 1e3
    plane = EncounterPlane(
        axes=np.eye(3)[:2], miss_m=miss, cov_m2=cov, tca_shift_s=0.0, relative_speed_m_s=1e4
    )
    found = minimum_dv_in_plane(
        plane, RADIUS_M, TIMES_S[:3], displacement, THRESHOLD, allowed_directions("free")
    )
    boundary = unsafe.sampled(4000)
    room = boundary.support - boundary.normal @ inside
    reach = np.linalg.norm(boundary.normal @ (unsafe.scaled_from_plane @ displacement), axis=2)
    brute = np.min(np.maximum(room, 0) / reach, axis=1)
    assert np.all(found.dv_m_s <= brute * (1 + 2e-6))
    assert np.all(found.lower_bound_m_s <= brute * (1 + 1e-6))


def test_the_trade_space_is_largest_without_a_burn_when_the_miss_is_zero():
    grid = trade_space(encounter((0, 0, 0)), TIMES_S, np.linspace(-0.05, 0.05, 11))
    assert np.all(np.argmax(grid, axis=1) == 5)
    assert grid == pytest.approx(grid[:, ::-1], rel=1e-8)  # the plane is symmetric about zero


def test_questions_without_meaning_are_refused():
    conjunction = encounter()
    for times in ([0.0], [-60.0], [np.nan], [[600.0]]):
        with pytest.raises(PlanningError, match="burn times"):
            minimum_dv(conjunction, times, THRESHOLD)
    for threshold in (0.0, 1.0, np.nan):
        with pytest.raises(PlanningError, match="threshold"):
            minimum_dv(conjunction, TIMES_S, threshold)
    for directions in ("radial", [[0.0, 0.0, 0.0]], [[1.0, 0.0]], [[np.nan, 0.0, 0.0]]):
        with pytest.raises(PlanningError, match="directions"):
            minimum_dv(conjunction, TIMES_S, THRESHOLD, directions)
    for angle in (-0.1, 3.2, np.nan):
        with pytest.raises(PlanningError, match="half-angle"):
            minimum_dv(conjunction, TIMES_S, THRESHOLD, [[0, 1, 0]], angle)
    with pytest.raises(PlanningError, match="dynamics"):
        minimum_dv(conjunction, TIMES_S, THRESHOLD, dynamics="kepler")
    with pytest.raises(PlanningError, match="delta-v"):
        trade_space(conjunction, TIMES_S, [np.nan])
    with pytest.raises(ConjunctionError, match="hard-body radius"):
        minimum_dv(replace(conjunction, hard_body_radius_m=None), TIMES_S, THRESHOLD)

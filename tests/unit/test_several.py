"""Several burns around a round unsafe set, where every answer is school geometry."""

import numpy as np
import pytest
from other_bodies import cdm_text

from mdss.astro.encounter import EncounterPlane
from mdss.astro.levelset import unsafe_set
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction
from mdss.errors import PlanningError
from mdss.maneuver import displacement_per_dv
from mdss.messages import read_cdms
from mdss.planner.certified import least_on_circle
from mdss.planner.optimum import allowed_directions, minimum_dv_in_plane
from mdss.planner.several import best_reachable, capped_dv, minimum_energy
from mdss.risk.plane import plane_of

RADIUS_M, SIGMA_M, THRESHOLD = 10.0, 100.0, 1e-6
COV_M2 = SIGMA_M**2 * np.eye(2)
START_M = 120.0
FREE = allowed_directions("free")
STRENGTH_S = np.array([1000.0, 3000.0, 2000.0])
"""How far a m/s at each node moves the encounter, in every direction of the plane."""


@pytest.fixture(scope="module")
def out_m():
    """The way out of the set: its radius less the start's distance from the centre."""
    return unsafe_set(COV_M2, RADIUS_M, THRESHOLD).half_width_m[0] - START_M


def plane_at(x_m, y_m=0.0):
    return EncounterPlane(
        axes=np.eye(3)[:2],
        miss_m=np.array([x_m, y_m]),
        cov_m2=COV_M2,
        tca_shift_s=0.0,
        relative_speed_m_s=1e4,
    )


def maps(strength_s=STRENGTH_S):
    return np.asarray(strength_s)[:, None, None] * np.eye(3)[:2]


def capped(cap_m_s, allowed=FREE, strength_s=STRENGTH_S, start_m=START_M, **options):
    return capped_dv(
        plane_at(start_m), RADIUS_M, maps(strength_s), cap_m_s, THRESHOLD, allowed, **options
    )


def assert_certified(answer):
    assert answer.lower_bound <= answer.value
    assert answer.value - answer.lower_bound <= 1e-8 * answer.value
    assert answer.certificate("three nodes").tight


def test_without_caps_the_strongest_node_does_it_all(out_m):
    answer = capped(np.inf)
    assert answer.dv_m_s == pytest.approx([0, out_m / 3000, 0], rel=1e-9)
    assert answer.dv_rtn_m_s[1, 0] == pytest.approx(out_m / 3000, rel=1e-9)
    assert answer.normal == pytest.approx([1, 0], abs=1e-4)  # an angle of 1e-4 costs 1e-8
    assert answer.pc == pytest.approx(THRESHOLD, rel=1e-9)
    assert answer.unit == "m/s"
    assert answer.binding == "Pc threshold"
    assert_certified(answer)


def test_nodes_are_filled_in_the_order_of_their_strength(out_m):
    cap = 0.55 * out_m / 3000
    answer = capped(cap)
    rest = (out_m - 3000 * cap - 2000 * cap) / 1000
    assert answer.dv_m_s == pytest.approx([rest, cap, cap], rel=1e-9)
    assert answer.total_m_s == pytest.approx(answer.value, rel=1e-12)
    assert answer.lower_bound_m_s == answer.lower_bound
    assert answer.binding == "Pc threshold, 2 burns at their caps"
    assert_certified(answer)


def test_a_node_with_a_cap_of_its_own_is_filled_to_that(out_m):
    answer = capped([np.inf, 0.25 * out_m / 3000, 0.0])
    assert answer.dv_m_s == pytest.approx([0.75 * out_m / 1000, 0.25 * out_m / 3000, 0], rel=1e-9)


def test_least_energy_shares_in_proportion_to_strength(out_m):
    answer = minimum_energy(plane_at(START_M), RADIUS_M, maps(), THRESHOLD, FREE)
    squares = np.sum(STRENGTH_S**2)
    assert answer.dv_m_s == pytest.approx(out_m * STRENGTH_S / squares, rel=1e-9)
    assert answer.value == pytest.approx(out_m**2 / squares, rel=1e-9)
    assert answer.pc == pytest.approx(THRESHOLD, rel=1e-9)
    assert answer.unit == "m²/s²"
    assert np.isnan(answer.lower_bound_m_s)
    assert_certified(answer)


def test_least_energy_fills_a_capped_node_and_shares_the_rest(out_m):
    cap = np.array([np.inf, 0.2 * out_m / 3000, np.inf])
    answer = minimum_energy(plane_at(START_M), RADIUS_M, maps(), THRESHOLD, FREE, cap_m_s=cap)
    level = 0.8 * out_m / (1000**2 + 2000**2)
    assert answer.dv_m_s == pytest.approx([1000 * level, cap[1], 2000 * level], rel=1e-9)
    assert_certified(answer)


def test_no_burn_is_needed_below_the_threshold():
    for answer in (
        capped(1.0, start_m=900.0),
        minimum_energy(plane_at(900.0), RADIUS_M, maps(), THRESHOLD, FREE),
    ):
        assert np.all(answer.dv_rtn_m_s == 0)
        assert answer.value == answer.lower_bound == answer.total_m_s == 0
        assert answer.feasible
        assert answer.pc <= THRESHOLD
        assert np.all(answer.of_total(1.0) == 0)


def test_caps_that_are_too_small_say_how_far_down_they_bring_pc(out_m):
    cap = 0.9 * out_m / np.sum(STRENGTH_S)
    answer = capped(cap)
    assert not answer.feasible
    assert answer.total_m_s == answer.value == answer.lower_bound == np.inf
    assert np.all(np.isnan(answer.dv_rtn_m_s))
    assert answer.binding == "caps of all burns together"
    reached = answer.best_reachable
    # all burns straight outward
    expected = pc_2d([START_M + 0.9 * out_m, 0], COV_M2, RADIUS_M)
    assert reached.pc == pytest.approx(expected, rel=1e-8)
    assert reached.pc * (1 - 1e-6) <= reached.lower_bound <= reached.pc
    assert reached.total_m_s == pytest.approx(3 * cap, rel=1e-12)
    assert reached.dv_rtn_m_s[:, 0] == pytest.approx(np.full(3, cap), rel=1e-8)


def test_caps_that_barely_suffice_are_enough_and_barely_too_small_ones_are_not(out_m):
    just = out_m / np.sum(STRENGTH_S)
    assert capped(just * (1 + 1e-9)).feasible
    assert not capped(just * (1 - 1e-9)).feasible


def test_burns_that_move_nothing_reach_nothing():
    across = allowed_directions([[0, 0, 1]])  # the third column of every map is zero
    for answer in (
        capped(np.inf, across),
        capped(0.0),
        capped(1.0, strength_s=[]),
        minimum_energy(plane_at(START_M), RADIUS_M, maps(), THRESHOLD, across),
    ):
        assert not answer.feasible
        assert answer.lower_bound == np.inf
        assert answer.best_reachable.pc == pytest.approx(answer.pc, rel=1e-12)
        assert np.all(answer.best_reachable.dv_rtn_m_s == 0)


def test_a_thruster_that_pushes_inward_goes_through_the_middle(out_m):
    inward = allowed_directions([[-1, 0, 0]])
    answer = capped(np.inf, inward)
    assert answer.value == pytest.approx((out_m + 2 * START_M) / 3000, rel=1e-9)
    assert answer.dv_rtn_m_s[1, 0] == pytest.approx(-answer.value, rel=1e-12)
    assert_certified(answer)


def test_a_cone_that_holds_the_way_out_is_as_good_as_any_direction(out_m):
    wide = allowed_directions([[1, 1, 0]], np.radians(46))
    narrow = allowed_directions([[1, 1, 0]], np.radians(30))
    cap = 0.55 * out_m / 3000
    assert capped(cap, wide).value == pytest.approx(capped(cap).value, rel=1e-9)
    answer = capped(2 * cap, narrow)
    assert answer.value > capped(2 * cap).value
    cosines = answer.dv_rtn_m_s @ np.array([1, 1, 0]) / np.sqrt(2)
    assert np.all(cosines >= answer.dv_m_s * np.cos(np.radians(30)) * (1 - 1e-12))
    assert_certified(answer)


def test_a_dear_node_waits_for_cheaper_ones(out_m):
    price = np.array([1.0, 4.0, 1.0])  # the strongest brings less for its price than either
    cap = 0.4 * out_m / 2000
    answer = capped(cap, price=price)
    rest = (out_m - 2000 * cap - 1000 * cap) / 3000
    assert answer.dv_m_s == pytest.approx([cap, rest, cap], rel=1e-9)
    assert answer.value == pytest.approx(price @ answer.dv_m_s, rel=1e-9)
    assert answer.unit == "price"
    assert np.isnan(answer.lower_bound_m_s)
    assert_certified(answer)


def test_a_last_burn_below_the_bit_is_fired_as_the_bit(out_m):
    cap = 0.999 * out_m / 3000
    plain, answer = capped(cap), capped(cap, bit_m_s=0.5 * cap)
    assert answer.dv_m_s == pytest.approx([0, cap, 0.5 * cap], rel=1e-12)
    assert answer.pc < THRESHOLD
    assert answer.binding == "minimum impulse"
    assert answer.total_m_s > answer.value
    assert (answer.value, answer.lower_bound) == (plain.value, plain.lower_bound)


def test_nodes_that_cannot_fire_the_bit_are_left_out(out_m):
    caps = np.array([np.inf, 0.01, np.inf])
    answer = capped(caps, bit_m_s=0.02)
    assert answer.dv_m_s == pytest.approx([0, 0, out_m / 2000], rel=1e-9)


@pytest.mark.parametrize("bit_share", [0.0, 0.4])
def test_the_knob_fills_the_same_nodes_up_to_all_caps(bit_share, out_m):
    cap = 0.55 * out_m / 3000
    answer = capped(cap, bit_m_s=bit_share * cap)
    assert answer.of_total(answer.value) == pytest.approx(answer.dv_rtn_m_s, abs=1e-9 * cap)
    assert answer.maximum_m_s == pytest.approx(3 * cap, rel=1e-12)
    totals = np.linspace(-0.1, 1.2, 40) * answer.maximum_m_s
    moved = [np.sum(STRENGTH_S * answer.of_total(total)[:, 0]) for total in totals]
    assert np.all(np.diff(moved) >= -1e-9)
    assert moved[0] == 0
    assert moved[-1] == pytest.approx(cap * np.sum(STRENGTH_S), rel=1e-9)
    given = [np.sum(np.linalg.norm(answer.of_total(total), axis=1)) for total in totals[4:30]]
    if not bit_share:
        assert given == pytest.approx(totals[4:30], rel=1e-12)
    assert np.all(np.array(given) >= totals[4:30] * (1 - 1e-12))


def test_the_knob_of_least_energy_keeps_the_proportions(out_m):
    answer = minimum_energy(plane_at(START_M), RADIUS_M, maps(), THRESHOLD, FREE)
    assert answer.maximum_m_s == np.inf
    doubled = answer.of_total(2 * answer.total_m_s)
    assert doubled == pytest.approx(2 * answer.dv_rtn_m_s, rel=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"cap_m_s": -1.0},
        {"cap_m_s": np.nan},
        {"cap_m_s": [1.0, 2.0]},
        {"cap_m_s": 1.0, "price": 0.0},
        {"cap_m_s": 1.0, "price": np.inf},
        {"cap_m_s": 1.0, "bit_m_s": np.inf},
        {"cap_m_s": 1.0, "bit_m_s": -1.0},
        {"cap_m_s": 1.0, "strength_s": [1000.0, np.nan]},
    ],
)
def test_nodes_without_meaning_are_refused(options):
    with pytest.raises(PlanningError):
        capped(**options)


def test_a_threshold_without_meaning_is_refused():
    with pytest.raises(PlanningError):
        capped_dv(plane_at(START_M), RADIUS_M, maps(), 1.0, 0.0, FREE)


def test_how_far_down_pc_can_come_has_no_answer_without_caps():
    with pytest.raises(PlanningError):
        best_reachable(plane_at(START_M), RADIUS_M, maps(), np.inf, FREE)


@pytest.mark.parametrize("body", ["mars", "moon"])
def test_about_other_bodies_one_free_node_is_the_single_burn(body):
    conjunction = Conjunction.from_cdm(read_cdms(cdm_text(body).encode())[0])
    radius = conjunction.hard_body_radius_m
    plane = plane_of(conjunction, radius).plane
    times = np.linspace(600.0, 20_000.0, 40)
    displacement = displacement_per_dv(conjunction, plane, times)
    single = minimum_dv_in_plane(plane, radius, times, displacement, 1e-6, FREE)
    least = np.min(single.dv_m_s)
    assert least > 0
    free = capped_dv(plane, radius, displacement, np.inf, 1e-6, FREE)
    assert free.value == pytest.approx(least, rel=1e-8)
    several = capped_dv(plane, radius, displacement, 0.4 * least, 1e-6, FREE)
    assert several.value > least
    assert several.pc == pytest.approx(1e-6, rel=1e-6)


class _Dips:
    """cos 3a with its third dip a little deeper; its curvature is at most 9.2."""

    def at(self, angle_rad):
        return angle_rad[:, None], np.cos(3 * angle_rad) + 0.01 * np.cos(angle_rad)

    def below(self, left, right):
        width = (right - left)[:, 0] % (2 * np.pi)
        ends = np.minimum(self.at(left[:, 0])[1], self.at(right[:, 0])[1])
        return ends - 9.2 * width**2 / 8


def test_the_deepest_of_several_dips_is_found_and_bounded():
    found = least_on_circle(_Dips())
    fine = np.linspace(0, 2 * np.pi, 2_000_001)
    truth = np.min(_Dips().at(fine)[1])
    assert found.lower_bound <= truth
    assert found.value == pytest.approx(truth, abs=1e-8)
    assert found.value - found.lower_bound <= 1e-8
    assert found.state[0] == pytest.approx(np.pi, abs=1e-3)

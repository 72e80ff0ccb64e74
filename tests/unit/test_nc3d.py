"""3D-Nc: one passage, its bounds, and the search for it."""

import numpy as np
import pytest
from short_encounters import GM, RADIUS_M, a_pair, a_rotation, objects, turned

from mdss.astro.nc2d import count_2d
from mdss.astro.nc3d import count_3d, encounter_segment, time_bounds
from mdss.errors import PropagationError
from mdss.risk.pair import Pair
from mdss.risk.validity import check_pair

PERIOD_S = 2 * np.pi * np.sqrt(RADIUS_M**3 / GM)


def bounds_of(pair):
    return time_bounds(pair.relative_state, pair.position_cov_eci_m2, pair.radius_m)


def counted(pair, start_s=None):
    bounds = bounds_of(pair)
    segment = encounter_segment(pair.states, pair.mu_m3_s2, bounds)
    return count_3d(pair.overlap, segment, start_s or bounds, pair.radius_m)


@pytest.fixture(scope="module")
def found():
    return counted(a_pair(100.0, 40.0))


def test_of_one_passage_it_is_2d_nc(found):
    pair = a_pair(100.0, 40.0)
    passage = check_pair(pair).passage
    nc2d = count_2d(pair.overlap, passage.t_s, passage.sigma_s, pair.radius_m).nc
    # Lebedev's rule over the kink of the flux: 4.5e-5 at worst in published cases
    assert found.nc == pytest.approx(nc2d, rel=1e-4)


def test_the_published_sum_is_a_little_too_high(found):
    # the trapezoidal rule on the refined grid: 7e-4 to 9e-4 in the published cases
    assert 5e-4 < found.nc_trapezoid / found.nc - 1 < 1e-3


def test_its_own_checks_are_passed_by_one_short_passage(found):
    assert found.converged
    first, last = found.duration_s
    assert found.segment_s[0] < first < 0 < last < found.segment_s[1]
    assert last - first < 1.0
    assert found.active_directions > 58.1
    assert np.sum(found.shares) == pytest.approx(found.nc_trapezoid, rel=1e-12)


def test_a_start_in_the_wrong_place_finds_the_same_passage(found):
    elsewhere = counted(a_pair(100.0, 40.0), start_s=(0.02, 0.3))
    assert elsewhere.nc == pytest.approx(found.nc, rel=1e-4)


def test_it_depends_neither_on_the_order_nor_on_the_axes(found):
    first, second = objects(100.0, 40.0)
    swapped = counted(Pair.of(second, first, 10.0, GM))
    assert swapped.nc == pytest.approx(found.nc, rel=1e-6)
    rotation = a_rotation()
    rotated = counted(Pair.of(turned(first, rotation), turned(second, rotation), 10.0, GM))
    assert rotated.nc == pytest.approx(found.nc, rel=1e-4)  # the kink over other directions


def test_bounds_hold_the_whole_passage():
    pair = a_pair(100.0, 40.0)
    low, high = bounds_of(pair)
    velocity = pair.relative_state[3:]
    sigma = (velocity @ np.linalg.inv(pair.position_cov_eci_m2) @ velocity) ** -0.5
    half = 8.30478543 * sigma  # sqrt(2) erfcinv(1e-16)
    assert low < -0.99 * half
    assert high > 0.99 * half
    assert high - low < 2.5 * half


def test_without_relative_velocity_the_bounds_are_infinite():
    state = np.array([10.0, 0, 0, 0, 0, 0])
    assert time_bounds(state, np.eye(3), 1.0) == (-np.inf, np.inf)


def test_the_segment_of_crossing_orbits_goes_to_where_they_are_farthest_apart():
    pair = a_pair(100.0, 40.0)
    low, high = encounter_segment(pair.states, GM, bounds_of(pair))
    # circles of one size: a quarter of a revolution each way; the search stops at P/1000 or so
    assert low == pytest.approx(-PERIOD_S / 4, rel=5e-3)
    assert high == pytest.approx(PERIOD_S / 4, rel=5e-3)


def test_a_pair_that_never_parts_is_sought_half_a_period_each_way():
    first, _ = objects(100.0, 40.0)
    pair = Pair.of(first, first, 10.0, GM)
    low, high = encounter_segment(pair.states, GM, bounds_of(pair))
    assert (low, high) == pytest.approx((-PERIOD_S / 2, PERIOD_S / 2), rel=1e-9)


def test_a_far_miss_counts_nothing():
    found = counted(a_pair(50_000.0, 0.0, sigmas_m=(30.0, 60.0, 30.0)))
    assert found.nc == 0
    assert found.converged


def test_where_no_overlap_can_be_found_it_says_so():
    def failing(t_s):
        raise PropagationError("no overlap")

    with pytest.raises(PropagationError, match="no time of the segment"):
        count_3d(failing, (-10.0, 10.0), (-1.0, 1.0), 5.0)

"""The check of the 2D assumption."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdss.astro.peak_overlap import UncertainOrbit, peak_overlap
from mdss.astro.twobody import MU_EARTH_M3_S2
from mdss.conjunction import ObjectState
from mdss.risk.pair import full_covariance_eci, steady_velocity_covariance
from mdss.risk.validity import Validity2D, check_2d

RADIUS_M = 7e6
SPEED_M_S = float(np.sqrt(MU_EARTH_M3_S2 / RADIUS_M))
MEAN_MOTION = SPEED_M_S / RADIUS_M


def rtn_covariance(in_track_sigma_m, radial_sigma_m=20.0):
    """6×6 in RTN of a circular orbit: an in-track shift in time, and small other errors."""
    sigma_v = radial_sigma_m * MEAN_MOTION
    diagonal = [radial_sigma_m, radial_sigma_m, radial_sigma_m, sigma_v, sigma_v / 30, sigma_v]
    shift = np.array([0, 1, 0, -MEAN_MOTION, 0, 0]) * in_track_sigma_m
    return np.diag(np.square(diagonal)) + np.outer(shift, shift)


def crossing(angle_deg, in_track_sigma_m=300.0, radial_sigma_m=20.0, miss_rtn_m=(100.0, 50.0, 0.0)):
    """Two circular-speed objects whose tracks cross at an angle."""
    angle = np.radians(angle_deg)
    cov = rtn_covariance(in_track_sigma_m, radial_sigma_m)
    first = ObjectState([RADIUS_M, 0, 0], [0, SPEED_M_S, 0], cov_rtn_m2=cov)
    second = ObjectState(
        np.array([RADIUS_M, 0, 0]) + miss_rtn_m,
        [0, SPEED_M_S * np.cos(angle), SPEED_M_S * np.sin(angle)],
        cov_rtn_m2=cov,
    )
    return first, second


def with_covariance(thing, cov):
    return replace(thing, cov_rtn_m2=np.asarray(cov, dtype=float))


def position_only(thing):
    return with_covariance(thing, thing.cov_rtn_m2[:3, :3])


def turned(thing, rotation):
    return replace(
        thing, position_m=rotation @ thing.position_m, velocity_m_s=rotation @ thing.velocity_m_s
    )


def a_rotation(seed):
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return matrix * np.sign(np.linalg.det(matrix))


def same(first: Validity2D, second: Validity2D) -> bool:
    return first.code == second.code and first.log_factor == pytest.approx(
        second.log_factor, abs=1e-5
    )


def test_a_fast_encounter_with_small_errors_is_valid():
    answer = check_2d(*crossing(90), 10.0)
    assert answer.valid
    assert answer.tested
    assert answer.code == 0
    assert answer.reason == ""
    # length and offset of the encounter are seconds of a 97 min orbit
    assert 0 < answer.extended < 1e-3
    assert 0 < answer.offset < 1e-3
    assert answer.inaccurate < 1e-3


def test_speed_does_not_save_an_encounter_with_a_long_in_track_error():
    answer = check_2d(*crossing(90, in_track_sigma_m=80e3, miss_rtn_m=(400.0, 30e3, 0.0)), 10.0)
    assert not answer.valid
    assert answer.tested
    assert answer.code >= 100
    assert "curvature over the 80 km in-track sigma changes it by about a factor" in answer.reason


def test_curvature_matters_more_as_the_in_track_error_grows():
    values = [
        check_2d(*crossing(90, sigma, miss_rtn_m=(100.0, sigma / 3, 0.0)), 10.0).inaccurate
        for sigma in (300.0, 3e3, 30e3)
    ]
    assert values[0] < 1e-4 < values[1] < values[2]


def test_the_bend_of_the_orbit_gives_the_factor():
    # Tracks cross at 90°, the second object is late by d: it is met d down its track, where its
    # orbit has fallen by d²/2a below the straight line.
    late_m, radial_m = 20e3, 50.0
    cov = rtn_covariance(30e3, radial_m)
    small = rtn_covariance(10.0, 10.0)
    first = ObjectState([RADIUS_M, 0, 0], [0, SPEED_M_S, 0], cov_rtn_m2=small)
    phase = late_m / RADIUS_M
    second = ObjectState(
        [RADIUS_M * np.cos(phase), 0, -RADIUS_M * np.sin(phase)],
        [SPEED_M_S * np.sin(phase), 0, SPEED_M_S * np.cos(phase)],
        cov_rtn_m2=cov,
    )
    answer = check_2d(first, second, 5.0)
    # Truth: the second's orbit passes exactly through the first, radial miss 0. Straight
    # picture: at d from its mean, along its velocity, it is d²/2a too high.
    drop_m = late_m**2 / (2 * RADIUS_M)
    expected = drop_m**2 / (2 * (radial_m**2 + 10.0**2))
    # other parts (radial-rate error over the distance, change of width) are of order 1 %
    assert answer.log_factor == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("angle_deg", [3.0, 60.0, 170.0])
def test_the_order_of_the_objects_does_not_matter(angle_deg):
    first, second = crossing(angle_deg, in_track_sigma_m=10e3)
    assert same(check_2d(first, second, 10.0), check_2d(second, first, 10.0))


@pytest.mark.parametrize("seed", range(5))
def test_a_rotation_of_all_axes_changes_nothing(seed):
    pair = crossing(70, in_track_sigma_m=20e3, miss_rtn_m=(300.0, 4e3, 0.0))
    rotation = a_rotation(seed)
    rotated = [turned(thing, rotation) for thing in pair]
    assert same(check_2d(*pair, 10.0), check_2d(*rotated, 10.0))


def test_equatorial_retrograde_orbits_are_checked_like_any_other():
    pair = crossing(180, in_track_sigma_m=20e3, miss_rtn_m=(300.0, 4e3, 0.0))
    tilt = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])  # a quarter turn about x
    answer = check_2d(*pair, 10.0)  # the second object's normal is exactly -z
    assert answer.tested
    assert same(answer, check_2d(*(turned(thing, tilt) for thing in pair), 10.0))


def test_a_slow_encounter_is_extended_and_offset():
    first, second = crossing(0.02, in_track_sigma_m=3e3)
    answer = check_2d(first, second, 10.0)
    assert answer.code % 10 == 1
    assert answer.code // 10 % 10 == 1
    assert "the encounter lasts" in answer.reason
    assert "of an orbit away from TCA" in answer.reason


def test_equal_velocities_cannot_be_tested():
    first, second = crossing(0.0)
    answer = check_2d(first, replace(second, velocity_m_s=first.velocity_m_s), 10.0)
    assert (answer.valid, answer.tested, answer.code) == (False, False, 111)
    assert np.isnan(answer.inaccurate)
    assert "the relative velocity is zero" in answer.reason


def test_an_escape_orbit_cannot_be_tested():
    first, second = crossing(90)
    answer = check_2d(first, replace(second, velocity_m_s=1.5 * second.velocity_m_s), 10.0)
    assert (answer.valid, answer.tested) == (False, False)
    assert answer.code >= 100
    assert "not an elliptic orbit" in answer.reason


def test_an_object_that_falls_straight_down_cannot_be_tested():
    first, second = crossing(90)
    answer = check_2d(first, replace(second, velocity_m_s=-1e-3 * second.position_m), 10.0)
    assert (answer.valid, answer.tested, answer.code) == (False, False, 111)
    assert "could not be tested" in answer.reason


def test_a_covariance_that_is_not_positive_definite_is_not_valid():
    first, second = crossing(90)
    cov = first.cov_rtn_m2.copy()
    cov[2, 2] = -1.0
    answer = check_2d(with_covariance(first, cov), second, 10.0)
    assert answer.npd
    assert not answer.valid
    assert "not positive definite" in answer.reason


def test_without_velocity_covariance_the_answer_rests_on_an_assumption():
    pair = crossing(90)
    full = check_2d(*pair, 10.0)
    assumed = check_2d(*(position_only(thing) for thing in pair), 10.0)
    assert (assumed.valid, assumed.tested) == (True, False)
    # the covariance of `crossing` is the assumed one but for small independent errors
    assert assumed.log_factor == pytest.approx(full.log_factor, abs=1e-4)


def test_one_object_without_velocity_covariance_is_enough_to_be_untested():
    first, second = crossing(90)
    assert not check_2d(first, position_only(second), 10.0).tested


@pytest.mark.parametrize("velocity_variance", [0.0, 1.0])
def test_velocity_errors_that_are_zero_or_uncorrelated_count_as_missing(velocity_variance):
    pair = crossing(90, in_track_sigma_m=20e3)
    padded = []
    for thing in pair:
        cov = np.diag([0, 0, 0, *[velocity_variance] * 3]).astype(float)
        cov[:3, :3] = thing.cov_rtn_m2[:3, :3]
        padded.append(with_covariance(thing, cov))
    answer = check_2d(*padded, 10.0)
    assert answer == check_2d(*(position_only(thing) for thing in pair), 10.0)
    assert not answer.tested


def test_the_limit_is_stricter_where_velocity_errors_are_assumed():
    between = next(
        pair
        for pair in (
            crossing(90, s, miss_rtn_m=(100.0, s / 3, 0.0)) for s in np.geomspace(2e3, 9e3, 30)
        )
        if 0.006 < check_2d(*pair, 10.0).inaccurate < 0.019
    )
    assert check_2d(*between, 10.0).valid
    assumed = check_2d(*(position_only(thing) for thing in between), 10.0)
    assert assumed.code == 100
    assert "with velocity errors assumed" in assumed.reason


def test_the_assumed_velocity_error_is_a_shift_in_time_and_keeps_the_energy():
    position = np.array([RADIUS_M, 1e6, -2e5])
    velocity = np.array([300.0, SPEED_M_S, 900.0])
    rng = np.random.default_rng(0)
    root = rng.normal(size=(3, 3)) * 100.0
    full = steady_velocity_covariance(position, velocity, root @ root.T)
    velocity_from_position = full[3:, :3] @ np.linalg.inv(full[:3, :3])
    gravity = -MU_EARTH_M3_S2 * position / np.linalg.norm(position) ** 3
    assert velocity_from_position @ velocity == pytest.approx(gravity, rel=1e-9)
    # dE = v·dv − g·dr = 0 for any dr
    scale = np.linalg.norm(gravity)
    assert velocity @ velocity_from_position - gravity == pytest.approx(0, abs=1e-9 * scale)


def test_rtn_covariance_is_turned_block_by_block_into_inertial_axes():
    first, _ = crossing(90)
    rotation = a_rotation(3)
    before, after = full_covariance_eci(first), full_covariance_eci(turned(first, rotation))
    both = np.kron(np.eye(2), rotation)
    assert after == pytest.approx(both @ before @ both.T, abs=1e-9 * before.max())


def test_small_clouds_overlap_where_the_product_of_their_gaussians_peaks():
    first, second = crossing(90, in_track_sigma_m=50.0)
    states = [np.concatenate([t.position_m, t.velocity_m_s]) for t in (first, second)]
    covs = [full_covariance_eci(t) for t in (first, second)]
    orbits = [UncertainOrbit.from_state(s, c) for s, c in zip(states, covs, strict=True)]
    found = peak_overlap(*orbits, 0.0, 10.0)
    inverses = [np.linalg.inv(c[:3, :3]) for c in covs]
    weighted = sum(inverse @ s[:3] for inverse, s in zip(inverses, states, strict=True))
    expected = np.linalg.solve(inverses[0] + inverses[1], weighted)
    # second-order terms: products of some 100 m over 7000 km, millimetres
    assert found.position_m == pytest.approx(expected, abs=1e-2)
    assert found.relative_state[:3] == pytest.approx([100, 50, 0], abs=1e-2)


@pytest.mark.parametrize("late_m", [20e3, 500e3, 3000e3])
def test_the_overlap_is_found_where_the_orbits_cross_however_late_one_object_is(late_m):
    phase = late_m / RADIUS_M
    about_y = np.array(
        [[np.cos(phase), 0, np.sin(phase)], [0, 1, 0], [-np.sin(phase), 0, np.cos(phase)]]
    )
    first = ObjectState([RADIUS_M, 0, 0], [0, SPEED_M_S, 0], cov_rtn_m2=rtn_covariance(late_m / 2))
    second = ObjectState(
        about_y @ [RADIUS_M, 0, 0],
        about_y @ [0, 0, SPEED_M_S],
        cov_rtn_m2=rtn_covariance(late_m / 2),
    )
    orbits = [
        UncertainOrbit.from_state(
            np.concatenate([t.position_m, t.velocity_m_s]), full_covariance_eci(t)
        )
        for t in (first, second)
    ]
    found = peak_overlap(*orbits, 0.0, 10.0)
    # both are circles of 7000 km, so they cross at the first object's mean. Cross-track errors
    # of 20 m against in-track ones of kilometres shift the peak by 20²/10e3 of 20 km: decimetres;
    # the straight picture would be 29 m off at 20 km, 640 km at 3000 km
    assert found.position_m == pytest.approx([RADIUS_M, 0, 0], abs=0.5)
    # late by two sigma, whatever the bend
    assert found.mahalanobis2 == pytest.approx(4, rel=1e-4)


finite = st.floats(-1.0, 1.0)
sizes = st.sampled_from([1e-6, 1.0, 1e3, 1e7, 1e30, 1e150])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(finite, min_size=12, max_size=12),
    st.lists(finite, min_size=36, max_size=36),
    sizes,
    sizes,
    st.sampled_from([1e-3, 10.0, 1e5]),
)
def test_no_finite_input_raises(state_parts, cov_parts, position_size, cov_size, radius_m):
    parts = np.array(state_parts).reshape(2, 6)
    matrix = np.array(cov_parts).reshape(6, 6) * cov_size
    things = [
        ObjectState(
            np.array([RADIUS_M, 0, 0]) + position_size * part[:3],
            np.array([0, SPEED_M_S, 0]) + 1e-3 * position_size * part[3:],
            cov_rtn_m2=matrix + matrix.T,
        )
        for part in parts
    ]
    answer = check_2d(*things, radius_m)
    assert answer.valid == (answer.reason == "")
    assert answer.valid <= (answer.code == 0)

"""The encounter plane."""

import numpy as np
import pytest

from mdss.astro.encounter import encounter_plane, linear_tca_shift_s, plane_axes
from mdss.errors import ConjunctionError

PRIMARY_M = np.array([7e6, 1e5, 3e5])
MISS_M = np.array([120.0, -40.0, 75.0])
SPEED_M_S = np.array([-3e3, 9e3, 6e3])
COV_M2 = np.diag([400.0, 9e4, 225.0])


def plane(miss=MISS_M, speed=SPEED_M_S):
    return encounter_plane(PRIMARY_M, miss, speed, COV_M2)


def test_axes_are_orthonormal_and_across_the_relative_velocity():
    axes = plane_axes(PRIMARY_M, SPEED_M_S)
    assert axes @ axes.T == pytest.approx(np.eye(2), abs=1e-14)
    assert axes @ SPEED_M_S == pytest.approx(np.zeros(2), abs=1e-10)


def test_axes_complete_a_right_handed_triad_with_the_relative_velocity():
    first, second = plane_axes(PRIMARY_M, SPEED_M_S)
    along = SPEED_M_S / np.linalg.norm(SPEED_M_S)
    assert np.cross(along, first) == pytest.approx(second, abs=1e-14)


def test_the_second_axis_points_up():
    assert plane_axes(PRIMARY_M, SPEED_M_S)[1] @ PRIMARY_M > 0


def test_a_relative_velocity_along_the_radius_still_has_a_plane():
    axes = plane_axes(PRIMARY_M, 5.0 * PRIMARY_M)
    assert axes @ axes.T == pytest.approx(np.eye(2), abs=1e-14)
    assert axes @ PRIMARY_M == pytest.approx(np.zeros(2), abs=1e-6)


def test_the_shift_leads_to_the_closest_approach():
    shift = linear_tca_shift_s(MISS_M, SPEED_M_S)
    closest = MISS_M + SPEED_M_S * shift
    assert closest @ SPEED_M_S == pytest.approx(0.0, abs=1e-8)
    assert plane().miss_distance_m == pytest.approx(np.linalg.norm(closest), rel=1e-12)
    assert plane().tca_shift_s == shift


def test_the_plane_does_not_depend_on_when_the_states_are_given():
    """Epochs are rounded to a millisecond: 11 m at 11 km/s, all of it along the track."""
    rounded = plane(MISS_M + 0.5e-3 * SPEED_M_S)
    assert rounded.miss_m == pytest.approx(plane().miss_m, abs=1e-9)
    assert rounded.tca_shift_s == pytest.approx(plane().tca_shift_s - 0.5e-3, abs=1e-12)


def test_the_covariance_along_the_relative_velocity_does_not_count():
    along = SPEED_M_S / np.linalg.norm(SPEED_M_S)
    longer = encounter_plane(PRIMARY_M, MISS_M, SPEED_M_S, COV_M2 + 1e6 * np.outer(along, along))
    assert longer.cov_m2 == pytest.approx(plane().cov_m2, abs=1e-8)


def test_objects_without_relative_velocity_have_no_plane():
    with pytest.raises(ConjunctionError, match="relative velocity is zero"):
        plane(speed=np.zeros(3))

"""From a conjunction to its plane; repairs of the covariance."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn
from mdss.astro.probability import pc_2d, principal_axes
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import CovarianceError
from mdss.notices import NoticeCode
from mdss.risk.plane import combined_cov_eci_m2, plane_of, repaired_cov

RADIUS_M = 10.0
COV_RTN_M2 = np.diag([20.0**2, 300.0**2, 15.0**2])


def conjunction(cov_primary=COV_RTN_M2, cov_secondary=COV_RTN_M2):
    primary = ObjectState([7e6, 0.0, 0.0], [0.0, 7.5e3, 0.0], cov_rtn_m2=cov_primary)
    secondary = ObjectState(
        [7e6 + 60.0, 90.0, -30.0], [0.0, 1.0e3, 7.4e3], cov_rtn_m2=cov_secondary
    )
    tca = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Conjunction.from_states(tca, primary, secondary, RADIUS_M)


def test_each_covariance_is_turned_with_its_own_axes():
    """The secondary flies along z here: its in-track sigma of 300 m lies along z, not y."""
    combined = combined_cov_eci_m2(conjunction(cov_primary=1e-6 * np.eye(3)))
    secondary = conjunction().secondary
    turn = eci_from_rtn(secondary.position_m, secondary.velocity_m_s)
    assert combined == pytest.approx(turn @ COV_RTN_M2 @ turn.T + 1e-6 * np.eye(3), abs=1e-6)
    assert combined[2, 2] > 40 * combined[1, 1]


def test_a_good_covariance_is_left_alone():
    repaired = plane_of(conjunction(), RADIUS_M)
    assert repaired.notices == ()
    assert np.all(np.linalg.eigvalsh(repaired.plane.cov_m2) > 0)


def test_swapping_the_objects_keeps_pc():
    plain = plane_of(conjunction(), RADIUS_M).plane
    swapped = plane_of(conjunction().swapped(), RADIUS_M).plane
    assert swapped.miss_distance_m == pytest.approx(plain.miss_distance_m, rel=1e-12)
    assert pc_2d(swapped.miss_m, swapped.cov_m2, RADIUS_M) == pytest.approx(
        pc_2d(plain.miss_m, plain.cov_m2, RADIUS_M), rel=1e-10
    )


def test_singular_position_covariances_need_no_repair_when_the_sum_is_regular():
    singular = np.diag([20.0**2, 300.0**2, 0.0])
    repaired = plane_of(conjunction(singular, singular), RADIUS_M)
    assert np.all(np.linalg.eigvalsh(repaired.plane.cov_m2) > 1.0)
    assert repaired.notices == ()


@pytest.mark.parametrize("small_m2", [0.0, -5.0, -1e-9])
def test_a_variance_that_is_not_positive_is_raised_to_1e_4_of_the_radius_squared(small_m2):
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    cov, notice = repaired_cov(turn @ np.diag([100.0, small_m2]) @ turn.T, RADIUS_M)
    # eigenvalues of a matrix of size 100 are known to 1e-14
    assert np.linalg.eigvalsh(cov) == pytest.approx([(1e-4 * RADIUS_M) ** 2, 100.0], abs=1e-12)
    assert notice is not None
    assert notice.code == NoticeCode.COVARIANCE_CLIPPED


@pytest.mark.parametrize("large_m2", [1e6, 1e10, 1e13])
@pytest.mark.parametrize("angle", [0.0, 0.3, 1.0, 2.5])
def test_a_repaired_covariance_can_be_integrated_however_large_it_is(large_m2, angle):
    """The clipped variance must survive beside elements 1e19 times as large."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    broken = turn @ np.diag([large_m2, -1e-3]) @ turn.T
    cov, _ = repaired_cov(0.5 * (broken + broken.T), RADIUS_M)
    assert principal_axes(cov).sigma2_m > 0
    along = turn @ [0.5 * np.sqrt(large_m2), 0.0]
    expected = 2 * RADIUS_M * np.exp(-0.125) / np.sqrt(2 * np.pi * large_m2)
    # a needle across the disc's middle: the chord is the diameter, to (sigma2/R)²
    assert pc_2d(along, cov, RADIUS_M) == pytest.approx(expected, rel=1e-3)


def test_a_covariance_without_any_positive_variance_is_refused():
    with pytest.raises(CovarianceError, match="no positive variance"):
        repaired_cov(np.diag([-1.0, -2.0]), RADIUS_M)
    with pytest.raises(CovarianceError, match="no positive variance"):
        repaired_cov(np.zeros((2, 2)), RADIUS_M)


def test_the_repair_depends_on_the_radius_it_is_given():
    thin = np.diag([1e4, 0.0])
    small, _ = repaired_cov(thin, 1.0)
    large, _ = repaired_cov(thin, 100.0)
    assert large[1, 1] == pytest.approx(1e4 * small[1, 1], rel=1e-9)


def test_the_plane_keeps_the_conjunction_it_came_from():
    later = replace(conjunction(), hard_body_radius_m=5.0)
    assert plane_of(later, 5.0).plane.miss_m == pytest.approx(
        plane_of(conjunction(), RADIUS_M).plane.miss_m
    )

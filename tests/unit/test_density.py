"""The shared density error."""

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import DensityError, ObjectState
from mdss.risk.density import combined_density_cross_covariance_eci_m2

SENSITIVITY = np.array([-7.0, 17_000.0, 1.0, -19.0, 0.01, 0.0])


def an_object(velocity_m_s, sigma=0.2, sensitivity=SENSITIVITY):
    return ObjectState(
        [7e6, 0.0, 0.0],
        velocity_m_s,
        cov_rtn_m2=np.eye(3),
        density_error=None
        if sigma is None
        else DensityError(sigma=sigma, sensitivity_rtn=sensitivity),
    )


EAST, NORTH = [0.0, 7500.0, 0.0], [0.0, 0.0, 7500.0]


def test_without_both_values_there_is_no_correction():
    known, unknown = an_object(EAST), an_object(NORTH, sigma=None)
    assert combined_density_cross_covariance_eci_m2(known, unknown) is None
    assert combined_density_cross_covariance_eci_m2(unknown, known) is None


def test_each_effect_turns_with_its_own_axes_and_order_does_not_matter():
    first, second = an_object(EAST), an_object(NORTH, sigma=0.1)
    cross = combined_density_cross_covariance_eci_m2(first, second)
    g1 = eci_from_rtn(first.position_m, EAST) @ SENSITIVITY[:3]
    g2 = eci_from_rtn(second.position_m, NORTH) @ SENSITIVITY[:3]
    expected = 0.2 * 0.1 * (np.outer(g1, g2) + np.outer(g2, g1))
    assert cross == pytest.approx(expected, rel=1e-13, abs=1e-9)
    assert combined_density_cross_covariance_eci_m2(second, first) == pytest.approx(cross)
    # both in-track effects are large: the y-z element holds their product, halved nowhere
    assert cross[1, 2] == pytest.approx(0.02 * 17_000.0**2, rel=1e-6)


def test_the_same_orbit_with_the_same_error_leaves_no_density_error_between_them():
    thing = an_object(EAST)
    cross = combined_density_cross_covariance_eci_m2(thing, thing)
    g = eci_from_rtn(thing.position_m, EAST) @ SENSITIVITY[:3]
    own = 0.2**2 * np.outer(g, g)
    assert own + own - cross == pytest.approx(np.zeros((3, 3)), abs=1e-8)

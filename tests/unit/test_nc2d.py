"""2D-Nc: what it must be where simpler answers exist."""

from types import SimpleNamespace

import numpy as np
import pytest
from short_encounters import GM, a_pair, a_rotation, objects, turned

from mdss.astro.encounter import encounter_plane
from mdss.astro.nc2d import count_2d, effective_encounter
from mdss.astro.probability import pc_2d
from mdss.errors import PropagationError
from mdss.risk.pair import Pair
from mdss.risk.validity import check_pair


def counted(pair):
    passage = check_pair(pair).passage
    return count_2d(pair.overlap, passage.t_s, passage.sigma_s, pair.radius_m)


def plane_pc(first, second, radius_m):
    plane = encounter_plane(
        first.position_m,
        first.position_m - second.position_m,
        first.velocity_m_s - second.velocity_m_s,
        first.position_cov_eci_m2 + second.position_cov_eci_m2,
    )
    return pc_2d(plane.miss_m, plane.cov_m2, radius_m)


@pytest.mark.parametrize(
    ("miss_m", "sigmas_m", "radius_m"),
    [
        ((100.0, 40.0), (60.0, 200.0, 50.0), 10.0),
        ((40.0, 40.0), (60.0, 200.0, 50.0), 40.0),
        ((30.0, 0.0), (10.0, 30.0, 10.0), 2.0),
        ((15.0, 10.0), (10.0, 30.0, 10.0), 20.0),
    ],
)
def test_in_the_straight_limit_it_is_the_exact_2d_integral(miss_m, sigmas_m, radius_m):
    # in-track sigmas below 200 m bend by σ²/2a = 3 mm, 1e-4 of the other sigmas; velocity errors
    # of 1e-4 of the relative speed change the flux by the square of that
    exact = plane_pc(*objects(*miss_m, sigmas_m=sigmas_m), radius_m)
    found = counted(a_pair(*miss_m, sigmas_m=sigmas_m, radius_m=radius_m))
    assert exact > 5e-5  # so that the rule without the kink is used
    assert found.nc == pytest.approx(exact, rel=3e-5)
    assert found.plane == pytest.approx(exact, rel=3e-5)


def test_a_small_one_carries_only_the_kink_of_lebedevs_rule():
    exact = plane_pc(*objects(300.0, 60.0), 10.0)
    found = counted(a_pair(300.0, 60.0))
    assert exact < 5e-5
    assert found.nc == pytest.approx(exact, rel=1e-4)  # 4.5e-5 at worst in published cases


def test_it_does_not_depend_on_the_order_of_the_objects():
    first, second = objects(40.0, 40.0)
    one = counted(Pair.of(first, second, 10.0, GM))
    other = counted(Pair.of(second, first, 10.0, GM))
    assert other.nc == pytest.approx(one.nc, rel=1e-9)
    assert other.t_mean_s == pytest.approx(one.t_mean_s, abs=1e-6)


def test_it_does_not_depend_on_the_axes():
    first, second = objects(40.0, 40.0)
    rotation = a_rotation()
    one = counted(Pair.of(first, second, 10.0, GM))
    pair = Pair.of(turned(first, rotation), turned(second, rotation), 10.0, GM)
    # the split rule has its pole along the relative velocity; its azimuths turn: converged
    assert counted(pair).nc == pytest.approx(one.nc, rel=1e-6)


def test_the_rate_lasts_as_long_as_the_clouds_need_to_pass():
    pair = a_pair(40.0, 40.0)
    velocity = pair.relative_state[3:]
    inverse = np.linalg.inv(pair.position_cov_eci_m2)
    found = counted(pair)
    # the sphere's own size adds to it: 10 m at 12 km/s is 1e-3 s of 1e-2 s
    assert found.t_sigma_s == pytest.approx((velocity @ inverse @ velocity) ** -0.5, rel=2e-2)
    assert abs(found.t_mean_s) < 0.1 * found.t_sigma_s


def test_both_evaluations_agree_where_the_passage_is_short():
    found = counted(a_pair(40.0, 40.0))
    assert found.plane == pytest.approx(found.nc, rel=1e-4)


def test_the_effective_encounter_of_a_straight_passage_is_the_passage_itself():
    pair = a_pair(40.0, 40.0)
    found = effective_encounter(pair.overlap(0.0), pair.radius_m)
    assert found.relative_velocity_m_s == pytest.approx(pair.relative_state[3:], rel=1e-3, abs=5.0)
    assert np.linalg.norm(found.relative_position_m) == pytest.approx(np.hypot(40, 40), rel=1e-3)


def test_without_a_peak_there_is_no_count():
    def falling(t_s):
        return SimpleNamespace(q=-t_s, t_s=t_s)

    with pytest.raises(PropagationError, match="no peak"):
        count_2d(falling, 0.0, 1.0, 10.0)

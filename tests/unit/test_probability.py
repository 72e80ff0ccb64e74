"""2D Pc: facts that hold without any table."""

import numpy as np
import pytest
from scipy.stats import ncx2, norm

from mdss.astro.probability import log_pc_and_gradient, pc_2d, principal_axes, strip_probability
from mdss.errors import ConjunctionError, CovarianceError

COV_M2 = np.array([[90000.0, 4500.0], [4500.0, 2500.0]])


def test_round_covariance_gives_the_rice_distribution():
    """For sigma1 = sigma2 the squared distance is noncentral chi-square: a known function."""
    sigma, radius = 80.0, 25.0
    miss = np.stack([np.linspace(0, 500, 30), np.full(30, 60.0)], axis=1)
    expected = ncx2.cdf((radius / sigma) ** 2, 2, np.sum(miss**2, axis=1) / sigma**2)
    pc = pc_2d(miss, sigma**2 * np.eye(2), radius)
    assert pc == pytest.approx(expected, rel=1e-9)  # scipy's own accuracy in the tail


def test_centred_encounter_with_round_covariance_has_a_closed_form():
    for ratio in (1e-6, 1e-3, 0.1, 1.0, 5.0):
        exact = -np.expm1(-0.5 * ratio**2)
        assert pc_2d([0, 0], np.eye(2), ratio) == pytest.approx(exact, rel=1e-13)


def test_a_small_disc_catches_density_times_area():
    """R/sigma = 1e-5: curvature of the density over the disc is worth 1e-10."""
    radius, miss = 1e-5 * 50.0, np.array([120.0, -40.0])
    exponent = -0.5 * miss @ np.linalg.solve(COV_M2, miss)
    density = np.exp(exponent) / (2 * np.pi * np.sqrt(np.linalg.det(COV_M2)))
    assert pc_2d(miss, COV_M2, radius) == pytest.approx(np.pi * radius**2 * density, rel=1e-8)


def test_a_huge_disc_is_a_half_plane():
    """Edge of a disc of 1e4 small sigmas, seen from it: a straight line to 1e-4 of sigma."""
    sigma, radius = 1.0, 1e6
    offset = np.array([-3.0, -1.0, 0.0, 2.0, 6.0])
    miss = np.stack([radius + offset, np.zeros(5)], axis=1)
    assert pc_2d(miss, np.eye(2) * sigma**2, radius) == pytest.approx(norm.sf(offset), rel=1e-5)


def test_a_disc_that_holds_everything_is_certain():
    assert pc_2d([0, 0], COV_M2, 1e5) == pytest.approx(1.0, abs=1e-15)


def test_a_far_miss_is_zero_and_no_error():
    assert pc_2d([1e7, 1e7], COV_M2, 10.0) == 0.0


def test_one_dimension_degenerates_to_a_strip():
    """A sigma ratio of 1e6: along the short axis only the strip between both edges counts."""
    radius = 5.0
    pc = pc_2d([0.0, 3.0], np.diag([1e12, 4.0]), radius)
    # a disc of half-height h(u) integrated over u with constant density along it
    u = radius * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 20001))
    half = np.sqrt(radius**2 - u**2)
    strip = norm.cdf((3 + half) / 2) - norm.cdf((3 - half) / 2)
    assert pc == pytest.approx(np.trapezoid(strip, u) / (1e6 * np.sqrt(2 * np.pi)), rel=1e-6)


def test_many_conjunctions_at_once_equal_one_at_a_time():
    rng = np.random.default_rng(5)
    n = 300
    a = rng.normal(size=(n, 2, 2)) * rng.uniform(1, 300, size=(n, 1, 1))
    cov = a @ np.swapaxes(a, 1, 2) + np.eye(2)
    miss, radius = rng.normal(size=(n, 2)) * 200, 10 ** rng.uniform(-1, 3.5, n)
    together = pc_2d(miss, cov, radius)
    alone = [pc_2d(miss[i], cov[i], radius[i]) for i in range(n)]
    assert together == pytest.approx(alone, rel=1e-14)


def test_shapes_broadcast():
    grid = np.zeros((7, 5, 2))
    assert pc_2d(grid, COV_M2, 10.0).shape == (7, 5)
    assert pc_2d([1.0, 2.0], COV_M2, [5.0, 10.0]).shape == (2,)
    assert isinstance(pc_2d([1.0, 2.0], COV_M2, 10.0), float)
    assert pc_2d(np.zeros((0, 2)), COV_M2, 10.0).shape == (0,)


def test_the_small_variance_survives_a_sigma_ratio_of_a_million():
    turn = np.radians(30.0)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    cov = axes @ np.diag([1e12, 1.0]) @ axes.T
    cov = 0.5 * (cov + cov.T)
    found = principal_axes(cov)
    # elements of 1e12 are rounded by 1e-4 each: the smaller variance cannot be better known
    assert float(found.sigma1_m) == pytest.approx(1e6, rel=1e-12)
    assert float(found.sigma2_m) == pytest.approx(1.0, rel=1e-3)
    assert abs(float(found.cos)) == pytest.approx(np.cos(turn), rel=1e-12)


def test_strip_probability_keeps_its_digits_in_the_tail():
    """Differences of Φ are 0 beyond 8 sigma; the exact tail at 20 sigma is 2.8e-89."""
    z, half_width = np.array([20.0]), np.array([0.5])
    expected = norm.sf(19.5) - norm.sf(20.5)
    assert strip_probability(z, half_width)[0] == pytest.approx(expected, rel=1e-12)
    assert expected > 0


@pytest.mark.parametrize("size", [1e-3, 0.3, 4.0, 300.0, 2e3, 1e4])
def test_the_gradient_is_the_slope_of_ln_pc(size):
    """Central differences over 1e-4 of sigma: good to 1e-7 where ln Pc bends by 1 per sigma."""
    sigma1, sigma2 = 30.0, 10.0
    radius = size * sigma2
    m1 = np.array([1.0, 0.5, 0.0]) * (radius + 2 * sigma1)
    m2 = np.array([0.1, 0.8, 1.0]) * (radius + 2 * sigma2)
    step = 1e-4 * sigma2

    def log_pc(d1, d2):
        return log_pc_and_gradient(m1 + d1, m2 + d2, sigma1, sigma2, radius)[0]

    _, by_m1, by_m2 = log_pc_and_gradient(m1, m2, sigma1, sigma2, radius)
    slope1 = (log_pc(step, 0) - log_pc(-step, 0)) / (2 * step)
    slope2 = (log_pc(0, step) - log_pc(0, -step)) / (2 * step)
    assert by_m1 == pytest.approx(slope1, rel=1e-5, abs=1e-7)
    assert by_m2 == pytest.approx(slope2, rel=1e-5, abs=1e-7)


def test_ln_pc_agrees_with_pc():
    m1, m2 = np.array([0.0, 300.0, 900.0]), np.array([20.0, 0.0, 150.0])
    log_pc, _, _ = log_pc_and_gradient(m1, m2, 300.0, 50.0, 20.0)
    pc = pc_2d(np.stack([m1, m2], axis=1), np.diag([300.0**2, 50.0**2]), 20.0)
    assert np.exp(log_pc) == pytest.approx(pc, rel=1e-11)


@pytest.mark.parametrize(
    "cov",
    [
        [[1.0, 0.0], [0.0, 0.0]],
        [[1.0, 2.0], [2.0, 1.0]],
        [[-1.0, 0.0], [0.0, -1.0]],
        [[np.nan, 0.0], [0.0, 1.0]],
        np.eye(3),
    ],
)
def test_an_impossible_covariance_is_refused(cov):
    with pytest.raises(CovarianceError):
        pc_2d([0.0, 0.0], cov, 10.0)


@pytest.mark.parametrize("radius", [0.0, -1.0, np.nan, np.inf])
def test_an_impossible_radius_is_refused(radius):
    with pytest.raises(ConjunctionError, match="radius"):
        pc_2d([0.0, 0.0], np.eye(2), radius)


@pytest.mark.parametrize("miss", [[np.nan, 0.0], [1.0, 2.0, 3.0], [np.inf, 0.0]])
def test_an_impossible_miss_is_refused(miss):
    with pytest.raises(ConjunctionError, match="miss"):
        pc_2d(miss, np.eye(2), 1.0)

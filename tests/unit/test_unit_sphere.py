"""Directions over the sphere and the flux through it."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from mdss.astro.unit_sphere import (
    inward_flux,
    lebedev_directions,
    lebedev_squares,
    split_directions,
)


@pytest.mark.parametrize(
    "rule", [lebedev_directions(), split_directions(np.array([1.0, 2.0, 3.0]))]
)
def test_rules_integrate_polynomials_of_the_direction(rule):
    units, weights = rule
    assert np.linalg.norm(units, axis=1) == pytest.approx(1, abs=1e-14)
    assert np.sum(weights) == pytest.approx(4 * np.pi, rel=1e-13)
    assert weights @ units == pytest.approx(np.zeros(3), abs=1e-12)
    # ∫ u u' = 4π/3, ∫ x⁴ = 4π/5
    second = np.einsum("n,ni,nj->ij", weights, units, units)
    assert second == pytest.approx(4 * np.pi / 3 * np.eye(3), abs=1e-12)
    assert weights @ units[:, 0] ** 4 == pytest.approx(4 * np.pi / 5, rel=1e-12)


def test_the_split_rule_integrates_the_kink_that_lebedevs_cannot():
    pole = np.array([1.0, 2.0, 3.0])

    def half_flux(rule):
        cosine = rule.units @ pole / np.linalg.norm(pole)
        return rule.solid_angles @ np.maximum(0, -cosine)

    assert half_flux(split_directions(pole)) == pytest.approx(np.pi, rel=1e-13)
    assert abs(half_flux(lebedev_directions()) / np.pi - 1) > 1e-7


def test_squares_are_the_products_of_the_components():
    matrix = np.arange(9.0).reshape(3, 3)
    units = lebedev_directions().units
    expected = np.einsum("ni,ij,nj->n", units, matrix, units)
    assert lebedev_squares() @ matrix.ravel() == pytest.approx(expected, abs=1e-13)


def test_an_exactly_known_speed_streams_inwards_or_not_at_all():
    assert inward_flux(np.array([-3.0, 3.0, 0.0]), np.zeros(3)) == pytest.approx([3, 0, 0])


@pytest.mark.parametrize("speed", [-40.0, -3.0, -0.1, 0.0, 0.1, 3.0])
def test_the_flux_is_the_mean_of_the_inward_part(speed):
    sigma = 1.5
    expected, _ = quad(
        lambda v: -v * norm.pdf(v, speed, sigma), min(speed, 0) - 12 * sigma, 0, epsabs=0
    )
    found = inward_flux(np.array([speed]), np.array([sigma**2]))[0]
    assert found == pytest.approx(expected, rel=1e-9)


def test_the_tail_keeps_its_digits():
    # E max(0, −v) = σ (φ(z) − z Q(z)); asymptotically φ(z)/z² (1 − 3/z² + 15/z⁴ − 105/z⁶)
    z = 20.0
    series = norm.pdf(z) / z**2 * (1 - 3 / z**2 + 15 / z**4 - 105 / z**6 + 945 / z**8)
    found = inward_flux(np.array([z]), np.array([1.0]))[0]
    # 1 − √π z erfcx(z) cancels to 1/z²; the next term of the series is 8e-10
    assert found == pytest.approx(series, rel=1e-9)

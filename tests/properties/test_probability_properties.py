"""What always holds for 2D Pc."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdss.astro.probability import pc_2d

sigmas = st.floats(0.0, 3.5).map(lambda power: 10**power)
sizes = st.floats(-4.0, 3.0).map(lambda power: 10**power)
angles = st.floats(0.0, 2 * np.pi)
offsets = st.floats(-6.0, 6.0)


def rotation(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@st.composite
def encounters(draw):
    """Miss, covariance and radius with the mean some sigmas beyond the disc's edge."""
    sigma1, sigma2 = draw(sigmas), draw(sigmas)
    radius = draw(sizes) * min(sigma1, sigma2)
    turn, bearing = draw(angles), draw(angles)
    axes = rotation(turn)
    cov = axes @ np.diag([sigma1**2, sigma2**2]) @ axes.T
    edge = radius * np.array([np.cos(bearing), np.sin(bearing)])
    miss = axes @ (edge + np.array([draw(offsets) * sigma1, draw(offsets) * sigma2]))
    return miss, 0.5 * (cov + cov.T), radius


def rounding(miss, cov):
    """Relative effect of rounding the mean by 1e-16 of its length (the kernel's stated bound)."""
    small = np.sqrt(np.linalg.eigvalsh(cov)[0])
    distance = np.linalg.norm(miss)
    return 1e-10 + 1e-15 * distance / small * (10 + distance / small)


@settings(deadline=None, max_examples=80)
@given(encounters())
def test_pc_is_a_probability(encounter):
    assert 0 <= pc_2d(*encounter) <= 1


@settings(deadline=None, max_examples=60)
@given(encounters(), angles)
def test_pc_does_not_change_when_the_plane_is_rotated(encounter, angle):
    miss, cov, radius = encounter
    turned = rotation(angle)
    again = pc_2d(turned @ miss, turned @ cov @ turned.T, radius)
    ratio = np.linalg.cond(cov)  # the turned elements are rounded to 1e-16 of the larger variance
    assert again == pytest.approx(
        pc_2d(miss, cov, radius), rel=1e2 * rounding(miss, cov) + 1e-13 * ratio, abs=1e-280
    )


@settings(deadline=None, max_examples=60)
@given(encounters(), st.integers(-20, 20))
def test_pc_does_not_depend_on_the_unit_of_length(encounter, power):
    miss, cov, radius = encounter
    unit = 2.0**power  # exact in floating point, hence the same digits
    assert pc_2d(unit * miss, unit**2 * cov, unit * radius) == pytest.approx(
        pc_2d(miss, cov, radius), rel=1e-13, abs=1e-280
    )


@settings(deadline=None, max_examples=60)
@given(encounters(), st.floats(1e-6, 3.0))
def test_pc_grows_with_hard_body_radius(encounter, growth):
    miss, cov, radius = encounter
    assert pc_2d(miss, cov, radius * (1 + growth)) >= pc_2d(miss, cov, radius) * (1 - 1e-10)


@settings(deadline=None, max_examples=60)
@given(encounters(), st.floats(1e-6, 2.0))
def test_pc_falls_as_the_miss_grows_along_its_ray(encounter, growth):
    """ln Pc is concave and even, so it falls along every ray from the centre."""
    miss, cov, radius = encounter
    near, far = pc_2d(miss, cov, radius), pc_2d((1 + growth) * miss, cov, radius)
    assert far <= near * (1 + rounding((1 + growth) * miss, cov))


@settings(deadline=None, max_examples=60)
@given(encounters())
def test_pc_is_the_same_on_the_other_side(encounter):
    miss, cov, radius = encounter
    assert pc_2d(-miss, cov, radius) == pc_2d(miss, cov, radius)


@settings(deadline=None, max_examples=60)
@given(encounters(), offsets, offsets)
def test_ln_pc_is_concave(encounter, dx, dy):
    """The unsafe set is convex because of this (Prékopa 1973)."""
    miss, cov, radius = encounter
    step = np.sqrt(np.diag(cov)) * [dx, dy]
    ends = pc_2d(np.stack([miss, miss + step]), cov, radius)
    middle = pc_2d(miss + 0.5 * step, cov, radius)
    assert middle >= np.sqrt(ends[0]) * np.sqrt(ends[1]) * (
        1 - 1e-8 - rounding(np.abs(miss) + np.abs(step), cov)
    )

"""The unsafe set: exact boundary, exact normals, convex."""

import numpy as np
import pytest

from mdss.astro.levelset import unsafe_set
from mdss.astro.probability import pc_2d
from mdss.errors import CovarianceError, PlanningError

COV_M2 = np.array([[90000.0, 4500.0], [4500.0, 2500.0]])
SHAPES = {
    "usual": (COV_M2, 10.0, 1e-4),
    "deep tail": (COV_M2, 10.0, 1e-12),
    "likely hit": (COV_M2, 600.0, 0.5),
    "small disc": (COV_M2, 1e-3, 1e-11),
    "large disc": (COV_M2, 5e3, 1e-5),
    "long and thin": (np.diag([1e8, 1.0]), 3.0, 1e-7),
    "repaired": (np.diag([1e6, 1e-6]), 10.0, 1e-6),
    "round": (np.eye(2) * 400.0, 5.0, 1e-5),
}
shapes = pytest.mark.parametrize(("cov", "radius", "threshold"), SHAPES.values(), ids=SHAPES.keys())


def plane_points(unsafe, scaled):
    return np.linalg.solve(unsafe.scaled_from_plane, scaled.T).T


@shapes
def test_pc_on_the_boundary_is_the_threshold(cov, radius, threshold):
    unsafe = unsafe_set(cov, radius, threshold)
    points = plane_points(unsafe, unsafe.sampled(48).point)
    # Newton stops at 1e-10 of ln Pc; a repaired sigma of 1e-4 of the radius costs another digit
    assert pc_2d(points, cov, radius) == pytest.approx(np.full(48, threshold), rel=2e-9)


@shapes
def test_the_set_lies_on_the_inner_side_of_every_supporting_line(cov, radius, threshold):
    boundary = unsafe_set(cov, radius, threshold).sampled(96)
    room = boundary.support[:, None] - boundary.normal @ boundary.point.T
    assert np.min(room) > -1e-9  # of a set whose half-widths are 1


@shapes
def test_the_polygon_is_convex_and_inside(cov, radius, threshold):
    unsafe = unsafe_set(cov, radius, threshold)
    normal, offset = unsafe.sampled(48).facets()
    finer = unsafe.sampled(96)
    assert np.all(offset > 0)
    assert np.all(normal @ unsafe.sampled(48).point.T <= offset[:, None] + 1e-9)
    # the exact support function is larger in every facet's direction
    assert np.all(np.max(normal @ finer.point.T, axis=1) >= offset - 1e-9)


def test_normals_are_across_the_boundary():
    unsafe = unsafe_set(*SHAPES["usual"])
    step = 1e-5
    ray = np.linspace(0.1, 6.2, 25)
    tangent = unsafe.boundary(ray + step).point - unsafe.boundary(ray - step).point
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.sum(tangent * unsafe.boundary(ray).normal, axis=1)
    assert np.max(np.abs(across)) < 1e-5  # Newton's 1e-10 over a chord of 2e-5


def test_half_widths_are_where_the_axes_leave_the_set():
    unsafe = unsafe_set(np.diag([300.0**2, 50.0**2]), 10.0, 1e-4)
    on_axes = [[unsafe.half_width_m[0], 0.0], [0.0, unsafe.half_width_m[1]]]
    pc = pc_2d(on_axes, np.diag([300.0**2, 50.0**2]), 10.0)
    assert pc == pytest.approx(np.full(2, 1e-4), rel=1e-9)


def test_the_set_grows_as_the_threshold_falls():
    widths = [unsafe_set(COV_M2, 10.0, 10.0**-k).half_width_m for k in range(3, 13)]
    assert np.all(np.diff(widths, axis=0) > 0)


def test_there_is_no_set_when_even_a_central_hit_is_unlikely():
    largest = pc_2d([0.0, 0.0], COV_M2, 10.0)
    assert unsafe_set(COV_M2, 10.0, 1.0001 * largest) is None
    assert unsafe_set(COV_M2, 10.0, 0.9999 * largest) is not None


@pytest.mark.parametrize("share", [1e-8, 1e-5, 1e-2])
def test_a_threshold_just_below_the_largest_pc_gives_a_tiny_exact_set(share):
    """ln Pc is flat on top: with R ≪ sigma the half-width is sigma·√(2·share)."""
    threshold = pc_2d([0.0, 0.0], COV_M2, 0.1) * (1 - share)
    unsafe = unsafe_set(COV_M2, 0.1, threshold)
    expected = np.array(unsafe.sigma_m) * np.sqrt(-2 * np.log1p(-share))
    # at 1e-8 the sixth digit of the half-width is the sixteenth of Pc
    assert unsafe.half_width_m == pytest.approx(expected, rel=1e-5)


def test_exit_of_a_zero_step_is_never():
    unsafe = unsafe_set(*SHAPES["usual"])
    count = unsafe.exit(np.zeros((2, 2)), np.array([[0.0, 0.0], [0.5, 0.0]]), np.ones(2))
    assert count[0] == np.inf
    assert count[1] == pytest.approx(2.0, rel=1e-9)


def test_exit_does_not_depend_on_the_first_guess():
    unsafe = unsafe_set(*SHAPES["usual"])
    guesses = np.array([1e-12, 1e-3, 1.0, 50.0, 1e9])
    start, step = np.tile([0.3, -0.6], (5, 1)), np.tile([0.02, 0.01], (5, 1))
    count = unsafe.exit(start, step, guesses)
    assert count == pytest.approx(np.full(5, count[2]), rel=1e-9)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1e-4, np.nan])
def test_a_threshold_outside_0_to_1_is_refused(threshold):
    with pytest.raises(PlanningError, match="between 0 and 1"):
        unsafe_set(COV_M2, 10.0, threshold)


@pytest.mark.parametrize("vertices", [0, 4, 10, 17])
def test_a_number_of_vertices_that_no_quadrant_has_is_refused(vertices):
    with pytest.raises(PlanningError, match="multiple of 4"):
        unsafe_set(COV_M2, 10.0, 1e-4).sampled(vertices)


def test_a_covariance_that_is_not_positive_definite_is_refused():
    with pytest.raises(CovarianceError):
        unsafe_set(np.diag([1.0, -1.0]), 10.0, 1e-4)

"""Intervals in which a function is above zero."""

import numpy as np
import pytest

from mdss.astro.crossings import intervals_above_zero

GRID = np.linspace(0.0, 10.0, 11)


def test_edges_are_those_of_the_function_and_not_of_the_grid() -> None:
    found = intervals_above_zero(lambda t: np.sin(t - 0.3), GRID, 1e-9)
    edges = [[0.3, 0.3 + np.pi], [0.3 + 2 * np.pi, 0.3 + 3 * np.pi]]
    np.testing.assert_allclose(found, edges, atol=1e-8)


def test_a_short_interval_between_two_points_of_the_grid_is_found() -> None:
    # a parabola that is above zero for 0.2 between the points 4 and 5
    found = intervals_above_zero(lambda t: 0.01 - (t - 4.4) ** 2, GRID, 1e-6)
    np.testing.assert_allclose(found, [[4.3, 4.5]], atol=1e-5)


def test_a_short_gap_between_two_points_of_the_grid_is_found() -> None:
    found = intervals_above_zero(lambda t: (t - 4.4) ** 2 - 0.01, GRID, 1e-6)
    np.testing.assert_allclose(found, [[0.0, 4.3], [4.5, 10.0]], atol=1e-5)


@pytest.mark.parametrize(("level", "expected"), [(-1.0, []), (1.0, [[0.0, 10.0]])])
def test_nothing_and_everything_are_answers(level: float, expected: list[list[float]]) -> None:
    found = intervals_above_zero(lambda t: level + 0.0 * t, GRID)
    assert found.shape == (len(expected), 2)
    assert found.tolist() == expected


def test_a_steep_edge_is_found_as_well_as_a_flat_one() -> None:
    # false position alone would creep along this curve
    found = intervals_above_zero(lambda t: np.expm1(20 * (t - 6.7)), GRID, 1e-6)
    np.testing.assert_allclose(found, [[6.7, 10.0]], atol=1e-5)

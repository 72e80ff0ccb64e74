"""Who is beaten, and what costs are told apart by."""

from __future__ import annotations

import numpy as np
import pytest

from mdss.planner.front.dominance import Rounding, beats, farthest, knee, scaled, unbeaten
from mdss.planner.front.ladder import LEVELS


def beaten_by_someone(rows):
    """The definition, row by row and cost by cost."""
    return [
        any(
            all(a <= b for a, b in zip(other, one, strict=True))
            and any(a < b for a, b in zip(other, one, strict=True))
            for other in rows
        )
        for one in rows
    ]


@pytest.mark.parametrize("highest", [2, 4, 30])
@pytest.mark.parametrize("seed", range(4))
def test_what_stays_is_what_the_definition_leaves_one_of_each_kind(seed, highest):
    """Few different values make many equal rows and ties, many make a large front."""
    rows = np.random.default_rng(seed).integers(0, highest, (150, 5))
    kept = unbeaten(rows, np.zeros(len(rows)))
    free = [
        row for row, gone in zip(rows.tolist(), beaten_by_someone(rows), strict=True) if not gone
    ]
    assert sorted(rows[kept].tolist()) == sorted(np.unique(free, axis=0).tolist())


def test_of_equal_rows_the_preferred_one_stays():
    rows = np.array([[1, 2, 3, 0, 0]] * 4)
    assert unbeaten(rows, np.array([3.0, 1.0, 0.5, 2.0])).tolist() == [2]


def test_a_front_of_nothing_is_empty():
    assert unbeaten(np.empty((0, 5), dtype=int), np.empty(0)).size == 0


def test_a_row_does_not_beat_its_equal():
    row = np.array([1, 2, 3, 4, 5])
    assert not beats(row, row)
    assert beats(row, row + np.array([0, 0, 1, 0, 0]))
    assert not beats(row + np.array([0, 1, 0, 0, 0]), row + np.array([0, 0, 1, 0, 0]))


@pytest.mark.parametrize("resolution", [0.01, 0.2])
def test_sizes_set_to_one_pc_cost_the_same_and_levels_differ(resolution):
    """A size is corrected until Pc lies between (1 − resolution) of the level and the level."""
    rounding = Rounding(risk_resolution=resolution)

    def step(risk):
        return int(rounding([0, 0, risk, 0, 0])[0, 2])

    for level in LEVELS:
        spread = np.linspace(1 - resolution, 1, 21) * level
        assert len({step(one) for one in spread}) == 1
    assert len({step(level) for level in LEVELS}) == len(LEVELS)


def test_differences_that_no_mission_feels_are_none():
    rounding = Rounding()
    costs = np.array([10.0, 30.0, 1.0, 0.5, 6.0])
    little = np.array([0.004, 0.04, 0.002, 0.004, 0.005])
    assert np.array_equal(rounding(costs), rounding(costs + little))
    assert not np.array_equal(rounding(costs), rounding(costs + np.array([0.02, 0, 0, 0, 0])))


def test_large_burns_are_told_apart_by_a_share():
    """1 % of Pc, to which sizes are set, is worth about a thousandth of the fuel."""
    assert Rounding.for_burns_of(1000.0, 0.01).fuel_g == pytest.approx(2.0)
    assert Rounding.for_burns_of(1.0, 0.01).fuel_g == Rounding.fuel_g


def bent(fuel):
    """Fuel against decision lead: dear at both ends, bent in between."""
    costs = np.ones((fuel.size, 5))
    costs[:, 0], costs[:, 4] = fuel, 1.0 / fuel
    return costs


def test_the_knee_of_a_bent_front_is_at_the_bend():
    costs = np.array(
        [
            [1.0, 0.0, 1.0, 0.0, 10.0],
            [1.2, 0.0, 1.0, 0.0, 2.0],
            [4.0, 0.0, 1.0, 0.0, 1.0],
        ]
    )
    assert knee(costs) == 1


def test_two_plans_have_no_knee():
    assert knee(np.ones((2, 5))) is None


def test_a_cost_that_is_the_same_for_all_moves_nothing():
    places = scaled(bent(np.linspace(1, 5, 7)))
    assert np.all(places[:, [1, 2, 3]] == 0)
    assert places.min() == 0
    assert places.max() == 1


def test_one_huge_burn_leaves_the_others_apart():
    """By fuel alone, plans of 10 and 20 g would lie within a thousandth of each other."""
    places = scaled(bent(np.array([10.0, 20.0, 20_000.0])))
    assert places[1, 0] - places[0, 0] > 0.05


def test_the_farthest_is_the_one_that_is_far_from_all_that_is_taken():
    places = np.array([[0.1], [0.5], [0.8]])
    row, apart = farthest(places, np.array([[0.0], [1.0]]))
    assert (row, apart) == (1, pytest.approx(0.5))

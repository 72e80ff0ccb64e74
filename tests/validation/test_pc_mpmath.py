"""2D Pc against 40-digit arithmetic (`make_pc_mpmath_table.py` says how the table was made)."""

import csv
import gzip
from dataclasses import dataclass

import mpmath as mp
import numpy as np
import pytest
from make_pc_mpmath_table import COLUMNS, TABLE, reference_pc

from mdss.astro.probability import pc_2d, principal_axes

FULL_TOLERANCE = 1e-10
"""What the kernel promises. Measured worst: 1.7e-11, a mean 1e4 small sigmas from the origin
whose rounding alone is worth that much."""
FAST_TOLERANCE = 1e-8
LIVE_ROWS = 20


@dataclass(frozen=True)
class Table:
    group: np.ndarray
    miss_m: np.ndarray
    cov_m2: np.ndarray
    radius_m: np.ndarray
    pc: np.ndarray


@pytest.fixture(scope="module")
def table():
    with gzip.open(TABLE, "rt") as lines:
        rows = list(csv.DictReader(lines))
    inputs = {name: np.array([float.fromhex(r[name]) for r in rows]) for name in COLUMNS[1:-1]}
    xx, xy, yy = (inputs[f"cov_{place}_m2"] for place in ("xx", "xy", "yy"))
    return Table(
        group=np.array([row["group"] for row in rows]),
        miss_m=np.stack([inputs["miss_x_m"], inputs["miss_y_m"]], axis=1),
        cov_m2=np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], axis=-2),
        radius_m=inputs["radius_m"],
        pc=np.array([float(row["pc"]) for row in rows]),
    )


def relative_error(pc, reference):
    return np.abs(pc / reference - 1)


def test_the_table_covers_the_whole_range(table):
    axes = principal_axes(table.cov_m2)
    size = table.radius_m / axes.sigma2_m
    assert len(table.pc) >= 2000
    assert np.count_nonzero(size < 1e-4) > 200
    assert np.count_nonzero(size > 1e3) > 100
    assert np.count_nonzero(axes.sigma1_m / axes.sigma2_m > 3e3) > 200
    assert np.count_nonzero(table.pc < 1e-20) > 300
    assert np.min(table.pc) < 1e-29


def test_pc_has_ten_digits_over_the_whole_table(table):
    pc = pc_2d(table.miss_m, table.cov_m2, table.radius_m)
    assert np.max(relative_error(pc, table.pc)) <= FULL_TOLERANCE


def test_one_case_at_a_time_has_ten_digits_too(table):
    for i in range(0, len(table.pc), 40):
        pc = pc_2d(table.miss_m[i], table.cov_m2[i], table.radius_m[i])
        assert relative_error(pc, table.pc[i]) <= FULL_TOLERANCE


def test_the_fast_path_has_eight_digits_above_1e_12(table):
    pc = pc_2d(table.miss_m, table.cov_m2, table.radius_m, fast=True)
    stated = table.pc > 1e-12
    assert np.count_nonzero(stated) > 1000
    assert np.max(relative_error(pc, table.pc)[stated]) <= FAST_TOLERANCE


def test_the_fast_path_never_flatters_a_tail_above_a_percent(table):
    """Below 1e-12 it may fade, but a screening at 1e-15 would still see the right decade."""
    pc = pc_2d(table.miss_m, table.cov_m2, table.radius_m, fast=True)
    assert np.max(relative_error(pc, table.pc)[table.pc > 1e-15]) < 0.01


def test_the_table_is_what_40_digits_give_today(table):
    rng = np.random.default_rng()  # other rows every run
    small = np.flatnonzero(table.group == "body and tail")
    for i in rng.choice(small, LIVE_ROWS, replace=False):
        xx, xy, yy = table.cov_m2[i][[0, 0, 1], [0, 1, 1]]
        again = reference_pc(table.miss_m[i], (xx, xy, yy), table.radius_m[i])
        # the table holds 20 digits, read here as doubles
        assert abs(float(again / mp.mpf(float(table.pc[i])) - 1)) < 1e-15


def test_rounding_of_the_mean_stays_within_the_stated_bound():
    """The docstring's bound, 1e-16·|miss|·z2/sigma2, where it is the larger one.

    A mean a million small sigmas long and ten off: 1e-9 by that bound. Three times it is
    allowed, since turning to the principal axes rounds more than once.
    """
    sigma1, sigma2, radius = 1e6, 1.0, 5.0
    turn = np.radians(np.arange(1.0, 90.0, 7.0))
    worst = 0.0
    for angle in turn:
        axes = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        cov = axes @ np.diag([sigma1**2, sigma2**2]) @ axes.T
        cov = 0.5 * (cov + cov.T)
        miss = axes @ [1e6, 10.0]
        exact = reference_pc(miss, (cov[0, 0], cov[0, 1], cov[1, 1]), radius)
        worst = max(worst, abs(float(pc_2d(miss, cov, radius) / exact - 1)))
    assert worst <= 3 * 1e-16 * 1e6 * 10.0 / sigma2

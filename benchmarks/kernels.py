"""Speed of Pc, minimum delta-v and trade space, against a plain numpy baseline in the same run.

Run by hand: `python benchmarks/kernels.py`. The baseline is a 64-node Gauss-Legendre rule in
numpy with erf, for the same 1e5 miss vectors.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from scipy.special import erf

from mdss import Conjunction, ObjectState, minimum_dv, pc_2d, trade_space

N = 100_000
REPEATS = 7
COV_M2 = np.array([[300.0**2, 4_500.0], [4_500.0, 50.0**2]])
RADIUS_M = 12.0


def _best_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def gauss_64(miss_m: np.ndarray) -> np.ndarray:
    """The baseline: erf across the small sigma, 64 fixed nodes along the other."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    variances, axes = np.linalg.eigh(COV_M2)
    small, large = np.sqrt(variances)
    m2, m1 = (miss_m @ axes).T
    u = RADIUS_M * nodes
    half = np.sqrt(RADIUS_M**2 - u**2)
    strip = erf((m2[:, None] + half) / small / 2**0.5) - erf((m2[:, None] - half) / small / 2**0.5)
    density = np.exp(-0.5 * ((m1[:, None] - u) / large) ** 2) / large / (2 * np.pi) ** 0.5
    return 0.5 * RADIUS_M * (density * strip) @ weights


def probabilities() -> None:
    """Pc of one conjunction at many misses, and of many conjunctions."""
    rng = np.random.default_rng(1)
    miss = rng.normal(size=(N, 2)) * [500.0, 120.0]
    base = _best_s(lambda: gauss_64(miss)) / N * 1e6
    print(f"64-node Gauss rule, numpy            {base:6.2f} us each")
    fast = _best_s(lambda: pc_2d(miss, COV_M2, RADIUS_M, fast=True)) / N * 1e6
    _say("Pc, one conjunction, fast", fast, "us each", 0.6, base / fast)
    full = _best_s(lambda: pc_2d(miss, COV_M2, RADIUS_M)) / N * 1e6
    _say("Pc, one conjunction, full accuracy", full, "us each", 2.0, base / full)
    sigmas = 10 ** rng.uniform([2, 1], [3.5, 2.3], (N, 2))
    covs = np.einsum("ni,ij->nij", sigmas**2, np.eye(2))
    radii = rng.uniform(2, 30, N)
    many = _best_s(lambda: pc_2d(miss, covs, radii)) / N * 1e6
    _say("Pc, 1e5 different conjunctions", many, "us each", 3.0, base / many)


def optimum() -> None:
    """Minimum delta-v over a day of burn times, and the trade space."""
    primary = ObjectState([7e6, 0, 0], [0, 7546.0, 0], cov_rtn_m2=np.diag([50.0, 200, 30]) ** 2)
    secondary = ObjectState(
        [7.00009e6, 20, 60], [0, 0, 7546.0], cov_rtn_m2=np.diag([80.0, 400, 60]) ** 2
    )
    tca = datetime(2026, 3, 1, 12, tzinfo=UTC)
    pair = Conjunction.from_states(tca, primary, secondary, RADIUS_M)
    times = np.linspace(60, 86_400, 1_440)
    for directions in ("free", "in_track"):
        ms = 1e3 * _best_s(lambda d=directions: minimum_dv(pair, times, 1e-6, d))
        _say(f"minimum_dv, {directions}, 1,440 burn times", ms, "ms", 25.0)
    sizes = np.linspace(-0.1, 0.1, 200)
    ms = 1e3 * _best_s(lambda: trade_space(pair, np.linspace(60, 86_400, 200), sizes))
    _say("trade_space, 200 x 200", ms, "ms", 40.0)


def _say(what: str, value: float, unit: str, goal: float, ratio: float | None = None) -> None:
    times = f"{ratio:5.1f} x the baseline" if ratio else " " * 20
    verdict = "ok" if value <= goal else "MISSED"
    print(f"{what:36s} {value:6.2f} {unit:8s} goal {goal:g}  {times}  {verdict}")


if __name__ == "__main__":
    probabilities()
    optimum()

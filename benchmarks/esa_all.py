"""All conjunctions of the ESA table, 200 burn times each: time on two cores, and certificates.

Run by hand with the reference data beside the repository: `python benchmarks/esa_all.py`. Goal:
30 s on two cores. Every answer is checked: bound at or below it, gap within the promise, Pc at the
threshold; published optima are compared.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "validation"))

from esa_reference import burn_times_s, conjunctions, optima

from mdss import minimum_dv

TIMES_S = np.linspace(600.0, 5 * 6_000.0, 200)
THRESHOLD = 1e-6


def failures(name: str) -> tuple[str, list[str]]:
    """What does not hold for one conjunction."""
    found = minimum_dv(_PAIRS[name], TIMES_S, THRESHOLD)
    needed = found.dv_m_s > 0
    gap = found.dv_m_s - found.lower_bound_m_s
    checks = {
        "bound above the answer": np.any(gap < 0),
        "gap": np.any(gap > np.maximum(1e-4 * found.dv_m_s, 1e-9)),
        "Pc": np.any(np.abs(found.pc[needed] / THRESHOLD - 1) > 1e-6),
    }
    return name, [what for what, wrong in checks.items() if wrong]


def published() -> float:
    """Largest relative difference to a published optimum."""
    worst = 0.0
    for row in optima():
        if row["mode"].startswith("trivial"):
            continue
        directions = "free" if row["mode"].startswith("free") else "in_track"
        found = minimum_dv(
            _PAIRS[row["id"]], burn_times_s(row), float(row["threshold"]), directions
        )
        worst = max(worst, abs(float(np.min(found.dv_m_s)) / float(row["dv_mag_mps"]) - 1))
    return worst


_PAIRS = conjunctions()


if __name__ == "__main__":
    start = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        answers = list(pool.map(failures, _PAIRS, chunksize=50))
    seconds = time.perf_counter() - start
    wrong = [(name, what) for name, what in answers if what]
    print(f"{len(answers)} conjunctions x {TIMES_S.size} burn times: {seconds:.1f} s (goal 30 s)")
    print(f"answers that miss their certificate: {len(wrong)} {wrong[:10]}")
    print(f"largest difference to a published optimum: {published():.1e} (goal 1e-4)")

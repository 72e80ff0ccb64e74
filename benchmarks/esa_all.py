"""All reference conjunctions: speed, certificates and published optima, on two cores.

By hand: ``python benchmarks/esa_all.py [threshold]``. Needs the reference data folder beside
the repository. Every answer is checked: Pc at the threshold within 1e-6, lower bound not above
the answer, gap at most max(1e-4 of it, 1e-9 m/s).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "validation"))
import esa_reference as esa

from mdss.conjunction import Conjunction
from mdss.planner import minimum_dv
from mdss.planner.optimum import MinimumDv

WORKERS = 2
GOAL_S = 30.0
BURN_TIMES_S = np.linspace(120.0, 86_400.0, 200)


def broken_promises(result: MinimumDv, threshold: float) -> list[str]:
    """What an answer fails to keep, one word each."""
    dv, bound = result.dv_m_s, result.lower_bound_m_s
    needed = dv > 0
    checks = {
        "pc": np.abs(result.pc[needed] / threshold - 1) > 1e-6,
        "pc-unneeded": result.pc[~needed] > threshold,
        "bound": bound > dv,
        "gap": dv - bound > np.maximum(1e-4 * dv, 1e-9),
        "infinite": ~np.isfinite(dv),
    }
    return [name for name, failed in checks.items() if np.any(failed)]


def checked(task: tuple[str, Conjunction, float]) -> tuple[str, list[str], int]:
    """Id, broken promises, and how many burn times need a burn."""
    cid, conjunction, threshold = task
    result = minimum_dv(conjunction, BURN_TIMES_S, threshold)
    return cid, broken_promises(result, threshold), int(np.count_nonzero(result.dv_m_s))


def sweep(threshold: float) -> None:
    """Every conjunction at every burn time, and who keeps no promise."""
    tasks = [(cid, one, threshold) for cid, one in esa.conjunctions().items()]
    start = time.perf_counter()
    with ProcessPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(checked, tasks, chunksize=40))
    seconds = time.perf_counter() - start
    failures = [(cid, broken) for cid, broken, _ in answers if broken]
    burning = sum(count > 0 for _, _, count in answers)
    print(
        f"threshold {threshold:g}: {len(tasks)} conjunctions × {len(BURN_TIMES_S)} burn times in "
        f"{seconds:.1f} s on {WORKERS} cores (goal ≤ {GOAL_S:g} s), {burning} need a burn, "
        f"{len(failures)} break a promise"
    )
    for cid, broken in failures:
        print(f"  {cid}: {', '.join(broken)}")


def against_published() -> None:
    """Largest deviation from the published optima, all rows."""
    table = esa.conjunctions()
    deviations = []
    for row in esa.optima():
        if row["mode"].startswith("trivial"):
            continue
        result = minimum_dv(
            table[row["id"]], esa.burn_times_s(row), float(row["threshold"]), esa.directions(row)
        )
        deviations.append(np.min(result.dv_m_s) / float(row["dv_mag_mps"]) - 1)
    print(
        f"published optima: {len(deviations)} rows, ours over theirs between "
        f"{min(deviations):+.1e} and {max(deviations):+.1e} (goal within 1e-4)"
    )


def main() -> None:
    thresholds = [float(word) for word in sys.argv[1:]] or [1e-6, 1e-4]
    for threshold in thresholds:
        sweep(threshold)
    against_published()


if __name__ == "__main__":
    main()

"""Plans with several burns: speed, certificates and published optima.

By hand: ``python benchmarks/plans.py [threshold]``. The baseline is the same question for one
given normal put to CVXPY with Clarabel, parametrised once and solved again; a search over normals
multiplies that. The part over all conjunctions needs the reference data folder beside the
repository; every answer is checked: Pc at the threshold within 1e-6, lower bound not above the
answer, gap at most max(1e-4 of it, 1e-9 m/s), no burn in a window.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "validation"))
import esa_reference as esa

import mdss
from mdss.astro.levelset import unsafe_set
from mdss.conjunction import Conjunction
from mdss.maneuver import displacement_per_dv
from mdss.planner.optimum import allowed_directions, minimum_dv_in_plane
from mdss.planner.several import SeveralBurns, capped_dv, minimum_energy
from mdss.risk.plane import plane_of

ROOT = Path(__file__).resolve().parents[1]
CDM = ROOT / "scenarios" / "observer7_fragment49863" / "cdm_05.cdm"
WORKERS = 2
REPEATS = 9
GOAL_SWEEP_S, GOAL_CAPPED_S = 60.0, 0.050
WINDOW_S, WINDOW_EVERY_S = 1_800.0, 6_000.0
ALLOWED_NODES_S = esa.NODES_S[esa.NODES_S % WINDOW_EVERY_S >= WINDOW_S]
FREE = allowed_directions("free")
FloatArray = NDArray[np.float64]


def _best_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def _processor_s() -> float:
    """Processor time of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _by_cvxpy(w: FloatArray, room: float, cap: float) -> Callable[[], float]:
    """Least total of burns u_k, each at most `cap`, with Σ w_k·u_k = `room`."""
    import cvxpy as cp

    burns, along, need = cp.Variable(w.shape), cp.Parameter(w.shape), cp.Parameter()
    size = cp.norm(burns, 2, axis=1)
    reach = cp.sum(cp.multiply(along, burns)) >= need
    problem = cp.Problem(cp.Minimize(cp.sum(size)), [reach, size <= cap])
    scale = float(np.max(np.linalg.norm(w, axis=1)))
    along.value, need.value = w / scale, room / scale

    def solve() -> float:
        return float(problem.solve(solver=cp.CLARABEL))

    return solve


def one_event() -> None:
    """200 nodes over 24 h of a bundled conjunction."""
    conjunction = mdss.load_event(CDM).latest
    radius = conjunction.hard_body_radius_m or 10.0
    plane = plane_of(conjunction, radius).plane
    times = np.linspace(300.0, 86_400.0, 200)
    maps = displacement_per_dv(conjunction, plane, times)
    question = (plane, radius, maps)
    single = _best_s(lambda: minimum_dv_in_plane(plane, radius, times, maps, 1e-6, FREE))
    least = capped_dv(*question, np.inf, 1e-6, FREE).value
    cap = 0.2 * least
    best = capped_dv(*question, cap, 1e-6, FREE)
    unsafe = unsafe_set(plane.cov_m2, radius, 1e-6)
    assert unsafe is not None
    w = np.einsum("nij,i->nj", maps, best.normal)
    room = float(np.sum(w * best.dv_rtn_m_s))
    solve = _by_cvxpy(w, room, cap)
    theirs = solve()
    baseline = _best_s(solve)
    cones = allowed_directions([[0, 1, 0], [0, -1, 0], [0, 0, 1]], np.radians(20))
    print(
        f"200 nodes, threshold 1e-6. Baseline, CVXPY for one normal: {1e3 * baseline:.1f} ms, "
        f"its total over ours {theirs / best.total_m_s - 1:+.1e}"
    )
    print(f"  minimum_dv, every node for itself: {1e3 * single:.1f} ms")
    for name, goal, work in (
        ("no caps", None, lambda: capped_dv(*question, np.inf, 1e-6, FREE)),
        ("caps of a fifth", GOAL_CAPPED_S, lambda: capped_dv(*question, cap, 1e-6, FREE)),
        ("caps of a fiftieth", GOAL_CAPPED_S, lambda: capped_dv(*question, cap / 10, 1e-6, FREE)),
        ("caps, three cones", GOAL_CAPPED_S, lambda: capped_dv(*question, cap, 1e-6, cones)),
        ("caps too small", None, lambda: capped_dv(*question, cap / 200, 1e-6, FREE)),
        ("energy", None, lambda: minimum_energy(*question, 1e-6, FREE)),
    ):
        answer, seconds = work(), _best_s(work)
        verdict = "" if goal is None else f", goal {1e3 * goal:.0f} ms"
        print(
            f"  {name:18s} {1e3 * seconds:6.1f} ms{verdict}  {seconds / baseline:5.2f} × baseline, "
            f"{answer.binding}, gap {_gap(answer):.1e}"
        )


def _gap(answer: SeveralBurns) -> float:
    """Relative."""
    finite = np.isfinite(answer.value) and answer.value > 0
    return 1 - answer.lower_bound / answer.value if finite else 0.0


def broken_promises(answer: SeveralBurns, threshold: float) -> list[str]:
    """What an answer fails to keep, one word each."""
    value, bound = answer.value, answer.lower_bound
    checks = {
        "infinite": not np.isfinite(value),
        "pc": value > 0 and abs(answer.pc / threshold - 1) > 1e-6,
        "pc-unneeded": value == 0 and answer.pc > threshold,
        "bound": bound > value,
        "gap": value - bound > max(1e-4 * value, 1e-9),
        "total": abs(answer.total_m_s - value) > 1e-9 * value,
    }
    return [name for name, failed in checks.items() if failed]


def windowed(
    task: tuple[str, Conjunction, float, float],
) -> tuple[str, list[str], float, float, str]:
    """Id, broken promises, total, relative gap and what binds.

    The cap is a share of the single burn.
    """
    cid, conjunction, threshold, share = task
    radius = conjunction.hard_body_radius_m
    assert radius is not None
    plane = plane_of(conjunction, radius).plane
    maps = displacement_per_dv(conjunction, plane, ALLOWED_NODES_S)
    answer = capped_dv(plane, radius, maps, np.inf, threshold, FREE)
    if share < 1:
        answer = capped_dv(plane, radius, maps, share * answer.value, threshold, FREE)
    broken = broken_promises(answer, threshold)
    return cid, broken, answer.value, _gap(answer), answer.binding


def sweep(threshold: float, share: float, goal: str) -> None:
    """Every conjunction, all allowed nodes of 24 h."""
    tasks = [(cid, one, threshold, share) for cid, one in esa.conjunctions().items()]
    begun, used = time.perf_counter(), _processor_s()
    with ProcessPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(windowed, tasks, chunksize=40))
    seconds, used = time.perf_counter() - begun, _processor_s() - used
    failures = [(cid, broken) for cid, broken, *_ in answers if broken]
    values, gaps = np.array([(value, gap) for _, _, value, gap, _ in answers if value > 0]).T
    many = "no caps" if share >= 1 else f"caps of {share:g} of the single burn"
    print(
        f"threshold {threshold:g}, {many}: {len(tasks)} conjunctions × {len(ALLOWED_NODES_S)} "
        f"nodes in {seconds:.1f} s on {WORKERS} cores{goal}, {used:.0f} s of processor time\n"
        f"  {len(values)} need a burn; relative gap median {np.median(gaps):.1e}, "
        f"95 % {np.quantile(gaps, 0.95):.1e}, max {np.max(gaps):.1e}; "
        f"{len(failures)} break a promise"
    )
    for cid, broken in failures:
        print(f"  {cid}: {', '.join(broken)}")


def against_published() -> None:
    """Largest deviation from the published optima among nodes outside windows."""
    table, deviations = esa.conjunctions(), []
    for row in esa.optima():
        if not row["mode"].endswith("_24h_nodes_windowed"):
            continue
        conjunction, times = table[row["id"]], esa.burn_times_s(row)
        radius = conjunction.hard_body_radius_m
        plane = plane_of(conjunction, radius).plane
        maps = displacement_per_dv(conjunction, plane, times)
        allowed = allowed_directions(esa.directions(row))
        answer = capped_dv(plane, radius, maps, np.inf, float(row["threshold"]), allowed)
        deviations.append(answer.value / float(row["dv_mag_mps"]) - 1)
    print(
        f"published windowed optima: {len(deviations)} rows, ours over theirs between "
        f"{min(deviations):+.1e} and {max(deviations):+.1e} (goal within 1e-4)"
    )


def main() -> None:
    """Print the figures."""
    one_event()
    if not esa.OPTIMA.exists():
        print("no reference data folder beside the repository: the sweeps are left out")
        return
    against_published()
    for threshold in [float(word) for word in sys.argv[1:]] or [1e-6, 1e-4]:
        sweep(threshold, 1.0, f" (goal ≤ {GOAL_SWEEP_S:g} s)")
        sweep(threshold, 0.2, " (the search without caps included)")


if __name__ == "__main__":
    main()

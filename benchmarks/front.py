"""Speed of the Pareto front, its dominance alone and with all flights.

Run by hand: `python benchmarks/front.py`. The baseline of a front is `mdss.plan` of the same event
without one; that of the dominance is to compare every plan with every other. Times are those of
the process, so that other work on the machine counts little. Real messages are needed for the last
part: the CARA messages of the reference data.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import mdss
from mdss.planner.front.dominance import unbeaten

GOAL_S = 2.0
REPEATS = 3
MESSAGES = Path(__file__).resolve().parents[2] / "shared" / "reference" / "cdm" / "cara_real"


def _best_s(work: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    times, answer = [], None
    for _ in range(repeats):
        begun = time.process_time()
        answer = work()
        times.append(time.process_time() - begun)
    return min(times), answer


def _every_pair(rows: np.ndarray) -> int:
    """How many rows stay, by the definition."""
    rows = np.unique(rows, axis=0)
    return sum(not np.any(np.all(rows <= one, axis=1) & np.any(rows < one, axis=1)) for one in rows)


def dominance() -> None:
    """Plans whose costs trade against each other, so that many stay."""
    for n in (3_000, 12_000):
        places = np.abs(np.random.default_rng(1).normal(size=(n, 5)))
        rows = np.rint(300 * places / np.linalg.norm(places, axis=1, keepdims=True) ** 0.5)
        rows = rows.astype(np.int64)
        ours, kept = _best_s(lambda rows=rows: unbeaten(rows, np.zeros(len(rows))))
        plain, stay = _best_s(lambda rows=rows: _every_pair(rows))
        assert len(kept) == stay
        print(
            f"  {n:6,} plans, {stay:5,} stay: {1e3 * ours:7.1f} ms, {plain / ours:5.1f} times as "
            "fast as every pair"
        )


def _both(*args: Any, repeats: int = REPEATS) -> tuple[float, float, mdss.Plan]:
    without, _ = _best_s(lambda: mdss.plan(*args), repeats)
    with_front, found = _best_s(lambda: mdss.plan(*args, front=True), repeats)
    return without, with_front, found


def _line(name: str, without: float, with_front: float, found: mdss.Plan) -> str:
    front = found.front
    return (
        f"  {name:28s} plan {without:5.2f} s, with its front {with_front:5.2f} s "
        f"({with_front / without:4.1f} times), {front.compared:6,} plans compared, "
        f"{len(front.points):2d} points"
    )


def scenarios() -> None:
    """The operational one and the one about Mars."""
    for name in ("observer7_fragment49863", "mars_orbiters_2021"):
        one = mdss.load_scenario(name)
        mdss.plan(one.event, one.spacecraft, one.operations, one.policy, front=True)
        print(_line(name, *_both(one.event, one.spacecraft, one.operations, one.policy)))


def messages() -> None:
    """Real messages, generic spacecraft, no windows."""
    files = sorted(MESSAGES.glob("*.cdm"))
    if not files:
        print(f"  no messages in {MESSAGES}")
        return
    times = []
    for file in files:
        event = mdss.load_event(file)
        without, with_front, found = _both(event, repeats=1)
        times.append((without, with_front))
        if "-v" in sys.argv:
            print(_line(file.stem[:28], without, with_front, found))
    without, with_front = np.array(times).T
    print(
        f"  {len(files)} messages: plan median {np.median(without):.2f} s, worst "
        f"{without.max():.2f} s; with its front median {np.median(with_front):.2f} s, worst "
        f"{with_front.max():.2f} s, {np.mean(with_front <= GOAL_S):.0%} within {GOAL_S:g} s"
    )


def main() -> None:
    """Print everything."""
    print("dominance of five costs")
    dominance()
    print(f"front of one event, goal {GOAL_S:g} s")
    scenarios()
    messages()


if __name__ == "__main__":
    main()

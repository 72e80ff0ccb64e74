"""Calibration of consistency checks and forecasts on simulated histories, and their speed.

Run by hand: `python benchmarks/forecast.py`. Histories are made as orbit determination makes them
when data are only added (`tests/unit/simulated_histories.py`); later messages are withheld and
compared with the forecast. The baseline is a forecast that says the share of all each time.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "unit"))

from simulated_histories import RADIUS_M
from simulated_histories import history as simulated

from mdss.conjunction import Conjunction
from mdss.policy import Policy
from mdss.risk.consistency import check_updates
from mdss.risk.encounter_pc import encounter_pc
from mdss.risk.forecast import FEWEST_UPDATES, forecast, time_to_tca_s

HISTORIES = 400
POLICY = Policy.preset("nasa")
Histories = list[list[Conjunction]]


def consistency(histories: Histories) -> None:
    """Uniformity of p-values: deciles should hold a tenth each."""
    found = [check_updates(one) for one in histories]
    print("p-values by decile [%], 10 each when calibrated")
    for name, values in (
        ("miss, each update", [u.miss.p_value for one in found for u in one.updates]),
        ("primary, each update", [u.objects[0].p_value for one in found for u in one.updates]),
        ("secondary, each update", [u.objects[1].p_value for one in found for u in one.updates]),
        ("miss, series", [one.miss.p_value for one in found]),
        ("secondary, series", [one.objects[1].p_value for one in found]),
    ):
        shares = np.histogram(values, 10, (0.0, 1.0))[0] / len(values)
        print(f"  {name:24s}" + "".join(f"{100 * one:6.1f}" for one in shares))
    updates = [update for one in found for update in one.updates]
    jumps = sum(update.jumped for update in updates)
    print(f"  false alarms: {jumps} of {len(updates)} updates (3 tests of 1e-3 each)")


def calibration(histories: Histories, seen: int, target: int) -> None:
    """Where a withheld message falls in the forecast made after `seen` messages."""
    inside, place, chances, came_true = [], [], [], []
    for messages in histories:
        encounter = encounter_pc(messages[seen - 1], RADIUS_M)
        when = [time_to_tca_s(messages[target])]
        found = forecast(encounter, messages[:seen], POLICY, when)
        assert found is not None
        (point,) = found.points
        said = encounter_pc(messages[target], RADIUS_M).pc
        inside.append(point.pc_05 <= said <= point.pc_95)
        place.append(point.probability_below(said))
        chances.append(point.p_above_act)
        came_true.append(said >= POLICY.pc_act)
    fifths = np.histogram(place, 5, (0.0, 1.0))[0] / len(place)
    share = float(np.mean(came_true))
    score = float(np.mean((np.array(chances) - came_true) ** 2))
    rates = "fitted " if seen >= FEWEST_UPDATES else "default"
    print(
        f"  {seen} seen, message {target + 1}, {rates}  {100 * np.mean(inside):5.1f}   "
        + " ".join(f"{100 * one:4.0f}" for one in fifths)
        + f"   {100 * np.mean(chances):5.1f} {100 * share:5.1f}   {score:.3f} "
        + f"{share * (1 - share):.3f}"
    )


def reliability(histories: Histories, seen: int, target: int) -> None:
    """How often what was given some chance came true."""
    pairs = []
    for messages in histories:
        encounter = encounter_pc(messages[seen - 1], RADIUS_M)
        when = [time_to_tca_s(messages[target])]
        found = forecast(encounter, messages[:seen], POLICY, when)
        assert found is not None
        said = encounter_pc(messages[target], RADIUS_M).pc
        pairs.append((found.points[0].p_above_act, said >= POLICY.pc_act))
    chances, came_true = np.array(pairs, dtype=float).T
    for low, high in ((0.0, 0.05), (0.05, 0.3), (0.3, 0.7), (0.7, 1.01)):
        here = (chances >= low) & (chances < high)
        if here.any():
            print(
                f"  said {100 * chances[here].mean():5.1f} %, came true "
                f"{100 * came_true[here].mean():5.1f} % of {here.sum()}"
            )


def speed(messages: list[Conjunction]) -> None:
    """One check of six updates, one forecast of eight times."""
    encounter = encounter_pc(messages[-1], RADIUS_M)
    for name, work, goal_ms in (
        ("consistency of 7 messages", lambda: check_updates(messages), 50),
        ("forecast, 8 times", lambda: forecast(encounter, messages, POLICY), 100),
    ):
        work()
        times = []
        for _ in range(5):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        print(f"  {name:28s} {1e3 * min(times):6.1f} ms (goal {goal_ms})")


def main() -> None:
    """Print everything."""
    rng = np.random.default_rng(2026)
    histories = [simulated(rng) for _ in range(HISTORIES)]
    print(f"{HISTORIES} simulated histories of 7 messages, 5 to 0.5 days before TCA")
    consistency(histories)
    print("forecast: in the 90 % band [%]; withheld message by fifth of the forecast [%];")
    print("          chance above act and share that came true [%]; Brier score, baseline")
    for seen in (2, 3, 4, 5, 6):
        for target in sorted({seen, 6}):
            calibration(histories, seen, target)
    print("chance to be above the act threshold at the last message, 4 seen")
    reliability(histories, 4, 6)
    print("speed")
    speed(histories[0])


if __name__ == "__main__":
    main()

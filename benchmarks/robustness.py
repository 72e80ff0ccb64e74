"""Speed of the robustness table and of robust sweeps over burn times.

Run by hand: `python benchmarks/robustness.py [SCENARIO]`. The table, goal 0.5 s for one option of a
fast encounter, stands beside flying each of its rows; robust sweeps, goal 1 s, beside the sweep of
the plan alone. Processor time, so that other work on the machine does not count.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np

from mdss.loading import load_scenario
from mdss.planner.plan import plan
from mdss.planner.robustness.cases import CaseSet, case_set_names
from mdss.planner.robustness.sweep import robust_sweep
from mdss.planner.robustness.table import robustness
from mdss.planner.setting import Setting


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """The least processor time of a few runs, after one that warms up."""
    work()
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    scenario = load_scenario(sys.argv[1] if len(sys.argv) > 1 else "observer7_fragment49863")
    planned = plan(scenario.event, scenario.spacecraft, scenario.operations, scenario.policy)
    name = next(one.name for one in planned.options if one.burns)
    quick = seconds(lambda: robustness(planned, name))
    flown = seconds(lambda: robustness(planned, name, fly_all=True), 1)
    print(
        f"robustness of {name}: {quick:.2f} s, goal 0.5; every row flown {flown / quick:.1f} × that"
    )
    setting = Setting(
        risk=planned.risk,
        spacecraft=planned.spacecraft,
        operations=planned.operations,
        policy=planned.policy,
        now_utc=planned.conjunction.tca_utc - timedelta(days=2),
    )
    alone = CaseSet(name="plan alone", cases=())
    base = seconds(lambda: robust_sweep(setting, alone, setting.directions))
    print(f"sweep of {setting.times_s.size} burn times, plan alone: {base:.3f} s")
    for each in case_set_names():
        cases = CaseSet.named(each)
        spent = seconds(lambda cases=cases: robust_sweep(setting, cases, setting.directions))  # type: ignore[misc]
        found = robust_sweep(setting, cases, setting.directions)
        more = np.nanmin(found.optimum.dv_m_s) / np.nanmin(
            robust_sweep(setting, alone, setting.directions).optimum.dv_m_s
        )
        print(
            f"  {each:10s} {spent:.3f} s, goal 1; {spent / base:.0f} × the plan alone; "
            f"delta-v × {more:.2f}; {found.certainty}"
        )


if __name__ == "__main__":
    main()

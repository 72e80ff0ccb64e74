"""Speed of thrust arcs and several burns: to choose them, and to fly them.

Run by hand: `python benchmarks/arcs.py`. Baselines: the sweep of single burns for choosing, the
flight of one impulse for flying. Processor time, so that a busy machine does not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np

from mdss.loading import load_scenario
from mdss.maneuver import Burn
from mdss.planner.candidates import sweep
from mdss.planner.setting import Setting
from mdss.planner.several_draft import several_burns
from mdss.planner.thrust_arcs import thrust_arcs
from mdss.planner.verification import Verifier
from mdss.risk.assess import assess
from mdss.spacecraft import Spacecraft, Thruster
from mdss.units import HOUR_S

REPEATS = 5


def _best_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def _setting(thruster: Thruster, largest_m_s: float, hours: float) -> Setting:
    given = load_scenario("observer7_fragment49863")
    assert given.spacecraft is not None
    assert given.operations is not None
    assert given.policy is not None
    craft = Spacecraft(
        designator=given.spacecraft.designator,
        mass_kg=300.0,
        radius_m=7.5,
        propellant_kg=20.0,
        thrusters=(thruster,),
        maximum_dv_m_s=largest_m_s,
    )
    here = given.event.latest.oriented(craft.designator)
    return Setting(
        risk=assess(here, spacecraft=craft, policy=given.policy),
        spacecraft=craft,
        operations=replace(given.operations, planning_horizon_s=hours * HOUR_S),
        policy=given.policy,
        now_utc=here.tca_utc - timedelta(hours=hours + 5),
    )


def choosing() -> None:
    """Drafts over a day, the map integrated beforehand."""
    weak = _setting(Thruster(name="ion", isp_s=1500.0, thrust_n=0.001), np.inf, 24.0)
    capped = _setting(Thruster(name="main", isp_s=220.0, thrust_n=2.0), 0.004, 24.0)
    for setting in (weak, capped):
        assert setting.arc_map
    base_s = _best_s(lambda: sweep(capped, capped.directions))
    for name, setting, make in (
        ("thrust arcs", weak, thrust_arcs),
        ("several burns", capped, several_burns),
    ):
        draft, reason = make(setting)
        assert draft is not None, reason
        assert draft.certificate is not None
        took_s = _best_s(lambda make=make, setting=setting: make(setting))  # type: ignore[misc]
        print(
            f"{name} over 24 h: {took_s:.3f} s, ×{took_s / base_s:.1f} the sweep of single burns; "
            f"{len(draft.burns_of(draft.dv_m_s))} burns, gap {draft.certificate.relative_gap:.1e}"
        )


def flying() -> None:
    """Twenty arcs of ten minutes over 12 h, at one size after the other."""
    here = load_scenario("observer7_fragment49863").event.latest
    verifier = Verifier(here, 10.0, earliest_burn_s=24 * HOUR_S)

    def plans(count: int, duration_s: float) -> Iterator[list[Burn]]:
        times = np.linspace(12 * HOUR_S, 2_400.0, count)
        for k in range(REPEATS + 1):
            dv_rtn = [0.0, 1e-3 * (1 + 0.01 * k), 0.0]
            yield [
                Burn.before(here.tca_utc, t, dv_rtn, duration_s, exhaust_m_s=1.5e4) for t in times
            ]

    took = []
    for count, duration_s in ((1, 0.0), (20, 600.0)):
        sizes = plans(count, duration_s)
        verifier.fly(next(sizes))
        took.append(_best_s(lambda sizes=sizes: verifier.fly(next(sizes))))  # type: ignore[misc]
    print(
        f"flight of 20 arcs in 12 h at another size: {took[1]:.3f} s (goal < 0.3 s); of one "
        f"impulse {took[0]:.3f} s, ×{took[1] / took[0]:.1f}"
    )


if __name__ == "__main__":
    choosing()
    flying()

"""Speed of computed contacts and eclipses.

Run by hand: `python benchmarks/windows.py`. The baseline is the plain way: the same orbit and the
same elevation and shadow at every second of the span, edges at the sign changes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mdss.astro.bodies import third_body_position_m
from mdss.astro.eclipse import shadow_margins, slow_path
from mdss.astro.ellipsoid import FLATTENING, site
from mdss.astro.numerical import propagate
from mdss.astro.visibility import elevation_rad
from mdss.conjunction import Conjunction
from mdss.forces import force_model
from mdss.loading import load_scenario
from mdss.operations import Operations, Station
from mdss.planner.windows import computed
from mdss.units import DAY_S

STATIONS = (
    Station(name="north", latitude_deg=78.23, longitude_deg=15.39),
    Station(name="south", latitude_deg=-31.4, longitude_deg=-64.2),
)
REPEATS = 5


def best_s(work: Callable[[], object]) -> float:
    """The fastest of some runs [s]."""
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def every_second(told: Conjunction, horizon_s: float) -> int:
    """Sign changes of elevations and shadows at every second; how many."""
    t_s = np.arange(-horizon_s - DAY_S, DAY_S, 1.0)
    ours, central = told.primary, told.body
    states = propagate(
        ours.position_m, ours.velocity_m_s, told.tca_utc, t_s, force_model(told), tolerance=1e-10
    )
    sun = slow_path(
        lambda t: third_body_position_m("sun", central, told.tca_utc, t), t_s[0], t_s[-1]
    )(t_s)
    pole = central.pole_icrf(told.tca_utc)
    margins = list(
        shadow_margins(states[:, :3], sun, central.radius_m, pole, FLATTENING[central.name])
    )
    for one in STATIONS:
        place = site(math.radians(one.latitude_deg), math.radians(one.longitude_deg), 0.0, central)
        high = elevation_rad(place, central, states[:, :3], told.tca_utc, t_s)
        margins.append(high - math.radians(one.elevation_mask_deg))
    return sum(int(np.sum(np.diff(margin > 0))) for margin in margins)


def main() -> None:
    """Measure and print."""
    case = load_scenario("observer7_fragment49863")
    assert case.spacecraft is not None
    told = case.event.latest.oriented(case.spacecraft.designator)
    asked = Operations(stations=STATIONS, burns_in_eclipse=False)
    nothing = replace(asked, stations=(), burns_in_eclipse=True)
    ours = best_s(lambda: computed(asked, case.spacecraft, told))
    plain = best_s(lambda: every_second(told, asked.planning_horizon_s))
    found = computed(asked, case.spacecraft, told)
    print(f"{len(found.contacts)} contacts of 2 stations, {len(found.eclipses)} eclipses, 3 days")
    print(f"computed: {ours * 1e3:.0f} ms; every second: {plain * 1e3:.0f} ms, {plain / ours:.1f}x")
    print(f"nothing asked: {best_s(lambda: computed(nothing, case.spacecraft, told)) * 1e6:.1f} us")


if __name__ == "__main__":
    main()

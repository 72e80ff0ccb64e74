"""Speed and error of interpolation and of the search for close approaches.

Run by hand: `python benchmarks/find.py`. The baseline of the search is the plain way: both
orbits at every second of the window, local minima of the distance.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from mdss.approaches import find_approaches
from mdss.astro.interpolation import Interpolant
from mdss.astro.numerical import ForceModel, propagate
from mdss.astro.twobody import MU_EARTH_M3_S2, orbital_period_s
from mdss.ephemeris import Ephemeris
from mdss.orbit_files import read_orbit

TLES = """IRIDIUM 33
1 24946U 97051C   09040.78448243 +.00000153 +00000-0 +47668-4 0  9994
2 24946 086.3994 121.7028 0002288 085.1644 274.9812 14.34219863597336
COSMOS 2251
1 22675U 93036A   09040.49834364 -.00000001  00000-0  95251-5 0  9996
2 22675 074.0355 019.4646 0016027 098.7014 261.5952 14.31135643817415
"""
START = datetime(2009, 2, 9, 20, tzinfo=UTC)
REPEATS = 5


def _best_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def search() -> None:
    """A week of two low orbits, elements of 2009."""
    end = START + timedelta(days=7)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "two.tle"
        file.write_text(TLES)
        pair = [read_orbit(f"{file}#{n}").ephemeris(START, end) for n in ("24946", "22675")]
    found_s = _best_s(lambda: find_approaches(*pair, START, end))
    count = len(find_approaches(*pair, START, end))
    plain_s = _best_s(lambda: _every_second(pair, end))
    print(
        f"find, 7 days of two low orbits: {found_s:.3f} s for {count} approaches (goal < 1 s); "
        f"every second of both: {plain_s:.2f} s, ×{plain_s / found_s:.0f}"
    )


def _every_second(pair: list[Ephemeris], end: datetime) -> int:
    first, second = pair
    t_s = np.arange(first.seconds_at(START), first.seconds_at(end))
    away_s = second.seconds_at(first.reference_utc)
    apart = first.states(t_s)[:, :3] - second.states(t_s + away_s)[:, :3]
    d = np.linalg.norm(apart, axis=1)
    return int(np.sum((d[1:-1] < d[:-2]) & (d[1:-1] <= d[2:])))


def interpolation() -> None:
    """A low orbit under all forces, 100 samples a revolution."""
    state = np.array([6.928e6, 0.0, 0.0, 0.0, 2.4e3, 7.2e3])
    forces = ForceModel(gravity_degree=70, gravity_order=70, cd_area_over_mass_m2_kg=0.01)
    step_s = orbital_period_s(state[:3], state[3:]) / 100.0
    t_s = np.arange(0.0, 86_400.0, step_s)
    wanted = np.sort(np.random.default_rng(0).uniform(0.0, t_s[-1], 2_000))
    both = propagate(state[:3], state[3:], START, np.concatenate([t_s, wanted]), forces)
    curve = Interpolant(t_s=t_s, states=both[: t_s.size], mu_m3_s2=MU_EARTH_M3_S2)
    off_m = np.linalg.norm((curve(wanted) - both[t_s.size :])[:, :3], axis=1)
    many = np.random.default_rng(1).uniform(0.0, t_s[-1], 100_000)
    print(
        f"interpolation, 100 samples a revolution at 550 km: {1e3 * off_m.max():.2f} mm at most, "
        f"stated {1e3 * curve.error_m(wanted).max():.1f} mm; "
        f"1e5 instants in {_best_s(lambda: curve(many)):.2f} s (goal well under 1 s)"
    )


if __name__ == "__main__":
    search()
    interpolation()

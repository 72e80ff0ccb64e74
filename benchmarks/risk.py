"""Speed of the methods beyond 2D Pc, of Monte Carlo and of the whole risk picture of one message.

Run by hand: `python benchmarks/risk.py [CDM]`; without a CDM on a bundled message in which 2D Pc
fails. Each figure stands beside its goal and a baseline of the same run:

* 2D-Nc and 3D-Nc: the overlaps of a uniform grid of 1,001 times, the plain way to integrate;
* Monte Carlo: the closest approach of every trial, refined to the end, without a filter;
* importance sampling: as many plain trials as its precision would take, at their measured rate.

NASA CARA's tools in Octave took 0.94 s (usage check and 2D-Nc) and 41 s (3D-Nc) per conjunction,
its compiled Monte Carlo made 2.3e5 to 2.6e5 trials a second and core, on a machine of this kind.
The goal of importance sampling is ours; the others are those of the project.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices of 6 × 6: threads only cost

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mdss.astro.importance import sample
from mdss.astro.many_orbits import ManyOrbits, dot, joint_roots, relative
from mdss.astro.monte_carlo import simulate
from mdss.astro.nc2d import count_2d
from mdss.astro.nc3d import count_3d, encounter_segment, time_bounds
from mdss.conjunction import Conjunction, ObjectState
from mdss.messages import read_cdms
from mdss.risk.assess import assess
from mdss.risk.methods import Effort
from mdss.risk.pair import Pair
from mdss.risk.picture import picture
from mdss.risk.validity import check_pair

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_CDM = ROOT / "scenarios" / "pc2d_fails" / "cdm_04.cdm"
REPEATS = 5
TRIALS = 300_000
GM_EARTH = 3.986004418e14


def _best_s(work: Callable[[], object], repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _say(what: str, value: str, goal: str, met: bool, baseline: str) -> None:
    verdict = "ok" if met else "MISSED"
    print(f"{what:34s} {value:>16s}  goal {goal:>14s}  {verdict:6s}  {baseline}")


def integrals(conjunction: Conjunction, radius_m: float) -> None:
    """The check, 2D-Nc and 3D-Nc, every overlap computed anew."""

    def pair() -> Pair:
        return Pair.of(conjunction.primary, conjunction.secondary, radius_m, GM_EARTH)

    def check_and_2d() -> object:
        new = pair()
        passage = check_pair(new).passage
        assert passage is not None
        return count_2d(new.overlap, passage.t_s, passage.sigma_s, radius_m)

    def three_d(n_uniform: int = 0) -> object:
        new = pair()
        bounds = time_bounds(new.relative_state, new.position_cov_eci_m2, radius_m)
        segment = encounter_segment(new.states, GM_EARTH, bounds)
        if n_uniform:
            return [new.overlap(float(t)) for t in np.linspace(*bounds, n_uniform)]
        return count_3d(new.overlap, segment, bounds, radius_m)

    check_and_2d()  # the rule on the sphere is made once
    uniform = _best_s(lambda: three_d(1001), 1)
    for what, work, goal in (
        ("usage check and 2D-Nc", check_and_2d, 0.060),
        ("3D-Nc", three_d, 1.0),
    ):
        took = _best_s(work)
        _say(
            what,
            f"{1e3 * took:.0f} ms",
            f"{1e3 * goal:.0f} ms",
            took <= goal,
            f"{uniform / took:.0f} x faster than 1,001 overlaps on a uniform grid",
        )


def high_sigma_pair() -> Pair:
    """A crossing at 7000 km with in-track errors of 20 km: Pc 8e-6."""
    radius, speed = 7e6, (GM_EARTH / 7e6) ** 0.5
    rate = speed / radius
    lever = np.vstack([np.eye(3), [[0, -rate, 0], [-rate, 0, 0], [0, 0, 0]]])
    own = np.diag([0, 0, 0, 1e-3, 1e-3, 1e-3]) ** 2
    cov = lever @ np.diag([1500.0, 20_000.0, 900.0]) ** 2 @ lever.T + own
    first = ObjectState([radius, 0, 0], [0, speed, 0], cov_rtn_m2=cov)
    velocity = [0, speed * np.cos(2.0), speed * np.sin(2.0)]
    second = ObjectState([radius + 500, 100, 170], velocity, cov_rtn_m2=cov)
    return Pair.of(first, second, 20.0, GM_EARTH)


def monte_carlo() -> None:
    """Plain trials a second, and importance sampling to one per cent."""
    pair, window = high_sigma_pair(), (-600.0, 600.0)
    first, second = pair.orbits

    def plain() -> object:
        return simulate(
            first, second, 20.0, window, isolated_at_s=0.0, most_trials=TRIALS, precision=1e-9
        )

    rate = TRIALS / _best_s(plain, 3)
    base = TRIALS / _best_s(lambda: _every_trial_refined(pair), 1)
    _say(
        "plain trials, one core",
        f"{rate:.2g} /s",
        "3e5 /s",
        rate >= 3e5,
        f"{rate / base:.1f} x the rate without a filter",
    )
    passage = check_pair(pair).passage
    assert passage is not None
    steps = np.arange(-3.0, 3.5, 0.5)
    overlaps = [pair.overlap(float(passage.t_s + k * passage.sigma_s)) for k in steps]
    shares = np.exp(-(steps**2) / 2)

    def sampled() -> float:
        found = sample(first, second, overlaps, shares, 20.0, window, precision=0.01)
        return found.pc

    pc = sampled()
    took = _best_s(sampled, 3)
    trials = 1 / (pc * 0.01**2)
    _say(
        f"importance sampling to 1 %, Pc {pc:.0e}",
        f"{took:.2f} s",
        "1 s",
        took <= 1,
        f"{trials / rate / took:.0f} x faster than the {trials:.0e} plain trials it stands for",
    )


def _every_trial_refined(pair: Pair, passes: int = 3) -> int:
    """Hits among trials of which each is flown to its closest approach."""
    rng = np.random.default_rng(1)
    roots = joint_roots(*pair.orbits)
    hits = 0
    for _ in range(0, TRIALS, 16_384):
        normals = rng.standard_normal((roots[0].shape[1], 16_384))
        one, two = (
            ManyOrbits.drawn(orbit, root, normals)
            for orbit, root in zip(pair.orbits, roots, strict=True)
        )
        times = np.zeros(16_384)
        for _ in range(passes):
            r, v, _ = relative((one, two), times)
            times = times - dot(r, v) / dot(v, v)
        r, _, _ = relative((one, two), times)
        hits += int(np.count_nonzero(dot(r, r) < 400.0))
    return hits


def whole_picture(conjunction: Conjunction) -> None:
    """Everything that `mdss risk --full` computes of one message, without Monte Carlo."""

    def work() -> object:
        return picture(assess(conjunction, effort=Effort(most_trials=0)))

    work()
    took = _best_s(work)
    base = _best_s(lambda: assess(conjunction, effort=Effort(most_trials=0)))
    _say(
        "risk picture of one message",
        f"{1e3 * took:.0f} ms",
        "500 ms",
        took <= 0.5,
        f"{took / base:.1f} x the assessment alone, {1e3 * base:.0f} ms",
    )


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_CDM
    message = Conjunction.from_cdm(read_cdms(path)[0])
    print(f"{path.name}: {message.primary.label} and {message.secondary.label}")
    with np.errstate(all="ignore"):
        integrals(message, message.hard_body_radius_m or 20.0)
        whole_picture(message)
        monte_carlo()

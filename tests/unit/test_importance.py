"""Importance sampling: the same answers as plain trials and as integrals, with fewer of them."""

import numpy as np
import pytest
from short_encounters import GM, a_pair, cov_of

from mdss.astro.importance import sample
from mdss.astro.monte_carlo import simulate
from mdss.astro.nc2d import count_2d
from mdss.conjunction import ObjectState
from mdss.risk.pair import Pair
from mdss.risk.validity import check_pair

WINDOW_S = (-60.0, 60.0)


def passage_of(pair):
    return check_pair(pair).passage


def sampled(pair, **kwargs):
    """Five times across the passage, drawn as often as the rate is high."""
    passage = passage_of(pair)
    steps = np.arange(-2.0, 2.5)
    overlaps = [pair.overlap(float(passage.t_s + k * passage.sigma_s)) for k in steps]
    return sample(
        *pair.orbits, overlaps, np.exp(-(steps**2) / 2), pair.radius_m, WINDOW_S, **kwargs
    )


def counted(pair):
    passage = passage_of(pair)
    return count_2d(pair.overlap, passage.t_s, passage.sigma_s, pair.radius_m).nc


@pytest.fixture(scope="module")
def pair():
    """A passage with a Pc of 1e-2."""
    return a_pair(60.0, 30.0, radius_m=25.0)


def test_it_agrees_with_plain_trials(pair):
    found = sampled(pair)
    plain = simulate(
        *pair.orbits, 25.0, WINDOW_S, isolated_at_s=0.0, most_trials=60_000, precision=1e-6
    )
    half = 1.96 * found.standard_error
    assert found.pc - half < plain.upper
    assert found.pc + half > plain.lower


@pytest.mark.parametrize("miss_m", [60.0, 200.0, 350.0])
def test_it_meets_2d_nc_down_to_the_tail(miss_m):
    pair = a_pair(miss_m, 30.0)
    found = sampled(pair)
    assert abs(found.pc - counted(pair)) < 4 * found.standard_error
    assert found.standard_error <= 0.01 * found.pc


def test_its_standard_error_is_the_scatter_of_its_answers(pair):
    runs = [sampled(pair, seed=seed, most_trials=8192) for seed in range(16)]
    scatter = np.std([run.pc for run in runs], ddof=1)
    said = np.mean([run.standard_error for run in runs])
    # a sigma of 16 values is known to 18 %; three of those
    assert scatter == pytest.approx(said, rel=0.55)


def test_the_same_seed_gives_the_same_answer(pair):
    assert sampled(pair, seed=3) == sampled(pair, seed=3)
    assert sampled(pair, seed=3).pc != sampled(pair, seed=4).pc


def test_its_effective_trials_are_what_plain_hits_would_be_worth(pair):
    found = sampled(pair)
    assert found.effective_trials <= found.hits <= found.trials
    # relative variance of a sum of weights, as of that many hits; those that miss add to it
    assert found.standard_error / found.pc < 1.5 / np.sqrt(found.effective_trials)


def test_a_tighter_precision_takes_more_trials(pair):
    loose, tight = sampled(pair, precision=0.02), sampled(pair, precision=0.004)
    assert tight.trials > loose.trials
    assert tight.standard_error <= 0.004 * tight.pc


def test_it_tells_how_far_it_is_and_keeps_to_the_cap(pair):
    said = []
    found = sampled(
        pair, precision=1e-9, most_trials=20_000, progress=lambda *args: said.append(args)
    )
    assert said[-1][1] == 20_000
    assert found.trials == said[-1][0] < 20_000 + 8192


def test_a_slow_pair_that_can_collide_at_any_time_of_a_revolution_is_searched_all_over():
    """Two geostationary objects 500 m apart: the way to a collision is long, and not straight."""
    radius = 4.2164e7
    speed = float(np.sqrt(GM / radius))
    sigmas = (300.0, 3000.0, 200.0)
    first = ObjectState(
        [radius, 0, 0], [0, speed, 0], cov_rtn_m2=cov_of(*sigmas, motion_rad_s=speed / radius)
    )
    second = ObjectState(
        [radius + 500, 0, 100],
        [0, speed, 0.01],
        cov_rtn_m2=cov_of(*sigmas, motion_rad_s=speed / radius),
    )
    pair = Pair.of(first, second, 1000.0, GM)
    window = (-43_000.0, 43_000.0)
    times = np.linspace(*window, 40)
    found = sample(
        *pair.orbits,
        [pair.overlap(float(t)) for t in times],
        np.ones(40),
        1000.0,
        window,
        most_trials=50_000,
    )
    plain = simulate(*pair.orbits, 1000.0, window, most_trials=16_384, precision=1e-6)
    assert plain.lower > 0.25
    # both are known to a few percent; looking at the likeliest approach alone gave 0.15
    assert abs(found.pc - plain.pc) < 3 * np.hypot(found.standard_error, 0.0035)

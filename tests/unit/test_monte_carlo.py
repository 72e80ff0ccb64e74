"""Plain Monte Carlo, its intervals, and the orbits of its trials."""

import numpy as np
import pytest
from short_encounters import GM, a_pair, a_rotation, objects, turned

from mdss.astro.equinoctial import elements_from_state
from mdss.astro.many_orbits import ManyOrbits, gaussian_root, joint_roots
from mdss.astro.monte_carlo import clopper_pearson, simulate
from mdss.astro.nc2d import count_2d
from mdss.astro.peak_overlap import UncertainOrbit
from mdss.astro.twobody import propagate
from mdss.errors import PropagationError
from mdss.risk.pair import Pair
from mdss.risk.validity import check_pair

WINDOW_S = (-60.0, 60.0)


@pytest.fixture(scope="module")
def pair():
    """A passage with a Pc of 1e-2."""
    return a_pair(60.0, 30.0, radius_m=25.0)


def simulated(pair, *, isolated=True, trials=60_000, **kwargs):
    kwargs = {"precision": 1e-6, **kwargs}
    return simulate(
        *pair.orbits,
        pair.radius_m,
        WINDOW_S,
        isolated_at_s=0.0 if isolated else None,
        most_trials=trials,
        **kwargs,
    )


# --- intervals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (3, 30, 0.0211, 0.2653),
        (0, 100, 0.0, 0.0362),
    ],
)
def test_clopper_pearson_intervals_of_the_tables(hits, trials, low, high):
    # 95 %, two-sided, to four digits as in tables of exact binomial limits
    assert clopper_pearson(hits, trials) == pytest.approx((low, high), abs=6e-5)


def test_an_interval_excludes_its_ends_with_half_the_rest_each():
    from scipy.stats import binom

    low, high = clopper_pearson(37, 5000)
    assert binom.sf(36, 5000, low) == pytest.approx(0.025, rel=1e-9)
    assert binom.cdf(37, 5000, high) == pytest.approx(0.025, rel=1e-9)


# --- simulation ----------------------------------------------------------------------------------


def test_it_meets_2d_nc_within_its_interval(pair):
    passage = check_pair(pair).passage
    nc = count_2d(pair.overlap, passage.t_s, passage.sigma_s, pair.radius_m).nc
    assert 5e-3 < nc < 5e-2
    found = simulated(pair)
    # four standard errors: a fixed seed, and no reason to be unlucky
    assert abs(found.pc - nc) < 4 * np.sqrt(nc / found.trials)
    assert found.lower < found.pc < found.upper


def test_the_same_seed_gives_the_same_hits_and_another_one_others(pair):
    one, same, other = (simulated(pair, seed=seed, trials=30_000) for seed in (7, 7, 8))
    assert one == same
    assert one.hits != other.hits


def test_searching_the_whole_window_finds_the_hits_of_the_one_passage(pair):
    near = simulated(pair, trials=20_000)
    anywhere = simulated(pair, trials=20_000, isolated=False)
    assert anywhere.hits == near.hits


def test_it_stops_when_the_interval_is_narrow_enough(pair):
    found = simulated(pair, trials=500_000, precision=0.2)
    assert found.trials < 500_000
    assert found.upper <= 1.2 * found.pc
    assert found.lower >= 0.8 * found.pc


def test_trials_that_cannot_see_it_give_an_upper_limit():
    found = simulated(a_pair(5_000.0, 0.0, sigmas_m=(60.0, 200.0, 50.0)), trials=10_000)
    assert found.hits == 0
    assert found.lower == 0
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 10_000), rel=1e-9)


def test_it_depends_neither_on_the_order_nor_on_the_axes(pair):
    first, second = objects(60.0, 30.0)
    rotation = a_rotation()
    base = simulated(pair)
    for other in (
        Pair.of(second, first, 25.0, GM),
        Pair.of(turned(first, rotation), turned(second, rotation), 25.0, GM),
    ):
        assert abs(simulated(other).hits - base.hits) < 4 * np.sqrt(2 * base.hits)


def test_it_tells_how_far_it_is(pair):
    said = []
    simulated(pair, trials=40_000, progress=lambda done, cap: said.append((done, cap)))
    assert said[-1] == (40_000, 40_000)
    assert [done for done, _ in said] == sorted(done for done, _ in said)


def test_an_error_that_makes_escape_orbits_of_trials_is_refused(pair):
    first, second = pair.orbits
    wide = UncertainOrbit(first.elements, first.cov_elements * 1e10, GM)
    with pytest.raises(PropagationError, match="too wide"):
        simulate(wide, second, 25.0, WINDOW_S, most_trials=20_000)


def test_hits_near_the_ends_of_the_window_are_counted(pair):
    first, second = pair.orbits
    found = simulate(first, second, 25.0, (-0.5, 60.0), isolated_at_s=0.0, most_trials=20_000)
    assert found.near_ends == found.hits > 0


# --- orbits of the trials -----------------------------------------------------------------------

STATES = [
    [7e6, 1e5, -3e5, 100.0, 5200.0, 5400.0],
    [-2e6, 6.9e6, 1e6, -7300.0, -2300.0, 800.0],
    [6.6e6, 0.0, 1e3, 0.0, 9_900.0, 1_500.0],  # eccentricity 0.66
    [4.2e7, 1e6, 0.0, -50.0, 3070.0, 10.0],
]


@pytest.mark.parametrize("t_s", [-5000.0, 0.0, 137.0, 86_400.0])
def test_orbits_move_as_two_body_motion_does(t_s):
    elements = np.array([elements_from_state(state, GM) for state in STATES]).T
    r, v = ManyOrbits(elements, GM).states(t_s)
    for k, state in enumerate(STATES):
        expected = propagate(state[:3], state[3:], t_s, GM)[0]
        # a phase of hundreds of radians is good to 1e-13, at 1e7 m a few micrometres
        assert r[:, k] == pytest.approx(expected[:3], abs=2e-4)
        assert v[:, k] == pytest.approx(expected[3:], abs=2e-7)


def test_each_trial_can_be_asked_at_its_own_time():
    orbits = ManyOrbits.through(np.array(STATES).T, GM)
    times = np.array([0.0, 10.0, -20.0, 5000.0])
    r, _ = orbits.states(times)
    for k, t_s in enumerate(times):
        assert r[:, k] == pytest.approx(orbits.states(float(t_s))[0][:, k], abs=1e-6)


def test_orbits_go_through_the_states_that_they_are_made_from():
    r, v = ManyOrbits.through(np.array(STATES).T, GM).states(0.0)
    found = np.vstack([r, v]).T
    for one, state in zip(found, STATES, strict=True):
        assert one[:3] == pytest.approx(state[:3], abs=1e-6)
        assert one[3:] == pytest.approx(state[3:], abs=1e-9)


def test_escape_orbits_are_not_usable_and_can_be_left_out():
    states = np.array([STATES[0], [7e6, 0, 0, 0, 12_000.0, 100.0]]).T
    orbits = ManyOrbits.through(states, GM)
    assert orbits.usable.tolist() == [True, False]
    assert orbits.chosen(orbits.usable).elements.shape == (6, 1)


def test_a_root_gives_back_its_covariance_and_takes_negative_eigenvalues_as_zero(pair):
    cov = pair.orbits[0].cov_elements
    root = gaussian_root(cov)
    scale = np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    assert root @ root.T / scale == pytest.approx(cov / scale, abs=1e-12)
    bad = np.array([[1.0, 1.5], [1.5, 1.0]])
    assert np.linalg.eigvalsh(gaussian_root(bad) @ gaussian_root(bad).T)[0] >= -1e-15


def test_both_objects_draw_errors_of_their_own(pair):
    first, second = joint_roots(*pair.orbits)
    assert np.all(first @ second.T == 0)

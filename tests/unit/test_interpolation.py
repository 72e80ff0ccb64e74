"""Interpolation of states and covariances, against numerical propagation."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn
from mdss.astro.interpolation import CovarianceInterpolant, Interpolant
from mdss.astro.numerical import ForceModel, propagate, propagate_with_stm
from mdss.astro.transition import carried_cov_rtn, transitions, two_body
from mdss.astro.twobody import MU_EARTH_M3_S2 as MU
from mdss.astro.twobody import orbital_period_s
from mdss.astro.twobody import propagate as kepler
from mdss.errors import PropagationError

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
FORCES = ForceModel(
    gravity_degree=70,
    gravity_order=70,
    cd_area_over_mass_m2_kg=0.01,
    cr_area_over_mass_m2_kg=0.01,
)


def _state(perigee_m, eccentricity=0.001, inclination=1.25):
    speed = np.sqrt(MU / perigee_m * (1 + eccentricity))
    direction = np.array([0.0, np.cos(inclination), np.sin(inclination)])
    return np.concatenate([[perigee_m, 0.0, 0.0], speed * direction])


@lru_cache(maxsize=4)
def _flown(perigee_m, per_revolution, eccentricity=0.001):
    """Samples of one and a half revolutions, and the truth at 300 instants between them."""
    state = _state(perigee_m, eccentricity)
    period = orbital_period_s(state[:3], state[3:])
    t_s = np.arange(0.0, 1.5 * period, period / per_revolution)
    wanted = np.sort(np.random.default_rng(0).uniform(0.0, t_s[-1], 300))
    both = propagate(state[:3], state[3:], EPOCH, np.concatenate([t_s, wanted]), FORCES)
    return t_s, both[: t_s.size], wanted, both[t_s.size :]


# --- states -------------------------------------------------------------------------------


@pytest.mark.parametrize("perigee_m", [6.678e6, 6.928e6])
def test_a_hundred_samples_a_revolution_give_states_to_a_millimetre(perigee_m):
    # all forces, gravity to degree 70; 0.6 mm and 0.06 mm as measured at 300 and 550 km
    t_s, samples, wanted, truth = _flown(perigee_m, 100)
    curve = Interpolant(t_s=t_s, states=samples, mu_m3_s2=MU)
    apart = curve(wanted) - truth
    assert np.abs(apart[:, :3]).max() < 1e-3
    assert np.abs(apart[:, 3:]).max() < 1e-4


def test_the_stated_error_is_above_the_true_one_and_below_a_centimetre():
    t_s, samples, wanted, truth = _flown(6.678e6, 100)
    curve = Interpolant(t_s=t_s, states=samples, mu_m3_s2=MU)
    off_m = np.linalg.norm((curve(wanted) - truth)[:, :3], axis=1)
    stated_m = curve.error_m(wanted)
    # 1e-6 m is what rounding of the propagated states leaves
    assert np.all(off_m <= stated_m + 1e-6)
    assert stated_m.max() < 0.01


@pytest.mark.parametrize("per_revolution", [12, 30])
def test_the_stated_error_holds_for_sparse_samples_too(per_revolution):
    # a Mars or deep-space desk gets ten-minute steps; the true error is metres there
    t_s, samples, wanted, truth = _flown(6.928e6, per_revolution)
    curve = Interpolant(t_s=t_s, states=samples, mu_m3_s2=MU)
    off_m = np.linalg.norm((curve(wanted) - truth)[:, :3], axis=1)
    assert np.all(off_m <= curve.error_m(wanted))
    assert off_m.max() < 2.0


def test_samples_rounded_as_in_a_message_cost_no_more_than_their_rounding():
    # CCSDS files often carry metres to three and m/s to six digits
    t_s, samples, wanted, truth = _flown(6.928e6, 100)
    rounded = np.hstack([np.round(samples[:, :3], 3), np.round(samples[:, 3:], 6)])
    off_m = (Interpolant(t_s=t_s, states=rounded, mu_m3_s2=MU)(wanted) - truth)[:, :3]
    assert np.abs(off_m).max() < 2e-3


def test_samples_are_met_exactly():
    t_s, samples, _, _ = _flown(6.928e6, 100)
    curve = Interpolant(t_s=t_s, states=samples, mu_m3_s2=MU)
    # two-body motion there and back is good to 1e-8 m
    assert np.abs(curve(t_s) - samples).max() < 1e-7


def test_lagrange_of_degree_seven_is_good_to_centimetres_at_a_hundred_samples():
    t_s, samples, wanted, truth = _flown(6.928e6, 100)
    curve = Interpolant(t_s=t_s, states=samples, mu_m3_s2=MU, hermite=False, samples=8)
    off_m = np.linalg.norm((curve(wanted) - truth)[:, :3], axis=1)
    assert off_m.max() < 0.02


def test_two_samples_are_enough_for_an_arc():
    t_s, samples, _, _ = _flown(6.928e6, 100)
    curve = Interpolant(t_s=t_s[:2], states=samples[:2], mu_m3_s2=MU)
    state = _state(6.928e6)
    middle = np.array([0.5 * t_s[1]])
    truth = propagate(state[:3], state[3:], EPOCH, middle, FORCES)
    # Hermite's cubic on the deviation: a few mm over a hundredth of a revolution
    assert np.linalg.norm((curve(middle) - truth)[0, :3]) < 0.01


def test_a_hyperbola_is_interpolated_without_two_body_motion():
    speed = 1.2 * np.sqrt(2 * MU / 7e6)
    t_s = np.arange(0.0, 400.0, 10.0)
    pull = lambda r: -MU * r / np.linalg.norm(r) ** 3  # noqa: E731
    from scipy.integrate import solve_ivp

    flown = solve_ivp(
        lambda _, y: np.concatenate([y[3:], pull(y[:3])]),
        (0.0, 400.0),
        [7e6, 0, 0, 0, speed, 0],
        rtol=1e-12,
        atol=1e-6,
        dense_output=True,
    )
    curve = Interpolant(t_s=t_s, states=flown.sol(t_s).T, mu_m3_s2=MU)
    wanted = np.linspace(5.0, 385.0, 40)
    assert not curve.bound
    assert np.abs(curve(wanted) - flown.sol(wanted).T)[:, :3].max() < 0.05


def test_a_hundred_thousand_instants_take_well_under_a_second():
    import time

    t_s = np.arange(0.0, 604_800.0, 57.0)
    state = _state(6.928e6)
    samples = kepler(state[:3], state[3:], t_s)
    curve = Interpolant(t_s=t_s, states=samples, mu_m3_s2=MU)
    wanted = np.random.default_rng(1).uniform(0.0, t_s[-1], 100_000)
    begun = time.process_time()
    curve(wanted)
    # 0.4 s on one thread of a shared machine; twice that before it is a change for the worse
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    ("t_s", "states", "said"),
    [
        ([0.0], np.ones((1, 6)), "from one state"),
        ([0.0, 0.0], np.ones((2, 6)), "must rise"),
        ([0.0, 1.0], np.full((2, 6), np.nan), "not finite"),
        ([0.0, 1.0], np.ones((3, 6)), "as many states"),
    ],
)
def test_samples_that_make_no_curve_are_refused(t_s, states, said):
    with pytest.raises(PropagationError, match=said):
        Interpolant(t_s=np.array(t_s), states=states, mu_m3_s2=MU)


# --- transition ---------------------------------------------------------------------------


@pytest.mark.parametrize("eccentricity", [0.0, 0.01, 0.7])
def test_the_transition_matrix_is_the_derivative_of_the_motion(eccentricity):
    state, t_s = _state(7e6, eccentricity, 0.6), 4000.0
    _, (stm,) = transitions(state[None], np.array([t_s]), MU)
    steps = np.array([10.0] * 3 + [0.01] * 3)  # m, m/s: differences good to 1e-10
    for k, step in enumerate(steps):
        change = np.zeros(6)
        change[k] = step
        ahead, back = (kepler(s[:3], s[3:], [t_s])[0] for s in (state + change, state - change))
        column = (ahead - back) / (2 * step)
        assert np.abs(stm[:, k] - column).max() < 1e-6 * np.abs(column).max()


def test_two_body_motion_of_many_orbits_is_that_of_each():
    states = np.stack([_state(7e6), _state(8e6, 0.2), _state(6.6e6, 0.72)])
    t_s = np.array([100.0, -5000.0, 30_000.0])
    moved = two_body(states, t_s, MU)
    for state, t, found in zip(states, t_s, moved, strict=True):
        assert np.abs(found - kepler(state[:3], state[3:], [t])[0]).max() < 1e-6


def test_open_orbits_have_no_two_body_motion_here():
    with pytest.raises(PropagationError, match="not bound"):
        two_body(np.array([[7e6, 0, 0, 0, 12e3, 0]]), np.array([1.0]), MU)


def test_a_covariance_without_velocities_is_held_in_rtn():
    cov = np.zeros((1, 6, 6))
    cov[0, :3, :3] = np.diag([100.0, 400.0, 25.0])
    found = carried_cov_rtn(cov, _state(7e6)[None], np.array([3000.0]), MU)
    assert np.array_equal(found, cov)


# --- covariances --------------------------------------------------------------------------

SIGMAS = np.array([10.0, 60.0, 8.0, 0.06, 0.01, 0.008])


@lru_cache(maxsize=1)
def _covariances():
    """An initial covariance carried by the full force model: times, states, RTN matrices."""
    state = _state(6.928e6)
    period = orbital_period_s(state[:3], state[3:])
    t_s = np.arange(0.0, 2.0 * period, period / 400.0)
    states, stm = propagate_with_stm(state[:3], state[3:], EPOCH, t_s, FORCES)
    turn = np.zeros((t_s.size, 6, 6))
    turn[:, :3, :3] = turn[:, 3:, 3:] = eci_from_rtn(states[:, :3], states[:, 3:])
    carry = np.swapaxes(turn, 1, 2) @ stm @ turn[0]
    return t_s, states, carry @ np.diag(SIGMAS**2) @ np.swapaxes(carry, 1, 2)


def _sigma_error(every):
    t_s, states, truth = _covariances()
    curve = CovarianceInterpolant(
        t_s=t_s[::every], covariances_rtn=truth[::every], states=states[::every], mu_m3_s2=MU
    )
    inside = t_s <= t_s[::every][-1]
    found = curve(t_s[inside])
    sigma, true = (np.sqrt(np.diagonal(one, axis1=1, axis2=2)) for one in (found, truth[inside]))
    return found, np.abs(sigma / true - 1.0).max()


def test_sigmas_between_covariances_of_a_hundred_a_revolution_are_right_to_a_part_in_a_thousand():
    found, worst = _sigma_error(4)
    assert worst < 1e-3
    assert np.linalg.eigvalsh(found[:, :3, :3]).min() > 0


def test_sigmas_between_covariances_half_a_revolution_apart_are_right_to_a_few_percent():
    # what two-body motion leaves out over a quarter of a revolution, J2 mostly
    _, worst = _sigma_error(200)
    assert worst < 0.03


def test_interpolated_covariances_stay_positive_definite_where_neighbours_disagree():
    # two orbit determinations of different quality and correlation
    t_s, states, _ = _covariances()
    thin, wide = np.diag(SIGMAS**2), np.diag((100 * SIGMAS) ** 2)
    thin[0, 4] = thin[4, 0] = -0.999 * SIGMAS[0] * SIGMAS[4]
    wide[1, 3] = wide[3, 1] = -0.999e4 * SIGMAS[1] * SIGMAS[3]
    curve = CovarianceInterpolant(
        t_s=t_s[[0, 300]],
        covariances_rtn=np.stack([thin, wide]),
        states=states[[0, 300]],
        mu_m3_s2=MU,
    )
    scale = np.diag(1.0 / SIGMAS)
    smallest = np.linalg.eigvalsh(scale @ curve(t_s[:301]) @ scale).min()
    assert smallest > 0


def test_at_a_covariance_only_that_one_counts():
    t_s, states, truth = _covariances()
    curve = CovarianceInterpolant(
        t_s=t_s[::100], covariances_rtn=truth[::100], states=states[::100], mu_m3_s2=MU
    )
    found = curve(t_s[::100])
    assert np.allclose(found, truth[::100], rtol=1e-9, atol=1e-12)

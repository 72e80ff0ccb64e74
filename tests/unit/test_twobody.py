"""Two-body motion and its state transition."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mdss.astro.frames import eci_from_rtn
from mdss.astro.twobody import (
    MU_EARTH_M3_S2,
    orbital_period_s,
    propagate,
    velocity_to_position,
)
from mdss.errors import PropagationError


def perigee_state(radius_m, eccentricity, inclination_deg):
    tilt = np.radians(inclination_deg)
    speed = np.sqrt(MU_EARTH_M3_S2 / radius_m * (1 + eccentricity))
    return np.array([radius_m, 0, 0]), speed * np.array([0, np.cos(tilt), np.sin(tilt)])


ORBITS = {
    "low": perigee_state(6.9e6, 1e-3, 98.0),
    "circular": perigee_state(7e6, 0.0, 51.6),
    "geostationary": perigee_state(42.164e6, 1e-4, 0.05),
    "transfer": perigee_state(6.7e6, 0.73, 7.0),
    "retrograde": perigee_state(7.2e6, 0.02, 144.0),
}
orbits = pytest.mark.parametrize(("position", "velocity"), ORBITS.values(), ids=ORBITS.keys())
TIMES_S = -np.array([1.0, 600.0, 5_400.0, 86_400.0, 7 * 86_400.0])


def test_a_circular_orbit_returns_after_one_period():
    position, velocity = ORBITS["circular"]
    period = orbital_period_s(position, velocity)
    assert propagate(position, velocity, [period])[0] == pytest.approx(
        np.concatenate([position, velocity]), abs=1e-6
    )


def test_the_period_of_a_geostationary_orbit_is_a_sidereal_day():
    assert orbital_period_s(*perigee_state(42_164_170.0, 0.0, 0.0)) == pytest.approx(86164.1, abs=1)


@orbits
def test_energy_and_angular_momentum_stay(position, velocity):
    states = propagate(position, velocity, TIMES_S)
    r, v = states[:, :3], states[:, 3:]
    energy = 0.5 * np.sum(v * v, axis=1) - MU_EARTH_M3_S2 / np.linalg.norm(r, axis=1)
    momentum = np.cross(r, v)
    assert energy == pytest.approx(
        np.full(5, 0.5 * velocity @ velocity - MU_EARTH_M3_S2 / np.linalg.norm(position)),
        rel=1e-12,
    )
    assert momentum == pytest.approx(
        np.tile(np.cross(position, velocity), (5, 1)), rel=1e-12, abs=1
    )


@orbits
def test_there_and_back_is_where_we_were(position, velocity):
    for t, state in zip(TIMES_S, propagate(position, velocity, TIMES_S), strict=True):
        again = propagate(state[:3], state[3:], [-t])[0]
        # a state rounded by 1e-9 m drifts by 3π of that a revolution: 10 µm in 100 revolutions
        assert again[:3] == pytest.approx(position, abs=5e-5)


def test_the_closed_form_agrees_with_numerical_integration():
    position, velocity = ORBITS["transfer"]

    def derivative(_, y):
        return np.concatenate([y[3:], -MU_EARTH_M3_S2 * y[:3] / np.linalg.norm(y[:3]) ** 3])

    start = np.concatenate([position, velocity])
    end = solve_ivp(derivative, (0, -20_000), start, method="DOP853", rtol=1e-12, atol=1e-6).y[
        :, -1
    ]
    assert propagate(position, velocity, [-20_000])[0] == pytest.approx(end, rel=1e-8, abs=1e-2)


@orbits
def test_the_transition_is_the_slope_of_the_flight(position, velocity):
    """Central differences of flights from each burn time to TCA, ±1 cm/s."""
    states, transition = velocity_to_position(position, velocity, TIMES_S)
    step = 1e-2
    for t, state, phi in zip(TIMES_S, states, transition, strict=True):
        slope = np.empty((3, 3))
        for axis in range(3):
            dv = np.zeros(3)
            dv[axis] = step
            late = propagate(state[:3], state[3:] + dv, [-t])[0, :3]
            early = propagate(state[:3], state[3:] - dv, [-t])[0, :3]
            slope[:, axis] = (late - early) / (2 * step)
        # cancellation of positions leaves 1e-8 m / 1 cm/s; the bend grows with the square of t
        assert phi == pytest.approx(slope, rel=1e-5, abs=1e-4 + 1e-5 * np.max(np.abs(phi)))


def test_a_circular_orbit_moves_as_hill_and_clohessy_wiltshire_say():
    position, velocity = ORBITS["circular"]
    n = 2 * np.pi / orbital_period_s(position, velocity)
    t = np.array([300.0, 1500.0, 2800.0, 5000.0, 20_000.0])
    states, transition = velocity_to_position(position, velocity, -t)
    to_eci = eci_from_rtn(states[:, :3], states[:, 3:])
    effect = eci_from_rtn(position, velocity).T @ transition @ to_eci  # RTN at TCA from RTN at burn
    assert effect[:, 0, 1] == pytest.approx(2 * (1 - np.cos(n * t)) / n, rel=1e-9)
    assert effect[:, 1, 1] == pytest.approx(4 * np.sin(n * t) / n - 3 * t, rel=1e-9)
    assert effect[:, 2, 2] == pytest.approx(np.sin(n * t) / n, rel=1e-9, abs=1e-6)


def test_after_one_period_a_transverse_burn_has_drifted_three_periods_worth():
    position, velocity = ORBITS["circular"]
    period = orbital_period_s(position, velocity)
    states, transition = velocity_to_position(position, velocity, [-period])
    effect = (
        eci_from_rtn(position, velocity).T
        @ transition[0]
        @ eci_from_rtn(states[0, :3], states[0, 3:])
    )
    assert effect[:, 1] == pytest.approx([0.0, -3 * period, 0.0], abs=1e-5)


def test_just_before_tca_a_burn_has_time_times_velocity():
    _, transition = velocity_to_position(*ORBITS["low"], [-1.0])
    assert transition[0] == pytest.approx(np.eye(3), abs=1e-6)  # gravity's gradient is 1e-6 /s²


def test_an_unbound_state_is_refused():
    with pytest.raises(PropagationError, match="not bound"):
        propagate([7e6, 0, 0], [0, 11.5e3, 0], [60.0])

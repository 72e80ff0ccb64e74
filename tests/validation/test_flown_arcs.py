"""Burns flown as impulses at Gauss nodes against an integration with the thrust always on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mdss.astro.numerical import ForceModel, propagate_with_burns
from mdss.astro.twobody import fastest_turn_s
from mdss.maneuver import Burn

# EGM2008, the field that is flown: GM [m³/s²], radius [m], -sqrt(5) C20
GM, RADIUS_M, J2 = 3.986004415e14, 6_378_136.3, 1.0826261738522e-3
J2_ONLY = ForceModel(
    gravity_degree=2, gravity_order=0, sun=False, moon=False, tides=False, relativity=False
)
TCA = datetime(2024, 3, 2, 11, 5, tzinfo=UTC)
# 700 km, 51 degrees, e = 0.003
STATE = np.array([7.078e6, 0.0, 0.0, 0.0, 4.7300e3, 5.8400e3])
PERIOD_S = 2 * np.pi * np.sqrt((1 / (2 / 7.078e6 - np.sum(STATE[3:] ** 2) / GM)) ** 3 / GM)


def _gravity(position: np.ndarray) -> np.ndarray:
    """Central force and J2 about the z axis (the pole is 0.13° off it: 1e-6 of gravity)."""
    r = np.linalg.norm(position)
    sine2 = (position[2] / r) ** 2
    oblate = 1.5 * J2 * (RADIUS_M / r) ** 2
    factor = np.array([1 + oblate * (1 - 5 * sine2)] * 2 + [1 + oblate * (3 - 5 * sine2)])
    return -GM * position / r**3 * factor


def _rtn(state: np.ndarray) -> np.ndarray:
    position, velocity = state[:3], state[3:]
    radial = position / np.linalg.norm(position)
    normal = np.cross(position, velocity)
    normal /= np.linalg.norm(normal)
    return np.column_stack([radial, np.cross(normal, radial), normal])


def _integrated(state: np.ndarray, start_s: float, end_s: float, acceleration=None) -> np.ndarray:
    from scipy.integrate import solve_ivp

    def rates(t: float, y: np.ndarray) -> np.ndarray:
        push = 0.0 if acceleration is None else _rtn(y) @ acceleration(t)
        return np.concatenate([y[3:], _gravity(y[:3]) + push])

    found = solve_ivp(
        rates, (start_s, end_s), state, method="DOP853", rtol=1e-12, atol=[1e-6] * 3 + [1e-9] * 3
    )
    return found.y[:, -1]


def _displacement_with_thrust_on(burn: Burn, end_s: float, state: np.ndarray = STATE) -> np.ndarray:
    """Where the burn takes the orbit: mass flow and thrust are constant, mass falls."""
    start_s, stop_s = burn.start_t_s, burn.end_t_s
    spent = -np.expm1(-burn.dv_m_s / burn.exhaust_m_s)  # share of the mass at the start
    rate = spent / burn.duration_s
    unit = burn.dv_rtn_m_s / burn.dv_m_s

    def acceleration(t: float) -> np.ndarray:
        if not np.isfinite(burn.exhaust_m_s):
            return burn.dv_rtn_m_s / burn.duration_s
        return unit * burn.exhaust_m_s * rate / (1 - rate * (t - start_s))

    before = _integrated(state, 0.0, start_s)
    after = _integrated(before, start_s, stop_s, acceleration)
    flown = _integrated(after, stop_s, end_s)
    return (flown - _integrated(before, start_s, end_s))[:3]


def _displacement_of_pulses(
    burn: Burn, end_s: float, state: np.ndarray = STATE, turn_s: float = PERIOD_S
) -> np.ndarray:
    pulses = burn.pulses(turn_s)
    times, dvs = [t for t, _ in pulses], np.array([dv for _, dv in pulses])
    here = (state[:3], state[3:], TCA)
    burned = propagate_with_burns(*here, times, dvs, [end_s], J2_ONLY)
    return (burned - propagate_with_burns(*here, times, 0 * dvs, [end_s], J2_ONLY))[0, :3]


@pytest.mark.parametrize("direction", [(0.2, 1.0, 0.3), (1.0, 0.0, 0.5)])
@pytest.mark.parametrize("share", [0.004, 0.01, 0.03, 0.1, 0.12, 0.2, 0.3])
def test_pulses_move_the_orbit_as_thrust_does(
    share: float, direction: tuple[float, float, float]
) -> None:
    """To 1e-4 of the displacement from 0.4 to 30 % of a revolution.

    The exhaust is slow on purpose: 22 % of the mass is spent, so that the fall of mass shows.
    """
    dv = 0.25 * np.array(direction) / np.linalg.norm(direction)
    burn = Burn.before(TCA, 1.9 * PERIOD_S, dv, share * PERIOD_S, exhaust_m_s=1.0)
    end_s = -0.03 * PERIOD_S
    true = _displacement_with_thrust_on(burn, end_s)
    flown = _displacement_of_pulses(burn, end_s)
    assert np.linalg.norm(flown - true) <= 1e-4 * np.linalg.norm(true)


# perigee at 7000 km, apogee at 39 700 km
ELLIPSE = np.array([7.0e6, 0.0, 0.0, 0.0, 5.2e3, 8.325e3])
ELLIPSE_PERIOD_S = 2 * np.pi * np.sqrt((1 / (2 / 7.0e6 - np.sum(ELLIPSE[3:] ** 2) / GM)) ** 3 / GM)


@pytest.mark.parametrize("share", [0.004, 0.02, 0.1])
def test_pulses_are_closer_where_perigee_goes_by(share: float) -> None:
    """To 1e-4 at e = 0.7 as well, where perigee is passed eight times as fast as the mean.

    Nodes as on a circle of that period are off by 6e-4, 2e-4 and 1e-2.
    """
    burn = Burn.before(TCA, ELLIPSE_PERIOD_S, [0.005, 0.05, 0.01], share * ELLIPSE_PERIOD_S)
    turn_s = fastest_turn_s(ELLIPSE[:3], ELLIPSE[3:], GM)
    true = _displacement_with_thrust_on(burn, 0.0, ELLIPSE)
    flown = _displacement_of_pulses(burn, 0.0, ELLIPSE, turn_s)
    assert np.linalg.norm(flown - true) <= 1e-4 * np.linalg.norm(true)
    as_on_a_circle = _displacement_of_pulses(burn, 0.0, ELLIPSE, ELLIPSE_PERIOD_S)
    assert np.linalg.norm(as_on_a_circle - true) > 1e-4 * np.linalg.norm(true)


def test_mass_loss_shows_in_a_long_burn() -> None:
    """The check of the check: with the mass held, the same burn is off by far more than 1e-4."""
    dv = np.array([0.0, 0.25, 0.0])
    end_s = -0.03 * PERIOD_S
    loses = Burn.before(TCA, 1.9 * PERIOD_S, dv, 0.3 * PERIOD_S, exhaust_m_s=1.0)
    keeps = Burn.before(TCA, 1.9 * PERIOD_S, dv, 0.3 * PERIOD_S)
    true = _displacement_with_thrust_on(loses, end_s)
    off = np.linalg.norm(_displacement_of_pulses(keeps, end_s) - true)
    assert off > 1e-3 * np.linalg.norm(true)
    kept = _displacement_with_thrust_on(keeps, end_s)
    assert np.linalg.norm(_displacement_of_pulses(keeps, end_s) - kept) <= 1e-4 * np.linalg.norm(
        kept
    )


def test_a_burn_after_tca_moves_only_what_comes_later() -> None:
    burn = Burn.before(TCA, -600.0, [0.0, 0.1, 0.0], 120.0, role="return")
    assert burn.epoch_utc == TCA + timedelta(seconds=600)
    assert np.linalg.norm(_displacement_of_pulses(burn, 500.0)) == 0.0
    later = 0.5 * PERIOD_S
    true = _displacement_with_thrust_on(burn, later)
    assert np.linalg.norm(_displacement_of_pulses(burn, later) - true) <= 1e-4 * np.linalg.norm(
        true
    )

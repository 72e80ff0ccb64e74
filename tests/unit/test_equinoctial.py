"""Equinoctial elements: round trips, motion and derivatives."""

import numpy as np
import pytest

from mdss.astro.equinoctial import (
    at_time,
    difference,
    elements_from_state,
    jacobian,
    regular_axes,
    state_from_elements,
)
from mdss.astro.twobody import MU_EARTH_M3_S2
from mdss.errors import PropagationError

CIRCULAR_SPEED_M_S = (MU_EARTH_M3_S2 / 7e6) ** 0.5


def ellipses(count, seed=1):
    """Random bound orbits at every inclination, eccentricity up to about 0.8."""
    rng = np.random.default_rng(seed)
    states = []
    while len(states) < count:
        direction, velocity = rng.normal(size=(2, 3))
        position = direction / np.linalg.norm(direction) * rng.uniform(6.6e6, 4.2e7)
        circular = np.sqrt(MU_EARTH_M3_S2 / np.linalg.norm(position))
        velocity *= circular * rng.uniform(0.6, 1.3) / np.linalg.norm(velocity)
        across = np.linalg.norm(np.cross(position, velocity))
        if across > 0.6 * np.linalg.norm(position) * np.linalg.norm(velocity):
            states.append(np.concatenate([position, velocity]))
    return states


@pytest.mark.parametrize("state", ellipses(30))
def test_a_state_comes_back_from_its_elements(state):
    back = np.array(state_from_elements(elements_from_state(state.tolist())))
    # double precision at 4e7 m, times a few tens of operations
    assert np.max(np.abs(back - state)[:3]) < 1e-5
    assert np.max(np.abs(back - state)[3:]) < 1e-8


def test_a_circular_orbit_returns_after_one_period_and_turns_a_quarter_in_a_quarter():
    elements = elements_from_state([7e6, 0, 0, 0, CIRCULAR_SPEED_M_S, 0])
    period_s = 2 * np.pi / elements[0]
    once = state_from_elements(at_time(elements, period_s))
    quarter = state_from_elements(at_time(elements, period_s / 4))
    assert once[:3] == pytest.approx([7e6, 0, 0], abs=1e-6)
    assert quarter[:3] == pytest.approx([0, 7e6, 0], abs=1e-6)


@pytest.mark.parametrize("state", ellipses(10, seed=2))
def test_motion_satisfies_newtons_law(state):
    elements = elements_from_state(state.tolist())
    step_s = 1.0
    before, now, after = (
        np.array(state_from_elements(at_time(elements, 4000.0 + k * step_s))) for k in (-1, 0, 1)
    )
    gravity = -MU_EARTH_M3_S2 * now[:3] / np.linalg.norm(now[:3]) ** 3
    # central differences of 1 s: truncation (n h)² / 6 of the value, n below 4e-3 at perigee
    assert (after - before)[3:] / 2 == pytest.approx(gravity, abs=1e-5 * np.linalg.norm(gravity))
    assert (after - before)[:3] / 2 == pytest.approx(now[3:], abs=1e-5 * np.linalg.norm(now[3:]))


def test_elements_are_the_textbook_ones():
    # 60° inclination, node on x, perigee at the node: chi = 0, psi = tan 30°, e-vector on f
    perigee_m, e = 7e6, 0.1
    speed = np.sqrt(MU_EARTH_M3_S2 * (1 + e) / perigee_m)
    tilt = np.radians(60)
    state = [perigee_m, 0, 0, 0, speed * np.cos(tilt), speed * np.sin(tilt)]
    n, af, ag, chi, psi, longitude = elements_from_state(state)
    assert n == pytest.approx(np.sqrt(MU_EARTH_M3_S2 / (perigee_m / (1 - e)) ** 3), rel=1e-14)
    assert (af, ag) == pytest.approx((e, 0), abs=1e-14)
    assert (chi, psi) == pytest.approx((0, np.tan(tilt / 2)), abs=1e-14)
    assert difference((0,) * 6, (0, 0, 0, 0, 0, longitude))[5] == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("t_s", [0.0, -3000.0])
@pytest.mark.parametrize("state", ellipses(8, seed=3))
def test_the_jacobian_is_the_derivative(state, t_s):
    elements = elements_from_state(state.tolist())

    def at(values):
        return np.array(state_from_elements(at_time(tuple(values), t_s)))

    numeric = np.empty((6, 6))
    for column in range(6):
        h = 1e-6 * (elements[0] if column == 0 else 1.0)
        more, less = list(elements), list(elements)
        more[column] += h
        less[column] -= h
        numeric[:, column] = (at(more) - at(less)) / (2 * h)
    exact = jacobian(elements, at(elements).tolist(), t_s)
    for rows in (slice(0, 3), slice(3, 6)):
        scale = np.linalg.norm(numeric[rows], axis=0)
        # rounding 1e-16 / 1e-6 and truncation 1e-12, amplified near perigee
        assert np.max(np.abs(exact - numeric)[rows] / scale) < 1e-7


@pytest.mark.parametrize(
    ("state", "part"),
    [
        ([7e6, 0, 0, 0, 11_000.0, 0], "not an elliptic orbit"),
        ([7e6, 0, 0, 7000.0, 0, 0], "no orbit plane"),
        ([7e6, 0, 0, 0, -CIRCULAR_SPEED_M_S, 0], "inclination 180°"),
        ([0, 0, 0, 0, 7000.0, 0], "not an elliptic orbit"),
    ],
)
def test_orbits_without_elements_are_refused(state, part):
    with pytest.raises(PropagationError, match=part):
        elements_from_state(state)


def test_a_state_beyond_doubles_is_refused_without_their_words():
    with pytest.raises(PropagationError, match="not a finite number"):
        elements_from_state([7e6, 0, 0, 0, np.nan, 0])


def test_eccentricity_of_one_is_refused():
    with pytest.raises(PropagationError, match="eccentricity"):
        state_from_elements((1e-3, 0.8, 0.7, 0.0, 0.0, 1.0))


def test_regular_axes_take_an_equatorial_retrograde_orbit_away_from_the_singularity():
    retrograde = [7e6, 0, 0, 0, -CIRCULAR_SPEED_M_S, 0]
    polar = [0, 7e6, 0, 0, 0, -CIRCULAR_SPEED_M_S]  # normal along -x: the next axis is barred too
    order = regular_axes(retrograde, polar)
    assert order == [2, 0, 1]
    for state in (retrograde, polar):
        turned = np.array(state).reshape(2, 3)[:, order].ravel()
        back = np.array(state_from_elements(elements_from_state(turned.tolist())))
        assert back == pytest.approx(turned, abs=1e-6)


def test_axes_are_turned_well_before_the_singularity():
    """At 179.8° a plane error of 0.1 mrad changes the elements by 3 %: no Gaussian any more."""
    tilt = np.radians(179.8)
    nearly = [7e6, 0, 0, 0, 7500 * np.cos(tilt), 7500 * np.sin(tilt)]
    assert regular_axes(nearly) != [0, 1, 2]


def test_ordinary_orbits_keep_their_axes():
    assert regular_axes([7e6, 0, 0, 0, 7000.0, 1000.0]) == [0, 1, 2]


def test_the_difference_of_mean_longitudes_takes_the_short_way_round():
    first, second = (0.0, 0.0, 0.0, 0.0, 0.0, 0.1), (0.0, 0.0, 0.0, 0.0, 0.0, 6.2)
    assert difference(first, second)[5] == pytest.approx(0.1 - 6.2 + 2 * np.pi, abs=1e-15)

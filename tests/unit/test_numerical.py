"""Facts about numerical propagation that need no reference."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from mdss.astro import earth_dynamics
from mdss.astro.frames import eci_from_rtn
from mdss.astro.numerical import (
    GM_EARTH_M3_S2,
    ForceModel,
    propagate,
    propagate_with_burns,
    propagate_with_stm,
)
from mdss.errors import PropagationError
from mdss.notices import NoticeCode

EPOCH = datetime(2024, 5, 10, 12, 0, 0, 123_456, tzinfo=UTC)
HOUR_S, DAY_S = 3_600.0, 86_400.0
GRAVITY = ForceModel()
ALL_FORCES = ForceModel(cd_area_over_mass_m2_kg=0.02, cr_area_over_mass_m2_kg=0.02)


def circular(altitude_m: float, speed_factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A state at the ascending node, inclined by 51.6°."""
    radius = 6_378_137.0 + altitude_m
    speed, tilt = speed_factor * np.sqrt(GM_EARTH_M3_S2 / radius), np.radians(51.6)
    return np.array([radius, 0.0, 0.0]), speed * np.array([0.0, np.cos(tilt), np.sin(tilt)])


LEO = circular(400e3)


def distance_m(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm((a - b)[..., :3], axis=-1).max())


def there_and_back_m(force_model: ForceModel, span_s: float, **tolerance: float) -> float:
    (away,) = propagate(*LEO, EPOCH, [-span_s], force_model, **tolerance)
    then = EPOCH - timedelta(seconds=span_s)
    (home,) = propagate(away[:3], away[3:], then, [span_s], force_model, **tolerance)
    return float(np.linalg.norm(home[:3] - LEO[0]))


def test_a_day_back_and_forth_returns_within_a_millimetre() -> None:
    assert there_and_back_m(GRAVITY, DAY_S) < 1e-3


def test_three_days_back_and_forth_return_within_a_millimetre() -> None:
    assert there_and_back_m(GRAVITY, 3 * DAY_S) < 1e-3


def test_a_day_with_drag_and_shadow_returns_within_a_millimetre_at_the_finest_tolerance() -> None:
    assert there_and_back_m(ALL_FORCES, DAY_S, tolerance=1e-14) < 1e-3


def test_a_day_with_drag_and_shadow_returns_within_a_centimetre_by_default() -> None:
    assert there_and_back_m(ALL_FORCES, DAY_S) < 1e-2


@pytest.mark.parametrize("force_model", [GRAVITY, ALL_FORCES], ids=["gravity", "all"])
def test_interpolated_states_are_those_of_an_integration_that_ends_there(
    force_model: ForceModel,
) -> None:
    times = -np.linspace(0.0, 6 * HOUR_S, 300)
    dense = propagate(*LEO, EPOCH, times, force_model)
    for k in (7, 113, 218):
        (direct,) = propagate(*LEO, EPOCH, times[k], force_model)
        assert distance_m(dense[k], direct) < 1e-3


def test_times_may_come_in_any_order_and_repeat() -> None:
    times = np.linspace(-5_000.0, 5_000.0, 41)
    order = np.random.default_rng(1).permutation(np.append(np.arange(41), [3, 3, 20]))
    states = propagate(*LEO, EPOCH, times, GRAVITY)
    np.testing.assert_array_equal(propagate(*LEO, EPOCH, times[order], GRAVITY), states[order])
    # and all of them are on the orbit: no extrapolation
    radii = np.linalg.norm(states[:, :3], axis=1)
    assert np.all(np.abs(radii - 6_778_137.0) < 30e3)


def test_the_state_at_the_epoch_is_the_state_given() -> None:
    (state,) = propagate(*LEO, EPOCH, 0.0, GRAVITY)
    np.testing.assert_array_equal(state, np.concatenate(LEO))


def test_no_times_give_no_states() -> None:
    assert propagate(*LEO, EPOCH, [], GRAVITY).shape == (0, 6)


def test_a_fraction_of_a_microsecond_moves_the_object() -> None:
    times = 100.0 + np.array([0.0, 0.3e-6, 0.7e-6])
    states = propagate(*LEO, EPOCH, times, GRAVITY)
    moved_m = np.linalg.norm(states[:, :3] - states[0, :3], axis=1)
    # 7.67 km/s; positions are kept to 1e-9 m
    np.testing.assert_allclose(moved_m, 7_669.0 * (times - 100.0), rtol=2e-3, atol=1e-8)


def test_microseconds_of_the_epoch_are_kept() -> None:
    """The field turns with the Earth, so that 1 h of epoch matters, and 1 µs does not vanish."""
    shifted = propagate(*LEO, EPOCH + timedelta(hours=1), 6 * HOUR_S, GRAVITY)
    assert distance_m(shifted, propagate(*LEO, EPOCH, 6 * HOUR_S, GRAVITY)) > 10.0
    satkit = earth_dynamics._satkit()
    assert satkit.time.from_datetime(EPOCH).to_datetime() == EPOCH


def test_seconds_are_si_seconds_across_a_leap_second() -> None:
    before_leap = datetime(2016, 12, 31, 23, 30, tzinfo=UTC)
    (away,) = propagate(*LEO, before_leap, HOUR_S, GRAVITY)
    after_leap = datetime(2017, 1, 1, 0, 29, 59, tzinfo=UTC)
    (home,) = propagate(away[:3], away[3:], after_leap, -HOUR_S, GRAVITY)
    assert np.linalg.norm(home[:3] - LEO[0]) < 1e-3


def test_two_body_energy_and_momentum_are_conserved() -> None:
    kepler = ForceModel(
        gravity_degree=0, gravity_order=0, sun=False, moon=False, tides=False, relativity=False
    )
    states = propagate(*circular(400e3, 1.1), EPOCH, np.linspace(0, DAY_S, 50), kepler)
    position, velocity = states[:, :3], states[:, 3:]
    energy = np.sum(velocity**2, axis=1) / 2 - GM_EARTH_M3_S2 / np.linalg.norm(position, axis=1)
    momentum = np.cross(position, velocity)
    # rounding of 7e6 m in some 1e5 stages
    np.testing.assert_allclose(energy, energy[0], rtol=1e-12)
    drift = np.linalg.norm(momentum - momentum[0], axis=1)
    assert drift.max() < 1e-12 * np.linalg.norm(momentum[0])


def test_drag_takes_energy_and_radiation_pressure_moves_the_orbit() -> None:
    coast, dragged, pushed = (
        propagate(*LEO, EPOCH, DAY_S, model)[0]
        for model in (
            GRAVITY,
            ForceModel(cd_area_over_mass_m2_kg=0.02),
            ForceModel(cr_area_over_mass_m2_kg=0.02),
        )
    )

    def energy(state: np.ndarray) -> float:
        return float(state[3:] @ state[3:] / 2 - GM_EARTH_M3_S2 / np.linalg.norm(state[:3]))

    # 2024-05-10, a great storm, at 400 km: some hundred metres of axis a day
    axis_lost_m = (energy(coast) - energy(dragged)) / GM_EARTH_M3_S2 * 2 * 6.778e6**2
    assert 50.0 < axis_lost_m < 2_000.0
    # 9e-8 m/s² for a day, mostly averaged out
    assert 1.0 < distance_m(pushed, coast) < 500.0


@pytest.mark.parametrize("force_model", [GRAVITY, ALL_FORCES], ids=["gravity", "all"])
def test_the_transition_matrix_is_the_derivative_of_the_state(force_model: ForceModel) -> None:
    span_s = -6 * HOUR_S
    _, (stm,) = propagate_with_stm(*LEO, EPOCH, span_s, force_model)
    start, steps = np.concatenate(LEO), np.repeat([5.0, 5e-3], 3)
    columns = []
    for axis, step in zip(np.eye(6), steps, strict=True):
        ahead, behind = (
            propagate(*np.split(start + sign * step * axis, 2), EPOCH, span_s, force_model)[0]
            for sign in (1.0, -1.0)
        )
        columns.append((ahead - behind) / (2.0 * step))
    scale = np.repeat([1.0, 1e3], 3)  # a radian of orbit takes 1e3 s
    error = np.abs(stm - np.array(columns).T) * scale[:, None] / scale
    size = np.abs(stm) * scale[:, None] / scale
    # satkit's partials are not complete: 5e-5 after a day. 1e-4 is 0.3 m in 2.6 km displaced
    assert error.max() < 1e-4 * size.max()


def test_transition_matrices_come_in_the_order_of_the_times() -> None:
    times = np.array([-600.0, 300.0, 0.0, -1_200.0])
    states, stm = propagate_with_stm(*LEO, EPOCH, times, GRAVITY)
    assert distance_m(states, propagate(*LEO, EPOCH, times, GRAVITY)) < 1e-3
    np.testing.assert_allclose(stm[2], np.eye(6), atol=1e-12)
    # in free drift for so short a time, velocity moves position by about Δv · t
    np.testing.assert_allclose(np.diagonal(stm[:, :3, 3:], axis1=1, axis2=2)[0], -600.0, rtol=0.2)
    for k, t in enumerate(times):
        _, (single,) = propagate_with_stm(*LEO, EPOCH, t, GRAVITY)
        np.testing.assert_allclose(stm[k], single, rtol=1e-6, atol=1e-6)


NEAR_EPOCH_S = np.linspace(-5_600.0, 5_600.0, 60)


@pytest.mark.parametrize("hours", [6.0, 24.0, 72.0])
def test_a_burn_of_zero_returns_the_message_state(hours: float) -> None:
    states = propagate_with_burns(
        *LEO, EPOCH, -hours * HOUR_S, [0, 0, 0], np.append(NEAR_EPOCH_S, 0.0), ALL_FORCES
    )
    assert np.linalg.norm(states[-1, :3] - LEO[0]) < 1e-6  # 1 mm is asked for
    assert distance_m(states[:-1], propagate(*LEO, EPOCH, NEAR_EPOCH_S, ALL_FORCES)) < 1e-6


@pytest.mark.parametrize("dv_m_s", [1e-3, 1e-2, 1e-1])
def test_a_burned_orbit_is_displaced_as_the_finest_integration_says(dv_m_s: float) -> None:
    burn_s = -12 * HOUR_S
    dv_rtn = np.array([0.3, 1.0, -0.2]) * dv_m_s
    (anchored,) = propagate_with_burns(*LEO, EPOCH, burn_s, dv_rtn, 0.0, ALL_FORCES)
    displaced = anchored - np.concatenate(LEO)

    (state,) = propagate(*LEO, EPOCH, burn_s, ALL_FORCES, tolerance=1e-14)
    kick = eci_from_rtn(state[:3], state[3:]) @ dv_rtn
    then = EPOCH + timedelta(seconds=burn_s)
    burned, coasted = (
        propagate(state[:3], state[3:] + dv, then, -burn_s, ALL_FORCES, tolerance=1e-14)[0]
        for dv in (kick, np.zeros(3))
    )
    expected = burned - coasted
    # 5e-6 of the displacement; the reference itself is good to some 0.2 mm
    assert distance_m(displaced, expected) < 5e-6 * np.linalg.norm(expected[:3]) + 1e-3


def test_states_before_the_burn_are_those_without_it() -> None:
    times = np.array([-3_000.0, -1_000.0, 0.0])
    coast = propagate(*LEO, EPOCH, times, GRAVITY)
    states = propagate_with_burns(*LEO, EPOCH, -2_000.0, [0, 1.0, 0], times, GRAVITY)
    np.testing.assert_array_equal(states[0], coast[0])
    assert distance_m(states[1:], coast[1:]) > 500.0
    late = propagate_with_burns(*LEO, EPOCH, 2_000.0, [0, 1.0, 0], times, GRAVITY)
    np.testing.assert_array_equal(late, coast)


def test_at_the_burn_the_velocity_has_changed_by_the_impulse_in_orbit_axes() -> None:
    burn_s, dv_rtn = -2_000.0, np.array([0.1, -0.2, 0.3])
    (state,) = propagate(*LEO, EPOCH, burn_s, GRAVITY)
    (burned,) = propagate_with_burns(*LEO, EPOCH, burn_s, dv_rtn, burn_s, GRAVITY)
    np.testing.assert_allclose(burned[:3], state[:3], rtol=0, atol=1e-6)
    kick = eci_from_rtn(state[:3], state[3:]) @ dv_rtn
    np.testing.assert_allclose(burned[3:] - state[3:], kick, rtol=0, atol=1e-9)


def test_an_opposite_burn_at_once_undoes_the_first() -> None:
    times = np.array([-8_000.0, -3_000.0, 0.0])
    states = propagate_with_burns(
        *LEO, EPOCH, [-9_000.0, -8_999.999], [[0, 0.1, 0], [0, -0.1, 0]], times, GRAVITY
    )
    # 0.1 m/s for a millisecond: 0.1 mm, and a few times that along the track later
    assert distance_m(states, propagate(*LEO, EPOCH, times, GRAVITY)) < 5e-3


def test_two_burns_are_the_second_on_the_orbit_of_the_first() -> None:
    first_s, second_s, end_s = -20_000.0, -9_000.0, 0.0
    dv = np.array([[0.0, 0.5, 0.0], [0.1, -0.3, 0.2]])
    (both,) = propagate_with_burns(*LEO, EPOCH, [first_s, second_s], dv, end_s, GRAVITY)
    (between,) = propagate_with_burns(*LEO, EPOCH, first_s, dv[0], second_s, GRAVITY)
    then = EPOCH + timedelta(seconds=second_s)
    burned_v = between[3:] + eci_from_rtn(between[:3], between[3:]) @ dv[1]
    (expected,) = propagate(between[:3], burned_v, then, end_s - second_s, GRAVITY)
    assert distance_m(both, expected) < 1e-2


def test_tables_that_cover_the_span_give_no_notice() -> None:
    assert ALL_FORCES.notices(EPOCH, EPOCH - timedelta(days=5)) == ()


def test_space_weather_that_ends_is_said_when_drag_is_on_and_only_then() -> None:
    late = datetime(2027, 6, 1, tzinfo=UTC)
    (notice,) = ALL_FORCES.notices(EPOCH, late)
    assert notice.code is NoticeCode.SPACE_WEATHER_NOT_COVERED
    assert "satkit-data" in notice.message
    assert GRAVITY.notices(EPOCH, late) == ()


@pytest.mark.parametrize(
    ("epoch", "word"),
    [(datetime(1950, 1, 1, tzinfo=UTC), "begins"), (datetime(2060, 1, 1, tzinfo=UTC), "held")],
)
def test_epochs_outside_all_tables_are_said_twice(epoch: datetime, word: str) -> None:
    notices = ALL_FORCES.notices(epoch, epoch)
    assert [n.code for n in notices] == [
        NoticeCode.EOP_NOT_COVERED,
        NoticeCode.SPACE_WEATHER_NOT_COVERED,
    ]
    assert word in notices[1].message


@pytest.mark.parametrize(
    "change",
    [
        {"gravity_degree": 71},
        {"gravity_degree": 4, "gravity_order": 5},
        {"cd_area_over_mass_m2_kg": -0.1},
        {"cr_area_over_mass_m2_kg": np.nan},
    ],
)
def test_an_impossible_force_model_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PropagationError):
        ForceModel(**change)


def test_an_orbit_through_the_earth_is_refused_before_it_is_integrated() -> None:
    with pytest.raises(PropagationError, match="comes down to"):
        propagate(*circular(400e3, 0.5), EPOCH, DAY_S, GRAVITY)


def test_a_suborbital_arc_is_refused_where_it_comes_below_80_km() -> None:
    low = circular(200e3, 0.95)
    assert propagate(*low, EPOCH, 60.0, GRAVITY).shape == (1, 6)
    with pytest.raises(PropagationError, match="80 km is the least"):
        propagate(*low, EPOCH, 1_500.0, GRAVITY)


def test_a_state_below_80_km_is_refused() -> None:
    with pytest.raises(PropagationError, match="50 km"):
        propagate(*circular(50e3), EPOCH, 10.0, GRAVITY)


def test_an_orbit_that_decays_is_an_error_without_machine_addresses() -> None:
    with pytest.raises(PropagationError, match="decays") as caught:
        propagate(*circular(120e3), EPOCH, 12 * HOUR_S, ALL_FORCES, tolerance=1e-10)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("position", "velocity", "times"),
    [
        ([7e6, 0.0], LEO[1], [0.0]),
        (LEO[0], [0.0, np.nan, 0.0], [0.0]),
        (*LEO, [np.inf]),
        (*LEO, [[0.0, 1.0]]),
    ],
)
def test_shapes_and_numbers_that_make_no_sense_are_refused(
    position: Any, velocity: Any, times: Any
) -> None:
    with pytest.raises(PropagationError, match="finite"):
        propagate(position, velocity, EPOCH, times, GRAVITY)


@pytest.mark.parametrize("tolerance", [0.0, 1e-16, 1e-3, np.nan])
def test_a_tolerance_that_cannot_be_kept_is_refused(tolerance: float) -> None:
    with pytest.raises(PropagationError, match="tolerance"):
        propagate(*LEO, EPOCH, [1.0], GRAVITY, tolerance=tolerance)


@pytest.mark.parametrize(
    ("burn_t_s", "dv"),
    [([0.0, 1.0], [0.0, 1.0, 0.0]), ([1.0, 1.0], np.zeros((2, 3))), (0.0, [np.nan, 0.0, 0.0])],
)
def test_burns_that_make_no_sense_are_refused(burn_t_s: Any, dv: Any) -> None:
    with pytest.raises(PropagationError):
        propagate_with_burns(*LEO, EPOCH, burn_t_s, dv, [10.0], GRAVITY)


def test_a_missing_satkit_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "satkit", None)
    earth_dynamics._satkit.cache_clear()
    try:
        with pytest.raises(PropagationError, match=r"satkit 0\.24 .* two-body"):
            propagate(*LEO, EPOCH, [123.0], GRAVITY)
    finally:
        monkeypatch.undo()
        earth_dynamics._satkit.cache_clear()


FRESH = """
import sys
from datetime import UTC, datetime
from mdss.astro.numerical import ForceModel, propagate
assert "satkit" not in sys.modules and "astropy" not in sys.modules
state = propagate([7e6, 0, 0], [0, 7.5e3, 0], datetime(2028, 5, 10, tzinfo=UTC), 60.0,
                  ForceModel(cd_area_over_mass_m2_kg=0.02))
import satkit
assert satkit.utils.is_offline()
print(satkit.utils.data_search_dirs()[0])
"""


def fresh_process(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", FRESH],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )


def test_a_fresh_process_needs_no_data_folder_and_prints_nothing() -> None:
    environment = {"SATKIT_DATA": "", "SATKIT_OFFLINE": "0"}
    done = fresh_process(**environment)
    assert done.stderr == ""  # though 2028 is beyond the tables: that is a notice


def test_a_data_folder_of_the_user_comes_first(tmp_path: Any) -> None:
    assert fresh_process(SATKIT_DATA=str(tmp_path)).stdout.strip() == str(tmp_path)

"""The station-keeping box, and how element shifts of burns drift: textbook facts and flights."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from mdss.astro.bodies import body
from mdss.astro.drift import AXIS, INCLINATION, NODE, DriftingOrbit, pole_axes
from mdss.astro.frames import eci_from_rtn
from mdss.astro.keplerian import state_from_keplerian
from mdss.astro.numerical import ForceModel, ZonalModel, propagate, propagate_with_burns
from mdss.errors import PropagationError, SpacecraftError
from mdss.spacecraft import Spacecraft
from mdss.station_keeping import StationKeepingBox

EPOCH_UTC = datetime(2024, 3, 1, tzinfo=UTC)
DAY_S = 86_400.0
RADIAL, TRANSVERSE, NORMAL = np.eye(3)

CRAFT_TOML = """
designator = "1"
mass_kg = 500.0
can_maneuver = false

"""


# --- the box ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "no side"),
        ({"eccentricity": 1.5}, "eccentricity is 1.5; it must be below 1"),
        ({"along_track_m": -3.0}, "along_track_m is -3"),
        ({"along_track_m": 3.0, "hold_h": 0.0}, "hold_h is 0"),
        ({"along_track_m": 3.0, "return_within_h": 50.0}, "below hold_h"),
        ({"along_track_m": 3.0, "along_track_offset_m": 3.0}, "less than the half-width"),
        ({"along_track_m": 3.0, "local_time_offset_s": 1.0}, "local_time_s is not"),
    ],
)
def test_a_box_that_says_nothing_possible_is_refused_with_the_field(values, said):
    with pytest.raises(SpacecraftError, match=said):
        StationKeepingBox(**values)


def test_offsets_count_in_half_widths_and_those_not_given_are_assumed():
    box = StationKeepingBox(
        semi_major_axis_m=30.0, along_track_m=2000.0, along_track_offset_m=-500.0
    )
    assert box.offset("along_track_m") == -0.25
    assert box.offset("semi_major_axis_m") == 0.0
    assert box.assumed == ("semi_major_axis_offset_m",)


def test_a_spacecraft_file_has_a_table_for_its_box(tmp_path):
    file = tmp_path / "spacecraft.toml"
    file.write_text(CRAFT_TOML + "[station_keeping]\nlocal_time_s = 300\nalways = true\n")
    box = Spacecraft.from_toml(file).station_keeping
    assert box == StationKeepingBox(local_time_s=300.0, always=True)


def test_a_misspelt_side_of_the_box_is_refused_with_file_and_key(tmp_path):
    file = tmp_path / "spacecraft.toml"
    file.write_text(CRAFT_TOML + "[station_keeping]\nalong_trac_m = 300\n")
    with pytest.raises(SpacecraftError, match=r"spacecraft\.toml, station_keeping\.along_trac_m"):
        Spacecraft.from_toml(file)


# --- textbook -----------------------------------------------------------------------------


def _orbit(axis_m, e=0.0, i_deg=50.0, name="earth"):
    central = body(name)
    elements = (axis_m, e, np.radians(i_deg), 0.7, 1.1, 0.4, central.gm_m3_s2)
    state = state_from_keplerian(*elements)
    turn = pole_axes(central, EPOCH_UTC)
    position, velocity = turn.T @ state[:3], turn.T @ state[3:]
    return DriftingOrbit.through(position, velocity, EPOCH_UTC, central)


def test_an_in_track_burn_raises_a_circular_orbit_by_two_dv_over_n_and_it_falls_behind():
    """J2 changes both by up to (R/a)² J2, 0.1 %, times a few."""
    orbit = _orbit(7.0e6)
    shift = orbit.shift_per_dv([0.0])[0] @ TRANSVERSE
    assert shift[AXIS] == pytest.approx(2 / orbit.mean_motion_rad_s, rel=0.005)
    whole = np.round(DAY_S / orbit.period_s) * orbit.period_s
    later = orbit.along_track_per_shift(orbit.at(whole)) @ orbit.carried(whole)[0] @ shift
    assert later[0] == pytest.approx(-3 * whole, rel=0.005)


def test_a_radial_burn_swings_a_circular_orbit_back_by_four_dv_over_n_and_leaves_no_drift():
    """Clohessy-Wiltshire: -2 (1 - cos nt) / n along the track, for outward delta-v."""
    orbit = _orbit(7.0e6)
    shift = orbit.shift_per_dv([0.0])[0] @ RADIAL
    times = np.linspace(0, orbit.period_s, 9)
    along = np.einsum(
        "nk,nkl,l->n", orbit.along_track_per_shift(orbit.at(times)), orbit.carried(times), shift
    )
    n = orbit.mean_motion_rad_s
    swing = -2 * (1 - np.cos(n * times)) / n
    # the ellipse through a state under J2 has an eccentricity of 1e-3: some m of 3700
    np.testing.assert_allclose(along, swing, atol=0.01 * 4 / n)


def test_a_normal_burn_tilts_at_the_node_and_turns_the_node_at_the_highest_latitude():
    orbit = _orbit(7.0e6, i_deg=98.0)
    speed, to_node = 7.0e6 * orbit.mean_motion_rad_s, orbit.at(0.0).latitude_arg_rad[0]
    t_node = (2 * np.pi - to_node) / orbit.mean_motion_rad_s
    tilt, turn = orbit.shift_per_dv([t_node, t_node + 0.25 * orbit.period_s]) @ NORMAL
    assert tilt[INCLINATION] == pytest.approx(1 / speed, rel=0.01)
    assert turn[NODE] == pytest.approx(1 / speed / np.sin(orbit.inclination_rad), rel=0.01)


def test_a_higher_orbit_crosses_the_equator_farther_west():
    """Each revolution lasts 3π δa / (n a) longer, and the Earth turns on below it."""
    orbit, days = _orbit(7.0e6, i_deg=66.0), 2.0
    shift = np.zeros(6)
    shift[AXIS] = 100.0
    later = orbit.carried(days * DAY_S)[0] @ shift
    east = (orbit.ground_track_per_shift(days * DAY_S) @ later)[0]
    longer_s = 3 * np.pi * 100.0 / (orbit.mean_motion_rad_s * 7.0e6)
    turns = days * DAY_S / orbit.period_s
    central = body("earth")
    # J2 turns the plane at the same time: 1 % of the body's own turn
    expected = -central.spin_rad_s * central.radius_m * longer_s * turns
    assert east == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("axis_m", "e", "i_deg"), [(7e6, 0.0, 0.0), (42_164e3, 0.0, 0.05)])
def test_circular_and_equatorial_orbits_have_finite_track_shifts(axis_m, e, i_deg):
    orbit = _orbit(axis_m, e, i_deg)
    shift = orbit.shift_per_dv([-3000.0])[0]
    along = orbit.along_track_per_shift(orbit.at(DAY_S)) @ orbit.carried(DAY_S)[0] @ shift
    assert along[0, 1] == pytest.approx(-3 * (DAY_S + 3000.0), rel=0.1)
    assert abs(along[0, 2]) < 1.0  # a normal burn does not move it along the track


def test_shifts_carried_out_and_back_are_what_they_were():
    orbit = _orbit(26.5e6, 0.7, 63.0)
    there = orbit.carried(DAY_S)[0]
    np.testing.assert_allclose(orbit.carried(-DAY_S)[0] @ there, np.eye(6), atol=1e-9)


def test_an_open_orbit_has_no_drift():
    with pytest.raises(PropagationError, match="not bound"):
        DriftingOrbit.through([7e6, 0, 0], [0, 12e3, 0], EPOCH_UTC, body("earth"))


# --- against flights ----------------------------------------------------------------------

ORBITS = {
    "sun-synchronous": ("earth", 7.0e6, 0.001, 98.0),
    "Molniya": ("earth", 26.5e6, 0.7, 63.0),
    "Mars": ("mars", 3.8e6, 0.01, 93.0),
    "Moon": ("moon", 1.85e6, 0.005, 90.0),
}


def _forces(name):
    if name == "earth":
        off = dict.fromkeys(("sun", "moon", "tides", "relativity"), False)
        return ForceModel(gravity_degree=2, gravity_order=0, **off)
    return ZonalModel(central_body=name, highest_zonal=2, third_bodies=False)


@pytest.mark.parametrize("which", ORBITS)
@pytest.mark.parametrize(
    "way", [RADIAL, TRANSVERSE, NORMAL], ids=["radial", "transverse", "normal"]
)
def test_the_drift_along_the_track_is_that_of_a_flight_with_j2(which, way):
    """1 cm/s, 30 000 s before the epoch, over the revolution that ends a day after it.

    Left out are the short waves of the elements, some J2 (R/a)² each: 1 % of the drift 3 dv t that
    an in-track burn makes, a little more where perigee is low and fast.
    """
    name, axis_m, e, i_deg = ORBITS[which]
    central, turn = body(name), pole_axes(body(name), EPOCH_UTC)
    elements = (axis_m, e, np.radians(i_deg), 0.7, 1.1, 0.4, central.gm_m3_s2)
    state = state_from_keplerian(*elements)
    position, velocity = turn.T @ state[:3], turn.T @ state[3:]
    orbit = DriftingOrbit.through(position, velocity, EPOCH_UTC, central)
    times, burn_s, dv = DAY_S + np.linspace(-orbit.period_s, 0, 7), -30_000.0, 0.01 * way

    forces = _forces(name)
    still = propagate(position, velocity, EPOCH_UTC, times, forces)
    moved = propagate_with_burns(position, velocity, EPOCH_UTC, burn_s, dv, times, forces)
    transverse = np.array([eci_from_rtn(one[:3], one[3:])[:, 1] for one in still])
    flown = np.einsum("nj,nj->n", (moved - still)[:, :3], transverse)

    shift = orbit.carried(times) @ (orbit.shift_per_dv([burn_s])[0] @ dv)
    linear = np.einsum("nk,nk->n", orbit.along_track_per_shift(orbit.at(times)), shift)
    most = 3 * 0.01 * (DAY_S - burn_s)
    np.testing.assert_allclose(linear, flown, atol=(0.01 if e < 0.1 else 0.015) * most)
    if way is NORMAL:  # what J2 alone does to it
        np.testing.assert_allclose(linear, flown, atol=0.3)


@pytest.mark.parametrize("which", ["sun-synchronous", "Mars"])
def test_a_tilt_turns_the_node_as_a_flight_with_j2_does(which):
    """0.1 m/s at the node changes the inclination, and with it the rate of the node."""
    name, axis_m, e, i_deg = ORBITS[which]
    orbit, central = _orbit(axis_m, e, i_deg, name), body(name)
    turn = pole_axes(central, EPOCH_UTC)
    position, velocity = turn.T @ orbit.state[:3], turn.T @ orbit.state[3:]
    to_node = orbit.at(0.0).latitude_arg_rad[0] % (2 * np.pi)
    burn_s, end_s = -to_node / orbit.mean_motion_rad_s, 2 * DAY_S
    forces, dv = _forces(name), 0.1 * NORMAL
    still = propagate(position, velocity, EPOCH_UTC, end_s, forces)[0]
    moved = propagate_with_burns(position, velocity, EPOCH_UTC, burn_s, dv, end_s, forces)[0]
    nodes = [
        DriftingOrbit.in_pole_axes(np.concatenate([turn @ one[:3], turn @ one[3:]]), central)
        for one in (moved, still)
    ]
    flown = nodes[0].node_rad - nodes[1].node_rad
    linear = (orbit.carried(end_s)[0] @ orbit.shift_per_dv([burn_s])[0] @ dv)[NODE]
    assert linear == pytest.approx(flown, rel=0.05)

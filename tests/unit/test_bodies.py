"""Central bodies: their constants, axes and third bodies are those of boinor and astropy."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from mdss.astro.bodies import AU_M, BODY_NAMES, GM_SUN_M3_S2, body, third_body_position_m
from mdss.errors import FrameError

EPOCH = datetime(2026, 5, 4, 17, 42, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def boinor() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import, from its plotting dependencies
        import boinor.bodies
        import boinor.frames.fixed

        return boinor


@pytest.mark.parametrize("name", BODY_NAMES)
def test_gravity_radius_and_spin_are_those_of_boinor(name: str, boinor: Any) -> None:
    ours, theirs = body(name), getattr(boinor.bodies, name.capitalize())
    assert ours.gm_m3_s2 == theirs.k.to_value("m3 / s2")
    assert ours.radius_m == theirs.R.to_value("m")
    assert ours.rotation_period_s == pytest.approx(theirs.rotational_period.to_value("s"))
    assert ours.spin_rad_s == pytest.approx(theirs.angular_velocity.to_value("rad / s"))


@pytest.mark.parametrize("name", ["earth", "mars"])
def test_zonal_coefficients_are_those_of_boinor(name: str, boinor: Any) -> None:
    ours, theirs = body(name), getattr(boinor.bodies, name.capitalize())
    assert (ours.j2, ours.j3) == (theirs.J2.value, theirs.J3.value)


def test_the_moon_is_as_oblate_as_published() -> None:
    # 202.7e-6, NASA Moon fact sheet, with an older field than ours: alike to a percent
    assert body("moon").j2 == pytest.approx(202.7e-6, rel=0.01)


def test_the_sun_pulls_as_in_boinor(boinor: Any) -> None:
    assert boinor.bodies.Sun.k.to_value("m3 / s2") == GM_SUN_M3_S2


@pytest.mark.parametrize("name", ["mars", "moon"])
def test_fixed_axes_are_those_of_boinor(name: str, boinor: Any) -> None:
    from astropy.coordinates import CartesianRepresentation
    from astropy.time import Time

    fixed = getattr(boinor.frames.fixed, f"{name.capitalize()}Fixed")
    time = Time(EPOCH)
    rows = []
    for axis in np.eye(3):
        coordinate = fixed(CartesianRepresentation(axis), obstime=time)
        equatorial = fixed.equatorial(obstime=time)
        rows.append(coordinate.to_equatorial(coordinate, equatorial).cartesian.xyz.value)
    # TT is taken for TDB: 2 ms, 1e-7 rad of Mars's spin
    np.testing.assert_allclose(body(name).fixed_from_icrf(EPOCH), rows, atol=3e-7)


@pytest.mark.parametrize("name", BODY_NAMES)
def test_the_pole_is_the_axis_that_the_body_turns_about(name: str) -> None:
    """The turn in one second is about the pole, at the sidereal rate."""
    central = body(name)
    now, later = (central.fixed_from_icrf(EPOCH.replace(second=second)) for second in (11, 12))
    turn = later.T @ now  # small, inertial axes
    vector = 0.5 * np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], 0.0])
    vector[2] = 0.5 * (turn[1, 0] - turn[0, 1])
    rate = float(np.linalg.norm(vector))
    # the Moon librates: its rate varies by percents, and its axis by 1e-3 of that
    assert rate == pytest.approx(central.spin_rad_s, rel=0.05 if name == "moon" else 1e-4)
    assert abs(float(vector @ central.pole_icrf(EPOCH))) / rate == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("third", "central", "tolerance"),
    [
        ("sun", "earth", 1e-6),
        ("moon", "earth", 1e-5),
        ("sun", "mars", 1e-4),
        ("earth", "moon", 1e-5),
        ("sun", "moon", 1e-5),
    ],
)
def test_third_bodies_are_where_astropy_has_them(
    third: str, central: str, tolerance: float
) -> None:
    from astropy.coordinates import get_body_barycentric
    from astropy.time import Time

    time = Time(EPOCH)
    there, here = (get_body_barycentric(name, time) for name in (third, central))
    expected = (there - here).xyz.to_value("m")
    (found,) = third_body_position_m(third, body(central), EPOCH, [0.0])
    assert np.linalg.norm(found - expected) < tolerance * np.linalg.norm(expected)
    assert np.linalg.norm(found) < 2.7 * AU_M


def test_the_barycentre_of_mars_is_its_centre_and_that_of_the_earth_is_not() -> None:
    # GM of the moons over that of the planet, times their distances (JPL, MAR097)
    moons = ((7.087e5, 9.376e6), (9.62e4, 2.3463e7))
    shift_m = sum(gm / body("mars").gm_m3_s2 * distance_m for gm, distance_m in moons)
    assert 0.15 < shift_m < 0.25
    assert body("Mars_Barycenter") is body("MARS  BARYCENTER") is body("mars")
    with pytest.raises(FrameError, match=r"4,700 km from the Earth's centre.*earth, mars, moon"):
        body("EARTH BARYCENTER")


@pytest.mark.parametrize("name", ["venus", "", "sun"])
def test_an_unknown_body_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(FrameError, match="earth, mars, moon"):
        body(name)

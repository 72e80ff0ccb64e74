"""How high a spacecraft stands over a place on the ground."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mdss.astro.bodies import body
from mdss.astro.ellipsoid import site
from mdss.astro.visibility import (
    clear_of_body_rad,
    elevation_rad,
    fixed_from_icrf,
    seen_from_m,
)

EPOCH = datetime(2025, 3, 19, 12, tzinfo=UTC)
PLACES = [(78.23, 15.39, 450.0), (-31.0, -64.5, 730.0), (0.0, 179.9, 0.0), (-89.9, 40.0, 2800.0)]


def astropy_elevation_deg(
    place: tuple[float, float, float], position_m: np.ndarray, t_s: float
) -> float:
    """By astropy's ITRS, WGS 84 and AltAz, without air."""
    from astropy import units as u
    from astropy.coordinates import GCRS, ITRS, AltAz, CartesianRepresentation, EarthLocation
    from astropy.time import Time

    when = Time(EPOCH + timedelta(seconds=t_s))
    latitude, longitude, altitude = place
    ground = EarthLocation.from_geodetic(longitude, latitude, altitude, ellipsoid="WGS84")
    there = GCRS(CartesianRepresentation(position_m * u.m), obstime=when)
    fixed = there.transform_to(ITRS(obstime=when)).cartesian - ground.get_itrs(when).cartesian
    seen = ITRS(fixed, obstime=when, location=ground)
    return float(seen.transform_to(AltAz(obstime=when, location=ground)).alt.deg)


@pytest.mark.parametrize("place", PLACES)
def test_elevation_is_that_of_astropy(place: tuple[float, float, float]) -> None:
    latitude, longitude, altitude = place
    ground = site(math.radians(latitude), math.radians(longitude), altitude, body("earth"))
    places = np.array([[6.9e6, 8e5, 1.2e6], [-1e6, 2e6, 6.8e6], [2e7, -3e7, 2e7]])
    t_s = np.array([0.0, 5000.0, 86_000.0])
    ours = np.degrees(elevation_rad(ground, body("earth"), places, EPOCH, t_s))
    theirs = [astropy_elevation_deg(place, p, t) for p, t in zip(places, t_s, strict=True)]
    # 1e-4 deg: 0.4 m of equatorial radius (WGS 84 and IAU) seen from 500 km
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("name", ["mars", "moon"])
def test_turning_axes_between_the_hours_are_those_of_the_instant(name: str) -> None:
    times = np.array([-50_000.0, 0.0, 1799.0, 5_432.1, 400_000.0])
    many = fixed_from_icrf(body(name), EPOCH, times)
    for turned, t_s in zip(many, times, strict=True):
        one = body(name).fixed_from_icrf(EPOCH + timedelta(seconds=float(t_s)))
        np.testing.assert_allclose(turned, one, atol=2e-6)


def test_the_moon_shows_the_earth_the_same_face() -> None:
    """The Earth stands within the librations (8° in both angles) of the Moon's prime meridian."""
    moon = body("moon")
    times = np.arange(0, 28) * 86_400.0
    earth = -seen_from_m(body("earth"), moon, EPOCH, times)
    ground = site(0.0, 0.0, 0.0, moon)
    zenith = 90 - np.degrees(elevation_rad(ground, moon, earth, EPOCH, times))
    assert 4 < zenith.max() < 12


def test_mars_stands_where_astropy_sees_it_from_the_earth() -> None:
    from astropy import units as u
    from astropy.coordinates import AltAz, EarthLocation, get_body
    from astropy.time import Time

    goldstone = (35.4259, -116.89, 1000.0)
    ground = site(*np.radians(goldstone[:2]), goldstone[2], body("earth"))
    times = np.arange(0, 86_400.0, 7200.0)
    mars = seen_from_m(body("earth"), body("mars"), EPOCH, times)
    ours = np.degrees(elevation_rad(ground, body("earth"), mars, EPOCH, times))
    where = EarthLocation.from_geodetic(goldstone[1], goldstone[0], goldstone[2])
    when = Time(EPOCH) + times * u.s
    theirs = get_body("mars", when, where, ephemeris="builtin").transform_to(
        AltAz(obstime=when, location=where)
    )
    # astropy's is the apparent place: light time and aberration, together below 0.015°
    np.testing.assert_allclose(ours, theirs.alt.deg, atol=0.02)


def test_the_body_hides_what_is_behind_it_and_nothing_else() -> None:
    radius = 3.4e6
    places = np.array([[-4e6, 0.0, 0.0], [4e6, 0.0, 0.0], [-4e6, 3.5e6, 0.0], [-4e6, 3.3e6, 0.0]])
    far = np.array([1e11, 0.0, 0.0])
    clear = clear_of_body_rad(places, far - places, radius)
    assert (clear > 0).tolist() == [False, True, True, False]

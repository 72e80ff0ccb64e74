"""States at a closest approach: from elements, or over a place on a planet by inclination."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from _messages import MU_M3_S2, FloatArray


@dataclass(frozen=True)
class Planet:
    """A sphere with a gravitational parameter, and where its pole points."""

    name: str
    radius_m: float
    gm_m3_s2: float
    pole_deg: tuple[float, float] | None = None

    @property
    def equator(self) -> FloatArray:
        """Ascending node of its equator, across, and pole as rows on inertial axes."""
        if self.pole_deg is None:
            return np.eye(3)
        ascension, declination = np.radians(self.pole_deg)
        node = np.array([-math.sin(ascension), math.cos(ascension), 0.0])
        level = math.cos(declination)
        pole = np.array([level * node[1], -level * node[0], math.sin(declination)])
        return np.stack([node, np.cross(pole, node), pole])


EARTH = Planet("EARTH", 6_371_000.0, MU_M3_S2)
# Equatorial radius, gravitation and pole of 2020: B. A. Archinal et al., Celest. Mech. Dyn.
# Astron. 109, 101 (2011), and what mdss.astro.bodies has
MARS = Planet("MARS", 3_396_190.0, 4.282837440e13, (317.6602, 52.8743))


@dataclass(frozen=True)
class Place:
    """Where two objects meet: altitude above the planet's sphere, latitude, right ascension.

    The right ascension counts from the node of the planet's equator.
    """

    altitude_m: float
    latitude_deg: float
    right_ascension_deg: float
    planet: Planet = EARTH

    @property
    def axes(self) -> FloatArray:
        """Up, east, north as rows."""
        latitude, ascension = np.radians([self.latitude_deg, self.right_ascension_deg])
        c, s = math.cos(latitude), math.sin(latitude)
        ca, sa = math.cos(ascension), math.sin(ascension)
        local = np.array([[c * ca, c * sa, s], [-sa, ca, 0.0], [-s * ca, -s * sa, c]])
        return np.asarray(local @ self.planet.equator)

    @property
    def position_m(self) -> FloatArray:
        """Inertial position, shape (3,)."""
        return np.asarray((self.planet.radius_m + self.altitude_m) * self.axes[0])


@dataclass(frozen=True)
class Path:
    """How an object comes through a place.

    `mean_altitude_m` gives the semi-major axis above the planet's sphere; `climb_m_s` is the
    radial speed; `rising` tells northbound from southbound.
    """

    inclination_deg: float
    mean_altitude_m: float
    rising: bool = True
    climb_m_s: float = 0.0

    def velocity_m_s(self, place: Place) -> FloatArray:
        """Inertial velocity at the place, shape (3,)."""
        radius = float(np.linalg.norm(place.position_m))
        planet = place.planet
        axis = planet.radius_m + self.mean_altitude_m
        speed2 = planet.gm_m3_s2 * (2 / radius - 1 / axis)
        level = math.sqrt(speed2 - self.climb_m_s**2)
        sine = math.cos(math.radians(self.inclination_deg)) / math.cos(
            math.radians(place.latitude_deg)
        )
        azimuth = math.asin(sine) if self.rising else math.pi - math.asin(sine)
        along = [self.climb_m_s, level * math.sin(azimuth), level * math.cos(azimuth)]
        return np.asarray(along @ place.axes)


def state_from_elements(
    a: float, e: float, inclination: float, node: float, perigee: float, anomaly: float
) -> tuple[FloatArray, FloatArray]:
    """Position and velocity; metres, degrees."""
    i, w, v = np.radians([inclination, perigee, anomaly])
    p = a * (1 - e**2)
    turn = _about_z(np.radians(node)) @ _about_x(i) @ _about_z(w)
    radius = p / (1 + e * math.cos(v))
    position = radius * np.array([math.cos(v), math.sin(v), 0.0])
    velocity = math.sqrt(MU_M3_S2 / p) * np.array([-math.sin(v), e + math.cos(v), 0.0])
    return turn @ position, turn @ velocity


def _about_x(angle: float) -> FloatArray:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _about_z(angle: float) -> FloatArray:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])

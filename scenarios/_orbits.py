"""States at a closest approach: from elements, or over a place on the Earth by inclination."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from _messages import MU_M3_S2, FloatArray


@dataclass(frozen=True)
class Place:
    """Where two objects meet: altitude above a sphere of 6371 km, latitude, right ascension."""

    altitude_m: float
    latitude_deg: float
    right_ascension_deg: float

    @property
    def axes(self) -> FloatArray:
        """Up, east, north as rows."""
        latitude, ascension = np.radians([self.latitude_deg, self.right_ascension_deg])
        c, s = math.cos(latitude), math.sin(latitude)
        ca, sa = math.cos(ascension), math.sin(ascension)
        return np.array([[c * ca, c * sa, s], [-sa, ca, 0.0], [-s * ca, -s * sa, c]])

    @property
    def position_m(self) -> FloatArray:
        """Inertial position, shape (3,)."""
        return (6_371_000.0 + self.altitude_m) * self.axes[0]


@dataclass(frozen=True)
class Path:
    """How an object comes through a place.

    `mean_altitude_m` gives the semi-major axis above 6371 km; `climb_m_s` is the radial
    speed; `rising` tells northbound from southbound.
    """

    inclination_deg: float
    mean_altitude_m: float
    rising: bool = True
    climb_m_s: float = 0.0

    def velocity_m_s(self, place: Place) -> FloatArray:
        """Inertial velocity at the place, shape (3,)."""
        radius = float(np.linalg.norm(place.position_m))
        speed2 = MU_M3_S2 * (2 / radius - 1 / (6_371_000.0 + self.mean_altitude_m))
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

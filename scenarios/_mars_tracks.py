"""Errors of an orbit that is no circle, and how a state lies in such an orbit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from _messages import FloatArray, Track
from _orbits import Path, Place

from mdss.astro.frames import eci_from_rtn


@dataclass(frozen=True)
class EccentricTrack(Track):
    """A track whose error sources hold on an ellipse; on a circle they are those of `Track`."""

    @property
    def sources(self) -> FloatArray:
        """RTN position and velocity for one metre of each source, shape (6, 6).

        In their order: the whole state shifted in time; the speed that belongs to a larger
        axis, with its drift; a radial and a transverse displacement that leave the axis
        alone; two of the plane.
        """
        up, along, _ = eci_from_rtn(self.position_m, self.velocity_m_s).T @ self.velocity_m_s
        radius = float(np.linalg.norm(self.position_m))
        pull, turn = self.gm_m3_s2 / radius**2, along / radius
        speed = math.hypot(up, along)
        axis = (self.gm_m3_s2 / self.mean_motion**2) ** (1 / 3)
        shift = np.array([up, along, 0, -pull, 0, 0]) / speed
        faster = self.gm_m3_s2 / (2 * axis**2 * speed**2) * np.array([0, 0, 0, up, along, 0])
        columns = [
            shift,
            faster + self.drift_per_size * shift,
            (1, 0, 0, 0, -pull / along, 0),
            (0, 2, 0, -turn, turn * up / along, 0),
            (0, 0, 1, 0, 0, 0),
            (0, 0, 0, 0, 0, turn),
        ]
        return np.array(columns, dtype=float).T


def on_ellipse(
    inclination_deg: float,
    lowest_m: float,
    highest_m: float,
    place: Place,
    *,
    rising: bool = True,
    climbing: bool = True,
) -> Path:
    """The path through a place of an orbit given by its lowest and highest altitude."""
    planet, radius = place.planet, place.planet.radius_m + place.altitude_m
    near, far = planet.radius_m + lowest_m, planet.radius_m + highest_m
    parameter = 2 * near * far / (near + far)
    speed2 = planet.gm_m3_s2 * (2 / radius - 2 / (near + far))
    climb = math.sqrt(speed2 - planet.gm_m3_s2 * parameter / radius**2)
    mean_altitude_m = 0.5 * (lowest_m + highest_m)
    return Path(inclination_deg, mean_altitude_m, rising, climb if climbing else -climb)

"""Places on a body's surface: flattened along its pole."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body

FloatArray = NDArray[np.float64]

FLATTENING = {
    "earth": 1.0 / 298.257223563,  # WGS 84
    "mars": 1.0 - 3376.20 / 3396.19,  # IAU 2015, B. A. Archinal et al., CMDA 130, 22 (2018)
    "moon": 0.0,  # the same source gives one radius
}
"""1 − polar over equatorial radius, by name of the body."""


class Site(NamedTuple):
    """A place on a body, body-fixed axes: where it is [m], and its unit vertical; shape (3,)."""

    fixed_m: FloatArray
    up: FloatArray


def site(latitude_rad: float, longitude_rad: float, altitude_m: float, central: Body) -> Site:
    """The place with these coordinates.

    Parameters
    ----------
    latitude_rad, longitude_rad : float
        Geodetic (planetographic: between the vertical and the equator), and east [rad].
    altitude_m : float
        Above the ellipsoid [m].
    central : Body

    Examples
    --------
    >>> from mdss.astro.bodies import body
    >>> f"{site(math.pi / 2, 0.0, 0.0, body('earth')).fixed_m[2] / 1e3:.1f} km"
    '6356.8 km'
    """
    sin, cos = math.sin(latitude_rad), math.cos(latitude_rad)
    up = np.array([cos * math.cos(longitude_rad), cos * math.sin(longitude_rad), sin])
    shrunk = (1.0 - FLATTENING[central.name]) ** 2
    normal_m = central.radius_m / math.sqrt(cos**2 + shrunk * sin**2)
    surface_m = normal_m * up * np.array([1.0, 1.0, shrunk])
    return Site(surface_m + altitude_m * up, up)

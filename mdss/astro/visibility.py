"""How high a spacecraft stands over places on the ground."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body, third_body_position_m
from mdss.astro.eclipse import apparent_radius_rad, separation_rad
from mdss.astro.ellipsoid import Site
from mdss.astro.frames import gcrf_from
from mdss.units import HOUR_S, shifted

FloatArray = NDArray[np.float64]

LIGHT_M_S = 299_792_458.0


def elevation_rad(
    place: Site, ground: Body, position_m: FloatArray, epoch_utc: datetime, t_s: FloatArray
) -> FloatArray:
    """Angle of a spacecraft above the horizon of a place.

    Parameters
    ----------
    place : Site
        On `ground`.
    ground : Body
    position_m : array, shape (n, 3)
        Of the spacecraft, from the centre of `ground`, ICRF axes [m].
    epoch_utc : datetime
        Timezone-aware.
    t_s : array, shape (n,)
        Seconds from the epoch.

    Returns
    -------
    array, shape (n,)
        Geometric: neither refraction (0.17° at 5°) nor the light time from a low orbit [rad].
    """
    turned = np.einsum("nij,nj->ni", fixed_from_icrf(ground, epoch_utc, t_s), position_m)
    away = turned - place.fixed_m
    return np.asarray(np.arcsin(np.clip(away @ place.up / np.linalg.norm(away, axis=1), -1, 1)))


def fixed_from_icrf(central: Body, epoch_utc: datetime, t_s: FloatArray) -> FloatArray:
    """Rotations from ICRF to a body's own turning axes at many times, shape (n, 3, 3).

    The Earth's with observed orientation. Another body's axes are computed at every full hour and
    turned about the pole from there: right to 1e-6 rad.
    """
    if central.name == "earth":
        return np.swapaxes(gcrf_from("ITRF", epoch_utc, t_s), -1, -2)
    hours, place = np.unique(np.rint(t_s / HOUR_S), return_inverse=True)
    axes = [central.fixed_from_icrf(shifted(epoch_utc, hour * HOUR_S)) for hour in hours]
    angle = central.spin_rad_s * (t_s - hours[place] * HOUR_S)
    return np.asarray(_turn_z(angle) @ np.array(axes)[place])


def _turn_z(angle_rad: FloatArray) -> FloatArray:
    """Turn of the axes about z, shape (n, 3, 3)."""
    turn = np.zeros((angle_rad.size, 3, 3))
    turn[:, 0, 0] = turn[:, 1, 1] = np.cos(angle_rad)
    turn[:, 0, 1] = np.sin(angle_rad)
    turn[:, 1, 0], turn[:, 2, 2] = -turn[:, 0, 1], 1.0
    return turn


def seen_from_m(ground: Body, central: Body, epoch_utc: datetime, t_s: FloatArray) -> FloatArray:
    """Centre of a body seen from that of the Earth, or from its own; ICRF axes, shape (n, 3) [m].

    Parameters
    ----------
    ground : Body
        The Earth, or `central` itself.
    central : Body
    epoch_utc : datetime
        Timezone-aware.
    t_s : array, shape (n,)
        Seconds from the epoch.
    """
    if ground.name == central.name:
        return np.zeros((np.size(t_s), 3))
    if central.name == "moon":
        return -third_body_position_m("earth", central, epoch_utc, t_s)
    ours, theirs = (third_body_position_m("sun", one, epoch_utc, t_s) for one in (ground, central))
    return ours - theirs


def clear_of_body_rad(position_m: FloatArray, towards_m: FloatArray, radius_m: float) -> FloatArray:
    """Angle between a far point and the limb of the central body; below 0 behind the body.

    Parameters
    ----------
    position_m : array, shape (n, 3)
        Of the spacecraft from the body's centre [m].
    towards_m : array, shape (n, 3)
        From the spacecraft to the far point [m].
    radius_m : float
        Of the body [m].

    Returns
    -------
    array, shape (n,)
        [rad].
    """
    limb = apparent_radius_rad(position_m, radius_m)
    return np.asarray(separation_rad(towards_m, -position_m) - limb)

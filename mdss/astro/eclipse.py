"""When a spacecraft is in the shadow of the body that it orbits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body, third_body_position_m
from mdss.astro.crossings import intervals_above_zero
from mdss.astro.ellipsoid import FLATTENING

FloatArray = NDArray[np.float64]
Curve = Callable[[FloatArray], FloatArray]

_PATH_STEP_S = 21_600.0

SUN_RADIUS_M = 6.957e8
"""Nominal, IAU 2015 Resolution B3 [m]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shadow:
    """Passages through the shadow of a body.

    Parameters
    ----------
    any_s : array, shape (k, 2)
        Starts and ends of all shadow, penumbra included [s].
    umbra_s : array, shape (m, 2)
        Starts and ends of total shadow [s].
    """

    any_s: FloatArray
    umbra_s: FloatArray


def slow_path(at: Curve, start_s: float, end_s: float) -> Curve:
    """A curve that hardly bends, as a spline through a point every six hours.

    What it is for: ERFA's Sun takes 0.2 ms an instant. The spline is off by 11 m for the Moon,
    less for Sun and planets.
    """
    from scipy.interpolate import CubicSpline

    nodes = np.linspace(start_s, end_s, 4 + math.ceil((end_s - start_s) / _PATH_STEP_S))
    spline = CubicSpline(nodes, at(nodes))
    return lambda t_s: np.asarray(spline(t_s))


def shadow(curve: Curve, grid_s: FloatArray, epoch_utc: datetime, central: Body) -> Shadow:
    """Eclipses of an orbit by its central body.

    Parameters
    ----------
    curve : callable
        From times, shape (n,), seconds from the epoch, to states, shape (n, 6), ICRF axes at the
        body's centre [m], [m/s].
    grid_s : array, shape (n,)
        Rising, a hundred a revolution or so; its ends are those of the search [s].
    epoch_utc : datetime
        Timezone-aware.
    central : Body

    Returns
    -------
    Shadow
        Edges found to a millisecond of the model, which is good to some 0.2 s in low orbit: the
        Sun is where it stands (aberration: 0.1 s), the limb is that of the ellipsoid without
        air, which in life reddens and bends the last seconds of sunlight.
    """
    pole, flattening = central.pole_icrf(epoch_utc), FLATTENING[central.name]
    sun = slow_path(
        lambda t_s: third_body_position_m("sun", central, epoch_utc, t_s),
        float(grid_s[0]),
        float(grid_s[-1]),
    )

    def margins(t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        return shadow_margins(curve(t_s)[:, :3], sun(t_s), central.radius_m, pole, flattening)

    found = intervals_above_zero(lambda t_s: margins(t_s)[0], grid_s)
    if not found.size:
        return Shadow(any_s=found, umbra_s=found)
    dark = [grid_s[(grid_s > start) & (grid_s < end)] for start, end in found]
    inner = np.sort(np.concatenate([found.ravel(), *dark]))
    return Shadow(any_s=found, umbra_s=intervals_above_zero(lambda t_s: margins(t_s)[1], inner))


def shadow_margins(
    position_m: FloatArray,
    sun_m: FloatArray,
    radius_m: float,
    pole: FloatArray | None = None,
    flattening: float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """How deep a place is in shadow, as angles seen from there.

    Parameters
    ----------
    position_m, sun_m : array, shape (n, 3)
        From the body's centre, one set of axes [m].
    radius_m : float
        Equatorial [m].
    pole : array, shape (3,), optional
        Unit vector, same axes; needed where the body is flattened.
    flattening : float
        Of the body, 1 − polar over equatorial radius.

    Returns
    -------
    any_rad, umbra_rad : array, shape (n,)
        Above 0 in any shadow, and in total shadow [rad].

    Notes
    -----
    With a and b the apparent radii of Sun and body and c the angle between their centres, the
    discs touch at c = a + b, and the Sun is covered from c = b − a on. A flattened body becomes a
    sphere when all is stretched along its pole, which keeps straight lines straight.

    References
    ----------
    .. [1] O. Montenbruck and E. Gill, Satellite Orbits, 2000, section 3.4.2.

    Examples
    --------
    >>> behind = np.array([[-7e6, 0.0, 0.0]])
    >>> any_rad, umbra_rad = shadow_margins(behind, np.array([[1.496e11, 0.0, 0.0]]), 6.378e6)
    >>> bool(any_rad[0] > umbra_rad[0] > 0)
    True
    """
    if pole is not None and flattening:
        position_m, sun_m = (_stretched(one, pole, flattening) for one in (position_m, sun_m))
    to_sun = sun_m - position_m
    apart = separation_rad(to_sun, -position_m)
    sun = np.arcsin(np.clip(SUN_RADIUS_M / np.linalg.norm(to_sun, axis=-1), 0.0, 1.0))
    disc = apparent_radius_rad(position_m, radius_m)
    return disc + sun - apart, disc - sun - apart


def _stretched(vectors: FloatArray, pole: FloatArray, flattening: float) -> FloatArray:
    along = (vectors @ pole)[..., None] * pole
    return np.asarray(vectors + flattening / (1.0 - flattening) * along)


def apparent_radius_rad(position_m: FloatArray, radius_m: float) -> FloatArray:
    """Of a sphere at the origin, seen from places, shape (n, 3) [rad]."""
    ratio = radius_m / np.linalg.norm(position_m, axis=-1)
    return np.asarray(np.arcsin(np.clip(ratio, 0.0, 1.0)))


def separation_rad(first: FloatArray, other: FloatArray) -> FloatArray:
    """Angle between vectors, shape (n, 3) each, good also near 0 and π [rad]."""
    across = np.linalg.norm(np.cross(first, other), axis=-1)
    return np.asarray(np.arctan2(across, np.sum(first * other, axis=-1)))

"""Rotations between inertial, Earth-fixed and orbit-fixed axes."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.earth_orientation import (
    ARCSEC_RAD,
    EARTH_SPIN_RAD_S,
    EarthOrientation,
    earth_orientation,
    eop_notices,
    j2000_days_tt,
    utc_mjd,
)
from mdss.errors import FrameError
from mdss.units import DAY_S, as_utc

__all__ = [
    "eci_from_rtn",
    "eop_notices",
    "gcrf_from_eme2000",
    "gcrf_from_itrf",
    "gcrf_state_from_itrf",
    "gcrf_state_from_teme",
]

FloatArray = NDArray[np.float64]

_J2000_JD = 2_451_545.0
_MJD_ZERO_JD = 2_400_000.5
_RATE_STEP_S = 30.0  # slow rotations are differentiated over this step, to 1e-19 rad/s


def eci_from_rtn(position_m: ArrayLike, velocity_m_s: ArrayLike) -> FloatArray:
    """Rotation from an orbit's RTN axes to the inertial axes of its state.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (..., 3)
        Inertial state [m], [m/s]. An Earth-fixed velocity gives wrong axes.

    Returns
    -------
    array, shape (..., 3, 3)
        Columns are the unit vectors R (along position), T (completes the triad, close to
        the velocity) and N (along the orbital angular momentum).

    Raises
    ------
    FrameError
        If position and velocity are parallel or zero, so that no orbit plane exists.

    Examples
    --------
    >>> eci_from_rtn([7e6, 0, 0], [0, 7.5e3, 0]).round(12).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    position = np.asarray(position_m, dtype=float)
    velocity = np.asarray(velocity_m_s, dtype=float)
    momentum = np.cross(position, velocity)
    size = np.linalg.norm(momentum, axis=-1, keepdims=True)
    radius = np.linalg.norm(position, axis=-1, keepdims=True)
    speed = np.linalg.norm(velocity, axis=-1, keepdims=True)
    if not np.all(size > 1e-12 * radius * speed) or not np.all(radius > 0):
        raise FrameError("position and velocity span no orbit plane, so RTN axes do not exist")
    radial = position / radius
    normal = momentum / size
    transverse = np.cross(normal, radial)
    return np.stack([radial, transverse, normal], axis=-1)


@lru_cache(maxsize=1)
def _frame_bias() -> FloatArray:
    """Mean equator and equinox of J2000 seen from GCRF: Fukushima-Williams angles, IAU 2006."""
    gamma, phi, psi, epsilon = (
        angle * ARCSEC_RAD for angle in (-0.052928, 84_381.412819, -0.041775, 84_381.406)
    )
    bias = _turn_x(-epsilon) @ _turn_z(-psi) @ _turn_x(phi) @ _turn_z(gamma)
    gcrf_from_mean = np.ascontiguousarray(bias.T)
    gcrf_from_mean.setflags(write=False)
    return gcrf_from_mean


def gcrf_from_eme2000() -> FloatArray:
    """Rotation from EME2000 (J2000 mean equator and equinox) to GCRF axes: the frame bias.

    Returns
    -------
    array, shape (3, 3)
        Constant, 23 milliarcseconds: up to 0.8 m at 7000 km.

    References
    ----------
    .. [1] J. L. Hilton et al., Celest. Mech. Dyn. Astron. 94, 351 (2006), the angles at J2000.

    Examples
    --------
    >>> offset_m = gcrf_from_eme2000() @ [0.0, 0.0, 7e6] - [0.0, 0.0, 7e6]
    >>> f"{np.linalg.norm(offset_m):.2f}"
    '0.61'
    """
    return _frame_bias().copy()


def gcrf_from_itrf(epoch_utc: datetime) -> FloatArray:
    """Rotation from Earth-fixed axes to GCRF at an instant.

    Parameters
    ----------
    epoch_utc : datetime
        Timezone-aware.

    Returns
    -------
    array, shape (3, 3)
        IAU 2006/2000A with observed Earth orientation (`eop_notices` tells the coverage).

    Raises
    ------
    FrameError
        If the Earth orientation table cannot be read.
    """
    turn = _earth_rotation(as_utc(epoch_utc))
    rotation: FloatArray = turn.gcrf_from_cirs[1] @ turn.cirs_from_tirs @ turn.tirs_from_itrf
    return rotation


def gcrf_state_from_itrf(
    position_m: ArrayLike, velocity_m_s: ArrayLike, epoch_utc: datetime
) -> tuple[FloatArray, FloatArray]:
    """Inertial state from an Earth-fixed one.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (3,)
        ITRF state; the velocity is relative to the rotating Earth [m], [m/s].
    epoch_utc : datetime
        Timezone-aware.

    Returns
    -------
    position_m, velocity_m_s : array, shape (3,)
        GCRF state [m], [m/s].

    Raises
    ------
    FrameError
        If a vector is not three finite numbers or the Earth orientation table cannot be read.

    Notes
    -----
    The chain ITRF, TIRS, CIRS, GCRF of the IERS Conventions. ω × r is applied in TIRS, with
    the length of day; the slow motion of the celestial pole adds 5e-5 m/s and is included.

    References
    ----------
    .. [1] G. Petit and B. Luzum, IERS Conventions (2010), IERS TN 36, chapter 5.
    """
    position, velocity = _vector("position", position_m), _vector("velocity", velocity_m_s)
    turn = _earth_rotation(as_utc(epoch_utc))
    position_tirs = turn.tirs_from_itrf @ position
    velocity_tirs = turn.tirs_from_itrf @ velocity + np.cross(turn.spin_tirs_rad_s, position_tirs)
    return _slowly_turned(
        turn.gcrf_from_cirs,
        turn.cirs_from_tirs @ position_tirs,
        turn.cirs_from_tirs @ velocity_tirs,
    )


def gcrf_state_from_teme(
    position_m: ArrayLike, velocity_m_s: ArrayLike, epoch_utc: datetime
) -> tuple[FloatArray, FloatArray]:
    """GCRF state from the TEME state that SGP4 returns.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (3,)
        True equator, mean equinox of date [m], [m/s] (sgp4 gives km and km/s).
    epoch_utc : datetime
        Timezone-aware.

    Returns
    -------
    position_m, velocity_m_s : array, shape (3,)
        GCRF state [m], [m/s].

    Raises
    ------
    FrameError
        If a vector is not three finite numbers or the Earth orientation table cannot be read.

    Notes
    -----
    TEME is turned by GMST 1982 to the Earth and from there to GCRF as an Earth-fixed frame.
    The spin and the pole cancel: what remains is precession and nutation.

    References
    ----------
    .. [1] D. A. Vallado et al., Revisiting Spacetrack Report #3, AIAA 2006-6753, appendix C.
    """
    position, velocity = _vector("position", position_m), _vector("velocity", velocity_m_s)
    epoch = as_utc(epoch_utc)
    to_gcrf = _celestial(epoch, earth_orientation(epoch)) @ _cirs_from_teme(epoch)
    return _slowly_turned(to_gcrf, position, velocity)


class _EarthRotation(NamedTuple):
    """The three turns between Earth-fixed and inertial axes, and the spin."""

    gcrf_from_cirs: FloatArray  # (3, 3, 3): before, at and after the epoch
    cirs_from_tirs: FloatArray
    tirs_from_itrf: FloatArray
    spin_tirs_rad_s: FloatArray


def _earth_rotation(epoch: datetime) -> _EarthRotation:
    import erfa

    eop = earth_orientation(epoch)
    days_tt = j2000_days_tt(epoch)
    pole = erfa.pom00(eop.pole_x_rad, eop.pole_y_rad, erfa.sp00(_J2000_JD, days_tt))
    spin = EARTH_SPIN_RAD_S * (1.0 + eop.ut1_rate)
    return _EarthRotation(
        gcrf_from_cirs=_celestial(epoch, eop),
        cirs_from_tirs=_turn_z(-erfa.era00(*_ut1_jd(epoch, eop))),
        tirs_from_itrf=np.asarray(pole).T,
        spin_tirs_rad_s=np.array([0.0, 0.0, spin]),
    )


def _celestial(epoch: datetime, eop: EarthOrientation) -> FloatArray:
    """GCRF from CIRS a step before, at and a step after the epoch, shape (3, 3, 3)."""
    import erfa

    days_tt = j2000_days_tt(epoch) + np.array([-1.0, 0.0, 1.0]) * _RATE_STEP_S / DAY_S
    x, y, s = erfa.xys06a(_J2000_JD, days_tt)
    cirs_from_gcrf = erfa.c2ixys(x + eop.cip_dx_rad, y + eop.cip_dy_rad, s)
    return np.asarray(np.swapaxes(cirs_from_gcrf, -1, -2))


def _cirs_from_teme(epoch: datetime) -> FloatArray:
    """Turn about the pole by GMST 1982 less the Earth rotation angle, shape (3, 3, 3)."""
    import erfa

    instants = [epoch + timedelta(seconds=step * _RATE_STEP_S) for step in (-1, 0, 1)]
    ut1 = [_ut1_jd(instant, earth_orientation(instant)) for instant in instants]
    return np.stack([_turn_z(erfa.gmst82(*jd) - erfa.era00(*jd)) for jd in ut1])


def _slowly_turned(
    turn: FloatArray, position: FloatArray, velocity: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """State turned by axes that move slowly; `turn` is given before, at and after."""
    rate = (turn[2] - turn[0]) / (2.0 * _RATE_STEP_S)
    return turn[1] @ position, turn[1] @ velocity + rate @ position


def _ut1_jd(epoch: datetime, eop: EarthOrientation) -> tuple[float, float]:
    day, fraction = utc_mjd(epoch)
    return _MJD_ZERO_JD + day, fraction + eop.ut1_minus_utc_s / DAY_S


def _turn_x(angle_rad: float) -> FloatArray:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def _turn_z(angle_rad: float) -> FloatArray:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])


def _vector(name: str, value: ArrayLike) -> FloatArray:
    vector = np.asarray(value, dtype=float)
    if vector.shape != (3,) or not np.all(np.isfinite(vector)):
        raise FrameError(f"{name} must be three finite numbers, got {vector}")
    return vector

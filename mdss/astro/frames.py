"""Rotations and states between inertial, Earth-fixed and orbit-fixed axes.

A frame of a message is named by its text (`"ITRF2014"`, `"TEME"`); `frame_of` says what it is:

    GCRF   the axes of the package; ICRF is the same about the Earth
    EME2000  mean equator and equinox of J2000: the frame bias
    MOD, TOD  mean and true equator and equinox of date
    TEME   true equator, mean equinox of date: what SGP4 returns
    TDR    true of date, rotating with the Earth: no polar motion
    ITRF   Earth-fixed, and WGS 84; realisations are not told apart: they differ by less than
           0.1 m since ITRF97, 0.3 m since ITRF88
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.earth_orientation import eop_notices
from mdss.astro.frame_axes import Frame, axes_in_gcrf, frame_bias
from mdss.errors import FrameError

__all__ = [
    "Frame",
    "eci_from_rtn",
    "eop_notices",
    "frame_of",
    "gcrf_from",
    "gcrf_from_eme2000",
    "gcrf_from_itrf",
    "gcrf_state_from",
    "gcrf_state_from_itrf",
    "gcrf_state_from_teme",
    "state_in",
]

FloatArray = NDArray[np.float64]

_FRAMES: dict[str, Frame] = {
    "GCRF": "GCRF",
    "ICRF": "GCRF",
    "EME2000": "EME2000",
    "J2000": "EME2000",
    "MOD": "MOD",
    "TOD": "TOD",
    "TEME": "TEME",
    "TEMEOFDATE": "TEME",
    "TDR": "TDR",
    "EFG": "TDR",
    "WGS84": "ITRF",
}


def frame_of(name: str) -> Frame:
    """What a message's REF_FRAME is.

    Parameters
    ----------
    name : str
        Any case; `ITRF` with any realisation (`ITRF-93`, `ITRF2014`), `GCRF2`, `ICRF3`.

    Raises
    ------
    FrameError
        If it is none that can be converted.

    Examples
    --------
    >>> frame_of("ITRF-97"), frame_of("j2000")
    ('ITRF', 'EME2000')
    """
    text = name.strip().upper().removesuffix("_EARTH")
    if text.startswith("ITRF"):
        return "ITRF"
    plain = text.rstrip("0123456789") if text.startswith(("GCRF", "ICRF")) else text
    if plain not in _FRAMES:
        raise FrameError(
            f"the frame {name!r} cannot be converted; known are {', '.join(_FRAMES)} and ITRF "
            "with any realisation. Ask for the message in one of them"
        )
    return _FRAMES[plain]


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
    return frame_bias().copy()


def gcrf_from(frame: str, epoch_utc: datetime, t_s: ArrayLike = 0.0) -> FloatArray:
    """Rotation from a frame to GCRF axes, for directions and covariances of position.

    Parameters
    ----------
    frame : str
        As `frame_of` reads it.
    epoch_utc : datetime
        Timezone-aware.
    t_s : float or array_like, shape (n,)
        SI seconds after `epoch_utc`.

    Returns
    -------
    array, shape (3, 3) or (n, 3, 3)

    Raises
    ------
    FrameError
        If the frame cannot be converted or the Earth orientation table cannot be read.
    """
    rotation = axes_in_gcrf(frame_of(frame), epoch_utc, t_s).rotation
    return rotation[0] if np.ndim(t_s) == 0 else rotation


def gcrf_state_from(
    frame: str,
    position_m: ArrayLike,
    velocity_m_s: ArrayLike,
    epoch_utc: datetime,
    t_s: ArrayLike = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """GCRF state from one of another frame, at one instant or at many.

    Parameters
    ----------
    frame : str
        As `frame_of` reads it. In TDR and ITRF the velocity is relative to the rotating Earth.
    position_m, velocity_m_s : array_like, shape (3,) or (n, 3)
        State in that frame [m], [m/s].
    epoch_utc : datetime
        Timezone-aware.
    t_s : float or array_like, shape (n,)
        SI seconds after `epoch_utc`.

    Returns
    -------
    position_m, velocity_m_s : array, shape (3,) or (n, 3)
        GCRF [m], [m/s].

    Raises
    ------
    FrameError
        If the frame cannot be converted, a vector is not three finite numbers or the Earth
        orientation table cannot be read.

    Notes
    -----
    IAU 2006/2000A with observed Earth orientation (`eop_notices` tells the coverage), the
    chain ITRF, TIRS, CIRS, GCRF of [1]_. ω × r is applied in TIRS, with the length of day; the
    slow motion of the celestial pole adds 5e-5 m/s and is included, that of the terrestrial
    pole (1e-6 m/s) is not. TEME is turned by GMST 1982 [2]_ to the Earth and from there to GCRF:
    the spin and the pole cancel, what remains is precession and nutation.

    References
    ----------
    .. [1] G. Petit and B. Luzum, IERS Conventions (2010), IERS TN 36, chapter 5.
    .. [2] D. A. Vallado et al., Revisiting Spacetrack Report #3, AIAA 2006-6753, appendix C.
    """
    turn = axes_in_gcrf(frame_of(frame), epoch_utc, t_s)
    shape = np.shape(t_s)
    position, velocity = (
        _vector("position", position_m, shape),
        _vector("velocity", velocity_m_s, shape),
    )
    moved = _turned(turn.rotation, velocity) + _turned(turn.rate, position)
    return _turned(turn.rotation, position).reshape(*shape, 3), moved.reshape(*shape, 3)


def state_in(
    frame: str,
    position_m: ArrayLike,
    velocity_m_s: ArrayLike,
    epoch_utc: datetime,
    t_s: ArrayLike = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """State in a frame from the GCRF state, the inverse of `gcrf_state_from`.

    Parameters
    ----------
    frame : str
        As `frame_of` reads it. In TDR and ITRF the velocity is relative to the rotating Earth.
    position_m, velocity_m_s : array_like, shape (3,) or (n, 3)
        GCRF state [m], [m/s].
    epoch_utc : datetime
        Timezone-aware.
    t_s : float or array_like, shape (n,)
        SI seconds after `epoch_utc`.

    Returns
    -------
    position_m, velocity_m_s : array, shape (3,) or (n, 3)
        In that frame [m], [m/s].

    Raises
    ------
    FrameError
        As for `gcrf_state_from`.
    """
    turn = axes_in_gcrf(frame_of(frame), epoch_utc, t_s)
    shape = np.shape(t_s)
    back = np.swapaxes(turn.rotation, -1, -2)
    gcrf, velocity = (
        _vector("position", position_m, shape),
        _vector("velocity", velocity_m_s, shape),
    )
    position = _turned(back, gcrf)
    moved = _turned(back, velocity - _turned(turn.rate, position))
    return position.reshape(*shape, 3), moved.reshape(*shape, 3)


def gcrf_from_itrf(epoch_utc: datetime) -> FloatArray:
    """Rotation from Earth-fixed axes to GCRF at an instant, shape (3, 3)."""
    return gcrf_from("ITRF", epoch_utc)


def gcrf_state_from_itrf(
    position_m: ArrayLike, velocity_m_s: ArrayLike, epoch_utc: datetime
) -> tuple[FloatArray, FloatArray]:
    """GCRF state from an Earth-fixed one at an instant; `gcrf_state_from` tells the rest."""
    return gcrf_state_from("ITRF", position_m, velocity_m_s, epoch_utc)


def gcrf_state_from_teme(
    position_m: ArrayLike, velocity_m_s: ArrayLike, epoch_utc: datetime
) -> tuple[FloatArray, FloatArray]:
    """GCRF state from one of SGP4 at an instant; `gcrf_state_from` tells the rest."""
    return gcrf_state_from("TEME", position_m, velocity_m_s, epoch_utc)


def _turned(rotation: FloatArray, vectors: FloatArray) -> FloatArray:
    turned: FloatArray = np.einsum(
        "nij,nj->ni", np.broadcast_to(rotation, (len(vectors), 3, 3)), vectors
    )
    return turned


def _vector(name: str, value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Vectors as an array of shape (n, 3), one row an instant."""
    vector = np.asarray(value, dtype=float)
    if vector.shape != (*shape, 3) or not np.all(np.isfinite(vector)):
        rows = f" for each of {shape[0]} instants" if shape else ""
        raise FrameError(f"{name} must be three finite numbers{rows}, got {vector}")
    return vector.reshape(-1, 3)

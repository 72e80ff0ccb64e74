"""Rotations between inertial, Earth-fixed and orbit-fixed axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import FrameError

FloatArray = NDArray[np.float64]


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

"""Two-body motion in closed form: states and state transition at many times at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]

MU_EARTH_M3_S2 = 3.986004418e14
"""Earth's gravitational parameter (IERS Conventions 2010) [m³/s²]."""


def orbital_period_s(
    position_m: ArrayLike, velocity_m_s: ArrayLike, mu_m3_s2: float = MU_EARTH_M3_S2
) -> float:
    """Period of the osculating ellipse [s].

    Raises
    ------
    PropagationError
        If the orbit is not bound.
    """
    a = _semi_major_axis_m(position_m, velocity_m_s, mu_m3_s2)
    return float(2 * np.pi * np.sqrt(a**3 / mu_m3_s2))


def fastest_turn_s(
    position_m: ArrayLike, velocity_m_s: ArrayLike, mu_m3_s2: float = MU_EARTH_M3_S2
) -> float:
    """What is to be taken for a revolution by those who cut an orbit into steps [s].

    P (1 − e)²: the period of a circular orbit. Of others less than a revolution would take at the
    pace of perigee, by √(1 − e²), since the pace itself changes there.

    Raises
    ------
    PropagationError
        If the orbit is not bound.
    """
    position, velocity = np.asarray(position_m, dtype=float), np.asarray(velocity_m_s, dtype=float)
    period = orbital_period_s(position, velocity, mu_m3_s2)
    momentum = np.cross(position, velocity)
    apse = np.cross(velocity, momentum) / mu_m3_s2 - position / np.linalg.norm(position)
    return float(period * (1 - np.linalg.norm(apse)) ** 2)


def _semi_major_axis_m(position_m: ArrayLike, velocity_m_s: ArrayLike, mu: float) -> float:
    radius = float(np.linalg.norm(np.asarray(position_m)))
    speed = float(np.linalg.norm(np.asarray(velocity_m_s)))
    inverse = 2 / radius - speed**2 / mu
    if not inverse > 0:
        raise PropagationError(
            f"the orbit is not bound: {speed:.1f} m/s at a radius of {radius / 1e3:.1f} km; "
            "check units and frame of the state"
        )
    return 1 / inverse


def _advance(
    position: FloatArray, velocity: FloatArray, t_s: FloatArray, mu: float
) -> tuple[FloatArray, float, float]:
    """Change of eccentric anomaly from the epoch to each time, semi-major axis, radius at epoch."""
    a = _semi_major_axis_m(position, velocity, mu)
    radius = float(np.linalg.norm(position))
    e_cos = 1 - radius / a
    e_sin = float(position @ velocity) / np.sqrt(mu * a)
    mean = np.sqrt(mu / a**3) * t_s
    change = mean + 0.0
    for _ in range(30):  # Newton on Kepler's equation for differences
        sine, cosine = np.sin(change), np.cos(change)
        residual = change - e_cos * sine + e_sin * (1 - cosine) - mean
        step = residual / (1 - e_cos * cosine + e_sin * sine)
        step = np.clip(step, -1.0, 1.0)
        change = change - step
        if np.max(np.abs(step), initial=0.0) < 1e-13 * (1 + np.max(np.abs(change), initial=0.0)):
            break
    else:
        raise PropagationError("Kepler's equation did not converge; check the state")
    return np.asarray(change), a, radius


def propagate(
    position_m: ArrayLike,
    velocity_m_s: ArrayLike,
    t_s: ArrayLike,
    mu_m3_s2: float = MU_EARTH_M3_S2,
) -> FloatArray:
    """States of an ellipse at many times.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (3,)
        Inertial state at the epoch [m], [m/s].
    t_s : array_like, shape (n,)
        Seconds from the epoch, either sign.
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    array, shape (n, 6)
        Position and velocity [m], [m/s].

    Raises
    ------
    PropagationError
        If the orbit is not bound.

    Examples
    --------
    A circular orbit returns after one period:

    >>> speed = (MU_EARTH_M3_S2 / 7e6) ** 0.5
    >>> period = orbital_period_s([7e6, 0, 0], [0, speed, 0])
    >>> bool(abs(propagate([7e6, 0, 0], [0, speed, 0], [period])[0, 0] - 7e6) < 1e-6)
    True
    """
    states, _ = _states_and_universal(position_m, velocity_m_s, t_s, mu_m3_s2)
    return states


def _states_and_universal(
    position_m: ArrayLike, velocity_m_s: ArrayLike, t_s: ArrayLike, mu: float
) -> tuple[FloatArray, FloatArray]:
    position = np.asarray(position_m, dtype=float)
    velocity = np.asarray(velocity_m_s, dtype=float)
    t = np.atleast_1d(np.asarray(t_s, dtype=float))
    change, a, r0 = _advance(position, velocity, t, mu)
    sine, cosine = np.sin(change), np.cos(change)
    e_cos = 1 - r0 / a
    e_sin = float(position @ velocity) / np.sqrt(mu * a)
    radius = a * (1 - e_cos * cosine + e_sin * sine)
    f = 1 - a / r0 * (1 - cosine)
    # t − √(a³/μ)(ΔE − sin ΔE) with Kepler's equation put in: no difference of long times
    g = np.sqrt(a**3 / mu) * (r0 / a * sine + e_sin * (1 - cosine))
    f_dot = -np.sqrt(mu * a) / (radius * r0) * sine
    g_dot = 1 - a / radius * (1 - cosine)
    states = np.concatenate(
        [
            f[:, None] * position + g[:, None] * velocity,
            f_dot[:, None] * position + g_dot[:, None] * velocity,
        ],
        axis=1,
    )
    # Battin's C, 3 U5 − χ U4 with the cubes of χ cancelled by hand
    chi = np.sqrt(a) * change
    u2 = a * (1 - cosine)
    secular = (a * chi * u2 - 3 * a**2 * (chi - np.sqrt(a) * sine)) / np.sqrt(mu) - t * u2
    return states, np.stack([f, g, radius, secular], axis=1)


def velocity_to_position(
    position_m: ArrayLike,
    velocity_m_s: ArrayLike,
    t_s: ArrayLike,
    mu_m3_s2: float = MU_EARTH_M3_S2,
) -> tuple[FloatArray, FloatArray]:
    """How a velocity change at each time moves the position at the epoch.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (3,)
        State at the epoch (TCA) [m], [m/s].
    t_s : array_like, shape (n,)
        Times of the change, seconds from the epoch, negative before it.
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    states : array, shape (n, 6)
        States at the times [m], [m/s].
    position_from_velocity : array, shape (n, 3, 3)
        Φ_rv(epoch, t) [s]; the transition matrix is symplectic, so this is minus the
        transpose of Φ_rv(t, epoch).

    Raises
    ------
    PropagationError
        If the orbit is not bound.

    References
    ----------
    .. [1] R. H. Battin, An Introduction to the Mathematics and Methods of Astrodynamics,
       revised edition, 1999, section 9.7.
    """
    position = np.asarray(position_m, dtype=float)
    velocity = np.asarray(velocity_m_s, dtype=float)
    states, universal = _states_and_universal(position, velocity, t_s, mu_m3_s2)
    f, g, _, secular = universal.T
    r0 = np.linalg.norm(position)
    d_position = states[:, :3] - position
    d_velocity = states[:, 3:] - velocity
    forward = (
        (r0 / mu_m3_s2 * (1 - f))[:, None, None]
        * (d_position[:, :, None] * velocity - d_velocity[:, :, None] * position)
        + (secular / mu_m3_s2)[:, None, None] * (states[:, 3:, None] * velocity)
        + g[:, None, None] * np.eye(3)
    )
    return states, -np.swapaxes(forward, 1, 2)

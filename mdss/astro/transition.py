"""Two-body motion of many orbits at once: states, transition matrices, carried covariances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]


def two_body(states: FloatArray, t_s: FloatArray, mu_m3_s2: float) -> FloatArray:
    """Each state moved by its own time.

    Parameters
    ----------
    states : array, shape (n, 6)
        Inertial, on ellipses [m], [m/s].
    t_s : array, shape (n,)
        How far each one is moved, either sign [s].
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    array, shape (n, 6)
        [m], [m/s].

    Raises
    ------
    PropagationError
        If an orbit is not bound.
    """
    r0, v0 = states[:, :3], states[:, 3:]
    f, g, f_dot, g_dot, _ = _lagrange_coefficients(states, t_s, mu_m3_s2)
    return np.hstack([f * r0 + g * v0, f_dot * r0 + g_dot * v0])


def are_bound(states: FloatArray, mu_m3_s2: float) -> bool:
    """Whether all inertial states, shape (n, 6), are on ellipses."""
    return bool(np.all(_inverse_axis(states, mu_m3_s2) > 0))


def transitions(
    states: FloatArray, t_s: FloatArray, mu_m3_s2: float
) -> tuple[FloatArray, FloatArray]:
    """Each state moved by its own time, and the transition matrix of that motion.

    Parameters
    ----------
    states : array, shape (n, 6)
        Inertial, on ellipses [m], [m/s].
    t_s : array, shape (n,)
        How far each one is moved, either sign [s].
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    moved : array, shape (n, 6)
        [m], [m/s].
    stm : array, shape (n, 6, 6)
        d moved / d states, in m and m/s.

    Raises
    ------
    PropagationError
        If an orbit is not bound.

    References
    ----------
    .. [1] R. H. Battin, An Introduction to the Mathematics and Methods of Astrodynamics,
       revised edition, 1999, section 9.7.
    """
    r0, v0 = states[:, :3], states[:, 3:]
    f, g, f_dot, g_dot, secular = _lagrange_coefficients(states, t_s, mu_m3_s2)
    r, v = f * r0 + g * v0, f_dot * r0 + g_dot * v0
    stm = np.empty((t_s.size, 6, 6))
    size0, size = _size(r0), _size(r)
    dv, eye, mu = v - v0, np.eye(3), mu_m3_s2
    bend = size0 * (1 - f)
    stm[:, :3, :3] = (
        _outer(size / mu * dv, dv)
        + _outer((bend * r + secular * v) / size0**3, r0)
        + f[:, :, None] * eye
    )
    stm[:, :3, 3:] = (
        _outer(bend / mu * (r - r0), v0)
        - _outer(bend / mu * dv, r0)
        + _outer(secular / mu * v, v0)
        + g[:, :, None] * eye
    )
    turn = r * _dot(v, r) - v * size**2  # (r vᵀ − v rᵀ) r
    stm[:, 3:, :3] = (
        -_outer(dv / size0**2, r0)
        - _outer(r / size**2, dv)
        + f_dot[:, :, None] * (eye - _outer(r / size**2, r))
        + _outer(f_dot / (mu * size) * turn, dv)
        - _outer(mu * secular / (size**3 * size0**3) * r, r0)
    )
    stm[:, 3:, 3:] = (
        _outer(size0 / mu * dv, dv)
        + _outer((bend * r) / size**3, r0)
        - _outer(secular * r / size**3, v0)
        + g_dot[:, :, None] * eye
    )
    return np.hstack([r, v]), stm


def _lagrange_coefficients(
    states: FloatArray, t_s: FloatArray, mu: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """f, g, their rates and Battin's C, each of shape (n, 1)."""
    size0 = _size(states[:, :3])
    inverse = _inverse_axis(states, mu)
    if not np.all(inverse > 0):
        raise PropagationError(
            "two-body motion is along ellipses here and this orbit is not bound; "
            "check units and frame of the states"
        )
    a = 1.0 / inverse
    e_cos = 1 - size0 / a
    e_sin = _dot(states[:, :3], states[:, 3:]) / np.sqrt(mu * a)
    mean = np.sqrt(mu / a**3) * t_s[:, None]
    change = _eccentric_change(e_cos, e_sin, mean)
    sine, cosine = np.sin(change), np.cos(change)
    size = a * (1 - e_cos * cosine + e_sin * sine)
    f = 1 - a / size0 * (1 - cosine)
    g = np.sqrt(a**3 / mu) * (size0 / a * sine + e_sin * (1 - cosine))
    f_dot = -np.sqrt(mu * a) / (size * size0) * sine
    g_dot = 1 - a / size * (1 - cosine)
    u2 = a * (1 - cosine)
    secular = (a**1.5 * change * u2 - 3 * a**2.5 * (change - sine)) / np.sqrt(mu)
    return f, g, f_dot, g_dot, secular - t_s[:, None] * u2


def _inverse_axis(states: FloatArray, mu: float) -> FloatArray:
    speed2 = _dot(states[:, 3:], states[:, 3:])
    return np.asarray(2.0 / _size(states[:, :3]) - speed2 / mu)


def _eccentric_change(e_cos: FloatArray, e_sin: FloatArray, mean: FloatArray) -> FloatArray:
    """Change of eccentric anomaly: Newton on Kepler's equation for differences."""
    change = mean.copy()
    for _ in range(50):
        sine, cosine = np.sin(change), np.cos(change)
        residual = change - e_cos * sine + e_sin * (1 - cosine) - mean
        step = np.clip(residual / (1 - e_cos * cosine + e_sin * sine), -1.0, 1.0)
        change = change - step
        if np.all(np.abs(step) < 1e-12 * (1 + np.abs(change))):
            return np.asarray(change)
    raise PropagationError("Kepler's equation did not converge; check the states")


def carried_cov_rtn(
    cov_rtn: FloatArray, states: FloatArray, t_s: FloatArray, mu_m3_s2: float
) -> FloatArray:
    """Covariances carried along two-body motion, RTN axes before and after.

    Parameters
    ----------
    cov_rtn : array, shape (n, 6, 6)
        In RTN of `states`, velocities relative to inertial axes [m², m²/s, m²/s²]. One
        without velocity variances is not moved: the velocity is unknown then, not perfect.
    states : array, shape (n, 6)
        [m], [m/s].
    t_s : array, shape (n,)
        How far each is carried [s].
    mu_m3_s2 : float
        [m³/s²].

    Returns
    -------
    array, shape (n, 6, 6)
        In RTN of the moved states.

    Raises
    ------
    PropagationError
        If an orbit is not bound.
    """
    moved, stm = transitions(states, t_s, mu_m3_s2)
    to_rtn = np.swapaxes(state_rotation(moved), 1, 2)
    carry = to_rtn @ stm @ state_rotation(states)
    known = np.any(np.diagonal(cov_rtn, axis1=1, axis2=2)[:, 3:] > 0, axis=1)
    carry[~known] = np.eye(6)
    return np.asarray(carry @ cov_rtn @ np.swapaxes(carry, 1, 2))


def state_rotation(states: FloatArray) -> FloatArray:
    """RTN to inertial axes for position and velocity together, shape (n, 6, 6)."""
    turn = eci_from_rtn(states[:, :3], states[:, 3:])
    both = np.zeros((turn.shape[0], 6, 6))
    both[:, :3, :3] = both[:, 3:, 3:] = turn
    return both


def _size(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(vectors, axis=1, keepdims=True))


def _dot(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(np.sum(first * second, axis=1, keepdims=True))


def _outer(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(first[:, :, None] * second[:, None, :])

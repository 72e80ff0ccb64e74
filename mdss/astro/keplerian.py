"""Classical orbital elements to a state."""

from __future__ import annotations

from math import cos, isfinite, pi, remainder, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]


def state_from_keplerian(
    semi_major_axis_m: float,
    eccentricity: float,
    inclination_rad: float,
    ra_of_asc_node_rad: float,
    arg_of_pericenter_rad: float,
    true_anomaly_rad: float,
    mu_m3_s2: float,
) -> FloatArray:
    """State of osculating elements.

    Parameters
    ----------
    semi_major_axis_m : float
        Negative for a hyperbola [m].
    eccentricity : float
        0 or more, not 1.
    inclination_rad, ra_of_asc_node_rad, arg_of_pericenter_rad, true_anomaly_rad : float
        Angles on the axes that the state is wanted in [rad].
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    array, shape (6,)
        Position and velocity [m], [m/s].

    Raises
    ------
    PropagationError
        If axis and eccentricity fit no conic, or the anomaly is beyond a hyperbola's asymptote.

    References
    ----------
    .. [1] D. A. Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., algorithm 10.

    Examples
    --------
    >>> state = state_from_keplerian(7e6, 0.0, 0.0, 0.0, 0.0, 0.0, 3.986004418e14)
    >>> state.round(3).tolist()
    [7000000.0, 0.0, 0.0, 0.0, 7546.053, 0.0]
    """
    parameter = semi_major_axis_m * (1 - eccentricity**2)
    nearness = 1 + eccentricity * cos(true_anomaly_rad)
    possible = parameter > 0 and mu_m3_s2 > 0 and nearness > 0
    if not (possible and isfinite(parameter / nearness) and isfinite(mu_m3_s2 / parameter)):
        raise PropagationError(
            f"semi-major axis {semi_major_axis_m:g} m, eccentricity {eccentricity:g} and true "
            f"anomaly {true_anomaly_rad:g} rad describe no orbit"
        )
    c, s = cos(true_anomaly_rad), sin(true_anomaly_rad)
    speed = sqrt(mu_m3_s2 / parameter)
    in_plane_m = parameter / nearness * np.array([c, s, 0.0])
    in_plane_m_s = speed * np.array([-s, eccentricity + c, 0.0])
    turn = _turn_z(ra_of_asc_node_rad) @ _turn_x(inclination_rad) @ _turn_z(arg_of_pericenter_rad)
    return np.concatenate([turn @ in_plane_m, turn @ in_plane_m_s])


def true_from_mean_anomaly(mean_anomaly_rad: float, eccentricity: float) -> float:
    """True anomaly of an ellipse [rad], in (-π, π].

    Raises
    ------
    PropagationError
        If the eccentricity is not between 0 and 1.

    Examples
    --------
    >>> round(true_from_mean_anomaly(pi / 2, 0.1), 6)
    1.769481
    """
    if not 0 <= eccentricity < 1:
        raise PropagationError(f"an eccentricity of {eccentricity:g} is not that of an ellipse")
    mean = remainder(mean_anomaly_rad, 2 * pi)
    low, high = (0.0, pi) if mean >= 0 else (-pi, 0.0)
    for _ in range(60):  # bisection: no starting guess that could fail near e = 1
        middle = 0.5 * (low + high)
        if middle - eccentricity * sin(middle) < mean:
            low = middle
        else:
            high = middle
    half = 0.25 * (low + high)
    root = sqrt((1 + eccentricity) / (1 - eccentricity))
    return 2 * float(np.arctan2(root * sin(half), cos(half)))


def _turn_x(angle_rad: float) -> FloatArray:
    c, s = cos(angle_rad), sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _turn_z(angle_rad: float) -> FloatArray:
    c, s = cos(angle_rad), sin(angle_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])

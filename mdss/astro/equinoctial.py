"""Equinoctial elements: two-body motion in which a long orbit error stays Gaussian.

An error of 80 km along the orbit bends with it: Cartesian coordinates make a banana of it,
equinoctial elements a straight line, because only the mean longitude changes.

Elements are (n, af, ag, chi, psi, lM): mean motion [rad/s], eccentricity vector on the
equinoctial axes, tan(i/2) times sine and cosine of the node, mean longitude [rad].

References
----------
.. [1] R. A. Broucke and P. J. Cefola, Celestial Mechanics 5, 1972.
.. [2] D. A. Vallado and S. Alfano, AAS 15-537, 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, cos, isfinite, pi, remainder, sin, sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mdss.astro.twobody import MU_EARTH_M3_S2
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]
Elements: TypeAlias = tuple[float, float, float, float, float, float]
Vector: TypeAlias = tuple[float, float, float]

_RETROGRADE_LIMIT = 1e-6  # 1 + w_z below this: the elements are singular
_REGULAR_LIMIT = 0.01  # and above this far from it: small errors of the plane stay Gaussian


def elements_from_state(state: Sequence[float], mu_m3_s2: float = MU_EARTH_M3_S2) -> Elements:
    """Equinoctial elements of an elliptic orbit.

    Parameters
    ----------
    state : six floats
        Inertial position [m] and velocity [m/s].
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    tuple of six floats
        (n [rad/s], af, ag, chi, psi, lM [rad, 0 to 2π)).

    Raises
    ------
    PropagationError
        If the orbit is not an ellipse, is a straight line, or is equatorial and retrograde
        (permute the axes then, see `regular_axes`).

    Examples
    --------
    >>> n, af, ag, chi, psi, longitude = elements_from_state([0, 7e6, 0, -8000, 0, 0])
    >>> f"{n:.6e} rad/s, e-vector ({af:.4f}, {ag:.4f}), lM {longitude:.4f} rad"
    '8.839509e-04 rad/s, e-vector (0.0000, 0.1239), lM 1.5708 rad'
    """
    x, y, z, vx, vy, vz = state
    radius = sqrt(x * x + y * y + z * z)
    speed2 = vx * vx + vy * vy + vz * vz
    a = _semi_major_axis(radius, speed2, mu_m3_s2)
    w_x, w_y, w_z = _orbit_normal(state)
    if not 1 + w_z > _RETROGRADE_LIMIT:
        raise PropagationError(
            f"equinoctial elements are singular at inclination 180° (1 + w_z = {1 + w_z:.1e}); "
            "permute the axes"
        )
    chi, psi = w_x / (1 + w_z), -w_y / (1 + w_z)
    f, g, _ = _axes(chi, psi)
    along, across = speed2 - mu_m3_s2 / radius, x * vx + y * vy + z * vz
    X, Y = f[0] * x + f[1] * y + f[2] * z, g[0] * x + g[1] * y + g[2] * z
    Vx, Vy = f[0] * vx + f[1] * vy + f[2] * vz, g[0] * vx + g[1] * vy + g[2] * vz
    af, ag = (along * X - across * Vx) / mu_m3_s2, (along * Y - across * Vy) / mu_m3_s2
    n = sqrt(mu_m3_s2 / a) / a
    return n, af, ag, chi, psi, _mean_longitude(af, ag, a, X, Y)


def _semi_major_axis(radius: float, speed2: float, mu: float) -> float:
    energy2 = 2 * mu - speed2 * radius  # > 0 for an ellipse
    if not isfinite(energy2):
        raise PropagationError("the state is not a finite number")
    if not (radius > 0 and energy2 > 1e-12 * mu):
        raise PropagationError(
            f"not an elliptic orbit: {sqrt(speed2):.6g} m/s at {radius:.6g} m from the centre"
        )
    return mu * radius / energy2


def _orbit_normal(state: Sequence[float]) -> Vector:
    x, y, z, vx, vy, vz = state
    hx, hy, hz = y * vz - z * vy, z * vx - x * vz, x * vy - y * vx
    size = sqrt(hx * hx + hy * hy + hz * hz)
    scale = sqrt((x * x + y * y + z * z) * (vx * vx + vy * vy + vz * vz))
    if not size > 1e-9 * scale:
        raise PropagationError("position and velocity are parallel: no orbit plane")
    return hx / size, hy / size, hz / size


def _axes(chi: float, psi: float) -> tuple[Vector, Vector, Vector]:
    """The equinoctial unit vectors f, g in the orbit plane and w normal to it."""
    c2, p2, cp = chi * chi, psi * psi, 2 * chi * psi
    C = 1 + c2 + p2
    return (
        ((1 - c2 + p2) / C, cp / C, -2 * chi / C),
        (cp / C, (1 + c2 - p2) / C, 2 * psi / C),
        (2 * chi / C, -2 * psi / C, (1 - c2 - p2) / C),
    )


def _mean_longitude(af: float, ag: float, a: float, X: float, Y: float) -> float:
    e2 = af * af + ag * ag
    if not e2 < 1:
        raise PropagationError(f"not an elliptic orbit: eccentricity {sqrt(e2):.9g}")
    B = sqrt(1 - e2)
    b = 1 / (1 + B)
    s = ag + ((1 - ag * ag * b) * Y - b * af * ag * X) / (a * B)
    c = af + ((1 - af * af * b) * X - b * af * ag * Y) / (a * B)
    return (atan2(s, c) + ag * c - af * s) % (2 * pi)


def at_time(elements: Elements, t_s: float) -> Elements:
    """The elements `t_s` seconds later: only the mean longitude moves."""
    n, af, ag, chi, psi, longitude = elements
    return n, af, ag, chi, psi, (longitude + n * t_s) % (2 * pi)


def difference(first: Elements, second: Elements) -> list[float]:
    """`first` minus `second`, the mean longitude on the shorter way round."""
    delta = [p - q for p, q in zip(first[:5], second[:5], strict=True)]
    return [*delta, remainder(first[5] - second[5], 2 * pi)]


def state_from_elements(elements: Elements, mu_m3_s2: float = MU_EARTH_M3_S2) -> tuple[float, ...]:
    """Inertial position [m] and velocity [m/s] of equinoctial elements.

    Parameters
    ----------
    elements : six floats
        (n [rad/s], af, ag, chi, psi, lM [rad]) at the instant wanted.
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    tuple of six floats

    Raises
    ------
    PropagationError
        If Kepler's equation does not converge (eccentricity at or above 1).
    """
    n, af, ag, chi, psi, longitude = elements
    a = (mu_m3_s2 / (n * n)) ** (1 / 3)
    F = _eccentric_longitude(af, ag, longitude)
    s, c = sin(F), cos(F)
    b = 1 / (1 + sqrt(1 - af * af - ag * ag))
    k1, k2, k12 = 1 - ag * ag * b, 1 - af * af * b, af * ag * b
    X, Y = a * (k1 * c + k12 * s - af), a * (k2 * s + k12 * c - ag)
    rate = n * a / (1 - af * c - ag * s)
    Vx, Vy = rate * (k12 * c - k1 * s), rate * (k2 * c - k12 * s)
    f, g, _ = _axes(chi, psi)
    position = [X * p + Y * q for p, q in zip(f, g, strict=True)]
    return (*position, *(Vx * p + Vy * q for p, q in zip(f, g, strict=True)))


def _eccentric_longitude(af: float, ag: float, longitude: float) -> float:
    """Solve F + ag cos F − af sin F = lM by Newton's method."""
    if not af * af + ag * ag < 1:
        raise PropagationError(f"not an elliptic orbit: eccentricity {sqrt(af * af + ag * ag):.9g}")
    F = longitude
    for _ in range(100):
        s, c = sin(F), cos(F)
        step = (F + ag * c - af * s - longitude) / (1 - ag * s - af * c)
        F -= max(-1.0, min(1.0, step))  # bounded: stays near the root at high eccentricity
        if abs(step) < 1e-13:
            return F
    raise PropagationError(f"Kepler's equation did not converge for af = {af:g}, ag = {ag:g}")


def jacobian(
    elements: Elements,
    state: Sequence[float],
    t_s: float = 0.0,
    mu_m3_s2: float = MU_EARTH_M3_S2,
) -> FloatArray:
    """Derivative of the state at `t_s` with respect to the elements at epoch.

    Parameters
    ----------
    elements : six floats
        Elements; the mean longitude is not used, so epoch or current ones will do.
    state : six floats
        Inertial state [m, m/s] at `t_s` on this orbit.
    t_s : float
        Time since the epoch of the elements [s]; an error of n grows into lM with it.
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].

    Returns
    -------
    array, shape (6, 6)
        Rows x, y, z, vx, vy, vz; columns n, af, ag, chi, psi, lM.

    References
    ----------
    .. [1] R. A. Broucke and P. J. Cefola, Celestial Mechanics 5, 1972.
    """
    n, af, ag, chi, psi, _ = elements
    x, y, z, vx, vy, vz = state
    f, g, w = _axes(chi, psi)
    a = (mu_m3_s2 / (n * n)) ** (1 / 3)
    A, B = n * a * a, sqrt(1 - af * af - ag * ag)
    AB, q = A * B, n * (1 + B)
    X, Y = f[0] * x + f[1] * y + f[2] * z, g[0] * x + g[1] * y + g[2] * z
    Vx, Vy = f[0] * vx + f[1] * vy + f[2] * vz, g[0] * vx + g[1] * vy + g[2] * vz
    r3 = (x * x + y * y + z * z) ** 1.5
    p, h = A / r3, -n * a**3 / r3
    u = a / (1 + B)
    in_plane = (  # (position f, position g, velocity f, velocity g) for af, ag
        (
            ag * Vx / q + a * (Y * Vx / AB - 1),
            ag * Vy / q - a * X * Vx / AB,
            a * Vx * Vy / AB - p * (u * ag * X + X * Y / B),
            -a * Vx * Vx / AB - p * (u * ag * Y - X * X / B),
        ),
        (
            -af * Vx / q + a * Y * Vy / AB,
            -af * Vy / q - a * (X * Vy / AB + 1),
            a * Vy * Vy / AB + p * (u * af * X - Y * Y / B),
            -a * Vx * Vy / AB + p * (u * af * Y + X * Y / B),
        ),
    )
    k = 2 / (1 + chi * chi + psi * psi)
    tilts = (  # the same with a third number along w, for chi, psi
        (k * psi * Y, -k * psi * X, -k * X, k * psi * Vy, -k * psi * Vx, -k * Vx),
        (-k * chi * Y, k * chi * X, k * Y, -k * chi * Vy, k * chi * Vx, k * Vy),
    )
    along = (vx / n, vy / n, vz / n, h * x, h * y, h * z)
    m = -2 / (3 * n)
    drift = (m * x, m * y, m * z, vx / (3 * n), vy / (3 * n), vz / (3 * n))
    f0, f1, f2 = f
    g0, g1, g2 = g
    w0, w1, w2 = w
    columns = [[d + t_s * v for d, v in zip(drift, along, strict=True)]]
    for pf, pg, vf, vg in in_plane:
        columns.append(
            [
                pf * f0 + pg * g0,
                pf * f1 + pg * g1,
                pf * f2 + pg * g2,
                vf * f0 + vg * g0,
                vf * f1 + vg * g1,
                vf * f2 + vg * g2,
            ]
        )
    for pf, pg, pw, vf, vg, vw in tilts:
        columns.append(
            [
                pf * f0 + pg * g0 + pw * w0,
                pf * f1 + pg * g1 + pw * w1,
                pf * f2 + pg * g2 + pw * w2,
                vf * f0 + vg * g0 + vw * w0,
                vf * f1 + vg * g1 + vw * w1,
                vf * f2 + vg * g2 + vw * w2,
            ]
        )
    columns.append(list(along))
    return np.array(columns).T


def regular_axes(*states: Sequence[float]) -> list[int]:
    """A cyclic order of the axes in which no orbit is nearly equatorial and retrograde.

    Parameters
    ----------
    *states : six floats each
        Inertial states [m, m/s], at most two.

    Returns
    -------
    list of three int
        Index for vectors: `position[order]`. [0, 1, 2] for nearly all orbits.

    Raises
    ------
    PropagationError
        If a state has no orbit plane.
    """
    normals = [_orbit_normal(state) for state in states]
    for last in (2, 0, 1):
        if all(1 + w[last] > _REGULAR_LIMIT for w in normals):
            return [(last + 1) % 3, (last + 2) % 3, last]
    raise PropagationError("three orbits fill all axes; give at most two")

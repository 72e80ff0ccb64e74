"""Directions over the sphere, and the flux of probability through it.

Two bodies collide when their relative position crosses, inwards, the sphere whose radius is the sum
of theirs. Both conjunction counts integrate that flux over the directions of the sphere.

References
----------
.. [1] V. T. Coppola, AAS 12-247, 2012.
.. [2] D. T. Hall, Journal of Spacecraft and Rockets 58(3), 2021.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_LEBEDEV_DEGREE = 131  # 5,810 directions, as the published values use
_SQRT_2 = np.sqrt(2.0)
_SQRT_PI = np.sqrt(np.pi)
_TAIL_ENDS = 27.3  # where exp(−z²) underflows


class Directions(NamedTuple):
    """Unit vectors (n, 3) and their solid angles (n,), which sum to 4π."""

    units: FloatArray
    solid_angles: FloatArray


@lru_cache(maxsize=1)
def lebedev_directions() -> Directions:
    """The 5,810 directions of Lebedev's rule of degree 131."""
    from scipy.integrate import lebedev_rule

    units, weights = lebedev_rule(_LEBEDEV_DEGREE)
    return Directions(np.ascontiguousarray(units.T), weights)


@lru_cache(maxsize=1)
def lebedev_squares() -> FloatArray:
    """Products of the components of each Lebedev direction, shape (5810, 9)."""
    units = lebedev_directions().units
    return (units[:, :, None] * units[:, None, :]).reshape(-1, 9)


def split_directions(pole: FloatArray, n_polar: int = 60, n_azimuth: int = 120) -> Directions:
    """A product rule about a pole, split at its equator.

    The flux has a near-kink where the direction is normal to the relative velocity; with the pole
    along that velocity the kink lies on the split and costs nothing.

    Parameters
    ----------
    pole : array, shape (3,)
        Any length above zero.
    n_polar, n_azimuth : int
        Gauss-Legendre nodes in each half, and equal steps of azimuth.
    """
    cosines, weights = _both_halves(n_polar)
    azimuths = 2 * np.pi * (np.arange(n_azimuth) + 0.5) / n_azimuth
    sines = np.sqrt(1 - cosines**2)
    units = np.stack(
        [
            np.outer(sines, np.cos(azimuths)),
            np.outer(sines, np.sin(azimuths)),
            np.outer(cosines, np.ones(n_azimuth)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    return Directions(
        units @ _axes_about(pole), np.repeat(weights, n_azimuth) * 2 * np.pi / n_azimuth
    )


@lru_cache(maxsize=8)
def _both_halves(n: int) -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(n)
    upper = (nodes + 1) / 2
    return np.concatenate([-upper[::-1], upper]), np.concatenate([weights[::-1], weights]) / 2


def _axes_about(pole: FloatArray) -> FloatArray:
    """Rows: two unit vectors normal to the pole, and the pole."""
    z = pole / np.linalg.norm(pole)
    x = np.cross(z, np.eye(3)[int(np.argmin(np.abs(z)))])
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])


def inward_flux(speed_m_s: FloatArray, variance_m2_s2: FloatArray) -> FloatArray:
    """Mean of max(0, −v) for a normal v: how fast probability streams inwards.

    Parameters
    ----------
    speed_m_s : array
        Mean outward velocity along each direction [m/s].
    variance_m2_s2 : array
        Its variance; zero or less counts as exactly known [m²/s²].

    Returns
    -------
    array
        [m/s].
    """
    from scipy.special import erfcx

    sigma = np.sqrt(np.maximum(variance_m2_s2, 0.0))
    known = sigma < 1e-12 * np.abs(speed_m_s) + 1e-300
    z = np.abs(speed_m_s) / np.where(known, 1.0, sigma * _SQRT_2)
    # 1 − √π z erfcx(z) keeps its digits where exp(−z²) − √π z erfc(z) loses them; below zero
    # erfcx overflows and the mirrored form is exact
    tail = np.zeros(z.shape)
    near = z < _TAIL_ENDS
    tail[near] = np.exp(-(z[near] ** 2)) * (1 - _SQRT_PI * z[near] * erfcx(z[near]))
    inwards = np.maximum(0.0, -speed_m_s)
    return np.where(known, inwards, sigma / (_SQRT_2 * _SQRT_PI) * tail + inwards)

"""What a collision leaves: the collision part of the NASA standard breakup model."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

CATASTROPHIC_J_KG = 40_000.0
"""Energy per mass of the heavier object above which it breaks up completely (40 J/g)."""
SPEED_EXPONENT = 2.0


def specific_energy_j_kg(
    mass1_kg: ArrayLike, mass2_kg: ArrayLike, speed_m_s: ArrayLike
) -> FloatArray:
    """Kinetic energy of the lighter object over the mass of the heavier one [J/kg].

    Parameters
    ----------
    mass1_kg, mass2_kg, speed_m_s : array_like
        Masses [kg] and relative speed [m/s], broadcast together.

    Returns
    -------
    array
        0 where both masses are.
    """
    first, second = np.asarray(mass1_kg, dtype=float), np.asarray(mass2_kg, dtype=float)
    light, heavy = np.minimum(first, second), np.maximum(first, second)
    ratio = light / np.where(heavy > 0, heavy, 1.0)
    return np.asarray(ratio * np.asarray(speed_m_s, dtype=float) ** 2 / 2)


def is_catastrophic(
    mass1_kg: ArrayLike, mass2_kg: ArrayLike, speed_m_s: ArrayLike
) -> NDArray[np.bool_]:
    """Whether both objects break up completely: more than 40 J per gram of the heavier one.

    Below 283 m/s no masses make a collision catastrophic.
    """
    return np.asarray(specific_energy_j_kg(mass1_kg, mass2_kg, speed_m_s) > CATASTROPHIC_J_KG)


def fragment_count(
    mass1_kg: ArrayLike,
    mass2_kg: ArrayLike,
    speed_m_s: ArrayLike,
    smallest_m: float = 0.05,
    speed_exponent: float = SPEED_EXPONENT,
) -> FloatArray:
    """Number of fragments of a characteristic length and above.

    Parameters
    ----------
    mass1_kg, mass2_kg, speed_m_s : array_like
        Masses [kg] and relative speed [m/s], broadcast together.
    smallest_m : float
        Characteristic length, the mean of three extents of a fragment [m].
    speed_exponent : float
        p in the mass of a collision that is not catastrophic, see Notes.

    Returns
    -------
    array
        0.1 M^0.75 L^-1.71, not rounded. M is the sum of both masses [kg] when the collision is
        catastrophic, else the mass of the lighter object times (speed in km/s)^p.

    Notes
    -----
    From ground tests of hypervelocity impacts and one in orbit: several km/s, direct hits of
    spacecraft-like bodies. Slow and grazing contacts are outside it.

    Publications print p = 1 [1]_ [3]_; p = 2 is the correction of [2]_, in use at NASA CARA since
    2025. At 10 km/s they differ by a factor of 5.6.

    References
    ----------
    .. [1] N. L. Johnson et al., "NASA's new breakup model of EVOLVE 4.0", Advances in Space
       Research 28(9), 2001.
    .. [2] P. Krisko, "Proper implementation of the 1998 NASA breakup model", Orbital Debris
       Quarterly News 15(4), 2011.
    .. [3] T. Lechtenberg, "An operational algorithm for evaluating satellite collision
       consequence", AAS 19-669, 2019.

    Examples
    --------
    >>> fragment_count(2000.0, [0.01, 1000.0], 10e3).round().tolist()
    [17.0, 6801.0]
    """
    first, second = np.asarray(mass1_kg, dtype=float), np.asarray(mass2_kg, dtype=float)
    speed_km_s = np.asarray(speed_m_s, dtype=float) / 1e3
    partial = np.minimum(first, second) * speed_km_s**speed_exponent
    whole = is_catastrophic(first, second, speed_m_s)
    mass = np.where(whole, first + second, partial)
    return np.asarray(0.1 * mass**0.75 * smallest_m**-1.71)

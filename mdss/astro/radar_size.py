"""Size and mass of an object from its radar cross section and its drag."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

WAVELENGTH_M = 299_792_458.0 / 2.0e9
"""Of a radar at 2000 MHz, taken where the sensor is not known [m]."""

_DIAMETERS = np.array([
    0.10997, 0.11685, 0.12444, 0.13302, 0.14256, 0.15256, 0.16220, 0.17138,
    0.18039, 0.18982, 0.20014, 0.21237, 0.22902, 0.25574, 0.30537, 0.42028,
    0.56287, 0.71108, 0.86714, 1.0529, 1.2790, 1.5661, 1.8975,
])  # fmt: skip
_CROSS_SECTIONS = np.array([
    0.001220, 0.001735, 0.002468, 0.003511, 0.004993, 0.007102, 0.01010, 0.01437,
    0.02044, 0.02907, 0.04135, 0.05881, 0.08365, 0.1190, 0.1692, 0.2407,
    0.3424, 0.4870, 0.6927, 0.9852, 1.401, 1.993, 2.835,
])  # fmt: skip
"""The size estimation model between Rayleigh and optical scattering, in wavelengths."""

_SHAPE, _MEAN_OVER_MEDIAN = 2.0, 1.19
"""Of the cross section of a tumbling object, Swerling type III."""


def diameter_m(cross_section_m2: ArrayLike, wavelength_m: float = WAVELENGTH_M) -> FloatArray:
    """Characteristic length of an object by its radar cross section.

    Parameters
    ----------
    cross_section_m2 : array_like
        Above 0 [m²].
    wavelength_m : float
        Of the radar [m].

    Notes
    -----
    Optical above 2.835 wavelengths squared, Rayleigh below 0.00122, a table between. The model
    was fitted to fragments of ground tests: a mean over shapes and attitudes.

    References
    ----------
    .. [1] C. L. Stokely et al., Haystack and HAX Radar Measurements of the Orbital Debris
       Environment, NASA JSC-62815, 2006 (NASA size estimation model).

    Examples
    --------
    >>> diameter_m([1e-5, 0.01, 10.0]).round(3).tolist()
    [0.014, 0.1, 3.568]
    """
    section = np.asarray(cross_section_m2, dtype=float) / wavelength_m**2
    between = np.interp(np.log(section), np.log(_CROSS_SECTIONS), np.log(_DIAMETERS))
    rayleigh = (4 * section / (9 * np.pi**5)) ** (1 / 6)
    optical = np.sqrt(4 * section / np.pi)
    in_wavelengths = np.where(
        section > _CROSS_SECTIONS[-1],
        optical,
        np.where(section < _CROSS_SECTIONS[0], rayleigh, np.exp(between)),
    )
    return np.asarray(in_wavelengths * wavelength_m)


def cross_section_samples_m2(
    median_m2: float, count: int, generator: np.random.Generator
) -> FloatArray:
    """Random radar cross sections of a tumbling object about their median, shape (count,) [m²].

    Swerling type III: a gamma distribution of shape 2 whose mean is 1.19 medians.
    """
    scale_m2 = median_m2 * _MEAN_OVER_MEDIAN / _SHAPE
    return np.asarray(generator.gamma(_SHAPE, scale_m2, count))


def mass_kg(size_m: ArrayLike, coefficient: ArrayLike, ballistic_m2_kg: ArrayLike) -> FloatArray:
    """Mass of a sphere of a diameter by its C·A/m [kg].

    Parameters
    ----------
    size_m : array_like
        Diameter [m].
    coefficient : array_like
        C: of drag, or of radiation pressure.
    ballistic_m2_kg : array_like
        C·A/m [m²/kg].
    """
    area_m2 = np.pi / 4 * np.asarray(size_m, dtype=float) ** 2
    return np.asarray(np.asarray(coefficient) * area_m2 / np.asarray(ballistic_m2_kg))

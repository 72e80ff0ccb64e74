"""The mass of an object: as somebody gives it, or estimated with a band."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mdss.astro import radar_size
from mdss.conjunction import ObjectState
from mdss.errors import ConjunctionError

FloatArray = NDArray[np.float64]

SAMPLES = 20_000
"""So many that the quantiles of a band repeat to about 2 %."""
QUANTILES = (0.05, 0.5, 0.95)

_DRAG_COEFFICIENT = (2.1, 2.9)
_PRESSURE_COEFFICIENT = (1.0, 1.6)
_LEAST_BALLISTIC_M2_KG = 1e-4
_SMALLEST_TRACKED_M = 0.1
_LARGEST_MADE_M = 109.0
"""Span of the International Space Station: nothing larger was made."""
_CALIBRATION = (0.47, 10.9)
_NORMAL_95 = 1.6448536269514722


class MassSource(StrEnum):
    """Where a mass comes from."""

    GIVEN = "given"
    SPACECRAFT_FILE = "spacecraft-file"
    MESSAGE = "message"
    RADAR = "radar-cross-section"
    AREA = "area"
    RADIUS = "hard-body-radius"

    @property
    def is_estimate(self) -> bool:
        """Whether nobody states the mass itself."""
        return self in (MassSource.RADAR, MassSource.AREA, MassSource.RADIUS)


@dataclass(frozen=True, kw_only=True)
class Band:
    """A number that is not known well: the 5 %, 50 % and 95 % quantiles."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, samples: FloatArray) -> Band:
        """The quantiles of samples, shape (n,)."""
        low, median, high = np.quantile(samples, QUANTILES).tolist()
        return cls(low=low, median=median, high=high)

    def times(self, factor: float) -> Band:
        """Every quantile multiplied by a factor of 0 or more."""
        return Band(low=factor * self.low, median=factor * self.median, high=factor * self.high)


@dataclass(frozen=True, kw_only=True, eq=False)
class MassEstimate:
    """A mass with its source.

    Parameters
    ----------
    source : MassSource
    samples_kg : array, shape (n,)
        Possible masses, equally likely [kg]; one of them when the mass is given.
    """

    source: MassSource
    samples_kg: FloatArray = field(repr=False)

    @property
    def band_kg(self) -> Band:
        """Quantiles of the mass [kg]."""
        return Band.of(self.samples_kg)


def stated_mass(mass_kg: float, source: MassSource) -> MassEstimate:
    """A mass that somebody states.

    Raises
    ------
    ConjunctionError
        If it is not above 0 kg.
    """
    if not (math.isfinite(mass_kg) and mass_kg > 0):
        raise ConjunctionError(f"the mass ({source}) must be above 0 kg, got {mass_kg:g}")
    return MassEstimate(source=source, samples_kg=np.array([float(mass_kg)]))


def estimated_mass(
    thing: ObjectState,
    *,
    largest_radius_m: float,
    radar_cross_section_m2: float | None = None,
    wavelength_m: float = radar_size.WAVELENGTH_M,
    seed: int = 0,
) -> MassEstimate | None:
    """The mass by drag (or radiation pressure) and size, None where the message tells neither.

    Parameters
    ----------
    thing : ObjectState
        For its Cd·A/m, or Cr·A/m where drag says nothing, and its area.
    largest_radius_m : float
        No part of the object is farther from its centre [m]; the bound where no size is known.
    radar_cross_section_m2 : float, optional
        Median [m²].
    wavelength_m : float
        Of the radar [m].
    seed : int
        Of the random samples.

    Raises
    ------
    ConjunctionError
        If the radar cross section is not above 0 m².

    Notes
    -----
    m = C A / (C A/m). The size is the radar's, else that of the message's area, else anything
    between 10 cm and the hard-body sphere (uniform in its logarithm). Cd is 2.1 to 2.9 [1]_. Such
    masses were found right to factors between 0.47 and 10.9 [1]_; the band contains that.
    Cr is 1.0 to 1.6 (ours).

    References
    ----------
    .. [1] D. Hall and L. Baars, "Satellite collision and fragmentation probabilities using
       radar-based size and mass estimates", Journal of Spacecraft and Rockets, 2023.
    """
    generator = np.random.default_rng(seed)
    ballistic = _ballistic(thing)
    if ballistic is None:
        return None
    value_m2_kg, coefficients = ballistic
    source, sizes_m = _sizes(thing, largest_radius_m, radar_cross_section_m2, wavelength_m)
    masses = radar_size.mass_kg(
        sizes_m(generator), generator.uniform(*coefficients, SAMPLES), value_m2_kg
    )
    return MassEstimate(source=source, samples_kg=masses * _calibration(generator))


def _ballistic(thing: ObjectState) -> tuple[float, tuple[float, float]] | None:
    """C·A/m [m²/kg] and the range of C; negative and near-zero values say nothing."""
    pairs = (
        (thing.cd_area_over_mass_m2_kg, _DRAG_COEFFICIENT),
        (thing.cr_area_over_mass_m2_kg, _PRESSURE_COEFFICIENT),
    )
    for value, coefficients in pairs:
        if value is not None and value >= _LEAST_BALLISTIC_M2_KG:
            return value, coefficients
    return None


Sampler = Callable[[np.random.Generator], FloatArray]


def _sizes(
    thing: ObjectState, largest_radius_m: float, section_m2: float | None, wavelength_m: float
) -> tuple[MassSource, Sampler]:
    """Where the diameter comes from, and samples of it [m]."""
    if section_m2 is not None:
        if not (math.isfinite(section_m2) and section_m2 > 0):
            raise ConjunctionError(
                f"the radar cross section must be above 0 m², got {section_m2:g}"
            )
        return MassSource.RADAR, lambda generator: radar_size.diameter_m(
            radar_size.cross_section_samples_m2(section_m2, SAMPLES, generator), wavelength_m
        )
    if thing.radius_m is not None:
        diameter = 2 * thing.radius_m
        return MassSource.AREA, lambda generator: np.full(SAMPLES, diameter)
    largest = min(max(2 * largest_radius_m, _SMALLEST_TRACKED_M), _LARGEST_MADE_M)
    bounds = math.log(_SMALLEST_TRACKED_M), math.log(largest)
    return MassSource.RADIUS, lambda generator: np.exp(generator.uniform(*bounds, SAMPLES))


def _calibration(generator: np.random.Generator) -> FloatArray:
    """Factors of median 1 whose 5 % and 95 % quantiles are those that were found."""
    deviates = generator.standard_normal(SAMPLES) / _NORMAL_95
    low, high = math.log(_CALIBRATION[0]), math.log(_CALIBRATION[1])
    return np.asarray(np.exp(np.where(deviates < 0, -low * deviates, high * deviates)))

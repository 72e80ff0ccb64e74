"""What a collision would mean: catastrophic or not, and how many fragments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro import breakup, radar_size
from mdss.conjunction import ObjectState
from mdss.errors import ConjunctionError
from mdss.notices import Notice, NoticeCode
from mdss.risk.assess import Risk
from mdss.risk.mass_estimate import Band, MassEstimate, MassSource, estimated_mass, stated_mass
from mdss.spacecraft import Spacecraft

FloatArray = NDArray[np.float64]

ASSUMED_MASSES_KG = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
_SURE = 0.95
_HYPERVELOCITY_M_S = 1000.0
_PRINTED_EXPONENT = 1.0


@dataclass(frozen=True, kw_only=True)
class IfMass:
    """What a collision would leave if the secondary had a mass.

    Parameters
    ----------
    mass_kg : float
        Of the secondary [kg].
    fragments : float
    catastrophic : bool
    """

    mass_kg: float
    fragments: float
    catastrophic: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Consequence:
    """What a collision would leave.

    Parameters
    ----------
    speed_m_s : float
        Of the collision: the relative speed at closest approach [m/s].
    smallest_m : float
        Fragments of this characteristic length and above are counted [m].
    primary_mass, secondary_mass : MassEstimate or None
        None where nothing tells a mass.
    specific_energy_j_kg : Band or None
        Energy of the lighter object over the mass of the heavier one [J/kg].
    catastrophic_share : float or None
        Share of the possible masses with which the collision is catastrophic.
    fragments : Band or None
        Their number.
    fragments_printed : Band or None
        The same with the exponent of speed that publications print (1 instead of 2).
    if_secondary_mass : tuple of IfMass
        Over assumed masses of the secondary, with the median mass of the primary.
    notices : tuple of Notice
    """

    speed_m_s: float
    smallest_m: float
    primary_mass: MassEstimate | None
    secondary_mass: MassEstimate | None
    specific_energy_j_kg: Band | None
    catastrophic_share: float | None
    fragments: Band | None
    fragments_printed: Band | None
    if_secondary_mass: tuple[IfMass, ...]
    notices: tuple[Notice, ...]

    @property
    def catastrophic(self) -> str:
        """ "yes", "no", "possible", or "unknown" without masses."""
        share = self.catastrophic_share
        if share is None:
            return "unknown"
        if share >= _SURE:
            return "yes"
        return "no" if share <= 1 - _SURE else "possible"


def consequence(
    risk: Risk,
    spacecraft: Spacecraft | None = None,
    *,
    secondary_mass_kg: float | None = None,
    secondary_cross_section_m2: float | None = None,
    wavelength_m: float = radar_size.WAVELENGTH_M,
    smallest_m: float = 0.05,
    seed: int = 0,
) -> Consequence:
    """Energy, kind and fragments of the collision that a risk is about.

    Parameters
    ----------
    risk : Risk
    spacecraft : Spacecraft, optional
        The primary, for its mass; one that is merely assumed does not count.
    secondary_mass_kg : float, optional
        Overrides every other source [kg].
    secondary_cross_section_m2 : float, optional
        Median radar cross section of the secondary [m²].
    wavelength_m : float
        Of that radar [m].
    smallest_m : float
        Characteristic length from which fragments count [m]; 5 cm is about what is tracked in
        low orbits.
    seed : int
        Of the samples behind the bands.

    Raises
    ------
    ConjunctionError
        If a mass, cross section, wavelength or length is not above zero.

    Notes
    -----
    Masses come from the caller, the spacecraft file, the messages, in this order, else they are
    estimated (`estimated_mass`). Bands are 5 % and 95 % quantiles over possible masses; the error
    of the breakup model itself is not in them.

    References
    ----------
    .. [1] N. L. Johnson et al., Advances in Space Research 28(9), 2001; see `mdss.astro.breakup`.
    """
    _require_above_zero(smallest_m, "the smallest fragment")
    _require_above_zero(wavelength_m, "the radar's wavelength")
    conjunction = risk.conjunction
    primary = _primary_mass(risk, spacecraft, seed)
    secondary = _mass(
        conjunction.secondary,
        secondary_mass_kg,
        MassSource.GIVEN,
    ) or estimated_mass(
        conjunction.secondary,
        largest_radius_m=_secondary_radius_m(risk, spacecraft),
        radar_cross_section_m2=secondary_cross_section_m2,
        wavelength_m=wavelength_m,
        seed=seed + 1,
    )
    return _collision(conjunction.relative_speed_m_s, smallest_m, primary, secondary)


def risk_times_consequence(risk: Risk, outcome: Consequence) -> Band | None:
    """Fragments to be expected: Pc times the number that a collision would leave.

    Ranks events by what they do to the orbit. None where no mass is known; such an event must
    not be ranked last on that account.
    """
    return None if outcome.fragments is None else outcome.fragments.times(risk.pc)


def _require_above_zero(length_m: float, what: str) -> None:
    if not (np.isfinite(length_m) and length_m > 0):
        raise ConjunctionError(f"{what} must be above 0 m, got {length_m:g}")


# --- masses -------------------------------------------------------------------------------


def _primary_mass(risk: Risk, spacecraft: Spacecraft | None, seed: int) -> MassEstimate | None:
    known = spacecraft is not None and "mass_kg" not in spacecraft.assumed
    given_kg = spacecraft.mass_kg if spacecraft is not None and known else None
    primary = risk.conjunction.primary
    return _mass(primary, given_kg, MassSource.SPACECRAFT_FILE) or estimated_mass(
        primary, largest_radius_m=risk.hbr.radius_m, seed=seed
    )


def _mass(thing: ObjectState, given_kg: float | None, source: MassSource) -> MassEstimate | None:
    if given_kg is not None:
        return stated_mass(given_kg, source)
    return None if thing.mass_kg is None else stated_mass(thing.mass_kg, MassSource.MESSAGE)


def _secondary_radius_m(risk: Risk, spacecraft: Spacecraft | None) -> float:
    """What the primary leaves of the combined radius [m]."""
    own = risk.conjunction.primary.radius_m
    if spacecraft is not None and spacecraft.radius_m is not None:
        own = spacecraft.radius_m
    left = risk.hbr.radius_m - (own or 0.0)
    return left if left > 0 else risk.hbr.radius_m


# --- collision ----------------------------------------------------------------------------


def _collision(
    speed_m_s: float,
    smallest_m: float,
    primary: MassEstimate | None,
    secondary: MassEstimate | None,
) -> Consequence:
    energy = share = counts = printed = None
    if primary is not None and secondary is not None:
        masses = primary.samples_kg, secondary.samples_kg
        energy = Band.of(np.atleast_1d(breakup.specific_energy_j_kg(*masses, speed_m_s)))
        share = float(np.mean(breakup.is_catastrophic(*masses, speed_m_s)))
        counts = _fragments(*masses, speed_m_s, smallest_m, breakup.SPEED_EXPONENT)
        printed = _fragments(*masses, speed_m_s, smallest_m, _PRINTED_EXPONENT)
    return Consequence(
        speed_m_s=speed_m_s,
        smallest_m=smallest_m,
        primary_mass=primary,
        secondary_mass=secondary,
        specific_energy_j_kg=energy,
        catastrophic_share=share,
        fragments=counts,
        fragments_printed=printed,
        if_secondary_mass=_over_masses(primary, speed_m_s, smallest_m),
        notices=(
            *_mass_notices("primary", primary),
            *_mass_notices("secondary", secondary),
            *_model_notices(speed_m_s, counts, printed),
        ),
    )


def _fragments(
    first_kg: FloatArray,
    second_kg: FloatArray,
    speed_m_s: float,
    smallest_m: float,
    exponent: float,
) -> Band:
    counts = breakup.fragment_count(first_kg, second_kg, speed_m_s, smallest_m, exponent)
    return Band.of(np.atleast_1d(counts))


def _over_masses(
    primary: MassEstimate | None, speed_m_s: float, smallest_m: float
) -> tuple[IfMass, ...]:
    if primary is None:
        return ()
    ours = primary.band_kg.median
    return tuple(
        IfMass(
            mass_kg=mass,
            fragments=float(breakup.fragment_count(ours, mass, speed_m_s, smallest_m)),
            catastrophic=bool(breakup.is_catastrophic(ours, mass, speed_m_s)),
        )
        for mass in ASSUMED_MASSES_KG
    )


# --- notices ------------------------------------------------------------------------------


_ESTIMATED_FROM = {
    MassSource.RADAR: "its radar cross section and drag",
    MassSource.AREA: "its area and drag",
    MassSource.RADIUS: "its drag and a size anywhere between 10 cm and the hard-body sphere",
}


def _mass_notices(role: str, mass: MassEstimate | None) -> tuple[Notice, ...]:
    if mass is None:
        message = (
            f"The mass of the {role} is not known, nor a drag to estimate it from: no number of "
            "fragments. Give its mass."
        )
    elif mass.source.is_estimate:
        low, high = (_two_digits(one) for one in (mass.band_kg.low, mass.band_kg.high))
        message = (
            f"The mass of the {role} is estimated from {_ESTIMATED_FROM[mass.source]}: "
            f"{low} to {high} kg (90 %). The number of fragments is no better. Give the mass where "
            "it is known."
        )
    else:
        return ()
    return (Notice(code=NoticeCode.ASSUMED_VALUE, message=message),)


def _two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):,.10g}"


def _model_notices(
    speed_m_s: float, counts: Band | None, printed: Band | None
) -> tuple[Notice, ...]:
    messages = []
    if speed_m_s < _HYPERVELOCITY_M_S:
        messages.append(
            f"The breakup model rests on impacts of several km/s; at {speed_m_s:.0f} m/s take its "
            "number of fragments as an order of magnitude."
        )
    if counts is not None and printed is not None and counts.median != printed.median:
        messages.append(
            "Below 40 J/g the model multiplies the smaller mass by a power of the speed in km/s: "
            "2 (Krisko 2011, NASA CARA since 2025) is used. Other publications print 1, which "
            f"gives {_two_digits(printed.median)} fragments, not {_two_digits(counts.median)}."
        )
    return tuple(Notice(code=NoticeCode.ASSUMED_VALUE, message=one) for one in messages)

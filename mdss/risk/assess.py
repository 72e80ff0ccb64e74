"""The risk of one conjunction: which radius, which Pc, and what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from mdss.astro.encounter import EncounterPlane
from mdss.astro.probability import pc_2d, principal_axes
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import ConjunctionError, CovarianceError
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.policy import DensityCorrelation, Policy
from mdss.risk.encounter_pc import EncounterPc, encounter_pc
from mdss.risk.methods import Choice, Effort, PcMethod
from mdss.risk.plane import plane_of
from mdss.risk.validity import Validity2D
from mdss.spacecraft import Spacecraft


class HbrSource(StrEnum):
    """Where a hard-body radius comes from, in order of precedence."""

    COMMAND_LINE = "command-line"
    SPACECRAFT_FILE = "spacecraft-file"
    MESSAGE = "message"
    RADII = "radii"
    POLICY = "policy"


_DEFAULT_SIGMA_M = 0.99 * 10 * 6378135.0
"""Position sigmas from here on mean "unknown" in the messages of some providers."""
_RADII_M = (1e-6, 1e7)  # generous; far outside, squares leave the range of doubles
_SHIFT_WORTH_SAYING_S = 0.5
_MESSAGE_PC_RATIO = 1.1


@dataclass(frozen=True, kw_only=True)
class HardBodyRadius:
    """A combined radius and where it comes from.

    Parameters
    ----------
    radius_m : float
        [m].
    source : HbrSource
    """

    radius_m: float
    source: HbrSource

    def __post_init__(self) -> None:
        if not (math.isfinite(self.radius_m) and self.radius_m > 0):
            raise ConjunctionError(
                f"the hard-body radius ({self.source}) must be above 0 m, got {self.radius_m:g}"
            )
        if not _RADII_M[0] <= self.radius_m <= _RADII_M[1]:
            raise ConjunctionError(
                f"the hard-body radius ({self.source}) is {self.radius_m:g} m, which no object "
                "has; give it in metres"
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Risk:
    """The collision risk of one conjunction.

    Parameters
    ----------
    conjunction : Conjunction
        Its density errors correlated if the policy wants that.
    encounter : EncounterPc
        The recommended probability, and what the other methods say.
    pc_2d_density : float or None
        2D Pc with the shared density error, when both objects carry it.
    hbr : HardBodyRadius
    pc_at_other_hbr : tuple of (HardBodyRadius, float)
        2D Pc at the radii of the sources that were not used and differ.
    notices : tuple of Notice
    """

    conjunction: Conjunction
    encounter: EncounterPc
    pc_2d_density: float | None
    hbr: HardBodyRadius
    pc_at_other_hbr: tuple[tuple[HardBodyRadius, float], ...]
    notices: tuple[Notice, ...]

    @property
    def choice(self) -> Choice:
        """Which method was chosen, and why."""
        return self.encounter.choice

    @property
    def plane(self) -> EncounterPlane:
        """Of straight motion, with the covariance that `pc_2d` was computed from."""
        return self.encounter.plane

    @property
    def planning_plane(self) -> EncounterPlane:
        """The plane in which 2D Pc is `pc`, or close to it."""
        return self.encounter.planning_plane

    @property
    def pc_2d(self) -> float:
        """2D Pc in `plane`, with the shared density error only if the policy counts it."""
        return self.encounter.pc_2d

    @property
    def validity(self) -> Validity2D:
        """Whether the 2D assumption holds."""
        return self.encounter.validity

    @property
    def pc(self) -> float:
        """The recommended probability."""
        return self.choice.recommended.pc

    @property
    def pc_method(self) -> PcMethod:
        """How `pc` was computed."""
        return self.choice.recommended.method

    @property
    def trusted(self) -> bool:
        """Whether the assumptions behind `pc` hold."""
        return self.choice.trusted

    @property
    def sigma_plane_m(self) -> tuple[float, float]:
        """Principal sigmas in the encounter plane, larger first [m]."""
        axes = principal_axes(self.plane.cov_m2)
        return float(axes.sigma1_m), float(axes.sigma2_m)


def hard_body_radii(
    conjunction: Conjunction,
    *,
    given_m: float | None = None,
    spacecraft: Spacecraft | None = None,
    policy: Policy,
) -> tuple[HardBodyRadius, ...]:
    """Every combined radius that is known, in order of precedence; the first one counts.

    Parameters
    ----------
    conjunction : Conjunction
    given_m : float, optional
        From the command line [m].
    spacecraft : Spacecraft, optional
        Its combined radius; or its own radius with the other object's, when the message
        gives that one.
    policy : Policy
        The fallback.

    Raises
    ------
    ConjunctionError
        If a radius is not above zero.
    """
    sources = {
        HbrSource.COMMAND_LINE: given_m,
        HbrSource.SPACECRAFT_FILE: spacecraft.hard_body_radius_m if spacecraft else None,
        HbrSource.MESSAGE: conjunction.hard_body_radius_m,
        HbrSource.RADII: _summed_radii_m(conjunction, spacecraft),
        HbrSource.POLICY: policy.hard_body_radius_m,
    }
    known = tuple(
        HardBodyRadius(radius_m=float(radius), source=source)
        for source, radius in sources.items()
        if radius is not None
    )
    return known if len(known) == 1 else tuple(r for r in known if r.source != HbrSource.POLICY)


def _summed_radii_m(conjunction: Conjunction, spacecraft: Spacecraft | None) -> float | None:
    ours, theirs = conjunction.primary.radius_m, conjunction.secondary.radius_m
    if spacecraft is not None and spacecraft.radius_m is not None:
        ours = spacecraft.radius_m
    return None if ours is None or theirs is None else ours + theirs


def assess(
    conjunction: Conjunction,
    *,
    hard_body_radius_m: float | None = None,
    spacecraft: Spacecraft | None = None,
    policy: Policy | None = None,
    effort: Effort | None = None,
) -> Risk:
    """The collision risk of a conjunction.

    Parameters
    ----------
    conjunction : Conjunction
        With `spacecraft` given, its primary must be that spacecraft (`Conjunction.oriented`).
    hard_body_radius_m : float, optional
        Overrides every other source [m].
    spacecraft : Spacecraft, optional
    policy : Policy, optional
        NASA robotic when not given.
    effort : Effort, optional
        What Monte Carlo may cost where no other method holds.

    Raises
    ------
    ConjunctionError
        If the objects have no relative velocity or a radius is not above zero.
    CovarianceError
        If no probability can be computed from the covariance.
    """
    policy = policy or Policy.preset("nasa")
    refuse_useless_covariance(conjunction.primary)
    refuse_useless_covariance(conjunction.secondary)
    radii = hard_body_radii(
        conjunction, given_m=hard_body_radius_m, spacecraft=spacecraft, policy=policy
    )
    hbr = radii[0]
    use_density = policy.density_correlation is DensityCorrelation.USE
    conjunction = replace(conjunction, density_correlated=use_density)
    found = encounter_pc(conjunction, hbr.radius_m, effort)
    others = tuple((r, _pc(found.plane, r.radius_m)) for r in radii[1:] if _differ(r, hbr))
    with_density, density_notices = _pc_with_density(found)
    notices = (
        *conjunction.notices,
        *found.notices,
        *_radius_notices(hbr, others, policy),
        *_own_radius_notices(hbr, conjunction, spacecraft),
        *_method_notices(found),
        *_assumed_velocity_notices(found.validity, conjunction),
        *_epoch_notices(found.plane),
        *density_notices,
        *_message_pc_notices(conjunction, found.choice, hbr),
    )
    return Risk(
        conjunction=conjunction,
        encounter=found,
        pc_2d_density=with_density,
        hbr=hbr,
        pc_at_other_hbr=others,
        notices=without_repeats(notices),
    )


def refuse_useless_covariance(thing: ObjectState) -> None:
    """Raise for covariances that say "unknown" instead of how far the error reaches.

    Raises
    ------
    CovarianceError
        If every position variance is zero, or one stands for "unknown".
    """
    variances = np.diag(thing.position_cov_rtn_m2)
    if not np.any(variances > 0):
        raise CovarianceError(
            f"the position covariance of {thing.label} has no positive variance "
            f"({', '.join(f'{v:g}' for v in variances)} m²); without it there is no probability. "
            "Ask the provider for a covariance"
        )
    if np.any(variances >= _DEFAULT_SIGMA_M**2):
        raise CovarianceError(
            f"the covariance of {thing.label} is the provider's default for 'unknown' "
            f"(sigma {math.sqrt(float(np.max(variances))) / 1e3:.0f} km); no probability follows "
            "from it. Ask for a covariance"
        )


def _pc(plane: EncounterPlane, radius_m: float) -> float:
    return float(pc_2d(plane.miss_m, plane.cov_m2, radius_m))


def _differ(one: HardBodyRadius, other: HardBodyRadius) -> bool:
    return not math.isclose(one.radius_m, other.radius_m, rel_tol=1e-6)


def _pc_with_density(found: EncounterPc) -> tuple[float | None, tuple[Notice, ...]]:
    """2D Pc with the shared density error, and both values in a sentence."""
    conjunction = found.conjunction
    if not conjunction.has_density_errors:
        return None, ()
    turned = replace(conjunction, density_correlated=not conjunction.density_correlated)
    try:
        other = _pc(plane_of(turned, found.radius_m).plane, found.radius_m)
    except CovarianceError as problem:
        message = f"The shared density error could not be taken into account: {problem}."
        return None, (Notice(code=NoticeCode.DENSITY_CORRELATION, message=message),)
    with_density, without = (
        (found.pc_2d, other) if conjunction.density_correlated else (other, found.pc_2d)
    )
    decides = "counts it" if conjunction.density_correlated else "leaves it out, as published"
    message = (
        f"Both objects carry a shared density error; with it 2D Pc is {with_density:.3e}, without "
        f"it {without:.3e}. The policy {decides}."
    )
    return with_density, (Notice(code=NoticeCode.DENSITY_CORRELATION, message=message),)


def _radius_notices(
    hbr: HardBodyRadius,
    others: tuple[tuple[HardBodyRadius, float], ...],
    policy: Policy,
) -> tuple[Notice, ...]:
    if hbr.source == HbrSource.POLICY:
        message = (
            f"The hard-body radius is the default of policy {policy.name!r}, {hbr.radius_m:g} m: "
            "no message or spacecraft file gives one. Pc grows with about its square; set the "
            "real one."
        )
        return (Notice(code=NoticeCode.HBR_ASSUMED, message=message),)
    if not others:
        return ()
    listed = ", ".join(f"{r.radius_m:g} m ({r.source}): 2D Pc {pc:.2e}" for r, pc in others)
    message = (
        f"Hard-body radius {hbr.radius_m:g} m ({hbr.source}) is used. Other sources: {listed}."
    )
    return (Notice(code=NoticeCode.HBR_SOURCES_DIFFER, message=message),)


def _own_radius_notices(
    hbr: HardBodyRadius, conjunction: Conjunction, spacecraft: Spacecraft | None
) -> tuple[Notice, ...]:
    own = conjunction.primary.radius_m
    if spacecraft is not None and spacecraft.radius_m is not None:
        own = spacecraft.radius_m
    if own is None or own < hbr.radius_m:
        return ()
    message = (
        f"The combined hard-body radius, {hbr.radius_m:g} m ({hbr.source}), is not larger than the "
        f"radius of {conjunction.primary.label} alone, {own:g} m: Pc is too low. Give the combined "
        "radius."
    )
    return (Notice(code=NoticeCode.HBR_SOURCES_DIFFER, message=message),)


def _assumed_velocity_notices(validity: Validity2D, conjunction: Conjunction) -> tuple[Notice, ...]:
    """Said where the validity rests on velocity errors that nobody gave."""
    said = any(one.code == NoticeCode.NO_VELOCITY_COVARIANCE for one in conjunction.notices)
    if validity.tested or not validity.valid or said:
        return ()
    message = (
        "An object has no velocity covariance: that 2D Pc is valid rests on assumed velocity "
        "errors, those of an orbit of well-known period."
    )
    return (Notice(code=NoticeCode.NO_VELOCITY_COVARIANCE, message=message),)


def _method_notices(found: EncounterPc) -> tuple[Notice, ...]:
    if found.validity.valid:
        return ()
    used = found.choice.recommended
    why = found.validity.reason.rstrip(".")
    if found.trusted:
        message = (
            f"2D Pc {found.pc_2d:.2e} does not hold here: {why}. "
            f"{used.method.label} {used.pc:.2e} is used."
        )
    else:
        message = (
            f"{found.choice.reason} {used.method.label} {used.pc:.2e} can be wrong by orders of "
            "magnitude in either direction; do not decide on it alone."
        )
    return (Notice(code=NoticeCode.PC_2D_NOT_VALID, message=message),)


def _epoch_notices(plane: EncounterPlane) -> tuple[Notice, ...]:
    if abs(plane.tca_shift_s) < _SHIFT_WORTH_SAYING_S:
        return ()
    message = (
        f"The stated TCA is {abs(plane.tca_shift_s):.3f} s "
        f"{'before' if plane.tca_shift_s > 0 else 'after'} the closest approach of straight "
        "motion; the message's states may not be at closest approach."
    )
    return (Notice(code=NoticeCode.TCA_SHIFTED, message=message),)


def _message_pc_notices(
    conjunction: Conjunction, choice: Choice, hbr: HardBodyRadius
) -> tuple[Notice, ...]:
    reported = conjunction.reported_pc
    if not reported:  # 0 is what messages write when they have none
        return ()
    used = choice.recommended
    if any(_agrees(one.pc, reported) for one in (used, choice.tried[0])):
        return ()
    message = (
        f"The message reports Pc {reported:.2e}; {used.method.label} from its states and "
        f"covariances with a radius of {hbr.radius_m:g} m is {used.pc:.2e}. Radius, method or "
        "covariance differ."
    )
    return (Notice(code=NoticeCode.PC_DIFFERS_FROM_MESSAGE, message=message),)


def _agrees(pc: float, reported: float) -> bool:
    return 1 / _MESSAGE_PC_RATIO < max(pc, 1e-300) / reported < _MESSAGE_PC_RATIO

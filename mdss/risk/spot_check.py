"""Changed probabilities of the plane against all methods chosen and computed anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mdss.conjunction import ObjectState
from mdss.errors import MdssError
from mdss.risk.assess import Risk
from mdss.risk.encounter_pc import encounter_pc
from mdss.risk.methods import Effort, PcMethod
from mdss.risk.plane_parts import Basis, PlaneParts

_AGREES = 0.05
"""Relative difference from the methods computed anew up to which a changed value is trusted."""
_NOTHING = 1e-15
"""Probabilities below are all alike to whoever decides."""


@dataclass(frozen=True, kw_only=True)
class SpotCheck:
    """A changed probability against all methods computed anew.

    Parameters
    ----------
    scale_primary, scale_secondary : float
        Factors on the sigmas.
    pc : float
        By the plane.
    pc_anew : float
        By the method that then holds; NaN where none could be computed.
    method : PcMethod or None
        Which one that is.
    agrees : bool
        Whether both agree within 5 %, or are below 1e-15, or the plane's value is below the limit
        where that is all there is.
    """

    scale_primary: float
    scale_secondary: float
    pc: float
    pc_anew: float
    method: PcMethod | None
    agrees: bool


def spot_check(
    risk: Risk, parts: PlaneParts, scale_primary: float, scale_secondary: float
) -> SpotCheck:
    """The plane's value at two scale factors against the chooser, without Monte Carlo."""
    pc = float(parts.pc(scale_primary=scale_primary, scale_secondary=scale_secondary))
    changed = replace(
        risk.conjunction,
        primary=scaled(risk.conjunction.primary, scale_primary),
        secondary=scaled(risk.conjunction.secondary, scale_secondary),
    )
    try:
        anew = encounter_pc(changed, risk.hbr.radius_m, Effort(most_trials=0))
    except MdssError:
        anew = None
    value = float("nan") if anew is None else anew.pc
    method = None if anew is None else anew.choice.recommended.method
    return SpotCheck(
        scale_primary=scale_primary,
        scale_secondary=scale_secondary,
        pc=pc,
        pc_anew=value,
        method=method,
        agrees=anew is not None and anew.trusted and _close(pc, value, method),
    )


def _close(pc: float, anew: float, method: PcMethod | None) -> bool:
    if method is PcMethod.NC_2D_UPPER:
        return pc <= (1 + _AGREES) * anew
    return max(pc, anew) < _NOTHING or abs(pc - anew) <= _AGREES * anew


def scaled(thing: ObjectState, factor: float) -> ObjectState:
    """An object with all its sigmas multiplied, those of its density error as well."""
    error = thing.density_error
    return replace(
        thing,
        cov_rtn_m2=factor**2 * thing.cov_rtn_m2,
        density_error=None if error is None else replace(error, sigma=factor * error.sigma),
    )


def corner_checks(
    risk: Risk, parts: PlaneParts, ends_one: tuple[float, float], ends_two: tuple[float, float]
) -> tuple[SpotCheck, ...]:
    """The corners of two ranges of factors on sigmas; none where the basis is not sound."""
    if not parts.basis.sound:
        return ()
    corners = dict.fromkeys((float(one), float(two)) for one in ends_one for two in ends_two)
    return tuple(spot_check(risk, parts, *corner) for corner in corners)


def doubts_of(basis: Basis, checks: tuple[SpotCheck, ...]) -> tuple[str, ...]:
    """A sentence for each reason not to trust every value."""
    said = [] if basis.sound else [basis.note]
    for one in checks:
        if not one.agrees:
            anew = (
                "no method holds" if one.method is None else f"{one.method.label} {one.pc_anew:.1e}"
            )
            said.append(
                f"With sigmas of the primary times {one.scale_primary:g} and of the secondary "
                f"times {one.scale_secondary:g} the plane gives {one.pc:.1e}, computed anew "
                f"{anew}: values towards that corner are indicative."
            )
    return tuple(said)

"""An upper estimate of 2D Pc when only one object's covariance is known.

References
----------
.. [1] J. H. Frisbee, "An Upper Bound on High Speed Satellite Collision Probability When Only One
   Object has Position Uncertainty Information", AAS 15-717, 2015.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mdss.astro.encounter import EncounterPlane, encounter_plane
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import ConjunctionError, CovarianceError
from mdss.risk.assess import refuse_useless_covariance
from mdss.risk.maximum import Scaled
from mdss.risk.plane import repaired_cov


@dataclass(frozen=True, kw_only=True, eq=False)
class FrisbeeMaximum:
    """An upper estimate of 2D Pc when one object's covariance is not known.

    Parameters
    ----------
    pc : float
    unknown : Scaled
        Whose covariance is left out: "primary" or "secondary".
    known_distance : float
        Mahalanobis distance K of the miss with the known covariance alone.
    added_variance_m2 : float
        Of the unknown object along the miss [m²]; 0 where any would lower Pc.
    pc_known_alone : float
        2D Pc as if the unknown object's position were exact.
    plane : EncounterPlane
        With the covariance that `pc` was computed from.
    """

    pc: float
    unknown: Scaled
    known_distance: float
    added_variance_m2: float
    pc_known_alone: float
    plane: EncounterPlane


def frisbee_maximum(
    conjunction: Conjunction, hard_body_radius_m: float | None = None, unknown: str | None = None
) -> FrisbeeMaximum:
    """The largest 2D Pc that an unknown covariance of one object could give.

    Parameters
    ----------
    conjunction : Conjunction
    hard_body_radius_m : float, optional
        Combined radius [m]; the message's when not given.
    unknown : str, optional
        "primary" or "secondary": whose covariance to disregard. Not given: the one that the message
        does not have; where it has both, the one whose partner puts the miss farther out.

    Raises
    ------
    ConjunctionError
        If there is no radius or no relative velocity, or `unknown` is something else.
    CovarianceError
        If the known covariance is no covariance.

    Notes
    -----
    The unknown position error is put along the miss, one-dimensional, with the variance that
    maximises the density at the miss: m² (K² − 1)/K² for K above one. Inside one sigma of the
    known error any further error lowers Pc. The maximum of a density: for a radius near the
    smaller sigma or above it only an approximate maximum of Pc. Not where 2D Pc does not hold.

    References
    ----------
    .. [1] J. H. Frisbee, AAS 15-717, 2015.
    """
    radius_m = hard_body_radius_m or conjunction.hard_body_radius_m
    if radius_m is None or not radius_m > 0:
        raise ConjunctionError(
            f"the maximum needs a hard-body radius above 0 m, got {radius_m}; give one"
        )
    left_out = _who_is_unknown(conjunction, unknown)
    if left_out is not None:
        return _frisbee(conjunction, radius_m, left_out)
    both = [_frisbee(conjunction, radius_m, one) for one in (Scaled.PRIMARY, Scaled.SECONDARY)]
    return max(both, key=lambda one: one.known_distance)


def _who_is_unknown(conjunction: Conjunction, unknown: str | None) -> Scaled | None:
    """Whose covariance is left out; None where both are there and none is named."""
    if unknown is not None:
        named = Scaled.named(unknown)
        if named is Scaled.BOTH:
            raise ConjunctionError("at most one covariance may be unknown: primary or secondary")
        return named
    sides = {Scaled.PRIMARY: conjunction.primary, Scaled.SECONDARY: conjunction.secondary}
    missing = [side for side, thing in sides.items() if not _has_covariance(thing)]
    return missing[0] if missing else None


def _has_covariance(thing: ObjectState) -> bool:
    try:
        refuse_useless_covariance(thing)
    except CovarianceError:
        return False
    return True


def _frisbee(conjunction: Conjunction, radius_m: float, unknown: Scaled) -> FrisbeeMaximum:
    known = conjunction.secondary if unknown is Scaled.PRIMARY else conjunction.primary
    refuse_useless_covariance(known)
    plane = encounter_plane(
        conjunction.primary.position_m,
        conjunction.relative_position_m,
        conjunction.relative_velocity_m_s,
        known.position_cov_eci_m2,
    )
    cov, _ = repaired_cov(plane.cov_m2, radius_m)
    miss = plane.miss_m
    k2 = float(miss @ np.linalg.solve(cov, miss))
    # V u uᵀ with u = miss/|miss| and V = |miss|² (K² − 1)/K²
    share = max(0.0, 1 - 1 / k2) if k2 > 0 else 0.0
    with_unknown = cov + share * np.outer(miss, miss)
    return FrisbeeMaximum(
        pc=float(pc_2d(miss, with_unknown, radius_m)),
        unknown=unknown,
        known_distance=math.sqrt(k2),
        added_variance_m2=share * float(miss @ miss),
        pc_known_alone=float(pc_2d(miss, cov, radius_m)),
        plane=replace(plane, cov_m2=with_unknown),
    )

"""What a policy asks of the miss itself, beside Pc: distance, its parts, boxes.

Each limit is a strip or a disc about the other object in the encounter plane, so the least burn
that leaves it is found as for Pc: a Gaussian that is round, or long along the strip, with a
vanishing disc has exactly that outline. Of several demands, and Pc, the largest burn is taken
at each burn time: never more than what all of them together need. Flight then makes it enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.frames import eci_from_rtn
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction
from mdss.planner.optimum import Allowed, MinimumDv, minimum_dv_in_plane
from mdss.planner.verification import Verified
from mdss.policy import Level, Policy
from mdss.risk.verdict import Reason, criteria_reasons, miss_rtn_of_primary_m

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_AXES = ("radial", "transverse", "normal")
_POINT = 1e-3  # radius of the vanishing disc, in half-widths of the outline
_LENGTH = 1e4  # of a strip's Gaussian, in its half-widths
_EDGE_ON = 1e-3  # share of an axis that the encounter plane sees, from which it can be left there
_SHARES = np.geomspace(1.0, 100.0, 4000)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Distances of which at least one has to be reached.

    Parameters
    ----------
    name : str
        Criterion, or field of the policy.
    limits : tuple of (str, float)
        "miss", "radial", "transverse" or "normal", and how much it must be at least [m].
    calls : bool
        Whether it calls for a burn by itself; else it binds only burns that are made.
    """

    name: str
    limits: tuple[tuple[str, float], ...]
    calls: bool

    def met(self, miss_rtn_m: FloatArray) -> BoolArray:
        """Whether misses, shape (..., 3), RTN of the maneuvering object, reach a limit."""
        reached = [_size(what, miss_rtn_m) >= limit for what, limit in self.limits]
        return np.asarray(np.any(reached, axis=0))


def _size(what: str, miss_rtn_m: FloatArray) -> FloatArray:
    if what == "miss":
        return np.asarray(np.linalg.norm(miss_rtn_m, axis=-1))
    return np.abs(miss_rtn_m[..., _AXES.index(what)])


def demands_of(conjunction: Conjunction, policy: Policy, now_utc: datetime) -> tuple[Demand, ...]:
    """Criteria that call for a burn at this time in this orbit, and what a burn must reach."""
    after = (("min_miss_m", "miss"), ("min_radial_m", "radial"))
    return (
        *_calling(criteria_reasons(conjunction, policy, now_utc)),
        *(
            Demand(name=name, limits=((what, getattr(policy, name)),), calls=False)
            for name, what in after
            if policy.uses(name)
        ),
    )


def _calling(reasons: Iterable[Reason]) -> Iterator[Demand]:
    for one in reasons:
        in_time = all(c.holds for c in one.conditions if c.unit == "h")
        if in_time and one.level in (Level.BURN, Level.BURN_UNLESS_IMPACT):
            limits = tuple((c.quantity, c.limit) for c in one.conditions if c.unit == "m")
            yield Demand(name=one.rule, limits=limits, calls=True)


def unmet(demands: Iterable[Demand], conjunction: Conjunction) -> tuple[Demand, ...]:
    """The demands that a geometry does not meet.

    Raises
    ------
    ConjunctionError
        If the objects have no relative velocity.
    """
    miss = miss_rtn_of_primary_m(conjunction)
    return tuple(one for one in demands if not one.met(miss))


def share_to_meet(demands: Sequence[Demand], before: Verified, after: Verified) -> float:
    """The smallest factor, at least 1, on a flown burn at which the demands are met.

    The miss of the message's approach is taken to move on the line from that without a burn
    through the flown one; inf when nothing up to 100 does.
    """
    start, flown = (miss_rtn_of_primary_m(v.message_approach.conjunction) for v in (before, after))
    line = start + _SHARES[:, None] * (flown - start)
    met = np.all([one.met(line) for one in demands], axis=0)
    return float(_SHARES[np.argmax(met)]) if np.any(met) else float("inf")


# --- the least burns ----------------------------------------------------------------------


def with_demands(
    optimum: MinimumDv,
    demands: Iterable[Demand],
    conjunction: Conjunction,
    plane: EncounterPlane,
    displacement: FloatArray,
    allowed: Allowed,
) -> MinimumDv:
    """At each burn time the larger of the burn for Pc and those that the demands need.

    Its `pc` stays that of the burn for Pc where this one is larger: an upper bound.
    """
    for demand in demands:
        outlines = _outlines(demand, conjunction, plane)
        burns = [
            minimum_dv_in_plane(
                replace(plane, cov_m2=cov),
                radius,
                optimum.t_before_tca_s,
                displacement,
                threshold,
                allowed,
            )
            for cov, radius, threshold in outlines
        ]
        if burns:
            optimum = _larger(optimum, _smallest(burns))
    return optimum


def _outlines(
    demand: Demand, conjunction: Conjunction, plane: EncounterPlane
) -> Iterator[tuple[FloatArray, float, float]]:
    """Covariance, radius and threshold whose unsafe set is the region inside each limit."""
    primary = conjunction.primary
    axes = plane.axes @ eci_from_rtn(primary.position_m, primary.velocity_m_s)
    for what, limit_m in demand.limits:
        if what == "miss":
            yield _round(limit_m)
        else:
            seen = axes[:, _AXES.index(what)]
            share = float(np.linalg.norm(seen))
            if share > _EDGE_ON:
                yield _strip(seen / share, limit_m / share)


def _round(half_m: float) -> tuple[FloatArray, float, float]:
    return _outline(half_m**2 * np.eye(2), half_m * np.array([1.0, 0.0]), half_m)


def _strip(across: FloatArray, half_m: float) -> tuple[FloatArray, float, float]:
    along = np.array([-across[1], across[0]])
    long_m = _LENGTH * half_m
    cov = half_m**2 * np.outer(across, across) + long_m**2 * np.outer(along, along)
    return _outline(cov, half_m * across, half_m)


def _outline(cov: FloatArray, edge_m: FloatArray, half_m: float) -> tuple[FloatArray, float, float]:
    radius = _POINT * half_m
    return cov, radius, float(pc_2d(edge_m, cov, radius))


def _smallest(burns: Sequence[MinimumDv]) -> MinimumDv:
    """At each burn time the least of several: leaving one limit is enough."""
    least = burns[0]
    for other in burns[1:]:
        least = _chosen(other.dv_m_s < least.dv_m_s, other, least)
    return least


def _larger(first: MinimumDv, other: MinimumDv) -> MinimumDv:
    chosen = _chosen(~(other.dv_m_s <= first.dv_m_s), other, first)
    return replace(chosen, pc=first.pc)


def _chosen(take: BoolArray, one: MinimumDv, other: MinimumDv) -> MinimumDv:
    return MinimumDv(
        t_before_tca_s=one.t_before_tca_s,
        dv_m_s=np.where(take, one.dv_m_s, other.dv_m_s),
        dv_rtn_m_s=np.where(take[:, None], one.dv_rtn_m_s, other.dv_rtn_m_s),
        pc=np.where(take, one.pc, other.pc),
        lower_bound_m_s=np.where(take, one.lower_bound_m_s, other.lower_bound_m_s),
    )

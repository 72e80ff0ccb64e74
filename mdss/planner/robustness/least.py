"""The least burn that holds in every one of several cases: other sizes, sigmas, radii, times.

Each case has its own unsafe set and its own map from the burn to the miss, and the burn must leave
the miss outside all of them. One set alone is the convex problem of `mdss.planner.optimum`, with
its proof; the largest of these answers is a lower bound for all together, and usually its burn
holds in every case, which settles it. Where it does not, the union of the sets has to be left: it
is not convex, so directions are searched all round, and the proof comes from the arcs between them
(`mdss.planner.robustness.arcs`) or stays at the lower bound, with the gap said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.probability import pc_2d
from mdss.errors import PlanningError
from mdss.planner.optimum import (
    ABSOLUTE_GAP_M_S,
    RELATIVE_GAP,
    Allowed,
    AnyDirection,
    MinimumDv,
    Rays,
    minimum_dv_in_plane,
)
from mdss.planner.robustness.arcs import least_over_arcs
from mdss.planner.robustness.cases import SizeLaw
from mdss.planner.robustness.regions import Region, first_gap
from mdss.planner.robustness.scan import least_over_directions

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_EXACT = 1e-9  # of a size along a given direction: what rounding leaves


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaneCase:
    """One case as the encounter plane sees it.

    Parameters
    ----------
    name : str
    cov_m2 : array, shape (2, 2)
        Combined covariance [m²].
    radius_m : float
        [m].
    displacement : array, shape (n, 2, 3)
        M of each burn time [s].
    law : SizeLaw
        Fired over commanded size.
    """

    name: str
    cov_m2: FloatArray
    radius_m: float
    displacement: FloatArray
    law: SizeLaw


@dataclass(frozen=True, kw_only=True, eq=False)
class RobustDv:
    """Least burns that hold in every case.

    Parameters
    ----------
    optimum : MinimumDv
        Sizes, directions and lower bounds; its Pc is that of the first case.
    worst : tuple of str
        For each burn time, the case with the highest Pc after the burn; "" where none reaches.
    pc_worst : array, shape (n,)
        That Pc.
    """

    optimum: MinimumDv
    worst: tuple[str, ...]
    pc_worst: FloatArray

    @property
    def relative_gap(self) -> FloatArray:
        """How much above the least each burn is at most, relative, shape (n,); 0 for no burn."""
        dv, bound = self.optimum.dv_m_s, self.optimum.lower_bound_m_s
        known = np.isfinite(dv) & (dv > 0)
        return np.where(known, (dv - bound) / np.where(known, dv, 1.0), 0.0)

    @property
    def certainty(self) -> str:
        """In words how sure it is that no smaller burn would do."""
        gap = float(np.max(self.relative_gap, initial=0.0))
        if gap <= RELATIVE_GAP:
            return "least burns, proven to 1e-4"
        return f"upper bounds: at most {100 * gap:.2g} % above the least"


def robust_dv(
    plane: EncounterPlane,
    cases: Sequence[PlaneCase],
    t_before_tca_s: FloatArray,
    pc_threshold: float,
    allowed: Allowed,
) -> RobustDv:
    """The least burn at each time after which 2D Pc is at most a threshold in every case.

    Parameters
    ----------
    plane : EncounterPlane
        Its miss is that without a burn, the same in all cases; its covariance is not used.
    cases : sequence of PlaneCase
        At least one; the first says which Pc the optimum reports.
    t_before_tca_s : array, shape (n,)
        Burn times; reported back.
    pc_threshold : float
    allowed : AnyDirection, Cones or Rays

    Returns
    -------
    RobustDv
        Lower bounds are within 1e-4 where every direction is allowed and all cases share one map;
        along given rays the answer is exact. For cones, and where timing differs, the gap may be
        larger; `relative_gap` says by how much.

    Raises
    ------
    CovarianceError
        If a covariance is not positive definite.
    PlanningError
        If the threshold is not between 0 and 1, or maps and times do not match.
    """
    shape = (len(t_before_tca_s), 2, 3)
    if not cases or any(one.displacement.shape != shape for one in cases):
        raise PlanningError(f"each of one or more cases needs a map of shape {shape}")
    problem = _Problem(plane, cases, pc_threshold, allowed)
    size, unit, bound = problem.solved(len(t_before_tca_s))
    with np.errstate(invalid="ignore"):
        dv_rtn = np.where(np.isfinite(size)[:, None], size[:, None] * unit, np.nan)
    pcs = np.stack([_pc_after(plane.miss_m, one, dv_rtn) for one in cases])
    top = np.argmax(np.nan_to_num(pcs, nan=-1.0), axis=0)
    optimum = MinimumDv(
        t_before_tca_s=t_before_tca_s,
        dv_m_s=size,
        dv_rtn_m_s=dv_rtn,
        pc=pcs[0],
        lower_bound_m_s=np.minimum(bound, size),
    )
    found = np.isfinite(size)
    worst = tuple(cases[at].name if ok else "" for at, ok in zip(top, found, strict=True))
    return RobustDv(optimum=optimum, worst=worst, pc_worst=pcs[top, np.arange(len(top))])


def _pc_after(miss_m: FloatArray, case: PlaneCase, dv_rtn: FloatArray) -> FloatArray:
    """2D Pc in one case; where there is no burn, that without one."""
    dv = np.nan_to_num(dv_rtn)
    size = np.linalg.norm(dv, axis=1)
    share = case.law.fired(size) / np.where(size > 0, size, 1.0)
    moved = miss_m + np.einsum("nij,nj->ni", case.displacement, share[:, None] * dv)
    return np.asarray(pc_2d(moved, case.cov_m2, case.radius_m))


class _Problem:
    """The cases that can be unsafe at all, and the ways to solve for them."""

    def __init__(
        self,
        plane: EncounterPlane,
        cases: Sequence[PlaneCase],
        pc_threshold: float,
        allowed: Allowed,
    ) -> None:
        self.plane, self.threshold, self.allowed = plane, pc_threshold, allowed
        seen = [(one, region) for one in cases if (region := self._region(one)) is not None]
        held = [one for one, region in seen if region.holds_start]
        kept = [
            (one, region)
            for one, region in seen
            if not (region.holds_start and any(_dominates(other, one) for other in held))
        ]
        self.cases = [one for one, _ in kept]
        self.regions = [region for _, region in kept]
        self.inside = [region.holds_start for region in self.regions]

    def _region(self, case: PlaneCase) -> Region | None:
        return Region.of(self.plane.miss_m, case.cov_m2, case.radius_m, self.threshold)

    def solved(self, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Sizes (n,), unit burns (n, 3) and lower bounds (n,)."""
        if not any(self.inside):
            return np.zeros(n), np.zeros((n, 3)), np.zeros(n)
        if isinstance(self.allowed, Rays):
            return self._along_rays(self.allowed)
        size, unit, bound = self._by_hardest_case()
        finite = np.where(np.isfinite(size), size, 0.0)
        least = finite - np.maximum(RELATIVE_GAP * finite, ABSOLUTE_GAP_M_S)
        open_ = np.flatnonzero(np.where(np.isfinite(size), bound < least, np.isfinite(bound)))
        if open_.size:
            again = self._all_together(open_, unit[open_], bound[open_])
            better = again[0] < size[open_]
            size[open_] = np.where(better, again[0], size[open_])
            unit[open_] = np.where(better[:, None], again[1], unit[open_])
            bound[open_] = np.maximum(bound[open_], again[2])
        return size, unit, np.minimum(bound, size)

    def sizes_along(self, unit: FloatArray, rows: IntArray | slice) -> FloatArray:
        """The least safe commanded size along a unit burn for each of some burn times, exact."""
        ends = [self._ends(k, unit, rows) for k in range(len(self.cases))]
        first, last = (np.stack(column, axis=1) for column in zip(*ends, strict=True))
        return first_gap(first, last)

    def _ends(
        self, at: int, unit: FloatArray, rows: IntArray | slice
    ) -> tuple[FloatArray, FloatArray]:
        case = self.cases[at]
        steps = np.einsum("nij,nj->ni", case.displacement[rows], unit)
        first, last = self.regions[at].crossings(steps)
        return (
            np.where(first > 0, case.law.commanded(first), 0.0),
            case.law.commanded(last),
        )

    def _along_rays(self, rays: Rays) -> tuple[FloatArray, FloatArray, FloatArray]:
        n = len(self.cases[0].displacement)
        sizes = np.stack(
            [self.sizes_along(np.broadcast_to(axis, (n, 3)), slice(None)) for axis in rays.axis]
        )
        choice = np.argmin(sizes, axis=0)
        size = sizes[choice, np.arange(n)]
        bound = np.where(np.isfinite(size), size * (1 - _EXACT), size)
        return size, rays.axis[choice], bound

    def _by_hardest_case(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The largest of the single answers, its burn enlarged until it holds in every case."""
        hard = [case for case, holds in zip(self.cases, self.inside, strict=True) if holds]
        alone = [self._alone(case) for case in hard]
        bounds = np.stack(
            [case.law.commanded(one.lower_bound_m_s) for case, one in zip(hard, alone, strict=True)]
        )
        row = np.arange(bounds.shape[1])
        top = np.argmax(bounds, axis=0)
        steps = np.stack([one.dv_rtn_m_s for one in alone])[top, row]
        length = np.linalg.norm(steps, axis=1, keepdims=True)
        known = np.isfinite(length[:, 0]) & (length[:, 0] > 0)
        unit = np.where(known[:, None], steps / np.where(known[:, None], length, 1.0), np.nan)
        size = np.full(row.shape, np.inf)
        at = np.flatnonzero(known)
        size[at] = self.sizes_along(unit[at], at)
        return size, unit, bounds[top, row]

    def _alone(self, case: PlaneCase) -> MinimumDv:
        return minimum_dv_in_plane(
            replace(self.plane, cov_m2=case.cov_m2),
            case.radius_m,
            np.arange(len(case.displacement), dtype=float),
            case.displacement,
            self.threshold,
            self.allowed,
        )

    def _all_together(
        self, rows: IntArray, unit: FloatArray, bound: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """At some burn times: arcs where they prove the answer, else the search over directions."""
        laws = [one.law for one in self.cases]
        cut = {id(one.displacement): one.displacement[rows] for one in self.cases}
        maps = [cut[id(one.displacement)] for one in self.cases]
        by_map: dict[int, list[int]] = {}
        for k, one in enumerate(self.cases):
            by_map.setdefault(id(one.displacement), []).append(k)
        parts = [
            least_over_arcs([self.regions[k] for k in same], [laws[k] for k in same], maps[same[0]])
            for same in by_map.values()
            if any(self.inside[k] for k in same)
        ]
        if len(by_map) == 1 and isinstance(self.allowed, AnyDirection):
            return parts[0]
        assert not isinstance(self.allowed, Rays)
        bound = np.max([bound, *(part[2] for part in parts)], axis=0)
        seeds = np.stack([unit, *(self.allowed.best(part[1]) for part in parts)], axis=1)
        found = least_over_directions(self.regions, laws, maps, self.allowed, seeds)
        return self.sizes_along(found, rows), found, bound


def _dominates(a: PlaneCase, b: PlaneCase) -> bool:
    """Whether leaving the set in case `a` leaves it in case `b`: same set and map, less fired."""
    same_set = np.array_equal(a.cov_m2, b.cov_m2) and a.radius_m == b.radius_m
    if a is b or not same_set or a.displacement is not b.displacement:
        return False
    return a.law.factor <= b.law.factor and a.law.sigmas <= b.law.sigmas and a.law != b.law

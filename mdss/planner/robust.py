"""The least burn that holds in every one of several cases: other sizes, sigmas, radii, times.

Each case has its own unsafe set and its own map from the burn to the miss, and the burn must leave
the miss outside all of them. One set alone is the convex problem of `mdss.planner.optimum`, with
its proof; the largest of these answers is a lower bound for all together, and usually its burn
holds in every case, which settles it. Where it does not, the union of the sets has to be left: it
is not convex, so directions are searched all round, and the proof comes from the arcs between them
(`mdss.planner.robust_arcs`) or stays at the lower bound, with the gap said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.probability import pc_2d
from mdss.errors import PlanningError
from mdss.maneuver import Burn
from mdss.planner.cases import Case, SizeLaw
from mdss.planner.optimum import (
    ABSOLUTE_GAP_M_S,
    RELATIVE_GAP,
    Allowed,
    AnyDirection,
    MinimumDv,
    Rays,
    minimum_dv_in_plane,
)
from mdss.planner.regions import Region, first_gap
from mdss.planner.robust_arcs import least_over_arcs
from mdss.planner.robust_scan import least_over_directions
from mdss.planner.setting import Setting
from mdss.risk.plane_parts import plane_parts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_EXACT = 1e-9  # of a size along a given direction: what rounding leaves
_AFTER_TCA_S = 1.0  # a burn that would come later than this before TCA moves nothing


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


# --- a setting's cases --------------------------------------------------------------------


def plane_cases(
    setting: Setting,
    cases: Iterable[Case],
    t_before_tca_s: FloatArray | None = None,
    displacement: FloatArray | None = None,
) -> tuple[PlaneCase, ...]:
    """Cases as the encounter plane of a setting sees them.

    Parameters
    ----------
    setting : Setting
    cases : iterable of Case
        A `CaseSet` puts that as planned first.
    t_before_tca_s : array, shape (n,), optional
        Burn times; the setting's own when not given.
    displacement : array, shape (n, 2, 3), optional
        M of these times, where it is not that of impulses [s]: burns that are fired early or late
        differ from it as their impulses do.

    Raises
    ------
    PlanningError
        If a case leaves nothing of a burn.
    """
    times = setting.times_s if t_before_tca_s is None else t_before_tca_s
    impulses = _map_at(setting, times)
    planned = impulses if displacement is None else displacement
    maps = {0.0: planned}
    parts, made = plane_parts(setting.risk), []
    for case in cases:
        if case.late_s not in maps:
            maps[case.late_s] = _map_at(setting, times - case.late_s) + (planned - impulses)
        factors = case.our_sigmas, case.their_sigmas
        made.append(
            PlaneCase(
                name=case.name,
                cov_m2=setting.plane.cov_m2 if factors == (1.0, 1.0) else parts.cov_m2(*factors),
                radius_m=case.radius * setting.risk.hbr.radius_m,
                displacement=maps[case.late_s],
                law=case.size_law(setting.spacecraft.execution_error),
            )
        )
    return tuple(made)


def _map_at(setting: Setting, times_s: FloatArray) -> FloatArray:
    """M at burn times; zero for burns that would come after TCA."""
    if np.array_equal(times_s, setting.times_s):
        return setting.grid_displacement
    before = times_s > _AFTER_TCA_S
    found = np.zeros((times_s.size, 2, 3))
    if np.any(before):
        found[before] = setting.displacement(times_s[before])
    return found


def robust_sweep(
    setting: Setting,
    cases: Iterable[Case],
    allowed: Allowed,
    t_before_tca_s: FloatArray | None = None,
    displacement: FloatArray | None = None,
) -> RobustDv:
    """The least burns of a setting that reach its target in every case.

    Parameters
    ----------
    setting : Setting
    cases : iterable of Case
        Such as `CaseSet.named("hot-cold")`.
    allowed : AnyDirection, Cones or Rays
    t_before_tca_s, displacement : array, optional
        As in `plane_cases`.

    Returns
    -------
    RobustDv
        Its `optimum` takes the place of that of `minimum_dv_in_plane`.

    Raises
    ------
    PlanningError
        If a case leaves nothing of a burn.
    """
    times = setting.times_s if t_before_tca_s is None else t_before_tca_s
    made = plane_cases(setting, cases, times, displacement)
    return robust_dv(setting.plane, made, times, setting.linear_target, allowed)


def robust_pc(
    setting: Setting, burns: Sequence[Burn], cases: Iterable[Case]
) -> tuple[tuple[str, float], ...]:
    """Pc after burns in every case, by the linear map: names and values, in the order given.

    Parameters
    ----------
    setting : Setting
    burns : sequence of Burn
        As impulses; all are off in the same way. Those after TCA do not count.
    cases : iterable of Case
    """
    before = [burn for burn in burns if burn.t_before_tca_s > 0]
    times = np.array([burn.t_before_tca_s for burn in before])
    found = []
    for part in plane_cases(setting, cases, times):
        miss = setting.plane.miss_m.copy()
        for burn, matrix in zip(before, part.displacement, strict=True):
            fired = float(part.law.fired(np.array(burn.dv_m_s)))
            miss = miss + matrix @ burn.dv_rtn_m_s * (fired / burn.dv_m_s if fired else 0.0)
        pc = float(pc_2d(miss, part.cov_m2, part.radius_m))
        found.append((part.name, min(setting.risk.encounter.plane_factor * pc, 1.0)))
    return tuple(found)

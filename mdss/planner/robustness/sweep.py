"""Robust burns of a planning question: its cases in the encounter plane, and the sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mdss.astro.probability import pc_2d
from mdss.maneuver import Burn
from mdss.planner.optimum import Allowed
from mdss.planner.robustness.cases import Case
from mdss.planner.robustness.least import PlaneCase, RobustDv, robust_dv
from mdss.planner.setting import Setting
from mdss.risk.plane_parts import plane_parts

FloatArray = NDArray[np.float64]

_AFTER_TCA_S = 1.0  # a burn that would come later than this before TCA moves nothing


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

"""Pc after burns by the linear map: what the optimum works with, before anything is flown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mdss.astro.probability import pc_2d
from mdss.maneuver import Burn
from mdss.planner.execution import inflated_plane
from mdss.planner.setting import Setting

FloatArray = NDArray[np.float64]

LONG_SHARE = 0.02  # of a revolution: an impulse at mid-burn is right to 0.1 % up to here


def linear_pc(setting: Setting, displacements: FloatArray, dv_rtn: FloatArray) -> float:
    """Pc after burns by the linear map, the larger of with and without execution error.

    Parameters
    ----------
    setting : Setting
    displacements : array, shape (k, 2, 3)
        M of each burn [s].
    dv_rtn : array, shape (k, 3)
        [m/s].
    """
    plane, radius = setting.plane, setting.risk.hbr.radius_m
    miss = plane.miss_m + np.einsum("kij,kj->i", displacements, dv_rtn)
    inflated = inflated_plane(plane, displacements, dv_rtn, setting.spacecraft.execution_error)
    largest = max(float(pc_2d(miss, one.cov_m2, radius)) for one in (plane, inflated))
    return min(largest * setting.risk.encounter.plane_factor, 1.0)


def linear_pc_of(setting: Setting, burns: Sequence[Burn]) -> float:
    """Pc after a plan by the linear map; burns that last count by the mean over their arcs."""
    before = [one for one in burns if one.t_before_tca_s > 0]
    times = np.array([one.t_before_tca_s for one in before])
    duration = np.array([one.duration_s for one in before])
    if np.any(duration > LONG_SHARE * setting.fastest_turn_s):
        spent = np.array([one.dv_m_s / one.exhaust_m_s for one in before])
        maps = setting.arc_map.averaged(times, duration, spent)
    else:
        maps = setting.displacement(times)
    return linear_pc(setting, maps, np.array([one.dv_rtn_m_s for one in before]).reshape(-1, 3))

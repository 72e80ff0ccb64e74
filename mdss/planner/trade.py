"""The trade space: Pc over burn time and in-track delta-v."""

from __future__ import annotations

import math

import numpy as np

from mdss.astro.probability import pc_on_axes, principal_axes
from mdss.planner.options import Option, TradeSpace
from mdss.planner.setting import Setting

_TIMES, _SIZES = 200, 201
_COARSE_TIMES, _COARSE_SIZES = 25, 25
_LARGE_DISC_SIGMAS = 300.0  # a point of the picture then costs a thousand times more


def trade_space_of(setting: Setting, options: tuple[Option, ...]) -> TradeSpace:
    """Pc over burn time and in-track delta-v, wide enough to show every option."""
    times = setting.times_s
    plane = setting.risk.planning_plane
    axes = principal_axes(plane.cov_m2)
    large = setting.risk.hbr.radius_m > _LARGE_DISC_SIGMAS * float(axes.sigma2_m)
    n_times = _COARSE_TIMES if large else _TIMES
    n_sizes = _COARSE_SIZES if large else _SIZES
    step = max(1, math.ceil(times.size / n_times))
    direction = np.array([0.0, 1.0, 0.0])
    largest = max((abs(b.dv_rtn_m_s[1]) for one in options for b in one.burns), default=0.0)
    reach = 1.6 * largest if largest > 0 else 0.05
    sizes = np.linspace(-reach, reach, n_sizes)
    b1, b2 = axes.along(plane.miss_m)
    m1, m2 = axes.along(setting.grid_displacement[::step] @ direction)
    pc = pc_on_axes(
        b1 + m1[:, None] * sizes,
        b2 + m2[:, None] * sizes,
        axes.sigma1_m,
        axes.sigma2_m,
        np.asarray(setting.risk.hbr.radius_m),
        fast=True,
    )
    pc = np.minimum(pc * setting.risk.encounter.plane_factor, 1.0)
    return TradeSpace(t_before_tca_s=times[::step], dv_m_s=sizes, direction_rtn=direction, pc=pc)

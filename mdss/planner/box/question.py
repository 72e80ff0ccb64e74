"""What an out-and-back plan is chosen from: the unsafe set, possible burns, the box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.levelset import UnsafeSet, unsafe_set
from mdss.astro.probability import pc_2d
from mdss.maneuver import Burn
from mdss.planner.box.deviation import DeviationMap, check_times, deviation_map
from mdss.planner.box.program import BoxRows, BurnBlocks, ReturnProgram
from mdss.planner.candidates import Sweep
from mdss.planner.execution import inflated_plane
from mdss.planner.optimum import AnyDirection, Cones
from mdss.planner.setting import Setting, schedule
from mdss.units import HOUR_S

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

ROOM = 0.98
"""Share of the box that is planned with: what the linear map may be off."""

_AVOID_NODES, _RETURN_NODES = 24, 24
_RETURN_TIMES = 120  # of which as many are picked as the schedule allows


@dataclass(frozen=True, eq=False)
class ReturnQuestion:
    """The unsafe set, the burns that may be fired, the box.

    Parameters
    ----------
    setting : Setting
        Its spacecraft has a station-keeping box.
    found : Sweep
        Over the setting's own times and directions.
    """

    setting: Setting
    found: Sweep

    @cached_property
    def unsafe(self) -> UnsafeSet | None:
        """For the target, with the covariance of the message."""
        plane, radius = self.setting.plane, self.setting.risk.hbr.radius_m
        return unsafe_set(plane.cov_m2, radius, self.setting.linear_target)

    @property
    def safe_already(self) -> bool:
        """Whether Pc by the linear map's integral is at the target or below."""
        plane, radius = self.setting.plane, self.setting.risk.hbr.radius_m
        before = float(pc_2d(plane.miss_m, plane.cov_m2, radius))
        return self.unsafe is None or before <= self.setting.linear_target

    @cached_property
    def scaled(self) -> FloatArray:
        """From the plane to coordinates scaled by the unsafe set."""
        return np.eye(2) if self.unsafe is None else self.unsafe.scaled_from_plane

    @cached_property
    def unit_m_s(self) -> float:
        """About the size of the burn that avoids."""
        return float(np.min(self.found.optimum.dv_m_s[self.found.possible]))

    @cached_property
    def deviations(self) -> DeviationMap:
        """The box."""
        return deviation_map(self.setting)

    @cached_property
    def total_m_s(self) -> float:
        """What the propellant above the reserve gives."""
        return replace(self.setting.spacecraft, maximum_dv_m_s=np.inf).available_dv_m_s

    @cached_property
    def blocks(self) -> BurnBlocks:
        """Every burn time and direction that may be used, in time order."""
        avoid = _avoid_nodes(self.found)
        back = _return_times_s(self.setting, self.unit_m_s)
        times = np.concatenate([self.found.optimum.t_before_tca_s[avoid], -back])
        maps = np.concatenate([self.found.displacement[avoid], np.zeros((back.size, 2, 3))])
        return _with_directions(self.setting, times, self.scaled @ maps)

    def box_rows(self, blocks: BurnBlocks, spans: Iterable[tuple[float, float]]) -> BoxRows:
        """The box over spans of time, seconds from TCA, for burns.

        What neither drifts nor waves is checked once in each span, what only drifts at its ends.
        """
        spans, period_s = list(spans), self.deviations.orbit.period_s
        starts = [start for start, _ in spans]
        ends = [*starts, *(end for _, end in spans)]
        checked = {"semi_major_axis_m": starts, "eccentricity": starts}
        checked |= {"local_time_s": ends, "ground_track_m": ends}
        times = np.concatenate([check_times(*span, period_s) for span in spans])
        checks = deviation_map(self.setting, times)
        kept = [
            side not in checked or t in checked[side]
            for side, t in zip(checks.side, checks.t_s.tolist(), strict=True)
        ]
        rows = blocks.along(checks.per_dv(blocks.t_before_tca_s)[:, kept])
        offset = checks.offset[kept]
        away = np.abs(offset[:, 0])
        return BoxRows(
            rows=np.moveaxis(rows, 0, 2).reshape(*offset.shape, -1),
            offset=offset,
            limit=away + ROOM * (1 - away),
        )

    def program(
        self, blocks: BurnBlocks, box: BoxRows, *, stretched: bool = False
    ) -> ReturnProgram:
        """The convex program of some burns and checks."""
        cap = min(self.setting.spacecraft.available_dv_m_s, self.total_m_s)
        return ReturnProgram(blocks, box, self.unit_m_s, cap, self.total_m_s, stretched=stretched)

    def pc_after(self, burns: tuple[Burn, ...], dv_rtn: FloatArray) -> float:
        """Pc by the linear map, the larger of with and without execution error."""
        setting, radius = self.setting, self.setting.risk.hbr.radius_m
        early = [k for k, burn in enumerate(burns) if burn.t_before_tca_s > 0]
        times = np.array([burns[k].t_before_tca_s for k in early])
        maps = setting.displacement(times) if early else np.zeros((0, 2, 3))
        plane = setting.plane
        miss = plane.miss_m + np.einsum("kij,kj->i", maps, dv_rtn[early])
        noisy = inflated_plane(plane, maps, dv_rtn[early], setting.spacecraft.execution_error)
        largest = max(float(pc_2d(miss, cov, radius)) for cov in (plane.cov_m2, noisy.cov_m2))
        return min(largest * setting.risk.encounter.plane_factor, 1.0)


def _avoid_nodes(found: Sweep) -> IntArray:
    """Possible burn times: where delta-v is least for a while, filled up evenly."""
    possible = np.flatnonzero(found.possible)
    dv = np.where(found.possible, found.optimum.dv_m_s, np.inf)
    padded = np.concatenate([[np.inf], dv, [np.inf]])
    least = np.flatnonzero(np.isfinite(dv) & (dv <= padded[:-2]) & (dv <= padded[2:]))
    valleys = least[np.argsort(dv[least], kind="stable")][:_AVOID_NODES]
    even = _thinned(possible, max(_AVOID_NODES - valleys.size, 2))
    return np.unique(np.concatenate([valleys, even]))


def _thinned(indices: IntArray, count: int) -> IntArray:
    """So many of them, evenly."""
    places = np.linspace(0, indices.size - 1, min(count, indices.size))
    return np.asarray(indices[np.rint(places).astype(np.intp)])


def _return_times_s(setting: Setting, size_m_s: float) -> FloatArray:
    """Burn times after TCA that the schedule allows, seconds after it."""
    box = setting.spacecraft.station_keeping
    assert box is not None
    within = box.return_within_h * HOUR_S
    times = np.linspace(within / _RETURN_TIMES, within, _RETURN_TIMES)
    ways = setting.in_track_directions
    way = ways[0] if ways.size else setting.spacecraft.directions_rtn[0]  # type: ignore[index]
    dv_rtn = np.tile(way, (times.size, 1))
    found = schedule(setting, -times, np.full(times.size, size_m_s), dv_rtn)
    return times[_thinned(np.flatnonzero(~found.forbidden), _RETURN_NODES)]


def _with_directions(setting: Setting, times: FloatArray, move: FloatArray) -> BurnBlocks:
    """A block for each burn time, or for each time and ray or cone."""
    allowed = setting.directions
    if isinstance(allowed, AnyDirection):
        none = np.full((times.size, 3), np.nan)
        return BurnBlocks(t_before_tca_s=times, axis_rtn=none, cosine=None, move=move)
    ways = len(allowed.axis)
    axis, move = np.tile(allowed.axis, (times.size, 1)), np.repeat(move, ways, axis=0)
    cosine = None
    if isinstance(allowed, Cones):
        cosine = float(np.cos(allowed.half_angle_rad))
    else:
        move = np.einsum("nij,nj->ni", move, axis)[..., None]
    times = np.repeat(times, ways)
    return BurnBlocks(t_before_tca_s=times, axis_rtn=axis, cosine=cosine, move=move)

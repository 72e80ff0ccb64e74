"""A series that says at each update what is known of it, and otherwise moves by chance.

Known is a miss in the encounter plane, or a probability at a given height of one object above
the other. The twelve error sources of both objects are drawn as for any series
(`_messages.drawn_offsets`), on the condition that the miss moves by the wanted step: that is
the draw a normal distribution gives once the step is known.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from _messages import FloatArray, Message, Series, Track

from mdss.astro.encounter import EncounterPlane, encounter_plane, plane_axes
from mdss.astro.frames import eci_from_rtn
from mdss.astro.probability import pc_2d

_REACH_SIGMAS = 12.0
_PASSES = 4


@dataclass(frozen=True)
class Goal:
    """What an update says: object 1 minus object 2 in the plane, up and across.

    Without `across_m` it is the one that gives `pc`, on the side told by its sign.
    """

    up_m: float
    across_m: float | None = None
    pc: float = 0.0
    side: int = 1

    def miss_m(self, cov_m2: FloatArray, radius_m: float) -> FloatArray:
        """Across, up with this plane covariance; ValueError where the probability is too high."""
        if self.across_m is not None:
            return np.array([self.across_m, self.up_m])
        near = cov_m2[0, 1] / cov_m2[1, 1] * self.up_m  # most likely across at this height
        far = near + self.side * _REACH_SIGMAS * cov_m2[0, 0] ** 0.5
        if pc_2d(np.array([near, self.up_m]), cov_m2, radius_m) < self.pc:
            raise ValueError(f"Pc {self.pc:g} is out of reach {self.up_m:g} m up")
        for _ in range(60):
            middle = 0.5 * (near + far)
            inside = pc_2d(np.array([middle, self.up_m]), cov_m2, radius_m) > self.pc
            near, far = (middle, far) if inside else (near, middle)
        return np.array([near, self.up_m])


def met(series: Series, goals: Sequence[Goal], seed: int) -> Series:
    """The series with object 2 and the earlier updates moved so that each goal is met.

    The series comes with its geometry (object 2 where object 1 is) and its errors.
    """
    series = _last_met(series, goals[-1])
    uniform = random.Random(seed)
    for update in range(len(goals) - 2, -1, -1):
        z = np.array([round(NormalDist().inv_cdf(uniform.random()), 3) for _ in range(12)])
        series = _update_met(series, update, goals[update], z)
    return series


def plane_of(message: Message) -> EncounterPlane:
    """Encounter plane of a message, object 1 minus object 2."""
    one, two = message.states
    return encounter_plane(one[:3], (one - two)[:3], (one - two)[3:], message.combined_covariance)


def _last_met(series: Series, goal: Goal) -> Series:
    first, second = series.tracks
    last = len(series.created_utc) - 1
    for _ in range(_PASSES):
        plane = plane_of(Message.of(series, last))
        miss = goal.miss_m(plane.cov_m2, series.hard_body_radius_m)
        axes = plane_axes(first.position_m, first.velocity_m_s - second.velocity_m_s)
        second = replace(second, position_m=first.position_m - axes.T @ miss)
        series = replace(series, tracks=(first, second))
    return series


def _update_met(series: Series, update: int, goal: Goal, z: FloatArray) -> Series:
    wanted = None
    for _ in range(_PASSES):
        plane = plane_of(Message.of(series, update))
        miss = goal.miss_m(plane.cov_m2, series.hard_body_radius_m)
        wanted = miss if wanted is None else wanted + miss - plane.miss_m
        series = _stepped(series, update, plane.axes, wanted, z)
    return series


def _stepped(
    series: Series, update: int, axes: FloatArray, wanted_m: FloatArray, z: FloatArray
) -> Series:
    """The series with an update drawn on the condition that its miss is the wanted one."""
    scale = np.concatenate([_removed_sigmas(track, update) for track in series.tracks])
    effect = np.hstack([s * axes @ _turned(t) for s, t in zip((1, -1), series.tracks, strict=True)])
    later = np.concatenate([track.offsets_m[update + 1] for track in series.tracks])
    first, second = series.tracks
    start = axes @ (first.position_m - second.position_m) + effect @ later
    scaled = effect * scale
    drawn = z + scaled.T @ np.linalg.solve(scaled @ scaled.T, wanted_m - start - scaled @ z)
    moved = (later + scale * drawn).reshape(2, 6)
    return replace(
        series,
        tracks=(_with_offset(first, update, moved[0]), _with_offset(second, update, moved[1])),
    )


def _removed_sigmas(track: Track, update: int) -> FloatArray:
    return np.sqrt(track.sigmas_m[update] ** 2 - track.sigmas_m[update + 1] ** 2)


def _turned(track: Track) -> FloatArray:
    """Inertial position for one metre of each source, shape (3, 6)."""
    return eci_from_rtn(track.position_m, track.velocity_m_s) @ track.sources[:3]


def _with_offset(track: Track, update: int, offset_m: FloatArray) -> Track:
    offsets = track.offsets_m.copy()
    offsets[update] = offset_m
    return replace(track, offsets_m=offsets)

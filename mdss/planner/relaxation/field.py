"""The least burn at many times, and what forbids each: one mask for a constraint."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.operations import TimeWindow
from mdss.planner.candidates import Sweep, sweep
from mdss.planner.costs import Cost, Deviation, Fuel, Interruption, Lateness
from mdss.planner.mission import outcomes_of
from mdss.planner.setting import (
    NO_BURN_WINDOWS,
    Schedule,
    Setting,
    burn_durations_s,
    schedule_between,
)
from mdss.units import seconds_between

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

COMMAND, LARGEST, PROPELLANT = "command", "largest burn", "propellant"
HORIZON, MINIMUM_LEAD, THRUST = "planning horizon", "minimum lead", "thrust"
ON_TIME, FLIGHT, DECISION_LEAD = "longest firing", "flight", "decision_lead_h"
"""Masks of `Field`, beside the windows, the closures of the schedule and other policy limits."""
SIZE = frozenset({LARGEST, PROPELLANT, ON_TIME})
A_HAIR = 1e-9  # relative: a value that just suffices survives the arithmetic

_PLANNER_MARGIN = 1.3  # on sizes, where durations decide: the planner's own
_LIMITED: tuple[tuple[str, Cost], ...] = (
    ("propellant_g", Fuel()),
    ("interruption_min", Interruption()),
    ("deviation_boxes", Deviation()),
    (DECISION_LEAD, Lateness()),
)
POLICY_LIMITS = frozenset(name for name, _ in _LIMITED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    """The least burn at each of many times, inside the planning horizon or not.

    Parameters
    ----------
    setting : Setting
        With the constraints that the masks are about.
    found : Sweep
        The burns, shape (n,); made with a horizon that holds all the times.
    scale : float
        Flown size over linear size, 1 or more.
    hopeless : array of bool, optional
        Burns that nothing forbids and that do not hold when flown.
    """

    setting: Setting
    found: Sweep
    scale: float = 1.0
    hopeless: BoolArray | None = None

    @classmethod
    def at(cls, setting: Setting, times_s: FloatArray, scale: float = 1.0) -> Field:
        """The field at burn times that may lie up to the setting's `reach_s` before TCA."""
        operations = setting.operations
        horizon_s = max(operations.planning_horizon_s, float(times_s[0]))
        wide = replace(operations, planning_horizon_s=horizon_s, minimum_lead_s=0.0)
        inside = replace(setting, operations=wide)
        return cls(setting=setting, found=sweep(inside, setting.directions, times_s), scale=scale)

    @property
    def times_s(self) -> FloatArray:
        """Mid-burn, seconds before TCA."""
        return self.found.optimum.t_before_tca_s

    @property
    def ways_rtn(self) -> FloatArray:
        """Directions of the burns, any length, shape (n, 3)."""
        return self.found.optimum.dv_rtn_m_s

    @cached_property
    def dv_m_s(self) -> FloatArray:
        """Sizes as they would be flown; inf where no size does [m/s]."""
        least = self.setting.spacecraft.minimum_dv_m_s
        return np.maximum(self.scale * self.found.optimum.dv_m_s, least)

    @cached_property
    def half_s(self) -> FloatArray:
        """Half the burn durations, with the margin that the planner keeps [s]."""
        dv = np.maximum(_PLANNER_MARGIN / self.scale, 1.0) * self.dv_m_s
        return 0.5 * self.durations_s(dv)

    def durations_s(self, dv_m_s: FloatArray) -> FloatArray:
        """Burn durations, whatever the largest burn and the reserve are [s]."""
        craft = self.setting.spacecraft
        free = replace(craft, maximum_dv_m_s=math.inf, propellant_reserve_kg=0.0)
        return burn_durations_s(free, dv_m_s, self.ways_rtn)

    @property
    def start_t_s(self) -> FloatArray:
        """Starts of the burns, seconds from TCA."""
        return -self.times_s - self.half_s

    @property
    def end_t_s(self) -> FloatArray:
        """Ends of the burns, seconds from TCA."""
        return -self.times_s + self.half_s

    @property
    def slew_t_s(self) -> FloatArray:
        """Starts of the slews, seconds from TCA."""
        return self.start_t_s - self.setting.spacecraft.lead_in_s(self.ways_rtn)

    @property
    def now_t_s(self) -> float:
        """Now, seconds from TCA."""
        return seconds_between(self.setting.tca_utc, self.setting.now_utc)

    @cached_property
    def timing(self) -> Schedule:
        """The schedule at these sizes, under the constraints of the setting."""
        return schedule_between(self.setting, self.start_t_s, self.end_t_s, self.ways_rtn)

    @cached_property
    def masks(self) -> Mapping[str, BoolArray]:
        """For each constraint, the burn times that it forbids."""
        operations, craft, timing = self.setting.operations, self.setting.spacecraft, self.timing
        open_ = np.zeros(self.times_s.shape, dtype=bool)
        return {
            FLIGHT: open_ if self.hopeless is None else self.hopeless,
            HORIZON: self.times_s > operations.planning_horizon_s * (1 + A_HAIR),
            MINIMUM_LEAD: self.times_s < operations.minimum_lead_s * (1 - A_HAIR),
            COMMAND: timing.too_late,
            THRUST: timing.too_slow,
            LARGEST: ~(self.dv_m_s <= craft.maximum_dv_m_s),
            PROPELLANT: ~(self.dv_m_s <= self._propellant_dv_m_s()),
            ON_TIME: self.durations_s(self.dv_m_s) > self.longest_s,
            **{name: mask for name, mask in timing.closures if name != NO_BURN_WINDOWS},
            **{f"window {k}": touched for k, touched in enumerate(self._touched())},
            **{name: ~(cost <= limit) for name, cost, limit in self.limits},
        }

    @cached_property
    def longest_s(self) -> FloatArray:
        """How long the thruster of each burn may fire without a break [s]."""
        each = np.array([one.maximum_on_s for one in self.setting.spacecraft.thrusters])
        return each[self.setting.spacecraft.thruster_places(self.ways_rtn)]

    def _propellant_dv_m_s(self) -> float:
        return replace(self.setting.spacecraft, maximum_dv_m_s=math.inf).available_dv_m_s

    def _touched(self) -> Iterator[BoolArray]:
        for window in self.setting.operations.no_burn:
            low, high = self.edges_t_s(window)
            yield (self.start_t_s <= high) & (self.end_t_s >= low)

    def edges_t_s(self, window: TimeWindow) -> tuple[float, float]:
        """Start and end of a window, seconds from TCA."""
        tca = self.setting.tca_utc
        return seconds_between(tca, window.start_utc), seconds_between(tca, window.end_utc)

    @cached_property
    def limits(self) -> list[tuple[str, FloatArray, float]]:
        """The hard limits of the policy: field, cost of each burn, limit."""
        limits = self.setting.policy.limits
        given = [(name, cost, getattr(limits, name)) for name, cost in _LIMITED]
        set_ = [one for one in given if one[2] is not None]
        if not set_:
            return []
        outcome = outcomes_of(self.found)
        scales = {"propellant_g": self.scale}  # the rest does not follow from the size
        return [
            (name, scales.get(name, 1.0) * cost.of(outcome), limit) for name, cost, limit in set_
        ]

    def open_but(self, besides: frozenset[str] = frozenset()) -> BoolArray:
        """Burn times that nothing forbids, constraints `besides` left aside."""
        closed = [mask for name, mask in self.masks.items() if name not in besides]
        known = np.isfinite(self.dv_m_s) if not besides & SIZE else True
        return np.asarray(known & ~np.any(closed, axis=0))

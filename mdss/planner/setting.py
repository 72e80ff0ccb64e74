"""What a plan has to respect: spacecraft, windows, contacts, leads, and the current time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.conjunction import Conjunction
from mdss.maneuver import Dynamics, displacement_per_dv
from mdss.operations import Operations
from mdss.planner.demands import Demand, demands_of, unmet
from mdss.planner.optimum import Allowed, allowed_directions
from mdss.policy import Policy
from mdss.risk.assess import Risk
from mdss.spacecraft import Spacecraft
from mdss.units import seconds_between

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_GRID_S = 60.0
_MOST_TIMES = 2000
_LINEAR_AIM = 0.995


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """One planning question.

    Parameters
    ----------
    risk : Risk
        Its conjunction's primary is the spacecraft.
    spacecraft, operations, policy
    now_utc : datetime
    dynamics : {"two_body", "numerical"}
        Of the linear map.
    """

    risk: Risk
    spacecraft: Spacecraft
    operations: Operations
    policy: Policy
    now_utc: datetime
    dynamics: Dynamics = "numerical"

    @property
    def conjunction(self) -> Conjunction:
        """The conjunction, the spacecraft as primary."""
        return self.risk.conjunction

    @property
    def tca_utc(self) -> datetime:
        """TCA of the message."""
        return self.conjunction.tca_utc

    @property
    def plane(self) -> EncounterPlane:
        """The plane of the linear map: where 2D Pc stands for the recommended one."""
        return self.risk.planning_plane

    @property
    def linear_target(self) -> float:
        """What the 2D integral in `plane` is to come down to.

        A little below the target: the flown Pc then usually needs no correction.
        """
        return min(_LINEAR_AIM * self.policy.pc_target / self.risk.encounter.plane_factor, 0.5)

    @cached_property
    def times_s(self) -> FloatArray:
        """Burn times considered, seconds before TCA, falling: earliest burn first."""
        first = self.operations.planning_horizon_s
        last = self.operations.minimum_lead_s
        n = int(np.clip((first - last) / _GRID_S, 2, _MOST_TIMES - 1)) + 1
        return np.linspace(first, max(last, 1.0), n)

    def displacement(self, times_s: FloatArray) -> FloatArray:
        """M at any burn times within the horizon, shape (n, 2, 3).

        The earliest time goes along, so that every call asks for the same integration.
        """
        anchored = np.concatenate([self.times_s[:1], times_s])
        return displacement_per_dv(self.conjunction, self.plane, anchored, self.dynamics)[1:]

    @cached_property
    def grid_displacement(self) -> FloatArray:
        """M at `times_s`."""
        return self.displacement(self.times_s)

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """What the policy asks of the miss itself, beside Pc."""
        return demands_of(self.conjunction, self.policy, self.now_utc)

    @cached_property
    def calling(self) -> tuple[Demand, ...]:
        """Those that call for a burn as things stand."""
        return tuple(one for one in unmet(self.demands, self.conjunction) if one.calls)

    @property
    def directions(self) -> Allowed:
        """Where the thrusters can push."""
        listed = self.spacecraft.directions_rtn
        if listed is None:
            return allowed_directions("free")
        return allowed_directions(listed, self.spacecraft.cone_half_angle_rad)

    @property
    def in_track_directions(self) -> FloatArray:
        """Those of + and − transverse that the thrusters can push along, shape (k, 3)."""
        both = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
        able = [
            any(thruster.can_push(one) for thruster in self.spacecraft.thrusters) for one in both
        ]
        return both[able]


@dataclass(frozen=True, kw_only=True, eq=False)
class Schedule:
    """What burns of given sizes at given times mean for the mission; arrays of shape (n,).

    Parameters
    ----------
    too_late : array of bool
        The commit is before now, or no contact is left to command it.
    blocked : array of bool
        Touches a no-burn window.
    too_slow : array of bool
        Still burns at TCA.
    interruption_min : array
        Weighted payload minutes lost.
    commit_t_s : array
        Commit, seconds from TCA.
    """

    too_late: BoolArray
    blocked: BoolArray
    too_slow: BoolArray
    interruption_min: FloatArray
    commit_t_s: FloatArray


def schedule(
    setting: Setting, times_s: FloatArray, dv_m_s: FloatArray, dv_rtn: FloatArray
) -> Schedule:
    """Windows, payload and contacts of burns that are centred on `times_s` before TCA.

    Sizes are `dv_m_s`, shape (n,); `dv_rtn`, shape (n, 3), gives the directions.
    """
    spacecraft, operations = setting.spacecraft, setting.operations
    half = 0.5 * burn_durations_s(spacecraft, dv_m_s, dv_rtn)
    start, end = -times_s - half, -times_s + half
    slew = start - spacecraft.slew_s - spacecraft.settle_s
    commit = operations.commit_by(setting.tca_utc, slew)
    now = seconds_between(setting.tca_utc, setting.now_utc)
    return Schedule(
        too_late=commit < now,
        blocked=operations.blocked(setting.tca_utc, start, end),
        too_slow=end >= 0,
        interruption_min=operations.interruption(
            setting.tca_utc, slew, end + spacecraft.slew_back_s
        ),
        commit_t_s=commit,
    )


def burn_durations_s(spacecraft: Spacecraft, dv_m_s: FloatArray, dv_rtn: FloatArray) -> FloatArray:
    """Burn durations with the thruster of each direction [s].

    Impossible burns (no direction) count as the longest one of the first thruster.
    """
    longest = spacecraft.available_dv_m_s
    known = np.isfinite(dv_m_s) & np.all(np.isfinite(dv_rtn), axis=1) & np.any(dv_rtn, axis=1)
    sizes = np.where(known, np.minimum(dv_m_s, longest), longest)
    return np.array(
        [
            spacecraft.burn_duration_s(float(size), way if has_way else None)
            for size, way, has_way in zip(sizes, dv_rtn, known, strict=True)
        ]
    )

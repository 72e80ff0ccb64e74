"""What a plan has to respect: spacecraft, windows, contacts, leads, and the current time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.twobody import fastest_turn_s, orbital_period_s
from mdss.conjunction import Conjunction
from mdss.maneuver import Dynamics, displacement_per_dv
from mdss.operations import Operations
from mdss.planner.arc_map import ArcMap
from mdss.planner.demands import Demand, demands_of, unmet
from mdss.planner.optimum import Allowed, allowed_directions
from mdss.planner.robustness.cases import CaseSet
from mdss.policy import Policy
from mdss.risk.assess import Risk
from mdss.spacecraft import Spacecraft
from mdss.units import seconds_between

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NO_BURN_WINDOWS, ECLIPSE, STANDING = "no-burn windows", "eclipse", "standing maneuver"
CONFIRMATION, SLEW_LIMIT = "confirmation contact", "slew limit"
"""Names of constraints, as `binds` of an option says them."""

_IN_TRACK = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
_GRID_S = 60.0
_MOST_TIMES = 2000
_LINEAR_AIM = 0.995
_SOONEST_S = 1.0  # before TCA: the latest instant of the map of arcs


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
    robust : CaseSet, optional
        Burns must reach the target in all of these cases.
    reach_s : float
        The map is integrated back to so long before TCA at least, so that settings with other
        horizons and burns share the integration [s].
    """

    risk: Risk
    spacecraft: Spacecraft
    operations: Operations
    policy: Policy
    now_utc: datetime
    dynamics: Dynamics = "numerical"
    robust: CaseSet | None = None
    reach_s: float = 0.0

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
        anchored = np.concatenate([[self._earliest_s], times_s])
        return displacement_per_dv(self.conjunction, self.plane, anchored, self.dynamics)[1:]

    @cached_property
    def grid_displacement(self) -> FloatArray:
        """M at `times_s`."""
        return self.displacement(self.times_s)

    @cached_property
    def period_s(self) -> float:
        """A revolution of the spacecraft [s]."""
        primary, gm = self.conjunction.primary, self.conjunction.body.gm_m3_s2
        return orbital_period_s(primary.position_m, primary.velocity_m_s, gm)

    @cached_property
    def fastest_turn_s(self) -> float:
        """What counts as a revolution where burns are cut into impulses [s]."""
        primary, gm = self.conjunction.primary, self.conjunction.body.gm_m3_s2
        return fastest_turn_s(primary.position_m, primary.velocity_m_s, gm)

    @cached_property
    def _earliest_s(self) -> float:
        """Before TCA: where the map begins [s]."""
        return max(float(self.times_s[0]), self.reach_s)

    @cached_property
    def arc_map(self) -> ArcMap:
        """M from where it begins up to TCA, to average over arcs."""
        step = float(self.times_s[0] - self.times_s[1])
        after = np.arange(self.times_s[-1] - step, _SOONEST_S, -step)
        early = np.arange(self._earliest_s, self.times_s[0] + 0.5 * step, -step)
        times = np.unique(np.concatenate([early, self.times_s, after, [_SOONEST_S]]))[::-1]
        return ArcMap.through(times, self.displacement(times), self.fastest_turn_s)

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

    @cached_property
    def sunlit_only(self) -> BoolArray:
        """Which thrusters must not burn in eclipse, shape (number of thrusters,)."""
        everywhere = not self.operations.burns_in_eclipse
        return np.array([everywhere or one.sunlit_only for one in self.spacecraft.thrusters])

    @cached_property
    def standing_t_s(self) -> FloatArray:
        """Standing maneuvers with their slews, seconds from TCA, shape (k, 2)."""
        craft = self.spacecraft
        spans = [
            (
                seconds_between(self.tca_utc, one.start_utc) - craft.lead_in_s(one.dv_rtn_m_s),
                seconds_between(self.tca_utc, one.end_utc) + craft.lead_out_s(one.dv_rtn_m_s),
            )
            for one in self.operations.standing
        ]
        return np.array(spans, dtype=float).reshape(-1, 2)

    @property
    def in_track_directions(self) -> FloatArray:
        """Those of + and − transverse that the thrusters can push along, shape (k, 3)."""
        return _IN_TRACK[[self.spacecraft.can_push(one) for one in _IN_TRACK]]

    @property
    def why_not_in_track(self) -> tuple[str, str]:
        """What leaves no in-track direction, as a constraint and in words."""
        words = "No thruster pushes along or against the transverse"
        if any(one.can_push(way) for one in self.spacecraft.thrusters for way in _IN_TRACK):
            return SLEW_LIMIT, f"{words} within the largest slew from the normal attitude."
        return "thruster directions", f"{words}."


@dataclass(frozen=True, kw_only=True, eq=False)
class Schedule:
    """What burns of given sizes at given times mean for the mission; arrays of shape (n,).

    Parameters
    ----------
    too_late : array of bool
        The commit is before now, or no contact is left to command it.
    blocked : array of bool
        Touches a no-burn window.
    eclipsed : array of bool
        Touches an eclipse where the mission or its thruster allows none.
    standing : array of bool
        Overlaps a standing maneuver, slews included.
    unconfirmed : array of bool
        Has no downlink after it where one is asked for.
    beyond_slew : array of bool
        Points farther from the normal attitude than the largest slew.
    too_slow : array of bool
        Still burns at TCA.
    interruption_min : array
        Weighted payload minutes lost.
    commit_t_s : array
        Commit, seconds from TCA.
    """

    too_late: BoolArray
    blocked: BoolArray
    eclipsed: BoolArray
    standing: BoolArray
    unconfirmed: BoolArray
    beyond_slew: BoolArray
    too_slow: BoolArray
    interruption_min: FloatArray
    commit_t_s: FloatArray

    @property
    def forbidden(self) -> BoolArray:
        """Whether anything in the schedule forbids the burn."""
        return self.too_late | self.closed | self.too_slow

    @property
    def closed(self) -> BoolArray:
        """Whether a window, an eclipse, a contact or the attitude forbids it."""
        return np.asarray(np.any([mask for _, mask in self.closures], axis=0))

    @property
    def closures(self) -> tuple[tuple[str, BoolArray], ...]:
        """What `closed` is made of, by name of the constraint."""
        return (
            (NO_BURN_WINDOWS, self.blocked),
            (ECLIPSE, self.eclipsed),
            (STANDING, self.standing),
            (CONFIRMATION, self.unconfirmed),
            (SLEW_LIMIT, self.beyond_slew),
        )


def schedule(
    setting: Setting, times_s: FloatArray, dv_m_s: FloatArray, dv_rtn: FloatArray
) -> Schedule:
    """Windows, payload and contacts of burns that are centred on `times_s` before TCA.

    Sizes are `dv_m_s`, shape (n,); `dv_rtn`, shape (n, 3), gives the directions.
    """
    half = 0.5 * burn_durations_s(setting.spacecraft, dv_m_s, dv_rtn)
    return schedule_between(setting, -times_s - half, -times_s + half, dv_rtn)


def schedule_between(
    setting: Setting, start_t_s: FloatArray, end_t_s: FloatArray, dv_rtn: FloatArray
) -> Schedule:
    """Windows, payload and contacts of burns from `start_t_s` to `end_t_s`, seconds from TCA."""
    spacecraft, operations, tca = setting.spacecraft, setting.operations, setting.tca_utc
    slew = start_t_s - spacecraft.lead_in_s(dv_rtn)
    back = end_t_s + spacecraft.lead_out_s(dv_rtn)
    commit = operations.commit_by(tca, slew)
    sunlit_only = setting.sunlit_only[spacecraft.thruster_places(dv_rtn)]
    return Schedule(
        too_late=commit < seconds_between(tca, setting.now_utc),
        blocked=operations.blocked(tca, start_t_s, end_t_s),
        eclipsed=sunlit_only & operations.in_shadow(tca, start_t_s, end_t_s),
        standing=_overlaps(setting.standing_t_s, slew, back),
        unconfirmed=~operations.confirmed(tca, end_t_s),
        beyond_slew=spacecraft.beyond_slew(dv_rtn),
        too_slow=(start_t_s < 0) & (end_t_s >= 0),
        interruption_min=operations.interruption(tca, slew, back),
        commit_t_s=commit,
    )


def _overlaps(spans: FloatArray, start: FloatArray, end: FloatArray) -> BoolArray:
    """Whether spans from `start` to `end`, shape (n,), touch any of `spans`, shape (k, 2)."""
    touches = (start[:, None] <= spans[:, 1]) & (end[:, None] >= spans[:, 0])
    return np.asarray(touches.any(axis=1), dtype=bool)


def burn_durations_s(spacecraft: Spacecraft, dv_m_s: FloatArray, dv_rtn: FloatArray) -> FloatArray:
    """Burn durations with the thruster of each direction [s].

    Impossible burns (no direction) count as the longest one of the first thruster.
    """
    longest = spacecraft.available_dv_m_s
    known = np.isfinite(dv_m_s) & np.all(np.isfinite(dv_rtn), axis=1) & np.any(dv_rtn, axis=1)
    sizes = np.where(known, np.minimum(dv_m_s, longest), longest)
    places = spacecraft.thruster_places(np.where(known[:, None], dv_rtn, 0.0))
    each = np.stack([one.duration_s(sizes, spacecraft.mass_kg) for one in spacecraft.thrusters])
    return np.asarray(each[places, np.arange(places.size)])

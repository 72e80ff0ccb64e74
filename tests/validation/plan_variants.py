"""Questions to plan and to check: a spacecraft, operations and a policy, with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from mdss.operations import (
    Contact,
    Operations,
    PayloadActivity,
    StandingManeuver,
    Station,
    TimeWindow,
)
from mdss.policy import Policy
from mdss.prices import Limits
from mdss.propulsion import ExecutionError, Thruster
from mdss.spacecraft import Spacecraft
from mdss.station_keeping import StationKeepingBox

STATIONS = (
    Station(name="North", latitude_deg=78.2, longitude_deg=15.4, elevation_mask_deg=8.0),
    Station(name="South", latitude_deg=-46.5, longitude_deg=168.4, elevation_mask_deg=8.0),
    Station(name="West", latitude_deg=28.0, longitude_deg=-15.6, elevation_mask_deg=10.0),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """What `mdss.plan` is asked.

    Parameters
    ----------
    event : ConjunctionEvent
    craft : Spacecraft
    operations : Operations
    policy : Policy
    least_m_s : float
        About what the least burn takes, so that what is to bind does [m/s].
    """

    event: object
    craft: Spacecraft
    operations: Operations
    policy: Policy
    least_m_s: float = 0.02

    @property
    def tca_utc(self):
        """Of the newest message."""
        return self.event.latest.tca_utc

    def at(self, hours: float):
        """An instant so many hours from TCA."""
        return self.tca_utc + timedelta(hours=hours)

    def with_craft(self, **changes) -> Question:
        """Another spacecraft."""
        return replace(self, craft=replace(self.craft, **changes))

    def with_thrusters(self, **changes) -> Question:
        """Other thrusters."""
        return self.with_craft(
            thrusters=tuple(replace(one, **changes) for one in self.craft.thrusters)
        )

    def with_operations(self, **changes) -> Question:
        """Other operations."""
        return replace(self, operations=replace(self.operations, **changes))

    def with_policy(self, **changes) -> Question:
        """Another policy."""
        return replace(self, policy=replace(self.policy, **changes))

    def asked(self) -> dict:
        """Arguments of `mdss.plan`; asked two days before TCA, when all is still possible."""
        return {
            "event": self.event,
            "spacecraft": self.craft,
            "operations": self.operations,
            "policy": self.policy,
            "now_utc": self.at(-48.0),
        }


def question_of(event, designator: str = "OBJECT1") -> Question:
    """A made-up spacecraft that can do everything, and operations without a constraint."""
    return Question(
        event=event,
        craft=Spacecraft(
            designator=designator,
            mass_kg=620.0,
            propellant_kg=40.0,
            propellant_reserve_kg=12.0,
            thrusters=(Thruster(name="all round", isp_s=222.0, thrust_n=4.0),),
            minimum_dv_m_s=0.001,
            maximum_dv_m_s=2.0,
            execution_error=ExecutionError(
                magnitude_fixed_m_s=0.0003,
                magnitude_proportional=0.01,
                pointing_fixed_m_s=0.0003,
                pointing_proportional_rad=0.01,
            ),
            slew_s=240.0,
            settle_s=90.0,
            slew_back_s=240.0,
        ),
        operations=Operations(command_lead_s=600.0, decision_lead_s=1800.0),
        policy=Policy.preset("nasa"),
    )


def plain(q: Question) -> Question:
    """As it is."""
    return q


def box(q: Question) -> Question:
    """A box of a low orbit that is kept well."""
    return q.with_craft(
        station_keeping=StationKeepingBox(semi_major_axis_m=60.0, along_track_m=3000.0)
    )


def box_of_all_sides(q: Question) -> Question:
    """Every side, and the spacecraft off its middle."""
    return q.with_craft(
        station_keeping=StationKeepingBox(
            semi_major_axis_m=150.0,
            along_track_m=8000.0,
            local_time_s=2.0,
            ground_track_m=1500.0,
            eccentricity=2e-5,
            return_within_h=18.0,
            hold_h=30.0,
            along_track_offset_m=-2000.0,
            semi_major_axis_offset_m=20.0,
        )
    )


def box_always(q: Question) -> Question:
    """A box that holds during the excursion too."""
    return q.with_craft(
        station_keeping=StationKeepingBox(
            semi_major_axis_m=250.0, along_track_m=9000.0, always=True, return_within_h=12.0
        )
    )


def small_burns(q: Question) -> Question:
    """Several are needed."""
    cap = 0.4 * q.least_m_s
    return q.with_craft(maximum_dv_m_s=cap, minimum_dv_m_s=min(q.craft.minimum_dv_m_s, 0.2 * cap))


def _thrust(q: Question, seconds: float) -> float:
    """That makes the least burn in so long [N]."""
    return q.craft.mass_kg * q.least_m_s / seconds


def weak(q: Question) -> Question:
    """A burn lasts a good part of a revolution."""
    return q.with_thrusters(thrust_n=_thrust(q, 900.0), isp_s=1500.0)


def weak_and_resting(q: Question) -> Question:
    """Fires for ten minutes and rests for twenty."""
    return q.with_thrusters(
        thrust_n=_thrust(q, 1500.0), isp_s=1500.0, duty_cycle=1 / 3, maximum_on_s=600.0
    )


def weak_at_half_duty(q: Question) -> Question:
    """Thrust at a share of the time, without a longest burn."""
    return q.with_thrusters(thrust_n=_thrust(q, 2500.0), isp_s=1500.0, duty_cycle=0.5)


def stations(q: Question) -> Question:
    """Contacts from three stations."""
    return q.with_operations(contacts=(), stations=STATIONS)


def sunlit(q: Question) -> Question:
    """No burns in eclipse."""
    return q.with_operations(burns_in_eclipse=False)


def weak_and_sunlit(q: Question) -> Question:
    """Electric propulsion that needs the Sun."""
    return weak(q).with_thrusters(sunlit_only=True)


def confirmed(q: Question) -> Question:
    """Stations, and a downlink soon after the burn."""
    return stations(q).with_operations(
        minimum_contact_s=180.0, confirm_within_s=2400.0, confirm_before_tca=True
    )


def standing(q: Question) -> Question:
    """Two burns that are planned already, one of which the message knows."""
    return q.with_operations(
        standing=(
            StandingManeuver(
                epoch_utc=q.at(-9.0), dv_rtn_m_s=(0.0, 0.002, 0.0), duration_s=200, in_message=True
            ),
            StandingManeuver(epoch_utc=q.at(-3.0), dv_rtn_m_s=(0.0, 0.0, 0.003), in_message=False),
        )
    )


def cones(q: Question) -> Question:
    """Two thrusters with cones, turned to at a rate."""
    return q.with_craft(
        thrusters=(
            Thruster(
                name="along",
                isp_s=220.0,
                thrust_n=2.0,
                directions_rtn=((0, 1, 0), (0.5, -1, 0)),
                cone_half_angle_deg=12.0,
            ),
            Thruster(
                name="across",
                isp_s=190.0,
                thrust_n=1.0,
                directions_rtn=((0, 0, 1), (0, 0, -1), (1, 0, 0)),
                cone_half_angle_deg=20.0,
            ),
        ),
        rest_thrust_rtn=(0.0, 1.0, 0.2),
        slew_rate_deg_s=0.2,
    )


def slew_limit(q: Question) -> Question:
    """Thrust anywhere within 70 degrees of where it points."""
    return q.with_craft(
        rest_thrust_rtn=(0.1, -1.0, 0.0), slew_rate_deg_s=0.3, maximum_slew_deg=70.0
    )


def limits(q: Question) -> Question:
    """Hard limits of the policy."""
    return q.with_policy(
        limits=Limits(
            propellant_g=60.0, interruption_min=20.0, deviation_boxes=0.6, decision_lead_h=9.0
        )
    )


def distances(q: Question) -> Question:
    """The policy asks for a miss."""
    return q.with_policy(min_miss_m=900.0, min_radial_m=250.0)


def windows(q: Question) -> Question:
    """No burn in half of the time, payload in most of it, contacts every six hours."""
    step = np.arange(-24.0, 26.0, 2.0)
    return q.with_operations(
        no_burn=tuple(TimeWindow(start_utc=q.at(h), end_utc=q.at(h + 0.9)) for h in step),
        payload=tuple(
            PayloadActivity(start_utc=q.at(h - 0.4), end_utc=q.at(h + 1.1), weight=w)
            for h, w in zip(step, np.resize([1.0, 3.0, 0.5], step.size).tolist(), strict=True)
        ),
        contacts=tuple(
            Contact(start_utc=q.at(h), end_utc=q.at(h + 0.2)) for h in (-30, -24.5, -17, -11, -6)
        ),
    )


def large_burns(q: Question) -> Question:
    """A coarse thruster and a heavy smallest burn."""
    return q.with_craft(minimum_dv_m_s=2.5 * q.least_m_s).with_thrusters(minimum_on_s=1.0)


def late(q: Question) -> Question:
    """The last five hours only."""
    return q.with_operations(planning_horizon_s=5 * 3600.0)


SINGLE = (
    plain,
    small_burns,
    weak,
    weak_and_resting,
    weak_at_half_duty,
    stations,
    sunlit,
    weak_and_sunlit,
    confirmed,
    standing,
    cones,
    slew_limit,
    limits,
    distances,
    windows,
    large_burns,
    late,
    box,
    box_of_all_sides,
    box_always,
)

TOGETHER = (
    (box, windows),
    (box, cones, stations),
    (box_always, sunlit, slew_limit),
    (small_burns, windows, standing),
    (small_burns, cones, confirmed),
    (weak, windows, box),
    (weak_and_resting, sunlit, stations),
    (weak_at_half_duty, standing),
    (small_burns, box),
    (small_burns, slew_limit, weak_and_resting),
    (cones, weak_and_resting),
    (late, small_burns, slew_limit),
    (distances, box, limits),
    (large_burns, box, windows),
)


def names_of(changes) -> str:
    """What a change, or several, are called."""
    if callable(changes):
        return changes.__name__
    return " + ".join(one.__name__ for one in changes)


def changed(q: Question, changes) -> Question:
    """The question with a change, or several, one after the other."""
    for one in (changes,) if callable(changes) else changes:
        q = one(q)
    return q

# ruff: noqa: E501  (Markdown tables)
"""Facts of the invented operational event: OBSERVER-7 and a fragment."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
from _messages import MU_M3_S2, FloatArray, Series, Thing, Track, drawn_offsets
from _orbits import state_from_elements
from _story import BURN, Scenario, Verdict, activity, stamp, window

from mdss.astro.encounter import plane_axes
from mdss.astro.frames import eci_from_rtn

TCA = datetime(2025, 3, 19, 18, 40, 12, 346000, tzinfo=UTC)
HOURS_BEFORE = (78, 66, 54, 42, 30)
SEED = 46

# Orbit of OBSERVER-7 at TCA, EME2000: a, e, i, node, argument of perigee, true anomaly
ORBIT = (7_098_300.0, 0.0011, 98.27, 141.2, 90.0, -51.0)
CROSSING_DEG = 177.5
SPEED_RATIO = 1.004
RADIAL_SPEED_M_S = 35.0
MISS_PLANE_M = (-210.0, 45.0)  # OBSERVER-7 minus fragment: across, up

# in-track shift, semi-major axis, e·cos, e·sin, plane, plane rate [m], one row an update
SIGMAS_1 = np.array(
    [
        [210, 4.0, 7.0, 7.0, 9.0, 9.0],
        [150, 3.2, 6.0, 6.0, 8.0, 8.0],
        [110, 2.6, 5.0, 5.0, 7.0, 7.0],
        [75, 2.2, 4.5, 4.5, 6.0, 6.0],
        [55, 2.0, 4.0, 4.0, 5.0, 5.0],
    ]
)
SIGMAS_2 = np.array(
    [
        [1700, 30, 75, 75, 110, 110],
        [1350, 25, 66, 66, 100, 100],
        [1050, 21, 58, 58, 92, 92],
        [800, 18, 52, 52, 86, 86],
        [620, 16, 47, 47, 80, 80],
    ],
    dtype=float,
)

OBSERVER = Thing(
    designator="99907",
    name="OBSERVER-7",
    international="2019-999A",
    kind="PAYLOAD",
    maneuverable="YES",
    covariance_method="CALCULATED",
    cd_area_over_mass=0.0105,
    cr_area_over_mass=0.0082,
)
FRAGMENT = Thing(
    designator="49863",
    name="FRAGMENT 49863",
    international="1999-999AB",
    kind="DEBRIS",
    maneuverable="NO",
    covariance_method="CALCULATED",
    cd_area_over_mass=0.0900,
    cr_area_over_mass=0.0500,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="observer7_fragment49863",
        series=series(),
        verdict=Verdict(BURN, option="balanced", dv_cm_s=(3.2, 3.6)),
        spacecraft=SPACECRAFT,
        operations=operations(),
        policy=POLICY,
        story=STORY,
    )


def series() -> Series:
    """Five messages, twelve hours apart, the last 30 h before TCA."""
    position_1, velocity_1 = state_from_elements(*ORBIT)
    position_2, velocity_2 = state_2(position_1, velocity_1)
    return Series(
        tca_utc=TCA,
        created_utc=tuple(TCA - timedelta(hours=hours) for hours in HOURS_BEFORE),
        tracks=(
            Track(OBSERVER, position_1, velocity_1, SIGMAS_1, drawn_offsets(SIGMAS_1, SEED)),
            Track(FRAGMENT, position_2, velocity_2, SIGMAS_2, drawn_offsets(SIGMAS_2, SEED + 1000)),
        ),
        hard_body_radius_m=12.0,
        frame="EME2000",
        originator="MDSS-SCENARIO",
        message_prefix="OBSERVER7-FRAGMENT49863",
        comments=("Reconstructed event: no real satellite, no real message",),
    )


def state_2(position_1: FloatArray, velocity_1: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The fragment: nearly head-on, displaced by the miss of the last message."""
    speed = SPEED_RATIO * float(np.linalg.norm(velocity_1))
    angle = math.radians(CROSSING_DEG)
    velocity_rtn = [RADIAL_SPEED_M_S, speed * math.cos(angle), speed * math.sin(angle)]
    velocity = eci_from_rtn(position_1, velocity_1) @ np.array(velocity_rtn)
    axes = plane_axes(position_1, velocity_1 - velocity)
    return position_1 - axes.T @ np.array(MISS_PLANE_M), velocity


ORBIT_S = 2 * math.pi * math.sqrt(ORBIT[0] ** 3 / MU_M3_S2)
CONTACT_END_H = (28.6, 26.95, 25.3, 17.1, 15.45, 13.8, 12.15, 7.3, 5.65, 2.4)
CONTACT_MIN = 10
# orbits before TCA: (from, to)
CALIBRATIONS = ((5.672, 5.32), (4.68, 4.32), (3.68, 3.32), (2.68, 2.32))
IMAGING_PHASE = (0.70, 0.30)
NIGHT_PHASE = (1.02, 0.90)


def operations() -> str:
    """operations.toml: everything is placed relative to TCA and written as UTC."""
    blocked = [
        window("no_burn", _before(start), _before(end), "radiometer calibration, attitude held")
        for start, end in CALIBRATIONS
    ]
    contacts = []
    for hours in CONTACT_END_H:
        end = TCA.replace(microsecond=0) - timedelta(hours=hours)
        start = end - timedelta(minutes=CONTACT_MIN)
        contacts.append(window("contacts", start, end, f"polar station, TCA - {hours:g} h"))
    return "\n".join([OPERATIONS, *blocked, *_payload(), *contacts])


def _payload() -> list[str]:
    entries = []
    for k in range(6, -1, -1):
        night, day = NIGHT_PHASE, IMAGING_PHASE
        entries.append(activity(_before(k + night[0]), _before(k + night[1]), "thermal bands", 0.5))
        entries.append(activity(_before(k + day[0]), _before(k + day[1]), "imaging", 3.0))
    return entries


def _before(orbits: float) -> datetime:
    """The instant so many orbits before TCA, to a second."""
    return stamp(TCA - timedelta(seconds=orbits * ORBIT_S))


OPERATIONS = """\
# Reconstructed: no real mission's schedule.
command_lead_s = 1200.0
decision_lead_s = 3600.0
planning_horizon_s = 36000.0
minimum_lead_s = 2700.0
"""

SPACECRAFT = """\
# Reconstructed: no real satellite.
designator = "99907"
name = "OBSERVER-7"
mass_kg = 1130.0
radius_m = 7.5
propellant_kg = 64.0
propellant_reserve_kg = 41.0
minimum_impulse_bit_n_s = 1.1
maximum_dv_m_s = 0.25
slew_s = 420.0
settle_s = 180.0
slew_back_s = 420.0
cd_area_over_mass_m2_kg = 0.0105
cr_area_over_mass_m2_kg = 0.0082

[[thrusters]]
name = "four hydrazine thrusters"
isp_s = 215.0
thrust_n = 4.0

[execution_error]
magnitude_fixed_m_s = 0.0003
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0003
pointing_proportional_rad = 0.0175
"""

POLICY = """\
# Reconstructed: thresholds of the NASA preset, prices of this mission.
base = "nasa"
name = "OBSERVER-7 flight rules"

[weights]
fuel_per_gram = 1.0
interruption_per_min = 0.145
lateness_per_hour = 0.3
residual_pc_per_target = 0.5

[sources]
weights = "reconstructed, 2025"
"""

STORY = """\
# OBSERVER-7 and a fragment, nearly head-on

An Earth-observation satellite meets a fragment at {speed_km_s:.1f} km/s over five messages; \
the cheapest burn times are blocked or fall into imaging, so every option costs something else.

Everything here is *reconstructed*: satellite, fragment, schedule and messages are invented. \
The designators belong to the story, not to the catalogue. What follows from the invented \
numbers is marked *derived*.

| what | value | kind |
|---|---|---|
| TCA (last message) | {tca} | *reconstructed* |
| orbit of OBSERVER-7 | a 7098.3 km, e 0.0011, i 98.27° (Sun-synchronous, about 720 km) | *reconstructed* |
| crossing angle, relative speed | 177.5°, {speed_m_s:.0f} m/s | *reconstructed*, *derived* |
| combined hard-body radius | 12 m | *reconstructed* |
| spacecraft, thrusters, execution error | spacecraft.toml | *reconstructed* |
| contacts, imaging, calibrations, lead times | operations.toml | *reconstructed* |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset |
| prices | policy.toml | *reconstructed* |

## Messages

{table}

Created, TCA and errors are *reconstructed*; miss and Pc (2D, from the rounded message) are \
*derived*.

The errors of each object at TCA are six independent sources (along the track, size, shape and \
plane of the orbit), which gives covariances whose radial velocity goes with the in-track \
position as in real messages. Each update moves the estimate by a draw from the covariance that \
the new data removed (seed {seed}); the last message is the chosen one. The seed was picked \
among sixty for a risk that hovers about the threshold before it rises.

## Verdict

{verdict}. Two options cost nothing or nearly nothing of the imaging; the prices of policy.toml decide \
between them.

## What makes it hard

* A burn along the track half an orbit before TCA lifts the satellite most, and calibrations \
block those times from 2.3 orbits before TCA on; the two later ones lie in imaging time.
* The fragment comes from ahead: drift along the track hardly counts, so a burn at other times \
wants a radial and a normal part, and one that is only in-track pays more.
* A burn that costs no imaging must wait for the gap of the orbit, where it is larger.
* After the contact that ends 2.4 h before TCA nothing can be commanded.
"""

STORY = STORY.replace("{seed}", str(SEED))

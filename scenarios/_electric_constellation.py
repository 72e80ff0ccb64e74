# ruff: noqa: E501  (Markdown tables)
"""An invented constellation satellite whose weak electric thruster fires in sunlight only."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import BURN, Scenario, Verdict

MEETING = Meeting(
    prefix="LATTICE118-FRAGMENT99688",
    tca_utc=datetime(2026, 2, 19, 21, 14, 8, tzinfo=UTC),
    created_utc=(
        datetime(2026, 2, 16, 20, 0, tzinfo=UTC),
        datetime(2026, 2, 17, 12, 0, tzinfo=UTC),
        datetime(2026, 2, 18, 4, 0, tzinfo=UTC),
        datetime(2026, 2, 18, 20, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="99118",
            name="LATTICE-118",
            international="2024-991K",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0250,
            cr_area_over_mass=0.0200,
        ),
        Thing(
            designator="99688",
            name="FRAGMENT 99688",
            international="1999-988CD",
            kind="DEBRIS",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.1400,
            cr_area_over_mass=0.0800,
        ),
    ),
    place=Place(590_000.0, 37.0, 75.0),
    paths=(Path(53.0, 592_000.0), Path(82.5, 606_000.0, rising=False, climb_m_s=-14.0)),
    errors=(
        ((210, 4.0, 6.0, 8.0), (150, 3.4, 5.2, 7.0), (105, 2.9, 4.5, 6.2), (72, 2.5, 3.9, 5.5)),
        ((2300, 28, 66, 85), (1600, 23, 54, 72), (1080, 19, 44, 61), (700, 15, 35, 51)),
    ),
    goals=(
        Goal(up_m=-80.0, pc=3.0e-5),
        Goal(up_m=-35.0, pc=7.0e-5),
        Goal(up_m=-50.0, pc=1.3e-4),
        Goal(up_m=-30.0, pc=2.6e-4),
    ),
    hard_body_radius_m=7.0,
    seed=61,
    comments=("Reconstructed event: no real satellite, no real message",),
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="electric_constellation",
        series=MEETING.series(),
        verdict=Verdict(BURN, option="thrust-arcs", dv_cm_s=(1.2, 1.7)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
    )


SPACECRAFT = """\
# Reconstructed: no real satellite.
designator = "99118"
name = "LATTICE-118"
mass_kg = 220.0
radius_m = 4.0
propellant_kg = 6.0
propellant_reserve_kg = 2.0
minimum_impulse_bit_n_s = 0.05
slew_s = 240.0
settle_s = 60.0
slew_back_s = 240.0

[[thrusters]]
name = "Hall thruster, half power"
isp_s = 1150.0
thrust_n = 0.0016
directions_rtn = [[0, 1, 0], [0, -1, 0]]
duty_cycle = 0.4
maximum_on_s = 1200.0
sunlit_only = true

[station_keeping]
along_track_m = 5000.0
semi_major_axis_m = 100.0
along_track_offset_m = 0.0
semi_major_axis_offset_m = 0.0
return_within_h = 12.0
hold_h = 36.0

[execution_error]
magnitude_fixed_m_s = 0.0001
magnitude_proportional = 0.03
pointing_fixed_m_s = 0.0001
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# Reconstructed: no real mission's schedule. Contacts are computed from where the stations stand.
command_lead_s = 600.0
decision_lead_s = 1800.0
planning_horizon_s = 32400.0
minimum_lead_s = 2700.0
minimum_contact_s = 180.0
confirm_before_tca = true

[[stations]]
name = "Alpine station"
latitude_deg = 46.5
longitude_deg = 8.0
altitude_m = 1500
elevation_mask_deg = 10

[[stations]]
name = "Pacific station"
latitude_deg = -41.0
longitude_deg = 174.0
altitude_m = 100
elevation_mask_deg = 10

[[stations]]
name = "Prairie station"
latitude_deg = 45.0
longitude_deg = -100.0
altitude_m = 600
elevation_mask_deg = 10
"""

POLICY = """\
base = "nasa"
name = "NASA robotic"
"""

STORY = """\
# A constellation satellite that can only push gently, and only in sunlight

LATTICE-118 has one electric thruster of 1.6 mN: no single firing that it can make is enough for the \
fragment it meets at {speed_km_s:.1f} km/s, so it takes several arcs, between eclipses and half a day \
ahead of everybody with hydrazine.

Everything here is *reconstructed*: satellite, fragment, stations and messages are invented, the \
designators belong to the story. What follows from the invented numbers is marked *derived*.

| what | value | kind |
|---|---|---|
| TCA (last message) | {tca} | *reconstructed* |
| orbits | 592 km, 53.0°, and 606 km, 82.5° | *reconstructed* |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| Pc of the last message | {pc:.1e} | *derived* |
| thruster | 1.6 mN, 1150 s, along or against the velocity, in sunlight only | *reconstructed* |
| longest firing | 20 minutes, then 30 of rest (duty cycle 0.4) | *reconstructed* |
| that as delta-v | 220 kg: 0.87 cm/s in 20 minutes | *derived* |
| eclipses | 32 of every 96 minutes | *derived* from orbit and Sun |
| stations | three, by position and elevation mask of 10° | *reconstructed* |
| contacts | none from 10:24 to 17:59 UTC on the day | *derived* from the stations |
| station-keeping box | 5 km along the track, 100 m in semi-major axis | *reconstructed* |
| combined hard-body radius | 7 m | *reconstructed* |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset |

## Messages

{table}

Created, TCA and errors are *reconstructed*; miss and Pc (2D, from the rounded message) are *derived*.

## Verdict

{verdict}. One firing of 20 minutes brings Pc to 2.6e-5 and no lower. Three arcs along the velocity \
do it, of 20, 10 and 2 minutes, 8.8 to 7.3 h before TCA: as early as the horizon allows, since what \
drifts longest takes least, with the rests and the shadows in between. All three are commanded in the \
morning contacts over the prairie, the decision falls 11.5 h before, and the evening contacts \
say whether they were flown, which the operations ask for.

Afterwards the satellite is 1.4 boxes off, drifting: the way back belongs to the fuel that is shown. \
Out and back as one plan is not offered, since it starts from a single burn that is enough, and there \
is none here.

## What it teaches

* With low thrust the deadline comes first. A hydrazine satellite decides at the last contact; this one \
decides before the gap in its contacts, on errors that are still large.
* Time is thrust: an arc at 8.8 h does twice the work of the same arc at 4.4 h.
* An arc is no impulse. Sunlight, rest and warm-up cut it into pieces, and each has to be flown as such.
"""

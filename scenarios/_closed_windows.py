# ruff: noqa: E501  (Markdown tables)
"""An invented event in which every burn time is taken: something has to give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import BLOCKED, Scenario, Verdict, window

MEETING = Meeting(
    prefix="RADAR4-FRAGMENT99663",
    tca_utc=datetime(2025, 10, 8, 15, 31, 44, tzinfo=UTC),
    created_utc=(
        datetime(2025, 10, 5, 14, 0, tzinfo=UTC),
        datetime(2025, 10, 6, 6, 0, tzinfo=UTC),
        datetime(2025, 10, 6, 22, 0, tzinfo=UTC),
        datetime(2025, 10, 7, 14, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="99704",
            name="RADAR-4",
            international="2023-997B",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0090,
            cr_area_over_mass=0.0080,
        ),
        Thing(
            designator="99663",
            name="FRAGMENT 99663",
            international="2007-996AK",
            kind="DEBRIS",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.1200,
            cr_area_over_mass=0.0700,
        ),
    ),
    place=Place(693_000.0, 31.0, 122.0),
    paths=(Path(98.18, 694_000.0, rising=False), Path(81.0, 702_000.0, climb_m_s=21.0)),
    errors=(
        ((120, 3.0, 5.0, 7.0), (85, 2.6, 4.4, 6.2), (60, 2.2, 3.8, 5.5), (42, 1.9, 3.3, 4.9)),
        ((1900, 24, 60, 80), (1300, 20, 50, 68), (880, 17, 42, 58), (560, 14, 34, 49)),
    ),
    goals=(
        Goal(up_m=70.0, pc=4.0e-5),
        Goal(up_m=55.0, pc=8.0e-5),
        Goal(up_m=20.0, pc=1.8e-4),
        Goal(up_m=35.0, pc=3.6e-4),
    ),
    hard_body_radius_m=9.0,
    seed=53,
    comments=("Reconstructed event: no real satellite, no real message",),
)

# hours before TCA: (from, to, what)
CLOSED = (
    (5.20, 4.30, "antenna held to the relay: downlink of the crisis images"),
    (4.02, 2.55, "antenna held to the relay: downlink of the crisis images"),
    (2.55, 0.70, "radar swath over the flood area, attitude held"),
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="closed_windows",
        series=MEETING.series(),
        verdict=Verdict(BLOCKED, exit_code=3),
        spacecraft=SPACECRAFT,
        operations=operations(),
        policy=POLICY,
        story=STORY,
    )


def operations() -> str:
    """operations.toml: everything is placed relative to TCA and written as UTC."""
    closed = [window("no_burn", _before(start), _before(end), why) for start, end, why in CLOSED]
    contact = window("contacts", _before(7.4), _before(7.2), "polar station, the last before TCA")
    return "\n".join([OPERATIONS, *closed, contact, STANDING])


def _before(hours: float) -> datetime:
    return MEETING.tca_utc - timedelta(hours=hours)


SPACECRAFT = """\
# Reconstructed: no real satellite.
designator = "99704"
name = "RADAR-4"
mass_kg = 1650.0
radius_m = 6.0
propellant_kg = 88.0
propellant_reserve_kg = 52.0
minimum_impulse_bit_n_s = 1.5
maximum_dv_m_s = 0.08
slew_s = 420.0
settle_s = 180.0
slew_back_s = 420.0

[[thrusters]]
name = "hydrazine, in-track"
isp_s = 215.0
thrust_n = 4.0
directions_rtn = [[0, 1, 0], [0, -1, 0]]

[execution_error]
magnitude_fixed_m_s = 0.0004
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0004
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# Reconstructed: no real mission's schedule.
command_lead_s = 900.0
decision_lead_s = 3600.0
planning_horizon_s = 18720.0
minimum_lead_s = 2700.0
"""

STANDING = f"""\
[[standing]]
epoch_utc = {_before(4.16):%Y-%m-%dT%H:%M:%SZ}
dv_rtn_m_s = [0, 0.012, 0]
duration_s = 5
label = "orbit keeping of the week"
in_message = true
"""

POLICY = """\
base = "nasa"
name = "NASA robotic"
"""

STORY = """\
# A radar satellite whose schedule has no room for a burn

While RADAR-4 maps a flood, every minute between its last contact and a fragment at \
{speed_km_s:.1f} km/s is taken; no burn is possible, and the answer is which minute to give up.

Everything here is *reconstructed*: satellite, fragment, flood and messages are invented, the \
designators belong to the story. What follows from the invented numbers is marked *derived*.

| what | value | kind |
|---|---|---|
| TCA (last message) | {tca} | *reconstructed* |
| orbits | 694 km, 98.18° (Sun-synchronous), and 702 km, 81.0° | *reconstructed* |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| Pc of the last message | {pc:.1e} | *derived* |
| last contact | 7.2 h before TCA | *reconstructed* |
| antenna held to the relay | from 5.2 to 4.3 h and from 4.0 to 2.55 h before | *reconstructed* |
| orbit keeping, in the messages already | 4.16 h before; no other burn within its slews | *reconstructed* |
| radar swath, attitude held | from 2.55 to 0.7 h before | *reconstructed* |
| latest burn allowed | 45 minutes before | *reconstructed* |
| largest burn | 8 cm/s | *reconstructed* |
| combined hard-body radius | 9 m | *reconstructed* |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset |

## Messages

{table}

Created, TCA and errors are *reconstructed*; miss and Pc (2D, from the rounded message) are *derived*.

## Verdict

{verdict}. Nothing is wrong with fuel or thrusters: a burn of 2.4 cm/s would do at many times, and all \
of them are taken. The smallest change that opens one is 1.2 minutes of the radar swath, at its \
beginning: 2.44 cm/s at 13:00 then suffice, one and a half revolutions before. Next come as much of \
the relay downlink before it, a horizon four minutes longer with a burn three times as large, and a \
latest burn at 41 instead of 45 minutes. Each of these plans was flown with all forces.

## What it teaches

* "No burn is possible" is half an answer. The other half is what it takes, in minutes of something \
that somebody can give.
* The change that looks natural, to skip a whole swath, is ninety times what is needed.
* Constraints are rarely alone: here three of them meet, and moving one by a minute is enough.
"""

# ruff: noqa: E501  (Markdown tables)
"""Facts of CryoSat-2 and an unknown object, 9 July 2018."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import BURN, Scenario, Verdict, activity

MEETING = Meeting(
    prefix="CRYOSAT2-UNKNOWN",
    tca_utc=datetime(2018, 7, 9, 4, 24, 21, tzinfo=UTC),
    created_utc=(
        datetime(2018, 7, 2, 8, 2, tzinfo=UTC),
        datetime(2018, 7, 4, 8, 0, tzinfo=UTC),
        datetime(2018, 7, 5, 23, 0, tzinfo=UTC),
        datetime(2018, 7, 7, 7, 0, tzinfo=UTC),
        datetime(2018, 7, 8, 7, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="36508",
            name="CRYOSAT 2",
            international="2010-013A",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0120,
            cr_area_over_mass=0.0100,
            operator="ESA",
        ),
        Thing(
            designator="99980",
            name="UNKNOWN OBJECT",
            international="UNKNOWN",
            kind="UNKNOWN",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.1100,
            cr_area_over_mass=0.0600,
            comments=("The designator belongs to the story, not to the catalogue",),
        ),
    ),
    place=Place(712_000.0, -24.0, 205.0),
    paths=(
        Path(92.03, 717_000.0, climb_m_s=-6.0),
        Path(63.2, 742_000.0, climb_m_s=55.0),
    ),
    errors=(
        (
            (75, 2.6, 4.0, 6.0),
            (55, 2.2, 3.6, 5.5),
            (40, 1.9, 3.2, 5.0),
            (28, 1.6, 2.9, 4.5),
            (20, 1.4, 2.6, 4.0),
        ),
        (
            (2500, 26, 62, 75),
            (1650, 22, 52, 66),
            (1000, 18, 43, 58),
            (560, 15, 35, 50),
            (310, 12, 28, 42),
        ),
    ),
    goals=(
        Goal(up_m=75.0, pc=3.1e-5),
        Goal(up_m=30.0, pc=6.0e-5),
        Goal(up_m=48.0, pc=1.3e-4),
        Goal(up_m=20.0, pc=2.6e-4),
        Goal(up_m=26.0, pc=4.4e-4),
    ),
    hard_body_radius_m=5.0,
    seed=11,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="cryosat2_2018",
        series=MEETING.series(),
        verdict=Verdict(BURN, option="out-and-back", dv_cm_s=(2.5, 4)),
        spacecraft=SPACECRAFT,
        operations=operations(),
        policy=POLICY,
        story=STORY,
    )


REVOLUTION_MIN = 99.16
# minutes from TCA, northbound at 24° south, to latitudes beyond 60° on this revolution: from, to
ICE_MIN = ((-26.5, -9.9, "southern ice"), (23.1, 39.7, "northern ice"))
REVOLUTIONS = range(-2, 4)


def operations() -> str:
    """operations.toml: the ice of each revolution, written as UTC."""
    seen = [
        activity(_after(k, start), _after(k, end), ice, 1.0)
        for k in REVOLUTIONS
        for start, end, ice in ICE_MIN
    ]
    return "\n".join([OPERATIONS, *seen])


def _after(revolutions: int, minutes: float) -> datetime:
    return MEETING.tca_utc + timedelta(minutes=revolutions * REVOLUTION_MIN + minutes)


SPACECRAFT = """\
# CryoSat-2. Launch mass 720 kg and dry mass 684 kg are reported; the rest is reconstructed.
designator = "36508"
name = "CRYOSAT 2"
mass_kg = 710.0
radius_m = 3.0
propellant_kg = 24.0
propellant_reserve_kg = 8.0
minimum_impulse_bit_n_s = 0.05
maximum_dv_m_s = 0.3
slew_s = 600.0
settle_s = 120.0
slew_back_s = 600.0

[[thrusters]]
name = "cold gas"
isp_s = 68.0
thrust_n = 0.08
directions_rtn = [[0, 1, 0], [0, -1, 0]]

# The ground track is kept within 1 km of the reference: reported. On Thursday, three days after
# the meeting, it was to be there again: reported. In its middle before the burn: reconstructed.
[station_keeping]
ground_track_m = 1000.0
return_within_h = 84.0
hold_h = 120.0
ground_track_offset_m = 0.0

[execution_error]
magnitude_fixed_m_s = 0.0002
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0002
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# One station, Kiruna, with contacts of about 10 minutes 11 times a day: reported. Reconstructed:
# its mask, the lead times, burns within one revolution of TCA, radar data over the ice only.
command_lead_s = 900.0
decision_lead_s = 7200.0
minimum_contact_s = 300.0
planning_horizon_s = 5400.0
minimum_lead_s = 2700.0

[[stations]]
name = "Kiruna"
latitude_deg = 67.86
longitude_deg = 20.96
altitude_m = 400.0
elevation_mask_deg = 5.0
"""

POLICY = """\
base = "esa"
name = "ESA rules"

# Reconstructed: data off the reference track are of little use to this mission.
[weights]
deviation_per_box = 20.0

[sources]
weights = "reconstructed, 2018; the others are ours"
"""

STORY = """\
# CryoSat-2 and an unknown object that came from behind and below

A week before 9 July 2018, 04:24 UTC, the first message gave little risk; it grew past 1 in 10 000 \
on 5 July at 23:00, and CryoSat-2 burned 50 minutes before the pass at {speed_km_s:.1f} km/s.

| what | value | kind |
|---|---|---|
| meeting | 9 July 2018, 04:24 UTC, just over 700 km | *reported* [1]; the second is *reconstructed* |
| first message | 2 July 2018, 08:02 UTC, below 1e-4 | *reported* [1] |
| above the threshold | 5 July 2018, 23:00 UTC, 1e-4 | *reported* [1] |
| Pc of each message, the other creation dates | messages | *reconstructed*, on the reported side of 1e-4 |
| approach | from behind and below, origin unknown | *reported* [1] |
| relative speed | 4.1 km/s | *reported* [2] |
| the same here | {speed_m_s:.0f} m/s, from an inclination of 63.2° chosen for it | *derived* |
| burn | 50 minutes before, about half a revolution | *reported* [2] |
| distance after it | 120 m | *reported* [3] |
| orbit of CryoSat-2 | 92.03°, mean altitude 717 km | *reported* [4] |
| launch and dry mass | 720 kg, 684 kg | *reported* [5] |
| miss, errors, combined hard-body radius (5 m), object's orbit | messages | *reconstructed* |
| ground station | Kiruna alone, about 10 minutes 11 times a day | *reported* [6]; its mask, 5°, is *reconstructed* |
| ground track | within 1 km of its reference | *reported* [7] |
| back on it | commands of the week for Thursday, 12 July | *reported* [3] |
| thrusters, lead times, radar data over the ice, price of the track | TOML files | *reconstructed* |
| thresholds | act at 1e-4 (*reported* [1]), target 1e-6 | ESA preset |

## Messages

{table}

## Verdict

{verdict}. Height gained along the track is largest half a revolution after the burn: the best \
time is 50 minutes before, where the burn of 2018 was. The object then passes 100 to 120 m below, \
near the 120 m that were reported.

The height that saves it also drifts: by the end of the week the ground track would be 1.8 km off, \
and 1 km is allowed. So a smaller burn the other way, 1 cm/s against the velocity, follows 42 minutes \
after the meeting. Together the two take 34 g of gas; one burn that is undone later takes 46 g. The \
price is 17 minutes of ice that the turns to both burns cost. A single burn in between the ice caps \
costs none, and is what a policy would choose that does not mind the track.

## What it teaches

* A debris event grows on one as here: the errors shrink faster than the miss moves away, and Pc \
rises through the threshold with days to spare.
* A burn some revolutions earlier would be hardly smaller, and cost the chance to see one more \
message.
* A burn is half of a maneuver. The way back belongs to its price, and half a revolution later it \
is at its cheapest: what has not drifted need not be caught up with.
* Burning just before the pass leaves no second chance: CryoSat-2 has cold gas only, and a burn of \
some minutes.

## Sources

1. ESA Rocket Science blog, CryoSat avoids collision, 13 July 2018.
2. Nature, The quest to conquer Earth's space junk problem, 2018 (in the digital library of ITB).
3. techwarrant.com, ESA made CryoSat satellite maneuver, July 2018.
4. DGFI-TUM, OpenADB, CryoSat-2 (orbit elements).
5. Wikipedia, CryoSat-2 (masses).
6. ESA, CryoSat ground segment.
7. ESA Earth Online, CryoSat ground tracks (reference orbit).
"""

# ruff: noqa: E501  (Markdown tables)
"""Facts of Swarm-B and a fragment of Cosmos 375, 25 January 2017."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import NO_BURN, Scenario, Verdict

REPORTED_ACROSS_M = (361.0**2 - 21.7**2) ** 0.5

MEETING = Meeting(
    prefix="SWARMB-COSMOS375DEB",
    tca_utc=datetime(2017, 1, 25, 23, 10, 55, tzinfo=UTC),
    created_utc=(
        datetime(2017, 1, 22, 20, 0, tzinfo=UTC),
        datetime(2017, 1, 24, 7, 0, tzinfo=UTC),
        datetime(2017, 1, 24, 20, 0, tzinfo=UTC),
        datetime(2017, 1, 25, 4, 30, tzinfo=UTC),
        datetime(2017, 1, 25, 10, 20, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="39451",
            name="SWARM B",
            international="2013-067A",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0060,
            cr_area_over_mass=0.0090,
            operator="ESA",
        ),
        Thing(
            designator="99375",
            name="COSMOS 375 DEB",
            international="1970-091U",
            kind="DEBRIS",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.1500,
            cr_area_over_mass=0.0800,
            comments=("The designator belongs to the story, not to the catalogue",),
        ),
    ),
    place=Place(504_000.0, 40.0, 310.0),
    paths=(
        Path(87.75, 503_000.0),
        Path(62.74, 631_000.0, climb_m_s=-18.0),
    ),
    errors=(
        (
            (60, 1.5, 2.5, 4.0),
            (40, 1.2, 2.2, 3.5),
            (28, 1.0, 2.0, 3.0),
            (20, 0.9, 1.8, 2.8),
            (15, 0.8, 1.6, 2.5),
        ),
        (
            (1900, 14, 27, 48),
            (980, 10, 20, 40),
            (600, 8, 16, 34),
            (400, 7, 12.5, 30),
            (210, 5, 8.5, 25),
        ),
    ),
    goals=(
        Goal(up_m=4.0, pc=5.0e-5, side=-1),
        Goal(up_m=21.7, across_m=-REPORTED_ACROSS_M),
        Goal(up_m=17.0, pc=2.6e-4, side=-1),
        Goal(up_m=22.0, pc=3.4e-4, side=-1),
        Goal(up_m=38.0, pc=1.5e-6, side=-1),
    ),
    hard_body_radius_m=5.0,
    seed=5,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="swarmb_cosmos375",
        series=MEETING.series(),
        verdict=Verdict(NO_BURN, option="no-burn"),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
    )


SPACECRAFT = """\
# Swarm-B. Launch mass 472 kg with 106 kg of propellant is reported; the thrust follows from the
# reported 10 mm/s in 44 s; the rest is reconstructed.
designator = "39451"
name = "SWARM B"
mass_kg = 440.0
radius_m = 4.6
propellant_kg = 74.0
propellant_reserve_kg = 30.0
minimum_impulse_bit_n_s = 0.02
maximum_dv_m_s = 0.5
slew_s = 0.0
settle_s = 60.0
slew_back_s = 0.0

[[thrusters]]
name = "cold gas, in-track pair"
isp_s = 45.0
thrust_n = 0.1
directions_rtn = [[0, 1, 0], [0, -1, 0]]

[execution_error]
magnitude_fixed_m_s = 0.0002
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0002
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# Kiruna, twice before the pass (reported: 07:51 for the commands, 11:02 for their cancelling);
# lengths of the contacts and lead times are reconstructed.
command_lead_s = 0.0
decision_lead_s = 0.0
planning_horizon_s = 5400.0
minimum_lead_s = 2400.0

[[contacts]]
start_utc = 2017-01-25T07:46:00Z
end_utc = 2017-01-25T07:56:00Z
label = "Kiruna, uplink"

[[contacts]]
start_utc = 2017-01-25T10:57:00Z
end_utc = 2017-01-25T11:07:00Z
label = "Kiruna, last one before the pass"
"""

POLICY = """\
base = "esa"
name = "ESA rules"
"""

STORY = """\
# Swarm-B and a fragment of Cosmos 375, a burn sent up and taken back

On 25 January 2017 the commands for a burn of 10 mm/s went up at 07:51 UTC; at 11:02, in the last \
contact before the pass at {speed_km_s:.1f} km/s, new data had come and the burn was cancelled.

| what | value | kind |
|---|---|---|
| meeting | 25 January 2017, 23:10:55 UTC | *reported* [1] |
| miss forecast on 24 January | 361 m, above the threshold of 1e-4 | *reported* [1] |
| its radial part | 21.7 m, the rest along the track | *reported* [2] |
| error of that forecast | about 1000 m | *reported* [3] |
| burn | 10 mm/s in 44 s at 22:23 UTC, sent up from Kiruna at 07:51, cancelled at 11:02 | *reported* [2] |
| contacts | two with Kiruna before the pass | *reported* [4] |
| miss after the burn | 746 m along the track, 56 m below Swarm-B | *reported* [3] |
| height that 10 mm/s gives half a revolution later | 4 Δv / n = 36 m: from 21.7 m to 58 m | *derived* |
| thrust | 440 kg · 10 mm/s / 44 s = 0.1 N | *derived* |
| orbits | 502 × 504 km, 87.75°; 498 × 764 km, 62.74° | *reported* [2] |
| relative speed, passing at a small angle | {speed_m_s:.0f} m/s | *derived* from a latitude that is *reconstructed*: a miss along the track needs such a pass |
| launch mass, propellant | 472 kg, 106 kg; 9.1 m long | *reported* [5] |
| mass in 2017 | 440 kg | *reconstructed* |
| creation dates, miss and Pc of the other messages, errors | messages | *reconstructed* |
| combined hard-body radius | 5 m | *reconstructed* from the length |
| thresholds | act at 1e-4 (*reported* [1]), target 1e-6 | ESA preset |

## Messages

{table}

cdm_02 is the *reported* forecast. cdm_01 to cdm_04 are what was known at 07:51; cdm_05 came before \
11:02.

## Verdict

{verdict}. With the messages known at 07:51 UTC (cdm_01 to cdm_04) the answer is a burn of 0.6 to \
1.2 cm/s half a revolution before; with cdm_05 none is needed. To see the first: \
`mdss plan` on a folder with those four messages and the TOML files, `--now 2017-01-25T07:40:00Z`.

## What it teaches

* Sending the commands is no decision to burn: the cancel deadline is a deadline of its own.
* The last message moved the miss by about as much as its errors allowed. That is how most events \
end.
* A second contact before the pass is what made waiting for one more message possible.

## Sources

1. ESA Earth Online, Swarm: ESA teams respond to debris risk, 24 January 2017.
2. spaceflights.news, Swarm-B after close pass near post soviet space debris, January 2017.
3. SoylentNews, January 2017, on the ESA forecast.
4. ESA, Anatomy of a debris incident, 1 February 2017.
5. ESA, Swarm facts and figures.
"""

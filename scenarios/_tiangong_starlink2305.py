# ruff: noqa: E501  (Markdown tables)
"""Facts of the Chinese space station and Starlink-2305, 21 October 2021."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import BURN, Scenario, Verdict

BURN_UTC = datetime(2021, 10, 21, 3, 16, tzinfo=UTC)

MEETING = Meeting(
    prefix="TIANGONG-STARLINK2305",
    tca_utc=datetime(2021, 10, 21, 22, 0, 12, tzinfo=UTC),
    created_utc=(
        datetime(2021, 10, 18, 9, 0, tzinfo=UTC),
        datetime(2021, 10, 19, 9, 0, tzinfo=UTC),
        datetime(2021, 10, 20, 1, 0, tzinfo=UTC),
        datetime(2021, 10, 20, 17, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="48274",
            name="CSS (TIANHE)",
            international="2021-035A",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0050,
            cr_area_over_mass=0.0060,
            operator="CMSA",
            comments=("Crewed",),
        ),
        Thing(
            designator="99305",
            name="STARLINK-2305",
            international="2021-024N",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0500,
            cr_area_over_mass=0.0400,
            operator="SPACEX",
            comments=(
                "The designator belongs to the story, not to the catalogue",
                "Changing its orbit",
            ),
        ),
    ),
    place=Place(389_000.0, 35.0, 140.0),
    paths=(Path(41.5, 388_000.0), Path(53.0, 391_000.0, rising=False)),
    errors=(
        ((900, 18, 22, 30), (620, 15, 19, 26), (430, 12, 16, 23), (300, 10, 14, 20)),
        (
            (9000, 150, 430, 200),
            (6600, 120, 330, 170),
            (4900, 100, 265, 150),
            (3500, 80, 205, 130),
        ),
    ),
    goals=(
        Goal(up_m=640.0, pc=1.1e-5),
        Goal(up_m=380.0, pc=2.3e-5),
        Goal(up_m=520.0, pc=2.6e-5),
        Goal(up_m=400.0, across_m=760.0),
    ),
    hard_body_radius_m=20.0,
    seed=3,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="tiangong_starlink2305",
        series=MEETING.series(),
        verdict=Verdict(BURN, option="minimum-fuel", dv_cm_s=(4, 5)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
        extra={"lead_h": (MEETING.tca_utc - BURN_UTC).total_seconds() / 3600},
    )


SPACECRAFT = """\
# The station of October 2021: Tianhe with its ships. Every number is reconstructed.
designator = "48274"
name = "CSS (TIANHE)"
mass_kg = 42000.0
radius_m = 15.0
propellant_kg = 1000.0
propellant_reserve_kg = 400.0
minimum_dv_m_s = 0.005
maximum_dv_m_s = 2.0
slew_s = 0.0
settle_s = 600.0
slew_back_s = 0.0

[[thrusters]]
name = "orbit control, in-track"
isp_s = 300.0
thrust_n = 980.0
directions_rtn = [[0, 1, 0], [0, -1, 0]]

[execution_error]
magnitude_fixed_m_s = 0.002
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.002
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# The burn was at 03:16 UTC, 18.7 h before (reported). Why so early is reconstructed: time to
# screen the new orbit and to burn again before a crew would have to take shelter.
command_lead_s = 1800.0
decision_lead_s = 7200.0
planning_horizon_s = 71100.0
minimum_lead_s = 64800.0
"""

POLICY = """\
# Crew on board.
base = "crewed"
name = "crewed station"
"""

STORY = """\
# The Chinese space station and Starlink-2305, crew on board

On 21 October 2021 at about 22:00 UTC a Starlink satellite, thrusting by a plan \
unknown to the station, would have passed within a kilometre; the station had moved at 03:16. \
A crewed policy calls for that burn, a robotic one does not.

| what | value | kind |
|---|---|---|
| meeting | 21 October 2021, about 22:00 UTC | *reported* [1]; minute and second are *reconstructed* |
| burn of the station | about 03:16 UTC the same day, {lead_h:.1f} h before | *reported* [1], *derived* |
| orbit of the station | near-circular, about 390 km, 41.5°; crew of Shenzhou-13 | *reported* [2, 3] |
| forecast miss | within 1 km [1]; within 3 km [3] | *reported*, both from public element sets |
| why no better forecast | continuously maneuvering, strategy unknown, errors hard to assess | *reported* [2] |
| orbit of Starlink-2305 | 386 to 396 km that day [4], being raised [1] or lowered [3] | *reported*; 53° is the shell's |
| relative speed | {speed_m_s:.0f} m/s | *derived* from a latitude that is *reconstructed* |
| miss of the last message | {miss_m:.0f} m | *reconstructed*, within the reported kilometre |
| errors | messages | *reconstructed*: wide, as an object under thrust has |
| Pc | {pc:.1e} | *derived*: nobody published one |
| combined hard-body radius | 20 m | *reconstructed* |
| mass, thrusters, lead times | TOML files | *reconstructed* |
| thresholds | act at 1e-5 with a crew, 1e-4 without | *reported*: presets crewed and nasa (docs/policies.md) |

## Messages

{table}

## Verdict

{verdict} under the crewed policy of this folder. Under the robotic one, `--policy nasa`, the same \
messages say **no burn needed**: Pc is below 1e-4.

## What it teaches

* One event, two policies, two right answers: what is bearable depends on who is on board.
* Errors this wide keep Pc low whatever the truth is; a box of distances would have called this \
event much earlier than a probability.
* A plan of the other side, shared, would have settled it. None was (*reported* [2]).

## Sources

1. J. McDowell, summary of the UN document A/AC.105/1262, December 2021 (forum.kosmonauta.net).
2. Note verbale of 3 December 2021, A/AC.105/1262, in Sputnik, 27 December 2021.
3. A. Jones, SpaceNews, China's space station maneuvered to avoid Starlink satellites, 2021.
4. techwarrant.com, China: space station deviated twice, December 2021.
"""

# ruff: noqa: E501  (Markdown tables)
"""Facts of TIMED and Cosmos 2221, 28 February 2024."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import CANNOT, Scenario, Verdict

MEETING = Meeting(
    prefix="TIMED-COSMOS2221",
    tca_utc=datetime(2024, 2, 28, 6, 34, 8, tzinfo=UTC),
    created_utc=(
        datetime(2024, 2, 24, 18, 0, tzinfo=UTC),
        datetime(2024, 2, 26, 6, 0, tzinfo=UTC),
        datetime(2024, 2, 27, 3, 0, tzinfo=UTC),
        datetime(2024, 2, 27, 16, 0, tzinfo=UTC),
        datetime(2024, 2, 28, 1, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="26998",
            name="TIMED",
            international="2001-055B",
            kind="PAYLOAD",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0220,
            cr_area_over_mass=0.0150,
            operator="NASA",
        ),
        Thing(
            designator="22236",
            name="COSMOS 2221",
            international="1992-080A",
            kind="PAYLOAD",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0140,
            cr_area_over_mass=0.0100,
            comments=("Out of service",),
        ),
    ),
    place=Place(608_000.0, 66.0, 12.0),
    paths=(Path(74.1, 607_000.0), Path(82.5, 611_000.0, rising=False, climb_m_s=-4.0)),
    errors=(
        (
            (520, 9, 18, 22),
            (270, 6, 13, 17),
            (150, 4.5, 10, 13),
            (95, 3.5, 7.5, 10),
            (60, 2.6, 5.6, 7.5),
        ),
        (
            (560, 10, 20, 24),
            (290, 7, 14, 18),
            (160, 5, 11, 14),
            (100, 4, 8, 11),
            (64, 2.8, 6, 8),
        ),
    ),
    goals=(
        Goal(up_m=34.0, pc=6.0e-4),
        Goal(up_m=-9.0, pc=2.2e-3),
        Goal(up_m=12.0, pc=5.0e-3),
        Goal(up_m=4.0, pc=1.5e-2),
        Goal(up_m=7.0, across_m=15.6),
    ),
    hard_body_radius_m=6.5,
    seed=29,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="timed_cosmos2221",
        series=MEETING.series(),
        verdict=Verdict(CANNOT, exit_code=3),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
    )


SPACECRAFT = """\
# TIMED: an operational observatory that cannot maneuver (reported). Mass as reported.
designator = "26998"
name = "TIMED"
mass_kg = 587.0
can_maneuver = false
"""

OPERATIONS = """\
# Nothing can be commanded that would change the orbit.
planning_horizon_s = 86400.0
minimum_lead_s = 1800.0
"""

POLICY = """\
base = "nasa"
name = "NASA robotic"
"""

STORY = """\
# TIMED and Cosmos 2221, an operational satellite that can only hope

On 28 February 2024 at 06:34 UTC a NASA observatory and a dead Russian satellite passed within \
20 m of each other, 608 km up, at {speed_km_s:.1f} km/s; neither can move, with a risk of some \
per cent.

| what | value | kind |
|---|---|---|
| meeting | 28 February 2024, 06:34 UTC | *reported* [1, 2]; the second is *reconstructed* |
| altitude | 608 km | *reported* [2] |
| miss | less than 20 m at first [1], less than 10 m by later analysis [3] | *reported* |
| the same here, last message | {miss_m:.0f} m | *reconstructed*, on the reported side of 20 m |
| Pc | 3 % to 8 % | *reported* by LeoLabs [1] |
| the same here, last message | {pc:.1e} | *derived* from a hard-body radius chosen for it |
| combined hard-body radius | 6.5 m | *reconstructed*: arrays that may touch; most likely one array against the other's body (*reported* [1]) |
| neither can maneuver | TIMED works, Cosmos 2221 does not | *reported* [1] |
| fragments | 2000 to 7000 | *reported* by LeoLabs [4] |
| TIMED | 587 kg, 74.1° | *reported* [5] |
| Cosmos 2221 | launched in 1992, Tselina-D | *reported* [6]; 82.5° is its class's inclination |
| relative speed | {speed_m_s:.0f} m/s | *derived* from a latitude that is *reconstructed* |
| creation dates, misses and Pc before, errors | messages | *reconstructed* |
| thresholds | act at 1e-4 | *reported*: NASA preset |

## Messages

{table}

## Verdict

{verdict}. Pc is hundreds of times above the threshold, and there is nothing to command. What can \
be done: warn those whose satellites share the altitude, ask for tracking, watch for fragments.

## What it teaches

* A verdict without an option is still an answer, and a different one from "no burn needed".
* Errors are now about as large as the miss: better ones would soon have brought Pc down, or shown \
a hit.
* The radius decides as much as the miss: arrays are long.

## Sources

1. R. Jewett, Via Satellite, NASA and Russian satellites have a close pass, 28 February 2024.
2. Space.com, Near miss! NASA satellite, dead Russian spacecraft, 28 February 2024.
3. NASA's deputy administrator in April 2024, in China Pulse, 20 April 2024.
4. Hot Hardware, Close call! NASA spacecraft narrowly dodges Russian satellite, 2024.
5. Johns Hopkins University, TIMED successfully launched, 7 December 2001.
6. news-pravda.com, 25 April 2024, on the same announcement.
"""

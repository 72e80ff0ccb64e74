# ruff: noqa: E501  (Markdown tables)
"""Facts of the conjunction that CNSA told NASA about, 1 October 2025."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import CANNOT, Scenario, Verdict

MEETING = Meeting(
    prefix="CNSA-NASA-2025",
    tca_utc=datetime(2025, 10, 3, 15, 21, 40, tzinfo=UTC),
    created_utc=(
        datetime(2025, 9, 28, 6, 0, tzinfo=UTC),
        datetime(2025, 9, 29, 6, 0, tzinfo=UTC),
        datetime(2025, 9, 30, 6, 0, tzinfo=UTC),
        datetime(2025, 10, 1, 6, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="99701",
            name="NASA SATELLITE (UNDISCLOSED)",
            international="UNKNOWN",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0110,
            cr_area_over_mass=0.0100,
            operator="NASA",
            comments=("Undisclosed: no real satellite stands behind this orbit",),
        ),
        Thing(
            designator="99702",
            name="CNSA SATELLITE (UNDISCLOSED)",
            international="UNKNOWN",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0130,
            cr_area_over_mass=0.0110,
            operator="CNSA",
            comments=("Undisclosed: no real satellite stands behind this orbit",),
        ),
    ),
    place=Place(703_000.0, 62.0, 80.0),
    paths=(Path(98.2, 702_000.0), Path(97.9, 706_000.0, rising=False, climb_m_s=9.0)),
    errors=(
        ((70, 2.4, 4.0, 6.0), (55, 2.1, 3.5, 5.5), (42, 1.9, 3.2, 5.0), (32, 1.7, 3.0, 4.5)),
        ((1900, 30, 60, 55), (1300, 25, 50, 48), (880, 21, 42, 42), (600, 18, 35, 37)),
    ),
    goals=(
        Goal(up_m=-85.0, pc=4.0e-5),
        Goal(up_m=-20.0, pc=9.0e-5),
        Goal(up_m=-45.0, pc=1.6e-4),
        Goal(up_m=-22.0, pc=3.4e-4),
    ),
    hard_body_radius_m=8.0,
    seed=13,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="cnsa_nasa_2025",
        series=MEETING.series(),
        verdict=Verdict(CANNOT, exit_code=3),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
    )


SPACECRAFT = """\
# Our satellite could burn and does not: the other side asked us to hold still (reported), and two
# satellites that dodge at once may dodge into each other. The mass is reconstructed.
designator = "99701"
name = "NASA SATELLITE (UNDISCLOSED)"
mass_kg = 2000.0
can_maneuver = false
"""

OPERATIONS = """\
# We hold still by agreement from 1 October until after the pass: no burn, no orbit keeping.
planning_horizon_s = 86400.0
minimum_lead_s = 1800.0

[[no_burn]]
start_utc = 2025-10-01T06:00:00Z
end_utc = 2025-10-03T18:00:00Z
label = "held still by agreement, the other side maneuvers"
"""

POLICY = """\
base = "nasa"
name = "NASA robotic"
"""

STORY = """\
# CNSA and NASA: hold still, we will do the maneuver

On 1 October 2025 China's space agency told NASA of a conjunction between a satellite of each, and \
offered to move its own; it was the first time the offer came from that side, and our part is to \
hold still.

Which satellites, where and when is undisclosed. **Orbits, time of the meeting, miss, errors and \
Pc in this folder are reconstructed from nothing but "low Earth orbit"**, so that the decision can \
be practised.

| what | value | kind |
|---|---|---|
| message of CNSA | 1 October 2025: a conjunction, we recommend you hold still, we will do the maneuver | *reported* [1, 2] |
| told by | NASA's director for space sustainability at the IAC in Sydney, 2 October 2025 | *reported* [1, 3] |
| before | NASA wrote the same words to the other side, for years | *reported* [1] |
| objects | undisclosed; designators 99701 and 99702 belong to the story | *reconstructed* |
| TCA | {tca} | *reconstructed* |
| orbits, relative speed | 703 km, 98.2° and 97.9°; {speed_m_s:.0f} m/s | *reconstructed*, *derived* |
| miss, errors, combined hard-body radius (8 m) | messages | *reconstructed* |
| Pc of 1 October | {pc:.1e} | *reconstructed*: above the threshold, or nobody would have moved |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset |

## Messages

{table}

A message after the other side's burn would show another orbit: it is no update of this series, and \
left out.

## Verdict

{verdict}. Pc calls for a burn and ours is not allowed to be it (`can_maneuver = false`, and the \
no-burn window of operations.toml). What remains is to confirm by message that we hold still, to \
ask for the planned orbit of the other side, and to screen against that.

## What it teaches

* "Cannot maneuver" may be a promise, not a fault of the satellite. Put it where the tools see it: \
a routine orbit-keeping burn in those two days would break the agreement.
* Who holds still must say so. Silence is not an agreement.

## Sources

1. WION, China tells NASA, 7 November 2025.
2. Gadgets 360, China and NASA coordinate, November 2025.
3. CRBC News, China's space agency contacts NASA, November 2025.
"""

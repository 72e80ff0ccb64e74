# ruff: noqa: E501  (Markdown tables)
"""An invented event whose newest covariance is not positive definite."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import NONE, Scenario, Verdict

CORRELATION = -1.02

MEETING = Meeting(
    prefix="SURVEYOR5-FRAGMENT",
    tca_utc=datetime(2025, 8, 12, 13, 45, 7, tzinfo=UTC),
    created_utc=(
        datetime(2025, 8, 9, 2, 0, tzinfo=UTC),
        datetime(2025, 8, 10, 2, 0, tzinfo=UTC),
        datetime(2025, 8, 11, 2, 0, tzinfo=UTC),
        datetime(2025, 8, 11, 10, 0, tzinfo=UTC),
        datetime(2025, 8, 11, 18, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="99605",
            name="SURVEYOR-5",
            international="2020-996A",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0140,
            cr_area_over_mass=0.0110,
        ),
        Thing(
            designator="99661",
            name="FRAGMENT 99661",
            international="1996-997BD",
            kind="DEBRIS",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0800,
            cr_area_over_mass=0.0500,
        ),
    ),
    place=Place(620_000.0, -35.0, 290.0),
    paths=(
        Path(97.9, 619_000.0, rising=False),
        Path(64.0, 633_000.0, rising=False, climb_m_s=12.0),
    ),
    errors=(
        (
            (95, 3, 4.5, 6.5),
            (68, 2.6, 4, 6),
            (45, 2.2, 3.5, 5.5),
            (38, 2.0, 3.3, 5.2),
            (30, 1.8, 3.0, 5.0),
        ),
        (
            (1900, 28, 58, 70),
            (1250, 22, 47, 60),
            (780, 17, 37, 50),
            (620, 14, 33, 46),
            (480, 12, 29, 42),
        ),
    ),
    goals=(
        Goal(up_m=70.0, pc=3.5e-5),
        Goal(up_m=18.0, pc=1.1e-4),
        Goal(up_m=45.0, pc=1.3e-4),
        Goal(up_m=36.0, pc=2.5e-4),
        Goal(up_m=44.0, across_m=420.0),
    ),
    hard_body_radius_m=6.0,
    seed=23,
    comments=("Reconstructed event: no real satellite, no real message",),
    over_correlated={4: CORRELATION},
)


def scenario() -> Scenario:
    """The folder's content."""
    made = MEETING.series()
    return Scenario(
        folder="npd_covariance",
        series=made,
        verdict=Verdict(NONE, exit_code=3),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
        extra={"correlation": CORRELATION, "pc_before": made.messages()[3].pc()},
    )


SPACECRAFT = """\
# Reconstructed: no real satellite.
designator = "99605"
name = "SURVEYOR-5"
mass_kg = 480.0
radius_m = 4.0
propellant_kg = 22.0
propellant_reserve_kg = 9.0
minimum_dv_m_s = 0.001
maximum_dv_m_s = 0.5
slew_s = 300.0
settle_s = 120.0
slew_back_s = 300.0

[[thrusters]]
name = "hydrazine"
isp_s = 215.0
thrust_n = 4.0

[execution_error]
magnitude_fixed_m_s = 0.0004
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0004
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# Reconstructed.
command_lead_s = 1800.0
decision_lead_s = 3600.0
planning_horizon_s = 21600.0
minimum_lead_s = 2700.0
"""

POLICY = """\
base = "nasa"
name = "NASA robotic"
"""

STORY = """\
# A covariance that no orbit can have, and the zero that comes of it

Four messages raise the risk to {pc_before:.1e}; in the fifth the fragment's covariance is not \
positive definite, and the probability drops to zero: no risk at all, if one believed it.

Everything here is *reconstructed*: satellite, fragment and messages are invented, the \
designators belong to the story. Only the kind of fault is real: providers round, convert and \
interpolate covariances element by element, and real messages carry such matrices. What follows \
from the invented numbers is marked *derived*.

| what | value | kind |
|---|---|---|
| TCA (last message) | {tca} | *reconstructed* |
| orbits | 620 km, 97.9° and 64.0° | *reconstructed* |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| correlation of R and T of the fragment in the last message | {correlation:g} | *reconstructed*: beyond −1 no covariance exists |
| Pc of the message before | {pc_before:.1e} | *derived* |
| Pc of the last message, smallest variance clipped | below 1e-30 | *derived* |
| combined hard-body radius | 6 m | *reconstructed* |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset |

## Messages

{table}

## Verdict

{verdict}. The variance below zero in the encounter plane is raised to a floor, and a notice says so \
(`covariance-clipped`). What is left is an error along a line, the miss lies beside that line, and \
Pc is nothing. mdss shows the number and does not decide by it. With the four messages before, the \
answer is a burn of 1 to 3 cm/s: plan with those, and ask for the message again.

## What it teaches

* A repaired covariance gives a number, not knowledge.
* Look at the history: errors that collapse in one direction from one message to the next are a \
fault of the message, not a discovery.
* Had the miss been on the line, the same fault would have cried wolf.
"""

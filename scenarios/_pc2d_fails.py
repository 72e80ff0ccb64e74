# ruff: noqa: E501  (Markdown tables)
"""An invented event: two satellites of one launch, slow and with long errors."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
from _goals import Goal
from _meeting import Meeting
from _messages import Message, Thing
from _orbits import Path, Place
from _story import BURN, Scenario, Verdict

from mdss.conjunction import Conjunction
from mdss.messages import read_cdms
from mdss.risk.encounter_pc import EncounterPc, encounter_pc

MEETING = Meeting(
    prefix="COHORT3-COHORT9",
    tca_utc=datetime(2024, 5, 14, 8, 26, 31, tzinfo=UTC),
    created_utc=(
        datetime(2024, 5, 9, 8, 0, tzinfo=UTC),
        datetime(2024, 5, 10, 8, 0, tzinfo=UTC),
        datetime(2024, 5, 11, 8, 0, tzinfo=UTC),
        datetime(2024, 5, 12, 8, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="99803",
            name="COHORT-3",
            international="2022-998C",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0200,
            cr_area_over_mass=0.0150,
        ),
        Thing(
            designator="99809",
            name="COHORT-9",
            international="2022-998J",
            kind="PAYLOAD",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0900,
            cr_area_over_mass=0.0500,
            comments=("Silent and tumbling",),
        ),
    ),
    place=Place(550_000.0, 10.0, 30.0),
    paths=(Path(53.0, 550_000.0), Path(53.6, 560_000.0, climb_m_s=4.0)),
    errors=(
        ((140, 5, 8, 9), (110, 4, 7, 8), (85, 3.5, 6, 7), (60, 3, 5, 6)),
        (
            (24000, 40, 80, 110),
            (19000, 32, 66, 95),
            (14500, 24, 52, 80),
            (10500, 16, 36, 62),
        ),
    ),
    goals=(
        Goal(up_m=300.0, across_m=28000.0),
        Goal(up_m=240.0, across_m=17500.0),
        Goal(up_m=260.0, across_m=19000.0),
        Goal(up_m=200.0, across_m=15000.0),
    ),
    hard_body_radius_m=20.0,
    seed=17,
)


def scenario() -> Scenario:
    """The folder's content."""
    made = MEETING.series()
    told = [_curved(message) for message in made.messages()]
    last = told[-1]
    sigma_km = float(np.sqrt(last.conjunction.secondary.cov_rtn_m2[1, 1])) / 1e3
    return Scenario(
        folder="pc2d_fails",
        series=made,
        verdict=Verdict(BURN, option="latest-safe", dv_cm_s=(3.2, 3.6)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
        extra={
            "sigma_km": sigma_km,
            "decades": math.log10(last.pc / last.pc_2d),
            "pc_curved": last.pc,
            "all_curved": ", ".join(f"{one.pc:.1e}" for one in told),
        },
    )


def _curved(message: Message) -> EncounterPc:
    """By the first method that holds."""
    (cdm,) = read_cdms(message.kvn().encode())
    return encounter_pc(Conjunction.from_cdm(cdm), MEETING.hard_body_radius_m)


SPACECRAFT = """\
# Reconstructed: no real satellite.
designator = "99803"
name = "COHORT-3"
mass_kg = 260.0
radius_m = 10.0
propellant_kg = 9.0
propellant_reserve_kg = 3.0
minimum_dv_m_s = 0.001
maximum_dv_m_s = 0.5
slew_s = 300.0
settle_s = 120.0
slew_back_s = 300.0

[[thrusters]]
name = "hydrazine"
isp_s = 215.0
thrust_n = 1.0

[execution_error]
magnitude_fixed_m_s = 0.0005
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0005
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# Reconstructed. The battery of this satellite no longer heats its thrusters in the shadow.
command_lead_s = 1800.0
decision_lead_s = 3600.0
planning_horizon_s = 43200.0
minimum_lead_s = 2700.0
burns_in_eclipse = false
"""

POLICY = """\
base = "nasa"
name = "NASA robotic, in a solar storm"

# Reconstructed: no decision on an orbit that the storm makes obsolete.
[limits]
decision_lead_h = 8.0

[sources]
limits = "reconstructed, 2024"
"""

STORY = """\
# Two satellites of one launch, where the usual probability fails

COHORT-3 drifts past its silent sister at {speed_m_s:.0f} m/s while a solar storm makes the sister's \
position uncertain by {sigma_km:.0f} km along the track; the 2D probability says {pc:.0e}, and the \
true one is {pc_curved:.1e}: the difference between nothing and a burn.

Everything here is *reconstructed*: satellites, storm and messages are invented, and the \
designators belong to the story. What follows from the invented numbers is marked *derived*.

| what | value | kind |
|---|---|---|
| TCA (last message) | {tca} | *reconstructed* |
| orbits | 550 km, 53.0° and 53.6°, 10 km apart in semi-major axis | *reconstructed* |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| in-track error of COHORT-9 | {sigma_km:.0f} km, 1 sigma, two days ahead | *reconstructed*: tumbling, in a storm |
| miss of the last message | {miss_m:.0f} m | *reconstructed* |
| 2D Pc of the last message | {pc:.1e} | *derived* |
| Pc along the curved orbits | {pc_curved:.1e}, 10^{decades:.0f} times as much | *derived*: 2D-Nc (mdss.risk.methods) |
| the same by 3D-Nc; by Monte Carlo | 1.5e-4; between 1.51e-4 and 1.56e-4 (95 %) | *derived*, importance sampling |
| combined hard-body radius | 20 m: arrays of ten metres on either side | *reconstructed* |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset |
| limits | no burn in eclipse, no decision earlier than 8 h before | *reconstructed* |

## Messages

{table}

The last column is what such messages state, 2D Pc. By 2D-Nc the four give {all_curved}.

## Verdict

{verdict}. 2D Pc far below every threshold would say "no burn needed". The check of its assumptions \
fails: the orbits bend over an error of {sigma_km:.0f} km, and the likely meeting is not where the \
two straight lines pass. So the count of hits along the curved orbits decides, sizes the burn and \
judges it when flown.

Half a revolution before, 2.8 cm/s would do, but there the satellite is in the shadow; just before it \
enters, 0.64 revolutions before, it takes 3.4 cm/s. Earlier sunlit times are no cheaper and must be \
decided hours sooner, on an orbit that the storm keeps changing; whole revolutions earlier are beyond \
the limit of the policy.

The stated miss does not grow with that burn, and 2D Pc says nothing of it: neither is the measure \
here. The distance between the two orbits, 100 m more of it in height, is.

## What it teaches

* 2D Pc takes both paths as straight lines at one relative velocity. Eleven kilometres along the \
orbit turn that velocity by ten degrees here, and the miss with it.
* A small number is no safety unless its method holds.
* Four methods, in the order of their cost, each with a check of its own: the first that holds is \
enough, and the next ones agree with it.
"""

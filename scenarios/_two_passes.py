# ruff: noqa: E501  (Markdown tables)
"""An invented pair of one period that meets twice, 94.6 minutes apart."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from _goals import Goal, plane_of
from _meeting import Meeting
from _messages import DRIFT_PER_SIZE, Series, Thing
from _orbits import Path, Place
from _story import BURN, Scenario, Verdict, figures, utc

FIRST = Meeting(
    prefix="CARTO2-FIRST",
    tca_utc=datetime(2025, 6, 17, 9, 12, 30, tzinfo=UTC),
    created_utc=(
        datetime(2025, 6, 14, 6, 0, tzinfo=UTC),
        datetime(2025, 6, 15, 6, 0, tzinfo=UTC),
        datetime(2025, 6, 16, 0, 0, tzinfo=UTC),
        datetime(2025, 6, 16, 12, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="99502",
            name="CARTO-2",
            international="2021-995A",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0120,
            cr_area_over_mass=0.0100,
        ),
        Thing(
            designator="99574",
            name="ROCKET BODY 99574",
            international="1994-998B",
            kind="ROCKET BODY",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0180,
            cr_area_over_mass=0.0120,
        ),
    ),
    place=Place(500_000.0, 5.0, 40.0),
    # the second mean altitude makes both meet again (see SECOND_STATES)
    paths=(Path(97.4, 502_000.0), Path(74.0, 502_749.05, climb_m_s=-8.0)),
    errors=(
        ((110, 2.2, 4.0, 6.0), (80, 1.9, 3.5, 5.5), (58, 1.6, 3.2, 5.0), (42, 1.4, 3.0, 4.5)),
        ((1250, 9, 34, 45), (820, 7, 27, 39), (560, 5.5, 22, 34), (380, 4.2, 18, 30)),
    ),
    goals=(
        Goal(up_m=-52.0, pc=5.0e-5),
        Goal(up_m=-12.0, pc=1.2e-4),
        Goal(up_m=-33.0, pc=2.4e-4),
        Goal(up_m=-25.0, across_m=230.0),
    ),
    hard_body_radius_m=8.0,
    seed=31,
    comments=("Reconstructed event: no real satellite, no real message",),
)

SECOND_TCA = datetime(2025, 6, 17, 10, 47, 4, 153000, tzinfo=UTC)
# The states of FIRST's last message, flown to SECOND_TCA with all forces (mdss.astro.numerical).
SECOND_STATES = (
    (5239359.19, 4396493.495, 656867.681, 80.288342, -1219.316165, 7518.916323),
    (5239290.178, 4396445.648, 656949.673, -1898.036185, 1161.049328, 7285.921129),
)


def second(first: Series) -> Series:
    """The same errors one revolution on; those of the size have drifted further."""
    drift = DRIFT_PER_SIZE - 3 * math.pi
    states = [np.array(state) for state in SECOND_STATES]
    tracks = [
        replace(track, position_m=state[:3], velocity_m_s=state[3:], drift_per_size=drift)
        for track, state in zip(first.tracks, states, strict=True)
    ]
    return replace(
        first,
        tca_utc=SECOND_TCA,
        tracks=(tracks[0], tracks[1]),
        message_prefix=FIRST.prefix.replace("FIRST", "SECOND"),
    )


def scenario() -> Scenario:
    """The folder's content: the second encounter is a folder inside."""
    first = FIRST.series()
    then = second(first)
    last = then.messages()[-1]
    told = {
        "tca_second": utc(last.tca_utc),
        "apart_min": (last.tca_utc - FIRST.tca_utc).total_seconds() / 60,
        "above_m": float(plane_of(last).miss_m[1]),
        "pc_second": last.pc(),
        "table_second": figures(then.messages())["table"],
    }
    return Scenario(
        folder="two_passes_94min",
        series=first,
        verdict=Verdict(BURN, option="minimum-fuel", dv_cm_s=(2.5, 3)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
        extra=told,
        encounters={"second_pass": then},
    )


SPACECRAFT = """\
# Reconstructed: no real satellite.
designator = "99502"
name = "CARTO-2"
mass_kg = 390.0
radius_m = 4.0
propellant_kg = 18.0
propellant_reserve_kg = 6.0
minimum_dv_m_s = 0.001
maximum_dv_m_s = 0.5
slew_s = 240.0
settle_s = 120.0
slew_back_s = 240.0

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
# Reconstructed: burns within one revolution of the first encounter.
command_lead_s = 1800.0
decision_lead_s = 3600.0
planning_horizon_s = 5600.0
minimum_lead_s = 2400.0
"""

POLICY = """\
base = "nasa"
name = "NASA robotic"
"""

STORY = """\
# Two encounters of one pair, 94 minutes apart

A satellite and a rocket body of the same period cross twice, one revolution apart; the obvious \
burn, downwards and away from the first encounter, would lead into the second.

Everything here is *reconstructed*: satellite, rocket body and messages are invented, the \
designators belong to the story. What follows from the invented numbers is marked *derived*.

| what | value | kind |
|---|---|---|
| first encounter | {tca}, we pass 25 m below | *reconstructed* |
| second encounter | {tca_second}, {apart_min:.1f} min later, we pass {above_m:.0f} m above | *derived*: the last states of the first, flown with all forces |
| orbits | 500 km, 97.4° and 74.0°; semi-major axes such that both come back together | *reconstructed* |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| Pc of the first encounter | {pc:.1e} | *derived* |
| Pc of the second | {pc_second:.1e} | *derived* |
| combined hard-body radius | 8 m | *reconstructed* |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset |

## Messages

First encounter, in this folder:

{table}

Second encounter, in the folder `second_pass`: the same orbit determinations, one revolution on:

{table_second}

They are two events. `mdss risk scenarios/two_passes_94min scenarios/two_passes_94min/second_pass` \
gives each its own name, and `mdss plan` takes one folder at a time.

## Verdict

{verdict}. Planning the first encounter finds the second by itself, since every burn is flown \
through a revolution on either side. 1.3 cm/s against the velocity would clear the first \
encounter (Pc 3e-6) and bring us level with the rocket body at the second (1.3e-3, *derived*); so the \
burn is along the velocity, twice as large, and clears both. (`mdss plan` of `second_pass` finds the first one too, and says that it binds.)

## What it teaches

* A plan for one message is a plan for the whole orbit: the other passages move as well.
* The smallest burn for one encounter can be the worst for the next.
* Two events, one decision: whoever plans the second from its own messages must know of the burn.
"""

# ruff: noqa: E501  (Markdown tables)
"""Facts of the collision of Iridium 33 with Cosmos 2251, 10 February 2009."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from _messages import Series, Thing, Track, drawn_offsets
from _story import BURN, Scenario, Verdict
from _tle import Tle, closest_approach

# Two-line element sets published on 9 February 2009 (NORAD catalogue)
IRIDIUM_TLE = Tle(
    "1 24946U 97051C   09040.78448243 +.00000153 +00000-0 +47668-4 0  9994",
    "2 24946 086.3994 121.7028 0002288 085.1644 274.9812 14.34219863597336",
)
COSMOS_TLE = Tle(
    "1 22675U 93036A   09040.49834364 -.00000001  00000-0  95251-5 0  9996",
    "2 22675 074.0355 019.4646 0016027 098.7014 261.5952 14.31135643817415",
)
REPORTED_TCA = datetime(2009, 2, 10, 16, 55, 59, 800000, tzinfo=UTC)
CREATED = (
    datetime(2009, 2, 7, 4, 0, tzinfo=UTC),
    datetime(2009, 2, 8, 4, 0, tzinfo=UTC),
    datetime(2009, 2, 9, 4, 0, tzinfo=UTC),
    datetime(2009, 2, 10, 4, 0, tzinfo=UTC),
)
SEED = 21
# in-track shift, semi-major axis, e·cos, e·sin, plane, plane rate [m]: 100, 300, 100 m R, T, N
SOCRATES_RATIO_M = np.array([272.5, 10.0, 99.5, 55.0, 100.0, 100.0])
GROWTH = np.array([3.0, 2.4, 1.9, 1.5])

IRIDIUM = Thing(
    designator="24946",
    name="IRIDIUM 33",
    international="1997-051C",
    kind="PAYLOAD",
    maneuverable="YES",
    covariance_method="DEFAULT",
    cd_area_over_mass=0.0160,
    cr_area_over_mass=0.0120,
    operator="IRIDIUM",
    comments=("State from a two-line element set; the covariance is assumed",),
)
COSMOS = Thing(
    designator="22675",
    name="COSMOS 2251",
    international="1993-036A",
    kind="PAYLOAD",
    maneuverable="NO",
    covariance_method="DEFAULT",
    cd_area_over_mass=0.0080,
    cr_area_over_mass=0.0060,
    comments=("State from a two-line element set; the covariance is assumed",),
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="iridium33_cosmos2251",
        series=series(),
        verdict=Verdict(BURN, option="minimum-fuel", dv_cm_s=(0.9, 1.2)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
    )


def series() -> Series:
    """Four messages a day apart; the last is the element sets' own geometry."""
    tca = closest_approach(IRIDIUM_TLE, COSMOS_TLE, REPORTED_TCA)
    sigmas = GROWTH[:, None] * SOCRATES_RATIO_M
    pairs = ((IRIDIUM, IRIDIUM_TLE), (COSMOS, COSMOS_TLE))
    first, second = (
        Track(thing, *tle.gcrf_state(tca), sigmas, drawn_offsets(sigmas, SEED + 1000 * k))
        for k, (thing, tle) in enumerate(pairs)
    )
    return Series(
        tca_utc=tca,
        created_utc=CREATED,
        tracks=(first, second),
        hard_body_radius_m=10.0,
        frame="GCRF",
        originator="MDSS-SCENARIO",
        message_prefix="IRIDIUM33-COSMOS2251",
        comments=(
            "Reconstructed message: nobody issued it in 2009",
            "Geometry of the last message from two-line element sets; covariances assumed",
        ),
    )


SPACECRAFT = """\
# Iridium 33. Designator and hydrazine thrusters are reported; the numbers are reconstructed.
designator = "24946"
name = "IRIDIUM 33"
mass_kg = 600.0
radius_m = 5.0
propellant_kg = 40.0
propellant_reserve_kg = 20.0
minimum_impulse_bit_n_s = 0.5
maximum_dv_m_s = 0.5
slew_s = 0.0
settle_s = 60.0
slew_back_s = 0.0

[[thrusters]]
name = "hydrazine, in-track pair"
isp_s = 220.0
thrust_n = 1.0
directions_rtn = [[0, 1, 0], [0, -1, 0]]

[execution_error]
magnitude_fixed_m_s = 0.0005
magnitude_proportional = 0.03
pointing_fixed_m_s = 0.0005
pointing_proportional_rad = 0.02
"""

OPERATIONS = """\
# Reconstructed. Contacts are left out on purpose: the satellites of the constellation pass
# commands on to each other, so an uplink is possible at any time.
command_lead_s = 1800.0
decision_lead_s = 3600.0
planning_horizon_s = 36000.0
minimum_lead_s = 2700.0
"""

POLICY = """\
# What a robotic mission would use today; in 2009 the operator had no such rule for these data.
base = "nasa"
"""

STORY = """\
# Iridium 33 and Cosmos 2251, the first collision of two intact satellites

On 10 February 2009 the working Iridium 33 and the dead Cosmos 2251 collided at \
{speed_km_s:.1f} km/s over Siberia; what was published that day promised a miss of hundreds of metres.

| what | value | kind |
|---|---|---|
| collision | 2009-02-10 16:56 UTC; 16:55:59.8 as closest approach of the element sets | *reported* [1, 2] |
| altitude | 789 km | *reported* [2] |
| miss predicted by SOCRATES at 15:02 UTC that day | 584 m, not the closest of the list | *reported* [1] |
| miss that SGP4 gives with the last element sets | 698.72 m at 16:55:59.80 | *reported* [2] |
| the same here | {miss_m:.1f} m at {tca} | *derived* (element sets, SGP4, GCRF) |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| element sets | epochs 2009-02-09 18:49 and 11:57 UTC, in scenarios/_iridium33_cosmos2251.py | *reported* (NORAD catalogue) |
| Iridium 33 burned | two hydrazine burns eight hours before, semi-major axis + 8.3 m | *reported* [3] |
| Cosmos 2251 | no propulsion, 900 kg at launch | *reported* [4] |
| combined hard-body radius | 10 m | *reconstructed* (assumed) |
| covariances | 1-sigma 150, 450, 150 m in R, T, N for each object at the last message | *reconstructed*: 1.5 times the 100, 300, 100 m whose ratio SOCRATES uses (*reported* [5]) |
| mass, propellant, thrust, errors | spacecraft.toml | *reconstructed* |
| lead times, horizon | operations.toml | *reconstructed* |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset, of a later time |

## Messages

{table}

The states of the last message are *derived* from the element sets; nobody sent a message like it \
in 2009. Those of the earlier ones are *reconstructed*: the last state plus draws from the \
covariance that the new data removed (seed {seed}). Creation dates and errors are \
*reconstructed*, miss and Pc (2D, from the rounded message) *derived*.

## Verdict

{verdict}, by a rule of today and assumed errors. With the same messages and none of them saying \
more, "no burn" would have been defended just as easily in 2009.

## What it teaches

* The element sets are from before the burns of Iridium 33, about eight hours before the \
collision: no message here knows of them, as the catalogue did not. A plan of one side that the \
other never sees is the gap that coordination closes.
* Element sets come without errors, so every Pc here rests on assumed ones. Look at how Pc \
changes when they are scaled, before trusting a burn or a "no burn".
* A miss of hundreds of metres between states of this quality is no safety: they collided.

## Sources

1. T. S. Kelso, Analysis of the Iridium 33–Cosmos 2251 Collision, AAS 09-368 and AMOS, 2009.
2. J. C. Bennett, J. Sang, K. Zhang, C. Smith, A re-analysis of the 2009 Iridium-Cosmos predicted \
miss distance using two-line element derived orbits, RMIT (abstract).
3. R. Shepperd, Subsequent Assessment of the Collision between Iridium 33 and COSMOS 2251, AMOS \
(abstract).
4. Wikipedia, Kosmos 2251 (launch mass; no propulsion).
5. CelesTrak, SOCRATES, description of the maximum probability.
"""

STORY = STORY.replace("{seed}", str(SEED))

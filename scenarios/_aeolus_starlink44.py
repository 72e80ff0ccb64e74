# ruff: noqa: E501  (Markdown tables)
"""Facts of Aeolus and Starlink-44, 2 September 2019."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _meeting import Meeting
from _messages import Thing
from _orbits import Path, Place
from _story import BURN, Scenario, Verdict

MEETING = Meeting(
    prefix="AEOLUS-STARLINK44",
    tca_utc=datetime(2019, 9, 2, 11, 2, 14, tzinfo=UTC),
    created_utc=(
        datetime(2019, 8, 28, 14, 0, tzinfo=UTC),
        datetime(2019, 8, 29, 17, 0, tzinfo=UTC),
        datetime(2019, 8, 30, 17, 0, tzinfo=UTC),
        datetime(2019, 8, 31, 17, 0, tzinfo=UTC),
        datetime(2019, 9, 1, 17, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="43600",
            name="AEOLUS",
            international="2018-066A",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0090,
            cr_area_over_mass=0.0100,
            operator="ESA",
        ),
        Thing(
            designator="99944",
            name="STARLINK-44",
            international="2019-029AV",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0600,
            cr_area_over_mass=0.0400,
            operator="SPACEX",
            comments=("The designator belongs to the story, not to the catalogue",),
        ),
    ),
    place=Place(320_000.0, 40.0, 25.0),
    paths=(Path(96.7, 313_000.0, rising=False), Path(53.0, 328_000.0, climb_m_s=8.0)),
    errors=(
        ((620, 12, 14, 22), (400, 10, 12, 20), (270, 8, 10, 18), (170, 6, 8, 16), (95, 4, 6, 14)),
        (
            (5600, 60, 85, 90),
            (3900, 48, 72, 78),
            (2700, 38, 60, 66),
            (1750, 30, 50, 56),
            (950, 22, 40, 46),
        ),
    ),
    goals=(
        Goal(up_m=120.0, pc=2.2e-5, side=-1),
        Goal(up_m=20.0, pc=1.2e-4, side=-1),
        Goal(up_m=65.0, pc=3.0e-4, side=-1),
        Goal(up_m=10.0, pc=8.0e-4, side=-1),
        Goal(up_m=30.0, pc=1.69e-3, side=-1),
    ),
    hard_body_radius_m=12.0,
    seed=7,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="aeolus_starlink44",
        series=MEETING.series(),
        verdict=Verdict(BURN, option="minimum-fuel", dv_cm_s=(3.5, 4.5)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
    )


SPACECRAFT = """\
# Aeolus. The launch mass, 1357 kg, is reported; the rest is reconstructed.
designator = "43600"
name = "AEOLUS"
mass_kg = 1320.0
radius_m = 6.5
propellant_kg = 220.0
propellant_reserve_kg = 40.0
minimum_impulse_bit_n_s = 1.0
maximum_dv_m_s = 1.0
slew_s = 0.0
settle_s = 120.0
slew_back_s = 0.0

[[thrusters]]
name = "hydrazine, in-track"
isp_s = 215.0
thrust_n = 10.0
directions_rtn = [[0, 1, 0], [0, -1, 0]]

[execution_error]
magnitude_fixed_m_s = 0.0005
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0005
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# Reconstructed: burns within one revolution of TCA only, so that the newest data can still
# cancel them; the last contact is the morning pass in which the burn was commanded. So low, the
# air is made up for once a week; that burn is in the orbit of the messages.
command_lead_s = 600.0
decision_lead_s = 3600.0
planning_horizon_s = 5400.0
minimum_lead_s = 2400.0

[[standing]]
epoch_utc = 2019-09-02T09:48:00Z
dv_rtn_m_s = [0, 0.06, 0]
duration_s = 8
label = "orbit keeping of the week"
in_message = true

[[contacts]]
start_utc = 2019-09-01T19:10:00Z
end_utc = 2019-09-01T19:18:00Z
label = "polar station, evening"

[[contacts]]
start_utc = 2019-09-02T07:20:00Z
end_utc = 2019-09-02T07:28:00Z
label = "polar station, morning"
"""

POLICY = """\
base = "esa"
name = "ESA rules"
"""

STORY = """\
# Aeolus and Starlink-44, the first time ESA dodged a constellation

On 2 September 2019 ESA's wind satellite burned half an orbit before it would have met a \
Starlink satellite at {speed_km_s:.1f} km/s, 320 km up; the risk had grown from 2.2e-5 to 1.69e-3 \
in five days, and a paging fault kept the other operator from seeing it.

| what | value | kind |
|---|---|---|
| meeting | 2 September 2019, 11:02 UTC, 320 km | *reported* [1]; the second is *reconstructed* |
| orbits | Aeolus 314 × 311 km, 96.7°; Starlink-44 345 × 311 km, 53° | *reported* [2] |
| relative speed | 14.4 km/s | *reported* [3], from public element sets |
| the same here | {speed_m_s:.0f} m/s, at a latitude of 40° chosen for it | *derived* |
| Pc on 28 August | 2.2e-5, 1 in 50 000 | *reported* by SpaceX [4] |
| Pc on 29 August | above 1e-4 | *reported* [5] |
| last Pc | 1.69e-3, from an update of the US Air Force | *reported* by SpaceX [4] |
| day and hour of the last update, Pc of 30 and 31 August | | *reconstructed* |
| decision | the day before | *reported* [6] |
| maneuver | half an orbit before, altitude + 350 m | *reported* [5, 7] |
| that as a burn along the track | 4 Δv / n = 350 m: about 10 cm/s | *derived* |
| launch mass of Aeolus | 1357 kg | *reported* [8] |
| miss, its direction, errors, combined hard-body radius (12 m) | messages | *reconstructed*: chosen so that Pc is the reported one |
| thrusters, errors of execution, contacts, orbit keeping that morning | TOML files | *reconstructed* |
| thresholds | act at 1e-4 (*reported*), target 1e-6 | ESA preset |

## Messages

{table}

Errors are large for a day before: at 320 km the air decides, and Starlink-44 was lowering its \
orbit under electric thrust. The miss that each message states is *reconstructed*; the steps \
between them are as large as the shrinking errors allow (docs/scenarios.md).

## Verdict

{verdict}. Half an orbit before TCA, along the track: the height gained there is what counts. mdss \
asks for the smallest burn that reaches 1e-6, less than half of what ESA flew; the rest is margin \
that a policy may ask for. The orbit keeping of the week, at 09:48, is in the messages already and \
stays where it is: no other burn may overlap it, and its propellant is kept.

## What it teaches

* Risk that falls below a threshold on one day says little: the errors were so large that Pc could \
only be small. With smaller errors the same miss became dangerous (dilution).
* A message that nobody reads protects nobody. Whoever moves, the other side must know.
* An active satellite under thrust is harder to predict than debris.

## Sources

1. tesla-news.com on the tweets of ESA Operations, September 2019 (time, altitude).
2. Seradata, ESA has to move its Aeolus spacecraft, September 2019 (orbits).
3. sklad4ina.ru, quoting public element sets, September 2019 (4 km, 14.4 km/s, Pc below 1e-6 there).
4. SpaceX statement, in Teslarati, 2 September 2019.
5. Fox Business, SpaceX satellite collision narrowly avoided, September 2019.
6. Global Market Journal, ESA maneuvers its spaceship, September 2019.
7. ESA Operations on Twitter, 2 September 2019, in The Free Library and SlashGear.
8. tbs-satellite.com, ADM-Aeolus.
"""

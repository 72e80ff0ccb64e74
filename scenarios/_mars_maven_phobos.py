# ruff: noqa: E501  (Markdown tables)
"""Facts of MAVEN and Phobos, 6 March 2017."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
from _goals import Goal
from _mars_tracks import EccentricTrack, on_ellipse
from _meeting import Meeting
from _messages import Thing
from _orbits import MARS, Path, Place
from _story import BURN, Scenario, Verdict

from mdss.astro.encounter import plane_axes

PLACE = Place(5_980_000.0, 0.5, 40.0, MARS)
MAVEN = on_ellipse(75.0, 150_000.0, 6_200_000.0, PLACE)
PHOBOS = Path(1.1, 5_979_810.0, climb_m_s=31.0)  # a = 9376 km, e = 0.015
MODELLED_RADIUS_M, MEAN_RADIUS_M, MAVEN_RADIUS_M = 15_000.0, 11_100.0, 6.0
BURN_BEFORE_S = 532_140.0  # the apoapsis of 28 February, 16:51


def late(seconds: float, up_m: float = 0.0) -> Goal:
    """The miss when MAVEN comes to the crossing so much after Phobos, and higher by `up_m`."""
    ours, theirs = (path.velocity_m_s(PLACE) for path in (MAVEN, PHOBOS))
    across, up = plane_axes(PLACE.position_m, ours - theirs) @ (-theirs * seconds)
    return Goal(up_m=float(up) + up_m, across_m=float(across))


MEETING = Meeting(
    prefix="MAVEN-PHOBOS",
    tca_utc=datetime(2017, 3, 6, 20, 40, tzinfo=UTC),
    created_utc=(
        datetime(2017, 2, 20, 18, 0, tzinfo=UTC),
        datetime(2017, 2, 22, 18, 0, tzinfo=UTC),
        datetime(2017, 2, 24, 18, 0, tzinfo=UTC),
        datetime(2017, 2, 26, 6, 0, tzinfo=UTC),
        datetime(2017, 2, 27, 18, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="39378",
            name="MAVEN",
            international="2013-063A",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0250,
            cr_area_over_mass=0.0200,
            operator="NASA",
        ),
        Thing(
            designator="99401",
            name="PHOBOS",
            international="UNKNOWN",
            kind="OTHER",
            maneuverable="NO",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0,
            cr_area_over_mass=0.0,
            comments=("A moon of Mars: no catalogue number, the designator belongs to the story",),
        ),
    ),
    place=PLACE,
    paths=(MAVEN, PHOBOS),
    errors=(
        (
            (110_000, 200, 900, 700),
            (85_000, 150, 800, 600),
            (60_000, 100, 650, 500),
            (40_000, 60, 500, 400),
            (22_000, 40, 400, 300),
        ),
        (
            (1000, 20, 150, 150),
            (990, 19.5, 148, 148),
            (980, 19, 146, 146),
            (970, 18.5, 144, 144),
            (960, 18, 142, 142),
        ),
    ),
    goals=(late(-30, 500), late(35, -700), late(-8, 300), late(16, -200), late(7)),
    hard_body_radius_m=MODELLED_RADIUS_M + MAVEN_RADIUS_M,
    seed=37,
    track=EccentricTrack,
)


def scenario() -> Scenario:
    """The folder's content."""
    made = MEETING.series()
    last = made.messages()[-1]
    ours = made.tracks[0]
    sigma_s = ours.sigmas_m[-1, 0] / float(np.linalg.norm(ours.velocity_m_s))
    revolutions = BURN_BEFORE_S * ours.mean_motion / (2 * math.pi)
    return Scenario(
        folder="maven_phobos_2017",
        series=made,
        verdict=Verdict(BURN, option="minimum-fuel", dv_cm_s=(15, 19)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
        extra={
            "pc_mean_radius": last.pc(MEAN_RADIUS_M + MAVEN_RADIUS_M),
            "sigma_s": sigma_s,
            "revolutions": revolutions,
        },
    )


SPACECRAFT = """\
# MAVEN. Launch mass 2454 kg and span 11.4 m are reported; the rest is reconstructed.
designator = "39378"
name = "MAVEN"
mass_kg = 1100.0
radius_m = 6.0
propellant_kg = 190.0
propellant_reserve_kg = 60.0
minimum_dv_m_s = 0.005
maximum_dv_m_s = 2.0
slew_s = 900.0
settle_s = 300.0
slew_back_s = 900.0

[[thrusters]]
name = "hydrazine, along the velocity"
isp_s = 220.0
thrust_n = 22.0
directions_rtn = [[0, 1, 0]]

[execution_error]
magnitude_fixed_m_s = 0.002
magnitude_proportional = 0.01
pointing_fixed_m_s = 0.002
pointing_proportional_rad = 0.01
"""

OPERATIONS = """\
# The day of the burn, 28 February, is reported. Reconstructed: a slot of 40 minutes about the
# apoapsis of 16:51, six days before (near periapsis the instruments work in the atmosphere), and
# two contacts with the Deep Space Network.
command_lead_s = 7200.0
decision_lead_s = 10800.0
planning_horizon_s = 533400.0
minimum_lead_s = 531000.0

[[contacts]]
start_utc = 2017-02-27T20:00:00Z
end_utc = 2017-02-28T04:00:00Z
label = "Deep Space Network, first"

[[contacts]]
start_utc = 2017-02-28T08:00:00Z
end_utc = 2017-02-28T15:00:00Z
label = "Deep Space Network, last before the slot"
"""

POLICY = """\
base = "nasa"
name = "NASA robotic"
"""

STORY = """\
# MAVEN and Phobos, a moon in the way

On 28 February 2017 an orbiter at Mars sped up by 0.4 m/s, so as not to meet the moon Phobos six \
days later; the two would have come to the crossing of their orbits within 7 s of one another.

| what | value | kind |
|---|---|---|
| meeting | 6 March 2017 | *reported* [1]; the hour is *reconstructed* |
| times at the crossing | 7 s apart | *reported* [1]; that MAVEN is the later one is *reconstructed* |
| that as a miss | {miss_m:.0f} m, inside Phobos | *derived*, for orbits that cross exactly |
| found | a day before the burn [2], with a week's notice [1] | *reported* |
| messages before that day, and their Pc of 0.1 to 0.3 | messages | *reconstructed*: what was known then was not published |
| burn | 28 February, 0.4 m/s faster; then 2.5 min apart | *reported* [1] |
| the same burn here | at an apoapsis: 152 s later, 159 s apart; at a periapsis: 416 s | *derived* (flown): so it was near an apoapsis |
| orbit of MAVEN | about 150 × 6200 km, 75° | *reported* [3, 4] |
| orbit of Phobos | 9376 km, e 0.015, 1.1° to the equator of Mars | *reported* [5] |
| size of Phobos | mean radius 11.1 km [5]; taken as a sphere 30 km across [2] | *reported* |
| combined hard-body radius | 15006 m: half of those 30 km, and MAVEN's 6 m | *reported* [2], *derived* |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| longitude, latitude and side of the crossing | messages | *reconstructed* |
| error of MAVEN | {sigma_s:.0f} s along the track, six days ahead | *reconstructed*: the upper atmosphere decides |
| error of Phobos | 1 km along the track | *reconstructed* |
| Pc of the last message | {pc:.2f} | *derived*; "a high probability" was *reported* [2] |
| Pc with the mean radius | {pc_mean_radius:.2f} | *derived* |
| launch mass, span of MAVEN | 2454 kg, 11.4 m | *reported* [6] |
| mass in 2017, thruster, slot and contacts | TOML files | *reconstructed* |
| own gravity of Phobos | neglected: it turns a path at 15 km by 2e-5 rad | *derived* from 1.07e16 kg, *reported* [5] |
| thresholds | act at 1e-4, target 3e-6 | *reported*: NASA preset; made for orbits at the Earth |

## Messages

{table}

## Verdict

{verdict}. The least burn of that slot is 17 cm/s along the velocity: it leaves 104 km and a minute. \
What was flown, 40 cm/s, leaves more than twice that: margin for the atmosphere of six days, for some \
120 g of propellant. Near a periapsis 6 cm/s would do.

The slot is short on purpose: six days at Mars are integrated for every burn that is flown, and with \
the whole of 28 February to choose from `mdss plan` takes two to three times as long.

## What it teaches

* Pc as a rule is small because the objects are. Here the radius is as large as the error, and the \
miss is less than either: better data would have brought Pc to 1, not to 0. No dilution: Pc grew with \
every message.
* Where the hard-body radius decides, 11 km and 15 km give different numbers and the same verdict.
* Time is the cheapest propellant. Six days, {revolutions:.0f} revolutions, turn 17 cm/s into a \
minute.
* An error along the track is an error in time. Who thinks in seconds at the crossing sees the \
whole event: 7, {sigma_s:.0f}, 159.

## Sources

1. NASA release of 2 March 2017, in Business Insider (Reuters) and Daily Mail, 3 March 2017.
2. SpaceNews, NASA spacecraft avoids potential collision with Martian moon, March 2017, repeated in \
worldtrnd.tk.
3. Space Sciences Laboratory, Berkeley, MAVEN orbit insertion; IFLScience, 3 March 2017 (heights).
4. SEDS, MAVEN (inclination).
5. Wikipedia, Phobos (moon), and Bartleby, Moons of the terrestrial planets (9376 km).
6. India TV, NASA's robotic MAVEN set to soar, November 2013.
"""

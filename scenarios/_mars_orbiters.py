# ruff: noqa: E501  (Markdown tables)
"""Two orbiters at Mars in December 2021: orbits that were published, a meeting that is invented."""

from __future__ import annotations

from datetime import UTC, datetime

from _goals import Goal
from _mars_tracks import EccentricTrack, on_ellipse
from _meeting import Meeting
from _messages import Thing
from _orbits import MARS, Path, Place
from _story import BURN, Scenario, Verdict

PLACE = Place(396_000.0, 58.0, 205.0, MARS)

MEETING = Meeting(
    prefix="MARS-ORBITERS",
    tca_utc=datetime(2021, 12, 18, 14, 7, 33, tzinfo=UTC),
    created_utc=(
        datetime(2021, 12, 4, 12, 0, tzinfo=UTC),
        datetime(2021, 12, 8, 12, 0, tzinfo=UTC),
        datetime(2021, 12, 11, 12, 0, tzinfo=UTC),
        datetime(2021, 12, 14, 12, 0, tzinfo=UTC),
        datetime(2021, 12, 16, 12, 0, tzinfo=UTC),
    ),
    things=(
        Thing(
            designator="99721",
            name="MARS ORBITER A",
            international="UNKNOWN",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0200,
            cr_area_over_mass=0.0200,
            comments=("Invented, on the published orbit of the Trace Gas Orbiter",),
        ),
        Thing(
            designator="99722",
            name="MARS ORBITER B",
            international="UNKNOWN",
            kind="PAYLOAD",
            maneuverable="YES",
            covariance_method="CALCULATED",
            cd_area_over_mass=0.0150,
            cr_area_over_mass=0.0150,
            comments=(
                "Invented, on the published orbit of Tianwen-1; ephemeris exchanged once a week",
            ),
        ),
    ),
    place=PLACE,
    paths=(
        Path(74.0, 399_000.0, climb_m_s=-2.0),
        on_ellipse(86.0, 265_000.0, 10_700_000.0, PLACE, rising=False),
    ),
    errors=(
        (
            (1900, 12, 22, 30),
            (1250, 9, 18, 25),
            (850, 7, 15, 21),
            (480, 5, 12, 17),
            (260, 4, 10, 14),
        ),
        (
            (8000, 50, 140, 160),
            (7600, 48, 136, 156),
            (5000, 36, 110, 130),
            (4750, 34, 107, 127),
            (2900, 25, 75, 90),
        ),
    ),
    goals=(
        Goal(up_m=-150.0, pc=9.0e-6),
        Goal(up_m=-120.0, pc=1.1e-5),
        Goal(up_m=-60.0, pc=3.0e-5),
        Goal(up_m=-85.0, pc=3.5e-5),
        Goal(up_m=-40.0, pc=2.5e-4),
    ),
    hard_body_radius_m=16.0,
    seed=41,
    comments=("Reconstructed event: no such meeting is known",),
    track=EccentricTrack,
)


def scenario() -> Scenario:
    """The folder's content."""
    return Scenario(
        folder="mars_orbiters_2021",
        series=MEETING.series(),
        verdict=Verdict(BURN, option="minimum-fuel", dv_cm_s=(1.4, 1.8)),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
    )


SPACECRAFT = """\
# Reconstructed: no real spacecraft.
designator = "99721"
name = "MARS ORBITER A"
mass_kg = 1500.0
radius_m = 9.0
propellant_kg = 120.0
propellant_reserve_kg = 60.0
minimum_dv_m_s = 0.001
maximum_dv_m_s = 0.5
slew_s = 900.0
settle_s = 300.0
slew_back_s = 900.0

[[thrusters]]
name = "small hydrazine thrusters"
isp_s = 215.0
thrust_n = 4.0

# Reconstructed: relay passes of the landers are planned for this orbit weeks ahead.
[station_keeping]
along_track_m = 10000.0
along_track_offset_m = 0.0
return_within_h = 24.0
hold_h = 48.0

[execution_error]
magnitude_fixed_m_s = 0.0005
magnitude_proportional = 0.02
pointing_fixed_m_s = 0.0005
pointing_proportional_rad = 0.0175
"""

OPERATIONS = """\
# Reconstructed: two contacts of deep-space antennas before the meeting, and relay passes of the
# landers after the second. Commands need 20 minutes of light time and are sent twice; a burn has
# to be heard of before the meeting.
command_lead_s = 3600.0
decision_lead_s = 14400.0
planning_horizon_s = 129600.0
minimum_lead_s = 7200.0
confirm_before_tca = true

[[contacts]]
start_utc = 2021-12-17T02:00:00Z
end_utc = 2021-12-17T08:00:00Z
label = "deep-space antenna, day before"

[[contacts]]
start_utc = 2021-12-18T02:00:00Z
end_utc = 2021-12-18T07:00:00Z
label = "deep-space antenna, last"

[[no_burn]]
start_utc = 2021-12-18T07:30:00Z
end_utc = 2021-12-18T10:30:00Z
label = "relay passes of the landers"
"""

POLICY = """\
base = "esa"
name = "ESA rules"
"""

STORY = """\
# Two orbiters at Mars, and ephemerides that come once a week

After two space agencies began to exchange the orbits of their Mars missions in 2021, one orbiter \
dodges another by 1.6 cm/s a day ahead, at {speed_km_s:.1f} km/s over a planet where nobody but the \
operators themselves tracks anything.

The exchange is real, and so are the two orbits. **The meeting is invented**: no close approach of \
two orbiters of that year is known, both spacecraft and their designators belong to the story, and \
the whole geometry is *reconstructed*.

| what | value | kind |
|---|---|---|
| exchange of ephemerides | NASA and CNSA, January to March 2021, for the orbit of Tianwen-1 | *reported* [1, 2] |
| the same with ESA, the UAE and India | 2021 | *reported* [1, 3] |
| orbit of orbiter A | 400 km, 74°: that of the Trace Gas Orbiter | *reported* [4] |
| orbit of orbiter B | 265 × 10 700 km [5], 86° [6]: that of Tianwen-1 from 8 November 2021 | *reported* |
| TCA, place, miss | {tca}, 396 km over 58° north, {miss_m:.0f} m | *reconstructed* |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| error of B | 8 km falling to 3 km along the track; new data once a week only | *reconstructed* |
| error of A | 1.9 km falling to 0.3 km | *reconstructed* |
| Pc of the last message | {pc:.1e} | *derived* |
| combined hard-body radius | 16 m, two pairs of solar arrays | *reconstructed* |
| mass, thrusters, contacts, relay passes, box | TOML files | *reconstructed* |
| thresholds | act at 1e-4, target 1e-6 | *reported*: ESA preset; made for orbits at the Earth |

## Messages

{table}

Between 4 and 8 December, and between 11 and 14, nothing new came of orbiter B: its error stays, and \
the miss hardly moves.

## Verdict

{verdict}. The burn follows the first of two contacts, 15 revolutions ahead, along the \
velocity. Commanded in the second, it would cost twice as much and could not be confirmed before the \
meeting, which the flight rules want. Nor would waiting bring an ephemeris: the next one of B is due \
after the meeting.

The relay passes are planned for an orbit that is kept to 10 km along the track; the burn leads 13 km \
away until two days after the meeting. A plan that stays inside exists (out and back: 1.8 cm/s, and \
0.8 cm/s the other way 17 hours later, still before the meeting), but takes 8 g more and a second \
turn, which the prices of the policy do not pay for.

## What it teaches

* At Mars the message is as good as the exchange. Asking the other operator for a fresh ephemeris is \
worth more than a day of own tracking: nearly all of the error is B's.
* Waiting helps only where new data are due before the last contact.
* Commands need a contact with a deep-space antenna, and 20 minutes of light. The deadlines, not the \
propellant, decide.

## Sources

1. Futurism, quoting SpaceNews on the words of NASA's acting administrator of 23 March 2021.
2. The Daily Mail (Dhaka), quoting Global Times: statement of CNSA, 31 March 2021.
3. Teller Report (China News Service), 13 June 2021: exchange with NASA and ESA.
4. Encyclopedia of Astrobiology, ExoMars Trace Gas Orbiter; ESA video, Aerobraking completed, 2018.
5. Teller Report (China News Service), 8 November 2021.
6. D. Estévez, Tianwen-1 remote sensing orbit from telemetry received at Bochum, 2022.
"""

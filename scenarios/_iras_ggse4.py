# ruff: noqa: E501  (Markdown tables)
"""Facts of the close approach of IRAS and GGSE-4, 29 January 2020."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from _messages import FloatArray, Series, Thing, Track
from _story import CANNOT, Scenario, Verdict
from _tle import Tle, closest_approach

from mdss.astro.encounter import plane_axes
from mdss.astro.frames import eci_from_rtn

# Two-line element sets of 28 January 2020 (NORAD catalogue)
IRAS_TLE = Tle(
    "1 13777U 83004A   20028.88653061 -.00000112 +00000-0 -46267-4 0  9994",
    "2 13777 098.9546 214.5008 0017548 291.7607 068.1690 14.00452411560031",
)
GGSE_TLE = Tle(
    "1  2828U 67053C   20028.83195262 -.00000031 +00000-0 +16279-4 0  9993",
    "2  2828 069.9718 027.7275 0010105 305.9033 054.1135 13.97443552682482",
)
REPORTED_TCA = datetime(2020, 1, 29, 23, 39, 35, tzinfo=UTC)
CREATED = (
    datetime(2020, 1, 23, 5, 58, 18, tzinfo=UTC),
    datetime(2020, 1, 27, 17, 0, tzinfo=UTC),
    datetime(2020, 1, 28, 17, 0, tzinfo=UTC),
    datetime(2020, 1, 29, 12, 0, tzinfo=UTC),
)
# reported misses and a reconstructed direction in the plane: (across, up) [m]
MISS_M = (63.0, 22.5, 50.0, 12.0)
DIRECTION_DEG = (35.0, 60.0, 20.0, 40.0)
# in-track shift, semi-major axis, e·cos, e·sin, plane, plane rate [m]
SIGMAS = np.array(
    [
        [420, 6, 26, 26, 55, 55],
        [190, 5, 21, 21, 41, 41],
        [120, 4, 18, 18, 36, 36],
        [80, 3, 14, 14, 24, 24],
    ],
    dtype=float,
)

IRAS = Thing(
    designator="13777",
    name="IRAS",
    international="1983-004A",
    kind="PAYLOAD",
    maneuverable="NO",
    covariance_method="DEFAULT",
    cd_area_over_mass=0.0170,
    cr_area_over_mass=0.0130,
    comments=("Out of service since 1983",),
)
GGSE = Thing(
    designator="2828",
    name="GGSE-4",
    international="1967-053C",
    kind="PAYLOAD",
    maneuverable="NO",
    covariance_method="DEFAULT",
    cd_area_over_mass=0.0300,
    cr_area_over_mass=0.0200,
    comments=("Carries a gravity gradient boom of 18 m",),
)


def scenario() -> Scenario:
    """The folder's content."""
    made = series()
    last = made.messages()[-1]
    return Scenario(
        folder="iras_ggse4",
        series=made,
        verdict=Verdict(CANNOT, exit_code=3),
        spacecraft=SPACECRAFT,
        operations=OPERATIONS,
        policy=POLICY,
        story=STORY,
        extra={"pc_boom": last.pc(18.0)},
    )


def series() -> Series:
    """Four messages with the reported misses; GGSE-4 is moved to meet them."""
    tca = closest_approach(IRAS_TLE, GGSE_TLE, REPORTED_TCA)
    position_1, velocity_1 = IRAS_TLE.gcrf_state(tca)
    _, velocity_2 = GGSE_TLE.gcrf_state(tca)
    axes = plane_axes(position_1, velocity_1 - velocity_2)
    misses = np.array([_miss(k) for k in range(len(MISS_M))])
    # relative position is IRAS minus GGSE-4
    last_2 = position_1 - axes.T @ misses[-1]
    rtn_from_plane = eci_from_rtn(last_2, velocity_2).T @ axes.T
    fixed = np.zeros_like(SIGMAS)
    moved = _sources((misses[-1] - misses) @ rtn_from_plane.T)
    return Series(
        tca_utc=tca,
        created_utc=CREATED,
        tracks=(
            Track(IRAS, position_1, velocity_1, SIGMAS, fixed),
            Track(GGSE, last_2, velocity_2, SIGMAS, moved),
        ),
        hard_body_radius_m=1.5,
        frame="GCRF",
        originator="MDSS-SCENARIO",
        message_prefix="IRAS-GGSE4",
        comments=(
            "Reconstructed message: misses as reported, covariances assumed",
            "HBR leaves out the boom of 18 m that GGSE-4 carries",
        ),
    )


def _miss(update: int) -> FloatArray:
    angle = np.radians(DIRECTION_DEG[update])
    return MISS_M[update] * np.array([np.cos(angle), np.sin(angle)])


def _sources(offset_rtn_m: FloatArray) -> FloatArray:
    """Source values that move an object by RTN offsets, shape (n, 3) to (n, 6)."""
    sources = np.zeros((len(offset_rtn_m), 6))
    sources[:, 0] = offset_rtn_m[:, 1]  # along the track
    sources[:, 2] = offset_rtn_m[:, 0]  # up
    sources[:, 4] = offset_rtn_m[:, 2]  # across
    return sources


SPACECRAFT = """\
# IRAS: out of service since 1983, cannot maneuver. Mass reconstructed ("around a tonne").
designator = "13777"
name = "IRAS"
mass_kg = 1000.0
can_maneuver = false
"""

OPERATIONS = """\
# Nobody commands either satellite: nothing to plan around.
planning_horizon_s = 86400.0
minimum_lead_s = 1800.0
"""

POLICY = """\
base = "nasa"
"""

STORY = """\
# IRAS and GGSE-4, two dead satellites that could only be watched

On 29 January 2020 an infrared telescope of 1983 and a gravity gradient experiment of 1967 met at \
{speed_km_s:.1f} km/s, 900 km above Pittsburgh, and missed by some tens of metres; neither can \
move, so the only option is "no burn".

| what | value | kind |
|---|---|---|
| closest approach | 2020-01-29 23:39:35 UTC, about 900 km, 14.7 km/s | *reported* [1, 2] |
| the same from element sets | {tca}, moved by the reported miss | *derived* (SGP4, GCRF) |
| relative speed | {speed_m_s:.0f} m/s | *derived* |
| first warning | 2020-01-23 05:58:18 UTC: 63 m ± 86 m RMS | *reported* [1] |
| 27 January | 15 to 30 m, 1 in 100 | *reported* [2, 3] |
| 28 January | 13 to 87 m, 1 in 1000 | *reported* [3] |
| last updates | 12 m to 47 m, from 1 in 100 to 1 in 20 with the size of both objects | *reported* (LeoLabs' public updates; the 1 in 20 as "5 percent" in [4]) |
| outcome | no new debris seen | *reported* [5] |
| boom of GGSE-4 | 18 m | *reported* [2] |
| combined hard-body radius in the messages | 1.5 m | *reconstructed*: the bodies without the boom |
| covariances | see the table | *reconstructed*, of the size of the reported margins |
| direction of the miss, hours of the creation dates of 27 to 29 January | | *reconstructed* |
| mass of IRAS | 1000 kg | *reconstructed* from "around a tonne" [2] |
| area over mass | messages | *reconstructed* |

## Messages

{table}

The misses are the *reported* ones (22.5 m and 50 m are the middles of the ranges); \
sizes and directions of errors are *reconstructed*; Pc (2D, from the rounded message) is *derived*.

## Verdict

{verdict}. Pc calls for action and neither can act.

## What it teaches

* **The hard-body radius decides.** With 1.5 m the last message gives Pc {pc:.1e}; with the boom, \
18 m, it gives {pc_boom:.1e} (*derived*). Both are right answers to different questions: the \
bodies alone, or anything sticking out in the worst direction.
* The miss went 63, 22.5, 50, 12 m within errors of the same size: such a change is no news.
* No maneuver is possible. The right output is the risk, its uncertainty, and who should watch.

## Sources

1. LeoLabs, The IRAS / GGSE 4 Close Approach, 2020.
2. Press reports of LeoLabs' announcements, 27 to 31 January 2020 (SoylentNews, The Conversation).
3. J. Foust, SpaceNews, Potential satellite collision shows need for active debris removal, 2020.
4. Halifax Live, Two defunct satellites now have a 5 percent chance of colliding tonight, 2020.
5. National Post, Two satellites come close to colliding, pass each other safely, 2020.
"""

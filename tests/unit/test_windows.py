"""Contacts and eclipses computed from the orbit, and the plans that keep to them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from other_bodies import cdm_text

from mdss.astro.bodies import third_body_position_m
from mdss.astro.numerical import propagate
from mdss.conjunction import Conjunction
from mdss.forces import force_model
from mdss.loading import Scenario, load_scenario
from mdss.maneuver import Burn
from mdss.messages import read_cdms
from mdss.operations import Contact, Operations, StandingManeuver, Station
from mdss.planner.obstacles import burn_obstacle
from mdss.planner.options import Plan
from mdss.planner.plan import plan
from mdss.planner.setting import Setting
from mdss.planner.view import closed_spans
from mdss.planner.windows import computed
from mdss.spacecraft import Spacecraft, Thruster
from mdss.time_windows import Pass
from mdss.units import seconds_between, shifted

SVALBARD = Station(name="Svalbard", latitude_deg=78.23, longitude_deg=15.39, altitude_m=450.0)
SOUTH = Station(name="South", latitude_deg=-31.4, longitude_deg=-64.2, elevation_mask_deg=10.0)
SLOW_S = 0.1  # the promise for edges


@pytest.fixture(scope="module")
def observer() -> Scenario:
    return load_scenario("observer7_fragment49863")


@pytest.fixture(scope="module")
def craft(observer: Scenario) -> Spacecraft:
    assert observer.spacecraft is not None
    return observer.spacecraft


@pytest.fixture(scope="module")
def operations(observer: Scenario) -> Operations:
    assert observer.operations is not None
    return observer.operations


@pytest.fixture(scope="module")
def conjunction(observer: Scenario, craft: Spacecraft) -> Conjunction:
    return observer.event.latest.oriented(craft.designator)


def state_at(conjunction: Conjunction, t_s: float) -> np.ndarray:
    ours = conjunction.primary
    return propagate(
        ours.position_m, ours.velocity_m_s, conjunction.tca_utc, t_s, force_model(conjunction)
    )[0]


def elevation_deg(conjunction: Conjunction, station: Station, t_s: float) -> float:
    """By astropy's frames and ellipsoid, from an orbit integrated to that very instant."""
    from astropy import units as u
    from astropy.coordinates import GCRS, ITRS, AltAz, CartesianRepresentation, EarthLocation
    from astropy.time import Time

    when = Time(conjunction.tca_utc + timedelta(seconds=t_s))
    ground = EarthLocation.from_geodetic(
        station.longitude_deg, station.latitude_deg, station.altitude_m
    )
    position = CartesianRepresentation(state_at(conjunction, t_s)[:3] * u.m)
    fixed = GCRS(position, obstime=when).transform_to(ITRS(obstime=when)).cartesian
    seen = ITRS(fixed - ground.get_itrs(when).cartesian, obstime=when, location=ground)
    return float(seen.transform_to(AltAz(obstime=when, location=ground)).alt.deg)


# --- windows ------------------------------------------------------------------------------


def test_where_nothing_asks_for_windows_nothing_is_computed(
    conjunction: Conjunction, craft: Spacecraft, operations: Operations
) -> None:
    assert computed(operations, craft, conjunction) is operations


def test_edges_of_passes_are_where_astropy_has_the_mask(
    conjunction: Conjunction, craft: Spacecraft
) -> None:
    operations = Operations(stations=(SVALBARD, SOUTH), planning_horizon_s=6 * 3600.0)
    found = computed(operations, craft, conjunction).contacts
    for station in (SVALBARD, SOUTH):
        passes = [one for one in found if one.label.startswith(station.name)]
        assert len(passes) >= 4
        first = passes[0]
        for edge, inward in ((first.start_utc, 1), (first.end_utc, -1)):
            t_s = seconds_between(conjunction.tca_utc, edge)
            outside, inside = (
                elevation_deg(conjunction, station, t_s + side * inward * SLOW_S)
                for side in (-1, 1)
            )
            assert outside < station.elevation_mask_deg < inside
    spans = [(one.start_utc, one.end_utc) for one in found]
    assert spans == sorted(spans)


def test_no_pass_is_missed_on_a_fine_grid(conjunction: Conjunction, craft: Spacecraft) -> None:
    from mdss.astro.bodies import body
    from mdss.astro.ellipsoid import site
    from mdss.astro.visibility import elevation_rad

    high = replace(SOUTH, elevation_mask_deg=22.0)  # grazes: passes of a minute
    found = computed(
        Operations(stations=(high,), planning_horizon_s=6 * 3600.0), craft, conjunction
    ).contacts
    ours, earth = conjunction.primary, body("earth")
    t_s = np.arange(-30 * 3600.0, 24 * 3600.0, 5.0)
    states = propagate(
        ours.position_m, ours.velocity_m_s, conjunction.tca_utc, t_s, force_model(conjunction)
    )
    ground = site(math.radians(high.latitude_deg), math.radians(high.longitude_deg), 0.0, earth)
    up = elevation_rad(ground, earth, states[:, :3], conjunction.tca_utc, t_s) > math.radians(22.0)
    covered = np.zeros(t_s.shape, dtype=bool)
    for one in found:
        start, end = (seconds_between(conjunction.tca_utc, x) for x in (one.start_utc, one.end_utc))
        covered |= (t_s >= start) & (t_s <= end)
    assert up.any()
    assert np.array_equal(up, covered)


def test_short_passes_do_not_count_and_flags_are_the_stations(
    conjunction: Conjunction, craft: Spacecraft
) -> None:
    every = Operations(stations=(replace(SVALBARD, uplink=False),), planning_horizon_s=7200.0)
    long_ones = replace(every, minimum_contact_s=690.0)
    all_found, found = (computed(one, craft, conjunction) for one in (every, long_ones))
    assert 0 < len(found.contacts) < len(all_found.contacts)
    lengths = [seconds_between(one.start_utc, one.end_utc) for one in found.contacts]
    assert min(lengths) >= 690.0
    assert found.uplinks == ()
    assert found.downlinks == found.contacts


def test_given_contacts_stay_and_computed_ones_are_not_doubled(
    conjunction: Conjunction, craft: Spacecraft
) -> None:
    tca = conjunction.tca_utc
    given = Contact(start_utc=shifted(tca, -7200), end_utc=shifted(tca, -6900), label="relay")
    operations = Operations(stations=(SVALBARD,), contacts=(given,), planning_horizon_s=9000.0)
    once = computed(operations, craft, conjunction)
    twice = computed(once, craft, conjunction)
    assert once.contacts == twice.contacts
    assert [one for one in once.contacts if not isinstance(one, Pass)] == [given]


@pytest.mark.parametrize("name", ["mars", "moon"])
def test_eclipses_and_passes_are_found_at_other_bodies(name: str) -> None:
    told = Conjunction.from_cdm(read_cdms(cdm_text(name).encode())[0])
    craft = Spacecraft(designator="MDSS-A", mass_kg=1480.0, can_maneuver=False)
    goldstone = Station(name="Goldstone", latitude_deg=35.43, longitude_deg=-116.89, body="earth")
    lander = Station(name="lander", latitude_deg=20.0, longitude_deg=77.0)
    operations = Operations(
        stations=(goldstone, lander), burns_in_eclipse=False, planning_horizon_s=7200.0
    )
    found = computed(operations, craft, told)
    assert found.eclipses
    assert {one.label.split(",")[0] for one in found.contacts} == {"Goldstone", "lander"}
    # in the middle of an eclipse the Sun is behind the body
    dark = found.eclipses[len(found.eclipses) // 2]
    middle = 0.5 * sum(seconds_between(told.tca_utc, x) for x in (dark.start_utc, dark.end_utc))
    position = state_at(told, middle)[:3]
    sun = third_body_position_m("sun", told.body, told.tca_utc, np.array([middle]))[0]
    sun /= np.linalg.norm(sun)
    assert position @ sun < 0
    assert np.linalg.norm(np.cross(position, sun)) < told.body.radius_m


def test_an_orbiter_behind_mars_has_no_contact_with_the_earth() -> None:
    told = Conjunction.from_cdm(read_cdms(cdm_text("mars").encode())[0])
    craft = Spacecraft(designator="MDSS-A", mass_kg=1480.0, can_maneuver=False)
    antennas = tuple(
        Station(name=f"{lon:g}", latitude_deg=0.0, longitude_deg=lon, body="earth")
        for lon in (0.0, 120.0, 240.0)
    )
    found = computed(Operations(stations=antennas, planning_horizon_s=7200.0), craft, told).contacts
    for one in found[:10]:
        t_s = seconds_between(told.tca_utc, one.start_utc) + 30.0
        earth = third_body_position_m("sun", told.body, told.tca_utc, np.array([t_s]))[0]
        position = state_at(told, t_s)[:3]
        # the Earth stands within 45° of the Sun, seen from Mars: only a crude check of the side
        assert position @ earth > -0.8 * np.linalg.norm(position) * np.linalg.norm(earth)
    gaps = [seconds_between(first.end_utc, other.start_utc) for first, other in pairwise(found)]
    # behind Mars for some 40 min of each revolution of 114 min
    assert 1500 < max(gaps) < 3600


# --- plans --------------------------------------------------------------------------------


def planned(observer: Scenario, craft: Spacecraft, operations: Operations) -> Plan:
    return plan(
        observer.event,
        craft,
        operations,
        observer.policy,
        now_utc=observer.event.latest.created_utc,
    )


def spans(answer: Plan) -> list[tuple[float, float]]:
    """Start and end of every burn of every feasible option, seconds from TCA."""
    burns = [one for option in answer.options if option.feasible for one in option.burns]
    assert burns
    return [
        (-one.t_before_tca_s - 0.5 * one.duration_s, -one.t_before_tca_s + 0.5 * one.duration_s)
        for one in burns
    ]


def test_no_burn_of_a_plan_is_in_shadow_where_that_is_forbidden(
    observer: Scenario, craft: Spacecraft, operations: Operations
) -> None:
    answer = planned(observer, craft, replace(operations, no_burn=(), burns_in_eclipse=False))
    assert answer.operations.eclipses
    sun_of = answer.conjunction
    for start, end in spans(answer):
        for t_s in np.linspace(start, end, 5):
            position = state_at(sun_of, float(t_s))[:3]
            sun = third_body_position_m("sun", sun_of.body, sun_of.tca_utc, np.array([t_s]))[0]
            sun /= np.linalg.norm(sun)
            # outside the cylinder of the polar radius: coarser than the planner, and its own
            assert position @ sun > 0 or np.linalg.norm(np.cross(position, sun)) > 6.357e6
    assert any(one.label == "eclipse" for one in closed_spans(answer))


def test_burns_of_a_plan_are_commanded_and_confirmed_over_the_stations(
    observer: Scenario, craft: Spacecraft, operations: Operations
) -> None:
    asked = replace(
        operations,
        contacts=(),
        stations=(SVALBARD,),
        minimum_contact_s=300.0,
        confirm_within_s=1800.0,
        confirm_before_tca=True,
    )
    answer = planned(observer, craft, asked)
    for option in answer.options:
        if option.burns and option.feasible:
            assert option.commit_by_utc is not None
            uplinks = [shifted(option.commit_by_utc, 4800.0)]  # leads of 20 and 60 min
            ends = [one.end_utc for one in answer.operations.contacts]
            assert min(abs(seconds_between(x, y)) for x in uplinks for y in ends) < 1e-3
    for _, end in spans(answer):
        heard = [
            seconds_between(answer.conjunction.tca_utc, one.start_utc)
            for one in answer.operations.contacts
            if seconds_between(answer.conjunction.tca_utc, one.end_utc) > end + 300.0
        ]
        assert max(min(heard), end) - end <= 1800.0


def test_a_station_that_never_sees_the_spacecraft_leaves_nothing_to_command(
    observer: Scenario, craft: Spacecraft, operations: Operations
) -> None:
    blind = replace(SVALBARD, elevation_mask_deg=89.8)
    answer = planned(observer, craft, replace(operations, contacts=(), stations=(blind,)))
    burns = [one for one in answer.options if one.name != "no-burn"]
    assert not any(one.feasible for one in burns)
    assert all("no station sees the spacecraft" in one.binds for one in burns)


# --- obstacles ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def setting(observer: Scenario, craft: Spacecraft, operations: Operations) -> Setting:
    """Everything at once: each constraint has a burn that breaks it alone."""
    tca = observer.event.latest.tca_utc
    standing = StandingManeuver(
        epoch_utc=shifted(tca, -20_000), dv_rtn_m_s=(0, 0.001, 0), label="trim", in_message=True
    )
    contacts = (
        Contact(start_utc=shifted(tca, -25_000), end_utc=shifted(tca, -24_000)),
        Contact(start_utc=shifted(tca, -18_000), end_utc=shifted(tca, -1_000)),
    )
    strict = replace(
        operations,
        no_burn=(),
        standing=(standing,),
        contacts=contacts,
        burns_in_eclipse=False,
        confirm_within_s=3600.0,
    )
    thruster = Thruster(name="short", isp_s=215.0, thrust_n=4.0, maximum_on_s=30.0)
    able = replace(
        craft,
        thrusters=(thruster,),
        rest_thrust_rtn=(0, 1, 0),
        slew_rate_deg_s=0.2,
        maximum_slew_deg=60.0,
    )
    answer = planned(observer, able, strict)
    return Setting(
        risk=answer.risk,
        spacecraft=able,
        operations=answer.operations,
        policy=answer.policy,
        now_utc=answer.now_utc,
    )


@pytest.mark.parametrize(
    ("binds", "t_s", "duration_s", "direction", "words"),
    [
        ("standing maneuver", 20_500.0, 5.0, (0, 1, 0), "overlaps trim"),
        ("confirmation contact", 23_500.0, 5.0, (0, 1, 0), "no downlink within 60 min"),
        ("slew limit", 12_000.0, 5.0, (1, 0.5, 0), "turns 63° away"),
        ("longest burn", 12_000.0, 40.0, (0, 1, 0), "lasts 40 s"),
    ],
)
def test_what_forbids_a_burn_is_named_in_words(
    setting: Setting,
    binds: str,
    t_s: float,
    duration_s: float,
    direction: tuple[float, float, float],
    words: str,
) -> None:
    sunlit = replace(setting, operations=replace(setting.operations, burns_in_eclipse=True))
    burn = Burn.before(setting.tca_utc, t_s, 0.01 * np.array(direction), duration_s)
    found = burn_obstacle(sunlit, burn)
    assert found is not None
    assert found[0] == binds
    assert words in found[1]


def test_the_shadow_that_forbids_a_burn_is_named(setting: Setting) -> None:
    dark = next(
        one
        for one in setting.operations.eclipses
        if one.start_utc > shifted(setting.tca_utc, -16e3)
    )
    before_s = seconds_between(dark.start_utc, setting.tca_utc)
    shallow = Burn.before(setting.tca_utc, before_s - 3.0, [0, 0.01, 0], 4.0)
    deep = Burn.before(setting.tca_utc, before_s - 300.0, [0, 0.01, 0], 4.0)
    for burn, word in ((shallow, "penumbra"), (deep, "umbra")):
        found = burn_obstacle(setting, burn)
        assert found is not None
        assert found[0] == "eclipse"
        assert f"in the {word} (" in found[1]


def test_a_thruster_that_needs_the_sun_does_not_burn_in_shadow(
    setting: Setting, conjunction: Conjunction
) -> None:
    needy = replace(setting.spacecraft.thrusters[0], sunlit_only=True)
    electric = replace(setting.spacecraft, thrusters=(needy,))
    anywhere = replace(setting.operations, burns_in_eclipse=True, eclipses=())
    dark = computed(anywhere, electric, conjunction).eclipses
    assert dark == setting.operations.eclipses
    middle_s = 0.5 * sum(
        seconds_between(one, setting.tca_utc) for one in (dark[-30].start_utc, dark[-30].end_utc)
    )
    burn = Burn.before(setting.tca_utc, middle_s, [0, 0.01, 0], 4.0)
    operations = replace(anywhere, eclipses=dark, standing=(), confirm_within_s=None)
    for craft, binds in ((electric, "eclipse"), (setting.spacecraft, None)):
        found = burn_obstacle(replace(setting, spacecraft=craft, operations=operations), burn)
        assert (found and found[0]) == binds


def test_a_burn_that_keeps_to_everything_meets_no_obstacle(setting: Setting) -> None:
    lit = replace(setting, operations=replace(setting.operations, burns_in_eclipse=True))
    assert burn_obstacle(lit, Burn.before(setting.tca_utc, 12_000.0, [0, 0.01, 0], 5.0)) is None


def test_a_longer_slew_costs_more_payload(setting: Setting) -> None:
    from mdss.planner.mission import busy

    near, far = (
        busy(setting, Burn.before(setting.tca_utc, 12_000.0, way, 5.0))
        for way in ([0, 0.01, 0], [0, 0.01, 0.01])
    )
    # 45° at 0.2°/s, there and back
    assert near.slew_s - far.slew_s == pytest.approx(225.0)
    assert far.back_s - near.back_s == pytest.approx(225.0)


def test_in_track_burns_beyond_the_largest_slew_are_refused_with_the_reason(
    setting: Setting,
) -> None:
    sideways = replace(setting.spacecraft, rest_thrust_rtn=(0, 0, 1))
    turned = replace(setting, spacecraft=sideways)
    assert turned.in_track_directions.size == 0
    assert turned.why_not_in_track[0] == "slew limit"
    assert setting.in_track_directions.tolist() == [[0, 1, 0]]


def test_a_longest_firing_that_is_too_short_for_one_burn_is_named_and_several_do(
    observer: Scenario, craft: Spacecraft, operations: Operations
) -> None:
    short = replace(craft.thrusters[0], maximum_on_s=2.0)
    answer = planned(observer, replace(craft, thrusters=(short,)), operations)
    assert answer.option("minimum-fuel").binds == "longest burn"
    several = answer.option("several-burns")
    assert several.feasible
    assert max(one.duration_s for one in several.burns) <= 2.0 + 1e-6

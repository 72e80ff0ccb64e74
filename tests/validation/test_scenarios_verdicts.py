"""What planning each story answers, held against the table here and the verdict in the story."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.numerical import ZonalModel, propagate, propagate_with_burns
from mdss.astro.twobody import propagate as two_body
from mdss.conjunction import ConjunctionEvent
from mdss.forces import force_model
from mdss.loading import load_scenario, scenario_names
from mdss.maneuver import Burn
from mdss.planner.options import OptionName, Plan
from mdss.planner.plan import plan
from mdss.planner.verification import Verifier
from mdss.policy import Policy

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
BURN, NO_BURN = "Burn recommended", "No burn needed"
CANNOT, NONE = "Cannot maneuver", "No recommendation"
BLOCKED = "No feasible maneuver"


@dataclass(frozen=True)
class Verdict:
    kind: str
    exit_code: int = 0
    option: str = ""
    dv_cm_s: tuple[float, float] = (0.0, 0.0)


VERDICTS = {
    "iridium33_cosmos2251": Verdict(BURN, 0, "minimum-fuel", (0.9, 1.2)),
    "iras_ggse4": Verdict(CANNOT, 3),
    "observer7_fragment49863": Verdict(BURN, 0, "balanced", (3.2, 3.6)),
    "swarmb_cosmos375": Verdict(NO_BURN, 0, "no-burn"),
    "cryosat2_2018": Verdict(BURN, 0, "out-and-back", (2.5, 4)),
    "aeolus_starlink44": Verdict(BURN, 0, "minimum-fuel", (3.5, 4.5)),
    "tiangong_starlink2305": Verdict(BURN, 0, "minimum-fuel", (4, 5)),
    "timed_cosmos2221": Verdict(CANNOT, 3),
    "cnsa_nasa_2025": Verdict(CANNOT, 3),
    "maven_phobos_2017": Verdict(BURN, 0, "minimum-fuel", (15, 19)),
    "mars_orbiters_2021": Verdict(BURN, 0, "minimum-fuel", (1.4, 1.8)),
    "pc2d_fails": Verdict(BURN, 0, "latest-safe", (3.2, 3.6)),
    "npd_covariance": Verdict(NONE, 3),
    "two_passes_94min": Verdict(BURN, 0, "minimum-fuel", (2.5, 3)),
    "electric_constellation": Verdict(BURN, 0, "thrust-arcs", (1.2, 1.7)),
    "closed_windows": Verdict(BLOCKED, 3),
}


@cache
def planned(name: str) -> Plan:
    case = load_scenario(name)
    return plan(case.event, case.spacecraft, case.operations, case.policy)


def known_at(name: str, now_utc: datetime) -> Plan:
    """The plan that the messages created by then, and no later one, give."""
    case = load_scenario(name)
    known = [
        one
        for one in case.event.conjunctions
        if one.created_utc is not None and one.created_utc <= now_utc
    ]
    return plan(
        ConjunctionEvent(conjunctions=tuple(known)),
        case.spacecraft,
        case.operations,
        case.policy,
        now_utc=now_utc,
    )


def kind_of(made: Plan) -> str:
    if made.recommended is None and made.spacecraft.can_maneuver:
        return BLOCKED if made.recommendation.startswith(BLOCKED) else NONE
    if made.recommended is None:
        return CANNOT
    return NO_BURN if made.recommended == OptionName.NO_BURN else BURN


def dv_cm_s(made: Plan) -> float:
    assert made.recommended is not None
    return 100 * made.option(made.recommended).dv_total_m_s


def test_every_scenario_has_a_verdict() -> None:
    assert set(VERDICTS) == set(scenario_names())


@pytest.mark.parametrize("name", VERDICTS)
def test_planning_a_story_gives_its_verdict(name: str) -> None:
    made, wanted = planned(name), VERDICTS[name]
    assert kind_of(made) == wanted.kind, made.recommendation
    assert (made.recommended or "") == wanted.option
    assert made.burn_needed == (wanted.kind != NO_BURN)
    assert (made.burn_needed and not made.maneuver_feasible) == (wanted.exit_code == 3)
    if wanted.kind == BURN:
        low, high = wanted.dv_cm_s
        assert low <= dv_cm_s(made) <= high


@pytest.mark.parametrize("name", VERDICTS)
def test_the_story_states_the_same_verdict(name: str) -> None:
    wanted = VERDICTS[name]
    story = (SCENARIOS / name / "story.md").read_text(encoding="utf-8")
    found = re.search(r"^## Verdict\n\n\*\*(.+?)\*\* \((.+?)\)", story, re.MULTILINE)
    assert found, "no verdict in the story"
    said = [wanted.option] if wanted.option else []
    if wanted.kind == BURN:
        said.append("{:g} to {:g} cm/s".format(*wanted.dv_cm_s))
    said.append(f"exit code {wanted.exit_code}")
    assert found.groups() == (wanted.kind, ", ".join(said))
    assert load_scenario(name).verdict == wanted.kind


@pytest.mark.parametrize("name", ["aeolus_starlink44", "cryosat2_2018"])
def test_the_esa_burns_fall_half_a_revolution_before(name: str) -> None:
    """Reported as "half an orbit" and "50 minutes" (0.504 of a revolution) before."""
    made = planned(name)
    burns = made.option(made.recommended or "").burns
    (burn,) = (one for one in burns if one.role == "avoid")
    assert burn.t_before_tca_s / made.period_s == pytest.approx(0.5, abs=0.03)
    assert burn.dv_rtn_m_s[1] > 0  # both raised the orbit


def test_the_unknown_object_passes_below_cryosat_about_as_far_as_reported() -> None:
    made = planned("cryosat2_2018")
    radial_m = made.option(made.recommended or "").miss_rtn_after_m[0]
    assert -120 <= radial_m <= -100  # the story's range; 120 m were reported in all


def test_swarm_burns_by_what_is_known_at_0751_and_not_by_all() -> None:
    before = known_at("swarmb_cosmos375", datetime(2017, 1, 25, 7, 40, tzinfo=UTC))
    assert len(before.event.conjunctions) == 4
    assert kind_of(before) == BURN
    assert 0.6 <= dv_cm_s(before) <= 1.2  # 1 cm/s was sent up; the story states this range
    (burn,) = before.option(before.recommended or "").burns
    sent_up = datetime(2017, 1, 25, 22, 23, tzinfo=UTC)
    assert abs((burn.epoch_utc - sent_up).total_seconds()) < 300
    assert burn.dv_rtn_m_s[1] > 0  # the fragment was to pass below
    after = known_at("swarmb_cosmos375", datetime(2017, 1, 25, 11, 2, tzinfo=UTC))
    assert len(after.event.conjunctions) == 5
    assert kind_of(after) == NO_BURN


def test_tiangong_burns_under_one_policy_and_not_under_the_other() -> None:
    crewed = planned("tiangong_starlink2305")
    (burn,) = crewed.option(crewed.recommended or "").burns
    assert 18.0 <= burn.t_before_tca_s / 3600 <= 19.8  # 03:16 was 18.7 h before
    case = load_scenario("tiangong_starlink2305")
    robotic = plan(case.event, case.spacecraft, case.operations, Policy.preset("nasa"))
    assert kind_of(robotic) == NO_BURN


def test_holding_still_is_not_for_lack_of_thrusters() -> None:
    case = load_scenario("cnsa_nasa_2025")
    assert case.event.latest.primary.maneuverable is True
    assert case.spacecraft is not None
    assert not case.spacecraft.can_maneuver
    assert case.operations is not None
    window = case.operations.no_burn[0]
    assert window.start_utc < case.event.latest.tca_utc < window.end_utc


def test_where_2d_fails_the_burn_lowers_the_curved_count_and_not_the_miss() -> None:
    made = planned("pc2d_fails")
    best = made.option(made.recommended or "")
    # 2D Pc is below every threshold before, and says nothing of the burn
    assert made.risk.pc_2d < 1e-9 < made.policy.pc_act < made.risk.pc
    assert 0.99 * made.policy.pc_target <= best.pc_verified <= made.policy.pc_target
    assert best.miss_rtn_after_m is not None
    # the story: the miss does not grow, the height does by 100 m
    assert np.linalg.norm(best.miss_rtn_after_m) < made.conjunction.miss_distance_m
    assert best.miss_rtn_after_m[0] == pytest.approx(-300, abs=10)


def test_mavens_burn_of_28_february_makes_two_and_a_half_minutes_of_seven_seconds() -> None:
    """Reported: 0.4 m/s, then "about 2.5 minutes"; here at the apoapsis six days before.

    The crossing is where the paths are closest, whenever each comes by. 159 s are 9 s more than
    reported: which of the two came first is not published (145 s, had it been MAVEN).
    """
    last = load_scenario("maven_phobos_2017").event.latest
    maven, phobos = last.objects
    step_s = np.arange(-15.0, 15.0, 0.05)
    ours, theirs = (
        two_body(one.position_m, one.velocity_m_s, step_s, last.body.gm_m3_s2)[:, :3]
        for one in (maven, phobos)
    )
    apart_m = np.linalg.norm(ours[:, None] - theirs[None], axis=2)
    own, other = np.unravel_index(np.argmin(apart_m), apart_m.shape)
    assert apart_m[own, other] < 150  # they cross: 0.05 s is 100 m
    assert step_s[own] - step_s[other] == pytest.approx(7, abs=0.1)
    burn_s, seconds = -532_140.0, np.arange(120.0, 180.0, 0.1)
    flown = propagate_with_burns(
        maven.position_m,
        maven.velocity_m_s,
        last.tca_utc,
        [burn_s],
        [0.0, 0.4, 0.0],
        seconds,
        ZonalModel(central_body="mars"),
    )
    away_m = np.linalg.norm(flown[:, :3] - ours[own], axis=1)
    assert np.min(away_m) < 1e3  # the path has not moved, only the time
    later_s = seconds[np.argmin(away_m)] - step_s[own]
    assert later_s == pytest.approx(152, abs=1)  # as the story says
    assert later_s + step_s[own] - step_s[other] == pytest.approx(150, abs=10)


def test_mavens_smallest_burn_is_less_than_half_of_what_was_flown() -> None:
    made = planned("maven_phobos_2017")
    (burn,) = made.option(made.recommended or "").burns
    assert burn.epoch_utc.date() == datetime(2017, 2, 28).date()
    assert burn.dv_rtn_m_s[1] > 0  # it sped up
    assert 0.3 < made.risk.pc < 0.7  # "a high probability"


def test_without_the_spoiled_message_a_burn_is_recommended() -> None:
    made = known_at("npd_covariance", datetime(2025, 8, 11, 17, 0, tzinfo=UTC))
    assert kind_of(made) == BURN
    assert 1 <= dv_cm_s(made) <= 3  # the range in the story


def test_the_burn_for_the_first_pass_alone_leads_into_the_second() -> None:
    """Story: 1.3 cm/s down clears the first (3e-6) and leaves 1.3e-3 at the second."""
    made = planned("two_passes_94min")
    verifier = Verifier(
        made.conjunction, made.risk.hbr.radius_m, made.spacecraft.execution_error, 5600.0
    )
    half_s = 0.5 * made.period_s
    down = Burn.before(made.conjunction.tca_utc, half_s, np.array([0, -0.0134, 0]), 2.0)
    flown = verifier.fly([down])
    first, second = flown.message_approach, flown.main
    assert second.t_s == pytest.approx(made.period_s, rel=0.01)
    assert first.pc < 5e-6
    assert second.pc == pytest.approx(1.3e-3, rel=0.15)
    (burn,) = made.option(made.recommended or "").burns
    assert burn.dv_rtn_m_s[1] > 0.02
    assert made.option(made.recommended or "").pc_verified <= made.policy.pc_target


def test_cryosat_comes_back_to_its_track_for_less_gas_than_burning_twice() -> None:
    """Story: 34 g for both burns, 46 g for one that is undone later, 1.8 km off till then."""
    made = planned("cryosat2_2018")
    best, alone = made.option("out-and-back"), made.option("minimum-fuel")
    avoiding, returning = best.burns
    assert (avoiding.role, returning.role) == ("avoid", "return")
    assert avoiding.dv_rtn_m_s[1] > 0 > returning.dv_rtn_m_s[1]
    assert returning.t_before_tca_s == pytest.approx(-42 * 60, abs=60)
    assert best.outcome.deviation_boxes <= 1 < 1.7 < alone.outcome.deviation_boxes
    assert 1e3 * best.propellant_kg == pytest.approx(34, abs=1)
    undone = 1e3 * (alone.propellant_kg + alone.outcome.return_propellant_kg)
    assert undone == pytest.approx(46, abs=1)


def test_cryosats_contacts_are_as_many_and_as_long_as_reported() -> None:
    """ESA: about 10 minutes, 11 times a day; those under 5 minutes are left out here."""
    made = planned("cryosat2_2018")
    day = made.conjunction.tca_utc - timedelta(days=1)
    seen = [one for one in made.operations.contacts if one.start_utc > day]
    last_day = [one for one in seen if one.start_utc < made.conjunction.tca_utc]
    assert 9 <= len(last_day) <= 12
    minutes = [(one.end_utc - one.start_utc).total_seconds() / 60 for one in last_day]
    assert 8 < np.median(minutes) < 13


def test_at_mars_the_burn_is_heard_of_before_the_meeting() -> None:
    made = planned("mars_orbiters_2021")
    last = max(one.end_utc for one in made.operations.contacts)
    assert last < made.conjunction.tca_utc
    for option in made.options[1:]:
        assert all(burn.epoch_utc < last for burn in option.burns)
    assert made.option("out-and-back").outcome.deviation_boxes <= 1
    assert made.option("minimum-fuel").outcome.deviation_boxes == pytest.approx(1.3, abs=0.05)


def in_shadow(made: Plan, instant: datetime) -> bool:
    """In a cylinder of 6371 km behind the Earth, whose edges the spacecraft crosses some 10 s
    inside those of the penumbra.
    """
    from astropy.coordinates import get_sun
    from astropy.time import Time

    ours, tca = made.conjunction.primary, made.conjunction.tca_utc
    forces, after_s = force_model(made.conjunction, 0), [(instant - tca).total_seconds()]
    flown = propagate(ours.position_m, ours.velocity_m_s, tca, after_s, forces)[0, :3]
    sun = get_sun(Time(instant)).cartesian.xyz.value
    sun /= np.linalg.norm(sun)
    towards = flown @ sun
    return bool(towards < 0 and np.linalg.norm(flown - towards * sun) < 6_371_000)


def test_in_the_storm_the_burn_waits_for_sunlight_and_is_decided_late() -> None:
    made = planned("pc2d_fails")
    best = made.option(made.recommended or "")
    (burn,) = best.burns
    assert burn.t_before_tca_s / made.period_s == pytest.approx(0.64, abs=0.01)
    assert not in_shadow(made, burn.epoch_utc)
    half = made.conjunction.tca_utc - timedelta(seconds=0.5 * made.period_s)
    assert in_shadow(made, half)  # where 2.8 cm/s would do
    for option in made.options[1:]:
        assert option.outcome.decision_lead_h <= 8 or not option.feasible


def test_the_electric_satellite_needs_arcs_and_fires_them_in_sunlight_with_rests() -> None:
    made = planned("electric_constellation")
    arcs = made.option("thrust-arcs").burns
    assert len(arcs) == 3
    for arc in arcs:
        half = timedelta(seconds=0.5 * arc.duration_s)
        assert arc.duration_s <= 1200 * (1 + 1e-6)
        assert not any(in_shadow(made, arc.epoch_utc + share * half) for share in (-1, 0, 1))
    for before, after in pairwise(arcs):
        apart_s = (after.epoch_utc - before.epoch_utc).total_seconds()
        rest_s = apart_s - 0.5 * (before.duration_s + after.duration_s)
        assert rest_s > 0.99 * before.duration_s * (1 / 0.4 - 1)  # duty cycle
    single = made.option("minimum-fuel")
    assert not single.feasible
    assert single.binds == "longest burn"


def test_the_electric_satellite_decides_before_the_gap_in_its_contacts() -> None:
    made = planned("electric_constellation")
    best = made.option("thrust-arcs")
    gap = [datetime(2026, 2, 19, 10, 25, tzinfo=UTC), datetime(2026, 2, 19, 17, 58, tzinfo=UTC)]
    contacts = made.operations.contacts
    assert not any(one.start_utc < gap[1] and one.end_utc > gap[0] for one in contacts)
    assert best.commit_by_utc is not None
    assert best.commit_by_utc < gap[0]
    heard = [one for one in contacts if best.burns[-1].epoch_utc < one.start_utc]
    assert any(one.end_utc < made.conjunction.tca_utc for one in heard)


def test_where_all_is_closed_a_minute_of_the_swath_opens_a_burn() -> None:
    """The change is made by hand here, in the operations themselves, and planned anew."""
    made = planned("closed_windows")
    assert "1.2 min into the no-burn window 'radar swath" in made.recommendation
    case = load_scenario("closed_windows")
    assert case.operations is not None
    swath = max(case.operations.no_burn, key=lambda one: one.start_utc)
    later = replace(swath, start_utc=swath.start_utc + timedelta(minutes=1.3))
    windows = tuple(later if one is swath else one for one in case.operations.no_burn)
    opened = replace(case.operations, no_burn=windows)
    answer = plan(case.event, case.spacecraft, opened, case.policy)
    assert kind_of(answer) == BURN
    assert dv_cm_s(answer) == pytest.approx(2.44, abs=0.02)
    best = answer.option(answer.recommended or "")
    assert best.pc_verified is not None
    assert best.pc_verified <= answer.policy.pc_target

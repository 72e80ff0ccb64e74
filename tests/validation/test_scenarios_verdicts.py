"""What planning each story answers, held against the table here and the verdict in the story."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.numerical import ZonalModel, propagate_with_burns
from mdss.astro.twobody import propagate as two_body
from mdss.conjunction import ConjunctionEvent
from mdss.loading import load_scenario, scenario_names
from mdss.maneuver import Burn
from mdss.planner.options import OptionName, Plan
from mdss.planner.plan import plan
from mdss.planner.verification import Verifier
from mdss.policy import Policy

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
BURN, NO_BURN = "Burn recommended", "No burn needed"
CANNOT, NONE = "Cannot maneuver", "No recommendation"


@dataclass(frozen=True)
class Verdict:
    kind: str
    exit_code: int = 0
    option: str = ""
    dv_cm_s: tuple[float, float] = (0.0, 0.0)


VERDICTS = {
    "iridium33_cosmos2251": Verdict(BURN, 0, "balanced", (0.9, 1.2)),
    "iras_ggse4": Verdict(CANNOT, 3),
    "observer7_fragment49863": Verdict(BURN, 0, "balanced", (3.2, 3.6)),
    "swarmb_cosmos375": Verdict(NO_BURN, 0, "no-burn"),
    "cryosat2_2018": Verdict(BURN, 0, "minimum-fuel", (1.5, 3)),
    "aeolus_starlink44": Verdict(BURN, 0, "minimum-fuel", (3.5, 4.5)),
    "tiangong_starlink2305": Verdict(BURN, 0, "minimum-fuel", (4, 5)),
    "timed_cosmos2221": Verdict(CANNOT, 3),
    "cnsa_nasa_2025": Verdict(CANNOT, 3),
    "maven_phobos_2017": Verdict(BURN, 0, "minimum-fuel", (15, 19)),
    "mars_orbiters_2021": Verdict(BURN, 0, "minimum-fuel", (1.4, 1.8)),
    "pc2d_fails": Verdict(BURN, 0, "balanced", (2.7, 3.1)),
    "npd_covariance": Verdict(NONE, 3),
    "two_passes_94min": Verdict(BURN, 0, "balanced", (2.5, 3)),
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
    if made.recommended is None:
        return NONE if made.spacecraft.can_maneuver else CANNOT
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
    (burn,) = made.option(made.recommended or "").burns
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
    assert np.linalg.norm(best.miss_rtn_after_m) < 12e3 < made.conjunction.miss_distance_m
    assert best.miss_rtn_after_m[0] == pytest.approx(-260, abs=5)  # 60 m more, the story says


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

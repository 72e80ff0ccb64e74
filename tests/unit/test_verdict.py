"""What a policy says about a conjunction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import mdss
from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import Conjunction, ObjectState
from mdss.policy import Criterion, Level, Policy, Regime, preset_names
from mdss.report.verdict_words import odds, sentence
from mdss.risk.assess import Risk, assess
from mdss.risk.methods import Choice
from mdss.risk.verdict import compare_policies, judge, miss_rtn_of_primary_m, regime_of

TCA = datetime(2030, 1, 2, tzinfo=UTC)
ONE_DAY_BEFORE, THREE_DAYS_BEFORE = TCA - timedelta(days=1), TCA - timedelta(days=3)
MU = 3.986004418e14


def met(miss_rtn_m: tuple[float, float, float], radius_m: float = 7e6) -> Conjunction:
    """A crossing at right angles on a circular orbit: the miss has no part along the motion."""
    speed = np.sqrt(MU / radius_m)
    position, velocity = np.array([radius_m, 0, 0]), np.array([0, speed, 0])
    offset = eci_from_rtn(position, velocity) @ np.array(miss_rtn_m)
    cov = np.diag([50.0**2, 100.0**2, 50.0**2])
    ours = ObjectState(position, velocity, cov_rtn_m2=cov, designator="1", name="OURS")
    theirs = ObjectState(position + offset, np.array([0, 0, speed]), cov_rtn_m2=cov, designator="2")
    return Conjunction.from_states(TCA, ours, theirs, hard_body_radius_m=10.0)


@pytest.fixture(scope="module")
def risk() -> Risk:
    return assess(met((60.0, 80.0, 80.0)))


def with_choice(risk: Risk, choice: Choice) -> Risk:
    return replace(risk, encounter=replace(risk.encounter, choice=choice))


def with_pc(risk: Risk, pc: float) -> Risk:
    used = replace(risk.choice.recommended, pc=pc)
    return with_choice(risk, replace(risk.choice, recommended=used))


def invalid(risk: Risk) -> Risk:
    return with_choice(risk, replace(risk.choice, trusted=False, reason="2D Pc: the arc bends."))


# --- probability --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pc", "level"),
    [
        ("nasa", 9e-8, Level.NONE),
        ("nasa", 1e-7, Level.MONITOR),
        ("nasa", 9.9e-5, Level.MONITOR),
        ("nasa", 1e-4, Level.BURN),
        ("eumetsat", 9.9e-5, Level.NONE),
        ("eumetsat", 1e-4, Level.BURN),
        ("constellation", 1e-5, Level.BURN),
        ("constellation-2025", 3e-7, Level.BURN),
        ("crewed", 9.9e-6, Level.NOTIFY),  # inside the box
        ("crewed", 1e-5, Level.BURN_UNLESS_IMPACT),
        ("crewed", 1e-4, Level.BURN),
    ],
)
def test_a_threshold_counts_from_its_own_value_on(
    risk: Risk, name: str, pc: float, level: Level
) -> None:
    verdict = judge(with_pc(risk, pc), Policy.preset(name), ONE_DAY_BEFORE)
    assert verdict.level == level


def test_one_event_has_two_verdicts_under_two_policies(risk: Risk) -> None:
    nasa, crewed = compare_policies(with_pc(risk, 3e-5), ["nasa", "crewed"], now_utc=ONE_DAY_BEFORE)
    assert nasa.level == Level.MONITOR
    assert crewed.level == Level.BURN_UNLESS_IMPACT
    assert "unless it harms the mission" in sentence(crewed)
    assert "3.0e-5 (1 in 33,000)" in sentence(crewed)


@pytest.mark.parametrize(
    ("now", "level"),
    [(THREE_DAYS_BEFORE, Level.PREPARE), (ONE_DAY_BEFORE, Level.BURN)],
)
def test_esa_prepares_and_decides_one_day_before(risk: Risk, now: datetime, level: Level) -> None:
    verdict = judge(with_pc(risk, 2e-4), Policy.preset("esa"), now)
    assert verdict.level == level
    assert ("24 h before TCA, 72 h left" in sentence(verdict)) == (level == Level.PREPARE)


def test_without_a_known_time_a_time_limit_counts_as_reached(risk: Risk) -> None:
    past = replace(risk.conjunction, tca_utc=datetime(2020, 1, 1, tzinfo=UTC), created_utc=None)
    verdict = judge(with_pc(replace(risk, conjunction=past), 2e-4), Policy.preset("esa"))
    assert verdict.hours_to_tca is None
    assert verdict.level == Level.BURN


@pytest.mark.parametrize("pc", [1e-20, 1e-2])
def test_an_invalid_2d_pc_decides_in_neither_direction(risk: Risk, pc: float) -> None:
    verdict = judge(invalid(with_pc(risk, pc)), Policy.preset("nasa"), ONE_DAY_BEFORE)
    assert verdict.level == Level.UNDECIDED
    assert "is not to be relied on here (2D Pc: the arc bends)" in sentence(verdict)


def test_distance_decides_where_pc_is_invalid(risk: Risk) -> None:
    doubtful = invalid(risk)
    assert judge(doubtful, Policy.preset("emergency-2010"), ONE_DAY_BEFORE).level == Level.NOTIFY
    keep_out = Criterion(name="keep out", level=Level.BURN, miss_m=500.0)
    strict = replace(Policy.preset("nasa"), criteria=(keep_out,))
    verdict = judge(doubtful, strict, ONE_DAY_BEFORE)
    assert verdict.level == Level.BURN
    assert "Pc itself is not to be relied on" in sentence(verdict)


def test_without_a_covariance_the_reported_pc_is_shown_and_distance_alone_decides() -> None:
    good = met((60.0, 80.0, 80.0))
    ours = replace(good.primary, cov_rtn_m2=np.zeros((3, 3)))
    bare = replace(good, primary=ours, reported_pc=3e-3)
    nasa, emergency = compare_policies(bare, ["nasa", "emergency-2010"], now_utc=ONE_DAY_BEFORE)
    assert (nasa.level, nasa.pc, nasa.pc_reliable) == (Level.UNDECIDED, 3e-3, False)
    assert emergency.level == Level.NOTIFY


# --- geometry -----------------------------------------------------------------------------


def test_miss_is_seen_from_the_maneuvering_object_at_closest_approach() -> None:
    conjunction = met((60.0, 80.0, 80.0))
    assert miss_rtn_of_primary_m(conjunction) == pytest.approx([60, 80, 80], abs=1e-6)
    later = replace(  # states one second after closest approach
        conjunction,
        primary=_moved(conjunction.primary, 1.0),
        secondary=_moved(conjunction.secondary, 1.0),
    )
    # one second turns the axes by a milliradian: 0.1 m of 100 m
    assert miss_rtn_of_primary_m(later) == pytest.approx([60, 80, 80], abs=0.2)


def _moved(thing: ObjectState, t_s: float) -> ObjectState:
    return replace(thing, position_m=thing.position_m + t_s * thing.velocity_m_s)


@pytest.mark.parametrize(
    ("miss_rtn_m", "hours", "applies"),
    [
        ((190.0, 690.0, 690.0), 71.0, True),
        ((210.0, 10.0, 10.0), 71.0, False),  # 200 m radially
        ((190.0, 700.0, 700.0), 71.0, False),  # 1008 m in all
        ((190.0, 690.0, 690.0), 73.0, False),
    ],
)
def test_the_emergency_criterion_needs_miss_radial_part_and_time(
    miss_rtn_m: tuple[float, float, float], hours: float, applies: bool
) -> None:
    now = TCA - timedelta(hours=hours)
    verdict = judge(assess(met(miss_rtn_m)), Policy.preset("emergency-2010"), now)
    assert (verdict.level == Level.NOTIFY) == applies
    (reason,) = verdict.reasons  # that of LEO only
    assert [c.quantity for c in reason.conditions] == ["miss", "radial", "time to TCA"]


def test_the_geosynchronous_criterion_is_for_geosynchronous_orbits() -> None:
    far = met((5000.0, 5000.0, 5000.0), radius_m=42164e3)
    assert regime_of(far) == Regime.GEO
    verdict = judge(far, Policy.preset("emergency-2010"), ONE_DAY_BEFORE)
    assert [one.rule for one in verdict.applying] == ["GEO emergency"]
    assert regime_of(met((1.0, 1.0, 1.0), radius_m=26560e3)) == Regime.ANY


@pytest.mark.parametrize(
    ("miss_rtn_m", "inside"),
    [((740.0, 10.0, 10.0), True), ((760.0, 10.0, 10.0), False), ((-740.0, 2.4e4, -2.4e4), True)],
)
def test_the_box_is_about_the_station(miss_rtn_m: tuple[float, float, float], inside: bool) -> None:
    verdict = judge(met(miss_rtn_m), Policy.preset("crewed"), ONE_DAY_BEFORE)
    box = verdict.reasons[-1]
    assert box.rule == "notification box"
    assert box.applies == inside


# --- words --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("pc", [1e-12, 1e-6, 5e-5, 1e-3])
def test_every_verdict_is_one_sentence_with_its_number(risk: Risk, name: str, pc: float) -> None:
    verdict = judge(with_pc(risk, pc), Policy.preset(name), ONE_DAY_BEFORE)
    said = sentence(verdict)
    assert said.endswith(".")
    assert said.count(": ") == 1
    assert ("collision probability" in said) == any(r.by_pc for r in verdict.applying[:1]) or (
        verdict.level == Level.NONE
    )


def test_odds_have_two_digits_and_end_at_one_in_a_billion() -> None:
    assert odds(4.4e-4) == " (1 in 2,300)"
    assert odds(1e-4) == " (1 in 10,000)"
    assert odds(1e-10) == odds(None) == odds(0.9) == ""


def test_after_tca_the_sentence_says_so(risk: Risk) -> None:
    verdict = judge(risk, Policy.preset("nasa"), TCA + timedelta(hours=1))
    assert sentence(verdict).endswith("TCA is past.")


def test_compare_takes_every_preset_when_none_is_named(risk: Risk) -> None:
    verdicts = mdss.compare_policies(risk, now_utc=ONE_DAY_BEFORE)
    assert tuple(one.policy.name for one in verdicts) == preset_names()

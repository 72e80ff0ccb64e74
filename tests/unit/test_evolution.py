"""The history of an event: rows, streams, copies, corrections, and what it says."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from simulated_histories import RADIUS_M
from simulated_histories import history as simulated

import mdss
from mdss.conjunction import Conjunction, ConjunctionEvent, grouped
from mdss.errors import ConjunctionError
from mdss.messages import read_cdms
from mdss.notices import NoticeCode
from mdss.observations import ObservationData
from mdss.reported import NOT_COMPUTED_REASON, ReportedApproach
from mdss.risk.assess import HbrSource
from mdss.risk.evolution import history
from mdss.streams import Stream, by_stream, settled


@pytest.fixture(scope="module")
def messages() -> list[Conjunction]:
    return simulated(np.random.default_rng(4))


def with_ephemeris_name(message: Conjunction, name: str) -> Conjunction:
    return replace(
        message,
        primary=replace(message.primary, observations=ObservationData(ephemeris_name=name)),
    )


def by_other_provider(message: Conjunction, north_m: float = 0.0) -> Conjunction:
    """The same encounter told by somebody else, the secondary moved across its track."""
    thing = message.secondary
    normal = np.cross(thing.position_m, thing.velocity_m_s)
    moved = thing.position_m + north_m * normal / np.linalg.norm(normal)
    return replace(
        message,
        originator="SOMEBODY ELSE",
        created_utc=message.created_utc + timedelta(hours=1),
        message_id=f"ELSE {message.message_id}",
        secondary=replace(thing, position_m=moved),
    )


# --- rows -------------------------------------------------------------------------------------


def test_a_row_says_what_the_message_and_its_risk_say(messages) -> None:
    told = history(ConjunctionEvent(conjunctions=tuple(messages)))
    for row, message in zip(told.rows, messages, strict=True):
        risk = mdss.assess(message, hard_body_radius_m=RADIUS_M)
        assert row.pc == risk.pc
        assert row.pc_method == risk.pc_method.value
        assert row.pc_valid == risk.trusted
        assert row.miss_rtn_m == pytest.approx(message.miss_rtn_m)
        assert row.relative_speed_m_s == message.relative_speed_m_s
        assert row.sigma_m == risk.sigma_plane_m
        assert row.t_before_tca_s == (told.tca_utc - message.created_utc).total_seconds()
        assert [one.name for one in row.objects] == ["OURS", "FRAGMENT"]


def test_the_sigma_of_the_miss_holds_both_objects_each_in_its_own_axes(messages) -> None:
    """In the secondary's own RTN it is the cross-track axis that the primary's T is seen along."""
    row = history(ConjunctionEvent(conjunctions=tuple(messages))).rows[0]
    alone = [one.sigma_rtn_m for one in row.objects]
    assert row.miss_sigma_rtn_m[0] == pytest.approx(np.hypot(alone[0][0], alone[1][0]), rel=1e-3)
    total = sum(float(one @ one) for one in alone)
    assert float(row.miss_sigma_rtn_m @ row.miss_sigma_rtn_m) == pytest.approx(total, rel=1e-9)


def test_the_approach_angle_is_that_between_the_velocities(messages) -> None:
    """Of equal speeds v it is 2·asin(relative speed / 2v)."""
    row = history(ConjunctionEvent(conjunctions=(messages[0],))).rows[0]
    speeds = [np.linalg.norm(one.velocity_m_s) for one in messages[0].objects]
    expected = 2 * np.arcsin(row.relative_speed_m_s / (2 * np.mean(speeds)))
    assert row.approach_angle_rad == pytest.approx(expected, abs=1e-3)


def test_what_a_cdm_says_of_its_observations_is_in_the_row() -> None:
    text = cdm_with_observations()
    event = ConjunctionEvent(conjunctions=(Conjunction.from_cdm(read_cdms(text)[0]),))
    told = history(event).rows[0].objects[0].observations
    assert (told.observations_used, told.tracks_used, told.actual_span_d) == (592, 123, 4.5)
    assert told.last_observed_to_utc.isoformat() == "2025-03-16T10:00:00+00:00"
    assert told.ephemeris_name == "OPERATOR-7"


def cdm_with_observations() -> bytes:
    from mdss.loading import scenarios_folder

    text = (scenarios_folder() / "observer7_fragment49863" / "cdm_01.cdm").read_text()
    lines = (
        "TIME_LASTOB_START = 2025-03-16T08:00:00.000\nTIME_LASTOB_END = 2025-03-16T10:00:00.000\n"
        "ACTUAL_OD_SPAN = 4.5 [d]\nOBS_USED = 592\nTRACKS_USED = 123\n"
    )
    text = text.replace("CD_AREA_OVER_MASS", lines + "CD_AREA_OVER_MASS", 1)
    head, tail = text.split("EPHEMERIS_NAME", 1)
    return (head + "EPHEMERIS_NAME = OPERATOR-7\n" + tail.split("\n", 1)[1]).encode()


def test_a_message_that_has_no_pc_says_why_and_the_others_stay(messages) -> None:
    spoiled = replace(
        messages[2], primary=replace(messages[2].primary, cov_rtn_m2=np.zeros((3, 3)))
    )
    told = history(ConjunctionEvent(conjunctions=(*messages[:2], spoiled, *messages[3:])))
    assert [row.pc is None for row in told.rows] == [k == 2 for k in range(len(messages))]
    assert "no positive variance" in told.rows[2].problem
    assert any("cannot be judged" in one for one in told.sentences)


def test_every_pc_is_computed_with_the_radius_of_the_newest_message(messages) -> None:
    mixed = (*messages[:-1], replace(messages[-1], hard_body_radius_m=20.0))
    told = history(ConjunctionEvent(conjunctions=mixed))
    assert (told.hbr.radius_m, told.hbr.source) == (20.0, HbrSource.MESSAGE)
    assert told.rows[0].pc == mdss.assess(messages[0], hard_body_radius_m=20.0).pc
    assert NoticeCode.HBR_SOURCES_DIFFER in {one.code for one in told.notices}


def test_messages_with_the_objects_in_either_order_make_one_history(messages) -> None:
    turned = tuple(
        replace(one.swapped(), primary_is_object1=True) if k % 2 else one
        for k, one in enumerate(messages)
    )
    told = history(ConjunctionEvent(conjunctions=turned), maneuvering="11111")
    plain = history(ConjunctionEvent(conjunctions=tuple(messages)), maneuvering="11111")
    for row, same in zip(told.rows, plain.rows, strict=True):
        assert row.miss_rtn_m == pytest.approx(same.miss_rtn_m)
        assert row.pc == pytest.approx(same.pc, rel=1e-9)


def test_the_maneuvering_object_is_the_primary_and_a_stranger_is_refused(messages) -> None:
    event = ConjunctionEvent(conjunctions=tuple(messages))
    assert history(event, maneuvering="22222").rows[0].objects[0].designator == "22222"
    with pytest.raises(ConjunctionError, match="33333"):
        history(event, maneuvering="33333")


def test_two_objects_without_a_designator_keep_the_order_of_the_messages(messages) -> None:
    nameless = tuple(
        replace(
            one,
            primary=replace(one.primary, designator="UNKNOWN"),
            secondary=replace(one.secondary, designator="UNKNOWN"),
        )
        for one in messages
    )
    told = history(ConjunctionEvent(conjunctions=nameless))
    assert len(told.rows) == len(messages)
    assert told.current.consistency.consistent


# --- public records ---------------------------------------------------------------------------


def test_public_records_stand_beside_the_messages(messages) -> None:
    record = ReportedApproach(
        tca_utc=messages[0].tca_utc,
        created_utc=messages[0].created_utc + timedelta(hours=2),
        designators=("22222", "11111"),
        pc=3e-5,
        miss_distance_m=400.0,
        originator="a public list",
    )
    told = history(ConjunctionEvent(conjunctions=tuple(messages), reported=(record,)))
    assert [row.reported for row in told.rows[:3]] == [False, True, False]
    assert [row.pc for row in told.reported] == [3e-5]
    alone = history(ConjunctionEvent(reported=(record,)))
    assert alone.current is None
    assert alone.hbr is None
    assert alone.rows[0].problem == NOT_COMPUTED_REASON


# --- copies, corrections, disorder ------------------------------------------------------------


def test_a_copy_is_dropped_and_that_is_said(messages) -> None:
    copy = replace(messages[3], source="again.cdm")
    told = history(ConjunctionEvent(conjunctions=(*messages, copy)))
    assert len(told.rows) == len(messages)
    (notice,) = told.notices
    assert notice.code == NoticeCode.MESSAGE_LEFT_OUT
    assert "SIM-04" in notice.message
    assert "copy" in notice.message


@pytest.mark.parametrize("same", ["message_id", "created_utc"])
def test_a_correction_takes_the_place_of_what_it_corrects(messages, same: str) -> None:
    changes = {
        "message_id": {"created_utc": messages[3].created_utc + timedelta(minutes=20)},
        "created_utc": {"message_id": "SIM-04-CORRECTED"},
    }[same]
    corrected = replace(messages[3], reported_pc=1e-5, **changes)
    told = history(ConjunctionEvent(conjunctions=(*messages, corrected)))
    assert len(told.rows) == len(messages)
    assert [row.reported_pc for row in told.rows].count(1e-5) == 1
    (notice,) = told.notices
    assert "corrected by" in notice.message


def test_one_identifier_for_all_messages_is_no_correction(messages) -> None:
    """Some providers name the event, not the message."""
    named = tuple(replace(one, message_id="EVENT-17") for one in messages)
    told = settled(named)
    assert told.messages == named
    assert told.notices == ()


def test_the_order_of_the_files_does_not_matter(messages) -> None:
    rng = np.random.default_rng(0)
    plain = history(ConjunctionEvent(conjunctions=tuple(messages)))
    shuffled = history(
        ConjunctionEvent(conjunctions=tuple(messages[k] for k in rng.permutation(len(messages))))
    )
    assert [row.message_id for row in shuffled.rows] == [row.message_id for row in plain.rows]
    assert shuffled.sentences == plain.sentences


def test_messages_without_a_date_come_first_and_are_not_judged(messages) -> None:
    undated = replace(messages[2], created_utc=None, message_id="UNDATED")
    told = history(ConjunctionEvent(conjunctions=(*messages, undated)))
    assert told.rows[0].message_id == "UNDATED"
    assert told.rows[0].t_before_tca_s is None
    assert len(told.current.consistency.updates) == len(messages) - 1


# --- streams ----------------------------------------------------------------------------------


def test_two_providers_stand_side_by_side_and_are_never_mixed(messages) -> None:
    others = tuple(by_other_provider(one) for one in messages)
    (event,) = grouped([*messages, *others])
    told = history(event)
    assert [one.label for one in told.streams] == ["SIMULATION", "SOMEBODY ELSE"]
    assert [len(one.rows) for one in told.streams] == [len(messages)] * 2
    for one in told.streams:
        for update in one.consistency.updates:
            assert update.earlier.originator == update.later.originator == one.stream.originator
    assert told.current.label == "SOMEBODY ELSE"  # the newest message is theirs
    assert len(told.differences) == 2
    assert not any(one.inconsistent for one in told.differences)


def test_providers_that_contradict_each_other_are_flagged(messages) -> None:
    """A kilometre across the track, where both sigmas are some tens of metres."""
    others = tuple(by_other_provider(one, north_m=1000.0) for one in messages[-2:])
    told = history(ConjunctionEvent(conjunctions=(*messages, *others)))
    flagged = [one for one in told.differences if one.inconsistent]
    assert [one.labels[0] for one in flagged] == ["FRAGMENT of SIMULATION"]
    assert any("Do not mix them" in one for one in told.sentences)


def test_another_ephemeris_of_an_object_is_another_stream(messages) -> None:
    plain, operator = messages[0], with_ephemeris_name(messages[1], "OPERATOR-7")
    streams = by_stream([plain, operator, with_ephemeris_name(messages[2], "OPERATOR-7")])
    assert [len(one) for one in streams.values()] == [1, 2]
    assert [one.label for one in streams] == ["SIMULATION", "SIMULATION, OPERATOR-7 of 11111"]


def test_the_order_of_the_objects_makes_no_other_stream(messages) -> None:
    message = with_ephemeris_name(messages[0], "OPERATOR-7")
    assert Stream.of(message) == Stream.of(replace(message.swapped(), primary_is_object1=True))


# --- all together -----------------------------------------------------------------------------


def test_the_sentences_of_a_scenario_tell_agreement_and_forecast() -> None:
    scenario = mdss.load_scenario("observer7_fragment49863")
    told = history(scenario.event, spacecraft=scenario.spacecraft, policy=scenario.policy)
    first, second, *_ = told.sentences
    assert first.startswith("The updates agree with each other")
    assert "nine of ten" in second
    assert told.current.forecast.pc_act == scenario.policy.pc_act


def test_a_forecast_at_given_times_has_these_points(messages) -> None:
    event = ConjunctionEvent(conjunctions=tuple(messages))
    points = history(event, at_before_tca_s=[6 * 3600.0, 3600.0]).current.forecast.points
    assert [one.t_before_tca_s for one in points] == [6 * 3600.0, 3600.0]


def test_without_a_usable_newest_message_the_reason_stands_where_the_forecast_would(
    messages,
) -> None:
    late = replace(messages[-1], created_utc=messages[-1].tca_utc + timedelta(hours=1))
    told = history(ConjunctionEvent(conjunctions=(*messages[:-1], late)))
    assert told.current.forecast is None
    assert "No forecast: the newest message was made after TCA." in told.sentences

"""Conjunctions, events, and who is who."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mdss.conjunction import Conjunction, ConjunctionEvent, ObjectState, grouped, same_encounter
from mdss.errors import ConjunctionError, MdssError

TCA_UTC = datetime(2026, 3, 1, 12, 3, tzinfo=UTC)
COV_RTN_M2 = np.diag([20.0**2, 300.0**2, 15.0**2])


def thing(designator="00123", offset_m=0.0, **changes):
    return ObjectState(
        [7e6 + offset_m, 0.0, 0.0],
        [0.0, 7.5e3, 0.0],
        cov_rtn_m2=COV_RTN_M2,
        designator=designator,
        **changes,
    )


def crossing(designator="45678", miss_rtn_m=(60.0, -90.0, 30.0)):
    return ObjectState(
        np.array([7e6, 0.0, 0.0]) + miss_rtn_m,
        [0.0, 1e3, 7.4e3],
        cov_rtn_m2=COV_RTN_M2,
        designator=designator,
    )


def conjunction(**changes):
    return replace(Conjunction.from_states(TCA_UTC, thing(), crossing(), 10.0), **changes)


def message(hours_before, tca_shift_s=0.0, **changes):
    return conjunction(
        tca_utc=TCA_UTC + timedelta(seconds=tca_shift_s),
        created_utc=TCA_UTC - timedelta(hours=hours_before),
        **changes,
    )


# --- one object -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"position_m": [7e6, 0.0]},
        {"velocity_m_s": [0.0, np.nan, 0.0]},
        {"cov_rtn_m2": np.eye(4)},
        {"cov_rtn_m2": np.full((3, 3), np.inf)},
    ],
)
def test_an_object_with_wrong_numbers_does_not_exist(change):
    with pytest.raises(ConjunctionError, match=next(iter(change))):
        replace(thing(), **change)


def test_an_object_cannot_be_changed_from_outside():
    source = np.array([7e6, 0.0, 0.0])
    one = ObjectState(source, [0, 7.5e3, 0], cov_rtn_m2=COV_RTN_M2)
    source[0] = 0.0
    assert one.position_m[0] == 7e6
    with pytest.raises(ValueError, match="read-only"):
        one.position_m[0] = 0.0


def test_the_covariance_is_turned_from_the_objects_own_axes():
    """Along z flies the crossing object, and so lies its in-track sigma."""
    one = replace(crossing(miss_rtn_m=(0, 0, 0)), velocity_m_s=[0.0, 0.0, 7.4e3])
    assert one.position_cov_eci_m2 == pytest.approx(np.diag([20.0**2, 15.0**2, 300.0**2]), abs=1e-9)


def test_zero_velocity_variances_say_nothing_about_velocity():
    assert not thing().has_velocity_covariance
    six = np.zeros((6, 6))
    six[:3, :3] = COV_RTN_M2
    assert not replace(thing(), cov_rtn_m2=six).has_velocity_covariance
    six[3:, 3:] = 1e-4 * np.eye(3)
    assert replace(thing(), cov_rtn_m2=six).has_velocity_covariance
    assert replace(thing(), cov_rtn_m2=six).position_cov_rtn_m2 == pytest.approx(COV_RTN_M2)


# --- two objects ----------------------------------------------------------------------------


def test_the_reported_miss_is_object_2_minus_object_1_in_rtn_of_object_1():
    assert conjunction().miss_rtn_m == pytest.approx([60.0, -90.0, 30.0], abs=1e-8)


def test_swapping_changes_roles_and_not_the_report():
    plain = conjunction()
    swapped = plain.swapped()
    assert swapped.primary is plain.secondary
    assert swapped.relative_position_m == pytest.approx(-plain.relative_position_m)
    assert swapped.miss_rtn_m == pytest.approx(plain.miss_rtn_m)
    assert swapped.event_id == plain.event_id
    assert swapped.objects[0] is plain.objects[0]
    assert swapped.swapped().primary_is_object1


@pytest.mark.parametrize(
    ("name", "is_object1"),
    [("00123", True), ("123", True), ("45678", False), ("OBJECT1", True), ("object2", False)],
)
def test_the_maneuvering_object_is_found_by_designator(name, is_object1):
    for start in (conjunction(), conjunction().swapped()):
        found = start.oriented(name)
        assert found.primary_is_object1 == is_object1
        assert found.primary is start.objects[0 if is_object1 else 1]


def test_the_international_designator_is_another_name_unless_both_objects_have_it():
    known = conjunction(primary=thing(international_designator="1998-067A"))
    assert known.oriented("1998-067a").primary_is_object1
    assert known.swapped().oriented("1998-067A").primary is known.primary
    assert known.is_primary("1998-067A")
    assert not known.is_primary("1998-067B")
    of_one_launch = replace(
        known, secondary=replace(known.secondary, international_designator="1998-067A")
    )
    assert of_one_launch.oriented("45678").primary is of_one_launch.secondary
    with pytest.raises(ConjunctionError, match=r"both objects have the designator '1998-067A'"):
        of_one_launch.oriented("1998-067A")


def test_an_unknown_designator_is_refused_with_both_names():
    with pytest.raises(ConjunctionError, match=r"00123.*45678"):
        conjunction().oriented("99999")


@pytest.mark.parametrize("radius", [0.0, -5.0, np.nan, np.inf])
def test_an_impossible_radius_is_refused(radius):
    with pytest.raises(ConjunctionError, match="radius"):
        conjunction(hard_body_radius_m=radius)


def test_a_conjunction_at_venus_is_refused_with_the_bodies_that_are_known():
    with pytest.raises(ConjunctionError, match=r"venus.*earth, mars, moon"):
        conjunction(central_body="venus")


def test_a_tca_without_timezone_is_refused():
    with pytest.raises(MdssError, match="timezone"):
        conjunction(tca_utc=datetime(2026, 3, 1, 12))


# --- events ---------------------------------------------------------------------------------


def test_the_event_id_names_pair_and_half_hour():
    assert conjunction().event_id == "123-45678-20260301T1200Z"


def test_messages_of_one_passage_are_one_event_in_the_order_of_creation():
    newest, oldest = message(12, 0.4), message(60)
    event = ConjunctionEvent(conjunctions=(newest, oldest))
    assert event.conjunctions == (oldest, newest)
    assert event.latest is newest
    assert event.event_id == oldest.event_id


def test_the_order_of_the_objects_does_not_make_another_event():
    exchanged = Conjunction.from_states(TCA_UTC, crossing(), thing(), 10.0)
    assert same_encounter(conjunction(), exchanged)
    assert exchanged.event_id == conjunction().event_id


def test_the_next_revolution_is_another_event():
    again = message(12, 5_830.0)
    assert not same_encounter(message(24), again)
    with pytest.raises(ConjunctionError, match="one event"):
        ConjunctionEvent(conjunctions=(message(24), again))


def test_an_event_without_messages_is_refused():
    with pytest.raises(ConjunctionError, match="at least one"):
        ConjunctionEvent(conjunctions=())


def test_grouping_sorts_messages_into_events():
    other = message(20, secondary=crossing("77777"))
    events = grouped([message(40), other, message(12, 0.2), message(30, 6_000.0)])
    assert [len(event.conjunctions) for event in events] == [2, 1, 1]
    assert events[1].latest is other


def test_a_tca_that_crosses_a_quarter_past_does_not_split_the_event():
    """12:14:59.9 and 12:15:00.1 round to different half hours."""
    first, second = message(40, 719.9), message(12, 720.1)
    assert first.event_id != second.event_id
    (event,) = grouped([first, second])
    assert event.event_id == first.event_id

"""Approaches of ephemerides, and objects of a message replaced by ephemerides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import mdss
from mdss.approaches import (
    find_approaches,
    same_object_notices,
    window,
    with_ephemerides,
    with_ephemeris,
)
from mdss.astro.numerical import ForceModel, propagate
from mdss.astro.twobody import MU_EARTH_M3_S2 as MU
from mdss.astro.twobody import propagate as kepler
from mdss.conjunction import Conjunction, ObjectState
from mdss.ephemeris import Ephemeris
from mdss.errors import ConjunctionError, MdssError, PropagationError
from mdss.notices import NoticeCode
from mdss.orbit_files import OrbitFile
from mdss.screening import parsed_window

TCA = datetime(2024, 5, 1, 12, tzinfo=UTC)
SPEED = np.sqrt(MU / 7e6)
COV = np.diag(np.square([20.0, 100.0, 15.0, 0.1, 0.02, 0.015]))


def _object(position, velocity, designator):
    return ObjectState(
        np.array(position, dtype=float),
        np.array(velocity, dtype=float),
        cov_rtn_m2=COV,
        designator=designator,
        name=f"SAT {designator}",
    )


@pytest.fixture
def conjunction():
    """Head-on at 7000 km with a miss of 300 m, off TCA by nothing."""
    return Conjunction.from_states(
        TCA,
        _object([7e6, 0, 0], [0, SPEED, 0], "11111"),
        _object([7e6 + 300.0, 0, 0], [0, -0.6 * SPEED, 0.8 * SPEED], "22222"),
        hard_body_radius_m=10.0,
    )


def _ephemeris(thing, *, late_s=0.0, cov=None, hours=3.0, **changes):
    """The object under all forces, `late_s` behind the message's place."""

    def states(t_s):
        return propagate(thing.position_m, thing.velocity_m_s, TCA, t_s - late_s, ForceModel())

    given = {
        "designator": thing.designator,
        "name": thing.name,
        "reference_utc": TCA,
        "start_utc": TCA - timedelta(hours=hours),
        "end_utc": TCA + timedelta(hours=hours),
        "states_at": states,
        "cov_rtn_at": None if cov is None else (lambda t_s: np.tile(cov, (t_s.size, 1, 1))),
        "covariance_origin": "" if cov is None else "a test",
        "source": "test.oem",
    }
    return Ephemeris(**(given | changes))


# --- replacement --------------------------------------------------------------------------


def test_its_own_orbit_changes_nothing(conjunction):
    one = conjunction.primary
    changed, told = with_ephemeris(conjunction, "11111", _ephemeris(one, cov=COV))
    # TCA to the microsecond, of which 13 m/ms of relative motion makes a centimetre
    assert abs(told.tca_change_s) < 2e-6
    assert told.miss_after_m == pytest.approx(300.0, abs=0.02)
    assert np.abs(told.difference_rtn_m).max() < 1e-3
    assert told.sigma_ratio == pytest.approx(np.ones(3))
    assert mdss.assess(changed).pc == pytest.approx(mdss.assess(conjunction).pc, rel=1e-3)


def test_an_object_that_comes_later_moves_tca_and_miss_as_geometry_says(conjunction):
    # 10 ms late: 75 m back along its track; straight relative motion tells the rest
    late = _ephemeris(conjunction.primary, late_s=0.01, cov=COV)
    changed, told = with_ephemeris(conjunction, "OBJECT1", late)
    assert told.difference_rtn_m[1] == pytest.approx(-0.01 * SPEED, abs=0.01)
    v1, v2 = (thing.velocity_m_s for thing in conjunction.objects)
    apart = np.array([-300.0, 0, 0]) - 0.01 * v1
    relative = v1 - v2
    shift_s = -apart @ relative / (relative @ relative)
    assert told.tca_change_s == pytest.approx(shift_s, abs=2e-6)
    assert told.miss_after_m == pytest.approx(np.linalg.norm(apart + shift_s * relative), abs=0.05)
    assert told.distance_sigmas == pytest.approx(0.01 * SPEED / 100.0, rel=1e-3)
    assert changed.tca_utc == told.tca_after_utc
    assert changed.reported_pc is None


def test_without_its_own_covariance_that_of_the_message_is_kept_and_said(conjunction):
    changed, told = with_ephemeris(conjunction, "11111", _ephemeris(conjunction.primary))
    assert told.covariance_kept
    assert np.array_equal(changed.primary.cov_rtn_m2, COV)
    (notice,) = [n for n in changed.notices if n.code is NoticeCode.STATE_REPLACED]
    assert "that of the message is kept" in notice.message


def test_a_smaller_covariance_is_used_and_the_ratio_told(conjunction):
    changed, told = with_ephemeris(
        conjunction, "11111", _ephemeris(conjunction.primary, cov=0.01 * COV)
    )
    assert told.sigma_ratio == pytest.approx([0.1] * 3)
    assert not told.covariance_kept
    assert np.array_equal(changed.secondary.cov_rtn_m2, COV)


def test_both_objects_can_be_replaced_and_their_order_does_not_matter(conjunction):
    ours = _ephemeris(conjunction.primary, late_s=0.01, cov=COV)
    theirs = _ephemeris(conjunction.secondary, late_s=-0.02, cov=COV)
    one, told = with_ephemerides(conjunction, {"11111": ours, "22222": theirs})
    other, _ = with_ephemerides(conjunction.swapped(), {"OBJECT2": theirs, "OBJECT1": ours})
    assert [replacement.which for replacement in told] == ["OBJECT1", "OBJECT2"]
    assert one.tca_utc == other.tca_utc
    assert other.primary.designator == "22222"
    assert np.allclose(one.miss_rtn_m, other.miss_rtn_m, atol=1e-6)


def test_replacing_one_after_the_other_is_replacing_both(conjunction):
    ours = _ephemeris(conjunction.primary, late_s=0.01, cov=COV)
    theirs = _ephemeris(conjunction.secondary, late_s=-0.02, cov=COV)
    both, _ = with_ephemerides(conjunction, {"11111": ours, "22222": theirs})
    step, _ = with_ephemeris(conjunction, "11111", ours)
    step, _ = with_ephemeris(step, "22222", theirs)
    assert abs((both.tca_utc - step.tca_utc).total_seconds()) < 2e-6
    assert both.miss_distance_m == pytest.approx(step.miss_distance_m, abs=0.05)


@pytest.mark.parametrize("late_s", [18.0, 37.0])
def test_a_wrong_time_system_is_refused_with_the_seconds_along_the_orbit(conjunction, late_s):
    with pytest.raises(ConjunctionError, match=rf"-{late_s:.0f}\.. s along the orbit.*GPS-UTC"):
        with_ephemeris(conjunction, "11111", _ephemeris(conjunction.primary, late_s=late_s))


def test_another_object_s_orbit_is_refused_by_name_and_by_velocity(conjunction):
    theirs = _ephemeris(conjunction.secondary, cov=COV)
    with pytest.raises(ConjunctionError, match="name it as OBJECT1"):
        with_ephemeris(conjunction, "11111", theirs)
    with pytest.raises(ConjunctionError, match="another object"):
        with_ephemeris(conjunction, "OBJECT1", theirs)


def test_leading_zeros_and_names_do_count_as_the_same_object(conjunction):
    padded = replace(_ephemeris(conjunction.primary), designator="0011111", name="")
    assert with_ephemeris(conjunction, "11111", padded)[1].which == "OBJECT1"
    named = replace(padded, designator="2001-001A", name="sat 11111")
    assert with_ephemeris(conjunction, "11111", named)[1].which == "OBJECT1"


def test_an_ephemeris_under_the_international_designator_is_the_same_object(conjunction):
    known = replace(
        conjunction, primary=replace(conjunction.primary, international_designator="1998-067A")
    )
    ours = replace(_ephemeris(known.primary), designator="1998-067a", name="another spelling")
    assert with_ephemeris(known, "11111", ours)[1].which == "OBJECT1"
    assert with_ephemeris(known, "1998-067A", ours)[1].which == "OBJECT1"
    with pytest.raises(ConjunctionError, match=r"not of 11111 \(SAT 11111, 1998-067A\)"):
        with_ephemeris(known, "11111", replace(ours, designator="1998-067B"))


def test_unknown_is_the_name_of_no_object(conjunction):
    nameless = replace(conjunction, primary=replace(conjunction.primary, name="UNKNOWN"))
    other = replace(_ephemeris(nameless.primary), designator="1998-067A", name="UNKNOWN")
    with pytest.raises(ConjunctionError, match="name it as OBJECT1"):
        with_ephemeris(nameless, "11111", other)


def test_an_object_given_twice_is_refused(conjunction):
    ours = _ephemeris(conjunction.primary)
    with pytest.raises(ConjunctionError, match="two ephemerides"):
        with_ephemerides(conjunction, {"11111": ours, "OBJECT1": ours})


def test_an_epoch_that_is_not_covered_is_refused_with_the_span(conjunction):
    early = replace(_ephemeris(conjunction.primary), end_utc=TCA - timedelta(minutes=1))
    with pytest.raises(PropagationError, match=r"09:00:00\.000Z to 2024-05-01T11:59"):
        with_ephemeris(conjunction, "11111", early)


def test_an_ephemeris_that_ends_before_the_new_tca_is_refused(conjunction):
    late = _ephemeris(conjunction.primary, late_s=2.0)
    cut = replace(late, end_utc=TCA + timedelta(seconds=0.1))
    with pytest.raises(ConjunctionError, match="no closest approach"):
        with_ephemeris(conjunction, "11111", cut)


def test_another_body_is_refused(conjunction):
    moved = _ephemeris(conjunction.primary, central_body="mars")
    with pytest.raises(ConjunctionError, match="about mars"):
        with_ephemeris(conjunction, "11111", moved)


def test_a_gap_on_the_way_does_not_matter_where_the_message_s_tca_is_covered(conjunction):
    thing = conjunction.objects[0]
    gap = (TCA + timedelta(minutes=5), TCA + timedelta(minutes=9))
    changed, _ = with_ephemeris(conjunction, "11111", _ephemeris(thing, gaps_utc=(gap,)))
    assert abs((changed.tca_utc - TCA).total_seconds()) < 1e-4


# --- find ---------------------------------------------------------------------------------


def _kepler_ephemeris(state, designator, **changes):
    state = np.asarray(state, dtype=float)
    given = {
        "designator": designator,
        "reference_utc": TCA,
        "start_utc": TCA - timedelta(hours=6),
        "end_utc": TCA + timedelta(hours=6),
        "states_at": lambda t_s: kepler(state[:3], state[3:], t_s),
        "source": f"{designator}.oem",
    }
    return Ephemeris(**(given | changes))


@pytest.fixture
def orbits(conjunction):
    return [
        _kepler_ephemeris(np.concatenate([one.position_m, one.velocity_m_s]), one.designator)
        for one in conjunction.objects
    ]


def test_the_approach_is_found_with_its_geometry(orbits, conjunction):
    (found,) = find_approaches(
        *orbits, TCA - timedelta(minutes=10), TCA + timedelta(minutes=10), max_distance_m=1e3
    )
    assert abs((found.tca_utc - TCA).total_seconds()) < 1e-5
    assert found.miss_distance_m == pytest.approx(300.0, abs=0.01)
    assert found.miss_rtn_m == pytest.approx([300.0, 0.0, 0.0], abs=0.1)
    assert found.relative_speed_m_s == pytest.approx(conjunction.relative_speed_m_s, rel=1e-9)
    assert found.conjunction is None
    assert found.edge == ""


def test_with_covariances_an_approach_is_a_conjunction_to_be_assessed(orbits, conjunction):
    both = [one.with_assumed_covariance((20.0, 100.0, 15.0)) for one in orbits]
    (found,) = find_approaches(*both, max_distance_m=1e3, hard_body_radius_m=10.0)
    risk = mdss.assess(found.conjunction)
    assert risk.pc_2d == pytest.approx(mdss.assess(conjunction).pc_2d, rel=1e-3)
    assert NoticeCode.COVARIANCE_ASSUMED in [n.code for n in risk.notices]


def test_swapping_the_objects_turns_the_miss_round(orbits):
    one, other = orbits
    forward = find_approaches(one, other)
    backward = find_approaches(other, one)
    assert len(forward) == len(backward) > 10
    for a, b in zip(forward, backward, strict=True):
        assert abs((a.tca_utc - b.tca_utc).total_seconds()) < 1e-5
        assert a.miss_distance_m == pytest.approx(b.miss_distance_m, abs=0.1)


def test_epochs_of_reference_of_two_files_need_not_agree(orbits):
    one, other = orbits
    state = other.states(-3600.0)[0]
    moved = _kepler_ephemeris(state, "22222", reference_utc=TCA - timedelta(hours=1))
    a, b = (find_approaches(one, x, max_distance_m=1e5) for x in (other, moved))
    assert [x.tca_utc for x in a] == pytest.approx(
        [x.tca_utc for x in b], abs=timedelta(milliseconds=1)
    )
    assert [x.miss_distance_m for x in a] == pytest.approx([x.miss_distance_m for x in b], abs=0.01)


@pytest.mark.parametrize("after_s", [-60.0, 60.0])
def test_where_the_window_cuts_an_approach_off_the_edge_is_told(orbits, after_s):
    span = sorted([TCA + timedelta(seconds=after_s), TCA + timedelta(seconds=10 * after_s)])
    edges = {one.edge for one in find_approaches(*orbits, *span)}
    assert edges == ({"start"} if after_s > 0 else {"end"})


def test_approaches_are_found_on_both_sides_of_a_gap(orbits):
    one, other = orbits
    whole = find_approaches(one, other)
    before, after = (TCA + timedelta(minutes=m) for m in (5, 35))
    torn = replace(other, gaps_utc=((before, after),))
    found = find_approaches(one, torn)
    assert [x.tca_utc for x in found if not x.edge] == pytest.approx(
        [x.tca_utc for x in whole if not x.edge and not before < x.tca_utc < after],
        abs=timedelta(milliseconds=1),
    )
    with pytest.raises(ConjunctionError, match="in gaps of"):
        find_approaches(one, torn, before, after)
    with pytest.raises(PropagationError, match="has a gap from"):
        torn.states(600.0)


def test_one_orbit_rounded_in_two_files_is_refused_as_one_orbit(orbits):
    one, _ = orbits

    def rounded(t_s):  # to a decimetre and a millimetre a second
        states = one.states_at(t_s)
        return np.hstack([states[:, :3].round(1), states[:, 3:].round(3)])

    with pytest.raises(ConjunctionError, match=r"one orbit: .* apart than 1 m"):
        find_approaches(one, replace(one, designator="33333", states_at=rounded))


def test_two_orbits_of_one_object_are_told_to_be_no_approach(orbits):
    one, other = orbits
    (notice,) = same_object_notices(one, replace(other, designator="0011111"))
    assert "both orbits are of 11111" in notice.message
    assert same_object_notices(one, other) == ()
    unknown = replace(one, designator="UNKNOWN")
    assert same_object_notices(unknown, unknown) == ()


def test_windows_that_cannot_be_searched_are_refused(orbits):
    one, other = orbits
    with pytest.raises(ConjunctionError, match="empty"):
        find_approaches(one, other, TCA, TCA)
    with pytest.raises(PropagationError, match="not extrapolated"):
        find_approaches(one, other, TCA, TCA + timedelta(days=1))
    with pytest.raises(ConjunctionError, match="one orbit"):
        find_approaches(one, one)
    apart = replace(other, start_utc=TCA + timedelta(hours=8), end_utc=TCA + timedelta(hours=9))
    with pytest.raises(ConjunctionError, match=r"22222 covers 2024-05-01T20"):
        find_approaches(one, apart)
    with pytest.raises(ConjunctionError, match="about one body"):
        window(one, replace(other, central_body="moon"))


# --- windows as they are written ----------------------------------------------------------


def _file(epoch):
    class Elements:
        epoch_utc = epoch

    return OrbitFile(source="x.tle", designator="1", name="", message=(Elements(),))


@pytest.mark.parametrize(
    ("text", "length"),
    [("24h", timedelta(days=1)), ("7d", timedelta(days=7)), ("90 min", timedelta(minutes=90))],
)
def test_a_length_begins_at_the_later_first_epoch(text, length):
    files = [_file(TCA), _file(TCA + timedelta(hours=1))]
    start, end = parsed_window(text, files)
    assert (start, end - start) == (TCA + timedelta(hours=1), length)


def test_without_a_window_elements_are_searched_for_a_week():
    assert parsed_window(None, [_file(TCA)] * 2) == (TCA, TCA + timedelta(days=7))


def test_two_instants_are_a_window():
    found = parsed_window("2024-05-01T00:00:00Z/2024-05-02T06:00", [_file(TCA)] * 2)
    assert found[1] - found[0] == timedelta(hours=30)


@pytest.mark.parametrize("text", ["", "h", "24 parsecs", "-3h", "0h", "a/b", "2024/2025/2026", "/"])
def test_text_that_is_no_window_is_refused(text):
    with pytest.raises(MdssError):
        parsed_window(text, [_file(TCA)] * 2)

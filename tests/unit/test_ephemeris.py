"""Ephemerides from messages: frames, time systems, segments, covariances, burns."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn, gcrf_from, gcrf_state_from, state_in
from mdss.astro.numerical import ForceModel, propagate, propagate_with_burns
from mdss.astro.transition import carried_cov_rtn
from mdss.astro.twobody import MU_EARTH_M3_S2 as MU
from mdss.ephemeris import Ephemeris
from mdss.ephemeris_frames import eci_from_tnw
from mdss.errors import CovarianceError, FrameError, MessageError, PropagationError
from mdss.messages.odm import STATE_KEYWORDS
from mdss.messages.oem import OemCovariance, oem_from_states, read_oem, write_oem_kvn
from mdss.messages.opm import Opm, OpmBurn, read_opm
from mdss.notices import NoticeCode
from mdss.orbit_files import parsed_sigmas, read_orbit

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
START = np.array([6.9e6, 2e5, -1e5, 300.0, 4500.0, 6090.0])
T_S = np.arange(0.0, 7200.0, 60.0)
COV_RTN = np.diag(np.square([10.0, 60.0, 8.0, 0.06, 0.01, 0.008]))


@lru_cache(maxsize=1)
def _states():
    return propagate(START[:3], START[3:], EPOCH, T_S, ForceModel())


def _oem(**changes):
    given = {
        "designator": "99999",
        "name": "TESTSAT",
        "reference_utc": EPOCH,
        "t_s": T_S,
        "states_m": _states(),
        "created_utc": EPOCH,
    }
    return oem_from_states(**(given | changes))


def _in_frame(frame, t_s=T_S, states=None):
    states = _states() if states is None else states
    return np.hstack(state_in(frame, states[:, :3], states[:, 3:], EPOCH, t_s))


# --- states -------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", ["GCRF", "EME2000", "TEME", "TOD", "ITRF2014"])
def test_the_same_orbit_comes_out_of_every_frame(frame):
    made = Ephemeris.from_oem(_oem(states_m=_in_frame(frame), ref_frame=frame))
    between = np.array([30.0, 3333.3, 7000.0])
    truth = propagate(START[:3], START[3:], EPOCH, between, ForceModel())
    # a millimetre of interpolation; km with 17 digits lose nothing
    assert np.abs(made.states(between) - truth)[:, :3].max() < 2e-3


@pytest.mark.parametrize("frame", ["MOD", "TOD", "TEME"])
def test_axes_of_date_stand_still_where_the_message_gives_their_epoch(frame):
    frozen = datetime(2000, 1, 1, tzinfo=UTC)
    turn = gcrf_from(frame, frozen)
    given = np.hstack([_states()[:, :3] @ turn, _states()[:, 3:] @ turn])
    matrix = 1e-6 * _turn6(turn.T) @ _cov_gcrf() @ _turn6(turn)
    covariance = OemCovariance(t_s=3600.0, matrix=matrix)
    oem = _oem(states_m=given, ref_frame=frame)
    oem = replace(oem, segments=(replace(oem.segments[0], covariances=(covariance,)),))
    made = Ephemeris.from_oem(_with_metadata(oem, REF_FRAME_EPOCH="2000-01-01T00:00:00"))
    # of date the axes would lie 24 years of precession away: 39 km
    assert np.abs(made.states(T_S) - _states()).max() < 1e-5
    scale = np.diag(1.0 / np.sqrt(np.diag(COV_RTN)))
    assert np.abs(scale @ (made.cov_rtn(3600.0)[0] - COV_RTN) @ scale).max() < 1e-6


def test_earth_fixed_positions_beyond_the_earth_orientation_table_are_told():
    late = datetime(2060, 1, 1, tzinfo=UTC)
    fixed = _oem(states_m=_in_frame("ITRF"), ref_frame="ITRF", reference_utc=late)
    inertial = _oem(reference_utc=late)
    assert NoticeCode.EOP_NOT_COVERED in [n.code for n in Ephemeris.from_oem(fixed).notices]
    assert not Ephemeris.from_oem(inertial).notices


@pytest.mark.parametrize("system", ["UTC", "TAI", "TT", "GPS", "TDB"])
def test_the_same_orbit_comes_out_of_every_time_system(system):
    text = write_oem_kvn(_oem(time_system=system))
    (oem,) = read_oem(text.encode(), "a.oem")
    made = Ephemeris.from_oem(oem)
    assert abs((made.reference_utc - EPOCH).total_seconds()) < 2e-6
    instant = EPOCH + timedelta(seconds=3333.3)
    truth = propagate(START[:3], START[3:], EPOCH, [3333.3], ForceModel())
    # a microsecond is 8 mm of orbit: TDB is kept to the nanosecond of its own clock
    assert np.abs(made.states(made.seconds_at(instant)) - truth)[0, :3].max() < 0.01


def test_a_leap_second_inside_the_span_moves_nothing():
    reference = datetime(2016, 12, 31, 23, 30, tzinfo=UTC)
    made = Ephemeris.from_oem(_oem(reference_utc=reference))
    after = datetime(2017, 1, 1, 0, 30, tzinfo=UTC)
    assert made.seconds_at(after) == 3601.0
    assert np.abs(made.states(3600.0)[0] - _states()[60]).max() < 1e-6
    assert (made.end_utc - reference).total_seconds() == T_S[-1] - 1


def test_outside_its_span_an_ephemeris_names_the_span():
    made = Ephemeris.from_oem(_oem())
    with pytest.raises(PropagationError, match=r"2024-01-01T00:00:00.000Z to .*01:59:00.000Z"):
        made.states(T_S[-1] + 1.0)
    with pytest.raises(PropagationError, match="not extrapolated"):
        made.error_m(-0.001)
    with pytest.raises(PropagationError, match="covers"):
        made.states(np.nan)


def test_instants_decades_away_are_refused_in_words():
    made = replace(Ephemeris.from_oem(_oem()), source="a.oem")
    far_s = made.seconds_at(datetime(2094, 1, 1, tzinfo=UTC))
    with pytest.raises(PropagationError, match=r"a\.oem.* not \+70 years from its first epoch"):
        made.states(far_s)


def test_states_and_segments_decades_apart_are_refused():
    text = write_oem_kvn(_oem())
    last = text.rindex("2024-01-01T01:59")
    damaged = text[:last] + "2094" + text[last + 4 :]
    with pytest.raises(MessageError, match="more than 40 years after the first") as refused:
        read_oem(damaged.encode(), "a.oem")
    assert refused.value.line == text[:last].count("\n") + 1
    late = _oem(reference_utc=datetime(2094, 1, 1, tzinfo=UTC))
    with pytest.raises(MessageError, match="segments lie more than 40 years apart"):
        Ephemeris.from_oem(replace(late, segments=(*_oem().segments, *late.segments)))


def _with_metadata(oem, **texts):
    segment = oem.segments[0]
    return replace(oem, segments=(replace(segment, metadata={**segment.metadata, **texts}),))


def test_only_the_useable_span_is_answered_for():
    oem = _with_metadata(
        _oem(),
        USEABLE_START_TIME="2024-01-01T00:10:00",
        USEABLE_STOP_TIME="2024-01-01T01:50:00",
    )
    made = Ephemeris.from_oem(oem)
    assert made.start_utc == EPOCH + timedelta(minutes=10)
    made.states([600.0, 6600.0])
    for outside in (599.0, 6601.0):
        with pytest.raises(PropagationError, match="00:10:00"):
            made.states(outside)


# --- segments -----------------------------------------------------------------------------


def _burned_states():
    """The orbit with 1 m/s along the track at 3600 s."""
    return propagate_with_burns(
        START[:3], START[3:], EPOCH, 3600.0, [0.0, 1.0, 0.0], T_S, ForceModel()
    )


def _two_segments(first_end=61):
    one, two = _oem(), _oem(states_m=_burned_states())
    cut = [
        replace(s, t_s=s.t_s[rows], states=s.states[rows], metadata=dict(s.metadata))
        for s, rows in (
            (one.segments[0], slice(0, first_end)),
            (two.segments[0], slice(60, None)),
        )
    ]
    return replace(one, segments=tuple(cut))


def test_a_burn_between_two_segments_is_met_from_both_sides():
    made = Ephemeris.from_oem(_two_segments())
    before, after = made.states([3599.999, 3600.0])
    jump = after[3:] - before[3:]
    # gravity adds 8 m/s² × 1 ms
    assert np.linalg.norm(jump) == pytest.approx(1.0, abs=0.01)
    truth = propagate_with_burns(
        START[:3], START[3:], EPOCH, 3600.0, [0.0, 1.0, 0.0], [3630.0], ForceModel()
    )
    assert np.abs(made.states(3630.0) - truth)[0, :3].max() < 2e-3
    assert not [n for n in made.notices if n.code is NoticeCode.INTERPOLATION_COARSE]


def test_a_burn_inside_a_segment_is_told_as_coarse_interpolation():
    # 10 m/s between two samples: curves through both sides of it are off by tens of metres
    burned = propagate_with_burns(
        START[:3], START[3:], EPOCH, 3630.0, [0.0, 10.0, 0.0], T_S, ForceModel()
    )
    made = Ephemeris.from_oem(_oem(states_m=burned))
    (notice,) = [n for n in made.notices if n.code is NoticeCode.INTERPOLATION_COARSE]
    assert "at 2024-01-01T01:0" in notice.message or "at 2024-01-01T00:59" in notice.message


def test_between_two_segments_nothing_is_interpolated():
    made = Ephemeris.from_oem(_two_segments(first_end=50))
    with pytest.raises(PropagationError, match=r"gap from 2024-01-01T00:49:00\.000Z .*T00:53:20"):
        made.states(3200.0)
    assert made.covered_s(0.0, 4000.0) == [(0.0, 2940.0), (3600.0, 4000.0)]
    assert made.covered_s(3000.0, 3500.0) == []
    assert "gap between segments" in "".join(n.message for n in made.notices)


def test_after_a_segment_inside_another_one_the_outer_one_answers_again():
    outer, inner = _oem(), _oem(states_m=_burned_states())
    (whole,), (part,) = outer.segments, inner.segments
    part = replace(part, t_s=part.t_s[70:90], states=part.states[70:90])
    oem = replace(outer, segments=(whole, part))
    made = Ephemeris.from_oem(oem)
    assert made.end_utc == EPOCH + timedelta(seconds=T_S[-1])
    assert made.covered_s(0.0, T_S[-1]) == [(0.0, T_S[-1])]
    assert not made.gaps_utc
    # states at the samples themselves: before, inside, at the end of and after the inner one
    found = made.states(T_S[[60, 75, 89, 90, 100, 119]])
    outer_rows = [0, 3, 4, 5]
    assert np.abs(found[outer_rows] - _states()[[60, 90, 100, 119]]).max() < 1e-6
    assert np.abs(found[1:3] - _burned_states()[[75, 89]]).max() < 1e-6


def test_segments_out_of_order_are_taken_in_the_order_of_time_and_told_as_such():
    oem = _two_segments(first_end=50)
    turned = write_oem_kvn(replace(oem, segments=oem.segments[::-1]))
    (read,) = read_oem(turned.encode(), "a.oem")
    said = " ".join(n.message for n in read.notices)
    assert "before the one above it begins" in said
    assert "overlap" not in said
    assert np.array_equal(
        Ephemeris.from_oem(read).states(600.0), Ephemeris.from_oem(oem).states(600.0)
    )


def test_velocities_that_do_not_fit_their_frame_are_told():
    # Earth-fixed velocities under an inertial name, as files have had them
    fixed = _in_frame("ITRF")
    mixed = np.hstack([_states()[:, :3], fixed[:, 3:]])
    made = Ephemeris.from_oem(_oem(states_m=mixed))
    assert NoticeCode.INTERPOLATION_COARSE in [n.code for n in made.notices]


def test_several_objects_in_one_oem_are_told_apart():
    one, two = _oem(), _oem(designator="88888", name="OTHER")
    both = replace(one, segments=(*one.segments, *two.segments))
    with pytest.raises(MessageError, match=r"88888 \(OTHER\), 99999 \(TESTSAT\)"):
        Ephemeris.from_oem(both)
    assert Ephemeris.from_oem(both, "other").designator == "88888"
    with pytest.raises(MessageError, match="no segment"):
        Ephemeris.from_oem(both, "77777")


@pytest.mark.parametrize(
    ("texts", "error", "said"),
    [
        ({"REF_FRAME": "RTN"}, FrameError, "a.oem, REF_FRAME: .*cannot be converted"),
        ({"CENTER_NAME": "SUN"}, FrameError, "a.oem, CENTER_NAME: .*not supported"),
        ({"CENTER_NAME": "MARS", "REF_FRAME": "ITRF"}, FrameError, "a.oem, REF_FRAME: .*at mars"),
    ],
)
def test_frames_and_centres_that_cannot_be_converted_are_refused(texts, error, said):
    oem = replace(_with_metadata(_oem(), **texts), source="a.oem")
    with pytest.raises(error, match=said):
        Ephemeris.from_oem(oem)


def test_the_recommended_degree_is_used_and_other_methods_are_told():
    linear = _with_metadata(_oem(), INTERPOLATION="LINEAR", INTERPOLATION_DEGREE="1")
    made = Ephemeris.from_oem(linear)
    assert "LINEAR" in "".join(n.message for n in made.notices)
    low = _with_metadata(_oem(), INTERPOLATION="LAGRANGE", INTERPOLATION_DEGREE="1")
    # Lagrange of degree 1 leaves the bend by J2: g × 1e-3 × h²/8 = 4 m; Hermite's does not
    assert Ephemeris.from_oem(low).error_m(30.0)[0] > 1.0
    assert made.error_m(30.0)[0] < 0.05


def test_about_mars_the_axes_are_icrf_at_its_centre():
    speed = np.sqrt(4.282837e13 / 3.8e6)
    from mdss.astro.twobody import propagate as kepler

    states = kepler([3.8e6, 0, 0], [0, speed, 0], T_S, 4.282837e13)
    made = Ephemeris.from_oem(_oem(states_m=states, central_body="mars", ref_frame="EME2000"))
    bias = np.hstack(gcrf_state_from("EME2000", states[:, :3], states[:, 3:], EPOCH, T_S))
    assert made.central_body == "mars"
    assert np.abs(made.states(T_S) - bias).max() < 1e-6


# --- covariances --------------------------------------------------------------------------


def _turn6(turn):
    both = np.zeros((6, 6))
    both[:3, :3] = both[3:, 3:] = turn
    return both


def _cov_gcrf():
    """Of the state after an hour."""
    rtn = _turn6(eci_from_rtn(_states()[60][:3], _states()[60][3:]))
    return rtn @ COV_RTN @ rtn.T


def _covariance_in(frame):
    state = _states()[60]
    rtn = eci_from_rtn(state[:3], state[3:])
    if frame == "TNW":
        turn = eci_from_tnw(state[None])[0].T @ rtn
        return _turn6(turn) @ COV_RTN @ _turn6(turn).T
    columns = [
        np.concatenate(state_in(frame, unit[:3], unit[3:], EPOCH, 3600.0)) for unit in np.eye(6)
    ]
    to_frame = np.stack(columns, axis=1) @ _turn6(rtn)
    return to_frame @ COV_RTN @ to_frame.T


@pytest.mark.parametrize("frame", ["TNW", "GCRF", "EME2000", "TEME", "ITRF"])
def test_covariances_of_every_frame_come_out_in_rtn(frame):
    oem = _oem()
    matrix = 1e-6 * _covariance_in(frame)
    covariance = OemCovariance(t_s=3600.0, ref_frame=frame, matrix=matrix)
    oem = replace(oem, segments=(replace(oem.segments[0], covariances=(covariance,)),))
    found = Ephemeris.from_oem(oem).cov_rtn(3600.0)[0]
    scale = np.diag(1.0 / np.sqrt(np.diag(COV_RTN)))
    assert np.abs(scale @ (found - COV_RTN) @ scale).max() < 1e-6


def test_one_covariance_serves_the_whole_span_and_its_distance_is_told():
    made = Ephemeris.from_oem(_oem(cov_m2=COV_RTN[None], cov_t_s=[0.0]))
    later = made.cov_rtn(7000.0)[0]
    # in-track error of a mean motion error: 3 × 0.01 m/s × 7000 s is 210 m, and the
    # radial one of 10 m adds 3 n × 10 m × t: more than at the epoch by far
    assert later[1, 1] > 4 * COV_RTN[1, 1]
    (notice,) = [n for n in made.notices if n.code is NoticeCode.COVARIANCE_CARRIED]
    assert "2.0 h" in notice.message


def test_a_covariance_at_the_first_state_counts_though_states_are_useable_later_only():
    # a determination's covariance often stands at its epoch, before the useable span
    oem = _with_metadata(
        _oem(cov_m2=COV_RTN[None], cov_t_s=[0.0]), USEABLE_START_TIME="2024-01-01T00:10:00"
    )
    found = Ephemeris.from_oem(oem).cov_rtn(600.0)[0]
    (carried,) = carried_cov_rtn(COV_RTN[None], _states()[:1], np.array([600.0]), MU)
    assert np.allclose(found, carried, rtol=1e-6)


def test_without_covariances_there_are_none_unless_assumed():
    made = Ephemeris.from_oem(_oem())
    assert made.cov_rtn(0.0) is None
    assumed = made.with_assumed_covariance((100.0, 500.0, 50.0))
    assert np.diag(assumed.cov_rtn([0.0, 60.0])[1]).tolist() == [1e4, 2.5e5, 2.5e3]
    assert NoticeCode.COVARIANCE_ASSUMED in [n.code for n in assumed.notices]
    with pytest.raises(CovarianceError):
        made.with_assumed_covariance((0.0, 1.0, 1.0))


# --- OPM ----------------------------------------------------------------------------------


def _opm(burns=(), **changes):
    return Opm.from_state_and_burns(
        **{
            "object_name": "TESTSAT",
            "object_id": "99999",
            "epoch_utc": EPOCH,
            "position_m": START[:3],
            "velocity_m_s": START[3:],
            "burns": list(burns),
            "created_utc": EPOCH,
            "originator": "TEST",
            "cov_rtn_m2": COV_RTN,
            "spacecraft": {"MASS": 500.0, "DRAG_AREA": 5.0, "DRAG_COEFF": 2.2},
        }
        | changes
    )


def test_a_state_is_flown_both_ways():
    made = Ephemeris.from_opm(_opm(), EPOCH - timedelta(hours=2), EPOCH + timedelta(hours=3))
    forces = ForceModel(cd_area_over_mass_m2_kg=2.2 * 5.0 / 500.0)
    wanted = np.array([-7000.0, 0.0, 10_000.0])
    truth = propagate(START[:3], START[3:], EPOCH, wanted, forces)
    assert np.abs(made.states(wanted) - truth)[:, :3].max() < 2e-3
    assert {NoticeCode.SRP_OFF, NoticeCode.COVARIANCE_CARRIED} <= {n.code for n in made.notices}


def test_the_epoch_of_the_frame_of_an_opm_counts():
    turn = gcrf_from("TOD", datetime(2000, 1, 1, tzinfo=UTC))
    km = np.concatenate([START[:3] @ turn, START[3:] @ turn]) / 1e3
    lines = [f"{word} = {x!r}" for word, x in zip(STATE_KEYWORDS, km.tolist(), strict=True)]
    text = """CCSDS_OPM_VERS = 2.0\nCENTER_NAME = EARTH\nREF_FRAME = TOD
REF_FRAME_EPOCH = 2000-01-01T00:00:00\nTIME_SYSTEM = UTC\nEPOCH = 2024-01-01T00:00:00\n"""
    (opm,) = read_opm((text + "\n".join(lines)).encode())
    made = Ephemeris.from_opm(opm, EPOCH, EPOCH + timedelta(hours=1))
    assert np.abs(made.states(0.0)[0] - START).max() < 1e-5


@pytest.mark.parametrize("duration_s", [0.0, 600.0])
def test_maneuver_blocks_are_flown(duration_s):
    burn = OpmBurn(
        ignition_utc=EPOCH + timedelta(seconds=3600.0 - duration_s / 2),
        dv_rtn_m_s=(0.1, 1.0, -0.2),
        duration_s=duration_s,
    )
    (opm,) = read_opm(_kvn(_opm([burn])).encode())
    made = Ephemeris.from_opm(opm, EPOCH, EPOCH + timedelta(hours=3))
    forces = ForceModel(cd_area_over_mass_m2_kg=2.2 * 5.0 / 500.0)
    impulses = _many_small_impulses(duration_s, np.array(burn.dv_rtn_m_s))
    truth = propagate_with_burns(START[:3], START[3:], EPOCH, *impulses, [10_000.0], forces)
    # 10 m/s·km of displacement; Gauss nodes of the arc are good to 1e-5 of it
    assert np.abs(made.states(10_000.0) - truth)[0, :3].max() < 0.1


def _many_small_impulses(duration_s, dv):
    count = 60 if duration_s else 1
    offsets = duration_s * ((np.arange(count) + 0.5) / count - 0.5)
    return 3600.0 + offsets, np.tile(dv / count, (count, 1))


def _kvn(opm):
    from mdss.messages.odm_write import write_odm_kvn

    return write_odm_kvn(opm)


def test_a_maneuver_in_a_frame_that_is_not_known_is_refused_by_name():
    burn = OpmBurn(ignition_utc=EPOCH + timedelta(hours=1), dv_rtn_m_s=(0.0, 1.0, 0.0))
    text = re.sub(r"(MAN_REF_FRAME\s*=) RTN", r"\1 VNC", _kvn(_opm([burn])))
    (opm,) = read_opm(text.encode(), "a.opm")
    with pytest.raises(FrameError, match=r"a\.opm, MAN_REF_FRAME: the frame 'VNC'"):
        Ephemeris.from_opm(opm)


def test_a_span_that_makes_no_sense_is_refused():
    with pytest.raises(PropagationError, match="60 days"):
        Ephemeris.from_opm(_opm(), EPOCH, EPOCH + timedelta(days=90))


# --- files --------------------------------------------------------------------------------

TWO_SETS = """IRIDIUM 33
1 24946U 97051C   09040.78448243 +.00000153 +00000-0 +47668-4 0  9994
2 24946 086.3994 121.7028 0002288 085.1644 274.9812 14.34219863597336
COSMOS 2251
1 22675U 93036A   09040.49834364 -.00000001  00000-0  95251-5 0  9996
2 22675 074.0355 019.4646 0016027 098.7014 261.5952 14.31135643817415
"""


def test_an_object_of_a_file_is_named_after_a_hash(tmp_path):
    file = tmp_path / "two.tle"
    file.write_text(TWO_SETS)
    assert read_orbit(f"{file}#22675").name == "COSMOS 2251"
    assert read_orbit(f"{file}#iridium 33").designator == "24946"
    with pytest.raises(MessageError, match=r"24946 \(IRIDIUM 33\), 22675 \(COSMOS 2251\)"):
        read_orbit(file)
    with pytest.raises(MessageError, match="no orbit of that object"):
        read_orbit(f"{file}#5")


def test_a_conjunction_message_is_no_orbit():
    from pathlib import Path

    golden = Path(__file__).resolve().parents[1] / "golden" / "crossing.cdm"
    with pytest.raises(MessageError, match="conjunction message"):
        read_orbit(golden)


def test_an_oem_file_becomes_an_ephemeris(tmp_path):
    file = tmp_path / "a.oem"
    file.write_text(write_oem_kvn(_oem()))
    orbit = read_orbit(file)
    assert orbit.reference_utc == EPOCH
    assert orbit.ephemeris().source == "a.oem"
    with pytest.raises(CovarianceError, match="give sigmas"):
        orbit.ephemeris(assumed="usual")


@pytest.mark.parametrize(
    "text", ["", "1,2", "a,b,c", "1,2,3,4", "other", "nan,1,1", "0,1,1", "1e300,1,1"]
)
def test_assumptions_that_are_none_are_refused(text):
    with pytest.raises(CovarianceError, match="R,T,N"):
        parsed_sigmas(text)


def test_assumptions_are_read_as_they_are_written():
    assert parsed_sigmas("100, 500,50.5") == (100.0, 500.0, 50.5)
    assert parsed_sigmas("Usual") == "usual"
    assert parsed_sigmas("series") == "series"


def test_elements_without_assumption_have_no_covariance(tmp_path):
    file = tmp_path / "two.tle"
    file.write_text(TWO_SETS)
    orbit = read_orbit(f"{file}#22675")
    assert orbit.ephemeris().cov_rtn_at is None
    assert orbit.ephemeris(assumed=(1.0, 2.0, 3.0)).cov_rtn(0.0)[0, 2, 2] == 9.0
    with pytest.raises(CovarianceError, match="at least 3"):
        orbit.ephemeris(assumed="series")

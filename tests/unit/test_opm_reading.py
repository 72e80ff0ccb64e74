"""What an OPM says, and what reading it notices."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mdss.errors import MessageError
from mdss.messages.odm_write import write_odm_kvn, write_odm_xml
from mdss.messages.opm import Opm, OpmBurn, read_opm
from mdss.notices import NoticeCode

GOLDEN = Path(__file__).parents[1] / "golden" / "opm_two_burns.opm"
TEXT = GOLDEN.read_text(encoding="utf-8")
(OPM,) = read_opm(GOLDEN)


def changed(old, new):
    assert old in TEXT
    (opm,) = read_opm(TEXT.replace(old, new, 1).encode())
    return opm


def codes(opm):
    return [notice.code for notice in opm.notices]


def test_a_conforming_message_gives_no_notice():
    assert OPM.notices == ()


def test_gps_time_is_18_seconds_ahead_of_utc_in_2026():
    assert OPM.time_system == "GPS"
    assert OPM.epoch_utc == datetime(2026, 3, 12, 6, 0, 0, tzinfo=UTC)
    first, _ = OPM.maneuvers
    assert first.ignition_utc == datetime(2026, 3, 13, 21, 2, 23, 500_000, tzinfo=UTC)


def test_the_creation_date_is_utc_whatever_the_time_system():
    assert OPM.created_utc == datetime(2026, 3, 12, 6, 11, 40, tzinfo=UTC)


def test_the_maneuvers_keep_their_order_frames_and_comments():
    first, second = OPM.maneuvers
    assert (first.ref_frame, first.duration_s, first.delta_mass_kg) == ("RTN", 43.7, -0.0186)
    assert first.dv_km_s == (0.0, 9.8e-5, -1.2e-6)
    assert (second.ref_frame, second.duration_s, second.dv_km_s[0]) == ("TNW", 0.0, -9.7e-5)
    assert second.comments == ("Return",)


def test_the_covariance_is_symmetric_and_in_its_own_frame():
    assert OPM.covariance_frame == "RTN"
    matrix = OPM.covariance_km2
    np.testing.assert_array_equal(matrix, matrix.T)
    assert matrix[1, 1] == pytest.approx(0.085**2 * 1.04)  # 1 + 0.2², from the factor it is made of


def test_without_its_own_frame_the_covariance_is_in_the_frame_of_the_state():
    assert changed("COV_REF_FRAME = RTN\n", "").covariance_frame == "EME2000"


def test_a_message_without_covariance_has_none():
    start = TEXT.index("COV_REF_FRAME")
    stop = TEXT.index("COMMENT Avoidance")
    (opm,) = read_opm((TEXT[:start] + TEXT[stop:]).encode())
    assert opm.covariance_km2 is None


def test_area_over_mass_comes_from_the_spacecraft_parameters():
    assert OPM.cd_area_over_mass_m2_kg == pytest.approx(2.2 * 2.4 / 412.6)
    assert OPM.cr_area_over_mass_m2_kg == pytest.approx(1.3 * 3.1 / 412.6)
    assert changed("DRAG_AREA = 2.4 [m**2]\n", "").cd_area_over_mass_m2_kg is None


def test_user_defined_parameters_are_kept_by_name():
    assert OPM.user_defined == {"EARTH_MODEL": "EGM2008 120x120"}
    assert OPM.get("USER_DEFINED_EARTH_MODEL") == "EGM2008 120x120"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TRUE_ANOMALY = 118.75", "TRUE_ANOMALY = 118.77"),  # 2.4 km along the orbit
        ("SEMI_MAJOR_AXIS = 6878.137", "SEMI_MAJOR_AXIS = 6879.137"),
        ("INCLINATION = 97.45", "INCLINATION = 82.55"),
        ("ECCENTRICITY = 0.0012", "ECCENTRICITY = 1.5"),
        ("GM = 398600.4415", "GM = 42828.37"),
    ],
)
def test_elements_that_contradict_the_state_are_noticed_and_the_state_is_used(old, new):
    opm = changed(old, new)
    assert codes(opm) == [NoticeCode.INCONSISTENT_ELEMENTS]
    np.testing.assert_array_equal(opm.state_km, OPM.state_km)


def test_a_mean_anomaly_serves_as_well_as_a_true_one():
    # E from tan(nu/2) at e = 0.0012, then Kepler's equation: M = 118.6293 deg
    assert codes(changed("TRUE_ANOMALY = 118.75", "MEAN_ANOMALY = 118.6293")) == []
    wrong = changed("TRUE_ANOMALY = 118.75", "MEAN_ANOMALY = 118.75")
    assert codes(wrong) == [NoticeCode.INCONSISTENT_ELEMENTS]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("MAN_DELTA_MASS = -0.0186 [kg]\n", "", NoticeCode.MISSING_KEYWORD),
        ("MAN_REF_FRAME = TNW", "MAN_REF_FRAME = BODY", NoticeCode.UNEXPECTED_VALUE),
        ("2026-03-13T21:02:41.500", "2026-03-11T21:02:41.500", NoticeCode.UNEXPECTED_VALUE),
        ("2026-03-15T09:40:05.250", "2026-03-13T20:40:05.250", NoticeCode.UNEXPECTED_VALUE),
        ("DRAG_COEFF = 2.2", "DRAG_COEFF = -0.2", NoticeCode.UNEXPECTED_VALUE),
        ("ORIGINATOR = EXAMPLE OPERATOR\n", "", NoticeCode.MISSING_KEYWORD),
        ("MASS = 412.6 [kg]", "MASS = 412.6 [kg]\nCOLOUR = blue", NoticeCode.UNKNOWN_KEYWORD),
        ("EPOCH = 2026-03-12T", "EPOCH = 2026-071T", NoticeCode.DAY_OF_YEAR_DATE),
        ("MASS = 412.6 [kg]", "MASS = NaN [kg]", NoticeCode.NAN_VALUE),
    ],
)
def test_what_is_odd_but_harmless_is_noticed(old, new, code):
    assert code in codes(changed(old, new))


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("2026-03-13T21:02:41.500", True),
        ("2026-03-13T21:03:25.100", True),
        ("2026-03-13T21:03:25.200", False),
        ("2026-03-13T21:02:20.000", False),
    ],
)
def test_burns_that_overlap_are_told(second, said):
    # the first one burns from 21:02:41.5 for 43.7 s, the second one is an impulse
    opm = changed("2026-03-15T09:40:05.250", second)
    overlaps = [n for n in opm.notices if "added where they overlap" in n.message]
    assert [n.field for n in overlaps] == ["MAN_EPOCH_IGNITION"] * said
    assert all("2026-03-13T21:02:41.500 ends" in n.message for n in overlaps)


def test_a_covariance_that_no_errors_can_have_is_noticed():
    line = next(one for one in TEXT.splitlines() if one.startswith("CY_X ="))
    opm = changed(line, "CY_X = 1.0 [km**2]")
    assert codes(opm) == [NoticeCode.COVARIANCE_NOT_POSITIVE]


def test_a_last_value_without_line_end_is_noticed_and_refused_where_others_have_a_unit():
    cut = TEXT[: TEXT.index("USER_DEFINED")].rstrip().removesuffix(" [km/s]")
    without_units = "\n".join(line.split(" [")[0] for line in cut.splitlines())
    (opm,) = read_opm(without_units.encode())
    assert codes(opm) == [NoticeCode.MALFORMED_LINE]
    with pytest.raises(MessageError, match="ends in the middle"):
        read_opm(cut.encode())


def test_missing_units_are_no_fault_of_an_opm():
    (opm,) = read_opm("\n".join(line.split(" [")[0] for line in TEXT.splitlines()).encode() + b"\n")
    assert opm == OPM
    assert opm.notices == ()


def test_several_messages_in_one_file_are_read_in_order():
    other = changed("EXAMPLE SAT 2", "EXAMPLE SAT 3")
    for write in (write_odm_kvn, write_odm_xml):
        assert read_opm(write(OPM, other).encode()) == (OPM, other)


def test_the_orbit_of_another_body_is_read():
    text = TEXT.replace("CENTER_NAME = EARTH", "CENTER_NAME = Mars").replace("EME2000", "ICRF")
    (opm,) = read_opm(text.replace("X = ", "X = 0", 1).encode())
    assert opm.center_name == "MARS"
    assert opm.notices == ()
    near = text.replace("= Mars", "= Mars Barycenter")
    (opm,) = read_opm(near.replace("X = ", "X = 0", 1).encode())
    assert ["0.2 m" in n.message for n in opm.notices] == [True]


BURN = OpmBurn(
    ignition_utc=datetime(2026, 3, 13, 21, 2, tzinfo=UTC),
    dv_rtn_m_s=(0.0, 0.098, -0.0012),
    duration_s=43.7,
    delta_mass_kg=-0.0186,
    comment="Avoidance",
)
STATE = {
    "object_name": "EXAMPLE SAT 2",
    "object_id": "2024-999B",
    "epoch_utc": datetime(2026, 3, 12, 6, tzinfo=UTC),
    "position_m": [6878137.0, 0.0, 12.5],
    "velocity_m_s": [0.25, -1000.0, 7546.0],
    "created_utc": datetime(2026, 3, 12, 7, tzinfo=UTC),
    "originator": "EXAMPLE OPERATOR",
}


@pytest.mark.parametrize("write", [write_odm_kvn, write_odm_xml])
def test_a_state_and_its_burns_come_back_from_the_message_in_si(write):
    cov = np.diag([100.0, 2500.0, 64.0, 1e-2, 1e-4, 1e-4])
    made = Opm.from_state_and_burns(
        **STATE,
        burns=[
            BURN,
            OpmBurn(ignition_utc=BURN.ignition_utc + timedelta(hours=3), dv_rtn_m_s=(0, -0.1, 0)),
        ],
        cov_rtn_m2=cov,
        spacecraft={"MASS": 412.6},
        comments=["Plan of 12 March"],
        user_defined={"OPTION": "half a revolution before"},
    )
    (again,) = read_opm(write(made).encode())
    assert again == made
    assert [n.code for n in again.notices] == [
        NoticeCode.MISSING_KEYWORD
    ]  # mass of the second burn
    assert again.ref_frame == "GCRF"
    assert again.epoch_utc == STATE["epoch_utc"]
    first, second = again.maneuvers
    assert first.ignition_utc == BURN.ignition_utc
    # one division and one multiplication by 1000: two roundings of a double
    np.testing.assert_allclose(np.array(first.dv_km_s) * 1e3, BURN.dv_rtn_m_s, rtol=4e-16)
    np.testing.assert_allclose(again.state_km[:3] * 1e3, STATE["position_m"], rtol=4e-16)
    np.testing.assert_allclose(again.covariance_km2 * 1e6, cov, rtol=4e-16)
    assert (first.ref_frame, again.covariance_frame, second.delta_mass_kg) == ("RTN", "RTN", None)


def test_a_message_at_mars_is_in_icrf():
    made = Opm.from_state_and_burns(**STATE, burns=[], center_name="Mars")
    assert (made.center_name, made.ref_frame) == ("MARS", "ICRF")

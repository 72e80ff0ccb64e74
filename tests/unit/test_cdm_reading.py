"""What a CDM says, and the oddities that are read with a notice."""

import json
import pickle
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn, gcrf_from_eme2000, gcrf_state_from_itrf
from mdss.conjunction import ObjectState
from mdss.errors import MessageError
from mdss.messages import read_cdms, to_json_dict, write_kvn, write_xml
from mdss.notices import NoticeCode

GOLDEN = Path(__file__).parents[1] / "golden" / "crossing.cdm"
TEXT = GOLDEN.read_text(encoding="utf-8")


def read(text, name="test.cdm"):
    (cdm,) = read_cdms(text if isinstance(text, bytes) else text.encode(), name)
    return cdm


def replaced(pattern, replacement, count=1, text=TEXT):
    changed, n = re.subn(pattern, replacement, text, count=count, flags=re.MULTILINE)
    assert n > 0, pattern
    return changed


def notices(cdm, code):
    return [notice for notice in cdm.notices if notice.code == code]


def the_notice(text, code):
    (notice,) = notices(read(text), code)
    return notice


@pytest.fixture(scope="module")
def cdm():
    return read(TEXT)


def test_the_header_is_read(cdm):
    assert cdm.tca_utc == datetime(2026, 3, 14, 21, 47, 9, 318000, tzinfo=UTC)
    assert cdm.created_utc == datetime(2026, 3, 12, 6, 11, 40, tzinfo=UTC)
    assert (cdm.message_id, cdm.originator) == ("TEST-2026-071-0004", "TEST CENTRE")
    assert cdm.collision_probability == 4.1e-5
    assert cdm.collision_probability_method == "FOSTER-1992"
    assert (cdm.miss_distance_m, cdm.relative_speed_m_s) == (271.9, 14438.0)


def test_objects_are_read_by_keyword_and_meaning(cdm):
    first, second = cdm.objects
    assert (first.designator, first.name, first.maneuverable) == ("90003", "OBSERVER-3", True)
    assert (second.designator, second.name, second.maneuverable) == ("90417", "FRAGMENT 417", False)
    assert (first.ref_frame, first.orbit_center) == ("EME2000", "EARTH")
    assert (first.get("OBS_USED"), first.get("X")) == (609, 2976.6897553)
    assert first.get("AREA_DRG") is None
    assert second.cd_area_over_mass_m2_kg == 0.21439
    assert second.cr_area_over_mass_m2_kg == 0.1182


def test_eme2000_states_come_out_in_gcrf_and_si(cdm):
    first = cdm.objects[0]
    eme2000_m = np.array([2976.6897553, -4323.2875017, 4748.5288953]) * 1e3
    np.testing.assert_allclose(first.position_gcrf_m, gcrf_from_eme2000() @ eme2000_m, rtol=1e-15)
    # the frame bias is 23 mas: decimetres at 7000 km, and it must not be left out
    assert 0.1 < np.linalg.norm(first.position_gcrf_m - eme2000_m) < 0.9


def test_gcrf_states_are_taken_as_they_are():
    first = read(replaced("= EME2000", "= GCRF", count=0)).objects[0]
    eme2000_m = np.array([2976.6897553, -4323.2875017, 4748.5288953]) * 1e3
    np.testing.assert_allclose(first.position_gcrf_m, eme2000_m, rtol=1e-15)


def test_j2000_is_eme2000():
    first = read(replaced("= EME2000", "= J2000", count=0)).objects[0]
    np.testing.assert_array_equal(first.position_gcrf_m, read(TEXT).objects[0].position_gcrf_m)


def earth_fixed_text(cdm, frame="ITRF-97"):
    """The same conjunction with both states turned into Earth-fixed ones."""
    basis = [gcrf_state_from_itrf(axis, [0, 0, 0], cdm.tca_utc) for axis in np.eye(3)]
    gcrf_from_itrf = np.array([position for position, _ in basis]).T
    spin = np.array([velocity for _, velocity in basis]).T
    parts = TEXT.split("OBJECT  ")
    for i, one in enumerate(cdm.objects, start=1):
        r = gcrf_from_itrf.T @ one.position_gcrf_m
        v = gcrf_from_itrf.T @ (one.velocity_gcrf_m_s - spin @ r)
        values = dict(zip(("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT"), [*r, *v], strict=True))
        for keyword, value in values.items():
            parts[i] = replaced(
                rf"^({keyword} +=) \S+", rf"\1 {float(value) / 1e3!r}", text=parts[i]
            )
        parts[i] = replaced("= EME2000", f"= {frame}", text=parts[i])
    return "OBJECT  ".join(parts)


@pytest.mark.parametrize("frame", ["ITRF-97", "ITRF2000", "ITRF"])
def test_earth_fixed_states_come_out_inertial(cdm, frame):
    fixed = read(earth_fixed_text(cdm, frame))
    for one, other in zip(fixed.objects, cdm.objects, strict=True):
        # 1 µm: rounding of double precision at 7000 km is a nanometre, a wrong epoch metres
        np.testing.assert_allclose(one.position_gcrf_m, other.position_gcrf_m, atol=1e-6, rtol=0)
        np.testing.assert_allclose(
            one.velocity_gcrf_m_s, other.velocity_gcrf_m_s, atol=1e-6, rtol=0
        )
    assert not notices(fixed, NoticeCode.INCONSISTENT_RELATIVE_STATE)


def test_an_earth_fixed_state_beyond_the_orientation_table_is_noticed(cdm):
    text = earth_fixed_text(cdm).replace("2026-03-14T21", "2126-03-14T21")
    (notice,) = notices(read(text), NoticeCode.EOP_NOT_COVERED)
    assert notice.field == "REF_FRAME"


def test_the_covariance_is_symmetric_with_rtn_rows_in_order(cdm):
    cov = cdm.objects[1].cov_rtn_m2
    np.testing.assert_array_equal(cov, cov.T)
    assert (cov[0, 0], cov[1, 0], cov[2, 2]) == (1718.8225, -5750.25, 507.515625)
    assert (cov[3, 1], cov[4, 4], cov[5, 5]) == (-926.8589824, 1.889696347e-3, 5.690440924e-4)


def test_a_position_covariance_alone_is_three_by_three():
    text = replaced(r"^C[RTN]DOT_.*\n", "", count=0)
    cdm = read(text)
    assert [one.cov_rtn_m2.shape for one in cdm.objects] == [(3, 3), (3, 3)]
    assert len(notices(cdm, NoticeCode.NO_VELOCITY_COVARIANCE)) == 2


def test_the_density_error_is_read_from_its_comments(cdm):
    assert cdm.objects[0].density_error == (
        0.1912,
        (-2.417, 812.61, 0.0418, -0.8583, 0.001742, -0.000391),
    )


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"^COMMENT DCP Sens.*Vel.*\n", ""),
        (r"(Vector RTN Pos = .*)\[m\]", r"\1[km]"),
        (r"(Vector RTN Pos = \S+) \S+", r"\1"),
        (r"Forecast Uncertainty = \S+", "Forecast Uncertainty = high"),
        (r"^(COMMENT DCP Density.*\n)", r"\1\1"),
    ],
)
def test_an_incomplete_density_error_is_left_out_with_a_notice(pattern, replacement):
    cdm = read(replaced(pattern, replacement))
    assert cdm.objects[0].density_error is None
    assert cdm.objects[1].density_error is not None
    (notice,) = notices(cdm, NoticeCode.UNEXPECTED_VALUE)
    assert notice.field == "COMMENT DCP"
    assert "density error is left out" in notice.message


def test_the_object_is_what_the_conjunction_layer_takes(cdm):
    state = ObjectState.from_cdm(cdm.objects[0])
    assert state.cov_rtn_m2.shape == (6, 6)
    assert state.density_error is not None
    miss = eci_from_rtn(state.position_m, state.velocity_m_s).T @ (
        cdm.objects[1].position_gcrf_m - state.position_m
    )
    # the file prints the relative position to 0.1 m
    np.testing.assert_allclose(miss, [47.4, 73.8, 257.4], atol=0.06)


def test_the_international_designator_is_carried_unless_it_is_unknown(cdm):
    assert ObjectState.from_cdm(cdm.objects[0]).international_designator == "2024-901A"
    unknown = read(TEXT.replace("= 2024-901A", "= unknown"))
    assert ObjectState.from_cdm(unknown.objects[0]).international_designator == ""


# --- hard-body radius -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "radius_m"),
    [
        ("HBR = 7 [m]", 7.0),
        ("HBR                        = 20.0", 20.0),
        ("HBR=17.3000000000000007 [m]", 17.3),
        ("hbr = 5 m", 5.0),
        ("Combined HBR: 1.2e1 [M]", 12.0),
        ("Hard Body Radius = 9 [m]", 9.0),
    ],
)
def test_the_hard_body_radius_is_read_from_a_comment(comment, radius_m):
    cdm = read(TEXT.replace("HBR = 11.5 [m]", comment))
    assert cdm.hard_body_radius_m == radius_m
    (notice,) = notices(cdm, NoticeCode.HBR_FROM_COMMENT)
    assert TEXT.splitlines()[notice.line - 1].startswith("COMMENT HBR")


@pytest.mark.parametrize("comment", ["HBR = 0.02 [km]", "HBR = 0 [m]", "HBR = NaN", "HBR = -3 [m]"])
def test_an_unusable_hard_body_radius_is_none_with_a_notice(comment):
    cdm = read(TEXT.replace("HBR = 11.5 [m]", comment))
    assert cdm.hard_body_radius_m is None
    (notice,) = notices(cdm, NoticeCode.UNEXPECTED_VALUE)
    assert notice.line == 25


def test_no_hard_body_radius_is_none():
    assert read(TEXT.replace("HBR = 11.5 [m]", "no radius")).hard_body_radius_m is None


def test_the_largest_of_different_radii_is_used_and_said():
    cdm = read(TEXT.replace("COMMENT HBR", "COMMENT HBR = 30 [m]\nCOMMENT HBR"))
    assert cdm.hard_body_radius_m == 30
    assert len(notices(cdm, NoticeCode.HBR_SOURCES_DIFFER)) == 1


def test_the_keyword_hbr_comes_before_the_comment():
    cdm = read(TEXT.replace("COMMENT HBR", "HBR = 14 [m]\nCOMMENT HBR"))
    assert cdm.hard_body_radius_m == 14
    assert len(notices(cdm, NoticeCode.HBR_SOURCES_DIFFER)) == 1


def test_the_radii_of_both_objects_add_up():
    text = TEXT.replace("COMMENT HBR", "COMMENT nothing").replace(
        "AREA_PC ", "HBR = 2.5 [m]\nAREA_PC "
    )
    assert read(text).hard_body_radius_m == 5


# --- oddities ---------------------------------------------------------------------------


ODDITIES = {
    "NaN count": (r"^OBS_USED .*", "OBS_USED = NaN", "nan-value", "OBS_USED"),
    "NaN area over mass": (
        r"^CD_AREA_OVER_MASS .*",
        "CD_AREA_OVER_MASS = NaN [m**2/kg]",
        "nan-value",
        "CD_AREA_OVER_MASS",
    ),
    "metres on a velocity": (
        r"^(RELATIVE_VELOCITY_R .*)\[m/s\]",
        r"\1[m]",
        "wrong-unit-label",
        "RELATIVE_VELOCITY_R",
    ),
    "span in hours": (
        r"^(ACTUAL_OD_SPAN .*)\[d\]",
        r"\1[h]",
        "wrong-unit-label",
        "ACTUAL_OD_SPAN",
    ),
    "day-of-year date": (
        r"^CREATION_DATE .*",
        "CREATION_DATE = 2026-071T06:11:40",
        "day-of-year-date",
        "CREATION_DATE",
    ),
    "no unit": (r"^(X +=\s\S+) \[km\]", r"\1", "missing-unit", "X"),
    "empty unit": (r"^(X +=\s\S+) \[km\]", r"\1 []", "missing-unit", "X"),
    "cut short unit": (
        r"(RESIDUALS_ACCEPTED .*)%\]",
        r"\1",
        "truncated-unit",
        "RESIDUALS_ACCEPTED",
    ),
    "unknown keyword": (r"^(TCA .*)", r"\1\nSHOE_SIZE = 44 [eu]", "unknown-keyword", "SHOE_SIZE"),
    "missing obligatory keyword": (r"^ORIGINATOR .*\n", "", "missing-keyword", "ORIGINATOR"),
    "keyword without value": (
        r"^MESSAGE_FOR .*",
        "MESSAGE_FOR =",
        "unexpected-value",
        "MESSAGE_FOR",
    ),
    "repeated keyword": (r"^(OBS_USED .*)", r"\1\n\1", "duplicate-keyword", "OBS_USED"),
    "repeated with another value": (
        r"^(OBS_USED .*)",
        r"\1\nOBS_USED = 1",
        "duplicate-keyword",
        "OBS_USED",
    ),
    "repeated state value": (r"^(X  .*)", r"\1\n\1", "duplicate-keyword", "X"),
    "unknown choice": (
        r"^MANEUVERABLE .*",
        "MANEUVERABLE = MAYBE",
        "unexpected-value",
        "MANEUVERABLE",
    ),
    "version 2": (
        r"^CCSDS_CDM_VERS .*",
        "CCSDS_CDM_VERS = 2.0",
        "unexpected-value",
        "CCSDS_CDM_VERS",
    ),
    "made after TCA": (
        r"^CREATION_DATE .*",
        "CREATION_DATE = 2026-03-15T00:00:00",
        "unexpected-value",
        "CREATION_DATE",
    ),
    "leap second": (r"^TCA .*", "TCA = 2026-12-31T23:59:60.25", "unexpected-value", "TCA"),
    "blank in a date": (
        r"^CREATION_DATE .*",
        "CREATION_DATE = 2026-03-12 06:11:40",
        "malformed-line",
        "CREATION_DATE",
    ),
    "no last observation": (
        r"^TIME_LASTOB_END .*",
        "TIME_LASTOB_END = N/A",
        "unexpected-value",
        "TIME_LASTOB_END",
    ),
    "default covariance": (
        r"^COVARIANCE_METHOD .*",
        "COVARIANCE_METHOD = DEFAULT",
        "covariance-default",
        "COVARIANCE_METHOD",
    ),
    "negative drag": (
        r"^CD_AREA_OVER_MASS .*",
        "CD_AREA_OVER_MASS = -0.01 [m**2/kg]",
        "unexpected-value",
        "CD_AREA_OVER_MASS",
    ),
    "wrong miss": (
        r"^MISS_DISTANCE .*",
        "MISS_DISTANCE = 300 [m]",
        "inconsistent-relative-state",
        "MISS_DISTANCE",
    ),
    "scaled covariance": (
        r"SCALE_FACTOR = 1.000",
        "SCALE_FACTOR = 1.8",
        "covariance-scaled",
        "COMMENT COVARIANCE_SCALE_FACTOR",
    ),
    "fraction of an observation": (
        r"^OBS_USED .*",
        "OBS_USED = 60.5",
        "unexpected-value",
        "OBS_USED",
    ),
    "text for a number": (
        r"^WEIGHTED_RMS .*",
        "WEIGHTED_RMS = good",
        "unexpected-value",
        "WEIGHTED_RMS",
    ),
    "probability among the objects": (
        r"\Z",
        "COLLISION_PROBABILITY_METHOD = FOSTER-1992\n",
        "malformed-line",
        "COLLISION_PROBABILITY_METHOD",
    ),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_is_read_with_a_notice_that_has_line_and_field(oddity):
    pattern, replacement, code, field = ODDITIES[oddity]
    text = replaced(pattern, replacement)
    found = notices(read(text), NoticeCode(code))
    assert len(found) == 1
    assert found[0].field == field
    assert found[0].file == "test.cdm"
    if code != "missing-keyword":
        assert field in text.splitlines()[found[0].line - 1]


def test_the_plain_message_gives_no_notice_but_its_radius(cdm):
    assert [n.code for n in cdm.notices] == [NoticeCode.HBR_FROM_COMMENT]


def test_a_scale_factor_of_one_is_silent(cdm):
    assert "SCALE_FACTOR = 1.000" in TEXT
    assert not notices(cdm, NoticeCode.COVARIANCE_SCALED)


def test_the_scale_factor_does_not_change_the_covariance(cdm):
    scaled = read(TEXT.replace("SCALE_FACTOR = 1.000", "SCALE_FACTOR = 4.0"))
    np.testing.assert_array_equal(scaled.objects[0].cov_rtn_m2, cdm.objects[0].cov_rtn_m2)
    assert "4" in notices(scaled, NoticeCode.COVARIANCE_SCALED)[0].message


def test_nan_area_over_mass_is_none_and_zero_stays_zero():
    text = replaced(r"^CD_AREA_OVER_MASS .*", "CD_AREA_OVER_MASS = NaN [m**2/kg]")
    text = replaced(r"^CR_AREA_OVER_MASS .*", "CR_AREA_OVER_MASS = 0 [m**2/kg]", text=text)
    first = read(text).objects[0]
    assert first.cd_area_over_mass_m2_kg is None
    assert first.cr_area_over_mass_m2_kg == 0.0


def test_a_value_in_another_unit_is_kept_as_text_and_written_back():
    cdm = read(replaced(r"^(ACTUAL_OD_SPAN .*)\[d\]", r"\1[h]"))
    assert cdm.objects[0].get("ACTUAL_OD_SPAN") == "4.62 [h]"
    assert "4.62 [h]" in write_kvn(cdm)


def test_unknown_keywords_are_kept(cdm):
    odd = read(replaced(r"^(TCA .*)", r"\1\nSHOE_SIZE = 44 [eu]"))
    assert odd.get("SHOE_SIZE") == "44 [eu]"
    assert odd != cdm


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(cdm):
    odd = read(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert odd == cdm
    assert len(notices(odd, NoticeCode.TEXT_ENCODING)) == 2


def test_lower_case_keywords_and_missing_blanks_are_told_once(cdm):
    text = re.sub(r"^(?!COMMENT)(\w+) +=\s", lambda m: m[1].lower() + "=", TEXT, flags=re.MULTILINE)
    odd = read(text)
    assert odd == cdm
    assert len(notices(odd, NoticeCode.MALFORMED_LINE)) == 2


def test_units_are_read_in_any_spelling(cdm):
    spellings = {"[km]": "[KM]", "[m**2]": "[m^2]", "[km/s]": "[ km/sec ]"}
    text = replaced(
        r"^(?!COMMENT)(.*)(\[km\]|\[m\*\*2\]|\[km/s\])$", lambda m: m[1] + spellings[m[2]], 0
    )
    assert read(text) == cdm


def test_a_message_without_units_is_read_with_one_notice(cdm):
    bare = read(replaced(r"^(?!COMMENT)(.*) \[[^\]]*\]$", r"\1", 0))
    assert bare == cdm
    (notice,) = notices(bare, NoticeCode.MISSING_UNIT)
    assert "more values without a unit" in notice.message


def test_fortran_exponents_are_numbers(cdm):
    assert read(re.sub(r"(\d)e([+-]\d\d) ", r"\1D\2 ", TEXT)) == cdm


def test_a_day_of_year_date_is_the_same_instant(cdm):
    assert read(replaced(r"^TCA .*", "TCA = 2026-073T21:47:09.318")).tca_utc == cdm.tca_utc


def test_more_than_six_decimals_of_a_second_are_kept_in_the_message():
    odd = read(replaced(r"^TCA .*", "TCA = 2026-03-14T21:47:09.3181239Z"))
    assert odd.tca_utc.microsecond == 318123
    assert odd.get("TCA") == "2026-03-14T21:47:09.3181239Z"
    assert "09.3181239Z" in write_xml(odd)


def test_reversed_relative_signs_are_one_notice():
    text = re.sub(
        r"^(RELATIVE_(?:POS|VEL).* = )(-?)",
        lambda m: m[1] + ("" if m[2] else "-"),
        TEXT,
        flags=re.MULTILINE,
    )
    assert "reversed" in the_notice(text, NoticeCode.INCONSISTENT_RELATIVE_STATE).message


def test_a_zero_probability_is_kept_as_the_message_says_it():
    text = replaced(r"^COLLISION_PROBABILITY .*", "COLLISION_PROBABILITY = 0")
    assert read(text).collision_probability == 0.0


def test_objects_come_out_in_order_even_when_object2_comes_first(cdm):
    head, first, second = re.split(r"(?=^OBJECT +=)", TEXT, flags=re.MULTILINE)
    swapped = read(head + second + first)
    assert [one.designator for one in swapped.objects] == ["90003", "90417"]


def test_a_message_without_a_covariance_that_is_positive_definite_still_reads():
    text = replaced(r"^CT_R .*", "CT_R = 9e9 [m**2]")
    assert np.linalg.eigvalsh(read(text).objects[0].cov_rtn_m2)[0] < 0


# --- several messages, XML, JSON --------------------------------------------------------


def test_a_file_with_several_messages_is_several_messages(cdm):
    later = TEXT.replace("TEST-2026-071-0004", "TEST-2026-071-0005")
    both = read_cdms((TEXT + later).encode())
    assert both[0] == cdm
    assert [one.message_id for one in both] == ["TEST-2026-071-0004", "TEST-2026-071-0005"]


def test_lines_of_the_second_message_are_lines_of_the_file():
    text = TEXT + replaced(r"^OBS_USED .*", "OBS_USED = NaN")
    (notice,) = notices(read_cdms(text.encode())[1], NoticeCode.NAN_VALUE)
    assert text.splitlines()[notice.line - 1] == "OBS_USED = NaN"


def test_an_ndm_with_several_cdms_is_several_messages(cdm):
    body = write_xml(cdm).partition("\n")[2]
    text = f'<?xml version="1.0"?>\n<ndm>\n<MESSAGE_ID>outer</MESSAGE_ID>\n{body}{body}</ndm>\n'
    assert read_cdms(text.encode()) == (cdm, cdm)


def test_xml_notices_have_the_line_of_the_element(cdm):
    text = write_xml(cdm).replace(">609<", ">NaN<")
    (notice,) = notices(read(text), NoticeCode.NAN_VALUE)
    assert "OBS_USED" in text.splitlines()[notice.line - 1]


def test_xml_with_namespaces_and_leading_blank_lines_reads(cdm):
    text = (
        write_xml(cdm).replace("<cdm ", '<ndm:cdm xmlns:ndm="urn:x" ').replace("</cdm", "</ndm:cdm")
    )
    assert read("\n\n" + text) == cdm


def test_a_user_defined_parameter_is_kept(cdm):
    odd = write_xml(cdm).replace(
        "</odParameters>", '<USER_DEFINED parameter="MOOD">calm</USER_DEFINED></odParameters>', 1
    )
    assert read(odd).objects[0].get("USER_DEFINED_MOOD") == "calm"


def test_the_json_view_has_every_value_and_no_nan(cdm):
    text = replaced(r"^OBS_USED .*", "OBS_USED = NaN")
    view = json.loads(json.dumps(to_json_dict(read(text)), allow_nan=False))
    assert view["header"]["MESSAGE_ID"] == cdm.message_id
    assert view["objects"][0]["odParameters"]["OBS_USED"] is None
    assert view["objects"][1]["covarianceMatrix"]["CT_T"] == 874225.0
    assert view["objects"][0]["metadata"]["COMMENT"] == ["HBR = 11.5 [m]"]
    assert {notice["code"] for notice in view["notices"]} == {"hbr-from-comment", "nan-value"}


def test_a_message_survives_pickling(cdm):
    copy = pickle.loads(pickle.dumps(cdm))
    assert copy == cdm
    np.testing.assert_array_equal(copy.objects[0].cov_rtn_m2, cdm.objects[0].cov_rtn_m2)


def test_a_changed_value_makes_another_message(cdm):
    assert read(replaced(r"^OBS_USED .*", "OBS_USED = 608")) != cdm
    assert read(replaced("Made for tests", "Made for fun")) != cdm
    assert cdm != "a cdm"


def test_a_path_names_its_file(tmp_path):
    path = tmp_path / "one.cdm"
    path.write_text(TEXT, encoding="utf-8")
    assert read_cdms(path)[0].source == "one.cdm"
    assert read_cdms(str(path), name="given")[0].source == "given"


def test_a_text_with_a_line_break_is_not_written(cdm):
    from dataclasses import replace

    broken = replace(cdm, fields={**cdm.fields, "ORIGINATOR": "ONE\nTCA = never"})
    with pytest.raises(MessageError, match="line break"):
        write_kvn(broken)


def test_states_and_covariances_cannot_be_changed(cdm):
    with pytest.raises(ValueError, match="read-only"):
        cdm.objects[0].cov_rtn_m2[0, 0] = 1.0


def test_every_notice_of_the_reader_is_documented():
    page = Path(__file__).parents[2] / "docs" / "messages.md"
    if not page.exists():
        pytest.skip("the documentation is not part of the source distribution")
    reader = Path(read_cdms.__code__.co_filename).parent
    used = {
        code
        for path in reader.glob("*.py")
        for code in re.findall(r"NoticeCode\.([A-Z_]+)", path.read_text(encoding="utf-8"))
    }
    documented = page.read_text(encoding="utf-8")
    assert len(used) > 15
    for code in used:
        assert f"`{NoticeCode[code]}`" in documented

"""Mean elements as KVN, XML, JSON and CSV: what is read, assumed, noticed and refused."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdss.errors import MessageError
from mdss.messages.odm_write import write_odm_kvn, write_odm_xml
from mdss.messages.omm import read_omms
from mdss.messages.tle import read_tles
from mdss.notices import NoticeCode

GOLDEN = Path(__file__).parents[1] / "golden"
KVN = (GOLDEN / "omm_written.kvn").read_text(encoding="utf-8")
CSV = (GOLDEN / "omm_celestrak.csv").read_text(encoding="utf-8")
RECORDS = json.loads((GOLDEN / "omm_celestrak.json").read_text(encoding="utf-8"))


def as_json(**changes):
    return json.dumps([RECORDS[0] | changes])


def refusal(data):
    with pytest.raises(MessageError) as caught:
        read_omms(data.encode() if isinstance(data, str) else data, "bad.omm")
    assert caught.value.file == "bad.omm"
    assert caught.value.remedy
    return caught.value


def codes(omm):
    return [notice.code for notice in omm.notices]


def test_what_celestrak_leaves_out_is_assumed_and_said():
    iss, starlink = read_omms(GOLDEN / "omm_celestrak.csv")
    assert (iss.name, iss.designator, iss.object_id) == ("ISS (ZARYA)", "25544", "1998-067A")
    assert (iss.ref_frame, iss.time_system, iss.center_name) == ("TEME", "UTC", "EARTH")
    assert iss.epoch_utc == datetime(2026, 7, 30, 20, 40, 53, 573_952, tzinfo=UTC)
    assert codes(iss) == codes(starlink) == [NoticeCode.ASSUMED_VALUE]
    assert "EARTH, TEME, UTC, SGP4" in iss.notices[0].message


def test_nine_digits_are_kept_outside_sgp4_which_cannot_hold_them():
    _, starlink = read_omms(GOLDEN / "omm_celestrak.csv")
    assert (starlink.designator, starlink.catalog_number) == ("799501282", 799_501_282)
    error, position_km, _ = starlink.satrec().sgp4(2461254.5, 0.0)
    assert error == 0
    assert 6_500 < sum(x * x for x in position_km) ** 0.5 < 7_000  # a low orbit


def test_space_tracks_record_needs_no_assumption():
    (omm,) = read_omms(GOLDEN / "omm_space_track.json")
    assert omm.notices == ()
    assert omm.user_defined["RCS_SIZE"] == "LARGE"
    assert omm.created_utc == datetime(2026, 7, 20, 11, 7, 9, tzinfo=UTC)
    lines = "\n".join(omm.user_defined[f"TLE_LINE{n}"] for n in (0, 1, 2))
    (tle,) = read_tles(lines.encode())
    # its epoch has eight decimals of a day, its eccentricity seven, its drag term five digits
    assert abs((tle.epoch_utc - omm.epoch_utc).total_seconds()) < 0.5 * 864e-6
    assert tle.elements.eccentricity == pytest.approx(omm.elements.eccentricity, abs=0.51e-7)
    assert tle.elements.bstar == pytest.approx(omm.elements.bstar, rel=1e-5)
    assert tle.elements.mean_anomaly_deg == omm.elements.mean_anomaly_deg


def test_numbers_may_be_texts_and_nulls_are_absent():
    texts = {key: str(value) for key, value in RECORDS[0].items()}
    (from_texts,) = read_omms(json.dumps([texts | {"RCS_SIZE": None, "DECAY_DATE": ""}]).encode())
    (from_numbers,) = read_omms(as_json().encode())
    assert from_texts == from_numbers


def test_one_record_a_list_and_a_wrapped_list_are_read_alike():
    plain = json.dumps(RECORDS[0])
    for text in (plain, f"[{plain}]", f'{{"data": [{plain}], "total": 1}}'):
        assert [one.designator for one in read_omms(text.encode())] == ["25544"]


def test_repeated_header_lines_and_empty_lines_of_a_csv_are_passed_over():
    header, first, second = CSV.splitlines()
    text = "\r\n".join([header, first, "", header, second, ",,,", ""])
    assert [one.designator for one in read_omms(text.encode())] == ["25544", "799501282"]


def test_quoted_cells_keep_their_commas():
    text = CSV.replace("ISS (ZARYA)", '"ISS, ZARYA"')
    assert read_omms(text.encode())[0].name == "ISS, ZARYA"


@pytest.mark.parametrize("write", [write_odm_kvn, write_odm_xml])
def test_a_catalogue_comes_back_from_what_was_written(write):
    sets = read_omms(GOLDEN / "omm_celestrak.csv")
    assert read_omms(write(*sets).encode()) == sets


def test_xml_as_catalogues_serve_it_with_empty_elements():
    (omm,) = read_omms(GOLDEN / "omm_written.xml")
    xml = (GOLDEN / "omm_written.xml").read_text(encoding="utf-8")
    xml = re.sub(r"<(CREATION_DATE|ORIGINATOR)>.*</\1>", r"<\1/>", xml)
    (again,) = read_omms(f"<ndm>{xml.partition('?>')[2]}</ndm>".encode())
    assert again.elements == omm.elements
    assert codes(again) == [NoticeCode.MISSING_KEYWORD] * 2


def test_the_theory_of_the_standards_example_is_taken_as_sgp4():
    (omm,) = read_omms(re.sub("= SGP4", "= SGP/SGP4", KVN).encode())
    assert codes(omm) == [NoticeCode.UNEXPECTED_VALUE]


def test_without_a_catalogue_number_the_object_goes_by_its_designator():
    (omm,) = read_omms(re.sub("NORAD_CAT_ID.*\n", "", KVN).encode())
    assert (omm.designator, omm.catalog_number) == ("2019-074B", None)
    assert codes(omm) == [NoticeCode.MISSING_KEYWORD]
    assert omm.satrec().satnum == 0


REFUSED_KVN = {
    "SGP4-XP": ("MEAN_ELEMENT_THEORY", "SGP4-XP", "must be SGP4"),
    "SGP": ("MEAN_ELEMENT_THEORY", "SGP", "must be SGP4"),
    "DSST": ("MEAN_ELEMENT_THEORY", "DSST", "must be SGP4"),
    "elements of type 4": ("EPHEMERIS_TYPE", "4", "SGP4-XP"),
    "another frame": ("REF_FRAME", "EME2000", "must be TEME"),
    "another clock": ("TIME_SYSTEM", "GPS", "must be UTC"),
    "another body": ("CENTER_NAME", "MARS", "must be EARTH"),
    "eccentricity of 1": ("ECCENTRICITY", "1.0", "below 1"),
    "inclination of 181": ("INCLINATION", "181", "180 degrees"),
    "no motion": ("MEAN_MOTION", "0.0", "0.001"),
    "motion in degrees": ("MEAN_MOTION", "15.5 [deg/day]", "needs [rev/day]"),
    "drag term of NaN": ("BSTAR", "NaN", "finite"),
    "ten digits": ("NORAD_CAT_ID", "1234567890", "nine digits"),
    "number of words": ("NORAD_CAT_ID", "ISS", "nine digits"),
    "30 February": ("EPOCH", "2026-02-30T00:00:00", "possible UTC date"),
}


@pytest.mark.parametrize("name", REFUSED_KVN)
def test_what_sgp4_must_not_propagate_is_refused(name):
    keyword, value, problem = REFUSED_KVN[name]
    text, count = re.subn(rf"^{keyword} +=.*", f"{keyword} = {value}", KVN, flags=re.MULTILINE)
    assert count == 1
    error = refusal(text)
    assert error.field == keyword
    assert error.line == 1 + KVN[: KVN.index(f"\n{keyword} ") + 1].count("\n")
    assert problem in str(error)


@pytest.mark.parametrize("keyword", ["BSTAR", "EPOCH", "MEAN_ANOMALY", "REF_FRAME"])
def test_what_is_needed_and_missing_is_refused(keyword):
    error = refusal(re.sub(rf"{keyword} +=.*\n", "", KVN, count=1))
    assert (error.field, "missing" in error.problem) == (keyword, True)


def test_nobody_can_tell_whose_elements_these_are():
    error = refusal(re.sub(r"(NORAD_CAT_ID|OBJECT_ID) +=.*\n", "", KVN))
    assert error.field == "NORAD_CAT_ID"


TWO_EPOCHS = as_json().replace('"EPOCH"', '"EPOCH": "2020-01-01T00:00:00", "EPOCH"')
REFUSED_TABLES = {
    "no record": ("[]", "no record"),
    "numbers in a list": ("[1, 2]", "record 1 is no object"),
    "a list in a record": (as_json(BSTAR=[1]), "list or object"),
    "cut JSON": (as_json()[:-30], "damaged"),
    "two documents": (as_json() + as_json(), "follows the end"),
    "deep JSON": ("[" * 200_000, "too deeply"),
    "deep record": ('[{"A":' + "[" * 200_000, "too deeply"),
    "literal NaN": (as_json(MEAN_MOTION=float("nan")), "finite"),
    "literal infinity": (as_json(MEAN_MOTION=float("inf")), "finite"),
    "a million digits": (as_json().replace("15.49272805", "1" * 1_000_000), "finite"),
    "two epochs": (TWO_EPOCHS, "contradicts"),
    "true as a number": (as_json(ECCENTRICITY=True), "not a number"),
    "control characters": (as_json(OBJECT_NAME="A\x00"), "control characters"),
    "half a surrogate": (as_json().replace("ISS", "\\ud800"), "control characters"),
    "CSV without records": (CSV.splitlines()[0] + "\n", "no record"),
    "CSV row cut short": (CSV.rstrip()[:-20], "of 17 columns"),
    "CSV row with more": (CSV.rstrip() + ",1", "has 18 of 17 columns"),
    "CSV with two epochs": (CSV.replace("OBJECT_ID", "EPOCH", 1), "there twice"),
    "CSV with an open quote": (CSV.replace("ISS", '"ISS'), "damaged"),
    "CSV with an enormous cell": (CSV.replace("ISS", '"' + "I" * 200_000 + '"'), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_TABLES)
def test_damaged_tables_are_refused(name):
    text, problem = REFUSED_TABLES[name]
    error = refusal(text)
    assert problem in str(error)
    assert error.line


def test_a_refusal_names_record_line_and_key():
    damaged = json.dumps([RECORDS[0], RECORDS[1] | {"INCLINATION": "steep"}], indent=1)
    error = refusal(damaged)
    assert error.problem.startswith("record 2: ")
    assert (error.line, error.field, error.value) == (21, "INCLINATION", "steep")


def test_a_key_that_can_be_no_keyword_is_left_out_with_a_notice():
    (omm,) = read_omms(as_json(Größe="1").encode())
    assert codes(omm) == [NoticeCode.ASSUMED_VALUE, NoticeCode.UNKNOWN_KEYWORD]

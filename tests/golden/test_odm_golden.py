"""Whole OPM, OMM, TLE and public records: a change of what we write shows in a diff."""

import json
from pathlib import Path

import pytest

from mdss.messages.cdm_public import read_cdm_public
from mdss.messages.odm import Part
from mdss.messages.odm_write import write_odm_kvn, write_odm_xml
from mdss.messages.omm import read_omms
from mdss.messages.opm import read_opm
from mdss.messages.tle import read_tles
from mdss.messages.tle_to_omm import omm_from_tle

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("write", "form"), [(write_odm_kvn, "kvn"), (write_odm_xml, "xml")], ids=["kvn", "xml"]
)
@pytest.mark.parametrize(
    ("read", "source", "written"),
    [
        (read_opm, "opm_two_burns.opm", "opm_written"),
        (read_omms, "omm_space_track.json", "omm_written"),
    ],
    ids=["opm", "omm"],
)
def test_the_written_message_is_the_golden_file_and_says_the_same(
    read, source, written, write, form
):
    messages = read(HERE / source)
    golden = HERE / f"{written}.{form}"
    assert write(*messages) == golden.read_text(encoding="utf-8")
    assert read(golden) == messages


@pytest.mark.parametrize(
    ("one", "other"),
    [("omm_celestrak.csv", "omm_celestrak.json"), ("omm_space_track.csv", "omm_space_track.json")],
)
def test_a_catalogue_says_the_same_as_csv_and_as_json(one, other):
    assert read_omms(HERE / one) == read_omms(HERE / other)


def test_a_tle_and_the_omm_of_the_same_set_have_the_same_elements():
    iss_tle, _ = read_tles(HERE / "tle_iss_and_starlink.tle")
    iss_omm, _ = read_omms(HERE / "omm_celestrak.csv")
    assert iss_tle.elements == iss_omm.elements
    as_omm = omm_from_tle(iss_tle)
    for part in (Part.METADATA, Part.MEAN, Part.TLE):
        assert as_omm.part(part) == iss_omm.part(part)


def test_a_tle_is_written_as_it_was_read():
    path = HERE / "tle_iss_and_starlink.tle"
    text = path.read_text(encoding="utf-8").replace("0 STARLINK", "STARLINK")
    assert "".join(one.text for one in read_tles(path)) == text


def test_public_records_are_written_as_they_were_read():
    path = HERE / "cdm_public_two.json"
    records = json.loads(path.read_text(encoding="utf-8"))
    written = [one.as_record() for one in read_cdm_public(path)]
    numbers = {"MIN_RNG", "PC", "SAT_1_EXCL_VOL", "SAT_2_EXCL_VOL"}
    for record, again in zip(records, written, strict=True):
        assert list(again) == list(record)
        assert {k: v for k, v in again.items() if k not in numbers} == {
            k: v for k, v in record.items() if k not in numbers
        }
        assert all(float(again[key]) == float(record[key]) for key in numbers)

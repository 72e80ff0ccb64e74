"""Public conjunction records: what they say, in which unit, and what cannot be had from them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.probability import pc_2d
from mdss.errors import MessageError
from mdss.messages.cdm_public import largest_pc, read_cdm_public
from mdss.notices import NoticeCode

GOLDEN = Path(__file__).parents[1] / "golden" / "cdm_public_two.json"
RECORDS = json.loads(GOLDEN.read_text(encoding="utf-8"))


def read(record=RECORDS[0], **changes):
    (one,) = read_cdm_public(json.dumps([record | changes]).encode())
    return one


def codes(one):
    return [notice.code for notice in one.notices]


def test_every_key_has_its_place():
    first, second = read_cdm_public(GOLDEN)
    assert (first.cdm_id, first.message_id) == ("280352437", "280352437")
    assert first.tca_utc == datetime(2022, 4, 29, 22, 3, 26, 595_000, tzinfo=UTC)
    assert first.created_utc == datetime(2022, 4, 29, 0, 45, 12, tzinfo=UTC)
    assert (first.miss_distance_m, first.pc) == (4.0, 0.1663616)
    assert first.designators == ("22487", "5758")
    assert first.names == ("COSMOS 2233", "THORAD AGENA D DEB")
    assert first.object_types == ("PAYLOAD", "DEBRIS")
    assert first.radar_sizes == ("LARGE", "SMALL")
    assert first.exclusion_volumes_km == (5.0, 5.0)
    assert first.emergency_reportable is True
    assert second.miss_distance_m == 886.0


def test_it_says_that_nothing_can_be_computed_from_it():
    for one in read_cdm_public(GOLDEN):
        assert codes(one) == [NoticeCode.SUMMARY_ONLY, NoticeCode.MISSING_UNIT]
        assert "cannot be recomputed" in one.notices[0].message
        assert "no burn can be planned" in one.notices[0].message


def test_both_spellings_of_the_keys_are_read():
    other = {key.replace("SAT_", "SAT").lower(): text for key, text in RECORDS[0].items()}
    assert read(other) == read()


def test_numbers_and_texts_are_read_alike():
    assert read(MIN_RNG=4, PC=0.1663616, SAT_1_ID=22487) == read()
    assert read(SAT_1_ID="022487", SAT_2_ID="A0001").designators == ("22487", "100001")


def test_what_is_null_is_not_known():
    one = read(PC=None, MIN_RNG=None, SAT1_RCS=None, CREATED=None, EMERGENCY_REPORTABLE=None)
    assert (one.pc, one.miss_distance_m, one.created_utc) == (None, None, None)
    assert (one.emergency_reportable, one.radar_sizes) == (None, ("", "SMALL"))
    assert codes(one) == [NoticeCode.SUMMARY_ONLY, *[NoticeCode.MISSING_KEYWORD] * 2]
    without = {key: text for key, text in RECORDS[0].items() if key != "PC"}
    assert read(without).pc is None


def test_other_keys_are_kept():
    assert read(GROUP="7").extras == {"GROUP": "7"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"MIN_RNG": "0.886"}, "whole metres"),
        ({"MIN_RNG": "2.5"}, "whole metres"),
        ({"MIN_RNG": "6000"}, "screening volume"),
        ({"MIN_RNG": "4000"}, "no pair of objects that far apart"),
    ],
)
def test_a_miss_that_makes_no_sense_in_metres_is_doubted(changes, reason):
    one = read(**changes)
    assert one.miss_distance_m == float(changes["MIN_RNG"])
    assert codes(one)[1:] == [NoticeCode.WRONG_UNIT_LABEL]
    assert reason in one.notices[1].message


@pytest.mark.parametrize("miss_m", [150.0, 4000.0])
def test_no_covariance_gives_more_than_the_largest_pc(miss_m):
    """Sizes, shapes and turns of the covariance searched, in the encounter plane."""
    sizes_m = [1.0, 100.0, 0.5 * miss_m, miss_m, 2 * miss_m]
    turns = [0.0, 0.3, 1.2]
    best = 0.0
    for turn in turns:
        axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        for along in sizes_m:
            for across in sizes_m:
                cov = axes @ np.diag([along**2, across**2]) @ axes.T
                best = max(best, float(pc_2d([miss_m, 0.0], cov, 100.0)))
    bound = largest_pc(miss_m)
    assert best <= bound
    if miss_m > 1000:  # and it is no idle bound: far away it is nearly reached
        assert best > 0.9 * bound


REFUSED = {
    "no TCA": ({"TCA": None}, "TCA", "missing"),
    "no second object": ({"SAT_2_ID": ""}, "SAT_2_ID", "missing"),
    "one object twice": ({"SAT_2_ID": "022487"}, "SAT_2_ID", "same number"),
    "object of words": ({"SAT_1_ID": "ISS"}, "SAT_1_ID", "catalogue number"),
    "Pc of 2": ({"PC": 2}, "PC", "between 0 and 1"),
    "negative Pc": ({"PC": "-1e-4"}, "PC", "between 0 and 1"),
    "negative miss": ({"MIN_RNG": -4}, "MIN_RNG", "0 or more"),
    "infinite miss": ({"MIN_RNG": float("inf")}, "MIN_RNG", "0 or more"),
    "miss with a unit": ({"MIN_RNG": "4 km"}, "MIN_RNG", "0 or more"),
    "truth as miss": ({"MIN_RNG": True}, "MIN_RNG", "0 or more"),
    "month 13": ({"TCA": "2022-13-29T22:03:26"}, "TCA", "possible UTC date"),
    "two spellings that differ": ({"SAT1_ID": "7"}, "SAT_1_ID", "there twice"),
    "a list": ({"PC": [0.1]}, "PC", "list or object"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_impossible_records_are_refused_with_record_and_key(name):
    changes, key, problem = REFUSED[name]
    text = json.dumps([RECORDS[1], RECORDS[0] | changes], indent=1)
    with pytest.raises(MessageError) as caught:
        read_cdm_public(text.encode(), "bad.json")
    error = caught.value
    assert (error.file, error.line) == ("bad.json", 20)
    assert error.field in (key, key.replace("SAT_1", "SAT1"))
    assert error.problem.startswith("record 2: ")
    assert problem in error.problem
    assert error.remedy


def test_a_record_made_after_tca_is_noticed():
    assert NoticeCode.UNEXPECTED_VALUE in codes(read(CREATED="2022-04-30 00:00:00.000000"))

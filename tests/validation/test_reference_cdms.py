"""Every published CDM of the reference data reads, and survives both formats."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn
from mdss.messages import read_cdms, write_kvn, write_xml
from mdss.notices import NoticeCode

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference"
FILES = sorted((SHARED / "cdm").glob("*/*.cdm"))
REAL = [path for path in FILES if path.parent.name == "cara_real"]

pytestmark = pytest.mark.skipif(
    not FILES, reason="the reference CDMs (shared/reference/cdm) are not part of a clone"
)


def name(path):
    return path.stem


def test_all_published_messages_are_there():
    assert len(FILES) == 64


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_published_message_reads_and_survives_both_formats(path):
    (cdm,) = read_cdms(path)
    assert read_cdms(write_kvn(cdm).encode()) == (cdm,)
    assert read_cdms(write_xml(cdm).encode()) == (cdm,)
    for notice in cdm.notices:
        assert notice.file == path.name
        assert notice.line is not None


@pytest.mark.parametrize("path", REAL, ids=name)
def test_the_states_reproduce_the_reported_relative_state(path):
    (cdm,) = read_cdms(path)
    first, second = cdm.objects
    rtn_from_eci = eci_from_rtn(first.position_gcrf_m, first.velocity_gcrf_m_s).T
    miss_m = rtn_from_eci @ (second.position_gcrf_m - first.position_gcrf_m)
    reported_m = [cdm.get(f"RELATIVE_POSITION_{axis}") for axis in "RTN"]
    # printed to 0.1 m; a CDM of CARA is at most 0.1 m worse through its millisecond TCA
    np.testing.assert_allclose(miss_m, reported_m, atol=0.2)


@pytest.mark.parametrize("path", REAL, ids=name)
def test_a_real_message_gives_no_other_notice_than_its_radius_and_drag(path):
    (cdm,) = read_cdms(path)
    others = [n for n in cdm.notices if n.code is not NoticeCode.HBR_FROM_COMMENT]
    assert [(n.code, n.field) for n in others] in (
        [],
        # one debris object has a fitted drag below zero
        [(NoticeCode.UNEXPECTED_VALUE, "CD_AREA_OVER_MASS")],
    )


def test_the_radius_in_the_comment_is_the_published_one():
    with (SHARED / "cara_pc_cases.csv").open(encoding="utf-8", newline="") as table:
        published = {row["cdm_file"]: float(row["HBR_m"]) for row in csv.DictReader(table)}
    for path in REAL:
        assert read_cdms(path)[0].hard_body_radius_m == published[path.name]


def test_the_oddities_of_the_samples_are_noticed():
    codes = {n.code for path in FILES for n in read_cdms(path)[0].notices}
    assert codes >= {
        NoticeCode.NAN_VALUE,
        NoticeCode.WRONG_UNIT_LABEL,
        NoticeCode.DAY_OF_YEAR_DATE,
        NoticeCode.TRUNCATED_UNIT,
        NoticeCode.MALFORMED_LINE,
        NoticeCode.HBR_FROM_COMMENT,
        NoticeCode.INCONSISTENT_RELATIVE_STATE,
    }


def test_a_message_reads_in_milliseconds():
    contents = [path.read_bytes() for path in FILES]
    best = min(timed(contents) for _ in range(3))
    # the aim is 5 ms on an idle core; three times that on a busy one
    assert best / len(contents) < 15e-3


def timed(contents):
    start = time.perf_counter()
    for content in contents:
        read_cdms(content)
    return time.perf_counter() - start

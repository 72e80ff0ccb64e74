"""One detector: every kind is told by its content, and what is nearly right is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdss.errors import MessageError
from mdss.messages.detect import Kind, detect, read_messages

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
GOLDEN = ROOT / "tests" / "golden"
CDM = (GOLDEN / "crossing.cdm").read_bytes()
CDM_XML = (GOLDEN / "crossing_written.xml").read_bytes()

TLE_1 = b"1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927"
TLE_2 = b"2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537"
OMM_ROWS = b'[{"OBJECT_NAME": "ISS", "MEAN_MOTION": "15.5", "ECCENTRICITY": "0.001"}]'
PUBLIC = b'[{"CDM_ID": "1", "TCA": "2026-03-01T12:00:00", "MIN_RNG": "61", "SAT_1_ID": "5"}]'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CDM, Kind.CDM_KVN),
        (b"\xef\xbb\xbf" + CDM, Kind.CDM_KVN),
        (b"\xef\xbb\xbf\r\n" + CDM.replace(b"\n", b"\r\n"), Kind.CDM_KVN),
        (b"COMMENT from the archive\nccsds_cdm_vers=1.0\n", Kind.CDM_KVN),
        (CDM_XML, Kind.CDM_XML),
        (b"\n\n" + CDM_XML, Kind.CDM_XML),
        (b"<!-- archive --><ndm:cdm version='1.0'></ndm:cdm>", Kind.CDM_XML),
        (b"<ndm><cdm version='1.0'/><cdm version='1.0'/></ndm>", Kind.CDM_XML),
        (b"<ndm><omm version='2.0'/></ndm>", Kind.OMM_XML),
        (b"<ndm><oem version='2.0'/><cdm version='1.0'/></ndm>", Kind.MIXED_XML),
        (b"CCSDS_OEM_VERS = 2.0\n", Kind.OEM_KVN),
        (b"<oem id='CCSDS_OEM_VERS' version='2.0'>", Kind.OEM_XML),
        (b"CCSDS_OPM_VERS = 2.0\n", Kind.OPM_KVN),
        (b"<opm version='2.0'>", Kind.OPM_XML),
        (b"CCSDS_OMM_VERS = 2.0\n", Kind.OMM_KVN),
        (b"CCSDS_OMM_VERS = 2.0\n\nCCSDS_OPM_VERS = 2.0\n", Kind.MIXED_KVN),
        (b"\xef\xbb\xbfCCSDS_OMM_VERS = 2.0\nCCSDS_OPM_VERS = 2.0\n", Kind.MIXED_KVN),
        (OMM_ROWS, Kind.OMM_JSON),
        (OMM_ROWS[1:-1], Kind.OMM_JSON),
        (b"OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION\n", Kind.OMM_CSV),
        (TLE_1 + b"\n" + TLE_2, Kind.TLE),
        (b"ISS (ZARYA)\r\n" + TLE_1 + b"\r\n" + TLE_2 + b"\r\n", Kind.TLE),
        (b"# two sets\n0 ISS\n" + TLE_1 + b"\n" + TLE_2, Kind.TLE),
        (TLE_1.replace(b"25544", b"A0001") + b"\n" + TLE_2.replace(b"25544", b"A0001"), Kind.TLE),
        (PUBLIC, Kind.CDM_PUBLIC_JSON),
        (PUBLIC.replace(b"SAT_1_ID", b"SAT1_ID"), Kind.CDM_PUBLIC_JSON),
    ],
)
def test_a_message_is_told_by_its_content(data, kind):
    assert detect(data).kind is kind


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"  \r\n\xef\xbb\xbf", "none of the messages"),
        (b"PK\x03\x04\x14\x00cdm", "ZIP"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (CDM.decode().encode("utf-16"), "UTF-16"),
        (b"<!DOCTYPE html><html><body>503</body></html>", "web page"),
        (b"<html><body>Log in</body></html>", "web page"),
        (b"<?xml version='1.0'?><rss></rss>", "root element 'rss'"),
        (b"<aem version='1.0'>", "attitude ephemeris message"),
        (b"<ndm></ndm>", "without a message"),
        (b"<ndm><tdm/></ndm>", "tracking data message"),
        (b"<", "XML without an element"),
        (b"CCSDS_TDM_VERS = 1.0\n", "tracking data message"),
        (b"CCSDS_RDM_VERS = 1.0\n", "re-entry data message"),
        (b"CCSDS_OCM_VERS = 3.0\n", "orbit comprehensive message"),
        (b"CCSDS_XYZ_VERS = 1.0\n", "CCSDS XYZ"),
        (CDM[CDM.index(b"\n") + 1 :], r"\(CDM\) without its version line"),
        (b"OBJECT_NAME = A\nSTART_TIME = 2026-03-01T00:00:00\n", r"\(OEM\) without"),
        (b"EPOCH = 2026-03-01T00:00:00\nX = 7000\nY = 0\n", r"\(OPM\) without"),
        (b"MEAN_MOTION = 15.5\nMEAN_ANOMALY = 3\n", r"\(OMM\) without"),
        (b"ISS\n" + TLE_1, "without its line 2"),
        (TLE_2, "without its line 1"),
        (b"[]", "JSON without a record"),
        (b'{"error": "You must be logged in"}', "server's error"),
        (b'{"type": "FeatureCollection", "a": 1, "b": 2, "c": 3, "d": 4}', "something else"),
        (b"CDM_ID,CREATED,TCA,MIN_RNG,PC\n", "public conjunction records as CSV"),
        (b"Dear colleague,\nplease find attached\n", "none of the messages"),
    ],
)
def test_what_is_not_read_is_named_and_refused(data, what):
    assert detect(data).kind is Kind.UNKNOWN
    with pytest.raises(MessageError, match=what if data else "the file is empty"):
        read_messages(data)


def test_a_refusal_lists_what_is_read_and_shows_how_the_file_begins():
    with pytest.raises(MessageError) as refused:
        read_messages(b"Dear colleague,\n", name="mail.txt")
    for part in ("mail.txt", "CDM, OEM, OPM and OMM", "TLE", "cdm_public", "Dear colleague"):
        assert part in str(refused.value)


def test_mdss_json_is_told_from_the_records_of_others():
    from mdss.messages.collection import Form, write_messages

    written = write_messages(read_messages(CDM), Form.JSON)
    assert "which it does not read back" in detect(written.encode()).what


def test_line_numbers_count_from_the_start_of_a_file_of_several_kinds():
    opm = b"CCSDS_OPM_VERS = 2.0\nnot a line\n"
    with pytest.raises(MessageError) as refused:
        read_messages(CDM + opm)
    assert refused.value.line == CDM.count(b"\n") + 2


@pytest.mark.parametrize("folder", ["cdm/cara_real", "cdm/cara_samples"])
def test_every_reference_cdm_is_told_as_one(folder):
    if not SHARED.is_dir():
        pytest.skip("the reference data are not beside the repository")
    files = list((SHARED / "reference" / folder).glob("*.cdm"))
    assert files
    assert {detect(file.read_bytes()).kind for file in files} == {Kind.CDM_KVN}

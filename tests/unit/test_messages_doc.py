"""docs/messages.md: every notice is in it, and what it says of refusals is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mdss.errors import MdssError, MessageError
from mdss.messages import detect
from mdss.messages.collection import Form, write_messages
from mdss.notices import NoticeCode

ROOT = Path(__file__).resolve().parents[2]
DOC = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
GOLDEN = ROOT / "tests" / "golden"
CDM = (GOLDEN / "crossing.cdm").read_text(encoding="utf-8")
OEM = (GOLDEN / "oem_written.kvn").read_text(encoding="utf-8")
OPM = (GOLDEN / "opm_written.kvn").read_text(encoding="utf-8")
OMM = (GOLDEN / "omm_written.kvn").read_text(encoding="utf-8")
PUBLIC = (GOLDEN / "cdm_public_two.json").read_text(encoding="utf-8")
TLE = """ISS (ZARYA)
1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927
2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537
"""


def put(text: str, keyword: str, value: str) -> str:
    """The text with another value of a keyword, where it stands first."""
    changed = re.sub(rf"(?m)^({keyword}\s*=).*$", lambda m: f"{m[1]} {value}", text, count=1)
    assert changed != text
    return changed


def without(text: str, keyword: str) -> str:
    changed = re.sub(rf"(?m)^{keyword}\b.*\n", "", text, count=1)
    assert changed != text
    return changed


REFUSED = {
    # what is no message
    "the file is empty": "",
    "is not text": "CCSDS_CDM_VERS = 1.0\n\x00",
    "is a ZIP archive": "PK\x03\x04",
    "is a web page (HTML)": "<html>503</html>",
    "is a tracking data message (TDM)": "CCSDS_TDM_VERS = 2.0\n",
    "a conjunction data message (CDM) without its version line": without(CDM, "CCSDS_CDM_VERS"),
    "is neither KEYWORD = value nor a COMMENT": CDM + "and so on\n",
    "the XML is not well-formed": "<cdm version='1.0'><header>",
    "the XML declares a DTD or entities": "<!DOCTYPE cdm [<!ENTITY a 'b'>]><cdm>&a;</cdm>",
    "the JSON is damaged": PUBLIC[: len(PUBLIC) // 2],
    # cut short
    "OBJECT2 is missing": CDM[: re.search(r"(?m)^OBJECT .*OBJECT2", CDM).start()],
    "the file ends in the middle of this line": CDM.rstrip("\n ]")[:-9],
    "is cut short: it has": TLE.replace("563537", ""),
    "of an element set without its line": TLE[: TLE.index("\n2 ") + 1] + TLE,
    # numbers and units
    "is not a number": put(CDM, "X", "six [km]"),
    "has unit '[m]', needs [km]": put(CDM, "X", "7000000 [m]"),
    "is not a finite number": put(CDM, "CR_R", "NaN [m**2]"),
    "would be 7 km from the centre": put(put(put(CDM, "X", "7 [km]"), "Y", "0"), "Z", "0"),
    "it is a variance": put(CDM, "CR_R", "-1.0 [m**2]"),
    "must be between 0 and 1": put(CDM, "COLLISION_PROBABILITY", "7"),
    "the checksum of line 1 is": TLE.replace("2927", "2926"),
    "must be a number, 0 or more": PUBLIC.replace('"MIN_RNG": "', '"MIN_RNG": "-', 1),
    # dates, time systems, frames, bodies
    "is not a possible UTC date": put(CDM, "TCA", "2026-13-01T00:00:00"),
    "is not one of UTC, TAI, TT, GPS, TDB, UT1": put(OEM, "TIME_SYSTEM", "MET"),
    "Epochs of a segment must increase": re.sub(r"(?m)^(\d.*\n)(\d.*\n)", r"\2\1", OEM, count=1),
    "frame TOD_MARS is not supported": put(CDM, "REF_FRAME", "TOD_MARS"),
    "central body VENUS is not supported": put(CDM, "ORBIT_CENTER", "VENUS"),
    # who is who, and what contradicts itself
    "TCA of the message is missing": without(CDM, "TCA"),
    "contradicts line": CDM.replace("TCA  ", "TCA = 2026-01-01T00:00:00\nTCA  ", 1),
    "line 1 of the set is of object 25544": TLE.replace("2 25544", "2 25545").replace(
        "563537", "563538"
    ),
    "both objects have the same number": re.sub(
        r'("SAT_?2_ID": ")\d+',
        lambda m: m[1] + re.search(r'"SAT_?1_ID": "(\d+)', PUBLIC)[1],
        PUBLIC,
    ),
    "must be SGP4": put(OMM, "MEAN_ELEMENT_THEORY", "DSST"),
    "the elements are of type 4": put(OMM, "EPHEMERIS_TYPE", "4"),
    "belongs to a maneuver, but no MAN_EPOCH_IGNITION stands before it": re.sub(
        r"(?m)^MAN_EPOCH_IGNITION.*\n", "", OPM
    ),
}


def refusals_table() -> list[str]:
    part = DOC.split("## What is refused", 1)[1].split("\n## ", 1)[0]
    return [line for line in part.splitlines() if line.startswith("|")][2:]


@pytest.mark.parametrize("words", REFUSED)
def test_a_refusal_of_the_document_is_what_happens(words: str) -> None:
    assert f"`{words}`" in DOC
    with pytest.raises(MessageError) as refused:
        detect.read_messages(REFUSED[words].encode(), name="example")
    assert words in str(refused.value)


def test_every_refusal_of_the_document_has_an_example() -> None:
    rows = refusals_table()
    assert len(rows) > 8
    said = [re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1]) for row in rows]
    assert all(said)
    assert {words for row in said for words in row} == set(REFUSED)


def test_a_public_record_is_refused_where_it_would_lose_what_it_says() -> None:
    with pytest.raises(MdssError, match="cannot be written as XML") as refused:
        write_messages(detect.read_messages(PUBLIC.encode()), Form.XML)
    assert "`cannot be written as XML`" in DOC
    assert "Write it as JSON" in str(refused.value)


def test_every_notice_has_its_meaning_and_effect() -> None:
    rows = re.findall(r"(?m)^\| `([a-z0-9-]+)` \| (.+?) \| (.+?) \|$", DOC)
    assert {code for code, _, _ in rows} == {str(code) for code in NoticeCode}


def test_the_document_lists_every_kind_that_the_detector_knows() -> None:
    known = {kind for kind in detect.Kind if kind.is_message}
    assert {f"`{kind}`" for kind in known} <= set(re.findall(r"`[^`]+`", DOC))


def test_the_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"(?s)```python\n(.*?)```", DOC)
    exec(example, {})

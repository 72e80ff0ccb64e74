"""What would change the physics is refused, with line, field, value and remedy."""

import re
from pathlib import Path

import pytest

from mdss.errors import MessageError
from mdss.messages import read_cdms, write_xml

GOLDEN = Path(__file__).parents[1] / "golden" / "crossing.cdm"
TEXT = GOLDEN.read_text(encoding="utf-8")


def replaced(pattern, replacement, count=1, text=TEXT):
    changed, n = re.subn(pattern, replacement, text, count=count, flags=re.MULTILINE)
    assert n > 0, pattern
    return changed


def refusal(data, name="bad.cdm"):
    with pytest.raises(MessageError) as caught:
        read_cdms(data if isinstance(data, bytes) else data.encode(), name)
    error = caught.value
    assert error.file == name
    assert error.remedy
    return error


def line(keyword, value):
    """Replace the first line with that keyword."""
    return (rf"^{keyword} +=.*", f"{keyword} = {value}")


# name: (pattern, replacement, keyword of the error, part of its text)
CHANGED = {
    "position in metres": (*line("X", "2976689.7553 [m]"), "X", "needs [km]"),
    "position in metres without a label": (
        *line("X", "2976689.7553"),
        "X",
        "from the centre of the Earth",
    ),
    "position labelled metres only": (r"^(Z +=.*)\[km\]", r"\1[m]", "Z", "needs [km]"),
    "unit without brackets": (*line("X", "2976.6897553 km"), "X", "needs [km]"),
    "unit cut short": (r"^(X +=.*)\[km\]", r"\1[k", "X", "needs [km]"),
    "velocity in metres": (r"^(X_DOT +=.*)\[km/s\]", r"\1[m/s]", "X_DOT", "needs [km/s]"),
    "velocity in metres without a label": (*line("Y_DOT", "4826.7433623"), "Y_DOT", "km/s"),
    "covariance in square kilometres": (
        r"^(CR_R +=.*)\[m\*\*2\]",
        r"\1[km**2]",
        "CR_R",
        "needs [m**2]",
    ),
    "velocity covariance in another unit": (
        r"^(CTDOT_TDOT +=.*)\[.*",
        r"\1[km**2/s**2]",
        "CTDOT_TDOT",
        "needs",
    ),
    "miss distance in kilometres": (
        *line("MISS_DISTANCE", "0.2719 [km]"),
        "MISS_DISTANCE",
        "needs [m]",
    ),
    "relative position in kilometres": (
        *line("RELATIVE_POSITION_R", "0.05 [km]"),
        "RELATIVE_POSITION_R",
        "needs [m]",
    ),
    "relative speed in kilometres": (
        *line("RELATIVE_SPEED", "14.4 [km/s]"),
        "RELATIVE_SPEED",
        "needs [m/s]",
    ),
    "drag in another unit": (
        *line("CD_AREA_OVER_MASS", "180 [cm**2/kg]"),
        "CD_AREA_OVER_MASS",
        "needs",
    ),
    "month 13": (*line("TCA", "2026-13-14T21:47:09"), "TCA", "month"),
    "day 32": (*line("TCA", "2026-03-32T21:47:09"), "TCA", "day"),
    "30 February": (*line("TCA", "2026-02-30T21:47:09"), "TCA", "day"),
    "day of year 367": (*line("TCA", "2026-367T21:47:09"), "TCA", "no day 367"),
    "day of year 366 of a common year": (*line("TCA", "2026-366T21:47:09"), "TCA", "no day 366"),
    "day of year 0": (*line("TCA", "2026-000T21:47:09"), "TCA", "no day 000"),
    "hour 25": (*line("TCA", "2026-03-14T25:47:09"), "TCA", "25:47:09"),
    "hour 24": (*line("TCA", "2026-03-14T24:00:00"), "TCA", "24:00:00"),
    "minute 60": (*line("TCA", "2026-03-14T21:60:09"), "TCA", "21:60:09"),
    "second 61": (*line("TCA", "2026-03-14T23:59:61"), "TCA", "23:59:61"),
    "leap second in March": (*line("TCA", "2026-03-14T23:59:60"), "TCA", "23:59:60"),
    "year 26": (*line("TCA", "0026-03-14T21:47:09"), "TCA", "year 26"),
    "date without time": (*line("TCA", "2026-03-14"), "TCA", "needs date and time"),
    "date with an offset": (
        *line("TCA", "2026-03-14T21:47:09+02:00"),
        "TCA",
        "needs date and time",
    ),
    "date of words": (*line("TCA", "tomorrow"), "TCA", "needs date and time"),
    "impossible creation date": (
        *line("CREATION_DATE", "2026-13-12T06:11:40"),
        "CREATION_DATE",
        "month",
    ),
    "impossible observation date": (
        *line("TIME_LASTOB_END", "2026-02-31T00:00:00"),
        "TIME_LASTOB_END",
        "day",
    ),
    "negative radial variance": (*line("CR_R", "-94.2 [m**2]"), "CR_R", "variance"),
    "negative rate variance": (*line("CNDOT_NDOT", "-1e-9 [m**2/s**2]"), "CNDOT_NDOT", "variance"),
    "NaN position": (*line("Y", "NaN [km]"), "Y", "finite"),
    "infinite position": (*line("Y", "inf [km]"), "Y", "finite"),
    "overflowing position": (*line("Y", "1e999 [km]"), "Y", "finite"),
    "NaN velocity": (*line("Y_DOT", "nan [km/s]"), "Y_DOT", "finite"),
    "NaN covariance": (*line("CN_T", "NaN [m**2]"), "CN_T", "finite"),
    "NaN velocity covariance": (*line("CNDOT_T", "NaN [m**2/s]"), "CNDOT_T", "finite"),
    "position of words": (*line("X", "far [km]"), "X", "not a number"),
    "decimal comma": (*line("X", "2976,6897553 [km]"), "X", "not a number"),
    "cut exponent": (*line("CR_R", "9.42e+ [m**2]"), "CR_R", "not a number"),
    "zero position": (r"^([XYZ]) +=.*", r"\1 = 0.0 [km]", "X", "from the centre of the Earth"),
    "position inside the Earth": (
        r"^([XYZ]) +=.*",
        r"\1 = 1000.0 [km]",
        "X",
        "from the centre of the Earth",
    ),
    "position beyond the Moon": (*line("X", "2e6 [km]"), "X", "from the centre of the Earth"),
    "zero velocity": (r"^([XYZ]_DOT) +=.*", r"\1 = 0.0 [km/s]", "X_DOT", "would move at 0 km/s"),
    "velocity of a pedestrian": (r"^([XYZ]_DOT) +=.*", r"\1 = 0.001 [km/s]", "X_DOT", "would move"),
    "probability 7": (
        *line("COLLISION_PROBABILITY", "7"),
        "COLLISION_PROBABILITY",
        "between 0 and 1",
    ),
    "negative probability": (
        *line("COLLISION_PROBABILITY", "-1e-5"),
        "COLLISION_PROBABILITY",
        "between 0 and 1",
    ),
    "negative miss distance": (*line("MISS_DISTANCE", "-271.9 [m]"), "MISS_DISTANCE", "0 or more"),
    "negative relative speed": (*line("RELATIVE_SPEED", "-1 [m/s]"), "RELATIVE_SPEED", "0 or more"),
    "negative radius": (r"^COMMENT HBR.*", "HBR = -3 [m]", "HBR", "above 0"),
    "states far from the reported miss": (
        *line("X", "3076.6897553 [km]"),
        "MISS_DISTANCE",
        "apart",
    ),
    "unknown frame": (*line("REF_FRAME", "TEME"), "REF_FRAME", "TEME"),
    "frame that begins like a known one": (*line("REF_FRAME", "ITRFOO"), "REF_FRAME", "ITRFOO"),
    "central body Sun": (*line("ORBIT_CENTER", "SUN"), "ORBIT_CENTER", "SUN"),
    "GPS time": (r"^(TCA .*)", r"\1\nTIME_SYSTEM = GPS", "TIME_SYSTEM", "not UTC"),
    "contradicting position": (r"^(X  .*)", r"\1\nX = 2976.0 [km]", "X", "contradicts"),
    "contradicting TCA": (r"^(TCA .*)", r"\1\nTCA = 2026-03-14T21:47:10", "TCA", "contradicts"),
    "third kind of object": (r"= OBJECT2", "= TARGET", "OBJECT", "neither OBJECT1 nor OBJECT2"),
    "OBJECT1 twice": (r"= OBJECT2", "= OBJECT1", "OBJECT", "twice"),
    "same designator twice": (r"= 90417", "= 90003", "OBJECT_DESIGNATOR", "same designator"),
    "same designator with zeros": (
        r"= 90417",
        "= 000090003",
        "OBJECT_DESIGNATOR",
        "same designator",
    ),
    "line without equals sign": (r"^(ORIGINATOR) +=", r"\1  ", "ORIGINATOR", "neither KEYWORD"),
    "object data before an object": (
        r"^OBJECT +=.*OBJECT1\n",
        "",
        "OBJECT_DESIGNATOR",
        "no OBJECT",
    ),
    "keyword before the version": (r"\A", "ORIGINATOR = ME\n", "ORIGINATOR", "not a CDM"),
    "another kind of message": (r"CCSDS_CDM_VERS", "CCSDS_OEM_VERS", "CCSDS_OEM_VERS", "not a CDM"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_changed_line_is_refused_with_its_line_field_and_value(case):
    pattern, replacement, field, part = CHANGED[case]
    # a pattern over X, Y, Z has to change all three of the first object
    text = replaced(pattern, replacement, count=3 if "[XYZ]" in pattern else 1)
    error = refusal(text)
    assert error.field == field
    assert part in str(error)
    seen = text.splitlines()[error.line - 1]
    assert seen.startswith(field)
    assert error.value in seen


NEEDED = [
    "TCA",
    "OBJECT_DESIGNATOR",
    "REF_FRAME",
    "X",
    "Y",
    "Z",
    "X_DOT",
    "Y_DOT",
    "Z_DOT",
    "CR_R",
    "CT_R",
    "CT_T",
    "CN_R",
    "CN_T",
    "CN_N",
    "CRDOT_R",
    "CNDOT_TDOT",
    "CNDOT_NDOT",
]


@pytest.mark.parametrize("keyword", NEEDED)
def test_a_missing_needed_keyword_is_refused_by_name(keyword):
    error = refusal(replaced(rf"^{keyword} +=.*\n", ""))
    assert error.field == keyword
    assert "missing" in error.problem
    assert error.line is not None


@pytest.mark.parametrize("keyword", ["CCSDS_CDM_VERS", *NEEDED])
def test_a_needed_keyword_without_value_is_refused_by_name(keyword):
    assert refusal(replaced(rf"^({keyword} +=).*", r"\1")).field == keyword


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text"),
        (TEXT.encode().replace(b"TEST CENTRE", b"TEST\x00CENTRE"), "not text"),
        (TEXT.encode().replace(b"TEST CENTRE", b"TEST \xff\xfe"), "not text"),
        (TEXT.encode("utf-16"), "not text"),
        (TEXT.encode() + b"COMMENT filler\n" * 800_000, "larger than 10 MB"),
        (b"COMMENT nothing but a comment\n", "not a CDM"),
        (b"<html><body>Not found</body></html>", "not a CDM"),
        (b"1 25544U 98067A   26071.5  .0 0 0\n2 25544 51.6 0 0 0 0 15.5\n", "neither KEYWORD"),
        (b"{}", "neither KEYWORD"),
    ],
)
def test_what_is_no_cdm_text_is_refused(data, part):
    assert part in str(refusal(data))


def test_binary_is_refused_at_its_line():
    error = refusal(TEXT.encode().replace(b"TEST CENTRE", b"TEST\x00CENTRE"))
    assert TEXT.splitlines()[error.line - 1].startswith("ORIGINATOR")


def test_a_message_with_one_object_is_refused():
    error = refusal(TEXT[: TEXT.rindex("OBJECT  ")])
    assert error.field == "OBJECT"
    assert "OBJECT2 is missing" in error.problem


def test_a_file_cut_anywhere_before_its_last_needed_character_is_refused():
    end = TEXT.rindex("[m**2/s**2]") + len("[m**2/s**2]")
    # every cut in the last 500 characters, every 37th before
    cuts = [*range(0, end - 500, 37), *range(end - 500, end)]
    for cut in cuts:
        with pytest.raises(MessageError):
            read_cdms(TEXT[:cut].encode())
    assert read_cdms(TEXT[:end].encode()) == read_cdms(TEXT.encode())


def test_a_number_cut_short_at_the_end_is_named():
    error = refusal(TEXT[: TEXT.rindex("e-04 [m**2/s**2]")])
    assert error.field == "CNDOT_NDOT"
    assert "ends in the middle" in error.problem


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MessageError, match=r"nowhere\.cdm: cannot be read"):
        read_cdms(tmp_path / "nowhere.cdm")
    with pytest.raises(MessageError, match="cannot be read"):
        read_cdms(tmp_path)


XML = write_xml(read_cdms(GOLDEN)[0])
BOMB = '<!DOCTYPE cdm [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "field", "part"),
    [
        (XML.replace("<cdm ", f"{BOMB}<cdm ", 1), None, "DTD or entities"),
        (XML.replace("<cdm ", '<!DOCTYPE cdm SYSTEM "file:///etc/passwd"><cdm ', 1), None, "DTD"),
        (XML.replace("TEST CENTRE", "&who;"), None, "not well-formed"),
        (XML[: len(XML) // 2], None, "not well-formed"),
        (XML.replace("UTF-8", "KLINGON"), None, "not well-formed"),
        (XML.replace('<X units="km">', '<X units="m">', 1), "X", "needs [km]"),
        (XML.replace(">2026-03-14T21", ">2026-13-14T21"), "TCA", "month"),
        (XML.replace("OBJECT2", "OBJECT1"), "OBJECT", "twice"),
        (re.sub("<OBJECT>.*</OBJECT>", "", XML), "OBJECT_DESIGNATOR", "no OBJECT"),
        (re.sub("<Z .*</Z>", "", XML), "Z", "missing"),
    ],
)
def test_bad_xml_is_refused(text, field, part):
    error = refusal(text, "bad.xml")
    assert error.field == field
    assert part in str(error)
    if part in ("needs [km]", "month", "twice", "no OBJECT"):
        assert field in text.splitlines()[error.line - 1]

"""Ephemerides that would make an orbit wrong are refused, with line, field, value and remedy."""

import re
from pathlib import Path

import numpy as np
import pytest

from mdss.errors import MessageError
from mdss.messages.oem import read_oem, write_oem_xml

GOLDEN = Path(__file__).parents[1] / "golden" / "oem_two_segments.oem"
TEXT = GOLDEN.read_text(encoding="utf-8")
(OEM,) = read_oem(GOLDEN)
XML = write_oem_xml(OEM)


def refusal(data, name="bad.oem"):
    with pytest.raises(MessageError) as caught:
        read_oem(data if isinstance(data, bytes) else data.encode(), name)
    error = caught.value
    assert error.file == name
    assert error.remedy
    return error


def in_line(text, number):
    return text.splitlines()[number - 1]


def line_with(start, text=TEXT):
    return next(line for line in text.splitlines() if line.lstrip().startswith(start))


STATE = line_with("2026-03-14T20:02")
FIRST_STATE = line_with("2026-03-14T20:00")
EPOCH = "EPOCH = 2026-03-14T20:00:00.000"

# what is wrong: (old, new, part of the text, how the line begins that is named)
CHANGED = {
    "no centre": ("CENTER_NAME = EARTH\n", "", "CENTER_NAME", "META_START"),
    "no frame": ("REF_FRAME = EME2000\n", "", "REF_FRAME", "META_START"),
    "no time system": ("TIME_SYSTEM = UTC\n", "", "TIME_SYSTEM", "META_START"),
    "no object": (
        "OBJECT_NAME = EXAMPLE SAT 7\nOBJECT_ID = 2019-999A\n", "", "OBJECT_ID", "META_START"),
    "time system of a clock on board": ("= UTC", "= SCLK", "is not one of UTC", "TIME_SYSTEM"),
    "frame twice": (
        "TIME_SYSTEM = UTC", "REF_FRAME = ITRF\nTIME_SYSTEM = UTC", "contradicts", "REF_FRAME"),
    "month 13": ("CREATION_DATE = 2026-03", "CREATION_DATE = 2026-13", "date", "CREATION_DATE"),
    "start time without a time": (
        "START_TIME = 2026-03-14T20:00:00.000", "START_TIME = 2026-03-14", "date", "START_TIME"),
    "span reversed": (
        "STOP_TIME = 2026-03-14T20:08:00.000\nINT", "STOP_TIME = 2026-03-13T20:08:00.000\nINT",
        "is before START_TIME", "STOP_TIME"),
    "useable span without a state": (
        "USEABLE_START_TIME = 2026-03-14T20:02:00.000\nUSEABLE_STOP_TIME = 2026-03-14T20:08:00.000",
        "USEABLE_START_TIME = 2026-03-14T21:02:00.000\nUSEABLE_STOP_TIME = 2026-03-14T21:08:00.000",
        "no state is inside", "USEABLE_START_TIME"),
    "state cut short": (STATE, STATE[:90], "parts", "2026-03-14T20:02"),
    "state too long": (STATE, STATE + " 1.0", "parts", "2026-03-14T20:02"),
    "last state too long": (
        "-0.00571330440\n", "-0.005713 30440\n", "parts", "2026-073T20:14"),
    "state twice, not the same": (
        STATE, STATE + "\n" + STATE.replace("-4431", "-4432"), "twice", "2026-03-14T20:02"),
    "states out of order": ("2026-03-14T20:06", "2026-03-14T20:03", "before the one", "2026"),
    "state at an impossible time": ("14T20:04", "14T25:04", "date", "2026-03-14T25"),
    "state on 30 February": ("2026-03-14T20:04", "2026-02-30T20:04", "date", "2026-02-30"),
    "second 60 where there is none": ("20:04:00", "20:04:60", "date", "2026-03-14T20:04:60"),
    "NaN": ("-4431.3242542", "NaN", "not a finite number", "2026-03-14T20:02"),
    "infinite": ("-4431.3242542", "-inf", "not a finite number", "2026-03-14T20:02"),
    "overflow": ("-4431.3242542", "-1e999", "not a finite number", "2026-03-14T20:02"),
    "out of this world": ("-4431.3242542", "-1e300", "above 1e\\+12", "2026-03-14T20:02"),
    "decimal comma": ("-4431.3242542", "-4431,3242542", "not a number", "2026-03-14T20:02"),
    "underscore": ("-4431.3242542", "-4_431.3242542", "not a number", "2026-03-14T20:02"),
    "other digits": ("-4431.3242542", "-٤٤٣١", "not a number", "2026-03-14T20:02"),
    "digits lost": ("-4431.3242542", "-443.3242542", "centre of the Earth", "2026-03-14T20:02"),
    "sign lost": ("-4431.3242542", "4431.3242542", "jumps", "2026-03-14T20:02"),
    "unit on a state": ("2.326116273", "2.326116273 [km/s]", "parts", "2026-03-14T20:00"),
    "negative variance": ("3.60000000e-03", "-3.60000000e-03", "negative variance", EPOCH),
    "covariance cut short": (
        " -1.44000000e-08  0.00000000e+00  0.00000000e+00  0.00000000e+00  1.60000000e-11\n", "",
        "16 numbers", EPOCH),
    "covariance without numbers": (
        "COVARIANCE_STOP", "EPOCH = 2026-03-14T20:09:00\nCOVARIANCE_STOP", "0 numbers", "EPOCH"),
    "covariance with words": (
        "2.40000000e-05  3.60000000e-03", "2.40000000e-05  about", "not a number", "2.4"),
    "covariances out of order": (
        "EPOCH = 2026-03-14T20:08", "EPOCH = 2026-03-14T19:08", "before the one", "EPOCH"),
    "numbers before the first EPOCH": (
        "COVARIANCE_START\n", "COVARIANCE_START\n1 2 3\n", "where no numbers belong", "1 2 3"),
    "frame of no covariance": (
        f"{EPOCH}\n", "", "stands before no EPOCH", "COV_REF_FRAME"),
    "no end of the metadata": ("META_STOP\n\n", "", "before META_STOP", "2026-03-14T20:00"),
    "no end of the covariances": (
        "COVARIANCE_STOP\n\nMETA", "META", "inside COVARIANCE_START", "META_START"),
    "an end without a beginning": ("META_START", "META_STOP", "has no meaning here", "META_STOP"),
    "keyword among the states": (
        STATE, f"OBJECT_NAME = X\n{STATE}", "among the data", "OBJECT_NAME"),
    "words among the states": (STATE, f"and then\n{STATE}", "is neither", "and then"),
    "no version": ("CCSDS_OEM_VERS = 2.0\n", "", "does not begin with", "CREATION_DATE"),
    "another kind of message": ("CCSDS_OEM_VERS", "CCSDS_CDM_VERS", "does not begin with", "CCSDS"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "problem", "line"), CHANGED.values(), ids=CHANGED)
def test_what_would_make_the_orbit_wrong_is_refused(old, new, problem, line):
    changed = TEXT.replace(old, new, 1)
    assert changed != TEXT
    error = refusal(changed)
    assert re.search(problem, str(error))
    assert in_line(changed, error.line).lstrip().startswith(line)


def scaled(text, factor, columns):
    """States with some of their numbers multiplied."""
    lines = []
    for line in text.splitlines():
        tokens = line.split()
        if line.startswith("2026-") and len(tokens) >= 7:
            numbers = [float(x) for x in tokens[1:]]
            numbers[columns] = [factor * x for x in numbers[columns]]
            line = " ".join([tokens[0], *map(repr, numbers)])
        lines.append(line)
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("factor", "columns", "problem"),
    [
        (1e3, slice(0, 6), "km from the centre of the Earth|km/s"),
        (1e3, slice(0, 3), "km from the centre of the Earth"),
        (1e3, slice(3, 6), "would move at"),
        (1e-3, slice(3, 6), "would move at"),
        (0.5, slice(0, 3), "km from the centre of the Earth"),
        (0.0, slice(3, 6), "would move at"),
    ],
)
def test_states_that_are_no_orbit_about_the_centre_are_refused(factor, columns, problem):
    error = refusal(scaled(TEXT, factor, columns))
    assert re.search(problem, str(error))
    assert error.line == TEXT.splitlines().index(FIRST_STATE) + 1


def test_the_same_states_make_an_orbit_about_mars():
    (oem,) = read_oem(scaled(TEXT.replace("= EARTH", "= MARS"), 0.6, slice(0, 3)).encode())
    assert oem.segments[0].center_name == "MARS"
    near = TEXT.replace("= EARTH", "= MARS BARYCENTER")
    (oem,) = read_oem(scaled(near, 0.6, slice(0, 3)).encode())
    told = [n.line for n in oem.notices if n.field == "CENTER_NAME" and "0.2 m" in n.message]
    lines = enumerate(near.splitlines(), start=1)
    assert told == [number for number, line in lines if line.startswith("CENTER_NAME")]


CUTS = sorted({*range(1, len(TEXT), 97), TEXT.index("COVARIANCE_STOP"), len(TEXT) - 5})


@pytest.mark.parametrize("length", CUTS)
def test_a_cut_file_is_refused_or_ends_with_whole_states(length):
    oem = whole_or_refused(TEXT[:length].encode())
    for read, whole in zip(oem.segments if oem else (), OEM.segments, strict=False):
        count = len(read.states)
        np.testing.assert_array_equal(read.states, whole.states[:count, :])
        assert read.covariances == whole.covariances[: len(read.covariances)]
        told = any(notice.field == "STOP_TIME" for notice in oem.notices)
        assert told or count == len(whole.states)


def whole_or_refused(data):
    try:
        return read_oem(data)[0]
    except MessageError:
        return None


# what is wrong: (old, new, part of the text)
CHANGED_XML = {
    "position in metres": ('<X units="km">', '<X units="m">', "needs 'km'"),
    "velocity in metres": ('<X_DOT units="km/s">', '<X_DOT units="m/s">', "needs 'km/s'"),
    "covariance in metres": ('<CX_X units="km**2">', '<CX_X units="m**2">', "needs 'km\\*\\*2'"),
    "unit on a date": ("<EPOCH>", '<EPOCH units="s">', "needs no unit"),
    "no Z": ("<Z units=\"km\">4964.8801</Z>", "", "is missing in this stateVector"),
    "half an acceleration": (
        '<Z_DDOT units="km/s**2">-0.00658159532</Z_DDOT>', "", "is missing in this stateVector"),
    "X twice": ("<Y units=", '<X units="km">1.0</X><Y units=', "twice in one stateVector"),
    "half a covariance": (
        '<CX_DOT_Z units="km**2/s">0.0</CX_DOT_Z>', "", "is missing in this covarianceMatrix"),
    "no epoch": (
        "<EPOCH>2026-03-14T20:02:00.000000</EPOCH>", "", "EPOCH: is missing"),
    "words": (">-4480.1233<", ">many<", "not a number"),
    "empty number": (">-4480.1233<", "><", "not a number"),
    "NaN": (">-4480.1233<", ">NaN<", "not a finite number"),
    "underscore": (">-4480.1233<", ">-4_480.1233<", "not a number"),
    "impossible date": ("<EPOCH>2026-03-14T20:02", "<EPOCH>2026-03-34T20:02", "date"),
    "no frame": ("<REF_FRAME>EME2000</REF_FRAME>", "", "REF_FRAME"),
    "negative variance": (">0.0036<", ">-0.0036<", "negative variance"),
    "no segment": (re.compile("<segment>.*</segment>", re.DOTALL), "", "no segment"),
    "no states": (re.compile("<stateVector>.*</stateVector>", re.DOTALL), "", "no states"),
    "a state outside the data": (
        "<metadata>", "<stateVector><X>1</X></stateVector><metadata>", "outside the data"),
    "a state in a state": (
        "<stateVector>", "<stateVector><stateVector></stateVector>", "outside|missing"),
    "not well-formed": ("</segment>", "</segmemt>", "not well-formed"),
    "a DTD": ("<oem ", '<!DOCTYPE oem [<!ENTITY a "b">]><oem ', "DTD"),
    "an entity nobody declared": (">-4480.1233<", ">&many;<", "not well-formed"),
    "an encoding that does not exist": ('"UTF-8"', '"UTF-88"', "not well-formed"),
    "UTF-16 in name": ('"UTF-8"', '"UTF-16"', "not well-formed"),
    "no oem": (re.compile(r"</?oem.*?>"), "", "not well-formed|not an OEM"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "problem"), CHANGED_XML.values(), ids=CHANGED_XML)
def test_xml_that_would_make_the_orbit_wrong_is_refused(old, new, problem):
    changed = old.sub(new, XML) if isinstance(old, re.Pattern) else XML.replace(old, new, 1)
    assert changed != XML
    assert re.search(problem, str(refusal(changed)))


def test_xml_errors_name_the_line():
    error = refusal("\n" + XML.replace("-4431.3242542", "far"))
    assert in_line("\n" + XML, error.line).strip() == '<X units="km">-4431.3242542</X>'
    assert (error.field, error.value) == ("X", "far")
    error = refusal(XML.replace('<Y units="km">661.0549376', '<Y units="m">661.0549376'))
    assert "661.0549376" in in_line(XML, error.line)


@pytest.mark.parametrize("length", range(10, len(XML), 501))
def test_cut_xml_is_refused(length):
    assert refusal(XML[:length]).line


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n", b"\x00\x01\x02", b"\xff\xfeC\x00", b"<oem", b"<oem/>", b"<ndm/>", b"hello",
     b"CCSDS_OEM_VERS = 2.0", b"\x89PNG\r\n\x1a\n", TEXT.encode("utf-16"), XML.encode("utf-16"),
     b"COMMENT only", b"1 2 3 4 5 6 7", b"META_START", b"<oem><body></body></oem>",
     b"<oem version='2.0'><segment><data/></segment></oem>", b"= 3"],
)  # fmt: skip
def test_what_is_no_ephemeris_is_refused(data):
    refusal(data)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MessageError, match="cannot be read"):
        read_oem(tmp_path / "none.oem")


def test_deeply_nested_xml_is_refused():
    depth = 50_000
    refusal(b"<oem>" + b"<a>" * depth + b"</a>" * depth + b"</oem>")

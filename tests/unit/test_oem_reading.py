"""What an ephemeris message says is what is read, in KVN and in XML."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mdss.messages.oem import read_oem, write_oem_xml
from mdss.notices import NoticeCode

GOLDEN = Path(__file__).parents[1] / "golden" / "oem_two_segments.oem"
TEXT = GOLDEN.read_text(encoding="utf-8")
(OEM,) = read_oem(GOLDEN)
XML = write_oem_xml(OEM)


def read(text, name="it.oem"):
    (oem,) = read_oem(text.encode(), name)
    return oem


def codes(oem):
    return [notice.code for notice in oem.notices]


def test_header_and_comments_are_kept():
    assert (OEM.version, OEM.originator) == ("2.0", "EXAMPLE OPERATOR")
    assert OEM.created_utc == datetime(2026, 3, 14, 18, 2, 11, tzinfo=UTC)
    assert OEM.comments[0].startswith("an operator's own orbit")
    assert OEM.segments[0].comments == ("until the burn",)
    assert OEM.segments[0].data_comments == ("states from orbit determination",)


def test_metadata_are_read():
    first, second = OEM.segments
    assert (first.object_name, first.object_id) == ("EXAMPLE SAT 7", "2019-999A")
    assert (first.center_name, first.ref_frame, first.time_system) == ("EARTH", "EME2000", "UTC")
    assert (second.interpolation, second.interpolation_degree) == ("HERMITE", 5)
    assert first.useable_start_utc == datetime(2026, 3, 14, 20, 2, tzinfo=UTC)
    assert second.useable_stop_utc == datetime(2026, 3, 14, 20, 14, tzinfo=UTC)


def test_states_are_in_km_as_written():
    first = OEM.segments[0]
    assert first.states[0].tolist() == [
        -4480.1233, 1543.5519, 4964.8801, 0.075945672, -7.261590893, 2.326116273
    ]  # fmt: skip
    assert first.t_s.tolist() == [0, 120, 240, 360, 480]
    assert first.accelerations is None


def test_accelerations_are_read():
    second = OEM.segments[1]
    assert second.accelerations.shape == (4, 3)
    assert second.accelerations[0].tolist() == [0.00471249243, 0.00245658594, -0.00658159532]


def test_gps_time_is_eighteen_seconds_ahead_of_utc():
    assert OEM.segments[1].reference_utc == datetime(2026, 3, 14, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("system", "ahead_s"),
    [("UTC", 0), ("TAI", 37), ("GPS", 18), ("TT", 69.184), ("TDB", 69.184)],
)
def test_the_time_system_is_honoured(system, ahead_s):
    oem = read(TEXT.replace("TIME_SYSTEM = UTC", f"TIME_SYSTEM = {system}"))
    instant = datetime(2026, 3, 14, 20, tzinfo=UTC) - timedelta(seconds=ahead_s)
    # TDB - TT is periodic, 1.7 ms at most
    assert abs(oem.segments[0].reference_utc - instant) <= timedelta(seconds=0.0017)
    tdb_rate = 4e-10  # d(TDB - TT)/dt at most
    assert np.ptp(oem.segments[0].t_s) == pytest.approx(480, abs=480 * tdb_rate + 1e-9)


@pytest.mark.parametrize("end", ["2017-01-01T00:00:59", "2017-001T00:00:59Z"])
def test_seconds_count_leap_seconds(end):
    two = two_states("2016-12-31T23:59:00", end)
    assert read(two).segments[0].t_s.tolist() == [0, 120]


def test_a_state_may_be_within_a_leap_second():
    segment = read(two_states("2016-12-31T23:58:00.25", "2016-12-31T23:59:60.25")).segments[0]
    assert segment.t_s.tolist() == [0, 120]


def two_states(first, second):
    """The golden file's first two states, 120 s apart, at other epochs."""
    head = TEXT.partition("META_STOP")[0]
    head = "\n".join(line for line in head.splitlines() if "_TIME" not in line)
    states = [line.split(" ", 1)[1] for line in TEXT.splitlines() if line[:4] == "2026"]
    state, following = states[:2]
    return f"{head}\nMETA_STOP\n{first} {state}\n{second} {following}\n"


def test_covariances_are_symmetric_and_in_order():
    in_rtn, in_eme2000 = OEM.segments[0].covariances
    assert (in_rtn.t_s, in_rtn.ref_frame) == (0, "RTN")
    assert (in_eme2000.t_s, in_eme2000.ref_frame) == (480, "")
    assert in_rtn.matrix[1, 0] == in_rtn.matrix[0, 1] == 2.4e-5
    assert in_rtn.matrix[4, 0] == in_rtn.matrix[0, 4] == -1.44e-8
    assert in_rtn.matrix[5, 5] == 9e-12
    assert in_rtn.comments == ("from the last orbit determination",)
    assert in_eme2000.comments == ("propagated, in the axes of the states",)


def test_a_lower_triangle_may_be_broken_into_lines_anywhere():
    (in_tnw,) = OEM.segments[1].covariances
    ratio = 1.5  # the golden file's matrices differ by that
    assert in_tnw.ref_frame == "TNW"
    np.testing.assert_allclose(
        in_tnw.matrix, ratio * OEM.segments[0].covariances[0].matrix, rtol=1e-15
    )


def test_a_covariance_without_frame_after_one_with_is_told():
    notices = [n for n in OEM.notices if n.field == "COV_REF_FRAME"]
    assert [n.code for n in notices] == [NoticeCode.MISSING_KEYWORD]
    assert TEXT.splitlines()[notices[0].line - 1].startswith("EPOCH = 2026-03-14T20:08")


def test_xml_says_the_same_as_kvn():
    assert read(XML) == OEM


def test_xml_may_stand_in_a_collection_with_other_messages():
    body = XML.split("\n", 1)[1]
    state = "<data><stateVector><X>1</X></stateVector></data>"
    other = f"<opm><body><segment>{state}</segment></body></opm>"
    both = read_oem(f"<ndm>{other}{body}{body}</ndm>".encode())
    assert both == (OEM, OEM)


def test_several_messages_may_follow_each_other_in_one_kvn_file():
    assert read_oem((TEXT + TEXT).encode()) == (OEM, OEM)


@pytest.mark.parametrize(
    "change",
    {
        "comments": lambda x: x.replace("<X ", "<!-- > 3 < --><X "),
        "other order of elements": lambda x: x.replace(
            "<EPOCH>2026-03-14T20:02:00.000000</EPOCH>", ""
        ).replace(
            '<Z_DOT units="km/s">1.57309574</Z_DOT>',
            '<Z_DOT units="km/s">1.57309574</Z_DOT><EPOCH>2026-03-14T20:02:00.000000</EPOCH>',
        ),
        "CDATA and entities": lambda x: x.replace(
            "EXAMPLE SAT 7", "<![CDATA[EXAMPLE]]> &#83;AT 7"
        ),
        "numbers as entities": lambda x: x.replace(">-4480.1233<", ">&#45;4480.1233<"),
        "no units": lambda x: x.replace(' units="km"', ""),
        "units in single quotes": lambda x: x.replace(' units="km"', " units = 'km' "),
        "brackets in attributes": lambda x: x.replace('units="km"', 'units="km" note="a > b"'),
        "a prefix": lambda x: (
            x.replace("<", "<ndm:").replace("<ndm:/", "</ndm:").replace("<ndm:?xml", "<?xml")
            .replace("<ndm:oem ", '<ndm:oem xmlns:ndm="urn:ccsds" ')
        ),
        "no blanks between elements": lambda x: x.replace("\n", "").replace("  <", "<"),
        "Windows line ends": lambda x: x.replace("\n", "\r\n"),
        "blank lines before": lambda x: "\n\n" + x,
    }.values(),
)  # fmt: skip
def test_xml_may_be_written_in_many_ways(change):
    changed = change(XML)
    assert changed != XML
    assert read(changed) == OEM


def test_xml_in_latin_1_is_decoded():
    text = XML.replace("UTF-8", "ISO-8859-1").replace("until the burn", "bis zum Manöver")
    (oem,) = read_oem(text.encode("latin-1"))
    assert oem.segments[0].comments == ("bis zum Manöver",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda t: t.replace("\n", "\r\n"), NoticeCode.TEXT_ENCODING),
        (lambda t: "\ufeff" + t, NoticeCode.TEXT_ENCODING),
        (lambda t: t.replace("INTERPOLATION =", "interpolation="), NoticeCode.MALFORMED_LINE),
        (lambda t: t.rstrip("\n"), None),
        (lambda t: t.replace("14T20:00:00.000 ", "14 20:00:00.000 "), NoticeCode.MALFORMED_LINE),
        (lambda t: t.replace("0.075945672", "7.5945672D-02"), None),
        (lambda t: t.replace("COVARIANCE_STOP", "\n\nCOVARIANCE_STOP\n\n"), None),
    ],
)  # fmt: skip
def test_kvn_may_be_written_in_many_ways(change, code):
    changed = change(TEXT)
    assert changed != TEXT
    oem = read(changed)
    assert oem == OEM
    assert code is None or code in codes(oem)


# what it does: (change, code, keyword)
NOTICED = {
    "unknown keyword": (("META_STOP", "COLOUR = red\nMETA_STOP"), "unknown-keyword", "COLOUR"),
    "keyword twice": (
        ("META_STOP", "REF_FRAME = EME2000\nMETA_STOP"), "duplicate-keyword", "REF_FRAME"),
    "no originator": (("ORIGINATOR = EXAMPLE OPERATOR\n", ""), "missing-keyword", "ORIGINATOR"),
    "no object name": (("OBJECT_NAME = EXAMPLE SAT 7\n", ""), "missing-keyword", "OBJECT_NAME"),
    "empty keyword": (("INTERPOLATION = HERMITE", "INTERPOLATION ="), "unexpected-value",
                      "INTERPOLATION"),
    "other version": (("VERS = 2.0", "VERS = 9.1"), "unexpected-value", "CCSDS_OEM_VERS"),
    "no version number": (("VERS = 2.0", "VERS ="), "unexpected-value", "CCSDS_OEM_VERS"),
    "states before the span": (
        ("START_TIME = 2026-03-14T20:00:00", "START_TIME = 2026-03-14T20:01:00"),
        "unexpected-value", "START_TIME"),
    "states end early, as in a cut file": (
        ("STOP_TIME = 2026-073T20:14:18", "STOP_TIME = 2026-073T23:14:18"),
        "unexpected-value", "STOP_TIME"),
    "degree is no number": (
        ("INTERPOLATION_DEGREE = 7", "INTERPOLATION_DEGREE = high"),
        "unexpected-value", "INTERPOLATION_DEGREE"),
    "covariance outside the states": (
        ("EPOCH = 2026-03-14T20:08", "EPOCH = 2026-03-14T20:18"), "unexpected-value", "EPOCH"),
    "covariance not positive definite": (
        ("2.40000000e-05  3.60000000e-03", "2.40000000e-01  3.60000000e-03"),
        "covariance-not-positive", "COVARIANCE"),
    "segments overlap": (
        ("2026-073T20:08:18.000000   -38", "2026-073T20:07:58.000000   -38"),
        "unexpected-value", "USEABLE_START_TIME"),
    "segments of two objects": (
        ("OBJECT_ID = 2019-999A\nCENTER_NAME = EARTH\nREF_FRAME = EME2000\nTIME_SYSTEM = GPS",
         "OBJECT_ID = 2019-999B\nCENTER_NAME = EARTH\nREF_FRAME = EME2000\nTIME_SYSTEM = GPS"),
        "unexpected-value", None),
    "velocity of another frame": (
        ("1.383291560", "1.883291560"), "unexpected-value", None),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "keyword"), NOTICED.values(), ids=NOTICED)
def test_what_is_odd_is_read_and_told(change, code, keyword):
    changed = TEXT.replace(*change, 1)
    assert changed != TEXT
    oem = read(changed, "odd.oem")
    assert read(write_oem_xml(oem)) == oem
    found = [n for n in oem.notices if n.code == code and n.field == keyword]
    assert found
    assert all(n.line and n.file == "odd.oem" for n in found)


def test_an_unknown_keyword_stays_in_the_metadata():
    oem = read(TEXT.replace("META_STOP", "COLOUR = red\nMETA_STOP", 1))
    assert oem.segments[0].get("COLOUR") == "red"


def test_a_repeated_state_is_left_out():
    state = next(x for x in TEXT.splitlines() if x.startswith("2026-03-14T20:02"))
    oem = read(TEXT.replace(state, f"{state}\n{state}"))
    assert oem == OEM
    assert NoticeCode.DUPLICATE_KEYWORD in codes(oem)


def test_frames_and_centres_that_nothing_can_be_computed_in_are_read():
    text = TEXT.replace("= EME2000", "= ROTATING_SYNODIC").replace("= EARTH", "= 67P")
    oem = read(text)
    assert (oem.segments[0].ref_frame, oem.segments[0].center_name) == ("ROTATING_SYNODIC", "67P")


def test_nothing_that_was_read_can_be_changed_by_accident():
    segment = OEM.segments[1]
    arrays = (segment.t_s, segment.states, segment.accelerations, segment.covariances[0].matrix)
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0

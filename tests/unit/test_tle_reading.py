"""Two-line element sets: columns, checksum, numbers, epochs, and the orbit that comes out."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mdss.errors import MessageError, PropagationError
from mdss.messages.tle import read_tles
from mdss.messages.tle_columns import alpha5_number, checksum
from mdss.notices import NoticeCode

GOLDEN = Path(__file__).parents[1] / "golden" / "tle_iss_and_starlink.tle"
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "historical_tles.txt"
LINE1 = "1 25544U 98067A   26211.86173118  .00009023  00000+0  17005-3 0  9996"
LINE2 = "2 25544  51.6314  83.9591 0007096 355.3737   4.7185 15.49272805578527"


def summed(line):
    """The line with the checksum that its digits give."""
    return line[:68] + str(checksum(line))


def read(line1=LINE1, line2=LINE2, name=None):
    lines = [line for line in (name, line1, line2) if line is not None]
    (tle,) = read_tles("\n".join(lines).encode())
    return tle


def altered(line, first, text):
    """The line with other text from a column on, and the checksum made right."""
    return summed(line[: first - 1] + text + line[first - 1 + len(text) :])


def refusal(data):
    with pytest.raises(MessageError) as caught:
        read_tles(data.encode() if isinstance(data, str) else data, "bad.tle")
    assert caught.value.file == "bad.tle"
    assert caught.value.remedy
    return caught.value


def test_every_field_is_read_in_its_unit():
    tle = read(name="ISS (ZARYA)")
    elements = tle.elements
    assert (tle.name, tle.designator, tle.catalog_number) == ("ISS (ZARYA)", "25544", 25544)
    assert (tle.classification, tle.international_designator) == ("U", "98067A")
    assert (tle.element_set_number, tle.revolution) == (999, 57852)
    assert elements.inclination_deg == 51.6314
    assert elements.ra_of_asc_node_deg == 83.9591
    assert elements.eccentricity == 0.0007096
    assert elements.arg_of_pericenter_deg == 355.3737
    assert elements.mean_anomaly_deg == 4.7185
    assert elements.mean_motion_rev_day == 15.49272805
    assert elements.bstar == 0.17005e-3
    assert elements.mean_motion_dot == 0.00009023
    assert elements.mean_motion_ddot == 0.0
    assert tle.notices == ()


def test_the_epoch_is_exact():
    # a printed digit is 864 microseconds
    assert read().epoch_utc == datetime(2026, 7, 30, 20, 40, 53, 573_952, tzinfo=UTC)


@pytest.mark.parametrize(
    ("printed", "year"), [("57", 1957), ("99", 1999), ("00", 2000), ("56", 2056), (" 8", 2008)]
)
def test_years_from_57_are_of_the_last_century(printed, year):
    assert read(altered(LINE1, 19, printed)).epoch_utc.year == year


def test_the_last_day_of_a_leap_year_exists_and_that_of_another_year_does_not():
    assert read(altered(LINE1, 19, "24366.50000000")).epoch_utc == datetime(
        2024, 12, 31, 12, tzinfo=UTC
    )
    error = refusal(altered(LINE1, 19, "26366.50000000") + "\n" + LINE2)
    assert "2026 has no day 366" in error.problem


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("00005", 5),
        ("    5", 5),
        ("99999", 99_999),
        ("A0000", 100_000),
        ("H9999", 179_999),
        ("J0000", 180_000),
        ("N9999", 229_999),
        ("P0000", 230_000),
        ("Z9999", 339_999),
        ("I0000", None),
        ("O0000", None),
        ("a0000", None),
        ("A 000", None),
        ("", None),
    ],
)
def test_alpha5_leaves_out_i_and_o(text, number):
    assert alpha5_number(text) == number


def test_an_alpha5_set_is_read_and_propagated():
    tle = read(altered(LINE1, 3, "T0002"), altered(LINE2, 3, "T0002"))
    assert (tle.designator, tle.satrec().satnum) == ("270002", 270_002)


def test_many_sets_with_and_without_names_in_any_form():
    text = (
        f"0 FIRST\r\n{LINE1}   \r\n{LINE2}\r\n\r\n# a remark\r\n"
        f"{LINE1}\r\n{LINE2}\r\nTHIRD\r\n{LINE1}\r\n{LINE2}"
    )
    sets = read_tles(text.encode())
    assert [one.name for one in sets] == ["FIRST", "", "THIRD"]
    assert {one.elements for one in sets} == {read().elements}
    assert [n.code for n in sets[0].notices] == [NoticeCode.TEXT_ENCODING]


def test_indented_lines_and_lines_that_are_no_names_are_noticed():
    sets = read_tles(f"first remark\nSECOND\n  {LINE1}\n  {LINE2}\n".encode())
    assert sets[0].name == "SECOND"
    assert [n.code for n in sets[0].notices] == [NoticeCode.MALFORMED_LINE] * 3


def test_text_after_column_69_is_left_out_with_a_notice():
    tle = read(LINE1, LINE2 + "      0.0      4320.0")
    assert tle.elements == read().elements
    assert [n.code for n in tle.notices] == [NoticeCode.MALFORMED_LINE]


def test_a_minus_sign_counts_one_in_the_checksum():
    assert checksum(LINE1) == 6
    assert checksum(LINE1.replace(" .00009023", "-.00009023")) == 7


@pytest.mark.parametrize("place", [i for i in range(2, 68) if LINE2[i].isdigit()])
def test_any_other_digit_is_found_by_the_checksum(place):
    wrong = LINE2[:place] + str((int(LINE2[place]) + 3) % 10) + LINE2[place + 1 :]
    error = refusal(f"{LINE1}\n{wrong}")
    assert (error.line, error.field, error.value) == (2, "checksum, column 69", "7")
    assert f"its digits give {checksum(wrong)}" in error.problem


SHIFTED = LINE1.replace("A   2", "A  2").replace(" 0  9", " 0   9")
LATER = altered(LINE2, 3, "25545")
REFUSED = {
    "line 1 cut short": (LINE1[:68] + "\n" + LINE2, 1, "68 of 69"),
    "line 2 cut short": (LINE1 + "\n" + LINE2[:40], 2, "40 of 69"),
    "both lines cut short": (LINE1[:20] + "\n" + LINE2[:20], 1, "20 of 69"),
    "a blank lost": (LINE1.replace("A   2", "A  2") + "\n" + LINE2, 1, "68 of 69"),
    "a blank moved": (SHIFTED + "\n" + LINE2, 1, "must be blank"),
    "one column too many": (LINE1 + "\n" + LINE2 + "7", 2, "goes on after"),
    "no checksum": (LINE1[:68] + " \n" + LINE2, 1, "68 of 69"),
    "two objects": (LINE1 + "\n" + LATER, 2, "of object 25544, line 2 of 25545"),
    "line 2 first": (LINE2 + "\n" + LINE1, 1, "without its line 1"),
    "line 1 alone": (LINE1, 1, "without its line 2"),
    "line 1 twice": (LINE1 + "\n" + LINE1 + "\n" + LINE2, 1, "without its line 2"),
    "a remark between": (LINE1 + "\nremark\n" + LINE2, 1, "without its line 2"),
    "no set": ("nothing here\n", None, "no two-line element set"),
    "inclination of 190": (LINE1 + "\n" + altered(LINE2, 9, "190.0000"), 2, "180 degrees"),
    "node of 400": (LINE1 + "\n" + altered(LINE2, 18, "400.0000"), 2, "360 degrees"),
    "negative anomaly": (LINE1 + "\n" + altered(LINE2, 44, " -4.7185"), 2, "360 degrees"),
    "mean motion of 19": (LINE1 + "\n" + altered(LINE2, 53, "19.49272805"), 2, "18 revolutions"),
    "mean motion of 0": (LINE1 + "\n" + altered(LINE2, 53, " 0.00000000"), 2, "0.001"),
    "eccentricity with a point": (LINE1 + "\n" + altered(LINE2, 27, ".000709"), 2, "be read"),
    "letters in an angle": (LINE1 + "\n" + altered(LINE2, 9, " 51.63l4"), 2, "be read"),
    "exponent in an angle": (LINE1 + "\n" + altered(LINE2, 9, "  5.16e1"), 2, "be read"),
    "drag term of words": (altered(LINE1, 54, " unknown") + "\n" + LINE2, 1, "be read"),
    "epoch of words": (altered(LINE1, 19, "26-07-30T20:40") + "\n" + LINE2, 1, "be read"),
    "day 0": (altered(LINE1, 19, "26000.50000000") + "\n" + LINE2, 1, "no day 0"),
    "SGP4-XP": (altered(LINE1, 63, "4") + "\n" + LINE2, 1, "SGP4-XP"),
    "catalogue number of letters": (altered(LINE1, 3, "I5544") + "\n" + LINE2, 1, "catalogue"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_damaged_sets_are_refused_with_their_line(name):
    text, line, problem = REFUSED[name]
    error = refusal(text)
    assert error.line == line
    assert problem in str(error)


def test_a_blank_drag_term_is_zero_with_a_notice():
    tle = read(altered(LINE1, 54, " " * 8))
    assert tle.elements.bstar == 0.0
    assert [n.code for n in tle.notices] == [NoticeCode.MISSING_KEYWORD]


def test_implied_points_and_signs():
    assert read(altered(LINE1, 54, "-11606-4")).elements.bstar == -0.11606e-4
    assert read(altered(LINE1, 54, "+47668-4")).elements.bstar == 0.47668e-4
    assert read(altered(LINE1, 45, " 30915+1")).elements.mean_motion_ddot == 3.0915


def verification_sets():
    """The sets that come with sgp4, of Revisiting Spacetrack Report #3 (AIAA 2006-6753)."""
    import sgp4

    path = Path(sgp4.__file__).with_name("SGP4-VER.TLE")
    lines = [one.rstrip() for one in path.read_text().splitlines() if one[0] in "12"]
    return list(zip(lines[::2], lines[1::2], strict=True))


@pytest.mark.parametrize("pair", verification_sets(), ids=lambda pair: pair[0][2:7])
def test_the_verification_sets_fly_as_sgp4s_own_reader_flies_them(pair):
    from sgp4.api import WGS72, Satrec

    if pair[0][2:7] in ("33333", "33334", "33335"):  # made up, with checksums that are wrong
        assert "checksum" in str(refusal("\n".join(pair)))
        return
    theirs = Satrec.twoline2rv(pair[0], pair[1][:69], WGS72)
    ours = read(*pair).satrec()
    days = np.linspace(-1, 2, 61)
    jd = np.full(days.size, theirs.jdsatepoch)
    flown = [one.sgp4_array(jd, theirs.jdsatepochF + days) for one in (theirs, ours)]
    np.testing.assert_array_equal(flown[0][0], flown[1][0])
    fine = flown[0][0] == 0
    away_m = 1e3 * np.linalg.norm(flown[0][1] - flown[1][1], axis=1)[fine]
    # the epoch in one float of days: 0.2 microseconds at up to 10 km/s, and its drift since
    assert away_m.max(initial=0.0) < 0.01


def test_elements_that_sgp4_cannot_start_from_end_in_a_propagation_error():
    decayed = read(LINE1, altered(LINE2, 27, "9000000"))
    with pytest.raises(PropagationError, match="SGP4 cannot start"):
        decayed.satrec()


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference data are not there")
def test_historical_sets_are_read_without_a_notice():
    sets = read_tles(REFERENCE)
    assert [one.designator for one in sets] == ["24946", "22675", "13777", "2828", "48274", "48274"]
    assert all(one.notices == () for one in sets)

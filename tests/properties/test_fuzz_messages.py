"""No damage to a message ends in a traceback or a hang: a value, a notice or a refusal.

Real files of every kind (golden files, scenarios, reference data where they are there) are
damaged as files get damaged: bytes flipped, lines lost, doubled and exchanged, numbers and units
altered, cut short, in other encodings, spliced with another message.

The examples are the same in every run. For a longer run with new ones, by hand:

    MDSS_FUZZ_EXAMPLES=20000 python -m pytest tests/properties/test_fuzz_messages.py
"""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdss.ephemeris import Ephemeris
from mdss.errors import MdssError, MessageError
from mdss.loading import read_told
from mdss.messages.collection import Form, write_messages
from mdss.messages.detect import Detected, Kind, detect, read_messages
from mdss.messages.oem import Oem
from mdss.messages.omm import Omm
from mdss.messages.tle import Tle
from mdss.sgp4_orbit import from_elements

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "reference"
SCENARIO = ROOT / "scenarios" / "observer7_fragment49863"
EXAMPLES = os.environ.get("MDSS_FUZZ_EXAMPLES")
# A whole message is read in milliseconds; seconds would be a loop that grows with the damage.
LONGEST_S = 5.0
LARGEST_SEED = 60_000


def _seeds() -> dict[Kind, list[bytes]]:
    """Files by kind, small ones, at most four of each."""
    files = [*sorted((ROOT / "tests" / "golden").iterdir()), SCENARIO / "cdm_05.cdm"]
    files += sorted(REFERENCE.glob("historical_tles.txt"))
    files += sorted(REFERENCE.glob("cdm/cara_real/*.cdm"))[:2]
    seeds: dict[Kind, list[bytes]] = defaultdict(list)
    for file in files:
        data = b"" if file.suffix == ".py" else file.read_bytes()
        kind = detect(data).kind
        if kind.is_message and len(data) < LARGEST_SEED and len(seeds[kind]) < 4:
            seeds[kind].append(data)
    return seeds


SEEDS = _seeds()
ANYTHING = [one for seeds in SEEDS.values() for one in seeds]
KINDS = [kind for kind in Kind if kind not in (Kind.UNKNOWN, Kind.MIXED_KVN, Kind.MIXED_XML)]

ODD_NUMBERS = (
    b"NaN", b"inf", b"-inf", b"-1", b"0", b"1e400", b"1e-400", b"-0.0", b"9" * 400, b"1e308",
    b"1_0", b"7,0", b"0x10", b"1.2.3", b"+", b"--5", b"1D+02", "٣".encode(), "½".encode(), b"",
    b"null", b"true", b'"7"', b"[]", b"{}", b"1e5000000", b"-7000.0", b"99999999999999999999",
)  # fmt: skip
ODD_TEXTS = (
    b"", b"N/A", b"=", b"[", b"]", b"[m]", b"[km/s]", b"{", b"}", b'"', b",", b"<X>", b"</X>",
    b"<!--", b"<![CDATA[", b"]]>", b"&amp;", b"&#0;", b"&bogus;", b"\\u0000", b"\\ud800", b"\x00",
    b"\xff", "é".encode("latin-1"), "\u2028".encode(), b"\r", b"\t", b"UTC", b"GPS", b"MARS",
    b"ITRF", b"TEME", b"2026-02-30T00:00:00", b"2026-366T00:00:00", b"2016-12-31T23:59:60",
    b"0001-01-01T00:00:00", b"2026-03-01T12:00:00+05:00", b"COMMENT x", b"META_START", b"META_STOP",
    b"COVARIANCE_START", b"COVARIANCE_STOP", b"OBJECT1", b"1 25544U", b"A0000", b"Z9999", b"I0000",
)  # fmt: skip
UNITS = (
    b"km",
    b"m",
    b"m/s",
    b"km/s",
    b"deg",
    b"rad",
    b"m**2",
    b"km**2",
    b"s",
    b"",
    b"kg",
    b"rev/day",
)
NUMBER = re.compile(rb"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")
UNIT = re.compile(rb"(?<=\[)[^\]\n]{0,12}(?=\])|(?<=units=\")[^\"\n]{0,12}(?=\")")
TEXT = re.compile(rb"[A-Za-z_][A-Za-z0-9_:.-]+")


def _replaced(data: bytes, pattern: re.Pattern[bytes], place: int, by: bytes) -> bytes:
    spans = [match.span() for match in pattern.finditer(data)]
    if not spans:
        return data
    start, stop = spans[place % len(spans)]
    return data[:start] + by + data[stop:]


def _lines(data: bytes, place: int, change: Callable[[list[bytes], int], None]) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        change(lines, place % len(lines))
    return b"".join(lines)


def _flip(data: bytes, place: int, other: int) -> bytes:
    at = place % max(len(data), 1)
    return data[:at] + bytes([other % 256]) + data[at + 1 :]


def _delete_bytes(data: bytes, place: int, other: int) -> bytes:
    at = place % max(len(data), 1)
    return data[:at] + data[at + 1 + other % 40 :]


def _insert(data: bytes, place: int, other: int) -> bytes:
    at = place % max(len(data), 1)
    return data[:at] + ODD_TEXTS[other % len(ODD_TEXTS)] + data[at:]


def _delete_lines(data: bytes, place: int, other: int) -> bytes:
    def change(lines: list[bytes], at: int) -> None:
        del lines[at : at + 1 + (other % 8 if other % 3 == 0 else 0)]

    return _lines(data, place, change)


def _double_line(data: bytes, place: int, other: int) -> bytes:
    return _lines(data, place, lambda lines, at: lines.insert(other % len(lines), lines[at]))


def _exchange_lines(data: bytes, place: int, other: int) -> bytes:
    def change(lines: list[bytes], at: int) -> None:
        to = other % len(lines)
        lines[at], lines[to] = lines[to], lines[at]

    return _lines(data, place, change)


def _number(data: bytes, place: int, other: int) -> bytes:
    return _replaced(data, NUMBER, place, ODD_NUMBERS[other % len(ODD_NUMBERS)])


def _digit(data: bytes, place: int, other: int) -> bytes:
    return _replaced(data, re.compile(rb"\d"), place, str(other % 10).encode())


def _unit(data: bytes, place: int, other: int) -> bytes:
    return _replaced(data, UNIT, place, UNITS[other % len(UNITS)])


def _word(data: bytes, place: int, other: int) -> bytes:
    return _replaced(data, TEXT, place, ODD_TEXTS[other % len(ODD_TEXTS)])


def _cut(data: bytes, place: int, other: int) -> bytes:
    at = place % max(len(data), 1)
    return data[at:] if other % 4 == 0 else data[:at]


def _encoded(data: bytes, place: int, other: int) -> bytes:
    text = data.decode("utf-8", "replace")
    encoding = ("utf-16", "utf-8-sig", "cp500", "utf-32")[other % 5 if other % 5 < 4 else 0]
    return data.replace(b"\n", b"\r\n") if other % 5 == 4 else text.encode(encoding, "replace")


def _spliced(data: bytes, place: int, other: int) -> bytes:
    guest = ANYTHING[other % len(ANYTHING)]
    at = place % max(len(data), 1)
    return data[:at] + guest[other % len(guest) :][:20_000] + (data[at:] if other % 2 else b"")


DAMAGE = (
    _flip, _delete_bytes, _insert, _delete_lines, _double_line, _exchange_lines, _number, _digit,
    _unit, _word, _cut, _encoded, _spliced,
)  # fmt: skip

places = st.integers(0, 10**6)
edits = st.lists(st.tuples(st.sampled_from(DAMAGE), places, places), min_size=1, max_size=4)


def damaged(
    data: bytes, changes: list[tuple[Callable[[bytes, int, int], bytes], int, int]]
) -> bytes:
    for change, place, other in changes:
        data = change(data, place, other)
    return data


def fuzz(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same examples in every run; new ones where a number of them is asked for."""
    return settings(
        max_examples=int(EXAMPLES or examples),
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_there_is_a_file_of_every_kind_to_damage():
    assert [kind for kind in KINDS if not SEEDS[kind]] == []


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@fuzz(80)
def test_a_damaged_message_is_read_or_refused_with_words(kind, data):
    given_data = damaged(data.draw(st.sampled_from(SEEDS[kind])), data.draw(edits))
    started = time.process_time()
    try:
        messages = read_messages(given_data, name="damaged")
    except MessageError:
        messages = ()
    for message in messages:
        check_it_can_be_used(message)
    assert time.process_time() - started < LONGEST_S


def check_it_can_be_used(message) -> None:
    """What was accepted can be written, and what was written says the same; it is an orbit."""
    with suppress(MdssError):
        if isinstance(message, Oem):
            assert np.isfinite(Ephemeris.from_oem(message).states([0.0])).all()
        elif isinstance(message, Tle | Omm):
            assert np.isfinite(from_elements(message).states([0.0])).all()
    assert write_messages([message], Form.JSON)
    for form in (Form.KVN, Form.XML):
        try:
            text = write_messages([message], form)
        except MessageError:  # a public record, or a text that the form has no place for
            continue
        (again,) = read_messages(text.encode(), name="damaged")
        assert same(again, message)


def same(again, message) -> bool:
    return type(again) is not type(message) or again == message  # a TLE comes back as an OMM


@given(data=st.data())
@fuzz(60)
def test_a_damaged_file_tells_of_conjunctions_or_says_why_not(data):
    kind = data.draw(st.sampled_from([kind for kind in KINDS if kind.has_conjunctions]))
    try:
        told = read_told(damaged(data.draw(st.sampled_from(SEEDS[kind])), data.draw(edits)))
    except MdssError:
        return
    assert all(one.event_id for one in told)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)
@fuzz(200)
def test_any_bytes_are_detected_and_refused(data):
    assert isinstance(detect(data), Detected)
    with pytest.raises(MessageError):
        read_messages(data)


@given(data=st.data())
@fuzz(150)
def test_the_detector_has_a_word_for_any_damage(data):
    found = detect(damaged(data.draw(st.sampled_from(ANYTHING)), data.draw(edits)))
    assert found.what
    assert found.kind.is_message or str(found.refusal("damaged")).startswith("damaged")


# --- what it found ------------------------------------------------------------------------


def golden(name: str, old: str, new: str) -> bytes:
    text = (ROOT / "tests" / "golden" / name).read_text(encoding="utf-8")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    return changed.encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (golden("crossing.cdm", r"(?m)^(X .*=) \S+", r"\1 1e308"), "from the centre"),
        (golden("crossing.cdm", r"(?m)^(X_DOT .*=) \S+", r"\1 1e308"), "would move at"),
        (golden("omm_written.kvn", r"(?m)^BSTAR.*\n", ""), "BSTAR is missing"),
    ],
)
def test_numbers_at_the_edge_are_refused_without_a_warning(data: bytes, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        read_messages(data)


def test_an_empty_element_with_a_unit_is_absent_and_stays_so() -> None:
    data = golden("crossing_written.xml", r"<SEDR units=\"W/kg\">[^<]*<", '<SEDR units="W/kg"><')
    (cdm,) = read_messages(data)
    assert cdm.objects[0].get("SEDR") is None
    check_it_can_be_used(cdm)


def test_the_comment_of_a_part_of_which_nothing_is_said_goes_to_the_next() -> None:
    data = golden("opm_written.kvn", r"(?m)^(CREATION_DATE .*=).*$", r"\1")
    (opm,) = read_messages(data)
    check_it_can_be_used(opm)

"""Reading what we wrote gives back what we had; no damage ends in a traceback."""

import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdss.errors import MessageError
from mdss.messages import read_cdms, write_kvn, write_xml
from mdss.messages.fields import DATA_SECTIONS, MESSAGE_FIELDS, OBJECT_FIELDS, Section

GOLDEN = Path(__file__).parents[1] / "golden" / "crossing.cdm"
TEXT = GOLDEN.read_text(encoding="utf-8")
XML = write_xml(read_cdms(GOLDEN)[0])
(CDM,) = read_cdms(GOLDEN)

# what a line can carry: no control characters, no blanks at the ends
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=30,
).map(str.strip).filter(bool)  # fmt: skip
numbers = st.floats(allow_nan=True, allow_infinity=False)
free_numbers = {
    keyword: numbers
    for keyword, row in OBJECT_FIELDS.items()
    if row.kind == "number" and row.care == "free"
}
free_texts = {
    keyword: texts
    for keyword, row in OBJECT_FIELDS.items()
    if row.kind == "text" and not row.needed and keyword != "ORBIT_CENTER"
}
counts = st.integers(0, 10**6)


@st.composite
def messages(draw):
    """The golden message with other optional values, texts and comments."""
    objects = []
    for one in CDM.objects:
        fields = dict(one.fields)
        fields |= draw(st.fixed_dictionaries({}, optional=free_numbers))
        fields |= draw(st.fixed_dictionaries({}, optional=free_texts))
        fields["OBS_USED"] = draw(counts | st.just(math.nan))
        fields["CN_N"] = draw(st.floats(0, 1e300))
        fields["CT_R"] = draw(st.floats(allow_nan=False, allow_infinity=False))
        comments = {
            section: tuple(draw(st.lists(texts, max_size=2)))
            for section in (Section.METADATA, *DATA_SECTIONS)
            if any(OBJECT_FIELDS[key].section is section for key in fields)
        }
        objects.append(replace(one, fields=fields, comments=comments))
    fields = dict(CDM.fields)
    for keyword, row in MESSAGE_FIELDS.items():
        if row.kind == "text" and keyword != "CCSDS_CDM_VERS":
            fields[keyword] = draw(texts)
    fields["COLLISION_PROBABILITY"] = draw(st.floats(0, 1))
    comments = {Section.HEADER: tuple(draw(st.lists(texts, max_size=2)))}
    return replace(CDM, fields=fields, comments=comments, objects=tuple(objects))


@pytest.mark.parametrize("write", [write_kvn, write_xml])
@given(cdm=messages())
@settings(max_examples=40, deadline=None)
def test_reading_what_was_written_gives_the_same_message(write, cdm):
    (again,) = read_cdms(write(cdm).encode())
    assert again == cdm


@given(cdm=messages())
@settings(max_examples=20, deadline=None)
def test_kvn_and_xml_say_the_same(cdm):
    (from_kvn,) = read_cdms(write_kvn(cdm).encode())
    (from_xml,) = read_cdms(write_xml(cdm).encode())
    assert from_kvn == from_xml


def value_or_message_error(data):
    try:
        cdms = read_cdms(data)
    except MessageError:
        return
    for cdm in cdms:
        # what was accepted can be used, and written
        assert math.isfinite(cdm.objects[1].position_gcrf_m.sum())
        assert read_cdms(write_kvn(cdm).encode()) == (cdm,)
        assert read_cdms(write_xml(cdm).encode()) == (cdm,)


def cut_at(text, places):
    """Pieces of a text between sorted places."""
    edges = [0, *sorted(p % (len(text) + 1) for p in places), len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


positions = st.integers(0, 10**6)


@pytest.mark.parametrize("text", [TEXT, XML], ids=["kvn", "xml"])
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_end_in_a_message_or_a_message_error(text, data):
    damaged = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(positions) % len(damaged)
        what = data.draw(st.sampled_from(["set", "delete", "insert", "cut"]))
        if what == "set":
            damaged[place] = data.draw(st.integers(0, 255))
        elif what == "delete":
            del damaged[place : place + data.draw(st.integers(1, 30))]
        elif what == "insert":
            damaged[place:place] = data.draw(st.binary(max_size=8))
        else:
            del damaged[place:]
        if not damaged:
            break
    value_or_message_error(bytes(damaged))


ODD_VALUES = st.sampled_from(
    [
        "",
        "NaN",
        "inf",
        "-1",
        "0",
        "1e400",
        "[m]",
        "1 [",
        "1 [m",
        "N/A",
        "2026-02-30T00:00:00",
        "9" * 400,
        "1_0",
        "٣",
        "½",
        "OBJECT1",
        "OBJECT2",
        "EARTH",
        "ITRF",
        "=",
        "<X>",
        "&amp;",
        "]]>",
    ]
)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_shuffled_and_altered_lines_end_in_a_message_or_a_message_error(data):
    lines = TEXT.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(positions) % len(lines)
        what = data.draw(st.sampled_from(["delete", "double", "move", "value", "keyword"]))
        if what == "delete":
            del lines[place]
        elif what == "double":
            lines.insert(data.draw(positions) % len(lines), lines[place])
        elif what == "move":
            lines.insert(data.draw(positions) % len(lines), lines.pop(place))
        elif what == "value":
            lines[place] = re.sub("=.*", lambda _: "= " + data.draw(ODD_VALUES), lines[place])
        else:
            lines[place] = data.draw(texts) + lines[place]
    value_or_message_error("\n".join(lines).encode())


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_end_in_a_message_error(data):
    with pytest.raises(MessageError):
        read_cdms(data)


@given(cuts=st.lists(positions, min_size=2, max_size=2))
@settings(max_examples=100, deadline=None)
def test_a_piece_from_the_middle_ends_in_a_message_or_a_message_error(cuts):
    _, middle, _ = cut_at(TEXT, cuts)
    value_or_message_error(middle.encode())

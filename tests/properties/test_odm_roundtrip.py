"""Reading what we wrote gives back what we had; no damage to element sets ends in a traceback."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdss.errors import MdssError
from mdss.messages.cdm_public import read_cdm_public
from mdss.messages.odm import OdmPart, Part
from mdss.messages.odm_write import write_odm_kvn, write_odm_xml
from mdss.messages.omm import Omm, read_omms
from mdss.messages.opm import Opm, OpmBurn, read_opm
from mdss.messages.sgp4_elements import Sgp4Elements
from mdss.messages.tle import read_tles
from mdss.messages.tle_columns import ALPHA5, alpha5_number, checksum
from mdss.messages.tle_to_omm import omm_from_tle

GOLDEN = Path(__file__).parents[1] / "golden"
(OPM,) = read_opm(GOLDEN / "opm_two_burns.opm")
(OMM,) = read_omms(GOLDEN / "omm_space_track.json")
TLES = (GOLDEN / "tle_iss_and_starlink.tle").read_text(encoding="utf-8")
FORMS = pytest.mark.parametrize("write", [write_odm_kvn, write_odm_xml], ids=["kvn", "xml"])

# what a line can carry: no control characters, no blanks at the ends
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=30,
).map(str.strip).filter(bool)  # fmt: skip
names = st.from_regex(r"[A-Z][A-Z0-9_]{0,12}", fullmatch=True)
comments = st.lists(texts, max_size=2).map(tuple)
positive = st.floats(1e-5, 1e300)


def with_fields(part, fields, remarks=()):
    return replace(part, fields={**part.fields, **fields}, comments=(*part.comments, *remarks))


@st.composite
def opms(draw):
    """The golden message with other texts, comments, spacecraft, maneuvers and user parameters."""
    parts = {part: with_fields(one, {}, draw(comments)) for part, one in OPM.parts.items()}
    for keyword in ("OBJECT_NAME", "OBJECT_ID"):
        parts[Part.METADATA] = with_fields(parts[Part.METADATA], {keyword: draw(texts)})
    parts[Part.SPACECRAFT] = with_fields(
        parts[Part.SPACECRAFT],
        {"MASS": draw(positive), "DRAG_COEFF": draw(st.floats(allow_infinity=False))},
    )
    extras = draw(st.dictionaries(names.map("USER_DEFINED_{}".format), texts, max_size=3))
    if extras:
        parts[Part.USER] = OdmPart(extras=tuple(extras.items()), comments=draw(comments))
    else:
        del parts[Part.USER]
    blocks = draw(st.lists(st.sampled_from(OPM.maneuver_parts), max_size=4))
    speeds = st.floats(allow_nan=False, allow_infinity=False)
    maneuvers = tuple(
        with_fields(
            block,
            {"MAN_DURATION": draw(st.floats(0, 1e300)), "MAN_DV_3": draw(speeds)}
            | ({"MAN_DELTA_MASS": -0.0} if draw(st.booleans()) else {"MAN_DELTA_MASS": -1e-6}),
            draw(comments),
        )
        for block in blocks
    )
    return replace(OPM, parts=parts, maneuver_parts=maneuvers)


@FORMS
@given(opm=opms())
@settings(max_examples=30, deadline=None)
def test_an_opm_comes_back_from_what_was_written(write, opm):
    assert read_opm(write(opm).encode()) == (opm,)


@given(
    dv=st.tuples(*[st.floats(-1e4, 1e4)] * 3),
    after_s=st.floats(0, 1e6),
    duration_s=st.floats(0, 1e5),
)
@settings(max_examples=30, deadline=None)
def test_a_burn_comes_back_in_si(dv, after_s, duration_s):
    start = datetime(2026, 3, 12, 6, tzinfo=UTC)
    burn = OpmBurn(
        ignition_utc=start + timedelta(seconds=after_s), dv_rtn_m_s=dv, duration_s=duration_s
    )
    made = Opm.from_state_and_burns(
        object_name="A",
        object_id="B",
        epoch_utc=start,
        position_m=[7e6, 0, 0],
        velocity_m_s=[0, 7500, 0],
        burns=[burn],
        created_utc=start,
        originator="C",
    )
    (again,) = read_opm(write_odm_kvn(made).encode())
    (maneuver,) = again.maneuvers
    assert (maneuver.ignition_utc, maneuver.duration_s) == (burn.ignition_utc, duration_s)
    # a division and a multiplication by 1000; nothing is left of the smallest denormal numbers
    np.testing.assert_allclose(np.array(maneuver.dv_km_s) * 1e3, dv, rtol=5e-16, atol=1e-320)


elements = st.builds(
    Sgp4Elements,
    epoch_utc=st.datetimes(datetime(1958, 1, 1), datetime(2056, 1, 1)).map(
        lambda one: one.replace(tzinfo=UTC)
    ),
    mean_motion_rev_day=st.floats(0.5, 17),
    eccentricity=st.floats(0, 0.9),
    inclination_deg=st.floats(0, 180),
    ra_of_asc_node_deg=st.floats(0, 360),
    arg_of_pericenter_deg=st.floats(0, 360),
    mean_anomaly_deg=st.floats(0, 360),
    bstar=st.floats(-0.1, 0.1),
    mean_motion_dot=st.floats(-1, 1),
    mean_motion_ddot=st.floats(-1, 1),
)


@FORMS
@given(element_set=elements, number=st.integers(1, 999_999_999), name=texts)
@settings(max_examples=30, deadline=None)
def test_an_omm_comes_back_from_what_was_written(write, element_set, number, name):
    (tle, _) = read_tles(TLES.encode())
    tle = replace(tle, elements=element_set, catalog_number=number, name=name)
    omm = omm_from_tle(tle, datetime(2026, 3, 12, tzinfo=UTC))
    (again,) = read_omms(write(omm).encode())
    assert again == omm
    assert again.elements == element_set
    assert (again.designator, again.name) == (str(number), name)


@given(number=st.integers(0, 339_999))
def test_alpha5_and_back(number):
    head, rest = divmod(number, 10_000)
    text = f"{head if head < 10 else ALPHA5[head - 10]}{rest:04d}"
    assert alpha5_number(text) == number


@given(
    values=st.tuples(
        st.floats(0, 180), st.floats(0, 359), st.integers(0, 9_999_999), st.floats(0, 359),
        st.floats(0, 359), st.floats(0.01, 17),
    )
)  # fmt: skip
def test_line_2_is_read_as_it_was_printed(values):
    inclination, node, eccentricity, pericenter, anomaly, motion = values
    body = (
        f"2 25544 {inclination:8.4f} {node:8.4f} {eccentricity:07d} {pericenter:8.4f} "
        f"{anomaly:8.4f} {motion:11.8f}57852"
    )
    line1 = TLES.splitlines()[1]
    (tle,) = read_tles(f"{line1}\n{body}{checksum(body)}\n".encode())
    assert tle.elements.inclination_deg == float(f"{inclination:.4f}")
    assert tle.elements.ra_of_asc_node_deg == float(f"{node:.4f}")
    assert tle.elements.eccentricity == eccentricity / 1e7
    assert tle.elements.mean_motion_rev_day == float(f"{motion:.8f}")


def usable(one):
    """What was accepted can be used, and written."""
    if isinstance(one, Opm):
        assert np.isfinite(one.state_km).all()
        assert all(m.ignition_utc.tzinfo is UTC for m in one.maneuvers)
        reread, kind = read_opm, one
    elif isinstance(one, Omm):
        assert math.isfinite(one.elements.mean_motion_rev_day)
        reread, kind = read_omms, one
    else:
        json.dumps(one.as_dict(), allow_nan=False)
        return
    json.dumps(one.as_dict(), allow_nan=False)
    assert reread(write_odm_kvn(kind).encode()) == (kind,)
    assert reread(write_odm_xml(kind).encode()) == (kind,)


SEEDS = {
    "opm": (read_opm, (GOLDEN / "opm_two_burns.opm").read_bytes()),
    "opm xml": (read_opm, (GOLDEN / "opm_written.xml").read_bytes()),
    "omm": (read_omms, (GOLDEN / "omm_written.kvn").read_bytes()),
    "omm csv": (read_omms, (GOLDEN / "omm_celestrak.csv").read_bytes()),
    "omm json": (read_omms, (GOLDEN / "omm_space_track.json").read_bytes()),
    "tle": (read_tles, TLES.encode()),
    "public": (read_cdm_public, (GOLDEN / "cdm_public_two.json").read_bytes()),
}
ODD = st.sampled_from(
    [
        b"", b"NaN", b"1e400", b"-1", b"null", b"true", b"[]", b"{", b'"', b",", b"\n", b"9" * 400,
        "½".encode(), b"\\ud800", b"\\u0000", b"\x00", b"\xff", b"\xc2\x85", b"0", b" ",
    ]
)  # fmt: skip


@pytest.mark.parametrize("name", SEEDS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_damage_ends_in_a_message_that_can_be_used_or_in_a_refusal(name, data):
    read, seed = SEEDS[name]
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(seed) - 1)) % max(len(damaged), 1)
        length = data.draw(st.integers(0, 12))
        damaged[place : place + length] = data.draw(ODD | st.binary(max_size=3))
    try:
        messages = read(bytes(damaged))
    except MdssError:
        return
    for one in messages:
        usable(one)

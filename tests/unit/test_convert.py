"""Every kind of message in every form: nothing is lost, or it is refused."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mdss.errors import MessageError
from mdss.messages import Form, read_messages, write_messages
from mdss.messages.fields import MESSAGE_SECTIONS, OBJECT_SECTIONS
from mdss.notices import Notice, NoticeCode, in_brief

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ORBITS = ("oem_two_segments.oem", "opm_two_burns.opm", "omm_celestrak.csv", "omm_space_track.json")
TEXT_FORMS = (Form.KVN, Form.XML)
TLE = (GOLDEN / "tle_iss_and_starlink.tle").read_bytes()

# Elements of the schemas' sequences (ndmxml-1.0 to 3.0), optional ones of later drafts left out.
CDM_ORDER = """
    CREATION_DATE ORIGINATOR MESSAGE_FOR MESSAGE_ID
    TCA MISS_DISTANCE RELATIVE_SPEED relativeStateVector START_SCREEN_PERIOD STOP_SCREEN_PERIOD
    SCREEN_VOLUME_FRAME SCREEN_VOLUME_SHAPE SCREEN_VOLUME_X SCREEN_VOLUME_Y SCREEN_VOLUME_Z
    SCREEN_ENTRY_TIME SCREEN_EXIT_TIME COLLISION_PROBABILITY COLLISION_PROBABILITY_METHOD
    OBJECT OBJECT_DESIGNATOR CATALOG_NAME OBJECT_NAME INTERNATIONAL_DESIGNATOR OBJECT_TYPE
    OPERATOR_CONTACT_POSITION OPERATOR_ORGANIZATION OPERATOR_PHONE OPERATOR_EMAIL EPHEMERIS_NAME
    COVARIANCE_METHOD MANEUVERABLE ORBIT_CENTER REF_FRAME GRAVITY_MODEL ATMOSPHERIC_MODEL
    N_BODY_PERTURBATIONS SOLAR_RAD_PRESSURE EARTH_TIDES INTRACK_THRUST
    TIME_LASTOB_START TIME_LASTOB_END RECOMMENDED_OD_SPAN ACTUAL_OD_SPAN OBS_AVAILABLE OBS_USED
    TRACKS_AVAILABLE TRACKS_USED RESIDUALS_ACCEPTED WEIGHTED_RMS
    AREA_PC AREA_DRG AREA_SRP MASS CD_AREA_OVER_MASS CR_AREA_OVER_MASS THRUST_ACCELERATION SEDR
    X Y Z X_DOT Y_DOT Z_DOT
    CR_R CT_R CT_T CN_R CN_T CN_N CRDOT_R CRDOT_T CRDOT_N CRDOT_RDOT CTDOT_R CTDOT_T CTDOT_N
    CTDOT_RDOT CTDOT_TDOT CNDOT_R CNDOT_T CNDOT_N CNDOT_RDOT CNDOT_TDOT CNDOT_NDOT
"""
OPM_ORDER = """
    header metadata OBJECT_NAME OBJECT_ID CENTER_NAME REF_FRAME TIME_SYSTEM
    stateVector EPOCH X Y Z X_DOT Y_DOT Z_DOT
    keplerianElements SEMI_MAJOR_AXIS ECCENTRICITY INCLINATION RA_OF_ASC_NODE ARG_OF_PERICENTER
    spacecraftParameters MASS SOLAR_RAD_AREA SOLAR_RAD_COEFF DRAG_AREA DRAG_COEFF
    covarianceMatrix COV_REF_FRAME CX_X CY_X CY_Y CZ_X
    maneuverParameters MAN_EPOCH_IGNITION MAN_DURATION MAN_DELTA_MASS MAN_REF_FRAME
    MAN_DV_1 MAN_DV_2 MAN_DV_3 userDefinedParameters
"""
OMM_ORDER = """
    header metadata OBJECT_NAME OBJECT_ID CENTER_NAME REF_FRAME TIME_SYSTEM MEAN_ELEMENT_THEORY
    meanElements EPOCH MEAN_MOTION ECCENTRICITY INCLINATION RA_OF_ASC_NODE ARG_OF_PERICENTER
    MEAN_ANOMALY tleParameters EPHEMERIS_TYPE CLASSIFICATION_TYPE NORAD_CAT_ID ELEMENT_SET_NO
    REV_AT_EPOCH BSTAR MEAN_MOTION_DOT MEAN_MOTION_DDOT
"""
OEM_ORDER = """
    header metadata OBJECT_NAME OBJECT_ID CENTER_NAME REF_FRAME TIME_SYSTEM START_TIME
    USEABLE_START_TIME USEABLE_STOP_TIME STOP_TIME INTERPOLATION INTERPOLATION_DEGREE
    stateVector EPOCH X Y Z X_DOT Y_DOT Z_DOT covarianceMatrix
"""


def first_places(text: str, names: list[str]) -> list[int]:
    """Where each element opens first, after the one before it."""
    places, at = [], 0
    for name in names:
        match = re.compile(rf"<{name}[ >]").search(text, at)
        places.append(-1 if match is None else match.start())
        at = max(at, places[-1])
    return places


# --- forms --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", TEXT_FORMS)
@pytest.mark.parametrize("name", ["crossing.cdm", *ORBITS])
def test_what_is_converted_says_the_same(name: str, form: Form) -> None:
    messages = read_messages(GOLDEN / name)
    assert read_messages(write_messages(messages, form).encode()) == messages


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_a_tle_and_its_omm_give_the_same_orbit(form: Form) -> None:
    for tle in read_messages(TLE):
        (omm,) = read_messages(write_messages([tle], form).encode())
        assert (omm.designator, omm.name) == (tle.designator, tle.name)
        _, place_km, _ = tle.satrec().sgp4_tsince(1440.0)
        _, again_km, _ = omm.satrec().sgp4_tsince(1440.0)
        # the same numbers in: a day later the same place, but for the last bit of the epoch
        assert np.allclose(place_km, again_km, rtol=0, atol=1e-9)


def test_the_json_of_elements_and_public_records_is_read_back() -> None:
    tles = read_messages(TLE)
    records = json.loads(write_messages(tles, Form.JSON))
    assert [one["TLE_LINE1"] for one in records] == [one.line1 for one in tles]
    again = read_messages(json.dumps(records).encode())
    assert [one.elements for one in again] == [one.elements for one in tles]
    public = read_messages(GOLDEN / "cdm_public_two.json")
    assert read_messages(write_messages(public, Form.JSON).encode()) == public


def test_an_ephemeris_in_json_has_every_state_and_covariance() -> None:
    (oem,) = read_messages(GOLDEN / "oem_two_segments.oem")
    (written,) = json.loads(write_messages([oem], Form.JSON))
    for segment, plain in zip(oem.segments, written["segments"], strict=True):
        states = [[one[key] for key in ("X", "Y", "Z")] for one in plain["stateVector"]]
        assert states == segment.states[:, :3].tolist()
        assert len(plain["covarianceMatrix"]) == len(segment.covariances)


def test_a_converted_tle_carries_the_date_of_its_conversion() -> None:
    made = datetime(2026, 3, 1, 12, tzinfo=UTC)
    (omm, *_) = read_messages(write_messages(read_messages(TLE), Form.KVN, made).encode())
    assert omm.created_utc == made
    (undated, *_) = read_messages(write_messages(read_messages(TLE), Form.KVN).encode())
    assert undated.created_utc is None


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_catalogue_records_get_the_header_that_the_schema_asks_for(form: Form) -> None:
    made = datetime(2026, 3, 1, 12, tzinfo=UTC)
    read = read_messages(GOLDEN / "omm_celestrak.csv")
    assert read[0].created_utc is None
    text = write_messages(read[:1], form, made)
    (written,) = read_messages(text.encode())
    assert (written.created_utc, written.originator) == (made, "MDSS")
    assert written.elements == read[0].elements
    assert "filled when it was converted: CREATION_DATE, ORIGINATOR" in text
    # what a source says of itself stays
    dated = read_messages(GOLDEN / "omm_space_track.json")
    assert read_messages(write_messages(dated, form, made).encode()) == dated


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_public_records_are_not_written_as_if_they_had_states(form: Form) -> None:
    with pytest.raises(MessageError, match="has no states and cannot be written"):
        write_messages(read_messages(GOLDEN / "cdm_public_two.json"), form)


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_messages_of_several_kinds_share_a_file(form: Form) -> None:
    names = ("crossing.cdm", "oem_two_segments.oem", "opm_two_burns.opm", "omm_written.kvn")
    messages = [one for name in names for one in read_messages(GOLDEN / name)]
    again = list(read_messages(write_messages(messages, form).encode()))
    assert len(again) == len(messages)
    assert all(one in again for one in messages)


# --- order --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("opm_two_burns.opm", OPM_ORDER),
        ("omm_space_track.json", OMM_ORDER),
        ("oem_two_segments.oem", OEM_ORDER),
    ],
)
def test_xml_elements_stand_in_the_order_of_the_standard(name: str, order: str) -> None:
    names = order.split()
    text = write_messages(read_messages(GOLDEN / name)[:1], Form.XML)
    places = first_places(text, names)
    assert [n for n, at in zip(names, places, strict=True) if at < 0] == []
    assert places == sorted(places)


def test_the_cdm_s_elements_stand_in_the_order_of_the_standard() -> None:
    order = CDM_ORDER.split()
    text = write_messages(read_messages(GOLDEN / "crossing.cdm"), Form.XML)
    found = [name for name in re.findall(r"<(\w+)[ >]", text) if name in order]
    second = found.index("OBJECT", found.index("OBJECT") + 1)
    for part in (found[:second], found[second:]):
        assert part == sorted(part, key=order.index)
    sections = re.findall(r"<(\w+)>", text)
    expected = [str(one) for one in (*MESSAGE_SECTIONS, *OBJECT_SECTIONS)]
    assert [one for one in dict.fromkeys(sections) if one in expected] == expected


# --- notices ------------------------------------------------------------------------------


def test_many_notices_alike_are_told_in_brief() -> None:
    alike = [
        Notice(code=NoticeCode.MISSING_UNIT, message="no unit", field="MIN_RNG", line=n)
        for n in range(1, 101)
    ]
    other = Notice(code=NoticeCode.NAN_VALUE, message="is NaN", field="PC")
    lines = in_brief([*alike, other, *alike])
    assert len(lines) == 6
    assert lines[4].endswith("and 95 more like this")
    assert lines[5] == "PC: is NaN"

"""What is written can be read by others, and by us without loss."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from mdss.astro.twobody import propagate
from mdss.errors import MessageError
from mdss.messages.oem import oem_from_states, read_oem, write_oem_kvn, write_oem_xml

GOLDEN = Path(__file__).parents[1] / "golden" / "oem_two_segments.oem"
(OEM,) = read_oem(GOLDEN)
REFERENCE = datetime(2016, 12, 31, 23, 59, 30, tzinfo=UTC)
TIMES_S = np.linspace(0.0, 600.0, 8)
STATES_M = propagate([7e6, 1e5, -2e5], [100.0, 1000.0, 7400.0], TIMES_S)
COV_M2 = np.diag([100.0, 1e4, 50.0, 1.0, 0.01, 0.02]) ** 2 * np.ones((8, 1, 1))


def ephemeris(**changes):
    settings = {
        "designator": "2026-001A",
        "name": "SAT",
        "reference_utc": REFERENCE,
        "t_s": TIMES_S,
        "states_m": STATES_M,
        "cov_m2": COV_M2,
        "created_utc": datetime(2026, 3, 1, tzinfo=UTC),
    }
    return oem_from_states(**(settings | changes))


@pytest.mark.parametrize("write", [write_oem_kvn, write_oem_xml])
@pytest.mark.parametrize("system", ["UTC", "TAI", "TT", "GPS", "TDB", "UT1"])
def test_an_ephemeris_from_states_is_read_back_equal_across_a_leap_second(write, system):
    oem = ephemeris(time_system=system)
    (again,) = read_oem(write(oem).encode())
    segment = again.segments[0]
    assert replace(segment, reference_utc=REFERENCE, t_s=segment.t_s) == segment
    # in TDB and UT1 the first epoch is no whole microsecond of UTC: half of one is left over
    np.testing.assert_allclose(segment.t_s, oem.segments[0].t_s, atol=1e-9)
    assert again == oem
    assert again.notices == ()


@pytest.mark.parametrize("write", [write_oem_kvn, write_oem_xml])
def test_what_was_read_is_read_back_equal(write):
    assert read_oem(write(OEM).encode()) == (OEM,)


def test_states_keep_their_si_values():
    segment = ephemeris().segments[0]
    # one rounding of the division by 1000
    np.testing.assert_allclose(1e3 * segment.states, STATES_M, rtol=3e-16)
    np.testing.assert_allclose(1e6 * segment.covariances[3].matrix, COV_M2[3], rtol=3e-16)


def test_metadata_say_span_frame_and_interpolation():
    segment = ephemeris(time_system="GPS").segments[0]
    assert segment.get("START_TIME") == "2016-12-31T23:59:47.000000"
    assert segment.get("STOP_TIME") == "2017-01-01T00:09:47.000000"
    assert (segment.center_name, segment.ref_frame) == ("EARTH", "GCRF")
    assert (segment.interpolation, segment.interpolation_degree) == ("HERMITE", 7)
    assert ephemeris(central_body="mars").segments[0].ref_frame == "ICRF"


def test_a_leap_second_is_written_as_second_sixty():
    text = write_oem_kvn(ephemeris(t_s=np.arange(8) + 30.5, cov_m2=None))
    epochs = [line[:26] for line in text.splitlines() if line[:3] in ("201",)]
    assert epochs[:2] == ["2016-12-31T23:59:60.500000", "2017-01-01T00:00:00.500000"]


def test_nanoseconds_are_written_only_where_they_are_needed():
    whole = write_oem_kvn(ephemeris(t_s=np.arange(8) * 60 + 0.25, cov_m2=None))
    fine = write_oem_kvn(ephemeris(t_s=np.arange(8) * 60 + 1e-9, cov_m2=None))
    assert "2016-12-31T23:59:30.250000 " in whole
    assert "2016-12-31T23:59:30.000000001 " in fine


def test_covariances_may_have_their_own_times():
    oem = ephemeris(cov_m2=COV_M2[:2], cov_t_s=[0.0, 300.0], cov_frame="")
    assert [one.t_s for one in oem.segments[0].covariances] == [0, 300]
    assert "COV_REF_FRAME" not in write_oem_kvn(oem)


def test_xml_elements_stand_in_the_order_of_the_standard():
    root = ElementTree.fromstring(write_oem_xml(OEM))
    assert [child.tag for child in root] == ["header", "body"]
    metadata, data = root.find("body/segment")
    assert [child.tag for child in metadata] == [
        "COMMENT", "OBJECT_NAME", "OBJECT_ID", "CENTER_NAME", "REF_FRAME", "TIME_SYSTEM",
        "START_TIME", "USEABLE_START_TIME", "USEABLE_STOP_TIME", "STOP_TIME", "INTERPOLATION",
        "INTERPOLATION_DEGREE",
    ]  # fmt: skip
    assert [child.tag for child in data] == [
        "COMMENT", *["stateVector"] * 5, *["covarianceMatrix"] * 2
    ]  # fmt: skip
    state, covariance = data.find("stateVector"), data.find("covarianceMatrix")
    assert [(child.tag, child.get("units")) for child in state][:2] == [
        ("EPOCH", None), ("X", "km")
    ]  # fmt: skip
    assert [child.tag for child in covariance][:6] == [
        "COMMENT", "EPOCH", "COV_REF_FRAME", "CX_X", "CY_X", "CY_Y"
    ]  # fmt: skip
    assert covariance.find("CX_DOT_Z").get("units") == "km**2/s"


def test_a_text_with_a_line_break_is_not_written_as_kvn():
    with pytest.raises(MessageError, match="line break"):
        write_oem_kvn(replace(OEM, comments=("one\nMETA_START",)))


@pytest.mark.parametrize(
    "changes",
    [
        {"t_s": TIMES_S[::-1]},
        {"t_s": np.full(8, np.nan)},
        {"t_s": []},
        {"states_m": STATES_M[:5]},
        {"states_m": np.full((8, 6), np.inf)},
        {"cov_m2": COV_M2[:, :3, :3]},
    ],
)
def test_states_that_make_no_ephemeris_are_refused(changes):
    with pytest.raises(MessageError):
        ephemeris(**changes)

"""What would change the physics of an OPM is refused, with line, field, value and remedy."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdss.errors import MessageError
from mdss.messages.odm_write import write_odm_xml
from mdss.messages.opm import Opm, OpmBurn, read_opm

GOLDEN = Path(__file__).parents[1] / "golden" / "opm_two_burns.opm"
TEXT = GOLDEN.read_text(encoding="utf-8")


def line(keyword, value):
    return rf"^{keyword} = .*", f"{keyword} = {value}"


CHANGED = {
    "position in metres": (*line("X", "-1000000 [m]"), "X", "needs [km]"),
    "position in metres without a unit": (*line("Y", "-3577370.1"), "Y", "centre of EARTH"),
    "velocity in metres without a unit": (*line("Z_DOT", "-7100.2"), "Z_DOT", "km/s"),
    "object at rest": (r"^([XYZ])_DOT = .*", r"\1_DOT = 0", "X_DOT", "would move at 0 km/s"),
    "infinite position": (*line("X", "inf [km]"), "X", "finite"),
    "position of words": (*line("X", "far [km]"), "X", "not a number"),
    "position missing": (r"^Z = .*\n", "", "Z", "missing"),
    "frame missing": (r"^REF_FRAME = .*\n", "", "REF_FRAME", "missing"),
    "time system missing": (r"^TIME_SYSTEM = .*\n", "", "TIME_SYSTEM", "missing"),
    "time of the spacecraft clock": (*line("TIME_SYSTEM", "SCLK"), "TIME_SYSTEM", "UTC"),
    "impossible epoch": (*line("EPOCH", "2026-02-30T00:00:00"), "EPOCH", "possible"),
    "leap second of a clock without any": (*line("EPOCH", "2016-12-31T23:59:60"), "EPOCH", "60"),
    "impossible ignition": (
        *line("MAN_EPOCH_IGNITION", "2026-03-13T25:00:00"),
        "MAN_EPOCH_IGNITION",
        "possible",
    ),
    "burn backwards": (*line("MAN_DURATION", "-1 [s]"), "MAN_DURATION", "0 s or more"),
    "burn that adds mass": (*line("MAN_DELTA_MASS", "0.0186 [kg]"), "MAN_DELTA_MASS", "spends"),
    "burn of the whole mass": (*line("MAN_DELTA_MASS", "-413 [kg]"), "MAN_DELTA_MASS", "whole"),
    "burn without a frame": (r"^MAN_REF_FRAME = RTN\n", "", "MAN_REF_FRAME", "of maneuver 1"),
    "burn in metres a second": (*line("MAN_DV_2", "0.098 [m/s]"), "MAN_DV_2", "needs [km/s]"),
    "burn with two durations": (
        r"^MAN_DURATION = 43.7.*",
        "MAN_DURATION = 43.7 [s]\nMAN_DURATION = 12 [s]",
        "MAN_DURATION",
        "contradicts",
    ),
    "burn before its ignition": (
        r"^MAN_EPOCH_IGNITION = 2026-03-13.*\n",
        "",
        "MAN_DURATION",
        "no MAN_EPOCH_IGNITION",
    ),
    "mass of nothing": (*line("MASS", "0 [kg]"), "MASS", "above 0"),
    "negative area": (*line("DRAG_AREA", "-1 [m**2]"), "DRAG_AREA", "0 or more"),
    "negative variance": (*line("CX_X", "-1e-4 [km**2]"), "CX_X", "variance"),
    "covariance in square metres": (*line("CX_X", "144 [m**2]"), "CX_X", "needs [km**2]"),
    "incomplete covariance": (r"^CZ_DOT_X = .*\n", "", "CZ_DOT_X", "missing"),
    "another message": (r"CCSDS_OPM_VERS", "CCSDS_OEM_VERS", "CCSDS_OEM_VERS", "not an OPM"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_changes_the_physics_is_refused_with_its_place(name):
    pattern, replacement, field, problem = CHANGED[name]
    damaged, count = re.subn(pattern, replacement, TEXT, flags=re.MULTILINE)
    assert count > 0
    with pytest.raises(MessageError) as caught:
        read_opm(damaged.encode(), "bad.opm")
    error = caught.value
    assert (error.file, error.field) == ("bad.opm", field)
    assert problem in str(error)
    assert error.line
    assert error.remedy


def test_an_opm_may_be_as_fast_as_an_oem():
    from mdss.messages.oem import oem_from_states, read_oem, write_oem_kvn

    epoch = datetime(2026, 3, 1, tzinfo=UTC)
    for speed_km_s, said in ((99.0, ""), (101.0, "at most 100 km/s")):
        velocity = [0.0, 1e3 * speed_km_s, 0.0]
        opm = re.sub(r"(?m)^([XZ])_DOT = .*", r"\1_DOT = 0", TEXT)
        opm = re.sub(r"(?m)^Y_DOT = .*", f"Y_DOT = {speed_km_s} [km/s]", opm)
        oem = oem_from_states(
            designator="A",
            name="A",
            reference_utc=epoch,
            t_s=[0.0],
            states_m=[[7e6, 0.0, 0.0, *velocity]],
            created_utc=epoch,
        )
        for read, text in ((read_opm, opm), (read_oem, write_oem_kvn(oem))):
            problem = ""
            try:
                read(text.encode())
            except MessageError as error:
                problem = str(error)
            assert said in problem
            assert bool(said) == bool(problem)


def test_a_file_cut_short_is_refused_in_both_forms():
    with pytest.raises(MessageError, match="missing"):
        read_opm(TEXT[: TEXT.index("X_DOT")].encode())
    (opm,) = read_opm(GOLDEN)
    xml = write_odm_xml(opm)
    with pytest.raises(MessageError, match="not well-formed"):
        read_opm(xml[: len(xml) // 2].encode())


def test_a_burn_that_cannot_be_is_refused_when_it_is_made():
    when = datetime(2026, 3, 13, tzinfo=UTC)
    for wrong in (
        {"duration_s": -1.0},
        {"delta_mass_kg": 0.1},
        {"dv_rtn_m_s": (0, float("nan"), 0)},
    ):
        with pytest.raises(MessageError):
            OpmBurn(**{"ignition_utc": when, "dv_rtn_m_s": (0, 0.1, 0), **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"position_m": [1.0, 2.0]},
        {"velocity_m_s": [0.0, float("inf"), 0.0]},
        {"spacecraft": {"COLOUR": 1.0}},
        {"spacecraft": {"MASS": -1.0}},
        {"cov_rtn_m2": [[1.0]]},
        {"epoch_utc": datetime(2026, 3, 14, tzinfo=UTC)},
    ],
)
def test_what_cannot_be_written_as_an_opm_is_refused(wrong):
    given = {
        "object_name": "A",
        "object_id": "B",
        "epoch_utc": datetime(2026, 3, 12, tzinfo=UTC),
        "position_m": [7e6, 0, 0],
        "velocity_m_s": [0, 7500, 0],
        "created_utc": datetime(2026, 3, 12, tzinfo=UTC),
        "originator": "C",
        "burns": [OpmBurn(ignition_utc=datetime(2026, 3, 13, tzinfo=UTC), dv_rtn_m_s=(0, 1, 0))],
    }
    assert Opm.from_state_and_burns(**given).maneuvers
    with pytest.raises(MessageError):
        Opm.from_state_and_burns(**{**given, **wrong})

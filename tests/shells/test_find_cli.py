"""`mdss find` and `mdss risk --ephemeris` as a user runs them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from mdss.astro.numerical import ForceModel, propagate
from mdss.astro.time_scales import utc_from
from mdss.cli import main
from mdss.loading import load_event
from mdss.messages.oem import oem_from_states, write_oem_kvn
from mdss.report.as_json import schema

TLES = """IRIDIUM 33
1 24946U 97051C   09040.78448243 +.00000153 +00000-0 +47668-4 0  9994
2 24946 086.3994 121.7028 0002288 085.1644 274.9812 14.34219863597336
COSMOS 2251
1 22675U 93036A   09040.49834364 -.00000001  00000-0  95251-5 0  9996
2 22675 074.0355 019.4646 0016027 098.7014 261.5952 14.31135643817415
"""
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
DAY = "2009-02-10T12:00Z/2009-02-10T20:00Z"


@pytest.fixture
def mdss(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return printed.out, printed.err, int(stop.value.code or 0)

    return run


@pytest.fixture
def pair(tmp_path):
    file = tmp_path / "two.tle"
    file.write_text(TLES)
    return f"{file}#24946", f"{file}#22675"


def _conforms(text, name):
    value = json.loads(text)
    Draft202012Validator(schema(name)).validate(value)
    return value


# --- find ---------------------------------------------------------------------------------


def test_find_lists_the_closest_and_says_what_is_assumed(mdss, pair):
    out, _, code = mdss("find", *pair, "--window", DAY, "--sigma", "usual")
    assert code == 0
    assert "2009-02-10 16:55:59.795" in out
    assert "covariance-assumed" in out
    assert max(map(len, out.splitlines())) <= 100


def test_find_as_json_keeps_to_its_schema(mdss, pair):
    out, _, _ = mdss(
        "find", *pair, "--window", DAY, "--max-distance", 5e3, "--hbr", 10, "--sigma", "usual",
        "--json",
    )  # fmt: skip
    found = _conforms(out, "find")
    assert found["count"] == 1
    (one,) = found["approaches"]
    assert one["tca_utc"].startswith("2009-02-10T16:55:59.79")
    assert one["miss_distance_m"] == pytest.approx(698.0, abs=0.5)
    assert (one["hard_body_radius_m"], one["hbr_source"]) == (10.0, "command-line")
    assert 0 < one["pc"] < 1e-2


def test_without_covariance_there_is_no_pc_and_it_is_said(mdss, pair):
    out, _, _ = mdss("find", *pair, "--window", DAY, "--max-distance", 5e3, "--json")
    found = _conforms(out, "find")
    assert found["approaches"][0]["pc"] is None
    assert "no covariance" in found["approaches"][0]["no_pc_because"]
    assert "no-covariance" in [one["code"] for one in found["warnings"]]


def test_edges_of_the_window_are_told_as_such(mdss, pair):
    # a minute after the collision the objects recede: closest at the window's start
    out, _, _ = mdss("find", *pair, "--window", "2009-02-10T16:57Z/2009-02-10T17:10Z", "--json")
    found = _conforms(out, "find")
    assert [one["edge"] for one in found["approaches"]] == ["start"]


def test_found_approaches_leave_as_cdms_that_risk_reads(mdss, pair, tmp_path):
    folder = tmp_path / "cdms"
    arguments = ("find", *pair, "--window", DAY, "--max-distance", 5e3, "--hbr", 10, "--sigma",
                 "100,500,100", "--write-cdm", folder)  # fmt: skip
    _, err, code = mdss(*arguments)
    assert (code, "1 CDM written" in err) == (0, True)
    (file,) = folder.iterdir()
    assert "Covariance assumed: a constant sigma of 100, 500, 100 m" in file.read_text()
    out, _, code = mdss("risk", file, "--json")
    (entry,) = _conforms(out, "risk")
    assert code == 0
    assert entry["miss_distance_m"] == pytest.approx(698.0, abs=0.5)
    assert (entry["hard_body_radius_m"], entry["hbr_source"]) == (10.0, "message")
    _, err, code = mdss(*arguments)
    assert (code, "exists already" in err) == (2, True)
    assert mdss(*arguments, "--force")[2] == 0


@pytest.mark.parametrize(
    ("designators", "written"),
    [(("", ""), ["SAT 0", "SAT 1"]), (("2020-001A", "99"), ["2020-001A", "99"])],
)
def test_a_cdm_that_is_written_can_be_read_whatever_identifies_its_objects(
    mdss, tmp_path, designators, written
):
    from mdss.messages import read_cdms

    t_s = np.arange(0.0, 3000.0, 60.0)
    for k, designator in enumerate(designators):
        oem = oem_from_states(
            designator=designator, name=f"SAT {k}", reference_utc=EPOCH, t_s=t_s,
            states_m=_circles(k, t_s), created_utc=EPOCH,
        )  # fmt: skip
        (tmp_path / f"{k}.oem").write_text(write_oem_kvn(oem))
    pair = [tmp_path / "0.oem", tmp_path / "1.oem"]
    _, err, code = mdss(
        "find", *pair, "--sigma", "100,500,100", "--max-distance", 1e4, "--write-cdm", tmp_path
    )
    assert code == 0, err
    (cdm,) = read_cdms(next(tmp_path.glob("*.cdm")))
    assert [one.get("OBJECT_DESIGNATOR") for one in cdm.objects] == written
    international = [one.get("INTERNATIONAL_DESIGNATOR") for one in cdm.objects]
    assert international == [one if one == "2020-001A" else "UNKNOWN" for one in written]


def test_one_object_on_two_orbits_makes_no_cdm(mdss, pair, tmp_path):
    other = tmp_path / "other.tle"
    other.write_text(TLES.replace("22675U", "24946U").replace("2 22675", "2 24946"))
    other.write_text(_with_checksums(other.read_text()).split("\n", 3)[3])
    _, err, code = mdss("find", pair[0], other, "--window", DAY, "--sigma", "usual",
                        "--write-cdm", tmp_path / "cdms")  # fmt: skip
    assert (code, "both objects have the designator '24946'" in err) == (2, True)
    out, _, code = mdss("find", pair[0], other, "--window", DAY)
    assert code == 0
    assert "both orbits are of 24946" in out


def _with_checksums(tles):
    def digit(line):
        total = sum(int(sign) if sign.isdigit() else sign == "-" for sign in line[:68])
        return f"{line[:68]}{total % 10}"

    return "\n".join(digit(one) if one[:2] in ("1 ", "2 ") else one for one in tles.split("\n"))


def _circles(k, t_s):
    """Two polar circles 200 m apart in height that cross over the pole after 24 minutes."""
    from mdss.astro.twobody import propagate as kepler

    radius = 7e6 + 200.0 * k
    speed = np.sqrt(3.986004418e14 / radius)
    across = [0.0, 0.6, 0.8] if k else [0.0, 0.0, 1.0]
    return kepler([radius, 0.0, 0.0], speed * np.array(across), t_s - 1440.0)


def test_no_approach_is_an_answer(mdss, pair, tmp_path):
    out, err, code = mdss(
        "find", *pair, "--window", DAY, "--max-distance", 1, "--sigma", "usual", "--write-cdm",
        tmp_path / "none",
    )  # fmt: skip
    assert code == 0
    assert "No approach" in out
    assert "0 CDMs" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--window", "yesterday"), "no window"),
        (("--window", "2009-02-11T00:00Z/2009-02-10T00:00Z"), "empty"),
        (("--window", "1e9d"), "no window"),
        (("--window", "99999999999999999999d"), "too long"),
        (("--sigma", "1,2"), "R,T,N"),
        (("--sigma", "series"), "at least 3"),
        (("--max-distance", "-5"), "above 0"),
        (("--hbr", "0"), "above 0"),
        (("--write-cdm", "x", "--window", DAY), "no covariance"),
    ],
)
def test_bad_input_is_one_message(mdss, pair, monkeypatch, tmp_path, arguments, said):
    monkeypatch.chdir(tmp_path)
    out, err, code = mdss("find", *pair, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_one_object_given_twice_is_refused(mdss, pair):
    _, err, code = mdss("find", pair[0], pair[0], "--window", DAY)
    assert (code, "one orbit" in err) == (2, True)


def test_a_file_with_several_objects_asks_which(mdss, pair):
    file = pair[0].rpartition("#")[0]
    _, err, code = mdss("find", file, pair[1])
    assert code == 2
    assert "#DESIGNATOR" in err


# --- risk --ephemeris ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def message(tmp_path_factory):
    """The newest CDM of a story, and object 1 of it as an OEM 200 m further along its track."""
    root = Path(__file__).resolve().parents[2]
    newest = sorted((root / "scenarios" / "observer7_fragment49863").glob("*.cdm"))[-1]
    conjunction = load_event(newest).latest
    one = conjunction.objects[0]
    t_s = np.arange(-7200.0, 7201.0, 60.0)
    states = propagate(one.position_m, one.velocity_m_s, conjunction.tca_utc, t_s, ForceModel())
    shift_s = 200.0 / np.linalg.norm(one.velocity_m_s)
    oem = oem_from_states(
        designator=one.designator,
        name=one.name,
        reference_utc=conjunction.tca_utc - timedelta(seconds=shift_s),
        t_s=t_s,
        states_m=states,
        cov_m2=np.diag(np.square([5.0, 20.0, 5.0, 0.02, 0.005, 0.005]))[None],
        cov_t_s=[0.0],
        created_utc=datetime(2025, 3, 18, tzinfo=UTC),
    )
    file = tmp_path_factory.mktemp("oem") / "ours.oem"
    file.write_text(write_oem_kvn(oem))
    return newest, file, oem


def test_an_ephemeris_takes_the_object_s_place_and_the_differences_are_told(mdss, message):
    newest, file, _ = message
    out, _, code = mdss("risk", newest, "--ephemeris", f"99907={file}", "--json")
    assert code == 0
    (entry,) = _conforms(out, "risk")
    (one,) = entry["replaced"]["objects"]
    assert (one["object"], one["file"]) == ("OBJECT1", "ours.oem")
    # earlier by 200 m of orbit: that much further along at the message's TCA
    assert one["difference_rtn_m"][1] == pytest.approx(200.0, abs=1.0)
    assert one["sigma_after_m"][1] == pytest.approx(20.0, rel=0.01)
    assert one["covariance_kept"] is False
    assert entry["replaced"]["pc_before"] == pytest.approx(4.4e-4, rel=0.02)
    assert entry["pc"] != pytest.approx(4.4e-4, rel=0.02)
    assert "state-replaced" in [w["code"] for w in entry["warnings"]]
    words, _, _ = mdss("risk", newest, "--ephemeris", f"OBJECT1={file}")
    assert "With the given orbits" in words
    assert "Pc 4.4e-4 →" in words


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("49863={file}", "not of 49863"),
        ("12345={file}", "no object"),
        ("{file}", "OBJECT=FILE"),
        ("OBJECT1=nowhere.oem", "cannot be read"),
        ("OBJECT2={file}", "m/s"),
    ],
)
def test_wrong_ephemerides_are_refused_with_the_reason(mdss, message, given, said):
    newest, file, _ = message
    _, err, code = mdss("risk", newest, "--ephemeris", given.format(file=file))
    assert code == 2
    assert said in err


def test_gps_time_read_as_utc_is_refused_as_such(mdss, message, tmp_path):
    newest, _, oem = message
    segment = oem.segments[0]
    late = replace(segment, reference_utc=segment.reference_utc + timedelta(seconds=18))
    stop = utc_from(segment.get("STOP_TIME")) + timedelta(seconds=18)
    texts = {
        **segment.metadata,
        "START_TIME": f"{late.reference_utc:%Y-%m-%dT%H:%M:%S.%f}",
        "STOP_TIME": f"{stop:%Y-%m-%dT%H:%M:%S.%f}",
    }
    file = tmp_path / "gps.oem"
    shifted = replace(oem, segments=(replace(late, metadata=texts),))
    file.write_text(write_oem_kvn(shifted))
    _, err, code = mdss("risk", newest, "--ephemeris", f"99907={file}")
    assert code == 2
    assert "18 s GPS-UTC" in err
    assert "-18.0 s along the orbit" in err


def test_an_ephemeris_that_does_not_cover_tca_names_its_span(mdss, message, tmp_path):
    newest, _, oem = message
    segment = oem.segments[0]
    early = replace(
        segment,
        t_s=segment.t_s[:60],
        states=segment.states[:60],
        metadata={**segment.metadata, "STOP_TIME": "2025-03-19T17:45:00"},
        covariances=(),
    )
    file = tmp_path / "short.oem"
    file.write_text(write_oem_kvn(replace(oem, segments=(early,))))
    _, err, code = mdss("risk", newest, "--ephemeris", f"99907={file}")
    assert code == 2
    assert "covers 2025-03-19T16:40" in err
    assert "2025-03-19T17:39" in err

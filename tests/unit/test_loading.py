"""Files and folders: CDMs, public records and orbits side by side."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

import mdss
from mdss.conjunction import ConjunctionEvent
from mdss.errors import ConfigError, ConjunctionError, MessageError
from mdss.inbox import assess_files
from mdss.loading import load_event, message_files, read_told
from mdss.planner.view import history
from mdss.report import figures
from mdss.report.as_json import risk_json, schema
from mdss.report.palette import DARK
from mdss.report.tables import console, risk_table

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "scenarios" / "observer7_fragment49863"
CDMS = sorted(SCENARIO.glob("*.cdm"))
TLE = """ISS (ZARYA)
1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927
2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537
"""


@pytest.fixture(scope="module")
def cdm_event() -> ConjunctionEvent:
    return load_event(SCENARIO)


def record(event: ConjunctionEvent, hours_before: float, pc: str, **changes: object) -> dict:
    """A public record about the event, as Space-Track serves it."""
    newest = event.latest
    first, second = newest.objects
    created = newest.tca_utc - timedelta(hours=hours_before)
    return {
        "CDM_ID": f"90{hours_before:04.0f}",
        "CREATED": created.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "EMERGENCY_REPORTABLE": "Y",
        "TCA": newest.tca_utc.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "MIN_RNG": "240",
        "PC": pc,
        "SAT_1_ID": second.designator,
        "SAT_1_NAME": second.name,
        "SAT_2_ID": first.designator,
        "SAT_2_NAME": first.name,
    } | changes


@pytest.fixture
def folder(tmp_path: Path, cdm_event: ConjunctionEvent) -> Path:
    """The newest two CDMs of an event, two public records about it, an orbit, a stranger."""
    for file in CDMS[-2:]:
        shutil.copy(file, tmp_path)
    records = [record(cdm_event, 60, "1.1e-5"), record(cdm_event, 40, "6.2e-5")]
    (tmp_path / "public.json").write_text(json.dumps(records))
    (tmp_path / "iss.tle").write_text(TLE)
    (tmp_path / "settings.json").write_text('{"colour": "green"}')
    return tmp_path


# --- an event -----------------------------------------------------------------------------


def test_public_records_join_the_event_whatever_the_order_of_the_objects(folder: Path) -> None:
    event = load_event(folder)
    assert len(event.conjunctions) == 2
    assert [one.pc for one in event.reported] == [1.1e-5, 6.2e-5]
    assert event.latest is event.conjunctions[-1]


def test_json_of_something_else_and_orbits_do_not_make_an_event_fail(folder: Path) -> None:
    names = [file.name for file in message_files(folder)]
    assert "settings.json" not in names
    assert "iss.tle" in names
    assert len(load_event(folder).conjunctions) == 2


def test_a_public_record_of_another_pair_is_no_part_of_the_event(
    folder: Path, cdm_event: ConjunctionEvent
) -> None:
    other = record(cdm_event, 30, "1e-6", SAT_1_ID="12345")
    (folder / "other.json").write_text(json.dumps([other]))
    with pytest.raises(ConjunctionError, match="12345"):
        load_event(folder)


def test_public_records_alone_make_an_event_that_cannot_be_planned(
    tmp_path: Path, cdm_event: ConjunctionEvent
) -> None:
    file = tmp_path / "public.json"
    file.write_text(json.dumps([record(cdm_event, 60, "1.1e-5"), record(cdm_event, 40, "2e-5")]))
    event = load_event(file)
    assert len(event.reported) == 2
    assert event.event_id == cdm_event.event_id
    with pytest.raises(ConjunctionError, match=r"neither states nor covariance.*Ask for the CDM"):
        mdss.plan(event)


def test_public_records_two_passages_apart_are_two_events(
    tmp_path: Path, cdm_event: ConjunctionEvent
) -> None:
    later = (cdm_event.latest.tca_utc + timedelta(minutes=47)).isoformat()[:-6]
    file = tmp_path / "public.json"
    file.write_text(
        json.dumps([record(cdm_event, 60, "1e-5"), record(cdm_event, 40, "1e-5", TCA=later)])
    )
    entries = assess_files([file])
    assert len({entry.event_id for entry in entries}) == 2


def test_an_orbit_given_by_itself_is_refused_with_the_place_where_it_belongs(
    folder: Path,
) -> None:
    with pytest.raises(MessageError, match=r"tells of no conjunction.*mdss find"):
        read_told(folder / "iss.tle")


def test_a_damaged_public_record_is_refused_and_not_passed_over(folder: Path) -> None:
    text = (folder / "public.json").read_text()
    (folder / "public.json").write_text(text[: len(text) // 2])
    with pytest.raises(MessageError, match=r"public\.json"):
        load_event(folder)


def test_a_folder_without_messages_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"\.cdm.*\.json"):
        message_files(tmp_path)


# --- an inbox -----------------------------------------------------------------------------


def test_an_inbox_tells_of_every_file_and_none_stops_the_others(folder: Path) -> None:
    (folder / "broken.cdm").write_text("CCSDS_CDM_VERS = 1.0\n")
    entries = {Path(entry.file).name: entry for entry in assess_files([folder])}
    assert entries["broken.cdm"].problem is not None
    assert "two-line elements" in entries["iss.tle"].aside
    assert entries["public.json"].reported is not None
    assert entries["cdm_05.cdm"].risk is not None
    assert entries["public.json"].event_id == entries["cdm_05.cdm"].event_id


def test_the_table_says_what_is_reported_and_what_cannot_be_computed(folder: Path) -> None:
    shown = console()
    with shown.capture() as captured:
        shown.print(risk_table(assess_files([folder])))
    text = " ".join(captured.get().split())
    for part in ("6.2e-5", "reported", "2 rows are as reported", "left aside", "Ask for the CDM"):
        assert part in text
    assert text.count("neither states nor covariance") == 1


def test_the_json_of_an_inbox_keeps_to_its_schema(folder: Path) -> None:
    from jsonschema import Draft202012Validator

    printed = risk_json(assess_files([folder]))
    Draft202012Validator(schema("risk")).validate(printed)
    (reported, *_) = [one["reported"] for one in printed if "reported" in one]
    assert reported["pc"] == 1.1e-5
    assert "Pc cannot be checked" in reported["not_computed"]


# --- the history --------------------------------------------------------------------------


def test_the_history_shows_public_records_in_their_time_with_their_own_marker(
    folder: Path,
) -> None:
    scenario = mdss.load_scenario(SCENARIO)
    plan = mdss.plan(load_event(folder), scenario.spacecraft, scenario.operations, scenario.policy)
    told = history(plan)
    points = told.rows
    created = [one.created_utc for one in points]
    assert created == sorted(created)
    assert [one.pc for one in points if one.reported] == [1.1e-5, 6.2e-5]
    figure = figures.history_figure(plan, told, DARK, plan.options[0].name)
    traces = {trace.name: trace for trace in figure.data}
    assert list(traces["public records"].y) == [1.1e-5, 6.2e-5]
    assert traces["public records"].marker.symbol not in traces["messages"].marker.symbol
    assert len(traces["messages"].y) == 2

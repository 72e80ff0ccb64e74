"""Tables of all sides of a risk: what is doubtful is marked, and nothing is left empty."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from mdss.details import Wanted, detailed
from mdss.inbox import Entry, assess_files, events_of, newest_entries
from mdss.report import tables
from mdss.report.risk_tables import dilution_sentence, interval, risk_tables
from mdss.risk.maximum import Peak, Scaled
from mdss.risk.methods import MethodResult, PcMethod

ROOT = Path(__file__).resolve().parents[2]
OBSERVER7 = ROOT / "scenarios" / "observer7_fragment49863"
PUBLIC = ROOT / "tests" / "golden" / "cdm_public_two.json"


def printed(entries: tuple[Entry, ...], wanted: Wanted) -> str:
    paper = Console(width=100, highlight=False)
    with paper.capture() as caught:
        paper.print(risk_tables(detailed(entries, wanted)))
    return caught.get()


@pytest.fixture(scope="module")
def messages() -> tuple[Entry, ...]:
    return assess_files([OBSERVER7])


def test_an_interval_is_said_only_where_there_is_one():
    sampled = MethodResult(
        method=PcMethod.MONTE_CARLO, pc=1e-4, valid=True, lower=9e-5, upper=1.1e-4, trials=100
    )
    assert interval(sampled) == "9.0e-5 to 1.1e-4"
    assert interval(MethodResult(method=PcMethod.PC_2D, pc=1e-4, valid=True)) == ""


def test_dilution_is_told_with_both_numbers():
    diluted = Peak(which=Scaled.BOTH, pc_max=3e-4, scale=0.5, pc=1e-5)
    assert "sigmas ×0.5 it would be 3.0e-4" in dilution_sentence(diluted)
    robust = Peak(which=Scaled.BOTH, pc_max=3e-4, scale=2.0, pc=1e-5)
    assert dilution_sentence(robust).startswith("Robust")


def test_newest_is_by_creation_and_not_by_place(messages):
    (newest,) = newest_entries(reversed(messages))
    assert newest.file.endswith("cdm_05.cdm")


def test_events_are_made_of_the_messages_as_they_were_read(messages):
    (event,) = events_of(messages)
    assert [one.message_id[-2:] for one in event.conjunctions] == ["01", "02", "03", "04", "05"]


def test_public_records_have_a_history_and_no_total():
    said = printed(assess_files([PUBLIC]), Wanted(history=True, together=True, full=True))
    assert "Public records only: there is nothing to compare." in said
    assert "there are public records only" in said
    assert "No event has a Pc to add up." in said


def test_the_total_names_its_parts_and_what_is_superseded(messages):
    said = printed(messages, Wanted(together=True))
    assert "that at least one of 1 event ends in a collision" in said
    assert "4 older messages about the same events do not count." in said


def risk_of(**parts):
    """As much of a risk as the summary of a plan looks at."""
    return SimpleNamespace(**parts)


@pytest.mark.parametrize(
    ("speed_m_s", "text"), [(0.123, "0.12"), (4.31, "4.3"), (14508.2, "14508")]
)
def test_a_slow_pair_does_not_stand_still(speed_m_s, text):
    assert tables._speed(risk_of(plane=SimpleNamespace(relative_speed_m_s=speed_m_s))) == text


@pytest.mark.parametrize("holds", [True, False])
def test_2d_pc_with_the_density_error_is_not_taken_for_the_recommended_one(holds):
    risk = risk_of(pc_2d_density=2e-5, validity=SimpleNamespace(valid=holds))
    ((_, text),) = tables._density_row(risk)
    assert text.startswith("2D Pc 2.0e-5 with the shared density error")
    assert ("does not hold" in text) is not holds

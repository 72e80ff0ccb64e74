"""The bundled stories as a user meets them on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mdss.cli import main
from mdss.loading import load_scenario, scenario_names

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.fixture
def mdss(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> tuple[str, str, int]:
        with pytest.raises(SystemExit) as stop:
            main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return printed.out, printed.err, int(stop.value.code or 0)

    return run


def test_each_story_is_listed_with_its_verdict(mdss) -> None:
    listed, _, code = mdss("scenarios")
    assert code == 0
    lines = {line.split()[0]: line for line in listed.splitlines() if line.strip()}
    for name in scenario_names():
        verdict = load_scenario(name).verdict
        assert verdict
        assert lines[name].rstrip().endswith(verdict)


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("swarmb_cosmos375", 0, "Recommended: A. No burn"),
        ("timed_cosmos2221", 3, "the spacecraft cannot maneuver"),
        ("pc2d_fails", 0, "Recommended: E. Latest safe"),
        ("npd_covariance", 3, "Nothing can be recommended"),
        ("closed_windows", 3, "If a burn may last 1.2 min into the no-burn window"),
    ],
)
def test_the_exit_code_tells_the_kinds_of_answer_apart(mdss, name: str, code: int, said: str):
    out, _, ended = mdss("plan", name)
    assert ended == code
    assert said in " ".join(out.split())


def test_another_policy_gives_another_verdict(mdss) -> None:
    out, _, code = mdss("plan", "tiangong_starlink2305", "--policy", "nasa", "--json")
    assert code == 0
    assert json.loads(out)["recommended"] == "no-burn"


def test_both_passes_are_assessed_as_two_events(mdss) -> None:
    first = SCENARIOS / "two_passes_94min"
    out, _, code = mdss("risk", first, first / "second_pass", "--json")
    assert code == 0
    ids = [one["event_id"] for one in json.loads(out)]
    assert ids == [ids[0]] * 4 + [ids[-1]] * 4
    assert ids[0] != ids[-1]

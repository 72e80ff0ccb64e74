"""`mdss plan --front` and `--weights`: what a user sees, in text and in JSON."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from mdss.cli import main
from mdss.report.as_json import schema

SCENARIO = "observer7_fragment49863"


@pytest.fixture
def mdss(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(list(arguments))
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return run


def test_the_front_in_json_names_the_recommended_option_s_point(mdss):
    code, out, _ = mdss("plan", SCENARIO, "--front", "--json")
    assert code == 0
    value = json.loads(out)
    Draft202012Validator(schema("plan")).validate(value)
    front = value["front"]
    by_label = {one["label"]: one for one in front["points"]}
    recommended = by_label[front["recommended"]]
    assert value["recommended"] in (recommended["option"]["name"], *recommended["also"])
    assert recommended["cost"] == min(one["cost"] for one in front["points"])
    assert front["compared"] > 1000
    fuel = [one["values"]["fuel_g"] for one in front["points"]]
    assert fuel == sorted(fuel)


def test_weights_move_the_recommendation_and_are_said_to_come_from_the_command_line(mdss):
    code, out, _ = mdss(
        "plan", SCENARIO, "--front", "--json", "--weights", "fuel=0,interruption=100,risk=0"
    )
    assert code == 0
    value = json.loads(out)
    assert value["policy"]["weights"]["interruption_per_min"] == 100
    assert value["policy"]["sources"]["weights"] == "the command line"
    lost = {one["label"]: one["values"]["interruption_min"] for one in value["front"]["points"]}
    assert lost[value["front"]["recommended"]] == min(lost.values())


def test_the_table_has_the_front_its_explanation_and_what_was_compared(mdss):
    code, out, err = mdss("plan", SCENARIO, "--front")
    assert (code, err) == (0, "")
    front = out.split("Trade-off: ")[1]
    for said in ("least fuel", "least interruption", "latest decision", "Moving to", "compared"):
        assert said in front
    assert front.count("★") == 1
    assert max(len(line) for line in out.splitlines()) <= 100


def test_where_the_spacecraft_cannot_maneuver_the_front_says_so(mdss):
    code, out, _ = mdss("plan", "iras_ggse4", "--front")
    assert code == 3
    assert "cannot maneuver" in out.split("Trade-off\n")[1]


@pytest.mark.parametrize(
    ("weights", "said"), [("speed=1", "no weight 'speed'"), ("fuel=much", "must be a number")]
)
def test_bad_weights_end_with_2_and_a_sentence(mdss, weights, said):
    code, out, err = mdss("plan", SCENARIO, "--weights", weights)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_robustness_is_told_for_each_option_that_can_be_taken_with_its_worst_case(mdss):
    code, out, _ = mdss("plan", SCENARIO, "--robustness", "--json")
    assert code == 0
    value = json.loads(out)
    Draft202012Validator(schema("plan")).validate(value)
    feasible = [one["name"] for one in value["options"] if one["feasible"]]
    assert [one["option"] for one in value["robustness"]] == feasible
    for one in value["robustness"]:
        worst = max(one["rows"], key=lambda row: row["pc"])
        assert one["worst"] == worst["what"]
        assert worst["what"] in one["conclusion"]
    assert value["front"] is None


def test_robust_options_hold_in_the_worst_case_of_the_set_and_say_which_it_is(mdss):
    code, out, _ = mdss("plan", SCENARIO, "--robust", "hot-cold", "--json")
    assert code == 0
    value = json.loads(out)
    Draft202012Validator(schema("plan")).validate(value)
    assert value["robust"] == "hot-cold"
    burning = [one for one in value["options"] if one["feasible"] and one["burns"]]
    assert burning
    for one in burning:
        assert one["pc_verified"] <= one["worst_case"]["pc"] <= value["policy"]["pc_target"]
        assert "burn" in one["worst_case"]["name"]


def test_an_unknown_set_of_cases_is_refused_with_the_known_ones(mdss):
    code, out, err = mdss("plan", SCENARIO, "--robust", "warm")
    assert (code, out) == (2, "")
    assert "hot-cold, timing, covariance, hbr, all" in err

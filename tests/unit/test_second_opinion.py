"""A second model that shares nothing with the first flies the recommended burn as well."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from other_bodies import SPACECRAFT_TOML, cdm_text

from mdss.cli import main
from mdss.conjunction import Conjunction
from mdss.errors import PlanningError
from mdss.messages import read_cdms
from mdss.operations import Operations
from mdss.planner.options import OptionName, Plan
from mdss.planner.plan import plan
from mdss.planner.second_opinion import SecondOpinion, second_opinion
from mdss.policy import Policy
from mdss.report.as_json import plan_json, schema
from mdss.spacecraft import Spacecraft


def made_plan(folder: Path, central_body: str, hours: float, policy: Policy | None = None) -> Plan:
    file = folder / "spacecraft.toml"
    file.write_text(SPACECRAFT_TOML)
    (cdm,) = read_cdms(cdm_text(central_body).encode())
    operations = replace(Operations.unconstrained(), planning_horizon_s=3600.0 * hours)
    return plan(Conjunction.from_cdm(cdm), Spacecraft.from_toml(file), operations, policy)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return made_plan(tmp_path_factory.mktemp("earth"), "earth", 0.85)


@pytest.fixture(scope="module")
def opinion(planned: Plan) -> SecondOpinion:
    return second_opinion(planned)


def test_over_half_an_orbit_the_models_agree_within_a_metre(opinion: SecondOpinion) -> None:
    """The displacement of some 400 m differs by gravity beyond J3 and drag: 1e-4 of it."""
    burned = opinion.flights[-1]
    assert burned.option != OptionName.NO_BURN
    assert burned.displacement_m > 100.0
    assert burned.position_difference_m < 0.5
    assert abs(burned.miss_difference_m) < 0.5
    assert burned.pc_ratio == pytest.approx(1.0, abs=0.02)
    assert "agree" in opinion.conclusion


def test_the_models_are_not_the_same(opinion: SecondOpinion) -> None:
    """Half an orbit back the unburned orbits are metres apart: harmonics that one has not."""
    assert 1.0 < opinion.flights[-1].coast_difference_m < 1_000.0


def test_without_a_burn_both_keep_to_the_message(planned: Plan, opinion: SecondOpinion) -> None:
    idle = opinion.flights[0]
    assert (idle.option, idle.displacement_m) == ("no-burn", 0.0)
    # a zero burn returns the message's state
    assert max(idle.position_difference_m, idle.coast_difference_m) < 1e-3
    assert idle.pc_ratio == pytest.approx(1.0, rel=1e-6)
    assert idle.pc[0] == planned.option(OptionName.NO_BURN).pc_verified


def test_the_first_model_repeats_the_plan(planned: Plan, opinion: SecondOpinion) -> None:
    assert planned.recommended is not None
    best = planned.option(planned.recommended)
    assert opinion.flights[-1].pc[0] == pytest.approx(best.pc_verified, rel=1e-6)
    assert opinion.flights[-1].miss_m[0] == pytest.approx(best.miss_after_m, abs=1e-3)


def test_where_no_burn_is_recommended_only_that_is_flown_twice(tmp_path: Path) -> None:
    relaxed = replace(Policy.preset("nasa"), pc_act=0.5)
    calm = made_plan(tmp_path, "earth", 0.85, relaxed)
    assert calm.recommended == OptionName.NO_BURN
    assert [one.option for one in second_opinion(calm).flights] == [OptionName.NO_BURN]


def test_away_from_the_earth_there_is_no_second_model(tmp_path: Path) -> None:
    with pytest.raises(PlanningError, match="Mars is verified with boinor"):
        second_opinion(made_plan(tmp_path, "mars", 0.85))


def test_json_with_and_without_a_second_opinion_keeps_to_the_schema(
    planned: Plan, opinion: SecondOpinion
) -> None:
    plain, asked = plan_json(planned), plan_json(replace(planned, second_opinion=opinion))
    for one in (plain, asked):
        jsonschema.validate(one, schema("plan"))
    assert plain["second_opinion"] is None
    assert [flight["option"] for flight in asked["second_opinion"]["flights"]] == [
        "no-burn",
        str(planned.recommended),
    ]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_command_line_shows_it(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message, spacecraft = tmp_path / "a.cdm", tmp_path / "spacecraft.toml"
    message.write_text(cdm_text("earth"))
    spacecraft.write_text(SPACECRAFT_TOML)
    operations = tmp_path / "operations.toml"
    operations.write_text("planning_horizon_s = 3060.0\n")
    command = ["plan", str(message), "--spacecraft", str(spacecraft)]
    command += ["--operations", str(operations), "--second-opinion"]
    with pytest.raises(SystemExit) as ended:
        main([*command, "--json"] if form == "json" else command)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    if form == "json":
        assert json.loads(shown)["second_opinion"]["flights"][1]["position_difference_m"] < 0.5
    else:
        assert "models apart at TCA [m]" in shown
        assert "no drag" in shown

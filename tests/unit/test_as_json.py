"""JSON values: the schemas say what the enumerations say, and nothing is lost or invented."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from mdss.details import Wanted, detailed
from mdss.errors import MdssError, MessageError
from mdss.inbox import Entry, assess_files
from mdss.notices import NoticeCode
from mdss.planner.options import OptionName
from mdss.planner.robustness.burns_otherwise import Change
from mdss.policy import Level, Regime
from mdss.report.as_json import (
    SCHEMA_NAMES,
    _clean,
    details_json,
    dumps,
    error_json,
    risk_json,
    schema,
)
from mdss.risk.assess import HbrSource, PcMethod
from mdss.risk.findings import Severity
from mdss.risk.requirements import Goal
from mdss.risk.sensitivity import Input

ROOT = Path(__file__).resolve().parents[2]
NEWEST = ROOT / "scenarios" / "observer7_fragment49863" / "cdm_05.cdm"


@pytest.fixture(scope="module")
def entry() -> Entry:
    (found,) = assess_files([NEWEST])
    return found


def _with_encounter(entry: Entry, **changed: object) -> Entry:
    encounter = replace(entry.risk.encounter, **changed)
    return replace(entry, risk=replace(entry.risk, encounter=encounter))


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_the_schemas_are_schemas(name):
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", ["policy", "policy-compare", "plan"])
def test_the_schemas_list_the_levels_and_regimes_of_the_code(name):
    definitions = schema(name)["$defs"]
    assert definitions["level"]["enum"] == [str(one) for one in Level]
    assert definitions["regime"]["enum"] == [str(one) for one in Regime]


@pytest.mark.parametrize("name", ["risk", "plan"])
def test_the_schemas_list_the_enumerations_of_the_code(name):
    definitions = schema(name)["$defs"]
    assert definitions["hbr_source"]["enum"] == [str(one) for one in HbrSource]
    assert definitions["pc_method"]["enum"] == [str(one) for one in PcMethod]
    codes = definitions["warning"]["properties"]["code"]["enum"]
    assert codes == [str(one) for one in NoticeCode]


def test_the_plan_schema_lists_the_options_of_the_code():
    named = schema("plan")
    assert named["$defs"]["option_name"]["enum"] == [str(one) for one in OptionName]
    assert named["properties"]["recommended"]["enum"] == [*(str(one) for one in OptionName), None]


def test_the_plan_schema_lists_the_changes_of_the_robustness_table():
    row = schema("plan")["properties"]["robustness"]["items"]["properties"]["rows"]["items"]
    assert row["properties"]["change"]["enum"] == [str(one) for one in Change]


def test_an_unknown_schema_is_an_error_that_names_the_known_ones():
    with pytest.raises(MdssError, match=", ".join(SCHEMA_NAMES)):
        schema("brief")


@pytest.mark.parametrize("enumeration", [HbrSource, PcMethod, NoticeCode, OptionName])
def test_every_enumeration_is_documented(enumeration):
    documented = set(re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "json.md").read_text(), re.M))
    assert {str(one) for one in enumeration} <= documented


def test_every_top_level_key_is_documented():
    text = (ROOT / "docs" / "json.md").read_text()
    risk = schema("risk")["$defs"]["assessed"]["properties"]
    plan = schema("plan")["properties"]
    option = schema("plan")["$defs"]["option"]["properties"]
    front = plan["front"]["anyOf"][0]["properties"]
    point = front["points"]["items"]["properties"]
    costs = option["costs"]["anyOf"][0]["properties"]
    assert [
        key for key in (*risk, *plan, *option, *front, *point, *costs) if f"`{key}`" not in text
    ] == []


def test_numbers_are_complete(entry):
    (value,) = json.loads(dumps(risk_json([entry])))
    assert value["pc"] == entry.risk.pc
    assert value["miss_rtn_m"] == entry.risk.conjunction.miss_rtn_m.tolist()


def test_what_is_not_finite_is_null(entry):
    unknown = replace(entry.risk.validity, inaccurate=float("nan"), extended=float("inf"))
    (value,) = risk_json([_with_encounter(entry, validity=unknown)])
    assert value["validity"]["inaccurate"] is None
    assert value["validity"]["extended"] is None
    Draft202012Validator(schema("risk")).validate([value])


def test_numpy_numbers_become_plain_ones(entry):
    (value,) = risk_json([_with_encounter(entry, pc_2d=np.float64(0.25))])
    assert type(value["pc_2d"]) is float


def test_a_number_that_is_not_finite_is_never_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"pc": float("nan")})


def test_a_message_error_keeps_its_parts():
    problem = MessageError(
        "is no month", file="a.cdm", line=7, field="TCA", value="13", remedy="Correct it."
    )
    assert error_json(problem) == {
        "type": "MessageError",
        "message": "a.cdm, line 7, TCA: is no month (seen: '13'). Correct it.",
        "line": 7,
        "field": "TCA",
        "value": "13",
        "remedy": "Correct it.",
    }


def test_the_schema_lists_the_goals_inputs_and_short_cuts_of_the_code():
    definitions = schema("risk")["$defs"]
    wanted = definitions["sensitivity"]["properties"]["requirements"]["items"]["properties"]
    assert wanted["goal"]["enum"] == [str(one) for one in Goal]
    assert set(wanted["input"]["enum"]) == {str(one) for one in Input}
    found = definitions["quality"]["properties"]["findings"]["items"]["properties"]
    assert found["severity"]["enum"] == [str(one) for one in Severity]


def test_a_policy_in_a_plan_is_a_policy_as_shown():
    in_plan, shown = schema("plan")["properties"]["policy"], schema("policy")
    assert in_plan["properties"] == shown["properties"]
    assert in_plan["required"] == shown["required"]


def test_all_sides_of_a_risk_stand_with_its_message_and_events_after_the_messages(entry):
    wanted = Wanted(full=True, history=True, together=True)
    value = json.loads(dumps(details_json(detailed([entry], wanted))))
    Draft202012Validator(schema("risk")).validate(value)
    message, told, together = value
    assert message == {**message, **risk_json([entry])[0]}, "what stood there before is unchanged"
    assert message["maximum"]["pc_max"] >= message["pc"]
    assert message["family"]["values"][0]["pc"] == message["pc_2d"]
    assert told["event_id"] == message["event_id"]
    assert [one["pc"] for one in told["history"]["streams"][0]["messages"]] == [message["pc"]]
    assert together["together"]["pc"] == pytest.approx(message["pc"], rel=1e-12)


def test_a_side_that_is_not_asked_for_is_not_there(entry):
    (value,) = details_json(detailed([entry], Wanted()))
    assert value == risk_json([entry])[0]
    assert [one["time_s"] for one in value["methods"]["tried"]] == [None]


def test_every_method_is_told_with_its_time_and_the_choice_stays(entry):
    (value,) = details_json(detailed([entry], Wanted(methods=True)))
    tried = {one["method"]: one for one in value["methods"]["tried"]}
    assert list(tried) == ["pc-2d", "nc-2d", "nc-3d", "monte-carlo"]
    assert value["methods"]["recommended"] == "pc-2d"
    assert value["pc"] == entry.risk.pc
    low, high = tried["monte-carlo"]["interval_95"]
    # the interval holds the truth in 19 of 20 cases; the seed is fixed, so this one always does
    assert low < value["pc"] < high
    assert min(one["time_s"] for one in tried.values() if one["time_s"] is not None) > 0


def test_a_misspelt_key_does_not_pass_the_schema(entry):
    (value,) = risk_json([entry])
    with pytest.raises(ValidationError):
        Draft202012Validator(schema("risk")).validate([{**value, "pcc": 1.0}])


def test_there_is_one_zero():
    assert dumps(_clean({"dv": np.array([-0.0, 1.0])})) == dumps({"dv": [0.0, 1.0]})

"""The front as a table and as JSON, and options with several burns, say what the plan holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import mdss
from mdss.errors import PolicyError
from mdss.maneuver import Burn
from mdss.planner.costs import costs_of, objective_of
from mdss.planner.draft import PlanStyle
from mdss.planner.front.data import Front, FrontPoint, Tie
from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.view import columns, point_of, with_point
from mdss.prices import Weights
from mdss.report.as_json import dumps, plan_json, schema
from mdss.report.side_by_side import certificate_words, option_details, option_rows, picked
from mdss.report.tables import console, plan_tables


@pytest.fixture(scope="module")
def bare() -> Plan:
    """The showcase, planned without a front."""
    case = mdss.load_scenario("observer7_fragment49863")
    return mdss.plan(case.event, case.spacecraft, case.operations, case.policy)


def point(plan: Plan, option: Option, label: str, **more: object) -> FrontPoint:
    values = np.array([float(cost.of(option.outcome)) for cost in costs_of(plan.policy)])
    return FrontPoint(label=label, option=option, values=values, represents=label + "!", **more)


@pytest.fixture(scope="module")
def plan(bare: Plan) -> Plan:
    """With a front made by hand: the recommended option, its rival, one trade; C is beaten."""
    assert bare.recommended is not None
    best, latest = bare.option(bare.recommended), bare.option(OptionName.LATEST_SAFE)
    dearer = replace(best.outcome, propellant_kg=2 * best.propellant_kg, interruption_min=0.0)
    trade = replace(best, name=OptionName.TRADE, tag="P1", outcome=dearer, reason="By hand.")
    points = (
        point(bare, best, best.letter, also=(OptionName.MINIMUM_INTERRUPTION,)),
        point(bare, latest, "E"),
        point(bare, trade, "P1", knee=True),
    )
    tie = Tie(name=OptionName.IN_TRACK, label="E", reason="C takes 0.4 g more fuel than E.")
    front = Front(
        costs=costs_of(bare.policy), points=points, ties=(tie,), compared=1234, largest_gap=3e-5
    )
    return replace(bare, front=front)


def several(plan: Plan, count: int) -> Option:
    """The recommended option as so many burns, ten minutes apart, the last one to return."""
    assert plan.recommended is not None
    one = plan.option(plan.recommended)
    burn = one.burns[0]
    tca = plan.conjunction.tca_utc
    burns = tuple(
        Burn.before(
            tca,
            burn.t_before_tca_s - 600.0 * k,
            burn.dv_rtn_m_s / count,
            10.0 + k,
            role="return" if k == count - 1 else "avoid",
        )
        for k in range(count)
    )
    return replace(one, name=OptionName.SEVERAL_BURNS, style=PlanStyle.SEVERAL, burns=burns)


def printed(plan: Plan) -> str:
    shown = console()
    with shown.capture() as taken:
        shown.print(plan_tables(plan))
    return taken.get()


# --- table --------------------------------------------------------------------------------


def test_without_a_front_nothing_is_said_about_it(bare: Plan) -> None:
    assert "Trade-off" not in printed(bare)
    assert plan_json(bare)["front"] is None


def test_each_point_has_a_row_with_its_costs_and_the_recommended_one_a_star(plan: Plan) -> None:
    assert plan.front is not None
    lines = printed(plan).split("Trade-off:")[1].splitlines()
    for one in plan.front.points:
        (row,) = (line for line in lines if f"{one.label}!" in line)
        outcome = one.option.outcome
        assert f"{1e3 * float(outcome.propellant_kg):.1f}" in row
        assert f"{float(outcome.interruption_min):.1f}" in row
        assert f"{float(objective_of(plan.policy).of(outcome)):.1f}" in row
        assert row.startswith("★") == (one.option.name == plan.recommended)
        assert ("◇" in row) == one.knee


def test_a_shared_point_names_the_others_and_a_beaten_option_its_reason(plan: Plan) -> None:
    text = printed(plan)
    assert plan.recommended is not None
    assert f"★ {plan.recommended.letter}=D" in text
    assert "Not on the front, see E. C takes 0.4 g more fuel than E." in text
    assert "1,234 single burns of the linear map compared; largest proven gap 0.003 %" in text


def test_an_empty_front_gives_its_reason(plan: Plan) -> None:
    assert plan.front is not None
    empty = replace(plan.front, points=(), ties=(), reason="No plan can be taken.")
    text = printed(replace(plan, front=empty))
    assert "No plan can be taken." in text
    assert "★ P" not in text


def test_no_line_of_the_terminal_is_wider_than_a_hundred_columns(plan: Plan) -> None:
    crowded = replace(plan, options=(*plan.options, several(plan, 4)))
    assert max(len(line) for line in printed(crowded).splitlines()) <= 100


# --- several burns, and more options than there is room for -------------------------------


def test_every_burn_of_an_option_with_several_is_listed_with_its_role(plan: Plan) -> None:
    option = several(plan, 4)
    text = printed(replace(plan, options=(*plan.options, option)))
    assert "Burns of G, 4 burns, " in text
    rows = text.split("Burns of G")[1].splitlines()
    for burn in option.burns:
        (row,) = (line for line in rows if f"{burn.epoch_utc:%H:%M:%S}" in line)
        assert f"{100 * burn.dv_m_s:.3f}" in row
        assert f"{burn.duration_s:.1f}" in row
        assert row.split()[-1] == burn.role


def test_the_page_s_row_tells_the_first_burn_and_their_number(plan: Plan) -> None:
    option = several(plan, 3)
    wider = replace(plan, options=(*plan.options, option))
    cell = option_rows(wider)[1].cells[-1]
    assert cell.text == f"{option.burns[0].epoch_utc:%H:%M:%S}"
    assert cell.second == "first of 3"
    facts = dict(option_details(wider, OptionName.SEVERAL_BURNS))
    first, last = option.burns[0].epoch_utc, option.burns[-1].epoch_utc
    assert last - first == timedelta(seconds=1200)
    assert f"3 burns, {first.day} {first:%b %H:%M} to {last:%H:%M} UTC" == facts["Burns"]


def test_no_more_than_six_options_stand_side_by_side_and_the_rest_are_in_brief(plan: Plan) -> None:
    wider = replace(plan, options=(*plan.options, several(plan, 2)))
    places = columns(wider)
    assert len(places) == 6
    names = [wider.options[at].name for at in places]
    assert OptionName.NO_BURN in names
    assert plan.recommended in names
    left_out = next(one for one in wider.options if one.name not in names)
    kept = [one for one in wider.options if one.name in names and one.burns]
    assert left_out.cost >= max(one.cost for one in kept if one.name != plan.recommended)
    assert f"{left_out.letter} {left_out.name.label}: " in printed(wider).split("Other options")[1]


def test_the_selected_option_always_has_a_column(plan: Plan) -> None:
    wider = replace(plan, options=(*plan.options, several(plan, 2)))
    for at, one in enumerate(wider.options):
        places = columns(wider, one.name)
        assert at in places
        assert len(places) == 6
        rows = picked(option_rows(wider), places)
        assert {len(row.cells) for row in rows} == {6}


# --- certificates -------------------------------------------------------------------------


def test_the_certificate_says_bound_answer_gap_and_model(plan: Plan) -> None:
    proof = plan.option(OptionName.MINIMUM_FUEL).certificate
    assert proof is not None
    text = certificate_words(proof)
    assert text.startswith(f"least possible {100 * proof.lower_bound:.4f} cm/s, ours ")
    assert "linear map" in text
    exact = replace(proof, lower_bound=proof.value)
    assert "gap <0.001 %" in certificate_words(exact)


# --- points of the front and options ------------------------------------------------------


def test_a_named_option_is_found_at_its_point_whether_it_is_shares_or_is_beaten_by_it(
    plan: Plan,
) -> None:
    front = plan.front
    assert front is not None
    labels = {name: getattr(point_of(front, name), "label", None) for name in OptionName}
    assert plan.recommended is not None
    assert labels[plan.recommended] == plan.recommended.letter
    assert labels[OptionName.MINIMUM_INTERRUPTION] == plan.recommended.letter
    assert labels[OptionName.IN_TRACK] == labels[OptionName.LATEST_SAFE] == "E"
    assert labels[OptionName.NO_BURN] is None
    assert point_of(front, None) is None


def test_a_trade_joins_the_options_and_a_named_point_does_not(plan: Plan) -> None:
    front = plan.front
    assert front is not None
    assert with_point(plan, front, "P1").options[-1].letter == "P1"
    for label in ("E", "P9", None):
        assert with_point(plan, front, label) is plan


# --- JSON ---------------------------------------------------------------------------------


def test_the_front_in_json_keeps_to_the_schema_and_to_the_plan(plan: Plan) -> None:
    value = json.loads(dumps(plan_json(replace(plan, options=(*plan.options, several(plan, 3))))))
    Draft202012Validator(schema("plan")).validate(value)
    told, front = value["front"], plan.front
    assert front is not None
    assert [one["weight"] for one in told["costs"]] == list(plan.policy.weights.in_order)
    for one, point in zip(told["points"], front.points, strict=True):
        assert list(one["values"].values()) == pytest.approx(point.values.tolist(), rel=1e-15)
        assert list(one["values"]) == [cost["key"] for cost in told["costs"]]
        assert one["option"]["letter"] == one["label"]
    assert plan.recommended is not None
    assert told["recommended"] == plan.recommended.letter
    assert told["ties"][0]["label"] == "E"
    roles = [burn["role"] for burn in value["options"][-1]["burns"]]
    assert roles == ["avoid", "avoid", "return"]


def test_options_in_json_carry_costs_and_certificate_and_null_where_nobody_looked(
    plan: Plan,
) -> None:
    options = {one["name"]: one for one in plan_json(plan)["options"]}
    for one in plan.options:
        told = options[str(one.name)]
        assert told["costs"]["fuel_g"] == pytest.approx(
            1e3 * float(one.outcome.propellant_kg + one.outcome.return_propellant_kg), rel=1e-12
        )
        assert told["costs"]["pc_new_events"] is None
    assert options["no-burn"]["certificate"] is None
    proof = plan.option(OptionName.MINIMUM_FUEL).certificate
    assert proof is not None
    assert options["minimum-fuel"]["certificate"]["lower_bound"] == proof.lower_bound


def test_an_option_that_has_no_plan_has_no_costs(plan: Plan) -> None:
    impossible = replace(
        plan.option(OptionName.IN_TRACK), burns=(), pc_verified=None, feasible=False
    )
    options = tuple(impossible if o.name == impossible.name else o for o in plan.options)
    value = json.loads(dumps(plan_json(replace(plan, options=options))))
    Draft202012Validator(schema("plan")).validate(value)
    assert value["options"][2]["costs"] is None


# --- weights ------------------------------------------------------------------------------


def test_weights_of_a_command_line_replace_only_what_they_name() -> None:
    given = Weights(fuel_per_gram=3.0)
    assert given.changed("risk=10,lateness=0") == replace(
        given, residual_pc_per_target=10.0, lateness_per_hour=0.0
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fule=1", "did you mean fuel"),
        ("fuel", "write name=value"),
        ("", "write name=value"),
        ("fuel=a lot", "must be a number"),
        ("fuel=-1", "at least 0"),
        ("fuel=nan", "finite"),
        ("fuel=1,fuel=2", "given twice"),
    ],
)
def test_bad_weights_are_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        Weights().changed(text)

"""Options side by side: stars, limits, differences."""

from dataclasses import replace

import pytest

import mdss
from mdss.planner.options import OptionName, Plan
from mdss.report.side_by_side import Row, option_details, option_rows


@pytest.fixture(scope="module")
def plan() -> Plan:
    scenario = mdss.load_scenario("observer7_fragment49863")
    return mdss.plan(scenario.event, scenario.spacecraft, scenario.operations, scenario.policy)


def row(plan: Plan, quantity: str, **more: OptionName) -> Row:
    return next(one for one in option_rows(plan, **more) if one.quantity == quantity)


def changed(plan: Plan, name: OptionName, **changes: object) -> Plan:
    options = tuple(replace(o, **changes) if o.name == name else o for o in plan.options)
    return replace(plan, options=options)


def test_the_star_goes_to_the_single_least_delta_v(plan: Plan) -> None:
    cells = row(plan, "Δv").cells
    best = [at for at, cell in enumerate(cells) if cell.best]
    feasible = [at for at, one in enumerate(plan.options) if one.feasible]
    assert best == [min(feasible, key=lambda at: plan.options[at].dv_total_m_s)]


def test_no_star_where_the_best_two_look_the_same(plan: Plan) -> None:
    assert not any(cell.best for cell in row(plan, "Pc verified").cells)


def test_the_star_of_the_commit_goes_to_the_latest(plan: Plan) -> None:
    cells = row(plan, "Commit by").cells
    (best,) = (at for at, cell in enumerate(cells) if cell.best)
    assert plan.options[best].name == OptionName.LATEST_SAFE


def test_an_option_that_2d_cannot_judge_is_struck_and_never_starred(plan: Plan) -> None:
    at = [cell.best for cell in row(plan, "Payload lost").cells].index(True)
    doubtful = changed(plan, plan.options[at].name, method_valid=False)
    cells = [one.cells[at] for one in option_rows(doubtful)]
    assert not any(cell.best for cell in cells)
    struck = row(doubtful, "Pc verified").cells[at]
    assert struck.struck
    assert "Pc not valid" in struck.second


def test_only_cells_that_break_a_limit_are_red_and_they_have_the_triangle(plan: Plan) -> None:
    red = [
        (one.quantity, at)
        for one in option_rows(plan)
        for at, cell in enumerate(one.cells)
        if cell.state == "act"
    ]
    assert red == [("Status", 0), ("Pc verified", 0)]  # no burn stays above the threshold
    for one in option_rows(plan):
        for cell in one.cells:
            assert (cell.state == "act") == cell.text.startswith("▲")


def test_second_lines_are_differences_to_the_reference(plan: Plan) -> None:
    reference = OptionName.LATEST_SAFE
    cells = row(plan, "Propellant", reference=reference).cells
    ref = plan.option(reference)
    for cell, one in zip(cells, plan.options, strict=True):
        if one is ref:
            assert cell.second == "ref"
        else:
            said = float(cell.second.replace("−", "-"))
            # both shown to a tenth of a gram
            assert said == pytest.approx(1e3 * (one.propellant_kg - ref.propellant_kg), abs=0.051)


def test_rows_without_a_better_direction_have_no_star(plan: Plan) -> None:
    for quantity in ("Burn", "Miss", "Cancel by", "Binds", "Status"):
        assert not any(cell.best for cell in row(plan, quantity).cells)


def test_the_last_row_says_what_binds(plan: Plan) -> None:
    last = option_rows(plan)[-1]
    assert last.quantity == "Binds"
    assert [c.text for c in last.cells] == [one.binds for one in plan.options]


def test_a_commit_that_is_past_is_red_and_says_how_long(plan: Plan) -> None:
    late = replace(plan, now_utc=plan.conjunction.tca_utc)
    cells = row(late, "Commit by").cells
    assert all(cell.state == "act" and "passed" in cell.second for cell in cells[1:])


def test_what_the_way_back_takes_later_has_a_row_where_there_is_any(plan: Plan) -> None:
    assert "Return later" not in [one.quantity for one in option_rows(plan)]
    outcome = replace(plan.option(OptionName.MINIMUM_FUEL).outcome, return_propellant_kg=0.0125)
    leaving = changed(plan, OptionName.MINIMUM_FUEL, outcome=outcome)
    cells = row(leaving, "Return later").cells
    assert [cell.text for cell in cells][:3] == ["0.0", "12.5", "0.0"]


def test_a_row_that_rests_on_assumed_values_names_them(plan: Plan) -> None:
    told = {one.quantity: one.assumed for one in option_rows(plan) if one.assumed}
    assert list(told) == ["Deviation"]  # the event has no station-keeping box
    assert told["Deviation"][0].startswith("spacecraft.station_keeping = none")
    assumed = replace(plan, assumed=("operations.contacts = none", "spacecraft.mass_kg = 500"))
    assert row(assumed, "Commit by").assumed == ("operations.contacts = none",)
    assert row(assumed, "Propellant").assumed == ("spacecraft.mass_kg = 500",)


def test_a_spacecraft_that_cannot_maneuver_leaves_its_options_in_place() -> None:
    scenario = mdss.load_scenario("iras_ggse4")
    plan = mdss.plan(scenario.event, scenario.spacecraft, scenario.operations, scenario.policy)
    assert [c.text for c in row(plan, "Status").cells[1:]] == ["○ Not possible"] * 5
    assert [c.text for c in row(plan, "Binds").cells[1:]] == ["spacecraft"] * 5
    assert not any(cell.best for one in option_rows(plan) for cell in one.cells)


def test_the_details_give_all_three_probabilities_and_both_misses(plan: Plan) -> None:
    details = dict(option_details(plan, OptionName.BALANCED))
    assert details["Pc before, linear, verified"].count("e-") == 3
    assert "rev" in details["Mid-burn"]
    assert {"Miss before", "Miss after", "TCA after", "Δv, duration"} <= set(details)

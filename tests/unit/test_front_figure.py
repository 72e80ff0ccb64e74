"""The figure of the front: every plan at its costs, knee ringed, best starred."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import pytest

import mdss
from mdss.planner.front.data import Front, Tie
from mdss.planner.front.pareto import pareto_front
from mdss.planner.options import OptionName, Plan
from mdss.report import figures
from mdss.report.palette import DARK, LIGHT


@pytest.fixture(scope="module")
def plan() -> Plan:
    case = mdss.load_scenario("observer7_fragment49863")
    made = mdss.plan(case.event, case.spacecraft, case.operations, case.policy)
    return replace(made, front=pareto_front(made, points=8))


@pytest.fixture(scope="module")
def front(plan: Plan) -> Front:
    assert plan.front is not None
    return plan.front


def letters(figure) -> dict[str, tuple[float, float]]:
    """Where each letter ended up."""
    return {
        data[0]: (x, y)
        for trace in figure.data
        if trace.name == figures.OPTIONS_TRACE
        for data, x, y in zip(trace.customdata or (), trace.x, trace.y, strict=True)
    }


def points(figure) -> set[tuple[float, float]]:
    (trace,) = (one for one in figure.data if one.name == "option points")
    return {(round(x, 9), round(y, 9)) for x, y in zip(trace.x, trace.y, strict=True)}


def test_every_point_stands_at_its_fuel_and_interruption(plan: Plan, front: Front) -> None:
    figure = figures.front_figure(plan, front, DARK, "", "", "fuel")
    assert set(letters(figure)) == {one.label for one in front.points} | {
        tie.name.letter for tie in front.ties
    }
    for one in front.points:
        assert (round(one.values[0], 9), round(one.values[1], 9)) in points(figure)


def test_the_other_view_shows_decision_lead_and_pc(plan: Plan, front: Front) -> None:
    figure = figures.front_figure(plan, front, DARK, "", "", "lead")
    for one in front.points:
        pc = one.values[2] * plan.policy.pc_target
        assert (round(one.values[4], 9), round(math.log10(pc), 9)) in points(figure)
    named = {one.text: one.y for one in figure.layout.annotations}
    assert named["target"] == pytest.approx(math.log10(plan.policy.pc_target), rel=1e-12)


@pytest.mark.parametrize("view", ["fuel", "lead"])
def test_no_letter_covers_another_and_all_are_in_the_frame(plan, front, view) -> None:
    figure = figures.front_figure(plan, front, DARK, "", "", view)
    spans = (figure.layout.xaxis.range, figure.layout.yaxis.range)
    pixels = []
    for place in letters(figure).values():
        scaled = [
            (value - span[0]) / (span[1] - span[0])
            for value, span in zip(place, spans, strict=True)
        ]
        assert all(0 < share < 1 for share in scaled)
        pixels.append((scaled[0] * 330, scaled[1] * 218))
    for one, other in combinations(pixels, 2):
        assert max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= 20


def test_the_knee_is_ringed_the_best_starred_the_selected_filled(plan: Plan, front: Front) -> None:
    best = front.points[0].label
    chosen = front.points[-1].label
    figure = figures.front_figure(plan, front, LIGHT, chosen, best, "fuel")
    places = letters(figure)
    (ring,) = (one for one in figure.data if one.name == "knee")
    assert front.knee is not None
    assert (ring.x[0], ring.y[0]) == places[front.knee.label]
    (star,) = (one for one in figure.layout.annotations if one.name == "best")
    assert (star.x, star.y) == places[best]
    filled = [
        one
        for one in figure.data
        if one.name == figures.OPTIONS_TRACE and one.marker.color == LIGHT.selection
    ]
    assert [data[0] for one in filled for data in one.customdata] == [chosen]


def test_a_beaten_option_is_muted_and_says_by_whom(plan: Plan, front: Front) -> None:
    gone = next(one for one in front.points if one.option.name != OptionName.TRADE)
    kept = tuple(one for one in front.points if one is not gone)
    tie = Tie(name=gone.option.name, label=kept[0].label, reason="by hand")
    beaten = replace(front, points=kept, ties=(tie,))
    figure = figures.front_figure(plan, beaten, DARK, "", "", "fuel")
    (muted,) = (
        one
        for one in figure.data
        if one.name == figures.OPTIONS_TRACE and one.textfont.color == DARK.off
    )
    assert [data[0] for data in muted.customdata] == [gone.option.name.letter]
    assert f"beaten by {kept[0].label}" in muted.hovertext[0]


def test_the_hover_tells_all_five_costs(plan: Plan, front: Front) -> None:
    figure = figures.front_figure(plan, front, DARK, "", "", "lead")
    texts = [
        text
        for trace in figure.data
        if trace.name == figures.OPTIONS_TRACE
        for text in trace.hovertext or ()
    ]
    assert len(texts) >= len(front.points)
    for text in texts:
        assert all(f"{cost.label} " in text for cost in front.costs)
        assert text.endswith("<i>click: select</i>")


@pytest.mark.parametrize("view", ["fuel", "lead"])
def test_a_front_of_one_point_has_a_frame_around_it(plan: Plan, front: Front, view) -> None:
    alone = replace(front, points=front.points[:1], ties=())
    figure = figures.front_figure(plan, alone, DARK, "", "", view)
    (place,) = letters(figure).values()
    for value, axis in zip(place, (figure.layout.xaxis, figure.layout.yaxis), strict=True):
        assert axis.range[0] < value < axis.range[1]


def test_nothing_in_it_is_smaller_than_12_px_or_moves(plan: Plan, front: Front) -> None:
    figure = figures.front_figure(plan, front, DARK, "B", "B", "lead").to_dict()
    assert figure["layout"]["transition"]["duration"] == 0
    assert figure["layout"]["showlegend"] is False
    fonts = [one["font"]["size"] for one in figure["layout"]["annotations"]]
    fonts += [one["textfont"]["size"] for one in figure["data"] if "textfont" in one]
    fonts += [figure["layout"][axis]["tickfont"]["size"] for axis in ("xaxis", "yaxis")]
    assert min(fonts) >= 12

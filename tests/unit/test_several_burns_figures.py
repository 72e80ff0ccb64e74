"""A plan of several burns in the figures: each burn on the timeline, their sum in the plane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mdss
from mdss.maneuver import Burn
from mdss.planner.options import OptionName, Plan
from mdss.planner.view import busy_spans, plane_view
from mdss.report import figures
from mdss.report.palette import DARK

SPLIT = OptionName.SEVERAL_BURNS


@pytest.fixture(scope="module")
def plan() -> Plan:
    """With the recommended burn in two halves at one time, and a return burn after TCA."""
    case = mdss.load_scenario("observer7_fragment49863")
    made = mdss.plan(case.event, case.spacecraft, case.operations, case.policy)
    assert made.recommended is not None
    one = made.option(made.recommended)
    (burn,) = one.burns
    half = replace(burn, dv_rtn_m_s=0.5 * burn.dv_rtn_m_s)
    back = Burn.before(made.conjunction.tca_utc, -7200.0, -burn.dv_rtn_m_s, 10.0, role="return")
    split = replace(one, name=SPLIT, burns=(half, half, back))
    return replace(made, options=(*made.options, split))


def test_the_place_in_the_plane_is_that_of_all_burns_before_tca_together(plan: Plan) -> None:
    assert plan.recommended is not None
    places = plane_view(plan).positions_m
    assert places[SPLIT] == pytest.approx(places[plan.recommended], abs=1e-6)


def test_the_timeline_shows_every_burn_of_the_selected_option_and_its_slews(plan: Plan) -> None:
    figure = figures.timeline_figure(plan, DARK, SPLIT)
    (burns,) = (one for one in figure.data if one.name == "burns")
    option = plan.option(SPLIT)
    assert list(burns.x) == pytest.approx([-b.t_before_tca_s / 3600 for b in option.burns])
    assert "to return" in burns.hovertext[-1]
    assert "burn 3 of 3" in burns.hovertext[-1]
    (slews,) = (one for one in figure.data if one.name == "slews")
    spans = busy_spans(plan, option)
    assert list(slews.base) == pytest.approx([one.start_t_s / 3600 for one in spans])
    for span, burn in zip(spans, option.burns, strict=True):
        assert span.start_t_s < burn.start_t_s
        assert span.end_t_s >= burn.end_t_s


def test_the_timeline_reaches_to_the_last_burn_after_tca(plan: Plan) -> None:
    first, last = figures.timeline_range_h(plan)
    assert first < 0
    assert last > 2.0  # hours after TCA, where the return burn is
    without = replace(plan, options=plan.options[:-1])
    assert figures.timeline_range_h(without)[1] < 1.0


def test_each_option_has_one_letter_in_each_figure(plan: Plan) -> None:
    for figure in (
        figures.timeline_figure(plan, DARK, SPLIT),
        figures.trade_space_figure(plan, DARK, SPLIT),
        figures.plane_figure(plan, plane_view(plan), DARK, SPLIT),
    ):
        letters = [
            data[0]
            for trace in figure.data
            if trace.name == figures.OPTIONS_TRACE
            for data in trace.customdata or ()
        ]
        assert letters.count("G") == 1
        assert len(set(letters)) == len(letters)


def test_a_trade_beyond_the_drawn_delta_v_stands_at_the_edge(plan: Plan) -> None:
    reach = float(np.max(plan.trade_space.dv_m_s))
    burn = plan.option(SPLIT).burns[0]
    large = replace(burn, dv_rtn_m_s=np.array([0.0, 3 * reach, 0.0]))
    trade = replace(plan.option(SPLIT), name=OptionName.TRADE, tag="P1", burns=(large,))
    wider = replace(plan, options=(*plan.options, trade))
    figure = figures.trade_space_figure(wider, DARK, OptionName.TRADE)
    (points,) = (one for one in figure.data if one.name == "option points")
    assert max(points.y) == pytest.approx(100 * reach)

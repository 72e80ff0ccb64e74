"""The figures show the plan's numbers, and nothing in them covers anything else."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import numpy as np
import pytest

import mdss
from mdss.astro.probability import pc_2d
from mdss.conjunction import ConjunctionEvent
from mdss.planner.options import OptionName, Plan
from mdss.planner.setting import Setting
from mdss.planner.view import (
    PlaneView,
    history,
    plane_view,
    probe,
    threshold_lines,
    too_late_spans,
)
from mdss.report import figures
from mdss.report.palette import DARK, LIGHT


@pytest.fixture(scope="module")
def plan() -> Plan:
    scenario = mdss.load_scenario("observer7_fragment49863")
    return mdss.plan(scenario.event, scenario.spacecraft, scenario.operations, scenario.policy)


@pytest.fixture(scope="module")
def view(plan: Plan) -> PlaneView:
    return plane_view(plan)


def all_figures(plan: Plan, view: PlaneView) -> dict[str, object]:
    selected = plan.recommended or OptionName.NO_BURN
    return {
        "trade": figures.trade_space_figure(plan, DARK, selected),
        "plane": figures.plane_figure(plan, view, LIGHT, selected),
        "timeline": figures.timeline_figure(plan, DARK, selected),
        "history": figures.history_figure(plan, history(plan), LIGHT, selected),
        "rtn history": figures.rtn_history_figure(history(plan), DARK),
    }


def traces(figure, name):
    return [one for one in figure.data if one.name == name]


def letters(figure):
    return sorted(t for trace in traces(figure, figures.OPTIONS_TRACE) for t in trace.text)


def burning(plan: Plan) -> list[str]:
    return [f"<b>{one.name.letter}</b>" for one in plan.options if one.burns]


# --- trade space --------------------------------------------------------------------------


def test_the_heat_map_is_the_trade_space_clipped_to_the_colour_range(plan: Plan) -> None:
    figure = figures.trade_space_figure(plan, DARK, OptionName.NO_BURN)
    (heat,) = traces(figure, "Pc")
    trade = plan.trade_space
    assert heat.x == pytest.approx(-trade.t_before_tca_s / 3600)
    assert heat.y == pytest.approx(100 * trade.dv_m_s)
    expected = np.log10(np.clip(trade.pc, *figures.pc_range(plan))).T
    assert np.asarray(heat.z) == pytest.approx(expected, abs=1e-6)  # float32
    assert (heat.zmin, heat.zmax) == tuple(np.log10(figures.pc_range(plan)))


def test_options_stand_at_their_burn_time_and_in_track_part(plan: Plan) -> None:
    figure = figures.trade_space_figure(plan, DARK, OptionName.BALANCED)
    (points,) = traces(figure, "option points")
    expected = {
        (-b.t_before_tca_s / 3600, 100 * b.dv_rtn_m_s[1]) for o in plan.options for b in o.burns
    }
    assert set(zip(points.x, points.y, strict=True)) == expected
    assert letters(figure) == burning(plan)


def test_every_clickable_point_names_a_sample_of_the_trade_space(plan: Plan) -> None:
    figure = figures.trade_space_figure(plan, DARK, OptionName.BALANCED)
    (grid,) = traces(figure, figures.GRID_TRACE)
    assert len(grid.x) > 1000
    for x, y, data in zip(grid.x[::37], grid.y[::37], grid.customdata[::37], strict=True):
        found = probe(plan, data[0], data[1])
        assert -found.t_before_tca_s / 3600 == pytest.approx(x)
        assert 100 * found.dv_in_track_m_s == pytest.approx(y)


def test_no_clickable_point_lies_under_a_letter(plan: Plan) -> None:
    figure = figures.trade_space_figure(plan, DARK, OptionName.BALANCED)
    (grid,) = traces(figure, figures.GRID_TRACE)
    width, height = figure.layout.xaxis.range, figure.layout.yaxis.range
    for trace in traces(figure, figures.OPTIONS_TRACE):
        for x, y in zip(trace.x, trace.y, strict=True):
            away = np.maximum(
                np.abs((grid.x - x) * 412 / (width[1] - width[0])),
                np.abs((grid.y - y) * 326 / (height[1] - height[0])),
            )
            assert np.min(away) > 10  # half a letter, on a screen 1280 px wide


@pytest.mark.parametrize("name", ["pc_act", "pc_target"])
def test_threshold_lines_lie_where_the_linear_pc_is_the_threshold(plan: Plan, name: str) -> None:
    threshold = getattr(plan.policy, name)
    trade = plan.trade_space
    setting = Setting(
        risk=plan.risk,
        spacecraft=plan.spacecraft,
        operations=plan.operations,
        policy=plan.policy,
        now_utc=plan.now_utc,
    )
    matrix = setting.displacement(trade.t_before_tca_s) @ trade.direction_rtn
    lines = [edge for edge in threshold_lines(trade, threshold) if np.isfinite(edge).any()]
    assert lines
    for edge in lines:
        drawn = np.isfinite(edge)
        places = plan.risk.plane.miss_m + matrix[drawn] * edge[drawn, None]
        pc = pc_2d(places, plan.risk.plane.cov_m2, plan.risk.hbr.radius_m)
        # ln Pc is interpolated over steps of a 200th of the axis: well under a line's width
        assert pc == pytest.approx(np.full(pc.shape, threshold), rel=5e-3)


def test_a_line_that_leaves_the_sampled_range_is_not_drawn_there() -> None:
    times, sizes = np.array([3600.0, 1800.0]), np.linspace(-1, 1, 21)
    pc = np.stack([np.full(21, 1e-3), np.exp(-((sizes / 0.3) ** 2)) * 1e-3])
    trade = mdss.planner.options.TradeSpace(
        t_before_tca_s=times, dv_m_s=sizes, direction_rtn=np.array([0.0, 1.0, 0.0]), pc=pc
    )
    lower, upper = threshold_lines(trade, 1e-4)
    assert np.isnan([lower[0], upper[0]]).all()
    half = 0.3 * np.sqrt(np.log(10))
    assert (lower[1], upper[1]) == pytest.approx((-half, half), abs=0.01)
    assert np.isnan(threshold_lines(trade, 1e-2)).all()


def test_burns_whose_commit_is_past_are_hatched_as_too_late(plan: Plan) -> None:
    assert too_late_spans(plan) == ()
    late = replace(plan, now_utc=plan.conjunction.tca_utc - timedelta(hours=9.5))
    (span,) = too_late_spans(late)
    assert span.start_t_s == pytest.approx(-plan.trade_space.t_before_tca_s[0])
    times = plan.trade_space.t_before_tca_s
    for time in times[(times > -span.end_t_s + 60)][::10]:
        found = probe(late, int(np.flatnonzero(times == time)[0]), 0)
        assert found.too_late
    figure = figures.trade_space_figure(late, DARK, OptionName.NO_BURN)
    assert len(traces(figure, "too late to command")) == 1


def test_no_burn_windows_are_hatched_within_the_figure(plan: Plan) -> None:
    figure = figures.trade_space_figure(plan, DARK, OptionName.NO_BURN)
    windows = traces(figure, "no-burn")
    assert len(windows) == len(plan.operations.no_burn)
    tca = plan.conjunction.tca_utc
    starts = sorted(min(one.x) for one in windows)
    expected = sorted((w.start_utc - tca).total_seconds() / 3600 for w in plan.operations.no_burn)
    assert starts == pytest.approx(expected)


# --- encounter plane ----------------------------------------------------------------------


def test_the_outlines_are_where_pc_is_the_threshold(plan: Plan, view: PlaneView) -> None:
    for outline, threshold in (
        (view.act_m, plan.policy.pc_act),
        (view.target_m, plan.policy.pc_target),
    ):
        assert outline is not None
        pc = pc_2d(outline, plan.risk.plane.cov_m2, plan.risk.hbr.radius_m)
        assert pc == pytest.approx(np.full(len(outline), threshold), rel=1e-8)


def test_positions_after_each_option_agree_with_the_flown_miss(plan: Plan, view: PlaneView) -> None:
    for one in plan.options:
        if one.burns or one.name == OptionName.NO_BURN:
            distance = float(np.linalg.norm(view.positions_m[one.name]))
            # the linear map is off by some 10 mm for a displacement of 100 m
            assert distance == pytest.approx(one.miss_after_m, abs=0.1)


def test_the_plane_has_equal_scales_and_holds_every_position(plan: Plan, view: PlaneView) -> None:
    figure = figures.plane_figure(plan, view, DARK, OptionName.BALANCED)
    assert figure.layout.yaxis.scaleanchor == "x"
    for place in view.positions_m.values():
        for value, axis in zip(place, (figure.layout.xaxis, figure.layout.yaxis), strict=True):
            assert axis.range[0] < value < axis.range[1]


# --- timeline and history -----------------------------------------------------------------


def test_the_timeline_ends_after_tca_and_starts_before_everything_it_shows(plan: Plan) -> None:
    first, last = figures.timeline_range_h(plan)
    assert last > 0
    tca = plan.conjunction.tca_utc
    for one in plan.options:
        for instant in (one.commit_by_utc, one.cancel_by_utc):
            if instant is not None:
                assert first < (instant - tca).total_seconds() / 3600 < last
    assert letters(figures.timeline_figure(plan, DARK, OptionName.BALANCED)) == burning(plan)


def test_letters_on_the_timeline_do_not_cover_each_other(plan: Plan) -> None:
    figure = figures.timeline_figure(plan, DARK, OptionName.BALANCED)
    places = [
        (x, y)
        for trace in traces(figure, figures.OPTIONS_TRACE)
        for x, y in zip(trace.x, trace.y, strict=True)
    ]
    first, last = figures.timeline_range_h(plan)
    for (x1, y1), (x2, y2) in combinations(places, 2):
        assert y1 != y2 or abs(x1 - x2) * 380 / (last - first) >= 20


def test_the_history_ends_at_the_pc_of_the_plan(plan: Plan) -> None:
    told = history(plan)
    points = told.rows
    assert len(points) == len(plan.event.conjunctions)
    assert points[-1].pc == pytest.approx(plan.risk.pc_2d, rel=1e-12)
    figure = figures.history_figure(plan, told, DARK, OptionName.BALANCED)
    (drawn,) = traces(figure, "messages")
    assert list(drawn.y) == pytest.approx([one.pc for one in points])


def test_the_band_of_the_history_is_the_forecast(plan: Plan) -> None:
    told = history(plan)
    points = told.current.forecast.points
    figure = figures.history_figure(plan, told, DARK, OptionName.BALANCED)
    (band,), (hover,) = traces(figure, "forecast band"), traces(figure, "forecast")
    assert list(hover.x) == pytest.approx([-one.t_before_tca_s / 86400 for one in points])
    assert max(band.y) == pytest.approx(max(one.pc_95 for one in points))
    lowest = 10 ** figure.layout.yaxis.range[0]
    assert min(band.y) == pytest.approx(max(lowest, min(one.pc_05 for one in points)))
    assert "above 1e-4" in hover.hovertext[0]


@pytest.fixture(scope="module")
def two_streams(plan: Plan) -> Plan:
    others = tuple(
        replace(one, originator="<b>Other</b>", created_utc=one.created_utc + timedelta(hours=2))
        for one in plan.event.conjunctions[:3]
    )
    event = ConjunctionEvent(conjunctions=(*plan.event.conjunctions, *others))
    return replace(plan, event=event)


def test_two_streams_are_two_lines_in_the_history(two_streams: Plan) -> None:
    told = history(two_streams)
    figure = figures.history_figure(two_streams, told, LIGHT, OptionName.BALANCED)
    (mine,), (theirs,) = traces(figure, "messages"), traces(figure, "<B>OTHER</B>")
    assert (len(mine.y), len(theirs.y)) == (5, 3)
    assert mine.marker.symbol[0] != theirs.marker.symbol[0]
    assert "&lt;B&gt;OTHER&lt;/B&gt;" in theirs.hovertext[0]  # a file's text is not markup


def test_the_rtn_history_shows_each_component_with_its_sigma(two_streams: Plan) -> None:
    told = history(two_streams)
    figure = figures.rtn_history_figure(told, DARK)
    rows = told.streams[0].rows
    drawn = [one for one in figure.data if one.name.endswith("MDSS-SCENARIO")]
    assert [one.name[0] for one in drawn] == ["R", "T", "N"]
    for axis, one in enumerate(drawn):
        assert list(one.y) == pytest.approx([row.miss_rtn_m[axis] for row in rows])
        assert list(one.error_y.array) == pytest.approx([r.miss_sigma_rtn_m[axis] for r in rows])
    assert len(figure.data) == 6
    assert "UTC" in figure.data[0].hovertext[0]


def test_the_rtn_history_says_when_there_is_nothing_to_draw(plan: Plan) -> None:
    undated = tuple(replace(one, created_utc=None) for one in plan.event.conjunctions[:1])
    told = history(replace(plan, event=ConjunctionEvent(conjunctions=undated)))
    figure = figures.rtn_history_figure(told, DARK)
    assert "No message" in figure.layout.annotations[0].text


# --- all ----------------------------------------------------------------------------------


def test_no_text_is_smaller_than_12_px(plan: Plan, view: PlaneView) -> None:
    def sizes(node, under_font=False):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "size" and under_font:
                    yield value
                yield from sizes(value, key.endswith("font"))
        elif isinstance(node, list):
            for one in node:
                yield from sizes(one)

    for figure in all_figures(plan, view).values():
        found = list(sizes(figure.to_dict()))
        assert found
        assert min(found) >= 12


def test_no_figure_has_a_legend_or_moves(plan: Plan, view: PlaneView) -> None:
    for figure in all_figures(plan, view).values():
        assert figure.layout.showlegend is False
        assert figure.layout.height
        assert figure.layout.transition.duration == 0


def test_labels_are_moved_apart_and_stay_inside() -> None:
    rng = np.random.default_rng(7)
    for _ in range(50):
        points = [tuple(p) for p in rng.uniform(150, 210, (6, 2))]
        bounds = ((10.0, 390.0), (10.0, 290.0))
        placed = figures.spread(points, 20, bounds)
        for (x1, y1), (x2, y2) in combinations(placed, 2):
            assert max(abs(x1 - x2), abs(y1 - y2)) >= 20
        for x, y in placed:
            assert 10 <= x <= 390
            assert 10 <= y <= 290


def test_a_label_with_room_stays_on_its_point() -> None:
    points = [(50.0, 50.0), (200.0, 50.0)]
    assert figures.spread(points, 20, ((0, 300), (0, 300))) == points

"""The figures of a risk show the results' numbers, say what they are and where they come from."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

import mdss
from mdss.conjunction import Conjunction, ObjectState
from mdss.policy import Policy
from mdss.report import risk_figures, words
from mdss.report.palette import DARK, LIGHT
from mdss.report.pc_scale import pc_ends
from mdss.risk.assess import Risk, assess
from mdss.risk.distribution import pc_distribution
from mdss.risk.maximum import Scaled, dilution_curve, maximum_pc
from mdss.risk.methods import Effort
from mdss.risk.sensitivity import sensitivity
from mdss.risk.uncertainty import (
    covariance_scale_map,
    pc_against_miss,
    pc_against_radius,
)

NASA = Policy.preset("nasa")


@pytest.fixture(scope="module")
def risk() -> Risk:
    event = mdss.load_scenario("observer7_fragment49863").event
    return assess(event.latest, effort=Effort(most_trials=0))


def all_figures(risk: Risk, colors=DARK) -> dict[str, object]:
    curves = [dilution_curve(risk, which) for which in Scaled]
    return {
        "dilution": risk_figures.dilution_figure(risk, curves, maximum_pc(risk), NASA, colors),
        "radius": risk_figures.radius_figure(risk, pc_against_radius(risk), NASA, colors),
        "miss": risk_figures.miss_figure(risk, pc_against_miss(risk), NASA, colors),
        "spread": risk_figures.distribution_figure(risk, pc_distribution(risk), NASA, colors),
        "map": risk_figures.scale_map_figure(risk, covariance_scale_map(risk), NASA, colors),
        "sensitivity": risk_figures.sensitivity_figure(risk, sensitivity(risk), colors),
    }


@pytest.fixture(scope="module")
def drawn(risk) -> dict[str, object]:
    return all_figures(risk)


def trace(figure, name):
    return next(one for one in figure.data if one.name == name)


def texts(figure) -> str:
    return " | ".join(one.text for one in figure.layout.annotations)


def a_vanishing_risk() -> Risk:
    objects = [
        ObjectState([x, 0, 0], [0, v, 0], cov_rtn_m2=np.diag([900.0, 2500.0, 400.0]))
        for x, v in ((7.2e6, 7440.0), (7e6, -7546.0))
    ]
    event = Conjunction.from_states(datetime(2026, 3, 1, tzinfo=UTC), *objects, 10.0)
    return assess(event)


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
def test_each_figure_says_what_it_shows_its_units_and_where_it_comes_from(risk, colors):
    for name, figure in all_figures(risk, colors).items():
        said = texts(figure)
        assert "Pc" in said, name
        assert risk.pc_method.label in said, name
        assert "HBR" in said, name
        tca = risk.conjunction.tca_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert f"TCA {tca}" in said, name
        assert figure.layout.xaxis.title.text, name
        assert figure.layout.height >= 200, name
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)", name


def test_no_text_is_smaller_than_12(drawn):
    for name, figure in drawn.items():
        sizes = [one.font.size for one in figure.layout.annotations if one.font.size]
        sizes += [axis.tickfont.size for axis in (figure.layout.xaxis, figure.layout.yaxis)]
        assert min(sizes) >= 12, name


def test_curves_are_the_results_numbers_and_the_message_is_marked(risk, drawn):
    curve = pc_against_radius(risk)
    line = trace(drawn["radius"], "Pc")
    assert line.x == pytest.approx(curve.radius_m)
    low = 10 ** drawn["radius"].layout.yaxis.range[0]
    assert line.y == pytest.approx(np.maximum(curve.pc, low / 10))
    for name, x, y in (
        ("radius", curve.nominal_m, risk.pc),
        ("dilution", 1.0, risk.pc_2d),
        ("miss", pc_against_miss(risk).nominal_m, risk.pc),
    ):
        mark = trace(drawn[name], "used" if name == "radius" else "message")
        assert (mark.x[0], mark.y[0]) == pytest.approx((x, y))


def test_thresholds_of_the_policy_are_drawn_and_named(drawn):
    for name in ("dilution", "radius", "miss"):
        figure = drawn[name]
        assert trace(figure, "act").y == pytest.approx([NASA.pc_act] * 2)
        assert f"act {words.threshold(NASA.pc_act)}" in texts(figure)


def test_the_dilution_figure_has_its_three_curves_and_their_tops(risk, drawn):
    figure = drawn["dilution"]
    top = maximum_pc(risk)
    for which, peak in zip(Scaled, (top.joint, top.primary, top.secondary), strict=True):
        assert trace(figure, str(which)).x == pytest.approx(dilution_curve(risk, which).scales)
        if 0.01 <= peak.scale <= 100 and peak.scale != 1:
            assert trace(figure, f"top, {which}").y[0] == pytest.approx(peak.pc_max)
    assert ("diluted" in texts(figure)) == top.diluted


def test_the_map_is_clipped_to_its_colours_and_stands_the_right_way_round(risk):
    found = covariance_scale_map(risk, [0.5, 1, 2], [0.25, 0.5, 1, 2])
    figure = risk_figures.scale_map_figure(risk, found, NASA, DARK)
    heat = trace(figure, "Pc")
    assert np.shape(heat.z) == (4, 3)  # rows: secondary, upwards
    clipped = np.log10(np.clip(found.pc, *pc_ends(NASA)))
    assert np.asarray(heat.z) == pytest.approx(clipped.T)
    assert heat.x == pytest.approx(np.log10(found.scale_primary))
    assert heat.hovertext[3][0].endswith("of the message's)")
    assert "× 0.50" in heat.hovertext[3][0]


def test_a_corner_that_differs_when_computed_anew_carries_a_diamond(risk):
    found = covariance_scale_map(risk)
    doubted = replace(found, checks=(replace(found.checks[0], agrees=False), *found.checks[1:]))
    figure = risk_figures.scale_map_figure(risk, doubted, NASA, DARK)
    mark = trace(figure, "differs when computed anew")
    first = found.checks[0]
    assert mark.x[0] == pytest.approx(math.log10(first.scale_primary))
    assert mark.y[0] == pytest.approx(math.log10(first.scale_secondary))
    assert f"{words.CAUTION} {risk.pc_method.label}, indicative" in texts(figure)


def test_the_bars_are_the_ranked_changes_to_the_right_where_pc_grows(risk, drawn):
    found = sensitivity(risk)
    bars = trace(drawn["sensitivity"], "change of Pc")
    assert list(bars.y) == [one.name for one in found.influences][:12]
    for x, one in zip(bars.x, found.influences, strict=False):
        assert x == pytest.approx(max(-1.0, min(1.0, math.log10(max(1 + one.change, 1e-300)))))
    assert all(
        (x > 0) == (one.change > 0) for x, one in zip(bars.x, found.influences, strict=False)
    )
    assert words.sentence(found.influences[0].change_words) in texts(drawn["sensitivity"])


def test_the_spread_figure_marks_5_50_and_95_percent(risk, drawn):
    figure = drawn["spread"]
    found = pc_distribution(risk)
    low = 10 ** figure.layout.xaxis.range[0]
    for share, value in ((5, found.p05), (50, found.median), (95, found.p95)):
        mark = trace(figure, f"{share} %")
        assert (mark.x[0], mark.y[0]) == pytest.approx((max(value, low), share))


def test_a_vanishing_pc_is_drawn_without_trouble():
    risk = a_vanishing_risk()
    assert risk.pc == 0
    figures = all_figures(risk)
    assert "nothing can be said" in texts(figures["sensitivity"])
    assert "<1e-30" in texts(figures["miss"])
    assert np.all(np.isfinite(np.asarray(trace(figures["map"], "Pc").z)))

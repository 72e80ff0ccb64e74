"""What Pc rests on: methods, dilution, sensitivity, data, consequence; each drawn on request."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from mdss.planner.options import Plan
from mdss.report import risk_figures, words
from mdss.report.palette import Palette
from mdss.report.quality_tables import consequence_facts, consequence_headline
from mdss.report.risk_tables import dilution_sentence, distribution_words, interval
from mdss.report.rtn_history_figure import rtn_history_figure
from mdss.risk.evolution import History
from mdss.risk.family import spread
from mdss.risk.maximum import Scaled, dilution_curve
from mdss.risk.picture import Picture, picture
from mdss.risk.uncertainty import covariance_scale_map, pc_against_miss, pc_against_radius
from mdss.ui import html

_CHART = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_KEEP_S = 600


def rests_on(plan: Plan, told: History, colors: Palette) -> None:
    """A row of buttons; the chosen side of the risk below it, nothing until one is chosen.

    Parameters
    ----------
    plan : Plan
    told : History
        Of its event.
    colors : Palette
    """

    @st.fragment
    def draw() -> None:
        st.html(html.heading("What Pc rests on", "drawn when asked for"))
        chosen = st.segmented_control(
            "What Pc rests on",
            list(_SIDES),
            key=f"rests {plan.event.event_id}",
            label_visibility="collapsed",
        )
        if chosen is not None:
            with st.container(key="rests"):
                _SIDES[chosen](plan, told, colors)

    draw()


@st.cache_resource(show_spinner="Looking at the risk from all sides", ttl=_KEEP_S, max_entries=16)
def _cached(risk_id: int, _plan: Plan) -> Picture:
    """The picture of a plan's risk; plans are kept as long, so that an id names one risk."""
    return picture(
        _plan.risk, policy=_plan.policy, spacecraft=_plan.spacecraft, now_utc=_plan.now_utc
    )


def _picture(plan: Plan) -> Picture:
    found = _cached(id(plan.risk), plan)
    if found.risk is not plan.risk:  # an id used again
        _cached.clear()
        found = _cached(id(plan.risk), plan)
    return found


# --- sides --------------------------------------------------------------------------------


def _methods(plan: Plan, told: History, colors: Palette) -> None:
    risk, seen = plan.risk, _picture(plan)
    rows = [
        [
            f"{words.STAR if one is risk.choice.recommended else ''} {one.method.label}",
            words.pc(one.pc),
            "holds" if one.valid else f"{words.CAUTION} does not hold",
            interval(one) or words.NOTHING,
            words.sentence(one.reason or one.detail),
        ]
        for one in risk.choice.tried
    ]
    st.html(html.plain_table(("Method", "Pc", "", "95 % interval", "Why"), rows))
    st.html(html.paragraph(words.sentence(risk.choice.reason)))
    values = [[one.label, words.pc(one.pc), one.assumption] for one in seen.family]
    st.html(html.plain_table(("2D Pc", "", "holds for"), values))
    st.html(
        html.paragraph(
            f"Largest difference from the exact integral {_percent(spread(seen.family))}."
        )
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if math.isfinite(share) else words.NOTHING


def _dilution(plan: Plan, told: History, colors: Palette) -> None:
    seen = _picture(plan)
    curves = [dilution_curve(plan.risk, which) for which in Scaled]
    said = dilution_sentence(seen.maximum.joint)
    if not seen.maximum.valid:
        said += " These are 2D values, and 2D Pc does not hold here: do not rely on them."
    st.html(html.paragraph(said))
    _two(
        risk_figures.dilution_figure(plan.risk, curves, seen.maximum, plan.policy, colors),
        risk_figures.scale_map_figure(
            plan.risk, covariance_scale_map(plan.risk), plan.policy, colors
        ),
        "dilution",
    )


def _sensitivity(plan: Plan, told: History, colors: Palette) -> None:
    seen = _picture(plan)
    st.html(html.paragraph(distribution_words(seen.distribution)))
    _two(
        risk_figures.sensitivity_figure(plan.risk, seen.sensitivity, colors),
        risk_figures.distribution_figure(plan.risk, seen.distribution, plan.policy, colors),
        "sensitivity",
    )
    st.html(html.sentences(words.sentence(one) for one in seen.requirements.sentences))


def _radius_and_miss(plan: Plan, told: History, colors: Palette) -> None:
    risk, policy = plan.risk, plan.policy
    _two(
        risk_figures.radius_figure(risk, pc_against_radius(risk), policy, colors),
        risk_figures.miss_figure(risk, pc_against_miss(risk), policy, colors),
        "radius",
    )


def _updates(plan: Plan, told: History, colors: Palette) -> None:
    st.html(html.sentences(words.sentence(one) for one in told.sentences))
    _chart(rtn_history_figure(told, colors), "rtn")


def _data(plan: Plan, told: History, colors: Palette) -> None:
    st.html(html.quality(_picture(plan).quality))


def _consequence(plan: Plan, told: History, colors: Palette) -> None:
    outcome = _picture(plan).consequence
    st.html(html.paragraph(consequence_headline(outcome)))
    st.html(html.plain_table(("", "median (90 % band)"), consequence_facts(outcome, plan.risk)))
    st.html(html.sentences(words.sentence(one.message) for one in outcome.notices))


_SIDES: dict[str, Callable[[Plan, History, Palette], None]] = {
    "Data quality": _data,
    "Methods": _methods,
    "Dilution": _dilution,
    "Sensitivity": _sensitivity,
    "Radius and miss": _radius_and_miss,
    "Updates": _updates,
    "Consequence": _consequence,
}


def _two(first: Any, second: Any, key: str) -> None:
    """Two figures beside each other, below each other on a narrow page."""
    with st.container(key="pair"):
        with st.container():
            _chart(first, f"{key} 1")
        with st.container():
            _chart(second, f"{key} 2")


def _chart(figure: Any, key: str) -> None:
    st.plotly_chart(figure, width="stretch", theme=None, key=f"figure {key}", config=_CHART)

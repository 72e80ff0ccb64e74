"""The trade-off on the event page: the front in two views, ranked by weights that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from mdss.planner.costs import Objective, objective_of
from mdss.planner.front.data import Front, FrontPoint
from mdss.planner.front.words import explain, moved
from mdss.planner.options import Plan
from mdss.prices import WEIGHT_NAMES, Weights
from mdss.report import figures, words
from mdss.report.front_tables import HEADS, KNEE, compared_words, point_cells, tie_words
from mdss.report.palette import Palette
from mdss.ui import html

Select = Callable[[str], None]
"""Called with the label of the point that was chosen."""

_STEPS = (0.0, *(digit * 10.0**power for power in range(-2, 3) for digit in (1, 2, 5)))
_PER = {
    "fuel": "Fuel, min per g",
    "interruption": "Interruption, per min",
    "risk": "Risk, min per Pc target",
    "deviation": "Deviation, min per box",
    "lateness": "Lateness, min per h",
}


def asked_for(event_id: str) -> bool:
    """Whether the trade-off of an event is to be computed."""
    return bool(st.session_state.get(_asked_key(event_id), False))


def trade_off(plan: Plan, colors: Palette, selected: str, select: Select) -> None:
    """A button; once it was pressed, the front with its ranking.

    Parameters
    ----------
    plan : Plan
    colors : Palette
    selected : str
        Letter of an option or label of a point.
    select : callable
        Makes a point the selected one, before the page is drawn again.
    """
    if plan.front is None:
        _offer(plan)
        return
    front = plan.front
    st.html(html.heading("Trade-off", _key(front)))
    if not front.points:
        st.html(html.paragraph(words.sentence(front.reason)))
        return
    by_policy = objective_of(plan.policy)
    with st.container(key="tradeoff"):
        with st.container(key="ranking"):
            by_weights = _weights(plan)
            best = front.recommended(by_weights)
            st.html(_recommended(front, by_policy, by_weights))
            st.html(_table(front, by_weights, selected, best))
        with st.container(key="front"):
            _figures(plan, front, colors, selected, best, select)
    st.html(_footing(front))


def _asked_key(event_id: str) -> str:
    return f"front {event_id}"


def _offer(plan: Plan) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="offer"):
        st.html(html.heading("Trade-off"), width="content")
        if st.button("Compare thousands of plans", key=f"compute {plan.event.event_id}"):
            st.session_state[_asked_key(plan.event.event_id)] = True
            st.rerun()
        said = "fuel, payload, risk, deviation, decision lead; some seconds"
        st.html(html.block(f'<span class="muted">{said}</span>'), width="content")


def _key(front: Front) -> str:
    count = len(front.points)
    if not count:
        return ""
    plans = "1 plan that no other beats" if count == 1 else f"{count} plans, none beats another"
    marks = f"{words.STAR} cheapest by the weights · {KNEE} knee, ringed"
    return f"{plans} in every cost · {marks} · click a letter"


# --- weights ------------------------------------------------------------------------------


def _weights(plan: Plan) -> Objective:
    """Five sliders and the way back; the objective that they stand for."""
    event_id, given = plan.event.event_id, plan.policy.weights
    keys = {name: f"weight {name} {event_id}" for name in WEIGHT_NAMES}
    policy = {keys[name]: getattr(given, field) for name, field in WEIGHT_NAMES.items()}
    with st.container(key="sliders"):
        chosen = {
            field: _slider(name, keys[name], getattr(given, field))
            for name, field in WEIGHT_NAMES.items()
        }
        st.button(
            "Back to policy weights",
            disabled=Weights(**chosen) == given,
            on_click=lambda: st.session_state.update(policy),
            key=f"back {event_id}",
            width="stretch",
        )
    return objective_of(replace(plan.policy, weights=Weights(**chosen)))


def _slider(name: str, key: str, policy: float) -> float:
    """Steps of 1, 2, 5 in each decade, and the policy's value among them."""
    st.session_state.setdefault(key, policy)
    steps = sorted({*_STEPS, policy})
    return float(st.select_slider(_PER[name], steps, key=key, format_func=lambda one: f"{one:g}"))


def _recommended(front: Front, by_policy: Objective, by_weights: Objective) -> str:
    """The point to take and why; said aloud where the weights are not the policy's."""
    said = escape(words.sentence(explain(front, by_weights)))
    if by_weights == by_policy:
        return html.block(html.note(f"<b>By the policy's weights.</b> {said}"))
    change = escape(words.sentence(moved(front, by_policy, by_weights)))
    head = f"<b>{words.CAUTION} By changed weights, not the policy's.</b> {change}"
    return html.block(html.note(f"{head}<br>{said}", "caution"))


# --- the front ----------------------------------------------------------------------------


def _figures(
    plan: Plan,
    front: Front,
    colors: Palette,
    selected: str,
    best: FrontPoint | None,
    select: Select,
) -> None:
    label = "" if best is None else best.label
    for view in ("fuel", "lead"):
        key = f"figure front {view} {plan.event.event_id}"
        st.plotly_chart(
            figures.front_figure(plan, front, colors, selected, label, view),
            width="stretch",
            theme=None,
            key=key,
            config={"displayModeBar": False, "scrollZoom": False, "doubleClick": False},
            on_select=lambda key=key: _on_click(key, select),
            selection_mode="points",
        )


def _on_click(key: str, select: Select) -> None:
    for point in st.session_state[key].selection.points:
        data: Sequence[Any] = point.get("customdata") or ()
        if data:
            select(str(data[0]))


def _table(front: Front, objective: Objective, selected: str, best: FrontPoint | None) -> str:
    """The points by rising cost."""
    heads = "".join(f'<th scope="col">{escape(one).replace(chr(10), "<br>")}</th>' for one in HEADS)
    rows = "".join(
        _row(one, objective, one.label == selected, one is best) for one in front.ranked(objective)
    )
    return html.block(
        '<div class="m-table front"><table aria-label="Plans of the front"><thead>',
        f"<tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>",
    )


def _row(point: FrontPoint, objective: Objective, chosen: bool, best: bool) -> str:
    _, *cells = point_cells(point, objective, starred=best)
    kind = ' class="chosen"' if chosen else ""
    star = f' <span class="star">{words.STAR}</span>' if best else ""
    knee = f' <span class="caution">{KNEE}</span>' if point.knee else ""
    body = "".join(f"<td>{escape(text)}</td>" for text in cells)
    letter = f'<span class="m-letter">{point.label}</span>'
    return f'<tr{kind}><th scope="row">{letter}{star}{knee}</th>{body}</tr>'


def _footing(front: Front) -> str:
    """Which options share a plan, which are beaten, how much was compared."""
    said = [_shared(one) for one in front.points if one.also]
    said += [
        f"<b>{tie.name.letter}</b> {escape(tie_words(tie.label, tie.reason))}" for tie in front.ties
    ]
    said.append(f'<span class="muted">{escape(compared_words(front))}</span>')
    return html.block(f'<ul class="m-list">{"".join(f"<li>{one}</li>" for one in said)}</ul>')


def _shared(point: FrontPoint) -> str:
    others = ", ".join(name.letter for name in point.also)
    return f"<b>{point.label}</b> is what {others} would be, too: they cost the same."

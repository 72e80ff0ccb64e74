"""The page "Event & options": choose an event, see its risk, weigh the options.

Reads top to bottom like the screen: inputs, title and strip, recommendation, trade space beside
the table, timeline, encounter plane and history, reasons and warnings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

import mdss
from mdss.conjunction import ConjunctionEvent
from mdss.errors import MdssError
from mdss.planner.options import Option, OptionName, Plan
from mdss.planner.view import PlaneView, columns, history, plane_view, probe, with_point
from mdss.policy import Policy, preset_names
from mdss.report import figures, words
from mdss.report.palette import Palette, palette
from mdss.report.side_by_side import option_rows, picked
from mdss.risk.evolution import History
from mdss.risk.quality import DataQuality, data_quality
from mdss.ui import html
from mdss.ui.front import asked_for, trade_off
from mdss.ui.inputs import File, Material, choices, from_files, from_scenario
from mdss.ui.rests import rests_on
from mdss.ui.theme import style_sheet
from mdss.units import as_utc

_YOUR_FILES = "Your files"
_FROM_FILES = "as the files say"
_KEEP_S = 600
_CHART = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A plan with all that the figures need."""

    plan: Plan
    plane: PlaneView
    history: History
    data: DataQuality


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What the user set by hand, and whether the trade-off is wanted.

    None leaves it to files and messages.
    """

    hard_body_radius_m: float | None = None
    policy: str | None = None
    maneuvering: str | None = None
    now: str | None = None
    front: bool = False


def page() -> None:
    """Draw the page."""
    colors = palette(st.context.theme.type)
    st.html(style_sheet(colors))
    with st.container(horizontal=True, vertical_alignment="center", key="bar"):
        material, event, overrides, source = _inputs()
        status = st.container(key="status")
    if material.problems:
        st.html(html.problems_note(material.problems, material.read))
    if event is None:
        _empty(material)
        return
    try:
        with status:
            prepared = _prepared((*source, event.event_id), overrides, material, event)
    except MdssError as problem:
        st.html(html.refusal(problem))
        return
    _headline(prepared)
    _body(prepared, colors)
    rests_on(prepared.plan, prepared.history, colors)


# --- inputs -------------------------------------------------------------------------------


def _inputs() -> tuple[Material, ConjunctionEvent | None, Overrides, tuple[object, ...]]:
    """What to plan: material, the chosen event, overrides, and a key for the cache."""
    with st.popover("Open files", icon=":material/upload_file:"):
        files = _dropped()
        set_by_hand = st.container()
    chosen = st.selectbox(
        "Event",
        [*([_YOUR_FILES] if files else []), *choices()],
        format_func=_choice_title,
        label_visibility="collapsed",
        width=420,
        key=f"source {bool(files)}",
    )
    material = _files(files) if chosen == _YOUR_FILES else _scenario(str(chosen))
    source = (chosen, files) if chosen == _YOUR_FILES else (chosen,)
    event = _one_of(material.events)
    with set_by_hand:
        overrides = _overrides(event)
    return material, event, overrides, source


def _dropped() -> tuple[File, ...]:
    dropped = st.file_uploader(
        "Drop CDMs (KVN, XML), public records (JSON), spacecraft, operations and policy (TOML)",
        accept_multiple_files=True,
        type=["cdm", "kvn", "xml", "txt", "json", "toml"],
        key="files",
    )
    return tuple((one.name, one.getvalue()) for one in dropped or ())


def _choice_title(name: str) -> str:
    return name if name == _YOUR_FILES else _scenario(name).title or Path(name).name


def _one_of(events: Sequence[ConjunctionEvent]) -> ConjunctionEvent | None:
    if len(events) <= 1:
        return events[0] if events else None
    by_id = {one.event_id: one for one in events}
    chosen = st.selectbox(
        "Which event",
        list(by_id),
        format_func=lambda name: f"{name} ({_count_words(by_id[name])})",
        label_visibility="collapsed",
        width=340,
    )
    return by_id[str(chosen)]


def _count_words(event: ConjunctionEvent) -> str:
    count, public = len(event.conjunctions), len(event.reported)
    return f"{count} CDM, {public} public" if public else f"{count} CDM"


def _overrides(event: ConjunctionEvent | None) -> Overrides:
    radius = st.number_input(
        "Hard-body radius, m", min_value=0.01, value=None, placeholder="from file or message"
    )
    policy = st.selectbox("Policy", [_FROM_FILES, *preset_names()])
    names = {_FROM_FILES: _FROM_FILES}
    if event is not None and event.conjunctions:
        objects = event.latest.objects
        names |= {f"OBJECT{at + 1}": one.label for at, one in enumerate(objects)}
    moving = st.selectbox("Maneuvering object", list(names), format_func=lambda key: names[key])
    now = st.text_input("Now, UTC", placeholder="clock, or newest message when TCA is past")
    return Overrides(
        hard_body_radius_m=radius,
        policy=None if policy == _FROM_FILES else policy,
        maneuvering=None if moving == _FROM_FILES else moving,
        now=now.strip() or None,
        front=event is not None and asked_for(event.event_id),
    )


def _empty(material: Material) -> None:
    if not material.problems:
        st.html(
            html.block(
                html.note("No event here yet. Drop a CDM under Open files, or choose a scenario.")
            )
        )


# --- cached work --------------------------------------------------------------------------


@st.cache_resource(show_spinner=False, ttl=_KEEP_S, max_entries=32)
def _scenario(name: str) -> Material:
    return from_scenario(name)


@st.cache_resource(show_spinner=False, ttl=_KEEP_S, max_entries=8)
def _files(files: tuple[File, ...]) -> Material:
    return from_files(files)


@st.cache_resource(
    show_spinner="Planning: sweeping burn times, flying each option", ttl=_KEEP_S, max_entries=32
)
def _prepared(
    source: tuple[object, ...], overrides: Overrides, _material: Material, _event: ConjunctionEvent
) -> Prepared:
    """The plan of an event; `source` and `overrides` are its key in the cache."""
    preset = Policy.preset(overrides.policy) if overrides.policy else _material.policy
    plan = mdss.plan(
        _event,
        _material.spacecraft,
        _material.operations,
        preset,
        maneuvering=overrides.maneuvering,
        hard_body_radius_m=overrides.hard_body_radius_m,
        now_utc=as_utc(overrides.now) if overrides.now else None,
        front=overrides.front,
    )
    return Prepared(
        plan=plan,
        plane=plane_view(plan),
        history=history(plan),
        data=data_quality(plan.conjunction, plan.now_utc, plan.policy),
    )


# --- what does not depend on the selection ------------------------------------------------


def _headline(prepared: Prepared) -> None:
    """Title, strip and recommendation; they count down where now is the clock."""
    live = prepared.plan.now_source == "clock"

    @st.fragment(run_every=10 if live else None)
    def draw() -> None:
        plan = prepared.plan
        now = datetime.now(UTC) if live else plan.now_utc
        st.html(html.title_line(plan, now))
        st.html(html.strip(html.strip_cells(plan, prepared.history.rows, prepared.data, now)))
        st.html(html.recommendation(plan, now))

    draw()


# --- what does ----------------------------------------------------------------------------


@st.fragment
def _body(prepared: Prepared, colors: Palette) -> None:
    event_id = prepared.plan.event.event_id
    option_key, probe_key = f"option {event_id}", f"probe {event_id}"
    plan, chosen = _with_selected(prepared.plan, st.session_state.get(option_key))
    selected = chosen.name
    st.session_state[option_key] = chosen.letter
    with st.container(key="main"):
        with st.container(key="trade"):
            _trade(plan, colors, selected, option_key, probe_key)
        with st.container(key="options"):
            _options(plan, selected, option_key)
    trade_off(plan, colors, chosen.letter, lambda label: _select(option_key, probe_key, label))
    with st.container(key="more"):
        with st.container(key="timeline"):
            st.html(html.heading("Timeline", _timeline_key(plan)))
            _chart(figures.timeline_figure(plan, colors, selected), "timeline")
        with st.container(key="plane"):
            st.html(html.heading("Encounter plane at TCA", _plane_key(prepared)))
            view = prepared.plane if plan is prepared.plan else plane_view(plan)
            _chart(figures.plane_figure(plan, view, colors, selected), "plane")
        with st.container(key="history"):
            st.html(html.heading("Pc history", _history_key(plan)))
            _chart(figures.history_figure(plan, prepared.history, colors, selected), "history")
    with st.container(key="words"):
        with st.container(key="reasons"):
            st.html(html.heading("Why each option is here"))
            st.html(html.reasons(plan, selected))
        with st.container(key="doubts"):
            st.html(html.heading("Warnings"))
            st.html(html.warnings_list(plan))
            st.html(html.heading("Assumed values"))
            st.html(html.assumed_list(plan))


def _with_selected(plan: Plan, label: str | None) -> tuple[Plan, Option]:
    """The plan with the selected trade among its options, and the selected option."""
    shown = plan if plan.front is None else with_point(plan, plan.front, label)
    for one in shown.options:
        if one.letter == label:
            return shown, one
    return plan, plan.option(plan.recommended or OptionName.NO_BURN)


def _trade(
    plan: Plan, colors: Palette, selected: OptionName, option_key: str, probe_key: str
) -> None:
    st.html(html.heading("Trade space", "click a letter or any point"))
    st.html(html.trade_key(plan))
    chart_key = f"trade {plan.event.event_id}"
    figure = figures.trade_space_figure(plan, colors, selected)
    _chart(figure, chart_key, on_select=lambda: _on_click(chart_key, option_key, probe_key))
    at = st.session_state.get(probe_key)
    if at:
        st.html(html.probe_line(probe(plan, *at)))
    st.html(html.trade_note(plan))
    facts = html.selected_facts(plan, selected)
    if facts:
        st.html(facts)


def _on_click(chart_key: str, option_key: str, probe_key: str) -> None:
    """A letter selects its option; any other point of the trade space is looked at."""
    for point in st.session_state[f"figure {chart_key}"].selection.points:
        data = point.get("customdata") or []
        if len(data) == 1:
            _select(option_key, probe_key, str(data[0]))
        elif len(data) > 1:
            st.session_state[probe_key] = (int(data[0]), int(data[1]))


def _select(option_key: str, probe_key: str, label: str) -> None:
    st.session_state[option_key] = label
    st.session_state.pop(probe_key, None)


def _options(plan: Plan, selected: OptionName, option_key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="tools"):
        st.html(html.heading("Options"), width="content")
        st.segmented_control(
            "Option",
            [one.letter for one in plan.options],
            key=option_key,
            label_visibility="collapsed",
            required=True,
        )
        reference = st.selectbox(
            "Difference to",
            [one.name for one in plan.options],
            format_func=lambda name: f"Δ to {plan.option(name).letter} {name.label}",
            label_visibility="collapsed",
            width=230,
        )
    places = columns(plan, selected)
    rows = picked(option_rows(plan, reference), places)
    st.html(html.options_table([plan.options[at] for at in places], rows, selected))
    others = [one for at, one in enumerate(plan.options) if at not in places]
    if others:
        st.html(html.in_brief(others))


def _history_key(plan: Plan) -> str:
    count, public = len(plan.event.conjunctions), len(plan.event.reported)
    key = f"{count} CDM{'' if count == 1 else 's'}, Pc"
    return f"{key} · {public} public ◇, Pc as reported" if public else key


def _timeline_key(plan: Plan) -> str:
    return f"UTC · now {plan.now_utc:%Y-%m-%d %H:%M} ({plan.now_source})"


def _plane_key(prepared: Prepared) -> str:
    act = words.threshold(prepared.plan.policy.pc_act)
    if prepared.plane.act_m is None:
        return f"no position reaches Pc {act}"
    return f"orange: Pc ≥ {act} · dashed: target"


def _chart(figure: Any, key: str, on_select: Any = "ignore") -> None:
    st.plotly_chart(
        figure,
        width="stretch",
        theme=None,
        key=f"figure {key}",
        config=_CHART,
        on_select=on_select,
        selection_mode="points",
    )

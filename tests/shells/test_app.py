"""The page: every scenario draws, files can be dropped, and bad ones are said in words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mdss.loading import scenario_names
from mdss.planner.options import OptionName
from mdss.ui.inputs import SCENARIO_VARIABLE, choices, from_files, from_scenario, kind_of
from mdss.ui.theme import config_toml, options, streamlit_options

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
REAL = ROOT.parent / "shared" / "reference" / "cdm" / "cara_real"


def started(monkeypatch: pytest.MonkeyPatch, scenario: str = "") -> AppTest:
    monkeypatch.setenv(SCENARIO_VARIABLE, scenario)
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def words_of(app: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(str(one.proto.body) for one in app.get("html"))


def dropped(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, data, "text/plain") for name, data in files])
    return app.run()


def real(pattern: str) -> tuple[str, bytes]:
    if not REAL.is_dir():
        pytest.skip("the reference messages are not part of the repository")
    (path,) = REAL.glob(pattern)
    return path.name, path.read_bytes()


def one_cdm(scenario: str, number: int) -> tuple[str, bytes]:
    name = f"cdm_0{number}.cdm"
    return f"{scenario}_{name}", (SCENARIOS / scenario / name).read_bytes()


# --- the page -----------------------------------------------------------------------------


LONG = ("maven_phobos_2017", "pc2d_fails")  # their plans are tested elsewhere


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.by_hand] if name in LONG else [])
        for name in scenario_names()
    ],
)
def test_every_scenario_draws(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = started(monkeypatch, name)
    assert not app.exception
    page = words_of(app)
    for text in (
        "Trade space",
        "Options side by side",
        "Encounter plane at TCA",
        "Pc history",
        "Timeline",
        "Why each option is here",
        "Warnings",
        "Assumed values",
        "Hard-body radius",
    ):
        assert text in page
    assert len(app.get("plotly_chart")) == 4


def test_the_recommended_option_is_named_and_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    app = started(monkeypatch, "observer7_fragment49863")
    page = words_of(app)
    assert "Recommended: F." in page
    assert app.segmented_control[0].value == "F"
    assert "● Recommended" in page


def test_selecting_an_option_shows_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    app = started(monkeypatch, "observer7_fragment49863")
    before = words_of(app)
    app.segmented_control[0].set_value("E")
    after = words_of(app.run())
    assert not app.exception
    head = after.split('class="chosen"><span class="m-letter">')[1]
    assert head.startswith("E")
    assert before != after


def test_another_reference_changes_the_second_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    app = started(monkeypatch, "observer7_fragment49863")
    reference = next(one for one in app.selectbox if one.label == "Difference to")
    reference.set_value(OptionName.LATEST_SAFE)
    app.run()
    assert not app.exception
    table = next(t for t in (str(h.proto.body) for h in app.get("html")) if "<table" in t)
    burns = [row for row in table.split("<tr") if "Δv" in row]
    assert burns[0].split("<td")[5].count("ref") == 1


def test_a_spacecraft_that_cannot_maneuver_gets_no_recommendation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = words_of(started(monkeypatch, "iras_ggse4"))
    assert "No recommendation." in page
    assert "The spacecraft cannot maneuver" in page


# --- trade-off ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weighed() -> Iterator[AppTest]:
    """The showcase with its front, computed once."""
    with pytest.MonkeyPatch.context() as patch:
        app = started(patch, "observer7_fragment49863")
        app.button[0].click()
        yield app.run()


def front_table(app: AppTest) -> list[str]:
    """Labels of the front in the order shown, the recommended one with its star."""
    table = next(t for t in (str(h.proto.body) for h in app.get("html")) if "m-table front" in t)
    rows = table.split("<tbody>")[1].split("<tr")[1:]
    starred = ["★" if 'class="star"' in row else "" for row in rows]
    labels = [row.split('m-letter">')[1].split("<")[0] for row in rows]
    return [f"{mark}{label}" for mark, label in zip(starred, labels, strict=True)]


def test_the_front_is_drawn_when_it_is_asked_for(weighed: AppTest) -> None:
    assert not weighed.exception
    page = words_of(weighed)
    assert "By the policy's weights." in page
    assert "single burns of the linear map compared" in page
    assert len(weighed.get("plotly_chart")) == 6
    first = front_table(weighed)[0]
    assert f"Recommended: {first.removeprefix('★')}." in page


def test_moved_weights_rank_again_and_say_that_they_are_not_the_policy_s(weighed: AppTest) -> None:
    before = front_table(weighed)
    slider = next(one for one in weighed.select_slider if one.label.startswith("Interruption"))
    policy = slider.value
    slider.set_value(500.0)
    weighed.run()
    assert not weighed.exception
    assert "By changed weights, not the policy's." in words_of(weighed)
    after = front_table(weighed)
    assert after != before
    assert sorted(one.strip("★") for one in after) == sorted(one.strip("★") for one in before)
    back = next(one for one in weighed.button if one.label.startswith("Back to policy"))
    back.click()
    weighed.run()
    assert next(o for o in weighed.select_slider if o.label == slider.label).value == policy
    assert front_table(weighed) == before


def test_an_event_without_a_plan_to_take_says_so_instead_of_a_front(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = started(monkeypatch, "iras_ggse4")
    app.button[0].click()
    app.run()
    assert not app.exception
    assert "No plan can be taken." in words_of(app)
    assert len(app.get("plotly_chart")) == 4


# --- dropped files ------------------------------------------------------------------------


def test_a_dropped_series_becomes_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [one_cdm("observer7_fragment49863", n) for n in (1, 2, 3)]
    app = dropped(started(monkeypatch, "iras_ggse4"), *files)
    assert not app.exception
    page = words_of(app)
    assert "OBSERVER-7" in page
    assert "CDM 3 of 3" in page
    assert "spacecraft.mass_kg = 500" in page  # assumed, and said


def test_a_dropped_spacecraft_file_replaces_the_assumed_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = SCENARIOS / "observer7_fragment49863"
    toml = ("spacecraft.toml", (folder / "spacecraft.toml").read_bytes())
    app = dropped(started(monkeypatch, "iras_ggse4"), one_cdm("observer7_fragment49863", 5), toml)
    assert not app.exception
    assert "spacecraft.mass_kg" not in words_of(app)


def test_a_broken_file_is_named_and_the_others_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    app = dropped(
        started(monkeypatch, "iras_ggse4"),
        one_cdm("observer7_fragment49863", 1),
        ("broken.cdm", b"CCSDS_CDM_VERS = 1.0\nCREATION_DATE = 2025-13-45\n"),
    )
    assert not app.exception
    page = words_of(app)
    assert "1 file not used" in page
    assert "broken.cdm" in page
    assert "1 of 2 files read" in page
    assert "OBSERVER-7" in page
    assert "Traceback" not in page


def test_only_broken_files_leave_a_page_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    app = dropped(started(monkeypatch, "iras_ggse4"), ("empty.cdm", b" "))
    assert not app.exception
    page = words_of(app)
    assert "the file is empty" in page
    assert "<table" not in page


def test_two_events_ask_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    app = dropped(
        started(monkeypatch, "iras_ggse4"),
        one_cdm("observer7_fragment49863", 1),
        one_cdm("iridium33_cosmos2251", 1),
    )
    assert not app.exception
    which = next(one for one in app.selectbox if one.label == "Which event")
    assert len(which.options) == 2
    assert "OBSERVER-7" in words_of(app)
    which.set_value(next(one.split(" ")[0] for one in which.options if "22675" in one))
    app.run()
    assert not app.exception
    assert "<h1>IRIDIUM 33" in words_of(app)


def test_a_spacecraft_file_for_another_object_is_a_plain_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    toml = SCENARIOS / "iridium33_cosmos2251" / "spacecraft.toml"
    app = dropped(
        started(monkeypatch, "iras_ggse4"),
        one_cdm("observer7_fragment49863", 1),
        ("spacecraft.toml", toml.read_bytes()),
    )
    assert not app.exception
    page = words_of(app)
    assert "This event cannot be planned" in page
    assert "has the designator" in page


def test_an_hbr_by_hand_is_used_and_its_source_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    app = started(monkeypatch, "iras_ggse4")
    app.number_input[0].set_value(18.0)
    app.run()
    assert not app.exception
    page = words_of(app)
    assert "18 m" in page
    assert "given by hand" in page


def test_a_now_that_is_no_instant_is_a_plain_error(monkeypatch: pytest.MonkeyPatch) -> None:
    app = started(monkeypatch, "iras_ggse4")
    app.text_input[0].set_value("yesterday")
    app.run()
    assert not app.exception
    assert "is not an instant" in words_of(app)


def test_a_real_message_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    app = dropped(started(monkeypatch, "iras_ggse4"), real("*38771*"))
    assert not app.exception
    page = words_of(app)
    assert "METOP-B" in page
    assert re.search(r"[1-9]\d* assumed", page)
    assert "spacecraft.mass_kg = 500" in page


def test_where_2d_does_not_hold_the_strip_names_the_method_that_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = dropped(started(monkeypatch, "iras_ggse4"), real("*50710*"))
    assert not app.exception
    page = words_of(app)
    assert "Pc, 2D-Nc" in page
    assert "2.3e-6" in page  # 2D Pc says 5.4e-7
    assert "2D does not hold" in page
    assert "Recommended: A." in page


def test_where_no_method_holds_nothing_is_recommended(monkeypatch: pytest.MonkeyPatch) -> None:
    name, data = one_cdm("pc2d_fails", 4)
    lines = data.decode().splitlines()
    positions = "\n".join(one for one in lines if not re.match(r"C[A-Z]*DOT_", one))
    app = dropped(started(monkeypatch, "iras_ggse4"), (name, positions.encode()))
    assert not app.exception
    page = words_of(app)
    assert "No recommendation." in page
    assert "does not hold" in page
    assert "<del>" in page
    assert "★" not in page


# --- what Pc rests on ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "said", "charts"),
    [
        ("Data quality", "is stated about the orbit determination", 0),
        ("Methods", "2D-Nc, the first method that holds", 0),
        ("Dilution", "2D Pc does not hold here: do not rely on them", 2),
        ("Sensitivity", "With the sigmas of each object off by a factor", 2),
        ("Radius and miss", "What Pc rests on", 2),
        ("Updates", "Shrinking of sigma", 1),
        ("Consequence", "If they collide", 0),
    ],
)
def test_each_side_of_the_risk_is_drawn_when_asked_for(
    side: str, said: str, charts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = started(monkeypatch, "pc2d_fails")
    before = words_of(app)
    assert said == "What Pc rests on" or said not in before
    rests = next(one for one in app.segmented_control if one.label == "What Pc rests on")
    rests.set_value(side)
    app.run()
    assert not app.exception
    assert said in words_of(app)
    assert len(app.get("plotly_chart")) == 4 + charts


# --- inputs without the page --------------------------------------------------------------


def test_toml_files_are_known_by_name_or_by_their_keys() -> None:
    assert kind_of("my_spacecraft.toml", b"") == "spacecraft"
    assert kind_of("a.toml", b'designator = "1"\nmass_kg = 5.0') == "spacecraft"
    assert kind_of("b.toml", b"command_lead_s = 5.0") == "operations"
    assert kind_of("c.toml", b'base = "nasa"') == "policy"


def test_a_toml_file_that_says_nothing_known_is_refused_with_a_remedy() -> None:
    found = from_files([("d.toml", b"colour = 'red'"), ("e.toml", b"not toml")])
    assert len(found.problems) == 2
    assert "spacecraft.toml, operations.toml or policy.toml" in found.problems[0]
    assert found.problems[1].startswith("e.toml: is not TOML")


def test_a_misspelt_key_is_reported_under_the_file_s_own_name() -> None:
    found = from_files([("policy.toml", b'base = "nasa"\npc_akt = 1e-4')])
    (problem,) = found.problems
    assert problem.startswith("policy.toml")
    assert "pc_akt" in problem


def test_a_second_policy_file_is_refused() -> None:
    policy = b'base = "nasa"'
    found = from_files([("policy.toml", policy), ("policy_2.toml", policy)])
    assert found.policy is not None
    assert "a second policy file" in found.problems[0]


def test_the_environment_puts_its_scenario_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCENARIO_VARIABLE, "iridium33_cosmos2251")
    assert choices()[0] == "iridium33_cosmos2251"
    assert sorted(choices()) == sorted(scenario_names())


def test_a_message_file_can_stand_in_for_a_scenario() -> None:
    found = from_scenario(str(SCENARIOS / "iras_ggse4" / "cdm_02.cdm"))
    assert len(found.events) == 1
    assert found.problems == ()


def test_an_unknown_scenario_is_a_problem_and_not_a_crash() -> None:
    found = from_scenario("no_such_scenario")
    assert found.events == ()
    assert found.problems


# --- theme --------------------------------------------------------------------------------


def test_the_config_file_is_what_the_theme_says() -> None:
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert text == config_toml()


def test_the_config_file_and_the_command_line_options_agree() -> None:
    table = tomllib.loads(config_toml())
    for name, value in options().items():
        section, key = name.rsplit(".", 1)
        here = table
        for part in section.split("."):
            here = here[part]
        assert here[key] == value
    assert len(streamlit_options()) == len(options())
    assert "--browser.gatherUsageStats=false" in streamlit_options()


def test_streamlit_knows_every_option() -> None:
    from streamlit import config

    known = config.get_config_options()
    assert [name for name in options() if name not in known] == []

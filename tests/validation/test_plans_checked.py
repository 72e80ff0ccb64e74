"""Options that are called feasible, against a checker that shares no code with the planner.

All scenarios, all variants and fronts take minutes: `benchmarks/check_plans.py` does them by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import plan_variants as variants
import pytest
from plan_checker import checked_together, front_violations, sky_violations, violations
from plan_flight import World, pc_of_disc
from plan_paper import on_paper

import mdss
from mdss.astro.bodies import body
from mdss.planner.options import OptionName

STYLES = {
    "several burns": variants.small_burns,
    "thrust arcs": (variants.small_burns, variants.slew_limit, variants.weak_and_resting),
}
SKIES = (variants.cones, variants.confirmed, variants.standing, variants.sunlit)


def asked(changes, **options):
    """The plan of a change of one scenario."""
    scenario = mdss.load_scenario("iridium33_cosmos2251")
    question = variants.Question(
        event=scenario.event,
        craft=scenario.spacecraft,
        operations=scenario.operations,
        policy=scenario.policy,
        least_m_s=0.0125,
    )
    return mdss.plan(**variants.changed(question, changes).asked(), **options)


def wrong(plan, options=None):
    """What is wrong with a plan's options, with their names."""
    options = plan.options if options is None else options
    reports = checked_together(plan, options)
    return [
        f"{option.name}: {words}"
        for option, report in zip(options, reports, strict=True)
        for words in report.wrong
    ]


def feasible_styles(plan):
    return {str(one.style) for one in plan.options if one.feasible and one.burns}


@pytest.mark.parametrize("style", STYLES)
def test_plans_of_every_style_keep_to_what_they_were_asked(style):
    plan = asked(STYLES[style])
    assert style in feasible_styles(plan)
    assert wrong(plan) == []


def test_plans_under_the_sky_keep_to_it():
    """Stations, confirmation, standing maneuvers, no burns in eclipse; cones and slews."""
    plan = asked(SKIES)
    assert feasible_styles(plan)
    assert wrong(plan) == []
    assert sky_violations(plan) == []


def test_electric_propulsion_keeps_to_its_horizon_arcs_and_rests():
    scenario = mdss.load_scenario("electric_constellation")
    plan = mdss.plan(
        scenario.event,
        scenario.spacecraft,
        scenario.operations,
        scenario.policy,
        now_utc=scenario.event.latest.created_utc,
    )
    assert {"several burns", "thrust arcs"} <= feasible_styles(plan)
    assert wrong(plan) == []


def test_points_of_a_front_keep_to_what_they_were_asked_and_none_beats_another():
    plan = asked(variants.windows, front=True)
    points = [one.option for one in plan.front.points]
    assert len(points) > 2
    assert wrong(plan, points) == []
    assert front_violations(plan) == []


@pytest.mark.slow
def test_plans_about_mars_keep_to_what_they_were_asked():
    scenario = mdss.load_scenario("mars_orbiters_2021")
    along = tuple(
        replace(one, directions_rtn=((0, 1, 0), (0, -1, 0)))
        for one in scenario.spacecraft.thrusters
    )
    plan = mdss.plan(
        scenario.event,
        replace(scenario.spacecraft, thrusters=along),
        replace(scenario.operations, planning_horizon_s=10_800.0, contacts=(), no_burn=()),
        scenario.policy,
        now_utc=scenario.event.latest.tca_utc - timedelta(days=2),
        dynamics="two_body",
    )
    assert feasible_styles(plan)
    assert wrong(plan) == []


def test_the_smallest_impulse_out_is_returned_from():
    """A burn that has to be larger than the target asks for takes a larger return with it."""
    plan = asked((variants.large_burns, variants.box))
    option = plan.option(OptionName.OUT_AND_BACK)
    assert option.feasible
    assert option.binds == "minimum impulse"
    assert [one.role for one in option.burns] == ["avoid", "return"]
    assert option.burns[0].dv_m_s == pytest.approx(plan.spacecraft.minimum_dv_m_s)
    assert option.outcome.deviation_boxes <= 1


# --- the checker itself -------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan():
    """With a plan that returns, no-burn windows, payload and contacts."""
    return asked((variants.box, variants.windows))


def with_burn(option, **changes):
    """The option with its first burn changed."""
    first, *rest = option.burns
    return replace(option, burns=(replace(first, **changes), *rest))


def later(plan, option, by_s):
    """The first burn later, its deadline and all costs kept."""
    burn = option.burns[0]
    return with_burn(
        option,
        epoch_utc=burn.epoch_utc + timedelta(seconds=by_s),
        t_before_tca_s=burn.t_before_tca_s - by_s,
    )


def into_a_window(plan, option):
    window = plan.operations.no_burn[10]
    middle = window.start_utc + (window.end_utc - window.start_utc) / 2
    return later(plan, option, (middle - option.burns[0].epoch_utc).total_seconds())


def scaled(plan, option, factor):
    burn = option.burns[0]
    return with_burn(option, dv_rtn_m_s=factor * burn.dv_rtn_m_s)


def outcome(option, **changes):
    return replace(option, outcome=replace(option.outcome, **changes))


BACK = OptionName.OUT_AND_BACK
CORRUPTED = {
    "a burn in a window": (into_a_window, "touches"),
    "a larger burn of the same length": (lambda p, o: scaled(p, o, 1.05), "thrust and mass"),
    "a larger burn": (lambda p, o: scaled(p, o, 1.05), "miss is told"),
    "a smaller burn": (lambda p, o: scaled(p, o, 0.95), "Pc is told"),
    "the other direction": (lambda p, o: scaled(p, o, -1.0), "Pc is told"),
    "a burn across the orbit": (
        lambda p, o: with_burn(o, dv_rtn_m_s=np.roll(o.burns[0].dv_rtn_m_s, 1)),
        "miss in RTN",
    ),
    "a burn of another time than its epoch": (
        lambda p, o: with_burn(o, t_before_tca_s=o.burns[0].t_before_tca_s + 1.0),
        "burn time",
    ),
    "no return": (lambda p, o: replace(o, burns=o.burns[:1]), "half-widths off"),
    "a burn that lasts longer": (
        lambda p, o: with_burn(o, duration_s=1.01 * o.burns[0].duration_s),
        "thrust and mass",
    ),
    "a burn before the horizon": (lambda p, o: later(p, o, -86_400.0), "planning horizon"),
    "a burn through closest approach": (
        lambda p, o: later(p, o, o.burns[0].t_before_tca_s - 5.0),
        "minimum lead",
    ),
    "burns on top of each other": (
        lambda p, o: replace(o, burns=(o.burns[0], *o.burns)),
        "time order",
    ),
    "less fuel": (
        lambda p, o: outcome(o, propellant_kg=o.outcome.propellant_kg * (1 - 1e-6)),
        "fuel is told",
    ),
    "fewer minutes": (
        lambda p, o: outcome(o, interruption_min=o.outcome.interruption_min - 1e-3),
        "interruption is told",
    ),
    "a later commit": (
        lambda p, o: replace(o, commit_by_utc=o.commit_by_utc + timedelta(seconds=1)),
        "commit is told",
    ),
    "a longer lead": (lambda p, o: outcome(o, decision_lead_h=99.0), "decision lead"),
    "less deviation": (
        lambda p, o: outcome(o, deviation_boxes=0.8 * o.outcome.deviation_boxes),
        "deviation is told",
    ),
    "more Pc": (lambda p, o: replace(o, pc_verified=1.01 * p.policy.pc_target), "above"),
}


@pytest.fixture(scope="module")
def corrupted(plan):
    """What is found wrong with each, all flown at once."""
    option = plan.option(BACK)
    made = [corrupt(plan, option) for corrupt, _ in CORRUPTED.values()]
    reports = checked_together(plan, made)
    return dict(zip(CORRUPTED, [one.wrong for one in reports], strict=True))


def test_the_plan_that_is_corrupted_is_right_as_it_is(plan):
    assert plan.option(BACK).feasible
    assert violations(plan, plan.option(BACK)) == []


@pytest.mark.parametrize("name", CORRUPTED)
def test_what_is_wrong_is_found(corrupted, name):
    assert any(CORRUPTED[name][1] in words for words in corrupted[name]), corrupted[name]


STRICTER = {
    "less propellant": ("craft", {"propellant_reserve_kg": 1e9}, "kg of"),
    "a smaller largest burn": ("craft", {"maximum_dv_m_s": 1e-3}, "too large"),
    "a larger smallest burn": ("craft", {"minimum_dv_m_s": 0.5}, "too small"),
    "a time that is over": ("now", {}, "commit is past"),
    "thrusters across": ("thrusters", {"directions_rtn": ((0, 0, 1),)}, "no thruster pushes"),
    "thrusters that stop": ("thrusters", {"maximum_on_s": 1e-3}, "fires for"),
    "a confirmation": ("operations", {"confirm_within_s": 60.0}, "not confirmed"),
}


@pytest.mark.parametrize("name", STRICTER)
def test_a_stricter_mission_finds_the_same_plan_wrong(plan, name):
    what, changes, words = STRICTER[name]
    like = SimpleNamespace(**{key: getattr(plan, key) for key in vars(plan)})
    if what == "craft":  # unchecked: no spacecraft keeps a ton of nothing
        like.spacecraft = SimpleNamespace(**{**vars(plan.spacecraft), **changes})
    elif what == "thrusters":
        like.spacecraft = replace(
            plan.spacecraft,
            minimum_dv_m_s=0.0,
            thrusters=tuple(replace(one, **changes) for one in plan.spacecraft.thrusters),
        )
    elif what == "operations":
        like.operations = replace(plan.operations, **changes)
    else:
        like.now_utc = plan.conjunction.tca_utc
    found = on_paper(like, plan.option(BACK)).wrong
    assert any(words in one for one in found), found


def test_the_shadow_is_found_on_a_part_of_the_orbit(plan):
    """At 780 km it takes up to a third of each revolution."""
    sunlit = replace(plan, operations=replace(plan.operations, burns_in_eclipse=False))
    option = plan.option(BACK)
    moved = [later(plan, option, plan.period_s * share) for share in np.arange(0.0, 1.0, 0.1)]
    dark = [any("shadow" in one for one in on_paper(sunlit, each).wrong) for each in moved]
    assert 2 <= sum(dark) <= 4


def test_gravity_is_the_gradient_of_the_energy():
    world = World(body("mars"), mdss.load_scenario("mars_orbiters_2021").event.latest.tca_utc)
    place = np.array([2.1e6, -1.9e6, 2.6e6])
    step = 50.0 * np.eye(3)
    states = np.concatenate([place + step, place - step])
    energy = world.energy(np.concatenate([states, np.zeros((6, 3))], axis=1))
    gradient = (energy[3:] - energy[:3]) / 100.0
    # of differences over 100 m: (50 m / 4000 km)² of the central force, and rounding
    assert world.gravity(place[None])[0] == pytest.approx(gradient, rel=1e-8)


def test_pc_of_a_disc_is_that_of_a_round_gaussian():
    """Centred, the answer is 1 - exp(-r²/2σ²)."""
    pc = pc_of_disc(np.zeros(2), 9.0 * np.eye(2), 5.0)
    assert pc == pytest.approx(1 - np.exp(-25 / 18), rel=1e-12)

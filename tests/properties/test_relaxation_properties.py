"""What has to give is enough, and nothing less is: judged by the planner, not by the search.

A burn time is possible for the planner when its own sweep says so; the sweep knows nothing of
relaxations. "Less" is a tenth less, or one step of the planner's grid of burn times where a
constraint is about time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from mdss.loading import Scenario, load_scenario
from mdss.operations import Operations, TimeWindow
from mdss.planner.candidates import sweep
from mdss.planner.option_maker import OptionMaker
from mdss.planner.options import OptionName
from mdss.planner.pilot import Pilot
from mdss.planner.relaxation import Relaxation, relaxations
from mdss.planner.setting import Setting
from mdss.risk.assess import Risk, assess
from mdss.units import HOUR_S, shifted

EARTH, MARS = "observer7_fragment49863", "mars_orbiters_2021"
STEP_S = 61.0  # the planner's grid of burn times, and a second for rounding
SHARE = 0.9


@cache
def _story(name: str) -> tuple[Scenario, Risk]:
    story = load_scenario(name)
    assert story.spacecraft is not None
    conjunction = story.event.latest.oriented(story.spacecraft.designator)
    return story, assess(conjunction, spacecraft=story.spacecraft, policy=story.policy)


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A setting in which nothing works.

    Parameters
    ----------
    name : str
        Of the scenario.
    before_h : float
        Now, before TCA [h].
    spacecraft, operations : dict
        What is changed of the scenario's; windows are (start, end) in hours from TCA.
    """

    name: str
    before_h: float = 30.0
    spacecraft: dict[str, float]
    operations: dict[str, object]

    def setting(self) -> Setting:
        story, risk = _story(self.name)
        assert story.spacecraft is not None
        assert story.policy is not None
        tca, changes = risk.conjunction.tca_utc, dict(self.operations)
        windows = [
            TimeWindow(start_utc=shifted(tca, a * HOUR_S), end_utc=shifted(tca, b * HOUR_S))
            for a, b in changes.pop("windows", ())  # type: ignore[attr-defined]
        ]
        given = {"planning_horizon_s": 10 * HOUR_S, "no_burn": tuple(windows), **changes}
        return Setting(
            risk=risk,
            spacecraft=replace(story.spacecraft, execution_error=None, **self.spacecraft),  # type: ignore[arg-type]
            operations=Operations(**given),  # type: ignore[arg-type]
            policy=story.policy,
            now_utc=tca - timedelta(hours=self.before_h),
            dynamics="two_body",
        )


CASES = {
    "one window": Case(name=EARTH, spacecraft={}, operations={"windows": [(-11, -0.4)]}),
    "two windows": Case(
        name=EARTH, spacecraft={}, operations={"windows": [(-11, -6), (-5.99, -0.1)]}
    ),
    "small burns": Case(name=EARTH, spacecraft={"maximum_dv_m_s": 0.02}, operations={}),
    "late": Case(
        name=EARTH,
        before_h=2.0,
        spacecraft={},
        operations={"command_lead_s": 1800.0, "decision_lead_s": 3600.0},
    ),
    "one window at Mars": Case(name=MARS, spacecraft={}, operations={"windows": [(-12, -0.4)]}),
    "small burns at Mars": Case(name=MARS, spacecraft={"maximum_dv_m_s": 0.003}, operations={}),
}


@cache
def _found(case: str) -> tuple[Setting, tuple[Relaxation, ...]]:
    setting = CASES[case].setting()
    return setting, relaxations(setting, Pilot(setting))


def _under(setting: Setting, one: Relaxation) -> Setting:
    return replace(setting, spacecraft=one.spacecraft, operations=one.operations, policy=one.policy)


def _possible(setting: Setting) -> bool:
    return bool(np.any(sweep(setting, setting.directions).possible))


@pytest.mark.parametrize("case", CASES)
def test_nothing_works_as_things_are(case: str) -> None:
    assert not _possible(_found(case)[0])


@pytest.mark.parametrize("case", CASES)
def test_the_planner_finds_a_burn_under_every_relaxation(case: str) -> None:
    setting, found = _found(case)
    assert found
    for one in found:
        assert _possible(_under(setting, one)), one.sentence


@pytest.mark.parametrize("case", ["two windows", "small burns", "one window at Mars"])
def test_the_least_burn_of_the_planner_is_feasible_under_the_smallest_relaxation(case: str) -> None:
    setting, found = _found(case)
    relaxed = _under(setting, found[0])
    fuel = next(
        one for one in OptionMaker(relaxed).options() if one.name == OptionName.MINIMUM_FUEL
    )
    assert fuel.feasible
    assert fuel.pc_verified is not None
    assert fuel.pc_verified <= relaxed.policy.pc_target
    # the planner refines between grid times and so may find a smaller burn, never a larger one
    assert fuel.dv_total_m_s <= found[0].burn.dv_m_s * 1.005


@pytest.mark.parametrize("case", CASES)
def test_no_burn_is_possible_with_less(case: str) -> None:
    setting, found = _found(case)
    looked_at = 0
    for one in found:
        (step,) = one.steps
        lesser = next(
            (make for name, make in LESSER.items() if step.constraint.startswith(name)), None
        )
        if lesser is not None:
            looked_at += 1
            assert not _possible(lesser(setting, one)), one.sentence
    assert looked_at


# --- the same change, but smaller ---------------------------------------------------------


def _part_s(change_s: float) -> float:
    """A change of a time that is a tenth or a grid step smaller, whichever is more."""
    return min(SHARE * change_s, max(change_s - STEP_S, 0.0))


def _less_of_window(setting: Setting, one: Relaxation) -> Setting:
    given, kept = setting.operations.no_burn, one.operations.no_burn
    (old,) = [window for window in given if window not in kept]
    new = next((window for window in kept if window not in given), None)
    assert new is not None, "the whole window was given up"
    start_s = _part_s((new.start_utc - old.start_utc).total_seconds())
    end_s = _part_s((old.end_utc - new.end_utc).total_seconds())
    less = replace(
        old, start_utc=shifted(old.start_utc, start_s), end_utc=shifted(old.end_utc, -end_s)
    )
    windows = (*(window for window in given if window != old), less)
    return replace(setting, operations=replace(setting.operations, no_burn=windows))


def _less_of(part: str, name: str, lesser: Callable[[float], float]) -> Callable[..., Setting]:
    def less(setting: Setting, one: Relaxation) -> Setting:
        given = getattr(getattr(setting, part), name)
        change = getattr(getattr(one, part), name) - given
        value = given + np.sign(change) * lesser(abs(change))
        inputs = replace(getattr(setting, part), **{name: float(value)})
        return replace(setting, **{part: inputs})  # type: ignore[arg-type]

    return less


def _tenth(change: float) -> float:
    return SHARE * change


LESSER: dict[str, Callable[[Setting, Relaxation], Setting]] = {
    "no-burn window": _less_of_window,
    "planning horizon": _less_of("operations", "planning_horizon_s", _part_s),
    "minimum lead": _less_of("operations", "minimum_lead_s", _part_s),
    "command lead": _less_of("operations", "command_lead_s", _part_s),
    "decision lead": _less_of("operations", "decision_lead_s", _part_s),
    "largest burn": _less_of("spacecraft", "maximum_dv_m_s", _tenth),
    "Pc target": _less_of("policy", "pc_target", _tenth),
}

"""More freedom never costs more, a tighter target never less: plans that avoid and return."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

import mdss
from mdss.planner.box.out_and_back import out_and_back
from mdss.planner.candidates import sweep
from mdss.planner.setting import Setting
from mdss.risk.assess import assess
from mdss.station_keeping import StationKeepingBox

SOLVED = 1e-4  # what the search over lines leaves open, relative
BOX = StationKeepingBox(semi_major_axis_m=20.0, along_track_m=1_000.0)


@lru_cache
def _base():
    scenario = mdss.load_scenario("observer7_fragment49863")
    conjunction = scenario.event.latest.oriented(scenario.spacecraft.designator)
    risk = assess(conjunction, spacecraft=scenario.spacecraft, policy=scenario.policy)
    return Setting(
        risk=risk,
        spacecraft=replace(scenario.spacecraft, station_keeping=BOX),
        operations=scenario.operations,
        policy=scenario.policy,
        now_utc=conjunction.created_utc,
        dynamics="two_body",
    )


def _with(setting=None, **craft):
    setting = setting or _base()
    return replace(setting, spacecraft=replace(setting.spacecraft, **craft))


def _least(setting):
    answer = out_and_back(setting)
    return np.inf if answer.all_nodes is None else answer.all_nodes.value


def _scaled(share):
    return replace(BOX, semi_major_axis_m=share * 20.0, along_track_m=share * 1_000.0)


def _never_rises(costs):
    return all(later <= earlier * (1 + SOLVED) for earlier, later in pairwise(costs))


def test_a_larger_box_never_costs_more():
    costs = [_least(_with(station_keeping=_scaled(share))) for share in (0.2, 1.0, 4.0, 1e4)]
    assert _never_rises(costs)
    assert costs[0] > costs[-1]


def test_a_side_less_never_costs_more():
    both = _least(_base())
    assert _least(_with(station_keeping=replace(BOX, semi_major_axis_m=None))) <= both * (
        1 + SOLVED
    )


@pytest.mark.by_hand
def test_a_box_that_is_not_always_held_never_costs_more():
    strict = _least(_with(station_keeping=replace(BOX, always=True)))
    assert _least(_base()) <= strict * (1 + SOLVED)


def test_a_larger_cap_never_costs_more():
    least = _least(_base())
    costs = [_least(_with(maximum_dv_m_s=share * least)) for share in (0.4, 0.6, 1.0)]
    assert _never_rises([*costs, least])


def test_a_tighter_target_never_costs_less():
    setting = _base()
    targets = [setting.policy.pc_target * share for share in (1.0, 0.3, 0.05)]
    costs = [
        _least(replace(setting, policy=replace(setting.policy, pc_target=one))) for one in targets
    ]
    assert _never_rises(costs[::-1])


def test_a_box_without_end_costs_what_the_least_single_burn_costs():
    """Among the burn times that were looked at, where delta-v is least is one."""
    setting = _with(station_keeping=StationKeepingBox(along_track_m=1e9))
    found = sweep(setting, setting.directions)
    least = np.min(found.optimum.dv_m_s[found.possible])
    assert _least(setting) == pytest.approx(least, rel=SOLVED)


def test_few_burns_never_beat_the_bound_over_all():
    answer = out_and_back(_base())
    assert answer.draft.certificate.value >= answer.all_nodes.lower_bound * (1 - SOLVED)

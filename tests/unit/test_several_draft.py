"""Several burns under a largest one: far enough apart, within every limit, with a true bound."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
import weak_thrusters

from mdss.planner.candidates import sweep
from mdss.planner.draft import Draft, PlanStyle
from mdss.planner.linear_pc import linear_pc_of
from mdss.planner.setting import Setting
from mdss.planner.several_draft import several_burns
from mdss.time_windows import TimeWindow

LARGEST_M_S = 0.009
SLEWS = {"slew_s": 400.0, "settle_s": 100.0, "slew_back_s": 400.0}


def _setting(largest_m_s: float = LARGEST_M_S, **changes: object) -> Setting:
    craft = {"maximum_dv_m_s": largest_m_s, **SLEWS, **changes}
    return weak_thrusters.setting(1.0, craft=craft)


def _draft(setting: Setting) -> Draft:
    draft, reason = several_burns(setting)
    assert draft is not None, reason
    return draft


@pytest.fixture(scope="module")
def setting() -> Setting:
    return _setting()


@pytest.fixture(scope="module")
def draft(setting: Setting) -> Draft:
    return _draft(setting)


def test_together_they_reach_the_target(setting: Setting, draft: Draft) -> None:
    assert draft.style == PlanStyle.SEVERAL
    # short burns: the map of impulses, to the last digits that the knapsack keeps
    assert draft.pc_linear == pytest.approx(setting.linear_target, rel=1e-6)


def test_none_is_larger_than_the_largest(draft: Draft) -> None:
    burns = draft.burns_of(draft.dv_m_s)
    assert len(burns) > 2
    assert max(one.dv_m_s for one in burns) <= LARGEST_M_S * (1 + 1e-9)


@pytest.mark.parametrize("share", [0.5, 1.0, 1.4])
def test_there_is_time_to_turn_between_them(draft: Draft, share: float) -> None:
    for one, other in pairwise(draft.burns_of(share * draft.dv_m_s)):
        assert other.start_t_s - one.end_t_s >= sum(SLEWS.values()) - 1e-6


def test_the_knob_is_the_total_and_lowers_pc(setting: Setting, draft: Draft) -> None:
    sizes = draft.dv_m_s * np.array([0.4, 0.8, 1.0, 1.3])
    plans = [draft.burns_of(size) for size in sizes]
    totals = [sum(one.dv_m_s for one in plan) for plan in plans]
    np.testing.assert_allclose(totals, sizes, rtol=1e-9)
    pcs = [linear_pc_of(setting, plan) for plan in plans]
    assert pcs == sorted(pcs, reverse=True)


def test_the_bound_lies_between_one_free_burn_and_the_answer(draft: Draft) -> None:
    """One burn without a limit is a freedom more."""
    free = weak_thrusters.setting(1.0)
    impulse = np.min(sweep(free, free.directions).optimum.lower_bound_m_s)
    assert draft.certificate is not None
    assert impulse * (1 - 1e-4) <= draft.certificate.lower_bound <= draft.certificate.value
    assert draft.certificate.relative_gap < 0.05


def test_a_smaller_largest_burn_costs_more_until_it_does_not_suffice() -> None:
    sizes = [_draft(_setting(largest)).dv_m_s for largest in (0.02, 0.009, 0.004)]
    assert sizes == sorted(sizes)
    draft, reason = several_burns(_setting(0.0005))
    assert draft is None
    assert "at best" in reason


def test_the_bound_holds_for_every_way_to_choose_times(setting: Setting, draft: Draft) -> None:
    """Spaced times drawn at random, solved exactly: none beats the bound."""
    from mdss.planner.several import capped_dv

    assert draft.certificate is not None
    rng = np.random.default_rng(3)
    spacing_s = sum(SLEWS.values()) + 5.0
    for _ in range(20):
        gaps = spacing_s * (1 + rng.exponential(0.3, size=40))
        times = 36_000.0 - 3_000.0 * rng.random() - np.cumsum(gaps)
        times = times[times > 1_800.0]
        found = capped_dv(
            setting.plane,
            setting.risk.hbr.radius_m,
            setting.displacement(times),
            LARGEST_M_S,
            setting.linear_target,
            setting.directions,
        )
        assert found.total_m_s >= draft.certificate.lower_bound * (1 - 1e-9)


def test_burns_stay_out_of_windows(setting: Setting, draft: Draft) -> None:
    tca = setting.tca_utc
    windows = tuple(
        TimeWindow(
            start_utc=one.epoch_utc - timedelta(minutes=9),
            end_utc=one.epoch_utc + timedelta(minutes=9),
        )
        for one in draft.burns_of(draft.dv_m_s)
    )
    closed = weak_thrusters.setting(
        1.0, craft={"maximum_dv_m_s": LARGEST_M_S, **SLEWS}, no_burn=windows
    )
    other = _draft(closed)
    assert other.dv_m_s > draft.dv_m_s
    for one in other.burns_of(other.dv_m_s):
        start, end = (tca + timedelta(seconds=t) for t in (one.start_t_s, one.end_t_s))
        assert not any(window.touches(start, end) for window in windows)


def test_no_burn_is_below_the_smallest_impulse() -> None:
    draft = _draft(_setting(minimum_dv_m_s=0.006))
    for share in (0.9, 1.0, 1.2):
        assert min(one.dv_m_s for one in draft.burns_of(share * draft.dv_m_s)) >= 0.006 * (1 - 1e-9)


def test_where_one_burn_may_be_large_enough_there_is_no_draft() -> None:
    draft, reason = several_burns(_setting(0.5))
    assert (draft, reason) == (None, "One burn does it for less.")


def test_a_spacecraft_that_cannot_maneuver_has_no_draft() -> None:
    draft, reason = several_burns(_setting(can_maneuver=False))
    assert draft is None
    assert "cannot maneuver" in reason

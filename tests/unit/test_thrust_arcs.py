"""Low thrust: arcs that keep to every limit, cost no less than they must, and fly as planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
import weak_thrusters

from mdss.maneuver import Burn
from mdss.operations import TimeWindow
from mdss.planner.arc_map import ArcMap
from mdss.planner.candidates import sweep
from mdss.planner.draft import Draft, PlanStyle
from mdss.planner.linear_pc import linear_pc_of
from mdss.planner.setting import Setting
from mdss.planner.thrust_arcs import _alike, thrust_arcs
from mdss.planner.verification import Verifier
from mdss.time_windows import Eclipse

WEAK_N = 0.001
MINUTE_S = 60.0


@pytest.fixture(scope="module")
def weak() -> Setting:
    return weak_thrusters.setting(WEAK_N)


@pytest.fixture(scope="module")
def arcs(weak: Setting) -> Draft:
    return _draft(weak)


def _draft(setting: Setting) -> Draft:
    draft, reason = thrust_arcs(setting)
    assert draft is not None, reason
    return draft


def _burns(draft: Draft) -> tuple[Burn, ...]:
    return draft.burns_of(draft.dv_m_s)


def _window(setting: Setting, from_h: float, to_h: float) -> TimeWindow:
    start, end = (setting.tca_utc - timedelta(hours=h) for h in (from_h, to_h))
    return TimeWindow(start_utc=start, end_utc=end)


# --- what the arcs are ----------------------------------------------------------------------


def test_arcs_reach_the_target_by_the_linear_map(weak: Setting, arcs: Draft) -> None:
    """Firing along one direction per arc gives away up to 0.5 % of delta-v, 8 % of Pc."""
    assert arcs.style == PlanStyle.THRUST_ARCS
    assert arcs.pc_linear == pytest.approx(weak.linear_target, rel=0.09)
    assert arcs.pc_linear == linear_pc_of(weak, _burns(arcs))


def test_the_certificate_is_tight(arcs: Draft) -> None:
    assert arcs.certificate is not None
    assert arcs.certificate.tight
    assert arcs.certificate.value == pytest.approx(arcs.dv_m_s, rel=1e-9)


def test_arcs_give_what_the_thruster_can(weak: Setting, arcs: Draft) -> None:
    """Delta-v over time is thrust over mass, which falls by 1e-6 here."""
    for one in _burns(arcs):
        assert one.dv_m_s / one.duration_s == pytest.approx(WEAK_N / 300.0, rel=1e-4)
        assert one.exhaust_m_s == weak.spacecraft.thrusters[0].exhaust_m_s


def test_arcs_lie_within_the_horizon_in_order_and_apart(weak: Setting, arcs: Draft) -> None:
    burns = _burns(arcs)
    assert burns[0].start_t_s >= -weak.operations.planning_horizon_s - 1.0
    assert burns[-1].end_t_s <= -weak.operations.minimum_lead_s + 1.0
    assert all(other.start_t_s >= one.end_t_s - 1e-6 for one, other in pairwise(burns))


def test_the_knob_is_the_total_and_lowers_pc(weak: Setting, arcs: Draft) -> None:
    sizes = arcs.dv_m_s * np.array([0.3, 0.7, 1.0, 1.1])
    plans = [arcs.burns_of(size) for size in sizes]
    totals = [sum(one.dv_m_s for one in plan) for plan in plans]
    np.testing.assert_allclose(totals, sizes, rtol=6e-3)  # one direction per arc
    pcs = [linear_pc_of(weak, plan) for plan in plans]
    assert pcs == sorted(pcs, reverse=True)


def test_all_thrust_there_is_is_the_largest_total(arcs: Draft, weak: Setting) -> None:
    span_s = weak.operations.planning_horizon_s - weak.operations.minimum_lead_s
    assert arcs.maximum_m_s == pytest.approx(WEAK_N / 300.0 * span_s, rel=1e-5)


# --- more freedom never costs more ----------------------------------------------------------


def test_no_arcs_beat_an_impulse_at_the_best_time(weak: Setting, arcs: Draft) -> None:
    strong = weak_thrusters.setting(100.0)
    impulse = sweep(strong, strong.directions).optimum
    assert arcs.dv_m_s > np.min(impulse.lower_bound_m_s)


def test_less_thrust_costs_more_until_it_does_not_suffice() -> None:
    drafts = [_draft(weak_thrusters.setting(thrust)) for thrust in (0.002, 0.001, 0.0007)]
    sizes = [one.dv_m_s for one in drafts]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 1.1 * sizes[0]
    draft, reason = thrust_arcs(weak_thrusters.setting(0.0002))
    assert draft is None
    assert "at best" in reason


def test_arcs_are_no_worse_than_one_long_burn() -> None:
    """Both by the linear map; the arcs' nodes are a minute coarse, their directions free."""
    setting = weak_thrusters.setting(0.002)
    found = sweep(setting, setting.directions)
    single = np.min(found.optimum.dv_m_s[found.possible])
    assert _draft(setting).dv_m_s < 1.005 * single


@pytest.mark.parametrize(
    ("engine", "craft"),
    [
        ({"duty_cycle": 0.7}, {}),
        ({"maximum_on_s": 600.0, "duty_cycle": 0.8}, {}),
        ({"directions_rtn": ((0.0, 1.0, 0.0), (0.0, -1.0, 0.0))}, {}),
        ({}, {"maximum_dv_m_s": 0.004}),
        ({}, {"slew_s": 600.0, "settle_s": 60.0}),
    ],
)
def test_a_limit_more_never_costs_less(
    arcs: Draft, engine: dict[str, object], craft: dict[str, object]
) -> None:
    limited = _draft(weak_thrusters.setting(WEAK_N, engine=engine, craft=craft))
    assert limited.dv_m_s >= arcs.dv_m_s * (1 - 1e-6)


# --- limits are kept ------------------------------------------------------------------------


def test_no_arc_touches_a_window_without_burns(weak: Setting) -> None:
    windows = (_window(weak, 9.8, 9.1), _window(weak, 7.0, 4.5))
    closed = replace(weak, operations=replace(weak.operations, no_burn=windows))
    draft = _draft(closed)
    assert draft.dv_m_s > _draft(weak).dv_m_s
    for one in _burns(draft):
        start, end = (weak.tca_utc + timedelta(seconds=t) for t in (one.start_t_s, one.end_t_s))
        assert not any(window.touches(start, end) for window in windows)


def test_electric_thrust_stays_in_the_sun(weak: Setting) -> None:
    dark = tuple(
        Eclipse(start_utc=one.start_utc, end_utc=one.end_utc)
        for one in (_window(weak, h, h - 0.6) for h in np.arange(9.7, 1.0, -1.6))
    )
    sunlit = weak_thrusters.setting(WEAK_N, engine={"sunlit_only": True}, eclipses=dark)
    for one in _burns(_draft(sunlit)):
        start, end = (weak.tca_utc + timedelta(seconds=t) for t in (one.start_t_s, one.end_t_s))
        assert not any(shadow.touches(start, end) for shadow in dark)


def test_no_arc_is_longer_than_the_thruster_fires_and_it_rests_between() -> None:
    setting = weak_thrusters.setting(WEAK_N, engine={"maximum_on_s": 900.0, "duty_cycle": 0.75})
    burns = _burns(_draft(setting))
    assert max(one.duration_s for one in burns) <= 900.0
    for one, other in pairwise(burns):
        if one.duration_s > 850.0:
            assert other.start_t_s - one.end_t_s >= 300.0 - 1.0  # a quarter of the time


def test_a_duty_cycle_stretches_arcs() -> None:
    for one in _burns(_draft(weak_thrusters.setting(0.002, engine={"duty_cycle": 0.5}))):
        assert one.dv_m_s / one.duration_s == pytest.approx(0.5 * 0.002 / 300.0, rel=1e-4)


def test_arcs_along_other_directions_leave_time_to_turn() -> None:
    slews = {"slew_s": 200.0, "settle_s": 40.0, "slew_back_s": 200.0}
    burns = _burns(_draft(weak_thrusters.setting(0.0055, hours=2.5, craft=slews)))
    turned = 0
    for one, other in pairwise(burns):
        cosine = one.dv_rtn_m_s @ other.dv_rtn_m_s / (one.dv_m_s * other.dv_m_s)
        if cosine < np.cos(np.radians(20.0)):
            turned += 1
            assert other.start_t_s - one.end_t_s >= 240.0 - 1.0
    assert turned


def test_no_arc_is_smaller_than_the_smallest_impulse() -> None:
    setting = weak_thrusters.setting(WEAK_N, engine={"minimum_on_s": 500.0})
    draft = _draft(setting)
    for size in (0.8 * draft.dv_m_s, draft.dv_m_s):
        assert min(one.duration_s for one in draft.burns_of(size)) >= 500.0 * (1 - 1e-6)


def test_a_second_thruster_is_used_where_the_first_cannot_push() -> None:
    pair = (
        weak_thrusters.thruster(WEAK_N, name="one", directions_rtn=((0.0, 0.0, 1.0),)),
        weak_thrusters.thruster(2 * WEAK_N, name="two", directions_rtn=((0.0, 1.0, 0.0),)),
        weak_thrusters.thruster(2 * WEAK_N, name="three", directions_rtn=((0.0, -1.0, 0.0),)),
    )
    draft = _draft(weak_thrusters.setting(craft={"thrusters": pair}))
    for one in _burns(draft):
        assert abs(one.dv_rtn_m_s[1]) == pytest.approx(one.dv_m_s)
        assert one.dv_m_s / one.duration_s == pytest.approx(2 * WEAK_N / 300.0, rel=1e-4)


# --- when there are none --------------------------------------------------------------------


def test_a_strong_thruster_needs_no_arcs() -> None:
    for thrust_n in (0.02, 5.0):
        draft, reason = thrust_arcs(weak_thrusters.setting(thrust_n))
        assert (draft, reason) == (None, "One arc does it, which is a single burn.")


def test_closed_windows_leave_no_arcs(weak: Setting) -> None:
    closed = replace(weak.operations, no_burn=(_window(weak, 12.0, 0.1),))
    draft, reason = thrust_arcs(replace(weak, operations=closed))
    assert draft is None
    assert "open" in reason


def test_a_spacecraft_that_cannot_maneuver_has_no_arcs() -> None:
    draft, reason = thrust_arcs(weak_thrusters.setting(craft={"can_maneuver": False}))
    assert draft is None
    assert "cannot maneuver" in reason


# --- as flown, and about other bodies -------------------------------------------------------


@pytest.mark.parametrize("central_body", ["mars", "moon"])
def test_arcs_are_found_about_other_bodies(central_body: str) -> None:
    draft = _draft(weak_thrusters.setting(WEAK_N, central_body=central_body))
    assert draft.certificate is not None
    assert draft.certificate.tight


@pytest.mark.parametrize("central_body", ["earth", "mars"])
def test_arcs_fly_as_planned(central_body: str) -> None:
    """With the numerical map, whose 1e-4 of the displacement Pc feels about twentyfold."""
    setting = replace(
        weak_thrusters.setting(0.004, central_body=central_body, hours=4.0), dynamics="numerical"
    )
    burns = _burns(_draft(setting))
    assert len(burns) > 2
    flown = Verifier(setting.conjunction, setting.risk.hbr.radius_m).fly(burns)
    assert flown.message_approach.pc == pytest.approx(linear_pc_of(setting, burns), rel=2e-3)


# --- the map over arcs ----------------------------------------------------------------------


def test_the_mean_over_an_arc_is_that_of_many_impulses(weak: Setting) -> None:
    times, duration = np.array([20_000.0, 9_000.0]), np.array([2_000.0, 500.0])
    averaged = weak.arc_map.averaged(times, duration, np.zeros(2))
    for t, length, mean in zip(times, duration, averaged, strict=True):
        spread = t + length * (np.arange(2_000) + 0.5 - 1_000) / 2_000
        many = weak.displacement(spread).mean(axis=0)
        # the largest effect is 6e4 s; 1e-5 of it
        np.testing.assert_allclose(mean, many, atol=0.6)


def test_the_map_passes_through_its_grid() -> None:
    times = np.linspace(5_000.0, 100.0, 60)
    waves = np.sin(1e-3 * times)[:, None, None] * np.ones((2, 3))
    made = ArcMap.through(times, waves, 6_000.0)
    nothing = np.zeros(3)
    there = made.averaged(np.array([4_950.0, 3_000.0, 120.0]), nothing, nothing)
    expected = np.sin([4.95, 3.0, 0.12])
    np.testing.assert_allclose(there[:, 0, 0], expected, atol=1e-6)


def test_mass_that_falls_moves_the_mean_later(weak: Setting) -> None:
    """To first order in the mass spent, q: q/12 of the burn later."""
    q, length, t = 0.02, 1_500.0, np.array([15_000.0])
    kept, lost = (
        weak.arc_map.averaged(t, np.array([length]), np.array([spent]))[0]
        for spent in (0.0, -np.log1p(-q))
    )
    shifted = weak.arc_map.averaged(t - q / 12 * length, np.array([length]), np.zeros(1))[0]
    np.testing.assert_allclose(lost - kept, shifted - kept, rtol=0.05, atol=0.1)


def test_burns_that_cancel_have_no_common_direction() -> None:
    assert not _alike(np.array([[0.0, 0.0, 1e-3], [0.0, 0.0, -1e-3]]))
    assert _alike(np.array([[0.0, 0.0, 1e-3], [0.0, 0.0, 2e-3]]))

"""Sizes are set by flying: of one burn, and of several with one knob."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import weak_thrusters

from mdss.maneuver import Burn
from mdss.planner.sizing import POLICY_DISTANCE, Sized, enlarged, size_to_target
from mdss.planner.thrust_arcs import thrust_arcs
from mdss.planner.verification import Verifier

TCA = weak_thrusters.conjunction().tca_utc


class _Known:
    """A verifier whose Pc is a known function of the total delta-v, and that counts flights."""

    def __init__(self, pc_of: Any) -> None:
        self.pc_of, self.flown = pc_of, []
        self.execution_error = None

    def fly(self, burns: Sequence[Burn] = ()) -> Any:
        total = sum(one.dv_m_s for one in burns if one.role == "avoid")
        self.flown.append(total)
        approach = SimpleNamespace()
        return SimpleNamespace(
            pc=self.pc_of(total),
            resolution=0.01,
            burns=tuple(burns),
            main=approach,
            message_approach=approach,
        )

    def share_to_target(self, no_burn: Any, flown: Any, aim: float) -> float:
        total = sum(one.dv_m_s for one in flown.burns if one.role == "avoid")
        shares = np.geomspace(0.05, 5.0, 4001)
        return float(shares[np.argmax([self.pc_of(total * one) <= aim for one in shares])])


def _there_and_back(size_m_s: float) -> list[Burn]:
    """Two burns that avoid, 2 to 1, and a return burn of twice the size after TCA."""
    return [
        Burn.before(TCA, 20_000.0, [0.0, size_m_s * 2 / 3, 0.0]),
        Burn.before(TCA, 9_000.0, [0.0, size_m_s / 3, 0.0]),
        Burn.before(TCA, -6_000.0, [0.0, -2 * size_m_s, 0.0], role="return"),
    ]


def _sized(verifier: _Known, **limits: float) -> Sized:
    return size_to_target(
        verifier,  # type: ignore[arg-type]
        _there_and_back,
        0.02,
        1e-6,
        no_burn=verifier.fly(),
        **limits,
    )


def test_the_knob_counts_what_avoids_not_the_way_back() -> None:
    verifier = _Known(lambda total: 1e-3 * 10 ** (-100 * total))  # 1e-6 at 30 mm/s
    sized = _sized(verifier)
    assert sized.reached
    # 1 % of Pc is 0.004 of a decade, 0.04 mm/s
    assert sized.size_m_s == pytest.approx(0.03, abs=1e-4)
    assert verifier.flown[-1] == pytest.approx(sized.size_m_s)
    assert len(sized.verified.burns) == 3


def test_a_plan_at_its_largest_says_so() -> None:
    sized = _sized(_Known(lambda total: 1e-3 * 10 ** (-100 * total)), maximum_m_s=0.025)
    assert (sized.reached, sized.limit, sized.size_m_s) == (False, "maximum delta-v", 0.025)


def test_a_plan_at_its_smallest_is_not_made_smaller() -> None:
    sized = _sized(_Known(lambda total: 1e-3 * 10 ** (-100 * total)), minimum_m_s=0.05)
    assert (sized.reached, sized.limit, sized.size_m_s) == (True, "minimum impulse", 0.05)


def test_a_fall_without_a_middle_ends_on_the_safe_side() -> None:
    sized = _sized(_Known(lambda total: 1e-3 if total < 0.03 else 1e-9))
    assert (sized.reached, sized.limit) == (True, "steep fall of Pc")
    assert 0.03 <= sized.size_m_s < 0.032


def test_what_never_falls_is_not_reached() -> None:
    sized = _sized(_Known(lambda total: 1e-3))
    assert not sized.reached
    assert sized.limit == "another close approach"


def test_a_distance_makes_the_whole_plan_larger() -> None:
    verifier = _Known(lambda total: 1e-3 * 10 ** (-100 * total))
    grown = enlarged(
        verifier,  # type: ignore[arg-type]
        _there_and_back,
        _sized(verifier),
        lambda flown: 0.045 / sum(one.dv_m_s for one in flown.burns[:2]),
        1e-6,
    )
    assert (grown.reached, grown.limit) == (True, POLICY_DISTANCE)
    assert grown.size_m_s == pytest.approx(0.045, rel=1e-3)
    assert grown.verified.burns[2].dv_m_s == pytest.approx(0.09, rel=1e-3)


# --- flown for real -------------------------------------------------------------------------


def test_thrust_arcs_are_flown_to_the_target() -> None:
    setting = weak_thrusters.setting(0.004, hours=4.0)
    draft, reason = thrust_arcs(setting)
    assert draft is not None, reason
    verifier = Verifier(setting.conjunction, setting.risk.hbr.radius_m, earliest_burn_s=4 * 3600.0)
    sized = size_to_target(verifier, draft.burns_of, draft.dv_m_s, 1e-6, no_burn=verifier.fly())
    assert sized.reached
    assert 0.99e-6 <= sized.verified.pc <= 1e-6
    assert sum(one.dv_m_s for one in sized.verified.burns) == pytest.approx(
        sized.size_m_s,
        rel=5e-3,  # one direction per arc
    )


def test_a_way_back_within_the_search_is_flown() -> None:
    """Undoing an in-track burn a revolution after TCA: the approach half a revolution later,
    before it, is that of the orbit without a way back; nothing before it changes."""
    here = weak_thrusters.conjunction()
    verifier = Verifier(here, 12.0)
    out = Burn.before(TCA, 9_000.0, [0.0, 0.03, 0.0])
    back = Burn.before(TCA, -2_000.0, [0.0, -0.03, 0.0], role="return")
    alone, both = verifier.fly([out]), verifier.fly([out, back])
    assert both.message_approach.miss_distance_m == pytest.approx(
        alone.message_approach.miss_distance_m, abs=1e-3
    )
    times = np.array([0.0, 1_900.0, 5_500.0])
    moved = np.linalg.norm(
        (verifier.states([out, back], times)[0] - verifier.states([out], times)[0])[:, :3], axis=1
    )
    # the integration to the later burn takes other steps: a millimetre; then 3 t dv
    assert moved[0] < 1e-3
    assert moved[1] < 1e-3
    assert moved[2] > 50.0


def test_execution_errors_of_all_burns_add_before_the_approach_only() -> None:
    """The way back is not part of the encounter, so its error is not either."""
    from mdss.spacecraft import ExecutionError

    here = weak_thrusters.conjunction()
    error = ExecutionError(magnitude_proportional=0.3)
    burns = [Burn.before(TCA, t, [0.0, 0.012, 0.0]) for t in (20_000.0, 9_000.0)]
    back = Burn.before(TCA, -2_000.0, [0.0, -0.3, 0.0], role="return")
    one, two, three = (
        Verifier(here, 12.0, error)._execution_covs_eci(plan, [0.0])[0]
        for plan in (burns[:1], burns, [*burns, back])
    )
    assert one is not None
    assert two is not None
    assert three is not None
    assert np.trace(two[:3, :3]) > np.trace(one[:3, :3])
    np.testing.assert_allclose(three, two, rtol=1e-6)
    exact = replace(error, magnitude_proportional=0.0)
    nothing = Verifier(here, 12.0, exact)._execution_covs_eci(burns, [0.0])[0]
    assert nothing is not None
    assert not np.any(nothing)

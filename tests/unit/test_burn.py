"""What a burn is: its times, its mass, its impulses, and several of them in a row."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from mdss.errors import SpacecraftError
from mdss.maneuver import Burn, arc_nodes, as_fired
from mdss.spacecraft import Spacecraft, Thruster
from mdss.units import STANDARD_GRAVITY_M_S2

TCA = datetime(2024, 3, 2, 11, 5, tzinfo=UTC)
REVOLUTION_S = 6_000.0


def _craft(**changes: object) -> Spacecraft:
    values: dict[str, object] = {
        "designator": "1",
        "mass_kg": 200.0,
        "propellant_kg": 50.0,
        "thrusters": (Thruster(name="main", isp_s=220.0, thrust_n=1.0),),
    }
    return Spacecraft(**{**values, **changes})  # type: ignore[arg-type]


def _in_track(dv_m_s: float, t_s: float = 9_000.0) -> Burn:
    return Burn.before(TCA, t_s, [0.0, dv_m_s, 0.0])


@pytest.mark.parametrize("revolutions", [0.0, 0.01, 0.1, 0.5, 1.3])
@pytest.mark.parametrize("dv_over_exhaust", [0.0, 1e-4, 0.3])
def test_impulses_add_up_to_the_burn(revolutions: float, dv_over_exhaust: float) -> None:
    burn = Burn.before(
        TCA,
        9_000.0,
        [0.1, -0.3, 0.2],
        revolutions * REVOLUTION_S,
        exhaust_m_s=math.sqrt(0.14) / dv_over_exhaust if dv_over_exhaust else math.inf,
    )
    total = sum(dv for _, dv in burn.pulses(REVOLUTION_S))
    np.testing.assert_allclose(total, burn.dv_rtn_m_s, rtol=1e-12)


def test_impulses_lie_within_the_burn_in_time_order() -> None:
    burn = Burn.before(TCA, 9_000.0, [0.0, 0.1, 0.0], 2_000.0)
    times = [t for t, _ in burn.pulses(REVOLUTION_S)]
    assert times == sorted(times)
    assert burn.start_t_s < times[0] < times[-1] < burn.end_t_s


def test_the_centre_of_a_burn_that_spends_mass_comes_after_its_middle() -> None:
    """Expanding 1/(1 - q s) to first order puts it q/12 of the burn later."""
    q = 0.03
    places, shares = arc_nodes(0.3, -math.log1p(-q))
    assert places @ shares == pytest.approx(q / 12, rel=0.05)  # the next order is q of the first
    places, shares = arc_nodes(0.3, 0.0)
    assert abs(places @ shares) < 1e-15


def test_shares_of_many_burns_at_once_are_those_of_each() -> None:
    places, together = arc_nodes(0.4, np.array([0.0, 0.1, 0.5]))
    assert together.shape == (3, places.size)
    np.testing.assert_array_equal(together[1], arc_nodes(0.4, 0.1)[1])


def test_a_burn_lasts_as_long_as_the_rocket_equation_says() -> None:
    craft = _craft()
    (burn,), used_kg = as_fired(craft, [_in_track(3.0)])
    assert used_kg == pytest.approx(craft.propellant_used_kg(3.0), rel=1e-12)
    assert burn.duration_s == pytest.approx(craft.burn_duration_s(3.0), rel=1e-12)
    assert burn.exhaust_m_s == 220.0 * STANDARD_GRAVITY_M_S2


def test_two_halves_take_the_propellant_of_the_whole_and_the_second_is_shorter() -> None:
    (first, second), used_kg = as_fired(_craft(), [_in_track(50.0), _in_track(50.0, 5_000.0)])
    assert used_kg == pytest.approx(_craft().propellant_used_kg(100.0), rel=1e-12)
    ratio = math.exp(-50.0 / first.exhaust_m_s)  # of the masses they start from
    assert second.duration_s / first.duration_s == pytest.approx(ratio, rel=1e-12)


def test_each_burn_is_fired_with_the_thruster_of_its_direction() -> None:
    forward = Thruster(name="a", isp_s=200.0, thrust_n=2.0, directions_rtn=((0, 1, 0),))
    backward = Thruster(name="b", isp_s=100.0, thrust_n=0.5, directions_rtn=((0, -1, 0),))
    burns, _ = as_fired(
        _craft(thrusters=(forward, backward)), [_in_track(0.1), _in_track(-0.1, 4_000.0)]
    )
    isps = [one.exhaust_m_s / STANDARD_GRAVITY_M_S2 for one in burns]
    assert isps == pytest.approx([200.0, 100.0])
    # thrust four times smaller, mass the same to 1e-4
    assert burns[1].duration_s / burns[0].duration_s == pytest.approx(4.0, rel=1e-3)


def test_a_duty_cycle_stretches_a_burn_and_takes_no_more_propellant() -> None:
    (whole,), used_kg = as_fired(_craft(), [_in_track(0.5)])
    (half,), same_kg = as_fired(_craft(), [_in_track(0.5)], thrust_share=0.5)
    assert half.duration_s == pytest.approx(2 * whole.duration_s)
    assert same_kg == used_kg


def test_a_burn_of_nothing_takes_no_time() -> None:
    (burn,), used_kg = as_fired(_craft(), [_in_track(0.0)])
    assert (burn.duration_s, used_kg) == (0.0, 0.0)


def test_a_direction_that_no_thruster_has_is_refused() -> None:
    forward = Thruster(name="a", isp_s=200.0, thrust_n=2.0, directions_rtn=((0, 1, 0),))
    with pytest.raises(SpacecraftError, match="no thruster"):
        as_fired(_craft(thrusters=(forward,)), [_in_track(-0.1)])


def test_what_a_burn_is_for_is_kept() -> None:
    assert _in_track(0.1).role == "avoid"
    back = Burn.before(TCA, -3_000.0, [0.0, -0.1, 0.0], role="return")
    assert as_fired(_craft(), [back])[0][0].role == "return"
    assert back.start_t_s == 3_000.0

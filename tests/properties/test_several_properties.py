"""What always holds for several burns under caps."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mdss.astro.encounter import EncounterPlane
from mdss.planner.optimum import allowed_directions, minimum_dv_in_plane
from mdss.planner.several import best_reachable, capped_dv, minimum_energy

RADIUS_M = 12.0
THRESHOLD = 1e-6
FREE = allowed_directions("free")
DIRECTIONS = {
    "free": FREE,
    "in-track": allowed_directions("in_track"),
    "cones": allowed_directions([[0, 1, 0], [0.3, -1, 0.2], [1, 0, 0]], 0.4),
}
SLACK = 1 + 1e-8
"""Each value is within 1e-9 of the truth: what should be equal may differ by twice that."""


def plane_of(x_m, y_m, correlation=0.3):
    cov = np.diag([180.0, 60.0]) @ [[1, correlation], [correlation, 1]] @ np.diag([180.0, 60.0])
    return EncounterPlane(
        axes=np.eye(3)[:2],
        miss_m=np.array([x_m, y_m]),
        cov_m2=cov,
        tca_shift_s=0.0,
        relative_speed_m_s=1e4,
    )


def maps_of(seed, n):
    """Nodes as orbits make them: mostly along one line of the plane, of varying strength."""
    rng = np.random.default_rng(seed)
    return 2e3 * (rng.normal(size=(n, 1, 1)) * rng.normal(size=(2, 3)) + rng.normal(size=(n, 2, 3)))


def single(plane, maps, allowed=FREE):
    times = np.arange(1.0, len(maps) + 1)
    return minimum_dv_in_plane(plane, RADIUS_M, times, maps, THRESHOLD, allowed).dv_m_s


def capped(plane, maps, cap, allowed=FREE, threshold=THRESHOLD, **options):
    return capped_dv(plane, RADIUS_M, maps, cap, threshold, allowed, **options)


def kept(answer, cap):
    """Caps, threshold and certificate, by what the answer itself shows."""
    if not answer.feasible:
        reached = answer.best_reachable
        assert reached.pc >= THRESHOLD * (1 - 1e-9)
        assert reached.lower_bound <= reached.pc <= reached.lower_bound * (1 + 1e-5)
        assert np.all(np.linalg.norm(reached.dv_rtn_m_s, axis=1) <= cap * (1 + 1e-12))
        return answer
    assert np.all(answer.dv_m_s <= cap * (1 + 1e-12))
    if answer.value > 0:
        assert answer.pc == pytest.approx(THRESHOLD, rel=1e-6)
    assert answer.certificate("random nodes").tight
    return answer


misses = st.tuples(st.floats(-300, 300), st.floats(-120, 120))
seeds = st.integers(0, 10**6)
shares = st.floats(0.05, 1.2)
kinds = st.sampled_from(sorted(DIRECTIONS))
few = settings(deadline=None, max_examples=12)


@few
@given(misses, seeds, kinds, st.integers(1, 12))
def test_without_caps_it_is_the_best_single_burn(miss, seed, kind, n):
    plane, maps, allowed = plane_of(*miss), maps_of(seed, n), DIRECTIONS[kind]
    answer = kept(capped(plane, maps, np.inf, allowed), np.inf)
    # the single burn is polished to 1e-8
    assert answer.value == pytest.approx(np.min(single(plane, maps, allowed)), rel=1e-7, abs=1e-9)
    assert np.count_nonzero(answer.dv_m_s) <= 1


@few
@given(misses, seeds, kinds, shares)
def test_larger_caps_and_more_nodes_never_cost_more(miss, seed, kind, share):
    plane, maps, allowed = plane_of(*miss), maps_of(seed, 10), DIRECTIONS[kind]
    cap = share * np.min(single(plane, maps, allowed))
    assume(cap > 1e-6)
    answer = kept(capped(plane, maps, cap, allowed), cap)
    larger = kept(capped(plane, maps, 1.5 * cap, allowed), 1.5 * cap)
    fewer = kept(capped(plane, maps[:6], cap, allowed), cap)
    assert larger.value <= answer.value * SLACK
    assert answer.value <= fewer.value * SLACK


@few
@given(misses, seeds, shares, st.floats(1.1, 100.0))
def test_a_tighter_threshold_never_costs_less(miss, seed, share, factor):
    plane, maps = plane_of(*miss), maps_of(seed, 8)
    cap = share * np.min(single(plane, maps))
    loose, tight = (capped(plane, maps, cap, threshold=t) for t in (THRESHOLD, THRESHOLD / factor))
    assert loose.value <= tight.value * SLACK


@few
@given(misses, seeds, shares)
def test_fewer_directions_never_cost_less(miss, seed, share):
    plane, maps = plane_of(*miss), maps_of(seed, 8)
    cap = share * np.min(single(plane, maps))
    axes = [[0, 1, 0], [0.3, -1, 0.2], [1, 0, 0]]
    values = [
        capped(plane, maps, cap, allowed).value
        for allowed in (
            FREE,
            allowed_directions(axes, 1.2),
            allowed_directions(axes, 0.3),
            allowed_directions(axes),
        )
    ]
    assert np.all(values[:-1] <= np.multiply(values[1:], SLACK))


@few
@given(misses, seeds, shares, kinds)
def test_a_bit_never_costs_less_and_pc_stays_below(miss, seed, share, kind):
    plane, maps, allowed = plane_of(*miss), maps_of(seed, 8), DIRECTIONS[kind]
    cap = share * np.min(single(plane, maps, allowed))
    assume(cap > 1e-6)
    plain = capped(plane, maps, cap, allowed)
    answer = capped(plane, maps, cap, allowed, bit_m_s=0.7 * cap)
    assert answer.feasible == plain.feasible
    if answer.feasible:
        assert answer.pc <= THRESHOLD * (1 + 1e-9)
        fired = answer.dv_m_s[answer.dv_m_s > 0]
        assert np.all(fired >= 0.7 * cap * (1 - 1e-12))
        assert answer.total_m_s >= plain.total_m_s * (1 - 1e-9)


@few
@given(misses, seeds, st.floats(0.1, 10.0))
def test_equal_prices_only_scale_the_value(miss, seed, price):
    plane, maps = plane_of(*miss), maps_of(seed, 8)
    cap = 0.3 * np.min(single(plane, maps))
    plain, priced = capped(plane, maps, cap), capped(plane, maps, cap, price=price)
    assert priced.value == pytest.approx(price * plain.value, rel=1e-7)


@few
@given(misses, seeds, kinds)
def test_least_energy_is_least_in_squares_and_not_in_sum(miss, seed, kind):
    plane, maps, allowed = plane_of(*miss), maps_of(seed, 8), DIRECTIONS[kind]
    energy = minimum_energy(plane, RADIUS_M, maps, THRESHOLD, allowed)
    kept(energy, np.inf)
    fuel = capped(plane, maps, np.inf, allowed)
    assert energy.value <= np.sum(fuel.dv_m_s**2) * SLACK
    assert fuel.total_m_s <= energy.total_m_s * SLACK
    assert np.sum(energy.dv_m_s**2) == pytest.approx(energy.value, rel=1e-9)


@few
@given(misses, seeds, st.floats(0.0, 2 * np.pi))
def test_turning_the_plane_keeps_the_burns(miss, seed, angle):
    plane, maps = plane_of(*miss), maps_of(seed, 8)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = EncounterPlane(
        axes=plane.axes,
        miss_m=turn @ plane.miss_m,
        cov_m2=turn @ plane.cov_m2 @ turn.T,
        tca_shift_s=0.0,
        relative_speed_m_s=1e4,
    )
    cap = 0.3 * np.min(single(plane, maps))
    plain, again = capped(plane, maps, cap), capped(turned, turn @ maps, cap)
    assert again.value == pytest.approx(plain.value, rel=1e-7)


@few
@given(misses, seeds, kinds, st.floats(0.01, 0.2))
def test_what_caps_can_reach_decides_whether_they_suffice(miss, seed, kind, share):
    plane, maps, allowed = plane_of(*miss), maps_of(seed, 8), DIRECTIONS[kind]
    cap = share * np.min(single(plane, maps, allowed))
    assume(cap > 1e-6)
    reached = best_reachable(plane, RADIUS_M, maps, cap, allowed)
    answer = kept(capped(plane, maps, cap, allowed), cap)
    assert answer.feasible == (reached.pc <= THRESHOLD)


@few
@given(misses, seeds, kinds, shares)
def test_the_knob_rises_and_meets_the_optimum(miss, seed, kind, share):
    plane, maps, allowed = plane_of(*miss), maps_of(seed, 8), DIRECTIONS[kind]
    cap = share * np.min(single(plane, maps, allowed))
    assume(cap > 1e-6)
    answer = capped(plane, maps, cap, allowed)
    assume(answer.feasible and answer.value > 0)
    assert answer.of_total(answer.value) == pytest.approx(answer.dv_rtn_m_s, abs=1e-9 * cap)
    totals = np.linspace(0, answer.maximum_m_s, 30)
    moved = [
        np.einsum("i,nij,nj->", answer.normal, maps, answer.of_total(total)) for total in totals
    ]
    assert np.all(np.diff(moved) >= -1e-9 * np.max(moved))
    sums = [np.sum(np.linalg.norm(answer.of_total(total), axis=1)) for total in totals]
    assert sums == pytest.approx(totals, rel=1e-9, abs=1e-15)

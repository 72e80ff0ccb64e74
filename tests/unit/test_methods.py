"""Which method is believed, and why."""

from dataclasses import replace

import pytest
from short_encounters import GM, a_pair, objects

from mdss.conjunction import ObjectState
from mdss.risk.methods import Effort, PcMethod, choose
from mdss.risk.pair import Pair
from mdss.risk.validity import check_pair

NO_TRIALS = Effort(most_trials=0)


@pytest.fixture(scope="module")
def pair():
    return a_pair(60.0, 30.0, radius_m=25.0)


def bent(pair, **changes):
    """The pair's check as if curvature mattered."""
    return replace(check_pair(pair), valid=False, code=100, reason="it is curved", **changes)


def test_a_short_straight_passage_needs_nothing_but_2d_pc(pair):
    found = choose(pair, 0.0123, check_pair(pair))
    assert found.recommended.method is PcMethod.PC_2D
    assert found.recommended.pc == 0.0123
    assert [one.method for one in found.tried] == [PcMethod.PC_2D]
    assert found.trusted
    assert "short and straight" in found.reason


def test_where_2d_pc_fails_2d_nc_is_next_and_the_reason_says_so(pair):
    found = choose(pair, 1e-30, bent(pair), NO_TRIALS)
    assert found.recommended.method is PcMethod.NC_2D
    assert found.recommended.pc > 1e-3
    assert [one.valid for one in found.tried] == [False, True]
    assert "it is curved" in found.reason
    assert found.effective is not None


def test_every_method_can_be_asked_for_in_the_order_of_cost(pair):
    found = choose(pair, 0.01, check_pair(pair), Effort(most_trials=20_000), all_methods=True)
    assert [one.method for one in found.tried] == [
        PcMethod.PC_2D,
        PcMethod.NC_2D,
        PcMethod.NC_3D,
        PcMethod.MONTE_CARLO,
    ]
    assert found.recommended.method is PcMethod.PC_2D
    nc2d, nc3d, trials = found.tried[1:]
    assert nc3d.pc == pytest.approx(nc2d.pc, rel=1e-4)
    assert trials.lower < nc2d.pc < trials.upper
    assert all(one.valid and one.code == 0 for one in found.tried)


def test_no_trials_allowed_means_no_monte_carlo(pair):
    found = choose(pair, 0.01, check_pair(pair), NO_TRIALS, all_methods=True)
    assert PcMethod.MONTE_CARLO not in [one.method for one in found.tried]


def test_positions_alone_allow_only_2d_pc():
    plain = [
        ObjectState(one.position_m, one.velocity_m_s, cov_rtn_m2=one.position_cov_rtn_m2)
        for one in objects(60.0, 30.0)
    ]
    pair = Pair.of(*plain, 25.0, GM)
    found = choose(pair, 0.01, bent(pair), all_methods=True)
    assert [one.method for one in found.tried] == [PcMethod.PC_2D]
    assert not found.trusted
    assert "it is curved" in found.reason


def test_a_short_passage_with_a_negligible_bound_stops_at_the_bound(pair):
    check = bent(pair, nc_upper=1e-12)
    found = choose(pair, 1e-30, check, NO_TRIALS)
    assert found.recommended.method is PcMethod.NC_2D_UPPER
    assert found.recommended.pc == 1e-12


def test_a_negligible_bound_of_a_long_passage_does_not_count(pair):
    check = bent(pair, nc_upper=1e-12, extended=0.5)
    assert choose(pair, 1e-30, check, NO_TRIALS).recommended.method is PcMethod.NC_2D


def test_without_a_passage_2d_nc_fails_in_words_and_3d_nc_answers(pair):
    found = choose(pair, 1e-30, bent(pair, passage=None), NO_TRIALS)
    by_method = {one.method: one for one in found.tried}
    assert not by_method[PcMethod.NC_2D].valid
    assert by_method[PcMethod.NC_2D].reason
    assert found.recommended.method is PcMethod.NC_3D
    assert found.recommended.pc == pytest.approx(
        choose(pair, 1e-30, bent(pair), NO_TRIALS).recommended.pc, rel=1e-4
    )


def test_the_same_seed_gives_the_same_recommendation():
    side_by_side = a_pair(60.0, 30.0, angle_rad=2e-5, sigmas_m=(20.0, 200.0, 20.0), radius_m=5.0)
    check = check_pair(side_by_side)
    one, same = (choose(side_by_side, 1e-30, check, Effort(seed=5)) for _ in range(2))
    assert one.recommended == same.recommended


def test_two_objects_side_by_side_are_left_to_the_general_methods():
    side_by_side = a_pair(60.0, 30.0, angle_rad=2e-5, sigmas_m=(20.0, 200.0, 20.0), radius_m=5.0)
    check = check_pair(side_by_side)
    assert not check.valid
    found = choose(side_by_side, 1e-30, check, Effort(most_trials=20_000))
    assert found.recommended.method in (PcMethod.NC_3D, PcMethod.MONTE_CARLO)
    assert 0 < found.recommended.pc < 1

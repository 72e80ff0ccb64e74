"""Which method is believed, and why."""

from dataclasses import replace

import numpy as np
import pytest
from short_encounters import GM, a_pair, objects

from mdss.conjunction import ObjectState
from mdss.risk.methods import (
    _EXTENDED,
    Effort,
    PcMethod,
    _checked,
    _Limit,
    _Methods,
    choose,
)
from mdss.risk.pair import Pair
from mdss.risk.validity import check_pair

NO_TRIALS = Effort(most_trials=0)
FINE = _Limit(0.0, 1.0, "{}")


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


@pytest.fixture
def touching():
    """30 m apart at TCA, known to 2 m, each other's size 100 m: a collision is certain."""
    first, second = objects(30.0, sigmas_m=(0.6, 2.0, 0.5), angle_rad=1e-6)
    return Pair.of(first, second, 100.0, GM)


def test_objects_that_touch_at_tca_are_left_to_plain_trials(touching):
    found = choose(touching, 0.9, check_pair(touching), Effort(most_trials=20_000))
    assert touching.touching == pytest.approx(1.0)
    assert found.recommended.method is PcMethod.MONTE_CARLO
    assert found.recommended.pc == 1.0
    without = choose(touching, 0.9, check_pair(touching), NO_TRIALS)
    assert not without.trusted
    assert without.recommended.method is PcMethod.NC_2D  # 3D-Nc missed it and gives no number
    assert without.recommended.pc == pytest.approx(1.0)


def test_an_expected_number_of_collisions_is_never_told_as_a_probability_above_one():
    assert _checked(PcMethod.NC_3D, 1.2, inaccurate=FINE, offset=FINE, extended=FINE).pc == 1.0


def test_the_bound_of_touching_is_below_what_draws_say(pair):
    """Half the size of the clouds: exact where they are round, else from below."""
    wide = replace(pair, radius_m=400.0)
    draws = np.random.default_rng(1).multivariate_normal(
        wide.relative_state[:3], wide.position_cov_eci_m2, 20_000
    )
    share = np.mean(np.linalg.norm(draws, axis=1) < 400.0)
    assert 0.1 < wide.touching < share
    assert pair.touching == 0.0  # 67 m apart, 25 m large


def test_a_handful_of_hits_gives_an_upper_limit_not_a_value():
    pair = a_pair(60.0, 30.0, radius_m=25.0)
    methods = _Methods(pair, 0.0, bent(pair), Effort(most_trials=150))
    result = methods._simulated()
    assert 0 < result.hits < 5
    assert not result.valid
    assert result.pc == result.upper
    assert result.reason.startswith("only")


def test_a_covariance_without_an_inverse_is_left_to_plain_trials(pair):
    """Importance sampling divides by it; plain trials do not."""
    flat = np.zeros((6, 6))
    flat[0, 0] = 40.0**2
    methods = _Methods(replace(pair, covs_eci=(flat, flat)), 0.0, bent(pair), Effort())
    with np.errstate(all="ignore"):
        methods._nc_3d()
    assert methods._sampled_if_possible() is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "it lasts an unknown share of an orbit (limit 5 %)"),
        (1.3712, "it lasts 137 % of an orbit (limit 5 %)"),
        (0.0512, "it lasts 5.1 % of an orbit (limit 5 %)"),
    ],
)
def test_indicators_are_told_in_words_that_stay_words(value, words):
    assert str(_Limit(value, 0.05, _EXTENDED)) == words


def test_trials_from_a_covariance_that_is_not_positive_definite_are_not_trusted():
    first, second = objects(60.0, 30.0)
    cov = np.array(first.cov_rtn_m2)
    cov[0, 1] = cov[1, 0] = 1.5 * np.sqrt(cov[0, 0] * cov[1, 1])
    first = replace(first, cov_rtn_m2=cov)
    pair = Pair.of(first, second, 25.0, GM)
    assert pair.npd
    methods = _Methods(pair, 0.01, check_pair(pair), Effort(most_trials=20_000))
    result = methods._monte_carlo()
    assert result is not None
    assert not result.valid
    assert "not positive definite" in result.reason

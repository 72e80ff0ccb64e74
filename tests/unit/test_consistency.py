"""Updates of an event judged by what the former one promised; two solutions of one object."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest
from simulated_histories import history as simulated

import mdss
from mdss.astro.frames import eci_from_rtn
from mdss.astro.twobody import propagate
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import CovarianceError
from mdss.loading import scenario_names
from mdss.messages import read_cdms
from mdss.risk.consistency import check_update, check_updates, moved_to
from mdss.risk.solutions import (
    JUMP_P,
    chi2_above,
    compare_solutions,
    displacement_rtn_m,
    equivalent_sigmas,
    step_of_update,
)

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "cdm" / "cara_real"


@pytest.fixture(scope="module")
def many() -> list[list[Conjunction]]:
    rng = np.random.default_rng(11)
    return [simulated(rng) for _ in range(120)]


def moved_secondary(message: Conjunction, step_rtn_m) -> Conjunction:
    thing = message.secondary
    turn = eci_from_rtn(thing.position_m, thing.velocity_m_s)
    return replace(
        message, secondary=replace(thing, position_m=thing.position_m + turn @ step_rtn_m)
    )


# --- calibration and power ------------------------------------------------------------------


def test_p_values_of_steps_that_are_chance_alone_are_uniform(many) -> None:
    """A Kolmogorov-Smirnov p below 1e-3 would come once in a thousand seeds."""
    found = [check_updates(one) for one in many]
    steps = [update for one in found for update in one.updates]
    for values in (
        [one.miss.p_value for one in steps],
        [one.objects[0].p_value for one in steps],
        [one.objects[1].p_value for one in steps],
        [one.miss.p_value for one in found],
        [one.objects[1].p_value for one in found],
    ):
        assert kstest(values, "uniform").pvalue > 1e-3
    assert not any(step.bounded for one in steps for step in one.objects)


def test_a_jump_beside_the_orbit_is_seen_and_named(many) -> None:
    """Six expected sigmas across the track, where chance gives as much once in 5e8."""
    seen = 0
    for messages in many[:40]:
        usual = check_update(*messages[-2:]).objects[1]
        jump = np.array([0.0, 0.0, 6.0 * usual.expected_sigma_m[2]])
        found = check_updates([*messages[:-1], moved_secondary(messages[-1], jump)])
        seen += found.updates[-1].objects[1].is_jump
        assert not found.updates[-1].objects[0].is_jump
    assert seen >= 38  # the chance step may point the other way


def test_the_words_name_the_object_and_warn_of_the_last_change(many) -> None:
    messages = many[0]
    expected = check_update(*messages[-2:]).objects[1].expected_sigma_m
    jump = moved_secondary(messages[-1], np.array([0.0, 0.0, 9.0 * expected[2]]))
    found = check_updates([*messages[:-1], jump])
    assert found.last_jumped
    assert not found.consistent
    (first, *_) = found.sentences
    assert first.startswith("The solution of FRAGMENT (secondary) jumped by ")
    assert "cross-track by +" in first
    assert first.endswith("do not trust the last change of Pc.")


def test_covariances_that_are_too_small_are_told_by_the_series(many) -> None:
    """Half the promised sigma: chi-square of a series is four times its degrees of freedom."""
    messages = [
        replace(one, secondary=replace(one.secondary, cov_rtn_m2=0.25 * one.secondary.cov_rtn_m2))
        for one in many[1]
    ]
    found = check_updates(messages)
    assert found.objects[1].too_large
    assert not found.objects[0].too_large
    assert found.objects[1].scale == pytest.approx(
        2.0 * check_updates(many[1]).objects[1].scale, rel=0.02
    )
    assert any("they look too small" in one for one in found.sentences)


def test_a_solution_that_never_moves_has_a_covariance_that_is_too_large(many) -> None:
    fixed = many[2][0].secondary
    messages = [
        replace(
            one,
            secondary=replace(
                one.secondary, position_m=fixed.position_m, velocity_m_s=fixed.velocity_m_s
            ),
            tca_utc=many[2][0].tca_utc,
            primary=replace(
                one.primary,
                position_m=many[2][0].primary.position_m,
                velocity_m_s=many[2][0].primary.velocity_m_s,
            ),
        )
        for one in many[2]
    ]
    assert check_updates(messages).objects[1].too_small


# --- what is expected of a step -------------------------------------------------------------


def test_a_step_has_the_covariance_that_was_lost() -> None:
    before, after = np.diag([400.0, 900.0]), np.diag([100.0, 500.0])
    step = step_of_update(np.array([10.0, 20.0]), before, after)
    assert step.chi2 == pytest.approx(100 / 300 + 400 / 400)
    assert step.expected_sigma_m == pytest.approx([300**0.5, 20.0])
    assert (step.dof, step.bounded) == (2, 0)


def test_where_the_covariance_grew_independent_solutions_are_the_bound() -> None:
    step = step_of_update(np.array([10.0, 20.0]), np.diag([400.0, 900.0]), np.diag([500.0, 500.0]))
    assert step.chi2 == pytest.approx(100 / 900 + 400 / 400)
    assert step.bounded == 1


def test_a_step_of_a_tenth_of_sigma_is_never_a_jump() -> None:
    """The covariance hardly shrank, so that by itself nothing was promised to move."""
    cov = np.diag([400.0, 900.0])
    assert step_of_update(np.array([2.0, 3.0]), cov, 0.999 * cov).chi2 == pytest.approx(2.0)


def test_a_message_without_a_new_solution_has_nothing_to_judge() -> None:
    cov = np.diag([400.0, 900.0])
    step = step_of_update(np.zeros(2), cov, cov)
    assert (step.dof, step.p_value, step.sigmas) == (0, 1.0, 0.0)


def test_a_covariance_that_is_not_positive_definite_is_not_judged_and_that_is_said(many) -> None:
    with pytest.raises(CovarianceError, match="not positive definite"):
        step_of_update(np.zeros(2), np.diag([1.0, -1.0]), np.eye(2))
    messages = list(many[3][-2:])
    messages[1] = replace(
        messages[1],
        secondary=replace(messages[1].secondary, cov_rtn_m2=np.diag([-1.0, 1e4, 1e2])),
    )
    update = check_update(*messages)
    assert update.objects[1] is None
    assert update.objects[0] is not None
    assert "FRAGMENT (secondary)" in update.problems[0]


def test_sigmas_and_probabilities_are_those_of_the_tables() -> None:
    """Chi-square tables: 16.266 at 0.001 with 3 degrees, 5.991 at 0.05 with 2."""
    assert chi2_above(16.266, 3) == pytest.approx(1e-3, rel=1e-3)
    assert chi2_above(5.991, 2) == pytest.approx(0.05, rel=1e-3)
    assert equivalent_sigmas(16.266, 3) == pytest.approx(3.2905, abs=1e-3)
    assert equivalent_sigmas(1e4, 3) == pytest.approx(100.0)


def test_the_arc_is_followed_along_the_track() -> None:
    """20 km ahead on a circle of 7000 km: 28.6 m below the tangent, but no radial difference."""
    state = np.array([7e6, 0.0, 0.0, 0.0, 7546.0533, 0.0])
    ahead = propagate(state[:3], state[3:], [20e3 / 7546.0533])[0]
    r, t, n = displacement_rtn_m(state, ahead)
    assert abs(r) < 0.1
    assert t == pytest.approx(20e3, abs=0.1)
    assert n == 0.0


# --- messages with other TCAs ---------------------------------------------------------------


def test_an_object_moved_to_another_epoch_and_back_is_where_it_was(many) -> None:
    """Forward and back by all forces: millimetres, the accuracy of the integration."""
    message = many[4][0]
    later = message.tca_utc + timedelta(seconds=120)
    moved = replace(message, secondary=moved_to(message, 1, later), tca_utc=later)
    back = moved_to(moved, 1, message.tca_utc)
    assert np.linalg.norm(back.position_m - message.secondary.position_m) < 0.01


def test_a_tca_that_moves_does_not_look_like_a_jump(many) -> None:
    """The same orbits told 40 s later on: both ways by the same forces, so to a centimetre."""
    first = many[5][-1]
    instant = first.tca_utc + timedelta(seconds=40)
    later = replace(
        first,
        primary=moved_to(first, 0, instant),
        secondary=moved_to(first, 1, instant),
        tca_utc=instant,
    )
    update = check_update(first, later)
    assert all(np.abs(step.step_m).max() < 0.01 for step in update.objects)
    assert not update.jumped


@pytest.mark.parametrize("name", scenario_names())
def test_no_bundled_story_has_a_jump(name: str) -> None:
    """Their updates are drawn from what the covariances promise, some given the miss."""
    event = mdss.load_event(name)
    found = check_updates(event.conjunctions)
    assert len(found.updates) == len(event.conjunctions) - 1
    assert not any(update.jumped for update in found.updates)
    assert found.sentences


def test_real_solutions_of_neighbouring_passages_differ_by_about_their_sigmas() -> None:
    """No two real messages of the folder share an event; four objects meet again within a day.

    Propagated there by our forces over up to 7 h the in-track step is within three of the sigmas
    that the bounds give: gross errors of frame, epoch or propagation would be hundreds.
    """
    if not SHARED.is_dir():
        pytest.skip("the reference messages are not here")
    names = (
        "000043613_conj_000052010_20230626_062628_20230619_143324.cdm",
        "000043613_conj_000052010_20230626_045217_20230620_061741.cdm",
        "000048901_conj_000048903_20211219_235030_20211215_225057.cdm",
        "000048901_conj_000048903_20211219_182317_20211217_232706.cdm",
    )
    told = [Conjunction.from_cdm(read_cdms(SHARED / name)[0]) for name in names]
    for earlier, later in (told[:2], told[2:]):
        for step in check_update(earlier, later).objects:
            assert abs(step.step_m[1]) < 3.0 * step.expected_sigma_m[1]


# --- two solutions of one object --------------------------------------------------------------


def solution(offset_rtn_m=(0.0, 0.0, 0.0), sigma_m=(10.0, 100.0, 10.0)) -> ObjectState:
    return ObjectState(
        np.array([7e6, 0.0, 0.0]) + offset_rtn_m,
        [0.0, 7.5e3, 0.0],
        cov_rtn_m2=np.diag(np.square(sigma_m)),
        designator="11111",
    )


def test_solutions_within_their_sigmas_agree() -> None:
    told = compare_solutions(solution(), solution((5.0, 120.0, -8.0)))
    assert not told.inconsistent
    assert told.difference_rtn_m == pytest.approx([5.0, 120.0, -8.0], abs=0.01)
    # 5²/200 + 120²/20000 + 8²/200
    assert told.against_both.chi2 == pytest.approx(1.165, rel=1e-2)
    assert told.sentence.endswith("they agree.")


def test_solutions_far_outside_their_sigmas_are_flagged() -> None:
    told = compare_solutions(solution(), solution((0.0, 0.0, 80.0)), ("the CDM", "our ephemeris"))
    assert told.inconsistent
    assert told.against_both.p_value < JUMP_P
    assert told.distance_sigmas == pytest.approx(8.0, rel=1e-6)
    assert told.sentence.startswith("our ephemeris is R +0, T +0, N +80 m from the CDM")
    assert "Do not mix them" in told.sentence


def test_a_singular_covariance_gives_no_verdict_and_no_error() -> None:
    told = compare_solutions(solution(sigma_m=(10.0, 100.0, 0.0)), solution((0.0, 0.0, 3.0)))
    assert np.isnan(told.distance_sigmas)
    assert np.isinf(told.difference_sigmas[2])
    assert told.against_both is not None

"""The forecast of Pc: its mean, its calibration on withheld messages, its fallback."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from simulated_histories import RADIUS_M
from simulated_histories import history as simulated

from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction
from mdss.messages import read_cdms
from mdss.policy import Policy
from mdss.risk.encounter_pc import EncounterPc, encounter_pc
from mdss.risk.forecast import (
    DEFAULT_RATES_PER_DAY,
    Forecast,
    forecast,
    shrink_model,
    time_to_tca_s,
    why_no_forecast,
)
from mdss.units import DAY_S

POLICY = Policy.preset("nasa")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "cdm" / "cara_real"


@pytest.fixture(scope="module")
def many() -> list[list[Conjunction]]:
    rng = np.random.default_rng(23)
    return [simulated(rng) for _ in range(120)]


@pytest.fixture(scope="module")
def likely(many) -> tuple[EncounterPc, list[Conjunction]]:
    """A history whose third message gives a Pc worth a thought."""
    for messages in many:
        encounter = encounter_pc(messages[2], RADIUS_M)
        if 1e-5 < encounter.pc < 1e-3:
            return encounter, messages[:3]
    raise AssertionError("no such history among the simulated ones")


def of(likely, at_days=None) -> Forecast:
    encounter, messages = likely
    at_s = None if at_days is None else [day * DAY_S for day in at_days]
    found = forecast(encounter, messages, POLICY, at_s)
    assert found is not None
    return found


# --- what always holds ------------------------------------------------------------------------


def test_on_average_a_later_message_says_the_pc_of_now(likely) -> None:
    """Step and rest of the covariance add up to the covariance of now, so the mean of Pc is exact.

    Within the sampling: towards TCA the mean rests on the few of 5000 values that pass near,
    which leaves up to a tenth.
    """
    found = of(likely)
    for point in found.points:
        assert point.pc_mean == pytest.approx(found.pc_now, rel=0.1)


def test_the_next_minute_says_what_was_said_now(likely) -> None:
    """Only the scatter of a message's sigmas is left: a few percent of Pc in the middle."""
    encounter, messages = likely
    left_s = time_to_tca_s(messages[-1])
    point = forecast(encounter, messages, POLICY, [left_s - 60.0]).points[0]
    assert point.pc_median == pytest.approx(encounter.pc, rel=0.1)


def test_the_band_widens_towards_tca(likely) -> None:
    widths = [one.pc_95 / one.pc_05 for one in of(likely).points]
    assert widths == sorted(widths)
    assert [one.t_before_tca_s for one in of(likely).points][-1] == 0.0


def test_quantiles_and_probabilities_belong_to_one_distribution(likely) -> None:
    for point in of(likely).points:
        assert point.pc_05 <= point.pc_median <= point.pc_95
        assert point.probability_below(point.pc_05) == pytest.approx(0.05, abs=0.002)
        assert 1 - point.probability_below(POLICY.pc_act) == pytest.approx(point.p_above_act)
        assert point.probability_below(POLICY.pc_target) == pytest.approx(point.p_below_target)


def test_the_same_question_has_the_same_answer(likely) -> None:
    first, second = (of(likely, [0.5]).points[0] for _ in range(2))
    assert np.array_equal(first.pc_samples, second.pc_samples)


def test_every_sample_is_an_exact_pc(likely) -> None:
    """Seen through its largest value: no more than Pc with the miss at zero."""
    point = of(likely, [0.5]).points[0]
    sigma1, sigma2 = point.sigma_m
    highest = pc_2d([0.0, 0.0], np.diag([sigma1**2, sigma2**2]), RADIUS_M)
    # the strata of faster shrinking have smaller sigmas: at most half as large each
    assert highest / 10 < point.pc_samples[-1] < 4.0 * highest


# --- calibration -------------------------------------------------------------------------------


def test_withheld_messages_fall_where_the_forecast_says(many) -> None:
    """120 histories, four messages seen, the fifth and the last withheld.

    Nine of ten should lie in the band: of 120 that is 90 ± 2.7 %; the shape of the sigmas' fall is
    not the model's (each source has a rate of its own), so 83 to 98 % are allowed. The lower and
    the upper half of the distribution should have half of them each: 50 ± 4.6 %, 36 to 64 %.
    """
    for target in (4, 6):
        inside, below_middle, chances, came_true = [], [], [], []
        for messages in many:
            point = forecast(
                encounter_pc(messages[3], RADIUS_M),
                messages[:4],
                POLICY,
                [time_to_tca_s(messages[target])],
            ).points[0]
            said = encounter_pc(messages[target], RADIUS_M).pc
            inside.append(point.pc_05 <= said <= point.pc_95)
            below_middle.append(said < point.pc_median)
            chances.append(point.p_above_act)
            came_true.append(said >= POLICY.pc_act)
        assert 0.83 <= np.mean(inside) <= 0.98
        assert 0.36 <= np.mean(below_middle) <= 0.64
        scores = np.mean((np.array(chances) - came_true) ** 2)
        share = np.mean(came_true)
        assert scores < 0.75 * share * (1 - share)  # better than saying the share each time


# --- the model of sigma ------------------------------------------------------------------------


def falling(rates_per_day, days=(4.0, 3.0, 2.0, 1.0)) -> list[Conjunction]:
    """Messages whose sigmas fall exactly log-linearly."""
    base = simulated(np.random.default_rng(5), days)
    return [
        replace(
            one,
            primary=replace(
                one.primary,
                cov_rtn_m2=np.diag(np.exp(2 * np.asarray(rates_per_day) * day)) * 100.0,
            ),
        )
        for one, day in zip(base, days, strict=True)
    ]


def test_exact_rates_are_found() -> None:
    """With the floor of 5 % of scatter the default pulls by a few hundredths."""
    rates = np.array([0.2, 0.5, 0.08])
    model = shrink_model(falling(rates))
    assert model.fitted
    assert model.rates_per_day[0] == pytest.approx(rates, abs=0.02)
    assert "fitted to 4 messages" in model.source


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_messages_fall_back_to_the_stated_default(count: int) -> None:
    model = shrink_model(falling([0.2, 0.5, 0.08])[:count])
    assert not model.fitted
    assert model.rates_per_day == pytest.approx(np.stack([DEFAULT_RATES_PER_DAY] * 2))
    assert "38 messages" in model.source


def test_sigma_never_grows_and_never_shrinks_without_bound() -> None:
    model = shrink_model(falling([0.2, 0.5, 0.08]))
    assert np.all(model.factors(1.0, spread=-20.0) <= 1.0)
    assert np.all(model.factors(100.0) >= 0.02)


def test_the_default_is_the_slope_over_the_published_messages() -> None:
    """ln sigma on time to TCA, ln of the dissipation rate, and a level of its own for each role."""
    if not SHARED.is_dir():
        pytest.skip("the reference messages are not here")
    rows, ln_sigma = [], []
    for path in sorted(SHARED.glob("*.cdm")):
        message = Conjunction.from_cdm(read_cdms(path)[0])
        days = time_to_tca_s(message) / DAY_S
        for role, thing in enumerate(message.objects):
            lost = abs(thing.observations.energy_dissipation_w_kg) + 1e-6
            rows.append([1.0 - role, role, days, np.log(lost)])
            ln_sigma.append(0.5 * np.log(np.diag(thing.position_cov_rtn_m2)))
    assert len(rows) == 76
    slopes = np.linalg.lstsq(np.array(rows), np.array(ln_sigma), rcond=None)[0][2]
    assert slopes == pytest.approx(DEFAULT_RATES_PER_DAY, abs=0.02)


# --- where there is none -----------------------------------------------------------------------


def test_no_forecast_says_why(likely) -> None:
    encounter, messages = likely
    late = replace(messages[-1], created_utc=messages[-1].tca_utc)
    undated = replace(messages[-1], created_utc=None)
    spoiled = replace(
        messages[-1],
        secondary=replace(messages[-1].secondary, cov_rtn_m2=np.diag([-1.0, 1e6, 1e4])),
    )
    for message, words in (
        (late, "made after TCA"),
        (undated, "no creation date"),
        (spoiled, "not positive definite"),
    ):
        changed = replace(encounter, conjunction=message)
        assert words in why_no_forecast(changed)
        assert forecast(changed, [message], POLICY) is None


def test_times_that_are_past_are_left_out(likely) -> None:
    encounter, messages = likely
    assert forecast(encounter, messages, POLICY, [30 * DAY_S]) is None
    (one,) = forecast(encounter, messages, POLICY, [30 * DAY_S, 0.5 * DAY_S, -5.0]).points
    assert one.t_before_tca_s == 0.5 * DAY_S


def test_the_sentences_give_the_chances(likely) -> None:
    first, *_, last = of(likely).sentences
    assert "nine of ten" in first
    assert "above 1e-04" in first
    assert "fitted to 3 messages" in last

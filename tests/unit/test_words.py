"""Numbers as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from mdss.report import words

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.34e-4, "2.3e-4"),
        (9.96e-5, "1.0e-4"),
        (4.5e-23, "4.5e-23"),
        (0.5, "5.0e-1"),
        (1.0, "1.0"),
        (0.0, "<1e-30"),
        (1e-31, "<1e-30"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_a_probability_has_two_digits_and_is_never_zero(value: float | None, text: str) -> None:
    assert words.pc(value) == text


def test_a_chosen_probability_shows_only_the_digits_that_were_chosen() -> None:
    assert [words.threshold(one) for one in (1e-4, 3e-6, 2.5e-5)] == ["1e-4", "3e-6", "2.5e-5"]


def test_a_negative_number_has_the_minus_sign_and_a_rounded_zero_has_none() -> None:
    assert words.number(-1234.5, 1) == "−1,234.5"
    assert words.number(-0.004, 2) == "0.00"
    assert words.signed(-0.004, 2) == "+0.00"
    assert words.signed(-3.0) == "−3"


@pytest.mark.parametrize(
    ("value", "text"),
    [(4.96, "5.0 m"), (215.4, "215 m"), (1058, "1,058 m"), (9999.4, "9,999 m"), (11218, "11.2 km")],
)
def test_a_distance_turns_to_km_at_ten_kilometres(value: float, text: str) -> None:
    assert words.length(value) == text


def test_a_delta_v_is_in_cm_s_under_one_metre_per_second() -> None:
    assert words.speed(0.0337) == "3.37 cm/s"
    assert words.speed(0.0004) == "0.040 cm/s"
    assert words.speed(1.5) == "1.50 m/s"
    assert words.speed(15024) == "15.02 km/s"


def test_propellant_is_in_grams_under_one_kilogram() -> None:
    assert words.mass(0.0157) == "15.7 g"
    assert words.mass(1.25) == "1.25 kg"


def test_probabilities_are_compared_as_a_ratio() -> None:
    assert words.ratio(3e-6, 4.4e-4) == "×0.0068"
    assert words.ratio(4.4e-4, 1e-4) == "×4.4"
    assert words.ratio(1.3e-3, 1e-4) == "×13"
    assert words.ratio(0.0, 1e-4) == "–"
    assert words.ratio(1e-20, 1e-4) == "×1e-16"


def test_components_carry_their_sign_and_letter() -> None:
    assert words.rtn([-45.2, 3.6, 210.0]) == "R −45 T +4 N +210"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (59, "0 m 59 s"),
        (599, "9 m 59 s"),
        (600, "10 m"),
        (3720, "1 h 02 m"),
        (108_000, "30 h 00 m"),
        (2 * 86_400, "2 d 0 h"),
    ],
)
def test_seconds_are_shown_only_in_the_last_ten_minutes(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


def test_a_countdown_that_is_over_says_so_and_is_never_negative() -> None:
    assert words.countdown(NOON, NOON + timedelta(minutes=102)) == "1 h 42 m"
    assert words.countdown(NOON, NOON - timedelta(minutes=12)) == "passed 12 m ago"


def test_time_before_tca_grows_from_minutes_to_days() -> None:
    assert [words.before_tca(t) for t in (3000, 84_000, 4 * 86_400)] == [
        "T−50 min",
        "T−23.3 h",
        "T−4.0 d",
    ]


def test_sentences_lose_the_zero_padding_of_exponents() -> None:
    assert words.sentence("Pc 4.4e-04, code e-04, 1e+00") == "Pc 4.4e-4, code e-04, 1e+0"

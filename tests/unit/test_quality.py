"""The data behind a conjunction: what stops a decision, what asks for care, what is fine."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import PolicyError
from mdss.messages import read_cdms
from mdss.notices import Notice, NoticeCode
from mdss.observations import ObservationData
from mdss.policy import Policy
from mdss.quality_limits import QualityLimits, dissipation_bin, longest_span_d
from mdss.report.quality_tables import quality_json, quality_table
from mdss.risk.covariance_quality import drag_displacement_m
from mdss.risk.findings import NAMES, Severity
from mdss.risk.fit_quality import object_type
from mdss.risk.quality import data_quality

TCA = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "crossing.cdm"

SOUND = ObservationData(
    object_type="PAYLOAD",
    covariance_method="CALCULATED",
    last_observed_from_utc=TCA - 2.2 * DAY,
    last_observed_to_utc=TCA - 2.1 * DAY,
    recommended_span_d=4.0,
    actual_span_d=4.0,
    observations_available=210,
    observations_used=200,
    tracks_available=52,
    tracks_used=50,
    residuals_accepted_percent=99.0,
    weighted_rms=1.1,
    energy_dissipation_w_kg=2e-4,
)
SIGMAS_M = (10.0, 400.0, 8.0)


def an_object(designator, along, observations=SOUND, sigmas_m=SIGMAS_M, **changes):
    velocity = 0.01 * np.diag(np.square([1.0, 1.0, 1.0]))
    zeros = np.zeros((3, 3))
    covariance = np.block([[np.diag(np.square(sigmas_m)), zeros], [zeros, velocity]])
    state = ObjectState(
        [7e6, 0.0, 0.0],
        [0.0, along * 7546.0, 0.0],
        cov_rtn_m2=covariance,
        designator=designator,
        name=f"SATELLITE {designator}",
        observations=observations,
    )
    return replace(state, **changes)


def a_conjunction(secondary=None, **changes):
    event = Conjunction(
        tca_utc=TCA,
        primary=an_object("1", 1.0),
        secondary=secondary or an_object("2", -1.0),
        hard_body_radius_m=10.0,
        created_utc=TCA - 2 * DAY,
    )
    return replace(event, **changes)


def judged(now=TCA - 2 * DAY, policy=None, **observed):
    """The verdict where the secondary's observations are changed."""
    secondary = an_object("2", -1.0, observations=replace(SOUND, **observed))
    return data_quality(a_conjunction(secondary), now, policy)


def of(quality, what, role="secondary"):
    (found,) = (one for one in quality.findings if (one.what, one.object) == (what, role))
    return found


# --- verdict ------------------------------------------------------------------------------


def test_a_sound_solution_of_both_objects_is_actionable_and_says_what_was_checked():
    quality = data_quality(a_conjunction(), TCA - 2 * DAY)
    assert quality.verdict == quality.headline == "actionable"
    assert quality.deciding == ()
    assert {one.severity for one in quality.findings} == {Severity.GOOD}
    assert len(quality.findings) == 2 * 10 + 1  # ten checks an object, the message's age


@pytest.mark.parametrize(
    ("observed", "what"),
    [
        ({"actual_span_d": 1.9}, "fit-span"),
        ({"observations_used": 9}, "observations"),
        ({"tracks_used": 2}, "tracks"),
        ({"residuals_accepted_percent": 79.9}, "residuals"),
        ({"weighted_rms": 1.5}, "weighted-rms"),
    ],
)
def test_one_failed_test_of_the_fit_asks_for_care_and_two_stop_the_decision(observed, what):
    quality = judged(**observed)
    assert quality.verdict == "use with care"
    assert [one.what for one in quality.deciding] == [what]
    other = {"weighted_rms": 3.0} if what != "weighted-rms" else {"tracks_used": 1}
    assert judged(**observed, **other).verdict == "not actionable"


def test_failed_tests_of_two_objects_do_not_add_up():
    bad = replace(SOUND, weighted_rms=3.0)
    event = a_conjunction(an_object("2", -1.0, observations=bad))
    event = replace(event, primary=an_object("1", 1.0, observations=replace(SOUND, tracks_used=1)))
    assert data_quality(event, TCA - 2 * DAY).verdict == "use with care"


@pytest.mark.parametrize(
    ("observed", "what"),
    [
        ({"actual_span_d": 2.0}, "fit-span"),
        ({"observations_used": 10}, "observations"),
        ({"tracks_used": 3}, "tracks"),
        ({"residuals_accepted_percent": 80.0}, "residuals"),
        ({"weighted_rms": 1.499}, "weighted-rms"),
    ],
)
def test_the_limits_themselves_are_on_the_good_side_but_that_of_the_rms(observed, what):
    assert of(judged(**observed), what).severity is Severity.GOOD


def test_the_words_say_what_is_wrong_its_effect_and_what_to_do():
    found = of(judged(observations_used=3), "observations")
    assert found.text == (
        "Secondary: it has 3 observations. Sigma may be too small; Pc can be low. "
        "Ask for more tracking, or wait for the next message."
    )
    assert (found.value, found.limit.value) == (3, 10)


# --- orbit determination ------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "limit"), [("PAYLOAD", 1.5), ("ROCKET BODY", 2), ("DEBRIS", 5)])
def test_the_weighted_rms_may_be_larger_for_rocket_bodies_and_debris(kind, limit):
    # NASA CARA Analysis Tools, thresholds of July 2019: 1.5, 2.0, 5.0
    below = of(judged(object_type=kind, weighted_rms=limit - 0.01), "weighted-rms")
    at = of(judged(object_type=kind, weighted_rms=limit), "weighted-rms")
    assert (below.severity, at.severity) == (Severity.GOOD, Severity.CAUTION)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("FENGYUN 1C DEB", "DEBRIS"),
        ("MOLNIYA-2 Debris (COPT)", "DEBRIS"),
        ("DELTA 2 R/B(1)", "ROCKET BODY"),
        ("THOR ABLESTAR R/B DEB", "DEBRIS"),
        ("UNKNOWN", "DEBRIS"),
        ("", "DEBRIS"),
        ("SPACEBEE-114", "PAYLOAD"),
    ],
)
def test_without_a_type_the_name_tells_it(name, kind):
    nameless = ObservationData(object_type="UNKNOWN")
    assert object_type(an_object("2", 1.0, observations=nameless, name=name)) == kind


def test_an_analyst_object_counts_as_debris_and_a_stated_type_before_all():
    assert object_type(an_object("81234", 1.0, observations=None)) == "DEBRIS"
    assert object_type(an_object("81234", 1.0)) == "PAYLOAD"


@pytest.mark.parametrize(
    ("rate_w_kg", "number"),
    [(0.0, 0), (1e-7, 0), (6e-4, 1), (6.01e-4, 2), (-9e-3, 7), (9.1e-3, 8), (0.05, 9), (1.0, 10)],
)
def test_energy_dissipation_bins_have_their_published_edges(rate_w_kg, number):
    assert dissipation_bin(rate_w_kg) == number


@pytest.mark.parametrize(("rate_w_kg", "days"), [(5e-4, 10), (5e-3, 5), (0.02, 3)])
def test_the_last_observation_may_be_older_where_there_is_less_drag(rate_w_kg, days):
    def at(age_d):
        # sigma as large as it takes: it is not what this is about
        thing = an_object(
            "2",
            -1.0,
            observations=replace(
                SOUND, energy_dissipation_w_kg=rate_w_kg, last_observed_to_utc=TCA - age_d * DAY
            ),
            sigmas_m=(10.0, 1e6, 8.0),
        )
        event = a_conjunction(thing, created_utc=TCA - 1 * DAY)
        return of(data_quality(event, TCA - 1 * DAY), "observation-age")

    assert at(days - 0.01).severity is Severity.GOOD
    assert at(days).severity is Severity.STOP


def test_an_old_observation_asks_only_for_care_while_a_new_one_can_come():
    observed = {"energy_dissipation_w_kg": 0.02, "last_observed_to_utc": TCA - 5 * DAY}
    assert of(judged(TCA - 4 * DAY, **observed), "observation-age").severity is Severity.CAUTION
    assert of(judged(TCA - 2.9 * DAY, **observed), "observation-age").severity is Severity.STOP


def test_without_the_last_observation_the_creation_of_the_message_bounds_its_age():
    unseen = {"last_observed_to_utc": None, "last_observed_from_utc": None}
    found = of(judged(**unseen), "observation-age")
    assert found.severity is Severity.NOT_STATED
    assert "at least 2.0 d" in found.text
    old = a_conjunction(
        an_object("2", -1.0, observations=replace(SOUND, **unseen)), created_utc=TCA - 11 * DAY
    )
    found = of(data_quality(old, TCA - 11 * DAY), "observation-age")
    assert found.severity is Severity.CAUTION
    assert found.value == pytest.approx(11.0)


def test_an_observation_after_the_message_is_not_believed():
    found = of(judged(last_observed_to_utc=TCA - 1 * DAY), "observation-age")
    assert found.severity is Severity.NOT_STATED


def test_a_fit_longer_than_suits_the_drag_is_named_unless_it_was_recommended():
    # 7 d in the highest bin (NASA CARA Analysis Tools, 2019)
    observed = {"energy_dissipation_w_kg": 0.06, "actual_span_d": 7.5}
    assert of(judged(**observed), "fit-span").limit.value == 7.0
    assert of(judged(**observed, recommended_span_d=8.0), "fit-span").severity is Severity.GOOD


@pytest.mark.parametrize(
    ("rate_w_kg", "eccentricity", "period_min", "days"),
    [
        (0.0, 0.0, 100.0, 0.0098 * 100 + 14.009),
        (0.0, 0.0, 1436.0, 0.0098 * 1436 + 14.009),
        (3e-4, 0.7, 2000.0, 30.0),
        (3e-4, 0.01, 95.0, 18.0),
        (0.004, 0.01, 92.0, 11.0),
        (0.1, 0.01, 90.0, 7.0),
    ],
)
def test_the_longest_span_is_the_published_one(rate_w_kg, eccentricity, period_min, days):
    assert longest_span_d(rate_w_kg, eccentricity, 60 * period_min) == pytest.approx(days)


def test_nothing_stated_is_one_finding_and_an_ephemeris_another():
    def with_observations(one):
        event = a_conjunction(an_object("2", -1.0, observations=one))
        return data_quality(event, TCA - 2 * DAY)

    for nothing in (None, ObservationData(object_type="PAYLOAD", ephemeris_name="NONE")):
        quality = with_observations(nothing)
        assert quality.headline == "use with care (secondary orbit determination)"
    own = with_observations(ObservationData(ephemeris_name="OPS_EPHEMERIS_7"))
    assert own.verdict == "actionable"
    assert of(own, "orbit-determination").severity is Severity.NOTE


def test_one_number_missing_is_said_and_changes_nothing():
    names = {"tracks_used", "weighted_rms", "residuals_accepted_percent", "actual_span_d"}
    for name in names:
        quality = judged(**{name: None})
        assert quality.verdict == "actionable"
        assert [one.severity for one in quality.reasons] == [Severity.NOT_STATED]


# --- covariance ---------------------------------------------------------------------------


def with_covariance(position_m2, **observed):
    thing = an_object("2", -1.0, observations=replace(SOUND, **observed))
    covariance = thing.cov_rtn_m2.copy()
    covariance[:3, :3] = position_m2
    return data_quality(a_conjunction(replace(thing, cov_rtn_m2=covariance)), TCA - 2 * DAY)


def test_a_default_covariance_stops_the_decision_however_it_is_told():
    told = judged(covariance_method="DEFAULT")
    seen = with_covariance(np.diag([4.1e15] * 3))  # (10 Earth radii)², the providers' "unknown"
    zero = with_covariance(np.zeros((3, 3)))
    for quality in (told, seen, zero):
        assert quality.verdict == "not actionable"
        assert of(quality, "covariance").severity is Severity.STOP
    assumed = Notice(code=NoticeCode.COVARIANCE_ASSUMED, message="sigmas from the policy")
    quality = data_quality(a_conjunction(notices=(assumed,)), TCA - 2 * DAY)
    assert quality.verdict == "not actionable"


def test_a_correlation_above_one_asks_for_care():
    covariance = np.diag([100.0, 160_000.0, 64.0])
    covariance[0, 1] = covariance[1, 0] = -1.001 * 10 * 400
    assert of(with_covariance(covariance), "positive-definite").severity is Severity.CAUTION
    covariance[0, 1] = covariance[1, 0] = -0.999999 * 10 * 400
    assert of(with_covariance(covariance), "positive-definite").severity is Severity.GOOD


def test_an_in_track_sigma_of_an_eighth_of_a_revolution_means_nothing():
    eighth_m = 2 * np.pi * 7e6 / 8  # the orbit is circular to 1e-4
    below = with_covariance(np.diag([100.0, (0.999 * eighth_m) ** 2, 64.0]))
    above = with_covariance(np.diag([100.0, (1.001 * eighth_m) ** 2, 64.0]))
    assert of(below, "in-track-sigma").severity is Severity.GOOD
    assert of(above, "in-track-sigma").severity is Severity.STOP


def test_drag_moves_a_satellite_by_what_its_loss_of_energy_says():
    # w t is the energy lost; a falls by 2 a² w t / GM, n rises by 3 n w t / v²
    thing, lead_s = an_object("2", 1.0), 2.1 * 86_400
    steps = np.linspace(0, lead_s, 2001)
    gm, radius, rate = 3.986004418e14, 7e6, 2e-4
    energy = -gm / (2 * radius) - rate * steps
    axis = -gm / (2 * energy)
    angle = np.trapezoid(np.sqrt(gm / axis**3), steps) - np.sqrt(gm / radius**3) * lead_s
    # the formula is of first order in the change of a, 1.3e-6 here
    assert drag_displacement_m(thing, lead_s) == pytest.approx(radius * angle, rel=1e-4)


def test_a_sigma_far_below_the_effect_of_drag_is_suspicious():
    moved_m = drag_displacement_m(an_object("2", 1.0), 2.1 * 86_400)
    small = with_covariance(np.diag([1.0, (0.049 * moved_m) ** 2, 1.0]))
    large = with_covariance(np.diag([1.0, (0.051 * moved_m) ** 2, 1.0]))
    assert of(small, "sigma-size").severity is Severity.CAUTION
    assert of(large, "sigma-size").severity is Severity.GOOD


def test_a_covariance_better_than_any_prediction_is_suspicious():
    dragless = {"energy_dissipation_w_kg": 0.0}
    tiny = with_covariance(np.diag([0.01, 0.81, 0.01]), **dragless)
    assert "wrong units" in of(tiny, "sigma-size").text


def test_a_radial_sigma_above_the_in_track_one_is_not_that_of_a_prediction():
    assert of(with_covariance(np.diag([1e6, 1e5, 1e4])), "sigma-shape").severity is Severity.CAUTION


def test_no_velocity_covariance_is_noted_and_does_not_decide():
    thing = an_object("2", -1.0)
    small = replace(thing, cov_rtn_m2=thing.position_cov_rtn_m2)
    quality = data_quality(a_conjunction(small), TCA - 2 * DAY)
    assert quality.verdict == "actionable"
    assert of(quality, "velocity-covariance").severity is Severity.NOTE


# --- message ------------------------------------------------------------------------------


def test_a_message_of_yesterday_asks_for_the_newest_until_tca_is_past():
    event = a_conjunction()
    assert data_quality(event, TCA - 1.1 * DAY).verdict == "actionable"
    old = data_quality(event, TCA - 0.9 * DAY)
    assert old.headline == "use with care (age of the message)"
    assert data_quality(event, TCA + 30 * DAY).verdict == "actionable"
    undated = data_quality(replace(event, created_utc=None), TCA - DAY)
    assert of(undated, "message-age", "").severity is Severity.NOT_STATED


@pytest.mark.parametrize(
    ("comment", "severity"),
    [
        ("Space weather: Kp = 6, G2 storm expected", Severity.CAUTION),
        ("Geomagnetic storm warning", Severity.CAUTION),
        ("Kp = 3.3, quiet", Severity.NOTE),
        ("No geomagnetic storms observed", Severity.NOTE),
        ("F10.7 = 181", Severity.NOTE),
    ],
)
def test_space_weather_of_the_comments_is_noted_and_a_storm_asks_for_care(comment, severity):
    quality = data_quality(a_conjunction(space_weather=(comment,)), TCA - 2 * DAY)
    assert of(quality, "space-weather", "").severity is severity


def test_a_message_carries_its_space_weather_mass_and_observations(tmp_path):
    text = GOLDEN.read_text(encoding="utf-8").replace(
        "COMMENT Made for tests; no real objects", "COMMENT Space weather: Kp = 7"
    )
    (cdm,) = read_cdms(text.encode())
    event = Conjunction.from_cdm(cdm)
    assert event.space_weather == ("Space weather: Kp = 7",)
    assert event.primary.mass_kg == 2150.0
    quality = data_quality(event, event.created_utc)
    assert of(quality, "observations", "primary").value == 609
    assert of(quality, "space-weather", "").severity is Severity.CAUTION


# --- limits and output --------------------------------------------------------------------


def test_a_policy_file_sets_its_own_limits(tmp_path):
    file = tmp_path / "strict.toml"
    file.write_text('base = "nasa"\n[quality]\nweighted_rms_payload = 1.05\n', encoding="utf-8")
    policy = Policy.from_toml(file)
    assert judged(policy=policy).headline == (
        "use with care (primary weighted RMS, secondary weighted RMS)"
    )
    assert judged(policy=Policy.preset("nasa")).verdict == "actionable"
    file.write_text('base = "nasa"\n[quality]\nweighted_rms = 2\n', encoding="utf-8")
    with pytest.raises(PolicyError, match="quality"):
        Policy.from_toml(file)


@pytest.mark.parametrize("name", [one.name for one in fields(QualityLimits)])
def test_a_limit_must_be_above_zero(name):
    with pytest.raises(PolicyError, match=name):
        QualityLimits(**{name: 0.0})


def an_awkward_one():
    odd = replace(SOUND, actual_span_d=None, weighted_rms=9.0, energy_dissipation_w_kg=None)
    thing = an_object("2", -1.0, observations=odd, sigmas_m=(0.0, 1e7, 0.0))
    return data_quality(a_conjunction(thing, space_weather=("Kp 8",)), TCA - 0.5 * DAY)


def test_json_has_every_check_with_its_limit_and_source():
    for quality in (an_awkward_one(), data_quality(a_conjunction(), TCA - 2 * DAY)):
        value = json.loads(json.dumps(quality_json(quality), allow_nan=False))
        assert value["verdict"] == quality.verdict
        assert len(value["findings"]) == len(quality.findings)
        assert {one["check"] for one in value["findings"]} <= set(NAMES)
        assert all(one["source"] for one in value["findings"])
        assert all(one["message"] for one in value["findings"] if one["severity"] != "good")


def test_the_table_shows_the_verdict_every_number_and_what_to_do():
    console = Console(width=100, record=True)
    with console.capture() as captured:
        console.print(quality_table(an_awkward_one()))
    text = captured.get()
    assert "not actionable" in text
    assert "◆ 9" in text
    assert "< 1.5" in text
    assert "▲" in text
    assert "Get the newest message" in " ".join(text.split())


def test_at_mars_drag_bins_of_the_earth_do_not_judge():
    mars = [3.8e6, 0.0, 0.0]
    slow = [0.0, 3357.0, 0.0]
    primary = an_object("1", 1.0, position_m=np.array(mars), velocity_m_s=np.array(slow))
    secondary = an_object("2", 1.0, position_m=np.array(mars), velocity_m_s=-np.array(slow))
    event = a_conjunction(secondary, primary=primary, central_body="mars")
    quality = data_quality(event, TCA - 2 * DAY)
    assert of(quality, "observation-age").severity is Severity.NOT_STATED


def test_an_unbound_orbit_is_judged_by_the_rest():
    fast = an_object("2", -1.0, velocity_m_s=np.array([0.0, 12_000.0, 0.0]))
    quality = data_quality(a_conjunction(fast), TCA - 2 * DAY)
    found = of(quality, "in-track-sigma")
    assert (found.severity, found.limit.value) == (Severity.GOOD, None)
    assert json.dumps(quality_json(quality), allow_nan=False)

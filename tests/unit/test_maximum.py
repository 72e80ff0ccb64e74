"""Maximum Pc, dilution, and one covariance unknown, on a head-on encounter with simple axes."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction, DensityError, ObjectState
from mdss.errors import ConjunctionError, CovarianceError, PolicyError
from mdss.policy import DensityCorrelation, Level, Policy, preset_names
from mdss.report.verdict_words import limits, sentence
from mdss.risk.assess import assess
from mdss.risk.frisbee import frisbee_maximum
from mdss.risk.maximum import Scaled, dilution_curve, maximum_pc
from mdss.risk.verdict import judge

TCA = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_event(radial_m, normal_m, primary_sigmas_m, secondary_sigmas_m, radius_m=10.0):
    """Head-on along the track: the encounter plane is radial and normal, miss as given."""
    primary = ObjectState(
        [7e6, 0, 0], [0, 7546.0, 0], cov_rtn_m2=np.diag(np.square(primary_sigmas_m)), designator="1"
    )
    secondary = ObjectState(
        [7e6 - radial_m, 0, -normal_m],
        [0, -7546.0, 0],
        cov_rtn_m2=np.diag(np.square(secondary_sigmas_m)),
        designator="2",
    )
    return Conjunction.from_states(TCA, primary, secondary, radius_m)


def a_risk(*args, **kwargs):
    return assess(an_event(*args, **kwargs))


def test_for_a_small_radius_the_maximum_is_the_closed_form():
    # R is 1/200 of the smaller sigma at the maximum: the density bends by (R/sigma)², 3e-5
    risk = a_risk(900, 700, (300, 500, 200), (300, 500, 200), radius_m=1.0)
    found = maximum_pc(risk)
    assert found.pc_max == pytest.approx(found.closed_form, rel=1e-4)
    assert found.scale == pytest.approx(found.closed_form_scale, rel=1e-3)
    s1, s2 = risk.sigma_plane_m
    m2 = 900**2 / 180_000 + 700**2 / 80_000
    # the secondary's own axes are tilted by 700 m in 7000 km, 1e-4 rad
    assert found.closed_form == pytest.approx(1 / (math.e * s1 * s2 * m2), rel=1e-4)


def test_a_miss_beyond_the_sigmas_is_robust_and_one_within_is_diluted():
    far = maximum_pc(a_risk(900, 700, (300, 500, 200), (300, 500, 200)))
    near = maximum_pc(a_risk(90, 70, (300, 500, 200), (300, 500, 200)))
    assert not far.diluted
    assert far.joint.robust
    assert far.scale > 1
    assert (far.code, far.pc_undiluted) == (0, far.pc)
    assert near.diluted
    assert near.scale < 1
    assert (near.code, near.pc_undiluted) == (11, near.pc_max)


@pytest.mark.parametrize("factor", [0.2, 5.0])
def test_the_maximum_does_not_depend_on_the_scale_it_starts_from(factor):
    sigmas = np.array([300.0, 500.0, 200.0])
    base = maximum_pc(a_risk(400, 300, sigmas, sigmas))
    scaled = maximum_pc(a_risk(400, 300, factor * sigmas, factor * sigmas))
    # near the top Pc is flat: 1e-4 in the scale is 1e-8 in Pc
    assert scaled.pc_max == pytest.approx(base.pc_max, rel=1e-8)
    assert scaled.scale * factor == pytest.approx(base.scale, rel=3e-4)


def test_nothing_on_the_curves_is_above_the_maximum():
    risk = a_risk(120, 300, (30, 50, 20), (300, 500, 200))
    found = maximum_pc(risk)
    for peak in (found.joint, found.primary, found.secondary):
        curve = dilution_curve(risk, peak.which)
        assert np.max(curve.pc) <= peak.pc_max * (1 + 1e-9)
        assert peak.pc_max >= found.pc
        assert dilution_curve(risk, peak.which, [1.0]).pc[0] == pytest.approx(risk.pc_2d, rel=1e-9)


def test_a_miss_within_the_radius_is_certain_once_everything_is_known():
    found = maximum_pc(a_risk(6, 0, (300, 500, 200), (300, 500, 200)))
    assert (found.pc_max, found.scale) == (1.0, 0.0)
    assert found.diluted


def test_a_miss_outside_the_radius_never_exceeds_one_half():
    # half of the plane at most: the disc lies on one side of a line through the mean
    found = maximum_pc(a_risk(10.1, 0, (300, 500, 200), (300, 500, 200)))
    assert 0.3 < found.pc_max < 0.5


@pytest.mark.parametrize(
    ("primary", "secondary", "code"),
    [(1.0, 300.0, 1), (300.0, 1.0, 10), (300.0, 300.0, 11), (20.0, 20.0, 0)],
)
def test_the_code_names_whose_uncertainty_dilutes(primary, secondary, code):
    sigmas = [np.full(3, one) for one in (primary, secondary)]
    assert maximum_pc(a_risk(100, 50, *sigmas)).code_separate == code


def test_swapping_the_objects_swaps_the_separate_answers():
    event = an_event(120, 300, (30, 50, 20), (300, 500, 200))
    one, other = maximum_pc(assess(event)), maximum_pc(assess(event.swapped()))
    assert other.primary.pc_max == pytest.approx(one.secondary.pc_max, rel=1e-8)
    assert other.secondary.scale == pytest.approx(one.primary.scale, rel=1e-3)
    assert other.pc_max == pytest.approx(one.pc_max, rel=1e-8)


def test_an_object_without_error_has_no_part_in_dilution():
    exact = (1e-6, 1e-6, 1e-6)
    found = maximum_pc(a_risk(100, 50, exact, (300, 300, 300)))
    assert not found.primary.diluted
    assert found.primary.pc_max == pytest.approx(found.pc, rel=1e-2)


def test_a_scale_that_is_none_is_refused():
    risk = a_risk(100, 50, (30, 30, 30), (30, 30, 30))
    for scales in ([0.0], [-1.0], [float("nan")]):
        with pytest.raises(ConjunctionError, match="above 0"):
            dilution_curve(risk, "both", scales)
    with pytest.raises(ConjunctionError, match="both, primary, secondary"):
        dilution_curve(risk, "tertiary")


# --- one covariance unknown ----------------------------------------------------------------------


def test_the_example_of_frisbees_paper():
    event = an_event(1000, 200, (850, 1, 50), (1, 1, 1))
    found = frisbee_maximum(event, unknown="secondary")
    assert found.known_distance**2 == pytest.approx(5024 / 289, rel=1e-9)
    assert found.added_variance_m2 == pytest.approx(9.80e5, rel=1e-3)  # printed to three digits


def test_no_other_variance_along_the_miss_gives_more():
    found = frisbee_maximum(
        an_event(900, 700, (100, 1, 80), (1, 1, 1), radius_m=1.0), 1.0, "secondary"
    )
    miss = found.plane.miss_m
    along = np.outer(miss, miss) / (miss @ miss)
    variances = found.added_variance_m2 * np.logspace(-1, 1, 41)[:, None, None]
    others = pc_2d(miss, np.diag([80.0**2, 100.0**2]) + variances * along, 1.0)
    # the density at the miss is maximised; R/sigma = 1/80 leaves (R/sigma)²/8 of Pc
    assert np.max(others) <= found.pc * (1 + 2e-5)
    assert found.pc > 100 * found.pc_known_alone


def test_within_one_sigma_of_the_known_error_nothing_is_added():
    found = frisbee_maximum(an_event(50, 20, (100, 1, 80), (1, 1, 1)), unknown="secondary")
    assert found.known_distance < 1
    assert found.added_variance_m2 == 0
    assert found.pc == found.pc_known_alone


def test_the_object_without_a_covariance_is_the_unknown_one():
    zero, known = (0, 0, 0), (300, 500, 200)
    assert frisbee_maximum(an_event(900, 0, known, zero)).unknown is Scaled.SECONDARY
    assert frisbee_maximum(an_event(900, 0, zero, known)).unknown is Scaled.PRIMARY
    with pytest.raises(CovarianceError, match="covariance"):
        frisbee_maximum(an_event(900, 0, zero, zero))


def test_with_both_known_the_one_whose_partner_is_surer_of_the_miss_is_replaced():
    found = frisbee_maximum(an_event(900, 0, (300, 500, 200), (30, 50, 20)))
    assert found.unknown is Scaled.PRIMARY
    assert found.known_distance == pytest.approx(30, rel=1e-9)


def test_bad_questions_to_frisbees_maximum_are_refused():
    event = an_event(900, 0, (300, 500, 200), (30, 50, 20))
    for unknown in ("both", "nobody"):
        with pytest.raises(ConjunctionError, match="primary"):
            frisbee_maximum(event, unknown=unknown)
    with pytest.raises(ConjunctionError, match="radius"):
        frisbee_maximum(event, -1.0)


def test_a_shared_density_error_scales_with_either_object():
    # one error of the density moves both objects, so that their errors are correlated
    event = an_event(120, 300, (30, 50, 200), (300, 500, 200))
    effect = np.array([20.0, 0.0, 150.0, 0.0, 0.0, 0.0])
    primary, secondary = (
        replace(one, density_error=DensityError(sigma=1.0, sensitivity_rtn=sign * effect))
        for one, sign in ((event.primary, 1.0), (event.secondary, -1.0))
    )
    event = replace(event, primary=primary, secondary=secondary)
    policy = replace(Policy.preset("nasa"), density_correlation=DensityCorrelation.USE)
    risk = assess(event, policy=policy)
    assert risk.pc_2d == risk.pc_2d_density != assess(event).pc_2d
    for which in Scaled:
        assert dilution_curve(risk, which, [1.0]).pc[0] == pytest.approx(risk.pc_2d, rel=1e-9)


# --- a policy that judges it ----------------------------------------------------------------------


def gated(limit):
    return replace(Policy.preset("nasa"), max_pc_prepare=limit)


def the_rule(verdict):
    return next(one for one in verdict.reasons if one.rule == "max_pc_prepare")


def diluted_risk():
    return a_risk(600, 400, (3000, 5000, 2000), (3000, 5000, 2000))


def test_no_preset_judges_the_maximum():
    for name in preset_names():
        assert Policy.preset(name).max_pc_prepare is None
    assert all(one.rule != "max_pc_prepare" for one in judge(diluted_risk(), gated(None)).reasons)


def test_a_diluted_pc_with_a_large_maximum_asks_for_tracking_and_a_burn_prepared():
    risk = diluted_risk()
    verdict = judge(risk, gated(2e-5))
    assert risk.pc < 1e-5 < 2e-5 < maximum_pc(risk).pc_max
    assert verdict.level is Level.PREPARE
    assert the_rule(verdict).conditions[0].seen == maximum_pc(risk).pc_max
    assert "ask for tracking" in sentence(verdict)
    assert "largest Pc with smaller errors" in limits(the_rule(verdict))


def test_below_its_limit_or_undiluted_it_asks_for_nothing():
    assert not the_rule(judge(diluted_risk(), gated(0.5))).applies
    robust = a_risk(900, 700, (100, 100, 100), (100, 100, 100))
    rule = the_rule(judge(robust, gated(1e-9)))
    assert not rule.applies
    assert rule.conditions[0].seen is None
    assert "not diluted" in limits(rule)


@pytest.mark.parametrize("limit", [0.0, 1.5, float("nan")])
def test_a_limit_that_is_no_probability_is_refused(limit):
    with pytest.raises(PolicyError, match="max_pc_prepare"):
        gated(limit)


def test_the_limit_can_stand_in_a_policy_file(tmp_path):
    path = tmp_path / "team.toml"
    path.write_text('base = "nasa"\nmax_pc_prepare = 1e-3\n')
    policy = Policy.from_toml(path)
    assert policy.max_pc_prepare == 1e-3
    assert policy.sources["max_pc_prepare"] == "file team.toml"

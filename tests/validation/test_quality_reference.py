"""Verdicts on the data of published messages (NASA CARA Analysis Tools, test and sample CDMs)."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mdss.conjunction import Conjunction
from mdss.messages import read_cdms
from mdss.risk.covariance_quality import drag_displacement_m
from mdss.risk.findings import Severity
from mdss.risk.quality import ACTIONABLE, NOT_ACTIONABLE, WITH_CARE, data_quality

CDMS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "cdm"
pytestmark = pytest.mark.skipif(not CDMS.exists(), reason="reference/cdm is not in this copy")


def conjunctions(folder):
    for file in sorted((CDMS / folder).glob("*.cdm")):
        yield from (Conjunction.from_cdm(cdm) for cdm in read_cdms(file))


def quality_of(name):
    (one,) = (it for it in (CDMS / "cara_samples").glob("*.cdm") if it.stem == name)
    event = Conjunction.from_cdm(read_cdms(one)[0])
    return data_quality(event, event.created_utc)


def test_most_real_messages_are_actionable_and_the_rest_ask_for_care():
    # real solutions of a surveillance network, chosen for their Pc and not for bad data: none
    # should be thrown away, and those that predict a dragged object over a week ask for care
    verdicts = Counter(
        data_quality(one, one.created_utc).verdict for one in conjunctions("cara_real")
    )
    assert verdicts == {ACTIONABLE: 23, WITH_CARE: 15}


def test_what_asks_for_care_in_real_messages_is_prediction_over_days_and_short_fits():
    reasons = Counter(
        one.what
        for event in conjunctions("cara_real")
        for one in data_quality(event, event.created_utc).deciding
    )
    assert set(reasons) == {"observation-age", "fit-span"}


def test_no_message_of_the_folder_breaks_the_verdict():
    for event in (*conjunctions("cara_real"), *conjunctions("cara_samples")):
        for now in (None, event.created_utc, event.tca_utc):
            assert data_quality(event, now).verdict in (ACTIONABLE, WITH_CARE, NOT_ACTIONABLE)
            assert data_quality(event.swapped(), now).verdict == data_quality(event, now).verdict


def test_in_track_sigmas_of_real_solutions_are_a_share_of_what_drag_does():
    # the limit of 0.05 rests on this: 0.14 to 1.9 in 76 solutions
    shares = [
        thing.cov_rtn_m2[1, 1] ** 0.5
        / drag_displacement_m(thing, (event.tca_utc - event.created_utc).total_seconds())
        for event in conjunctions("cara_real")
        for thing in (event.primary, event.secondary)
    ]
    assert len(shares) == 76
    assert min(shares) == pytest.approx(0.14, abs=0.005)
    assert max(shares) == pytest.approx(1.86, abs=0.01)


def test_the_displacement_by_drag_is_that_of_the_messages_density_sensitivity():
    # DCP comments give the in-track change for a relative density error of one: the whole drag.
    # A circular orbit and constant density stand against integrated ones: within 35 %
    ratios = [
        thing.density_error.sensitivity_rtn[1]
        / drag_displacement_m(thing, (event.tca_utc - event.created_utc).total_seconds())
        for event in conjunctions("cara_real")
        for thing in (event.primary, event.secondary)
        if thing.density_error is not None
    ]
    assert len(ratios) == 76
    assert np.median(ratios) == pytest.approx(1.0, abs=0.35)


@pytest.mark.parametrize(
    ("name", "verdict", "what"),
    [
        ("SingleCovTestCase1-1", NOT_ACTIONABLE, "observation-age"),  # 3.13 d at 0.21 W/kg
        ("SingleCovTestCase1-3", WITH_CARE, "residuals"),  # 76.6 %
        ("SingleCovTestCase1-5", WITH_CARE, "fit-span"),  # 18 d of 9 d
        ("SingleCovTestCase1-6", WITH_CARE, "sigma-size"),  # sigma by hand, 0.2 % of the drag
        ("OmitronTestCase_Test07_NonPDCovariance", WITH_CARE, "positive-definite"),
        ("FrisbeeMaxPcTestCase_Test01", WITH_CARE, "sigma-shape"),
        ("AlfanoTestCase05", WITH_CARE, "orbit-determination"),  # NaN everywhere
    ],
)
def test_samples_made_to_be_odd_are_found(name, verdict, what):
    quality = quality_of(name)
    assert quality.verdict == verdict
    assert what in {one.what for one in quality.deciding}


def test_a_sample_with_nothing_wrong_has_nothing_to_say():
    quality = quality_of("OmitronTestCase_Test08_3DNc")
    assert {one.severity for one in quality.findings} == {Severity.GOOD}

"""The collision risk of several events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import ConjunctionError
from mdss.risk.aggregate import total_pc, total_risk
from mdss.risk.assess import assess

TCA = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_risk(miss_m=100.0, other="2", tca=TCA, created_h=None):
    cov = np.diag([100.0, 100.0, 100.0]) ** 2
    primary = ObjectState([7e6, 0, 0], [0, 7546.0, 0], cov_rtn_m2=cov, designator="1")
    secondary = ObjectState([7e6 - miss_m, 0, 0], [0, -7546.0, 0], cov_rtn_m2=cov, designator=other)
    event = Conjunction.from_states(tca, primary, secondary, 10.0)
    if created_h is not None:
        event = replace(event, created_utc=TCA - timedelta(hours=created_h))
    return assess(event)


def test_small_probabilities_add_up_without_losing_digits():
    assert total_pc([1e-20] * 1000) == pytest.approx(1e-17, rel=1e-14)
    assert total_pc([0.5, 0.5]) == pytest.approx(0.75, rel=1e-15)
    assert total_pc([1e-4, 2e-4]) == pytest.approx(1e-4 + 2e-4 - 2e-8, rel=1e-14)


def test_nothing_adds_up_to_nothing_and_a_certainty_stays_one():
    assert total_pc([]) == 0
    assert total_pc([0.0, 0.0]) == 0
    assert total_pc([1.0, 0.3]) == 1


@pytest.mark.parametrize("pc", [-1e-9, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(pc):
    with pytest.raises(ConjunctionError, match="between 0 and 1"):
        total_pc([1e-4, pc])


def test_events_count_once_each_by_their_newest_message():
    old, new = a_risk(miss_m=50, created_h=48), a_risk(miss_m=200, created_h=24)
    other = a_risk(other="3", created_h=30)
    for order in ((old, new, other), (other, new, old)):
        found = total_risk(order)
        assert found.pc == pytest.approx(total_pc([new.pc, other.pc]), rel=1e-14)
        assert found.superseded == (old,)
        assert found.risks == (other, new)


def test_two_passages_of_one_pair_are_two_events():
    found = total_risk([a_risk(), a_risk(tca=TCA + timedelta(hours=12))])
    assert len(found.risks) == 2
    assert not found.superseded


def test_objects_without_designators_are_never_taken_for_one_another():
    found = total_risk([a_risk(other=""), a_risk(other="", miss_m=120)])
    assert len(found.risks) == 2


def test_shares_tell_what_the_total_consists_of():
    found = total_risk([a_risk(), a_risk(other="3", miss_m=300), a_risk(other="4", miss_m=1e6)])
    assert sum(found.shares) == pytest.approx(1, rel=1e-12)
    assert found.shares[0] > found.shares[1] > found.shares[2] == 0
    assert found.log10_pc == pytest.approx(np.log10(found.pc))
    assert found.trusted == all(one.trusted for one in found.risks)


def test_no_event_has_no_risk():
    found = total_risk([])
    assert (found.pc, found.log10_pc, found.shares, found.trusted) == (0, -np.inf, (), True)

"""What single burns mean for a mission is the same for all of a sweep and for one that is flown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mdss.loading import load_scenario
from mdss.maneuver import Burn, as_fired
from mdss.planner.candidates import Sweep, sweep
from mdss.planner.mission import outcome_of, outcomes_of
from mdss.planner.setting import Setting
from mdss.risk.assess import assess

NUMBERS = (
    "propellant_kg",
    "return_propellant_kg",
    "interruption_min",
    "deviation_boxes",
    "decision_lead_h",
)


@pytest.fixture(scope="module", params=["aeolus_starlink44", "mars_orbiters_2021"])
def found(request: pytest.FixtureRequest) -> Sweep:
    """Burns of a few minutes among contacts and a payload schedule, with a box to return to."""
    story = load_scenario(request.param)
    assert story.spacecraft is not None
    assert story.operations is not None
    assert story.policy is not None
    # so weak that a burn lasts minutes, as long as a pass or a gap of the payload
    weak = [replace(one, thrust_n=0.1 * one.thrust_n) for one in story.spacecraft.thrusters]
    craft = replace(story.spacecraft, thrusters=tuple(weak))
    conjunction = story.event.latest.oriented(craft.designator)
    setting = Setting(
        risk=assess(conjunction, spacecraft=craft, policy=story.policy),
        spacecraft=craft,
        operations=story.operations,
        policy=story.policy,
        now_utc=conjunction.created_utc,  # type: ignore[arg-type]
        dynamics="two_body",
    )
    return sweep(setting, setting.directions)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_cost_that_chooses_a_burn_is_the_one_that_is_reported(
    found: Sweep, number: str
) -> None:
    """To rounding (1e-9 of it), for a burn at every tenth time of the grid."""
    setting, many = found.setting, outcomes_of(found)
    least = setting.spacecraft.minimum_dv_m_s
    places = np.flatnonzero(np.isfinite(found.optimum.dv_m_s) & np.isfinite(many.decision_lead_h))
    assert places.size > 50
    for k in places[::10]:
        dv_rtn = found.optimum.dv_rtn_m_s[k]
        dv_rtn = dv_rtn * max(1.0, least / np.linalg.norm(dv_rtn))
        t_s = float(found.optimum.t_before_tca_s[k])
        burns = as_fired(setting.spacecraft, [Burn.before(setting.tca_utc, t_s, dv_rtn)])[0]
        one = getattr(outcome_of(setting, burns, pc=0.0), number)
        assert getattr(many, number)[k] == pytest.approx(one, rel=1e-9, abs=1e-12)

"""Planning questions for weak thrusters and small burns, at the Earth, Mars and the Moon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import other_bodies

from mdss.astro.bodies import body
from mdss.conjunction import Conjunction, ObjectState
from mdss.operations import Operations
from mdss.planner.setting import Setting
from mdss.policy import Policy
from mdss.risk.assess import assess
from mdss.spacecraft import Spacecraft, Thruster

HOUR_S = 3600.0


def conjunction(central_body: str = "earth") -> Conjunction:
    """Two orbiters that cross at 65 degrees, 150 m apart, in kilometres of uncertainty."""
    pair = other_bodies.states(central_body)
    central = body(central_body)
    things = []
    for which, state in enumerate(pair):
        motion = (central.gm_m3_s2 / sum(state[:3] ** 2) ** 1.5) ** 0.5
        cov = other_bodies.steady_covariance(other_bodies.SIGMAS_RTN_M[which], motion)
        name = f"MDSS-{'AB'[which]}"
        things.append(ObjectState(state[:3], state[3:], cov_rtn_m2=cov, designator=name))
    return Conjunction.from_states(
        other_bodies.TCA_UTC, *things, other_bodies.HARD_BODY_RADIUS_M, central_body
    )


def thruster(thrust_n: float, **changes: Any) -> Thruster:
    """One that pushes anywhere, with the exhaust of an ion engine."""
    return Thruster(**{"name": "ion", "isp_s": 1500.0, "thrust_n": thrust_n, **changes})


def setting(
    thrust_n: float = 0.02,
    *,
    central_body: str = "earth",
    hours: float = 10.0,
    engine: dict[str, Any] | None = None,
    craft: dict[str, Any] | None = None,
    **operations: Any,
) -> Setting:
    """300 kg, no execution error, no slews, two-body map; everything can be changed."""
    here = conjunction(central_body)
    values: dict[str, Any] = {
        "designator": "MDSS-A",
        "mass_kg": 300.0,
        "propellant_kg": 20.0,
        "thrusters": (thruster(thrust_n, **(engine or {})),),
    }
    spacecraft = Spacecraft(**{**values, **(craft or {})})
    policy = replace(Policy.preset("nasa"), pc_target=1e-6)
    limits = {"planning_horizon_s": hours * HOUR_S, "minimum_lead_s": 0.5 * HOUR_S, **operations}
    return Setting(
        risk=assess(here, spacecraft=spacecraft, policy=policy),
        spacecraft=spacecraft,
        operations=Operations(**limits),
        policy=policy,
        now_utc=here.tca_utc - timedelta(hours=hours + 5.0),
        dynamics="two_body",
    )

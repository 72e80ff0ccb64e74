"""Maneuver decision support: conjunction message in, verified maneuver options out.

The data flow, left to right; each module knows only those to its left::

    messages → conjunction → risk → maneuver → planner

>>> import mdss
>>> event = mdss.load_event("scenarios/observer7_fragment49863")     # doctest: +SKIP
>>> options = mdss.plan(event)                                       # doctest: +SKIP
>>> print(options.recommendation)                                    # doctest: +SKIP

Names are loaded when first used, so that `import mdss` stays fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mdss.approaches import find_approaches as find_approaches
    from mdss.approaches import with_ephemeris as with_ephemeris
    from mdss.astro.probability import pc_2d as pc_2d
    from mdss.conjunction import Conjunction as Conjunction
    from mdss.conjunction import ConjunctionEvent as ConjunctionEvent
    from mdss.conjunction import ObjectState as ObjectState
    from mdss.ephemeris import Ephemeris as Ephemeris
    from mdss.errors import MdssError as MdssError
    from mdss.loading import Scenario as Scenario
    from mdss.loading import load_event as load_event
    from mdss.loading import load_scenario as load_scenario
    from mdss.maneuver import Burn as Burn
    from mdss.messages import read_cdms as read_cdms
    from mdss.operations import Operations as Operations
    from mdss.orbit_files import read_orbit as read_orbit
    from mdss.planner.front.data import Front as Front
    from mdss.planner.front.pareto import pareto_front as pareto_front
    from mdss.planner.optimum import minimum_dv as minimum_dv
    from mdss.planner.optimum import trade_space as trade_space
    from mdss.planner.options import Option as Option
    from mdss.planner.options import Plan as Plan
    from mdss.planner.plan import plan as plan
    from mdss.planner.robustness.table import robustness as robustness
    from mdss.planner.second_opinion import second_opinion as second_opinion
    from mdss.policy import Policy as Policy
    from mdss.risk.assess import Risk as Risk
    from mdss.risk.assess import assess as assess
    from mdss.risk.consequence import consequence as consequence
    from mdss.risk.evolution import History as History
    from mdss.risk.evolution import history as history
    from mdss.risk.quality import data_quality as data_quality
    from mdss.risk.verdict import Verdict as Verdict
    from mdss.risk.verdict import compare_policies as compare_policies
    from mdss.risk.verdict import judge as judge
    from mdss.spacecraft import Spacecraft as Spacecraft

_HOME = {
    "find_approaches": "mdss.approaches",
    "with_ephemeris": "mdss.approaches",
    "pc_2d": "mdss.astro.probability",
    "Conjunction": "mdss.conjunction",
    "ConjunctionEvent": "mdss.conjunction",
    "ObjectState": "mdss.conjunction",
    "Ephemeris": "mdss.ephemeris",
    "MdssError": "mdss.errors",
    "Scenario": "mdss.loading",
    "load_event": "mdss.loading",
    "load_scenario": "mdss.loading",
    "Burn": "mdss.maneuver",
    "read_cdms": "mdss.messages",
    "Operations": "mdss.operations",
    "read_orbit": "mdss.orbit_files",
    "Front": "mdss.planner.front.data",
    "minimum_dv": "mdss.planner.optimum",
    "trade_space": "mdss.planner.optimum",
    "Option": "mdss.planner.options",
    "Plan": "mdss.planner.options",
    "pareto_front": "mdss.planner.front.pareto",
    "plan": "mdss.planner.plan",
    "robustness": "mdss.planner.robustness.table",
    "second_opinion": "mdss.planner.second_opinion",
    "Policy": "mdss.policy",
    "Risk": "mdss.risk.assess",
    "assess": "mdss.risk.assess",
    "consequence": "mdss.risk.consequence",
    "data_quality": "mdss.risk.quality",
    "History": "mdss.risk.evolution",
    "history": "mdss.risk.evolution",
    "Verdict": "mdss.risk.verdict",
    "compare_policies": "mdss.risk.verdict",
    "judge": "mdss.risk.verdict",
    "Spacecraft": "mdss.spacecraft",
}

__all__ = sorted([*_HOME, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'mdss' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)

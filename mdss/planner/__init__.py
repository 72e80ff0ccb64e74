"""Which burn, when, how much: the exact optimum, the trade space, the options."""

from mdss.conjunction import Conjunction, ObjectState
from mdss.planner.optimum import MinimumDv, minimum_dv, trade_space

__all__ = ["Conjunction", "MinimumDv", "ObjectState", "minimum_dv", "trade_space"]

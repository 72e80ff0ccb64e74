"""Which burn, when, how much: the exact optimum, the trade space, the options."""

from mdss.planner.optimum import MinimumDv, minimum_dv, trade_space

__all__ = ["MinimumDv", "minimum_dv", "trade_space"]

"""The figures of a plan and of a risk, in Plotly.

Trade space, encounter plane, timeline, front and history take a plan; dilution, radius, miss,
covariance scales and sensitivity take what `mdss.risk` computed. No figure has a formula of its
own. Sizes are fixed so that nothing moves when the data do; letters of options that lie close
together are moved apart and joined to their points by a line.
"""

from mdss.report.drawing import OPTIONS_TRACE, spread
from mdss.report.front_figure import front_figure
from mdss.report.history_figure import history_figure
from mdss.report.plane_figure import plane_figure
from mdss.report.risk_figures import (
    dilution_figure,
    distribution_figure,
    miss_figure,
    radius_figure,
    scale_map_figure,
    sensitivity_figure,
)
from mdss.report.rtn_history_figure import rtn_history_figure
from mdss.report.timeline_figure import timeline_figure, timeline_range_h
from mdss.report.trade_figure import GRID_TRACE, pc_range, trade_space_figure

__all__ = [
    "GRID_TRACE",
    "OPTIONS_TRACE",
    "dilution_figure",
    "distribution_figure",
    "front_figure",
    "history_figure",
    "miss_figure",
    "pc_range",
    "plane_figure",
    "radius_figure",
    "rtn_history_figure",
    "scale_map_figure",
    "sensitivity_figure",
    "spread",
    "timeline_figure",
    "timeline_range_h",
    "trade_space_figure",
]

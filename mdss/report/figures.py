"""The figures of a plan, in Plotly: trade space, encounter plane, timeline, Pc history.

Each function takes a plan and gives a figure whose numbers are the plan's; the formulas are in
`mdss.planner.view`. Sizes are fixed so that nothing moves when the data do; letters of options
that lie close together are moved apart and joined to their points by a line.
"""

from mdss.report.drawing import OPTIONS_TRACE, spread
from mdss.report.history_figure import history_figure
from mdss.report.plane_figure import plane_figure
from mdss.report.rtn_history_figure import rtn_history_figure
from mdss.report.timeline_figure import timeline_figure, timeline_range_h
from mdss.report.trade_figure import GRID_TRACE, pc_range, trade_space_figure

__all__ = [
    "GRID_TRACE",
    "OPTIONS_TRACE",
    "history_figure",
    "pc_range",
    "plane_figure",
    "rtn_history_figure",
    "spread",
    "timeline_figure",
    "timeline_range_h",
    "trade_space_figure",
]

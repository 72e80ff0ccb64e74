"""When nothing works: the least that has to give for a burn to be possible, and safe when flown.

For each constraint alone, the burn times that would open without it are found, and among them the
one that asks least of it. That burn is flown under the changed inputs; what flight adds to its size
goes back into the constraint. Where no constraint alone is enough, pairs are tried.
"""

from mdss.planner.relaxation.answer import (
    NO_WAY_OUT,
    BestReach,
    Relaxation,
    Step,
    WayOut,
    closest,
)
from mdss.planner.relaxation.search import relaxations, way_out

__all__ = [
    "NO_WAY_OUT",
    "BestReach",
    "Relaxation",
    "Step",
    "WayOut",
    "closest",
    "relaxations",
    "way_out",
]

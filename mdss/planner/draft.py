"""A plan as the linear map gives it, before it is flown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mdss.maneuver import Burn
from mdss.planner.certificate import Certificate


class PlanStyle(StrEnum):
    """How a plan burns."""

    NO_BURN = "no burn"
    SINGLE = "single burn"
    SEVERAL = "several burns"
    THRUST_ARCS = "thrust arcs"
    OUT_AND_BACK = "out and back"


@dataclass(frozen=True, kw_only=True, eq=False)
class Draft:
    """A plan with one knob, the delta-v that avoids, so that flight can correct its size.

    Parameters
    ----------
    style : PlanStyle
    dv_m_s : float
        The knob at the linear optimum: the sum of the avoiding burns' sizes [m/s].
    burns_of : callable
        All burns, in time order, for a value of the knob [m/s]; Pc falls as it rises. Return
        burns are computed along.
    minimum_m_s : float
        The knob's smallest value at which every burn that avoids is a minimum impulse [m/s].
    maximum_m_s : float
        The knob's largest value that caps, propellant and windows allow [m/s].
    pc_linear : float
        Pc by the linear map at `dv_m_s`.
    certificate : Certificate, optional
        None where the style has no proof; `binds` then says why it is what it is.
    binds : str
        Which constraint holds the plan where it is.
    why : str
        One sentence: why it is worth a look.
    """

    style: PlanStyle
    dv_m_s: float
    burns_of: Callable[[float], tuple[Burn, ...]]
    minimum_m_s: float = 0.0
    maximum_m_s: float = math.inf
    pc_linear: float
    certificate: Certificate | None = None
    binds: str
    why: str

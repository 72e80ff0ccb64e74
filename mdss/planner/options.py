"""The options of a plan: data only; `mdss.planner.option_maker` fills them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mdss.conjunction import Conjunction, ConjunctionEvent
from mdss.maneuver import Burn
from mdss.notices import Notice
from mdss.operations import Operations
from mdss.planner.certificate import Certificate
from mdss.planner.draft import PlanStyle
from mdss.planner.outcome import Outcome
from mdss.planner.robustness.cases import CaseSet
from mdss.planner.robustness.flight import WorstCase
from mdss.policy import Policy
from mdss.risk.assess import Risk
from mdss.risk.verdict import Verdict, judge
from mdss.spacecraft import Spacecraft

if TYPE_CHECKING:
    from mdss.planner.front.data import Front
    from mdss.planner.relaxation import Relaxation
    from mdss.planner.robustness.data import Robustness
    from mdss.planner.second_opinion import SecondOpinion

FloatArray = NDArray[np.float64]


class OptionName(StrEnum):
    """What an option stands for, in the order in which options are shown.

    The first six are always there; the next three where they apply. A trade is a plan of the front
    that none of them stands for.
    """

    NO_BURN = "no-burn"
    MINIMUM_FUEL = "minimum-fuel"
    IN_TRACK = "in-track"
    MINIMUM_INTERRUPTION = "minimum-interruption"
    LATEST_SAFE = "latest-safe"
    BALANCED = "balanced"
    SEVERAL_BURNS = "several-burns"
    THRUST_ARCS = "thrust-arcs"
    OUT_AND_BACK = "out-and-back"
    TRADE = "trade"

    @property
    def label(self) -> str:
        """For people."""
        return _TITLES[self]

    @property
    def letter(self) -> str:
        """A, B, C … in the order of the options."""
        return "ABCDEFGHIT"[list(OptionName).index(self)]


_TITLES = {
    OptionName.NO_BURN: "No burn",
    OptionName.MINIMUM_FUEL: "Minimum fuel",
    OptionName.IN_TRACK: "In-track only",
    OptionName.MINIMUM_INTERRUPTION: "Minimum interruption",
    OptionName.LATEST_SAFE: "Latest safe",
    OptionName.BALANCED: "Balanced",
    OptionName.SEVERAL_BURNS: "Several burns",
    OptionName.THRUST_ARCS: "Thrust arcs",
    OptionName.OUT_AND_BACK: "Out and back",
    OptionName.TRADE: "Trade",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Option:
    """One way to go, scored.

    Parameters
    ----------
    name : OptionName
    style : PlanStyle
        How it burns.
    burns : tuple of Burn
        In time order, return burns included; empty for "no burn", and where no burn is needed or
        possible.
    outcome : Outcome
        What its costs are made of.
    burn_duration_s : float
        Of all burns [s].
    pc_before : float
        Recommended Pc of the message.
    pc_linear : float or None
        Pc by the linear map of the optimum; None without a burn to compute it for.
    pc_verified : float or None
        All approaches within a revolution, flown with all forces and execution error.
    pc_largest : float or None
        The largest of them.
    miss_before_m, miss_after_m : float
        Distance at closest approach [m].
    miss_rtn_before_m, miss_rtn_after_m : array, shape (3,)
        Object 2 minus object 1 in RTN of object 1 [m].
    tca_after_utc : datetime or None
        Closest approach after the burn.
    commit_by_utc, cancel_by_utc : datetime or None
        Last instants to decide and to cancel; None when there is nothing to command.
    feasible : bool
        Whether the option can be flown and leaves Pc at or below what the policy asks.
    method_valid : bool
        Whether the Pc methods used hold before and after; an option where it does not is never
        recommended.
    binds : str
        The constraint that holds it where it is.
    reason : str
        One sentence: why it is on the list, or why it cannot be flown.
    cost : float
        Policy cost, in minutes of payload; inf when not feasible.
    notices : tuple of Notice
        What its numbers rest on.
    unmet : tuple of str
        Distances of the policy that the miss after it falls short of.
    certificate : Certificate, optional
        How good the burn is in the linear model; None without a burn or a proof.
    worst_case : WorstCase, optional
        Of a robust plan: the case that leaves the highest Pc, which set the size.
    tag : str
        What a trade is called, "P3": all trades share one name.
    """

    name: OptionName
    style: PlanStyle
    burns: tuple[Burn, ...]
    outcome: Outcome
    burn_duration_s: float
    pc_before: float
    pc_linear: float | None
    pc_verified: float | None
    pc_largest: float | None
    miss_before_m: float
    miss_after_m: float
    miss_rtn_before_m: FloatArray
    miss_rtn_after_m: FloatArray
    tca_after_utc: datetime | None
    commit_by_utc: datetime | None
    cancel_by_utc: datetime | None
    feasible: bool
    method_valid: bool
    binds: str
    reason: str
    cost: float
    notices: tuple[Notice, ...] = ()
    unmet: tuple[str, ...] = ()
    certificate: Certificate | None = None
    worst_case: WorstCase | None = None
    tag: str = ""

    @property
    def letter(self) -> str:
        """What it is called wherever it is shown: a letter, for a trade its tag."""
        return self.tag or self.name.letter

    @property
    def propellant_kg(self) -> float:
        """Of all burns, by the rocket equation [kg]."""
        return float(self.outcome.propellant_kg)

    @property
    def interruption_min(self) -> float:
        """Weighted payload minutes lost [min]."""
        return float(self.outcome.interruption_min)

    @property
    def dv_total_m_s(self) -> float:
        """Sum of the burns' sizes [m/s]."""
        return sum(burn.dv_m_s for burn in self.burns)


@dataclass(frozen=True, kw_only=True, eq=False)
class TradeSpace:
    """Pc over burn time and signed delta-v along one direction, by the linear map.

    Parameters
    ----------
    t_before_tca_s : array, shape (n_t,)
    dv_m_s : array, shape (n_dv,)
    direction_rtn : array, shape (3,)
    pc : array, shape (n_t, n_dv)
    """

    t_before_tca_s: FloatArray
    dv_m_s: FloatArray
    direction_rtn: FloatArray
    pc: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """All options for one conjunction, side by side.

    Parameters
    ----------
    event : ConjunctionEvent
        Its newest message is planned.
    conjunction : Conjunction
        The newest message with the maneuvering object as primary.
    risk : Risk
    spacecraft, operations, policy
    now_utc : datetime
        Every deadline is judged against it.
    now_source : str
        "given", "clock" or "newest message".
    period_s : float
        Orbital period of the maneuvering object [s].
    options : tuple of Option
        In the order of `OptionName`: the first six, and others that apply.
    recommended : OptionName or None
        None when nothing can be recommended.
    recommendation : str
        Why, in one or two sentences.
    best_reachable_pc : float or None
        When no maneuver is feasible: the lowest Pc of the burns that were flown, or what the
        largest burn reaches by the linear map where none was.
    best_reachable_burn : Burn, optional
        The burn that reaches it, where one was flown.
    relaxations : tuple of Relaxation
        Where no option is feasible: what would have to give, the smallest change first.
    assumed : tuple of str
        Every value that nobody gave.
    trade_space : TradeSpace
    notices : tuple of Notice
        Of the message, the risk and the plan.
    second_opinion : SecondOpinion, optional
        What another model says, where that was asked for.
    robust : CaseSet, optional
        The cases that its burns reach the target in; None: as planned only.
    front : Front, optional
        Plans of which none beats another in every cost, where that was asked for.
    robustness : tuple of Robustness, optional
        What is left of each option that can be taken when one thing turns out otherwise, where
        that was asked for.
    """

    event: ConjunctionEvent
    conjunction: Conjunction
    risk: Risk
    spacecraft: Spacecraft
    operations: Operations
    policy: Policy
    now_utc: datetime
    now_source: str
    period_s: float
    options: tuple[Option, ...]
    recommended: OptionName | None
    recommendation: str
    best_reachable_pc: float | None
    assumed: tuple[str, ...]
    trade_space: TradeSpace
    notices: tuple[Notice, ...]
    best_reachable_burn: Burn | None = None
    relaxations: tuple[Relaxation, ...] = ()
    second_opinion: SecondOpinion | None = None
    front: Front | None = None
    robustness: tuple[Robustness, ...] | None = None
    robust: CaseSet | None = None

    def option(self, name: OptionName | str) -> Option:
        """The option of a name."""
        return next(one for one in self.options if one.name == name)

    @cached_property
    def verdict(self) -> Verdict:
        """What the policy asks for, with every rule that was looked at."""
        return judge(self.risk, self.policy, self.now_utc)

    @property
    def burn_needed(self) -> bool:
        """Whether Pc calls for a maneuver, or cannot be trusted to say that none is needed."""
        return self.risk.pc >= self.policy.pc_act or not self.option(OptionName.NO_BURN).feasible

    @property
    def maneuver_feasible(self) -> bool:
        """Whether some burn can be flown and reaches the target."""
        return any(one.feasible and one.name != OptionName.NO_BURN for one in self.options)

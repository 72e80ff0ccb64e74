"""What comes back when nothing works: the closest burn, and what would have to give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mdss.maneuver import Burn
from mdss.operations import Operations
from mdss.planner.options import Option
from mdss.planner.relaxation import phrases as say
from mdss.planner.setting import Setting
from mdss.planner.sizing import Sized
from mdss.policy import Policy
from mdss.spacecraft import Spacecraft


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far one constraint gives.

    Parameters
    ----------
    constraint : str
        Its name.
    given, needed : float
        Its value as it stands, and the one that opens a solution.
    unit : str
        SI; "deg" for angles, "" for probabilities.
    share : float
        The change relative to what was given; steps are ranked by it.
    how : str
        In words: "With a command lead of 48 min instead of 60 min".
    """

    constraint: str
    given: float
    needed: float
    unit: str
    share: float
    how: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """What has to give, and the burn that it opens.

    Parameters
    ----------
    steps : tuple of Step
        One constraint, or two that have to give together.
    option : Option
        The burn as it was flown under the changed inputs.
    spacecraft, operations, policy
        The inputs with the steps taken: planned with these, a burn is feasible.
    sentence : str
    """

    steps: tuple[Step, ...]
    option: Option
    spacecraft: Spacecraft
    operations: Operations
    policy: Policy
    sentence: str

    @property
    def constraint(self) -> str:
        """The names of what gives."""
        return " and ".join(one.constraint for one in self.steps)

    @property
    def share(self) -> float:
        """Sum of the steps' shares; the smallest relaxation comes first."""
        return sum(one.share for one in self.steps)

    @property
    def burn(self) -> Burn:
        """The burn that is then enough."""
        return self.option.burns[0]

    @property
    def pc(self) -> float:
        """Pc after it, as flown."""
        assert self.option.pc_verified is not None
        return self.option.pc_verified


def relaxation_of(steps: tuple[Step, ...], option: Option, relaxed: Setting) -> Relaxation:
    """The relaxation of some steps, from the burn that was flown and the inputs that it needs."""
    assert option.pc_verified is not None
    hows = tuple(one.how for one in steps)
    return Relaxation(
        steps=steps,
        option=option,
        spacecraft=relaxed.spacecraft,
        operations=relaxed.operations,
        policy=relaxed.policy,
        sentence=say.sentence(hows, option.burns[0], option.pc_verified),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class BestReach:
    """The burn that comes closest to the target under the constraints as they are.

    Parameters
    ----------
    sized : Sized
        As flown.
    pc_linear : float
        Lowest target that the linear map gives for a burn of that size.
    """

    sized: Sized
    pc_linear: float

    @property
    def burn(self) -> Burn:
        """The burn."""
        return self.sized.verified.burns[0]

    @property
    def pc(self) -> float:
        """Pc after it, as flown."""
        return self.sized.verified.pc


@dataclass(frozen=True, kw_only=True, eq=False)
class WayOut:
    """Where no burn is feasible: how close one comes, and what would have to give.

    Parameters
    ----------
    reach : BestReach, optional
        None where no burn can be commanded at all, or where one is enough.
    relaxations : tuple of Relaxation
        The smallest first; empty where none of one or two constraints helps.
    """

    reach: BestReach | None
    relaxations: tuple[Relaxation, ...]

    @property
    def said(self) -> str:
        """One sentence for the recommendation."""
        if self.relaxations:
            return self.relaxations[0].sentence
        return "No single constraint, nor two together, would open a solution by giving way."


NO_WAY_OUT = WayOut(reach=None, relaxations=())
"""Nothing was looked for."""


def closest(
    options: Iterable[Option], out: WayOut, otherwise_pc: float
) -> tuple[float, Burn | None]:
    """Lowest Pc of the burns that were flown with the burn, else a Pc without one."""
    flown = [
        (one.pc_verified, one.burns[0])
        for one in options
        if one.burns and one.pc_verified is not None
    ]
    if out.reach is not None:
        flown.append((out.reach.pc, out.reach.burn))
    return min(flown, key=lambda one: one[0], default=(otherwise_pc, None))

"""How large burns have to be: corrected by flying them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from mdss.maneuver import Burn
from mdss.planner.robustness.flight import WorstCase
from mdss.planner.verification import Verified
from mdss.spacecraft import ExecutionError

_SIZE_PASSES = 6
_A_LITTLE_MORE = 1.0005  # than what would just do: half a metre in a kilometre

POLICY_DISTANCE = "policy distance"

BurnsOf = Callable[[float], Sequence[Burn]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sized:
    """A plan whose size was corrected by flying it.

    Parameters
    ----------
    size_m_s : float
        The knob at which it was flown: total delta-v that avoids [m/s].
    verified : Verified
    reached : bool
        Whether Pc is at or below the target.
    limit : str
        What kept the size from being corrected further: "minimum impulse", "maximum delta-v",
        "execution error", "another close approach", "steep fall of Pc", "policy distance" or "".
    worst : WorstCase, optional
        Of a robust plan: the case that set the size.
    """

    size_m_s: float
    verified: Verified
    reached: bool
    limit: str
    worst: WorstCase | None = None


class Flights(Protocol):
    """What flies plans and says how much more or less of one would do."""

    @property
    def execution_error(self) -> ExecutionError | None: ...

    def fly(self, burns: Sequence[Burn] = ()) -> Verified: ...

    def share_to_target(self, no_burn: Verified, flown: Verified, aim: float) -> float: ...


def size_to_target(
    verifier: Flights,
    burns_of: BurnsOf,
    first_m_s: float,
    pc_target: float,
    *,
    no_burn: Verified,
    minimum_m_s: float = 0.0,
    maximum_m_s: float = math.inf,
) -> Sized:
    """Correct the size of a plan until the flown Pc is at most the target, and within 1 % of it.

    Where Monte Carlo decides, within 20 %: finer steps would follow its noise.

    After a flight, the miss is taken to move on the line from the miss without a burn, through the
    flown one, and exact Pc along that line says the next size: one correction is usually
    enough.

    Parameters
    ----------
    verifier : Verifier or CaseFlights
    burns_of : callable
        All burns of the plan, in time order, for a total delta-v that avoids [m/s].
    first_m_s : float
        First guess, from the linear optimum [m/s].
    pc_target : float
    no_burn : Verified
        What happens without a burn.
    minimum_m_s, maximum_m_s : float
        Limits of the size [m/s].
    """
    size = min(max(first_m_s, minimum_m_s), maximum_m_s)
    tried: list[tuple[float, Verified]] = []
    for _ in range(_SIZE_PASSES):
        flown = verifier.fly(burns_of(size))
        tried.append((size, flown))
        if (1 - flown.resolution) * pc_target <= flown.pc <= pc_target:
            return Sized(size_m_s=size, verified=flown, reached=True, limit="")
        if size <= minimum_m_s and flown.pc <= pc_target:
            return Sized(size_m_s=size, verified=flown, reached=True, limit="minimum impulse")
        if size >= maximum_m_s and flown.pc > pc_target:
            return Sized(size_m_s=size, verified=flown, reached=False, limit="maximum delta-v")
        aim = (1 - 0.5 * flown.resolution) * pc_target
        size = _next_size(verifier, no_burn, tried, aim)
        size = min(max(size, minimum_m_s), maximum_m_s)
    return _best_tried(verifier, tried, pc_target)


def _next_size(
    verifier: Flights, no_burn: Verified, tried: list[tuple[float, Verified]], aim: float
) -> float:
    """The size that the last flight's line gives, kept inside what flights have bracketed."""
    size, flown = tried[-1]
    guess = size * verifier.share_to_target(no_burn, flown, aim)
    low = max((s for s, one in tried if one.pc > aim), default=0.0)
    high = min((s for s, one in tried if one.pc <= aim), default=math.inf)
    if low < high and not low < guess < high:
        return 0.5 * (low + high) if math.isfinite(high) else 1.3 * low
    return guess


def _best_tried(verifier: Flights, tried: list[tuple[float, Verified]], pc_target: float) -> Sized:
    safe = [one for one in tried if one[1].pc <= pc_target]
    if safe:
        size, smallest = min(safe, key=lambda one: one[0])
        return Sized(size_m_s=size, verified=smallest, reached=True, limit="steep fall of Pc")
    size, lowest = min(tried, key=lambda one: one[1].pc)
    here = lowest.main is lowest.message_approach and verifier.execution_error is not None
    limit = "execution error" if here else "another close approach"
    return Sized(size_m_s=size, verified=lowest, reached=False, limit=limit)


def enlarged(
    verifier: Flights,
    burns_of: BurnsOf,
    sized: Sized,
    share_needed: Callable[[Verified], float],
    pc_target: float,
    maximum_m_s: float = math.inf,
) -> Sized:
    """A plan that reaches Pc, made larger until it meets what else is asked of the miss.

    Parameters
    ----------
    verifier : Verifier or CaseFlights
    burns_of : callable
        As for `size_to_target`.
    sized : Sized
        From `size_to_target`.
    share_needed : callable
        The factor on the size flown that would do; 1 when it does already, inf when none does.
    pc_target : float
    maximum_m_s : float
        Limit of the size [m/s].
    """
    for _ in range(_SIZE_PASSES):
        share = share_needed(sized.verified)
        if not sized.reached or share <= 1:
            return sized
        if not math.isfinite(share) or sized.size_m_s >= maximum_m_s:
            break
        size = min(sized.size_m_s * share * _A_LITTLE_MORE, maximum_m_s)
        flown = verifier.fly(burns_of(size))
        below = flown.pc <= pc_target
        limit = POLICY_DISTANCE if below else "another close approach"
        sized = Sized(size_m_s=size, verified=flown, reached=below, limit=limit)
    return replace(sized, reached=False, limit=POLICY_DISTANCE)

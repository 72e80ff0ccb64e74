"""The front in words: what each plan stands for, why one is recommended, what moving away gives.

Only what differs by more than a front tells apart is said, what weighs most first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.planner.costs import Cost, Objective
from mdss.planner.front.data import Front, FrontPoint
from mdss.planner.options import Option

FloatArray = NDArray[np.float64]

_GAINS_TOLD = 2
_ENDS_TOLD = ("fuel", "interruption")
_TOLD_SHARE = 0.05  # of the range of a cost


@dataclass(frozen=True, kw_only=True)
class _Words:
    """How one cost is talked about; amounts are differences, as text.

    Parameters
    ----------
    end : str
        Of the plan that has least of it.
    less, dear : str
        Of a plan that has less of it than another, and of one that has more.
    amount : callable
        Text of the larger and the smaller value.
    more : str
        What a plan with more of it takes.
    saves, save : str
        What a plan with less of it does, after one and after several things that are paid.
    """

    end: str
    less: str
    dear: str
    amount: Callable[[float, float], str]
    more: str
    saves: str
    save: str


def _significant(value: float, digits: int = 2) -> str:
    """At least `digits` figures, never an exponent: "0.83", "47", "1250"."""
    if value == 0:
        return "0"
    exponent = int(f"{abs(value):.{digits - 1}e}".split("e")[1])  # after rounding: 9.99 is 10
    return f"{value:.{max(digits - 1 - exponent, 0)}f}"


def _difference(unit: str) -> Callable[[float, float], str]:
    return lambda larger, smaller: f"{_significant(larger - smaller)} {unit}"


def _hours(larger: float, smaller: float) -> str:
    """Minutes below an hour."""
    hours = larger - smaller
    return f"{_significant(hours)} h" if hours >= 1 else f"{math.ceil(60 * hours)} min"


def _times(larger: float, smaller: float) -> str:
    return _significant(larger / max(smaller, 1e-12)) if smaller > 0 else "many"


_WORDS = {
    "fuel": _Words(
        end="least fuel",
        less="less fuel",
        dear="more fuel",
        amount=_difference("g"),
        more="{} more fuel",
        saves="saves {} of fuel",
        save="save {} of fuel",
    ),
    "interruption": _Words(
        end="least interruption",
        less="less interruption",
        dear="more interruption",
        amount=_difference("min"),
        more="{} more payload lost",
        saves="saves {} of payload",
        save="save {} of payload",
    ),
    "residual_risk": _Words(
        end="lowest residual risk",
        less="lower residual risk",
        dear="higher residual risk",
        amount=_times,
        more="a Pc higher by a factor of {}",
        saves="lowers Pc by a factor of {}",
        save="lower Pc by a factor of {}",
    ),
    "deviation": _Words(
        end="least deviation",
        less="less deviation",
        dear="more deviation",
        amount=_difference("boxes"),
        more="{} more deviation",
        saves="keeps {} closer to the orbit",
        save="keep {} closer to the orbit",
    ),
    "lateness": _Words(
        end="latest decision",
        less="later decision",
        dear="earlier decision",
        amount=_hours,
        more="a decision {} earlier",
        saves="leaves {} more to decide",
        save="leave {} more to decide",
    ),
}

END = {name: words.end for name, words in _WORDS.items()}
"""What the plan with least of each cost stands for, by `Cost.name`."""


def against(costs: Sequence[Cost], change: FloatArray, label: str) -> str:
    """What a plan is for, against another: "later decision for more fuel than B".

    Parameters
    ----------
    costs : sequence of Cost
    change : array, shape (5,)
        How much worse it is, in shares of the range of each cost.
    label : str
        Of the other plan.
    """
    order = np.argsort(change, kind="stable")
    gains = [_WORDS[costs[k].name].less for k in order[:_GAINS_TOLD] if change[k] < -_TOLD_SHARE]
    most = int(order[-1])
    if not gains:
        return f"close to {label}"
    paid = f" for {_WORDS[costs[most].name].dear}" if change[most] > 0 else ""
    return f"{_joined(gains)}{paid} than {label}"


def why_empty(options: Sequence[Option]) -> str:
    """Why a front has no point."""
    feasible = [one for one in options if one.feasible]
    if feasible:
        return f"No plan can be recommended: {_first(feasible).reason}"
    return f"No plan can be taken. {_first(options).reason}"


def _first(options: Sequence[Option]) -> Option:
    """The first burn, "no burn" where there is no other."""
    return options[min(1, len(options) - 1)]


# --- two plans ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What taking one plan instead of another costs and gives, in words.

    Parameters
    ----------
    pays, gains : tuple of (_Words, str)
        Costs that rise and that fall, with the amount; what weighs most first.
    """

    pays: tuple[tuple[_Words, str], ...]
    gains: tuple[tuple[_Words, str], ...]

    @property
    def paid(self) -> str:
        """As in "0.83 g more fuel and a decision 2.1 h earlier"."""
        return _joined([words.more.format(amount) for words, amount in self.pays])

    @property
    def sentence(self) -> str:
        """As in "0.83 g more fuel saves 47 min of payload"."""
        paid = self.paid
        several = len(self.pays) > 1
        got = _joined([(w.save if several else w.saves).format(amount) for w, amount in self.gains])
        if paid and got:
            return f"{paid} {got}"
        if got:
            return f"it {got} and is worse in nothing"
        return f"{paid} for nothing" if paid else "no difference that matters"


def exchange(front: Front, objective: Objective, taken: FloatArray, left: FloatArray) -> Exchange:
    """What taking a plan of costs `taken` instead of one of costs `left` means.

    Parameters
    ----------
    front : Front
        Its costs and rounding.
    objective : Objective
        Whose weights order what is said.
    taken, left : array, shape (5,)
    """
    before, after = front.rounding.in_steps(np.array([left, taken]))
    weights = {cost.name: weight for weight, cost in objective.terms}
    worth = [
        -weights.get(cost.name, 0.0) * abs(change)
        for cost, change in zip(front.costs, taken - left, strict=True)
    ]
    pays: list[tuple[_Words, str]] = []
    gains: list[tuple[_Words, str]] = []
    for k in np.argsort(worth, kind="stable"):
        words = _WORDS[front.costs[k].name]
        amount = words.amount(max(taken[k], left[k]), min(taken[k], left[k]))
        if abs(after[k] - before[k]) >= 1:
            (pays if after[k] > before[k] else gains).append((words, amount))
    return Exchange(pays=tuple(pays), gains=tuple(gains))


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


# --- the front ----------------------------------------------------------------------------


def explain(front: Front, objective: Objective) -> str:
    """Why the recommended plan, and what the next best, least fuel and least interruption give.

    Parameters
    ----------
    front : Front
    objective : Objective

    Returns
    -------
    str
        Sentences; of an empty front the reason why it is.
    """
    best = front.recommended(objective)
    if best is None:
        return front.reason
    said = [_why(front, objective, best)]
    others = [one for one in front.ranked(objective) if one.option.burns and one is not best]
    told: dict[str, list[str]] = {}
    for role, other in _asides(front, best, others):
        if other is best:
            said.append(f"It has the {role} of all burns.")
        else:
            told.setdefault(other.label, []).append(role)
    for label, roles in told.items():
        move = exchange(front, objective, front.point(label).values, best.values).sentence
        said.append(f"Moving to {label}, the {_joined(roles)}: {move}.")
    return " ".join(said)


def moved(front: Front, before: Objective, after: Objective) -> str:
    """What other weights change in the recommendation, and by how much.

    Parameters
    ----------
    front : Front
    before, after : Objective
    """
    old, new = front.recommended(before), front.recommended(after)
    if old is None or new is None:
        return front.reason
    if old is new:
        return f"{new.label} stays recommended."
    change = exchange(front, after, new.values, old.values).sentence
    return f"{new.label} instead of {old.label}: {change}."


def _why(front: Front, objective: Objective, best: FrontPoint) -> str:
    if not best.option.burns:
        return f"{best.label}, no burn: the policy calls for none."
    price = float(objective.of(best.option.outcome))
    if len(front.points) == 1:
        return f"{best.label} is the only plan on the front, at a cost of {_significant(price, 3)}."
    least = float(objective.of(front.ranked(objective)[0].option.outcome))
    if price > least:  # by less than sizes are told apart
        return (
            f"{best.label} costs no more than the cheapest of {len(front.points)} plans by these "
            f"weights, as far as can be told, and is the plainest: {_significant(price, 3)}."
        )
    return (
        f"{best.label} costs least of {len(front.points)} plans by these weights, "
        f"{_significant(price, 3)}."
    )


def _asides(
    front: Front, best: FrontPoint, others: Sequence[FrontPoint]
) -> list[tuple[str, FrontPoint]]:
    """Plans that are worth a look beside the recommended one, by what they are."""
    if not others:
        return []
    burns = [one for one in (best, *others) if one.option.burns]
    costs = np.array([one.values for one in burns])
    steps, has_end = front.rounding(costs), front.rounding.has_ends(costs)
    ends = [
        (END[cost.name], burns[int(np.argmin(steps[:, axis]))])
        for axis, cost in enumerate(front.costs)
        if cost.name in _ENDS_TOLD and has_end[axis]
    ]
    return [("next best" if best.option.burns else "cheapest burn", others[0]), *ends]

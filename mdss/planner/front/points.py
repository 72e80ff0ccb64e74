"""From plans that were flown to the points of the front: who is beaten, what each stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from mdss.planner.costs import costs_of, objective_of
from mdss.planner.front import words as front_words
from mdss.planner.front.data import Front, FrontPoint, Tie
from mdss.planner.front.dominance import FUEL, Rounding, beats, knee, scaled, unbeaten
from mdss.planner.options import Option, OptionName
from mdss.policy import Policy

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ALIKE = 3  # steps of the rounding in every cost: a trade that differs by less is left out


@dataclass(frozen=True, kw_only=True, eq=False)
class _Priced:
    """Plans with their costs, shape (n, 5), as they are and in steps of the rounding."""

    options: tuple[Option, ...]
    costs: FloatArray
    steps: IntArray

    def only(self, rows: IntArray) -> _Priced:
        """Some of them."""
        kept = tuple(self.options[row] for row in rows)
        return _Priced(options=kept, costs=self.costs[rows], steps=self.steps[rows])


def front_of(
    policy: Policy,
    options: Sequence[Option],
    trades: Sequence[Option],
    rounding: Rounding,
    compared: int,
) -> Front:
    """The front of plans that were flown.

    Parameters
    ----------
    policy : Policy
    options : sequence of Option
        Named ones; those that cannot be taken are left out.
    trades : sequence of Option
        Further ones, all of which can be taken.
    rounding : Rounding
        What costs are told apart by.
    compared : int
        How many plans of the linear map were looked at.
    """
    named = [one for one in options if one.feasible and one.method_valid]
    everything = _priced(policy, [*named, *_unlike(policy, named, trades, rounding)], rounding)
    # of plans that cost the same a named one stays, and of those the cheapest
    order = sorted(range(len(everything.options)), key=lambda k: _preference(everything.options[k]))
    ranks = np.argsort(order).astype(float)
    kept = everything.only(unbeaten(everything.steps, ranks))
    kept = kept.only(np.lexsort((kept.steps.sum(axis=1), kept.costs[:, FUEL])))
    candidates = everything.only(np.arange(len(named)))
    gaps = [one.certificate.relative_gap for one in kept.options if one.certificate]
    front = Front(
        costs=costs_of(policy),
        points=_points(policy, rounding, kept, candidates),
        compared=compared,
        largest_gap=max(gaps, default=0.0),
        rounding=rounding,
        reason="" if kept.options else front_words.why_empty(options),
    )
    return replace(front, ties=tuple(_ties(policy, front, candidates)))


def _unlike(
    policy: Policy, named: Sequence[Option], trades: Sequence[Option], rounding: Rounding
) -> list[Option]:
    """Trades that differ from named plans and cheaper trades by more than a little."""
    kept: list[Option] = []
    for one in sorted(trades, key=lambda trade: trade.cost):
        plans = _priced(policy, [one, *named, *kept], rounding)
        steps = rounding.in_steps(plans.costs)
        if np.all(np.any(np.abs(steps[1:] - steps[0]) >= ALIKE, axis=1)):
            kept.append(one)
    return kept


def _priced(policy: Policy, options: Sequence[Option], rounding: Rounding) -> _Priced:
    axes = costs_of(policy)
    found = [[float(cost.of(one.outcome)) for cost in axes] for one in options]
    costs = np.array(found, dtype=float).reshape(-1, len(axes))
    return _Priced(options=tuple(options), costs=costs, steps=rounding(costs))


def _preference(option: Option) -> tuple[bool, bool, float]:
    trade = option.name == OptionName.TRADE
    return trade, option.name != OptionName.NO_BURN, option.cost


# --- points -------------------------------------------------------------------------------


def _points(
    policy: Policy, rounding: Rounding, kept: _Priced, named: _Priced
) -> tuple[FrontPoint, ...]:
    burns = [k for k, one in enumerate(kept.options) if one.burns]
    middle = knee(kept.costs[burns])
    middle = None if middle is None else burns[middle]
    labels = _labels(kept.options)
    stands_for = _represents(policy, rounding, kept, labels)
    return tuple(
        FrontPoint(
            label=labels[k],
            option=_told(option, labels[k], stands_for[k]),
            values=kept.costs[k],
            represents="; ".join([*stands_for[k], *(["knee"] if k == middle else [])]),
            knee=k == middle,
            also=tuple(
                other.name
                for other, steps in zip(named.options, named.steps, strict=True)
                if other is not option and np.array_equal(steps, kept.steps[k])
            ),
        )
        for k, option in enumerate(kept.options)
    )


def _labels(options: Sequence[Option]) -> list[str]:
    """Letters of named options; P1, P2, … for the others."""
    trades = [one for one in options if one.name == OptionName.TRADE]
    numbers = {id(one): f"P{number}" for number, one in enumerate(trades, start=1)}
    return [numbers.get(id(one), one.name.letter) for one in options]


def _told(option: Option, label: str, stands_for: Sequence[str]) -> Option:
    """A trade with its tag and why it is listed; a named option as it is."""
    if option.name != OptionName.TRADE:
        return option
    said = "; ".join(stands_for)
    reason = f"On the front: {said}. No plan that was looked at is better in every cost."
    return replace(option, tag=label, reason=reason)


def _represents(
    policy: Policy, rounding: Rounding, kept: _Priced, labels: Sequence[str]
) -> list[list[str]]:
    """Which ends each plan is, and where it is none, what it is for against the cheapest burn."""
    burns = [k for k, one in enumerate(kept.options) if one.burns]
    said: list[list[str]] = [[] if one.burns else ["no burn"] for one in kept.options]
    if len(burns) < 2:
        return [one or ["only burn"] for one in said]
    among = kept.only(np.array(burns))
    prices = np.array([one.cost for one in among.options])
    trades = np.array([one.name == OptionName.TRADE for one in among.options])
    has_end = rounding.has_ends(among.costs)
    for axis, cost in enumerate(costs_of(policy)):
        if has_end[axis]:  # of plans that are as good, a named one, and of those the cheapest
            end = int(np.lexsort((prices, trades, among.steps[:, axis]))[0])
            said[burns[end]].append(front_words.END[cost.name])
    said[burns[int(np.argmin(prices))]].append("lowest policy cost")
    places, cheapest = scaled(among.costs), int(np.argmin(prices))
    for row, k in enumerate(burns):
        if not said[k]:
            change = places[row] - places[cheapest]
            told = front_words.against(costs_of(policy), change, labels[burns[cheapest]])
            said[k].append(told)
    return said


# --- named options that are beaten --------------------------------------------------------


def _ties(policy: Policy, front: Front, named: _Priced) -> Iterator[Tie]:
    """Each with the cheapest of the points that beat it."""
    objective = objective_of(policy)
    ranked = front.ranked(objective)
    steps = [front.rounding(one.values)[0] for one in ranked]
    for option, costs, own in zip(named.options, named.costs, named.steps, strict=True):
        rivals = (one for one, theirs in zip(ranked, steps, strict=True) if beats(theirs, own))
        for rival in islice(rivals, 1):
            extra = front_words.exchange(front, objective, costs, rival.values).paid
            said = f"{option.letter} takes {extra} than {rival.label} and is better in nothing."
            yield Tie(name=option.name, label=rival.label, reason=said)

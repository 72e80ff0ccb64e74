"""The collision risk of several events together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mdss.conjunction import same_encounter
from mdss.errors import ConjunctionError
from mdss.risk.assess import Risk


@dataclass(frozen=True, kw_only=True, eq=False)
class TotalRisk:
    """The probability that at least one of several events ends in a collision.

    Parameters
    ----------
    pc : float
    log10_pc : float
        −inf where it vanishes.
    risks : tuple of Risk
        What counts, the largest probability first.
    superseded : tuple of Risk
        Older messages about events that are counted already.
    """

    pc: float
    log10_pc: float
    risks: tuple[Risk, ...]
    superseded: tuple[Risk, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """Part of the total that each risk stands for, in −ln(1 − Pc); zeros where all vanish."""
        parts = [-_log_survival(one.pc) for one in self.risks]
        total = math.fsum(parts)
        if math.isinf(total):
            return tuple(float(math.isinf(part)) / sum(map(math.isinf, parts)) for part in parts)
        return tuple(part / total if total > 0 else 0.0 for part in parts)

    @property
    def trusted(self) -> bool:
        """Whether each of the probabilities rests on a method that holds."""
        return all(one.trusted for one in self.risks)


def total_pc(probabilities: Iterable[float]) -> float:
    """1 − Π(1 − Pc), without loss of digits for small ones.

    Parameters
    ----------
    probabilities : iterable of float
        Each from 0 to 1.

    Returns
    -------
    float
        0 for none.

    Raises
    ------
    ConjunctionError
        If one is not a number from 0 to 1.

    Notes
    -----
    The events must be independent: other objects, other passages. Two messages about one
    event are not, and neither are two passages of one pair within hours, whose errors are shared:
    for those the total lies between the largest Pc and this value.

    Examples
    --------
    >>> f"{total_pc([1e-4, 2e-4, 1e-20]):.6e}"
    '2.999800e-04'
    """
    survived = math.fsum(_log_survival(pc) for pc in probabilities)
    return -math.expm1(survived) + 0.0  # never −0


def _log_survival(pc: float) -> float:
    """ln(1 − Pc)."""
    if not 0 <= pc <= 1:
        raise ConjunctionError(f"a probability lies between 0 and 1, got {pc:g}")
    return math.log1p(-pc) if pc < 1 else -math.inf


def total_risk(risks: Iterable[Risk]) -> TotalRisk:
    """The collision risk of any set of events, the recommended Pc of each.

    Parameters
    ----------
    risks : iterable of Risk
        Of several messages about one event only the newest counts; the order does not matter.

    Raises
    ------
    ConjunctionError
        If a probability could not be computed.

    Notes
    -----
    See `total_pc` for what independence means here.
    """
    newest: list[Risk] = []
    superseded: list[Risk] = []
    for one in sorted(risks, key=_made, reverse=True):
        older = any(_same_event(one, other) for other in newest)
        (superseded if older else newest).append(one)
    counted = tuple(sorted(newest, key=lambda one: -one.pc))
    total = total_pc(one.pc for one in counted)
    return TotalRisk(
        pc=total,
        log10_pc=math.log10(total) if total > 0 else -math.inf,
        risks=counted,
        superseded=tuple(superseded),
    )


def _same_event(one: Risk, other: Risk) -> bool:
    """Whether two risks are about one encounter; objects without designators cannot tell."""
    named = all(thing.designator.strip() for thing in one.conjunction.objects)
    return named and same_encounter(one.conjunction, other.conjunction)


def _made(risk: Risk) -> tuple[bool, str]:
    """Order of creation; messages that do not say it come first."""
    made = risk.conjunction.created_utc
    return made is not None, made.isoformat() if made else ""

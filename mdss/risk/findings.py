"""One check of the data behind a conjunction, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to the verdict, from nothing to everything."""

    GOOD = "good"
    NOTE = "note"
    NOT_STATED = "not stated"
    CAUTION = "caution"
    STOP = "stop"

    @property
    def rank(self) -> int:
        """Place in the order above."""
        return list(Severity).index(self)


NAMES = {
    "orbit-determination": "orbit determination",
    "fit-span": "fit span",
    "observations": "observations used",
    "tracks": "tracks used",
    "residuals": "residuals accepted",
    "weighted-rms": "weighted RMS",
    "observation-age": "last observation to TCA",
    "covariance": "covariance",
    "positive-definite": "covariance positive definite",
    "in-track-sigma": "in-track sigma",
    "sigma-size": "sigma against orbit determination",
    "sigma-shape": "radial against in-track sigma",
    "velocity-covariance": "velocity covariance",
    "message-age": "age of the message",
    "space-weather": "space weather",
}
"""Every check by its stable name, in words."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What the number of a check is compared with.

    Parameters
    ----------
    value : float or None
        None when there is no such number.
    unit : str
        Of number and limit: "d", "%", "m" or "".
    at_most : bool
        Whether the number should be below the limit; else at or above it.
    source : str
        Where it comes from, with a date.
    """

    value: float | None = None
    unit: str = ""
    at_most: bool = False
    source: str = ""

    def holds(self, number: float) -> bool:
        """Whether a number is on the good side."""
        if self.value is None:
            return True
        return number < self.value if self.at_most else number >= self.value


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check: a number, its limit, and what follows.

    Parameters
    ----------
    what : str
        Stable name of the check, one of `NAMES`.
    object : str
        "primary", "secondary", or "" for the message.
    severity : Severity
    value : float, str or None
        None when the message does not state it.
    limit : Limit
    text : str
        What is wrong, its effect on Pc, what to do; "" where nothing is.
    """

    what: str
    object: str = ""
    severity: Severity
    value: float | str | None = None
    limit: Limit
    text: str = ""

    @property
    def name(self) -> str:
        """The check in words."""
        return NAMES[self.what]


def passed(what: str, role: str, value: float, limit: Limit) -> Finding:
    """A check with nothing to say."""
    return Finding(what=what, object=role, severity=Severity.GOOD, value=value, limit=limit)


def not_stated(what: str, role: str, limit: Limit, text: str = "") -> Finding:
    """A check that the message gives no number for."""
    whose = f"of the {role} " if role else ""
    return Finding(
        what=what,
        object=role,
        severity=Severity.NOT_STATED,
        limit=limit,
        text=text or f"The {NAMES[what]} {whose}is not stated and was not checked.",
    )

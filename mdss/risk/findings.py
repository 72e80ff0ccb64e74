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


_NAMES = {
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


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One number against one limit.

    Parameters
    ----------
    what : str
        Stable name of the check.
    object : str
        "primary", "secondary", or "" for the message.
    severity : Severity
    value : float, str or None
        None when the message does not state it.
    limit : float or None
        None when there is no number to compare with.
    unit : str
        Of both: "d", "%", "m" or "".
    text : str
        What is wrong, its effect on Pc, what to do; "" where nothing is.
    source : str
        Where the limit comes from, with a date.
    """

    what: str
    object: str = ""
    severity: Severity
    value: float | str | None = None
    limit: float | None = None
    unit: str = ""
    text: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        """The check in words."""
        return _NAMES.get(self.what, self.what)

    @classmethod
    def good(
        cls, what: str, role: str, value: float | str, limit: float | None, unit: str, source: str
    ) -> Finding:
        """A check that was passed."""
        return cls(
            what=what,
            object=role,
            severity=Severity.GOOD,
            value=value,
            limit=limit,
            unit=unit,
            source=source,
        )

    @classmethod
    def not_stated(
        cls, what: str, role: str, unit: str, limit: float | None, source: str, text: str = ""
    ) -> Finding:
        """A check that the message gives no number for."""
        whose = f"of the {role} " if role else ""
        return cls(
            what=what,
            object=role,
            severity=Severity.NOT_STATED,
            limit=limit,
            unit=unit,
            text=text or f"The {_NAMES[what]} {whose}is not stated and was not checked.",
            source=source,
        )

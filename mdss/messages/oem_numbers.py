"""Numbers of an ephemeris: all at once when they are plain, one by one when they are not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from mdss.messages.oem_draft import FloatArray
from mdss.messages.values import Entry, Findings, number_of


def bulk_numbers(tokens: Sequence[str]) -> FloatArray | None:
    """The numbers that many tokens spell, or None when one of them is not plain and finite.

    Examples
    --------
    >>> bulk_numbers(["1.5", "-2e3"]).tolist(), bulk_numbers(["1_0"]), bulk_numbers(["inf"])
    ([1.5, -2000.0], None, None)
    """
    together = "".join(tokens)
    if "_" in together or not together.isascii():  # float() would take both
        return None
    try:
        numbers = np.fromiter(map(float, tokens), float, len(tokens))
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None


def careful_number(token: str, entry: Callable[[], Entry], findings: Findings) -> float:
    """One finite number, Fortran's D exponent too.

    Parameters
    ----------
    token : str
        The text of the number.
    entry : callable
        Gives the place that an error names.
    findings : Findings
        Knows the file.

    Raises
    ------
    MessageError
        If it is no number, or not a finite one.
    """
    number = number_of(token)
    if number is None:
        findings.refuse(
            entry(), "is not a number", "Write it as 1234.5, or ask for the file again."
        )
    if not math.isfinite(number):
        findings.refuse(
            entry(),
            "is not a finite number",
            "Ask the originator for an ephemeris with complete states and covariances.",
        )
    return number

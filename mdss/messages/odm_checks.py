"""Checks that OPM and OMM share: ranges, spacecraft parameters, covariance."""

from __future__ import annotations

import math

import numpy as np

from mdss.messages.odm import COVARIANCE_KEYWORDS, Part
from mdss.messages.odm_read import Block, OdmDraft
from mdss.messages.values import Entry, Findings, Value
from mdss.notices import NoticeCode

_ROUND_OFF = 1e-9


def refuse_range(
    entry: Entry, value: Value | None, low: float, high: float, needs: str, findings: Findings
) -> None:
    """Refuse a number outside a closed interval; text and NaN pass."""
    if isinstance(value, int | float) and value == value and not low <= value <= high:
        findings.refuse(
            entry,
            f"must be {needs}",
            "Correct it at the source, or ask the originator for the message again.",
        )


def check_spacecraft(draft: OdmDraft) -> None:
    """Refuse impossible masses and areas; notice negative coefficients.

    Raises
    ------
    MessageError
        If the mass is not above 0 or an area is negative.
    """
    block = draft.block(Part.SPACECRAFT)
    for keyword, entry in block.entries.items():
        low = 1e-6 if keyword == "MASS" else -math.inf if "COEFF" in keyword else 0.0
        needs = "above 0 kg" if keyword == "MASS" else "0 or more"
        value = block.values[keyword]
        refuse_range(entry, value, low, math.inf, needs, draft.findings)
        if isinstance(value, float) and value < 0:
            draft.findings.at(
                entry,
                NoticeCode.UNEXPECTED_VALUE,
                f"{value:g} is negative: a fitted value that soaks up other errors",
            )


def check_covariance(draft: OdmDraft) -> None:
    """Refuse negative variances; notice a covariance that no errors can have.

    Raises
    ------
    MessageError
        If a variance is negative.
    """
    block = draft.block(Part.COVARIANCE)
    if not block.values:
        return
    for row in COVARIANCE_KEYWORDS:
        variance = block.values[row[-1]]
        refuse_range(
            block.entries[row[-1]],
            variance,
            0,
            math.inf,
            "0 or more: it is a variance",
            draft.findings,
        )
    smallest = _smallest_correlation_eigenvalue(block)
    if smallest < -_ROUND_OFF:
        draft.findings.at(
            block.entries["CX_X"],
            NoticeCode.COVARIANCE_NOT_POSITIVE,
            f"the covariance is not positive definite (smallest eigenvalue of the correlations "
            f"{smallest:.3g}); read as it is",
        )


def _smallest_correlation_eigenvalue(block: Block) -> float:
    matrix = np.zeros((6, 6))
    for i, row in enumerate(COVARIANCE_KEYWORDS):
        for j, keyword in enumerate(row):
            matrix[i, j] = matrix[j, i] = block.number(keyword)
    with np.errstate(all="ignore"):
        sigma = np.sqrt(np.diag(matrix))
        scaled = matrix / np.where(sigma > 0, sigma, 1.0)[:, None]
        scaled = scaled / np.where(sigma > 0, sigma, 1.0)
    if not np.all(np.isfinite(scaled)):
        return -math.inf
    return float(np.linalg.eigvalsh(scaled)[0])

"""The distribution of Pc that follows from what is not known about its inputs.

References
----------
.. [1] M. D. Hejduk and L. C. Johnson, "Approaches to Evaluating Probability of Collision
   Uncertainty", AAS 16-241, 2016.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mdss.errors import ConjunctionError
from mdss.risk.assess import Risk
from mdss.risk.plane_parts import Basis, plane_parts
from mdss.risk.spot_check import SpotCheck, corner_checks, doubts_of

FloatArray = NDArray[np.float64]

_DRAWS = 8192


class Law(StrEnum):
    """How factors spread over their range."""

    UNIFORM = "uniform"
    LOG_UNIFORM = "log-uniform"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What is not known about the inputs of Pc.

    Parameters
    ----------
    scale_primary, scale_secondary : (float, float)
        Range of the factor on all sigmas of one object.
    radius_factor : (float, float)
        Range of the factor on the combined radius.
    miss_sigma_m : float
        Standard deviation of a further error of the miss, the same in every direction of the
        plane and not in the covariances [m].
    law : Law
        Of the three factors within their ranges; independent of each other.
    source : str
        Where the ranges come from.

    Raises
    ------
    ConjunctionError
        If a range is empty or not above zero.
    """

    scale_primary: tuple[float, float] = (0.5, 2.0)
    scale_secondary: tuple[float, float] = (0.5, 2.0)
    radius_factor: tuple[float, float] = (1.0, 1.0)
    miss_sigma_m: float = 0.0
    law: Law = Law.LOG_UNIFORM
    source: str = "ours, 2026: half to twice each sigma; no published range is general"

    def __post_init__(self) -> None:
        for name in ("scale_primary", "scale_secondary", "radius_factor"):
            low, high = getattr(self, name)
            if not (0 < low <= high < math.inf):
                raise ConjunctionError(f"{name} must be a range above 0, got {low:g} to {high:g}")
        if not (math.isfinite(self.miss_sigma_m) and self.miss_sigma_m >= 0):
            raise ConjunctionError(f"miss_sigma_m must not be negative, got {self.miss_sigma_m:g}")
        object.__setattr__(self, "law", Law(self.law))


@dataclass(frozen=True, kw_only=True, eq=False)
class PcDistribution:
    """The probabilities that a spread of the inputs leads to.

    Parameters
    ----------
    pc : array, shape (n,)
        Ascending, equally likely.
    nominal : float
        With the message's inputs.
    spread : Spread
    basis : Basis
    checks : tuple of SpotCheck
        Corners of the sigma factors computed anew.
    """

    pc: FloatArray
    nominal: float
    spread: Spread
    basis: Basis
    checks: tuple[SpotCheck, ...]

    def quantile(self, share: float) -> float:
        """The Pc that this share of the spread stays below, 0 to 1."""
        return float(np.quantile(self.pc, share))

    @property
    def p05(self) -> float:
        """5 % of the spread give less."""
        return self.quantile(0.05)

    @property
    def median(self) -> float:
        """Half of the spread gives less."""
        return self.quantile(0.5)

    @property
    def p95(self) -> float:
        """5 % of the spread give more."""
        return self.quantile(0.95)

    @property
    def mean(self) -> float:
        """Probability of a collision when the spread itself is believed."""
        return float(np.mean(self.pc))

    def share_above(self, threshold: float) -> float:
        """Part of the spread, 0 to 1, with a Pc of at least a threshold."""
        return float(np.mean(self.pc >= threshold))

    @property
    def doubts(self) -> tuple[str, ...]:
        """A sentence for each reason not to trust every value."""
        return doubts_of(self.basis, self.checks)


def pc_distribution(risk: Risk, spread: Spread | None = None) -> PcDistribution:
    """The distribution of Pc that follows from uncertain inputs.

    Parameters
    ----------
    risk : Risk
    spread : Spread, optional
        Half to twice each sigma when not given.

    Returns
    -------
    PcDistribution
        Always the same for the same inputs.

    Notes
    -----
    The inputs are laid out on 8192 points of a Kronecker lattice [1], which cover the ranges more
    evenly than random draws: quantiles of log10 Pc are right to about 0.02.

    References
    ----------
    .. [1] H. Niederreiter, Random Number Generation and Quasi-Monte Carlo Methods, SIAM 1992,
       chapter 3.
    """
    wanted = spread or Spread()
    parts = plane_parts(risk)
    u = _lattice(_DRAWS, 5)
    pc = parts.pc(
        scale_primary=_drawn(u[0], wanted.scale_primary, wanted.law),
        scale_secondary=_drawn(u[1], wanted.scale_secondary, wanted.law),
        radius_m=risk.hbr.radius_m * _drawn(u[2], wanted.radius_factor, wanted.law),
        miss_m=parts.miss_m + wanted.miss_sigma_m * _normal_pair(u[3], u[4]),
    )
    return PcDistribution(
        pc=np.sort(pc),
        nominal=risk.pc,
        spread=wanted,
        basis=parts.basis,
        checks=corner_checks(risk, parts, wanted.scale_primary, wanted.scale_secondary),
    )


def _lattice(points: int, dimensions: int) -> FloatArray:
    """Fractional parts of multiples of roots of primes, centred, shape (dimensions, points)."""
    steps = np.sqrt(np.array([2.0, 3.0, 5.0, 7.0, 11.0])[:dimensions])
    return np.asarray((0.5 + steps[:, None] * np.arange(points)) % 1.0)


def _drawn(u: FloatArray, ends: tuple[float, float], law: Law) -> FloatArray:
    low, high = ends
    if law is Law.UNIFORM:
        return low + (high - low) * u
    return np.asarray(low * (high / low) ** u)


def _normal_pair(u: FloatArray, v: FloatArray) -> FloatArray:
    """Independent standard normals, shape (n, 2) (Box and Muller)."""
    radius = np.sqrt(-2 * np.log1p(-u))
    return np.stack([radius * np.cos(2 * np.pi * v), radius * np.sin(2 * np.pi * v)], axis=1)

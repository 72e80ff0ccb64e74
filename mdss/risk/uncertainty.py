"""Pc when its inputs are not what the message says: larger or smaller errors, radius and miss.

Every result has a `basis`, which says what the changed probabilities rest on, and where factors on
sigmas are involved `checks`: at the corners of the range the methods are chosen and computed
anew, so that nothing lies silently outside their validity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import ConjunctionError
from mdss.risk.assess import Risk
from mdss.risk.plane_parts import Basis, PlaneParts, plane_parts
from mdss.risk.spot_check import SpotCheck, corner_checks, doubts_of

FloatArray = NDArray[np.float64]

_FACTORS = np.logspace(math.log10(0.25), math.log10(4), 33)
_RADIUS_SHARES = np.logspace(-1, 1, 81)
_MISS_SHARES = np.linspace(0, 3, 121)
_DIRECTIONS = 72


# --- sigma of both objects ----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class ScaleMap:
    """Pc over factors on the standard deviations of both objects.

    Parameters
    ----------
    scale_primary, scale_secondary : array, shape (n,), (m,)
        Factors on all sigmas of one object; its covariance goes with their squares.
    pc : array, shape (n, m)
        Row i belongs to `scale_primary[i]`.
    nominal : float
        With both factors one.
    basis : Basis
    checks : tuple of SpotCheck
        Corners of the map computed anew; none where the basis is not sound.
    """

    scale_primary: FloatArray
    scale_secondary: FloatArray
    pc: FloatArray
    nominal: float
    basis: Basis
    checks: tuple[SpotCheck, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """A sentence for each reason not to trust every value."""
        return doubts_of(self.basis, self.checks)

    @property
    def largest(self) -> tuple[float, float, float]:
        """Largest Pc of the map, and both factors there."""
        i, j = np.unravel_index(int(np.argmax(self.pc)), self.pc.shape)
        return float(self.pc[i, j]), float(self.scale_primary[i]), float(self.scale_secondary[j])


def covariance_scale_map(
    risk: Risk,
    factors_primary: ArrayLike | None = None,
    factors_secondary: ArrayLike | None = None,
) -> ScaleMap:
    """Pc over a grid of factors on the sigmas of both objects.

    Parameters
    ----------
    risk : Risk
    factors_primary, factors_secondary : array_like, optional
        Above zero; 1/4 to 4 in equal ratios when not given.

    Raises
    ------
    ConjunctionError
        If a factor is not above zero.

    Notes
    -----
    The effect of a shared density error grows with the sigma of each object.
    """
    one = _above_zero("factors on sigma", _FACTORS if factors_primary is None else factors_primary)
    two = _above_zero(
        "factors on sigma", _FACTORS if factors_secondary is None else factors_secondary
    )
    parts = plane_parts(risk)
    return ScaleMap(
        scale_primary=one,
        scale_secondary=two,
        pc=parts.pc(scale_primary=one[:, None], scale_secondary=two[None, :]),
        nominal=risk.pc,
        basis=parts.basis,
        checks=corner_checks(risk, parts, (one.min(), one.max()), (two.min(), two.max())),
    )


def _above_zero(what: str, values: ArrayLike) -> FloatArray:
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    if numbers.ndim != 1 or not numbers.size or not np.all(np.isfinite(numbers) & (numbers > 0)):
        raise ConjunctionError(f"{what} must be a list of numbers above 0, got {values!r}")
    return numbers


# --- radius and miss ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class RadiusCurve:
    """Pc against the combined hard-body radius.

    Parameters
    ----------
    radius_m, pc : array, shape (n,)
        [m], -.
    nominal_m, nominal : float
        The radius in use [m], and Pc there.
    others_m : tuple of (str, float)
        Radii of the sources that were not used [m].
    basis : Basis
    """

    radius_m: FloatArray
    pc: FloatArray
    nominal_m: float
    nominal: float
    others_m: tuple[tuple[str, float], ...]
    basis: Basis


def pc_against_radius(risk: Risk, radii_m: ArrayLike | None = None) -> RadiusCurve:
    """Pc against the combined hard-body radius.

    Parameters
    ----------
    risk : Risk
    radii_m : array_like, optional
        Above zero [m]; a tenth of the radius in use to ten times it when not given.

    Raises
    ------
    ConjunctionError
        If a radius is not above zero.

    Notes
    -----
    While the radius is small against the sigmas Pc goes with its square.
    """
    parts = plane_parts(risk)
    default = risk.hbr.radius_m * _RADIUS_SHARES
    radii = _above_zero("radii", default if radii_m is None else radii_m)
    return RadiusCurve(
        radius_m=radii,
        pc=parts.pc(radius_m=radii),
        nominal_m=risk.hbr.radius_m,
        nominal=risk.pc,
        others_m=tuple((str(one.source), one.radius_m) for one, _ in risk.pc_at_other_hbr),
        basis=parts.basis,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class MissCurve:
    """Pc against the miss distance in the encounter plane.

    Parameters
    ----------
    miss_m, pc : array, shape (n,)
        Distance [m], and Pc with the miss in the direction of the message.
    pc_lowest, pc_highest : array, shape (n,)
        Over all directions in the plane, for the same distance.
    nominal_m, nominal : float
        Of the message [m], and Pc there.
    sigma_m : float
        Standard deviation of the miss along its own direction [m].
    basis : Basis
    """

    miss_m: FloatArray
    pc: FloatArray
    pc_lowest: FloatArray
    pc_highest: FloatArray
    nominal_m: float
    nominal: float
    sigma_m: float
    basis: Basis


def pc_against_miss(risk: Risk, distances_m: ArrayLike | None = None) -> MissCurve:
    """Pc against the miss distance, along its direction and over all directions.

    Parameters
    ----------
    risk : Risk
    distances_m : array_like, optional
        At least zero [m]; zero to three times the larger of the message's miss and its sigma when
        not given.

    Raises
    ------
    ConjunctionError
        If a distance is negative.

    Notes
    -----
    The distance is that in the plane which `basis` names. Where 2D-Nc decides it belongs to the
    overlapping error clouds and differs a little from the message's.
    """
    parts = plane_parts(risk)
    unit, sigma = _along_miss(parts)
    longest = max(parts.miss_distance_m, sigma)
    distances = np.atleast_1d(
        np.asarray(longest * _MISS_SHARES if distances_m is None else distances_m, dtype=float)
    )
    if not np.all(np.isfinite(distances) & (distances >= 0)):
        raise ConjunctionError(f"distances must not be negative, got {np.min(distances):g} m")
    angles = np.linspace(0, math.pi, _DIRECTIONS, endpoint=False)  # opposite directions are alike
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    everywhere = parts.pc(miss_m=distances[:, None, None] * around)
    along = parts.pc(miss_m=distances[:, None] * unit)
    return MissCurve(
        miss_m=distances,
        pc=along,
        pc_lowest=np.minimum(everywhere.min(axis=1), along),
        pc_highest=np.maximum(everywhere.max(axis=1), along),
        nominal_m=parts.miss_distance_m,
        nominal=risk.pc,
        sigma_m=sigma,
        basis=parts.basis,
    )


def _along_miss(parts: PlaneParts) -> tuple[FloatArray, float]:
    """Direction of the miss, and its sigma in that direction [m]."""
    distance = parts.miss_distance_m
    unit = parts.miss_m / distance if distance > 0 else np.array([1.0, 0.0])
    return unit, math.sqrt(float(unit @ parts.cov_m2() @ unit))

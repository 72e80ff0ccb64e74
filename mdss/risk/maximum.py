"""The largest 2D Pc that other covariances would give, and whether a large one hides the risk.

A Pc is small because the miss is well known to be large, or because nothing is known well: the
second is called dilution. Better tracking then raises Pc before it lowers it. What is computed here
is advice: a maximum over covariances that nobody measured is no probability.

References
----------
.. [1] S. Alfano, "Relating Position Uncertainty to Maximum Conjunction Probability", Journal of the
   Astronautical Sciences 53(2), 193-205, 2005.
.. [2] M. D. Hejduk, "Satellite Conjunction Assessment Risk Analysis for Dilution Region Events",
   Journal of Space Safety Engineering, 2019.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.probability import pc_2d, principal_axes
from mdss.errors import ConjunctionError
from mdss.risk.assess import Risk
from mdss.risk.plane import clipped_covs, combined_cov_eci_m2, repaired_cov

FloatArray = NDArray[np.float64]

_DILUTED_BY = 1e-3
"""Relative excess of the maximum over Pc from which a smaller covariance counts as worse."""
_DECADES_JOINT, _DECADES_ONE = (-2.0, 1.0), (-3.0, 3.0)
_FIRST_STEP, _FINER, _REFINEMENTS = 0.05, 20, 2  # in log10 of the scale
_CURVE = np.logspace(-2, 2, 201)


class Scaled(StrEnum):
    """Whose standard deviations are multiplied."""

    BOTH = "both"
    PRIMARY = "primary"
    SECONDARY = "secondary"

    @property
    def code(self) -> int:
        """1 secondary, 10 primary, 11 both."""
        return {"secondary": 1, "primary": 10, "both": 11}[self]

    @classmethod
    def named(cls, name: str) -> Scaled:
        """From its text; ConjunctionError for anything else."""
        try:
            return cls(name)
        except ValueError:
            names = ", ".join(cls)
            raise ConjunctionError(f"{name!r} is none of {names}") from None


@dataclass(frozen=True, kw_only=True, eq=False)
class DilutionCurve:
    """2D Pc against the size of the uncertainty.

    Parameters
    ----------
    which : Scaled
    scales : array, shape (n,)
        Factors on the standard deviations; the covariance goes with their squares.
    pc : array, shape (n,)
    """

    which: Scaled
    scales: FloatArray
    pc: FloatArray


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The top of a dilution curve.

    Parameters
    ----------
    which : Scaled
    pc_max : float
    scale : float
        Factor on the standard deviations at the top; 0 where Pc grows until they vanish.
    pc : float
        At scale one.
    """

    which: Scaled
    pc_max: float
    scale: float
    pc: float

    @property
    def diluted(self) -> bool:
        """Whether a smaller uncertainty would raise Pc to the top, by more than 0.1 %."""
        return self.scale < 1 and self.pc_max > (1 + _DILUTED_BY) * self.pc

    @property
    def robust(self) -> bool:
        """The contrary: better tracking can only lower Pc."""
        return not self.diluted


@dataclass(frozen=True, kw_only=True, eq=False)
class MaximumPc:
    """The largest 2D Pc over the size of the covariance.

    Parameters
    ----------
    pc : float
        2D Pc with the message's covariance.
    joint, primary, secondary : Peak
        Tops of the curves with both covariances scaled alike, and with one of them.
    closed_form : float
        Alfano's maximum for a radius small against the sigmas, H²/(e σ1 σ2 M²), M the Mahalanobis
        distance; 1 where that formula exceeds it.
    closed_form_scale : float
        M/√2, where it is reached.
    valid : bool
        Whether the assumptions of 2D Pc hold.
    """

    pc: float
    joint: Peak
    primary: Peak
    secondary: Peak
    closed_form: float
    closed_form_scale: float
    valid: bool

    @property
    def pc_max(self) -> float:
        """Over joint scales."""
        return self.joint.pc_max

    @property
    def scale(self) -> float:
        """Joint factor on the standard deviations at the maximum."""
        return self.joint.scale

    @property
    def diluted(self) -> bool:
        """Whether Pc is small because the uncertainty is large."""
        return self.joint.diluted

    @property
    def code(self) -> int:
        """11 when diluted with both covariances scaled alike, else 0."""
        return Scaled.BOTH.code * self.diluted

    @property
    def code_separate(self) -> int:
        """10 when the primary's covariance alone dilutes, 1 the secondary's, 11 each, 0 neither."""
        return sum(one.which.code * one.diluted for one in (self.primary, self.secondary))

    @property
    def pc_undiluted(self) -> float:
        """The maximum where Pc is diluted, Pc itself where it is not: what practice compares."""
        return self.pc_max if self.diluted else self.pc


def dilution_curve(
    risk: Risk, which: str = Scaled.BOTH, scales: ArrayLike | None = None
) -> DilutionCurve:
    """2D Pc with standard deviations multiplied.

    Parameters
    ----------
    risk : Risk
    which : str
        "both", "primary" or "secondary".
    scales : array_like, shape (n,), optional
        Factors above zero; 0.01 to 100 when not given.

    Raises
    ------
    ConjunctionError
        If a factor is not above zero, or `which` is something else.

    Notes
    -----
    The radius and the miss stay. Plane covariances that are not positive definite are clipped at
    each scale as for Pc itself.

    References
    ----------
    .. [1] S. Alfano, Journal of the Astronautical Sciences 53(2), 2005.
    """
    factors = np.atleast_1d(np.asarray(_CURVE if scales is None else scales, dtype=float))
    if not np.all((factors > 0) & np.isfinite(factors)):
        raise ConjunctionError(
            f"scales of standard deviations must be above 0, got {np.min(factors):g}"
        )
    whose = Scaled.named(which)
    return DilutionCurve(which=whose, scales=factors, pc=_pc_of_scale(risk, whose)(factors))


def maximum_pc(risk: Risk) -> MaximumPc:
    """The largest 2D Pc over the size of the covariance, and whether Pc is diluted.

    Parameters
    ----------
    risk : Risk

    Returns
    -------
    MaximumPc

    Notes
    -----
    The exact integral is maximised; the closed form is given beside it. With a miss within the
    radius the maximum is 1, at no uncertainty at all.

    Show it, do not gate on it: in the dilution region the answer to a large maximum is tracking,
    and on the other side the maximum says nothing about this event. Not where 2D Pc does not
    hold (`valid`).

    References
    ----------
    .. [1] S. Alfano, Journal of the Astronautical Sciences 53(2), 2005.
    .. [2] M. D. Hejduk, Journal of Space Safety Engineering, 2019.
    """
    sigma1, sigma2 = risk.sigma_plane_m
    m2 = _mahalanobis2(risk.plane)
    with np.errstate(divide="ignore"):
        closed = float(np.divide(risk.hbr.radius_m**2, math.e * sigma1 * sigma2 * m2))
    return MaximumPc(
        pc=risk.pc_2d,
        joint=_peak(risk, Scaled.BOTH),
        primary=_peak(risk, Scaled.PRIMARY),
        secondary=_peak(risk, Scaled.SECONDARY),
        closed_form=min(closed, 1.0),
        closed_form_scale=math.sqrt(m2 / 2),
        valid=risk.validity.valid,
    )


def _mahalanobis2(plane: EncounterPlane) -> float:
    axes = principal_axes(plane.cov_m2)
    m1, m2 = axes.along(plane.miss_m)
    return float((m1 / axes.sigma1_m) ** 2 + (m2 / axes.sigma2_m) ** 2)


def _peak(risk: Risk, which: Scaled) -> Peak:
    centre, (first, last) = 0.0, _DECADES_ONE
    if which is Scaled.BOTH:  # the closed form tells where to look
        centre = 0.5 * math.log10(max(_mahalanobis2(risk.plane), 1e-6) / 2)
        first, last = _DECADES_JOINT
    exponents = centre + np.arange(first, last + _FIRST_STEP / 2, _FIRST_STEP)
    scale = 10 ** _highest(_pc_of_scale(risk, which, fast=True), exponents)
    top = float(_pc_of_scale(risk, which)(np.array([scale]))[0])
    vanishing = _pc_without(risk, which)
    if vanishing >= top * (1 - 1e-9):
        scale, top = 0.0, vanishing
    if top <= risk.pc_2d * (1 + 1e-9):
        scale, top = 1.0, risk.pc_2d
    return Peak(which=which, pc_max=top, scale=scale, pc=risk.pc_2d)


def _highest(pc_of: Callable[[FloatArray], FloatArray], exponents: FloatArray) -> float:
    """Exponent of the scale with the highest Pc: finer grids around the best point."""
    step = _FIRST_STEP
    best = float(exponents[int(np.argmax(pc_of(10**exponents)))])
    for _ in range(_REFINEMENTS):
        exponents = best + step * np.linspace(-1, 1, 2 * _FINER + 1)
        best = float(exponents[int(np.argmax(pc_of(10**exponents)))])
        step /= _FINER
    return best


def _pc_of_scale(
    risk: Risk, which: Scaled, *, fast: bool = False
) -> Callable[[FloatArray], FloatArray]:
    """2D Pc as a function of the scales of the standard deviations."""
    scaled, mixed, fixed = _parts(risk, which)
    miss_m, radius_m = risk.plane.miss_m, risk.hbr.radius_m

    def pc_of(scales: FloatArray) -> FloatArray:
        factors = scales[:, None, None]
        covs = factors**2 * scaled + factors * mixed + fixed
        return np.asarray(pc_2d(miss_m, clipped_covs(covs, radius_m), radius_m, fast=fast))

    return pc_of


def _parts(risk: Risk, which: Scaled) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What goes with the square of the scale, with the scale, and what stays, each (2, 2) [m²].

    A shared density error goes with the sigmas of both.
    """
    nothing = np.zeros((2, 2))
    if which is Scaled.BOTH:
        return risk.plane.cov_m2, nothing, nothing
    axes, conjunction = risk.plane.axes, risk.conjunction
    both = [
        axes @ one.position_cov_eci_m2 @ axes.T
        for one in (conjunction.primary, conjunction.secondary)
    ]
    scaled, fixed = both if which is Scaled.PRIMARY else both[::-1]
    total = axes @ combined_cov_eci_m2(conjunction) @ axes.T
    return scaled, total - scaled - fixed, fixed


def _pc_without(risk: Risk, which: Scaled) -> float:
    """2D Pc as the scaled covariance vanishes."""
    _, _, fixed = _parts(risk, which)
    radius_m, miss_m = risk.hbr.radius_m, risk.plane.miss_distance_m
    if np.max(np.linalg.eigvalsh(fixed)) > 0:
        return float(pc_2d(risk.plane.miss_m, repaired_cov(fixed, radius_m)[0], radius_m))
    if math.isclose(miss_m, radius_m, rel_tol=1e-8):
        return 0.5
    return 1.0 if miss_m < radius_m else 0.0

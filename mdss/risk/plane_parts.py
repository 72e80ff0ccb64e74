"""The recommended probability as one plane integral, made of parts that can be changed.

Where 2D Pc holds this is 2D Pc. Where 2D-Nc decides it is the integral in the plane in which the
two error clouds overlap most: over the published test messages that 2D-Nc decides, with either
sigma halved or doubled, it stays within 0.2 % of 2D-Nc computed anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.equinoctial import jacobian
from mdss.astro.frames import eci_from_rtn
from mdss.astro.peak_overlap import UncertainOrbit
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction, ObjectState
from mdss.risk.assess import Risk
from mdss.risk.density import cross_covariance
from mdss.risk.methods import PcMethod
from mdss.risk.pair import Pair
from mdss.risk.plane import clipped_covs
from mdss.risk.validity import FAILURES

FloatArray = NDArray[np.float64]

_FLOOR = 50.0
"""Over the smallest sigma of `clipped_covs`, which is 1e-4 of the radius."""
_ROUNDING = 1e-12
"""Share of a variance that is nothing but rounding."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a changed probability rests on.

    Parameters
    ----------
    method : PcMethod
        The recommended method, unchanged inputs.
    factor : float
        Recommended value over the plane integral.
    sound : bool
        Whether the plane integral stands for that method; else what is shown is indicative.
    note : str
        The same in a sentence.
    """

    method: PcMethod
    factor: float
    sound: bool
    note: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectPart:
    """One object's error as the plane sees it.

    Parameters
    ----------
    plane_from_rtn : array, shape (2, n)
        Displacement in the plane for an error of the object's state at TCA, its own RTN; n is 3
        (position) or 6 (with velocity).
    cov_rtn : array, shape (n, n)
        Its covariance [m², m²/s, m²/s²].
    shared_rtn : array, shape (n,)
        Effect of one sigma of the density error; zero unless both objects carry it.
    """

    plane_from_rtn: FloatArray
    cov_rtn: FloatArray
    shared_rtn: FloatArray

    @property
    def cov_m2(self) -> FloatArray:
        """Covariance in the plane, shape (2, 2) [m²]."""
        return np.asarray(self.plane_from_rtn @ self.cov_rtn @ self.plane_from_rtn.T)

    @property
    def shared_m(self) -> FloatArray:
        """Effect of the density error in the plane, shape (2,) [m]."""
        return np.asarray(self.plane_from_rtn @ self.shared_rtn)

    def with_sigma(self, axis: int, factor: float) -> ObjectPart:
        """With the sigma along one RTN axis multiplied.

        The error is taken apart as in-track, radial, cross-track in this order, each with all that
        goes along with it: a long thin cloud then grows in length or in thickness, and keeps its
        direction.

        Parameters
        ----------
        axis : int
            0 radial, 1 in-track, 2 cross-track.
        factor : float
        """
        column, correlation = self._taken_apart[axis]
        return replace(
            self,
            cov_rtn=self.cov_rtn + (factor**2 - 1) * np.outer(column, column),
            shared_rtn=self.shared_rtn + (factor - 1) * correlation * column,
        )

    @cached_property
    def _taken_apart(self) -> dict[int, tuple[FloatArray, float]]:
        """By axis: what one sigma does to the state, and its correlation with the density error."""
        rest, shared = self.cov_rtn.copy(), self.shared_rtn.copy()
        found = {}
        for axis in (1, 0, 2):
            column, correlation = np.zeros_like(shared), 0.0
            if rest[axis, axis] > _ROUNDING * self.cov_rtn[axis, axis]:
                column = rest[:, axis] / np.sqrt(rest[axis, axis])
                correlation = float(shared[axis] / column[axis])
                rest -= np.outer(column, column)
                shared -= correlation * column
            found[axis] = (column, correlation)
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaneParts:
    """Miss, radius and both errors in the plane that stands for the recommended probability.

    Parameters
    ----------
    axes : array, shape (2, 3)
        Of the plane, rows, inertial.
    miss_m : array, shape (2,)
        Primary minus secondary [m].
    radius_m : float
        Combined [m].
    primary, secondary : ObjectPart
    correlation : float
        Of the density errors of both objects: 1 where they count as one, 0 where not.
    basis : Basis
    """

    axes: FloatArray
    miss_m: FloatArray
    radius_m: float
    primary: ObjectPart
    secondary: ObjectPart
    correlation: float
    basis: Basis

    @property
    def miss_distance_m(self) -> float:
        """In the plane [m]."""
        return float(np.hypot(*self.miss_m))

    def cov_m2(
        self, scale_primary: ArrayLike = 1.0, scale_secondary: ArrayLike = 1.0
    ) -> FloatArray:
        """Combined covariance with sigmas multiplied, shape (..., 2, 2) [m²].

        A sigma below 1/200 of the radius is raised to that: Pc then changes by 1e-4 at most where
        it is not close to nothing, and the integral costs a hundredth.
        """
        one, two = np.broadcast_arrays(
            np.asarray(scale_primary, dtype=float), np.asarray(scale_secondary, dtype=float)
        )
        shape = one.shape
        one, two = one.reshape(-1, 1, 1), two.reshape(-1, 1, 1)
        cross = cross_covariance(self.primary.shared_m, self.secondary.shared_m)
        covs = one**2 * self.primary.cov_m2 + two**2 * self.secondary.cov_m2
        covs = covs - self.correlation * one * two * cross
        return clipped_covs(covs, _FLOOR * self.radius_m).reshape(*shape, 2, 2)

    def pc(
        self,
        *,
        scale_primary: ArrayLike = 1.0,
        scale_secondary: ArrayLike = 1.0,
        radius_m: ArrayLike | None = None,
        miss_m: ArrayLike | None = None,
    ) -> FloatArray:
        """Probability with changed inputs; everything broadcasts.

        Parameters
        ----------
        scale_primary, scale_secondary : array_like
            Factors on the sigmas of one object, all components alike.
        radius_m : array_like, optional
            Combined radius [m].
        miss_m : array_like, shape (..., 2), optional
            In the plane [m].

        Raises
        ------
        CovarianceError
            If a covariance is not finite.
        """
        covs = self.cov_m2(scale_primary, scale_secondary)
        thinnest = float(np.min(np.linalg.eigvalsh(covs)))
        integral = pc_2d(
            self.miss_m if miss_m is None else np.asarray(miss_m, dtype=float),
            covs,
            self.radius_m if radius_m is None else np.asarray(radius_m, dtype=float),
            fast=thinnest < (0.01 * self.radius_m) ** 2,  # needles: the tail below 1e-12 may fade
        )
        return np.asarray(np.minimum(self.basis.factor * np.asarray(integral), 1.0))


def plane_parts(risk: Risk) -> PlaneParts:
    """The parts of a risk's recommended probability.

    Parameters
    ----------
    risk : Risk

    Returns
    -------
    PlaneParts
        Its `pc()` is `risk.pc`, unless that is an upper limit; `basis` says what it rests on.
    """
    found = _linearised(risk)
    if found is None:
        plane, primary, secondary = _straight(risk)
    else:
        plane, primary, secondary = found
    parts = PlaneParts(
        axes=plane.axes,
        miss_m=plane.miss_m,
        radius_m=risk.hbr.radius_m,
        primary=primary,
        secondary=secondary,
        correlation=float(risk.conjunction.density_correlated),
        basis=Basis(method=risk.pc_method, factor=1.0, sound=True, note=""),
    )
    return replace(parts, basis=_basis(risk, float(parts.pc()), found is not None))


def _straight(risk: Risk) -> tuple[EncounterPlane, ObjectPart, ObjectPart]:
    conjunction, plane = risk.conjunction, risk.plane
    one, two = (
        _part(conjunction, thing, plane.axes, np.eye(3))
        for thing in (conjunction.primary, conjunction.secondary)
    )
    return plane, one, two


def _linearised(risk: Risk) -> tuple[EncounterPlane, ObjectPart, ObjectPart] | None:
    """Plane of the overlapping clouds and both parts; None where straight motion is used."""
    plane, effective = risk.planning_plane, risk.choice.effective
    if effective is None or plane is risk.plane:
        return None
    conjunction = risk.conjunction
    try:
        pair = _pair(conjunction, risk.hbr.radius_m)
        jacobians = pair.overlap(effective.overlap_s).jacobians[:, :3]
        one, two = (
            _part(conjunction, thing, plane.axes, _on_message_axes(there @ to_elements, pair.axes))
            for thing, there, to_elements in zip(
                (conjunction.primary, conjunction.secondary),
                jacobians,
                _elements_from_states(pair),
                strict=True,
            )
        )
    except FAILURES:
        return None
    return plane, one, two


def _pair(conjunction: Conjunction, radius_m: float) -> Pair:
    return Pair.of(
        conjunction.primary,
        conjunction.secondary,
        radius_m,
        conjunction.body.gm_m3_s2,
        density_correlated=conjunction.density_correlated,
    )


def _elements_from_states(pair: Pair) -> tuple[FloatArray, FloatArray]:
    """Change of the elements for a change of each object's state at TCA."""

    def inverse(orbit: UncertainOrbit, state: FloatArray) -> FloatArray:
        there = jacobian(orbit.elements, state.tolist(), 0.0, orbit.mu_m3_s2)
        return np.asarray(np.linalg.inv(there))

    one, two = (inverse(*both) for both in zip(pair.orbits, pair.states, strict=True))
    return one, two


def _on_message_axes(position_from_state: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    """A (3, 6) map between vectors on a pair's axes, for vectors on the message's axes."""
    back = np.argsort(axes)
    columns = np.concatenate([back, back + 3])
    return np.asarray(position_from_state[np.ix_(back, columns)])


def _part(
    conjunction: Conjunction,
    thing: ObjectState,
    axes: FloatArray,
    position_from_state: FloatArray,
) -> ObjectPart:
    """`position_from_state` is (3, 3) or (3, 6): how an error at TCA moves the object there."""
    n = position_from_state.shape[1]
    rotation = np.kron(np.eye(n // 3), eci_from_rtn(thing.position_m, thing.velocity_m_s))
    shared = np.zeros(n)
    if conjunction.has_density_errors:
        assert thing.density_error is not None
        shared = thing.density_error.sigma * np.asarray(thing.density_error.sensitivity_rtn)[:n]
    return ObjectPart(
        plane_from_rtn=axes @ position_from_state @ rotation,
        cov_rtn=thing.cov_rtn_m2[:n, :n],
        shared_rtn=shared,
    )


def _basis(risk: Risk, integral: float, linearised: bool) -> Basis:
    """Which method the integral stands for, and how it is scaled to it."""
    method = risk.pc_method
    factor = risk.pc / integral if integral > 0 and risk.pc > 0 else 1.0
    if method is PcMethod.PC_2D and risk.trusted:
        return Basis(method=method, factor=factor, sound=True, note="2D Pc, exact integral.")
    if method is PcMethod.NC_2D and risk.trusted and linearised:
        note = (
            "2D-Nc by the exact integral in the plane where the error clouds overlap most, scaled "
            f"by {factor:.5f} to the recommended value."
        )
        return Basis(method=method, factor=factor, sound=True, note=note)
    if method is PcMethod.NC_2D_UPPER:
        note = f"2D Pc does not hold and only an upper limit, {risk.pc:.1e}, is known: indicative."
        return Basis(method=method, factor=1.0, sound=False, note=note)
    where = "where the error clouds overlap most" if linearised else "of straight motion"
    note = (
        f"Indicative: the integral in the plane {where}, scaled by {factor:.3g} to "
        f"{method.label}; how that method itself would change was not computed."
    )
    return Basis(method=method, factor=factor, sound=False, note=note)

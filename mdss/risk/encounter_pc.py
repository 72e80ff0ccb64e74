"""The probability of one encounter, whatever method it takes, and the plane to plan in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mdss.astro.encounter import EncounterPlane, encounter_plane
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction
from mdss.errors import ConjunctionError, CovarianceError
from mdss.notices import Notice
from mdss.risk.methods import Choice, Effort, choose, only_2d
from mdss.risk.pair import Pair
from mdss.risk.plane import plane_of, repaired_cov
from mdss.risk.validity import FAILURES, Validity2D, check_pair, untestable


@dataclass(frozen=True, kw_only=True, eq=False)
class EncounterPc:
    """A recommended probability with what it rests on.

    Parameters
    ----------
    conjunction : Conjunction
    radius_m : float
        Combined radius [m].
    plane : EncounterPlane
        Of straight motion, its covariance positive definite.
    pc_2d : float
    validity : Validity2D
    choice : Choice
    notices : tuple of Notice
        Repairs of the covariance.
    """

    conjunction: Conjunction
    radius_m: float
    plane: EncounterPlane
    pc_2d: float
    validity: Validity2D
    choice: Choice
    notices: tuple[Notice, ...] = ()

    @property
    def pc(self) -> float:
        """The recommended probability."""
        return self.choice.recommended.pc

    @property
    def trusted(self) -> bool:
        """Whether the assumptions behind `pc` hold."""
        return self.choice.trusted

    @cached_property
    def planning_plane(self) -> EncounterPlane:
        """The plane in which 2D Pc is `pc`, or close to it.

        Where 2D Pc holds, that of straight motion. Else the plane, miss and covariance of the
        two error clouds as linearised where and when they overlap most: the ordinary integral there
        is 2D-Nc to a few parts in ten thousand.
        """
        effective = self.choice.effective
        if effective is None:
            return self.plane
        try:
            plane = encounter_plane(
                self.conjunction.primary.position_m,
                -effective.relative_position_m,
                -effective.relative_velocity_m_s,
                effective.cov_m2,
            )
            cov, _ = repaired_cov(plane.cov_m2, self.radius_m)
        except (ConjunctionError, CovarianceError):
            return self.plane
        return replace(plane, cov_m2=cov, tca_shift_s=plane.tca_shift_s + effective.t_s)

    @cached_property
    def plane_factor(self) -> float:
        """`pc` over the 2D integral in `planning_plane`; 1 where that is 0."""
        plane = self.planning_plane
        if plane is self.plane:
            return 1.0
        there = float(pc_2d(plane.miss_m, plane.cov_m2, self.radius_m))
        return self.pc / there if there > 0 and np.isfinite(self.pc / there) else 1.0


def encounter_pc(
    conjunction: Conjunction,
    radius_m: float,
    effort: Effort | None = None,
    *,
    all_methods: bool = False,
) -> EncounterPc:
    """The probability of an encounter by the cheapest method that holds.

    Parameters
    ----------
    conjunction : Conjunction
    radius_m : float
        Combined radius [m].
    effort : Effort, optional
        What Monte Carlo may cost.
    all_methods : bool
        Compute every method, not only as far as needed.

    Raises
    ------
    ConjunctionError
        If the objects have no relative velocity.
    CovarianceError
        If the covariance has no probability.
    """
    repaired = plane_of(conjunction, radius_m)
    plane = repaired.plane
    pc = float(pc_2d(plane.miss_m, plane.cov_m2, radius_m))
    validity, choice = _chosen(conjunction, radius_m, pc, effort, all_methods)
    return EncounterPc(
        conjunction=conjunction,
        radius_m=radius_m,
        plane=plane,
        pc_2d=pc,
        validity=validity,
        choice=choice,
        notices=repaired.notices,
    )


def density_turned(found: EncounterPc, effort: Effort | None = None) -> EncounterPc | None:
    """The same encounter with the shared density error counted the other way.

    Returns
    -------
    EncounterPc or None
        With the errors as one where they were independent, and the reverse; None unless both
        objects carry them.

    Raises
    ------
    CovarianceError
        If that covariance has no probability.
    """
    conjunction = found.conjunction
    if not conjunction.has_density_errors:
        return None
    turned = replace(conjunction, density_correlated=not conjunction.density_correlated)
    return encounter_pc(turned, found.radius_m, effort)


def _chosen(
    conjunction: Conjunction,
    radius_m: float,
    pc_2d_: float,
    effort: Effort | None,
    all_methods: bool,
) -> tuple[Validity2D, Choice]:
    try:
        pair = Pair.of(
            conjunction.primary,
            conjunction.secondary,
            radius_m,
            conjunction.body.gm_m3_s2,
            density_correlated=conjunction.density_correlated,
        )
    except FAILURES as problem:
        validity = untestable(problem)
        return validity, only_2d(pc_2d_, validity)
    validity = check_pair(pair)
    return validity, choose(pair, pc_2d_, validity, effort, all_methods=all_methods)

"""From a conjunction to its encounter plane, with a covariance that can be integrated."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import EncounterPlane, encounter_plane
from mdss.conjunction import Conjunction
from mdss.errors import CovarianceError
from mdss.notices import Notice, NoticeCode
from mdss.risk.density import combined_density_cross_covariance_eci_m2

FloatArray = NDArray[np.float64]

_CLIP_RATIO = 1e-4
"""Smallest plane sigma as a fraction of the hard-body radius (Hall, Hejduk & Johnson 2017)."""
_ROUNDING = 16 * float(np.finfo(float).eps)
"""A variance below this share of the larger one does not survive in the elements of a matrix."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RepairedPlane:
    """An encounter plane and what had to be repaired.

    Parameters
    ----------
    plane : EncounterPlane
        Its covariance is positive definite.
    notices : tuple of Notice
    """

    plane: EncounterPlane
    notices: tuple[Notice, ...]


def combined_cov_eci_m2(conjunction: Conjunction) -> FloatArray:
    """Sum of both position covariances, each rotated with its own RTN axes, shape (3, 3) [m²].

    Less what a shared density error takes from it, where the conjunction counts that.
    """
    primary, secondary = conjunction.primary, conjunction.secondary
    total = primary.position_cov_eci_m2 + secondary.position_cov_eci_m2
    if not conjunction.density_correlated:
        return total
    cross = combined_density_cross_covariance_eci_m2(primary, secondary)
    return total if cross is None else total - cross


def plane_of(conjunction: Conjunction, hard_body_radius_m: float) -> RepairedPlane:
    """The encounter plane of a conjunction, its covariance repaired where needed.

    Parameters
    ----------
    conjunction : Conjunction
    hard_body_radius_m : float
        Sets the smallest sigma that a repair leaves, 1e-4 of it [m].

    Raises
    ------
    CovarianceError
        If neither principal variance in the plane is above zero.
    ConjunctionError
        If the relative velocity is zero.
    """
    plane = encounter_plane(
        conjunction.primary.position_m,
        conjunction.relative_position_m,
        conjunction.relative_velocity_m_s,
        combined_cov_eci_m2(conjunction),
    )
    cov, notice = repaired_cov(plane.cov_m2, hard_body_radius_m)
    return RepairedPlane(
        plane=replace(plane, cov_m2=cov), notices=(notice,) if notice is not None else ()
    )


def clipped_covs(covs_m2: FloatArray, hard_body_radius_m: float) -> FloatArray:
    """Plane covariances (n, 2, 2) clipped as `repaired_cov` clips one, none of them refused."""
    values, vectors = np.linalg.eigh(covs_m2)
    limit = np.maximum((_CLIP_RATIO * hard_body_radius_m) ** 2, _ROUNDING * values[:, 1])
    low = values[:, 0] < limit
    if not np.any(low):
        return covs_m2
    values = np.maximum(values, limit[:, None])
    clipped = (vectors * values[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.where(low[:, None, None], clipped, covs_m2)


def repaired_cov(cov_m2: FloatArray, hard_body_radius_m: float) -> tuple[FloatArray, Notice | None]:
    """A plane covariance with its eigenvalues clipped from below at (1e-4·HBR)².

    Where the other eigenvalue is so large that rounding would swallow the clipped one, it is
    clipped at 4e-15 of that one.

    Returns
    -------
    cov_m2 : array, shape (2, 2)
        As given, when nothing had to be clipped.
    notice : Notice or None

    Raises
    ------
    CovarianceError
        If neither eigenvalue is above zero.

    References
    ----------
    .. [1] D. T. Hall, M. D. Hejduk, L. C. Johnson, AAS 17-567, 2017.
    """
    cov = 0.5 * (cov_m2 + cov_m2.T)
    values, vectors = np.linalg.eigh(cov)
    if not values[1] > 0:
        raise CovarianceError(
            "the combined covariance has no positive variance in the encounter plane "
            f"(eigenvalues {values[0]:.3g} and {values[1]:.3g} m²); ask for a message with a "
            "covariance"
        )
    limit = max((_CLIP_RATIO * hard_body_radius_m) ** 2, _ROUNDING * values[1])
    if values[0] >= limit:
        return cov, None
    clipped = np.maximum(values, limit)
    notice = Notice(
        code=NoticeCode.COVARIANCE_CLIPPED,
        message=(
            f"The plane covariance is not positive definite: variance {values[0]:.3g} m² raised "
            f"to {limit:.3g} m² (1e-4 of the hard-body radius, squared, or what rounding leaves). "
            "Pc rests on this repair; ask for a corrected covariance."
        ),
    )
    return np.asarray((vectors * clipped) @ vectors.T), notice

"""What the execution error of burns (Gates model) does to sizes, directions and the encounter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.spacecraft import ExecutionError

FloatArray = NDArray[np.float64]


def size_sigma_m_s(error: ExecutionError, dv_m_s: ArrayLike) -> FloatArray:
    """How far the size of a burn is off, 1-sigma, of sizes of any shape [m/s]."""
    proportional = error.magnitude_proportional * np.asarray(dv_m_s, dtype=float)
    return np.asarray(np.hypot(error.magnitude_fixed_m_s, proportional))


def pointing_sigma_m_s(error: ExecutionError, dv_m_s: ArrayLike) -> FloatArray:
    """Delta-v across the burn, 1-sigma on each of two axes, of sizes of any shape [m/s]."""
    proportional = error.pointing_proportional_rad * np.asarray(dv_m_s, dtype=float)
    return np.asarray(np.hypot(error.pointing_fixed_m_s, proportional))


def inflated_plane(
    plane: EncounterPlane,
    displacements: FloatArray,
    dv_rtn_m_s: Sequence[ArrayLike] | FloatArray,
    error: ExecutionError | None,
) -> EncounterPlane:
    """An encounter plane with the execution errors of burns in its covariance.

    Parameters
    ----------
    plane : EncounterPlane
    displacements : array, shape (k, 2, 3)
        M of each burn, plane displacement per delta-v [s].
    dv_rtn_m_s : array_like, shape (k, 3)
        The burns, RTN at each [m/s]; a burn of zero is not fired and adds nothing.
    error : ExecutionError, optional
        None: the plane as it is.

    Returns
    -------
    EncounterPlane
        Covariance C + Σ M P Mᵀ, P each burn's own; errors of different burns are independent.
    """
    if error is None or not len(dv_rtn_m_s):
        return plane
    own = error.covariance_rtn_m2_s2(np.asarray(dv_rtn_m_s, dtype=float))
    maps = np.asarray(displacements, dtype=float)
    added = np.sum(maps @ own @ maps.swapaxes(-1, -2), axis=0)
    return replace(plane, cov_m2=plane.cov_m2 + added)

"""The error of the forecast air density, which both objects share.

Both covariances contain the effect of a wrong density forecast, as if the two objects met
different atmospheres. They meet the same one, so that part of their errors cancels or adds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import ObjectState

FloatArray = NDArray[np.float64]


def combined_density_cross_covariance_eci_m2(
    primary: ObjectState, secondary: ObjectState
) -> FloatArray | None:
    """What the shared density error takes from the sum of both covariances.

    Parameters
    ----------
    primary, secondary : ObjectState
        Both with `density_error`, as some messages give it in comments.

    Returns
    -------
    array, shape (3, 3), or None
        X in C = C1 + C2 − X, inertial axes [m²]: σ1 σ2 (G1 G2ᵀ + G2 G1ᵀ), where G is the
        change of position for a relative density error of one. None unless both objects
        carry it. X has no definite sign: C may grow or shrink.

    Raises
    ------
    FrameError
        If an object has no orbit plane.

    References
    ----------
    .. [1] S. J. Casali et al., AAS 18-272, 2018, eqs 7-11.
    """
    if primary.density_error is None or secondary.density_error is None:
        return None
    first, second = _scaled_effect_eci_m(primary), _scaled_effect_eci_m(secondary)
    cross = np.outer(first, second)
    result: FloatArray = cross + cross.T
    return result


def _scaled_effect_eci_m(thing: ObjectState) -> FloatArray:
    """σ G of one object, rotated with its own RTN axes [m]."""
    error = thing.density_error
    assert error is not None
    effect_rtn_m = np.asarray(error.sensitivity_rtn, dtype=float)[:3]
    effect_eci_m: FloatArray = eci_from_rtn(thing.position_m, thing.velocity_m_s) @ effect_rtn_m
    return error.sigma * effect_eci_m

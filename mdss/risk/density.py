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


def density_effects_eci(
    primary: ObjectState, secondary: ObjectState
) -> tuple[FloatArray, FloatArray] | None:
    """What one sigma of the shared density error does to each object.

    Parameters
    ----------
    primary, secondary : ObjectState
        Both with `density_error`, as some messages give it in comments.

    Returns
    -------
    two arrays, shape (6,), or None
        Change of position [m] and velocity [m/s] at TCA, σ G of each, rotated with its own RTN
        axes to inertial ones. None unless both objects carry it.

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
    return _scaled_effect_eci(primary), _scaled_effect_eci(secondary)


def _scaled_effect_eci(thing: ObjectState) -> FloatArray:
    """σ G of one object [m], [m/s]."""
    error = thing.density_error
    assert error is not None
    effect_rtn = np.asarray(error.sensitivity_rtn, dtype=float).reshape(2, 3)
    rotation = eci_from_rtn(thing.position_m, thing.velocity_m_s)
    return error.sigma * np.asarray(effect_rtn @ rotation.T).ravel()


def combined_density_cross_covariance_eci_m2(
    primary: ObjectState, secondary: ObjectState
) -> FloatArray | None:
    """What the shared density error takes from the sum of both position covariances.

    Parameters
    ----------
    primary, secondary : ObjectState
        Both with `density_error`.

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
    effects = density_effects_eci(primary, secondary)
    return None if effects is None else cross_covariance(effects[0][:3], effects[1][:3])


def cross_covariance(first: FloatArray, second: FloatArray) -> FloatArray:
    """g1 g2ᵀ + g2 g1ᵀ of two effects of one error, shapes (n,), to subtract from the sum."""
    cross = np.outer(first, second)
    return np.asarray(cross + cross.T)

"""The encounter plane: the plane through the relative position, normal to the relative velocity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import ConjunctionError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class EncounterPlane:
    """Relative motion at the true closest approach, on two axes.

    Parameters
    ----------
    axes : array, shape (2, 3)
        Rows are unit vectors of the plane in inertial axes. The second is the primary's
        radial direction projected on the plane, the first completes the right-handed triad
        with the relative velocity.
    miss_m : array, shape (2,)
        Primary minus secondary at closest approach [m].
    cov_m2 : array, shape (2, 2)
        Combined position covariance [m²].
    tca_shift_s : float
        True closest approach minus the epoch of the states, straight motion [s].
    relative_speed_m_s : float
        [m/s].
    """

    axes: FloatArray
    miss_m: FloatArray
    cov_m2: FloatArray
    tca_shift_s: float
    relative_speed_m_s: float

    @property
    def miss_distance_m(self) -> float:
        """Distance at closest approach [m]."""
        return float(np.hypot(*self.miss_m))


def linear_tca_shift_s(relative_position_m: ArrayLike, relative_velocity_m_s: ArrayLike) -> float:
    """Time from the epoch of the states to closest approach, straight relative motion [s].

    Raises
    ------
    ConjunctionError
        If the relative velocity is zero.
    """
    position = np.asarray(relative_position_m, dtype=float)
    velocity = np.asarray(relative_velocity_m_s, dtype=float)
    speed2 = float(velocity @ velocity)
    if not speed2 > 0:
        raise ConjunctionError(
            "the relative velocity is zero, so there is no encounter plane and no 2D Pc; "
            "such a pair needs Monte Carlo"
        )
    return -float(position @ velocity) / speed2


def plane_axes(radial: ArrayLike, relative_velocity_m_s: ArrayLike) -> FloatArray:
    """Unit vectors of the encounter plane, rows, shape (2, 3).

    Parameters
    ----------
    radial : array_like, shape (3,)
        Position of the primary; its projection is the second axis.
    relative_velocity_m_s : array_like, shape (3,)
        Normal of the plane.
    """
    along = np.asarray(relative_velocity_m_s, dtype=float)
    along = along / np.linalg.norm(along)
    up = np.asarray(radial, dtype=float)
    up = up / np.linalg.norm(up)
    up_in_plane = up - (up @ along) * along
    if np.linalg.norm(up_in_plane) < 1e-6:  # relative velocity along the radius
        helper = np.eye(3)[int(np.argmin(np.abs(along)))]
        up_in_plane = helper - (helper @ along) * along
    second = up_in_plane / np.linalg.norm(up_in_plane)
    return np.stack([np.cross(second, along), second])


def encounter_plane(
    primary_position_m: ArrayLike,
    relative_position_m: ArrayLike,
    relative_velocity_m_s: ArrayLike,
    combined_cov_eci_m2: ArrayLike,
) -> EncounterPlane:
    """Project a conjunction on its encounter plane.

    The projection along the relative velocity is the linear shift to the true closest
    approach: message epochs are rounded to a millisecond, 15 m at 15 km/s.

    Parameters
    ----------
    primary_position_m : array_like, shape (3,)
        Inertial [m]; only orients the axes.
    relative_position_m, relative_velocity_m_s : array_like, shape (3,)
        Primary minus secondary, inertial [m], [m/s].
    combined_cov_eci_m2 : array_like, shape (3, 3)
        Sum of both position covariances, each rotated with its own RTN axes [m²].

    Raises
    ------
    ConjunctionError
        If the relative velocity is zero.
    """
    position = np.asarray(relative_position_m, dtype=float)
    velocity = np.asarray(relative_velocity_m_s, dtype=float)
    shift = linear_tca_shift_s(position, velocity)
    axes = plane_axes(primary_position_m, velocity)
    return EncounterPlane(
        axes=axes,
        miss_m=axes @ (position + velocity * shift),
        cov_m2=axes @ np.asarray(combined_cov_eci_m2, dtype=float) @ axes.T,
        tca_shift_s=shift,
        relative_speed_m_s=float(np.linalg.norm(velocity)),
    )

"""Thrusters: what they give, where they push, how long they fire, how they miss."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import SpacecraftError
from mdss.toml_file import require, require_above_zero, require_not_negative
from mdss.units import STANDARD_GRAVITY_M_S2

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

ANGLE_SLACK_RAD = 1e-6
"""By which a direction may lie outside a cone that it was computed to touch."""


@dataclass(frozen=True, kw_only=True)
class Thruster:
    """A thruster, or a set of thrusters fired together.

    Parameters
    ----------
    name : str
    isp_s : float
        Specific impulse [s].
    thrust_n : float
        Total thrust [N].
    directions_rtn : tuple of (float, float, float), optional
        One-sided directions of the delta-v that it can give, RTN of the spacecraft at the
        burn. Any length but zero; kept as unit vectors. None: any direction, after a slew.
    cone_half_angle_deg : float, optional
        How far from each direction the delta-v may point [deg], 0 to 180. None: not at all.
    duty_cycle : float
        Share of the time that it can fire in the long run, above 0 to 1.
    minimum_on_s, maximum_on_s : float
        Shortest and longest time that it fires without a break [s].
    sunlit_only : bool
        Whether it needs the Sun, as electric propulsion does: no burn in umbra or penumbra.

    Raises
    ------
    SpacecraftError
        If a number is not possible or a direction has no length.
    """

    name: str
    isp_s: float
    thrust_n: float
    directions_rtn: tuple[tuple[float, float, float], ...] | None = None
    cone_half_angle_deg: float | None = None
    duty_cycle: float = 1.0
    minimum_on_s: float = 0.0
    maximum_on_s: float = math.inf
    sunlit_only: bool = False

    def __post_init__(self) -> None:
        self._check_times()
        require_above_zero(SpacecraftError, "s", isp_s=self.isp_s)
        require_above_zero(SpacecraftError, "N", thrust_n=self.thrust_n)
        angle = self.cone_half_angle_deg
        good = angle is None or 0 <= angle <= 180
        require(good, SpacecraftError, "cone_half_angle_deg", angle, "0 to 180 deg")
        if self.directions_rtn is not None:
            units = tuple(unit_vector(direction) for direction in self.directions_rtn)
            needed = "at least one direction; leave it out when any direction is possible"
            require(len(units) > 0, SpacecraftError, "directions_rtn", "empty", needed)
            object.__setattr__(self, "directions_rtn", units)
        elif angle is not None:
            raise SpacecraftError(
                f"cone_half_angle_deg is {angle:g} but directions_rtn is not given;"
                " give the axes of the cones or leave the angle out"
            )

    def _check_times(self) -> None:
        good = 0 < self.duty_cycle <= 1
        require(good, SpacecraftError, "duty_cycle", self.duty_cycle, "above 0, at most 1")
        low, high = self.minimum_on_s, self.maximum_on_s
        require_not_negative(SpacecraftError, "s", minimum_on_s=low)
        needed = f"above 0 s and at least minimum_on_s ({low:g} s)"
        require(high > 0 and high >= low, SpacecraftError, "maximum_on_s", high, needed)

    @property
    def exhaust_m_s(self) -> float:
        """Effective exhaust speed [m/s]."""
        return self.isp_s * STANDARD_GRAVITY_M_S2

    def can_push(self, direction_rtn: ArrayLike) -> bool:
        """Whether the delta-v may point along `direction_rtn`, shape (3,)."""
        return bool(self.pushes(np.array([unit_vector(direction_rtn)]))[0])

    def pushes(self, units_rtn: FloatArray) -> BoolArray:
        """`can_push` of unit vectors, shape (n, 3); array of shape (n,)."""
        if self.directions_rtn is None:
            return np.ones(len(units_rtn), dtype=bool)
        cosine = np.max(units_rtn @ np.transpose(self.directions_rtn), axis=1)
        angle_rad = np.arccos(np.clip(cosine, -1.0, 1.0))
        reach_rad = math.radians(self.cone_half_angle_deg or 0.0)
        return np.asarray(angle_rad <= reach_rad + ANGLE_SLACK_RAD, dtype=bool)

    def duration_s(self, dv_m_s: ArrayLike, mass_kg: float) -> FloatArray:
        """How long burns last from a mass, at constant thrust and mass flow [s]."""
        used_kg = -mass_kg * np.expm1(-np.asarray(dv_m_s, dtype=float) / self.exhaust_m_s)
        return np.asarray(used_kg * self.exhaust_m_s / self.thrust_n)

    def dv_of_m_s(self, duration_s: float, mass_kg: float) -> float:
        """Delta-v of firing for so long from a mass; inf when that would take all of it [m/s]."""
        share = duration_s * self.thrust_n / (mass_kg * self.exhaust_m_s)
        return -self.exhaust_m_s * math.log1p(-share) if share < 1 else math.inf


def unit_vector(
    direction_rtn: ArrayLike, name: str = "directions_rtn"
) -> tuple[float, float, float]:
    """A direction at length one; SpacecraftError, with the name of the field, if it has none."""
    vector = np.asarray(direction_rtn, dtype=float)
    length = float(np.linalg.norm(vector)) if vector.shape == (3,) else math.nan
    if not (math.isfinite(length) and length > 0):
        raise SpacecraftError(
            f"{name} has {vector.tolist()}; a direction is three numbers"
            " (radial, transverse, normal), not all zero"
        )
    radial, transverse, normal = (vector / length).tolist()
    return radial, transverse, normal


@dataclass(frozen=True, kw_only=True)
class ExecutionError:
    """How far a burn misses what was commanded (Gates model), 1-sigma.

    Parameters
    ----------
    magnitude_fixed_m_s : float
        σ1, error of the size that every burn has [m/s].
    magnitude_proportional : float
        σ2, error of the size per size (dimensionless: 0.01 is 1 %).
    pointing_fixed_m_s : float
        σ3, error across the burn that every burn has, on each of two axes [m/s].
    pointing_proportional_rad : float
        σ4, error across the burn per size, on each of two axes [rad].

    Raises
    ------
    SpacecraftError
        If a number is negative or not finite, or a share is 1 or more.

    References
    ----------
    .. [1] C. R. Gates, A Simplified Model of Midcourse Maneuver Execution Errors, JPL
       TR 32-504, 1963.
    """

    magnitude_fixed_m_s: float = 0.0
    magnitude_proportional: float = 0.0
    pointing_fixed_m_s: float = 0.0
    pointing_proportional_rad: float = 0.0

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            require_not_negative(SpacecraftError, "", **{name: getattr(self, name)})
        size, across = self.magnitude_proportional, self.pointing_proportional_rad
        name = "magnitude_proportional"
        require(size < 1, SpacecraftError, name, size, "below 1; 0.02 is 2 %")
        name, needed = "pointing_proportional_rad", "below 1 rad; 1 deg is 0.0175"
        require(across < 1, SpacecraftError, name, across, needed)

    @property
    def in_size(self) -> bool:
        """Whether sizes are off at all."""
        return self.magnitude_fixed_m_s > 0 or self.magnitude_proportional > 0

    @property
    def in_pointing(self) -> bool:
        """Whether directions are off at all."""
        return self.pointing_fixed_m_s > 0 or self.pointing_proportional_rad > 0

    def covariance_rtn_m2_s2(self, dv_rtn_m_s: ArrayLike) -> FloatArray:
        """Covariance of the delta-v error.

        Parameters
        ----------
        dv_rtn_m_s : array_like, shape (..., 3)
            The burn, RTN [m/s]. A zero burn is not fired and has no error.

        Returns
        -------
        array, shape (..., 3, 3)
            σ1² + σ2²|Δv|² along the burn, σ3² + σ4²|Δv|² on both axes across it [m²/s²].

        Examples
        --------
        >>> error = ExecutionError(magnitude_proportional=0.01)
        >>> error.covariance_rtn_m2_s2([0, 2, 0])[1, 1]
        np.float64(0.0004)
        """
        dv = np.asarray(dv_rtn_m_s, dtype=float)
        size2 = np.sum(dv**2, axis=-1)[..., None, None]
        fired = size2 > 0
        axis_axis = dv[..., :, None] * dv[..., None, :] / np.where(fired, size2, 1.0)
        along = self.magnitude_fixed_m_s**2 + self.magnitude_proportional**2 * size2
        across = self.pointing_fixed_m_s**2 + self.pointing_proportional_rad**2 * size2
        covariance = along * axis_axis + across * (np.eye(3) - axis_axis)
        return np.asarray(np.where(fired, covariance, 0.0), dtype=float)

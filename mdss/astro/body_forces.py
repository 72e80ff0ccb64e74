"""Forces about any body, by boinor: two-body, J2, J3, third bodies, and their gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body, gm_m3_s2, third_body_position_m
from mdss.units import KM

FloatArray = NDArray[np.float64]
Rates = Callable[[float, FloatArray, float], FloatArray]
"""Time derivative of a state [km, km/s] at a time, for a gravitational parameter [km³/s²]."""

_POSITION_DEGREE = 6  # of the polynomial that a third body follows over an arc
_POWERS = np.arange(_POSITION_DEGREE + 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class ZonalForces:
    """Forces in axes along the pole; third bodies as polynomials in time.

    Parameters
    ----------
    central : Body
    highest_zonal : int
        0, 2 or 3.
    pole_from_icrf : array, shape (3, 3)
        That of one instant: Mars's pole moves by 1e-6° a day, the Moon's by 1e-3°.
    thirds : tuple of (float, path)
        Gravitational parameter [m³/s²] and position.
    """

    central: Body
    highest_zonal: int
    pole_from_icrf: FloatArray
    thirds: tuple[tuple[float, _Path], ...]

    @classmethod
    def over(
        cls,
        central: Body,
        highest_zonal: int,
        third_bodies: tuple[str, ...],
        pole_utc: datetime,
        start_utc: datetime,
        end_s: float,
    ) -> ZonalForces:
        """Forces from an instant to `end_s` seconds after it, negative before it."""
        turn = central.fixed_from_icrf(pole_utc)
        paths = [_Path.through(one, central, start_utc, end_s, turn) for one in third_bodies]
        return cls(
            central=central,
            highest_zonal=highest_zonal,
            pole_from_icrf=turn,
            thirds=tuple(zip(map(gm_m3_s2, third_bodies), paths, strict=True)),
        )

    def to_pole(self, states: FloatArray) -> FloatArray:
        """Pole axes from ICRF, shape (n, 6)."""
        both = states.reshape(-1, 2, 3) @ self.pole_from_icrf.T
        return np.asarray(both.reshape(-1, 6))

    def to_icrf(self, states: FloatArray) -> FloatArray:
        """ICRF from pole axes, shape (n, 6)."""
        both = states.reshape(-1, 2, 3) @ self.pole_from_icrf
        return np.asarray(both.reshape(-1, 6))

    def rates(self) -> Rates:
        """Time derivative of the state as boinor's propagator wants it: km, km/s, pole axes."""
        from boinor.core.perturbations import J2_perturbation, J3_perturbation, third_body
        from boinor.core.propagation.base import func_twobody

        radius_km, j2, j3 = self.central.radius_m / KM, self.central.j2, self.central.j3
        use_j2, use_j3 = self.highest_zonal >= 2, self.highest_zonal >= 3 and j3 != 0.0
        thirds = [(gm / KM**3, path.position_km) for gm, path in self.thirds]

        def rates(t: float, u: FloatArray, k: float) -> FloatArray:
            rate: FloatArray = func_twobody(t, u, k)
            if use_j2:
                rate[3:] += J2_perturbation(t, u, k, j2, radius_km)
            if use_j3:
                rate[3:] += J3_perturbation(t, u, k, j3, radius_km)
            for k_third, position in thirds:
                rate[3:] += third_body(t, u, k, k_third, position)
            return rate

        return rates

    def gradients(self, positions_m: FloatArray, t_s: FloatArray) -> FloatArray:
        """d acceleration / d position, shape (n, 3, 3) [1/s²]."""
        total = _point_gradient(positions_m, self.central.gm_m3_s2)
        if self.highest_zonal >= 2:
            total += _j2_gradient(positions_m, self.central)
        if self.highest_zonal >= 3:
            total += _j3_gradient(positions_m, self.central)
        for gm, path in self.thirds:
            total += _point_gradient(positions_m - path.positions_m(t_s), gm)
        return total


def _point_gradient(positions_m: FloatArray, gm: float) -> FloatArray:
    radius2 = np.sum(positions_m**2, axis=1)[:, None, None]
    outer = positions_m[:, :, None] * positions_m[:, None, :]
    return np.asarray(gm * radius2**-1.5 * (3.0 * outer / radius2 - np.eye(3)))


def _j2_gradient(positions_m: FloatArray, central: Body) -> FloatArray:
    """Of 1.5 GM J2 R² [(5 z²/r⁷ - 1/r⁵) r - 2 z/r⁵ k], k along the pole."""
    z, r = positions_m[:, 2], np.linalg.norm(positions_m, axis=1)
    factor = 1.5 * central.gm_m3_s2 * central.j2 * central.radius_m**2
    return factor * _zonal_gradient(
        positions_m,
        along_r=5 * z**2 / r**7 - r**-5,
        slopes_r=(10 * z / r**7, 5 / r**7 - 35 * z**2 / r**9),
        slopes_k=(-2 * r**-5, 10 * z / r**7),
    )


def _j3_gradient(positions_m: FloatArray, central: Body) -> FloatArray:
    """Of 0.5 GM J3 R³ [(35 z³/r⁹ - 15 z/r⁷) r + (3/r⁵ - 15 z²/r⁷) k], k along the pole."""
    z, r = positions_m[:, 2], np.linalg.norm(positions_m, axis=1)
    factor = 0.5 * central.gm_m3_s2 * central.j3 * central.radius_m**3
    return factor * _zonal_gradient(
        positions_m,
        along_r=35 * z**3 / r**9 - 15 * z / r**7,
        slopes_r=(105 * z**2 / r**9 - 15 / r**7, 105 * z / r**9 - 315 * z**3 / r**11),
        slopes_k=(-30 * z / r**7, 105 * z**2 / r**9 - 15 / r**7),
    )


def _zonal_gradient(
    positions_m: FloatArray,
    along_r: FloatArray,
    slopes_r: tuple[FloatArray, FloatArray],
    slopes_k: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Of a(z, r) r + b(z, r) k, from a and from (∂/∂z, 1/r ∂/∂r) of a and b."""
    k = np.array([0.0, 0.0, 1.0])
    grad_r, grad_k = (
        of_z[:, None] * k + of_r[:, None] * positions_m for of_z, of_r in (slopes_r, slopes_k)
    )
    return np.asarray(
        along_r[:, None, None] * np.eye(3)
        + positions_m[:, :, None] * grad_r[:, None, :]
        + k[:, None] * grad_k[:, None, :]
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Path:
    """A third body's position over an arc as a polynomial, pole axes [m]."""

    coefficients: FloatArray  # (degree + 1, 3)
    middle_s: float
    half_s: float

    @classmethod
    def through(
        cls, third: str, central: Body, start_utc: datetime, end_s: float, turn: FloatArray
    ) -> _Path:
        middle_s, half_s = 0.5 * end_s, 0.5 * abs(end_s)
        x = np.cos(np.pi * (np.arange(_POSITION_DEGREE + 1) + 0.5) / (_POSITION_DEGREE + 1))
        positions = third_body_position_m(third, central, start_utc, middle_s + half_s * x)
        coefficients = np.asarray(np.linalg.solve(x[:, None] ** _POWERS, positions @ turn.T), float)
        return cls(coefficients=coefficients, middle_s=middle_s, half_s=half_s)

    def positions_m(self, t_s: FloatArray) -> FloatArray:
        x = (t_s - self.middle_s) / self.half_s
        return np.asarray(x[:, None] ** _POWERS @ self.coefficients)

    def position_km(self, t_s: float) -> FloatArray:
        x = (t_s - self.middle_s) / self.half_s
        return np.asarray(x**_POWERS @ self.coefficients) / KM

"""The maneuvering spacecraft: mass, propulsion, directions, execution error, times."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import SpacecraftError
from mdss.station_keeping import StationKeepingBox
from mdss.toml_file import (
    Place,
    build,
    convert,
    read_table,
    require,
    require_above_zero,
    require_not_negative,
)
from mdss.units import STANDARD_GRAVITY_M_S2

FloatArray = NDArray[np.float64]

_IMPULSE_BIT = "minimum_impulse_bit_n_s"

# Where a file may leave these out, the default is an assumption that the answer rests on.
_ASSUMED_IF_ABSENT = (
    "propellant_reserve_kg",
    "minimum_dv_m_s",
    "maximum_dv_m_s",
    "execution_error",
    "slew_s",
    "settle_s",
    "slew_back_s",
)


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

    def __post_init__(self) -> None:
        require_above_zero(SpacecraftError, "s", isp_s=self.isp_s)
        require_above_zero(SpacecraftError, "N", thrust_n=self.thrust_n)
        angle = self.cone_half_angle_deg
        good = angle is None or 0 <= angle <= 180
        require(good, SpacecraftError, "cone_half_angle_deg", angle, "0 to 180 deg")
        if self.directions_rtn is not None:
            units = tuple(_unit_vector(direction) for direction in self.directions_rtn)
            needed = "at least one direction; leave it out when any direction is possible"
            require(len(units) > 0, SpacecraftError, "directions_rtn", "empty", needed)
            object.__setattr__(self, "directions_rtn", units)
        elif angle is not None:
            raise SpacecraftError(
                f"cone_half_angle_deg is {angle:g} but directions_rtn is not given;"
                " give the axes of the cones or leave the angle out"
            )

    def can_push(self, direction_rtn: ArrayLike) -> bool:
        """Whether the delta-v may point along `direction_rtn`, shape (3,)."""
        if self.directions_rtn is None:
            return True
        cosines = np.asarray(self.directions_rtn) @ _unit_vector(direction_rtn)
        angle_rad = math.acos(min(1.0, float(cosines.max())))
        return angle_rad <= math.radians(self.cone_half_angle_deg or 0.0) + 1e-6


def _unit_vector(direction_rtn: ArrayLike) -> tuple[float, float, float]:
    vector = np.asarray(direction_rtn, dtype=float)
    length = float(np.linalg.norm(vector)) if vector.shape == (3,) else math.nan
    if not (math.isfinite(length) and length > 0):
        raise SpacecraftError(
            f"directions_rtn has {vector.tolist()}; a direction is three numbers"
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
        If a number is negative or not finite.

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


@dataclass(frozen=True, kw_only=True)
class Spacecraft:
    """The spacecraft that may maneuver.

    Parameters
    ----------
    designator : str
        Catalogue number or another unique identifier, as in the messages.
    name : str
    mass_kg : float
        Mass now, propellant included [kg].
    hard_body_radius_m : float, optional
        Combined radius of both objects [m], where the team has agreed on one.
    radius_m : float, optional
        Radius of this spacecraft alone [m].
    propellant_kg, propellant_reserve_kg : float
        Usable propellant left, and the part of it that must not be used [kg].
    thrusters : tuple of Thruster
        In order of preference; the first that can push along a burn is the one used.
    minimum_dv_m_s, maximum_dv_m_s : float
        Smallest (minimum impulse bit) and largest single burn [m/s].
    execution_error : ExecutionError, optional
        None: burns are taken as exact.
    slew_s, settle_s, slew_back_s : float
        Turning to the burn attitude and settling before the burn, turning back after it [s].
    cd_area_over_mass_m2_kg, cr_area_over_mass_m2_kg : float, optional
        Cd·A/m and Cr·A/m [m²/kg]; used where the message has none.
    station_keeping : StationKeepingBox, optional
        None: plans are measured in a box of ours, which limits nothing.
    can_maneuver : bool
        False: only "no burn" is possible.
    assumed : tuple of str
        Names of the fields that nobody gave.

    Raises
    ------
    SpacecraftError
        If a number is not possible, or contradicts another one.
    """

    designator: str
    name: str = ""
    mass_kg: float
    hard_body_radius_m: float | None = None
    radius_m: float | None = None
    propellant_kg: float = 0.0
    propellant_reserve_kg: float = 0.0
    thrusters: tuple[Thruster, ...] = ()
    minimum_dv_m_s: float = 0.0
    maximum_dv_m_s: float = math.inf
    execution_error: ExecutionError | None = None
    slew_s: float = 0.0
    settle_s: float = 0.0
    slew_back_s: float = 0.0
    cd_area_over_mass_m2_kg: float | None = None
    cr_area_over_mass_m2_kg: float | None = None
    station_keeping: StationKeepingBox | None = None
    can_maneuver: bool = True
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self.designator.strip() != "", SpacecraftError, "designator", "empty", "text")
        self._check_body()
        self._check_propellant()
        self._check_burns()

    def _check_body(self) -> None:
        require_above_zero(SpacecraftError, "kg", mass_kg=self.mass_kg)
        radii = {"hard_body_radius_m": self.hard_body_radius_m, "radius_m": self.radius_m}
        require_above_zero(SpacecraftError, "m", **radii)
        for name in ("cd_area_over_mass_m2_kg", "cr_area_over_mass_m2_kg"):
            require_not_negative(SpacecraftError, "m²/kg", **{name: getattr(self, name)})
        for name in ("slew_s", "settle_s", "slew_back_s"):
            require_not_negative(SpacecraftError, "s", **{name: getattr(self, name)})

    def _check_propellant(self) -> None:
        left, reserve = self.propellant_kg, self.propellant_reserve_kg
        require_not_negative(SpacecraftError, "kg", propellant_kg=left)
        require_not_negative(SpacecraftError, "kg", propellant_reserve_kg=reserve)
        needed = f"below mass_kg ({self.mass_kg:g} kg), which includes it"
        require(left < self.mass_kg, SpacecraftError, "propellant_kg", left, needed)
        needed = f"at most propellant_kg ({left:g} kg)"
        require(reserve <= left, SpacecraftError, "propellant_reserve_kg", reserve, needed)

    def _check_burns(self) -> None:
        low, high = self.minimum_dv_m_s, self.maximum_dv_m_s
        require_not_negative(SpacecraftError, "m/s", minimum_dv_m_s=low)
        require(high > 0, SpacecraftError, "maximum_dv_m_s", high, "above 0 m/s")
        needed = f"at least minimum_dv_m_s ({low:g} m/s)"
        require(high >= low, SpacecraftError, "maximum_dv_m_s", high, needed)
        if self.can_maneuver and not (self.thrusters and self.propellant_kg > 0):
            raise SpacecraftError(
                f"can_maneuver is true with {len(self.thrusters)} thrusters and"
                f" {self.propellant_kg:g} kg of propellant; give thrusters and propellant_kg,"
                " or can_maneuver = false"
            )

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Spacecraft:
        """The spacecraft of a TOML file whose keys are the field names.

        `minimum_impulse_bit_n_s` [N·s] may stand in for `minimum_dv_m_s`; it is divided by
        the mass. Fields that the file leaves out and that matter are listed in `assumed`.

        Raises
        ------
        SpacecraftError
            With file, key, value and what is needed.
        """
        place = Place(str(path), SpacecraftError)
        table = _with_minimum_dv(read_table(path, SpacecraftError), place)
        spacecraft = build(cls, table, place, hidden=("assumed",), synonyms=(_IMPULSE_BIT,))
        if spacecraft.can_maneuver:
            absent = tuple(name for name in _ASSUMED_IF_ABSENT if name not in table)
            object.__setattr__(spacecraft, "assumed", absent)
        return spacecraft

    @classmethod
    def generic(cls, designator: str) -> Spacecraft:
        """A small hydrazine spacecraft for when no file is given: every value is ours.

        500 kg with 20 kg of propellant (5 kg of it kept), one 1 N thruster set of 220 s
        that pushes anywhere after a slew, burns of 1 mm/s to 1 m/s, errors of 1 % in size
        and 1° in direction with 0.5 mm/s fixed, 5 minutes of slew and 2 of settling. Its
        radius is unknown.
        """
        return cls(
            designator=designator,
            name="generic spacecraft",
            mass_kg=500.0,
            propellant_kg=20.0,
            propellant_reserve_kg=5.0,
            thrusters=(Thruster(name="generic", isp_s=220.0, thrust_n=1.0),),
            minimum_dv_m_s=0.001,
            maximum_dv_m_s=1.0,
            execution_error=ExecutionError(
                magnitude_fixed_m_s=0.0005,
                magnitude_proportional=0.01,
                pointing_fixed_m_s=0.0005,
                pointing_proportional_rad=math.radians(1.0),
            ),
            slew_s=300.0,
            settle_s=120.0,
            slew_back_s=300.0,
            assumed=("mass_kg", "propellant_kg", "thrusters", *_ASSUMED_IF_ABSENT, "can_maneuver"),
        )

    @property
    def directions_rtn(self) -> FloatArray | None:
        """All one-sided directions, shape (k, 3), RTN; None when any direction is possible."""
        sets = [thruster.directions_rtn for thruster in self.thrusters]
        listed = [one for one in sets if one is not None]
        if len(listed) < len(sets) or not listed:
            return None
        return np.array([direction for one in listed for direction in one])

    @property
    def cone_half_angle_rad(self) -> float | None:
        """Cone about `directions_rtn` [rad]: the narrowest of the thrusters; None for none."""
        if self.directions_rtn is None:
            return None
        narrowest = min(thruster.cone_half_angle_deg or 0.0 for thruster in self.thrusters)
        return math.radians(narrowest) if narrowest > 0 else None

    def thruster_for(self, dv_rtn: ArrayLike | None = None) -> Thruster:
        """The first thruster that can push along `dv_rtn`, shape (3,); without it the first.

        Raises
        ------
        SpacecraftError
            If the spacecraft has no thruster, or none in that direction.
        """
        for thruster in self.thrusters:
            if dv_rtn is None or thruster.can_push(dv_rtn):
                return thruster
        raise SpacecraftError(
            f"no thruster of {self.designator} pushes along {np.asarray(dv_rtn).tolist()};"
            " choose another direction or list one in thrusters"
        )

    def propellant_used_kg(self, dv_m_s: float, dv_rtn: ArrayLike | None = None) -> float:
        """Propellant that a burn takes, by the rocket equation [kg].

        Parameters
        ----------
        dv_m_s : float
            Size of the burn [m/s].
        dv_rtn : array_like, shape (3,), optional
            Its direction, which chooses the thruster; without it the first one.
        """
        if dv_m_s == 0:
            return 0.0
        exhaust_m_s = self.thruster_for(dv_rtn).isp_s * STANDARD_GRAVITY_M_S2
        return -self.mass_kg * math.expm1(-dv_m_s / exhaust_m_s)

    def burn_duration_s(self, dv_m_s: float, dv_rtn: ArrayLike | None = None) -> float:
        """How long a burn lasts at constant thrust and mass flow [s]; see `propellant_used_kg`."""
        if dv_m_s == 0:
            return 0.0
        thruster = self.thruster_for(dv_rtn)
        impulse_n_s_per_kg = thruster.isp_s * STANDARD_GRAVITY_M_S2
        used_kg = self.propellant_used_kg(dv_m_s, dv_rtn)
        return used_kg * impulse_n_s_per_kg / thruster.thrust_n

    @property
    def available_dv_m_s(self) -> float:
        """Largest burn that the propellant above the reserve and `maximum_dv_m_s` allow [m/s].

        With the least efficient thruster, so that every direction is covered; 0 for a
        spacecraft that cannot maneuver.
        """
        if not self.can_maneuver:
            return 0.0
        exhaust_m_s = min(one.isp_s for one in self.thrusters) * STANDARD_GRAVITY_M_S2
        usable_kg = self.propellant_kg - self.propellant_reserve_kg
        by_propellant = -exhaust_m_s * math.log1p(-usable_kg / self.mass_kg)
        return min(by_propellant, self.maximum_dv_m_s)


def _with_minimum_dv(table: dict[str, Any], place: Place) -> dict[str, Any]:
    """The table with the minimum impulse bit turned into a delta-v."""
    key = _IMPULSE_BIT
    if key not in table:
        return table
    if "mass_kg" not in table:
        raise place.wrong("mass_kg must be given")
    if "minimum_dv_m_s" in table:
        raise (place / key).wrong("is given together with minimum_dv_m_s; keep one of them")
    bit_n_s = convert(float, table[key], place / key)
    mass_kg = convert(float, table["mass_kg"], place / "mass_kg")
    if bit_n_s < 0 or mass_kg <= 0:
        seen = f"is {bit_n_s:g} with mass_kg {mass_kg:g}"
        raise (place / key).wrong(f"{seen}; it must be 0 or more, with a mass above 0 kg")
    rest = {name: value for name, value in table.items() if name != key}
    return {**rest, "minimum_dv_m_s": bit_n_s / mass_kg}

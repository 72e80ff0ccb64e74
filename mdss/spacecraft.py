"""The maneuvering spacecraft: mass, propulsion, directions, execution error, times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import SpacecraftError
from mdss.propulsion import ANGLE_SLACK_RAD, ExecutionError, Thruster, unit_vector
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

__all__ = ["ExecutionError", "Spacecraft", "Thruster"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

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
        Smallest (minimum impulse bit) and largest single burn [m/s]. The smallest is raised to
        what `minimum_on_s` of the thrusters makes.
    execution_error : ExecutionError, optional
        None: burns are taken as exact.
    slew_s, settle_s, slew_back_s : float
        Turning to the burn attitude and settling before the burn, turning back after it [s].
    rest_thrust_rtn : (float, float, float), optional
        Where thrust would push the spacecraft in its normal attitude, RTN; kept as unit vector.
    slew_rate_deg_s : float, optional
        The angle from there to a burn's direction, divided by this rate, is added to `slew_s`
        and `slew_back_s` [deg/s].
    maximum_slew_deg : float, optional
        The largest such angle that is allowed, 0 to 180 [deg].
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
    rest_thrust_rtn: tuple[float, float, float] | None = None
    slew_rate_deg_s: float | None = None
    maximum_slew_deg: float | None = None
    cd_area_over_mass_m2_kg: float | None = None
    cr_area_over_mass_m2_kg: float | None = None
    station_keeping: StationKeepingBox | None = None
    can_maneuver: bool = True
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self.designator.strip() != "", SpacecraftError, "designator", "empty", "text")
        self._check_body()
        self._check_slews()
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

    def _check_slews(self) -> None:
        require_above_zero(SpacecraftError, "deg/s", slew_rate_deg_s=self.slew_rate_deg_s)
        angle = self.maximum_slew_deg
        good = angle is None or 0 <= angle <= 180
        require(good, SpacecraftError, "maximum_slew_deg", angle, "0 to 180 deg")
        if self.rest_thrust_rtn is not None:
            unit = unit_vector(self.rest_thrust_rtn, "rest_thrust_rtn")
            object.__setattr__(self, "rest_thrust_rtn", unit)
            return
        for name in ("slew_rate_deg_s", "maximum_slew_deg"):
            if getattr(self, name) is not None:
                raise SpacecraftError(
                    f"{name} is {getattr(self, name):g} but rest_thrust_rtn is not given;"
                    " give the direction of thrust in the normal attitude"
                )

    def _check_propellant(self) -> None:
        left, reserve = self.propellant_kg, self.propellant_reserve_kg
        require_not_negative(SpacecraftError, "kg", propellant_kg=left)
        require_not_negative(SpacecraftError, "kg", propellant_reserve_kg=reserve)
        needed = f"below mass_kg ({self.mass_kg:g} kg), which includes it"
        require(left < self.mass_kg, SpacecraftError, "propellant_kg", left, needed)
        needed = f"at most propellant_kg ({left:g} kg)"
        require(reserve <= left, SpacecraftError, "propellant_reserve_kg", reserve, needed)

    def _check_burns(self) -> None:
        require_not_negative(SpacecraftError, "m/s", minimum_dv_m_s=self.minimum_dv_m_s)
        shortest = (one.dv_of_m_s(one.minimum_on_s, self.mass_kg) for one in self.thrusters)
        low, high = max(self.minimum_dv_m_s, *shortest, 0.0), self.maximum_dv_m_s
        object.__setattr__(self, "minimum_dv_m_s", low)
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
        """All one-sided directions, shape (k, 3), RTN; None when any direction is possible.

        `maximum_slew_deg` is in them: where the thrusters allow any direction it is the cone about
        `rest_thrust_rtn`; else listed directions beyond it are left out. A cone that it cuts in
        part is kept whole, and so is the list when nothing would be left: `beyond_slew` then tells.
        """
        listed = self._listed_directions_rtn
        if self.maximum_slew_deg is None or self.maximum_slew_deg >= 180:
            return listed
        if listed is None:
            return np.array([self.rest_thrust_rtn])
        reach_rad = math.radians(self.maximum_slew_deg) + (self._narrowest_cone_rad or 0.0)
        near = self.slew_angle_rad(listed) <= reach_rad + ANGLE_SLACK_RAD
        return listed[near] if np.any(near) else listed

    @property
    def _listed_directions_rtn(self) -> FloatArray | None:
        sets = [thruster.directions_rtn for thruster in self.thrusters]
        listed = [one for one in sets if one is not None]
        if len(listed) < len(sets) or not listed:
            return None
        return np.array([direction for one in listed for direction in one])

    @property
    def _narrowest_cone_rad(self) -> float | None:
        narrowest = min(thruster.cone_half_angle_deg or 0.0 for thruster in self.thrusters)
        return math.radians(narrowest) if narrowest > 0 else None

    @property
    def cone_half_angle_rad(self) -> float | None:
        """Cone about `directions_rtn` [rad]: the narrowest of the thrusters; None for none."""
        if self.directions_rtn is None:
            return None
        if self._listed_directions_rtn is None:
            return math.radians(self.maximum_slew_deg or 0.0) or None
        return self._narrowest_cone_rad

    def can_push(self, direction_rtn: ArrayLike) -> bool:
        """Whether some thruster can push along `direction_rtn`, shape (3,), after its slew."""
        able = any(thruster.can_push(direction_rtn) for thruster in self.thrusters)
        return able and not bool(self.beyond_slew(direction_rtn))

    def slew_angle_rad(self, dv_rtn: ArrayLike) -> FloatArray:
        """Angle from the normal attitude to that of burns.

        Parameters
        ----------
        dv_rtn : array_like, shape (..., 3)
            Their directions, any length. A burn of no direction turns nowhere.

        Returns
        -------
        array, shape (...)
            [rad]; 0 where `rest_thrust_rtn` is not given.
        """
        dv = np.asarray(dv_rtn, dtype=float)
        if self.rest_thrust_rtn is None:
            return np.zeros(dv.shape[:-1])
        along = dv @ np.array(self.rest_thrust_rtn)
        across = np.linalg.norm(np.cross(dv, self.rest_thrust_rtn), axis=-1)
        return np.asarray(np.nan_to_num(np.arctan2(across, along)))

    def beyond_slew(self, dv_rtn: ArrayLike) -> BoolArray:
        """Whether burns ask for more than `maximum_slew_deg`; shapes as in `slew_angle_rad`."""
        angle_rad = self.slew_angle_rad(dv_rtn)
        limit = 180.0 if self.maximum_slew_deg is None else self.maximum_slew_deg
        return np.asarray(angle_rad > math.radians(limit) + ANGLE_SLACK_RAD, dtype=bool)

    def lead_in_s(self, dv_rtn: ArrayLike) -> FloatArray:
        """From the start of the slew to that of the burn [s]; shapes as in `slew_angle_rad`."""
        return self.slew_s + self.settle_s + self._turn_s(dv_rtn)

    def lead_out_s(self, dv_rtn: ArrayLike) -> FloatArray:
        """From the end of the burn to that of the slew back [s]."""
        return self.slew_back_s + self._turn_s(dv_rtn)

    def _turn_s(self, dv_rtn: ArrayLike) -> FloatArray:
        if self.slew_rate_deg_s is None:
            return np.zeros(np.shape(dv_rtn)[:-1])
        return np.asarray(self.slew_angle_rad(dv_rtn) / math.radians(self.slew_rate_deg_s))

    def thruster_places(self, dv_rtn: FloatArray) -> IntArray:
        """Which thruster fires each burn; the first where none can or there is no direction.

        Parameters
        ----------
        dv_rtn : array, shape (n, 3)

        Returns
        -------
        array of int, shape (n,)
            Places in `thrusters`.
        """
        size = np.linalg.norm(dv_rtn, axis=1, keepdims=True)
        known = np.isfinite(size) & (size > 0)
        units = np.where(known, dv_rtn, 0.0) / np.where(known, size, 1.0)
        able = np.array([thruster.pushes(units) for thruster in self.thrusters]) & known[:, 0]
        return np.asarray(np.argmax(able, axis=0))

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
        exhaust_m_s = self.thruster_for(dv_rtn).exhaust_m_s
        return -self.mass_kg * math.expm1(-dv_m_s / exhaust_m_s)

    def burn_duration_s(self, dv_m_s: float, dv_rtn: ArrayLike | None = None) -> float:
        """How long a burn lasts at constant thrust and mass flow [s]; see `propellant_used_kg`."""
        if dv_m_s == 0:
            return 0.0
        return float(self.thruster_for(dv_rtn).duration_s(dv_m_s, self.mass_kg))

    def longest_burn_m_s(self, dv_rtn: ArrayLike | None = None) -> float:
        """Largest single burn that `maximum_on_s` of its thruster allows [m/s]; inf: any."""
        thruster = self.thruster_for(dv_rtn)
        return thruster.dv_of_m_s(thruster.maximum_on_s, self.mass_kg)

    def longest_burns_m_s(self, dv_rtn: FloatArray) -> FloatArray:
        """Largest burns that `maximum_on_s` of their thrusters allows, inf: any [m/s].

        Parameters
        ----------
        dv_rtn : array, shape (n, 3)
            Their directions.
        """
        each = [one.dv_of_m_s(one.maximum_on_s, self.mass_kg) for one in self.thrusters]
        return np.array(each)[self.thruster_places(dv_rtn)]

    @property
    def usable_propellant_kg(self) -> float:
        """What is above the reserve [kg]."""
        return self.propellant_kg - self.propellant_reserve_kg

    @property
    def available_dv_m_s(self) -> float:
        """Largest burn that `propellant_dv_m_s` and `maximum_dv_m_s` allow [m/s]."""
        return min(self.propellant_dv_m_s, self.maximum_dv_m_s)

    @property
    def propellant_dv_m_s(self) -> float:
        """Total of all burns that the propellant above the reserve allows [m/s].

        With the least efficient thruster, so that every direction is covered; 0 for a
        spacecraft that cannot maneuver.
        """
        if not self.can_maneuver:
            return 0.0
        exhaust_m_s = min(one.exhaust_m_s for one in self.thrusters)
        return -exhaust_m_s * math.log1p(-self.usable_propellant_kg / self.mass_kg)


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

"""The orbit parameter message as an object: a state, its covariance and planned burns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import MessageError
from mdss.messages.odm import (
    COVARIANCE_KEYWORDS,
    DV_KEYWORDS,
    OPM_LAYOUT,
    STATE_KEYWORDS,
    USER_PREFIX,
    Layout,
    Odm,
    OdmPart,
    Part,
)
from mdss.messages.values import Value
from mdss.units import KM, as_utc

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class OpmManeuver:
    """A maneuver block as it stands in a message.

    Parameters
    ----------
    ignition_utc : datetime
        MAN_EPOCH_IGNITION, converted from the message's time system.
    duration_s : float
        0 for an impulse.
    delta_mass_kg : float, optional
        Change of mass, 0 or negative; None when the message does not say.
    ref_frame : str
        MAN_REF_FRAME in upper case: RTN (also written RSW), TNW, or an inertial frame.
    dv_km_s : tuple of three floats
        On the axes of that frame [km/s].
    comments : tuple of str
        Of the block.
    """

    ignition_utc: datetime
    duration_s: float
    delta_mass_kg: float | None
    ref_frame: str
    dv_km_s: tuple[float, float, float]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpmBurn:
    """A burn to be written as a maneuver block, in SI.

    Parameters
    ----------
    ignition_utc : datetime
        When thrust begins; timezone-aware.
    dv_rtn_m_s : three floats
        On the RTN axes of the object [m/s].
    duration_s : float
        0 for an impulse.
    delta_mass_kg : float, optional
        Propellant, as a negative change of mass.
    comment : str
        One line, "" for none.
    """

    ignition_utc: datetime
    dv_rtn_m_s: tuple[float, float, float]
    duration_s: float = 0.0
    delta_mass_kg: float | None = None
    comment: str = ""

    def __post_init__(self) -> None:
        numbers = [*self.dv_rtn_m_s, self.duration_s, self.delta_mass_kg or 0.0]
        if len(self.dv_rtn_m_s) != 3 or not np.all(np.isfinite(numbers)):
            raise MessageError(f"a burn needs three finite components of delta-v: {self}")
        if self.duration_s < 0 or (self.delta_mass_kg or 0.0) > 0:
            raise MessageError(f"a burn neither runs backwards nor adds mass: {self}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Opm(Odm):
    """One orbit parameter message (CCSDS 502.0-B).

    Notes
    -----
    Everything is in the message's units, frame and time system; `read_opm` has checked it.
    """

    layout: ClassVar[Layout] = OPM_LAYOUT

    @property
    def epoch_utc(self) -> datetime:
        """EPOCH of state, elements and covariance, UTC."""
        return self._utc(self.text("EPOCH"))

    @property
    def ref_frame_epoch_utc(self) -> datetime | None:
        """REF_FRAME_EPOCH, UTC; None when absent."""
        text = self.text("REF_FRAME_EPOCH")
        return self._utc(text) if text else None

    @property
    def created_utc(self) -> datetime | None:
        """CREATION_DATE, which is UTC whatever the time system; None when absent."""
        from mdss.astro.time_scales import utc_from

        text = self.text("CREATION_DATE")
        return utc_from(text) if text else None

    @property
    def state_km(self) -> FloatArray:
        """Position and velocity in `ref_frame` at `center_name`, shape (6,) [km], [km/s]."""
        fields = self.part(Part.STATE).fields
        return np.array([float(fields[keyword]) for keyword in STATE_KEYWORDS])

    @property
    def covariance_km2(self) -> FloatArray | None:
        """Covariance of the state, shape (6, 6) [km², km²/s, km²/s²]; None without one."""
        fields = self.part(Part.COVARIANCE).fields
        if COVARIANCE_KEYWORDS[0][0] not in fields:
            return None
        matrix = np.zeros((6, 6))
        for i, row in enumerate(COVARIANCE_KEYWORDS):
            for j, keyword in enumerate(row):
                matrix[i, j] = matrix[j, i] = float(fields[keyword])
        return matrix

    @property
    def covariance_frame(self) -> str:
        """COV_REF_FRAME in upper case; the state's frame when the message does not say."""
        return self.text("COV_REF_FRAME").upper() or self.ref_frame

    @property
    def mass_kg(self) -> float | None:
        """MASS [kg]; None when absent."""
        return self.number("MASS")

    @property
    def cd_area_over_mass_m2_kg(self) -> float | None:
        """Cd·A/m for drag [m²/kg]; None when one of the three is absent."""
        return self._area_over_mass("DRAG_COEFF", "DRAG_AREA")

    @property
    def cr_area_over_mass_m2_kg(self) -> float | None:
        """Cr·A/m for solar radiation pressure [m²/kg]; None when one of the three is absent."""
        return self._area_over_mass("SOLAR_RAD_COEFF", "SOLAR_RAD_AREA")

    def _area_over_mass(self, coefficient: str, area: str) -> float | None:
        factors = self.number(coefficient), self.number(area), self.mass_kg
        if factors[0] is None or factors[1] is None or not factors[2]:
            return None
        return factors[0] * factors[1] / factors[2]

    @property
    def maneuvers(self) -> tuple[OpmManeuver, ...]:
        """The maneuver blocks, in the message's order."""
        return tuple(self._maneuver(one) for one in self.maneuver_parts)

    def _maneuver(self, one: OdmPart) -> OpmManeuver:
        first, second, third = (float(one.fields[keyword]) for keyword in DV_KEYWORDS)
        delta_mass = one.fields.get("MAN_DELTA_MASS")
        known = isinstance(delta_mass, float) and np.isfinite(delta_mass)
        return OpmManeuver(
            ignition_utc=self._utc(str(one.fields["MAN_EPOCH_IGNITION"])),
            duration_s=float(one.fields["MAN_DURATION"]),
            delta_mass_kg=float(delta_mass) if known and delta_mass is not None else None,
            ref_frame=str(one.fields["MAN_REF_FRAME"]).upper(),
            dv_km_s=(first, second, third),
            comments=one.comments,
        )

    def _utc(self, text: str) -> datetime:
        from mdss.astro.time_scales import utc_from

        return utc_from(text, self.time_system)

    @classmethod
    def from_state_and_burns(
        cls,
        *,
        object_name: str,
        object_id: str,
        epoch_utc: datetime,
        position_m: ArrayLike,
        velocity_m_s: ArrayLike,
        burns: Sequence[OpmBurn],
        created_utc: datetime,
        originator: str,
        message_id: str = "",
        center_name: str = "EARTH",
        cov_rtn_m2: ArrayLike | None = None,
        spacecraft: Mapping[str, float] | None = None,
        comments: Sequence[str] = (),
        user_defined: Mapping[str, str] | None = None,
    ) -> Opm:
        """A message that tells a state and the burns planned from it, as to the other operator.

        Parameters
        ----------
        object_name, object_id : str
            OBJECT_NAME and OBJECT_ID.
        epoch_utc : datetime
            Epoch of the state; before the first burn, since the state does not contain it.
        position_m, velocity_m_s : array_like, shape (3,)
            GCRF; at another body ICRF axes at its centre [m], [m/s].
        burns : sequence of OpmBurn
            In the order of ignition; may be empty.
        created_utc : datetime
            CREATION_DATE.
        originator, message_id : str
            Of the header.
        center_name : str
            "EARTH", "MARS" or "MOON".
        cov_rtn_m2 : array_like, shape (6, 6), optional
            Covariance of the state on the object's RTN axes [m², m²/s, m²/s²].
        spacecraft : mapping, optional
            MASS [kg], DRAG_AREA [m²], DRAG_COEFF, SOLAR_RAD_AREA [m²], SOLAR_RAD_COEFF.
        comments : sequence of str
            Of the header.
        user_defined : mapping, optional
            User-defined parameters, names in upper case without USER_DEFINED_.

        Raises
        ------
        MessageError
            If a number is not finite, a burn begins before the epoch, or a keyword is unknown.
        """
        epoch = as_utc(epoch_utc)
        state = np.concatenate([_three(position_m), _three(velocity_m_s)]) / KM
        _check_order(epoch, burns)
        extras = tuple((USER_PREFIX + key, text) for key, text in (user_defined or {}).items())
        parts = {
            Part.HEADER: OdmPart(
                fields=_filled(
                    CCSDS_OPM_VERS="3.0" if message_id else "2.0",
                    CREATION_DATE=_date(created_utc),
                    ORIGINATOR=originator,
                    MESSAGE_ID=message_id,
                ),
                comments=tuple(comments),
            ),
            Part.METADATA: OdmPart(
                fields=_filled(
                    OBJECT_NAME=object_name,
                    OBJECT_ID=object_id,
                    CENTER_NAME=center_name.upper(),
                    REF_FRAME="GCRF" if center_name.upper() == "EARTH" else "ICRF",
                    TIME_SYSTEM="UTC",
                )
            ),
            Part.STATE: OdmPart(
                fields={
                    "EPOCH": _date(epoch),
                    **dict(zip(STATE_KEYWORDS, state.tolist(), strict=True)),
                }
            ),
            Part.SPACECRAFT: OdmPart(fields=_spacecraft_fields(spacecraft or {})),
            Part.COVARIANCE: OdmPart(fields=_covariance_fields(cov_rtn_m2)),
            Part.USER: OdmPart(extras=extras),
        }
        filled = {part: one for part, one in parts.items() if one != OdmPart()}
        return cls(parts=filled, maneuver_parts=tuple(_burn_part(burn) for burn in burns))


def _three(vector: ArrayLike) -> FloatArray:
    array = np.asarray(vector, dtype=float)
    if array.shape != (3,) or not np.all(np.isfinite(array)):
        raise MessageError(f"a state needs three finite numbers each, got {array}")
    return array


def _check_order(epoch_utc: datetime, burns: Sequence[OpmBurn]) -> None:
    ignitions = [epoch_utc, *(as_utc(burn.ignition_utc) for burn in burns)]
    if ignitions != sorted(ignitions):
        raise MessageError(
            "burns must follow the epoch of the state, in the order of ignition",
            field="MAN_EPOCH_IGNITION",
            value=", ".join(_date(one) for one in ignitions),
        )


def _date(instant_utc: datetime) -> str:
    return as_utc(instant_utc).replace(tzinfo=None).isoformat(timespec="microseconds")


def _filled(**fields: str) -> dict[str, Value]:
    return {key: text for key, text in fields.items() if text}


def _spacecraft_fields(values: Mapping[str, float]) -> dict[str, Value]:
    known = [row.keyword for row in OPM_LAYOUT.rows_of(Part.SPACECRAFT)]
    for keyword, value in values.items():
        if keyword not in known or not value >= 0:
            raise MessageError(
                f"is not one of {', '.join(known)} with a value of 0 or more",
                field=keyword,
                value=f"{value:g}",
            )
    return {keyword: float(values[keyword]) for keyword in known if keyword in values}


def _covariance_fields(cov_rtn_m2: ArrayLike | None) -> dict[str, Value]:
    if cov_rtn_m2 is None:
        return {}
    matrix = np.asarray(cov_rtn_m2, dtype=float) / KM**2
    if matrix.shape != (6, 6) or not np.all(np.isfinite(matrix)):
        raise MessageError(f"a covariance needs 6 x 6 finite numbers, got shape {matrix.shape}")
    fields: dict[str, Value] = {"COV_REF_FRAME": "RTN"}
    for i, row in enumerate(COVARIANCE_KEYWORDS):
        fields |= {keyword: float(matrix[i, j]) for j, keyword in enumerate(row)}
    return fields


def _burn_part(burn: OpmBurn) -> OdmPart:
    fields: dict[str, Value] = {
        "MAN_EPOCH_IGNITION": _date(burn.ignition_utc),
        "MAN_DURATION": float(burn.duration_s),
    }
    if burn.delta_mass_kg is not None:
        fields["MAN_DELTA_MASS"] = float(burn.delta_mass_kg)
    fields["MAN_REF_FRAME"] = "RTN"
    fields |= {k: float(x) / KM for k, x in zip(DV_KEYWORDS, burn.dv_rtn_m_s, strict=True)}
    return OdmPart(fields=fields, comments=(burn.comment,) if burn.comment else ())

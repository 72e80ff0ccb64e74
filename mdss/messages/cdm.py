"""The conjunction data message as an object: what it says, and what that means in SI."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.messages.comments import about_space_weather, density_error, hard_body_radius
from mdss.messages.fields import (
    COVARIANCE_KEYWORDS,
    DATA_SECTIONS,
    POSITION_KEYWORDS,
    VELOCITY_COVARIANCE_KEYWORDS,
    VELOCITY_KEYWORDS,
    Section,
)
from mdss.messages.values import Value, chosen, epoch_utc
from mdss.notices import Notice
from mdss.units import KM

FloatArray = NDArray[np.float64]
Comments = Mapping[Section, tuple[str, ...]]


@dataclass(frozen=True)
class Extra:
    """A keyword that the field table does not know, kept as text where it stood."""

    section: Section
    keyword: str
    text: str


@dataclass(frozen=True, kw_only=True, eq=False)
class CdmObject:
    """One of the two objects of a CDM.

    Parameters
    ----------
    fields : mapping
        Values by CCSDS keyword, in the message's units (km, km/s, m²); not to be changed.
    comments : mapping
        Comments by section.
    extras : tuple of Extra
        Unknown keywords.
    tca_utc : datetime
        Epoch of the state.

    Notes
    -----
    Equality compares what the message says, NaN equal to NaN. Objects come from
    `read_cdms`, which has checked them.
    """

    fields: Mapping[str, Value]
    comments: Comments = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()
    tca_utc: datetime

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CdmObject):
            return NotImplemented
        return self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        return (_comparable(self.fields), _filled(self.comments), self.extras, self.tca_utc)

    def get(self, keyword: str) -> Value | None:
        """The message's own value (its units), or None when it says nothing."""
        return _lookup(keyword, self.fields, self.extras)

    @property
    def designator(self) -> str:
        """OBJECT_DESIGNATOR."""
        return str(self.fields["OBJECT_DESIGNATOR"])

    @property
    def international_designator(self) -> str:
        """INTERNATIONAL_DESIGNATOR, "" when absent or UNKNOWN."""
        printed = str(self.fields.get("INTERNATIONAL_DESIGNATOR", "")).strip()
        return "" if printed.upper() in ("UNKNOWN", "N/A") else printed

    @property
    def name(self) -> str:
        """OBJECT_NAME, "" when absent."""
        return str(self.fields.get("OBJECT_NAME", ""))

    @property
    def maneuverable(self) -> bool | None:
        """MANEUVERABLE; None when the message does not say (N/A)."""
        return {"YES": True, "NO": False}.get(chosen(self.fields, "MANEUVERABLE"))

    @property
    def ref_frame(self) -> str:
        """REF_FRAME in upper case."""
        return chosen(self.fields, "REF_FRAME")

    @property
    def orbit_center(self) -> str:
        """ORBIT_CENTER in upper case; EARTH when absent."""
        return chosen(self.fields, "ORBIT_CENTER") or "EARTH"

    @property
    def position_gcrf_m(self) -> FloatArray:
        """Position at TCA, shape (3,) [m]. FrameError if it cannot be converted.

        GCRF axes, which are those of the ICRF; at another body at its centre.
        """
        return self._state_gcrf[0]

    @property
    def velocity_gcrf_m_s(self) -> FloatArray:
        """Inertial velocity at TCA, GCRF, shape (3,) [m/s]. FrameError as for the position."""
        return self._state_gcrf[1]

    @cached_property
    def _state_gcrf(self) -> tuple[FloatArray, FloatArray]:
        from mdss.astro.frames import gcrf_state_from

        position_m = KM * self._vector(POSITION_KEYWORDS)
        velocity_m_s = KM * self._vector(VELOCITY_KEYWORDS)
        state = gcrf_state_from(self.ref_frame, position_m, velocity_m_s, self.tca_utc)
        return _read_only(state[0]), _read_only(state[1])

    def _vector(self, keywords: tuple[str, ...]) -> FloatArray:
        return np.array([float(self.fields[keyword]) for keyword in keywords])

    @cached_property
    def cov_rtn_m2(self) -> FloatArray:
        """Covariance in the object's own RTN axes [m², m²/s, m²/s²].

        Shape (6, 6); (3, 3) when the message has no velocity rows.
        """
        size = 6 if VELOCITY_COVARIANCE_KEYWORDS[0] in self.fields else 3
        matrix = np.zeros((size, size))
        for i, row in enumerate(COVARIANCE_KEYWORDS[:size]):
            for j, keyword in enumerate(row):
                matrix[i, j] = matrix[j, i] = float(self.fields[keyword])
        return _read_only(matrix)

    @property
    def cd_area_over_mass_m2_kg(self) -> float | None:
        """Cd·A/m for drag [m²/kg]; None when absent or NaN."""
        return _known(self.fields.get("CD_AREA_OVER_MASS"))

    @property
    def cr_area_over_mass_m2_kg(self) -> float | None:
        """Cr·A/m for solar radiation pressure [m²/kg]; None when absent or NaN."""
        return _known(self.fields.get("CR_AREA_OVER_MASS"))

    @property
    def mass_kg(self) -> float | None:
        """MASS [kg]; None when absent or not above zero."""
        mass = _known(self.fields.get("MASS"))
        return mass if mass is not None and mass > 0 else None

    @property
    def density_error(self) -> tuple[float, tuple[float, ...]] | None:
        """Relative 1-sigma density error and its effect on the state at TCA.

        The six sensitivities are RTN position [m] and velocity [m/s] for an error of one.
        None without complete `DCP` comments in the object's data.
        """
        texts = [text for section in DATA_SECTIONS for text in self.comments.get(section, ())]
        return density_error(texts).value


@dataclass(frozen=True, kw_only=True, eq=False)
class Cdm:
    """One conjunction data message (CCSDS 508.0-B-1).

    Parameters
    ----------
    fields : mapping
        Header and relative values by CCSDS keyword, in the message's units; not to be changed.
    objects : (CdmObject, CdmObject)
        OBJECT1 and OBJECT2.
    comments : mapping
        Comments of header and relative section.
    extras : tuple of Extra
        Unknown keywords.
    notices : tuple of Notice
        What reading had to assume; not part of equality.
    source : str
        File name; not part of equality.
    """

    fields: Mapping[str, Value]
    objects: tuple[CdmObject, CdmObject]
    comments: Comments = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()
    notices: tuple[Notice, ...] = ()
    source: str = ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cdm):
            return NotImplemented
        return self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        return (_comparable(self.fields), _filled(self.comments), self.extras, self.objects)

    def get(self, keyword: str) -> Value | None:
        """The message's own value (its units), or None when it says nothing."""
        return _lookup(keyword, self.fields, self.extras)

    @property
    def tca_utc(self) -> datetime:
        """Time of closest approach, UTC."""
        return epoch_utc(str(self.fields["TCA"]))

    @property
    def central_body(self) -> str:
        """What both objects orbit: ORBIT_CENTER in lower case."""
        return self.objects[0].orbit_center.lower()

    @property
    def created_utc(self) -> datetime | None:
        """CREATION_DATE, UTC."""
        text = self.fields.get("CREATION_DATE")
        return None if text is None else epoch_utc(str(text))

    @property
    def message_id(self) -> str:
        """MESSAGE_ID, "" when absent."""
        return str(self.fields.get("MESSAGE_ID", ""))

    @property
    def originator(self) -> str:
        """ORIGINATOR, "" when absent."""
        return str(self.fields.get("ORIGINATOR", ""))

    @property
    def hard_body_radius_m(self) -> float | None:
        """Sum of both objects' radii [m], as the message states it; None when it does not.

        First the keyword HBR of the relative section, then a comment ("HBR = 15 [m]"; the
        largest when several differ), then the sum of both objects' own HBR.
        """
        combined = _known(self.fields.get("HBR"))
        if combined is not None:
            return combined
        readings = [hard_body_radius(text) for text in self._all_comments()]
        stated = [r.value for r in readings if r is not None and r.value is not None]
        return max(stated) if stated else self._sum_of_radii_m()

    def _sum_of_radii_m(self) -> float | None:
        first, second = (_known(o.fields.get("HBR")) for o in self.objects)
        return None if first is None or second is None else first + second

    def _all_comments(self) -> list[str]:
        parts = (self.comments, *(o.comments for o in self.objects))
        return [text for comments in parts for texts in comments.values() for text in texts]

    @property
    def space_weather(self) -> tuple[str, ...]:
        """The comments about solar and geomagnetic activity, each once."""
        return tuple(dict.fromkeys(filter(about_space_weather, self._all_comments())))

    @property
    def collision_probability(self) -> float | None:
        """COLLISION_PROBABILITY; None when absent. A 0 may be a placeholder."""
        return _known(self.fields.get("COLLISION_PROBABILITY"))

    @property
    def collision_probability_method(self) -> str:
        """COLLISION_PROBABILITY_METHOD, "" when absent."""
        return str(self.fields.get("COLLISION_PROBABILITY_METHOD", ""))

    @property
    def miss_distance_m(self) -> float | None:
        """MISS_DISTANCE as reported [m]; None when absent or NaN."""
        return _known(self.fields.get("MISS_DISTANCE"))

    @property
    def relative_speed_m_s(self) -> float | None:
        """RELATIVE_SPEED as reported [m/s]; None when absent or NaN."""
        return _known(self.fields.get("RELATIVE_SPEED"))


def _lookup(keyword: str, fields: Mapping[str, Value], extras: tuple[Extra, ...]) -> Value | None:
    if keyword in fields:
        return fields[keyword]
    return next((extra.text for extra in extras if extra.keyword == keyword), None)


def _known(value: Value | None) -> float | None:
    if value is None or isinstance(value, str) or not math.isfinite(value):
        return None
    return float(value)


def _comparable(fields: Mapping[str, Value]) -> dict[str, Value]:
    return {k: "NaN" if isinstance(v, float) and math.isnan(v) else v for k, v in fields.items()}


def _filled(comments: Comments) -> dict[Section, tuple[str, ...]]:
    return {section: tuple(texts) for section, texts in comments.items() if texts}


def _read_only(array: FloatArray) -> FloatArray:
    array = np.array(array, dtype=float)
    array.setflags(write=False)
    return array

"""A CDM from two states at closest approach: how our own findings leave the house."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.messages.cdm import Cdm, CdmObject
from mdss.messages.fields import (
    COVARIANCE_KEYWORDS,
    POSITION_KEYWORDS,
    VELOCITY_KEYWORDS,
    Section,
)
from mdss.messages.values import Value
from mdss.units import KM, as_utc

FloatArray = NDArray[np.float64]

_AXES = "RTN"
_INTERNATIONAL = re.compile(r"\d{4}-\d{3}[A-Z]{1,3}")


@dataclass(frozen=True, kw_only=True, eq=False)
class CdmSide:
    """One object of a CDM to be made.

    Parameters
    ----------
    designator, name : str
        Of the object; "UNKNOWN" is written where a name is empty.
    position_m, velocity_m_s : array, shape (3,)
        GCRF; at another body ICRF axes at its centre [m], [m/s].
    cov_rtn_m2 : array, shape (3, 3) or (6, 6)
        In its own RTN axes [m², m²/s, m²/s²].
    ephemeris_name : str
        What the state comes from, a file name.
    assumed_covariance : str
        Not empty: the covariance is an assumption, in these words.
    """

    designator: str
    name: str
    position_m: FloatArray
    velocity_m_s: FloatArray
    cov_rtn_m2: FloatArray
    ephemeris_name: str = ""
    assumed_covariance: str = ""


def cdm_from_states(
    tca_utc: datetime,
    sides: tuple[CdmSide, CdmSide],
    *,
    created_utc: datetime,
    message_id: str,
    originator: str = "MDSS",
    hard_body_radius_m: float | None = None,
    central_body: str = "earth",
    comments: Sequence[str] = (),
) -> Cdm:
    """A message about two objects, the first as OBJECT1.

    Parameters
    ----------
    tca_utc : datetime
        Epoch of both states.
    sides : tuple of two CdmSide
    created_utc : datetime
    message_id, originator : str
    hard_body_radius_m : float, optional
        Written as a comment and read back as the message's [m].
    central_body : str
        "earth", "mars" or "moon".
    comments : sequence of str
        Of the header.

    Returns
    -------
    Cdm
        `write_kvn` and `write_xml` take it.
    """
    one, other = sides
    to_rtn = eci_from_rtn(one.position_m, one.velocity_m_s).T
    position = to_rtn @ (other.position_m - one.position_m)
    velocity = to_rtn @ (other.velocity_m_s - one.velocity_m_s)
    radius = () if hard_body_radius_m is None else (f"HBR = {hard_body_radius_m:g} [m]",)
    tca = as_utc(tca_utc)
    return Cdm(
        fields={
            "CCSDS_CDM_VERS": "1.0",
            "CREATION_DATE": _date(created_utc),
            "ORIGINATOR": originator,
            "MESSAGE_ID": message_id,
            "TCA": _date(tca),
            "MISS_DISTANCE": float(np.linalg.norm(position)),
            "RELATIVE_SPEED": float(np.linalg.norm(velocity)),
            **_components("RELATIVE_POSITION", position),
            **_components("RELATIVE_VELOCITY", velocity),
        },
        objects=(
            _object("OBJECT1", one, tca, central_body),
            _object("OBJECT2", other, tca, central_body),
        ),
        comments={Section.HEADER: tuple(comments), Section.RELATIVE: radius},
    )


def _components(quantity: str, vector: FloatArray) -> dict[str, Value]:
    return {f"{quantity}_{axis}": float(x) for axis, x in zip(_AXES, vector, strict=True)}


def _date(instant_utc: datetime) -> str:
    return as_utc(instant_utc).replace(tzinfo=None).isoformat(timespec="microseconds")


def _object(which: str, side: CdmSide, tca: datetime, central_body: str) -> CdmObject:
    assumed = side.assumed_covariance
    fields: dict[str, Value] = {
        "OBJECT": which,
        "OBJECT_DESIGNATOR": side.designator or "UNKNOWN",
        "CATALOG_NAME": "UNKNOWN",
        "OBJECT_NAME": side.name or "UNKNOWN",
        "INTERNATIONAL_DESIGNATOR": _international(side.designator),
        "EPHEMERIS_NAME": side.ephemeris_name or "NONE",
        "COVARIANCE_METHOD": "DEFAULT" if assumed else "CALCULATED",
        "MANEUVERABLE": "N/A",
        "ORBIT_CENTER": central_body.upper(),
        "REF_FRAME": "GCRF",
        **_vector(POSITION_KEYWORDS, side.position_m / KM),
        **_vector(VELOCITY_KEYWORDS, side.velocity_m_s / KM),
        **_covariance(side.cov_rtn_m2),
    }
    said = {Section.COVARIANCE: (f"Covariance assumed: {assumed}",)} if assumed else {}
    return CdmObject(fields=fields, comments=said, tca_utc=tca)


def _international(designator: str) -> str:
    """The designator where it is an international one, as OEM and OPM identify objects."""
    return designator if _INTERNATIONAL.fullmatch(designator) else "UNKNOWN"


def _vector(keywords: Sequence[str], values: FloatArray) -> Mapping[str, Value]:
    return {keyword: float(value) for keyword, value in zip(keywords, values, strict=True)}


def _covariance(matrix: FloatArray) -> Mapping[str, Value]:
    return {
        keyword: float(matrix[i, j])
        for i, row in enumerate(COVARIANCE_KEYWORDS[: len(matrix)])
        for j, keyword in enumerate(row)
    }

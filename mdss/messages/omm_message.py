"""The orbit mean-elements message as an object."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from mdss.messages.odm import OMM_LAYOUT, Layout, Odm, OdmPart, Part
from mdss.messages.sgp4_elements import Sgp4Elements
from mdss.messages.tle_columns import FIRST_YEAR_OF_1900, alpha5_number
from mdss.messages.values import Value, epoch_utc

if TYPE_CHECKING:
    from mdss.messages.tle import Tle

_LAUNCH = re.compile(r"(\d{2})(\d{3}[A-Z]{1,3})", re.ASCII)


@dataclass(frozen=True, kw_only=True, eq=False)
class Omm(Odm):
    """One orbit mean-elements message (CCSDS 502.0-B) with elements of the SGP4 theory.

    Notes
    -----
    `read_omms` has checked it: Earth, TEME, UTC, SGP4. Everything is in the message's units.
    """

    layout: ClassVar[Layout] = OMM_LAYOUT

    @property
    def catalog_number(self) -> int | None:
        """NORAD_CAT_ID, up to nine digits; None when absent."""
        value = self.get("NORAD_CAT_ID")
        if value is None:
            return None
        return alpha5_number(value) if isinstance(value, str) else int(value)

    @property
    def designator(self) -> str:
        """Catalogue number without leading zeros; the OBJECT_ID where there is none."""
        number = self.catalog_number
        return self.object_id if number is None else str(number)

    @property
    def name(self) -> str:
        """OBJECT_NAME, "" when absent."""
        return self.object_name

    @property
    def epoch_utc(self) -> datetime:
        """EPOCH of the elements, UTC, to the microsecond below."""
        return epoch_utc(self.text("EPOCH"))

    @property
    def created_utc(self) -> datetime | None:
        """CREATION_DATE, UTC; None when absent."""
        text = self.text("CREATION_DATE")
        return epoch_utc(text) if text else None

    @property
    def classification(self) -> str:
        """CLASSIFICATION_TYPE, "" when absent."""
        return self.text("CLASSIFICATION_TYPE")

    @property
    def elements(self) -> Sgp4Elements:
        """Epoch and mean elements."""
        return Sgp4Elements(
            epoch_utc=self.epoch_utc,
            mean_motion_rev_day=self._needed("MEAN_MOTION"),
            eccentricity=self._needed("ECCENTRICITY"),
            inclination_deg=self._needed("INCLINATION"),
            ra_of_asc_node_deg=self._needed("RA_OF_ASC_NODE"),
            arg_of_pericenter_deg=self._needed("ARG_OF_PERICENTER"),
            mean_anomaly_deg=self._needed("MEAN_ANOMALY"),
            bstar=self._needed("BSTAR"),
            mean_motion_dot=self.number("MEAN_MOTION_DOT") or 0.0,
            mean_motion_ddot=self.number("MEAN_MOTION_DDOT") or 0.0,
        )

    def _needed(self, keyword: str) -> float:
        return float(self.part(self.layout.rows[keyword].part).fields[keyword])

    @classmethod
    def from_tle(cls, tle: Tle) -> Omm:
        """The OMM that says what a two-line element set says, with its notices."""
        elements = tle.elements
        epoch = elements.epoch_utc.replace(tzinfo=None).isoformat(timespec="microseconds")
        parts: dict[Part, dict[str, Value | None]] = {
            Part.HEADER: {"CCSDS_OMM_VERS": "2.0"},
            Part.METADATA: {
                "OBJECT_NAME": tle.name or None,
                "OBJECT_ID": _full_designator(tle.international_designator),
                "CENTER_NAME": "EARTH",
                "REF_FRAME": "TEME",
                "TIME_SYSTEM": "UTC",
                "MEAN_ELEMENT_THEORY": "SGP4",
            },
            Part.MEAN: {
                "EPOCH": epoch,
                "MEAN_MOTION": elements.mean_motion_rev_day,
                "ECCENTRICITY": elements.eccentricity,
                "INCLINATION": elements.inclination_deg,
                "RA_OF_ASC_NODE": elements.ra_of_asc_node_deg,
                "ARG_OF_PERICENTER": elements.arg_of_pericenter_deg,
                "MEAN_ANOMALY": elements.mean_anomaly_deg,
            },
            Part.TLE: {
                "EPHEMERIS_TYPE": 0,
                "CLASSIFICATION_TYPE": tle.classification or None,
                "NORAD_CAT_ID": tle.catalog_number,
                "ELEMENT_SET_NO": tle.element_set_number,
                "REV_AT_EPOCH": tle.revolution,
                "BSTAR": elements.bstar,
                "MEAN_MOTION_DOT": elements.mean_motion_dot,
                "MEAN_MOTION_DDOT": elements.mean_motion_ddot,
            },
        }
        known = {part: _known(fields) for part, fields in parts.items()}
        return cls(parts=known, notices=tle.notices, source=tle.source)

    def satrec(self) -> Any:
        """An initialised `sgp4.api.Satrec`; PropagationError if there can be none."""
        return self.elements.satrec(self.catalog_number)


def _known(fields: dict[str, Value | None]) -> OdmPart:
    return OdmPart(fields={key: value for key, value in fields.items() if value is not None})


def _full_designator(printed: str) -> str | None:
    """International designator with its whole year; as printed when it has another form.

    Examples
    --------
    >>> _full_designator("98067A"), _full_designator("")
    ('1998-067A', None)
    """
    match = _LAUNCH.fullmatch(printed)
    if match is None:
        return printed or None
    century = 19 if int(match[1]) >= FIRST_YEAR_OF_1900 else 20
    return f"{century}{match[1]}-{match[2]}"

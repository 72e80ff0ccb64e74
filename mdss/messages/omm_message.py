"""The orbit mean-elements message as an object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from mdss.messages.odm import OMM_LAYOUT, Layout, Odm
from mdss.messages.sgp4_elements import Sgp4Elements
from mdss.messages.tle_columns import alpha5_number
from mdss.messages.values import epoch_utc


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

    def satrec(self) -> Any:
        """An initialised `sgp4.api.Satrec`; PropagationError if there can be none."""
        return self.elements.satrec(self.catalog_number)

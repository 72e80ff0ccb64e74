"""Mean elements as SGP4 takes them: the same from a TLE and from an OMM."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from mdss.errors import PropagationError
from mdss.notices import Notice

LARGEST_CATALOG_NUMBER = 999_999_999
LARGEST_ALPHA5 = 339_999
SGP4_TYPES = {0: "SGP4", 2: "SGP4", 3: "SDP4"}
"""EPHEMERIS_TYPE that SGP4 propagates; 0 in everything that is published."""
OTHER_TYPES = {1: "SGP", 4: "SGP4-XP (in old sets SGP8)", 5: "SDP8", 6: "SP vectors"}

ELEMENT_RANGES: dict[str, tuple[float, float, str]] = {
    "ECCENTRICITY": (0.0, 1.0 - 1e-9, "0 or more and below 1"),
    "INCLINATION": (0.0, 180.0, "between 0 and 180 degrees"),
    "RA_OF_ASC_NODE": (-360.0, 360.0, "between -360 and 360 degrees"),
    "ARG_OF_PERICENTER": (-360.0, 360.0, "between -360 and 360 degrees"),
    "MEAN_ANOMALY": (-360.0, 360.0, "between -360 and 360 degrees"),
    "MEAN_MOTION": (1e-3, 18.0, "between 0.001 and 18 revolutions a day"),
    "BSTAR": (-1e3, 1e3, "between -1000 and 1000 per Earth radius"),
}

_EPOCH_ZERO = datetime(1949, 12, 31, tzinfo=UTC)
_MINUTES_A_DAY = 1440.0
_REV_DAY = 2 * math.pi / _MINUTES_A_DAY  # in radians a minute


@dataclass(frozen=True, kw_only=True)
class Sgp4Elements:
    """Mean elements of the SGP4 theory at an epoch, true equator and mean equinox (TEME).

    Parameters
    ----------
    epoch_utc : datetime
        Timezone-aware, to the microsecond.
    mean_motion_rev_day : float
        Kozai mean motion.
    eccentricity : float
    inclination_deg, ra_of_asc_node_deg, arg_of_pericenter_deg, mean_anomaly_deg : float
    bstar : float
        Drag term [1/Earth radius].
    mean_motion_dot, mean_motion_ddot : float
        As printed in a TLE: half the first and a sixth of the second derivative
        [rev/day²], [rev/day³]. SGP4 does not use them.
    """

    epoch_utc: datetime
    mean_motion_rev_day: float
    eccentricity: float
    inclination_deg: float
    ra_of_asc_node_deg: float
    arg_of_pericenter_deg: float
    mean_anomaly_deg: float
    bstar: float
    mean_motion_dot: float = 0.0
    mean_motion_ddot: float = 0.0

    def satrec(self, catalog_number: int | None = None) -> Any:
        """An initialised `sgp4.api.Satrec` (WGS-72, improved mode).

        Parameters
        ----------
        catalog_number : int, optional
            Kept in the Satrec where it fits: Alpha-5 ends at 339999, larger ones become 0.

        Returns
        -------
        sgp4.api.Satrec
            Its `sgp4(jd, fr)` gives TEME [km], [km/s].

        Raises
        ------
        PropagationError
            If SGP4 cannot be started from these elements.

        Notes
        -----
        The epoch is one float of days in sgp4: 0.2 µs, 1.2 mm in low orbit.
        """
        from sgp4.api import SGP4_ERRORS, WGS72, Satrec

        fits = catalog_number is not None and 0 <= catalog_number <= LARGEST_ALPHA5
        satrec = Satrec()
        satrec.sgp4init(
            WGS72,
            "i",
            catalog_number if fits else 0,
            self._days_since_1949(),
            self.bstar,
            self.mean_motion_dot * _REV_DAY / _MINUTES_A_DAY,
            self.mean_motion_ddot * _REV_DAY / _MINUTES_A_DAY**2,
            self.eccentricity,
            math.radians(self.arg_of_pericenter_deg),
            math.radians(self.inclination_deg),
            math.radians(self.mean_anomaly_deg),
            self.mean_motion_rev_day * _REV_DAY,
            math.radians(self.ra_of_asc_node_deg),
        )
        if satrec.error:
            raise PropagationError(
                f"SGP4 cannot start from the elements of {self.epoch_utc:%Y-%m-%dT%H:%M:%SZ}: "
                f"{SGP4_ERRORS.get(satrec.error, satrec.error)}. Use another element set"
            )
        return satrec

    def _days_since_1949(self) -> float:
        since = self.epoch_utc - _EPOCH_ZERO
        return since.days + (since.seconds + since.microseconds / 1e6) / 86_400.0


class MeanElementSet(Protocol):
    """What `Tle` and `Omm` have in common: enough to propagate one, and to say which it was."""

    @property
    def designator(self) -> str:
        """Catalogue number without leading zeros; the OBJECT_ID where there is none."""

    @property
    def name(self) -> str:
        """Name of the object, "" when it is not known."""

    @property
    def epoch_utc(self) -> datetime:
        """Epoch of the elements."""

    @property
    def elements(self) -> Sgp4Elements:
        """The elements themselves."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What reading had to assume."""

    @property
    def source(self) -> str:
        """File name."""

    def satrec(self) -> Any:
        """An initialised `sgp4.api.Satrec`; PropagationError if there can be none."""

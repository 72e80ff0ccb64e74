"""What a message tells about the orbit determination behind one object."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mdss.messages import CdmObject


@dataclass(frozen=True, kw_only=True)
class ObservationData:
    """What an object's solution rests on; None where the message does not say.

    Parameters
    ----------
    object_type : str
        PAYLOAD, ROCKET BODY, DEBRIS, UNKNOWN or OTHER; "" when absent.
    ephemeris_name : str
        Of the operator's ephemeris behind the state; "" when there is none.
    covariance_method : str
        CALCULATED or DEFAULT; "" when absent.
    last_observed_from_utc, last_observed_to_utc : datetime or None
        Bounds of the last accepted observation's time.
    recommended_span_d, actual_span_d : float or None
        Of observations in the orbit determination [d].
    observations_available, observations_used : int or None
    tracks_available, tracks_used : int or None
    residuals_accepted_percent : float or None
    weighted_rms : float or None
        1 where the residuals are as large as expected.
    energy_dissipation_w_kg : float or None
        SEDR [W/kg].
    """

    object_type: str = ""
    ephemeris_name: str = ""
    covariance_method: str = ""
    last_observed_from_utc: datetime | None = None
    last_observed_to_utc: datetime | None = None
    recommended_span_d: float | None = None
    actual_span_d: float | None = None
    observations_available: int | None = None
    observations_used: int | None = None
    tracks_available: int | None = None
    tracks_used: int | None = None
    residuals_accepted_percent: float | None = None
    weighted_rms: float | None = None
    energy_dissipation_w_kg: float | None = None

    @classmethod
    def from_cdm(cls, cdm_object: CdmObject) -> ObservationData:
        """As the object of a CDM says it."""
        return cls(
            object_type=_text(cdm_object, "OBJECT_TYPE"),
            ephemeris_name=_text(cdm_object, "EPHEMERIS_NAME"),
            covariance_method=_text(cdm_object, "COVARIANCE_METHOD"),
            last_observed_from_utc=_instant(cdm_object, "TIME_LASTOB_START"),
            last_observed_to_utc=_instant(cdm_object, "TIME_LASTOB_END"),
            recommended_span_d=_number(cdm_object, "RECOMMENDED_OD_SPAN"),
            actual_span_d=_number(cdm_object, "ACTUAL_OD_SPAN"),
            observations_available=_count(cdm_object, "OBS_AVAILABLE"),
            observations_used=_count(cdm_object, "OBS_USED"),
            tracks_available=_count(cdm_object, "TRACKS_AVAILABLE"),
            tracks_used=_count(cdm_object, "TRACKS_USED"),
            residuals_accepted_percent=_number(cdm_object, "RESIDUALS_ACCEPTED"),
            weighted_rms=_number(cdm_object, "WEIGHTED_RMS"),
            energy_dissipation_w_kg=_number(cdm_object, "SEDR"),
        )


def _text(cdm_object: CdmObject, keyword: str) -> str:
    """In upper case; "" where it stands for nothing."""
    from mdss.messages.values import UNKNOWN_TEXTS

    text = str(cdm_object.get(keyword) or "").strip().upper()
    return "" if text in UNKNOWN_TEXTS - {"UNKNOWN"} else text


def _number(cdm_object: CdmObject, keyword: str) -> float | None:
    value = cdm_object.get(keyword)
    if value is None or isinstance(value, str) or not math.isfinite(value):
        return None
    return float(value)


def _count(cdm_object: CdmObject, keyword: str) -> int | None:
    value = _number(cdm_object, keyword)
    return None if value is None else round(value)


def _instant(cdm_object: CdmObject, keyword: str) -> datetime | None:
    from mdss.messages.values import epoch_utc

    try:
        return epoch_utc(str(cdm_object.get(keyword)))
    except ValueError:  # absent, or an odd text that reading has noticed
        return None

"""What a catalogue serves (two-line elements, flat records) as an OMM in KVN or XML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from mdss.messages.odm import OdmPart, Part
from mdss.messages.omm_message import Omm
from mdss.messages.tle import Tle
from mdss.messages.values import Value

_UNKNOWN = "UNKNOWN"  # what CCSDS 502.0-B-3 asks for where a source does not say
_FIRST_YEAR = 57


def omm_from_tle(tle: Tle, created_utc: datetime | None = None) -> Omm:
    """The elements of a TLE as an OMM.

    Parameters
    ----------
    tle : Tle
        One element set.
    created_utc : datetime, optional
        When the OMM is made; a TLE has no date of its own. Without it the OMM has neither
        CREATION_DATE nor ORIGINATOR.

    Returns
    -------
    Omm
        The same elements to the last digit; SGP4 gives the same orbit. Derivatives of the mean
        motion are as printed in the TLE (half and a sixth), as catalogues write them in OMMs.

    References
    ----------
    .. [1] CCSDS 502.0-B-3, tables 4-1 to 4-3.
    """
    header: dict[str, Value] = {"CCSDS_OMM_VERS": "3.0"}
    if created_utc is not None:
        header |= {"CREATION_DATE": _date(created_utc), "ORIGINATOR": "MDSS"}
    return Omm(
        parts={
            Part.HEADER: OdmPart(fields=header, comments=("Converted from a TLE",)),
            Part.METADATA: OdmPart(fields=_metadata(tle)),
            Part.MEAN: OdmPart(fields=_mean_elements(tle)),
            Part.TLE: OdmPart(fields=_tle_parameters(tle)),
        },
        notices=tle.notices,
        source=tle.source,
    )


def with_header(omm: Omm, created_utc: datetime) -> Omm:
    """An OMM with the CREATION_DATE and ORIGINATOR that the standard asks for.

    Parameters
    ----------
    omm : Omm
        Records of catalogues have often neither.
    created_utc : datetime
        When it is written.

    Returns
    -------
    Omm
        The same where it has both; else what is missing is filled, and a comment says so.
    """
    header = omm.part(Part.HEADER)
    ours = {"CREATION_DATE": _date(created_utc), "ORIGINATOR": "MDSS"}
    missing = {key: text for key, text in ours.items() if key not in header.fields}
    if not missing:
        return omm
    words = f"Not in the source, filled when it was converted: {', '.join(missing)}"
    filled = replace(
        header, fields={**header.fields, **missing}, comments=(*header.comments, words)
    )
    return replace(omm, parts={**omm.parts, Part.HEADER: filled})


def _metadata(tle: Tle) -> dict[str, Value]:
    return {
        "OBJECT_NAME": tle.name or _UNKNOWN,
        "OBJECT_ID": _object_id(tle.international_designator),
        "CENTER_NAME": "EARTH",
        "REF_FRAME": "TEME",
        "TIME_SYSTEM": "UTC",
        "MEAN_ELEMENT_THEORY": "SGP4",
    }


def _object_id(printed: str) -> str:
    """1998-067A from 98067A.

    Examples
    --------
    >>> _object_id("98067A"), _object_id("09005AB"), _object_id("")
    ('1998-067A', '2009-005AB', 'UNKNOWN')
    """
    year, launch = printed[:2], printed[2:]
    if not (year.isascii() and year.isdigit() and launch):
        return printed or _UNKNOWN
    century = 19 if int(year) >= _FIRST_YEAR else 20
    return f"{century}{year}-{launch}"


def _mean_elements(tle: Tle) -> dict[str, Value]:
    elements = tle.elements
    return {
        "EPOCH": _date(elements.epoch_utc),
        "MEAN_MOTION": elements.mean_motion_rev_day,
        "ECCENTRICITY": elements.eccentricity,
        "INCLINATION": elements.inclination_deg,
        "RA_OF_ASC_NODE": elements.ra_of_asc_node_deg,
        "ARG_OF_PERICENTER": elements.arg_of_pericenter_deg,
        "MEAN_ANOMALY": elements.mean_anomaly_deg,
    }


def _tle_parameters(tle: Tle) -> dict[str, Value]:
    counts = {
        "ELEMENT_SET_NO": tle.element_set_number,
        "REV_AT_EPOCH": tle.revolution,
    }
    return {
        "EPHEMERIS_TYPE": 0,
        **({"CLASSIFICATION_TYPE": tle.classification} if tle.classification else {}),
        "NORAD_CAT_ID": tle.catalog_number,
        **{key: count for key, count in counts.items() if count is not None},
        "BSTAR": tle.elements.bstar,
        "MEAN_MOTION_DOT": tle.elements.mean_motion_dot,
        "MEAN_MOTION_DDOT": tle.elements.mean_motion_ddot,
    }


def _date(instant_utc: datetime) -> str:
    return instant_utc.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")

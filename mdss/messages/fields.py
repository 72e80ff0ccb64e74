"""The one table of CDM keywords: reading, writing and checking all go by it.

Keywords, units and what is obligatory follow CCSDS 508.0-B-1, tables 3-1 to 3-5; the rows
after them are optional keywords of later drafts that messages already carry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Kind = Literal["text", "choice", "date", "count", "number"]
Care = Literal["free", "unit", "exact"]


class Section(StrEnum):
    """Parts of a CDM, in the order of the standard; the values are the XML elements."""

    HEADER = "header"
    RELATIVE = "relativeMetadataData"
    METADATA = "metadata"
    OD = "odParameters"
    ADDITIONAL = "additionalParameters"
    STATE = "stateVector"
    COVARIANCE = "covarianceMatrix"


OBJECT_SECTIONS = tuple(Section)[2:]
DATA_SECTIONS = tuple(Section)[3:]
MESSAGE_SECTIONS = tuple(Section)[:2]


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What a keyword's value is, and how carefully it is read.

    Parameters
    ----------
    keyword : str
        CCSDS keyword, the same in KVN and XML.
    kind : str
        "text", "choice", "date", "count" or "number".
    unit : str, optional
        The one unit that the standard gives it.
    unit_optional : bool
        The standard lets the unit be left out: no notice when it is.
    standard : bool
        Obligatory in the standard; a notice when it is missing.
    needed : bool
        Nothing can be computed without it; refused when it is missing.
    care : str
        "exact": an unreadable or infinite value or another unit is refused. "unit": the same,
        but NaN means "not known". "free": whatever is odd gives a notice.
    tolerated : str, optional
        A wrong unit label seen so often that its value is taken in the right unit.
    choices : tuple of str
        Values of a "choice".
    """

    keyword: str
    kind: Kind = "text"
    unit: str | None = None
    unit_optional: bool = False
    standard: bool = False
    needed: bool = False
    care: Care = "free"
    tolerated: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field(Quantity):
    """One row of the CDM's table.

    Parameters
    ----------
    section : Section
        Where it belongs.
    group : str, optional
        XML element inside the section's own.
    """

    section: Section
    group: str | None = None


_AXES = ("R", "T", "N")
_RATES = ("RDOT", "TDOT", "NDOT")
_STATE_AXES = (*_AXES, *_RATES)
_YES_NO = ("YES", "NO")

COVARIANCE_KEYWORDS = tuple(
    tuple(f"C{row}_{column}" for column in _STATE_AXES[: i + 1])
    for i, row in enumerate(_STATE_AXES)
)
POSITION_COVARIANCE_KEYWORDS = tuple(k for row in COVARIANCE_KEYWORDS[:3] for k in row)
VELOCITY_COVARIANCE_KEYWORDS = tuple(k for row in COVARIANCE_KEYWORDS[3:] for k in row)
VARIANCE_KEYWORDS = tuple(row[-1] for row in COVARIANCE_KEYWORDS)
POSITION_KEYWORDS = ("X", "Y", "Z")
VELOCITY_KEYWORDS = ("X_DOT", "Y_DOT", "Z_DOT")


def _header() -> Iterator[Field]:
    section = Section.HEADER
    yield Field(keyword="CCSDS_CDM_VERS", section=section, standard=True, needed=True)
    yield Field(keyword="CLASSIFICATION", section=section)
    yield Field(keyword="CREATION_DATE", section=section, kind="date", standard=True, care="exact")
    yield Field(keyword="ORIGINATOR", section=section, standard=True)
    yield Field(keyword="MESSAGE_FOR", section=section)
    yield Field(keyword="MESSAGE_ID", section=section, standard=True)


def _relative() -> Iterator[Field]:
    section = Section.RELATIVE

    def number(keyword: str, unit: str | None = None, care: Care = "unit") -> Field:
        return Field(keyword=keyword, section=section, kind="number", unit=unit, care=care)

    def date(keyword: str) -> Field:
        return Field(keyword=keyword, section=section, kind="date")

    yield Field(keyword="CONJUNCTION_ID", section=section)
    yield Field(
        keyword="TCA", section=section, kind="date", needed=True, standard=True, care="exact"
    )
    yield Field(
        keyword="MISS_DISTANCE",
        section=section,
        kind="number",
        unit="m",
        standard=True,
        care="unit",
    )
    yield Field(
        keyword="RELATIVE_SPEED",
        section=section,
        kind="number",
        unit="m/s",
        care="unit",
        tolerated="m",
    )
    yield from _relative_state()
    yield number("MAHALANOBIS_DISTANCE", care="free")
    yield number("APPROACH_ANGLE", "deg", care="free")
    yield date("START_SCREEN_PERIOD")
    yield date("STOP_SCREEN_PERIOD")
    yield Field(
        keyword="SCREEN_VOLUME_FRAME", section=section, kind="choice", choices=("RTN", "TVN")
    )
    yield Field(
        keyword="SCREEN_VOLUME_SHAPE",
        section=section,
        kind="choice",
        choices=("ELLIPSOID", "BOX", "SPHERE"),
    )
    for axis in "XYZ":
        yield number(f"SCREEN_VOLUME_{axis}", "m", care="free")
    yield date("SCREEN_ENTRY_TIME")
    yield date("SCREEN_EXIT_TIME")
    yield number("COLLISION_PROBABILITY", care="free")
    yield Field(keyword="COLLISION_PROBABILITY_METHOD", section=section)
    yield number("HBR", "m")


def _relative_state() -> Iterator[Field]:
    for quantity, unit, tolerated in (("POSITION", "m", None), ("VELOCITY", "m/s", "m")):
        for axis in _AXES:
            yield Field(
                keyword=f"RELATIVE_{quantity}_{axis}",
                section=Section.RELATIVE,
                kind="number",
                unit=unit,
                care="unit",
                tolerated=tolerated,
                group="relativeStateVector",
            )


def _metadata() -> Iterator[Field]:
    section = Section.METADATA

    def text(keyword: str, standard: bool = False, needed: bool = False) -> Field:
        return Field(keyword=keyword, section=section, standard=standard, needed=needed)

    def choice(keyword: str, *choices: str, standard: bool = False) -> Field:
        return Field(
            keyword=keyword, section=section, kind="choice", choices=choices, standard=standard
        )

    yield text("OBJECT", standard=True, needed=True)
    yield text("OBJECT_DESIGNATOR", standard=True, needed=True)
    yield text("CATALOG_NAME", standard=True)
    yield text("OBJECT_NAME", standard=True)
    yield text("INTERNATIONAL_DESIGNATOR", standard=True)
    yield choice("OBJECT_TYPE", "PAYLOAD", "ROCKET BODY", "DEBRIS", "UNKNOWN", "OTHER")
    yield text("OPERATOR_CONTACT_POSITION")
    yield text("OPERATOR_ORGANIZATION")
    yield text("OPERATOR_PHONE")
    yield text("OPERATOR_EMAIL")
    yield text("EPHEMERIS_NAME", standard=True)
    yield choice("COVARIANCE_METHOD", "CALCULATED", "DEFAULT", standard=True)
    yield choice("MANEUVERABLE", *_YES_NO, "N/A", standard=True)
    yield text("ORBIT_CENTER")
    yield text("REF_FRAME", standard=True, needed=True)
    yield text("GRAVITY_MODEL")
    yield text("ATMOSPHERIC_MODEL")
    yield text("N_BODY_PERTURBATIONS")
    yield choice("SOLAR_RAD_PRESSURE", *_YES_NO)
    yield choice("EARTH_TIDES", *_YES_NO)
    yield choice("INTRACK_THRUST", *_YES_NO)


def _od_parameters() -> Iterator[Field]:
    section = Section.OD
    for keyword in ("TIME_LASTOB_START", "TIME_LASTOB_END"):
        yield Field(keyword=keyword, section=section, kind="date")
    for keyword in ("RECOMMENDED_OD_SPAN", "ACTUAL_OD_SPAN"):
        yield Field(keyword=keyword, section=section, kind="number", unit="d")
    for keyword in ("OBS_AVAILABLE", "OBS_USED", "TRACKS_AVAILABLE", "TRACKS_USED"):
        yield Field(keyword=keyword, section=section, kind="count")
    yield Field(keyword="RESIDUALS_ACCEPTED", section=section, kind="number", unit="%")
    yield Field(keyword="WEIGHTED_RMS", section=section, kind="number")


def _additional() -> Iterator[Field]:
    rows: tuple[tuple[str, str, Care], ...] = (
        ("AREA_PC", "m**2", "free"),
        ("AREA_DRG", "m**2", "free"),
        ("AREA_SRP", "m**2", "free"),
        ("MASS", "kg", "free"),
        ("HBR", "m", "unit"),
        ("CD_AREA_OVER_MASS", "m**2/kg", "unit"),
        ("CR_AREA_OVER_MASS", "m**2/kg", "unit"),
        ("THRUST_ACCELERATION", "m/s**2", "unit"),
        ("SEDR", "W/kg", "free"),
        ("APOAPSIS_ALTITUDE", "km", "free"),
        ("PERIAPSIS_ALTITUDE", "km", "free"),
        ("INCLINATION", "deg", "free"),
    )
    for keyword, unit, care in rows:
        yield Field(
            keyword=keyword, section=Section.ADDITIONAL, kind="number", unit=unit, care=care
        )


def _state() -> Iterator[Field]:
    for keywords, unit in ((POSITION_KEYWORDS, "km"), (VELOCITY_KEYWORDS, "km/s")):
        for keyword in keywords:
            yield Field(
                keyword=keyword,
                section=Section.STATE,
                kind="number",
                unit=unit,
                standard=True,
                needed=True,
                care="exact",
            )


def _covariance() -> Iterator[Field]:
    for i, row in enumerate(COVARIANCE_KEYWORDS):
        for j, keyword in enumerate(row):
            yield Field(
                keyword=keyword,
                section=Section.COVARIANCE,
                kind="number",
                unit=("m**2", "m**2/s", "m**2/s**2")[(i >= 3) + (j >= 3)],
                standard=True,
                needed=i < 3,
                care="exact",
            )
    yield from _parameter_covariance()


def _parameter_covariance() -> Iterator[Field]:
    rows = (
        ("DRG", "m**3/kg", "m**3/(kg*s)", ("m**4/kg**2",)),
        ("SRP", "m**3/kg", "m**3/(kg*s)", ("m**4/kg**2", "m**4/kg**2")),
        (
            "THR",
            "m**2/s**2",
            "m**2/s**3",
            ("m**3/(kg*s**2)", "m**3/(kg*s**2)", "m**2/s**4"),
        ),
    )
    for parameter, with_position, with_velocity, with_parameters in rows:
        columns = (*_STATE_AXES, *("DRG", "SRP", "THR")[: len(with_parameters)])
        units = (*[with_position] * 3, *[with_velocity] * 3, *with_parameters)
        for column, unit in zip(columns, units, strict=True):
            yield Field(
                keyword=f"C{parameter}_{column}",
                section=Section.COVARIANCE,
                kind="number",
                unit=unit,
            )


FIELDS: tuple[Field, ...] = (
    *_header(),
    *_relative(),
    *_metadata(),
    *_od_parameters(),
    *_additional(),
    *_state(),
    *_covariance(),
)
MESSAGE_FIELDS = {f.keyword: f for f in FIELDS if f.section in MESSAGE_SECTIONS}
OBJECT_FIELDS = {f.keyword: f for f in FIELDS if f.section in OBJECT_SECTIONS}
SECTION_FIELDS = {section: tuple(f for f in FIELDS if f.section is section) for section in Section}

"""Orbit parameter (OPM) and mean-elements (OMM) messages: their keywords and what they hold.

Keywords, units and what is obligatory follow CCSDS 502.0-B-3, tables 3-1 to 3-3 and 4-1 to
4-3; messages of 502.0-B-2 are the same without CLASSIFICATION and MESSAGE_ID.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from mdss.messages.fields import Care, Quantity
from mdss.messages.values import Value
from mdss.notices import Notice


class Part(StrEnum):
    """Parts of an orbit data message; the values are the XML elements."""

    HEADER = "header"
    METADATA = "metadata"
    STATE = "stateVector"
    KEPLERIAN = "keplerianElements"
    MEAN = "meanElements"
    SPACECRAFT = "spacecraftParameters"
    TLE = "tleParameters"
    COVARIANCE = "covarianceMatrix"
    MANEUVER = "maneuverParameters"
    USER = "userDefinedParameters"


# SGP4 needs what is among the TLE parameters of an OMM
OPTIONAL_PARTS = frozenset(Part) - {Part.HEADER, Part.METADATA, Part.STATE, Part.MEAN, Part.TLE}
USER_PREFIX = "USER_DEFINED_"

_AXES = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
STATE_KEYWORDS = _AXES
COVARIANCE_KEYWORDS = tuple(
    tuple(f"C{row}_{column}" for column in _AXES[: i + 1]) for i, row in enumerate(_AXES)
)
DV_KEYWORDS = ("MAN_DV_1", "MAN_DV_2", "MAN_DV_3")


@dataclass(frozen=True, kw_only=True)
class OdmField(Quantity):
    """One row of an orbit data message's table: a quantity and the part that it belongs to."""

    part: Part


@dataclass(frozen=True)
class Layout:
    """The parts and keywords of one kind of message, in the order of the standard.

    Parameters
    ----------
    kind : str
        "OPM" or "OMM".
    rows : mapping
        Rows by keyword.
    """

    kind: str
    rows: Mapping[str, OdmField]

    @cached_property
    def version_keyword(self) -> str:
        """The keyword that opens a message."""
        return f"CCSDS_{self.kind}_VERS"

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have keywords, and the user-defined one."""
        return (*dict.fromkeys(row.part for row in self.rows.values()), Part.USER)

    def rows_of(self, part: Part) -> tuple[OdmField, ...]:
        """The rows of one part."""
        return self._rows_by_part.get(part, ())

    @cached_property
    def _rows_by_part(self) -> dict[Part, tuple[OdmField, ...]]:
        rows = self.rows.values()
        return {part: tuple(row for row in rows if row.part is part) for part in self.parts}


def _text(part: Part, keyword: str, *, needed: bool = False, standard: bool = False) -> OdmField:
    return OdmField(keyword=keyword, part=part, needed=needed, standard=standard)


def _date(part: Part, keyword: str, *, needed: bool = False) -> OdmField:
    return OdmField(
        keyword=keyword, part=part, kind="date", needed=needed, care="exact" if needed else "free"
    )


def _number(
    part: Part, keyword: str, unit: str | None = None, *, needed: bool = False, care: Care = "unit"
) -> OdmField:
    return OdmField(
        keyword=keyword,
        part=part,
        kind="number",
        unit=unit,
        unit_optional=True,
        needed=needed,
        care="exact" if needed else care,
    )


def _count(keyword: str) -> OdmField:
    return OdmField(keyword=keyword, part=Part.TLE, kind="count")


def _header(kind: str) -> Iterator[OdmField]:
    yield _text(Part.HEADER, f"CCSDS_{kind}_VERS", needed=True)
    yield _text(Part.HEADER, "CLASSIFICATION")
    yield OdmField(keyword="CREATION_DATE", part=Part.HEADER, kind="date", standard=True)
    yield _text(Part.HEADER, "ORIGINATOR", standard=True)
    yield _text(Part.HEADER, "MESSAGE_ID")


def _metadata() -> Iterator[OdmField]:
    yield _text(Part.METADATA, "OBJECT_NAME", standard=True)
    yield _text(Part.METADATA, "OBJECT_ID", standard=True)
    yield _text(Part.METADATA, "CENTER_NAME", needed=True)
    yield _text(Part.METADATA, "REF_FRAME", needed=True)
    yield _date(Part.METADATA, "REF_FRAME_EPOCH")
    yield _text(Part.METADATA, "TIME_SYSTEM", needed=True)


def _state() -> Iterator[OdmField]:
    yield _date(Part.STATE, "EPOCH", needed=True)
    for i, keyword in enumerate(STATE_KEYWORDS):
        yield _number(Part.STATE, keyword, "km" if i < 3 else "km/s", needed=True)


def _keplerian() -> Iterator[OdmField]:
    part = Part.KEPLERIAN
    yield _number(part, "SEMI_MAJOR_AXIS", "km", needed=True)
    yield _number(part, "ECCENTRICITY", needed=True)
    for keyword in ("INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER"):
        yield _number(part, keyword, "deg", needed=True)
    yield _number(part, "TRUE_ANOMALY", "deg")
    yield _number(part, "MEAN_ANOMALY", "deg")
    yield _number(part, "GM", "km**3/s**2")


def _mean_elements() -> Iterator[OdmField]:
    part = Part.MEAN
    yield _date(part, "EPOCH", needed=True)
    yield _number(part, "SEMI_MAJOR_AXIS", "km")
    yield _number(part, "MEAN_MOTION", "rev/day", needed=True)
    yield _number(part, "ECCENTRICITY", needed=True)
    for keyword in ("INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "MEAN_ANOMALY"):
        yield _number(part, keyword, "deg", needed=True)
    yield _number(part, "GM", "km**3/s**2")


def _spacecraft() -> Iterator[OdmField]:
    for keyword, unit in (
        ("MASS", "kg"),
        ("SOLAR_RAD_AREA", "m**2"),
        ("SOLAR_RAD_COEFF", None),
        ("DRAG_AREA", "m**2"),
        ("DRAG_COEFF", None),
    ):
        yield _number(Part.SPACECRAFT, keyword, unit)


def _tle_parameters() -> Iterator[OdmField]:
    part = Part.TLE
    yield _count("EPHEMERIS_TYPE")
    yield _text(part, "CLASSIFICATION_TYPE")
    yield _count("NORAD_CAT_ID")
    yield _count("ELEMENT_SET_NO")
    yield _count("REV_AT_EPOCH")
    yield _number(part, "BSTAR", "1/ER", needed=True)
    yield _number(part, "BTERM", "m**2/kg")
    yield _number(part, "MEAN_MOTION_DOT", "rev/day**2")
    yield _number(part, "MEAN_MOTION_DDOT", "rev/day**3")
    yield _number(part, "AGOM", "m**2/kg")


def _covariance() -> Iterator[OdmField]:
    yield _text(Part.COVARIANCE, "COV_REF_FRAME")
    for i, row in enumerate(COVARIANCE_KEYWORDS):
        for j, keyword in enumerate(row):
            unit = ("km**2", "km**2/s", "km**2/s**2")[(i >= 3) + (j >= 3)]
            yield _number(Part.COVARIANCE, keyword, unit, needed=True)


def _maneuver() -> Iterator[OdmField]:
    part = Part.MANEUVER
    yield _date(part, "MAN_EPOCH_IGNITION", needed=True)
    yield _number(part, "MAN_DURATION", "s", needed=True)
    yield OdmField(
        keyword="MAN_DELTA_MASS",
        part=part,
        kind="number",
        unit="kg",
        unit_optional=True,
        standard=True,
        care="unit",
    )
    yield _text(part, "MAN_REF_FRAME", needed=True)
    for keyword in DV_KEYWORDS:
        yield _number(part, keyword, "km/s", needed=True)


def _layout(kind: str, *rows: Iterator[OdmField]) -> Layout:
    return Layout(kind, {row.keyword: row for part in (_header(kind), *rows) for row in part})


OPM_LAYOUT = _layout(
    "OPM", _metadata(), _state(), _keplerian(), _spacecraft(), _covariance(), _maneuver()
)
OMM_LAYOUT = _layout(
    "OMM",
    _metadata(),
    iter([_text(Part.METADATA, "MEAN_ELEMENT_THEORY", needed=True)]),
    _mean_elements(),
    _spacecraft(),
    _tle_parameters(),
    _covariance(),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class OdmPart:
    """What one part of a message says.

    Parameters
    ----------
    fields : mapping
        Values by CCSDS keyword, in the message's units (km, km/s, deg, rev/day); not to be
        changed.
    comments : tuple of str
        In their order.
    extras : tuple of (str, str)
        Keyword and text of what the standard does not know, and of user-defined parameters.

    Notes
    -----
    Equality compares what the message says, NaN equal to NaN.
    """

    fields: Mapping[str, Value] = field(default_factory=dict)
    comments: tuple[str, ...] = ()
    extras: tuple[tuple[str, str], ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OdmPart):
            return NotImplemented
        return self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        fields = {key: "NaN" if _is_nan(x) else x for key, x in self.fields.items()}
        return fields, self.comments, self.extras

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values by keyword; COMMENT as a list; a number that is not finite is None."""
        remarks = {"COMMENT": list(self.comments)} if self.comments else {}
        known = {key: _finite(value) for key, value in self.fields.items()}
        return {**remarks, **known, **dict(self.extras)}


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _finite(value: Value) -> Value | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value


_EMPTY = OdmPart()


@dataclass(frozen=True, kw_only=True, eq=False)
class Odm:
    """What OPM and OMM have in common.

    Parameters
    ----------
    parts : mapping
        By `Part`; a part that the message does not have is absent.
    maneuver_parts : tuple of OdmPart
        Maneuver blocks in their order (OPM only).
    notices : tuple of Notice
        What reading had to assume; not part of equality.
    source : str
        File name; not part of equality.
    """

    layout: ClassVar[Layout]

    parts: Mapping[Part, OdmPart]
    maneuver_parts: tuple[OdmPart, ...] = ()
    notices: tuple[Notice, ...] = ()
    source: str = ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        filled = {part: one for part, one in self.parts.items() if one != _EMPTY}
        return filled, self.maneuver_parts

    def get(self, keyword: str) -> Value | None:
        """A value in the message's own unit, or None when the message does not say it."""
        row = self.layout.rows.get(keyword)
        if row is not None:
            return self.part(row.part).fields.get(keyword)
        extras = (extra for one in self.parts.values() for extra in one.extras)
        return next((text for name, text in extras if name == keyword), None)

    def part(self, part: Part) -> OdmPart:
        """One part; an empty one when the message does not have it."""
        return self.parts.get(part, _EMPTY)

    def text(self, keyword: str) -> str:
        """A value as text, "" when absent."""
        value = self.get(keyword)
        return "" if value is None else str(value)

    def number(self, keyword: str) -> float | None:
        """A value as a finite number; None when it is absent, NaN or no number."""
        value = self.get(keyword)
        if value is None or isinstance(value, str) or not math.isfinite(value):
            return None
        return float(value)

    @property
    def version(self) -> str:
        """Version of the standard, as "2.0"."""
        return self.text(self.layout.version_keyword)

    @property
    def originator(self) -> str:
        """ORIGINATOR, "" when absent."""
        return self.text("ORIGINATOR")

    @property
    def message_id(self) -> str:
        """MESSAGE_ID, "" when absent."""
        return self.text("MESSAGE_ID")

    @property
    def object_name(self) -> str:
        """OBJECT_NAME, "" when absent."""
        return self.text("OBJECT_NAME")

    @property
    def object_id(self) -> str:
        """OBJECT_ID, mostly the international designator; "" when absent."""
        return self.text("OBJECT_ID")

    @property
    def center_name(self) -> str:
        """CENTER_NAME in upper case."""
        return self.text("CENTER_NAME").upper()

    @property
    def ref_frame(self) -> str:
        """REF_FRAME in upper case."""
        return self.text("REF_FRAME").upper()

    @property
    def time_system(self) -> str:
        """TIME_SYSTEM in upper case."""
        return self.text("TIME_SYSTEM").upper()

    @property
    def user_defined(self) -> dict[str, str]:
        """User-defined parameters by their name without `USER_DEFINED_`."""
        extras = self.part(Part.USER).extras
        return {name.removeprefix(USER_PREFIX): text for name, text in extras}

    def as_dict(self) -> dict[str, object]:
        """The message by part and CCSDS keyword, in its own units, as plain JSON values."""
        present = {
            str(part): self.parts[part].as_dict()
            for part in self.layout.parts
            if self.parts.get(part, _EMPTY) != _EMPTY
        }
        maneuvers = [one.as_dict() for one in self.maneuver_parts]
        return {
            "source": self.source,
            **present,
            **({str(Part.MANEUVER): maneuvers} if maneuvers else {}),
            "notices": [notice.as_dict() for notice in self.notices],
        }

"""What a number rests on, said next to the number.

A `Notice` is a warning as data: a stable code that programs can test, and a sentence for
people. Every result carries its notices; nothing is printed from inside the package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class NoticeCode(StrEnum):
    """The codes that a notice can have. They are stable: scripts may test them."""

    # messages
    NAN_VALUE = "nan-value"
    WRONG_UNIT_LABEL = "wrong-unit-label"
    MISSING_UNIT = "missing-unit"
    TRUNCATED_UNIT = "truncated-unit"
    DAY_OF_YEAR_DATE = "day-of-year-date"
    UNKNOWN_KEYWORD = "unknown-keyword"
    MISSING_KEYWORD = "missing-keyword"
    DUPLICATE_KEYWORD = "duplicate-keyword"
    UNEXPECTED_VALUE = "unexpected-value"
    MALFORMED_LINE = "malformed-line"
    TEXT_ENCODING = "text-encoding"
    COVARIANCE_SCALED = "covariance-scaled"
    HBR_FROM_COMMENT = "hbr-from-comment"
    INCONSISTENT_RELATIVE_STATE = "inconsistent-relative-state"
    INCONSISTENT_ELEMENTS = "inconsistent-elements"
    ELEMENTS_OLD = "elements-old"
    SUMMARY_ONLY = "summary-only"
    INTERPOLATION_COARSE = "interpolation-coarse"
    COVARIANCE_CARRIED = "covariance-carried"
    COVARIANCE_ASSUMED = "covariance-assumed"
    NO_COVARIANCE = "no-covariance"
    STATE_REPLACED = "state-replaced"
    # conjunction and risk
    HBR_ASSUMED = "hbr-assumed"
    HBR_SOURCES_DIFFER = "hbr-sources-differ"
    TCA_SHIFTED = "tca-shifted"
    COVARIANCE_CLIPPED = "covariance-clipped"
    COVARIANCE_NOT_POSITIVE = "covariance-not-positive"
    COVARIANCE_DEFAULT = "covariance-default"
    NO_VELOCITY_COVARIANCE = "no-velocity-covariance"
    PC_2D_NOT_VALID = "pc-2d-not-valid"
    MESSAGE_LEFT_OUT = "message-left-out"
    PC_DIFFERS_FROM_MESSAGE = "pc-differs-from-message"
    DENSITY_CORRELATION = "density-correlation"
    # planning
    ASSUMED_VALUE = "assumed-value"
    NOW_FROM_MESSAGE = "now-from-message"
    EOP_NOT_COVERED = "eop-not-covered"
    EOP_PREDICTED = "eop-predicted"
    SPACE_WEATHER_NOT_COVERED = "space-weather-not-covered"
    DRAG_OFF = "drag-off"
    SRP_OFF = "srp-off"
    GRAVITY_ZONAL = "gravity-zonal"
    MINIMUM_IMPULSE = "minimum-impulse"
    LONG_BURN = "long-burn"
    NOT_VERIFIED = "not-verified"
    SECOND_MINIMUM = "second-minimum"
    STANDING_MANEUVER = "standing-maneuver"
    CANNOT_MANEUVER = "cannot-maneuver"

    @property
    def is_remark(self) -> bool:
        """Whether it says where a value comes from, without a doubt about the answer."""
        return self in _REMARKS


_REMARKS = frozenset(
    {
        NoticeCode.NAN_VALUE,
        NoticeCode.MISSING_UNIT,
        NoticeCode.TRUNCATED_UNIT,
        NoticeCode.DAY_OF_YEAR_DATE,
        NoticeCode.UNKNOWN_KEYWORD,
        NoticeCode.MISSING_KEYWORD,
        NoticeCode.TEXT_ENCODING,
        NoticeCode.HBR_FROM_COMMENT,
        NoticeCode.NOW_FROM_MESSAGE,
    }
)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One assumption, repair or doubt.

    Parameters
    ----------
    code : NoticeCode
        Stable identifier.
    message : str
        What is wrong, its effect on the number, what to do.
    file, line, field : optional
        Where it was seen, when it comes from a file.
    """

    code: NoticeCode
    message: str
    file: str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file or "",
                f"line {self.line}" if self.line is not None else "",
                self.field or "",
            )
            if part
        )
        return f"{place}: {self.message}" if place else self.message

    def as_dict(self) -> dict[str, object]:
        """Code and message, with file, line and field where they are known."""
        place = {"file": self.file, "line": self.line, "field": self.field}
        return {
            "code": str(self.code),
            "message": self.message,
            **{key: value for key, value in place.items() if value is not None},
        }


def without_repeats(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """The notices in their order, each once."""
    return tuple(dict.fromkeys(notices))


def in_brief(notices: Iterable[Notice], most: int = 5) -> list[str]:
    """The notices as lines, each once, and no more than `most` with one code and field.

    Examples
    --------
    >>> from dataclasses import replace
    >>> one = Notice(code=NoticeCode.MISSING_UNIT, message="no unit", field="X", line=1)
    >>> in_brief([one, replace(one, line=2), replace(one, line=3)], most=1)
    ['line 1, X: no unit; and 2 more like this']
    """
    alike: dict[tuple[NoticeCode, str | None], list[Notice]] = {}
    for one in without_repeats(notices):
        alike.setdefault((one.code, one.field), []).append(one)
    lines = []
    for group in alike.values():
        shown = [str(one) for one in group[:most]]
        if len(group) > most:
            shown[-1] += f"; and {len(group) - most} more like this"
        lines += shown
    return lines

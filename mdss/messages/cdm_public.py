"""Space-Track's public conjunction records (class cdm_public): a summary, without any state.

MIN_RNG is read in metres. The class does not state its unit, and descriptions disagree: some
say kilometres. Records decide it. They are published for emergency-reportable events, and carry
whole numbers such as MIN_RNG 4 with a PC of 0.17 (CDM 280352437 of 2022-04-29) or 886 with
1.7e-4 (CDM 392735348 of 2022-12-02): at 4 km or 886 km no covariance gives such a probability.
A value that makes no sense in metres gives a notice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from mdss.errors import MessageError
from mdss.messages.json_records import Record, notice_of_record, of_record, read_records
from mdss.messages.source import LARGEST_EPHEMERIS_BYTES, decoded, file_content, source_name
from mdss.messages.tle_columns import alpha5_number
from mdss.messages.values import UNKNOWN_TEXTS, Entry, Findings, epoch_utc, number_of
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.units import KM

LARGEST_RADIUS_M = 100.0
"""Half the size of the largest pair in orbit, for the bound on the probability."""
BELOW_THIS_WHOLE_M = 100.0

_OTHER_SPELLING = re.compile(r"SAT_?([12])_(.+)", re.DOTALL)
_CANONICAL = {
    "ID": "SAT_{}_ID",
    "NAME": "SAT_{}_NAME",
    "EXCL_VOL": "SAT_{}_EXCL_VOL",
    "OBJECT_TYPE": "SAT{}_OBJECT_TYPE",
    "RCS": "SAT{}_RCS",
}
_KNOWN = frozenset(
    {"CDM_ID", "CREATED", "EMERGENCY_REPORTABLE", "TCA", "MIN_RNG", "PC"}
    | {one.format(n) for one in _CANONICAL.values() for n in (1, 2)}
)
_WITHOUT_STATES = (
    "a public record has neither states nor covariance: its Pc cannot be recomputed or checked, "
    "and no burn can be planned from it; ask for the full CDM"
)


@dataclass(frozen=True, kw_only=True)
class CdmPublic:
    """One public conjunction record.

    Parameters
    ----------
    cdm_id : str
        CDM_ID, "" when absent.
    tca_utc : datetime
        TCA.
    created_utc : datetime, optional
        CREATED.
    miss_distance_m : float, optional
        MIN_RNG, taken in metres [m]; None when absent.
    pc : float, optional
        PC; the radius and the method behind it are not stated. None when absent.
    designators : (str, str)
        Catalogue numbers of object 1 and 2, without leading zeros.
    names : (str, str)
        "" when absent.
    object_types : (str, str)
        PAYLOAD, ROCKET BODY, DEBRIS, UNKNOWN; "" when absent.
    radar_sizes : (str, str)
        SMALL, MEDIUM, LARGE; "" when absent.
    exclusion_volumes_km : (float or None, float or None)
        SAT_n_EXCL_VOL, the sizes of the screening volumes, in km as published.
    emergency_reportable : bool, optional
        None when the record does not say.
    extras : mapping
        What else the record has, as text by key.
    notices : tuple of Notice
        What reading had to assume; not part of equality.
    source : str
        File name; not part of equality.
    """

    cdm_id: str = ""
    tca_utc: datetime
    created_utc: datetime | None = None
    miss_distance_m: float | None = None
    pc: float | None = None
    designators: tuple[str, str]
    names: tuple[str, str] = ("", "")
    object_types: tuple[str, str] = ("", "")
    radar_sizes: tuple[str, str] = ("", "")
    exclusion_volumes_km: tuple[float | None, float | None] = (None, None)
    emergency_reportable: bool | None = None
    extras: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = field(default=(), compare=False)
    source: str = field(default="", compare=False)

    @property
    def message_id(self) -> str:
        """CDM_ID."""
        return self.cdm_id

    def as_record(self) -> dict[str, str | None]:
        """The record with the keys of the class, values as text, as the service gives them."""
        flag = {True: "Y", False: "N", None: None}[self.emergency_reportable]
        both = {
            key: text
            for n in (0, 1)
            for key, text in (
                (f"SAT_{n + 1}_ID", self.designators[n]),
                (f"SAT_{n + 1}_NAME", self.names[n] or None),
                (f"SAT{n + 1}_OBJECT_TYPE", self.object_types[n] or None),
                (f"SAT{n + 1}_RCS", self.radar_sizes[n] or None),
                (f"SAT_{n + 1}_EXCL_VOL", _number_text(self.exclusion_volumes_km[n])),
            )
        }
        return {
            "CDM_ID": self.cdm_id or None,
            "CREATED": _date_text(self.created_utc, " ") if self.created_utc else None,
            "EMERGENCY_REPORTABLE": flag,
            "TCA": _date_text(self.tca_utc, "T"),
            "MIN_RNG": _number_text(self.miss_distance_m),
            "PC": _number_text(self.pc),
            **both,
            **self.extras,
        }

    def as_dict(self) -> dict[str, object]:
        """The record, its file and its notices as plain JSON values."""
        notices = [notice.as_dict() for notice in self.notices]
        return {"source": self.source, **self.as_record(), "notices": notices}


def _number_text(value: float | None) -> str | None:
    if value is None:
        return None
    return str(int(value)) if value.is_integer() and value < 1e15 else repr(value)


def _date_text(instant: datetime, separator: str) -> str:
    return instant.replace(tzinfo=None).isoformat(separator, timespec="microseconds")


def read_cdm_public(source: Path | str | bytes, name: str | None = None) -> tuple[CdmPublic, ...]:
    """Every public conjunction record of a JSON file, checked.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content as bytes: a list of records, one record, or
        records under "data". Values may be texts, numbers or null.
    name : str, optional
        What errors and notices call the source; the file's name by default.

    Returns
    -------
    tuple of CdmPublic
        In the file's order, each with its notices.

    Raises
    ------
    MessageError
        If the file cannot be read, or a record has no TCA, no two different objects, or an
        impossible value; with file, line, record, key, value and remedy.
    """
    whole = Findings(source_name(source, name))
    data = file_content(source, name, LARGEST_EPHEMERIS_BYTES)
    records = read_records(decoded(data, whole), whole)
    return tuple(_checked(record, whole) for record in records)


def _checked(record: Record, whole: Findings) -> CdmPublic:
    findings = Findings(whole.file)
    try:
        made = _made(_Reader(record, findings), findings)
    except MessageError as problem:
        raise of_record(record.number, problem) from None
    notices = [notice_of_record(record.number, one) for one in findings.notices]
    summary = Notice(
        code=NoticeCode.SUMMARY_ONLY, message=_WITHOUT_STATES, file=whole.file, line=record.line
    )
    every = without_repeats([*whole.notices, summary, *notices])
    return replace(made, notices=every, source=whole.file)


def _made(reader: _Reader, findings: Findings) -> CdmPublic:
    first, second = reader.designator(1), reader.designator(2)
    if first == second:
        findings.refuse(
            reader.entry("SAT_2_ID"),
            "both objects have the same number",
            "Ask for the record again.",
        )
    tca_utc, created_utc = reader.date("TCA"), reader.optional_date("CREATED")
    if created_utc is not None and created_utc > tca_utc:
        findings.at(
            reader.entry("CREATED"),
            NoticeCode.UNEXPECTED_VALUE,
            "the record was made after TCA",
        )
    miss_m, pc = reader.number("MIN_RNG"), reader.number("PC", most=1.0)
    volumes = reader.number("SAT_1_EXCL_VOL"), reader.number("SAT_2_EXCL_VOL")
    if miss_m is not None:
        _notice_miss(reader.entry("MIN_RNG"), miss_m, pc, volumes, findings)
    return CdmPublic(
        cdm_id=reader.text("CDM_ID"),
        tca_utc=tca_utc,
        created_utc=created_utc,
        miss_distance_m=miss_m,
        pc=pc,
        designators=(first, second),
        names=reader.texts_of_both("SAT_{}_NAME"),
        object_types=reader.texts_of_both("SAT{}_OBJECT_TYPE"),
        radar_sizes=reader.texts_of_both("SAT{}_RCS"),
        exclusion_volumes_km=volumes,
        emergency_reportable=reader.flag("EMERGENCY_REPORTABLE"),
        extras=reader.extras,
    )


class _Reader:
    """Values of one record by key, each with its place for refusals."""

    def __init__(self, record: Record, findings: Findings) -> None:
        self.findings = findings
        self.line = record.line
        self.texts: dict[str, str] = {}
        self.extras: dict[str, str] = {}
        for key, text in record.pairs:
            if text:
                self._keep(_canonical(key), text)

    def _keep(self, key: str, text: str) -> None:
        kept = self.texts if key in _KNOWN else self.extras
        if kept.setdefault(key, text) != text:
            self.findings.refuse(
                Entry(key[:40], text, self.line),
                f"is there twice, first as {kept[key]!r}",
                "Keep the right one of the two, or ask for the record again.",
            )

    def entry(self, key: str) -> Entry:
        """A key with its text."""
        return Entry(key, self.text(key), self.line)

    def text(self, key: str) -> str:
        """A text, "" when absent."""
        return self.texts.get(key, "")

    def texts_of_both(self, key: str) -> tuple[str, str]:
        """The texts of object 1 and object 2, "" when absent."""
        return self.text(key.format(1)), self.text(key.format(2))

    def date(self, key: str) -> datetime:
        """A date that must be there."""
        found = self.optional_date(key)
        if found is None:
            self._refuse_missing(key)
        return found

    def optional_date(self, key: str) -> datetime | None:
        """A date, with a blank or a T before its time."""
        text = self.text(key)
        if text.upper() in UNKNOWN_TEXTS:
            return None
        try:
            return epoch_utc(text)
        except ValueError as problem:
            self.findings.refuse(
                self.entry(key),
                f"is not a possible UTC date: {problem}",
                "It must be as 2026-03-01T12:00:00.000000; ask for the record again.",
            )

    def designator(self, n: int) -> str:
        """Catalogue number of an object, without leading zeros."""
        key = f"SAT_{n}_ID"
        text = self.text(key)
        if text.upper() in UNKNOWN_TEXTS:
            self._refuse_missing(key)
        number = alpha5_number(text)
        if number is None or not 0 < number < 10**9:
            self.findings.refuse(
                self.entry(key), "is no catalogue number", "Ask for the record again."
            )
        return str(number)

    def number(self, key: str, most: float = math.inf) -> float | None:
        """A number, 0 or more; None (with a notice for the two that matter) when absent."""
        text = self.text(key)
        if text.upper() in UNKNOWN_TEXTS:
            if key in ("PC", "MIN_RNG"):
                self.findings.notice(
                    NoticeCode.MISSING_KEYWORD, f"{key} is not stated", self.line, key
                )
            return None
        value = number_of(text)
        if value is None or not 0 <= value <= most or math.isinf(value):
            limits = "0 or more" if math.isinf(most) else f"between 0 and {most:g}"
            self.findings.refuse(
                self.entry(key), f"must be a number, {limits}", "Ask for the record again."
            )
        return value

    def flag(self, key: str) -> bool | None:
        """Y or N; None when the record says neither."""
        text = self.text(key).upper()
        meaning = {"Y": True, "YES": True, "TRUE": True, "N": False, "NO": False, "FALSE": False}
        if text not in meaning and text not in UNKNOWN_TEXTS:
            self.findings.at(
                self.entry(key), NoticeCode.UNEXPECTED_VALUE, f"{text!r} is neither Y nor N"
            )
        return meaning.get(text)

    def _refuse_missing(self, key: str) -> NoReturn:
        self.findings.refuse(
            self.entry(key), f"{key} is missing", "Ask for the record again, with all its keys."
        )


def _canonical(key: str) -> str:
    """The key in the class's own spelling: some write SAT1_ID for SAT_1_ID.

    Examples
    --------
    >>> _canonical("sat1_id"), _canonical("SAT_2_RCS")
    ('SAT_1_ID', 'SAT2_RCS')
    """
    key = key.strip().upper()
    match = _OTHER_SPELLING.fullmatch(key)
    if match and match[2] in _CANONICAL:
        return _CANONICAL[match[2]].format(match[1])
    return key


def _notice_miss(
    entry: Entry,
    miss_m: float,
    pc: float | None,
    volumes_km: tuple[float | None, float | None],
    findings: Findings,
) -> None:
    doubt = _doubt(miss_m, pc, [one for one in volumes_km if one is not None])
    if doubt:
        findings.at(entry, NoticeCode.WRONG_UNIT_LABEL, f"read as {miss_m:g} m, but {doubt}")
    else:
        findings.at(entry, NoticeCode.MISSING_UNIT, "has no unit; taken as [m]")


def _doubt(miss_m: float, pc: float | None, volumes_km: list[float]) -> str:
    """Why a miss distance makes no sense in metres, "" when it does."""
    if miss_m < BELOW_THIS_WHOLE_M and miss_m != int(miss_m):
        return "the service gives whole metres; it may be in kilometres: do not rely on it"
    if volumes_km and miss_m > KM * max(volumes_km):
        return (
            f"that is outside the screening volume of {max(volumes_km):g} km: the unit or the "
            "value is wrong"
        )
    if pc is not None and pc > largest_pc(miss_m):
        return (
            f"no pair of objects that far apart can have a Pc of {pc:.2g}: miss distance or Pc "
            "is wrong"
        )
    return ""


def largest_pc(miss_m: float, hard_body_radius_m: float = LARGEST_RADIUS_M) -> float:
    """The largest probability that any covariance gives at a mean miss distance.

    Parameters
    ----------
    miss_m : float
        Distance of the means [m].
    hard_body_radius_m : float
        Sum of both radii [m].

    Returns
    -------
    float
        An upper bound: the strip as wide as the disc, all uncertainty across it; 1 where the
        disc contains the means.

    Notes
    -----
    A normal density at distance d is largest, over its sigma, at sigma = d: 1 / (d √(2πe)).

    Examples
    --------
    >>> f"{largest_pc(4000.0):.4f}"
    '0.0124'
    """
    edge_m = miss_m - hard_body_radius_m
    if edge_m <= 0:
        return 1.0
    return min(1.0, 2 * hard_body_radius_m / (edge_m * math.sqrt(2 * math.pi * math.e)))

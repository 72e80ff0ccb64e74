"""Two-line element sets (TLE): one or many, with or without name lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from mdss.errors import MessageError
from mdss.messages.sgp4_elements import OTHER_TYPES, SGP4_TYPES, Sgp4Elements
from mdss.messages.source import LARGEST_EPHEMERIS_BYTES, decoded, file_content, source_name
from mdss.messages.tle_columns import TleFields, TleLine, check_line
from mdss.messages.values import Entry, Findings
from mdss.notices import Notice, NoticeCode, without_repeats

_LOOKS_LIKE = re.compile(r"([12]) [ 0-9A-Z][ 0-9]{4}.*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Tle:
    """One two-line element set, checked.

    Parameters
    ----------
    name : str
        Of the name line, "" without one.
    line1, line2 : str
        Each with its 69 columns.
    catalog_number : int
        Alpha-5 decoded.
    international_designator : str
        As printed: "98067A"; "" when blank.
    classification : str
        U, C or S; "" when blank.
    elements : Sgp4Elements
        Epoch and mean elements.
    element_set_number, revolution : int, optional
        None when blank.
    notices : tuple of Notice
        What reading had to assume.
    source : str
        File name.
    """

    name: str = ""
    line1: str
    line2: str
    catalog_number: int
    international_designator: str = ""
    classification: str = ""
    elements: Sgp4Elements
    element_set_number: int | None = None
    revolution: int | None = None
    notices: tuple[Notice, ...] = ()
    source: str = ""

    @property
    def designator(self) -> str:
        """Catalogue number without leading zeros."""
        return str(self.catalog_number)

    @property
    def epoch_utc(self) -> datetime:
        """Epoch of the elements, UTC."""
        return self.elements.epoch_utc

    def satrec(self) -> Any:
        """An initialised `sgp4.api.Satrec`; PropagationError if there can be none."""
        return self.elements.satrec(self.catalog_number)

    @property
    def text(self) -> str:
        """The set as lines of a file, with its name where it has one."""
        return "".join(f"{line}\n" for line in (self.name, self.line1, self.line2) if line)

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values."""
        return {
            "source": self.source,
            "OBJECT_NAME": self.name,
            "NORAD_CAT_ID": self.catalog_number,
            "EPOCH": self.epoch_utc.replace(tzinfo=None).isoformat(timespec="microseconds"),
            "TLE_LINE1": self.line1,
            "TLE_LINE2": self.line2,
            "notices": [notice.as_dict() for notice in self.notices],
        }


def read_tles(source: Path | str | bytes, name: str | None = None) -> tuple[Tle, ...]:
    """Every two-line element set in a file, checked.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content as bytes. Lines that begin with # are left
        out; a line before a set is its name, with or without a leading "0 ".
    name : str, optional
        What errors and notices call the source; the file's name by default.

    Returns
    -------
    tuple of Tle
        In the file's order, each with its notices.

    Raises
    ------
    MessageError
        If the file cannot be read, has no set, or a line is cut, shifted or damaged: length,
        blank columns, checksum, catalogue numbers and ranges are checked.
    """
    file = source_name(source, name)
    whole = Findings(file)
    text = decoded(file_content(source, name, LARGEST_EPHEMERIS_BYTES), whole)
    sets = tuple(
        _element_set(title, line1, line2, file, whole.notices)
        for title, line1, line2 in _sets(text, whole)
    )
    if not sets:
        raise MessageError(
            "has no two-line element set",
            file=file,
            remedy="Give lines 1 and 2 of at least one object.",
        )
    return sets


def _sets(text: str, findings: Findings) -> Iterator[tuple[str, TleLine, TleLine]]:
    title, first = "", None
    for line in _lines(text, findings):
        if line.number == 0:
            if first is not None:
                _refuse_alone(first, findings)
            if title:
                _notice_no_name(line, findings)
            title = line.text
        elif line.number == 1:
            if first is not None:
                _refuse_alone(first, findings)
            first = line
        else:
            if first is None:
                _refuse_alone(line, findings)
            yield title, first, line
            title, first = "", None
    if first is not None:
        _refuse_alone(first, findings)


def _lines(text: str, findings: Findings) -> Iterator[TleLine]:
    """Lines that say something: 1 and 2 are element lines, 0 a name."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LOOKS_LIKE.fullmatch(line)
        if match and raw[0].isspace():
            findings.notice(
                NoticeCode.MALFORMED_LINE, "blanks before the line are left out", number
            )
        yield TleLine(line, int(match[1]) if match else 0, number)


def _refuse_alone(line: TleLine, findings: Findings) -> NoReturn:
    other = 3 - line.number
    findings.refuse(
        Entry(f"line {line.number} of the set", line.text, line.line),
        f"line {line.number} of an element set without its line {other}",
        "Give both lines, line 1 first, with nothing between them.",
    )


def _notice_no_name(line: TleLine, findings: Findings) -> None:
    findings.notice(
        NoticeCode.MALFORMED_LINE,
        "the line above is neither a name nor an element line; left out",
        line.line,
    )


def _element_set(
    title: str, line1: TleLine, line2: TleLine, file: str, about_file: list[Notice]
) -> Tle:
    findings = Findings(file)
    fields = TleFields(check_line(line1, findings), check_line(line2, findings), findings)
    number = fields.catalog_number()
    _check_type(fields)
    elements = Sgp4Elements(
        epoch_utc=fields.epoch_utc(),
        mean_motion_rev_day=fields.decimal("MEAN_MOTION"),
        eccentricity=fields.eccentricity(),
        inclination_deg=fields.decimal("INCLINATION"),
        ra_of_asc_node_deg=fields.decimal("RA_OF_ASC_NODE"),
        arg_of_pericenter_deg=fields.decimal("ARG_OF_PERICENTER"),
        mean_anomaly_deg=fields.decimal("MEAN_ANOMALY"),
        bstar=fields.implied("BSTAR"),
        mean_motion_dot=fields.decimal("MEAN_MOTION_DOT"),
        mean_motion_ddot=fields.implied("MEAN_MOTION_DDOT"),
    )
    return Tle(
        name=_name(title),
        line1=fields.lines[1].text,
        line2=fields.lines[2].text,
        catalog_number=number,
        international_designator=fields.text("OBJECT_ID"),
        classification=fields.text("CLASSIFICATION_TYPE"),
        elements=elements,
        element_set_number=fields.count("ELEMENT_SET_NO"),
        revolution=fields.count("REV_AT_EPOCH"),
        notices=without_repeats([*about_file, *findings.notices]),
        source=file,
    )


def _name(title: str) -> str:
    return title.removeprefix("0 ").strip()


def _check_type(fields: TleFields) -> None:
    kind = fields.count("EPHEMERIS_TYPE") or 0
    if kind not in SGP4_TYPES:
        what = OTHER_TYPES.get(kind, "unknown")
        fields.findings.refuse(
            Entry("EPHEMERIS_TYPE, column 63", str(kind), fields.lines[1].line),
            f"the elements are of type {kind}, {what}, which SGP4 must not propagate",
            "Ask for elements of type 0 (SGP4).",
        )
    if kind:
        fields.findings.notice(
            NoticeCode.UNEXPECTED_VALUE,
            f"ephemeris type {kind} ({SGP4_TYPES[kind]}) is not used any more; taken as SGP4",
            fields.lines[1].line,
            "EPHEMERIS_TYPE",
        )

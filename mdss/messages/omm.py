"""Orbit mean-elements messages (OMM): KVN and XML of CCSDS 502.0-B, JSON and CSV of catalogues."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mdss.errors import MessageError
from mdss.messages.json_records import (
    Record,
    notice_of_record,
    of_record,
    read_records,
    scalar_text,
)
from mdss.messages.odm import OMM_LAYOUT, USER_PREFIX
from mdss.messages.odm_read import assemble, read_parts
from mdss.messages.omm_checks import check_omm
from mdss.messages.omm_message import Omm
from mdss.messages.source import (
    LARGEST_EPHEMERIS_BYTES,
    decoded,
    file_content,
    is_xml,
    source_name,
)
from mdss.messages.values import Entry, Findings
from mdss.notices import Notice, NoticeCode, without_repeats

__all__ = ["Omm", "read_omms"]

ASSUMED = {
    "CENTER_NAME": "EARTH",
    "REF_FRAME": "TEME",
    "TIME_SYSTEM": "UTC",
    "MEAN_ELEMENT_THEORY": "SGP4",
}
"""What tables of catalogues leave out (CelesTrak: all four), because it never differs."""

_VERSION = OMM_LAYOUT.version_keyword
_KEYWORD = re.compile(r"[A-Z][A-Z0-9_]*")
_HEADER_SIGNS = frozenset({"EPOCH", "MEAN_MOTION", "ECCENTRICITY"})


def read_omms(source: Path | str | bytes, name: str | None = None) -> tuple[Omm, ...]:
    """Every OMM in a file, checked: KVN, XML, JSON records or CSV with a header line.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content as bytes; up to 100 MB.
    name : str, optional
        What errors and notices call the source; the file's name by default.

    Returns
    -------
    tuple of Omm
        In the file's order, each with its notices.

    Raises
    ------
    MessageError
        If the file cannot be read, is no OMM, or says something that SGP4 must not propagate;
        with file, line, record, field, value and remedy where there are such.

    Notes
    -----
    Columns of a table that the standard does not know (SEMIMAJOR_AXIS, RCS_SIZE, TLE_LINE1 and
    so on) become user-defined parameters, as in the XML of the same catalogues.
    """
    data = file_content(source, name, LARGEST_EPHEMERIS_BYTES)
    file, whole = source_name(source, name), Findings(source_name(source, name))
    if not is_xml(data):
        text = decoded(data, whole)
        if text.lstrip().startswith(("[", "{")):
            return _from_records(read_records(text, whole), whole)
        if _is_csv(text):
            return _from_records(list(_csv_records(text, file)), whole)
    _, messages, about = read_parts(data, file, OMM_LAYOUT, LARGEST_EPHEMERIS_BYTES)
    return tuple(_message(entries, Findings(file), about.notices) for entries in messages)


def _message(
    entries: Iterable[Entry],
    findings: Findings,
    about_file: list[Notice],
    number: int | None = None,
) -> Omm:
    draft = assemble(entries, OMM_LAYOUT, findings, catalogue=number is not None)
    check_omm(draft)
    notices = findings.notices
    if number is not None:
        notices = [notice_of_record(number, notice) for notice in notices]
    return Omm(
        parts=draft.finished_parts(),
        notices=without_repeats([*about_file, *notices]),
        source=findings.file,
    )


def _from_records(records: list[Record], whole: Findings) -> tuple[Omm, ...]:
    return tuple(_of_record(record, whole) for record in records)


def _of_record(record: Record, whole: Findings) -> Omm:
    findings = Findings(whole.file)
    try:
        return _message(_entries(record, findings), findings, whole.notices, record.number)
    except MessageError as problem:
        raise of_record(record.number, problem) from None


def _entries(record: Record, findings: Findings) -> Iterator[Entry]:
    """The record as if it were lines of KVN; nulls and empty cells are absent."""
    pairs = [(key.strip().upper(), text) for key, text in record.pairs if text]
    present = {key for key, _ in pairs}
    if _VERSION not in present:
        yield Entry(_VERSION, "2.0", record.line)
    yield from (Entry(key, text, record.line) for key, text in pairs if key == _VERSION)
    missing = {key: value for key, value in ASSUMED.items() if key not in present}
    yield from (Entry(key, value, record.line) for key, value in missing.items())
    if missing:
        findings.notice(
            NoticeCode.ASSUMED_VALUE,
            f"not stated, taken as catalogues mean it: {', '.join(missing.values())}",
            record.line,
            next(iter(missing)),
        )
    for key, text in pairs:
        if key != _VERSION and (keyword := _keyword(key, record, findings)):
            yield Entry(keyword, text, record.line)


def _keyword(key: str, record: Record, findings: Findings) -> str | None:
    if key == "COMMENT" or key in OMM_LAYOUT.rows or key.startswith(USER_PREFIX):
        return key
    if _KEYWORD.fullmatch(key):
        return USER_PREFIX + key
    findings.notice(
        NoticeCode.UNKNOWN_KEYWORD, f"{key[:40]!r} is no keyword; left out", record.line
    )
    return None


def _is_csv(text: str) -> bool:
    header = text.lstrip().partition("\n")[0].upper().replace('"', "")
    return len(_HEADER_SIGNS & {cell.strip() for cell in header.split(",")}) >= 2


@dataclass(frozen=True)
class _Header:
    keys: tuple[str, ...]
    line: int


def _csv_records(text: str, file: str) -> Iterator[Record]:
    rows = csv.reader(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), strict=True)
    header, number, line = None, 0, 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error as problem:
            raise _damaged(f"the CSV is damaged: {problem}", file, rows.line_num) from None
        if row is None:
            break
        line, started = rows.line_num, line + 1
        cells = tuple(cell.strip() for cell in row)
        if not any(cells):
            continue
        if header is None:
            header = _header(cells, file, started)
        elif tuple(cell.upper() for cell in cells) != header.keys:
            number += 1
            yield _csv_record(number, started, header, cells, file)
    if number == 0:
        raise _damaged("the CSV has no record below its header", file, 1)


def _header(cells: tuple[str, ...], file: str, line: int) -> _Header:
    keys = tuple(cell.upper() for cell in cells)
    repeated = {key for key in keys if keys.count(key) > 1}
    if repeated:
        raise _damaged(f"columns of the CSV are there twice: {sorted(repeated)}", file, line)
    return _Header(keys, line)


def _csv_record(
    number: int, line: int, header: _Header, cells: tuple[str, ...], file: str
) -> Record:
    if len(cells) != len(header.keys):
        what = f"has {len(cells)} of {len(header.keys)} columns"
        raise of_record(number, _damaged(what, file, line))
    try:
        texts = [scalar_text(k, cell) for k, cell in zip(header.keys, cells, strict=True)]
    except MessageError as problem:
        problem.file, problem.line = file, line
        raise of_record(number, problem) from None
    return Record(number, line, tuple(zip(header.keys, texts, strict=True)))


def _damaged(problem: str, file: str, line: int) -> MessageError:
    return MessageError(
        problem,
        file=file,
        line=line,
        remedy="The file is cut short or damaged; ask for it again.",
    )

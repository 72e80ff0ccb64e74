"""From a file or bytes to checked messages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mdss.errors import MessageError
from mdss.messages import kvn, xml
from mdss.messages.assemble import assemble, finish, split_messages
from mdss.messages.cdm import Cdm
from mdss.messages.checks import check_draft, check_relative_state
from mdss.messages.values import Entry, Findings
from mdss.notices import Notice, NoticeCode, without_repeats

LARGEST_FILE_BYTES = 10 * 1024 * 1024
MOST_MISSING_UNITS = 5

_BOM = b"\xef\xbb\xbf"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_cdms(source: Path | str | bytes, name: str | None = None) -> tuple[Cdm, ...]:
    """Every CDM in a file, KVN or XML, checked.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content as bytes.
    name : str, optional
        What errors and notices call the source; the file's name by default.

    Returns
    -------
    tuple of Cdm
        One or several, in the file's order, each with its notices.

    Raises
    ------
    MessageError
        If the file cannot be read, is no CDM, or says something that would make the physics
        wrong; with file, line, field, value and remedy where there are such.
    """
    file = name or ("message" if isinstance(source, bytes) else Path(source).name)
    data = source if isinstance(source, bytes) else _file_content(Path(source), file)
    whole = Findings(file)
    entries = _entries(data, whole)
    return tuple(_message(part, file, whole.notices) for part in split_messages(entries, file))


def _message(entries: list[Entry], file: str, about_file: list[Notice]) -> Cdm:
    findings = Findings(file)
    draft = assemble(entries, findings)
    check_draft(draft)
    cdm = finish(draft)
    check_relative_state(cdm, draft)
    notices = [*about_file, *_missing_units_once(findings.notices)]
    return replace(cdm, notices=without_repeats(notices))


def _missing_units_once(notices: list[Notice]) -> list[Notice]:
    """A message without any units gives one notice, not eighty."""
    missing = [n for n in notices if n.code is NoticeCode.MISSING_UNIT]
    if len(missing) <= MOST_MISSING_UNITS:
        return notices
    text = f"{missing[0].message}; and {len(missing) - 1} more values without a unit, each taken "
    summary = replace(missing[0], message=text + "in the standard's unit")
    return [summary, *(n for n in notices if n.code is not NoticeCode.MISSING_UNIT)]


def _file_content(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise MessageError(
            f"cannot be read: {reason}", file=file, remedy="Check the path and its permissions."
        ) from None


def _entries(data: bytes, findings: Findings) -> list[Entry]:
    _refuse_size(data, findings.file)
    if data.startswith(_BOM):
        findings.notice(
            NoticeCode.TEXT_ENCODING, "begins with a byte-order mark; it is left out", 1
        )
        data = data[len(_BOM) :]
    if not data.strip():
        raise _refusal("the file is empty", findings.file, remedy="Ask for the message again.")
    if data.lstrip().startswith(b"<"):
        return _xml_entries(data, findings)
    return kvn.read_entries(_decoded(data, findings), findings)


def _refusal(problem: str, file: str, line: int | None = None, remedy: str = "") -> MessageError:
    return MessageError(problem, file=file, line=line, remedy=remedy)


def _refuse_size(data: bytes, file: str) -> None:
    if len(data) > LARGEST_FILE_BYTES:
        raise _refusal(
            f"is larger than {LARGEST_FILE_BYTES // 1024**2} MB",
            file,
            remedy="A CDM has some 10 kB; split a collection into several files.",
        )


def _xml_entries(data: bytes, findings: Findings) -> list[Entry]:
    if b"\x00" in data:
        raise _binary(data, data.index(b"\x00"), findings.file)
    # a declaration must stand at the very start
    blank_lines = data[: len(data) - len(data.lstrip())].count(b"\n")
    entries = xml.read_entries(data.lstrip(), findings)
    return [replace(e, line=e.line + blank_lines) for e in entries] if blank_lines else entries


def _decoded(data: bytes, findings: Findings) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise _binary(data, problem.start, findings.file) from None
    if match := _FORBIDDEN.search(text):
        raise _binary(data, len(text[: match.start()].encode()), findings.file)
    if "\r" in text:
        findings.notice(NoticeCode.TEXT_ENCODING, "lines end with CR (Windows); read as usual", 1)
    return text


def _binary(data: bytes, position: int, file: str) -> MessageError:
    return MessageError(
        "is not text",
        file=file,
        line=data[:position].count(b"\n") + 1,
        value=f"byte 0x{data[position]:02x}",
        remedy="Give the CDM as plain text (ASCII or UTF-8), KVN or XML; unpack archives first.",
    )

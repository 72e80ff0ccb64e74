"""From a file or bytes to checked messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mdss.messages import kvn, xml
from mdss.messages.assemble import assemble, finish, split_messages
from mdss.messages.cdm import Cdm
from mdss.messages.checks import check_draft, check_relative_state
from mdss.messages.source import decoded, file_content, is_xml, source_name
from mdss.messages.values import Entry, Findings
from mdss.notices import Notice, NoticeCode, without_repeats

MOST_MISSING_UNITS = 5


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
    file = source_name(source, name)
    whole = Findings(file)
    entries = _entries(file_content(source, name), whole)
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


def _entries(data: bytes, findings: Findings) -> list[Entry]:
    if is_xml(data):
        return xml.read_entries(data, findings)
    return kvn.read_entries(decoded(data, findings), findings)

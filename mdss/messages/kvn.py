"""CDM as keyword = value lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mdss.errors import MessageError
from mdss.messages.cdm import Cdm, Comments, Extra
from mdss.messages.fields import (
    MESSAGE_SECTIONS,
    OBJECT_SECTIONS,
    SECTION_FIELDS,
    Quantity,
    Section,
)
from mdss.messages.values import Entry, Findings, Value
from mdss.notices import NoticeCode

_COMMENT = re.compile(r"COMMENT(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_KEYWORD = re.compile(r"[A-Z][A-Z0-9_]*")
_WIDTH = 30


def read_entries(text: str, findings: Findings) -> list[Entry]:
    """The keywords and comments of a KVN text, in order.

    Parameters
    ----------
    text : str
        Decoded text; any line ends.
    findings : Findings
        Receives notices about the text as a whole.

    Raises
    ------
    MessageError
        If a line is neither empty, comment, nor `KEYWORD = value`.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    oddities = _Oddities()
    entries = [
        entry
        for number, line in enumerate(lines, start=1)
        if (entry := _entry(line.strip(), number, number == len(lines), oddities, findings))
    ]
    oddities.report(findings)
    return entries


class _Oddities:
    """Harmless habits, told once a file and not once a line."""

    def __init__(self) -> None:
        self.lower_case: list[int] = []
        self.no_blank: list[int] = []

    def report(self, findings: Findings) -> None:
        for lines, what in (
            (self.lower_case, "keyword in lower case; read as upper case"),
            (self.no_blank, "no blank around '='; read as usual"),
        ):
            if lines:
                more = f" (and on {len(lines) - 1} more lines)" if len(lines) > 1 else ""
                findings.notice(NoticeCode.MALFORMED_LINE, what + more, lines[0])


def _entry(
    line: str, number: int, last: bool, oddities: _Oddities, findings: Findings
) -> Entry | None:
    if not line:
        return None
    if match := _COMMENT.fullmatch(line):
        return Entry("COMMENT", match[1] or "", number, last)
    name, equals, value = line.partition("=")
    if not equals:
        raise MessageError(
            "is neither KEYWORD = value nor a COMMENT",
            file=findings.file,
            line=number,
            field=line.split()[0][:40],
            value=line[:80],
            remedy="The file is cut short or no message in KVN; ask for it again.",
        )
    if not (name.endswith((" ", "\t")) and value.startswith((" ", "\t"))):
        oddities.no_blank.append(number)
    if name != name.upper():
        oddities.lower_case.append(number)
    return known_name(Entry(name.strip().upper(), value.strip(), number, last), findings)


def known_name(entry: Entry, findings: Findings) -> Entry | None:
    """The entry, or None (with a notice) when its name can be no keyword."""
    if _KEYWORD.fullmatch(entry.keyword):
        return entry
    findings.notice(
        NoticeCode.MALFORMED_LINE,
        f"{entry.keyword[:40]!r} is no keyword; the line is left out",
        entry.line,
    )
    return None


def write_kvn(cdm: Cdm) -> str:
    """The message as KVN text, floats to the last digit.

    Parameters
    ----------
    cdm : Cdm
        The message; `read_cdms` of the result gives an equal one.

    Raises
    ------
    MessageError
        If a text of the message contains a line break.
    """
    lines: list[str] = []
    for section in MESSAGE_SECTIONS:
        lines += _section(section, cdm.fields, cdm.comments, cdm.extras)
    for cdm_object in cdm.objects:
        for section in OBJECT_SECTIONS:
            lines += _section(section, cdm_object.fields, cdm_object.comments, cdm_object.extras)
    return text_of_lines(lines)


def _section(
    section: Section, fields: Mapping[str, Value], comments: Comments, extras: Iterable[Extra]
) -> list[str]:
    rows = [
        keyword_line(row.keyword, text_of(fields[row.keyword]), unit_of(row, fields[row.keyword]))
        for row in SECTION_FIELDS[section]
        if row.keyword in fields
    ]
    remarks = [comment_line(text) for text in comments.get(section, ())]
    # the version opens a message, comments follow it
    start = 1 if section is Section.HEADER else 0
    return [*rows[:start], *remarks, *rows[start:], *_extra_lines(section, extras)]


def _extra_lines(section: Section, extras: Iterable[Extra]) -> Iterator[str]:
    return (keyword_line(extra.keyword, extra.text) for extra in extras if extra.section is section)


def keyword_line(keyword: str, text: str, unit: str | None = None) -> str:
    """One `KEYWORD = value [unit]` line, without its end."""
    return f"{keyword:<{_WIDTH}} = {text}{f' [{unit}]' if unit else ''}"


def comment_line(text: str) -> str:
    """One COMMENT line, without its end."""
    return f"COMMENT {text}".rstrip()


def text_of(value: Value) -> str:
    """A value as message text: floats by `repr`, so that nothing is lost."""
    if isinstance(value, float):
        return "NaN" if value != value else repr(float(value))
    return str(value)


def unit_of(row: Quantity, value: Value) -> str | None:
    """The unit to write: none after a text, which keeps its own."""
    return None if isinstance(value, str) else row.unit


def text_of_lines(lines: Iterable[str]) -> str:
    """The lines as one text; MessageError if one of them contains a line break."""
    return "".join(f"{_one_line(line)}\n" for line in lines)


def _one_line(line: str) -> str:
    if "\n" in line or "\r" in line:
        raise MessageError(
            "a text contains a line break and cannot be written",
            value=line[:80],
            remedy="Use one COMMENT a line.",
        )
    return line

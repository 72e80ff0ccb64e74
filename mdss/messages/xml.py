"""CDM as XML (CCSDS 505.0): read by SAX with line numbers, written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from mdss.errors import MessageError
from mdss.messages.cdm import Cdm, CdmObject, Comments, Extra
from mdss.messages.fields import DATA_SECTIONS, SECTION_FIELDS, Section
from mdss.messages.kvn import known_name, text_of, unit_of
from mdss.messages.source import xml_document
from mdss.messages.values import Entry, Findings, Value
from mdss.notices import NoticeCode

_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
_STRUCTURE = frozenset({"ndm", "header", "body", "segment", "metadata", "data"})
_CDM_STRUCTURE = frozenset({"relativeStateVector", *map(str, Section)})
_INDENT = "  "


def read_entries(
    data: bytes,
    findings: Findings,
    kind: str = "cdm",
    structure: frozenset[str] = _CDM_STRUCTURE,
) -> list[Entry]:
    """The keywords and comments of an XML text, in order, as if they were KVN lines.

    Parameters
    ----------
    data : bytes
        One document: a message, or `ndm` with one or several.
    findings : Findings
        Receives notices about the text as a whole.
    kind : str
        Element of the messages that are wanted: "cdm", "opm" or "omm".
    structure : frozenset of str
        Elements that hold others, besides those of every message: no values, even if empty.

    Returns
    -------
    list of Entry
        Each message begins with its version; empty when there is no such message.

    Raises
    ------
    MessageError
        If it is not well-formed, or contains a DTD or entities.
    """
    handler = _Handler(findings, kind, structure | _STRUCTURE)
    blank_lines = parse(data, handler, findings)
    entries = handler.entries
    return [replace(e, line=e.line + blank_lines) for e in entries] if blank_lines else entries


def parse(data: bytes, handler: ContentHandler, findings: Findings) -> int:
    """Run a SAX handler over a document from a source that is not trusted.

    Parameters
    ----------
    data : bytes
        One document; blank lines and a byte-order mark before it are passed over.
    handler : ContentHandler
        Receives its events; the lines that its locator gives do not count blank ones before.
    findings : Findings
        Receives notices about the text as a whole.

    Returns
    -------
    int
        How many blank lines stand before the document.

    Raises
    ------
    MessageError
        If it is not well-formed, or contains a DTD or entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    document, blank_lines = xml_document(data, findings)
    try:
        parseString(document, handler, forbid_dtd=True)
    except DefusedXmlException:
        raise MessageError(
            "the XML declares a DTD or entities",
            file=findings.file,
            line=blank_lines + document[: document.find(b"<!DOCTYPE")].count(b"\n") + 1,
            remedy="A message needs none; remove the DOCTYPE, or ask where the file comes from.",
        ) from None
    except (SAXException, LookupError, ValueError) as problem:
        raise _not_well_formed(problem, findings.file, blank_lines) from None
    return blank_lines


def _not_well_formed(problem: Exception, file: str, blank_lines: int) -> MessageError:
    line = problem.getLineNumber() if isinstance(problem, SAXParseException) else None
    what = problem.getMessage() if isinstance(problem, SAXException) else str(problem)
    return MessageError(
        f"the XML is not well-formed: {what}",
        file=file,
        line=None if line is None else line + blank_lines,
        remedy="The file is cut short or damaged; ask for it again.",
    )


@dataclass
class _Element:
    name: str
    line: int
    units: str
    parameter: str | None
    parts: list[str] = field(default_factory=list)
    is_leaf: bool = True


class _Handler(ContentHandler):
    """Turns leaves inside the wanted messages into entries."""

    def __init__(self, findings: Findings, kind: str, structure: frozenset[str]) -> None:
        super().__init__()
        self.kind = kind
        self.structure = structure
        self.findings = findings
        self.entries: list[Entry] = []
        self.stack: list[_Element] = []
        self.locator: Locator | None = None

    @property
    def line(self) -> int:
        return (self.locator.getLineNumber() if self.locator else None) or 1

    def setDocumentLocator(self, locator: Locator) -> None:
        self.locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if self.stack:
            self.stack[-1].is_leaf = False
        plain = name.rpartition(":")[2]
        if plain == self.kind:
            self._start_message(attrs)
        self.stack.append(
            _Element(plain, self.line, attrs.get("units", ""), attrs.get("parameter"))
        )

    def _start_message(self, attrs: AttributesImpl) -> None:
        version = attrs.get("version", "")
        if not version:
            self.findings.notice(
                NoticeCode.MISSING_KEYWORD, f"{self.kind} has no version; taken as 1.0", self.line
            )
        keyword = f"CCSDS_{self.kind.upper()}_VERS"
        self.entries.append(Entry(keyword, version.strip() or "1.0", self.line))

    def characters(self, content: str) -> None:
        if self.stack:
            self.stack[-1].parts.append(content)

    def endElement(self, name: str) -> None:
        element = self.stack.pop()
        inside = any(outer.name == self.kind for outer in self.stack)
        if element.is_leaf and inside and element.name not in self.structure:
            entry = known_name(_leaf(element), self.findings)
            if entry is not None:
                self.entries.append(entry)


def _leaf(element: _Element) -> Entry:
    text = _LINE_BREAK.sub(" ", "".join(element.parts)).strip()
    units = element.units.strip()
    keyword = element.name.upper()
    if keyword == "USER_DEFINED" and element.parameter is not None:
        keyword = f"USER_DEFINED_{element.parameter.upper()}"
    return Entry(keyword, f"{text} [{units}]" if text and units else text, element.line)


def write_xml(cdm: Cdm) -> str:
    """The message as XML text, floats to the last digit.

    Parameters
    ----------
    cdm : Cdm
        The message; `read_cdms` of the result gives an equal one.
    """
    version = quoted(str(cdm.get("CCSDS_CDM_VERS") or "1.0"))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<cdm xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="CCSDS_CDM_VERS" '
        f"version={version}>",
        *indented(_section(Section.HEADER, cdm.fields, cdm.comments, cdm.extras)),
        f"{_INDENT}<body>",
        *indented(_section(Section.RELATIVE, cdm.fields, cdm.comments, cdm.extras), 2),
    ]
    for cdm_object in cdm.objects:
        lines += indented(_segment(cdm_object), 2)
    return "\n".join([*lines, f"{_INDENT}</body>", "</cdm>", ""])


def _segment(cdm_object: CdmObject) -> list[str]:
    fields, comments, extras = cdm_object.fields, cdm_object.comments, cdm_object.extras
    data = [
        line
        for section in DATA_SECTIONS
        for line in indented(_section(section, fields, comments, extras))
    ]
    metadata = _section(Section.METADATA, fields, comments, extras)
    inner = [*metadata, "<data>", *data, "</data>"]
    return ["<segment>", *indented(inner), "</segment>"]


def _section(
    section: Section, fields: Mapping[str, Value], comments: Comments, extras: Iterable[Extra]
) -> list[str]:
    remarks = [xml_element("COMMENT", text) for text in comments.get(section, ())]
    others = [xml_element(x.keyword, x.text) for x in extras if x.section is section]
    inner = [*remarks, *_rows(section, fields), *others]
    if not inner and section is not Section.HEADER:
        return []
    return [f"<{section}>", *indented(inner), f"</{section}>"]


def _rows(section: Section, fields: Mapping[str, Value]) -> Iterator[str]:
    present = [
        row
        for row in SECTION_FIELDS[section]
        if row.keyword in fields and row.keyword != "CCSDS_CDM_VERS"
    ]
    for group, rows in groupby(present, key=lambda row: row.group):
        elements = [
            xml_element(r.keyword, text_of(fields[r.keyword]), unit_of(r, fields[r.keyword]))
            for r in rows
        ]
        yield from [f"<{group}>", *indented(elements), f"</{group}>"] if group else elements


def xml_element(keyword: str, text: str, unit: str | None = None) -> str:
    """One leaf, with its `units` attribute where there is a unit."""
    units = f" units={quoted(unit)}" if unit else ""
    return f"<{keyword}{units}>{_escaped(text)}</{keyword}>"


def _escaped(text: str) -> str:
    # xml.sax.saxutils has the same, and imports urllib, ssl and e-mail for it
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """A text as attribute value, with its quotation marks."""
    escaped = _escaped(text).replace('"', "&quot;")
    return f'"{escaped}"'


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    """The lines, some levels deeper."""
    return [_INDENT * depth + line for line in lines]

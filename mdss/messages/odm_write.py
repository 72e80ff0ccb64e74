"""Orbit data messages as text: KVN and XML, floats to the last digit."""

from __future__ import annotations

from collections.abc import Iterator

from mdss.errors import MessageError
from mdss.messages.kvn import comment_line, keyword_line, text_of, text_of_lines, unit_of
from mdss.messages.odm import USER_PREFIX, Odm, OdmPart, Part
from mdss.messages.xml import indented, quoted, xml_element

_DATA_PARTS = tuple(part for part in Part if part not in (Part.HEADER, Part.METADATA))
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACE = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def write_odm_kvn(*messages: Odm) -> str:
    """OPMs or OMMs as KVN text, one after the other.

    Parameters
    ----------
    *messages : Opm or Omm
        `read_opm` or `read_omms` of the result gives equal ones.

    Raises
    ------
    MessageError
        If a text of a message contains a line break.
    """
    return "\n".join(text_of_lines(_kvn_lines(message)) for message in messages)


def _kvn_lines(message: Odm) -> Iterator[str]:
    for part, one in _present(message):
        lines = list(_kvn_rows(message, part, one))
        remarks = [comment_line(text) for text in one.comments]
        # the version opens a message, comments follow it
        start = 1 if part is Part.HEADER else 0
        yield from [*lines[:start], *remarks, *lines[start:]]


def _kvn_rows(message: Odm, part: Part, one: OdmPart) -> Iterator[str]:
    for row in message.layout.rows_of(part):
        if row.keyword in one.fields:
            value = one.fields[row.keyword]
            yield keyword_line(row.keyword, text_of(value), unit_of(row, value))
    for keyword, text in one.extras:
        yield keyword_line(keyword, text)


def _present(message: Odm) -> Iterator[tuple[Part, OdmPart]]:
    """The parts in the order of the standard, maneuvers one by one."""
    for part in message.layout.parts:
        if part is Part.MANEUVER:
            yield from ((part, one) for one in message.maneuver_parts)
        elif part in message.parts:
            yield part, message.parts[part]


def write_odm_xml(*messages: Odm) -> str:
    """OPMs or OMMs as one XML document; several stand in an `ndm` element.

    Parameters
    ----------
    *messages : Opm or Omm
        `read_opm` or `read_omms` of the result gives equal ones.

    Raises
    ------
    MessageError
        If a message lacks its version.
    """
    texts = [list(_xml_lines(message, len(messages) == 1)) for message in messages]
    if len(texts) == 1:
        lines = texts[0]
    else:
        lines = [f"<ndm {_NAMESPACE}>", *(x for one in texts for x in indented(one)), "</ndm>"]
    return "\n".join([_DECLARATION, *lines, ""])


def _xml_lines(message: Odm, alone: bool) -> Iterator[str]:
    if not message.version:
        raise MessageError("has no version and cannot be written", file=message.source)
    tag, version = message.layout.kind.lower(), quoted(message.version)
    namespace = f" {_NAMESPACE}" if alone else ""
    yield f'<{tag}{namespace} id="{message.layout.version_keyword}" version={version}>'
    yield from indented(_xml_part(message, Part.HEADER, message.part(Part.HEADER)))
    yield from indented(["<body>", "  <segment>"])
    yield from indented(_xml_part(message, Part.METADATA, message.part(Part.METADATA)), 3)
    yield from indented(["<data>"], 3)
    for part, one in _present(message):
        if part in _DATA_PARTS:
            yield from indented(_xml_part(message, part, one), 4)
    yield from [*indented(["</data>"], 3), *indented(["  </segment>", "</body>"]), f"</{tag}>"]


def _xml_part(message: Odm, part: Part, one: OdmPart) -> list[str]:
    inner = [xml_element("COMMENT", text) for text in one.comments]
    for row in message.layout.rows_of(part):
        if row.keyword in one.fields and row.keyword != message.layout.version_keyword:
            value = one.fields[row.keyword]
            inner.append(xml_element(row.keyword, text_of(value), unit_of(row, value)))
    inner += [_xml_extra(keyword, text) for keyword, text in one.extras]
    return [f"<{part}>", *indented(inner), f"</{part}>"]


def _xml_extra(keyword: str, text: str) -> str:
    if not keyword.startswith(USER_PREFIX):
        return xml_element(keyword, text)
    parameter = quoted(keyword.removeprefix(USER_PREFIX))
    element = xml_element("USER_DEFINED", text)
    return element.replace("<USER_DEFINED>", f"<USER_DEFINED parameter={parameter}>", 1)

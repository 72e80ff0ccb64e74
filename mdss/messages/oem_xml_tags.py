"""A well-formed XML text as two long lists: its tags, and what stands after each of them.

A week of states with covariances has half a million elements, too many for a Python callback
each. Expat checks, without any callback for elements, that the document is well-formed and has
no DTD (so no entities of its own); then the text can be split at its brackets, and each
distinct tag needs to be looked at only once.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn
from xml.parsers import expat

from mdss.errors import MessageError
from mdss.messages.source import xml_document
from mdss.messages.values import Findings

_NO_ELEMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>", re.DOTALL)
_TAG_OR_BRACKET = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>|>""")
_NAME = re.compile(r"/?\s*([^\s/]+)")
_ATTRIBUTE = re.compile(r"""([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")


@dataclass(frozen=True)
class Tag:
    """One distinct tag.

    Parameters
    ----------
    name : str
        Without a namespace's prefix.
    opens, closes : bool
        Both for an empty element.
    attributes : mapping
        Text by name.
    """

    name: str
    opens: bool
    closes: bool
    attributes: Mapping[str, str]


@dataclass
class TaggedText:
    """The document.

    Parameters
    ----------
    tags : list of str
        What stands between < and >, in order.
    texts : list of str
        What stands after each tag, up to the next one; not unescaped.
    blank_lines : int
        Lines before the document.
    """

    tags: list[str]
    texts: list[str]
    blank_lines: int
    _counted: tuple[int, int] = (0, 0)  # a tag, and the line breaks before it

    @cached_property
    def known(self) -> dict[str, Tag]:
        """Each distinct tag, understood."""
        return {tag: _understood(tag) for tag in set(self.tags)}

    def is_leaf(self, index: int) -> bool:
        """Whether a tag begins an element without others inside."""
        tag = self.known[self.tags[index]]
        if tag.closes:
            return tag.opens
        following = self.known[self.tags[index + 1]]
        return following.closes and not following.opens

    def text(self, index: int) -> str:
        """The text of the leaf that begins at a tag, on one line."""
        if self.known[self.tags[index]].closes:
            return ""
        text = self.texts[index]
        return _LINE_BREAK.sub(" ", html.unescape(text) if "&" in text else text).strip()

    def line_of(self, index: int) -> int:
        """The line on which a tag begins; cheap when asked for in order."""
        start, breaks = self._counted if self._counted[0] <= index else (0, 0)
        for pieces in (self.tags, self.texts):
            breaks += "".join(pieces[start:index]).count("\n")
        self._counted = (index, breaks)
        return self.blank_lines + breaks + 1


def tagged_text(data: bytes, findings: Findings) -> TaggedText:
    """The tags and texts of a document from a source that is not trusted.

    Parameters
    ----------
    data : bytes
        One document.
    findings : Findings
        Receives notices about the text as a whole.

    Raises
    ------
    MessageError
        If it is not well-formed, or contains a DTD.
    """
    document, blank_lines = xml_document(data, findings)
    text = _elements_only(_checked_text(document, blank_lines, findings.file))
    pieces = text.replace(">", "<").split("<")
    blank_lines += pieces[0].count("\n")
    return TaggedText(pieces[1::2], pieces[2::2], blank_lines)


def _checked_text(document: bytes, blank_lines: int, file: str) -> str:
    parser = expat.ParserCreate()
    encodings: list[str] = []

    def declaration(version: str, encoding: str | None, standalone: int) -> None:
        encodings.append(encoding or "utf-8")

    def doctype(*_: object) -> NoReturn:
        raise MessageError(
            "the XML declares a DTD or entities",
            file=file,
            line=blank_lines + parser.CurrentLineNumber,
            remedy="A message needs none; remove the DOCTYPE, or ask where the file comes from.",
        )

    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(document, True)
        return document.decode(encodings[0] if encodings else "utf-8")
    except (expat.ExpatError, LookupError, ValueError) as problem:
        what = expat.ErrorString(problem.code) if isinstance(problem, expat.ExpatError) else problem
        raise MessageError(
            f"the XML is not well-formed: {what}",
            file=file,
            line=blank_lines + parser.ErrorLineNumber,
            remedy="The file is cut short or damaged; ask for it again.",
        ) from None


def _elements_only(text: str) -> str:
    """Without declaration, comments, CDATA marks, and brackets that belong to no tag."""
    if text.startswith("<?"):
        end = text.index("?>") + 2
        text = "\n" * text.count("\n", 0, end) + text[end:]
    if "<!" in text or "<?" in text:
        text = _NO_ELEMENT.sub(_plain, text)
    if text.count("<") != text.count(">"):
        text = _TAG_OR_BRACKET.sub(_without_brackets, text)
    return text


def _plain(match: re.Match[str]) -> str:
    if match[1] is None:
        return "\n" * match[0].count("\n")
    return html.escape(match[1], quote=False)


def _without_brackets(match: re.Match[str]) -> str:
    found = match[0]
    return "&gt;" if found == ">" else f"<{found[1:-1].replace('>', '&gt;')}>"


def _understood(tag: str) -> Tag:
    match = _NAME.match(tag)
    name = match[1].rpartition(":")[2] if match else ""
    closing, empty = tag.startswith("/"), tag.endswith("/")
    attributes = {
        key.rpartition(":")[2]: html.unescape(double or single)
        for key, double, single in _ATTRIBUTE.findall(tag)
    }
    return Tag(name, opens=not closing, closes=closing or empty, attributes=attributes)

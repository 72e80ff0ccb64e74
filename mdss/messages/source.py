"""From a file or bytes to text: size, encoding and what is no text, the same for every reader."""

from __future__ import annotations

import re
from pathlib import Path

from mdss.errors import MessageError
from mdss.messages.values import Findings
from mdss.notices import NoticeCode

MB = 1024**2
LARGEST_FILE_BYTES = 10 * MB
LARGEST_EPHEMERIS_BYTES = 200 * MB

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def source_name(source: Path | str | bytes, name: str | None = None) -> str:
    """What errors and notices call a source: `name`, else the file's name, else "message"."""
    return name or ("message" if isinstance(source, bytes) else Path(source).name)


def file_content(
    source: Path | str | bytes, name: str | None = None, limit_bytes: int = LARGEST_FILE_BYTES
) -> bytes:
    """The bytes of a file, or the bytes given, when there are neither none nor too many.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content.
    name : str, optional
        What errors call it; the file's name by default.
    limit_bytes : int
        Largest size that is read.

    Raises
    ------
    MessageError
        If the file cannot be read, is empty or larger than the limit.
    """
    file = source_name(source, name)
    data = source if isinstance(source, bytes) else _read(Path(source), file, limit_bytes)
    if len(data) > limit_bytes:
        raise MessageError(
            f"is larger than {limit_bytes // MB} MB",
            file=file,
            remedy="Split a collection into several files; a CDM has some 10 kB.",
        )
    if not data.removeprefix(_BOM).strip():
        raise MessageError("the file is empty", file=file, remedy="Ask for the message again.")
    return data


def _read(path: Path, file: str, limit_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(limit_bytes + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise MessageError(
            f"cannot be read: {reason}", file=file, remedy="Check the path and its permissions."
        ) from None


def without_byte_order_mark(data: bytes, findings: Findings) -> bytes:
    """The bytes after a UTF-8 byte-order mark, which gives a notice."""
    if not data.startswith(_BOM):
        return data
    findings.notice(NoticeCode.TEXT_ENCODING, "begins with a byte-order mark; it is left out", 1)
    return data[len(_BOM) :]


def is_xml(data: bytes) -> bool:
    """Whether the first sign that is no blank opens a tag."""
    return data.removeprefix(_BOM).lstrip().startswith(b"<")


def decoded(data: bytes, findings: Findings) -> str:
    """The text of bytes in ASCII or UTF-8, a byte-order mark left out; line ends as they are.

    Parameters
    ----------
    data : bytes
        From `file_content`.
    findings : Findings
        Receives a notice about a byte-order mark and about Windows line ends.

    Raises
    ------
    MessageError
        If it is no text, with the line and the first byte that cannot be one.
    """
    data = without_byte_order_mark(data, findings)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise _no_text(data, problem.start, findings.file) from None
    if match := _FORBIDDEN.search(text):
        raise _no_text(data, len(text[: match.start()].encode()), findings.file)
    if "\r" in text:
        findings.notice(NoticeCode.TEXT_ENCODING, "lines end with CR (Windows); read as usual", 1)
    return text


def xml_document(data: bytes, findings: Findings) -> tuple[bytes, int]:
    """An XML document from its declaration on, and how many lines stood before it.

    The encoding is that of the declaration; a parser decodes it.

    Raises
    ------
    MessageError
        If there is a zero byte: UTF-16, or no text.
    """
    data = without_byte_order_mark(data, findings)
    if b"\x00" in data:
        raise _no_text(data, data.index(b"\x00"), findings.file)
    document = data.lstrip()
    return document, data[: len(data) - len(document)].count(b"\n")


def _no_text(data: bytes, position: int, file: str) -> MessageError:
    if data.startswith(_UTF16):
        return MessageError(
            "is UTF-16, not text in UTF-8",
            file=file,
            line=1,
            remedy="Save it as UTF-8 or plain ASCII.",
        )
    return MessageError(
        "is not text",
        file=file,
        line=data[:position].count(b"\n") + 1,
        value=f"byte 0x{data[position]:02x}",
        remedy="Give the message as plain text (ASCII or UTF-8); unpack archives first.",
    )

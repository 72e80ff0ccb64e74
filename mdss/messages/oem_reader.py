"""From a file or bytes to checked ephemeris messages."""

from __future__ import annotations

from pathlib import Path

from mdss.errors import MessageError
from mdss.messages.oem_assemble import finish
from mdss.messages.oem_draft import OemDraft
from mdss.messages.oem_kvn import read_oem_kvn
from mdss.messages.oem_model import Oem
from mdss.messages.oem_xml import read_oem_xml
from mdss.messages.source import (
    LARGEST_EPHEMERIS_BYTES,
    decoded,
    file_content,
    is_xml,
    source_name,
)
from mdss.messages.values import Findings


def read_oem(source: Path | str | bytes, name: str | None = None) -> tuple[Oem, ...]:
    """Every ephemeris message in a file, KVN or XML, checked.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path) of at most 200 MB, or its content as bytes.
    name : str, optional
        What errors and notices call the source; the file's name by default.

    Returns
    -------
    tuple of Oem
        Nearly always one, in the file's order, each with its notices.

    Raises
    ------
    MessageError
        If the file cannot be read, is no OEM, or says something that would make orbit or
        covariance wrong; with file, line, field, value and remedy where there are such.

    Notes
    -----
    Whatever frame and centre it names, an ephemeris is read; who computes with it refuses
    those that cannot be converted.
    """
    file = source_name(source, name)
    data = file_content(source, name, LARGEST_EPHEMERIS_BYTES)
    findings = Findings(file)
    read = read_oem_xml if is_xml(data) else _read_kvn
    drafts = read(data, findings)
    if not drafts:
        raise MessageError(
            "is not an OEM: it does not begin with CCSDS_OEM_VERS",
            file=file,
            remedy="Give a CCSDS orbit ephemeris message in KVN or XML.",
        )
    about_file = findings.notices
    return tuple(finish(draft, Findings(file, [*about_file])) for draft in drafts)


def _read_kvn(data: bytes, findings: Findings) -> list[OemDraft]:
    return read_oem_kvn(decoded(data, findings), findings)

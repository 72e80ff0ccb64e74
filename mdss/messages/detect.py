"""What a file is, told by its content: one detector for every kind of message, and one reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from mdss.errors import MessageError
from mdss.messages.source import LARGEST_EPHEMERIS_BYTES, file_content, source_name

if TYPE_CHECKING:
    from mdss.messages.cdm import Cdm
    from mdss.messages.cdm_public import CdmPublic
    from mdss.messages.oem import Oem
    from mdss.messages.omm import Omm
    from mdss.messages.opm import Opm
    from mdss.messages.tle import Tle

    Message: TypeAlias = Cdm | Oem | Opm | Omm | Tle | CdmPublic

READ_KINDS = (
    "CDM, OEM, OPM and OMM as KVN or XML, OMM as JSON or CSV, TLE, Space-Track cdm_public as JSON"
)

HEAD_BYTES = 64 * 1024
_SEEN_SIGNS = 60
_KEYS_OF_AN_ERROR = 5
_KEYS_OF_OURS = frozenset({"SOURCE", "HEADER"})
_TLE_WITHIN_LINES = 40
_NAMES = {
    "CDM": "a conjunction data message (CDM)",
    "OEM": "an orbit ephemeris message (OEM)",
    "OPM": "an orbit parameter message (OPM)",
    "OMM": "an orbit mean-elements message (OMM)",
}
_OTHER_CCSDS = {
    "ACM": "an attitude comprehensive message (ACM)",
    "AEM": "an attitude ephemeris message (AEM)",
    "APM": "an attitude parameter message (APM)",
    "FRM": "a fragmentation message (FRM)",
    "OCM": "an orbit comprehensive message (OCM)",
    "PRM": "a pointing request message (PRM)",
    "RDM": "a re-entry data message (RDM)",
    "TDM": "a tracking data message (TDM)",
}
_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive", "Unpack it and give the message inside."),
    (b"\x1f\x8b", "compressed with gzip", "Unpack it and give the message inside."),
    (b"BZh", "compressed with bzip2", "Unpack it and give the message inside."),
    (b"\xfd7zXZ\x00", "compressed with xz", "Unpack it and give the message inside."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it and give the message inside."),
    (b"%PDF", "a PDF document", "Ask for the message itself, as KVN or XML."),
    (b"\x89PNG", "a picture", "Ask for the message itself, as KVN or XML."),
    (b"\xff\xd8\xff", "a picture", "Ask for the message itself, as KVN or XML."),
    (b"SQLite format 3\x00", "an SQLite database", "Give the messages as files."),
    (b"DAF/SPK", "an SPK ephemeris kernel", "Convert it to an OEM."),
    (b"\xff\xfe", "UTF-16, not text in UTF-8", "Save it as UTF-8 or plain ASCII."),
    (b"\xfe\xff", "UTF-16, not text in UTF-8", "Save it as UTF-8 or plain ASCII."),
)

_VERSION_LINE = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*CCSDS_([A-Z]{3})_VERS\b", re.MULTILINE | re.IGNORECASE
)
_ROOT = re.compile(
    rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*>\s*)*<([A-Za-z_][\w.:-]*)", re.DOTALL
)
_NDM_CHILD = re.compile(rb"<(?:\w+:)?([a-z]{3})[\s>/]")
_JSON_KEY = re.compile(rb'"([^"\\\n]{1,60})"\s*:')
_KVN_LINE = re.compile(rb"^[ \t]*([A-Za-z][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_TLE_LINE = re.compile(rb"([12]) [ \dA-Z]{5}[ A-Z].{20,}", re.DOTALL)


class Kind(StrEnum):
    """What a file can be."""

    CDM_KVN = "cdm-kvn"
    CDM_XML = "cdm-xml"
    OEM_KVN = "oem-kvn"
    OEM_XML = "oem-xml"
    OPM_KVN = "opm-kvn"
    OPM_XML = "opm-xml"
    OMM_KVN = "omm-kvn"
    OMM_XML = "omm-xml"
    OMM_JSON = "omm-json"
    OMM_CSV = "omm-csv"
    TLE = "tle"
    CDM_PUBLIC_JSON = "cdm-public-json"
    MIXED_KVN = "mixed-kvn"
    MIXED_XML = "ndm-xml"
    UNKNOWN = "unknown"

    @property
    def has_conjunctions(self) -> bool:
        """Whether such a file may tell of conjunctions."""
        return self in _WITH_CONJUNCTIONS

    @property
    def is_message(self) -> bool:
        """Whether mdss reads such a file."""
        return self is not Kind.UNKNOWN


_WITH_CONJUNCTIONS = frozenset(
    {Kind.CDM_KVN, Kind.CDM_XML, Kind.CDM_PUBLIC_JSON, Kind.MIXED_KVN, Kind.MIXED_XML}
)


@dataclass(frozen=True, kw_only=True)
class Detected:
    """What a file is.

    Parameters
    ----------
    kind : Kind
    what : str
        In words, with an article: "an orbit ephemeris message (OEM)".
    remedy : str
        What to do when it is unknown or nearly right; empty otherwise.
    seen : str
        How an unknown file begins.
    """

    kind: Kind
    what: str
    remedy: str = ""
    seen: str = ""

    def refusal(self, file: str) -> MessageError:
        """The error that says why a file of unknown kind is not read."""
        return MessageError(
            f"is {self.what}; mdss reads {READ_KINDS}",
            file=file,
            value=self.seen or None,
            remedy=self.remedy or "Give one of these.",
        )


def detect(data: bytes) -> Detected:
    """Tell what bytes are by their content; file names play no part.

    Parameters
    ----------
    data : bytes
        A whole file. Version lines are looked for everywhere, the rest in its first 64 kB.

    Returns
    -------
    Detected
        `kind` is `Kind.UNKNOWN` for everything that mdss does not read; `what` then names what it
        looks like. Nothing is raised: whether the message is a good one, its reader tells.

    Examples
    --------
    >>> detect(b"CCSDS_OEM_VERS = 2.0").kind
    <Kind.OEM_KVN: 'oem-kvn'>
    >>> detect(b"CCSDS_TDM_VERS = 1.0").what
    'a tracking data message (TDM)'
    """
    for signature, what, remedy in _SIGNATURES:
        if data.startswith(signature):
            return Detected(kind=Kind.UNKNOWN, what=what, remedy=remedy)
    body = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body:
        return Detected(kind=Kind.UNKNOWN, what="empty", remedy="Ask for the message again.")
    if body.startswith(b"<"):
        return _of_xml(body)
    if body.startswith((b"{", b"[")):
        return _of_json(body)
    return _of_kvn(data) or _of_lines(body) or _nothing_known(body)


def _ccsds(names: set[str], form: str) -> Detected:
    """By the three letters of the messages in a file; other kinds go first."""
    for name in sorted(names - _NAMES.keys()):
        what = _OTHER_CCSDS.get(name, f"a CCSDS {name}")
        return Detected(kind=Kind.UNKNOWN, what=what)
    if len(names) > 1:
        what = "several kinds of messages: " + ", ".join(sorted(names))
        return Detected(kind=Kind.MIXED_XML if form == "xml" else Kind.MIXED_KVN, what=what)
    (name,) = names
    return Detected(kind=Kind(f"{name.lower()}-{form}"), what=_NAMES[name])


# --- XML ----------------------------------------------------------------------------------


def _of_xml(body: bytes) -> Detected:
    match = _ROOT.match(body[:HEAD_BYTES])
    root = match[1].decode("latin-1").rpartition(":")[2] if match else ""
    if body[:HEAD_BYTES].lower().startswith((b"<!doctype html", b"<html")) or root == "html":
        return Detected(
            kind=Kind.UNKNOWN,
            what="a web page (HTML)",
            remedy="The server may have answered with an error or a login page; open it.",
            seen=_seen(body),
        )
    if root == "ndm":
        return _of_ndm(body)
    if root.upper() in _NAMES | _OTHER_CCSDS:
        return _ccsds({root.upper()}, "xml")
    if b"<!DOCTYPE" in body[:HEAD_BYTES]:  # its reader refuses the DTD, with the line
        return Detected(kind=Kind.CDM_XML, what="XML with a DTD")
    what = f"XML with the root element {root[:40]!r}" if root else "XML without an element"
    return Detected(kind=Kind.UNKNOWN, what=what, seen=_seen(body))


def _of_ndm(body: bytes) -> Detected:
    known = _NAMES.keys() | _OTHER_CCSDS.keys()
    children = {one.decode().upper() for one in set(_NDM_CHILD.findall(body))} & known
    if not children:
        return Detected(kind=Kind.UNKNOWN, what="an NDM collection without a message in it")
    return _ccsds(children, "xml")


# --- JSON ---------------------------------------------------------------------------------


def _of_json(body: bytes) -> Detected:
    keys = {one.decode("latin-1").upper() for one in _JSON_KEY.findall(body[:HEAD_BYTES])}
    if len(keys & {"CDM_ID", "MIN_RNG", "SAT_1_ID", "SAT1_ID", "SAT_2_ID", "SAT2_ID"}) >= 2:
        return Detected(
            kind=Kind.CDM_PUBLIC_JSON, what="public conjunction records (Space-Track cdm_public)"
        )
    orbit = {"MEAN_MOTION", "MEAN_ANOMALY", "ECCENTRICITY", "INCLINATION"}
    if len(keys & orbit) >= 2 and not keys >= _KEYS_OF_OURS:
        return Detected(kind=Kind.OMM_JSON, what=_NAMES["OMM"])
    return Detected(
        kind=Kind.UNKNOWN,
        what=_unknown_json(body, keys),
        remedy="Ask for OMM or cdm_public records, or for the message as KVN or XML.",
        seen=_seen(body),
    )


def _unknown_json(body: bytes, keys: set[str]) -> str:
    if body.strip() in (b"[]", b"{}"):
        return "JSON without a record: what was asked for may not exist"
    if len(keys) <= _KEYS_OF_AN_ERROR and keys & {"ERROR", "ERRORS", "MESSAGE", "DETAIL"}:
        return "JSON that looks like a server's error"
    if keys >= _KEYS_OF_OURS:
        return "a message as JSON that mdss has written, which it does not read back"
    return "JSON of something else"


# --- lines --------------------------------------------------------------------------------


def _of_kvn(data: bytes) -> Detected | None:
    names = {one.decode().upper() for one in set(_VERSION_LINE.findall(data))}
    if names:
        return _ccsds(names, "kvn")
    keys = {one.decode().upper() for one in _KVN_LINE.findall(data[:HEAD_BYTES])}
    for name, some in (
        ("CDM", {"TCA", "RELATIVE_SPEED", "RELATIVE_POSITION_R", "OBJECT", "OBJECT_DESIGNATOR"}),
        ("OMM", {"MEAN_MOTION", "MEAN_ANOMALY", "BSTAR"}),
        ("OPM", {"X", "Y", "Z", "X_DOT", "EPOCH"}),
        ("OEM", {"OBJECT_NAME", "START_TIME", "STOP_TIME", "USEABLE_START_TIME"}),
    ):
        if len(keys & some) >= 2:
            return Detected(
                kind=Kind.UNKNOWN,
                what=f"{_NAMES[name]} without its version line",
                remedy=f"It must begin with CCSDS_{name}_VERS; the file may be cut at its start.",
                seen=_seen(data.lstrip()),
            )
    return None


def _of_lines(body: bytes) -> Detected | None:
    lines = [line.rstrip() for line in body[:HEAD_BYTES].splitlines() if line.strip()]
    header = {one.strip(b' "').upper() for one in lines[0].split(b",")}
    if len(header & {b"OBJECT_NAME", b"MEAN_MOTION", b"ECCENTRICITY", b"INCLINATION"}) >= 3:
        return Detected(kind=Kind.OMM_CSV, what=_NAMES["OMM"])
    if len(header & {b"CDM_ID", b"MIN_RNG", b"TCA", b"PC"}) >= 3:
        return Detected(
            kind=Kind.UNKNOWN,
            what="public conjunction records as CSV",
            remedy="Ask for them as JSON.",
        )
    return _of_tle(lines)


def _of_tle(lines: list[bytes]) -> Detected | None:
    numbers = [
        match[1]
        for line in lines[:_TLE_WITHIN_LINES]
        if (match := _TLE_LINE.fullmatch(line.strip()))
    ]
    if {b"1", b"2"} <= set(numbers):
        return Detected(kind=Kind.TLE, what="two-line elements (TLE)")
    if not numbers:
        return None
    missing = 2 if numbers[0] == b"1" else 1
    return Detected(
        kind=Kind.UNKNOWN,
        what=f"a two-line element set without its line {missing}",
        remedy="Give both lines of the element set.",
        seen=_seen(lines[0]),
    )


def _nothing_known(body: bytes) -> Detected:
    return Detected(kind=Kind.UNKNOWN, what="none of the messages known here", seen=_seen(body))


def _seen(body: bytes) -> str:
    first = body.splitlines()[0] if body.splitlines() else b""
    return first[:_SEEN_SIGNS].decode("utf-8", "replace")


# --- reading ------------------------------------------------------------------------------


def read_messages(source: Path | str | bytes, name: str | None = None) -> tuple[Message, ...]:
    """Every message in a file, whatever its kind, checked.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content as bytes.
    name : str, optional
        What errors and notices call the source; the file's name by default.

    Returns
    -------
    tuple of Cdm, Oem, Opm, Omm, Tle or CdmPublic
        One or several, each with its notices. In the file's order; those of an XML collection
        of several kinds are ordered by kind.

    Raises
    ------
    MessageError
        If the file cannot be read, is of no kind that mdss reads, or its reader refuses it.
    """
    file = source_name(source, name)
    data = file_content(source, name, LARGEST_EPHEMERIS_BYTES)
    found = detect(data)
    if not found.kind.is_message:
        raise found.refusal(file)
    return tuple(_read(data, found.kind, file))


def _read(data: bytes, kind: Kind, file: str) -> Iterator[Message]:
    if kind is Kind.MIXED_KVN:
        for part, part_kind in _kvn_parts(data):
            yield from _reader(part_kind)(part, file)
    elif kind is Kind.MIXED_XML:
        for name in sorted({one.decode() for one in _NDM_CHILD.findall(data)}):
            if name.upper() in _NAMES:
                yield from _reader(Kind(f"{name}-xml"))(data, file)
    else:
        yield from _reader(kind)(data, file)


def _kvn_parts(data: bytes) -> Iterator[tuple[bytes, Kind]]:
    """Runs of one kind; blank lines stand for what came before, so that line numbers stay."""
    starts = [(match.start(), match[1].decode().lower()) for match in _VERSION_LINE.finditer(data)]
    runs = [next(run)[0] for _, run in groupby(starts, key=lambda one: one[1])]
    kinds = [kind for kind, _ in groupby(starts, key=lambda one: one[1])]
    runs[0] = 0
    for start, end, kind in zip(runs, [*runs[1:], len(data)], kinds, strict=True):
        yield b"\n" * data[:start].count(b"\n") + data[start:end], Kind(f"{kind}-kvn")


def _reader(kind: Kind) -> Callable[[bytes, str], Iterable[Message]]:
    """The function that reads a kind; imported when needed, since each costs time."""
    if kind in (Kind.CDM_KVN, Kind.CDM_XML):
        from mdss.messages.reader import read_cdms

        return read_cdms
    if kind in (Kind.OEM_KVN, Kind.OEM_XML):
        from mdss.messages.oem import read_oem

        return read_oem
    if kind in (Kind.OPM_KVN, Kind.OPM_XML):
        from mdss.messages.opm import read_opm

        return read_opm
    if kind is Kind.TLE:
        from mdss.messages.tle import read_tles

        return read_tles
    if kind is Kind.CDM_PUBLIC_JSON:
        from mdss.messages.cdm_public import read_cdm_public

        return read_cdm_public
    from mdss.messages.omm import read_omms

    return read_omms

"""An ephemeris message as KVN and as XML text, in the standard's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from mdss.messages.kvn import comment_line, keyword_line, text_of_lines
from mdss.messages.oem_draft import LOWER_TRIANGLE
from mdss.messages.oem_model import Oem, OemCovariance, OemSegment
from mdss.messages.oem_texts import epoch_texts, header_texts, metadata_texts
from mdss.messages.oem_xml_layout import ACCELERATION_UNITS, COVARIANCE_UNITS, STATE_UNITS
from mdss.messages.xml import indented, quoted, xml_element

_VERSION = "CCSDS_OEM_VERS"


def write_oem_kvn(oem: Oem) -> str:
    """The message as KVN text, numbers to the last digit.

    Parameters
    ----------
    oem : Oem
        The message; `read_oem` of the result gives an equal one.

    Returns
    -------
    str
        Epochs in each segment's TIME_SYSTEM, with six digits of a second, nine where they
        are needed.

    Raises
    ------
    MessageError
        If a text of the message contains a line break.
    """
    header = header_texts(oem)
    lines = [keyword_line(_VERSION, header.pop(_VERSION))]
    lines += [comment_line(text) for text in oem.comments]
    lines += [keyword_line(keyword, text) for keyword, text in header.items()]
    for segment in oem.segments:
        lines += ["", *_kvn_segment(segment)]
    return text_of_lines(lines)


def _kvn_segment(segment: OemSegment) -> Iterator[str]:
    yield "META_START"
    yield from (comment_line(text) for text in segment.comments)
    yield from (keyword_line(*item) for item in metadata_texts(segment).items())
    yield "META_STOP"
    yield from (comment_line(text) for text in segment.data_comments)
    rows = segment.states
    if segment.accelerations is not None:
        rows = np.hstack([rows, segment.accelerations])
    for epoch, row in zip(epoch_texts(segment, segment.t_s), rows.tolist(), strict=True):
        yield " ".join([epoch, *map(repr, row)])
    if segment.covariances:
        yield "COVARIANCE_START"
        times = np.array([one.t_s for one in segment.covariances])
        for epoch, one in zip(epoch_texts(segment, times), segment.covariances, strict=True):
            yield from _kvn_covariance(epoch, one)
        yield "COVARIANCE_STOP"


def _kvn_covariance(epoch: str, covariance: OemCovariance) -> Iterator[str]:
    yield from (comment_line(text) for text in covariance.comments)
    yield keyword_line("EPOCH", epoch)
    if covariance.ref_frame:
        yield keyword_line("COV_REF_FRAME", covariance.ref_frame)
    for size, row in enumerate(covariance.matrix.tolist(), start=1):
        yield " ".join(map(repr, row[:size]))


def write_oem_xml(oem: Oem) -> str:
    """The message as XML text, numbers to the last digit.

    Parameters
    ----------
    oem : Oem
        The message; `read_oem` of the result gives an equal one.

    Returns
    -------
    str
        Epochs in each segment's TIME_SYSTEM, with six digits of a second, nine where they
        are needed.
    """
    header = header_texts(oem)
    version = quoted(header.pop(_VERSION))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<oem xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="CCSDS_OEM_VERS" '
        f"version={version}>",
        *indented(_element("header", [*_comments(oem.comments), *_leaves(header)])),
        "  <body>",
    ]
    for segment in oem.segments:
        lines += indented(_xml_segment(segment), 2)
    return "\n".join([*lines, "  </body>", "</oem>", ""])


def _xml_segment(segment: OemSegment) -> list[str]:
    metadata = [*_comments(segment.comments), *_leaves(metadata_texts(segment))]
    data = [*_comments(segment.data_comments), *_xml_states(segment)]
    times = np.array([one.t_s for one in segment.covariances])
    if segment.covariances:
        epochs = epoch_texts(segment, times)
        for epoch, one in zip(epochs, segment.covariances, strict=True):
            data += _element("covarianceMatrix", _xml_covariance(epoch, one))
    return _element("segment", [*_element("metadata", metadata), *_element("data", data)])


def _xml_states(segment: OemSegment) -> Iterator[str]:
    units, rows = STATE_UNITS, segment.states
    if segment.accelerations is not None:
        units, rows = {**units, **ACCELERATION_UNITS}, np.hstack([rows, segment.accelerations])
    for epoch, row in zip(epoch_texts(segment, segment.t_s), rows.tolist(), strict=True):
        yield from _element("stateVector", [xml_element("EPOCH", epoch), *_numbers(units, row)])


def _xml_covariance(epoch: str, covariance: OemCovariance) -> Iterator[str]:
    yield from _comments(covariance.comments)
    yield xml_element("EPOCH", epoch)
    if covariance.ref_frame:
        yield xml_element("COV_REF_FRAME", covariance.ref_frame)
    yield from _numbers(COVARIANCE_UNITS, covariance.matrix[LOWER_TRIANGLE].tolist())


def _numbers(units: Mapping[str, str], row: Sequence[float]) -> Iterator[str]:
    for (keyword, unit), number in zip(units.items(), row, strict=True):
        yield f'<{keyword} units="{unit}">{number!r}</{keyword}>'


def _comments(texts: Iterable[str]) -> list[str]:
    return [xml_element("COMMENT", text) for text in texts]


def _leaves(texts: Mapping[str, str]) -> list[str]:
    return [xml_element(keyword, text) for keyword, text in texts.items()]


def _element(name: str, inner: Iterable[str]) -> list[str]:
    return [f"<{name}>", *indented(inner), f"</{name}>"]

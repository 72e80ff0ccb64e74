"""From a draft to an ephemeris message: keywords, epochs, order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.time_scales import (
    TIME_SYSTEMS,
    epochs_from_texts,
    tai_ns,
    tai_ns_from_texts,
    utc_from,
)
from mdss.errors import EpochError, MessageError
from mdss.messages.oem_checks import (
    check_covariance_span,
    check_covariances,
    check_segment,
    check_segments,
)
from mdss.messages.oem_draft import (
    HEADER_KEYWORDS,
    METADATA_KEYWORDS,
    CovarianceRows,
    FloatArray,
    OemDraft,
    SegmentDraft,
    StateRows,
    symmetric,
)
from mdss.messages.oem_model import Oem, OemCovariance, OemSegment
from mdss.messages.values import Entry, Findings
from mdss.notices import NoticeCode, without_repeats

_VERSIONS, _READ_AS = ("1.0", "2.0", "3.0"), "2.0"
_NEEDED = ("CENTER_NAME", "REF_FRAME", "TIME_SYSTEM")
_EXPECTED = ("OBJECT_NAME", "OBJECT_ID", "START_TIME", "STOP_TIME")
_DATES = (
    "REF_FRAME_EPOCH",
    "START_TIME",
    "USEABLE_START_TIME",
    "USEABLE_STOP_TIME",
    "STOP_TIME",
)
_ASK_AGAIN = "Ask the originator for the complete ephemeris."


def finish(draft: OemDraft, findings: Findings) -> Oem:
    """The message of a draft, checked.

    Parameters
    ----------
    draft : OemDraft
        From the KVN or the XML reader.
    findings : Findings
        Receives notices.

    Raises
    ------
    MessageError
        If something that orbit or covariance rest on is missing, unreadable, impossible or
        contradictory.
    """
    header = _header(draft, findings)
    if not draft.segments:
        raise MessageError(
            "the message has no segment",
            file=findings.file,
            line=draft.version.line,
            remedy=f"The file may be cut short. {_ASK_AGAIN}",
        )
    segments = tuple(_segment(one, findings) for one in draft.segments)
    check_segments(segments, [one.line for one in draft.segments], findings)
    return Oem(
        version=draft.version.text or "2.0",
        creation_date=header.pop("CREATION_DATE", ""),
        originator=header.pop("ORIGINATOR", ""),
        message_id=header.pop("MESSAGE_ID", ""),
        classification=header.pop("CLASSIFICATION", ""),
        comments=tuple(draft.comments),
        extras=header,
        segments=segments,
        notices=without_repeats(findings.notices),
        source=findings.file,
    )


def _header(draft: OemDraft, findings: Findings) -> dict[str, str]:
    if draft.version.text not in _VERSIONS:
        findings.at(
            draft.version,
            NoticeCode.UNEXPECTED_VALUE,
            f"version {draft.version.text or 'not stated'}; read as version {_READ_AS}",
        )
    entries = _by_keyword(draft.header, HEADER_KEYWORDS, findings)
    for keyword in ("CREATION_DATE", "ORIGINATOR"):
        if keyword not in entries:
            _notice_missing(keyword, "the header", draft.version.line, findings)
    if "CREATION_DATE" in entries:
        _check_date(entries["CREATION_DATE"], "UTC", findings)
    return {keyword: entry.text for keyword, entry in entries.items()}


def _by_keyword(
    entries: Iterable[Entry], known: Sequence[str], findings: Findings
) -> dict[str, Entry]:
    kept: dict[str, Entry] = {}
    for entry in entries:
        if entry.keyword not in known:
            findings.at(
                entry, NoticeCode.UNKNOWN_KEYWORD, "is no keyword here; kept as text, not used"
            )
        if not entry.text:
            findings.at(entry, NoticeCode.UNEXPECTED_VALUE, "has no value; taken as absent")
        elif entry.keyword in kept:
            _repeated(entry, kept[entry.keyword], findings)
        else:
            kept[entry.keyword] = entry
    return kept


def _repeated(entry: Entry, first: Entry, findings: Findings) -> None:
    if entry.text == first.text:
        findings.at(
            entry, NoticeCode.DUPLICATE_KEYWORD, f"repeats line {first.line} with the same value"
        )
    elif entry.keyword in METADATA_KEYWORDS:
        findings.refuse(
            entry,
            f"contradicts line {first.line}, which says {first.text!r}",
            "Keep the right one of the two, or ask for the file again.",
        )
    else:
        findings.at(
            entry,
            NoticeCode.DUPLICATE_KEYWORD,
            f"differs from line {first.line}; the first, {first.text!r}, is used",
        )


def _notice_missing(keyword: str, where: str, line: int, findings: Findings) -> None:
    findings.notice(
        NoticeCode.MISSING_KEYWORD, f"obligatory {keyword} of {where} is missing", line, keyword
    )


def _check_date(entry: Entry, system: str, findings: Findings) -> None:
    try:
        utc_from(entry.text, system)
    except EpochError as problem:
        findings.refuse(
            entry,
            f"is not a possible date: {problem}",
            "Write it as 2026-03-01T12:00:00.000, or ask for the file again.",
        )
    _notice_day_of_year([entry.text], entry.line, entry.keyword, findings)


def _notice_day_of_year(texts: Sequence[str], line: int, keyword: str, findings: Findings) -> None:
    if any(text[8:9] in ("T", " ") for text in texts):
        findings.notice(
            NoticeCode.DAY_OF_YEAR_DATE, "day-of-year dates; read as such", line, keyword
        )


# --- segment --------------------------------------------------------------------------


def _segment(draft: SegmentDraft, findings: Findings) -> OemSegment:
    entries = _metadata(draft, findings)
    system = entries["TIME_SYSTEM"].text
    states = draft.states
    if states is None:
        raise MessageError(
            "the segment has no states",
            file=findings.file,
            line=draft.line,
            remedy=f"The file may be cut short. {_ASK_AGAIN}",
        )
    instants_ns = _instants(states, system, findings)
    kept = _once_in_order(instants_ns, _States(states), findings)
    reference_utc, _ = epochs_from_texts(states.epochs[:1], system)
    zero_ns = tai_ns(reference_utc)
    span_ns = int(instants_ns[0]), int(instants_ns[-1])
    segment = OemSegment(
        metadata={keyword: entry.text for keyword, entry in entries.items()},
        comments=tuple(draft.comments),
        data_comments=tuple(draft.data_comments),
        reference_utc=reference_utc,
        t_s=_read_only((instants_ns[kept] - zero_ns) / 1e9),
        states=_read_only(states.numbers[kept, :6]),
        accelerations=_read_only(states.numbers[kept, 6:]) if states.numbers.shape[1] > 6 else None,
        covariances=_covariances(draft.covariances, system, zero_ns, span_ns, findings),
    )
    check_segment(segment, entries, lambda i: states.line_of(int(kept[i])), findings)
    return segment


def _metadata(draft: SegmentDraft, findings: Findings) -> dict[str, Entry]:
    entries = _by_keyword(draft.metadata, METADATA_KEYWORDS, findings)
    for keyword in _NEEDED:
        if keyword not in entries:
            _refuse_missing(keyword, draft.line, findings)
    if "OBJECT_NAME" not in entries and "OBJECT_ID" not in entries:
        _refuse_missing("OBJECT_ID", draft.line, findings)
    for keyword in _EXPECTED:
        if keyword not in entries:
            _notice_missing(keyword, "the metadata", draft.line, findings)
    _check_time_system(entries["TIME_SYSTEM"], findings)
    for keyword in _DATES:
        if keyword in entries:
            _check_date(entries[keyword], entries["TIME_SYSTEM"].text, findings)
    return entries


def _refuse_missing(keyword: str, line: int, findings: Findings) -> None:
    raise MessageError(
        f"{keyword} of the segment that begins here is missing",
        file=findings.file,
        line=line,
        field=keyword,
        remedy=f"Nothing can be computed without it. {_ASK_AGAIN}",
    )


def _check_time_system(entry: Entry, findings: Findings) -> None:
    if entry.text.upper() not in TIME_SYSTEMS:
        findings.refuse(
            entry,
            f"is not one of {', '.join(TIME_SYSTEMS)}",
            "Ask for the ephemeris in UTC; a wrong time system is kilometres along the orbit.",
        )


def _instants(
    rows: StateRows | CovarianceRows, system: str, findings: Findings
) -> NDArray[np.int64]:
    try:
        instants_ns = tai_ns_from_texts(rows.epochs, system)
    except EpochError as problem:
        raise MessageError(
            f"is not a possible date: {problem}",
            file=findings.file,
            line=rows.line_of(problem.index),
            field="EPOCH",
            value=rows.epochs[problem.index][:60],
            remedy="Write it as 2026-03-01T12:00:00.000, or ask for the file again.",
        ) from None
    _notice_day_of_year(rows.epochs[:1], rows.line_of(0), "EPOCH", findings)
    return instants_ns


@dataclass
class _States:
    """Rows with a time each, of which a second one of the same time may be the same."""

    rows: StateRows
    what: str = "state"

    def same(self, i: int, j: int) -> bool:
        return bool(np.array_equal(self.rows.numbers[i], self.rows.numbers[j]))


@dataclass
class _Matrices:
    rows: CovarianceRows
    what: str = "covariance"

    def same(self, i: int, j: int) -> bool:
        return self.rows.frames[i] == self.rows.frames[j] and bool(
            np.array_equal(self.rows.numbers[i], self.rows.numbers[j])
        )


def _once_in_order(
    instants_ns: NDArray[np.int64], items: _States | _Matrices, findings: Findings
) -> NDArray[np.intp]:
    """Indices of what stays: an exact repeat is left out, a step back is refused."""
    steps = np.diff(instants_ns)
    if (steps > 0).all():
        return np.arange(len(instants_ns))
    repeated = np.flatnonzero(steps == 0)
    contradicting = [int(i) + 1 for i in repeated if not items.same(int(i), int(i) + 1)]
    backward = [int(i) + 1 for i in np.flatnonzero(steps < 0)]
    for bad, problem in (
        (backward, "is before the one above it"),
        (contradicting, f"is there twice with a different {items.what}"),
    ):
        if bad:
            raise MessageError(
                f"the epoch of this {items.what} {problem}",
                file=findings.file,
                line=items.rows.line_of(bad[0]),
                field="EPOCH",
                value=items.rows.epochs[bad[0]][:60],
                remedy="Epochs of a segment must increase; ask for the file again.",
            )
    findings.notice(
        NoticeCode.DUPLICATE_KEYWORD,
        f"{len(repeated)} repeated {items.what}(s) left out",
        items.rows.line_of(int(repeated[0]) + 1),
        "EPOCH",
    )
    return np.setdiff1d(np.arange(len(instants_ns)), repeated + 1)


def _covariances(
    rows: CovarianceRows | None,
    system: str,
    zero_ns: int,
    span_ns: tuple[int, int],
    findings: Findings,
) -> tuple[OemCovariance, ...]:
    if rows is None:
        return ()
    instants_ns = _instants(rows, system, findings)
    check_covariances(rows, findings)
    check_covariance_span(instants_ns, span_ns, rows, findings)
    kept = _once_in_order(instants_ns, _Matrices(rows), findings)
    matrices = _read_only(symmetric(rows.numbers))
    times = ((instants_ns - zero_ns) / 1e9).tolist()
    return tuple(
        OemCovariance(
            t_s=times[i],
            ref_frame=rows.frames[i].upper(),
            matrix=matrices[i],
            comments=rows.comments[i],
        )
        for i in kept.tolist()
    )


def _read_only(array: FloatArray) -> FloatArray:
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array

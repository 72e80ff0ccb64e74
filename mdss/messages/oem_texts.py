"""What KVN and XML writer have in common: header, metadata and epochs of an OEM as texts."""

from __future__ import annotations

from mdss.astro.time_scales import tai_ns_after, tai_ns_from_texts, texts_of
from mdss.messages.oem_draft import HEADER_KEYWORDS, METADATA_KEYWORDS, FloatArray
from mdss.messages.oem_model import Oem, OemSegment


def header_texts(oem: Oem) -> dict[str, str]:
    """The header's texts by keyword, in the standard's order; unknown keywords last."""
    known = (oem.version, oem.classification, oem.creation_date, oem.originator, oem.message_id)
    texts = dict(zip(HEADER_KEYWORDS, known, strict=True))
    return {**{key: text for key, text in texts.items() if text}, **oem.extras}


def metadata_texts(segment: OemSegment) -> dict[str, str]:
    """The metadata's texts by keyword, in the standard's order; unknown keywords last."""
    texts = dict(segment.metadata)
    known = {key: texts.pop(key) for key in METADATA_KEYWORDS if key in texts}
    return {**known, **texts}


def epoch_texts(segment: OemSegment, t_s: FloatArray) -> list[str]:
    """Epochs of a segment in its TIME_SYSTEM.

    Parameters
    ----------
    segment : OemSegment
        Knows reference and time system.
    t_s : array, shape (n,)
        SI seconds after its `reference_utc`.

    Returns
    -------
    list of str
        With microseconds, or nanoseconds where microseconds would lose something.
    """
    texts = texts_of(segment.reference_utc, t_s, segment.time_system, digits=6)
    exact_ns = tai_ns_after(segment.reference_utc, t_s)
    if (tai_ns_from_texts(texts, segment.time_system) == exact_ns).all():
        return texts
    return texts_of(segment.reference_utc, t_s, segment.time_system, digits=9)

"""Are these mean elements that SGP4 may propagate?"""

from __future__ import annotations

from mdss.errors import MessageError
from mdss.messages.odm import Part
from mdss.messages.odm_checks import check_covariance, check_spacecraft, refuse_range
from mdss.messages.odm_read import OdmDraft
from mdss.messages.sgp4_elements import (
    ELEMENT_RANGES,
    LARGEST_CATALOG_NUMBER,
    OTHER_TYPES,
    SGP4_TYPES,
)
from mdss.messages.tle_columns import alpha5_number
from mdss.notices import NoticeCode

_ONLY = {
    "CENTER_NAME": ("EARTH", "SGP4 is a theory of orbits at Earth"),
    "REF_FRAME": ("TEME", "elements of SGP4 are in TEME; another frame means another theory"),
    "TIME_SYSTEM": ("UTC", "catalogues give epochs of SGP4 elements in UTC"),
}


def check_omm(draft: OdmDraft) -> None:
    """Refuse or notice what the values say.

    Raises
    ------
    MessageError
        If SGP4 must not propagate the elements, or a value is impossible.
    """
    for keyword, (wanted, why) in _ONLY.items():
        if draft.text(keyword) != wanted:
            draft.findings.refuse(
                draft.entry(keyword),
                f"must be {wanted}: {why}",
                "Ask for SGP4 elements as the catalogues publish them.",
            )
    _check_theory(draft)
    _check_type(draft)
    for keyword, (low, high, needs) in ELEMENT_RANGES.items():
        refuse_range(draft.entry(keyword), draft.value(keyword), low, high, needs, draft.findings)
    _check_number(draft)
    check_spacecraft(draft)
    check_covariance(draft)


def _check_theory(draft: OdmDraft) -> None:
    theory, entry = draft.text("MEAN_ELEMENT_THEORY"), draft.entry("MEAN_ELEMENT_THEORY")
    if theory in ("SGP/SGP4", "SGP4/SDP4"):
        draft.findings.at(entry, NoticeCode.UNEXPECTED_VALUE, f"{theory} is taken as SGP4")
    elif theory != "SGP4":
        draft.findings.refuse(
            entry,
            "must be SGP4: mean elements of one theory give kilometres of error in another",
            "Ask for SGP4 elements, or for an ephemeris (OEM).",
        )


def _check_type(draft: OdmDraft) -> None:
    kind = draft.value("EPHEMERIS_TYPE")
    if kind is None or kind == 0:
        return
    entry = draft.entry("EPHEMERIS_TYPE")
    if not isinstance(kind, int) or kind not in SGP4_TYPES:
        what = OTHER_TYPES.get(kind, "unknown") if isinstance(kind, int) else "unknown"
        draft.findings.refuse(
            entry,
            f"the elements are of type {kind}, {what}, which SGP4 must not propagate",
            "Ask for elements of type 0 (SGP4).",
        )
    draft.findings.at(
        entry,
        NoticeCode.UNEXPECTED_VALUE,
        f"ephemeris type {kind} ({SGP4_TYPES[kind]}) is not used any more; taken as SGP4",
    )


def _check_number(draft: OdmDraft) -> None:
    number = draft.value("NORAD_CAT_ID")
    if number is None:
        _demand_object_id(draft)
        return
    if isinstance(number, str):
        number = alpha5_number(number)
    if not isinstance(number, int) or not 0 < number <= LARGEST_CATALOG_NUMBER:
        draft.findings.refuse(
            draft.entry("NORAD_CAT_ID"),
            "is no catalogue number of one to nine digits",
            "Correct it at the source, or leave it out and give OBJECT_ID.",
        )


def _demand_object_id(draft: OdmDraft) -> None:
    if not draft.text("OBJECT_ID"):
        raise MessageError(
            "has neither NORAD_CAT_ID nor OBJECT_ID: nobody can tell whose elements these are",
            file=draft.findings.file,
            line=next(iter(draft.block(Part.MEAN).entries.values())).line,
            field="NORAD_CAT_ID",
            remedy="Ask for the message with its catalogue number.",
        )
    draft.findings.notice(
        NoticeCode.MISSING_KEYWORD,
        f"has no catalogue number; the object goes by its OBJECT_ID {draft.text('OBJECT_ID')}",
        draft.entry("OBJECT_ID").line,
        "NORAD_CAT_ID",
    )

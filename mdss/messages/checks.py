"""Does the message make sense? What would change the physics is refused, the rest is told."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import NoReturn

import numpy as np

from mdss.astro.bodies import BODY_NAMES, Body, body, far_barycenter
from mdss.errors import FrameError, MessageError
from mdss.messages.assemble import Draft, MessageDraft, drafts
from mdss.messages.cdm import Cdm
from mdss.messages.comments import covariance_scale_factor, density_error, hard_body_radius
from mdss.messages.fields import (
    DATA_SECTIONS,
    MESSAGE_FIELDS,
    OBJECT_FIELDS,
    POSITION_KEYWORDS,
    VARIANCE_KEYWORDS,
    VELOCITY_COVARIANCE_KEYWORDS,
    VELOCITY_KEYWORDS,
    Section,
)
from mdss.messages.values import Entry, Findings, chosen, epoch_utc, notice_barycenter
from mdss.notices import NoticeCode
from mdss.units import KM

SMALLEST_OF_RADIUS = 0.94
LARGEST_OF_ESCAPE = 2.7
SLOWEST_OF_CIRCULAR = 0.01
ITRF = re.compile(r"ITRF[-_ ]?\d{0,4}")
INERTIAL_FRAMES = ("EME2000", "J2000", "GCRF", "ICRF")
GROSS_RATIO = 10.0
GROSS_M = 10e3

_ASK_AGAIN = "Ask the originator for the complete message."


def check_draft(draft: MessageDraft) -> None:
    """Refuse or notice what the fields say, before the message object exists.

    Raises
    ------
    MessageError
        If something that the computation rests on is missing, impossible or contradictory.
    """
    _check_objects(draft)
    _check_missing(draft)
    _check_message(draft)
    for one in draft.ordered:
        _check_object(one, draft.findings)
    _check_centers(draft)
    _check_designators(draft)
    _check_hard_body_radius(draft)
    _check_comments(draft)


def _refuse_missing(draft: MessageDraft, keyword: str, of: str) -> NoReturn:
    raise MessageError(
        f"{keyword} of {of} is missing",
        file=draft.findings.file,
        line=draft.last_line,
        field=keyword,
        remedy=f"The file may be cut short. {_ASK_AGAIN}",
    )


def _check_objects(draft: MessageDraft) -> None:
    found = {one.label for one in draft.objects}
    for label in ("OBJECT1", "OBJECT2"):
        if label not in found:
            raise MessageError(
                f"{label} is missing",
                file=draft.findings.file,
                line=draft.last_line,
                field="OBJECT",
                value=", ".join(sorted(found)) or "no object",
                remedy=f"A CDM has two objects; the file may be cut short. {_ASK_AGAIN}",
            )


def _check_missing(draft: MessageDraft) -> None:
    for one in drafts(draft):
        rows = OBJECT_FIELDS if one.label else MESSAGE_FIELDS
        where = one.label or "the message"
        for keyword, row in rows.items():
            if keyword in one.values or keyword in VELOCITY_COVARIANCE_KEYWORDS:
                continue
            if row.needed:
                _refuse_missing(draft, keyword, where)
            if row.standard:
                _notice_missing(draft, one, keyword, where)
    for one in draft.objects:
        _check_velocity_covariance(draft, one)


def _notice_missing(draft: MessageDraft, one: Draft, keyword: str, where: str) -> None:
    line = one.opened.line if one.opened else None
    draft.findings.notice(
        NoticeCode.MISSING_KEYWORD, f"obligatory {keyword} of {where} is missing", line, keyword
    )


def _check_velocity_covariance(draft: MessageDraft, one: Draft) -> None:
    missing = [k for k in VELOCITY_COVARIANCE_KEYWORDS if k not in one.values]
    if not missing:
        return
    others_have = all(
        VELOCITY_COVARIANCE_KEYWORDS[0] in other.values
        for other in draft.objects
        if other is not one
    )
    if len(missing) < len(VELOCITY_COVARIANCE_KEYWORDS) or (
        others_have and one is draft.objects[-1]
    ):
        _refuse_missing(draft, missing[0], one.label)
    draft.findings.notice(
        NoticeCode.NO_VELOCITY_COVARIANCE,
        f"{one.label} has no velocity covariance; only its position covariance is used",
        one.line("CN_N"),
        missing[0],
    )


def _check_message(draft: MessageDraft) -> None:
    message, findings = draft.message, draft.findings
    if message.values.get("CCSDS_CDM_VERS") != "1.0":
        findings.at(
            message.entries["CCSDS_CDM_VERS"],
            NoticeCode.UNEXPECTED_VALUE,
            f"version {message.values['CCSDS_CDM_VERS']}; read as version 1.0",
        )
    _refuse_range(
        message, findings, ("COLLISION_PROBABILITY",), lambda p: 0 <= p <= 1, "between 0 and 1"
    )
    _refuse_range(
        message, findings, ("MISS_DISTANCE", "RELATIVE_SPEED"), lambda x: x >= 0, "0 or more"
    )
    _refuse_range(message, findings, ("HBR",), lambda x: x > 0, "above 0 m")
    _check_creation(message, findings)


def _refuse_range(
    draft: Draft,
    findings: Findings,
    keywords: Iterable[str],
    allowed: Callable[[float], bool],
    needs: str,
) -> None:
    for keyword in keywords:
        value = draft.values.get(keyword)
        if isinstance(value, float) and not math.isnan(value) and not allowed(value):
            findings.refuse(
                draft.entries[keyword],
                f"must be {needs}",
                "Correct it at the source, or ask the originator for the message again.",
            )


def _check_creation(message: Draft, findings: Findings) -> None:
    if "CREATION_DATE" not in message.values:
        return
    created = epoch_utc(str(message.values["CREATION_DATE"]))
    if created > epoch_utc(str(message.values["TCA"])):
        findings.at(
            message.entries["CREATION_DATE"],
            NoticeCode.UNEXPECTED_VALUE,
            "the message was made after TCA",
        )


def _check_object(one: Draft, findings: Findings) -> None:
    central = _central_body(one, findings)
    _check_frame(one, central, findings)
    _check_state(one, central, findings)
    _refuse_range(one, findings, VARIANCE_KEYWORDS, lambda v: v >= 0, "0 or more: it is a variance")
    _refuse_range(one, findings, ("HBR",), lambda x: x > 0, "above 0 m")
    _notice_negative(one, findings)
    _check_scale(one, findings)
    _check_density(one, findings)
    if chosen(one.values, "COVARIANCE_METHOD") == "DEFAULT":
        findings.at(
            one.entries["COVARIANCE_METHOD"],
            NoticeCode.COVARIANCE_DEFAULT,
            f"the covariance of {one.label} is a default, not a result; Pc rests on it",
        )


def _central_body(one: Draft, findings: Findings) -> Body:
    center = chosen(one.values, "ORBIT_CENTER") or "EARTH"
    if "ORBIT_CENTER" in one.entries:
        notice_barycenter(one.entries["ORBIT_CENTER"], findings)
    try:
        return body(center)
    except FrameError:
        findings.refuse(
            one.entries["ORBIT_CENTER"],
            f"central body {center} is not supported{far_barycenter(center)}",
            f"Give the states about {', '.join(BODY_NAMES).upper()}.",
        )


def _check_frame(one: Draft, central: Body, findings: Findings) -> None:
    frame = chosen(one.values, "REF_FRAME")
    at_earth = central.name == "earth"
    if frame in INERTIAL_FRAMES or (at_earth and ITRF.fullmatch(frame)):
        return
    findings.refuse(
        one.entries["REF_FRAME"],
        f"frame {frame} is not supported{'' if at_earth else f' at {central.label}'}",
        "Convert the state to EME2000, GCRF or ITRF."
        if at_earth
        else "Convert the state to EME2000, ICRF or GCRF axes at its centre; body-fixed axes and "
        "those along its equator are not read.",
    )


def _check_state(one: Draft, central: Body, findings: Findings) -> None:
    radius_km = math.hypot(*_vector(one, POSITION_KEYWORDS))
    smallest_km = round(SMALLEST_OF_RADIUS * central.radius_m / KM, -2)
    largest_km = central.influence_radius_m / KM
    if not smallest_km <= radius_km <= largest_km:
        findings.refuse(
            one.entries[_largest(one, POSITION_KEYWORDS)],
            f"{one.label} would be {radius_km:.6g} km from the centre of {central.label}; it must "
            f"be between {smallest_km:g} and {largest_km:g} km",
            "Check that X, Y, Z are in km, and ORBIT_CENTER.",
        )
    _check_speed(one, central, radius_km, findings)


def _check_speed(one: Draft, central: Body, radius_km: float, findings: Findings) -> None:
    speed_km_s = math.hypot(*_vector(one, VELOCITY_KEYWORDS))
    circular_km_s = math.sqrt(central.gm_m3_s2 / KM**3 / radius_km)
    inertial = chosen(one.values, "REF_FRAME") in INERTIAL_FRAMES
    slowest = SLOWEST_OF_CIRCULAR * circular_km_s if inertial else 0.0
    fastest = round(LARGEST_OF_ESCAPE * central.escape_speed_m_s / KM)
    if speed_km_s == 0 or not slowest <= speed_km_s <= fastest:
        findings.refuse(
            one.entries[_largest(one, VELOCITY_KEYWORDS)],
            f"{one.label} would move at {speed_km_s:.6g} km/s; it must be above {slowest:.2g} "
            f"and at most {fastest:g} km/s",
            "Check that X_DOT, Y_DOT, Z_DOT are in km/s.",
        )


def _check_centers(draft: MessageDraft) -> None:
    centers = [chosen(one.values, "ORBIT_CENTER") or "EARTH" for one in draft.ordered]
    if body(centers[0]) is not body(centers[1]):
        named = next(one for one in draft.ordered if "ORBIT_CENTER" in one.entries)
        draft.findings.refuse(
            named.entries["ORBIT_CENTER"],
            f"the objects have different central bodies, {centers[0]} and {centers[1]}",
            "Give both states about the same body.",
        )


def _vector(one: Draft, keywords: Iterable[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([float(one.values[keyword]) for keyword in keywords])


def _largest(one: Draft, keywords: Iterable[str]) -> str:
    return max(keywords, key=lambda keyword: abs(float(one.values[keyword])))


def _notice_negative(one: Draft, findings: Findings) -> None:
    for keyword in ("CD_AREA_OVER_MASS", "CR_AREA_OVER_MASS"):
        value = one.values.get(keyword)
        if isinstance(value, float) and value < 0:
            findings.at(
                one.entries[keyword],
                NoticeCode.UNEXPECTED_VALUE,
                f"{value:g} is negative: a fitted value that soaks up other errors",
            )


def _check_designators(draft: MessageDraft) -> None:
    first, second = draft.ordered
    names = [_catalogue_number(str(one.values["OBJECT_DESIGNATOR"])) for one in (first, second)]
    if names[0] == names[1]:
        draft.findings.refuse(
            second.entries["OBJECT_DESIGNATOR"],
            "both objects have the same designator",
            "Give each object its own designator, or ask for the message again.",
        )


def _catalogue_number(designator: str) -> str:
    return designator.upper().lstrip("0") if designator.isdigit() else designator.upper()


def _check_hard_body_radius(draft: MessageDraft) -> None:
    stated: dict[float, Entry] = {}
    for comment in _comments(draft):
        reading = hard_body_radius(comment.text)
        if reading is None:
            continue
        if reading.value is None:
            _at_hbr(
                draft,
                comment,
                NoticeCode.UNEXPECTED_VALUE,
                f"{reading.problem}; not used, give the hard-body radius",
            )
        else:
            stated.setdefault(reading.value, comment)
    used = draft.message.values.get("HBR")
    if isinstance(used, float) and math.isfinite(used):
        _compare_hbr(draft, used, "the keyword HBR", stated)
    elif stated:
        largest = max(stated)
        what = f"combined hard-body radius {largest:g} m taken from a comment"
        _at_hbr(draft, stated[largest], NoticeCode.HBR_FROM_COMMENT, what)
        _compare_hbr(draft, largest, "the largest", stated)


def _compare_hbr(draft: MessageDraft, used: float, what: str, stated: dict[float, Entry]) -> None:
    for value, comment in stated.items():
        if value != used:
            _at_hbr(
                draft,
                comment,
                NoticeCode.HBR_SOURCES_DIFFER,
                f"hard-body radius {value:g} m differs from {what}, {used:g} m, which is used",
            )


def _at_hbr(draft: MessageDraft, comment: Entry, code: NoticeCode, message: str) -> None:
    draft.findings.notice(code, message, comment.line, "COMMENT HBR")


def _comments(draft: MessageDraft) -> Iterable[Entry]:
    return (c for one in drafts(draft) for comments in one.comments.values() for c in comments)


def _check_comments(draft: MessageDraft) -> None:
    for one in draft.ordered:
        texts = [c.text for c in one.comments.get(Section.METADATA, ())]
        if density_error(texts) != density_error(()):
            draft.findings.notice(
                NoticeCode.UNEXPECTED_VALUE,
                f"DCP comments before the data of {one.label} belong to neither object for "
                "certain; they are left out",
                one.comments[Section.METADATA][0].line,
                "COMMENT DCP",
            )


def _check_scale(one: Draft, findings: Findings) -> None:
    for comments in one.comments.values():
        for comment in comments:
            reading = covariance_scale_factor(comment.text)
            if reading is None or reading.value == 1.0:
                continue
            scale = f"scale factor {reading.value:g}" if reading.value else reading.problem
            findings.notice(
                NoticeCode.COVARIANCE_SCALED,
                f"{one.label}: {scale}; the printed covariance is taken as already scaled",
                comment.line,
                "COMMENT COVARIANCE_SCALE_FACTOR",
            )


def _check_density(one: Draft, findings: Findings) -> None:
    comments = [c for section in DATA_SECTIONS for c in one.comments.get(section, ())]
    problem = density_error(c.text for c in comments).problem
    if problem:
        findings.notice(
            NoticeCode.UNEXPECTED_VALUE,
            f"{one.label}: {problem}",
            next(c.line for c in comments if c.text.strip().upper().startswith("DCP")),
            "COMMENT DCP",
        )


def check_relative_state(cdm: Cdm, draft: MessageDraft) -> None:
    """Compare what the message reports with what its states say.

    Notices INCONSISTENT_RELATIVE_STATE beyond rounding (1 m or 1 m/s, and 1 %).

    Raises
    ------
    MessageError
        If a frame cannot be converted, or the miss distances are more than a factor of 10
        and more than 10 km apart: then a state is damaged.
    """
    try:
        computed = _relative_state(cdm)
    except FrameError as problem:
        raise MessageError(
            f"the states cannot be converted: {problem}",
            file=cdm.source,
            line=draft.ordered[0].line("REF_FRAME"),
            field="REF_FRAME",
            value=str(cdm.objects[0].ref_frame),
            remedy="Give states in EME2000 or GCRF at a TCA within the Earth orientation data.",
        ) from None
    _refuse_gross_miss(computed["MISS_DISTANCE"], draft)
    _notice_earth_orientation(cdm, draft)
    odd = _disagreeing(draft.message, computed)
    if odd and not _disagreeing(draft.message, _reversed(computed)):
        draft.findings.at(
            draft.message.entries[odd[0]],
            NoticeCode.INCONSISTENT_RELATIVE_STATE,
            "the relative signs are reversed (object 1 minus object 2); the states are used",
        )
        return
    for keyword in odd:
        draft.findings.at(
            draft.message.entries[keyword],
            NoticeCode.INCONSISTENT_RELATIVE_STATE,
            f"reported {draft.message.values[keyword]:g}, but the states say "
            f"{computed[keyword]:.6g}; the states are used",
        )


def _notice_earth_orientation(cdm: Cdm, draft: MessageDraft) -> None:
    fixed = [one for one in draft.objects if ITRF.fullmatch(chosen(one.values, "REF_FRAME"))]
    if not fixed:
        return
    from mdss.astro.earth_orientation import eop_notices

    for notice in eop_notices(cdm.tca_utc, cdm.tca_utc):
        draft.findings.at(fixed[0].entries["REF_FRAME"], notice.code, notice.message)


def _disagreeing(message: Draft, computed: dict[str, float]) -> list[str]:
    size_m, speed_m_s = computed["MISS_DISTANCE"], computed["RELATIVE_SPEED"]
    odd = []
    for keyword, value in computed.items():
        scale = size_m if keyword.startswith(("MISS", "RELATIVE_POS")) else speed_m_s
        reported = message.values.get(keyword)
        if isinstance(reported, float) and abs(reported - value) > 1.0 + 0.01 * scale:
            odd.append(keyword)
    return odd


def _reversed(computed: dict[str, float]) -> dict[str, float]:
    return {key: -x if key[:-1].endswith("_") else x for key, x in computed.items()}


def _relative_state(cdm: Cdm) -> dict[str, float]:
    from mdss.astro.frames import eci_from_rtn

    first, second = cdm.objects
    rtn_from_eci = eci_from_rtn(first.position_gcrf_m, first.velocity_gcrf_m_s).T
    eci_from_rtn(second.position_gcrf_m, second.velocity_gcrf_m_s)  # its axes must exist too
    position = rtn_from_eci @ (second.position_gcrf_m - first.position_gcrf_m)
    velocity = rtn_from_eci @ (second.velocity_gcrf_m_s - first.velocity_gcrf_m_s)
    return {
        "MISS_DISTANCE": float(np.linalg.norm(position)),
        "RELATIVE_SPEED": float(np.linalg.norm(velocity)),
        **{f"RELATIVE_POSITION_{a}": float(x) for a, x in zip("RTN", position, strict=True)},
        **{f"RELATIVE_VELOCITY_{a}": float(x) for a, x in zip("RTN", velocity, strict=True)},
    }


def _refuse_gross_miss(computed_m: float, draft: MessageDraft) -> None:
    reported_m = draft.message.values.get("MISS_DISTANCE")
    if not isinstance(reported_m, float) or math.isnan(reported_m):
        return
    smaller, larger = sorted((reported_m, computed_m))
    if larger - smaller > GROSS_M and larger > GROSS_RATIO * smaller:
        draft.findings.refuse(
            draft.message.entries["MISS_DISTANCE"],
            f"reports {reported_m:g} m, but the states are {computed_m:.6g} m apart",
            "A state or the miss distance is damaged; ask for the message again.",
        )

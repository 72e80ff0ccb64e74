"""Does an orbit parameter message make sense? What would change the physics is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mdss.errors import EpochError, PropagationError
from mdss.messages.odm import STATE_KEYWORDS, Part
from mdss.messages.odm_checks import check_covariance, check_spacecraft, refuse_range
from mdss.messages.odm_read import Block, OdmDraft
from mdss.messages.oem_checks import known_body, largest_speed_km_s, radius_limits_km
from mdss.messages.values import Entry, Findings, notice_barycenter
from mdss.notices import NoticeCode
from mdss.units import KM

FloatArray = NDArray[np.float64]

ANY_RADIUS_KM = (1e-3, 1e11)  # about a body that is not known here
EARTH_FIXED = ("ITRF", "TDR", "GRC", "WGS84")
LOCAL_FRAMES = ("RTN", "RSW", "TNW")
ELEMENTS_AGREE_TO = 1e-4  # of radius and of speed: elements are printed with some six digits


def check_opm(draft: OdmDraft) -> None:
    """Refuse or notice what the values say.

    Raises
    ------
    MessageError
        If something that a computation rests on is impossible or contradictory.
    """
    _check_epochs(draft)
    _check_state(draft)
    notice_barycenter(draft.entry("CENTER_NAME"), draft.findings)
    check_spacecraft(draft)
    _check_elements(draft)
    check_covariance(draft)
    for maneuver in draft.maneuvers:
        _check_maneuver(maneuver, draft)
    _check_sequence(draft)


def _check_epochs(draft: OdmDraft) -> None:
    from mdss.astro.time_scales import known_system, utc_from

    system = draft.text("TIME_SYSTEM")
    try:
        known_system(system)
    except EpochError as problem:
        draft.findings.refuse(
            draft.entry("TIME_SYSTEM"),
            f"cannot be related to UTC: {problem}",
            "Ask for the message in UTC, TAI, TT, GPS, TDB or UT1.",
        )
    ignitions = [one.entries["MAN_EPOCH_IGNITION"] for one in draft.maneuvers]
    for entry in [draft.entry("EPOCH"), *ignitions]:
        try:
            utc_from(entry.text, system)
        except EpochError as problem:
            draft.findings.refuse(
                entry,
                f"is not a possible {system} date: {problem}",
                "Write it as 2026-03-01T12:00:00.000, or ask for the message again.",
            )


def _check_state(draft: OdmDraft) -> None:
    center = draft.text("CENTER_NAME")
    block = draft.block(Part.STATE)
    position, velocity = (
        [block.number(keyword) for keyword in keywords]
        for keywords in (STATE_KEYWORDS[:3], STATE_KEYWORDS[3:])
    )
    radius, speed = math.hypot(*position), math.hypot(*velocity)
    central = known_body(center)
    low, high = ANY_RADIUS_KM if central is None else radius_limits_km(central)
    if not low <= radius <= high:
        draft.findings.refuse(
            draft.entry(_largest(block, STATE_KEYWORDS[:3])),
            f"the object would be {radius:.6g} km from the centre of {center}; it must be between "
            f"{low:.5g} and {high:.5g} km",
            "Check that X, Y, Z are in km.",
        )
    fastest = largest_speed_km_s(central)
    fixed = draft.text("REF_FRAME").startswith(EARTH_FIXED)
    if not (speed <= fastest and (speed > 1e-3 or fixed)):
        draft.findings.refuse(
            draft.entry(_largest(block, STATE_KEYWORDS[3:])),
            f"the object would move at {speed:.6g} km/s; it must be above 0.001 and at most "
            f"{fastest:g} km/s",
            "Check that X_DOT, Y_DOT, Z_DOT are in km/s.",
        )


def _largest(block: Block, keywords: tuple[str, ...]) -> str:
    return max(keywords, key=lambda keyword: abs(block.number(keyword)))


def _check_elements(draft: OdmDraft) -> None:
    block = draft.block(Part.KEPLERIAN)
    if not block.values or draft.text("REF_FRAME").startswith(EARTH_FIXED):
        return
    refuse_range(
        draft.entry("ECCENTRICITY"),
        block.values["ECCENTRICITY"],
        0,
        1e6,
        "0 or more",
        draft.findings,
    )
    if "TRUE_ANOMALY" not in block.values and "MEAN_ANOMALY" not in block.values:
        draft.findings.at(
            draft.entry("SEMI_MAJOR_AXIS"),
            NoticeCode.MISSING_KEYWORD,
            "the elements have neither TRUE_ANOMALY nor MEAN_ANOMALY; they are not checked",
        )
        return
    _compare_elements(block, draft)


def _compare_elements(block: Block, draft: OdmDraft) -> None:
    state = np.array([draft.block(Part.STATE).number(keyword) for keyword in STATE_KEYWORDS])
    try:
        of_elements = _state_of_elements_km(block, draft.text("CENTER_NAME"))
    except PropagationError as problem:
        _disagree(draft, f"the elements describe no orbit ({problem})")
        return
    if of_elements is None:
        return
    away_km = float(np.linalg.norm(of_elements[:3] - state[:3]))
    away_km_s = float(np.linalg.norm(of_elements[3:] - state[3:]))
    radius, speed = np.linalg.norm(state[:3]), np.linalg.norm(state[3:])
    if not (away_km <= ELEMENTS_AGREE_TO * radius and away_km_s <= ELEMENTS_AGREE_TO * speed):
        _disagree(
            draft, f"the elements put it {away_km:.6g} km and {away_km_s:.3g} km/s from the state"
        )


def _disagree(draft: OdmDraft, what: str) -> None:
    draft.findings.at(
        draft.entry("SEMI_MAJOR_AXIS"),
        NoticeCode.INCONSISTENT_ELEMENTS,
        f"{what}; the state is used. Ask the originator which one is meant",
    )


def _state_of_elements_km(block: Block, center: str) -> FloatArray | None:
    """None where GM is not stated and not known here."""
    from mdss.astro.keplerian import state_from_keplerian, true_from_mean_anomaly
    from mdss.astro.twobody import MU_EARTH_M3_S2

    angle = {key: math.radians(float(x)) for key, x in block.values.items() if _is_angle(key, x)}
    mu_m3_s2 = block.values.get("GM", MU_EARTH_M3_S2 / KM**3 if center == "EARTH" else None)
    if not isinstance(mu_m3_s2, float) or not all(map(math.isfinite, angle.values())):
        return None
    eccentricity = block.number("ECCENTRICITY")
    if "TRUE_ANOMALY" in angle:
        anomaly = angle["TRUE_ANOMALY"]
    elif "MEAN_ANOMALY" in angle:
        anomaly = true_from_mean_anomaly(angle["MEAN_ANOMALY"], eccentricity)
    else:
        return None
    state = state_from_keplerian(
        KM * block.number("SEMI_MAJOR_AXIS"),
        eccentricity,
        angle["INCLINATION"],
        angle["RA_OF_ASC_NODE"],
        angle["ARG_OF_PERICENTER"],
        anomaly,
        KM**3 * mu_m3_s2,
    )
    return state / KM


def _is_angle(keyword: str, value: object) -> bool:
    names = ("INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "TRUE_ANOMALY", "MEAN_ANOMALY")
    return keyword in names and isinstance(value, float)


def _check_maneuver(maneuver: Block, draft: OdmDraft) -> None:
    findings, values, entries = draft.findings, maneuver.values, maneuver.entries
    refuse_range(
        entries["MAN_DURATION"], values["MAN_DURATION"], 0, math.inf, "0 s or more", findings
    )
    if "MAN_DELTA_MASS" in values:
        refuse_range(
            entries["MAN_DELTA_MASS"],
            values["MAN_DELTA_MASS"],
            -math.inf,
            0,
            "0 or negative: a burn spends mass",
            findings,
        )
        _check_delta_mass(entries["MAN_DELTA_MASS"], maneuver.values["MAN_DELTA_MASS"], draft)
    _check_maneuver_frame(entries["MAN_REF_FRAME"], draft.text("REF_FRAME"), findings)


def _check_delta_mass(entry: Entry, delta_mass: object, draft: OdmDraft) -> None:
    mass = draft.value("MASS")
    if isinstance(mass, float) and isinstance(delta_mass, float) and -delta_mass >= mass:
        draft.findings.refuse(
            entry, f"spends the whole mass, {mass:g} kg", "Check that both are in kg."
        )


def _check_maneuver_frame(entry: Entry, ref_frame: str, findings: Findings) -> None:
    inertial = ("EME2000", "J2000", "GCRF", "ICRF", "TEME", "TOD", "MOD")
    if entry.text.upper() not in (*LOCAL_FRAMES, *inertial, ref_frame):
        findings.at(
            entry,
            NoticeCode.UNEXPECTED_VALUE,
            f"{entry.text!r} is neither {', '.join(LOCAL_FRAMES)} nor an inertial frame; kept",
        )


def _check_sequence(draft: OdmDraft) -> None:
    entries = [
        draft.entry("EPOCH"),
        *(one.entries["MAN_EPOCH_IGNITION"] for one in draft.maneuvers),
    ]
    from mdss.astro.time_scales import utc_from

    instants = [utc_from(entry.text, draft.text("TIME_SYSTEM")) for entry in entries]
    for i, entry in enumerate(entries[1:], start=1):
        if instants[i] < instants[0]:
            what = "begins before the epoch of the state, which may contain it already"
        elif i > 1 and instants[i] < instants[i - 1]:
            what = "begins before the maneuver above it"
        else:
            continue
        draft.findings.at(entry, NoticeCode.UNEXPECTED_VALUE, what)
    _check_overlap(draft, instants[1:])


def _check_overlap(draft: OdmDraft, ignitions: Sequence[datetime]) -> None:
    """A burn that is there twice, or one that begins while another one lasts."""
    burns = sorted(zip(ignitions, draft.maneuvers, strict=True), key=lambda burn: burn[0])
    for (ignition, one), (following, other) in pairwise(burns):
        apart_s = (following - ignition).total_seconds()
        if apart_s == 0 or apart_s < one.number("MAN_DURATION"):
            draft.findings.at(
                other.entries["MAN_EPOCH_IGNITION"],
                NoticeCode.UNEXPECTED_VALUE,
                f"begins before the maneuver of {one.entries['MAN_EPOCH_IGNITION'].text} ends: "
                "both are flown, and added where they overlap. Check that no burn is there twice",
            )

"""Does an ephemeris make sense? What would change the physics is refused, the rest is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body, body
from mdss.astro.time_scales import LONGEST_S
from mdss.errors import FrameError, MessageError
from mdss.messages.oem_draft import LOWER_TRIANGLE, CovarianceRows, FloatArray, LineOf, symmetric
from mdss.messages.oem_model import OemSegment
from mdss.messages.values import Entry, Findings, notice_barycenter
from mdss.notices import NoticeCode
from mdss.units import KM, iso

INTERPOLATIONS = ("HERMITE", "LAGRANGE", "LINEAR")
INERTIAL_FRAMES = frozenset({"EME2000", "J2000", "GCRF", "ICRF", "TEME", "TOD", "MOD"})

# the Earth is 21 km flatter at its poles, and re-entries are followed to low altitudes
LOWEST_OF_RADIUS = 0.94
FARTHEST_OF_INFLUENCE = 2.0
LARGEST_NUMBER = 1e12  # km: 7000 times as far as the Sun
LARGEST_SPEED_KM_S = 100.0  # on axes that turn with the Earth, a million kilometres away, 73
ANY_SPEED_KM_S = 1e3  # about a body that is not known here; at the Sun's surface 618
SLOWEST_OF_CIRCULAR = 0.01

# Between states so close that |v| dt < 0.3 r the mean velocity times dt misses the step in
# position by (0.3)²/12 = 0.75 % of |v| dt at most on a circular orbit; 0.1 km is the coarsest
# rounding of positions in use.
CLOSE_STEP = 0.3
ODD_STEP, DAMAGED_STEP = 0.03, 0.5
ROUNDING_KM = 0.1

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def check_segment(
    segment: OemSegment, entries: Mapping[str, Entry], line_of: LineOf, findings: Findings
) -> None:
    """Refuse states that are no orbit; notice what the metadata say about them that is odd.

    Parameters
    ----------
    segment : OemSegment
        Complete.
    entries : mapping
        Its metadata by keyword, with their lines.
    line_of : callable
        The line of a state by its index.
    findings : Findings
        Receives notices.

    Raises
    ------
    MessageError
        If a state is inside the central body, too far, too fast or too slow for an orbit
        about it, if positions jump, or if the spans of time are empty or 40 years long.
    """
    _refuse_first(
        segment.t_s - segment.t_s[0] >= LONGEST_S,
        lambda i: "the state is more than 40 years after the first one of its segment",
        "Its date is damaged; ask for the file again.",
        line_of,
        findings,
    )
    _check_states(segment, line_of, findings)
    _check_steps(segment, line_of, findings)
    _check_spans(segment, entries, findings)
    notice_barycenter(entries["CENTER_NAME"], findings)
    _check_interpolation(segment, entries, findings)


# --- states -----------------------------------------------------------------------------


def _check_states(segment: OemSegment, line_of: LineOf, findings: Findings) -> None:
    _refuse_first(
        np.abs(segment.states).max(axis=1) > LARGEST_NUMBER,
        lambda i: f"the state has a number above {LARGEST_NUMBER:g}",
        "Check that positions are in km and velocities in km/s.",
        line_of,
        findings,
    )
    radius_km = _lengths(segment.states[:, :3])
    speed_km_s = _lengths(segment.states[:, 3:])
    central = known_body(segment.center_name)
    if central is not None:
        low_km, high_km = radius_limits_km(central)
        _refuse_first(
            (radius_km < low_km) | (radius_km > high_km),
            lambda i: (
                f"the object would be {radius_km[i]:.6g} km from the centre of {central.label}; "
                f"it must be between {low_km:.5g} and {high_km:.5g} km"
            ),
            "Check that positions are in km, and CENTER_NAME.",
            line_of,
            findings,
        )
    slowest_km_s = _slowest_km_s(segment, central, radius_km)
    fastest_km_s = largest_speed_km_s(central)
    _refuse_first(
        (speed_km_s < slowest_km_s) | (speed_km_s > fastest_km_s),
        lambda i: (
            f"the object would move at {speed_km_s[i]:.6g} km/s; it must be above "
            f"{slowest_km_s[i]:.2g} and at most {fastest_km_s:g} km/s"
        ),
        "Check that velocities are in km/s.",
        line_of,
        findings,
    )


def _slowest_km_s(segment: OemSegment, central: Body | None, radius_km: FloatArray) -> FloatArray:
    if central is None or segment.ref_frame not in INERTIAL_FRAMES:
        return np.zeros(len(radius_km))
    return SLOWEST_OF_CIRCULAR * np.sqrt(central.gm_m3_s2 / 1e9 / radius_km)


def known_body(name: str) -> Body | None:
    """The body of a CENTER_NAME; None when nothing can be computed about it."""
    try:
        return body(name)
    except FrameError:
        return None


def largest_speed_km_s(central: Body | None) -> float:
    """Up to which speed states of OEM and OPM are believed, in any frame [km/s]."""
    return ANY_SPEED_KM_S if central is None else LARGEST_SPEED_KM_S


def radius_limits_km(central: Body) -> tuple[float, float]:
    """Between which distances from its centre states about a body are believed [km]."""
    low_m = LOWEST_OF_RADIUS * central.radius_m
    return low_m / KM, FARTHEST_OF_INFLUENCE * central.influence_radius_m / KM


def _check_steps(segment: OemSegment, line_of: LineOf, findings: Findings) -> None:
    """Each step of the position must be what the velocities make of it."""
    position_km, velocity_km_s = segment.states[:, :3], segment.states[:, 3:]
    dt_s = np.diff(segment.t_s)
    mean_km_s = (velocity_km_s[1:] + velocity_km_s[:-1]) / 2
    way_km = _lengths(mean_km_s) * dt_s
    missed_km = _lengths(np.diff(position_km, axis=0) - mean_km_s * dt_s[:, None])
    nearest_km = np.minimum(_lengths(position_km[1:]), _lengths(position_km[:-1]))
    fastest_km_s = np.maximum(_lengths(velocity_km_s[1:]), _lengths(velocity_km_s[:-1]))
    close = fastest_km_s * dt_s < CLOSE_STEP * nearest_km
    odd = close & (missed_km > ODD_STEP * way_km + ROUNDING_KM)
    damaged = close & (missed_km > DAMAGED_STEP * way_km + ROUNDING_KM)
    # where most steps are odd, no single state is damaged
    if (close & ~odd).sum() >= damaged.sum():
        _refuse_first(
            damaged,
            lambda i: (
                f"the position jumps: {missed_km[i]:.6g} km from where the velocities lead in "
                f"{dt_s[i]:g} s"
            ),
            "A state is damaged, or two arcs stand in one segment; ask for the file again.",
            lambda i: line_of(i + 1),
            findings,
        )
    if odd.any():
        first = int(np.argmax(odd))
        findings.notice(
            NoticeCode.UNEXPECTED_VALUE,
            f"at {odd.sum()} of {dt_s.size} steps the velocities do not lead from one position "
            f"to the next (here {missed_km[first]:.4g} km off in {dt_s[first]:g} s): a maneuver, "
            "velocities of another frame, or numbers that are no orbit",
            line_of(first + 1),
        )


def _lengths(vectors: FloatArray) -> FloatArray:
    lengths: FloatArray = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return lengths


def _refuse_first(
    bad: BoolArray,
    problem: Callable[[int], str],
    remedy: str,
    line_of: LineOf,
    findings: Findings,
) -> None:
    if bad.any():
        first = int(np.argmax(bad))
        _refuse(problem(first), remedy, line_of(first), findings)


def _refuse(
    problem: str, remedy: str, line: int, findings: Findings, keyword: str | None = None
) -> NoReturn:
    raise MessageError(problem, file=findings.file, line=line, field=keyword, remedy=remedy)


# --- spans of time ----------------------------------------------------------------------


def _check_spans(segment: OemSegment, entries: Mapping[str, Entry], findings: Findings) -> None:
    for start, stop in (("START_TIME", "STOP_TIME"), ("USEABLE_START_TIME", "USEABLE_STOP_TIME")):
        _refuse_reversed(segment, start, stop, entries, findings)
    _check_total_span(segment, entries, findings)
    if segment.useable_start_utc > segment.useable_stop_utc:
        keyword = next(k for k in entries if k.startswith("USEABLE"))
        findings.refuse(
            entries[keyword],
            "no state is inside the useable span, "
            f"the states run from {iso(segment.first_state_utc)} to {iso(segment.last_state_utc)}",
            "The file may be cut short; ask for it again.",
        )


def _refuse_reversed(
    segment: OemSegment, start: str, stop: str, entries: Mapping[str, Entry], findings: Findings
) -> None:
    first, last = segment.instant(start), segment.instant(stop)
    if first is not None and last is not None and first > last:
        findings.refuse(
            entries[stop],
            f"is before {start}, which is {entries[start].text}",
            "Ask for the file again.",
        )


def _check_total_span(
    segment: OemSegment, entries: Mapping[str, Entry], findings: Findings
) -> None:
    first, last = segment.first_state_utc, segment.last_state_utc
    start, stop = segment.instant("START_TIME"), segment.instant("STOP_TIME")
    if start is not None and first < start:
        _outside(entries["START_TIME"], f"the states begin before it, at {iso(first)}", findings)
    if stop is not None and last > stop:
        _outside(entries["STOP_TIME"], f"the states go on after it, to {iso(last)}", findings)
    if start is not None and first > start:
        _outside(entries["START_TIME"], f"the states begin later, at {iso(first)}", findings)
    if stop is not None and last < stop:
        _outside(
            entries["STOP_TIME"],
            f"the states end earlier, at {iso(last)}: the file may be cut short",
            findings,
        )


def _outside(entry: Entry, message: str, findings: Findings) -> None:
    findings.at(entry, NoticeCode.UNEXPECTED_VALUE, f"{message}; the states count")


def _check_interpolation(
    segment: OemSegment, entries: Mapping[str, Entry], findings: Findings
) -> None:
    method, degree = entries.get("INTERPOLATION"), entries.get("INTERPOLATION_DEGREE")
    if method is not None and method.text.upper() not in INTERPOLATIONS:
        findings.at(
            method, NoticeCode.UNEXPECTED_VALUE, f"is none of {', '.join(INTERPOLATIONS)}; kept"
        )
    if method is not None and degree is None and segment.interpolation != "LINEAR":
        findings.at(method, NoticeCode.MISSING_KEYWORD, "INTERPOLATION_DEGREE is missing")
    if degree is not None and segment.interpolation_degree is None:
        findings.at(degree, NoticeCode.UNEXPECTED_VALUE, "is no whole number above 0; not used")


# --- covariances ------------------------------------------------------------------------


def check_covariances(rows: CovarianceRows, findings: Findings) -> None:
    """Refuse negative variances; notice what is not positive definite, or of a doubtful frame.

    Raises
    ------
    MessageError
        With the line of the matrix's EPOCH.
    """
    _notice_frames(rows, findings)
    rows_of, columns_of = LOWER_TRIANGLE
    variances = rows.numbers[:, rows_of == columns_of]
    negative = (variances < 0).any(axis=1)
    if negative.any():
        first = int(np.argmax(negative))
        _refuse(
            f"the covariance has a negative variance, {variances[first].min():g}",
            "Ask the originator for the ephemeris again.",
            rows.line_of(first),
            findings,
            "COVARIANCE",
        )
    bad = _not_positive_definite(symmetric(rows.numbers), variances)
    if bad.any():
        findings.notice(
            NoticeCode.COVARIANCE_NOT_POSITIVE,
            f"{int(bad.sum())} of {bad.size} covariances are not positive definite; kept as they "
            "are",
            rows.line_of(int(np.argmax(bad))),
            "COVARIANCE",
        )


def check_covariance_span(
    instants_ns: IntArray, span_ns: tuple[int, int], rows: CovarianceRows, findings: Findings
) -> None:
    """Notice covariances before the first or after the last state."""
    outside = (instants_ns < span_ns[0]) | (instants_ns > span_ns[1])
    if outside.any():
        findings.notice(
            NoticeCode.UNEXPECTED_VALUE,
            f"{int(outside.sum())} of {outside.size} covariances are outside the span of the "
            "states",
            rows.line_of(int(np.argmax(outside))),
            "EPOCH",
        )


def _notice_frames(rows: CovarianceRows, findings: Findings) -> None:
    """A frame that is stated once may have been meant for those that follow."""
    stated = [bool(frame) for frame in rows.frames]
    if any(stated) and not all(stated):
        first = stated.index(False)
        findings.notice(
            NoticeCode.MISSING_KEYWORD,
            "other covariances of the segment name a frame, this one does not: it is taken to be "
            "in the segment's REF_FRAME, as the standard says",
            rows.line_of(first),
            "COV_REF_FRAME",
        )


def _not_positive_definite(matrices: FloatArray, variances: FloatArray) -> BoolArray:
    """Which matrices are not, judged by their correlations, so that units play no part."""
    sigma = np.sqrt(variances)
    scale = np.where(sigma > 0, sigma, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        correlations = matrices / scale[:, :, None] / scale[:, None, :]
        possible = (np.abs(correlations) <= 1 + 1e-9).all(axis=(1, 2))
    bad: BoolArray = ~possible | (sigma == 0).any(axis=1)
    fine = np.flatnonzero(~bad)
    try:
        np.linalg.cholesky(correlations[fine])
    except np.linalg.LinAlgError:
        bad[fine] = np.linalg.eigvalsh(correlations[fine])[:, 0] <= 0
    return bad


# --- several segments -------------------------------------------------------------------


def check_segments(
    segments: Sequence[OemSegment], lines: Sequence[int], findings: Findings
) -> None:
    """Notice segments of several objects, out of order, or useable at the same time."""
    if len({segment.object_id for segment in segments}) > 1:
        findings.notice(
            NoticeCode.UNEXPECTED_VALUE, "the segments are of several objects", lines[1]
        )
    for i, (one, following) in enumerate(pairwise(segments)):
        if one.object_id != following.object_id:
            continue
        if following.useable_stop_utc <= one.useable_start_utc:
            findings.notice(
                NoticeCode.UNEXPECTED_VALUE,
                f"this segment ends at {iso(following.useable_stop_utc)}, before the one above it "
                "begins: the segments are taken in the order of time",
                lines[i + 1],
            )
        elif following.useable_start_utc < one.useable_stop_utc:
            findings.notice(
                NoticeCode.UNEXPECTED_VALUE,
                f"this segment is useable from {iso(following.useable_start_utc)}, the one "
                f"before it until {iso(one.useable_stop_utc)}: they overlap",
                lines[i + 1],
                "USEABLE_START_TIME",
            )

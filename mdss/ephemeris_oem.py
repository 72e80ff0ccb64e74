"""From an orbit ephemeris message to an orbit: inertial axes, SI, interpolated per segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body, body
from mdss.astro.frames import eop_notices, frame_of
from mdss.astro.interpolation import HERMITE_SAMPLES, CovarianceInterpolant, Interpolant
from mdss.astro.piecewise import Piece, Piecewise
from mdss.astro.time_scales import LONGEST_S, elapsed_s, instant_after
from mdss.ephemeris_frames import covariances_rtn, inertial_states, named
from mdss.errors import CovarianceError, MessageError
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.units import HOUR_S, KM, iso

if TYPE_CHECKING:
    from datetime import datetime

    from mdss.ephemeris import Ephemeris
    from mdss.messages.oem import Oem, OemSegment

FloatArray = NDArray[np.float64]

_COARSE_M = 10.0
"""Interpolation errors from here on are told: they reach the size of good covariances."""

LARGEST_VARIANCE_KM2 = 1e18
"""The square of a billion kilometres: nothing that is tracked is known so badly."""


def from_oem(oem: Oem, designator: str = "") -> Ephemeris:
    """The orbit that an OEM gives for one object.

    Parameters
    ----------
    oem : Oem
    designator : str
        OBJECT_ID (or OBJECT_NAME) of the object wanted, where the message has several.

    Returns
    -------
    Ephemeris
        GCRF, or ICRF axes at another body. Interpolated within a segment, never across two,
        inside the useable span of each.

    Raises
    ------
    MessageError
        If the message has no such object or several.
    FrameError
        If frame, centre or epoch cannot be converted.
    PropagationError
        If a segment cannot be interpolated.
    CovarianceError
        If a covariance is of impossible size.

    Notes
    -----
    The degree that the message recommends is kept, with Hermite's or Lagrange's polynomial; it
    is applied to the deviation from two-body motion. Without a recommendation, or with another
    method, Hermite's of degree 7.
    """
    from mdss.ephemeris import Ephemeris

    segments = _of_one_object(oem, designator)
    reference_utc = segments[0].reference_utc
    with named(oem.source, "CENTER_NAME"):
        centre = body(_only_centre(segments, oem.source))
    pieces = tuple(_piece(one, reference_utc, centre, oem.source) for one in segments)
    curve = Piecewise(pieces=pieces, label=segments[0].object_name or oem.source)
    with named(oem.source, "COV_REF_FRAME"):
        covariance = _covariance(segments, curve, reference_utc, centre)
    gaps = _gaps(segments)
    return Ephemeris(
        designator=segments[0].object_id,
        name=segments[0].object_name,
        reference_utc=reference_utc,
        start_utc=segments[0].useable_start_utc,
        end_utc=max(one.useable_stop_utc for one in segments),
        gaps_utc=gaps,
        states_at=curve.states,
        cov_rtn_at=covariance,
        error_at=curve.error_m,
        central_body=centre.name,
        covariance_origin="" if covariance is None else f"covariances of {oem.source or 'the OEM'}",
        source=oem.source,
        notices=without_repeats(
            (
                *oem.notices,
                *_gap_notices(gaps, oem.source),
                *_method_notices(segments, oem.source),
                *_earth_notices(segments),
                *_coarse_notices(curve, reference_utc, oem.source),
                *_carried_notices(covariance, curve, oem.source),
            )
        ),
    )


# --- segments -----------------------------------------------------------------------------


def _of_one_object(oem: Oem, designator: str) -> list[OemSegment]:
    """The segments of the object wanted, in the order of time."""
    wanted = designator.strip().upper()
    segments = [
        one
        for one in oem.segments
        if not wanted or wanted in (one.object_id.upper(), one.object_name.upper())
    ]
    objects = sorted({f"{one.object_id} ({one.object_name})" for one in oem.segments})
    if not segments:
        raise MessageError(
            f"has no segment of the object wanted; it has {', '.join(objects)}",
            file=oem.source or None,
            field="OBJECT_ID",
            value=designator,
        )
    if len({one.object_id for one in segments}) > 1:
        raise MessageError(
            f"holds several objects: {', '.join(objects)}",
            file=oem.source or None,
            field="OBJECT_ID",
            remedy="Say which one, as FILE#OBJECT_ID.",
        )
    ordered = sorted(segments, key=lambda one: one.useable_start_utc)
    _refuse_far(ordered, oem.source)
    return ordered


def _refuse_far(ordered: Sequence[OemSegment], source: str) -> None:
    """The first and the last state of the object must be of one time."""
    first = min(one.first_state_utc for one in ordered)
    last = max(one.last_state_utc for one in ordered)
    if elapsed_s(first, last) >= LONGEST_S:
        raise MessageError(
            f"its segments lie more than 40 years apart, {iso(first)} to {iso(last)}",
            file=source or None,
            field="EPOCH",
            remedy="A date is wrong; give the segments of one time.",
        )


def _gaps(segments: Sequence[OemSegment]) -> tuple[tuple[datetime, datetime], ...]:
    """Between the end of all segments so far and the start of the next one."""
    ends = accumulate((one.useable_stop_utc for one in segments), max)
    starts = (one.useable_start_utc for one in segments[1:])
    return tuple((end, start) for end, start in zip(ends, starts, strict=False) if end < start)


def _only_centre(segments: Sequence[OemSegment], source: str) -> str:
    centres = {one.center_name for one in segments}
    if len(centres) > 1:
        raise MessageError(
            f"changes its centre between segments: {', '.join(sorted(centres))}",
            file=source or None,
            field="CENTER_NAME",
            remedy="Give one file for each centre.",
        )
    return centres.pop()


def _piece(segment: OemSegment, reference_utc: datetime, centre: Body, source: str) -> Piece:
    epoch_utc, t_s = segment.reference_utc, segment.t_s
    with named(source, "REF_FRAME"):
        states = inertial_states(
            segment.ref_frame,
            centre.name,
            epoch_utc,
            t_s,
            KM * segment.states,
            segment.ref_frame_epoch_utc,
        )
    hermite, samples = _method(segment)
    with named(source):
        through = Interpolant(
            t_s=t_s + elapsed_s(reference_utc, epoch_utc),
            states=states,
            mu_m3_s2=centre.gm_m3_s2,
            hermite=hermite,
            samples=samples,
        )
    return Piece(
        start_s=elapsed_s(reference_utc, segment.useable_start_utc),
        end_s=elapsed_s(reference_utc, segment.useable_stop_utc),
        through=through,
    )


def _method(segment: OemSegment) -> tuple[bool, int]:
    """Hermite or not, and how many samples."""
    degree = segment.interpolation_degree
    if segment.interpolation == "HERMITE" and degree:
        return True, (degree + 2) // 2
    if segment.interpolation == "LAGRANGE" and degree:
        return False, degree + 1
    return True, HERMITE_SAMPLES


# --- covariances --------------------------------------------------------------------------


def _covariance(
    segments: Sequence[OemSegment], curve: Piecewise, reference_utc: datetime, centre: Body
) -> CovarianceInterpolant | None:
    """All covariances of the object, in RTN; of those at one epoch, the last segment's."""
    found: dict[float, tuple[FloatArray, FloatArray]] = {}
    for segment, piece in zip(segments, curve.pieces, strict=True):
        # before the first useable instant there is no other segment to ask
        since_s = piece.through.t_s[0] if piece is curve.pieces[0] else piece.start_s
        reach = replace(piece, start_s=float(since_s))
        found |= _covariances_of(segment, reach, reference_utc, centre)
    if not found:
        return None
    times = sorted(found)
    return CovarianceInterpolant(
        t_s=np.array(times),
        covariances_rtn=np.stack([found[t][0] for t in times]),
        states=np.stack([found[t][1] for t in times]),
        mu_m3_s2=centre.gm_m3_s2,
    )


def _covariances_of(
    segment: OemSegment, piece: Piece, reference_utc: datetime, centre: Body
) -> dict[float, tuple[FloatArray, FloatArray]]:
    """RTN covariance and inertial state by time, of the covariances inside the piece's span."""
    offset_s = elapsed_s(reference_utc, segment.reference_utc)
    inside = [one for one in segment.covariances if piece.covers(one.t_s + offset_s)]
    found: dict[float, tuple[FloatArray, FloatArray]] = {}
    for frame in sorted({one.ref_frame or segment.ref_frame for one in inside}):
        mine = [one for one in inside if (one.ref_frame or segment.ref_frame) == frame]
        t_s = np.array([one.t_s for one in mine])
        states = piece.through(t_s + offset_s)
        matrices = KM**2 * _possible(np.stack([one.matrix for one in mine]))
        turned = covariances_rtn(
            frame,
            centre.name,
            segment.reference_utc,
            t_s,
            matrices,
            states,
            segment.ref_frame_epoch_utc,
        )
        found |= dict(zip((t_s + offset_s).tolist(), zip(turned, states, strict=True), strict=True))
    return found


def _possible(matrices_km2: FloatArray) -> FloatArray:
    largest_km2 = float(np.abs(matrices_km2).max())
    if largest_km2 > LARGEST_VARIANCE_KM2:
        raise CovarianceError(
            f"a covariance of the ephemeris has an element of {largest_km2:.3g} km², more than any "
            "orbit's. Ask for the ephemeris again"
        )
    return matrices_km2


# --- notices ------------------------------------------------------------------------------


def _gap_notices(gaps: Sequence[tuple[datetime, datetime]], source: str) -> list[Notice]:
    if not gaps:
        return []
    first, last = gaps[0]
    more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    message = (
        f"there is a gap between segments, from {iso(first)} to {iso(last)}{more}: nothing is "
        "interpolated across, and no approach is found in it"
    )
    return [Notice(code=NoticeCode.UNEXPECTED_VALUE, message=message, file=source or None)]


def _method_notices(segments: Sequence[OemSegment], source: str) -> list[Notice]:
    other = sorted(
        {
            one.interpolation
            for one in segments
            if one.interpolation
            and not (one.interpolation in ("HERMITE", "LAGRANGE") and one.interpolation_degree)
        }
    )
    return [
        Notice(
            code=NoticeCode.UNEXPECTED_VALUE,
            message=(
                f"interpolation by {method} (without a degree, or of another kind) is not used: "
                f"Hermite's polynomial of degree {2 * HERMITE_SAMPLES - 1} is"
            ),
            file=source or None,
            field="INTERPOLATION",
        )
        for method in other
    ]


def _earth_notices(segments: Sequence[OemSegment]) -> list[Notice]:
    """What Earth orientation data leave open where positions are Earth-fixed."""
    fixed = [one for one in segments if frame_of(one.ref_frame) in ("ITRF", "TDR")]
    return [
        notice
        for one in fixed
        for notice in eop_notices(one.useable_start_utc, one.useable_stop_utc)
    ]


def _coarse_notices(curve: Piecewise, reference_utc: datetime, source: str) -> list[Notice]:
    """Where the samples are too far apart for what the covariances of good orbits ask."""
    worst_m, when_s = curve.largest_error()
    if worst_m < _COARSE_M:
        return []
    message = (
        f"interpolation between the states may be off by {worst_m:.0f} m at "
        f"{iso(instant_after(reference_utc, when_s))}: the states are far apart there, do not "
        "belong to one orbit (a burn between them), or their velocities do not fit their frame. "
        "Ask for a denser ephemeris"
    )
    return [Notice(code=NoticeCode.INTERPOLATION_COARSE, message=message, file=source or None)]


def _carried_notices(
    covariance: CovarianceInterpolant | None, curve: Piecewise, source: str
) -> list[Notice]:
    if covariance is None:
        return []
    ends = curve.pieces[0].start_s, max(piece.end_s for piece in curve.pieces)
    longest_s = max(covariance.t_s[0] - ends[0], ends[1] - covariance.t_s[-1])
    return carried_notice(float(longest_s), source)


def carried_notice(longest_s: float, source: str) -> list[Notice]:
    """Said where a covariance is carried far beyond the last epoch that has one.

    Parameters
    ----------
    longest_s : float
        How far at most [s]; under an hour nothing is said.
    source : str
        File name.
    """
    if longest_s < HOUR_S:
        return []
    message = (
        f"the covariance is carried up to {longest_s / HOUR_S:.1f} h by two-body motion, from the "
        "nearest epoch that has one: errors of drag and of later burns are not in it"
    )
    return [Notice(code=NoticeCode.COVARIANCE_CARRIED, message=message, file=source or None)]

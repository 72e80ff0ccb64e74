"""The covariance of one object: whether it can be, and whether it can be believed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mdss.conjunction import ObjectState
from mdss.errors import CovarianceError
from mdss.quality_limits import CARA, OURS, OURS_DRAG
from mdss.risk.assess import refuse_useless_covariance
from mdss.risk.findings import Finding, Limit, Severity, passed
from mdss.risk.subject import Subject

_ASK = "Ask for more tracking, or wait for the next message."


def covariance_findings(seen: Subject) -> Iterator[Finding]:
    """Every check of a covariance; one finding where it stands for "unknown"."""
    problem = _useless(seen)
    if problem:
        text = f"{problem}. There is no Pc to decide on. Ask for a covariance."
        yield seen.found("covariance", None, Limit(source=CARA), text, Severity.STOP)
        return
    yield _positive_definite(seen)
    yield _in_track(seen)
    yield _sigma_size(seen)
    yield _sigma_shape(seen)
    if not seen.thing.has_velocity_covariance:
        text = (
            "no covariance of the velocity. Pc can be computed for straight motion only, and "
            "whether that holds rests on assumed velocity errors. Ask for the 6×6 covariance."
        )
        limit = Limit(source="message")
        yield seen.found("velocity-covariance", None, limit, text, Severity.NOTE)


def _useless(seen: Subject) -> str:
    if seen.data.covariance_method == "DEFAULT":
        return "its covariance is a default, not the result of an orbit determination"
    try:
        refuse_useless_covariance(seen.thing)
    except CovarianceError as refusal:
        return str(refusal).split(";")[0]
    return ""


def _positive_definite(seen: Subject) -> Finding:
    """By the correlations, so that a long thin ellipsoid is not taken for a broken one."""
    sigma_m, least = seen.sigma_rtn_m, -1.0
    if np.all(sigma_m > 0):
        correlations = seen.thing.position_cov_rtn_m2 / np.outer(sigma_m, sigma_m)
        least = float(np.linalg.eigvalsh(correlations)[0])
    limit = Limit(value=0.0, source=CARA)
    if least > 0:
        return passed("positive-definite", seen.role, least, limit)
    text = (
        "its position covariance is not positive definite: a variance or correlation that "
        "cannot be, often from rounding. It is repaired before Pc is computed; small Pc may be "
        "wrong. Ask for a corrected covariance."
    )
    return seen.found("positive-definite", least, limit, text)


def _in_track(seen: Subject) -> Finding:
    what, sigma_m = "in-track-sigma", float(seen.sigma_rtn_m[1])
    share = seen.limits.in_track_revolutions
    most_m = share * seen.circumference_m
    known = most_m if math.isfinite(most_m) else None
    limit = Limit(value=known, unit="m", at_most=True, source=CARA)
    if limit.holds(sigma_m):
        return passed(what, seen.role, sigma_m, limit)
    text = (
        f"its in-track sigma, {sigma_m / 1e3:,.0f} km, is more than {share:g} of a revolution: "
        "the object could be anywhere on its orbit. A covariance does not describe that; Pc means "
        f"nothing. {_ASK}"
    )
    return seen.found(what, sigma_m, limit, text, Severity.STOP)


def _sigma_size(seen: Subject) -> Finding:
    """Sigmas that the orbit determination makes hard to believe."""
    largest_m, in_track_m = float(np.max(seen.sigma_rtn_m)), float(seen.sigma_rtn_m[1])
    moved_m = drag_displacement_m(seen.thing, seen.predicted_s or 0.0)
    least_m, floor_m = seen.limits.in_track_share_of_drag * moved_m, seen.limits.smallest_sigma_m
    if least_m > floor_m:
        text = (
            f"its in-track sigma is {in_track_m:,.0f} m where drag moves it by "
            f"{moved_m / 1e3:,.1f} km since its last observation. The error of the air density "
            "seems to be missing; a small Pc is not to be trusted. Ask for a covariance with "
            "consider parameters."
        )
        drag = Limit(value=least_m, unit="m", source=OURS_DRAG)
        return seen.compared("sigma-size", in_track_m, drag, text)
    text = (
        f"its largest position sigma is {largest_m:.2g} m, which no prediction reaches. The "
        "covariance may be in wrong units or that of the fit alone; Pc is too low or too high. "
        "Ask how it was made."
    )
    floor = Limit(value=floor_m, unit="m", source=OURS)
    return seen.compared("sigma-size", largest_m, floor, text)


def drag_displacement_m(thing: ObjectState, lead_s: float) -> float:
    """How far drag moves an object along its track in a time, 0 where that is unknown [m].

    Parameters
    ----------
    thing : ObjectState
        For its energy dissipation rate w (SEDR) and speed v.
    lead_s : float
        The time t [s]; 0 or less gives 0.

    Notes
    -----
    3/2 w t² / v on a circular orbit: the energy lost in t changes the mean motion n by
    3 n w t / v², which adds up along the track.
    """
    rate = thing.observations.energy_dissipation_w_kg if thing.observations else None
    if rate is None or lead_s <= 0:
        return 0.0
    return 1.5 * abs(rate) * lead_s**2 / float(np.linalg.norm(thing.velocity_m_s))


def _sigma_shape(seen: Subject) -> Finding:
    radial_m, in_track_m = seen.sigma_rtn_m[:2].tolist()
    limit = Limit(value=in_track_m, unit="m", at_most=True, source=OURS)
    text = (
        f"its radial sigma, {radial_m:,.0f} m, is not smaller than the in-track one, "
        f"{in_track_m:,.0f} m. In-track errors grow fastest in any prediction: the axes may be "
        "mixed up, or the covariance is not a predicted one. Ask for its frame."
    )
    return seen.compared("sigma-shape", radial_m, limit, text)

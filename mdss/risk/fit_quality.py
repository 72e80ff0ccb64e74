"""The orbit determination of one object against limits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from mdss.conjunction import ObjectState
from mdss.observations import ObservationData
from mdss.quality_limits import CARA, LIFETIMES, OURS, longest_span_d
from mdss.risk.findings import Finding, Limit, Severity, not_stated, passed
from mdss.risk.subject import Subject
from mdss.units import DAY_S, seconds_between

FIT_TESTS = frozenset({"fit-span", "observations", "tracks", "residuals", "weighted-rms"})
"""Two of these failing together make a solution doubtful as a whole."""

_DEBRIS = re.compile(r"\bDEB|\bFRAG|COOLANT|NEEDLE|^UNKNOWN|^OBJECT\b|^TBA|^$", re.IGNORECASE)
_ROCKET_BODY = re.compile(r"R/B|\bAKM\b|\bPKM\b|ROCKET BODY|PLATFORM", re.IGNORECASE)
_ANALYST_OBJECTS = range(80_000, 90_000)
_KIND_WORDS = {"PAYLOAD": "a payload", "ROCKET BODY": "a rocket body", "DEBRIS": "debris"}
_ASK = "Ask for more tracking, or wait for the next message."


def object_type(thing: ObjectState) -> str:
    """PAYLOAD, ROCKET BODY or DEBRIS: as the message says it, else by name.

    By name as catalogues write it (DEB, R/B, AKM, PKM); analyst objects and those without a
    name count as debris, any other as payload.
    """
    stated = thing.observations.object_type if thing.observations else ""
    if stated in _KIND_WORDS:
        return stated
    number = thing.designator.strip()
    if number.isdecimal() and int(number) in _ANALYST_OBJECTS:
        return "DEBRIS"
    name = thing.name.strip()
    if _DEBRIS.search(name):
        return "DEBRIS"
    return "ROCKET BODY" if _ROCKET_BODY.search(name) else "PAYLOAD"


def orbit_determination_findings(seen: Subject) -> Iterator[Finding]:
    """Every check of what a solution rests on; one finding where nothing is stated."""
    if _tells_of_observations(seen.data):
        yield _fit_span(seen)
        yield _count(seen, "observations", seen.data.observations_used)
        yield _count(seen, "tracks", seen.data.tracks_used)
        yield _residuals(seen)
        yield _weighted_rms(seen)
        yield _observation_age(seen)
        return
    name = seen.data.ephemeris_name
    if name not in ("", "NONE"):
        text = (
            f"the state is that of ephemeris {name}. No observations are told; its covariance is "
            "its maker's word. Compare it with a tracked solution."
        )
        limit = Limit(source="message")
        yield seen.found("orbit-determination", name, limit, text, Severity.NOTE)
    else:
        text = (
            "nothing is stated about the orbit determination. Whether sigma is real cannot be "
            f"checked; Pc may be too high or too low. {_ASK}"
        )
        yield seen.found("orbit-determination", None, Limit(source=OURS), text)


def _tells_of_observations(data: ObservationData) -> bool:
    stated = (
        data.actual_span_d,
        data.observations_used,
        data.tracks_used,
        data.residuals_accepted_percent,
        data.weighted_rms,
        data.energy_dissipation_w_kg,
    )
    return any(one is not None for one in stated)


def _fit_span(seen: Subject) -> Finding:
    """Neither much shorter than recommended nor longer than suits the drag."""
    actual, recommended = seen.data.actual_span_d, seen.data.recommended_span_d
    longest = _longest_span_d(seen)
    if actual is not None and actual > max(longest, recommended or 0.0):
        text = (
            f"its fit spans {actual:g} d, and {longest:.3g} d is the longest that suits its drag. "
            "Old drag is averaged in; the prediction can be off by more than sigma says. "
            f"Look for a maneuver in that time. {_ASK}"
        )
        limit = Limit(value=longest, unit="d", at_most=True, source=LIFETIMES)
        return seen.found("fit-span", actual, limit, text)
    if recommended is None:
        known = longest if math.isfinite(longest) else None
        limit = Limit(value=known, unit="d", at_most=True, source=LIFETIMES)
        return seen.compared("fit-span", actual, limit, "")
    text = (
        f"its fit spans {actual} d of {recommended:g} d recommended, as after a maneuver or a "
        f"gap in tracking. Drag is poorly known; in-track sigma may be too small. {_ASK}"
    )
    shortest = Limit(value=seen.limits.span_share * recommended, unit="d", source=OURS)
    return seen.compared("fit-span", actual, shortest, text)


def _longest_span_d(seen: Subject) -> float:
    """Infinite where nothing tells."""
    rate = seen.drag_w_kg
    return math.inf if rate is None else longest_span_d(rate, seen.ellipse[1], seen.period_s)


def _count(seen: Subject, what: str, used: int | None) -> Finding:
    least = {"observations": seen.limits.observations_used, "tracks": seen.limits.tracks_used}
    text = f"it has {used} {what}. Sigma may be too small; Pc can be low. {_ASK}"
    return seen.compared(what, used, Limit(value=least[what], source=OURS), text)


def _residuals(seen: Subject) -> Finding:
    share = seen.data.residuals_accepted_percent
    text = (
        f"only {share} % of its residuals were accepted. The orbit may fit the wrong "
        f"observations, or a maneuver; state and sigma are doubtful. {_ASK}"
    )
    limit = Limit(value=seen.limits.residuals_accepted_percent, unit="%", source=CARA)
    return seen.compared("residuals", share, limit, text)


def _weighted_rms(seen: Subject) -> Finding:
    rms, kind = seen.data.weighted_rms, object_type(seen.thing)
    most = seen.limits.weighted_rms(kind)
    text = (
        f"the weighted RMS of its fit is {rms}, limit {most:g} for {_KIND_WORDS[kind]}. The "
        "residuals are larger than the fit expects: sigma is as many times too small, if nothing "
        f"worse. {_ASK}"
    )
    return seen.compared("weighted-rms", rms, Limit(value=most, at_most=True, source=CARA), text)


def _observation_age(seen: Subject) -> Finding:
    """From the last observation to TCA: how far the orbit was predicted."""
    what, rate, predicted_s = "observation-age", seen.drag_w_kg, seen.predicted_s
    longest_d = None if rate is None else seen.limits.age_d(rate)
    limit = Limit(value=longest_d, unit="d", at_most=True, source=CARA)
    if predicted_s is None or longest_d is None:
        return not_stated(what, seen.role, limit)
    age_d, told = predicted_s / DAY_S, seen.last_observed_utc is not None
    over = f"the orbit is predicted over {'' if told else 'at least '}{max(0.0, age_d):.1f} d"
    if not limit.holds(age_d):
        text = (
            f"{over}, limit {longest_d:g} d at its drag ({rate:.2g} W/kg). The forecast of air "
            f"density decides where it is; Pc will still move. {_ASK}"
        )
        severity = Severity.STOP if _age_counts(seen) else Severity.CAUTION
        return seen.found(what, age_d, limit, text, severity)
    if told:
        return passed(what, seen.role, age_d, limit)
    text = f"{seen.role.capitalize()}: when it was last observed is not stated; {over}."
    return not_stated(what, seen.role, limit, text)


def _age_counts(seen: Subject) -> bool:
    """Whether TCA is so near that a new solution may not come in time."""
    if seen.now is None:
        return True
    left_d = seconds_between(seen.now, seen.conjunction.tca_utc) / DAY_S
    return left_d < seen.limits.age_counts_within_d

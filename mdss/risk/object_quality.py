"""The orbit determination and the covariance of one object against limits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mdss.astro.twobody import orbital_period_s
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import CovarianceError, PropagationError
from mdss.observations import ObservationData
from mdss.quality_limits import CARA, LIFETIMES, OURS, OURS_DRAG, QualityLimits, longest_span_d
from mdss.risk.assess import refuse_useless_covariance
from mdss.risk.findings import Finding, Severity
from mdss.units import DAY_S, seconds_between

FIT_TESTS = frozenset({"fit-span", "observations", "tracks", "residuals", "weighted-rms"})
"""Two of these failing together make a solution doubtful as a whole."""

_DEBRIS = re.compile(r"\bDEB|\bFRAG|COOLANT|NEEDLE|^UNKNOWN|^OBJECT\b|^TBA|^$", re.IGNORECASE)
_ROCKET_BODY = re.compile(r"R/B|\bAKM\b|\bPKM\b|ROCKET BODY|PLATFORM", re.IGNORECASE)
_ANALYST_OBJECTS = range(80_000, 90_000)
_ASK = "Ask for more tracking, or wait for the next message."


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """One object as its message tells of it."""

    role: str
    thing: ObjectState
    data: ObservationData
    conjunction: Conjunction
    now: datetime | None
    limits: QualityLimits

    def good(
        self, what: str, value: float, limit: float | None, unit: str = "", source: str = CARA
    ) -> Finding:
        return Finding.good(what, self.role, value, limit, unit, source)

    def not_stated(
        self, what: str, limit: float | None, unit: str = "", source: str = CARA, text: str = ""
    ) -> Finding:
        return Finding.not_stated(what, self.role, unit, limit, source, text)

    def bad(
        self,
        what: str,
        value: float | str | None,
        limit: float | None,
        text: str,
        *,
        unit: str = "",
        source: str = CARA,
        severity: Severity = Severity.CAUTION,
    ) -> Finding:
        return Finding(
            what=what,
            object=self.role,
            severity=severity,
            value=value,
            limit=limit,
            unit=unit,
            text=f"{self.role.capitalize()}: {text}",
            source=source,
        )


def object_findings(
    role: str,
    thing: ObjectState,
    conjunction: Conjunction,
    now: datetime | None,
    limits: QualityLimits,
) -> Iterator[Finding]:
    """Every check of one object.

    Parameters
    ----------
    role : str
        "primary" or "secondary".
    thing : ObjectState
    conjunction : Conjunction
        To which the object belongs: TCA, creation, central body.
    now : datetime or None
        The instant of judging, UTC.
    limits : QualityLimits
    """
    seen = _Seen(
        role=role,
        thing=thing,
        data=thing.observations or ObservationData(),
        conjunction=conjunction,
        now=now,
        limits=limits,
    )
    yield from _orbit_determination(seen)
    yield from _covariance(seen)


# --- orbit determination ------------------------------------------------------------------


def _orbit_determination(seen: _Seen) -> Iterator[Finding]:
    data = seen.data
    stated = (
        data.actual_span_d,
        data.observations_used,
        data.tracks_used,
        data.residuals_accepted_percent,
        data.weighted_rms,
        data.energy_dissipation_w_kg,
    )
    if any(one is not None for one in stated):
        yield _fit_span(seen)
        yield _count(seen, "observations", data.observations_used, seen.limits.observations_used)
        yield _count(seen, "tracks", data.tracks_used, seen.limits.tracks_used)
        yield _residuals(seen)
        yield _weighted_rms(seen)
        yield _observation_age(seen)
    elif _has_ephemeris(data):
        yield seen.bad(
            "orbit-determination",
            data.ephemeris_name,
            None,
            f"the state is that of ephemeris {data.ephemeris_name}. No observations are told; "
            "its covariance is its maker's word. Compare it with a tracked solution.",
            severity=Severity.NOTE,
            source="message",
        )
    else:
        yield seen.bad(
            "orbit-determination",
            None,
            None,
            "nothing is stated about the orbit determination. Whether sigma is real cannot be "
            f"checked; Pc may be too high or too low. {_ASK}",
            source=OURS,
        )


def _has_ephemeris(data: ObservationData) -> bool:
    return data.ephemeris_name not in ("", "NONE")


def _fit_span(seen: _Seen) -> Finding:
    actual, recommended = seen.data.actual_span_d, seen.data.recommended_span_d
    if actual is None:
        return seen.not_stated("fit-span", recommended, "d")
    longest = max(_longest_span_d(seen), recommended or 0.0)
    if actual > longest:
        text = (
            f"its fit spans {actual:g} d, and {longest:.3g} d is the longest that suits its drag. "
            "Old drag is averaged in; the prediction can be off by more than sigma says. "
            f"Look for a maneuver in that time. {_ASK}"
        )
        return seen.bad("fit-span", actual, longest, text, unit="d", source=LIFETIMES)
    if recommended is None:
        return seen.good("fit-span", actual, longest, "d", LIFETIMES)
    shortest = seen.limits.span_share * recommended
    if actual >= shortest:
        return seen.good("fit-span", actual, shortest, "d", OURS)
    text = (
        f"its fit spans {actual:g} d of {recommended:g} d recommended, as after a maneuver or a "
        f"gap in tracking. Drag is poorly known; in-track sigma may be too small. {_ASK}"
    )
    return seen.bad("fit-span", actual, shortest, text, unit="d", source=OURS)


def _longest_span_d(seen: _Seen) -> float:
    """Infinite where nothing tells."""
    rate = seen.data.energy_dissipation_w_kg
    if rate is None or seen.conjunction.central_body != "earth":
        return math.inf
    semi_major_axis_m, eccentricity = _ellipse(seen)
    period_s = 2 * math.pi * math.sqrt(semi_major_axis_m**3 / _gm(seen))
    return longest_span_d(rate, eccentricity, period_s)


def _count(seen: _Seen, what: str, used: int | None, limit: float) -> Finding:
    if used is None:
        return seen.not_stated(what, limit, source=OURS)
    if used >= limit:
        return seen.good(what, used, limit, source=OURS)
    text = f"it has {used} {what}. Sigma may be too small; Pc can be low. {_ASK}"
    return seen.bad(what, used, limit, text, source=OURS)


def _residuals(seen: _Seen) -> Finding:
    share, limit = seen.data.residuals_accepted_percent, seen.limits.residuals_accepted_percent
    if share is None:
        return seen.not_stated("residuals", limit, "%")
    if share >= limit:
        return seen.good("residuals", share, limit, "%")
    text = (
        f"only {share:g} % of its residuals were accepted. The orbit may fit the wrong "
        f"observations, or a maneuver; state and sigma are doubtful. {_ASK}"
    )
    return seen.bad("residuals", share, limit, text, unit="%")


def _weighted_rms(seen: _Seen) -> Finding:
    rms, kind = seen.data.weighted_rms, object_type(seen.thing)
    limit = seen.limits.weighted_rms(kind)
    if rms is None:
        return seen.not_stated("weighted-rms", limit)
    if rms < limit:
        return seen.good("weighted-rms", rms, limit)
    text = (
        f"the weighted RMS of its fit is {rms:g}, limit {limit:g} for {_KIND_WORDS[kind]}. The "
        f"residuals are larger than the fit expects: sigma is about {rms:.1f} times too small, if "
        f"nothing worse. {_ASK}"
    )
    return seen.bad("weighted-rms", rms, limit, text)


_KIND_WORDS = {"PAYLOAD": "a payload", "ROCKET BODY": "a rocket body", "DEBRIS": "debris"}


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
    if _ROCKET_BODY.search(name) and not _DEBRIS.search(name):
        return "ROCKET BODY"
    return "DEBRIS" if _DEBRIS.search(name) else "PAYLOAD"


def _observation_age(seen: _Seen) -> Finding:
    """From the last observation to TCA, which is how far the orbit was predicted."""
    what, earth = "observation-age", seen.conjunction.central_body == "earth"
    rate, last = seen.data.energy_dissipation_w_kg, _last_observed(seen)
    limit = None if rate is None or not earth else seen.limits.age_d(rate)
    since = last or seen.conjunction.created_utc
    if since is None or limit is None:
        return seen.not_stated(what, limit, "d")
    age_d = seconds_between(since, seen.conjunction.tca_utc) / DAY_S
    if age_d < limit:
        return (
            seen.good(what, age_d, limit, "d")
            if last
            else seen.not_stated(what, limit, "d", text=_not_told(seen, age_d))
        )
    text = (
        f"its orbit is predicted over {'' if last else 'at least '}{age_d:.1f} d, limit "
        f"{limit:g} d at its drag ({rate:.2g} W/kg). The forecast of air density decides where it "
        f"is; Pc will still move. {_ASK}"
    )
    severity = Severity.STOP if _age_counts(seen) else Severity.CAUTION
    return seen.bad(what, age_d, limit, text, unit="d", severity=severity)


def _last_observed(seen: _Seen) -> datetime | None:
    """None where it is not told, or told to be after the message was made."""
    last = seen.data.last_observed_to_utc or seen.data.last_observed_from_utc
    created = seen.conjunction.created_utc
    impossible = last is not None and created is not None and last > created
    return None if impossible else last


def _not_told(seen: _Seen, least_d: float) -> str:
    return (
        f"{seen.role.capitalize()}: the time of its last observation is not stated; the orbit is "
        f"predicted over at least {max(0.0, least_d):.1f} d."
    )


def _age_counts(seen: _Seen) -> bool:
    """Whether TCA is so near that a new solution may not come in time."""
    if seen.now is None:
        return True
    left_d = seconds_between(seen.now, seen.conjunction.tca_utc) / DAY_S
    return left_d < seen.limits.age_counts_within_d


# --- covariance ---------------------------------------------------------------------------


def _covariance(seen: _Seen) -> Iterator[Finding]:
    problem = _useless(seen)
    if problem:
        yield seen.bad(
            "covariance",
            "default",
            None,
            f"{problem}. There is no Pc to decide on. Ask for a covariance.",
            severity=Severity.STOP,
        )
        return
    yield seen.good("covariance", 0.0, None)
    yield _positive_definite(seen)
    yield _in_track(seen)
    yield _sigma_size(seen)
    yield _sigma_shape(seen)
    if not seen.thing.has_velocity_covariance:
        yield seen.bad(
            "velocity-covariance",
            None,
            None,
            "no covariance of the velocity. Pc can be computed for straight motion only, and "
            "whether that holds rests on assumed velocity errors. Ask for the 6×6 covariance.",
            severity=Severity.NOTE,
            source="message",
        )


def _useless(seen: _Seen) -> str:
    if seen.data.covariance_method == "DEFAULT":
        return "its covariance is a default, not the result of an orbit determination"
    try:
        refuse_useless_covariance(seen.thing)
    except CovarianceError as refusal:
        return str(refusal).split(";")[0]
    return ""


def _positive_definite(seen: _Seen) -> Finding:
    """By the correlations, so that a long thin ellipsoid is not taken for a broken one."""
    variances = np.diag(seen.thing.position_cov_rtn_m2)
    if np.any(variances <= 0):
        least = -1.0
    else:
        sigma_m = np.sqrt(variances)
        correlations = seen.thing.position_cov_rtn_m2 / np.outer(sigma_m, sigma_m)
        least = float(np.linalg.eigvalsh(correlations)[0])
    if least > 0:
        return seen.good("positive-definite", least, 0.0)
    text = (
        "its position covariance is not positive definite: a variance or correlation that "
        "cannot be, often from rounding. It is repaired before Pc is computed; small Pc may be "
        "wrong. Ask for a corrected covariance."
    )
    return seen.bad("positive-definite", least, 0.0, text)


def _in_track(seen: _Seen) -> Finding:
    sigma_m = float(np.sqrt(max(0.0, seen.thing.position_cov_rtn_m2[1, 1])))
    limit_m = seen.limits.in_track_revolutions * _circumference_m(seen)
    if sigma_m < limit_m:
        return seen.good("in-track-sigma", sigma_m, limit_m, "m")
    text = (
        f"its in-track sigma, {sigma_m / 1e3:,.0f} km, is more than "
        f"{seen.limits.in_track_revolutions:g} of a revolution: the object could be anywhere on "
        f"its orbit. A covariance does not describe that; Pc means nothing. {_ASK}"
    )
    return seen.bad("in-track-sigma", sigma_m, limit_m, text, unit="m", severity=Severity.STOP)


def _sigma_size(seen: _Seen) -> Finding:
    """Sigmas that the orbit determination makes hard to believe."""
    sigmas_m = np.sqrt(np.maximum(0.0, np.diag(seen.thing.position_cov_rtn_m2)))
    largest_m, floor_m = float(np.max(sigmas_m)), seen.limits.smallest_sigma_m
    if largest_m < floor_m:
        text = (
            f"its largest position sigma is {largest_m:.2g} m, which no prediction reaches. The "
            "covariance may be in wrong units or that of the fit alone; Pc is too low or too "
            "high. Ask how it was made."
        )
        return seen.bad("sigma-size", largest_m, floor_m, text, unit="m", source=OURS)
    in_track_m = float(sigmas_m[1])
    drag_m = seen.limits.in_track_share_of_drag * drag_displacement_m(seen.thing, _lead_s(seen))
    if in_track_m >= drag_m:
        return seen.good("sigma-size", in_track_m, max(drag_m, floor_m), "m", OURS_DRAG)
    text = (
        f"its in-track sigma is {in_track_m:,.0f} m where drag moves it by "
        f"{drag_m / seen.limits.in_track_share_of_drag / 1e3:,.0f} km since its last observation. "
        "The error of the air density seems to be missing; a small Pc is not to be trusted. Ask "
        "for a covariance with consider parameters."
    )
    return seen.bad("sigma-size", in_track_m, drag_m, text, unit="m", source=OURS_DRAG)


def drag_displacement_m(thing: ObjectState, lead_s: float) -> float:
    """How far drag moves an object along its track in a time, 0 where that is unknown [m].

    Notes
    -----
    3/2 w t² / v with the energy dissipation rate w: the loss of energy raises the mean motion
    by 3 w t / v² of itself, which adds up along the track. Circular orbits.
    """
    rate = thing.observations.energy_dissipation_w_kg if thing.observations else None
    if rate is None or lead_s <= 0:
        return 0.0
    return 1.5 * abs(rate) * lead_s**2 / float(np.linalg.norm(thing.velocity_m_s))


def _lead_s(seen: _Seen) -> float:
    """Seconds from the last observation, or the message's creation, to TCA."""
    since = _last_observed(seen) or seen.conjunction.created_utc
    return 0.0 if since is None else seconds_between(since, seen.conjunction.tca_utc)


def _sigma_shape(seen: _Seen) -> Finding:
    radial_m, in_track_m = np.sqrt(
        np.maximum(0.0, np.diag(seen.thing.position_cov_rtn_m2)[:2])
    ).tolist()
    if radial_m <= in_track_m:
        return seen.good("sigma-shape", radial_m, in_track_m, "m", OURS)
    text = (
        f"its radial sigma, {radial_m:,.0f} m, is larger than the in-track one, "
        f"{in_track_m:,.0f} m. In-track errors grow fastest in any prediction: the axes may be "
        "mixed up, or the covariance is not a predicted one. Ask for its frame."
    )
    return seen.bad("sigma-shape", radial_m, in_track_m, text, unit="m", source=OURS)


# --- orbit --------------------------------------------------------------------------------


def _gm(seen: _Seen) -> float:
    return seen.conjunction.body.gm_m3_s2


def _ellipse(seen: _Seen) -> tuple[float, float]:
    """Semi-major axis [m] and eccentricity; an infinite circle where the orbit is not bound."""
    position_m, velocity_m_s, gm = seen.thing.position_m, seen.thing.velocity_m_s, _gm(seen)
    try:
        period_s = orbital_period_s(position_m, velocity_m_s, gm)
    except PropagationError:
        return math.inf, 0.0
    momentum2 = float(np.sum(np.cross(position_m, velocity_m_s) ** 2))
    semi_major_axis_m = float(np.cbrt(gm * (period_s / (2 * math.pi)) ** 2))
    squared = 1 - momentum2 / (gm * semi_major_axis_m)
    return semi_major_axis_m, math.sqrt(min(max(squared, 0.0), 1.0))


def _circumference_m(seen: _Seen) -> float:
    """Length of the orbit by Ramanujan's first approximation [m]."""
    a, eccentricity = _ellipse(seen)
    if not math.isfinite(a):
        return math.inf
    b = a * math.sqrt(1 - eccentricity**2)
    return math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))

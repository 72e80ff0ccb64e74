"""Whether the data behind a conjunction can carry a decision, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mdss.conjunction import Conjunction
from mdss.notices import NoticeCode
from mdss.policy import Policy
from mdss.quality_limits import OURS, QualityLimits
from mdss.risk.covariance_quality import covariance_findings
from mdss.risk.findings import Finding, Limit, Severity, not_stated, passed
from mdss.risk.fit_quality import FIT_TESTS, orbit_determination_findings
from mdss.risk.subject import Subject
from mdss.risk.verdict import judged_at
from mdss.units import DAY_S, seconds_between

ACTIONABLE, WITH_CARE, NOT_ACTIONABLE = "actionable", "use with care", "not actionable"
_SPACE_WEATHER_SCALE = "NOAA space weather scales: a geomagnetic storm from Kp 5 on, 2011"
_KP = re.compile(r"\bkp\b(?:\s*index)?\D{0,3}(?P<value>\d+(?:\.\d+)?)", re.IGNORECASE)
_STORM = re.compile(r"\bstorm|\bG[1-5]\b|\bdisturbed", re.IGNORECASE)
_CALM = re.compile(r"\bno\b|\bnone\b|\bquiet\b", re.IGNORECASE)
_STORM_KP = 5.0


@dataclass(frozen=True, kw_only=True)
class DataQuality:
    """A verdict on the data of one conjunction, with everything that was looked at.

    Parameters
    ----------
    findings : tuple of Finding
        Every check, those that were passed too: primary, secondary, message.
    now_utc : datetime or None
        The instant of judging; None when it is unknown.
    """

    findings: tuple[Finding, ...]
    now_utc: datetime | None

    @property
    def verdict(self) -> str:
        """ "actionable", "use with care" or "not actionable".

        Not actionable when a finding stops the decision, or two tests of one object's fit
        fail: then the solution is doubtful, not one number of it.
        """
        severities = {one.severity for one in self.findings}
        if Severity.STOP in severities or self._bad_fits():
            return NOT_ACTIONABLE
        return WITH_CARE if Severity.CAUTION in severities else ACTIONABLE

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """The findings that are not good, the gravest first."""
        doubtful = (one for one in self.findings if one.severity is not Severity.GOOD)
        return tuple(sorted(doubtful, key=lambda one: -one.severity.rank))

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The reasons that the verdict rests on; empty when it is "actionable"."""
        return tuple(one for one in self.reasons if one.severity.rank >= Severity.CAUTION.rank)

    @property
    def headline(self) -> str:
        """The verdict and the names of the tests behind it, in one line."""
        named = dict.fromkeys(f"{one.object} {one.name}".strip() for one in self.deciding)
        return f"{self.verdict} ({', '.join(named)})" if named else self.verdict

    def _bad_fits(self) -> bool:
        failed = [one.object for one in self.deciding if one.what in FIT_TESTS]
        return len(failed) > len(set(failed))


def data_quality(
    conjunction: Conjunction, now_utc: datetime | None = None, policy: Policy | None = None
) -> DataQuality:
    """What the orbit determinations, covariances and the message's age allow to conclude.

    Parameters
    ----------
    conjunction : Conjunction
    now_utc : datetime, optional
        Timezone-aware; see `mdss.risk.verdict.judged_at`.
    policy : Policy, optional
        For its limits; the published ones where it is not given.

    Returns
    -------
    DataQuality
        What a message does not state is a finding "not stated", never an error.

    Notes
    -----
    A sound orbit determination does not make Pc right: the tests find data that cannot be
    relied on, they do not prove that the rest can.

    References
    ----------
    .. [1] NASA CARA Analysis Tools, CDM_ODQualityAssessment, 2019. Its composite score and its
       tests of force models and ballistic coefficients are not repeated here.
    """
    limits = policy.quality if policy else QualityLimits()
    now, _ = judged_at(conjunction, now_utc)
    findings: list[Finding] = []
    for role, thing in (("primary", conjunction.primary), ("secondary", conjunction.secondary)):
        seen = Subject(role=role, thing=thing, conjunction=conjunction, now=now, limits=limits)
        findings += (*orbit_determination_findings(seen), *covariance_findings(seen))
    return DataQuality(findings=(*findings, *_about_message(conjunction, now, limits)), now_utc=now)


def _about_message(
    conjunction: Conjunction, now: datetime | None, limits: QualityLimits
) -> Iterator[Finding]:
    yield _message_age(conjunction, now, limits)
    yield from _assumed_covariance(conjunction)
    yield from _space_weather(conjunction.space_weather)


def _message_age(conjunction: Conjunction, now: datetime | None, limits: QualityLimits) -> Finding:
    what, created = "message-age", conjunction.created_utc
    limit = Limit(value=limits.message_age_d, unit="d", at_most=True, source=OURS)
    if created is None or now is None:
        return not_stated(what, "", limit)
    age_d = max(0.0, seconds_between(created, now) / DAY_S)
    if limit.holds(age_d) or now >= conjunction.tca_utc:
        return passed(what, "", age_d, limit)
    text = (
        f"The message is {age_d:.1f} d old. Newer observations have been taken since; Pc may have "
        "moved by orders of magnitude. Get the newest message."
    )
    return Finding(what=what, severity=Severity.CAUTION, value=age_d, limit=limit, text=text)


def _assumed_covariance(conjunction: Conjunction) -> Iterator[Finding]:
    if NoticeCode.COVARIANCE_ASSUMED in {one.code for one in conjunction.notices}:
        text = (
            "A covariance was assumed, not determined. Pc follows from the assumption. Get a "
            "message or an ephemeris with covariances."
        )
        limit = Limit(source=OURS)
        yield Finding(what="covariance", severity=Severity.STOP, limit=limit, text=text)


def _space_weather(comments: Iterable[str]) -> Iterator[Finding]:
    for comment in comments:
        severity, limit = Severity.NOTE, Limit(source="message")
        text = f"The message says of space weather: {comment.strip()}."
        if _storm(comment):
            severity = Severity.CAUTION
            limit = Limit(value=_STORM_KP, at_most=True, source=_SPACE_WEATHER_SCALE)
            text = (
                f"The message tells of a geomagnetic storm: {comment.strip()}. Air density may "
                "leave the forecast; in-track sigmas of low orbits may be too small. Wait for the "
                "next message where time allows."
            )
        yield Finding(
            what="space-weather", severity=severity, value=comment, limit=limit, text=text
        )


def _storm(comment: str) -> bool:
    numbers = [float(match["value"]) for match in _KP.finditer(comment)]
    if numbers:
        return max(numbers) >= _STORM_KP
    return _STORM.search(comment) is not None and _CALM.search(comment) is None

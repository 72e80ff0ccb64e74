"""Is the 2D probability of this conjunction to be trusted?

2D Pc assumes that the objects pass each other on straight lines, at once, at the relative
velocity of the means. Orbits bend over a long in-track error, so the passage that is most
likely may happen seconds away at another distance: 2D Pc was wrong by up to 20 orders of
magnitude in real messages, at relative speeds of 15 km/s. The check compares the straight
passage with the curved one.

References
----------
.. [1] D. T. Hall, L. G. Baars and S. J. Casali, AAS 23-398, 2023.
.. [2] D. T. Hall, Journal of Spacecraft and Rockets 58(3), 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, isfinite, log, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from mdss.astro.peak_overlap import PeakOverlap, clipped_eigh, eigenvalue_floor_m2
from mdss.astro.twobody import MU_EARTH_M3_S2
from mdss.conjunction import ObjectState
from mdss.errors import FrameError, PropagationError
from mdss.risk.pair import Pair

FloatArray = NDArray[np.float64]

EXTENDED_LIMIT = 0.02
"""Longest encounter, as a share of the shorter orbital period."""
OFFSET_LIMIT = 0.01
"""Farthest end of the encounter from TCA, as a share of the shorter orbital period."""
INACCURATE_LIMIT = 0.02
"""Largest relative change of the probability by curvature."""
ASSUMED_VELOCITY_INACCURATE_LIMIT = INACCURATE_LIMIT / 4
"""The same where velocity errors are assumed. Ours: over the reference messages that pass the
full check, assuming changed the indicator by up to 0.006, so this keeps a margin."""

_HALF_WIDTH_SIGMA = 8.304785  # sqrt(2) erfcinv(1e-16): beyond lies nothing in double precision
_MAX_REFINEMENTS = 20
_MAX_EXTRAPOLATION = 20.0  # of the straight passage's sigma, beyond the three first points


@dataclass(frozen=True, kw_only=True)
class Validity2D:
    """Whether 2D Pc holds, and by how much it misses.

    Attributes
    ----------
    valid : bool
        False when an indicator is above its limit or could not be computed.
    code : int
        Sum of 100 (inaccurate), 10 (offset), 1 (extended); 0 when none is violated. A
        covariance that is not positive definite has no digit.
    extended : float
        Length of the encounter as a share of the shorter orbital period, at most 1.
    offset : float
        Distance in time of its farthest end from TCA, as a share of that period, at most 1.
    inaccurate : float
        1 − exp(−|log_factor|): relative change of the probability by curvature; NaN when it
        could not be computed, which counts as violated.
    npd : bool
        A position covariance (either object's or their sum) is not positive definite.
    tested : bool
        True when the whole check ran on full covariances. False without a velocity
        covariance (see Notes of `check_2d`) or where the curved passage was not found.
    reason : str
        One sentence for the operator when not valid; "" when valid.
    log_factor : float
        Natural log of the curved over the straight estimate (2D-Nc / 2D-Pc, small radius).
    passage : Passage or None
        When, for how long and how fast the objects meet; the straight passage where the curved one
        was not found, None where there is neither.
    nc_upper : float
        Upper bound of the number of collisions in that passage; NaN without the curved one.
    """

    valid: bool
    code: int
    extended: float
    offset: float
    inaccurate: float
    npd: bool
    tested: bool
    reason: str
    log_factor: float
    passage: Passage | None = None
    nc_upper: float = nan

    @property
    def found(self) -> bool:
        """Whether the curved passage was found."""
        return isfinite(self.log_factor)

    @property
    def short(self) -> bool:
        """Whether the passage is short and at TCA, be it curved or not."""
        return self.found and self.extended <= EXTENDED_LIMIT and self.offset <= OFFSET_LIMIT


def check_2d(
    primary: ObjectState,
    secondary: ObjectState,
    hard_body_radius_m: float,
    mu_m3_s2: float = MU_EARTH_M3_S2,
) -> Validity2D:
    """Test the assumptions of 2D Pc for one conjunction.

    Parameters
    ----------
    primary, secondary : ObjectState
        Both at one epoch near TCA, about one body. The order does not matter.
    hard_body_radius_m : float
        Combined radius [m].
    mu_m3_s2 : float
        Gravitational parameter of the body [m³/s²].

    Returns
    -------
    Validity2D

    Notes
    -----
    An object without a velocity covariance, or with one that is not correlated with position,
    is given that of a steady orbit error (`steady_velocity_covariance`), and the limit on
    `inaccurate` is four times stricter. `tested` is then False, and "valid" rests on that
    assumption. The shared density error is not used, as in the published check.

    Nothing is raised for odd finite numbers (an escape orbit, equal velocities, a covariance
    that is not positive definite): the answer is "not valid", with the reason.

    References
    ----------
    .. [1] D. T. Hall, L. G. Baars and S. J. Casali, AAS 23-398, 2023.
    """
    try:
        pair = Pair.of(primary, secondary, hard_body_radius_m, mu_m3_s2)
    except FAILURES as problem:
        return untestable(problem)
    return check_pair(pair)


def check_pair(pair: Pair) -> Validity2D:
    """`check_2d` of a pair."""
    with np.errstate(all="ignore"):
        try:
            straight = _straight_passage(pair)
        except FAILURES as problem:
            return untestable(problem)
        try:
            curved, problem_text = _curved_passage(pair, straight), ""
        except FAILURES as problem:
            curved, problem_text = None, str(problem)
        return _verdict(pair, straight, curved, problem_text)


FAILURES = (FrameError, PropagationError, np.linalg.LinAlgError, ArithmeticError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """When the collision rate peaks, for how long (1 sigma), how fast, and Q there."""

    t_s: float
    sigma_s: float
    speed_m_s: float
    q: float


def _straight_passage(pair: Pair) -> Passage:
    """Peak of the collision rate when both objects move on straight lines."""
    miss, velocity = pair.relative_state[:3], pair.relative_state[3:]
    values, vectors = clipped_eigh(pair.position_cov_eci_m2, eigenvalue_floor_m2(pair.radius_m))
    scaled_miss, scaled_velocity = ((vectors.T @ u) / np.sqrt(values) for u in (miss, velocity))
    speed2 = float(scaled_velocity @ scaled_velocity)
    log_det = sum(log(value) for value in values.tolist())
    if not speed2 > 0:
        return Passage(t_s=0.0, sigma_s=inf, speed_m_s=0.0, q=nan)
    t_s = -float(scaled_miss @ scaled_velocity) / speed2
    nearest = scaled_miss + t_s * scaled_velocity
    return Passage(
        t_s=t_s,
        sigma_s=1 / sqrt(speed2),
        speed_m_s=float(np.linalg.norm(velocity)),
        q=float(nearest @ nearest) + log_det,
    )


def _curved_passage(pair: Pair, straight: Passage) -> Passage:
    """Peak of the collision rate on the real orbits.

    Raises
    ------
    PropagationError
        If there is none, or it is not found.
    """
    if not isfinite(straight.sigma_s):
        raise PropagationError("the relative velocity is zero")
    passage = _Search(pair.overlap, straight).passage()
    if not passage.speed_m_s > 0:
        raise PropagationError("the objects do not move relative to each other")
    return passage


@dataclass(frozen=True, kw_only=True)
class _Parabola:
    """Q(t) near its minimum: lowest value, its time, and sigma = 1/sqrt(curvature/2)."""

    t_s: float
    q: float
    sigma_s: float

    def at(self, t_s: float) -> float:
        return self.q + ((t_s - self.t_s) / self.sigma_s) ** 2

    @classmethod
    def through(cls, points: list[PeakOverlap]) -> _Parabola:
        """Through the three lowest points.

        Raises
        ------
        PropagationError
            If they have no minimum.
        """
        p0, p1, p2 = sorted(points, key=lambda point: point.q)[:3]
        h1, h2 = p1.t_s - p0.t_s, p2.t_s - p0.t_s
        if h1 == 0 or h2 == 0 or h1 == h2:
            raise PropagationError("the times of the search coincide")
        slope1, slope2 = (p1.q - p0.q) / h1, (p2.q - p0.q) / h2
        curvature = (slope2 - slope1) / (h2 - h1)
        if not curvature > 0:
            raise PropagationError("the collision rate has no peak near TCA")
        slope = slope1 - curvature * h1
        return cls(
            t_s=p0.t_s - slope / (2 * curvature),
            q=p0.q - slope**2 / (4 * curvature),
            sigma_s=1 / sqrt(curvature),
        )


class _Search:
    """Find the minimum of Q(t) by parabolas, few evaluations, starting from the straight one."""

    def __init__(self, overlap: Callable[[float], PeakOverlap], straight: Passage) -> None:
        self._overlap = overlap
        self._straight = straight
        t, sigma = straight.t_s, straight.sigma_s
        self._points = [overlap(t - sigma), overlap(t), overlap(t + sigma)]
        self._speed = self._points[1].relative_speed_m_s
        self._fit = _Parabola.through(self._points)

    def passage(self) -> Passage:
        """The peak; raises PropagationError when it is not found."""
        t_s = self._refined(self._clipped(self._fit.t_s))
        return Passage(
            t_s=t_s,
            sigma_s=self._fit.sigma_s,
            speed_m_s=self._speed,
            q=self._overlap(t_s).q,
        )

    def _ends(self) -> tuple[float, float]:
        times = [point.t_s for point in self._points]
        return min(times), max(times)

    def _clipped(self, t_s: float) -> float:
        start, end = self._ends()
        reach = _MAX_EXTRAPOLATION * self._straight.sigma_s
        return min(max(t_s, start - reach), end + reach)

    def _refined(self, t_s: float) -> float:
        straight, fit = self._straight, self._fit
        if t_s == fit.t_s and _near(
            t_s - straight.t_s, fit.q - straight.q, min(straight.sigma_s, fit.sigma_s)
        ):
            return t_s
        for _ in range(_MAX_REFINEMENTS):
            lowest = min(self._points, key=lambda point: point.q)
            t_s, q = self._next(t_s)
            if _near(t_s - lowest.t_s, q - lowest.q, self._fit.sigma_s):
                return t_s
        raise PropagationError(f"no peak of the collision rate in {_MAX_REFINEMENTS} refinements")

    def _next(self, t_s: float) -> tuple[float, float]:
        """Evaluate at `t_s`; the next estimate of the time and of Q there."""
        start, end = self._ends()
        back = (t_s + (start if t_s < start else end)) / 2
        outside = not start <= t_s <= end
        try:
            point = self._overlap(t_s)
        except PropagationError:
            if len(self._points) > 3 or not outside:
                raise
            return back, self._fit.at(back)
        ordered = sorted(self._points, key=lambda old: old.q)
        if point.q < ordered[2].q:
            self._points.append(point)
            self._speed = point.relative_speed_m_s
            self._fit = _Parabola.through(self._points)
            return self._fit.t_s, self._fit.q
        if outside:
            return back, self._fit.at(back)
        return ordered[0].t_s, ordered[0].q


def _near(dt_s: float, dq: float, sigma_s: float) -> bool:
    return abs(dt_s) < 2.5 * sigma_s and abs(dq) < 1


def _verdict(pair: Pair, straight: Passage, curved: Passage | None, problem: str) -> Validity2D:
    passage = curved or straight
    reach_s = _HALF_WIDTH_SIGMA * passage.sigma_s
    extended = min(1.0, 2 * reach_s / min(pair.periods_s))
    offset = min(1.0, (abs(passage.t_s) + reach_s) / min(pair.periods_s))
    log_factor = _log_factor(straight, curved) if curved else nan
    inaccurate = 1 - exp(-abs(log_factor))
    limit = INACCURATE_LIMIT if pair.velocity_known else ASSUMED_VELOCITY_INACCURATE_LIMIT
    complaints = {
        100: _curvature_complaint(pair, log_factor, problem) * _violated(inaccurate, limit),
        10: f"the encounter reaches {percent(offset)} of an orbit away from TCA "
        f"(limit {100 * OFFSET_LIMIT:g} %)" * _violated(offset, OFFSET_LIMIT),
        1: f"the encounter lasts {percent(extended)} of an orbit "
        f"(limit {100 * EXTENDED_LIMIT:g} %)" * _violated(extended, EXTENDED_LIMIT),
        0: "a position covariance is not positive definite" * pair.npd,
    }
    return Validity2D(
        valid=not any(complaints.values()),
        code=sum(digit for digit, complaint in complaints.items() if complaint),
        extended=extended,
        offset=offset,
        inaccurate=inaccurate,
        npd=pair.npd,
        tested=pair.velocity_known and curved is not None,
        reason=_reason([text for text in complaints.values() if text]),
        log_factor=log_factor,
        passage=passage,
        nc_upper=_upper_bound(pair, curved) if curved else nan,
    )


def _upper_bound(pair: Pair, curved: Passage) -> float:
    """No number of collisions in this passage is larger, whatever the size of the sphere does."""
    overlap, radius_m = pair.overlap(curved.t_s), pair.radius_m
    values, vectors = clipped_eigh(overlap.cov_eci[:3, :3], eigenvalue_floor_m2(radius_m))
    reach = vectors.T @ overlap.relative_state[:3] / values
    cross = 2 * radius_m * float(np.linalg.norm(reach))
    nearest2 = max(0.0, radius_m**2 / float(values[-1]) - cross + overlap.mahalanobis2)
    log_volume = log(radius_m**2 * curved.speed_m_s * curved.sigma_s / 2)
    return exp(min(0.0, log_volume - (nearest2 + float(np.sum(np.log(values)))) / 2))


def _violated(indicator: float, limit: float) -> bool:
    """Above the limit, or not a number."""
    return not indicator <= limit


def _log_factor(straight: Passage, curved: Passage) -> float:
    return (
        log(curved.sigma_s / straight.sigma_s)
        + log(curved.speed_m_s / straight.speed_m_s)
        + (straight.q - curved.q) / 2
    )


def _reason(complaints: list[str]) -> str:
    return "; ".join(complaints)


def _curvature_complaint(pair: Pair, log_factor: float, problem: str) -> str:
    if problem:
        return f"the effect of curvature could not be tested ({problem})"
    limit = percent(ASSUMED_VELOCITY_INACCURATE_LIMIT)
    assumed = (
        "" if pair.velocity_known else f", with velocity errors assumed and a limit of {limit}"
    )
    sigma_km = _two_digits(pair.in_track_sigma_m / 1e3)
    return (
        f"curvature over the {sigma_km} km in-track sigma changes it by about "
        f"{_change(log_factor)} (2D-Nc/2D-Pc{assumed})"
    )


def _two_digits(value: float) -> str:
    return f"{value:.2g}" if abs(value) < 99.5 else f"{value:.0f}"


def percent(share: float) -> str:
    """A share with two digits: "4.1 %", "137 %"."""
    return f"{_two_digits(100 * share)} %"


def _change(log_factor: float) -> str:
    """A factor in words: "-4.1 %", "a factor 5.4", "a factor 10^32"."""
    if abs(log_factor) < 0.1:
        return f"{100 * (exp(log_factor) - 1):+.2g} %"
    decades = log_factor / log(10)
    if abs(decades) < 3:
        return f"a factor {_two_digits(exp(log_factor))}"
    return f"a factor 10^{decades:.0f}"


def untestable(problem: Exception) -> Validity2D:
    """What the check says where it could not run."""
    return Validity2D(
        valid=False,
        code=111,
        extended=nan,
        offset=nan,
        inaccurate=nan,
        npd=False,
        tested=False,
        reason=_reason([f"its assumptions could not be tested ({problem})"]),
        log_factor=nan,
    )

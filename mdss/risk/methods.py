"""Which probability to believe: the cheapest method whose assumptions hold, and why.

2D Pc holds for short, straight passages; 2D-Nc for short, curved ones; 3D-Nc for longer or repeated
ones; Monte Carlo for the rest. Each method checks itself; the next one is asked when it fails.

References
----------
.. [1] D. T. Hall, L. G. Baars and S. J. Casali, AAS 23-398, 2023.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite, nan
from time import perf_counter

import numpy as np

from mdss.astro.importance import sample
from mdss.astro.monte_carlo import simulate
from mdss.astro.nc2d import Count2D, Effective, count_2d, effective_encounter
from mdss.astro.nc3d import Count3D, count_3d, encounter_segment, time_bounds
from mdss.errors import MdssError
from mdss.risk.pair import Pair
from mdss.risk.validity import FAILURES, Validity2D, percent

_HALF_WIDTH_SIGMA = 8.304785  # sqrt(2) erfcinv(1e-16)
_FAST_M_S = 1000.0
_SMALLEST = 1e-300
_NORMAL_95 = 1.959964
_SMALLEST_SHARE = 1e-4
_DEFENSIVE_SHARE = 0.02
_MOST_TIMES = 40
_ENOUGH_EFFECTIVE_TRIALS = 200.0
_OFTEN = 0.01
_FEWEST_HITS = 5  # below, the interval of plain trials spans a decade
_OFFSET = "it reaches {} of an orbit away from TCA"
_TWICE = "two evaluations differ by {}"
_EXTENDED = "it lasts {} of an orbit"


class PcMethod(StrEnum):
    """How a probability was computed."""

    PC_2D = "pc-2d"
    NC_2D = "nc-2d"
    NC_2D_UPPER = "nc-2d-upper-limit"
    NC_3D = "nc-3d"
    MONTE_CARLO = "monte-carlo"

    @property
    def label(self) -> str:
        """For people."""
        return _LABELS[self]


_LABELS = {
    PcMethod.PC_2D: "2D Pc",
    PcMethod.NC_2D: "2D-Nc",
    PcMethod.NC_2D_UPPER: "2D-Nc, upper limit",
    PcMethod.NC_3D: "3D-Nc",
    PcMethod.MONTE_CARLO: "Monte Carlo",
}


@dataclass(frozen=True, kw_only=True)
class MethodResult:
    """What one method says about one conjunction.

    Parameters
    ----------
    method : PcMethod
    pc : float
        NaN where it could not be computed.
    valid : bool
        Whether its own check is passed.
    reason : str
        One sentence, why not; "" when valid.
    code : int
        100 inaccurate, 10 offset, 1 extended; their sum.
    lower, upper : float
        Confidence interval, 95 %, of a Monte Carlo estimate; NaN for the others.
    trials, hits : int
        Of Monte Carlo.
    detail : str
        How the number was made, where the method's name does not tell.
    seconds : float
        What it took, where every method was asked for; else NaN, as for 2D Pc, which is given [s].
    """

    method: PcMethod
    pc: float
    valid: bool
    reason: str = ""
    code: int = 0
    lower: float = nan
    upper: float = nan
    trials: int = 0
    hits: int = 0
    detail: str = ""
    seconds: float = nan


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much Monte Carlo may cost.

    Parameters
    ----------
    most_trials : int
        Cap of trials; 0 forbids Monte Carlo.
    precision : float
        Stop at this relative half width of the interval.
    seed : int
    progress : callable, optional
        Called with trials done and the cap.
    negligible : float
        A short passage whose upper bound is below this needs no method.
    one_of_several : bool
        Other passages of the same pair are assessed on their own: a fast one whose bound is
        negligible is settled, even where the rate is higher at another.
    """

    most_trials: int = 200_000
    precision: float = 0.05
    seed: int = 1
    progress: Callable[[int, int], None] | None = None
    negligible: float = 1e-10
    one_of_several: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The recommended probability.

    Parameters
    ----------
    recommended : MethodResult
    tried : tuple of MethodResult
        All that were computed, cheapest first.
    reason : str
        Why this one.
    trusted : bool
        False where no method's assumptions hold; the recommended one is then the best there is.
    effective : Effective, optional
        The straight passage that stands for the curved one, in the message's axes; None where 2D Pc
        holds or nothing else was found.
    """

    recommended: MethodResult
    tried: tuple[MethodResult, ...]
    reason: str
    trusted: bool
    effective: Effective | None = None


def choose(
    pair: Pair,
    pc_2d: float,
    validity: Validity2D,
    effort: Effort | None = None,
    *,
    all_methods: bool = False,
) -> Choice:
    """The cheapest method that holds.

    Parameters
    ----------
    pair : Pair
    pc_2d : float
        2D Pc of the same conjunction.
    validity : Validity2D
        Its check.
    effort : Effort, optional
    all_methods : bool
        Compute every method, not only as far as needed.

    Returns
    -------
    Choice

    Notes
    -----
    Without a full 6×6 covariance of both objects only 2D Pc can be computed.
    """
    tried = []
    chosen = None
    methods = _Methods(pair, pc_2d, validity, effort or Effort())
    results = methods.in_turn()
    for result in _timed(results) if all_methods else results:
        tried.append(result)
        if result.valid and chosen is None:
            chosen = result
            if not all_methods:
                break
    return Choice(
        recommended=chosen or _best_of(tried),
        tried=tuple(tried),
        reason=_why(chosen, tried, pair.velocity_known),
        trusted=chosen is not None,
        effective=None if tried[0] is chosen else methods.effective(),
    )


def _timed(results: Iterator[MethodResult]) -> Iterator[MethodResult]:
    """Each result but the first, which was there already, with what it took."""
    yield next(results)
    started = perf_counter()
    for result in results:
        yield replace(result, seconds=perf_counter() - started)
        started = perf_counter()


def only_2d(pc_2d: float, validity: Validity2D) -> Choice:
    """2D Pc, the only method for two objects that do not both have an orbit."""
    result = _of_2d(pc_2d, validity)
    return Choice(
        recommended=result,
        tried=(result,),
        reason=_why(result if result.valid else None, [result]),
        trusted=result.valid,
    )


def _of_2d(pc_2d: float, check: Validity2D) -> MethodResult:
    return MethodResult(
        method=PcMethod.PC_2D, pc=pc_2d, valid=check.valid, reason=check.reason, code=check.code
    )


def _best_of(tried: list[MethodResult]) -> MethodResult:
    """The most general method that gave a number."""
    return next((one for one in reversed(tried) if isfinite(one.pc)), tried[0])


def _why(chosen: MethodResult | None, tried: list[MethodResult], fed: bool = True) -> str:
    before = tried[: tried.index(chosen)] if chosen else tried
    failed = "; ".join(f"{one.method.label}: {one.reason}" for one in before if one.reason)
    if chosen is None:
        missing = "" if fed else " The other methods need 6×6 covariances of both objects."
        return f"No method's assumptions hold. {failed}.{missing}"
    if not failed:
        return f"{chosen.method.label} holds: the passage is short and straight."
    return f"{chosen.method.label}, the first method that holds. {failed}."


@dataclass(kw_only=False)
class _Methods:
    """The methods in the order of their cost; what one finds helps the next."""

    pair: Pair
    pc_2d: float
    validity: Validity2D
    effort: Effort
    count2d: Count2D | None = field(default=None, init=False)
    count3d: Count3D | None = field(default=None, init=False)

    def in_turn(self) -> Iterator[MethodResult]:
        """Each result when it is asked for."""
        yield _of_2d(self.pc_2d, self.validity)
        if not self.pair.velocity_known:
            return
        for method in (self._upper_limit, self._nc_2d, self._nc_3d, self._monte_carlo):
            with np.errstate(all="ignore"):
                result = method()
            if result is not None:
                yield result

    def effective(self) -> Effective | None:
        """The straight passage at the time of the highest collision rate."""
        if self.count3d is not None and np.any(self.count3d.rate_hz > 0):
            peak_s = float(self.count3d.t_s[np.argmax(self.count3d.rate_hz)])
        elif self.count2d is not None:
            peak_s = self.count2d.peak_s
        else:
            return None
        try:
            found = effective_encounter(self.pair.overlap(peak_s), self.pair.radius_m)
        except FAILURES:  # no relative velocity there
            return None
        return found.on_axes(self.pair.axes)

    def _upper_limit(self) -> MethodResult | None:
        """A passage that nothing can happen in."""
        single = self.validity.short or self._is_one_of_several()
        if not (single and self.validity.nc_upper < self.effort.negligible):
            return None
        return MethodResult(method=PcMethod.NC_2D_UPPER, pc=self.validity.nc_upper, valid=True)

    def _nc_2d(self) -> MethodResult:
        try:
            passage = self.validity.passage
            if passage is None or not isfinite(passage.sigma_s):
                return _failed(PcMethod.NC_2D, "there is no passage to start from")
            count = count_2d(self.pair.overlap, passage.t_s, passage.sigma_s, self.pair.radius_m)
        except (*FAILURES, MdssError) as problem:
            return _failed(PcMethod.NC_2D, str(problem))
        self.count2d = count
        period = min(self.pair.periods_s)
        reach = _HALF_WIDTH_SIGMA * count.t_sigma_s
        return _checked(
            PcMethod.NC_2D,
            count.nc,
            inaccurate=_Limit(_difference(count.nc, count.plane), 0.1, _TWICE),
            offset=_Limit((abs(count.t_mean_s) + reach) / period, 0.1, _OFFSET),
            extended=_Limit(2 * reach / period, 0.05, _EXTENDED),
        )

    def _is_one_of_several(self) -> bool:
        """A fast passage, among others that are looked at on their own."""
        speed = float(np.linalg.norm(self.pair.relative_state[3:]))
        return self.effort.one_of_several and self.validity.found and speed > _FAST_M_S

    def _nc_3d(self) -> MethodResult:
        pair = self.pair
        try:
            bounds = time_bounds(pair.relative_state, pair.position_cov_eci_m2, pair.radius_m)
            segment = encounter_segment(pair.states, pair.mu_m3_s2, bounds)
            start = bounds if self._is_isolated() else segment
            count = count_3d(pair.overlap, segment, start, pair.radius_m)
        except (*FAILURES, MdssError) as problem:
            return _failed(PcMethod.NC_3D, str(problem))
        self.count3d = count
        (low, high), (first, last) = count.segment_s, count.duration_s
        result = _checked(
            PcMethod.NC_3D,
            count.nc,
            inaccurate=_Limit(
                max(0.0, 1 - count.active_directions / 58.1) if count.nc >= 1e-15 else 0.0,
                0.01,
                "too few directions of the sphere carry it, short by {}",
            ),
            offset=_Limit(
                max(first / low, last / high), 0.75, "it reaches {} of the way to the segment's end"
            ),
            extended=_Limit((last - first) / (high - low), 0.5, "it lasts {} of the segment"),
        )
        if not count.converged:
            return _failed(PcMethod.NC_3D, "it did not converge")
        if count.nc < 0.9 * self.pair.touching:
            return _failed(PcMethod.NC_3D, "the objects may touch at TCA itself")
        if _difference(count.nc, count.nc_trapezoid) > 0.1:
            return _failed(PcMethod.NC_3D, "its rate is too uneven in time")
        return result

    def _is_isolated(self) -> bool:
        """Whether 2D-Nc found one short passage near TCA."""
        count, period = self.count2d, min(self.pair.periods_s)
        if count is None:
            return False
        reach = _HALF_WIDTH_SIGMA * count.t_sigma_s
        return 2 * reach <= 0.05 * period and abs(count.t_mean_s) + reach <= 0.1 * period

    def _monte_carlo(self) -> MethodResult | None:
        if self.effort.most_trials <= 0:
            return None
        try:
            found = self._sampled_if_possible() or self._simulated()
            return _from_repaired(found) if self.pair.npd else found
        except (*FAILURES, MdssError) as problem:
            return _failed(PcMethod.MONTE_CARLO, str(problem))

    def _sampled_if_possible(self) -> MethodResult | None:
        """Importance sampling; None where it fails, as on a covariance without an inverse."""
        try:
            return self._sampled()
        except (*FAILURES, MdssError):
            return None

    def _sampled(self) -> MethodResult | None:
        """Importance sampling at the times that 3D-Nc found; None where it would not settle."""
        count, effort = self.count3d, self.effort
        if count is None or not np.any(count.rate_hz > 0):
            return None
        if self.pair.touching > _OFTEN:  # plain trials see it, and 3D-Nc may have missed it
            return None
        shares = count.shares
        used = np.flatnonzero(shares > _SMALLEST_SHARE * np.max(shares))
        used = used[:: max(1, used.size // _MOST_TIMES)]
        first, second = self.pair.orbits
        found = sample(
            first,
            second,
            [self.pair.overlap(float(t)) for t in count.t_s[used]],
            shares[used] + _DEFENSIVE_SHARE * np.mean(shares[used]),
            self.pair.radius_m,
            count.segment_s,
            most_trials=effort.most_trials,
            precision=effort.precision / _NORMAL_95,
            seed=effort.seed,
            progress=effort.progress,
        )
        if found.effective_trials < _ENOUGH_EFFECTIVE_TRIALS:
            return None
        half = _NORMAL_95 * found.standard_error
        return MethodResult(
            method=PcMethod.MONTE_CARLO,
            pc=min(found.pc, 1.0),
            valid=True,
            lower=min(max(found.pc - half, 0.0), 1.0),
            upper=min(found.pc + half, 1.0),
            trials=found.trials,
            hits=found.hits,
            detail=f"importance sampling, worth {found.effective_trials:.0f} hits of plain trials",
        )

    def _simulated(self) -> MethodResult:
        """Plain trials over the whole segment."""
        pair, effort = self.pair, self.effort
        half = 0.5 * min(pair.periods_s)
        window = self.count3d.segment_s if self.count3d else (-half, half)
        first, second = pair.orbits
        passage = self.validity.passage
        found = simulate(
            first,
            second,
            pair.radius_m,
            window,
            isolated_at_s=passage.t_s if passage and self._is_isolated() else None,
            most_trials=effort.most_trials,
            precision=effort.precision,
            seed=effort.seed,
            progress=effort.progress,
        )
        enough = found.hits >= _FEWEST_HITS
        return MethodResult(
            method=PcMethod.MONTE_CARLO,
            pc=found.pc if enough else found.upper,
            valid=enough or found.upper < effort.negligible,
            reason=""
            if enough
            else f"{_hits_in_words(found.hits)} in {found.trials} trials: "
            f"Pc is below {found.upper:.1e}",
            lower=found.lower,
            upper=found.upper,
            trials=found.trials,
            hits=found.hits,
            detail="plain trials",
        )


@dataclass(frozen=True)
class _Limit:
    """An indicator, its limit, and what it means, `{}` standing for the value."""

    value: float
    limit: float
    words: str

    @property
    def violated(self) -> bool:
        """Above the limit, or not a number."""
        return not self.value <= self.limit

    def __str__(self) -> str:
        share = percent(self.value) if isfinite(self.value) else "an unknown share"
        return f"{self.words.format(share)} (limit {100 * self.limit:g} %)"


def _checked(
    method: PcMethod, pc: float, *, inaccurate: _Limit, offset: _Limit, extended: _Limit
) -> MethodResult:
    violated = [one for one in (inaccurate, offset, extended) if one.violated]
    value = min(pc, 1.0) if pc > _SMALLEST else 0.0  # an expected number may exceed 1
    return MethodResult(
        method=method,
        pc=value,
        valid=not violated,
        reason="; ".join(str(one) for one in violated),
        code=100 * inaccurate.violated + 10 * offset.violated + extended.violated,
    )


def _from_repaired(found: MethodResult) -> MethodResult:
    """A number that stands for another covariance than the message's."""
    reason = "drawn from a covariance that is not positive definite, its negative part left out"
    return replace(found, valid=False, reason="; ".join(filter(None, (found.reason, reason))))


def _failed(method: PcMethod, why: str) -> MethodResult:
    """Without a number: one that did not settle must not pass for the best there is."""
    return MethodResult(method=method, pc=nan, valid=False, reason=why, code=111)


def _hits_in_words(hits: int) -> str:
    return "no hit" if not hits else f"only {hits} hit{'s' if hits > 1 else ''}"


def _difference(one: float, other: float) -> float:
    """Relative to their mean, 0 to 2; 2 where either is no number."""
    if not (isfinite(one) and isfinite(other)):
        return 2.0
    return abs(one - other) / ((one + other) / 2) if one + other > 0 else 0.0

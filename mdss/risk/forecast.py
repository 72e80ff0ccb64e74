"""What later messages may say: the distribution of Pc as the errors shrink towards TCA.

An estimate that uses its data well moves, from now to later, by a normal step whose covariance
is what the covariance loses: the later miss is N(miss now, C_now − C_later). So Pc of a later
message is a random number whose mean is Pc now, and most of its mass goes to both ends:
most events fade, a few grow. How fast sigma shrinks is fitted to the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.frames import eci_from_rtn
from mdss.astro.probability import pc_2d, principal_axes
from mdss.conjunction import Conjunction, ObjectState
from mdss.policy import Policy
from mdss.risk.encounter_pc import EncounterPc
from mdss.units import DAY_S, seconds_between, shifted

FloatArray = NDArray[np.float64]

FEWEST_UPDATES = 3
"""Messages from which on the shrinking of sigma is fitted to the event."""
DEFAULT_RATES_PER_DAY = np.array([0.25, 0.65, 0.05])
"""d ln σ / d(time to TCA) of R, T, N [1/day]."""
DEFAULT_ERRORS_PER_DAY = np.array([0.15, 0.2, 0.1])
"""How far the rates of one event are from the default, 1 sigma [1/day]; an assumption."""
DEFAULT_SOURCE = (
    "default: R 0.25, T 0.65, N 0.05 per day, the slopes of ln sigma against time to TCA at equal "
    "energy dissipation rate over the 76 objects of the 38 messages that NASA CARA publishes with "
    "its Pc tools (standard errors 0.05, 0.03, 0.05)"
)
_LEAST_SCATTER = 0.05  # of ln sigma: no three points tell a rate better than that
_DEFAULT_SCATTER = 0.1
_LEAST_FACTOR = 0.02  # no series of messages is seen to gain more
_STRATA = (-1.2816, -0.5244, 0.0, 0.5244, 1.2816)  # 10, 30, 50, 70, 90 % of a normal number
_DRAWS = 1000  # of each stratum
_MOST_KNOWN = 1.0 - _LEAST_FACTOR**2
_NEVER_SIGMAS = 38.0  # exp(−38²/2) is below 1e-300
_STEPS = 8
_NOTHING = 1e-15


@dataclass(frozen=True, kw_only=True, eq=False)
class ShrinkModel:
    """How fast the sigmas of both objects shrink: ln σ falls in proportion to time.

    Parameters
    ----------
    rates_per_day : array, shape (2, 3)
        Of primary and secondary, R, T, N [1/day].
    errors_per_day : array, shape (2, 3)
        1 sigma of the rates [1/day].
    scatter : array, shape (2, 3)
        1 sigma of a message's ln σ about the line.
    updates : int
        How many messages were seen.
    """

    rates_per_day: FloatArray
    errors_per_day: FloatArray
    scatter: FloatArray
    updates: int

    @property
    def fitted(self) -> bool:
        """Whether the rates are the event's own."""
        return self.updates >= FEWEST_UPDATES

    @property
    def source(self) -> str:
        """Where the rates come from, in words."""
        return f"fitted to {self.updates} messages" if self.fitted else DEFAULT_SOURCE

    def factors(self, days: float, spread: float = 0.0) -> FloatArray:
        """Later sigma over sigma now, shape (2, 3), at most 1.

        `spread` moves them by so many of their sigmas: of the rate, and of both messages' scatter.
        """
        off = spread * np.hypot(self.errors_per_day * days, np.sqrt(2.0) * self.scatter)
        return np.asarray(np.clip(np.exp(-self.rates_per_day * days - off), _LEAST_FACTOR, 1.0))


def shrink_model(messages: Sequence[Conjunction]) -> ShrinkModel:
    """The rates at which the sigmas of an event shrink.

    Parameters
    ----------
    messages : sequence of Conjunction
        Of one stream, the same object as primary in all. Those without a creation date, and
        without positive variances, do not count.

    Notes
    -----
    ln σ = a + b·(time to TCA) by least squares for each object and axis, from three messages
    on, the default rate as one more observation of b; with fewer the default alone.
    """
    known = [one for one in messages if one.created_utc is not None and _has_sigmas(one)]
    days = np.array([time_to_tca_s(one) / DAY_S for one in known])
    if len(known) < FEWEST_UPDATES or not np.ptp(days) > 0:
        fits = [(DEFAULT_RATES_PER_DAY, DEFAULT_ERRORS_PER_DAY, np.full(3, _DEFAULT_SCATTER))] * 2
        known = known[: FEWEST_UPDATES - 1]
    else:
        fits = [_fitted(days, np.log([_sigmas_m(one, k) for one in known])) for k in range(2)]
    rates, errors, scatter = (np.stack(parts) for parts in zip(*fits, strict=True))
    return ShrinkModel(
        rates_per_day=rates, errors_per_day=errors, scatter=scatter, updates=len(known)
    )


def _fitted(days: FloatArray, ln_sigma: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rates, their errors and the scatter, shape (3,), of ln σ with shape (n, 3)."""
    lever = days - days.mean()
    reach2 = float(lever @ lever)
    rates = lever @ ln_sigma / reach2
    rest = ln_sigma - ln_sigma.mean(axis=0) - lever[:, None] * rates
    scatter = np.maximum(np.sqrt(np.sum(rest**2, axis=0) / (len(days) - 2)), _LEAST_SCATTER)
    own, prior = reach2 / scatter**2, DEFAULT_ERRORS_PER_DAY**-2.0
    mixed = (own * rates + prior * DEFAULT_RATES_PER_DAY) / (own + prior)
    return np.maximum(mixed, 0.0), (own + prior) ** -0.5, scatter


def time_to_tca_s(message: Conjunction) -> float:
    """From creation to TCA [s]; 0 without a creation date."""
    made = message.created_utc
    return 0.0 if made is None else seconds_between(made, message.tca_utc)


def _object(message: Conjunction, which: int) -> ObjectState:
    return (message.primary, message.secondary)[which]


def _sigmas_m(message: Conjunction, which: int) -> FloatArray:
    return np.sqrt(np.diag(_object(message, which).position_cov_rtn_m2))


def _has_sigmas(message: Conjunction) -> bool:
    return all(np.all(np.diag(_object(message, k).position_cov_rtn_m2) > 0) for k in range(2))


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastPoint:
    """Pc of a message that is made at some later time.

    Parameters
    ----------
    at_utc : datetime
    t_before_tca_s : float
        [s].
    pc_05, pc_median, pc_95 : float
        Quantiles of Pc.
    pc_mean : float
        Equal to Pc now, up to the sampling.
    p_above_act, p_below_target : float
        Probability that Pc is at or above the policy's threshold, and that it is below the target.
    sigma_m : (float, float)
        Principal sigmas in the encounter plane then, larger first [m].
    pc_samples : array, shape (n,)
        Equally probable values of Pc, ascending.
    """

    at_utc: datetime
    t_before_tca_s: float
    pc_05: float
    pc_median: float
    pc_95: float
    pc_mean: float
    p_above_act: float
    p_below_target: float
    sigma_m: tuple[float, float]
    pc_samples: FloatArray

    def probability_below(self, pc: float) -> float:
        """That the message says less than `pc`."""
        return float(np.searchsorted(self.pc_samples, pc) / len(self.pc_samples))


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """What later messages of a stream may say.

    Parameters
    ----------
    made_from : Conjunction
        The newest message.
    pc_now : float
    pc_act, pc_target : float
        Of the policy.
    model : ShrinkModel
    points : tuple of ForecastPoint
        Earliest first.
    """

    made_from: Conjunction
    pc_now: float
    pc_act: float
    pc_target: float
    model: ShrinkModel
    points: tuple[ForecastPoint, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The forecast in plain words: half way to TCA and at the end."""
        chosen = dict.fromkeys((len(self.points) // 2, len(self.points) - 1))
        return (
            *(self._sentence(self.points[k]) for k in chosen if k >= 0),
            f"Shrinking of sigma: {self.model.source}. Taken for granted: the covariances are "
            "right, new data come, and nobody maneuvers.",
        )

    def _sentence(self, point: ForecastPoint) -> str:
        hours = point.t_before_tca_s / 3600.0
        when = f"made {hours:.0f} h before TCA" if hours >= 0.5 else "with all data up to TCA"
        return (
            f"A message {when} says Pc {_written(point.pc_median)} in the "
            f"middle, in nine of ten cases {_written(point.pc_05)} to {_written(point.pc_95)}: "
            f"{point.p_above_act:.0%} above {self.pc_act:.0e}, "
            f"{point.p_below_target:.0%} below {self.pc_target:.0e}."
        )


def _written(pc: float) -> str:
    return f"{pc:.1e}" if pc >= _NOTHING else f"below {_NOTHING:.0e}"


def forecast(
    encounter: EncounterPc,
    messages: Sequence[Conjunction],
    policy: Policy,
    at_before_tca_s: Sequence[float] | None = None,
) -> Forecast | None:
    """The distribution of Pc in later messages.

    Parameters
    ----------
    encounter : EncounterPc
        Of the newest message: `Risk.encounter`.
    messages : sequence of Conjunction
        Of its stream, the newest included, the same object as primary in all; the shrinking of
        sigma is fitted to them.
    policy : Policy
        Its thresholds are counted.
    at_before_tca_s : sequence of float, optional
        When later messages are made, seconds before TCA [s]; by default eight steps to TCA.
        Those that are not later than the newest message are left out.

    Returns
    -------
    Forecast or None
        None where `why_no_forecast` has a reason, or no time asked for is later than the newest
        message.

    Notes
    -----
    Pc of every sample is the exact 2D integral in `encounter.planning_plane`, times
    `plane_factor`: where 2D does not hold, that plane is the one of the overlapping clouds.
    The normal numbers are a fixed low-discrepancy set (Roberts's R2), in five equally probable
    strata of the rates' error: no seed, the same answer each time. The covariance of the step
    is never less than zero and never all of C_now: its eigenvalues against C_now are clipped.
    """
    if why_no_forecast(encounter):
        return None
    newest = encounter.conjunction
    left_s = time_to_tca_s(newest)
    model = shrink_model(messages)
    if at_before_tca_s is None:
        at_before_tca_s = np.linspace(left_s, 0.0, _STEPS + 1)[1:].tolist()
    times = sorted((t for t in at_before_tca_s if 0 <= t < left_s), reverse=True)
    if not times:
        return None
    later = _Later.of(encounter, model)
    return Forecast(
        made_from=newest,
        pc_now=encounter.pc,
        pc_act=policy.pc_act,
        pc_target=policy.pc_target,
        model=model,
        points=tuple(_point(later, left_s, t_s, newest.tca_utc, policy) for t_s in times),
    )


def why_no_forecast(encounter: EncounterPc) -> str:
    """What keeps later messages from being foreseen, in words; "" when nothing does."""
    newest = encounter.conjunction
    if newest.created_utc is None:
        return "the newest message has no creation date"
    if not time_to_tca_s(newest) > 0:
        return "the newest message was made after TCA"
    for which in range(2):
        thing = _object(newest, which)
        if not np.linalg.eigvalsh(thing.position_cov_rtn_m2)[0] > 0:
            return f"the covariance of {thing.label} is not positive definite"
    return ""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Later:
    """The plane, and how each object's covariance lies in it."""

    encounter: EncounterPc
    model: ShrinkModel
    turns: tuple[FloatArray, FloatArray]
    draws: FloatArray

    @classmethod
    def of(cls, encounter: EncounterPc, model: ShrinkModel) -> _Later:
        axes = encounter.planning_plane.axes
        pair = (encounter.conjunction.primary, encounter.conjunction.secondary)
        turns = [axes @ eci_from_rtn(one.position_m, one.velocity_m_s) for one in pair]
        return cls(
            encounter=encounter,
            model=model,
            turns=(turns[0], turns[1]),
            draws=_normal_draws(_DRAWS),
        )

    @property
    def plane(self) -> EncounterPlane:
        return self.encounter.planning_plane

    def samples(self, days: float) -> FloatArray:
        """Equally probable Pc after some days, ascending."""
        found = [self._stratum(days, spread) for spread in _STRATA]
        return np.sort(np.concatenate(found))

    def covs(self, days: float, spread: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """What the plane covariance loses and what is left, both positive."""
        lost = np.zeros((2, 2))
        for which, factors in enumerate(self.model.factors(days, spread)):
            turn = self.turns[which]
            cov = _object(self.encounter.conjunction, which).position_cov_rtn_m2
            lost += turn @ (cov * (1.0 - np.outer(factors, factors))) @ turn.T
        half = np.linalg.cholesky(self.plane.cov_m2)
        inner = np.linalg.solve(half, np.linalg.solve(half, lost).T)
        shares, vectors = np.linalg.eigh(0.5 * (inner + inner.T))
        shares = np.clip(shares, 0.0, _MOST_KNOWN)
        spread_m = half @ vectors
        return (spread_m * shares) @ spread_m.T, (spread_m * (1.0 - shares)) @ spread_m.T

    def _stratum(self, days: float, spread: float) -> FloatArray:
        lost, left = self.covs(days, spread)
        values, vectors = np.linalg.eigh(lost)
        miss = self.plane.miss_m + (self.draws * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        found = np.zeros(len(miss))
        near = _can_be_hit(miss, left, self.encounter.radius_m)
        found[near] = pc_2d(miss[near], left, self.encounter.radius_m, fast=True)
        return np.minimum(found * self.encounter.plane_factor, 1.0)


def _can_be_hit(miss_m: FloatArray, cov_m2: FloatArray, radius_m: float) -> NDArray[np.bool_]:
    """Where Pc is above 1e-300: the disc is within reach along both principal axes."""
    values, vectors = np.linalg.eigh(cov_m2)
    away = np.abs(miss_m @ vectors) - radius_m
    return np.asarray(np.all(away < _NEVER_SIGMAS * np.sqrt(values), axis=1))


def _point(
    later: _Later, left_s: float, t_before_s: float, tca_utc: datetime, policy: Policy
) -> ForecastPoint:
    days = (left_s - t_before_s) / DAY_S
    samples = later.samples(days)
    low, middle, high = np.quantile(samples, (0.05, 0.5, 0.95))
    then = principal_axes(later.covs(days)[1])
    return ForecastPoint(
        at_utc=shifted(tca_utc, -t_before_s),
        t_before_tca_s=t_before_s,
        pc_05=float(low),
        pc_median=float(middle),
        pc_95=float(high),
        pc_mean=float(samples.mean()),
        p_above_act=float(np.mean(samples >= policy.pc_act)),
        p_below_target=float(np.mean(samples < policy.pc_target)),
        sigma_m=(float(then.sigma1_m), float(then.sigma2_m)),
        pc_samples=samples,
    )


def _normal_draws(count: int) -> FloatArray:
    """Pairs of normal numbers that fill the plane evenly, shape (count, 2).

    References
    ----------
    .. [1] M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018 (R2).
    """
    from scipy.special import ndtri

    golden = 1.32471795724474602596  # x³ = x + 1
    steps = np.arange(1, count + 1)[:, None] * np.array([1.0 / golden, 1.0 / golden**2])
    return np.asarray(ndtri((0.5 + steps) % 1.0))

"""What a policy says about a conjunction: one level, and every rule that was looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import linear_tca_shift_s
from mdss.astro.frames import eci_from_rtn
from mdss.astro.twobody import orbital_period_s
from mdss.conjunction import Conjunction, ConjunctionEvent
from mdss.errors import CovarianceError, PropagationError
from mdss.policy import Criterion, Level, Policy, Regime, preset_names
from mdss.risk.assess import Risk, assess
from mdss.risk.maximum import maximum_pc
from mdss.spacecraft import Spacecraft
from mdss.units import HOUR_S, as_utc

FloatArray = NDArray[np.float64]

_LEO_BELOW_MIN, _GEO_MIN = 225.0, (1300.0, 1800.0)
_PC, _MAXIMUM_PC = "pc", "maximum pc"
_RTN = ("radial", "transverse", "normal")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One number against one limit.

    Parameters
    ----------
    quantity : str
        "pc", "maximum pc", "miss", "radial", "transverse", "normal" or "time to TCA".
    seen : float or None
        None when it is not known; such a time counts as holding, anything else as not.
    limit : float
    unit : str
        "", "m" or "h".
    holds : bool
        Whether the number is on the side of the limit that the rule is about.
    """

    quantity: str
    seen: float | None
    limit: float
    unit: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One rule of a policy and what came of it.

    Parameters
    ----------
    rule : str
        Field of the policy, or name of the criterion.
    level : Level
        What the rule asks for when it applies.
    conditions : tuple of Condition
        All of them have to hold.
    source : str
    """

    rule: str
    level: Level
    conditions: tuple[Condition, ...]
    source: str

    @property
    def applies(self) -> bool:
        """Whether every condition holds."""
        return all(one.holds for one in self.conditions)

    @property
    def by_pc(self) -> bool:
        """Whether it rests on a probability."""
        return any(one.quantity in (_PC, _MAXIMUM_PC) for one in self.conditions)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a policy asks for.

    Parameters
    ----------
    policy : Policy
    reasons : tuple of Reason
        Every rule of the policy, whether it applies or not.
    pc : float or None
        The probability that was judged; None where there is none.
    pc_reliable : bool
        Whether the policy may decide on it.
    doubt : str
        Why not, when it may not.
    hours_to_tca : float or None
        From the instant of judging, negative when TCA is past; None when that is unknown.
    """

    policy: Policy
    reasons: tuple[Reason, ...]
    pc: float | None
    pc_reliable: bool
    doubt: str
    hours_to_tca: float | None

    @property
    def applying(self) -> tuple[Reason, ...]:
        """The rules that apply and may decide, the most demanding first."""
        usable = (one for one in self.reasons if self.pc_reliable or not one.by_pc)
        return tuple(sorted((r for r in usable if r.applies), key=lambda r: -r.level.rank))

    @property
    def level(self) -> Level:
        """The most demanding of the rules that apply.

        At least "undecided" where probability decides and cannot be relied on.
        """
        open_question = self.policy.by_pc and not self.pc_reliable
        levels = [one.level for one in self.applying]
        levels.append(Level.UNDECIDED if open_question else Level.NONE)
        return max(levels, key=lambda one: one.rank)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seen:
    """The facts that rules are compared with; miss in RTN of the primary [m]."""

    miss_rtn_m: FloatArray
    pc: float | None
    hours: float | None
    regime: Regime
    doubt: str = field(default="")


def judge(thing: Risk | Conjunction, policy: Policy, now_utc: datetime | None = None) -> Verdict:
    """What a policy asks for, with every rule and the numbers that it was compared with.

    Parameters
    ----------
    thing : Risk or Conjunction
        Of a conjunction without its risk (no covariance, say) only the criteria can decide; the
        probability that its message reports is shown.
    policy : Policy
    now_utc : datetime, optional
        Timezone-aware; see `judged_at`.

    Raises
    ------
    ConjunctionError
        If the objects have no relative velocity.
    """
    seen = _seen(thing, now_utc)
    reasons = (
        *_by_pc(seen, policy),
        *_by_maximum(thing, policy),
        *_by_criteria(seen, policy.criteria),
    )
    return Verdict(
        policy=policy,
        reasons=reasons,
        pc=seen.pc,
        pc_reliable=not seen.doubt,
        doubt=seen.doubt,
        hours_to_tca=seen.hours,
    )


def compare_policies(
    thing: Risk | Conjunction | ConjunctionEvent,
    policies: Iterable[Policy | str] = (),
    *,
    now_utc: datetime | None = None,
    hard_body_radius_m: float | None = None,
    spacecraft: Spacecraft | None = None,
) -> tuple[Verdict, ...]:
    """The same event under several policies.

    Parameters
    ----------
    thing : Risk, Conjunction or ConjunctionEvent
        A conjunction is assessed for each policy, since its hard-body radius may be the
        policy's; of an event the newest message is taken.
    policies : iterable of Policy or str
        Names are presets or files; all presets when there is none.
    now_utc : datetime, optional
        Timezone-aware; see `judged_at`.
    hard_body_radius_m : float, optional
        Overrides every other source [m].
    spacecraft : Spacecraft, optional
        The primary.

    Raises
    ------
    PolicyError
        If a name is neither a preset nor a file.
    ConjunctionError
        If the objects make no encounter.
    """
    wanted = tuple(policies) or preset_names()
    loaded = [one if isinstance(one, Policy) else Policy.load(one) for one in wanted]
    conjunction = thing.latest if isinstance(thing, ConjunctionEvent) else thing

    def assessed(policy: Policy) -> Risk | Conjunction:
        if isinstance(conjunction, Risk):
            return conjunction
        try:
            return assess(
                conjunction,
                hard_body_radius_m=hard_body_radius_m,
                spacecraft=spacecraft,
                policy=policy,
            )
        except CovarianceError:
            return conjunction

    return tuple(judge(assessed(policy), policy, now_utc) for policy in loaded)


def judged_at(
    conjunction: Conjunction, now_utc: datetime | None = None
) -> tuple[datetime | None, str]:
    """The instant that time rules are judged at, and where it comes from.

    The one given; else the clock while TCA is ahead; else the creation of the message, or None
    when the message does not say it.
    """
    if now_utc is not None:
        return as_utc(now_utc), "given"
    clock = datetime.now(UTC)
    if clock < conjunction.tca_utc:
        return clock, "clock"
    return conjunction.created_utc, "newest message"


def regime_of(conjunction: Conjunction) -> Regime:
    """Low orbit below a period of 225 min, geosynchronous from 1300 to 1800 min, else any.

    The periods are those by which the 18th Space Control Squadron sorts orbits for screening
    (Spaceflight Safety Handbook for Satellite Operators 1.5, August 2020, as reported).
    """
    if conjunction.central_body != "earth":
        return Regime.ANY
    primary = conjunction.primary
    try:
        minutes = orbital_period_s(primary.position_m, primary.velocity_m_s) / 60
    except PropagationError:  # not bound
        return Regime.ANY
    if minutes < _LEO_BELOW_MIN:
        return Regime.LEO
    return Regime.GEO if _GEO_MIN[0] < minutes < _GEO_MIN[1] else Regime.ANY


def miss_rtn_of_primary_m(conjunction: Conjunction) -> FloatArray:
    """Secondary minus primary at closest approach, in RTN of the primary, shape (3,) [m].

    Raises
    ------
    ConjunctionError
        If the objects have no relative velocity.
    """
    relative, velocity = conjunction.relative_position_m, conjunction.relative_velocity_m_s
    closest = relative + linear_tca_shift_s(relative, velocity) * velocity
    primary = conjunction.primary
    rotation = eci_from_rtn(primary.position_m, primary.velocity_m_s)
    return np.asarray(-rotation.T @ closest)


def criteria_reasons(
    conjunction: Conjunction, policy: Policy, now_utc: datetime | None = None
) -> tuple[Reason, ...]:
    """The policy's criteria alone, for a geometry such as that after a burn.

    Raises
    ------
    ConjunctionError
        If the objects have no relative velocity.
    """
    return tuple(_by_criteria(_seen(conjunction, now_utc), policy.criteria))


# --- rules --------------------------------------------------------------------------------


def _seen(thing: Risk | Conjunction, now_utc: datetime | None) -> _Seen:
    conjunction = thing.conjunction if isinstance(thing, Risk) else thing
    now, _ = judged_at(conjunction, now_utc)
    left = None if now is None else (conjunction.tca_utc - now).total_seconds() / HOUR_S
    pc, doubt = _probability(thing)
    return _Seen(
        miss_rtn_m=miss_rtn_of_primary_m(conjunction),
        pc=pc,
        hours=left,
        regime=regime_of(conjunction),
        doubt=doubt,
    )


def _probability(thing: Risk | Conjunction) -> tuple[float | None, str]:
    """Pc, and why it must not decide ("" when it may)."""
    if isinstance(thing, Conjunction):
        said = thing.reported_pc
        whose = "none is known" if said is None else "the message's own cannot be checked"
        return said, f"no probability can be computed here, and {whose}"
    if thing.trusted:
        return thing.pc, ""
    return thing.pc, thing.choice.reason.rstrip(".")


def _by_pc(seen: _Seen, policy: Policy) -> Iterator[Reason]:
    """The probability thresholds, the lowest first."""
    if not policy.by_pc:
        return
    call = Level.BURN if policy.pc_act_always is None else Level.BURN_UNLESS_IMPACT
    yield from _threshold(seen, policy, "pc_watch", Level.MONITOR)
    if policy.act_within_h is not None:
        yield from _threshold(seen, policy, "pc_act", Level.PREPARE)
    yield from _threshold(seen, policy, "pc_act", call, policy.act_within_h)
    yield from _threshold(seen, policy, "pc_act_always", Level.BURN, policy.act_within_h)


def _threshold(
    seen: _Seen, policy: Policy, rule: str, level: Level, within_h: float | None = None
) -> Iterator[Reason]:
    limit = getattr(policy, rule)
    if limit is None:
        return
    above = seen.pc is not None and seen.pc >= limit
    pc = Condition(quantity=_PC, seen=seen.pc, limit=limit, unit="", holds=above)
    conditions = (pc, *_in_time(seen, within_h))
    yield Reason(rule=rule, level=level, conditions=conditions, source=policy.sources[rule])


def _by_maximum(thing: Risk | Conjunction, policy: Policy) -> Iterator[Reason]:
    """What smaller errors would make of a diluted Pc, where the policy judges that."""
    limit = policy.max_pc_prepare
    if limit is None or not policy.by_pc or isinstance(thing, Conjunction):
        return
    found = maximum_pc(thing)
    seen = found.pc_max if found.diluted and found.valid else None
    above = seen is not None and seen >= limit
    yield Reason(
        rule="max_pc_prepare",
        level=Level.PREPARE,
        conditions=(Condition(quantity=_MAXIMUM_PC, seen=seen, limit=limit, unit="", holds=above),),
        source=policy.sources["max_pc_prepare"],
    )


def _by_criteria(seen: _Seen, criteria: Iterable[Criterion]) -> Iterator[Reason]:
    """The criteria that are about this kind of orbit."""
    for one in criteria:
        if one.regime in (Regime.ANY, seen.regime):
            conditions = (*_geometry(seen, one), *_in_time(seen, one.within_h))
            yield Reason(rule=one.name, level=one.level, conditions=conditions, source=one.source)


def _geometry(seen: _Seen, criterion: Criterion) -> Iterator[Condition]:
    miss = float(np.linalg.norm(seen.miss_rtn_m))
    if criterion.miss_m is not None:
        yield _closer("miss", miss, criterion.miss_m)
    if criterion.radial_m is not None:
        yield _closer("radial", float(seen.miss_rtn_m[0]), criterion.radial_m)
    if criterion.box_half_rtn_m is not None:
        for axis, part, half in zip(_RTN, seen.miss_rtn_m, criterion.box_half_rtn_m, strict=True):
            yield _closer(axis, float(part), half)


def _closer(quantity: str, seen_m: float, limit_m: float) -> Condition:
    holds = math.fabs(seen_m) < limit_m
    return Condition(quantity=quantity, seen=seen_m, limit=limit_m, unit="m", holds=holds)


def _in_time(seen: _Seen, within_h: float | None) -> Iterator[Condition]:
    if within_h is None:
        return
    holds = seen.hours is None or seen.hours <= within_h
    yield Condition(quantity="time to TCA", seen=seen.hours, limit=within_h, unit="h", holds=holds)

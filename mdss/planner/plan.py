"""Plan a conjunction: candidate burns over the allowed times, each flown, side by side.

The order of work is that of the file: gather what constrains, sweep the exact optimum over burn
times, choose the candidate that each option stands for, fly it, say why it is on the list,
recommend.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.probability import pc_on_axes, principal_axes
from mdss.astro.twobody import orbital_period_s
from mdss.conjunction import Conjunction, ConjunctionEvent
from mdss.errors import ConjunctionError
from mdss.forces import force_notices
from mdss.maneuver import Burn, Dynamics
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.operations import Operations
from mdss.planner.candidates import (
    Candidate,
    Sweep,
    best_reachable_pc,
    candidate,
    linear_pc_of_size,
    refined,
    reversed_candidate,
    sweep,
    why_not,
)
from mdss.planner.choices import CHOICES, Choice
from mdss.planner.demands import share_to_meet, unmet
from mdss.planner.optimum import Allowed, Rays
from mdss.planner.options import Option, OptionName, Plan, TradeSpace
from mdss.planner.setting import Setting
from mdss.planner.verification import (
    POLICY_DISTANCE,
    Sized,
    Verified,
    Verifier,
    enlarged,
    size_to_target,
)
from mdss.policy import Level, Policy
from mdss.risk.assess import Risk, assess
from mdss.risk.methods import Effort, PcMethod
from mdss.risk.verdict import judge
from mdss.spacecraft import ExecutionError, Spacecraft
from mdss.units import HOUR_S, as_utc, iso, seconds_between, shifted

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_LONG_BURN_SHARE = 0.02  # of a period: an impulse at mid-burn is then no longer a good model
_CLEARLY_LESS = 0.99  # sizes are set to Pc within 1 %, far less of delta-v
_GRID_NEIGHBOURS_S = 61.0
_NEGLIGIBLE_SHARE = 1e-4  # of the target: a passage below it is not looked at any closer
_TRIES = 4  # burn times of one option that are flown until one holds
_SECOND_APPROACH_SHARE = 0.01  # of Pc, from which another close approach is worth saying
_TRADE_TIMES, _TRADE_SIZES = 200, 201
_COARSE_TRADE_TIMES, _COARSE_TRADE_SIZES = 25, 25
_LARGE_DISC_SIGMAS = 300.0  # a point of the picture then costs a thousand times more


def plan(
    event: ConjunctionEvent | Conjunction,
    spacecraft: Spacecraft | None = None,
    operations: Operations | None = None,
    policy: Policy | None = None,
    *,
    maneuvering: str | None = None,
    hard_body_radius_m: float | None = None,
    now_utc: datetime | None = None,
    dynamics: Dynamics = "numerical",
) -> Plan:
    """Options for a conjunction: no burn and burns, each flown with all forces, ranked.

    Parameters
    ----------
    event : ConjunctionEvent or Conjunction
        Of an event the newest message is planned.
    spacecraft : Spacecraft, optional
        The maneuvering object, found in the message by designator. Without it a generic
        spacecraft stands in, every value of it assumed.
    operations, policy : optional
        No windows and NASA robotic when not given.
    maneuvering : str, optional
        Designator, OBJECT1 or OBJECT2; overrides the spacecraft's designator.
    hard_body_radius_m : float, optional
        Overrides every other source [m].
    now_utc : datetime, optional
        Timezone-aware; deadlines are judged against it. Without it the clock, or the
        creation of the newest message when TCA is past.
    dynamics : {"numerical", "two_body"}
        Of the linear map; verification is always numerical.

    Raises
    ------
    ConjunctionError
        If no object matches, or the objects make no encounter.
    CovarianceError
        If no probability can be computed.
    PropagationError
        If an orbit cannot be propagated.
    """
    event = (
        event if isinstance(event, ConjunctionEvent) else ConjunctionEvent(conjunctions=(event,))
    )
    policy = policy or Policy.preset("nasa")
    operations = operations or Operations.unconstrained()
    conjunction = event.latest.oriented(_designator(event.latest, spacecraft, maneuvering))
    spacecraft = spacecraft or Spacecraft.generic(
        conjunction.primary.designator or conjunction.primary.label
    )
    conjunction = _with_file_coefficients(conjunction, spacecraft)
    now, now_source = _now(event, now_utc)
    risk = assess(
        conjunction,
        hard_body_radius_m=hard_body_radius_m,
        spacecraft=spacecraft,
        policy=policy,
    )
    setting = Setting(
        risk=risk,
        spacecraft=spacecraft,
        operations=operations,
        policy=policy,
        now_utc=now,
        dynamics=dynamics,
    )
    planner = _Planner(setting)
    options = planner.options()
    recommended, recommendation = _recommend(setting, options, planner)
    recommendation += _density_doubt(risk, policy) + _unless_impact(setting, recommended)
    burnable = [one for one in options if one.feasible and one.name != OptionName.NO_BURN]
    return Plan(
        event=event,
        conjunction=conjunction,
        risk=risk,
        spacecraft=spacecraft,
        operations=operations,
        policy=policy,
        now_utc=now,
        now_source=now_source,
        period_s=planner.period_s,
        options=options,
        recommended=recommended,
        recommendation=recommendation,
        best_reachable_pc=None if burnable else planner.best_reachable_pc(options),
        assumed=_assumed(setting),
        trade_space=_trade_space(setting, options),
        notices=without_repeats((*risk.notices, *_plan_notices(setting, now_source))),
    )


# --- what is planned ----------------------------------------------------------------------


def _designator(
    conjunction: Conjunction, spacecraft: Spacecraft | None, maneuvering: str | None
) -> str:
    if maneuvering is not None:
        return maneuvering
    return spacecraft.designator if spacecraft is not None else "OBJECT1"


def _with_file_coefficients(conjunction: Conjunction, spacecraft: Spacecraft) -> Conjunction:
    """The conjunction, its drag and radiation coefficients filled from the spacecraft file."""
    ours = conjunction.primary
    changes = {
        name: getattr(spacecraft, name)
        for name in ("cd_area_over_mass_m2_kg", "cr_area_over_mass_m2_kg")
        if getattr(ours, name) is None and getattr(spacecraft, name) is not None
    }
    return replace(conjunction, primary=replace(ours, **changes)) if changes else conjunction


def _now(event: ConjunctionEvent, now_utc: datetime | None) -> tuple[datetime, str]:
    if now_utc is not None:
        return as_utc(now_utc), "given"
    clock = datetime.now(UTC)
    if clock < event.latest.tca_utc:
        return clock, "clock"
    created = event.latest.created_utc
    if created is None:
        raise ConjunctionError(
            "TCA is past and the message has no creation date, so 'now' is unknown; give it"
        )
    return created, "newest message"


def _assumed(setting: Setting) -> tuple[str, ...]:
    """Every value that nobody gave, with the value taken."""
    said = []
    for group, thing in (
        ("spacecraft", setting.spacecraft),
        ("operations", setting.operations),
    ):
        said += [f"{group}.{name} = {_shown(getattr(thing, name))}" for name in thing.assumed]
    if "mass_kg" in setting.spacecraft.assumed:
        said.append(f"maneuvering object = {setting.conjunction.primary.label}")
    if setting.risk.hbr.source == "policy":
        said.append(f"hard_body_radius_m = {setting.risk.hbr.radius_m:g} (policy)")
    return tuple(said)


def _shown(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return "; ".join(str(getattr(one, "name", one)) for one in value)
    if isinstance(value, ExecutionError):
        return (
            f"{value.magnitude_proportional:.2%} + {value.magnitude_fixed_m_s * 1e3:g} mm/s in "
            f"size, {math.degrees(value.pointing_proportional_rad):.2g}° + "
            f"{value.pointing_fixed_m_s * 1e3:g} mm/s across"
        )
    return str(value)


def _plan_notices(setting: Setting, now_source: str) -> Iterable[Notice]:
    if now_source == "newest message":
        message = (
            f"TCA is past, so deadlines are judged at the creation of the newest message, "
            f"{iso(setting.now_utc)}."
        )
        yield Notice(code=NoticeCode.NOW_FROM_MESSAGE, message=message)
    if setting.now_utc >= setting.tca_utc:
        message = f"Now ({iso(setting.now_utc)}) is not before TCA: nothing can be commanded."
        yield Notice(code=NoticeCode.CANNOT_MANEUVER, message=message)
    if setting.spacecraft.can_maneuver and setting.conjunction.primary.maneuverable is False:
        message = (
            f"The message says that {setting.conjunction.primary.label} cannot maneuver, and it is "
            "planned as the one that does. Name the other object, or check the message."
        )
        yield Notice(code=NoticeCode.CANNOT_MANEUVER, message=message)
    yield from _identity_notices(setting)
    if not setting.spacecraft.can_maneuver:
        message = f"{setting.spacecraft.name or setting.spacecraft.designator} cannot maneuver."
        yield Notice(code=NoticeCode.CANNOT_MANEUVER, message=message)
    if not setting.policy.by_pc:
        message = (
            f"Policy {setting.policy.name!r} has no probability in it: burns are sized to Pc "
            f"{setting.policy.pc_target:.0e}, and called for from {setting.policy.pc_act:.0e}, "
            "values of the policy for planning only."
        )
        yield Notice(code=NoticeCode.ASSUMED_VALUE, message=message)
    yield from force_notices(setting.conjunction, setting.operations.planning_horizon_s)


def _identity_notices(setting: Setting) -> Iterable[Notice]:
    spacecraft, conjunction = setting.spacecraft, setting.conjunction
    if spacecraft.assumed and "mass_kg" in spacecraft.assumed:
        return  # a generic one takes its name from the message
    if not conjunction.is_primary(spacecraft.designator):
        message = (
            f"The spacecraft file is about {spacecraft.designator}, but "
            f"{conjunction.primary.designator} ({conjunction.primary.label}) was named as "
            "maneuvering: the values of the file are used for it."
        )
        yield Notice(code=NoticeCode.ASSUMED_VALUE, message=message)


# --- options ------------------------------------------------------------------------------


class _Planner:
    """Fills the options of one setting."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        primary = setting.conjunction.primary
        gm = setting.conjunction.body.gm_m3_s2
        self.period_s = orbital_period_s(primary.position_m, primary.velocity_m_s, gm)
        self.verifier = Verifier(
            setting.conjunction,
            setting.risk.hbr.radius_m,
            setting.spacecraft.execution_error,
            earliest_burn_s=float(setting.times_s[0]),
            now_s=seconds_between(setting.tca_utc, setting.now_utc),
            effort=Effort(negligible=_NEGLIGIBLE_SHARE * setting.policy.pc_target),
        )
        self.no_burn = self.verifier.fly()
        self.any = self._sweep(setting.directions)
        in_track = setting.in_track_directions
        self.in_track = self._sweep(Rays(in_track)) if in_track.size else None

    def _sweep(self, allowed: Allowed) -> Sweep | None:
        if not self.setting.spacecraft.can_maneuver or not self.burn_would_help:
            return None
        return sweep(self.setting, allowed)

    @property
    def burn_would_help(self) -> bool:
        """Whether Pc is above the target at all, or a distance of the policy calls for a burn."""
        above = self.setting.risk.pc > self.setting.policy.pc_target
        return above or bool(self.setting.calling)

    def options(self) -> tuple[Option, ...]:
        """All options, in order; costs need the others, so they come last."""
        made = [self._no_burn_option()]
        for name, choose in CHOICES.items():
            made.append(self._burn_option(name, choose))
        return _with_costs(self.setting, _with_least_flown(made))

    def best_reachable_pc(self, options: Iterable[Option]) -> float:
        """Lowest Pc of the burns that were flown, else by the linear map of the largest burn."""
        flown = [one.pc_verified for one in options if one.burns and one.pc_verified is not None]
        if flown:
            return min(flown)
        return self.setting.risk.pc if self.any is None else best_reachable_pc(self.any)

    # no burn

    def _no_burn_option(self) -> Option:
        risk, policy = self.setting.risk, self.setting.policy
        pc = max(self.no_burn.pc, risk.pc)
        trusted = risk.trusted and self.no_burn.trusted
        below = pc < policy.pc_act
        close = ", ".join(one.name for one in self.setting.calling)
        if not trusted:
            doubt = risk.choice.reason if not risk.trusted else self.no_burn.doubt
            reason = f"Pc cannot say that no burn is needed. {doubt}"
        elif below and close:
            reason = f"Passes inside the limits of the policy's {close}, at Pc {pc:.1e}."
        elif below:
            reason = f"Pc {pc:.1e} is below the threshold to act, {policy.pc_act:.1e}."
        else:
            reason = f"Keeps Pc at {pc:.1e}, above the threshold to act, {policy.pc_act:.1e}."
        return self._option(
            OptionName.NO_BURN,
            verified=self.no_burn,
            pc_linear=risk.pc,
            feasible=trusted and below and not close,
            binds="Pc threshold" if not below else POLICY_DISTANCE if close else "",
            reason=reason,
        )

    # burns

    def _burn_option(self, name: OptionName, choose: Choice) -> Option:
        if not self.setting.spacecraft.can_maneuver:
            return self._impossible(name, "spacecraft", "The spacecraft cannot maneuver.")
        if not self.burn_would_help:
            return self._not_needed(name)
        found = self.in_track if choose.in_track else self.any
        if found is None:
            return self._impossible(
                name, "thruster directions", "No thruster pushes along or against the transverse."
            )
        if not np.any(found.possible):
            binds = why_not(found)
            return self._impossible(
                name,
                binds,
                f"No feasible maneuver: {binds} binds; the best reachable Pc is "
                f"{best_reachable_pc(found):.1e}.",
            )
        return self._flown(name, choose, found)

    def _not_needed(self, name: OptionName) -> Option:
        """Pc is at or below the target: no burn is sized, whether or not that can be trusted."""
        target, risk = self.setting.policy.pc_target, self.setting.risk
        if not risk.trusted:
            return self._impossible(
                name,
                "Pc method",
                f"{risk.pc_method.label} is at or below the target {target:.1e} but not valid here, "
                "so no burn can be sized by it.",
            )
        if self.no_burn.pc > target:
            return self._impossible(
                name,
                "another close approach",
                f"The message's encounter is at or below the target {target:.1e}; another approach "
                "within a revolution is not and needs a message of its own.",
            )
        return self._option(
            name,
            verified=self.no_burn,
            pc_linear=self.setting.risk.pc,
            feasible=True,
            binds="",
            reason=f"No burn is needed: Pc is at or below the target {target:.1e} already.",
        )

    def _flown(self, name: OptionName, choose: Choice, found: Sweep) -> Option:
        """The best burn time that holds when flown; the best of all where none of a few does."""
        score = choose.score(found)
        flown: list[Option] = []
        while len(flown) < _TRIES and np.any(np.isfinite(score)):
            best = int(np.argmin(score))
            fine, index = refined(found, score, best) if choose.refine else (found, best)
            burn = candidate(fine, index, choose.binds(found, best))
            burn, sized = self._sized_either_way(burn)
            flown.append(self._flown_option(name, choose.reason(found, best), burn, sized))
            if flown[-1].feasible:
                return flown[-1]
            score = np.where(self._hopeless(found, best, burn, sized), np.inf, score)
        return flown[0]

    def _hopeless(self, found: Sweep, best: int, burn: Candidate, sized: Sized) -> BoolArray:
        """Burn times that would fail as this one did."""
        times, dv = found.optimum.t_before_tca_s, found.optimum.dv_m_s
        near = np.abs(times - times[best]) < _GRID_NEIGHBOURS_S
        if sized.reached:
            return np.asarray(near)
        if sized.limit == "execution error":  # in proportion to the burn, so the same at any time
            return np.ones(times.shape, dtype=bool)
        cap = self.setting.spacecraft.available_dv_m_s
        if sized.limit == "maximum delta-v" and 1.5 * burn.dv_m_s > cap:
            more = self.verifier.share_to_target(
                self.no_burn, sized.verified, self.setting.policy.pc_target
            )
            return np.asarray(near | (dv * max(more, 1.001) > dv[best]))
        return np.asarray(np.abs(times - times[best]) < 0.2 * self.period_s)

    def _flown_option(
        self, name: OptionName, why_listed: str, burn: Candidate, sized: Sized
    ) -> Option:
        verified = sized.verified
        obstacle = self._obstacle(verified.burns[0])
        other = verified.main is not verified.message_approach
        binds = sized.limit or ("another close approach" if other else burn.binds)
        return self._option(
            name,
            verified=verified,
            pc_linear=burn.pc_linear,
            feasible=sized.reached and obstacle is None,
            binds=obstacle[0] if obstacle else binds,
            reason=self._reason(why_listed, sized, obstacle),
            notices=self._burn_notices(verified, sized),
        )

    def _reason(self, why_listed: str, sized: Sized, obstacle: tuple[str, str] | None) -> str:
        verified, before = sized.verified, self.setting.risk
        distance_binds = sized.limit == POLICY_DISTANCE
        if verified.main is not verified.message_approach and not distance_binds:
            why_listed += (
                " That holds for the message's encounter; the size is set by another approach at "
                f"{iso(verified.tca_utc)}."
            )
        if not sized.reached and verified.pc <= self.setting.policy.pc_target:
            return (
                f"Falls short of what the policy asks of the miss, at Pc {verified.pc:.1e}. "
                f"{why_listed}"
            )
        if not sized.reached:
            return (
                f"Not safe when flown: Pc stays at {verified.pc:.1e}, {sized.limit} binds. "
                f"{why_listed}"
            )
        if obstacle:
            return f"The burn at its flown size {obstacle[1]}. {why_listed}"
        if not (before.trusted and verified.trusted):
            why = verified.doubt or before.choice.reason
            return f"{why} {why_listed}"
        return why_listed

    def _obstacle(self, burn: Burn) -> tuple[str, str] | None:
        """What forbids a burn at its flown size, as a constraint and in words."""
        start = shifted(burn.epoch_utc, -0.5 * burn.duration_s)
        end = shifted(burn.epoch_utc, 0.5 * burn.duration_s)
        window = self.setting.operations.blocked_by(start, end)
        if window is not None:
            return "no-burn windows", f"touches {window}"
        if end >= self.setting.tca_utc:
            return "thrust", "still burns at closest approach"
        commit = self._mission((burn,))[0]
        if commit is None or commit < self.setting.now_utc:
            return "command lead", "starts too early to be commanded any more"
        return None

    def _sized_either_way(self, burn: Candidate) -> tuple[Candidate, Sized]:
        """The candidate at its flown size; the other way round where that is smaller.

        Only another approach can make it so: for the message's encounter alone, the candidate's
        way is the best.
        """
        sized = self._sized(burn)
        if sized.verified.main is sized.verified.message_approach:
            return burn, sized
        back = reversed_candidate(self.setting, burn)
        if back is None:
            return burn, sized
        other = self._sized(back)
        size = other.verified.burns[0].dv_m_s
        if not other.reached or (sized.reached and size >= sized.verified.burns[0].dv_m_s):
            return burn, sized
        pc_linear = linear_pc_of_size(self.setting, back, size)
        return replace(back, pc_linear=pc_linear), other

    def _sized(self, burn: Candidate) -> Sized:
        def of_size(size: float) -> Burn:
            dv_rtn = size * burn.unit_rtn
            duration = self.setting.spacecraft.burn_duration_s(size, dv_rtn)
            return Burn.before(self.setting.tca_utc, burn.t_before_tca_s, dv_rtn, duration)

        setting, largest = self.setting, self.setting.spacecraft.available_dv_m_s
        target = setting.policy.pc_target
        if self.no_burn.pc > target:
            sized = size_to_target(
                self.verifier,
                of_size,
                burn.dv_m_s,
                target,
                no_burn=self.no_burn,
                minimum_m_s=setting.spacecraft.minimum_dv_m_s,
                maximum_m_s=largest,
            )
        else:  # only a distance of the policy asks for it
            flown = self.verifier.fly([of_size(min(burn.dv_m_s, largest))])
            sized = Sized(verified=flown, reached=flown.pc <= target, limit=POLICY_DISTANCE)
        if not setting.demands:
            return sized
        sized = enlarged(
            self.verifier,
            of_size,
            sized,
            lambda flown: share_to_meet(setting.demands, self.no_burn, flown),
            target,
            largest,
        )
        if sized.reached and self._spoiled(sized.verified):
            return replace(sized, reached=False, limit="another close approach")
        return sized

    def _burn_notices(self, verified: Verified, sized: Sized) -> tuple[Notice, ...]:
        notices = []
        burn = verified.burns[0]
        if sized.limit == "minimum impulse":
            message = (
                f"The smallest burn that can be fired, {burn.dv_m_s * 100:.3g} cm/s, is larger "
                "than needed; Pc is below the target."
            )
            notices.append(Notice(code=NoticeCode.MINIMUM_IMPULSE, message=message))
        duration = burn.duration_s
        if duration > _LONG_BURN_SHARE * self.period_s:
            message = (
                f"The burn lasts {duration:.0f} s, {duration / self.period_s:.1%} of a revolution. "
                "Its time and direction were chosen as for an impulse at mid-burn; it was flown, "
                "and its size set, as an arc of constant acceleration held along these RTN axes."
            )
            notices.append(Notice(code=NoticeCode.LONG_BURN, message=message))
        notices += _method_notices(verified)
        notices += _second_approach_notices(verified)
        return tuple(notices)

    # one option from its parts

    def _impossible(self, name: OptionName, binds: str, reason: str) -> Option:
        return replace(
            self._option(
                name,
                verified=self.no_burn,
                pc_linear=None,
                feasible=False,
                binds=binds,
                reason=reason,
            ),
            pc_verified=None,
            pc_largest=None,
        )

    def _option(
        self,
        name: OptionName,
        *,
        verified: Verified,
        pc_linear: float | None,
        feasible: bool,
        binds: str,
        reason: str,
        notices: tuple[Notice, ...] = (),
    ) -> Option:
        conjunction, after = self.setting.conjunction, verified.main.conjunction
        commit, cancel, interruption, duration, propellant = self._mission(verified.burns)
        valid = self.setting.risk.trusted and verified.trusted
        return Option(
            name=name,
            burns=verified.burns,
            propellant_kg=propellant,
            burn_duration_s=duration,
            pc_before=self.setting.risk.pc,
            pc_linear=pc_linear,
            pc_verified=verified.pc,
            pc_largest=verified.main.pc,
            miss_before_m=self.setting.risk.plane.miss_distance_m,
            miss_after_m=after.miss_distance_m,
            miss_rtn_before_m=conjunction.miss_rtn_m,
            miss_rtn_after_m=after.miss_rtn_m,
            tca_after_utc=after.tca_utc,
            interruption_min=interruption,
            commit_by_utc=commit,
            cancel_by_utc=cancel,
            feasible=feasible,
            method_valid=valid,
            binds=binds,
            reason=reason,
            cost=math.inf,
            notices=notices,
            unmet=self._unmet(verified),
        )

    def _unmet(self, verified: Verified) -> tuple[str, ...]:
        """Distances of the policy that are not reached; without a burn only those that call."""
        short = unmet(self.setting.demands, verified.message_approach.conjunction)
        named = [one.name for one in short if one.calls or verified.burns]
        return tuple(dict.fromkeys((*named, *self._spoiled(verified))))

    def _spoiled(self, verified: Verified) -> tuple[str, ...]:
        """Distances that another approach falls short of with the burn and not without it."""
        names: list[str] = []
        for one in verified.approaches if verified.burns else ():
            if one is not verified.message_approach:
                short = unmet(self.setting.demands, one.conjunction)
                before = unmet(self.setting.demands, self.no_burn.nearest(one.t_s).conjunction)
                names += [demand.name for demand in short if demand not in before]
        return tuple(names)

    def _mission(
        self, burns: tuple[Burn, ...]
    ) -> tuple[datetime | None, datetime | None, float, float, float]:
        """Commit, cancel, interruption [min], burn duration [s] and propellant [kg]."""
        if not burns:
            return None, None, 0.0, 0.0, 0.0
        (burn,) = burns
        spacecraft, operations = self.setting.spacecraft, self.setting.operations
        duration = burn.duration_s
        start = shifted(burn.epoch_utc, -0.5 * duration)
        end = shifted(burn.epoch_utc, 0.5 * duration)
        slew = shifted(start, -spacecraft.slew_s - spacecraft.settle_s)
        return (
            operations.commit_by_utc(slew),
            operations.cancel_by_utc(start),
            operations.interruption_min(slew, shifted(end, spacecraft.slew_back_s)),
            duration,
            spacecraft.propellant_used_kg(burn.dv_m_s, burn.dv_rtn_m_s),
        )


def _method_notices(verified: Verified) -> list[Notice]:
    """Said where 2D Pc does not carry the verified Pc."""
    if not verified.trusted:
        message = f"No Pc method is known to hold after the burn. {verified.doubt}"
        return [Notice(code=NoticeCode.PC_2D_NOT_VALID, message=message)]
    main = verified.main.encounter
    if main is None or main.choice.recommended.method == PcMethod.PC_2D:
        return []
    message = (
        f"The verified Pc after the burn is by {main.choice.recommended.method.label}; 2D Pc, "
        f"{main.pc_2d:.1e}, does not hold there."
    )
    return [Notice(code=NoticeCode.PC_2D_NOT_VALID, message=message)]


def _second_approach_notices(verified: Verified) -> list[Notice]:
    others = [
        one
        for one in verified.approaches
        if one is not verified.message_approach and one.pc > _SECOND_APPROACH_SHARE * verified.pc
    ]
    return [
        Notice(
            code=NoticeCode.SECOND_MINIMUM,
            message=(
                f"Another approach at {iso(one.conjunction.tca_utc)}, {one.miss_distance_m:.0f} m, "
                f"Pc {one.pc:.1e}, is included in the verified Pc. Its covariance is that of the "
                "message, held in RTN: it needs a message of its own."
            ),
        )
        for one in others
    ]


# --- costs and recommendation -------------------------------------------------------------


def _with_least_flown(options: list[Option]) -> list[Option]:
    """Minimum fuel is the smallest burn of all that were flown.

    The sweep knows the message's encounter; where another approach or a long arc sizes the
    burns, one that was chosen for something else can turn out smaller.
    """
    place = list(OptionName).index(OptionName.MINIMUM_FUEL)
    fuel = options[place]
    rivals = [
        one
        for one in options[place + 1 :]
        if one.feasible and one.burns and one.method_valid >= fuel.method_valid
    ]
    least = min(rivals, key=lambda one: one.dv_total_m_s, default=fuel)
    if fuel.feasible and not least.dv_total_m_s < _CLEARLY_LESS * fuel.dv_total_m_s:
        return options
    if not least.feasible:
        return options
    reason = (
        f"Least delta-v of all burns that were flown: that of option {least.name.letter}. The one "
        "that suits the message's encounter best is larger, or not safe, when flown."
    )
    return [
        *options[:place],
        replace(least, name=OptionName.MINIMUM_FUEL, reason=reason),
        *options[place + 1 :],
    ]


def _with_costs(setting: Setting, options: list[Option]) -> tuple[Option, ...]:
    """Policy cost of every feasible option; lateness counts from the earliest commit."""
    weights = setting.policy.weights
    commits = [one.commit_by_utc for one in options if one.feasible and one.commit_by_utc]
    earliest = min(commits, default=None)

    def cost(one: Option) -> float:
        if not one.feasible or one.pc_verified is None:
            return math.inf
        late_s = (
            (one.commit_by_utc - earliest).total_seconds() if one.commit_by_utc and earliest else 0
        )
        return (
            weights.fuel_per_gram * one.propellant_kg * 1e3
            + weights.interruption_per_min * one.interruption_min
            + weights.lateness_per_hour * late_s / HOUR_S
            + weights.residual_pc_per_target * one.pc_verified / setting.policy.pc_target
        )

    return tuple(replace(one, cost=cost(one)) for one in options)


def _recommend(
    setting: Setting, options: tuple[Option, ...], planner: _Planner
) -> tuple[OptionName | None, str]:
    no_burn = options[0]
    pc = no_burn.pc_verified
    assert pc is not None
    if no_burn.feasible:
        return no_burn.name, (
            f"No burn: Pc {pc:.1e} is below the threshold to act of policy "
            f"{setting.policy.name!r}, {setting.policy.pc_act:.1e}."
        )
    burns = [one for one in options[1:] if one.feasible]
    if not burns and not planner.burn_would_help and not no_burn.method_valid:
        return None, (
            f"Nothing can be recommended: no Pc method is known to hold here, so "
            f"{setting.risk.pc_method.label} {setting.risk.pc:.1e} neither sizes a burn nor says that "
            "none is needed. Ask for full covariances, or for a Pc from the provider."
        )
    if not burns:
        binds = next((one.binds for one in options[1:]), "")
        return None, (
            f"No feasible maneuver: {binds} binds; the best reachable Pc is "
            f"{planner.best_reachable_pc(options):.1e}, the target {setting.policy.pc_target:.1e}."
        )
    sound = [one for one in burns if one.method_valid]
    if not sound:
        return None, (
            "Nothing can be recommended: no Pc method is known to hold before or after the burns. "
            "Ask for full covariances, or for a Pc from the provider."
        )
    best = min(sound, key=lambda one: one.cost)
    return best.name, (
        f"{best.name.label}: lowest policy cost of the {len(sound)} burns that are safe when flown"
        f"{_left_out(burns, sound)}."
    )


def _density_doubt(risk: Risk, policy: Policy) -> str:
    """Said where the shared density error moves Pc across the threshold to act."""
    shared = risk.pc_2d_density
    if shared is None or (shared < policy.pc_act) == (risk.pc_2d < policy.pc_act):
        return ""
    side = "below" if shared < policy.pc_act else "above"
    return f" With the shared density error 2D Pc is {shared:.1e}, {side} the threshold to act."


def _unless_impact(setting: Setting, recommended: OptionName | None) -> str:
    """Said where the policy wants the burn only if the mission does not suffer."""
    burns = recommended not in (None, OptionName.NO_BURN)
    level = judge(setting.risk, setting.policy, setting.now_utc).level
    if not burns or level != Level.BURN_UNLESS_IMPACT:
        return ""
    return f" Policy {setting.policy.name!r} asks for it unless it harms the mission."


def _left_out(burns: list[Option], sound: list[Option]) -> str:
    doubtful = [one.name.label for one in burns if one not in sound]
    if not doubtful:
        return ""
    return f" ({', '.join(doubtful)} left out: Pc method not valid after the burn)"


def _trade_space(setting: Setting, options: tuple[Option, ...]) -> TradeSpace:
    """Pc over burn time and in-track delta-v, wide enough to show every option."""
    times = setting.times_s
    plane = setting.risk.planning_plane
    axes = principal_axes(plane.cov_m2)
    large = setting.risk.hbr.radius_m > _LARGE_DISC_SIGMAS * float(axes.sigma2_m)
    n_times = _COARSE_TRADE_TIMES if large else _TRADE_TIMES
    n_sizes = _COARSE_TRADE_SIZES if large else _TRADE_SIZES
    step = max(1, math.ceil(times.size / n_times))
    direction = np.array([0.0, 1.0, 0.0])
    largest = max((abs(b.dv_rtn_m_s[1]) for one in options for b in one.burns), default=0.0)
    reach = 1.6 * largest if largest > 0 else 0.05
    sizes = np.linspace(-reach, reach, n_sizes)
    b1, b2 = axes.along(plane.miss_m)
    m1, m2 = axes.along(setting.grid_displacement[::step] @ direction)
    pc = pc_on_axes(
        b1 + m1[:, None] * sizes,
        b2 + m2[:, None] * sizes,
        axes.sigma1_m,
        axes.sigma2_m,
        np.asarray(setting.risk.hbr.radius_m),
        fast=True,
    )
    pc = np.minimum(pc * setting.risk.encounter.plane_factor, 1.0)
    return TradeSpace(t_before_tca_s=times[::step], dv_m_s=sizes, direction_rtn=direction, pc=pc)

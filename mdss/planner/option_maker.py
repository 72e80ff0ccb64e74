"""The options of a plan: the candidate that each stands for, flown, and why it is listed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.twobody import orbital_period_s
from mdss.maneuver import Burn
from mdss.notices import Notice
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
from mdss.planner.notices import burn_notices
from mdss.planner.optimum import Allowed, Rays
from mdss.planner.options import Option, OptionName
from mdss.planner.recommendation import with_costs
from mdss.planner.setting import Setting
from mdss.planner.sizing import POLICY_DISTANCE, Sized, enlarged, size_to_target
from mdss.planner.verification import Verified, Verifier
from mdss.risk.methods import Effort
from mdss.units import iso, seconds_between, shifted

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_CLEARLY_LESS = 0.999  # below, the difference is that of sizes set to Pc within 1 %
_GRID_NEIGHBOURS_S = 61.0
_NEGLIGIBLE_SHARE = 1e-4  # of the target: a passage below it is not looked at any closer
_ALIKE_SHARE, _ALIKE_COSINE = 0.2, 0.99  # of a revolution; burns that flight corrects alike
_MONTE_CARLO_PRECISION = 0.1  # of each flight's Pc: a slow pair needs dozens of flights
_TRIES = 4  # burn times of one option that are flown until one holds


class OptionMaker:
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
            effort=Effort(
                negligible=_NEGLIGIBLE_SHARE * setting.policy.pc_target,
                precision=_MONTE_CARLO_PRECISION,
            ),
        )
        self.no_burn = self.verifier.fly()
        self._sizes: dict[tuple[float, ...], Sized] = {}
        self._corrected: list[tuple[Candidate, float]] = []
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
        return with_costs(self.setting, _with_least_flown(made))

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
                f"{risk.pc_method.label} is at or below the target {target:.1e} but does not hold "
                "here, so no burn can be sized by it.",
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
            notices=burn_notices(sized, self.period_s),
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
        if not other.reached or (sized.reached and other.size_m_s >= sized.size_m_s):
            return burn, sized
        pc_linear = linear_pc_of_size(self.setting, back, other.size_m_s)
        return replace(back, pc_linear=pc_linear), other

    def _sized(self, burn: Candidate) -> Sized:
        """The candidate at the size that flight gives it; the same one is flown once."""
        key = (round(burn.t_before_tca_s, 1), *np.round(burn.dv_m_s * burn.unit_rtn, 7).tolist())
        if key not in self._sizes:
            self._sizes[key] = self._flown_to_size(burn)
        return self._sizes[key]

    def _first_size(self, burn: Candidate) -> float:
        """The linear size, corrected as flight corrected that of a burn much like it."""
        for other, size in reversed(self._corrected):
            near = abs(other.t_before_tca_s - burn.t_before_tca_s) < _ALIKE_SHARE * self.period_s
            if near and other.unit_rtn @ burn.unit_rtn > _ALIKE_COSINE:
                return burn.dv_m_s * size / other.dv_m_s
        return burn.dv_m_s

    def _flown_to_size(self, burn: Candidate) -> Sized:
        def of_size(size: float) -> tuple[Burn, ...]:
            dv_rtn = size * burn.unit_rtn
            duration = self.setting.spacecraft.burn_duration_s(size, dv_rtn)
            return (Burn.before(self.setting.tca_utc, burn.t_before_tca_s, dv_rtn, duration),)

        setting, largest = self.setting, self.setting.spacecraft.available_dv_m_s
        target = setting.policy.pc_target
        if self.no_burn.pc > target:
            sized = size_to_target(
                self.verifier,
                of_size,
                self._first_size(burn),
                target,
                no_burn=self.no_burn,
                minimum_m_s=setting.spacecraft.minimum_dv_m_s,
                maximum_m_s=largest,
            )
            if sized.reached:
                self._corrected.append((burn, sized.size_m_s))
        else:  # only a distance of the policy asks for it
            size = min(burn.dv_m_s, largest)
            flown = self.verifier.fly(of_size(size))
            below = flown.pc <= target
            sized = Sized(size_m_s=size, verified=flown, reached=below, limit=POLICY_DISTANCE)
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

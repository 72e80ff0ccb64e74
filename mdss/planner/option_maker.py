"""The options of a plan: the candidate that each stands for, flown, and why it is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mdss.planner.candidates import (
    Candidate,
    Sweep,
    best_reachable_pc,
    candidate,
    refined,
    sweep,
    why_not,
)
from mdss.planner.choices import CHOICES, Choice
from mdss.planner.draft import Draft, PlanStyle
from mdss.planner.mission import POLICY_LIMIT, broken_limits, outcomes_of, within_limits
from mdss.planner.optimum import Allowed, Rays
from mdss.planner.option_writer import OptionWriter
from mdss.planner.options import Option, OptionName
from mdss.planner.pilot import Pilot
from mdss.planner.recommendation import SAME_COST, with_costs
from mdss.planner.setting import Setting
from mdss.planner.sizing import POLICY_DISTANCE, Sized
from mdss.planner.styles import other_styles
from mdss.prices import Limits

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_CLEARLY_LESS = 0.999  # below, the difference is that of sizes set to Pc within 1 %
_GRID_NEIGHBOURS_S = 61.0
_TRIES = 4  # burn times of one option that are flown until one holds


class OptionMaker:
    """Fills the options of one setting."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.pilot = Pilot(setting)
        self.writer = OptionWriter(self.pilot)
        self.no_burn = self.pilot.no_burn
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
        single = with_costs(self.setting, _with_least_flown(made))
        others = with_costs(self.setting, self._other_styles(made))
        return (*_with_cheapest_flown(single), *others)

    def _other_styles(self, single: list[Option]) -> Iterator[Option]:
        """Options of more than one impulse, where they apply."""
        if self.any is None:
            return
        for name, draft, binds, why in other_styles(self.any, single, self.pilot.period_s):
            yield self._of_draft(name, draft) if draft else self.writer.impossible(name, binds, why)

    def _of_draft(self, name: OptionName, draft: Draft) -> Option:
        return self.writer.flown(
            name,
            draft.style,
            self.pilot.draft_to(draft, self.setting.policy.pc_target),
            pc_linear=draft.pc_linear,
            binds=draft.binds,
            why_listed=draft.why,
            certificate=draft.certificate,
        )

    def best_reachable_pc(self, options: Iterable[Option]) -> float:
        """Lowest Pc of the burns that were flown, else by the linear map of the largest burn."""
        flown = [one.pc_verified for one in options if one.burns and one.pc_verified is not None]
        if flown:
            return min(flown)
        limited = self.setting.policy.limits != Limits()
        if self.any is None or (limited and not np.any(self._within_limits(self.any))):
            return self.setting.risk.pc
        return best_reachable_pc(self.any)

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
        return self.writer.without_burn(
            OptionName.NO_BURN,
            feasible=trusted and below and not close,
            binds="Pc threshold" if not below else POLICY_DISTANCE if close else "",
            reason=reason,
        )

    # burns

    def _burn_option(self, name: OptionName, choose: Choice) -> Option:
        if not self.setting.spacecraft.can_maneuver:
            return self.writer.impossible(name, "spacecraft", "The spacecraft cannot maneuver.")
        if not self.burn_would_help:
            return self._not_needed(name)
        found = self.in_track if choose.in_track else self.any
        if found is None:
            return self.writer.impossible(name, *self.setting.why_not_in_track)
        if not np.any(found.possible):
            binds = why_not(found)
            return self.writer.impossible(
                name,
                binds,
                f"No feasible maneuver because of {binds}; the best reachable Pc is "
                f"{best_reachable_pc(found):.1e}.",
            )
        within = self._within_limits(found)
        if not np.any(found.possible & within):
            return self.writer.impossible(name, POLICY_LIMIT, self._beyond_limits(found))
        return self._flown(name, choose, found, within)

    def _within_limits(self, found: Sweep) -> BoolArray:
        if self.setting.policy.limits == Limits():
            return np.ones(found.possible.shape, dtype=bool)
        return within_limits(self.setting.policy, outcomes_of(found))

    def _beyond_limits(self, found: Sweep) -> str:
        least = int(np.argmin(np.where(found.possible, found.optimum.dv_m_s, np.inf)))
        broken = broken_limits(self.setting.policy, outcomes_of(found).at(least))
        return (
            "Every burn that is possible breaks a limit of the policy; of the smallest, "
            f"{' and '.join(broken)}."
        )

    def _not_needed(self, name: OptionName) -> Option:
        """Pc is at or below the target: no burn is sized, whether or not that can be trusted."""
        target, risk = self.setting.policy.pc_target, self.setting.risk
        if not risk.trusted:
            return self.writer.impossible(
                name,
                "Pc method",
                f"{risk.pc_method.label} is at or below the target {target:.1e} but does not hold "
                "here, so no burn can be sized by it.",
            )
        if self.no_burn.pc > target:
            return self.writer.impossible(
                name,
                "another close approach",
                f"The message's encounter is at or below the target {target:.1e}; another approach "
                "within a revolution is not and needs a message of its own.",
            )
        return self.writer.without_burn(
            name,
            feasible=True,
            reason=f"No burn is needed: Pc is at or below the target {target:.1e} already.",
        )

    def _flown(self, name: OptionName, choose: Choice, found: Sweep, within: BoolArray) -> Option:
        """The best burn time that holds when flown; the best of all where none of a few does."""
        score = np.where(within, choose.score(found), np.inf)
        flown: list[Option] = []
        while len(flown) < _TRIES and np.any(np.isfinite(score)):
            best = int(np.argmin(score))
            fine, index = refined(found, best) if choose.refine else (found, best)
            burn = candidate(fine, index, choose.binds(found, best))
            burn, sized = self.pilot.candidate_to(burn, self.setting.policy.pc_target)
            flown.append(
                self.writer.flown(
                    name,
                    PlanStyle.SINGLE,
                    sized,
                    pc_linear=burn.pc_linear,
                    binds=burn.binds,
                    why_listed=choose.reason(found, best),
                    certificate=burn.certificate,
                )
            )
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
            more = self.pilot.verifier.share_to_target(
                self.no_burn, sized.verified, self.setting.policy.pc_target
            )
            return np.asarray(near | (dv * max(more, 1.001) > dv[best]))
        return np.asarray(np.abs(times - times[best]) < 0.2 * self.pilot.period_s)


def _with_least_flown(options: Sequence[Option]) -> tuple[Option, ...]:
    """Minimum fuel is the smallest burn of all that were flown.

    The sweep knows the message's encounter; where another approach or a long arc sizes the
    burns, one that was chosen for something else can turn out smaller.
    """
    return _taken_over(
        options,
        OptionName.MINIMUM_FUEL,
        lambda one: one.dv_total_m_s,
        _CLEARLY_LESS,
        "Least delta-v of all burns that were flown, found when looking for {}. The one "
        "that suits the message's encounter best is larger, or not safe, when flown.",
    )


def _with_cheapest_flown(options: Sequence[Option]) -> tuple[Option, ...]:
    """Balanced is the single burn that costs least of all that were flown; costs filled in."""
    return _taken_over(
        options,
        OptionName.BALANCED,
        lambda one: one.cost,
        1 - SAME_COST,
        "Lowest policy cost of all single burns that were flown, found when looking for {}. "
        "The one that costs least by the linear map costs more, or is not safe, when flown.",
    )


def _taken_over(
    options: Sequence[Option],
    name: OptionName,
    value: Callable[[Option], float],
    share: float,
    reason: str,
) -> tuple[Option, ...]:
    """The options, that of a name replaced by another single burn that is clearly better at it."""
    own = next(one for one in options if one.name == name)
    rivals = [
        one
        for one in options
        if one.feasible
        and one.style == PlanStyle.SINGLE
        and one.burns
        and one.method_valid >= own.method_valid
    ]
    best = min(rivals, key=value, default=own)
    if not best.feasible or (own.feasible and not value(best) < share * value(own)):
        return tuple(options)
    taken = replace(best, name=name, reason=reason.format(best.name.label.lower()))
    return tuple(taken if one is own else one for one in options)

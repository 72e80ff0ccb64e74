"""One option from a plan that was flown: whether it can be taken, what it costs, what binds it."""

from __future__ import annotations

import math
from dataclasses import replace

from mdss.maneuver import Burn
from mdss.notices import Notice
from mdss.planner.box.deviation import BOX, SIDE_WORDS
from mdss.planner.box.flown import deviation_flown
from mdss.planner.certificate import Certificate
from mdss.planner.demands import unmet
from mdss.planner.draft import PlanStyle
from mdss.planner.mission import (
    POLICY_LIMIT,
    broken_limits,
    cancel_utc,
    commit_utc,
    obstacle,
    outcome_of,
)
from mdss.planner.notices import burn_notices
from mdss.planner.options import Option, OptionName
from mdss.planner.pilot import Pilot
from mdss.planner.robustness.flight import WorstCase
from mdss.planner.sizing import POLICY_DISTANCE, Sized
from mdss.planner.verification import Verified
from mdss.units import iso


class OptionWriter:
    """Writes the options of one setting.

    Parameters
    ----------
    pilot : Pilot
    """

    def __init__(self, pilot: Pilot) -> None:
        self.pilot = pilot
        self.setting = pilot.setting

    def flown(
        self,
        name: OptionName,
        style: PlanStyle,
        sized: Sized,
        *,
        pc_linear: float,
        binds: str,
        why_listed: str,
        certificate: Certificate | None = None,
    ) -> Option:
        """The option of a plan as it was flown."""
        verified = sized.verified
        hindrance = self._hindrance(sized, held=name == OptionName.OUT_AND_BACK)
        other = verified.main is not verified.message_approach
        if sized.worst is not None and sized.worst.pc > verified.pc:
            binds = f"case: {sized.worst.name}"
        binds = sized.limit or ("another close approach" if other else binds)
        return self._option(
            name,
            style,
            verified=verified,
            pc_linear=pc_linear,
            feasible=sized.reached and hindrance is None,
            binds=hindrance[0] if hindrance else binds,
            reason=self._reason(why_listed, sized, hindrance),
            notices=burn_notices(sized, self.pilot.period_s),
            certificate=certificate,
            worst=sized.worst,
        )

    def without_burn(
        self, name: OptionName, *, feasible: bool, binds: str = "", reason: str
    ) -> Option:
        """The option to let things be."""
        return self._option(
            name,
            PlanStyle.NO_BURN,
            verified=self.pilot.no_burn,
            pc_linear=self.setting.risk.pc,
            feasible=feasible,
            binds=binds,
            reason=reason,
        )

    def impossible(self, name: OptionName, binds: str, reason: str) -> Option:
        """An option that has no burn to show."""
        nothing = self.without_burn(name, feasible=False, binds=binds, reason=reason)
        return replace(nothing, pc_linear=None, pc_verified=None, pc_largest=None)

    def _hindrance(self, sized: Sized, held: bool) -> tuple[str, str] | None:
        """What forbids a flown plan, as a constraint and in words; `held`: in its box too."""
        burns = sized.verified.burns
        found = obstacle(self.setting, burns) or (self._out_of_box(burns) if held else None)
        if found is not None:
            return found
        outcome = outcome_of(self.setting, burns, sized.verified.pc)
        broken = broken_limits(self.setting.policy, outcome)
        if not broken:
            return None
        return POLICY_LIMIT, f"breaks a limit of the policy: {'; '.join(broken)}"

    def _out_of_box(self, burns: tuple[Burn, ...]) -> tuple[str, str] | None:
        """Where a plan that is to keep the box, or to return to it, does not when it is flown."""
        shares = deviation_flown(self.setting, self.pilot.verifier, burns)
        side = max(shares, key=shares.__getitem__)
        if shares[side] <= 1:
            return None
        return BOX, f"ends {shares[side]:.2f} half-widths off in {SIDE_WORDS[side]}"

    def _reason(self, why_listed: str, sized: Sized, hindrance: tuple[str, str] | None) -> str:
        verified, before = sized.verified, self.setting.risk
        distance_binds = sized.limit == POLICY_DISTANCE
        if verified.main is not verified.message_approach and not distance_binds:
            why_listed += (
                " That holds for the message's encounter; the size is set by another approach at "
                f"{iso(verified.tca_utc)}."
            )
        worst = sized.worst
        if not sized.reached and worst and worst.pc > self.setting.policy.pc_target:
            return (
                f"Not safe in every case when flown: Pc stays at {worst.pc:.1e} with "
                f"{worst.name}, {sized.limit} binds. {why_listed}"
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
        if hindrance:
            return f"The burn at its flown size {hindrance[1]}. {why_listed}"
        if not (before.trusted and verified.trusted):
            why = verified.doubt or before.choice.reason
            return f"{why} {why_listed}"
        return why_listed

    def _option(
        self,
        name: OptionName,
        style: PlanStyle,
        *,
        verified: Verified,
        pc_linear: float,
        feasible: bool,
        binds: str,
        reason: str,
        notices: tuple[Notice, ...] = (),
        certificate: Certificate | None = None,
        worst: WorstCase | None = None,
    ) -> Option:
        setting, burns = self.setting, verified.burns
        after = verified.main.conjunction
        return Option(
            name=name,
            style=style,
            burns=burns,
            outcome=outcome_of(setting, burns, verified.pc),
            burn_duration_s=sum(one.duration_s for one in burns),
            pc_before=setting.risk.pc,
            pc_linear=pc_linear,
            pc_verified=verified.pc,
            pc_largest=verified.main.pc,
            miss_before_m=setting.risk.plane.miss_distance_m,
            miss_after_m=after.miss_distance_m,
            miss_rtn_before_m=setting.conjunction.miss_rtn_m,
            miss_rtn_after_m=after.miss_rtn_m,
            tca_after_utc=after.tca_utc,
            commit_by_utc=commit_utc(setting, burns),
            cancel_by_utc=cancel_utc(setting, burns),
            feasible=feasible,
            method_valid=setting.risk.trusted
            and verified.trusted
            and (worst is None or worst.trusted),
            binds=binds,
            reason=reason,
            cost=math.inf,
            notices=notices,
            unmet=self._unmet(verified),
            certificate=certificate,
            worst_case=worst,
        )

    def _unmet(self, verified: Verified) -> tuple[str, ...]:
        """Distances of the policy that are not reached; without a burn only those that call."""
        short = unmet(self.setting.demands, verified.message_approach.conjunction)
        named = [one.name for one in short if one.calls or verified.burns]
        return tuple(dict.fromkeys((*named, *self.pilot.spoiled(verified))))

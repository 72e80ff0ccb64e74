"""Flies the plans of one setting, and sets their sizes by it; the same plan is flown once."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np

from mdss.astro.twobody import orbital_period_s
from mdss.maneuver import Burn, as_fired
from mdss.planner.candidates import Candidate, reversed_candidate
from mdss.planner.demands import share_to_meet, unmet
from mdss.planner.draft import Draft
from mdss.planner.linear_pc import linear_pc_of
from mdss.planner.robustness.flight import CaseFlights, FlownCase
from mdss.planner.setting import Setting
from mdss.planner.sizing import POLICY_DISTANCE, BurnsOf, Flights, Sized, enlarged, size_to_target
from mdss.planner.verification import Verified, Verifier
from mdss.risk.methods import Effort
from mdss.units import seconds_between

_NEGLIGIBLE_SHARE = 1e-4  # of the target: a passage below it is not looked at any closer
_ALIKE_SHARE, _ALIKE_COSINE = 0.2, 0.99  # of a revolution; burns that flight corrects alike
_MONTE_CARLO_PRECISION = 0.1  # of each flight's Pc: a slow pair needs dozens of flights


class Pilot:
    """Flies plans to a Pc.

    Parameters
    ----------
    setting : Setting
    """

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
        # what sizes are set by: things as planned, or the worst of the cases of a robust plan
        self.judge: Flights = self.verifier
        self.untouched: Verified = self.no_burn
        if setting.robust is not None:
            self.judge = CaseFlights(self.verifier, setting.robust)
            self.untouched = self.judge.fly()
        self._sizes: dict[tuple[float, ...], Sized] = {}
        self._corrected: list[tuple[Candidate, float]] = []

    def under(self, setting: Setting) -> Pilot:
        """This pilot for other constraints on the same encounter: sizes are set anew."""
        other = copy(self)
        other.setting, other._sizes = setting, {}
        return other

    def draft_to(self, draft: Draft, pc_target: float) -> Sized:
        """A draft at the size at which it reaches a Pc."""
        return self._to_target(
            draft.burns_of, draft.dv_m_s, pc_target, draft.minimum_m_s, draft.maximum_m_s
        )

    def candidate_to(self, burn: Candidate, pc_target: float) -> tuple[Candidate, Sized]:
        """A candidate at the size at which it reaches a Pc; turned round where that is smaller.

        Only another approach can make it so: for the message's encounter alone, the candidate's
        way is the best.
        """
        sized = self._candidate(burn, pc_target)
        if sized.verified.main is sized.verified.message_approach:
            return burn, sized
        back = reversed_candidate(self.setting, burn)
        if back is None:
            return burn, sized
        other = self._candidate(back, pc_target)
        if not other.reached or (sized.reached and other.size_m_s >= sized.size_m_s):
            return burn, sized
        pc_linear = linear_pc_of(self.setting, single_burn(self.setting, back, other.size_m_s))
        return replace(back, pc_linear=pc_linear), other

    def spoiled(self, verified: Verified) -> tuple[str, ...]:
        """Distances that another approach falls short of with the burns and not without them."""
        names: list[str] = []
        for one in verified.approaches if verified.burns else ():
            if one is not verified.message_approach:
                short = unmet(self.setting.demands, one.conjunction)
                before = unmet(self.setting.demands, self.no_burn.nearest(one.t_s).conjunction)
                names += [demand.name for demand in short if demand not in before]
        return tuple(names)

    def _candidate(self, burn: Candidate, pc_target: float) -> Sized:
        """The candidate at the size that flight gives it; the same one is flown once."""
        vector = np.round(burn.dv_m_s * burn.unit_rtn, 7).tolist()
        key = (round(burn.t_before_tca_s, 1), pc_target, *vector)
        if key not in self._sizes:
            self._sizes[key] = self._flown_candidate(burn, pc_target)
        return self._sizes[key]

    def _flown_candidate(self, burn: Candidate, pc_target: float) -> Sized:
        craft = self.setting.spacecraft
        sized = self._to_target(
            lambda size: single_burn(self.setting, burn, size),
            self._first_size(burn),
            pc_target,
            craft.minimum_dv_m_s,
            craft.available_dv_m_s,
        )
        if sized.reached and sized.limit != POLICY_DISTANCE:
            self._corrected.append((burn, sized.size_m_s))
        return sized

    def _first_size(self, burn: Candidate) -> float:
        """The linear size, corrected as flight corrected that of a burn much like it."""
        for other, size in reversed(self._corrected):
            near = abs(other.t_before_tca_s - burn.t_before_tca_s) < _ALIKE_SHARE * self.period_s
            if near and other.unit_rtn @ burn.unit_rtn > _ALIKE_COSINE:
                return burn.dv_m_s * size / other.dv_m_s
        return burn.dv_m_s

    def _to_target(
        self,
        burns_of: BurnsOf,
        first_m_s: float,
        pc_target: float,
        minimum_m_s: float,
        maximum_m_s: float,
    ) -> Sized:
        sized = self._in_every_case(burns_of, first_m_s, pc_target, minimum_m_s, maximum_m_s)
        if not isinstance(sized.verified, FlownCase):
            return sized
        as_planned = self.verifier.fly(sized.verified.burns)
        return replace(sized, verified=as_planned, worst=sized.verified.worst)

    def _in_every_case(
        self,
        burns_of: BurnsOf,
        first_m_s: float,
        pc_target: float,
        minimum_m_s: float,
        maximum_m_s: float,
    ) -> Sized:
        if self.untouched.pc > pc_target:
            sized = size_to_target(
                self.judge,
                burns_of,
                first_m_s,
                pc_target,
                no_burn=self.untouched,
                minimum_m_s=minimum_m_s,
                maximum_m_s=maximum_m_s,
            )
        else:  # only a distance of the policy asks for it
            size = min(first_m_s, maximum_m_s)
            flown = self.judge.fly(burns_of(size))
            below = flown.pc <= pc_target
            sized = Sized(size_m_s=size, verified=flown, reached=below, limit=POLICY_DISTANCE)
        demands = self.setting.demands
        if not demands:
            return sized
        sized = enlarged(
            self.judge,
            burns_of,
            sized,
            lambda flown: share_to_meet(demands, self.no_burn, flown),
            pc_target,
            maximum_m_s,
        )
        if sized.reached and self.spoiled(sized.verified):
            return replace(sized, reached=False, limit="another close approach")
        return sized


def single_burn(setting: Setting, burn: Candidate, dv_m_s: float) -> tuple[Burn, ...]:
    """A candidate fired at a size, as a burn that lasts as long as the thruster needs."""
    planned = Burn.before(setting.tca_utc, burn.t_before_tca_s, dv_m_s * burn.unit_rtn)
    return as_fired(setting.spacecraft, [planned])[0]

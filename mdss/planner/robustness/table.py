"""How a plan fares when things turn out otherwise: each burn, each covariance, the radius.

Every row asks the question of the plan's last look again, what Pc is after it, with one thing
changed. Burns that turn out otherwise move the approaches by the linear map around the flight
(`around_flight`); the worst of them is flown. Covariances and radii are changed on the flown
approaches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import methodcaller
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mdss.conjunction import Conjunction
from mdss.errors import PlanningError
from mdss.planner.robustness.around_flight import AroundFlight, MovedApproach, plane_pcs
from mdss.planner.robustness.burns_otherwise import (
    TIMING_ERROR_S,
    BurnsOtherwise,
    Change,
    burns_otherwise,
)
from mdss.planner.robustness.data import Robustness, RobustnessRow
from mdss.planner.verification import Verified, Verifier
from mdss.policy import Policy
from mdss.risk.assess import HardBodyRadius
from mdss.risk.encounter_pc import encounter_pc
from mdss.risk.methods import Effort, PcMethod
from mdss.spacecraft import ExecutionError
from mdss.units import seconds_between

if TYPE_CHECKING:
    from mdss.planner.options import Plan

FloatArray = NDArray[np.float64]

SIGMA_FACTORS = (0.5, 2.0, 4.0)
RADIUS_FACTORS = (0.5, 2.0)
_MATTERS_SHARE = 0.01  # of Pc, from which an approach must be trusted
_NEGLIGIBLE_SHARE, _PRECISION = 1e-4, 0.1  # of the target; of a Monte Carlo Pc


def robustness(
    plan: Plan, option: str, *, timing_error_s: float = TIMING_ERROR_S, fly_all: bool = False
) -> Robustness:
    """What is left of one option of a plan when one thing at a time turns out otherwise.

    Parameters
    ----------
    plan : Plan
    option : str
        Name of an option that was flown: "minimum-fuel", "no-burn", ...
    timing_error_s : float
        Early and late by this much [s], above 0.
    fly_all : bool
        Fly every row in which burns turn out otherwise, instead of the worst one only.

    Returns
    -------
    Robustness

    Raises
    ------
    PlanningError
        If the plan has no such option, it was not flown, or the timing error has no meaning.
    PropagationError
        If an orbit cannot be propagated.

    Notes
    -----
    On top of what a row says, burns keep their execution error: as in the verification, Pc is the
    larger of that with and without it.

    References
    ----------
    .. [1] C. R. Gates, JPL TR 32-504, 1963.
    """
    names = [str(one.name) for one in plan.options]
    if str(option) not in names:
        raise PlanningError(f"the plan has no option {option!r}; it has {', '.join(names)}")
    chosen = plan.options[names.index(str(option))]
    if chosen.pc_verified is None:
        raise PlanningError(f"option {option!r} has no burn to look at: {chosen.reason}")
    if not timing_error_s > 0:
        raise PlanningError(f"a timing error is above 0 s, got {timing_error_s:g}")
    verifier = Verifier(
        plan.conjunction,
        plan.risk.hbr.radius_m,
        plan.spacecraft.execution_error,
        earliest_burn_s=plan.operations.planning_horizon_s,
        now_s=seconds_between(plan.conjunction.tca_utc, plan.now_utc),
        effort=Effort(negligible=_NEGLIGIBLE_SHARE * plan.policy.pc_target, precision=_PRECISION),
    )
    return robustness_of(
        verifier,
        verifier.fly(chosen.burns),
        plan.policy,
        option=str(option),
        other_radii=tuple(radius for radius, _ in plan.risk.pc_at_other_hbr),
        timing_error_s=timing_error_s,
        fly_all=fly_all,
    )


def robustness_of(
    verifier: Verifier,
    flown: Verified,
    policy: Policy,
    *,
    option: str = "",
    other_radii: Sequence[HardBodyRadius] = (),
    timing_error_s: float = TIMING_ERROR_S,
    fly_all: bool = False,
) -> Robustness:
    """`robustness` of burns that were flown, outside a plan.

    Parameters
    ----------
    verifier : Verifier
    flown : Verified
        By that verifier.
    policy : Policy
        Its target and its threshold to act.
    option : str
        What the burns are called.
    other_radii : sequence of HardBodyRadius
        Of other sources, looked at too.
    timing_error_s, fly_all
        As in `robustness`.
    """
    table = _Table(verifier, flown, policy)
    burns, linear_error = table.of_burns(timing_error_s, fly_all)
    nominal = table.row(Change.NOMINAL, "as planned", "", flown.pc, True, flown.trusted)
    return Robustness(
        option=option,
        rows=(nominal, *burns, *table.of_covariances(), *table.of_radii(other_radii)),
        pc_target=policy.pc_target,
        pc_act=policy.pc_act,
        linear_error=linear_error,
        notes=tuple(table.notes()),
    )


class _Table:
    """Makes the rows of one flown plan."""

    def __init__(self, verifier: Verifier, flown: Verified, policy: Policy) -> None:
        self.verifier, self.flown, self.policy = verifier, flown, policy
        self.radius_m = verifier.radius_m
        self.around = AroundFlight(verifier, flown)
        self.as_flown = self.around.approaches(flown.burns)

    def row(
        self, change: Change, what: str, detail: str, pc: float, flown: bool, trusted: bool
    ) -> RobustnessRow:
        return RobustnessRow(
            change=change,
            what=what,
            detail=detail,
            pc=pc,
            below_target=pc <= self.policy.pc_target,
            below_act=pc < self.policy.pc_act,
            flown=flown,
            trusted=trusted,
        )

    def notes(self) -> Iterator[str]:
        error = self.verifier.execution_error or ExecutionError()
        given = {"sizes": error.in_size, "directions": error.in_pointing}
        exact = " and ".join(name for name, off in given.items() if not off)
        if self.flown.burns and exact:
            yield f"The spacecraft has no execution error of {exact}: they are taken as exact."

    # burns

    def of_burns(
        self, timing_error_s: float, fly_all: bool
    ) -> tuple[list[RobustnessRow], float | None]:
        """A row for each kind of change, the worst of its variants; and the linear map's error."""
        cases = list(
            burns_otherwise(self.flown.burns, self.verifier.execution_error, timing_error_s)
        )
        if not cases:
            return [], None
        chosen = self._worst_of_each(cases)
        rows = [self._linear_row(case, moved) for case, moved in chosen]
        fired = [at for at, (case, _) in enumerate(chosen) if case.burns]
        again = fired if fly_all else [max(fired, key=lambda at: rows[at].pc)]
        errors = [0.0]
        for at in again:
            flown = self.verifier.fly(chosen[at][0].burns)
            errors.append(_relative_error(rows[at].pc, flown.pc))
            old = rows[at]
            rows[at] = self.row(old.change, old.what, old.detail, flown.pc, True, flown.trusted)
        return rows, max(errors)

    def _worst_of_each(
        self, cases: Sequence[BurnsOtherwise]
    ) -> list[tuple[BurnsOtherwise, tuple[MovedApproach, ...]]]:
        """Of cases that share a row the one with the highest 2D Pc, with its approaches."""
        self.around.prepare(case.burns for case in cases)
        moved = [self.around.approaches(case.burns) for case in cases]
        flat = [one for each in moved for one in each]
        pcs = plane_pcs(flat, self.radius_m).reshape(len(cases), -1)
        height = np.sum(pcs, axis=1)
        worst: dict[str, int] = {}
        for at, case in enumerate(cases):
            if case.what not in worst or height[at] > height[worst[case.what]]:
                worst[case.what] = at
        return [(cases[at], moved[at]) for at in worst.values()]

    def _linear_row(self, case: BurnsOtherwise, moved: Sequence[MovedApproach]) -> RobustnessRow:
        pcs = plane_pcs(moved, self.radius_m)
        parts = (self._pc(one, float(pc)) for one, pc in zip(moved, pcs, strict=True))
        pc, trusted = _together(parts)
        # without burns the approaches are those of the orbit that was flown without them
        return self.row(case.change, case.what, case.detail, pc, not case.burns, trusted)

    def _pc(self, moved: MovedApproach, pc_2d: float) -> tuple[float, bool]:
        """2D Pc where the flight found that it holds, else by the method that does."""
        found = moved.flown.encounter
        if found and found.choice.recommended.method == PcMethod.PC_2D:
            return pc_2d, found.trusted
        return self._by_method(moved, pc_2d, self.radius_m)

    def _by_method(self, moved: MovedApproach, pc_2d: float, radius_m: float) -> tuple[float, bool]:
        """With or without execution error, whichever is the larger by 2D Pc."""
        if moved.is_far(radius_m):
            return 0.0, True
        found = moved.flown.encounter
        fast = found is None or found.choice.recommended.method == PcMethod.PC_2D
        if fast and pc_2d < self.verifier.effort.negligible:
            return pc_2d, True
        with_error = plane_pcs([replace(moved, extra_cov_eci=None)], radius_m)[0] < pc_2d
        larger = moved.inflated if with_error else moved.conjunction
        again = encounter_pc(larger, radius_m, self.verifier.effort)
        return again.pc, again.trusted

    # what is known of the encounter

    def of_covariances(self) -> Iterator[RobustnessRow]:
        """Sigmas of one object or both multiplied, the burns' own errors left as they are."""
        for who, ours, theirs in (
            ("our sigmas", True, False),
            ("the other object's sigmas", False, True),
            ("all sigmas", True, True),
        ):
            for factor in SIGMA_FACTORS:
                of = methodcaller("with_sigmas", factor if ours else 1.0, factor if theirs else 1.0)
                what = f"{who} × {factor:g}"
                yield self._changed(Change.COVARIANCE, what, "", of, self.radius_m)

    def of_radii(self, others: Iterable[HardBodyRadius]) -> Iterator[RobustnessRow]:
        """The combined radius smaller and larger, and as other sources have it."""
        radii = [(f"hard-body radius × {k:g}", k * self.radius_m) for k in RADIUS_FACTORS]
        radii += [(f"hard-body radius, {one.source}", one.radius_m) for one in others]
        for what, radius_m in radii:
            yield self._changed(Change.RADIUS, what, f"{radius_m:.3g} m", lambda c: c, radius_m)

    def _changed(
        self,
        change: Change,
        what: str,
        detail: str,
        of: Callable[[Conjunction], Conjunction],
        radius_m: float,
    ) -> RobustnessRow:
        moved = [replace(one, conjunction=of(one.conjunction)) for one in self.as_flown]
        pcs = plane_pcs(moved, radius_m)
        pc, trusted = _together(
            self._by_method(one, float(pc), radius_m) for one, pc in zip(moved, pcs, strict=True)
        )
        return self.row(change, what, detail, pc, True, trusted)


def _together(parts: Iterable[tuple[float, bool]]) -> tuple[float, bool]:
    """1 − Π(1 − Pc), and whether every part that matters is trusted."""
    both = list(parts)
    log_safe = sum(math.log1p(-min(pc, 1 - 1e-16)) for pc, _ in both)
    total = abs(math.expm1(log_safe))
    return total, all(trusted for pc, trusted in both if pc > _MATTERS_SHARE * total)


def _relative_error(linear: float, flown: float) -> float:
    if linear == flown:
        return 0.0
    return abs(linear / flown - 1) if flown > 0 else math.inf

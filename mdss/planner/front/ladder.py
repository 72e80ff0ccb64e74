"""Single burns of every burn time at a ladder of Pc, priced by the linear map.

In-track burns are among the free ones, which at the same time and Pc cost no more in anything, so
that one sweep a level holds them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mdss.planner.candidates import Candidate, Sweep, candidate, sweep
from mdss.planner.costs import costs_of
from mdss.planner.linear_pc import linear_pc
from mdss.planner.mission import outcomes_of, within_limits
from mdss.planner.options import Option
from mdss.planner.outcome import Outcome
from mdss.planner.setting import Setting
from mdss.policy import Policy

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVELS = tuple(10 ** (-0.5 * half) for half in (0, 1, 2, 3, 4, 6))
"""Pc that single burns are sized to, in targets of the policy: half decades, then a whole one."""

_LARGEST_GROWTH = 4.0  # of a burn by its own error; beyond, flight says what it takes
_SIZE_STEP = 1e-5  # of the size: 0.1 % of Pc at most
_LEAST_PC = 1e-300


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearPlans:
    """Single burns that can be commanded, at every grid time and level, by the linear map.

    Parameters
    ----------
    sweeps : tuple of Sweep
        One a level.
    level, row : array of int, shape (n,)
        Which sweep, and which of its burn times.
    costs : array, shape (n, 5)
        In the order and units of `costs_of`.
    """

    sweeps: tuple[Sweep, ...]
    level: IntArray
    row: IntArray
    costs: FloatArray

    def __len__(self) -> int:
        return self.level.size

    def only(self, rows: IntArray) -> LinearPlans:
        """Some of them."""
        return replace(self, level=self.level[rows], row=self.row[rows], costs=self.costs[rows])


def linear_plans(found: Sweep | None) -> LinearPlans:
    """All burn times at all `LEVELS`.

    Parameters
    ----------
    found : Sweep or None
        At the target; None where no burn is sized.
    """
    if found is None or not np.any(found.possible):
        nothing = np.array([], dtype=np.int64)
        return LinearPlans(sweeps=(), level=nothing, row=nothing, costs=np.empty((0, 5)))
    setting, policy = found.setting, found.setting.policy
    lower = [sweep(_at_share(setting, share), found.allowed) for share in LEVELS[1:]]
    sweeps = (found, *lower)
    outcomes = [outcomes_of(one) for one in sweeps]
    costs = [costs_matrix(policy, one) for one in outcomes]
    good = [
        one.possible
        & (one.optimum.dv_m_s > 0)
        & within_limits(policy, outcome)
        & np.all(np.isfinite(values), axis=1)
        for one, outcome, values in zip(sweeps, outcomes, costs, strict=True)
    ]
    rows = [np.flatnonzero(one) for one in good]
    return LinearPlans(
        sweeps=sweeps,
        level=np.repeat(np.arange(len(sweeps)), [one.size for one in rows]),
        row=np.concatenate(rows),
        costs=np.concatenate([one[kept] for one, kept in zip(costs, rows, strict=True)]),
    )


def quick_candidate(chosen: Sweep, row: int, binds: str) -> Candidate:
    """As `candidate`, but execution error changes only the size of the burn, not its direction.

    Which it hardly does: on scenarios and real messages sizes agree to 1e-5, and are found three
    times as fast. Robust plans take the long way.
    """
    setting = chosen.setting
    if setting.robust or setting.spacecraft.execution_error is None:
        return candidate(chosen, row, binds)
    exact = replace(setting.spacecraft, execution_error=None)
    plain = candidate(replace(chosen, setting=replace(setting, spacecraft=exact)), row, binds)
    displacement = chosen.displacement[row][None]

    def pc_of(dv_m_s: float) -> float:
        return linear_pc(setting, displacement, dv_m_s * plain.unit_rtn[None])

    goal = setting.linear_target * setting.risk.encounter.plane_factor
    size = _first_below(pc_of, goal, plain.dv_m_s)
    return replace(plain, dv_m_s=size, pc_linear=pc_of(size))


def _first_below(pc_of: Callable[[float], float], goal: float, start_m_s: float) -> float:
    """The size from `start_m_s` at which Pc comes down to the goal; the start if it never does."""
    from scipy.optimize import brentq

    def above(dv_m_s: float) -> float:
        return math.log(max(pc_of(dv_m_s), _LEAST_PC) / goal)

    if above(start_m_s) <= 0 or above(_LARGEST_GROWTH * start_m_s) > 0:
        return start_m_s
    return float(brentq(above, start_m_s, _LARGEST_GROWTH * start_m_s, rtol=_SIZE_STEP, xtol=1e-9))


def costs_matrix(policy: Policy, outcome: Outcome) -> FloatArray:
    """The five costs of an outcome, shape (n, 5)."""
    return np.stack(
        np.broadcast_arrays(*(np.atleast_1d(c.of(outcome)) for c in costs_of(policy))), 1
    )


def _at_share(setting: Setting, share: float) -> Setting:
    """The setting with a share of its Pc target; nothing that it has computed depends on that."""
    policy = setting.policy
    lower = replace(setting, policy=replace(policy, pc_target=share * policy.pc_target))
    vars(lower).update({k: v for k, v in vars(setting).items() if k not in vars(lower)})
    return lower


def costs_of_options(policy: Policy, options: Sequence[Option]) -> FloatArray:
    """The five costs of each, shape (n, 5)."""
    found = [costs_matrix(policy, one.outcome)[0] for one in options]
    return np.array(found, dtype=float).reshape(-1, len(costs_of(policy)))

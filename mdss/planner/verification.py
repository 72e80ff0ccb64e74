"""The second look at a burn: fly it with all forces and find the closest approaches anew.

Nothing here uses the linear map of the optimum. Both orbits are anchored at the message's states at
TCA, so that a burn of zero returns them; the burned orbit is flown with the same forces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.astro.numerical import Forces, propagate, propagate_with_burns, propagate_with_stm
from mdss.astro.probability import pc_2d
from mdss.astro.twobody import fastest_turn_s, orbital_period_s
from mdss.astro.twobody import propagate as two_body_propagate
from mdss.conjunction import Conjunction, ObjectState
from mdss.forces import force_model
from mdss.maneuver import Burn
from mdss.risk.encounter_pc import EncounterPc, encounter_pc
from mdss.risk.methods import Effort, PcMethod
from mdss.risk.plane import combined_cov_eci_m2
from mdss.spacecraft import ExecutionError
from mdss.units import shifted

FloatArray = NDArray[np.float64]

_GRID_STEPS = 300  # in a revolution
_REVOLUTIONS = 1.05  # searched each way: an approach one revolution away must not sit on the edge
_MATTERS_SHARE = 0.01  # of Pc, from which an approach must be valid
_REFINEMENTS = 4
_RESOLUTION, _SAMPLED_RESOLUTION = 0.01, 0.2  # computed; sampled, with its interval each way
_UNNOTICED_GROWTH = 1.01  # of a variance: Pc by then moves less than Monte Carlo resolves
_LOG_MARGIN = 10.0  # the bound's factor before the exponential is far from this
_IGNORED_MISS_SIGMAS = 40.0  # beyond, 2D Pc underflows
_COAST_TOLERANCE = 1e-12  # a revolution to better than a millimetre


@dataclass(frozen=True, kw_only=True, eq=False)
class Approach:
    """One local minimum of the distance.

    Parameters
    ----------
    conjunction : Conjunction
        Both states at that minimum.
    t_s : float
        Seconds from the message's TCA.
    pc : float
        By the method that holds there, execution error included where that raises it.
    encounter : EncounterPc, optional
        What `pc` rests on; None where the objects are too far apart to matter.
    """

    conjunction: Conjunction
    t_s: float
    pc: float
    encounter: EncounterPc | None = None

    @property
    def trusted(self) -> bool:
        """Whether the assumptions behind `pc` hold."""
        return self.encounter is None or self.encounter.trusted

    @property
    def miss_distance_m(self) -> float:
        """Distance [m]."""
        return self.conjunction.miss_distance_m


@dataclass(frozen=True, kw_only=True, eq=False)
class Verified:
    """A burn, flown.

    Parameters
    ----------
    burns : tuple of Burn
    approaches : tuple of Approach
        All minima within a revolution of TCA, in time order.
    pc : float
        Of all of them together, 1 − Π(1 − Pc).
    """

    burns: tuple[Burn, ...]
    approaches: tuple[Approach, ...]
    pc: float

    @property
    def resolution(self) -> float:
        """The relative difference below which `pc` tells nothing apart."""
        sampled = any(
            one.encounter and one.encounter.choice.recommended.method == PcMethod.MONTE_CARLO
            for one in self.approaches
            if one.pc > _MATTERS_SHARE * self.pc
        )
        return _SAMPLED_RESOLUTION if sampled else _RESOLUTION

    @property
    def doubtful(self) -> tuple[Approach, ...]:
        """Approaches that matter and where no method is known to hold, the main one first."""
        weighty = [one for one in self.approaches if one.pc > _MATTERS_SHARE * self.pc]
        doubts = [one for one in weighty if not one.trusted]
        return tuple(sorted(doubts, key=lambda one: -one.pc))

    @property
    def trusted(self) -> bool:
        """Whether `pc` can be believed."""
        return not self.doubtful

    @property
    def doubt(self) -> str:
        """Why not; "" when it can."""
        worst = next(iter(self.doubtful), None)
        return worst.encounter.choice.reason if worst and worst.encounter else ""

    @property
    def main(self) -> Approach:
        """The approach with the largest Pc; among equals the one closest to the message's TCA."""
        return max(self.approaches, key=lambda one: (one.pc, -abs(one.t_s)))

    @property
    def message_approach(self) -> Approach:
        """The approach that the message is about: the one closest to its TCA."""
        return self.nearest(0.0)

    def nearest(self, t_s: float) -> Approach:
        """The approach closest in time to `t_s` from the message's TCA."""
        return _nearest(self.approaches, t_s)

    @property
    def tca_utc(self) -> datetime:
        """Epoch of the main approach."""
        return self.main.conjunction.tca_utc


class Verifier:
    """Flies burns of one conjunction; the other object's orbit is integrated once.

    Parameters
    ----------
    conjunction : Conjunction
        The primary burns.
    hard_body_radius_m : float
        [m].
    execution_error : ExecutionError, optional
        Adds to the covariance; Pc is the larger of with and without.
    earliest_burn_s : float
        Seconds before TCA; burns up to then share one integration of the transition matrix.
    now_s : float
        The current time, seconds from TCA. Approaches before it are history and left out,
        except that of the message.
    forces : pair of ForceModel or ZonalModel, optional
        On primary and secondary; those of `force_model` when not given.
    effort : Effort, optional
        What Monte Carlo may cost at each approach where no other method holds.
    """

    def __init__(
        self,
        conjunction: Conjunction,
        hard_body_radius_m: float,
        execution_error: ExecutionError | None = None,
        earliest_burn_s: float = 0.0,
        now_s: float = -math.inf,
        forces: tuple[Forces, Forces] | None = None,
        effort: Effort | None = None,
    ) -> None:
        self.conjunction = conjunction
        self.radius_m = hard_body_radius_m
        self.execution_error = execution_error
        self.forces = forces or (force_model(conjunction, 0), force_model(conjunction, 1))
        primary = conjunction.primary
        gm = conjunction.body.gm_m3_s2
        self.period_s = orbital_period_s(primary.position_m, primary.velocity_m_s, gm)
        self.fastest_turn_s = fastest_turn_s(primary.position_m, primary.velocity_m_s, gm)
        grid_s = _search_grid_s(primary.position_m, primary.velocity_m_s, gm)
        self.grid_s = grid_s[grid_s >= min(now_s, -0.25 * self.period_s)]
        self.earliest_s = -abs(earliest_burn_s)
        self.effort = replace(effort or Effort(), one_of_several=True)

    def of(self, conjunction: Conjunction, hard_body_radius_m: float) -> Verifier:
        """One for the same states with other covariances or another radius [m]."""
        other = copy(self)
        other.conjunction, other.radius_m = conjunction, hard_body_radius_m
        return other

    def fly(self, burns: Sequence[Burn] = ()) -> Verified:
        """Closest approaches within a revolution of TCA after these burns, with their Pc.

        Raises
        ------
        PropagationError
            If an orbit cannot be propagated.
        """
        minima = self._minima(burns)
        extra = self._execution_covs_eci(burns, [t for t, _ in minima])
        approaches = tuple(
            self._approach(t, pair, added) for (t, pair), added in zip(minima, extra, strict=True)
        )
        together = abs(math.expm1(sum(math.log1p(-min(one.pc, 1 - 1e-16)) for one in approaches)))
        return Verified(burns=tuple(burns), approaches=approaches, pc=together)

    def share_to_target(self, no_burn: Verified, flown: Verified, aim: float) -> float:
        """The smallest factor on a flown burn at which all approaches together come down to `aim`.

        Each approach is taken to move on the line from its miss without a burn through its
        flown miss, in the plane of the flown one; exact Pc along these lines is summed.
        """
        total = np.zeros(_SHARES.size)
        for after in flown.approaches:
            before = _nearest(no_burn.approaches, after.t_s)
            near = abs(before.t_s - after.t_s) < 0.25 * self.period_s
            if near and before.encounter and after.encounter:
                total += _pc_along_line(before.encounter, after.encounter)
            else:
                total += after.pc
        return _first_fall(_SHARES, np.log(np.maximum(total, 1e-300)), math.log(aim))

    def states(self, burns: Sequence[Burn], t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Both objects' states at seconds from TCA, the primary burned, shape (n, 6) each."""
        first, second = self.conjunction.primary, self.conjunction.secondary
        epoch = self.conjunction.tca_utc
        theirs = self._coast(second, self.forces[1], t_s)
        if not any(burn.dv_m_s for burn in burns):
            return self._coast(first, self.forces[0], t_s), theirs
        pulses = [one for burn in burns for one in burn.pulses(self.fastest_turn_s)]
        ours = propagate_with_burns(
            first.position_m,
            first.velocity_m_s,
            epoch,
            [t for t, _ in pulses],
            np.array([dv_rtn for _, dv_rtn in pulses]),
            self._anchored(t_s),
            self.forces[0],
            earliest_s=self.earliest_s,
        )[2:]
        return ours, theirs

    def _coast(self, thing: ObjectState, forces: Forces, t_s: FloatArray) -> FloatArray:
        return propagate(
            thing.position_m,
            thing.velocity_m_s,
            self.conjunction.tca_utc,
            self._anchored(t_s),
            forces,
            tolerance=_COAST_TOLERANCE,
        )[2:]

    def _anchored(self, t_s: FloatArray) -> FloatArray:
        """Both ends of the grid first, so that every call asks for the same, cached arcs."""
        return np.concatenate([self.grid_s[[0, -1]], t_s])

    def _minima(self, burns: Sequence[Burn]) -> list[tuple[float, tuple[FloatArray, FloatArray]]]:
        """Times of the local minima of the distance, with both states there."""
        times = self.grid_s
        relative = np.subtract(*self.states(burns, times))
        rate = np.einsum("ij,ij->i", relative[:, :3], relative[:, 3:])
        inner = np.flatnonzero((rate[:-1] < 0) & (rate[1:] >= 0))
        low, high = times[inner], times[inner + 1]
        near = inner + (np.abs(rate[inner]) > np.abs(rate[inner + 1]))
        t = times[near] + _linear_shift(relative[near])
        for _ in range(_REFINEMENTS):
            t = np.clip(t, low, high)
            ours, theirs = self.states(burns, t)
            t = t + _linear_shift(ours - theirs)
        if not t.size:  # the distance only grows or falls: the end of the search is the closest
            t = times[[np.argmin(np.linalg.norm(relative[:, :3], axis=1))]]
        ours, theirs = self.states(burns, t)
        return [(float(t[k]), (ours[k], theirs[k])) for k in range(t.size)]

    def _approach(
        self, t_s: float, states: tuple[FloatArray, FloatArray], extra_cov_eci: FloatArray | None
    ) -> Approach:
        ours, theirs = states
        source = self.conjunction
        here = replace(
            source,
            tca_utc=shifted(source.tca_utc, t_s),
            primary=replace(source.primary, position_m=ours[:3], velocity_m_s=ours[3:]),
            secondary=replace(source.secondary, position_m=theirs[:3], velocity_m_s=theirs[3:]),
        )
        inflated = here
        if extra_cov_eci is not None:
            inflated = replace(here, primary=here.primary.with_added_cov(extra_cov_eci))
        widest = np.linalg.eigvalsh(combined_cov_eci_m2(inflated))[-1]
        sigma = math.sqrt(max(float(widest), 0.0))
        if here.miss_distance_m > _IGNORED_MISS_SIGMAS * sigma + self.radius_m:
            return Approach(conjunction=here, t_s=t_s, pc=0.0)
        found = encounter_pc(here, self.radius_m, self.effort)
        if inflated is not here and not self._does_not_matter(found, inflated):
            with_error = encounter_pc(inflated, self.radius_m, self.effort)
            found = max(found, with_error, key=lambda one: one.pc)
        return Approach(conjunction=here, t_s=t_s, pc=found.pc, encounter=found)

    def _does_not_matter(self, found: EncounterPc, inflated: Conjunction) -> bool:
        """Whether execution error changes nothing that counts: no need to compute Pc again.

        Where no variance grows by more than a factor f, no squared distance in sigmas falls below
        1 / f of what it was, and with it the logarithm of a negligible bound. Methods that take
        seconds are not repeated for a growth below what they resolve.
        """
        method = found.choice.recommended.method
        if method in (PcMethod.PC_2D, PcMethod.NC_2D):
            return False
        before, after = (combined_cov_eci_m2(one) for one in (found.conjunction, inflated))
        try:
            root = np.linalg.cholesky(before)
        except np.linalg.LinAlgError:
            return False
        growth = np.linalg.eigvalsh(np.linalg.solve(root, np.linalg.solve(root, after).T))[-1]
        if method != PcMethod.NC_2D_UPPER:
            return bool(growth < _UNNOTICED_GROWTH)
        log_bound = math.log(max(found.pc, 1e-300))
        return log_bound / float(growth) < math.log(self.effort.negligible) - _LOG_MARGIN

    def _execution_covs_eci(
        self, burns: Sequence[Burn], t_s: Sequence[float]
    ) -> list[FloatArray | None]:
        """Covariances (6, 6) that the burns' execution errors add at times from TCA, inertial."""
        if self.execution_error is None or not burns:
            return [None] * len(t_s)
        primary = self.conjunction.primary
        anchors = [self.earliest_s, float(self.grid_s[-1])]
        states, transition = propagate_with_stm(
            primary.position_m,
            primary.velocity_m_s,
            self.conjunction.tca_utc,
            [*anchors, *t_s, *(-burn.t_before_tca_s for burn in burns)],
            self.forces[0],
        )
        n = len(anchors) + len(t_s)
        total = [np.zeros((6, 6)) for _ in t_s]
        for burn, state, phi in zip(burns, states[n:], transition[n:], strict=True):
            turned = np.linalg.inv(phi)[:, 3:] @ eci_from_rtn(state[:3], state[3:])
            error = self.execution_error.covariance_rtn_m2_s2(burn.dv_rtn_m_s)
            for k, t in enumerate(t_s):
                if t > -burn.t_before_tca_s:
                    effect = transition[len(anchors) + k] @ turned
                    total[k] += effect @ error @ effect.T
        return list(total)


def _pc_along_line(before: EncounterPc, after: EncounterPc) -> FloatArray:
    """Pc of one approach for shares of the burn, in the plane that its method plans in."""
    plane, old = after.planning_plane, before.planning_plane
    start = plane.axes @ (old.miss_m @ old.axes)
    misses = start + _SHARES[:, None] * (plane.miss_m - start)
    pcs = pc_2d(misses, plane.cov_m2, after.radius_m, fast=True)
    return np.asarray(after.plane_factor * pcs)


def _linear_shift(relative: FloatArray) -> FloatArray:
    position, velocity = relative[:, :3], relative[:, 3:]
    return np.asarray(
        -np.einsum("ij,ij->i", position, velocity) / np.einsum("ij,ij->i", velocity, velocity)
    )


def _nearest(approaches: Sequence[Approach], t_s: float) -> Approach:
    return min(approaches, key=lambda one: abs(one.t_s - t_s))


def _search_grid_s(position_m: FloatArray, velocity_m_s: FloatArray, gm: float) -> FloatArray:
    """Times within a revolution of TCA, even in angle about the body: denser at perigee."""
    reach_s = _REVOLUTIONS * orbital_period_s(position_m, velocity_m_s, gm)
    even = np.linspace(-reach_s, reach_s, 20 * _GRID_STEPS + 1)
    states = two_body_propagate(position_m, velocity_m_s, even, gm)
    radial = states[:, :3] / np.linalg.norm(states[:, :3], axis=1, keepdims=True)
    turned = np.linalg.norm(np.diff(radial, axis=0), axis=1)
    angle = np.concatenate([[0.0], np.cumsum(turned)])
    tca = angle[angle.size // 2]
    wanted = np.concatenate(
        [np.linspace(0, tca, _GRID_STEPS + 1), np.linspace(tca, angle[-1], _GRID_STEPS + 1)[1:]]
    )
    grid = np.interp(wanted, angle, even)
    grid[_GRID_STEPS] = 0.0
    return np.asarray(grid)


_SHARES = np.geomspace(0.05, 5.0, 801)


def _first_fall(x: FloatArray, y: FloatArray, level: float) -> float:
    """Where y comes down to the level for the first time, interpolated; an end if it does not."""
    below = np.flatnonzero(y <= level)
    if not below.size or below[0] == 0:
        return float(x[below[0]] if below.size else x[-1])
    k = below[0]
    return float(x[k - 1] + (level - y[k - 1]) * (x[k] - x[k - 1]) / (y[k] - y[k - 1]))

"""What becomes of a flown plan when its burns turn out otherwise, without flying each case again.

The flight gives every approach exactly, and so does the orbit without burns. Between and around
these two, the transition matrix says how each burn moves each approach; what it misses of the
flown displacement grows with the square of the displacement and is scaled so. Both ends are
exact: the plan as it was flown, and no burn at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import encounter_plane
from mdss.astro.frames import eci_from_rtn
from mdss.astro.numerical import propagate_with_stm
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction, ObjectState
from mdss.maneuver import Burn
from mdss.planner.verification import Approach, Verified, Verifier
from mdss.risk.plane import combined_cov_eci_m2, repaired_cov
from mdss.units import shifted

FloatArray = NDArray[np.float64]

_TCA_PASSES = 3
_FAR_SIGMAS = 40.0  # beyond, Pc underflows
_LARGEST_SQUARE = 4.0  # of a displacement twice the flown one: the square is not trusted further


@dataclass(frozen=True, kw_only=True, eq=False)
class MovedApproach:
    """One approach after changed burns.

    Parameters
    ----------
    conjunction : Conjunction
        Both states at the new closest approach, covariance of the message.
    extra_cov_eci : array, shape (6, 6), or None
        What the burns' execution errors add to the primary's covariance, inertial; None without.
    flown : Approach
        The same approach as the plan was flown.
    shift_s : float
        How far the closest approach moved in time [s].
    """

    conjunction: Conjunction
    extra_cov_eci: FloatArray | None
    flown: Approach
    shift_s: float

    @property
    def inflated(self) -> Conjunction:
        """With the execution errors in the primary's covariance."""
        if self.extra_cov_eci is None:
            return self.conjunction
        primary = self.conjunction.primary.with_added_cov(self.extra_cov_eci)
        return replace(self.conjunction, primary=primary)

    @cached_property
    def covs_eci_m2(self) -> tuple[FloatArray, ...]:
        """Combined position covariance, and with execution errors where there are any."""
        plain = combined_cov_eci_m2(self.conjunction)
        return (
            (plain,) if self.extra_cov_eci is None else (plain, plain + self.extra_cov_eci[:3, :3])
        )

    def is_far(self, radius_m: float) -> bool:
        """Whether the miss is so many sigmas that no probability is left.

        Where it was so when flown (40 of them), it takes more than half of the miss or four times
        the sigmas to look again: 10 of them are left then.
        """
        miss_m = self.conjunction.miss_distance_m
        if self.flown.encounter is None and miss_m > 0.5 * self.flown.miss_distance_m:
            return True
        reach_m = _FAR_SIGMAS * math.sqrt(max(float(np.trace(self.covs_eci_m2[-1])), 0.0))
        return miss_m > reach_m + radius_m

    def planes(self, radius_m: float) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Miss [m] and covariance [m²] in the encounter plane, for each covariance."""
        here = self.conjunction
        for cov_eci in self.covs_eci_m2:
            plane = encounter_plane(
                here.primary.position_m,
                here.relative_position_m,
                here.relative_velocity_m_s,
                cov_eci,
            )
            yield plane.miss_m, repaired_cov(plane.cov_m2, radius_m)[0]


def plane_pcs(moved: Sequence[MovedApproach], radius_m: float) -> FloatArray:
    """2D Pc of many approaches, the larger of with and without execution errors, shape (n,)."""
    near = [(at, one) for at, one in enumerate(moved) if not one.is_far(radius_m)]
    parts = [(at, *plane) for at, one in near for plane in one.planes(radius_m)]
    largest = np.zeros(len(moved))
    if parts:
        places, misses, covs = (np.array(column) for column in zip(*parts, strict=True))
        np.maximum.at(largest, places, pc_2d(misses, covs, radius_m))
    return largest


class AroundFlight:
    """The approaches of a flown plan, and how they move when its burns change.

    Parameters
    ----------
    verifier : Verifier
        That flew it.
    flown : Verified
    """

    def __init__(self, verifier: Verifier, flown: Verified) -> None:
        self.verifier, self.flown = verifier, flown
        self.t_s = np.array([one.t_s for one in flown.approaches])
        coast, self._theirs = verifier.states((), self.t_s)
        self._ours = np.array([_state(one.conjunction.primary) for one in flown.approaches])
        self._coast = coast if flown.burns else self._ours
        self._kicks: dict[float, FloatArray] = {}
        self._transition = np.broadcast_to(np.eye(6), (self.t_s.size, 6, 6))
        self._flown_step = self._step(flown.burns)
        self._beyond_linear = self._ours - self._coast - self._flown_step

    def prepare(self, plans: Iterable[Sequence[Burn]]) -> None:
        """Integrate once for all that is going to be asked."""
        pulses = {t for burns in plans for burn in burns for t, _ in self._pulses(burn)}
        middles = {-burn.t_before_tca_s for burns in plans for burn in burns}
        self._look_up(sorted(pulses | middles))

    def approaches(self, burns: Sequence[Burn]) -> tuple[MovedApproach, ...]:
        """Every approach of the plan, after other burns.

        Parameters
        ----------
        burns : sequence of Burn
            In the place of those that were flown.
        """
        step = self._step(burns)
        ours = self._coast + step + self._square_share(step)[:, None] * self._beyond_linear
        extra = self._execution_covs(burns)
        each = zip(self.flown.approaches, ours, self._theirs, extra, strict=True)
        return tuple(self._moved(*one) for one in each)

    def _moved(
        self, flown: Approach, ours: FloatArray, theirs: FloatArray, extra: FloatArray | None
    ) -> MovedApproach:
        here = flown.conjunction
        gm = here.body.gm_m3_s2
        shift_s = 0.0
        for _ in range(_TCA_PASSES):
            step_s = _to_closest_s(ours - theirs)
            ours, theirs = _later(ours, step_s, gm), _later(theirs, step_s, gm)
            shift_s += step_s
        moved = replace(
            here,
            tca_utc=shifted(here.tca_utc, shift_s),
            primary=replace(here.primary, position_m=ours[:3], velocity_m_s=ours[3:]),
            secondary=replace(here.secondary, position_m=theirs[:3], velocity_m_s=theirs[3:]),
        )
        return MovedApproach(conjunction=moved, extra_cov_eci=extra, flown=flown, shift_s=shift_s)

    def _square_share(self, step: FloatArray) -> FloatArray:
        """Share of what the linear map missed when the plan was flown, per approach."""
        flown = np.linalg.norm(self._flown_step[:, :3], axis=1)
        now = np.linalg.norm(step[:, :3], axis=1)
        share = np.where(flown > 0, now / np.where(flown > 0, flown, 1.0), 0.0) ** 2
        return np.asarray(np.minimum(share, _LARGEST_SQUARE))

    def _step(self, burns: Sequence[Burn]) -> FloatArray:
        """What burns do to the primary's state at each approach, linear, shape (n, 6)."""
        self.prepare([burns])
        step = np.zeros((self.t_s.size, 6))
        for t, dv_rtn in (pulse for burn in burns for pulse in self._pulses(burn)):
            if t in self._kicks:
                effect = self._transition @ self._kicks[t] @ dv_rtn
                step += np.where((t < self.t_s)[:, None], effect, 0.0)
        return step

    def _execution_covs(self, burns: Sequence[Burn]) -> list[FloatArray | None]:
        error = self.verifier.execution_error
        if error is None or not burns:
            return [None] * self.t_s.size
        total = np.zeros((self.t_s.size, 6, 6))
        for burn in (one for one in burns if -one.t_before_tca_s in self._kicks):
            t = -burn.t_before_tca_s
            effect = self._transition @ self._kicks[t]
            added = effect @ error.covariance_rtn_m2_s2(burn.dv_rtn_m_s) @ effect.swapaxes(1, 2)
            total += np.where((t < self.t_s)[:, None, None], added, 0.0)
        return list(total)

    def _pulses(self, burn: Burn) -> list[tuple[float, FloatArray]]:
        return burn.pulses(self.verifier.fastest_turn_s)

    def _look_up(self, times_s: Sequence[float]) -> None:
        """What a kick in RTN does, at new times; after the last approach nothing matters."""
        last = float(np.max(self.t_s))
        new = [t for t in times_s if t not in self._kicks and t < last]
        if not new:
            return
        primary = self.verifier.conjunction.primary
        ends = [min(self.verifier.earliest_s, *new), float(self.verifier.grid_s[-1])]
        states, transition = propagate_with_stm(
            primary.position_m,
            primary.velocity_m_s,
            self.verifier.conjunction.tca_utc,
            [*ends, *self.t_s, *new],
            self.verifier.forces[0],
        )
        first = len(ends) + self.t_s.size
        self._transition = transition[len(ends) : first]
        for t, state, phi in zip(new, states[first:], transition[first:], strict=True):
            self._kicks[t] = np.linalg.inv(phi)[:, 3:] @ eci_from_rtn(state[:3], state[3:])


def _state(thing: ObjectState) -> FloatArray:
    return np.concatenate([thing.position_m, thing.velocity_m_s])


def _to_closest_s(relative: FloatArray) -> float:
    position, velocity = relative[:3], relative[3:]
    return float(-(position @ velocity) / (velocity @ velocity))


def _later(state: FloatArray, step_s: float, gm_m3_s2: float) -> FloatArray:
    """A state some seconds later, gravity held: both objects feel nearly the same."""
    position, velocity = state[:3], state[3:]
    pull = -gm_m3_s2 * position / np.linalg.norm(position) ** 3
    moved = position + velocity * step_s + 0.5 * pull * step_s**2
    return np.concatenate([moved, velocity + pull * step_s])

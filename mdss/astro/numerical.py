"""Numerical motion: states, transition matrices, and orbits that are burned.

Which forces act is the force model's business: `ForceModel` (the Earth, all forces, satkit) or
`ZonalModel` (any body, zonal harmonics and third bodies, boinor). `propagate` and
`propagate_with_stm` answer for many times from one dense integration. `propagate_with_burns`
anchors a burned orbit on the given state, so that a burn of zero returns that state exactly.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.body_dynamics import ZonalModel
from mdss.astro.earth_dynamics import GM_EARTH_M3_S2, ForceModel
from mdss.astro.frames import eci_from_rtn
from mdss.errors import PropagationError
from mdss.units import as_utc

__all__ = [
    "GM_EARTH_M3_S2",
    "STATE_TOLERANCE",
    "STM_TOLERANCE",
    "ForceModel",
    "Forces",
    "ZonalModel",
    "propagate",
    "propagate_with_burns",
    "propagate_with_stm",
]

FloatArray = NDArray[np.float64]
State = tuple[float, ...]
Forces = ForceModel | ZonalModel

STATE_TOLERANCE = 1e-13
STM_TOLERANCE = 1e-10
_TOLERANCES = (1e-14, 1e-6)
_REMEMBERED_LEGS = 2_000  # ends of legs between impulses; a plan of 20 thrust arcs has a hundred


class _Arc(Protocol):
    """A state at `start_s` from an epoch, moved by some forces."""

    @property
    def state(self) -> State: ...

    def states(self, t_s: FloatArray) -> FloatArray: ...

    def states_and_stm(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]: ...

    def state_once(self, t_s: float) -> State: ...

    def restarted(self, state: State, start_s: float) -> Self: ...

    def for_differences(self) -> Self: ...


def propagate(
    position_m: ArrayLike,
    velocity_m_s: ArrayLike,
    epoch_utc: datetime,
    t_s: ArrayLike,
    force_model: Forces,
    *,
    tolerance: float = STATE_TOLERANCE,
) -> FloatArray:
    """States at many times, from one integration each way.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (3,)
        GCRF state at the epoch [m], [m/s].
    epoch_utc : datetime
        Timezone-aware.
    t_s : array_like, shape (n,) or a number
        SI seconds from the epoch, any sign, any order. (Over a leap second they differ from
        the difference of two UTC clock readings.)
    force_model : ForceModel
        `force_model.notices(...)` says what its tables do not cover.
    tolerance : float
        Relative error allowed in one step, 1e-14 to 1e-6. At 400 km a day out and back ends
        0.1 mm from where it began with the default; with drag and radiation pressure, where
        each shadow crossing is a jump in the force, 3 mm (1e-14: 0.3 mm in twice the time).

    Returns
    -------
    array, shape (n, 6)
        GCRF position [m] and velocity [m/s].

    Raises
    ------
    PropagationError
        If the orbit comes below 80 km, an input is not finite, or satkit or its data are missing.

    Notes
    -----
    satkit keeps time in whole microseconds (7 mm of orbit); the rest is made up by a Taylor
    step. Verner 9(8) with dense output of degree 8.
    """
    _check_tolerance(tolerance)
    arc = force_model.arc(_state(position_m, velocity_m_s), as_utc(epoch_utc), tolerance)
    return arc.states(_times(t_s))


def propagate_with_stm(
    position_m: ArrayLike,
    velocity_m_s: ArrayLike,
    epoch_utc: datetime,
    t_s: ArrayLike,
    force_model: Forces,
    *,
    tolerance: float = STM_TOLERANCE,
) -> tuple[FloatArray, FloatArray]:
    """States and state transition matrices at many times.

    Parameters
    ----------
    position_m, velocity_m_s, epoch_utc, t_s, force_model, tolerance
        As for `propagate`. The default tolerance is coarser: matrices are good to 1e-4
        (satkit's partial derivatives are not complete), which no tolerance improves; the states
        to 1 m a day with radiation pressure, 1 mm without drag and radiation pressure.

    Returns
    -------
    states : array, shape (n, 6)
        GCRF [m], [m/s].
    stm : array, shape (n, 6, 6)
        d state(t) / d state(epoch), in m and m/s.

    Raises
    ------
    PropagationError
        As for `propagate`.
    """
    _check_tolerance(tolerance)
    start = _state(position_m, velocity_m_s)
    arc = force_model.arc(start, as_utc(epoch_utc), tolerance, with_stm=True)
    return arc.states_and_stm(_times(t_s))


def propagate_with_burns(
    position_m: ArrayLike,
    velocity_m_s: ArrayLike,
    epoch_utc: datetime,
    burn_t_s: ArrayLike,
    dv_rtn_m_s: ArrayLike,
    t_s: ArrayLike,
    force_model: Forces,
    *,
    earliest_s: float = 0.0,
) -> FloatArray:
    """States of an orbit that is burned, anchored on the state that it has without burns.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (3,)
        GCRF state at the epoch if nobody burns [m], [m/s]: a message's state at TCA.
    epoch_utc : datetime
        Timezone-aware.
    burn_t_s : array_like, shape (k,) or a number
        Burn times, SI seconds from the epoch, rising, used to the microsecond.
    dv_rtn_m_s : array_like, shape (k, 3) or (3,)
        Impulses in the RTN axes of the orbit at each burn, earlier burns included [m/s].
    t_s : array_like, shape (n,) or a number
        Where states are wanted, seconds from the epoch.
    force_model : ForceModel
    earliest_s : float
        Calls for burns from here on share one integration back to it; seconds from the
        epoch, negative.

    Returns
    -------
    array, shape (n, 6)
        GCRF [m], [m/s]. Before the first burn, the orbit without burns; at a burn's instant,
        the state after it.

    Raises
    ------
    PropagationError
        As for `propagate`, or if burns and times do not match.

    Notes
    -----
    state(t) = coast from the epoch + (burned from the first burn - coast from the first burn).
    Both orbits in the bracket start from the same state on the same fixed steps, so that their
    truncation errors (0.1 to 1 m a day at the shadow's edge) cancel: the displacement is good
    to 1e-5 of itself, and to 1e-13 of the orbit when every burn is zero. Gauss-Jackson of
    eighth order. Repeated calls with the same first burn integrate only the burned orbit.
    """
    start, epoch = _state(position_m, velocity_m_s), as_utc(epoch_utc)
    wanted = _times(t_s)
    coast: _Arc = force_model.arc(start, epoch, STATE_TOLERANCE)
    states = coast.states(wanted)
    burns = [
        burn for burn in _burns(burn_t_s, dv_rtn_m_s) if burn[0] <= wanted.max(initial=-np.inf)
    ]
    if not burns:
        return states
    arc = coast.for_differences()
    back = arc.states(np.array([burns[0][0], min(earliest_s, burns[0][0])]))[0]
    before_burn = arc.restarted(tuple(back.tolist()), burns[0][0])
    after = wanted >= burns[0][0]
    idle = [(burn_s, np.zeros(3)) for burn_s, _ in burns]
    flown, drifted = (_flown(before_burn, each, wanted[after]) for each in (burns, idle))
    states[after] += flown - drifted
    return states


Burns = list[tuple[float, FloatArray]]


def _flown(arc: _Arc, burns: Burns, t_s: FloatArray) -> FloatArray:
    """States after the first burn, leg by leg; `arc` is the orbit before it."""
    states = np.empty((t_s.size, 6))
    ends = [burn_s for burn_s, _ in burns[1:]] + [float(t_s.max())]
    for (burn_s, dv_rtn), end_s in zip(burns, ends, strict=True):
        leg = arc.restarted(_burned(arc.state, tuple(dv_rtn.tolist())), burn_s)
        mine = (t_s >= burn_s) & (t_s <= end_s)  # the next leg overwrites its own first instant
        if np.any(mine):
            # the leg's end is asked for with the others, so that the leg is one integration
            reached = leg.states(np.append(t_s[mine], end_s))
            states[mine], end = reached[:-1], tuple(reached[-1].tolist())
        else:
            end = _end_of(leg, end_s)  # type: ignore[arg-type]  # arcs are frozen, hence hashable
        arc = leg.restarted(end, end_s)
    return states


@lru_cache(maxsize=_REMEMBERED_LEGS)
def _end_of(leg: _Arc, end_s: float) -> State:
    """Where a leg ends in which no state is wanted: remembered without the way there."""
    return leg.state_once(end_s)


@lru_cache(maxsize=_REMEMBERED_LEGS)
def _burned(state: State, dv_rtn: tuple[float, ...]) -> State:
    if not any(dv_rtn):
        return state
    position, velocity = np.array(state[:3]), np.array(state[3:])
    velocity = velocity + eci_from_rtn(position, velocity) @ dv_rtn
    return (*position.tolist(), *velocity.tolist())


def _state(position_m: ArrayLike, velocity_m_s: ArrayLike) -> State:
    return tuple(
        number
        for name, value in (("position", position_m), ("velocity", velocity_m_s))
        for number in _three_numbers(name, value).tolist()
    )


def _three_numbers(name: str, value: ArrayLike) -> FloatArray:
    vector = np.asarray(value, dtype=float)
    if vector.shape != (3,) or not np.all(np.isfinite(vector)):
        raise PropagationError(f"{name} must be three finite numbers, got {vector}")
    return vector


def _times(t_s: ArrayLike) -> FloatArray:
    times = np.atleast_1d(np.asarray(t_s, dtype=float))
    if times.ndim != 1 or not np.all(np.isfinite(times)):
        raise PropagationError("times must be a number or a row of finite seconds from the epoch")
    return times


def _burns(burn_t_s: ArrayLike, dv_rtn_m_s: ArrayLike) -> Burns:
    times, dv = _times(burn_t_s), np.atleast_2d(np.asarray(dv_rtn_m_s, dtype=float))
    if dv.shape != (times.size, 3) or not np.all(np.isfinite(dv)):
        raise PropagationError(
            f"{times.size} burn times need delta-v of shape ({times.size}, 3), got {dv.shape}"
        )
    times = np.round(times, 6)
    if np.any(np.diff(times) <= 0.0):
        raise PropagationError(f"burn times must rise, got {times.tolist()} s")
    return list(zip(times.tolist(), dv, strict=True))


def _check_tolerance(tolerance: float) -> None:
    low, high = _TOLERANCES
    if not low <= tolerance <= high:
        raise PropagationError(f"tolerance must lie in {low:g} to {high:g}, got {tolerance:g}")

"""Motion about any body: two-body, zonal harmonics and third bodies, with boinor.

boinor's force functions are integrated by boinor's Cowell propagator, in axes along the body's
pole, into a table with a node every 200th of a revolution; between nodes a quintic Hermite
polynomial has the same position, velocity and acceleration. About the Earth this is a second
opinion that shares nothing with satkit; elsewhere it is the only numerical model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body, body
from mdss.astro.body_forces import Rates, ZonalForces
from mdss.astro.node_table import NodeTable
from mdss.astro.time_scales import instant_after
from mdss.errors import PropagationError
from mdss.notices import Notice
from mdss.units import KM

FloatArray = NDArray[np.float64]
State = tuple[float, ...]

_TOLERANCE = 1e-12  # of a step: a day there and back ends within 3 mm
_NODES_PER_REVOLUTION = 200
_LEAST_NODES = 8
_CACHED_TABLES = 24  # a day is 2,600 nodes, 0.3 MB
_SURE_IMPACT = 0.95  # of the radius: a perigee below it comes down for certain


@dataclass(frozen=True, kw_only=True)
class ZonalModel:
    """Which forces act about a body; drag, radiation pressure and finer gravity are not known.

    Parameters
    ----------
    central_body : str
        "earth", "mars" or "moon".
    highest_zonal : int
        0 (a sphere), 2 (J2) or 3 (J2 and J3).
    third_bodies : bool
        Gravity of the Sun, of the Moon about the Earth, of the Earth about the Moon.

    Raises
    ------
    FrameError
        If the body is not known.
    PropagationError
        If the degree is none of 0, 2, 3.
    """

    central_body: str
    highest_zonal: int = 3
    third_bodies: bool = True

    def __post_init__(self) -> None:
        body(self.central_body)
        if self.highest_zonal not in (0, 2, 3):
            raise PropagationError(f"highest_zonal must be 0, 2 or 3, got {self.highest_zonal}")

    @property
    def body(self) -> Body:
        """The central body."""
        return body(self.central_body)

    def notices(self, start_utc: datetime, end_utc: datetime) -> tuple[Notice, ...]:
        """Nothing: no table of this model ends."""
        return ()

    def arc(
        self, state: State, epoch_utc: datetime, tolerance: float, *, with_stm: bool = False
    ) -> ZonalArc:
        """The orbit through an inertial state [m], [m/s].

        Whatever the tolerance asked for, it is integrated to 1e-12 a step: then all that is asked
        about an orbit comes from one table.
        """
        return ZonalArc(state, epoch_utc, self)


@dataclass(frozen=True)
class ZonalArc:
    """A state at `start_s` from the epoch, and how it is moved. Hashable: the key of a cache.

    Parameters
    ----------
    state : tuple of six floats
        ICRF axes at the body's centre [m], [m/s].
    epoch : datetime
    force_model : ZonalModel
    start_s : float
        Where on the clock of `t_s` the state is [s].
    """

    state: State
    epoch: datetime
    force_model: ZonalModel
    start_s: float = 0.0

    def restarted(self, state: State, start_s: float) -> Self:
        """The same forces on another state."""
        return replace(self, state=state, start_s=start_s)

    def for_differences(self) -> Self:
        """Itself: its errors are far below what differences of two arcs need."""
        return self

    def states(self, t_s: FloatArray) -> FloatArray:
        """Inertial states at times from the epoch, shape (n, 6) [m], [m/s]."""
        states = np.empty((t_s.size, 6))
        for mine, table in self._each_way(t_s):
            states[mine] = table.states(t_s[mine] - self.start_s)
        return states

    def states_and_stm(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """States and d state(t) / d state(start), shapes (n, 6) and (n, 6, 6)."""
        states, stm = np.empty((t_s.size, 6)), np.empty((t_s.size, 6, 6))
        for mine, table in self._each_way(t_s):
            from_start_s = t_s[mine] - self.start_s
            states[mine], stm[mine] = table.states(from_start_s), table.transitions(from_start_s)
        return states, stm

    def state_once(self, t_s: float) -> State:
        """The state at one time."""
        return tuple(self.states(np.array([t_s]))[0].tolist())

    def _each_way(self, t_s: FloatArray) -> Iterator[tuple[NDArray[np.bool_], NodeTable]]:
        from_start_s = t_s - self.start_s
        step_s = _step_s(self)
        for way, mine in ((-1, from_start_s < 0), (1, from_start_s >= 0)):
            if np.any(mine):
                steps = int(np.ceil(np.max(np.abs(from_start_s[mine])) / step_s))
                yield mine, _table(self, way * max(steps, _LEAST_NODES))


def _step_s(arc: ZonalArc) -> float:
    """A 200th of the period that a circular orbit at perigee has."""
    central = arc.force_model.body
    lowest_m = max(_perigee_and_period(arc)[0], central.radius_m)
    return float(2.0 * np.pi * np.sqrt(lowest_m**3 / central.gm_m3_s2) / _NODES_PER_REVOLUTION)


def _perigee_and_period(arc: ZonalArc) -> tuple[float, float]:
    """Osculating perigee radius [m] and period [s] (infinite on an open orbit)."""
    gm = arc.force_model.body.gm_m3_s2
    position, velocity = np.array(arc.state[:3]), np.array(arc.state[3:])
    momentum2 = float(np.sum(np.cross(position, velocity) ** 2))
    energy2 = 2.0 * gm / float(np.linalg.norm(position)) - float(velocity @ velocity)
    eccentricity = np.sqrt(max(1.0 - energy2 * momentum2 / gm**2, 0.0))
    period_s = 2.0 * np.pi * gm * energy2**-1.5 if energy2 > 0.0 else np.inf
    return float(momentum2 / gm / (1.0 + eccentricity)), float(period_s)


@lru_cache(maxsize=_CACHED_TABLES)
def _table(arc: ZonalArc, steps: int) -> NodeTable:
    """Nodes from the arc's start, so many steps forward (backward when negative)."""
    central, end_s = arc.force_model.body, steps * _step_s(arc)
    _refuse_impact(arc, abs(end_s))
    forces = ZonalForces.over(
        central,
        arc.force_model.highest_zonal,
        central.third_bodies if arc.force_model.third_bodies else (),
        arc.epoch,  # one pole for all arcs of an epoch, so that they fit each other
        instant_after(arc.epoch, arc.start_s),
        end_s,
    )
    table = NodeTable.of(
        forces, end_s / abs(steps), _integrated(arc, forces, end_s, abs(steps) + 1)
    )
    lowest_m = float(np.min(np.linalg.norm(table.nodes[:, :3], axis=1)))
    if not lowest_m >= central.radius_m:
        raise _impact(arc, lowest_m)
    return table


def _integrated(arc: ZonalArc, forces: ZonalForces, end_s: float, n: int) -> FloatArray:
    """States at n even times, pole axes, by boinor's Cowell propagator.

    That only goes forward: backward motion is motion with all rates turned round.
    """
    from boinor.core.propagation.cowell import cowell

    start = forces.to_pole(np.array([arc.state])) / KM
    rates = forces.rates()
    way: Rates = rates if end_s > 0 else (lambda t, u, k: -rates(-t, u, k))
    offsets = np.linspace(0.0, abs(end_s), n)
    gm_km = arc.force_model.body.gm_m3_s2 / KM**3
    try:
        position, velocity = cowell(gm_km, start[0, :3], start[0, 3:], offsets, _TOLERANCE, f=way)
    except (RuntimeError, ArithmeticError, ValueError) as problem:
        raise PropagationError(
            f"the orbit about {arc.force_model.body.label} cannot be followed for "
            f"{abs(end_s):.0f} s ({problem}). Check the state"
        ) from None
    return KM * np.hstack([position, velocity])


def _refuse_impact(arc: ZonalArc, duration_s: float) -> None:
    """What certainly hits the body is refused before it costs an integration."""
    perigee_m, period_s = _perigee_and_period(arc)
    radius_m = arc.force_model.body.radius_m
    here_m = float(np.linalg.norm(arc.state[:3]))
    if here_m < radius_m:
        raise _impact(arc, here_m)
    if perigee_m < _SURE_IMPACT * radius_m and duration_s >= period_s:
        raise _impact(arc, perigee_m)


def _impact(arc: ZonalArc, radius_m: float) -> PropagationError:
    central = arc.force_model.body
    below_km = (central.radius_m - radius_m) / KM
    return PropagationError(
        f"the orbit comes down to {below_km:.0f} km below the surface of {central.label}. "
        "Shorten the span, or check the state"
    )

"""An integrated arc as a table: states and transition matrices at any time in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.body_forces import ZonalForces
from mdss.units import KM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class NodeTable:
    """States at even times from an arc's start, in axes along the body's pole.

    Parameters
    ----------
    forces : ZonalForces
    step_s : float
        Between nodes; negative on an arc that goes backward [s].
    nodes : array, shape (n, 9)
        Position, velocity, acceleration [m], [m/s], [m/s²].

    Notes
    -----
    Between nodes a quintic Hermite polynomial: its error, h⁶ r⁽⁶⁾/46,080, is below a micrometre
    at 200 nodes a revolution. Transition matrices are products over the steps, each by the
    classical Runge-Kutta rule, to 1e-6.
    """

    forces: ZonalForces
    step_s: float
    nodes: FloatArray

    @classmethod
    def of(cls, forces: ZonalForces, step_s: float, states: FloatArray) -> NodeTable:
        """The table of integrated states, shape (n, 6), pole axes [m], [m/s]."""
        rates, gm_km = forces.rates(), forces.central.gm_m3_s2 / KM**3
        pulls = [rates(step_s * k, one, gm_km)[3:] for k, one in enumerate(states / KM)]
        return cls(forces=forces, step_s=step_s, nodes=np.hstack([states, KM * np.array(pulls)]))

    def states(self, t_s: FloatArray) -> FloatArray:
        """Inertial states, ICRF axes, at seconds from the start, shape (n, 6) [m], [m/s]."""
        return self.forces.to_icrf(self._states(t_s))

    def transitions(self, t_s: FloatArray) -> FloatArray:
        """d state(t) / d state(start), ICRF axes, shape (n, 6, 6), in m and m/s."""
        node = self._node_before(t_s)
        begin_s = np.asarray(node * self.step_s, dtype=float)
        stm = self._stepped(begin_s, t_s - begin_s) @ self._to_nodes[node]
        turn = np.kron(np.eye(2), self.forces.pole_from_icrf)
        return np.asarray(turn.T @ stm @ turn)

    def _node_before(self, t_s: FloatArray) -> IntArray:
        return np.clip((t_s / self.step_s).astype(np.int64), 0, len(self.nodes) - 2)

    def _states(self, t_s: FloatArray) -> FloatArray:
        node = self._node_before(t_s)
        begin, end = self.nodes[node], self.nodes[node + 1]
        return _quintic(begin, end, self.step_s, (t_s - node * self.step_s)[:, None])

    @cached_property
    def _to_nodes(self) -> FloatArray:
        """Transition matrix from the start to each node, shape (n, 6, 6)."""
        begin_s = np.arange(0.0, len(self.nodes) - 1) * self.step_s
        total = np.empty((len(self.nodes), 6, 6))
        total[0] = np.eye(6)
        for k, step in enumerate(self._stepped(begin_s, np.full(begin_s.size, self.step_s))):
            total[k + 1] = step @ total[k]
        return total

    def _stepped(self, begin_s: FloatArray, step_s: FloatArray) -> FloatArray:
        """Transition matrices over single steps, each in two halves."""
        half_s = 0.5 * step_s
        return self._runge_kutta(begin_s + half_s, half_s) @ self._runge_kutta(begin_s, half_s)

    def _runge_kutta(self, begin_s: FloatArray, step_s: FloatArray) -> FloatArray:
        first, middle, last = (self._system(begin_s + share * step_s) for share in (0.0, 0.5, 1.0))
        h, one = step_s[:, None, None], np.eye(6)
        k1 = first
        k2 = middle @ (one + 0.5 * h * k1)
        k3 = middle @ (one + 0.5 * h * k2)
        k4 = last @ (one + h * k3)
        return np.asarray(one + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4))

    def _system(self, t_s: FloatArray) -> FloatArray:
        """The matrix A of the variational equations Φ' = A Φ, shape (n, 6, 6)."""
        system = np.zeros((t_s.size, 6, 6))
        system[:, :3, 3:] = np.eye(3)
        system[:, 3:, :3] = self.forces.gradients(self._states(t_s)[:, :3], t_s)
        return system


def _quintic(begin: FloatArray, end: FloatArray, h: float, t: FloatArray) -> FloatArray:
    """States on the polynomial with the position, velocity and acceleration of two nodes."""
    (p0, v0, a0), (p1, v1, a1) = (np.split(node, 3, axis=1) for node in (begin, end))
    dp, dv, da = p1 - p0 - h * v0 - 0.5 * h * h * a0, v1 - v0 - h * a0, a1 - a0
    c3 = (10.0 * dp - 4.0 * h * dv + 0.5 * h * h * da) / h**3
    c4 = (-15.0 * dp + 7.0 * h * dv - h * h * da) / h**4
    c5 = (6.0 * dp - 3.0 * h * dv + 0.5 * h * h * da) / h**5
    position = p0 + t * (v0 + t * (0.5 * a0 + t * (c3 + t * (c4 + t * c5))))
    velocity = v0 + t * (a0 + t * (3.0 * c3 + t * (4.0 * c4 + t * 5.0 * c5)))
    return np.hstack([position, velocity])

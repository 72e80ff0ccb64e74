"""How much of the station-keeping box a plan takes up when it is flown, without the linear map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.drift import DriftingOrbit, pole_axes
from mdss.maneuver import Burn
from mdss.planner.box.deviation import (
    PER_REVOLUTION,
    DeviationMap,
    check_times,
    deviation_map,
    spans,
)
from mdss.planner.setting import Setting
from mdss.planner.verification import Verifier
from mdss.units import DAY_S

FloatArray = NDArray[np.float64]

_NEXT_TO_NODE = np.sin(1.1 * np.pi / PER_REVOLUTION)  # of a revolution's samples, one at least
_LEAST_SINE = 1e-9


def deviation_flown(
    setting: Setting, verifier: Verifier, burns: Sequence[Burn]
) -> dict[str, float]:
    """Each side's share of the box, measured on the flown orbit against the one without burns.

    Nothing here uses the linear map: both orbits are flown with all forces, arcs of thrust
    included.

    Parameters
    ----------
    setting : Setting
    verifier : Verifier
        Of the same conjunction.
    burns : sequence of Burn
        In time order.

    Returns
    -------
    dict of str to float
        By side; the largest is what `deviation_boxes` says.

    Raises
    ------
    PropagationError
        If an orbit cannot be flown.
    """
    deviations, period_s = deviation_map(setting), verifier.period_s
    found: list[dict[str, float]] = []
    for from_s, until_s in spans(deviations.box, [-burn.t_before_tca_s for burn in burns]):
        times = check_times(from_s, until_s, period_s)
        fired = [one for one in burns if -one.t_before_tca_s <= from_s]
        moved, still = (verifier.states(plan, times)[0] for plan in (fired, ()))
        flown = _Flown(deviations, pole_axes(setting.conjunction.body, setting.tca_utc))
        found.append(flown.by_side(moved, still))
    return {side: max(one[side] for one in found) for side in deviations.box.sides}


@dataclass(frozen=True, eq=False)
class _Flown:
    """Measures a flown orbit against another one."""

    deviations: DeviationMap
    turn: FloatArray

    def by_side(self, moved: FloatArray, still: FloatArray) -> dict[str, float]:
        """The largest share of each side; states at the same times, shape (k, 6) each."""
        box = self.deviations.box
        measured = self._amounts(moved, still)
        return {
            side: float(np.max(np.abs(box.offset(side) + measured[side] / half), initial=0.0))
            for side, half in box.sides.items()
        }

    def _amounts(self, moved: FloatArray, still: FloatArray) -> dict[str, FloatArray]:
        """What each side measures, in its own unit."""
        ours, theirs = self._elements(moved), self._elements(still)
        axis, first, second, node = (ours - theirs).T
        node = np.remainder(node + np.pi, 2 * np.pi) - np.pi
        along = _along_track(moved, still)
        return {
            "semi_major_axis_m": axis,
            "along_track_m": along,
            "local_time_s": np.mean(node) * DAY_S / (2 * np.pi),
            "ground_track_m": self._ground_track(along, node, still),
            "eccentricity": np.hypot(np.mean(first), np.mean(second)),
        }

    def _elements(self, states: FloatArray) -> FloatArray:
        """Mean axis, osculating eccentricity vector and node, shape (k, 4)."""
        body = self.deviations.orbit.body
        orbits = [DriftingOrbit.in_pole_axes(one, body) for one in self._in_pole_axes(states)]
        return np.array(
            [(one.semi_major_axis_m, *one.eccentricity_vector, one.node_rad) for one in orbits]
        )

    def _in_pole_axes(self, states: FloatArray) -> FloatArray:
        return np.hstack([states[:, :3] @ self.turn.T, states[:, 3:] @ self.turn.T])

    def _ground_track(self, along: FloatArray, node: FloatArray, still: FloatArray) -> FloatArray:
        """East of where it was, at the times next to a crossing northward."""
        orbit, states = self.deviations.orbit, self._in_pole_axes(still)
        radius = np.linalg.norm(states[:, :3], axis=1)
        momentum = np.linalg.norm(np.cross(states[:, :3], states[:, 3:]), axis=1)
        ahead = along / radius - np.cos(orbit.inclination_rad) * node
        turned = orbit.body.spin_rad_s - orbit.node_rate_rad_s
        east = node + turned * ahead * radius**2 / momentum
        high = np.abs(states[:, 2]) / radius / max(np.sin(orbit.inclination_rad), _LEAST_SINE)
        crossing = (states[:, 5] > 0) & (high <= _NEXT_TO_NODE)
        return np.asarray(orbit.body.radius_m * east[crossing])


def _along_track(moved: FloatArray, still: FloatArray) -> FloatArray:
    """Displacement along the transverse axis of the orbit that stayed, shape (k,)."""
    momentum = np.cross(still[:, :3], still[:, 3:])
    transverse = np.cross(momentum, still[:, :3])
    transverse /= np.linalg.norm(transverse, axis=1, keepdims=True)
    return np.asarray(np.einsum("kj,kj->k", moved[:, :3] - still[:, :3], transverse))

"""Low thrust: when to fire, along what, for the least delta-v; exact for arcs made of minutes.

The time before TCA is cut into nodes of one to two minutes. Each gives at most what the thruster
does in it, moves the encounter by the mean of the map over it, and is left out where operations
forbid to burn. The least total is then the knapsack over normals of `mdss.planner.several`, with
its certificate. Neighbouring nodes that fire along much the same direction make one burn.

Assumed: within a burn the thrust keeps its axes in the turning RTN frame, so the attitude follows
the orbit; between burns along different directions there is time to turn. Node caps are those of
the mass at the start, a little less than a lighter spacecraft could do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mdss.maneuver import Burn, as_fired
from mdss.planner.draft import Draft, PlanStyle
from mdss.planner.linear_pc import linear_pc_of
from mdss.planner.setting import Setting, schedule_between
from mdss.planner.several import SeveralBurns, capped_dv
from mdss.propulsion import Thruster
from mdss.units import HOUR_S

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_SHORTEST_NODE_S, _LONGEST_NODE_S = 60.0, 120.0
_NODES = 720  # aimed at: a minute each for half a day, two for a day
_MOST_NODES = 1500
_ONE_DIRECTION_RAD = math.radians(10.0)  # from a burn's mean: 0.5 % of its delta-v at most
_PASSES, _CHOOSY_PASSES = 12, 6  # in the later ones short arcs are made as long as they must be
_A_LITTLE_S = 1e-3


def thrust_arcs(setting: Setting) -> tuple[Draft | None, str]:
    """The least delta-v over thrust arcs before TCA.

    Parameters
    ----------
    setting : Setting
        Windows, contacts, eclipses, slews and the limits of its thrusters are kept to.

    Returns
    -------
    draft : Draft or None
        Of the thruster that needs least.
    reason : str
        Why there is none; "" when there is one.

    Notes
    -----
    A duty cycle without a longest burn is thrust at that share; with `maximum_on_s` (or
    `maximum_dv_m_s`) the thruster fires and rests in turns whose phase is counted from the start
    of the horizon, not optimised. The certificate is for the nodes that are open: that arcs leave
    time to turn, and are not shorter than the smallest impulse, closes some by trial. Execution
    error comes in when the plan is flown.
    """
    if not setting.spacecraft.can_maneuver:
        return None, "The spacecraft cannot maneuver."
    found = [_with_thruster(setting, one) for one in setting.spacecraft.thrusters]
    drafts = [draft for draft, _ in found if draft is not None]
    if not drafts:
        return None, found[0][1]
    return min(drafts, key=lambda one: one.dv_m_s), ""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Nodes:
    """Short spans of time, one after the other, with what one thruster does in each.

    Parameters
    ----------
    setting : Setting
        Its spacecraft has that thruster only.
    times_s : array, shape (n,)
        Middles, seconds before TCA, falling.
    width_s : float
    cap_m_s : float
        Delta-v of a node [m/s].
    on : array of bool, shape (n,)
        False where the thruster rests.
    thrust_share : float
        Mean thrust while it fires, over that of the thruster.
    displacement : array, shape (n, 2, 3)
        Mean M over each node [s].
    """

    setting: Setting
    times_s: FloatArray
    width_s: float
    cap_m_s: float
    on: BoolArray
    thrust_share: float
    displacement: FloatArray

    def forbidden(self, dv_rtn: FloatArray) -> BoolArray:
        """Whether operations, or the attitude, forbid to burn at each node, shape (n,)."""
        start = -self.times_s - 0.5 * self.width_s + _A_LITTLE_S
        end = -self.times_s + 0.5 * self.width_s - _A_LITTLE_S
        return schedule_between(self.setting, start, end, dv_rtn).forbidden

    def least(self, use: BoolArray) -> SeveralBurns:
        """The least total delta-v of the nodes in use."""
        setting = self.setting
        return capped_dv(
            setting.plane,
            setting.risk.hbr.radius_m,
            self.displacement[use],
            self.cap_m_s,
            setting.linear_target,
            setting.directions,
        )

    def groups(self, dv_rtn: FloatArray) -> list[slice]:
        """Neighbouring nodes that fire along one direction, shape (n, 3)."""
        found: list[slice] = []
        for k in np.flatnonzero(np.any(dv_rtn, axis=1)).tolist():
            if found and found[-1].stop == k and _alike(dv_rtn[found[-1].start : k + 1]):
                found[-1] = slice(found[-1].start, k + 1)
            else:
                found.append(slice(k, k + 1))
        return found

    def burns(self, dv_rtn: FloatArray) -> tuple[Burn, ...]:
        """The nodes' delta-v, shape (n, 3), as burns: sums over groups, at their centres."""
        craft = self.setting.spacecraft
        planned = []
        for group in self.groups(dv_rtn):
            total = dv_rtn[group].sum(axis=0)
            size = float(np.linalg.norm(total))
            centre_s = np.average(
                self.times_s[group], weights=np.linalg.norm(dv_rtn[group], axis=1)
            )
            fired = total * max(1.0, craft.minimum_dv_m_s / size)
            planned.append(Burn.before(self.setting.tca_utc, float(centre_s), fired))
        return as_fired(craft, planned, thrust_share=self.thrust_share)[0]


def _alike(dv_rtn: FloatArray) -> bool:
    """Whether burns, shape (k, 3), all lie close to the direction of their sum."""
    size = np.linalg.norm(dv_rtn, axis=1)
    mean = dv_rtn.sum(axis=0)
    least = math.cos(_ONE_DIRECTION_RAD) * size * np.linalg.norm(mean)
    return bool(np.any(mean) and np.all(dv_rtn @ mean >= least))


def _nodes(setting: Setting, thruster: Thruster) -> _Nodes:
    craft = replace(setting.spacecraft, thrusters=(thruster,))
    setting = replace(setting, spacecraft=craft)
    first, last = setting.operations.planning_horizon_s, setting.operations.minimum_lead_s
    width = float(np.clip((first - last) / _NODES, _SHORTEST_NODE_S, _LONGEST_NODE_S))
    n = int(np.clip((first - last) / width, 1, _MOST_NODES))
    width = (first - last) / n
    times = np.asarray(first - width * (np.arange(n) + 0.5), dtype=float)
    longest_s, share = _longest_s(setting, thruster)
    burst_m_s = thruster.dv_of_m_s(min(width, longest_s), craft.mass_kg) * share
    return _Nodes(
        setting=setting,
        times_s=times,
        width_s=width,
        cap_m_s=burst_m_s,
        on=_in_turns(n, width, longest_s, thruster.duty_cycle),
        thrust_share=share,
        displacement=setting.arc_map.averaged(times, np.full(n, width), np.zeros(n)),
    )


def _longest_s(setting: Setting, thruster: Thruster) -> tuple[float, float]:
    """Longest burn, and mean thrust in it over that of the thruster."""
    craft = setting.spacecraft
    longest_s = thruster.maximum_on_s
    if craft.maximum_dv_m_s < craft.propellant_dv_m_s:
        largest_s = float(thruster.duration_s(craft.maximum_dv_m_s, craft.mass_kg))
        longest_s = min(longest_s, largest_s)
    span_s = setting.operations.planning_horizon_s
    return longest_s, thruster.duty_cycle if longest_s >= span_s else 1.0


def _in_turns(n: int, width_s: float, longest_s: float, duty_cycle: float) -> BoolArray:
    """Which nodes a thruster fires in that has to rest after its longest burn."""
    if longest_s >= n * width_s:
        return np.ones(n, dtype=bool)
    on = max(int(longest_s / width_s), 1)
    rest = max(math.ceil(on * (1 / duty_cycle - 1)), 1)
    return np.asarray(np.arange(n) % (on + rest) < on)


def _with_thruster(setting: Setting, thruster: Thruster) -> tuple[Draft | None, str]:
    nodes = _nodes(setting, thruster)
    use = nodes.on & ~nodes.forbidden(np.zeros((nodes.times_s.size, 3)))
    if not np.any(use):
        return None, "No minute before closest approach is open to burns."
    for tries in range(_PASSES):
        found = nodes.least(use)
        if found.best_reachable is not None:
            spared = " that leaves time to turn" if tries else ""
            return None, (
                f"Thrust in every open minute{spared} takes Pc to {found.best_reachable.pc:.1e} "
                "at best."
            )
        wrong = _unflyable(nodes, _spread(found.dv_rtn_m_s, use), tries < _CHOOSY_PASSES)
        if not np.any(wrong):
            return _draft(setting, nodes, use, found)
        use = use & ~wrong
    return None, "No set of arcs was found that leaves time to turn between them."


def _spread(dv_rtn: FloatArray, use: BoolArray) -> FloatArray:
    """The burns of the nodes in use among all nodes."""
    spread = np.zeros((use.size, 3))
    spread[use] = dv_rtn
    return spread


def _unflyable(nodes: _Nodes, dv_rtn: FloatArray, choosy: bool) -> BoolArray:
    """Nodes that fire and cannot: forbidden along that direction, too short, too soon.

    `choosy` is about arcs below the smallest impulse, which can be fired as that as well.
    """
    fires = np.any(dv_rtn, axis=1)
    wrong = nodes.forbidden(dv_rtn) & fires
    groups = nodes.groups(dv_rtn)
    for group in groups if choosy and len(groups) > 1 else []:
        size = np.linalg.norm(dv_rtn[group].sum(axis=0))
        wrong[group] |= size < nodes.setting.spacecraft.minimum_dv_m_s
    for before, after in pairwise(groups):
        wrong |= _in_the_turn(nodes, dv_rtn, before, after)
    return np.asarray(wrong)


def _in_the_turn(nodes: _Nodes, dv_rtn: FloatArray, before: slice, after: slice) -> BoolArray:
    """Nodes of the smaller of two groups in whose time the attitude still has to turn.

    Directions that one burn could have are steered to without a break.
    """
    taken = np.zeros(nodes.times_s.shape, dtype=bool)
    first, then = dv_rtn[before].sum(axis=0), dv_rtn[after].sum(axis=0)
    if _alike(np.array([first, then])):
        return taken
    turn_s = float(nodes.setting.spacecraft.lead_in_s(then))
    end_s = nodes.times_s[before][-1] - 0.5 * nodes.width_s
    start_s = nodes.times_s[after][0] + 0.5 * nodes.width_s
    if np.linalg.norm(then) < np.linalg.norm(first):
        taken[after] = nodes.times_s[after] + 0.5 * nodes.width_s > end_s - turn_s + _A_LITTLE_S
    else:
        taken[before] = nodes.times_s[before] - 0.5 * nodes.width_s < start_s + turn_s - _A_LITTLE_S
    return taken


def _draft(
    setting: Setting, nodes: _Nodes, use: BoolArray, found: SeveralBurns
) -> tuple[Draft | None, str]:
    def burns_of(total_m_s: float) -> tuple[Burn, ...]:
        return nodes.burns(_spread(found.of_total(total_m_s), use))

    burns = burns_of(found.total_m_s)
    if not burns:
        return None, "No burn is needed."
    if len(burns) == 1 and nodes.thrust_share == 1:
        return None, "One arc does it, which is a single burn."
    chosen = nodes.setting.spacecraft.thrusters[0]
    if any(setting.spacecraft.thruster_for(one.dv_rtn_m_s) is not chosen for one in burns):
        return None, f"{chosen.name} is not the first choice along these directions."
    draft = Draft(
        style=PlanStyle.THRUST_ARCS,
        dv_m_s=found.total_m_s,
        burns_of=burns_of,
        maximum_m_s=min(found.maximum_m_s, setting.spacecraft.propellant_dv_m_s),
        pc_linear=linear_pc_of(setting, burns),
        certificate=found.certificate(_model(setting, nodes, int(np.count_nonzero(use)))),
        binds="thrust",
        why=_why(burns),
    )
    return draft, ""


def _model(setting: Setting, nodes: _Nodes, open_nodes: int) -> str:
    return (
        f"thrust of up to {nodes.cap_m_s * 1e3:.3g} mm/s in each of {open_nodes} open spans of "
        f"{nodes.width_s:.0f} s, mass held, linear map, 2D Pc at most {setting.linear_target:.3g}, "
        "covariance as in the message"
    )


def _why(burns: Sequence[Burn]) -> str:
    hours = sum(one.duration_s for one in burns) / HOUR_S
    return (
        f"Least delta-v for this thrust: {hours:.2f} h of it in {len(burns)} arcs, each along one "
        "direction of the turning RTN frame."
    )

"""Several burns, each at most the largest one: how many, when, along what.

All grid times that operations leave open are nodes of the knapsack over normals
(`mdss.planner.several`). Burns need time for slews, or for the thruster to rest, and for the burn
itself, so of the nodes only the best that are far enough from each other are kept, in falling order
of what a m/s brings along the normal of the answer, and the knapsack is solved again on these.

The lower bound lets every span of time as long as the spacing have one burn, at its best time for
each normal: no plan with slews does better, whichever nodes it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.levelset import unsafe_set
from mdss.maneuver import Burn, as_fired
from mdss.planner.certificate import Certificate
from mdss.planner.certified import least_over_normals
from mdss.planner.draft import Draft, PlanStyle
from mdss.planner.filling import Knapsack, Nodes, cost_of_room
from mdss.planner.linear_pc import LONG_SHARE, linear_pc_of
from mdss.planner.optimum import minimum_dv_in_plane
from mdss.planner.setting import Setting, schedule
from mdss.planner.several import SeveralBurns, capped_dv

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_LEAST_SPACING_S = 60.0
_LONGEST_SHARE = 0.1  # of a revolution: longer ones are the business of thrust arcs
_PASSES = 4


def several_burns(setting: Setting) -> tuple[Draft | None, str]:
    """The least delta-v of several burns where one is not allowed to be large enough.

    Parameters
    ----------
    setting : Setting
        Windows, contacts, eclipses, slews and the limits of a single burn are kept to.

    Returns
    -------
    draft : Draft or None
    reason : str
        Why there is none; "" when there is one.

    Notes
    -----
    Burns that last more than 2 % of a revolution count by the mean of the map over the arc of
    the largest one. Execution error comes in when the plan is flown.
    """
    if not setting.spacecraft.can_maneuver:
        return None, "The spacecraft cannot maneuver."
    nodes = _nodes(setting)
    if not np.any(nodes.open):
        return None, "No time before closest approach is open to burns."
    relaxed = nodes.least(nodes.open)
    if relaxed.best_reachable is not None:
        return None, (
            f"The largest burn every minute takes Pc to {relaxed.best_reachable.pc:.1e} at best."
        )
    if np.count_nonzero(relaxed.dv_m_s) < 2:
        return None, "One burn does it for less."
    kept, found = _kept(nodes, relaxed)
    if found.best_reachable is not None:
        return None, (
            f"{np.count_nonzero(kept)} burns, as many as slews leave time for, take Pc to "
            f"{found.best_reachable.pc:.1e} at best."
        )
    return _draft(nodes, kept, found), ""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Nodes:
    """Times at which a burn may be fired.

    Parameters
    ----------
    setting : Setting
    cap_m_s : float
        Largest single burn [m/s].
    spacing_s : float
        From the middle of a burn to that of the next one, at least [s].
    displacement : array, shape (n, 2, 3)
        M at the setting's times [s].
    open : array of bool, shape (n,)
        Where operations allow the largest burn along the best direction.
    """

    setting: Setting
    cap_m_s: float
    spacing_s: float
    displacement: FloatArray
    open: BoolArray

    def least(self, use: BoolArray) -> SeveralBurns:
        """The least total delta-v of burns at these nodes."""
        setting = self.setting
        return capped_dv(
            setting.plane,
            setting.risk.hbr.radius_m,
            self.displacement[use],
            self.cap_m_s,
            setting.linear_target,
            setting.directions,
            bit_m_s=setting.spacecraft.minimum_dv_m_s,
        )

    def apart(self, normal: FloatArray) -> BoolArray:
        """The nodes that bring most along a normal, shape (2,), far enough from each other."""
        brings = self.setting.directions.gauge(normal @ self.displacement)
        times, kept = self.setting.times_s, np.zeros(self.open.shape, dtype=bool)
        free = self.open & (brings > 0)
        while np.any(free):
            best = int(np.argmax(np.where(free, brings, -np.inf)))
            kept[best] = True
            free &= np.abs(times - times[best]) >= self.spacing_s
        return kept

    def lower_bound_m_s(self) -> float:
        """What no choice of nodes that are far enough apart can beat [m/s].

        Time is cut into spans of one spacing, in two ways; each bound is valid.
        """
        setting = self.setting
        unsafe = unsafe_set(setting.plane.cov_m2, setting.risk.hbr.radius_m, setting.linear_target)
        if unsafe is None:
            return 0.0
        scaled = unsafe.scaled_from_plane
        start = scaled @ setting.plane.miss_m
        all_nodes = Nodes(scaled @ self.displacement, setting.directions)
        bounds = [
            least_over_normals(unsafe, start, _Spans.of(self, all_nodes, shift).cost).lower_bound
            for shift in (0.0, 0.5)
        ]
        return max(bounds)


@dataclass(frozen=True, eq=False)
class _Spans:
    """One burn in each span of time: the knapsack whose bound is that of any spaced plan."""

    nodes: Nodes
    open: BoolArray
    first: NDArray[np.intp]
    filling: Knapsack

    @classmethod
    def of(cls, nodes: _Nodes, all_nodes: Nodes, shift: float) -> _Spans:
        times = nodes.setting.times_s
        span = np.floor((times[0] - times) / nodes.spacing_s + shift)
        first = np.flatnonzero(np.append(True, np.diff(span) > 0))
        caps = np.full(first.size, nodes.cap_m_s)
        return cls(all_nodes, nodes.open, first, Knapsack(caps, np.ones(first.size)))

    def cost(self, normal: FloatArray, room: FloatArray) -> FloatArray:
        """Least total that moves b by `room`, shape (v,), along normals, shape (v, 2)."""
        brings = np.where(self.open, self.nodes.gauge(normal), 0.0)
        return cost_of_room(self.filling, room, np.maximum.reduceat(brings, self.first, axis=1))


def _nodes(setting: Setting) -> _Nodes:
    craft, times = setting.spacecraft, setting.times_s
    cap = _largest_m_s(setting)
    duration = max(float(one.duration_s(cap, craft.mass_kg)) for one in craft.thrusters)
    displacement = setting.grid_displacement
    if duration > LONG_SHARE * setting.fastest_turn_s:
        spent = cap / min(one.exhaust_m_s for one in craft.thrusters)
        displacement = setting.arc_map.averaged(
            times, np.full(times.size, duration), np.full(times.size, spent)
        )
    ways = np.nan_to_num(_best_ways(setting, displacement))
    turns = craft.lead_in_s(ways) + craft.lead_out_s(ways)
    in_time = times + 0.5 * duration <= 2 * times[0] - times[1]
    rest_s = duration * (1 / min(one.duty_cycle for one in craft.thrusters) - 1)
    return _Nodes(
        setting=setting,
        cap_m_s=cap,
        spacing_s=max(max(float(np.max(turns)), rest_s) + duration, _LEAST_SPACING_S),
        displacement=displacement,
        open=in_time & ~schedule(setting, times, np.full(times.size, cap), ways).forbidden,
    )


def _largest_m_s(setting: Setting) -> float:
    """The largest single burn; of weak thrusters what they do in a tenth of a revolution [m/s]."""
    craft, longest_s = setting.spacecraft, _LONGEST_SHARE * setting.period_s
    each = [
        one.dv_of_m_s(min(one.maximum_on_s, longest_s), craft.mass_kg) for one in craft.thrusters
    ]
    return min(*each, craft.available_dv_m_s)


def _best_ways(setting: Setting, displacement: FloatArray) -> FloatArray:
    """Along what one burn at each time would go, shape (n, 3); NaN where none helps."""
    return minimum_dv_in_plane(
        setting.plane,
        setting.risk.hbr.radius_m,
        setting.times_s,
        displacement,
        setting.linear_target,
        setting.directions,
        refine=False,
    ).dv_rtn_m_s


def _kept(nodes: _Nodes, relaxed: SeveralBurns) -> tuple[BoolArray, SeveralBurns]:
    """Nodes that are far enough apart, for the normal that their own answer has."""
    kept = nodes.apart(relaxed.normal)
    found = nodes.least(kept)
    for _ in range(_PASSES):
        if found.best_reachable is not None:
            break
        other = nodes.apart(found.normal)
        again = nodes.least(other)
        if not again.total_m_s < found.total_m_s:
            break
        kept, found = other, again
    return kept, found


def _draft(nodes: _Nodes, kept: BoolArray, found: SeveralBurns) -> Draft:
    setting, times = nodes.setting, nodes.setting.times_s[kept]

    def burns_of(total_m_s: float) -> tuple[Burn, ...]:
        planned = [
            Burn.before(setting.tca_utc, t, dv_rtn)
            for t, dv_rtn in zip(times.tolist(), found.of_total(total_m_s), strict=True)
            if np.any(dv_rtn)
        ]
        return as_fired(setting.spacecraft, planned)[0]

    burns = burns_of(found.total_m_s)
    return Draft(
        style=PlanStyle.SEVERAL,
        dv_m_s=found.total_m_s,
        burns_of=burns_of,
        maximum_m_s=min(found.maximum_m_s, setting.spacecraft.propellant_dv_m_s),
        pc_linear=linear_pc_of(setting, burns),
        certificate=Certificate(
            value=found.value,
            lower_bound=min(nodes.lower_bound_m_s(), found.value),
            model=(
                f"burns of at most {nodes.cap_m_s:.3g} m/s, {nodes.spacing_s / 60:.3g} min apart, "
                "bound with one at the best time of each such span; linear map, 2D Pc at most "
                f"{setting.linear_target:.3g}, covariance as in the message"
            ),
        ),
        binds="largest burn",
        why=(
            f"{len(burns)} burns, where one would be larger than the largest of "
            f"{100 * nodes.cap_m_s:.3g} cm/s or come at a worse time."
        ),
    )

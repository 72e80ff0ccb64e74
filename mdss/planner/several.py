"""The least delta-v, or energy, of several burns that together take Pc down, exactly.

With b = b0 + Σ M_k u_k and one supporting line of the convex unsafe set K, normal n, what a
burn at node k brings is gauge_k = max of w·u over its allowed unit vectors, w = M_kᵀn, per
m/s. Crossing that line at least cost is then a fractional knapsack: nodes are filled to their
caps in falling order of gauge over price. The minimum over normals is global, with its lower
bound (`mdss.planner.certified`). Where the caps do not suffice, the answer says how far down
they can bring Pc.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.levelset import UnsafeSet, unsafe_set
from mdss.astro.probability import log_pc_and_gradient, pc_2d, principal_axes
from mdss.errors import PlanningError
from mdss.planner.certificate import Certificate
from mdss.planner.certified import BestLine, least_over_normals, least_pc_reachable
from mdss.planner.filling import Filling, Knapsack, Knob, Nodes, WaterLevel, cost_of_room
from mdss.planner.optimum import Allowed

FloatArray = NDArray[np.float64]

SPEED, ENERGY, PRICE = "m/s", "m²/s²", "price"


@dataclass(frozen=True, kw_only=True, eq=False)
class Reachable:
    """The least Pc that all caps together can bring.

    Parameters
    ----------
    pc : float
        2D Pc after these burns.
    lower_bound : float
        No burns within the caps bring a smaller Pc.
    dv_rtn_m_s : array, shape (n, 3)
        The burns in RTN, zero where a node cannot help [m/s].
    """

    pc: float
    lower_bound: float
    dv_rtn_m_s: FloatArray

    @property
    def total_m_s(self) -> float:
        """Sum of the burns' sizes [m/s]."""
        return float(np.sum(np.linalg.norm(self.dv_rtn_m_s, axis=1)))


@dataclass(frozen=True, kw_only=True, eq=False)
class SeveralBurns:
    """The cheapest burns at given nodes.

    Parameters
    ----------
    dv_rtn_m_s : array, shape (n, 3)
        The burn at each node, zero where there is none, in RTN of the maneuvering object
        [m/s]; NaN when no burns within the caps reach the threshold.
    pc : float
        2D Pc after all burns (linear motion of the encounter); without burns, when none reach
        the threshold.
    value : float
        What was minimised; inf when out of reach. For the certificate without a minimum
        impulse: raising a last burn to the bit is not counted here, but in `total_m_s`.
    lower_bound : float
        No burns within the caps cost less; same unit.
    unit : str
        "m/s" for total delta-v, "m²/s²" for energy, "price" for priced delta-v.
    normal : array, shape (2,)
        Outward unit normal of the line that is crossed, encounter-plane axes; NaN without burns.
    binding : str
        What holds the answer where it is.
    best_reachable : Reachable, optional
        How far down the caps can bring Pc, when that is not far enough.
    knob : Knob, optional
        How the burns follow another total.
    """

    dv_rtn_m_s: FloatArray
    pc: float
    value: float
    lower_bound: float
    unit: str
    normal: FloatArray
    binding: str
    best_reachable: Reachable | None = None
    knob: Knob | None = None

    @property
    def dv_m_s(self) -> FloatArray:
        """Size of the burn at each node, shape (n,) [m/s]."""
        return np.asarray(np.linalg.norm(self.dv_rtn_m_s, axis=1))

    @property
    def feasible(self) -> bool:
        """Whether burns within the caps reach the threshold."""
        return self.best_reachable is None

    @property
    def total_m_s(self) -> float:
        """Sum of the burns' sizes; inf when out of reach [m/s]."""
        return float(np.sum(self.dv_m_s)) if self.feasible else np.inf

    @property
    def lower_bound_m_s(self) -> float:
        """Proven lower bound of the total delta-v; NaN where something else was minimised [m/s]."""
        return self.lower_bound if self.unit == SPEED else np.nan

    @property
    def maximum_m_s(self) -> float:
        """Largest total that `of_total` can give: all useful caps [m/s]."""
        return self.knob.maximum_m_s if self.knob else 0.0

    def of_total(self, total_m_s: float) -> FloatArray:
        """The burns of another total at the same normal and filling order, shape (n, 3) [m/s].

        How far b moves along the normal rises with the total. Totals above `maximum_m_s` give
        that; a last burn below the minimum impulse is raised to it.
        """
        return self.knob.burns(total_m_s) if self.knob else np.zeros_like(self.dv_rtn_m_s)

    def certificate(self, model: str) -> Certificate:
        """The certificate of what was minimised, in the model described."""
        return Certificate(
            value=self.value, lower_bound=self.lower_bound, model=model, unit=self.unit
        )


def capped_dv(
    plane: EncounterPlane,
    radius_m: float,
    displacement: FloatArray,
    cap_m_s: ArrayLike,
    pc_threshold: float,
    allowed: Allowed,
    *,
    price: ArrayLike = 1.0,
    bit_m_s: ArrayLike = 0.0,
) -> SeveralBurns:
    """Least total delta-v of burns at given nodes, each at most its cap.

    Parameters
    ----------
    plane : EncounterPlane
    radius_m : float
        Hard-body radius [m].
    displacement : array, shape (n, 2, 3)
        M of each node [s] (`mdss.maneuver.displacement_per_dv`).
    cap_m_s : array_like, shape (n,) or ()
        Largest burn of each node, at least 0; inf where there is no limit [m/s].
    pc_threshold : float
        Between 0 and 1.
    allowed : AnyDirection, Cones or Rays
        Each node uses one of the rays or cones.
    price : array_like, shape (n,) or ()
        Price of a m/s at each node, above 0; the sum of prices times sizes is minimised.
    bit_m_s : array_like, shape (n,) or ()
        Minimum impulse bit [m/s]. Nodes whose cap is smaller are left out. A last burn that
        would be smaller is fired as the bit, which takes Pc further down; the lower bound is
        that of the problem without the bit, and holds with it all the more.

    Returns
    -------
    SeveralBurns
        No burns when Pc is at or below the threshold already. `best_reachable` is set when
        the caps do not suffice.

    Raises
    ------
    CovarianceError
        If no probability can be computed from the covariance.
    PlanningError
        If a cap, price, bit or threshold has no meaning.

    References
    ----------
    .. [1] G. B. Dantzig, Operations Research 5, 1957: the fractional knapsack.
    """
    maps = _checked_maps(displacement)
    n = len(maps)
    cap = _per_node(cap_m_s, n, "cap")
    prices = _per_node(price, n, "price")
    bit = _per_node(bit_m_s, n, "minimum impulse")
    if not (np.all(prices > 0) and np.all(np.isfinite(prices)) and np.all(np.isfinite(bit))):
        raise PlanningError("prices are finite and above 0, minimum impulses finite")
    return _Question(
        plane=plane,
        radius_m=radius_m,
        displacement=maps,
        pc_threshold=pc_threshold,
        allowed=allowed,
        filling=Knapsack(np.where(cap < bit, 0.0, cap), prices),
        bit_m_s=bit,
        unit=SPEED if np.all(prices == 1) else PRICE,
    ).answer()


def minimum_energy(
    plane: EncounterPlane,
    radius_m: float,
    displacement: FloatArray,
    pc_threshold: float,
    allowed: Allowed,
    *,
    cap_m_s: ArrayLike = np.inf,
) -> SeveralBurns:
    """Burns at given nodes with the least sum of squared sizes.

    For a normal n the sizes are in proportion to the gauges, up to the caps; without caps the
    cost is room² / Σ gauge². At equally spaced nodes this is the least energy of a thrust that
    can be throttled.

    Parameters
    ----------
    plane, radius_m, displacement, pc_threshold, allowed, cap_m_s
        As in `capped_dv`.

    Returns
    -------
    SeveralBurns
        Value and bound in m²/s².

    Raises
    ------
    CovarianceError, PlanningError
        As `capped_dv`.
    """
    maps = _checked_maps(displacement)
    found = _Question(
        plane=plane,
        radius_m=radius_m,
        displacement=maps,
        pc_threshold=pc_threshold,
        allowed=allowed,
        filling=WaterLevel(_per_node(cap_m_s, len(maps), "cap")),
        bit_m_s=np.zeros(len(maps)),
        unit=ENERGY,
    ).answer()
    return replace(found, value=found.value**2, lower_bound=found.lower_bound**2)


def best_reachable(
    plane: EncounterPlane,
    radius_m: float,
    displacement: FloatArray,
    cap_m_s: ArrayLike,
    allowed: Allowed,
) -> Reachable:
    """The least Pc that burns at given nodes, each at most its cap, can bring.

    Parameters
    ----------
    plane, radius_m, displacement, allowed
        As in `capped_dv`.
    cap_m_s : array_like, shape (n,) or ()
        Largest burn of each node; finite, but for nodes that move nothing [m/s].

    Raises
    ------
    CovarianceError
        If no probability can be computed from the covariance.
    PlanningError
        If a cap is negative, or infinite at a node that can move the encounter.
    """
    maps = _checked_maps(displacement)
    caps = _per_node(cap_m_s, len(maps), "cap")
    axes = principal_axes(plane.cov_m2)
    sigma = np.array([axes.sigma1_m, axes.sigma2_m])
    scaled = np.array([[axes.cos, axes.sin], [-axes.sin, axes.cos]]) / sigma[:, None]
    nodes = Nodes(scaled @ maps, allowed)
    caps = np.where(nodes.idle, 0.0, caps)
    if not np.all(np.isfinite(caps)):
        raise PlanningError("how far down Pc can come needs caps that are finite")
    start = scaled @ plane.miss_m

    def log_pc(point: FloatArray) -> FloatArray:
        m1, m2 = (point * sigma).T
        return log_pc_and_gradient(m1, m2, float(sigma[0]), float(sigma[1]), radius_m)[0]

    def farthest(normal: FloatArray) -> FloatArray:
        return np.asarray(start + np.einsum("nij,vnj->vi", nodes.map, nodes.full(normal, caps)))

    found = least_pc_reachable(log_pc, farthest)
    dv_rtn = nodes.full(found.normal[None], caps)[0]
    pc = _pc_after(plane, radius_m, maps, dv_rtn)
    return Reachable(pc=pc, lower_bound=min(np.exp(found.lower_bound), pc), dv_rtn_m_s=dv_rtn)


def _checked_maps(displacement: ArrayLike) -> FloatArray:
    maps = np.asarray(displacement, dtype=float)
    if maps.shape[1:] != (2, 3) or not np.all(np.isfinite(maps)):
        raise PlanningError(f"each node needs a finite map of shape (2, 3); got {maps.shape}")
    return maps


def _per_node(values: ArrayLike, n: int, name: str) -> FloatArray:
    spread = np.asarray(values, dtype=float)
    if spread.shape not in ((), (1,), (n,)) or not np.all(spread >= 0):
        raise PlanningError(
            f"each of the {n} nodes needs a {name} of at least 0; "
            f"got {np.array2string(spread, threshold=5)}"
        )
    return np.array(np.broadcast_to(spread, (n,)))


def _pc_after(
    plane: EncounterPlane, radius_m: float, displacement: FloatArray, dv_rtn: FloatArray
) -> float:
    moved = plane.miss_m + np.einsum("nij,nj->i", displacement, dv_rtn)
    return float(pc_2d(moved, plane.cov_m2, radius_m))


# --- one question, from the plane to the answer ----------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class _Question:
    """What is asked, whatever is minimised."""

    plane: EncounterPlane
    radius_m: float
    displacement: FloatArray
    pc_threshold: float
    allowed: Allowed
    filling: Filling
    bit_m_s: FloatArray
    unit: str

    def answer(self) -> SeveralBurns:
        """The cheapest burns, none, or how far down Pc can come."""
        unsafe = unsafe_set(self.plane.cov_m2, self.radius_m, self.pc_threshold)
        if unsafe is None or self._pc(self._no_burns) <= self.pc_threshold:
            return self._told(self._no_burns, 0.0, 0.0, "Pc is at the threshold or below already")
        start = unsafe.scaled_from_plane @ self.plane.miss_m
        nodes = Nodes(unsafe.scaled_from_plane @ self.displacement, self.allowed)
        best = self._cheapest(unsafe, start, nodes)
        if not np.isfinite(best.cost):
            return self._out_of_reach(best.lower_bound)
        normal = best.normal[None]
        knob = Knob(self.filling, nodes.gauge(normal)[0], nodes.units(normal)[0], self.bit_m_s)
        size = _trimmed(unsafe, start, nodes.map, knob, knob.sizes_for(best.room))
        value = min(best.cost, float(self.filling.cost(size[None])[0]))
        told = self._told(knob.burns_of(size), value, best.lower_bound, self._binding(size))
        across = unsafe.scaled_from_plane.T @ best.normal
        return replace(told, normal=across / np.linalg.norm(across), knob=knob)

    @property
    def _no_burns(self) -> FloatArray:
        return np.zeros((len(self.displacement), 3))

    def _pc(self, dv_rtn: FloatArray) -> float:
        return _pc_after(self.plane, self.radius_m, self.displacement, dv_rtn)

    def _cheapest(self, unsafe: UnsafeSet, start: FloatArray, nodes: Nodes) -> BestLine:
        def cost_of_lines(normal: FloatArray, room: FloatArray) -> FloatArray:
            if not np.any(self.filling.cap):
                return np.full(len(room), np.inf)
            return cost_of_room(self.filling, room, nodes.gauge(normal))

        return least_over_normals(unsafe, start, cost_of_lines)

    def _told(self, dv_rtn: FloatArray, value: float, bound: float, binding: str) -> SeveralBurns:
        return SeveralBurns(
            dv_rtn_m_s=dv_rtn,
            pc=self._pc(dv_rtn),
            value=value,
            lower_bound=min(bound, value),
            unit=self.unit,
            normal=np.full(2, np.nan),
            binding=binding,
        )

    def _binding(self, size: FloatArray) -> str:
        full = int(np.count_nonzero((size > 0) & (size >= self.filling.cap)))
        if np.any((size > 0) & (size < self.bit_m_s)):
            return "minimum impulse"
        return f"Pc threshold, {full} burns at their caps" if full else "Pc threshold"

    def _out_of_reach(self, bound: float) -> SeveralBurns:
        # a node without a limit that could move b at all would have reached the threshold
        caps = np.where(np.isfinite(self.filling.cap), self.filling.cap, 0.0)
        told = self._told(self._no_burns, np.inf, bound, "caps of all burns together")
        reach = best_reachable(self.plane, self.radius_m, self.displacement, caps, self.allowed)
        return replace(told, dv_rtn_m_s=np.full_like(told.dv_rtn_m_s, np.nan), best_reachable=reach)


def _trimmed(
    unsafe: UnsafeSet, start: FloatArray, maps: FloatArray, knob: Knob, size: FloatArray
) -> FloatArray:
    """Sizes that end on the boundary of K itself, not only on the line that touches it.

    The line was found to the last digits but one; what is left goes out of the burns that are
    not at their caps, or out of all of them.
    """

    def end(sizes: FloatArray) -> FloatArray:
        return np.asarray(start + np.einsum("nij,nj->i", maps, sizes[:, None] * knob.unit))

    for kept in (np.where(size >= knob.filling.cap, size, 0.0), np.zeros_like(size)):
        inside, outside = end(kept), end(size)
        if unsafe.log_excess(inside[None])[0][0] > 0:
            share = unsafe.exit(inside[None], (outside - inside)[None], np.ones(1))[0]
            if np.isfinite(share):
                return np.asarray(np.minimum(kept + share * (size - kept), knob.filling.cap))
    return size

"""The least delta-v that takes Pc down to a threshold, exactly, for all burn times at once.

With b = b0 + M Δv and the convex unsafe set K (`mdss.astro.levelset`), a burn is safe when b
lies beyond some supporting line of K. Reaching the line with normal n costs

    J(n) = (h(n) − n·b0) / g(Mᵀn),

h the support function of K, g the largest reach of a unit burn along Mᵀn (its length, when
every direction is allowed). The global minimum over n is therefore one-dimensional. Every
exact normal gives a feasible burn, hence an upper bound; the lines through neighbouring
boundary points, facets of a polygon inside K, give a lower bound. Facets that leave a gap are
split until none does, so each answer carries its own certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.levelset import BoundaryPoints, UnsafeSet, facet_lines, unsafe_set
from mdss.astro.probability import pc_2d, pc_on_axes, principal_axes
from mdss.conjunction import Conjunction
from mdss.errors import ConjunctionError, PlanningError
from mdss.maneuver import Dynamics, displacement_per_dv
from mdss.risk.plane import plane_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Directions = Literal["free", "in_track"] | ArrayLike

RELATIVE_GAP = 1e-4
ABSOLUTE_GAP_M_S = 1e-9
DEFAULT_VERTICES = 240
_SPLIT_ROUNDS = 60
_LOG_ROUNDING = 1e-13
_NO_ROOM = 1e-100  # one over its square is still a number


@dataclass(frozen=True, kw_only=True, eq=False)
class MinimumDv:
    """Least delta-v for each burn time.

    Parameters
    ----------
    t_before_tca_s : array, shape (n,)
        Burn times, seconds before TCA.
    dv_m_s : array, shape (n,)
        Least delta-v [m/s]; 0 when no burn is needed, inf when no size of burn along the
        allowed directions reaches the threshold.
    dv_rtn_m_s : array, shape (n, 3)
        The burn in RTN of the maneuvering object [m/s]; NaN where `dv_m_s` is inf.
    pc : array, shape (n,)
        2D Pc after the burn (linear motion of the encounter).
    lower_bound_m_s : array, shape (n,)
        Proven lower bound of the least delta-v [m/s], within 1e-4 of it or 1e-9 m/s. (Where
        Pc exceeds the threshold by less than 1e-8 of it, the rounding of Pc decides and the
        bound may be 0.)
    """

    t_before_tca_s: FloatArray
    dv_m_s: FloatArray
    dv_rtn_m_s: FloatArray
    pc: FloatArray
    lower_bound_m_s: FloatArray


def minimum_dv(
    conjunction: Conjunction,
    t_before_tca_s: ArrayLike,
    pc_threshold: float,
    directions: Directions = "free",
    cone_half_angle_rad: float | None = None,
    dynamics: Dynamics = "two_body",
) -> MinimumDv:
    """Least delta-v of the primary that takes Pc down to a threshold.

    Parameters
    ----------
    conjunction : Conjunction
        With a hard-body radius; the primary burns, the covariance is held fixed.
    t_before_tca_s : array_like, shape (n,)
        Burn times, seconds before TCA, above 0.
    pc_threshold : float
        Between 0 and 1.
    directions : {"free", "in_track"} or array_like, shape (k, 3)
        Any direction; ± transverse; or one-sided unit vectors in RTN, of which one burn
        uses one.
    cone_half_angle_rad : float, optional
        Allows a cone about each direction, 0 to π.
    dynamics : {"two_body", "numerical"}
        State transition from Kepler motion or from numerical integration.

    Returns
    -------
    MinimumDv
        All zero when Pc is at or below the threshold already.

    Raises
    ------
    ConjunctionError
        If the conjunction has no hard-body radius or no relative velocity.
    CovarianceError
        If no probability can be computed from the covariance.
    PlanningError
        If a time, direction, angle or threshold has no meaning.

    References
    ----------
    .. [1] A. Prékopa, Acta Sci. Math. 34, 1973: convolutions of log-concave functions are
       log-concave, hence K convex.
    """
    radius = _needed_radius(conjunction)
    plane = plane_of(conjunction, radius).plane
    displacement = displacement_per_dv(conjunction, plane, t_before_tca_s, dynamics)
    return minimum_dv_in_plane(
        plane,
        radius,
        np.atleast_1d(np.asarray(t_before_tca_s, dtype=float)),
        displacement,
        pc_threshold,
        allowed_directions(directions, cone_half_angle_rad),
    )


def trade_space(
    conjunction: Conjunction,
    t_before_tca_s: ArrayLike,
    dv_m_s: ArrayLike,
    direction: ArrayLike = (0.0, 1.0, 0.0),
    dynamics: Dynamics = "two_body",
) -> FloatArray:
    """2D Pc over burn time and delta-v along one direction.

    Parameters
    ----------
    conjunction : Conjunction
        With a hard-body radius; the primary burns, the covariance is held fixed.
    t_before_tca_s : array_like, shape (n_t,)
        Burn times, seconds before TCA, above 0.
    dv_m_s : array_like, shape (n_dv,)
        Signed sizes along `direction` [m/s].
    direction : array_like, shape (3,)
        In RTN; normalised here.
    dynamics : {"two_body", "numerical"}

    Returns
    -------
    array, shape (n_t, n_dv)
        Relative error below 1e-8 for Pc above 1e-12.

    Raises
    ------
    ConjunctionError, CovarianceError, PlanningError
        As `minimum_dv`.
    """
    radius = _needed_radius(conjunction)
    plane = plane_of(conjunction, radius).plane
    unit = _unit_rows(np.asarray(direction, dtype=float).reshape(1, -1))[0]
    sizes = np.atleast_1d(np.asarray(dv_m_s, dtype=float))
    if not np.all(np.isfinite(sizes)):
        raise PlanningError("every delta-v must be a finite number of m/s")
    step = displacement_per_dv(conjunction, plane, t_before_tca_s, dynamics) @ unit
    axes = principal_axes(plane.cov_m2)
    b1, b2 = axes.along(plane.miss_m)
    s1, s2 = axes.along(step)
    return pc_on_axes(
        b1 + s1[:, None] * sizes,
        b2 + s2[:, None] * sizes,
        axes.sigma1_m,
        axes.sigma2_m,
        np.array(radius),
        fast=True,
    )


def _needed_radius(conjunction: Conjunction) -> float:
    if conjunction.hard_body_radius_m is None:
        raise ConjunctionError(
            "the conjunction has no hard-body radius; give one with "
            "dataclasses.replace(conjunction, hard_body_radius_m=...)"
        )
    return conjunction.hard_body_radius_m


# --- allowed directions -------------------------------------------------------------------


class Reach(Protocol):
    """How far a unit burn reaches along w = Mᵀn, and which burn does."""

    def gauge(self, w: FloatArray) -> FloatArray:
        """Largest w·u over the allowed unit vectors u, shape (...); w has shape (..., 3)."""

    def best(self, w: FloatArray) -> FloatArray:
        """The allowed unit vector that attains it, shape (..., 3)."""


class AnyDirection:
    """A burn may point anywhere."""

    def gauge(self, w: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt(np.einsum("...i,...i->...", w, w)))

    def best(self, w: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore"):
            return np.asarray(w / np.linalg.norm(w, axis=-1, keepdims=True))


@dataclass(frozen=True, eq=False)
class Cones:
    """A burn lies within a half-angle of one of the unit vectors `axis`, shape (k, 3)."""

    axis: FloatArray
    half_angle_rad: float

    def gauge(self, w: FloatArray) -> FloatArray:
        size = np.linalg.norm(w, axis=-1)
        return np.asarray(size * np.max(self._cosines(w), axis=-1))

    def best(self, w: FloatArray) -> FloatArray:
        axis = self.axis[np.argmax(self._cosines(w), axis=-1)]
        with np.errstate(invalid="ignore", divide="ignore"):
            toward = w / np.linalg.norm(w, axis=-1, keepdims=True)
            cosine = np.sum(toward * axis, axis=-1, keepdims=True)
            side = toward - cosine * axis
            side = side / np.linalg.norm(side, axis=-1, keepdims=True)
            rim = np.cos(self.half_angle_rad) * axis + np.sin(self.half_angle_rad) * side
        return np.asarray(np.where(cosine >= np.cos(self.half_angle_rad), toward, rim))

    def _cosines(self, w: FloatArray) -> FloatArray:
        """Cosine of the angle between w and the nearest burn of each cone."""
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = (w @ self.axis.T) / np.linalg.norm(w, axis=-1, keepdims=True)
        angle = np.arccos(np.clip(np.nan_to_num(cosine), -1, 1))
        return np.asarray(np.cos(np.maximum(0, angle - self.half_angle_rad)))


@dataclass(frozen=True, eq=False)
class Rays:
    """A burn points exactly along one of the unit vectors `axis`, shape (k, 3)."""

    axis: FloatArray

    def gauge(self, w: FloatArray) -> FloatArray:
        return np.asarray(np.max(w @ self.axis.T, axis=-1))

    def best(self, w: FloatArray) -> FloatArray:
        return np.asarray(self.axis[np.argmax(w @ self.axis.T, axis=-1)])


Allowed = AnyDirection | Cones | Rays


def allowed_directions(directions: Directions, cone_half_angle_rad: float | None = None) -> Allowed:
    """The allowed burn directions as an object.

    Raises
    ------
    PlanningError
        If the directions or the half-angle have no meaning.
    """
    if isinstance(directions, str):
        if directions == "free":
            return AnyDirection()
        if directions != "in_track":
            raise PlanningError(
                f"directions {directions!r} is unknown; use 'free', 'in_track' or unit vectors"
            )
        directions = [[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]]
    axis = _unit_rows(np.atleast_2d(np.asarray(directions, dtype=float)))
    if cone_half_angle_rad is None or cone_half_angle_rad == 0:
        return Rays(axis)
    if not 0 < cone_half_angle_rad <= np.pi:
        raise PlanningError(f"a cone half-angle lies in 0..π rad, got {cone_half_angle_rad:g}")
    return Cones(axis, float(cone_half_angle_rad))


def _unit_rows(vectors: FloatArray) -> FloatArray:
    size = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if vectors.shape[-1] != 3 or not vectors.size or not np.all((size > 0) & np.isfinite(size)):
        raise PlanningError("directions are vectors (R, T, N) that are finite and not zero")
    return np.asarray(vectors / size)


# --- the sweep over burn times ------------------------------------------------------------


def minimum_dv_in_plane(
    plane: EncounterPlane,
    radius_m: float,
    t_before_tca_s: FloatArray,
    displacement: FloatArray,
    pc_threshold: float,
    allowed: Allowed,
    *,
    vertices: int = DEFAULT_VERTICES,
    refine: bool = True,
) -> MinimumDv:
    """`minimum_dv` for a given encounter plane and displacement per delta-v.

    Parameters
    ----------
    plane : EncounterPlane
    radius_m : float
        Hard-body radius [m].
    t_before_tca_s : array, shape (n,)
        Burn times; reported back.
    displacement : array, shape (n, 2, 3)
        M [s].
    pc_threshold : float
    allowed : AnyDirection, Cones or Rays
    vertices : int
        Boundary points of the first scan, a multiple of 4.
    refine : bool
        False leaves bounds as the first scan gives them.
    """
    n = len(t_before_tca_s)
    unsafe = unsafe_set(plane.cov_m2, radius_m, pc_threshold)
    pc_before = pc_2d(plane.miss_m, plane.cov_m2, radius_m)
    if unsafe is None or pc_before <= pc_threshold:
        zero = np.zeros(n)
        return MinimumDv(
            t_before_tca_s=t_before_tca_s,
            dv_m_s=zero,
            dv_rtn_m_s=np.zeros((n, 3)),
            pc=np.full(n, pc_before),
            lower_bound_m_s=zero,
        )
    sweep = _Sweep(
        unsafe=unsafe,
        start=unsafe.scaled_from_plane @ plane.miss_m,
        map=unsafe.scaled_from_plane @ displacement,
        first=unsafe.sampled(vertices),
    )
    solve = sweep.along_rays if isinstance(allowed, Rays) else sweep.over_normals
    dv, unit, bound = solve(allowed, refine)  # type: ignore[arg-type]
    with np.errstate(invalid="ignore"):
        dv_rtn = np.where(np.isfinite(dv)[:, None], dv[:, None] * unit, np.nan)
    return MinimumDv(
        t_before_tca_s=t_before_tca_s,
        dv_m_s=dv,
        dv_rtn_m_s=dv_rtn,
        pc=_pc_after(plane, radius_m, displacement, dv_rtn, float(pc_before)),
        lower_bound_m_s=np.minimum(bound, dv),
    )


def _pc_after(
    plane: EncounterPlane,
    radius_m: float,
    displacement: FloatArray,
    dv_rtn: FloatArray,
    pc_before: float,
) -> FloatArray:
    found = np.isfinite(dv_rtn[:, 0])
    pc = np.full(len(dv_rtn), pc_before)
    moved = plane.miss_m + np.einsum("nij,nj->ni", displacement[found], dv_rtn[found])
    pc[found] = pc_2d(moved, plane.cov_m2, radius_m)
    return pc


Solution = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sweep:
    """One unsafe set, many burn times, in coordinates scaled by the set's half-widths."""

    unsafe: UnsafeSet
    start: FloatArray  # (2,)
    map: FloatArray  # (n, 2, 3)
    first: BoundaryPoints

    def along_rays(self, rays: Rays, refine: bool) -> Solution:
        """Fixed directions: where each ray leaves K, and the cheapest of them."""
        steps = np.swapaxes(self.map @ rays.axis.T, 1, 2)
        guess = _polygon_exit(self.first, self.start, steps)
        inner = guess if self._starts_in_polygon() else np.zeros_like(guess)
        row = np.arange(len(steps))
        choice = np.argmin(inner, axis=1)
        exits = np.full(inner.shape, np.inf)
        exits[row, choice] = self._exit(steps[row, choice], guess[row, choice])
        rivals = inner < exits[row, choice][:, None]
        rivals[row, choice] = False
        exits[rivals] = self._exit(steps[rivals], guess[rivals])
        choice = np.argmin(exits, axis=1)
        dv, bound = exits[row, choice], np.min(inner, axis=1)
        if refine:
            bound = np.maximum(bound, self._inside_bound(dv, steps[row, choice], inner))
        return dv, rays.axis[choice], bound

    def _starts_in_polygon(self) -> bool:
        """False between polygon and boundary of K: Pc is at the threshold but for 1e-4."""
        normal, offset = self.first.facets()
        return bool(np.all(normal @ self.start < offset))

    def _exit(self, steps: FloatArray, guess: FloatArray) -> FloatArray:
        start = np.broadcast_to(self.start, steps.shape)
        return self.unsafe.exit(start, steps, np.maximum(guess, 1e-12))

    def _inside_bound(self, dv: FloatArray, step: FloatArray, inner: FloatArray) -> FloatArray:
        """Just short of the exit Pc is above the threshold, and K is convex.

        The other directions were either solved too, and leave K later, or leave even the
        polygon inside K later.
        """
        bound = np.asarray(np.min(inner, axis=1))
        # where a share of 1e-9 is lost in the rounding of ln Pc, half the promised gap is not
        for share in (0.5 * RELATIVE_GAP, 1e-9):
            short = np.where(np.isfinite(dv), dv * (1 - share), 0.0)
            excess, _ = self.unsafe.log_excess(self.start + short[:, None] * step)
            bound = np.where(np.isfinite(dv) & (excess > _LOG_ROUNDING), short, bound)
        return bound

    def over_normals(self, reach: Reach, refine: bool) -> Solution:
        """Any direction or cones: the minimum of J over normals."""
        pool = _Pool(self, reach)
        if refine:
            pool.split_until_tight()
        normal, guess = pool.polished()
        unit = reach.best((normal[:, None] @ self.map)[:, 0])
        steps = (self.map @ unit[:, :, None])[:, :, 0]
        steps[~np.isfinite(guess)] = 0.0
        return self._exit(steps, guess), unit, pool.lower


def _polygon_exit(boundary: BoundaryPoints, start: FloatArray, step: FloatArray) -> FloatArray:
    """Steps from `start` to the boundary of the inscribed polygon, shape (..., ) of steps.

    The facet that is hit first has the largest speed/room, and one matrix product gives all
    of these ratios.
    """
    normal, offset = boundary.facets()
    room = np.maximum(offset - normal @ start, _NO_ROOM)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.maximum(np.max(step @ (normal / room[:, None]).T, axis=-1), 0))


class _Pool:
    """Boundary points and facets, split where the bounds of some burn time are apart."""

    def __init__(self, sweep: _Sweep, reach: Reach) -> None:
        self.sweep, self.reach = sweep, reach
        first = sweep.first
        self.ray, self.point, self.normal = first.ray_rad, first.point, first.normal
        self.facet_gain = self._gain_table(*first.facets())
        n, facet = len(self.facet_gain), np.argmax(self.facet_gain, axis=1)
        with np.errstate(divide="ignore"):
            self.lower = 1 / np.sqrt(self.facet_gain[np.arange(n), facet])
        self.best, self.upper = facet, np.full(n, np.inf)
        for vertex in (facet, (facet + 1) % len(self.ray)):
            self._try_points(np.arange(n), vertex)

    def _gain_table(self, normal: FloatArray, support: FloatArray) -> FloatArray:
        """1/J² for every burn time (rows) and every line (columns).

        With every direction allowed this is a quadratic form of n over the squared room:
        one matrix product, without a root or a division per entry.
        """
        room2 = np.maximum(support - normal @ self.sweep.start, _NO_ROOM) ** 2
        if isinstance(self.reach, AnyDirection):
            # einsum: waking the threads of a matrix product costs more than three columns
            rows, columns = _gram_rows(self.sweep.map), _squares(normal) / room2
            gains = np.asarray(np.einsum("nk,kv->nv", rows, columns))
            return np.asarray(np.maximum(gains, 0.0, out=gains))
        w = np.swapaxes(np.swapaxes(self.sweep.map, 1, 2) @ normal.T, 1, 2)
        return np.asarray(np.maximum(self.reach.gauge(w), 0.0) ** 2 / room2)

    def _costs(self, burn: IntArray, normal: FloatArray, support: FloatArray) -> FloatArray:
        """J for pairs of burn time and line."""
        room = np.maximum(support - normal @ self.sweep.start, 0)
        return _cost(room, self.reach.gauge((normal[:, None] @ self.sweep.map[burn])[:, 0]))

    def _slack(self) -> FloatArray:
        """Bounds below this leave too wide a gap; half the promise is kept in hand."""
        with np.errstate(invalid="ignore"):
            gap = np.maximum(0.5 * RELATIVE_GAP * self.upper, 0.5 * ABSOLUTE_GAP_M_S)
            return np.where(np.isfinite(self.upper), self.upper - gap, -np.inf)

    def split_until_tight(self) -> None:
        """Branch and bound on facets: each split halves the arc and quarters its gap."""
        with np.errstate(divide="ignore"):
            gain_limit = np.where(np.isfinite(self.upper), self._slack() ** -2.0, np.inf)
            burn, left = np.nonzero(self.facet_gain > gain_limit[:, None])
            cost = 1 / np.sqrt(self.facet_gain[burn, left])
            self.facet_gain[burn, left] = 0.0
            leaves = 1 / np.sqrt(np.max(self.facet_gain, axis=1))
        right = (left + 1) % len(self.ray)
        for _ in range(_SPLIT_ROUNDS):
            open_ = cost < self._slack()[burn]
            np.minimum.at(leaves, burn[~open_], cost[~open_])
            burn, left, right = burn[open_], left[open_], right[open_]
            if not burn.size:
                break
            middle = self._insert_between(left, right)
            self._try_points(burn, middle)
            burn, left, right = (
                np.concatenate([burn, burn]),
                np.concatenate([left, middle]),
                np.concatenate([middle, right]),
            )
            cost = self._costs(burn, *facet_lines(self.point[left], self.point[right]))
        else:
            np.minimum.at(leaves, burn, cost)
        self.lower = leaves

    def _insert_between(self, left: IntArray, right: IntArray) -> IntArray:
        """New exact boundary points, one for each distinct facet; returns their indices."""
        facets, which = np.unique(np.stack([left, right]), axis=1, return_inverse=True)
        start = self.ray[facets[0]]
        turn = (self.ray[facets[1]] - start) % (2 * np.pi)
        new = self.sweep.unsafe.boundary((start + 0.5 * turn) % (2 * np.pi))
        first = len(self.ray)
        self.ray = np.concatenate([self.ray, new.ray_rad])
        self.point = np.concatenate([self.point, new.point])
        self.normal = np.concatenate([self.normal, new.normal])
        return first + np.ravel(which)

    def _try_points(self, burn: IntArray, vertex: IntArray) -> None:
        normal = self.normal[vertex]
        cost = self._costs(burn, normal, np.sum(normal * self.point[vertex], axis=1))
        order = np.argsort(-cost, kind="stable")  # the cheapest is written last
        burn, vertex, cost = burn[order], vertex[order], cost[order]
        better = cost < self.upper[burn]
        self.upper[burn[better]] = cost[better]
        self.best[burn[better]] = vertex[better]

    def polished(self) -> tuple[FloatArray, FloatArray]:
        """The best normal of each burn time and J there, between the best point's neighbours."""
        order = np.argsort(self.ray)
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        here = place[self.best]
        behind, at, ahead = (order[(here + k) % order.size] for k in (-1, 0, 1))
        arcs = (_SupportArc.between(self, behind, at), _SupportArc.between(self, at, ahead))
        low, high = -arcs[0].turn, arcs[1].turn
        angle, reach = np.zeros(len(low)), 0.4 * np.minimum(-low, high)
        for _ in range(3):
            trial = np.clip(angle + np.array([-1.0, 0.0, 1.0])[:, None] * reach, low, high)
            angle = np.clip(_parabola_minimum(trial, self._arc_costs(arcs, trial)), low, high)
            reach = reach * 0.05
        return arcs[1].normal_at(angle), self._arc_costs(arcs, angle[None])[0]

    def _arc_costs(self, arcs: tuple[_SupportArc, _SupportArc], angle: FloatArray) -> FloatArray:
        """J at turns from the best point, shape (k, n)."""
        behind, ahead = arcs
        support = np.where(
            angle < 0, behind.support_at(angle + behind.turn), ahead.support_at(angle)
        )
        normal = ahead.normal_at(angle)
        w = (normal[:, :, None] @ self.sweep.map)[:, :, 0]
        return _cost(np.maximum(support - normal @ self.sweep.start, 0), self.reach.gauge(w))


@dataclass(frozen=True, eq=False)
class _SupportArc:
    """Cubic Hermite interpolation of the support function between two normals.

    Its derivative is known exactly: the tangential component of the boundary point. The error
    is the fourth power of the turn, below 1e-9 of the set's size for a degree.
    """

    angle: FloatArray
    turn: FloatArray
    value: tuple[FloatArray, FloatArray]
    slope: tuple[FloatArray, FloatArray]

    @classmethod
    def between(cls, pool: _Pool, left: IntArray, right: IntArray) -> _SupportArc:
        def ends(index: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
            normal, point = pool.normal[index], pool.point[index]
            value = np.sum(normal * point, axis=1)
            slope = normal[:, 0] * point[:, 1] - normal[:, 1] * point[:, 0]
            return np.arctan2(normal[:, 1], normal[:, 0]), value, slope

        a, value_a, slope_a = ends(left)
        b, value_b, slope_b = ends(right)
        return cls(a, (b - a) % (2 * np.pi), (value_a, value_b), (slope_a, slope_b))

    def support_at(self, turned: FloatArray) -> FloatArray:
        s = turned / self.turn
        a, b = self.value
        return np.asarray(
            (1 + 2 * s) * (1 - s) ** 2 * a
            + s**2 * (3 - 2 * s) * b
            + self.turn * (s * (1 - s) ** 2 * self.slope[0] - s**2 * (1 - s) * self.slope[1])
        )

    def normal_at(self, turned: FloatArray) -> FloatArray:
        angle = self.angle + turned
        return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _gram_rows(maps: FloatArray) -> FloatArray:
    """M Mᵀ as rows (xx, yy, 2xy): times `_squares` it is |Mᵀn|², shape (n, 3)."""
    x, y = maps[:, 0], maps[:, 1]
    return np.stack([np.sum(x * x, 1), np.sum(y * y, 1), 2 * np.sum(x * y, 1)], axis=1)


def _squares(normal: FloatArray) -> FloatArray:
    x, y = normal.T
    return np.stack([x * x, y * y, x * y])


def _cost(room: FloatArray, gauge: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gauge > 0, room / gauge, np.inf)


def _parabola_minimum(x: FloatArray, y: FloatArray) -> FloatArray:
    """Vertex of the parabola through three points per column; the lowest where there is none."""
    lowest = np.take_along_axis(x, np.argmin(y, axis=0)[None], axis=0)[0]
    left, right = x[1] - x[0], x[2] - x[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        s1, s2 = (y[1] - y[0]) / left, (y[2] - y[1]) / right
        bend = (s2 - s1) / (left + right)
        vertex = 0.5 * (x[0] + x[1] - s1 / bend)
        good = (bend > 0) & np.isfinite(vertex)
    return np.asarray(np.where(good, vertex, lowest))

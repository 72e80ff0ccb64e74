"""The convex program of burns that avoid and burns that return, for one line to cross.

For one supporting line of the unsafe set, the least total delta-v that crosses it and keeps the
station-keeping box is a second-order cone program. It is written once with CVXPY and solved again
for other lines by Clarabel, whose dual value is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray

from mdss.astro.levelset import UnsafeSet, facet_lines
from mdss.planner.certified import CircleMinimum, least_on_circle

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_GOOD = ("Solved", "AlmostSolved")
_OUT_OF_REACH = ("PrimalInfeasible", "AlmostPrimalInfeasible")
_ANGLES = 16
_FEW = 4  # burns
_RANK = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class BurnBlocks:
    """Burns that may be fired, each along d numbers: any vector (d = 3), or along a ray (d = 1).

    Parameters
    ----------
    t_before_tca_s : array, shape (n,)
        In time order, so falling; negative after TCA [s].
    axis_rtn : array, shape (n, 3)
        Of the ray or cone; NaN where any direction is allowed.
    cosine : float or None
        Of the cone's half-angle; None for rays and where any direction is allowed.
    move : array, shape (n, 2, d)
        How far b goes, in coordinates scaled by the unsafe set [per m/s].
    """

    t_before_tca_s: FloatArray
    axis_rtn: FloatArray
    cosine: float | None
    move: FloatArray

    def dv_rtn(self, numbers: FloatArray) -> FloatArray:
        """Delta-v vectors, shape (n, 3), of numbers of shape (n, d)."""
        return numbers * self.axis_rtn if numbers.shape[1] == 1 else numbers

    def along(self, rows: FloatArray) -> FloatArray:
        """Rows per RTN delta-v, shape (n, ..., 3), per number of each burn, shape (n, ..., d)."""
        if self.move.shape[2] == 3:
            return rows
        return np.asarray(np.einsum("n...j,nj->n...", rows, self.axis_rtn))[..., None]

    def chosen(self, which: IntArray) -> BurnBlocks:
        """Some of them."""
        return BurnBlocks(
            t_before_tca_s=self.t_before_tca_s[which],
            axis_rtn=self.axis_rtn[which],
            cosine=self.cosine,
            move=self.move[which],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxRows:
    """The box as |offset + rows @ numbers| ≤ limit, all numbers of all burns in one row of k.

    Parameters
    ----------
    rows : array, shape (m, 2, k)
        Half-widths per m/s.
    offset : array, shape (m, 2)
    limit : array, shape (m,)
    """

    rows: FloatArray
    offset: FloatArray
    limit: FloatArray

    @property
    def paired(self) -> NDArray[np.bool_]:
        """Which checks are vectors of two; of the others only the first number counts."""
        return np.asarray(np.any(self.rows[:, 1] != 0, axis=1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """Of one program.

    Parameters
    ----------
    value : float
        inf where nothing within the caps keeps the box and crosses the line.
    lower_bound : float
        The solver's dual value; inf where it proves that nothing does.
    numbers : array, shape (n, d)
        Of each burn [m/s].
    """

    value: float
    lower_bound: float
    numbers: FloatArray


class ReturnProgram:
    """Least total delta-v across a line and inside the box; data are parameters of one program.

    Parameters
    ----------
    blocks : BurnBlocks
    box : BoxRows
    unit_m_s : float
        What delta-v is counted in inside the program, so that its numbers are near one.
    cap_m_s, total_m_s : float
        Largest single burn and largest sum [m/s].
    stretched : bool
        Minimise instead by how much the box's limits have to be stretched.
    """

    def __init__(
        self,
        blocks: BurnBlocks,
        box: BoxRows,
        unit_m_s: float,
        cap_m_s: float,
        total_m_s: float,
        *,
        stretched: bool = False,
    ) -> None:
        cp: Any = import_module("cvxpy")  # which takes seconds
        n, d = blocks.move.shape[0], blocks.move.shape[2]
        self._unit = 1.0 if stretched else unit_m_s
        self._scale = unit_m_s
        self._shape = (n, d)
        self._numbers = cp.Variable((n, d))
        sizes = cp.Variable(n, nonneg=True)
        flat = cp.vec(self._numbers, order="C")
        self._gain, self._need = cp.Parameter(n * d), cp.Parameter()
        self._axis = cp.Parameter((n, 3))
        stretch = cp.Variable(nonneg=True) if stretched else 0.0
        self._basis = _basis(box.rows) if n > _FEW else np.eye(n * d)
        seen = cp.Variable(len(self._basis))  # all that the box sees of the burns: six numbers
        limits = [self._gain @ flat >= self._need, seen == self._basis @ flat]
        limits += self._within(cp, box, seen, stretch)
        limits += [sizes <= cap_m_s / unit_m_s, cp.sum(sizes) <= total_m_s / unit_m_s]
        limits += self._directions(cp, blocks, sizes)
        self._problem = cp.Problem(cp.Minimize(stretch if stretched else cp.sum(sizes)), limits)
        self.set_blocks(blocks, box)

    def _within(self, cp: Any, box: BoxRows, seen: Any, stretch: Any) -> list[Any]:
        """The box, checks of one number and of two apart."""
        two = box.paired
        self._one = cp.Parameter((int(np.sum(~two)), seen.size))
        self._one_offset, self._one_limit = (cp.Parameter(int(np.sum(~two))) for _ in range(2))
        share = self._one_offset + self._one @ seen
        limits = [share <= self._one_limit + stretch, -share <= self._one_limit + stretch]
        self._two = [cp.Parameter((2, seen.size)) for _ in range(int(np.sum(two)))]
        self._two_offset = [cp.Parameter(2) for _ in self._two]
        self._two_limit = [cp.Parameter() for _ in self._two]
        for rows, offset, limit in zip(self._two, self._two_offset, self._two_limit, strict=True):
            limits.append(cp.norm(offset + rows @ seen) <= limit + stretch)
        return limits if self._one.size else limits[2:]

    def _directions(self, cp: Any, blocks: BurnBlocks, sizes: Any) -> list[Any]:
        if self._shape[1] == 1:
            return [self._numbers[:, 0] == sizes]
        limits = [cp.norm(self._numbers, 2, axis=1) <= sizes]
        if blocks.cosine is not None:
            toward = cp.sum(cp.multiply(self._axis, self._numbers), axis=1)
            limits.append(toward >= blocks.cosine * sizes)
        return limits

    def set_blocks(self, blocks: BurnBlocks, box: BoxRows) -> None:
        """Other burns, as many of them, and other checks, as many of each kind.

        For programs of few burns: what the box sees of many is chosen once.
        """
        self._blocks, two = blocks, box.paired
        rows = box.rows @ self._basis.T * self._scale
        self._axis.value = np.nan_to_num(blocks.axis_rtn)
        if self._one.size:
            self._one.value, self._one_offset.value = rows[~two, 0], box.offset[~two, 0]
            self._one_limit.value = box.limit[~two]
        for parameters, values in (
            (self._two, rows[two]),
            (self._two_offset, box.offset[two]),
            (self._two_limit, box.limit[two]),
        ):
            for parameter, value in zip(parameters, values, strict=True):
                parameter.value = value

    def cross(self, normal: FloatArray, room: float) -> Answer:
        """Least to move b by `room` along a unit normal, in scaled coordinates."""
        gain = (normal @ self._blocks.move).ravel() * self._scale
        self._gain.value = gain / room if room > 0 else 0.0 * gain
        self._need.value = 1.0 if room > 0 else 0.0
        return self._solved()

    def least_gain(self, normal: FloatArray, room: float) -> float:
        """What crossing the line costs at the very least, without box and caps."""
        gains = np.linalg.norm(normal @ self._blocks.move, axis=-1)
        reach = float(np.max(gains, initial=0.0))
        return room / reach if reach > 0 else (0.0 if room <= 0 else np.inf)

    def _solved(self) -> Answer:
        data, chain, inverse = self._problem.get_problem_data("CLARABEL", solver_opts={})
        raw = chain.solve_via_data(self._problem, data, warm_start=False, verbose=False)
        status, none = str(raw.status), np.zeros(self._shape)
        if status in _OUT_OF_REACH:
            return Answer(value=np.inf, lower_bound=np.inf, numbers=none)
        if status not in _GOOD:
            return Answer(value=np.inf, lower_bound=0.0, numbers=none)
        with catch_warnings():
            simplefilter("ignore")  # of reduced accuracy: the dual value tells how much
            self._problem.unpack_results(raw, chain, inverse)
        value, bound = raw.obj_val * self._unit, raw.obj_val_dual * self._unit
        numbers = np.asarray(self._numbers.value, dtype=float) * self._scale
        return Answer(value=value, lower_bound=max(0.0, min(bound, value)), numbers=numbers)


def _basis(rows: FloatArray) -> FloatArray:
    """Orthonormal rows that span those of the box, shape (r, k): fewer, so solved faster."""
    _, size, right = np.linalg.svd(rows.reshape(-1, rows.shape[-1]), full_matrices=False)
    return np.asarray(right[size > _RANK * size[0]])


@dataclass(frozen=True, kw_only=True, eq=False)
class Crossed:
    """The cheapest way out of the unsafe set that keeps the box.

    Parameters
    ----------
    answer : Answer
        At the best line.
    lower_bound : float
        No way out costs less: the least dual value over the sides of a polygon inside the set.
    normal : array, shape (2,)
        Of the best line, scaled coordinates.
    room : float
        Its distance from the start, the same coordinates.
    """

    answer: Answer
    lower_bound: float
    normal: FloatArray
    room: float


def least_over_lines(
    program: ReturnProgram,
    unsafe: UnsafeSet,
    start: FloatArray,
    relative_gap: float,
    worth: float = np.inf,
) -> Crossed | None:
    """The best line of all, by branch and bound over their normals.

    Parameters
    ----------
    program : ReturnProgram
    unsafe : UnsafeSet
    start : array, shape (2,)
        b without a burn, inside the set, in its scaled coordinates.
    relative_gap : float
    worth : float
        What costs this or more is of no use.

    Returns
    -------
    Crossed or None
        None where no line can be crossed for less than `worth`.
    """
    lines = _Lines(program, unsafe, start, worth)
    found: CircleMinimum = least_on_circle(lines, _ANGLES, relative_gap=relative_gap)
    if not np.isfinite(found.value):
        return None
    point, normal = found.state[:2], found.state[2:]
    room = max(float(normal @ (point - start)), 0.0)
    answer = program.cross(normal, room)
    bound = min(found.lower_bound, answer.value)
    return Crossed(answer=answer, lower_bound=bound, normal=normal, room=room)


class _Lines:
    """Costs of supporting lines (upper bounds) and of sides of the inscribed polygon (lower)."""

    def __init__(
        self, program: ReturnProgram, unsafe: UnsafeSet, start: FloatArray, worth: float
    ) -> None:
        self.program, self.unsafe, self.start = program, unsafe, start
        self.worth = self.best = worth

    def at(self, angle_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        here = self.unsafe.boundary(angle_rad % (2 * np.pi))
        room = np.maximum(here.support - here.normal @ self.start, 0.0)
        cost = np.full(room.size, np.inf)
        least = [self.program.least_gain(n, r) for n, r in zip(here.normal, room, strict=True)]
        for k in np.argsort(least):
            if least[k] < self.best:  # others cannot be better, whatever the box does
                cost[k] = self.program.cross(here.normal[k], float(room[k])).value
                self.best = min(self.best, float(cost[k]))
        return np.hstack([here.point, here.normal]), cost

    def below(self, left: FloatArray, right: FloatArray) -> FloatArray:
        normal, support = facet_lines(left[:, :2], right[:, :2])
        room = np.maximum(support - normal @ self.start, 0.0)
        return np.array([self._bound(n, float(r)) for n, r in zip(normal, room, strict=True)])

    def _bound(self, normal: FloatArray, room: float) -> float:
        bound = self.program.least_gain(normal, room)
        if bound < self.best:
            bound = max(bound, self.program.cross(normal, room).lower_bound)
        return bound if bound < self.worth else np.inf


def least_stretch(program: ReturnProgram, unsafe: UnsafeSet, start: FloatArray) -> Answer | None:
    """How far the box's limits have to be stretched at least, over some lines.

    Parameters
    ----------
    program : ReturnProgram
        A stretched one.
    unsafe, start
        As for `least_over_lines`.

    Returns
    -------
    Answer or None
        Its value is the stretch; None where the caps alone do not reach the target.
    """
    here = unsafe.sampled(_ANGLES)
    room = np.maximum(here.support - here.normal @ start, 0.0)
    found = [program.cross(n, float(r)) for n, r in zip(here.normal, room, strict=True)]
    best = min(found, key=lambda one: one.value)
    return best if np.isfinite(best.value) else None

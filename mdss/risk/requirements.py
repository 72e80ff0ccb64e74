"""What would have to be true for a conjunction to be harmless, or to be red."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.astro.levelset import unsafe_set
from mdss.policy import Policy
from mdss.risk.assess import Risk
from mdss.risk.plane_parts import Basis, PlaneParts, plane_parts
from mdss.risk.sensitivity import Input
from mdss.risk.spot_check import SpotCheck, spot_check

FloatArray = NDArray[np.float64]

_FARTHEST = 10.0
_STEPS = np.logspace(0, math.log10(_FARTHEST), 301)
_FACTORS = np.stack([_STEPS, 1 / _STEPS], axis=1).ravel()
"""The nearest to one first, larger and smaller in turn."""
_REFINEMENTS, _FINER = 2, 101
_VERTICES = 2880


class Goal(StrEnum):
    """What would have to become of the conjunction."""

    RED = "red"
    NOT_RED = "not-red"
    HARMLESS = "harmless"

    @property
    def label(self) -> str:
        """For people."""
        return {"red": "Red", "not-red": "No longer red", "harmless": "Harmless"}[self]


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """The smallest change of one input that reaches a goal.

    Parameters
    ----------
    goal : Goal
    threshold : float
        Pc to get below, or for red to reach.
    input : Input
    reachable : bool
        Whether any change does: factors from a tenth to ten, any shift of the miss.
    factor : float
        On the sigmas or the radius; NaN for the miss, and where it is not reachable.
    shift_rtn_m : tuple of three floats, or None
        For the miss: where the primary would have to pass instead, in its RTN [m].
    extreme_pc : float
        The Pc nearest to the goal within the range.
    check : SpotCheck or None
        Of a factor on sigmas, all methods computed anew.
    sentence : str
        In plain words, with numbers.
    """

    goal: Goal
    threshold: float
    input: Input
    reachable: bool
    factor: float
    shift_rtn_m: tuple[float, float, float] | None
    extreme_pc: float
    check: SpotCheck | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """What would have to be true.

    Parameters
    ----------
    requirements : tuple of Requirement
        For each goal that is not reached already, one for each input.
    basis : Basis
    """

    requirements: tuple[Requirement, ...]
    basis: Basis

    def towards(self, goal: Goal) -> tuple[Requirement, ...]:
        """Those of one goal; none when it is reached already."""
        return tuple(one for one in self.requirements if one.goal is goal)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each requirement."""
        return tuple(one.sentence for one in self.requirements)


def what_would_have_to_be_true(risk: Risk, policy: Policy) -> Requirements:
    """The smallest change of each input that makes a conjunction harmless, or red.

    Parameters
    ----------
    risk : Risk
    policy : Policy
        Red is `pc_act` and above; harmless is below `pc_watch`, or below `pc_target` in a policy
        that watches nothing.

    Returns
    -------
    Requirements
        One input is changed, all others stay: the sigmas of both objects, of one of them, the
        radius, the miss. Where nothing does it, that is said.

    Notes
    -----
    Factors on sigmas are sought between a tenth and ten: beyond that the message would be no
    description of the encounter. What a factor leads to is computed anew by all methods and marked
    as indicative where that disagrees.
    """
    parts = plane_parts(risk)
    found = [
        requirement
        for goal, threshold in _goals(risk.pc, policy)
        for requirement in _of_goal(risk, parts, goal, threshold)
    ]
    return Requirements(requirements=tuple(found), basis=parts.basis)


def _goals(pc: float, policy: Policy) -> list[tuple[Goal, float]]:
    """Goals that are not reached, and their thresholds."""
    low = policy.pc_target if policy.pc_watch is None else policy.pc_watch
    goals = [(Goal.NOT_RED, policy.pc_act)] if pc >= policy.pc_act else []
    if pc >= low and low < policy.pc_act:
        goals.append((Goal.HARMLESS, low))
    return goals if pc >= policy.pc_act else [*goals, (Goal.RED, policy.pc_act)]


def _of_goal(risk: Risk, parts: PlaneParts, goal: Goal, threshold: float) -> list[Requirement]:
    sigmas: dict[Input, Callable[[FloatArray], FloatArray]] = {
        Input.SIGMA_BOTH: lambda x: parts.pc(scale_primary=x, scale_secondary=x),
        Input.SIGMA_PRIMARY: lambda x: parts.pc(scale_primary=x),
        Input.SIGMA_SECONDARY: lambda x: parts.pc(scale_secondary=x),
        Input.RADIUS: lambda x: parts.pc(radius_m=x * parts.radius_m),
    }
    factors = [_by_factor(risk, parts, goal, threshold, *one) for one in sigmas.items()]
    return [*factors, _by_miss(risk, parts, goal, threshold)]


# --- factors ------------------------------------------------------------------------------


def _by_factor(
    risk: Risk,
    parts: PlaneParts,
    goal: Goal,
    threshold: float,
    kind: Input,
    pc_of: Callable[[FloatArray], FloatArray],
) -> Requirement:
    everywhere = pc_of(_FACTORS)
    factor = _nearest(lambda pc: _reaches(goal, pc, threshold), pc_of, everywhere)
    extreme = float(everywhere.max() if goal is Goal.RED else everywhere.min())
    check = None if math.isnan(factor) else _checked(risk, parts, kind, factor)
    return Requirement(
        goal=goal,
        threshold=threshold,
        input=kind,
        reachable=not math.isnan(factor),
        factor=factor,
        shift_rtn_m=None,
        extreme_pc=extreme,
        check=check,
        sentence=_factor_sentence(risk, goal, threshold, kind, factor, extreme, check),
    )


def _reaches(goal: Goal, pc: FloatArray, threshold: float) -> NDArray[np.bool_]:
    return np.asarray(pc >= threshold if goal is Goal.RED else pc < threshold)


def _nearest(
    reached: Callable[[FloatArray], NDArray[np.bool_]],
    pc_of: Callable[[FloatArray], FloatArray],
    everywhere: FloatArray,
) -> float:
    """The factor nearest to one, as a ratio, that reaches the goal; NaN where none does."""
    hits = np.flatnonzero(reached(everywhere))
    if not hits.size:
        return math.nan
    far = float(_FACTORS[hits[0]])
    near = float(_FACTORS[max(hits[0] - 2, 0)])  # the step before, on the same side of one
    for _ in range(_REFINEMENTS):
        between = np.linspace(near, far, _FINER)
        inside = reached(pc_of(between))
        inside[-1] = True  # rounding must not lose the end
        first = int(np.flatnonzero(inside)[0])
        near, far = float(between[max(first - 1, 0)]), float(between[first])
    return far


def _checked(risk: Risk, parts: PlaneParts, kind: Input, factor: float) -> SpotCheck | None:
    scales = {
        Input.SIGMA_BOTH: (factor, factor),
        Input.SIGMA_PRIMARY: (factor, 1.0),
        Input.SIGMA_SECONDARY: (1.0, factor),
    }
    if kind not in scales or not parts.basis.sound:
        return None
    return spot_check(risk, parts, *scales[kind])


def _factor_sentence(
    risk: Risk,
    goal: Goal,
    threshold: float,
    kind: Input,
    factor: float,
    extreme: float,
    check: SpotCheck | None,
) -> str:
    what = _what(risk, kind)
    if math.isnan(factor):
        return (
            f"{goal.label} ({_limit(goal, threshold)}) cannot be by {what} alone: with a tenth to "
            f"ten times as much Pc stays at {extreme:.1e} or {_side(goal)}."
        )
    number = _times(factor)
    if kind is Input.RADIUS:
        radius = risk.hbr.radius_m
        number = f"{factor * radius:.3g} m instead of {radius:.3g} m"
    doubt = "" if check is None or check.agrees else _doubt(check)
    return f"{goal.label} ({_limit(goal, threshold)}) if {what} were {number}{doubt}."


def _what(risk: Risk, kind: Input) -> str:
    primary, secondary = risk.conjunction.primary, risk.conjunction.secondary
    return {
        Input.SIGMA_BOTH: "the sigmas of both objects",
        Input.SIGMA_PRIMARY: f"the sigmas of {primary.name or 'the primary'}",
        Input.SIGMA_SECONDARY: f"the sigmas of {secondary.name or 'the secondary'}",
        Input.RADIUS: "the hard-body radius",
    }[kind]


def _times(factor: float) -> str:
    return f"{factor:.2f} times larger" if factor >= 1 else f"{1 / factor:.2f} times smaller"


def _limit(goal: Goal, threshold: float) -> str:
    sign = "from" if goal is Goal.RED else "below"
    return f"{sign} {threshold:.0e}" if _round(threshold) else f"{sign} {threshold:.1e}"


def _side(goal: Goal) -> str:
    return "less" if goal is Goal.RED else "more"


def _round(value: float) -> bool:
    return f"{value:.1e}"[2] == "0"


def _doubt(check: SpotCheck) -> str:
    if check.method is None or math.isnan(check.pc_anew):
        return " (indicative: no method holds there)"
    return f" (indicative: {check.method.label} gives {check.pc_anew:.1e} there)"


# --- the miss -----------------------------------------------------------------------------


def _by_miss(risk: Risk, parts: PlaneParts, goal: Goal, threshold: float) -> Requirement:
    shift_m = _shortest_shift_m(parts, threshold)
    shift_rtn = None if shift_m is None else _rtn(risk, parts, shift_m)
    reached = float(parts.pc(miss_m=np.zeros(2)))
    return Requirement(
        goal=goal,
        threshold=threshold,
        input=Input.MISS,
        reachable=shift_m is not None,
        factor=math.nan,
        shift_rtn_m=shift_rtn,
        extreme_pc=reached if goal is Goal.RED else 0.0,
        check=None,
        sentence=_miss_sentence(parts, goal, threshold, shift_m, shift_rtn, reached),
    )


def _shortest_shift_m(parts: PlaneParts, threshold: float) -> FloatArray | None:
    """From the miss to the nearest place where Pc is the threshold; None where there is none."""
    if not 0 < threshold / parts.basis.factor < 1:
        return None
    region = unsafe_set(parts.cov_m2(), parts.radius_m, threshold / parts.basis.factor)
    if region is None:
        return None
    corners = region.sampled(_VERTICES).point @ np.linalg.inv(region.scaled_from_plane).T
    return _to_polygon(parts.miss_m, corners)


def _to_polygon(point: FloatArray, corners: FloatArray) -> FloatArray:
    """From a point to the nearest point of a closed polygon's edges, shape (2,)."""
    edges = np.roll(corners, -1, axis=0) - corners
    along = np.einsum("ij,ij->i", point - corners, edges)
    length2 = np.maximum(np.einsum("ij,ij->i", edges, edges), 1e-300)
    steps = corners + np.clip(along / length2, 0, 1)[:, None] * edges - point
    return np.asarray(steps[np.argmin(np.einsum("ij,ij->i", steps, steps))])


def _rtn(risk: Risk, parts: PlaneParts, shift_m: FloatArray) -> tuple[float, float, float]:
    primary = risk.conjunction.primary
    turn = eci_from_rtn(primary.position_m, primary.velocity_m_s)
    r, t, n = (turn.T @ (parts.axes.T @ shift_m)).tolist()
    return r, t, n


def _miss_sentence(
    parts: PlaneParts,
    goal: Goal,
    threshold: float,
    shift_m: FloatArray | None,
    shift_rtn: tuple[float, float, float] | None,
    at_centre: float,
) -> str:
    if shift_m is None or shift_rtn is None:
        return (
            f"{goal.label} ({_limit(goal, threshold)}) cannot be by the miss alone: a central "
            f"passage has Pc {at_centre:.1e}."
        )
    before, after = parts.miss_distance_m, float(np.hypot(*(parts.miss_m + shift_m)))
    distance = f"miss {after:,.0f} m instead of {before:,.0f} m"
    if abs(after - before) < 0.01 * before:
        distance = f"the miss of {before:,.0f} m in another direction"
    return (
        f"{goal.label} ({_limit(goal, threshold)}) if the passage were "
        f"{float(np.hypot(*shift_m)):,.0f} m from where it is predicted ({_signed(shift_rtn)} m): "
        f"{distance}."
    )


def _signed(vector_m: tuple[float, float, float]) -> str:
    """ "R +1 T −2 N +3"."""
    parts = (f"{axis} {round(v):+,}" for axis, v in zip("RTN", vector_m, strict=True))
    return " ".join(parts).replace("-", "−")

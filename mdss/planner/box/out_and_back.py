"""Out and back: burns that avoid and burns that return to the station-keeping box, chosen together.

The least total delta-v over all allowed burn times is found first, with its lower bound. Operators
fly few burns, so the strongest of those are then solved alone: one that avoids and one that
returns, or two that return where one cannot. The gap between both is what few burns cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mdss.maneuver import Burn, as_fired
from mdss.planner.box.deviation import (
    BOX,
    SIDE_WORDS,
    deviation_by_side,
    hold_span_s,
    spans,
)
from mdss.planner.box.program import (
    BoxRows,
    BurnBlocks,
    Crossed,
    ReturnProgram,
    least_over_lines,
    least_stretch,
)
from mdss.planner.box.question import ROOM, ReturnQuestion
from mdss.planner.candidates import Sweep, sweep, why_not
from mdss.planner.certificate import RELATIVE_GAP, Certificate
from mdss.planner.draft import Draft, PlanStyle
from mdss.planner.obstacles import burn_obstacle
from mdss.planner.setting import Setting
from mdss.units import HOUR_S

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_EXCURSION_SPANS = 24
_FEW_GAP = 1e-3  # of plans of few burns: flight sets their size
_MOST_USED = 5  # burn times that plans of few burns are made of
_MOST_BURNS = 4
_CLEARLY_MORE = 1.1  # than the bound: then one burn more is tried
_LEAST_M_S = 1e-12
_COUNTS = 1e-3  # of the largest: below, a burn is what the solver leaves
_SOLVER = "Clarabel's dual values over sides of a polygon in the unsafe set"


@dataclass(frozen=True, kw_only=True, eq=False)
class OutAndBack:
    """A plan that returns, or why there is none.

    Parameters
    ----------
    draft : Draft, optional
        Of few burns; its certificate holds the lower bound over all burn times.
    all_nodes : Certificate, optional
        The least over all burn times, with as many burns as it takes.
    binds : str
        What holds the plan where it is, or makes it impossible.
    reason : str
        One sentence.
    """

    draft: Draft | None = None
    all_nodes: Certificate | None = None
    binds: str = ""
    reason: str


def out_and_back(setting: Setting, found: Sweep | None = None) -> OutAndBack:
    """Avoid, then return to the box: the least total delta-v, in as few burns as do.

    Parameters
    ----------
    setting : Setting
        Its spacecraft has a station-keeping box.
    found : Sweep, optional
        Over the setting's own times and directions, where it is at hand.

    Returns
    -------
    OutAndBack
        With a draft of a single burn where the box holds without a return.

    Raises
    ------
    PropagationError
        If the orbit is not bound.

    Notes
    -----
    b moves linearly with the burns before TCA, element shifts with all burns (two-body and J2),
    the box is held to 98 % by that map, and burns count as impulses in it. The proof covers the
    burn times that were looked at, some 24 before TCA and 24 after it. Execution error and what
    the policy asks of the miss itself are left to the flight, which sets the size.
    """
    if setting.spacecraft.station_keeping is None:
        reason = "The spacecraft file has no station-keeping box to return to."
        return OutAndBack(binds=BOX, reason=reason)
    if not setting.spacecraft.can_maneuver:
        return OutAndBack(binds="spacecraft", reason="The spacecraft cannot maneuver.")
    found = found or sweep(setting, setting.directions)
    question = ReturnQuestion(setting, found)
    if question.safe_already:
        return _nothing_to_do(question)
    if not np.any(found.possible):
        binds = why_not(found)
        return OutAndBack(binds=binds, reason=f"No burn before TCA is possible because of {binds}.")
    return _answer(question)


def _nothing_to_do(question: ReturnQuestion) -> OutAndBack:
    none = Certificate(value=0.0, lower_bound=0.0, model="no burn")
    reason = "Pc is at or below the target without a burn."
    draft = Draft(
        style=PlanStyle.OUT_AND_BACK,
        dv_m_s=0.0,
        burns_of=lambda _: (),
        pc_linear=question.pc_after((), np.zeros((0, 3))),
        certificate=none,
        binds="",
        why=reason,
    )
    return OutAndBack(draft=draft, all_nodes=none, reason=reason)


# --- the answer ---------------------------------------------------------------------------


def _answer(question: ReturnQuestion) -> OutAndBack:
    """All nodes, then few of them."""
    blocks = question.blocks
    start = question.scaled @ question.setting.plane.miss_m
    rows = question.box_rows(blocks, _all_spans(question))
    assert question.unsafe is not None
    program = question.program(blocks, rows)
    crossed = least_over_lines(program, question.unsafe, start, 0.5 * RELATIVE_GAP)
    if crossed is None:
        return _impossible(question, blocks, rows, start)
    all_nodes = Certificate(
        value=crossed.answer.value,
        lower_bound=crossed.lower_bound,
        model=_model(question, "as many burns as it takes"),
        by=_SOLVER,
    )
    few = _few(question, crossed, start)
    if few is None:
        return OutAndBack(
            all_nodes=all_nodes,
            binds=BOX,
            reason="Returning to the box takes more than four burns, or burns that the schedule "
            f"forbids; with any number of them {all_nodes.value:.4g} m/s do.",
        )
    return few.as_answer(all_nodes)


def _all_spans(question: ReturnQuestion) -> list[tuple[float, float]]:
    """When the box must hold whatever burns are fired; instants during the excursion."""
    box, first = question.deviations.box, -float(question.blocks.t_before_tca_s[0])
    hold = hold_span_s(box)
    if not box.always:
        return [hold]
    edges = np.linspace(first, hold[0], _EXCURSION_SPANS, endpoint=False).tolist()
    return [*zip(edges, edges, strict=True), hold]


def _model(question: ReturnQuestion, burns: str) -> str:
    blocks, box = question.blocks, question.deviations.box
    before = np.unique(blocks.t_before_tca_s)
    return (
        f"{burns} at {np.sum(before > 0)} times before TCA and {np.sum(before < 0)} up to "
        f"{box.return_within_h:g} h after it, linear map, 2D Pc at most "
        f"{question.setting.linear_target:.3g}, 98 % of the station-keeping box held from then "
        f"to {box.hold_h:g} h after TCA"
    )


def _impossible(
    question: ReturnQuestion, blocks: BurnBlocks, rows: BoxRows, start: FloatArray
) -> OutAndBack:
    """How much larger the box would have to be, and on which side."""
    assert question.unsafe is not None
    program = question.program(blocks, rows, stretched=True)
    stretched = least_stretch(program, question.unsafe, start)
    if stretched is None:
        reason = "The largest burns that are allowed do not bring Pc down to the target."
        return OutAndBack(binds="maximum delta-v", reason=reason)
    after = "no burn after TCA is allowed; " if np.all(blocks.t_before_tca_s > 0) else ""
    side = _worst_side(question, blocks, stretched.numbers)
    reason = (
        f"No burns within the limits avoid and return: {after}the box would have to be "
        f"{1 + stretched.value / ROOM:.3g} times as large, {SIDE_WORDS[side]} binds."
    )
    return OutAndBack(binds=f"{BOX}, {SIDE_WORDS[side]}", reason=reason)


def _worst_side(question: ReturnQuestion, blocks: BurnBlocks, numbers: FloatArray) -> str:
    """Which side of the box is taken up most."""
    burns = _burns(question.setting, blocks, numbers, blocks.t_before_tca_s > 0)
    shares = deviation_by_side(question.setting, burns)
    return max(shares, key=lambda side: shares[side])


# --- few burns ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Few:
    """A plan of few burns.

    Parameters
    ----------
    question : ReturnQuestion
    blocks : BurnBlocks
    rows : BoxRows
    program : ReturnProgram
        Of as many burns; shared with other plans.
    crossed : Crossed
        Its best line.
    """

    question: ReturnQuestion
    blocks: BurnBlocks
    rows: BoxRows
    program: ReturnProgram
    crossed: Crossed

    @property
    def numbers(self) -> FloatArray:
        """Of its burns, shape (n, d) [m/s]."""
        return self.crossed.answer.numbers

    @property
    def avoids(self) -> NDArray[np.bool_]:
        """Which burns move b out; the others return, and of several the last one in any case."""
        moved = np.sum((self.crossed.normal @ self.blocks.move) * self.numbers, axis=1)
        out = moved > 0
        out[1:][-1:] &= not np.all(out)
        return np.asarray(out)

    @property
    def dv_m_s(self) -> float:
        """Of the burns that avoid."""
        return float(np.sum(np.linalg.norm(self.numbers[self.avoids], axis=1)))

    @property
    def total_m_s(self) -> float:
        """Of all burns."""
        return float(np.sum(np.linalg.norm(self.numbers, axis=1)))

    def numbers_of(self, share: float) -> FloatArray:
        """The least burns that move b by this share of the way to the line, inside the box.

        In proportion where none keep the box any more.
        """
        self.program.set_blocks(self.blocks, self.rows)
        answer = self.program.cross(self.crossed.normal, share * self.crossed.room)
        return answer.numbers if np.isfinite(answer.value) else share * self.numbers

    def burns_of(self, dv_m_s: float) -> tuple[Burn, ...]:
        """All burns; b moves in proportion to `dv_m_s`, which those that avoid add up to."""
        if dv_m_s <= 0:
            return ()
        numbers = self.numbers_of(dv_m_s / self.dv_m_s)
        return _burns(self.question.setting, self.blocks, numbers, self.avoids)

    def as_answer(self, all_nodes: Certificate) -> OutAndBack:
        """Its draft, with the bound over all nodes."""
        burns = self.burns_of(self.dv_m_s)
        certificate = Certificate(
            value=self.total_m_s,
            lower_bound=min(all_nodes.lower_bound, self.total_m_s),
            model=_model(self.question, f"{len(burns)} burns, against any number"),
            by=_SOLVER,
        )
        binds, reason = self._binds(burns), _why(burns, certificate)
        draft = Draft(
            style=PlanStyle.OUT_AND_BACK if len(burns) > 1 else PlanStyle.SINGLE,
            dv_m_s=self.dv_m_s,
            burns_of=self.burns_of,
            minimum_m_s=self._minimum_m_s,
            maximum_m_s=self.question.setting.spacecraft.available_dv_m_s,
            pc_linear=self.question.pc_after(burns, np.array([one.dv_rtn_m_s for one in burns])),
            certificate=certificate,
            binds=binds,
            why=reason,
        )
        return OutAndBack(draft=draft, all_nodes=all_nodes, binds=binds, reason=reason)

    @property
    def _minimum_m_s(self) -> float:
        """Of the knob: below it the smallest impulse would avoid by more than is returned from."""
        sizes = np.linalg.norm(self.numbers[self.avoids], axis=1)
        counts = sizes[sizes > _COUNTS * np.max(sizes)]
        return float(self.dv_m_s * self.question.setting.spacecraft.minimum_dv_m_s / np.min(counts))

    def _binds(self, burns: tuple[Burn, ...]) -> str:
        shares = deviation_by_side(self.question.setting, burns)
        side = max(shares, key=lambda one: shares[one])
        return f"{BOX}, {SIDE_WORDS[side]}" if shares[side] > ROOM - _COUNTS else "Pc target"


def _why(burns: tuple[Burn, ...], certificate: Certificate) -> str:
    if len(burns) == 1:
        return "Avoids and stays inside the station-keeping box without a return burn."
    last_h = -burns[-1].t_before_tca_s / HOUR_S
    where = f"{abs(last_h):.1f} h {'after' if last_h > 0 else 'before'} TCA"
    above = certificate.gap / max(certificate.lower_bound, _LEAST_M_S)
    return (
        f"Avoids and returns to the station-keeping box in {len(burns)} burns, the last {where}; "
        f"{100 * above:.1f} % above the proven least of any number of burns."
    )


def _few(question: ReturnQuestion, crossed: Crossed, start: FloatArray) -> _Few | None:
    """The cheapest plan of as few burns as come near the bound, or as keep the box at all."""
    best: _Few | None = None
    for plans in _few_burns(question.blocks, crossed):
        least = np.inf if best is None else best.total_m_s / _CLEARLY_MORE
        if least < crossed.lower_bound:
            break
        better = _cheapest(question, plans, start, least)
        best = better or best
    return best


def _cheapest(
    question: ReturnQuestion, plans: Iterable[IntArray], start: FloatArray, worth_m_s: float
) -> _Few | None:
    """The cheapest of some plans of as many burns, below a total; None where none is."""
    assert question.unsafe is not None
    programs: dict[int, ReturnProgram] = {}
    best: _Few | None = None
    for which in plans:
        blocks = question.blocks.chosen(which)
        rows = question.box_rows(blocks, spans(question.deviations.box, -blocks.t_before_tca_s))
        if len(rows.limit) not in programs:
            programs[len(rows.limit)] = question.program(blocks, rows)
        program = programs[len(rows.limit)]
        program.set_blocks(blocks, rows)
        found = least_over_lines(program, question.unsafe, start, _FEW_GAP, worth_m_s)
        if found is None:
            continue
        few = _Few(question, blocks, rows, program, found)
        burns = few.burns_of(few.dv_m_s)
        if all(burn_obstacle(question.setting, burn) is None for burn in burns):
            best, worth_m_s = few, (1 - _FEW_GAP) * few.total_m_s
    return best


def _few_burns(blocks: BurnBlocks, crossed: Crossed) -> Iterator[list[IntArray]]:
    """Which burns to try, out of the strongest: one at a time, then two, and so on."""
    sizes = np.linalg.norm(crossed.answer.numbers, axis=1)
    used = np.flatnonzero(sizes > _COUNTS * np.max(sizes))
    used = np.sort(used[np.argsort(-sizes[used], kind="stable")][:_MOST_USED])
    times = blocks.t_before_tca_s
    for count in range(1, _MOST_BURNS + 1):
        yield [
            np.array(which)
            for which in combinations(used.tolist(), count)
            if np.any(times[list(which)] > 0) and len(np.unique(times[list(which)])) == count
        ]


def _burns(
    setting: Setting, blocks: BurnBlocks, numbers: FloatArray, avoids: NDArray[np.bool_]
) -> tuple[Burn, ...]:
    """The burns that count, each at least the minimum impulse."""
    dv_rtn = blocks.dv_rtn(numbers)
    sizes = np.linalg.norm(dv_rtn, axis=1)
    least, burns = setting.spacecraft.minimum_dv_m_s, []
    for k in np.flatnonzero(sizes > _COUNTS * np.max(sizes, initial=0.0)):
        fired = dv_rtn[k] * max(1.0, least / sizes[k])
        burn = Burn.before(setting.tca_utc, float(blocks.t_before_tca_s[k]), fired)
        burns.append(replace(burn, role="avoid" if avoids[k] else "return"))
    return as_fired(setting.spacecraft, burns)[0]

"""The Pareto front of a plan for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from mdss.planner.costs import Objective, objective_of
from mdss.planner.front.data import Front, FrontPoint
from mdss.planner.front.words import explain
from mdss.planner.options import Plan
from mdss.planner.view import point_of
from mdss.report import words
from mdss.report.option_tables import burns_tables
from mdss.report.pieces import bullet, plain_table

KNEE = "◇"
"""Glyph of the knee, which is ringed in the figure."""

HEADS = (
    "",
    "stands for",
    "Δv\n[cm/s]",
    "fuel\n[g]",
    "payload\nlost [min]",
    "Pc",
    "deviation\n[boxes]",
    "commit by\n(UTC)",
    "cost\n[min]",
)


def front_tables(plan: Plan) -> list[RenderableType]:
    """The front by rising fuel, who is tied to it, and what moving along it gives.

    Empty where no front was asked for.
    """
    front = plan.front
    if front is None:
        return []
    objective = objective_of(plan.policy)
    said = ": no plan here beats another in every cost" if len(front.points) > 1 else ""
    return [
        Text(f"Trade-off{said}", style="bold underline"),
        *([_front_table(plan, front, objective)] if front.points else []),
        *burns_tables(one.option for one in front.points if one.option.tag),
        *_ties(front),
        Text(),
        Text(words.sentence(explain(front, objective))),
        Text(compared_words(front), style="dim"),
        Text(),
    ]


def _front_table(plan: Plan, front: Front, objective: Objective) -> RenderableType:
    table = plain_table(*HEADS)
    for column in table.columns[2:]:
        column.justify = "right"
    table.columns[0].no_wrap = True
    best = point_of(front, plan.recommended)
    for one in front.points:
        star = one is best
        cells = (f"{text} " for text in point_cells(one, objective, starred=star))
        table.add_row(*cells, style="bold green" if star else "")
    return Group(table)


def point_cells(point: FrontPoint, objective: Objective, *, starred: bool) -> tuple[str, ...]:
    """One point under `HEADS`."""
    option, outcome = point.option, point.option.outcome
    return (
        point_mark(point, starred=starred),
        point.represents,
        words.cm_s(option.dv_total_m_s),
        words.grams(float(outcome.propellant_kg + outcome.return_propellant_kg)),
        words.number(option.interruption_min, 1),
        words.pc(float(outcome.residual_pc)),
        words.boxes(float(outcome.deviation_boxes)),
        words.clock(option.commit_by_utc),
        cost_words(float(objective.of(outcome))),
    )


def point_mark(point: FrontPoint, *, starred: bool) -> str:
    """What a point is called, with a star if it is the one to take and the sign of the knee."""
    names = "".join(name.letter for name in point.also if name.letter != point.label)
    shared = f"={names}" if names else ""
    star = words.STAR if starred else " "
    return f"{star} {point.label}{shared}{f' {KNEE}' if point.knee else ''}"


def cost_words(minutes: float) -> str:
    """A policy cost in minutes of payload, with a decimal."""
    return words.number(minutes, 1) if math.isfinite(minutes) else words.NOTHING


def compared_words(front: Front) -> str:
    """How much was looked at, and how far the points can be from the best of their models."""
    said = [f"{words.number(front.compared)} single burns of the linear map compared"]
    if not front.compared:
        said = ["No single burn could be compared"]
    if any(one.option.certificate is not None for one in front.points):
        said.append(f"largest proven gap {words.gap(front.largest_gap)} %")
    knee = f" {KNEE} knee." if front.knee is not None else ""
    return f"{'; '.join(said)}.{knee}"


def _ties(front: Front) -> Iterable[RenderableType]:
    return [bullet(one.name.letter, tie_words(one.label, one.reason)) for one in front.ties]


def tie_words(label: str, reason: str) -> str:
    """Why a named option is not on the front."""
    return f"Not on the front, see {label}. {words.sentence(reason)}"

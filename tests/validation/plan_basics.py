"""What the parts of the checker share: a report, the clock of a plan, its world and its states."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from plan_flight import World

G0_M_S2 = 9.80665


@dataclass
class Report:
    """What is wrong with an option, and what was not looked at."""

    wrong: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def claim(self, holds: bool, words: str) -> None:
        """Note the words where a claim does not hold."""
        if not holds:
            self.wrong.append(words)

    def close(self, what: str, told: float, own: float, rel: float, abs_: float = 0.0) -> None:
        """Note two numbers that should be the same."""
        good = told == own or abs(told - own) <= max(rel * abs(own), abs_)
        self.claim(good, f"{what} is told as {told:.9g}, computed as {own:.9g}")


def seconds(plan, instant) -> float:
    """From TCA."""
    return (instant - plan.conjunction.tca_utc).total_seconds()


def angle(one, other) -> float:
    """Between two vectors [rad]."""
    return math.atan2(np.linalg.norm(np.cross(one, other)), np.dot(one, other))


def thruster_of(craft, dv_rtn):
    """The first thruster that can push that way; None where none can."""
    for one in craft.thrusters:
        if one.directions_rtn is None:
            return one
        cone = math.radians(one.cone_half_angle_deg or 0.0)
        if min(angle(way, dv_rtn) for way in one.directions_rtn) <= cone + 2e-6:
            return one
    return None


@lru_cache(maxsize=8)
def world_of(plan) -> World:
    return World(plan.conjunction.body, plan.conjunction.tca_utc)


@lru_cache(maxsize=8)
def states_of(plan) -> tuple[np.ndarray, np.ndarray]:
    """Both objects at TCA, in the pole's axes."""
    both = (plan.conjunction.primary, plan.conjunction.secondary)
    return tuple(
        world_of(plan).into(np.concatenate([one.position_m, one.velocity_m_s])) for one in both
    )

"""How each option picks its burn time from a sweep, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.planner.candidates import Sweep, binding
from mdss.planner.costs import objective_of
from mdss.planner.mission import outcomes_of
from mdss.planner.options import OptionName

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Minimises delta-v, unless a subclass says otherwise.

    Parameters
    ----------
    in_track : bool
        Sweep along and against the transverse only.
    refine : bool
        Search between the grid's times for a smaller burn.
    """

    in_track: bool = False
    refine: bool = True

    def score(self, found: Sweep) -> FloatArray:
        """Minimised over burn times; inf where the burn is not possible."""
        return np.where(found.possible, self._score(found), np.inf)

    def _score(self, found: Sweep) -> FloatArray:
        return found.optimum.dv_m_s

    def binds(self, found: Sweep, best: int) -> str:
        """Which constraint holds the chosen burn where it is."""
        return binding(found, best)

    def reason(self, found: Sweep, best: int) -> str:
        """Why the option is on the list."""
        return "Least delta-v of all burn times and directions that can be commanded."


class _InTrack(Choice):
    def reason(self, found: Sweep, best: int) -> str:
        return "Least delta-v along or against the transverse: easy to command, changes no plane."


class _Interruption(Choice):
    def _score(self, found: Sweep) -> FloatArray:
        """Minutes lost; among equals, to a tenth of a minute, the least delta-v."""
        minutes = np.round(found.schedule.interruption_min, 1)
        return minutes + 1e-3 * _share(found.optimum.dv_m_s)

    def binds(self, found: Sweep, best: int) -> str:
        return "payload schedule" if found.setting.operations.payload else "slew and settle times"

    def reason(self, found: Sweep, best: int) -> str:
        return "Fewest weighted payload minutes lost; among those burns the least delta-v."


class _Latest(Choice):
    def _score(self, found: Sweep) -> FloatArray:
        """Earliest commit is worst; among burns with the same commit, the least delta-v."""
        return -found.schedule.commit_t_s + 1e-3 * _share(found.optimum.dv_m_s)

    def binds(self, found: Sweep, best: int) -> str:
        if found.setting.operations.contacts_known:
            return "last contact"
        later, timing = slice(best + 1, None), found.schedule
        if np.any(found.too_large[later] & ~timing.closed[later]):
            return "maximum delta-v"
        closing = (name for name, forbids in timing.closures if np.any(forbids[later]))
        return next(closing, "minimum lead")

    def reason(self, found: Sweep, best: int) -> str:
        return (
            "Leaves the most time to wait for better data: its commit is the latest of all burns "
            "that still reach the target."
        )


class _Balanced(Choice):
    def _score(self, found: Sweep) -> FloatArray:
        return objective_of(found.setting.policy).of(outcomes_of(found))

    def binds(self, found: Sweep, best: int) -> str:
        return "policy weights"

    def reason(self, found: Sweep, best: int) -> str:
        return (
            "Lowest policy cost: fuel, payload minutes, residual risk, deviation and decision "
            f"lead, weighted as in policy {found.setting.policy.name!r}."
        )


CHOICES: dict[OptionName, Choice] = {
    OptionName.MINIMUM_FUEL: Choice(),
    OptionName.IN_TRACK: _InTrack(in_track=True),
    OptionName.MINIMUM_INTERRUPTION: _Interruption(refine=False),
    OptionName.LATEST_SAFE: _Latest(refine=False),
    OptionName.BALANCED: _Balanced(refine=False),
}


def _share(dv_m_s: FloatArray) -> FloatArray:
    """Delta-v over the largest finite one: a tie-breaker between 0 and 1."""
    finite = dv_m_s[np.isfinite(dv_m_s)]
    return dv_m_s / max(float(np.max(finite, initial=0.0)), 1e-12)

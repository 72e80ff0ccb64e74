"""Flights in every case of a set: what a robust plan is sized and judged by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta

import numpy as np

from mdss.maneuver import Burn
from mdss.planner.robustness.cases import Case
from mdss.planner.verification import Verified, Verifier


@dataclass(frozen=True, kw_only=True)
class WorstCase:
    """The case of a set in which a plan is left with the highest Pc.

    Parameters
    ----------
    name : str
    pc : float
        Flown, all approaches within a revolution.
    trusted : bool
        Whether the Pc methods used hold there.
    """

    name: str
    pc: float
    trusted: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class FlownCase(Verified):
    """A plan flown in one case.

    Parameters
    ----------
    case : Case
    """

    case: Case

    @property
    def worst(self) -> WorstCase:
        """As data."""
        return WorstCase(name=self.case.name, pc=self.pc, trusted=self.trusted)


class CaseFlights:
    """Flies burns in every case and keeps the worst; stands in for a `Verifier` when sizing.

    Parameters
    ----------
    verifier : Verifier
        Of things as planned.
    cases : iterable of Case
    """

    def __init__(self, verifier: Verifier, cases: Iterable[Case]) -> None:
        self.execution_error = verifier.execution_error
        self._flights = [(case, _verifier_of(verifier, case)) for case in cases]
        self._idle = {case: _in_case(one, case, ()) for case, one in self._flights}

    def fly(self, burns: Sequence[Burn] = ()) -> FlownCase:
        """The case with the highest Pc after these burns; `burns` are those that were asked for.

        Raises
        ------
        PropagationError
            If an orbit cannot be propagated.
        """
        if not burns:
            return max(self._idle.values(), key=lambda one: one.pc)
        flown = (_in_case(one, case, burns) for case, one in self._flights)
        return max(flown, key=lambda one: one.pc)

    def share_to_target(self, no_burn: Verified, flown: Verified, aim: float) -> float:
        """`Verifier.share_to_target` in the case that was worst."""
        case = flown.case if isinstance(flown, FlownCase) else self._flights[0][0]
        verifier = next(one for each, one in self._flights if each == case)
        return verifier.share_to_target(self._idle[case], flown, aim)


def _verifier_of(verifier: Verifier, case: Case) -> Verifier:
    """For the sigmas and the radius of a case; the given one where they are as planned."""
    if (case.our_sigmas, case.their_sigmas, case.radius) == (1.0, 1.0, 1.0):
        return verifier
    scaled = verifier.conjunction.with_sigmas(case.our_sigmas, case.their_sigmas)
    return verifier.of(scaled, case.radius * verifier.radius_m)


def _in_case(verifier: Verifier, case: Case, burns: Sequence[Burn]) -> FlownCase:
    flown = verifier.fly([_fired(one, case, verifier) for one in burns])
    known = {field.name: getattr(flown, field.name) for field in fields(flown)}
    return FlownCase(**{**known, "burns": tuple(burns)}, case=case)


def _fired(burn: Burn, case: Case, verifier: Verifier) -> Burn:
    """A burn as it turns out in a case."""
    law = case.size_law(verifier.execution_error)
    share = float(law.fired(np.array(burn.dv_m_s))) / burn.dv_m_s if burn.dv_m_s > 0 else 0.0
    return replace(
        burn,
        epoch_utc=burn.epoch_utc + timedelta(seconds=case.late_s),
        t_before_tca_s=burn.t_before_tca_s - case.late_s,
        dv_rtn_m_s=share * burn.dv_rtn_m_s,
        duration_s=share * burn.duration_s,
    )

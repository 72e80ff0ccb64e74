"""Flies burns under changed inputs: with the one pilot, whatever gives."""

from __future__ import annotations

from dataclasses import dataclass

from mdss.planner.candidates import candidate
from mdss.planner.draft import PlanStyle
from mdss.planner.option_writer import OptionWriter
from mdss.planner.options import Option, OptionName
from mdss.planner.pilot import Pilot
from mdss.planner.relaxation.field import Field
from mdss.planner.setting import Setting
from mdss.planner.sizing import Sized

MAXIMUM_DV = "maximum delta-v"


@dataclass(frozen=True, kw_only=True, eq=False)
class Flight:
    """One burn as it was flown under some inputs.

    Parameters
    ----------
    option : Option
    sized : Sized
    linear_m_s : float
        Its least size by the linear map [m/s].
    """

    option: Option
    sized: Sized
    linear_m_s: float

    @property
    def scale(self) -> float:
        """Flown size over linear size, at least 1."""
        return max(self.sized.size_m_s / self.linear_m_s, 1.0)

    @property
    def too_small(self) -> bool:
        """Whether a larger burn is what it takes."""
        return not self.sized.reached and self.sized.limit == MAXIMUM_DV


def flown(pilot: Pilot, relaxed: Setting, field: Field, index: int) -> Flight:
    """The burn of a field, sized by flying it under the inputs `relaxed`."""
    burn = candidate(field.found, index, "")
    turned, sized = pilot.under(relaxed).candidate_to(burn, relaxed.policy.pc_target)
    return Flight(
        option=option_of(pilot, relaxed, sized, turned.pc_linear),
        sized=sized,
        linear_m_s=float(field.found.optimum.dv_m_s[index]),
    )


def scale_to_reach(pilot: Pilot, flight: Flight, pc_target: float) -> float:
    """Flown over linear size at which a burn that was too small would have reached the target."""
    more = pilot.verifier.share_to_target(pilot.no_burn, flight.sized.verified, pc_target)
    return flight.scale * max(more, 1.0)


def option_of(pilot: Pilot, relaxed: Setting, sized: Sized, pc_linear: float) -> Option:
    """A flown burn as an option, judged by the inputs `relaxed`."""
    return OptionWriter(pilot.under(relaxed)).flown(
        OptionName.MINIMUM_FUEL,
        PlanStyle.SINGLE,
        sized,
        pc_linear=pc_linear,
        binds="what gives way",
        why_listed="Possible when a constraint gives way.",
    )

"""What a plan costs and what it may cost: the prices and hard limits of a policy."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from mdss.errors import PolicyError
from mdss.toml_file import nearest, require_above_zero, require_not_negative


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Prices that the balanced option adds up; the numbers are ours, not a standard's.

    A plan costs fuel_per_gram · propellant [g] + interruption_per_min · payload lost
    [weighted min] + residual_pc_per_target · Pc after the plan / pc_target + deviation_per_box ·
    share of the station-keeping box + lateness_per_hour · time from its commit to TCA [h]. One
    unit is one minute of payload; `mdss.planner.costs` holds the terms.

    Raises
    ------
    PolicyError
        If a weight is negative or not finite.
    """

    fuel_per_gram: float = 0.5
    interruption_per_min: float = 1.0
    residual_pc_per_target: float = 5.0
    deviation_per_box: float = 1.0
    lateness_per_hour: float = 0.1

    def __post_init__(self) -> None:
        require_not_negative(PolicyError, "", **dataclasses.asdict(self))

    @property
    def in_order(self) -> tuple[float, float, float, float, float]:
        """Of fuel, interruption, residual risk, deviation, lateness."""
        return (
            self.fuel_per_gram,
            self.interruption_per_min,
            self.residual_pc_per_target,
            self.deviation_per_box,
            self.lateness_per_hour,
        )

    def changed(self, text: str) -> Weights:
        """These weights with some replaced, as a command line gives them.

        Parameters
        ----------
        text : str
            "fuel=0.5,risk=10": names are fuel, interruption, risk, deviation, lateness; each a
            price of one unit in minutes of payload.

        Raises
        ------
        PolicyError
            If a name is unknown or given twice, or a value is no number of at least 0.

        Examples
        --------
        >>> Weights().changed("fuel=2, risk=10").in_order
        (2.0, 1.0, 10.0, 1.0, 0.1)
        """
        given: dict[str, float] = {}
        for part in text.split(","):
            key, value = _weight(part)
            if key in given:
                raise PolicyError(f"weight {part.strip()!r}: the same one is given twice")
            given[key] = value
        return dataclasses.replace(self, **given)


WEIGHT_NAMES = {
    "fuel": "fuel_per_gram",
    "interruption": "interruption_per_min",
    "risk": "residual_pc_per_target",
    "deviation": "deviation_per_box",
    "lateness": "lateness_per_hour",
}
"""What weights are called on a command line and on a slider."""


def _weight(part: str) -> tuple[str, float]:
    """The field and value of "name=value"."""
    name, sign, said = (one.strip() for one in part.partition("="))
    if not sign or not name:
        raise PolicyError(f"weight {part.strip()!r}: write name=value, as fuel=0.5,risk=10")
    if name not in WEIGHT_NAMES:
        raise PolicyError(f"no weight {name!r}; {nearest(name, tuple(WEIGHT_NAMES))}")
    try:
        value = float(said)
    except ValueError:
        raise PolicyError(f"weight {name} is {said!r}; it must be a number, at least 0") from None
    if not (math.isfinite(value) and value >= 0):
        raise PolicyError(f"weight {name} is {said}; it must be a finite number, at least 0")
    return WEIGHT_NAMES[name], value


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a plan may cost at most, whatever else it is good for. Not given: no limit.

    Parameters
    ----------
    propellant_g : float, optional
        Of all burns, and of the way back into the station-keeping box [g].
    interruption_min : float, optional
        Weighted payload minutes lost [min].
    deviation_boxes : float, optional
        Share of the station-keeping box that is taken up; 1 touches its edge. The box of the
        spacecraft file binds by itself only plans that return into it.
    decision_lead_h : float, optional
        How long before TCA a plan may have to be decided [h].

    Raises
    ------
    PolicyError
        If a limit is not above 0, or an interruption below 0.
    """

    propellant_g: float | None = None
    interruption_min: float | None = None
    deviation_boxes: float | None = None
    decision_lead_h: float | None = None

    def __post_init__(self) -> None:
        require_above_zero(PolicyError, "g", propellant_g=self.propellant_g)
        require_not_negative(PolicyError, "min", interruption_min=self.interruption_min)
        require_above_zero(PolicyError, "boxes", deviation_boxes=self.deviation_boxes)
        require_above_zero(PolicyError, "h", decision_lead_h=self.decision_lead_h)

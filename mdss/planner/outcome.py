"""What a plan means for the mission: the numbers that costs are made of."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """Of one plan, or of many at once: numbers, or arrays of one shape.

    Parameters
    ----------
    propellant_kg : float or array
        Of all burns of the plan, its return burns included [kg].
    return_propellant_kg : float or array
        What going back into the station-keeping box will take later, where the plan leaves it
        and has no return burn of its own [kg].
    interruption_min : float or array
        Weighted payload minutes lost [min].
    pc : float or array
        This event after the plan, all approaches within a revolution.
    pc_other_events : float or array, optional
        Other events within the horizon; None: not looked at.
    pc_new_events : float or array, optional
        Conjunctions that the plan causes; None: not screened.
    deviation_boxes : float or array
        How much of the station-keeping box the plan takes up: 1 touches its edge.
    decision_lead_h : float or array
        How long before TCA the plan must be decided [h]; 0 for no burn.
    """

    propellant_kg: FloatArray | float
    return_propellant_kg: FloatArray | float = 0.0
    interruption_min: FloatArray | float
    pc: FloatArray | float
    pc_other_events: FloatArray | float | None = None
    pc_new_events: FloatArray | float | None = None
    deviation_boxes: FloatArray | float
    decision_lead_h: FloatArray | float

    def at(self, index: int) -> Outcome:
        """That of one of many plans."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        many = {name for name, value in values.items() if np.ndim(value)}
        return replace(self, **{name: values[name][index] for name in many})

    @property
    def residual_pc(self) -> FloatArray | float:
        """All that is known of the risk that stays, 1 − Π(1 − Pc)."""
        parts = (self.pc, self.pc_other_events, self.pc_new_events)
        kept = [np.log1p(-np.minimum(one, 1 - 1e-16)) for one in parts if one is not None]
        return np.asarray(np.abs(np.expm1(np.sum(np.broadcast_arrays(*kept), axis=0))), dtype=float)

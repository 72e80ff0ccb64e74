"""How far an optimum can be from the truth of its own model."""

from __future__ import annotations

from dataclasses import dataclass

from mdss.errors import PlanningError

RELATIVE_GAP = 1e-4
ABSOLUTE_GAP_M_S = 1e-9


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """An optimum with its proven lower bound, in the model that it was proved in.

    Parameters
    ----------
    value : float
        What was minimised, at the answer: total delta-v [m/s], unless `unit` says otherwise.
    lower_bound : float
        No plan of the model does better; the same unit.
    model : str
        What the proof is about: burns, dynamics, Pc target, in words.
    unit : str
    by : str
        "facets of the unsafe set" or the solver whose dual bound it is.

    Raises
    ------
    PlanningError
        If the bound lies above the value.
    """

    value: float
    lower_bound: float
    model: str
    unit: str = "m/s"
    by: str = "facets of the unsafe set"

    def __post_init__(self) -> None:
        if not self.lower_bound <= self.value:
            raise PlanningError(
                f"the lower bound {self.lower_bound:g} {self.unit} lies above the answer, "
                f"{self.value:g}: {self.model}"
            )

    @property
    def gap(self) -> float:
        """Value minus bound."""
        return self.value - self.lower_bound

    @property
    def relative_gap(self) -> float:
        """Gap over value; 0 where both are 0."""
        return self.gap / self.value if self.value > 0 else 0.0

    @property
    def tight(self) -> bool:
        """Whether the gap keeps what mdss promises: 1e-4 of the value, or 1e-9."""
        return self.gap <= max(RELATIVE_GAP * self.value, ABSOLUTE_GAP_M_S)

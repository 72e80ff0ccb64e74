"""The robustness table of one option: data only; `mdss.planner.robustness.table` fills it."""

from __future__ import annotations

from dataclasses import dataclass

from mdss.planner.robustness.burns_otherwise import Change


@dataclass(frozen=True, kw_only=True)
class RobustnessRow:
    """One thing changed, and what is left of the plan.

    Parameters
    ----------
    change : Change
    what : str
        In a few words: "cold burn, −3 sigma".
    detail : str
        The change in numbers, or which burn or direction was the worst; "" when nothing is to add.
    pc : float
        Of all approaches within a revolution.
    below_target, below_act : bool
        At or below the policy's target; below its threshold to act.
    flown : bool
        False where the linear map around the flight stands for it. Rows of covariances and radii
        are on the flown approaches.
    trusted : bool
        Whether the Pc method holds at every approach that matters.
    """

    change: Change
    what: str
    detail: str = ""
    pc: float
    below_target: bool
    below_act: bool
    flown: bool
    trusted: bool


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """All rows of one option.

    Parameters
    ----------
    option : str
        Its name.
    rows : tuple of RobustnessRow
        The nominal one first.
    pc_target, pc_act : float
        The policy's target after a burn and threshold to act.
    linear_error : float or None
        Relative error of the linear map's Pc, largest over the rows that were flown too; None
        where none was.
    notes : tuple of str
        What the table rests on, in sentences.
    """

    option: str
    rows: tuple[RobustnessRow, ...]
    pc_target: float
    pc_act: float
    linear_error: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def nominal(self) -> RobustnessRow:
        """Nothing changed."""
        return self.rows[0]

    @property
    def worst(self) -> RobustnessRow:
        """The highest Pc of all."""
        return max(self.rows, key=lambda row: row.pc)

    @property
    def worst_fired(self) -> RobustnessRow:
        """The highest Pc among the rows in which every burn is fired in full."""
        partial = (Change.MISSED, Change.CUT)
        return max((row for row in self.rows if row.change not in partial), key=lambda r: r.pc)

    @property
    def above_target(self) -> tuple[RobustnessRow, ...]:
        """Rows that break the target."""
        return tuple(row for row in self.rows if not row.below_target)

    @property
    def above_act(self) -> tuple[RobustnessRow, ...]:
        """Rows that would call for another burn."""
        return tuple(row for row in self.rows if not row.below_act)

    @property
    def conclusion(self) -> str:
        """The table in two sentences."""
        worst, fired = self.worst, self.worst_fired
        said = f"Of {len(self.rows)} cases {len(self.above_target)} are above the target "
        said += f"{self.pc_target:.1e}, {len(self.above_act)} at or above the threshold to act "
        said += f"{self.pc_act:.1e}. Worst: {_named(worst)}, Pc {worst.pc:.1e}"
        if fired is not worst:
            said += f"; with every burn fired in full: {_named(fired)}, Pc {fired.pc:.1e}"
        doubtful = sum(not row.trusted for row in self.rows)
        doubt = f" In {doubtful} cases no Pc method is known to hold." if doubtful else ""
        return f"{said}.{doubt}"


def _named(row: RobustnessRow) -> str:
    return f"{row.what} ({row.detail})" if row.detail else row.what

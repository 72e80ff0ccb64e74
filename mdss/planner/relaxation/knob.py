"""A constraint that could give: the value that each burn needs of it, and how to change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mdss.planner.setting import Setting

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Part = Literal["operations", "spacecraft", "policy"]
Applied = Callable[[Setting, int], Setting]


@dataclass(frozen=True, kw_only=True, eq=False)
class Knob:
    """One constraint that could give.

    Parameters
    ----------
    constraint : str
        Its name, for people; no two knobs of a field share it.
    opens : frozenset of str
        The masks of the field that it lifts.
    unit : str
        SI; "deg" for angles, "" for what holds (1) or does not (0).
    given : float
        Its value as it stands.
    needed : array, shape (n,)
        The value that each burn needs; NaN where no value helps.
    whole : float
        What a change is measured against.
    applied : callable
        A setting with the value that the burn of an index needs.
    how : callable
        "With a command lead of 48 min instead of 60 min", for the burn of an index.
    turns : bool
        Whether the burns themselves change with it: their directions.
    """

    constraint: str
    opens: frozenset[str]
    unit: str
    given: float
    needed: FloatArray
    whole: float
    applied: Applied
    how: Callable[[int], str]
    turns: bool = False

    @property
    def share(self) -> FloatArray:
        """How far it has to give, relative to what was given; inf where it cannot help."""
        share = np.abs(self.needed - self.given) / self.whole
        return np.where(np.isnan(share), np.inf, share)


def knob_of(
    place: tuple[Part, str],
    *,
    constraint: str,
    mask: str,
    unit: str,
    needed: FloatArray,
    given: float,
    how: Callable[[float, float], str],
    whole: float | None = None,
) -> Knob:
    """The knob that is one number of the inputs.

    Parameters
    ----------
    place : (str, str)
        Which input, and its field.
    how : callable
        Of the value given and the value needed.
    whole : float, optional
        What is given, when not told.

    Other parameters are those of `Knob`.
    """
    part, name = place
    return Knob(
        constraint=constraint,
        opens=frozenset({mask}),
        unit=unit,
        given=given,
        needed=needed,
        whole=given if whole is None else whole,
        applied=lambda setting, i: changed(setting, part, **{name: float(needed[i])}),
        how=lambda i: how(given, float(needed[i])),
    )


def changed(setting: Setting, part: Part, **changes: Any) -> Setting:
    """The setting with fields of one of its inputs replaced."""
    inputs: dict[str, Any] = {part: replace(getattr(setting, part), **changes)}
    return replace(setting, **inputs)


def where(good: BoolArray, value: FloatArray) -> FloatArray:
    """The value, NaN where it is of no use."""
    return np.asarray(np.where(good, value, np.nan))

"""Which input carries the probability: its answer to each of them, one at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from mdss.conjunction import ObjectState
from mdss.risk.assess import Risk
from mdss.risk.plane_parts import Basis, PlaneParts, plane_parts
from mdss.risk.verdict import miss_rtn_of_primary_m

_STEP = 0.01
"""Of the logarithmic derivative: small against any sigma, large against rounding."""
_MORE = 1.1
_AXES = ("radial", "in-track", "cross-track")
_UNCHANGED = 5e-4
"""Relative change from which a sentence gives a number."""


class Input(StrEnum):
    """What Pc is made of."""

    SIGMA_PRIMARY = "sigma-primary"
    SIGMA_SECONDARY = "sigma-secondary"
    SIGMA_BOTH = "sigma-both"
    RADIUS = "radius"
    MISS = "miss"


@dataclass(frozen=True, kw_only=True)
class Influence:
    """How Pc answers to one input.

    Parameters
    ----------
    name : str
        For people: "in-track sigma of FRAGMENT 49863".
    input : Input
    axis : str
        "radial", "in-track", "cross-track", or "" for all together.
    elasticity : float
        d ln Pc / d ln x: by how many percent Pc grows when the input grows by one percent. NaN
        where Pc vanishes.
    change : float
        Relative change of Pc when the input grows by a tenth; not the tenth of the elasticity.
    """

    name: str
    input: Input
    axis: str
    elasticity: float
    change: float

    @property
    def sentence(self) -> str:
        """In plain words."""
        return f"10 % larger {self.name}: {self.change_words}."

    @property
    def change_words(self) -> str:
        """What a tenth more does: "Pc −8 %", "Pc 15 times as large"."""
        return _words(self.change)


def _words(change: float) -> str:
    """A relative change of Pc: "Pc −8 %", "Pc +120 %", "Pc 15 times as large"."""
    if not math.isfinite(change):
        return "nothing can be said, Pc vanishes"
    if abs(change) < _UNCHANGED:
        return "Pc does not change"
    if change > 9:
        return f"Pc {1 + change:.2g} times as large"
    if change < -0.9:
        return "Pc vanishes" if change <= -1 else f"Pc {1 / (1 + change):.2g} times smaller"
    number = f"{100 * abs(change):.{1 if abs(change) < 0.1 else 0}f}"
    return f"Pc {'+' if change > 0 else '−'}{number} %"


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """What carries a probability.

    Parameters
    ----------
    influences : tuple of Influence
        The strongest first.
    density_ratio : float or None
        Pc with the shared density error over Pc without it; None unless both objects carry it.
    basis : Basis
    """

    influences: tuple[Influence, ...]
    density_ratio: float | None
    basis: Basis

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each input, the strongest first, then the shared density error."""
        said = tuple(one.sentence for one in self.influences)
        if self.density_ratio is None:
            return said
        change = _words(self.density_ratio - 1)
        return (*said, f"The density errors of both objects taken as one: {change}.")


def sensitivity(risk: Risk) -> Sensitivity:
    """How Pc answers to each sigma by object and axis, to the radius and to the miss.

    Parameters
    ----------
    risk : Risk

    Returns
    -------
    Sensitivity
        Sigmas and miss along radial, in-track and cross-track of each object's own RTN, at TCA;
        the miss in RTN of the primary.

    Notes
    -----
    An in-track sigma is multiplied with all that goes along with it, be it radial or in velocity;
    the radial and the cross-track one are what is left. So a long thin error cloud grows in
    length or in thickness and keeps its direction. Of the three parts of the miss only what lies in
    the encounter plane counts.
    """
    parts = plane_parts(risk)
    found = [
        Influence(name=name, input=kind, axis=axis, **_answer(pc_of))
        for name, kind, axis, pc_of in _inputs(risk, parts)
    ]
    return Sensitivity(
        influences=tuple(sorted(found, key=_strength, reverse=True)),
        density_ratio=_density_ratio(risk, parts),
        basis=parts.basis,
    )


def _strength(one: Influence) -> float:
    return abs(math.log1p(one.change)) if one.change > -1 else math.inf


_Pc = Callable[[float], float]


def _answer(pc_of: _Pc) -> dict[str, float]:
    nominal, low, high, more = (pc_of(x) for x in (1.0, 1 - _STEP, 1 + _STEP, _MORE))
    if not min(nominal, low, high) > 0:
        return {"elasticity": math.nan, "change": math.nan}
    slope = math.log(high / low) / math.log((1 + _STEP) / (1 - _STEP))
    return {"elasticity": slope, "change": more / nominal - 1}


def _inputs(risk: Risk, parts: PlaneParts) -> Iterator[tuple[str, Input, str, _Pc]]:
    """Name, input, axis, and Pc as a function of the factor on it."""
    primary, secondary = risk.conjunction.primary, risk.conjunction.secondary
    yield (
        "sigmas of both objects",
        Input.SIGMA_BOTH,
        "",
        lambda x: float(parts.pc(scale_primary=x, scale_secondary=x)),
    )
    for thing, kind in ((primary, Input.SIGMA_PRIMARY), (secondary, Input.SIGMA_SECONDARY)):
        yield from _sigmas(parts, thing, kind)
    yield (
        "hard-body radius",
        Input.RADIUS,
        "",
        lambda x: float(parts.pc(radius_m=x * parts.radius_m)),
    )
    yield "miss distance", Input.MISS, "", lambda x: float(parts.pc(miss_m=x * parts.miss_m))
    yield from _misses(risk, parts)


def _sigmas(
    parts: PlaneParts, thing: ObjectState, kind: Input
) -> Iterator[tuple[str, Input, str, _Pc]]:
    side = "primary" if kind is Input.SIGMA_PRIMARY else "secondary"

    def along(axis: int) -> _Pc:
        part = getattr(parts, side)
        return lambda x: float(replace(parts, **{side: part.with_sigma(axis, x)}).pc())

    for axis, name in enumerate(_AXES):
        yield f"{name} sigma of {_who(thing, side)}", kind, name, along(axis)


def _who(thing: ObjectState, side: str) -> str:
    return thing.name or f"the {side}"


def _misses(risk: Risk, parts: PlaneParts) -> Iterator[tuple[str, Input, str, _Pc]]:
    """Components of the miss; the secondary moves away along the primary's axes."""
    moved_m = parts.primary.plane_from_rtn[:, :3] * -miss_rtn_of_primary_m(risk.conjunction)

    def along(axis: int) -> _Pc:
        step_m = moved_m[:, axis]
        return lambda x: float(parts.pc(miss_m=parts.miss_m + (x - 1) * step_m))

    for axis, name in enumerate(_AXES):
        yield f"{name} part of the miss", Input.MISS, name, along(axis)


def _density_ratio(risk: Risk, parts: PlaneParts) -> float | None:
    """Pc with one density error over that with two, in the same plane."""
    if not risk.conjunction.has_density_errors:
        return None
    one, two = (float(replace(parts, correlation=value).pc()) for value in (1.0, 0.0))
    return one / two if two > 0 else None

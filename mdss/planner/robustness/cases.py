"""What a robust plan has to hold for: burns fired otherwise, other sigmas, another radius."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mdss.errors import PlanningError
from mdss.spacecraft import ExecutionError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way in which things may be, other than planned; the defaults are as planned.

    Parameters
    ----------
    name : str
        In a few words.
    size_factor : float
        Share of the burn that is fired: 0.5 for one that is cut at half.
    size_sigmas : float
        Execution error of the size, in sigmas of the spacecraft's Gates model: -3 for a cold burn.
        Nothing where the spacecraft has no execution error.
    late_s : float
        How much later than planned the burn is fired, in the RTN axes there; negative for early
        [s].
    our_sigmas, their_sigmas : float
        Factors on the position sigmas of the maneuvering and of the other object.
    radius : float
        Factor on the combined hard-body radius.

    Raises
    ------
    PlanningError
        If nothing is fired, or a number is not possible.
    """

    name: str
    size_factor: float = 1.0
    size_sigmas: float = 0.0
    late_s: float = 0.0
    our_sigmas: float = 1.0
    their_sigmas: float = 1.0
    radius: float = 1.0

    def __post_init__(self) -> None:
        if self.size_factor == 0:
            raise PlanningError(
                f"case {self.name!r}: no size of a burn helps when the burn is missed; plan it so "
                "early that a second one can still be commanded, or look at it in the robustness "
                "table"
            )
        for name in ("size_factor", "our_sigmas", "their_sigmas", "radius"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise PlanningError(f"case {self.name!r}: {name} must be above 0, got {value:g}")
        for name in ("size_sigmas", "late_s"):
            value = getattr(self, name)
            if not math.isfinite(value):
                raise PlanningError(f"case {self.name!r}: {name} must be finite, got {value:g}")

    def size_law(self, error: ExecutionError | None) -> SizeLaw:
        """How large a burn turns out.

        Raises
        ------
        PlanningError
            If the execution error is so large that nothing may be left of the burn.
        """
        law = SizeLaw(
            factor=self.size_factor,
            sigmas=self.size_sigmas if error else 0.0,
            fixed_m_s=error.magnitude_fixed_m_s if error else 0.0,
            proportional=error.magnitude_proportional if error else 0.0,
        )
        if not law.growth > 0:
            raise PlanningError(
                f"case {self.name!r}: {self.size_sigmas:g} sigma of {100 * law.proportional:g} % "
                "leaves nothing of a burn of any size; take fewer sigmas"
            )
        return law


@dataclass(frozen=True, kw_only=True)
class SizeLaw:
    """Fired size over commanded size: r = f x + k √(σ1² + σ2² x²), never below 0.

    Parameters
    ----------
    factor, sigmas : float
        f and k.
    fixed_m_s, proportional : float
        σ1 [m/s] and σ2 of the execution error.
    """

    factor: float = 1.0
    sigmas: float = 0.0
    fixed_m_s: float = 0.0
    proportional: float = 0.0

    @property
    def growth(self) -> float:
        """The slope of r for large burns in the direction that counts, f − |k| σ2."""
        return self.factor - abs(self.sigmas) * self.proportional

    def fired(self, commanded_m_s: FloatArray) -> FloatArray:
        """r of commanded sizes; a burn of zero is not fired."""
        x = np.asarray(commanded_m_s, dtype=float)
        spread = np.hypot(self.fixed_m_s, self.proportional * x)
        return np.where(x > 0, np.maximum(self.factor * x + self.sigmas * spread, 0.0), 0.0)

    def commanded(self, fired_m_s: FloatArray) -> FloatArray:
        """x of fired sizes: what is to be asked for; 0 where even the smallest burn gives more."""
        given = np.asarray(fired_m_s, dtype=float)
        if self.sigmas == 0:
            return np.asarray(given / self.factor)
        r = np.where(np.isfinite(given), given, 0.0)
        k2 = self.sigmas**2
        slope2 = self.factor**2 - k2 * self.proportional**2
        inside = k2 * ((self.proportional * r) ** 2 + self.fixed_m_s**2 * slope2)
        root = -math.copysign(1.0, self.sigmas) * np.sqrt(inside)
        size = np.maximum((self.factor * r + root) / slope2, 0.0)
        return np.where(np.isfinite(given), size, np.inf)


NOMINAL = Case(name="as planned")


@dataclass(frozen=True, kw_only=True)
class CaseSet:
    """Cases that a plan has to hold for, all of them; as planned is always one.

    Parameters
    ----------
    name : str
    cases : tuple of Case
    """

    name: str
    cases: tuple[Case, ...]

    def __iter__(self) -> Iterator[Case]:
        return iter((NOMINAL, *(one for one in self.cases if one != NOMINAL)))

    @classmethod
    def named(cls, name: str) -> CaseSet:
        """One of the sets that have a name: "hot-cold", "timing", "covariance", "hbr", "all".

        Raises
        ------
        PlanningError
            If there is none of that name.
        """
        if name == "all":
            return cls(name=name, cases=tuple(chain.from_iterable(_NAMED.values())))
        if name not in _NAMED:
            raise PlanningError(
                f"no set of cases is called {name!r}; there are {', '.join(case_set_names())}"
            )
        return cls(name=name, cases=_NAMED[name])


def case_set_names() -> tuple[str, ...]:
    """Names that `CaseSet.named` knows."""
    return (*_NAMED, "all")


_NAMED: dict[str, tuple[Case, ...]] = {
    "hot-cold": (
        Case(name="cold burn, −3 sigma", size_sigmas=-3.0),
        Case(name="hot burn, +3 sigma", size_sigmas=3.0),
    ),
    "timing": (
        Case(name="burn 60 s early", late_s=-60.0),
        Case(name="burn 60 s late", late_s=60.0),
    ),
    "covariance": tuple(
        Case(name=f"{who} × {factor:g}", **dict.fromkeys(fields, factor))
        for who, fields in (
            ("our sigmas", ("our_sigmas",)),
            ("the other object's sigmas", ("their_sigmas",)),
            ("all sigmas", ("our_sigmas", "their_sigmas")),
        )
        for factor in (0.5, 2.0)
    ),
    "hbr": (Case(name="hard-body radius × 2", radius=2.0),),
}

"""2D Pc computed in several published ways, beside the exact integral, and how far they spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from mdss.astro.approximations import (
    FloatArray,
    alfano_2005,
    chan_1997,
    constant_density,
    equal_area_square,
    patera_2005,
)
from mdss.astro.encounter import EncounterPlane
from mdss.astro.probability import pc_2d
from mdss.errors import ConjunctionError
from mdss.risk.assess import Risk


@dataclass(frozen=True, kw_only=True)
class FamilyValue:
    """2D Pc in one way.

    Parameters
    ----------
    name : str
        Stable identifier.
    label : str
        For people.
    pc : float
    exact_pc : float
        The integral without approximation, for comparison.
    source, assumption, not_for : str
        Where it comes from, when it holds, and where not to use it.
    """

    name: str
    label: str
    pc: float
    exact_pc: float
    source: str
    assumption: str
    not_for: str

    @property
    def relative_difference(self) -> float:
        """From the exact integral; 0 where both vanish, infinite where only that one does."""
        if self.exact_pc > 0:
            return self.pc / self.exact_pc - 1
        return 0.0 if self.pc == self.exact_pc else float("inf")


class _Way(NamedTuple):
    name: str
    label: str
    compute: Callable[..., FloatArray | float]
    source: str
    assumption: str
    not_for: str


_WAYS = (
    _Way(
        "exact",
        "Exact integral",
        pc_2d,
        "Foster and Estes, NASA JSC-25898, 1992; integrated to 1e-10",
        "short, straight passage; spheres; Gaussian position errors",
        "slow encounters and long in-track sigmas: see the check of 2D Pc",
    ),
    _Way(
        "patera-2005",
        "Patera 2005, contour",
        patera_2005,
        "Patera, Journal of Guidance, Control, and Dynamics 28(6), 2005",
        "as the exact integral, of which it is another evaluation",
        "radii above some 2000 small sigmas",
    ),
    _Way(
        "alfano-2005",
        "Alfano 2005, strips",
        alfano_2005,
        "Alfano, Journal of the Astronautical Sciences 53(1), 2005",
        "as the exact integral, typically to 1e-5, within six sigmas to 1e-3",
        "many sigmas away, where it is off by percents",
    ),
    _Way(
        "equal-area-square",
        "Equal-area square",
        equal_area_square,
        "Foster and Estes, NASA JSC-25898, 1992 (square hard body)",
        "a square of the disc's area along the principal axes catches as much",
        "misses of many sigmas of a size comparable with the radius",
    ),
    _Way(
        "chan-1997",
        "Chan 1997, series",
        chan_1997,
        "Chan, AAS 97-173, 1997",
        "an ellipse of the disc's area and the Gaussian's shape catches as much: a radius small "
        "against the smaller sigma, or a round covariance",
        "a radius above the smaller sigma: wrong by orders of magnitude",
    ),
    _Way(
        "constant-density",
        "Constant density",
        constant_density,
        "Alfriend et al., Space Debris 1(1), 1999",
        "the density is the same all over the disc: a radius small against the smaller sigma",
        "radii above half the smaller sigma",
    ),
)


def family(
    plane: EncounterPlane | Risk, hard_body_radius_m: float | None = None
) -> tuple[FamilyValue, ...]:
    """2D Pc in every way that we know, the exact integral first.

    Parameters
    ----------
    plane : EncounterPlane or Risk
        Of a risk its plane and radius are taken. The covariance must be positive definite.
    hard_body_radius_m : float, optional
        Combined radius [m]; needed with a plane.

    Raises
    ------
    ConjunctionError
        If there is no radius.
    CovarianceError
        If the plane's covariance is not positive definite.

    Notes
    -----
    A cross-check: exact, Patera and Alfano agree unless a number is wrong. The others tell how
    large the radius is against the sigmas. All of them assume a short, straight passage.
    """
    if isinstance(plane, Risk):
        hard_body_radius_m = hard_body_radius_m or plane.hbr.radius_m
        plane = plane.plane
    if hard_body_radius_m is None:
        raise ConjunctionError("an encounter plane has no radius of its own; give one")
    inputs = (plane.miss_m, plane.cov_m2, hard_body_radius_m)
    exact = pc_2d(*inputs)
    return tuple(
        FamilyValue(
            name=way.name,
            label=way.label,
            pc=float(way.compute(*inputs)),
            exact_pc=float(exact),
            source=way.source,
            assumption=way.assumption,
            not_for=way.not_for,
        )
        for way in _WAYS
    )


def spread(values: tuple[FamilyValue, ...]) -> float:
    """The largest relative difference from the exact integral."""
    return max(abs(one.relative_difference) for one in values)

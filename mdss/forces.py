"""Which forces act on the objects of a conjunction, and what the models leave out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mdss.conjunction import Conjunction
from mdss.notices import Notice, NoticeCode
from mdss.units import shifted

if TYPE_CHECKING:
    from mdss.astro.numerical import Forces


def force_model(conjunction: Conjunction, which: int = 0) -> Forces:
    """Forces on the primary (0) or the secondary (1): the one place where they are chosen.

    About the Earth all that satkit knows, with the drag and radiation pressure coefficients that
    the message gives; where it gives none, or a negative one, they are off. About another body
    zonal harmonics and third bodies, by boinor. `force_notices` says what is left out.
    """
    from mdss.astro.numerical import ForceModel, ZonalModel

    if conjunction.central_body != "earth":
        return ZonalModel(central_body=conjunction.central_body)
    thing = (conjunction.primary, conjunction.secondary)[which]
    return ForceModel(
        cd_area_over_mass_m2_kg=max(thing.cd_area_over_mass_m2_kg or 0.0, 0.0),
        cr_area_over_mass_m2_kg=max(thing.cr_area_over_mass_m2_kg or 0.0, 0.0),
    )


def force_notices(conjunction: Conjunction, span_s: float) -> tuple[Notice, ...]:
    """What the force models of both objects leave out over `span_s` before TCA."""
    if conjunction.central_body != "earth":
        return _forces_not_known(conjunction)
    tables = force_model(conjunction).notices(
        shifted(conjunction.tca_utc, -span_s), shifted(conjunction.tca_utc, 7200.0)
    )
    return (*tables, *_missing_coefficients(conjunction))


def _missing_coefficients(conjunction: Conjunction) -> Iterator[Notice]:
    for thing in (conjunction.primary, conjunction.secondary):
        for value, code, word in (
            (thing.cd_area_over_mass_m2_kg, NoticeCode.DRAG_OFF, "drag"),
            (thing.cr_area_over_mass_m2_kg, NoticeCode.SRP_OFF, "radiation pressure"),
        ):
            if value is None or value < 0:
                seen = "not given" if value is None else f"{value:g} m²/kg, which is impossible"
                message = (
                    f"The {word} coefficient of {thing.label} is {seen}: {word} is off in its "
                    "verified orbit. Give it in the message or the spacecraft file."
                )
                yield Notice(code=code, message=message)


def _forces_not_known(conjunction: Conjunction) -> tuple[Notice, ...]:
    """Away from the Earth: no atmosphere, no shadow, zonal gravity only."""
    where = conjunction.body.label
    anchored = "Both orbits are anchored at the message's states, so that only a burn's effect errs"
    return (
        Notice(
            code=NoticeCode.DRAG_OFF,
            message=f"No atmosphere of {where} is modelled: drag is off in the verified orbits. "
            f"{anchored}.",
        ),
        Notice(
            code=NoticeCode.SRP_OFF,
            message=f"Radiation pressure is off in the verified orbits about {where}. {anchored}.",
        ),
        Notice(code=NoticeCode.GRAVITY_ZONAL, message=_ZONAL_WORDS[conjunction.central_body]),
    )


_ZONAL_WORDS = {
    "mars": "Gravity about Mars is two-body, J2, J3 and the Sun; Phobos, Deimos and the rest of "
    "the field are left out, which changes what a burn does by some 1e-3 of it (J3: 1e-4 to 3e-4).",
    "moon": "Gravity about the Moon is two-body, J2, the Earth and the Sun; mass concentrations "
    "are left out, which pull a low orbit harder than J2 does: fly a burn there with the "
    "operator's own field too.",
}

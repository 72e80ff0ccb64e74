"""Two objects at their closest approach, and the series of messages about one encounter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.bodies import Body, body
from mdss.astro.frames import eci_from_rtn
from mdss.astro.twobody import orbital_period_s
from mdss.errors import ConjunctionError, FrameError
from mdss.notices import Notice
from mdss.observations import ObservationData
from mdss.reported import (
    NOT_COMPUTED_REASON,
    ReportedApproach,
    event_id_of,
    pair_of,
    plain_designator,
)
from mdss.units import as_utc

if TYPE_CHECKING:
    from mdss.messages import Cdm, CdmObject

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class DensityError:
    """Effect of the atmospheric density error on one object (dynamic consider parameter).

    Parameters
    ----------
    sigma : float
        Relative 1-sigma density forecast error (dimensionless).
    sensitivity_rtn : array, shape (6,)
        Change of position [m] and velocity [m/s] at TCA, RTN, for a relative error of one.
    """

    sigma: float
    sensitivity_rtn: FloatArray


@dataclass(frozen=True, eq=False)
class ObjectState:
    """One object at TCA.

    Parameters
    ----------
    position_m, velocity_m_s : array_like, shape (3,)
        Inertial state (GCRF; at another body ICRF axes at its centre) [m], [m/s].
    cov_rtn_m2 : array_like, shape (3, 3) or (6, 6)
        Covariance in the object's own RTN axes: position [m²]; the full matrix has
        velocity rows too [m²/s, m²/s²].
    designator, name : str
        Catalogue number (or another unique identifier) and name.
    international_designator : str
        Of its launch, as 1998-067A; "" when not known. Another name of the same object.
    cd_area_over_mass_m2_kg, cr_area_over_mass_m2_kg : float, optional
        Cd·A/m for drag and Cr·A/m for solar radiation pressure [m²/kg].
    radius_m : float, optional
        Radius of this object alone [m]; from AREA_PC in a message.
    density_error : DensityError, optional
        Shared density error, from the message's comments.
    maneuverable : bool, optional
        None when the message does not say.
    mass_kg : float, optional
        As the message states it [kg].
    observations : ObservationData, optional
        What the message tells about the orbit determination.

    Raises
    ------
    ConjunctionError
        If a shape is wrong or a number is not finite.
    """

    position_m: FloatArray
    velocity_m_s: FloatArray
    cov_rtn_m2: FloatArray = field(kw_only=True)
    designator: str = field(default="", kw_only=True)
    name: str = field(default="", kw_only=True)
    cd_area_over_mass_m2_kg: float | None = field(default=None, kw_only=True)
    cr_area_over_mass_m2_kg: float | None = field(default=None, kw_only=True)
    radius_m: float | None = field(default=None, kw_only=True)
    density_error: DensityError | None = field(default=None, kw_only=True)
    maneuverable: bool | None = field(default=None, kw_only=True)
    mass_kg: float | None = field(default=None, kw_only=True)
    observations: ObservationData | None = field(default=None, kw_only=True)
    international_designator: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        for name, shapes in (
            ("position_m", ((3,),)),
            ("velocity_m_s", ((3,),)),
            ("cov_rtn_m2", ((3, 3), (6, 6))),
        ):
            object.__setattr__(self, name, _finite(name, getattr(self, name), shapes))

    @property
    def position_cov_rtn_m2(self) -> FloatArray:
        """Position block of the covariance, RTN, shape (3, 3) [m²]."""
        return self.cov_rtn_m2[:3, :3]

    @property
    def has_velocity_covariance(self) -> bool:
        """Whether the covariance says anything about velocity and its correlation."""
        return self.cov_rtn_m2.shape == (6, 6) and bool(np.any(np.diag(self.cov_rtn_m2)[3:] > 0))

    @property
    def position_cov_eci_m2(self) -> FloatArray:
        """Position covariance in inertial axes, shape (3, 3) [m²]."""
        rotation = eci_from_rtn(self.position_m, self.velocity_m_s)
        return rotation @ self.position_cov_rtn_m2 @ rotation.T

    def with_added_cov(self, extra_cov_eci: FloatArray) -> ObjectState:
        """The object with a covariance of position and velocity, shape (6, 6), inertial, added."""
        size = self.cov_rtn_m2.shape[0]
        turn = np.kron(np.eye(2), eci_from_rtn(self.position_m, self.velocity_m_s).T)
        added = (turn @ extra_cov_eci @ turn.T)[:size, :size]
        return replace(self, cov_rtn_m2=self.cov_rtn_m2 + added)

    def with_sigmas(self, factor: float) -> ObjectState:
        """The object with all its sigmas multiplied, that of its density error too."""
        density = self.density_error
        if density is not None:
            density = replace(density, sigma=factor * density.sigma)
        return replace(self, cov_rtn_m2=factor**2 * self.cov_rtn_m2, density_error=density)

    @property
    def label(self) -> str:
        """Name, or designator where there is no name."""
        return self.name or self.designator or "unnamed object"

    @property
    def designators(self) -> frozenset[str]:
        """What it may be called by: both designators, without leading zeros, in upper case."""
        both = (self.designator, self.international_designator)
        return frozenset(plain_designator(one) for one in both if one.strip())

    @classmethod
    def from_cdm(cls, cdm_object: CdmObject) -> ObjectState:
        """The object of a CDM, in SI and GCRF."""
        dcp = cdm_object.density_error
        area = cdm_object.get("AREA_PC")
        return cls(
            cdm_object.position_gcrf_m,
            cdm_object.velocity_gcrf_m_s,
            cov_rtn_m2=cdm_object.cov_rtn_m2,
            designator=cdm_object.designator,
            name=cdm_object.name,
            cd_area_over_mass_m2_kg=cdm_object.cd_area_over_mass_m2_kg,
            cr_area_over_mass_m2_kg=cdm_object.cr_area_over_mass_m2_kg,
            radius_m=float(np.sqrt(area / np.pi)) if isinstance(area, float) and area > 0 else None,
            density_error=None
            if dcp is None
            else DensityError(sigma=dcp[0], sensitivity_rtn=np.asarray(dcp[1], dtype=float)),
            maneuverable=cdm_object.maneuverable,
            mass_kg=cdm_object.mass_kg,
            observations=ObservationData.from_cdm(cdm_object),
            international_designator=cdm_object.international_designator,
        )


def _finite(name: str, value: ArrayLike, shapes: Sequence[tuple[int, ...]]) -> FloatArray:
    array = np.array(value, dtype=float)
    if array.shape not in shapes:
        raise ConjunctionError(f"{name} has shape {array.shape}; it needs {shapes}")
    if not np.all(np.isfinite(array)):
        raise ConjunctionError(f"{name} contains a number that is not finite: {array}")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, kw_only=True, eq=False)
class Conjunction:
    """Two objects near their closest approach, as one message describes them.

    Planning moves `primary`. `swapped` exchanges the roles; the message's own order is
    remembered, because CCSDS reports the miss as object 2 minus object 1.

    Parameters
    ----------
    tca_utc : datetime
        Epoch of both states.
    primary, secondary : ObjectState
    hard_body_radius_m : float, optional
        Sum of the two objects' radii [m], as the message states it; None when it does not.
    central_body : str
        "earth", "mars" or "moon".
    created_utc : datetime, optional
        When the message was made.
    message_id, originator, source : str
        Where it comes from; `source` is a file name.
    reported_pc : float, optional
        The message's own probability.
    primary_is_object1 : bool
        False after `swapped`.
    density_correlated : bool
        Whether the density error that both objects carry counts as one that they share.
    space_weather : tuple of str
        What the message's comments say about it.
    notices : tuple of Notice
        What reading it had to assume.
    """

    tca_utc: datetime
    primary: ObjectState
    secondary: ObjectState
    hard_body_radius_m: float | None = None
    central_body: str = "earth"
    created_utc: datetime | None = None
    message_id: str = ""
    originator: str = ""
    source: str = ""
    reported_pc: float | None = None
    primary_is_object1: bool = True
    density_correlated: bool = False
    space_weather: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tca_utc", as_utc(self.tca_utc))
        radius = self.hard_body_radius_m
        if radius is not None and not (np.isfinite(radius) and radius > 0):
            raise ConjunctionError(f"hard-body radius must be above 0 m, got {radius:g}")
        try:
            object.__setattr__(self, "central_body", body(self.central_body).name)
        except FrameError as problem:
            raise ConjunctionError(str(problem)) from None

    @classmethod
    def from_states(
        cls,
        tca_utc: datetime,
        primary: ObjectState,
        secondary: ObjectState,
        hard_body_radius_m: float,
        central_body: str = "earth",
    ) -> Conjunction:
        """A conjunction from two states at one epoch; the primary maneuvers.

        Parameters
        ----------
        tca_utc : datetime
            Epoch of both states, timezone-aware.
        primary, secondary : ObjectState
        hard_body_radius_m : float
            Sum of the two radii [m].
        central_body : str
            "earth", "mars" or "moon".

        Raises
        ------
        ConjunctionError
            If the radius is not positive or the body is unknown.
        """
        return cls(
            tca_utc=tca_utc,
            primary=primary,
            secondary=secondary,
            hard_body_radius_m=hard_body_radius_m,
            central_body=central_body,
        )

    @classmethod
    def from_cdm(cls, cdm: Cdm) -> Conjunction:
        """The conjunction that a CDM describes, object 1 as primary."""
        object1, object2 = cdm.objects
        return cls(
            tca_utc=cdm.tca_utc,
            primary=ObjectState.from_cdm(object1),
            secondary=ObjectState.from_cdm(object2),
            hard_body_radius_m=cdm.hard_body_radius_m,
            central_body=cdm.central_body,
            created_utc=cdm.created_utc,
            message_id=cdm.message_id,
            originator=cdm.originator,
            source=cdm.source,
            reported_pc=cdm.collision_probability,
            space_weather=cdm.space_weather,
            notices=cdm.notices,
        )

    @property
    def has_density_errors(self) -> bool:
        """Whether both objects carry the error of the air density."""
        return all(one.density_error is not None for one in (self.primary, self.secondary))

    @property
    def body(self) -> Body:
        """What both objects orbit."""
        return body(self.central_body)

    @property
    def altitude_m(self) -> float:
        """Of the primary at TCA above the body's equatorial radius [m]."""
        return float(np.linalg.norm(self.primary.position_m)) - self.body.radius_m

    @property
    def relative_position_m(self) -> FloatArray:
        """Primary minus secondary, inertial, shape (3,) [m]."""
        return self.primary.position_m - self.secondary.position_m

    @property
    def relative_velocity_m_s(self) -> FloatArray:
        """Primary minus secondary, inertial, shape (3,) [m/s]."""
        return self.primary.velocity_m_s - self.secondary.velocity_m_s

    @property
    def miss_distance_m(self) -> float:
        """Distance at the stated TCA [m]."""
        return float(np.linalg.norm(self.relative_position_m))

    @property
    def relative_speed_m_s(self) -> float:
        """Relative speed at the stated TCA [m/s]."""
        return float(np.linalg.norm(self.relative_velocity_m_s))

    @property
    def objects(self) -> tuple[ObjectState, ObjectState]:
        """Object 1 and object 2 of the message."""
        pair = (self.primary, self.secondary)
        return pair if self.primary_is_object1 else pair[::-1]

    @property
    def miss_rtn_m(self) -> FloatArray:
        """Object 2 minus object 1 in RTN of object 1, shape (3,) [m] (CCSDS convention)."""
        object1, object2 = self.objects
        rotation = eci_from_rtn(object1.position_m, object1.velocity_m_s)
        return rotation.T @ (object2.position_m - object1.position_m)

    @property
    def pair(self) -> tuple[str, str]:
        """Both designators, sorted: the same for either order of the objects.

        Leading zeros do not count, since providers pad catalogue numbers differently.
        """
        return pair_of(one.designator for one in self.objects)

    @property
    def event_id(self) -> str:
        """Designators, sorted, and the half hour nearest to TCA.

        The same for every message of an event, unless TCA itself moves across a quarter past or a
        quarter to the hour; `grouped` gives those the name that came first.
        """
        return event_id_of(self.pair, self.tca_utc)

    def with_sigmas(self, primary: float, secondary: float) -> Conjunction:
        """The conjunction with the sigmas of both objects multiplied."""
        return replace(
            self,
            primary=self.primary.with_sigmas(primary),
            secondary=self.secondary.with_sigmas(secondary),
        )

    def oriented(self, designator: str) -> Conjunction:
        """The conjunction with the named object as primary, the one that maneuvers.

        Parameters
        ----------
        designator : str
            As in the message, the international one too; leading zeros do not count. OBJECT1
            and OBJECT2 work too.

        Raises
        ------
        ConjunctionError
            If neither object has that designator, or both have.
        """
        wanted = plain_designator(designator)
        object1, object2 = self.objects
        names = {"OBJECT1": object1, "OBJECT2": object2}
        same = self.pair[0] == self.pair[1]
        shared = object1.designators & object2.designators
        if wanted not in names and (same or wanted in shared):
            both = object1.designator if same else designator
            raise ConjunctionError(
                f"both objects have the designator {both!r}, so {designator!r} does "
                "not tell which one maneuvers; name it as OBJECT1 or OBJECT2"
            )
        names |= {known: one for one in self.objects for known in one.designators}
        if wanted not in names:
            raise ConjunctionError(
                f"no object of this conjunction has the designator {designator!r}; it is between "
                f"{object1.designator} ({object1.label}) and {object2.designator} "
                f"({object2.label}). Correct the spacecraft file or name the maneuvering object"
            )
        return self if names[wanted] is self.primary else self.swapped()

    def is_primary(self, designator: str) -> bool:
        """Whether the primary has that designator, the international one included."""
        return plain_designator(designator) in self.primary.designators

    def swapped(self) -> Conjunction:
        """The same conjunction with the other object as primary."""
        return replace(
            self,
            primary=self.secondary,
            secondary=self.primary,
            primary_is_object1=not self.primary_is_object1,
        )


Told = Conjunction | ReportedApproach
"""What one message tells of an encounter: with states, or without."""

SHORTEST_PERIOD_S = 5280.0
"""Of an orbit above the atmosphere (88 min), where no state tells the period [s]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ConjunctionEvent:
    """All messages about one encounter, oldest first.

    Parameters
    ----------
    conjunctions : tuple of Conjunction
        Put in the order of creation.
    reported : tuple of ReportedApproach
        Public records about the same encounter, in the order of creation. They belong to the
        history; risk and plans rest on `conjunctions` alone.

    Raises
    ------
    ConjunctionError
        If there is neither, or they are not about one pair and one encounter.
    """

    conjunctions: tuple[Conjunction, ...] = ()
    reported: tuple[ReportedApproach, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "conjunctions", tuple(sorted(self.conjunctions, key=_created)))
        object.__setattr__(self, "reported", tuple(sorted(self.reported, key=_created)))
        told: tuple[Told, ...] = (*self.conjunctions, *self.reported)
        if not told:
            raise ConjunctionError("an event needs at least one conjunction message")
        for other in told[1:]:
            if not same_encounter(told[0], other):
                raise ConjunctionError(
                    f"{other.source or other.message_id} is about {other.event_id}, not "
                    f"{told[0].event_id}; plan one event at a time"
                )

    @property
    def latest(self) -> Conjunction:
        """The newest message that has states.

        Raises
        ------
        ConjunctionError
            If there are public records only.
        """
        if not self.conjunctions:
            raise ConjunctionError(f"{self.event_id} has no CDM: {NOT_COMPUTED_REASON}")
        return self.conjunctions[-1]

    @property
    def event_id(self) -> str:
        """Name of the event, that of its first message, a CDM if there is one."""
        told: tuple[Told, ...] = (*self.conjunctions, *self.reported)
        return told[0].event_id


def _created(told: Told) -> tuple[datetime, str]:
    return told.created_utc or datetime.min.replace(tzinfo=UTC), told.message_id


def same_encounter(first: Told, other: Told) -> bool:
    """Whether two messages are about one pair and one passage.

    One passage: the TCAs are within a quarter of the shorter orbital period, since a pair
    meets at most twice a revolution; within 22 minutes where neither message has states.
    """
    if first.pair != other.pair:
        return False
    apart_s = abs((first.tca_utc - other.tca_utc).total_seconds())
    return apart_s <= 0.25 * _shorter_period_s(first, other)


def _shorter_period_s(*told: Told) -> float:
    """Of the objects of the first message that has states [s]."""
    for one in told:
        if isinstance(one, Conjunction):
            return min(
                orbital_period_s(thing.position_m, thing.velocity_m_s, one.body.gm_m3_s2)
                for thing in (one.primary, one.secondary)
            )
    return SHORTEST_PERIOD_S


def grouped(messages: Iterable[Told]) -> tuple[ConjunctionEvent, ...]:
    """The events that messages belong to, in the order in which they first appear."""
    groups: list[list[tuple[int, Told]]] = []
    # those with states first: they tell how far apart two TCAs of one passage may be
    for place, one in sorted(
        enumerate(messages), key=lambda it: isinstance(it[1], ReportedApproach)
    ):
        for group in groups:
            if same_encounter(group[0][1], one):
                group.append((place, one))
                break
        else:
            groups.append([(place, one)])
    groups.sort(key=lambda group: min(place for place, _ in group))
    return tuple(event_of(one for _, one in group) for group in groups)


def event_of(messages: Iterable[Told]) -> ConjunctionEvent:
    """The event of messages about one encounter; ConjunctionError when they are about several."""
    told = tuple(messages)
    return ConjunctionEvent(
        conjunctions=tuple(one for one in told if isinstance(one, Conjunction)),
        reported=tuple(one for one in told if isinstance(one, ReportedApproach)),
    )

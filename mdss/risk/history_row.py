"""One line of an event's history: what a message said of the encounter and of both objects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import Conjunction, ObjectState
from mdss.observations import ObservationData
from mdss.reported import NOT_COMPUTED_REASON, ReportedApproach
from mdss.risk.assess import Risk
from mdss.risk.plane import combined_cov_eci_m2
from mdss.units import seconds_between

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectRow:
    """One object as a message has it.

    Parameters
    ----------
    designator, name : str
    sigma_rtn_m : array, shape (3,)
        In its own RTN axes [m].
    observations : ObservationData or None
        Counts, tracks and span of the orbit determination.
    """

    designator: str
    name: str
    sigma_rtn_m: FloatArray
    observations: ObservationData | None


@dataclass(frozen=True, kw_only=True, eq=False)
class HistoryRow:
    """What one message of the event said.

    Parameters
    ----------
    created_utc : datetime or None
    tca_utc : datetime
    t_before_tca_s : float or None
        Creation, seconds before the newest message's TCA [s].
    message_id, source : str
    stream : str
        Label of its stream; of a public record, who published it.
    pc : float or None
        Recommended, with the radius of the history; or as reported. None when there is none.
    pc_method : str
        How `pc` was computed; "" where it was not.
    pc_valid : bool
        Whether the method's assumptions hold for this message; False where that cannot be told.
    reported_pc : float or None
        The message's own.
    miss_m : float or None
        At closest approach [m].
    miss_rtn_m, miss_sigma_rtn_m : array, shape (3,), or None
        Secondary minus primary in RTN of the primary at the stated TCA, and 1 sigma of both
        covariances together [m].
    relative_speed_m_s : float or None
        [m/s].
    approach_angle_rad : float or None
        Between both velocities: 0 one behind the other, π head-on [rad].
    sigma_m : (float, float) or None
        Principal sigmas in the encounter plane, larger first [m].
    objects : tuple of ObjectRow
        Primary and secondary; empty for a public record.
    problem : str
        Why there is no Pc, or none that was computed.
    reported : bool
        A public record: its Pc is somebody else's, for a radius that it does not tell.
    """

    created_utc: datetime | None
    tca_utc: datetime
    t_before_tca_s: float | None
    message_id: str = ""
    source: str = ""
    stream: str = ""
    pc: float | None = None
    pc_method: str = ""
    pc_valid: bool = False
    reported_pc: float | None = None
    miss_m: float | None = None
    miss_rtn_m: FloatArray | None = None
    miss_sigma_rtn_m: FloatArray | None = None
    relative_speed_m_s: float | None = None
    approach_angle_rad: float | None = None
    sigma_m: tuple[float, float] | None = None
    objects: tuple[ObjectRow, ...] = ()
    problem: str = ""
    reported: bool = False

    @property
    def age_s(self) -> float:
        """Sorts the oldest first, those without a date before them [s]."""
        return -math.inf if self.t_before_tca_s is None else -self.t_before_tca_s


def computed_row(
    message: Conjunction, risk: Risk | str, stream: str, tca_utc: datetime
) -> HistoryRow:
    """The row of a message.

    Parameters
    ----------
    message : Conjunction
    risk : Risk or str
        Or why there is none.
    stream : str
        Label.
    tca_utc : datetime
        From which ages are counted.
    """
    known = None if isinstance(risk, str) else risk
    return HistoryRow(
        created_utc=message.created_utc,
        tca_utc=message.tca_utc,
        t_before_tca_s=_before(message.created_utc, tca_utc),
        message_id=message.message_id,
        source=message.source,
        stream=stream,
        pc=known.pc if known else None,
        pc_method=known.pc_method.value if known else "",
        pc_valid=known is not None and known.trusted,
        reported_pc=message.reported_pc,
        miss_m=known.plane.miss_distance_m if known else message.miss_distance_m,
        miss_rtn_m=_miss_rtn_m(message),
        miss_sigma_rtn_m=_miss_sigma_rtn_m(message),
        relative_speed_m_s=message.relative_speed_m_s,
        approach_angle_rad=_approach_angle_rad(message),
        sigma_m=known.sigma_plane_m if known else None,
        objects=(_object_row(message.primary), _object_row(message.secondary)),
        problem=risk if isinstance(risk, str) else "",
    )


def reported_row(told: ReportedApproach, tca_utc: datetime) -> HistoryRow:
    """The row of a public record; ages are counted from `tca_utc`."""
    return HistoryRow(
        created_utc=told.created_utc,
        tca_utc=told.tca_utc,
        t_before_tca_s=_before(told.created_utc, tca_utc),
        message_id=told.message_id,
        source=told.source,
        stream=told.originator,
        pc=told.pc,
        reported_pc=told.pc,
        miss_m=told.miss_distance_m,
        problem=NOT_COMPUTED_REASON,
        reported=True,
    )


def _before(created_utc: datetime | None, tca_utc: datetime) -> float | None:
    return None if created_utc is None else seconds_between(created_utc, tca_utc)


def _miss_rtn_m(message: Conjunction) -> FloatArray:
    """Secondary minus primary in RTN of the primary."""
    turn = eci_from_rtn(message.primary.position_m, message.primary.velocity_m_s)
    return np.asarray(-turn.T @ message.relative_position_m)


def _miss_sigma_rtn_m(message: Conjunction) -> FloatArray:
    turn = eci_from_rtn(message.primary.position_m, message.primary.velocity_m_s)
    return np.sqrt(np.maximum(np.diag(turn.T @ combined_cov_eci_m2(message) @ turn), 0.0))


def _approach_angle_rad(message: Conjunction) -> float:
    one, other = message.primary.velocity_m_s, message.secondary.velocity_m_s
    return math.atan2(float(np.linalg.norm(np.cross(one, other))), float(one @ other))


def _object_row(thing: ObjectState) -> ObjectRow:
    return ObjectRow(
        designator=thing.designator,
        name=thing.name,
        sigma_rtn_m=np.sqrt(np.maximum(np.diag(thing.position_cov_rtn_m2), 0.0)),
        observations=thing.observations,
    )

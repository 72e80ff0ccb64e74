"""How an object's orbit from an ephemeris differs from the one in a message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.conjunction import Conjunction, ObjectState
from mdss.ephemeris import Ephemeris
from mdss.notices import Notice, NoticeCode
from mdss.risk.solutions import SolutionDifference, compare_solutions

FloatArray = NDArray[np.float64]

OBJECT_NAMES = ("OBJECT1", "OBJECT2")


@dataclass(frozen=True, kw_only=True, eq=False)
class Replacement:
    """What changed when an ephemeris took an object's place.

    Parameters
    ----------
    which : {"OBJECT1", "OBJECT2"}
        The object of the message.
    designator, name : str
        Of that object in the message.
    source : str
        File of the ephemeris.
    covariance_origin : str
        Where the covariance comes from; the message's own where the ephemeris has none.
    covariance_kept : bool
        Whether the message's RTN covariance was kept.
    tca_before_utc, tca_after_utc : datetime
        Of the message, and found again.
    miss_before_m, miss_after_m : float
        Distance at those instants [m].
    miss_rtn_before_m, miss_rtn_after_m : array, shape (3,)
        Object 2 minus object 1 in RTN of object 1 [m].
    solutions : SolutionDifference
        Ephemeris minus message at the message's TCA, against the covariances of both.
    sigma_before_m, sigma_after_m : array, shape (3,)
        RTN position sigmas of the message and of what is used now [m].
    interpolation_error_m : float
        Of the ephemeris at the new TCA [m].
    """

    which: str
    designator: str
    name: str
    source: str
    covariance_origin: str
    covariance_kept: bool
    tca_before_utc: datetime
    tca_after_utc: datetime
    miss_before_m: float
    miss_after_m: float
    miss_rtn_before_m: FloatArray
    miss_rtn_after_m: FloatArray
    solutions: SolutionDifference
    sigma_before_m: FloatArray
    sigma_after_m: FloatArray
    interpolation_error_m: float

    @property
    def label(self) -> str:
        """Name, or designator where there is no name."""
        return self.name or self.designator or self.which

    @property
    def difference_rtn_m(self) -> FloatArray:
        """Ephemeris minus message at the message's TCA, RTN of the message's state [m]."""
        return self.solutions.difference_rtn_m

    @property
    def velocity_difference_rtn_m_s(self) -> FloatArray:
        """The same of the velocities [m/s]."""
        return self.solutions.velocity_difference_rtn_m_s

    @property
    def difference_sigmas(self) -> FloatArray:
        """Each component over the message's own sigma; infinite where that is zero."""
        return self.solutions.difference_sigmas

    @property
    def distance_sigmas(self) -> float:
        """Mahalanobis distance with the message's covariance; NaN where that is singular."""
        return self.solutions.distance_sigmas

    @property
    def tca_change_s(self) -> float:
        """New TCA minus the message's [s]."""
        return (self.tca_after_utc - self.tca_before_utc).total_seconds()

    @property
    def sigma_ratio(self) -> FloatArray:
        """New sigma over the message's, RTN; infinite where that is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.sigma_after_m / self.sigma_before_m)

    @property
    def _doubt(self) -> str:
        if not self.solutions.inconsistent:
            return ""
        return ", more than both covariances explain: one of the two is wrong"

    @property
    def notice(self) -> Notice:
        """The same in a sentence."""
        covariance = (
            "its ephemeris has no covariance: that of the message is kept in RTN"
            if self.covariance_kept
            else f"covariance: {self.covariance_origin}"
        )
        radial, transverse, normal = self.difference_rtn_m
        message = (
            f"the state of {self.label} ({self.which}) comes from {self.source or 'an ephemeris'}, "
            f"R {radial:+.0f}, T {transverse:+.0f}, N {normal:+.0f} m from the message's "
            f"({self.distance_sigmas:.1f} sigma of the message{self._doubt}); TCA moves by "
            f"{self.tca_change_s:+.3f} s and the miss from {self.miss_before_m:.0f} m to "
            f"{self.miss_after_m:.0f} m; {covariance}"
        )
        return Notice(code=NoticeCode.STATE_REPLACED, message=message)


def compared(
    before: Conjunction, after: Conjunction, index: int, ephemeris: Ephemeris
) -> Replacement:
    """What an ephemeris changed.

    Parameters
    ----------
    before, after : Conjunction
        The message, and with the object replaced.
    index : int
        0 for object 1, 1 for object 2.
    ephemeris : Ephemeris
        Of that object.
    """
    thing, now = before.objects[index], after.objects[index]
    kept = ephemeris.cov_rtn_at is None
    return Replacement(
        which=OBJECT_NAMES[index],
        designator=thing.designator,
        name=thing.name,
        source=ephemeris.source,
        covariance_origin="the message" if kept else ephemeris.covariance_origin,
        covariance_kept=kept,
        tca_before_utc=before.tca_utc,
        tca_after_utc=after.tca_utc,
        miss_before_m=before.miss_distance_m,
        miss_after_m=after.miss_distance_m,
        miss_rtn_before_m=before.miss_rtn_m,
        miss_rtn_after_m=after.miss_rtn_m,
        solutions=compare_solutions(
            thing, _at_tca_of(before, thing, ephemeris), ("the message", "the ephemeris")
        ),
        sigma_before_m=np.sqrt(np.maximum(np.diag(thing.position_cov_rtn_m2), 0.0)),
        sigma_after_m=np.sqrt(np.maximum(np.diag(now.position_cov_rtn_m2), 0.0)),
        interpolation_error_m=float(ephemeris.error_m(ephemeris.seconds_at(after.tca_utc))[0]),
    )


def _at_tca_of(message: Conjunction, thing: ObjectState, ephemeris: Ephemeris) -> ObjectState:
    """The object by its ephemeris at the message's TCA, the message's covariance if it has none."""
    t_s = ephemeris.seconds_at(message.tca_utc)
    state, covariance = ephemeris.states(t_s)[0], ephemeris.cov_rtn(t_s)
    return replace(
        thing,
        position_m=state[:3],
        velocity_m_s=state[3:],
        cov_rtn_m2=thing.cov_rtn_m2 if covariance is None else covariance[0],
    )

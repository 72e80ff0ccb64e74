"""The orbit ephemeris message as an object, in the message's own units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.time_scales import instant_after, utc_from
from mdss.notices import Notice

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class OemCovariance:
    """One covariance matrix of a segment.

    Parameters
    ----------
    t_s : float
        SI seconds after the segment's `reference_utc`.
    ref_frame : str
        COV_REF_FRAME in upper case ("RTN", "RSW", "TNW", "EME2000", ...); "" means the
        segment's REF_FRAME.
    matrix : array, shape (6, 6)
        Position and velocity, symmetric [km², km²/s, km²/s²]; not to be changed.
    comments : tuple of str
        Comments that belong to it.
    """

    t_s: float
    ref_frame: str = ""
    matrix: FloatArray
    comments: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OemCovariance):
            return NotImplemented
        return (
            (self.t_s, self.ref_frame, self.comments)
            == (other.t_s, other.ref_frame, other.comments)
        ) and np.array_equal(self.matrix, other.matrix)


@dataclass(frozen=True, kw_only=True, eq=False)
class OemSegment:
    """One piece of an ephemeris: within it, and nowhere across, states may be interpolated.

    Parameters
    ----------
    metadata : mapping
        Text by CCSDS keyword, unknown keywords too; not to be changed. Its dates are in
        `time_system`.
    comments : tuple of str
        Comments of the metadata.
    data_comments : tuple of str
        Comments of the states.
    reference_utc : datetime
        Epoch of the first state, timezone-aware UTC, to the microsecond.
    t_s : array, shape (n,)
        SI seconds after `reference_utc`, leap seconds counted, increasing; the first is what
        the microsecond leaves over, nearly always 0.
    states : array, shape (n, 6)
        Position and velocity in `ref_frame` at `center_name` [km], [km/s].
    accelerations : array, shape (n, 3), optional
        [km/s²].
    covariances : tuple of OemCovariance
        In order of time.

    Notes
    -----
    Equality compares what the message says. Frame and centre may be ones that nothing can be
    computed from: who computes refuses them.
    """

    metadata: Mapping[str, str]
    comments: tuple[str, ...] = ()
    data_comments: tuple[str, ...] = ()
    reference_utc: datetime
    t_s: FloatArray
    states: FloatArray
    accelerations: FloatArray | None = None
    covariances: tuple[OemCovariance, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OemSegment):
            return NotImplemented
        return self._texts() == other._texts() and all(
            np.array_equal(one, another)
            for one, another in zip(self._arrays(), other._arrays(), strict=True)
        )

    def _texts(self) -> tuple[object, ...]:
        return (
            dict(self.metadata),
            self.comments,
            self.data_comments,
            self.reference_utc,
            self.covariances,
        )

    def _arrays(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        none = np.empty((0, 3))
        return self.t_s, self.states, none if self.accelerations is None else self.accelerations

    def get(self, keyword: str) -> str:
        """The text of a metadata keyword, "" when it is absent."""
        return self.metadata.get(keyword, "")

    @property
    def object_name(self) -> str:
        """OBJECT_NAME, "" when absent."""
        return self.get("OBJECT_NAME")

    @property
    def object_id(self) -> str:
        """OBJECT_ID, "" when absent."""
        return self.get("OBJECT_ID")

    @property
    def center_name(self) -> str:
        """CENTER_NAME in upper case."""
        return self.get("CENTER_NAME").upper()

    @property
    def ref_frame(self) -> str:
        """REF_FRAME in upper case."""
        return self.get("REF_FRAME").upper()

    @property
    def ref_frame_epoch_utc(self) -> datetime | None:
        """REF_FRAME_EPOCH, UTC; None when absent."""
        return self.instant("REF_FRAME_EPOCH")

    @property
    def time_system(self) -> str:
        """TIME_SYSTEM in upper case: "UTC", "TAI", "TT", "GPS", "TDB" or "UT1"."""
        return self.get("TIME_SYSTEM").upper()

    @property
    def interpolation(self) -> str:
        """INTERPOLATION in upper case ("HERMITE", "LAGRANGE", "LINEAR"), "" when absent."""
        return self.get("INTERPOLATION").upper()

    @property
    def interpolation_degree(self) -> int | None:
        """INTERPOLATION_DEGREE; None when absent or no whole number above 0."""
        text = self.get("INTERPOLATION_DEGREE")
        return int(text) or None if text.isascii() and text.isdigit() else None

    @cached_property
    def first_state_utc(self) -> datetime:
        """Epoch of the first state, UTC."""
        return instant_after(self.reference_utc, float(self.t_s[0]))

    @cached_property
    def last_state_utc(self) -> datetime:
        """Epoch of the last state, UTC."""
        return instant_after(self.reference_utc, float(self.t_s[-1]))

    @cached_property
    def useable_start_utc(self) -> datetime:
        """From when on the states may be used, UTC: USEABLE_START_TIME, never before a state."""
        stated = self.instant("USEABLE_START_TIME")
        return self.first_state_utc if stated is None else max(stated, self.first_state_utc)

    @cached_property
    def useable_stop_utc(self) -> datetime:
        """Until when the states may be used, UTC: USEABLE_STOP_TIME, never after a state."""
        stated = self.instant("USEABLE_STOP_TIME")
        return self.last_state_utc if stated is None else min(stated, self.last_state_utc)

    def instant(self, keyword: str) -> datetime | None:
        """The date of a metadata keyword, UTC; None when it is absent."""
        text = self.get(keyword)
        return utc_from(text, self.time_system) if text else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Oem:
    """One orbit ephemeris message (CCSDS 502.0-B-2 or B-3).

    Parameters
    ----------
    version : str
        CCSDS_OEM_VERS.
    creation_date : str
        CREATION_DATE (UTC) as it is written, "" when absent.
    originator : str
        ORIGINATOR, "" when absent.
    message_id : str
        MESSAGE_ID, "" when absent (it came with version 3).
    classification : str
        CLASSIFICATION, "" when absent (it came with version 3).
    comments : tuple of str
        Comments of the header.
    extras : mapping
        Unknown keywords of the header, as text.
    segments : tuple of OemSegment
        At least one, in the file's order.
    notices : tuple of Notice
        What reading had to assume; not part of equality.
    source : str
        File name; not part of equality.
    """

    version: str = "3.0"
    creation_date: str = ""
    originator: str = ""
    message_id: str = ""
    classification: str = ""
    comments: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)
    segments: tuple[OemSegment, ...]
    notices: tuple[Notice, ...] = ()
    source: str = ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Oem):
            return NotImplemented
        return self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        header = (self.version, self.creation_date, self.originator, self.message_id)
        return (*header, self.classification, self.comments, dict(self.extras), self.segments)

    @property
    def object_id(self) -> str:
        """OBJECT_ID of the first segment."""
        return self.segments[0].object_id

    @property
    def object_name(self) -> str:
        """OBJECT_NAME of the first segment."""
        return self.segments[0].object_name

    @property
    def created_utc(self) -> datetime | None:
        """CREATION_DATE, UTC; None when absent."""
        return utc_from(self.creation_date) if self.creation_date else None

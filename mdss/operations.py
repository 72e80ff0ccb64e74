"""What the mission allows and when: burns, payload, ground contacts, lead times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import OperationsError
from mdss.time_windows import (
    Contact,
    Eclipse,
    PayloadActivity,
    StandingManeuver,
    Station,
    TimeWindow,
)
from mdss.toml_file import Place, build, read_table, require_not_negative
from mdss.units import HOUR_S, iso, seconds_between, shifted

__all__ = [
    "Contact",
    "Eclipse",
    "Operations",
    "PayloadActivity",
    "StandingManeuver",
    "Station",
    "TimeWindow",
]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_MINUTE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Operations:
    """Windows and lead times around one conjunction.

    Parameters
    ----------
    no_burn : tuple of TimeWindow
        Times that no part of a burn may touch.
    payload : tuple of PayloadActivity
        Payload schedule; minutes outside it cost nothing. Empty: no schedule is known and
        every minute costs one.
    contacts : tuple of Contact
        With the ground; a plain window is one both ways. Without contacts and stations the ground
        is in touch at any time.
    stations : tuple of Station
        Places whose contacts `mdss.planner.windows` computes from the orbit and adds.
    minimum_contact_s : float
        Shorter passes over stations do not count, and a contact that confirms a burn must last
        that long after it [s].
    confirm_within_s : float, optional
        A downlink must be open or start at most so long after the end of each burn [s].
    confirm_before_tca : bool
        Whether that downlink must come before TCA, for burns before it.
    burns_in_eclipse : bool
        False: no part of a burn may be in umbra or penumbra.
    standing : tuple of StandingManeuver
        Burns that are planned already; no other burn may overlap them.
    command_lead_s : float
        From the last possible upload of a command to the end of the contact [s].
    decision_lead_s : float
        From the decision to the upload [s].
    planning_horizon_s : float
        How long before TCA burns are considered [s].
    minimum_lead_s : float
        The latest burn, before TCA [s].
    eclipses : tuple of Eclipse
        Computed by `mdss.planner.windows` where something asks for them; not in a file.
    assumed : tuple of str
        Names of the fields that the answer rests on and nobody gave.

    Raises
    ------
    OperationsError
        If a lead is negative, the horizon is not longer than the minimum lead, or standing
        maneuvers overlap.
    """

    no_burn: tuple[TimeWindow, ...] = ()
    payload: tuple[PayloadActivity, ...] = ()
    contacts: tuple[Contact, ...] = ()
    stations: tuple[Station, ...] = ()
    minimum_contact_s: float = 0.0
    confirm_within_s: float | None = None
    confirm_before_tca: bool = False
    burns_in_eclipse: bool = True
    standing: tuple[StandingManeuver, ...] = ()
    command_lead_s: float = 0.0
    decision_lead_s: float = 0.0
    planning_horizon_s: float = 24 * HOUR_S
    minimum_lead_s: float = 0.5 * HOUR_S
    eclipses: tuple[Eclipse, ...] = ()
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in _NOT_NEGATIVE_S:
            require_not_negative(OperationsError, "s", **{name: getattr(self, name)})
        if not self.planning_horizon_s > self.minimum_lead_s:
            raise OperationsError(
                f"planning_horizon_s is {self.planning_horizon_s:g}; it must be above"
                f" minimum_lead_s ({self.minimum_lead_s:g} s)"
            )
        object.__setattr__(self, "contacts", tuple(Contact.of(one) for one in self.contacts))
        in_order = sorted(self.standing, key=lambda one: one.epoch_utc)
        for first, other in pairwise(in_order):
            if other.start_utc <= first.end_utc:
                raise OperationsError(
                    f"standing: {other} starts before {first} ends, at {iso(first.end_utc)};"
                    " one spacecraft flies one burn at a time"
                )
        object.__setattr__(self, "standing", tuple(in_order))

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Operations:
        """The operations of a TOML file whose keys are the field names.

        Fields that the file leaves out and that matter are listed in `assumed`. An empty list of
        payload activities, contacts or stations is refused, since leaving it out means something
        else.

        Raises
        ------
        OperationsError
            With file, key, value and what is needed.
        """
        place = Place(str(path), OperationsError)
        table = read_table(path, OperationsError)
        for key, remedy in _IF_EMPTY.items():
            if table.get(key) == []:
                raise (place / key).wrong(f"is empty; {remedy}")
        operations = build(cls, table, place, hidden=("assumed", "eclipses"))
        object.__setattr__(operations, "assumed", _absent(table))
        return operations

    @classmethod
    def unconstrained(cls) -> Operations:
        """No windows, no payload schedule, an uplink at any time, no leads: all assumed."""
        return cls(assumed=_ASSUMED_IF_ABSENT)

    @property
    def contacts_known(self) -> bool:
        """Whether contacts or stations were given; if not, the ground is in touch at any time."""
        return bool(self.contacts or self.stations)

    @property
    def uplinks(self) -> tuple[Contact, ...]:
        """Contacts in which commands can be sent."""
        return tuple(one for one in self.contacts if one.uplink)

    @property
    def downlinks(self) -> tuple[Contact, ...]:
        """Contacts in which telemetry comes back."""
        return tuple(one for one in self.contacts if one.downlink)

    @property
    def asks_for_confirmation(self) -> bool:
        """Whether a burn needs a downlink after it."""
        return self.confirm_within_s is not None or self.confirm_before_tca

    def blocked_by(self, start_utc: datetime, end_utc: datetime) -> str | None:
        """What the no-burn window is called that a burn touches; None when it touches none."""
        for window in self.no_burn:
            if window.touches(start_utc, end_utc):
                return str(window)
        return None

    def shadow_touched(self, start_utc: datetime, end_utc: datetime) -> str | None:
        """The shadow that a span touches, in words; None when it is sunlit."""
        for one in self.eclipses:
            part = one.part_touched(start_utc, end_utc)
            if part:
                window = one.umbra if part == "umbra" and one.umbra else one
                return f"{part} ({iso(window.start_utc)} to {iso(window.end_utc)})"
        return None

    def blocked(self, tca_utc: datetime, start_t_s: ArrayLike, end_t_s: ArrayLike) -> BoolArray:
        """Whether burns touch a no-burn window.

        Parameters
        ----------
        tca_utc : datetime
        start_t_s, end_t_s : array_like, shape (n,)
            Start and end of each burn, seconds from TCA (negative before it) [s].

        Returns
        -------
        array of bool, shape (n,)
        """
        return _touching(self.no_burn, tca_utc, start_t_s, end_t_s)

    def in_shadow(self, tca_utc: datetime, start_t_s: ArrayLike, end_t_s: ArrayLike) -> BoolArray:
        """Whether spans touch an eclipse, umbra or penumbra; arguments as for `blocked`."""
        return _touching(self.eclipses, tca_utc, start_t_s, end_t_s)

    def confirmed(self, tca_utc: datetime, end_t_s: ArrayLike) -> BoolArray:
        """Whether burns have the downlink after them that is asked for.

        Parameters
        ----------
        tca_utc : datetime
        end_t_s : array_like, shape (n,)
            End of each burn, seconds from TCA [s].

        Returns
        -------
        array of bool, shape (n,)
            True where nothing is asked for, or the ground is in touch at any time.
        """
        end = np.asarray(end_t_s, dtype=float)
        if not (self.asks_for_confirmation and self.contacts_known):
            return np.ones(end.shape, dtype=bool)
        low, high = _edges(self.downlinks, tca_utc)
        heard = np.maximum(low, end[..., None])
        enough = (heard < high) & (heard + self.minimum_contact_s <= high)
        if self.confirm_within_s is not None:
            enough &= heard <= end[..., None] + self.confirm_within_s
        if self.confirm_before_tca:
            enough &= (heard + self.minimum_contact_s <= 0) | (end[..., None] >= 0)
        return np.asarray(enough.any(axis=-1), dtype=bool)

    def interruption_min(self, start_utc: datetime, end_utc: datetime) -> float:
        """Weighted payload minutes lost between two instants; see `interruption`."""
        length_s = seconds_between(start_utc, end_utc)
        return float(self.interruption(start_utc, 0.0, length_s))

    def interruption(
        self, tca_utc: datetime, start_t_s: ArrayLike, end_t_s: ArrayLike
    ) -> FloatArray:
        """Weighted payload minutes lost while the spacecraft is busy with a burn.

        An activity of weight w that overlaps by m minutes costs w·m; activities at the same
        time add up. Without a payload schedule every minute costs one.

        Parameters
        ----------
        tca_utc : datetime
        start_t_s, end_t_s : array_like, shape (n,)
            From slew start to the end of the slew back, seconds from TCA [s].

        Returns
        -------
        array, shape (n,)
            Weighted minutes [min].
        """
        start, end = _pair(start_t_s, end_t_s)
        if not self.payload:
            return np.asarray((end - start) / _MINUTE_S, dtype=float)
        low, high = _edges(self.payload, tca_utc)
        weight = np.array([activity.weight for activity in self.payload])
        common_s = np.minimum(end[..., None], high) - np.maximum(start[..., None], low)
        return np.asarray(np.clip(common_s, 0.0, None) @ weight / _MINUTE_S, dtype=float)

    def interruption_of_union(self, tca_utc: datetime, intervals_t_s: ArrayLike) -> float:
        """Weighted payload minutes lost over several spans, times in common counted once.

        Parameters
        ----------
        tca_utc : datetime
        intervals_t_s : array_like, shape (k, 2)
            Starts and ends in any order, seconds from TCA [s].

        Returns
        -------
        float
            [min].
        """
        merged = _merged(np.asarray(intervals_t_s, dtype=float).reshape(-1, 2))
        return float(np.sum(self.interruption(tca_utc, merged[:, 0], merged[:, 1])))

    def commit_by_utc(self, slew_start_utc: datetime) -> datetime | None:
        """When the decision must be made for a burn whose slew starts at an instant.

        The end of the last uplink contact that ends before the slew starts, minus command lead,
        minus decision lead. Without contacts, the slew start minus both leads. None when no
        contact ends before the slew.
        """
        uplink_end = self._last_uplink_end(slew_start_utc)
        lead_s = self.command_lead_s + self.decision_lead_s
        return None if uplink_end is None else shifted(uplink_end, -lead_s)

    def cancel_by_utc(self, burn_start_utc: datetime) -> datetime | None:
        """When the burn can be cancelled for the last time.

        The end of the last contact that ends before the burn, minus command lead; without
        contacts, the burn start minus command lead. None when no contact ends before it.
        """
        uplink_end = self._last_uplink_end(burn_start_utc)
        return None if uplink_end is None else shifted(uplink_end, -self.command_lead_s)

    def commit_by(self, tca_utc: datetime, slew_start_t_s: ArrayLike) -> FloatArray:
        """`commit_by_utc` of many slew starts.

        Parameters
        ----------
        tca_utc : datetime
        slew_start_t_s : array_like, shape (n,)
            Seconds from TCA [s].

        Returns
        -------
        array, shape (n,)
            Seconds from TCA [s]; -inf where no contact is left.
        """
        start = np.asarray(slew_start_t_s, dtype=float)
        lead_s = self.command_lead_s + self.decision_lead_s
        if not self.contacts_known:
            return np.asarray(start - lead_s, dtype=float)
        ends = np.sort(_edges(self.uplinks, tca_utc)[1])
        at = np.searchsorted(ends, start, side="right")
        return np.asarray(np.r_[-np.inf, ends][at] - lead_s, dtype=float)

    def _last_uplink_end(self, before_utc: datetime) -> datetime | None:
        if not self.contacts_known:
            return before_utc
        ends = [window.end_utc for window in self.uplinks if window.end_utc <= before_utc]
        return max(ends, default=None)


_IF_EMPTY = {
    "payload": "leave the key out when no schedule is known (every minute counts),"
    " or give one activity of weight 0 when the payload is off",
    "contacts": "leave the key out when an uplink is possible at any time, or list the contacts",
    "stations": "leave the key out when contacts are given as intervals or possible at any time",
}

_NOT_NEGATIVE_S = (
    "command_lead_s",
    "decision_lead_s",
    "minimum_lead_s",
    "minimum_contact_s",
    "confirm_within_s",
    "planning_horizon_s",
)

# Where a file may leave these out, the default is an assumption that the answer rests on.
_ASSUMED_IF_ABSENT = (
    "no_burn",
    "payload",
    "contacts",
    "command_lead_s",
    "decision_lead_s",
    "planning_horizon_s",
    "minimum_lead_s",
)


def _absent(given: Mapping[str, object]) -> tuple[str, ...]:
    known = {*given, "contacts"} if "stations" in given else set(given)
    return tuple(name for name in _ASSUMED_IF_ABSENT if name not in known)


def _pair(start: ArrayLike, end: ArrayLike) -> tuple[FloatArray, FloatArray]:
    pair = np.broadcast_arrays(np.asarray(start, dtype=float), np.asarray(end, dtype=float))
    return pair[0], pair[1]


def _touching(
    windows: Sequence[TimeWindow], tca_utc: datetime, start_t_s: ArrayLike, end_t_s: ArrayLike
) -> BoolArray:
    start, end = _pair(start_t_s, end_t_s)
    low, high = _edges(windows, tca_utc)
    touches = (start[..., None] <= high) & (end[..., None] >= low)
    return np.asarray(touches.any(axis=-1), dtype=bool)


def _merged(spans: FloatArray) -> FloatArray:
    """The union of spans, shape (k, 2), as spans that have nothing in common."""
    starts, ends = spans[np.argsort(spans[:, 0])].T
    reached = np.maximum.accumulate(ends)
    fresh = np.r_[True, starts[1:] > reached[:-1]][: starts.size]
    last = np.r_[fresh[1:], True][: starts.size]
    return np.stack([starts[fresh], reached[last]], axis=1)


def _edges(windows: Sequence[TimeWindow], tca_utc: datetime) -> tuple[FloatArray, FloatArray]:
    """Starts and ends in seconds from TCA, each of shape (windows,)."""
    starts = [seconds_between(tca_utc, window.start_utc) for window in windows]
    ends = [seconds_between(tca_utc, window.end_utc) for window in windows]
    return np.array(starts, dtype=float), np.array(ends, dtype=float)

"""What the mission allows and when: burns, payload, ground contacts, lead times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import MdssError, OperationsError
from mdss.toml_file import Place, build, read_table, require_not_negative
from mdss.units import HOUR_S, as_utc, iso, seconds_between, shifted

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_MINUTE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class TimeWindow:
    """From one instant to a later one.

    Parameters
    ----------
    start_utc, end_utc : datetime
        Timezone-aware.
    label : str
        What it is, for people.

    Raises
    ------
    OperationsError
        If an instant has no time zone or the window does not end after its start.
    """

    start_utc: datetime
    end_utc: datetime
    label: str = ""

    def __post_init__(self) -> None:
        for name in ("start_utc", "end_utc"):
            object.__setattr__(self, name, _aware(name, getattr(self, name)))
        if not self.end_utc > self.start_utc:
            raise OperationsError(
                f"end_utc is {iso(self.end_utc)}; it must be after start_utc {iso(self.start_utc)}"
            )

    def __str__(self) -> str:
        span = f"{iso(self.start_utc)} to {iso(self.end_utc)}"
        return f"{self.label} ({span})" if self.label else span


def _aware(name: str, instant: datetime) -> datetime:
    try:
        return as_utc(instant)
    except MdssError as problem:
        raise OperationsError(f"{name}: {problem}") from None


@dataclass(frozen=True, kw_only=True)
class PayloadActivity(TimeWindow):
    """A time in which the payload works; losing a minute of it costs `weight` minutes.

    Parameters
    ----------
    weight : float
        Importance relative to an ordinary minute, 0 or more.
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_not_negative(OperationsError, "", weight=self.weight)


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
    contacts : tuple of TimeWindow
        Uplink contacts. Empty: an uplink is possible at any time.
    command_lead_s : float
        From the last possible upload of a command to the end of the contact [s].
    decision_lead_s : float
        From the decision to the upload [s].
    planning_horizon_s : float
        How long before TCA burns are considered [s].
    minimum_lead_s : float
        The latest burn, before TCA [s].
    assumed : tuple of str
        Names of the fields that nobody gave.

    Raises
    ------
    OperationsError
        If a lead is negative or the horizon is not longer than the minimum lead.
    """

    no_burn: tuple[TimeWindow, ...] = ()
    payload: tuple[PayloadActivity, ...] = ()
    contacts: tuple[TimeWindow, ...] = ()
    command_lead_s: float = 0.0
    decision_lead_s: float = 0.0
    planning_horizon_s: float = 24 * HOUR_S
    minimum_lead_s: float = 0.5 * HOUR_S
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("command_lead_s", "decision_lead_s", "minimum_lead_s"):
            require_not_negative(OperationsError, "s", **{name: getattr(self, name)})
        require_not_negative(OperationsError, "s", planning_horizon_s=self.planning_horizon_s)
        if not self.planning_horizon_s > self.minimum_lead_s:
            raise OperationsError(
                f"planning_horizon_s is {self.planning_horizon_s:g}; it must be above"
                f" minimum_lead_s ({self.minimum_lead_s:g} s)"
            )

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Operations:
        """The operations of a TOML file whose keys are the field names.

        Fields that the file leaves out are listed in `assumed`. An empty list of payload
        activities or contacts is refused, since leaving it out means something else.

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
        operations = build(cls, table, place, hidden=("assumed",))
        object.__setattr__(operations, "assumed", _absent(cls, table))
        return operations

    @classmethod
    def unconstrained(cls) -> Operations:
        """No windows, no payload schedule, an uplink at any time, no leads: all assumed."""
        return cls(assumed=_absent(cls, ()))

    def blocked_by(self, start_utc: datetime, end_utc: datetime) -> str | None:
        """What the no-burn window is called that a burn touches; None when it touches none."""
        for window in self.no_burn:
            if start_utc <= window.end_utc and end_utc >= window.start_utc:
                return str(window)
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
        start, end = _pair(start_t_s, end_t_s)
        low, high = _edges(self.no_burn, tca_utc)
        touches = (start[..., None] <= high) & (end[..., None] >= low)
        return np.asarray(touches.any(axis=-1), dtype=bool)

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

    def commit_by_utc(self, slew_start_utc: datetime) -> datetime | None:
        """When the decision must be made for a burn whose slew starts at an instant.

        The end of the last contact that ends before the slew starts, minus command lead,
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
        if not self.contacts:
            return np.asarray(start - lead_s, dtype=float)
        ends = np.sort(_edges(self.contacts, tca_utc)[1])
        at = np.searchsorted(ends, start, side="right")
        return np.asarray(np.r_[-np.inf, ends][at] - lead_s, dtype=float)

    def _last_uplink_end(self, before_utc: datetime) -> datetime | None:
        if not self.contacts:
            return before_utc
        ends = [window.end_utc for window in self.contacts if window.end_utc <= before_utc]
        return max(ends, default=None)


_IF_EMPTY = {
    "payload": "leave the key out when no schedule is known (every minute counts),"
    " or give one activity of weight 0 when the payload is off",
    "contacts": "leave the key out when an uplink is possible at any time, or list the contacts",
}


def _absent(cls: type[Operations], given: object) -> tuple[str, ...]:
    names = (f.name for f in fields(cls) if f.name != "assumed")
    return tuple(name for name in names if name not in given)  # type: ignore[operator]


def _pair(start: ArrayLike, end: ArrayLike) -> tuple[FloatArray, FloatArray]:
    pair = np.broadcast_arrays(np.asarray(start, dtype=float), np.asarray(end, dtype=float))
    return pair[0], pair[1]


def _edges(windows: Sequence[TimeWindow], tca_utc: datetime) -> tuple[FloatArray, FloatArray]:
    """Starts and ends in seconds from TCA, each of shape (windows,)."""
    starts = [seconds_between(tca_utc, window.start_utc) for window in windows]
    ends = [seconds_between(tca_utc, window.end_utc) for window in windows]
    return np.array(starts, dtype=float), np.array(ends, dtype=float)

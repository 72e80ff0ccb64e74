"""Spans of time in which something happens: payload work, contacts, eclipses, planned burns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from mdss.errors import MdssError, OperationsError
from mdss.toml_file import require, require_not_negative
from mdss.units import as_utc, iso, shifted


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

    def touches(self, start_utc: datetime, end_utc: datetime) -> bool:
        """Whether it has an instant in common with a span."""
        return start_utc <= self.end_utc and end_utc >= self.start_utc


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
class Contact(TimeWindow):
    """A time in which the ground talks to the spacecraft.

    Parameters
    ----------
    uplink : bool
        Whether commands can be sent.
    downlink : bool
        Whether telemetry comes back.

    Raises
    ------
    OperationsError
        As for a window, or if it is neither.
    """

    uplink: bool = True
    downlink: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.uplink or self.downlink):
            raise OperationsError(
                f"contact {self} has neither uplink nor downlink; give one or leave it out"
            )

    @classmethod
    def of(cls, window: TimeWindow) -> Contact:
        """A plain window as a contact both ways."""
        if isinstance(window, Contact):
            return window
        return cls(start_utc=window.start_utc, end_utc=window.end_utc, label=window.label)


@dataclass(frozen=True, kw_only=True)
class Pass(Contact):
    """A contact that was computed from the place of a station."""


@dataclass(frozen=True, kw_only=True)
class Eclipse(TimeWindow):
    """A passage through the shadow of the central body, penumbra included.

    Parameters
    ----------
    umbra : TimeWindow, optional
        The part in total shadow; None where the Sun is never quite covered.
    """

    umbra: TimeWindow | None = None

    def part_touched(self, start_utc: datetime, end_utc: datetime) -> str:
        """ "umbra" or "penumbra", the deepest shadow that a span touches; "" where none."""
        if self.umbra is not None and self.umbra.touches(start_utc, end_utc):
            return "umbra"
        return "penumbra" if self.touches(start_utc, end_utc) else ""


@dataclass(frozen=True, kw_only=True)
class StandingManeuver:
    """A burn of the spacecraft that is planned already, for another reason.

    Parameters
    ----------
    epoch_utc : datetime
        Its middle, timezone-aware.
    dv_rtn_m_s : tuple of three floats
        Delta-v, RTN of the spacecraft at the middle of the burn [m/s].
    duration_s : float
        How long it lasts [s]; 0 is an impulse.
    label : str
        What it is, for people.
    in_message : bool
        Whether the orbit behind the conjunction message holds it already.

    Raises
    ------
    OperationsError
        If a number is not possible or the burn is zero.
    """

    epoch_utc: datetime
    dv_rtn_m_s: tuple[float, float, float]
    duration_s: float = 0.0
    label: str = ""
    in_message: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "epoch_utc", _aware("epoch_utc", self.epoch_utc))
        require_not_negative(OperationsError, "s", duration_s=self.duration_s)
        good = len(self.dv_rtn_m_s) == 3 and math.isfinite(self.dv_m_s) and self.dv_m_s > 0
        needed = "three finite numbers (radial, transverse, normal), not all zero"
        require(good, OperationsError, "dv_rtn_m_s", list(self.dv_rtn_m_s), needed)

    @property
    def dv_m_s(self) -> float:
        """Size of the delta-v [m/s]."""
        return math.hypot(*self.dv_rtn_m_s)

    @property
    def start_utc(self) -> datetime:
        """When it starts to burn."""
        return shifted(self.epoch_utc, -0.5 * self.duration_s)

    @property
    def end_utc(self) -> datetime:
        """When it stops."""
        return shifted(self.epoch_utc, 0.5 * self.duration_s)

    def __str__(self) -> str:
        return f"{self.label or 'standing maneuver'} ({iso(self.epoch_utc)})"


@dataclass(frozen=True, kw_only=True)
class Station:
    """A place on the ground that talks to the spacecraft whenever it stands high enough.

    Parameters
    ----------
    name : str
    latitude_deg : float
        Geodetic (planetographic), -90 to 90 [deg].
    longitude_deg : float
        East, -180 to 360 [deg].
    altitude_m : float
        Above the ellipsoid [m].
    elevation_mask_deg : float
        Lowest elevation, -5 to below 90 [deg].
    uplink, downlink : bool
        What the station can do.
    body : str
        "earth": an antenna on the Earth for an orbiter of Mars or the Moon. "": the body that
        the spacecraft orbits.

    Raises
    ------
    OperationsError
        If a number is not possible, or the station can do neither.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float = 0.0
    elevation_mask_deg: float = 5.0
    uplink: bool = True
    downlink: bool = True
    body: str = ""

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            good = math.isfinite(value) and low <= value <= high
            require(good, OperationsError, name, value, f"{low:g} to {high:g}")
        if not (self.uplink or self.downlink):
            raise OperationsError(
                f"station {self.name!r} has neither uplink nor downlink; give one or leave it out"
            )
        object.__setattr__(self, "body", self.body.strip().lower())
        require(self.body in ("", "earth"), OperationsError, "body", self.body, "earth or left out")


_RANGES = (
    ("latitude_deg", -90.0, 90.0),
    ("longitude_deg", -180.0, 360.0),
    ("altitude_m", -12_000.0, 100_000.0),
    ("elevation_mask_deg", -5.0, 89.9),
)

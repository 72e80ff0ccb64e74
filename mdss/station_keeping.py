"""The station-keeping box: how far a plan may take the orbit from the one that was meant."""

from __future__ import annotations

from dataclasses import dataclass, fields

from mdss.errors import SpacecraftError
from mdss.toml_file import require, require_above_zero

SIDES = ("semi_major_axis_m", "along_track_m", "local_time_s", "ground_track_m", "eccentricity")
"""The half-widths that a box can have."""


@dataclass(frozen=True, kw_only=True)
class StationKeepingBox:
    """Half-widths about the reference orbit, and where the spacecraft is between them now.

    What a plan does is measured against the orbit that the spacecraft would have without it: what
    drag, the Sun and the Moon do to both alike is not part of it.

    Parameters
    ----------
    semi_major_axis_m : float, optional
        Half-width in mean semi-major axis [m].
    along_track_m : float, optional
        Half-width in the distance along the track [m].
    local_time_s : float, optional
        Half-width in the local time of the ascending node [s]; 86 400 s are a full turn, about
        every body.
    ground_track_m : float, optional
        Half-width of the ground track where it crosses the equator [m].
    eccentricity : float, optional
        Radius about the present eccentricity vector.
    return_within_h, hold_h : float
        From and until how long after TCA the box must hold [h]. Return burns are fired before
        it must; in between the orbit may drift back by itself.
    always : bool
        Whether the box must hold during an excursion too, from the first burn on.
    semi_major_axis_offset_m, along_track_offset_m : float, optional
        Where the spacecraft is in the box at TCA without a plan: how much higher, and ahead [m].
        Not given: in the middle, which is then an assumption.
    local_time_offset_s, ground_track_offset_m : float, optional
        How much later its node [s], and farther east its ground track [m].

    Raises
    ------
    SpacecraftError
        If there is no half-width, one is not possible, the spacecraft starts outside, or the
        time to return leaves none to hold.

    Examples
    --------
    >>> StationKeepingBox(semi_major_axis_m=30.0, along_track_m=2000.0).sides
    {'semi_major_axis_m': 30.0, 'along_track_m': 2000.0}
    """

    semi_major_axis_m: float | None = None
    along_track_m: float | None = None
    local_time_s: float | None = None
    ground_track_m: float | None = None
    eccentricity: float | None = None
    hold_h: float = 48.0
    return_within_h: float = 24.0
    always: bool = False
    semi_major_axis_offset_m: float | None = None
    along_track_offset_m: float | None = None
    local_time_offset_s: float | None = None
    ground_track_offset_m: float | None = None

    def __post_init__(self) -> None:
        for name in SIDES:
            require_above_zero(SpacecraftError, _unit(name), **{name: getattr(self, name)})
        if not self.sides:
            raise SpacecraftError(f"the station-keeping box has no side; give one of {_names()}")
        round_enough = self.eccentricity is None or self.eccentricity < 1
        require(round_enough, SpacecraftError, "eccentricity", self.eccentricity, "below 1")
        require_above_zero(
            SpacecraftError, "h", hold_h=self.hold_h, return_within_h=self.return_within_h
        )
        after = f"below hold_h ({self.hold_h:g} h), so that the box is held after the return"
        within = self.return_within_h
        require(within < self.hold_h, SpacecraftError, "return_within_h", within, after)
        self._check_offsets()

    def _check_offsets(self) -> None:
        for side in SIDES[:-1]:
            name, half = offset_name(side), getattr(self, side)
            value = getattr(self, name)
            if value is None:
                continue
            if half is None:
                raise SpacecraftError(f"{name} is given but {side} is not; give both or neither")
            inside = f"less than the half-width {half:g} {_unit(side)}, either way"
            require(abs(value) < half, SpacecraftError, name, value, inside)

    @property
    def sides(self) -> dict[str, float]:
        """The half-widths that are given, by name."""
        given = {name: getattr(self, name) for name in SIDES}
        return {name: half for name, half in given.items() if half is not None}

    def offset(self, side: str) -> float:
        """Where the spacecraft is on a side now, in half-widths: -1 to 1."""
        value = getattr(self, offset_name(side), None)
        return 0.0 if value is None else value / self.sides[side]

    @property
    def assumed(self) -> tuple[str, ...]:
        """Names of the offsets that nobody gave and that are taken as zero."""
        names = [offset_name(side) for side in self.sides]
        known = {field.name for field in fields(self)}
        return tuple(name for name in names if name in known and getattr(self, name) is None)


def offset_name(side: str) -> str:
    """The field that says where the spacecraft is on a side: unit last, like every name."""
    stem, _, unit = side.rpartition("_")
    return f"{stem}_offset_{unit}"


def _unit(side: str) -> str:
    return side.rpartition("_")[2] if side != "eccentricity" else ""


def _names() -> str:
    return ", ".join(SIDES)

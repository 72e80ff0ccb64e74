"""Contacts and eclipses computed from the spacecraft's orbit, once, before anything is planned.

What asks for neither costs nothing. All that comes later sees windows with labels, whether they
were given or computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import Body, body
from mdss.astro.closest import perigee_rate_rad_s
from mdss.astro.crossings import intervals_above_zero
from mdss.astro.eclipse import Curve, shadow, slow_path
from mdss.astro.ellipsoid import site
from mdss.astro.interpolation import Interpolant
from mdss.astro.numerical import propagate
from mdss.astro.visibility import LIGHT_M_S, clear_of_body_rad, elevation_rad, seen_from_m
from mdss.conjunction import Conjunction
from mdss.forces import force_model
from mdss.operations import Operations
from mdss.spacecraft import Spacecraft
from mdss.time_windows import Contact, Eclipse, Pass, Station, TimeWindow
from mdss.units import DAY_S, HOUR_S, shifted

FloatArray = NDArray[np.float64]

_BEFORE_S = DAY_S  # the last pass before the earliest burn; the gap between passes is shorter
_AFTER_S = DAY_S  # after the last burn: passes that confirm it
_STEP_RAD = 0.06  # at the perigee's angular rate: 105 points a revolution of a circle
_LONGEST_STEP_S = 600.0  # the Earth turns by 2.5°
_TOLERANCE = 1e-10  # of a step: metres in a week
_EDGE_S = 0.01


def computed(
    operations: Operations, spacecraft: Spacecraft, conjunction: Conjunction
) -> Operations:
    """The operations with contacts of stations and eclipses filled in, where asked for.

    Parameters
    ----------
    operations : Operations
        What was computed before is computed anew.
    spacecraft : Spacecraft
        Its thrusters may need sunlight.
    conjunction : Conjunction
        The primary is the spacecraft; its orbit is that of the message.

    Returns
    -------
    Operations
        Contacts in time order, from a day before the planning horizon to a day after TCA, or after
        the last return burn that a station-keeping box allows; edges
        good to 0.1 s for the orbit of the message, which itself is off by a second after 8 km
        of in-track error.

    Raises
    ------
    PropagationError
        If the orbit cannot be propagated.
    """
    shadows = not operations.burns_in_eclipse or any(
        one.sunlit_only for one in spacecraft.thrusters
    )
    if not (operations.stations or shadows):
        return operations
    box = spacecraft.station_keeping
    returning_s = box.return_within_h * HOUR_S if box is not None else 0.0
    sky = _Sky(conjunction, operations.planning_horizon_s, returning_s)
    given = [one for one in operations.contacts if not isinstance(one, Pass)]
    passes = [
        one
        for station in operations.stations
        for one in sky.passes(station, operations.minimum_contact_s)
    ]
    return replace(
        operations,
        contacts=_in_order([*given, *passes]),
        eclipses=sky.eclipses() if shadows else (),
    )


def _in_order(contacts: list[Contact]) -> tuple[Contact, ...]:
    return tuple(sorted(contacts, key=lambda one: (one.start_utc, one.end_utc, one.label)))


class _Sky:
    """Where the primary is, and what it sees, around the planning horizon."""

    def __init__(self, conjunction: Conjunction, horizon_s: float, returning_s: float) -> None:
        self.conjunction = conjunction
        self.epoch_utc = conjunction.tca_utc
        self.central: Body = conjunction.body
        self.span_s = (-horizon_s - _BEFORE_S, returning_s + _AFTER_S)

    @cached_property
    def grid_s(self) -> FloatArray:
        """Times so dense that a pass or an eclipse has its turn between neighbours at most."""
        ours = self.conjunction.primary
        state = np.concatenate([ours.position_m, ours.velocity_m_s])[None]
        rate = float(perigee_rate_rad_s(state, self.central.gm_m3_s2)[0])
        step_s = min(_STEP_RAD / rate, _LONGEST_STEP_S)
        start, end = self.span_s
        return np.linspace(start, end, 2 + math.ceil((end - start) / step_s))

    @cached_property
    def curve(self) -> Curve:
        """States at any times of the span."""
        ours = self.conjunction.primary
        states = propagate(
            ours.position_m,
            ours.velocity_m_s,
            self.epoch_utc,
            self.grid_s,
            force_model(self.conjunction),
            tolerance=_TOLERANCE,
        )
        return Interpolant(t_s=self.grid_s, states=states, mu_m3_s2=self.central.gm_m3_s2)

    # contacts

    def passes(self, station: Station, shortest_s: float) -> Iterator[Pass]:
        """The contacts of one station that last long enough."""
        view = _View(station, self)
        for start, end in intervals_above_zero(view.margin, self.grid_s, _EDGE_S):
            if end - start >= shortest_s and end > start:
                highest = math.degrees(view.highest_rad(start, end))
                yield Pass(
                    start_utc=shifted(self.epoch_utc, start),
                    end_utc=shifted(self.epoch_utc, end),
                    label=f"{station.name}, up to {highest:.0f}°",
                    uplink=station.uplink,
                    downlink=station.downlink,
                )

    # eclipses

    def eclipses(self) -> tuple[Eclipse, ...]:
        """Passages through the shadow of the central body."""
        found = shadow(self.curve, self.grid_s, self.epoch_utc, self.central)
        return tuple(
            Eclipse(
                start_utc=shifted(self.epoch_utc, start),
                end_utc=shifted(self.epoch_utc, end),
                label="eclipse",
                umbra=self._umbra(found.umbra_s, start, end),
            )
            for start, end in found.any_s
        )

    def _umbra(self, umbras: FloatArray, start: float, end: float) -> TimeWindow | None:
        inside = umbras[(umbras[:, 0] >= start) & (umbras[:, 1] <= end)]
        if not inside.size:
            return None
        low, high = (shifted(self.epoch_utc, t_s) for t_s in (inside[0, 0], inside[-1, 1]))
        return TimeWindow(start_utc=low, end_utc=high, label="umbra")


class _View:
    """The spacecraft seen from one station."""

    def __init__(self, station: Station, sky: _Sky) -> None:
        self.sky = sky
        self.ground = body(station.body) if station.body else sky.central
        self.place = site(
            math.radians(station.latitude_deg),
            math.radians(station.longitude_deg),
            station.altitude_m,
            self.ground,
        )
        self.mask_rad = math.radians(station.elevation_mask_deg)
        # a command leaves the ground before, telemetry arrives after it
        self.legs = [-1.0] * station.uplink + [1.0] * station.downlink

    def margin(self, t_s: FloatArray) -> FloatArray:
        """Above 0 where the station can do what it is for [rad]."""
        high = self.elevation_rad(t_s) - self.mask_rad
        if not self.far:
            return high
        position = self.sky.curve(t_s)[:, :3]
        away = self.centre(t_s) + position
        clear = clear_of_body_rad(position, -away, self.sky.central.radius_m)
        return np.minimum(high, clear)

    @cached_property
    def centre(self) -> Curve:
        """The body that is orbited, seen from the one that the station stands on [m]."""
        sky = self.sky
        return slow_path(
            lambda t_s: seen_from_m(self.ground, sky.central, sky.epoch_utc, t_s), *sky.span_s
        )

    @property
    def far(self) -> bool:
        """Whether the station stands on another body than the one that is orbited."""
        return self.ground.name != self.sky.central.name

    def elevation_rad(self, t_s: FloatArray) -> FloatArray:
        """The lowest of those at which signals leave and arrive; the light time of far ones."""
        epoch, position = self.sky.epoch_utc, self.sky.curve(t_s)[:, :3]
        if not self.far:
            return elevation_rad(self.place, self.ground, position, epoch, t_s)
        away = self.centre(t_s) + position
        light_s = np.linalg.norm(away, axis=1) / LIGHT_M_S
        each = [
            elevation_rad(self.place, self.ground, away, epoch, t_s + leg * light_s)
            for leg in self.legs
        ]
        return np.asarray(np.min(each, axis=0))

    def highest_rad(self, start_s: float, end_s: float) -> float:
        """The largest elevation of a pass, to a hundredth of its length."""
        return float(np.max(self.elevation_rad(np.linspace(start_s, end_s, 101))))

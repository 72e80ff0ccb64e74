"""How much of the station-keeping box a plan takes up, by the linear map and when flown.

Everything is measured against the orbit without the plan, from the time to return after TCA to the
end of the hold, in half-widths of the box: 1 touches its edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.drift import AXIS, E_FIRST, DriftingOrbit
from mdss.errors import SpacecraftError
from mdss.maneuver import Burn
from mdss.planner.setting import Setting
from mdss.spacecraft import Spacecraft
from mdss.station_keeping import StationKeepingBox
from mdss.units import HOUR_S, STANDARD_GRAVITY_M_S2

FloatArray = NDArray[np.float64]

YARDSTICK = StationKeepingBox(semi_major_axis_m=500.0, along_track_m=10_000.0)
"""What plans are measured in where the spacecraft file has no box; ours, and never a limit.

About the altitude and the track that low orbits are commonly kept to between their regular
maneuvers; a deviation of 0.3 is then some 3 km along the track after two days."""

BOX = "station-keeping box"
SIDE_WORDS = {
    "semi_major_axis_m": "semi-major axis",
    "along_track_m": "along track",
    "local_time_s": "local time",
    "ground_track_m": "ground track",
    "eccentricity": "eccentricity",
}
"""Sides of the box, for people."""

PER_REVOLUTION = 12  # a crest between two of them is 3 % of the amplitude higher at most
_AN_INSTANT_S = 1e-6
_OF_THE_NODE, _LEAST_TILT = ("local_time_s", "ground_track_m"), 0.01
_DRIFTING = ("along_track_m", "ground_track_m")


@dataclass(frozen=True, kw_only=True, eq=False)
class DeviationMap:
    """The box as linear inequalities on element shifts: |offset + per_shift @ shift| ≤ 1.

    Each check is a vector of two numbers whose length counts: one of them is 0 except for the
    eccentricity vector.

    Parameters
    ----------
    orbit : DriftingOrbit
        Without the plan; its epoch is TCA.
    box : StationKeepingBox
    assumed : bool
        Whether the box is `YARDSTICK`.
    side : tuple of str
        Which side of the box each check is about, m of them.
    t_s : array, shape (m,)
        When each check is made, seconds from TCA.
    per_shift : array, shape (m, 2, 6)
        Half-widths per shift (`mdss.astro.drift`) as seen at TCA.
    offset : array, shape (m, 2)
        Where the spacecraft is without a plan [half-widths].
    """

    orbit: DriftingOrbit
    box: StationKeepingBox
    assumed: bool
    side: tuple[str, ...]
    t_s: FloatArray
    per_shift: FloatArray
    offset: FloatArray

    def per_dv(self, t_before_tca_s: FloatArray) -> FloatArray:
        """Half-widths per burn, shape (n, m, 2, 3); 0 at checks before the burn [per m/s].

        Burn times, shape (n,), are seconds before TCA, negative after it.
        """
        shift = self.orbit.shift_per_dv(-t_before_tca_s)
        rows = np.einsum("mrk,nkj->nmrj", self.per_shift, shift)
        fired = self.t_s + _AN_INSTANT_S >= -t_before_tca_s[:, None]
        return np.asarray(rows * fired[:, :, None, None])

    def shares(self, shift: FloatArray) -> FloatArray:
        """Every check for shifts as seen at TCA, (..., 6) to (..., m); 1 is the edge."""
        rows = np.moveaxis(shift @ self.per_shift.reshape(-1, 6).T, -1, 0)
        pairs = rows.reshape(len(self.side), 2, *shift.shape[:-1])
        offset = self.offset.reshape(*self.offset.shape, *(1,) * (shift.ndim - 1))
        return np.moveaxis(np.hypot(*np.moveaxis(pairs + offset, 1, 0)), 0, -1)

    def by_side(self, shift: FloatArray) -> dict[str, float]:
        """The largest share of each side of the box, for one shift."""
        found = self.shares(shift)
        sides = np.array(self.side)
        return {name: float(np.max(found[sides == name])) for name in self.box.sides}


def deviation_map(setting: Setting, times_s: ArrayLike | None = None) -> DeviationMap:
    """The spacecraft's box, or `YARDSTICK`, checked at some times.

    Parameters
    ----------
    setting : Setting
    times_s : array_like, shape (k,), optional
        Seconds from TCA. Not given: `check_times` of `hold_span_s`.

    Raises
    ------
    PropagationError
        If the orbit is not bound.
    SpacecraftError
        If a side of the box is about the node and the orbit lies in the equator.
    """
    conjunction, own = setting.conjunction, setting.spacecraft.station_keeping
    primary, box = conjunction.primary, own or YARDSTICK
    orbit = DriftingOrbit.through(
        primary.position_m, primary.velocity_m_s, conjunction.tca_utc, conjunction.body
    )
    if times_s is None:
        times_s = check_times(*hold_span_s(box), orbit.period_s)
    times = np.atleast_1d(np.asarray(times_s, dtype=float))
    rows = [_units_per_shift(orbit, side, times) / half for side, half in box.sides.items()]
    offsets = np.repeat([box.offset(side) for side in box.sides], times.size)
    return DeviationMap(
        orbit=orbit,
        box=box,
        assumed=own is None,
        side=tuple(side for side in box.sides for _ in times),
        t_s=np.tile(times, len(box.sides)),
        per_shift=np.concatenate([one @ orbit.carried(times) for one in rows]),
        offset=np.stack([offsets, np.zeros(offsets.size)], axis=1),
    )


def _units_per_shift(orbit: DriftingOrbit, side: str, times: FloatArray) -> FloatArray:
    """What one side measures, per shift at each time, shape (k, 2, 6)."""
    rows = np.zeros((times.size, 2, 6))
    if side in _OF_THE_NODE and np.sin(orbit.inclination_rad) < _LEAST_TILT:
        tilt = np.degrees(orbit.inclination_rad)
        raise SpacecraftError(
            f"station_keeping.{side} is about the node, and this orbit, inclined by {tilt:.2f}° to "
            "the equator, has none to keep; give along_track_m instead"
        )
    if side == "along_track_m":
        rows[:, 0] = orbit.along_track_per_shift(orbit.at(times))
    elif side == "ground_track_m":
        rows[:, 0] = orbit.ground_track_per_shift(times)
    elif side == "local_time_s":
        rows[:, 0] = orbit.local_time_per_shift(orbit.at(times))
    elif side == "eccentricity":
        rows[:, :, E_FIRST : E_FIRST + 2] = np.eye(2)
    else:
        rows[:, 0, AXIS] = 1.0
    return rows


def check_times(from_s: float, until_s: float, period_s: float) -> FloatArray:
    """The first and the last revolution of a span: what drifts is largest at an end.

    A dozen times in each catch the waves that ride on the drift.
    """
    wave = np.linspace(0, min(period_s, until_s - from_s), PER_REVOLUTION + 1)
    return np.unique(np.concatenate([from_s + wave, until_s - wave]))


# --- plans --------------------------------------------------------------------------------


def deviation_boxes(setting: Setting, burns: Sequence[Burn]) -> float:
    """How much of the box a plan takes up by the linear map: the number that is reported.

    Parameters
    ----------
    setting : Setting
    burns : sequence of Burn
        In time order; taken as impulses.

    Returns
    -------
    float
        Without a box of the spacecraft, of `YARDSTICK`. The present offset counts, so that
        no burn at all may take up something.
    """
    return max(deviation_by_side(setting, burns).values())


def deviation_by_side(setting: Setting, burns: Sequence[Burn]) -> dict[str, float]:
    """`deviation_boxes` of each side of the box."""
    deviations = deviation_map(setting)
    if not deviations.box.always:
        return deviations.by_side(shift_of(deviations.orbit, burns))
    found = []
    for from_s, until_s in spans(deviations.box, [-burn.t_before_tca_s for burn in burns]):
        checks = deviation_map(setting, check_times(from_s, until_s, deviations.orbit.period_s))
        fired = [one for one in burns if -one.t_before_tca_s <= from_s]
        found.append(checks.by_side(shift_of(deviations.orbit, fired)))
    return {side: max(one[side] for one in found) for side in deviations.box.sides}


def shift_of(orbit: DriftingOrbit, burns: Sequence[Burn]) -> FloatArray:
    """What burns do together, as seen at TCA, shape (6,)."""
    if not burns:
        return np.zeros(6)
    per_dv = orbit.shift_per_dv([-burn.t_before_tca_s for burn in burns])
    return np.asarray(np.einsum("nkj,nj->k", per_dv, [burn.dv_rtn_m_s for burn in burns]))


def hold_span_s(box: StationKeepingBox) -> tuple[float, float]:
    """When the box must hold after every plan, seconds from TCA."""
    return box.return_within_h * HOUR_S, box.hold_h * HOUR_S


def spans(
    box: StationKeepingBox, burn_t_s: Sequence[float] | FloatArray
) -> list[tuple[float, float]]:
    """When the box must hold after burns at some times: between them too where it says so.

    Seconds from TCA; a span starts right after its burn.
    """
    hold = hold_span_s(box)
    fired = [float(t) for t in burn_t_s]
    if not (box.always and fired):
        return [hold]
    return list(zip(fired, [*fired[1:], max(hold[1], fired[-1])], strict=True))


def single_burn_deviations(
    setting: Setting, t_before_tca_s: ArrayLike, dv_rtn_m_s: ArrayLike
) -> FloatArray:
    """`deviation_boxes` of many plans of one burn before TCA each.

    Parameters
    ----------
    setting : Setting
    t_before_tca_s : array_like, shape (n,)
        Seconds before TCA.
    dv_rtn_m_s : array_like, shape (n, 3)
        RTN [m/s].

    Returns
    -------
    array, shape (n,)
        NaN where the burn is.
    """
    deviations = deviation_map(setting)
    return np.asarray(np.max(deviations.shares(_shifts(deviations, t_before_tca_s, dv_rtn_m_s)), 1))


def _shifts(
    deviations: DeviationMap, t_before_tca_s: ArrayLike, dv_rtn_m_s: ArrayLike
) -> FloatArray:
    per_dv = deviations.orbit.shift_per_dv(-np.asarray(t_before_tca_s, dtype=float))
    return np.asarray(np.einsum("nkj,nj->nk", per_dv, np.asarray(dv_rtn_m_s, dtype=float)))


# --- the way back later -------------------------------------------------------------------


def return_propellant(setting: Setting, burns: Sequence[Burn]) -> float:
    """Propellant that going back into the box takes later [kg].

    0 without a box and inside it. The least in-track delta-v that brings the semi-major axis back
    inside, or, where the track leaves the box, that stops its drift; leaving it by local time or
    eccentricity is not counted.
    """
    own = setting.spacecraft.station_keeping
    if own is None or not burns:
        return 0.0
    deviations = deviation_map(setting)
    shift = shift_of(deviations.orbit, burns)
    return float(_return_propellant(setting.spacecraft, deviations, shift[None])[0])


def single_burn_return_propellant(
    setting: Setting, t_before_tca_s: ArrayLike, dv_rtn_m_s: ArrayLike
) -> FloatArray:
    """`return_propellant` of many plans of one burn each; shapes as `single_burn_deviations`."""
    if setting.spacecraft.station_keeping is None:
        return np.zeros(np.shape(t_before_tca_s))
    deviations = deviation_map(setting)
    shift = _shifts(deviations, t_before_tca_s, dv_rtn_m_s)
    return _return_propellant(setting.spacecraft, deviations, shift)


def _return_propellant(
    spacecraft: Spacecraft, deviations: DeviationMap, shift: FloatArray
) -> FloatArray:
    shares, raised_m = deviations.shares(shift), shift[:, AXIS]
    drifting = np.isin(deviations.side, _DRIFTING)
    leaves = np.any(shares[:, drifting] > 1, axis=1)
    needed_m = np.where(leaves, np.abs(raised_m), 0.0)
    half = deviations.box.semi_major_axis_m
    if half is not None:
        offset = half * deviations.box.offset("semi_major_axis_m")
        needed_m = np.maximum(needed_m, np.abs(offset + raised_m) - half)
    dv = needed_m * deviations.orbit.dv_per_axis()
    return np.asarray(-spacecraft.mass_kg * np.expm1(-dv / _in_track_exhaust_m_s(spacecraft)))


def _in_track_exhaust_m_s(spacecraft: Spacecraft) -> float:
    """Of the thruster that pushes along the track; of the first where none does."""
    for way in ((0.0, 1.0, 0.0), (0.0, -1.0, 0.0)):
        try:
            return spacecraft.thruster_for(way).isp_s * STANDARD_GRAVITY_M_S2
        except SpacecraftError:
            continue
    return spacecraft.thruster_for().isp_s * STANDARD_GRAVITY_M_S2

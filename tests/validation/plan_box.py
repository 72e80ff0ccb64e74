"""How far a flown plan leaves the station-keeping box: energy, node, eccentricity, crossings."""

from __future__ import annotations

import math

import numpy as np
from plan_basics import G0_M_S2, Report, states_of, thruster_of, world_of
from plan_flight import rtn_axes

from mdss.planner.options import OptionName
from mdss.station_keeping import StationKeepingBox

OURS = StationKeepingBox(semi_major_axis_m=500.0, along_track_m=10_000.0)
"""What plans are measured in where the spacecraft file has no box."""

_BOX_SHARE = 0.02  # the linear map holds 98 %, and air, Sun and Moon are not flown here


def box_times(plan, box, pushes) -> np.ndarray:
    """Sixty a revolution in the first and the last revolution of the hold; all along if always."""
    low, high = 3600 * box.return_within_h, 3600 * box.hold_h
    step = plan.period_s / 60
    if box.always:
        return np.arange(min(one.start_s for one in pushes), high, 2 * step)
    wave = np.arange(0.0, min(plan.period_s, high - low) + step, step)
    return np.unique(np.clip(np.concatenate([low + wave, high - wave]), low, high))


def deviation(plan, option, journey, report: Report) -> None:
    """The flown shares of the box against what is told, and against 1 for plans that return."""
    shares, raised = _shares(plan, journey)
    worst = max(shares.values())
    told = float(option.outcome.deviation_boxes)
    report.close("deviation", told, worst, 0.05, 0.02)
    if option.feasible and option.name == OptionName.OUT_AND_BACK:
        report.claim(worst <= 1 + _BOX_SHARE, f"ends {worst:.3f} half-widths off")
    _way_back(plan, option, shares, raised, report)


def _shares(plan, journey) -> tuple[dict[str, float], float]:
    """Each side in half-widths, and how much higher the orbit is on average."""
    world, box, times = world_of(plan), journey.box, journey.times
    still, moved = journey.still, journey.moved
    energy = world.energy(moved) - world.energy(still)
    axis = -0.5 * world.gm / world.energy(still)
    raised = 2 * axis**2 / world.gm * energy
    transverse = rtn_axes(still[:, :3], still[:, 3:])[:, :, 1]
    along = np.einsum("ki,ki->k", moved[:, :3] - still[:, :3], transverse)
    amounts = {"semi_major_axis_m": raised, "along_track_m": along}
    if box.local_time_s is not None:
        amounts["local_time_s"] = np.mean(_nodes(moved) - _nodes(still)) * 86_400 / (2 * np.pi)
    if box.eccentricity is not None:
        apart = _ecc(world, moved) - _ecc(world, still)
        amounts["eccentricity"] = np.linalg.norm(apart.mean(axis=0))
    if box.ground_track_m is not None:
        amounts["ground_track_m"] = _east(world, times, moved, still)
    shares = {}
    for side, half in box.sides.items():
        stem, _, unit = side.rpartition("_")
        offset = getattr(box, f"{stem}_offset_{unit}", None) or 0.0
        shares[side] = float(np.max(np.abs(offset + amounts[side]) / half))
    return shares, float(np.mean(raised))


def _nodes(states) -> np.ndarray:
    momentum = np.cross(states[:, :3], states[:, 3:])
    return np.unwrap(np.arctan2(momentum[:, 0], -momentum[:, 1]))


def _ecc(world, states) -> np.ndarray:
    momentum = np.cross(states[:, :3], states[:, 3:])
    radial = states[:, :3] / np.linalg.norm(states[:, :3], axis=1, keepdims=True)
    return np.cross(states[:, 3:], momentum) / world.gm - radial


def _east(world, times, moved, still) -> np.ndarray:
    """How much farther east each crossing of the equator northward lies [m]."""
    spin = 2 * np.pi / world.body.rotation_period_s
    both = [_crossings(times, one, spin) for one in (moved, still)]
    n = min(len(one) for one in both)
    apart = np.remainder(both[0][:n] - both[1][:n] + np.pi, 2 * np.pi) - np.pi
    return world.radius * apart


def _crossings(times, states, spin) -> np.ndarray:
    """Longitudes at northward crossings, each found by Newton from the sample next to it."""
    z = states[:, 2]
    found = []
    for k in np.flatnonzero((z[:-1] < 0) & (z[1:] >= 0) & (np.diff(times) < 1e3)):
        share = -z[k] / (z[k + 1] - z[k])
        here = states[k if share < 0.5 else k + 1]
        dt = -here[2] / here[5]
        place = here[:2] + here[3:5] * dt
        t = times[k if share < 0.5 else k + 1] + dt
        found.append(math.atan2(place[1], place[0]) - spin * t)
    return np.array(found)


def _way_back(plan, option, shares, raised, report: Report) -> None:
    """Propellant that the way back takes later, where the box is left."""
    told, craft = float(option.outcome.return_propellant_kg), plan.spacecraft
    box = craft.station_keeping
    if box is None:
        report.claim(told == 0, "a way back without a box")
        return
    drift = [shares[one] for one in ("along_track_m", "ground_track_m") if one in shares]
    if any(abs(one - 1) < 0.05 for one in drift):
        report.skipped.append("the track ends at the edge of the box")
        return
    needed = abs(raised) if any(one > 1 for one in drift) else 0.0
    if box.semi_major_axis_m is not None:
        offset = box.semi_major_axis_offset_m or 0.0
        needed = max(needed, abs(offset + raised) - box.semi_major_axis_m)
    world, state = world_of(plan), states_of(plan)[0]
    axis = -0.5 * world.gm / world.energy(state)
    ecc = np.linalg.norm(_ecc(world, state[None])[0])
    speed = math.sqrt(world.gm / axis * (1 + ecc) / (1 - ecc))
    dv = max(needed, 0.0) * world.gm / (2 * axis**2 * speed)
    one = thruster_of(craft, [0, 1, 0]) or thruster_of(craft, [0, -1, 0]) or craft.thrusters[0]
    own = craft.mass_kg * -math.expm1(-dv / (one.isp_s * G0_M_S2))
    slack = (
        0.05
        * abs(raised)
        * world.gm
        / (2 * axis**2 * speed)
        * craft.mass_kg
        / (one.isp_s * G0_M_S2)
    )
    report.close("the way back", told, own, 0.05, slack + 1e-7)

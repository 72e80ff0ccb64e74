"""Whether a plan keeps to what it was asked to: computed anew, from the data classes alone.

Nothing of the planner is called: windows, thrust, propellant, slews, payload minutes and deadlines
are worked out in `plan_paper` from the fields; the orbit is flown by `plan_flight`; 2D Pc is a
plain double sum; `plan_box` measures the flown orbit. `checked` says what is wrong, and what could
not be looked at and why.
"""

from __future__ import annotations

import math

import numpy as np
import plan_flight as flight
from plan_basics import Report, seconds, states_of, world_of
from plan_box import OURS, box_times, deviation
from plan_flight import Push, rtn_axes
from plan_paper import on_paper

from mdss.risk.methods import PcMethod
from mdss.time_windows import Pass

_PROBE_M_S = 1e-4
_PC_SHARE, _MISS_SHARE, _MISS_M = 0.03, 0.005, 1.0
_BEND = 0.1  # of ln Pc at most: beyond, the planner takes 2D-Nc, which is not computed here
_LEFT_OUT = 1.5e-3  # of a displacement: tesserals, air, Sun and Moon; ln Pc moves by sigmas² of it
_PASS_EDGE_S = 2.5  # 20 km of track after a day without air and tesserals


def violations(plan, option) -> list[str]:
    """Everything that is wrong with an option, in words."""
    return checked(plan, option).wrong


def checked(plan, option) -> Report:
    """An option against its plan's spacecraft, operations, policy and conjunction.

    Where the option is not feasible only its numbers are checked, not the constraints.
    """
    return checked_together(plan, [option])[0]


def checked_together(plan, options) -> list[Report]:
    """`checked` of several options of one plan, flown side by side: a flight costs a second."""
    reports = [on_paper(plan, option) for option in options]
    burning = [(one, report) for one, report in zip(options, reports, strict=True) if one.burns]
    distinct = {one.burns: _Journey(plan, one.burns) for one, _ in burning}
    _fly(plan, list(distinct.values()))
    for option, report in burning:
        journey = distinct[option.burns]
        _encounter(plan, option, journey.ours, journey.effects, report)
        deviation(plan, option, journey, report)
    return reports


def _pushes(burns) -> list[Push]:
    return [
        Push(
            start_s=-burn.t_before_tca_s - burn.duration_s / 2,
            length_s=burn.duration_s,
            dv_rtn_m_s=np.asarray(burn.dv_rtn_m_s),
            exhaust_m_s=burn.exhaust_m_s,
        )
        for burn in burns
    ]


class _Journey:
    """One plan's burns and what the flight says of them.

    Members are the plan, the plan without burns after TCA, and a probe for each axis of each burn
    before TCA: they say where the error of a burn goes.
    """

    def __init__(self, plan, burns) -> None:
        self.pushes = _pushes(burns)
        self.early = [one for one in self.pushes if one.start_s + one.length_s < 0]
        self.box = plan.spacecraft.station_keeping or OURS
        self.times = box_times(plan, self.box, self.pushes)
        self.members = [self.pushes, self.early]
        for one in self.early if plan.spacecraft.execution_error else ():
            middle = one.start_s + one.length_s / 2
            self.members += [[Push(middle, 0.0, _PROBE_M_S * way)] for way in np.eye(3)]
        self.ours = self.effects = self.still = self.moved = None

    def take(self, plan, times, still, states) -> None:
        """Its part of a flight: times (k,), states without burns (k, 6), members (k, m, 6)."""
        tca, keep = np.searchsorted(times, 0.0), np.isin(times, self.times)
        at_tca = states[tca] - still[tca]
        self.ours = states_of(plan)[0] + at_tca[1]
        self.effects = at_tca[2:, :3].reshape(-1, 3, 3).swapaxes(1, 2) / _PROBE_M_S
        self.still, self.moved = still[keep], states[keep, 0]


def _fly(plan, journeys) -> None:
    if not journeys:
        return
    world, ours = world_of(plan), states_of(plan)[0]
    start_s = min(push.start_s for one in journeys for push in one.pushes) - 1.0
    times = np.unique(np.concatenate([[0.0], *(one.times for one in journeys)]))
    members = [[], *(member for one in journeys for member in one.members)]
    found = world.fly(world.back(ours, start_s), start_s, members, times)
    first = 1
    for one in journeys:
        last = first + len(one.members)
        one.take(plan, times, found[:, 0], found[:, first:last])
        first = last


def _encounter(plan, option, ours, effects, report: Report) -> None:
    """Miss and Pc of the message's approach after the burns."""
    world, theirs = world_of(plan), states_of(plan)[1]
    if abs(seconds(plan, option.tca_after_utc)) > 0.25 * plan.period_s:
        report.skipped.append("another approach than the message's is the largest")
        return
    t_s = 0.0
    for _ in range(6):
        here = np.array([world.path(one, np.array([t_s]))[0] for one in (ours, theirs)])
        gap = here[0] - here[1]
        step = -(gap[:3] @ gap[3:]) / (gap[3:] @ gap[3:])
        t_s += step
        if abs(step) < 1e-6:
            break
    else:
        report.skipped.append("closest approach does not settle: slow relative motion")
        return
    here = np.array([world.path(one, np.array([t_s]))[0] for one in (ours, theirs)])
    miss = float(np.linalg.norm(here[0, :3] - here[1, :3]))
    report.close("miss", option.miss_after_m, miss, _MISS_SHARE, _MISS_M)
    first, other = here if plan.conjunction.primary_is_object1 else here[::-1]
    seen = rtn_axes(first[:3], first[3:]).T @ (other[:3] - first[:3])
    off = float(np.linalg.norm(seen - option.miss_rtn_after_m))
    good = off <= max(2 * _MISS_SHARE * miss, _MISS_M)
    report.claim(good, f"miss in RTN is off by {off:.3g} m of {miss:.5g} m")
    _distances(plan, option, here, report)
    _pc(plan, option, here, effects, report)


def _distances(plan, option, here, report: Report) -> None:
    """What the policy asks of the miss itself."""
    if not option.feasible:
        return
    seen = rtn_axes(here[0, :3], here[0, 3:]).T @ (here[1, :3] - here[0, :3])
    policy = plan.policy
    for what, least, value in (
        ("miss", policy.min_miss_m, float(np.linalg.norm(seen))),
        ("radial miss", policy.min_radial_m, abs(float(seen[0]))),
    ):
        slack = max(_MISS_SHARE * value, _MISS_M)
        good = least is None or value + slack >= least
        report.claim(good, f"{what} of {value:.5g} m, the policy asks {least}")


def _pc(plan, option, here, effects, report: Report) -> None:
    if plan.risk.pc_method != PcMethod.PC_2D:
        report.skipped.append(f"Pc is not 2D but {plan.risk.pc_method}")
        return
    if option.pc_largest < 0.99 * option.pc_verified:
        report.skipped.append("Pc is of several approaches")
        return
    if any(one.density_error is not None for one in plan.risk.conjunction.objects) and (
        plan.risk.conjunction.density_correlated
    ):
        report.skipped.append("Pc counts a shared density error")
        return
    found = _pc_2d(plan, option, here, effects, report)
    if found is None:
        return
    own, sigmas = found
    share = max(_PC_SHARE, _LEFT_OUT * sigmas**2)
    report.close("Pc", option.pc_largest, own, share, 1e-3 * plan.policy.pc_target)
    target = plan.policy.pc_target * (1 + share)
    if option.feasible:
        report.claim(own <= target, f"Pc {own:.4g} above the target {plan.policy.pc_target:.4g}")


def _pc_2d(plan, option, here, effects, report: Report) -> tuple[float, float] | None:
    """The larger of with and without the errors of the burns, and the miss in sigmas."""
    both = (plan.conjunction.primary, plan.conjunction.secondary)
    axes = [rtn_axes(one[:3], one[3:]) for one in here]
    cov = sum(a @ one.cov_rtn_m2[:3, :3] @ a.T for a, one in zip(axes, both, strict=True))
    gap = here[0] - here[1]
    plane = np.linalg.svd(gap[None, 3:])[2][1:]
    miss, radius = plane @ gap[:3], plan.risk.hbr.radius_m
    added = np.zeros((3, 3))
    for burn, effect in zip(option.burns, effects, strict=False):
        added += effect @ _gates(plan.spacecraft.execution_error, burn.dv_rtn_m_s) @ effect.T
    least_m = math.sqrt(max(np.linalg.eigvalsh(plane @ cov @ plane.T)[0], 0.0))
    if least_m < 0.02 * radius:
        report.skipped.append("the covariance had to be repaired, or is far below the radius")
        return None
    sigmas = math.sqrt(miss @ np.linalg.solve(plane @ cov @ plane.T, miss))
    if _bend(here, both, least_m) * sigmas > _BEND:
        report.skipped.append("2D Pc is not alone: the tracks bend within the in-track sigma")
        return None
    totals = [plane @ one @ plane.T for one in (cov, cov + added)]
    return max(flight.pc_of_disc(miss, one, radius) for one in totals), sigmas


def _bend(here, both, least_m: float) -> float:
    """How far clouds bend away from straight ones, in sigmas of the plane's narrow side.

    By the sag of the track within the in-track sigma, and by the turn of the relative velocity
    there, which at the distance of the miss displaces where they pass: more in slow encounters.
    """
    gap = here[0] - here[1]
    miss_m, slow_m_s = np.linalg.norm(gap[:3]), np.linalg.norm(gap[3:])
    bends = []
    for state, one in zip(here, both, strict=True):
        along_m = math.sqrt(one.cov_rtn_m2[1, 1])
        arm_m = max(0.5 * along_m, miss_m * np.linalg.norm(state[3:]) / slow_m_s)
        bends.append(along_m / np.linalg.norm(state[:3]) * arm_m)
    return max(bends) / least_m


def _gates(error, dv_rtn) -> np.ndarray:
    """Covariance of the error of a burn, RTN."""
    size2 = float(np.dot(dv_rtn, dv_rtn))
    along = np.outer(dv_rtn, dv_rtn) / size2
    size = error.magnitude_fixed_m_s**2 + error.magnitude_proportional**2 * size2
    side = error.pointing_fixed_m_s**2 + error.pointing_proportional_rad**2 * size2
    return size * along + side * (np.eye(3) - along)


# --- the sky of a plan --------------------------------------------------------------------


def sky_violations(plan) -> list[str]:
    """Passes over stations on the Earth that were computed, against own elevations."""
    report, body = Report(), plan.conjunction.body
    if body.name != "earth" or not plan.operations.stations:
        return report.wrong
    tca, world = plan.conjunction.tca_utc, world_of(plan)
    times = np.arange(-plan.operations.planning_horizon_s, 0.0, 10.0)
    position = world.out_of(world.path(states_of(plan)[0], times)[:, :3])
    told = [one for one in plan.operations.contacts if isinstance(one, Pass)]
    for station in plan.operations.stations:
        high = flight.elevations(station, body, position, tca, times)
        seen = high > math.radians(station.elevation_mask_deg)
        inside = np.zeros(times.size, dtype=bool)
        edge = np.zeros(times.size, dtype=bool)
        for one in told:
            if not one.label.startswith(station.name + ","):
                continue
            low, end = seconds(plan, one.start_utc), seconds(plan, one.end_utc)
            inside |= (times >= low) & (times <= end)
            edge |= (np.abs(times - low) < _PASS_EDGE_S) | (np.abs(times - end) < _PASS_EDGE_S)
        short = plan.operations.minimum_contact_s
        wrong = (seen & ~inside if short <= 10 else np.zeros_like(seen)) | (inside & ~seen)
        report.claim(not np.any(wrong & ~edge), f"passes over {station.name} are not as told")
    return report.wrong


def front_violations(plan) -> list[str]:
    """Points of a front that another one beats by more than what it is rounded to."""
    report = Report()
    points = plan.front.points if plan.front else ()
    values = [_costs(plan, one.option) for one in points]
    for one, own in zip(points, values, strict=True):
        for told, value in zip(one.values, own, strict=True):
            report.close(f"a cost of {one.label}", float(told), value, 1e-6, 1e-9)
        for other, its in zip(points, values, strict=True):
            worse = np.array(own) - np.array(its)
            steps = np.array([0.02 * max(own[0], 1e-9) + 0.02, 0.2, 0.05 * own[2], 0.03, 0.05])
            beaten = bool(np.all(worse >= 0) and np.any(worse > steps))
            report.claim(not beaten, f"{other.label} beats {one.label}: {its} against {own}")
    return report.wrong


def _costs(plan, option) -> list[float]:
    """Fuel [g], interruption [min], risk [targets], deviation [boxes], decision lead [h]."""
    told = option.outcome
    return [
        1e3 * float(told.propellant_kg + told.return_propellant_kg),
        float(told.interruption_min),
        float(told.pc) / plan.policy.pc_target,
        float(told.deviation_boxes),
        float(told.decision_lead_h),
    ]

"""Whether a plan keeps to what it was asked to: computed anew, from the data classes alone.

Nothing of the planner is called: windows, thrust, propellant, slews, payload minutes and deadlines
are worked out here from the fields; the orbit is flown by `plan_flight`; 2D Pc is a plain double
sum. `checked` says what is wrong, and what could not be looked at and why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
import plan_flight as flight
from plan_flight import Push, World, rtn_axes

from mdss.planner.options import OptionName
from mdss.risk.methods import PcMethod
from mdss.station_keeping import StationKeepingBox
from mdss.time_windows import Pass

_G0 = 9.80665
_HAIR = 1e-6
_EDGE_S = 0.02  # of a window: instants are kept to the microsecond
_SKY_EDGE_S = 2.5  # of a pass or a shadow: 20 km of track after a day without air and tesserals
_GRID_S = 60.0  # burns are looked for every minute
_SAME_WAY_RAD = math.radians(20.0)  # within 10 degrees of one direction: steered to, no slew
_PROBE_M_S = 1e-4
_PC_SHARE, _MISS_SHARE, _MISS_M = 0.03, 0.005, 1.0
_BOX_SHARE = 0.02  # of the linear map, which holds 98 %, and of what is not flown here
_OURS = StationKeepingBox(semi_major_axis_m=500.0, along_track_m=10_000.0)  # without one in a file


@dataclass
class Report:
    """What is wrong with an option, and what was not looked at."""

    wrong: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def claim(self, holds: bool, words: str) -> None:
        """Note the words where a claim does not hold."""
        if not holds:
            self.wrong.append(words)

    def close(self, what: str, told: float, own: float, rel: float, abs_: float = 0.0) -> None:
        """Note two numbers that should be the same."""
        good = told == own or abs(told - own) <= max(rel * abs(own), abs_)
        self.claim(good, f"{what} is told as {told:.9g}, computed as {own:.9g}")


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
    reports = [_on_paper(plan, option) for option in options]
    burning = [(one, report) for one, report in zip(options, reports, strict=True) if one.burns]
    distinct = {one.burns: _Journey(plan, one.burns) for one, _ in burning}
    _fly(plan, list(distinct.values()))
    for option, report in burning:
        journey = distinct[option.burns]
        _encounter(plan, option, journey.ours, journey.effects, report)
        _deviation(plan, option, journey, report)
    return reports


def _on_paper(plan, option) -> Report:
    """All that needs no flight."""
    report = Report()
    if not option.burns:
        _without_burns(plan, option, report)
        return report
    spans = [_Span(plan, burn) for burn in option.burns]
    _numbers(plan, option, spans, report)
    if option.feasible:
        _times(plan, option, spans, report)
        _thrust(plan, option, spans, report)
        _propellant_and_limits(plan, option, spans, report)
    return report


def _without_burns(plan, option, report: Report) -> None:
    outcome = option.outcome
    report.claim(outcome.propellant_kg == 0, "fuel without a burn")
    report.claim(outcome.interruption_min == 0, "payload lost without a burn")
    report.claim(outcome.decision_lead_h == 0, "a decision without a burn")
    report.claim(option.commit_by_utc is None, "a commit without a burn")
    if not option.feasible:
        return
    bound = plan.policy.pc_act if option.name == OptionName.NO_BURN else plan.policy.pc_target
    worst = max(plan.risk.pc, option.pc_verified)
    report.claim(worst <= bound * (1 + 0.01), f"may stand at Pc {worst:.3g} above {bound:.3g}")


# --- one burn -----------------------------------------------------------------------------


def _seconds(plan, instant) -> float:
    return (instant - plan.conjunction.tca_utc).total_seconds()


class _Span:
    """When a burn keeps the spacecraft busy, in seconds from TCA."""

    def __init__(self, plan, burn) -> None:
        self.burn, self.size = burn, float(np.sqrt(np.sum(np.square(burn.dv_rtn_m_s))))
        self.middle = _seconds(plan, burn.epoch_utc)
        self.start = self.middle - burn.duration_s / 2
        self.end = self.middle + burn.duration_s / 2
        before, after = _turns(plan.spacecraft, burn.dv_rtn_m_s)
        self.slew, self.back = self.start - before, self.end + after
        self.thruster = _thruster(plan.spacecraft, burn.dv_rtn_m_s)

    def __str__(self) -> str:
        return f"burn of {self.size:.6g} m/s at {self.middle:.0f} s"


def _angle(one, other) -> float:
    return math.atan2(np.linalg.norm(np.cross(one, other)), np.dot(one, other))


def _turns(craft, dv_rtn) -> tuple[float, float]:
    """Before and after a burn in this direction."""
    turn = 0.0
    if craft.slew_rate_deg_s is not None:
        turn = math.degrees(_angle(craft.rest_thrust_rtn, dv_rtn)) / craft.slew_rate_deg_s
    return craft.slew_s + craft.settle_s + turn, craft.slew_back_s + turn


def _thruster(craft, dv_rtn):
    """The first that can push that way; None where none can."""
    for one in craft.thrusters:
        if one.directions_rtn is None:
            return one
        cone = math.radians(one.cone_half_angle_deg or 0.0)
        if min(_angle(way, dv_rtn) for way in one.directions_rtn) <= cone + 2e-6:
            return one
    return None


# --- numbers that are told ----------------------------------------------------------------


def _propellants(plan, spans) -> tuple[list[float], list[float]]:
    """Of each burn, and how long it takes at full thrust."""
    mass, used, lasts = plan.spacecraft.mass_kg, [], []
    for span in spans:
        exhaust = span.thruster.isp_s * _G0 if span.thruster else math.inf
        burnt = mass * (1 - math.exp(-span.size / exhaust))
        used.append(burnt)
        lasts.append(burnt * exhaust / span.thruster.thrust_n if span.thruster else math.nan)
        mass -= burnt
    return used, lasts


def _interruption_min(plan, spans) -> float:
    """Every instant's weight summed over the pieces between all edges."""
    busy = [(span.slew, span.back) for span in spans]
    work = [
        (_seconds(plan, w.start_utc), _seconds(plan, w.end_utc), w.weight)
        for w in plan.operations.payload
    ]
    edges = sorted({e for span in busy for e in span} | {e for w in work for e in w[:2]})
    lost = 0.0
    for low, high in pairwise(edges):
        middle = 0.5 * (low + high)
        if any(start < middle < end for start, end in busy):
            here = sum(w for start, end, w in work if start < middle < end) if work else 1.0
            lost += here * (high - low)
    return lost / 60


def _last_uplink_end(plan, before_s: float) -> float | None:
    operations = plan.operations
    if not (operations.contacts or operations.stations):
        return before_s
    ends = [_seconds(plan, one.end_utc) for one in operations.contacts if one.uplink]
    return max((end for end in ends if end <= before_s + 1e-6), default=None)


def _numbers(plan, option, spans, report: Report) -> None:
    outcome, operations = option.outcome, plan.operations
    report.close("fuel", outcome.propellant_kg, sum(_propellants(plan, spans)[0]), 1e-9)
    lost = _interruption_min(plan, spans)
    report.close("interruption", outcome.interruption_min, lost, 1e-9, 1e-6)
    report.close("burning time", option.burn_duration_s, sum(s.end - s.start for s in spans), 1e-6)
    for span in spans:
        report.close("burn time", -span.burn.t_before_tca_s, span.middle, 0.0, 1e-5)
    up = _last_uplink_end(plan, spans[0].slew)
    if up is None:
        report.claim(option.commit_by_utc is None, "a commit without a contact")
        report.claim(outcome.decision_lead_h == math.inf, "a decision lead without a contact")
        return
    commit = up - operations.command_lead_s - operations.decision_lead_s
    report.close("commit", _seconds(plan, option.commit_by_utc), commit, 0.0, 1e-4)
    report.close("decision lead", outcome.decision_lead_h, -commit / 3600, 0.0, 1e-7)
    cancel = _last_uplink_end(plan, spans[0].start) - operations.command_lead_s
    report.close("cancel", _seconds(plan, option.cancel_by_utc), cancel, 0.0, 1e-4)


# --- constraints of time ------------------------------------------------------------------


def _times(plan, option, spans, report: Report) -> None:
    operations = plan.operations
    report.claim(option.commit_by_utc is not None, "no contact is left to command it")
    if option.commit_by_utc is not None:
        report.claim(option.commit_by_utc >= plan.now_utc, "its commit is past")
    in_order = all(a.middle < b.middle for a, b in pairwise(spans))
    report.claim(in_order, "burns are not in time order")
    for span in spans:
        _horizon(plan, span, report)
        for window in operations.no_burn:
            hit = _overlap(plan, window, span.start, span.end, _EDGE_S)
            report.claim(not hit, f"{span} touches {window}")
        for one in operations.standing:
            before, after = _turns(plan.spacecraft, one.dv_rtn_m_s)
            middle = _seconds(plan, one.epoch_utc)
            low, high = middle - one.duration_s / 2 - before, middle + one.duration_s / 2 + after
            apart = span.back < low + _EDGE_S or span.slew > high - _EDGE_S
            report.claim(apart, f"{span} overlaps {one}")
        report.claim(_confirmed(plan, span), f"{span} is not confirmed as asked")
        _eclipse(plan, span, report)
    for first, then in pairwise(spans):
        _room_between(plan, option, first, then, report)


def _overlap(plan, window, start: float, end: float, slack: float) -> bool:
    low, high = _seconds(plan, window.start_utc), _seconds(plan, window.end_utc)
    return start <= high - slack and end >= low + slack


def _horizon(plan, span, report: Report) -> None:
    operations, box = plan.operations, plan.spacecraft.station_keeping
    first = -operations.planning_horizon_s - _GRID_S - _HAIR
    report.claim(span.start >= first, f"{span} starts before the planning horizon")
    if span.middle < 0:
        latest = -max(operations.minimum_lead_s, 1.0) + _HAIR
        # a thrust arc fills whole minutes up to the lead; its middle then lies before it
        report.claim(span.middle <= latest, f"{span} is later than the minimum lead")
        report.claim(span.end < 0, f"{span} burns through closest approach")
    else:
        limit = box.return_within_h * 3600 if box is not None else -math.inf
        report.claim(span.burn.role == "return", f"{span} avoids after closest approach")
        report.claim(span.middle <= limit + _HAIR, f"{span} returns too late")


def _confirmed(plan, span) -> bool:
    operations = plan.operations
    asks = operations.confirm_within_s is not None or operations.confirm_before_tca
    if not asks or not (operations.contacts or operations.stations):
        return True
    for one in operations.contacts:
        low, high = _seconds(plan, one.start_utc), _seconds(plan, one.end_utc)
        heard = max(low, span.end)
        enough = one.downlink and heard < high and heard + operations.minimum_contact_s <= high
        within = operations.confirm_within_s
        soon = within is None or heard <= span.end + within + _HAIR
        before = heard + operations.minimum_contact_s <= _HAIR
        early = not operations.confirm_before_tca or span.end >= 0 or before
        if enough and soon and early:
            return True
    return False


def _eclipse(plan, span, report: Report) -> None:
    needs_sun = not plan.operations.burns_in_eclipse or (
        span.thruster and span.thruster.sunlit_only
    )
    if not needs_sun:
        return
    low, high = span.start + _SKY_EDGE_S, span.end - _SKY_EDGE_S
    times = np.linspace(low, high, 60) if high > low else np.array([span.middle])
    body, tca = plan.conjunction.body, plan.conjunction.tca_utc
    world = _world(plan)
    position = world.out_of(world.path(_states(plan)[0], times)[:, :3])
    open_rad = flight.lit(position, flight.sun_m(body.name, tca, times), body, world.turn[2])
    # a short burn beside an edge: the shadow comes up at a degree in some twenty seconds
    slack = 0.0 if high > low else 2e-3
    report.claim(bool(np.all(open_rad > -slack)), f"{span} burns in the shadow")


def _room_between(plan, option, first, then, report: Report) -> None:
    gap = then.start - first.end
    if _angle(first.burn.dv_rtn_m_s, then.burn.dv_rtn_m_s) > _SAME_WAY_RAD:
        turn = _turns(plan.spacecraft, then.burn.dv_rtn_m_s)[0]
        report.claim(gap >= turn - 0.1, f"{then} leaves {gap:.1f} s of {turn:.1f} s to turn")
    report.claim(gap >= -0.1, f"{then} starts before {first} ends")
    duty = first.thruster.duty_cycle if first.thruster else 1.0
    whole = _propellants(plan, [first])[1][0]
    if duty < 1 and first.thruster is then.thruster and first.burn.duration_s < 1.01 * whole:
        rest = whole * (1 / duty - 1)
        report.claim(gap >= 0.99 * rest, f"{then} leaves {gap:.1f} s of {rest:.1f} s to rest")


# --- thrust -------------------------------------------------------------------------------


def _thrust(plan, option, spans, report: Report) -> None:
    craft, lasts = plan.spacecraft, _propellants(plan, spans)[1]
    report.claim(craft.can_maneuver, "burns of a spacecraft that cannot maneuver")
    for span, whole in zip(spans, lasts, strict=True):
        burn, one = span.burn, span.thruster
        report.claim(one is not None, f"{span}: no thruster pushes along {burn.dv_rtn_m_s}")
        report.claim(span.size >= craft.minimum_dv_m_s * (1 - _HAIR), f"{span} is too small")
        report.claim(span.size <= craft.maximum_dv_m_s * (1 + _HAIR), f"{span} is too large")
        if one is None:
            continue
        if craft.maximum_slew_deg is not None:
            turn = math.degrees(_angle(craft.rest_thrust_rtn, burn.dv_rtn_m_s))
            report.claim(turn <= craft.maximum_slew_deg + 1e-4, f"{span} turns {turn:.4f} deg")
        pulsed = one.duty_cycle < 1 and option.name == OptionName.THRUST_ARCS
        ways = (whole, whole / one.duty_cycle) if pulsed else (whole,)
        good = any(abs(burn.duration_s - way) <= 1e-6 * way for way in ways)
        report.claim(good, f"{span} lasts {burn.duration_s:.6g} s, thrust and mass say {ways}")
        report.close("exhaust speed", burn.exhaust_m_s, one.isp_s * _G0, 1e-12)
        on_s = whole * craft.mass_kg / (craft.mass_kg - sum(_propellants(plan, spans)[0]))
        report.claim(on_s >= one.minimum_on_s * (1 - _HAIR), f"{span} fires for too short a time")
        longest = burn.duration_s <= one.maximum_on_s * (1 + _HAIR)
        report.claim(longest, f"{span} fires for {burn.duration_s:.1f} s of {one.maximum_on_s:g} s")


def _propellant_and_limits(plan, option, spans, report: Report) -> None:
    craft, limits, outcome = plan.spacecraft, plan.policy.limits, option.outcome
    used, usable = (
        sum(_propellants(plan, spans)[0]),
        craft.propellant_kg - craft.propellant_reserve_kg,
    )
    report.claim(used <= usable * (1 + 1e-6), f"takes {used:.6g} kg of {usable:.6g} kg")
    for what, limit, value in (
        ("propellant", limits.propellant_g, 1e3 * (used + outcome.return_propellant_kg)),
        ("interruption", limits.interruption_min, _interruption_min(plan, spans)),
        ("decision lead", limits.decision_lead_h, outcome.decision_lead_h),
        ("deviation", limits.deviation_boxes, outcome.deviation_boxes),
    ):
        good = limit is None or value <= limit * (1 + _HAIR)
        report.claim(good, f"{what} {value:.6g} breaks the policy's limit of {limit}")
    target = plan.policy.pc_target
    report.claim(option.pc_verified <= target, f"Pc {option.pc_verified:.4g} above {target:.4g}")
    report.claim(not option.unmet, f"falls short of {option.unmet}")
    proof = option.certificate
    if proof is not None:
        report.claim(proof.lower_bound <= proof.value, "a bound above its value")


# --- flight -------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _world(plan) -> World:
    return World(plan.conjunction.body, plan.conjunction.tca_utc)


@lru_cache(maxsize=8)
def _states(plan) -> tuple[np.ndarray, np.ndarray]:
    """Both objects at TCA, in the pole's axes."""
    both = (plan.conjunction.primary, plan.conjunction.secondary)
    return tuple(
        _world(plan).into(np.concatenate([one.position_m, one.velocity_m_s])) for one in both
    )


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
        self.box = plan.spacecraft.station_keeping or _OURS
        self.times = _box_times(plan, self.box, self.pushes)
        self.members = [self.pushes, self.early]
        for one in self.early if plan.spacecraft.execution_error else ():
            middle = one.start_s + one.length_s / 2
            self.members += [[Push(middle, 0.0, _PROBE_M_S * way)] for way in np.eye(3)]
        self.ours = self.effects = self.still = self.moved = None

    def take(self, plan, times, still, states) -> None:
        """Its part of a flight: times (k,), states without burns (k, 6), members (k, m, 6)."""
        tca, keep = np.searchsorted(times, 0.0), np.isin(times, self.times)
        at_tca = states[tca] - still[tca]
        self.ours = _states(plan)[0] + at_tca[1]
        self.effects = at_tca[2:, :3].reshape(-1, 3, 3).swapaxes(1, 2) / _PROBE_M_S
        self.still, self.moved = still[keep], states[keep, 0]


def _fly(plan, journeys) -> None:
    if not journeys:
        return
    world, ours = _world(plan), _states(plan)[0]
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
    world, theirs = _world(plan), _states(plan)[1]
    if abs(_seconds(plan, option.tca_after_utc)) > 0.25 * plan.period_s:
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
    own = _pc_2d(plan, option, here, effects, report)
    if own is None:
        return
    report.close("Pc", option.pc_largest, own, _PC_SHARE, 1e-3 * plan.policy.pc_target)
    target = plan.policy.pc_target * (1 + _PC_SHARE)
    if option.feasible:
        report.claim(own <= target, f"Pc {own:.4g} above the target {plan.policy.pc_target:.4g}")


def _pc_2d(plan, option, here, effects, report: Report) -> float | None:
    """The larger of with and without the errors of the burns."""
    both = (plan.conjunction.primary, plan.conjunction.secondary)
    axes = [rtn_axes(one[:3], one[3:]) for one in here]
    cov = sum(a @ one.cov_rtn_m2[:3, :3] @ a.T for a, one in zip(axes, both, strict=True))
    gap = here[0] - here[1]
    plane = np.linalg.svd(gap[None, 3:])[2][1:]
    miss, radius = plane @ gap[:3], plan.risk.hbr.radius_m
    added = np.zeros((3, 3))
    for burn, effect in zip(option.burns, effects, strict=False):
        added += effect @ _gates(plan.spacecraft.execution_error, burn.dv_rtn_m_s) @ effect.T
    least = np.linalg.eigvalsh(plane @ cov @ plane.T)[0]
    if least < (0.02 * radius) ** 2:
        report.skipped.append("the covariance had to be repaired, or is far below the radius")
        return None
    return max(
        flight.pc_of_disc(miss, plane @ total @ plane.T, radius) for total in (cov, cov + added)
    )


def _gates(error, dv_rtn) -> np.ndarray:
    """Covariance of the error of a burn, RTN."""
    size2 = float(np.dot(dv_rtn, dv_rtn))
    along = np.outer(dv_rtn, dv_rtn) / size2
    size = error.magnitude_fixed_m_s**2 + error.magnitude_proportional**2 * size2
    side = error.pointing_fixed_m_s**2 + error.pointing_proportional_rad**2 * size2
    return size * along + side * (np.eye(3) - along)


# --- the box ------------------------------------------------------------------------------


def _box_times(plan, box, pushes) -> np.ndarray:
    """Sixty a revolution in the first and the last revolution of the hold; all along if always."""
    low, high = 3600 * box.return_within_h, 3600 * box.hold_h
    step = plan.period_s / 60
    if box.always:
        return np.arange(min(one.start_s for one in pushes), high, 2 * step)
    wave = np.arange(0.0, min(plan.period_s, high - low) + step, step)
    return np.unique(np.clip(np.concatenate([low + wave, high - wave]), low, high))


def _deviation(plan, option, journey: _Journey, report: Report) -> None:
    """The flown shares of the box against what is told, and against 1 for plans that return."""
    shares, raised = _shares(plan, journey)
    worst = max(shares.values())
    told = float(option.outcome.deviation_boxes)
    report.close("deviation", told, worst, 0.05, 0.02)
    if option.feasible and option.name == OptionName.OUT_AND_BACK:
        report.claim(worst <= 1 + _BOX_SHARE, f"ends {worst:.3f} half-widths off")
    _way_back(plan, option, shares, raised, report)


def _shares(plan, journey: _Journey) -> tuple[dict[str, float], float]:
    """Each side in half-widths, and how much higher the orbit is on average."""
    world, box, times = _world(plan), journey.box, journey.times
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
    world, state = _world(plan), _states(plan)[0]
    axis = -0.5 * world.gm / world.energy(state)
    ecc = np.linalg.norm(_ecc(world, state[None])[0])
    speed = math.sqrt(world.gm / axis * (1 + ecc) / (1 - ecc))
    dv = max(needed, 0.0) * world.gm / (2 * axis**2 * speed)
    one = _thruster(craft, [0, 1, 0]) or _thruster(craft, [0, -1, 0]) or craft.thrusters[0]
    own = craft.mass_kg * -math.expm1(-dv / (one.isp_s * _G0))
    slack = (
        0.05 * abs(raised) * world.gm / (2 * axis**2 * speed) * craft.mass_kg / (one.isp_s * _G0)
    )
    report.close("the way back", told, own, 0.05, slack + 1e-7)


# --- the sky of a plan --------------------------------------------------------------------


def sky_violations(plan) -> list[str]:
    """Passes over stations on the Earth that were computed, against own elevations."""
    report, body = Report(), plan.conjunction.body
    if body.name != "earth" or not plan.operations.stations:
        return report.wrong
    tca, world = plan.conjunction.tca_utc, _world(plan)
    times = np.arange(-plan.operations.planning_horizon_s, 0.0, 10.0)
    position = world.out_of(world.path(_states(plan)[0], times)[:, :3])
    told = [one for one in plan.operations.contacts if isinstance(one, Pass)]
    for station in plan.operations.stations:
        high = flight.elevations(station, body, position, tca, times)
        seen = high > math.radians(station.elevation_mask_deg)
        inside = np.zeros(times.size, dtype=bool)
        edge = np.zeros(times.size, dtype=bool)
        for one in told:
            if not one.label.startswith(station.name + ","):
                continue
            low, end = _seconds(plan, one.start_utc), _seconds(plan, one.end_utc)
            inside |= (times >= low) & (times <= end)
            edge |= (np.abs(times - low) < _SKY_EDGE_S) | (np.abs(times - end) < _SKY_EDGE_S)
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

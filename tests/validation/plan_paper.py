"""What can be checked of a plan with paper and pencil: times, thrust, propellant, deadlines."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import plan_flight as flight
from plan_basics import G0_M_S2, Report, angle, seconds, states_of, thruster_of, world_of

from mdss.planner.options import OptionName

_HAIR = 1e-6
_EDGE_S = 0.02  # of a window: instants are kept to the microsecond
_SHADOW_EDGE_S = 2.5  # 20 km of track after a day without air and tesserals
_GRID_S = 60.0  # burns are looked for every minute
_SAME_WAY_RAD = math.radians(20.0)  # within 10 degrees of one direction: steered to, no slew


def on_paper(plan, option) -> Report:
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


class _Span:
    """When a burn keeps the spacecraft busy, in seconds from TCA."""

    def __init__(self, plan, burn) -> None:
        self.burn, self.size = burn, float(np.sqrt(np.sum(np.square(burn.dv_rtn_m_s))))
        self.middle = seconds(plan, burn.epoch_utc)
        self.start = self.middle - burn.duration_s / 2
        self.end = self.middle + burn.duration_s / 2
        before, after = _turns(plan.spacecraft, burn.dv_rtn_m_s)
        self.slew, self.back = self.start - before, self.end + after
        self.thruster = thruster_of(plan.spacecraft, burn.dv_rtn_m_s)

    def __str__(self) -> str:
        return f"burn of {self.size:.6g} m/s at {self.middle:.0f} s"


def _turns(craft, dv_rtn) -> tuple[float, float]:
    """Before and after a burn in this direction."""
    turn = 0.0
    if craft.slew_rate_deg_s is not None:
        turn = math.degrees(angle(craft.rest_thrust_rtn, dv_rtn)) / craft.slew_rate_deg_s
    return craft.slew_s + craft.settle_s + turn, craft.slew_back_s + turn


# --- numbers that are told ----------------------------------------------------------------


def _propellants(plan, spans) -> tuple[list[float], list[float]]:
    """Of each burn, and how long it takes at full thrust."""
    mass, used, lasts = plan.spacecraft.mass_kg, [], []
    for span in spans:
        exhaust = span.thruster.isp_s * G0_M_S2 if span.thruster else math.inf
        burnt = mass * (1 - math.exp(-span.size / exhaust))
        used.append(burnt)
        lasts.append(burnt * exhaust / span.thruster.thrust_n if span.thruster else math.nan)
        mass -= burnt
    return used, lasts


def _interruption_min(plan, spans) -> float:
    """Every instant's weight summed over the pieces between all edges."""
    busy = [(span.slew, span.back) for span in spans]
    work = [
        (seconds(plan, w.start_utc), seconds(plan, w.end_utc), w.weight)
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
    ends = [seconds(plan, one.end_utc) for one in operations.contacts if one.uplink]
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
    report.close("commit", seconds(plan, option.commit_by_utc), commit, 0.0, 1e-4)
    report.close("decision lead", outcome.decision_lead_h, -commit / 3600, 0.0, 1e-7)
    cancel = _last_uplink_end(plan, spans[0].start) - operations.command_lead_s
    report.close("cancel", seconds(plan, option.cancel_by_utc), cancel, 0.0, 1e-4)


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
            middle = seconds(plan, one.epoch_utc)
            low, high = middle - one.duration_s / 2 - before, middle + one.duration_s / 2 + after
            apart = span.back < low + _EDGE_S or span.slew > high - _EDGE_S
            report.claim(apart, f"{span} overlaps {one}")
        report.claim(_confirmed(plan, span), f"{span} is not confirmed as asked")
        _eclipse(plan, span, report)
    for first, then in pairwise(spans):
        _room_between(plan, option, first, then, report)


def _overlap(plan, window, start: float, end: float, slack: float) -> bool:
    low, high = seconds(plan, window.start_utc), seconds(plan, window.end_utc)
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
        low, high = seconds(plan, one.start_utc), seconds(plan, one.end_utc)
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
    low, high = span.start + _SHADOW_EDGE_S, span.end - _SHADOW_EDGE_S
    times = np.linspace(low, high, 60) if high > low else np.array([span.middle])
    body, tca = plan.conjunction.body, plan.conjunction.tca_utc
    world = world_of(plan)
    position = world.out_of(world.path(states_of(plan)[0], times)[:, :3])
    open_rad = flight.lit(position, flight.sun_m(body.name, tca, times), body, world.turn[2])
    # a short burn beside an edge: the shadow comes up at a degree in some twenty seconds
    slack = 0.0 if high > low else 2e-3
    report.claim(bool(np.all(open_rad > -slack)), f"{span} burns in the shadow")


def _room_between(plan, option, first, then, report: Report) -> None:
    gap = then.start - first.end
    if angle(first.burn.dv_rtn_m_s, then.burn.dv_rtn_m_s) > _SAME_WAY_RAD:
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
            turn = math.degrees(angle(craft.rest_thrust_rtn, burn.dv_rtn_m_s))
            report.claim(turn <= craft.maximum_slew_deg + 1e-4, f"{span} turns {turn:.4f} deg")
        pulsed = one.duty_cycle < 1 and option.name == OptionName.THRUST_ARCS
        ways = (whole, whole / one.duty_cycle) if pulsed else (whole,)
        good = any(abs(burn.duration_s - way) <= 1e-6 * way for way in ways)
        report.claim(good, f"{span} lasts {burn.duration_s:.6g} s, thrust and mass say {ways}")
        report.close("exhaust speed", burn.exhaust_m_s, one.isp_s * G0_M_S2, 1e-12)
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

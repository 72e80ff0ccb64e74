"""A plan as plain data for figures and tables: columns, lines, positions, spans. No drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.levelset import unsafe_set
from mdss.operations import TimeWindow
from mdss.planner.front.data import Front, FrontPoint
from mdss.planner.mission import busy
from mdss.planner.options import Option, OptionName, Plan, TradeSpace
from mdss.planner.setting import Setting
from mdss.risk.evolution import History
from mdss.risk.evolution import history as event_history
from mdss.units import seconds_between, shifted

FloatArray = NDArray[np.float64]

_OUTLINE_VERTICES = 180
_ELLIPSE_POINTS = 121


@dataclass(frozen=True, kw_only=True)
class Span:
    """From one instant to another, seconds from TCA (negative before it) [s], with a label."""

    start_t_s: float
    end_t_s: float
    label: str = ""


def window_spans(plan: Plan, windows: tuple[TimeWindow, ...]) -> tuple[Span, ...]:
    """Windows of the operations as spans from the message's TCA."""
    tca = plan.conjunction.tca_utc
    return tuple(
        Span(
            start_t_s=seconds_between(tca, one.start_utc),
            end_t_s=seconds_between(tca, one.end_utc),
            label=one.label,
        )
        for one in windows
    )


def closed_spans(plan: Plan) -> tuple[Span, ...]:
    """When no burn may be: no-burn windows, eclipses that forbid it, standing maneuvers."""
    setting, operations = _setting(plan), plan.operations
    dark = operations.eclipses if bool(np.all(setting.sunlit_only)) else ()
    standing = tuple(
        Span(start_t_s=float(start), end_t_s=float(end), label=one.label or "standing maneuver")
        for one, (start, end) in zip(operations.standing, setting.standing_t_s, strict=True)
    )
    return (*window_spans(plan, (*operations.no_burn, *dark)), *standing)


def _closed_by(plan: Plan, start_t_s: float, end_t_s: float) -> str | None:
    """What a burn touches that it must not, in words."""
    tca = plan.conjunction.tca_utc
    window = plan.operations.blocked_by(shifted(tca, start_t_s), shifted(tca, end_t_s))
    touched = (
        one.label
        for one in closed_spans(plan)
        if one.start_t_s <= end_t_s and one.end_t_s >= start_t_s
    )
    return window or next(touched, None)


def busy_spans(plan: Plan, option: Option) -> tuple[Span, ...]:
    """From the slew before each burn to the slew back after it."""
    setting = _setting(plan)
    times = [busy(setting, burn) for burn in option.burns]
    return tuple(Span(start_t_s=one.slew_s, end_t_s=one.back_s) for one in times)


def clipped(spans: tuple[Span, ...], start_t_s: float, end_t_s: float) -> tuple[Span, ...]:
    """The parts of spans between two instants."""
    cut = (
        Span(
            start_t_s=max(one.start_t_s, start_t_s),
            end_t_s=min(one.end_t_s, end_t_s),
            label=one.label,
        )
        for one in spans
    )
    return tuple(one for one in cut if one.end_t_s > one.start_t_s)


def too_late_spans(plan: Plan) -> tuple[Span, ...]:
    """Burn times of the trade space that can no longer be commanded at the plan's `now_utc`.

    For a burn of no duration; a long one must be committed half its duration earlier.
    """
    times, craft = plan.trade_space.t_before_tca_s, plan.spacecraft
    commit = plan.operations.commit_by(
        plan.conjunction.tca_utc, -times - float(craft.lead_in_s(plan.trade_space.direction_rtn))
    )
    late = commit < seconds_between(plan.conjunction.tca_utc, plan.now_utc)
    edges = np.diff(np.concatenate([[False], late, [False]]).astype(int))
    half_step = 0.5 * abs(float(times[0] - times[1])) if times.size > 1 else 0.0
    first, last = -float(times[0]), -float(times[-1])
    return tuple(
        Span(
            start_t_s=max(first, -float(times[start]) - half_step),
            end_t_s=min(last, -float(times[stop - 1]) + half_step),
            label="too late to command",
        )
        for start, stop in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    )


# --- which options are shown --------------------------------------------------------------

COLUMNS = 6
"""How many options stand side by side; type is never made smaller for more."""


def columns(plan: Plan, selected: OptionName | None = None, most: int = COLUMNS) -> tuple[int, ...]:
    """Places of the options that stand side by side, in their order.

    No burn, the recommended and the selected option always; then those that can be taken, by cost.

    Parameters
    ----------
    plan : Plan
    selected : OptionName, optional
    most : int
        How many there is room for.
    """
    always = (OptionName.NO_BURN, plan.recommended, selected)

    def rank(at: int) -> tuple[bool, bool, float, int]:
        one = plan.options[at]
        return one.name not in always, not (one.feasible and one.burns), one.cost, at

    return tuple(sorted(sorted(range(len(plan.options)), key=rank)[:most]))


def point_of(front: Front, name: OptionName | None) -> FrontPoint | None:
    """The point that a named option is, shares, or is beaten by; None where it has none."""
    beaten_by = [tie.label for tie in front.ties if tie.name == name]
    for one in front.points:
        if name in (one.option.name, *one.also) or one.label in beaten_by:
            return one
    return None


def with_point(plan: Plan, front: Front, label: str | None) -> Plan:
    """The plan with a trade of its front as one more option; as it is for any other label."""
    trade = next((one.option for one in front.points if one.label == label), None)
    if trade is None or trade.name != OptionName.TRADE:
        return plan
    return replace(plan, options=(*plan.options, trade))


def _setting(plan: Plan) -> Setting:
    return Setting(
        risk=plan.risk,
        spacecraft=plan.spacecraft,
        operations=plan.operations,
        policy=plan.policy,
        now_utc=plan.now_utc,
        robust=plan.robust,
    )


# --- trade space --------------------------------------------------------------------------


def threshold_lines(trade: TradeSpace, threshold: float) -> tuple[FloatArray, FloatArray]:
    """Where Pc crosses a threshold, lower and upper delta-v at each burn time.

    The unsafe set is convex, so at one burn time Pc is at or above the threshold on a single
    interval of delta-v; its ends are interpolated in ln Pc between the samples.

    Parameters
    ----------
    trade : TradeSpace
    threshold : float

    Returns
    -------
    lower, upper : array, shape (n_t,)
        [m/s]; NaN where that end is outside the sampled delta-v or nothing is unsafe.
    """
    excess = np.log(np.maximum(trade.pc, 1e-300)) - np.log(threshold)
    unsafe = excess >= 0
    some = unsafe.any(axis=1)
    size = trade.dv_m_s.size
    first = np.argmax(unsafe, axis=1)
    last = size - 1 - np.argmax(unsafe[:, ::-1], axis=1)
    lower = np.where(
        some & (first > 0), _crossing(trade.dv_m_s, excess, np.maximum(first, 1) - 1), np.nan
    )
    upper = np.where(
        some & (last < size - 1),
        _crossing(trade.dv_m_s, excess, np.minimum(last, size - 2)),
        np.nan,
    )
    return lower, upper


def _crossing(dv_m_s: FloatArray, excess: FloatArray, left: NDArray[np.intp]) -> FloatArray:
    """Zero of `excess` between samples `left` and `left + 1` of each row."""
    row = np.arange(len(excess))
    low, high = excess[row, left], excess[row, left + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = low / (low - high)
    return np.asarray(dv_m_s[left] + share * (dv_m_s[left + 1] - dv_m_s[left]))


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What a burn at one point of the trade space would mean, by the linear map.

    Parameters
    ----------
    epoch_utc : datetime
        Mid-burn.
    t_before_tca_s : float
        [s].
    dv_in_track_m_s : float
        Signed [m/s].
    pc_linear : float
        Pc after the burn by the linear map, not flown.
    propellant_kg : float
        [kg].
    commit_by_utc : datetime or None
        None when no contact is left for it.
    too_late : bool
        The commit is past.
    blocked_by : str or None
        The no-burn window, eclipse or standing maneuver that it touches.
    """

    epoch_utc: datetime
    t_before_tca_s: float
    dv_in_track_m_s: float
    pc_linear: float
    propellant_kg: float
    commit_by_utc: datetime | None
    too_late: bool
    blocked_by: str | None


def probe(plan: Plan, time_index: int, dv_index: int) -> Probe:
    """The burn at a sample of the trade space.

    Raises
    ------
    IndexError
        If the sample is not in the trade space.
    """
    trade, spacecraft, operations = plan.trade_space, plan.spacecraft, plan.operations
    before_s, dv = float(trade.t_before_tca_s[time_index]), float(trade.dv_m_s[dv_index])
    epoch = shifted(plan.conjunction.tca_utc, -before_s)
    burns = spacecraft.can_maneuver and dv != 0
    half_s = 0.5 * spacecraft.burn_duration_s(abs(dv)) if burns else 0.0
    start = shifted(epoch, -half_s)
    lead_in_s = float(spacecraft.lead_in_s(dv * trade.direction_rtn))
    commit = operations.commit_by_utc(shifted(start, -lead_in_s))
    return Probe(
        epoch_utc=epoch,
        t_before_tca_s=before_s,
        dv_in_track_m_s=dv,
        pc_linear=float(trade.pc[time_index, dv_index]),
        propellant_kg=spacecraft.propellant_used_kg(abs(dv)) if burns else 0.0,
        commit_by_utc=commit,
        too_late=commit is None or commit < plan.now_utc,
        blocked_by=_closed_by(plan, -before_s - half_s, -before_s + half_s),
    )


# --- encounter plane ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaneView:
    """The encounter plane before any burn, the other object in the middle.

    Parameters
    ----------
    one_sigma_m, three_sigma_m : array, shape (n, 2)
        Ellipses of the combined covariance, closed [m].
    act_m, target_m : array, shape (n, 2), or None
        Outlines of the positions where Pc is at least the threshold to act and the target,
        closed [m]; None where no position reaches that Pc.
    positions_m : dict of OptionName to array, shape (2,)
        Primary minus other object at closest approach after each option, by the linear map
        [m].
    hard_body_radius_m : float
        [m].
    """

    one_sigma_m: FloatArray
    three_sigma_m: FloatArray
    act_m: FloatArray | None
    target_m: FloatArray | None
    positions_m: dict[OptionName, FloatArray]
    hard_body_radius_m: float


def plane_view(plan: Plan) -> PlaneView:
    """Ellipses, outlines of the unsafe sets and positions of a plan's options."""
    plane, radius_m = plan.risk.planning_plane, plan.risk.hbr.radius_m
    factor = plan.risk.encounter.plane_factor
    return PlaneView(
        one_sigma_m=_ellipse(plane.cov_m2, 1.0),
        three_sigma_m=_ellipse(plane.cov_m2, 3.0),
        act_m=_outline(plane.cov_m2, radius_m, plan.policy.pc_act / factor),
        target_m=_outline(plane.cov_m2, radius_m, plan.policy.pc_target / factor),
        positions_m=_positions(plan),
        hard_body_radius_m=radius_m,
    )


def _ellipse(cov_m2: FloatArray, sigmas: float) -> FloatArray:
    angle = np.linspace(0, 2 * np.pi, _ELLIPSE_POINTS)
    values, vectors = np.linalg.eigh(cov_m2)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    return np.asarray(sigmas * (vectors * np.sqrt(values)) @ circle).T


def _outline(cov_m2: FloatArray, radius_m: float, threshold: float) -> FloatArray | None:
    unsafe = unsafe_set(cov_m2, radius_m, threshold)
    if unsafe is None:
        return None
    points = unsafe.sampled(_OUTLINE_VERTICES).point @ np.linalg.inv(unsafe.scaled_from_plane).T
    return np.concatenate([points, points[:1]])


def _positions(plan: Plan) -> dict[OptionName, FloatArray]:
    """The miss moved by all burns before TCA; without a burn only "no burn" has a place."""
    miss = plan.risk.planning_plane.miss_m
    flown = [
        (one.name, burn) for one in plan.options for burn in one.burns if burn.t_before_tca_s > 0
    ]
    places = {OptionName.NO_BURN: miss}
    if flown:
        times = np.array([burn.t_before_tca_s for _, burn in flown])
        moved = _setting(plan).displacement(times)
        for (name, burn), matrix in zip(flown, moved, strict=True):
            places[name] = places.get(name, miss) + matrix @ burn.dv_rtn_m_s
    return places


# --- history ------------------------------------------------------------------------------


def history(plan: Plan) -> History:
    """The event as its messages tell it, with the radius and the primary of the plan."""
    return event_history(
        plan.event,
        hard_body_radius_m=plan.risk.hbr.radius_m,
        policy=plan.policy,
        maneuvering="OBJECT1" if plan.conjunction.primary_is_object1 else "OBJECT2",
    )

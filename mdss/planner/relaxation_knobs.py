"""The constraints that could give, and how far each would have to at every burn time.

A constraint is a mask over burn times and, where it can give, a `Knob`: the value that it would
need at each burn time, and how to change the inputs to that value. A constraint that comes new
needs a mask in `Field.masks` and, where it can give, one line in `knobs_of`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.operations import TimeWindow
from mdss.planner import relaxation_phrases as say
from mdss.planner.candidates import Sweep, sweep
from mdss.planner.costs import Cost, Deviation, Fuel, Interruption, Lateness
from mdss.planner.mission import outcomes_of
from mdss.planner.setting import (
    CONFIRMATION,
    ECLIPSE,
    NO_BURN_WINDOWS,
    SLEW_LIMIT,
    STANDING,
    Schedule,
    Setting,
    burn_durations_s,
    schedule_between,
)
from mdss.policy import Policy
from mdss.units import seconds_between, shifted

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_A_HAIR = 1e-9  # relative: a value that just suffices survives the arithmetic
_EDGE_S = 1e-3  # a burn that touches a window is blocked; instants are kept to the microsecond
_CONTACT_S = 600.0
_HALF_TURN_DEG = 180.0

COMMAND, LARGEST, PROPELLANT = "command", "largest burn", "propellant"
HORIZON, MINIMUM_LEAD, THRUST = "planning horizon", "minimum lead", "thrust"
ON_TIME = "longest firing"
SIZE = frozenset({LARGEST, PROPELLANT, ON_TIME})
_PLANNER_MARGIN = 1.3  # on sizes, where durations decide: the planner's own
_LIMITED: tuple[tuple[str, Cost], ...] = (
    ("propellant_g", Fuel()),
    ("interruption_min", Interruption()),
    ("deviation_boxes", Deviation()),
    ("decision_lead_h", Lateness()),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    """The least burn at each of many times, inside the planning horizon or not.

    Parameters
    ----------
    setting : Setting
        With the constraints that the masks are about.
    found : Sweep
        The burns, shape (n,); made with a horizon that holds all the times.
    scale : float
        Flown size over linear size, 1 or more.
    """

    setting: Setting
    found: Sweep
    scale: float = 1.0

    @classmethod
    def at(cls, setting: Setting, times_s: FloatArray, scale: float = 1.0) -> Field:
        """The field at burn times that may lie up to the setting's `reach_s` before TCA."""
        operations = setting.operations
        horizon_s = max(operations.planning_horizon_s, float(times_s[0]))
        wide = replace(operations, planning_horizon_s=horizon_s, minimum_lead_s=0.0)
        inside = replace(setting, operations=wide)
        return cls(setting=setting, found=sweep(inside, setting.directions, times_s), scale=scale)

    @property
    def times_s(self) -> FloatArray:
        """Mid-burn, seconds before TCA."""
        return self.found.optimum.t_before_tca_s

    @property
    def ways_rtn(self) -> FloatArray:
        """Directions of the burns, any length, shape (n, 3)."""
        return self.found.optimum.dv_rtn_m_s

    @cached_property
    def dv_m_s(self) -> FloatArray:
        """Sizes as they would be flown; inf where no size does [m/s]."""
        least = self.setting.spacecraft.minimum_dv_m_s
        return np.maximum(self.scale * self.found.optimum.dv_m_s, least)

    @cached_property
    def half_s(self) -> FloatArray:
        """Half the burn durations, with the margin that the planner keeps [s]."""
        dv = np.maximum(_PLANNER_MARGIN / self.scale, 1.0) * self.dv_m_s
        return 0.5 * self.durations_s(dv)

    def durations_s(self, dv_m_s: FloatArray) -> FloatArray:
        """Burn durations, whatever the largest burn and the reserve are [s]."""
        craft = self.setting.spacecraft
        free = replace(craft, maximum_dv_m_s=math.inf, propellant_reserve_kg=0.0)
        return burn_durations_s(free, dv_m_s, self.ways_rtn)

    @property
    def start_t_s(self) -> FloatArray:
        """Starts of the burns, seconds from TCA."""
        return -self.times_s - self.half_s

    @property
    def end_t_s(self) -> FloatArray:
        """Ends of the burns, seconds from TCA."""
        return -self.times_s + self.half_s

    @property
    def slew_t_s(self) -> FloatArray:
        """Starts of the slews, seconds from TCA."""
        return self.start_t_s - self.setting.spacecraft.lead_in_s(self.ways_rtn)

    @property
    def now_t_s(self) -> float:
        """Now, seconds from TCA."""
        return seconds_between(self.setting.tca_utc, self.setting.now_utc)

    @cached_property
    def timing(self) -> Schedule:
        """The schedule at these sizes, under the constraints of the setting."""
        return schedule_between(self.setting, self.start_t_s, self.end_t_s, self.ways_rtn)

    @cached_property
    def masks(self) -> Mapping[str, BoolArray]:
        """For each constraint, the burn times that it forbids."""
        operations, craft, timing = self.setting.operations, self.setting.spacecraft, self.timing
        return {
            HORIZON: self.times_s > operations.planning_horizon_s * (1 + _A_HAIR),
            MINIMUM_LEAD: self.times_s < operations.minimum_lead_s * (1 - _A_HAIR),
            COMMAND: timing.too_late,
            THRUST: timing.too_slow,
            LARGEST: ~(self.dv_m_s <= craft.maximum_dv_m_s),
            PROPELLANT: ~(self.dv_m_s <= self._propellant_dv_m_s()),
            ON_TIME: self.durations_s(self.dv_m_s) > self.longest_s,
            **{name: mask for name, mask in timing.closures if name != NO_BURN_WINDOWS},
            **{f"window {k}": touched for k, touched in enumerate(self._touched())},
            **{name: ~(cost <= limit) for name, cost, limit in self.limits},
        }

    @cached_property
    def longest_s(self) -> FloatArray:
        """How long the thruster of each burn may fire without a break [s]."""
        each = np.array([one.maximum_on_s for one in self.setting.spacecraft.thrusters])
        return each[self.setting.spacecraft.thruster_places(self.ways_rtn)]

    def _propellant_dv_m_s(self) -> float:
        return replace(self.setting.spacecraft, maximum_dv_m_s=math.inf).available_dv_m_s

    def _touched(self) -> Iterator[BoolArray]:
        for window in self.setting.operations.no_burn:
            low, high = self.edges_t_s(window)
            yield (self.start_t_s <= high) & (self.end_t_s >= low)

    def edges_t_s(self, window: TimeWindow) -> tuple[float, float]:
        """Start and end of a window, seconds from TCA."""
        tca = self.setting.tca_utc
        return seconds_between(tca, window.start_utc), seconds_between(tca, window.end_utc)

    @cached_property
    def limits(self) -> list[tuple[str, FloatArray, float]]:
        """The hard limits of the policy: field, cost of each burn, limit."""
        outcome = outcomes_of(self.found)
        given = ((name, cost, getattr(self.setting.policy.limits, name)) for name, cost in _LIMITED)
        return [(name, cost.of(outcome), limit) for name, cost, limit in given if limit is not None]

    def open_but(self, besides: frozenset[str] = frozenset()) -> BoolArray:
        """Burn times that nothing forbids, constraints `besides` left aside."""
        closed = [mask for name, mask in self.masks.items() if name not in besides]
        known = np.isfinite(self.dv_m_s) if not besides & SIZE else True
        return np.asarray(known & ~np.any(closed, axis=0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Knob:
    """One constraint that could give.

    Parameters
    ----------
    constraint : str
        Its name, for people.
    opens : frozenset of str
        The masks that it lifts.
    unit : str
        SI; "deg" for angles.
    given : float
        Its value as it stands.
    needed : array, shape (n,)
        The value that each burn needs; NaN where no value helps.
    whole : float
        What a change is measured against.
    applied : callable
        A setting with the value that the burn of an index needs.
    how : callable
        "With a command lead of 48 min instead of 60 min", for the burn of an index.
    """

    constraint: str
    opens: frozenset[str]
    unit: str
    given: float
    needed: FloatArray
    whole: float
    applied: Callable[[Setting, int], Setting]
    how: Callable[[int], str]

    @property
    def share(self) -> FloatArray:
        """How far it has to give, relative to what was given; inf where it cannot help."""
        share = np.abs(self.needed - self.given) / self.whole
        return np.where(np.isnan(share), np.inf, share)


def knobs_of(field: Field) -> Iterator[Knob]:
    """All that could give by itself without changing the burns."""
    yield from _windows(field)
    yield from _leads(field)
    yield from _contact(field)
    yield from _largest_burn(field)
    yield from _reserve(field)
    yield from _horizon(field)
    yield from _minimum_lead(field)
    yield from _on_time(field)
    yield from _confirmation(field)
    yield from _lifted(field)
    yield from _limits(field)


# --- time ---------------------------------------------------------------------------------


def _windows(field: Field) -> Iterator[Knob]:
    for k, window in enumerate(field.setting.operations.no_burn):
        if np.any(field.masks[f"window {k}"]):
            yield _window(field, k, window)


def _window(field: Field, k: int, window: TimeWindow) -> Knob:
    """The window begins after the burn or ends before it, whichever takes less of it."""
    low, high = field.edges_t_s(window)
    after = field.end_t_s + _EDGE_S - low  # lost at its start
    before = high - (field.start_t_s - _EDGE_S)  # lost at its end
    lost = np.clip(np.minimum(after, before), 0.0, high - low)

    def applied(setting: Setting, i: int) -> Setting:
        kept = _kept(window, float(lost[i]), at_start=bool(after[i] <= before[i]))
        windows = setting.operations.no_burn
        others = tuple(one for one in windows if one != window)
        return _operations(setting, no_burn=(*others, *kept))

    return Knob(
        constraint=say.window_name(window),
        opens=frozenset({f"window {k}"}),
        unit="s",
        given=high - low,
        needed=high - low - lost,
        whole=high - low,
        applied=applied,
        how=lambda i: say.window(window, float(lost[i]), at_start=bool(after[i] <= before[i])),
    )


def _kept(window: TimeWindow, lost_s: float, *, at_start: bool) -> tuple[TimeWindow, ...]:
    if lost_s >= seconds_between(window.start_utc, window.end_utc) - _EDGE_S:
        return ()
    if at_start:
        return (replace(window, start_utc=shifted(window.start_utc, lost_s)),)
    return (replace(window, end_utc=shifted(window.end_utc, -lost_s)),)


def _leads(field: Field) -> Iterator[Knob]:
    late = field.now_t_s - field.timing.commit_t_s
    operations = field.setting.operations
    names = ("command_lead_s", "decision_lead_s")
    for name in names:
        if getattr(operations, name) > 0:
            yield _lead(field, name, late)
    if all(getattr(operations, name) > 0 for name in names):
        yield _both_leads(field, late)


def _lead(field: Field, name: str, late: FloatArray) -> Knob:
    given = float(getattr(field.setting.operations, name))
    needed = _where(late <= given, given - np.maximum(late, 0.0) - _EDGE_S)
    needed = np.maximum(needed, 0.0)
    label = name.removesuffix("_s").replace("_", " ")
    return Knob(
        constraint=label,
        opens=frozenset({COMMAND}),
        unit="s",
        given=given,
        needed=needed,
        whole=given,
        applied=lambda setting, i: _operations(setting, **{name: float(needed[i])}),
        how=lambda i: say.shorter(label, given, float(needed[i])),
    )


def _both_leads(field: Field, late: FloatArray) -> Knob:
    """Both together, the longer one first, where neither alone is enough."""
    operations = field.setting.operations
    command, decision = operations.command_lead_s, operations.decision_lead_s
    given = command + decision
    needed = _where((late > max(command, decision)) & (late <= given), given - late - _EDGE_S)
    needed = np.maximum(needed, 0.0)

    def applied(setting: Setting, i: int) -> Setting:
        share = float(needed[i]) / given
        return _operations(
            setting, command_lead_s=share * command, decision_lead_s=share * decision
        )

    return Knob(
        constraint="command and decision lead",
        opens=frozenset({COMMAND}),
        unit="s",
        given=given,
        needed=needed,
        whole=given,
        applied=applied,
        how=lambda i: say.shorter("command and decision lead", given, float(needed[i])),
    )


def _contact(field: Field) -> Iterator[Knob]:
    """One more contact, as late as the slew of the burn allows."""
    operations = field.setting.operations
    if not operations.contacts_known:
        return
    lead_s = operations.command_lead_s + operations.decision_lead_s
    ends, tca = field.slew_t_s, field.setting.tca_utc
    earliest = shifted(field.setting.now_utc, lead_s)
    able = ends - lead_s >= field.now_t_s
    given = len(operations.contacts)
    later_is_easier = 1e-9 * field.times_s  # decides between burns that all need one

    def applied(setting: Setting, i: int) -> Setting:
        end = shifted(tca, float(ends[i]))
        new = TimeWindow(start_utc=shifted(end, -_CONTACT_S), end_utc=end, label="one more")
        return _operations(setting, contacts=(*setting.operations.contacts, new))

    yield Knob(
        constraint="contacts",
        opens=frozenset({COMMAND}),
        unit="contacts",
        given=given,
        needed=_where(able, given + 1 + later_is_easier),
        whole=1.0,
        applied=applied,
        how=lambda i: say.contact(earliest, shifted(tca, float(ends[i]))),
    )


def _horizon(field: Field) -> Iterator[Knob]:
    given = field.setting.operations.planning_horizon_s
    needed = field.times_s
    yield Knob(
        constraint=HORIZON,
        opens=frozenset({HORIZON}),
        unit="s",
        given=given,
        needed=needed,
        whole=given,
        applied=lambda setting, i: _operations(setting, planning_horizon_s=float(needed[i])),
        how=lambda i: say.longer_horizon(given, float(needed[i])),
    )


def _minimum_lead(field: Field) -> Iterator[Knob]:
    given = field.setting.operations.minimum_lead_s
    if given <= 0:
        return
    needed = field.times_s
    yield Knob(
        constraint=MINIMUM_LEAD,
        opens=frozenset({MINIMUM_LEAD}),
        unit="s",
        given=given,
        needed=needed,
        whole=given,
        applied=lambda setting, i: _operations(setting, minimum_lead_s=float(needed[i])),
        how=lambda i: say.shorter(MINIMUM_LEAD, given, float(needed[i])),
    )


# --- size ---------------------------------------------------------------------------------


def _largest_burn(field: Field) -> Iterator[Knob]:
    given = field.setting.spacecraft.maximum_dv_m_s
    if not math.isfinite(given):
        return
    needed = _where(np.isfinite(field.dv_m_s), field.dv_m_s * (1 + _A_HAIR))
    yield Knob(
        constraint=LARGEST,
        opens=frozenset({LARGEST}),
        unit="m/s",
        given=given,
        needed=needed,
        whole=given,
        applied=lambda setting, i: _spacecraft(setting, maximum_dv_m_s=float(needed[i])),
        how=lambda i: say.largest_burn(given, float(needed[i])),
    )


def _reserve(field: Field) -> Iterator[Knob]:
    """As much of the reserve as the burn needs, with the least efficient thruster."""
    craft = field.setting.spacecraft
    given = craft.propellant_reserve_kg
    if given <= 0:
        return
    exhaust_m_s = min(one.exhaust_m_s for one in craft.thrusters)
    usable = -craft.mass_kg * np.expm1(-field.dv_m_s * (1 + _A_HAIR) / exhaust_m_s)
    left = craft.propellant_kg - usable
    needed = _where(left >= 0, left)
    yield Knob(
        constraint="propellant reserve",
        opens=frozenset({PROPELLANT}),
        unit="kg",
        given=given,
        needed=needed,
        whole=given,
        applied=lambda setting, i: _spacecraft(setting, propellant_reserve_kg=float(needed[i])),
        how=lambda i: say.reserve(given, float(needed[i])),
    )


def _on_time(field: Field) -> Iterator[Knob]:
    """A thruster that fires longer without a break."""
    given = float(np.max(field.longest_s, initial=0.0, where=np.isfinite(field.longest_s)))
    if not given > 0:
        return
    needed = _where(np.isfinite(field.dv_m_s), field.durations_s(field.dv_m_s) * (1 + _A_HAIR))

    def applied(setting: Setting, i: int) -> Setting:
        longer = tuple(
            replace(one, maximum_on_s=max(one.maximum_on_s, float(needed[i])))
            for one in setting.spacecraft.thrusters
        )
        return _spacecraft(setting, thrusters=longer)

    yield Knob(
        constraint=ON_TIME,
        opens=frozenset({ON_TIME}),
        unit="s",
        given=given,
        needed=needed,
        whole=given,
        applied=applied,
        how=lambda i: say.longer("thruster that may fire for", given, float(needed[i])),
    )


# --- attitude, light and telemetry ---------------------------------------------------------


def _confirmation(field: Field) -> Iterator[Knob]:
    """A downlink that may come later after the burn."""
    operations = field.setting.operations
    given = operations.confirm_within_s
    if given is None or not np.any(field.masks[CONFIRMATION]):
        return
    tca, needed = field.setting.tca_utc, np.full(field.times_s.shape, np.nan)
    for contact in operations.downlinks:
        start, end = field.edges_t_s(contact)
        heard = np.maximum(start, field.end_t_s)
        enough = heard + operations.minimum_contact_s <= end
        needed = np.fmin(needed, _where(enough, heard - field.end_t_s + _EDGE_S))
    relaxed = replace(operations, confirm_within_s=float(np.nanmax(needed, initial=given)))
    needed = _where(relaxed.confirmed(tca, field.end_t_s), needed)
    yield Knob(
        constraint="time to the confirmation contact",
        opens=frozenset({CONFIRMATION}),
        unit="s",
        given=given,
        needed=needed,
        whole=max(given, 60.0),
        applied=lambda setting, i: _operations(setting, confirm_within_s=float(needed[i])),
        how=lambda i: say.longer("downlink to confirm the burn within", given, float(needed[i])),
    )


def _lifted(field: Field) -> Iterator[Knob]:
    """Constraints that hold or do not, with nothing in between."""
    for name, how, applied in _LIFTS:
        if np.any(field.masks[name]):
            yield Knob(
                constraint=name,
                opens=frozenset({name}),
                unit="",
                given=1.0,
                needed=np.zeros(field.times_s.shape),
                whole=1.0,
                applied=applied,
                how=lambda _, how=how: how,  # type: ignore[misc]
            )


def _lit_or_not(setting: Setting, _: int) -> Setting:
    anywhere = tuple(replace(one, sunlit_only=False) for one in setting.spacecraft.thrusters)
    return _spacecraft(_operations(setting, burns_in_eclipse=True), thrusters=anywhere)


def _unconfirmed(setting: Setting, _: int) -> Setting:
    return _operations(setting, confirm_within_s=None, confirm_before_tca=False)


def _without_standing(setting: Setting, _: int) -> Setting:
    return _operations(setting, standing=())


def _any_attitude(setting: Setting, _: int) -> Setting:
    return _spacecraft(setting, maximum_slew_deg=None)


_LIFTS: tuple[tuple[str, str, Callable[[Setting, int], Setting]], ...] = (
    (ECLIPSE, "If the thrusters may fire in eclipse", _lit_or_not),
    (CONFIRMATION, "Without a contact to confirm the burn", _unconfirmed),
    (STANDING, "Without the standing maneuvers", _without_standing),
    (SLEW_LIMIT, "Without the largest slew", _any_attitude),
)


# --- policy -------------------------------------------------------------------------------


def _limits(field: Field) -> Iterator[Knob]:
    for name, cost, limit in field.limits:
        yield _limit(name, field.scale * cost * (1 + _A_HAIR), limit)


def _limit(name: str, needed: FloatArray, given: float) -> Knob:
    def applied(setting: Setting, i: int) -> Setting:
        limits = replace(setting.policy.limits, **{name: float(needed[i])})
        return _policy(setting, limits=limits)

    return Knob(
        constraint=say.limit_name(name),
        opens=frozenset({name}),
        unit=say.limit_unit(name),
        given=given,
        needed=_where(np.isfinite(needed), needed),
        whole=given or 1.0,
        applied=applied,
        how=lambda i: say.limit(name, given, float(needed[i])),
    )


# --- what changes the burns themselves -----------------------------------------------------


def cone_knob(field: Field) -> Knob | None:
    """Thrusters that may push further off their axes, by as little as opens some burn time.

    None where directions do not bind or a burn in any direction would not do.
    """
    if field.setting.spacecraft.directions_rtn is None:
        return None
    given = math.degrees(field.setting.spacecraft.cone_half_angle_rad or 0.0)

    def open_at(value: float, times_s: FloatArray) -> BoolArray:
        wider = _with_cones(field.setting, value)
        return Field.at(wider, times_s, field.scale).open_but()

    needed = least_value(open_at, given, _HALF_TURN_DEG, field.times_s)
    if not np.any(np.isfinite(needed)):
        return None
    return Knob(
        constraint="thruster directions",
        opens=SIZE,
        unit="deg",
        given=given,
        needed=needed,
        whole=_HALF_TURN_DEG,
        applied=lambda setting, i: _with_cones(setting, float(needed[i])),
        how=lambda i: say.cone(given, float(needed[i])),
    )


def _with_cones(setting: Setting, half_angle_deg: float) -> Setting:
    """All cones at least so wide; without axes where that is every direction."""
    every = half_angle_deg >= _HALF_TURN_DEG
    wider = tuple(
        replace(one, directions_rtn=None, cone_half_angle_deg=None)
        if every
        else replace(one, cone_half_angle_deg=max(one.cone_half_angle_deg or 0.0, half_angle_deg))
        for one in setting.spacecraft.thrusters
        if every or one.directions_rtn is not None
    )
    return _spacecraft(setting, thrusters=wider)


def least_value(
    open_at: Callable[[float, FloatArray], BoolArray],
    given: float,
    most: float,
    times_s: FloatArray,
    *,
    tolerance: float = 1e-3,
    steps: int = 14,
) -> FloatArray:
    """The least value at which some burn time opens, at the times that it opens; else NaN.

    Parameters
    ----------
    open_at : callable
        Which of some burn times are open at a value; more of them the further it is from `given`.
    given, most : float
        Where none is open, and as far as the value may go.
    times_s : array, shape (n,)
    tolerance : float
        Of the distance between the two.
    steps : int
        At most.
    """
    left = np.flatnonzero(open_at(most, times_s))
    low, high = given, most
    for _ in range(steps if left.size else 0):
        if abs(high - low) <= tolerance * abs(most - given):
            break
        middle = 0.5 * (low + high)
        open_ = open_at(middle, times_s[left])
        if np.any(open_):
            left, high = left[open_], middle
        else:
            low = middle
    needed = np.full(times_s.shape, np.nan)
    needed[left] = high
    return needed


# --- changed inputs -----------------------------------------------------------------------


def _operations(setting: Setting, **changes: object) -> Setting:
    return replace(setting, operations=replace(setting.operations, **changes))  # type: ignore[arg-type]


def _spacecraft(setting: Setting, **changes: object) -> Setting:
    return replace(setting, spacecraft=replace(setting.spacecraft, **changes))  # type: ignore[arg-type]


def _policy(setting: Setting, **changes: object) -> Setting:
    policy: Policy = replace(setting.policy, **changes)  # type: ignore[arg-type]
    return replace(setting, policy=policy)


def _where(good: BoolArray, value: FloatArray) -> FloatArray:
    return np.asarray(np.where(good, value, np.nan))

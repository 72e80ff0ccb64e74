"""When a burn may be: windows, leads, contacts, horizon, and what else depends on the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mdss.operations import Operations, TimeWindow
from mdss.planner.relaxation import phrases as say
from mdss.planner.relaxation.field import (
    COMMAND,
    DECISION_LEAD,
    HORIZON,
    MINIMUM_LEAD,
    Field,
)
from mdss.planner.relaxation.knob import Applied, FloatArray, Knob, changed, knob_of, where
from mdss.planner.setting import CONFIRMATION, ECLIPSE, Setting
from mdss.units import HOUR_S, seconds_between, shifted

_EDGE_S = 1e-3  # a burn that touches a window is blocked; instants are kept to the microsecond
_CONTACT_S = 600.0
_SOONER = 0.49  # of its duration: when a burn ends after its middle, at the soonest
_MINUTE_S = 60.0


def knobs_of_time(field: Field) -> Iterator[Knob]:
    """All that could give for a burn to be at another time."""
    for k, window in enumerate(field.setting.operations.no_burn):
        if np.any(field.masks[f"window {k}"]):
            yield _window(field, k, window)
    yield from _leads(field)
    yield from _contact(field)
    yield _horizon(field)
    yield from _minimum_lead(field)
    yield from _confirmation(field)
    yield from _lifted(field)


# --- no-burn windows ----------------------------------------------------------------------


def _window(field: Field, k: int, window: TimeWindow) -> Knob:
    """The window begins after the burn or ends before it, whichever takes less of it."""
    low, high = field.edges_t_s(window)
    at_start = field.end_t_s + _EDGE_S - low
    at_end = high - (field.start_t_s - _EDGE_S)
    lost = np.clip(np.minimum(at_start, at_end), 0.0, high - low)

    def applied(setting: Setting, i: int) -> Setting:
        kept = _kept(window, float(lost[i]), at_start=bool(at_start[i] <= at_end[i]))
        others = [one for one in setting.operations.no_burn if one != window]
        return changed(setting, "operations", no_burn=(*others, *kept))

    return Knob(
        constraint=say.window_constraint(window),
        opens=frozenset({f"window {k}"}),
        unit="s",
        given=high - low,
        needed=high - low - lost,
        whole=high - low,
        applied=applied,
        how=lambda i: say.window(window, float(lost[i]), at_start=bool(at_start[i] <= at_end[i])),
    )


def _kept(window: TimeWindow, lost_s: float, *, at_start: bool) -> tuple[TimeWindow, ...]:
    if lost_s >= seconds_between(window.start_utc, window.end_utc) - _EDGE_S:
        return ()
    if at_start:
        return (replace(window, start_utc=shifted(window.start_utc, lost_s)),)
    return (replace(window, end_utc=shifted(window.end_utc, -lost_s)),)


# --- leads and contacts -------------------------------------------------------------------


def _leads(field: Field) -> Iterator[Knob]:
    late = field.now_t_s - field.timing.commit_t_s
    operations = field.setting.operations
    names = [one for one in ("command_lead_s", "decision_lead_s") if getattr(operations, one) > 0]
    for name in names:
        yield _lead(operations, name, late)
    if len(names) > 1:
        yield _both_leads(operations, late)


def _lead(operations: Operations, name: str, late: FloatArray) -> Knob:
    given, label = float(getattr(operations, name)), name.removesuffix("_s").replace("_", " ")
    left = np.maximum(given - np.maximum(late, 0.0) - _EDGE_S, 0.0)
    return knob_of(
        ("operations", name),
        constraint=label,
        mask=COMMAND,
        unit="s",
        given=given,
        needed=where(late <= given, left),
        how=lambda given, needed: say.shorter(label, given, needed),
    )


def _both_leads(operations: Operations, late: FloatArray) -> Knob:
    """Both in proportion, where neither alone is enough."""
    command, decision = operations.command_lead_s, operations.decision_lead_s
    given, label = command + decision, "command and decision lead together"
    left = np.maximum(given - late - _EDGE_S, 0.0)
    needed = where((late > max(command, decision)) & (late <= given), left)

    def applied(setting: Setting, i: int) -> Setting:
        share = float(needed[i]) / given
        leads = {"command_lead_s": share * command, "decision_lead_s": share * decision}
        return changed(setting, "operations", **leads)

    return Knob(
        constraint=label,
        opens=frozenset({COMMAND}),
        unit="s",
        given=given,
        needed=needed,
        whole=given,
        applied=applied,
        how=lambda i: say.shorter(label, given, float(needed[i])),
    )


def _contact(field: Field) -> Iterator[Knob]:
    """One more contact, as late as the slew of the burn allows: it also sets when to decide."""
    operations, ends = field.setting.operations, field.slew_t_s
    limit_h = field.setting.policy.limits.decision_lead_h
    if not operations.contacts_known:
        return
    lead_s, tca = operations.command_lead_s + operations.decision_lead_s, field.setting.tca_utc
    commit_s = field.now_t_s if limit_h is None else max(field.now_t_s, -limit_h * HOUR_S)
    earliest = shifted(tca, commit_s + lead_s)
    later_is_easier = 1e-9 * field.times_s  # decides between burns that all need one
    given = len(operations.contacts)

    def applied(setting: Setting, i: int) -> Setting:
        end = shifted(tca, float(ends[i]))
        new = TimeWindow(start_utc=shifted(end, -_CONTACT_S), end_utc=end, label="one more")
        return changed(setting, "operations", contacts=(*setting.operations.contacts, new))

    yield Knob(
        constraint="contacts",
        opens=frozenset({COMMAND, DECISION_LEAD}),
        unit="contacts",
        given=given,
        needed=where(ends - lead_s >= commit_s, given + 1 + later_is_easier),
        whole=1.0,
        applied=applied,
        how=lambda i: say.contact(earliest, shifted(tca, float(ends[i]))),
    )


# --- horizon and minimum lead -------------------------------------------------------------


def _horizon(field: Field) -> Knob:
    return knob_of(
        ("operations", "planning_horizon_s"),
        constraint=HORIZON,
        mask=HORIZON,
        unit="s",
        given=field.setting.operations.planning_horizon_s,
        needed=field.times_s,
        how=say.longer_horizon,
    )


def _minimum_lead(field: Field) -> Iterator[Knob]:
    given = field.setting.operations.minimum_lead_s
    if given > 0:
        yield knob_of(
            ("operations", "minimum_lead_s"),
            constraint=MINIMUM_LEAD,
            mask=MINIMUM_LEAD,
            unit="s",
            given=given,
            needed=field.times_s,
            how=lambda given, needed: say.shorter(MINIMUM_LEAD, given, needed),
        )


# --- telemetry and light ------------------------------------------------------------------


def _confirmation(field: Field) -> Iterator[Knob]:
    """A downlink that may come later after the burn."""
    operations = field.setting.operations
    given = operations.confirm_within_s
    if given is None or not np.any(field.masks[CONFIRMATION]):
        return
    needed = _wait_s(field)
    patient = replace(operations, confirm_within_s=float(np.nanmax(needed, initial=given)))
    heard = patient.confirmed(field.setting.tca_utc, field.end_t_s)
    yield knob_of(
        ("operations", "confirm_within_s"),
        constraint="time to the confirmation contact",
        mask=CONFIRMATION,
        unit="s",
        given=given,
        needed=where(heard, needed),
        whole=max(given, _MINUTE_S),
        how=lambda given, needed: say.longer("downlink to confirm the burn within", given, needed),
    )


def _wait_s(field: Field) -> FloatArray:
    """From the end of each burn to the next downlink that is long enough; NaN: none.

    A burn that is flown may end a little sooner, and then waits longer.
    """
    operations, waits = field.setting.operations, np.full(field.times_s.shape, np.nan)
    burned = -field.times_s + _SOONER * field.durations_s(field.dv_m_s)
    for contact in operations.downlinks:
        start, end = field.edges_t_s(contact)
        heard = np.maximum(start, burned)
        enough = np.maximum(start, field.end_t_s) + operations.minimum_contact_s <= end
        waits = np.fmin(waits, where(enough, heard - burned + _EDGE_S))
    return waits


def _lifted(field: Field) -> Iterator[Knob]:
    """Constraints that hold or do not, with nothing in between."""
    for name, how, applied in _LIFTS:
        if np.any(field.masks[name]):
            yield _lift(field, name, how, applied)


def _lift(field: Field, name: str, how: str, applied: Applied) -> Knob:
    return Knob(
        constraint=name,
        opens=frozenset({name}),
        unit="",
        given=1.0,
        needed=np.zeros(field.times_s.shape),
        whole=1.0,
        applied=applied,
        how=lambda _: how,
    )


def _in_eclipse(setting: Setting, _: int) -> Setting:
    anywhere = tuple(replace(one, sunlit_only=False) for one in setting.spacecraft.thrusters)
    lit = changed(setting, "spacecraft", thrusters=anywhere)
    return changed(lit, "operations", burns_in_eclipse=True)


def _unconfirmed(setting: Setting, _: int) -> Setting:
    return changed(setting, "operations", confirm_within_s=None, confirm_before_tca=False)


_LIFTS: tuple[tuple[str, str, Applied], ...] = (
    (ECLIPSE, "If the thrusters may fire in eclipse", _in_eclipse),
    (CONFIRMATION, "Without a contact to confirm the burn", _unconfirmed),
)

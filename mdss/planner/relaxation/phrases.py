"""What a constraint would have to become, in words; each figure is rounded so that it suffices.

Every phrase can open a sentence that goes on with the burn: "With a command lead of 48 min instead
of 60 min, 2.1 cm/s at 06:55 suffices."
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import NamedTuple

from mdss.maneuver import Burn
from mdss.time_windows import TimeWindow
from mdss.units import HOUR_S, shifted

_MINUTE_S = 60.0
_LONG_S = 3 * HOUR_S
_HAIR = 1e-6  # of a step: what is whole stays so
_LIMITS = {
    "propellant_g": ("propellant", "g"),
    "interruption_min": ("payload lost", "min"),
    "deviation_boxes": ("deviation", "boxes"),
    "decision_lead_h": ("decision lead", "h"),
}


def sentence(hows: tuple[str, ...], burn: Burn, pc: float) -> str:
    """What has to give, and the burn that is then enough as it was flown."""
    first, *others = hows
    asked = " and ".join([first, *(one[0].lower() + one[1:] for one in others)])
    return f"{asked}, {burn_words(burn)} suffices (Pc {figures(pc)} when flown)."


def burn_words(burn: Burn) -> str:
    """ "2.1 cm/s at 19 Mar 06:55"."""
    return f"{speed(burn.dv_m_s, up=False)} at {clock(burn.epoch_utc)}"


class TimeUnit(NamedTuple):
    """Minutes or hours, and how many steps each is told in."""

    name: str
    seconds: float
    steps: int


# --- one constraint -----------------------------------------------------------------------


def window_name(window: TimeWindow) -> str:
    """ "no-burn window 'downlink pass'"."""
    return f"no-burn window {window.label!r}" if window.label else "no-burn window"


def window_constraint(window: TimeWindow) -> str:
    """The same with its start, since several may share a label."""
    return f"{window_name(window)} of {clock(window.start_utc)}"


def window(window: TimeWindow, lost_s: float, *, at_start: bool) -> str:
    """How far a burn has to reach into a no-burn window, at its start or before its end."""
    start, end = window.start_utc, window.end_utc
    span = f"({clock(start)} to {clock(end)})"
    if lost_s >= (end - start).total_seconds():
        return f"Without the {window_name(window)} {span}"
    if at_start:
        until = clock(shifted(start, lost_s))
        return (
            f"If a burn may last {minutes(lost_s)} into the {window_name(window)} {span}, "
            f"until {until}"
        )
    return (
        f"If a burn may start {minutes(lost_s)} before the end of the {window_name(window)} {span}"
    )


def shorter(name: str, given_s: float, needed_s: float) -> str:
    """A lead that is cut."""
    unit = time_unit(given_s)
    return f"With a {name} of {span(needed_s, unit, up=False)} instead of {span(given_s, unit)}"


def longer(what: str, given_s: float, needed_s: float) -> str:
    """A span that is stretched."""
    unit = time_unit(needed_s)
    return f"With a {what} {span(needed_s, unit)} instead of {span(given_s, unit, up=False)}"


def contact(earliest_utc: datetime, latest_utc: datetime) -> str:
    """An uplink contact that is missing."""
    return f"With one more contact that ends between {clock(earliest_utc)} and {clock(latest_utc)}"


def longer_horizon(given_s: float, needed_s: float) -> str:
    """A planning horizon that reaches further back."""
    given, needed = given_s / HOUR_S, math.ceil(10 * needed_s / HOUR_S) / 10
    return f"With a planning horizon of {needed:.1f} h instead of {given:g} h"


def largest_burn(given_m_s: float, needed_m_s: float) -> str:
    """A larger single burn."""
    return f"With a burn of up to {speed(needed_m_s)} instead of {speed(given_m_s, up=False)}"


def reserve(given_kg: float, needed_kg: float) -> str:
    """Propellant taken from the reserve."""
    return f"With {mass(given_kg - needed_kg)} of the reserve of {mass(given_kg)}"


def cone(given_deg: float, needed_deg: float) -> str:
    """Thrusters that push off their axes."""
    if needed_deg >= 180.0:
        return "If the thrusters may push in any direction"
    angle, off = math.ceil(10 * needed_deg) / 10, f"{given_deg:.3g}"
    return f"If the thrusters may push up to {angle:.1f}° off their axes instead of {off}°"


def slew(given_deg: float, needed_deg: float) -> str:
    """A larger turn from the normal attitude."""
    angle = math.ceil(10 * needed_deg) / 10
    return f"With a slew of up to {angle:.1f}° instead of {given_deg:.3g}°"


def firing(given_s: float, needed_s: float) -> str:
    """A thruster that fires longer without a break."""
    return f"If a thruster may fire for {_up(needed_s, 3):.4g} s without a break, not {given_s:g} s"


def target(given: float, needed: float, act: float) -> str:
    """A Pc target that asks for less."""
    return (
        f"At a target of {figures(needed, up=True)} instead of {figures(given)}, still below the "
        f"threshold to act of {figures(act)}"
    )


def limit_name(field: str) -> str:
    """A hard limit of the policy."""
    return f"policy limit of {_LIMITS[field][0]}"


def limit_unit(field: str) -> str:
    """Its unit."""
    return _LIMITS[field][1]


def limit(field: str, given: float, needed: float) -> str:
    """A hard limit that is raised."""
    unit = limit_unit(field)
    return f"With a {limit_name(field)} of {_up(needed, 3):.4g} {unit} instead of {given:g} {unit}"


# --- figures ------------------------------------------------------------------------------


def minutes(seconds: float) -> str:
    """A length of time that suffices: minutes, to a tenth below ten; hours from three on."""
    return span(seconds, time_unit(seconds))


def time_unit(seconds: float) -> TimeUnit:
    """What a length of time is told in, so that two of them can share it."""
    if seconds >= _LONG_S:
        return TimeUnit("h", HOUR_S, 10)
    return TimeUnit("min", _MINUTE_S, 10 if seconds < 10 * _MINUTE_S else 1)


def span(seconds: float, unit: TimeUnit, *, up: bool = True) -> str:
    """A length of time in a unit, rounded up or down."""
    steps = unit.steps * seconds / unit.seconds
    whole = math.ceil(steps - _HAIR) if up else math.floor(steps + _HAIR)
    return f"{whole / unit.steps:g} {unit.name}"


def speed(value_m_s: float, *, up: bool = True) -> str:
    """Centimetres a second, three figures."""
    rounded = _up(100 * value_m_s, 3) if up else 100 * value_m_s
    return f"{rounded:.3g} cm/s"


def mass(value_kg: float) -> str:
    """Grams below a kilogram."""
    return f"{_up(value_kg, 3):.3g} kg" if value_kg >= 1 else f"{_up(1e3 * value_kg, 2):.3g} g"


def figures(pc: float, *, up: bool = False) -> str:
    """A probability, two figures: 1.3e-5."""
    mantissa, exponent = f"{_up(pc, 2) if up else pc:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def clock(instant_utc: datetime) -> str:
    """ "19 Mar 06:55", to the nearest minute."""
    rounded = shifted(instant_utc, 0.5 * _MINUTE_S)
    return f"{rounded.day} {rounded:%b %H:%M}"


def _up(value: float, digits: int) -> float:
    """Rounded up to so many figures."""
    if not (value > 0 and math.isfinite(value)):
        return value
    step = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    return math.ceil(value / step - _HAIR) * step

"""Numbers as people read them: units, signs, instants. One place, so that all screens agree.

Every function returns plain text. The minus sign is U+2212, thousands are grouped with a comma,
and a value that is not there is an en dash.
"""

from __future__ import annotations

import math
import re
from datetime import datetime

from mdss.units import DAY_S, HOUR_S, seconds_between

MINUS = "\u2212"
NOTHING = "\u2013"
ACT, CAUTION, GOOD, INFO, OFF, STAR = "▲", "◆", "●", "■", "○", "★"
"""Glyphs that go with a colour, so that the colour is never alone."""

_PC_FLOOR = 1e-30
_MINUTE_S = 60.0


def number(value: float, digits: int = 0) -> str:
    """Fixed digits, grouped thousands, U+2212 when negative; never "−0"."""
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and any(figure not in "0.," for figure in text)
    return MINUS + text if negative else text


def signed(value: float, digits: int = 0) -> str:
    """As `number`, with a plus sign when it is not negative."""
    text = number(value, digits)
    return text if text.startswith(MINUS) else "+" + text


def pc(value: float | None) -> str:
    """A probability, two digits: "2.3e-4"; "<1e-30" instead of zero.

    Examples
    --------
    >>> pc(2.34e-4), pc(0.0), pc(None)
    ('2.3e-4', '<1e-30', '–')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if value < _PC_FLOOR:
        return "<1e-30"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}" if int(exponent) else mantissa


def sentence(text: str) -> str:
    """A sentence with its exponents as `pc` writes them: "1.3e-03" becomes "1.3e-3"."""
    return re.sub(r"(?<=\de)([-+])0+(?=\d)", r"\1", text)


def threshold(value: float) -> str:
    """A chosen probability, without the digits that nobody chose: "1e-4", "3e-6"."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def ratio(value: float, reference: float) -> str:
    """A probability relative to another one: "×0.013"; nothing when it cannot be said."""
    if not (reference > 0 and value > 0):
        return NOTHING
    share = value / reference
    if not 1e-4 <= share < 1e4:
        return f"×{threshold(share)}" if 1e-30 < share < 1e30 else NOTHING
    digits = max(0, 1 - math.floor(math.log10(share)))
    return f"×{share:,.{digits}f}"


def length(value_m: float) -> str:
    """A distance: m with grouping, a decimal under 10 m, km from 10 km."""
    if abs(value_m) >= 10_000:
        return f"{number(value_m / 1e3, 1)} km"
    return f"{number(value_m, 1 if abs(value_m) < 10 else 0)} m"


def metres(value_m: float) -> str:
    """The number of `length` in metres, without its unit, for a row headed "m"."""
    return number(value_m, 1 if abs(value_m) < 10 else 0)


def rtn(vector: object, digits: int = 0, scale: float = 1.0) -> str:
    """Three signed components: "R +1 T −2 N +3"."""
    parts = [signed(float(one) * scale, digits) for one in vector]  # type: ignore[attr-defined]
    return " ".join(f"{axis} {part}" for axis, part in zip("RTN", parts, strict=True))


def speed(value_m_s: float) -> str:
    """A speed with its unit: cm/s under 1 m/s, km/s from 1 km/s."""
    size = abs(value_m_s)
    if size >= 1e3:
        return f"{number(value_m_s / 1e3, 2)} km/s"
    return f"{number(value_m_s, 2)} m/s" if size >= 1 else f"{cm_s(value_m_s)} cm/s"


def cm_s(value_m_s: float) -> str:
    """A delta-v in cm/s without its unit: two decimals, three when it is under 1 mm/s."""
    value = 100 * value_m_s
    return number(value, 3 if 0 < abs(value) < 0.1 else 2)


def mass(value_kg: float) -> str:
    """A mass with its unit: g under 1 kg."""
    return f"{number(value_kg, 2)} kg" if abs(value_kg) >= 1 else f"{grams(value_kg)} g"


def grams(value_kg: float) -> str:
    """A mass in grams without its unit."""
    value = 1e3 * value_kg
    return number(value, 1 if abs(value) < 1000 else 0)


def boxes(value: float) -> str:
    """A share of the station-keeping box."""
    return number(value, 2)


def gap(relative: float) -> str:
    """A relative gap in percent without its sign, one digit: "0.006"; "<0.001" below that."""
    percent = 100 * relative
    return "<0.001" if percent < 0.001 else f"{percent:.1g}" if percent < 1 else f"{percent:.1f}"


def clock(instant_utc: datetime | None, *, date: bool = True, seconds: bool = False) -> str:
    """An instant in UTC: "24 Nov 05:14", with seconds or without the date when asked."""
    if instant_utc is None:
        return NOTHING
    time = instant_utc.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{instant_utc.day} {instant_utc.strftime('%b')} {time}" if date else time


def before_tca(t_before_tca_s: float) -> str:
    """How long before TCA: "T−23.3 h", in days from three days on, in minutes under one hour."""
    sign = MINUS if t_before_tca_s >= 0 else "+"
    size = abs(t_before_tca_s)
    if size < HOUR_S:
        return f"T{sign}{size / _MINUTE_S:.0f} min"
    if size >= 3 * DAY_S:
        return f"T{sign}{size / DAY_S:.1f} d"
    return f"T{sign}{size / HOUR_S:.1f} h"


def span(seconds: float) -> str:
    """A length of time: "1 h 42 m"; seconds only in the last ten minutes, days above two."""
    whole = max(0, int(seconds))
    days, hours = whole // int(DAY_S), whole // int(HOUR_S)
    minutes = whole // 60
    if minutes < 10:
        return f"{minutes} m {whole % 60:02d} s"
    if hours < 1:
        return f"{minutes} m"
    if days < 2:
        return f"{hours} h {minutes % 60:02d} m"
    return f"{days} d {hours % 24} h"


def countdown(now_utc: datetime, until_utc: datetime) -> str:
    """Time left: "1 h 42 m"; "passed 12 m ago" once it is over."""
    left_s = seconds_between(now_utc, until_utc)
    return span(left_s) if left_s >= 0 else f"passed {span(-left_s)} ago"

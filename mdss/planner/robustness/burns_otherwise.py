"""Every way in which the burns of a plan may turn out: size, direction, time, cut short, missed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mdss.maneuver import Burn
from mdss.planner.execution import pointing_sigma_m_s, size_sigma_m_s
from mdss.spacecraft import ExecutionError
from mdss.units import shifted

FloatArray = NDArray[np.float64]

SIZE_SIGMAS = (-3.0, -1.0, 1.0, 3.0)
POINTING_SIGMAS = 3.0
POINTING_DIRECTIONS = 8
TIMING_ERROR_S = 60.0
LATE_S = 600.0


class Change(StrEnum):
    """What is changed in a row."""

    NOMINAL = "nominal"
    SIZE = "size"
    POINTING = "pointing"
    TIMING = "timing"
    CUT = "cut"
    MISSED = "missed"
    COVARIANCE = "covariance"
    RADIUS = "radius"

    @property
    def of_burns(self) -> bool:
        """Whether the burns turn out otherwise, with the encounter as the message has it."""
        return self in (Change.SIZE, Change.POINTING, Change.TIMING, Change.CUT, Change.MISSED)


@dataclass(frozen=True, kw_only=True, eq=False)
class BurnsOtherwise:
    """One way in which the burns of a plan may turn out.

    Parameters
    ----------
    change : Change
    what, detail : str
        As in `RobustnessRow`; of those with the same `what` the worst makes the row.
    burns : tuple of Burn
        As fired.
    """

    change: Change
    what: str
    detail: str = ""
    burns: tuple[Burn, ...]


def burns_otherwise(
    burns: Sequence[Burn], error: ExecutionError | None, timing_error_s: float = TIMING_ERROR_S
) -> Iterator[BurnsOtherwise]:
    """Every way in which the burns of a plan are looked at.

    Parameters
    ----------
    burns : sequence of Burn
    error : ExecutionError, optional
        None: sizes and directions are taken as exact; so is the one that it has no error of.
    timing_error_s : float
        Burns early and late by this much [s].
    """
    if not burns:
        return
    if error is not None and error.in_size:
        yield from _other_sizes(burns, error)
    if error is not None and error.in_pointing:
        yield from _other_directions(burns, error)
    yield from _other_times(burns, timing_error_s)
    yield from _cut(burns)
    yield from _missed(burns)


def _other_sizes(burns: Sequence[Burn], error: ExecutionError) -> Iterator[BurnsOtherwise]:
    total = sum(burn.dv_m_s for burn in burns)
    for sigmas in SIZE_SIGMAS:
        fired = tuple(
            _resized(burn, sigmas * float(size_sigma_m_s(error, burn.dv_m_s))) for burn in burns
        )
        more = (sum(burn.dv_m_s for burn in fired) - total) / total
        warmth = "hot" if sigmas > 0 else "cold"
        yield BurnsOtherwise(
            change=Change.SIZE,
            what=f"{warmth} {_noun(burns)}, {_signed(sigmas)} sigma",
            detail=f"size {_signed(100 * more, 1)} %",
            burns=fired,
        )


def _resized(burn: Burn, more_m_s: float) -> Burn:
    """The burn so much larger or smaller, never turned round."""
    return replace(burn, dv_rtn_m_s=burn.dv_rtn_m_s * max(0.0, 1 + more_m_s / burn.dv_m_s))


def _other_directions(burns: Sequence[Burn], error: ExecutionError) -> Iterator[BurnsOtherwise]:
    place = int(np.argmax([burn.dv_m_s for burn in burns]))
    largest = burns[place]
    off = POINTING_SIGMAS * float(pointing_sigma_m_s(error, largest.dv_m_s)) / largest.dv_m_s
    for angle in np.arange(POINTING_DIRECTIONS) * 2 * np.pi / POINTING_DIRECTIONS:
        fired = tuple(_turned(burn, error, float(angle)) for burn in burns)
        toward = _rtn_words(fired[place].dv_rtn_m_s - largest.dv_rtn_m_s)
        yield BurnsOtherwise(
            change=Change.POINTING,
            what=f"pointing off by {POINTING_SIGMAS:g} sigma",
            detail=f"{math.degrees(math.atan(off)):.1f}° toward {toward}",
            burns=fired,
        )


def _turned(burn: Burn, error: ExecutionError, angle_rad: float) -> Burn:
    along = burn.dv_rtn_m_s / burn.dv_m_s
    least = np.eye(3)[np.argmin(np.abs(along))]
    first = np.cross(along, least)
    first /= np.linalg.norm(first)
    side = math.cos(angle_rad) * first + math.sin(angle_rad) * np.cross(along, first)
    off_m_s = POINTING_SIGMAS * float(pointing_sigma_m_s(error, burn.dv_m_s))
    return replace(burn, dv_rtn_m_s=burn.dv_rtn_m_s + off_m_s * side)


def _rtn_words(vector: FloatArray) -> str:
    """The two largest components' axes: "+N", "+N −R"."""
    unit = vector / np.linalg.norm(vector)
    order = [k for k in np.argsort(-np.abs(unit)) if abs(unit[k]) > 0.3]
    return " ".join(("+" if unit[k] > 0 else "−") + "RTN"[k] for k in order)


def _other_times(burns: Sequence[Burn], error_s: float) -> Iterator[BurnsOtherwise]:
    noun = _noun(burns)
    for late_s, words in (
        (-error_s, f"{noun} {error_s:g} s early"),
        (error_s, f"{noun} {error_s:g} s late"),
        (LATE_S, f"{noun} {LATE_S / 60:g} min late"),
    ):
        fired = tuple(_shifted(burn, late_s) for burn in burns)
        yield BurnsOtherwise(change=Change.TIMING, what=words, burns=fired)


def _shifted(burn: Burn, late_s: float) -> Burn:
    """The same delta-v in the RTN axes of another time."""
    return replace(
        burn,
        epoch_utc=shifted(burn.epoch_utc, late_s),
        t_before_tca_s=burn.t_before_tca_s - late_s,
    )


def _cut(burns: Sequence[Burn]) -> Iterator[BurnsOtherwise]:
    """Each burn shut down half-way, the others fired."""
    for place, burn in enumerate(burns):
        fired = (*burns[:place], _first_half(burn), *burns[place + 1 :])
        words = "burn cut at half" if len(burns) == 1 else "one of the burns cut at half"
        yield BurnsOtherwise(
            change=Change.CUT, what=words, detail=_which(burns, place), burns=fired
        )


def _first_half(burn: Burn) -> Burn:
    earlier = _shifted(burn, -0.25 * burn.duration_s)
    return replace(earlier, dv_rtn_m_s=0.5 * burn.dv_rtn_m_s, duration_s=0.5 * burn.duration_s)


def _missed(burns: Sequence[Burn]) -> Iterator[BurnsOtherwise]:
    for place in range(len(burns)) if len(burns) > 1 else ():
        yield BurnsOtherwise(
            change=Change.MISSED,
            what="one of the burns missed",
            detail=_which(burns, place),
            burns=(*burns[:place], *burns[place + 1 :]),
        )
    words = "burn missed" if len(burns) == 1 else "all burns missed"
    yield BurnsOtherwise(change=Change.MISSED, what=words, burns=())


def _which(burns: Sequence[Burn], place: int) -> str:
    if len(burns) == 1:
        return ""
    return f"number {place + 1} of {len(burns)}, {burns[place].epoch_utc:%d %b %H:%M}"


def _noun(burns: Sequence[Burn]) -> str:
    return "burn" if len(burns) == 1 else "burns"


def _signed(value: float, digits: int = 0) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")

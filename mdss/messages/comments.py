"""What originators say in comments: hard-body radius, density, space weather, scale."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from mdss.messages.values import normal_unit, number_of

_NUMBER = r"[^\s\[\]=:]+"
_HBR = re.compile(
    r"(?:COMBINED[ _-]*)?(?:HBR|HARD[ _-]*BODY[ _-]*RADIUS)(?:[ _-]*\[?M\]?)?\s*[=:]\s*"
    rf"(?P<value>{_NUMBER})\s*\[?(?P<unit>[^\]]*)\]?",
    re.IGNORECASE,
)
_SCALE = re.compile(rf"COVARIANCE_SCALE_FACTOR\s*[=:]\s*(?P<value>{_NUMBER})", re.IGNORECASE)
_SIGMA = re.compile(
    rf"DCP\s+DENSITY\s+FORECAST\s+UNCERTAINTY\s*[=:]\s*(?P<value>{_NUMBER})", re.IGNORECASE
)
_SENSITIVITY = re.compile(
    r"DCP\s+SENSITIVITY\s+VECTOR\s+RTN\s+(?P<part>POS|VEL)\s*[=:]\s*"
    r"(?P<values>[^\[]*?)\s*(?:\[(?P<unit>[^\]]*)\]?)?\s*",
    re.IGNORECASE,
)
_SPACE_WEATHER = re.compile(
    r"space[ _-]*weather|geomagnetic|\bf10(\.7)?\b|\b(kp|ap|dst)\b"
    r"|solar[ _-]*(flare|flux|storm)",
    re.IGNORECASE,
)
_SENSITIVITY_UNIT = {"POS": "m", "VEL": "m/s"}


@dataclass(frozen=True)
class Reading:
    """A number in a comment, or what keeps it from being used."""

    value: float | None
    problem: str = ""


def hard_body_radius(comment: str) -> Reading | None:
    """Combined hard-body radius [m] that a comment states; None for any other comment.

    Examples
    --------
    >>> hard_body_radius("HBR = 15 [m]"), hard_body_radius("Inclination = 98.2 [deg]")
    (Reading(value=15.0, problem=''), None)
    """
    match = _HBR.fullmatch(comment.strip())
    if match is None:
        return None
    value, unit = number_of(match["value"]), normal_unit(match["unit"])
    if value is None or not isfinite(value) or value <= 0:
        return Reading(None, f"hard-body radius {match['value']!r} is not a length above 0 m")
    if unit not in ("", "m", "meter", "meters", "metre", "metres"):
        return Reading(None, f"hard-body radius in {match['unit']!r} instead of [m]")
    return Reading(value)


def covariance_scale_factor(comment: str) -> Reading | None:
    """Scale factor that a comment states; None for any other comment.

    Examples
    --------
    >>> covariance_scale_factor("COVARIANCE_SCALE_FACTOR = 1.000")
    Reading(value=1.0, problem='')
    """
    match = _SCALE.fullmatch(comment.strip())
    if match is None:
        return None
    value = number_of(match["value"])
    if value is None or not isfinite(value):
        return Reading(None, f"covariance scale factor {match['value']!r} is not a number")
    return Reading(value)


def about_space_weather(comment: str) -> bool:
    """Whether a comment is about solar or geomagnetic activity.

    Examples
    --------
    >>> about_space_weather("Kp = 6, G2 storm expected"), about_space_weather("HBR = 15 [m]")
    (True, False)
    """
    return _SPACE_WEATHER.search(comment) is not None


@dataclass(frozen=True)
class DensityReading:
    """Density error (sigma, sensitivity at TCA in RTN: m and m/s), or why there is none."""

    value: tuple[float, tuple[float, ...]] | None
    problem: str = ""


def density_error(comments: Iterable[str]) -> DensityReading:
    """Shared density error of one object, from its three `DCP` comments.

    Parameters
    ----------
    comments : iterable of str
        The comments of the object's data sections.

    Returns
    -------
    DensityReading
        `value` is None when there are no such comments, and when they are incomplete,
        repeated or in other units; then `problem` says so.

    References
    ----------
    .. [1] S. Casali et al., "Effect of cross-correlation of orbital error on probability of
       collision determination", AAS 18-272, 2018.
    """
    sigmas: list[float | None] = []
    vectors: dict[str, list[tuple[float, ...] | None]] = {"POS": [], "VEL": []}
    for comment in comments:
        text = comment.strip()
        if match := _SIGMA.fullmatch(text):
            sigmas.append(number_of(match["value"]))
        elif match := _SENSITIVITY.fullmatch(text):
            vectors[match["part"].upper()].append(_vector(match))
    if not sigmas and not any(vectors.values()):
        return DensityReading(None)
    return _complete(sigmas, vectors["POS"], vectors["VEL"])


def _vector(match: re.Match[str]) -> tuple[float, ...] | None:
    numbers = [number_of(token) for token in match["values"].split()]
    unit = normal_unit(match["unit"] or "")
    right_unit = unit in ("", _SENSITIVITY_UNIT[match["part"].upper()])
    if len(numbers) != 3 or not right_unit:
        return None
    values = tuple(n for n in numbers if n is not None and isfinite(n))
    return values if len(values) == 3 else None


def _complete(
    sigmas: list[float | None],
    positions: list[tuple[float, ...] | None],
    velocities: list[tuple[float, ...] | None],
) -> DensityReading:
    if not len(sigmas) == len(positions) == len(velocities) == 1:
        return DensityReading(
            None,
            "the DCP comments are not one uncertainty, one position and one velocity "
            "sensitivity; the density error is left out",
        )
    sigma, position, velocity = sigmas[0], positions[0], velocities[0]
    readable = sigma is not None and isfinite(sigma) and sigma >= 0
    if not readable or sigma is None or position is None or velocity is None:
        return DensityReading(
            None, "a DCP comment is unreadable or in another unit; the density error is left out"
        )
    return DensityReading((sigma, position + velocity))

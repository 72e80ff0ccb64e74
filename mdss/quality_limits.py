"""Limits that tell a sound orbit determination from a doubtful one, each with its source."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, fields

from mdss.errors import PolicyError
from mdss.toml_file import require_above_zero

CARA = "NASA CARA Analysis Tools, OD quality assessment thresholds, July 2019"
LIFETIMES = "NASA CARA Analysis Tools, fit spans by energy dissipation bin, July 2019"
OURS = "ours, 2026: no source gives a value"
OURS_DRAG = "ours, 2026: 0.14 to 1.9 in the 76 solutions of NASA CARA's Pc test cases"

_BIN_EDGES_W_KG = (1e-7, 6e-4, 1e-3, 1.5e-3, 2e-3, 3e-3, 6e-3, 9e-3, 0.015, 0.05)
"""Upper edges of the energy dissipation bins 0 to 9 (Hejduk 2008, as in the CARA tools)."""
_LONGEST_SPAN_D = (None, 18.0, 17.0, 15.0, 14.0, 12.0, 11.0, 10.0, 8.0, 8.0, 7.0)
_LAST_LOW_BIN, _LAST_MEDIUM_BIN = 1, 7
_ECCENTRIC = 0.25


@dataclass(frozen=True, kw_only=True)
class QualityLimits:
    """What an orbit determination and its covariance must keep to.

    Parameters
    ----------
    residuals_accepted_percent : float
        At least this share of the residuals was accepted [%].
    weighted_rms_payload, weighted_rms_rocket_body, weighted_rms_debris : float
        The weighted RMS of the residuals is below this one.
    age_low_drag_d, age_medium_drag_d, age_high_drag_d : float
        From the last observation to TCA less than this [d]: up to 0.0006 W/kg of energy
        dissipation, up to 0.009 W/kg, above.
    age_counts_within_d : float
        The age decides from here before TCA on [d]; earlier a new solution is to be expected.
    in_track_revolutions : float
        The in-track sigma is below this part of a revolution.
    span_share : float
        The fit spans at least this share of the recommended time.
    observations_used, tracks_used : float
        At least so many.
    in_track_share_of_drag : float
        The in-track sigma is at least this share of the way that drag moves the object along
        the track between the last observation and TCA.
    smallest_sigma_m : float
        The largest position sigma is at least this [m].
    message_age_d : float
        A message is younger than this while TCA is ahead [d].

    Raises
    ------
    PolicyError
        If a limit is not above zero.

    References
    ----------
    .. [1] NASA CARA Analysis Tools, CDM_ODQualityAssessment and its default thresholds, 2019.
    .. [2] M. D. Hejduk, "Space Catalogue Accuracy Modelling Simplifications", 2008.
    """

    residuals_accepted_percent: float = 80.0
    weighted_rms_payload: float = 1.5
    weighted_rms_rocket_body: float = 2.0
    weighted_rms_debris: float = 5.0
    age_low_drag_d: float = 10.0
    age_medium_drag_d: float = 5.0
    age_high_drag_d: float = 3.0
    age_counts_within_d: float = 3.0
    in_track_revolutions: float = 0.125
    span_share: float = 0.5
    observations_used: float = 10.0
    tracks_used: float = 3.0
    in_track_share_of_drag: float = 0.05
    smallest_sigma_m: float = 1.0
    message_age_d: float = 1.0

    def __post_init__(self) -> None:
        for one in fields(self):
            require_above_zero(PolicyError, "", **{one.name: getattr(self, one.name)})

    def weighted_rms(self, object_type: str) -> float:
        """The limit of an object type; what is neither payload nor rocket body is debris."""
        by_type = {
            "PAYLOAD": self.weighted_rms_payload,
            "ROCKET BODY": self.weighted_rms_rocket_body,
        }
        return by_type.get(object_type, self.weighted_rms_debris)

    def age_d(self, energy_dissipation_w_kg: float) -> float:
        """The longest time from the last observation to TCA [d]."""
        number = dissipation_bin(energy_dissipation_w_kg)
        if number <= _LAST_LOW_BIN:
            return self.age_low_drag_d
        return self.age_medium_drag_d if number <= _LAST_MEDIUM_BIN else self.age_high_drag_d


def dissipation_bin(energy_dissipation_w_kg: float) -> int:
    """Number of the energy dissipation bin, 0 (none) to 10 (more than 0.05 W/kg).

    Examples
    --------
    >>> dissipation_bin(0.0), dissipation_bin(4.28e-4), dissipation_bin(-0.0099)
    (0, 1, 8)
    """
    return bisect_left(_BIN_EDGES_W_KG, abs(energy_dissipation_w_kg))


def longest_span_d(energy_dissipation_w_kg: float, eccentricity: float, period_s: float) -> float:
    """The longest fit span that suits an orbit [d].

    Parameters
    ----------
    energy_dissipation_w_kg : float
        SEDR [W/kg].
    eccentricity : float
    period_s : float
        Of the orbit [s]; not finite where it is not closed.

    Notes
    -----
    Fixed for each bin; without drag, and on eccentric orbits of little drag, 14 days and more
    with the period, at most 30. From the CARA tools, 2019.
    """
    number = dissipation_bin(energy_dissipation_w_kg)
    fixed = _LONGEST_SPAN_D[number]
    if fixed is None or (number <= _LAST_LOW_BIN and eccentricity > _ECCENTRIC):
        minutes = period_s / 60 if math.isfinite(period_s) else math.inf
        return min(30.0, max(14.0, 0.0098 * minutes + 14.009))
    return fixed

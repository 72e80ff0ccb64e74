"""Two objects at their closest approach from a pair of two-line element sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from _messages import FloatArray, to_millisecond

from mdss.astro.encounter import linear_tca_shift_s
from mdss.astro.frames import gcrf_state_from_teme


@dataclass(frozen=True)
class Tle:
    """Both lines of an element set."""

    line1: str
    line2: str

    def teme_state(self, epoch_utc: datetime) -> FloatArray:
        """SGP4 state, TEME, shape (6,) [m, m/s]."""
        from sgp4.api import WGS72, Satrec, jday

        second = epoch_utc.second + epoch_utc.microsecond / 1e6
        jd, fraction = jday(*epoch_utc.timetuple()[:5], second)
        code, position, velocity = Satrec.twoline2rv(self.line1, self.line2, WGS72).sgp4(
            jd, fraction
        )
        if code:
            raise ValueError(f"sgp4 error {code} at {epoch_utc}")
        return 1e3 * np.array([*position, *velocity])

    def gcrf_state(self, epoch_utc: datetime) -> tuple[FloatArray, FloatArray]:
        """SGP4 state, GCRF, as position and velocity [m], [m/s]."""
        state = self.teme_state(epoch_utc)
        position, velocity = gcrf_state_from_teme(state[:3], state[3:], epoch_utc)
        return np.asarray(position), np.asarray(velocity)


def closest_approach(first: Tle, second: Tle, guess_utc: datetime) -> datetime:
    """When the two are closest, near a guess, to the millisecond of a message."""
    epoch = guess_utc
    for _ in range(4):
        relative = first.teme_state(epoch) - second.teme_state(epoch)
        epoch += timedelta(seconds=linear_tca_shift_s(relative[:3], relative[3:]))
    return to_millisecond(epoch)

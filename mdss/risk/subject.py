"""One object of a conjunction, as the checks of its data see it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mdss.astro.twobody import orbital_period_s
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import PropagationError
from mdss.observations import ObservationData
from mdss.quality_limits import QualityLimits
from mdss.risk.findings import Finding, Limit, Severity, not_stated, passed
from mdss.units import seconds_between

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """One object with the message that tells of it.

    Parameters
    ----------
    role : str
        "primary" or "secondary".
    thing : ObjectState
    conjunction : Conjunction
        To which the object belongs: TCA, creation, central body.
    now : datetime or None
        The instant of judging, UTC.
    limits : QualityLimits
    """

    role: str
    thing: ObjectState
    conjunction: Conjunction
    now: datetime | None
    limits: QualityLimits

    # --- what is said of it ---------------------------------------------------------------

    def found(
        self,
        what: str,
        value: float | str | None,
        limit: Limit,
        text: str,
        severity: Severity = Severity.CAUTION,
    ) -> Finding:
        """Something wrong; `text` starts in lower case, after the role."""
        return Finding(
            what=what,
            object=self.role,
            severity=severity,
            value=value,
            limit=limit,
            text=f"{self.role.capitalize()}: {text}",
        )

    def compared(self, what: str, value: float | None, limit: Limit, text: str) -> Finding:
        """A number against its limit; the text is for when it does not hold."""
        if value is None:
            return not_stated(what, self.role, limit)
        if limit.holds(value):
            return passed(what, self.role, value, limit)
        return self.found(what, value, limit, text)

    # --- what it is -----------------------------------------------------------------------

    @property
    def data(self) -> ObservationData:
        """What is stated of its orbit determination, possibly nothing."""
        return self.thing.observations or ObservationData()

    @property
    def drag_w_kg(self) -> float | None:
        """Its energy dissipation rate, None where it is not stated or not about the Earth [W/kg].

        The bins and limits that go by it are those of orbits about the Earth.
        """
        return self.data.energy_dissipation_w_kg if self._at_earth else None

    @property
    def _at_earth(self) -> bool:
        return self.conjunction.central_body == "earth"

    @property
    def last_observed_utc(self) -> datetime | None:
        """None where it is not stated, or stated to be after the message was made."""
        last = self.data.last_observed_to_utc or self.data.last_observed_from_utc
        created = self.conjunction.created_utc
        impossible = last is not None and created is not None and last > created
        return None if impossible else last

    @property
    def predicted_s(self) -> float | None:
        """From the last observation to TCA; at least this from the message's creation [s]."""
        since = self.last_observed_utc or self.conjunction.created_utc
        return None if since is None else seconds_between(since, self.conjunction.tca_utc)

    @property
    def sigma_rtn_m(self) -> FloatArray:
        """Position sigmas, RTN, shape (3,) [m]; 0 for a variance that is not positive."""
        return np.asarray(np.sqrt(np.maximum(0.0, np.diag(self.thing.position_cov_rtn_m2))))

    @cached_property
    def ellipse(self) -> tuple[float, float]:
        """Semi-major axis [m] and eccentricity; an infinite circle where it is not bound."""
        gm = self.conjunction.body.gm_m3_s2
        position_m, velocity_m_s = self.thing.position_m, self.thing.velocity_m_s
        try:
            period_s = orbital_period_s(position_m, velocity_m_s, gm)
        except PropagationError:
            return math.inf, 0.0
        momentum2 = float(np.sum(np.cross(position_m, velocity_m_s) ** 2))
        semi_major_axis_m = float(np.cbrt(gm * (period_s / (2 * math.pi)) ** 2))
        squared = 1 - momentum2 / (gm * semi_major_axis_m)
        return semi_major_axis_m, math.sqrt(min(max(squared, 0.0), 1.0))

    @property
    def period_s(self) -> float:
        """Of the orbit [s]; infinite where it is not bound."""
        return 2 * math.pi * math.sqrt(self.ellipse[0] ** 3 / self.conjunction.body.gm_m3_s2)

    @property
    def circumference_m(self) -> float:
        """Length of the orbit by Ramanujan's first approximation [m]."""
        a, eccentricity = self.ellipse
        if not math.isfinite(a):
            return math.inf
        b = a * math.sqrt(1 - eccentricity**2)
        return math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))

"""An orbit over a span of time, whatever it comes from: OEM, OPM, TLE or OMM.

An `Ephemeris` answers for states, covariances and the error of its interpolation at any
instants inside its span, in SI and inertial axes, and never outside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.time_scales import LONGEST_S, elapsed_s, instant_after
from mdss.errors import PropagationError
from mdss.notices import Notice, NoticeCode
from mdss.units import DAY_S, iso

if TYPE_CHECKING:
    from mdss.messages.oem import Oem
    from mdss.messages.opm import Opm

FloatArray = NDArray[np.float64]
Curve = Callable[[FloatArray], FloatArray]
"""From seconds after the reference, shape (n,), to one value a time, shape (n, ...)."""

_ROUNDING_S = 2e-6  # epochs are kept to the microsecond


@dataclass(frozen=True, kw_only=True, eq=False)
class Ephemeris:
    """The orbit of one object over a span.

    Parameters
    ----------
    designator, name : str
        Catalogue number (or another unique identifier) and name.
    reference_utc : datetime
        Where `t_s` is zero; timezone-aware.
    start_utc, end_utc : datetime
        The span in which it answers.
    gaps_utc : tuple of pairs of datetime
        Spans inside it without states, in the order of time.
    states_at : callable
        From t_s, shape (n,), to states, shape (n, 6) [m], [m/s].
    cov_rtn_at : callable, optional
        To covariances in the object's own RTN axes, shape (n, 6, 6) or (n, 3, 3) [m², ...].
    error_at : callable, optional
        To the error of interpolation, shape (n,) [m]; 0 without it.
    central_body : str
        "earth", "mars" or "moon".
    covariance_origin : str
        Where the covariance comes from, in words; an assumption says so.
    source : str
        File name.
    notices : tuple of Notice
        What it rests on.

    Notes
    -----
    Times are SI seconds from `reference_utc`: over a leap second they differ from the
    difference of two clock readings.
    """

    designator: str
    name: str = ""
    reference_utc: datetime
    start_utc: datetime
    end_utc: datetime
    gaps_utc: tuple[tuple[datetime, datetime], ...] = ()
    states_at: Curve
    cov_rtn_at: Curve | None = None
    error_at: Curve | None = None
    central_body: str = "earth"
    covariance_origin: str = ""
    source: str = ""
    notices: tuple[Notice, ...] = ()

    @classmethod
    def from_oem(cls, oem: Oem, designator: str = "") -> Ephemeris:
        """The orbit of one object of an OEM; `mdss.ephemeris_oem.from_oem` tells the rest."""
        from mdss.ephemeris_oem import from_oem

        return from_oem(oem, designator)

    @classmethod
    def from_opm(
        cls, opm: Opm, start_utc: datetime | None = None, end_utc: datetime | None = None
    ) -> Ephemeris:
        """An OPM's state flown over a span; `mdss.ephemeris_opm.from_opm` tells the rest."""
        from mdss.ephemeris_opm import from_opm

        return from_opm(opm, start_utc, end_utc)

    def with_assumed_covariance(self, sigma_rtn_m: tuple[float, float, float]) -> Ephemeris:
        """The same orbit with a constant position covariance that somebody assumes.

        Parameters
        ----------
        sigma_rtn_m : three floats
            Standard deviations radial, transverse, normal [m]; positive.

        Raises
        ------
        CovarianceError
            If a deviation is not a positive number.
        """
        from mdss.sgp4_covariance import ConstantCovariance

        constant = ConstantCovariance(sigma_rtn_m=sigma_rtn_m)
        said = Notice(
            code=NoticeCode.COVARIANCE_ASSUMED,
            message=f"{self.label} has no covariance; assumed is {constant.words}",
            file=self.source or None,
        )
        return replace(
            self,
            cov_rtn_at=constant.cov_rtn_m2,
            covariance_origin=constant.words,
            notices=(*self.notices, said),
        )

    @property
    def label(self) -> str:
        """Name, or designator where there is no name."""
        return self.name or self.designator or self.source or "unnamed object"

    @cached_property
    def span_s(self) -> tuple[float, float]:
        """Start and end in seconds from the reference."""
        return self.seconds_at(self.start_utc), self.seconds_at(self.end_utc)

    @cached_property
    def _gaps_s(self) -> list[tuple[float, float]]:
        return [(self.seconds_at(one), self.seconds_at(other)) for one, other in self.gaps_utc]

    def covered_s(self, start_s: float, end_s: float) -> list[tuple[float, float]]:
        """The parts of a span, in seconds from the reference, that have states."""
        first_s, last_s = self.span_s
        starts = [max(start_s, first_s), *(after for _, after in self._gaps_s)]
        ends = [*(before for before, _ in self._gaps_s), min(end_s, last_s)]
        parts = [
            (max(start, start_s), min(end, end_s)) for start, end in zip(starts, ends, strict=True)
        ]
        return [(start, end) for start, end in parts if start < end]

    def seconds_at(self, instant_utc: datetime) -> float:
        """SI seconds from the reference to an instant."""
        return elapsed_s(self.reference_utc, instant_utc)

    def instant_at(self, t_s: float) -> datetime:
        """The instant so many SI seconds after the reference, to the microsecond."""
        return instant_after(self.reference_utc, t_s)

    def states(self, t_s: ArrayLike) -> FloatArray:
        """Inertial states.

        Parameters
        ----------
        t_s : array_like, shape (n,) or a number
            Seconds from the reference, any order.

        Returns
        -------
        array, shape (n, 6)
            GCRF; at another body ICRF axes at its centre [m], [m/s].

        Raises
        ------
        PropagationError
            If a time is outside the span; it is named.
        """
        return self.states_at(self._covered(t_s))

    def cov_rtn(self, t_s: ArrayLike) -> FloatArray | None:
        """Covariances in the object's own RTN axes; None when it has none.

        Parameters
        ----------
        t_s : array_like, shape (n,) or a number
            Seconds from the reference.

        Returns
        -------
        array, shape (n, 6, 6) or (n, 3, 3), or None
            [m², m²/s, m²/s²].

        Raises
        ------
        PropagationError
            If a time is outside the span.
        """
        return None if self.cov_rtn_at is None else self.cov_rtn_at(self._covered(t_s))

    def error_m(self, t_s: ArrayLike) -> FloatArray:
        """How far interpolation may put the position from the orbit that was sampled [m].

        Parameters
        ----------
        t_s : array_like, shape (n,) or a number
            Seconds from the reference.

        Returns
        -------
        array, shape (n,)
            Not the error of the orbit itself. Zero where nothing is interpolated.

        Raises
        ------
        PropagationError
            If a time is outside the span.
        """
        times = self._covered(t_s)
        return np.zeros(times.size) if self.error_at is None else self.error_at(times)

    def inside_span(self, t_s: ArrayLike) -> FloatArray:
        """Times as an array, shape (n,), none outside the span; gaps are not looked at.

        Raises
        ------
        PropagationError
            If a time is outside the span; both are named.
        """
        times = np.atleast_1d(np.asarray(t_s, dtype=float))
        start_s, end_s = self.span_s
        outside = ~((times >= start_s - _ROUNDING_S) & (times <= end_s + _ROUNDING_S))
        if np.any(outside):
            raise PropagationError(self._not_covered(float(times[outside][0])))
        return times

    def _covered(self, t_s: ArrayLike) -> FloatArray:
        times = self.inside_span(t_s)
        for gap, (before_s, after_s) in zip(self.gaps_utc, self._gaps_s, strict=True):
            inside = (times > before_s + _ROUNDING_S) & (times < after_s - _ROUNDING_S)
            if np.any(inside):
                raise PropagationError(self._in_gap(float(times[inside][0]), gap))
        return times

    @property
    def _whose(self) -> str:
        return f"the ephemeris of {self.label}{f' ({self.source})' if self.source else ''}"

    def _in_gap(self, t_s: float, gap: tuple[datetime, datetime]) -> str:
        return (
            f"{self._whose} has a gap from {iso(gap[0])} to {iso(gap[1])}, and "
            f"{iso(self.instant_at(t_s))} is in it; nothing is interpolated across. Ask outside "
            "it or for a complete ephemeris"
        )

    def _not_covered(self, t_s: float) -> str:
        years = t_s / (365.25 * DAY_S)
        near = abs(t_s) < LONGEST_S
        asked = iso(self.instant_at(t_s)) if near else f"{years:+.0f} years from its first epoch"
        return (
            f"{self._whose} covers "
            f"{iso(self.start_utc)} to {iso(self.end_utc)}, not {asked}; it is not extrapolated. "
            "Ask within that span or for a longer ephemeris"
        )

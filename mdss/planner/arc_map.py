"""How burns that last move the encounter: the map of an impulse, averaged over each burn's arc."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.maneuver import arc_nodes

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ArcMap:
    """The displacement per delta-v between burn times, so that arcs can be averaged quickly.

    Parameters
    ----------
    at : callable
        M at times before TCA, shape (...) [s]: shape (..., 2, 3) [s].
    earliest_s, latest_s, period_s : float
        Ends of the map, before TCA, and a revolution (`mdss.astro.twobody.fastest_turn_s`) [s].
    """

    at: Callable[[FloatArray], FloatArray]
    earliest_s: float
    latest_s: float
    period_s: float

    @classmethod
    def through(cls, times_s: FloatArray, displacement: FloatArray, period_s: float) -> ArcMap:
        """The map through M, shape (n, 2, 3), at falling times before TCA.

        Cubic between them: at 60 s in a low orbit good to 1e-7 of the largest effect of a burn.
        """
        from scipy.interpolate import CubicSpline

        return cls(
            at=CubicSpline(times_s[::-1], displacement[::-1]),
            earliest_s=float(times_s[0]),
            latest_s=float(times_s[-1]),
            period_s=period_s,
        )

    def averaged(
        self, times_s: FloatArray, duration_s: FloatArray, dv_over_exhaust: FloatArray
    ) -> FloatArray:
        """M of burns that last, weighted as their acceleration rises with falling mass.

        Parameters
        ----------
        times_s : array, shape (n,)
            Mid-burn, seconds before TCA [s].
        duration_s : array, shape (n,)
            [s].
        dv_over_exhaust : array, shape (n,)
            Delta-v over effective exhaust speed.

        Returns
        -------
        array, shape (n, 2, 3)
            [s]. For a delta-v that keeps its RTN axes over the arc. What lies before the map or
            after TCA counts as at its ends.
        """
        longest = float(np.max(duration_s, initial=0.0)) / self.period_s
        places, shares = arc_nodes(longest, dv_over_exhaust)
        nodes = times_s[:, None] - duration_s[:, None] * places  # before TCA, hence minus
        maps = self.at(np.clip(nodes, self.latest_s, self.earliest_s))
        return np.asarray(np.einsum("nk,nkij->nij", shares, maps))

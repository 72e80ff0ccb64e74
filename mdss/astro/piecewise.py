"""Curves one after the other: within each one is interpolated, across two never."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from mdss.astro.interpolation import Interpolant
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]

_ROUNDING_S = 2e-6  # epochs are kept to the microsecond


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """One curve and the span in which it may be used.

    Parameters
    ----------
    start_s, end_s : float
        Ends included [s].
    through : Interpolant
        Its samples may reach beyond the span.
    """

    start_s: float
    end_s: float
    through: Interpolant

    def covers(self, t_s: float) -> bool:
        """Whether the curve may be used at an instant."""
        return self.start_s - _ROUNDING_S <= t_s <= self.end_s + _ROUNDING_S


@dataclass(frozen=True, kw_only=True, eq=False)
class Piecewise:
    """The curves of one object, in the order of their starts.

    Where several cover an instant, that which starts last; after its end the others again.

    Parameters
    ----------
    pieces : tuple of Piece
        At least one.
    label : str
        Of the object, for errors.
    """

    pieces: tuple[Piece, ...]
    label: str

    def states(self, t_s: FloatArray) -> FloatArray:
        """States, shape (n, 6) [m], [m/s]; PropagationError in a gap between two pieces."""
        found = np.empty((t_s.size, 6))
        for piece, mine in self._split(t_s):
            found[mine] = piece.through(t_s[mine])
        return found

    def error_m(self, t_s: FloatArray) -> FloatArray:
        """Estimated error of interpolation, shape (n,) [m]; errors as for `states`."""
        found = np.empty(t_s.size)
        for piece, mine in self._split(t_s):
            found[mine] = piece.through.error_m(t_s[mine])
        return found

    def largest_error(self) -> tuple[float, float]:
        """The largest estimated error or misfit between samples in use [m], and where it is [s]."""
        worst_m, when_s = 0.0, self.pieces[0].start_s
        for piece in self.pieces:
            samples_s = piece.through.t_s
            middles_s = 0.5 * (samples_s[1:] + samples_s[:-1])
            used_s = middles_s[(middles_s >= piece.start_s) & (middles_s <= piece.end_s)]
            errors_m = np.maximum(piece.through.error_m(used_s), piece.through.misfit_m(used_s))
            if errors_m.size and errors_m.max() > worst_m:
                worst_m, when_s = float(errors_m.max()), float(used_s[errors_m.argmax()])
        return worst_m, when_s

    def _split(self, t_s: FloatArray) -> Iterator[tuple[Piece, NDArray[np.bool_]]]:
        starts = np.array([piece.start_s for piece in self.pieces])
        which = np.clip(np.searchsorted(starts, t_s, side="right") - 1, 0, None)
        ends = np.array([piece.end_s for piece in self.pieces])
        late = t_s > ends[which] + _ROUNDING_S
        if np.any(late):
            which[late] = self._around(t_s[late])
        return ((piece, which == k) for k, piece in enumerate(self.pieces) if np.any(which == k))

    def _around(self, t_s: FloatArray) -> NDArray[np.int64]:
        """The last piece that covers each instant, after the end of the one that starts last."""
        which = np.full(t_s.size, -1)
        for k, piece in enumerate(self.pieces):
            which[(t_s >= piece.start_s) & (t_s <= piece.end_s + _ROUNDING_S)] = k
        if np.any(which < 0):
            self._refuse_gap(float(t_s[which < 0][0]))
        return which

    def _refuse_gap(self, t_s: float) -> NoReturn:
        before_s = max(piece.end_s for piece in self.pieces if piece.end_s < t_s)
        after_s = [piece.start_s for piece in self.pieces if piece.start_s > t_s]
        where = (
            f"has a gap between {before_s:.3f} s and {min(after_s):.3f} s"
            if after_s
            else f"ends {before_s:.3f} s"
        )
        raise PropagationError(
            f"the ephemeris of {self.label} {where} after its first state, and {t_s:.3f} s is not "
            "covered; it is not extrapolated"
        )

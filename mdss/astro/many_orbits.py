"""Many two-body orbits at once, in equinoctial elements: the trials of a simulation."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mdss.astro.peak_overlap import UncertainOrbit
from mdss.errors import PropagationError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_LAST_STEP_RAD = 1e-6


def gaussian_root(cov: FloatArray) -> FloatArray:
    """A matrix whose product with its transpose is the covariance, negative eigenvalues as zero.

    Parameters
    ----------
    cov : array, shape (n, n)
        Symmetric; scaled to unit diagonal inside, since elements differ by twelve decades.
    """
    scale = np.sqrt(np.maximum(np.diag(cov), 1e-300))
    values, vectors = np.linalg.eigh(cov / np.outer(scale, scale))
    root: FloatArray = scale[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
    return root


class ManyOrbits:
    """Orbits about one body.

    Parameters
    ----------
    elements : array, shape (6, n)
        Equinoctial elements at the epoch (see `mdss.astro.equinoctial`).
    mu_m3_s2 : float
        Gravitational parameter [m³/s²].
    """

    def __init__(self, elements: FloatArray, mu_m3_s2: float) -> None:
        self.elements = elements
        self.mu = mu_m3_s2
        n, af, ag, chi, psi, _ = elements
        self._e2 = af * af + ag * ag
        with np.errstate(all="ignore"):
            self._a = np.cbrt(mu_m3_s2 / n**2)
            b = 1 / (1 + np.sqrt(1 - self._e2))
            c = 1 / (1 + chi * chi + psi * psi)
        self._k = (1 - ag * ag * b, 1 - af * af * b, af * ag * b)
        c2, p2, cp = chi * chi, psi * psi, 2 * chi * psi * c
        self._f = np.stack([(1 - c2 + p2) * c, cp, -2 * chi * c])
        self._g = np.stack([cp, (1 + c2 - p2) * c, 2 * psi * c])

    @classmethod
    def drawn(cls, orbit: UncertainOrbit, root: FloatArray, normals: FloatArray) -> ManyOrbits:
        """Orbits of an uncertain one: mean plus `root` times standard normals (6, n)."""
        return cls(np.array(orbit.elements)[:, None] + root @ normals, orbit.mu_m3_s2)

    @property
    def usable(self) -> BoolArray:
        """Which are ellipses."""
        return np.asarray((self.elements[0] > 0) & (self._e2 < 1))

    def chosen(self, which: NDArray[np.generic]) -> ManyOrbits:
        """Some of them; the object itself when `which` is true everywhere."""
        if which.dtype == bool and bool(np.all(which)):
            return self
        some = object.__new__(ManyOrbits)
        some.elements, some.mu = self.elements[:, which], self.mu
        some._e2, some._a = self._e2[which], self._a[which]
        some._k = tuple(k[which] for k in self._k)
        some._f, some._g = self._f[:, which], self._g[:, which]
        return some

    def states(self, t_s: float | FloatArray) -> tuple[FloatArray, FloatArray]:
        """Positions and velocities, each (3, n) [m], [m/s], at one time or one time each."""
        n, af, ag, _, _, longitude = self.elements
        sine, cosine = _eccentric(af, ag, longitude + n * t_s)
        k1, k2, k12 = self._k
        X = self._a * (k1 * cosine + k12 * sine - af)
        Y = self._a * (k2 * sine + k12 * cosine - ag)
        rate = n * self._a / (1 - af * cosine - ag * sine)
        VX, VY = rate * (k12 * cosine - k1 * sine), rate * (k2 * cosine - k12 * sine)
        return X * self._f + Y * self._g, VX * self._f + VY * self._g


def _eccentric(
    af: FloatArray, ag: FloatArray, longitude: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Sine and cosine of the eccentric longitude: F + ag cos F − af sin F = longitude."""
    sine, cosine = np.sin(longitude), np.cos(longitude)
    F = longitude + (af * sine - ag * cosine) / (1 - af * cosine - ag * sine)
    for _ in range(30):
        sine, cosine = np.sin(F), np.cos(F)
        step = (F + ag * cosine - af * sine - longitude) / (1 - ag * sine - af * cosine)
        np.clip(step, -1.0, 1.0, out=step)
        F -= step
        largest = float(np.max(np.abs(step), initial=0.0))
        if (
            largest < _LAST_STEP_RAD
        ):  # its square is left: turn the sine and cosine by the last step
            return sine - step * cosine, cosine + step * sine
    raise PropagationError("Kepler's equation did not converge for a trial")


Pair: TypeAlias = tuple[ManyOrbits, ManyOrbits]


def relative(pair: Pair, t_s: float | FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Second minus first: positions, velocities (3, n), and the smaller distance to the centre."""
    (r1, v1), (r2, v2) = (orbits.states(t_s) for orbits in pair)
    radius = np.sqrt(np.minimum(dot(r1, r1), dot(r2, r2)))
    return r2 - r1, v2 - v1, radius


def dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Scalar products of columns, (3, n) to (n,)."""
    return np.asarray(np.einsum("ij,ij->j", a, b))

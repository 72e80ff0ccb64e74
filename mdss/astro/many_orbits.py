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
    return _root(cov, np.diag(cov))


def _root(cov: FloatArray, variances: FloatArray) -> FloatArray:
    """`gaussian_root`, scaled by given variances."""
    scale = np.sqrt(np.maximum(variances, 1e-300))
    values, vectors = np.linalg.eigh(cov / np.outer(scale, scale))
    root: FloatArray = scale[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def joint_roots(first: UncertainOrbit, second: UncertainOrbit) -> tuple[FloatArray, FloatArray]:
    """Matrices that turn one vector of standard normals into the errors of both orbits.

    Parameters
    ----------
    first, second : UncertainOrbit
        With a shared error in both, their errors have one draw in common.

    Returns
    -------
    two arrays, shape (6, 12) or (6, 13)
        Columns 0 to 5 are the first orbit's own draws, 6 to 11 the second's, the last one is
        shared. What an object owns is its covariance less the shared part, negative eigenvalues
        as zero.
    """
    zero = np.zeros((6, 6))
    if first.shared is None or second.shared is None:
        roots = (gaussian_root(first.cov_elements), gaussian_root(second.cov_elements))
        return np.hstack([roots[0], zero]), np.hstack([zero, roots[1]])
    one, two = (
        _own_root(first.cov_elements, first.shared),
        _own_root(second.cov_elements, second.shared),
    )
    return np.column_stack([one, zero, first.shared]), np.column_stack([zero, two, second.shared])


def _own_root(cov: FloatArray, shared: FloatArray) -> FloatArray:
    """Root of a covariance without the part that comes from the shared error."""
    return _root(cov - np.outer(shared, shared), np.diag(cov))


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
        self._k = (1 - ag * ag * b, 1 - af * af * b, af * ag * b)
        self._f, self._g = _in_plane_axes(chi, psi)

    @classmethod
    def drawn(cls, orbit: UncertainOrbit, root: FloatArray, normals: FloatArray) -> ManyOrbits:
        """Orbits of an uncertain one: mean plus `root` (6, m) times standard normals (m, n)."""
        return cls(np.array(orbit.elements)[:, None] + root @ normals, orbit.mu_m3_s2)

    @classmethod
    def through(cls, states: FloatArray, mu_m3_s2: float) -> ManyOrbits:
        """Orbits through inertial states (6, n) at the epoch [m], [m/s]; see `usable`."""
        r, v = states[:3], states[3:]
        radius, speed2, across = np.sqrt(dot(r, r)), dot(v, v), dot(r, v)
        h = np.cross(r, v, axis=0)
        w = h / np.sqrt(dot(h, h))
        with np.errstate(all="ignore"):
            a = mu_m3_s2 * radius / (2 * mu_m3_s2 - speed2 * radius)
            chi, psi = w[0] / (1 + w[2]), -w[1] / (1 + w[2])
            f, g = _in_plane_axes(chi, psi)
            e = ((speed2 - mu_m3_s2 / radius) * r - across * v) / mu_m3_s2
            af, ag = dot(e, f), dot(e, g)
            longitude = _mean_longitude(af, ag, dot(r, f) / a, dot(r, g) / a)
            n = np.where(a > 0, np.sqrt(mu_m3_s2 / np.abs(a) ** 3), -1.0)
        return cls(np.stack([n, af, ag, chi, psi, longitude]), mu_m3_s2)

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


def _in_plane_axes(chi: FloatArray, psi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The equinoctial unit vectors f and g, each (3, n)."""
    c2, p2 = chi * chi, psi * psi
    c = 1 / (1 + c2 + p2)
    cp = 2 * chi * psi * c
    f = np.stack([(1 - c2 + p2) * c, cp, -2 * chi * c])
    return f, np.stack([cp, (1 + c2 - p2) * c, 2 * psi * c])


def _mean_longitude(af: FloatArray, ag: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """From the position in the orbit plane, in semi-major axes."""
    root = np.sqrt(1 - af * af - ag * ag)
    b = 1 / (1 + root)
    sine = ag + ((1 - ag * ag * b) * y - b * af * ag * x) / root
    cosine = af + ((1 - af * af * b) * x - b * af * ag * y) / root
    return np.asarray(np.arctan2(sine, cosine) + ag * cosine - af * sine)


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

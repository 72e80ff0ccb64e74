"""Other ways to 2D Pc: published short cuts, each with what it assumes.

None is better than `mdss.astro.probability.pc_2d`. They stand beside it because other teams report
them, and because agreement of independent ways is evidence that none of them went wrong.

All take what `pc_2d` takes, broadcast likewise, and raise the same errors.

References
----------
.. [1] F. K. Chan, AAS 97-173, 1997; and Spacecraft Collision Probability, 2008.
.. [2] S. Alfano, Journal of the Astronautical Sciences 53(1), 103-109, 2005.
.. [3] R. P. Patera, Journal of Guidance, Control, and Dynamics 28(6), 1326-1328, 2005.
.. [4] R. Serra, D. Arzelier, M. Joldes, J.-B. Lasserre, A. Rondepierre and B. Salvy, Journal of
   Guidance, Control, and Dynamics 39(5), 1009-1021, 2016: a comparison, with the cases tested here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.probability import on_principal_axes, strip_probability

FloatArray = NDArray[np.float64]
Result = FloatArray | float

_FEWEST_STRIPS, _MOST_STRIPS = 10, 10_000
_FIRST_STRIP_SHARE = 0.015
_FEWEST_CONTOUR_NODES, _MOST_CONTOUR_NODES = 64, 65_536
_CELLS = 2_000_000


class _Scaled(NamedTuple):
    """Flat arrays: miss and radius in sigmas along both principal axes, larger sigma first."""

    z1: FloatArray
    z2: FloatArray
    a1: FloatArray
    a2: FloatArray
    shape: tuple[int, ...]

    def answer(self, values: FloatArray) -> Result:
        """Values in the shape of the inputs, a float for one case."""
        clipped = np.minimum(values, 1.0).reshape(self.shape)
        return float(clipped) if clipped.ndim == 0 else clipped


def _scaled(miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike) -> _Scaled:
    m1, m2, sigma1, sigma2, radius = on_principal_axes(miss_m, cov_m2, hard_body_radius_m)
    parts = np.broadcast_arrays(
        np.abs(m1 / sigma1), np.abs(m2 / sigma2), radius / sigma1, radius / sigma2
    )
    z1, z2, a1, a2 = (part.ravel() for part in parts)
    return _Scaled(z1, z2, a1, a2, parts[0].shape)


def constant_density(miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike) -> Result:
    """Density at the disc's centre times its area.

    Parameters
    ----------
    miss_m, cov_m2, hard_body_radius_m : array_like
        As for `pc_2d`.

    Returns
    -------
    float or array
        At most 1.

    Notes
    -----
    Holds for a radius small against the smaller sigma, better than (R/sigma)²/8 for a central
    encounter, worse the more sigmas away the miss is. Not for radii of half a sigma or more.

    References
    ----------
    .. [1] K. T. Alfriend, M. R. Akella, J. Frisbee, J. L. Foster, D.-J. Lee and M. Wilkins, Space
       Debris 1(1), 21-35, 1999.

    Examples
    --------
    >>> f"{constant_density([0, 10], [[625, 0], [0, 2500]], 5):.3e}"
    '9.802e-03'
    """
    z1, z2, a1, a2, _ = case = _scaled(miss_m, cov_m2, hard_body_radius_m)
    return case.answer(0.5 * a1 * a2 * np.exp(-0.5 * (z1 * z1 + z2 * z2)))


def equal_area_square(
    miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike
) -> Result:
    """A square of the disc's area along the principal axes: a product of two error functions.

    Parameters
    ----------
    miss_m, cov_m2, hard_body_radius_m : array_like
        As for `pc_2d`.

    Notes
    -----
    The corners reach 25 % beyond the disc, the sides fall 11 % short of it. Good to a percent or
    so near the body of the Gaussian; not in the tail, where what counts is how near the edge comes.

    References
    ----------
    .. [1] J. L. Foster and H. S. Estes, NASA JSC-25898, 1992 (the square hard body).

    Examples
    --------
    >>> f"{equal_area_square([0, 10], [[625, 0], [0, 2500]], 5):.3e}"
    '9.739e-03'
    """
    return square(miss_m, cov_m2, hard_body_radius_m, 0.5 * math.sqrt(math.pi))


def square(
    miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike, half_side: float = 1.0
) -> Result:
    """A square about the disc's centre, sides along the principal axes.

    Parameters
    ----------
    miss_m, cov_m2, hard_body_radius_m : array_like
        As for `pc_2d`.
    half_side : float
        Half of its side in radii; 1 is the square around the disc, an upper bound of `pc_2d` that
        some providers report.
    """
    z1, z2, a1, a2, _ = case = _scaled(miss_m, cov_m2, hard_body_radius_m)
    along = strip_probability(z1, half_side * a1)
    return case.answer(along * strip_probability(z2, half_side * a2))


def chan_1997(miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike) -> Result:
    """Chan's series: the disc replaced by the ellipse of equal area that has the Gaussian's shape.

    Parameters
    ----------
    miss_m, cov_m2, hard_body_radius_m : array_like
        As for `pc_2d`.

    Notes
    -----
    On axes scaled by the sigmas that ellipse is a disc, and Pc the noncentral chi-square
    distribution Σ Poisson(m; v/2) P(m + 1, u/2), u = R²/(σ1 σ2), v = z1² + z2². All terms are
    positive and summed to rounding.

    Holds for a radius small against the smaller sigma, and for round covariances of any size. Not
    where the radius exceeds the smaller sigma: the ellipse then reaches beyond the disc along
    one axis and short of it along the other, by any number of orders of magnitude.

    References
    ----------
    .. [1] F. K. Chan, AAS 97-173, 1997.

    Examples
    --------
    >>> f"{chan_1997([0, 10], [[625, 0], [0, 2500]], 5):.3e}"
    '9.754e-03'
    """
    z1, z2, a1, a2, _ = case = _scaled(miss_m, cov_m2, hard_body_radius_m)
    half_u, half_v = 0.5 * a1 * a2, 0.5 * (z1 * z1 + z2 * z2)
    return case.answer(_poisson_of_gamma(half_v, half_u))


def _poisson_of_gamma(half_v: FloatArray, half_u: FloatArray) -> FloatArray:
    """Σ over m of Poisson(m; v/2) P(m + 1, u/2), in blocks of m.

    The terms peak near m = √(v u)/2 or before; their width is the root of that.
    """
    from scipy.special import gammainc, xlogy

    peak = np.sqrt(half_u * half_v)
    last = math.ceil(float(np.max(peak + 12 * np.sqrt(peak), initial=0.0))) + 60
    total = np.zeros(half_v.shape)
    block = max(1, _CELLS // max(half_v.size, 1))
    for start in range(0, last, block):
        m = np.arange(start, min(start + block, last), dtype=float)[:, None]
        log_poisson = xlogy(m, half_v) - half_v - _log_factorial(m)
        total += np.sum(np.exp(log_poisson) * gammainc(m + 1, half_u), axis=0)
    return total


def _log_factorial(m: FloatArray) -> FloatArray:
    from scipy.special import gammaln

    return np.asarray(gammaln(m + 1))


def alfano_2005(miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike) -> Result:
    """Alfano's strips: Simpson's rule along one axis, error functions across it.

    Parameters
    ----------
    miss_m, cov_m2, hard_body_radius_m : array_like
        As for `pc_2d`.

    Notes
    -----
    The strips step along the smaller sigma; their number is 5 R over the least of both sigmas and
    the miss, at least 10 and here at most 10 000. Typically good to 1e-5, within six sigmas to
    1e-3, at 20 sigmas to percents: the chord's slope at the disc's edge is infinite, and Simpson's
    rule does not follow it. Not where more digits matter.

    References
    ----------
    .. [1] S. Alfano, Journal of the Astronautical Sciences 53(1), 103-109, 2005.

    Examples
    --------
    >>> f"{alfano_2005([0, 10], [[625, 0], [0, 2500]], 5):.3e}"
    '9.742e-03'
    """
    case = _scaled(miss_m, cov_m2, hard_body_radius_m)
    z1, z2, a1, a2, _ = case
    # steps along the smaller sigma, error functions along the larger
    count = _strips(case)
    values = np.zeros(z1.shape)
    for n in np.unique(count):
        part = np.flatnonzero(count == n)
        values[part] = _simpson_strips(z2[part], a2[part], z1[part], a1[part], int(n))
    return case.answer(values)


def _strips(case: _Scaled) -> NDArray[np.int64]:
    z1, z2, a1, a2, _ = case
    miss_over_radius = np.hypot(z1 / a1, z2 / a2)
    with np.errstate(divide="ignore"):
        wanted = 5 * np.maximum(a2, 1 / miss_over_radius)
    return np.asarray(np.clip(wanted, _FEWEST_STRIPS, _MOST_STRIPS), dtype=np.int64)


def _simpson_strips(
    z: FloatArray, a: FloatArray, z_across: FloatArray, a_across: FloatArray, n: int
) -> FloatArray:
    """Simpson's rule over 2n steps from the disc's edge to its centre, both halves folded.

    The first node stands 1.5 % of a step inside the edge, where the chord's slope is infinite.
    """
    step = 0.5 / n
    x = np.arange(2 * n + 1) * step - 1
    x[0] += _FIRST_STRIP_SHARE * step
    weights = np.where(np.arange(x.size) % 2 == 1, 4.0, 2.0)
    weights[0], weights[-1] = 2.0, 1.0
    x, weights = x[:, None], weights[:, None]
    strip = strip_probability(z_across, a_across * np.sqrt(1 - x * x))
    density = np.exp(-0.5 * (z + a * x) ** 2) + np.exp(-0.5 * (z - a * x) ** 2)
    return np.asarray(np.sum(weights * strip * density, axis=0) * step * a / (3 * _SQRT_2PI))


_SQRT_2PI = math.sqrt(2 * math.pi)


def patera_2005(miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike) -> Result:
    """Patera's contour: an integral along the edge of the hard body, any shape in principle.

    Parameters
    ----------
    miss_m, cov_m2, hard_body_radius_m : array_like
        As for `pc_2d`.

    Notes
    -----
    On axes scaled by the sigmas the Gaussian's integral over angle and radius leaves
    1/2π ∮ (1 − exp(−r²/2)) dθ along the scaled disc's edge, periodic and smooth, so that equal
    steps converge fast: as exact as `pc_2d`, in another way. Far outside only the exponential is
    summed, since the rest cancels. Steps shrink with the radius in small sigmas, down to 1/65536 of
    the circle: not beyond a radius of some 2000 small sigmas.

    References
    ----------
    .. [1] R. P. Patera, Journal of Guidance, Control, and Dynamics 28(6), 1326-1328, 2005.

    Examples
    --------
    >>> f"{patera_2005([0, 10], [[625, 0], [0, 2500]], 5):.3e}"
    '9.742e-03'
    """
    case = _scaled(miss_m, cov_m2, hard_body_radius_m)
    z1, z2, a1, a2, _ = case
    wanted = _FEWEST_CONTOUR_NODES + 32 * a2 + 16 * np.sqrt(a1 * z1 + a2 * z2)
    count = 2 ** np.ceil(np.log2(np.clip(wanted, 1, _MOST_CONTOUR_NODES))).astype(int)
    values = np.zeros(z1.shape)
    for n in np.unique(count):
        chosen = np.flatnonzero(count == n)
        rows = max(1, _CELLS // int(n))
        for start in range(0, chosen.size, rows):
            part = chosen[start : start + rows]
            values[part] = _contour(z1[part], z2[part], a1[part], a2[part], int(n))
    return case.answer(np.maximum(values, 0.0))


def _contour(z1: FloatArray, z2: FloatArray, a1: FloatArray, a2: FloatArray, n: int) -> FloatArray:
    """Mean over the edge of (1 − exp(−r²/2)) dθ; of −exp(−r²/2) dθ with the origin well outside."""
    phi = 2 * math.pi * (np.arange(n) + 0.5) / n
    cosine, sine = np.cos(phi)[:, None], np.sin(phi)[:, None]
    x, y = z1 + a1 * cosine, z2 + a2 * sine
    turn = x * a2 * cosine + y * a1 * sine
    half_r2 = np.maximum(0.5 * (x * x + y * y), 1e-300)
    outside = np.min(half_r2, axis=0) > 1.0
    outside &= (z1 / a1) ** 2 + (z2 / a2) ** 2 > 1
    mass = np.where(outside, -np.exp(-half_r2), -np.expm1(-half_r2)) / (2 * half_r2)
    return np.asarray(np.mean(mass * turn, axis=0))

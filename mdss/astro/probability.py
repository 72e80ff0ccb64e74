"""Collision probability of a short, fast encounter: the plane Gaussian over a disc.

With sigmas s1 ≥ s2 on the principal axes, z = mean/s and a = R/s, the substitution
u = R sin θ along the large sigma leaves

    Pc = ∫ a1 cos θ φ(z1 − a1 sin θ) [Φ(z2 + a2 cos θ) − Φ(z2 − a2 cos θ)] dθ

over −π/2..π/2. The integrand continues to a smooth function of period π, so the midpoint
rule converges faster than any power of the number of nodes, and folding θ with −θ halves
the work. How many nodes a case needs follows from the growth of the integrand off the real
axis (`_nodes_needed`); cases that would need too many are integrated on panels graded towards the
integrand's peak.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.errors import ConjunctionError, CovarianceError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Rule = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]

_SQRT_HALF = math.sqrt(0.5)
_INV_SQRT_2PI = 1 / math.sqrt(2 * math.pi)
# decay of the aliased term in nats: 3e-13 for full accuracy, 4e-8 of a factor below one for fast
_FULL_NATS = 29.0
_FAST_NATS = 17.0
_NODE_COUNTS = np.array(
    [4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048]
)
_SMALL_DISC_NODES = 64
_STRIP_BY_QUADRATURE_BELOW = 0.01
_CHUNK = 8192
_FEW_CASES = 256


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Principal axes of 2×2 covariances.

    Parameters
    ----------
    sigma1_m, sigma2_m : array
        Standard deviations along the axes, `sigma1_m` ≥ `sigma2_m` [m].
    cos, sin : array
        Components of the first axis.
    """

    sigma1_m: FloatArray
    sigma2_m: FloatArray
    cos: FloatArray
    sin: FloatArray

    def along(self, miss_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Components of plane vectors, shape (..., 2), along both axes [m]."""
        x, y = miss_m[..., 0], miss_m[..., 1]
        return self.cos * x + self.sin * y, self.cos * y - self.sin * x


def principal_axes(cov_m2: ArrayLike) -> PrincipalAxes:
    """Principal axes of plane covariances.

    The smaller variance is determinant over larger variance, with the determinant free of
    cancellation: a sigma ratio of 1e4 would otherwise cost eight digits.

    Parameters
    ----------
    cov_m2 : array_like, shape (..., 2, 2)
        Symmetric [m²].

    Raises
    ------
    CovarianceError
        If a matrix is not positive definite or not finite.
    """
    cov = np.asarray(cov_m2, dtype=float)
    if cov.shape[-2:] != (2, 2):
        raise CovarianceError(f"an encounter-plane covariance is 2×2, got shape {cov.shape}")
    p, q, r = cov[..., 0, 0], 0.5 * (cov[..., 0, 1] + cov[..., 1, 0]), cov[..., 1, 1]
    half = 0.5 * (p - r)
    reach = np.hypot(half, q)
    large = 0.5 * (p + r) + reach
    with np.errstate(all="ignore"):
        small = _product_difference(p, r, q, q) / large
    if not np.all((large > 0) & (small > 0) & np.isfinite(large)):
        raise CovarianceError(
            "the encounter-plane covariance is not positive definite "
            f"(smallest variance {np.min(small):g} m²); repair it first"
        )
    first = np.where(half >= 0, half + reach, q)
    second = np.where(half >= 0, q, reach - half)
    size = np.hypot(first, second)
    round_cov = size == 0
    size = np.where(round_cov, 1.0, size)
    return PrincipalAxes(
        np.sqrt(large), np.sqrt(small), np.where(round_cov, 1.0, first / size), second / size
    )


def _product_difference(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray:
    """a·b − c·d with the rounding of both products carried along (Dekker 1971)."""
    ab, ab_rest = _two_product(a, b)
    cd, cd_rest = _two_product(c, d)
    return np.asarray((ab - cd) + (ab_rest - cd_rest))


def _two_product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, rest


def _split(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    scaled = 134217729.0 * a  # 2**27 + 1
    high = scaled - (scaled - a)
    return high, a - high


def pc_2d(
    miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike, *, fast: bool = False
) -> FloatArray | float:
    """Probability that two objects overlap during a short, fast encounter.

    Parameters
    ----------
    miss_m : array_like, shape (..., 2)
        Mean relative position at TCA, encounter-plane axes [m].
    cov_m2 : array_like, shape (..., 2, 2)
        Combined position covariance on the same axes [m²]; broadcasts against `miss_m`.
    hard_body_radius_m : array_like, shape (...)
        Sum of the two objects' radii [m].
    fast : bool
        Relative error below 1e-8 for Pc above 1e-12, for grids; otherwise below 1e-10
        down to 1e-30 (see Notes).

    Returns
    -------
    float or array, shape (...)
        Probability, 0 to 1.

    Raises
    ------
    CovarianceError
        If a covariance is not positive definite.
    ConjunctionError
        If a radius is not positive or an input is not finite.

    Notes
    -----
    Straight relative motion, spheres, Gaussian position errors constant during the
    encounter. Unfit for slow encounters and long in-track sigmas: see `mdss.risk.validity`.

    Floating point forbids 1e-10 where the inputs themselves do not carry it: turning the mean to
    the principal axes rounds it by 1e-16·|miss|, so the relative error is at least about
    1e-16·|miss|·z2/sigma2, which reaches 1e-10 for a mean 1e5 small sigmas long that is ten
    small sigmas off. Below 1e-300 the result is 0.

    References
    ----------
    .. [1] J. L. Foster and H. S. Estes, NASA JSC-25898, 1992.

    Examples
    --------
    >>> pc = pc_2d([0, 10], [[625, 0], [0, 2500]], 5)
    >>> f"{pc:.3e}"
    '9.742e-03'
    """
    result = pc_on_axes(*on_principal_axes(miss_m, cov_m2, hard_body_radius_m), fast=fast)
    return float(result) if result.ndim == 0 else result


def on_principal_axes(
    miss_m: ArrayLike, cov_m2: ArrayLike, hard_body_radius_m: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Checked inputs of `pc_2d` as `pc_on_axes` takes them.

    Returns
    -------
    m1, m2, sigma1, sigma2, radius : array
        Miss along the principal axes, sigmas (the larger first), radius [m].

    Raises
    ------
    CovarianceError
        If a covariance is not positive definite.
    ConjunctionError
        If a radius is not positive or an input is not finite.
    """
    miss = np.asarray(miss_m, dtype=float)
    radius = np.asarray(hard_body_radius_m, dtype=float)
    if miss.shape[-1:] != (2,) or not np.all(np.isfinite(miss)):
        raise ConjunctionError(
            f"miss_m needs finite vectors of two components, got shape {miss.shape}"
        )
    if not np.all((radius > 0) & np.isfinite(radius)):
        raise ConjunctionError(f"the hard-body radius must be above 0 m, got {np.min(radius):g}")
    axes = principal_axes(cov_m2)
    m1, m2 = axes.along(miss)
    return m1, m2, axes.sigma1_m, axes.sigma2_m, radius


def pc_on_axes(
    m1: FloatArray,
    m2: FloatArray,
    sigma1: FloatArray,
    sigma2: FloatArray,
    radius: FloatArray,
    *,
    fast: bool = False,
) -> FloatArray:
    """`pc_2d` with everything on principal axes (sigma1 ≥ sigma2); no checks, any shapes."""
    shape = np.broadcast_shapes(*(np.shape(x) for x in (m1, m2, sigma1, sigma2, radius)))
    z1 = np.broadcast_to(np.abs(m1 / sigma1), shape).ravel()
    z2 = np.broadcast_to(np.abs(m2 / sigma2), shape).ravel()
    a1, a2 = _flat_or_one(radius / sigma1, shape), _flat_or_one(radius / sigma2, shape)
    nodes = _nodes_needed(z1, z2, a1, a2, fast=fast)
    if z1.size <= _FEW_CASES:  # calls cost more than nodes: one rule serves all small discs
        small = (nodes > 0) & (nodes <= _SMALL_DISC_NODES)
        nodes[small] = np.max(nodes[small], initial=0)
    result = np.empty(z1.shape)
    for count in np.unique(nodes):
        chosen = np.flatnonzero(nodes == count)
        rule = _panels if count == 0 else _midpoint_rule(int(count))
        for start in range(0, chosen.size, _CHUNK):  # stays in the processor's cache
            part = chosen[start : start + _CHUNK]
            result[part] = rule(z1[part], z2[part], _part(a1, part), _part(a2, part))
    return np.minimum(result, 1.0).reshape(shape)


def _flat_or_one(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Flattened to the common shape, or one number kept as shape (1,)."""
    values = np.asarray(values)
    return values.reshape(1) if values.size == 1 else np.broadcast_to(values, shape).ravel()


def _part(values: FloatArray, part: IntArray) -> FloatArray:
    return values if values.size == 1 else values[part]


def _nodes_needed(
    z1: FloatArray, z2: FloatArray, a1: FloatArray, a2: FloatArray, *, fast: bool
) -> NDArray[np.int64]:
    """Nodes of the midpoint rule; 0 where the panels are the better way.

    At θ + iη the integrand has grown by about exp(A sinh²η/2 + Z (cosh η − 1)), with
    A = a1² + a2² and Z = a1 z1 + a2 z2, and n nodes alias the term that decays as
    exp(−4nη): the best η gives the smallest sufficient n.
    """
    nats = _FAST_NATS if fast else _FULL_NATS
    if fast:  # beyond the stated range (Pc below 1e-12) the accuracy may fade
        z1, z2 = np.minimum(z1, a1 + 8.0), np.minimum(z2, a2 + 8.0)
    area = a1 * a1 + a2 * a2
    reach = a1 * z1 + a2 * z2
    needed = np.full(z1.shape, np.inf)
    for eta in _ETAS:
        np.minimum(needed, (_growth(area, reach, eta) + nats) * (0.25 / eta), out=needed)
    large = np.flatnonzero(needed > _SMALL_DISC_NODES)
    if large.size:
        area, reach = area.ravel()[large if area.size > 1 else 0], reach[large]
        best = np.sqrt(2 * nats / (area + reach))
        needed[large] = np.minimum(needed[large], (_growth(area, reach, best) + nats) * 0.25 / best)
    place = np.searchsorted(_NODE_COUNTS, needed)
    return np.append(_NODE_COUNTS, 0)[place]


def _midpoint_rule(count: int) -> Rule:
    """The rule with `count` folded nodes, as a function of z1, z2, a1, a2."""
    theta = (np.arange(count) + 0.5) * (0.5 * math.pi / count)
    sines, cosines = np.sin(theta), np.cos(theta)
    weight = 0.5 * math.pi / count * _INV_SQRT_2PI

    def rule(z1: FloatArray, z2: FloatArray, a1: FloatArray, a2: FloatArray) -> FloatArray:
        if z1.size <= _FEW_CASES:
            near = _folded_density(z1[:, None], a1[:, None] * sines)
            values = near * strip_probability(z2[:, None], a2[:, None] * cosines)
            return np.asarray((values @ cosines) * (weight * a1))
        total = np.zeros(z1.shape)
        for sine, cosine in zip(sines, cosines, strict=True):
            total += cosine * _folded_density(z1, a1 * sine) * strip_probability(z2, a2 * cosine)
        return np.asarray(total * (weight * a1))

    return rule


def _folded_density(z: FloatArray, shift: FloatArray) -> FloatArray:
    """exp(−(z−s)²/2) + exp(−(z+s)²/2), with one exponential where shift is shared."""
    near = z - shift
    return np.asarray(np.exp(-0.5 * near * near) * (1 + np.exp(-2 * z * shift)))


def strip_probability(z: FloatArray, half_width: FloatArray) -> FloatArray:
    """Φ(z + δ) − Φ(z − δ) for z ≥ 0, to full relative accuracy in the tail.

    Differences of erfc keep their digits where those of erf lose them; a strip narrower than
    0.01 is integrated instead, since there even erfc cancels.
    """
    widest = float(np.max(half_width, initial=0.0))
    if widest < _STRIP_BY_QUADRATURE_BELOW:
        return _thin_strip(z, half_width)
    wide = _wide_strip(z - half_width, z + half_width)
    if half_width.size == 1 or float(np.min(half_width)) >= _STRIP_BY_QUADRATURE_BELOW:
        return wide
    return np.where(half_width < _STRIP_BY_QUADRATURE_BELOW, _thin_strip(z, half_width), wide)


def _wide_strip(low: FloatArray, high: FloatArray) -> FloatArray:
    from scipy.special import erfc

    return np.asarray(0.5 * (erfc(low * _SQRT_HALF) - erfc(high * _SQRT_HALF)))


_THIN_X, _THIN_W = np.polynomial.legendre.leggauss(6)


def _thin_strip(z: FloatArray, half_width: FloatArray) -> FloatArray:
    half_width = np.minimum(half_width, _STRIP_BY_QUADRATURE_BELOW)
    total = np.zeros(np.broadcast_shapes(z.shape, half_width.shape))
    for x, w in zip(_THIN_X[3:], _THIN_W[3:], strict=True):
        total += w * _folded_density(z, half_width * x)
    return total * (half_width * _INV_SQRT_2PI)


def log_pc_and_gradient(
    m1: FloatArray, m2: FloatArray, sigma1: float, sigma2: float, radius: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """ln Pc and its derivatives along both principal axes, one covariance, many misses.

    Parameters
    ----------
    m1, m2 : array, shape (n,)
        Miss along the principal axes [m], sigma1 ≥ sigma2.
    sigma1, sigma2, radius : float
        [m].

    Returns
    -------
    log_pc, d_m1, d_m2 : array, shape (n,)
        ln Pc (−inf where it underflows), ∂ln Pc/∂m1 and ∂ln Pc/∂m2 [1/m].
    """
    z1, z2 = np.abs(m1) / sigma1, np.abs(m2) / sigma2
    a1, a2 = radius / sigma1, radius / sigma2
    count = _midpoint_count(float(np.max(z1, initial=0)), float(np.max(z2, initial=0)), a1, a2)
    graded = count > _MOST_GRADIENT_NODES
    sums = np.empty((3, z1.size))
    rows = max(1, _GRADIENT_CELLS // min(count, 1000))
    for start in range(0, z1.size, rows):
        part = slice(start, start + rows)
        if graded:
            sums[:, part] = _graded_sums(z1[part], z2[part], a1, a2, slopes=True)
        else:
            sums[:, part] = _value_and_slopes(z1[part], z2[part], a1, a2, count)
    total, by_z1, by_z2 = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        log_pc = np.log(total)
        d_m1 = by_z1 / total / sigma1 * np.sign(m1)
        d_m2 = by_z2 / total / sigma2 * np.sign(m2)
    return log_pc, d_m1, d_m2


_GRADIENT_CELLS = 60_000
_MOST_GRADIENT_NODES = 5000


def _value_and_slopes(
    z1: FloatArray, z2: FloatArray, a1: float, a2: float, count: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pc and its derivatives by z1 and z2, by the folded midpoint rule."""
    theta = (np.arange(count) + 0.5) * (0.5 * math.pi / count)
    cosine, shift, half_width = np.cos(theta), a1 * np.sin(theta), a2 * np.cos(theta)
    z1, z2 = z1[:, None], z2[:, None]
    weight = cosine * (0.5 * math.pi / count * _INV_SQRT_2PI * a1)
    strip = strip_probability(z2, half_width)
    near = np.exp(-0.5 * (z1 - shift) ** 2)
    far = near * np.exp(-2 * z1 * shift)
    slope = (shift - z1) * near - (shift + z1) * far
    density = near + far
    return (
        (density * strip) @ weight,
        (slope * strip) @ weight,
        (density * _strip_slope(z2, half_width, z2 - half_width)) @ weight,
    )


def _strip_slope(z: FloatArray, half_width: FloatArray, low: FloatArray) -> FloatArray:
    """φ(z + δ) − φ(z − δ), the derivative of the strip's probability; `low` is z − δ."""
    edges = np.exp(-0.5 * low * low) * np.expm1(-2 * z * half_width)
    return np.asarray(edges * _INV_SQRT_2PI)


def _midpoint_count(z1: float, z2: float, a1: float, a2: float) -> int:
    area, reach = a1 * a1 + a2 * a2, a1 * z1 + a2 * z2
    large_disc_eta = math.sqrt(2 * _GRADIENT_NATS / (area + reach))
    eta = np.array([*_ETAS, min(large_disc_eta, _ETAS[-1])])
    needed = np.min((_growth(np.array(area), np.array(reach), eta) + _GRADIENT_NATS) * 0.25 / eta)
    return max(4, math.ceil(float(needed)))


_ETAS = (0.1, 0.2, 0.35, 0.55, 0.8, 1.1, 1.5, 2.0, 2.6, 3.3)
_GRADIENT_NATS = 27.0


def _growth(area: FloatArray, reach: FloatArray, eta: FloatArray | float) -> FloatArray:
    """Growth of the integrand's logarithm at θ + iη."""
    return np.asarray(area * (0.5 * np.sinh(eta) ** 2) + reach * (np.cosh(eta) - 1))


# --- cases with a disc much larger than the small sigma -----------------------------------

_PANEL_X, _PANEL_W = np.polynomial.legendre.leggauss(16)
_PANEL_TOLERANCE = 1e-13
_UNDERFLOW = 1e-300
_STEPS_TO_PEAK = math.pi * np.concatenate([-(0.5 ** np.arange(34)), [0.0], 0.5 ** np.arange(34)])
_STEPS_TO_EDGE = math.pi * np.concatenate(
    [-(0.25 ** np.arange(1, 14)), [0.0], 0.25 ** np.arange(1, 14)]
)


def _panels(z1: FloatArray, z2: FloatArray, a1: FloatArray, a2: FloatArray) -> FloatArray:
    """Pc by adaptive Gauss panels."""
    return np.asarray(_graded_sums(z1, z2, a1, a2)[0])


def _graded_sums(
    z1: FloatArray,
    z2: FloatArray,
    a1: FloatArray | float,
    a2: FloatArray | float,
    *,
    slopes: bool = False,
) -> FloatArray:
    """Pc, with `slopes` its derivatives by z1 and z2 too, shape (1 or 3, n).

    Adaptive Gauss panels over θ, first cut geometrically towards the integrand's peak and
    measured from it.
    """
    a1, a2 = np.broadcast_to(a1, z1.shape), np.broadcast_to(a2, z1.shape)
    peak = np.arcsin(_peak(z1, z2, a1, a2))
    case, low, high = _first_panels(peak, z2, a2)

    def integrals(case: IntArray, low: FloatArray, high: FloatArray) -> FloatArray:
        at_case = (values[case, None] for values in (peak, z1, z2, a1, a2))
        return _panel_values(low, high, *at_case, slopes=slopes)

    done = np.zeros((3 if slopes else 1, z1.size))
    size = np.zeros_like(done)
    value = integrals(case, low, high)
    for _ in range(60):
        middle = 0.5 * (low + high)
        left, right = integrals(case, low, middle), integrals(case, middle, high)
        both = left + right
        scale = size + _sums_by_case(case, np.abs(both), z1.size)
        enough = np.maximum(_PANEL_TOLERANCE * scale, _UNDERFLOW)
        open_ = np.any(np.abs(both - value) > enough[:, case], axis=0)
        done += _sums_by_case(case[~open_], both[:, ~open_], z1.size)
        size += _sums_by_case(case[~open_], np.abs(both[:, ~open_]), z1.size)
        if not open_.any():
            return done
        case = np.concatenate([case[open_], case[open_]])
        low, high, value = (
            np.concatenate([low[open_], middle[open_]]),
            np.concatenate([middle[open_], high[open_]]),
            np.concatenate([left[:, open_], right[:, open_]], axis=1),
        )
    return done + _sums_by_case(case, value, z1.size)


def _sums_by_case(case: IntArray, values: FloatArray, n_cases: int) -> FloatArray:
    """Row by row the sums of the values that belong to each case."""
    sums = np.empty((len(values), n_cases))
    for row, total in zip(values, sums, strict=True):
        total[:] = np.bincount(case, row, minlength=n_cases)
    return sums


def _first_panels(
    peak: FloatArray, z2: FloatArray, a2: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Panels as offsets from the peak: case, lower end, upper end.

    They shrink towards the peak, and towards the two θ where the disc's edge passes the mean:
    there the strip's probability falls from one to nothing within 1/a2.
    """
    edge = np.arccos(np.minimum(z2 / a2, 1.0))
    cuts = np.concatenate(
        [
            np.broadcast_to(_STEPS_TO_PEAK, (peak.size, _STEPS_TO_PEAK.size)),
            (edge - peak)[:, None] + _STEPS_TO_EDGE,
            (-edge - peak)[:, None] + _STEPS_TO_EDGE,
        ],
        axis=1,
    )
    first, last = -0.5 * math.pi - peak, 0.5 * math.pi - peak
    cuts = np.sort(np.clip(cuts, first[:, None], last[:, None]), axis=1)
    case = np.repeat(np.arange(peak.size), cuts.shape[1] - 1)
    low, high = cuts[:, :-1].ravel(), cuts[:, 1:].ravel()
    real = high > low
    return case[real], low[real], high[real]


def _panel_values(
    low: FloatArray,
    high: FloatArray,
    peak: FloatArray,
    z1: FloatArray,
    z2: FloatArray,
    a1: FloatArray,
    a2: FloatArray,
    *,
    slopes: bool,
) -> FloatArray:
    """Integrals over one panel each, shape (1 or 3, n); cases have shape (n, 1).

    Distances from the disc's edge are built from their value at the peak: as differences of
    large numbers they would carry a noise that no refinement of the panels settles.
    """
    half = 0.5 * (high - low)
    offset = 0.5 * (high + low)[:, None] + half[:, None] * _PANEL_X
    chord, middle = 2 * np.sin(0.5 * offset), peak + 0.5 * offset
    off = (z1 - a1 * np.sin(peak)) - a1 * chord * np.cos(middle)
    near = (z2 - a2 * np.cos(peak)) + a2 * chord * np.sin(middle)
    cosine = np.cos(peak + offset)
    half_width = a2 * cosine
    z2 = np.broadcast_to(z2, near.shape)
    thin = half_width < _STRIP_BY_QUADRATURE_BELOW
    strip = np.where(thin, _thin_strip(z2, half_width), _wide_strip(near, 2 * z2 - near))
    density = np.exp(-0.5 * off * off) * cosine
    rows = [density * strip]
    if slopes:
        rows += [-off * rows[0], density * _strip_slope(z2, half_width, near)]
    return np.stack([row @ _PANEL_W for row in rows]) * (half * a1[:, 0] * _INV_SQRT_2PI)


def _peak(z1: FloatArray, z2: FloatArray, a1: FloatArray, a2: FloatArray) -> FloatArray:
    """Where along the disc, as u/R, the integrand is largest: it is log-concave in u."""
    low, high = np.zeros(z1.shape), np.ones(z1.shape)
    golden = 0.5 * (math.sqrt(5) - 1)
    for _ in range(70):
        left, right = high - golden * (high - low), low + golden * (high - low)
        rising = _log_integrand(left, z1, z2, a1, a2) < _log_integrand(right, z1, z2, a1, a2)
        low, high = np.where(rising, left, low), np.where(rising, high, right)
    return 0.5 * (low + high)


def _log_integrand(
    u: FloatArray, z1: FloatArray, z2: FloatArray, a1: FloatArray, a2: FloatArray
) -> FloatArray:
    from scipy.special import erfcx, log_ndtr

    half_width = a2 * np.sqrt(np.maximum(1 - u * u, 0.0))
    near, far = (z2 - half_width) * _SQRT_HALF, (z2 + half_width) * _SQRT_HALF
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        tail = erfcx(near) - np.exp(near**2 - far**2) * erfcx(far)
        log_tail = np.log(0.5 * np.maximum(tail, 1e-300)) - near**2
        log_body = np.log1p(-np.exp(log_ndtr(z2 - half_width)) - np.exp(log_ndtr(-z2 - half_width)))
    off = z1 - a1 * u
    return np.asarray(np.where(near > 0, log_tail, log_body) - 0.5 * off * off)

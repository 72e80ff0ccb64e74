"""Make `pc_mpmath.csv.gz`: 2D Pc of 2,600 drawn encounters in 40-digit arithmetic.

Run by hand (about ten minutes): ``python tests/validation/make_pc_mpmath_table.py``. The draws are
seeded and inputs are written in hexadecimal, so the table is the same wherever it is made.
The tests recompute some of its rows.

The reference shares nothing with the kernel but the one-dimensional form of the integral: it
starts from the covariance matrix as given, diagonalises it in 40 digits, and doubles the
midpoint rule (which converges geometrically: the integrand is periodic) until 25 digits stand.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
from pathlib import Path

import mpmath as mp
import numpy as np

TABLE = Path(__file__).parent / "pc_mpmath.csv.gz"
COLUMNS = ("group", "miss_x_m", "miss_y_m", "cov_xx_m2", "cov_xy_m2", "cov_yy_m2", "radius_m", "pc")
SMALLEST_PC = mp.mpf(10) ** -30
_DIGITS = 40
_NEGLIGIBLE_NATS = 130.0
"""Terms this far below the largest possible one are left out: 56 digits."""


def reference_pc(miss_m, cov_m2, radius_m):
    """2D Pc in 40 digits from doubles taken as exact; `cov_m2` is (xx, xy, yy)."""
    with mp.workdps(_DIGITS):
        m1, m2, s1, s2 = _on_principal_axes(miss_m, cov_m2)
        return _integral(m1 / s1, m2 / s2, _exact(radius_m) / s1, _exact(radius_m) / s2)


def _exact(value):
    """The double as an exact mpmath number."""
    return mp.mpf(float(value))


def _on_principal_axes(miss_m, cov_m2):
    xx, xy, yy = (_exact(value) for value in cov_m2)
    x, y = (_exact(value) for value in miss_m)
    half, middle = (xx - yy) / 2, (xx + yy) / 2
    reach = mp.sqrt(half**2 + xy**2)
    large = middle + reach
    small = (xx * yy - xy**2) / large
    turn = mp.atan2(xy, half) / 2
    c, s = mp.cos(turn), mp.sin(turn)
    return abs(c * x + s * y), abs(c * y - s * x), mp.sqrt(large), mp.sqrt(small)


def _integral(z1, z2, a1, a2):
    nodes, previous = 32, None
    while nodes <= 2**20:
        total = _midpoint_sum(z1, z2, a1, a2, nodes)
        if previous is not None and abs(total - previous) <= mp.mpf(10) ** -25 * total:
            return total
        previous, nodes = total, 2 * nodes
    raise ArithmeticError("the midpoint rule did not settle")


def _midpoint_sum(z1, z2, a1, a2, nodes):
    theta = -0.5 * math.pi + (np.arange(nodes) + 0.5) * math.pi / nodes
    bound = _log_bound(theta, *(float(value) for value in (z1, z2, a1, a2)))
    worth = np.flatnonzero(bound > bound.max() - _NEGLIGIBLE_NATS)
    step = mp.pi / nodes
    return step * mp.fsum(
        _integrand(-mp.pi / 2 + (int(k) + mp.mpf(0.5)) * step, z1, z2, a1, a2) for k in worth
    )


def _log_bound(theta, z1, z2, a1, a2):
    """No term's logarithm is above this by more than a shared constant."""
    off, outside = z1 - a1 * np.sin(theta), np.maximum(0, z2 - a2 * np.cos(theta))
    return -0.5 * (off * off + outside * outside)


def _integrand(theta, z1, z2, a1, a2):
    c, s = mp.cos(theta), mp.sin(theta)
    root = mp.sqrt(2)
    strip = (mp.erfc((z2 - a2 * c) / root) - mp.erfc((z2 + a2 * c) / root)) / 2
    return a1 * c * mp.npdf(z1 - a1 * s) * strip


def drawn_cases(seed=20260301):
    """(group, miss, cov, radius) of encounters over the whole range that the kernel serves."""
    rng = np.random.default_rng(seed)
    for _ in range(2100):
        yield "body and tail", *_drawn(rng, ratio=rng.uniform(0, 4), size=rng.uniform(-5, 1))
    for _ in range(500):
        ratio = rng.uniform(0, 4) if rng.random() < 0.5 else rng.uniform(0, 0.5)
        yield "large disc", *_drawn(rng, ratio=ratio, size=rng.uniform(1, 4))


def _drawn(rng, *, ratio, size):
    """Sigma ratio and R/sigma2 as powers of ten; the mean some sigmas from the disc's edge."""
    sigma2 = 10 ** rng.uniform(0, 3)
    sigma1, radius = sigma2 * 10**ratio, sigma2 * 10**size
    turn, bearing = rng.uniform(0, 2 * np.pi, 2)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    cov = axes @ np.diag([sigma1**2, sigma2**2]) @ axes.T
    sigmas_off = rng.uniform(0, 11.5) if rng.random() < 0.9 else -rng.uniform(0, 5)
    edge = radius * rng.choice([0.0, rng.random(), 1.0, 1.0])
    miss = axes @ [
        (sigma1 * sigmas_off + edge) * np.cos(bearing),
        (sigma2 * sigmas_off + edge) * np.sin(bearing),
    ]
    return miss, (cov[0, 0], 0.5 * (cov[0, 1] + cov[1, 0]), cov[1, 1]), radius


def rows():
    """Rows of the table; probabilities below 1e-30 are left out."""
    for group, miss, cov, radius in drawn_cases():
        pc = reference_pc(miss, cov, radius)
        if pc >= SMALLEST_PC:
            inputs = (*miss, *cov, radius)
            yield (group, *(float(value).hex() for value in inputs), mp.nstr(pc, 20))


def main():
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows())
    TABLE.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


if __name__ == "__main__":
    main()

"""The unsafe set: all encounter-plane positions whose collision probability exceeds a threshold.

Pc as a function of the plane position is a Gaussian convolved with a disc, hence log-concave:
the set K = {b : Pc(b) ≥ threshold} is convex, and symmetric about both principal axes. It is
described here by exact boundary points with exact outward normals. In coordinates scaled by
the set's own half-widths it is close to a circle whatever the sigmas, so evenly spaced rays
sample it evenly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mdss.astro.probability import log_pc_and_gradient, principal_axes
from mdss.errors import PlanningError

FloatArray = NDArray[np.float64]

_NEWTON_PASSES = 80


@dataclass(frozen=True, eq=False)
class BoundaryPoints:
    """Points of the boundary of K, in coordinates scaled by its half-widths.

    Parameters
    ----------
    ray_rad : array, shape (n,)
        Polar angle of each point.
    point : array, shape (n, 2)
        The points; Pc there is the threshold.
    normal : array, shape (n, 2)
        Outward unit normals.
    """

    ray_rad: FloatArray
    point: FloatArray
    normal: FloatArray

    @property
    def support(self) -> FloatArray:
        """Support function of K in each normal direction, shape (n,)."""
        return np.asarray(np.sum(self.point * self.normal, axis=1))

    def facets(self) -> tuple[FloatArray, FloatArray]:
        """Outward normals (n, 2) and offsets (n,) of the inscribed polygon's facets.

        Facet j joins point j and point j + 1, cyclically.
        """
        return facet_lines(self.point, np.roll(self.point, -1, axis=0))


def facet_lines(left: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Outward unit normals and offsets of facets that run counterclockwise left → right.

    A facet between equal points has normal and offset 0, which bound nothing.
    """
    edge = right - left
    normal = np.stack([edge[:, 1], -edge[:, 0]], axis=1)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal /= np.where(length > 0, length, 1.0)
    return normal, np.sum(normal * left, axis=1)


@dataclass(frozen=True, eq=False)
class UnsafeSet:
    """K = {b : Pc(b) ≥ threshold}.

    Parameters
    ----------
    pc_threshold : float
    sigma_m : tuple of float
        Principal sigmas of the plane covariance, larger first [m].
    radius_m : float
        Hard-body radius [m].
    scaled_from_plane : array, shape (2, 2)
        Maps plane positions [m] to coordinates scaled by the set's half-widths.
    half_width_m : array, shape (2,)
        Half-widths along the principal axes [m].
    """

    pc_threshold: float
    sigma_m: tuple[float, float]
    radius_m: float
    scaled_from_plane: FloatArray
    half_width_m: FloatArray

    def log_excess(self, point: FloatArray) -> tuple[FloatArray, FloatArray]:
        """ln(Pc/threshold) and its gradient at scaled points, shapes (n,) and (n, 2)."""
        h1, h2 = self.half_width_m
        log_pc, d1, d2 = log_pc_and_gradient(
            point[:, 0] * h1, point[:, 1] * h2, *self.sigma_m, self.radius_m
        )
        return log_pc - np.log(self.pc_threshold), np.stack([d1 * h1, d2 * h2], axis=1)

    def boundary(self, ray_rad: FloatArray) -> BoundaryPoints:
        """Boundary points on rays from the centre, at any polar angles in scaled coordinates."""
        ray = np.stack([np.cos(ray_rad), np.sin(ray_rad)], axis=1)
        reach = self.exit(np.zeros_like(ray), ray, np.ones(len(ray)))
        point = reach[:, None] * ray
        _, gradient = self.log_excess(point)
        return BoundaryPoints(
            ray_rad, point, -gradient / np.linalg.norm(gradient, axis=1, keepdims=True)
        )

    def sampled(self, n_vertices: int) -> BoundaryPoints:
        """`n_vertices` boundary points, a multiple of four: one quadrant solved and mirrored."""
        if n_vertices < 8 or n_vertices % 4:
            raise PlanningError(
                f"the boundary needs a multiple of 4 vertices, at least 8; got {n_vertices}"
            )
        quarter = self.boundary(np.linspace(0, 0.5 * np.pi, n_vertices // 4 + 1))
        return BoundaryPoints(
            np.linspace(0, 2 * np.pi, n_vertices, endpoint=False),
            _mirrored(quarter.point),
            _mirrored(quarter.normal),
        )

    def exit(self, start: FloatArray, step: FloatArray, guess: FloatArray) -> FloatArray:
        """How many steps from inside K lead to its boundary.

        Newton on ln Pc, which is concave along a line: once outside, the iterates approach the
        boundary from outside; a bracket catches what underflow and flat tops do to the rest.

        Parameters
        ----------
        start : array, shape (n, 2)
            Scaled points inside K.
        step : array, shape (n, 2)
            Scaled steps; zero steps return inf.
        guess : array, shape (n,)
            Positive first guess.
        """
        count = np.where(np.any(step != 0, axis=1), guess, np.inf)
        inside, outside = np.zeros_like(count), np.full_like(count, np.inf)
        todo = np.flatnonzero(np.isfinite(count))
        for _ in range(_NEWTON_PASSES):
            if not todo.size:
                break
            now = count[todo]
            excess, gradient = self.log_excess(start[todo] + now[:, None] * step[todo])
            inside[todo] = np.where(excess > 0, np.maximum(inside[todo], now), inside[todo])
            outside[todo] = np.where(excess <= 0, np.minimum(outside[todo], now), outside[todo])
            newton = _newton_target(now, excess, np.sum(gradient * step[todo], axis=1))
            kept = _kept_between(newton, inside[todo], outside[todo])
            # Newton squares so small a remainder: its last step needs no second look
            last = (np.abs(excess) < _LOG_LAST_STEP) & (np.abs(newton - now) < _LAST_STEP * now)
            settled = last | (np.abs(kept - now) <= 4e-16 * now)
            count[todo] = np.where(last, newton, kept)
            todo = todo[~settled]
        return count


_LOG_LAST_STEP = 1e-6
_LAST_STEP = 1e-4  # near the top of a threshold close to the largest Pc the slope vanishes


def _newton_target(now: FloatArray, excess: FloatArray, slope: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(now - excess / slope)


def _kept_between(target: FloatArray, inside: FloatArray, outside: FloatArray) -> FloatArray:
    """The Newton target where it lies in the bracket, else the middle of the bracket."""
    bounded = np.isfinite(outside)
    middle = np.where(bounded, 0.5 * (inside + outside), 2 * inside)
    limit = np.where(bounded | (inside == 0), outside, 4 * inside)
    return np.where((target > inside) & (target < limit), target, middle)


def _mirrored(quarter: FloatArray) -> FloatArray:
    """A full turn, counterclockwise, from the points of the first quadrant (ends included)."""
    second = quarter[-2::-1] * [-1, 1]
    upper = np.concatenate([quarter, second])
    return np.concatenate([upper[:-1], -upper[:-1]])


def unsafe_set(cov_m2: FloatArray, radius_m: float, pc_threshold: float) -> UnsafeSet | None:
    """The unsafe set of a plane covariance, or None when no position reaches the threshold.

    Parameters
    ----------
    cov_m2 : array, shape (2, 2)
        Combined covariance in the encounter plane [m²].
    radius_m : float
        Hard-body radius [m].
    pc_threshold : float
        Between 0 and 1.

    Raises
    ------
    CovarianceError
        If the covariance is not positive definite.
    PlanningError
        If the threshold is not between 0 and 1.
    """
    if not 0 < pc_threshold < 1:
        raise PlanningError(f"a Pc threshold lies between 0 and 1, got {pc_threshold:g}")
    axes = principal_axes(cov_m2)
    sigma = (float(axes.sigma1_m), float(axes.sigma2_m))
    turn = np.array([[axes.cos, axes.sin], [-axes.sin, axes.cos]], dtype=float)
    first = UnsafeSet(pc_threshold, sigma, radius_m, turn, np.ones(2))
    centre, _ = first.log_excess(np.zeros((1, 2)))
    if not centre[0] > 0:
        return None
    reach = np.sqrt(2 * centre[0]) * np.array(sigma) + 0.5 * radius_m
    half = first.exit(np.zeros((2, 2)), np.eye(2), reach)
    return UnsafeSet(pc_threshold, sigma, radius_m, turn / half[:, None], half)

"""The axes of each frame in GCRF, and how they move: precession, nutation, spin and pole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.earth_orientation import (
    ARCSEC_RAD,
    EARTH_SPIN_RAD_S,
    EarthOrientation,
    earth_orientation,
)
from mdss.astro.epoch_texts import DAY_NS, SECOND_NS, IntArray
from mdss.astro.time_scales import days_tt, tai_ns_after

FloatArray = NDArray[np.float64]
Frame = Literal["GCRF", "EME2000", "MOD", "TOD", "TEME", "TDR", "ITRF"]

_J2000_JD = 2_451_545.0
_TAI_ZERO_JD = 2_451_544.5  # 2000-01-01T00:00, the zero of TAI in nanoseconds
_RATE_STEP_S = 30.0  # slow rotations are differentiated over this step, to 1e-19 rad/s

# The celestial pole (X, Y, s, and the equation of the origins) is computed at nodes half a
# day apart and interpolated by the polynomial through the six nearest: 1e-12 rad, which is
# 0.01 mm at 7000 km. A term of 13.7 days and 0.23" leaves that; faster ones are smaller.
_NODE_DAYS = 0.5
_NODES = np.arange(-2, 4)
_NODE_WEIGHTS = np.linalg.inv(np.vander(_NODES, increasing=True)).T


class Turn(NamedTuple):
    """Axes of a frame in GCRF, and how they move [1/s]; both of shape (n, 3, 3)."""

    rotation: FloatArray
    rate: FloatArray


class _Instants(NamedTuple):
    """When, and how the Earth is turned then."""

    tai_ns: IntArray
    eop: EarthOrientation


def axes_in_gcrf(frame: Frame, epoch_utc: datetime, t_s: ArrayLike) -> Turn:
    """Where the axes of a frame are so many SI seconds after an epoch, one row an instant.

    Raises
    ------
    FrameError
        If a time is not finite or the Earth orientation table cannot be read.
    """
    instants_ns = tai_ns_after(epoch_utc, t_s)
    if frame in ("GCRF", "EME2000"):
        axes = np.eye(3) if frame == "GCRF" else frame_bias()
        return Turn(np.broadcast_to(axes, (len(instants_ns), 3, 3)), np.zeros((1, 3, 3)))
    when = _Instants(instants_ns, earth_orientation(instants_ns))
    if frame in ("ITRF", "TDR"):
        return _earth_fixed(when, with_pole=frame == "ITRF")
    return _slow_turn(_SLOW[frame], when)


def _slow_turn(axes: Callable[[_Instants], FloatArray], when: _Instants) -> Turn:
    """Turn of axes that move slowly, from their place a step before and a step after."""
    step_ns = int(_RATE_STEP_S * SECOND_NS)
    before, at, after = (axes(when._replace(tai_ns=when.tai_ns + k * step_ns)) for k in (-1, 0, 1))
    return Turn(at, (after - before) / (2.0 * _RATE_STEP_S))


def _earth_fixed(when: _Instants, *, with_pole: bool) -> Turn:
    """ITRF, or without the pole's motion TDR, which is TIRS."""
    import erfa

    celestial = _slow_turn(_gcrf_from_cirs, when)
    cirs_from_tirs = _turn_z(-erfa.era00(*_ut1_jd(when)))
    spin_rad_s = EARTH_SPIN_RAD_S * (1.0 + np.asarray(when.eop.ut1_rate))
    spin = spin_rad_s[..., None, None] * np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0] * 3])
    rotation = celestial.rotation @ cirs_from_tirs
    rate = celestial.rate @ cirs_from_tirs + rotation @ spin
    if not with_pole:
        return Turn(rotation, rate)
    s_prime = erfa.sp00(_J2000_JD, days_tt(when.tai_ns))
    pole = erfa.pom00(when.eop.pole_x_rad, when.eop.pole_y_rad, s_prime)
    tirs_from_itrf = np.swapaxes(pole, -1, -2)
    return Turn(rotation @ tirs_from_itrf, rate @ tirs_from_itrf)


def _gcrf_from_cirs(when: _Instants) -> FloatArray:
    import erfa

    x, y, s, _ = _celestial_pole(days_tt(when.tai_ns))
    cirs_from_gcrf = erfa.c2ixys(x + when.eop.cip_dx_rad, y + when.eop.cip_dy_rad, s)
    return np.asarray(np.swapaxes(cirs_from_gcrf, -1, -2))


def _gcrf_from_teme(when: _Instants) -> FloatArray:
    """CIRS turned about the pole by GMST 1982 less the Earth rotation angle."""
    import erfa

    ut1 = _ut1_jd(when)
    return _gcrf_from_cirs(when) @ _turn_z(erfa.gmst82(*ut1) - erfa.era00(*ut1))


def _gcrf_from_tod(when: _Instants) -> FloatArray:
    """CIRS turned about the pole by the equation of the origins."""
    origins_rad = _celestial_pole(days_tt(when.tai_ns))[3]
    return _gcrf_from_cirs(when) @ _turn_z(-origins_rad)


def _gcrf_from_mod(when: _Instants) -> FloatArray:
    import erfa

    mod_from_gcrf = erfa.pmat06(_J2000_JD, days_tt(when.tai_ns))
    return np.asarray(np.swapaxes(mod_from_gcrf, -1, -2))


_SLOW: dict[str, Callable[[_Instants], FloatArray]] = {
    "MOD": _gcrf_from_mod,
    "TOD": _gcrf_from_tod,
    "TEME": _gcrf_from_teme,
}


def _celestial_pole(days: FloatArray) -> FloatArray:
    """X, Y, s and the equation of the origins [rad] at days of TT since J2000, shape (4, n)."""
    position = days / _NODE_DAYS
    below = np.floor(position).astype(np.int64)
    weights = (position - below)[:, None] ** np.arange(len(_NODES)) @ _NODE_WEIGHTS.T
    used, where = np.unique(below[:, None] + _NODES, return_inverse=True)
    values = np.array([_pole_at_node(int(node)) for node in used]).reshape(-1, 4)
    at_nodes = values[where.reshape(len(days), len(_NODES))]
    pole: FloatArray = np.einsum("nk,nkq->qn", weights, at_nodes)
    return pole


@lru_cache(maxsize=4096)
def _pole_at_node(node: int) -> tuple[float, float, float, float]:
    import erfa

    days = node * _NODE_DAYS
    x, y, s = erfa.xys06a(_J2000_JD, days)
    return float(x), float(y), float(s), float(erfa.eo06a(_J2000_JD, days))


def _ut1_jd(when: _Instants) -> tuple[FloatArray, FloatArray]:
    """UT1 as two parts of a Julian date, of which the first is whole days and a half."""
    ut1_ns = when.tai_ns + np.rint(np.asarray(when.eop.ut1_minus_tai_s) * SECOND_NS).astype(
        np.int64
    )
    day, into_day_ns = np.divmod(ut1_ns, DAY_NS)
    return _TAI_ZERO_JD + day, into_day_ns / DAY_NS


@lru_cache(maxsize=1)
def frame_bias() -> FloatArray:
    """Mean equator and equinox of J2000 seen from GCRF: Fukushima-Williams angles, IAU 2006."""
    gamma, phi, psi, epsilon = (
        angle * ARCSEC_RAD for angle in (-0.052928, 84_381.412819, -0.041775, 84_381.406)
    )
    bias = _turn_x(-epsilon) @ _turn_z(-psi) @ _turn_x(phi) @ _turn_z(gamma)
    gcrf_from_mean = np.ascontiguousarray(bias.T)
    gcrf_from_mean.setflags(write=False)
    return gcrf_from_mean


def _turn_x(angle_rad: float) -> FloatArray:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def _turn_z(angle_rad: ArrayLike) -> FloatArray:
    """Turn of the axes about z, shape (..., 3, 3)."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    turn = np.zeros((*np.shape(angle_rad), 3, 3))
    turn[..., 0, 0] = turn[..., 1, 1] = c
    turn[..., 0, 1], turn[..., 1, 0], turn[..., 2, 2] = s, -s, 1.0
    return turn

"""An orbit flown for the checker of plans: two-body, J2, J3, J4 and thrust by DOP853.

Shares no code with the planner. Tesserals, air, Sun and Moon are left out: they move the orbit with
a burn and the one without it alike, so that what a burn does comes out to some 1e-3 of itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import erfa
import numpy as np
from scipy.integrate import solve_ivp

J4 = {"earth": -1.6196e-6, "mars": 0.0, "moon": 0.0}
_RTOL, _ATOL_M = 1e-9, 1e-4  # metres after three days, but the same for members flown together
_DAY_S = 86_400.0


@dataclass(frozen=True, eq=False)
class Push:
    """A change of velocity of one member: at constant thrust from `start_s`, or at once.

    Parameters
    ----------
    start_s, length_s : float
        Seconds from TCA.
    dv_rtn_m_s : array, shape (3,)
        Along the turning RTN axes of the member itself.
    exhaust_m_s : float
    """

    start_s: float
    length_s: float
    dv_rtn_m_s: np.ndarray
    exhaust_m_s: float = math.inf

    def acceleration(self, t_s: float) -> np.ndarray:
        """RTN, of constant thrust on a mass that falls [m/s²]."""
        spent = -math.expm1(-np.linalg.norm(self.dv_rtn_m_s) / self.exhaust_m_s)
        if spent < 1e-12:
            return self.dv_rtn_m_s / self.length_s
        share = (t_s - self.start_s) / self.length_s
        grows = spent / (-math.log1p(-spent) * (1.0 - spent * share))
        return self.dv_rtn_m_s / self.length_s * grows


def rtn_axes(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Columns radial, transverse, normal; shape (..., 3, 3)."""
    radial = position / np.linalg.norm(position, axis=-1, keepdims=True)
    normal = np.cross(position, velocity)
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.stack([radial, np.cross(normal, radial), normal], axis=-1)


def julian_tt(instant: datetime, t_s=0.0) -> tuple[float, np.ndarray]:
    """Terrestrial time as two parts of a Julian date; leap seconds of 2017 on are enough here."""
    day, part = erfa.cal2jd(instant.year, instant.month, instant.day)
    seconds = (
        instant.hour * 3600 + instant.minute * 60 + instant.second + 1e-6 * instant.microsecond
    )
    leap = erfa.dat(instant.year, instant.month, instant.day, seconds / _DAY_S)
    return day + part, (seconds + leap + 32.184 + np.asarray(t_s, dtype=float)) / _DAY_S


def pole_of(name: str, instant: datetime) -> np.ndarray:
    """North pole in ICRF axes: precession and nutation; IAU 2009 elements elsewhere."""
    day, part = julian_tt(instant)
    if name == "earth":
        return erfa.pnm06a(day, part)[2]
    days = day - 2_451_545.0 + float(part)
    if name == "mars":
        ra, dec = 317.68143 - 0.1061 * days / 36_525, 52.88650 - 0.0609 * days / 36_525
    else:
        node = math.radians(125.045 - 0.0529921 * days)
        ra = 269.9949 + 0.0031 * days / 36_525 - 3.8787 * math.sin(node)
        dec = 66.5392 + 0.0130 * days / 36_525 + 1.5419 * math.cos(node)
    ra, dec = math.radians(ra), math.radians(dec)
    return np.array([math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec)])


class World:
    """Gravity of one body, in axes whose third is its pole and that do not turn.

    Parameters
    ----------
    body : Body
        Its numbers.
    instant : datetime
        For the pole.
    """

    def __init__(self, body, instant: datetime) -> None:
        self.body, self.gm, self.radius = body, body.gm_m3_s2, body.radius_m
        self.j2, self.j3, self.j4 = body.j2, body.j3, J4[body.name]
        pole = pole_of(body.name, instant)
        first = np.cross([0.0, 1.0, 0.0], pole)
        first = first / np.linalg.norm(first)
        self.turn = np.stack([first, np.cross(pole, first), pole])

    def into(self, state: np.ndarray) -> np.ndarray:
        """Inertial states (..., 6) in the pole's axes."""
        return np.concatenate([state[..., :3] @ self.turn.T, state[..., 3:] @ self.turn.T], -1)

    def out_of(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors (..., 3) in inertial axes."""
        return vectors @ self.turn

    def gravity(self, position: np.ndarray) -> np.ndarray:
        """Acceleration, shape (n, 3)."""
        r2 = np.einsum("ij,ij->i", position, position)
        z = position[:, 2]
        u = z * z / r2
        q = self.radius**2 / r2
        r = np.sqrt(r2)
        j2, j4 = 1.5 * self.j2 * q, -1.875 * self.j4 * q * q
        j3 = 2.5 * self.j3 * q * self.radius / r2
        flat = 1 + j2 * (1 - 5 * u) + j4 * (1 - 14 * u + 21 * u * u) + j3 * z * (3 - 7 * u)
        scale = -self.gm / (r2 * r)
        acceleration = (scale * flat)[:, None] * position
        acceleration[:, 2] += scale * (
            z * (2 * j2 + j4 * (4 - 28 / 3 * u)) + j3 * (3 * z * z - 0.6 * r2)
        )
        return acceleration

    def energy(self, states: np.ndarray) -> np.ndarray:
        """Kept by the flight: kinetic, central and zonal, shape (...,) [m²/s²]."""
        position = states[..., :3]
        r = np.linalg.norm(position, axis=-1)
        s = position[..., 2] / r
        near = self.radius / r
        zonal = self.j2 * near**2 * (1.5 * s**2 - 0.5)
        zonal = zonal + self.j3 * near**3 * (2.5 * s**3 - 1.5 * s)
        zonal = zonal + self.j4 * near**4 * (35 * s**4 - 30 * s**2 + 3) / 8
        return 0.5 * np.sum(states[..., 3:] ** 2, axis=-1) - self.gm / r * (1 - zonal)

    def fly(self, state: np.ndarray, t_s: float, plans, times_s) -> np.ndarray:
        """Members that start alike and are pushed each in its own way.

        Parameters
        ----------
        state : array, shape (6,)
            Of all of them, in the pole's axes, at `t_s`.
        plans : sequence of sequences of Push
            One for each member, all after `t_s`.
        times_s : array, shape (k,)
            Rising, not before `t_s`.

        Returns
        -------
        array, shape (k, members, 6)
        """
        times = np.asarray(times_s, dtype=float)
        pushes = [(m, one) for m, plan in enumerate(plans) for one in plan]
        edges = {t_s, float(times[-1])}
        for _, one in pushes:
            edges |= {one.start_s, one.start_s + one.length_s}
        edges = sorted(e for e in edges if t_s <= e <= times[-1])
        states = np.tile(np.asarray(state, dtype=float), (len(plans), 1))
        found, done = [], 0
        for low, high in zip(edges, [*edges[1:], None], strict=True):
            while done < times.size and times[done] <= low:  # before what happens at this instant
                found.append(states.copy())
                done += 1
            for m, one in pushes:
                if one.length_s == 0 and one.start_s == low:
                    states[m, 3:] += rtn_axes(states[m, :3], states[m, 3:]) @ one.dv_rtn_m_s
            if high is None:
                break
            on = [(m, one) for m, one in pushes if one.start_s <= low < one.start_s + one.length_s]
            inner = times[(times > low) & (times < high)]
            dense = self._run(states, low, high, on, np.append(inner, high))
            found += list(dense[:-1])
            done += inner.size
            states = dense[-1].copy()
        return np.array(found)

    def back(self, state: np.ndarray, t_s: float) -> np.ndarray:
        """The state at `t_s` of what passes through `state` at TCA, without a push."""
        return self._run(state[None], 0.0, t_s, [], np.array([t_s]))[0, 0] if t_s else state

    def path(self, state: np.ndarray, times_s: np.ndarray) -> np.ndarray:
        """States at times on both sides of TCA, shape (k, 6)."""
        before, after = times_s[times_s < 0][::-1], times_s[times_s > 0]
        parts = []
        if before.size:
            parts.append(self._run(state[None], 0.0, before[-1], [], before)[::-1, 0])
        parts += [state[None]] * int(np.count_nonzero(times_s == 0))
        if after.size:
            parts.append(self._run(state[None], 0.0, after[-1], [], after)[:, 0])
        return np.concatenate(parts)

    def _run(self, states, low, high, on, times) -> np.ndarray:
        shape = states.shape

        def rate(t, y):
            now = y.reshape(shape)
            out = np.empty(shape)
            out[:, :3] = now[:, 3:]
            out[:, 3:] = self.gravity(now[:, :3])
            for m, one in on:
                out[m, 3:] += rtn_axes(now[m, :3], now[m, 3:]) @ one.acceleration(t)
            return out.ravel()

        atol = np.tile([_ATOL_M] * 3 + [_ATOL_M * 1e-3] * 3, shape[0])
        done = solve_ivp(rate, (low, high), states.ravel(), "DOP853", times, rtol=_RTOL, atol=atol)
        assert done.success, done.message
        return done.y.T.reshape(-1, *shape)


# --- probability --------------------------------------------------------------------------


def pc_of_disc(miss_m: np.ndarray, cov_m2: np.ndarray, radius_m: float) -> float:
    """The Gaussian integrated over a disc: Gauss in radius, equal steps in angle."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    r = 0.5 * radius_m * (1 + nodes)
    angle = 2 * np.pi * np.arange(240) / 240
    points = r[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    off = points - miss_m
    square = np.einsum("rai,ij,raj->ra", off, np.linalg.inv(cov_m2), off)
    density = np.exp(-0.5 * square).mean(axis=1) * 2 * np.pi
    ring = 0.5 * radius_m * weights * r
    return float(ring @ density / (2 * np.pi * math.sqrt(np.linalg.det(cov_m2))))


# --- sky ----------------------------------------------------------------------------------

_FLATTENING = {"earth": 1 / 298.257223563, "mars": 1 - 3376.20 / 3396.19, "moon": 0.0}
_AU_M, _SUN_M = 149_597_870_700.0, 6.957e8


def sun_m(name: str, instant: datetime, t_s: np.ndarray) -> np.ndarray:
    """From the centre of a body, ICRF axes, shape (k, 3)."""
    day, part = julian_tt(instant, t_s)
    if name == "mars":
        return -_AU_M * erfa.plan94(day, part, 4)["p"]
    sun = -_AU_M * erfa.epv00(day, part)[0]["p"]
    return sun - _AU_M * erfa.moon98(day, part)["p"] if name == "moon" else sun


def lit(position: np.ndarray, sun: np.ndarray, body, pole: np.ndarray) -> np.ndarray:
    """How far the discs of Sun and body are apart, above 0 in full sunlight, shape (k,) [rad]."""
    f = _FLATTENING[body.name]
    stretch = np.eye(3) + f / (1 - f) * np.outer(pole, pole)
    here, there = position @ stretch, sun @ stretch
    to_sun = there - here
    far, r = np.linalg.norm(to_sun, axis=1), np.linalg.norm(here, axis=1)
    angle = np.arccos(np.clip(np.sum(-here * to_sun, axis=1) / (far * r), -1, 1))
    return angle - np.arcsin(np.minimum(body.radius_m / r, 1)) - np.arcsin(_SUN_M / far)


def elevations(station, body, position: np.ndarray, instant: datetime, t_s) -> np.ndarray:
    """Of a spacecraft over a station on the Earth, ICRF positions (k, 3) [rad].

    UT1 is taken as UTC and the pole does not wander: below 0.9 s of the Earth's turn.
    """
    day, part = julian_tt(instant, t_s)
    leap = (erfa.dat(instant.year, instant.month, instant.day, 0.0) + 32.184) / _DAY_S
    turn = erfa.c2t06a(day, part, day, part - leap, 0.0, 0.0)
    lat, lon = math.radians(station.latitude_deg), math.radians(station.longitude_deg)
    place = erfa.gd2gc(1, lon, lat, station.altitude_m)
    up = np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])
    away = np.einsum("kij,kj->ki", turn, position) - place
    return np.arcsin(away @ up / np.linalg.norm(away, axis=1))

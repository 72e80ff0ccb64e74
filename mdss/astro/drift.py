"""What a burn does to an orbit for days: element shifts, and how they drift under two-body and J2.

A shift is a row of six: mean semi-major axis [m], eccentricity vector on two axes of the orbit
plane, mean longitude along the track [rad], inclination [rad], node [rad]. It is measured against
the orbit without the burn, is linear in the burn, and grows linearly with time, so that shifts of
several burns add up once they are all carried to the same instant.

Mean longitude counts along the track without the turn of the node itself, which keeps it regular on
orbits that are circular, equatorial or both. Drag, Sun, Moon and higher harmonics move both orbits
nearly alike and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.bodies import Body
from mdss.astro.twobody import propagate
from mdss.errors import PropagationError
from mdss.units import DAY_S

FloatArray = NDArray[np.float64]

AXIS, E_FIRST, E_SECOND, LONGITUDE, INCLINATION, NODE = range(6)
_LEAST_SINE = 1e-9  # of an inclination: below it the node is nowhere
_LEAST_E = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Places:
    """Where the orbit is at some times; arrays of shape (n,).

    Parameters
    ----------
    t_s : array
        Seconds from the epoch.
    anomaly_rad : array
        True anomaly.
    radius_m : array
        [m].
    apse_rad : array
        Angle of the perigee from the first axis of the plane; turns slowly.
    latitude_arg_rad : array
        Argument of latitude.
    """

    t_s: FloatArray
    anomaly_rad: FloatArray
    radius_m: FloatArray
    apse_rad: FloatArray
    latitude_arg_rad: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class DriftingOrbit:
    """A Kepler ellipse whose node, perigee and mean anomaly drift as J2 makes them.

    Parameters
    ----------
    body : Body
    state : array, shape (6,)
        At the epoch, inertial axes turned so that the third is the body's pole [m], [m/s].
    semi_major_axis_m : float
        Mean: from the energy with the mean J2 potential, so that its phase holds for days [m].
    osculating_axis_m : float
        Of `state` [m].
    eccentricity : float
    inclination_rad, node_rad, perigee_arg_rad : float
        At the epoch, about the body's pole.

    Notes
    -----
    Burn effects come out within 1 % of a flight with J2 over two days, and the epicyclic part of
    near-circular orbits within a few per cent: periodic J2 terms of the elements are left out.

    References
    ----------
    .. [1] D. A. Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., 2013,
       equations 9-24 (Gauss) and 9-41 (secular J2 rates).
    .. [2] R. H. Battin, An Introduction to the Mathematics and Methods of Astrodynamics, revised
       edition, 1999, section 10.4: Gauss' equations in elements that are regular.
    """

    body: Body
    state: FloatArray
    semi_major_axis_m: float
    osculating_axis_m: float
    eccentricity: float
    inclination_rad: float
    node_rad: float
    perigee_arg_rad: float

    @classmethod
    def through(
        cls, position_m: ArrayLike, velocity_m_s: ArrayLike, epoch_utc: datetime, body: Body
    ) -> Self:
        """The orbit through an inertial state at an epoch (GCRF, or ICRF axes at another body).

        Raises
        ------
        PropagationError
            If the orbit is not bound, or runs straight through the body's centre.
        """
        turn = pole_axes(body, epoch_utc)
        position = turn @ np.asarray(position_m, dtype=float)
        velocity = turn @ np.asarray(velocity_m_s, dtype=float)
        return cls.in_pole_axes(np.concatenate([position, velocity]), body)

    @classmethod
    def in_pole_axes(cls, state: FloatArray, body: Body) -> Self:
        """The orbit through a state, shape (6,), on the axes of `pole_axes`.

        Raises
        ------
        PropagationError
            As `through`.
        """
        position, velocity = state[:3], state[3:]
        gm, radius = body.gm_m3_s2, float(np.linalg.norm(position))
        momentum = np.cross(position, velocity)
        size = float(np.linalg.norm(momentum))
        energy = 0.5 * float(velocity @ velocity) - gm / radius
        if not (energy < 0 and size > 0):
            raise PropagationError(
                f"the orbit is not bound: {np.linalg.norm(velocity):.1f} m/s at a radius of "
                f"{radius / 1e3:.1f} km; check units and frame of the state"
            )
        first, second = _plane_axes(momentum / size)
        vector = np.cross(velocity, momentum) / gm - position / radius
        node = float(np.arctan2(momentum[0], -momentum[1]))
        perigee = float(np.arctan2(vector @ second, vector @ first))
        one = cls(
            body=body,
            state=state,
            semi_major_axis_m=-0.5 * gm / energy,
            osculating_axis_m=-0.5 * gm / energy,
            eccentricity=float(np.linalg.norm(vector)),
            inclination_rad=float(np.arctan2(np.hypot(*momentum[:2]), momentum[2])),
            node_rad=node,
            perigee_arg_rad=perigee - node,
        )
        return one._with_mean_axis(energy)

    def _with_mean_axis(self, energy: float) -> Self:
        """The axis that goes with the total energy, once its J2 part is taken off."""
        z = float(self.state[2])
        radius = float(np.linalg.norm(self.state[:3]))
        strength = self.body.gm_m3_s2 * self.body.j2 * self.body.radius_m**2
        potential = strength / (2 * radius**3) * (3 * (z / radius) ** 2 - 1)
        mean = energy + potential - self._mean_potential
        return replace(self, semi_major_axis_m=-0.5 * self.body.gm_m3_s2 / mean)

    # --- sizes and rates ------------------------------------------------------------------

    @property
    def mean_motion_rad_s(self) -> float:
        """Of the Kepler ellipse with the mean axis [rad/s]."""
        return float(np.sqrt(self.body.gm_m3_s2 / self.semi_major_axis_m**3))

    @property
    def eccentricity_vector(self) -> FloatArray:
        """On the two axes of the orbit plane, at the epoch, shape (2,)."""
        apse = self.node_rad + self.perigee_arg_rad
        return self.eccentricity * np.array([np.cos(apse), np.sin(apse)])

    @property
    def period_s(self) -> float:
        """[s]."""
        return 2 * np.pi / self.mean_motion_rad_s

    @property
    def _minor_share(self) -> float:
        return float(np.sqrt(1 - self.eccentricity**2))

    @property
    def _parameter_m(self) -> float:
        return self.semi_major_axis_m * self._minor_share**2

    @property
    def _momentum(self) -> float:
        return float(np.sqrt(self.body.gm_m3_s2 * self._parameter_m))

    @property
    def _mean_potential(self) -> float:
        """Of J2, averaged over a revolution [m²/s²]."""
        size = self.body.gm_m3_s2 * self.body.j2 * self.body.radius_m**2
        sine = np.sin(self.inclination_rad)
        cube = (self.osculating_axis_m * self._minor_share) ** 3
        return float(size / (4 * cube) * (3 * sine**2 - 2))

    @property
    def _j2_rate(self) -> float:
        flattening = self.body.j2 * (self.body.radius_m / self._parameter_m) ** 2
        return 1.5 * flattening * self.mean_motion_rad_s

    @property
    def node_rate_rad_s(self) -> float:
        """How fast J2 turns the node [rad/s]."""
        return float(-self._j2_rate * np.cos(self.inclination_rad))

    @property
    def perigee_rate_rad_s(self) -> float:
        """How fast J2 turns the perigee, from the node [rad/s]."""
        return float(0.5 * self._j2_rate * (4 - 5 * np.sin(self.inclination_rad) ** 2))

    @property
    def anomaly_rate_rad_s(self) -> float:
        """What J2 adds to the mean anomaly's rate [rad/s]."""
        bracket = 2 - 3 * np.sin(self.inclination_rad) ** 2
        return float(0.5 * self._j2_rate * self._minor_share * bracket)

    # --- where it is ----------------------------------------------------------------------

    def at(self, t_s: ArrayLike) -> Places:
        """Where the orbit is, seconds from the epoch, shape (n,)."""
        t = np.atleast_1d(np.asarray(t_s, dtype=float))
        osculating = np.sqrt(self.body.gm_m3_s2 / self.osculating_axis_m**3)
        pace = (self.mean_motion_rad_s + self.anomaly_rate_rad_s) / osculating
        states = propagate(self.state[:3], self.state[3:], pace * t, self.body.gm_m3_s2)
        momentum = np.cross(self.state[:3], self.state[3:])
        first, second = _plane_axes(momentum / np.linalg.norm(momentum))
        longitude = np.arctan2(states[:, :3] @ second, states[:, :3] @ first)
        anomaly = longitude - self.node_rad - self.perigee_arg_rad
        return self._places(t, anomaly, np.linalg.norm(states[:, :3], axis=1))

    def nodes_near(self, t_s: ArrayLike) -> Places:
        """The ascending node, as the orbit is oriented at some times."""
        t = np.atleast_1d(np.asarray(t_s, dtype=float))
        anomaly = -(self.perigee_arg_rad + self.perigee_rate_rad_s * t)
        radius = self._parameter_m / (1 + self.eccentricity * np.cos(anomaly))
        return self._places(t, anomaly, radius)

    def _places(self, t: FloatArray, anomaly: FloatArray, radius: FloatArray) -> Places:
        perigee = self.perigee_arg_rad + self.perigee_rate_rad_s * t
        return Places(
            t_s=t,
            anomaly_rad=anomaly,
            radius_m=np.asarray(radius),
            apse_rad=self.node_rad + self.node_rate_rad_s * t + perigee,
            latitude_arg_rad=perigee + anomaly,
        )

    # --- what burns do --------------------------------------------------------------------

    def shift_per_dv(self, t_s: ArrayLike) -> FloatArray:
        """The shift that a unit burn at each time makes, as seen at the epoch, shape (n, 6, 3).

        Parameters
        ----------
        t_s : array_like, shape (n,)
            Burn times, seconds from the epoch, either sign.

        Returns
        -------
        array, shape (n, 6, 3)
            Columns for radial, transverse, normal delta-v in RTN at the burn [per m/s]. The shift
            at a time t is `carried(t) @` this, for any t after the burn.
        """
        where = self.at(t_s)
        return np.asarray(self.carried(-where.t_s) @ self._gauss(where))

    def _gauss(self, where: Places) -> FloatArray:
        """Gauss' equations for an impulse, shape (n, 6, 3)."""
        e, parameter, momentum = self.eccentricity, self._parameter_m, self._momentum
        c, s = np.cos(where.anomaly_rad), np.sin(where.anomaly_rad)
        nearness = 1 + e * c
        radius = parameter / nearness
        minor = self._minor_share
        shift = np.zeros((where.t_s.size, 6, 3))
        towards = np.stack([s, (1 + 1 / nearness) * c + e / nearness], axis=1)
        across = np.stack([-c, (1 + 1 / nearness) * s], axis=1)
        scale = parameter / momentum
        shift[:, E_FIRST : E_SECOND + 1, :2] = scale * _turned(where.apse_rad, towards, across)
        lag = radius / momentum
        shift[:, LONGITUDE, 0] = -lag * (nearness * e * c / (1 + minor) + 2 * minor)
        shift[:, LONGITUDE, 1] = lag * (1 + nearness) * e * s / (1 + minor)
        sine = max(np.sin(self.inclination_rad), _LEAST_SINE)
        shift[:, INCLINATION, 2] = lag * np.cos(where.latitude_arg_rad)
        shift[:, NODE, 2] = lag * np.sin(where.latitude_arg_rad) / sine
        shift[:, AXIS] = self._axis_shift(where, shift)
        return shift

    def _axis_shift(self, where: Places, shift: FloatArray) -> FloatArray:
        """Of the mean axis: the burn's work, less what goes into the mean J2 potential."""
        e, gm, axis = self.eccentricity, self.body.gm_m3_s2, self.semi_major_axis_m
        s, c = np.sin(where.anomaly_rad), np.cos(where.anomaly_rad)
        speed = gm / self._momentum
        work = np.stack([speed * e * s, speed * (1 + e * c), np.zeros_like(s)], axis=1)
        towards, _ = _along_apse(where.apse_rad, shift)
        potential = self._mean_potential
        stored = -3 * potential / axis * (2 * axis**2 / gm) * work
        stored = stored + 3 * e / self._minor_share**2 * potential * towards
        stored = stored + self._potential_per_inclination * shift[:, INCLINATION]
        return np.asarray(2 * axis**2 / gm * (work - stored))

    @property
    def _potential_per_inclination(self) -> float:
        size = self.body.gm_m3_s2 * self.body.j2 * self.body.radius_m**2
        cube = (self.semi_major_axis_m * self._minor_share) ** 3
        return float(size / (4 * cube) * 3 * np.sin(2 * self.inclination_rad))

    def carried(self, dt_s: ArrayLike) -> FloatArray:
        """How a shift at the epoch grows, shape (n, 6, 6); with a minus sign it goes back.

        Parameters
        ----------
        dt_s : array_like, shape (n,)
            Seconds.

        Returns
        -------
        array, shape (n, 6, 6)
            From the epoch to `dt_s` after it where that is positive; where it is negative, from
            `-dt_s` after the epoch to the epoch.
        """
        dt = np.atleast_1d(np.asarray(dt_s, dtype=float))[:, None, None]
        turn = (self.perigee_rate_rad_s + self.node_rate_rad_s) * dt[:, 0, 0]
        drift = np.eye(6) + self._drift_rates * dt
        turned = np.tile(np.eye(6), (dt.size, 1, 1))
        c, s = np.cos(turn), np.sin(turn)
        turned[:, E_FIRST, E_FIRST], turned[:, E_FIRST, E_SECOND] = c, -s
        turned[:, E_SECOND, E_FIRST], turned[:, E_SECOND, E_SECOND] = s, c
        back = dt < 0
        return np.asarray(np.where(back, drift @ turned, turned @ drift))

    @cached_property
    def _drift_rates(self) -> FloatArray:
        """d(shift)/dt over shift at the epoch, shape (6, 6), without the turn of the plane axes."""
        towards = np.zeros(6)
        apse = self.node_rad + self.perigee_arg_rad
        towards[E_FIRST], towards[E_SECOND] = np.cos(apse), np.sin(apse)
        across = np.zeros(6)
        across[E_FIRST], across[E_SECOND] = -np.sin(apse), np.cos(apse)
        node, perigee, anomaly = self._rate_rows(towards)
        rates = np.zeros((6, 6))
        turning = perigee + np.cos(self.inclination_rad) * node
        rates[LONGITUDE] = anomaly + turning
        rates[LONGITUDE, AXIS] -= 1.5 * self.mean_motion_rad_s / self.semi_major_axis_m
        rates[NODE] = node
        return rates + self.eccentricity * np.outer(across, turning)

    def _rate_rows(self, towards: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """How the J2 rates of node, perigee and mean anomaly change with a shift, each (6,)."""
        e, k = self.eccentricity, self._j2_rate
        c, s = np.cos(self.inclination_rad), np.sin(self.inclination_rad)
        per_axis, per_e = -3.5 / self.semi_major_axis_m, e / self._minor_share**2
        rows = []
        for rate, powers, per_inclination in (
            (self.node_rate_rad_s, 4, k * s),
            (self.perigee_rate_rad_s, 4, -5 * k * s * c),
            (self.anomaly_rate_rad_s, 3, -3 * k * self._minor_share * s * c),
        ):
            row = powers * per_e * rate * towards
            row[AXIS] = per_axis * rate
            row[INCLINATION] = per_inclination
            rows.append(row)
        return rows[0], rows[1], rows[2]

    # --- what shifts mean -----------------------------------------------------------------

    def longitude_per_shift(self, where: Places) -> FloatArray:
        """True longitude along the track at the same time, per shift there, shape (n, 6) [rad]."""
        e, minor = self.eccentricity, self._minor_share
        c, s = np.cos(where.anomaly_rad), np.sin(where.anomaly_rad)
        nearness = 1 + e * c
        per_mean = nearness**2 / minor**3
        # (1 - per_mean) / e, without a difference of numbers that are almost one
        small = max(e, _LEAST_E)
        rest = np.expm1(-1.5 * np.log1p(-(small**2))) / small
        per_across = -((2 * c + e * c**2) / minor**3 + rest)
        per_towards = s * (2 + e * c) / minor**2
        rows = np.zeros((where.t_s.size, 6))
        rows[:, LONGITUDE] = per_mean
        cosine, sine = np.cos(where.apse_rad), np.sin(where.apse_rad)
        rows[:, E_FIRST] = per_towards * cosine - per_across * sine
        rows[:, E_SECOND] = per_towards * sine + per_across * cosine
        return rows

    def along_track_per_shift(self, where: Places) -> FloatArray:
        """Distance along the transverse axis, per shift there, shape (n, 6) [m]."""
        return np.asarray(where.radius_m[:, None] * self.longitude_per_shift(where))

    def local_time_per_shift(self, where: Places) -> FloatArray:
        """Local time of the ascending node, per shift there, shape (n, 6) [s of 86 400]."""
        rows = np.zeros((where.t_s.size, 6))
        rows[:, NODE] = DAY_S / (2 * np.pi)
        return rows

    def ground_track_per_shift(self, t_s: ArrayLike) -> FloatArray:
        """Where the ground track crosses the equator northward, per shift then, shape (n, 6) [m].

        East is positive. A crossing that comes later lies farther west by the body's turn.
        """
        where = self.nodes_near(t_s)
        rows = -np.cos(self.inclination_rad) * np.eye(6)[NODE] + self.longitude_per_shift(where)
        pace = self._momentum / where.radius_m**2
        earlier_s = rows / pace[:, None]
        east_rad = np.eye(6)[NODE] + (self.body.spin_rad_s - self.node_rate_rad_s) * earlier_s
        return np.asarray(self.body.radius_m * east_rad)

    def dv_per_axis(self) -> float:
        """Least in-track delta-v that moves the mean semi-major axis by a metre [m/s per m].

        Fired at perigee, where the speed is highest.
        """
        e, gm = self.eccentricity, self.body.gm_m3_s2
        speed = gm / self._momentum * (1 + e)
        return float(gm / (2 * self.semi_major_axis_m**2 * speed))


def pole_axes(body: Body, epoch_utc: datetime) -> FloatArray:
    """Rotation from inertial axes to others that do not turn and whose third is the pole."""
    pole = body.pole_icrf(epoch_utc)
    first = np.cross([0.0, 1.0, 0.0], pole)
    first = first / np.linalg.norm(first)
    return np.stack([first, np.cross(pole, first), pole])


def _plane_axes(normal: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Axes of the orbit plane that the least turn from the pole's makes, each (3,).

    Angles from the first count like node plus angle from the node.
    """
    x, y, z = normal
    share = 1 / max(1 + z, _LEAST_SINE)
    first = np.array([1 - share * x * x, -share * x * y, -x])
    return first, np.array([-share * x * y, 1 - share * y * y, -y])


def _turned(apse: FloatArray, towards: FloatArray, across: FloatArray) -> FloatArray:
    """Components along and across the apse, on the plane's two axes, shape (n, 2, k)."""
    c, s = np.cos(apse)[:, None], np.sin(apse)[:, None]
    return np.stack([c * towards - s * across, s * towards + c * across], axis=1)


def _along_apse(apse: FloatArray, shift: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eccentricity vectors of shifts (n, 6, k), along and across the apse, each (n, k)."""
    c, s = np.cos(apse)[:, None], np.sin(apse)[:, None]
    first, second = shift[:, E_FIRST], shift[:, E_SECOND]
    return c * first + s * second, c * second - s * first

"""A series of conjunction messages from facts: states, shrinking errors, drawn updates.

The error of an object at TCA is the sum of six independent sources (along the track, size
of the orbit, two of its shape, two of its plane). An orbit determination with more data
moves its estimate by an amount whose covariance is the old one minus the new one, so the
sources of update k are those of update k + 1 plus sqrt(σ_k² − σ_{k+1}²)·z, z standard normal.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from mdss.astro.encounter import encounter_plane, linear_tca_shift_s
from mdss.astro.frames import eci_from_rtn
from mdss.astro.probability import pc_2d
from mdss.astro.twobody import propagate
from mdss.risk.plane import repaired_cov

FloatArray = NDArray[np.float64]

MU_M3_S2 = 3.986004418e14
# In-track drift that goes with a semi-major axis error: −1.5·n·t after about 0.6 orbits.
DRIFT_PER_SIZE = -6.0


@dataclass(frozen=True)
class Thing:
    """What a message says about an object beside its state."""

    designator: str
    name: str
    international: str
    kind: str
    maneuverable: str
    covariance_method: str
    cd_area_over_mass: float
    cr_area_over_mass: float
    operator: str = "UNKNOWN"
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Track:
    """One object through the series: its final state at TCA and its errors at each update.

    `sigmas_m` has a row for each update: in-track shift, semi-major axis, e·cos, e·sin,
    plane, plane rate, all in metres. `offsets` are the six source values of each update,
    the last row zero. `over_correlated` gives, for updates whose covariance is spoiled on
    purpose, the correlation of R and T that is written (beyond one: not positive definite).
    """

    thing: Thing
    position_m: FloatArray
    velocity_m_s: FloatArray
    sigmas_m: FloatArray
    offsets_m: FloatArray
    over_correlated: Mapping[int, float] = field(default_factory=dict)
    gm_m3_s2: float = MU_M3_S2
    drift_per_size: float = DRIFT_PER_SIZE

    @property
    def mean_motion(self) -> float:
        """rad/s."""
        radius = float(np.linalg.norm(self.position_m))
        speed2 = float(self.velocity_m_s @ self.velocity_m_s)
        return math.sqrt(self.gm_m3_s2 * (2 / radius - speed2 / self.gm_m3_s2) ** 3)

    @property
    def sources(self) -> FloatArray:
        """RTN position and velocity for one metre of each source, shape (6, 6)."""
        n, k = self.mean_motion, self.drift_per_size
        columns = [
            (0, 1, 0, -n, 0, 0),
            (1, k, 0, -k * n, -n / 2, 0),
            (1, 0, 0, 0, -n, 0),
            (0, 2, 0, -n, 0, 0),
            (0, 0, 1, 0, 0, 0),
            (0, 0, 0, 0, 0, n),
        ]
        return np.array(columns, dtype=float).T

    def covariance(self, update: int) -> FloatArray:
        """RTN covariance at TCA, shape (6, 6) [m, m/s]."""
        made = self.sources @ np.diag(self.sigmas_m[update] ** 2) @ self.sources.T
        if update in self.over_correlated:
            made[0, 1] = made[1, 0] = self.over_correlated[update] * math.sqrt(
                made[0, 0] * made[1, 1]
            )
        return made

    def state(self, update: int) -> FloatArray:
        """Inertial state at the nominal TCA, shape (6,) [m, m/s]."""
        rotation = eci_from_rtn(self.position_m, self.velocity_m_s)
        offset = self.sources @ self.offsets_m[update]
        moved = [self.position_m + rotation @ offset[:3], self.velocity_m_s + rotation @ offset[3:]]
        return np.concatenate(moved)


def drawn_offsets(sigmas_m: FloatArray, seed: int) -> FloatArray:
    """Source values of each update, the last zero; normal numbers rounded to 0.001."""
    uniform = random.Random(seed)
    normal = NormalDist()
    offsets = np.zeros_like(sigmas_m)
    for k in range(len(sigmas_m) - 2, -1, -1):
        z = np.array([round(normal.inv_cdf(uniform.random()), 3) for _ in range(6)])
        offsets[k] = offsets[k + 1] + np.sqrt(sigmas_m[k] ** 2 - sigmas_m[k + 1] ** 2) * z
    return offsets


@dataclass(frozen=True)
class Series:
    """All messages about one encounter."""

    tca_utc: datetime
    created_utc: tuple[datetime, ...]
    tracks: tuple[Track, Track]
    hard_body_radius_m: float
    frame: str
    originator: str
    message_prefix: str
    comments: tuple[str, ...] = ()
    update_comments: tuple[tuple[str, ...], ...] = field(default=())
    center: str = "EARTH"

    def messages(self) -> list[Message]:
        """One message for each creation date."""
        return [Message.of(self, k) for k in range(len(self.created_utc))]


@dataclass(frozen=True)
class Message:
    """One update, with both states at its own TCA, as rounded in the file."""

    series: Series
    update: int
    tca_utc: datetime
    states: tuple[FloatArray, FloatArray]

    @classmethod
    def of(cls, series: Series, update: int) -> Message:
        """The states moved to the closest approach, which is rounded to a millisecond."""
        first, second = (track.state(update) for track in series.tracks)
        gm = series.tracks[0].gm_m3_s2
        shift_s = 0.0
        for _ in range(8):
            one, two = (_moved(state, shift_s, gm) for state in (first, second))
            shift_s += linear_tca_shift_s(one[:3] - two[:3], one[3:] - two[3:])
        tca = to_millisecond(series.tca_utc + timedelta(seconds=shift_s))
        exact_s = (tca - series.tca_utc).total_seconds()
        one, two = (_rounded(_moved(state, exact_s, gm)) for state in (first, second))
        return cls(series, update, tca, (one, two))

    @property
    def relative_rtn(self) -> FloatArray:
        """Object 2 minus object 1, RTN of object 1, shape (6,)."""
        one, two = self.states
        rotation = eci_from_rtn(one[:3], one[3:])
        return np.concatenate([rotation.T @ (two - one)[:3], rotation.T @ (two - one)[3:]])

    @property
    def miss_m(self) -> float:
        """Distance at the stated TCA."""
        return float(np.linalg.norm(self.relative_rtn[:3]))

    @property
    def speed_m_s(self) -> float:
        """Relative speed."""
        return float(np.linalg.norm(self.relative_rtn[3:]))

    @property
    def combined_covariance(self) -> FloatArray:
        """Inertial position covariance, shape (3, 3)."""
        total = np.zeros((3, 3))
        for track, state in zip(self.series.tracks, self.states, strict=True):
            rotation = eci_from_rtn(state[:3], state[3:])
            total += rotation @ track.covariance(self.update)[:3, :3] @ rotation.T
        return total

    def pc(self, hard_body_radius_m: float | None = None) -> float:
        """2D probability, with the series' radius unless another is given."""
        one, two = self.states
        relative = one - two
        plane = encounter_plane(one[:3], relative[:3], relative[3:], self.combined_covariance)
        radius_m = hard_body_radius_m or self.series.hard_body_radius_m
        return float(pc_2d(plane.miss_m, repaired_cov(plane.cov_m2, radius_m)[0], radius_m))

    def kvn(self) -> str:
        """The message in CCSDS 508.0-B-1 key-value notation."""
        lines = [*self._head(), *self._object(0), *self._object(1)]
        return "\n".join(lines) + "\n"

    def _head(self) -> list[str]:
        series, k = self.series, self.update
        relative = self.relative_rtn
        comments = [
            *series.comments,
            *(series.update_comments[k] if series.update_comments else ()),
        ]
        return [
            _line("CCSDS_CDM_VERS", "1.0"),
            *(f"COMMENT {text}" for text in comments),
            _line("CREATION_DATE", _date(series.created_utc[k])),
            _line("ORIGINATOR", series.originator),
            _line("MESSAGE_ID", f"{series.message_prefix}-{k + 1:02d}"),
            _line("TCA", _date(self.tca_utc)),
            _line("MISS_DISTANCE", f"{self.miss_m:.1f} [m]"),
            _line("RELATIVE_SPEED", f"{self.speed_m_s:.1f} [m/s]"),
            *_vector("RELATIVE_POSITION_", relative[:3], "m"),
            *_vector("RELATIVE_VELOCITY_", relative[3:], "m/s"),
            _line("COLLISION_PROBABILITY", f"{self.pc():.3e}"),
            _line("COLLISION_PROBABILITY_METHOD", "FOSTER-1992"),
            f"COMMENT HBR = {series.hard_body_radius_m:g} [m]",
        ]

    def _object(self, index: int) -> list[str]:
        track = self.series.tracks[index]
        thing, state = track.thing, self.states[index]
        return [
            _line("OBJECT", f"OBJECT{index + 1}"),
            *(f"COMMENT {text}" for text in thing.comments),
            _line("OBJECT_DESIGNATOR", thing.designator),
            _line("CATALOG_NAME", "SATCAT"),
            _line("OBJECT_NAME", thing.name),
            _line("INTERNATIONAL_DESIGNATOR", thing.international),
            _line("OBJECT_TYPE", thing.kind),
            _line("OPERATOR_ORGANIZATION", thing.operator),
            _line("EPHEMERIS_NAME", "NONE"),
            _line("COVARIANCE_METHOD", thing.covariance_method),
            _line("MANEUVERABLE", thing.maneuverable),
            *([] if self.series.center == "EARTH" else [_line("ORBIT_CENTER", self.series.center)]),
            _line("REF_FRAME", self.series.frame),
            _line("CD_AREA_OVER_MASS", f"{thing.cd_area_over_mass:.6f} [m**2/kg]"),
            _line("CR_AREA_OVER_MASS", f"{thing.cr_area_over_mass:.6f} [m**2/kg]"),
            *(_line(key, f"{v / 1e3:.6f} [km]") for key, v in zip("XYZ", state[:3], strict=True)),
            *(
                _line(f"{key}_DOT", f"{v / 1e3:.9f} [km/s]")
                for key, v in zip("XYZ", state[3:], strict=True)
            ),
            *_covariance_lines(track.covariance(self.update)),
        ]


def _moved(state: FloatArray, t_s: float, gm_m3_s2: float) -> FloatArray:
    return propagate(state[:3], state[3:], [t_s], gm_m3_s2)[0]


def _rounded(state: FloatArray) -> FloatArray:
    """To a millimetre and a micrometre per second, as the file has it."""
    return np.concatenate([np.round(state[:3], 3), np.round(state[3:], 6)])


def to_millisecond(instant: datetime) -> datetime:
    """The nearest whole millisecond."""
    whole_ms = round(instant.microsecond / 1e3)
    return instant.replace(microsecond=0) + timedelta(milliseconds=whole_ms)


def _date(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}"


def _line(key: str, value: str) -> str:
    return f"{key:<30} = {value}"


def _vector(prefix: str, vector: FloatArray, unit: str) -> list[str]:
    pairs = zip("RTN", vector, strict=True)
    # adding 0.0 turns a rounded −0.0 into 0.0
    return [_line(prefix + axis, f"{round(float(v), 1) + 0.0:.1f} [{unit}]") for axis, v in pairs]


_NAMES = ("R", "T", "N", "RDOT", "TDOT", "NDOT")


def _covariance_lines(covariance: FloatArray) -> list[str]:
    lines = []
    for row in range(6):
        for column in range(row + 1):
            power = (row >= 3) + (column >= 3)
            unit = ("m**2", "m**2/s", "m**2/s**2")[power]
            value = f"{covariance[row, column] + 0.0:.8e} [{unit}]"
            lines.append(_line(f"C{_NAMES[row]}_{_NAMES[column]}", value))
    return lines

"""Motion about the Earth with all forces: gravity field, Sun, Moon, drag, radiation pressure.

satkit integrates; everything around it is here: its data are found in installed packages and
never downloaded, what its tables do not cover becomes a notice, and an orbit that decays
becomes an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mdss.astro.earth_orientation import eop_notices
from mdss.errors import PropagationError
from mdss.notices import Notice, NoticeCode
from mdss.units import DAY_S, KM, as_utc

FloatArray = NDArray[np.float64]
State = tuple[float, ...]

GM_EARTH_M3_S2 = 3.986004415e14
_EARTH_RADIUS_M = 6_378_000.0
DECAY_RADIUS_M = _EARTH_RADIUS_M + 80_000.0

_HIGHEST_DEGREE = 70
_DATA_PACKAGES = ("satkit_data", "astropy_iers_data")
_SURE_DECAY_RADIUS_M = DECAY_RADIUS_M - 20_000.0  # beyond what oblateness can give back
_SAFE_PERIGEE_RADIUS_M = DECAY_RADIUS_M + 100_000.0
_RADIUS_CHECK_S = 30.0
_STEPS_PER_PERIGEE_PERIOD = 192  # of the fixed-step method
_SHORTEST_FIXED_STEP_ARC = 24  # steps; below it the method's start-up dominates
_SHORT_ARC_TOLERANCE = 1e-12
_SHORTEST_ARC_US = 1_000_000  # an arc needs some length to be interpolated in
_STEPS_AT_LEAST, _STEPS_PER_DAY = 1_000, 3_000
_LOW_ORBIT_REMEDY = "Shorten the span, or check state and drag coefficient"
_DATA_REMEDY = "Install satkit-data, or set SATKIT_DATA to a folder that holds its files"
_CACHED_ARCS = 40  # a day of dense output takes up to 2 MB; a long burn has ten short arcs
_CACHED_STM_ARCS = 2  # 10 MB with matrices


@dataclass(frozen=True, kw_only=True)
class ForceModel:
    """Which forces act.

    Parameters
    ----------
    gravity_degree, gravity_order : int
        Of the EGM2008 field, 0 (a sphere) to 70; order at most degree.
    cd_area_over_mass_m2_kg : float
        Cd·A/m for drag in an NRLMSISE-00 atmosphere [m²/kg]; 0 is off.
    cr_area_over_mass_m2_kg : float
        Cr·A/m for solar radiation pressure with eclipses [m²/kg]; 0 is off.
    sun, moon : bool
        Their gravity.
    tides, relativity : bool
        Solid Earth tides and the relativistic correction.

    Raises
    ------
    PropagationError
        If a value is not possible.
    """

    gravity_degree: int = 20
    gravity_order: int = 20
    cd_area_over_mass_m2_kg: float = 0.0
    cr_area_over_mass_m2_kg: float = 0.0
    sun: bool = True
    moon: bool = True
    tides: bool = True
    relativity: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.gravity_order <= self.gravity_degree <= _HIGHEST_DEGREE:
            raise PropagationError(
                f"need 0 <= gravity order <= degree <= {_HIGHEST_DEGREE}, "
                f"got {self.gravity_order} and {self.gravity_degree}"
            )
        for name in ("cd_area_over_mass_m2_kg", "cr_area_over_mass_m2_kg"):
            value = getattr(self, name)
            if not 0.0 <= value < np.inf:
                raise PropagationError(f"{name} must be 0 (off) or a positive number, got {value}")

    def arc(
        self, state: State, epoch_utc: datetime, tolerance: float, *, with_stm: bool = False
    ) -> EarthArc:
        """The orbit through a GCRF state [m], [m/s]."""
        return EarthArc(state, epoch_utc, self, tolerance, with_stm)

    def notices(self, start_utc: datetime, end_utc: datetime) -> tuple[Notice, ...]:
        """What the tables behind the forces do not cover between two epochs, in any order."""
        notices = eop_notices(start_utc, end_utc, predictions=False)
        if self.cd_area_over_mass_m2_kg > 0.0:
            notices += _space_weather_notices(start_utc, end_utc)
        return notices


@dataclass(frozen=True)
class EarthArc:
    """A state at `start_s` from the epoch, and how it is moved. Hashable: the key of a cache."""

    state: State
    epoch: datetime
    force_model: ForceModel
    tolerance: float
    with_stm: bool = False
    fixed_step_s: float | None = None
    start_s: float = 0.0  # whole microseconds

    def restarted(self, state: State, start_s: float) -> Self:
        """The same forces on another state."""
        return replace(self, state=state, start_s=start_s)

    def for_differences(self) -> Self:
        """On fixed steps: the errors of two arcs that start together are then alike.

        Arcs too short for these take steps of their own: at the finest tolerances shadow crossings
        cost ten times what they do at 1e-12, and the difference of two arcs does not show it.
        """
        tolerance = max(self.tolerance, _SHORT_ARC_TOLERANCE)
        return replace(self, fixed_step_s=_fixed_step_s(self.state), tolerance=tolerance)

    def states(self, t_s: FloatArray) -> FloatArray:
        states = np.empty((t_s.size, 6))
        for mine, result, instants in self._each_way(t_s):
            states[mine] = result.interp(instants)
        return _moved(states, self._left_over_s(t_s))

    def states_and_stm(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        states, stm = np.empty((t_s.size, 6)), np.empty((t_s.size, 6, 6))
        for mine, result, instants in self._each_way(t_s):
            pairs = result.interp(instants, output_phi=True)
            states[mine] = [state for state, _ in pairs]
            stm[mine] = [phi for _, phi in pairs]
        return _moved(states, self._left_over_s(t_s)), stm

    def state_once(self, t_s: float) -> State:
        """The state at one time; the way there is not kept for later calls."""
        end_us = int(_whole_us(np.array(t_s - self.start_s)))
        if abs(end_us) < _SHORTEST_ARC_US:
            return tuple(self.states(np.array([t_s]))[0].tolist())
        states = np.array([_integrated(self, end_us).state])
        return tuple(_moved(states, self._left_over_s(np.array([t_s])))[0].tolist())

    def _left_over_s(self, t_s: FloatArray) -> FloatArray:
        from_start_s = t_s - self.start_s
        return np.asarray(from_start_s - _whole_us(from_start_s) * 1e-6)

    def _each_way(self, t_s: FloatArray) -> Iterator[tuple[NDArray[np.int64], Any, list[Any]]]:
        """Backward and forward: which times, the dense result, and the times in its terms.

        In the order of integration: satkit's `interp` takes the wrong step when a list of times
        runs against it, and extrapolates by orders of magnitude.
        """
        satkit = _satkit()
        solve = _remembered_stm if self.with_stm else _remembered
        from_start_us = _whole_us(t_s - self.start_s)
        outward = np.argsort(np.abs(from_start_us), kind="stable")
        for mine in (outward[from_start_us[outward] < 0], outward[from_start_us[outward] >= 0]):
            if not mine.size:
                continue
            result = solve(self, int(from_start_us[mine[-1]]))
            offsets = (satkit.duration(seconds=us * 1e-6) for us in from_start_us[mine].tolist())
            yield mine, result, [result.time_begin + offset for offset in offsets]


def _whole_us(t_s: FloatArray) -> NDArray[np.int64]:
    return np.rint(t_s * 1e6).astype(np.int64)


def _moved(states: FloatArray, dt_s: FloatArray) -> FloatArray:
    """States a fraction of a microsecond later; beyond first order nothing is left."""
    position, velocity = states[:, :3], states[:, 3:]
    radius = np.linalg.norm(position, axis=1, keepdims=True)
    acceleration = -GM_EARTH_M3_S2 * position / radius**3
    return states + np.hstack([velocity, acceleration]) * dt_s[:, None]


def _integrated(arc: EarthArc, end_us: int) -> Any:
    """The dense solution from the arc's start to so many microseconds from it."""
    if abs(end_us) < _SHORTEST_ARC_US:
        end_us = -_SHORTEST_ARC_US if end_us < 0 else _SHORTEST_ARC_US
    duration_s = end_us * 1e-6
    _refuse_low_orbit(arc.state, abs(duration_s))
    with _explained(arc.state, duration_s):
        result = _solved(arc, duration_s)
    _refuse_decay(result, duration_s)
    return result


def _solved(arc: EarthArc, duration_s: float) -> Any:
    """satkit's solution; up to a hundred times coarser where rounding stalls the step control."""
    for coarser in (1.0, 10.0, 100.0):
        try:
            return _satkit_solution(replace(arc, tolerance=coarser * arc.tolerance), duration_s)
        except RuntimeError as problem:
            if coarser == 100.0 or "maximum number of steps" not in str(problem):
                raise
    raise AssertionError("the last pass returns or raises")


def _satkit_solution(arc: EarthArc, duration_s: float) -> Any:
    satkit, model = _satkit(), arc.force_model
    begin = satkit.time.from_datetime(arc.epoch) + satkit.duration(seconds=arc.start_s)
    return satkit.propagate(
        np.array(arc.state),
        begin,
        begin + satkit.duration(seconds=duration_s),
        output_phi=arc.with_stm,
        propsettings=_settings(arc, abs(duration_s)),
        satproperties=satkit.satproperties(
            cdaoverm=model.cd_area_over_mass_m2_kg, craoverm=model.cr_area_over_mass_m2_kg
        ),
    )


_remembered = lru_cache(maxsize=_CACHED_ARCS)(_integrated)
_remembered_stm = lru_cache(maxsize=_CACHED_STM_ARCS)(_integrated)


def _settings(arc: EarthArc, duration_s: float) -> Any:
    satkit, model = _satkit(), arc.force_model
    step_s = arc.fixed_step_s
    # short arcs lie within the fixed-step method's start-up
    fixed = step_s is not None and duration_s > _SHORTEST_FIXED_STEP_ARC * step_s
    return satkit.propsettings(
        abs_error=arc.tolerance,
        rel_error=arc.tolerance,
        gravity_degree=model.gravity_degree,
        gravity_order=model.gravity_order,
        gravity_model=satkit.gravmodel.egm2008,
        use_sun_gravity=model.sun,
        use_moon_gravity=model.moon,
        tide_model=satkit.tidemodel.solid_step1 if model.tides else satkit.tidemodel.none,
        use_relativistic_correction=model.relativity,
        integrator=satkit.integrator.gauss_jackson8 if fixed else satkit.integrator.rkv98,
        gj_step_seconds=step_s or 60.0,
        max_steps=int(_STEPS_AT_LEAST + _STEPS_PER_DAY * duration_s / DAY_S),
    )


def _fixed_step_s(state: State) -> float:
    """A fraction of the period that a circular orbit at perigee has."""
    perigee_m, _ = _perigee_and_period(state)
    period_s = 2.0 * np.pi * np.sqrt(max(perigee_m, DECAY_RADIUS_M) ** 3 / GM_EARTH_M3_S2)
    return float(period_s / _STEPS_PER_PERIGEE_PERIOD)


def _perigee_and_period(state: State) -> tuple[float, float]:
    """Osculating perigee radius [m] and period [s] (infinite on an open orbit)."""
    position, velocity = np.array(state[:3]), np.array(state[3:])
    radius, speed = float(np.linalg.norm(position)), float(np.linalg.norm(velocity))
    momentum = np.cross(position, velocity)
    eccentricity = np.cross(velocity, momentum) / GM_EARTH_M3_S2 - position / radius
    parameter_m = float(momentum @ momentum) / GM_EARTH_M3_S2
    perigee_m = parameter_m / (1.0 + float(np.linalg.norm(eccentricity)))
    inverse_axis = 2.0 / radius - speed**2 / GM_EARTH_M3_S2
    if inverse_axis <= 0.0:
        return perigee_m, np.inf
    return perigee_m, float(2.0 * np.pi / np.sqrt(GM_EARTH_M3_S2 * inverse_axis**3))


def _refuse_low_orbit(state: State, duration_s: float) -> None:
    """What certainly comes down is refused before it costs an integration."""
    radius = float(np.linalg.norm(state[:3]))
    perigee_m, period_s = _perigee_and_period(state)
    if radius < DECAY_RADIUS_M:
        raise _decayed(radius)
    if perigee_m < _SURE_DECAY_RADIUS_M and duration_s >= period_s:
        raise _decayed(perigee_m)


def _refuse_decay(result: Any, duration_s: float) -> None:
    ends = [tuple(map(float, state)) for state in (result.state_begin, result.state_end)]
    if not np.all(np.isfinite(ends)):
        raise PropagationError(f"the orbit is lost within {duration_s:.0f} s. {_LOW_ORBIT_REMEDY}")
    if min(_perigee_and_period(state)[0] for state in ends) > _SAFE_PERIGEE_RADIUS_M:
        return
    satkit = _satkit()
    offsets = np.linspace(0.0, duration_s, 2 + int(abs(duration_s) / _RADIUS_CHECK_S))
    inside = [result.time_begin + satkit.duration(seconds=s) for s in offsets[1:-1].tolist()]
    states = np.vstack([*ends, *result.interp(inside)])
    radius = float(np.min(np.linalg.norm(states[:, :3], axis=1)))
    if not radius >= DECAY_RADIUS_M:
        raise _decayed(radius)


def _decayed(radius_m: float) -> PropagationError:
    return PropagationError(
        f"the orbit comes down to {(radius_m - _EARTH_RADIUS_M) / KM:.0f} km; "
        f"{(DECAY_RADIUS_M - _EARTH_RADIUS_M) / KM:.0f} km is the least. {_LOW_ORBIT_REMEDY}"
    )


@contextmanager
def _explained(state: State, duration_s: float) -> Iterator[None]:
    """satkit's errors, which carry a stack of machine addresses, in a sentence."""
    try:
        yield
    except RuntimeError as problem:
        reason = str(problem).partition("\n")[0]
        if not reason.startswith("ODE"):
            raise PropagationError(f"satkit cannot propagate ({reason}). {_DATA_REMEDY}") from None
        perigee_km = (_perigee_and_period(state)[0] - _EARTH_RADIUS_M) / KM
        raise PropagationError(
            f"the orbit with perigee at {perigee_km:.0f} km cannot be followed for "
            f"{duration_s:.0f} s and probably decays ({reason}). {_LOW_ORBIT_REMEDY}"
        ) from None


@lru_cache(maxsize=1)
def _satkit() -> Any:
    """satkit, offline, with its data found in the installed packages.

    A user's SATKIT_DATA folder is searched first.
    """
    try:
        import satkit

        satkit.utils.set_offline(True)
        for package in filter(find_spec, _DATA_PACKAGES):
            satkit.utils.add_search_dir(str(files(package) / "data"))
        # said as notices instead
        satkit.frametransform.disable_eop_time_warning()
        satkit.spaceweather.disable_space_weather_time_warning()
        ready = satkit.utils.datafiles_exist()
    except (ImportError, AttributeError) as problem:
        raise PropagationError(
            f"numerical propagation needs satkit 0.24 or newer ({problem}); "
            "install it, or use two-body dynamics"
        ) from problem
    if not ready:
        raise PropagationError(f"satkit finds no planetary ephemeris. {_DATA_REMEDY}")
    return satkit


def _space_weather_notices(start_utc: datetime, end_utc: datetime) -> tuple[Notice, ...]:
    early, late = sorted((as_utc(start_utc), as_utc(end_utc)))
    problem = _space_weather_problem(early, late)
    if not problem:
        return ()
    message = (
        f"{problem}; drag may be wrong by a factor of two or more, which in a low orbit "
        "is a kilometre a day. Update satkit-data, or put newer files in a SATKIT_DATA folder"
    )
    return (Notice(code=NoticeCode.SPACE_WEATHER_NOT_COVERED, message=message),)


def _space_weather_problem(early: datetime, late: datetime) -> str:
    coverage = _satkit().spaceweather.coverage()
    if coverage is None:
        return "no space weather is at hand and the atmosphere is a standard one"
    first, _, last_daily, last = (instant.to_datetime() for instant in coverage)
    if early < first:
        return f"the space weather table begins on {first:%Y-%m-%d}, after {early:%Y-%m-%d}"
    if late > last:
        return (
            f"the space weather table ends on {last:%Y-%m-%d}, before {late:%Y-%m-%d}: "
            "its last values are held"
        )
    if late > last_daily + timedelta(days=1):
        return (
            f"daily space weather ends on {last_daily:%Y-%m-%d}, before {late:%Y-%m-%d}: "
            "monthly means are used, without storms"
        )
    return ""

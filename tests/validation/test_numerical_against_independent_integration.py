"""satkit, as we drive it, against an integration that shares nothing with it but the numbers.

Two-body motion and oblateness integrated by SciPy; the pole of the field comes from our own
frames, so that frames, epochs and the sign of time are checked as well. Constants: EGM2008
(N. K. Pavlis et al., J. Geophys. Res. 117, B04406, 2012), tide-free.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mdss.astro.frames import gcrf_from_itrf
from mdss.astro.numerical import ForceModel, propagate, propagate_with_stm

GM_M3_S2 = 3.986004415e14
REFERENCE_RADIUS_M = 6_378_136.3
C20 = -0.484165143790815e-03  # fully normalised
J2 = -np.sqrt(5.0) * C20
DAY_S = 86_400.0
EPOCH = datetime(2024, 3, 10, 6, 30, 15, 250_000, tzinfo=UTC)

BARE = {"gravity_order": 0, "sun": False, "moon": False, "tides": False, "relativity": False}
OBLATE = ForceModel(gravity_degree=2, **BARE)  # type: ignore[arg-type]
SPHERE = ForceModel(gravity_degree=0, **BARE)  # type: ignore[arg-type]

ORBITS = {
    "leo": ([6.9e6, 0.0, 0.0], [0.0, 1.0e3, 7.5e3]),
    "sun_synchronous": ([-2.0e6, 6.6e6, 1.5e6], [-1.2e3, -2.0e3, 7.1e3]),
    "transfer": ([6.8e6, 0.0, 1.0e6], [0.5e3, 9.6e3, 1.0e3]),
}


def independent(
    position: list[float], velocity: list[float], span_s: float, j2: float
) -> np.ndarray:
    from scipy.integrate import solve_ivp
    from scipy.interpolate import CubicSpline

    # polar motion carries the pole of the field round once a day: 0.4 arcsec, 2 m of orbit
    knots = np.sort(np.linspace(0.0, span_s, 97))
    pole_at = CubicSpline(
        knots, [gcrf_from_itrf(EPOCH + timedelta(seconds=float(t)))[:, 2] for t in knots]
    )

    def motion(t: float, state: np.ndarray) -> np.ndarray:
        r, radius = state[:3], np.linalg.norm(state[:3])
        pole = pole_at(t)
        height = r @ pole
        oblate = -1.5 * j2 * GM_M3_S2 * REFERENCE_RADIUS_M**2 / radius**5
        acceleration = -GM_M3_S2 * r / radius**3
        acceleration += oblate * ((1.0 - 5.0 * (height / radius) ** 2) * r + 2.0 * height * pole)
        return np.concatenate([state[3:], acceleration])

    solution = solve_ivp(
        motion, (0.0, span_s), [*position, *velocity], method="DOP853", rtol=1e-13, atol=1e-8
    )
    return np.asarray(solution.y[:, -1])


@pytest.mark.parametrize("orbit", ORBITS)
@pytest.mark.parametrize("span_s", [DAY_S, -DAY_S], ids=["forward", "backward"])
def test_oblate_earth_agrees_with_scipy_to_millimetres_in_a_day(orbit: str, span_s: float) -> None:
    (state,) = propagate(*ORBITS[orbit], EPOCH, span_s, OBLATE)
    expected = independent(*ORBITS[orbit], span_s, J2)
    # 6e8 m of orbit, each side integrated to 1e-13 a step: a millimetre at a low perigee
    assert np.linalg.norm(state[:3] - expected[:3]) < 5e-3
    # and the test sees the field: without it the object is elsewhere
    assert np.linalg.norm(state[:3] - independent(*ORBITS[orbit], span_s, 0.0)[:3]) > 1e4


@pytest.mark.parametrize("orbit", ORBITS)
def test_a_sphere_agrees_with_scipy(orbit: str) -> None:
    (state,) = propagate(*ORBITS[orbit], EPOCH, DAY_S, SPHERE)
    expected = independent(*ORBITS[orbit], DAY_S, 0.0)
    assert np.linalg.norm(state[:3] - expected[:3]) < 5e-3


def test_the_transition_matrix_on_a_sphere_obeys_the_clohessy_wiltshire_solution() -> None:
    """W. H. Clohessy and R. S. Wiltshire, J. Aerosp. Sci. 27, 653 (1960); circular orbit."""
    radius = 7.0e6
    speed = np.sqrt(GM_M3_S2 / radius)
    n = speed / radius
    span_s = 4_321.0
    state = [radius, 0.0, 0.0], [0.0, speed, 0.0]
    ((end,), (stm,)) = propagate_with_stm(*state, EPOCH, span_s, SPHERE)
    radial, normal = end[:3] / radius, np.array([0.0, 0.0, 1.0])
    rtn_from_gcrf = np.array([radial, np.cross(normal, radial), normal])
    s, c = np.sin(n * span_s), np.cos(n * span_s)
    expected = np.array(
        [
            [s / n, 2 * (1 - c) / n, 0.0],
            [-2 * (1 - c) / n, 4 * s / n - 3 * span_s, 0.0],
            [0.0, 0.0, s / n],
        ]
    )
    # RTN at the epoch is GCRF here; a change of velocity is one whether axes rotate or not
    np.testing.assert_allclose(rtn_from_gcrf @ stm[:3, 3:], expected, rtol=0, atol=1e-4)


def test_oblateness_turns_the_orbit_plane_at_the_secular_rate() -> None:
    """dΩ/dt = -3/2 n J2 (R/p)² cos i, to the 1e-2 that short-period terms leave after a day."""
    position, velocity = ([7.0e6, 0.0, 0.0], [0.0, 5.0e3, 5.6e3])
    times = np.linspace(0.0, DAY_S, 200)
    states = propagate(position, velocity, EPOCH, times, OBLATE)
    equator_and_pole = _pole_axes(gcrf_from_itrf(EPOCH)[:, 2])
    momentum = np.cross(states[:, :3], states[:, 3:]) @ equator_and_pole
    node = np.unwrap(np.arctan2(momentum[:, 0], -momentum[:, 1]))
    rate = np.polyfit(times, node, 1)[0]
    energy = np.mean(
        np.sum(states[:, 3:] ** 2, axis=1) / 2 - GM_M3_S2 / np.linalg.norm(states[:, :3], axis=1)
    )
    axis_m = -GM_M3_S2 / (2 * energy)
    size = np.linalg.norm(momentum, axis=1).mean()
    parameter_m = size**2 / GM_M3_S2
    cos_inclination = np.mean(momentum[:, 2]) / size
    n = np.sqrt(GM_M3_S2 / axis_m**3)
    expected = -1.5 * n * J2 * (REFERENCE_RADIUS_M / parameter_m) ** 2 * cos_inclination
    assert rate == pytest.approx(expected, rel=1e-2)


def _pole_axes(pole: np.ndarray) -> np.ndarray:
    """Columns: two axes in the equator and the pole."""
    first = np.cross([0.0, 1.0, 0.0], pole)
    first /= np.linalg.norm(first)
    return np.column_stack([first, np.cross(pole, first), pole])

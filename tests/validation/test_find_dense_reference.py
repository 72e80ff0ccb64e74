"""All close approaches, against the distance itself sampled densely.

The bar is 1 ms in TCA and 1 m in miss. Reference: the distance every second over a span; each of
its local minima is a bracket in which Brent's method finds the zero of the range rate. (The
distance itself, flat at a slow approach, places none of them to a millisecond.)
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from mdss.approaches import find_approaches
from mdss.astro.closest import closest_approaches
from mdss.astro.transition import two_body
from mdss.astro.twobody import MU_EARTH_M3_S2 as MU
from mdss.orbit_files import read_orbit

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "historical_tles.txt"
STEP_S = 1.0


def _state(a_m, e, inclination, node, perigee, mean):
    """Inertial state of Keplerian elements."""
    anomaly = mean
    for _ in range(60):
        anomaly -= (anomaly - e * np.sin(anomaly) - mean) / (1 - e * np.cos(anomaly))
    turn = _turn(node, 2) @ _turn(inclination, 0) @ _turn(perigee, 2)
    rate = np.sqrt(MU / a_m**3) / (1 - e * np.cos(anomaly))
    b = np.sqrt(1 - e * e)
    plane = a_m * np.array([np.cos(anomaly) - e, b * np.sin(anomaly), 0.0])
    moving = a_m * rate * np.array([-np.sin(anomaly), b * np.cos(anomaly), 0.0])
    return np.concatenate([turn @ plane, turn @ moving])


def _turn(angle, axis):
    c, s = np.cos(angle), np.sin(angle)
    turn = np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    turn[i, i] = turn[j, j] = c
    turn[i, j], turn[j, i] = -s, s
    return turn


def _kepler(state):
    return lambda t_s: two_body(np.broadcast_to(state, (t_s.size, 6)), t_s, MU)


def _dense(first, second, start_s, end_s):
    """Times and distances of all minima inside."""
    t_s = np.linspace(start_s, end_s, 1 + round((end_s - start_s) / STEP_S))
    apart = first(t_s)[:, :3] - second(t_s)[:, :3]
    d = np.linalg.norm(apart, axis=1)
    inner = np.flatnonzero((d[1:-1] < d[:-2]) & (d[1:-1] <= d[2:])) + 1

    def closing(t):
        relative = first(np.array([t]))[0] - second(np.array([t]))[0]
        return float(relative[:3] @ relative[3:])

    times = np.array([brentq(closing, t_s[k - 1], t_s[k + 1], xtol=1e-7) for k in inner])
    relative = first(times)[:, :3] - second(times)[:, :3]
    return times, np.linalg.norm(relative, axis=1)


def _agree(first, second, end_s):
    """Compare over a span from zero; how many there were."""
    minima = closest_approaches(first, second, 0.0, end_s, MU)
    inside = ~minima.at_start & ~minima.at_end
    times, distances = _dense(first, second, 0.0, end_s)
    assert minima.t_s[inside].size == times.size
    assert np.abs(minima.t_s[inside] - times).max(initial=0.0) < 1e-3
    assert np.abs(minima.distance_m[inside] - distances).max(initial=0.0) < 1e-2
    return times.size


ANGLES = 2 * np.pi
PAIRS_PER_KIND = 6


def _low_orbits(draw):
    return [
        _state(draw.uniform(6.75e6, 7.6e6), draw.uniform(0, 0.02), *draw.uniform(0, 3, 4))
        for _ in range(2)
    ]


def _formation(draw):
    state = _state(7e6, 1e-3, *draw.uniform(0, 3, 4))
    away = draw.normal(size=6) * [1, 1, 1, 1e-3, 1e-3, 1e-3] * 10 ** draw.uniform(1.5, 4)
    return [state, state + away]


def _nearly_coplanar(draw):
    """One plane to a thousandth of a radian: two minima a revolution, close to each other."""
    angles = draw.uniform(0, 3, 4)
    tilted = angles + draw.normal(size=4) * [1e-3, 1e-3, 0.3, 0.02]
    return [_state(7.0e6, 0.01, *angles), _state(7.0e6, 0.012, *tilted)]


def _geostationary(draw):
    inclination, node, perigee, mean = *draw.uniform(0, 0.05, 1), *draw.uniform(0, ANGLES, 3)
    other = (inclination + 2e-4, node + 1e-3, perigee + 0.5, mean - 0.5 + 2e-4 * draw.normal())
    return [
        _state(42_164e3, 2e-4, inclination, node, perigee, mean),
        _state(42_164e3 + 2e3 * draw.normal(), 3e-4, *other),
    ]


def _eccentric(draw):
    return [
        _state(2.45e7, draw.uniform(0.6, 0.73), *draw.uniform(0, 3, 4)),
        _state(draw.choice([7e6, 2.45e7, 4.2e7]), 0.01, *draw.uniform(0, 3, 4)),
    ]


def _eccentric_formation(draw):
    state = _state(2.45e7, 0.72, *draw.uniform(0, 3, 4))
    return [state, state + draw.normal(size=6) * [1, 1, 1, 1e-3, 1e-3, 1e-3] * 300.0]


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (_low_orbits, 0.5),
        (_formation, 0.5),
        (_nearly_coplanar, 0.5),
        (_geostationary, 2.0),
        (_eccentric, 1.0),
        (_eccentric_formation, 1.0),
    ],
)
def test_no_approach_is_missed_and_each_is_right_to_a_millisecond_and_a_metre(kind, days):
    draw = np.random.default_rng(20_240_101)
    count = 0
    for _ in range(PAIRS_PER_KIND):
        first, second = map(_kepler, kind(draw))
        count += _agree(first, second, days * 86_400.0)
    assert count >= 2 * PAIRS_PER_KIND


def test_a_grazing_pair_of_minima_inside_one_step_is_not_stepped_over():
    """Circles of one size, planes and phases tuned until two minima nearly merge."""
    first = _kepler(_state(7e6, 0.0, 0.5, 0.0, 0.0, 0.0))
    seen = set()
    for eccentricity in np.linspace(1e-4, 2e-2, 25):
        second = _kepler(_state(7e6, eccentricity, 0.5 + 0.01, 0.0, 1.1, 5.18))
        minima = closest_approaches(first, second, 0.0, 12_000.0, MU)
        times, _ = _dense(first, second, 0.0, 12_000.0)
        inside = ~minima.at_start & ~minima.at_end
        assert int(inside.sum()) == times.size
        seen.add(times.size)
    assert len(seen) > 1, "the sweep must pass where minima appear"


# --- through SGP4 and interpolation -------------------------------------------------------

TWO = """IRIDIUM 33
1 24946U 97051C   09040.78448243 +.00000153 +00000-0 +47668-4 0  9994
2 24946 086.3994 121.7028 0002288 085.1644 274.9812 14.34219863597336
COSMOS 2251
1 22675U 93036A   09040.49834364 -.00000001  00000-0  95251-5 0  9996
2 22675 074.0355 019.4646 0016027 098.7014 261.5952 14.31135643817415
"""
START, END = datetime(2009, 2, 10, 12, tzinfo=UTC), datetime(2009, 2, 10, 20, tzinfo=UTC)


@pytest.fixture
def pair(tmp_path):
    file = tmp_path / "two.tle"
    file.write_text(TWO)
    return [read_orbit(f"{file}#{n}").ephemeris(START, END) for n in ("24946", "22675")]


def test_elements_are_searched_to_a_millisecond_and_a_metre(pair):
    first, second = pair
    away_s = second.seconds_at(first.reference_utc)
    start_s, end_s = first.seconds_at(START), first.seconds_at(END)
    times, distances = _dense(first.states, lambda t: second.states(t + away_s), start_s, end_s)
    inside = [one for one in find_approaches(first, second, START, END) if not one.edge]
    assert len(inside) == times.size
    found_s = np.array([first.seconds_at(one.tca_utc) for one in inside])
    assert np.abs(found_s - times).max() < 1e-3
    assert np.abs([one.miss_distance_m for one in inside] - distances).max() < 1.0


def test_an_interpolated_orbit_gives_the_same_approaches(pair):
    """One of the two as an OEM of 100 states a revolution, as it comes from a desk."""
    from mdss.ephemeris import Ephemeris
    from mdss.messages.oem import oem_from_states

    first, second = pair
    t_s = np.arange(second.seconds_at(START), second.seconds_at(END), 60.0)
    oem = oem_from_states(
        designator="22675",
        name="COSMOS 2251",
        reference_utc=second.reference_utc,
        t_s=t_s,
        states_m=second.states(t_s),
        created_utc=START,
    )
    sampled = Ephemeris.from_oem(oem)
    end = sampled.end_utc
    for exact, found in zip(
        find_approaches(first, second, START, end, max_distance_m=2e5),
        find_approaches(first, sampled, START, end, max_distance_m=2e5),
        strict=True,
    ):
        assert abs((exact.tca_utc - found.tca_utc).total_seconds()) < 1e-3
        assert abs(exact.miss_distance_m - found.miss_distance_m) < 0.05
        # SGP4's velocities are not the derivatives of its positions to better than 0.1 m/s
        assert found.interpolation_error_m < 10.0


# TCA [s after the minute], miss [m] and relative speed [m/s], as stated in the file, where TCA is
# rounded to 10 ms: at 11.6 km/s up to 58 m of the way, which the stated 699.7 m contains
STATED = [
    ("24946", "22675", datetime(2009, 2, 10, 16, 55, 59, 800_000, tzinfo=UTC), 699.7, 11_647.0),
    ("13777", "2828", datetime(2020, 1, 29, 23, 39, 35, 700_000, tzinfo=UTC), 69.0, 14_672.0),
]


@pytest.mark.parametrize(("one", "other", "tca", "miss_m", "speed_m_s"), STATED)
def test_historical_approaches_are_found_where_they_were_stated(one, other, tca, miss_m, speed_m_s):
    if not SHARED.exists():
        pytest.skip("the reference folder is not here")
    from datetime import timedelta

    start, end = tca - timedelta(hours=6), tca + timedelta(hours=6)
    orbits = [read_orbit(f"{SHARED}#{n}").ephemeris(start, end) for n in (one, other)]
    (found,) = find_approaches(*orbits, start, end, max_distance_m=5e3)
    late_s = (tca - found.tca_utc).total_seconds()
    assert abs(late_s) < 0.005 + 1e-3
    assert found.relative_speed_m_s == pytest.approx(speed_m_s, abs=1.0)
    at_stated_m = np.hypot(found.miss_distance_m, found.relative_speed_m_s * late_s)
    # half a unit of the last digit stated, and 1 m for the other realisation of TEME
    assert at_stated_m == pytest.approx(miss_m, abs=1.0)

"""Classical elements to a state."""

from math import pi, radians, sin

import numpy as np
import pytest

from mdss.astro.keplerian import state_from_keplerian, true_from_mean_anomaly
from mdss.astro.twobody import MU_EARTH_M3_S2, propagate
from mdss.errors import PropagationError


def test_a_textbook_orbit_gives_its_textbook_state():
    """D. A. Vallado, Fundamentals of Astrodynamics and Applications, example 2-6."""
    eccentricity = 0.83285
    axis_m = 11_067.790e3 / (1 - eccentricity**2)
    angles = map(radians, (87.87, 227.89, 53.38, 92.335))
    state = state_from_keplerian(axis_m, eccentricity, *angles, MU_EARTH_M3_S2)
    # printed to the metre and mm/s, its own arithmetic to a few units of the last digit
    np.testing.assert_allclose(state[:3] / 1e3, [6525.344, 6861.535, 6449.125], atol=0.03)
    np.testing.assert_allclose(state[3:] / 1e3, [4.902276, 5.533124, -1.975709], atol=3e-5)


@pytest.mark.parametrize("eccentricity", [0.0, 0.001, 0.3, 0.75])
def test_the_mean_anomaly_grows_evenly_along_the_orbit(eccentricity):
    axis_m = 26e6
    motion = np.sqrt(MU_EARTH_M3_S2 / axis_m**3)
    times = np.linspace(0, 2 * pi / motion, 9)

    def at(mean_rad):
        true = true_from_mean_anomaly(mean_rad, eccentricity)
        return state_from_keplerian(axis_m, eccentricity, 1.1, 2.2, 0.7, true, MU_EARTH_M3_S2)

    flown = propagate(at(0.4)[:3], at(0.4)[3:], times)
    expected = np.array([at(0.4 + motion * t) for t in times])
    np.testing.assert_allclose(flown, expected, rtol=1e-10, atol=1e-3)


@pytest.mark.parametrize("eccentricity", [0.0, 0.5, 0.999999])
def test_keplers_equation_holds(eccentricity):
    for mean in (-3.0, -0.1, 0.0, 1e-9, 2.0, pi):
        true = true_from_mean_anomaly(mean, eccentricity)
        half = np.arctan(np.sqrt((1 - eccentricity) / (1 + eccentricity)) * np.tan(true / 2))
        assert 2 * half - eccentricity * sin(2 * half) == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize(
    "elements", [(7e6, 1.0, 0.0), (7e6, 1.2, 0.0), (-7e6, 1.2, 3.0), (float("nan"), 0.1, 0.0)]
)
def test_elements_of_no_orbit_are_refused(elements):
    axis_m, eccentricity, anomaly = elements
    with pytest.raises(PropagationError, match="no orbit"):
        state_from_keplerian(axis_m, eccentricity, 0.1, 0.2, 0.3, anomaly, MU_EARTH_M3_S2)
    with pytest.raises(PropagationError, match="ellipse"):
        true_from_mean_anomaly(1.0, 1.0)

"""Frames against published numbers: SOFA's cookbook and Vallado's examples."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from mdss.astro import earth_orientation as eo
from mdss.astro import frame_axes, frames

ARCSEC_RAD = np.pi / 648_000.0
Held = Callable[[eo.EarthOrientation], None]
VALLADO_UTC = datetime(2004, 4, 6, 7, 51, 28, 386_009, tzinfo=UTC)
VALLADO_EOP = eo.EarthOrientation(
    ut1_minus_tai_s=-32.4399619,
    ut1_rate=-0.0015563 / 86_400.0,
    pole_x_rad=-0.140682 * ARCSEC_RAD,
    pole_y_rad=0.333309 * ARCSEC_RAD,
    cip_dx_rad=-0.000205 * ARCSEC_RAD,
    cip_dy_rad=-0.000136 * ARCSEC_RAD,
)
VALLADO_ITRF_M = [-1_033_479.3830, 7_901_295.2754, 6_380_356.5958]
VALLADO_ITRF_M_S = [-3_225.636520, -2_872.451450, 5_531.924446]
VALLADO_GCRF_M = [5_102_508.958, 6_123_011.401, 6_378_136.928]
VALLADO_GCRF_M_S = [-4_743.22016, 790.53650, 5_533.75573]


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Puts the parameters of an example in the place of the table."""

    def held(parameters: eo.EarthOrientation) -> None:
        monkeypatch.setattr(frame_axes, "earth_orientation", lambda _: parameters)

    return held


def test_the_rotation_of_sofas_cookbook_is_reproduced(hold: Held) -> None:
    """SOFA Tools for Earth Attitude, example 5.5: 2007 April 5, 12h UTC, X and Y series."""
    hold(
        eo.EarthOrientation(
            ut1_minus_tai_s=-33.072073685,
            pole_x_rad=0.0349282 * ARCSEC_RAD,
            pole_y_rad=0.4833163 * ARCSEC_RAD,
            cip_dx_rad=0.0001750 * ARCSEC_RAD,
            cip_dy_rad=-0.0002259 * ARCSEC_RAD,
        )
    )
    itrf_from_gcrf = frames.gcrf_from_itrf(datetime(2007, 4, 5, 12, tzinfo=UTC)).T
    expected = [
        [0.973104317697535, 0.230363826239128, -0.000703163482198],
        [-0.230363800456037, 0.973104570632801, 0.000118545366625],
        [0.000711560162668, 0.000046626403995, 0.999999745754024],
    ]
    # the example's series and the model that it stands for differ by 1e-12 rad, as does our
    # interpolation; UT1 is kept to the nanosecond, 1e-13 rad: 0.02 mm at 7000 km
    np.testing.assert_allclose(itrf_from_gcrf, expected, rtol=0, atol=2.5e-12)


def test_vallado_example_3_14_is_reproduced(hold: Held) -> None:
    """D. A. Vallado, Fundamentals of Astrodynamics, example 3-14; GCRF by IAU 2006/2000A."""
    hold(VALLADO_EOP)
    position, velocity = frames.gcrf_state_from_itrf(VALLADO_ITRF_M, VALLADO_ITRF_M_S, VALLADO_UTC)
    # Printed to the millimetre, with an interpolated celestial pole; the motion of that pole,
    # which the book leaves out, is 5e-5 m/s.
    np.testing.assert_allclose(position, VALLADO_GCRF_M, rtol=0, atol=0.02)
    np.testing.assert_allclose(velocity, VALLADO_GCRF_M_S, rtol=0, atol=1e-4)


def test_sgp4_axes_of_vallado_lead_to_the_same_inertial_state() -> None:
    """The TEME state of AIAA 2006-6753, appendix C, of the same satellite and instant."""
    position, velocity = frames.gcrf_state_from_teme(
        [5_094_180.16210, 6_127_644.65950, 6_380_344.53270],
        [-4_746.131487, 785.818041, 5_531.931288],
        VALLADO_UTC,
    )
    # the paper's nutation (IAU 1980, without corrections to it) differs by some 0.1 arcsec
    np.testing.assert_allclose(position, VALLADO_GCRF_M, rtol=0, atol=5.0)
    np.testing.assert_allclose(velocity, VALLADO_GCRF_M_S, rtol=0, atol=5e-3)


def test_the_earth_fixed_state_of_vallado_follows_from_his_sgp4_axes(hold: Held) -> None:
    """AIAA 2006-6753, appendix C: TEME to ITRF needs no nutation, so the agreement is close."""
    hold(VALLADO_EOP)
    gcrf = frames.gcrf_state_from_teme(
        [5_094_180.16210, 6_127_644.65950, 6_380_344.53270],
        [-4_746.131487, 785.818041, 5_531.931288],
        VALLADO_UTC,
    )
    position, velocity = frames.state_in("ITRF", *gcrf, VALLADO_UTC)
    # the paper's Julian date of UT1 is one number, which rounds it by up to 20 microseconds:
    # 12 mm at this distance from the axis
    np.testing.assert_allclose(position, VALLADO_ITRF_M, rtol=0, atol=0.012)
    np.testing.assert_allclose(velocity, VALLADO_ITRF_M_S, rtol=0, atol=1e-4)

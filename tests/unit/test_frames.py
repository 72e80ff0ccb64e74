"""Frames against ERFA, astropy, satkit and a published example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from mdss.astro import earth_orientation as eo
from mdss.astro import frames
from mdss.errors import FrameError, MdssError
from mdss.notices import NoticeCode

POSITION_M = np.array([4.0e6, -5.0e6, 2.5e6])
VELOCITY_M_S = np.array([5000.0, 4000.0, -3500.0])
EPOCHS = [
    datetime(1985, 7, 1, 2, 0, 0, tzinfo=UTC),
    datetime(2009, 2, 10, 16, 55, 59, 800_000, tzinfo=UTC),
    datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),  # the last second but one before a leap second
    datetime(2024, 5, 10, 12, 3, 4, 123_456, tzinfo=UTC),
    datetime(2026, 1, 20, 6, 0, 0, tzinfo=UTC),
]


def by_day(epoch: datetime) -> str:
    return f"{epoch:%Y-%m-%d}"


@pytest.fixture
def pole_as_astropy_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the celestial pole offsets (a few mm), which astropy leaves out."""

    def without_offsets(epoch: datetime) -> eo.EarthOrientation:
        return replace(eo.earth_orientation(epoch), cip_dx_rad=0.0, cip_dy_rad=0.0)

    monkeypatch.setattr(frames, "earth_orientation", without_offsets)


@pytest.fixture(scope="module")
def astropy_offline() -> Iterator[None]:
    """astropy on the table that is bundled, which is the one that we read."""
    import astropy_iers_data
    from astropy.utils import iers

    table = iers.IERS_A.open(astropy_iers_data.IERS_A_FILE)
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.earth_orientation_table.set(table),
    ):
        yield


def astropy_gcrf(frame_name: str, epoch: datetime) -> tuple[np.ndarray, np.ndarray]:
    import astropy.units as u
    from astropy import coordinates as c
    from astropy.time import Time

    at = Time(epoch.replace(tzinfo=None), scale="utc")
    state: Any = c.CartesianRepresentation(
        POSITION_M * u.m, differentials=c.CartesianDifferential(VELOCITY_M_S * u.m / u.s)
    )
    there = getattr(c, frame_name)(state, obstime=at).transform_to(c.GCRS(obstime=at))
    return there.cartesian.xyz.to_value("m"), there.velocity.d_xyz.to_value("m/s")


def test_the_frame_bias_is_that_of_iau_2006() -> None:
    import erfa

    bias, _, _ = erfa.bp06(2_451_545.0, 0.0)
    # 1e-15 rad is 7 nm at 7000 km
    np.testing.assert_allclose(frames.gcrf_from_eme2000(), bias.T, rtol=0, atol=1e-15)


def test_the_frame_bias_moves_a_low_orbit_by_less_than_a_metre_but_not_by_nothing() -> None:
    shift_m = np.linalg.norm((frames.gcrf_from_eme2000() - np.eye(3)) * 7e6, ord=2)
    assert 0.75 < shift_m < 0.85


def test_changing_the_returned_frame_bias_does_not_change_the_next_one() -> None:
    frames.gcrf_from_eme2000()[:] = 0.0
    assert np.linalg.det(frames.gcrf_from_eme2000()) == pytest.approx(1.0)


@pytest.mark.usefixtures("pole_as_astropy_has_it", "astropy_offline")
@pytest.mark.parametrize("epoch", EPOCHS, ids=by_day)
@pytest.mark.parametrize("frame", ["ITRS", "TEME"])
def test_earth_fixed_and_sgp4_states_agree_with_astropy(frame: str, epoch: datetime) -> None:
    convert = frames.gcrf_state_from_itrf if frame == "ITRS" else frames.gcrf_state_from_teme
    position, velocity = convert(POSITION_M, VELOCITY_M_S, epoch)
    expected_position, expected_velocity = astropy_gcrf(frame, epoch)
    # astropy leaves out the terrestrial origin s' for TEME (0.4 mm; 0.05 mm for ITRS) and
    # differentiates over a second (5e-7 m/s); we leave out polar motion's rate (1e-6 m/s)
    assert np.linalg.norm(position - expected_position) < 1e-3
    assert np.linalg.norm(velocity - expected_velocity) < 2e-6


@pytest.mark.usefixtures("astropy_offline")
@pytest.mark.parametrize("epoch", EPOCHS, ids=by_day)
def test_observed_pole_offsets_move_the_state_by_millimetres(epoch: datetime) -> None:
    position, _ = frames.gcrf_state_from_itrf(POSITION_M, VELOCITY_M_S, epoch)
    expected_position, _ = astropy_gcrf("ITRS", epoch)
    # offsets of 0.05 to 2 mas: 2 to 70 mm at 7000 km
    assert 1e-3 < np.linalg.norm(position - expected_position) < 0.07


def test_vallado_example_3_14_is_reproduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """D. A. Vallado, Fundamentals of Astrodynamics, example 3-14; GCRF by IAU 2006/2000A."""
    arcsec_rad = np.pi / 648_000.0
    of_the_book = eo.EarthOrientation(
        ut1_minus_utc_s=-0.4399619,
        ut1_rate=-0.0015563 / 86_400.0,
        pole_x_rad=-0.140682 * arcsec_rad,
        pole_y_rad=0.333309 * arcsec_rad,
        cip_dx_rad=-0.000205 * arcsec_rad,
        cip_dy_rad=-0.000136 * arcsec_rad,
    )
    monkeypatch.setattr(frames, "earth_orientation", lambda _: of_the_book)
    epoch = datetime(2004, 4, 6, 7, 51, 28, 386_009, tzinfo=UTC)
    position, velocity = frames.gcrf_state_from_itrf(
        [-1_033_479.3830, 7_901_295.2754, 6_380_356.5958],
        [-3_225.636520, -2_872.451450, 5_531.924446],
        epoch,
    )
    # Printed to the millimetre, with an interpolated celestial pole; the motion of that pole,
    # which the book leaves out, is 5e-5 m/s.
    np.testing.assert_allclose(
        position, [5_102_508.958, 6_123_011.401, 6_378_136.928], rtol=0, atol=0.02
    )
    np.testing.assert_allclose(velocity, [-4_743.22016, 790.53650, 5_533.75573], rtol=0, atol=1e-4)


def test_sgp4_axes_of_vallado_lead_to_the_same_inertial_state() -> None:
    """The TEME state of AIAA 2006-6753, appendix C, of the same satellite and instant."""
    epoch = datetime(2004, 4, 6, 7, 51, 28, 386_009, tzinfo=UTC)
    position, velocity = frames.gcrf_state_from_teme(
        [5_094_180.16210, 6_127_644.65950, 6_380_344.53270],
        [-4_746.131487, 785.818041, 5_531.931288],
        epoch,
    )
    # the paper's nutation (IAU 1980, without corrections to it) differs by some 0.1 arcsec
    np.testing.assert_allclose(
        position, [5_102_508.958, 6_123_011.401, 6_378_136.928], rtol=0, atol=5.0
    )
    np.testing.assert_allclose(velocity, [-4_743.22016, 790.53650, 5_533.75573], rtol=0, atol=5e-3)


def test_velocity_is_the_derivative_of_position_for_a_point_fixed_to_the_earth() -> None:
    epoch, step_s = EPOCHS[3], 1.0

    def inertial(offset_s: float) -> np.ndarray:
        at = epoch + timedelta(seconds=offset_s)
        return frames.gcrf_state_from_itrf(POSITION_M, np.zeros(3), at)[0]

    slope = (inertial(step_s) - inertial(-step_s)) / (2.0 * step_s)
    _, velocity = frames.gcrf_state_from_itrf(POSITION_M, np.zeros(3), epoch)
    # third derivative of a circle: ω³ r / 6 = 4e-7 m/s; polar motion 1e-6 m/s
    np.testing.assert_allclose(velocity, slope, rtol=0, atol=2e-6)


def test_a_state_is_turned_by_the_same_rotation_as_its_position() -> None:
    rotation = frames.gcrf_from_itrf(EPOCHS[1])
    position, _ = frames.gcrf_state_from_itrf(POSITION_M, VELOCITY_M_S, EPOCHS[1])
    np.testing.assert_allclose(rotation @ POSITION_M, position, rtol=0, atol=1e-8)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), rtol=0, atol=1e-14)


@pytest.mark.parametrize("epoch", EPOCHS, ids=by_day)
@pytest.mark.usefixtures("astropy_offline")
def test_ut1_and_tt_are_those_of_astropy(epoch: datetime) -> None:
    from astropy.time import Time

    at = Time(epoch.replace(tzinfo=None), scale="utc")
    # astropy's day of a leap second is 86,401 s long, ours steps at its end: 1e-8 s at worst
    ours_s = eo.earth_orientation(epoch).ut1_minus_utc_s
    assert ours_s == pytest.approx(float(at.delta_ut1_utc), abs=2e-8)
    days = float((at.tt - Time(2_451_545.0, format="jd", scale="tt")).to_value("day"))
    if epoch.date() != datetime(2016, 12, 31).date():
        assert eo.j2000_days_tt(epoch) == pytest.approx(days, abs=1e-6 / 86_400)


def test_ut1_does_not_jump_with_a_leap_second() -> None:
    midnight = datetime(2017, 1, 1, tzinfo=UTC)
    before = eo.earth_orientation(midnight - timedelta(seconds=1)).ut1_minus_utc_s
    after = eo.earth_orientation(midnight).ut1_minus_utc_s
    # UTC was set back by a second; the Earth moved on by less than 1e-7 s against the clock
    assert after - before == pytest.approx(1.0, abs=1e-7)


def test_covered_epochs_give_no_notice() -> None:
    assert frames.eop_notices(EPOCHS[0], EPOCHS[-1]) == ()


def test_an_epoch_after_the_table_is_held_and_said_in_metres() -> None:
    _, last = eo.eop_coverage()
    late = last + timedelta(days=10)
    (notice,) = frames.eop_notices(late, last)
    assert notice.code is NoticeCode.EOP_NOT_COVERED
    # ten days of 1.5 ms, at 510 m a second
    assert "7.7 m" in notice.message
    assert eo.earth_orientation(late) == eo.earth_orientation(last)


def test_an_epoch_before_the_table_is_said() -> None:
    early = datetime(1969, 7, 20, tzinfo=UTC)
    (notice,) = frames.eop_notices(early, EPOCHS[0])
    assert notice.code is NoticeCode.EOP_NOT_COVERED
    assert eo.earth_orientation(early) == eo.EarthOrientation()


def test_an_epoch_without_a_timezone_is_refused() -> None:
    with pytest.raises(MdssError, match="timezone"):
        frames.gcrf_state_from_itrf(POSITION_M, VELOCITY_M_S, datetime(2024, 1, 1))


@pytest.mark.parametrize("bad", [[1.0, 2.0], [np.nan, 0.0, 0.0], [[1.0, 2.0, 3.0]]])
def test_a_vector_that_is_not_three_finite_numbers_is_refused(bad: Any) -> None:
    with pytest.raises(FrameError, match="three finite numbers"):
        frames.gcrf_state_from_teme(bad, VELOCITY_M_S, EPOCHS[0])


def test_radial_transverse_normal_axes_of_a_circular_orbit_lie_along_its_state() -> None:
    rotation = frames.eci_from_rtn([0.0, 7e6, 0.0], [0.0, 0.0, 7.5e3])
    np.testing.assert_allclose(rotation.T, [[0, 1, 0], [0, 0, 1], [1, 0, 0]], atol=1e-15)


def test_a_state_that_spans_no_plane_has_no_orbit_axes() -> None:
    with pytest.raises(FrameError, match="no orbit plane"):
        frames.eci_from_rtn([7e6, 0.0, 0.0], [7.5e3, 0.0, 0.0])

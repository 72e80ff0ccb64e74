"""Frames and UT1 against astropy, on the Earth orientation table that both read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from mdss.astro import earth_orientation as eo
from mdss.astro import frame_axes, frames
from mdss.astro.epoch_texts import IntArray
from mdss.astro.time_scales import tai_minus_utc_s, tai_ns

POSITION_M = np.array([4.0e6, -5.0e6, 2.5e6])
VELOCITY_M_S = np.array([5000.0, 4000.0, -3500.0])
EPOCHS = [
    datetime(1985, 7, 1, 2, 0, 0, tzinfo=UTC),
    datetime(2009, 2, 10, 16, 55, 59, 800_000, tzinfo=UTC),
    datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),  # the last second but one before a leap second
    datetime(2024, 5, 10, 12, 3, 4, 123_456, tzinfo=UTC),
    datetime(2026, 1, 20, 6, 0, 0, tzinfo=UTC),
]
T_S = np.array([0.0, 5_431.7, 86_400.0, 3.3e5])  # not over the leap second of 2016


def by_day(epoch: datetime) -> str:
    return f"{epoch:%Y-%m-%d}"


@pytest.fixture
def pole_as_astropy_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the celestial pole offsets (a few mm), which astropy leaves out."""

    def without_offsets(instants_ns: IntArray) -> eo.EarthOrientation:
        return replace(eo.earth_orientation(instants_ns), cip_dx_rad=0.0, cip_dy_rad=0.0)

    monkeypatch.setattr(frame_axes, "earth_orientation", without_offsets)


@pytest.fixture(scope="module", autouse=True)
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


def astropy_states(
    source: str, target: str, epochs: list[datetime]
) -> tuple[np.ndarray, np.ndarray]:
    import astropy.units as u
    from astropy import coordinates as c
    from astropy.time import Time

    at = Time([epoch.replace(tzinfo=None) for epoch in epochs], scale="utc")
    position, velocity = (np.tile(v, (len(epochs), 1)).T for v in (POSITION_M, VELOCITY_M_S))
    state: Any = c.CartesianRepresentation(
        position * u.m, differentials=c.CartesianDifferential(velocity * u.m / u.s)
    )
    there = getattr(c, source)(state, obstime=at).transform_to(getattr(c, target)(obstime=at))
    return there.cartesian.xyz.to_value("m").T, there.velocity.d_xyz.to_value("m/s").T


@pytest.mark.usefixtures("pole_as_astropy_has_it")
@pytest.mark.parametrize("inverse", [False, True], ids=["to GCRF", "from GCRF"])
@pytest.mark.parametrize("frame", ["ITRS", "TEME"])
def test_earth_fixed_and_sgp4_states_agree_with_astropy(frame: str, inverse: bool) -> None:
    ours = "ITRF" if frame == "ITRS" else frame
    convert = frames.state_in if inverse else frames.gcrf_state_from
    for epoch in EPOCHS:
        epochs = [epoch + timedelta(seconds=s) for s in T_S if epoch.year != 2016 or s == 0.0]
        t_s = T_S[: len(epochs)]
        states = (np.tile(v, (len(epochs), 1)) for v in (POSITION_M, VELOCITY_M_S))
        position, velocity = convert(ours, *states, epoch, t_s)
        there, back = (frame, "GCRS")[:: -1 if inverse else 1]
        expected_position, expected_velocity = astropy_states(there, back, epochs)
        # astropy leaves out the terrestrial origin s' for TEME (0.4 mm; 0.05 mm for ITRS) and
        # differentiates over a second (5e-7 m/s); we leave out polar motion's rate (1e-6 m/s)
        assert np.linalg.norm(position - expected_position, axis=-1).max() < 1e-3
        assert np.linalg.norm(velocity - expected_velocity, axis=-1).max() < 2e-6


@pytest.mark.parametrize("epoch", EPOCHS, ids=by_day)
def test_observed_pole_offsets_move_the_state_by_millimetres(epoch: datetime) -> None:
    position, _ = frames.gcrf_state_from_itrf(POSITION_M, VELOCITY_M_S, epoch)
    expected_position = astropy_states("ITRS", "GCRS", [epoch])[0][0]
    # offsets of 0.05 to 2 mas: 2 to 70 mm at 7000 km
    assert 1e-3 < np.linalg.norm(position - expected_position) < 0.07


@pytest.mark.parametrize("epoch", EPOCHS, ids=by_day)
def test_ut1_is_that_of_astropy(epoch: datetime) -> None:
    from astropy.time import Time

    at = Time(epoch.replace(tzinfo=None), scale="utc")
    ours_s = eo.earth_orientation(np.array([tai_ns(epoch)])).ut1_minus_tai_s[0]
    theirs_s = float(at.delta_ut1_utc) - tai_minus_utc_s(epoch)
    # astropy's day of a leap second is 86,401 s long, ours steps at its end: 1e-8 s at worst
    assert ours_s == pytest.approx(theirs_s, abs=2e-8)


@pytest.mark.parametrize(("frame", "theirs"), [("MOD", "pmat06"), ("TOD", "pnm06a")])
def test_frames_of_date_are_those_of_erfa(frame: str, theirs: str) -> None:
    import erfa

    epoch = EPOCHS[3]
    tt_days = (tai_ns(epoch) / 1e9 + 32.184) / 86_400.0 - 0.5
    expected = getattr(erfa, theirs)(2_451_545.0, tt_days)
    # TOD has the observed pole too, 0.5 mas at most: 2.5e-9 rad; MOD 1e-14 rad
    tolerance = 2.5e-9 if frame == "TOD" else 1e-14
    np.testing.assert_allclose(frames.gcrf_from(frame, epoch).T, expected, rtol=0, atol=tolerance)

"""The second look at a burn: facts that hold for any conjunction, on one made by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import Conjunction, ObjectState
from mdss.forces import force_model, force_notices
from mdss.maneuver import Burn
from mdss.notices import NoticeCode
from mdss.planner.optimum import minimum_dv
from mdss.planner.sizing import size_to_target
from mdss.planner.verification import Verifier
from mdss.risk.assess import assess
from mdss.spacecraft import ExecutionError

TCA = datetime(2023, 5, 4, 3, 2, 1, tzinfo=UTC)
RADIUS_M = 10.0
TARGET = 3e-6


def _cov(radial_m: float, transverse_m: float, normal_m: float) -> np.ndarray:
    """Position and velocity covariance of a mean-longitude error and small independent ones."""
    n = 1.05e-3
    cov = np.zeros((6, 6))
    cov[np.diag_indices(3)] = [radial_m**2, transverse_m**2, normal_m**2]
    cov[3, 3], cov[4, 4], cov[5, 5] = (n * transverse_m) ** 2, (n * radial_m) ** 2, 1e-4
    cov[1, 3] = cov[3, 1] = -0.99 * n * transverse_m**2
    cov[0, 4] = cov[4, 0] = -0.9 * n * radial_m**2
    return cov


@pytest.fixture(scope="module")
def conjunction() -> Conjunction:
    position = np.array([7.0e6, 2.0e5, 1.0e5])
    ours = np.array([-2.2e2, 1.2e3, 7.44e3])
    theirs = np.array([1.5e2, -6.9e3, 2.9e3])
    axes = eci_from_rtn(position, ours)
    offset = axes @ np.array([60.0, -90.0, -15.0])
    along = theirs - ours
    offset -= along * (offset @ along) / (along @ along)
    extra = {"cd_area_over_mass_m2_kg": 0.01, "cr_area_over_mass_m2_kg": 0.012}
    return Conjunction.from_states(
        TCA,
        ObjectState(position, ours, cov_rtn_m2=_cov(10, 90, 8), designator="1", **extra),
        ObjectState(
            position + offset, theirs, cov_rtn_m2=_cov(30, 400, 25), designator="2", **extra
        ),
        RADIUS_M,
    )


@pytest.fixture(scope="module")
def verifier(conjunction: Conjunction) -> Verifier:
    return Verifier(conjunction, RADIUS_M, earliest_burn_s=50_000.0)


def test_without_a_burn_the_message_returns(verifier: Verifier, conjunction: Conjunction) -> None:
    found = verifier.fly().main.conjunction
    # the design's bar: within 1 mm of the message's state
    for after, before in (
        (found.primary, conjunction.primary),
        (found.secondary, conjunction.secondary),
    ):
        moved = before.position_m + before.velocity_m_s * verifier.fly().main.t_s
        assert np.linalg.norm(after.position_m - moved) < 1e-3
    assert abs(verifier.fly().main.t_s) < 1e-4


def test_a_burn_of_zero_returns_the_message(verifier: Verifier, conjunction: Conjunction) -> None:
    found = verifier.fly([Burn.before(TCA, 40_000.0, [0.0, 1e-13, 0.0])]).main.conjunction
    assert np.linalg.norm(found.primary.position_m - conjunction.primary.position_m) < 1e-3


def test_pc_without_a_burn_is_that_of_the_message(
    verifier: Verifier, conjunction: Conjunction
) -> None:
    # states at the minimum differ from the message's by the curvature over microseconds
    assert verifier.fly().pc == pytest.approx(assess(conjunction).pc_2d, rel=1e-6)


def test_the_linear_optimum_is_confirmed_by_flight(
    verifier: Verifier, conjunction: Conjunction
) -> None:
    """The numerical map is good to 1e-4 of the displacement, which Pc feels about tenfold."""
    found = minimum_dv(conjunction, [20_000.0], TARGET, dynamics="numerical")
    flown = verifier.fly([Burn.before(TCA, 20_000.0, found.dv_rtn_m_s[0])])
    assert flown.pc == pytest.approx(TARGET, rel=1e-2)


def test_flight_and_two_body_map_differ_by_what_two_body_leaves_out(
    verifier: Verifier, conjunction: Conjunction
) -> None:
    """So flight does not use that map: the difference is real, and small."""
    found = minimum_dv(conjunction, [45_000.0], TARGET)
    flown = verifier.fly([Burn.before(TCA, 45_000.0, found.dv_rtn_m_s[0])])
    assert flown.pc != pytest.approx(TARGET, rel=1e-4)
    assert flown.pc == pytest.approx(TARGET, rel=0.5)


def test_size_is_corrected_to_within_a_percent_below_the_target(
    verifier: Verifier, conjunction: Conjunction
) -> None:
    unit = np.array([0.0, 1.0, 0.0])
    no_burn = verifier.fly()
    for first in (0.002, 0.02, 0.2):
        sized = size_to_target(
            verifier,
            lambda size: [Burn.before(TCA, 9_000.0, size * unit)],
            first,
            TARGET,
            no_burn=no_burn,
        )
        assert sized.reached
        assert 0.99 * TARGET <= sized.verified.pc <= TARGET


def test_a_minimum_impulse_is_kept_and_said(verifier: Verifier) -> None:
    sized = size_to_target(
        verifier,
        lambda size: [Burn.before(TCA, 9_000.0, [0.0, size, 0.0])],
        0.02,
        TARGET,
        no_burn=verifier.fly(),
        minimum_m_s=0.5,
    )
    assert sized.limit == "minimum impulse"
    assert sized.verified.burns[0].dv_m_s == pytest.approx(0.5)
    assert sized.verified.pc < TARGET


def test_a_cap_is_kept_and_said(verifier: Verifier) -> None:
    sized = size_to_target(
        verifier,
        lambda size: [Burn.before(TCA, 9_000.0, [0.0, size, 0.0])],
        0.02,
        TARGET,
        no_burn=verifier.fly(),
        maximum_m_s=1e-4,
    )
    assert (sized.reached, sized.limit) == (False, "maximum delta-v")


def test_execution_error_never_lowers_pc(conjunction: Conjunction) -> None:
    burn = [Burn.before(TCA, 20_000.0, [0.0, 0.02, 0.0])]
    exact = Verifier(conjunction, RADIUS_M).fly(burn).pc
    previous = exact
    for share in (0.01, 0.05, 0.2):
        error = ExecutionError(magnitude_proportional=share, pointing_proportional_rad=share)
        with_error = Verifier(conjunction, RADIUS_M, error).fly(burn).pc
        assert with_error >= previous >= exact
        previous = with_error


def test_both_roles_fly_the_same_encounter(conjunction: Conjunction) -> None:
    here = Verifier(conjunction, RADIUS_M).fly()
    there = Verifier(conjunction.swapped(), RADIUS_M).fly()
    assert there.main.miss_distance_m == pytest.approx(here.main.miss_distance_m, abs=1e-6)
    assert there.main.pc == pytest.approx(here.main.pc, rel=1e-9)


def test_a_second_encounter_within_a_revolution_is_found() -> None:
    """Two circular orbits of one period cross again on the other side, half a revolution later."""
    radius = 7.2e6
    speed = (3.986004418e14 / radius) ** 0.5
    tilt = 0.3
    ours = ObjectState([radius, 0, 0], [0, speed, 0], cov_rtn_m2=np.diag([100.0, 400.0, 100.0]))
    theirs = ObjectState(
        [radius + 50.0, 0, 0],
        [0, speed * np.cos(tilt), speed * np.sin(tilt)],
        cov_rtn_m2=np.diag([100.0, 400.0, 100.0]),
    )
    pair = Conjunction.from_states(TCA, ours, theirs, RADIUS_M)
    times = [one.t_s for one in Verifier(pair, RADIUS_M).fly().approaches]
    half = np.pi * (radius**3 / 3.986004418e14) ** 0.5
    # J2 moves the nodes by seconds
    assert any(abs(t - half) < 30 for t in times)
    assert any(abs(t + half) < 30 for t in times)


def test_forces_left_out_are_said(conjunction: Conjunction) -> None:
    bare = Conjunction.from_states(
        TCA,
        ObjectState([7e6, 0, 0], [0, 7.5e3, 0], cov_rtn_m2=np.eye(3)),
        ObjectState(
            [7e6, 10, 0], [0, 0, 7.5e3], cov_rtn_m2=np.eye(3), cd_area_over_mass_m2_kg=-0.05
        ),
        RADIUS_M,
    )
    codes = [str(one.code) for one in force_notices(bare, 3600.0)]
    assert codes.count(NoticeCode.DRAG_OFF) == 2
    assert codes.count(NoticeCode.SRP_OFF) == 2
    assert force_model(bare, 1).cd_area_over_mass_m2_kg == 0.0
    assert not [
        one for one in force_notices(conjunction, 3600.0) if one.code == NoticeCode.DRAG_OFF
    ]

"""Standing maneuvers: the encounter after them, and what they keep back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from other_bodies import cdm_text

from mdss.astro.frames import eci_from_rtn
from mdss.astro.numerical import propagate
from mdss.conjunction import Conjunction
from mdss.errors import OperationsError
from mdss.forces import force_model
from mdss.loading import Scenario, load_scenario
from mdss.messages import read_cdms
from mdss.notices import NoticeCode
from mdss.operations import Operations, StandingManeuver
from mdss.planner.plan import plan
from mdss.spacecraft import ExecutionError, Spacecraft
from mdss.standing import after_standing, kept_for_standing
from mdss.units import seconds_between

HOURS = 6.0


@pytest.fixture(scope="module")
def observer() -> Scenario:
    return load_scenario("observer7_fragment49863")


@pytest.fixture(scope="module")
def craft(observer: Scenario) -> Spacecraft:
    assert observer.spacecraft is not None
    return observer.spacecraft


@pytest.fixture(scope="module")
def conjunction(observer: Scenario, craft: Spacecraft) -> Conjunction:
    return observer.event.latest.oriented(craft.designator)


def standing(
    conjunction: Conjunction,
    dv_rtn_m_s: tuple[float, float, float] = (0.0, 0.01, 0.0),
    hours: float = HOURS,
    *,
    in_message: bool = False,
    duration_s: float = 0.0,
) -> StandingManeuver:
    return StandingManeuver(
        epoch_utc=conjunction.tca_utc - timedelta(hours=hours),
        dv_rtn_m_s=dv_rtn_m_s,
        duration_s=duration_s,
        in_message=in_message,
        label="orbit keeping",
    )


def flown_there_and_back(
    conjunction: Conjunction, maneuver: StandingManeuver
) -> tuple[float, float]:
    """Shift of TCA [s] and miss [m]: back to the burn, the impulse, forward, straight lines."""
    ours, theirs = conjunction.primary, conjunction.secondary
    epoch = maneuver.epoch_utc
    back_s = seconds_between(conjunction.tca_utc, epoch)
    forces = force_model(conjunction)
    before = propagate(
        ours.position_m, ours.velocity_m_s, conjunction.tca_utc, back_s, forces, tolerance=1e-14
    )[0]
    dv = eci_from_rtn(before[:3], before[3:]) @ maneuver.dv_rtn_m_s
    t_s = 0.0
    for _ in range(4):
        mine = propagate(before[:3], before[3:] + dv, epoch, t_s - back_s, forces, tolerance=1e-14)[
            0
        ]
        other = propagate(
            theirs.position_m,
            theirs.velocity_m_s,
            conjunction.tca_utc,
            t_s,
            force_model(conjunction, 1),
        )[0]
        apart = mine - other
        t_s -= float(apart[:3] @ apart[3:] / (apart[3:] @ apart[3:]))
    return t_s, float(np.linalg.norm(apart[:3]))


@pytest.mark.parametrize("case", ["in message", "after TCA", "none"])
def test_what_the_message_holds_and_what_comes_after_tca_changes_nothing(
    conjunction: Conjunction, case: str
) -> None:
    burns = {
        "in message": (standing(conjunction, in_message=True),),
        "after TCA": (standing(conjunction, hours=-1.0),),
        "none": (),
    }[case]
    assert after_standing(conjunction, burns) is conjunction


@pytest.mark.parametrize("dv_rtn", [(0.0, 0.01, 0.0), (0.05, 0.0, 0.0), (0.0, -0.02, 0.03)])
def test_the_encounter_is_the_one_that_is_flown(
    conjunction: Conjunction, dv_rtn: tuple[float, float, float]
) -> None:
    maneuver = standing(conjunction, dv_rtn)
    moved = after_standing(conjunction, [maneuver])
    shift_s, miss_m = flown_there_and_back(conjunction, maneuver)
    assert seconds_between(conjunction.tca_utc, moved.tca_utc) == pytest.approx(shift_s, abs=1e-4)
    # back and forth at 1e-14 with drag and radiation pressure: 3 mm a day; the shadow's edge and
    # the displacement's 1e-5 of some hundred metres
    assert moved.miss_distance_m == pytest.approx(miss_m, abs=0.05)
    assert abs(moved.miss_distance_m - conjunction.miss_distance_m) > 0.5
    # at a closest approach nothing moves along the line of sight
    rate = moved.relative_position_m @ moved.relative_velocity_m_s / moved.relative_speed_m_s
    assert abs(rate) < 0.01


def test_a_long_burn_moves_the_encounter_much_as_an_impulse_at_its_middle(
    conjunction: Conjunction,
) -> None:
    impulse = after_standing(conjunction, [standing(conjunction)])
    arc = after_standing(conjunction, [standing(conjunction, duration_s=300.0)])
    moved = impulse.primary.position_m - conjunction.primary.position_m
    differ = np.linalg.norm(impulse.primary.position_m - arc.primary.position_m)
    # 300 s are a twentieth of a revolution: (0.31 rad)²/24, of the part that follows the phase
    assert 0 < differ < 0.01 * np.linalg.norm(moved)


def test_two_maneuvers_that_undo_each_other_leave_a_shift_of_the_time_between(
    conjunction: Conjunction,
) -> None:
    there, back = (
        standing(conjunction, (0.0, sign * 0.01, 0.0), hours)
        for sign, hours in ((1, 6.0), (-1, 3.0))
    )
    both = after_standing(conjunction, [there, back])
    ours = conjunction.primary
    axes = eci_from_rtn(ours.position_m, ours.velocity_m_s)
    shift_s = seconds_between(conjunction.tca_utc, both.tca_utc)
    moved = both.primary.position_m - ours.position_m - shift_s * ours.velocity_m_s
    # −3 Δv Δt along the track: 324 m, ±4 Δv/n at each end (40 m)
    assert (axes.T @ moved)[1] == pytest.approx(-3 * 0.01 * 3 * 3600, abs=85.0)


def test_the_error_of_its_execution_grows_along_the_track(conjunction: Conjunction) -> None:
    error = ExecutionError(magnitude_fixed_m_s=0.002)
    exact, moved = (
        after_standing(conjunction, [standing(conjunction)], one) for one in (None, error)
    )
    added = moved.primary.position_cov_rtn_m2 - exact.primary.position_cov_rtn_m2
    # in-track at t: (3t − 4 sin(nt)/n) σ, so 3tσ to 4/(3nt) = 6 % at most, with room for J2
    assert np.sqrt(added[1, 1]) == pytest.approx(3 * HOURS * 3600 * 0.002, rel=0.08)
    assert np.sqrt(added[2, 2]) < 0.1 * np.sqrt(added[1, 1])


def test_propellant_of_maneuvers_to_come_goes_into_the_reserve(
    conjunction: Conjunction, craft: Spacecraft
) -> None:
    ahead = standing(conjunction, (0.0, 0.5, 0.0))
    kept = kept_for_standing(craft, [ahead], ahead.epoch_utc - timedelta(hours=1))
    more_kg = kept.propellant_reserve_kg - craft.propellant_reserve_kg
    assert more_kg == pytest.approx(craft.propellant_used_kg(0.5), rel=1e-12)
    over = kept_for_standing(craft, [ahead], ahead.epoch_utc + timedelta(hours=1))
    assert over is craft
    huge = standing(conjunction, (0.0, 500.0, 0.0))
    empty = kept_for_standing(craft, [huge], huge.epoch_utc - timedelta(hours=1))
    assert empty.available_dv_m_s == 0.0


@pytest.mark.parametrize("name", ["mars", "moon"])
def test_it_works_at_other_bodies(name: str) -> None:
    told = Conjunction.from_cdm(read_cdms(cdm_text(name).encode())[0])
    maneuver = standing(told, (0.0, 0.01, 0.0), hours=3.0)
    moved = after_standing(told, [maneuver])
    shift_s, miss_m = flown_there_and_back(told, maneuver)
    # the field's pole is that of each arc's epoch, and the test's arc begins three hours before:
    # 0.15 m at the Moon, whose pole moves most, of a displacement of 324 m
    assert moved.miss_distance_m == pytest.approx(miss_m, abs=0.3)
    assert abs(moved.miss_distance_m - told.miss_distance_m) > 30.0
    assert seconds_between(told.tca_utc, moved.tca_utc) == pytest.approx(shift_s, abs=3e-4)


def test_a_plan_is_about_the_encounter_after_it_and_keeps_clear_of_it(
    observer: Scenario, craft: Spacecraft, conjunction: Conjunction
) -> None:
    maneuver = standing(conjunction, (0.0, 0.002, 0.0), duration_s=60.0)
    assert observer.operations is not None
    operations = replace(observer.operations, standing=(maneuver,), no_burn=())
    now = observer.event.latest.created_utc
    answer = plan(observer.event, craft, operations, observer.policy, now_utc=now)
    moved = after_standing(conjunction, [maneuver], craft.execution_error)
    assert answer.conjunction.miss_distance_m == pytest.approx(moved.miss_distance_m, abs=1e-6)
    assert answer.spacecraft.propellant_reserve_kg > craft.propellant_reserve_kg
    (said,) = [one for one in answer.notices if one.code == NoticeCode.STANDING_MANEUVER]
    for miss_m in (conjunction.miss_distance_m, moved.miss_distance_m):
        assert f"at {miss_m:.0f} m" in said.message
    flown = [burn for one in answer.options if one.feasible for burn in one.burns]
    assert flown
    for burn in flown:
        apart_s = abs(seconds_between(burn.epoch_utc, maneuver.epoch_utc))
        between = 0.5 * (burn.duration_s + 60.0)
        # slew back of one, slew and settling of the other
        assert apart_s > between + 2 * 420.0 + 180.0


def test_a_maneuver_that_takes_the_spacecraft_far_away_ends_in_an_answer(
    observer: Scenario, craft: Spacecraft, conjunction: Conjunction
) -> None:
    far = standing(conjunction, (0.0, 5.0, 0.0), hours=20.0)
    answer = plan(
        observer.event,
        craft,
        Operations(standing=(far,)),
        observer.policy,
        now_utc=observer.event.latest.created_utc,
    )
    assert answer.recommended == "no-burn"


@pytest.mark.parametrize(
    ("dv_rtn_m_s", "hours", "said"),
    [((0.0, 9000.0, 0.0), 6.0, "cannot be flown"), ((0.0, 0.01, 0.0), 8760.0, "365 days before")],
)
def test_a_maneuver_that_cannot_be_flown_is_told_as_a_mistake_of_the_operations(
    conjunction: Conjunction, dv_rtn_m_s: tuple[float, float, float], hours: float, said: str
) -> None:
    with pytest.raises(OperationsError, match=f"standing: .*{said}"):
        after_standing(conjunction, [standing(conjunction, dv_rtn_m_s, hours)])

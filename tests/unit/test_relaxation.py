"""What would have to give when no burn works: the right constraint, in figures and in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from mdss.loading import load_scenario
from mdss.operations import Contact, Eclipse, Operations, TimeWindow
from mdss.planner.pilot import Pilot
from mdss.planner.plan import plan
from mdss.planner.relaxation import Relaxation, WayOut, phrases, relaxations, way_out
from mdss.planner.relaxation.knobs_of_size import least_value
from mdss.planner.setting import Setting
from mdss.prices import Limits
from mdss.report.as_json import plan_json
from mdss.report.relaxation_words import relaxation_sentences, relaxation_table
from mdss.report.tables import console
from mdss.risk.assess import assess
from mdss.units import HOUR_S, seconds_between, shifted

NORMAL_ONLY = ((0.0, 0.0, 1.0),)


@dataclass(frozen=True, kw_only=True, eq=False)
class Base:
    """One conjunction with plenty of freedom: no windows, contacts or leads, ten hours."""

    setting: Setting
    pilot: Pilot

    @property
    def tca_utc(self) -> datetime:
        return self.setting.tca_utc

    def window(self, start_h: float, end_h: float, label: str = "") -> TimeWindow:
        """Hours from TCA."""
        return TimeWindow(
            start_utc=shifted(self.tca_utc, start_h * HOUR_S),
            end_utc=shifted(self.tca_utc, end_h * HOUR_S),
            label=label,
        )

    def contact(self, start_h: float, end_h: float, *, uplink: bool = True) -> Contact:
        span = self.window(start_h, end_h)
        return Contact(start_utc=span.start_utc, end_utc=span.end_utc, uplink=uplink)

    def asked(
        self, *, late_h: float = 30.0, limits: Limits | None = None, **changes: object
    ) -> WayOut:
        """The way out with fields of spacecraft and operations changed."""
        setting = self.setting
        names = set(Operations.__dataclass_fields__)
        operations = {k: v for k, v in changes.items() if k in names}
        spacecraft = {k: v for k, v in changes.items() if k not in names}
        policy = setting.policy if limits is None else replace(setting.policy, limits=limits)
        changed = replace(
            setting,
            operations=replace(setting.operations, **operations),  # type: ignore[arg-type]
            spacecraft=replace(setting.spacecraft, **spacecraft),  # type: ignore[arg-type]
            policy=policy,
            now_utc=self.tca_utc - timedelta(hours=late_h),
        )
        return way_out(changed, self.pilot.under(changed))


@pytest.fixture(scope="module")
def small_burns(base: Base) -> WayOut:
    """Burns of up to 2 cm/s: not enough, and not far from it."""
    return base.asked(maximum_dv_m_s=0.02)


@pytest.fixture(scope="module")
def base() -> Base:
    story = load_scenario("observer7_fragment49863")
    assert story.spacecraft is not None
    assert story.policy is not None
    # exact burns: what is tested does not hang on execution error, and flights are quicker
    spacecraft = replace(story.spacecraft, execution_error=None)
    conjunction = story.event.latest.oriented(spacecraft.designator)
    setting = Setting(
        risk=assess(conjunction, spacecraft=spacecraft, policy=story.policy),
        spacecraft=spacecraft,
        operations=Operations(planning_horizon_s=10 * HOUR_S, minimum_lead_s=0.75 * HOUR_S),
        policy=story.policy,
        now_utc=conjunction.tca_utc - timedelta(hours=30),
        dynamics="two_body",
    )
    return Base(setting=setting, pilot=Pilot(setting))


def _named(out: WayOut, constraint: str) -> Relaxation:
    found = [one for one in out.relaxations if one.constraint.startswith(constraint)]
    assert found, [one.constraint for one in out.relaxations]
    return found[0]


def _holds(one: Relaxation, target: float) -> bool:
    return one.option.feasible and one.pc <= target


# --- nothing to say -----------------------------------------------------------------------


def test_nothing_has_to_give_where_a_burn_is_possible(base: Base) -> None:
    out = base.asked()
    assert out.relaxations == ()
    assert out.reach is None


def test_nothing_helps_a_spacecraft_that_cannot_maneuver(base: Base) -> None:
    setting = replace(base.setting, spacecraft=replace(base.setting.spacecraft, can_maneuver=False))
    assert relaxations(setting, base.pilot) == ()


def test_nothing_helps_once_the_time_to_slew_is_gone(base: Base) -> None:
    """Nine minutes before TCA, ten of slewing: no window, lead, contact or size helps."""
    out = base.asked(late_h=0.15)
    assert out.relaxations == ()
    assert "nor two together" in out.said


# --- time ---------------------------------------------------------------------------------


def test_the_end_of_a_window_gives_by_what_a_burn_needs_of_it(base: Base) -> None:
    out = base.asked(no_burn=(base.window(-11, -0.5, "downlink pass"),))
    one = _named(out, "no-burn window 'downlink pass'")
    (kept,) = one.operations.no_burn
    start = shifted(one.burn.epoch_utc, -0.5 * one.burn.duration_s)
    assert _holds(one, base.setting.policy.pc_target)
    assert kept.start_utc == base.window(-11, -0.5).start_utc
    assert kept.end_utc < start
    # no more than the planner's margin of 30 % on the burn's duration
    assert seconds_between(kept.end_utc, start) < 0.2 * one.burn.duration_s
    assert one.steps[0].needed == pytest.approx(
        seconds_between(kept.start_utc, kept.end_utc), abs=1e-3
    )
    assert "before the end of the no-burn window 'downlink pass'" in one.sentence


def test_the_start_of_a_window_gives_where_that_is_less(base: Base) -> None:
    """Only its first hour is inside the horizon: a burn before TCA cannot reach its end."""
    out = base.asked(
        no_burn=(base.window(-11, -7, "first"), base.window(-6.99, 2, "second")),
    )
    one = _named(out, "no-burn window 'second'")
    (kept,) = [window for window in one.operations.no_burn if window.label == "second"]
    assert kept.end_utc == base.window(-6.99, 2).end_utc
    assert kept.start_utc > base.window(-6.99, 2).start_utc
    assert "into the no-burn window 'second'" in one.sentence


def test_two_windows_with_one_label_are_told_apart(base: Base) -> None:
    both = (base.window(-11, -5, "calibration"), base.window(-4.99, -0.1, "calibration"))
    out = base.asked(no_burn=both)
    names = {one.constraint for one in out.relaxations if "calibration" in one.constraint}
    assert len(names) == 2


def test_a_decision_that_comes_late_asks_for_a_shorter_lead(base: Base) -> None:
    leads = {"command_lead_s": 1200.0, "decision_lead_s": 3600.0}
    out = base.asked(late_h=2.0, **leads)
    one = _named(out, "decision lead")
    # the slew (10 min) and half the burn before the latest burn, 45 min before TCA
    latest = 2 * HOUR_S - 0.75 * HOUR_S - 600.0 - 1200.0
    assert one.steps[0].needed == pytest.approx(latest, abs=10.0)
    assert _holds(one, base.setting.policy.pc_target)


def test_leads_give_together_where_neither_is_enough(base: Base) -> None:
    leads = {"command_lead_s": 3600.0, "decision_lead_s": 3600.0, "minimum_lead_s": HOUR_S}
    out = base.asked(late_h=1.5, **leads)
    one = _named(out, "command and decision lead together")
    given = one.operations.command_lead_s + one.operations.decision_lead_s
    assert given == pytest.approx(1.5 * HOUR_S - HOUR_S - 600.0, abs=10.0)


def test_a_contact_that_is_missing_is_asked_for_with_its_deadline(base: Base) -> None:
    out = base.asked(late_h=3.0, contacts=(base.contact(-6, -5),), command_lead_s=1200.0)
    one = _named(out, "contacts")
    new = one.operations.contacts[-1]
    start = shifted(one.burn.epoch_utc, -0.5 * one.burn.duration_s - 600.0)
    assert one.steps[0].given == 1
    assert one.steps[0].needed == 2
    assert new.end_utc <= start
    assert seconds_between(new.end_utc, start) < 5.0
    assert "one more contact" in one.sentence


def test_a_contact_is_asked_for_in_time_for_the_policys_decision_lead(base: Base) -> None:
    """Without a contact the decision lead has no end; with one it is that of the contact."""
    contacts, limits = (base.contact(-1, -0.5, uplink=False),), Limits(decision_lead_h=4.0)
    one = _named(base.asked(contacts=contacts, limits=limits), "contacts")
    decided_h = seconds_between(one.operations.contacts[-1].end_utc, base.tca_utc) / HOUR_S
    assert decided_h <= 4.0


def test_a_horizon_reaches_back_to_the_burn_that_it_needs(base: Base) -> None:
    out = base.asked(no_burn=(base.window(-11, 1),))
    one = _named(out, "planning horizon")
    assert one.operations.planning_horizon_s == one.burn.t_before_tca_s
    # the window ends the burn a little more than 11 h before TCA
    assert 11 * HOUR_S < one.burn.t_before_tca_s < 11 * HOUR_S + 90.0


def test_a_minimum_lead_shrinks_to_the_burn_that_it_needs(base: Base) -> None:
    out = base.asked(no_burn=(base.window(-25, -0.74),))
    one = _named(out, "minimum lead")
    assert one.operations.minimum_lead_s == one.burn.t_before_tca_s
    assert 0.72 * HOUR_S < one.burn.t_before_tca_s < 0.74 * HOUR_S


def test_a_downlink_to_confirm_may_come_later(base: Base) -> None:
    out = base.asked(
        contacts=(base.contact(-20, -12), base.contact(-0.3, -0.1)), confirm_within_s=60.0
    )
    one = _named(out, "time to the confirmation contact")
    wait = seconds_between(
        shifted(one.burn.epoch_utc, 0.5 * one.burn.duration_s), base.contact(-0.3, 0).start_utc
    )
    # the planner allows for a burn 30 % longer, which ends later
    assert one.steps[0].needed == pytest.approx(wait, abs=0.2 * one.burn.duration_s)


def test_a_shadow_that_covers_everything_has_to_be_burned_in(base: Base) -> None:
    span = base.window(-40, 1)
    shadow = Eclipse(start_utc=span.start_utc, end_utc=span.end_utc)
    one = _named(base.asked(burns_in_eclipse=False, eclipses=(shadow,)), "eclipse")
    assert one.operations.burns_in_eclipse
    assert one.sentence.startswith("If the thrusters may fire in eclipse")


# --- size, direction, policy --------------------------------------------------------------


def test_a_larger_burn_is_asked_for_at_the_size_that_was_flown(
    base: Base, small_burns: WayOut
) -> None:
    one = _named(small_burns, "largest burn")
    assert one.spacecraft.maximum_dv_m_s == pytest.approx(one.burn.dv_m_s, rel=1e-3)
    assert _holds(one, base.setting.policy.pc_target)


def test_propellant_comes_off_the_reserve_by_the_rocket_equation(base: Base) -> None:
    craft = base.setting.spacecraft
    kept = craft.propellant_kg - 0.005  # 5 g: about 1 cm/s
    one = _named(base.asked(propellant_reserve_kg=kept), "propellant reserve")
    used = craft.propellant_used_kg(one.burn.dv_m_s)
    assert kept - one.spacecraft.propellant_reserve_kg == pytest.approx(used - 0.005, rel=1e-3)


def test_thrusters_turn_by_as_little_as_reaches_the_target(base: Base) -> None:
    craft = base.setting.spacecraft
    normal = (replace(craft.thrusters[0], directions_rtn=NORMAL_ONLY),)
    one = _named(base.asked(thrusters=normal, maximum_dv_m_s=0.05), "thruster directions")
    off = np.degrees(np.arccos(one.burn.dv_rtn_m_s[2] / one.burn.dv_m_s))
    # the best burn of a cone that binds lies on its rim
    assert off == pytest.approx(one.steps[0].needed, abs=0.05)
    assert one.spacecraft.thrusters[0].cone_half_angle_deg == pytest.approx(one.steps[0].needed)
    assert 5.0 < off < 60.0


def test_a_slew_turns_by_as_little_as_reaches_the_target(base: Base) -> None:
    rest = {"rest_thrust_rtn": (0.0, 0.0, 1.0), "maximum_slew_deg": 5.0}
    one = _named(base.asked(maximum_dv_m_s=0.05, **rest), "slew limit")
    off = np.degrees(np.arccos(one.burn.dv_rtn_m_s[2] / one.burn.dv_m_s))
    assert off == pytest.approx(one.steps[0].needed, abs=0.05)


def test_a_thruster_fires_longer_where_its_on_time_binds(base: Base) -> None:
    craft = base.setting.spacecraft
    brief = (replace(craft.thrusters[0], maximum_on_s=3.0),)
    one = _named(base.asked(thrusters=brief), "longest firing")
    assert one.burn.duration_s <= one.spacecraft.thrusters[0].maximum_on_s
    assert one.steps[0].needed == pytest.approx(one.burn.duration_s, rel=1e-3)


def test_a_limit_of_the_policy_gives_to_what_the_burn_takes(base: Base) -> None:
    one = _named(base.asked(limits=Limits(propellant_g=5.0)), "policy limit of propellant")
    assert one.policy.limits.propellant_g == pytest.approx(1e3 * one.option.propellant_kg, rel=1e-3)


def test_the_target_gives_only_below_the_threshold_to_act(base: Base, small_burns: WayOut) -> None:
    policy, little = base.setting.policy, base.asked(maximum_dv_m_s=0.002)
    one = _named(small_burns, "Pc target")
    assert small_burns.reach is not None
    assert little.reach is not None
    assert policy.pc_target < one.policy.pc_target < policy.pc_act
    assert one.policy.pc_target == pytest.approx(small_burns.reach.pc, rel=0.02)
    assert little.reach.pc > policy.pc_act
    assert not [each for each in little.relaxations if each.constraint == "Pc target"]


def test_the_closest_burn_is_the_largest_one(small_burns: WayOut) -> None:
    reach = small_burns.reach
    assert reach is not None
    assert reach.burn.dv_m_s == pytest.approx(0.02)
    # flight and linear map agree on Pc within the 1 % to which the map is searched
    assert reach.pc == pytest.approx(reach.pc_linear, rel=0.03)


def test_the_closest_burn_keeps_to_the_propellant_limit_of_the_policy(base: Base) -> None:
    reach = base.asked(limits=Limits(propellant_g=5.0)).reach
    assert reach is not None
    used_g = 1e3 * base.setting.spacecraft.propellant_used_kg(reach.burn.dv_m_s)
    # up to the tolerance on Pc to which the map is searched
    assert 4.9 < used_g <= 5.001
    assert base.setting.policy.pc_target < reach.pc < base.setting.risk.pc


# --- two together -------------------------------------------------------------------------


def test_two_constraints_are_named_where_none_is_enough_alone(base: Base) -> None:
    out = base.asked(no_burn=(base.window(-30, 0.1, "all"),), maximum_dv_m_s=0.02)
    assert out.relaxations
    for one in out.relaxations:
        assert len(one.steps) == 2
        assert _holds(one, base.setting.policy.pc_target)
    assert " and " in out.relaxations[0].sentence


def test_the_smallest_change_comes_first(base: Base) -> None:
    out = base.asked(no_burn=(base.window(-11, -0.5),))
    shares = [one.share for one in out.relaxations]
    assert len(shares) >= 2
    assert shares == sorted(shares)


# --- in a plan ----------------------------------------------------------------------------


def test_a_plan_without_a_way_says_what_would_have_to_give(base: Base) -> None:
    setting = base.setting
    window = base.window(-11, -0.5, "downlink pass")
    answer = plan(
        setting.conjunction,
        setting.spacecraft,
        replace(setting.operations, no_burn=(window,)),
        setting.policy,
        now_utc=setting.now_utc,
    )
    assert answer.recommended is None
    assert answer.relaxations
    assert answer.recommendation.endswith(answer.relaxations[0].sentence)
    told = plan_json(answer)["relaxations"]
    assert [one["sentence"] for one in told] == [one.sentence for one in answer.relaxations]
    assert relaxation_sentences(answer)[0].startswith("If a burn may start")
    screen = console()
    with screen.capture() as captured:
        screen.print(*relaxation_table(answer))
    assert "downlink pass" in captured.get()


# --- pieces -------------------------------------------------------------------------------


def test_the_least_value_is_found_where_it_opens() -> None:
    opens = np.array([7.0, 3.0, 5.0])
    times = np.array([30.0, 20.0, 10.0])

    def open_at(value: float, some: np.ndarray) -> np.ndarray:
        return value >= opens[[times.tolist().index(t) for t in some]]

    least = least_value(open_at, 0.0, 10.0, times)
    assert np.isnan(least[[0, 2]]).all()
    assert 3.0 <= least[1] <= 3.0 + 0.01  # a thousandth of the range


def test_nothing_opens_where_the_most_is_not_enough() -> None:
    def never(value: float, some: np.ndarray) -> np.ndarray:
        return np.zeros(some.shape, dtype=bool)

    assert np.isnan(least_value(never, 0.0, 10.0, np.array([1.0, 2.0]))).all()


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        (
            lambda: phrases.shorter("lead", 3600.0, 2939.0),
            "a lead of 48 min instead of 60 min",
        ),
        (lambda: phrases.longer_horizon(86400.0, 108100.0), "30.1 h instead of 24 h"),
        (lambda: phrases.largest_burn(0.02, 0.023412), "up to 2.35 cm/s instead of 2 cm/s"),
        (lambda: phrases.reserve(0.5, 0.4992), "0.8 g of the reserve of 500 g"),
        (lambda: phrases.cone(0.0, 11.91), "up to 12.0° off their axes instead of 0°"),
        (lambda: phrases.target(3e-6, 1.22e-5, 1e-4), "1.3e-5 instead of 3e-6"),
    ],
)
def test_figures_are_rounded_so_that_they_suffice(phrase: Callable[[], str], said: str) -> None:
    assert said in phrase()

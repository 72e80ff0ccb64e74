"""The robustness table: what each row changes, and that its Pc is what a flight gives."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import PlanningError
from mdss.maneuver import Burn
from mdss.planner.execution import inflated_plane, pointing_sigma_m_s, size_sigma_m_s
from mdss.planner.robustness.around_flight import AroundFlight
from mdss.planner.robustness.burns_otherwise import Change, burns_otherwise
from mdss.planner.robustness.data import Robustness, RobustnessRow
from mdss.planner.robustness.table import robustness, robustness_of
from mdss.planner.verification import Verifier
from mdss.policy import Policy
from mdss.report.robustness_tables import robustness_json, robustness_table, robustness_tables
from mdss.risk.plane import plane_of
from mdss.spacecraft import ExecutionError

TCA = datetime(2023, 5, 4, 3, 2, 1, tzinfo=UTC)
RADIUS_M = 10.0
ERROR = ExecutionError(
    magnitude_fixed_m_s=0.0005,
    magnitude_proportional=0.01,
    pointing_fixed_m_s=0.0004,
    pointing_proportional_rad=0.017,
)


def crossing() -> Conjunction:
    """Two low orbits that cross at 85°, 110 m apart."""
    position = np.array([7.0e6, 2.0e5, 1.0e5])
    ours, theirs = np.array([-2.2e2, 1.2e3, 7.44e3]), np.array([1.5e2, -6.9e3, 2.9e3])
    offset = eci_from_rtn(position, ours) @ np.array([60.0, -90.0, -15.0])
    along = theirs - ours
    offset -= along * (offset @ along) / (along @ along)
    return Conjunction.from_states(
        TCA,
        ObjectState(position, ours, cov_rtn_m2=np.diag([10.0, 90.0, 8.0]) ** 2),
        ObjectState(position + offset, theirs, cov_rtn_m2=np.diag([30.0, 400.0, 25.0]) ** 2),
        RADIUS_M,
    )


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(crossing(), RADIUS_M, ERROR, earliest_burn_s=45_000.0)


def burn(t_s: float = 40_000.0, dv_rtn=(0.002, 0.01, -0.004), duration_s: float = 30.0) -> Burn:
    return Burn.before(TCA, t_s, dv_rtn, duration_s)


@pytest.fixture(scope="module")
def one_burn(verifier: Verifier) -> Robustness:
    return robustness_of(verifier, verifier.fly([burn()]), Policy.preset("nasa"), option="x")


def rows_of(found: Robustness, change: Change) -> list[RobustnessRow]:
    return [row for row in found.rows if row.change == change]


def test_rows_by_the_linear_map_are_what_flights_give(verifier: Verifier, one_burn: Robustness):
    """The map around the flight leaves the square of a change: 1e-3 of Pc for ten minutes late."""
    flown = robustness_of(verifier, verifier.fly([burn()]), Policy.preset("nasa"), fly_all=True)
    assert any(not row.flown for row in one_burn.rows)
    for quick, exact in zip(one_burn.rows, flown.rows, strict=True):
        assert exact.flown
        assert quick.pc == pytest.approx(exact.pc, rel=2e-3)
    assert flown.linear_error is not None
    assert 0 < flown.linear_error < 2e-3


def test_a_missed_burn_leaves_what_is_flown_without_one(verifier: Verifier, one_burn: Robustness):
    (missed,) = rows_of(one_burn, Change.MISSED)
    assert missed.pc == pytest.approx(verifier.fly().pc, rel=1e-6)


def test_the_table_begins_with_the_plan_as_flown(verifier: Verifier, one_burn: Robustness):
    assert one_burn.rows[0] is one_burn.nominal
    assert one_burn.nominal.pc == verifier.fly([burn()]).pc


def test_a_colder_burn_along_the_way_out_leaves_more(one_burn: Robustness):
    sizes = [row.pc for row in rows_of(one_burn, Change.SIZE)]
    assert sizes == sorted(sizes, reverse=True)  # from -3 to +3 sigma
    (cut,) = rows_of(one_burn, Change.CUT)
    assert sizes[0] < cut.pc < one_burn.worst.pc


def test_pc_rises_with_the_radius(one_burn: Robustness):
    small, large = (row.pc for row in rows_of(one_burn, Change.RADIUS))
    # Pc goes nearly with the square while the radius is below the sigmas
    assert small == pytest.approx(one_burn.nominal.pc / 4, rel=0.1)
    assert large == pytest.approx(one_burn.nominal.pc * 4, rel=0.2)


def test_the_worst_row_is_the_highest_and_named(one_burn: Robustness):
    assert one_burn.worst.pc == max(row.pc for row in one_burn.rows)
    assert one_burn.worst.what in one_burn.conclusion
    assert one_burn.worst_fired.change not in (Change.MISSED, Change.CUT)
    assert one_burn.worst_fired.what in one_burn.conclusion


def test_rows_say_how_they_stand_to_target_and_threshold(one_burn: Robustness):
    for row in one_burn.rows:
        assert row.below_target == (row.pc <= one_burn.pc_target)
        assert row.below_act == (row.pc < one_burn.pc_act)
    assert set(one_burn.above_act) <= set(one_burn.above_target)


def test_without_a_burn_only_the_encounter_is_in_question(verifier: Verifier):
    found = robustness_of(verifier, verifier.fly(), Policy.preset("nasa"))
    assert {row.change for row in found.rows} == {Change.NOMINAL, Change.COVARIANCE, Change.RADIUS}
    assert found.linear_error is None


def test_of_several_burns_the_worst_to_miss_is_named(verifier: Verifier):
    burns = [burn(), burn(20_000.0, (0.0, 0.001, 0.0))]
    found = robustness_of(verifier, verifier.fly(burns), Policy.preset("nasa"))
    one, all_ = rows_of(found, Change.MISSED)
    assert one.detail.startswith("number 1 of 2")
    assert one.pc == pytest.approx(verifier.fly(burns[1:]).pc, rel=2e-3)
    assert all_.pc == pytest.approx(verifier.fly().pc, rel=1e-6)


def test_a_burn_after_the_last_approach_changes_no_row(verifier: Verifier, one_burn: Robustness):
    back = Burn.before(TCA, -30_000.0, [0.0, -0.01, 0.0], role="return")
    found = robustness_of(verifier, verifier.fly([burn(), back]), Policy.preset("nasa"))
    (all_,) = [row for row in found.rows if row.what == "all burns missed"]
    (missed,) = rows_of(one_burn, Change.MISSED)
    assert all_.pc == pytest.approx(missed.pc, rel=1e-6)
    assert found.nominal.pc == pytest.approx(one_burn.nominal.pc, rel=1e-6)


def test_a_burn_that_comes_after_tca_when_late_is_a_missed_one(verifier: Verifier):
    found = robustness_of(
        verifier, verifier.fly([burn(500.0, (0.0, 0.5, 0.0), 0.0)]), Policy.preset("nasa")
    )
    (late,) = [row for row in found.rows if row.what == "burn 10 min late"]
    (missed,) = rows_of(found, Change.MISSED)
    # another approach a revolution later still feels it, at 1e-20
    assert late.pc == pytest.approx(missed.pc, rel=1e-6)


def test_without_an_execution_error_sizes_are_exact_and_that_is_said():
    exact = Verifier(crossing(), RADIUS_M, None, earliest_burn_s=45_000.0)
    found = robustness_of(exact, exact.fly([burn()]), Policy.preset("nasa"))
    assert not rows_of(found, Change.SIZE)
    assert not rows_of(found, Change.POINTING)
    assert "taken as exact" in found.notes[0]


def test_burns_without_a_pointing_error_have_rows_for_sizes_only():
    """Such a file is common; off by nothing is no direction to be off in."""
    cases = list(burns_otherwise([burn()], ExecutionError(magnitude_proportional=0.02)))
    assert [one for one in cases if one.change == Change.SIZE]
    assert not [one for one in cases if one.change == Change.POINTING]
    only = burns_otherwise([burn()], ExecutionError(pointing_proportional_rad=0.01))
    assert Change.SIZE not in {one.change for one in only}


def test_around_the_flight_both_ends_are_exact(verifier: Verifier):
    flown = verifier.fly([burn()])
    around = AroundFlight(verifier, flown)
    for moved, one in zip(around.approaches(flown.burns), flown.approaches, strict=True):
        assert moved.conjunction.miss_distance_m == pytest.approx(one.miss_distance_m, abs=1e-4)
    still = verifier.fly().message_approach
    (moved,) = (m for m in around.approaches([]) if m.flown is flown.message_approach)
    # found again in time by a parabola instead of by flight
    assert moved.conjunction.miss_distance_m == pytest.approx(still.miss_distance_m, abs=1e-3)


# --- what the cases do to burns -----------------------------------------------------------


def test_sizes_are_off_by_sigmas_of_the_gates_model():
    plan = [burn()]
    sizes = [c.burns[0].dv_m_s for c in burns_otherwise(plan, ERROR) if c.change == Change.SIZE]
    size = plan[0].dv_m_s
    sigma = np.hypot(0.0005, 0.01 * size)
    assert sizes == pytest.approx([size + k * sigma for k in (-3, -1, 1, 3)], rel=1e-12)


def test_a_burn_smaller_than_its_error_is_not_turned_round():
    coarse = ExecutionError(magnitude_fixed_m_s=0.01)
    cold = next(iter(burns_otherwise([burn(dv_rtn=(0.0, 0.005, 0.0))], coarse)))
    assert cold.burns[0].dv_m_s == 0.0


def test_pointing_is_off_across_the_burn_all_round():
    plan = burn()
    cases = [c for c in burns_otherwise([plan], ERROR) if c.change == Change.POINTING]
    sides = np.array([c.burns[0].dv_rtn_m_s - plan.dv_rtn_m_s for c in cases])
    assert sides @ plan.dv_rtn_m_s == pytest.approx(np.zeros(8), abs=1e-15)
    assert np.linalg.norm(sides, axis=1) == pytest.approx(
        3 * float(pointing_sigma_m_s(ERROR, plan.dv_m_s)) * np.ones(8)
    )
    assert np.sum(sides, axis=0) == pytest.approx(np.zeros(3), abs=1e-15)


def test_a_cut_burn_starts_when_planned_and_lasts_half():
    plan = burn(duration_s=100.0)
    (cut,) = [c for c in burns_otherwise([plan], None) if c.change == Change.CUT]
    assert cut.burns[0].start_t_s == pytest.approx(plan.start_t_s)
    assert cut.burns[0].end_t_s == pytest.approx(-plan.t_before_tca_s)
    assert cut.burns[0].dv_rtn_m_s == pytest.approx(0.5 * plan.dv_rtn_m_s)


def test_a_late_burn_keeps_its_components_and_both_clocks():
    plan = burn()
    cases = burns_otherwise([plan], None)
    late = next(c.burns[0] for c in cases if c.what == "burn 10 min late")
    assert late.dv_rtn_m_s == pytest.approx(plan.dv_rtn_m_s)
    assert (late.epoch_utc - plan.epoch_utc).total_seconds() == 600.0
    assert plan.t_before_tca_s - late.t_before_tca_s == 600.0


def test_execution_errors_of_several_burns_add_up():
    plane = plane_of(crossing(), RADIUS_M).plane
    maps = np.array([[[10.0, 2e4, 5.0], [3.0, -8e3, 900.0]], [[0.0, 4e3, 1.0], [7.0, 2e3, 400.0]]])
    dvs = np.array([[0.0, 0.01, 0.0], [0.003, 0.0, 0.004]])
    both = inflated_plane(plane, maps, dvs, ERROR).cov_m2
    each = [inflated_plane(plane, maps[k : k + 1], dvs[k : k + 1], ERROR).cov_m2 for k in (0, 1)]
    assert both + plane.cov_m2 == pytest.approx(each[0] + each[1])
    # along-track alone: σ(size)² along the burn's own column
    only = inflated_plane(plane, maps[:1] * [0, 1, 0], dvs[:1], ERROR).cov_m2 - plane.cov_m2
    column = maps[0][:, 1] * size_sigma_m_s(ERROR, 0.01)
    assert only == pytest.approx(np.outer(column, column))
    assert inflated_plane(plane, maps, dvs, None) is plane
    assert inflated_plane(plane, maps, np.zeros((2, 3)), ERROR).cov_m2 == pytest.approx(
        plane.cov_m2
    )


# --- as a user meets it -------------------------------------------------------------------


def test_questions_about_options_that_are_not_there_are_refused_in_words():
    impossible = SimpleNamespace(name="in-track", pc_verified=None, reason="No thruster pushes.")
    plan = SimpleNamespace(options=(impossible,))
    with pytest.raises(PlanningError, match="it has in-track"):
        robustness(plan, "sideways")
    with pytest.raises(PlanningError, match="No thruster pushes"):
        robustness(plan, "in-track")


def test_json_has_every_row_and_can_be_written(one_burn: Robustness):
    found = robustness_json(one_burn)
    assert found is not None
    again = json.loads(json.dumps(found, allow_nan=False))
    assert [row["pc"] for row in again["rows"]] == [row.pc for row in one_burn.rows]
    assert again["worst"] == one_burn.worst.what
    assert robustness_json(None) is None


def test_the_table_shows_every_case_and_marks_the_worst(one_burn: Robustness):
    console = Console(width=130, record=True, file=io.StringIO())
    for part in robustness_table(one_burn):
        console.print(part)
    text = console.export_text()
    for row in one_burn.rows:
        assert row.what in text
    assert text.count("★ worst") == 1
    assert robustness_table(None) == []


def test_only_the_recommended_option_is_told_case_by_case(one_burn: Robustness):
    others = [replace(one_burn, option=name) for name in ("minimum-fuel", "in-track", "balanced")]
    console = Console(width=130, record=True, file=io.StringIO())
    for part in robustness_tables(others, "in-track"):
        console.print(part)
    text = console.export_text()
    assert "Robustness of C, In-track only" in text
    assert text.count("as planned") == 1
    assert [line.split()[0] for line in text.splitlines() if " Of " in line] == ["■", "B", "F"]
    assert robustness_tables((), None) == []

"""The shared density error: one error in two objects, in every method."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.frames import eci_from_rtn
from mdss.astro.many_orbits import joint_roots
from mdss.astro.monte_carlo import simulate
from mdss.conjunction import Conjunction, DensityError, ObjectState
from mdss.messages import read_cdms
from mdss.notices import NoticeCode
from mdss.policy import DensityCorrelation, Policy
from mdss.risk.assess import assess
from mdss.risk.density import combined_density_cross_covariance_eci_m2
from mdss.risk.encounter_pc import density_turned, encounter_pc
from mdss.risk.methods import Effort, PcMethod, choose
from mdss.risk.pair import Pair
from mdss.risk.plane import combined_cov_eci_m2
from mdss.risk.validity import check_pair

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
SENSITIVITY = np.array([-7.0, 17_000.0, 1.0, -19.0, 0.01, 0.0])
EAST, NORTH = [0.0, 7500.0, 0.0], [0.0, 0.0, 7500.0]
NASA = Policy.preset("nasa")
USING = replace(NASA, density_correlation=DensityCorrelation.USE)


def an_object(velocity_m_s, sigma=0.2, sensitivity=SENSITIVITY):
    return ObjectState(
        [7e6, 0.0, 0.0],
        velocity_m_s,
        cov_rtn_m2=np.eye(3),
        density_error=None
        if sigma is None
        else DensityError(sigma=sigma, sensitivity_rtn=sensitivity),
    )


def drag_driven(velocity_m_s, sigma=0.1, shift_m=(0.0, 0.0, 0.0)):
    """Its in-track error is nearly all density: 1.7 km of it, and the radial velocity with it."""
    own = np.diag(np.square([60.0, 300.0, 40.0, 0.3, 0.06, 0.04]))
    effect = sigma * SENSITIVITY
    return ObjectState(
        np.array([7e6, 0.0, 0.0]) + shift_m,
        velocity_m_s,
        cov_rtn_m2=own + np.outer(effect, effect),
        density_error=DensityError(sigma=sigma, sensitivity_rtn=SENSITIVITY),
    )


def a_meeting(radius_m=60.0):
    """Nearly along one another: what density does to both is nearly the same."""
    turn = np.deg2rad(20)
    other = [0.0, 7500.0 * np.cos(turn), 7500.0 * np.sin(turn)]
    return Conjunction.from_states(
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        drag_driven(EAST),
        drag_driven(other, shift_m=(50.0, 0.0, 300.0)),
        radius_m,
    )


def test_without_both_values_there_is_no_correction():
    known, unknown = an_object(EAST), an_object(NORTH, sigma=None)
    assert combined_density_cross_covariance_eci_m2(known, unknown) is None
    assert combined_density_cross_covariance_eci_m2(unknown, known) is None


def test_each_effect_turns_with_its_own_axes_and_order_does_not_matter():
    first, second = an_object(EAST), an_object(NORTH, sigma=0.1)
    cross = combined_density_cross_covariance_eci_m2(first, second)
    g1 = eci_from_rtn(first.position_m, EAST) @ SENSITIVITY[:3]
    g2 = eci_from_rtn(second.position_m, NORTH) @ SENSITIVITY[:3]
    expected = 0.2 * 0.1 * (np.outer(g1, g2) + np.outer(g2, g1))
    assert cross == pytest.approx(expected, rel=1e-13, abs=1e-9)
    assert combined_density_cross_covariance_eci_m2(second, first) == pytest.approx(cross)
    # both in-track effects are large: the y-z element holds their product, halved nowhere
    assert cross[1, 2] == pytest.approx(0.02 * 17_000.0**2, rel=1e-6)


def test_the_same_orbit_with_the_same_error_leaves_no_density_error_between_them():
    thing = an_object(EAST)
    cross = combined_density_cross_covariance_eci_m2(thing, thing)
    g = eci_from_rtn(thing.position_m, EAST) @ SENSITIVITY[:3]
    own = 0.2**2 * np.outer(g, g)
    assert own + own - cross == pytest.approx(np.zeros((3, 3)), abs=1e-8)


def test_a_conjunction_counts_it_only_when_told_to():
    plain = a_meeting()
    counted = replace(plain, density_correlated=True)
    cross = combined_density_cross_covariance_eci_m2(plain.primary, plain.secondary)
    assert combined_cov_eci_m2(counted) == pytest.approx(combined_cov_eci_m2(plain) - cross)
    bare = replace(counted, primary=replace(plain.primary, density_error=None))
    assert combined_cov_eci_m2(bare) == pytest.approx(combined_cov_eci_m2(plain))


def test_the_overlap_of_both_clouds_has_the_same_combined_covariance_at_tca():
    """Nearly straight here, so that the linearisation points hardly matter: parts in a thousand."""
    meeting = replace(a_meeting(), density_correlated=True)
    pair = Pair.of(meeting.primary, meeting.secondary, 60.0, density_correlated=True)
    at_tca = pair.overlap(0.0).cov_eci[:3, :3]
    assert at_tca == pytest.approx(combined_cov_eci_m2(meeting), rel=1e-3, abs=30.0)
    assert pair.position_cov_eci_m2 == pytest.approx(combined_cov_eci_m2(meeting))


def test_common_draws_reproduce_both_covariances_and_what_they_share():
    meeting = a_meeting()
    first, second = Pair.of(
        meeting.primary, meeting.secondary, 60.0, density_correlated=True
    ).orbits
    one, two = joint_roots(first, second)
    for root, orbit in ((one, first), (two, second)):
        scale = np.sqrt(np.diag(orbit.cov_elements))
        relative = (root @ root.T - orbit.cov_elements) / np.outer(scale, scale)
        assert np.abs(relative).max() < 1e-9  # the covariance is 1e10 wide in its own sigmas
    scale = np.outer(*(np.sqrt(np.diag(o.cov_elements)) for o in (first, second)))
    shared = np.outer(first.shared, second.shared)
    assert one @ two.T / scale == pytest.approx(shared / scale, abs=1e-12)


def test_monte_carlo_with_one_common_draw_agrees_with_the_methods_that_subtract():
    meeting = a_meeting()
    values = {}
    for counted in (False, True):
        told = replace(meeting, density_correlated=counted)
        expected = encounter_pc(told, 60.0).pc
        pair = Pair.of(meeting.primary, meeting.secondary, 60.0, density_correlated=counted)
        found = simulate(*pair.orbits, 60.0, (-100.0, 100.0), isolated_at_s=0.0,
                         most_trials=150_000, precision=0.03)  # fmt: skip
        assert found.lower <= expected <= found.upper
        values[counted] = expected
    assert values[True] > 1.5 * values[False]  # far outside either interval


def test_the_policy_says_which_value_decides_and_both_are_said():
    ignored, used = (assess(a_meeting(), policy=policy) for policy in (NASA, USING))
    assert used.pc == pytest.approx(used.pc_2d_density, rel=1e-12)
    assert used.pc_2d_density == pytest.approx(ignored.pc_2d_density, rel=1e-12)
    assert used.pc > 1.5 * ignored.pc
    for risk in (ignored, used):
        (notice,) = (n for n in risk.notices if n.code is NoticeCode.DENSITY_CORRELATION)
        assert f"{ignored.pc_2d:.3e}" in notice.message
        assert f"{used.pc_2d:.3e}" in notice.message


def test_turning_it_round_gives_the_other_value_and_back():
    risk = assess(a_meeting())
    other = density_turned(risk.encounter)
    assert other.pc == pytest.approx(assess(a_meeting(), policy=USING).pc, rel=1e-12)
    assert density_turned(other).pc == pytest.approx(risk.pc, rel=1e-12)
    bare = replace(a_meeting(), primary=replace(a_meeting().primary, density_error=None))
    assert density_turned(encounter_pc(bare, 60.0)) is None


def test_a_policy_file_may_ask_for_it(tmp_path):
    (tmp_path / "policy.toml").write_text('base = "nasa"\ndensity_correlation = "use"\n')
    policy = Policy.from_toml(tmp_path / "policy.toml")
    assert policy.density_correlation is DensityCorrelation.USE
    assert policy.sources["density_correlation"] == "file policy.toml"
    assert NASA.density_correlation is DensityCorrelation.IGNORE


# --- published messages -------------------------------------------------------------------


def reference_row(part):
    if not REFERENCE.is_dir():
        pytest.skip("the reference messages (shared/reference) are not part of a clone")
    with (REFERENCE / "cara_pc_cases.csv").open(encoding="utf-8") as file:
        (row,) = (one for one in csv.DictReader(file) if one["cdm_file"].startswith(part))
    (cdm,) = read_cdms(REFERENCE / "cdm" / "cara_real" / row["cdm_file"])
    return Conjunction.from_cdm(cdm), float(row["HBR_m"])


CASE_A = "000043613_conj_000050710_20220204_133038"


def test_2d_nc_with_the_shared_error_is_the_known_value():
    """2.282418e-6 and 2.736874e-6 by an independent computation; half a unit of the last digit,
    and 3e-6 for the time of the peak, which is only known to a few hundredths of its sigma."""
    conjunction, radius_m = reference_row(CASE_A)
    plain = encounter_pc(conjunction, radius_m)
    counted = density_turned(plain)
    assert plain.choice.recommended.method is PcMethod.NC_2D
    assert counted.choice.recommended.method is PcMethod.NC_2D
    assert plain.pc == pytest.approx(2.282418e-6, rel=5e-6)
    assert counted.pc == pytest.approx(2.736874e-6, rel=5e-6)


def test_all_methods_agree_on_a_real_message_with_the_shared_error():
    """2D-Nc, 3D-Nc and Monte Carlo of 45121 and 14729, where it lowers Pc by a factor 3e4."""
    conjunction, radius_m = reference_row("000045121_conj_000014729")
    pair = Pair.of(conjunction.primary, conjunction.secondary, radius_m, density_correlated=True)
    effort = Effort(most_trials=100_000, precision=0.05)
    choice = choose(pair, 0.0, check_pair(pair), effort, all_methods=True)
    by_method = {one.method: one for one in choice.tried}
    flown = by_method[PcMethod.MONTE_CARLO]
    nc_2d, nc_3d = by_method[PcMethod.NC_2D].pc, by_method[PcMethod.NC_3D].pc
    assert nc_3d == pytest.approx(nc_2d, rel=1e-3)
    assert flown.lower <= nc_2d <= flown.upper
    assert nc_2d < 1e-4 * encounter_pc(conjunction, radius_m).pc

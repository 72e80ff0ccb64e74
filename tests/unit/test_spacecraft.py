"""Mass, propulsion, directions and execution error of the maneuvering spacecraft."""

import math
from pathlib import Path

import numpy as np
import pytest

from mdss.errors import SpacecraftError
from mdss.spacecraft import ExecutionError, Spacecraft, Thruster

GOOD = """
designator = "99907"
mass_kg = 820
propellant_kg = 31.5
propellant_reserve_kg = 12.0
minimum_impulse_bit_n_s = 0.41

[[thrusters]]
name = "main"
isp_s = 220
thrust_n = 4.0

[execution_error]
magnitude_proportional = 0.01
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "spacecraft.toml"
    file.write_text(text, encoding="utf-8")
    return file


def craft(**changes: object) -> Spacecraft:
    values: dict[str, object] = {
        "designator": "1",
        "mass_kg": 100.0,
        "propellant_kg": 10.0,
        "thrusters": (Thruster(name="main", isp_s=200.0, thrust_n=2.0),),
        **changes,
    }
    return Spacecraft(**values)  # type: ignore[arg-type]


def test_a_file_gives_the_values_that_stand_in_it(tmp_path: Path) -> None:
    spacecraft = Spacecraft.from_toml(written(tmp_path, GOOD))
    assert spacecraft.designator == "99907"
    assert spacecraft.propellant_reserve_kg == 12.0
    assert spacecraft.thrusters == (Thruster(name="main", isp_s=220.0, thrust_n=4.0),)
    assert spacecraft.execution_error == ExecutionError(magnitude_proportional=0.01)


def test_minimum_impulse_bit_becomes_a_delta_v(tmp_path: Path) -> None:
    spacecraft = Spacecraft.from_toml(written(tmp_path, GOOD))
    assert spacecraft.minimum_dv_m_s == pytest.approx(0.41 / 820, rel=1e-15)


def test_what_a_file_leaves_out_is_listed_as_assumed(tmp_path: Path) -> None:
    assumed = Spacecraft.from_toml(written(tmp_path, GOOD)).assumed
    assert assumed == ("maximum_dv_m_s", "slew_s", "settle_s", "slew_back_s")


def test_every_number_of_the_generic_spacecraft_is_listed_as_assumed() -> None:
    generic = Spacecraft.generic("25544")
    assert generic.designator == "25544"
    for name in ("mass_kg", "propellant_kg", "thrusters", "slew_s", "execution_error"):
        assert name in generic.assumed
    assert generic.hard_body_radius_m is None


@pytest.mark.parametrize(
    ("old", "new", "needles"),
    [
        ("propellant_reserve_kg", "propelant_reserve_kg", ["did you mean propellant_reserve_kg?"]),
        ("isp_s", "isp", ["thrusters[1].isp", "did you mean isp_s?"]),
        ("bit_n_s", "bit", ["did you mean minimum_impulse_bit_n_s?"]),
        ("mass_kg = 820", 'mass_kg = "820"', ["mass_kg", "'820'", "number"]),
        ("mass_kg = 820", "mass_kg = true", ["mass_kg", "is true", "number"]),
        ("mass_kg = 820", f"mass_kg = 1{'0' * 400}", ["mass_kg: is inf", "finite"]),
        ("mass_kg = 820", "mass_kg = nan", ["mass_kg", "nan", "finite"]),
        ("mass_kg = 820", "mass_kg = -820", ["mass_kg", "-820", "above 0"]),
        ("mass_kg = 820", "", ["mass_kg", "must be given"]),
        ("propellant_kg = 31.5", "propellant_kg = 900", ["propellant_kg is 900", "820 kg"]),
        ("reserve_kg = 12.0", "reserve_kg = 40", ["propellant_reserve_kg is 40", "31.5 kg"]),
        ('"99907"', "99907", ["designator", "99907", "text"]),
        ("isp_s = 220", "isp_s = 0", ["thrusters[1]", "isp_s is 0", "above 0 s"]),
        ("0.41", "0.41\nminimum_dv_m_s = 0.1", ["minimum_impulse_bit_n_s", "minimum_dv_m_s"]),
        ("proportional = 0.01", "proportional = -0.01", ["execution_error", "-0.01", "0 or more"]),
        ("proportional = 0.01", "proportional = 2", ["execution_error", "is 2", "0.02 is 2 %"]),
        ("[[thrusters]]", "[thrusters]", ["thrusters: is a table", "array"]),
        ('designator = "99907"', "designator = ", ["is not TOML"]),
        ('name = "main"', 'name = "main"\ndirections_rtn = [[0, 1]]', ["directions_rtn[1]", "3"]),
    ],
)
def test_a_mistake_is_named_with_file_key_and_remedy(
    tmp_path: Path, old: str, new: str, needles: list[str]
) -> None:
    assert old in GOOD
    file = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(SpacecraftError) as caught:
        Spacecraft.from_toml(file)
    for needle in ["spacecraft.toml", *needles]:
        assert needle in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpacecraftError, match=r"nowhere\.toml: cannot be read"):
        Spacecraft.from_toml(tmp_path / "nowhere.toml")


def test_a_file_cannot_hide_its_assumptions(tmp_path: Path) -> None:
    with pytest.raises(SpacecraftError, match="assumed: is not a known key"):
        Spacecraft.from_toml(written(tmp_path, "assumed = []\n" + GOOD))


@pytest.mark.parametrize(
    "changes",
    [
        {"mass_kg": math.nan},
        {"hard_body_radius_m": 0.0},
        {"radius_m": -1.0},
        {"slew_s": -1.0},
        {"slew_s": math.inf},
        {"minimum_dv_m_s": 0.2, "maximum_dv_m_s": 0.1},
        {"maximum_dv_m_s": math.nan},
        {"cd_area_over_mass_m2_kg": -0.01},
        {"thrusters": ()},
        {"propellant_kg": 0.0},
        {"designator": " "},
        {"slew_rate_deg_s": 0.5},
        {"maximum_slew_deg": 30.0},
        {"rest_thrust_rtn": (0, 1, 0), "slew_rate_deg_s": 0.0},
        {"rest_thrust_rtn": (0, 1, 0), "maximum_slew_deg": 181.0},
        {"rest_thrust_rtn": (0, 0, 0)},
    ],
)
def test_an_impossible_spacecraft_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SpacecraftError):
        craft(**changes)


def test_a_spacecraft_without_propulsion_has_no_delta_v() -> None:
    derelict = craft(can_maneuver=False, thrusters=(), propellant_kg=0.0)
    assert derelict.available_dv_m_s == 0.0


def test_propellant_follows_the_rocket_equation() -> None:
    exhaust_m_s = 200.0 * 9.80665
    spacecraft = craft()
    used_kg = spacecraft.propellant_used_kg(50.0)
    assert exhaust_m_s * math.log(100.0 / (100.0 - used_kg)) == pytest.approx(50.0, rel=1e-12)
    # a centimetre a second is linear: m·Δv/c, to 1e-5 relative (Δv/2c = 2.5e-6)
    assert spacecraft.propellant_used_kg(0.01) == pytest.approx(1.0 / exhaust_m_s, rel=1e-5)


def test_burn_duration_is_impulse_over_thrust_for_a_small_burn() -> None:
    # 100 kg · 0.01 m/s / 2 N; the mass lost changes it by 2.5e-6 relative
    assert craft().burn_duration_s(0.01) == pytest.approx(0.5, rel=1e-5)
    assert craft().burn_duration_s(0.0) == 0.0


def test_the_available_delta_v_leaves_the_reserve() -> None:
    spacecraft = craft(propellant_reserve_kg=4.0)
    used_kg = spacecraft.propellant_used_kg(spacecraft.available_dv_m_s)
    assert used_kg == pytest.approx(6.0, rel=1e-12)
    assert craft(maximum_dv_m_s=0.3).available_dv_m_s == 0.3


def test_the_first_thruster_that_can_push_there_is_used() -> None:
    fore = Thruster(name="fore", isp_s=200, thrust_n=1, directions_rtn=((0, -2, 0),))
    aft = Thruster(name="aft", isp_s=100, thrust_n=1, directions_rtn=((0, 2, 0),))
    spacecraft = craft(thrusters=(fore, aft))
    assert spacecraft.thruster_for([0, 0.1, 0]).name == "aft"
    twice = spacecraft.propellant_used_kg(0.01, [0, 1, 0]) / spacecraft.propellant_used_kg(0.01)
    assert twice == pytest.approx(2.0, rel=1e-4)  # half the Isp
    with pytest.raises(SpacecraftError, match="no thruster"):
        spacecraft.thruster_for([1, 0, 0])


def test_directions_are_unit_vectors_of_all_thrusters() -> None:
    fore = Thruster(
        name="a", isp_s=200, thrust_n=1, directions_rtn=((0, -2, 0),), cone_half_angle_deg=10
    )
    aft = Thruster(
        name="b", isp_s=200, thrust_n=1, directions_rtn=((0, 3, 4),), cone_half_angle_deg=5
    )
    spacecraft = craft(thrusters=(fore, aft))
    np.testing.assert_allclose(spacecraft.directions_rtn, [[0, -1, 0], [0, 0.6, 0.8]], atol=1e-15)
    assert spacecraft.cone_half_angle_rad == pytest.approx(math.radians(5))
    assert craft().directions_rtn is None


def test_a_cone_lets_a_thruster_push_beside_its_axis() -> None:
    thruster = Thruster(
        name="a", isp_s=200, thrust_n=1, directions_rtn=((0, 1, 0),), cone_half_angle_deg=10
    )
    inside, outside = math.radians(9.9), math.radians(10.1)
    assert thruster.can_push([math.sin(inside), math.cos(inside), 0])
    assert not thruster.can_push([math.sin(outside), math.cos(outside), 0])


@pytest.mark.parametrize(
    "changes",
    [
        {"directions_rtn": ((0, 0, 0),)},
        {"directions_rtn": ()},
        {"cone_half_angle_deg": 5.0},
        {"directions_rtn": ((0, 1, 0),), "cone_half_angle_deg": 181.0},
        {"thrust_n": 0.0},
        {"duty_cycle": 0.0},
        {"duty_cycle": 1.2},
        {"maximum_on_s": 0.0},
        {"minimum_on_s": 20.0, "maximum_on_s": 10.0},
        {"minimum_on_s": -1.0},
    ],
)
def test_an_impossible_thruster_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SpacecraftError):
        Thruster(**{"name": "a", "isp_s": 220.0, "thrust_n": 1.0, **changes})  # type: ignore[arg-type]


def test_execution_error_lies_along_and_across_the_burn() -> None:
    error = ExecutionError(
        magnitude_fixed_m_s=1e-3,
        magnitude_proportional=0.01,
        pointing_fixed_m_s=2e-3,
        pointing_proportional_rad=0.02,
    )
    direction = np.array([0.6, 0.8, 0.0])
    covariance = error.covariance_rtn_m2_s2(0.5 * direction)
    along = 1e-3**2 + (0.01 * 0.5) ** 2
    across = 2e-3**2 + (0.02 * 0.5) ** 2
    assert direction @ covariance @ direction == pytest.approx(along, rel=1e-12)
    for axis in ([-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]):
        np.testing.assert_allclose(covariance @ axis, across * np.array(axis), atol=1e-18)


def test_a_burn_that_is_not_fired_has_no_error() -> None:
    error = ExecutionError(magnitude_fixed_m_s=1e-3, pointing_fixed_m_s=1e-3)
    many = error.covariance_rtn_m2_s2([[0, 0, 0], [0, 1e-6, 0]])
    assert np.all(many[0] == 0)
    np.testing.assert_allclose(many[1], 1e-6 * np.eye(3), rtol=1e-12)


# --- attitude and on-times ----------------------------------------------------------------


def test_turning_takes_the_angle_over_the_rate_on_top_of_the_fixed_times() -> None:
    spacecraft = craft(
        slew_s=30.0,
        settle_s=60.0,
        slew_back_s=20.0,
        rest_thrust_rtn=(0, 2, 0),
        slew_rate_deg_s=0.5,
    )
    burns = [[0, 0.01, 0], [0.01, 0, 0], [0, -3, 0], [0, 1, 1]]
    np.testing.assert_allclose(spacecraft.lead_in_s(burns), [90, 270, 450, 180], rtol=1e-12)
    np.testing.assert_allclose(spacecraft.lead_out_s(burns), [20, 200, 380, 110], rtol=1e-12)


def test_without_a_rate_every_direction_takes_the_fixed_times() -> None:
    spacecraft = craft(slew_s=30.0, settle_s=60.0, slew_back_s=20.0)
    assert float(spacecraft.lead_in_s([1, 0, 0])) == 90.0
    assert float(spacecraft.lead_out_s([0, 0, 1])) == 20.0


def test_the_largest_slew_of_a_free_thruster_is_a_cone_about_the_normal_attitude() -> None:
    spacecraft = craft(rest_thrust_rtn=(0, 0, -2), maximum_slew_deg=25.0)
    np.testing.assert_allclose(spacecraft.directions_rtn, [[0, 0, -1]])
    assert spacecraft.cone_half_angle_rad == pytest.approx(math.radians(25.0))
    assert spacecraft.can_push([0, 0, -1])
    assert not spacecraft.can_push([0, 1, -1])
    assert craft(rest_thrust_rtn=(0, 0, -2), maximum_slew_deg=180.0).directions_rtn is None


def test_the_largest_slew_leaves_out_listed_directions_beyond_it() -> None:
    both = Thruster(name="a", isp_s=200, thrust_n=1, directions_rtn=((0, 1, 0), (0, -1, 0)))
    spacecraft = craft(thrusters=(both,), rest_thrust_rtn=(0, 1, 0), maximum_slew_deg=90.0)
    np.testing.assert_allclose(spacecraft.directions_rtn, [[0, 1, 0]])
    assert spacecraft.cone_half_angle_rad is None
    assert spacecraft.can_push([0, 1, 0])
    assert not spacecraft.can_push([0, -1, 0])


def test_a_cone_that_the_largest_slew_cuts_is_kept_and_its_burns_are_checked() -> None:
    wide = Thruster(
        name="a", isp_s=200, thrust_n=1, directions_rtn=((0, 1, 0),), cone_half_angle_deg=30
    )
    spacecraft = craft(thrusters=(wide,), rest_thrust_rtn=(1, 0, 0), maximum_slew_deg=70.0)
    np.testing.assert_allclose(spacecraft.directions_rtn, [[0, 1, 0]])
    beyond = spacecraft.beyond_slew([[0, 1, 0], [math.sin(0.4), math.cos(0.4), 0]])
    assert beyond.tolist() == [True, False]


def test_a_burn_as_long_as_the_longest_firing_is_the_largest_single_burn() -> None:
    short = Thruster(name="a", isp_s=200, thrust_n=2.0, maximum_on_s=50.0)
    spacecraft = craft(thrusters=(short,))
    largest = spacecraft.longest_burn_m_s()
    assert spacecraft.burn_duration_s(largest) == pytest.approx(50.0, rel=1e-12)
    assert craft().longest_burn_m_s() == math.inf
    np.testing.assert_allclose(spacecraft.longest_burns_m_s(np.eye(3)), 3 * [largest])


def test_the_shortest_firing_makes_a_smallest_burn() -> None:
    slow = Thruster(name="a", isp_s=200, thrust_n=2.0, minimum_on_s=5.0)
    spacecraft = craft(thrusters=(slow,))
    # 2 N for 5 s on 100 kg; the mass lost changes it by 2.5e-5 relative
    assert spacecraft.minimum_dv_m_s == pytest.approx(0.1, rel=1e-4)
    assert craft(thrusters=(slow,), minimum_dv_m_s=0.3).minimum_dv_m_s == 0.3


def test_each_burn_is_fired_by_the_first_thruster_that_can() -> None:
    aft = Thruster(name="aft", isp_s=100, thrust_n=1, directions_rtn=((0, 1, 0),))
    any_way = Thruster(name="any", isp_s=200, thrust_n=1)
    spacecraft = craft(thrusters=(aft, any_way))
    burns = np.array([[0, 2e-3, 0], [1e-3, 0, 0], [np.nan, 0, 0], [0, 0, 0]])
    assert spacecraft.thruster_places(burns).tolist() == [0, 1, 0, 0]

"""2D Pc against published values: CARA's real and unit-test cases, Alfano (2009)."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.encounter import encounter_plane
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction
from mdss.errors import ConjunctionError, CovarianceError
from mdss.messages import read_cdms
from mdss.risk.assess import assess
from mdss.risk.plane import repaired_cov

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference"
pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the reference data folder is not beside the repository"
)

CARA_TOLERANCE = 1e-7
"""CARA's Pc2D carries about 1e-8 itself: 1.1e-8 from 40-digit arithmetic at worst."""


def table(name):
    path = SHARED / name
    if not path.exists():
        return []
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def unit_expectations(*functions):
    path = SHARED / "unit_test_values.json"
    if not path.exists():
        return []
    tests = json.loads(path.read_text())["tests"]
    return [test for test in tests if test["function"].startswith(functions)]


# --- real conjunctions ----------------------------------------------------------------------


@pytest.mark.parametrize("row", table("cara_pc_cases.csv"), ids=lambda row: row["cdm_file"])
def test_pc_of_a_real_message_is_the_published_one(row):
    conjunction = Conjunction.from_cdm(read_cdms(SHARED / "cdm" / "cara_real" / row["cdm_file"])[0])
    risk = assess(conjunction)
    assert risk.hbr.radius_m == pytest.approx(float(row["HBR_m"]), rel=1e-12)
    assert risk.pc_2d == pytest.approx(float(row["Pc2D"]), rel=CARA_TOLERANCE)


@pytest.mark.parametrize("row", table("cara_pc_cases.csv")[::6], ids=lambda row: row["cdm_file"])
def test_pc_does_not_depend_on_the_order_of_the_objects(row):
    conjunction = Conjunction.from_cdm(read_cdms(SHARED / "cdm" / "cara_real" / row["cdm_file"])[0])
    swapped = assess(conjunction.swapped()).pc_2d
    # the plane's second axis turns with the primary's radius: rounding only
    assert swapped == pytest.approx(assess(conjunction).pc_2d, rel=1e-8)


# --- Alfano (2009) --------------------------------------------------------------------------


def alfano_plane(number):
    cases = json.loads((SHARED / "alfano2009.json").read_text())["cases"]
    at_tca = next(case for case in cases if case["case"] == number)["at_tca"]
    r1, v1, p1, r2, v2, p2 = (
        np.array(at_tca[name]) for name in ("r1_m", "v1_mps", "P1", "r2_m", "v2_mps", "P2")
    )
    return encounter_plane(r1, r1 - r2, v1 - v2, p1[:3, :3] + p2[:3, :3])


def alfano_pc(number, radius_m):
    plane = alfano_plane(number)
    return pc_2d(plane.miss_m, plane.cov_m2, radius_m)


@pytest.mark.parametrize(
    "row", table("alfano2009_summary.csv")[:11], ids=lambda row: f"case {row['case']}"
)
def test_alfanos_linear_pc_is_reproduced(row):
    pc = alfano_pc(int(row["case"]), float(row["HBR_m"]))
    # both are double-precision integrals of the same states; CARA's tolerance is 1e-8
    assert pc == pytest.approx(float(row["CARA_Pc2D_Foster"]), rel=1e-6)


def test_alfanos_case_12_without_relative_velocity_is_refused():
    with pytest.raises(ConjunctionError, match="relative velocity is zero"):
        alfano_plane(12)


# --- CARA's unit tests ----------------------------------------------------------------------

NOT_A_DISC = "a square hard body is not offered: it is a bound of the disc, not a better shape"
UNITS_MIXED = (
    "the test itself mixes kilometre states with square-metre covariances; "
    "the number means nothing physical"
)
REFUSED_THERE = (
    "refused there because the clipped variance is lost beside one of 2.6e12 m²; here it is "
    "clipped at what rounding keeps, and reported: one positive variance is left"
)


def case_id(test):
    inputs = test["inputs"]
    detail = inputs.get("alfano2009_case", "")
    return f"{test['function'].split()[0]} {test['test']} {detail}".strip()


def states_of(inputs):
    """Position, velocity, covariance of both objects, and the radius, in SI."""
    unit = 1e3 if inputs["units"].startswith("km") else 1.0
    states = [unit * np.array(inputs[name], dtype=float) for name in ("r1", "v1", "r2", "v2")]
    covs = [unit**2 * np.array(inputs[name], dtype=float)[:3, :3] for name in ("cov1", "cov2")]
    return states, covs, unit


def pc_of_inputs(inputs, radius_m):
    (r1, v1, r2, v2), (c1, c2), _ = states_of(inputs)
    plane = encounter_plane(r1, r1 - r2, v1 - v2, c1 + c2)
    cov, _ = repaired_cov(plane.cov_m2, radius_m)
    return pc_2d(plane.miss_m, cov, radius_m)


def skip_what_is_not_ours(test):
    inputs = test["inputs"]
    if inputs.get("HBRType", "circle") != "circle":
        pytest.skip(NOT_A_DISC)
    if "mods" in inputs:
        pytest.skip(UNITS_MIXED)
    if inputs.get("EstimationMode") == 1:
        pytest.skip("one-node estimate: the coarsest setting of a rule that we do not have")


@pytest.mark.parametrize(
    "test", unit_expectations("Pc2D_Foster", "PcCircle", "PcElrod"), ids=case_id
)
def test_caras_unit_expectation_is_met(test):
    skip_what_is_not_ours(test)
    inputs, expected = test["inputs"], test["expected"]
    if "alfano2009_case" in inputs:
        check_alfano(inputs, expected)
    elif "cdm" in inputs:
        check_message(inputs, expected)
    elif isinstance(inputs["HBR"], list):
        check_radii(inputs, expected)
    elif inputs["HBR"] < 0:
        with pytest.raises(ConjunctionError, match="radius"):
            pc_of_inputs(inputs, 1e3 * inputs["HBR"])
    elif isinstance(expected, str):
        pytest.skip(REFUSED_THERE)
    else:
        check_states(test, inputs, expected)


def check_alfano(inputs, expected):
    if isinstance(expected, str):
        pytest.skip("NaN there, refused here: see the test of case 12")
    pc = alfano_pc(inputs["alfano2009_case"], inputs["HBR_m"])
    # Alfano's column is a 100-point sum: 1.1e-4 from the integral in case 5, 2e-9 at best
    assert pc == pytest.approx(expected, rel=2e-4)


def check_message(inputs, expected):
    conjunction = Conjunction.from_cdm(
        read_cdms(SHARED / "cdm" / "cara_samples" / Path(inputs["cdm"]).name)[0]
    )
    pc = assess(conjunction, hard_body_radius_m=inputs["HBR_m"]).pc_2d
    if isinstance(expected, dict):
        assert pc == pytest.approx(expected["Pc"], abs=1e-10)
    else:
        assert pc == pytest.approx(expected, rel=1e-3)


def check_states(test, inputs, expected):
    radius = states_of(inputs)[2] * inputs["HBR"]
    if isinstance(expected, dict):
        expected = expected["Pc"]
    pc = pc_without_tca_shift(inputs, radius)
    # Elrod's and Foster's expectations are one integral each, to five digits
    digits = 1e-10 if test["function"] == "PcCircle" else 1e-5
    assert pc == pytest.approx(expected, rel=digits, abs=1e-10)
    # with the shift to the true closest approach: 1.6e-4 more in the second Omitron case
    assert pc_of_inputs(inputs, radius) == pytest.approx(expected, rel=1e-3, abs=1e-10)


def pc_without_tca_shift(inputs, radius_m):
    """As these tests have it: the whole stated distance is the miss, though part is along-track."""
    (r1, v1, r2, v2), (c1, c2), _ = states_of(inputs)
    position, velocity = r1 - r2, v1 - v2
    along = velocity / np.linalg.norm(velocity)
    normal = np.cross(position, velocity)
    normal = normal / np.linalg.norm(normal)
    axes = np.stack([np.cross(along, normal), normal])
    cov, _ = repaired_cov(axes @ (c1 + c2) @ axes.T, radius_m)
    return pc_2d([np.linalg.norm(position), 0.0], cov, radius_m)


def check_radii(inputs, expected):
    """Radius 0 and infinity are refused; the others converge where fixed nodes do not."""
    for radius, value in zip(inputs["HBR"][1:-1], expected[1:-1], strict=True):
        pc = pc_of_inputs(inputs, float(radius))
        # from 1 km on 64 fixed nodes are off by 1.1e-4 to 2.8e-4; below, the unit test's
        # covariance, sigma ratio 5e5, has 1e-8 of its own in the choice of axes
        assert pc == pytest.approx(value, rel=3e-4 if radius >= 1e3 else 3e-8)
    for radius in (0.0, float("inf")):
        with pytest.raises(ConjunctionError, match="radius"):
            pc_2d([0.0, 0.0], np.eye(2), radius)


@pytest.mark.parametrize("test", unit_expectations("RemediateCovariance2x2"), ids=case_id)
def test_a_covariance_is_repaired_as_published(test):
    xx, xy, yy = test["inputs"]["ProjectedCov_11_12_22"]
    cov, radius = np.array([[xx, xy], [xy, yy]]), test["inputs"]["HBR"]
    expected = test["expected"]["Arem"]
    if isinstance(expected, str):
        with pytest.raises(CovarianceError, match="not positive"):
            pc_2d([0.0, 0.0], cov, radius)
        pytest.skip(REFUSED_THERE)
    repaired, notice = repaired_cov(cov, radius)
    assert (notice is not None) == test["expected"]["IsRemediated"]
    assert repaired[[0, 0, 1], [0, 1, 1]] == pytest.approx(np.array(expected), rel=1e-11)

"""2D Pc against published values: CARA's real cases, Alfano (2009)."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from mdss.astro.encounter import encounter_plane
from mdss.astro.probability import pc_2d
from mdss.conjunction import Conjunction
from mdss.errors import ConjunctionError
from mdss.messages import read_cdms
from mdss.risk.assess import assess

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

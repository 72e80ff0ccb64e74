"""Conjunctions of `esa_conjunctions.csv` and their published optima, for tests and benchmarks."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from mdss.conjunction import Conjunction, ObjectState

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference"
CONJUNCTIONS = SHARED / "esa_conjunctions.csv"
OPTIMA = SHARED / "reference_optima_public.csv"
NODES_S = np.arange(60.0, 86_401.0, 60.0)
TCA_UTC = datetime(2025, 1, 1, tzinfo=UTC)  # the table has none; two-body motion needs none


def conjunctions():
    """Every conjunction of the table by its id."""
    with CONJUNCTIONS.open(newline="") as lines:
        return {row["id"]: conjunction_of(row) for row in csv.DictReader(lines)}


def conjunction_of(row):
    """A row of the table as a conjunction; the first object maneuvers."""
    return Conjunction.from_states(
        TCA_UTC, _object(row, "p"), _object(row, "s"), float(row["hbr_m"])
    )


def _object(row, letter):
    def vector(*names):
        return np.array([float(row[f"{letter}_{name}"]) for name in names])

    rr, tt, nn, rt, rn, tn = vector(*(f"c_{k}_m2" for k in ("rr", "tt", "nn", "rt", "rn", "tn")))
    return ObjectState(
        vector("x_m", "y_m", "z_m"),
        vector("vx_mps", "vy_mps", "vz_mps"),
        cov_rtn_m2=[[rr, rt, rn], [rt, tt, tn], [rn, tn, nn]],
        designator={"p": "1", "s": "2"}[letter],
    )


def optima():
    """Rows of the published optima."""
    with OPTIMA.open(newline="") as lines:
        return list(csv.DictReader(lines))


def burn_times_s(row):
    """The burn times among which a row's optimum was chosen [s before TCA]."""
    if "nodes" not in row["mode"]:
        return np.array([float(row["burn_time_before_tca_s"])])
    allowed = np.full(NODES_S.shape, True)
    for window in json.loads(row["no_burn_windows_json"] or "[]"):
        first, last = sorted(window)
        allowed &= ~((first <= NODES_S) & (last >= NODES_S))
    return NODES_S[allowed]


def directions(row):
    """The planner's word for a row's directions."""
    return "free" if row["mode"].startswith("free") else "in_track"

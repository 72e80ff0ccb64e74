"""Alfano's twelve cases of 2009: slow, curved and repeated encounters, by Monte Carlo and 3D-Nc.

Sources: S. Alfano, "Satellite Conjunction Monte Carlo Analysis", AAS 09-233, 2009 (Monte Carlo of
1e8 trials); NASA CARA Analysis Tools (3D-Nc, Monte Carlo of 1e8 trials). `pytest -s` prints the
table. The linear Pc and 3D-Nc at 1e-3 are among CARA's unit tests, test_unit_expectations.py.

Alfano drew errors in position and velocity at the epoch, one to three days before closest approach,
so they are drawn likewise here; 3D-Nc works in equinoctial elements at closest approach.

What is counted differs in cases 9, 11 and 12, where some trials are within the radius of each other
already when the window opens: CARA's numbers are those that come within it later, as 3D-Nc counts
entries; Alfano's 0.365 of case 9 has all of them, and so has `simulate`. His values of cases 11 and
12 are neither of the two and are not reproduced.
"""

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from reference_table import Table

from mdss.astro.equinoctial import regular_axes
from mdss.astro.frames import eci_from_rtn
from mdss.astro.many_orbits import ManyOrbits, dot, gaussian_root, relative
from mdss.astro.monte_carlo import hit_times
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import ConjunctionError
from mdss.risk.assess import assess
from mdss.risk.methods import Effort, PcMethod, choose
from mdss.risk.pair import Pair
from mdss.risk.validity import check_pair

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference"
CASES = SHARED / "alfano2009.json"
pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"{CASES.name} is not in this copy")

GM = 3.986004418e14
TRIALS = 30_000
MOST_SIGMAS = 3.29
"""Two proportions differ by more once in a thousand times; CARA's own tests allow the same."""
_TABLE = Table(f"Alfano (2009), Monte Carlo of {TRIALS} trials")


@pytest.fixture(scope="module", autouse=True)
def table():
    yield _TABLE
    _TABLE.lines.sort(key=lambda line: line.case)
    print(_TABLE)


@cache
def case(number):
    """States, published numbers."""
    cases = json.loads(CASES.read_text())["cases"]
    with (SHARED / "alfano2009_summary.csv").open(newline="") as lines:
        published = {int(row["case"]): row for row in csv.DictReader(lines)}
    return next(one for one in cases if one["case"] == number), published[number]


def states_and_covs(block):
    states = [np.array(block[f"r{k}_m"] + block[f"v{k}_mps"]) for k in (1, 2)]
    return states, [np.array(block[f"P{k}"]) for k in (1, 2)]


@cache
def shares(number):
    """Of the trials: within the radius at any time of the window, and at its start already."""
    one, _ = case(number)
    states, covs = states_and_covs(one["at_epoch"])
    axes = regular_axes(*(state.tolist() for state in states))
    both = np.array([*axes, *(axis + 3 for axis in axes)])
    rng = np.random.default_rng(number)
    orbits = [
        ManyOrbits.through(
            state[both][:, None]
            + gaussian_root(cov[np.ix_(both, both)]) @ rng.standard_normal((6, TRIALS)),
            GM,
        )
        for state, cov in zip(states, covs, strict=True)
    ]
    pair = (orbits[0], orbits[1])
    middle, half = one["tca_seconds_after_epoch"], one["encounter_segment_half_width_s"]
    window, radius = (middle - half, middle + half), one["HBR_m"]
    r, _, _ = relative(pair, window[0])
    hits = hit_times(pair, radius, window, None).size
    return hits / TRIALS, np.count_nonzero(dot(r, r) < radius**2) / TRIALS


def sigmas_apart(found, published):
    return abs(found - published) / np.sqrt(published * (1 - published) / TRIALS)


@pytest.mark.parametrize("number", range(1, 11))
def test_alfanos_monte_carlo_is_met(number, table):
    published = float(case(number)[1]["A09_MC_1e8"])
    found, _ = shares(number)
    off = sigmas_apart(found, published)
    bar = MOST_SIGMAS * np.sqrt((1 - published) / published / TRIALS)
    table.add(f"case {number:2d}", "Monte Carlo, all", published, found, bar, f"{off:.1f} sigma")
    assert off < MOST_SIGMAS


@pytest.mark.parametrize("number", range(1, 13))
def test_caras_monte_carlo_is_met_by_those_that_come_within_the_radius(number, table):
    published = float(case(number)[1]["CARA_MC"])
    within, at_start = shares(number)
    found = within - at_start
    off = sigmas_apart(found, published)
    bar = MOST_SIGMAS * np.sqrt((1 - published) / published / TRIALS)
    table.add(
        f"case {number:2d}", "Monte Carlo, entries", published, found, bar, f"{off:.1f} sigma"
    )
    assert off < MOST_SIGMAS


@pytest.mark.parametrize("number", [11, 12])
def test_alfanos_values_for_two_objects_on_one_orbit(number, table):
    published = float(case(number)[1]["A09_MC_1e8"])
    within, at_start = shares(number)
    table.add(f"case {number:2d}", "Monte Carlo, all", published, within, None, "not reproduced")
    # his lie between those that enter and all of them; how he treats the start is not printed
    assert within - at_start < 1.2 * published
    pytest.skip(
        f"published {published:.6f}; ours {within:.5f} within the radius at any time, "
        f"{within - at_start:.5f} that enter it: CARA's published {case(number)[1]['CARA_MC']}"
    )


# --- case 12: no relative velocity -------------------------------------------------------------


def pair_at_tca(number):
    one, _ = case(number)
    states, covs = states_and_covs(one["at_tca"])
    objects = [object_of(*parts) for parts in zip(states, covs, strict=True)]
    return objects, Pair.of(*objects, one["HBR_m"], GM)


def object_of(state, cov_eci):
    rotation = np.kron(np.eye(2), eci_from_rtn(state[:3], state[3:]))
    cov = rotation.T @ cov_eci @ rotation
    return ObjectState(state[:3], state[3:], cov_rtn_m2=(cov + cov.T) / 2)


def test_without_relative_velocity_the_plane_is_refused_in_words():
    objects, pair = pair_at_tca(12)
    event = Conjunction.from_states("2026-03-01T12:00:00Z", *objects, pair.radius_m)
    with pytest.raises(ConjunctionError, match="relative velocity is zero"):
        assess(event)


def test_without_relative_velocity_the_other_methods_still_answer():
    _, pair = pair_at_tca(12)
    choice = choose(pair, float("nan"), check_pair(pair), Effort(most_trials=20_000))
    assert choice.recommended.method in (PcMethod.NC_3D, PcMethod.MONTE_CARLO)
    # half a period each way, the window of the case within 1 s: as all that are within the radius
    within, _ = shares(12)
    spread = MOST_SIGMAS * np.sqrt(within / TRIALS)
    assert choice.recommended.lower - spread < within < choice.recommended.upper + spread

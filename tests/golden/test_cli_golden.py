"""Whole outputs of `mdss risk` and `mdss plan`, so that a change of format shows in a diff.

To renew them after an intended change: `python tests/golden/test_cli_golden.py`.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCENARIO = "scenarios/observer7_fragment49863"
COMMANDS = {
    "cli_risk.json": ["risk", SCENARIO, "--json"],
    "cli_plan.json": ["plan", SCENARIO, "--json"],
}

# The risk is arithmetic on a message: equal but for the last digits of another processor.
RISK_TOLERANCE = 1e-9
# A burn is sized until Pc is within a percent of the target, along an orbit that newer Earth
# orientation data move a little; Pc changes by some 10 % for 1 % of delta-v.
PLAN_TOLERANCE = 2e-3


def _printed(arguments: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mdss", *arguments],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout.decode("utf-8")


@pytest.fixture(scope="module", params=COMMANDS)
def seen_and_kept(request):
    kept = json.loads((HERE / request.param).read_text(encoding="utf-8"))
    return json.loads(_printed(COMMANDS[request.param])), kept


def test_output_has_the_kept_keys_in_their_order(seen_and_kept):
    seen, kept = seen_and_kept
    assert json.dumps(_shape(seen)) == json.dumps(_shape(kept))


def test_output_has_the_kept_values(seen_and_kept):
    seen, kept = seen_and_kept
    if isinstance(kept, list):
        assert _differences(seen, kept, RISK_TOLERANCE) == []
        return
    assert _differences(_fixed_part(seen), _fixed_part(kept), RISK_TOLERANCE) == []
    assert _differences(_burns(seen), _burns(kept), PLAN_TOLERANCE) == []


def _fixed_part(plan):
    """What the propagation of orbits has no part in."""
    return {key: plan[key] for key in plan if key not in ("options", "recommendation")}


def _burns(plan):
    """Size, cost to the mission and words of each option."""
    keys = ("name", "dv_total_m_s", "propellant_kg", "feasible", "method_valid", "binds")
    return [{key: option[key] for key in keys} for option in plan["options"]]


def _shape(value):
    """Keys and types, without the values."""
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shape(one) for one in value]
    return type(value).__name__


def _differences(seen, kept, tolerance, place="$"):
    """Where two JSON values of one shape differ."""
    if isinstance(kept, (dict, list)):
        keys = kept if isinstance(kept, dict) else range(len(kept))
        pairs = ((key, seen[key], kept[key]) for key in keys)
        return [d for key, a, b in pairs for d in _differences(a, b, tolerance, f"{place}.{key}")]
    if isinstance(kept, float):
        # 1e-6: metres, seconds and shares below it are the rounding of larger numbers
        same = math.isclose(seen, kept, rel_tol=tolerance, abs_tol=1e-6 if abs(kept) < 1e-6 else 0)
        if "pc" in place.rsplit(".", 1)[-1]:
            same = math.isclose(seen, kept, rel_tol=tolerance)
    else:
        same = seen == kept
    return [] if same else [f"{place}: {seen!r}, not {kept!r}"]


if __name__ == "__main__":
    for file, arguments in COMMANDS.items():
        (HERE / file).write_text(_printed(arguments), encoding="utf-8")

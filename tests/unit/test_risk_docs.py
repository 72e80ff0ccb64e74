"""docs/risk.md names every method, short cut and side of a risk that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mdss.report.as_json import schema
from mdss.risk.methods import Effort, PcMethod
from mdss.risk.quality import ACTIONABLE, NOT_ACTIONABLE, WITH_CARE

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "risk.md").read_text(encoding="utf-8")


def test_every_method_has_a_row_with_assumption_limit_and_source():
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \|(.*)\|$", TEXT, re.MULTILINE))
    assert list(rows) == [str(one) for one in PcMethod]
    assert all(len([cell for cell in row.split("|") if cell.strip()]) == 4 for row in rows.values())


@pytest.mark.parametrize("key", ["family", "maximum", "sensitivity", "quality", "consequence"])
def test_every_side_in_the_json_has_its_words(key):
    assert key in schema("risk")["$defs"]["assessed"]["properties"]
    assert key in TEXT.lower()


def test_the_caps_and_verdicts_are_those_of_the_code():
    effort = Effort()
    assert f"`--trials` ({effort.most_trials})" in TEXT
    assert f"{100 * effort.precision:g} % precision" in TEXT
    assert f"below {effort.negligible:.0e}" in TEXT
    for verdict in (ACTIONABLE, WITH_CARE, NOT_ACTIONABLE):
        assert f"`{verdict}`" in TEXT

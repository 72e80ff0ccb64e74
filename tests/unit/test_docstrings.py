"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "mdss"


def _modules_with_examples() -> list[str]:
    files = (one for one in PACKAGE.rglob("*.py") if ">>> " in one.read_text(encoding="utf-8"))
    names = (one.relative_to(PACKAGE.parent).with_suffix("").parts for one in files)
    return sorted(".".join(parts).removesuffix(".__init__") for parts in names)


def test_there_are_examples():
    assert len(_modules_with_examples()) >= 5


@pytest.mark.parametrize("name", _modules_with_examples())
def test_examples_in_docstrings_run(name):
    said: list[str] = []
    runner = doctest.DocTestRunner()
    for one in doctest.DocTestFinder().find(import_module(name), name):
        runner.run(one, out=said.append)
    assert runner.failures == 0, "".join(said)

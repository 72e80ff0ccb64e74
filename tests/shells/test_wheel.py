"""The built wheel, installed apart from the source, runs the demo in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--no-cache-dir", "--disable-pip-version-check")
    _run("-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("mdss-*.whl")
    return built


def test_the_wheel_carries_scenarios_screen_and_schemas(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"mdss/_bundle/app.py", "mdss/schemas/risk.json", "mdss/schemas/plan.json"}
    for story in (ROOT / "scenarios").glob("*/story.md"):
        wanted |= {
            f"mdss/_bundle/scenarios/{one.relative_to(ROOT / 'scenarios').as_posix()}"
            for one in story.parent.rglob("*")
            if one.is_file()
        }
    assert wanted <= names
    assert {one for one in names if one.endswith(".pyc")} == set()
    source = {str(one.relative_to(ROOT)) for one in (ROOT / "mdss").rglob("*.py")}
    assert source <= names


def test_the_installed_wheel_runs_the_demo_in_an_empty_folder(wheel, tmp_path):
    target, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    options = ("--no-deps", "--disable-pip-version-check", "--quiet")
    _run("-m", "pip", "install", *options, "--target", target, wheel, cwd=empty)
    where = _run("-c", "import mdss; print(mdss.__file__)", cwd=empty, PYTHONPATH=str(target))
    assert Path(where.stdout.strip()).is_relative_to(target)
    demo = _run("-m", "mdss", "demo", "--no-serve", cwd=empty, PYTHONPATH=str(target))
    assert "★ Recommended" in demo.stdout
    assert list(empty.iterdir()) == [], "nothing is left behind"
    app = _run(
        "-c",
        "from mdss.loading import app_file; print(app_file())",
        cwd=empty,
        PYTHONPATH=str(target),
    )
    assert Path(app.stdout.strip()).is_relative_to(target)
    assert Path(app.stdout.strip()).is_file()

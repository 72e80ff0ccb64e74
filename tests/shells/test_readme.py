"""README.md does what it says: its examples run and its excerpts are real."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mdss.operations import Operations
from mdss.policy import Policy
from mdss.spacecraft import Spacecraft

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _commands() -> list[tuple[str, str]]:
    """Each command of the console blocks with the output shown below it."""
    shown = "".join(_blocks("console"))
    return [
        (command, output)
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", shown, re.MULTILINE)
    ]


def test_the_two_setup_commands_are_the_only_shell_blocks():
    demo, tests = _blocks("sh")
    assert demo.strip().endswith("mdss demo")
    assert "pytest" in tests


def test_ci_runs_the_readme_command_for_tests_as_it_stands():
    _, tests = _blocks("sh")
    assert tests.strip() in (ROOT / ".ci" / "run").read_text().splitlines()


def test_python_examples_run_as_shown(monkeypatch):
    monkeypatch.chdir(ROOT)
    source = "\n".join(_blocks("python"))
    example = doctest.DocTestParser().get_doctest(source, {}, "README", "README.md", 0)
    assert len(example.examples) >= 15
    said: list[str] = []
    result = doctest.DocTestRunner().run(example, out=said.append)
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize(("command", "shown"), _commands())
def test_commands_print_what_is_shown(command, shown):
    program, *arguments = shlex.split(command)
    assert program == "mdss"
    done = subprocess.run(
        [sys.executable, "-m", "mdss", *arguments], capture_output=True, check=True, cwd=ROOT
    )
    printed = [line.rstrip() for line in done.stdout.decode("utf-8").splitlines()]
    pattern = doctest.OutputChecker()
    assert pattern.check_output(
        shown, "\n".join([*printed, ""]), doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    ), "\n".join(printed)


LOADERS = {"spacecraft": Spacecraft, "operations": Operations, "policy": Policy}


@pytest.mark.parametrize("text", _blocks("toml"))
def test_toml_examples_load(text, tmp_path):
    name = re.match(r"# (\w+)\.toml", text).group(1)
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    loaded = LOADERS[name].from_toml(tmp_path / f"{name}.toml")
    assert loaded is not None


def test_all_three_files_are_shown():
    assert {re.match(r"# (\w+)", text).group(1) for text in _blocks("toml")} == set(LOADERS)


def test_every_linked_page_is_there():
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).is_file(), link


def test_every_option_of_the_commands_is_in_the_readme():
    for command in ("risk", "find", "plan", "convert", "demo"):
        done = subprocess.run(
            [sys.executable, "-m", "mdss", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        row = next(line for line in README.splitlines() if f"`mdss {command}" in line)
        options = set(re.findall(r"--[a-z-]+", done.stdout)) - {"--help", "--out", "--output"}
        assert {one for one in options if one not in row} == set()

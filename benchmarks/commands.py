"""Wall time and peak memory of whole commands, and of planning alone after imports.

Run by hand: `python benchmarks/commands.py [CDM]`; without a CDM on the newest message of a bundled
scenario. Goals: `mdss plan` at most 5 s warm and 600 MB, planning and verification at most
1.5 s after imports. Each figure is also given in units of `import numpy` in the same run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_CDM = ROOT / "scenarios" / "observer7_fragment49863" / "cdm_05.cdm"
REPEATS = 5

_IN_PROCESS = """
import sys, time, mdss
from mdss.planner.plan import plan
event = mdss.load_event(sys.argv[1])
def seconds():
    start = time.perf_counter()
    plan(event)
    return time.perf_counter() - start
print(seconds(), min(seconds() for _ in range(3)))
"""


def _run(arguments: list[str]) -> tuple[float, float]:
    """Wall time [s] and peak memory [MB] of one child process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def _line(name: str, seconds: float, base: float, goal: float | None, rest: str = "") -> None:
    verdict = "" if goal is None else f"goal {goal:g} s  {'ok' if seconds <= goal else 'MISSED'}"
    print(f"{name:28s} {seconds:6.2f} s  {seconds / base:5.1f} x numpy  {verdict}  {rest}")


def main(cdm: Path) -> None:
    """Print the figures."""
    base = statistics.median(_run(["-c", "import numpy"])[0] for _ in range(REPEATS))
    _run(["-m", "mdss", "plan", str(cdm)])  # warm: files in the cache of the system
    for command, goal in (("plan", 5.0), ("risk", None)):
        runs = [_run(["-m", "mdss", command, str(cdm)]) for _ in range(REPEATS)]
        memory = max(peak for _, peak in runs)
        verdict = f"{memory:.0f} MB, goal 600 MB {'ok' if memory <= 600 else 'MISSED'}"
        _line(f"mdss {command}", statistics.median(t for t, _ in runs), base, goal, verdict)
    done = subprocess.run(
        [sys.executable, "-c", _IN_PROCESS, str(cdm)], capture_output=True, text=True, check=True
    )
    first, again = map(float, done.stdout.split())
    _line("plan(event), first call", first, base, None, "its imports and data included")
    _line("plan(event), again", again, base, 1.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_CDM)

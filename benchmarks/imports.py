"""How long `import mdss` and `mdss --help` take, against `import numpy` in the same run.

Run by hand: `python benchmarks/imports.py`. Goals: at most 2.5 and 5 times.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

REPEATS = 15
BASELINE = ("import numpy", ["-c", "import numpy"])
MEASURED = {
    "import mdss": (["-c", "import mdss"], 2.5),
    "mdss --help": (["-m", "mdss", "--help"], 5.0),
}


def _seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Medians of interleaved runs, so that a busy machine disturbs all of them alike."""
    runs = {BASELINE[0]: BASELINE[1], **{name: args for name, (args, _) in MEASURED.items()}}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(REPEATS):
        for name, arguments in runs.items():
            times[name].append(_seconds(arguments))
    base = statistics.median(times[BASELINE[0]])
    print(f"{BASELINE[0]:14s} {base:6.3f} s")
    for name, (_, goal) in MEASURED.items():
        median = statistics.median(times[name])
        verdict = "ok" if median <= goal * base else "MISSED"
        print(f"{name:14s} {median:6.3f} s  {median / base:5.2f} x  goal {goal:g} x  {verdict}")


if __name__ == "__main__":
    main()

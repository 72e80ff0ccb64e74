"""How long a week of ephemeris takes to read, as KVN and as XML, against a plain baseline.

Run by hand: `python benchmarks/messages.py`. A low orbit, 7 days, a state and a 6×6 covariance
at every hundredth of an orbit (10,606 points): first with 9 significant digits in the
covariances and 9 decimals in the states, the XML not indented, about as centres write; then with
all digits, as `write_oem_kvn` and `write_oem_xml` do. The baselines, in the same run, only split
and convert: `float()` for each number of each line, and `xml.etree` with `float()` for each
element; they check nothing. Times are of the processor, so that a busy machine disturbs little.
"""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import numpy as np

from mdss.astro.twobody import orbital_period_s, propagate
from mdss.messages.oem import Oem, oem_from_states, read_oem, write_oem_kvn, write_oem_xml

GOAL_S = 1.0
REPEATS = 5
START_UTC = datetime(2026, 3, 1, tzinfo=UTC)
POSITION_M, VELOCITY_M_S = [6.9e6, 0.0, 0.0], [0.0, -992.0, 7535.0]


def week(points_per_orbit: int = 100) -> Oem:
    """A week of states with covariances that grow along the track."""
    step_s = round(orbital_period_s(POSITION_M, VELOCITY_M_S) / points_per_orbit, 3)
    t_s = np.arange(0.0, 7 * 86_400.0, step_s)
    rng = np.random.default_rng(1)
    spread = np.array([20.0, 300.0, 15.0, 0.3, 0.02, 0.02])
    roots = spread[:, None] * (np.eye(6) + 0.3 * rng.normal(size=(t_s.size, 6, 6)))
    return oem_from_states(
        designator="2026-001A",
        name="BENCHMARK",
        reference_utc=START_UTC,
        t_s=t_s,
        states_m=propagate(POSITION_M, VELOCITY_M_S, t_s),
        cov_m2=roots @ np.swapaxes(roots, 1, 2),
        created_utc=START_UTC,
    )


def rounded(oem: Oem) -> Oem:
    """The same with fewer digits."""
    segment = oem.segments[0]
    covariances = tuple(
        replace(one, matrix=np.array([[float(f"{x:.8e}") for x in row] for row in one.matrix]))
        for one in segment.covariances
    )
    return replace(
        oem, segments=(replace(segment, states=segment.states.round(9), covariances=covariances),)
    )


def plain_kvn(data: bytes) -> int:
    """The baseline for KVN: every bare line split, every number converted."""
    count = 0
    for line in data.decode().splitlines():
        if line and not line[0].isalpha():
            tokens = line.split()
            count += len([float(token) for token in tokens[1 if "T" in tokens[0] else 0 :]])
    return count


def plain_xml(data: bytes) -> int:
    """The baseline for XML: a tree, and every number in it converted."""
    root = ElementTree.fromstring(data)
    return len([float(one.text or "") for one in root.iter() if one.get("units")])


def _best_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def _say(name: str, data: bytes, plain: Callable[[bytes], int], goal_s: float | None) -> None:
    base_s = _best_s(lambda: plain(data))
    read_s = _best_s(lambda: read_oem(data))
    goal = ""
    if goal_s is not None:
        goal = f"  goal {goal_s:g} s  {'ok' if read_s <= goal_s else 'MISSED'}"
    print(
        f"{name:16s} {len(data) / 1e6:5.1f} MB  read {read_s:5.2f} s"
        f"  baseline {base_s:5.2f} s, {read_s / base_s:4.2f} x{goal}"
    )


def main() -> None:
    """Times of both forms, and the memory that all of it took."""
    full = week()
    few = rounded(full)
    _say("KVN, 9 digits", write_oem_kvn(few).encode(), plain_kvn, GOAL_S)
    _say("XML, 9 digits", re.sub(r"\n +", "\n", write_oem_xml(few)).encode(), plain_xml, GOAL_S)
    _say("KVN, all digits", write_oem_kvn(full).encode(), plain_kvn, None)
    _say("XML, all digits", write_oem_xml(full).encode(), plain_xml, None)
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

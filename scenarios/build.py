"""Write the scenario folders from their facts: `python scenarios/build.py [--into FOLDER]`.

Running it twice gives the same bytes. The facts are in the modules with an underscore.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import _aeolus_starlink44
import _closed_windows
import _cnsa_nasa_2025
import _cryosat2_2018
import _electric_constellation
import _iras_ggse4
import _iridium33_cosmos2251
import _mars_maven_phobos
import _mars_orbiters
import _npd_covariance
import _observer7
import _pc2d_fails
import _swarmb_cosmos375
import _tiangong_starlink2305
import _timed_cosmos2221
import _two_passes

SCENARIOS = (
    _iridium33_cosmos2251,
    _iras_ggse4,
    _observer7,
    _swarmb_cosmos375,
    _cryosat2_2018,
    _aeolus_starlink44,
    _tiangong_starlink2305,
    _timed_cosmos2221,
    _cnsa_nasa_2025,
    _mars_maven_phobos,
    _mars_orbiters,
    _pc2d_fails,
    _npd_covariance,
    _two_passes,
    _electric_constellation,
    _closed_windows,
)


def build(into: Path) -> list[Path]:
    """Write all folders; the files written."""
    written = []
    for module in SCENARIOS:
        scenario = module.scenario()
        folder = into / scenario.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in scenario.files().items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
            written.append(folder / name)
    return written


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    for file in build(parser.parse_args().into):
        print(file)


if __name__ == "__main__":
    main()

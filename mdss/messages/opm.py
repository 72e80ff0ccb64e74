"""Orbit parameter messages (OPM, CCSDS 502.0-B): KVN and XML to checked objects."""

from __future__ import annotations

from pathlib import Path

from mdss.messages.odm import OPM_LAYOUT
from mdss.messages.odm_read import assemble, read_parts
from mdss.messages.opm_checks import check_opm
from mdss.messages.opm_message import Opm, OpmBurn, OpmManeuver
from mdss.messages.source import LARGEST_FILE_BYTES
from mdss.messages.values import Entry, Findings
from mdss.notices import Notice, without_repeats

__all__ = ["Opm", "OpmBurn", "OpmManeuver", "read_opm"]


def read_opm(source: Path | str | bytes, name: str | None = None) -> tuple[Opm, ...]:
    """Every OPM in a file, KVN or XML, checked.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content as bytes.
    name : str, optional
        What errors and notices call the source; the file's name by default.

    Returns
    -------
    tuple of Opm
        One or several, in the file's order, each with its notices.

    Raises
    ------
    MessageError
        If the file cannot be read, is no OPM, or says something that would make the physics
        wrong; with file, line, field, value and remedy where there are such.
    """
    file, messages, whole = read_parts(source, name, OPM_LAYOUT, LARGEST_FILE_BYTES)
    return tuple(_message(entries, file, whole.notices) for entries in messages)


def _message(entries: list[Entry], file: str, about_file: list[Notice]) -> Opm:
    findings = Findings(file)
    draft = assemble(entries, OPM_LAYOUT, findings)
    check_opm(draft)
    return Opm(
        parts=draft.finished_parts(),
        maneuver_parts=tuple(one.finished() for one in draft.maneuvers),
        notices=without_repeats([*about_file, *findings.notices]),
        source=file,
    )

"""From files to what the verbs take: events, and scenarios with their TOML files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mdss.conjunction import Conjunction, ConjunctionEvent, Told, event_of
from mdss.errors import ConfigError, MessageError
from mdss.messages.cdm import Cdm
from mdss.messages.detect import HEAD_BYTES, Detected, detect, read_messages
from mdss.messages.source import LARGEST_EPHEMERIS_BYTES, file_content, source_name
from mdss.operations import Operations
from mdss.policy import Policy
from mdss.reported import ReportedApproach
from mdss.spacecraft import Spacecraft

_Config = TypeVar("_Config", Spacecraft, Operations, Policy)
_MESSAGE_ENDINGS = (".cdm", ".kvn", ".xml", ".txt", ".oem", ".opm", ".omm", ".tle", ".3le")
_DATA_ENDINGS = (".json", ".csv")
_ORBIT_REMEDY = "An orbit belongs to `mdss find` or to `mdss risk --ephemeris`."


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """A folder with the messages of one event and what is needed to plan it.

    Parameters
    ----------
    name : str
        The folder's name.
    title, summary : str
        First heading and first paragraph of `story.md`; empty without it.
    event : ConjunctionEvent
    spacecraft, operations, policy : optional
        None where the folder has no such file.
    verdict : str
        What the story's "Verdict" section begins with, in bold; empty without one.
    """

    name: str
    title: str
    summary: str
    event: ConjunctionEvent
    spacecraft: Spacecraft | None
    operations: Operations | None
    policy: Policy | None
    verdict: str = ""


def scenarios_folder() -> Path:
    """Where the bundled scenarios are: beside the source, or inside the installed package."""
    installed = Path(__file__).parent / "_bundle" / "scenarios"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "scenarios"


def app_file() -> Path:
    """The screens' entry file: beside the source, or inside the installed package."""
    installed = Path(__file__).parent / "_bundle" / "app.py"
    return installed if installed.is_file() else Path(__file__).parent.parent / "app.py"


def scenario_names() -> tuple[str, ...]:
    """Names of the bundled scenarios."""
    folder = scenarios_folder()
    return tuple(sorted(path.parent.name for path in folder.glob("*/story.md")))


def read_told(source: Path | str | bytes, name: str | None = None) -> tuple[Told, ...]:
    """Every conjunction that a file tells of: of CDMs with states, of public records without.

    Parameters
    ----------
    source : Path, str or bytes
        A file (a `str` is a path), or its content.
    name : str, optional
        What errors call it; the file's name by default.

    Raises
    ------
    MessageError
        If the file cannot be read, must not be trusted, or tells of no conjunction.
    """
    data = file_content(source, name, LARGEST_EPHEMERIS_BYTES)
    found = detect(data)
    file = source_name(source, name)
    if found.kind.is_message and not found.kind.has_conjunctions:
        raise MessageError(_of_no_conjunction(found), file=file, remedy=_ORBIT_REMEDY)
    told = (_told(message) for message in read_messages(data, file))
    return tuple(one for one in told if one is not None)


def _told(message: object) -> Told | None:
    """What one message tells of an encounter; None for an orbit that shares a file with CDMs."""
    if isinstance(message, Cdm):
        return Conjunction.from_cdm(message)
    from mdss.messages.cdm_public import CdmPublic

    return ReportedApproach.from_cdm_public(message) if isinstance(message, CdmPublic) else None


def left_aside(path: Path) -> str:
    """Why a good file of a folder is of no use for conjunctions; "" when it is, or is not good."""
    try:
        found = detect(file_content(path, limit_bytes=LARGEST_EPHEMERIS_BYTES))
    except MessageError:  # whoever reads it will be told
        return ""
    other = found.kind.is_message and not found.kind.has_conjunctions
    return f"{_of_no_conjunction(found)}. {_ORBIT_REMEDY}" if other else ""


def _of_no_conjunction(found: Detected) -> str:
    return f"is {found.what}, which tells of no conjunction"


def load_event(path: str | Path) -> ConjunctionEvent:
    """The event of a file of CDMs, a folder of them, or a bundled scenario's name.

    Public records (Space-Track cdm_public) join the event's history. Orbits (OEM, OPM, OMM, TLE)
    in the folder are left aside.

    Raises
    ------
    MessageError
        If a file cannot be read or must not be trusted.
    ConjunctionError
        If the messages are not about one event.
    """
    place = place_of(path)
    files = [f for f in message_files(place) if not left_aside(f)] if place.is_dir() else [place]
    return event_of(one for file in files for one in read_told(file))


def load_scenario(path: str | Path) -> Scenario:
    """A scenario folder, or a bundled scenario by name.

    Raises
    ------
    MessageError, ConjunctionError
        As `load_event`.
    ConfigError
        If a TOML file says something impossible.
    """
    folder = place_of(path)
    title, summary, verdict = _story(folder / "story.md")
    return Scenario(
        name=folder.name,
        title=title or folder.name,
        summary=summary,
        verdict=verdict,
        event=load_event(folder),
        spacecraft=_if_there(folder / "spacecraft.toml", Spacecraft),
        operations=_if_there(folder / "operations.toml", Operations),
        policy=_if_there(folder / "policy.toml", Policy),
    )


def load_planning(path: str | Path) -> Scenario:
    """What to plan: a file of CDMs, a folder of one event, or a bundled scenario's name.

    A folder may hold spacecraft.toml, operations.toml and policy.toml; for a single file all
    three are None.

    Raises
    ------
    MessageError, ConjunctionError, ConfigError
        As `load_scenario`.
    """
    place = place_of(path)
    if not place.exists():
        raise ConfigError(
            f"{path}: no such file or folder, and no bundled scenario; "
            f"the scenarios are {', '.join(scenario_names())}"
        )
    if place.is_dir():
        return load_scenario(place)
    return Scenario(
        name=place.name,
        title=place.name,
        summary="",
        event=load_event(place),
        spacecraft=None,
        operations=None,
        policy=None,
    )


def is_scenario(path: str | Path) -> bool:
    """Whether a path is a folder, or the name of a bundled scenario."""
    return place_of(path).is_dir()


def place_of(path: str | Path) -> Path:
    given = Path(path)
    if given.exists():
        return given
    bundled = scenarios_folder() / given.name
    return bundled if bundled.is_dir() and len(given.parts) <= 2 else given


def message_files(folder: Path) -> list[Path]:
    """The message files of a folder, in the order of their names.

    By their endings; JSON and CSV, which may hold anything, also by their content.

    Raises
    ------
    ConfigError
        If there is none.
    """
    files = sorted(path for path in folder.iterdir() if _may_be_message(path))
    if not files:
        endings = ", ".join((*_MESSAGE_ENDINGS, *_DATA_ENDINGS))
        raise ConfigError(f"{folder}: no message in this folder (looked for {endings})")
    return files


def _may_be_message(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending in _MESSAGE_ENDINGS:
        return True
    if ending not in _DATA_ENDINGS or not path.is_file():
        return False
    with path.open("rb") as stream:
        return detect(stream.read(HEAD_BYTES)).kind.is_message


def _if_there(path: Path, kind: type[_Config]) -> _Config | None:
    return kind.from_toml(path) if path.is_file() else None


def _story(path: Path) -> tuple[str, str, str]:
    """Title, summary and verdict."""
    if not path.is_file():
        return "", "", ""
    text = path.read_text(encoding="utf-8")
    blocks = [block.strip() for block in text.split("\n\n")]
    title = next((b.lstrip("# ").strip() for b in blocks if b.startswith("# ")), "")
    summary = next((b.replace("\n", " ") for b in blocks if b and not b.startswith("#")), "")
    verdict = re.search(r"^## Verdict\n+\*\*(.+?)\*\*", text, re.MULTILINE)
    return title, summary, verdict[1] if verdict else ""

"""From files to what the verbs take: events, and scenarios with their TOML files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mdss.conjunction import Conjunction, ConjunctionEvent
from mdss.errors import ConfigError
from mdss.messages import read_cdms
from mdss.operations import Operations
from mdss.policy import Policy
from mdss.spacecraft import Spacecraft

_Config = TypeVar("_Config", Spacecraft, Operations, Policy)
_CDM_ENDINGS = (".cdm", ".kvn", ".xml", ".txt")


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
    """

    name: str
    title: str
    summary: str
    event: ConjunctionEvent
    spacecraft: Spacecraft | None
    operations: Operations | None
    policy: Policy | None


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


def load_conjunctions(paths: Iterable[str | Path]) -> tuple[Conjunction, ...]:
    """Every conjunction of the CDM files.

    Raises
    ------
    MessageError
        If a file cannot be read or must not be trusted.
    """
    return tuple(Conjunction.from_cdm(cdm) for path in paths for cdm in read_cdms(Path(path)))


def load_event(path: str | Path) -> ConjunctionEvent:
    """The event of a CDM file, a folder of them, or a bundled scenario's name.

    Raises
    ------
    MessageError
        If a file cannot be read or must not be trusted.
    ConjunctionError
        If the messages are not about one event.
    """
    place = _place(path)
    files = cdm_files(place) if place.is_dir() else [place]
    return ConjunctionEvent(conjunctions=load_conjunctions(files))


def load_scenario(path: str | Path) -> Scenario:
    """A scenario folder, or a bundled scenario by name.

    Raises
    ------
    MessageError, ConjunctionError
        As `load_event`.
    ConfigError
        If a TOML file says something impossible.
    """
    folder = _place(path)
    title, summary = _story(folder / "story.md")
    return Scenario(
        name=folder.name,
        title=title or folder.name,
        summary=summary,
        event=load_event(folder),
        spacecraft=_if_there(folder / "spacecraft.toml", Spacecraft),
        operations=_if_there(folder / "operations.toml", Operations),
        policy=_if_there(folder / "policy.toml", Policy),
    )


def load_planning(path: str | Path) -> Scenario:
    """What to plan: a CDM file, a folder of one event, or a bundled scenario's name.

    A folder may hold spacecraft.toml, operations.toml and policy.toml; for a single file all
    three are None.

    Raises
    ------
    MessageError, ConjunctionError, ConfigError
        As `load_scenario`.
    """
    place = _place(path)
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
    return _place(path).is_dir()


def _place(path: str | Path) -> Path:
    given = Path(path)
    if given.exists():
        return given
    bundled = scenarios_folder() / given.name
    return bundled if bundled.is_dir() and len(given.parts) <= 2 else given


def cdm_files(folder: Path) -> list[Path]:
    """The CDM files of a folder, in the order of their names.

    Raises
    ------
    ConfigError
        If there is none.
    """
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in _CDM_ENDINGS)
    if not files:
        raise ConfigError(f"{folder}: no CDM in this folder (looked for {', '.join(_CDM_ENDINGS)})")
    return files


def _if_there(path: Path, kind: type[_Config]) -> _Config | None:
    return kind.from_toml(path) if path.is_file() else None


def _story(path: Path) -> tuple[str, str]:
    if not path.is_file():
        return "", ""
    blocks = [block.strip() for block in path.read_text(encoding="utf-8").split("\n\n")]
    title = next((b.lstrip("# ").strip() for b in blocks if b.startswith("# ")), "")
    summary = next((b.replace("\n", " ") for b in blocks if b and not b.startswith("#")), "")
    return title, summary

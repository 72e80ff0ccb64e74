"""When to act, what a burn must reach, what things cost; each value with its source."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mdss.errors import PolicyError
from mdss.toml_file import (
    Place,
    build,
    check_keys,
    convert,
    nearest,
    read_table,
    require,
    require_above_zero,
    require_not_negative,
)


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Prices that the balanced option adds up; the numbers are ours, not a standard's.

    An option costs fuel_per_gram · propellant [g] + interruption_per_min · payload lost
    [weighted min] + lateness_per_hour · how much later than the earliest commit [h]
    + residual_pc_per_target · Pc after the burn / pc_target. One unit is one minute of
    payload.

    Raises
    ------
    PolicyError
        If a weight is negative or not finite.
    """

    fuel_per_gram: float = 0.5
    interruption_per_min: float = 1.0
    lateness_per_hour: float = 1.0
    residual_pc_per_target: float = 5.0

    def __post_init__(self) -> None:
        require_not_negative(PolicyError, "", **dataclasses.asdict(self))


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Thresholds and weights.

    Parameters
    ----------
    name : str
    pc_act : float
        Probability from which a maneuver is called for.
    pc_target : float
        Probability that a burn must reach; at most `pc_act`.
    hard_body_radius_m : float
        Combined radius when neither team, message nor spacecraft file gives one [m].
    weights : Weights
    sources : mapping of str to str
        Where each field comes from, with a date; "ours" where no source gives a value.

    Raises
    ------
    PolicyError
        If the thresholds contradict each other or a source is missing.

    Examples
    --------
    >>> policy = Policy.preset("nasa")
    >>> policy.pc_act, policy.pc_target
    (0.0001, 3e-06)
    """

    name: str
    pc_act: float
    pc_target: float
    hard_body_radius_m: float = 20.0
    weights: Weights = Weights()
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for key in ("pc_act", "pc_target"):
            value = getattr(self, key)
            good = math.isfinite(value) and 0 < value < 1
            require(good, PolicyError, key, value, "above 0 and below 1")
        needed = f"at most pc_act ({self.pc_act:g})"
        require(self.pc_target <= self.pc_act, PolicyError, "pc_target", self.pc_target, needed)
        require_above_zero(PolicyError, "m", hard_body_radius_m=self.hard_body_radius_m)
        sources = {**dict.fromkeys(_SOURCED, "given by the caller"), **self.sources}
        check_keys(sources, _SOURCED, Place("sources", PolicyError))
        object.__setattr__(self, "sources", MappingProxyType(sources))

    @classmethod
    def preset(cls, name: str) -> Policy:
        """A published policy by its name; see `preset_names`.

        Raises
        ------
        PolicyError
            If there is no preset of that name.
        """
        if name not in _PRESETS:
            raise PolicyError(f"no policy preset {name!r}; {nearest(name, preset_names())}")
        return _PRESETS[name]

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Policy:
        """The policy of a TOML file whose keys are the field names.

        `base = "nasa"` starts from a preset. The source of a value in the file is the file,
        unless its table `[sources]` says more.

        Raises
        ------
        PolicyError
            With file, key, value and what is needed.
        """
        place = Place(str(path), PolicyError)
        table = read_table(path, PolicyError)
        start = _preset_table(table.pop("base", None), place / "base")
        given = [key for key in _SOURCED if key in table]
        named = dict.fromkeys(given, f"file {Path(path).name}")
        merged = {
            "name": Path(path).stem,
            **start,
            **table,
            "weights": _merged(start, table, "weights", place),
            "sources": {**start["sources"], **named, **_merged({}, table, "sources", place)},
        }
        return build(cls, merged, place, synonyms=("base",))

    @classmethod
    def load(
        cls,
        name_or_path: str | PathLike[str],
        *,
        pc_act: float | None = None,
        pc_target: float | None = None,
    ) -> Policy:
        """A preset by name or a policy file by path, with thresholds overridden.

        Raises
        ------
        PolicyError
            If it is neither a preset nor a file, or the thresholds contradict each other.
        """
        policy = cls._named(name_or_path)
        given = {"pc_act": pc_act, "pc_target": pc_target}
        changes: dict[str, Any] = {key: v for key, v in given.items() if v is not None}
        if not changes:
            return policy
        sources = {**policy.sources, **dict.fromkeys(changes, "given by the caller")}
        return dataclasses.replace(policy, **changes, sources=sources)

    @classmethod
    def _named(cls, name_or_path: str | PathLike[str]) -> Policy:
        if str(name_or_path) in _PRESETS:
            return cls.preset(str(name_or_path))
        if Path(name_or_path).is_file():
            return cls.from_toml(name_or_path)
        names = preset_names()
        raise PolicyError(
            f"no policy {str(name_or_path)!r}: neither a preset nor a file;"
            f" {nearest(str(name_or_path), names)}"
        )


_SOURCED = ("pc_act", "pc_target", "hard_body_radius_m", "weights")
_OURS = "ours, 2026: no source gives a value"


def _preset_table(name: Any, place: Place) -> dict[str, Any]:
    """What a policy file starts from: a preset as a table, or nothing but our own prices."""
    if name is None:
        sources = {"hard_body_radius_m": _OURS, "weights": _OURS}
        return {"weights": {}, "sources": sources}
    try:
        preset = Policy.preset(convert(str, name, place))
    except PolicyError as problem:
        raise place.wrong(str(problem)) from None
    plain = {key: getattr(preset, key) for key in _SOURCED}
    weights = dataclasses.asdict(preset.weights)
    return {**plain, "weights": weights, "sources": dict(preset.sources)}


def _merged(
    start: Mapping[str, Any], table: Mapping[str, Any], key: str, place: Place
) -> dict[str, Any]:
    """The table under a key, over the one that was there before."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise (place / key).wrong(f"is {value!r}; it must be a table")
    return {**start.get(key, {}), **value}


def preset_names() -> tuple[str, ...]:
    """Names that `Policy.preset` knows."""
    return tuple(_PRESETS)


_NASA_HANDBOOK = (
    "NASA Spacecraft Conjunction Assessment and Collision Avoidance Best Practices Handbook,"
    " NASA/SP-20230002470 Rev 1, 2023"
)
_ESA_PAPER = (
    "K. Merz et al., Current Collision Avoidance Service by ESA's Space Debris Office,"
    " 7th European Conference on Space Debris, 2017"
)

_PRESETS = {
    "nasa": Policy(
        name="nasa",
        pc_act=1e-4,
        pc_target=3e-6,
        sources={
            "pc_act": f"{_NASA_HANDBOOK}: robotic missions act at 1e-4",
            "pc_target": f"{_NASA_HANDBOOK}: reduce by 1.5 orders of magnitude, a factor 0.03",
            "hard_body_radius_m": _OURS,
            "weights": _OURS,
        },
    ),
    "esa": Policy(
        name="esa",
        pc_act=1e-4,
        pc_target=1e-6,
        sources={
            "pc_act": f"{_ESA_PAPER}: reaction threshold 1e-4 at one day before TCA",
            "pc_target": "ours, 2026: two orders of magnitude below the threshold to act",
            "hard_body_radius_m": _OURS,
            "weights": _OURS,
        },
    ),
}

"""When to act, what a burn must reach, what things cost; each value with its source.

The presets are in `mdss.policy_presets`; `mdss.risk.verdict` judges a risk by a policy.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mdss.errors import PolicyError
from mdss.prices import Limits, Weights
from mdss.quality_limits import QualityLimits
from mdss.toml_file import (
    Place,
    build,
    check_keys,
    convert,
    nearest,
    read_table,
    require,
    require_above_zero,
)


class Level(StrEnum):
    """What a policy asks for, from nothing to a burn."""

    NONE = "none"
    MONITOR = "monitor"
    NOTIFY = "notify"
    PREPARE = "prepare"
    UNDECIDED = "undecided"
    BURN_UNLESS_IMPACT = "burn-unless-mission-impact"
    BURN = "burn"

    @property
    def rank(self) -> int:
        """Place in the order above; the highest of all that apply is the verdict."""
        return list(Level).index(self)


class Regime(StrEnum):
    """Orbits that a criterion is about; see `mdss.risk.verdict.regime_of`."""

    ANY = "any"
    LEO = "leo"
    GEO = "geo"


class DensityCorrelation(StrEnum):
    """What the error of the air density that both objects share does to Pc."""

    IGNORE = "ignore"
    USE = "use"


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A condition on the geometry that stands beside the probability thresholds.

    It applies when all that is given holds: the miss is below `miss_m`, its radial part below
    `radial_m`, the other object is inside the box, closest approach is no more than `within_h`
    away, and the orbit belongs to `regime`.

    Parameters
    ----------
    name : str
    level : Level
        What it asks for when it applies.
    miss_m : float, optional
        Distance at closest approach [m].
    radial_m : float, optional
        Radial part of it, in RTN of the maneuvering object [m].
    box_half_rtn_m : tuple of three floats, optional
        Half-widths of a box about the maneuvering object, RTN [m].
    within_h : float, optional
        Time to closest approach [h].
    regime : Regime
    source : str
        Where it comes from, with a date.

    Raises
    ------
    PolicyError
        If a limit is not above zero, or there is no limit on the geometry.
    """

    name: str
    level: Level
    miss_m: float | None = None
    radial_m: float | None = None
    box_half_rtn_m: tuple[float, float, float] | None = None
    within_h: float | None = None
    regime: Regime = Regime.ANY
    source: str = ""

    def __post_init__(self) -> None:
        require(bool(self.name.strip()), PolicyError, "name", repr(self.name), "given")
        able = self.level not in (Level.NONE, Level.UNDECIDED)
        require(able, PolicyError, "level", self.level, "monitor, notify, prepare or a burn")
        require_above_zero(PolicyError, "m", miss_m=self.miss_m, radial_m=self.radial_m)
        require_above_zero(PolicyError, "h", within_h=self.within_h)
        for width in self.box_half_rtn_m or ():
            require_above_zero(PolicyError, "m", box_half_rtn_m=width)
        if (self.miss_m, self.radial_m, self.box_half_rtn_m) == (None, None, None):
            raise PolicyError(
                f"criterion {self.name!r} limits nothing; give miss_m, radial_m or box_half_rtn_m"
            )


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Thresholds, criteria and weights.

    Parameters
    ----------
    name : str
    title : str
        One line about it.
    by_pc : bool
        Whether probability decides. False: the criteria alone do, and `pc_act` and `pc_target`
        only tell the planner what to size burns by.
    pc_watch : float, optional
        Probability from which an event is monitored.
    pc_act : float
        Probability from which a maneuver is called for.
    pc_act_always : float, optional
        Probability from which it is called for even at a cost to the mission; between `pc_act`
        and this one, only when the mission does not suffer. Not given: always from `pc_act`.
    act_within_h : float, optional
        The call falls no earlier than this before closest approach [h]; until then a burn is
        prepared.
    pc_target : float
        Probability that a burn must reach; at most `pc_act`.
    max_pc_prepare : float, optional
        Where Pc is small because the errors are large (diluted): the largest 2D Pc that smaller
        errors would give, from which a burn is prepared while tracking is asked for. Not given:
        shown, not judged.
    criteria : tuple of Criterion
    min_miss_m, min_radial_m : float, optional
        What the miss, and its radial part, must be at least after a burn [m].
    hard_body_radius_m : float
        Combined radius when neither team, message nor spacecraft file gives one [m].
    density_correlation : DensityCorrelation
        Which Pc decides where both objects carry a density error: that with both errors taken as
        independent (ignore), or as one (use). Both are always shown.
    weights : Weights
        Prices that a plan's cost adds up.
    limits : Limits
        What a plan may cost at most.
    quality : QualityLimits
        What orbit determinations and covariances must keep to for their Pc to be acted on.
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
    title: str = ""
    by_pc: bool = True
    pc_watch: float | None = None
    pc_act: float
    pc_act_always: float | None = None
    act_within_h: float | None = None
    pc_target: float
    max_pc_prepare: float | None = None
    criteria: tuple[Criterion, ...] = ()
    min_miss_m: float | None = None
    min_radial_m: float | None = None
    hard_body_radius_m: float = 20.0
    density_correlation: DensityCorrelation = DensityCorrelation.IGNORE
    weights: Weights = field(default_factory=Weights)
    limits: Limits = field(default_factory=Limits)
    quality: QualityLimits = field(default_factory=QualityLimits)
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        self._check_thresholds()
        self._check_criteria()
        require_above_zero(
            PolicyError,
            "m",
            hard_body_radius_m=self.hard_body_radius_m,
            min_miss_m=self.min_miss_m,
            min_radial_m=self.min_radial_m,
        )
        require_above_zero(PolicyError, "h", act_within_h=self.act_within_h)
        check_keys(self.sources, _SOURCED, Place("sources", PolicyError))
        unsaid = {key: _GIVEN if self.uses(key) else _NOT_USED for key in _SOURCED}
        object.__setattr__(self, "sources", MappingProxyType({**unsaid, **self.sources}))

    def _check_thresholds(self) -> None:
        for key in ("pc_watch", "pc_act", "pc_act_always", "pc_target", "max_pc_prepare"):
            value = getattr(self, key)
            good = value is None or (math.isfinite(value) and 0 < value < 1)
            require(good, PolicyError, key, value, "above 0 and below 1")
        at_most = f"at most pc_act ({self.pc_act:g})"
        require(self.pc_target <= self.pc_act, PolicyError, "pc_target", self.pc_target, at_most)
        watch, always = self.pc_watch or self.pc_act, self.pc_act_always or self.pc_act
        require(watch <= self.pc_act, PolicyError, "pc_watch", watch, at_most)
        at_least = f"at least pc_act ({self.pc_act:g})"
        require(always >= self.pc_act, PolicyError, "pc_act_always", always, at_least)

    def _check_criteria(self) -> None:
        names = [one.name for one in self.criteria]
        for name in names:
            require(names.count(name) == 1, PolicyError, "criteria", repr(name), "named once")
        if not self.by_pc and not self.criteria:
            raise PolicyError("by_pc is false and there is no criterion, so nothing would decide")

    def uses(self, field_name: str) -> bool:
        """Whether a field says something, or is left open."""
        return getattr(self, field_name) not in (None, (), Limits())

    @classmethod
    def preset(cls, name: str) -> Policy:
        """A published policy by its name; see `preset_names`.

        Raises
        ------
        PolicyError
            If there is no preset of that name.
        """
        presets = _presets()
        if name not in presets:
            raise PolicyError(f"no policy preset {name!r}; {nearest(name, preset_names())}")
        return presets[name]

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
            "limits": _merged(start, table, "limits", place),
            "quality": _merged(start, table, "quality", place),
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
        if str(name_or_path) in preset_names():
            return cls.preset(str(name_or_path))
        if Path(name_or_path).is_file():
            return cls.from_toml(name_or_path)
        names = preset_names()
        raise PolicyError(
            f"no policy {str(name_or_path)!r}: neither a preset nor a file;"
            f" {nearest(str(name_or_path), names)}"
        )


_SOURCED = (
    "by_pc",
    "pc_watch",
    "pc_act",
    "pc_act_always",
    "act_within_h",
    "pc_target",
    "max_pc_prepare",
    "criteria",
    "min_miss_m",
    "min_radial_m",
    "hard_body_radius_m",
    "density_correlation",
    "weights",
    "limits",
    "quality",
)
_GIVEN, _NOT_USED = "given by the caller", "not used"
OURS = "ours, 2026: no source gives a value"
_PUBLISHED_PRACTICE = (
    "S. J. Casali et al., AAS 18-272, 2018, describe its use; published test values of Pc (NASA"
    " CARA Analysis Tools) leave it out"
)
DEFAULT_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "hard_body_radius_m": OURS,
        "density_correlation": _PUBLISHED_PRACTICE,
        "weights": OURS,
        "quality": "NASA CARA Analysis Tools, July 2019; ours, 2026, where they have no limit",
    }
)
"""Where the values come from that a policy has when nobody gives others."""


def sourced_fields() -> tuple[str, ...]:
    """The fields that have a source, in the order in which they are shown."""
    return _SOURCED


def _preset_table(name: Any, place: Place) -> dict[str, Any]:
    """What a policy file starts from: a preset as a table, or nothing but our own prices."""
    if name is None:
        sources = {"by_pc": "default", **DEFAULT_SOURCES}
        return {"weights": {}, "limits": {}, "quality": {}, "sources": sources}
    try:
        preset = Policy.preset(convert(str, name, place))
    except PolicyError as problem:
        raise place.wrong(str(problem)) from None
    plain = {key: getattr(preset, key) for key in _SOURCED if preset.uses(key)}
    tables = {
        "weights": dataclasses.asdict(preset.weights),
        "limits": {k: v for k, v in dataclasses.asdict(preset.limits).items() if v is not None},
        "quality": dataclasses.asdict(preset.quality),
        "sources": dict(preset.sources),
    }
    return {**plain, **tables, "criteria": [_plain(one) for one in preset.criteria]}


def _plain(criterion: Criterion) -> dict[str, Any]:
    """A criterion as a TOML file would write it."""
    values = dataclasses.asdict(criterion)
    box = values.pop("box_half_rtn_m")
    given = {key: value for key, value in values.items() if value is not None}
    return given if box is None else {**given, "box_half_rtn_m": list(box)}


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
    return tuple(_presets())


def _presets() -> Mapping[str, Policy]:
    from mdss.policy_presets import PRESETS  # which is made of policies, so it imports this

    return PRESETS

"""Strict TOML into frozen dataclasses: a key that nobody reads is an error, not a default.

A table becomes a dataclass by its type hints. The keys are the field names, so that a file
says its units the way the program does.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import tomllib
import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from mdss.errors import ConfigError
from mdss.units import as_utc

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where in a file a value stands; it raises the errors of that place.

    Parameters
    ----------
    file : str
        Name of the file.
    error : type of ConfigError
        What a mistake in this file is called.
    keys : str
        Dotted path of keys, as in "thrusters[1].isp_s".
    """

    file: str
    error: type[ConfigError]
    keys: str = ""

    def __truediv__(self, key: str) -> Place:
        return dataclasses.replace(self, keys=f"{self.keys}.{key}" if self.keys else key)

    def item(self, index: int) -> Place:
        """The place of the element number `index` (from 1) of an array."""
        return dataclasses.replace(self, keys=f"{self.keys}[{index}]")

    def wrong(self, problem: str) -> ConfigError:
        """An error that names file and key."""
        return self.error(
            f"{self.file}, {self.keys}: {problem}" if self.keys else f"{self.file}: {problem}"
        )


def read_table(path: str | PathLike[str], error: type[ConfigError]) -> dict[str, Any]:
    """The content of a TOML file.

    Raises
    ------
    ConfigError
        Of the given kind, if the file is missing, is not UTF-8 text or is not TOML.
    """
    file = Path(path)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise error(f"{file}: cannot be read ({problem.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise error(f"{file}: is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{file}: is not TOML: {problem}") from None


def build(
    cls: type[T],
    table: Mapping[str, Any],
    place: Place,
    hidden: Collection[str] = (),
    synonyms: Collection[str] = (),
) -> T:
    """A dataclass from a table.

    Parameters
    ----------
    cls : dataclass type
        Its fields are the keys; fields without a default are obligatory.
    table : mapping
        The TOML table.
    place : Place
        Where the table stands.
    hidden : collection of str
        Field names that a file must not set.
    synonyms : collection of str
        Keys that the caller has translated already, for the did-you-mean text.

    Raises
    ------
    ConfigError
        Of the place's kind, for an unknown or missing key, a wrong type or an impossible
        value.
    """
    fields = {f.name: f for f in dataclasses.fields(cls) if f.name not in hidden}  # type: ignore[arg-type]
    check_keys(table, fields, place, synonyms)
    missing = [name for name, f in fields.items() if name not in table and _is_obligatory(f)]
    if missing:
        raise place.wrong(f"{' and '.join(missing)} must be given")
    hints = get_type_hints(cls)
    values = {key: convert(hints[key], value, place / key) for key, value in table.items()}
    try:
        return cls(**values)
    except ConfigError as problem:
        raise place.wrong(str(problem)) from None


def check_keys(
    table: Mapping[str, Any], known: Collection[str], place: Place, synonyms: Collection[str] = ()
) -> None:
    """Refuse a key that nobody reads, and name the nearest right one."""
    for key in table:
        if key not in known:
            names = sorted({*known, *synonyms})
            raise (place / key).wrong(f"is not a known key; {nearest(key, names)}")


def nearest(word: str, names: Collection[str]) -> str:
    """Did-you-mean text: the nearest of the names, or all of them."""
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"


def convert(hint: Any, value: Any, place: Place) -> Any:
    """A TOML value as the type of a hint.

    Understood are str, bool, float, datetime, StrEnum, dataclasses, `tuple[X, ...]`,
    `tuple[X, Y]`, `Mapping[str, X]` and `X | None`. A whole number is a float; a bool is not.
    """
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
        return convert(hint, value, place)
    if origin is Mapping:
        return {key: convert(get_args(hint)[1], one, place / key) for key, one in value.items()}
    if origin is tuple:
        return _tuple(get_args(hint), value, place)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise place.wrong(f"is {_seen(value)}; it must be a table")
        return build(hint, value, place)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _choice(hint, _str(value, place), place)
    return _SCALARS[hint](value, place)


def _tuple(hints: tuple[Any, ...], value: Any, place: Place) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise place.wrong(f"is {_seen(value)}; it must be an array")
    if hints[-1] is Ellipsis:
        hints = hints[:1] * len(value)
    if len(value) != len(hints):
        raise place.wrong(f"has {len(value)} elements; it must have {len(hints)}")
    pairs = enumerate(zip(hints, value, strict=True), start=1)
    return tuple(convert(hint, element, place.item(i)) for i, (hint, element) in pairs)


def _float(value: Any, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.wrong(f"is {_seen(value)}; it must be a number")
    try:
        number = float(value)
    except OverflowError:  # TOML has whole numbers of any length
        number = math.inf
    if not math.isfinite(number):
        raise place.wrong(f"is {number}; it must be a finite number")
    return number


def _str(value: Any, place: Place) -> str:
    if not isinstance(value, str):
        raise place.wrong(f'is {_seen(value)}; it must be text in quotes, "..."')
    return value


def _choice(kind: type[StrEnum], value: str, place: Place) -> StrEnum:
    names = [str(one) for one in kind]
    if value not in names:
        raise place.wrong(f"is {value!r}; {nearest(value, names)}")
    return kind(value)


def _bool(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.wrong(f"is {_seen(value)}; it must be true or false")
    return value


def _instant(value: Any, place: Place) -> datetime:
    try:
        instant = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        instant = None
    if not isinstance(instant, datetime):
        needed = "it must be an instant such as 2026-03-01T12:00:00Z"
        raise place.wrong(f"is {_seen(value)}; {needed}")
    if instant.tzinfo is None:
        raise place.wrong(f"is {instant.isoformat()} without a time zone; add Z for UTC")
    return as_utc(instant)


def _seen(value: Any) -> str:
    """A value as a file writes it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else repr(value)


_SCALARS: dict[Any, Any] = {float: _float, str: _str, bool: _bool, datetime: _instant}


def _is_obligatory(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def require(
    condition: bool, error: type[ConfigError], name: str, value: object, needed: str
) -> None:
    """Raise the error unless the condition holds: name, value seen, value needed."""
    if not condition:
        seen = f"{value:g}" if isinstance(value, float) else str(value)
        raise error(f"{name} is {seen}; it must be {needed}")


def require_above_zero(error: type[ConfigError], unit: str, **values: float | None) -> None:
    """Raise the error unless each value that is given is finite and above zero."""
    for name, value in values.items():
        good = value is None or (math.isfinite(value) and value > 0)
        require(good, error, name, value, f"above 0 {unit}".rstrip())


def require_not_negative(error: type[ConfigError], unit: str, **values: float | None) -> None:
    """Raise the error unless each value that is given is finite and not below zero."""
    for name, value in values.items():
        good = value is None or (math.isfinite(value) and value >= 0)
        require(good, error, name, value, f"0 {unit}".rstrip() + " or more")

"""Records of JSON text as keyword and text, with the line that each begins on.

Numbers stay the text that they are written with: nothing is rounded, and a number with a
million digits is a text with a million characters. What the text means, the message's own
reader decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NoReturn

from mdss.errors import MessageError
from mdss.messages.values import Findings
from mdss.notices import Notice

_SPACE = re.compile(r"[ \t\n\r]*")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
_LONGEST_SEEN = 80
_CUT = "The file is cut short or damaged; ask for it again."


@dataclass(frozen=True)
class Record:
    """One record of a table.

    Parameters
    ----------
    number : int
        From 1.
    line : int
        Where it begins.
    pairs : tuple of (str, str or None)
        Keys as written, values as text; None for a null.
    """

    number: int
    line: int
    pairs: tuple[tuple[str, str | None], ...]


class _Pairs(list[tuple[str, object]]):
    """A JSON object with its repeated keys."""


def read_records(text: str, findings: Findings) -> list[Record]:
    """Every record of a JSON text: a list of objects, one object, or `{"data": [...]}`.

    Parameters
    ----------
    text : str
        Decoded text.
    findings : Findings
        Names the file in errors.

    Raises
    ------
    MessageError
        If it is no JSON, nested deeply, has no record, or a record is no flat object.
    """
    try:
        values = list(_values(text, findings))
    except json.JSONDecodeError as problem:
        _refuse(findings, f"the JSON is damaged: {problem.msg}", problem.lineno)
    except RecursionError:
        _refuse(findings, "the JSON is nested too deeply", 1)
    if not values:
        _refuse(findings, "the JSON has no record", 1)
    return [
        _record(number, line, value, findings)
        for number, (line, value) in enumerate(values, start=1)
    ]


def _values(text: str, findings: Findings) -> Iterator[tuple[int, object]]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str
    )
    start = _after_space(text, 0)
    if not text.startswith("[", start):
        value, end = decoder.raw_decode(text, start)
        _demand_end(text, end, findings)
        line = text.count("\n", 0, start) + 1
        wrapped = dict(value).get("data") if isinstance(value, _Pairs) else None
        inside = wrapped if isinstance(wrapped, list) and wrapped is not value else [value]
        yield from ((line, one) for one in inside)
        return
    place, counted, line = _after_space(text, start + 1), 0, 1
    while not text.startswith("]", place):
        line, counted = line + text.count("\n", counted, place), place
        value, end = decoder.raw_decode(text, place)
        yield line, value
        place = _after_space(text, end)
        if text.startswith(",", place):
            place = _after_space(text, place + 1)
        elif not text.startswith("]", place):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
    _demand_end(text, place + 1, findings)


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _demand_end(text: str, place: int, findings: Findings) -> None:
    end = _after_space(text, place)
    if end != len(text):
        _refuse(findings, "something follows the end of the JSON", text.count("\n", 0, end) + 1)


def _refuse(findings: Findings, problem: str, line: int) -> NoReturn:
    raise MessageError(problem, file=findings.file, line=line, remedy=_CUT)


def _record(number: int, line: int, value: object, findings: Findings) -> Record:
    if not isinstance(value, _Pairs):
        raise MessageError(
            f"record {number} is no object with keys",
            file=findings.file,
            line=line,
            value=str(value)[:40],
            remedy="Give a list of records, each with its keys.",
        )
    try:
        pairs = tuple((key, scalar_text(key, one)) for key, one in value)
    except MessageError as problem:
        problem.file, problem.line = findings.file, line
        raise of_record(number, problem) from None
    return Record(number, line, pairs)


def scalar_text(key: str, value: object) -> str | None:
    """A JSON value as one line of text, None for null.

    Raises
    ------
    MessageError
        If it is a list or an object, or contains control characters.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or _FORBIDDEN.search(value):
        what = "contains control characters" if isinstance(value, str) else "is a list or object"
        raise MessageError(
            f"{what}, neither a text nor a number",
            field=key[:40],
            value=ascii(value)[:60],
            remedy="Ask for the records as the catalogue serves them.",
        )
    return _LINE_BREAK.sub(" ", value).strip()


def of_record(number: int, problem: MessageError) -> MessageError:
    """The same refusal, with the record that it is about."""
    return MessageError(
        f"record {number}: {problem.problem}",
        file=problem.file,
        line=problem.line,
        field=problem.field,
        value=problem.value[:_LONGEST_SEEN] if problem.value else problem.value,
        remedy=problem.remedy,
    )


def notice_of_record(number: int, notice: Notice) -> Notice:
    """The same notice, with the record that it is about."""
    return replace(notice, message=f"record {number}: {notice.message}")

"""What a `stateVector` or `covarianceMatrix` with a certain sequence of tags holds where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from mdss.messages.oem_draft import LOWER_TRIANGLE
from mdss.messages.oem_xml_tags import TaggedText
from mdss.messages.values import Entry, Findings, normal_unit
from mdss.notices import NoticeCode

_STATE_AXES = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
STATE_UNITS = dict(zip(_STATE_AXES, ["km"] * 3 + ["km/s"] * 3, strict=True))
ACCELERATION_UNITS = dict.fromkeys(("X_DDOT", "Y_DDOT", "Z_DDOT"), "km/s**2")
COVARIANCE_UNITS = {
    f"C{_STATE_AXES[i]}_{_STATE_AXES[j]}": ("km**2", "km**2/s", "km**2/s**2")[
        int(i > 2) + int(j > 2)
    ]
    for i, j in zip(*LOWER_TRIANGLE, strict=True)
}

_UNITS = {
    "stateVector": {**STATE_UNITS, **ACCELERATION_UNITS, "EPOCH": ""},
    "covarianceMatrix": {**COVARIANCE_UNITS, "EPOCH": "", "COV_REF_FRAME": ""},
}
_ASK_AGAIN = "The file is damaged or not to the standard; ask for it again."


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where its texts stand, counted in tags from the first inside.

    Parameters
    ----------
    epoch : int
    frame : int, optional
        COV_REF_FRAME.
    keywords : tuple of str
        Of the numbers, in the standard's order.
    numbers : tuple of int
        Their places.
    comments : tuple of int
    """

    epoch: int
    frame: int | None
    keywords: tuple[str, ...]
    numbers: tuple[int, ...]
    comments: tuple[int, ...]


def layout_of(document: TaggedText, name: str, index: int, stop: int, findings: Findings) -> Layout:
    """The layout of one record.

    Parameters
    ----------
    document : TaggedText
    name : str
        "stateVector" or "covarianceMatrix".
    index, stop : int
        Its opening tag, and the next structural one.
    findings : Findings
        Receives notices about elements that are not known.

    Raises
    ------
    MessageError
        If an element is missing, there twice, or in another unit.
    """
    return _Record(document, name, index, findings).layout(stop)


@dataclass
class _Record:
    document: TaggedText
    name: str
    index: int
    findings: Findings

    def layout(self, stop: int) -> Layout:
        places: dict[str, int] = {}
        comments = []
        leaves = [i for i in range(self.index + 1, stop) if self.document.is_leaf(i)]
        for i in leaves:
            tag = self.document.known[self.document.tags[i]]
            keyword, place = tag.name.upper(), i - self.index - 1
            if keyword == "COMMENT":
                comments.append(place)
            elif keyword not in _UNITS[self.name]:
                self._notice_unknown(i, keyword)
            elif keyword in places:
                self._refuse(i, keyword, f"is there twice in one {self.name}")
            else:
                self._check_unit(i, keyword, tag.attributes.get("units", ""))
                places[keyword] = place
        return self._complete(places, comments)

    def _complete(self, places: dict[str, int], comments: Sequence[int]) -> Layout:
        needed = list(STATE_UNITS if self.name == "stateVector" else COVARIANCE_UNITS)
        if any(keyword in places for keyword in ACCELERATION_UNITS):
            needed += ACCELERATION_UNITS
        for keyword in ["EPOCH", *needed]:
            if keyword not in places:
                self._refuse(self.index, keyword, f"is missing in this {self.name}")
        return Layout(
            epoch=places["EPOCH"],
            frame=places.get("COV_REF_FRAME"),
            keywords=tuple(needed),
            numbers=tuple(places[keyword] for keyword in needed),
            comments=tuple(comments),
        )

    def _check_unit(self, i: int, keyword: str, unit: str) -> None:
        wanted = _UNITS[self.name][keyword]
        if unit.strip() and normal_unit(unit) != wanted:
            needs = repr(wanted) if wanted else "no unit"
            self._refuse(i, keyword, f"has unit {unit!r}, needs {needs}")

    def _notice_unknown(self, i: int, keyword: str) -> None:
        self.findings.notice(
            NoticeCode.UNKNOWN_KEYWORD,
            f"is no keyword of a {self.name}; left out",
            self.document.line_of(i),
            keyword,
        )

    def _refuse(self, i: int, keyword: str, problem: str) -> NoReturn:
        text = self.document.text(i) if i != self.index else ""
        self.findings.refuse(Entry(keyword, text, self.document.line_of(i)), problem, _ASK_AGAIN)

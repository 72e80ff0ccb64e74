"""A CDM as plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from mdss.messages.cdm import Cdm, Comments, Extra
from mdss.messages.fields import MESSAGE_SECTIONS, OBJECT_SECTIONS, SECTION_FIELDS, Section
from mdss.messages.values import Value


def to_json_dict(cdm: Cdm) -> dict[str, object]:
    """The message by section and CCSDS keyword, in the message's own units.

    Parameters
    ----------
    cdm : Cdm
        The message.

    Returns
    -------
    dict
        `source`; `header` and `relativeMetadataData`; `objects`, each with `metadata`,
        `odParameters`, `additionalParameters`, `stateVector`, `covarianceMatrix`;
        `notices`. A section holds its keywords, and `COMMENT` as a list. NaN becomes None.
    """
    return {
        "source": cdm.source,
        **_sections(MESSAGE_SECTIONS, cdm.fields, cdm.comments, cdm.extras),
        "objects": [
            _sections(OBJECT_SECTIONS, one.fields, one.comments, one.extras) for one in cdm.objects
        ],
        "notices": [notice.as_dict() for notice in cdm.notices],
    }


def _sections(
    sections: Iterable[Section],
    fields: Mapping[str, Value],
    comments: Comments,
    extras: Iterable[Extra],
) -> dict[str, object]:
    known = {section: _rows(section, fields) for section in sections}
    for section, rows in known.items():
        if comments.get(section):
            rows["COMMENT"] = list(comments[section])
        rows.update({x.keyword: x.text for x in extras if x.section is section})
    return {str(section): rows for section, rows in known.items()}


def _rows(section: Section, fields: Mapping[str, Value]) -> dict[str, object]:
    return {
        row.keyword: _finite(fields[row.keyword])
        for row in SECTION_FIELDS[section]
        if row.keyword in fields
    }


def _finite(value: Value) -> Value | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value

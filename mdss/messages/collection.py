"""Several messages in one file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum

from mdss.messages.as_json import to_json_dict
from mdss.messages.cdm import Cdm
from mdss.messages.kvn import write_kvn
from mdss.messages.xml import write_xml


class Form(StrEnum):
    """How messages are written."""

    KVN = "kvn"
    XML = "xml"
    JSON = "json"


def write_cdms(cdms: Sequence[Cdm], form: Form) -> str:
    """Messages as the text of one file.

    Parameters
    ----------
    cdms : sequence of Cdm
        At least one.
    form : Form
        KVN: one after the other. XML: a `cdm` element, or an `ndm` element around several.
        JSON: a list of what `to_json_dict` gives.

    Returns
    -------
    str
        `read_cdms` of the KVN and the XML gives the messages back.
    """
    if form == Form.KVN:
        return "\n".join(write_kvn(cdm) for cdm in cdms)
    if form == Form.JSON:
        messages = [to_json_dict(cdm) for cdm in cdms]
        return json.dumps(messages, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    texts = [write_xml(cdm) for cdm in cdms]
    return texts[0] if len(texts) == 1 else _together(texts)


def _together(documents: Sequence[str]) -> str:
    declaration = documents[0].split("\n", 1)[0]
    bodies = (document.split("\n", 1)[1] for document in documents)
    return "\n".join([declaration, "<ndm>", "".join(bodies) + "</ndm>", ""])

"""Messages of any kind as the text of one file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from mdss.errors import MessageError
from mdss.messages.as_json import to_json_dict
from mdss.messages.cdm import Cdm
from mdss.messages.kvn import write_kvn
from mdss.messages.xml import write_xml

if TYPE_CHECKING:
    from mdss.messages.cdm_public import CdmPublic
    from mdss.messages.detect import Message
    from mdss.messages.omm import Omm
    from mdss.messages.opm import Opm
    from mdss.messages.tle import Tle


class Form(StrEnum):
    """How messages are written."""

    KVN = "kvn"
    XML = "xml"
    JSON = "json"


def write_messages(
    messages: Sequence[Message], form: Form, created_utc: datetime | None = None
) -> str:
    """Messages as the text of one file.

    Parameters
    ----------
    messages : sequence of Cdm, Oem, Opm, Omm, Tle or CdmPublic
        At least one; a TLE becomes an OMM.
    form : Form
        KVN: one after the other. XML: the message's own element, or an `ndm` element around
        several. JSON: a list; CDM, OEM and OPM by part and keyword, the others as the flat
        records that catalogues serve.
    created_utc : datetime, optional
        CREATION_DATE of an OMM made from a TLE, or, as KVN and XML, of one that has none. Without
        it those have no CREATION_DATE and no ORIGINATOR, which schemas refuse.

    Returns
    -------
    str
        `read_messages` of the KVN and the XML gives the messages back, and so does that of the
        flat JSON records, but for the comments of an OMM, which are joined.

    Raises
    ------
    MessageError
        If something of a message would be lost: a public record has no states, so neither KVN
        nor XML has a place for it.
    """
    if form == Form.JSON:
        values = [_json_dict(one, created_utc) for one in messages]
        return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    texts = [_text(one, form, created_utc) for one in messages]
    if form == Form.KVN:
        return "\n".join(texts)
    return texts[0] if len(texts) == 1 else _together(texts)


def _text(message: Message, form: Form, created_utc: datetime | None) -> str:
    """One message as KVN or as an XML document."""
    if isinstance(message, Cdm):
        return write_kvn(message) if form == Form.KVN else write_xml(message)
    from mdss.messages.oem import Oem, write_oem_kvn, write_oem_xml

    if isinstance(message, Oem):
        return write_oem_kvn(message) if form == Form.KVN else write_oem_xml(message)
    return _elements_text(message, form, created_utc)


def _elements_text(
    message: Opm | Omm | Tle | CdmPublic, form: Form, created_utc: datetime | None
) -> str:
    from mdss.messages.cdm_public import CdmPublic
    from mdss.messages.odm_write import write_odm_kvn, write_odm_xml
    from mdss.messages.omm import Omm
    from mdss.messages.tle import Tle
    from mdss.messages.tle_to_omm import omm_from_tle, with_header

    if isinstance(message, CdmPublic):
        raise MessageError(
            f"a public record (cdm_public) has no states and cannot be written as {form.upper()}",
            file=message.source,
            remedy="Write it as JSON; ask for the CDM if you need one.",
        )
    written = omm_from_tle(message, created_utc) if isinstance(message, Tle) else message
    if isinstance(written, Omm) and created_utc is not None:
        written = with_header(written, created_utc)
    return write_odm_kvn(written) if form == Form.KVN else write_odm_xml(written)


def _json_dict(message: Message, created_utc: datetime | None) -> dict[str, object]:
    if isinstance(message, Cdm):
        return to_json_dict(message)
    from mdss.messages.oem import Oem
    from mdss.messages.oem_json import oem_json_dict

    if isinstance(message, Oem):
        return oem_json_dict(message)
    from mdss.messages.cdm_public import CdmPublic
    from mdss.messages.omm import Omm
    from mdss.messages.tle import Tle
    from mdss.messages.tle_to_omm import omm_from_tle

    if isinstance(message, Tle):
        lines = {"TLE_LINE1": message.line1, "TLE_LINE2": message.line2}
        return {**_flat(omm_from_tle(message, created_utc)), **lines}
    if isinstance(message, Omm):
        return _flat(message)
    record: dict[str, object] = (
        dict(message.as_record()) if isinstance(message, CdmPublic) else message.as_dict()
    )
    return record


def _flat(omm: Omm) -> dict[str, object]:
    """An OMM as one record, as catalogues serve it; its comments are joined."""
    parts = [part.as_dict() for part in omm.parts.values()]
    record = {key: value for part in parts for key, value in part.items() if key != "COMMENT"}
    remarks = [text for part in omm.parts.values() for text in part.comments]
    return {**({"COMMENT": "; ".join(remarks)} if remarks else {}), **record}


def _together(documents: Sequence[str]) -> str:
    declaration = documents[0].split("\n", 1)[0]
    bodies = (document.split("\n", 1)[1] for document in documents)
    return "\n".join([declaration, "<ndm>", "".join(bodies) + "</ndm>", ""])

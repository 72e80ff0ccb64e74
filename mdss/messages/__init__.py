"""Messages in and out: the only home of kilometres, keywords and day-of-year dates."""

from mdss.messages.as_json import to_json_dict
from mdss.messages.cdm import Cdm, CdmObject
from mdss.messages.collection import Form, write_messages
from mdss.messages.detect import read_messages
from mdss.messages.kvn import write_kvn
from mdss.messages.reader import read_cdms
from mdss.messages.xml import write_xml

__all__ = [
    "Cdm",
    "CdmObject",
    "Form",
    "read_cdms",
    "read_messages",
    "to_json_dict",
    "write_kvn",
    "write_messages",
    "write_xml",
]

"""Orbit ephemeris messages (CCSDS 502.0-B): the names that the rest of the package uses."""

from mdss.messages.oem_model import Oem, OemCovariance, OemSegment
from mdss.messages.oem_reader import read_oem
from mdss.messages.oem_states import oem_from_states
from mdss.messages.oem_write import write_oem_kvn, write_oem_xml

__all__ = [
    "Oem",
    "OemCovariance",
    "OemSegment",
    "oem_from_states",
    "read_oem",
    "write_oem_kvn",
    "write_oem_xml",
]

"""Whole ephemeris files: a change of what we write shows in a diff."""

from pathlib import Path

import pytest

from mdss.messages.oem import read_oem, write_oem_kvn, write_oem_xml

HERE = Path(__file__).parent
SOURCE = HERE / "oem_two_segments.oem"


@pytest.mark.parametrize(
    ("write", "name"), [(write_oem_kvn, "oem_written.kvn"), (write_oem_xml, "oem_written.xml")]
)
def test_the_written_ephemeris_is_the_golden_file(write, name):
    (oem,) = read_oem(SOURCE)
    assert write(oem) == (HERE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["oem_written.kvn", "oem_written.xml"])
def test_the_golden_ephemerides_say_the_same_as_their_source(name):
    assert read_oem(HERE / name) == read_oem(SOURCE)

"""Whole files: a change of what we write shows in a diff."""

from pathlib import Path

import pytest

from mdss.messages import read_cdms, write_kvn, write_xml

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("write", "name"),
    [(write_kvn, "crossing_written.kvn"), (write_xml, "crossing_written.xml")],
)
def test_the_written_message_is_the_golden_file(write, name):
    (cdm,) = read_cdms(HERE / "crossing.cdm")
    assert write(cdm) == (HERE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["crossing_written.kvn", "crossing_written.xml"])
def test_the_golden_files_say_the_same_as_their_source(name):
    assert read_cdms(HERE / name) == read_cdms(HERE / "crossing.cdm")

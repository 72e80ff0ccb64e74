"""Reading an ephemeris that we wrote gives back what we had, whatever its numbers and texts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mdss.messages.oem import OemCovariance, read_oem, write_oem_kvn, write_oem_xml

(OEM,) = read_oem(Path(__file__).parents[1] / "golden" / "oem_two_segments.oem")

texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=30,
).map(str.strip).filter(bool)  # fmt: skip
keywords = st.from_regex(r"ZZ_[A-Z0-9_]{1,10}", fullmatch=True)
comments = st.lists(texts, max_size=2).map(tuple)
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def covariances(draw):
    """Any finite numbers, variances of 0 or more."""
    lower = np.tril(draw(arrays(float, (6, 6), elements=finite)), -1)
    variances = draw(arrays(float, 6, elements=st.floats(0, 1e300)))
    return OemCovariance(
        t_s=draw(st.integers(0, 480 * 10**9)) / 1e9,
        ref_frame=draw(st.sampled_from(["", "RTN", "TNW", "EME2000"])),
        matrix=lower + lower.T + np.diag(variances),
        comments=draw(comments),
    )


@st.composite
def messages(draw):
    """The golden message with other texts, accelerations, epochs and covariances."""
    segments = []
    for one in OEM.segments:
        matrices = draw(st.lists(covariances(), max_size=3, unique_by=lambda c: c.t_s))
        nanoseconds = draw(arrays(np.int64, len(one.t_s), elements=st.integers(0, 10**6)))
        nanoseconds[0] = 0
        count = len(one.t_s)
        segments.append(
            replace(
                one,
                metadata={
                    **one.metadata,
                    "OBJECT_NAME": draw(texts),
                    "REF_FRAME": draw(texts),
                    **draw(st.dictionaries(keywords, texts, max_size=2)),
                },
                comments=draw(comments),
                data_comments=draw(comments),
                t_s=np.rint(one.t_s * 1e9 + nanoseconds) / 1e9,
                accelerations=draw(st.none() | arrays(float, (count, 3), elements=finite)),
                covariances=tuple(sorted(matrices, key=lambda c: c.t_s)),
            )
        )
    header = {name: draw(texts) for name in ("originator", "message_id", "classification")}
    return replace(OEM, **header, comments=draw(comments), segments=tuple(segments))


@pytest.mark.parametrize("write", [write_oem_kvn, write_oem_xml])
@given(oem=messages())
@settings(max_examples=40, deadline=None)
def test_reading_what_was_written_gives_the_same_ephemeris(write, oem):
    (again,) = read_oem(write(oem).encode())
    assert again == oem

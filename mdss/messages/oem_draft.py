"""An ephemeris message under construction: what the KVN and the XML reader both fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mdss.messages.values import Entry

FloatArray = NDArray[np.float64]
LineOf = Callable[[int], int]

HEADER_KEYWORDS = (
    "CCSDS_OEM_VERS",
    "CLASSIFICATION",
    "CREATION_DATE",
    "ORIGINATOR",
    "MESSAGE_ID",
)
METADATA_KEYWORDS = (
    "OBJECT_NAME",
    "OBJECT_ID",
    "CENTER_NAME",
    "REF_FRAME",
    "REF_FRAME_EPOCH",
    "TIME_SYSTEM",
    "START_TIME",
    "USEABLE_START_TIME",
    "USEABLE_STOP_TIME",
    "STOP_TIME",
    "INTERPOLATION",
    "INTERPOLATION_DEGREE",
)
"""In the order of the standard (CCSDS 502.0-B-3, tables 5-2 and 5-3)."""

LOWER_TRIANGLE = np.tril_indices(6)
TRIANGLE_SIZE = 21


@dataclass
class StateRows:
    """The states of a segment as they came.

    Parameters
    ----------
    epochs : list of str
        n texts.
    numbers : array, shape (n, 6) or (n, 9)
        Position, velocity, perhaps acceleration [km, km/s, km/s²].
    line_of : callable
        The line of a state by its index.
    """

    epochs: list[str]
    numbers: FloatArray
    line_of: LineOf


@dataclass
class CovarianceRows:
    """The covariances of a segment as they came.

    Parameters
    ----------
    epochs : list of str
        m texts.
    frames : list of str
        COV_REF_FRAME of each matrix, "" when absent.
    comments : list of tuple of str
        Comments of each matrix.
    numbers : array, shape (m, 21)
        Lower triangles, row by row [km², km²/s, km²/s²].
    line_of : callable
        The line of a matrix's EPOCH by its index.
    """

    epochs: list[str]
    frames: list[str]
    comments: list[tuple[str, ...]]
    numbers: FloatArray
    line_of: LineOf


@dataclass
class SegmentDraft:
    """Metadata and data of a segment, numbers read, nothing checked against anything."""

    line: int
    metadata: list[Entry] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    data_comments: list[str] = field(default_factory=list)
    states: StateRows | None = None
    covariances: CovarianceRows | None = None


@dataclass
class OemDraft:
    """A message: its version and header entries, and its segments."""

    version: Entry
    header: list[Entry] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    segments: list[SegmentDraft] = field(default_factory=list)


def symmetric(triangles: FloatArray) -> FloatArray:
    """Matrices, shape (m, 6, 6), of lower triangles, shape (m, 21)."""
    rows, columns = LOWER_TRIANGLE
    matrices = np.empty((len(triangles), 6, 6))
    matrices[:, rows, columns] = triangles
    matrices[:, columns, rows] = triangles
    return matrices

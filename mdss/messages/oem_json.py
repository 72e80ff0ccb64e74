"""An ephemeris message as plain JSON values."""

from __future__ import annotations

import numpy as np

from mdss.messages.oem_model import Oem, OemSegment
from mdss.messages.oem_texts import epoch_texts, header_texts, metadata_texts

_STATE = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
_ACCELERATION = ("X_DDOT", "Y_DDOT", "Z_DDOT")


def oem_json_dict(oem: Oem) -> dict[str, object]:
    """The message by part and CCSDS keyword, in the message's own units.

    Parameters
    ----------
    oem : Oem
        The message.

    Returns
    -------
    dict
        `source`, `header`, `segments`, `notices`. A segment has its `metadata`, `stateVector` as
        a list of EPOCH [its TIME_SYSTEM], X to Z_DOT [km, km/s] (and X_DDOT to Z_DDOT), and
        `covarianceMatrix` as a list of EPOCH, COV_REF_FRAME and 6×6 `matrix` [km², km²/s, km²/s²].
    """
    return {
        "source": oem.source,
        "header": {**header_texts(oem), **_remarks(oem.comments)},
        "segments": [_segment(one) for one in oem.segments],
        "notices": [notice.as_dict() for notice in oem.notices],
    }


def _segment(segment: OemSegment) -> dict[str, object]:
    return {
        "metadata": {**metadata_texts(segment), **_remarks(segment.comments)},
        **_remarks(segment.data_comments),
        "stateVector": _states(segment),
        "covarianceMatrix": _covariances(segment),
    }


def _remarks(comments: tuple[str, ...]) -> dict[str, object]:
    return {"COMMENT": list(comments)} if comments else {}


def _states(segment: OemSegment) -> list[dict[str, object]]:
    names: tuple[str, ...] = _STATE
    rows = segment.states.tolist()
    if segment.accelerations is not None:
        names += _ACCELERATION
        pairs = zip(rows, segment.accelerations.tolist(), strict=True)
        rows = [[*state, *acceleration] for state, acceleration in pairs]
    epochs = epoch_texts(segment, segment.t_s)
    return [
        {"EPOCH": epoch, **dict(zip(names, row, strict=True))}
        for epoch, row in zip(epochs, rows, strict=True)
    ]


def _covariances(segment: OemSegment) -> list[dict[str, object]]:
    if not segment.covariances:
        return []
    epochs = epoch_texts(segment, np.array([one.t_s for one in segment.covariances]))
    return [
        {
            "EPOCH": epoch,
            "COV_REF_FRAME": one.ref_frame or segment.ref_frame,
            "matrix": one.matrix.tolist(),
            **_remarks(one.comments),
        }
        for epoch, one in zip(epochs, segment.covariances, strict=True)
    ]

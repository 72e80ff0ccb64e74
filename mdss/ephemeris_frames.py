"""States and covariances of orbit messages, whatever their frame, in the axes of the package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mdss.astro.frames import frame_of, gcrf_from, gcrf_state_from
from mdss.astro.transition import state_rotation
from mdss.errors import FrameError, PropagationError

FloatArray = NDArray[np.float64]

_RTN_NAMES = ("RTN", "RSW", "RIC")
_AT_OTHER_BODIES = ("GCRF", "EME2000")
_OF_DATE = ("MOD", "TOD", "TEME")


@contextmanager
def named(file: str, field: str = "") -> Iterator[None]:
    """Says in front of the errors inside which file, and which keyword, they are about.

    Raises
    ------
    FrameError, PropagationError
        What was raised inside.
    """
    try:
        yield
    except (FrameError, PropagationError) as problem:
        place = ", ".join(one for one in (file, field) if one)
        if not place:
            raise
        kind = FrameError if isinstance(problem, FrameError) else PropagationError
        raise kind(f"{place}: {problem}") from None


def inertial_states(
    frame: str,
    central_body: str,
    reference_utc: datetime,
    t_s: FloatArray,
    states: FloatArray,
    frame_epoch_utc: datetime | None = None,
) -> FloatArray:
    """States of a message in inertial axes.

    Parameters
    ----------
    frame : str
        REF_FRAME.
    central_body : str
        "earth", "mars" or "moon".
    reference_utc : datetime
        Where `t_s` is zero.
    t_s : array, shape (n,)
        SI seconds.
    states : array, shape (n, 6)
        In that frame [m], [m/s].
    frame_epoch_utc : datetime, optional
        REF_FRAME_EPOCH: axes of date stand still as they were then. Other frames have none.

    Returns
    -------
    array, shape (n, 6)
        GCRF; ICRF axes at another body.

    Raises
    ------
    FrameError
        If the frame cannot be converted, or not at that body.
    """
    _refuse_frame(frame, central_body)
    if frame_epoch_utc is not None and frame_of(frame) in _OF_DATE:
        gcrf_from_frame = gcrf_from(frame, frame_epoch_utc)
        return np.hstack([half @ gcrf_from_frame.T for half in (states[:, :3], states[:, 3:])])
    position, velocity = gcrf_state_from(frame, states[:, :3], states[:, 3:], reference_utc, t_s)
    return np.hstack([position, velocity])


def covariances_rtn(
    frame: str,
    central_body: str,
    reference_utc: datetime,
    t_s: FloatArray,
    covariances: FloatArray,
    states: FloatArray,
    frame_epoch_utc: datetime | None = None,
) -> FloatArray:
    """Covariances of a message in the object's own RTN axes.

    Parameters
    ----------
    frame : str
        COV_REF_FRAME, or REF_FRAME where there is none.
    central_body, reference_utc, t_s, frame_epoch_utc
        As for `inertial_states`.
    covariances : array, shape (n, 6, 6)
        In that frame [m², m²/s, m²/s²].
    states : array, shape (n, 6)
        The object's inertial states at those times [m], [m/s].

    Returns
    -------
    array, shape (n, 6, 6)
        Velocities relative to inertial axes.

    Raises
    ------
    FrameError
        If the frame cannot be converted, or not at that body.

    Notes
    -----
    RTN and TNW are taken as inertial axes that happen to lie so at the epoch, as in a CDM: the
    turning of the orbit is not in the velocities. T of TNW is along the inertial velocity and W
    along the orbital angular momentum.
    """
    if frame.upper() in _RTN_NAMES:
        return covariances
    to_rtn = np.swapaxes(state_rotation(states), 1, 2) @ _gcrf_from(
        frame, central_body, reference_utc, t_s, states, frame_epoch_utc
    )
    return np.asarray(to_rtn @ covariances @ np.swapaxes(to_rtn, 1, 2))


def _gcrf_from(
    frame: str,
    central_body: str,
    reference_utc: datetime,
    t_s: FloatArray,
    states: FloatArray,
    frame_epoch_utc: datetime | None,
) -> FloatArray:
    """How a small change of a state in the frame changes the inertial one, shape (n, 6, 6)."""
    if frame.upper() == "TNW":
        return _tnw_rotation(states)
    columns = [
        inertial_states(
            frame,
            central_body,
            reference_utc,
            t_s,
            np.tile(unit, (t_s.size, 1)),
            frame_epoch_utc,
        )
        for unit in np.eye(6)
    ]
    return np.stack(columns, axis=2)


def eci_from_tnw(states: FloatArray) -> FloatArray:
    """Rotation from TNW (along the velocity, across, along the momentum), shape (n, 3, 3)."""
    velocity, momentum = states[:, 3:], np.cross(states[:, :3], states[:, 3:])
    along = velocity / np.linalg.norm(velocity, axis=1, keepdims=True)
    normal = momentum / np.linalg.norm(momentum, axis=1, keepdims=True)
    return np.stack([along, np.cross(normal, along), normal], axis=2)


def _tnw_rotation(states: FloatArray) -> FloatArray:
    both = np.zeros((states.shape[0], 6, 6))
    both[:, :3, :3] = both[:, 3:, 3:] = eci_from_tnw(states)
    return both


def _refuse_frame(frame: str, central_body: str) -> None:
    if central_body != "earth" and frame_of(frame) not in _AT_OTHER_BODIES:
        raise FrameError(
            f"the frame {frame!r} at {central_body} cannot be converted; give the states in ICRF "
            "or EME2000 axes at its centre"
        )

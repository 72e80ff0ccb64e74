"""An ephemeris message made from states in SI units."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike

from mdss.astro.time_scales import known_system, texts_of
from mdss.errors import MessageError
from mdss.messages.oem_draft import FloatArray
from mdss.messages.oem_model import Oem, OemCovariance, OemSegment
from mdss.units import KM, as_utc


def oem_from_states(
    *,
    designator: str,
    name: str,
    reference_utc: datetime,
    t_s: ArrayLike,
    states_m: ArrayLike,
    cov_m2: ArrayLike | None = None,
    cov_t_s: ArrayLike | None = None,
    cov_frame: str = "RTN",
    central_body: str = "earth",
    ref_frame: str = "",
    time_system: str = "UTC",
    interpolation_degree: int = 7,
    created_utc: datetime,
    originator: str = "MDSS",
    message_id: str = "",
    comments: Iterable[str] = (),
) -> Oem:
    """An OEM of one segment from inertial states.

    Parameters
    ----------
    designator, name : str
        OBJECT_ID (international designator or catalogue number) and OBJECT_NAME.
    reference_utc : datetime
        Where `t_s` is zero.
    t_s : array_like, shape (n,)
        SI seconds, increasing; kept to the nanosecond.
    states_m : array_like, shape (n, 6)
        Position and velocity in `ref_frame` [m], [m/s].
    cov_m2 : array_like, shape (m, 6, 6), optional
        Covariances in `cov_frame` [m², m²/s, m²/s²].
    cov_t_s : array_like, shape (m,), optional
        Their times; those of the states by default.
    cov_frame : str
        COV_REF_FRAME: "RTN" (of the object itself), "TNW", or "" for `ref_frame`.
    central_body : str
        "earth", "mars", "moon" or another centre.
    ref_frame : str
        REF_FRAME; by default "GCRF" at the Earth and "ICRF" elsewhere.
    time_system : str
        What its epochs are written in.
    interpolation_degree : int
        Of Hermite interpolation; lowered to what so few states allow.
    created_utc : datetime
        CREATION_DATE.
    originator, message_id : str
        Header texts; `message_id` may be empty.
    comments : iterable of str
        Comments of the header.

    Returns
    -------
    Oem
        Version 3.0; what is written of it is read back equal.

    Raises
    ------
    MessageError
        If shapes do not fit, numbers are not finite, or times do not increase.
    EpochError
        If the time system is not known.

    Examples
    --------
    >>> oem = oem_from_states(
    ...     designator="2026-001A",
    ...     name="SAT",
    ...     reference_utc=datetime(2026, 3, 1, tzinfo=UTC),
    ...     t_s=[0.0, 60.0],
    ...     states_m=[[7e6, 0, 0, 0, 7.5e3, 0], [6.986e6, 4.5e5, 0, -484.0, 7.48e3, 0]],
    ...     created_utc=datetime(2026, 3, 1, tzinfo=UTC),
    ... )
    >>> oem.segments[0].get("STOP_TIME")
    '2026-03-01T00:01:00.000000'
    """
    system = known_system(time_system)
    times = _times(t_s)
    states = _checked(states_m, (times.size, 6), "states") / KM
    start, stop = texts_of(reference_utc, times[[0, -1]], system)
    first_utc = as_utc(reference_utc)
    metadata = {
        "OBJECT_NAME": name,
        "OBJECT_ID": designator,
        "CENTER_NAME": central_body.upper(),
        "REF_FRAME": ref_frame or ("GCRF" if central_body.upper() == "EARTH" else "ICRF"),
        "TIME_SYSTEM": system,
        "START_TIME": start,
        "STOP_TIME": stop,
        "INTERPOLATION": "HERMITE",
        "INTERPOLATION_DEGREE": str(max(1, min(interpolation_degree, 2 * times.size - 1))),
    }
    segment = OemSegment(
        metadata={keyword: text for keyword, text in metadata.items() if text},
        reference_utc=first_utc,
        t_s=times,
        states=states,
        covariances=_covariances(cov_m2, times if cov_t_s is None else _times(cov_t_s), cov_frame),
    )
    return Oem(
        creation_date=f"{created_utc.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}",
        originator=originator,
        message_id=message_id,
        comments=tuple(comments),
        segments=(segment,),
    )


def _times(t_s: ArrayLike) -> FloatArray:
    times = np.asarray(t_s, dtype=float)
    times = _checked(np.rint(times * 1e9) / 1e9, (times.size,), "times")
    if times.size == 0 or not (np.diff(times) > 0).all():
        raise MessageError(
            "the times of an ephemeris do not increase", remedy="Sort them; leave out repeats."
        )
    return times


def _checked(values: ArrayLike, shape: tuple[int, ...], what: str) -> FloatArray:
    array = np.array(values, dtype=float)
    if array.shape != shape or not np.isfinite(array).all():
        raise MessageError(
            f"{what} of shape {array.shape} are not finite numbers of shape {shape}",
            remedy="Give one row for each time.",
        )
    array.setflags(write=False)
    return array


def _covariances(
    cov_m2: ArrayLike | None, times: FloatArray, frame: str
) -> tuple[OemCovariance, ...]:
    if cov_m2 is None:
        return ()
    matrices = _checked(cov_m2, (times.size, 6, 6), "covariances") / KM**2
    lower = np.tril(matrices)
    symmetric = lower + np.swapaxes(np.tril(matrices, -1), 1, 2)  # what a message can hold
    return tuple(
        OemCovariance(t_s=t, ref_frame=frame.upper(), matrix=matrix)
        for t, matrix in zip(times.tolist(), symmetric, strict=True)
    )

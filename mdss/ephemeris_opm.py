"""From an orbit parameter message to an orbit: its state flown both ways, its burns with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mdss.astro.bodies import body
from mdss.astro.closest import perigee_rate_rad_s
from mdss.astro.frames import eci_from_rtn, frame_of, gcrf_from
from mdss.astro.interpolation import CovarianceInterpolant, Interpolant
from mdss.astro.numerical import ForceModel, Forces, ZonalModel, propagate
from mdss.astro.piecewise import Piece, Piecewise
from mdss.astro.time_scales import elapsed_s, instant_after
from mdss.ephemeris_frames import covariances_rtn, eci_from_tnw, inertial_states, named
from mdss.errors import MessageError, PropagationError
from mdss.maneuver import Burn
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.units import HOUR_S, KM

if TYPE_CHECKING:
    from mdss.ephemeris import Ephemeris
    from mdss.messages.opm import Opm, OpmManeuver

FloatArray = NDArray[np.float64]

_BEFORE, _AFTER = timedelta(days=1), timedelta(days=7)
_STEP_RAD = 2.0 * np.pi / 100.0
_LONGEST_S = 60 * 86_400.0
_RTN_NAMES = ("RTN", "RSW", "RIC")


def from_opm(
    opm: Opm, start_utc: datetime | None = None, end_utc: datetime | None = None
) -> Ephemeris:
    """The orbit that an OPM's state has under all forces, its maneuvers flown.

    Parameters
    ----------
    opm : Opm
    start_utc, end_utc : datetime, optional
        The span to be flown; a day before and a week after the message's epoch by default.

    Returns
    -------
    Ephemeris
        GCRF, or ICRF axes at another body. It begins after the last burn that lies before the
        message's epoch, since the state already contains that burn.

    Raises
    ------
    FrameError
        If frame, centre or epoch cannot be converted.
    PropagationError
        If the orbit cannot be propagated or the span is longer than 60 days.

    Notes
    -----
    A burn is a constant acceleration on the axes that the message names, which turn with the
    orbit; it is flown as impulses at Gauss nodes of its arc. Execution errors are not in the
    covariance.
    """
    from mdss.ephemeris import Ephemeris

    epoch = opm.epoch_utc
    flight = _flight(opm)
    early = elapsed_s(epoch, start_utc or epoch - _BEFORE)
    late = elapsed_s(epoch, end_utc or epoch + _AFTER)
    start_s, end_s = max(early, flight.earliest_s), late
    if not (start_s < end_s and max(end_s, 0.0) - min(start_s, 0.0) < _LONGEST_S):
        raise PropagationError(
            f"{opm.source or 'an OPM'} can be flown over at most 60 days and not back over its "
            f"own burns; asked: {early / HOUR_S:.1f} h to {late / HOUR_S:.1f} h from its epoch"
        )
    curve = Piecewise(
        pieces=tuple(flight.pieces(min(start_s, 0.0), max(end_s, 0.0))), label=opm.object_name
    )
    first, last = instant_after(epoch, start_s), instant_after(epoch, end_s)
    with named(opm.source, "COV_REF_FRAME"):
        covariance = _covariance(opm, flight)
    return Ephemeris(
        designator=opm.object_id,
        name=opm.object_name,
        reference_utc=epoch,
        start_utc=first,
        end_utc=last,
        states_at=curve.states,
        cov_rtn_at=covariance,
        error_at=curve.error_m,
        central_body=flight.central_body,
        covariance_origin="" if covariance is None else f"covariance of {opm.source or 'the OPM'}",
        source=opm.source,
        notices=without_repeats(
            (
                *opm.notices,
                *flight.forces.notices(first, last),
                *_missing_forces(opm, flight.central_body),
                *_carried(covariance, start_s, end_s, opm.source),
            )
        ),
    )


# --- flying -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class _Flight:
    """A state, what pulls on it, and the impulses on the way."""

    epoch_utc: datetime
    state: FloatArray
    central_body: str
    forces: Forces
    pulses: tuple[tuple[float, FloatArray, str], ...]  # seconds, delta-v [m/s], its frame
    earliest_s: float

    @property
    def mu_m3_s2(self) -> float:
        return body(self.central_body).gm_m3_s2

    def pieces(self, start_s: float, end_s: float) -> Iterator[Piece]:
        """Before the first impulse, where the epoch is, and between all; the span holds it."""
        state, at_s = self.state, 0.0
        stops = [one for one in self.pulses if one[0] < end_s]
        begin_s = start_s
        for stop_s, dv_m_s, frame in stops:
            arc = self._arc(state, at_s, begin_s, stop_s)
            yield Piece(start_s=begin_s, end_s=stop_s, through=arc)
            state, at_s, begin_s = (
                self._burned(arc.states[-1], stop_s, dv_m_s, frame),
                stop_s,
                stop_s,
            )
        yield Piece(start_s=begin_s, end_s=end_s, through=self._arc(state, at_s, begin_s, end_s))

    def _arc(self, state: FloatArray, at_s: float, start_s: float, end_s: float) -> Interpolant:
        """The coast through a state at `at_s`, sampled a hundred times a revolution."""
        rate = float(perigee_rate_rad_s(state[None], self.mu_m3_s2)[0])
        size = 2 + int((end_s - start_s) * rate / _STEP_RAD)
        t_s = np.linspace(start_s, end_s, max(size, 8))
        epoch = instant_after(self.epoch_utc, at_s)
        left_over_s = elapsed_s(self.epoch_utc, epoch)
        states = propagate(state[:3], state[3:], epoch, t_s - left_over_s, self.forces)
        return Interpolant(t_s=t_s, states=states, mu_m3_s2=self.mu_m3_s2)

    def _burned(self, state: FloatArray, at_s: float, dv_m_s: FloatArray, frame: str) -> FloatArray:
        turn = _axes(frame, state, instant_after(self.epoch_utc, at_s))
        return np.concatenate([state[:3], state[3:] + turn @ dv_m_s])


def _axes(frame: str, state: FloatArray, epoch_utc: datetime) -> FloatArray:
    if frame in _RTN_NAMES:
        return eci_from_rtn(state[:3], state[3:])
    if frame == "TNW":
        return np.asarray(eci_from_tnw(state[None])[0])
    return gcrf_from(frame, epoch_utc)


def _refuse_maneuver_frame(frame: str) -> None:
    if frame not in (*_RTN_NAMES, "TNW"):
        frame_of(frame)


def _flight(opm: Opm) -> _Flight:
    with named(opm.source, "CENTER_NAME"):
        centre = body(opm.center_name)
    with named(opm.source, "REF_FRAME"):
        state = inertial_states(
            opm.ref_frame,
            centre.name,
            opm.epoch_utc,
            np.zeros(1),
            KM * opm.state_km[None],
            opm.ref_frame_epoch_utc,
        )[0]
    rate = float(perigee_rate_rad_s(state[None], centre.gm_m3_s2)[0])
    pulses: list[tuple[float, FloatArray, str]] = []
    earliest_s = -np.inf
    for one in opm.maneuvers:
        ignition_s = elapsed_s(opm.epoch_utc, one.ignition_utc)
        if ignition_s + one.duration_s <= 0.0:
            earliest_s = max(earliest_s, ignition_s + one.duration_s)
        elif ignition_s < 0.0:
            raise MessageError(
                "the epoch of the state lies within a maneuver, so that its state says nothing "
                "about the orbit before or after",
                file=opm.source or None,
                field="MAN_EPOCH_IGNITION",
                remedy="Ask for a state before or after the burn.",
            )
        else:
            with named(opm.source, "MAN_REF_FRAME"):
                _refuse_maneuver_frame(one.ref_frame)
            pulses += _pulses(one, ignition_s, 2 * np.pi / rate)
    return _Flight(
        epoch_utc=opm.epoch_utc,
        state=state,
        central_body=centre.name,
        forces=_forces(opm, centre.name),
        pulses=tuple(sorted(pulses, key=lambda pulse: pulse[0])),
        earliest_s=earliest_s,
    )


def _pulses(
    maneuver: OpmManeuver, ignition_s: float, revolution_s: float
) -> list[tuple[float, FloatArray, str]]:
    middle_s = ignition_s + 0.5 * maneuver.duration_s
    burn = Burn.before(
        maneuver.ignition_utc, -middle_s, KM * np.array(maneuver.dv_km_s), maneuver.duration_s
    )
    return [(t_s, dv, maneuver.ref_frame) for t_s, dv in burn.pulses(revolution_s)]


def _forces(opm: Opm, central_body: str) -> Forces:
    if central_body != "earth":
        return ZonalModel(central_body=central_body)
    return ForceModel(
        cd_area_over_mass_m2_kg=opm.cd_area_over_mass_m2_kg or 0.0,
        cr_area_over_mass_m2_kg=opm.cr_area_over_mass_m2_kg or 0.0,
    )


# --- covariance and notices ---------------------------------------------------------------


def _covariance(opm: Opm, flight: _Flight) -> CovarianceInterpolant | None:
    if opm.covariance_km2 is None:
        return None
    zero, state = np.zeros(1), flight.state[None]
    matrix = covariances_rtn(
        opm.covariance_frame,
        flight.central_body,
        opm.epoch_utc,
        zero,
        KM**2 * opm.covariance_km2[None],
        state,
        opm.ref_frame_epoch_utc,
    )
    return CovarianceInterpolant(
        t_s=zero, covariances_rtn=matrix, states=state, mu_m3_s2=flight.mu_m3_s2
    )


def _missing_forces(opm: Opm, central_body: str) -> list[Notice]:
    if central_body != "earth":
        return []
    return [
        Notice(
            code=code,
            message=(
                f"the {word} coefficient of {opm.object_name} is not given: {word} is off in its "
                "flown orbit. Give mass, area and coefficient in the message"
            ),
            file=opm.source or None,
        )
        for value, code, word in (
            (opm.cd_area_over_mass_m2_kg, NoticeCode.DRAG_OFF, "drag"),
            (opm.cr_area_over_mass_m2_kg, NoticeCode.SRP_OFF, "radiation pressure"),
        )
        if not value
    ]


def _carried(
    covariance: CovarianceInterpolant | None, start_s: float, end_s: float, source: str
) -> list[Notice]:
    from mdss.ephemeris_oem import carried_notice

    if covariance is None:
        return []
    return carried_notice(max(-start_s, end_s), source)

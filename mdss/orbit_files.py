"""From a file that tells of an orbit (OEM, OPM, TLE, OMM) to an ephemeris over a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mdss.ephemeris import Ephemeris
from mdss.errors import CovarianceError, MessageError
from mdss.messages.oem_model import Oem
from mdss.messages.opm_message import Opm
from mdss.units import seconds_between

if TYPE_CHECKING:
    from mdss.messages.sgp4_elements import MeanElementSet
    from mdss.sgp4_covariance import CovarianceAssumption

Assumed = tuple[float, float, float] | Literal["usual", "series"]
"""Sigmas R, T, N [m], those that are usual for such elements, or grown from a series of sets."""

_MOST_NAMED = 12
_LARGEST_SIGMA_M = 1e9


@dataclass(frozen=True, kw_only=True, eq=False)
class OrbitFile:
    """What a file says about the orbit of one object.

    Parameters
    ----------
    source : str
        File name.
    designator, name : str
        Of the object.
    message : Oem, Opm or tuple of element sets
        One ephemeris, one state, or the object's TLEs or OMMs in the order of their epochs.
    """

    source: str
    designator: str
    name: str
    message: Oem | Opm | tuple[MeanElementSet, ...]

    @property
    def reference_utc(self) -> datetime:
        """First state of an OEM, epoch of an OPM's state or of the newest elements."""
        if isinstance(self.message, tuple):
            return self.message[-1].epoch_utc
        if isinstance(self.message, Opm):
            return self.message.epoch_utc
        segments = (one for one in self.message.segments if one.object_id == self.designator)
        return min(one.useable_start_utc for one in segments)

    @property
    def has_span(self) -> bool:
        """Whether the file itself says for how long it is good: an OEM does."""
        return isinstance(self.message, Oem)

    def ephemeris(
        self,
        start_utc: datetime | None = None,
        end_utc: datetime | None = None,
        *,
        assumed: Assumed | None = None,
    ) -> Ephemeris:
        """The orbit over a window.

        Parameters
        ----------
        start_utc, end_utc : datetime, optional
            A state is flown and elements are dated for this window; an OEM has its own span.
        assumed : three floats, "usual" or "series", optional
            Covariance where the message has none: constant sigmas R, T, N [m]; for elements
            also the usual one of such orbits, or grown from at least three sets in the file.

        Raises
        ------
        MessageError, FrameError, PropagationError
            As `mdss.ephemeris_oem`, `mdss.ephemeris_opm` and `mdss.sgp4_orbit` say.
        CovarianceError
            If the assumption is none, or cannot be made from what is in the file.
        """
        if isinstance(self.message, tuple):
            return self._from_sets(self.message, start_utc, end_utc, assumed)
        if isinstance(self.message, Oem):
            made = Ephemeris.from_oem(self.message, self.designator)
        else:
            made = Ephemeris.from_opm(self.message, start_utc, end_utc)
        if made.cov_rtn_at is not None or assumed is None:
            return made
        if isinstance(assumed, str):
            raise CovarianceError(
                f"{self.source} has no covariance, and {assumed!r} is for TLE and OMM; give "
                "sigmas R,T,N in metres"
            )
        return made.with_assumed_covariance(assumed)

    def _from_sets(
        self,
        sets: Sequence[MeanElementSet],
        start_utc: datetime | None,
        end_utc: datetime | None,
        assumed: Assumed | None,
    ) -> Ephemeris:
        from mdss.sgp4_orbit import from_elements

        best = sets[-1] if start_utc is None else _nearest(sets, start_utc)
        return from_elements(
            best,
            start_utc=start_utc,
            end_utc=end_utc,
            covariance=_assumption(assumed, best, sets),
        )


def read_orbit(place: str | Path) -> OrbitFile:
    """The orbit that a file tells of, or that of one object in it.

    Parameters
    ----------
    place : str or Path
        A file; FILE#DESIGNATOR where it holds several objects (a name does too).

    Raises
    ------
    MessageError
        If the file cannot be read or must not be trusted, tells of no orbit, has no such
        object, or several and none is named.

    Examples
    --------
    >>> read_orbit("catalogue.tle#25544").ephemeris()       # doctest: +SKIP
    """
    from mdss.messages.detect import read_messages

    path, wanted = _parted(str(place))
    file = Path(path).name
    objects = _objects(read_messages(Path(path)), file)
    chosen = [one for one in objects if not wanted or _is(one, wanted)]
    if len(chosen) != 1:
        raise MessageError(
            "has no orbit of that object" if wanted and not chosen else "holds several orbits",
            file=file,
            value=wanted or None,
            remedy=f"It has {_listed(objects)}; name one as {file}#DESIGNATOR.",
        )
    return chosen[0]


def parsed_sigmas(text: str) -> Assumed:
    """An assumption as it is written on a command line: "R,T,N" in metres, usual, series.

    Raises
    ------
    CovarianceError
        If it is none of these.
    """
    word = text.strip().lower()
    if word == "usual":
        return "usual"
    if word == "series":
        return "series"
    parts = text.split(",")
    try:
        sigmas = tuple(float(part) for part in parts)
    except ValueError:
        sigmas = ()
    if len(sigmas) != 3 or not all(0.0 < one < _LARGEST_SIGMA_M for one in sigmas):
        raise CovarianceError(
            f"{text!r} is no assumed covariance; give three sigmas as R,T,N in metres "
            "(100,500,100), or usual, or series"
        )
    return sigmas[0], sigmas[1], sigmas[2]


# --- objects of a file --------------------------------------------------------------------


def _parted(place: str) -> tuple[str, str]:
    """File and designator; a file whose name has a # in it comes first."""
    if "#" not in place or Path(place).exists():
        return place, ""
    path, _, designator = place.rpartition("#")
    return path, designator.strip()


def _objects(messages: Iterable[Any], file: str) -> list[OrbitFile]:
    """One for each object, and for each OPM."""
    found: list[OrbitFile] = []
    sets: dict[str, list[MeanElementSet]] = {}
    for message in messages:
        if hasattr(message, "satrec"):
            sets.setdefault(message.designator, []).append(message)
        elif isinstance(message, Oem):
            found += _of_oem(message, file)
        elif isinstance(message, Opm):
            found.append(
                OrbitFile(
                    source=file,
                    designator=message.object_id,
                    name=message.object_name,
                    message=message,
                )
            )
    found += [_of_sets(series, file) for series in sets.values()]
    if not found:
        raise MessageError(
            "tells of no orbit: it is a conjunction message",
            file=file,
            remedy="Give an OEM, an OPM, a TLE or an OMM.",
        )
    return found


def _of_oem(oem: Oem, file: str) -> list[OrbitFile]:
    names = {one.object_id: one.object_name for one in oem.segments}
    return [
        OrbitFile(source=file, designator=designator, name=name, message=oem)
        for designator, name in names.items()
    ]


def _of_sets(series: list[MeanElementSet], file: str) -> OrbitFile:
    ordered = tuple(sorted(series, key=lambda one: one.epoch_utc))
    newest = ordered[-1]
    return OrbitFile(source=file, designator=newest.designator, name=newest.name, message=ordered)


def _is(one: OrbitFile, wanted: str) -> bool:
    plain = wanted.upper().lstrip("0")
    return plain in (one.designator.upper().lstrip("0"), one.name.upper())


def _listed(objects: Sequence[OrbitFile]) -> str:
    named = [f"{one.designator} ({one.name})" if one.name else one.designator for one in objects]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more


def _nearest(sets: Sequence[MeanElementSet], instant_utc: datetime) -> MeanElementSet:
    return min(sets, key=lambda one: abs(seconds_between(one.epoch_utc, instant_utc)))


def _assumption(
    assumed: Assumed | None, best: MeanElementSet, sets: Sequence[MeanElementSet]
) -> CovarianceAssumption | None:
    from mdss.sgp4_covariance import ConstantCovariance, grown_covariance, usual_covariance

    if assumed is None:
        return None
    if assumed == "usual":
        return usual_covariance(best)
    if assumed == "series":
        return grown_covariance(sets)
    return ConstantCovariance(sigma_rtn_m=assumed)

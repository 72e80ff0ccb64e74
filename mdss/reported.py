"""A conjunction that somebody reported without states: what it says, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mdss.notices import Notice

if TYPE_CHECKING:
    from mdss.messages.cdm_public import CdmPublic

NOT_COMPUTED = "no covariance"
"""In a table, where a computed number would stand."""
NOT_COMPUTED_REASON = (
    "a public record (Space-Track cdm_public) has neither states nor covariance: its Pc cannot be "
    "checked or recomputed for another radius, there is no miss in R, T, N and no sigma, and no "
    "burn can be planned from it. Ask for the CDM"
)


@dataclass(frozen=True, kw_only=True)
class ReportedApproach:
    """One close approach as a public record gives it: instants, miss and Pc, without states.

    Parameters
    ----------
    tca_utc : datetime
        Time of closest approach.
    created_utc : datetime, optional
        When the record was made.
    designators, names : (str, str)
        Catalogue numbers and names, in the record's order.
    miss_distance_m : float, optional
        As reported [m].
    pc : float, optional
        As reported: the radius and the method behind it are not known.
    message_id, source, originator : str
        Identifier of the record, file, and who published it.
    notices : tuple of Notice
        From reading.
    """

    tca_utc: datetime
    created_utc: datetime | None = None
    designators: tuple[str, str]
    names: tuple[str, str] = ("", "")
    miss_distance_m: float | None = None
    pc: float | None = None
    message_id: str = ""
    source: str = ""
    originator: str = ""
    notices: tuple[Notice, ...] = ()

    @classmethod
    def from_cdm_public(cls, record: CdmPublic) -> ReportedApproach:
        """The approach of a Space-Track `cdm_public` record."""
        first, second = record.designators
        names = record.names
        return cls(
            tca_utc=record.tca_utc,
            created_utc=record.created_utc,
            designators=(first, second),
            names=(names[0], names[1]),
            miss_distance_m=record.miss_distance_m,
            pc=record.pc,
            message_id=record.message_id,
            source=record.source,
            originator="Space-Track cdm_public",
            notices=record.notices,
        )

    @property
    def pair(self) -> tuple[str, str]:
        """Both designators, sorted, as `Conjunction.pair`."""
        return pair_of(self.designators)

    @property
    def event_id(self) -> str:
        """As `Conjunction.event_id`."""
        return event_id_of(self.pair, self.tca_utc)


def plain_designator(designator: str) -> str:
    """A designator without what providers write differently: blanks, leading zeros, case."""
    return designator.strip().upper().lstrip("0")


def pair_of(designators: Iterable[str]) -> tuple[str, str]:
    """Two designators, sorted: the same for either order of the objects."""
    first, second = sorted(plain_designator(one) or "0" for one in designators)
    return first, second


def event_id_of(pair: tuple[str, str], tca_utc: datetime) -> str:
    """Name of an event: both designators, and the half hour nearest to TCA."""
    half_hours = round(tca_utc.timestamp() / 1800)
    stamp = datetime.fromtimestamp(half_hours * 1800, UTC).strftime("%Y%m%dT%H%MZ")
    return "-".join([*pair, stamp])

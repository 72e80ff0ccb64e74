"""How an event moves: what each message said, whether they agree, and what may come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mdss.conjunction import Conjunction, ConjunctionEvent
from mdss.errors import MdssError
from mdss.notices import Notice, NoticeCode, without_repeats
from mdss.policy import Policy
from mdss.reported import plain_designator
from mdss.risk.assess import HardBodyRadius, Risk, assess, hard_body_radii
from mdss.risk.consistency import Consistency, check_updates, moved_to
from mdss.risk.forecast import Forecast, forecast, why_no_forecast
from mdss.risk.history_row import HistoryRow, computed_row, reported_row
from mdss.risk.methods import Effort
from mdss.risk.solutions import SolutionDifference, compare_solutions
from mdss.spacecraft import Spacecraft
from mdss.streams import Settled, Stream, by_stream, settled


@dataclass(frozen=True, kw_only=True, eq=False)
class StreamHistory:
    """The messages of one stream: only these supersede each other.

    Parameters
    ----------
    stream : Stream
    rows : tuple of HistoryRow
        Oldest first, without copies and without what was corrected.
    consistency : Consistency
        Of the steps from message to message.
    forecast : Forecast or None
        From the newest message.
    no_forecast : str
        Why there is none, in words; "" when there is one.
    """

    stream: Stream
    rows: tuple[HistoryRow, ...]
    consistency: Consistency
    forecast: Forecast | None
    no_forecast: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the updates say of each other, and what may come."""
        coming = (
            self.forecast.sentences if self.forecast else (f"No forecast: {self.no_forecast}.",)
        )
        return (*self.consistency.sentences, *coming)

    @property
    def label(self) -> str:
        """Who speaks."""
        return self.stream.label


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """An event from its first message to its newest, and what may come.

    Parameters
    ----------
    event : ConjunctionEvent
    tca_utc : datetime
        Of the newest message.
    hbr : HardBodyRadius or None
        With which every Pc was computed; None for public records only.
    policy : Policy
        Its thresholds are counted in the forecasts.
    streams : tuple of StreamHistory
        Side by side, in the order in which they appear; never mixed into one curve.
    reported : tuple of HistoryRow
        Public records.
    differences : tuple of SolutionDifference
        Newest solutions of one object by two streams.
    notices : tuple of Notice
        Copies, corrections, radii that differ.
    """

    event: ConjunctionEvent
    tca_utc: datetime
    hbr: HardBodyRadius | None
    policy: Policy
    streams: tuple[StreamHistory, ...]
    reported: tuple[HistoryRow, ...]
    differences: tuple[SolutionDifference, ...]
    notices: tuple[Notice, ...]

    @property
    def rows(self) -> tuple[HistoryRow, ...]:
        """All rows, oldest first, those without a date before them."""
        rows = [row for one in self.streams for row in one.rows] + list(self.reported)
        return tuple(sorted(rows, key=lambda row: row.age_s))

    @property
    def current(self) -> StreamHistory | None:
        """The stream of the newest message; None for public records only."""
        told = [one for one in self.streams if one.rows]
        return max(told, key=lambda one: one.rows[-1].age_s, default=None)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the updates say of each other, the streams of each other, and the forecast."""
        several = len(self.streams) > 1
        told = []
        for one in self.streams:
            lead = f"{one.label}: " if several else ""
            told += [lead + sentence for sentence in one.sentences]
        return (*told, *(one.sentence for one in self.differences))


def history(
    event: ConjunctionEvent,
    *,
    hard_body_radius_m: float | None = None,
    spacecraft: Spacecraft | None = None,
    policy: Policy | None = None,
    maneuvering: str | None = None,
    effort: Effort | None = None,
    at_before_tca_s: Sequence[float] | None = None,
) -> History:
    """What was told of an event, how far it can be believed, and what may come.

    Parameters
    ----------
    event : ConjunctionEvent
    hard_body_radius_m : float, optional
        Overrides every other source [m]. One radius for all messages, that of the newest, so
        that Pc moves only with what is known of the orbits.
    spacecraft : Spacecraft, optional
    policy : Policy, optional
        NASA robotic when not given.
    maneuvering : str, optional
        Designator, OBJECT1 or OBJECT2 of the primary; otherwise the spacecraft, or the primary of
        the newest message. Every message is turned that way.
    effort : Effort, optional
        What Monte Carlo may cost for each message.
    at_before_tca_s : sequence of float, optional
        When the forecast's messages are made, seconds before TCA [s].

    Raises
    ------
    ConjunctionError
        If `maneuvering` or the spacecraft is neither object, or a radius is not above zero.
    """
    policy = policy or Policy.preset("nasa")
    messages = _turned(event, maneuvering or (spacecraft.designator if spacecraft else None))
    radii: tuple[HardBodyRadius, ...] = ()
    if messages:
        radii = hard_body_radii(
            messages[-1], given_m=hard_body_radius_m, spacecraft=spacecraft, policy=policy
        )
    tca_utc = messages[-1].tca_utc if messages else event.reported[-1].tca_utc
    parts = {stream: settled(told) for stream, told in by_stream(messages).items()}
    teller = _Teller(tca_utc, radii[0] if radii else None, policy, effort, at_before_tca_s)
    return History(
        event=event,
        tca_utc=tca_utc,
        hbr=teller.hbr,
        policy=policy,
        streams=tuple(teller.stream(stream, part) for stream, part in parts.items()),
        reported=tuple(reported_row(one, tca_utc) for one in event.reported),
        differences=_differences(parts),
        notices=without_repeats(
            (*(n for part in parts.values() for n in part.notices), *_radius_notices(messages))
        ),
    )


def _turned(event: ConjunctionEvent, primary: str | None) -> tuple[Conjunction, ...]:
    """Every message with the same object as primary, where the designators tell it."""
    if not event.conjunctions:
        return ()
    newest = event.latest
    if primary is not None:
        newest = newest.oriented(primary)
    if plain_designator(newest.primary.designator) == plain_designator(newest.secondary.designator):
        return tuple(
            one if one.primary_is_object1 == newest.primary_is_object1 else one.swapped()
            for one in event.conjunctions
        )
    return tuple(one.oriented(newest.primary.designator) for one in event.conjunctions)


@dataclass(frozen=True)
class _Teller:
    """What all rows share."""

    tca_utc: datetime
    hbr: HardBodyRadius | None
    policy: Policy
    effort: Effort | None
    at_before_tca_s: Sequence[float] | None

    def stream(self, stream: Stream, part: Settled) -> StreamHistory:
        risks = [self._risk(one) for one in part.messages]
        told = zip(part.messages, risks, strict=True)
        dated = [one for one in part.messages if one.created_utc is not None]
        newest = risks[-1]
        why_not = newest if isinstance(newest, str) else why_no_forecast(newest.encounter)
        return StreamHistory(
            stream=stream,
            rows=tuple(computed_row(one, risk, stream.label, self.tca_utc) for one, risk in told),
            consistency=check_updates(dated),
            forecast=None if why_not else self._forecast(newest, dated),
            no_forecast=why_not,
        )

    def _forecast(self, newest: Risk | str, dated: Sequence[Conjunction]) -> Forecast | None:
        if isinstance(newest, str):
            return None
        return forecast(newest.encounter, dated, self.policy, self.at_before_tca_s)

    def _risk(self, message: Conjunction) -> Risk | str:
        """Or why there is none."""
        radius_m = None if self.hbr is None else self.hbr.radius_m
        try:
            return assess(
                message, hard_body_radius_m=radius_m, policy=self.policy, effort=self.effort
            )
        except MdssError as problem:
            return str(problem)


def _radius_notices(messages: Sequence[Conjunction]) -> tuple[Notice, ...]:
    """Said where the messages do not agree on the radius."""
    told = sorted({one.hard_body_radius_m for one in messages if one.hard_body_radius_m})
    if len(told) < 2:
        return ()
    listed = ", ".join(f"{radius:g}" for radius in told)
    message = (
        f"the messages state different hard-body radii ({listed} m); every Pc of the history is "
        "computed with one radius, so it differs from theirs"
    )
    return (Notice(code=NoticeCode.HBR_SOURCES_DIFFER, message=message),)


def _differences(parts: dict[Stream, Settled]) -> tuple[SolutionDifference, ...]:
    """Each object's newest solutions by every two streams, at the newer message's TCA."""
    newest = [(stream.label, part.messages[-1]) for stream, part in parts.items()]
    return tuple(
        found
        for k, (label, one) in enumerate(newest)
        for other_label, other in newest[k + 1 :]
        for which in range(2)
        if (found := _difference(one, other, which, (label, other_label))) is not None
    )


def _difference(
    one: Conjunction, other: Conjunction, which: int, labels: tuple[str, str]
) -> SolutionDifference | None:
    first, second = (one.primary, one.secondary)[which], (other.primary, other.secondary)[which]
    names = (f"{first.label} of {labels[0]}", f"{second.label} of {labels[1]}")
    try:
        return compare_solutions(moved_to(one, which, other.tca_utc), second, names)
    except MdssError:  # an orbit that cannot be propagated is not compared
        return None

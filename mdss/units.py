"""Time in seconds and words. Inside the package everything is m, s, kg, rad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mdss.errors import MdssError

KM = 1e3
DAY_S = 86_400.0
HOUR_S = 3_600.0
STANDARD_GRAVITY_M_S2 = 9.80665


def as_utc(instant: datetime | str) -> datetime:
    """The instant as a timezone-aware UTC `datetime`.

    Parameters
    ----------
    instant : datetime or str
        A timezone-aware `datetime`, or ISO 8601 text; text without an offset is UTC.

    Raises
    ------
    MdssError
        If a `datetime` has no timezone or the text is no ISO 8601 instant.
    """
    if isinstance(instant, str):
        try:
            instant = datetime.fromisoformat(instant.strip().replace("Z", "+00:00"))
        except ValueError:
            raise MdssError(
                f"{instant!r} is not an instant; write it as 2026-03-01T12:00:00Z"
            ) from None
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
    if instant.tzinfo is None:
        raise MdssError(f"{instant} has no timezone; add tzinfo=datetime.UTC")
    return instant.astimezone(UTC)


def shifted(instant_utc: datetime, seconds: float) -> datetime:
    """The instant moved by a number of seconds, to the microsecond."""
    return instant_utc + timedelta(seconds=float(seconds))


def seconds_between(start_utc: datetime, end_utc: datetime) -> float:
    """Seconds from `start_utc` to `end_utc` (no leap second is counted)."""
    return (end_utc - start_utc).total_seconds()


def iso(instant_utc: datetime) -> str:
    """ISO 8601 with milliseconds and a Z."""
    return instant_utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

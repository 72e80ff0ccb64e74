"""A reconstructed encounter: two paths over a place, errors, and what each update said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from _goals import Goal, met
from _messages import FloatArray, Series, Thing, Track
from _orbits import Path, Place


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """Everything a series needs; `errors` has a row an update for each object.

    A row is in-track shift, size, shape and plane of the orbit, 1 sigma in metres; the two
    parts of shape and of plane are alike.
    """

    prefix: str
    tca_utc: datetime
    created_utc: tuple[datetime, ...]
    things: tuple[Thing, Thing]
    place: Place
    paths: tuple[Path, Path]
    errors: tuple[Sequence[tuple[float, ...]], Sequence[tuple[float, ...]]]
    goals: tuple[Goal, ...]
    hard_body_radius_m: float
    seed: int
    comments: tuple[str, ...] = ("Reconstructed message: see story.md for what is reported",)
    over_correlated: dict[int, float] = field(default_factory=dict)
    track: type[Track] = Track

    def series(self) -> Series:
        """The messages' content."""
        return met(
            Series(
                tca_utc=self.tca_utc,
                created_utc=self.created_utc,
                tracks=(self._track(0), self._track(1)),
                hard_body_radius_m=self.hard_body_radius_m,
                frame="GCRF",
                originator="MDSS-SCENARIO",
                message_prefix=self.prefix,
                comments=self.comments,
                center=self.place.planet.name,
            ),
            self.goals,
            self.seed,
        )

    def _track(self, which: int) -> Track:
        sigmas = expanded(self.errors[which])
        return self.track(
            self.things[which],
            self.place.position_m,
            self.paths[which].velocity_m_s(self.place),
            sigmas,
            np.zeros_like(sigmas),
            self.over_correlated if which == 1 else {},
            self.place.planet.gm_m3_s2,
        )


def expanded(errors: Sequence[tuple[float, ...]]) -> FloatArray:
    """Rows of shift, size, shape, plane as rows of the six sources."""
    return np.array([(t, a, e, e, n, n) for t, a, e, n in errors], dtype=float)

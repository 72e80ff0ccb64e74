"""Histories of an event as orbit determination makes them when data are only added.

The error of an object is a sum of six independent sources, as in an orbit: a shift along the
track, the size of the orbit with the drift that comes of it, two of its shape, two of its plane.
From update to update the sources move by normal steps of variance σ_k² − σ_{k+1}², forward in
time: whatever the first message says, the next ones follow from it by chance alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from mdss.astro.encounter import linear_tca_shift_s, plane_axes
from mdss.astro.frames import eci_from_rtn
from mdss.astro.twobody import MU_EARTH_M3_S2, propagate
from mdss.conjunction import Conjunction, ObjectState

TCA_UTC = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS = (5.0, 4.0, 3.0, 2.25, 1.5, 1.0, 0.5)
"""Creation of the messages, days before TCA."""
RADIUS_M = 10.0
_SIZE_M = 7.0e6
_SPEED_M_S = (MU_EARTH_M3_S2 / _SIZE_M) ** 0.5
_N = _SPEED_M_S / _SIZE_M
SOURCES = np.array(
    [
        (0, 1, 0, -_N, 0, 0),
        (1, -6, 0, 6 * _N, -_N / 2, 0),
        (1, 0, 0, 0, -_N, 0),
        (0, 2, 0, -_N, 0, 0),
        (0, 0, 1, 0, 0, 0),
        (0, 0, 0, 0, 0, _N),
    ]
).T


@dataclass(frozen=True)
class Track:
    """One object: its state at TCA as the first message has it, sigmas and offsets by update."""

    state: np.ndarray
    sigmas_m: np.ndarray
    offsets_m: np.ndarray

    def state_of(self, update: int) -> np.ndarray:
        turn = eci_from_rtn(self.state[:3], self.state[3:])
        moved = SOURCES @ self.offsets_m[update]
        return self.state + np.concatenate([turn @ moved[:3], turn @ moved[3:]])

    def covariance(self, update: int) -> np.ndarray:
        return SOURCES @ np.diag(self.sigmas_m[update] ** 2) @ SOURCES.T


def history(
    rng: np.random.Generator, days: Sequence[float] = DAYS, *, noise: float = 0.05
) -> list[Conjunction]:
    """Messages of one event, oldest first, with random geometry, sigmas, shrinking and steps."""
    angle = rng.uniform(0.6, 2.8)
    first = np.array([_SIZE_M, 0, 0, 0, _SPEED_M_S, 0])
    second = np.array([_SIZE_M, 0, 0, 0, _SPEED_M_S * np.cos(angle), _SPEED_M_S * np.sin(angle)])
    sigmas = [_sigmas(rng, np.asarray(days), at_last, noise) for at_last in (60.0, 250.0)]
    second[:3] -= _first_miss(rng, first, second, sigmas)
    tracks = [
        Track(state, sigma, _walk(rng, sigma))
        for state, sigma in zip((first, second), sigmas, strict=True)
    ]
    return [_message(tracks, k, day) for k, day in enumerate(days)]


def _sigmas(rng, days, at_last_m, noise):
    """Never growing, nearly log-linear, each source at its own rate; shape (updates, 6)."""
    rates = np.array([0.5, 0.25, 0.2, 0.2, 0.12, 0.12]) * rng.uniform(0.6, 1.4, 6)
    size = at_last_m * rng.uniform(0.5, 2.0) * np.array([1.0, 0.03, 0.04, 0.04, 0.06, 0.06])
    sigma = size * np.exp(
        rates * (days[:, None] - days[-1]) + noise * rng.normal(size=(len(days), 6))
    )
    return np.maximum.accumulate(sigma[::-1], axis=0)[::-1]


def _walk(rng, sigmas_m):
    steps = np.sqrt(sigmas_m[:-1] ** 2 - sigmas_m[1:] ** 2) * rng.normal(size=sigmas_m[1:].shape)
    return np.vstack([np.zeros(6), np.cumsum(steps, axis=0)])


def _first_miss(rng, first, second, sigmas):
    """In the plane, about a sigma and a half away, so that Pc is neither all nor nothing."""
    axes = plane_axes(first[:3], first[3:] - second[3:])
    cov = sum(
        eci_from_rtn(s[:3], s[3:])
        @ (SOURCES @ np.diag(g[0] ** 2) @ SOURCES.T)[:3, :3]
        @ eci_from_rtn(s[:3], s[3:]).T
        for s, g in zip((first, second), sigmas, strict=True)
    )
    return axes.T @ rng.multivariate_normal(np.zeros(2), 1.5 * axes @ cov @ axes.T)


def _message(tracks: Sequence[Track], update: int, day: float) -> Conjunction:
    states = [track.state_of(update) for track in tracks]
    shift_s = 0.0
    for _ in range(4):
        one, two = (propagate(s[:3], s[3:], [shift_s])[0] for s in states)
        shift_s += linear_tca_shift_s((one - two)[:3], (one - two)[3:])
    shift_s = round(shift_s, 3)
    moved = [propagate(s[:3], s[3:], [shift_s])[0] for s in states]
    primary, secondary = (
        ObjectState(
            state[:3],
            state[3:],
            cov_rtn_m2=track.covariance(update),
            designator=name,
            name=label,
        )
        for state, track, name, label in zip(
            moved, tracks, ("11111", "22222"), ("OURS", "FRAGMENT"), strict=True
        )
    )
    return Conjunction(
        tca_utc=TCA_UTC + timedelta(seconds=shift_s),
        primary=primary,
        secondary=secondary,
        hard_body_radius_m=RADIUS_M,
        created_utc=TCA_UTC - timedelta(days=day),
        message_id=f"SIM-{update + 1:02d}",
        originator="SIMULATION",
    )

"""A burn, and how a burn moves the encounter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.encounter import EncounterPlane
from mdss.astro.frames import eci_from_rtn
from mdss.conjunction import Conjunction
from mdss.errors import PlanningError
from mdss.forces import force_model
from mdss.spacecraft import Spacecraft
from mdss.units import shifted

FloatArray = NDArray[np.float64]
Dynamics = Literal["two_body", "numerical"]
Role = Literal["avoid", "return"]

_ONE_NODE = 0.005  # of a revolution: one impulse does for a shorter burn, to 1e-4
_TWO_NODES = 0.05  # of a revolution: up to it two impulses do, to 1e-5
_LITTLE_SPENT = 0.01  # of the mass: the acceleration is even enough for one impulse


@dataclass(frozen=True, kw_only=True, eq=False)
class Burn:
    """One burn, described by its middle.

    Parameters
    ----------
    epoch_utc : datetime
        Mid-burn.
    t_before_tca_s : float
        Seconds from mid-burn to the message's TCA; negative for a burn after TCA.
    dv_rtn_m_s : array, shape (3,)
        Delta-v in RTN of the maneuvering object at mid-burn [m/s].
    duration_s : float
        How long it lasts [s]; 0 is an impulse.
    exhaust_m_s : float
        Effective exhaust speed, specific impulse times standard gravity [m/s]: how fast the mass
        falls while it burns. inf: the mass is taken as constant.
    role : {"avoid", "return"}
        What it is for: the miss, or the way back to the orbit before.
    """

    epoch_utc: datetime
    t_before_tca_s: float
    dv_rtn_m_s: FloatArray
    duration_s: float = 0.0
    exhaust_m_s: float = math.inf
    role: Role = "avoid"

    @classmethod
    def before(
        cls,
        tca_utc: datetime,
        t_before_tca_s: float,
        dv_rtn_m_s: ArrayLike,
        duration_s: float = 0.0,
        *,
        exhaust_m_s: float = math.inf,
        role: Role = "avoid",
    ) -> Burn:
        """The burn whose middle is so many seconds before `tca_utc` (after it, if negative)."""
        return cls(
            epoch_utc=shifted(tca_utc, -t_before_tca_s),
            t_before_tca_s=float(t_before_tca_s),
            dv_rtn_m_s=np.asarray(dv_rtn_m_s, dtype=float),
            duration_s=float(duration_s),
            exhaust_m_s=float(exhaust_m_s),
            role=role,
        )

    def pulses(self, revolution_s: float) -> list[tuple[float, FloatArray]]:
        """The burn as impulses that move the orbit as its arc does.

        Constant thrust is assumed, held along the same axes of the turning RTN frame; the
        acceleration rises as the mass falls, so that the delta-v is centred a little after
        mid-burn. What an impulse does varies with its time like the motion along a revolution;
        Gauss nodes, a few in each, integrate that over the arc to 1e-4 and better.

        Parameters
        ----------
        revolution_s : float
            Orbital period; on an ellipse `mdss.astro.twobody.fastest_turn_s` [s].

        Returns
        -------
        list of (float, array of shape (3,))
            Seconds from TCA, rising, and delta-v in RTN there [m/s].
        """
        places, shares = arc_nodes(self.duration_s / revolution_s, self.dv_m_s / self.exhaust_m_s)
        times = self.duration_s * places - self.t_before_tca_s
        return [(t, w * self.dv_rtn_m_s) for t, w in zip(times.tolist(), shares, strict=True)]

    @property
    def start_t_s(self) -> float:
        """When it starts, seconds from TCA [s]."""
        return -self.t_before_tca_s - 0.5 * self.duration_s

    @property
    def end_t_s(self) -> float:
        """When it ends, seconds from TCA [s]."""
        return -self.t_before_tca_s + 0.5 * self.duration_s

    @property
    def dv_m_s(self) -> float:
        """Size of the delta-v [m/s]."""
        return float(np.linalg.norm(self.dv_rtn_m_s))


def arc_nodes(
    revolutions: float, dv_over_exhaust: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Where in a burn at constant thrust impulses stand for it, and their shares of its delta-v.

    Parameters
    ----------
    revolutions : float
        How much of a revolution the burn lasts: says how many impulses are needed.
    dv_over_exhaust : float or array, shape (...)
        Delta-v over effective exhaust speed; 0 for a mass that stays.

    Returns
    -------
    places : array, shape (k,)
        In durations from mid-burn, -0.5 to 0.5, rising.
    shares : array, shape (..., k)
        They add up to 1.

    Notes
    -----
    Of the mass at the start a share q = 1 - exp(-dv/exhaust) is spent, evenly in time, so the
    acceleration goes like 1/(1 - q s), s from 0 to 1 over the burn.
    """
    spent = -np.expm1(-np.asarray(dv_over_exhaust, dtype=float))[..., None]
    short = revolutions <= _ONE_NODE and np.all(spent < _LITTLE_SPENT)
    n = 1 if short else 2 + max(0, math.ceil(4 * (revolutions - _TWO_NODES)))
    nodes, weights = np.polynomial.legendre.leggauss(n)
    shares = weights / (1.0 - spent * 0.5 * (1.0 + nodes))
    return 0.5 * nodes, shares / shares.sum(axis=-1, keepdims=True)


def as_fired(
    spacecraft: Spacecraft, burns: Iterable[Burn], *, thrust_share: float = 1.0
) -> tuple[tuple[Burn, ...], float]:
    """Burns with the durations that the spacecraft needs for them, and the propellant they take.

    Each burn starts from the mass that those before it have left.

    Parameters
    ----------
    spacecraft : Spacecraft
    burns : iterable of Burn
        In time order; their delta-v and mid-burn are kept.
    thrust_share : float
        Mean thrust over the thruster's: a duty cycle within the burn.

    Returns
    -------
    burns : tuple of Burn
        With `duration_s` and `exhaust_m_s`.
    propellant_kg : float
        Of all of them together [kg].

    Raises
    ------
    SpacecraftError
        If no thruster pushes along a burn.

    Notes
    -----
    Rocket equation, constant thrust and mass flow. Pressure that falls as the tank empties is
    not modelled.
    """
    fired, mass_kg = [], spacecraft.mass_kg
    for burn in burns:
        if burn.dv_m_s == 0.0:
            fired.append(replace(burn, duration_s=0.0))
            continue
        thruster = spacecraft.thruster_for(burn.dv_rtn_m_s)
        duration_s = float(thruster.duration_s(burn.dv_m_s, mass_kg)) / thrust_share
        fired.append(replace(burn, duration_s=duration_s, exhaust_m_s=thruster.exhaust_m_s))
        mass_kg *= math.exp(-burn.dv_m_s / thruster.exhaust_m_s)
    return tuple(fired), spacecraft.mass_kg - mass_kg


def checked_burn_times(t_before_tca_s: ArrayLike) -> FloatArray:
    """Burn times as an array of seconds before TCA, shape (n,).

    Raises
    ------
    PlanningError
        If a time is not finite or not before TCA.
    """
    times = np.atleast_1d(np.asarray(t_before_tca_s, dtype=float))
    if times.ndim != 1 or not np.all(np.isfinite(times)) or np.any(times <= 0):
        raise PlanningError(
            "burn times are seconds before TCA, one-dimensional and above 0; "
            f"got {np.array2string(times, threshold=5)}"
        )
    return times


def displacement_per_dv(
    conjunction: Conjunction,
    plane: EncounterPlane,
    t_before_tca_s: ArrayLike,
    dynamics: Dynamics = "two_body",
) -> FloatArray:
    """M of b = b0 + M Δv: encounter-plane displacement for a burn of the primary.

    Parameters
    ----------
    conjunction : Conjunction
        The primary burns.
    plane : EncounterPlane
        Axes of b.
    t_before_tca_s : array_like, shape (n,)
        Burn times, seconds before TCA.
    dynamics : {"two_body", "numerical"}
        Kepler motion in closed form, or integrated with the forces of `force_model`.

    Returns
    -------
    array, shape (n, 2, 3)
        Seconds; columns for radial, transverse, normal delta-v in RTN at the burn.

    Raises
    ------
    PlanningError
        If the dynamics are unknown or a time is not before TCA.
    PropagationError
        If the orbit cannot be propagated.
    """
    times = checked_burn_times(t_before_tca_s)
    states, from_velocity = _transition(conjunction, times, dynamics)
    to_eci = eci_from_rtn(states[:, :3], states[:, 3:])
    return np.asarray(plane.axes @ from_velocity @ to_eci)


def _transition(
    conjunction: Conjunction, times: FloatArray, dynamics: Dynamics
) -> tuple[FloatArray, FloatArray]:
    """States at the burn times and Φ_rv(TCA, t), shapes (n, 6) and (n, 3, 3)."""
    primary = conjunction.primary
    if dynamics == "two_body":
        from mdss.astro.twobody import velocity_to_position

        return velocity_to_position(
            primary.position_m, primary.velocity_m_s, -times, conjunction.body.gm_m3_s2
        )
    if dynamics == "numerical":
        from mdss.astro.numerical import propagate_with_stm

        states, transition = propagate_with_stm(
            primary.position_m,
            primary.velocity_m_s,
            conjunction.tca_utc,
            -times,
            force_model(conjunction),
        )
        return states, np.asarray(np.linalg.inv(transition), dtype=float)[:, :3, 3:]
    raise PlanningError(f"dynamics {dynamics!r} is unknown; use 'two_body' or 'numerical'")

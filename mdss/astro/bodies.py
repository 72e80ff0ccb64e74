"""The central bodies that mdss knows: size, gravity, pole and spin, and where others pull from.

Constants are boinor's (a test compares them), held here because importing boinor's bodies takes
a second; its rotational elements are called when a pole is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdss.astro.time_scales import days_tt, tai_ns_after
from mdss.errors import FrameError
from mdss.units import DAY_S

FloatArray = NDArray[np.float64]

GM_SUN_M3_S2 = 1.32712442099e20
"""IAU 2009 [m³/s²]."""
AU_M = 149_597_870_700.0

_J2000_JD = 2_451_545.0
_DAYS_IN_CENTURY = 36_525.0
_MARS_IN_PLAN94 = 4


@dataclass(frozen=True, kw_only=True)
class Body:
    """A body that spacecraft orbit.

    Parameters
    ----------
    name : str
        "earth", "mars" or "moon".
    label : str
        For sentences: "the Earth".
    gm_m3_s2 : float
        Gravitational parameter [m³/s²].
    radius_m : float
        Equatorial radius, that of the zonal coefficients too [m].
    j2, j3 : float
        Zonal coefficients, not normalised; 0 is "not used".
    rotation_period_s : float
        Sidereal [s].
    influence_radius_m : float
        Farthest distance at which an orbit about it makes sense [m].
    third_bodies : tuple of str
        Which others pull: "sun", "moon", "earth".
    """

    name: str
    label: str
    gm_m3_s2: float
    radius_m: float
    j2: float
    j3: float
    rotation_period_s: float
    influence_radius_m: float
    third_bodies: tuple[str, ...]

    @property
    def spin_rad_s(self) -> float:
        """Rate of rotation about the pole [rad/s]."""
        return 2.0 * np.pi / self.rotation_period_s

    @property
    def escape_speed_m_s(self) -> float:
        """From the surface [m/s]."""
        return float(np.sqrt(2.0 * self.gm_m3_s2 / self.radius_m))

    def fixed_from_icrf(self, epoch_utc: datetime) -> FloatArray:
        """Rotation from ICRF to the body's own turning axes, z along its pole.

        Parameters
        ----------
        epoch_utc : datetime
            Timezone-aware.

        Returns
        -------
        array, shape (3, 3)
            The Earth's with observed orientation (ITRF).

        References
        ----------
        .. [1] B. A. Archinal et al., Celest. Mech. Dyn. Astron. 130, 22 (2018), for Mars; 109,
           101 (2011), for the Moon; both as in boinor.core.fixed.
        """
        if self.name == "earth":
            from mdss.astro.frames import gcrf_from_itrf

            return gcrf_from_itrf(epoch_utc).T
        right_ascension, declination, prime = np.radians(_rotational_elements(self, epoch_utc))
        node = np.array([-np.sin(right_ascension), np.cos(right_ascension), 0.0])
        towards = np.array([node[1], -node[0], 0.0])
        pole = np.cos(declination) * towards + np.sin(declination) * np.array([0.0, 0.0, 1.0])
        across = np.cross(pole, node)
        c, s = np.cos(prime), np.sin(prime)
        return np.stack([c * node + s * across, c * across - s * node, pole])

    def pole_icrf(self, epoch_utc: datetime) -> FloatArray:
        """Unit vector along the north pole, ICRF axes, shape (3,)."""
        return np.asarray(self.fixed_from_icrf(epoch_utc)[2])


_BODIES = {
    one.name: one
    for one in (
        Body(
            name="earth",
            label="the Earth",
            gm_m3_s2=3.986004418e14,
            radius_m=6_378_136.6,
            j2=1.08263e-3,
            j3=-2.5326613168e-6,
            rotation_period_s=0.9972698 * DAY_S,
            influence_radius_m=1e9,
            third_bodies=("sun", "moon"),
        ),
        Body(
            name="mars",
            label="Mars",
            gm_m3_s2=4.282837440e13,
            radius_m=3_396_190.0,
            j2=1.9555e-3,
            j3=3.1450e-5,
            rotation_period_s=1.02595675 * DAY_S,
            influence_radius_m=6e8,
            third_bodies=("sun",),
        ),
        Body(
            name="moon",
            label="the Moon",
            gm_m3_s2=4.90279981e12,
            radius_m=1_737_400.0,
            # boinor has none: C20 = -9.0884e-5 (normalised, at 1738 km), GRAIL GRGM660PRIM,
            # F. G. Lemoine et al., JGR Planets 118, 1676 (2013)
            j2=9.0884e-5 * 5**0.5 * (1738.0 / 1737.4) ** 2,
            j3=0.0,
            rotation_period_s=27.32166 * DAY_S,
            influence_radius_m=6.6e7,
            third_bodies=("earth", "sun"),
        ),
    )
}

BODY_NAMES = tuple(_BODIES)


def body(name: str) -> Body:
    """The body of a name, in any case; Mars for its barycentre too.

    Raises
    ------
    FrameError
        If it is not known; the known ones are named. So is the barycentre of Earth and Moon.

    Examples
    --------
    >>> f"{body('MARS').radius_m / 1e3:g} km"
    '3396.19 km'
    """
    try:
        return _BODIES["mars" if is_mars_barycenter(name) else name.strip().lower()]
    except KeyError:
        raise FrameError(
            f"central body {name!r} is not supported{far_barycenter(name)}; use one of "
            f"{', '.join(BODY_NAMES)}"
        ) from None


def far_barycenter(name: str) -> str:
    """Why a barycentre is not taken as a planet's centre, in brackets; "" for another name."""
    if _plain(name) not in ("earth barycenter", "earth moon barycenter"):
        return ""
    return " (the barycentre of Earth and Moon is 4,700 km from the Earth's centre)"


def is_mars_barycenter(name: str) -> bool:
    """Whether a name is that of the barycentre of Mars and its moons.

    Notes
    -----
    It is the planet's centre to 0.21 m: Phobos (1.066e16 kg at 9376 km) moves it by 0.16 m,
    Deimos (1.5e15 kg at 23,463 km) by 0.05 m, and both by less than 0.1 mm/s.
    """
    return _plain(name) == "mars barycenter"


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


def gm_m3_s2(name: str) -> float:
    """Gravitational parameter of a central or a third body ("sun" too) [m³/s²]."""
    return GM_SUN_M3_S2 if name == "sun" else body(name).gm_m3_s2


def third_body_position_m(
    third: str, central: Body, epoch_utc: datetime, t_s: ArrayLike
) -> FloatArray:
    """Where another body is, seen from a central one, ICRF axes.

    Parameters
    ----------
    third : str
        One of `central.third_bodies`.
    central : Body
    epoch_utc : datetime
        Timezone-aware.
    t_s : array_like, shape (n,)
        SI seconds from the epoch.

    Returns
    -------
    array, shape (n, 3)
        [m]; Sun and Moon good to 1e-5 of the distance, the Sun from Mars to 1e-4: less than the
        mass of what is left out.

    References
    ----------
    .. [1] ERFA epv00, moon98 and plan94 (J. L. Simon et al., A&A 282, 663, 1994).
    """
    return AU_M * _SEEN[third, central.name](days_tt(tai_ns_after(epoch_utc, t_s)))


def _sun_from_earth(days: FloatArray) -> FloatArray:
    import erfa

    heliocentric, _ = erfa.epv00(_J2000_JD, days)
    return -np.asarray(heliocentric["p"])


def _sun_from_mars(days: FloatArray) -> FloatArray:
    import erfa

    return -np.asarray(erfa.plan94(_J2000_JD, days, _MARS_IN_PLAN94)["p"])


def _moon_from_earth(days: FloatArray) -> FloatArray:
    import erfa

    return np.asarray(erfa.moon98(_J2000_JD, days)["p"])


_SEEN: dict[tuple[str, str], Callable[[FloatArray], FloatArray]] = {
    ("sun", "earth"): _sun_from_earth,
    ("sun", "mars"): _sun_from_mars,
    ("sun", "moon"): lambda days: _sun_from_earth(days) - _moon_from_earth(days),
    ("moon", "earth"): _moon_from_earth,
    ("earth", "moon"): lambda days: -_moon_from_earth(days),
}


def _rotational_elements(central: Body, epoch_utc: datetime) -> tuple[float, float, float]:
    """Right ascension and declination of the pole, and prime meridian [°]."""
    from boinor.core import fixed

    by_name = {
        "mars": fixed.mars_rot_elements_at_epoch,
        "moon": fixed.moon_rot_elements_at_epoch,
    }
    days = float(days_tt(tai_ns_after(epoch_utc, 0.0))[0])
    # not compiled: one call is not worth a second of numba
    found: tuple[float, float, float] = by_name[central.name].py_func(days / _DAYS_IN_CENTURY, days)
    return found

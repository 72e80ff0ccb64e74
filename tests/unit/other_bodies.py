"""A made-up conjunction of two orbiters at Mars or the Moon, as a CDM and a spacecraft file."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from mdss.astro.bodies import body
from mdss.astro.frames import eci_from_rtn, gcrf_from_eme2000

TCA_UTC = datetime(2026, 5, 4, 17, 42, 11, 250_000, tzinfo=UTC)
HARD_BODY_RADIUS_M = 12.0
ALTITUDES_M = {"earth": 705e3, "mars": 310e3, "moon": 105e3}
SIGMAS_RTN_M = ((35.0, 380.0, 20.0), (60.0, 900.0, 45.0))
MISS_RTN_M = (22.0, 140.0, -60.0)

SPACECRAFT_TOML = """
designator = "MDSS-A"
name = "ORBITER-A"
mass_kg = 1480.0
radius_m = 6.0
propellant_kg = 90.0
maximum_dv_m_s = 0.5
cd_area_over_mass_m2_kg = 0.016
cr_area_over_mass_m2_kg = 0.02

[[thrusters]]
name = "monopropellant"
isp_s = 220.0
thrust_n = 22.0

[execution_error]
magnitude_proportional = 0.01
pointing_proportional_rad = 0.0087
"""


def states(central_body: str) -> tuple[np.ndarray, np.ndarray]:
    """Two near-circular orbits that cross at 65°, apart by the miss, ICRF axes [m], [m/s]."""
    central = body(central_body)
    radius = central.radius_m + ALTITUDES_M[central_body]
    speed = np.sqrt(central.gm_m3_s2 / radius)
    position = radius * np.array([0.48, -0.36, 0.8])
    up = position / radius
    along = np.cross([0.3, 0.9, 0.2], up)
    along /= np.linalg.norm(along)
    across = np.cross(up, along)
    turn = np.radians(65.0)
    first = np.concatenate([position, speed * (along + 0.004 * up)])
    miss = eci_from_rtn(first[:3], first[3:]) @ MISS_RTN_M
    other = 1.001 * speed * (np.cos(turn) * along + np.sin(turn) * across)
    return first, np.concatenate([position + miss, other])


def steady_covariance(sigmas_m: tuple[float, float, float], motion: float) -> np.ndarray:
    """6×6 RTN: an in-track error that is a shift in time, and small errors of the orbit's shape."""
    radial, along, normal = sigmas_m
    cov = np.diag([radial, along, normal, 0.3 * radial * motion, radial * motion, normal * motion])
    cov = cov**2
    cov[3, 3] += (motion * along) ** 2
    cov[3, 1] = cov[1, 3] = -motion * along**2
    cov[4, 0] = cov[0, 4] = -0.9 * motion * radial**2
    return cov


def cdm_text(central_body: str = "mars", frame: str = "EME2000", **changes: str) -> str:
    """A CDM in KVN; `changes` replace the text of a keyword in both objects."""
    pair = states(central_body)
    relative = pair[1] - pair[0]
    lines = [
        "CCSDS_CDM_VERS = 1.0",
        "CREATION_DATE = 2026-05-02T06:00:00.000",
        "ORIGINATOR = TEST",
        "MESSAGE_ID = OTHER-BODY-1",
        "TCA = 2026-05-04T17:42:11.250",
        f"MISS_DISTANCE = {np.linalg.norm(relative[:3]):.6f} [m]",
        f"RELATIVE_SPEED = {np.linalg.norm(relative[3:]):.6f} [m/s]",
        f"COMMENT HBR = {HARD_BODY_RADIUS_M} [m]",
    ]
    for which, name in enumerate(("A", "B")):
        lines += _object_lines(which, name, central_body, frame, pair[which], changes)
    return "\n".join(lines) + "\n"


def _object_lines(
    which: int,
    name: str,
    central_body: str,
    frame: str,
    state: np.ndarray,
    changes: dict[str, str],
) -> list[str]:
    central = body(central_body)
    motion = float(np.sqrt(central.gm_m3_s2 / np.linalg.norm(state[:3]) ** 3))
    turn = gcrf_from_eme2000().T if frame == "EME2000" else np.eye(3)
    position_km, velocity_km_s = turn @ state[:3] / 1e3, turn @ state[3:] / 1e3
    said = {
        "OBJECT": f"OBJECT{which + 1}",
        "OBJECT_DESIGNATOR": f"MDSS-{name}",
        "CATALOG_NAME": "NONE",
        "OBJECT_NAME": f"ORBITER-{name}",
        "INTERNATIONAL_DESIGNATOR": "UNKNOWN",
        "EPHEMERIS_NAME": "NONE",
        "COVARIANCE_METHOD": "CALCULATED",
        "MANEUVERABLE": "YES",
        "ORBIT_CENTER": central_body.upper(),
        "REF_FRAME": frame,
    } | changes
    said |= {axis: f"{x:.9f} [km]" for axis, x in zip("XYZ", position_km, strict=True)}
    said |= {f"{axis}_DOT": f"{x:.12f}" for axis, x in zip("XYZ", velocity_km_s, strict=True)}
    cov = steady_covariance(SIGMAS_RTN_M[which], motion)
    axes = ("R", "T", "N", "RDOT", "TDOT", "NDOT")
    said |= {
        f"C{row}_{column}": f"{cov[i, j]:.9e}"
        for i, row in enumerate(axes)
        for j, column in enumerate(axes[: i + 1])
    }
    return [f"{keyword} = {text}" for keyword, text in said.items()]

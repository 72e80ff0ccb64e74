"""Umbra and penumbra of the Earth, Mars and the Moon."""

from datetime import UTC, datetime

import numpy as np
import pytest

from mdss.astro.bodies import body, third_body_position_m
from mdss.astro.eclipse import SUN_RADIUS_M, shadow, shadow_margins
from mdss.astro.ellipsoid import FLATTENING
from mdss.astro.twobody import orbital_period_s, propagate

EPOCH = datetime(2026, 5, 4, 17, 42, tzinfo=UTC)
LOW_ORBITS_M = {"earth": 7.1e6, "mars": 3.8e6, "moon": 1.9e6}


def orbit(name: str) -> tuple[np.ndarray, np.ndarray]:
    """An inclined, slightly eccentric low orbit."""
    central = body(name)
    position = LOW_ORBITS_M[name] * np.array([0.6, 0.64, 0.48])
    across = np.cross([0.2, -0.3, 0.9], position)
    speed = 1.01 * np.sqrt(central.gm_m3_s2 / LOW_ORBITS_M[name])
    return position, speed * across / np.linalg.norm(across)


def hidden_share(position: np.ndarray, t_s: float, name: str) -> float:
    """How many of the rays to the Sun's limb hit the ellipsoid: another way to the same question.

    Each ray from the spacecraft to one of 720 points on the rim of the Sun's disc is cut with the
    ellipsoid in body axes: a quadratic equation, no apparent radii, no stretching.
    """
    central = body(name)
    sun = third_body_position_m("sun", central, EPOCH, np.array([t_s]))[0]
    toward = sun - position
    distance = np.linalg.norm(toward)
    # the limb that is seen: the tangent circle of the sphere, a little before its centre
    cosine = np.sqrt(1 - (SUN_RADIUS_M / distance) ** 2)
    first = np.cross(toward, [0.3, 0.5, 0.8])
    first /= np.linalg.norm(first)
    second = np.cross(toward / distance, first)
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)[:, None]
    rim = SUN_RADIUS_M * cosine * (np.cos(angle) * first + np.sin(angle) * second)
    rays = toward * cosine**2 + rim
    pole = central.pole_icrf(EPOCH)
    squash = np.eye(3) + (1 / (1 - FLATTENING[name]) ** 2 - 1) * np.outer(pole, pole)
    a = np.einsum("ni,ij,nj->n", rays, squash, rays)
    b = rays @ squash @ position
    c = position @ squash @ position - central.radius_m**2
    hits = (b < 0) & (b**2 >= a * c)
    return float(np.mean(hits))


@pytest.mark.parametrize("name", ["earth", "mars", "moon"])
def test_edges_are_where_rays_to_the_sun_begin_and_end_to_be_cut(name: str) -> None:
    position, velocity = orbit(name)
    central = body(name)
    period = orbital_period_s(position, velocity, central.gm_m3_s2)
    grid = np.linspace(0.0, 2 * period, 211)

    def curve(t_s: np.ndarray) -> np.ndarray:
        return propagate(position, velocity, t_s, central.gm_m3_s2)

    found = shadow(curve, grid, EPOCH, central)
    inner = found.any_s[(found.any_s[:, 0] > 0) & (found.any_s[:, 1] < grid[-1])]
    assert inner.size
    # 0.05 s: the rim has 720 points, and the Sun is flattened with the body by the stretching
    for start, end in inner:
        for edge, inward in ((start, 0.05), (end, -0.05)):
            outside, inside = (curve(np.array([t]))[0, :3] for t in (edge - inward, edge + inward))
            assert hidden_share(outside, edge, name) == 0
            assert 0 < hidden_share(inside, edge, name) < 0.5
    for start, end in found.umbra_s[
        (found.umbra_s[:, 0] > inner[0, 0]) & (found.umbra_s[:, 1] < inner[-1, 1])
    ]:
        for edge, inward in ((start, 0.05), (end, -0.05)):
            outside, inside = (curve(np.array([t]))[0, :3] for t in (edge - inward, edge + inward))
            assert hidden_share(outside, edge, name) < 1
            assert hidden_share(inside, edge, name) == 1


def test_a_circular_orbit_is_dark_for_the_share_of_the_shadow_cylinder() -> None:
    # cylinder: half angle arcsin(R/r); the Sun's disc of 0.53° makes penumbra and umbra differ by
    # 0.53° at each edge, so the middle of both is the cylinder's edge to a tenth of that
    radius, r = 6.378e6, 7.378e6
    angle = np.linspace(np.pi / 2, 3 * np.pi / 2, 200_001)
    places = r * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    sun = np.broadcast_to([1.496e11, 0.0, 0.0], places.shape)
    any_rad, umbra_rad = shadow_margins(places, sun, radius)
    half = [0.5 * np.ptp(np.degrees(angle[margin > 0])) for margin in (any_rad, umbra_rad)]
    assert np.mean(half) == pytest.approx(np.degrees(np.arcsin(radius / r)), abs=0.05)
    assert half[0] - half[1] == pytest.approx(np.degrees(2 * SUN_RADIUS_M / 1.496e11), abs=0.01)


def test_far_behind_the_body_the_sun_is_a_ring_and_there_is_no_umbra() -> None:
    behind = np.array([[-2.0e9, 0.0, 0.0]])  # the Earth's umbra ends at 1.38 million km
    any_rad, umbra_rad = shadow_margins(behind, np.array([[1.496e11, 0.0, 0.0]]), 6.378e6)
    assert any_rad[0] > 0 > umbra_rad[0]


def test_an_orbit_over_the_terminator_has_no_eclipse() -> None:
    central = body("earth")
    sun = third_body_position_m("sun", central, EPOCH, np.zeros(1))[0]
    first = np.cross(sun, [0.0, 0.0, 1.0])
    first *= 7.8e6 / np.linalg.norm(first)
    second = np.cross(sun, first) / np.linalg.norm(sun)
    speed = np.sqrt(central.gm_m3_s2 / 7.8e6)

    def curve(t_s: np.ndarray) -> np.ndarray:
        return propagate(first, speed * second / 7.8e6, t_s, central.gm_m3_s2)

    found = shadow(curve, np.linspace(0, 7000, 120), EPOCH, central)
    assert found.any_s.shape == found.umbra_s.shape == (0, 2)

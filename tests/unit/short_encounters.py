"""Encounters for the tests of methods beyond the plane: made up, at 7000 km, on simple axes."""

import numpy as np

from mdss.conjunction import ObjectState
from mdss.risk.pair import Pair

GM = 3.986004418e14
RADIUS_M = 7e6
SPEED_M_S = float(np.sqrt(GM / RADIUS_M))


def cov_of(sigma_r_m, sigma_t_m, sigma_n_m, motion_rad_s=SPEED_M_S / RADIUS_M):
    """RTN covariance of an orbit whose period is well known: in-track errors are time shifts."""
    n = motion_rad_s
    from_position = np.zeros((6, 3))
    from_position[:3] = np.eye(3)
    from_position[3, 1] = -n  # an in-track error turns the velocity inwards
    from_position[4, 0] = -n  # the energy is kept
    own = np.diag([0, 0, 0, *(1e-3 * n * np.array([sigma_r_m, sigma_r_m, sigma_n_m]))]) ** 2
    return (
        from_position @ np.diag(np.square([sigma_r_m, sigma_t_m, sigma_n_m])) @ from_position.T
        + own
    )


def objects(miss_radial_m, miss_normal_m=0.0, sigmas_m=(60.0, 200.0, 50.0), angle_rad=2.0):
    """Two circular orbits that cross at an angle, the second displaced at closest approach."""
    first = ObjectState([RADIUS_M, 0, 0], [0, SPEED_M_S, 0], cov_rtn_m2=cov_of(*sigmas_m))
    direction = np.array([0.0, np.cos(angle_rad), np.sin(angle_rad)])
    across = np.cross([0.0, 1.0, 0.0] - direction, [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    second = ObjectState(
        np.array([RADIUS_M + miss_radial_m, 0, 0]) + miss_normal_m * across,
        SPEED_M_S * direction,
        cov_rtn_m2=cov_of(*sigmas_m),
    )
    return first, second


def a_pair(*args, radius_m=10.0, **kwargs):
    """The same as a `Pair`."""
    return Pair.of(*objects(*args, **kwargs), radius_m, GM)


def turned(thing, rotation):
    """The object after a rotation of space; RTN covariances turn with it."""
    return ObjectState(
        rotation @ thing.position_m, rotation @ thing.velocity_m_s, cov_rtn_m2=thing.cov_rtn_m2
    )


def a_rotation(seed=4):
    """A rotation without reflection."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    return q * np.sign(np.linalg.det(q))

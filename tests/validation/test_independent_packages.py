"""Answers that other well-kept libraries give to the same questions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from mdss.astro.levelset import unsafe_set
from mdss.astro.twobody import propagate, velocity_to_position

STATE = (np.array([6.9e6, 1.2e6, -3.0e5]), np.array([-1.1e3, 4.9e3, 5.6e3]))


def test_two_body_motion_is_that_of_boinor() -> None:
    """boinor's Vallado propagator and ours solve the same equation: metres in 1e7 m stay."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import, from its plotting dependencies
        from boinor.core.propagation import vallado
    mu_km3_s2 = 398600.4418
    for t_s in (600.0, 5_000.0, 86_400.0, -40_000.0):
        f, g, f_dot, g_dot = vallado(mu_km3_s2, STATE[0] / 1e3, STATE[1] / 1e3, t_s, 350)
        position = (f * STATE[0] / 1e3 + g * STATE[1] / 1e3) * 1e3
        velocity = (f_dot * STATE[0] / 1e3 + g_dot * STATE[1] / 1e3) * 1e3
        ours = propagate(*STATE, [t_s])[0]
        # boinor stops its iteration at 1e-7 relative of the universal variable's step
        np.testing.assert_allclose(ours[:3], position, atol=2.0)
        np.testing.assert_allclose(ours[3:], velocity, atol=2e-3)


@pytest.mark.parametrize("t_before_tca_s", [2_900.0, 9_000.0, 50_000.0])
def test_the_cost_of_reaching_each_facet_is_that_of_a_cone_program(t_before_tca_s: float) -> None:
    """CVXPY with Clarabel minimises |Δv| subject to lying beyond one facet of the unsafe set."""
    import cvxpy

    unsafe = unsafe_set(np.array([[250.0**2, 6e3], [6e3, 40.0**2]]), 12.0, 1e-5)
    assert unsafe is not None
    normal, offset = unsafe.sampled(16).facets()
    states, from_velocity = velocity_to_position(*STATE, [-t_before_tca_s])
    axes = np.linalg.qr(np.column_stack([states[0, 3:], STATE[0], STATE[1]]))[0][:, :2].T
    displacement = unsafe.scaled_from_plane @ axes @ from_velocity[0]
    start = unsafe.scaled_from_plane @ np.array([40.0, -8.0])
    for n, h in zip(normal, offset, strict=True):
        formula = (h - n @ start) / np.linalg.norm(displacement.T @ n)
        dv = cvxpy.Variable(3)
        beyond = n @ displacement @ dv >= h - n @ start
        problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.norm(dv)), [beyond])
        problem.solve(solver=cvxpy.CLARABEL)
        # an interior-point solution, good to about 1e-7
        assert problem.value == pytest.approx(formula, rel=1e-5)

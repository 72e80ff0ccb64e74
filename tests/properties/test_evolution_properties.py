"""What always holds of histories: turning, swapping and shuffling change nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mdss import load_event
from mdss.risk.solutions import displacement_rtn_m, step_of_update
from mdss.streams import settled

MESSAGES = load_event("two_passes_94min").conjunctions

finite = st.floats(-1.0, 1.0, allow_nan=False)
matrices = arrays(float, (3, 3), elements=finite)


def positive(matrix: np.ndarray) -> np.ndarray:
    return matrix @ matrix.T + 0.05 * np.eye(3)


@given(matrices, matrices, arrays(float, 3, elements=finite), matrices)
@settings(max_examples=100, deadline=None)
def test_a_step_is_as_probable_on_any_axes(before, after, step, turned) -> None:
    """Chi-square does not depend on the axes, nor on which directions are principal."""
    turn, _ = np.linalg.qr(turned + 2 * np.eye(3))
    old, new = positive(before), positive(after)
    one = step_of_update(step, old, new)
    other = step_of_update(turn @ step, turn @ old @ turn.T, turn @ new @ turn.T)
    close_call = abs(one.bounded - other.bounded) > 0 or one.dof != other.dof
    if not close_call:  # a direction at the edge of the rule may fall on either side
        assert other.chi2 == pytest.approx(one.chi2, rel=1e-6, abs=1e-9)


@given(matrices, arrays(float, 3, elements=finite), st.floats(0.0, 0.95))
@settings(max_examples=100, deadline=None)
def test_less_promised_is_more_improbable(cov, step, share) -> None:
    """The nearer the new covariance is to the old one, the less may the solution move."""
    old = positive(cov)
    one = step_of_update(step, old, 0.04 * old)
    other = step_of_update(step, old, max(share, 0.05) * old)
    assert other.chi2 >= one.chi2 * (1 - 1e-9) or other.dof == 0


@given(st.floats(-2e4, 2e4), st.floats(-100.0, 100.0), st.floats(-100.0, 100.0))
@settings(max_examples=100, deadline=None)
def test_the_way_back_is_the_way_there(along_m, higher_m, aside_m) -> None:
    """Arcs are measured at the radius of the object they start from: 20 km, 100 m higher, 0.3 m."""
    state = np.array([7e6, 0.0, 0.0, 0.0, 7.5e3, 0.0])
    angle = along_m / 7e6
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    other = np.concatenate([turn @ [7e6 + higher_m, 0.0, aside_m], turn @ state[3:]])
    there, back = displacement_rtn_m(state, other), displacement_rtn_m(other, state)
    assert there == pytest.approx([higher_m, along_m, aside_m], abs=0.3)
    assert back == pytest.approx(-there, abs=0.6)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_copies_never_change_a_settled_series(copied) -> None:
    copies = [replace(MESSAGES[k], source=f"copy {k}") for k in copied]
    mixed = sorted([*MESSAGES, *copies], key=lambda one: one.created_utc)
    told = settled(mixed)
    assert [one.message_id for one in told.messages] == [one.message_id for one in MESSAGES]
    assert len(told.notices) == len(copied)

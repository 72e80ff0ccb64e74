"""Whether the updates of an event agree with each other: each step against what was promised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mdss.astro import twobody
from mdss.astro.encounter import plane_axes
from mdss.astro.frames import eci_from_rtn
from mdss.astro.numerical import propagate
from mdss.astro.time_scales import elapsed_s
from mdss.astro.transition import carried_cov_rtn
from mdss.conjunction import Conjunction, ObjectState
from mdss.errors import ConjunctionError, CovarianceError, MdssError
from mdss.forces import force_model
from mdss.risk.pair import has_usable_velocity_covariance
from mdss.risk.solutions import (
    JUMP_P,
    Step,
    chi2_above,
    displacement_rtn_m,
    equivalent_sigmas,
    step_of_update,
)
from mdss.units import iso

FloatArray = NDArray[np.float64]

_TWO_BODY_UP_TO_S = 3.0  # the Earth's flattening moves an object by 6 cm in that time
_HELD_UP_TO_S = 60.0  # RTN covariances change by less than a few percent in that time
_CLEAR_RATIO = 2.5
ROLES = ("primary", "secondary")
AXES = ("radially", "in-track", "cross-track")


@dataclass(frozen=True, kw_only=True, eq=False)
class Update:
    """From one message of a stream to the next.

    Parameters
    ----------
    earlier, later : Conjunction
    miss : Step or None
        Of the miss vector in the encounter plane of the later message.
    objects : (Step or None, Step or None)
        R, T, N of primary and secondary, both at the later message's TCA.
    problems : tuple of str
        Why there is no step, in words.
    """

    earlier: Conjunction
    later: Conjunction
    miss: Step | None
    objects: tuple[Step | None, Step | None]
    problems: tuple[str, ...] = ()

    @property
    def jumped(self) -> bool:
        """Whether chance does not explain this update."""
        return any(step is not None and step.is_jump for step in (self.miss, *self.objects))


@dataclass(frozen=True, kw_only=True)
class Series:
    """All steps of one quantity together.

    Parameters
    ----------
    chi2 : float
    dof : int
        0 where nothing could be judged.
    bounded : bool
        Whether a covariance grew on the way, so that `chi2` is a lower bound.
    """

    chi2: float
    dof: int
    bounded: bool = False

    @classmethod
    def of(cls, steps: Sequence[Step | None]) -> Series:
        """The sum of independent steps."""
        known = [step for step in steps if step is not None]
        return cls(
            chi2=math.fsum(step.chi2 for step in known),
            dof=sum(step.dof for step in known),
            bounded=any(step.bounded for step in known),
        )

    @property
    def p_value(self) -> float:
        """How often chance gives steps as large."""
        return chi2_above(self.chi2, self.dof)

    @property
    def sigmas(self) -> float:
        """The same as sigmas of one number."""
        return equivalent_sigmas(self.chi2, self.dof)

    @property
    def scale(self) -> float:
        """Size of the steps over what was promised; NaN where nothing could be judged."""
        return math.sqrt(self.chi2 / self.dof) if self.dof else math.nan

    @property
    def too_large(self) -> bool:
        """Steps larger than the covariances promise: these look too small."""
        return self.p_value < JUMP_P

    @property
    def too_small(self) -> bool:
        """Steps smaller than the covariances promise: these look too large."""
        return self.dof > 0 and not self.bounded and 1.0 - self.p_value < JUMP_P


@dataclass(frozen=True, kw_only=True, eq=False)
class Consistency:
    """What the updates of one stream say about each other.

    Parameters
    ----------
    updates : tuple of Update
        Oldest first; empty for a single message.
    """

    updates: tuple[Update, ...]

    @property
    def miss(self) -> Series:
        """Steps of the miss vector."""
        return Series.of([one.miss for one in self.updates])

    @property
    def objects(self) -> tuple[Series, Series]:
        """Steps of primary and secondary."""
        first, second = (Series.of([one.objects[k] for one in self.updates]) for k in range(2))
        return first, second

    @property
    def consistent(self) -> bool:
        """Whether no update jumped and no series is improbable."""
        series = (self.miss, *self.objects)
        return not any(one.jumped for one in self.updates) and not any(
            one.too_large for one in series
        )

    @property
    def last_jumped(self) -> bool:
        """Whether chance does not explain the newest message's step."""
        return bool(self.updates) and self.updates[-1].jumped

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is worth saying, in plain words; empty for a single message."""
        if not self.updates:
            return ()
        return (*_jump_sentences(self), *_series_sentences(self), *_gaps(self))


def check_updates(messages: Sequence[Conjunction]) -> Consistency:
    """The steps between the messages of one stream, judged by what each one promised.

    Parameters
    ----------
    messages : sequence of Conjunction
        About one event, oldest first, the same object as primary in all.

    Notes
    -----
    Each object is compared with itself at the later message's TCA, to which its earlier solution
    is propagated. The steps of a series are independent when data are only added, so that
    their chi-squares add up. See `mdss.risk.solutions.step_of_update` for what is expected.

    References
    ----------
    .. [1] Y. Bar-Shalom, X. R. Li, T. Kirubarajan, Estimation with Applications to Tracking and
       Navigation, 2001, section 5.4 (consistency of estimators).
    """
    return Consistency(updates=tuple(check_update(*pair) for pair in pairwise(messages)))


def check_update(earlier: Conjunction, later: Conjunction) -> Update:
    """One step from a message to the next; what cannot be judged is said in `problems`."""
    moved: list[_Moved | None] = []
    steps: list[Step | None] = []
    problems: list[str] = []
    for which in range(2):
        try:
            moved.append(_Moved.of(earlier, later, which))
            steps.append(moved[-1].step if moved[-1] else None)
        except MdssError as problem:
            steps.append(None)
            problems.append(f"{_label(later, which)}: {problem}")
    return Update(
        earlier=earlier,
        later=later,
        miss=_miss_step(moved, later),
        objects=(steps[0], steps[1]),
        problems=tuple(problems),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Moved:
    """The two solutions of one object at the later message's TCA, RTN of the later one."""

    step_rtn_m: FloatArray
    before_rtn_m2: FloatArray
    after_rtn_m2: FloatArray
    to_eci: FloatArray

    @classmethod
    def of(cls, earlier: Conjunction, later: Conjunction, which: int) -> _Moved:
        old, new = moved_to(earlier, which, later.tca_utc), _object(later, which)
        return cls(
            step_rtn_m=-displacement_rtn_m(_state(new), _state(old)),
            before_rtn_m2=old.position_cov_rtn_m2,
            after_rtn_m2=new.position_cov_rtn_m2,
            to_eci=eci_from_rtn(new.position_m, new.velocity_m_s),
        )

    @property
    def step(self) -> Step:
        """CovarianceError if a covariance is not positive definite."""
        return step_of_update(self.step_rtn_m, self.before_rtn_m2, self.after_rtn_m2)

    def in_plane(self, axes: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Step and both covariances on the axes of a plane."""
        turn = axes @ self.to_eci
        return (
            turn @ self.step_rtn_m,
            turn @ self.before_rtn_m2 @ turn.T,
            turn @ self.after_rtn_m2 @ turn.T,
        )


def _object(message: Conjunction, which: int) -> ObjectState:
    return (message.primary, message.secondary)[which]


def _label(message: Conjunction, which: int) -> str:
    return f"{_object(message, which).label} ({ROLES[which]})"


def _state(thing: ObjectState) -> FloatArray:
    return np.concatenate([thing.position_m, thing.velocity_m_s])


def moved_to(message: Conjunction, which: int, instant_utc: datetime) -> ObjectState:
    """The primary (0) or secondary (1) of a message at another instant.

    By all forces; its RTN covariance is held over a minute, and carried along two-body motion
    beyond that where velocity errors are known.

    Raises
    ------
    PropagationError
        If the orbit cannot be propagated.
    """
    thing = _object(message, which)
    span_s = elapsed_s(message.tca_utc, instant_utc)
    if span_s == 0.0:
        return thing
    if abs(span_s) <= _TWO_BODY_UP_TO_S:
        gm = message.body.gm_m3_s2
        states = twobody.propagate(thing.position_m, thing.velocity_m_s, [span_s], gm)
    else:
        forces = force_model(message, which)
        place = thing.position_m, thing.velocity_m_s, message.tca_utc
        states = propagate(*place, [span_s], forces)
    cov = _cov_after(thing, span_s, message.body.gm_m3_s2)
    return replace(thing, position_m=states[0, :3], velocity_m_s=states[0, 3:], cov_rtn_m2=cov)


def _cov_after(thing: ObjectState, span_s: float, gm_m3_s2: float) -> FloatArray:
    """In the object's own RTN axes, `span_s` later."""
    if abs(span_s) <= _HELD_UP_TO_S or not has_usable_velocity_covariance(thing):
        return thing.cov_rtn_m2
    span = np.array([span_s])
    return np.asarray(
        carried_cov_rtn(thing.cov_rtn_m2[None], _state(thing)[None], span, gm_m3_s2)[0]
    )


def _miss_step(moved: Sequence[_Moved | None], later: Conjunction) -> Step | None:
    """Of primary minus secondary, on the axes of the later encounter plane."""
    if len(moved) < 2 or moved[0] is None or moved[1] is None:
        return None
    try:
        axes = plane_axes(later.primary.position_m, later.relative_velocity_m_s)
        first, second = (one.in_plane(axes) for one in moved if one is not None)
        return step_of_update(first[0] - second[0], first[1] + second[1], first[2] + second[2])
    except (ConjunctionError, CovarianceError):
        return None


# --- words --------------------------------------------------------------------------------


def _jump_sentences(found: Consistency) -> list[str]:
    """Every jump, the newest first."""
    return [
        sentence
        for update in reversed(found.updates)
        for sentence in _of_update(update, newest=update is found.updates[-1])
    ]


def _of_update(update: Update, newest: bool) -> list[str]:
    advice = "do not trust the last change of Pc" if newest else "what came before it is doubtful"
    when = f"with the message of {_clock(update.later)}"
    jumps = [
        f"The solution of {_label(update.later, k)} jumped by {step.sigmas:.1f} sigma {when}"
        f"{_mostly(step)}: {advice}."
        for k, step in enumerate(update.objects)
        if step is not None and step.is_jump
    ]
    if not jumps and update.miss is not None and update.miss.is_jump:
        jumps.append(
            f"The miss moved by {update.miss.sigmas:.1f} sigma {when}, more than both covariances "
            f"promised: {advice}."
        )
    return jumps


def _mostly(step: Step) -> str:
    """The component that stands out, where one does."""
    ratio = np.abs(step.step_m) / step.expected_sigma_m
    worst = int(np.argmax(ratio))
    if ratio[worst] < _CLEAR_RATIO:
        return ""
    return (
        f" ({AXES[worst]} by {step.step_m[worst]:+,.0f} m, where "
        f"±{step.expected_sigma_m[worst]:,.0f} m was expected)"
    )


def _series_sentences(found: Consistency) -> list[str]:
    last = found.updates[-1].later
    named = [(f"The solution of {_label(last, k)}", one) for k, one in enumerate(found.objects)]
    judged = [
        f"{name} moved {one.scale:.1f} times as far as its covariances promised (chi-square "
        f"{one.chi2:.1f} of {one.dof}, p = {one.p_value:.1g}): they look too "
        f"{'small' if one.too_large else 'large'}, and so does the spread behind Pc."
        for name, one in named
        if one.too_large or one.too_small
    ]
    if found.consistent and found.miss.dof:
        miss = found.miss
        judged.append(
            f"The updates agree with each other: chi-square of the miss {miss.chi2:.1f} of "
            f"{miss.dof}, p = {miss.p_value:.2g}."
        )
    return judged


def _gaps(found: Consistency) -> list[str]:
    """What could not be judged, and where only a bound was known."""
    told = [
        f"The update of {_clock(update.later)} cannot be judged: {problem}."
        for update in found.updates
        for problem in update.problems
    ]
    last = found.updates[-1].later
    for k, series in enumerate(found.objects):
        if series.bounded:
            told.append(
                f"The covariance of {_label(last, k)} grew between messages: there its steps are "
                "judged as of independent solutions, which finds fewer jumps."
            )
    return told


def _clock(message: Conjunction) -> str:
    made = message.created_utc
    return iso(made) if made is not None else message.message_id or message.source

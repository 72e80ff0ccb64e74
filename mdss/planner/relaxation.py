"""When nothing works: the least that has to give for a burn to be possible, and safe when flown.

For each constraint alone, the burn times that would open without it are found, and among them the
one that asks least of it. That burn is flown under the changed inputs; what flight adds to its size
goes back into the constraint. Where no constraint alone is enough, pairs are tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mdss.maneuver import Burn
from mdss.operations import Operations
from mdss.planner import relaxation_phrases as say
from mdss.planner.candidates import Candidate, candidate
from mdss.planner.draft import PlanStyle
from mdss.planner.option_writer import OptionWriter
from mdss.planner.options import Option, OptionName
from mdss.planner.pilot import Pilot, single_burn
from mdss.planner.relaxation_knobs import SIZE, Field, Knob, cone_knob, knobs_of, least_value
from mdss.planner.setting import Setting
from mdss.planner.sizing import Sized
from mdss.policy import Policy
from mdss.spacecraft import Spacecraft
from mdss.units import DAY_S, seconds_between

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST = 6  # that are flown and shown
_GRID_S = 60.0
_HORIZONS = 2.0  # a horizon beyond twice the given one, or a week, is another plan
_LONGEST_S = 7 * DAY_S
_FLIGHTS = 3  # of one relaxation, until its size settles
_PAIRS_FLOWN = 6
_HEADROOM = 1.02  # flight sets a size within 1 % of Pc, and starts from the linear one
_SETTLED = 1 + 1e-6  # a size that was flown just fits
_WINDOWS = 2  # of many that would do, shown


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far one constraint gives.

    Parameters
    ----------
    constraint : str
        Its name.
    given, needed : float
        Its value as it stands, and the one that opens a solution.
    unit : str
        SI; "deg" for angles, "" for probabilities.
    share : float
        The change relative to what was given; steps are ranked by it.
    how : str
        In words: "With a command lead of 48 min instead of 60 min".
    """

    constraint: str
    given: float
    needed: float
    unit: str
    share: float
    how: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """What has to give, and the burn that it opens.

    Parameters
    ----------
    steps : tuple of Step
        One constraint, or two that have to give together.
    option : Option
        The burn as it was flown under the changed inputs.
    spacecraft, operations, policy
        The inputs with the steps taken: planned with these, a burn is feasible.
    sentence : str
    """

    steps: tuple[Step, ...]
    option: Option
    spacecraft: Spacecraft
    operations: Operations
    policy: Policy
    sentence: str

    @property
    def constraint(self) -> str:
        """The names of what gives."""
        return " and ".join(one.constraint for one in self.steps)

    @property
    def share(self) -> float:
        """Sum of the steps' shares; the smallest relaxation comes first."""
        return sum(one.share for one in self.steps)

    @property
    def burn(self) -> Burn:
        """The burn that is then enough."""
        return self.option.burns[0]

    @property
    def pc(self) -> float:
        """Pc after it, as flown."""
        assert self.option.pc_verified is not None
        return self.option.pc_verified


@dataclass(frozen=True, kw_only=True, eq=False)
class BestReach:
    """The burn that comes closest to the target under the constraints as they are.

    Parameters
    ----------
    burn : Burn
    pc : float
        As flown.
    pc_linear : float
        Lowest target that the linear map gives for the largest burn.
    sized : Sized
    """

    burn: Burn
    pc: float
    pc_linear: float
    sized: Sized


@dataclass(frozen=True, kw_only=True, eq=False)
class WayOut:
    """Where no burn is feasible: how close one comes, and what would have to give.

    Parameters
    ----------
    reach : BestReach, optional
        None where no burn can be commanded at all, or where one is enough.
    relaxations : tuple of Relaxation
        The smallest first; empty where none of one or two constraints helps.
    """

    reach: BestReach | None
    relaxations: tuple[Relaxation, ...]

    @property
    def said(self) -> str:
        """One sentence for the recommendation."""
        if self.relaxations:
            return self.relaxations[0].sentence
        return "No single constraint, nor two together, would open a solution by giving way."


NO_WAY_OUT = WayOut(reach=None, relaxations=())
"""Nothing was looked for."""


def closest(
    options: Iterable[Option], out: WayOut, otherwise_pc: float
) -> tuple[float, Burn | None]:
    """Lowest Pc of the burns that were flown with the burn, else a Pc without one."""
    flown = [
        (one.pc_verified, one.burns[0])
        for one in options
        if one.burns and one.pc_verified is not None
    ]
    if out.reach is not None:
        flown.append((out.reach.pc, out.reach.burn))
    return min(flown, key=lambda one: one[0], default=(otherwise_pc, None))


def relaxations(
    setting: Setting, pilot: Pilot | None = None, most: int = MOST
) -> tuple[Relaxation, ...]:
    """The least that has to give for a burn to reach the target, the smallest change first.

    Parameters
    ----------
    setting : Setting
        The question as it stands.
    pilot : Pilot, optional
        Of this setting, where one has flown already.
    most : int
        How many at most are flown.

    Returns
    -------
    tuple of Relaxation
        Each was flown and reaches the target under its changed inputs. Empty where a burn is
        possible as things are, where the spacecraft cannot maneuver, and where neither one
        constraint nor two together help.

    Raises
    ------
    PropagationError
        If an orbit cannot be propagated.
    """
    return way_out(setting, pilot, most).relaxations


def way_out(setting: Setting, pilot: Pilot | None = None, most: int = MOST) -> WayOut:
    """`relaxations` with the burn that comes closest; the same arguments."""
    craft = setting.spacecraft
    calls = setting.risk.pc > setting.policy.pc_target or setting.calling
    if not (craft.can_maneuver and calls):
        return NO_WAY_OUT
    return _Search(setting, pilot or Pilot(setting), most).answer()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Try:
    """Knobs turned for one burn time.

    Parameters
    ----------
    knobs : tuple of Knob
    index : int
        Of the burn time in the field that the knobs were made of.
    t_s : float
        Seconds before TCA.
    share : float
    """

    knobs: tuple[Knob, ...]
    index: int
    t_s: float
    share: float

    def setting(self, setting: Setting) -> Setting:
        """The inputs with the knobs turned."""
        for knob in self.knobs:
            setting = knob.applied(setting, self.index)
        return setting

    def steps(self) -> tuple[Step, ...]:
        """What was turned, for people."""
        i = self.index
        return tuple(
            Step(
                constraint=one.constraint,
                given=one.given,
                needed=_whole(one.unit, float(one.needed[i])),
                unit=one.unit,
                share=float(one.share[i]),
                how=one.how(i),
            )
            for one in self.knobs
        )


def _whole(unit: str, value: float) -> float:
    return float(round(value)) if unit == "contacts" else value


class _Search:
    """Looks for what has to give in one setting."""

    def __init__(self, setting: Setting, pilot: Pilot, most: int) -> None:
        now_s = seconds_between(setting.now_utc, setting.tca_utc)
        given = setting.operations.planning_horizon_s
        reach_s = max(min(_HORIZONS * given, now_s, _LONGEST_S), given)
        self.setting = replace(setting, reach_s=reach_s + 0.5 * setting.period_s)
        self.pilot, self.most = pilot, most
        self.times_s = self._times(reach_s)
        self.scale = 1.0

    def _times(self, reach_s: float) -> FloatArray:
        """The planner's own burn times, with earlier and later ones."""
        own = self.setting.times_s
        earlier = np.arange(own[0] + _GRID_S, reach_s, _GRID_S)[::-1]
        later = np.arange(own[-1] - _GRID_S, 0.0, -_GRID_S)
        return np.concatenate([earlier, own, later])

    def answer(self) -> WayOut:
        """The closest burn and the relaxations."""
        field = self._settled(self._field(self.times_s))
        if field is None:
            return NO_WAY_OUT
        reach = self._best_reach(field)
        found = [*self._target(reach), *self._singles(field)]
        if not found:
            found = list(self._flown(self._pairs(field), _PAIRS_FLOWN))
        ranked = sorted(found, key=lambda one: one.share)
        return WayOut(reach=reach, relaxations=tuple(ranked[: self.most]))

    def _field(self, times_s: FloatArray, setting: Setting | None = None) -> Field:
        return Field.at(setting or self.setting, times_s, self.scale)

    def _settled(self, field: Field) -> Field | None:
        """The field at the scale at which nothing is open; None where a burn holds when flown."""
        for _ in range(_FLIGHTS):
            open_ = field.open_but()
            if not np.any(open_):
                break
            best = int(np.argmin(np.where(open_, field.dv_m_s, np.inf)))
            option, sized = self._fly(self.setting, field, best)
            if option.feasible:
                return None
            if sized.limit != "maximum delta-v":
                break
            field = self._rescaled(field, best, sized)
        return field

    def _rescaled(self, field: Field, index: int, sized: Sized) -> Field:
        target = self.setting.policy.pc_target
        more = self.pilot.verifier.share_to_target(self.pilot.no_burn, sized.verified, target)
        linear = float(field.found.optimum.dv_m_s[index])
        self.scale = max(self.scale, 1.001 * sized.size_m_s * max(more, 1.0) / linear)
        return self._field(field.times_s)

    # one constraint

    def _singles(self, field: Field) -> Iterator[Relaxation]:
        """Each constraint that is enough by itself."""
        knobs = [*knobs_of(field)]
        wider = cone_knob(field)
        tries = [one for one in (self._best(field, (knob,)) for knob in knobs) if one]
        if wider is not None:
            tries += filter(None, [self._widest(wider)])
        yield from self._flown(_few_windows(tries), self.most)

    def _best(self, field: Field, knobs: tuple[Knob, ...]) -> _Try | None:
        """The burn time that asks least of some knobs together."""
        opens = frozenset[str]().union(*(one.opens for one in knobs))
        share = np.where(field.open_but(opens), sum(one.share for one in knobs), np.inf)
        least = float(np.min(share))
        if not math.isfinite(least):
            return None
        alike = share <= least * _SETTLED
        index = int(np.argmin(np.where(alike, field.dv_m_s, np.inf)))
        return _Try(knobs=knobs, index=index, t_s=float(field.times_s[index]), share=least)

    def _widest(self, knob: Knob) -> _Try | None:
        """The burn time of a knob that was made for the times that it opens."""
        index = int(np.nanargmin(knob.needed))
        t_s = float(self.times_s[index])
        return _Try(knobs=(knob,), index=index, t_s=t_s, share=float(knob.share[index]))

    # two constraints

    def _pairs(self, field: Field) -> list[_Try]:
        """Two constraints that are enough together, the smallest first."""
        knobs = [*knobs_of(field)]
        pairs = (
            self._best(field, pair)
            for pair in combinations(knobs, 2)
            if not pair[0].opens & pair[1].opens
        )
        return _few_windows([one for one in pairs if one])

    # flying

    def _flown(self, tries: Iterable[_Try], most: int) -> Iterator[Relaxation]:
        """Those that hold when flown, the smallest first."""
        in_order = sorted(tries, key=lambda one: one.share)
        for one in in_order[:most]:
            relaxation = self._relaxation(one)
            if relaxation is not None:
                yield relaxation

    def _relaxation(self, one: _Try) -> Relaxation | None:
        """A try as it is flown: what flight adds to the size goes back into the constraints."""
        scale = self.scale * _HEADROOM
        for _ in range(_FLIGHTS):
            roomy = self._again(one, scale)
            if roomy is None:
                return None
            relaxed = roomy.setting(self.setting)
            field = self._field(np.array([roomy.t_s]), relaxed)
            _, sized = self._fly(relaxed, field, 0)
            linear = float(field.found.optimum.dv_m_s[0])
            if sized.reached:
                return self._settle(roomy, sized, linear)
            if sized.limit != "maximum delta-v":
                return None
            target = relaxed.policy.pc_target
            more = self.pilot.verifier.share_to_target(self.pilot.no_burn, sized.verified, target)
            scale = _HEADROOM * sized.size_m_s * max(more, 1.0) / linear
        return None

    def _settle(self, one: _Try, sized: Sized, linear_m_s: float) -> Relaxation | None:
        """The relaxation at the size that was flown."""
        exact = self._again(one, max(sized.size_m_s / linear_m_s, 1.0))
        if exact is None:
            return None
        relaxed = exact.setting(self.setting)
        option = self._option(relaxed, sized, pc_linear=None)
        if not option.feasible:
            return None
        return _relaxation(exact.steps(), option, relaxed)

    def _again(self, one: _Try, scale: float) -> _Try | None:
        """The same knobs at the same burn time, with sizes scaled."""
        field = Field.at(self.setting, np.array([one.t_s]), scale)
        names = [knob.constraint for knob in one.knobs]
        made = [knob for knob in self._all_knobs(field, names) if knob.constraint in names]
        opens = frozenset[str]().union(*(knob.opens for knob in made))
        share = sum(float(knob.share[0]) for knob in made)
        if len(made) < len(names) or not math.isfinite(share):
            return None
        if "thruster directions" not in names and not field.open_but(opens)[0]:
            return None
        return _Try(knobs=tuple(made), index=0, t_s=one.t_s, share=share)

    def _all_knobs(self, field: Field, names: Sequence[str]) -> Iterator[Knob]:
        yield from knobs_of(field)
        if "thruster directions" in names:
            wider = cone_knob(field)
            if wider is not None:
                yield wider

    def _fly(self, relaxed: Setting, field: Field, index: int) -> tuple[Option, Sized]:
        burn = candidate(field.found, index, "")
        flown, sized = self.pilot.under(relaxed).candidate_to(burn, relaxed.policy.pc_target)
        return self._option(relaxed, sized, flown.pc_linear), sized

    def _option(self, relaxed: Setting, sized: Sized, pc_linear: float | None) -> Option:
        return OptionWriter(self.pilot.under(relaxed)).flown(
            OptionName.MINIMUM_FUEL,
            PlanStyle.SINGLE,
            sized,
            pc_linear=math.nan if pc_linear is None else pc_linear,
            binds="relaxed constraint",
            why_listed="Possible when a constraint gives way.",
        )

    # the target

    def _best_reach(self, field: Field) -> BestReach | None:
        """The largest burn at the time and in the direction that leave the least Pc."""
        times = field.times_s[field.open_but(SIZE)]
        given, policy = self.setting.policy.pc_target, self.setting.policy
        worst = max(given, 0.98 * self.setting.risk.pc)

        def asking(log_pc: float) -> Setting:
            pc = math.exp(log_pc)
            lower = replace(policy, pc_target=pc, pc_act=max(pc, policy.pc_act))
            return replace(self.setting, policy=lower)

        def open_at(log_pc: float, some_s: FloatArray) -> BoolArray:
            return self._field(some_s, asking(log_pc)).open_but()

        if not times.size:
            return None
        least = least_value(open_at, math.log(given), math.log(worst), times)
        if not np.any(np.isfinite(least)):
            return None
        return self._flown_reach(asking(float(np.nanmin(least))), times[np.nanargmin(least)])

    def _flown_reach(self, asked: Setting, t_s: float) -> BestReach:
        """The largest burn in the direction that is best for what it can reach."""
        burn = candidate(self._field(np.array([t_s]), asked).found, 0, "")
        largest = min(self.setting.spacecraft.available_dv_m_s, _largest_on(self.setting, burn))
        flown = self.pilot.verifier.fly(single_burn(self.setting, burn, largest))
        sized = Sized(size_m_s=largest, verified=flown, reached=False, limit="maximum delta-v")
        return BestReach(
            burn=flown.burns[0], pc=flown.pc, pc_linear=asked.policy.pc_target, sized=sized
        )

    def _target(self, reach: BestReach | None) -> Iterator[Relaxation]:
        """The best burn at the target that it reaches, where that is below the threshold."""
        policy = self.setting.policy
        needed = math.inf if reach is None else _SETTLED * max(reach.pc, reach.pc_linear)
        if reach is None or not policy.pc_target < needed < policy.pc_act:
            return
        relaxed = replace(self.setting, policy=replace(policy, pc_target=needed))
        sized = replace(reach.sized, reached=reach.pc <= needed)
        option = self._option(relaxed, sized, reach.pc_linear)
        if not option.feasible:
            return
        step = Step(
            constraint="Pc target",
            given=policy.pc_target,
            needed=needed,
            unit="",
            share=needed / policy.pc_target - 1,
            how=say.target(policy.pc_target, needed, policy.pc_act),
        )
        yield _relaxation((step,), option, relaxed)


def _largest_on(setting: Setting, burn: Candidate) -> float:
    """What the burn's thruster can do without a break [m/s]."""
    return setting.spacecraft.longest_burn_m_s(burn.unit_rtn)


def _relaxation(steps: tuple[Step, ...], option: Option, relaxed: Setting) -> Relaxation:
    assert option.pc_verified is not None
    return Relaxation(
        steps=steps,
        option=option,
        spacecraft=relaxed.spacecraft,
        operations=relaxed.operations,
        policy=relaxed.policy,
        sentence=say.sentence(tuple(one.how for one in steps), option.burns[0], option.pc_verified),
    )


def _few_windows(tries: list[_Try]) -> list[_Try]:
    """Of relaxations that differ only in the no-burn window that gives, the smallest few."""
    kept: list[_Try] = []
    seen: dict[tuple[str, ...], int] = {}
    for one in sorted(tries, key=lambda each: each.share):
        kind = tuple(knob.constraint.split(" '")[0] for knob in one.knobs)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= _WINDOWS:
            kept.append(one)
    return kept

"""Looks for the least that has to give, and flies the burns that it opens."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from mdss.planner.pilot import Pilot
from mdss.planner.relaxation.answer import NO_WAY_OUT, Relaxation, Step, WayOut, relaxation_of
from mdss.planner.relaxation.field import Field
from mdss.planner.relaxation.flights import Flight, flown, option_of, scale_to_reach
from mdss.planner.relaxation.knob import FloatArray, Knob
from mdss.planner.relaxation.knobs_of_size import knobs_of_direction, knobs_of_size
from mdss.planner.relaxation.knobs_of_time import knobs_of_time
from mdss.planner.relaxation.reach import best_reach, other_target
from mdss.planner.setting import Setting
from mdss.spacecraft import Spacecraft
from mdss.units import DAY_S, seconds_between

MOST = 6  # that are flown and shown
_GRID_S = 60.0
_HORIZONS = 2.0  # a horizon beyond twice the given one, or a week, is another plan
_LONGEST_S = 7 * DAY_S
_FLIGHTS = 3  # of one relaxation, until its size settles
_ROOM, _TURNING_ROOM = 1.02, 1.0005  # on sizes to be flown; taken back, but for directions
_ALIKE = 1 + 1e-6  # shares
_WINDOWS = 2  # of many that would do, shown


def relaxations(
    setting: Setting,
    pilot: Pilot | None = None,
    asked: Spacecraft | None = None,
    most: int = MOST,
) -> tuple[Relaxation, ...]:
    """The least that has to give for a burn to reach the target, the smallest change first.

    Parameters
    ----------
    setting : Setting
        The question as it stands.
    pilot : Pilot, optional
        Of this setting, where one has flown already.
    asked : Spacecraft, optional
        The spacecraft as it was given, where the setting keeps propellant for standing maneuvers.
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
    return way_out(setting, pilot, asked, most).relaxations


def way_out(
    setting: Setting,
    pilot: Pilot | None = None,
    asked: Spacecraft | None = None,
    most: int = MOST,
) -> WayOut:
    """`relaxations` with the burn that comes closest; the same arguments."""
    craft = setting.spacecraft
    calls = setting.risk.pc > setting.policy.pc_target or setting.calling
    if not (craft.can_maneuver and calls):
        return NO_WAY_OUT
    return _Search(setting, pilot or Pilot(setting), asked or craft, most).answer()


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

    @property
    def turns(self) -> bool:
        """Whether directions change, so that what was flown cannot be trimmed."""
        return any(one.turns for one in self.knobs)

    @property
    def room(self) -> float:
        """How much larger than needed the burn may be that is flown."""
        return _TURNING_ROOM if self.turns else _ROOM

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

    def __init__(self, setting: Setting, pilot: Pilot, asked: Spacecraft, most: int) -> None:
        now_s = seconds_between(setting.now_utc, setting.tca_utc)
        given = setting.operations.planning_horizon_s
        reach_s = max(min(_HORIZONS * given, now_s, _LONGEST_S), given)
        self.setting = replace(setting, reach_s=reach_s + 0.5 * setting.period_s)
        self.pilot, self.asked, self.most = pilot, asked, most
        self.times_s = _times(setting, reach_s)

    def answer(self) -> WayOut:
        """The closest burn and the relaxations."""
        field = self._shut()
        if field is None:
            return NO_WAY_OUT
        reach = best_reach(self.setting, self.pilot, field)
        found = [*self._flown(field, self._singles(field), self.most)]
        other = other_target(self.setting, self.pilot, reach)
        if other is not None:
            found.append(replace(other, spacecraft=self.asked))
        if not found:
            found = [*self._flown(field, self._pairs(field), self.most)]
        return WayOut(reach=reach, relaxations=tuple(sorted(found, key=lambda one: one.share)))

    def _shut(self) -> Field | None:
        """The field with no burn open; None where one is, and holds when flown."""
        field = Field.at(self.setting, self.times_s)
        for _ in range(_FLIGHTS):
            open_ = field.open_but()
            if not np.any(open_):
                return field
            best = int(np.argmin(np.where(open_, field.dv_m_s, np.inf)))
            flight = flown(self.pilot, self.setting, field, best)
            if flight.option.feasible:
                return None
            if not flight.too_small:
                break
            scale = scale_to_reach(self.pilot, flight, self.setting.policy.pc_target)
            field = replace(field, scale=max(scale, 1.001 * field.scale))
        return replace(field, hopeless=field.open_but())

    # one constraint, or two

    def _singles(self, field: Field) -> list[_Try]:
        """Each constraint that would be enough by itself."""
        knobs = (*_knobs(field), *knobs_of_direction(field))
        return _present(_best(field, (knob,)) for knob in knobs)

    def _pairs(self, field: Field) -> list[_Try]:
        """Two constraints that would be enough together."""
        return _present(
            _best(field, pair)
            for pair in combinations([*_knobs(field)], 2)
            if not pair[0].opens & pair[1].opens
        )

    # flying

    def _flown(self, field: Field, tries: list[_Try], most: int) -> Iterator[Relaxation]:
        """Those that hold when flown, of the smallest."""
        in_order = sorted(tries, key=lambda one: one.share)
        for one in _few_windows(in_order)[:most]:
            relaxation = self._relaxation(one, field.scale)
            if relaxation is not None:
                yield relaxation

    def _relaxation(self, one: _Try, scale: float) -> Relaxation | None:
        """A try as it is flown: what flight adds to the size goes back into the constraints."""
        # where directions turn, the value that was found has room enough for a first flight
        roomy = one if one.turns else self._again(one, scale * one.room)
        for _ in range(_FLIGHTS):
            if roomy is None:
                return None
            relaxed = roomy.setting(self.setting)
            field = Field.at(relaxed, np.array([roomy.t_s]))
            flight = flown(self.pilot, relaxed, field, 0)
            if flight.sized.reached:
                exact = roomy if roomy.turns else self._again(one, flight.scale)
                return None if exact is None else self._settled(exact, flight)
            if not flight.too_small:
                return None
            scale = scale_to_reach(self.pilot, flight, relaxed.policy.pc_target)
            roomy = self._again(one, scale * one.room)
        return None

    def _settled(self, exact: _Try, flight: Flight) -> Relaxation | None:
        """The relaxation that just allows the burn that was flown."""
        relaxed = exact.setting(self.setting)
        assert flight.option.pc_linear is not None
        option = option_of(self.pilot, relaxed, flight.sized, flight.option.pc_linear)
        told = exact.setting(replace(self.setting, spacecraft=self.asked))
        return relaxation_of(exact.steps(), option, told) if option.feasible else None

    def _again(self, one: _Try, scale: float) -> _Try | None:
        """The same knobs at the same burn time, with sizes scaled; None where they do not help."""
        field = Field.at(self.setting, np.array([one.t_s]), scale)
        names = [knob.constraint for knob in one.knobs]
        every = (*_knobs(field), *(knobs_of_direction(field) if one.turns else ()))
        knobs = tuple(knob for knob in every if knob.constraint in names)
        return _best(field, knobs) if len(knobs) == len(names) else None


def _times(setting: Setting, reach_s: float) -> FloatArray:
    """The planner's own burn times, with earlier and later ones."""
    own = setting.times_s
    earlier = np.arange(own[0] + _GRID_S, reach_s, _GRID_S)[::-1]
    later = np.arange(own[-1] - _GRID_S, 0.0, -_GRID_S)
    return np.concatenate([earlier, own, later])


def _knobs(field: Field) -> Iterator[Knob]:
    yield from knobs_of_time(field)
    yield from knobs_of_size(field)


def _best(field: Field, knobs: tuple[Knob, ...]) -> _Try | None:
    """The burn time that asks least of some knobs together, and the least burn among those."""
    opens = frozenset[str]().union(*(one.opens for one in knobs))
    share = np.sum([one.share for one in knobs], axis=0)
    if not any(one.turns for one in knobs):  # those know where they open
        share = np.where(field.open_but(opens), share, np.inf)
    least = float(np.min(share))
    if not math.isfinite(least):
        return None
    index = int(np.argmin(np.where(share <= least * _ALIKE, field.dv_m_s, np.inf)))
    return _Try(knobs=knobs, index=index, t_s=float(field.times_s[index]), share=least)


def _present(tries: Iterable[_Try | None]) -> list[_Try]:
    return [one for one in tries if one is not None]


def _few_windows(tries: list[_Try]) -> list[_Try]:
    """Of tries that differ only in which no-burn window gives, the first few."""
    kept: list[_Try] = []
    kinds: list[tuple[bool | str, ...]] = []
    for one in tries:
        windows = (knob.constraint.startswith("no-burn window") for knob in one.knobs)
        pairs = zip(one.knobs, windows, strict=True)
        kinds.append(tuple(is_one or knob.constraint for knob, is_one in pairs))
        if kinds.count(kinds[-1]) <= _WINDOWS:
            kept.append(one)
    return kept

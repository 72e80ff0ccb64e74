"""Plan a conjunction: candidate burns over the allowed times, each flown, side by side.

Gather what constrains (`setting`), sweep the exact optimum over burn times (`candidates`), choose
the candidate that each option stands for and fly it (`option_maker`, `verification`), recommend.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from mdss.conjunction import Conjunction, ConjunctionEvent
from mdss.errors import ConjunctionError
from mdss.maneuver import Dynamics
from mdss.notices import without_repeats
from mdss.operations import Operations
from mdss.planner.front.pareto import with_front
from mdss.planner.notices import assumed_values, plan_notices, standing_notices
from mdss.planner.option_maker import OptionMaker
from mdss.planner.options import OptionName, Plan
from mdss.planner.recommendation import recommend
from mdss.planner.relaxation import NO_WAY_OUT, closest, way_out
from mdss.planner.robustness.cases import CaseSet
from mdss.planner.setting import Setting
from mdss.planner.trade import trade_space_of
from mdss.planner.windows import computed
from mdss.policy import Policy
from mdss.risk.assess import assess
from mdss.spacecraft import Spacecraft
from mdss.standing import after_standing, kept_for_standing
from mdss.units import as_utc


def plan(
    event: ConjunctionEvent | Conjunction,
    spacecraft: Spacecraft | None = None,
    operations: Operations | None = None,
    policy: Policy | None = None,
    *,
    maneuvering: str | None = None,
    hard_body_radius_m: float | None = None,
    now_utc: datetime | None = None,
    dynamics: Dynamics = "numerical",
    front: bool = False,
    robust: str | CaseSet | None = None,
) -> Plan:
    """Options for a conjunction: no burn and burns, each flown with all forces, ranked.

    Parameters
    ----------
    event : ConjunctionEvent or Conjunction
        Of an event the newest message is planned.
    spacecraft : Spacecraft, optional
        The maneuvering object, found in the message by designator. Without it a generic
        spacecraft stands in, every value of it assumed.
    operations, policy : optional
        No windows and NASA robotic when not given.
    maneuvering : str, optional
        Designator, OBJECT1 or OBJECT2; overrides the spacecraft's designator.
    hard_body_radius_m : float, optional
        Overrides every other source [m].
    now_utc : datetime, optional
        Timezone-aware; deadlines are judged against it. Without it the clock, or the
        creation of the newest message when TCA is past.
    dynamics : {"numerical", "two_body"}
        Of the linear map; verification is always numerical.
    front : bool
        Also find the Pareto front of the five costs (`mdss.planner.front.pareto`); the option
        "Balanced" is then the point of it that costs least.
    robust : str or CaseSet, optional
        Burns must reach the target in all of these cases: "hot-cold", "timing", "covariance",
        "hbr", "all", or a set of one's own. Sizes are then set by the worst.

    Raises
    ------
    ConjunctionError
        If no object matches, or the objects make no encounter.
    CovarianceError
        If no probability can be computed.
    PlanningError
        If no set of cases has that name.
    PropagationError
        If an orbit cannot be propagated.
    """
    event = (
        event if isinstance(event, ConjunctionEvent) else ConjunctionEvent(conjunctions=(event,))
    )
    policy = policy or Policy.preset("nasa")
    operations = operations or Operations.unconstrained()
    conjunction = event.latest.oriented(_designator(spacecraft, maneuvering))
    spacecraft = spacecraft or Spacecraft.generic(
        conjunction.primary.designator or conjunction.primary.label
    )
    told = _with_file_coefficients(conjunction, spacecraft)
    now, now_source = _now(event, now_utc)
    conjunction = after_standing(told, operations.standing, spacecraft.execution_error)
    asked, spacecraft = spacecraft, kept_for_standing(spacecraft, operations.standing, now)
    operations = computed(operations, spacecraft, conjunction)
    assessed = partial(
        assess, hard_body_radius_m=hard_body_radius_m, spacecraft=spacecraft, policy=policy
    )
    risk = assessed(conjunction)
    before = risk if conjunction is told else assessed(told)
    setting = Setting(
        risk=risk,
        spacecraft=spacecraft,
        operations=operations,
        policy=policy,
        now_utc=now,
        dynamics=dynamics,
        robust=CaseSet.named(robust) if isinstance(robust, str) else robust,
    )
    maker = OptionMaker(setting)
    options = maker.options()
    found, options = with_front(maker.writer, maker.any, options) if front else (None, options)
    stuck = maker.burn_would_help and not any(one.feasible for one in options)
    out = way_out(setting, maker.pilot, asked) if stuck else NO_WAY_OUT
    best_reachable_pc, best_burn = closest(options, out, maker.best_reachable_pc(options))
    recommended, recommendation = recommend(
        setting, options, maker.burn_would_help, best_reachable_pc, out.said if stuck else ""
    )
    burnable = [one for one in options if one.feasible and one.name != OptionName.NO_BURN]
    return Plan(
        event=event,
        conjunction=conjunction,
        risk=risk,
        spacecraft=spacecraft,
        operations=operations,
        policy=policy,
        now_utc=now,
        now_source=now_source,
        period_s=maker.pilot.period_s,
        options=options,
        recommended=recommended,
        recommendation=recommendation,
        best_reachable_pc=None if burnable else best_reachable_pc,
        best_reachable_burn=None if burnable else best_burn,
        relaxations=out.relaxations,
        assumed=assumed_values(setting, asked),
        trade_space=trade_space_of(setting, options),
        notices=without_repeats(
            (
                *risk.notices,
                *standing_notices(setting, before),
                *plan_notices(setting, now_source),
            )
        ),
        front=found,
        robust=setting.robust,
    )


# --- what is planned ----------------------------------------------------------------------


def _designator(spacecraft: Spacecraft | None, maneuvering: str | None) -> str:
    if maneuvering is not None:
        return maneuvering
    return spacecraft.designator if spacecraft is not None else "OBJECT1"


def _with_file_coefficients(conjunction: Conjunction, spacecraft: Spacecraft) -> Conjunction:
    """The conjunction, its drag and radiation coefficients filled from the spacecraft file."""
    ours = conjunction.primary
    changes = {
        name: getattr(spacecraft, name)
        for name in ("cd_area_over_mass_m2_kg", "cr_area_over_mass_m2_kg")
        if getattr(ours, name) is None and getattr(spacecraft, name) is not None
    }
    return replace(conjunction, primary=replace(ours, **changes)) if changes else conjunction


def _now(event: ConjunctionEvent, now_utc: datetime | None) -> tuple[datetime, str]:
    if now_utc is not None:
        return as_utc(now_utc), "given"
    clock = datetime.now(UTC)
    if clock < event.latest.tca_utc:
        return clock, "clock"
    created = event.latest.created_utc
    if created is None:
        raise ConjunctionError(
            "TCA is past and the message has no creation date, so 'now' is unknown; give it"
        )
    return created, "newest message"

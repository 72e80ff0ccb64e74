"""What the reader of a plan has to know beside its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable

from mdss.forces import force_notices
from mdss.notices import Notice, NoticeCode
from mdss.planner.box.deviation import YARDSTICK
from mdss.planner.setting import Setting
from mdss.planner.sizing import Sized
from mdss.planner.verification import Verified
from mdss.risk.assess import Risk
from mdss.risk.methods import PcMethod
from mdss.spacecraft import ExecutionError, Spacecraft
from mdss.units import iso

_LONG_BURN_SHARE = 0.02  # of a period: from here on the attitude of the burn is worth a word
_ALIKE = 0.1  # relative: Pc of two methods that tell the same
_SECOND_APPROACH_SHARE = 0.01  # of Pc, from which another close approach is worth saying


def assumed_values(setting: Setting, asked: Spacecraft) -> tuple[str, ...]:
    """Every value that nobody gave, with the value taken; `asked` is the spacecraft as given."""
    said = []
    for group, thing in (
        ("spacecraft", asked),
        ("operations", setting.operations),
    ):
        said += [f"{group}.{name} = {_shown(getattr(thing, name))}" for name in thing.assumed]
    if "mass_kg" in setting.spacecraft.assumed:
        said.append(f"maneuvering object = {setting.conjunction.primary.label}")
    box = setting.spacecraft.station_keeping
    if box is not None:
        said += [f"spacecraft.station_keeping.{name} = 0" for name in box.assumed]
    elif setting.spacecraft.can_maneuver:
        sides = ", ".join(f"{side} {half:g}" for side, half in YARDSTICK.sides.items())
        said.append(f"spacecraft.station_keeping = none; deviation is told in boxes of {sides}")
    if setting.risk.hbr.source == "policy":
        said.append(f"hard_body_radius_m = {setting.risk.hbr.radius_m:g} (policy)")
    return tuple(said)


def _shown(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, float):
        return f"{value:g}" if math.isfinite(value) else "no limit"
    if isinstance(value, tuple):
        return "; ".join(str(getattr(one, "name", one)) for one in value)
    if isinstance(value, ExecutionError):
        return (
            f"{value.magnitude_proportional:.2%} + {value.magnitude_fixed_m_s * 1e3:g} mm/s in "
            f"size, {math.degrees(value.pointing_proportional_rad):.2g}° + "
            f"{value.pointing_fixed_m_s * 1e3:g} mm/s across"
        )
    return str(value)


def plan_notices(setting: Setting, now_source: str) -> Iterable[Notice]:
    """Said of the whole plan."""
    if now_source == "newest message":
        message = (
            f"TCA is past, so deadlines are judged at the creation of the newest message, "
            f"{iso(setting.now_utc)}."
        )
        yield Notice(code=NoticeCode.NOW_FROM_MESSAGE, message=message)
    if setting.now_utc >= setting.tca_utc:
        message = f"Now ({iso(setting.now_utc)}) is not before TCA: nothing can be commanded."
        yield Notice(code=NoticeCode.CANNOT_MANEUVER, message=message)
    if setting.spacecraft.can_maneuver and setting.conjunction.primary.maneuverable is False:
        message = (
            f"The message says that {setting.conjunction.primary.label} cannot maneuver, and it is "
            "planned as the one that does. Name the other object, or check the message."
        )
        yield Notice(code=NoticeCode.CANNOT_MANEUVER, message=message)
    yield from _identity_notices(setting)
    if not setting.spacecraft.can_maneuver:
        message = f"{setting.spacecraft.name or setting.spacecraft.designator} cannot maneuver."
        yield Notice(code=NoticeCode.CANNOT_MANEUVER, message=message)
    if not setting.policy.by_pc:
        message = (
            f"Policy {setting.policy.name!r} has no probability in it: burns are sized to Pc "
            f"{setting.policy.pc_target:.0e}, and called for from {setting.policy.pc_act:.0e}, "
            "values of the policy for planning only."
        )
        yield Notice(code=NoticeCode.ASSUMED_VALUE, message=message)
    yield from force_notices(setting.conjunction, setting.operations.planning_horizon_s)


def standing_notices(setting: Setting, before: Risk) -> Iterable[Notice]:
    """What standing maneuvers do to the encounter; `before` is the risk as the message has it."""
    standing, after = setting.operations.standing, setting.risk
    if not standing:
        return
    named = "; ".join(f"{one}, {one.dv_m_s * 100:.3g} cm/s" for one in standing)
    message = (
        f"Standing maneuvers: {named}. No other burn overlaps them, slews included, and the "
        "propellant of those still to come is kept."
    )
    if after is not before:
        moved = [one for one in standing if not one.in_message]
        message += (
            f" {'One is' if len(moved) == 1 else f'{len(moved)} are'} not in the message, so the "
            f"encounter is planned as it will be afterwards: {_encounter_words(before)} in the "
            f"message, {_encounter_words(after)} then. Ask for a message with that orbit."
        )
    yield Notice(code=NoticeCode.STANDING_MANEUVER, message=message)


def _encounter_words(risk: Risk) -> str:
    return f"Pc {risk.pc:.1e} at {risk.conjunction.miss_distance_m:.0f} m"


def _identity_notices(setting: Setting) -> Iterable[Notice]:
    spacecraft, conjunction = setting.spacecraft, setting.conjunction
    if spacecraft.assumed and "mass_kg" in spacecraft.assumed:
        return  # a generic one takes its name from the message
    if not conjunction.is_primary(spacecraft.designator):
        message = (
            f"The spacecraft file is about {spacecraft.designator}, but "
            f"{conjunction.primary.designator} ({conjunction.primary.label}) was named as "
            "maneuvering: the values of the file are used for it."
        )
        yield Notice(code=NoticeCode.ASSUMED_VALUE, message=message)


def burn_notices(sized: Sized, period_s: float) -> tuple[Notice, ...]:
    """What is to be known of a burn as it was flown; `period_s` is a revolution [s]."""
    verified = sized.verified
    notices = []
    burn = verified.burns[0]
    if sized.limit == "minimum impulse":
        message = (
            f"The smallest burn that can be fired, {burn.dv_m_s * 100:.3g} cm/s, is larger "
            "than needed; Pc is below the target."
        )
        notices.append(Notice(code=NoticeCode.MINIMUM_IMPULSE, message=message))
    duration = max(one.duration_s for one in verified.burns)
    if duration > _LONG_BURN_SHARE * period_s:
        message = (
            f"{'The burn' if len(verified.burns) == 1 else 'The longest burn'} lasts "
            f"{duration:.0f} s, {duration / period_s:.1%} of a revolution. "
            "Time, direction and size were chosen, and flown, for an arc of constant thrust and "
            "falling mass that is held along these RTN axes: the attitude turns with the orbit."
        )
        notices.append(Notice(code=NoticeCode.LONG_BURN, message=message))
    notices += _method_notices(verified)
    notices += _second_approach_notices(verified)
    return tuple(notices)


def _method_notices(verified: Verified) -> list[Notice]:
    """Said where 2D Pc does not carry the verified Pc."""
    if not verified.trusted:
        message = f"No Pc method is known to hold after the burn. {verified.doubt}"
        return [Notice(code=NoticeCode.PC_2D_NOT_VALID, message=message)]
    main = verified.main.encounter
    if main is None or main.choice.recommended.method == PcMethod.PC_2D:
        return []
    if math.isclose(main.pc, main.pc_2d, rel_tol=_ALIKE):
        return []
    message = (
        f"The verified Pc after the burn is by {main.choice.recommended.method.label}; 2D Pc, "
        f"{main.pc_2d:.1e}, does not hold there."
    )
    return [Notice(code=NoticeCode.PC_2D_NOT_VALID, message=message)]


def _second_approach_notices(verified: Verified) -> list[Notice]:
    others = [
        one
        for one in verified.approaches
        if one is not verified.message_approach and one.pc > _SECOND_APPROACH_SHARE * verified.pc
    ]
    return [
        Notice(
            code=NoticeCode.SECOND_MINIMUM,
            message=(
                f"Another approach at {iso(one.conjunction.tca_utc)}, {one.miss_distance_m:.0f} m, "
                f"Pc {one.pc:.1e}, is included in the verified Pc. Its covariance is that of the "
                "message, held in RTN: it needs a message of its own."
            ),
        )
        for one in others
    ]

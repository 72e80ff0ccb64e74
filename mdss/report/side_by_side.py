"""Options side by side as rows of texts: what the terminal and the screen both can draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mdss.maneuver import Burn
from mdss.planner.certificate import Certificate
from mdss.planner.options import Option, OptionName, Plan
from mdss.report import words
from mdss.units import seconds_between

State = Literal["plain", "act", "caution", "ok", "off"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value of one option.

    Parameters
    ----------
    text : str
        With its glyph, where it has one; without the star.
    second : str
        Difference to the reference option, or what the value stands beside.
    state : str
        "act" only where the value breaks a limit.
    best : bool
        Alone best among the options that meet the target, at the shown precision.
    struck : bool
        Computed by a method that does not hold here.
    """

    text: str
    second: str = ""
    state: State = "plain"
    best: bool = False
    struck: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One quantity over all options.

    Parameters
    ----------
    quantity, unit : str
    cells : tuple of Cell
        In the order of the plan's options.
    assumed : tuple of str
        Values that nobody gave and that these cells rest on.
    """

    quantity: str
    unit: str
    cells: tuple[Cell, ...]
    assumed: tuple[str, ...] = ()


def option_rows(plan: Plan, reference: OptionName = OptionName.NO_BURN) -> tuple[Row, ...]:
    """The rows that decide, in a fixed order; the last one says what binds.

    Parameters
    ----------
    plan : Plan
    reference : OptionName
        Second lines give the difference to this option.
    """
    ref = plan.option(reference)
    rows = (
        Row(quantity="Status", unit="", cells=tuple(status(plan, one) for one in plan.options)),
        _row(plan, "Burn", "UTC", _burn),
        _numbers(plan, ref, "Δv", "cm/s", lambda o: o.dv_total_m_s, words.cm_s),
        _numbers(plan, ref, "Propellant", "g", lambda o: o.propellant_kg, words.grams),
        *_return_row(plan, ref),
        _starred(plan, _row(plan, "Pc verified", "", lambda p, o: _pc(p, o, ref)), _verified_pc),
        _numbers(plan, ref, "Miss", "m", lambda o: o.miss_after_m, words.metres, better=False),
        _numbers(
            plan,
            ref,
            "Payload lost",
            "min",
            lambda o: o.interruption_min,
            lambda minutes: words.number(minutes, 1),
        ),
        *_deviation_row(plan, ref),
        _starred(plan, _row(plan, "Commit by", "UTC", _commit), _earliest_commit_s),
        _row(plan, "Cancel by", "UTC", _cancel),
        _starred(plan, _row(plan, "Policy cost", "min", _cost), lambda o: o.cost),
        Row(quantity="Binds", unit="", cells=tuple(_binds(one) for one in plan.options)),
    )
    return tuple(
        replace(row, cells=_muted(plan, row.cells), assumed=_assumed(plan, row.quantity))
        for row in rows
    )


_RESTS_ON = {
    "Propellant": ("spacecraft.mass_kg", "spacecraft.thrusters"),
    "Pc verified": ("spacecraft.execution_error", "hard_body_radius_m"),
    "Deviation": ("spacecraft.station_keeping",),
    "Payload lost": ("spacecraft.slew_s", "spacecraft.settle_s", "operations.payload"),
    "Commit by": ("operations.contacts", "operations.command_lead_s", "operations.decision_lead_s"),
    "Cancel by": ("operations.contacts", "operations.command_lead_s"),
}


def _assumed(plan: Plan, quantity: str) -> tuple[str, ...]:
    names = _RESTS_ON.get(quantity, ())
    return tuple(said for said in plan.assumed if said.split(" = ")[0] in names)


def shown(option: Option) -> bool:
    """Whether an option has numbers of its own: "no burn", or a burn that was found."""
    return option.name == OptionName.NO_BURN or bool(option.burns)


def comparable(option: Option) -> bool:
    """Whether an option may win a star: feasible, and judged by a method that holds."""
    return option.feasible and option.method_valid and shown(option)


def status(plan: Plan, option: Option) -> Cell:
    """In one or two words whether an option can be taken."""
    if option.name == plan.recommended:
        return Cell(text=f"{words.GOOD} Recommended", state="ok")
    if option.pc_verified is None:
        return Cell(text=f"{words.OFF} Not possible", state="off")
    if not option.method_valid:
        return Cell(text=f"{words.CAUTION} Pc not valid", state="caution")
    if not shown(option):
        return Cell(text=f"{words.OFF} Not needed", state="off")
    if not option.feasible:
        above = option.name == OptionName.NO_BURN
        text = f"{words.ACT} {'Above act' if above else 'Not safe'}"
        return Cell(text=text, state="act")
    if option.notices:
        return Cell(text=f"{words.CAUTION} See note", state="caution")
    return Cell(text=f"{words.GOOD} Feasible", state="ok")


def picked(rows: Sequence[Row], places: Sequence[int]) -> tuple[Row, ...]:
    """The rows with only the options at some places."""
    return tuple(replace(row, cells=tuple(row.cells[at] for at in places)) for row in rows)


# --- cells --------------------------------------------------------------------------------


def _row(plan: Plan, quantity: str, unit: str, cell: Callable[[Plan, Option], Cell]) -> Row:
    return Row(
        quantity=quantity,
        unit=unit,
        cells=tuple(
            cell(plan, one) if shown(one) else Cell(text=words.NOTHING) for one in plan.options
        ),
    )


def _numbers(
    plan: Plan,
    ref: Option,
    quantity: str,
    unit: str,
    value: Callable[[Option], float],
    text: Callable[[float], str],
    better: bool = True,
) -> Row:
    """A row of numbers of which less is better, or (`better=False`) none is."""

    def cell(_: Plan, one: Option) -> Cell:
        return Cell(text=text(value(one)), second=_difference(one, ref, value, text))

    row = _row(plan, quantity, unit, cell)
    return _starred(plan, row, value) if better else row


def _return_row(plan: Plan, ref: Option) -> tuple[Row, ...]:
    """Only where some option leaves the way back into the box to later; its fuel cost has both."""

    def value(one: Option) -> float:
        return float(one.outcome.return_propellant_kg)

    if not any(value(one) > 0 for one in plan.options):
        return ()
    return (_numbers(plan, ref, "Return later", "g", value, words.grams),)


def _deviation_row(plan: Plan, ref: Option) -> tuple[Row, ...]:
    """Only where some option leaves its place in the station-keeping box."""

    def value(one: Option) -> float:
        return float(one.outcome.deviation_boxes)

    if not any(value(one) > 0 for one in plan.options):
        return ()
    return (_numbers(plan, ref, "Deviation", "boxes", value, words.boxes),)


def _difference(
    one: Option, ref: Option, value: Callable[[Option], float], text: Callable[[float], str]
) -> str:
    if one is ref:
        return "ref"
    if not shown(ref):
        return ""
    said = text(value(one) - value(ref))
    return said if said.startswith(words.MINUS) else "+" + said


def _burn(plan: Plan, one: Option) -> Cell:
    if not one.burns:
        return Cell(text=words.NOTHING)
    burn, count = one.burns[0], len(one.burns)
    return Cell(
        text=words.clock(burn.epoch_utc, date=False, seconds=True),
        second=words.before_tca(burn.t_before_tca_s) if count == 1 else f"first of {count}",
    )


def _verified_pc(one: Option) -> float:
    return one.pc_verified if one.pc_verified is not None else float("inf")


def _pc(plan: Plan, one: Option, ref: Option) -> Cell:
    value = one.pc_verified
    if not one.method_valid:
        return Cell(
            text=words.pc(value), second=f"{words.ACT} Pc not valid", state="act", struck=True
        )
    second = "ref" if one is ref else _ratio_to(ref, value)
    if _breaks_limit(plan, one):
        return Cell(text=f"{words.ACT} {words.pc(value)}", second=second, state="act")
    return Cell(text=words.pc(value), second=second)


def _breaks_limit(plan: Plan, one: Option) -> bool:
    """No burn: at or above the threshold to act; a burn: not feasible when flown."""
    if one.name == OptionName.NO_BURN:
        return _verified_pc(one) >= plan.policy.pc_act
    return not one.feasible


def _ratio_to(ref: Option, value: float | None) -> str:
    if value is None or ref.pc_verified is None or not ref.method_valid:
        return ""
    return words.ratio(value, ref.pc_verified)


def _earliest_commit_s(one: Option) -> float:
    """Less is better: a later commit."""
    return -one.commit_by_utc.timestamp() if one.commit_by_utc else float("inf")


def _commit(plan: Plan, one: Option) -> Cell:
    if one.commit_by_utc is None:
        return Cell(text=words.NOTHING)
    return _deadline(plan, one.commit_by_utc.timestamp(), words.clock(one.commit_by_utc))


def _cancel(plan: Plan, one: Option) -> Cell:
    if one.cancel_by_utc is None:
        return Cell(text=words.NOTHING)
    return _deadline(plan, one.cancel_by_utc.timestamp(), words.clock(one.cancel_by_utc))


def _deadline(plan: Plan, at_s: float, clock: str) -> Cell:
    left_s = at_s - plan.now_utc.timestamp()
    if left_s < 0:
        return Cell(
            text=f"{words.ACT} {clock}", second=f"passed {words.span(-left_s)} ago", state="act"
        )
    return Cell(text=clock, second=f"in {words.span(left_s)}")


def _binds(one: Option) -> Cell:
    return Cell(text=one.binds or words.NOTHING)


def _cost(plan: Plan, one: Option) -> Cell:
    if not one.feasible:
        return Cell(text=words.NOTHING)
    return Cell(text=words.number(one.cost, 1))


# --- stars and muting ---------------------------------------------------------------------


def _starred(plan: Plan, row: Row, value: Callable[[Option], float]) -> Row:
    """The row with its single best cell marked; no star where two look alike."""
    racing = [at for at, one in enumerate(plan.options) if comparable(one)]
    if len(racing) < 2:
        return row
    best = min(racing, key=lambda at: value(plan.options[at]))
    alike = [at for at in racing if row.cells[at].text == row.cells[best].text]
    if len(alike) > 1 or row.cells[best].text == words.NOTHING:
        return row
    return replace(row, cells=_with_best(row.cells, best))


def _with_best(cells: Sequence[Cell], best: int) -> tuple[Cell, ...]:
    return tuple(replace(one, best=at == best) for at, one in enumerate(cells))


def _muted(plan: Plan, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Plain cells of options that cannot be taken are off; they stay in place."""
    return tuple(
        replace(cell, state="off")
        if cell.state == "plain" and not one.feasible and one.name != OptionName.NO_BURN
        else cell
        for cell, one in zip(cells, plan.options, strict=True)
    )


# --- one option in full -------------------------------------------------------------------

BURN_HEADS = ("mid-burn (UTC)", "before TCA", "Δv, RTN [cm/s]", "size [cm/s]", "lasts [s]", "to")


def burn_cells(burn: Burn) -> tuple[str, ...]:
    """One burn under `BURN_HEADS`."""
    return (
        words.clock(burn.epoch_utc, seconds=True),
        words.before_tca(burn.t_before_tca_s),
        words.rtn(burn.dv_rtn_m_s, 3, 100),
        f"{100 * burn.dv_m_s:.3f}",
        f"{burn.duration_s:.1f}",
        burn.role,
    )


def burns_span(option: Option) -> str:
    """How many burns from when to when: "4 burns, 19 Mar 05:14 to 09:02 UTC"."""
    first, last = option.burns[0].epoch_utc, option.burns[-1].epoch_utc
    until = words.clock(last, date=last.date() != first.date())
    return f"{len(option.burns)} burns, {words.clock(first)} to {until} UTC"


def brief(option: Option) -> str:
    """One option in one line."""
    if not option.burns:
        return f"{option.name.label}: {option.reason}"
    stands = "feasible" if option.feasible else f"{words.ACT} not safe: {option.binds} binds"
    return (
        f"{option.name.label}: {_when(option)}, {words.speed(option.dv_total_m_s)}, "
        f"{words.mass(option.propellant_kg)}, Pc {words.pc(option.pc_verified)}, "
        f"{words.number(option.interruption_min, 1)} min of payload lost, commit by "
        f"{words.clock(option.commit_by_utc)}; {stands}"
    )


def _when(option: Option) -> str:
    if len(option.burns) > 1:
        return burns_span(option)
    return f"{words.clock(option.burns[0].epoch_utc)} UTC"


def certificate_words(certificate: Certificate | None) -> str:
    """How good an optimum is proven to be; empty without a proof."""
    if certificate is None:
        return ""
    best, ours = (_amount(certificate, x) for x in (certificate.lower_bound, certificate.value))
    return (
        f"least possible {best}, ours {ours}: gap {words.gap(certificate.relative_gap)} %, "
        f"{words.sentence(certificate.model)}"
    )


def _amount(certificate: Certificate, value: float) -> str:
    if certificate.unit == "m/s":
        return f"{100 * value:.4f} cm/s"
    return f"{value:.6g} {certificate.unit}"


def option_details(plan: Plan, name: OptionName) -> tuple[tuple[str, str], ...]:
    """Every figure of one option that the side-by-side rows leave out, as label and text."""
    one = plan.option(name)
    if not one.burns:
        return (("Miss", f"{words.rtn(one.miss_rtn_after_m)} m"),) if shown(one) else ()
    shift_s = seconds_between(plan.conjunction.tca_utc, one.tca_after_utc or plan.now_utc)
    return (
        *_burn_details(plan, one),
        (
            "Pc before, linear, verified",
            f"{words.pc(one.pc_before)}, {words.pc(one.pc_linear)}, {words.pc(one.pc_verified)}"
            f"{'' if one.method_valid else f' {words.ACT} Pc not valid'}",
        ),
        (
            "TCA after",
            f"{words.clock(one.tca_after_utc, seconds=True)} UTC, {words.signed(shift_s, 3)} s",
        ),
        ("Miss before", f"{words.rtn(one.miss_rtn_before_m)} m"),
        ("Miss after", f"{words.rtn(one.miss_rtn_after_m)} m"),
    )


def _burn_details(plan: Plan, one: Option) -> tuple[tuple[str, str], ...]:
    burn = one.burns[0]
    if len(one.burns) > 1:
        took = f"{words.speed(one.dv_total_m_s)}, {one.burn_duration_s:.0f} s"
        return ("Burns", burns_span(one)), ("Δv, duration of all", took)
    revolutions = burn.t_before_tca_s / plan.period_s
    when = f"{words.clock(burn.epoch_utc, seconds=True)} UTC, {revolutions:.2f} rev"
    how = f"{words.rtn(burn.dv_rtn_m_s, 2, 100)} cm/s, {one.burn_duration_s:.0f} s"
    return ("Mid-burn", when), ("Δv, duration", how)

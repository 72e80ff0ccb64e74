"""The history of an event for a terminal and as JSON. What is shown is computed elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from mdss.observations import ObservationData
from mdss.report import words
from mdss.report.pieces import bullet, notice_lines, plain_table
from mdss.risk.consistency import Consistency, Series, Update
from mdss.risk.evolution import History, StreamHistory
from mdss.risk.forecast import Forecast, ForecastPoint
from mdss.risk.history_row import HistoryRow, ObjectRow
from mdss.risk.methods import PcMethod
from mdss.risk.solutions import SolutionDifference, Step
from mdss.units import iso

Json = dict[str, Any]


# --- terminal -----------------------------------------------------------------------------


def history_tables(told: History) -> RenderableType:
    """Every message, whether the updates agree, and what may come.

    Parameters
    ----------
    told : History
    """
    newest = told.event.conjunctions[-1] if told.event.conjunctions else None
    names = [one.label for one in newest.objects] if newest else told.event.reported[-1].names
    parts: list[RenderableType] = [_title(f"History of {' and '.join(names)}", told)]
    for one in told.streams:
        if len(told.streams) > 1 or told.reported:
            parts.append(Text(one.label, style="bold"))
        parts.append(_rows_table(one.rows))
    if told.reported:
        parts += [Text("public records, Pc as reported", style="bold"), _rows_table(told.reported)]
    parts += [_head("Do the updates agree?"), *_bullets(_consistency_words(told))]
    forecasts = [one.forecast for one in told.streams if one.forecast is not None]
    parts += [_head("What may come"), *(_forecast_table(one) for one in forecasts)]
    parts += _bullets(_forecast_words(told))
    return Group(*parts, *notice_lines(told.notices))


def _title(text: str, told: History) -> Text:
    radius = "" if told.hbr is None else f"  Pc with {told.hbr.radius_m:g} m ({told.hbr.source})"
    head = Text(f"\n{text}", style="bold")
    return head.append(f"  {told.event.event_id}{radius}", style="dim")


def _head(text: str) -> Text:
    return Text(f"\n{text}", style="bold underline")


def _bullets(sentences: Sequence[str]) -> list[RenderableType]:
    return [bullet("•", words.sentence(one)) for one in sentences]


def _rows_table(rows: Sequence[HistoryRow]) -> RenderableType:
    table = plain_table(
        "created\n(UTC)",
        "before\nTCA",
        "Pc",
        "by",
        "Pc\nreported",
        "miss\n[m]",
        "R ± 1σ\n[m]",
        "T ± 1σ\n[m]",
        "N ± 1σ\n[m]",
        "σ in-track\nboth [m]",
        "obs.\nboth",
    )
    for column in (*table.columns[2:3], *table.columns[4:]):
        column.justify = "right"
    for row in rows:
        table.add_row(*_row_cells(row))
    return table


def _row_cells(row: HistoryRow) -> list[str]:
    before = words.NOTHING if row.t_before_tca_s is None else words.before_tca(row.t_before_tca_s)
    doubt = "" if row.pc_valid or row.reported or row.pc is None else f" {words.CAUTION}"
    return [
        words.clock(row.created_utc),
        before,
        f"{words.pc(None if row.reported else row.pc)}{doubt}",
        PcMethod(row.pc_method).label if row.pc_method else words.NOTHING,
        words.pc(row.reported_pc),
        words.NOTHING if row.miss_m is None else words.metres(row.miss_m),
        *(_component(row, axis) for axis in range(3)),
        "\n".join(words.metres(float(one.sigma_rtn_m[1])) for one in row.objects) or words.NOTHING,
        "\n".join(_observations(one) for one in row.objects) or words.NOTHING,
    ]


def _component(row: HistoryRow, axis: int) -> str:
    """The miss along an axis, its sigma on a second line."""
    if row.miss_rtn_m is None or row.miss_sigma_rtn_m is None:
        return words.NOTHING
    value, sigma = float(row.miss_rtn_m[axis]), float(row.miss_sigma_rtn_m[axis])
    return f"{words.signed(value)}\n± {words.metres(sigma)}"


def _observations(thing: ObjectRow) -> str:
    seen = thing.observations
    used = None if seen is None else seen.observations_used
    return words.NOTHING if used is None else f"{used:,.0f}"


def _consistency_words(told: History) -> list[str]:
    several = len(told.streams) > 1
    said = [
        f"{one.label}: {sentence}" if several else sentence
        for one in told.streams
        for sentence in one.consistency.sentences
    ]
    said += [one.sentence for one in told.differences]
    if said:
        return said
    known = "One message" if told.streams else "Public records only"
    return [f"{known}: there is nothing to compare."]


def _forecast_table(found: Forecast) -> RenderableType:
    act, target = words.threshold(found.pc_act), words.threshold(found.pc_target)
    table = plain_table(
        "message made\n(UTC)", "before\nTCA", "Pc, 5 %", "median", "95 %", f"≥ {act}", f"< {target}"
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for point in found.points:
        table.add_row(
            words.clock(point.at_utc),
            _moment(point),
            words.pc(point.pc_05),
            words.pc(point.pc_median),
            words.pc(point.pc_95),
            f"{100 * point.p_above_act:.0f} %",
            f"{100 * point.p_below_target:.0f} %",
        )
    return table


def _moment(point: ForecastPoint) -> str:
    return words.before_tca(point.t_before_tca_s) if point.t_before_tca_s > 0 else "TCA"


def _forecast_words(told: History) -> list[str]:
    several = len(told.streams) > 1
    said = []
    for one in told.streams:
        lead = f"{one.label}: " if several else ""
        sentences = one.forecast.sentences[-1:] if one.forecast else _no_forecast(one)
        said += [lead + sentence for sentence in sentences]
    return said or ["No forecast: there are public records only."]


def _no_forecast(one: StreamHistory) -> tuple[str, ...]:
    return (f"No forecast: {one.no_forecast or 'no later time is left'}.",)


# --- JSON ---------------------------------------------------------------------------------


def history_json(told: History) -> Json:
    """An event's history, as `history` of schema "risk" says."""
    return {
        "tca_utc": iso(told.tca_utc),
        "hard_body_radius_m": None if told.hbr is None else told.hbr.radius_m,
        "streams": [_stream_json(one) for one in told.streams],
        "reported": [_row_json(row) for row in told.reported],
        "differences": [_difference_json(one) for one in told.differences],
        "sentences": list(told.sentences),
        "warnings": [one.as_dict() for one in told.notices],
    }


def _stream_json(one: StreamHistory) -> Json:
    return {
        "label": one.label,
        "messages": [_row_json(row) for row in one.rows],
        "consistency": _consistency_json(one.consistency),
        "forecast": None if one.forecast is None else _forecast_json(one.forecast),
        "no_forecast": one.no_forecast,
    }


def _row_json(row: HistoryRow) -> Json:
    return {
        "file": row.source,
        "message_id": row.message_id or None,
        "created_utc": None if row.created_utc is None else iso(row.created_utc),
        "tca_utc": iso(row.tca_utc),
        "before_tca_s": row.t_before_tca_s,
        "pc": None if row.reported else row.pc,
        "pc_method": row.pc_method or None,
        "trusted": row.pc_valid,
        "pc_reported": row.reported_pc,
        "miss_distance_m": row.miss_m,
        "miss_rtn_primary_m": row.miss_rtn_m,
        "miss_sigma_rtn_m": row.miss_sigma_rtn_m,
        "relative_speed_m_s": row.relative_speed_m_s,
        "approach_angle_rad": row.approach_angle_rad,
        "sigma_plane_m": row.sigma_m,
        "objects": [_object_json(one) for one in row.objects],
        "problem": row.problem,
    }


def _object_json(thing: ObjectRow) -> Json:
    return {
        "designator": thing.designator,
        "name": thing.name,
        "sigma_rtn_m": thing.sigma_rtn_m,
        **_observations_json(thing.observations),
    }


def _observations_json(seen: ObservationData | None) -> Json:
    return {
        "observations_used": seen and seen.observations_used,
        "tracks_used": seen and seen.tracks_used,
        "od_span_d": seen and seen.actual_span_d,
    }


def _consistency_json(found: Consistency) -> Json:
    first, second = found.objects
    return {
        "consistent": found.consistent,
        "last_jumped": found.last_jumped,
        "miss": _series_json(found.miss),
        "primary": _series_json(first),
        "secondary": _series_json(second),
        "updates": [_update_json(one) for one in found.updates],
        "sentences": list(found.sentences),
    }


def _series_json(one: Series) -> Json:
    return {
        "chi2": one.chi2,
        "degrees_of_freedom": one.dof,
        "p_value": one.p_value,
        "sigmas": one.sigmas,
        "bounded": one.bounded,
    }


def _update_json(one: Update) -> Json:
    made = one.later.created_utc
    return {
        "created_utc": None if made is None else iso(made),
        "message_id": one.later.message_id or None,
        "jumped": one.jumped,
        "miss": _step_json(one.miss),
        "primary": _step_json(one.objects[0]),
        "secondary": _step_json(one.objects[1]),
        "problems": list(one.problems),
    }


def _step_json(step: Step | None) -> Json | None:
    if step is None:
        return None
    return {
        "step_m": step.step_m,
        "expected_sigma_m": step.expected_sigma_m,
        "chi2": step.chi2,
        "degrees_of_freedom": step.dof,
        "p_value": step.p_value,
        "sigmas": step.sigmas,
    }


def _forecast_json(found: Forecast) -> Json:
    return {
        "pc_now": found.pc_now,
        "pc_act": found.pc_act,
        "pc_target": found.pc_target,
        "model": {
            "fitted": found.model.fitted,
            "source": found.model.source,
            "sigma_rates_per_day": found.model.rates_per_day,
        },
        "points": [_point_json(one) for one in found.points],
        "sentences": list(found.sentences),
    }


def _point_json(one: ForecastPoint) -> Json:
    return {
        "at_utc": iso(one.at_utc),
        "before_tca_s": one.t_before_tca_s,
        "pc_05": one.pc_05,
        "pc_median": one.pc_median,
        "pc_95": one.pc_95,
        "pc_mean": one.pc_mean,
        "p_above_act": one.p_above_act,
        "p_below_target": one.p_below_target,
        "sigma_plane_m": one.sigma_m,
    }


def _difference_json(one: SolutionDifference) -> Json:
    return {
        "labels": one.labels,
        "difference_rtn_m": one.difference_rtn_m,
        "sigma_rtn_m": one.sigma_rtn_m,
        "against_both": _step_json(one.against_both),
        "inconsistent": one.inconsistent,
        "sentence": one.sentence,
    }

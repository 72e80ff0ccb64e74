"""No-burn windows, payload schedule, contacts and the deadlines that follow."""

import dataclasses
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mdss.errors import OperationsError
from mdss.operations import (
    Contact,
    Eclipse,
    Operations,
    PayloadActivity,
    StandingManeuver,
    Station,
    TimeWindow,
)
from mdss.propulsion import ExecutionError, Thruster
from mdss.spacecraft import Spacecraft
from mdss.station_keeping import StationKeepingBox

TCA = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TCA + timedelta(minutes=minutes)


def window(start: float, end: float, label: str = "") -> TimeWindow:
    return TimeWindow(start_utc=at(start), end_utc=at(end), label=label)


def activity(start: float, end: float, weight: float = 1.0) -> PayloadActivity:
    return PayloadActivity(start_utc=at(start), end_utc=at(end), weight=weight)


def written(folder: Path, text: str) -> Path:
    file = folder / "operations.toml"
    file.write_text(text, encoding="utf-8")
    return file


GOOD = """
command_lead_s = 600
decision_lead_s = 1800

[[no_burn]]
start_utc = 2026-03-01T06:00:00Z
end_utc = 2026-03-01T06:20:00+00:00
label = "eclipse"

[[payload]]
start_utc = "2026-03-01T05:00:00Z"
end_utc = 2026-03-01T05:30:00Z
weight = 3

[[contacts]]
start_utc = 2026-03-01T04:00:00Z
end_utc = 2026-03-01T04:10:00Z
"""


def test_a_file_gives_the_values_that_stand_in_it(tmp_path: Path) -> None:
    operations = Operations.from_toml(written(tmp_path, GOOD))
    assert operations.no_burn == (window(-360, -340, "eclipse"),)
    assert operations.payload == (activity(-420, -390, weight=3.0),)
    assert operations.contacts == (Contact(start_utc=at(-480), end_utc=at(-470)),)
    assert operations.assumed == ("planning_horizon_s", "minimum_lead_s")


def test_without_a_file_everything_is_assumed() -> None:
    assumed = Operations.unconstrained().assumed
    assert {"no_burn", "payload", "contacts", "planning_horizon_s"} <= set(assumed)


@pytest.mark.parametrize(
    ("old", "new", "needles"),
    [
        ("[[no_burn]]", "[[no_burns]]", ["no_burns", "did you mean no_burn?"]),
        ("weight", "wieght", ["payload[1].wieght", "did you mean weight?"]),
        ("T06:00:00Z", "T06:00:00", ["no_burn[1].start_utc", "time zone", "add Z"]),
        ('"2026-03-01T05:00:00Z"', '"2026-03-01T05:00"', ["payload[1].start_utc", "add Z"]),
        ('"2026-03-01T05:00:00Z"', "2026-03-01", ["start_utc: is 2026-03-01;", "instant"]),
        ("T06:20:00+00:00", "T05:20:00Z", ["no_burn[1]", "05:20", "after start_utc"]),
        ("weight = 3", "weight = -3", ["payload[1]", "weight is -3", "0 or more"]),
        ("= 600", "= -600", ["command_lead_s is -600", "0 s or more"]),
        ('"2026-03-01T05:00:00Z"', '"noon"', ["payload[1].start_utc", "'noon'"]),
        ('"2026-03-01T05:00:00Z"', "5", ["payload[1].start_utc", "instant"]),
        ("= 1800", "= 1800\nminimum_lead_s = 90000", ["planning_horizon_s", "minimum_lead_s"]),
    ],
)
def test_a_mistake_is_named_with_file_key_and_remedy(
    tmp_path: Path, old: str, new: str, needles: list[str]
) -> None:
    assert old in GOOD
    with pytest.raises(OperationsError) as caught:
        Operations.from_toml(written(tmp_path, GOOD.replace(old, new, 1)))
    for needle in ["operations.toml", *needles]:
        assert needle in str(caught.value)


@pytest.mark.parametrize("key", ["payload", "contacts"])
def test_an_empty_list_is_refused_where_absence_means_something_else(
    tmp_path: Path, key: str
) -> None:
    with pytest.raises(OperationsError, match=f"{key}: is empty"):
        Operations.from_toml(written(tmp_path, f"{key} = []"))


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(OperationsError, match=r"end_utc.*timezone"):
        TimeWindow(start_utc=at(0), end_utc=datetime(2026, 3, 2))


def test_a_burn_that_touches_a_window_is_blocked_by_its_name() -> None:
    operations = Operations(no_burn=(window(-100, -80, "eclipse"),))
    assert "eclipse" in str(operations.blocked_by(at(-110), at(-100)))
    assert "eclipse" in str(operations.blocked_by(at(-120), at(-10)))
    assert operations.blocked_by(at(-110), at(-100.01)) is None
    assert operations.blocked_by(at(-79.99), at(-70)) is None


def test_many_burns_are_blocked_as_one_by_one() -> None:
    operations = Operations(no_burn=(window(-100, -80), window(-50, -45)))
    start_min = np.linspace(-130, -20, 221)
    many = operations.blocked(TCA, start_min * 60, start_min * 60 + 90)
    one_by_one = [operations.blocked_by(at(m), at(m + 1.5)) is not None for m in start_min]
    assert many.tolist() == one_by_one
    assert 0 < many.sum() < many.size


def test_payload_minutes_are_weighted_and_add_up() -> None:
    operations = Operations(payload=(activity(-60, -40, 2.0), activity(-50, -30, 0.5)))
    # 10 min of the first alone, 10 of both, 5 of the second
    assert operations.interruption_min(at(-60), at(-35)) == pytest.approx(20 * 2 + 15 * 0.5)
    assert operations.interruption_min(at(-20), at(-10)) == 0.0


def test_every_minute_counts_without_a_payload_schedule() -> None:
    assert Operations().interruption_min(at(-60), at(-35)) == pytest.approx(25.0)


def test_interruption_of_many_burns_equals_that_of_each() -> None:
    operations = Operations(payload=(activity(-60, -40, 2.0), activity(-50, -30, 0.5)))
    start_s = np.array([-70.0, -55.0, -35.0, -10.0]) * 60
    many = operations.interruption(TCA, start_s, start_s + 900)
    each = [operations.interruption_min(at(s / 60), at(s / 60 + 15)) for s in start_s]
    np.testing.assert_allclose(many, each, rtol=1e-12)


def test_the_commit_is_the_last_contact_before_the_slew_minus_both_leads() -> None:
    operations = Operations(
        contacts=(window(-300, -290), window(-200, -190), window(-100, -90)),
        command_lead_s=600,
        decision_lead_s=1800,
    )
    assert operations.commit_by_utc(at(-150)) == at(-190 - 40)
    assert operations.commit_by_utc(at(-190)) == at(-190 - 40)
    # a contact still open when the slew starts is no help
    assert operations.commit_by_utc(at(-195)) == at(-290 - 40)
    assert operations.commit_by_utc(at(-291)) is None


def test_the_cancel_deadline_needs_no_decision_lead() -> None:
    operations = Operations(
        contacts=(window(-300, -290), window(-200, -190)), command_lead_s=600, decision_lead_s=1800
    )
    assert operations.cancel_by_utc(at(-100)) == at(-200)
    assert operations.cancel_by_utc(at(-400)) is None


def test_without_contacts_the_leads_count_from_the_slew_and_the_burn() -> None:
    operations = Operations(command_lead_s=600, decision_lead_s=1800)
    assert operations.commit_by_utc(at(-100)) == at(-140)
    assert operations.cancel_by_utc(at(-100)) == at(-110)


@pytest.mark.parametrize("contacts", [(), (window(-200, -190), window(-300, -290))])
def test_commit_of_many_burns_equals_that_of_each(contacts: tuple[TimeWindow, ...]) -> None:
    operations = Operations(contacts=contacts, command_lead_s=60, decision_lead_s=120)
    minutes = np.array([-400.0, -290.0, -195.0, -190.0, -20.0])
    many = operations.commit_by(TCA, minutes * 60)
    for start_min, commit_s in zip(minutes, many, strict=True):
        one = operations.commit_by_utc(at(start_min))
        expected = -np.inf if one is None else (one - TCA).total_seconds()
        assert commit_s == expected


# --- stations, confirmation, eclipses, standing maneuvers ---------------------------------

MORE = """
minimum_contact_s = 240
confirm_within_s = 5400
confirm_before_tca = true
burns_in_eclipse = false

[[stations]]
name = "Svalbard"
latitude_deg = 78.23
longitude_deg = 15.39

[[contacts]]
start_utc = 2026-03-01T04:00:00Z
end_utc = 2026-03-01T04:10:00Z
uplink = false

[[standing]]
epoch_utc = 2026-03-01T02:00:00Z
dv_rtn_m_s = [0, 0.003, 0.004]
duration_s = 60
in_message = false
"""


def contact(start: float, end: float, *, uplink: bool = True, downlink: bool = True) -> Contact:
    return Contact(start_utc=at(start), end_utc=at(end), uplink=uplink, downlink=downlink)


def standing(minutes: float, duration_s: float = 60.0) -> StandingManeuver:
    return StandingManeuver(
        epoch_utc=at(minutes), dv_rtn_m_s=(0, 0.01, 0), duration_s=duration_s, in_message=True
    )


def test_a_file_gives_stations_flags_and_standing_maneuvers(tmp_path: Path) -> None:
    operations = Operations.from_toml(written(tmp_path, MORE))
    assert operations.stations[0].elevation_mask_deg == 5.0
    assert operations.confirm_within_s == 5400.0
    assert operations.confirm_before_tca
    assert not operations.burns_in_eclipse
    assert [one.uplink for one in operations.contacts] == [False]
    (one,) = operations.standing
    assert one.dv_m_s == pytest.approx(0.005)
    assert (one.end_utc - one.start_utc).total_seconds() == 60.0


def test_what_a_file_need_not_give_is_not_listed_as_assumed(tmp_path: Path) -> None:
    only_leads = "command_lead_s = 0\ndecision_lead_s = 0\n"
    before = Operations.from_toml(written(tmp_path, only_leads)).assumed
    assert before == ("no_burn", "payload", "contacts", "planning_horizon_s", "minimum_lead_s")
    stations = Operations.from_toml(written(tmp_path, MORE)).assumed
    assert "contacts" not in stations


@pytest.mark.parametrize(
    ("old", "new", "needles"),
    [
        ("latitude_deg = 78.23", "latitude_deg = 98", ["stations[1]", "latitude_deg is 98", "90"]),
        ("longitude_deg = 15.39", "longitude_deg = -190", ["longitude_deg is -190", "360"]),
        ("latitude_deg = 78.23", "", ["stations[1]", "latitude_deg must be given"]),
        ('"Svalbard"', '"Svalbard"\nbody = "venus"', ["body is venus", "earth"]),
        ('"Svalbard"', '"S"\nuplink = false\ndownlink = false', ["neither uplink nor downlink"]),
        ('"Svalbard"', '"Svalbard"\nmask = 5', ["stations[1].mask", "not a known key"]),
        ("in_message = false", "", ["standing[1]", "in_message must be given"]),
        ("[0, 0.003, 0.004]", "[0, 0, 0]", ["standing[1]", "dv_rtn_m_s", "not all zero"]),
        ("[0, 0.003, 0.004]", "[0, 0.1]", ["standing[1].dv_rtn_m_s", "2 elements"]),
        ("duration_s = 60", "duration_s = -1", ["standing[1]", "duration_s is -1"]),
        ("= 5400", "= -5", ["confirm_within_s is -5", "0 s or more"]),
        ("= 240", "= -5", ["minimum_contact_s is -5"]),
        ("uplink = false", "uplink = false\ndownlink = false", ["contacts[1]", "neither uplink"]),
        ("uplink = false", "uplink = 0", ["contacts[1].uplink", "true or false"]),
        ("= true", "= true\neclipses = []", ["eclipses", "not a known key"]),
    ],
)
def test_a_mistake_about_stations_or_standing_maneuvers_is_named(
    tmp_path: Path, old: str, new: str, needles: list[str]
) -> None:
    assert old in MORE
    with pytest.raises(OperationsError) as caught:
        Operations.from_toml(written(tmp_path, MORE.replace(old, new, 1)))
    for needle in ["operations.toml", *needles]:
        assert needle in str(caught.value)


def test_an_empty_list_of_stations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperationsError, match="stations: is empty"):
        Operations.from_toml(written(tmp_path, "stations = []"))


def test_standing_maneuvers_that_overlap_are_refused() -> None:
    with pytest.raises(OperationsError, match="one burn at a time"):
        Operations(standing=(standing(-100, 120), standing(-99, 60)))


def test_commands_go_up_in_uplinks_only() -> None:
    operations = Operations(contacts=(contact(-300, -290), contact(-200, -190, uplink=False)))
    assert operations.commit_by_utc(at(-100)) == at(-290)
    assert operations.commit_by(TCA, [-6000.0]).tolist() == [-290 * 60.0]


def test_stations_that_never_see_the_spacecraft_leave_no_uplink() -> None:
    far = Station(name="far", latitude_deg=-89, longitude_deg=0)
    operations = Operations(stations=(far,), confirm_within_s=600.0)
    assert operations.commit_by_utc(at(-100)) is None
    assert operations.commit_by(TCA, [-6000.0]).tolist() == [-np.inf]
    assert operations.confirmed(TCA, [-6000.0]).tolist() == [False]


def test_a_burn_is_confirmed_by_the_next_downlink_in_time() -> None:
    operations = Operations(
        contacts=(contact(-200, -190), contact(-120, -110, downlink=False), contact(-60, -50)),
        confirm_within_s=1800.0,
    )
    ends_min = np.array([-231.0, -229.0, -195.0, -189.0, -121.0, -91.0, -89.0, -49.0])
    #         too early, in time, inside, just over, uplink only, too early, in time, nothing left
    expected = [False, True, True, False, False, False, True, False]
    assert operations.confirmed(TCA, ends_min * 60).tolist() == expected


def test_a_contact_that_is_nearly_over_does_not_confirm() -> None:
    operations = Operations(
        contacts=(contact(-200, -190),), confirm_within_s=600.0, minimum_contact_s=240.0
    )
    assert operations.confirmed(TCA, [-194.1 * 60, -193.9 * 60]).tolist() == [True, False]


def test_confirmation_before_tca_is_asked_of_burns_before_tca() -> None:
    operations = Operations(contacts=(contact(-50, -40), contact(5, 15)), confirm_before_tca=True)
    assert operations.confirmed(TCA, [-3600.0, -1800.0, 60.0]).tolist() == [True, False, True]


def test_without_contacts_or_without_being_asked_every_burn_is_confirmed() -> None:
    assert Operations(confirm_within_s=1.0).confirmed(TCA, [-60.0]).tolist() == [True]
    assert Operations(contacts=(contact(-50, -40),)).confirmed(TCA, [-60.0]).tolist() == [True]


def test_the_deepest_shadow_that_a_burn_touches_is_named() -> None:
    dark = Eclipse(start_utc=at(-100), end_utc=at(-60), umbra=window(-99, -61))
    operations = Operations(eclipses=(dark,))
    assert operations.shadow_touched(at(-110), at(-100.1)) is None
    assert str(operations.shadow_touched(at(-110), at(-99.5))).startswith("penumbra")
    assert str(operations.shadow_touched(at(-110), at(-98))).startswith("umbra")
    spans = np.array([-6606.0, -6006.0]), np.array([-6006.0, -5990.0])
    assert operations.in_shadow(TCA, *spans).tolist() == [False, True]


def test_time_that_two_burns_share_is_lost_once() -> None:
    operations = Operations(payload=(activity(-60, -40, 2.0),))
    apart = [(-3600.0, -3300.0), (-3000.0, -2700.0)]
    assert operations.interruption_of_union(TCA, apart) == pytest.approx(2 * 10.0)
    crossing = [(-3000.0, -2700.0), (-3600.0, -2900.0), (-3500.0, -3400.0)]
    assert operations.interruption_of_union(TCA, crossing) == pytest.approx(2 * 15.0)
    assert operations.interruption_of_union(TCA, []) == 0.0
    # without a schedule every minute counts, also once
    assert Operations().interruption_of_union(TCA, crossing) == pytest.approx(15.0)


# --- the page -----------------------------------------------------------------------------

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
TABLES = {
    "operations.toml": Operations,
    "no_burn": TimeWindow,
    "payload": PayloadActivity,
    "contacts": Contact,
    "stations": Station,
    "standing": StandingManeuver,
    "spacecraft.toml": Spacecraft,
    "thrusters": Thruster,
    "execution_error": ExecutionError,
    "station_keeping": StationKeepingBox,
}


def shown_default(field: "dataclasses.Field[object]") -> str:
    """A default as the page writes it."""
    value = field.default
    if value is dataclasses.MISSING:
        return "required"
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if value == "":
        return "empty"
    return "no limit" if value == math.inf else f"{value:g}"


@pytest.mark.parametrize("heading", list(TABLES))
def test_the_page_has_every_key_and_its_default(heading: str) -> None:
    (part,) = re.findall(
        rf"^##+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]+) \|", part, re.M)
    computed = ("assumed", "eclipses")
    fields = [one for one in dataclasses.fields(TABLES[heading]) if one.name not in computed]
    assert dict(rows) == {one.name: shown_default(one) for one in fields}


def test_the_example_file_of_the_page_loads(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    operations = Operations.from_toml(written(tmp_path, text))
    assert operations.stations[0].name == "Svalbard"
    assert operations.uplinks == ()

"""No-burn windows, payload schedule, contacts and the deadlines that follow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mdss.errors import OperationsError
from mdss.operations import Contact, Operations, PayloadActivity, TimeWindow

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

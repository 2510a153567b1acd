"""Due times: the shared vectors, and the promises one by one."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.calendars import WEEKDAYS, Calendar, round_the_clock, week
from domain.clocks import Alarm, DueState, Projection, project
from domain.errors import Invalid
from domain.policies import RungName, preset, working_minutes
from domain.schedules import Cover, Schedule, Span, schedule_from_json
from domain.zones import zone

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "clock_vectors.json").read_text())
MINUTE = timedelta(minutes=1)
OFFICE = week("America/New_York", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
FOUR_HOURS = working_minutes("four hours", 240)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def ny(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone("America/New_York")).astimezone(UTC)


def at(projection: Projection, rung: RungName) -> datetime:
    return next(alarm.at for alarm in projection.alarms if alarm.rung is rung)


@pytest.mark.parametrize("case", VECTORS["business_minutes"], ids=lambda case: case["id"])
def test_working_minutes_agree_with_the_vectors(case: dict[str, Any]) -> None:
    schedule = schedule_from_json(
        {
            "calendar": case["calendar"],
            "leave": case.get("pto", []),
            "covers": case.get("coverage", []),
            "pauses": case.get("pauses", []),
        }
    )
    start = datetime.fromisoformat(case["start"])
    found = project(working_minutes("vector", case["target_minutes"]), schedule, start, start)
    expected = case["expected"]
    assert found.state.upper() == expected["status"]
    if expected["due_utc"] is None:
        assert (found.due_at, found.alarms) == (None, ())
    else:
        assert found.due_at == utc(expected["due_utc"]) == utc(expected["due_local"])
        assert at(found, RungName.NUDGE) == utc(expected["warn75_utc"])
    if "remaining_minutes_when_paused" in expected:
        assert found.remaining == expected["remaining_minutes_when_paused"] * MINUTE


# The promises, one by one.


def test_sunday_night_is_promised_for_monday_afternoon() -> None:
    split = week("America/New_York", {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS[:5]})
    found = project(FOUR_HOURS, Schedule(split), ny("05-10T03:00"), ny("05-10T03:00"))
    assert found.due_at == ny("05-11T14:00")


def test_seconds_count_where_the_policy_is_of_seconds() -> None:
    opened = utc("2026-05-11T10:00:00.250Z")
    found = project(preset("demo-seconds"), Schedule(round_the_clock("UTC")), opened, opened)
    assert found.alarms == (
        Alarm(RungName.NUDGE, opened + timedelta(seconds=4.5)),
        Alarm(RungName.BREACH, opened + timedelta(seconds=6)),
        Alarm(RungName.COVER, opened + timedelta(seconds=9)),
    )


def test_round_the_clock_means_elapsed_time_on_the_night_of_a_clock_change() -> None:
    for night in ("2026-03-08T00:30-05:00", "2026-11-01T00:30-04:00"):
        opened = utc(night)
        found = project(FOUR_HOURS, Schedule(round_the_clock("America/New_York")), opened, opened)
        assert found.due_at == opened + timedelta(hours=4)


def test_a_pause_with_an_end_moves_the_due_time_and_one_without_holds_it() -> None:
    opened = ny("05-12T09:00")
    pause = Span(ny("05-12T11:00"), ny("05-12T13:00"))
    assert project(FOUR_HOURS, Schedule(OFFICE, pauses=(pause,)), opened, opened).due_at == ny("05-12T15:00")
    held = project(FOUR_HOURS, Schedule(OFFICE, pauses=(Span(pause.start),)), opened, opened)
    assert (held.state, held.due_at, held.alarms, held.remaining) == (
        DueState.PAUSED,
        None,
        (),
        timedelta(hours=2),
    )


def test_a_pause_that_begins_at_the_due_time_does_not_hold_the_clock() -> None:
    opened = ny("05-12T09:00")
    found = project(FOUR_HOURS, Schedule(OFFICE, pauses=(Span(ny("05-12T13:00")),)), opened, opened)
    assert (found.state, found.due_at) == (DueState.DUE, ny("05-12T13:00"))


def test_a_client_who_was_already_away_keeps_the_whole_allowance() -> None:
    opened = ny("05-12T09:00")
    found = project(FOUR_HOURS, Schedule(OFFICE, pauses=(Span(ny("05-01T09:00")),)), opened, opened)
    assert (found.state, found.remaining) == (DueState.PAUSED, timedelta(hours=4))


def test_without_hours_in_sixty_days_there_is_no_capacity_and_no_due_time() -> None:
    opened = ny("05-12T09:00")
    for days, state in ((59, DueState.DUE), (61, DueState.NO_CAPACITY)):
        away = Span(ny("05-01T00:00"), opened + timedelta(days=days))
        found = project(working_minutes("hour", 60), Schedule(week_every_day(), (away,)), opened, opened)
        assert found.state is state


def test_the_sixty_days_count_from_the_projection_not_from_the_opening() -> None:
    opened = ny("05-12T09:00")
    away = Span(ny("05-01T00:00"), opened + timedelta(days=61))
    schedule = Schedule(week_every_day(), (away,))
    assert project(FOUR_HOURS, schedule, opened, opened).state is DueState.NO_CAPACITY
    assert project(FOUR_HOURS, schedule, opened, opened + timedelta(days=3)).state is DueState.DUE


def week_every_day() -> Calendar:
    return week("America/New_York", {day: [("09:00", "17:00")] for day in WEEKDAYS})


def test_cover_counts_by_its_own_calendar_and_leave_within_its_window_only() -> None:
    opened = ny("05-11T16:00")
    leave = Span(ny("05-12T00:00"), ny("05-14T00:00"))
    pacific = week("America/Los_Angeles", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
    for cover, due in (
        (Cover(leave, pacific), "05-12T15:00"),
        (Cover(leave, pacific, (Span(ny("05-12T13:00"), ny("05-13T00:00")),)), "05-13T14:00"),
        (Cover(Span(leave.start, ny("05-12T14:00")), pacific), "05-14T10:00"),
        (Cover(Span(ny("05-13T00:00"), ny("05-14T00:00")), pacific), "05-13T15:00"),
    ):
        assert project(FOUR_HOURS, Schedule(OFFICE, (leave,), (cover,)), opened, opened).due_at == ny(due)


def test_hours_shared_by_therapist_and_cover_count_once() -> None:
    opened = ny("05-11T09:00")
    cover = Cover(Span(ny("05-11T00:00"), ny("05-12T00:00")), OFFICE)
    assert project(FOUR_HOURS, Schedule(OFFICE, covers=(cover,)), opened, opened).due_at == ny("05-11T13:00")


def test_cover_is_offered_by_the_end_of_the_next_working_day_at_the_latest() -> None:
    opened = ny("05-14T09:00")
    three_days = project(working_minutes("long", 1440), Schedule(OFFICE), opened, opened)
    assert three_days.due_at == ny("05-18T17:00")
    assert at(three_days, RungName.COVER) == ny("05-19T17:00")


def test_cover_is_offered_in_time_although_leave_begins_at_the_due_time() -> None:
    opened = ny("05-15T13:00")
    leave = Span(ny("05-15T17:00"), ny("06-15T00:00"))
    found = project(FOUR_HOURS, Schedule(OFFICE, (leave,)), opened, opened)
    assert found.due_at == ny("05-15T17:00")
    assert at(found, RungName.COVER) == ny("05-18T17:00")


def test_time_granted_by_the_client_is_open_time_after_the_due_time() -> None:
    opened = ny("05-11T12:00")
    for granted, due in ((0, "05-11T16:00"), (60, "05-11T17:00"), (61, "05-12T09:01"), (480, "05-12T16:00")):
        found = project(FOUR_HOURS, Schedule(OFFICE), opened, opened, extension=granted * MINUTE)
        assert found.due_at == ny(due)
    extended = project(FOUR_HOURS, Schedule(OFFICE), opened, opened, extension=4 * 60 * MINUTE)
    assert [alarm.at for alarm in extended.alarms] == [
        ny("05-12T10:00"),
        ny("05-12T12:00"),
        ny("05-12T16:00"),
    ]


def test_time_granted_does_not_run_while_the_room_is_paused_or_nobody_is_there() -> None:
    opened = ny("05-11T12:00")
    granted = 2 * 60 * MINUTE
    held = Schedule(OFFICE, pauses=(Span(ny("05-11T16:30")),))
    found = project(FOUR_HOURS, held, opened, opened, extension=granted)
    assert (found.state, found.remaining) == (DueState.PAUSED, 90 * MINUTE)
    away = Schedule(OFFICE, (Span(ny("05-11T17:00"), ny("09-01T00:00")),))
    assert project(FOUR_HOURS, away, opened, opened, extension=granted).state is DueState.NO_CAPACITY


def test_time_granted_after_a_reply_by_deadline_counts_open_minutes() -> None:
    opened = ny("05-11T11:00")
    for granted, due in ((0, "05-11T19:00"), (60, "05-12T10:00"), (9 * 60, "05-13T10:00")):
        found = project(preset("morning"), Schedule(OFFICE), opened, opened, extension=granted * MINUTE)
        assert found.due_at == ny(due)
    extended = project(preset("morning"), Schedule(OFFICE), opened, opened, extension=120 * MINUTE)
    assert [alarm.at for alarm in extended.alarms] == [
        ny("05-11T17:00"),
        ny("05-12T11:00"),
        ny("05-12T15:00"),
    ]
    held = Schedule(OFFICE, pauses=(Span(ny("05-12T09:30")),))
    found = project(preset("morning"), held, opened, opened, extension=60 * MINUTE)
    assert (found.state, found.remaining) == (DueState.PAUSED, 30 * MINUTE)


def test_time_cannot_be_taken_away() -> None:
    with pytest.raises(Invalid):
        project(FOUR_HOURS, Schedule(OFFICE), ny("05-11T12:00"), ny("05-11T12:00"), extension=-MINUTE)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 5, 11, 9)  # noqa: DTZ001 - the fault under test
    with pytest.raises(Invalid):
        project(FOUR_HOURS, Schedule(OFFICE), naive, ny("05-11T09:00"))
    with pytest.raises(Invalid):
        project(FOUR_HOURS, Schedule(OFFICE), ny("05-11T09:00"), naive)
    with pytest.raises(Invalid):
        Span(naive)


def test_the_next_alarm_is_the_first_that_has_not_fired() -> None:
    opened = ny("05-11T09:00")
    found = project(FOUR_HOURS, Schedule(OFFICE), opened, opened)
    assert found.next_alarm() == Alarm(RungName.NUDGE, ny("05-11T12:00"))
    assert found.next_alarm(frozenset({RungName.NUDGE})) == Alarm(RungName.BREACH, ny("05-11T13:00"))
    assert found.next_alarm(frozenset(RungName)) is None


def test_a_holiday_is_a_plain_date_of_the_calendar() -> None:
    closed = Calendar(OFFICE.tz, OFFICE.weekly, frozenset({date(2026, 5, 12)}))
    opened = ny("05-11T16:00")
    assert project(FOUR_HOURS, Schedule(closed), opened, opened).due_at == ny("05-13T12:00")

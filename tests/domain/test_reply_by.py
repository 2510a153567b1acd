"""Reply-by tables: the shared vectors, and ours for days off, leave, pauses, cover and clock changes."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import WEEKDAYS, calendar_from_json, week
from domain.clocks import DueState, project
from domain.policies import RungName, preset, reply_by
from domain.schedules import Cover, Schedule, Span
from domain.zones import zone

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "clock_vectors.json").read_text())
OFFICE = week(
    "America/New_York", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}, holidays=[date(2026, 5, 25)]
)


def ny(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone("America/New_York")).astimezone(UTC)


def span(start: str, end: str | None) -> Span:
    return Span(ny(start), None if end is None else ny(end))


@pytest.mark.parametrize("case", VECTORS["reply_by_window"]["vectors"], ids=lambda case: case["id"])
def test_reply_by_agrees_with_the_vectors(case: dict[str, Any]) -> None:
    schedule = Schedule(calendar_from_json(case["calendar"]))
    start = datetime.fromisoformat(case["start"])
    found = project(preset(case["table"]), schedule, start, start)
    assert found.due_at == datetime.fromisoformat(case["expected_due_utc"])
    assert found.due_at == datetime.fromisoformat(case["expected_due_local"])


@pytest.mark.parametrize("table", ["morning", "evening"])
def test_the_presets_are_the_published_tables(table: str) -> None:
    published = VECTORS["reply_by_window"]["tables_therapist_local"][table]
    written = [
        [f"{n // 60:02}:{n % 60:02}" for n in row[:3]] + [int(row.next_working_day)]
        for row in preset(table).table
    ]
    assert written == published


# Monday is 11 May.
@pytest.mark.parametrize(
    ("why", "table", "start", "due", "leave", "pauses"),
    [
        ("Sunday noon", "morning", "05-10T12:00", "05-11T10:00", [], []),
        ("Sunday noon, evening table", "evening", "05-10T12:00", "05-11T14:00", [], []),
        ("Saturday before dawn", "morning", "05-16T02:00", "05-18T10:00", [], []),
        ("a holiday Monday", "morning", "05-25T12:00", "05-26T10:00", [], []),
        ("a day of leave", "morning", "05-12T08:15", "05-13T10:00", [("05-12T00:00", "05-13T00:00")], []),
        (
            "the night before leave",
            "morning",
            "05-11T18:00",
            "05-14T10:00",
            [("05-12T00:00", "05-14T00:00")],
            [],
        ),
        (
            "back from leave by noon",
            "morning",
            "05-12T08:15",
            "05-12T15:00",
            [("05-12T00:00", "05-12T12:00")],
            [],
        ),
        (
            "a pause inside a window",
            "morning",
            "05-11T08:15",
            "05-11T15:00",
            [],
            [("05-11T09:30", "05-11T10:40")],
        ),
        (
            "a pause past a window",
            "morning",
            "05-11T08:15",
            "05-11T19:00",
            [],
            [("05-11T09:30", "05-11T11:30")],
        ),
        (
            "a pause over a weekend",
            "evening",
            "05-15T10:00",
            "05-18T14:00",
            [],
            [("05-15T12:00", "05-17T09:30")],
        ),
        ("a pause after the deadline", "morning", "05-11T08:15", "05-11T15:00", [], [("05-11T15:00", None)]),
    ],
)
def test_days_off_leave_and_pauses_move_a_deadline(
    why: str,
    table: str,
    start: str,
    due: str,
    leave: list[tuple[str, str]],
    pauses: list[tuple[str, str | None]],
) -> None:
    schedule = Schedule(
        OFFICE, tuple(span(*each) for each in leave), pauses=tuple(span(*each) for each in pauses)
    )
    assert project(preset(table), schedule, ny(start), ny(start)).due_at == ny(due), why


def test_a_pause_without_end_holds_a_reply_by_clock() -> None:
    found = project(
        preset("morning"),
        Schedule(OFFICE, pauses=(span("05-11T09:00", None),)),
        ny("05-11T08:15"),
        ny("05-11T08:15"),
    )
    assert (found.state, found.due_at, found.alarms) == (DueState.PAUSED, None, ())


def test_nobody_who_works_is_no_capacity() -> None:
    found = project(
        preset("morning"), Schedule(week("America/New_York", {})), ny("05-11T08:15"), ny("05-11T08:15")
    )
    assert found.state is DueState.NO_CAPACITY


def test_cover_answers_by_the_table_in_its_own_zone_within_its_window() -> None:
    leave = span("05-12T00:00", "05-16T00:00")
    pacific = week("America/Los_Angeles", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
    covered = Schedule(OFFICE, (leave,), (Cover(leave, pacific),))
    opened = ny("05-12T08:15")
    assert project(preset("morning"), covered, opened, opened).due_at == ny("05-12T13:00")
    brief = Schedule(OFFICE, (leave,), (Cover(span("05-12T00:00", "05-12T12:00"), pacific),))
    assert project(preset("morning"), brief, opened, opened).due_at == ny("05-18T10:00")


def test_a_deadline_keeps_its_wall_clock_time_over_a_clock_change() -> None:
    found = project(preset("morning"), Schedule(OFFICE), ny("03-06T18:00"), ny("03-06T18:00"))
    assert found.due_at == datetime(2026, 3, 9, 14, tzinfo=UTC)


def test_a_message_in_the_hour_that_comes_twice_over_midnight_has_a_window() -> None:
    # Newfoundland ran its clocks back a minute after midnight: 23:15 of the day before came once more.
    halves = reply_by("halves", ("00:00", "12:00", "18:00", 0), ("12:00", "24:00", "12:00", 1))
    every_day = week("America/St_Johns", {day: [("09:00", "17:00")] for day in WEEKDAYS})
    opened = datetime(2010, 11, 7, 2, 45, tzinfo=UTC)
    found = project(halves, Schedule(every_day), opened, opened)
    assert found.due_at == datetime(2010, 11, 7, 18, tzinfo=zone("America/St_Johns"))


def test_the_ladder_of_a_table_climbs_in_open_minutes_and_in_wall_time_where_there_are_none() -> None:
    found = project(preset("morning"), Schedule(OFFICE), ny("05-11T11:00"), ny("05-11T11:00"))
    assert found.due_at == ny("05-11T19:00")
    assert [alarm.at for alarm in found.alarms] == [ny("05-11T15:30"), ny("05-11T19:00"), ny("05-12T12:00")]
    nights = week("America/New_York", {"mon": [("21:00", "23:00")]})
    found = project(preset("morning"), Schedule(nights), ny("05-11T11:00"), ny("05-11T11:00"))
    assert [(alarm.rung, alarm.at) for alarm in found.alarms] == [
        (RungName.NUDGE, ny("05-11T17:00")),
        (RungName.BREACH, ny("05-11T19:00")),
        (RungName.COVER, ny("05-11T23:00")),
    ]


minutes = st.integers(0, 14 * 24 * 60)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["morning", "evening"]),
    minutes,
    st.integers(0, 2000),
    st.lists(st.tuples(minutes, st.integers(1, 4000)), max_size=2),
    st.lists(st.tuples(minutes, st.integers(1, 4000)), max_size=2),
)
def test_a_later_message_is_never_due_before_an_earlier_one(
    table: str,
    opened: int,
    later: int,
    leave: list[tuple[int, int]],
    pauses: list[tuple[int, int]],
) -> None:
    def moment(minute: int) -> datetime:
        return ny("03-02T00:00") + timedelta(minutes=minute)

    def spans(pairs: list[tuple[int, int]]) -> tuple[Span, ...]:
        return tuple(Span(moment(start), moment(start + length)) for start, length in pairs)

    schedule = Schedule(OFFICE, spans(leave), pauses=spans(pauses))
    first, second = (
        project(preset(table), schedule, moment(at), moment(at)) for at in (opened, opened + later)
    )
    assert first.due_at is not None
    assert second.due_at is not None
    assert moment(opened) < first.due_at <= second.due_at
    assert not any(away.holds(first.due_at) for away in schedule.leave)

"""The strip: one row a day, by the wall clock of the therapist, days without anything folded."""

from datetime import UTC, datetime, timedelta

from domain.calendars import week
from domain.explanations import explain
from domain.policies import working_minutes
from domain.schedules import Schedule, Span
from web.strips import Event, Strip, strip

OFFICE = week("America/New_York", {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def drawn(
    opened: str, minutes: float, *, leave: tuple[Span, ...] = (), late_by: timedelta | None = None
) -> Strip:
    told = explain(working_minutes("p", minutes), Schedule(OFFICE, leave), at(opened), at(opened))
    due_at = told.projection.due_at
    assert due_at is not None
    events = [Event(at(opened), "Written"), Event(due_at, "Due", "soon")]
    late = (due_at, due_at + late_by) if late_by else None
    return strip(told.segments, events, told.tz, late)


def test_a_friday_afternoon_and_a_monday_morning_with_the_weekend_folded() -> None:
    """2026-11-20 is a Friday."""
    found = drawn("2026-11-20T16:30:00-05:00", 120)
    assert found.title == "2 h of working time over 4 days"
    assert [row.label for row in found.rows] == ["Fri, Nov 20", "2 days skipped: weekend", "Mon, Nov 23"]
    friday, weekend, monday = found.rows
    assert weekend.folded
    assert [(piece.kind, piece.x, piece.width) for piece in friday.pieces] == [
        ("shift", 68.75, 2.083),
        ("outside_hours", 70.833, 29.167),
    ]
    assert [(piece.kind, piece.x, piece.width) for piece in monday.pieces] == [
        ("outside_hours", 0, 37.5),
        ("shift", 37.5, 6.25),
    ]
    assert [(mark.words, mark.anchor) for row in found.rows for mark in row.marks] == [
        ("Written 4:30 PM", "middle"),
        ("Due 10:30 AM", "middle"),
    ]
    assert found.legend == (("shift", "Working time"), ("outside_hours", "Outside working hours"))


def test_weeks_of_leave_are_one_line_and_the_drawing_stays_small() -> None:
    leave = (Span(at("2026-11-20T17:00:00-05:00"), at("2027-01-11T00:00:00-05:00"), "leave"),)
    found = drawn("2026-11-20T16:30:00-05:00", 120, leave=leave)
    assert [row.label for row in found.rows] == ["Fri, Nov 20", "51 days skipped: time off", "Mon, Jan 11"]
    assert found.height < 250


def test_what_is_late_is_drawn_beyond_the_due_time() -> None:
    found = drawn("2026-11-20T09:00:00-05:00", 60, late_by=timedelta(hours=20))
    kinds = [[piece.kind for piece in row.pieces] for row in found.rows]
    assert kinds == [["shift", "late"], ["late"]]


def test_a_label_is_drawn_only_where_it_fits_on_a_small_phone() -> None:
    friday, _, monday = drawn("2026-11-20T12:00:00-05:00", 300 + 60).rows
    assert [piece.label for piece in friday.pieces] == ["5 h", ""]
    assert [piece.label for piece in monday.pieces] == ["", ""]


def test_the_day_of_a_clock_change_is_as_wide_as_any_other() -> None:
    """On 2026-11-01 New York's clocks go back: the shift from midnight to 4 lasts five hours."""
    nights = week("America/New_York", {"sun": [("00:00", "04:00")]})
    told = explain(
        working_minutes("p", 300), Schedule(nights), at("2026-11-01T00:00:00-04:00"), at("2026-11-01")
    )
    (row,) = strip(told.segments, (), told.tz).rows
    assert [(piece.x, piece.width, piece.label) for piece in row.pieces] == [(0, 16.667, "5 h")]


def test_marks_of_one_day_have_a_line_each() -> None:
    (row,) = drawn("2026-11-20T09:00:00-05:00", 60).rows
    assert len({mark.y for mark in row.marks}) == 2


def test_many_late_days_are_one_line() -> None:
    found = drawn("2026-11-20T09:00:00-05:00", 60, late_by=timedelta(days=9))
    assert [row.label for row in found.rows] == ["Fri, Nov 20", "9 more days late"]

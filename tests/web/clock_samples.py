"""Sample promises: a Friday's question, a long leave with cover, a hold; as their pages show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.calendars import calendar_from_json
from domain.clocks import NO_EXTENSION
from domain.explanations import explain
from domain.policies import working_minutes
from domain.schedules import Cover, Schedule, Span
from web.pages.clock_words import HOLDS, NO_REPLY, REVIEWS, choices_of
from web.pages.explanations import stretches_of
from web.strips import Event, strip
from web.views.room_clocks import ClockView, Fired, Hold, Holding, More, Move, ReplyTimeView, Why
from web.views.rooms import Promise, RoomView
from web.views.shell import Choice

HOURS = {
    "tz": "America/New_York",
    "weekly": {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": ["2026-11-26"],
}
CALENDAR = calendar_from_json(HOURS)
FRIDAY = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)


def why(
    minutes: float, opened: datetime, now: datetime, schedule: Schedule, moves: tuple[Move, ...] = ()
) -> tuple[Why, datetime, str]:
    """A promise of so many minutes explained, its due time and the sentence."""
    told = explain(working_minutes("sample", minutes), schedule, opened, now, extension=NO_EXTENSION)
    due_at = told.projection.due_at
    assert due_at is not None
    nudge = told.projection.alarms[0].at
    events = [Event(opened, "You wrote"), Event(nudge, "Reminder", "soon"), Event(due_at, "Due", "act")]
    late = (due_at, now) if now > due_at else None
    explained = Why(
        (
            "You wrote Fri 1:00 PM PST.",
            "Dr. Mei Lin answers within 4 h of working time.",
            "Not counted: 2 d 16 h outside working hours.",
            "So the answer is due Mon 9:00 AM PST (12:00 PM where she is).",
        ),
        strip(told.segments, events, told.tz, late),
        stretches_of(told.segments),
        moves,
        told.tz,
    )
    return explained, due_at, told.sentence


def reply_times(client: RoomView, now: datetime) -> dict[str, ReplyTimeView]:
    """The page of the room's people and of a supervisor."""
    plain, due_at, _ = why(240, FRIDAY, now, Schedule(CALENDAR))
    running = replace(
        client, promise=Promise("running", due_at, due_at - timedelta(minutes=30), extended=True)
    )
    paused = replace(client, promise=Promise("paused", on_hold=True), reader="supervisor")
    hold = Hold(now - timedelta(days=6), "The client cannot be reached", "Ruth Ade", now - timedelta(hours=2))
    holding = Holding(client.room_id, hold, choices_of(HOLDS), REVIEWS, False)
    return {
        "client": ReplyTimeView(
            running,
            plain,
            more=tuple(More(hours, due_at + timedelta(hours=hours)) for hours in (1, 4)),
            left=1,
            may_close=True,
        ),
        "therapist": ReplyTimeView(
            replace(running, reader="therapist", other=client.me, me=client.other),
            plain,
            reasons=choices_of(NO_REPLY),
        ),
        "bound": ReplyTimeView(running, plain, bound=True, left=2, may_close=True),
        "hold": ReplyTimeView(paused, None, hold=hold, holding=holding),
    }


def clock(room_id: str, clock_id: str, now: datetime) -> ClockView:
    """A clock that was put off by a long leave, partly covered."""
    opened = datetime(2026, 10, 30, 20, 30, tzinfo=UTC)
    leave = (Span(datetime(2026, 10, 31, 4, tzinfo=UTC), datetime(2026, 11, 23, 5, tzinfo=UTC), "leave"),)
    cover = Cover(
        Span(datetime(2026, 11, 19, 5, tzinfo=UTC), datetime(2026, 11, 20, 5, tzinfo=UTC), "cover"),
        calendar_from_json({**HOURS, "tz": "America/Los_Angeles"}),
    )
    moves = (
        Move(opened + timedelta(hours=2), "Time off changed", opened + timedelta(days=3), None),
        Move(opened + timedelta(days=9), "Cover changed", None, datetime(2026, 11, 19, 21, 30, tzinfo=UTC)),
    )
    story, due_at, sentence = why(240, opened, now, Schedule(CALENDAR, leave, (cover,)), moves)
    return ClockView(
        clock_id,
        room_id,
        "K-1007",
        "Dr. Mei Lin",
        opened,
        due_at,
        True,
        (
            ("Owed", "Answer"),
            ("State", "Waiting"),
            ("Promise", "Next response, version 2"),
            ("Calendar", "version 12"),
        ),
        story,
        sentence,
        (
            Fired("Therapist reminded", due_at - timedelta(hours=1), due_at - timedelta(minutes=40)),
            Fired("Therapist, supervisors and client told", due_at, due_at),
        ),
        due_at,
        (Choice("00000000-0000-4000-8000-000000000002", "R. Ortiz, LCSW, 4 free places"),),
        Holding(room_id, None, choices_of(HOLDS), REVIEWS, True),
    )

"""Every due time can be explained: in a sentence, and by segments that add up."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.calendars import WEEKDAYS, round_the_clock, week
from domain.explanations import Explanation, Reason, explain, explanation_to_json
from domain.policies import ResponsePolicy, preset, working_minutes
from domain.schedules import Cover, Schedule, Span
from domain.zones import zone

OFFICE = week(
    "America/New_York", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}, holidays=[date(2026, 5, 25)]
)
TWO_HOURS = working_minutes("two hours", 120)


def ny(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone("America/New_York")).astimezone(UTC)


def span(start: str, end: str | None) -> Span:
    return Span(ny(start), None if end is None else ny(end))


def told(policy: ResponsePolicy, schedule: Schedule, opened: str) -> Explanation:
    return explain(policy, schedule, ny(opened), ny(opened))


def test_a_weekend_is_told_in_one_sentence() -> None:
    friday = week(
        "America/New_York",
        {**dict.fromkeys(WEEKDAYS[:4], ()), "mon": [("09:00", "17:00")], "fri": [("09:00", "16:30")]},
    )
    assert told(TWO_HOURS, Schedule(friday), "05-15T16:00").sentence == (
        "Fri 4:00 PM + 30 min, weekend skipped, Mon 9:00 AM + 90 min = Mon 10:30 AM (America/New_York)"
    )


@pytest.mark.parametrize(
    ("schedule", "opened", "sentence"),
    [
        (
            Schedule(OFFICE),
            "05-11T16:00",
            "Mon 4:00 PM + 60 min, night skipped, Tue 9:00 AM + 60 min = Tue 10:00 AM (America/New_York)",
        ),
        (
            Schedule(OFFICE),
            "05-22T16:00",
            "Fri 4:00 PM + 60 min, weekend and holiday skipped, Tue 9:00 AM + 60 min = Tue 10:00 AM"
            " (America/New_York)",
        ),
        (
            Schedule(OFFICE, (span("05-12T00:00", "05-13T00:00"),)),
            "05-11T16:00",
            "Mon 4:00 PM + 60 min, leave skipped, Wed 9:00 AM + 60 min = Wed 10:00 AM (America/New_York)",
        ),
        (
            Schedule(OFFICE, pauses=(span("05-11T10:00", "05-11T11:30"),)),
            "05-11T09:30",
            "Mon 9:30 AM + 30 min, pause skipped, Mon 11:30 AM + 90 min = Mon 1:00 PM (America/New_York)",
        ),
        (
            Schedule(OFFICE, pauses=(span("05-11T10:00", None),)),
            "05-11T09:30",
            "Mon 9:30 AM + 30 min, paused from Mon 10:00 AM with 90 min left (America/New_York)",
        ),
        (
            Schedule(
                OFFICE,
                (span("05-12T00:00", "05-13T00:00"),),
                (Cover(span("05-12T00:00", "05-13T00:00"), round_the_clock("UTC")),),
            ),
            "05-11T16:00",
            "Mon 4:00 PM + 60 min, closed hours skipped, Tue 12:00 AM + 60 min (cover) = Tue 1:00 AM"
            " (America/New_York)",
        ),
        (
            Schedule(week("America/New_York", {})),
            "05-11T16:00",
            "Mon May 11, 4:00 PM: not enough working time before Fri Jul 10, 4:00 PM, held for a supervisor"
            " (America/New_York)",
        ),
    ],
)
def test_what_was_skipped_is_named(schedule: Schedule, opened: str, sentence: str) -> None:
    assert told(TWO_HOURS, schedule, opened).sentence == sentence


@pytest.mark.parametrize(
    ("opened", "sentence"),
    [
        (
            "05-15T18:00",
            "Fri 6:00 PM, window 4:00 PM to 7:00 AM, answered by 10:00 AM the next working day"
            " = Mon 10:00 AM (America/New_York)",
        ),
        (
            "05-10T12:00",
            "Sun 12:00 PM, window 11:00 AM to 4:00 PM, answered by 7:00 PM, not worked then, so by the next"
            " deadline = Mon 10:00 AM (America/New_York)",
        ),
    ],
)
def test_a_reply_by_table_is_told_by_its_window(opened: str, sentence: str) -> None:
    assert told(preset("morning"), Schedule(OFFICE), opened).sentence == sentence


def test_segments_leave_no_gap_and_those_counted_add_up_to_the_promise() -> None:
    schedule = Schedule(
        OFFICE,
        (span("05-12T00:00", "05-14T12:00"),),
        (Cover(span("05-13T12:00", "05-14T00:00"), OFFICE, clinician="cover-1"),),
        (span("05-11T15:00", "05-11T16:30"),),
    )
    found = told(preset("next_response"), schedule, "05-11T14:00")
    assert found.projection.due_at == ny("05-14T13:30")
    assert found.segments[0].start == ny("05-11T14:00")
    assert found.segments[-1].end == found.projection.due_at
    assert all(a.end == b.start for a, b in zip(found.segments, found.segments[1:], strict=False))
    assert sum((each.duration for each in found.segments if each.counted), timedelta()) == timedelta(hours=8)
    assert [
        (each.reason, each.clinician) for each in found.segments if each.reason is not Reason.OUTSIDE_HOURS
    ] == [
        (Reason.SHIFT, ""),
        (Reason.PAUSE, ""),
        (Reason.SHIFT, ""),
        (Reason.LEAVE, ""),
        (Reason.LEAVE, ""),
        (Reason.COVER, "cover-1"),
        (Reason.LEAVE, ""),
        (Reason.SHIFT, ""),
    ]


def test_an_explanation_is_plain_json_with_its_zone_database() -> None:
    plain = explanation_to_json(told(TWO_HOURS, Schedule(OFFICE), "05-11T16:00"))
    assert json.loads(json.dumps(plain)) == plain
    assert plain["due_at"] == "2026-05-12T14:00:00Z"
    assert plain["tzdata"]
    assert [segment["minutes"] for segment in plain["segments"]] == [60, 960, 60]


@pytest.mark.parametrize(
    ("policy", "schedule", "opened", "sentence"),
    [
        (
            TWO_HOURS,
            Schedule(OFFICE),
            "05-11T10:00",
            "Mon 10:00 AM + 120 min = Mon 12:00 PM, + 2 h granted by the client = Mon 2:00 PM"
            " (America/New_York)",
        ),
        (
            TWO_HOURS,
            Schedule(OFFICE),
            "05-11T14:00",
            "Mon 2:00 PM + 120 min = Mon 4:00 PM, + 2 h granted by the client, night skipped = Tue 10:00 AM"
            " (America/New_York)",
        ),
        (
            TWO_HOURS,
            Schedule(OFFICE, pauses=(span("05-11T13:00", None),)),
            "05-11T10:00",
            "Mon 10:00 AM + 120 min = Mon 12:00 PM, + 2 h granted by the client, paused from Mon 1:00 PM with"
            " 60 min left (America/New_York)",
        ),
        (
            TWO_HOURS,
            Schedule(OFFICE, pauses=(span("05-11T11:00", None),)),
            "05-11T10:00",
            "Mon 10:00 AM + 60 min, paused from Mon 11:00 AM with 180 min left, counting 2 h granted by the"
            " client (America/New_York)",
        ),
        (
            preset("morning"),
            Schedule(OFFICE),
            "05-15T18:00",
            "Fri 6:00 PM, window 4:00 PM to 7:00 AM, answered by 10:00 AM the next working day"
            " = Mon 10:00 AM, + 2 h granted by the client = Mon 12:00 PM (America/New_York)",
        ),
        (
            preset("morning"),
            Schedule(OFFICE, pauses=(span("05-18T11:00", None),)),
            "05-15T18:00",
            "Fri 6:00 PM, window 4:00 PM to 7:00 AM, answered by 10:00 AM the next working day"
            " = Mon 10:00 AM, + 2 h granted by the client, paused from Mon 11:00 AM with 60 min left"
            " (America/New_York)",
        ),
    ],
)
def test_what_the_client_granted_is_told_apart(
    policy: ResponsePolicy, schedule: Schedule, opened: str, sentence: str
) -> None:
    found = explain(policy, schedule, ny(opened), ny(opened), extension=timedelta(hours=2))
    assert found.sentence == sentence
    assert found.segments[-1].end == (found.projection.due_at or schedule.pauses[0].start)


def test_granted_time_is_told_in_hours_of_open_time() -> None:
    for granted, words in ((30, "30 min"), (90, "1 h 30 min"), (1560, "26 h")):
        extension = timedelta(minutes=granted)
        found = explain(
            TWO_HOURS, Schedule(OFFICE), ny("05-11T10:00"), ny("05-11T10:00"), extension=extension
        )
        assert f"+ {words} granted by the client" in found.sentence


def test_a_table_that_is_held_or_read_by_cover_says_so() -> None:
    away = span("05-12T00:00", "05-16T00:00")
    pacific = week("America/Los_Angeles", {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
    assert told(
        preset("morning"), Schedule(OFFICE, (away,), (Cover(away, pacific),)), "05-12T08:15"
    ).sentence == (
        "Tue 8:15 AM (America/New_York), read by cover at Tue 5:15 AM, window 4:00 PM to 7:00 AM, answered by"
        " 10:00 AM the next working day = Tue 10:00 AM (America/Los_Angeles)"
    )
    held = Schedule(OFFICE, pauses=(span("05-11T12:00", None),))
    assert told(preset("evening"), held, "05-11T10:00").sentence == (
        "Mon 10:00 AM, paused from Mon 12:00 PM, the table is read again at the end of the pause (America/New_York)"
    )


def test_an_explanation_carries_what_was_granted_and_when_it_was_due_before() -> None:
    found = explain(
        TWO_HOURS, Schedule(OFFICE), ny("05-11T14:00"), ny("05-11T14:00"), extension=timedelta(minutes=90)
    )
    plain = explanation_to_json(found)
    assert (plain["extension_minutes"], plain["due_before_extension"]) == (90, "2026-05-11T20:00:00Z")
    assert plain["due_at"] == "2026-05-12T13:30:00Z"
    assert "extension_minutes" not in explanation_to_json(told(TWO_HOURS, Schedule(OFFICE), "05-11T14:00"))

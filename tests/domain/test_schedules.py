"""A schedule goes to the database and back unchanged, or is refused by path."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.calendars import round_the_clock, week
from domain.errors import Invalid
from domain.schedules import Cover, Schedule, Span, schedule_from_json, schedule_to_json

OFFICE = week("Europe/London", {"mon": [("09:00", "17:00")], "tue": [("20:00", "02:00"), ("09:00", "24:00")]})
FIRST, SECOND, THIRD = (datetime(2026, 5, day, 9, 30, tzinfo=UTC) for day in (11, 12, 13))
PLAIN: dict[str, Any] = {"calendar": {"tz": "UTC", "weekly": {}}}


def test_a_schedule_survives_the_way_through_the_database() -> None:
    schedule = Schedule(
        OFFICE,
        (Span(FIRST, SECOND),),
        (Cover(Span(FIRST, THIRD), round_the_clock("America/Denver"), (Span(SECOND, THIRD),), "cover-1"),),
        (Span(FIRST, SECOND, "client_away"), Span(THIRD, None, "hold")),
    )
    assert schedule_from_json(json.loads(json.dumps(schedule_to_json(schedule)))) == schedule


def test_a_schedule_without_leave_cover_and_pauses_is_only_its_calendar() -> None:
    assert schedule_from_json(PLAIN) == Schedule(week("UTC", {}))


def test_instants_are_kept_in_utc_whatever_their_offset() -> None:
    read = schedule_from_json(
        {**PLAIN, "pauses": [{"from": "2026-05-11T05:30:00-04:00", "to": "2026-05-12T05:30:00-04:00"}]}
    )
    assert read.pauses == (
        Span(datetime(2026, 5, 11, 9, 30, tzinfo=UTC), datetime(2026, 5, 12, 9, 30, tzinfo=UTC)),
    )
    assert read.pauses[0].start.tzinfo is UTC


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"calendar": {"tz": "Nowhere", "weekly": {}}}, "calendar.tz", "unknown_zone"),
        ({"calendar": "24x7"}, "calendar", "not_an_object"),
        ({"pauses": [{"from": "2026-05-11T09:00:00", "to": None}]}, "pauses[0].from", "no_offset"),
        ({"pauses": [{"from": "yesterday", "to": None}]}, "pauses[0].from", "bad_instant"),
        ({"pauses": [{"from": "2026-05-11T09:00:00Z"}]}, "pauses[0].to", "missing"),
        (
            {"leave": [{"from": "2026-05-11T09:00:00Z", "to": "2026-05-11T09:00:00Z"}]},
            "leave[0].to",
            "not_after_from",
        ),
        ({"covers": [{"from": "2026-05-11T09:00:00Z", "to": None}]}, "covers[0].calendar", "missing"),
        (
            {"covers": [{"from": "2026-05-11T09:00:00Z", "to": None, "calendar": {"tz": "X", "weekly": {}}}]},
            "covers[0].calendar.tz",
            "unknown_zone",
        ),
        ({"holds": []}, "", "unknown_field"),
    ],
)
def test_a_malformed_schedule_is_refused_by_path(change: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        schedule_from_json({**PLAIN, **change})
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_a_refusal_never_repeats_what_was_typed() -> None:
    with pytest.raises(Invalid) as refused:
        schedule_from_json({**PLAIN, "my secret": 1})
    assert "secret" not in f"{refused.value} {refused.value.detail} {refused.value.errors}"

"""Working hours, leave, cover and pauses, as the response clock reads them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.calendars import Calendar, calendar_from_json
from domain.errors import NotFound
from domain.schedules import Cover, Schedule, Span
from records.database import Row, Transaction

_SCHEDULE = """
SELECT c.version, c.hours,
    coalesce((SELECT jsonb_agg(jsonb_build_array(l.starts_at, l.ends_at)) FROM leaves l
              WHERE l.therapist_id = c.therapist_id AND l.cancelled_at IS NULL AND l.ends_at > %(since)s),
             '[]') AS leave,
    coalesce((SELECT jsonb_agg(jsonb_build_object(
                  'therapist', v.therapist_id, 'from', v.starts_at, 'to', v.ends_at, 'hours', vc.hours,
                  'leave', (SELECT coalesce(jsonb_agg(jsonb_build_array(vl.starts_at, vl.ends_at)), '[]')
                            FROM leaves vl WHERE vl.therapist_id = v.therapist_id AND vl.cancelled_at IS NULL
                              AND vl.ends_at > %(since)s)))
              FROM covers v JOIN calendars vc ON vc.therapist_id = v.therapist_id
              WHERE v.room_id = %(room)s AND v.ends_at > %(since)s), '[]') AS covers,
    coalesce((SELECT jsonb_agg(jsonb_build_array(p.starts_at, p.ends_at, p.reason)) FROM pauses p
              WHERE p.room_id = %(room)s AND (p.ends_at IS NULL OR p.ends_at > %(since)s)), '[]') AS pauses
FROM calendars c WHERE c.therapist_id = %(therapist)s
"""


@dataclass(frozen=True, slots=True)
class RoomSchedule:
    """What decides when time counts in a room, and the version of the calendar it was read from."""

    schedule: Schedule
    version: int


async def room_schedule(
    tx: Transaction, room_id: UUID, therapist_id: UUID, since: datetime, *, lock: bool = False
) -> RoomSchedule:
    """The schedule of a room from `since` on. `lock` holds the calendar's version until the commit.

    Raises NotFound (`no_calendar`): a therapist without hours is never taken to work round the clock.
    """
    row = await tx.one(
        _SCHEDULE + (" FOR SHARE OF c" if lock else ""),
        {"room": room_id, "therapist": therapist_id, "since": since},
    )
    if row is None:
        raise NotFound("no_calendar")
    return RoomSchedule(_schedule(row), row["version"])


async def calendar_of(tx: Transaction, therapist_id: UUID) -> Calendar:
    """A therapist's weekly hours. Raises NotFound (`no_calendar`)."""
    row = await tx.one("SELECT hours FROM calendars WHERE therapist_id = %s", (therapist_id,))
    if row is None:
        raise NotFound("no_calendar")
    return calendar_from_json(row["hours"])


async def therapist_schedule(tx: Transaction, therapist_id: UUID) -> Schedule:
    """A therapist's own time, without any room's cover or pauses: for offers."""
    rows = await tx.all(
        "SELECT starts_at, ends_at FROM leaves WHERE therapist_id = %s AND cancelled_at IS NULL"
        " AND ends_at > %s",
        (therapist_id, tx.now),
    )
    leave = tuple(Span(row["starts_at"], row["ends_at"], "leave") for row in rows)
    return Schedule(await calendar_of(tx, therapist_id), leave)


def _schedule(row: Row) -> Schedule:
    return Schedule(
        calendar_from_json(row["hours"]),
        _leave(row["leave"]),
        tuple(_cover(cover) for cover in row["covers"]),
        tuple(Span(_at(start), _maybe(end), reason) for start, end, reason in row["pauses"]),
    )


def _cover(cover: dict[str, Any]) -> Cover:
    return Cover(
        Span(_at(cover["from"]), _at(cover["to"]), "cover"),
        calendar_from_json(cover["hours"]),
        _leave(cover["leave"]),
        cover["therapist"],
    )


def _leave(spans: list[list[str]]) -> tuple[Span, ...]:
    return tuple(Span(_at(start), _at(end), "leave") for start, end in spans)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else _at(text)

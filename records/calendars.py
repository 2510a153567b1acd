"""Working hours, leave, cover and pauses, as the response clock reads them; and what holds them still meanwhile."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.calendars import Calendar
from domain.errors import NotFound
from domain.schedules import Cover, Schedule, Span
from records import parsed
from records.database import Row, Transaction

# All is sent as text: the key under which a calendar, a leave or a cover that many rooms share is read once. `a.at` is
# the instant whose knowledge counts: NULL for a running clock (everything known now), the closing of a closed one.
_SCHEDULES = """
SELECT {key}, k.version, {hours} AS hours,
    (SELECT jsonb_agg(jsonb_build_array(away.starts_at, away.ends_at, away.why))::text FROM (
        SELECT l.starts_at, l.ends_at, 'leave' AS why FROM leaves l
        WHERE l.therapist_id = a.therapist_id AND l.ends_at > a.since AND {known}
        UNION ALL
        SELECT g.starts_at, g.ends_at, 'no_licence' FROM licence_gaps g
        WHERE g.room_id = a.room_id AND g.therapist_id = a.therapist_id AND coalesce(g.ends_at > a.since, true)
          AND g.starts_at < coalesce({at}, 'infinity')) away) AS leave,
    (SELECT jsonb_agg(jsonb_build_array(v.therapist_id, v.starts_at, v.ends_at, {cover_hours},
                (SELECT coalesce(jsonb_agg(jsonb_build_array(l.starts_at, l.ends_at)), '[]') FROM leaves l
                 WHERE l.therapist_id = v.therapist_id AND l.ends_at > a.since AND {known})) ORDER BY v.id)::text
     FROM covers v JOIN calendars vk ON vk.therapist_id = v.therapist_id
     WHERE v.room_id = a.room_id AND v.ends_at > a.since AND v.starts_at < coalesce({at}, 'infinity')) AS covers,
    (SELECT jsonb_agg(jsonb_build_array(p.starts_at, p.ends_at, p.reason))::text FROM pauses p
     WHERE p.room_id = a.room_id AND (p.ends_at IS NULL OR p.ends_at > a.since)
       AND p.starts_at < coalesce({at}, 'infinity')) AS pauses
FROM {asked}
JOIN calendars k ON k.therapist_id = a.therapist_id
"""
_TODAY = """
SELECT a.room_id, s.*
FROM unnest(%(rooms)s::uuid[], %(therapists)s::uuid[], %(since)s::timestamptz[]) a(room_id, therapist_id, since)
CROSS JOIN LATERAL schedule_of(a.room_id, a.therapist_id, a.since) s
"""
_KNOWN_THEN = """
(l.cancelled_at IS NULL OR l.cancelled_at > coalesce(a.at, 'infinity'))
AND (l.recorded_at IS NULL OR l.recorded_at <= coalesce(a.at, 'infinity'))
"""
_THEN = _SCHEDULES.format(
    key="a.clock_id",
    at="a.at",
    asked="unnest(%(rooms)s::uuid[], %(therapists)s::uuid[], %(since)s::timestamptz[], %(clocks)s::uuid[],"
    " %(versions)s::bigint[], %(ats)s::timestamptz[]) a(room_id, therapist_id, since, clock_id, version, at)",
    hours="coalesce((SELECT h.hours FROM calendar_versions h WHERE h.therapist_id = a.therapist_id"
    " AND h.version <= a.version ORDER BY h.version DESC LIMIT 1), k.hours)::text",
    cover_hours="coalesce((SELECT h.hours FROM calendar_versions h WHERE h.therapist_id = v.therapist_id"
    " AND h.since <= a.at ORDER BY h.version DESC LIMIT 1), vk.hours)::text",
    known=_KNOWN_THEN,
)


@dataclass(frozen=True, slots=True)
class RoomSchedule:
    """What decides when time counts in a room, and the version of the calendar it was read from."""

    schedule: Schedule
    version: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose time counts in which room, and since when."""

    room_id: UUID
    therapist_id: UUID
    since: datetime


async def hold_rooms(tx: Transaction, room_ids: Sequence[UUID], also: Sequence[UUID] = ()) -> list[Row]:
    """Lock what decides about the clocks of these rooms: calendars, rooms, running clocks, in this order.

    To be called before anything of a room is written whose clock is re-projected later in the transaction; `also`:
    therapists who are about to be assigned or to cover. The rooms as they stand then, in order of id.
    """
    return await tx.all("SELECT * FROM hold_rooms(%s::uuid[], %s::uuid[])", (list(room_ids), list(also)))


async def hold_calendars(tx: Transaction, therapist_id: UUID, also: Sequence[UUID] = ()) -> list[UUID]:
    """Lock the calendars that a change of this person's hours or leave reaches, in order of id.

    To be called before anything else of the change is written; `also`: who is about to cover. Whose version has to
    grow: theirs, and those of the therapists whose rooms they cover.
    """
    rows = await tx.all("SELECT hold_calendars(%s, %s::uuid[]) AS id", (therapist_id, list(also)))
    return [row["id"] for row in rows]


async def record_version(
    tx: Transaction, therapist_id: UUID, version: int, hours: dict[str, Any], tzdata: str
) -> None:
    """Keep the hours that hold from a calendar's version on. Later versions without a row of their own have the
    same hours: their change was of leave or cover."""
    await tx.run(
        "INSERT INTO calendar_versions (therapist_id, version, hours, tzdata, since) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (therapist_id, version, Jsonb(hours), tzdata, tx.now),
    )


async def room_schedule(tx: Transaction, room_id: UUID, therapist_id: UUID, since: datetime) -> RoomSchedule:
    """The schedule of a room from `since` on, as it is known now.

    Raises NotFound (`no_calendar`): a therapist without hours is never taken to work round the clock.
    """
    found = await schedules(tx, [Counted(room_id, therapist_id, since)])
    return found[room_id]


async def schedules(tx: Transaction, asked: Sequence[Counted]) -> dict[UUID, RoomSchedule]:
    """The schedules of many rooms, by room. Raises NotFound (`no_calendar`) where one has no hours."""
    found = await tx.all(_TODAY, _columns(asked))
    if len(found) < len(asked):
        raise NotFound("no_calendar")
    return {row["room_id"]: RoomSchedule(schedule_from(row), row["version"]) for row in found}


async def schedule_of_clock(tx: Transaction, clock: Row) -> RoomSchedule:
    """What a clock counts: see `schedules_of_clocks`. Raises NotFound (`no_calendar`)."""
    found = await schedules_of_clocks(tx, [clock])
    return found[clock["id"]]


async def schedules_of_clocks(tx: Transaction, clocks: Sequence[Row]) -> dict[UUID, RoomSchedule]:
    """What these clocks count, by clock: while one runs, today's schedule of the room. Once closed, the hours of the
    version it was last projected on, with leave, cover and pauses as they were known when it closed.

    Raises NotFound (`no_calendar`).
    """
    asked = _columns([Counted(each["room_id"], each["therapist_id"], each["opened_at"]) for each in clocks])
    asked["clocks"] = [each["id"] for each in clocks]
    versions = {each["id"]: each["calendar_version"] if each["closed_at"] else None for each in clocks}
    asked["versions"] = list(versions.values())
    asked["ats"] = [each["closed_at"] for each in clocks]
    found = await tx.all(_THEN, asked)
    if len(found) < len(clocks):
        raise NotFound("no_calendar")
    return {
        row["clock_id"]: RoomSchedule(schedule_from(row), versions[row["clock_id"]] or row["version"])
        for row in found
    }


async def calendar_of(tx: Transaction, therapist_id: UUID) -> Calendar:
    """A therapist's weekly hours. Raises NotFound (`no_calendar`)."""
    row = await tx.one("SELECT hours::text FROM calendars WHERE therapist_id = %s", (therapist_id,))
    if row is None:
        raise NotFound("no_calendar")
    return parsed.calendar(row["hours"])


async def therapist_schedule(tx: Transaction, therapist_id: UUID) -> Schedule:
    """A therapist's own time, without any room's cover or pauses: for offers."""
    rows = await tx.all(
        "SELECT starts_at, ends_at FROM leaves WHERE therapist_id = %s AND cancelled_at IS NULL"
        " AND ends_at > %s",
        (therapist_id, tx.now),
    )
    leave = tuple(Span(row["starts_at"], row["ends_at"], "leave") for row in rows)
    return Schedule(await calendar_of(tx, therapist_id), leave)


def _columns(asked: Sequence[Counted]) -> dict[str, list[Any]]:
    return {
        "rooms": [each.room_id for each in asked],
        "therapists": [each.therapist_id for each in asked],
        "since": [each.since for each in asked],
    }


def schedule_from(row: Row) -> Schedule:
    """The texts of the database function `schedule_of` as a schedule."""
    return Schedule(
        parsed.calendar(row["hours"]), _leave(row["leave"]), _covers(row["covers"]), _pauses(row["pauses"])
    )


@lru_cache(maxsize=1 << 12)
def _covers(text: str | None) -> tuple[Cover, ...]:
    return tuple(
        Cover(Span(_at(start), _at(end), "cover"), parsed.calendar(hours), _spans(leave), therapist)
        for therapist, start, end, hours, leave in json.loads(text or "[]")
    )


@lru_cache(maxsize=1 << 12)
def _leave(text: str | None) -> tuple[Span, ...]:
    return _spans(json.loads(text or "[]"))


def _pauses(text: str | None) -> tuple[Span, ...]:
    return tuple(
        Span(_at(start), None if end is None else _at(end), reason)
        for start, end, reason in json.loads(text or "[]")
    )


def _spans(leave: list[list[str]]) -> tuple[Span, ...]:
    return tuple(
        Span(_at(start), _at(end) if end else None, next(iter(why), "leave")) for start, end, *why in leave
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)

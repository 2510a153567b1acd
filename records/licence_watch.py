"""The licence watch: warnings before a licence ends, and what is done on the day. Run again and again by a Schedule.

Every step looks at the rows first: run twice, it does its thing once.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from domain import states
from domain.ids import new_id
from domain.licences import WARNING_DAYS, warning_due
from domain.schedules import Span
from records import cover_candidates, licences, offers
from records.calendars import hold_rooms
from records.covers import put_in_force, withdraw
from records.database import Database, Row, Transaction
from records.notices import notify, notify_lead, notify_role
from records.reprojections import reproject_rooms

BATCH: Final = 50
"""Rooms looked at in one run; what is left is seen to a minute later."""

COVER_FOR: Final = (timedelta(days=14), timedelta(days=3))
"""For how long somebody licensed answers, if they can: long enough for a renewal or a move to be settled [policy]."""

LOOK_AGAIN: Final = timedelta(minutes=15)
_LATE: Final = timedelta(days=7)  # an end that nobody saw is still told a week later, an old one is not
_SPARE: Final = timedelta(days=2)

_ENDING: Final = """
SELECT l.id, l.therapist_id, l.state, l.expires_on
FROM licences l JOIN accounts a ON a.id = l.therapist_id AND a.disabled_at IS NULL
WHERE l.expires_on BETWEEN %(from)s AND %(to)s
  AND NOT EXISTS (SELECT 1 FROM licences n WHERE n.therapist_id = l.therapist_id AND n.state = l.state AND n.id <> l.id
                  AND n.active_from <= l.expires_on AND n.expires_on > l.expires_on)
  AND NOT EXISTS (SELECT 1 FROM licence_warnings w WHERE w.licence_id = l.id AND w.expires_on = l.expires_on
                  AND w.days = 0)
ORDER BY l.expires_on, l.id
"""
_BEGINNING: Final = """
SELECT g.id, g.room_id FROM licence_gaps g
WHERE g.ends_at IS NULL AND g.begun_at IS NULL AND g.starts_at <= %s ORDER BY g.room_id LIMIT %s
"""
_UNCOVERED: Final = """
SELECT g.id FROM licence_gaps g JOIN rooms r ON r.id = g.room_id AND r.state = 'open'
WHERE g.ends_at IS NULL AND g.begun_at IS NOT NULL AND (g.sought_at IS NULL OR g.sought_at <= %(since)s)
  AND NOT EXISTS (SELECT 1 FROM covers v WHERE v.room_id = g.room_id AND v.starts_at <= %(now)s AND v.ends_at > %(now)s)
ORDER BY g.room_id LIMIT %(most)s
"""


_T = TypeVar("_T")


async def watch(database: Database, at: datetime | None = None) -> int:
    """One look. Each step and each room in a transaction of its own: a message waits for one of them at most.

    How many things were done; a repeat finds none to do. `at` is for simulations only.
    """

    async def do(step: Callable[..., Awaitable[_T]], *args: object) -> _T:
        async with database.transaction(at=at) as tx:
            return await step(tx, *args)

    done = await do(warn)
    for room_id in await do(wrong_rooms):
        done += await do(licences.recheck_rooms, [room_id])
    done += await do(end_unlicensed_covers)
    done += await do(begin_gaps)
    for gap_id in await do(uncovered_gaps):
        done += await do(find_cover, gap_id)
    for offer in await do(unlicensed_offers):
        done += await do(offers.take_back, offer["id"])
    return done


async def warn(tx: Transaction) -> int:
    """Tell therapist and administrators 60, 30 and 7 days before a licence ends, each once; supervisors from 7 on.

    A licence that another one continues ends nothing. Days are of the licence's own state. How many warnings.
    """
    dates = {
        "from": (tx.now - _LATE).date(),
        "to": (tx.now + timedelta(days=max(WARNING_DAYS)) + _SPARE).date(),
    }
    warned = 0
    for licence in await tx.all(_ENDING, dates):
        today = tx.now.astimezone(states.state(licence["state"]).zone).date()
        days = warning_due(licence["expires_on"], today)
        if days is not None:
            warned += await _warn(tx, licence, days)
    return warned


async def _warn(tx: Transaction, licence: Row, days: int) -> int:
    warning_id = new_id()
    first = await tx.run(
        "INSERT INTO licence_warnings (licence_id, expires_on, days, id, told_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (licence["id"], licence["expires_on"], days, warning_id, tx.now),
    )
    if first:
        template = "licence_ends" if days else "licence_ended"
        await notify(tx, licence["therapist_id"], template, warning_id)
        await notify_role(tx, "administrator", template, warning_id)
        if days <= min(WARNING_DAYS):
            await notify_lead(tx, template, warning_id)
    return first


async def wrong_rooms(tx: Transaction) -> list[UUID]:
    """Rooms whose gaps are not as the licences have them."""
    return (await licences.rooms_to_look_at(tx))[:BATCH]


async def end_unlicensed_covers(tx: Transaction) -> int:
    """Nobody covers where they are not licensed, also when the client moves or the day comes. How many ended."""
    covers = (await licences.unlicensed_covers(tx))[:BATCH]
    await licences.end_covers(tx, covers)
    return len(covers)


async def begin_gaps(tx: Transaction) -> int:
    """The day has come for rooms that were to close on it: those they concern are told. How many."""
    rows = await tx.all(_BEGINNING, (tx.now, BATCH))
    rooms = [row["room_id"] for row in rows]
    held = {room["id"]: room for room in await hold_rooms(tx, rooms)} if rooms else {}
    for row in rows:
        begun = await tx.run(
            "UPDATE licence_gaps SET begun_at = %s WHERE id = %s AND begun_at IS NULL AND ends_at IS NULL",
            (tx.now, row["id"]),
        )
        if begun:
            await licences.tell_closed(tx, row["id"], {**held[row["room_id"]], "room_id": row["room_id"]})
    await reproject_rooms(tx, rooms, "licence")
    return len(rows)


async def uncovered_gaps(tx: Transaction) -> list[UUID]:
    """Rooms that are closed to their therapist while nobody else answers in them."""
    asked = {"now": tx.now, "since": tx.now - LOOK_AGAIN, "most": BATCH}
    return [row["id"] for row in await tx.all(_UNCOVERED, asked)]


async def find_cover(tx: Transaction, gap_id: UUID) -> bool:
    """Put the room in the hands of the best colleague whom no hard filter stops, at once: nobody may be left waiting.

    With nobody to be found the supervisors are told, and it is tried again every quarter of an hour.
    """
    gap = await tx.one(
        "SELECT g.room_id, r.client_id, r.therapist_id FROM licence_gaps g JOIN rooms r ON r.id = g.room_id"
        " WHERE g.id = %s AND g.ends_at IS NULL",
        (gap_id,),
    )
    if gap is None:
        return False
    for length in COVER_FOR:
        if await _cover(tx, gap_id, gap, Span(tx.now, tx.now + length)):
            return True
    await tx.run("UPDATE licence_gaps SET sought_at = %s WHERE id = %s", (tx.now, gap_id))
    await notify_lead(tx, "licence_no_cover", gap_id, gap["room_id"])
    return False


async def _cover(tx: Transaction, gap_id: UUID, gap: Row, window: Span) -> bool:
    staff = await cover_candidates.staff_over(tx, window)
    for found in await cover_candidates.candidates(tx, gap, staff):
        if not found.eligible:
            return False
        held = await hold_rooms(tx, [gap["room_id"]], [found.therapist_id])
        await tx.one("SELECT id FROM therapists WHERE id = %s FOR NO KEY UPDATE", (found.therapist_id,))
        if await cover_candidates.refused_now(tx, held[0], found.therapist_id, window) is not None:
            continue
        cover_id = await put_in_force(tx, held[0], found.therapist_id, window, licence_gap_id=gap_id)
        await withdraw(tx, gap["room_id"], window)
        await notify(tx, found.therapist_id, "cover_yours", cover_id, gap["room_id"])
        return True
    return False


async def unlicensed_offers(tx: Transaction) -> list[Row]:
    """Open offers to people who are not licensed where the client is any more."""
    rows = await tx.all(
        "SELECT o.id, o.match_id, o.therapist_id, k.state,"
        " (SELECT jsonb_agg(jsonb_build_array(l.active_from, l.expires_on)) FROM licences l"
        "  WHERE l.therapist_id = o.therapist_id AND l.state = k.state) AS licences"
        " FROM offers o JOIN clients k ON k.id = o.client_id WHERE o.state = 'open' AND k.state IS NOT NULL"
    )
    return [row for row in rows if not licences.licensed_now(row, tx.now)]

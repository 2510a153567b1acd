"""Licences against rooms: who may not write where, from which instant on, and who is told.

A room's therapist needs a licence where the client is. The end of it is written down ahead, as a gap of the room that
begins at that midnight: the composer closes and the clock counts without them from then on, whatever else runs.
Lock order: calendars, rooms, clocks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.ids import new_id
from domain.licences import WARNING_DAYS, Licence, closure
from records.calendars import hold_rooms
from records.cover_spans import tell_leave
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify, notify_lead
from records.reprojections import reproject_rooms

AHEAD: Final = timedelta(days=max(WARNING_DAYS))
"""So long before it a gap is written down."""

_SPARE: Final = timedelta(days=2)  # dates of states differ by a day from ours, and rooms are looked at before

_ROOMS = """
SELECT r.id AS room_id, r.client_id, r.therapist_id, k.state,
       g.id AS gap_id, g.therapist_id AS gap_therapist_id, g.state AS gap_state, g.starts_at,
       (SELECT jsonb_agg(jsonb_build_array(l.active_from, l.expires_on)) FROM licences l
        WHERE l.therapist_id = r.therapist_id AND l.state = k.state) AS licences
FROM rooms r JOIN clients k ON k.id = r.client_id
LEFT JOIN licence_gaps g ON g.room_id = r.id AND g.ends_at IS NULL
WHERE r.state = 'open' AND k.state IS NOT NULL
  AND (%(rooms)s::uuid[] IS NULL OR r.id = ANY (%(rooms)s::uuid[]))
  AND (%(client)s::uuid IS NULL OR r.client_id = %(client)s)
  AND (%(therapist)s::uuid IS NULL OR r.therapist_id = %(therapist)s)
  AND (g.id IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM licences l WHERE l.therapist_id = r.therapist_id AND l.state = k.state
      AND l.active_from <= %(early)s AND l.expires_on > %(late)s))
ORDER BY r.id
"""
_UNLICENSED_COVERS = """
SELECT v.id, v.room_id, v.therapist_id, v.leave_id, k.state,
       (SELECT jsonb_agg(jsonb_build_array(l.active_from, l.expires_on)) FROM licences l
        WHERE l.therapist_id = v.therapist_id AND l.state = k.state) AS licences
FROM covers v JOIN rooms r ON r.id = v.room_id AND r.state = 'open' JOIN clients k ON k.id = r.client_id
WHERE v.starts_at <= %(now)s AND v.ends_at > %(now)s AND k.state IS NOT NULL
  AND (%(client)s::uuid IS NULL OR r.client_id = %(client)s)
  AND (%(therapist)s::uuid IS NULL OR v.therapist_id = %(therapist)s)
  AND NOT EXISTS (SELECT 1 FROM licences l WHERE l.therapist_id = v.therapist_id AND l.state = k.state
                  AND l.active_from <= %(early)s AND l.expires_on > %(late)s)
ORDER BY v.room_id, v.id
"""


async def recheck_client(tx: Transaction, client_id: UUID) -> None:
    """The client is somewhere else: their room is looked at again. In the transaction of the move.

    Where its therapist is not licensed the composer closes to them now, the clock counts without them, and therapist,
    client and supervisors are told; the licence watch finds cover. Where they are, what was closed is open again.
    """
    await _recheck(tx, client_id=client_id)


async def recheck_therapist(tx: Transaction, therapist_id: UUID) -> None:
    """A licence of theirs changed: every room of theirs is looked at again, and every room they cover."""
    await _recheck(tx, therapist_id=therapist_id)


async def recheck_room(tx: Transaction, room_id: UUID) -> None:
    """The room has another therapist: what stood against the former one is over. The caller re-projects."""
    for row in await _found(tx, rooms=[room_id]):
        await _put_right(tx, row)


async def rooms_to_look_at(tx: Transaction) -> list[UUID]:
    """Open rooms whose gaps are not as the licences have them: the work of the licence watch."""
    return [row["room_id"] for row in await _found(tx) if _step(row, tx.now) is not None]


async def recheck_rooms(tx: Transaction, room_ids: Collection[UUID]) -> int:
    """Look at these rooms again, each under its locks. How many changed."""
    return await _settle(tx, list(room_ids))


async def _recheck(
    tx: Transaction, *, client_id: UUID | None = None, therapist_id: UUID | None = None
) -> None:
    covers = await unlicensed_covers(tx, client_id=client_id, therapist_id=therapist_id)
    rows = await _found(tx, client=client_id, therapist=therapist_id)
    wrong = [row["room_id"] for row in rows if _step(row, tx.now) is not None]
    await hold_rooms(tx, sorted({*wrong, *(row["room_id"] for row in covers)}))
    await end_covers(tx, covers)
    await _settle(tx, wrong)


async def _settle(tx: Transaction, room_ids: list[UUID]) -> int:
    if not room_ids:
        return 0
    await hold_rooms(tx, room_ids)
    changed = [row["room_id"] for row in await _found(tx, rooms=room_ids) if await _put_right(tx, row)]
    await reproject_rooms(tx, changed, "licence")
    return len(changed)


@dataclass(frozen=True, slots=True)
class _Step:
    """What is to become of a room's gap: ended or dropped, and begun anew at `starts_at`."""

    end: bool = False
    starts_at: datetime | None = None


def _step(row: Row, now: datetime) -> _Step | None:
    """None when the gap is as the licences have it."""
    closes = closure(_licences(row), row["state"], now)
    wanted = closes if closes <= now + AHEAD else None
    starts_at: datetime | None = row["starts_at"]
    if starts_at is None:
        return None if wanted is None else _Step(starts_at=wanted)
    same = row["gap_therapist_id"] == row["therapist_id"] and row["gap_state"] == row["state"]
    in_force = starts_at <= now
    if same and (wanted == starts_at or (in_force and wanted == now)):
        return None
    return _Step(end=True, starts_at=wanted)


async def _put_right(tx: Transaction, row: Row) -> bool:
    """Write down what the licences say. Whether anything changed."""
    step = _step(row, tx.now)
    if step is None:
        return False
    if step.end:
        await _end(tx, row, reopened=step.starts_at is None or step.starts_at > tx.now)
    if step.starts_at is not None:
        await _begin(tx, row, step.starts_at)
    return True


async def _begin(tx: Transaction, row: Row, starts_at: datetime) -> None:
    gap_id, now = new_id(), starts_at <= tx.now
    await tx.run(
        "INSERT INTO licence_gaps (id, room_id, therapist_id, state, starts_at, begun_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (room_id) WHERE ends_at IS NULL DO NOTHING",
        (gap_id, row["room_id"], row["therapist_id"], row["state"], starts_at, tx.now if now else None),
    )
    if now:
        await tell_closed(tx, gap_id, row)


async def tell_closed(tx: Transaction, gap_id: UUID, room: Row) -> None:
    """The room is closed to its therapist: they, their client and the supervisors are told. Repeats change nothing."""
    await tx.audit("close_composer", room_id=room["room_id"], subject_id=room["therapist_id"])
    for who in (room["therapist_id"], room["client_id"]):
        await notify(tx, who, "licence_closed_room", gap_id, room["room_id"])
    await notify_lead(tx, "licence_closed_room", gap_id, room["room_id"])
    _announce(tx, room)


async def _end(tx: Transaction, row: Row, *, reopened: bool) -> None:
    """The gap is over, or never comes; so is the cover it was given."""
    if row["starts_at"] > tx.now:
        await tx.run("DELETE FROM licence_gaps WHERE id = %s", (row["gap_id"],))
        return
    await tx.run("UPDATE licence_gaps SET ends_at = %s WHERE id = %s", (tx.now, row["gap_id"]))
    await _end_covers(tx, "licence_gap_id = %(of)s", row["gap_id"])
    if reopened:
        await tx.audit("open_composer", room_id=row["room_id"], subject_id=row["therapist_id"])
        for who in (row["therapist_id"], row["client_id"]):
            await notify(tx, who, "licence_opened_room", row["gap_id"], row["room_id"])
    _announce(tx, row)


async def unlicensed_covers(
    tx: Transaction, *, client_id: UUID | None = None, therapist_id: UUID | None = None
) -> list[Row]:
    """Covers in force of people who are not licensed where the client is now."""
    rows = await tx.all(
        _UNLICENSED_COVERS,
        {"now": tx.now, "client": client_id, "therapist": therapist_id, **_dates(tx, timedelta())},
    )
    return [row for row in rows if not licensed_now(row, tx.now)]


def licensed_now(row: Row, now: datetime) -> bool:
    """Whether somebody's `licences` in the client's `state` (pairs of dates) hold now."""
    return closure(_licences(row), row["state"], now) > now


async def end_covers(tx: Transaction, covers: Collection[Row]) -> None:
    """End covers that a licence does not carry any more, and let cover of their leaves be looked for anew."""
    if not covers:
        return
    rooms = sorted({row["room_id"] for row in covers})
    await hold_rooms(tx, rooms)
    for row in covers:
        await _end_covers(tx, "id = %(of)s", row["id"])
        await notify_lead(tx, "licence_ended_cover", row["id"], row["room_id"])
        if row["leave_id"] is not None:
            await tx.run("UPDATE leaves SET proposed_at = NULL WHERE id = %s", (row["leave_id"],))
            await tell_leave(tx, row["leave_id"])
    await reproject_rooms(tx, rooms, "licence")


async def _end_covers(tx: Transaction, which: str, of: UUID) -> None:
    values = {"of": of, "now": tx.now}
    rows = await tx.all(
        f"SELECT id, room_id, therapist_id FROM covers WHERE {which} AND ends_at > %(now)s",  # noqa: S608  our words
        values,
    )
    await tx.run(f"DELETE FROM covers WHERE {which} AND starts_at >= %(now)s", values)  # noqa: S608
    await tx.run(f"UPDATE covers SET ends_at = %(now)s WHERE {which} AND ends_at > %(now)s", values)  # noqa: S608
    for row in rows:
        await notify(tx, row["therapist_id"], "cover_not_needed", row["id"])
        tx.announce(Event(EventKind.DEVICES, account_id=row["therapist_id"]))


async def _found(
    tx: Transaction,
    *,
    rooms: list[UUID] | None = None,
    client: UUID | None = None,
    therapist: UUID | None = None,
) -> list[Row]:
    """Rooms with a gap, or whose therapist's licence ends in sight."""
    asked = {"rooms": rooms, "client": client, "therapist": therapist}
    return await tx.all(_ROOMS, {**asked, **_dates(tx, AHEAD)})


def _dates(tx: Transaction, ahead: timedelta) -> dict[str, date]:
    """A licence that holds from the first of these days to the second holds now in every zone, and so far ahead."""
    return {"early": (tx.now - _SPARE).date(), "late": (tx.now + ahead + _SPARE).date()}


def _licences(row: Row) -> list[Licence]:
    pairs: list[Any] = row["licences"] or []
    return [Licence(row["state"], date.fromisoformat(start), date.fromisoformat(end)) for start, end in pairs]


def _announce(tx: Transaction, row: Row) -> None:
    tx.announce(Event(EventKind.PROMISE, room_id=row["room_id"]))
    tx.announce(Event(EventKind.BOARD))

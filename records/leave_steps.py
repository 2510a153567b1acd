"""A leave on its way: cover is looked for, clients are told, rooms are handed over and handed back.

Each step looks at the row first: done twice, it is done once. Locks in the order of `records.covers`.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.covers import CoverCandidate
from domain.leaves import LOOK_AGAIN, LeaveFacts, LeaveStep, NextStep, next_step
from domain.schedules import Span
from records import leaves
from records.calendars import hold_rooms
from records.cover_candidates import candidates, staff_over
from records.cover_spans import gap
from records.covers import Occasion, offer_cover, tell_asked, withdraw
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify, notify_lead

SOON: Final = timedelta(days=3)
"""A leave this close: several are asked at once, the first yes counts."""
ASKED_AT_ONCE: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """A leave as its workflow needs to know it: what is due, or when something will be."""

    version: int
    step: LeaveStep
    at: datetime | None


async def standing(tx: Transaction, leave_id: UUID) -> Standing:
    """How a leave stands now. Raises NotFound."""
    leave = await leaves.found(tx, leave_id)
    due: NextStep = next_step(
        LeaveFacts(
            leave["starts_at"],
            leave["ends_at"],
            await _cover_due_at(tx, leave),
            announced=leave["announced_at"] is not None,
            begun=leave["begun_at"] is not None,
            returned=leave["returned_at"] is not None,
            cancelled=leave["cancelled_at"] is not None,
        ),
        tx.now,
    )
    return Standing(leave["version"], due.step, due.at)


async def propose_cover(tx: Transaction, leave_id: UUID) -> None:
    """Ask for cover in every room that has a gap: whom the therapist wished for first, then who fits best.

    Offers that were not answered in time lapse, and the next is asked; with nobody left supervisors are told.
    Who fits is worked out before the rooms are held, for a message to one of them waits as long: a yes looks at it
    again. Raises NotFound.
    """
    seen = await leaves.found(tx, leave_id)
    if seen["ends_at"] <= tx.now:
        return
    found = await _found(tx, seen, await leaves.open_rooms(tx, seen["therapist_id"]))
    rooms = await _hold_rooms(tx, seen["therapist_id"])
    leave = await _due(tx, leave_id)
    if leave is None or leave["ends_at"] <= tx.now:
        return
    if (leave["starts_at"], leave["ends_at"]) != (seen["starts_at"], seen["ends_at"]):
        found = {}
    missed = [room for room in rooms if room["id"] not in found]
    found |= await _found(tx, leave, missed)  # days, rooms or covers changed in between
    await tx.run(
        "UPDATE cover_offers SET state = 'expired', decided_at = %(now)s"
        " WHERE leave_id = %(leave)s AND state = 'open' AND expires_at <= %(now)s",
        {"now": tx.now, "leave": leave_id},
    )
    await tell_asked(
        tx, [row["id"] for row in await _open_offers(tx, leave_id) if row["notice_at"] <= tx.now]
    )
    busy: Counter[UUID] = Counter(row["therapist_id"] for row in await _open_offers(tx, leave_id))
    uncovered = [room for room in rooms if not await _propose(tx, leave, room, found, busy)]
    if uncovered:
        await notify_lead(tx, "cover_missing", leave_id)
    await tx.run("UPDATE leaves SET proposed_at = %s WHERE id = %s", (tx.now, leave_id))
    tx.announce(Event(EventKind.BOARD))


async def announce(tx: Transaction, leave_id: UUID) -> None:
    """Clients learn that their therapist will be away, who answers meanwhile and when they are back."""
    leave = await _due(tx, leave_id)
    if leave is None or leave["announced_at"] is not None:
        return
    for room in await leaves.open_rooms(tx, leave["therapist_id"]):
        await notify(tx, room["client_id"], "therapist_will_be_away", leave_id, room["id"])
    await tx.run("UPDATE leaves SET announced_at = %s WHERE id = %s", (tx.now, leave_id))


async def hand_over(tx: Transaction, leave_id: UUID) -> None:
    """The leave begins: covers are told that they answer now, clients who does, supervisors what nobody covers."""
    leave = await _due(tx, leave_id)
    if leave is None or leave["begun_at"] is not None:
        return
    for room in await leaves.open_rooms(tx, leave["therapist_id"]):
        await notify(tx, room["client_id"], "therapist_is_away", leave_id, room["id"])
        if await gap(tx, room["id"], leave["starts_at"], leave["ends_at"]) is not None:
            await notify_lead(tx, "cover_gap", leave_id)
    for row in await _covers(tx, leave_id):
        await notify(tx, row["therapist_id"], "cover_begins", leave_id)
        tx.announce(Event(EventKind.DEVICES, account_id=row["therapist_id"]))  # the rooms open to them now
    await tx.run("UPDATE leaves SET begun_at = %s WHERE id = %s", (tx.now, leave_id))
    tx.announce(Event(EventKind.BOARD))


async def hand_back(tx: Transaction, leave_id: UUID) -> None:
    """The leave is over: the therapist sees what happened, clients that they are back, covers that it is done."""
    leave = await _due(tx, leave_id)
    if leave is None:
        return
    await withdraw(tx, leave_id=leave_id)
    await notify(tx, leave["therapist_id"], "back_from_leave", leave_id)
    for room in await leaves.open_rooms(tx, leave["therapist_id"]):
        if leave["announced_at"] is not None:
            await notify(tx, room["client_id"], "therapist_is_back", leave_id, room["id"])
    for row in await _covers(tx, leave_id):
        await notify(tx, row["therapist_id"], "cover_ends", leave_id)
        tx.announce(Event(EventKind.DEVICES, account_id=row["therapist_id"]))  # and are closed to them again
    await tx.run("UPDATE leaves SET returned_at = %s WHERE id = %s", (tx.now, leave_id))
    tx.announce(Event(EventKind.BOARD))


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every leave that is not over. How many."""
    return await tx.run(
        "INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)"
        " SELECT 'leave_changed', id, version, '{}', %s, 0 FROM leaves"
        " WHERE cancelled_at IS NULL AND returned_at IS NULL",
        (tx.now,),
    )


async def _propose(
    tx: Transaction, leave: Row, room: Row, fitting: dict[UUID, list[CoverCandidate]], busy: Counter[UUID]
) -> bool:
    """Whether the room is covered, or somebody is asked who could."""
    window = await gap(tx, room["id"], leave["starts_at"], leave["ends_at"])
    if window is None:
        return True
    found = fitting[room["id"]]
    await _keep(tx, leave["id"], room["id"], found)
    offers = await tx.all(
        "SELECT therapist_id, state FROM cover_offers WHERE leave_id = %s AND room_id = %s",
        (leave["id"], room["id"]),
    )
    if any(row["state"] == "open" for row in offers):
        return True
    said_no = {row["therapist_id"] for row in offers if row["state"] in ("declined", "expired")}
    fits = [
        each
        for each in found
        if each.eligible and each.therapist_id not in said_no and busy[each.therapist_id] < each.places
    ]
    fits.sort(key=lambda each: each.therapist_id != leave["cover_id"])
    asked = 0
    for each in fits:
        if asked == (ASKED_AT_ONCE if window.start - tx.now <= SOON else 1):
            break
        if await offer_cover(tx, room["id"], each.therapist_id, window, Occasion(leave_id=leave["id"])):
            busy[each.therapist_id] += 1
            asked += 1
    return asked > 0


async def _keep(tx: Transaction, leave_id: UUID, room_id: UUID, found: list[CoverCandidate]) -> None:
    """Who was considered, for the supervisors' page: places, or the codes of what stands against it."""
    await tx.run("DELETE FROM cover_candidates WHERE leave_id = %s AND room_id = %s", (leave_id, room_id))
    kept = [
        {
            "therapist_id": str(each.therapist_id),
            "position": place if each.eligible else None,
            "shared_minutes": each.shared // timedelta(minutes=1),
            "rejected": list(each.refused),
        }
        for place, each in enumerate(found, start=1)
    ]
    await tx.run(
        "INSERT INTO cover_candidates (leave_id, room_id, therapist_id, position, shared_minutes, rejected, checked_at)"
        " SELECT %s, %s, k.*, %s FROM jsonb_to_recordset(%s)"
        " AS k(therapist_id uuid, position int, shared_minutes int, rejected text[])",
        (leave_id, room_id, tx.now, Jsonb(kept)),
    )


async def _found(tx: Transaction, leave: Row, rooms: list[Row]) -> dict[UUID, list[CoverCandidate]]:
    """Who could cover each of the rooms that have a gap, best first."""
    gaps = [room for room in rooms if await gap(tx, room["id"], leave["starts_at"], leave["ends_at"])]
    if not gaps:
        return {}
    staff = await staff_over(tx, Span(max(leave["starts_at"], tx.now), leave["ends_at"]))
    return {room["id"]: await candidates(tx, room, staff) for room in gaps}


async def _hold_rooms(tx: Transaction, therapist_id: UUID) -> list[Row]:
    """The therapist's open rooms, held: until the commit nobody else is assigned, takes cover of one, or leaves it."""
    open_now = await leaves.open_rooms(tx, therapist_id)
    held = await hold_rooms(tx, [room["id"] for room in open_now], [therapist_id])
    return [room for room in held if room["therapist_id"] == therapist_id and room["state"] == "open"]


async def _due(tx: Transaction, leave_id: UUID) -> Row | None:
    """The leave, locked; None when it was called off or is over."""
    row = await tx.one("SELECT * FROM leaves WHERE id = %s FOR NO KEY UPDATE", (leave_id,))
    return None if row is None or row["cancelled_at"] or row["returned_at"] else row


async def _cover_due_at(tx: Transaction, leave: Row) -> datetime | None:
    """When cover is to be looked for: now while nobody did, then as offers want their notice or run out."""
    gaps = [
        room["id"]
        for room in await leaves.open_rooms(tx, leave["therapist_id"])
        if await gap(tx, room["id"], leave["starts_at"], leave["ends_at"]) is not None
    ]
    if not gaps:
        return None
    looked: datetime | None = leave["proposed_at"]
    if looked is None:
        return tx.now
    offers = await _open_offers(tx, leave["id"])
    times: list[datetime] = [
        row["notice_at"] if row["notice_at"] > looked else row["expires_at"] for row in offers
    ]
    if set(gaps) - {row["room_id"] for row in offers}:
        times.append(looked + LOOK_AGAIN)
    return min(times)


async def _open_offers(tx: Transaction, leave_id: UUID) -> list[Row]:
    return await tx.all(
        "SELECT id, room_id, therapist_id, notice_at, expires_at FROM cover_offers"
        " WHERE leave_id = %s AND state = 'open' ORDER BY id",
        (leave_id,),
    )


async def _covers(tx: Transaction, leave_id: UUID) -> list[Row]:
    return await tx.all(
        "SELECT DISTINCT therapist_id FROM covers WHERE leave_id = %s ORDER BY therapist_id", (leave_id,)
    )

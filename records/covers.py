"""Cover: another therapist answers in a room for a while. Asked, taken by one, handed back by itself.

Locks in one order: calendars by therapist id, the room, the therapist who says yes, the leave, its offers by id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from domain.clocks import HORIZON, reach
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from domain.offers import OfferPolicy, offer_policy_from_json
from domain.schedules import Span
from records import policies
from records.calendars import hold_rooms
from records.clocks import reproject
from records.cover_candidates import refused_now, working_time
from records.cover_spans import gap, tell_leave
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify

URGENT_FOR: Final = timedelta(days=3)
"""How long a cover lasts that was asked for because an answer is long overdue. A rule of the clinic."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a cover is for: a leave, or a clock whose answer is long overdue."""

    leave_id: UUID | None = None
    clock_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The cover; or why it may not be after all (`no_licence`...), the offer having been taken back."""

    cover_id: UUID | None = None
    refused: str | None = None


async def offer_cover(
    tx: Transaction, room_id: UUID, therapist_id: UUID, window: Span, occasion: Occasion
) -> UUID | None:
    """Ask a therapist to cover a room. They are told in their working hours, and have the clinic's time to answer.

    None when they are asked already, or do not work in sight. The caller has looked at the hard filters.
    """
    schedule = await working_time(tx, therapist_id)
    if schedule is None or window.end is None:
        return None
    limit = tx.now + HORIZON
    begins, _ = next(schedule.open_time(tx.now, limit))
    reached = reach(schedule, tx.now, limit, [(await _policy(tx)).window])
    offer_id = new_id()
    made = await tx.run(
        "INSERT INTO cover_offers (id, room_id, therapist_id, leave_id, clock_id, starts_at, ends_at, offered_at,"
        " notice_at, expires_at, state) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'open')"
        " ON CONFLICT (room_id, therapist_id) WHERE state = 'open' DO NOTHING",
        (
            offer_id,
            room_id,
            therapist_id,
            occasion.leave_id,
            occasion.clock_id,
            window.start,
            window.end,
            tx.now,
            begins,
            min(reached[0] if reached else limit, window.end),
        ),
    )
    if not made:
        return None
    await tx.audit("offer_cover", room_id=room_id, subject_id=offer_id)
    if begins <= tx.now:
        await tell_asked(tx, [offer_id])
    return offer_id


async def tell_asked(tx: Transaction, offers: Iterable[UUID]) -> None:
    """The notice of offers whose therapist is at work now. Repeats change nothing."""
    for offer_id in offers:
        row = await tx.one("SELECT room_id, therapist_id FROM cover_offers WHERE id = %s", (offer_id,))
        if row is not None:
            await notify(tx, row["therapist_id"], "cover_asked", offer_id, row["room_id"])


async def take(tx: Transaction, offer_id: UUID) -> Taken:
    """Say yes: the first one covers. Saying it twice gives the same cover.

    Raises NotFound, Conflict (`offer_withdrawn`, `offer_declined`, `offer_expired`).
    """
    offer = await mine(tx, offer_id)
    room = await _hold(tx, offer["room_id"], offer["therapist_id"])
    await tx.one("SELECT id FROM leaves WHERE id = %s FOR NO KEY UPDATE", (offer["leave_id"],))
    offer = await mine(tx, offer_id)
    if offer["state"] == "taken":
        return Taken(cover_id=await _cover_of(tx, offer))
    if offer["state"] != "open":
        raise Conflict(f"offer_{offer['state']}")
    window = await _still_wanted(tx, room, offer)
    if window is None:
        raise Conflict("offer_withdrawn")
    refused = await refused_now(tx, room, offer["therapist_id"], window)
    await _decide(tx, offer_id, "taken" if refused is None else "withdrawn")
    if refused is not None:
        await _propose_anew(tx, offer["leave_id"])
        return Taken(refused=refused)
    cover_id = await put_in_force(tx, room, offer["therapist_id"], window, offer["leave_id"])
    await withdraw(tx, room["id"], window)
    return Taken(cover_id=cover_id)


async def decline(tx: Transaction, offer_id: UUID) -> None:
    """Not this one. Saying it twice changes nothing. Raises NotFound, Conflict (`offer_taken`...)."""
    offer = await mine(tx, offer_id)
    await tx.one("SELECT id FROM leaves WHERE id = %s FOR UPDATE", (offer["leave_id"],))
    if not await _decide(tx, offer_id, "declined"):
        state = (await mine(tx, offer_id))["state"]
        if state != "declined":
            raise Conflict(f"offer_{state}")
        return
    await tx.audit("decline_cover", room_id=offer["room_id"], subject_id=offer_id)
    await _propose_anew(tx, offer["leave_id"])


async def put_in_force(
    tx: Transaction,
    room: Row,
    therapist_id: UUID,
    window: Span,
    leave_id: UUID | None = None,
    licence_gap_id: UUID | None = None,
) -> UUID:
    """The room is covered over the window: its clock moves, those it concerns are told. The caller holds the room."""
    cover_id = new_id()
    await tx.insert(
        "covers",
        id=cover_id,
        room_id=room["id"],
        therapist_id=therapist_id,
        starts_at=window.start,
        ends_at=window.end,
        leave_id=leave_id,
        licence_gap_id=licence_gap_id,
    )
    await tx.audit("cover_room", room_id=room["id"], subject_id=therapist_id)
    await notify(tx, room["therapist_id"], "cover_arranged", cover_id, room["id"])
    if await _client_knows(tx, leave_id, window):
        await notify(tx, room["client_id"], "cover_arranged", cover_id, room["id"])
    tx.announce(Event(EventKind.DEVICES, account_id=therapist_id))  # their streams hear of one room more
    await reproject(tx, room["id"], "cover")
    return cover_id


async def withdraw(
    tx: Transaction, room_id: UUID | None = None, window: Span | None = None, leave_id: UUID | None = None
) -> int:
    """Take open offers back: of a room over a window, or of a whole leave. How many."""
    start, end = window.interval if window else (None, None)
    rows = await tx.all(
        "WITH wanted AS (SELECT id FROM cover_offers WHERE state = 'open'"
        " AND (%(room)s::uuid IS NULL OR room_id = %(room)s) AND (%(leave)s::uuid IS NULL OR leave_id = %(leave)s)"
        " AND (%(start)s::timestamptz IS NULL OR (starts_at < %(end)s AND ends_at > %(start)s))"
        " ORDER BY id FOR UPDATE)"
        " UPDATE cover_offers o SET state = 'withdrawn', decided_at = %(now)s FROM wanted w WHERE o.id = w.id"
        " RETURNING o.therapist_id",
        {"now": tx.now, "room": room_id, "leave": leave_id, "start": start, "end": end},
    )
    for row in rows:
        tx.announce(Event(EventKind.JOURNEY, account_id=row["therapist_id"]))
    return len(rows)


async def arrange(tx: Transaction, leave_id: UUID, room_id: UUID, therapist_id: UUID) -> UUID:
    """A supervisor puts a cover in force at once, for what is left of a leave.

    Nobody is arranged whom the search for cover has not looked at: what the client told stays closed to a
    supervisor. Raises NotFound, Conflict (`leave_over`, `not_checked_yet`, `already_covered`, or the filter).
    """
    room = await _hold(tx, room_id, therapist_id)
    leave = await tx.one("SELECT * FROM leaves WHERE id = %s", (leave_id,))
    if leave is None or room["therapist_id"] != leave["therapist_id"] or room["state"] != "open":
        raise NotFound
    if leave["cancelled_at"] or leave["returned_at"] or leave["ends_at"] <= tx.now:
        raise Conflict("leave_over")
    window = await gap(tx, room_id, leave["starts_at"], leave["ends_at"])
    if window is None:
        raise Conflict("already_covered")
    looked_at = await tx.one(
        "SELECT rejected FROM cover_candidates WHERE leave_id = %s AND room_id = %s AND therapist_id = %s",
        (leave_id, room_id, therapist_id),
    )
    if looked_at is None:
        raise Conflict("not_checked_yet")
    refused = next(iter(looked_at["rejected"]), None) or await refused_now(tx, room, therapist_id, window)
    if refused is not None:
        raise Conflict(refused)
    cover_id = await put_in_force(tx, room, therapist_id, window, leave_id)
    await withdraw(tx, room_id, window)
    await notify(tx, therapist_id, "cover_yours", cover_id, room_id)
    return cover_id


async def mine(tx: Transaction, offer_id: UUID) -> Row:
    """An offer of cover made to the actor. Raises NotFound."""
    actor = tx.actor
    row = await tx.one(
        "SELECT * FROM cover_offers WHERE id = %s AND therapist_id = %s",
        (offer_id, actor.account_id if actor else None),
    )
    if row is None:
        raise NotFound
    return row


async def _hold(tx: Transaction, room_id: UUID, therapist_id: UUID) -> Row:
    """Calendars, room and therapist, so that hours, leave and places stand still until the commit. Raises NotFound."""
    rooms = await hold_rooms(tx, [room_id], [therapist_id])
    if not rooms:
        raise NotFound
    await tx.one("SELECT id FROM therapists WHERE id = %s FOR NO KEY UPDATE", (therapist_id,))
    return rooms[0]


async def _still_wanted(tx: Transaction, room: Row, offer: Row) -> Span | None:
    """What the room still waits for of this cover; None when it is over, answered, or covered meanwhile."""
    if room["state"] != "open" or offer["ends_at"] <= tx.now:
        return None
    if offer["clock_id"] is None:
        return await gap(tx, room["id"], offer["starts_at"], offer["ends_at"])
    clock = await tx.one("SELECT state FROM response_clocks WHERE id = %s", (offer["clock_id"],))
    if clock is None or clock["state"] != "running":
        return None
    return Span(max(offer["starts_at"], tx.now), offer["ends_at"])


async def _decide(tx: Transaction, offer_id: UUID, state: str) -> bool:
    return bool(
        await tx.run(
            "UPDATE cover_offers SET state = %s, decided_at = %s WHERE id = %s AND state = 'open'",
            (state, tx.now, offer_id),
        )
    )


async def _propose_anew(tx: Transaction, leave_id: UUID | None) -> None:
    """An offer of a leave came to nothing: its workflow looks for the next one now."""
    if leave_id is not None:
        await tx.run("UPDATE leaves SET proposed_at = NULL WHERE id = %s", (leave_id,))
        await tell_leave(tx, leave_id)


async def _client_knows(tx: Transaction, leave_id: UUID | None, window: Span) -> bool:
    """Whether the client has been told of the leave, or the cover begins now: then they are told of the cover too."""
    if leave_id is None:
        return window.start <= tx.now
    row = await tx.one("SELECT announced_at FROM leaves WHERE id = %s", (leave_id,))
    return row is not None and row["announced_at"] is not None


async def _cover_of(tx: Transaction, offer: Row) -> UUID | None:
    row = await tx.one(
        "SELECT id FROM covers WHERE room_id = %s AND therapist_id = %s AND starts_at < %s AND ends_at > %s"
        " ORDER BY starts_at LIMIT 1",
        (offer["room_id"], offer["therapist_id"], offer["ends_at"], offer["starts_at"]),
    )
    return row["id"] if row else None


async def _policy(tx: Transaction) -> OfferPolicy:
    try:
        return offer_policy_from_json(await policies.in_force(tx, "offers"))
    except NotFound:
        return OfferPolicy()

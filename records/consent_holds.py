"""Care by message waits where the client has not agreed to it: consent is given state by state, and precedes care.

From a move until they sign there, or are back, nobody who treats them writes in their room and its clock is held; a
pause of the room keeps from when to when. The client reads and writes on, supervisors may answer, help and risk go on:
while risk is open nobody is kept from writing.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from domain import consents as rules
from domain.consents import Document, Signed
from domain.ids import new_id
from domain.match_states import LIVE
from records.calendars import hold_rooms
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.matches import withdraw_search
from records.notices import notify, notify_lead
from records.reprojections import reproject_rooms

REASON: Final = "consent"

REMIND_AFTER: Final = (timedelta(days=2), timedelta(days=5))
"""When a client is asked once more; with the last one the supervisors are told [policy]."""

_ASKED: Final = """
SELECT p.id, p.room_id, p.starts_at, r.client_id FROM pauses p JOIN rooms r ON r.id = p.room_id AND r.state = 'open'
WHERE p.reason = 'consent' AND p.ends_at IS NULL AND p.starts_at <= %(since)s
  AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.account_id = r.client_id AND n.template = 'consent_waits'
                  AND n.subject_id <> p.id AND n.room_id = r.id AND n.created_at >= p.starts_at + %(after)s)
ORDER BY p.starts_at LIMIT 500
"""


async def lacking(tx: Transaction, client_id: UUID) -> bool:
    """Whether care by message was agreed to elsewhere and not where the client is now.

    What was taken back everywhere is no open question (`domain.withdrawals` says what stops then).
    """
    row = await tx.one("SELECT state, consents FROM journey_facts(%s)", (client_id,))
    if row is None:
        return False
    signed = [
        Signed(Document.TELEHEALTH, each["version"], each["state"])
        for each in row["consents"]
        if each["document"] == Document.TELEHEALTH
    ]
    return bool(signed) and bool(rules.missing([Document.TELEHEALTH], signed, row["state"]))


async def settle(tx: Transaction, client_id: UUID) -> None:
    """Begin the hold of the client's open room or end it, as their consents and their place have it; a search ends.

    In the transaction of the move or the signature. The caller holds what `places.hold_to_move` locks.
    """
    needed = await lacking(tx, client_id)
    if needed:
        await _end_search(tx, client_id)
    rooms = await tx.all(
        "SELECT r.id, r.client_id, r.therapist_id, (SELECT p.id FROM pauses p WHERE p.room_id = r.id"
        " AND p.reason = %s AND p.ends_at IS NULL) AS hold_id"
        " FROM rooms r WHERE r.client_id = %s AND r.state = 'open' ORDER BY r.id",
        (REASON, client_id),
    )
    wrong = [room for room in rooms if (room["hold_id"] is not None) is not needed]
    if not wrong:
        return
    await hold_rooms(tx, [room["id"] for room in wrong])
    for room in wrong:
        await (_begin(tx, room) if needed else _end(tx, room))
        tx.announce(Event(EventKind.PROMISE, room_id=room["id"]))
    await reproject_rooms(tx, [room["id"] for room in wrong], REASON)
    tx.announce(Event(EventKind.BOARD))


async def _end_search(tx: Transaction, client_id: UUID) -> None:
    """Consent comes before matching: signed here, a search begins anew."""
    live = await tx.one(
        "SELECT id FROM matches WHERE client_id = %s AND status = ANY (%s)", (client_id, list(LIVE))
    )
    if live is not None:
        await withdraw_search(tx, client_id)
        await notify(tx, client_id, "consent_waits", live["id"])


async def _begin(tx: Transaction, room: Row) -> None:
    hold_id = new_id()
    await tx.insert("pauses", id=hold_id, room_id=room["id"], reason=REASON, starts_at=tx.now, ends_at=None)
    await tx.audit("close_composer", room_id=room["id"], subject_id=room["therapist_id"])
    for who in (room["client_id"], room["therapist_id"]):
        await notify(tx, who, "consent_waits", hold_id, room["id"])
    await notify_lead(tx, "consent_waits", hold_id, room["id"])


async def _end(tx: Transaction, room: Row) -> None:
    await tx.run(  # a span is half-open and never empty
        "UPDATE pauses SET ends_at = greatest(%s, starts_at + interval '1 microsecond') WHERE id = %s",
        (tx.now, room["hold_id"]),
    )
    await tx.audit("open_composer", room_id=room["id"], subject_id=room["therapist_id"])
    for who in (room["client_id"], room["therapist_id"]):
        await notify(tx, who, "consent_given", room["hold_id"], room["id"])


async def ask_again(tx: Transaction) -> int:
    """Ask clients again whose consent is still waited for; a run again finds nobody. How many were asked."""
    asked = 0
    for after in REMIND_AFTER:
        for row in await tx.all(_ASKED, {"since": tx.now - after, "after": after}):
            subject = uuid5(row["id"], str(after.days))
            asked += await notify(tx, row["client_id"], "consent_waits", subject, row["room_id"])
            if after == REMIND_AFTER[-1]:
                await notify_lead(tx, "consent_waits", subject, row["room_id"])
    return asked

"""What people may do about a room's running clock: waive it with a reason, close the question."""

from uuid import UUID

from domain.access import VisibleRoomId
from domain.errors import Conflict
from domain.response_items import CLIENT_CLOSED, NoReplyReason
from records.clocks import tell_clock
from records.database import Transaction


async def waive(tx: Transaction, room: VisibleRoomId, reason: NoReplyReason) -> None:
    """A clinician says that no reply is needed, and why.

    Raises Conflict: `no_clock_running`; `risk_is_open`, since what was flagged for risk is never waived.
    """
    await _end(tx, room.id, reason.value)
    await tx.audit("waive_clock", room_id=room.id, reason=reason)


async def close_question(tx: Transaction, room: VisibleRoomId) -> None:
    """The client needs no answer any more. Raises Conflict as `waive`."""
    await _end(tx, room.id, CLIENT_CLOSED)
    await tx.audit("close_question", room_id=room.id)


async def _end(tx: Transaction, room_id: UUID, reason: str) -> None:
    await _refuse_at_risk(tx, room_id)
    done = await tx.run(
        "UPDATE response_clocks SET state = 'waived', reason = %s, closed_at = %s, next_alarm_at = NULL,"
        " held = NULL WHERE room_id = %s AND state = 'running'",
        (reason, tx.now, room_id),
    )
    if not done:
        raise Conflict("no_clock_running")
    await tell_clock(tx, room_id)


async def _refuse_at_risk(tx: Transaction, room_id: UUID) -> None:
    """Hold the room's row; while risk is open, nothing that is owed to the client is put off or taken away."""
    room = await tx.one("SELECT client_id FROM rooms WHERE id = %s FOR UPDATE", (room_id,))
    risk = await tx.one(
        "SELECT 1 AS open FROM risk_flags WHERE client_id = %s AND state <> 'closed' LIMIT 1",
        (room["client_id"] if room else None,),
    )
    if risk is not None:
        raise Conflict("risk_is_open")

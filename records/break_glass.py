"""Broken glass: a clinician without a part in a client's care opens the room in an emergency; everybody is told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.access import Action, Actor, Refusal, Verdict, can
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.purposes import LEAST_REASON, Purpose
from encryption.passwords import Passwords
from encryption.rooms import seal_field
from records import throttles
from records.clinic import CLINIC_ID, clinic_key
from records.database import Database, Row, Transaction
from records.notices import notify, notify_role
from records.relations import related_room
from records.room_access import ACCESS, record
from records.step_up import step_up

TRIES: Final = 10
_WINDOW: Final = timedelta(hours=1)

_ROOM = """
SELECT r.id, r.client_id, r.therapist_id FROM clients c JOIN rooms r ON r.client_id = c.id
WHERE upper(c.code) = upper(%s) AND r.state IN ('open', 'closed')
ORDER BY r.state = 'open' DESC, r.opened_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Emergency:
    """Which client, by the code that boards show; why, in words; and who says so, once more."""

    client_code: str
    reason: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """The room that is open now, and until when."""

    access_id: UUID
    room_id: UUID
    expires_at: datetime


async def break_glass(database: Database, passwords: Passwords, actor: Actor, emergency: Emergency) -> Broken:
    """Open the client's room for an hour. Its therapist, its client and the supervisors are told with it.

    Raises Invalid (`reason` too short; as `step_up`), TooMany, NotFound (no such client, or no room to open),
    Conflict (`not_needed`): one may read it anyway.
    """
    if len(emergency.reason.strip()) < LEAST_REASON:
        raise Invalid(FieldError("reason", "too_short"))
    async with database.transaction() as tx:
        await throttles.take(tx, throttles.bucket("break_glass", actor.account_id.bytes), TRIES, _WINDOW)
    await step_up(database, passwords, actor, "break_glass", emergency.password, emergency.code)
    async with database.transaction(actor) as tx:
        room = await _room(tx, actor, emergency.client_code)
        access_id = await record(tx, room["id"], Purpose.EMERGENCY, emergency.reason, break_glass=True)
        sealed = seal_field(
            await clinic_key(tx),
            CLINIC_ID,
            "room_access",
            "review_reason_sealed",
            access_id,
            emergency.reason,
        )
        await tx.run("UPDATE room_access SET review_reason_sealed = %s WHERE id = %s", (sealed, access_id))
        await tx.audit(
            "break_glass", room_id=room["id"], subject_id=access_id, purpose=Purpose.EMERGENCY.value
        )
        await _tell(tx, room, access_id)
        return Broken(access_id, room["id"], tx.now + ACCESS)


async def _room(tx: Transaction, actor: Actor, client_code: str) -> Row:
    room = await tx.one(_ROOM, (client_code.strip(),))
    if room is None:
        error = NotFound()  # told with what was tried, for the audit log
        error.refusal = Refusal(actor, Action.BREAK_GLASS, Verdict.NOT_FOUND)
        raise error
    related = await related_room(tx, actor, room["id"])
    if can(actor, Action.READ_MESSAGES, related).allowed:
        raise Conflict("not_needed")
    return room


async def _tell(tx: Transaction, room: Row, access_id: UUID) -> None:
    for account_id in (room["client_id"], room["therapist_id"]):
        await notify(tx, account_id, "glass_broken", access_id, room["id"])
    await notify_role(tx, "supervisor", "glass_broken_review", access_id, room["id"])

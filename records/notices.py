"""Notices: one person is told one thing once, in neutral words. The courier mails what nobody has read."""

from uuid import UUID, uuid4

from records.database import Transaction
from records.events import Event, EventKind


async def notify(
    tx: Transaction, account_id: UUID, template: str, subject_id: UUID, room_id: UUID | None = None
) -> bool:
    """Tell a person. False when they were told this about this subject before: repeats change nothing."""
    told = await tx.run(
        "INSERT INTO notices (id, account_id, template, subject_id, room_id, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (account_id, template, subject_id) DO NOTHING",
        (uuid4(), account_id, template, subject_id, room_id, tx.now),
    )
    if told:
        tx.announce(Event(EventKind.NOTICE, account_id=account_id))
    return bool(told)


async def notify_duty(
    tx: Transaction, duty: str, template: str, subject_id: UUID, room_id: UUID | None = None
) -> list[UUID]:
    """Tell everyone who holds a duty; who they are."""
    rows = await tx.all("SELECT account_id FROM duties WHERE duty = %s ORDER BY account_id", (duty,))
    for row in rows:
        await notify(tx, row["account_id"], template, subject_id, room_id)
    return [row["account_id"] for row in rows]


async def notify_role(
    tx: Transaction, role: str, template: str, subject_id: UUID, room_id: UUID | None = None
) -> list[UUID]:
    """Tell everyone of a staff role; who they are."""
    rows = await tx.all(
        "SELECT id FROM accounts WHERE role = %s AND disabled_at IS NULL ORDER BY id", (role,)
    )
    for row in rows:
        await notify(tx, row["id"], template, subject_id, room_id)
    return [row["id"] for row in rows]

"""Who is kept apart from whom: a conflict, a wish of either side, a therapist whom the client left."""

from uuid import UUID

from domain.access import WritableClientId
from domain.errors import NotFound
from domain.ids import TherapistId
from domain.match_states import Block
from records.database import Transaction

_APART = """
SELECT therapist_id FROM match_blocks WHERE client_id = %(client)s
UNION SELECT from_therapist_id FROM room_transfers WHERE client_id = %(client)s
UNION SELECT r.therapist_id FROM matches m JOIN rooms r ON r.id = m.from_room_id
WHERE m.client_id = %(client)s AND m.status <> 'withdrawn'
"""


async def kept_apart(tx: Transaction, client_id: UUID) -> frozenset[TherapistId]:
    """Whom this client is never given: blocked, left before, or about to be left."""
    rows = await tx.all(_APART, {"client": client_id})
    return frozenset(TherapistId(row["therapist_id"]) for row in rows)


async def keep_apart(
    tx: Transaction, client: WritableClientId, therapist_id: TherapistId, reason: Block
) -> None:
    """Never this therapist for this client, from now on. Saying it again changes the reason. Audited.

    Raises NotFound.
    """
    if await tx.one("SELECT 1 AS here FROM therapists WHERE id = %s", (therapist_id,)) is None:
        raise NotFound
    actor = tx.actor
    assert actor is not None  # noqa: S101  a permit was asked for
    await tx.run(
        "INSERT INTO match_blocks (client_id, therapist_id, reason, by, at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (client_id, therapist_id) DO UPDATE SET reason = excluded.reason, by = excluded.by,"
        " at = excluded.at",
        (client.id, therapist_id, reason, actor.account_id, tx.now),
    )
    await tx.audit("keep_apart", subject_id=client.id, therapist_id=therapist_id, reason=reason)

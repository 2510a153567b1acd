"""Who is kept apart from whom: a conflict, a wish of either side, a therapist whom the client left."""

from uuid import UUID

from domain.access import WritableClientId
from domain.errors import NotFound
from domain.ids import TherapistId
from domain.match_states import Block
from records.database import Transaction


async def kept_apart(tx: Transaction, client_id: UUID) -> frozenset[TherapistId]:
    """Whom this client is never given: blocked, left before, or about to be left."""
    row = await tx.one("SELECT kept_apart(%s) AS apart", (client_id,))
    return frozenset(TherapistId(each) for each in row["apart"]) if row else frozenset()


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

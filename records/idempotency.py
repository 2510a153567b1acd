"""The first answer to a creating request, kept for a day. A repeat, also one in flight, waits and gets it."""

import json
from typing import Any
from uuid import UUID

from domain.errors import FieldError, Invalid
from encryption.keys import KeyScope
from encryption.rooms import fingerprint, open_field, seal_field
from records.clinic import CLINIC_ID
from records.database import Transaction, dumps

Answer = tuple[int, dict[str, Any]]


async def first_answer(tx: Transaction, principal: UUID, route: str, key: str, body: bytes) -> Answer | None:
    """Claim the key for this transaction, or give back the first answer.

    The insert waits on a request in flight with the same key: when that commits its answer is here, when it
    rolls back this one goes on. Raises Invalid (`idempotency_key_reused`) if the key had another body.
    """
    seal = await tx.key(KeyScope.CLINIC, CLINIC_ID)
    mark = fingerprint(seal, body)
    claimed = await tx.run(
        "INSERT INTO idempotency_keys (principal_id, route, key, fingerprint, created_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (principal, route, key, mark, tx.now),
    )
    if claimed:
        return None
    row = await tx.one(
        "SELECT fingerprint, status, answer_sealed FROM idempotency_keys"
        " WHERE principal_id = %s AND route = %s AND key = %s",
        (principal, route, key),
    )
    if row is None or row["fingerprint"] != mark or row["answer_sealed"] is None:
        raise Invalid(FieldError("Idempotency-Key", "reused"), code="idempotency_key_reused")
    text = open_field(seal, CLINIC_ID, "idempotency_keys", "answer_sealed", principal, row["answer_sealed"])
    return row["status"], json.loads(text)


async def keep_answer(
    tx: Transaction, principal: UUID, route: str, key: str, status: int, answer: dict[str, Any]
) -> None:
    """Seal and keep the answer, in the transaction of the fact it reports."""
    seal = await tx.key(KeyScope.CLINIC, CLINIC_ID)
    await tx.run(
        "UPDATE idempotency_keys SET status = %s, answer_sealed = %s"
        " WHERE principal_id = %s AND route = %s AND key = %s",
        (
            status,
            seal_field(seal, CLINIC_ID, "idempotency_keys", "answer_sealed", principal, dumps(answer)),
            principal,
            route,
            key,
        ),
    )

"""What clients in care need, kept where a move of their room can be judged by it: sealed, read by no page.

A supervisor may not open a chart, and yet moves rooms under every hard filter. The worker, who may, keeps what the
filters ask for under the clinic's key, and anew after each measure.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from domain.assignments import Needs
from domain.match_profiles import Acuity
from encryption.errors import Unreadable
from encryption.rooms import open_field, seal_field
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction, dumps
from records.seekers import needs_of

BATCH: Final = 20
_STALE: Final = """
SELECT r.client_id FROM rooms r LEFT JOIN client_needs n ON n.client_id = r.client_id
WHERE r.state = 'open' AND (n.client_id IS NULL
    OR EXISTS (SELECT 1 FROM measure_responses m WHERE m.client_id = r.client_id AND m.taken_at > n.at))
ORDER BY r.client_id LIMIT %s
"""


async def refresh(tx: Transaction) -> int:
    """Keep what is new or has changed of clients in care: a batch. How many. For the worker."""
    rows = await tx.all(_STALE, (BATCH,))
    key = await clinic_key(tx)
    for row in rows:
        client_id: UUID = row["client_id"]
        try:
            needs = await needs_of(tx, client_id)
        except Unreadable:  # nothing is known of them: the filters that need nothing of it still hold
            sealed = b""
        else:
            words = dumps([needs.born.isoformat(), needs.language, needs.acuity.value])
            sealed = seal_field(key, CLINIC_ID, "client_needs", "needs_sealed", client_id, words)
        await tx.run(
            "INSERT INTO client_needs (client_id, needs_sealed, at) VALUES (%s, %s, %s)"
            " ON CONFLICT (client_id) DO UPDATE SET needs_sealed = excluded.needs_sealed, at = excluded.at",
            (client_id, sealed, tx.now),
        )
    return len(rows)


async def known(tx: Transaction, rows: Iterable[Row]) -> dict[UUID, Needs]:
    """By client, what is kept of them; nothing for whom nothing could be read yet. `rows` have a `client_id`."""
    wanted = list({row["client_id"] for row in rows})
    if not wanted:
        return {}
    key = await clinic_key(tx)
    found = await tx.all(
        "SELECT client_id, needs_sealed FROM client_needs WHERE client_id = ANY (%s) AND length(needs_sealed) > 0",
        (wanted,),
    )
    return {
        row["client_id"]: _needs(
            str(
                open_field(
                    key, CLINIC_ID, "client_needs", "needs_sealed", row["client_id"], row["needs_sealed"]
                )
            )
        )
        for row in found
    }


def _needs(text: str) -> Needs:
    born, language, acuity = json.loads(text)
    return Needs(date.fromisoformat(born), language, Acuity(acuity))

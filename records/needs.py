"""What clients need, kept where a move of their room can be judged by it: sealed, read by no page.

A supervisor may not open a chart, and yet moves rooms under every hard filter. So what the filters ask for is kept
under the clinic's key, in the transaction that changes it: the intake, handed in or corrected, and each measure. Both
come before there is a room.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.assignments import Needs
from domain.match_profiles import Acuity
from domain.seekers import acuity_of
from encryption.errors import Unreadable
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records import charts, clients
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction, dumps

ENGLISH: Final = "en"
BATCH: Final = 20
_STALE: Final = """
SELECT r.client_id FROM rooms r LEFT JOIN client_needs n ON n.client_id = r.client_id
WHERE r.state = 'open' AND n.client_id IS NULL ORDER BY r.client_id LIMIT %s
"""


async def keep(tx: Transaction, client_id: UUID) -> None:
    """Keep what the client needs as it stands now, in the transaction of the change.

    Where something of it cannot be opened, what was known before stays, and nobody is kept from answering; where
    nothing was, the filters that need nothing of it still hold.
    """
    try:
        found = await of_chart(tx, client_id, await charts.chart(tx, client_id))
    except Unreadable:
        await tx.run(
            "INSERT INTO client_needs (client_id, needs_sealed, at) VALUES (%s, '', %s) ON CONFLICT DO NOTHING",
            (client_id, tx.now),
        )
        return
    words = dumps([found.born.isoformat(), found.language, found.acuity.value])
    sealed = seal_field(await clinic_key(tx), CLINIC_ID, "client_needs", "needs_sealed", client_id, words)
    await tx.run(
        "INSERT INTO client_needs (client_id, needs_sealed, at) VALUES (%s, %s, %s)"
        " ON CONFLICT (client_id) DO UPDATE SET needs_sealed = excluded.needs_sealed, at = excluded.at",
        (client_id, sealed, tx.now),
    )


async def refresh(tx: Transaction) -> int:
    """Keep what is missing of clients in care whose intake came from elsewhere: a batch. How many. For the worker."""
    rows = await tx.all(_STALE, (BATCH,))
    for row in rows:
        await keep(tx, row["client_id"])
    return len(rows)


async def of_chart(tx: Transaction, client_id: UUID, said: dict[str, Any]) -> Needs:
    """What a client needs, wherever they are; `said`: their intake. Raises Unreadable."""
    preferences: dict[str, Any] = said.get("preferences") or {}
    return Needs(
        born=(await clients.profile(tx, client_id)).date_of_birth,
        language=str(preferences.get("language") or ENGLISH),
        acuity=acuity_of(
            (said.get("safety") or {}).values(),
            await _total(tx, client_id, "PHQ-9"),
            await _total(tx, client_id, "GAD-7"),
        ),
    )


async def _total(tx: Transaction, client_id: UUID, instrument: str) -> int | None:
    """The total of the last measure of a kind; None when there is none or it was left incomplete."""
    row = await tx.one(
        "SELECT id, result_sealed FROM measure_responses WHERE client_id = %s AND instrument = %s"
        " ORDER BY taken_at DESC LIMIT 1",
        (client_id, instrument),
    )
    if row is None:
        return None
    key = await tx.key(KeyScope.CHART, client_id)
    text = open_field(key, client_id, "measure_responses", "result_sealed", row["id"], row["result_sealed"])
    total = json.loads(text).get("total")
    return total if isinstance(total, int) else None


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

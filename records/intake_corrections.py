"""What a client changed after handing the intake in: the answers before, and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access import ReadableClientId
from domain.ids import new_id
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records.database import Transaction, dumps

_TABLE, _COLUMN = "intake_corrections", "earlier_sealed"


@dataclass(frozen=True, slots=True)
class Correction:
    """One change. `earlier`: question -> what stood there; None where nothing had been said."""

    at: datetime
    earlier: dict[str, Any] = field(repr=False)


async def keep(tx: Transaction, client_id: UUID, version: int, earlier: Mapping[str, Any]) -> None:
    """Keep what a new version of the answers replaces."""
    correction = new_id()
    key = await tx.key(KeyScope.CHART, client_id)
    await tx.insert(
        _TABLE,
        id=correction,
        client_id=client_id,
        version=version,
        earlier_sealed=seal_field(key, client_id, _TABLE, _COLUMN, correction, dumps(earlier)),
        corrected_at=tx.now,
    )


async def listing(tx: Transaction, client: ReadableClientId) -> list[Correction]:
    """Every change, the last one first. The caller audits."""
    rows = await tx.all(
        "SELECT id, earlier_sealed, corrected_at FROM intake_corrections WHERE client_id = %s"
        " ORDER BY version DESC",
        (client.id,),
    )
    if not rows:
        return []
    key = await tx.key(KeyScope.CHART, client.id)
    return [
        Correction(
            row["corrected_at"],
            json.loads(open_field(key, client.id, _TABLE, _COLUMN, row["id"], row["earlier_sealed"])),
        )
        for row in rows
    ]

"""What a client told in the intake, opened from the chart."""

import json
from typing import Any
from uuid import UUID

from encryption.keys import KeyScope
from encryption.rooms import open_field
from records.database import Transaction


async def chart(tx: Transaction, client_id: UUID) -> dict[str, Any]:
    """The intake in the chart, opened: for matching. Raises Unreadable when it is not for this actor."""
    row = await tx.one("SELECT intake_sealed FROM clients WHERE id = %s", (client_id,))
    if row is None or row["intake_sealed"] is None:
        return {}
    key = await tx.key(KeyScope.CHART, client_id)
    text = open_field(key, client_id, "clients", "intake_sealed", client_id, row["intake_sealed"])
    values: dict[str, Any] = json.loads(text)
    return values

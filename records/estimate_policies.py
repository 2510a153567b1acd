"""What estimates take for usual, as the clinic keeps it: in versions, now or later."""

from datetime import datetime
from typing import Final

from domain.errors import NotFound
from domain.estimate_policies import EstimatePolicy, estimate_policy_from_json, estimate_policy_to_json
from records import policies
from records.database import Row, Transaction

KIND: Final = "estimates"


async def in_force(tx: Transaction) -> EstimatePolicy:
    """The clinic's, else what is usual anywhere."""
    try:
        return estimate_policy_from_json(await policies.in_force(tx, KIND))
    except NotFound:
        return EstimatePolicy()


async def history(tx: Transaction) -> list[tuple[EstimatePolicy, Row]]:
    """What the clinic has said, the newest beginning first, each with its row: who said so, and when."""
    rows = await policies.history(tx, KIND)
    return [(estimate_policy_from_json(row["definition"]), row) for row in rows]


async def set_usual(tx: Transaction, policy: EstimatePolicy, effective_from: datetime | None = None) -> None:
    """From now on, or from a later instant. What a payer's answer was reckoned with stays until it is asked again.

    Raises Invalid for the past, Conflict (`begins_then_already`).
    """
    await policies.add_version(tx, KIND, "default", estimate_policy_to_json(policy), effective_from)

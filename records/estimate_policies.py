"""What estimates take for usual, in force now."""

from typing import Final

from domain.errors import NotFound
from domain.estimate_policies import EstimatePolicy, estimate_policy_from_json
from records import policies
from records.database import Transaction

KIND: Final = "estimates"


async def in_force(tx: Transaction) -> EstimatePolicy:
    """The clinic's, else what is usual anywhere."""
    try:
        return estimate_policy_from_json(await policies.in_force(tx, KIND))
    except NotFound:
        return EstimatePolicy()

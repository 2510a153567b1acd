"""The clinic's policy of asking payers again about covers that stand."""

from domain.errors import NotFound
from domain.rechecks import STANDARD_RECHECK, RecheckPolicy, recheck_policy_from_json
from records import policies
from records.database import Transaction

KIND, NAME = "verification", "recheck"


async def recheck_policy(tx: Transaction) -> RecheckPolicy:
    """The policy in force now."""
    try:
        return recheck_policy_from_json(await policies.in_force(tx, KIND, NAME))
    except NotFound:
        return STANDARD_RECHECK

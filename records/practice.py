"""Who bills: a policy row of the clinic, so that a change has its date."""

from dataclasses import asdict

from domain.errors import Conflict, NotFound
from domain.practice import Practice, practice_from_json
from records.database import Transaction
from records.policies import add_version, in_force

KIND, NAME = "claims", "practice"


async def practice(tx: Transaction) -> Practice:
    """The organisation in force now. Raises Conflict (`practice_not_set`)."""
    try:
        return practice_from_json(await in_force(tx, KIND, NAME))
    except NotFound:
        raise Conflict("practice_not_set") from None


async def set_practice(tx: Transaction, new: Practice) -> None:
    """Put a new version in force from now. Raises Invalid."""
    definition = asdict(new)
    practice_from_json(definition)
    await add_version(tx, KIND, NAME, definition)

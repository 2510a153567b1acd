"""Who bills: a policy row of the clinic, so that a change has its date."""

from dataclasses import asdict
from zoneinfo import ZoneInfo

from domain.errors import Conflict, NotFound
from domain.practice import TIME_ZONE, Practice, practice_from_json
from domain.zones import zone
from records.database import Transaction
from records.policies import add_version, in_force

KIND, NAME = "claims", "practice"


async def practice(tx: Transaction) -> Practice:
    """The organisation in force now. Raises Conflict (`practice_not_set`)."""
    try:
        return practice_from_json(await in_force(tx, KIND, NAME))
    except NotFound:
        raise Conflict("practice_not_set") from None


async def clinic_zone(tx: Transaction) -> ZoneInfo:
    """The zone whose days and weeks reports are counted in; also before the practice is set."""
    try:
        definition = await in_force(tx, KIND, NAME)
    except NotFound:
        return zone(TIME_ZONE)
    return zone(definition.get("time_zone", TIME_ZONE))


async def set_practice(tx: Transaction, new: Practice) -> None:
    """Put a new version in force from now. Raises Invalid."""
    definition = asdict(new)
    practice_from_json(definition)
    await add_version(tx, KIND, NAME, definition)

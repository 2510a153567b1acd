"""Where the story meets the present: what is still promised is told to its workflows, what is over stays quiet."""

from datetime import timedelta

from kindroom.clinic.house import House
from records.recovery import retell_all

_OLD_NEWS = timedelta(minutes=10)
_READ_BY_NOW = timedelta(days=1)


async def reach_the_present(house: House) -> int:
    """Leave one note for each living promise instead of one for each that ever was. How many.

    A note carries the state of its subject, so the earlier ones say nothing more. Notices of the past were mailed
    in the past, and but for the last day's read.
    """
    async with house.past.transaction() as tx:
        await tx.run("DELETE FROM outbox WHERE sent_at IS NULL AND created_at <= %s", (tx.now,))
        await tx.run(
            "UPDATE notices SET emailed_at = created_at WHERE emailed_at IS NULL AND created_at < %s",
            (tx.now - _OLD_NEWS,),
        )
        await tx.run(
            "UPDATE notices SET read_at = created_at WHERE read_at IS NULL AND created_at < %s",
            (tx.now - _READ_BY_NOW,),
        )
        return await retell_all(tx)

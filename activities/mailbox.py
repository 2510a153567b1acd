"""The clearing house's mailbox: what has arrived is kept, then posted, by whoever looks first."""

from activities.claim_posting import post_report
from integrations.clearinghouse.port import ClearingHouse, ReportItem
from records import clearinghouse
from records.clearinghouse import Arrived
from records.database import Database


async def read(database: Database, house: ClearingHouse) -> int:
    """Keep what has arrived, then post what is kept; how many reports were posted. Raises `ClearingHouseError`."""
    while True:
        async with database.transaction() as tx:
            seen = await clearinghouse.cursor(tx)
        page = await house.poll_reports(seen)
        async with database.transaction() as tx:
            for item in page.items:
                await clearinghouse.keep(tx, _arrived(item))
            if page.next is not None and page.next != seen:
                await clearinghouse.move_cursor(tx, seen, page.next)
        if not page.items:
            return await post_waiting(database)


async def post_waiting(database: Database) -> int:
    """Each report in a transaction of its own, so that one that is unsound holds up no other. How many."""
    async with database.transaction() as tx:
        waiting = await clearinghouse.waiting(tx)
    for report_id in waiting:
        async with database.transaction() as tx:
            await post_report(tx, report_id)
    return len(waiting)


def _arrived(item: ReportItem) -> Arrived:
    return Arrived(f"{clearinghouse.MAILBOX}-{item.report_id}", item.kind.value, item.content)

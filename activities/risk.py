"""What the answer to a risk flag asks for: the pages that are due."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.paging import send_pages
from activities.shapes.risk import Paged, PageDue
from domain.errors import NotFound
from integrations.notify.port import NotHandedOver, Notifier
from records import paging
from records.database import Database


class RiskActivities:
    """Pages, by the wall clock."""

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.page_due]

    @activity.defn
    async def page_due(self, ask: PageDue) -> Paged:
        """Page each rung that is due, once and in order.

        Raises NotHandedOver, to be tried again: each try climbs the ladder first, so later rungs do not wait
        for the mail server either.
        """
        try:
            async with self._database.transaction() as tx:
                found = await paging.page_due(tx, ask.flag_id)
        except NotFound:
            return Paged(0, closed=True)
        if not found.closed and await send_pages(self._database, self._notifier, ask.flag_id):
            raise NotHandedOver
        return Paged(found.version, found.next_at, found.closed)

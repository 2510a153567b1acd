"""Tells people outside the app that a message waits: wakes their browsers, later mails them. Never a word of it."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta

from domain.errors import KindroomError
from integrations.notify.port import AddressRefused, Notice, Notifier, Template
from integrations.push.port import EndpointGone, NotWoken, Pusher
from records import alerts
from records.database import Database
from records.push_subscriptions import Browser, browsers_of, forget, forget_ended

log = logging.getLogger(__name__)

QUIET = timedelta(seconds=60)
"""Who reads it in the app within this time is not told outside."""

_EVERY_SECONDS = 5.0
_LATE = timedelta(seconds=30)  # a message may be committed this long after its instant
_FIRST_LOOK = timedelta(days=1)  # after a start: what was written while nobody looked
_CLEAN_EVERY = timedelta(hours=1)
_AT_ONCE = 10  # pushes in flight


class Alerts:
    """One per worker process. A telling is noted before it goes out: a crash in between costs a push, not the mail."""

    def __init__(
        self,
        database: Database,
        notifier: Notifier,
        pusher: Pusher | None,
        *,
        mail_after: timedelta = timedelta(minutes=10),
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._pusher = pusher
        self._mail_after = mail_after
        self._looked_at: datetime | None = None
        self._cleaned_at: datetime | None = None
        self._pushing = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            for work in (self.tell, self.mail):
                try:
                    await work()
                except (KindroomError, OSError) as error:
                    log.warning("alerts: %s", type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    async def tell(self, at: datetime | None = None) -> int:
        """Wake the browsers of everybody whom words have waited for long enough; how many people were told."""
        async with self._database.transaction(at=at) as tx:
            now = tx.now
            since = self._looked_at - QUIET - _LATE if self._looked_at else now - _FIRST_LOOK
            people = await alerts.tell(tx, await alerts.waiting(tx, since, now - QUIET))
            browsers = await browsers_of(tx, people) if people and self._pusher else []
            if self._cleaned_at is None or now - self._cleaned_at > _CLEAN_EVERY:
                await forget_ended(tx)
                self._cleaned_at = now
        self._looked_at = now
        await asyncio.gather(*(self._wake(browser) for browser in browsers))
        return len(people)

    async def mail(self, at: datetime | None = None) -> int:
        """Mail the clients who were told and have not read since; how many letters."""
        async with self._database.transaction(at=at) as tx:
            due = await alerts.letters(tx, tx.now - max(self._mail_after - QUIET, timedelta()))
            for letter in due:
                with suppress(AddressRefused):  # nothing can be delivered there: trying again cannot help
                    await self._notifier.send(
                        Notice(letter.id, letter.account_id, letter.address, Template.MESSAGE_WAITING)
                    )
        return len(due)

    async def _wake(self, browser: Browser) -> None:
        if self._pusher is None:
            return
        async with self._pushing:
            try:
                await self._pusher.wake(browser.endpoint)
            except EndpointGone:
                async with self._database.transaction() as tx:
                    await forget(tx, browser)
            except NotWoken:
                log.warning("alerts: a push was not taken; the mail follows")

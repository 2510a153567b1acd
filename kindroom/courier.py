"""The courier: mails notices that nobody has read in the app yet. The mail says that there is news, never what."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from domain.errors import KindroomError
from integrations.notify.port import AddressRefused, Notice, Notifier, Template
from records import guardian_letters
from records.database import Database, Transaction
from records.notices import Waiting, mark_mailed, to_mail

log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0
_QUIET = timedelta(seconds=60)
"""Who reads it in the app within this time gets no mail about it."""


class Courier:
    """One per worker process; a notice is leased by a row lock, so it is mailed by one of them."""

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier

    async def run(self) -> None:
        """Mail until cancelled."""
        while True:
            try:
                await self.mail_batch()
            except (KindroomError, OSError) as error:
                log.warning("courier: %s", type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    async def mail_batch(self) -> int:
        """Mail what is due; how many letters. A crash between sending and marking mails one twice."""
        async with self._database.transaction() as tx:
            waiting = await to_mail(tx, tx.now - _QUIET)
            for notice in waiting:
                with suppress(AddressRefused):  # nothing can be delivered there: trying again cannot help
                    await self._notifier.send(_letter(notice))
                await mark_mailed(tx, notice.id)
            return len(waiting) + await self._write_to_guardians(tx)

    async def _write_to_guardians(self, tx: Transaction) -> int:
        """Guardians have no account and no app to read in: their letters go at once."""
        letters = await guardian_letters.to_mail(tx)
        for letter in letters:
            asked = Notice(letter.id, letter.client_id, letter.address, Template.GUARDIAN_ASKED, letter.token)
            with suppress(AddressRefused):
                await self._notifier.send(asked)
            await guardian_letters.mark_mailed(tx, letter.id)
        return len(letters)


def _letter(notice: Waiting) -> Notice:
    return Notice(notice.id, notice.account_id, notice.address, Template(notice.letter), notice.subject_id)

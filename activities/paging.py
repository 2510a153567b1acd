"""Sending pages: by the request that raised a flag, by the flag's workflow, and by a sweep without Temporal."""

import asyncio
import logging
from typing import Final
from uuid import UUID

from integrations.notify.port import AddressRefused, NotHandedOver, Notice, Notifier, Template
from records.database import Database
from records.measures import take_silence_for_skipping
from records.paging import UnsentPage, mark_sent, page_due, unread_flags, unsent_pages

log = logging.getLogger(__name__)

SEND_SECONDS: Final = 5.0
"""How long an answer waits for the mail server. The page stays, and is sent again."""


async def send_pages(database: Database, notifier: Notifier, flag_id: UUID) -> int:
    """Hand over the pages of a flag that wait for it; how many are left. Call it after the flag's commit.

    A mail server that is down or slow raises nothing here: help must not fail because mail does.
    """
    async with database.transaction() as tx:
        pages = await unsent_pages(tx, flag_id)
    outcomes = await asyncio.gather(*(_send(notifier, page, flag_id) for page in pages))
    sent = [page.notice_id for page, handed_over in zip(pages, outcomes, strict=True) if handed_over]
    if sent:
        async with database.transaction() as tx:
            await mark_sent(tx, sent)
    return len(pages) - len(sent)


async def _send(notifier: Notifier, page: UnsentPage, flag_id: UUID) -> bool:
    letter = Notice(page.notice_id, page.account_id, page.address, Template.PAGE, flag_id)
    try:
        await asyncio.wait_for(notifier.send(letter), SEND_SECONDS)
    except AddressRefused:
        log.error("page %s: its address can never be reached", page.notice_id)
    except (NotHandedOver, TimeoutError) as error:
        log.warning("page %s: %s", page.notice_id, type(error).__name__)
        return False
    return True


async def page_overdue(database: Database, notifier: Notifier) -> int:
    """Page what is due on any flag, without Temporal: the belt to the workflows' braces. How many flags it saw.

    Run it every few seconds in each worker process. Rungs go out once, whoever is first. Silence where a question
    about safety was put once more becomes a task here.
    """
    async with database.transaction() as tx:
        await take_silence_for_skipping(tx)
    async with database.transaction() as tx:
        flags = await unread_flags(tx)
    for flag_id in flags:
        async with database.transaction() as tx:
            await page_due(tx, flag_id)
        await send_pages(database, notifier, flag_id)
    return len(flags)

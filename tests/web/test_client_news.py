"""What a client reads of a late answer: who was told, and what happens next and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from factories import Room, account, actor, instant, room, therapist

from domain.access import Role
from records import relations, rooms, rungs
from records.database import Row
from web.pages.client_news import with_news
from web.times import Reader
from web.views.rooms import Promise

if TYPE_CHECKING:
    from conftest import Databases

OPENED = instant("2026-05-11T09:00:00Z")


async def read(databases: Databases, where: Room, clock: Row) -> Promise:
    """The late promise as its client reads it."""
    async with databases.care.transaction(where.client) as tx:
        header = await rooms.header(tx, await relations.visible(tx, where.id))
        reader = Reader(clock["due_at"] + timedelta(minutes=1), "America/New_York")
        return await with_news(Promise("late", clock["due_at"]), header, reader, tx)


async def test_a_late_answer_says_who_was_told_and_when_more_happens(databases: Databases) -> None:
    where = await room(databases.care, at=OPENED)
    async with databases.care.transaction(at=OPENED) as tx:
        await account(tx, Role.SUPERVISOR)
        await therapist(tx)
        clock = await tx.one("SELECT * FROM response_clocks")
        name = await tx.one("SELECT display_name FROM accounts WHERE id = %s", (where.therapist.account_id,))
    assert clock is not None
    assert name is not None
    assert (await read(databases, where, clock)).told == ""
    words = []
    for ring in (
        databases.care.transaction(actor(Role.SUPERVISOR), clock["due_at"]),  # at the due time
        databases.worker.transaction(),  # now, when everything is long due
    ):
        async with ring as tx:
            await rungs.fire_due_rungs(tx, where.id, clock["id"])
        words.append((await read(databases, where, clock)).told)
    told = f"{name['display_name']} and a supervisor have been told."
    assert words == [
        f"{told} Without an answer, colleagues are asked at 9:30 AM EDT.",
        f"{told} Colleagues have been asked to answer you.",
    ]

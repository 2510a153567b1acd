"""A leave of a few seconds on the real engines: looked after, told, handed over and handed back by itself."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from factories import account, actor, room, therapist

from activities.leaves import LeaveActivities
from domain.access import Actor, Role
from encryption.key_files import KeyFile
from kindroom.dispatcher import Dispatcher
from kindroom.embedded.temporal import EmbeddedTemporal
from kindroom.temporal import connect
from kindroom.worker import queue_worker
from records import covers, leaves
from workflows.leaves import TherapistLeave
from workflows.policies import CARE_QUEUE

if TYPE_CHECKING:
    from conftest import Databases


async def test_a_leave_goes_its_way_and_ends(databases: "Databases", tmp_path: Path) -> None:
    where = await room(databases.care)
    async with databases.care.transaction() as tx:
        other, supervisor = await therapist(tx), await account(tx, Role.SUPERVISOR)
    async with EmbeddedTemporal(tmp_path / "temporal") as server:
        client = await connect(server.address, server.namespace, KeyFile(tmp_path / "codec.json"))
        dispatcher = Dispatcher(databases.worker, client)
        steps = LeaveActivities(databases.worker).all()
        async with queue_worker(client, CARE_QUEUE, (TherapistLeave,), steps):
            leave_id = await _soon_away(databases, where.therapist)  # its seconds run from here
            await dispatcher.send_batch()
            offer = await _offer(databases)
            async with databases.care.transaction(actor(Role.THERAPIST, other)) as tx:
                assert (await covers.take(tx, offer)).cover_id is not None
            await dispatcher.send_batch()
            await asyncio.wait_for(client.get_workflow_handle(f"leave-{leave_id}").result(), 30)
    told = {}
    async with databases.worker.transaction() as tx:
        for who in (where.client.account_id, where.therapist.account_id, other, supervisor):
            rows = await tx.all("SELECT template FROM notices WHERE account_id = %s ORDER BY 1", (who,))
            told[who] = [row["template"] for row in rows]
        leave = await tx.one("SELECT * FROM leaves")
    assert told == {
        where.client.account_id: [
            "cover_arranged",
            "therapist_is_away",
            "therapist_is_back",
            "therapist_will_be_away",
        ],
        where.therapist.account_id: ["back_from_leave", "cover_arranged"],
        other: ["cover_asked", "cover_begins", "cover_ends"],
        supervisor: [],
    }
    assert leave is not None
    assert (
        leave["announced_at"]
        < leave["starts_at"]
        <= leave["begun_at"]
        < leave["ends_at"]
        <= leave["returned_at"]
    )


async def _soon_away(databases: "Databases", therapist: Actor) -> UUID:
    """A leave that begins in some seconds and lasts three."""
    async with databases.care.transaction(therapist) as tx:
        span = (tx.now + timedelta(seconds=7), tx.now + timedelta(seconds=10))
        return await leaves.take_leave(tx, therapist.account_id, *span, None, "Calls on Tuesdays.")


async def _offer(databases: "Databases") -> UUID:
    """The offer of cover once the workflow has announced the leave."""
    async with asyncio.timeout(20):
        while True:
            async with databases.worker.transaction() as tx:
                row = await tx.one(
                    "SELECT o.id FROM cover_offers o JOIN leaves l ON l.id = o.leave_id"
                    " WHERE l.announced_at IS NOT NULL"
                )
            if row is not None:
                offer: UUID = row["id"]
                return offer
            await asyncio.sleep(0.05)

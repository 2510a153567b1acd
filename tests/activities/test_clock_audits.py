"""The audit that runs each minute also tells of holds whose review nobody made."""

from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import Mock

from factories import account, actor, room
from temporalio.testing import ActivityEnvironment

from activities.clock_audits import ClockAuditActivities
from domain.access import Action, Role
from domain.room_clocks import HoldReason
from records import pauses, relations

if TYPE_CHECKING:
    from conftest import Databases


async def test_the_audit_tells_once_of_a_hold_that_waits_for_its_review(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction() as tx:
        supervisor = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
        long_ago = tx.now - timedelta(days=15)
    async with databases.care.transaction(supervisor, long_ago) as tx:
        permit = await relations.visible(tx, where.id, Action.HOLD_ROOM)
        await pauses.hold(tx, permit, HoldReason.UNREACHABLE, tx.now + timedelta(days=14))
    audit = ClockAuditActivities(databases.worker, Mock())
    for _ in range(2):
        await ActivityEnvironment().run(audit.audit_clocks)
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT account_id FROM notices WHERE template = 'hold_review_due'")
    assert told == [{"account_id": supervisor.account_id}]

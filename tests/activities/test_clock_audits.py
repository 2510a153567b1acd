"""The audit that runs each minute also tells of holds whose review nobody made."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import Mock
from uuid import UUID

import pytest
from factories import OFFICE_HOURS, account, actor, room, therapist
from temporalio.testing import ActivityEnvironment

from activities.clock_audits import ClockAuditActivities
from domain.access import Action, Role
from domain.calendars import week
from domain.room_clocks import HoldReason
from records import pauses, relations, working_hours
from records.database import Transaction

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


async def test_calendars_whose_holidays_run_out_are_extended_one_by_one_and_one_that_fails_undoes_no_other(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    office = week("America/New_York", OFFICE_HOURS, [])
    async with databases.care.transaction() as tx:
        people = [await therapist(tx, always=False) for _ in range(3)]
        long_ago = tx.now - timedelta(days=3 * 365)
    for who in people:
        async with databases.care.transaction(actor(Role.THERAPIST, who), long_ago) as tx:
            await working_hours.set_hours(tx, who, office, ["US"])
    extend, seen = working_hours.extend_holidays, list[UUID]()

    async def failing_once(tx: Transaction, who: UUID) -> bool:
        seen.append(who)
        if len(seen) == 2:
            raise RuntimeError("the connection was lost")
        return await extend(tx, who)

    monkeypatch.setattr(working_hours, "extend_holidays", failing_once)
    audit = ClockAuditActivities(databases.worker, _NoWorkflows())
    with pytest.raises(RuntimeError):
        await ActivityEnvironment().run(audit.audit_workflows)
    await ActivityEnvironment().run(audit.audit_workflows)
    assert sorted([seen[0], *seen[2:]]) == sorted(people)
    async with databases.worker.transaction() as tx:
        assert await working_hours.running_out(tx, 10) == []
        versions = await tx.all("SELECT version FROM calendars")
    assert [each["version"] for each in versions] == [3] * 3


class _NoWorkflows(Mock):
    """Temporal's list of workflows, empty."""

    async def list_workflows(self, *_: object, **__: object) -> AsyncIterator[Mock]:
        return
        yield

"""Rungs fire once, in order, never early; a change of calendar, policy or therapist moves the running clock."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from factories import Room, account, actor, instant, room, therapist

from domain.access import Action, Role
from domain.assignments import AssignmentReason
from domain.calendars import week
from domain.errors import Conflict
from domain.policies import policy_to_json, working_minutes
from domain.response_items import NoReplyReason
from records import (
    assignments,
    clocks,
    leaves,
    policies,
    relations,
    response_terms,
    room_clocks,
    rungs,
    working_hours,
)
from records.database import Row

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")


async def running(databases: "Databases", where: Room) -> Row:
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT * FROM response_clocks WHERE room_id = %s", (where.id,))
    assert row is not None
    return row


async def fire(databases: "Databases", where: Room, clock: Row) -> rungs.Fired:
    """Ring as the workflow does."""
    async with databases.worker.transaction() as tx:
        return await rungs.fire_due_rungs(tx, where.id, clock["id"])


async def fired_rungs(databases: "Databases") -> list[str]:
    async with databases.worker.transaction() as tx:
        return [row["rung"] for row in await tx.all("SELECT rung FROM clock_rungs ORDER BY due_at")]


async def test_an_alarm_asked_too_early_does_not_ring(databases: "Databases") -> None:
    where = await room(databases.care)
    clock = await running(databases, where)
    fired = await fire(databases, where, clock)
    assert (fired.outcome, fired.next_alarm_at) == ("too_early", clock["next_alarm_at"])
    assert await fired_rungs(databases) == []


async def test_after_an_outage_every_missed_rung_fires_once_and_in_order(databases: "Databases") -> None:
    where = await room(databases.care, at=instant("2026-05-11T09:00:00Z"))
    clock = await running(databases, where)
    outcomes = await asyncio.gather(*(fire(databases, where, clock) for _ in range(4)))
    assert sorted(o.outcome for o in outcomes) == ["fired", "superseded", "superseded", "superseded"]
    assert await fired_rungs(databases) == ["nudge", "breach", "cover"]


async def test_at_a_breach_therapist_client_and_supervisor_are_told_once(databases: "Databases") -> None:
    async with databases.care.transaction() as tx:
        supervisor = await account(tx, Role.SUPERVISOR)
    where = await room(databases.care, at=instant("2026-05-11T09:00:00Z"))
    clock = await running(databases, where)
    await fire(databases, where, clock)
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT account_id, template FROM notices")
        breach = await tx.one("SELECT breached_at FROM clock_breaches")
    assert {(t["account_id"], t["template"]) for t in told} == {
        (where.therapist.account_id, "answer_due_soon"),
        (where.therapist.account_id, "answer_late"),
        (where.client.account_id, "answer_is_late"),
        (supervisor, "promise_broken"),
        (supervisor, "cover_not_found"),
    }
    assert breach == {"breached_at": clock["due_at"]}


async def test_an_answered_clock_rings_no_more(databases: "Databases") -> None:
    where = await room(databases.care)
    clock = await running(databases, where)
    async with databases.care.transaction(where.therapist) as tx:
        permit = await relations.visible(tx, where.id, Action.WAIVE_CLOCK)
        await room_clocks.waive(tx, permit, NoReplyReason.NOTHING_ASKED)
    assert (await fire(databases, where, clock)).outcome == "superseded"
    assert await fired_rungs(databases) == []


async def test_new_hours_move_the_running_clock_and_keep_before_and_after(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    before = await running(databases, where)
    afternoons = week("America/New_York", {day: [("13:00", "17:00")] for day in ("mon", "tue")})
    async with databases.care.transaction(where.therapist, MONDAY + timedelta(minutes=5)) as tx:
        await working_hours.set_hours(tx, where.therapist.account_id, afternoons)
    after = await running(databases, where)
    assert (before["due_at"], after["due_at"]) == (
        instant("2026-05-11T12:00:00-04:00"),
        instant("2026-05-11T16:00:00-04:00"),
    )
    assert after["calendar_version"] == before["calendar_version"] + 1
    async with databases.worker.transaction() as tx:
        moved = await tx.one("SELECT reason, due_before, due_after FROM clock_projections")
    assert moved == {"reason": "hours", "due_before": before["due_at"], "due_after": after["due_at"]}


async def test_leave_moves_the_clock_and_licensed_cover_takes_over(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    async with databases.care.transaction() as tx:
        licensed = await therapist(tx, zone="America/Los_Angeles", always=False)
        unlicensed = await therapist(tx, states=("TX",))
    span = (instant("2026-05-11T09:30:00-04:00"), instant("2026-05-14T00:00:00-04:00"))
    for cover, due in ((unlicensed, "2026-05-14T11:30:00-04:00"), (licensed, "2026-05-11T11:30:00-07:00")):
        async with databases.care.transaction(where.therapist, MONDAY) as tx:
            await leaves.take_leave(tx, where.therapist.account_id, *span, cover, "See the notes")
        assert (await running(databases, where))["due_at"] == instant(due)


async def test_a_rooms_own_policy_moves_its_clock(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction() as tx:
        await policies.add_version(tx, "response", "quick", policy_to_json(working_minutes("quick", 0.1)))
        await response_terms.set_terms(tx, response_terms.Reach(where.id), policy_name="quick")
    clock = await running(databases, where)
    assert (clock["policy_name"], clock["due_at"] - clock["opened_at"]) == ("quick", timedelta(seconds=6))


async def test_a_reassigned_room_follows_the_new_calendar_and_a_licence_has_no_override(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    async with databases.care.transaction(at=MONDAY) as tx:
        stranger = await therapist(tx, states=("TX",))
        successor = await therapist(tx, always=False)
        watcher = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
    async with databases.care.transaction(watcher, MONDAY) as tx:
        permit = await relations.visible(tx, where.id, Action.REASSIGN)
        with pytest.raises(Conflict) as refused:
            await assignments.reassign(tx, permit, stranger, AssignmentReason.ILLNESS)
        assert refused.value.code == "no_licence"
        await assignments.reassign(tx, permit, successor, AssignmentReason.ILLNESS)
    clock = await running(databases, where)
    assert (clock["therapist_id"], clock["state"]) == (successor, "running")


async def test_after_the_store_is_lost_every_running_clock_is_told_again(databases: "Databases") -> None:
    places = [await room(databases.care) for _ in range(2)]
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")
        assert await clocks.retell(tx) == 2
        told = await tx.all("SELECT subject_id, version, payload FROM outbox")
    clock = await running(databases, places[0])
    mine = next(t for t in told if t["subject_id"] == places[0].id)
    assert (mine["version"], mine["payload"]["clock_id"]) == (1, str(clock["id"]))

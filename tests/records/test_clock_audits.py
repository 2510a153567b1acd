"""The audit finds every promise that could be lost, repairs it by a note, and counts what it did."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import Room, actor, instant, room

from domain.access import Role
from records import clock_audits, needs, rooms
from records.clock_audits import Findings
from records.database import Row, Transaction

if TYPE_CHECKING:
    from conftest import Databases

NOTHING = Findings(0, 0, 0, 0, 0, 0)
MONDAY = instant("2026-05-11T09:00:00-04:00")


async def look(databases: "Databases") -> Findings:
    async with databases.worker.transaction() as tx:
        return await clock_audits.look(tx)


async def audited(databases: "Databases") -> int:
    """One run, as the activity makes it; how many were repaired."""
    repaired = 0
    for repair in clock_audits.REPAIRS:
        async with databases.worker.transaction() as tx:
            repaired += await repair(tx)
    return repaired


async def notes(databases: "Databases") -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(
            "SELECT kind, subject_id, version, payload FROM outbox WHERE parked_at IS NULL ORDER BY id"
        )


async def said(
    tx: Transaction, where: Room, role: str, seq: int, at: datetime, *, holding: bool = False
) -> None:
    """A message as it lies in the table, past every rule that would have opened or ended a clock."""
    sender = where.client if role == "client" else where.therapist
    await tx.insert(
        "messages",
        id=uuid4(),
        room_id=where.id,
        seq=seq,
        sender_id=sender.account_id,
        sender_role=role,
        kind="text",
        body=b"sealed",
        holding=holding,
        automatic=False,
        sent_at=at,
        idempotency_key=uuid4().hex,
        fingerprint=b"-",
    )
    await tx.run("UPDATE rooms SET last_seq = %s, last_sent_at = %s WHERE id = %s", (seq, at, where.id))


async def greeted(databases: "Databases", at: datetime) -> Room:
    """A room whose welcome was answered: nothing is owed."""
    where = await room(databases.care, at=at)
    async with databases.care.transaction(where.therapist) as tx:
        await said(tx, where, "therapist", 1, at)
        await tx.run(
            "UPDATE response_clocks SET state = 'met', closed_at = %s, closed_seq = 1, next_alarm_at = NULL"
            " WHERE room_id = %s",
            (at, where.id),
        )
        await tx.run("UPDATE rooms SET first_answered_at = %s WHERE id = %s", (at, where.id))
        await tx.run("UPDATE outbox SET sent_at = now()")
    return where


async def test_a_clinic_in_which_nobody_is_forgotten_shows_zeros(databases: "Databases") -> None:
    await greeted(databases, datetime.now(UTC))
    await room(databases.care)
    assert await look(databases) == NOTHING
    assert await audited(databases) == 0


async def test_an_alarm_that_should_have_rung_is_told_again_once(databases: "Databases") -> None:
    late = await room(databases.care, at=MONDAY)
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")
    assert (await look(databases)).overdue_alarms == 1
    assert await audited(databases) == 1
    (note,) = await notes(databases)
    assert (note["kind"], note["subject_id"], note["version"]) == ("clock_changed", late.id, 2)
    assert await audited(databases) == 0  # it is on its way


async def test_a_clock_on_an_old_calendar_is_moved(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        await tx.run(
            "UPDATE calendars SET version = 7 WHERE therapist_id = %s", (where.therapist.account_id,)
        )
    assert (await look(databases)).stale_clocks == 1
    assert await audited(databases) == 1
    assert await look(databases) == NOTHING


async def test_a_client_who_waits_without_a_clock_gets_it_from_the_message_that_waits(
    databases: "Databases",
) -> None:
    asked = datetime.now(UTC) - timedelta(minutes=20)
    where = await greeted(databases, asked - timedelta(hours=1))
    async with databases.care.transaction(where.client) as tx:
        await said(tx, where, "client", 2, asked)
        await said(tx, where, "client", 3, asked + timedelta(minutes=1))
    async with databases.care.transaction(where.therapist) as tx:
        await said(tx, where, "therapist", 4, asked + timedelta(minutes=2), holding=True)
    assert (await look(databases)).waiting_without_clock == 1
    assert await audited(databases) == 1
    async with databases.worker.transaction() as tx:
        clock = await tx.one("SELECT * FROM response_clocks WHERE state = 'running'")
    assert clock is not None
    assert (clock["opened_at"], clock["opened_seq"], clock["client_messages"]) == (asked, 2, 2)
    assert (await notes(databases))[-1]["payload"]["clock_id"] == str(clock["id"])
    assert await look(databases) == NOTHING


@pytest.mark.parametrize("state", ["met", "waived", "cancelled"])
async def test_a_message_whose_clock_ended_is_not_waiting(databases: "Databases", state: str) -> None:
    asked = datetime.now(UTC) - timedelta(minutes=20)
    where = await greeted(databases, asked - timedelta(hours=1))
    async with databases.care.transaction(where.client) as tx:
        await said(tx, where, "client", 2, asked)
        clock = await tx.one("SELECT * FROM response_clocks WHERE room_id = %s", (where.id,))
        assert clock is not None
        ended = {
            "state": state,
            "opened_at": asked,
            "closed_at": asked + timedelta(minutes=1),
            "opened_seq": 2,
        }
        ended["closed_seq"] = 2 if state == "met" else None
        await tx.insert("response_clocks", **{**clock, "id": uuid4(), **ended})
    assert await look(databases) == NOTHING


async def test_a_room_that_nobody_has_greeted_and_that_lost_its_clock_gets_its_welcome(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        opened = await tx.one("SELECT opened_at FROM rooms WHERE id = %s", (where.id,))
    await owner(databases, "DELETE FROM response_clocks")
    assert (await look(databases)).waiting_without_clock == 1
    assert await audited(databases) == 1
    async with databases.worker.transaction() as tx:
        clock = await tx.one("SELECT kind, opened_at, opened_seq FROM response_clocks")
    assert opened is not None
    assert clock == {"kind": "welcome", "opened_at": opened["opened_at"], "opened_seq": 0}


async def test_an_answer_that_comes_while_the_audit_looks_wins(databases: "Databases") -> None:
    asked = datetime.now(UTC) - timedelta(minutes=20)
    where = await greeted(databases, asked - timedelta(hours=1))
    async with databases.care.transaction(where.client) as tx:
        await said(tx, where, "client", 2, asked)
    async with databases.worker.transaction() as tx:
        lost = await tx.one(
            "SELECT w.*, r.version, r.last_seq FROM rooms_without_clock(10) w JOIN rooms r ON r.id = w.room_id"
        )
        assert lost is not None
    async with databases.care.transaction(where.therapist) as tx:
        await said(tx, where, "therapist", 3, asked + timedelta(minutes=1))
    async with databases.worker.transaction() as tx:
        assert await clock_audits._open_missing(tx, lost) == 0


async def test_a_parked_note_about_a_clock_gives_way_to_a_new_one(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.worker.transaction() as tx:
        await tx.run("UPDATE outbox SET sent_at = now() WHERE kind <> 'clock_changed'")
        await tx.run("UPDATE outbox SET parked_at = now() WHERE kind = 'clock_changed'")
    assert (await look(databases)).parked_notes == 1
    assert await audited(databases) == 0  # parked just now: it is not tried again at once
    async with databases.worker.transaction() as tx:
        await tx.run(
            "UPDATE outbox SET parked_at = now() - interval '11 minutes' WHERE parked_at IS NOT NULL"
        )
    assert await audited(databases) == 1
    assert (await look(databases)).parked_notes == 0
    assert [(n["subject_id"], n["version"]) for n in await notes(databases)][-1] == (where.id, 2)


async def test_notes_that_wait_for_long_are_found(databases: "Databases") -> None:
    await room(databases.care)
    async with databases.worker.transaction() as tx:
        await tx.run(
            "UPDATE outbox SET created_at = now() - interval '31 seconds' WHERE kind = 'clock_changed'"
        )
        health = await clock_audits.health(tx)
    assert (await look(databases)).unsent_notes == 1
    assert 31 <= health.outbox_oldest_seconds < 60


@pytest.mark.parametrize("how", ["answered", "room closed", "ended"])
async def test_a_running_clock_that_is_finished_is_a_contradiction(databases: "Databases", how: str) -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        if how == "answered":
            await said(tx, where, "therapist", 1, tx.now)
        elif how == "ended":
            await tx.run("UPDATE response_clocks SET closed_at = now()")
        else:
            await rooms.close_room(tx, where.id)
            await tx.run("UPDATE response_clocks SET state = 'running', closed_at = NULL")
    assert (await look(databases)).contradictions == 1


async def test_a_holding_reply_is_no_contradiction(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        await said(tx, where, "therapist", 1, tx.now, holding=True)
    assert (await look(databases)).contradictions == 0


async def test_rooms_that_must_have_a_workflow_are_those_told_some_time_ago(databases: "Databases") -> None:
    old = await greeted(databases, datetime.now(UTC) - timedelta(hours=1))
    await room(databases.care)  # opened just now
    async with databases.worker.transaction() as tx:
        assert await clock_audits.told_rooms(tx) == {old.id}
        assert await clock_audits.tell_rooms(tx, [old.id]) == 1
    async with databases.worker.transaction() as tx:
        assert await clock_audits.told_rooms(tx) == set()  # a note is on its way
    async with databases.care.transaction(old.therapist) as tx:
        await rooms.close_room(tx, old.id)
        assert await clock_audits.tell_rooms(tx, [old.id]) == 0  # nobody is called back to a closed room


async def test_health_is_loud_when_the_audit_itself_is_silent(databases: "Databases") -> None:
    async def silent_after(ago: timedelta | None) -> bool:
        if ago is not None:
            async with databases.worker.transaction(at=datetime.now(UTC) - ago) as tx:
                await clock_audits.record(tx, NOTHING, 3)
        async with databases.care.transaction(actor(Role.SUPERVISOR)) as tx:
            return (await clock_audits.health(tx)).audit_is_silent

    assert await silent_after(None)
    assert await silent_after(timedelta(minutes=6))
    assert not await silent_after(timedelta(minutes=1))
    async with databases.care.transaction(actor(Role.ADMINISTRATOR)) as tx:
        health = await clock_audits.health(tx)
        hours = await clock_audits.runs_of_a_day(tx)
    assert health.repaired_in_a_day == 6
    assert health.missing_workflows is None
    assert (len(hours), hours[-1]["runs"], hours[-1]["repaired"]) == (24, 2, 6)


async def owner(databases: "Databases", statement: str) -> None:
    """As the owner of the tables, past every grant."""
    from psycopg import AsyncConnection

    async with await AsyncConnection.connect(databases.owner_dsn) as connection:
        await connection.execute(statement)  # type: ignore[arg-type]


async def test_a_policy_that_begins_is_asked_for_once_and_is_no_repair(databases: "Databases") -> None:
    await room(databases.care)
    async with databases.care.transaction() as tx:
        await tx.insert(
            "policies",
            id=uuid4(),
            kind="response",
            name="welcome",
            definition={"kind": "working_minutes", "minutes": 7},
            effective_from=tx.now - timedelta(minutes=1),
        )
    async with databases.worker.transaction() as tx:
        await needs.refresh(tx)  # of a new client, which is not what is looked at here
    for asked in (1, 0):
        async with databases.worker.transaction() as tx:
            assert sum([await duty(tx) for duty in clock_audits.DUTIES]) == asked
        assert await audited(databases) == 0  # just that is being worked off
    assert [note["kind"] for note in await notes(databases)][-1] == "reprojection_asked"

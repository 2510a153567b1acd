"""The billable week: opened by the client, attested by the clinician, priced by contract, never by words."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import Room, actor
from office import attested_week, diagnosed, ended_week, insured_room, open_office, signed_note

from domain.access import Action, Role, writable_room
from domain.errors import Conflict, Invalid, NotFound
from domain.messaging_sessions import Attestation, Reminder
from domain.service_lines import Hold
from records import messages, messaging_sessions, relations, rooms
from records.messages import NewMessage
from records.messaging_sessions import SessionView
from records.policies import add_version

if TYPE_CHECKING:
    from conftest import Databases


async def attest(
    databases: "Databases", where: Room, session_id: object, *, minutes: int = 25, note: object = None
) -> SessionView:
    note_id = note or await signed_note(databases, where)
    ids = await diagnosed(databases, where, "F41.1")
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.ATTEST_SESSION)
        given = Attestation(note_id, minutes, tuple(ids), "As shown.")  # type: ignore[arg-type]
        return await messaging_sessions.attest(tx, writable, session_id, given)  # type: ignore[arg-type]


async def post(databases: "Databases", where: Room, text: str) -> None:
    door = await rooms.door(databases.care, where.client, where.id)
    await messages.post(
        databases.care, writable_room(where.client, door.related), door.key, NewMessage(str(uuid4()), text)
    )


async def test_the_first_message_opens_one_window_of_seven_days(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    async with databases.care.transaction(where.client) as tx:
        for _ in range(3):
            await messaging_sessions.ensure_open(tx, where.id)
        rows = await tx.all("SELECT * FROM messaging_sessions")
        notes = await tx.all("SELECT payload FROM outbox WHERE kind = 'messaging_session_changed'")
    assert [row["n"] for row in rows] == [1]
    assert rows[0]["window_ends_at"] - rows[0]["opened_at"] == timedelta(days=7)
    assert [note["payload"]["state"] for note in notes] == ["open"]


async def test_a_policy_row_shortens_the_window(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    async with databases.care.transaction(at=datetime(2025, 1, 1, tzinfo=UTC)) as tx:
        await add_version(tx, "messaging_session", "default", {"window_seconds": 5, "attest_seconds": 60})
    async with databases.care.transaction(where.client) as tx:
        await messaging_sessions.ensure_open(tx, where.id)
        row = await tx.one("SELECT window_ends_at - opened_at AS length FROM messaging_sessions")
    assert row == {"length": timedelta(seconds=5)}


async def test_a_message_after_the_window_opens_the_next_one(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    await ended_week(databases, where, days_ago=9)
    await ended_week(databases, where, days_ago=1)
    async with databases.care.transaction(where.client) as tx:
        rows = await tx.all("SELECT n, state FROM messaging_sessions ORDER BY n")
    assert rows == [{"n": 1, "state": "awaiting_attestation"}, {"n": 2, "state": "open"}]


async def test_a_workflow_is_told_of_its_window_once_with_every_instant(databases: "Databases") -> None:
    """It knows when the window ends, and asks the row then: the end is no news to it."""
    where = await insured_room(databases, await open_office(databases))
    await ended_week(databases, where, days_ago=9)
    async with databases.worker.transaction() as tx:
        await messaging_sessions.end_window(tx, where.id, 1)
        notes = await tx.all("SELECT payload FROM outbox WHERE kind = 'messaging_session_changed'")
        row = await messaging_sessions.find(tx, where.id, 1)
    assert row["state"] == "awaiting_attestation"
    assert [note["payload"]["state"] for note in notes] == ["open"]
    told = [notes[0]["payload"][name] for name in ("opened_at", "window_ends_at", "lapses_at")]
    assert [datetime.fromisoformat(each) for each in told] == [
        row[name] for name in ("opened_at", "window_ends_at", "lapses_at")
    ]


async def test_attesting_makes_the_line_that_the_contract_prices(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    view = await attested_week(databases, where, minutes=12)
    assert view.line is not None
    assert (view.line["code"], str(view.line["charge"]), view.line["state"]) == ("98971", "40.00", "unbilled")
    assert (view.line["service_to"] - view.line["service_date"]).days == 6


async def test_words_never_choose_a_code(databases: "Databases") -> None:
    """The same minutes with a thousand words more give the same line; the figure for people moves."""
    office = await open_office(databases)
    lines, workloads = [], []
    for words in (3, 1_000):
        where = await insured_room(databases, office, member=f"U12345{words:04d}01")
        async with databases.care.transaction(at=datetime(2025, 1, 1, tzinfo=UTC)) as tx:
            if words == 3:
                await add_version(tx, "messaging_session", "default", {"window_seconds": 1})
        await post(databases, where, "word " * words)
        async with databases.care.transaction(where.client) as tx:
            row = await tx.one("SELECT id FROM messaging_sessions WHERE room_id = %s", (where.id,))
        assert row is not None
        async with databases.care.transaction(
            where.therapist, datetime.now(UTC) + timedelta(seconds=5)
        ) as tx:
            writable = await relations.writable(tx, where.id, Action.ATTEST_SESSION)
            note_id, ids = await signed_note(databases, where), await diagnosed(databases, where, "F41.1")
            given = Attestation(note_id, 25, tuple(ids), "As shown.")
            view = await messaging_sessions.attest(tx, writable, row["id"], given)
        assert view.line is not None
        lines.append((view.line["code"], view.line["charge"], view.line["minutes"], view.line["state"]))
        workloads.append(view.workload.client_words)
    assert lines[0] == lines[1]
    assert workloads == [3, 1_000]


async def test_without_a_signed_note_nothing_is_attested(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    session_id = await ended_week(databases, where)
    with pytest.raises(Conflict, match="note_not_signed"):
        await attest(databases, where, session_id, note=uuid4())
    async with databases.worker.transaction() as tx:
        assert await tx.all("SELECT * FROM service_lines") == []


async def test_one_note_supports_one_session_and_a_session_is_attested_once(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    older = await ended_week(databases, where, days_ago=20)
    newer = await ended_week(databases, where, days_ago=9)
    note_id = await signed_note(databases, where)
    await attest(databases, where, older, note=note_id)
    with pytest.raises(Conflict, match="note_used"):
        await attest(databases, where, newer, note=note_id)
    with pytest.raises(Conflict, match="already_attested"):
        await attest(databases, where, older)


async def test_minutes_and_diagnosis_are_required(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    session_id, note_id = await ended_week(databases, where), await signed_note(databases, where)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.ATTEST_SESSION)
        with pytest.raises(Invalid):
            await messaging_sessions.attest(tx, writable, session_id, Attestation(note_id, 0, (), " "))


async def test_what_holds_a_line_is_named_and_released_when_put_right(databases: "Databases") -> None:
    office = await open_office(databases)
    where = await insured_room(databases, office)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE coverages SET status = 'manual_review'")
        await tx.run("UPDATE payer_credentials SET active_to = '2021-01-01'")
    view = await attested_week(databases, where)
    assert view.line is not None
    assert (view.line["state"], view.line["holds"]) == (
        "held",
        [Hold.CREDENTIAL_MISSING.value, Hold.COVERAGE_NOT_ACTIVE.value],
    )
    from records.service_lines import look_again

    async with databases.care.transaction() as tx:
        await tx.run("UPDATE coverages SET status = 'active'")
        await tx.run("UPDATE payer_credentials SET active_to = NULL")
    async with databases.billing.transaction() as tx:
        assert await look_again(tx) == 1
        assert await tx.all("SELECT state, hold FROM service_lines") == [{"state": "unbilled", "hold": None}]


async def test_too_few_minutes_and_no_cover_hold_the_line(databases: "Databases") -> None:
    office = await open_office(databases)
    view = await attested_week(databases, await insured_room(databases, office), minutes=3)
    assert view.line is not None
    assert view.line["holds"] == ["below_minimum_minutes"]
    where = await insured_room(databases, office, member="U0000000101")
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE coverages SET ended_at = created_at")
    view = await attested_week(databases, where)
    assert view.line is not None
    assert set(view.line["holds"]) >= {"coverage_not_active", "no_contract_row"}


async def test_nobody_else_may_attest(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    await ended_week(databases, where)
    for stranger in (where.client, actor(Role.THERAPIST), actor(Role.SUPERVISOR), actor(Role.BILLING)):
        async with databases.care.transaction(stranger) as tx:
            with pytest.raises(NotFound):
                await relations.writable(tx, where.id, Action.ATTEST_SESSION)


async def test_each_step_of_the_workflow_may_be_repeated(databases: "Databases") -> None:
    where = await insured_room(databases, await open_office(databases))
    await ended_week(databases, where, days_ago=30)
    for _ in range(2):
        async with databases.worker.transaction() as tx:
            await messaging_sessions.end_window(tx, where.id, 1)
    for _ in range(2):
        async with databases.worker.transaction() as tx:
            for which in Reminder:
                await messaging_sessions.remind(tx, where.id, 1, which)
    for _ in range(2):
        async with databases.worker.transaction() as tx:
            row = await messaging_sessions.lapse(tx, where.id, 1)
    assert row["state"] == "lapsed"
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT template FROM notices WHERE template LIKE 'attestation%%' ORDER BY 1")
    assert [row["template"] for row in told] == [
        "attestation_due",
        "attestation_last_day",
        "attestation_reminder",
    ]
    with pytest.raises(Conflict, match="session_lapsed"):
        await attest(databases, where, row["id"])

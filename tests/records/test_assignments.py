"""A room that goes to another therapist takes nobody else along: covers and offers of cover end with the move."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from factories import Room, account, actor, room
from psycopg import AsyncConnection
from test_clock_races import met_or_waiting
from test_leaves import AWAY, DAY, MONDAY, colleague, leave_of, offers, propose, row, rows, told

from domain.access import Action, Actor, Role
from domain.assignments import AssignmentReason
from domain.errors import Conflict, NotFound
from domain.schedules import Span
from records import clock_audits, cover_spans, covers, leave_steps, leaves, moves, relations, undo
from records.assignments import reassign
from records.database import Database
from records.events import Event, EventKind

if TYPE_CHECKING:
    from conftest import Databases

BEGUN = MONDAY + 20 * DAY


@pytest.fixture
async def watcher(databases: "Databases") -> Actor:
    async with databases.care.transaction(at=MONDAY) as tx:
        return actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))


async def give(databases: "Databases", watcher: Actor, where: Room, to: UUID, at: object = BEGUN) -> None:
    async with databases.care.transaction(watcher, at) as tx:  # type: ignore[arg-type]
        permit = await relations.visible(tx, where.id, Action.REASSIGN)
        await reassign(tx, permit, to, AssignmentReason.LEAVE)


async def reads(databases: "Databases", who: UUID, where: Room) -> bool:
    """Whether they can open what was written in the room, now in the middle of the leave."""
    async with databases.care.transaction(actor(Role.THERAPIST, who), BEGUN + timedelta(minutes=1)) as tx:
        try:
            await relations.readable(tx, where.id)
        except NotFound:
            return False
        return True


def hear(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    heard: list[Event] = []
    monkeypatch.setattr(database, "announce", heard.extend)
    return heard


async def test_a_cover_that_runs_ends_with_the_move_and_its_streams_too(
    databases: "Databases", watcher: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = await room(databases.care, at=MONDAY)
    other, successor = await colleague(databases), await colleague(databases)
    await leave_of(databases, where, cover=other)
    assert await reads(databases, other, where)
    heard = hear(databases.care, monkeypatch)
    await give(databases, watcher, where, successor)
    assert not await reads(databases, other, where)
    assert await reads(databases, successor, where)
    [cover] = await rows(databases, "SELECT starts_at, ends_at FROM covers")
    assert (cover["starts_at"], cover["ends_at"]) == (AWAY[0], BEGUN)
    assert {other, successor, where.therapist.account_id} <= {
        each.account_id for each in heard if each.kind is EventKind.DEVICES
    }
    assert "cover_not_needed" in await told(databases, other)


async def test_covers_and_offers_to_come_are_gone_but_for_those_of_whom_it_goes_to(
    databases: "Databases", watcher: Actor
) -> None:
    first, second = await room(databases.care, at=MONDAY), await room(databases.care, at=MONDAY)
    other, successor = await colleague(databases), await colleague(databases)
    for where, cover in ((first, other), (second, successor)):
        await leave_of(databases, where, cover=cover)
    async with databases.care.transaction(at=MONDAY) as tx:  # because an answer is long overdue
        clock = await tx.one("SELECT id FROM response_clocks WHERE room_id = %s", (first.id,))
        assert clock is not None
        window = Span(MONDAY, MONDAY + covers.URGENT_FOR)
        occasion = covers.Occasion(clock_id=clock["id"])
        offer = await covers.offer_cover(tx, first.id, successor, window, occasion)
        assert await covers.offer_cover(tx, first.id, other, window, occasion)
    for where in (first, second):
        await give(databases, watcher, where, successor, MONDAY)
    held = await rows(databases, "SELECT room_id, therapist_id FROM covers")
    assert held == [{"room_id": second.id, "therapist_id": successor}]
    states = await rows(databases, "SELECT DISTINCT state FROM cover_offers")
    assert states == [{"state": "withdrawn"}]
    assert offer is not None
    async with databases.care.transaction(actor(Role.THERAPIST, successor), MONDAY) as tx:
        with pytest.raises(Conflict, match="offer_withdrawn"):
            await covers.take(tx, offer)


async def test_moving_many_ends_their_covers_and_an_undo_has_cover_looked_for(
    databases: "Databases", watcher: Actor
) -> None:
    where = await room(databases.care, at=MONDAY)
    other, successor = await colleague(databases), await colleague(databases)
    leave_id = await leave_of(databases, where, cover=other)
    await propose(databases, leave_id)
    assert await offers(databases, leave_id) == []  # all is covered
    clock = await row(databases, "SELECT id FROM response_clocks WHERE room_id = %s", where.id)
    async with databases.care.transaction(watcher, MONDAY) as tx:
        planned = await moves.plan_moves(tx, [moves.Wanted(clock["id"], successor)])
        action = await undo.begin(tx)
        await moves.carry_out(tx, planned, AssignmentReason.LEAVE, action)
    assert await rows(databases, "SELECT id FROM covers") == []
    async with databases.care.transaction(watcher, MONDAY) as tx:
        [back] = await undo.put_back(tx, action, [where.id])
    assert back.refused is None
    assert await rows(databases, "SELECT id FROM covers") == []
    async with databases.worker.transaction(at=MONDAY) as tx:
        standing = await leave_steps.standing(tx, leave_id)
    assert standing.step.value == "propose_cover"
    notes = await rows(databases, "SELECT version FROM outbox WHERE subject_id = %s", leave_id)
    assert standing.version == max(note["version"] for note in notes)


async def test_a_room_that_left_meanwhile_is_offered_for_cover_to_nobody(
    databases: "Databases", watcher: Actor
) -> None:
    where = await room(databases.care, at=MONDAY)
    await colleague(databases)
    successor = await colleague(databases)
    leave_id = await leave_of(databases, where)
    async with await AsyncConnection.connect(databases.owner_dsn) as owner:
        await owner.execute("LOCK TABLE cover_candidates IN EXCLUSIVE MODE")
        search = asyncio.create_task(propose(databases, leave_id))
        await met_or_waiting(databases.owner_dsn, search)  # it has seen the room, and has asked nobody
        move = asyncio.create_task(give(databases, watcher, where, successor, MONDAY))
        await asyncio.wait([move], timeout=0.2)  # done where nothing holds the room
        await owner.commit()
    await asyncio.gather(search, move)
    open_now = [each for each in await offers(databases, leave_id) if each["state"] == "open"]
    assert open_now == []


@pytest.mark.parametrize("change", ["cancel", "shorten"])
async def test_streams_of_whoever_covers_end_when_the_leave_is_called_off_or_changed(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    where = await room(databases.care, at=MONDAY)
    other = await colleague(databases)
    leave_id = await leave_of(databases, where, cover=other)
    assert await reads(databases, other, where)
    heard = hear(databases.care, monkeypatch)
    async with databases.care.transaction(where.therapist, BEGUN) as tx:
        if change == "cancel":
            await leaves.cancel_leave(tx, leave_id)
        else:
            await leaves.change_leave(tx, leave_id, AWAY[0], BEGUN + timedelta(seconds=30))
    assert Event(EventKind.DEVICES, account_id=other) in heard
    assert not await reads(databases, other, where)


async def test_streams_of_whoever_covers_end_when_the_cover_ends_by_itself(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    where = await room(databases.care, at=MONDAY)
    other = await colleague(databases)
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        held = {
            "id": where.id,
            "client_id": where.client.account_id,
            "therapist_id": where.therapist.account_id,
        }
        await covers.put_in_force(tx, held, other, Span(MONDAY, MONDAY + DAY))
    heard = hear(databases.worker, monkeypatch)
    counted = []
    for minutes in (-1, 0, 1, 3):
        async with databases.worker.transaction(at=MONDAY + DAY + timedelta(minutes=minutes)) as tx:
            counted.append(await cover_spans.end_streams(tx))
            await clock_audits.record(tx, await clock_audits.look(tx), 0)
    assert counted == [0, 1, 1, 0]  # the run in which it ended may have been under way
    assert heard == [Event(EventKind.DEVICES, account_id=other)] * 2


async def test_a_refused_yes_and_the_search_for_cover_never_wait_for_each_other(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    people = [await colleague(databases) for _ in range(2)]
    leave_id = await leave_of(databases, where, (MONDAY + DAY, MONDAY + 3 * DAY))  # soon: both are asked
    async with databases.care.transaction(at=MONDAY) as tx:
        await tx.run(
            "UPDATE licences SET expires_on = %s WHERE therapist_id = ANY (%s)", (MONDAY.date(), people)
        )
    for _ in range(50):
        await ask(databases, where, leave_id, people)
        open_now = [each for each in await offers(databases, leave_id) if each["state"] == "open"]
        await asyncio.gather(
            *(refused(databases, each["id"], each["therapist_id"]) for each in open_now),
            propose(databases, leave_id, open_now[0]["expires_at"]),
        )


async def ask(databases: "Databases", where: Room, leave_id: UUID, people: Sequence[UUID]) -> None:
    """Each is asked to cover the leave."""
    async with databases.care.transaction(at=MONDAY) as tx:
        for who in people:
            window, occasion = Span(MONDAY + DAY, MONDAY + 3 * DAY), covers.Occasion(leave_id=leave_id)
            assert await covers.offer_cover(tx, where.id, who, window, occasion)


async def refused(databases: "Databases", offer_id: UUID, who: UUID) -> None:
    """A yes of somebody whose licence ended meanwhile, unless the offer lapsed before it."""
    async with databases.care.transaction(actor(Role.THERAPIST, who), MONDAY) as tx:
        with suppress(Conflict):
            assert (await covers.take(tx, offer_id)).refused == "no_licence"

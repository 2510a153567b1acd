"""All who wait, assigned at once: as many placed as can be, asked by offers, refused row by row; the desk's deeds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from arrivals import House, arrived, give_self_pay, house, therapist_for
from factories import account, actor, room, therapist

from activities.shapes.waiting_lists import AssignWaitingList
from activities.waiting_lists import WaitingListActivities
from domain.access import Action, Actor, Role
from domain.assignments import AssignmentReason
from domain.errors import Conflict
from domain.ids import TherapistId
from domain.match_filters import Refusal
from domain.match_states import Block, MatchStatus
from integrations.optimiser.min_cost_flow import MinCostFlow
from records import (
    blocks,
    consents,
    match_desk,
    matches,
    moves,
    offers,
    rankings,
    relations,
    waiting_lists,
)
from records.assignments import reassign
from records.database import Transaction
from records.match_views import search_view
from reports.exports import FORMATS, to_json
from reports.waiting_list_report import report_of

if TYPE_CHECKING:
    from conftest import Databases


@dataclass
class Desk:
    """The clinic, who sits at the match desk, and clients who wait for a person."""

    found: House
    matcher: Actor
    clients: list[Actor]
    matches: list[UUID]


async def desk(databases: "Databases", clients: int, state: str = "NY") -> Desk:
    """So many clients for whom nobody had a place."""
    found = await house(databases.care)
    async with databases.care.transaction() as tx:
        matcher = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
    made = Desk(found, matcher, [], [])
    for _ in range(clients):
        await joins(databases, made, state)
    return made


async def joins(databases: "Databases", at: Desk, state: str) -> None:
    me = await arrived(databases.care, state=state)
    await give_self_pay(databases.care, at.found, me)
    async with databases.worker.transaction() as tx:
        match = await matches.newest(tx, me.account_id)
        assert match is not None
        await rankings.rank_candidates(tx, match["id"])
    at.clients.append(me)
    at.matches.append(match["id"])


async def rank_again(databases: "Databases", match_id: UUID) -> MatchStatus:
    async with databases.worker.transaction() as tx:
        await rankings.rank_candidates(tx, match_id)
        return MatchStatus((await matches.find(tx, match_id))["status"])


async def assigned(databases: "Databases", matcher: Actor) -> waiting_lists.Run:
    """A run, worked out twice as after a killed worker, and read."""
    async with databases.care.transaction(matcher) as tx:
        run_id = await waiting_lists.ask(tx)
        assert await waiting_lists.ask(tx) == run_id
    work = WaitingListActivities(databases.worker, MinCostFlow())
    for _ in range(2):
        await work.assign_waiting_list(AssignWaitingList(run_id))
    async with databases.care.transaction(matcher) as tx:
        return await waiting_lists.find(tx, run_id)


async def test_all_who_wait_are_assigned_at_once_and_asked_row_by_row(databases: "Databases") -> None:
    """The first has two who could, the second one of them alone; in turn the first takes the second's only place."""
    at = await desk(databases, 1)
    for state in ("TX", "NY"):
        await joins(databases, at, state)
    both = await therapist_for(databases.care, at.found, places=1, states=("NY", "TX"))
    own = await therapist_for(databases.care, at.found, places=1)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE therapists SET specialties = '{}' WHERE id = %s", (own,))
    async with databases.care.transaction() as tx:  # damaged, and no reason to keep the others waiting
        await tx.run("UPDATE clients SET intake_sealed = 'x' WHERE id = %s", (at.clients.pop().account_id,))
    run = await assigned(databases, at.matcher)
    assert run.lines[2]["match_id"] == at.matches.pop()
    assert run.lines.pop()["therapist_id"] is None
    assert [line["match_id"] for line in run.lines] == at.matches
    assert [line["eligible"] for line in run.lines] == [2, 1]
    assert [line["therapist_id"] for line in run.lines] == [own, both]
    assert [line["in_turn_id"] for line in run.lines] == [both, None]
    assert (run.placed, run.placed_in_turn, run.row["state"], run.row["places"]) == (2, 1, "ready", 2)

    report = report_of(run, run.row["asked_at"])
    assert to_json(report)["totals"] | {"best_score": 0, "in_turn_score": 0} == {
        "placed": 2,
        "placed_in_turn": 1,
        "best_score": 0,
        "in_turn_score": 0,
    }
    assert all(write(report) for _, write in FORMATS.values())

    async with databases.care.transaction() as tx:
        await tx.run("UPDATE licences SET expires_on = CURRENT_DATE - 1 WHERE therapist_id = %s", (both,))
    async with databases.care.transaction(at.matcher) as tx:
        answers = await waiting_lists.ask_therapists(tx, run.row["id"], at.matches)
    assert answers == {at.matches[0]: None, at.matches[1]: "no_licence"}
    async with databases.worker.transaction() as tx:
        await offers.offer_next(tx, at.matches[0])
        offer = await tx.one("SELECT * FROM offers WHERE match_id = %s", (at.matches[0],))
    assert offer is not None
    assert (offer["therapist_id"], offer["state"]) == (own, "open")
    async with databases.care.transaction(actor(Role.THERAPIST, own)) as tx:
        assert (await offers.accept(tx, offer["id"])).room_id is not None


async def test_after_the_store_is_lost_a_run_under_way_is_told_again(databases: "Databases") -> None:
    at = await desk(databases, 0)
    async with databases.care.transaction(at.matcher) as tx:
        run_id = await waiting_lists.ask(tx)
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")
        assert await waiting_lists.retell(tx) == 1
        told = await tx.one("SELECT kind, subject_id FROM outbox")
    assert told == {"kind": "waiting_list_asked", "subject_id": run_id}


async def test_the_desk_looks_again_and_who_is_kept_apart_stays_apart(databases: "Databases") -> None:
    at = await desk(databases, 1)
    (me,), (match_id,) = at.clients, at.matches
    chosen = [await therapist_for(databases.care, at.found) for _ in range(2)]
    async with databases.care.transaction(at.matcher) as tx:
        permit = await relations.writable_chart(tx, me.account_id, Action.PLACE_CLIENT)
        await match_desk.look_again(tx, permit, match_id)
        await blocks.keep_apart(tx, permit, TherapistId(chosen[0]), Block.CONFLICT)
    assert await rank_again(databases, match_id) is MatchStatus.CHOOSING
    async with databases.care.transaction(me) as tx:
        view = await search_view(tx, await relations.readable_chart(tx, me.account_id, Action.READ_MATCHES))
    assert [each.therapist_id for each in view.shown] == [chosen[1]]
    async with databases.care.transaction(at.matcher) as tx:
        considered = (await _read(tx, me, match_id)).considered
        permit = await relations.writable_chart(tx, me.account_id, Action.PLACE_CLIENT)
        with pytest.raises(Conflict, match="blocked"):
            await match_desk.place(tx, permit, match_id, TherapistId(chosen[0]))
        with pytest.raises(Conflict, match="blocked"):
            await match_desk.ask(tx, permit, match_id, TherapistId(chosen[0]))
    rejected = {each.therapist_id: each for each in considered if each.rejected}
    assert rejected[chosen[0]].rejected == (Refusal.BLOCKED.value,)
    assert rejected[chosen[0]].reasons == ("blocked or in conflict",)


async def _read(tx: Transaction, me: Actor, match_id: UUID) -> match_desk.Desk:
    client = await relations.readable_chart(tx, me.account_id, Action.READ_MATCH_DESK)
    return await match_desk.desk(tx, client, await matches.find(tx, match_id))


async def test_without_consent_nobody_is_looked_for_and_signed_anew_a_search_begins(
    databases: "Databases",
) -> None:
    at = await desk(databases, 1)
    (me,), (match_id,) = at.clients, at.matches
    await therapist_for(databases.care, at.found)
    async with databases.care.transaction(at.matcher) as tx:
        permit = await relations.writable_chart(tx, me.account_id, Action.PLACE_CLIENT)
        await match_desk.look_again(tx, permit, match_id)
    async with databases.care.transaction(me) as tx:
        await tx.run("UPDATE consents SET withdrawn_at = %s WHERE document = 'telehealth'", (tx.now,))
    assert await rank_again(databases, match_id) is MatchStatus.WITHDRAWN
    async with databases.care.transaction(me) as tx:
        where = await tx.one("SELECT wait FROM clients WHERE id = %s", (me.account_id,))
        paper = next(each for each in await consents.papers(tx, me.account_id) if not each.signed_at)
        client = await relations.writable_chart(tx, me.account_id, Action.CONSENT)
        await consents.sign(tx, client, paper.wording.document, paper.wording.version, "Ana Rivera")
        newest = await matches.newest(tx, me.account_id)
    assert where == {"wait": "consents"}
    assert newest is not None
    assert (newest["n"], newest["status"]) == (2, "ranking")


async def test_moves_of_a_room_obey_who_is_kept_apart(databases: "Databases") -> None:
    """One by one and in bulk, and whoever may take it: never the one who is kept apart."""
    where = await room(databases.care)
    async with databases.care.transaction() as tx:
        other = await therapist(tx)
        watcher = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
        await tx.insert(
            "match_blocks",
            client_id=where.client.account_id,
            therapist_id=other,
            reason=Block.CLIENT_ASKED,
            by=watcher.account_id,
            at=tx.now,
        )
        clock = await tx.one("SELECT id FROM response_clocks WHERE room_id = %s", (where.id,))
    assert clock is not None
    async with databases.care.transaction(watcher) as tx:
        permit = await relations.visible(tx, where.id, Action.REASSIGN)
        with pytest.raises(Conflict, match="blocked"):
            await reassign(tx, permit, other, AssignmentReason.CLIENT_ASKED)
        for wanted in (other, None):
            (move,) = await moves.plan_moves(tx, [moves.Wanted(clock["id"], wanted)])
            assert move.refused == ("blocked" if wanted else "nobody_free")

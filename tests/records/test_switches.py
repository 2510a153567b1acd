"""A client changes therapist: a new room and key, everything owed goes over, and nobody learns why."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from factories import Room, account, actor, agrees_to_care, instant, room, therapist

from domain.access import Action, Actor, Role
from domain.errors import Conflict, KindroomError, NotFound
from domain.goals import GoalTerms
from encryption.errors import KeyMissing
from encryption.keys import KeyScope
from records import goals, history, journeys, offers, relations, switches, transfer_notes
from records.blocks import kept_apart
from records.database import Row, Transaction
from records.messages import NewMessage, post

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
HOUR = timedelta(hours=1)
WHY = "I would rather speak to somebody older."


async def one(databases: "Databases", sql: str, *values: object) -> Row:
    async with databases.worker.transaction() as tx:
        row = await tx.one(sql, values)
    assert row is not None
    return row


async def told(databases: "Databases", who: UUID) -> set[str]:
    async with databases.worker.transaction() as tx:
        return {
            row["template"]
            for row in await tx.all("SELECT template FROM notices WHERE account_id = %s", (who,))
        }


async def ask(databases: "Databases", where: Room, *, share: bool) -> UUID:
    async with databases.care.transaction(where.client, MONDAY + HOUR) as tx:
        await agrees_to_care(tx, where.client.account_id)
        me = await relations.writable_chart(tx, where.client.account_id, Action.SWITCH_THERAPIST)
        return await switches.ask(tx, me, WHY, share_history=share)


async def says_yes(databases: "Databases", match_id: UUID, client_id: UUID) -> tuple[Actor, UUID]:
    """Another therapist is asked and accepts: who, and the new room."""
    async with databases.care.transaction(at=MONDAY + HOUR) as tx:
        other = actor(Role.THERAPIST, await therapist(tx))
    offer_id = uuid4()
    async with databases.worker.transaction(at=MONDAY + 2 * HOUR) as tx:
        await tx.run(
            "UPDATE matches SET status = 'offering', choice = %s WHERE id = %s",
            ([other.account_id], match_id),
        )
        await tx.insert(
            "offers",
            id=offer_id,
            match_id=match_id,
            client_id=client_id,
            therapist_id=other.account_id,
            n=1,
            state="open",
            offered_at=tx.now,
            expires_at=tx.now + HOUR,
        )
        await journeys.advance(tx, client_id)
    async with databases.care.transaction(other, MONDAY + 2 * HOUR) as tx:
        accepted = await offers.accept(tx, offer_id)
    assert accepted.room_id is not None
    return other, accepted.room_id


async def readable(tx: Transaction, room_id: UUID) -> list[str]:
    permit = await relations.readable(tx, room_id)
    return [each.text for each in await history.read(tx, permit)]


async def with_goal(databases: "Databases", where: Room) -> None:
    async with databases.care.transaction(where.client, MONDAY) as tx:
        await goals.add(
            tx,
            await relations.writable(tx, where.id, Action.SET_GOAL),
            GoalTerms("Walk every day", "days", "1", "5"),
        )
        key = await tx.key(KeyScope.ROOM, where.id)
        permit = await relations.writable(tx, where.id)
    await post(databases.care, permit, key, NewMessage("m1", "Are you there?"), at=MONDAY)
    async with databases.worker.transaction(at=MONDAY) as tx:
        await tx.insert(
            "risk_flags",
            id=uuid4(),
            client_id=where.client.account_id,
            room_id=where.id,
            source="clinician",
            urgency="same_day",
            state="open",
            version=1,
            opened_at=MONDAY,
        )
        await tx.run(
            "UPDATE care_plans SET next_check_in_at = %s WHERE room_id = %s", (MONDAY + 60 * HOUR, where.id)
        )


async def test_what_was_owed_goes_over_to_the_next_room_and_nothing_is_closed(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    me = where.client.account_id
    await with_goal(databases, where)
    before = await one(databases, "SELECT * FROM response_clocks WHERE room_id = %s", where.id)
    match_id = await ask(databases, where, share=False)
    assert await ask(databases, where, share=False) == match_id
    stands = await one(databases, "SELECT stage, wait FROM clients WHERE id = %s", me)
    assert stands == {"stage": "in_care", "wait": "candidates"}  # and its ladder forgets nobody
    async with databases.worker.transaction() as tx:
        assert await kept_apart(tx, me) == {where.therapist.account_id}
    other, new_id = await says_yes(databases, match_id, me)

    old = await one(databases, "SELECT state, therapist_id FROM rooms WHERE id = %s", where.id)
    new = await one(databases, "SELECT state, therapist_id FROM rooms WHERE id = %s", new_id)
    assert (old["state"], new["state"], new["therapist_id"]) == ("closed", "open", other.account_id)
    after = await one(databases, "SELECT * FROM response_clocks WHERE id = %s", before["id"])
    assert (after["room_id"], after["therapist_id"], after["state"]) == (new_id, other.account_id, "running")
    assert (after["opened_at"], after["client_messages"]) == (before["opened_at"], before["client_messages"])
    assert (await one(databases, "SELECT count(*) AS n FROM response_clocks"))["n"] == 1
    flag = await one(databases, "SELECT room_id, state FROM risk_flags")
    assert flag == {"room_id": new_id, "state": "open"}
    plan = await one(databases, "SELECT next_check_in_at FROM care_plans WHERE room_id = %s", new_id)
    assert plan["next_check_in_at"] == MONDAY + 60 * HOUR
    async with databases.care.transaction(other) as tx:
        (goal,) = await goals.listing(tx, await relations.readable(tx, new_id, Action.READ_GOALS))
    assert goal.terms.statement == "Walk every day"
    stands = await one(databases, "SELECT stage, wait FROM clients WHERE id = %s", me)
    assert stands == {"stage": "in_care", "wait": "nothing"}
    places = await one(
        databases,
        "SELECT (SELECT active_rooms FROM therapists WHERE id = %s) AS old, (SELECT active_rooms FROM therapists"
        " WHERE id = %s) AS new",
        where.therapist.account_id,
        other.account_id,
    )
    assert (places["old"], places["new"]) == (0, 1)


@pytest.mark.parametrize("share", [False, True])
async def test_old_messages_are_for_the_client_and_for_the_next_therapist_only_by_agreement(
    databases: "Databases", share: bool
) -> None:
    where = await room(databases.care, at=MONDAY)
    await with_goal(databases, where)
    other, _ = await says_yes(databases, await ask(databases, where, share=share), where.client.account_id)
    async with databases.care.transaction(where.client) as tx:
        assert await readable(tx, where.id) == ["Are you there?"]
        with pytest.raises(KindroomError):
            await relations.writable(tx, where.id)
    if share:
        async with databases.care.transaction(other) as tx:
            assert await readable(tx, where.id) == ["Are you there?"]
            with pytest.raises(NotFound):
                await relations.writable(tx, where.id)
        return
    async with databases.care.transaction(other) as tx:
        with pytest.raises(NotFound):
            await relations.readable(tx, where.id)
        with pytest.raises(KeyMissing):
            await tx.key(KeyScope.ROOM, where.id)


async def test_the_reason_is_never_shown_to_the_therapist_who_is_left(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    match_id, me = await ask(databases, where, share=False), where.client.account_id
    async with databases.care.transaction() as tx:
        matcher = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
        await tx.insert("duties", account_id=where.therapist.account_id, duty="matcher", granted_at=MONDAY)
    read: dict[str, Any] = {}
    for name, who in {"client": where.client, "matcher": matcher, "left": where.therapist}.items():
        async with databases.care.transaction(who) as tx:
            read[name] = await switches.reason_of(tx, me, match_id)
    assert read == {"client": WHY, "matcher": WHY, "left": None}  # though they place clients themselves
    async with databases.care.transaction(where.client) as tx:
        mine = await relations.writable_chart(tx, me, Action.SWITCH_THERAPIST)
        await switches.stay(tx, mine)
        with pytest.raises(Conflict, match="not_switching"):
            await switches.stay(tx, mine)
    assert (await one(databases, "SELECT state FROM rooms WHERE id = %s", where.id))["state"] == "open"
    assert (await one(databases, "SELECT wait FROM clients WHERE id = %s", me))["wait"] == "nothing"


async def test_the_transfer_note_is_chased_and_reaches_the_next_therapist(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    other, _ = await says_yes(databases, await ask(databases, where, share=False), where.client.account_id)
    async with databases.care.transaction() as tx:
        lead = await account(tx, Role.SUPERVISOR)
    left = where.therapist.account_id
    assert "transfer_note_due" in await told(databases, left)
    for hours, expected in ((49, 0), (51, 1), (52, 0), (75, 1)):
        async with databases.worker.transaction(at=MONDAY + hours * HOUR) as tx:
            assert await transfer_notes.chase(tx) == expected
    assert "transfer_note_missing" in await told(databases, left)
    assert "transfer_note_late" in await told(databases, lead)
    async with databases.care.transaction(where.therapist) as tx:
        (due,) = await transfer_notes.owed(tx)
        await transfer_notes.write(tx, due["id"], "Sleeps badly since May. Walks help.")
        with pytest.raises(Conflict, match="note_written"):
            await transfer_notes.write(tx, due["id"], "And more.")
        assert await transfer_notes.owed(tx) == []
    async with databases.care.transaction(other) as tx:
        found = await transfer_notes.read(tx, due["id"])
        assert (found.text, found.mine_to_write) == ("Sleeps badly since May. Walks help.", False)
        with pytest.raises(NotFound):
            await transfer_notes.write(tx, due["id"], "Mine.")
    assert "transfer_note_ready" in await told(databases, other.account_id)
    async with databases.care.transaction(where.client) as tx:
        with pytest.raises(NotFound):
            await transfer_notes.read(tx, due["id"])

"""How people stand to rooms and clients, from the tables; refused tries outlive the rollback."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from factories import Room, account, actor, room, therapist

from domain.access import Action, Actor, Duty, Refusal, Relation, Role
from domain.errors import Forbidden, KindroomError, NotFound, PasscodeLocked, Unauthenticated
from domain.ids import AccountId, SessionId
from domain.risk import Source, Urgency
from records import relations, risk
from records.audit import record_refusal
from records.database import Database


async def standing(database: Database, who: Actor, place: Room) -> tuple[Relation, Relation]:
    """How someone stands to the room and to its client."""
    async with database.transaction(who) as tx:
        by_room = await relations.related_room(tx, who, place.id)
        by_client = await relations.related_client(tx, who, place.client.account_id)
    return by_room.relation, by_client.relation


async def refusal_of(database: Database, who: Actor, work: Any) -> KindroomError:
    with pytest.raises(KindroomError) as caught:
        async with database.transaction(who) as tx:
            await work(tx)
    return caught.value


async def test_the_people_of_a_room(databases: Any) -> None:
    place = await room(databases.care)
    care = databases.care
    assert await standing(care, place.client, place) == (Relation.OWN, Relation.OWN)
    assert await standing(care, place.therapist, place) == (Relation.ASSIGNED, Relation.ASSIGNED)
    assert await standing(care, actor(Role.SUPERVISOR), place) == (Relation.OVERSIGHT, Relation.OVERSIGHT)
    for role in (Role.CLIENT, Role.THERAPIST, Role.ADMINISTRATOR):
        assert await standing(care, actor(role), place) == (Relation.UNRELATED, Relation.UNRELATED)
    assert await standing(databases.billing, actor(Role.BILLING), place) == (
        Relation.UNRELATED,
        Relation.OFFICE,
    )


async def test_cover_holds_for_its_time_only(databases: Any) -> None:
    place = await room(databases.care)
    async with databases.care.transaction() as tx:
        other = await therapist(tx)
        for starts, ends in ((-3, -2), (2, 3)):
            await tx.insert(
                "covers",
                id=uuid4(),
                room_id=place.id,
                therapist_id=other,
                starts_at=tx.now + timedelta(hours=starts),
                ends_at=tx.now + timedelta(hours=ends),
            )
    cover = actor(Role.THERAPIST, other)
    assert (await standing(databases.care, cover, place))[0] is Relation.UNRELATED
    async with databases.care.transaction() as tx:
        await tx.insert(
            "covers",
            id=uuid4(),
            room_id=place.id,
            therapist_id=other,
            starts_at=tx.now - timedelta(hours=1),
            ends_at=tx.now + timedelta(hours=1),
        )
    assert (await standing(databases.care, cover, place))[0] is Relation.COVERING


async def test_a_recorded_purpose_opens_for_an_hour_and_only_for_its_holder(databases: Any) -> None:
    place = await room(databases.care)
    ida = actor(Role.SUPERVISOR)
    async with databases.care.transaction() as tx:
        account_id = await account(tx, Role.SUPERVISOR)
    eva = actor(Role.SUPERVISOR, account_id)
    await grant(databases.care, place, eva, granted_minutes_ago=61)
    assert (await standing(databases.care, eva, place))[0] is Relation.OVERSIGHT
    await grant(databases.care, place, eva, granted_minutes_ago=59)
    assert await standing(databases.care, eva, place) == (Relation.WITH_PURPOSE, Relation.WITH_PURPOSE)
    assert (await standing(databases.care, ida, place))[0] is Relation.OVERSIGHT


async def grant(database: Database, place: Room, who: Actor, *, granted_minutes_ago: int) -> None:
    async with database.transaction(who) as tx:
        granted_at = tx.now - timedelta(minutes=granted_minutes_ago)
        await tx.insert(
            "room_access",
            id=uuid4(),
            room_id=place.id,
            account_id=who.account_id,
            purpose="quality",
            reason_sealed=b"",
            granted_at=granted_at,
            expires_at=granted_at + timedelta(minutes=60),
            break_glass=False,
        )


async def test_on_call_reaches_a_client_while_a_flag_is_open(databases: Any) -> None:
    place = await room(databases.care)
    async with databases.care.transaction() as tx:
        account_id = await account(tx, Role.THERAPIST)
        await tx.insert("duties", account_id=account_id, duty="on_call", granted_at=tx.now)
    duties = frozenset({Duty.ON_CALL})
    on_call = Actor(AccountId(account_id), Role.THERAPIST, duties, SessionId(uuid4()))
    assert (await standing(databases.care, on_call, place))[0] is Relation.UNRELATED
    async with databases.care.transaction(place.client) as tx:
        flag = await risk.raise_flag(
            tx, source=Source.HELP_NOW, urgency=Urgency.PAGE_NOW, client_id=place.client.account_id
        )
    assert (await standing(databases.care, on_call, place))[0] is Relation.ON_CALL
    async with databases.care.transaction(place.therapist) as tx:
        await risk.close(tx, flag.id, "Spoke, safe, plan agreed.")
    assert (await standing(databases.care, on_call, place))[0] is Relation.UNRELATED


async def test_not_yours_and_not_there_look_the_same(databases: Any) -> None:
    place = await room(databases.care)
    stranger = actor(Role.CLIENT)
    errors = [
        await refusal_of(databases.care, stranger, lambda tx, r=room_id: relations.readable(tx, r))
        for room_id in (place.id, uuid4())
    ]
    assert [type(error) for error in errors] == [NotFound, NotFound]
    assert errors[0].code == errors[1].code


async def test_a_supervisor_without_a_purpose_is_asked_for_one(databases: Any) -> None:
    place = await room(databases.care)
    error = await refusal_of(
        databases.care, actor(Role.SUPERVISOR), lambda tx: relations.readable(tx, place.id)
    )
    assert isinstance(error, Forbidden)
    assert error.code == "purpose_required"


async def test_a_locked_device_and_the_service_itself_get_no_permit(databases: Any) -> None:
    place = await room(databases.care)
    shut = Actor(place.client.account_id, Role.CLIENT, frozenset(), place.client.session_id, locked=True)
    error = await refusal_of(databases.care, shut, lambda tx: relations.writable(tx, place.id))
    assert isinstance(error, PasscodeLocked)
    with pytest.raises(Unauthenticated):
        async with databases.care.transaction() as tx:
            await relations.visible(tx, place.id)


@pytest.mark.parametrize("login", ["care", "billing"])
async def test_a_refused_try_is_in_the_audit_log_after_the_rollback(databases: Any, login: str) -> None:
    place = await room(databases.care)
    who = actor(Role.BILLING if login == "billing" else Role.THERAPIST)
    database = getattr(databases, login)
    error = await refusal_of(database, who, lambda tx: relations.readable(tx, place.id, Action.READ_MESSAGES))
    assert isinstance(error.refusal, Refusal)
    await record_refusal(database, error.refusal)
    assert await refused(databases.worker) == [(who.account_id, place.id, "read_messages")]


async def refused(database: Database) -> list[tuple[UUID, UUID, str]]:
    async with database.transaction() as tx:
        rows = await tx.all(
            "SELECT actor_id, room_id, action FROM audit_events WHERE outcome = 'refused' ORDER BY id"
        )
    return [(row["actor_id"], row["room_id"], row["action"]) for row in rows]

"""A leave: cover is found among those who may, clients are told, rooms go over and come back, whatever changes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import Room, account, actor, client, instant, room, therapist

from domain.access import Role
from domain.errors import Conflict, Invalid, NotFound
from domain.ids import TherapistId
from domain.leaves import LeaveStep
from domain.schedules import Span
from records import cover_views, covers, leave_steps, leave_views, leaves
from records.cover_candidates import candidates, staff_over
from records.database import Row, Transaction

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
DAY = timedelta(days=1)
AWAY = (MONDAY + 14 * DAY, MONDAY + 35 * DAY)


async def colleague(databases: "Databases", **about: object) -> TherapistId:
    """One more therapist, licensed in NY and at work at all hours unless told otherwise."""
    async with databases.care.transaction(at=MONDAY) as tx:
        return await therapist(tx, **about)  # type: ignore[arg-type]


async def leave_of(
    databases: "Databases", where: Room, span: tuple[datetime, datetime] = AWAY, cover: UUID | None = None
) -> UUID:
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        return await leaves.take_leave(tx, where.therapist.account_id, *span, cover, "Calls on Tuesdays.")


async def row(databases: "Databases", sql: str, *values: object) -> Row:
    async with databases.worker.transaction() as tx:
        found = await tx.one(sql, values)
    assert found is not None
    return found


async def rows(databases: "Databases", sql: str, *values: object) -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(sql, values)


async def propose(databases: "Databases", leave_id: UUID, at: datetime = MONDAY) -> None:
    async with databases.worker.transaction(at=at) as tx:
        await leave_steps.propose_cover(tx, leave_id)


async def offers(databases: "Databases", leave_id: UUID) -> list[Row]:
    return await rows(
        databases, "SELECT * FROM cover_offers WHERE leave_id = %s ORDER BY offered_at, id", leave_id
    )


async def told(databases: "Databases", account_id: UUID) -> list[str]:
    found = await rows(
        databases, "SELECT template FROM notices WHERE account_id = %s ORDER BY template", account_id
    )
    return [each["template"] for each in found]


async def say_yes(databases: "Databases", offer: Row, at: datetime = MONDAY) -> covers.Taken:
    async with databases.care.transaction(actor(Role.THERAPIST, offer["therapist_id"]), at) as tx:
        return await covers.take(tx, offer["id"])


async def clock(databases: "Databases", where: Room) -> Row:
    return await row(databases, "SELECT * FROM response_clocks WHERE room_id = %s", where.id)


async def test_only_who_passes_every_hard_filter_can_cover(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    fits = await colleague(databases)
    texan = await colleague(databases, states=("TX",))
    async with databases.care.transaction(at=MONDAY) as tx:
        refused = {
            name: await therapist(tx) for name in ("age", "language", "full", "off", "expires", "payer")
        }
        for name, change in (
            ("age", "age_from = 60"),
            ("language", "languages = '{es}'"),
            ("full", "capacity = 0"),
            ("off", "messaging = false"),
        ):
            await tx.run(f"UPDATE therapists SET {change} WHERE id = %s", (refused[name],))
        await tx.run(
            "UPDATE licences SET expires_on = %s WHERE therapist_id = %s",
            ((AWAY[1] - 2 * DAY).date(), refused["expires"]),
        )
        away = await therapist(tx)
    async with databases.care.transaction(actor(Role.THERAPIST, away), MONDAY) as tx:
        await leaves.take_leave(tx, away, AWAY[0] + 20 * DAY, AWAY[1] + DAY, None, "")
    async with databases.worker.transaction(at=MONDAY) as tx:
        place = {
            "id": where.id,
            "client_id": where.client.account_id,
            "therapist_id": where.therapist.account_id,
        }
        found = await candidates(tx, place, await staff_over(tx, Span(*AWAY)))
    codes = {each.therapist_id: each.refused for each in found}
    assert codes.pop(fits) == ()
    assert codes.pop(refused["payer"]) == ()  # who pays without insurance needs no credential
    assert codes == {
        where.therapist.account_id: ("same_therapist",),
        texan: ("no_licence",),
        away: ("on_leave",),
        refused["age"]: ("age_outside_band",),
        refused["language"]: ("language",),
        refused["full"]: ("no_capacity",),
        refused["off"]: ("messaging_off",),
        refused["expires"]: ("no_licence",),
    }


async def test_who_works_at_the_same_time_is_asked_first_then_who_has_less_to_do(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    office = await colleague(databases, always=False)
    busy, idle = await colleague(databases), await colleague(databases)
    async with databases.care.transaction(at=MONDAY) as tx:
        await tx.run("UPDATE therapists SET active_rooms = 5 WHERE id = %s", (busy,))
    leave_id = await leave_of(databases, where)
    await propose(databases, leave_id)
    found = await rows(
        databases,
        "SELECT therapist_id FROM cover_candidates WHERE position IS NOT NULL ORDER BY position",
    )
    assert [each["therapist_id"] for each in found] == [idle, busy, office]
    assert [each["therapist_id"] for each in await offers(databases, leave_id)] == [idle]


async def test_a_colleague_named_by_the_therapist_covers_at_once_and_the_clock_counts_their_hours(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    other = await colleague(databases, zone="America/Los_Angeles", always=False)
    await leave_of(databases, where, (MONDAY + timedelta(minutes=30), MONDAY + 3 * DAY), other)
    assert (await clock(databases, where))["due_at"] == instant("2026-05-11T11:30:00-07:00")
    assert await told(databases, other) == ["cover_yours"]


async def test_nobody_is_asked_at_night_and_time_to_answer_is_working_time(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    other = await colleague(databases, always=False)
    leave_id = await leave_of(databases, where)
    sunday = instant("2026-05-17T22:00:00-04:00")
    await propose(databases, leave_id, sunday)
    [offer] = await offers(databases, leave_id)
    assert offer["notice_at"] == instant("2026-05-18T09:00:00-04:00")
    assert offer["expires_at"] > offer["notice_at"]
    assert "cover_asked" not in await told(databases, other)
    async with databases.worker.transaction(at=sunday) as tx:
        standing = await leave_steps.standing(tx, leave_id)
    assert (standing.step, standing.at) == (LeaveStep.WAIT, offer["notice_at"])
    await propose(databases, leave_id, offer["notice_at"])
    assert await told(databases, other) == ["cover_asked"]


async def test_a_no_or_silence_goes_to_the_next_and_then_supervisors_hear(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await colleague(databases)
    await colleague(databases)
    async with databases.care.transaction(at=MONDAY) as tx:
        supervisor = await account(tx, Role.SUPERVISOR)
    leave_id = await leave_of(databases, where)
    await propose(databases, leave_id)
    [first] = await offers(databases, leave_id)
    async with databases.care.transaction(actor(Role.THERAPIST, first["therapist_id"]), MONDAY) as tx:
        await covers.decline(tx, first["id"])
        await covers.decline(tx, first["id"])
    async with databases.worker.transaction(at=MONDAY) as tx:
        assert (await leave_steps.standing(tx, leave_id)).step is LeaveStep.PROPOSE_COVER
    await propose(databases, leave_id)
    [second] = [each for each in await offers(databases, leave_id) if each["state"] == "open"]
    assert second["therapist_id"] != first["therapist_id"]
    assert await told(databases, supervisor) == []
    await propose(databases, leave_id, second["expires_at"])
    assert {each["state"] for each in await offers(databases, leave_id)} == {"declined", "expired"}
    assert await told(databases, supervisor) == ["cover_missing"]


async def test_one_says_yes_and_it_is_looked_at_again(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    one, two = await colleague(databases), await colleague(databases)
    leave_id = await leave_of(databases, where, (MONDAY + DAY, MONDAY + 3 * DAY))  # soon: both are asked
    await propose(databases, leave_id)
    by = {each["therapist_id"]: each for each in await offers(databases, leave_id)}
    assert set(by) == {one, two}
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE licences SET expires_on = %s WHERE therapist_id = %s", (MONDAY.date(), one))
    assert (await say_yes(databases, by[one])).refused == "no_licence"
    taken = await say_yes(databases, by[two])
    assert taken.cover_id is not None
    assert (await say_yes(databases, by[two])).cover_id == taken.cover_id
    with pytest.raises(Conflict) as late:
        await say_yes(databases, by[one])
    assert late.value.code == "offer_withdrawn"
    with pytest.raises(NotFound):
        async with databases.care.transaction(actor(Role.THERAPIST), MONDAY) as tx:
            await covers.take(tx, by[two]["id"])
    held = await row(databases, "SELECT * FROM covers WHERE room_id = %s", where.id)
    assert (held["therapist_id"], held["leave_id"]) == (two, leave_id)
    async with databases.worker.transaction(at=MONDAY) as tx:
        assert (
            await leave_steps.standing(tx, leave_id)
        ).step is LeaveStep.ANNOUNCE  # nothing left to look for


async def test_the_steps_of_a_leave_tell_each_of_its_people_once(databases: "Databases") -> None:
    where, alone = await room(databases.care, at=MONDAY), await room(databases.care, at=MONDAY)
    async with databases.care.transaction(at=MONDAY) as tx:
        supervisor = await account(tx, Role.SUPERVISOR)
        await tx.run(
            "UPDATE rooms SET therapist_id = %s WHERE id = %s", (where.therapist.account_id, alone.id)
        )
    leave_id = await leave_of(databases, where)
    await propose(databases, leave_id)
    offer = next(each for each in await offers(databases, leave_id) if each["room_id"] == where.id)
    await say_yes(databases, offer)
    for at, step, work in (
        (AWAY[0] - 7 * DAY, LeaveStep.ANNOUNCE, leave_steps.announce),
        (AWAY[0], LeaveStep.HAND_OVER, leave_steps.hand_over),
        (AWAY[1], LeaveStep.HAND_BACK, leave_steps.hand_back),
    ):
        await propose(databases, leave_id, at)
        async with databases.worker.transaction(at=at) as tx:
            assert (await leave_steps.standing(tx, leave_id)).step is step
            await work(tx, leave_id)
            await work(tx, leave_id)
    async with databases.worker.transaction(at=AWAY[1]) as tx:
        assert (await leave_steps.standing(tx, leave_id)).step is LeaveStep.OVER
    assert await told(databases, where.client.account_id) == [
        "therapist_is_away",
        "therapist_is_back",
        "therapist_will_be_away",
    ]
    assert "cover_gap" in await told(databases, supervisor)
    assert {"cover_asked", "cover_begins", "cover_ends"} <= set(await told(databases, offer["therapist_id"]))
    assert "back_from_leave" in await told(databases, where.therapist.account_id)


async def test_the_hand_over_note_opens_when_the_leave_begins_and_the_reading_is_on_record(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    other = await colleague(databases)
    leave_id = await leave_of(databases, where, cover=other)
    notes = []
    for at in (MONDAY, AWAY[0]):
        who = actor(Role.THERAPIST, other)
        async with databases.care.transaction(who, at) as tx:
            found = await cover_views.covers_of(tx, who)
        assert [each["room_id"] for each in found.held] == [where.id]
        notes.append(found.notes)
    assert notes == [{}, {leave_id: "Calls on Tuesdays."}]
    read = await rows(databases, "SELECT actor_id FROM audit_events WHERE action = 'read_hand_over_note'")
    assert [each["actor_id"] for each in read] == [other]


async def test_a_leave_called_off_takes_cover_and_offers_back_and_the_clock_returns(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    before = await clock(databases, where)
    other = await colleague(databases, zone="America/Los_Angeles", always=False)
    span = (MONDAY + timedelta(minutes=30), MONDAY + 3 * DAY)
    leave_id = await leave_of(databases, where, span, other)
    async with databases.worker.transaction(at=MONDAY) as tx:
        await leave_steps.announce(tx, leave_id)
    for _ in range(2):
        async with databases.care.transaction(where.therapist, MONDAY + timedelta(minutes=10)) as tx:
            await leaves.cancel_leave(tx, leave_id)
    assert await rows(databases, "SELECT id FROM covers") == []
    assert (await clock(databases, where))["due_at"] == before["due_at"]
    assert "cover_not_needed" in await told(databases, other)
    assert "leave_called_off" in await told(databases, where.client.account_id)
    async with databases.worker.transaction(at=MONDAY) as tx:
        assert (await leave_steps.standing(tx, leave_id)).step is LeaveStep.OVER


async def test_back_early_ends_leave_and_cover_now_and_what_was_leave_stays_leave(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    other = await colleague(databases)
    leave_id = await leave_of(databases, where, (MONDAY + timedelta(minutes=30), MONDAY + 9 * DAY), other)
    back = MONDAY + timedelta(days=1)
    async with databases.care.transaction(where.therapist, back) as tx:
        await leaves.cancel_leave(tx, leave_id)
    leave = await row(databases, "SELECT * FROM leaves WHERE id = %s", leave_id)
    assert (leave["cancelled_at"], leave["ends_at"]) == (None, back)
    assert (await row(databases, "SELECT ends_at FROM covers"))["ends_at"] == back
    async with databases.worker.transaction(at=back) as tx:
        assert (await leave_steps.standing(tx, leave_id)).step is LeaveStep.HAND_BACK


async def test_other_days_cut_the_cover_and_what_is_new_is_looked_for(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    other = await colleague(databases)
    leave_id = await leave_of(databases, where, cover=other)
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        await leaves.change_leave(tx, leave_id, AWAY[0] + DAY, AWAY[1] + 2 * DAY)
    cover = await row(databases, "SELECT starts_at, ends_at FROM covers")
    assert (cover["starts_at"], cover["ends_at"]) == (AWAY[0] + DAY, AWAY[1])
    await propose(databases, leave_id)
    [offer] = await offers(databases, leave_id)
    assert (offer["therapist_id"], offer["starts_at"], offer["ends_at"]) == (
        other,
        AWAY[1],
        AWAY[1] + 2 * DAY,
    )
    for span, error in (((AWAY[1], AWAY[0]), Invalid), ((MONDAY - DAY, AWAY[1]), Invalid)):
        with pytest.raises(error):
            async with databases.care.transaction(where.therapist, MONDAY) as tx:
                await leaves.change_leave(tx, leave_id, *span)


async def test_leave_of_whoever_covers_moves_the_clocks_they_cover(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    other = await colleague(databases, zone="America/Los_Angeles", always=False)
    await leave_of(databases, where, (MONDAY + timedelta(minutes=30), MONDAY + 3 * DAY), other)
    before = await row(
        databases, "SELECT version FROM calendars WHERE therapist_id = %s", where.therapist.account_id
    )
    async with databases.care.transaction(actor(Role.THERAPIST, other), MONDAY) as tx:
        await leaves.take_leave(tx, other, MONDAY, MONDAY + DAY, None, "")
    after = await clock(databases, where)
    assert after["due_at"] == instant("2026-05-12T11:30:00-07:00")
    assert after["calendar_version"] == before["version"] + 1


async def test_supervisors_see_gaps_and_arrange_under_the_same_rules(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    other, texan = await colleague(databases), await colleague(databases, states=("TX",))
    leave_id = await leave_of(databases, where)
    supervisor = actor(Role.SUPERVISOR)

    async def arrange(who: UUID) -> None:
        async with databases.care.transaction(supervisor, MONDAY) as tx:
            await covers.arrange(tx, leave_id, where.id, who)

    async def refused(who: UUID) -> str | None:
        with pytest.raises(Conflict) as found:
            await arrange(who)
        return found.value.code

    async def seen() -> Row:
        async with databases.care.transaction(supervisor, MONDAY) as tx:
            [line] = await leave_views.ahead(tx)
            view = await leave_views.view(tx, leave_id)
        return {
            **line,
            "candidates": [(each["name"], each["rejected"]) for each in view.rooms[0]["candidates"]],
        }

    assert await refused(other) == "not_checked_yet"
    await propose(databases, leave_id)
    found = await seen()
    assert (found["rooms"], found["gaps"], found["asked"]) == (1, 1, 1)
    assert [codes for _, codes in found["candidates"]] == [[], ["no_licence"]]
    assert await refused(texan) == "no_licence"
    await arrange(other)
    assert await refused(other) == "already_covered"
    found = await seen()
    assert (found["gaps"], found["asked"]) == (0, 0)


async def test_what_happened_meanwhile_is_counted_for_whoever_comes_back(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    other = await colleague(databases)
    leave_id = await leave_of(databases, where, cover=other)
    async with databases.care.transaction(where.client, MONDAY) as tx:
        for seq, (who, role) in enumerate(
            ((where.client.account_id, "client"), (other, "therapist")), start=1
        ):
            await _message(tx, where, seq, who, role, AWAY[0] + DAY)
    async with databases.care.transaction(where.therapist, AWAY[1]) as tx:
        [found] = await leave_views.happened(tx, await leaves.found(tx, leave_id))
        name = await tx.one("SELECT display_name FROM accounts WHERE id = %s", (other,))
    assert (found.from_client, found.answers, name) == (1, 1, {"display_name": found.covered_by})


async def _message(tx: Transaction, where: Room, seq: int, who: UUID, role: str, at: datetime) -> None:
    await tx.insert(
        "messages",
        id=uuid4(),
        room_id=where.id,
        seq=seq,
        sender_id=who,
        sender_role=role,
        kind="text",
        body=b"sealed",
        holding=False,
        automatic=False,
        sent_at=at,
        idempotency_key=str(seq),
        fingerprint=b"",
    )


async def test_a_new_store_is_told_every_leave_that_is_not_over(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    leave_id = await leave_of(databases, where)
    over = await leave_of(databases, where)
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        await leaves.cancel_leave(tx, over)
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")
        assert await leave_steps.retell(tx) == 1
        assert [note["subject_id"] for note in await tx.all("SELECT * FROM outbox")] == [leave_id]


async def test_a_client_whose_place_nobody_knows_is_covered_by_nobody(databases: "Databases") -> None:
    async with databases.care.transaction(at=MONDAY) as tx:
        person, other = await client(tx), await therapist(tx)
        await tx.run("UPDATE clients SET state = NULL WHERE id = %s", (person,))
    async with databases.worker.transaction(at=MONDAY) as tx:
        place = {"id": uuid4(), "client_id": person, "therapist_id": uuid4()}
        found = await candidates(tx, place, await staff_over(tx, Span(*AWAY)))
    assert {each.therapist_id: each.refused for each in found} == {other: ("no_licence",)}

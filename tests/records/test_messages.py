"""A message is posted once, in order, sealed, and opens, keeps or answers the promise."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from factories import Room, account, actor, instant, room

from domain.access import Action, RelatedRoom, Relation, Role, writable_room
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from encryption.errors import Unreadable
from records import corrections, history, marks, messages, relations, room_clocks, rooms, searches
from records.messages import NewMessage, Posted

if TYPE_CHECKING:
    from conftest import Databases

    from domain.access import Actor


async def say(
    databases: "Databases", where: Room, who: "Actor", text: str = "I had a hard day", **more: object
) -> Posted:
    """Post as the API does: the door, then the message. `door`: as it was seen some time ago."""
    door = more.pop("door", None) or await rooms.door(databases.care, who, where.id)
    assert isinstance(door, rooms.Door)
    seen = {"answer_owed": door.answer_owed, "opening": door.opening, "at": more.pop("at", None)}
    new = NewMessage(str(more.pop("key", uuid4())), text, **more)  # type: ignore[arg-type]
    return await messages.post(databases.care, writable_room(who, door.related), door.key, new, **seen)  # type: ignore[arg-type]


async def clocks(databases: "Databases", where: Room) -> list[dict[str, object]]:
    async with databases.worker.transaction() as tx:
        return await tx.all(
            "SELECT * FROM response_clocks WHERE room_id = %s ORDER BY opened_at", (where.id,)
        )


async def read(databases: "Databases", where: Room, who: "Actor", **how: int) -> list[history.Message]:
    async with databases.care.transaction(who) as tx:
        return await history.read(tx, await relations.readable(tx, where.id), **how)  # type: ignore[arg-type]


async def test_the_clock_opens_at_the_first_unanswered_message_and_later_ones_do_not_move_it(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    await say(databases, where, where.therapist, "Welcome")
    first = await say(databases, where, where.client)
    later = await say(databases, where, where.client)
    assert first.due_at == later.due_at
    clock = (await clocks(databases, where))[-1]
    assert (clock["kind"], clock["opened_at"], clock["client_messages"]) == (
        "next_response",
        first.sent_at,
        2,
    )


async def test_the_welcome_promise_runs_from_the_rooms_opening(databases: "Databases") -> None:
    where = await room(databases.care)
    (clock,) = await clocks(databases, where)
    assert (clock["kind"], clock["state"], clock["opened_seq"]) == ("welcome", "running", 0)


async def test_a_holding_reply_does_not_stop_the_clock_and_an_answer_does(databases: "Databases") -> None:
    where = await room(databases.care)
    await say(databases, where, where.therapist, "I will get back to you", holding=True)
    assert (await clocks(databases, where))[0]["state"] == "running"
    await say(databases, where, where.therapist, "Hello")
    (clock,) = await clocks(databases, where)
    assert (clock["state"], clock["answered_by"]) == ("met", "primary")


async def test_a_late_answer_is_late_and_its_breach_a_fact_also_when_no_alarm_rang(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    await say(databases, where, where.therapist, "Hello", at=instant("2099-01-01T00:00:00Z"))
    (clock,) = await clocks(databases, where)
    assert clock["state"] == "late"
    async with databases.worker.transaction() as tx:
        breach = await tx.one("SELECT * FROM clock_breaches WHERE clock_id = %s", (clock["id"],))
    assert breach is not None
    assert breach["breached_at"] == clock["due_at"]


async def test_an_answer_within_time_granted_after_the_breach_is_still_a_late_one(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=instant("2026-03-02T14:00:00Z"))
    (before,) = await clocks(databases, where)
    late = before["due_at"] + timedelta(minutes=5)
    async with databases.care.transaction(where.client, late) as tx:
        permit = await relations.visible(tx, where.id, Action.EXTEND_CLOCK)
        await room_clocks.extend(tx, permit, timedelta(hours=1))
    await say(databases, where, where.therapist, "Here I am", at=late + timedelta(minutes=10))
    (clock,) = await clocks(databases, where)
    assert clock["closed_at"] < clock["due_at"]
    assert clock["state"] == "late"


async def test_thanks_after_a_statement_owes_no_answer_and_after_a_question_it_does(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    await say(databases, where, where.therapist, "That was brave.")
    await say(databases, where, where.client, "thanks!")
    assert (await clocks(databases, where))[-1]["state"] == "waived"
    await say(databases, where, where.therapist, "How did you sleep?")
    await say(databases, where, where.client, "ok")
    assert (await clocks(databases, where))[-1]["state"] == "running"


async def test_the_same_key_five_times_at_once_makes_one_message(databases: "Databases") -> None:
    where = await room(databases.care)
    posted = await asyncio.gather(*(say(databases, where, where.client, key="k") for _ in range(5)))
    assert len({p.message_id for p in posted}) == 1
    assert len(await read(databases, where, where.client)) == 1
    with pytest.raises(Invalid) as refused:
        await say(databases, where, where.client, "another body", key="k")
    assert refused.value.code == "idempotency_key_reused"


async def test_twenty_at_once_in_one_room_keep_a_gapless_order_and_one_clock(databases: "Databases") -> None:
    where = await room(databases.care)
    await say(databases, where, where.therapist, "Welcome")
    await asyncio.gather(*(say(databases, where, where.client, f"{n}") for n in range(20)))
    found = await read(databases, where, where.client, limit=100)
    assert [m.seq for m in found] == list(range(1, 22))
    assert [m.sent_at for m in found] == sorted(m.sent_at for m in found)
    assert sum(c["state"] == "running" for c in await clocks(databases, where)) == 1


async def test_a_message_of_saturday_night_is_due_in_working_time(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=instant("2026-05-11T12:00:00-04:00"))
    await say(databases, where, where.therapist, "Welcome", at=instant("2026-05-11T13:00:00-04:00"))
    posted = await say(databases, where, where.client, at=instant("2026-05-16T23:00:00-04:00"))
    assert posted.due_at == instant("2026-05-18T17:00:00-04:00")


async def test_a_therapist_without_any_hours_holds_the_clock_and_tells_the_supervisor_now(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    await say(databases, where, where.therapist, "Welcome")
    async with databases.care.transaction(where.therapist) as tx:
        supervisor = await account(tx, Role.SUPERVISOR)
        await tx.run(
            """UPDATE calendars SET hours = '{"tz": "America/New_York", "weekly": {}, "holidays": []}'"""
        )
    posted = await say(databases, where, where.client)
    assert (posted.held, posted.due_at) == ("no_capacity", None)
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT template FROM notices WHERE account_id = %s", (supervisor,))
    assert [t["template"] for t in told] == ["no_capacity"]


async def test_messages_are_unreadable_in_the_database_and_readable_by_both(databases: "Databases") -> None:
    where = await room(databases.care)
    await say(databases, where, where.client, "canary phrase")
    with psycopg.connect(databases.owner_dsn) as conn:
        (body,) = conn.execute("SELECT body FROM messages").fetchone() or (b"",)
    assert b"canary" not in body
    for who in (where.client, where.therapist):
        assert [str(m.text) for m in await read(databases, where, who)] == ["canary phrase"]


async def test_every_read_is_audited_with_its_range(databases: "Databases") -> None:
    where = await room(databases.care)
    await say(databases, where, where.client)
    await read(databases, where, where.therapist)
    async with databases.worker.transaction() as tx:
        entry = await tx.one("SELECT * FROM audit_events WHERE action = 'read_messages'")
    assert entry is not None
    assert (entry["actor_id"], entry["detail"]) == (where.therapist.account_id, {"first": 1, "last": 1})


@pytest.mark.parametrize("role", list(Role))
async def test_a_stranger_finds_no_room(databases: "Databases", role: Role) -> None:
    where = await room(databases.care)
    stranger = actor(role)
    # A supervisor sees that the room is there (the board shows it) but needs a purpose to enter.
    with pytest.raises(Forbidden if role is Role.SUPERVISOR else NotFound):
        await say(databases, where, stranger)


async def test_row_policies_hide_messages_even_when_the_first_fence_is_off(databases: "Databases") -> None:
    where = await room(databases.care)
    await say(databases, where, where.client)
    for role in Role:
        async with databases.care.transaction(actor(role)) as tx:
            assert await tx.all("SELECT id FROM messages WHERE room_id = %s", (where.id,)) == []


async def test_search_finds_words_in_any_case_and_leaves_no_trace_of_them(databases: "Databases") -> None:
    where = await room(databases.care)
    await say(databases, where, where.client, "The Lighthouse was dark")
    await say(databases, where, where.client, "nothing here")
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.readable(tx, where.id, Action.SEARCH_ROOM)
        found = await searches.search(tx, permit, "lightHOUSE", 10)
    assert [each.snippet.text for each in found] == ["The Lighthouse was dark"]


async def test_a_correction_keeps_the_earlier_text(databases: "Databases") -> None:
    where = await room(databases.care)
    posted = await say(databases, where, where.client, "I am find")
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.writable(tx, where.id, Action.CORRECT_MESSAGE)
        await corrections.correct(tx, permit, posted.message_id, "I am fine")
    assert [str(m.text) for m in await read(databases, where, where.therapist)] == ["I am fine"]
    async with databases.care.transaction(where.therapist) as tx:
        assert await tx.one("SELECT revision FROM message_revisions") == {"revision": 1}
        with pytest.raises(NotFound):
            await corrections.correct(
                tx, await relations.writable(tx, where.id, Action.CORRECT_MESSAGE), posted.message_id, "no"
            )


async def test_a_read_mark_never_moves_back_nor_past_the_last_message(databases: "Databases") -> None:
    where = await room(databases.care)
    for _ in range(3):
        await say(databases, where, where.client)
    async with databases.care.transaction(where.therapist) as tx:
        permit = await relations.readable(tx, where.id, Action.MARK_READ)
        for seq in (2, 1, 99):
            await marks.mark_read(tx, permit, seq)
        row = await tx.one("SELECT seq FROM read_marks")
    assert row == {"seq": 3}


async def test_a_draft_comes_back_and_goes_when_emptied(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.writable(tx, where.id, Action.SAVE_DRAFT)
        reader = await relations.readable(tx, where.id)
        await marks.save_draft(tx, permit, "Dear")
        assert await marks.draft(tx, reader) == "Dear"
        await marks.save_draft(tx, permit, "")
        assert await marks.draft(tx, reader) == ""


async def test_nothing_is_posted_in_a_closed_room_and_its_clock_is_cancelled(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction() as tx:
        await rooms.close_room(tx, where.id)
    assert (await clocks(databases, where))[0]["state"] == "cancelled"
    door = await rooms.door(databases.care, where.therapist, where.id)
    permit = writable_room(where.therapist, door.related)
    with pytest.raises(Conflict):
        await messages.post(databases.care, permit, door.key, NewMessage("k", "hello"))


@pytest.mark.parametrize(
    ("role", "claimed"), [(Role.CLIENT, Relation.OWN), (Role.THERAPIST, Relation.ASSIGNED)]
)
async def test_the_statements_of_the_hot_path_are_a_fence_of_their_own(
    databases: "Databases", role: Role, claimed: Relation
) -> None:
    """They run with the owner's rights: whoever may not enter gets no key and posts nothing, whatever the app says."""
    where = await room(databases.care)
    stranger = actor(role)
    door = await rooms.door(databases.care, stranger, where.id)
    with pytest.raises(Unreadable):
        _ = door.key
    key = (await rooms.door(databases.care, where.client, where.id)).key
    forged = writable_room(stranger, RelatedRoom(where.id, claimed))
    with pytest.raises((Conflict, NotFound)):
        await messages.post(databases.care, forged, key, NewMessage("k", "hello"))
    assert await read(databases, where, where.client) == []


async def test_search_reads_on_in_rounds_and_finds_what_a_correction_says_now(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "CHUNK", 2)
    where = await room(databases.care)
    posted = [await say(databases, where, where.client, f"harbour {n}") for n in range(5)]
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.writable(tx, where.id, Action.CORRECT_MESSAGE)
        await corrections.correct(tx, permit, posted[4].message_id, "mountain")
    async with databases.care.transaction(where.therapist) as tx:
        readable = await relations.readable(tx, where.id, Action.SEARCH_ROOM)
        assert [f.seq for f in await searches.search(tx, readable, "harbour", 10)] == [4, 3, 2, 1]
        assert [f.seq for f in await searches.search(tx, readable, "harbour", 3)] == [4, 3, 2]
        assert [f.seq for f in await searches.search(tx, readable, "harbour", 3, before=2)] == [1]
        assert [f.seq for f in await searches.search(tx, readable, "mountain", 10)] == [5]
        with pytest.raises(Invalid):
            await searches.search(tx, readable, ' " ', 10)


async def test_the_place_of_an_instant_is_before_the_first_message_from_it_on(databases: "Databases") -> None:
    where = await room(databases.care)
    sent = [(await say(databases, where, where.client)).sent_at for _ in range(9)]
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.readable(tx, where.id)
        places = [await history.seq_before(tx, permit, at) for at in sent]
        assert places == list(range(9))
        assert await history.seq_before(tx, permit, sent[0] - timedelta(days=400)) == 0
        assert await history.seq_before(tx, permit, sent[-1] + timedelta(microseconds=1)) == 9


async def test_an_answer_shows_the_beginning_of_what_it_answers_and_nothing_of_another_room(
    databases: "Databases",
) -> None:
    where, other = await room(databases.care), await room(databases.care)
    asked = await say(databases, where, where.therapist, "How was it? " + "x" * 500)
    foreign = await say(databases, other, other.client, "elsewhere")
    await say(databases, where, where.client, "Good", reply_to=asked.message_id)
    found = await read(databases, where, where.client)
    quote = found[-1].quote
    assert quote is not None
    assert (quote.id, quote.seq, quote.sender_role) == (asked.message_id, 1, "therapist")
    assert quote.text.startswith("How was it?")
    assert len(quote.text) <= history.QUOTED
    with pytest.raises(NotFound):
        await say(databases, where, where.client, "Odd", reply_to=foreign.message_id)


async def test_earlier_texts_are_kept_in_order_and_the_same_text_twice_is_one_correction(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    posted = await say(databases, where, where.client, "one")
    for text in ("two", "two", "three"):
        async with databases.care.transaction(where.client) as tx:
            permit = await relations.writable(tx, where.id, Action.CORRECT_MESSAGE)
            await corrections.correct(tx, permit, posted.message_id, text)
    (message,) = await read(databases, where, where.therapist)
    assert (str(message.text), message.revisions) == ("three", 2)
    async with databases.care.transaction(where.therapist) as tx:
        readable = await relations.readable(tx, where.id)
        found = await corrections.revisions(tx, readable, posted.message_id)
        assert [str(each.text) for each in found] == ["one", "two"]
        with pytest.raises(NotFound):
            await corrections.revisions(tx, readable, uuid4())


async def test_stars_are_ones_own_the_latest_first(databases: "Databases") -> None:
    where = await room(databases.care)
    posted = [await say(databases, where, where.client, str(n)) for n in range(3)]
    for n in (1, 0, 2):
        async with databases.care.transaction(where.client) as tx:
            permit = await relations.readable(tx, where.id, Action.STAR)
            await marks.star(tx, permit, posted[n].message_id, on=True)
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.readable(tx, where.id)
        assert [m.seq for m in await marks.starred(tx, permit)] == [3, 1, 2]
        assert [m.seq for m in await marks.starred(tx, permit, limit=1, cursor=1)] == [1]
    async with databases.care.transaction(where.therapist) as tx:
        assert await marks.starred(tx, await relations.readable(tx, where.id)) == []

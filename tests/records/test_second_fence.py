"""The second fence, with the first one off: with permits minted by force PostgreSQL shows and changes nothing."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from factories import Room, account, actor
from factories import room as open_a_room

from domain import access
from domain.access import Action, Actor, ReadableRoomId, Relation, Role, VisibleRoomId, WritableRoomId
from domain.errors import Conflict, NotFound
from domain.goals import GoalTerms
from domain.notes import NoteKind
from encryption.errors import Unreadable
from encryption.keys import KeyScope
from records import (
    access_log,
    check_ins,
    consults,
    corrections,
    diagnoses,
    goals,
    history,
    marks,
    media,
    messages,
    notes,
    room_exports,
    rooms,
    searches,
)
from records.database import Database, Transaction

if TYPE_CHECKING:
    from conftest import Databases

WORDS = "I could not sleep."

CONTENT = (
    "messages",
    "message_revisions",
    "drafts",
    "stars",
    "read_marks",
    "notes",
    "goals",
    "goal_versions",
    "check_ins",
    "diagnoses",
    "media",
    "media_parts",
    "media_files",
    "consults",
    "room_access",
)
"""Tables of what is said, shown or noted in a room."""

NO_CONTENT = {
    # promises, paperwork and facts about a room: ids, instants, codes
    "rooms", "response_clocks", "clock_breaches", "clock_rungs", "clock_projections", "clock_extensions", "covers",
    "cover_offers", "cover_candidates", "room_assignments", "pauses", "response_terms", "breach_reviews", "notices",
    "message_alerts", "matches", "risk_flags", "legal_holds", "service_lines",
    "licence_gaps", "client_places",
}  # fmt: skip


def read(place: Room, who: Actor, action: Action = Action.READ_MESSAGES) -> ReadableRoomId:
    """A permit that `domain.access` would never give."""
    return ReadableRoomId(place.id, who, action, Relation.ASSIGNED, access._MINT)


def write(place: Room, who: Actor, action: Action = Action.POST_MESSAGE) -> WritableRoomId:
    return WritableRoomId(place.id, who, action, Relation.ASSIGNED, access._MINT)


async def said(databases: "Databases") -> tuple[Room, UUID]:
    """A room with something of everything in it; the id of a message."""
    place = await open_a_room(databases.care)
    care, client = databases.care, place.client
    async with care.transaction(client) as tx:
        key = await tx.key(KeyScope.ROOM, place.id)
    posted = await messages.post(care, write(place, client), key, messages.NewMessage("k", WORDS))
    async with care.transaction(client) as tx:
        await corrections.correct(tx, write(place, client), posted.message_id, f"{WORDS} Again.")
        await marks.star(tx, read(place, client), posted.message_id, on=True)
        await marks.save_draft(tx, write(place, client), WORDS)
        await marks.mark_read(tx, read(place, client), 1)
    async with care.transaction(place.therapist) as tx:
        await notes.write(
            tx, write(place, place.therapist, Action.WRITE_NOTE), NoteKind.SOAP, {"plan": WORDS}
        )
        await goals.add(tx, write(place, place.therapist), GoalTerms(WORDS))
        await diagnoses.replace(tx, write(place, place.therapist), ["F41.1"])
        await check_ins.ask_now(tx, write(place, place.therapist))
        await consults.ask(tx, write(place, place.therapist), WORDS)
        await _medium(tx, place)
    return place, posted.message_id


async def _medium(tx: Transaction, place: Room) -> UUID:
    medium_id = uuid4()
    await tx.insert(
        "media",
        id=medium_id,
        room_id=place.id,
        sender_id=place.therapist.account_id,
        kind="audio",
        state="ready",
        content_type="audio/webm",
        received=1,
        version=1,
        created_at=tx.now,
    )
    await tx.new_key(KeyScope.MEDIA, medium_id)
    return medium_id


async def strangers(databases: "Databases") -> dict[str, Actor]:
    """Everybody of the care login without a part in the room. The billing office has a login of its own."""
    found = {}
    async with databases.care.transaction() as tx:
        for role in (Role.CLIENT, Role.THERAPIST, Role.SUPERVISOR, Role.ADMINISTRATOR):
            found[f"another {role.value}"] = actor(role, await account(tx, role))
    return found


Try = Callable[[Transaction, Room, Actor, UUID], Awaitable[Any]]

READS: dict[str, Try] = {
    "history": lambda tx, place, who, _: history.read(tx, read(place, who)),
    "one message": lambda tx, place, who, mid: history.one(tx, read(place, who), mid),
    "revisions": lambda tx, place, who, mid: corrections.revisions(tx, read(place, who), mid),
    "draft": lambda tx, place, who, _: marks.draft(tx, read(place, who)),
    "search": lambda tx, place, who, _: searches.search(tx, read(place, who), "sleep", 10),
    "notes": lambda tx, place, who, _: notes.listing(tx, read(place, who)),
    "goals": lambda tx, place, who, _: goals.listing(tx, read(place, who)),
    "diagnoses": lambda tx, place, who, _: diagnoses.listing(tx, read(place, who)),
    "recordings": lambda tx, place, who, _: media.stored_of_room(tx, read(place, who)),
    "export": lambda tx, place, who, _: room_exports.files(tx, read(place, who), 9),
    "the key": lambda tx, place, _, __: tx.key(KeyScope.ROOM, place.id),
}
WRITES: dict[str, Try] = {
    "correct": lambda tx, place, who, mid: corrections.correct(tx, write(place, who), mid, "Mine."),
    "star": lambda tx, place, who, mid: marks.star(tx, read(place, who), mid, on=True),
    "draft": lambda tx, place, who, _: marks.save_draft(tx, write(place, who), "Mine."),
    "note": lambda tx, place, who, _: notes.write(tx, write(place, who), NoteKind.SOAP, {"plan": "Mine."}),
    "goal": lambda tx, place, who, _: goals.add(tx, write(place, who), GoalTerms("Mine.")),
    "mark": lambda tx, place, who, _: marks.mark_read(tx, read(place, who), 1),
}
REFUSED = (Unreadable, NotFound, psycopg.errors.InsufficientPrivilege)


async def test_with_a_permit_by_force_nothing_is_read_and_nothing_is_written(databases: "Databases") -> None:
    place, message_id = await said(databases)
    before = await content(databases)
    for name, who in (await strangers(databases)).items():
        for title, attempt in (READS | WRITES).items():
            got = None
            with suppress(*REFUSED):
                async with databases.care.transaction(who) as tx:
                    got = await attempt(tx, place, who, message_id)
            assert not got, f"{name}: {title}"
    assert await content(databases) == before
    for title, attempt in READS.items():  # and it is no empty room
        who = place.therapist if title in {"notes", "diagnoses"} else place.client
        async with databases.care.transaction(who) as tx:
            got = await attempt(tx, place, who, message_id)
        assert got or title in {"recordings", "export"}, title


async def test_not_even_with_the_key_in_hand_is_a_message_posted(databases: "Databases") -> None:
    place, _ = await said(databases)
    async with databases.care.transaction(place.client) as tx:
        key = await tx.key(KeyScope.ROOM, place.id)
    for name, who in (await strangers(databases)).items():
        with pytest.raises((Conflict, NotFound)):
            await messages.post(databases.care, write(place, who), key, messages.NewMessage(name, "Mine."))
        door = await rooms.door(databases.care, who, place.id)
        with pytest.raises(Unreadable):
            _ = door.key


async def test_a_plain_query_of_somebody_else_sees_and_changes_no_row(databases: "Databases") -> None:
    await said(databases)
    for (name, who), table in product((await strangers(databases)).items(), CONTENT):
        if table in {"consults", "room_access"} and who.role is Role.SUPERVISOR:
            continue  # theirs to answer and to look at; the words in them are sealed
        place = "medium_id" if table in {"media_parts", "media_files"} else "room_id"
        async with databases.care.transaction(who) as tx:
            assert await tx.all(f"SELECT * FROM {table}") == [], f"{name}: {table}"
        for change in (f"UPDATE {table} SET {place} = {place}", f"DELETE FROM {table}"):
            with suppress(psycopg.errors.InsufficientPrivilege):
                async with databases.care.transaction(who) as tx:
                    assert await tx.run(change) == 0, f"{name}: {change}"


async def test_every_table_of_a_room_has_row_policies_or_no_content(databases: "Databases") -> None:
    with psycopg.connect(databases.owner_dsn) as conn:
        rows = conn.execute(
            "SELECT c.relname, c.relrowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_attribute a WHERE"
            " a.attrelid = c.oid AND a.attname IN ('room_id', 'message_id', 'medium_id') AND NOT a.attisdropped)"
        ).fetchall()
    fenced = {name for name, fence in rows if fence}
    assert fenced >= set(CONTENT)
    assert {name for name, fence in rows if not fence} - NO_CONTENT == set()


async def test_billing_may_touch_no_column_of_what_is_in_a_room(databases: "Databases") -> None:
    with psycopg.connect(databases.dsn_of["kindroom_billing"]) as conn:
        rows = conn.execute(
            "SELECT t FROM unnest(%s::text[]) t WHERE has_any_column_privilege(t, 'SELECT, INSERT, UPDATE')"
            " OR has_table_privilege(t, 'DELETE, TRUNCATE')",
            (list(CONTENT),),
        ).fetchall()
    assert rows == [("diagnoses",)]  # the codes stand on a claim, sealed for the office


async def test_the_worker_opens_no_room_and_a_recording_only_while_it_is_made_playable(
    databases: "Databases",
) -> None:
    place, _ = await said(databases)
    async with databases.care.transaction(place.client) as tx:
        medium_id = (await tx.all("SELECT id FROM media"))[0]["id"]
    for scope, owner in ((KeyScope.ROOM, place.id), (KeyScope.MEDIA, medium_id)):
        assert await opens(databases.worker, scope, owner) is False
        assert await opens(databases.billing, scope, owner) is False
    async with databases.care.transaction(place.client) as tx:
        await tx.run("UPDATE media SET state = 'processing'")
    assert await opens(databases.worker, KeyScope.MEDIA, medium_id) is True
    for column in ("body", "reason_sealed", "review_reason_sealed"):
        table = "messages" if column == "body" else "room_access"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with databases.worker.transaction() as tx:
                await tx.all(f"SELECT {column} FROM {table}")


async def opens(database: Database, scope: KeyScope, owner: UUID) -> bool:
    try:
        async with database.transaction() as tx:
            await tx.key(scope, owner)
    except Unreadable:
        return False
    return True


async def test_an_opening_can_be_begun_for_nobody_else_and_looked_at_by_nobody_themselves(
    databases: "Databases",
) -> None:
    place, _ = await said(databases)
    people = await strangers(databases)
    supervisor, client = people["another supervisor"], people["another client"]

    async def begin(who: Actor, whom: Actor) -> None:
        async with databases.care.transaction(who) as tx:
            await tx.insert(
                "room_access",
                id=uuid4(),
                room_id=place.id,
                account_id=whom.account_id,
                purpose="quality",
                reason_sealed=b"",
                granted_at=tx.now,
                expires_at=tx.now,
                break_glass=True,
            )

    for who, whom in ((client, client), (supervisor, client), (client, supervisor)):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await begin(who, whom)
    await begin(supervisor, supervisor)
    with pytest.raises(Conflict):
        async with databases.care.transaction(supervisor) as tx:
            await tx.run("UPDATE room_access SET reviewed_by = account_id, reviewed_at = now()")


BY_THE_CALLER = {"draft", "recordings", "export", "the key"}
"""One's own, not opened yet, or audited by the route, which has a test of its own."""

AUDITED: dict[str, Try] = {
    **{name: attempt for name, attempt in READS.items() if name not in BY_THE_CALLER},
    "openings": lambda tx, place, who, _: access_log.access_log(
        tx, VisibleRoomId(place.id, who, Action.READ_ACCESS_LOG, Relation.OWN, access._MINT)
    ),
}


async def test_what_cannot_be_written_down_is_not_read(databases: "Databases") -> None:
    place, message_id = await said(databases)
    with psycopg.connect(databases.owner_dsn) as conn:
        conn.execute("REVOKE INSERT ON audit_events FROM kindroom_care")
    told = []
    for title, attempt in AUDITED.items():
        who = place.therapist if title in {"notes", "diagnoses"} else place.client
        with suppress(psycopg.errors.InsufficientPrivilege):
            async with databases.care.transaction(who) as tx:
                await attempt(tx, place, who, message_id)
                told.append(title)
    assert told == []


async def content(databases: "Databases") -> dict[str, str | None]:
    """Every row of what is in rooms, as its owner sees it."""
    with psycopg.connect(databases.owner_dsn) as conn:
        found = {}
        for table in CONTENT:
            row = conn.execute(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
            ).fetchone()
            assert row is not None
            found[table] = row[0]
        return found

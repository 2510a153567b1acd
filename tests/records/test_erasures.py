"""A client leaves and is forgotten: not before the law allows it, then wholly, whatever is killed in between."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from factories import Room, actor, client
from leaving import (
    LONG_AGO,
    PLACES,
    SECRET,
    administrator,
    asked,
    in_care,
    keeper,
    rows,
    sealed_left,
)
from psycopg.rows import dict_row

from activities.erasures import ErasureActivities
from activities.shapes.erasures import MoveErasure
from domain.access import Action, Actor, Role
from domain.erasures import ErasureStep
from domain.errors import Conflict, Forbidden, NotFound, RetainedUntil
from domain.ids import RoomId
from domain.retention import RetentionRule
from domain.zones import date_everywhere
from encryption.errors import Unreadable
from encryption.keys import KeyScope
from encryption.ledgers import ShredLedger
from integrations.blobs.directory import DirectoryBlobs
from records import closings, erasures, history, legal_holds, relations, retention, risk, rooms, shreds
from records.clinic import clinic_key
from records.database import Database
from records.tables import __all__ as nouns

if TYPE_CHECKING:
    from conftest import Databases


class House:
    """An erasure's activities over a real database, blobs in a folder, and a ledger beside it."""

    def __init__(self, databases: "Databases", folder: Path) -> None:
        self.blobs = DirectoryBlobs(folder / "blobs")
        self.ledger = ShredLedger(folder / "shreds.jsonl")
        self.folder = folder
        self.activities = ErasureActivities(databases.worker, self.blobs, self.ledger)

    async def run(self, where: Room) -> ErasureStep:
        """As the workflow does, without its waits. Where it stops."""
        ask = MoveErasure(where.client.account_id)
        now = await self.activities.read_erasure(ask)
        if now.step is ErasureStep.BEGIN:
            now = await self.activities.begin_erasure(ask)
        if now.step is ErasureStep.SHRED:
            await self.activities.destroy_keys(ask)
            await self.activities.destroy_blobs(ask)
            now = await self.activities.forget_client(ask)
        return now.step


@pytest.fixture
def house(databases: "Databases", tmp_path: Path) -> House:
    return House(databases, tmp_path)


async def room_state(databases: "Databases", where: Room) -> str:
    (row,) = await rows(databases, "SELECT state FROM rooms WHERE id = %s", where.id)
    return str(row["state"])


async def keys_left(databases: "Databases", where: Room) -> int:
    found = await rows(
        databases,
        "SELECT count(*) AS n FROM keys.data_keys d JOIN keys_of_client(%s) k"
        " ON (k.scope, k.owner_id) = (d.scope, d.owner_id)",
        where.client.account_id,
    )
    return int(found[0]["n"])


async def test_before_the_date_it_is_refused_with_it_and_sealed_to_all_but_record_keepers(
    databases: "Databases", house: House
) -> None:
    where = await in_care(databases, blobs=house.blobs)
    today = datetime.now(UTC).date()
    until = await asked(databases, where)
    assert until is not None
    assert (
        abs((until - today.replace(year=today.year + 6)).days) <= 2
    )  # New York: six years after the last service
    assert await house.run(where) is ErasureStep.WAIT
    with pytest.raises(RetainedUntil) as refused:
        await asked(databases, where)
    assert refused.value.until.date() == until + timedelta(days=1)
    assert await room_state(databases, where) == "sealed"
    assert await keys_left(databases, where) == 4

    for who in (where.client, where.therapist):
        async with databases.care.transaction(who) as tx:
            with pytest.raises(NotFound):
                await relations.readable(tx, where.id)
            with pytest.raises(Unreadable):  # the second fence: the key is hidden too
                await tx.key(KeyScope.ROOM, where.id)
            assert await tx.all("SELECT 1 FROM messages") == []
            assert await rooms.headers(tx) == []
        door = await rooms.door(databases.care, who, where.id)
        with pytest.raises(Unreadable):
            _ = door.key
    who = await keeper(databases)
    async with databases.care.transaction(who) as tx:
        with pytest.raises(Forbidden, match="purpose_required"):
            await relations.readable(tx, where.id)
    await open_with_purpose(databases, who, where)
    async with databases.care.transaction(who) as tx:
        found = await history.read(tx, await relations.readable(tx, where.id))
        await relations.readable(tx, where.id, Action.EXPORT_RECORD)
        with pytest.raises((Forbidden, NotFound)):
            await relations.writable(tx, where.id)
    assert SECRET in str(found[0].text)


async def open_with_purpose(databases: "Databases", who: Actor, where: Room) -> None:
    async with databases.care.transaction(who) as tx:
        await tx.insert(
            "room_access",
            id=uuid4(),
            room_id=where.id,
            account_id=who.account_id,
            purpose="records",
            reason_sealed=b"-",
            granted_at=tx.now,
            expires_at=tx.now + timedelta(minutes=60),
            break_glass=False,
        )


async def test_after_the_date_nothing_of_it_can_be_read_and_totals_stay(
    databases: "Databases", house: House
) -> None:
    where, other = await in_care(databases, LONG_AGO, house.blobs), await in_care(databases, LONG_AGO)
    before, wrapped = await totals(databases), await wrapped_keys(databases, where)
    messages = await rows(databases, "SELECT id, body FROM messages WHERE room_id = %s", where.id)
    assert len(messages) == 3
    await on_a_roster(databases, where)
    until = await asked(databases, where, LONG_AGO + timedelta(days=1))
    assert until == date(2018, 3, 2)
    assert await house.run(where) is ErasureStep.OVER

    client_id = where.client.account_id
    assert await keys_left(databases, where) == 0
    assert await sealed_left(databases, client_id) == {}
    assert list((house.folder / "blobs").rglob("play")) == []
    for who in (where.client, where.therapist, await keeper(databases)):
        async with databases.care.transaction(who) as tx:
            with pytest.raises(NotFound):
                await relations.readable(tx, where.id)
    (gone,) = await rows(databases, "SELECT * FROM accounts WHERE id = %s", client_id)
    assert (gone["display_name"], gone["password_hash"], gone["passcode_hash"]) == ("Erased", "-", None)
    assert gone["username_index"] != b"index" + client_id.bytes
    assert await rows(databases, "SELECT 1 FROM sessions WHERE account_id = %s", client_id) == []
    (left,) = await rows(databases, "SELECT * FROM sponsor_members WHERE roster_id = %s", where.id)
    assert (left["claimed_by"], left["authorisation"]) == (None, None)
    assert left["member_index"] != b"index" + client_id.bytes
    (granted,) = await rows(databases, "SELECT * FROM sponsor_authorisations WHERE client_id = %s", client_id)
    assert (granted["number"], granted["member_id"]) == (str(granted["id"]), None)
    (proof,) = await rows(databases, "SELECT * FROM erasures WHERE client_id = %s", client_id)
    assert (proof["state"], proof["keys_destroyed"], proof["blobs_destroyed"]) == ("shredded", 4, 1)
    async with databases.worker.transaction() as tx:
        named = house.ledger.read(await clinic_key(tx))
    assert {(each.scope, each.owner_id) for each in named} == wrapped

    # Figures are what they were; and nobody else lost anything.
    assert await totals(databases) == before
    async with databases.care.transaction(other.client) as tx:
        found = await history.read(tx, await relations.readable(tx, other.id))
    assert SECRET in str(found[0].text)


async def on_a_roster(databases: "Databases", where: Room) -> None:
    """They came by a sponsor, who knows them."""
    client_id, sponsor_id, member_id = where.client.account_id, uuid4(), uuid4()
    day = LONG_AGO.date()
    async with databases.care.transaction() as tx:
        named = {"name": "S", "kind": "school", "code_index": sponsor_id.bytes}
        await tx.insert("sponsors", id=sponsor_id, **named, active_from=day, added_at=tx.now)
        await tx.insert(
            "sponsor_members",
            id=member_id,
            sponsor_id=sponsor_id,
            member_index=b"index" + client_id.bytes,
            relationship="self",
            active_from=day,
            claimed_by=client_id,
            roster_id=where.id,
            authorisation="EAP-77",
        )
        await tx.insert(
            "sponsor_authorisations",
            id=uuid4(),
            sponsor_id=sponsor_id,
            client_id=client_id,
            member_id=member_id,
            number="EAP-77",
            sessions=3,
            valid_from=day,
            valid_to=day,
            granted_at=tx.now,
        )


async def totals(databases: "Databases") -> list[dict[str, Any]]:
    """What boards, reports and invoices count, room by room; the clock that the end of care cancels is not one."""
    return await rows(
        databases,
        "SELECT c.room_id, c.state, c.opened_at, c.due_at, c.closed_at, c.answered_by, c.client_messages,"
        " (SELECT count(*) FROM messages m WHERE m.room_id = c.room_id) AS messages,"
        " (SELECT max(sent_at) FROM messages m WHERE m.room_id = c.room_id) AS last_sent_at,"
        " (SELECT sum(client_words) FROM messaging_sessions s WHERE s.room_id = c.room_id) AS words,"
        " (SELECT count(*) FROM notes n WHERE n.room_id = c.room_id AND n.signed_at IS NOT NULL) AS notes,"
        " (SELECT count(*) FROM risk_flags f WHERE f.room_id = c.room_id) AS flags"
        " FROM response_clocks c WHERE c.state <> 'cancelled' ORDER BY c.room_id, c.opened_at",
    )


async def wrapped_keys(databases: "Databases", where: Room) -> set[tuple[KeyScope, UUID]]:
    found = await rows(
        databases,
        "SELECT d.scope, d.owner_id FROM keys.data_keys d JOIN keys_of_client(%s) k"
        " ON (k.scope, k.owner_id) = (d.scope, d.owner_id)",
        where.client.account_id,
    )
    return {(KeyScope(row["scope"]), row["owner_id"]) for row in found}


def test_every_sealed_column_is_looked_at_when_somebody_is_erased() -> None:
    """A column that seals something of a client must be in `forget_client`, and in the list this file checks."""
    assert "erasures" in nouns
    folder = Path(erasures.__file__).parent / "tables"
    sealed = set()
    for path in folder.glob("*.py"):
        table = ""
        for line in path.read_text().splitlines():
            named = re.search(r'__tablename__ = "(\w+)"', line)
            table = named[1] if named else table
            column = re.match(r"    (\w+): Sealed\b", line)
            if column:
                sealed.add(f"{table}.{column[1]}")
    # a roster is a sponsor's; its file is gone as soon as it is worked off
    nobodys = {"leaves.note_sealed", "data_keys.wrapped", "sponsor_rosters.content_sealed"}
    assert sealed - nobodys <= set(PLACES), sealed - nobodys - set(PLACES)


async def test_where_no_care_was_given_it_goes_at_once(databases: "Databases", house: House) -> None:
    async with databases.care.transaction() as tx:
        client_id = await client(tx)
    me = Room(RoomId(uuid4()), actor(Role.CLIENT, client_id), actor(Role.THERAPIST))
    assert await asked(databases, me) is None
    assert await house.run(me) is ErasureStep.OVER
    assert await sealed_left(databases, client_id) == {}
    assert await keys_left(databases, me) == 0
    assert await house.run(me) is ErasureStep.OVER  # told twice


async def test_a_legal_hold_stops_it_until_it_is_lifted(databases: "Databases", house: House) -> None:
    where, admin = await in_care(databases, LONG_AGO), await administrator(databases)
    await asked(databases, where, LONG_AGO + timedelta(days=1))
    async with databases.care.transaction(admin) as tx:
        hold_id = await legal_holds.place(tx, where.client.account_id, "Subpoena 42.")
    assert await house.run(where) is ErasureStep.WAIT
    assert await house.run(where) is ErasureStep.WAIT
    assert await keys_left(databases, where) == 4
    told = await rows(databases, "SELECT account_id FROM notices WHERE template = 'erasure_held'")
    assert [row["account_id"] for row in told] == [admin.account_id]  # it has an owner, told once
    async with databases.care.transaction(admin) as tx:
        (waiting,) = await erasures.listing(tx)
        assert waiting["held"]
        (hold,) = await legal_holds.listing(tx)
        assert (hold.id, hold.reason) == (hold_id, "Subpoena 42.")
        await legal_holds.lift(tx, where.client.account_id, hold_id)
    assert await house.run(where) is ErasureStep.OVER
    assert await sealed_left(databases, where.client.account_id) == {}


LOGINS = ("kindroom_owner", "kindroom_worker", "kindroom_care")


async def test_the_database_keeps_what_a_hold_or_the_law_keeps_whoever_asks(databases: "Databases") -> None:
    """The owner of the schema is refused as well; the others have no right to begin with."""
    young, held = await in_care(databases), await in_care(databases, LONG_AGO)
    admin = await administrator(databases)
    for where in (young, held):
        # The application is as wrong as can be: it believes that both are due.
        async with databases.worker.transaction() as tx:
            await tx.insert(
                "erasures",
                id=uuid4(),
                client_id=where.client.account_id,
                state="waiting",
                version=1,
                asked_at=LONG_AGO,
                not_before=date(2013, 1, 1),
            )
    async with databases.care.transaction(admin) as tx:
        await legal_holds.place(tx, held.client.account_id, "Subpoena 42.")
    async with databases.worker.transaction() as tx:
        await tx.run("UPDATE erasures SET state = 'shredding'")
    for login in LOGINS:
        await refused_to(databases, login, young, held)
    for where in (young, held):
        assert await keys_left(databases, where) == 4


async def refused_to(databases: "Databases", login: str, *places: Room) -> None:
    conn = await psycopg.AsyncConnection.connect(
        databases.dsn_of[login], autocommit=True, row_factory=dict_row
    )
    refused = (psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)
    async with conn:
        for where in places:
            ids = {"room": where.id, "client": where.client.account_id}
            for statement in (
                "DELETE FROM keys.data_keys WHERE owner_id = %(room)s",
                "DELETE FROM keys.data_keys WHERE owner_id = %(client)s AND scope = 'chart'",
                "DELETE FROM keys.data_keys WHERE owner_id = %(client)s AND scope = 'billing'",
                "DELETE FROM keys.data_keys WHERE scope = 'media'",
                "DELETE FROM keys.data_keys WHERE scope = 'clinic'",
                "UPDATE keys.data_keys SET owner_id = gen_random_uuid() WHERE owner_id = %(room)s",
                "TRUNCATE keys.data_keys",
                "SELECT destroy_keys(%(client)s)",
                "SELECT forget_client(%(client)s)",
                "UPDATE rooms SET state = 'erased' WHERE id = %(room)s",
                "DELETE FROM rooms WHERE id = %(room)s",
                "DELETE FROM clients WHERE id = %(client)s",
                "DELETE FROM legal_holds",
                "DELETE FROM erasures",
                "DELETE FROM message_revisions; UPDATE notes SET body = '' WHERE room_id = %(room)s",
            ):
                with pytest.raises(refused):
                    await run_all(conn, statement, ids)


async def run_all(conn: Any, statement: str, ids: dict[str, Any]) -> None:
    for part in statement.split(";"):
        await conn.execute(part, ids)


async def test_killed_after_any_step_the_next_run_finishes_it(
    databases: "Databases", house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill is an exception that leaves everything where it stands: committed is what was committed."""
    killed_at, went_through = 0, False
    while not went_through:
        where = await in_care(databases, LONG_AGO, house.blobs)
        await asked(databases, where, LONG_AGO + timedelta(days=1))
        with monkeypatch.context() as patched:
            went_through = await killed(patched, house, where, killed_at)
        assert await house.run(where) is ErasureStep.OVER
        assert await keys_left(databases, where) == 0
        assert await sealed_left(databases, where.client.account_id) == {}
        killed_at += 1
        assert len((house.folder / "shreds.jsonl").read_text().splitlines()) == 4 * killed_at
    assert killed_at == 10  # a transaction's beginning, the ledger's and the files' end: each was one


async def killed(patched: pytest.MonkeyPatch, house: House, where: Room, at: int) -> bool:
    """Run, and die at this step, counted from 0; whether it went through before."""
    steps = 0

    def step() -> None:
        nonlocal steps
        if steps == at:
            raise KeyboardInterrupt
        steps += 1

    transaction, append, delete_all = Database.transaction, ShredLedger.append, DirectoryBlobs.delete_all

    def begin(self: Database, *args: Any, **kwargs: Any) -> Any:
        step()
        return transaction(self, *args, **kwargs)

    def append_and_die(self: ShredLedger, *args: Any) -> int:
        added = append(self, *args)
        step()
        return added

    async def delete_and_die(self: DirectoryBlobs, prefix: str) -> int:
        removed = await delete_all(self, prefix)
        step()
        return removed

    patched.setattr(Database, "transaction", begin)
    patched.setattr(ShredLedger, "append", append_and_die)
    patched.setattr(DirectoryBlobs, "delete_all", delete_and_die)
    try:
        await house.run(where)
    except KeyboardInterrupt:
        return False
    return True


async def test_the_client_leaves_at_any_time_and_an_open_flag_stays_with_its_owner(
    databases: "Databases",
) -> None:
    where = await in_care(databases)
    async with databases.care.transaction(where.client) as tx:
        flag = await risk.ask_for_help(tx, where.client.account_id, None)
        await closings.end_care(tx, where.client.account_id)
    assert await room_state(databases, where) == "closed"
    clocks = await rows(databases, "SELECT state, reason FROM response_clocks WHERE room_id = %s", where.id)
    assert "running" not in {clock["state"] for clock in clocks}
    ends = await rows(
        databases,
        "SELECT DISTINCT ON (kind) kind, payload->>'closed' AS closed FROM outbox WHERE subject_id = %s"
        " ORDER BY kind, id DESC",
        where.id,
    )
    assert {row["kind"]: row["closed"] for row in ends if row["closed"]} == {
        "clock_changed": "true",
        "plan_changed": "true",
    }
    told = await rows(databases, "SELECT account_id FROM notices WHERE template = 'care_ended'")
    assert where.therapist.account_id in {row["account_id"] for row in told}
    (stage,) = await rows(databases, "SELECT stage FROM clients WHERE id = %s", where.client.account_id)
    assert stage["stage"] == "closed"
    async with databases.care.transaction(where.client) as tx:
        await history.read(tx, await relations.readable(tx, where.id))
        with pytest.raises(NotFound):
            await relations.writable(tx, where.id)
        with pytest.raises(Conflict, match="journey_closed"):
            await closings.end_care(tx, where.client.account_id)
    async with databases.care.transaction(where.therapist) as tx:
        await risk.acknowledge(tx, flag.id)
        await risk.close(tx, flag.id, "Spoke with them.")


async def test_an_open_risk_flag_keeps_an_erasure_back(databases: "Databases", house: House) -> None:
    async with databases.care.transaction() as tx:
        client_id = await client(tx)
    me = Room(RoomId(uuid4()), actor(Role.CLIENT, client_id), actor(Role.THERAPIST))
    async with databases.care.transaction(me.client) as tx:
        await risk.ask_for_help(tx, client_id, "+1 555 0100")
    await asked(databases, me)
    assert await house.run(me) is ErasureStep.WAIT
    assert await keys_left(databases, me) == 2


async def test_taken_back_the_room_is_the_clients_again_and_asking_anew_counts_anew(
    databases: "Databases", house: House
) -> None:
    where = await in_care(databases)
    until = await asked(databases, where)
    async with databases.care.transaction(where.client) as tx:
        await erasures.withdraw(tx, where.client.account_id)
    assert await house.run(where) is ErasureStep.OVER
    assert await keys_left(databases, where) == 4
    async with databases.care.transaction(where.client) as tx:
        assert await history.read(tx, await relations.readable(tx, where.id))
        with pytest.raises(NotFound):
            await erasures.withdraw(tx, where.client.account_id)
    assert await asked(databases, where) == until
    found = await rows(databases, "SELECT state, version FROM erasures ORDER BY version")
    assert [(row["state"], row["version"]) for row in found] == [("withdrawn", 2), ("waiting", 3)]


async def test_a_new_rule_moves_the_date_of_those_who_wait(databases: "Databases", house: House) -> None:
    where, admin = await in_care(databases), await administrator(databases)
    until = await asked(databases, where)
    assert until is not None
    async with databases.care.transaction(admin) as tx:
        today = date_everywhere(tx.now)
        await retention.put_rule(tx, RetentionRule("NY", today, 9, 22, "A new law"))
        with pytest.raises(Conflict):
            await retention.put_rule(tx, RetentionRule("NY", today, 8, 22, "Twice"))
    told = await rows(databases, "SELECT max(version) AS version FROM outbox WHERE kind = 'erasure_changed'")
    assert told[0]["version"] == 2
    assert await house.run(where) is ErasureStep.WAIT
    (row,) = await rows(databases, "SELECT not_before FROM erasures")
    assert row["not_before"].year == until.year + 3


async def test_once_destruction_has_begun_a_hold_comes_too_late(databases: "Databases", house: House) -> None:
    where, admin = await in_care(databases, LONG_AGO), await administrator(databases)
    await asked(databases, where, LONG_AGO + timedelta(days=1))
    await house.activities.begin_erasure(MoveErasure(where.client.account_id))
    with pytest.raises(Conflict, match="erasing"):
        async with databases.care.transaction(admin) as tx:
            await legal_holds.place(tx, where.client.account_id, "Subpoena 42.")
    with pytest.raises(Conflict):  # the database says so too
        async with databases.care.transaction(admin) as tx:
            await tx.insert(
                "legal_holds",
                id=uuid4(),
                client_id=where.client.account_id,
                reason_sealed=b"-",
                placed_by=admin.account_id,
                placed_at=tx.now,
            )
    with pytest.raises(Conflict, match="erasing"):
        async with databases.care.transaction(where.client) as tx:
            await erasures.withdraw(tx, where.client.account_id)


async def test_nothing_is_destroyed_that_was_not_begun(databases: "Databases", house: House) -> None:
    where = await in_care(databases, LONG_AGO)
    with pytest.raises(Conflict, match="not_begun"):
        await shreds.destroy(databases.worker, house.ledger, where.client.account_id)
    assert house.ledger.empty
    assert await keys_left(databases, where) == 4

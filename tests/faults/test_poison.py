"""Fault 10: damaged bytes, a wrong key id, a bad tag. One room is parked with a clear word; everybody else goes on.

Twenty times in a long run (KINDROOM_FAULTS=long), each way of damage once in `make test`.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from livestack import Live, data_folder, live, until
from psycopg.types.json import Jsonb
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest

from bench.clinic import OpenRoom
from kindroom.embedded.passwords import SUPERUSER

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

LONG = os.environ.get("KINDROOM_FAULTS") == "long"
SEED = int(os.environ.get("KINDROOM_SEED", random.randrange(10**6)))
TIMES = 20

Damage = Callable[[psycopg.Connection, OpenRoom, OpenRoom, random.Random], None]


def message_flipped(db: psycopg.Connection, room: OpenRoom, _: OpenRoom, dice: random.Random) -> None:
    """A bit of the last message: the tag is wrong."""
    _flip(
        db,
        "messages",
        "body",
        "id = (SELECT id FROM messages WHERE room_id = %s ORDER BY seq DESC LIMIT 1)",
        room,
        dice,
    )


def message_cut(db: psycopg.Connection, room: OpenRoom, _: OpenRoom, dice: random.Random) -> None:
    """A message without its end."""
    db.execute(
        "UPDATE messages SET body = substr(body, 1, %s) WHERE room_id = %s", (dice.randint(0, 40), room.id)
    )


def message_of_another_key(db: psycopg.Connection, room: OpenRoom, _: OpenRoom, dice: random.Random) -> None:
    """An envelope that names a version of the key that is not there."""
    db.execute(
        "UPDATE messages SET body = set_byte(body, 5, %s) WHERE room_id = %s", (dice.randint(2, 255), room.id)
    )


def message_of_another_room(
    db: psycopg.Connection, room: OpenRoom, other: OpenRoom, _: random.Random
) -> None:
    """Somebody else's sealed words in its place."""
    db.execute(
        "UPDATE messages m SET body = o.body FROM messages o WHERE m.room_id = %s AND o.room_id = %s AND m.seq = o.seq",
        (room.id, other.id),
    )


def key_flipped(db: psycopg.Connection, room: OpenRoom, _: OpenRoom, dice: random.Random) -> None:
    """A bit of the room's wrapped key, after its header."""
    _flip(db, "keys.data_keys", "wrapped", "scope = 'room' AND owner_id = %s", room, dice)


def key_of_another_room(db: psycopg.Connection, room: OpenRoom, other: OpenRoom, _: random.Random) -> None:
    """Another room's wrapped key in its place."""
    db.execute(
        "UPDATE keys.data_keys k SET wrapped = o.wrapped FROM keys.data_keys o"
        " WHERE k.scope = 'room' AND o.scope = 'room' AND k.owner_id = %s AND o.owner_id = %s",
        (room.id, other.id),
    )


def key_under_an_unknown_one(
    db: psycopg.Connection, room: OpenRoom, _: OpenRoom, dice: random.Random
) -> None:
    """A wrap that names a key-encryption key that nobody has: a wrong key id."""
    db.execute(
        "UPDATE keys.data_keys SET wrapped = set_byte(wrapped, 4, %s) WHERE scope = 'room' AND owner_id = %s",
        (dice.randint(2, 255), room.id),
    )


DAMAGES: tuple[Damage, ...] = (
    message_flipped,
    message_cut,
    message_of_another_key,
    message_of_another_room,
    key_flipped,
    key_of_another_room,
    key_under_an_unknown_one,
)


ONE_MESSAGE = {message_flipped, message_cut, message_of_another_room}
"""Where the room's key opens, and what it does not open is told in its place."""


def _flip(
    db: psycopg.Connection, table: str, column: str, where: str, room: OpenRoom, dice: random.Random
) -> None:
    found = db.execute(f"SELECT {column} FROM {table} WHERE {where}".encode(), (room.id,)).fetchone()
    assert found is not None
    damaged = bytearray(found[0])
    damaged[dice.randrange(6, len(damaged))] ^= 1 << dice.randrange(8)
    db.execute(f"UPDATE {table} SET {column} = %s WHERE {where}".encode(), (bytes(damaged), room.id))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The stack's data directory."""
    print(f"KINDROOM_SEED={SEED} repeats this run", flush=True)
    with data_folder("poison") as path:
        yield path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(folder: Path) -> AsyncIterator[Live]:
    """One stack for this module."""
    async with live(folder) as stack:
        yield stack


def hurt(running: Live, work: Callable[[psycopg.Connection], None]) -> None:
    """As a failing disk or a bad restore would: past every policy and trigger."""
    with psycopg.connect(running.stack.postgres.dsn(SUPERUSER, "kindroom")) as connection:
        connection.execute("SET session_replication_role = replica")
        work(connection)


async def test_only_the_damaged_room_is_parked_and_everybody_else_goes_on(running: Live) -> None:
    dice = random.Random(SEED)
    times = TIMES if LONG else len(DAMAGES)
    rooms = await running.rooms(times + 4)
    fine, other = rooms[:3], rooms[3]
    stop = asyncio.Event()
    writing = [asyncio.create_task(_keep_writing(running, room, stop)) for room in fine]
    for n, room in enumerate(rooms[4:]):
        damage = DAMAGES[n % len(DAMAGES)]
        # The API has never opened this key, or has to open it again: what it knows of it is another wrap.
        hurt(running, lambda db, damage=damage, room=room: damage(db, room, other, dice))  # type: ignore[misc]
        for token in (room.client_token, room.therapist_token):
            answer = await running.api.get(
                f"/v1/rooms/{room.id}/messages", headers={"Authorization": f"Bearer {token}"}
            )
            if damage in ONE_MESSAGE:
                texts = [message["text"] for message in answer.json()["items"]]
                assert (answer.status_code, None in texts) == (200, True), damage.__name__
                continue
            assert (answer.status_code, answer.json()["code"]) == (500, "damaged"), damage.__name__
            assert answer.headers["content-type"] == "application/problem+json"
        listed = await running.api.get("/v1/rooms", headers={"Authorization": f"Bearer {room.client_token}"})
        assert listed.status_code == 200, damage.__name__  # what needs no key goes on in it, too
    stop.set()
    written = await asyncio.gather(*writing)
    assert min(written) > 0
    read = await running.api.get(
        f"/v1/rooms/{other.id}/messages", headers={"Authorization": f"Bearer {other.client_token}"}
    )
    assert read.status_code == 200
    assert (await _figures(running))["kindroom_damaged_rooms"] == times


async def test_a_note_and_a_signal_that_nobody_can_read_stop_nobody(running: Live) -> None:
    poisoned, *fine = await running.rooms(3)
    await running.told()
    service = running.temporal.workflow_service
    await service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=running.temporal.namespace,
            workflow_execution=WorkflowExecution(workflow_id=f"room-{poisoned.id}"),
            signal_name="clock_changed",
            input=Payloads(payloads=[Payload(metadata={"encoding": b"binary/sealed"}, data=b"\\x00damaged")]),
        )
    )

    def poison(db: psycopg.Connection) -> None:
        for kind, payload in (
            ("nobody_knows_this", {}),
            ("clock_changed", {"next_alarm_at": "never"}),
            ("match_changed", {}),
        ):
            db.execute(
                "INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)"
                " VALUES (%s, %s, 1, %s, now(), 0)",
                (kind, uuid4(), Jsonb(payload)),
            )

    hurt(running, poison)
    everybody = [poisoned, *fine]
    running.promise(3.0, everybody)
    for room in everybody:
        assert (await running.post(room, room.client_token)).status_code == 201

    async def told() -> bool:
        return not await running.all(
            "SELECT 1 FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL LIMIT 1"
        )

    async def broken() -> bool:
        rows = await running.all(
            "SELECT 1 FROM clock_rungs r JOIN response_clocks c ON c.id = r.clock_id"
            " WHERE r.rung = 'breach' AND c.room_id = ANY(%s)",
            [room.id for room in everybody],
        )
        return len(rows) == len(everybody)

    async def noted() -> bool:
        return bool(
            await running.all(
                "SELECT 1 FROM audit_events WHERE outcome = 'damaged' AND room_id = %s LIMIT 1", poisoned.id
            )
        )

    await until(told, 30)
    await until(broken, 30)  # the poisoned room too: its workflow went on without what nobody can read
    await until(noted, 30)
    assert (await _figures(running))["kindroom_outbox_parked"] == 3


async def _keep_writing(running: Live, room: OpenRoom, stop: asyncio.Event) -> int:
    written = 0
    while not stop.is_set():
        assert (await running.post(room, room.client_token)).status_code == 201
        written += 1
        await asyncio.sleep(0.1)
    return written


async def _figures(running: Live) -> dict[str, float]:
    """What the Checks page counts, as the metrics tell it."""
    lines = (await running.api.get("/metrics")).text.splitlines()
    return {
        name: float(value) for name, _, value in (line.partition(" ") for line in lines if line[:1] != "#")
    }

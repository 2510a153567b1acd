"""Notes reach their workflows at least once, and once is all they count."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from encryption.key_files import KeyFile
from kindroom.dispatcher import ROUTES, Dispatcher, message_of
from kindroom.embedded.temporal import EmbeddedTemporal
from kindroom.temporal import connect
from records.outbox import Note

if TYPE_CHECKING:
    from conftest import Databases


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with EmbeddedTemporal(tmp_path / "temporal") as server:
        yield await connect(server.address, server.namespace, KeyFile(tmp_path / "codec.json"))


async def _signals(client: Client, workflow_id: str) -> int:
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    kinds = [event.WhichOneof("attributes") for event in history.events]
    return kinds.count("workflow_execution_signaled_event_attributes")


async def test_a_note_starts_its_workflow_with_its_signal_and_a_later_one_only_signals(
    databases: "Databases", client: Client
) -> None:
    room = uuid4()
    dispatcher = Dispatcher(databases.worker, client)
    for version in (1, 2):
        async with databases.care.transaction() as tx:
            await tx.tell(
                "clock_changed", room, version, clock_id=uuid4(), next_alarm_at=tx.now, closed=False
            )
        assert await dispatcher.send_batch() == 1
    assert await _signals(client, f"room-{room}") == 2
    assert await dispatcher.send_batch() == 0


async def test_a_dispatcher_killed_between_send_and_mark_sends_again(
    databases: "Databases", client: Client
) -> None:
    room = uuid4()
    async with databases.care.transaction() as tx:
        await tx.tell("clock_changed", room, 1, clock_id=None, next_alarm_at=None, closed=False)
    dispatcher = Dispatcher(databases.worker, client)
    await dispatcher.send_batch()
    async with databases.worker.transaction() as tx:
        await tx.run("UPDATE outbox SET sent_at = NULL, leased_until = NULL")
    assert await dispatcher.send_batch() == 1
    assert await _signals(client, f"room-{room}") == 2  # the workflow ignores what is not newer


async def test_a_note_that_can_never_be_sent_is_parked_and_holds_nothing_up(
    databases: "Databases", client: Client
) -> None:
    room = uuid4()
    async with databases.care.transaction() as tx:
        await tx.tell("no_such_kind", uuid4(), 1)
        await tx.tell("coverage_asked", uuid4(), 1)  # without its number
        await tx.tell("clock_changed", room, 1, clock_id=None, next_alarm_at=None, closed=False)
    await Dispatcher(databases.worker, client).send_batch()
    async with databases.worker.transaction() as tx:
        rows = await tx.all("SELECT kind, error_code, parked_at, sent_at FROM outbox ORDER BY id")
    assert [(r["error_code"], r["parked_at"] is not None) for r in rows] == [
        ("unknown_kind", True),
        ("malformed", True),
        (None, False),
    ]
    assert await _signals(client, f"room-{room}") == 1


async def test_while_temporal_is_down_notes_wait_and_then_go(databases: "Databases", tmp_path: Path) -> None:
    server = EmbeddedTemporal(tmp_path / "temporal")
    await server.start()
    client = await connect(server.address, server.namespace, KeyFile(tmp_path / "codec.json"))
    await server.stop()
    room = uuid4()
    async with databases.care.transaction() as tx:
        await tx.tell("clock_changed", room, 1, clock_id=None, next_alarm_at=None, closed=False)
    dispatcher = Dispatcher(databases.worker, client)
    await dispatcher.send_batch()
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT sent_at, parked_at, attempts FROM outbox")
        assert row == {"sent_at": None, "parked_at": None, "attempts": 1}
        await tx.run("UPDATE outbox SET leased_until = NULL")
    with pytest.raises(RPCError):
        await _signals(client, f"room-{room}")
    await server.start()
    assert await dispatcher.send_batch() == 1
    assert await _signals(client, f"room-{room}") == 1
    await server.stop()


@pytest.mark.parametrize("kind", sorted(ROUTES))
def test_every_kind_makes_its_message(kind: str) -> None:
    at = datetime(2026, 5, 11, tzinfo=UTC)
    payload = {
        "journey_changed": {"stage": "intake", "since": at.isoformat(), "paused": False},
        "coverage_asked": {"n": 1},
        "match_changed": {"client_id": str(uuid4()), "n": 1, "status": "choosing"},
        "clock_changed": {"clock_id": str(uuid4()), "next_alarm_at": at.isoformat(), "closed": False},
        "plan_changed": {"next_check_in_at": (at + timedelta(days=7)).isoformat(), "closed": False},
        "messaging_session_changed": {
            "n": 1,
            "state": "open",
            "opened_at": at.isoformat(),
            "window_ends_at": at.isoformat(),
            "lapses_at": at.isoformat(),
        },
        "batch_changed": {"state": "ready"},
        "risk_changed": {"state": "open", "urgency": "page_now"},
        "reprojection_asked": {},
        "waiting_list_asked": {},
        "roster_sent": {},
        "medium_uploaded": {},
        "erasure_changed": {},
        "leave_changed": {},
    }[kind]
    message = message_of(Note(1, kind, uuid4(), 3, payload, 1))
    assert type(message) is ROUTES[kind].message
    assert message == replace(message, version=3)

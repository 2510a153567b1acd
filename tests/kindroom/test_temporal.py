import asyncio
import base64
import getpass
import logging
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from encryption.codec import NotForTemporal
from encryption.errors import KeyStoreRefused
from kindroom.embedded.temporal import EmbeddedTemporal
from kindroom.temporal import connect, ensure_namespace, identity
from kindroom.temporal_fence import check_workflow_id
from tests.kindroom.temporal_errands import (
    Asked,
    Audit,
    Careless,
    Chore,
    Errand,
    Failing,
    Step,
    carry,
    mark,
    stumble,
)

WORKFLOWS = [Errand, Chore, Failing, Audit, Careless]
TIMEOUT = timedelta(seconds=30)


class Keys:
    current_version = 1

    def key(self, version: int) -> bytes:
        if version != 1:
            raise KeyStoreRefused
        return b"k" * 32


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    temporal = EmbeddedTemporal(tmp_path_factory.mktemp("temporal"))
    with asyncio.Runner() as runner:
        runner.run(temporal.start())
        yield temporal
        runner.run(temporal.stop())


@pytest.fixture
async def ours(server: EmbeddedTemporal) -> Client:
    return await connect(server.address, server.namespace, Keys(), role="worker", environ={})


@asynccontextmanager
async def working(client: Client, runner: WorkflowRunner | None = None) -> AsyncIterator[str]:
    queue = f"errands-{uuid4()}"
    async with Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=[carry, stumble],
        workflow_runner=runner or SandboxedWorkflowRunner(),
    ):
        yield queue


async def run_errand(
    client: Client, queue: str, prefix: str, during: Callable[[], None] = lambda: None
) -> dict[str, UUID]:
    """Send an id of its own through every channel once; the ids by channel.

    `during` is called while an activity waits for its next attempt: heartbeat details are kept no longer.
    """
    seed, signal, memo, failing = (uuid4() for _ in range(4))
    handle = await client.start_workflow(
        Errand.run,
        args=[seed, uuid4(), False],
        id=f"{prefix}-{uuid4()}",
        task_queue=queue,
        memo={"opened_by": memo},
        start_signal="was_asked",
        start_signal_args=[Asked(datetime.now(UTC), signal, Step.ASKED)],
        execution_timeout=TIMEOUT,
    )
    await asyncio.wait_for(heartbeat_kept(handle), 20)
    during()
    result = await handle.result()
    with pytest.raises(WorkflowFailureError):
        await client.execute_workflow(
            Failing.run, failing, id=f"{prefix}-{uuid4()}", task_queue=queue, execution_timeout=TIMEOUT
        )
    by_activity, continued = mark(seed, "activity_argument"), mark(seed, "continued")
    assert result == mark(continued, "result")
    return {
        "argument": seed,
        "signal": signal,
        "memo": memo,
        "activity_argument": by_activity,
        **{name: mark(by_activity, name) for name in ("heartbeat", "activity_result")},
        **{name: mark(by_activity, name) for name in ("activity_error", "activity_error_cause")},
        "child_argument": mark(seed, "child_argument"),
        "child_result": mark(mark(seed, "child_argument"), "child_result"),
        "continued": continued,
        "result": result,
        **{name: mark(failing, name) for name in ("workflow_error", "error_details")},
    }


async def heartbeat_kept(handle: WorkflowHandle[Any, Any]) -> None:
    while True:
        pending = (await handle.describe()).raw_description.pending_activities
        if any(one.HasField("heartbeat_details") for one in pending):
            return
        await asyncio.sleep(0.05)


def stored(data_dir: Path) -> bytes:
    """All Temporal has on disk: the raw files, then each value whole, as pages cut long ones in two."""
    home = data_dir / "temporal"
    raw = b"".join(path.read_bytes() for path in sorted(home.iterdir()) if path.is_file())
    values: list[bytes] = []
    connection = sqlite3.connect(f"file:{home / 'temporal.db'}?mode=ro", uri=True)
    try:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for name in names:
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                values += [v if isinstance(v, bytes) else str(v).encode() for v in row if v is not None]
    finally:
        connection.close()
    return b"\n".join([raw, *values])


def forms(value: UUID) -> list[bytes]:
    text = str(value)
    encoded = [base64.b64encode(b"x" * offset + text.encode())[4:-4] for offset in range(3)]
    return [text.encode(), text.encode("utf-16-le"), value.hex.encode(), value.bytes, *encoded]


def leaks(marks: Mapping[str, UUID], data: bytes) -> set[str]:
    return {channel for channel, value in marks.items() if any(form in data for form in forms(value))}


async def test_nothing_we_send_can_be_read_in_temporals_store(server: EmbeddedTemporal, ours: Client) -> None:
    seen: list[bytes] = []

    def look() -> None:
        seen.append(stored(server.data_dir))

    default = await Client.connect(server.address, namespace=server.namespace)
    async with working(default, UnsandboxedWorkflowRunner()) as queue:
        open_marks = await run_errand(default, queue, "control", look)
    async with working(ours) as queue:
        sealed_marks = await run_errand(ours, queue, "room", look)
    look()
    data = b"".join(seen)
    assert leaks(open_marks, data) == set(open_marks), "the scanner is blind"
    assert leaks(sealed_marks, data) == set()


async def test_neither_host_nor_user_is_named_in_what_we_store(
    server: EmbeddedTemporal, ours: Client
) -> None:
    async with working(ours) as queue:
        handle = await ours.start_workflow(
            Chore.run, uuid4(), id=f"room-{uuid4()}", task_queue=queue, execution_timeout=TIMEOUT
        )
        await handle.result()
    history = (await handle.fetch_history()).to_json()
    assert ours.identity in history
    assert f"@{socket.gethostname()}" not in history
    assert f"{os.getpid()}@" not in history
    assert getpass.getuser() not in ours.identity


async def test_values_keep_their_types_through_server_and_sandbox(ours: Client) -> None:
    at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    asked = Asked(at, uuid4(), Step.ASKED, until=at)
    async with working(ours) as queue:
        handle = await ours.start_workflow(
            Errand.run,
            args=[uuid4(), uuid4(), False],
            id=f"room-{uuid4()}",
            task_queue=queue,
            start_signal="was_asked",
            start_signal_args=[asked],
            execution_timeout=TIMEOUT,
        )
        assert await handle.query(Errand.get_asked) == asked
        await handle.result()
        assert await handle.query("__temporal_workflow_metadata") is not None


async def test_an_activitys_text_stays_out_of_workflow_and_log(
    ours: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="temporalio"):
        async with working(ours) as queue:
            marks = await run_errand(ours, queue, "room")
    log = caplog.text
    assert "ValueError: unexpected" in log
    assert "in stumble" in log
    for channel in ("activity_error", "activity_error_cause"):
        assert str(marks[channel]) not in log


async def test_a_failures_code_survives_and_its_text_is_readable_by_us_only(ours: Client) -> None:
    seed = uuid4()
    async with working(ours) as queue:
        handle = await ours.start_workflow(Failing.run, seed, id=f"room-{uuid4()}", task_queue=queue)
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message) == ("NoRoom", f"no room for {mark(seed, 'workflow_error')}")
    assert list(cause.details) == [str(mark(seed, "error_details"))]


async def test_a_schedule_without_arguments_runs_again_and_again(ours: Client) -> None:
    async with working(ours) as queue:
        schedule = await ours.create_schedule(
            "clock-audit",
            Schedule(
                action=ScheduleActionStartWorkflow(Audit.run, id="clock-audit", task_queue=queue),
                spec=ScheduleSpec(),
            ),
        )
        try:
            results: list[int] = []
            for run in range(3):
                await schedule.trigger()
                results.append(await asyncio.wait_for(_result_of_run(ours, schedule.id, run), 20))
            assert results == [1, 2, 3]
        finally:
            await schedule.delete()


async def _result_of_run(client: Client, schedule: str, run: int) -> int:
    handle = client.get_schedule_handle(schedule)
    while True:
        actions = (await handle.describe()).info.recent_actions
        if len(actions) > run:
            execution = actions[run].action
            workflow_id = getattr(execution, "workflow_id")  # noqa: B009
            result: int = await client.get_workflow_handle(workflow_id, result_type=int).result()
            return result
        await asyncio.sleep(0.05)


async def test_a_workflow_cannot_name_a_child_after_a_person(ours: Client) -> None:
    async with working(ours) as queue:
        step = await ours.execute_workflow(
            Careless.run, id=f"room-{uuid4()}", task_queue=queue, execution_timeout=TIMEOUT
        )
    assert step is Step.REFUSED


async def test_a_new_namespace_keeps_thirty_days_and_an_old_one_is_brought_to_it(
    server: EmbeddedTemporal,
) -> None:
    client = await connect(server.address, f"ns-{uuid4()}", Keys(), environ={})
    await ensure_namespace(client, timedelta(days=2))
    assert await _retention(client) == timedelta(days=2)
    await ensure_namespace(client)
    assert await _retention(client) == timedelta(days=30)
    await ensure_namespace(client)
    assert await _retention(client) == timedelta(days=30)


async def _retention(client: Client) -> timedelta:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    while True:
        try:
            found = await client.workflow_service.describe_namespace(request)
        except RPCError:
            await asyncio.sleep(0.1)
        else:
            return found.config.workflow_execution_retention_ttl.ToTimedelta()


@pytest.fixture
async def nowhere() -> Client:
    """A client that has not connected: what it refuses was refused before anything was sent."""
    return await connect("127.0.0.1:1", "kindroom", Keys(), environ={}, lazy=True)


@pytest.mark.parametrize(
    "workflow_id",
    [
        *(f"{prefix}-{UUID(int=5)}" for prefix in ("journey", "room", "plan", "risk", "leave", "claims")),
        *(f"{prefix}-{UUID(int=5)}" for prefix in ("erasure", "session")),
        *(f"{prefix}-{UUID(int=5)}-3" for prefix in ("coverage", "match", "messaging")),
        "clock-audit",
    ],
)
def test_known_prefixes_with_ids_pass(workflow_id: str) -> None:
    check_workflow_id(workflow_id)


@pytest.mark.parametrize(
    "workflow_id",
    [
        "",
        "room",
        "ana-lopez",
        "room-ana",
        f"room-{UUID(int=5)}-ana",
        f"room-{UUID(int=5)}\n",
        f"room-{UUID(int=5)}-3",
        f"coverage-{UUID(int=5)}",
        f"coverage-{UUID(int=5)}-x",
        f"coverage-{UUID(int=5)}-٣",
        f"client-{UUID(int=5)}",
        f"ROOM-{UUID(int=5)}",
        f"room-{UUID(int=5).hex}",
        f"ana room-{UUID(int=5)}",
    ],
)
async def test_any_other_workflow_id_is_refused_before_it_is_sent(nowhere: Client, workflow_id: str) -> None:
    with pytest.raises(NotForTemporal) as refused:
        await nowhere.start_workflow("CareRoom", id=workflow_id, task_queue="care")
    assert str(refused.value) == "not_for_temporal_workflow_id"
    with pytest.raises(NotForTemporal):
        await nowhere.get_workflow_handle(workflow_id).signal("clock_changed")


ROOM = f"room-{UUID(int=5)}"
TEXT = "Ana feels low"


async def test_text_in_names_memo_and_search_attributes_is_refused(nowhere: Client) -> None:
    by_name = TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_keyword("Client"), "Ana")])
    by_key = TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("ana lopez"), 1)])
    start = nowhere.start_workflow
    attempts = [
        start("CareRoom", id=ROOM, task_queue="care", memo={TEXT: 1}),
        start("CareRoom", id=ROOM, task_queue="care", memo={"note": TEXT}),
        start("CareRoom", id=ROOM, task_queue="care", search_attributes=by_name),
        start("CareRoom", id=ROOM, task_queue="care", search_attributes=by_key),
        start("CareRoom", id=ROOM, task_queue="care", start_signal=TEXT),
        start("CareRoom", id=ROOM, task_queue="care", static_summary=TEXT),
        start("CareRoom", TEXT, id=ROOM, task_queue="care"),
        start(TEXT, id=ROOM, task_queue="care"),
        nowhere.get_workflow_handle(ROOM).signal(TEXT),
        nowhere.get_workflow_handle(ROOM).signal("clock_changed", TEXT),
        nowhere.get_workflow_handle(ROOM).query(TEXT),
        nowhere.get_workflow_handle(ROOM).terminate(reason=TEXT),
        nowhere.get_workflow_handle(ROOM).terminate(TEXT),
        nowhere.get_workflow_handle(ROOM).execute_update("get"),
    ]
    for attempt in attempts:
        with pytest.raises(NotForTemporal):
            await attempt


def schedule(
    workflow_id: str = "claim-run", note: str | None = None, args: tuple[object, ...] = ()
) -> Schedule:
    action = ScheduleActionStartWorkflow("ClaimBatch", args=args, id=workflow_id, task_queue="office")
    return Schedule(action=action, spec=ScheduleSpec(), state=ScheduleState(note=note))


async def test_a_schedule_carries_no_arguments_notes_or_names(nowhere: Client) -> None:
    handle = nowhere.get_schedule_handle("claim-run")
    attempts = [
        nowhere.create_schedule("ana", schedule()),
        nowhere.create_schedule("claim-run", schedule("ana")),
        nowhere.create_schedule("claim-run", schedule(note=TEXT)),
        nowhere.create_schedule("claim-run", schedule(args=(uuid4(),))),
        nowhere.create_schedule("claim-run", schedule(), memo={TEXT: 1}),
        handle.pause(note=TEXT),
        handle.unpause(note=TEXT),
    ]
    for attempt in attempts:
        with pytest.raises(NotForTemporal):
            await attempt


async def test_a_schedule_cannot_be_given_text_later(ours: Client) -> None:
    handle = await ours.create_schedule("claim-run", schedule())

    async def add_text(now: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(schedule(note=TEXT))

    try:
        with pytest.raises(NotForTemporal):
            await handle.update(add_text)
        with pytest.raises(NotForTemporal):
            await handle.update(lambda _: ScheduleUpdate(schedule("ana")))
        await handle.update(lambda _: ScheduleUpdate(schedule(note="paused_for_migration")))
        assert (await handle.describe()).schedule.state.note == "paused_for_migration"
    finally:
        await handle.delete()


async def test_the_standard_variables_bring_tls_and_keys_and_settings_win_over_their_address() -> None:
    environ = {
        "TEMPORAL_ADDRESS": "elsewhere:7233",
        "TEMPORAL_NAMESPACE": "cloud",
        "TEMPORAL_API_KEY": "secret",
    }
    ours = await connect("127.0.0.1:1", "kindroom", Keys(), environ=environ, lazy=True)
    theirs = await connect(None, None, Keys(), environ=environ, lazy=True)
    assert ours.service_client.config.target_host == "127.0.0.1:1"
    assert ours.namespace == "kindroom"
    assert theirs.service_client.config.target_host == "elsewhere:7233"
    assert theirs.namespace == "cloud"
    assert theirs.service_client.config.api_key == "secret"
    assert theirs.service_client.config.tls
    plain = await connect("127.0.0.1:1", "kindroom", Keys(), environ={}, lazy=True)
    assert not plain.service_client.config.tls


def test_identities_are_random_and_name_a_role_only() -> None:
    one, two = identity("worker"), identity("worker")
    assert one != two
    assert one.startswith("worker-")
    with pytest.raises(ValueError, match="role"):
        identity("worker@host")

"""The embedded Temporal server: on this machine only, one server per file, and nothing lost by a kill."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from kindroom.embedded.locks import DirectoryInUse
from kindroom.embedded.temporal import EmbeddedTemporal


@pytest.fixture
async def temporal(tmp_path: Path) -> AsyncIterator[EmbeddedTemporal]:
    async with EmbeddedTemporal(tmp_path, codec_endpoint="http://localhost:1/codec") as server:
        yield server


async def client_of(server: EmbeddedTemporal) -> Client:
    return await Client.connect(server.address, namespace=server.namespace)


async def promise(server: EmbeddedTemporal) -> str:
    workflow_id = f"room-{uuid4()}"
    await (await client_of(server)).start_workflow("CareRoom", id=workflow_id, task_queue="care")
    return workflow_id


async def still_there(server: EmbeddedTemporal, workflow_id: str) -> bool:
    found = await (await client_of(server)).get_workflow_handle(workflow_id).describe()
    return found.status is not None and found.status.name == "RUNNING"


def listeners_of(pid: int) -> set[str]:
    """Hexadecimal addresses on which a process listens, from the kernel's tables."""
    sockets = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(fd)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            sockets.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in sockets:
                found.add(words[1].partition(":")[0])
    return found


async def test_it_listens_on_loopback_only(temporal: EmbeddedTemporal) -> None:
    assert temporal.child is not None
    assert listeners_of(temporal.child.pid) == {"0100007F"}


async def test_closed_workflows_are_kept_thirty_days(temporal: EmbeddedTemporal) -> None:
    service = (await client_of(temporal)).workflow_service
    found = await service.describe_namespace(DescribeNamespaceRequest(namespace="kindroom"))
    assert found.config.workflow_execution_retention_ttl.ToTimedelta().days == 30


async def test_running_workflows_survive_a_kill_and_the_addresses_stay(temporal: EmbeddedTemporal) -> None:
    workflow_id = await promise(temporal)
    ports = (temporal.port, temporal.ui_port, temporal.metrics_port)
    assert temporal.child is not None
    os.kill(temporal.child.pid, signal.SIGKILL)
    await temporal.child.exited()
    await temporal.start()
    assert (temporal.port, temporal.ui_port, temporal.metrics_port) == ports
    assert await still_there(temporal, workflow_id)


async def test_running_workflows_survive_a_stop_and_a_later_start(tmp_path: Path) -> None:
    async with EmbeddedTemporal(tmp_path) as first:
        workflow_id = await promise(first)
    async with EmbeddedTemporal(tmp_path) as second:
        assert await still_there(second, workflow_id)
    second.destroy()
    assert not (tmp_path / "temporal").exists()


async def test_two_servers_never_open_one_file(
    temporal: EmbeddedTemporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedTemporal, "LOCK_SECONDS", 0.2)
    with pytest.raises(DirectoryInUse, match="another Temporal server uses"):
        await EmbeddedTemporal(temporal.data_dir).start()


async def test_the_ui_is_told_where_payloads_are_opened(temporal: EmbeddedTemporal) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", temporal.ui_port)
    writer.write(b"GET /api/v1/settings HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert b"http://localhost:1/codec" in answer

"""Our own processes as the stack starts them: commands as data, and how each tells that it is ready."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import ConnectConfig, RPCError, ServiceClient

from kindroom.embedded.ports import LOOPBACK
from kindroom.embedded.processes import Child, ChildSpec, StackError

Readiness = Callable[[Child], Awaitable[bool]]
TASK_QUEUES = ("care", "office")
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Programs:
    """Commands of our own processes. Words in braces are filled in by the stack; None leaves a process out.

    `{port}` and `{fd}`: the API's port and its listening socket; `{sandbox_port}`, `{sandbox_fd}`: those of
    the sandbox; `{data}`: the data directory.
    """

    migrate: tuple[str, ...] | None = (PYTHON, "-m", "kindroom", "migrate")
    # A payer of minutes, not of days: acknowledgements and payment while somebody watches.
    sandbox: tuple[str, ...] | None = (
        *(PYTHON, "-m", "sandbox", "--host", LOOPBACK, "--port", "{sandbox_port}", "--fd", "{sandbox_fd}"),
        *("--data", "{data}/sandbox", "--ack-999", "1", "--ack-277ca", "2", "--remit-835", "3"),
        *("--latency-p50-ms", "20", "--latency-p95-ms", "60"),
    )
    api: tuple[str, ...] | None = (PYTHON, "-m", "kindroom", "api", "--fd", "{fd}")
    worker: tuple[str, ...] | None = (PYTHON, "-m", "kindroom", "worker")
    seed: tuple[str, ...] | None = (PYTHON, "-m", "kindroom", "seed")
    worker_ready: Readiness | None = None
    """Asked instead of Temporal whether the worker polls its task queues."""


@dataclass(slots=True)
class Program:
    """One of our processes: started, asked until it is ready, and started again after it died."""

    spec: ChildSpec
    ready: Readiness
    ready_seconds: float = 60.0
    child: Child | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """The name it has in `pids`, logs and on the console."""
        return self.spec.name

    async def start(self) -> None:
        """Ready when it returns. Raises StackError."""
        child = self.child = Child(self.spec)
        try:
            await child.until(lambda: self.ready(child), self.ready_seconds)
        except StackError:
            await child.stop()
            raise

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """End it within its time."""
        if self.child:
            await self.child.stop(hurry)


def filled(command: tuple[str, ...], words: Mapping[str, str]) -> tuple[str, ...]:
    """The command with the words in braces filled in."""
    for name, value in words.items():
        command = tuple(part.replace("{" + name + "}", value) for part in command)
    return command


def answers_http(port: int, path: str, statuses: range) -> Readiness:
    """Ready when GET `path` answers one of `statuses`."""

    async def ready(_: Child) -> bool:
        return await http_status(port, path) in statuses

    return ready


async def http_status(port: int, path: str, seconds: float = 3.0) -> int | None:
    """The status of a GET on this machine; None when nobody answers in time."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(
                    f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode()
                )
                await writer.drain()
                words = (await reader.readline()).split()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None


def polls_task_queues(address: str, namespace: str) -> Readiness:
    """Ready when somebody has asked for work on every task queue since the process was started."""

    async def ready(child: Child) -> bool:
        try:
            client = await ServiceClient.connect(ConnectConfig(target_host=address))
            since = [await _last_poll(client, namespace, queue) for queue in TASK_QUEUES]
        except (RuntimeError, RPCError):
            return False
        return all(at is not None and at >= child.started_at for at in since)

    return ready


async def _last_poll(client: ServiceClient, namespace: str, queue: str) -> datetime | None:
    request = DescribeTaskQueueRequest(
        namespace=namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    found = await client.workflow_service.describe_task_queue(request)
    return max((poller.last_access_time.ToDatetime(UTC) for poller in found.pollers), default=None)


def python_environment(variables: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """What one of our processes is given: the shell's environment, our settings, and prompt logs."""
    return {**inherited, **variables, "PYTHONUNBUFFERED": "1"}


def log_of(data_dir: Path, name: str) -> Path:
    """Where a process's output goes."""
    return data_dir / "logs" / f"{name}.log"

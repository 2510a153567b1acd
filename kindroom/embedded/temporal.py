"""The Temporal server from a Python wheel: one process on one SQLite file, for this machine only."""

import asyncio
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from temporalio.client import Client
from temporalio.service import RPCError

from kindroom.embedded.locks import FileLock
from kindroom.embedded.ports import LOOPBACK, free_port
from kindroom.embedded.processes import Child, ChildEnded, ChildSpec, StackError, clean_environment
from kindroom.temporal import ensure_namespace

NAMESPACE = "kindroom"
START_SECONDS = 40.0

# Each was measured: half the time per step, no second's wait between quick runs of one workflow id.
DYNAMIC_CONFIG = (
    "history.transferProcessorMaxPollRPS=200",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    'history.workflowIdReuseMinimalInterval="0s"',
)
PRAGMAS = ("journal_mode=wal", "synchronous=1")


class EmbeddedTemporal:
    """One Temporal server below `data_dir`: `temporal/temporal.db`, `logs/temporal.log`.

    `start` returns when the namespace answers with its 30 days of retention; called again after the
    server died, it comes back on the same ports. Raises StackError.
    """

    name = "temporal"
    LOCK_SECONDS = 20.0
    """How long a start waits for what a killed supervisor left behind to end."""

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        ui_port: int = 0,
        namespace: str = NAMESPACE,
        codec_endpoint: str | None = None,
        dynamic_config: tuple[str, ...] = (),
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.namespace = namespace
        self.port, self.ui_port, self.metrics_port = port, ui_port, 0
        self.child: Child | None = None
        self.codec_endpoint = codec_endpoint
        self._dynamic_config = DYNAMIC_CONFIG + dynamic_config
        self._home = self.data_dir / "temporal"
        self._log = self.data_dir / "logs" / "temporal.log"
        self._lock: FileLock | None = None

    @property
    def address(self) -> str:
        """host:port of the frontend."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str:
        """Address of the web UI."""
        return f"http://localhost:{self.ui_port}"

    @property
    def metrics_url(self) -> str:
        """Address of the server's own metrics."""
        return f"http://{LOOPBACK}:{self.metrics_port}/metrics"

    async def start(self) -> None:
        """Ready for workers and clients when it returns. Raises StackError."""
        if self.child and self.child.running:
            return
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._lock is None:  # the server itself would open a file that another one uses
            refusal = f"another Temporal server uses {self._home}"
            self._lock = await FileLock(self._home / "engine.lock", refusal).wait(self.LOCK_SECONDS)
        chosen = (self.port, self.ui_port, self.metrics_port)
        for attempt in range(3):
            self.port, self.ui_port, self.metrics_port = (port or free_port() for port in chosen)
            self.child = Child(self._spec())
            try:
                await self.child.until(self._answers, START_SECONDS)
            except ChildEnded:
                if all(chosen) or attempt == 2:
                    raise
            else:
                return

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """End the server. What it acknowledged is in its file."""
        if self.child:
            await self.child.stop(hurry)
        if self._lock:
            self._lock.release()
            self._lock = None

    def destroy(self) -> None:
        """Delete the stopped server's store: every workflow is gone."""
        if self.child and self.child.running:
            raise StackError("stop Temporal before deleting its store")
        shutil.rmtree(self._home, ignore_errors=True)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    def _spec(self) -> ChildSpec:
        command = [str(_binary()), "server", "start-dev", "--ip", LOOPBACK, "--port", str(self.port)]
        command += [
            "--ui-ip",
            LOOPBACK,
            "--ui-port",
            str(self.ui_port),
            "--metrics-port",
            str(self.metrics_port),
        ]
        command += ["--db-filename", str(self._home / "temporal.db"), "--namespace", self.namespace]
        command += ["--ui-disable-news-fetch", "--log-level", "warn"]
        if self.codec_endpoint:
            command += ["--ui-codec-endpoint", self.codec_endpoint]
        command += [part for pragma in PRAGMAS for part in ("--sqlite-pragma", pragma)]
        command += [part for value in self._dynamic_config for part in ("--dynamic-config-value", value)]
        return ChildSpec(
            name=self.name,
            command=tuple(command),
            log=self._log,
            environment={**clean_environment(), "TEMPORAL_VERSION_CHECK_DISABLED": "1"},
            directory=self._home,
            inherited_fds=(self._lock.fileno(),) if self._lock else (),
            stop_seconds=5.0,
        )

    async def _answers(self) -> bool:
        try:
            client = await Client.connect(self.address, namespace=self.namespace)
            await ensure_namespace(client)
        except (RuntimeError, RPCError):  # nobody listens yet, or the namespace is still being made
            return False
        return True


def _binary() -> Path:
    """The `temporal` command of this environment. Raises StackError."""
    beside_python = Path(sys.executable).with_name("temporal")
    found = str(beside_python) if beside_python.exists() else shutil.which("temporal")
    if found is None:
        raise StackError("the temporal command is not installed; run make install")
    return Path(found)

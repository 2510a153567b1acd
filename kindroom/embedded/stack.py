"""The whole clinic on one machine: PostgreSQL, Temporal, payer sandbox, API, worker under one supervisor."""

import asyncio
import json
import os
import secrets
import shutil
import socket
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from kindroom.embedded.console import Board, SilentBoard
from kindroom.embedded.locks import FileLock, free
from kindroom.embedded.passwords import write_private
from kindroom.embedded.placement import remove_home
from kindroom.embedded.ports import LOOPBACK, listening_socket, port_of
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import ChildSpec, clean_environment, run_once
from kindroom.embedded.programs import (
    Program,
    Programs,
    Readiness,
    answers_http,
    filled,
    log_of,
    polls_task_queues,
    python_environment,
)
from kindroom.embedded.ready_file import Ready, remove_ready, write_ready
from kindroom.embedded.supervisor import Supervisor
from kindroom.embedded.temporal import NAMESPACE, EmbeddedTemporal
from kindroom.settings import ROOT, RUNNING_STACK, Environment, Settings

OURS = (
    "temporal",
    "sandbox",
    "mail",
    "media",
    "blobs",
    "ledger",
    "secrets",
    "logs",
    "accounts.json",
    RUNNING_STACK,
)
"""What `--fresh` deletes in the data directory, beside the cluster. Nothing else there is touched."""

CODEC_PATH = "/temporal-codec"
"""Below the API: where the Temporal UI asks for payloads in clear."""


STOP_ORDER = ("api", "worker", "sandbox", "temporal", "postgres")

ENGINE_SECONDS = 20.0
OK = range(200, 201)
ANY_ANSWER = range(100, 500)


class EmbeddedStack:
    """Starts everything in `data_dir`, keeps it running, and stops it in order. Raises StackError.

    Two stacks on one machine live side by side; a second one on the same data directory is refused.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        demo: bool = True,
        fresh: bool = False,
        ready_file: Path | None = None,
        board: Board | None = None,
        programs: Programs | None = None,
        postgres_settings: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.port, self.sandbox_port = port, 0
        self._demo, self._fresh = demo, fresh
        self._ready_file = ready_file.absolute() if ready_file else None
        self._board = board or SilentBoard()
        self._programs = programs or Programs()
        self._supervisor = Supervisor(STOP_ORDER, self._board, self._publish)
        self._lock: FileLock | None = None
        self._listeners: dict[str, socket.socket] = {}
        self.postgres = EmbeddedPostgres(self.data_dir, server_settings=postgres_settings)
        self.temporal = EmbeddedTemporal(self.data_dir, namespace=NAMESPACE)

    async def start(self) -> None:
        """Everything is ready, migrated and seeded when it returns. Raises StackError."""
        await self._prepare()
        await self._start_engines()
        await self._start_programs()
        await self._seed()
        self._publish()

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """API, worker, sandbox, Temporal, PostgreSQL, under 30 s in all; quicker once `hurry` is set."""
        if self._lock:  # else the directory, and what is said of it, is another stack's
            self._withdraw()
        for listener in self._listeners.values():
            listener.close()  # the children hold theirs; ours would keep visitors waiting for nobody
        await self._supervisor.stop(hurry)
        await self.postgres.stop(hurry)
        await self.temporal.stop(hurry)
        if self._lock:
            self._lock.release()
            self._lock = None

    @property
    def api_url(self) -> str:
        """Origin of the API and the pages."""
        return f"http://localhost:{self.port}"

    @property
    def sandbox_url(self) -> str:
        """Base URL of the payer sandbox."""
        return f"http://{LOOPBACK}:{self.sandbox_port}"

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        """Demo accounts, as the seeding step left them; empty before."""
        path = self.data_dir / "accounts.json"
        if not path.exists():
            return {}
        accounts: dict[str, dict[str, str]] = json.loads(path.read_text())
        return accounts

    @property
    def ready(self) -> Ready:
        """What the ready file says."""
        return Ready(
            api=self.api_url,
            web=self.api_url,
            temporal=self.temporal.address,
            temporal_ui=self.temporal.ui_url,
            namespace=self.temporal.namespace,
            postgres=self.postgres.dsn(),
            sandbox=self.sandbox_url,
            accounts=self.accounts if self._demo else {},
            pids=self.pids(),
        )

    @property
    def settings(self) -> Settings:
        """What the processes of this stack are told. Complete once the engines run."""
        care, secret_dir = self.postgres.dsn("kindroom_care"), self.data_dir / "secrets"
        return Settings(
            environment=Environment.EMBEDDED,
            data_dir=self.data_dir,
            database_owner=SecretStr(self.postgres.dsn()),
            database_care=SecretStr(care),
            database_billing=SecretStr(self.postgres.dsn("kindroom_billing")),
            database_worker=SecretStr(self.postgres.dsn("kindroom_worker")),
            database_listen=SecretStr(care),
            temporal_address=self.temporal.address,
            temporal_namespace=self.temporal.namespace,
            temporal_ui_url=self.temporal.ui_url,
            kek_file=secret_dir / "kek.json",
            codec_key_file=secret_dir / "codec.json",
            push_key_file=secret_dir / "push.json",
            codec_token=SecretStr(_kept_token(secret_dir / "codec.token")),
            clearinghouse_url=self.sandbox_url,
            port=self.port,
            public_origins=(self.api_url, f"http://127.0.0.1:{self.port}"),
            cookie_secure=False,
            mail_spool=self.data_dir / "mail",
        )

    def pids(self) -> dict[str, int]:
        """Process ids by name; `supervisor` is this process."""
        return {"supervisor": os.getpid(), **self._supervisor.pids()}

    def environment(self) -> dict[str, str]:
        """The environment of our own processes: for a test or a measurement that starts a further one."""
        return python_environment(self.settings.environment_variables(), clean_environment())

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

    async def _prepare(self) -> None:
        """Take the data directory and the sockets, before anything is started."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        refusal = f"{self.data_dir} is in use by another stack; stop that one, or choose another with --data"
        self._lock = FileLock(self.data_dir / "supervisor.lock", refusal).take()
        self._withdraw()
        if self._fresh:
            await self._clear()
        self._listeners = {"api": listening_socket(self.port), "sandbox": listening_socket(0)}
        self.port, self.sandbox_port = (port_of(listener) for listener in self._listeners.values())
        # The UI of the development server cannot send a header, so its address carries the token.
        token = _kept_token(self.data_dir / "secrets" / "codec.token")
        self.temporal.codec_endpoint = f"{self.api_url}{CODEC_PATH}/{token}"

    async def _clear(self) -> None:
        for engine in ("postgres", "temporal"):  # a killed supervisor's engines may still be ending
            busy = f"the {engine} of an earlier start still uses {self.data_dir}"
            await free(self.data_dir / engine / "engine.lock", ENGINE_SECONDS, busy)
        remove_home(self.data_dir / "postgres")
        for name in OURS:
            path = self.data_dir / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    async def _start_engines(self) -> None:
        """All at once: what waits for the disk leaves the processor to the others."""
        programs, port = self._programs, self.sandbox_port
        await _all(
            self._start_database(),
            self._supervisor.start(self.temporal),
            self._run("sandbox", programs.sandbox, answers_http(port, "/", ANY_ANSWER), 3.0),
        )

    async def _start_database(self) -> None:
        await self._supervisor.start(self.postgres)
        await self._once("migrate", self._programs.migrate)

    async def _start_programs(self) -> None:
        programs, temporal = self._programs, self.temporal
        polls = programs.worker_ready or polls_task_queues(temporal.address, temporal.namespace)
        await _all(
            self._run("api", programs.api, answers_http(self.port, "/readyz", OK), 5.0),
            self._run("worker", programs.worker, polls, 10.0),
        )

    async def _seed(self) -> None:
        if self._demo and not (self.data_dir / "accounts.json").exists():
            await self._once("seed", self._programs.seed)

    async def _run(
        self, name: str, command: tuple[str, ...] | None, ready: Readiness, seconds: float
    ) -> None:
        if command:
            await self._supervisor.start(Program(self._spec(name, command, seconds), ready))

    async def _once(self, name: str, command: tuple[str, ...] | None) -> None:
        if command:
            with self._board.step(name):
                await run_once(self._spec(name, command))

    def _spec(self, name: str, command: tuple[str, ...], stop_seconds: float = 5.0) -> ChildSpec:
        words = {"data": str(self.data_dir), "port": str(self.port), "sandbox_port": str(self.sandbox_port)}
        words |= {"fd": str(self._fd("api")), "sandbox_fd": str(self._fd("sandbox"))}
        return ChildSpec(
            name=name,
            command=filled(command, words),
            log=log_of(self.data_dir, name),
            environment=self.environment(),
            directory=ROOT,
            inherited_fds=(self._fd(name),) if name in self._listeners else (),
            stop_seconds=stop_seconds,
        )

    def _fd(self, name: str) -> int:
        return self._listeners[name].fileno()

    def _publish(self) -> None:
        """Say where the stack is, again whenever a process id has changed."""
        write_private(
            self.data_dir / RUNNING_STACK, json.dumps(self.settings.environment_variables(), indent=2) + "\n"
        )
        if self._ready_file:
            write_ready(self._ready_file, self.ready)

    def _withdraw(self) -> None:
        (self.data_dir / RUNNING_STACK).unlink(missing_ok=True)
        if self._ready_file:
            remove_ready(self._ready_file)


async def _all(*steps: Coroutine[None, None, None]) -> None:
    """Run steps at once; the first refusal ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except ExceptionGroup as refusals:
        raise refusals.exceptions[0] from None


def _kept_token(path: Path) -> str:
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text()

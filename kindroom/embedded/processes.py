"""Child processes that die with us, are noticed when they die, and are stopped in order."""

import asyncio
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from signal import Signals
from typing import BinaryIO

SPAWN = Path(__file__).with_name("spawn.py")
POLL_SECONDS = 0.03
LOG_BYTES = 5 * 1024 * 1024
HURRY_SECONDS = 1.0


class StackError(RuntimeError):
    """The embedded stack cannot start or go on. The text is for the person at the terminal."""


class ChildEnded(StackError):
    """A child ended before it was ready."""


@dataclass(frozen=True, slots=True)
class SystemUser:
    """An unprivileged user of this machine that root drops to."""

    name: str
    uid: int
    gid: int


def unprivileged_user() -> SystemUser | None:
    """Whom to run PostgreSQL as: an existing `postgres` or `nobody` if we are root, else ourselves (None)."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return SystemUser(name, entry.pw_uid, entry.pw_gid)
    raise StackError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody."
    )


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How one process is run and ended: `stop_signal`, after `stop_seconds` the `last_resorts`."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    directory: Path = Path("/")
    inherited_fds: tuple[int, ...] = ()
    run_as: SystemUser | None = None
    stop_signal: Signals = signal.SIGTERM
    stop_seconds: float = 5.0
    last_resorts: tuple[Signals, ...] = (signal.SIGKILL,)
    death_signal: Signals = signal.SIGKILL


class Child:
    """One running process in a session of its own, bound to the life of the thread that spawned it.

    `started_at` is in UTC.
    Nothing here belongs to an event loop: start in one, stop in another.
    """

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.stopping = False
        self.started_at = datetime.now(UTC)
        self._process = self._spawn()

    @property
    def pid(self) -> int:
        """The process id; it stays ours until the exit was noticed."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    @property
    def running(self) -> bool:
        """Whether it still runs. A zombie does not."""
        return self.exit_status is None

    async def exited(self) -> int:
        """Wait for the end, and return the exit status."""
        while (status := self.exit_status) is None:  # noqa: ASYNC110  the end of a process sets no Event
            await asyncio.sleep(POLL_SECONDS)
        return status

    async def until(self, ready: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Wait until `ready` says so. Raises ChildEnded, or StackError after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.running:
            if await ready():
                return
            if time.monotonic() > deadline:
                await self.stop()
                raise StackError(f"{self.spec.name} was not ready in {seconds:.0f} s; see {self.spec.log}")
            await asyncio.sleep(POLL_SECONDS)
        raise ChildEnded(f"{self.spec.name} ended ({describe_exit(self.exit_status)}); see {self.spec.log}")

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Ask it to end, and insist after its time. With `hurry` set, that time is a second."""
        self.stopping = True
        steps = [(self.spec.stop_signal, self.spec.stop_seconds)] + [(s, 1.0) for s in self.spec.last_resorts]
        for number, seconds in steps:
            if not self.running:
                break
            self._process.send_signal(number)
            await self._wait(seconds, hurry)
        while self.running:
            self._process.kill()
            await asyncio.sleep(POLL_SECONDS)
        self._sweep()

    async def _wait(self, seconds: float, hurry: asyncio.Event | None) -> None:
        began = time.monotonic()
        while self.running:
            waited = time.monotonic() - began
            hurried = hurry is not None and hurry.is_set()
            if waited > (min(seconds, HURRY_SECONDS) if hurried else seconds):
                return
            await asyncio.sleep(POLL_SECONDS)

    def _sweep(self) -> None:
        """End what the process left behind in its group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _spawn(self) -> subprocess.Popen[bytes]:
        # The death signal is sent when the spawning *thread* ends, so only the main one will do.
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are spawned from the main thread")
        spec = self.spec
        user, group = (str(spec.run_as.uid), str(spec.run_as.gid)) if spec.run_as else ("-", "-")
        bound = [sys.executable, "-I", "-S", str(SPAWN), str(int(spec.death_signal)), str(os.getpid())]
        with open_log(spec.log) as log:
            return subprocess.Popen(  # noqa: S603  commands come from our own code, no shell reads them
                [*bound, user, group, *spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=spec.directory,
                env=dict(spec.environment),
                pass_fds=spec.inherited_fds,
                start_new_session=True,
            )


async def run_once(spec: ChildSpec, seconds: float = 300.0) -> None:
    """Run a process to its end. Raises ChildEnded when it fails, StackError when it outlasts `seconds`."""
    child = Child(spec)
    try:
        status = await asyncio.wait_for(child.exited(), seconds)
    except TimeoutError:
        raise StackError(f"{spec.name} did not end in {seconds:.0f} s; see {spec.log}") from None
    finally:
        if child.running:
            await child.stop()
    if status != 0:
        raise ChildEnded(f"{spec.name} failed ({describe_exit(status)}); see {spec.log}")


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending, 0600; one over 5 MiB is put aside as `.1` first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def describe_exit(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "still running"
    if status < 0:
        return f"killed by {Signals(-status).name}"
    return f"exit status {status}"


def clean_environment() -> dict[str, str]:
    """Our environment without what would lead a child to another database or another Temporal."""
    foreign = ("KINDROOM_", "TEMPORAL_", "PG")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}

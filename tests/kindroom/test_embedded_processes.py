"""Children: bound to their parent, stopped politely first, swept with what they left behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kindroom.embedded.locks import DirectoryInUse, FileLock
from kindroom.embedded.passwords import write_private
from kindroom.embedded.placement import reachable
from kindroom.embedded.ports import free_port, listening_socket, port_of
from kindroom.embedded.processes import (
    LOG_BYTES,
    Child,
    ChildEnded,
    ChildSpec,
    StackError,
    SystemUser,
    clean_environment,
    open_log,
    run_once,
)
from kindroom.settings import ROOT

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True: time.sleep(60)
"""
WITH_A_CHILD = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
while True: time.sleep(60)
"""


def spec(tmp_path: Path, code: str, **more: object) -> ChildSpec:
    return ChildSpec(
        "child",
        (sys.executable, "-c", code),
        tmp_path / "child.log",
        **more,  # type: ignore[arg-type]
    )


async def said(child: Child) -> str:
    async with asyncio.timeout(10):
        while not (text := child.spec.log.read_text()):  # noqa: ASYNC110  a file sets no Event
            await asyncio.sleep(0.02)
    return text


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while not gone(pid):  # noqa: ASYNC110  the end of a process sets no Event
            await asyncio.sleep(0.02)


async def test_a_polite_child_ends_at_once_and_a_stubborn_one_when_its_time_is_up(tmp_path: Path) -> None:
    polite = Child(spec(tmp_path, "print('ready', flush=True)\nimport time\ntime.sleep(600)"))
    await said(polite)
    await polite.stop()
    assert polite.exit_status == -signal.SIGTERM
    stubborn = Child(spec(tmp_path / "other", STUBBORN, stop_seconds=0.3))
    await said(stubborn)
    began = time.monotonic()
    await stubborn.stop()
    assert stubborn.exit_status == -signal.SIGKILL
    assert 0.3 <= time.monotonic() - began < 3


async def test_hurry_shortens_the_wait_of_a_stop_that_is_under_way(tmp_path: Path) -> None:
    child = Child(spec(tmp_path, STUBBORN, stop_seconds=60))
    await said(child)
    hurry = asyncio.Event()
    stopping = asyncio.create_task(child.stop(hurry))
    await asyncio.sleep(0.1)
    assert child.running
    hurry.set()
    await asyncio.wait_for(stopping, 5)
    assert child.exit_status == -signal.SIGKILL


async def test_what_a_child_left_behind_ends_with_it(tmp_path: Path) -> None:
    child = Child(spec(tmp_path, WITH_A_CHILD))
    grandchild = int(await said(child))
    await child.stop()
    await until_gone(grandchild)


async def test_a_child_that_ends_before_it_is_ready_is_told_with_its_status_and_log(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    child = Child(spec(tmp_path, "raise SystemExit(7)"))
    with pytest.raises(ChildEnded, match=r"exit status 7\); see .*child.log"):
        await child.until(never, 10)


async def test_a_child_that_is_not_ready_in_time_is_stopped(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    child = Child(spec(tmp_path, "import time; time.sleep(600)"))
    with pytest.raises(StackError, match="not ready"):
        await child.until(never, 0.2)
    assert not child.running


async def test_a_step_that_outlasts_its_time_is_ended(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="did not end"):
        await run_once(spec(tmp_path, "import time; time.sleep(600)"), seconds=0.2)


def test_only_the_main_thread_spawns_since_the_death_signal_follows_the_thread(tmp_path: Path) -> None:
    refusals: list[str] = []

    def spawn() -> None:
        try:
            Child(spec(tmp_path, "pass"))
        except RuntimeError as refusal:
            refusals.append(str(refusal))

    thread = threading.Thread(target=spawn)
    thread.start()
    thread.join()
    assert refusals == ["children are spawned from the main thread"]


PARENT = """
import asyncio, sys
from pathlib import Path
from kindroom.embedded.processes import Child, ChildSpec
child = Child(ChildSpec("child", (sys.executable, "-c", "import time; time.sleep(600)"), Path(sys.argv[1])))
print(child.pid, flush=True)
asyncio.run(child.exited())
"""


def test_a_child_dies_with_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not gone(child)
        parent.kill()
    asyncio.run(until_gone(child))


async def test_a_lock_is_free_only_when_the_child_that_inherited_it_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    lock = FileLock(path, "in use").take()
    child = Child(spec(tmp_path, STUBBORN, inherited_fds=(lock.fileno(),), stop_seconds=0.2))
    await said(child)
    lock.release()
    with pytest.raises(DirectoryInUse, match="in use"):
        FileLock(path, "in use").take()
    waiting = asyncio.create_task(FileLock(path, "in use").wait(10))
    await child.stop()
    (await waiting).release()


def test_a_log_is_private_and_put_aside_when_it_has_grown(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "api.log"
    open_log(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"x" * (LOG_BYTES + 1))
    open_log(path).close()
    assert path.stat().st_size == 0
    assert path.with_name("api.log.1").stat().st_size == LOG_BYTES + 1


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("old")
    path.chmod(0o644)
    before = path.stat().st_ino
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_ino != before  # renamed into place, never written in place
    assert os.listdir(tmp_path) == ["ready.json"]


def test_ports_are_free_below_those_of_outgoing_connections_and_on_loopback() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    with listening_socket(0) as listener, socket.socket() as probe:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert port_of(listener) < max(lowest, 60_000)
        with pytest.raises(StackError, match="is taken"):
            listening_socket(port_of(listener))
        probe.bind(("127.0.0.1", free_port()))


def test_the_shell_leads_no_child_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "TEMPORAL_ADDRESS", "KINDROOM_DATABASE_CARE"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PATH_OF_MINE", "kept")
    assert "elsewhere" not in clean_environment().values()
    assert clean_environment()["PATH_OF_MINE"] == "kept"


def test_a_closed_directory_above_is_seen_before_anything_is_put_below(tmp_path: Path) -> None:
    stranger = SystemUser("stranger", 54321, 54321)
    tmp_path.chmod(0o700)
    assert not reachable(tmp_path / "data", stranger)
    assert reachable(Path("/tmp/data"), stranger)  # noqa: S108  nothing is written there
    assert reachable(tmp_path / "data", None)

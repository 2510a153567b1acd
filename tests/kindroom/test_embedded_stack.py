"""The stack under supervision: real engines, and small stand-ins for our own processes."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kindroom.embedded.console import SilentBoard
from kindroom.embedded.locks import DirectoryInUse
from kindroom.embedded.placement import reachable, remove_home
from kindroom.embedded.processes import Child, StackError, SystemUser
from kindroom.embedded.programs import Programs, http_status
from kindroom.embedded.stack import EmbeddedStack
from kindroom.settings import ROOT, Settings

SERVE = """
import http.server, socket, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.serve_forever()
"""
WAIT = "import time\nwhile True: time.sleep(60)"
SEED = """
import json, os, pathlib
folder = pathlib.Path(os.environ["KINDROOM_DATA_DIR"])
(folder / "seeds").open("a").write("seeded ")
(folder / "accounts.json").write_text(json.dumps({"client": {
    "username": "c@example.org", "password": "p", "totp_secret": "A" * 90
}}))
"""


def python(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *words)


async def at_once(_: Child) -> bool:
    return True


STANDINS = Programs(
    migrate=python("pass"),
    sandbox=python(SERVE, "{sandbox_fd}"),
    api=python(SERVE, "{fd}"),
    worker=python(WAIT),
    seed=python(SEED),
    worker_ready=at_once,
)


def small_stack(data_dir: Path, **more: Any) -> EmbeddedStack:
    """A stack of stand-ins that does not wait for the disk."""
    return EmbeddedStack(data_dir, postgres_settings={"fsync": "off"}, **{"programs": STANDINS, **more})


class RecordingBoard(SilentBoard):
    """Keeps what a person would have read."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.notes: list[str] = []
        self.troubles: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.steps.append(name)
        yield

    def note(self, text: str) -> None:
        self.notes.append(text)

    def trouble(self, text: str) -> None:
        self.troubles.append(text)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="kindroom-stack-"))
    path.chmod(0o711)
    yield path
    remove_home(path / "postgres")
    shutil.rmtree(path)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  other processes set no Event of ours
            await asyncio.sleep(0.02)


def variables_of(pid: int) -> dict[str, str]:
    told = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in told if pair)


def owner_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def test_the_ready_file_tells_everything_is_private_and_goes_with_the_stack(data_dir: Path) -> None:
    ready_file = data_dir / "ready.json"
    ready_file.write_text("left by an earlier start")
    async with small_stack(data_dir, ready_file=ready_file) as stack:
        ready = json.loads(ready_file.read_text())
        assert ready_file.stat().st_mode & 0o777 == 0o600
        assert ready["web"] == ready["api"] == f"http://localhost:{stack.port}"
        account = {"username": "c@example.org", "password": "p", "totp_secret": "A" * 90}
        assert ready["accounts"] == {"client": account}
        assert set(ready["pids"]) == {"supervisor", "postgres", "temporal", "sandbox", "api", "worker"}
        assert all(alive(pid) for pid in ready["pids"].values())
        assert ready["namespace"] == "kindroom"
        with psycopg.connect(ready["postgres"]) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("kindroom_owner",)
        for address in (ready["temporal"], ready["sandbox"], ready["temporal_ui"]):
            port = int(address.rpartition(":")[2])
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
        assert [name for name in os.listdir(data_dir) if name.startswith("ready.json.")] == []
    assert not ready_file.exists()
    assert not any(alive(pid) for pid in ready["pids"].values() if pid != os.getpid())


async def test_without_the_demo_nothing_is_seeded_and_no_account_is_told(data_dir: Path) -> None:
    async with small_stack(data_dir, demo=False) as stack:
        assert stack.ready.accounts == {}
        assert not (data_dir / "seeds").exists()


def keep_a_row(stack: EmbeddedStack) -> None:
    with psycopg.connect(stack.postgres.dsn()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")


async def test_the_clinic_is_seeded_once_and_fresh_begins_anew(data_dir: Path) -> None:
    for _ in range(2):
        async with small_stack(data_dir) as stack:
            keep_a_row(stack)
    assert (data_dir / "seeds").read_text() == "seeded "
    async with small_stack(data_dir) as stack:
        with psycopg.connect(stack.postgres.dsn()) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (2,)
    async with small_stack(data_dir, fresh=True) as stack:
        with psycopg.connect(stack.postgres.dsn()) as connection:
            assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)
    assert (data_dir / "seeds").read_text() == "seeded seeded "


async def test_a_second_stack_on_the_same_data_is_refused_and_harms_nothing(data_dir: Path) -> None:
    ready_file = data_dir / "ready.json"
    async with small_stack(data_dir, ready_file=ready_file) as stack:
        with pytest.raises(DirectoryInUse, match="in use by another stack"):
            async with small_stack(data_dir, ready_file=ready_file, fresh=True):
                pass
        assert ready_file.exists()
        assert Settings.of_stack(data_dir) is not None
        assert await http_status(stack.port, "/readyz") == 200
        with psycopg.connect(stack.postgres.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


async def test_two_stacks_live_side_by_side(data_dir: Path) -> None:
    second_dir = data_dir / "second"
    try:
        async with (
            small_stack(data_dir) as first,
            small_stack(second_dir) as second,
        ):
            assert (
                await http_status(first.port, "/readyz") == await http_status(second.port, "/readyz") == 200
            )
            assert not set(first.pids().values()) & set(second.pids().values()) - {os.getpid()}
    finally:
        remove_home(second_dir / "postgres")


async def test_a_taken_port_is_a_clear_refusal(data_dir: Path) -> None:
    async with small_stack(data_dir) as stack:
        other = small_stack(data_dir / "other", port=stack.port)
        with pytest.raises(StackError, match=f"port {stack.port} .* is taken"):
            await other.start()
        await other.stop()


async def test_a_killed_child_is_noticed_told_and_started_again_at_its_address(data_dir: Path) -> None:
    board, ready_file = RecordingBoard(), data_dir / "ready.json"
    async with small_stack(data_dir, ready_file=ready_file, board=board) as stack:
        before, address = stack.pids(), stack.ready
        for name in ("api", "worker", "sandbox", "temporal", "postgres"):
            os.kill(before[name], signal.SIGKILL)
        await eventually(lambda: len(board.notes) == 5)
        assert {note.split()[0] for note in board.notes} == set(before) - {"supervisor"}
        assert all("SIGKILL" in trouble for trouble in board.troubles)
        after = json.loads(ready_file.read_text())
        assert after["pids"] == stack.pids()
        assert not (set(after["pids"].values()) & set(before.values())) - {os.getpid()}
        told = ("api", "temporal", "temporal_ui", "postgres", "sandbox")
        assert [after[name] for name in told] == [getattr(address, name) for name in told]
        assert await http_status(stack.port, "/readyz") == 200
        with psycopg.connect(stack.postgres.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


async def test_everything_is_stopped_in_order(data_dir: Path) -> None:
    board = RecordingBoard()
    stack = small_stack(data_dir, board=board)
    await stack.start()
    began = len(board.steps)
    await stack.stop()
    order = ("api", "worker", "sandbox", "temporal", "postgres")
    assert board.steps[began:] == [f"stopping {name}" for name in order]


async def test_a_process_that_does_not_start_ends_the_start_and_names_its_log(data_dir: Path) -> None:
    broken = Programs(migrate=python("raise SystemExit(3)"), sandbox=None, api=None, worker=None, seed=None)
    stack = small_stack(data_dir, programs=broken)
    with pytest.raises(StackError, match=r"migrate failed \(exit status 3\); see .*migrate.log"):
        await stack.start()
    pids = stack.pids()
    await stack.stop()
    assert not any(alive(pid) for name, pid in pids.items() if name != "supervisor")


async def test_the_processes_are_told_this_stack_and_nothing_of_the_shell(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDROOM_CLEARINGHOUSE_URL", "https://payer.example")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "cluster.example:7233")
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=1")
    async with small_stack(data_dir) as stack:
        variables = variables_of(stack.pids()["api"])
        assert variables["KINDROOM_TEMPORAL_ADDRESS"] == stack.temporal.address
        assert variables["KINDROOM_CLEARINGHOUSE_URL"] == stack.sandbox_url
        assert "TEMPORAL_ADDRESS" not in variables
        assert "PGOPTIONS" not in variables
        found = Settings.of_stack(data_dir)
        assert found is not None
        assert found.database("owner") == stack.postgres.dsn()
        assert (data_dir / "running.json").stat().st_mode & 0o777 == 0o600
    assert Settings.of_stack(data_dir) is None


INVITATION = "Ctrl-C stops everything in order; the data stays.\n"
SUPERVISE = """
import asyncio, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_embedded_stack import small_stack
from kindroom.embedded.console import TerminalBoard
from kindroom.embedded.foreground import stay
data = Path(sys.argv[1])
board = TerminalBoard()
stack = small_stack(data, ready_file=data / "ready.json", board=board)
sys.exit(asyncio.run(stay(stack, board)))
"""


def start_supervisor(data_dir: Path, *prefix: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", SUPERVISE, str(data_dir), str(Path(__file__).parent)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )


async def pids_when_ready(process: subprocess.Popen[str], data_dir: Path) -> dict[str, int]:
    ready = data_dir / "ready.json"
    await eventually(lambda: ready.exists() or process.poll() is not None, 60)
    if not ready.exists():
        raise AssertionError(process.communicate()[0])
    pids: dict[str, int] = json.loads(ready.read_text())["pids"]
    return pids


async def test_a_killed_supervisor_leaves_no_process_and_the_next_start_recovers(data_dir: Path) -> None:
    with start_supervisor(data_dir) as process:
        pids = await pids_when_ready(process, data_dir)
        process.kill()
        process.wait()
    await eventually(lambda: not any(alive(pid) for pid in pids.values()))
    async with small_stack(data_dir) as stack:
        assert await http_status(stack.port, "/readyz") == 200
    assert (data_dir / "seeds").read_text() == "seeded "


def test_ctrl_c_stops_all_in_order_prints_plain_lines_and_ends_well(data_dir: Path) -> None:
    with start_supervisor(data_dir) as process:
        assert process.stdout is not None
        printed = "".join(iter(process.stdout.readline, INVITATION))
        pids = json.loads((data_dir / "ready.json").read_text())["pids"]
        process.send_signal(signal.SIGINT)
        printed += process.communicate(timeout=30)[0]
    assert process.returncode == 0, printed
    assert not any(alive(pid) for pid in pids.values())
    assert "c@example.org" in printed
    assert "A" * 90 in printed  # whole, though nobody said how wide the page is
    assert "\x1b" not in printed
    stops = [line.split()[1] for line in printed.splitlines() if line.startswith("stopping")]
    assert stops == ["api", "worker", "sandbox", "temporal", "postgres"]


async def test_a_signal_during_the_start_stops_what_has_started(data_dir: Path) -> None:
    with start_supervisor(data_dir) as process:
        cluster = data_dir / "postgres"
        await eventually(cluster.exists, 30)
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=30)
    assert process.returncode == 0, printed
    assert not (data_dir / "ready.json").exists()


def as_nobody() -> tuple[str, ...]:
    """A command's beginning that makes it nobody's. Where only root may enter the environment's directory,
    nobody may read everything for once: what is tested is that nothing needs root."""
    nobody = pwd.getpwnam("nobody")
    become = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    if reachable(Path(sys.executable), SystemUser("nobody", nobody.pw_uid, nobody.pw_gid)):
        return (*become, "--")
    return (*become, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--")


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test runs as an ordinary user then")
async def test_an_ordinary_user_starts_the_same_stack(data_dir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(data_dir, nobody.pw_uid, nobody.pw_gid)
    with start_supervisor(data_dir, *as_nobody()) as process:
        pids = await pids_when_ready(process, data_dir)
        owners = {owner_of(pid) for pid in pids.values()}
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=30)
    assert process.returncode == 0, printed
    assert owners == {nobody.pw_uid}
    assert not (data_dir / "postgres").is_symlink()

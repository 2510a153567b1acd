"""Fault 18: the disk is full, or what was written does not last. Nothing is acknowledged that is not kept.

`disk.c`, preloaded into API, worker and PostgreSQL, plays the disk: the processes are the real ones. In `make test`
only the store of recordings meets a full disk; PostgreSQL does in `make faults`.
"""

import asyncio
import os
import random
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from invariants import check, finish
from ledger import Ledger
from livestack import Live, data_folder, live, until
from load import Load

SEED = int(os.environ.get("KINDROOM_SEED", random.randrange(10**6)))
LONG = os.environ.get("KINDROOM_FAULTS") == "long"
COMPILER = shutil.which("cc")
only_long = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(600),
    pytest.mark.skipif(not LONG, reason="a stack of its own on a disk that fails: in make faults"),
    pytest.mark.skipif(COMPILER is None, reason="disk.c needs a C compiler (apt-get install gcc libc6-dev)"),
]

_KEEP = """
import asyncio, resource, signal, sys
from pathlib import Path
from domain.errors import Unavailable
from integrations.blobs.directory import DirectoryBlobs

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # a write that crosses it is cut short, the next one fails
blobs = DirectoryBlobs(Path(sys.argv[1]))

async def kept(name, content):
    try:
        await blobs.put(name, content)
    except Unavailable:
        return False
    return True

async def pieces():
    yield b"a" * 3000
    yield b"b" * 3000

async def main():
    print(await kept("rooms/r/m/small", b"a" * 4096))
    print(await kept("rooms/r/m/large", b"a" * 6000), await kept("rooms/r/m/pieces", pieces()))
    print(await kept("rooms/r/m/small", b"b" * 6000))

asyncio.run(main())
"""


def test_a_recording_that_finds_no_room_is_refused_and_an_earlier_one_stays_whole(
    tmp_path: Path, repository: Path
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _KEEP, str(tmp_path)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["True", "False", "False", "False"]
    left = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert left == {"rooms/r/m/small": b"a" * 4096}


@dataclass
class Disk:
    """The stack, and the switches of the disk it stands on."""

    live: Live
    full: Path
    sync: Path

    def fail(self, switch: Path) -> None:
        """From now on; a sync only once."""
        switch.touch()

    def heal(self, switch: Path) -> None:
        """As before."""
        switch.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The stack's data directory, with the library that plays the disk in it."""
    print(f"KINDROOM_SEED={SEED} repeats this run", flush=True)
    assert COMPILER is not None
    with data_folder("disk") as path:
        library, source = path / "disk.so", Path(__file__).with_name("disk.c")
        subprocess.run([COMPILER, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
        library.chmod(0o755)
        (path / "disk").mkdir()
        (path / "disk").chmod(0o777)  # PostgreSQL runs as somebody else
        yield path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def disk(folder: Path) -> AsyncIterator[Disk]:
    """One stack for this module: each test leaves it healed."""
    full, sync = folder / "disk" / "full", folder / "disk" / "sync"
    switches = {"KINDROOM_DISK_FULL": str(full), "KINDROOM_DISK_SYNC": str(sync)}
    async with live(folder, preloaded={"LD_PRELOAD": str(folder / "disk.so"), **switches}) as stack:
        yield Disk(stack, full, sync)


class TestPostgres:
    """PostgreSQL on a disk that fails."""

    pytestmark = only_long

    @pytest.mark.parametrize("kind", ["full", "sync"])
    async def test_what_was_acknowledged_is_kept_and_all_goes_on_afterwards(
        self, disk: Disk, kind: str
    ) -> None:
        rooms = await disk.live.rooms(12)
        disk.live.promise(3.0, rooms)
        await disk.live.told()
        ledger, struck = Ledger(), asyncio.Event()
        load = Load(disk.live, rooms, ledger, f"{SEED}-{kind}", repeats=0.1)
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run(300, struck))
            for _ in range(2):
                await asyncio.sleep(1)
                await self._strike(disk, disk.full if kind == "full" else disk.sync, ledger)
            struck.set()
        await load.repeat_some(random.Random(SEED))
        found = check(disk.live, rooms, ledger)
        print(f"  18-{kind}: {found}; {ledger.refusals} refused", flush=True)
        await finish(disk.live, rooms, ledger)

    async def _strike(self, disk: Disk, switch: Path, ledger: Ledger) -> None:
        """Full: until people were refused, and on for a while. Lost: one write does not last. Then until it heals."""
        before = ledger.refusals

        async def refused() -> bool:
            return ledger.refusals > before + 3

        with ledger.outage():
            disk.fail(switch)
            await until(refused, 60)
            if switch is disk.full:
                await asyncio.sleep(5)
            disk.heal(switch)
            await until(lambda: _answers(disk.live), 60)


async def _answers(running: Live) -> bool:
    for database in (running.care, running.worker):
        await database._pool.check()
    return (await running.api.get("/readyz")).status_code == 200

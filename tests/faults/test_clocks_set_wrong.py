"""Fault 8: the clocks of API, worker and PostgreSQL are an hour off, or cross a DST change: no promise breaks early.

libfaketime moves the three; Temporal's server, written in Go, keeps the right time, so the two differ as well. What
decides is PostgreSQL's clock: a promise is kept or broken by that, whatever the workflow believes.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from invariants import check
from ledger import Ledger
from livestack import Live, data_folder, live, until
from load import Load

from bench.clinic import OpenRoom

FOUND = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(600),
    pytest.mark.skipif(not FOUND, reason="libfaketime is not installed (apt-get install libfaketime)"),
]

LONG = os.environ.get("KINDROOM_FAULTS") == "long"
only_long = pytest.mark.skipif(not LONG, reason="the other direction, in make faults")

PROMISE_SECONDS = 3.0
LONGER_SECONDS = 10.0
"""A promise whose first rung, after three quarters of it, is not met by clocks that are still being set."""
CACHED_SECONDS = 1
"""How long each process goes by the setting that it read last."""
HOUR = timedelta(hours=1)
SPRING = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 02:00 in New York becomes 03:00
AUTUMN = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)  # 02:00 becomes 01:00


@dataclass
class Wrong:
    """The stack, and the file its clocks are set by. They are ahead of the right time by what is written there."""

    live: Live
    file: Path

    async def set(self, ahead: timedelta) -> None:
        """Put the clocks ahead (or behind), and wait until everybody goes by that."""
        whole = self.file.with_suffix(".new")
        whole.write_text(f"{ahead.total_seconds():+.6f}\n")
        whole.replace(self.file)  # who reads meanwhile reads the old one or the new one, never an empty file
        await asyncio.sleep(
            CACHED_SECONDS + 1.5
        )  # libfaketime counts whole seconds, and waits for more than these

    async def set_to(self, instant: datetime) -> None:
        """Let it be this instant now."""
        await self.set(instant - datetime.now(UTC))

    def now(self) -> datetime:
        """What PostgreSQL takes the time to be."""
        ((now,),) = self.live.dump("SELECT clock_timestamp()")
        return now  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The stack's data directory."""
    with data_folder("wrong-clocks") as path:
        yield path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wrong(folder: Path) -> AsyncIterator[Wrong]:
    """A clinic that opened before all that is told here, so that its time only goes on, but for the jumps."""
    file = folder / "ahead"
    file.write_text("+0\n")
    preloaded = {
        "LD_PRELOAD": str(FOUND[0]),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": str(CACHED_SECONDS),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",
    }
    async with live(folder, preloaded=preloaded) as stack:
        yield Wrong(stack, file)


async def promised(wrong: Wrong, seconds: float = PROMISE_SECONDS) -> tuple[list[OpenRoom], Ledger, Load]:
    """Rooms on a promise of seconds, opened by the clocks as they stand."""
    rooms = await wrong.live.rooms(3)
    wrong.live.promise(seconds, rooms)
    await wrong.live.told()
    ledger = Ledger()
    return rooms, ledger, Load(wrong.live, rooms, ledger, "clocks")


async def rung(wrong: Wrong, room: OpenRoom) -> list[str]:
    """Which rungs of the room's running clock have fired."""
    rows = await wrong.live.all(
        "SELECT r.rung FROM clock_rungs r JOIN response_clocks c ON c.id = r.clock_id"
        " WHERE c.room_id = %s AND c.state = 'running' ORDER BY r.due_at",
        room.id,
    )
    return [row["rung"] for row in rows]


async def by_then(wrong: Wrong, instant: datetime) -> None:
    """Wait until PostgreSQL's clock is past this instant."""

    async def past() -> bool:
        return wrong.now() >= instant

    await until(past, 30)


async def due_at(wrong: Wrong, room: OpenRoom) -> datetime:
    """When the room's running clock is due."""
    (row,) = await wrong.live.all(
        "SELECT due_at FROM response_clocks WHERE room_id = %s AND state = 'running'", room.id
    )
    return row["due_at"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("change", [SPRING, pytest.param(AUTUMN, marks=only_long)], ids=["spring", "autumn"])
async def test_a_promise_that_runs_over_a_dst_change_is_as_long_as_any(
    wrong: Wrong, change: datetime
) -> None:
    """In the therapist's zone an hour is missing or comes twice while it runs; seconds are seconds."""
    await wrong.set_to(change - timedelta(seconds=8))
    rooms, ledger, load = await promised(wrong)
    await by_then(wrong, change - timedelta(seconds=1.5))
    dice = random.Random(0)
    await asyncio.gather(*(load.say(room, room.client_token, dice) for room in rooms))
    for room in rooms:
        opened = _opened(wrong, room.id)
        assert await due_at(wrong, room) - opened == timedelta(seconds=PROMISE_SECONDS)

        async def all_rung(room: OpenRoom = room) -> bool:
            return await rung(wrong, room) == ["nudge", "breach", "cover"]

        await until(
            all_rung, 30
        )  # Temporal's clock is ahead of theirs: it asks, and is told when to ask again
    say(f"8 over {change:%Y-%m-%d}: {check(wrong.live, rooms, ledger)}")


async def test_clocks_an_hour_behind_break_no_promise_and_stamp_no_message_backwards(wrong: Wrong) -> None:
    await wrong.set(timedelta())
    rooms, ledger, load = await promised(wrong, LONGER_SECONDS)
    dice = random.Random(0)
    await load.say(rooms[0], rooms[0].client_token, dice)
    await wrong.set(-HOUR)
    for room in rooms[1:]:  # asked, and answered at once
        await load.say(room, room.client_token, dice)
        await load.say(room, room.therapist_token, dice)
    await asyncio.sleep(LONGER_SECONDS)  # by the right time the first promise is broken; by theirs it is not
    assert await rung(wrong, rooms[0]) == []
    states = await wrong.live.all(
        "SELECT state FROM response_clocks WHERE room_id = ANY(%s) AND opened_seq > 0",
        [r.id for r in rooms[1:]],
    )
    assert [row["state"] for row in states] == ["met", "met"]
    check(wrong.live, rooms, ledger)
    await wrong.set(timedelta())

    async def all_rung() -> bool:
        return await rung(wrong, rooms[0]) == ["nudge", "breach", "cover"]

    await until(all_rung, 30)
    say(f"8 an hour behind: {check(wrong.live, rooms, ledger, lateness=False)}")


@only_long
async def test_clocks_an_hour_ahead_break_no_promise_that_was_made_under_them(wrong: Wrong) -> None:
    await wrong.set(HOUR)
    rooms, ledger, load = await promised(wrong)
    dice = random.Random(0)
    for room in rooms:
        await load.say(room, room.client_token, dice)
    await load.say(rooms[0], rooms[0].therapist_token, dice)
    await wrong.set(timedelta())  # set right: the promises are due in an hour
    await asyncio.sleep(2 * PROMISE_SECONDS)
    for room in rooms[1:]:
        assert await rung(wrong, room) == []
        assert await due_at(wrong, room) > wrong.now() + timedelta(minutes=59)
    found = check(wrong.live, rooms, ledger)
    breaches = await wrong.live.all(
        "SELECT 1 FROM clock_breaches WHERE room_id = ANY(%s)", [r.id for r in rooms]
    )
    assert breaches == []
    say(f"8 an hour ahead: {found}")


def _opened(wrong: Wrong, room_id: UUID) -> datetime:
    ((opened,),) = wrong.live.dump(
        "SELECT opened_at FROM response_clocks WHERE room_id = %s AND state = 'running'", room_id
    )
    return opened  # type: ignore[no-any-return]


def say(line: str) -> None:
    """Progress, for who watches (`-s`) and for the report of a failure."""
    print(f"  {line}", flush=True)

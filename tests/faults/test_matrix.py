"""Every fault, two ways: while people write (safety), and once, healed and seen to its end (liveness).

`make faults` strikes as often as the table says (KINDROOM_FAULTS=long), `make test` most of them once or twice.
KINDROOM_SEED repeats a run.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from invariants import check, finish
from ledger import Ledger
from livestack import Live, data_folder, live
from load import Load
from strikes import (
    Scene,
    Strike,
    api_killed,
    dispatcher_killed,
    postgres_stopped,
    signals_repeated,
    temporal_killed,
    told_to_end,
    worker_killed,
    worker_paused,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

LONG = os.environ.get("KINDROOM_FAULTS") == "long"
SEED = int(os.environ.get("KINDROOM_SEED", random.randrange(10**6)))
PROMISE_SECONDS = 3.0


@dataclass(frozen=True)
class Fault:
    """A row of the table: how often it strikes, among how many messages; each in a long run and in a sample."""

    number: int
    strike: Strike
    times: tuple[int, int]
    messages: tuple[int, int] = (600, 40)
    repeats: float = 0.0
    alone: bool = True
    """Whether the sample also shows how it heals."""
    sampled: bool = True
    """Whether `make test` has time for it at all."""

    @property
    def name(self) -> str:
        """As it is called with `pytest -k`."""
        return f"{self.number}-{self.strike.__name__.replace('_', '-')}"


FAULTS = (
    Fault(1, worker_killed, (10, 1), (2_000, 40)),
    Fault(2, dispatcher_killed, (10, 1), alone=False),
    Fault(3, api_killed, (20, 2), alone=False),
    Fault(4, temporal_killed, (3, 1)),
    Fault(5, postgres_stopped, (3, 1), alone=False),
    Fault(7, worker_paused, (3, 1), alone=False, sampled=False),
    Fault(9, signals_repeated, (20, 2), (2_000, 60), repeats=0.1, alone=False),
    Fault(12, told_to_end, (5, 2), alone=False, sampled=False),
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The stack's data directory."""
    say(f"KINDROOM_SEED={SEED} repeats this run")
    with data_folder("faults") as path:
        yield path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(folder: Path) -> AsyncIterator[Live]:
    """One stack for the whole table: each test leaves it healed."""
    async with live(folder) as stack:
        stack.raise_fences()
        yield stack


@pytest.mark.parametrize(
    "fault", [each for each in FAULTS if LONG or each.sampled], ids=lambda fault: fault.name
)
async def test_while_people_write_nothing_is_lost_doubled_reordered_or_early(
    running: Live, fault: Fault
) -> None:
    scene = await set_scene(running, fault, rooms=20 if LONG else 8)
    load = Load(running, scene.rooms, scene.ledger, f"{SEED}-{fault.number}", repeats=fault.repeats)
    struck = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(of(fault.messages), struck))
        group.create_task(strike_all(fault, scene, struck))
    await load.repeat_some(scene.dice)
    say(f"  {fault.name}: {check(running, scene.rooms, scene.ledger)}; {scene.ledger.refusals} refused")


@pytest.mark.parametrize(
    "fault", [each for each in FAULTS if LONG or each.alone], ids=lambda fault: fault.name
)
async def test_healed_everything_owed_happens_and_everybody_knows(running: Live, fault: Fault) -> None:
    scene = await set_scene(running, fault, rooms=20 if LONG else 6)
    load = Load(running, scene.rooms, scene.ledger, f"{SEED}-{fault.number}-healed")
    asking = [load.say(room, room.client_token, scene.dice) for room in scene.rooms]
    async with asyncio.TaskGroup() as group:
        group.create_task(fault.strike(scene))
        for each in asking:
            group.create_task(each)
    say(f"  {fault.name}, healed: {await finish(running, scene.rooms, scene.ledger)}")


async def set_scene(running: Live, fault: Fault, rooms: int) -> Scene:
    """Rooms of its own for each fault, on a promise of seconds."""
    opened = await running.rooms(rooms)
    running.promise(PROMISE_SECONDS, opened)
    await running.told()
    return Scene(running, opened, Ledger(), random.Random(f"{SEED}-{fault.name}"), LONG)


async def strike_all(fault: Fault, scene: Scene, struck: asyncio.Event) -> None:
    """Again and again while people write; what must hold at any instant is looked at after each time."""
    try:
        for time in range(of(fault.times)):
            await asyncio.sleep(scene.dice.uniform(0.3, 1.5))
            await fault.strike(scene)
            scene.struck += 1
            check(scene.live, scene.rooms, scene.ledger)
            say(
                f"  {fault.name}: {time + 1} of {of(fault.times)}, {len(scene.ledger.acknowledged)} acknowledged"
            )
    finally:
        struck.set()


def of(counts: tuple[int, int]) -> int:
    """The count for this run."""
    return counts[0] if LONG else counts[1]


def say(line: str) -> None:
    """Progress, for who watches (`-s`) and for the report of a failure."""
    print(line, flush=True)

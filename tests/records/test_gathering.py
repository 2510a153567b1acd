"""What is asked in the same moment travels together; nobody waits for company, nobody pays for another's fault."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import room
from test_messages import say

from domain.access import writable_room
from domain.errors import Conflict, Unavailable
from records import messages, rooms
from records.gathering import CROWD, LONGEST_QUEUE, Answer, Asked, Gathering

if TYPE_CHECKING:
    from conftest import Databases


class Carrier:
    """Carries batches when it is told to, and remembers them."""

    def __init__(self, *, fails: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.asked_alone: list[int] = []
        self.go = asyncio.Event()
        self._fails = fails
        self.gathering = Gathering(self._carry, self._alone)

    async def _carry(self, batch: Sequence[Asked]) -> list[Answer]:
        self.batches.append([asked["x"] for asked in batch])
        await self.go.wait()
        if self._fails:
            raise Conflict
        return [None if asked["x"] < 0 else {"y": asked["x"]} for asked in batch]

    async def _alone(self, asked: Asked) -> Answer:
        self.asked_alone.append(asked["x"])
        if asked["x"] == 13:
            raise Conflict
        return {"y": asked["x"]}

    async def ask(self, x: int) -> int:
        answer = await self.gathering.ask({"x": x})
        assert answer is not None
        return int(answer["y"])


async def test_what_comes_while_a_batch_is_on_its_way_goes_as_one_and_each_has_its_own_answer() -> None:
    carrier = Carrier()
    first = asyncio.create_task(carrier.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(carrier.ask(10 + n)) for n in range(5)]
    await asyncio.sleep(0)
    carrier.go.set()
    assert await asyncio.gather(first, *later) == [1, *range(10, 15)]
    assert carrier.batches == [[1], [10, 11, 12, 13, 14]]


async def test_a_crowd_behind_a_batch_that_does_not_come_back_has_a_way_of_its_own() -> None:
    carrier = Carrier()
    waiting = [asyncio.create_task(carrier.ask(0))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting += [asyncio.create_task(carrier.ask(1 + n)) for n in range(CROWD + 1)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert carrier.batches == [[0], list(range(1, CROWD + 2))]
    carrier.go.set()
    await asyncio.gather(*waiting)


async def test_the_fault_of_one_is_told_to_that_one_and_the_others_have_their_answers() -> None:
    carrier = Carrier(fails=True)
    carrier.go.set()
    answers = await asyncio.gather(*(carrier.ask(x) for x in (1, 13, 2)), return_exceptions=True)
    assert (answers[0], answers[2]) == (1, 2)
    assert isinstance(answers[1], Conflict)
    assert sorted(carrier.asked_alone) == [1, 2, 13]


async def test_what_would_have_to_wait_is_asked_again_alone() -> None:
    carrier = Carrier()
    carrier.go.set()
    assert await asyncio.gather(carrier.ask(-1), carrier.ask(1)) == [-1, 1]
    assert carrier.asked_alone == [-1]


async def test_who_hung_up_is_not_asked_for() -> None:
    carrier = Carrier()
    busy = asyncio.create_task(carrier.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone, stays = asyncio.create_task(carrier.ask(50)), asyncio.create_task(carrier.ask(51))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    carrier.go.set()
    assert await stays == 51
    assert await busy == 1
    assert all(50 not in batch for batch in carrier.batches)


async def test_a_queue_that_grows_too_long_is_refused_not_kept() -> None:
    carrier = Carrier()
    waiting = [asyncio.create_task(carrier.ask(n)) for n in range(LONGEST_QUEUE)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await carrier.ask(0)
    carrier.go.set()
    assert await asyncio.gather(*waiting) == list(range(LONGEST_QUEUE))


async def test_a_room_that_somebody_holds_does_not_hold_up_who_posts_in_the_same_moment(
    databases: "Databases",
) -> None:
    held, free = await room(databases.care), await room(databases.care)
    for where in (held, free):
        await say(databases, where, where.client)
    doors = {where.id: await rooms.door(databases.care, where.client, where.id) for where in (held, free)}
    posts = {}
    async with databases.care.transaction(held.client) as tx:
        await tx.one("SELECT id FROM rooms WHERE id = %s FOR UPDATE", (held.id,))
        for where in (held, free):
            door = doors[where.id]
            new = messages.NewMessage(str(uuid4()), "at the same time")
            posts[where.id] = asyncio.create_task(
                messages.post(databases.care, writable_room(where.client, door.related), door.key, new)
            )
        assert (await posts[free.id]).seq == 2
        assert not posts[held.id].done()
    assert (await posts[held.id]).seq == 2


async def test_who_was_answered_may_ask_again_at_once() -> None:
    async def carry(batch: Sequence[Asked]) -> list[Answer]:
        return list(batch)

    async def alone(asked: Asked) -> Answer:
        return asked

    gathering = Gathering(carry, alone)
    async with asyncio.timeout(5):
        assert [await gathering.ask({"n": n}) for n in range(20)] == [{"n": n} for n in range(20)]
